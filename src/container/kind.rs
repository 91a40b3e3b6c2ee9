//! The format of an image file by its first bytes.

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

impl ImageKind {
    /// The format of a file that starts with `head`; `None` when it is no supported image. 18 bytes tell all of them.
    pub fn of(head: &[u8]) -> Option<Self> {
        match infer::get(head).map(|kind| kind.mime_type()) {
            Some("image/jpeg") => Some(Self::Jpeg),
            Some("image/png") => Some(Self::Png),
            Some("image/webp") => Some(Self::WebP),
            Some("image/gif") => Some(Self::Gif),
            _ if is_tiff(head) => Some(Self::Tiff),
            _ if is_bmp(head) => Some(Self::Bmp),
            _ => None,
        }
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
        assert_eq!(ImageKind::of(b"BMW and other makers of motor cars"), None);
        let mut head = b"BM".to_vec();
        head.resize(14, 0);
        head.extend(40u32.to_le_bytes());
        assert_eq!(ImageKind::of(&head), Some(ImageKind::Bmp));
    }

    #[test]
    fn both_tiffs_and_both_byte_orders_are_known() {
        for head in [&b"II*\0\x08\0\0\0"[..], b"MM\0*\0\0\0\x08", b"II+\0\x08\0\0\0", b"MM\0+\0\x08\0\0"] {
            assert_eq!(ImageKind::of(head), Some(ImageKind::Tiff));
        }
    }
}
