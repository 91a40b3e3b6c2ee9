//! The kind of a document by its first bytes.

/// Image file formats that are examined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ImageKind {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// TIFF or BigTIFF, any number of pages.
    Tiff,
    /// WebP.
    WebP,
    /// Windows bitmap.
    Bmp,
    /// GIF.
    Gif,
}

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
    let image = match infer::get(head).map(|kind| kind.mime_type()) {
        Some("image/jpeg") => Some(ImageKind::Jpeg),
        Some("image/png") => Some(ImageKind::Png),
        Some("image/webp") => Some(ImageKind::WebP),
        Some("image/gif") => Some(ImageKind::Gif),
        _ if is_tiff(head) => Some(ImageKind::Tiff),
        _ if is_bmp(head) => Some(ImageKind::Bmp),
        _ => None,
    };
    match image {
        Some(kind) => Some(DocumentKind::Image(kind)),
        None => head.windows(5).any(|w| w == b"%PDF-").then_some(DocumentKind::Pdf),
    }
}

/// TIFF and BigTIFF; `infer` knows some of them as raw photos.
fn is_tiff(head: &[u8]) -> bool {
    [&b"II*\0"[..], b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| head.starts_with(magic))
}

/// A bitmap has two letters for a signature, which text may start with too: its header's length must fit.
fn is_bmp(head: &[u8]) -> bool {
    let header = head.get(14..18).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    head.starts_with(b"BM") && matches!(header, Some(12 | 16 | 40 | 52 | 56 | 64 | 108 | 124))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_starts_like_a_bitmap_is_not_one() {
        assert_eq!(of(b"BMW and other makers of motor cars"), None);
        let mut head = b"BM".to_vec();
        head.resize(14, 0);
        head.extend(40u32.to_le_bytes());
        assert_eq!(of(&head), Some(DocumentKind::Image(ImageKind::Bmp)));
    }

    #[test]
    fn both_tiffs_and_both_byte_orders_are_known() {
        for head in [&b"II*\0\x08\0\0\0"[..], b"MM\0*\0\0\0\x08", b"II+\0\x08\0\0\0", b"MM\0+\0\x08\0\0"] {
            assert_eq!(of(head), Some(DocumentKind::Image(ImageKind::Tiff)));
        }
    }
}
