//! Untouched image files without their metadata, with the same pixels and, where the format allows, the same
//! coded data. Only what is displayed remains: further frames, hidden parts and appended data go.

use super::encode::{ImageEncoder, OutputPage};
use super::tiff::{Strip, TiffFile};
use super::tiff_copy::copy_page;
use super::{EncodeProblem, jpeg};
use crate::container::ImageKind;
use crate::container::tiff::{Tiff, orientation_only};
use crate::container::{png, riff};
use crate::error::InputProblem;
use crate::limits::Limits;
use crate::raster::decode::{ImageFile, Page};

/// Why an image could not be copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyProblem {
    /// The source cannot be decoded.
    #[error(transparent)]
    Input(#[from] InputProblem),
    /// It cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeProblem),
}

/// The file without metadata.
///
/// # Errors
/// [`CopyProblem`] when a page cannot be decoded: what nobody could examine is not handed on.
pub fn without_metadata(source: &[u8], kind: ImageKind, limits: &Limits) -> Result<Vec<u8>, CopyProblem> {
    let file = ImageFile::open(source, kind, limits)?;
    if kind == ImageKind::Tiff {
        return tiff_without_metadata(source, &file);
    }
    let page = file.page(0)?;
    let copy = match kind {
        ImageKind::Jpeg => jpeg::without_metadata(source, page.orientation),
        ImageKind::Png => png_without_metadata(source, page.orientation),
        ImageKind::WebP => webp_without_metadata(source, page.orientation),
        ImageKind::Tiff | ImageKind::Bmp | ImageKind::Gif => None,
    };
    if let Some(bytes) = copy {
        return Ok(bytes);
    }
    let mut encoder = ImageEncoder::new(source, kind, 1, None);
    encoder.add(&output_page(&page))?;
    Ok(encoder.finish()?)
}

fn output_page(page: &Page) -> OutputPage<'_> {
    OutputPage { pixels: &page.raster.pixels, dpi: page.stated_dpi, smallest_text_px: None }
}

fn tiff_without_metadata(source: &[u8], file: &ImageFile<'_>) -> Result<Vec<u8>, CopyProblem> {
    let mut copy = TiffFile::new();
    let tiff = Tiff::new(source);
    let offsets = tiff.map_or_else(Vec::new, |tiff| tiff.chain(file.page_count()).offsets);
    for index in 0..file.page_count() {
        let page = file.page(index)?;
        let directory = tiff.zip(offsets.get(index)).and_then(|(tiff, &offset)| Some((tiff, tiff.directory(offset)?)));
        if directory.is_none_or(|(tiff, directory)| !copy_page(&mut copy, &tiff, &directory)) {
            let strip = Strip::lossless(&page.raster.pixels);
            copy.add(&strip, page.raster.pixels.dimensions(), page.stated_dpi);
        }
    }
    Ok(copy.finish()?)
}

/// Chunks that decide what is displayed. Everything else goes: text, time, EXIF, animation frames.
const PNG_KEPT: [&[u8; 4]; 12] =
    [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT", b"bKGD", b"pHYs"];

/// `None` when there is transparency: hidden pixels may lie under it.
fn png_without_metadata(source: &[u8], orientation: u8) -> Option<Vec<u8>> {
    let (chunks, _) = png::parts(source)?;
    let colour_type = *png::find(&chunks, *b"IHDR")?.get(9)?;
    let is_opaque = colour_type & 4 == 0 && png::find(&chunks, *b"tRNS").is_none();
    let is_whole = chunks.last()?.name == *b"IEND";
    if !is_opaque || !is_whole {
        return None;
    }
    let mut out = png::SIGNATURE.to_vec();
    for chunk in chunks.iter().filter(|chunk| PNG_KEPT.contains(&&chunk.name)) {
        out.extend(chunk.raw);
        if &chunk.name == b"IHDR" && orientation > 1 {
            png::push_chunk(&mut out, *b"eXIf", &orientation_only(orientation));
        }
    }
    Some(out)
}

/// `None` for an animation and for transparency.
fn webp_without_metadata(source: &[u8], orientation: u8) -> Option<Vec<u8>> {
    const ALPHA: u8 = 0x10;
    const ANIMATION: u8 = 0x02;
    const PROFILE: u8 = 0x20;
    const EXIF: u8 = 0x08;
    let (chunks, _) = riff::parts(source)?;
    let picture = *chunks.iter().find(|chunk| matches!(&chunk.name, b"VP8 " | b"VP8L"))?;
    let extended = riff::find(&chunks, *b"VP8X");
    // A lossless stream has its own word on transparency (bit 28 of its header).
    let lossless_alpha = &picture.name == b"VP8L" && picture.data.get(4).is_none_or(|byte| byte & 0x10 != 0);
    let flags = extended.and_then(|header| header.first().copied()).unwrap_or(0);
    if lossless_alpha || flags & (ALPHA | ANIMATION) != 0 {
        return None;
    }
    let (profile, exif) = (riff::find(&chunks, *b"ICCP"), orientation_only(orientation));
    let Some(header) = extended.filter(|_| profile.is_some() || orientation > 1) else {
        return Some(riff::file(&[picture]));
    };
    let mut header = header.to_vec();
    header[0] = if profile.is_some() { PROFILE } else { 0 } | if orientation > 1 { EXIF } else { 0 };
    let mut kept = vec![riff::Chunk { name: *b"VP8X", data: &header }];
    kept.extend(profile.map(|data| riff::Chunk { name: *b"ICCP", data }));
    kept.push(picture);
    if orientation > 1 {
        kept.push(riff::Chunk { name: *b"EXIF", data: &exif });
    }
    Some(riff::file(&kept))
}
