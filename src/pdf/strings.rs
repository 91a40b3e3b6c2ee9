//! PDF objects → every text in the file besides the pages' own text layer, with the place where it lies.

mod readings;
mod walk;

use super::objects::Structure;
use crate::container::ImageKind;
use crate::limits::Limits;
use crate::raster::decode::ImageFile;
use crate::raster::metadata::EmbeddedContent;
use crate::raster::thumbnail;

/// Where in a file a text lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// Author, title and other document properties.
    Properties,
    /// XMP metadata of the document, a page or a picture.
    Xmp,
    /// Metadata inside a JPEG picture (EXIF, XMP, IPTC, comments).
    Picture,
    /// Bookmarks.
    Outline,
    /// The name, description or content of an attached file.
    Attachment,
    /// The name or value of a form field.
    FormField,
    /// A comment, link or other annotation.
    Annotation,
    /// JavaScript, or an action that runs by itself.
    Script,
    /// A replacement text or description of a part of a page (ActualText, Alt, E).
    ReplacementText,
    /// The name of a layer.
    Layer,
    /// Data that a program keeps for itself (PieceInfo).
    Private,
    /// A name inside the file: of a link target, a style, a font.
    Name,
    /// A page label, named destination, or anything else.
    Other,
    /// An object that nothing refers to: a leftover of editing.
    Leftover,
}

/// A text in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileText {
    /// Where it lies.
    pub place: Place,
    /// The page that it belongs to, from 0; `None` for the document.
    pub page: Option<usize>,
    /// Left, bottom, right, top in the page's own coordinates, for annotations.
    pub rectangle: Option<[f32; 4]>,
    /// What it says.
    pub text: String,
}

/// What a file says besides its pages' text, and what could not be looked into.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FileTexts {
    /// Every text found.
    pub texts: Vec<FileText>,
    /// Attached files whose content is not plain text, decoded.
    pub attachments: Vec<Vec<u8>>,
    /// Attached media whose content cannot be decoded.
    pub opaque_attachments: usize,
    /// Thumbnails inside the pages' pictures.
    pub thumbnails: Vec<PictureThumbnail>,
    /// Streams of text that cannot be decoded.
    pub unreadable: usize,
}

/// A thumbnail inside a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureThumbnail {
    /// The page that the picture belongs to, from 0; `None` for the document.
    pub page: Option<usize>,
    /// Which kind of thumbnail.
    pub place: String,
    picture: Vec<u8>,
    small: EmbeddedContent,
}

impl PictureThumbnail {
    /// True when it shows something else than the picture.
    pub fn shows_another(&self) -> bool {
        let decoded = |file: &[u8]| {
            let kind = ImageKind::of(file)?;
            ImageFile::open(file, kind, &Limits::default()).ok()?.page(0).ok().map(|page| page.raster)
        };
        let small = match &self.small {
            EmbeddedContent::Pixels(pixels) => Some(pixels.clone()),
            EmbeddedContent::File(file) => decoded(file).map(|raster| raster.pixels),
        };
        // A damaged one shows nothing to anybody.
        small.zip(decoded(&self.picture)).is_some_and(|(small, picture)| thumbnail::shows_another(&small, &picture))
    }
}

impl Structure {
    /// Every text in the file but the pages' text layers.
    pub fn texts(&self) -> FileTexts {
        walk::texts_of(self)
    }
}
