//! Untouched image files without their metadata, with the same pixels and, where the format allows, the same
//! coded data. Only what is displayed remains: further frames, hidden parts and appended data go.

use super::encode::{ImageEncoder, OutputPage};
use super::{EncodeProblem, jpeg, lossless};
use crate::container::png;
use crate::container::riff;
use crate::container::tiff::orientation_only;
use crate::error::InputProblem;
use crate::input::{ImageKind, Limits};
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
/// [`CopyProblem`] when it has to be decoded for that and cannot be.
pub fn without_metadata(source: &[u8], kind: ImageKind, limits: &Limits) -> Result<Vec<u8>, CopyProblem> {
    let file = ImageFile::open(source, kind, limits)?;
    match kind {
        ImageKind::Jpeg => {
            let page = file.page(0)?;
            match jpeg::without_metadata(source, page.orientation) {
                Some(bytes) => Ok(bytes),
                None => Ok(rewritten(source, kind, &file)?),
            }
        }
        ImageKind::Png => match png_without_metadata(source, file.page(0)?.orientation) {
            Some(bytes) => Ok(bytes),
            None => Ok(lossless::png(&file.page(0)?.raster.pixels, file.page(0)?.stated_dpi)?),
        },
        ImageKind::WebP => match webp_without_metadata(source, file.page(0)?.orientation) {
            Some(bytes) => Ok(bytes),
            None => Ok(lossless::webp(&file.page(0)?.raster.pixels)?),
        },
        ImageKind::Tiff | ImageKind::Bmp | ImageKind::Gif => Ok(rewritten(source, kind, &file)?),
    }
}

fn rewritten(source: &[u8], kind: ImageKind, file: &ImageFile<'_>) -> Result<Vec<u8>, CopyProblem> {
    let mut encoder = ImageEncoder::new(source, kind, file.page_count(), None);
    for index in 0..file.page_count() {
        let Page { raster, stated_dpi, .. } = file.page(index)?;
        encoder.add(&OutputPage { pixels: &raster.pixels, dpi: stated_dpi, smallest_text_px: None })?;
    }
    Ok(encoder.finish()?)
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
