//! PDF page → upright raster as displayed: /Rotate, CropBox and UserUnit honoured, annotations and form
//! fields drawn, on white.

use image::RgbImage;
use pdfium_render::prelude::{
    self as pdfium, PdfPageAnnotationCommon, PdfPageObjectCommon, PdfPageObjectsCommon, PdfPageTextRenderMode,
};
use serde::{Deserialize, Serialize};

use super::Document;
use crate::error::InputProblem;
use crate::geometry::{Bbox, Point, QuarterTurns};
use crate::raster::Raster;

/// How pages are rendered.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct RenderParams {
    /// Dots per inch of the page as displayed. 200 is what the reading models are measured at.
    pub dpi: f32,
    /// Most pixels of a raster; a larger page is scaled down. 40 million is an A1 poster at 200 dpi (30.9
    /// million) with room, and 120 MB of memory.
    pub pixel_budget: u64,
    /// Fewest dots per inch that the budget may force. At 72 an 8-pt character is 8 px high, the least that
    /// the reading models read.
    pub least_dpi: f32,
    /// Longest side of a page in its own units: what PDF allows (14,400; ISO 32000-1 annex C.2).
    pub longest_side: f32,
    /// Whether annotations and form fields are drawn.
    pub annotations: Annotations,
}

impl Default for RenderParams {
    fn default() -> Self {
        Self {
            dpi: 200.0,
            pixel_budget: 40_000_000,
            least_dpi: 72.0,
            longest_side: 14_400.0,
            annotations: Annotations::Drawn,
        }
    }
}

/// Whether annotations and form fields are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Annotations {
    /// As a viewer shows them.
    Drawn,
    /// Taken away, to see what lies under them.
    LeftOut,
}

/// A page's displayed size, after /Rotate, CropBox and UserUnit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PageSize {
    /// Points (1/72 inch).
    pub width_pt: f32,
    /// Points (1/72 inch).
    pub height_pt: f32,
}

/// A page's pixels and where its coordinates lie in them.
#[derive(Debug, Clone)]
pub struct RenderedPage {
    /// The page as displayed.
    pub raster: Raster,
    /// Its size in points.
    pub size: PageSize,
    /// From the page's own coordinates to `raster`'s pixels.
    pub frame: PageFrame,
    /// True when something on the page should show but does not: an undecodable picture, or a page with
    /// content that renders as one even colour. Such a page cannot be called examined.
    pub blank_but_has_content: bool,
    /// Remarks for the report.
    pub notes: Vec<String>,
}

impl RenderedPage {
    /// A picture that is no page of a PDF, one dot a pixel.
    pub fn of_raster(raster: Raster) -> Self {
        let (width, height) = (raster.width(), raster.height());
        let size =
            PageSize { width_pt: width as f32 * 72.0 / raster.dpi, height_pt: height as f32 * 72.0 / raster.dpi };
        let (right, top, turns) = (size.width_pt, size.height_pt, QuarterTurns::None);
        let frame = PageFrame { left: 0.0, bottom: 0.0, right, top, turns, width, height };
        Self { raster, size, frame, blank_but_has_content: false, notes: Vec::new() }
    }

    /// True when it is of one colour, as it ought to be: there is nothing to be read or looked at.
    pub fn is_bare(&self) -> bool {
        !self.blank_but_has_content && is_even(&self.raster.pixels, self.raster.bbox())
    }
}

/// Maps a page's own coordinates (units, y up, before /Rotate) to pixels of its raster (y down).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PageFrame {
    left: f32,
    bottom: f32,
    right: f32,
    top: f32,
    turns: QuarterTurns,
    width: u32,
    height: u32,
}

impl PageFrame {
    /// Where the page's point (`x`, `y`) lies in the raster.
    pub fn to_pixels(&self, x: f32, y: f32) -> Point {
        let across = (x - self.left) / (self.right - self.left);
        let down = (self.top - y) / (self.top - self.bottom);
        let (u, v) = match self.turns {
            QuarterTurns::None => (across, down),
            QuarterTurns::One => (1.0 - down, across),
            QuarterTurns::Two => (1.0 - across, 1.0 - down),
            QuarterTurns::Three => (down, 1.0 - across),
        };
        Point::new(u * self.width as f32, v * self.height as f32)
    }

    /// The pixels that a rectangle of the page touches, given by two opposite corners.
    pub fn bbox(&self, x0: f32, y0: f32, x1: f32, y1: f32) -> Bbox {
        // A hundredth of a pixel keeps an edge that lies on a pixel border from claiming the next pixel.
        const SLACK: f32 = 0.01;
        let (a, b) = (self.to_pixels(x0, y0), self.to_pixels(x1, y1));
        Bbox::from_ltrb(
            (a.x.min(b.x) + SLACK).floor() as i32,
            (a.y.min(b.y) + SLACK).floor() as i32,
            (a.x.max(b.x) - SLACK).ceil() as i32,
            (a.y.max(b.y) - SLACK).ceil() as i32,
        )
    }

    /// The pixels that a rectangle of the page as PDFium gives it touches.
    pub(super) fn bbox_of(&self, place: pdfium::PdfRect) -> Bbox {
        self.bbox(place.left().value, place.bottom().value, place.right().value, place.top().value)
    }

    /// Where a box of this raster lies in another raster of the same page.
    pub fn bbox_in(&self, bbox: Bbox, other: &Self) -> Bbox {
        let (x0, y0) = self.to_page(Point::new(bbox.left as f32, bbox.top as f32));
        let (x1, y1) = self.to_page(Point::new(bbox.right as f32, bbox.bottom as f32));
        other.bbox(x0, y0, x1, y1)
    }

    /// The page's coordinates of a point of the raster.
    fn to_page(self, point: Point) -> (f32, f32) {
        let (u, v) = (point.x / self.width as f32, point.y / self.height as f32);
        let (across, down) = match self.turns {
            QuarterTurns::None => (u, v),
            QuarterTurns::One => (v, 1.0 - u),
            QuarterTurns::Two => (1.0 - u, 1.0 - v),
            QuarterTurns::Three => (1.0 - v, u),
        };
        (self.left + across * (self.right - self.left), self.top - down * (self.top - self.bottom))
    }

    /// Width and height of the raster, pixels.
    pub fn raster_size(&self) -> (u32, u32) {
        (self.width, self.height)
    }
}

impl Document<'_> {
    /// The page's displayed size.
    ///
    /// # Errors
    /// [`InputProblem::Damaged`] when the page cannot be loaded.
    pub fn page_size(&self, index: usize) -> Result<PageSize, InputProblem> {
        let page = self.page(index)?;
        let unit = self.user_unit(index);
        Ok(PageSize { width_pt: page.width().value * unit, height_pt: page.height().value * unit })
    }

    /// The page's pixels as a reader sees them.
    ///
    /// # Errors
    /// [`InputProblem::Damaged`] when the page cannot be loaded, [`InputProblem::TooLarge`] when it is
    /// larger than a PDF page may be or could not be read within the pixel budget.
    pub fn render(&self, index: usize, params: &RenderParams) -> Result<RenderedPage, InputProblem> {
        let page = self.page(index)?;
        let size = self.page_size(index)?;
        let (dpi, notes) = affordable_dpi(&page, size, params)?;
        let frame = frame_of(&page, size, dpi)?;
        let pixels = pixels_of(&page, &frame, params.annotations)?;
        let blank_but_has_content = self.should_show_more(index, &page, &pixels, &frame, params.annotations);
        Ok(RenderedPage { raster: Raster::new(pixels, dpi), size, frame, blank_but_has_content, notes })
    }

    /// Where the page's coordinates would lie in its raster, without rendering it.
    ///
    /// # Errors
    /// As [`Self::render`].
    pub fn frame(&self, index: usize, params: &RenderParams) -> Result<PageFrame, InputProblem> {
        let page = self.page(index)?;
        let size = self.page_size(index)?;
        let (dpi, _) = affordable_dpi(&page, size, params)?;
        frame_of(&page, size, dpi)
    }

    /// True when the raster lacks something that the page's objects say must be visible.
    fn should_show_more(
        &self,
        index: usize,
        page: &pdfium::PdfPage<'_>,
        pixels: &RgbImage,
        frame: &PageFrame,
        annotations: Annotations,
    ) -> bool {
        /// Share of a picture from which it counts as wholly covered.
        const WHOLLY: f32 = 0.95;
        let blank = is_even(pixels, Bbox::from_ltrb(0, 0, i32::MAX, i32::MAX));
        let white = pixels.pixels().next().is_none_or(|pixel| pixel.0 == [255; 3]);
        if blank && page.objects().is_empty() {
            // PDFium found nothing to draw; lopdf knows whether it gave up on a content stream.
            return !white || self.structure().map_or(true, |structure| structure.paints(index));
        }
        let place_of = |object: &pdfium::PdfPageObject<'_>| Some(frame.bbox_of(object.bounds().ok()?.to_rect()));
        // What is drawn over a picture may hide all of it: that is no failure, and is looked under elsewhere.
        let mut above: Vec<Bbox> = match annotations {
            Annotations::Drawn => {
                let shown = page.annotations().iter().filter(|annotation| !annotation.is_hidden());
                shown.filter_map(|annotation| annotation.bounds().ok()).map(|bounds| frame.bbox_of(bounds)).collect()
            }
            Annotations::LeftOut => Vec::new(),
        };
        let mut from_top: Vec<_> = page.objects().iter().collect();
        from_top.reverse();
        from_top.iter().any(|object| match object {
            pdfium::PdfPageObject::Path(path)
                if !blank && path.fill_mode().is_ok_and(|mode| mode != pdfium::PdfPathFillMode::None) =>
            {
                above.extend(place_of(object));
                false
            }
            pdfium::PdfPageObject::Image(image) => {
                let place = place_of(object).unwrap_or_else(|| Bbox::from_ltrb(0, 0, i32::MAX, i32::MAX));
                let place = place.clamped(pixels.width(), pixels.height());
                let is_missing = !place.is_empty()
                    && (is_even(pixels, place) || is_cut_short(pixels, place))
                    && !is_even_picture(image)
                    && !above.iter().any(|&cover| place.covered_by(cover) >= WHOLLY)
                    // With all layers on the page is looked at apart.
                    && !self.structure().is_ok_and(|structure| structure.hides_layers(index));
                above.push(place);
                is_missing
            }
            // What is not shown elsewhere than on the page is not missing on it.
            object => {
                let reaches = |place: Bbox| !place.expanded(1, 1).clamped(pixels.width(), pixels.height()).is_empty();
                blank && place_of(object).is_none_or(reaches) && should_show(object, false)
            }
        })
    }
}

/// True for an object that leaves a mark on white paper wherever it is drawn. What text in a form says is not always
/// told: then it counts as text that shows.
fn should_show(object: &pdfium::PdfPageObject<'_>, in_form: bool) -> bool {
    match object {
        pdfium::PdfPageObject::Text(text) => {
            let said = text.text();
            text.render_mode() != PdfPageTextRenderMode::Invisible
                && (in_form && said.is_empty() || said.chars().any(|c| !c.is_whitespace() && c != '\0'))
                && is_coloured(text.fill_color())
        }
        pdfium::PdfPageObject::Path(path) => {
            let filled = path.fill_mode().is_ok_and(|mode| mode != pdfium::PdfPathFillMode::None)
                && is_coloured(path.fill_color());
            let stroked = path.is_stroked().unwrap_or(false) && is_coloured(path.stroke_color());
            filled || stroked
        }
        pdfium::PdfPageObject::Shading(_) => true,
        pdfium::PdfPageObject::Image(image) => !is_even_picture(image),
        pdfium::PdfPageObject::XObjectForm(form) => form.iter().any(|object| should_show(&object, true)),
        pdfium::PdfPageObject::Unsupported(_) => false,
    }
}

fn is_coloured(colour: Result<pdfium::PdfColor, pdfium::PdfiumError>) -> bool {
    colour.is_ok_and(|c| c.alpha() > 0 && (c.red(), c.green(), c.blue()) != (255, 255, 255))
}

/// True when the picture decodes to one colour all over, as the back of a scanned sheet or a block that covers
/// something does.
fn is_even_picture(image: &pdfium::PdfPageImageObject<'_>) -> bool {
    /// Range of a channel within one colour: what JPEG makes of an even area.
    const RANGE: u8 = 5;
    /// A4 at 1200 dpi; a larger picture is not decoded just to see whether it is even.
    const MOST_PIXELS: i64 = 140_000_000;
    let (width, height) = (image.width().unwrap_or(0), image.height().unwrap_or(0));
    if i64::from(width) * i64::from(height) > MOST_PIXELS {
        return false;
    }
    image.get_raw_bitmap().is_ok_and(|bitmap| {
        let bytes = bitmap.as_raw_bytes();
        let whole = bitmap.width() > 0 && bitmap.height() > 0 && !bytes.is_empty();
        // Rows may end in padding, which PDFium zeroes.
        let stride = if whole { bytes.len() / bitmap.height() as usize } else { 1 };
        let channels = match bitmap.format() {
            Ok(pdfium::PdfBitmapFormat::Gray) => 1,
            Ok(pdfium::PdfBitmapFormat::BGR) => 3,
            Ok(pdfium::PdfBitmapFormat::BGRx | pdfium::PdfBitmapFormat::BGRA) => 4,
            Err(_) => return false,
        };
        let used = bitmap.width() as usize * channels;
        whole
            && (0..channels).all(|channel| {
                let values =
                    || bytes.chunks(stride).flat_map(|row| row.iter().take(used).skip(channel).step_by(channels));
                // Comparing with the first value ends at once on a picture that shows something.
                let first = values().next().copied().unwrap_or_default();
                values().all(|&value| value.abs_diff(first) <= RANGE)
            })
    })
}

/// True when the last rows of a picture are of the grey that JPEG decoders put where data are missing: nothing that
/// was scanned or drawn is so even and so exactly halfway.
fn is_cut_short(pixels: &RgbImage, place: Bbox) -> bool {
    /// Share of the picture's height: a row of JPEG blocks of a small picture.
    const LAST: i32 = 16;
    const HALFWAY: u8 = 128;
    let rows = place.height() / LAST;
    let last = Bbox::from_ltrb(place.left, place.bottom - rows, place.right, place.bottom);
    let first = last.clamped(pixels.width(), pixels.height());
    rows > 0
        && !first.is_empty()
        && pixels.get_pixel(first.left as u32, first.top as u32).0.iter().all(|value| value.abs_diff(HALFWAY) <= 1)
        && is_even(pixels, last)
}

/// True when all pixels of the box are the same.
pub(crate) fn is_even(pixels: &RgbImage, bbox: Bbox) -> bool {
    let b = bbox.clamped(pixels.width(), pixels.height());
    let row_bytes = pixels.width() as usize * 3;
    let bytes = pixels.as_raw();
    let mut first: Option<&[u8]> = None;
    (b.top as usize..b.bottom as usize).all(|y| {
        let row = &bytes[y * row_bytes..][b.left as usize * 3..b.right as usize * 3];
        row.chunks_exact(3).all(|pixel| *first.get_or_insert(pixel) == pixel)
    })
}

/// The resolution within the budget, and a remark when it is less than asked for.
fn affordable_dpi(
    page: &pdfium::PdfPage<'_>,
    size: PageSize,
    params: &RenderParams,
) -> Result<(f32, Vec<String>), InputProblem> {
    let (width, height) = (page.width().value, page.height().value);
    let acceptable = |side: f32| side.is_finite() && side > 0.0 && side <= params.longest_side;
    if !acceptable(width) || !acceptable(height) {
        return Err(InputProblem::TooLarge(format!("a page of {width:.0} × {height:.0} units")));
    }
    let square_inches = f64::from(size.width_pt) * f64::from(size.height_pt) / (72.0 * 72.0);
    let affordable = (params.pixel_budget as f64 / square_inches).sqrt() as f32;
    if params.dpi <= affordable {
        return Ok((params.dpi, Vec::new()));
    }
    if affordable < params.least_dpi.min(params.dpi) {
        return Err(InputProblem::TooLarge(format!(
            "a page of {:.0} × {:.0} pt leaves only {affordable:.0} dpi within {} million pixels",
            size.width_pt,
            size.height_pt,
            params.pixel_budget / 1_000_000
        )));
    }
    // Rounding down keeps the page within the budget when its sides are rounded to pixels.
    let dpi = affordable.floor();
    Ok((dpi, vec![format!("rendered at {dpi:.0} dpi instead of {:.0}: the page is very large", params.dpi)]))
}

fn frame_of(page: &pdfium::PdfPage<'_>, size: PageSize, dpi: f32) -> Result<PageFrame, InputProblem> {
    let unreadable = |_| InputProblem::Damaged("the page's size cannot be read".into());
    let bounds = page.boundaries().bounding().map_err(unreadable)?.bounds;
    let turns = match page.rotation().map_err(unreadable)? {
        pdfium::PdfPageRenderRotation::None => QuarterTurns::None,
        pdfium::PdfPageRenderRotation::Degrees90 => QuarterTurns::One,
        pdfium::PdfPageRenderRotation::Degrees180 => QuarterTurns::Two,
        pdfium::PdfPageRenderRotation::Degrees270 => QuarterTurns::Three,
    };
    Ok(PageFrame {
        left: bounds.left().value,
        bottom: bounds.bottom().value,
        right: bounds.right().value,
        top: bounds.top().value,
        turns,
        width: (size.width_pt * dpi / 72.0).round().max(1.0) as u32,
        height: (size.height_pt * dpi / 72.0).round().max(1.0) as u32,
    })
}

pub(super) fn pixels_of(
    page: &pdfium::PdfPage<'_>,
    frame: &PageFrame,
    annotations: Annotations,
) -> Result<RgbImage, InputProblem> {
    let too_large = || InputProblem::TooLarge(format!("a raster of {} × {} px", frame.width, frame.height));
    let failed = |_| InputProblem::Damaged("the page cannot be rendered".into());
    let (width, height) = (frame.width as usize, frame.height as usize);
    let stride = (width * 3).next_multiple_of(4);
    let mut bytes = vec![255u8; stride.checked_mul(height).ok_or_else(too_large)?];
    {
        let (width, height) = (
            i32::try_from(frame.width).map_err(|_| too_large())?,
            i32::try_from(frame.height).map_err(|_| too_large())?,
        );
        let config = pdfium::PdfRenderConfig::new().clear_before_rendering(false);
        let config = match annotations {
            Annotations::Drawn => config.set_fixed_size(width, height),
            Annotations::LeftOut => config
                .render_annotations(false)
                .render_form_data(false)
                .scale_page_width_by_factor(width as f32 / page.width().value)
                .scale_page_height_by_factor(height as f32 / page.height().value)
                .clip(0, 0, width, height),
        };
        let mut bitmap =
            pdfium::PdfBitmap::from_bytes(width, height, pdfium::PdfBitmapFormat::BGR, &mut bytes).map_err(failed)?;
        page.render_into_bitmap_with_config(&mut bitmap, &config).map_err(failed)?;
    }
    if stride != width * 3 {
        for y in 1..height {
            bytes.copy_within(y * stride..y * stride + width * 3, y * width * 3);
        }
        bytes.truncate(width * height * 3);
    }
    RgbImage::from_raw(frame.width, frame.height, bytes).ok_or_else(too_large)
}

#[cfg(test)]
mod tests;
