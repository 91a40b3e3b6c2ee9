//! Image files → the parts that they are made of, without decoding a pixel: JPEG segments, PNG chunks, RIFF
//! chunks, TIFF directories, GIF blocks. Used to decode, to read metadata and to leave metadata out.
//! Offsets are bytes from the start of the file. Damaged files give the parts up to the damage.

pub(crate) mod gif;
pub(crate) mod jpeg;
mod kind;
pub(crate) mod png;
pub(crate) mod riff;
pub(crate) mod tiff;

pub use kind::ImageKind;
