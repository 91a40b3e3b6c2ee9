//! JPEG: marker segments and what follows the image (ITU-T T.81 annex B).

/// One marker segment in file order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment<'a> {
    /// Second byte of the marker: 0xE1 is APP1.
    pub marker: u8,
    /// What follows the length field; empty for markers without one.
    pub payload: &'a [u8],
    /// For SOS (0xDA): the entropy-coded bytes up to the next marker, restart markers included.
    pub entropy: &'a [u8],
}

/// The parts of a JPEG file.
#[derive(Debug, Clone)]
pub(crate) struct Parts<'a> {
    /// Segments between SOI and EOI.
    pub segments: Vec<Segment<'a>>,
    /// True when the file has an EOI marker where the image ends.
    pub ended: bool,
    /// What follows EOI: a second image, or anything that was appended.
    pub trailer: &'a [u8],
}

/// Start of image.
pub(crate) const SOI: [u8; 2] = [0xFF, 0xD8];
/// End of image.
pub(crate) const EOI: [u8; 2] = [0xFF, 0xD9];
/// Start of scan.
pub(crate) const SOS: u8 = 0xDA;
/// Quantization tables.
pub(crate) const DQT: u8 = 0xDB;
/// Comment.
pub(crate) const COM: u8 = 0xFE;
/// What an APP1 payload with EXIF starts with.
pub(crate) const EXIF_SIGNATURE: &[u8] = b"Exif\0\0";
/// What an APP2 payload with a piece of an ICC profile starts with.
pub(crate) const ICC_SIGNATURE: &[u8] = b"ICC_PROFILE\0";
/// What an APP1 payload with XMP starts with.
pub(crate) const XMP_SIGNATURE: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// What an APP1 payload with a further part of a long XMP packet starts with.
pub(crate) const EXTENDED_XMP_SIGNATURE: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";

/// The frame header (SOF), one component an entry of `sampling`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The marker's second byte: 0xC0 baseline, 0xC2 progressive.
    pub marker: u8,
    /// Bits a sample.
    pub precision: u8,
    /// Pixels as stored.
    pub width: u32,
    /// Pixels as stored.
    pub height: u32,
    /// Horizontal and vertical sampling factors.
    pub sampling: Vec<(u8, u8)>,
    /// Number of each component's quantization table.
    pub tables: Vec<u8>,
}

/// Splits a file that starts with SOI. `None` when it does not.
pub(crate) fn parts(bytes: &[u8]) -> Option<Parts<'_>> {
    let mut rest = bytes.strip_prefix(&SOI)?;
    let mut segments = Vec::new();
    while let Some(at) = next_marker(rest) {
        let marker = rest[at + 1];
        rest = &rest[at + 2..];
        match marker {
            0xD9 => return Some(Parts { segments, ended: true, trailer: rest }),
            0x01 | 0xD0..=0xD8 => continue,
            _ => {}
        }
        let Some(&[high, low]) = rest.get(..2) else { break };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let Some(payload) = rest.get(2..length) else { break };
        rest = &rest[length..];
        let entropy = if marker == SOS { &rest[..entropy_length(rest)] } else { &rest[..0] };
        rest = &rest[entropy.len()..];
        segments.push(Segment { marker, payload, entropy });
    }
    Some(Parts { segments, ended: false, trailer: &[] })
}

/// Where the next marker's 0xFF is; bytes before it and fill bytes are passed over.
fn next_marker(bytes: &[u8]) -> Option<usize> {
    bytes.windows(2).position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xFF))
}

/// Bytes of entropy-coded data at the start, up to a marker that is not a restart.
fn entropy_length(bytes: &[u8]) -> usize {
    bytes
        .windows(2)
        .position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xFF | 0xD0..=0xD7))
        .unwrap_or(bytes.len())
}

impl<'a> Parts<'a> {
    /// Payloads of segments with this marker that start with `signature`, without it.
    pub(crate) fn payloads<'s>(&'s self, marker: u8, signature: &'s [u8]) -> impl Iterator<Item = &'a [u8]> + 's {
        self.segments.iter().filter(move |s| s.marker == marker).filter_map(move |s| s.payload.strip_prefix(signature))
    }

    /// The first EXIF block: a TIFF structure.
    pub(crate) fn exif(&self) -> Option<&'a [u8]> {
        self.payloads(0xE1, EXIF_SIGNATURE).next()
    }

    /// The embedded ICC profile, its pieces joined in their own order.
    pub(crate) fn icc_profile(&self) -> Option<Vec<u8>> {
        let mut pieces: Vec<&[u8]> = self.payloads(0xE2, ICC_SIGNATURE).filter(|piece| piece.len() > 2).collect();
        pieces.sort_by_key(|piece| piece[0]);
        (!pieces.is_empty()).then(|| pieces.iter().flat_map(|piece| &piece[2..]).copied().collect())
    }

    /// The colour transform that an Adobe segment names: 0 none, 1 YCbCr, 2 YCCK. `None` without one.
    pub(crate) fn adobe_transform(&self) -> Option<u8> {
        self.payloads(0xEE, b"Adobe").next().map(|payload| payload.get(6).copied().unwrap_or(0))
    }

    /// Pixels an inch that the JFIF header states.
    pub(crate) fn jfif_dpi(&self) -> Option<f32> {
        let header = self.payloads(0xE0, b"JFIF\0").next()?;
        let density = f32::from(u16::from_be_bytes([*header.get(3)?, *header.get(4)?]));
        match header.get(2)? {
            1 => Some(density),
            2 => Some(density * 2.54),
            _ => None,
        }
    }

    /// The frame header.
    pub(crate) fn frame(&self) -> Option<Frame> {
        let segment = self
            .segments
            .iter()
            .find(|s| matches!(s.marker, 0xC0..=0xCF) && !matches!(s.marker, 0xC4 | 0xC8 | 0xCC))?;
        let p = segment.payload;
        let components = usize::from(*p.get(5)?);
        let components = p.get(6..6 + 3 * components)?.as_chunks::<3>().0;
        Some(Frame {
            marker: segment.marker,
            precision: p[0],
            height: u32::from(u16::from_be_bytes([p[1], p[2]])),
            width: u32::from(u16::from_be_bytes([p[3], p[4]])),
            sampling: components.iter().map(|c| (c[1] >> 4, c[1] & 15)).collect(),
            tables: components.iter().map(|c| c[2]).collect(),
        })
    }

    /// Quantization tables in zigzag order with their numbers, as first defined.
    pub(crate) fn quantization_tables(&self) -> Vec<(u8, [u16; 64])> {
        let mut tables = Vec::new();
        for segment in self.segments.iter().filter(|s| s.marker == DQT) {
            let mut rest = segment.payload;
            while let Some((&head, body)) = rest.split_first() {
                let wide = head >> 4 != 0;
                let length = if wide { 128 } else { 64 };
                let Some(values) = body.get(..length) else { break };
                let mut table = [0; 64];
                for (i, value) in table.iter_mut().enumerate() {
                    *value = if wide {
                        u16::from_be_bytes([values[2 * i], values[2 * i + 1]])
                    } else {
                        u16::from(values[i])
                    };
                }
                tables.push((head & 15, table));
                rest = &body[length..];
            }
        }
        tables
    }
}

/// Appends one marker segment. A payload over 65,533 bytes does not fit a segment and is left out.
pub(crate) fn push_segment(out: &mut Vec<u8>, marker: u8, payload: &[u8]) {
    if let Ok(length) = u16::try_from(payload.len() + 2) {
        out.extend([0xFF, marker]);
        out.extend(length.to_be_bytes());
        out.extend(payload);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_entropy_and_trailer_are_told_apart() {
        let mut file = SOI.to_vec();
        push_segment(&mut file, COM, b"hello");
        push_segment(&mut file, SOS, &[1, 2, 3]);
        file.extend([9, 0xFF, 0x00, 7, 0xFF, 0xD0, 8]);
        file.extend(EOI);
        file.extend(b"after");
        let parts = parts(&file).expect("starts with SOI");
        assert_eq!(parts.segments.len(), 2);
        assert_eq!(parts.segments[0].payload, b"hello");
        assert_eq!(parts.segments[1].entropy, [9, 0xFF, 0x00, 7, 0xFF, 0xD0, 8]);
        assert!(parts.ended);
        assert_eq!(parts.trailer, b"after");
    }

    #[test]
    fn a_profile_in_pieces_is_joined_in_order() {
        let mut file = SOI.to_vec();
        push_segment(&mut file, 0xE2, b"ICC_PROFILE\0\x02\x02world");
        push_segment(&mut file, 0xE2, b"ICC_PROFILE\0\x01\x02hello ");
        file.extend(EOI);
        assert_eq!(parts(&file).expect("SOI").icc_profile().as_deref(), Some(&b"hello world"[..]));
    }

    #[test]
    fn a_cut_file_gives_what_is_there() {
        let mut file = SOI.to_vec();
        push_segment(&mut file, COM, b"hello");
        file.extend([0xFF, 0xE1, 0xFF, 0xFF, 1]);
        let parts = parts(&file).expect("starts with SOI");
        assert_eq!(parts.segments.len(), 1);
        assert!(!parts.ended);
    }
}
