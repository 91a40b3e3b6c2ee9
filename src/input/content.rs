//! A file's bytes → what it is, by its content.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::Path;

use super::Limits;
use super::archive::{self, Contents, Member};
use super::kind::{self, DocumentKind, TextKind};
use crate::encoding::decode_text;
use crate::error::{InputProblem, refusal};

/// What a file is by its content.
pub(super) enum Content {
    Document(DocumentKind),
    Archive,
}

pub(super) fn content_of_file(path: &Path, limits: &Limits) -> Result<Content, InputProblem> {
    let (mut file, length) = open(path)?;
    check_length(length, limits).or_else(|problem| {
        // An archive is not read as a whole.
        let mut head = [0; 4];
        let is_archive = matches!(problem, InputProblem::TooLarge(_))
            && file.read_exact(&mut head).is_ok()
            && archive::is_zip(&head)
            && file.rewind().is_ok();
        if is_archive { Ok(()) } else { Err(problem) }
    })?;
    let mut head = Vec::new();
    file.by_ref().take(kind::HEAD_BYTES).read_to_end(&mut head).map_err(|e| unreadable(&e))?;
    let is_plain_text = || is_named_txt(&path.to_string_lossy()) && read_file(path, limits).is_ok_and(|b| is_text(&b));
    content_of(&head, is_plain_text, || {
        file.rewind().map(|()| archive::contents(BufReader::new(file))).map_err(|e| unreadable(&e))
    })
}

pub(super) fn content_of_member(name: &str, member: &Member, limits: &Limits) -> Result<Content, InputProblem> {
    let head = member.read(kind::HEAD_BYTES)?;
    let is_plain_text = || is_named_txt(name) && member.read(limits.file_bytes).is_ok_and(|bytes| is_text(&bytes));
    content_of(&head, is_plain_text, || Ok(archive::contents(Cursor::new(member.read(limits.file_bytes)?))))
}

fn content_of(
    head: &[u8],
    is_plain_text: impl FnOnce() -> bool,
    zip_contents: impl FnOnce() -> Result<Contents, InputProblem>,
) -> Result<Content, InputProblem> {
    if !archive::is_zip(head) {
        let kind = kind::of(head).or_else(|| is_plain_text().then_some(DocumentKind::Text(TextKind::Plain)));
        return kind.map(Content::Document).ok_or(InputProblem::Unsupported);
    }
    match zip_contents()? {
        Contents::Word => Ok(Content::Document(DocumentKind::Text(TextKind::Word))),
        Contents::Package => Err(InputProblem::Unsupported),
        Contents::Archive => Ok(Content::Archive),
    }
}

/// Any bytes may be text; only a file that says so is taken for it.
fn is_named_txt(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("txt"))
}

fn is_text(bytes: &[u8]) -> bool {
    decode_text(bytes).is_some()
}

pub(super) fn read_file(path: &Path, limits: &Limits) -> Result<Vec<u8>, InputProblem> {
    let (file, length) = open(path)?;
    check_length(length, limits)?;
    let mut bytes = Vec::with_capacity(length as usize);
    file.take(limits.file_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| unreadable(&e))?;
    check_length(bytes.len() as u64, limits)?;
    Ok(bytes)
}

fn open(path: &Path) -> Result<(File, u64), InputProblem> {
    // Before opening: to open a pipe would wait for its writer.
    let metadata = std::fs::metadata(path).map_err(|e| unreadable(&e))?;
    if !metadata.is_file() {
        return Err(InputProblem::Unreadable("not a regular file".into()));
    }
    let file = File::open(path).map_err(|e| unreadable(&e))?;
    Ok((file, metadata.len()))
}

pub(super) fn check_length(length: u64, limits: &Limits) -> Result<(), InputProblem> {
    match length {
        0 => Err(InputProblem::Empty),
        n if n > limits.file_bytes => {
            Err(InputProblem::TooLarge(format!("{n} bytes, and a file may have {}", limits.file_bytes)))
        }
        _ => Ok(()),
    }
}

fn unreadable(error: &std::io::Error) -> InputProblem {
    InputProblem::Unreadable(refusal(error))
}
