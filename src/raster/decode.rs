//! Image bytes → upright RGB pages, one at a time. Orientation marks are followed, profiles converted to sRGB,
//! transparency laid on white. Sizes are checked before anything is allocated for pixels. A page that cannot
//! be decoded whole is an error: half a page is not examined.

mod ccitt;
mod colour;
mod jpeg;
mod tiff;

use std::io::Cursor;

use image::codecs::{bmp::BmpDecoder, gif::GifDecoder, png::PngDecoder, webp::WebPDecoder};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, RgbImage};

use crate::container::ImageKind;
use crate::container::tiff::Tiff;
use crate::container::{gif, png, riff};
use crate::error::InputProblem;
use crate::limits::Limits;
use crate::raster::Raster;

/// What a file's samples can express.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// Black and white, one bit a pixel.
    Bilevel,
    /// Shades of grey.
    Grey,
    /// Colours.
    Colour,
}

/// One decoded page.
#[derive(Debug, Clone)]
pub struct Page {
    /// The page as displayed.
    pub raster: Raster,
    /// What the stored samples can express.
    pub tone: Tone,
    /// EXIF orientation (1..=8) under which the file stores it; the raster is already upright.
    pub orientation: u8,
    /// Dots per inch as the file states them, turned with the page; `None` when it states nothing usable.
    pub stated_dpi: Option<f32>,
    /// The page as it is without its transparency, when that hides something.
    pub opaque: Option<Raster>,
    /// What a reader of the report should know.
    pub notes: Vec<String>,
    /// What the file holds beside this page's pixels and nobody looked at, such as an animation's further frames.
    pub not_examined: Option<String>,
}

/// An opened image file.
#[derive(Debug)]
pub struct ImageFile<'a> {
    bytes: &'a [u8],
    kind: ImageKind,
    limits: Limits,
    /// Directory offsets of a TIFF's pages.
    directories: Vec<u64>,
    /// True when a TIFF's chain of pages leads outside the file.
    broken_chain: bool,
}

/// Pixels, profile and marks of a page before they are put together.
struct Stored {
    width: u32,
    height: u32,
    samples: colour::Samples,
    /// Opacity, one byte a pixel, not multiplied into the samples.
    alpha: Option<Vec<u8>>,
    profile: Option<Vec<u8>>,
    tone: Tone,
    orientation: u8,
    dpi: Option<f32>,
    notes: Vec<String>,
    not_examined: Option<String>,
}

impl<'a> ImageFile<'a> {
    /// Opens a file of this kind without decoding a page.
    ///
    /// # Errors
    /// [`InputProblem::Empty`], [`InputProblem::Damaged`] without a readable structure, or
    /// [`InputProblem::TooLarge`] with too many pages.
    pub fn open(bytes: &'a [u8], kind: ImageKind, limits: &Limits) -> Result<Self, InputProblem> {
        if bytes.is_empty() {
            return Err(InputProblem::Empty);
        }
        let mut file = Self { bytes, kind, limits: *limits, directories: Vec::new(), broken_chain: false };
        if kind == ImageKind::Tiff {
            (file.directories, file.broken_chain) = tiff::pages(bytes, limits)?;
        }
        Ok(file)
    }

    /// How many pages there are, the one where a damaged TIFF breaks off included.
    pub fn page_count(&self) -> usize {
        match self.kind {
            ImageKind::Tiff => self.directories.len() + usize::from(self.broken_chain),
            _ => 1,
        }
    }

    /// Decodes the page of this index, counted from 0.
    ///
    /// # Errors
    /// [`InputProblem::Damaged`] or [`InputProblem::TooLarge`].
    pub fn page(&self, index: usize) -> Result<Page, InputProblem> {
        let stored = match self.kind {
            ImageKind::Jpeg => jpeg::decode(self.bytes, &self.limits)?,
            ImageKind::Tiff => match self.directories.get(index) {
                Some(&offset) => tiff::decode(self.bytes, offset, &self.limits)?,
                None => return Err(InputProblem::Damaged("the list of pages breaks off here".into())),
            },
            ImageKind::Png => decode_png(self.bytes, &self.limits)?,
            ImageKind::WebP => decode_webp(self.bytes, &self.limits)?,
            ImageKind::Bmp => decode_bmp(self.bytes, &self.limits)?,
            ImageKind::Gif => decode_gif(self.bytes, &self.limits)?,
        };
        Ok(stored.into_page())
    }
}

/// The page that the TIFF directory at `offset` describes, whether it is one of the file's pages or not.
///
/// # Errors
/// As for [`ImageFile::page`].
pub(crate) fn directory_page(bytes: &[u8], offset: u64, limits: &Limits) -> Result<Page, InputProblem> {
    Ok(tiff::decode(bytes, offset, limits)?.into_page())
}

impl Stored {
    fn into_page(mut self) -> Page {
        let size = (self.width, self.height);
        let mut pixels = colour::to_srgb(self.samples, size, self.profile.as_deref(), &mut self.notes);
        let mut opaque = None;
        if let Some(alpha) = &self.alpha {
            opaque = colour::hides_ink(&pixels, alpha).then(|| pixels.clone());
            colour::lay_on_white(&mut pixels, alpha);
        }
        let orientation = Orientation::from_exif(self.orientation).unwrap_or(Orientation::NoTransforms);
        let stated_dpi = plausible(self.dpi, size);
        let upright = |pixels: RgbImage| {
            let mut turned = DynamicImage::ImageRgb8(pixels);
            turned.apply_orientation(orientation);
            Raster::new(turned.into_rgb8(), stated_dpi.unwrap_or_else(|| estimated_dpi(size)))
        };
        Page {
            raster: upright(pixels),
            opaque: opaque.map(upright),
            tone: self.tone,
            orientation: orientation.to_exif(),
            stated_dpi,
            notes: self.notes,
            not_examined: self.not_examined,
        }
    }
}

/// A stated resolution that can be true of a document: 50..=1,200 dpi and no side over 24 inches (A2). Cameras
/// and screens write 72 or 96 whatever they show.
fn plausible(dpi: Option<f32>, (width, height): (u32, u32)) -> Option<f32> {
    let dpi = dpi.filter(|dpi| (50.0..=1200.0).contains(dpi))?;
    (width.max(height) as f32 / dpi <= 24.0).then_some(dpi)
}

/// Resolution of an image that states none: of an A4 page when its shape is that of A4 within 5 %, else 200.
fn estimated_dpi((width, height): (u32, u32)) -> f32 {
    let (long, short) = (width.max(height) as f32, width.min(height) as f32);
    let is_a4 = (long / short / std::f32::consts::SQRT_2 - 1.0).abs() <= 0.05;
    let dpi = long / 11.69;
    if is_a4 && (50.0..=1200.0).contains(&dpi) { dpi } else { 200.0 }
}

/// An image error as the file's damage.
fn damaged(error: impl std::fmt::Display) -> InputProblem {
    InputProblem::Damaged(error.to_string())
}

/// What a file has that is not decoded here: the file may be sound.
fn unsupported(what: impl Into<String>) -> InputProblem {
    InputProblem::UnsupportedCoding(what.into())
}

/// A decoder's error: a kind that it does not know is no damage.
fn undecoded(error: image::ImageError) -> InputProblem {
    match error {
        image::ImageError::Unsupported(error) => unsupported(error.to_string()),
        error => damaged(error),
    }
}

/// The orientation and resolution that an EXIF block states.
fn exif_marks(exif: Option<&[u8]>) -> (u8, Option<f32>) {
    let exif = exif.map(|block| block.strip_prefix(b"Exif\0\0").unwrap_or(block));
    let marks = exif.and_then(Tiff::new).and_then(|tiff| {
        let directory = tiff.directory(tiff.first()?)?;
        Some((tiff.orientation(&directory).unwrap_or(1), tiff.dpi(&directory)))
    });
    marks.unwrap_or((1, None))
}

/// What the ancillary chunks of a PNG may unpack to besides the pixels.
const ANCILLARY_BYTES: u64 = 64 << 20;

fn decode_png(bytes: &[u8], limits: &Limits) -> Result<Stored, InputProblem> {
    let (chunks, _) = png::parts(bytes).ok_or_else(|| damaged("no PNG signature"))?;
    let header = png::find(&chunks, *b"IHDR").filter(|header| header.len() >= 13);
    let header = header.ok_or_else(|| damaged("no header"))?;
    let side = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    limits.check_size(side(0), side(4))?;
    let mut memory = image::Limits::no_limits();
    memory.max_alloc = Some(u64::from(side(0)) * u64::from(side(4)) * 8 + ANCILLARY_BYTES);
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), memory).map_err(undecoded)?;
    let (orientation, exif_dpi) = exif_marks(png::find(&chunks, *b"eXIf"));
    let mut stored = decode_with(decoder, limits)?;
    stored.orientation = orientation;
    stored.dpi = png::dpi(&chunks).or(exif_dpi);
    if header[8] == 1 && header[9] == 0 {
        stored.tone = Tone::Bilevel;
    }
    if let Some(animation) = png::find(&chunks, *b"acTL") {
        note_frames(&mut stored, animation.get(..4).map_or(0, |n| u32::from_be_bytes([n[0], n[1], n[2], n[3]])));
    }
    Ok(stored)
}

fn decode_webp(bytes: &[u8], limits: &Limits) -> Result<Stored, InputProblem> {
    let (chunks, _) = riff::parts(bytes).ok_or_else(|| damaged("no WebP header"))?;
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(undecoded)?;
    let frames = chunks.iter().filter(|chunk| &chunk.name == b"ANMF").count() as u32;
    if frames > 0 {
        decoder.set_background_color(image::Rgba([255; 4])).map_err(undecoded)?;
    }
    let (orientation, dpi) = exif_marks(riff::find(&chunks, *b"EXIF"));
    let mut stored = decode_with(decoder, limits)?;
    (stored.orientation, stored.dpi) = (orientation, dpi);
    note_frames(&mut stored, frames);
    Ok(stored)
}

/// Width and height that a bitmap's header states; a negative height means rows from the top.
fn bmp_size(bytes: &[u8]) -> Option<(u32, u32)> {
    if bytes.get(14..18)? == 12u32.to_le_bytes() {
        let side = |b: &[u8]| u32::from(u16::from_le_bytes([b[0], b[1]]));
        return Some((side(bytes.get(18..20)?), side(bytes.get(20..22)?)));
    }
    let side = |b: &[u8]| i32::from_le_bytes([b[0], b[1], b[2], b[3]]).unsigned_abs();
    Some((side(bytes.get(18..22)?), side(bytes.get(22..26)?)))
}

fn decode_bmp(bytes: &[u8], limits: &Limits) -> Result<Stored, InputProblem> {
    let (width, height) = bmp_size(bytes).ok_or_else(|| damaged("no bitmap header"))?;
    limits.check_size(width, height)?;
    let decoder = BmpDecoder::new(Cursor::new(bytes)).map_err(undecoded)?;
    let mut stored = decode_with(decoder, limits)?;
    let per_metre = bytes.get(38..42).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    stored.dpi = per_metre.filter(|_| bytes[14] >= 40).map(|n| n as f32 * 0.0254);
    Ok(stored)
}

fn decode_gif(bytes: &[u8], limits: &Limits) -> Result<Stored, InputProblem> {
    let parts = gif::parts(bytes).ok_or_else(|| damaged("no GIF header"))?;
    limits.check_size(parts.canvas.0, parts.canvas.1)?;
    let decoder = GifDecoder::new(Cursor::new(bytes)).map_err(undecoded)?;
    let mut stored = decode_with(decoder, limits)?;
    note_frames(&mut stored, parts.images as u32);
    Ok(stored)
}

/// Says that only the first of several frames is looked at.
fn note_frames(stored: &mut Stored, frames: u32) {
    if frames > 1 {
        stored.not_examined = Some(format!(
            "动画共 {frames} 帧，只检查了第一帧，请另存为静态图片 (an animation of {frames} frames; only the first was examined: \
             save it as a still picture)"
        ));
    }
}

/// Decodes all pixels of a decoder whose header was read.
fn decode_with(mut decoder: impl ImageDecoder, limits: &Limits) -> Result<Stored, InputProblem> {
    let (width, height) = decoder.dimensions();
    limits.check_size(width, height)?;
    let profile = decoder.icc_profile().map_err(undecoded)?;
    let image = DynamicImage::from_decoder(decoder).map_err(undecoded)?;
    let tone = if image.color().has_color() { Tone::Colour } else { Tone::Grey };
    let (samples, alpha) = match image {
        DynamicImage::ImageLuma8(grey) => (colour::Samples::Grey(grey.into_raw()), None),
        DynamicImage::ImageLuma16(_) => (colour::Samples::Grey(image.into_luma8().into_raw()), None),
        DynamicImage::ImageRgb8(rgb) => (colour::Samples::Rgb(rgb.into_raw()), None),
        image if image.color().has_alpha() => {
            let (rgb, alpha) = colour::alpha_apart(&image.into_rgba8());
            (colour::Samples::Rgb(rgb), Some(alpha))
        }
        image => (colour::Samples::Rgb(image.into_rgb8().into_raw()), None),
    };
    // A grey profile does not fit samples that were widened to RGB; grey with alpha is rare enough.
    let profile = profile.filter(|profile| alpha.is_none() || profile.get(16..20) == Some(b"RGB "));
    Ok(Stored {
        width,
        height,
        samples,
        alpha,
        profile,
        tone,
        orientation: 1,
        dpi: None,
        notes: Vec::new(),
        not_examined: None,
    })
}

#[cfg(test)]
mod tests;
