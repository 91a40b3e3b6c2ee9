//! Masked pages → a file of the source's format, within a byte budget where there is one.

use image::RgbImage;

use super::jpeg::{self, Style};
use super::tiff::{Strip, TiffFile};
use super::tone::{self, Need, is_bilevel};
use super::{EncodeProblem, lossless};
use crate::container::ImageKind;
use crate::container::tiff::Tiff;
use crate::raster::resized;

/// How small a file has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// Bytes that the file may have.
    pub max_bytes: usize,
    /// Height of the page's smallest text in pixels; `None` when it is not known.
    pub smallest_text_px: Option<f32>,
}

/// JPEG quality is not lowered below this. A choice, not a measurement: at 40 the quantization of the IJG tables
/// is 1.25 times that of Annex K, which T.81 calls nearly indistinguishable when halved.
const LEAST_QUALITY: u8 = 40;
/// Text is not scaled below this height: 16 × 16 dots is the smallest size for which the national bitmap font
/// standard (GB/T 5199) draws all characters apart.
const LEAST_TEXT_PX: f32 = 16.0;
/// Least scale of a page whose text height is not known.
const LEAST_SCALE: f32 = 0.5;
/// Each attempt at a smaller picture.
const SCALE_STEP: f32 = 0.85;

/// One page to be written.
#[derive(Debug, Clone)]
pub struct OutputPage<'a> {
    /// Its pixels, upright.
    pub pixels: &'a RgbImage,
    /// Resolution to be stated; `None` to state none.
    pub dpi: Option<f32>,
    /// Height of its smallest text in pixels; `None` when it is not known.
    pub smallest_text_px: Option<f32>,
}

/// Writes the pages of one image file in its source's format.
#[derive(Debug)]
pub struct ImageEncoder<'a> {
    source: &'a [u8],
    kind: ImageKind,
    max_bytes: Option<usize>,
    page_count: usize,
    pages_done: usize,
    tiff: TiffFile,
    bytes: Vec<u8>,
}

impl<'a> ImageEncoder<'a> {
    /// For a file of `page_count` pages in the manner of `source`; the whole file may have `max_bytes`.
    pub fn new(source: &'a [u8], kind: ImageKind, page_count: usize, max_bytes: Option<usize>) -> Self {
        let (tiff, bytes) = (TiffFile::new(), Vec::new());
        Self { source, kind, max_bytes, page_count, pages_done: 0, tiff, bytes }
    }

    /// Appends the next page. What was done to its pixels to keep within the budget is returned in words.
    ///
    /// # Errors
    /// [`EncodeProblem::OverBudget`] when the page would have to become unreadable.
    pub fn add(&mut self, page: &OutputPage<'_>) -> Result<Vec<String>, EncodeProblem> {
        if self.pages_done >= self.page_count.min(if self.kind == ImageKind::Tiff { usize::MAX } else { 1 }) {
            return Err(EncodeProblem::PageCount { expected: self.page_count });
        }
        let budget = self.max_bytes.map(|max_bytes| {
            // What earlier pages left over goes to the later ones. 400 bytes: a TIFF page's directory.
            let left = max_bytes.saturating_sub(self.tiff.len());
            let share = left / (self.page_count - self.pages_done);
            let share = if self.kind == ImageKind::Tiff { share.saturating_sub(400) } else { share };
            Budget { max_bytes: share, smallest_text_px: page.smallest_text_px }
        });
        let mut notes = Vec::new();
        match self.kind {
            ImageKind::Tiff => {
                let style = self.tiff_jpeg_style();
                let (fitted, strip) = fitted(page, budget.as_ref(), style.as_ref(), &mut notes, |pixels, style| {
                    let strip = match style {
                        Some(style) if !is_bilevel(pixels) => Strip::jpeg(pixels, style)?,
                        _ => Strip::lossless(pixels),
                    };
                    Ok((strip.len(), strip))
                })?;
                self.tiff.add(&strip, fitted.size, fitted.dpi);
            }
            ImageKind::Jpeg => {
                let style = Style::of(self.source);
                let encode = |pixels: &RgbImage, style: Option<&Style>, dpi| match style {
                    Some(style) => jpeg::encode(pixels, style, dpi),
                    None => jpeg::encode(pixels, &Style::fresh(), dpi),
                };
                self.bytes = whole_file(page, budget.as_ref(), Some(&style), &mut notes, encode)?;
            }
            kind => {
                self.bytes = whole_file(page, budget.as_ref(), None, &mut notes, |pixels, _, dpi| match kind {
                    ImageKind::Bmp => lossless::bmp(pixels, dpi),
                    ImageKind::Gif => lossless::gif(pixels),
                    ImageKind::WebP => lossless::webp(pixels),
                    _ => lossless::png(pixels, dpi),
                })?;
                if kind == ImageKind::WebP && self.bytes.len() > 2 * self.source.len() {
                    let factor = self.bytes.len() as f32 / self.source.len().max(1) as f32;
                    notes.push(format!("written without loss: {factor:.1} times the size of the source"));
                }
            }
        }
        self.pages_done += 1;
        Ok(notes)
    }

    /// The file.
    ///
    /// # Errors
    /// [`EncodeProblem::PageCount`] when pages are missing.
    pub fn finish(self) -> Result<Vec<u8>, EncodeProblem> {
        if self.pages_done != self.page_count {
            return Err(EncodeProblem::PageCount { expected: self.page_count });
        }
        match self.kind {
            ImageKind::Tiff => self.tiff.finish(),
            _ => Ok(self.bytes),
        }
    }

    /// A TIFF page that was JPEG-compressed stays so.
    fn tiff_jpeg_style(&self) -> Option<Style> {
        let tiff = Tiff::new(self.source)?;
        let offsets = tiff.chain(self.pages_done + 1).offsets;
        let directory = tiff.directory(*offsets.get(self.pages_done)?)?;
        let compression = tiff.unsigned(directory.find(259)?);
        let tables = directory.find(347).map(|entry| Style::of(&with_frame(entry.data)).quality);
        matches!(compression.first(), Some(6 | 7)).then(|| Style::of_quality(tables.unwrap_or(90).clamp(75, 95)))
    }
}

/// A tables-only stream has no frame to say which table is for luma: the first is.
fn with_frame(tables: &[u8]) -> Vec<u8> {
    let mut stream = tables.strip_suffix(&crate::container::jpeg::EOI).unwrap_or(tables).to_vec();
    crate::container::jpeg::push_segment(&mut stream, 0xC0, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]);
    stream
}

/// A picture of a page for a container that takes JPEG and exact pixels alike, such as PDF.
#[derive(Debug, Clone)]
pub enum PageImage {
    /// A grey or YCbCr JPEG.
    Jpeg {
        /// The file.
        bytes: Vec<u8>,
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// Black and white pixels, to be stored without loss.
    Bilevel(RgbImage),
}

/// Encodes a page's picture in the fewest channels that show it: black and white exactly, else a grey or a
/// coloured JPEG of quality 90 or of what the budget allows. The notes say what was done for the budget.
///
/// # Errors
/// [`EncodeProblem::OverBudget`] when the page would have to become unreadable.
pub fn encode_page_image(
    pixels: &RgbImage,
    budget: Option<&Budget>,
) -> Result<(PageImage, Vec<String>), EncodeProblem> {
    let grey;
    let pixels = match tone::need(pixels) {
        Need::Bilevel => {
            let size = Strip::lossless(pixels).len();
            if budget.is_none_or(|budget| size <= budget.max_bytes) {
                return Ok((PageImage::Bilevel(pixels.clone()), Vec::new()));
            }
            pixels
        }
        Need::Grey => {
            grey = tone::without_colour(pixels);
            &grey
        }
        Need::Colour => pixels,
    };
    let page = OutputPage { pixels, dpi: None, smallest_text_px: budget.and_then(|budget| budget.smallest_text_px) };
    let mut notes = Vec::new();
    let (fitted, bytes) = fitted(&page, budget, Some(&Style::fresh()), &mut notes, |pixels, style| {
        let bytes = jpeg::encode(pixels, style.unwrap_or(&Style::fresh()), None)?;
        Ok((bytes.len(), bytes))
    })?;
    let (width, height) = fitted.size;
    Ok((PageImage::Jpeg { bytes, width, height }, notes))
}

/// Long side of a thumbnail in pixels: A4 at 77 dpi, on which a person finds a place and reads headings.
const THUMBNAIL_LONG: f32 = 900.0;
/// Long screenshots stay at least this wide,
const THUMBNAIL_SHORT: f32 = 300.0;
/// but not longer than this.
const THUMBNAIL_LONGEST: f32 = 6000.0;
/// JPEG quality of a thumbnail: ringing is seen around letters, which stay readable, in some 60 KB.
const THUMBNAIL_QUALITY: u8 = 70;

/// A small JPEG of a page for a report.
///
/// # Errors
/// [`EncodeProblem::Encoder`] when there are no pixels.
pub fn thumbnail(pixels: &RgbImage) -> Result<Vec<u8>, EncodeProblem> {
    let (width, height) = (pixels.width() as f32, pixels.height() as f32);
    let (long, short) = (width.max(height), width.min(height).max(1.0));
    let scale = (THUMBNAIL_LONG / long).max((THUMBNAIL_SHORT / short).min(THUMBNAIL_LONGEST / long));
    let style = Style::of_quality(THUMBNAIL_QUALITY);
    if scale < 1.0 { jpeg::encode(&scaled(pixels, scale), &style, None) } else { jpeg::encode(pixels, &style, None) }
}

/// Size and resolution at which a page was written.
struct Fitted {
    size: (u32, u32),
    dpi: Option<f32>,
}

fn whole_file(
    page: &OutputPage<'_>,
    budget: Option<&Budget>,
    style: Option<&Style>,
    notes: &mut Vec<String>,
    encode: impl Fn(&RgbImage, Option<&Style>, Option<f32>) -> Result<Vec<u8>, EncodeProblem>,
) -> Result<Vec<u8>, EncodeProblem> {
    let width = page.pixels.width() as f32;
    let (_, bytes) = fitted(page, budget, style, notes, |pixels, style| {
        let dpi = page.dpi.map(|dpi| dpi * pixels.width() as f32 / width);
        let bytes = encode(pixels, style, dpi)?;
        Ok((bytes.len(), bytes))
    })?;
    Ok(bytes)
}

/// Encodes as it is, then at falling quality (with a `style`), then at falling scale, until it fits the budget.
fn fitted<T>(
    page: &OutputPage<'_>,
    budget: Option<&Budget>,
    style: Option<&Style>,
    notes: &mut Vec<String>,
    encode: impl Fn(&RgbImage, Option<&Style>) -> Result<(usize, T), EncodeProblem>,
) -> Result<(Fitted, T), EncodeProblem> {
    let (size, encoded) = encode(page.pixels, style)?;
    let whole = Fitted { size: page.pixels.dimensions(), dpi: page.dpi };
    let Some(budget) = budget.filter(|budget| size > budget.max_bytes) else { return Ok((whole, encoded)) };
    let least_scale = page.smallest_text_px.map_or(LEAST_SCALE, |height| LEAST_TEXT_PX / height.max(1.0));
    let mut scale = 1.0f32;
    loop {
        let smaller;
        let pixels = if scale < 1.0 {
            smaller = scaled(page.pixels, scale);
            &smaller
        } else {
            page.pixels
        };
        if let Some((quality, encoded)) = best_within(budget.max_bytes, pixels, style, &encode)? {
            if let Some(quality) = quality {
                notes.push(format!(
                    "以 JPEG 质量 {quality} 保存，以不超过大小上限 (written at JPEG quality {quality} to keep within the \
                     size limit)"
                ));
            }
            if scale < 1.0 {
                let percent = format!("{:.0} %", scale * 100.0);
                notes.push(format!(
                    "缩小到 {percent}，以不超过大小上限 (scaled to {percent} to keep within the size limit)"
                ));
            }
            return Ok((Fitted { size: pixels.dimensions(), dpi: page.dpi.map(|dpi| dpi * scale) }, encoded));
        }
        if scale <= least_scale {
            return Err(EncodeProblem::OverBudget { max_bytes: budget.max_bytes });
        }
        scale = (scale * SCALE_STEP).max(least_scale);
    }
}

fn scaled(pixels: &RgbImage, scale: f32) -> RgbImage {
    let side = |length: u32| ((length as f32 * scale).round() as u32).max(1);
    resized(pixels, side(pixels.width()), side(pixels.height()))
}

/// The best encoding of these pixels that fits, with its quality if that was lowered.
fn best_within<T>(
    max_bytes: usize,
    pixels: &RgbImage,
    style: Option<&Style>,
    encode: &impl Fn(&RgbImage, Option<&Style>) -> Result<(usize, T), EncodeProblem>,
) -> Result<Option<(Option<u8>, T)>, EncodeProblem> {
    let (size, encoded) = encode(pixels, style)?;
    if size <= max_bytes {
        return Ok(Some((None, encoded)));
    }
    let Some(style) = style else { return Ok(None) };
    let mut best = None;
    // Qualities below `low` fit and those from `high` on do not.
    let (mut low, mut high) = (LEAST_QUALITY, style.quality.max(LEAST_QUALITY + 1));
    while low < high {
        let quality = if best.is_none() { low } else { u8::midpoint(low, high) };
        let (size, encoded) = encode(pixels, Some(&style.at_quality(quality)))?;
        if size <= max_bytes {
            best = Some((Some(quality), encoded));
            low = quality + 1;
        } else if best.is_none() {
            return Ok(None);
        } else {
            high = quality;
        }
    }
    Ok(best)
}
