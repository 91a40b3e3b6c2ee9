//! Image bytes → every text and every further picture that the file carries beside its page: EXIF, XMP, IPTC,
//! comments, thumbnails, appended images. Whose they are is asked elsewhere; nothing is judged here. Damaged
//! parts give what can be read of them.

mod exif;
mod photoshop;
mod text;

use std::io::Read;

use flate2::read::ZlibDecoder;
use image::RgbImage;

pub(crate) use text::readable_runs;

use crate::container::ImageKind;
use crate::container::{gif, jpeg, png, riff};

/// A text outside the pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataField {
    /// Where it is, such as "EXIF Artist" or "PNG text Author".
    pub place: String,
    /// What it says.
    pub text: String,
}

/// A picture beside the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddedImage {
    /// Where it is, such as "EXIF thumbnail".
    pub place: String,
    /// The picture.
    pub content: EmbeddedContent,
}

/// How an embedded picture is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmbeddedContent {
    /// A file of its own, not yet decoded; it may be damaged.
    File(Vec<u8>),
    /// Pixels that were stored without a file's header.
    Pixels(RgbImage),
}

/// What an image file carries beside its page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageMetadata {
    /// Texts in the file's order; none is empty.
    pub fields: Vec<MetadataField>,
    /// Pictures in the file's order.
    pub images: Vec<EmbeddedImage>,
    /// Where data lies that was appended and is neither text nor a picture.
    pub not_examined: Vec<String>,
}

/// Bytes that one compressed text may unpack to: a bomb stops here.
const TEXT_LIMIT: u64 = 16 << 20;

/// Everything that a file of this kind carries beside its page.
pub fn read(bytes: &[u8], kind: ImageKind) -> ImageMetadata {
    let mut found = ImageMetadata::default();
    match kind {
        ImageKind::Jpeg => read_jpeg(bytes, &mut found),
        ImageKind::Png => read_png(bytes, &mut found),
        ImageKind::WebP => read_webp(bytes, &mut found),
        ImageKind::Gif => read_gif(bytes, &mut found),
        ImageKind::Tiff => exif::read_pages(bytes, &mut found),
        ImageKind::Bmp => {
            let announced = bytes.get(2..6).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize);
            found.appended(bytes.get(announced.max(54)..).unwrap_or_default());
        }
    }
    found
}

impl ImageMetadata {
    /// Adds a text unless it is empty.
    fn text(&mut self, place: impl Into<String>, text: &str) {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_control());
        if !text.is_empty() {
            self.fields.push(MetadataField { place: place.into(), text: text.replace('\0', " ") });
        }
    }

    /// Adds encoded text.
    fn encoded(&mut self, place: impl Into<String>, bytes: &[u8]) {
        self.text(place, &text::decoded(bytes));
    }

    /// Adds the readable parts of data whose format is not known.
    fn unknown(&mut self, place: &str, bytes: &[u8]) {
        for readable in text::readable_runs(bytes) {
            self.text(place, &readable);
        }
    }

    fn file(&mut self, place: impl Into<String>, bytes: &[u8]) {
        if !bytes.is_empty() {
            let content = EmbeddedContent::File(bytes.to_vec());
            self.images.push(EmbeddedImage { place: place.into(), content });
        }
    }

    fn pixels(&mut self, place: impl Into<String>, pixels: RgbImage) {
        self.images.push(EmbeddedImage { place: place.into(), content: EmbeddedContent::Pixels(pixels) });
    }

    fn xmp(&mut self, packet: &[u8]) {
        let packet = text::unescaped(&text::decoded(packet));
        for thumbnail in text::between(&packet, "<xmpGImg:image>", "</xmpGImg:image>") {
            self.file("XMP thumbnail", &text::from_base64(thumbnail));
        }
        self.text("XMP", &packet);
    }

    /// What follows the end of an image: whole images, and texts between them.
    fn appended(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some((start, length)) = next_file(rest) {
            self.unknown("data after the image", &rest[..start]);
            self.file("image after the image", &rest[start..start + length]);
            rest = &rest[start + length..];
        }
        self.unknown("data after the image", rest);
        if is_a_file(rest) {
            self.not_examined.push("data after the image".into());
        }
    }
}

/// True for data that may hold anything: an archive, a document, a film, or what looks packed.
fn is_a_file(data: &[u8]) -> bool {
    const SIGNATURES: [&[u8]; 8] =
        [b"PK\x03\x04", b"%PDF-", b"7z\xBC\xAF", b"Rar!\x1A", b"\x1F\x8B\x08", b"RIFF", b"ftyp", b"SQLite format"];
    /// A camera's own remarks are shorter, and most of their bytes are text or zero.
    const SHORT: usize = 4096;
    let odd = data.iter().filter(|byte| !matches!(byte, 0 | b'\t' | b'\n' | b'\r' | b' '..=b'~')).count();
    SIGNATURES.iter().any(|signature| memchr::memmem::find(data, signature).is_some())
        || (data.len() > SHORT && odd * 2 > data.len())
}

/// Where the next JPEG or PNG begins and how long it is.
fn next_file(bytes: &[u8]) -> Option<(usize, usize)> {
    let start = bytes.windows(4).position(|w| w[..3] == [0xFF, 0xD8, 0xFF] || w == &png::SIGNATURE[..4])?;
    let rest = &bytes[start..];
    let after = if rest.starts_with(&jpeg::SOI) {
        jpeg::parts(rest).map_or(0, |parts| parts.trailer.len())
    } else {
        png::parts(rest).map_or(0, |(_, trailer)| trailer.len())
    };
    Some((start, rest.len() - after))
}

fn read_jpeg(bytes: &[u8], found: &mut ImageMetadata) {
    let Some(parts) = jpeg::parts(bytes) else { return };
    let mut long_xmp: Vec<(u32, &[u8])> = Vec::new();
    let mut photoshop = Vec::new();
    for segment in &parts.segments {
        let payload = segment.payload;
        let after = |signature: &[u8]| payload.strip_prefix(signature);
        match segment.marker {
            jpeg::COM => found.encoded("JPEG comment", payload),
            0xE0 => read_jfif(payload, found),
            0xE1 => {
                if let Some(block) = after(jpeg::EXIF_SIGNATURE) {
                    exif::read(block, found);
                } else if let Some(packet) = after(jpeg::XMP_SIGNATURE) {
                    found.xmp(packet);
                } else if let Some((head, data)) =
                    after(jpeg::EXTENDED_XMP_SIGNATURE).and_then(|part| part.split_first_chunk::<40>())
                {
                    long_xmp.push((u32::from_be_bytes([head[36], head[37], head[38], head[39]]), data));
                } else {
                    found.unknown("JPEG APP1", payload);
                }
            }
            // The images that a multi-picture index names lie after the end mark and are found there.
            0xE2 if after(jpeg::ICC_SIGNATURE).is_some() || after(b"MPF\0").is_some() => {}
            0xED => match after(b"Photoshop 3.0\0") {
                Some(data) => photoshop.extend(data),
                None => found.unknown("JPEG APP13", payload),
            },
            0xEE if after(b"Adobe").is_some() => {}
            marker @ 0xE2..=0xEF => found.unknown(&format!("JPEG APP{}", marker & 15), payload),
            _ => {}
        }
    }
    long_xmp.sort_by_key(|(offset, _)| *offset);
    found.xmp(&long_xmp.iter().flat_map(|(_, data)| *data).copied().collect::<Vec<_>>());
    photoshop::read(&photoshop, found);
    found.appended(parts.trailer);
}

/// JFIF headers may hold a thumbnail in pixels, their extension one in pixels, with a palette, or as a JPEG.
fn read_jfif(payload: &[u8], found: &mut ImageMetadata) {
    let rgb = |size: &[u8], values: Vec<u8>| RgbImage::from_raw(size[0].into(), size[1].into(), values);
    let thumbnail = if let Some(header) = payload.strip_prefix(b"JFIF\0") {
        header.get(7..9).and_then(|size| {
            let length = 3 * usize::from(size[0]) * usize::from(size[1]);
            rgb(size, header.get(9..9 + length)?.to_vec())
        })
    } else if let Some((&code, data)) = payload.strip_prefix(b"JFXX\0").and_then(<[u8]>::split_first) {
        match code {
            0x10 => {
                found.file("JFIF thumbnail", data);
                None
            }
            0x11 => data.get(..2).and_then(|size| {
                let (colours, indices) = data.get(2..)?.split_at_checked(768)?;
                let count = usize::from(size[0]) * usize::from(size[1]);
                let pixel = |&i: &u8| <[u8; 3]>::try_from(&colours[3 * usize::from(i)..][..3]).unwrap_or_default();
                rgb(size, indices.get(..count)?.iter().flat_map(pixel).collect())
            }),
            _ => data.get(..2).and_then(|size| {
                let length = 3 * usize::from(size[0]) * usize::from(size[1]);
                rgb(size, data.get(2..2 + length)?.to_vec())
            }),
        }
    } else {
        found.unknown("JPEG APP0", payload);
        None
    };
    if let Some(pixels) = thumbnail.filter(|pixels| !pixels.is_empty()) {
        found.pixels("JFIF thumbnail", pixels);
    }
}

fn read_png(bytes: &[u8], found: &mut ImageMetadata) {
    let Some((chunks, trailer)) = png::parts(bytes) else { return };
    for chunk in chunks {
        let keyed = || {
            let end = chunk.data.iter().position(|&byte| byte == 0)?;
            Some((text::decoded(&chunk.data[..end]), &chunk.data[end + 1..]))
        };
        match &chunk.name {
            b"tEXt" => match keyed() {
                Some((keyword, data)) => png_text(&keyword, data, found),
                None => found.encoded("PNG text", chunk.data),
            },
            b"zTXt" => {
                if let Some((keyword, data)) = keyed() {
                    png_text(&keyword, &inflated(data.get(1..).unwrap_or_default()), found);
                }
            }
            b"iTXt" => {
                if let Some((keyword, data)) = keyed() {
                    let mut fields = data.get(2..).unwrap_or_default().splitn(3, |&byte| byte == 0);
                    let (_language, translated) = (fields.next(), fields.next().unwrap_or_default());
                    let value = fields.next().unwrap_or_default();
                    found.encoded("PNG text keyword", translated);
                    if data.first() == Some(&1) {
                        png_text(&keyword, &inflated(value), found);
                    } else {
                        png_text(&keyword, value, found);
                    }
                }
            }
            b"eXIf" => exif::read(chunk.data, found),
            b"IHDR" | b"PLTE" | b"IDAT" | b"IEND" | b"tRNS" | b"gAMA" | b"cHRM" | b"sRGB" | b"iCCP" | b"cICP"
            | b"sBIT" | b"bKGD" | b"hIST" | b"pHYs" | b"tIME" | b"acTL" | b"fcTL" | b"fdAT" | b"iDOT" => {}
            name => found.unknown(&format!("PNG chunk {}", String::from_utf8_lossy(name)), chunk.data),
        }
    }
    found.appended(trailer);
}

fn png_text(keyword: &str, data: &[u8], found: &mut ImageMetadata) {
    if keyword == "XML:com.adobe.xmp" {
        found.xmp(data);
    } else if let Some(profile) = keyword.strip_prefix("Raw profile type ") {
        // ImageMagick's form: name, length, hexadecimal digits.
        let raw = text::from_hex(data);
        match profile {
            "xmp" => found.xmp(&raw),
            "iptc" | "8bim" => photoshop::read(&raw, found),
            _ => exif::read(raw.strip_prefix(jpeg::EXIF_SIGNATURE).unwrap_or(&raw), found),
        }
    } else {
        found.encoded(format!("PNG text {keyword}"), data);
    }
}

/// Unpacked, up to the limit or the damage.
fn inflated(data: &[u8]) -> Vec<u8> {
    let mut unpacked = Vec::new();
    // What was unpacked before an error is kept.
    let _ = ZlibDecoder::new(data).take(TEXT_LIMIT).read_to_end(&mut unpacked);
    unpacked
}

fn read_webp(bytes: &[u8], found: &mut ImageMetadata) {
    let Some((chunks, trailer)) = riff::parts(bytes) else { return };
    for chunk in chunks {
        match &chunk.name {
            b"EXIF" => exif::read(chunk.data.strip_prefix(jpeg::EXIF_SIGNATURE).unwrap_or(chunk.data), found),
            b"XMP " => found.xmp(chunk.data),
            b"VP8 " | b"VP8L" | b"VP8X" | b"ALPH" | b"ANIM" | b"ANMF" | b"ICCP" => {}
            name => found.unknown(&format!("WebP chunk {}", String::from_utf8_lossy(name)), chunk.data),
        }
    }
    found.appended(trailer);
}

fn read_gif(bytes: &[u8], found: &mut ImageMetadata) {
    let Some(parts) = gif::parts(bytes) else { return };
    for comment in &parts.comments {
        found.encoded("GIF comment", comment);
    }
    for text in &parts.plain_texts {
        found.encoded("GIF text", text);
    }
    for (name, data) in &parts.applications {
        match &name[..] {
            b"XMP DataXMP" => found.xmp(data),
            b"NETSCAPE2.0" | b"ICCRGBG1012" => {}
            name => found.unknown(&format!("GIF {}", String::from_utf8_lossy(name)), &gif::joined(data)),
        }
    }
    found.appended(parts.trailer);
}

#[cfg(test)]
mod tests;
