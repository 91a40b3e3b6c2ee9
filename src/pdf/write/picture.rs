//! A page's pixels → a PDF image: JPEG as it is, or lossless in the fewest channels that hold it.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use image::RgbImage;
use lopdf::{Dictionary, Object, Stream, dictionary};

/// An encoded picture of a page.
#[derive(Debug, Clone)]
pub struct PageImage {
    data: Vec<u8>,
    entries: Dictionary,
}

impl PageImage {
    /// A JPEG file's bytes, whose metadata segments are left out; `None` unless it is a grey or YCbCr JPEG
    /// of 8 bits.
    pub fn from_jpeg(bytes: &[u8]) -> Option<Self> {
        let header = jpeg_header(bytes)?;
        let space = match header.components {
            1 => "DeviceGray",
            3 => "DeviceRGB",
            _ => return None,
        };
        let mut entries = entries(header.width, header.height, space, 8);
        entries.set("Filter", "DCTDecode");
        Some(Self { data: jpeg_without_metadata(bytes)?, entries })
    }

    /// The pixels exactly: 1 bit a pixel when they are only black and white, 8 when they are grey.
    pub fn lossless(pixels: &RgbImage) -> Self {
        let (width, height) = pixels.dimensions();
        let grey = pixels.pixels().all(|p| p.0[0] == p.0[1] && p.0[1] == p.0[2]);
        if grey && pixels.pixels().all(|p| p.0[0] == 0 || p.0[0] == 255) {
            return Self { data: deflated(&packed(pixels)), entries: flate(entries(width, height, "DeviceGray", 1)) };
        }
        let (channels, space) = if grey { (1, "DeviceGray") } else { (3, "DeviceRGB") };
        let rows: Vec<u8> = if grey { pixels.pixels().map(|p| p.0[0]).collect() } else { pixels.as_raw().clone() };
        let mut entries = flate(entries(width, height, space, 8));
        // Predictors 10 to 15 all mean PNG row filters, each row naming its own.
        let parameters = dictionary! {
            "Predictor" => 15, "Colors" => channels, "BitsPerComponent" => 8, "Columns" => i64::from(width),
        };
        entries.set("DecodeParms", parameters);
        Self { data: deflated(&filtered(&rows, width as usize * channels as usize, channels as usize)), entries }
    }

    /// Bytes that it takes in the file.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Never true: an image has a header at least.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    pub(super) fn stream(&self) -> Stream {
        Stream::new(self.entries.clone(), self.data.clone()).with_compression(false)
    }
}

fn entries(width: u32, height: u32, space: &str, bits: i64) -> Dictionary {
    dictionary! {
        "Type" => "XObject", "Subtype" => "Image", "Width" => i64::from(width), "Height" => i64::from(height),
        "ColorSpace" => Object::Name(space.into()), "BitsPerComponent" => bits,
    }
}

fn flate(mut entries: Dictionary) -> Dictionary {
    entries.set("Filter", "FlateDecode");
    entries
}

/// Eight pixels a byte, white is 1; each row starts a byte.
fn packed(pixels: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::with_capacity((pixels.width() as usize).div_ceil(8) * pixels.height() as usize);
    for row in pixels.rows() {
        let row: Vec<bool> = row.map(|pixel| pixel.0[0] != 0).collect();
        bytes.extend(row.chunks(8).map(|eight| {
            eight.iter().enumerate().fold(0u8, |byte, (bit, &white)| byte | (u8::from(white) << (7 - bit)))
        }));
    }
    bytes
}

/// PNG row filters: each row as the difference to its left (1) or upper (2) neighbours, whichever is smaller.
fn filtered(rows: &[u8], row_bytes: usize, pixel_bytes: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(rows.len() + rows.len() / row_bytes.max(1) + 1);
    let blank = vec![0u8; row_bytes];
    let mut above: &[u8] = &blank;
    let (mut left, mut up) = (Vec::with_capacity(row_bytes), Vec::with_capacity(row_bytes));
    let cost = |row: &[u8]| row.iter().map(|&d| u64::from(d.min(d.wrapping_neg()))).sum::<u64>();
    for row in rows.chunks_exact(row_bytes.max(1)) {
        left.clear();
        left.extend(
            row.iter()
                .enumerate()
                .map(|(i, &v)| v.wrapping_sub(if i < pixel_bytes { 0 } else { row[i - pixel_bytes] })),
        );
        up.clear();
        up.extend(row.iter().zip(above).map(|(&v, &a)| v.wrapping_sub(a)));
        let (kind, best) = if cost(&left) < cost(&up) { (1, &left) } else { (2, &up) };
        out.push(kind);
        out.extend_from_slice(best);
        above = row;
    }
    out
}

/// zlib at its middle level: level 9 takes several times as long for 1 or 2 % on page images.
pub(super) fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).expect("writing to memory works");
    encoder.finish().expect("writing to memory works")
}

struct JpegHeader {
    width: u32,
    height: u32,
    components: u8,
}

/// The segments of a JPEG before its pixels: marker and the range of the segment with its marker; the last
/// is the start of scan, whose range reaches the end. `None` when it is not a JPEG.
fn jpeg_segments(bytes: &[u8]) -> Option<Vec<(u8, std::ops::Range<usize>)>> {
    const START_OF_SCAN: u8 = 0xDA;
    if bytes.get(..2)? != [0xFF, 0xD8] {
        return None;
    }
    let mut segments = Vec::new();
    let mut at = 2;
    loop {
        // Any number of fill bytes may precede a marker.
        while bytes.get(at)? == &0xFF && bytes.get(at + 1)? == &0xFF {
            at += 1;
        }
        if bytes.get(at)? != &0xFF {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        if marker == START_OF_SCAN {
            segments.push((marker, at..bytes.len()));
            return Some(segments);
        }
        let length = usize::from(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]));
        if length < 2 || at + 2 + length > bytes.len() {
            return None;
        }
        segments.push((marker, at..at + 2 + length));
        at += 2 + length;
    }
}

fn jpeg_header(bytes: &[u8]) -> Option<JpegHeader> {
    let segments = jpeg_segments(bytes)?;
    // Baseline, extended and progressive frames; the others are lossless or arithmetic, which PDF lacks.
    let (_, range) = segments.iter().find(|(marker, _)| (0xC0..=0xC2).contains(marker))?;
    let frame = bytes.get(range.clone())?;
    let number = |at: usize| Some(u32::from(u16::from_be_bytes([*frame.get(at)?, *frame.get(at + 1)?])));
    (*frame.get(4)? == 8).then_some(())?;
    Some(JpegHeader { height: number(5)?, width: number(7)?, components: *frame.get(9)? })
}

/// The JPEG without comments and application segments but JFIF's and Adobe's, which say how to read the
/// colours: EXIF, XMP, IPTC and thumbnails go. So does whatever follows the end of the picture.
pub(super) fn jpeg_without_metadata(bytes: &[u8]) -> Option<Vec<u8>> {
    const JFIF: u8 = 0xE0;
    const ADOBE: u8 = 0xEE;
    const COMMENT: u8 = 0xFE;
    let mut clean = vec![0xFF, 0xD8];
    for (marker, range) in jpeg_segments(bytes)? {
        let segment = &bytes[range];
        match marker {
            // A JFXX segment may hold a thumbnail, and so may a JFIF one after its first 18 bytes.
            JFIF if segment.len() == 18 && segment[4..].starts_with(b"JFIF\0") => clean.extend_from_slice(segment),
            ADOBE if segment[4..].starts_with(b"Adobe") => clean.extend_from_slice(segment),
            0xE0..=0xEF | COMMENT => {}
            0xDA => clean.extend_from_slice(&segment[..memchr::memmem::rfind(segment, &[0xFF, 0xD9])? + 2]),
            _ => clean.extend_from_slice(segment),
        }
    }
    Some(clean)
}
