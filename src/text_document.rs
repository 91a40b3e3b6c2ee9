//! Bytes of a word processor's document (.docx) or a plain text file → all text in it, with where it stands. Lays
//! nothing out; pictures are handed out to be examined as pages.

mod word;

use crate::container::ImageKind;
use crate::encoding::decode_text;
use crate::error::InputProblem;
use crate::input::TextKind;

/// Where a passage stands in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the text itself.
    Body,
    /// At the head or foot of pages.
    HeaderOrFooter,
    /// In foot- or endnotes.
    Note,
    /// In a comment.
    Comment,
    /// Deleted or moved, but kept as a tracked change.
    TrackedDeletion,
    /// Who changed or commented, and other people the file knows.
    Author,
    /// In the file's properties.
    Properties,
    /// Anywhere else in the file: field codes, link targets, descriptions, embedded data.
    Other,
}

impl Place {
    /// Whether it is seen when the document is read or printed.
    pub fn is_visible(self) -> bool {
        matches!(self, Self::Body | Self::HeaderOrFooter | Self::Note)
    }
}

/// Text with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Where.
    pub place: Place,
    /// Paragraphs end with a line end.
    pub text: String,
}

/// What is in a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// None is empty.
    pub passages: Vec<Passage>,
    /// Characters of the body without white space: each Chinese character, letter, digit and punctuation mark is
    /// one. This is what web forms count and what Word calls 字符数（不计空格）.
    pub characters: usize,
    /// Drawings from other programs and embedded files, which are not examined.
    pub unexamined: usize,
}

/// Reads a document.
///
/// # Errors
/// [`InputProblem`] when it is damaged, encrypted or too large.
pub fn open(bytes: &[u8], kind: TextKind) -> Result<Contents, InputProblem> {
    match kind {
        TextKind::Word => word::open(bytes),
        TextKind::Plain => {
            let text = decode_text(bytes)
                .ok_or_else(|| InputProblem::Damaged("neither UTF-8, UTF-16 nor GB18030 text".into()))?;
            let characters = count(&text);
            let passages = if characters == 0 { vec![] } else { vec![Passage { place: Place::Body, text }] };
            Ok(Contents { passages, characters, unexamined: 0 })
        }
    }
}

/// The pictures in a document, of the kinds that can be examined, in the order of its parts.
///
/// # Errors
/// As for [`open`].
pub fn pictures(bytes: &[u8], kind: TextKind) -> Result<Vec<(Vec<u8>, ImageKind)>, InputProblem> {
    match kind {
        TextKind::Word => word::pictures(bytes),
        TextKind::Plain => Ok(Vec::new()),
    }
}

/// Characters as the limits of the work summary count them.
fn count(text: &str) -> usize {
    let is_counted = |c: &char| !c.is_whitespace() && !c.is_control() && !matches!(c, '\u{feff}' | '\u{200b}');
    text.chars().filter(is_counted).count()
}

#[cfg(test)]
mod tests;
