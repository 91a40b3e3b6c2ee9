//! The kind of a document by its first bytes.

use crate::container::ImageKind;

/// File formats of text that is not laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TextKind {
    /// Office Open XML (.docx).
    Word,
    /// Plain text: a file whose name ends in .txt and whose bytes are text.
    Plain,
}

/// Kinds of documents that are examined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentKind {
    /// PDF.
    Pdf,
    /// An image file.
    Image(ImageKind),
    /// A document of text without pages.
    Text(TextKind),
}

/// Bytes that [`of`] wants to see: a PDF header may follow up to 1,024 bytes of junk (PDF 1.7, annex H).
pub(super) const HEAD_BYTES: u64 = 1024 + 8;

/// The kind of a document that starts with `head`; `None` when it is not supported.
pub(super) fn of(head: &[u8]) -> Option<DocumentKind> {
    let is_pdf = || head.windows(5).any(|window| window == b"%PDF-");
    ImageKind::of(head).map(DocumentKind::Image).or_else(|| is_pdf().then_some(DocumentKind::Pdf))
}
