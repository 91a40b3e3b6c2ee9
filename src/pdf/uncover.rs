//! PDF page → what it shows when covers that can be taken away are taken away: annotations, layers, shapes
//! and pictures drawn over others, soft masks, the crop box, later revisions. Whether anything of interest
//! appears is asked elsewhere.

mod gallery;
mod leftover;
mod parts;
mod pictures;
mod placements;
mod variant;

use std::borrow::Cow;
use std::rc::Rc;

use image::RgbImage;
use pdfium_render::prelude::{
    self as pdfium, PdfPageObject, PdfPageObjectCommon, PdfPageObjectsCommon, PdfPathFillMode, PdfPathSegments,
};
use serde::{Deserialize, Serialize};

use super::objects::{self, Structure};
use super::render::{Annotations, PageFrame, RenderParams, RenderedPage};
use super::text::Places;
use super::{Document, opened};
use crate::error::InputProblem;
use crate::geometry::Bbox;
pub use pictures::UnshownPictures;

/// What was taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Cover {
    /// Annotations (comments, stamps, marked but not applied redactions) and form fields.
    Annotations,
    /// Shapes and pictures drawn over text or pictures.
    DrawnOver,
    /// Every layer was switched on.
    LayersOn,
    /// This layer (from 0) was switched off, the others on.
    LayerOff(usize),
    /// What hides parts of a picture: a mask of its own, a clip, transparency, levels that all turn white, or a size
    /// at which nothing can be made out.
    PictureParts,
    /// The transparency of an image file's own pixels.
    Transparency,
    /// The flag that hides an annotation on the screen.
    AnnotationFlags,
    /// The crop box, or the page's edge: the whole media box is shown, and pictures that reach beyond it. The
    /// raster is larger than the displayed page.
    CropBox,
    /// The updates saved after this revision (from 0, the oldest).
    LaterRevisions(usize),
    /// Nothing: the file holds a picture that no page draws.
    UnshownPicture,
    /// Nothing: it lies in an attached file.
    Attachment,
    /// Nothing: a page, or a page's content, that nothing refers to.
    Leftover,
}

impl Cover {
    /// True for what lies in the file beside its pages, which do not use it.
    pub fn is_of_the_file(self) -> bool {
        matches!(self, Self::UnshownPicture | Self::Attachment | Self::Leftover)
    }

    /// True when what is shown without the cover is the page, and not a picture or page of its own.
    pub fn shows_the_page(self) -> bool {
        self != Self::PictureParts && !self.is_of_the_file()
    }
}

/// A page with a cover taken away.
#[derive(Debug, Clone)]
pub struct Uncovered {
    /// What was taken away.
    pub cover: Cover,
    /// What the page shows then.
    pub page: RenderedPage,
    /// Where something can be made out that the page as displayed does not show, in the pixels of `page`; all of it
    /// when the sizes differ.
    pub changed: Vec<Bbox>,
}

/// What a page shows without its removable covers.
#[derive(Debug, Clone)]
pub struct Uncovering {
    /// One for each kind of cover that changes what is seen.
    pub pages: Vec<Uncovered>,
    /// Why some covers could not be looked for; `None` when all were.
    pub not_examined: Option<String>,
}

/// Revisions that are looked at, counted from the newest; a file with more of them is reported.
pub const MOST_REVISIONS: usize = 16;
/// Difference of a channel from which a pixel counts as changed: beyond what smoothing alone does.
const CHANGED: u8 = 40;
/// Difference of a channel from which a glyph is seen: the palest watermark that a person can read, 5 % black. The two
/// renderings differ in nothing else.
const GLYPH_SEEN: u8 = 12;
/// Least overlap, in points, for an object to cover another: strips of a scan touch by less.
const OVERLAP: f32 = 2.0;
/// Stroke width from which a line can cover text, points.
const THICK: f32 = 4.0;

/// What is left out of a rendering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LeftOut<'b> {
    annotations: bool,
    covers: bool,
    /// Text objects with a glyph at one of these boxes.
    text_at: &'b [Bbox],
}

impl Document<'_> {
    /// The page without each kind of removable cover that it has, where that changes what is seen. `shown`
    /// is the page as displayed.
    ///
    /// # Errors
    /// [`InputProblem`] when the page cannot be loaded.
    pub fn uncovered(
        &self,
        index: usize,
        shown: &RenderedPage,
        params: &RenderParams,
    ) -> Result<Uncovering, InputProblem> {
        let mut found = Vec::new();
        let mut not_examined = None;
        let mut add = |cover: Cover, page: RenderedPage| {
            let changed = changes(&shown.raster.pixels, &page.raster.pixels);
            if !changed.is_empty() {
                found.push(Uncovered { cover, page, changed });
            }
        };
        let params = RenderParams { dpi: shown.raster.dpi, ..*params };
        if self.may_have_visible_annotations(index)? {
            add(Cover::Annotations, self.render(index, &RenderParams { annotations: Annotations::LeftOut, ..params })?);
        }
        if let Some(pixels) = self.without_covers(index, &shown.frame)? {
            let mut page = shown.clone();
            page.raster.pixels = pixels;
            add(Cover::DrawnOver, page);
        }
        match self.structure() {
            Ok(structure) => {
                let mut variants = Vec::new();
                for cover in structure.removable(index) {
                    variants.push((cover, self.variant(structure, cover)?));
                }
                let layers = structure.layers_of(index).len();
                if layers > variant::MOST_LAYERS {
                    not_examined = Some(format!("{layers} layers, of which {} were switched", variant::MOST_LAYERS));
                }
                if let Some(reach) = self.reach_of_pictures(index, structure) {
                    variants.push((Cover::CropBox, Rc::new(variant::enlarged(structure, index, reach)?)));
                }
                for (cover, bytes) in variants {
                    match opened(self.library, &bytes).and_then(|document| document.render(index, &params)) {
                        Ok(page) => add(cover, page),
                        Err(problem) => not_examined = Some(problem.to_string()),
                    }
                }
            }
            Err(problem) => not_examined = Some(problem.to_string()),
        }
        for (revision, bytes) in self.revisions().into_iter().enumerate().rev().take(MOST_REVISIONS) {
            // Some producers write an end mark without a whole file before it.
            let Ok(document) = opened(self.library, &bytes) else { continue };
            if index < document.page_count() {
                match document.render(index, &params) {
                    Ok(page) => add(Cover::LaterRevisions(revision), page),
                    Err(problem) => not_examined = Some(problem.to_string()),
                }
            }
        }
        if let Ok(structure) = self.structure() {
            match self.parts_of_pictures(index, structure, &params) {
                Ok((parts, problem)) => {
                    found.extend(parts);
                    not_examined = not_examined.or(problem);
                }
                Err(problem) => not_examined = Some(problem.to_string()),
            }
        }
        Ok(Uncovering { pages: found, not_examined })
    }

    /// The file's earlier revisions, oldest first: what was saved before each incremental update.
    pub fn revisions(&self) -> Vec<Cow<'_, [u8]>> {
        objects::revisions(self.bytes)
    }

    /// Hands each earlier revision that opens to `examine`, newest first.
    ///
    /// # Errors
    /// What `examine` gives.
    pub fn each_revision(
        &self,
        mut examine: impl FnMut(&Document<'_>) -> Result<(), InputProblem>,
    ) -> Result<(), InputProblem> {
        for bytes in self.revisions().into_iter().rev().take(MOST_REVISIONS) {
            // Some producers write an end mark without a whole file before it.
            if let Ok(document) = opened(self.library, &bytes) {
                examine(&document)?;
            }
        }
        Ok(())
    }

    /// Pages of earlier revisions that the file does not show any more because it has fewer pages now.
    ///
    /// # Errors
    /// [`InputProblem`] when such a page cannot be rendered.
    pub fn lost_pages(&self, params: &RenderParams) -> Result<Vec<Uncovered>, InputProblem> {
        let mut lost = Vec::new();
        for (revision, bytes) in self.revisions().into_iter().enumerate().rev().take(MOST_REVISIONS) {
            let Ok(document) = opened(self.library, &bytes) else { continue };
            for index in self.page_count()..document.page_count() {
                let page = document.render(index, params)?;
                let changed = vec![page.raster.bbox()];
                lost.push(Uncovered { cover: Cover::LaterRevisions(revision), page, changed });
            }
        }
        Ok(lost)
    }

    /// The small picture of the page that the file carries for file managers.
    pub fn thumbnail(&self, index: usize) -> Option<RgbImage> {
        let page = self.page(index).ok()?;
        let bitmap = page.embedded_thumbnail().ok()?;
        let (width, height) = (u32::try_from(bitmap.width()).ok()?, u32::try_from(bitmap.height()).ok()?);
        let bytes = bitmap.as_raw_bytes();
        let stride = bytes.len() / (height.max(1) as usize);
        let channels = match bitmap.format().ok()? {
            pdfium::PdfBitmapFormat::Gray => 1,
            pdfium::PdfBitmapFormat::BGR => 3,
            pdfium::PdfBitmapFormat::BGRx | pdfium::PdfBitmapFormat::BGRA => 4,
        };
        (width > 0 && height > 0 && stride >= width as usize * channels).then(|| {
            RgbImage::from_fn(width, height, |x, y| {
                let pixel = &bytes[y as usize * stride + x as usize * channels..][..channels];
                image::Rgb(if channels == 1 { [pixel[0]; 3] } else { [pixel[2], pixel[1], pixel[0]] })
            })
        })
    }

    /// Which glyphs of the text layer, given by their boxes, leave a trace in the page's pixels: a glyph that
    /// is covered, clipped or of its background's colour does not. `shown` is the page as displayed.
    ///
    /// # Errors
    /// [`InputProblem`] when the page cannot be rendered.
    pub fn glyphs_seen(
        &self,
        index: usize,
        shown: &RenderedPage,
        glyphs: &[Bbox],
        without: WithoutCovers,
    ) -> Result<Vec<bool>, InputProblem> {
        let frame = &shown.frame;
        let (annotations, covers) = match without {
            WithoutCovers::Nothing => (false, false),
            WithoutCovers::Annotations => (true, false),
            WithoutCovers::All => (true, true),
        };
        let uncovered = match without {
            WithoutCovers::Nothing => None,
            _ => Some(self.render_without(index, frame, LeftOut { annotations, covers, text_at: &[] })?),
        };
        let with = uncovered.as_ref().unwrap_or(&shown.raster.pixels);
        let bare = self.render_without(index, frame, LeftOut { annotations, covers, text_at: glyphs })?;
        Ok(glyphs.iter().map(|&glyph| is_seen(with, &bare, glyph)).collect())
    }

    fn render_without(&self, index: usize, frame: &PageFrame, left_out: LeftOut<'_>) -> Result<RgbImage, InputProblem> {
        let page = self.page(index)?;
        if left_out.covers {
            uncover(page.objects().iter().collect());
        }
        if !left_out.text_at.is_empty() {
            let unreadable = |_| InputProblem::Damaged("the page's text cannot be read".into());
            let text = page.text().map_err(unreadable)?;
            let mut places = Places::default();
            for char in text.chars().iter() {
                let bbox = super::text::pixels(places.next(&char), frame);
                if left_out.text_at.contains(&bbox)
                    && let Ok(object) = char.text_object()
                {
                    // A text object that PDFium will not switch off stays drawn and counts as seen.
                    let _ = PdfPageObject::Text(object).set_inactive();
                }
            }
        }
        let annotations = if left_out.annotations { Annotations::LeftOut } else { Annotations::Drawn };
        super::render::pixels_of(&page, frame, annotations)
    }

    /// The page without shapes and pictures drawn over others; `None` when it has none.
    fn without_covers(&self, index: usize, frame: &PageFrame) -> Result<Option<RgbImage>, InputProblem> {
        let page = self.page(index)?;
        if uncover(page.objects().iter().collect()) == 0 {
            return Ok(None);
        }
        super::render::pixels_of(&page, frame, Annotations::Drawn).map(Some)
    }

    fn may_have_visible_annotations(&self, index: usize) -> Result<bool, InputProblem> {
        let seen = self
            .structure()
            .ok()
            .and_then(|structure| structure.page(index).map(|page| structure.has_visible_annotations(page)));
        Ok(match seen {
            Some(seen) => seen,
            None => !self.page(index)?.annotations().is_empty(),
        })
    }

    /// The page's area with the pictures that reach well beyond it; `None` when none does.
    fn reach_of_pictures(&self, index: usize, structure: &Structure) -> Option<[f32; 4]> {
        /// Points: scans are often a little larger than their page.
        const BLEED: f32 = 10.0;
        let media = structure.boxes(index)?.media;
        let page = self.page(index).ok()?;
        let mut reach = media;
        for object in page.objects().iter() {
            if let (PdfPageObject::Image(_), Ok(bounds)) = (&object, object.bounds()) {
                reach[0] = reach[0].min(bounds.left().value);
                reach[1] = reach[1].min(bounds.bottom().value);
                reach[2] = reach[2].max(bounds.right().value);
                reach[3] = reach[3].max(bounds.top().value);
            }
        }
        media.iter().zip(reach).any(|(media, reach)| (media - reach).abs() > BLEED).then_some(reach)
    }

    /// The whole file with a kind of cover taken away from every page.
    fn variant(&self, structure: &Structure, cover: Cover) -> Result<Rc<Vec<u8>>, InputProblem> {
        if let Some(bytes) = self.variants.borrow().get(&cover) {
            return Ok(Rc::clone(bytes));
        }
        let bytes = Rc::new(variant::without(structure, cover)?);
        self.variants.borrow_mut().insert(cover, Rc::clone(&bytes));
        Ok(bytes)
    }
}

/// What is taken away before looking for glyphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithoutCovers {
    /// The page as displayed.
    Nothing,
    /// Annotations and form fields.
    Annotations,
    /// Annotations, form fields, and what is drawn over text and pictures.
    All,
}

/// Switches off the objects that are drawn over earlier text or pictures; how many there were.
fn uncover(mut drawn: Vec<PdfPageObject<'_>>) -> usize {
    let mut below: Vec<[f32; 4]> = Vec::new();
    let mut outlines: Vec<[f32; 4]> = Vec::new();
    let mut covers = 0;
    for object in &mut drawn {
        let Ok(bounds) = object.bounds() else { continue };
        let bounds = [bounds.left().value, bounds.bottom().value, bounds.right().value, bounds.top().value];
        let overlaps = |other: &[f32; 4]| {
            bounds[2].min(other[2]) - bounds[0].max(other[0]) > OVERLAP
                && bounds[3].min(other[3]) - bounds[1].max(other[1]) > OVERLAP
        };
        let is_over_outlines = || is_plain_shape(object) && outlines.iter().any(overlaps);
        if can_cover(object) && (below.iter().any(overlaps) || is_over_outlines()) {
            covers += usize::from(object.set_inactive().is_ok());
            continue;
        }
        if let PdfPageObject::XObjectForm(form) = object {
            covers += uncover(form.iter().collect());
        }
        if matches!(object, PdfPageObject::Text(_) | PdfPageObject::Image(_) | PdfPageObject::XObjectForm(_)) {
            below.push(bounds);
        }
        if is_outline(object) {
            outlines.push(bounds);
        }
    }
    covers
}

/// True for a filled path of as many pieces as a character's outline has, when text was turned into paths: 一 has eight.
fn is_outline(object: &PdfPageObject<'_>) -> bool {
    let PdfPageObject::Path(path) = object else { return false };
    path.segments().len() >= 8 && path.fill_mode().is_ok_and(|mode| mode != PdfPathFillMode::None)
}

/// True for a path of no more pieces than a rectangle has, closed twice, and for what is no path.
fn is_plain_shape(object: &PdfPageObject<'_>) -> bool {
    !matches!(object, PdfPageObject::Path(path) if path.segments().len() > 6)
}

fn can_cover(object: &PdfPageObject<'_>) -> bool {
    match object {
        PdfPageObject::Path(path) => {
            path.fill_mode().is_ok_and(|mode| mode != PdfPathFillMode::None)
                || (path.is_stroked().unwrap_or(false) && path.stroke_width().is_ok_and(|width| width.value >= THICK))
        }
        PdfPageObject::Image(_) | PdfPageObject::Shading(_) | PdfPageObject::XObjectForm(_) => true,
        PdfPageObject::Text(_) | PdfPageObject::Unsupported(_) => false,
    }
}

/// True when a glyph in this box shows in `with`, which differs from `bare` in nothing but glyphs.
pub(super) fn is_seen(with: &RgbImage, bare: &RgbImage, glyph: Bbox) -> bool {
    differ(with, bare, glyph, GLYPH_SEEN)
}

/// True when the two differ visibly inside the box.
fn differ(a: &RgbImage, b: &RgbImage, bbox: Bbox, least: u8) -> bool {
    let bbox = bbox.clamped(a.width(), a.height());
    let row_bytes = a.width() as usize * 3;
    (bbox.top as usize..bbox.bottom as usize).any(|y| {
        let part = y * row_bytes + bbox.left as usize * 3..y * row_bytes + bbox.right as usize * 3;
        let (a, b) = (&a.as_raw()[part.clone()], &b.as_raw()[part]);
        // Nearly all rows are the same: comparing them whole is many times faster.
        a != b && a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > least)
    })
}

/// True when something can be made out in `after` that cannot in `before`. A cell that turns into blank paper
/// reveals nothing; nor does one whose print stood out before too, as print does between the strokes of a stamp.
fn reveals(before: &RgbImage, after: &RgbImage, cell: Bbox) -> bool {
    /// Difference in brightness from which print stands out of paper: pale print on a scan has 60.
    const STANDS_OUT: f32 = 40.0;
    /// Share of that difference which, if seen before, leaves nothing to be revealed.
    const SEEN_BEFORE: f32 = 0.5;
    let brightness = |image: &RgbImage, x: i32, y: i32| {
        let [r, g, b] = image.get_pixel(x as u32, y as u32).0;
        (f32::from(r) + f32::from(g) + f32::from(b)) / 3.0
    };
    let places = || (cell.top..cell.bottom).flat_map(|y| (cell.left..cell.right).map(move |x| (x, y)));
    let (mut darkest, mut brightest) = (255.0_f32, 0.0_f32);
    for (x, y) in places() {
        let value = brightness(after, x, y);
        (darkest, brightest) = (darkest.min(value), brightest.max(value));
    }
    if brightest - darkest < STANDS_OUT {
        return false;
    }
    let middle = f32::midpoint(darkest, brightest);
    // Number, sum before and sum after of the dark pixels and of the bright ones.
    let mut sums = [[0.0_f32; 3]; 2];
    for (x, y) in places() {
        let value = brightness(after, x, y);
        let sum = &mut sums[usize::from(value > middle)];
        *sum = [sum[0] + 1.0, sum[1] + brightness(before, x, y), sum[2] + value];
    }
    let contrast = |column: usize| sums[1][column] / sums[1][0].max(1.0) - sums[0][column] / sums[0][0].max(1.0);
    contrast(1) < SEEN_BEFORE * contrast(2)
}

/// Boxes around where something appears, merged where they are near; everything when the sizes differ.
pub(crate) fn changes(before: &RgbImage, after: &RgbImage) -> Vec<Bbox> {
    /// Cells of this many pixels: about a character at 200 dpi, so that a line's changes come together.
    const CELL: u32 = 32;
    let whole = Bbox::from_ltrb(0, 0, i32::MAX, i32::MAX).clamped(after.width(), after.height());
    if before.dimensions() != after.dimensions() {
        return vec![whole];
    }
    let mut boxes: Vec<Bbox> = Vec::new();
    for top in (0..after.height()).step_by(CELL as usize) {
        for left in (0..after.width()).step_by(CELL as usize) {
            let cell = Bbox::from_ltrb(left as i32, top as i32, (left + CELL) as i32, (top + CELL) as i32);
            let cell = cell.clamped(after.width(), after.height());
            if differ(before, after, cell, CHANGED) && reveals(before, after, cell) {
                boxes.push(cell);
            }
        }
    }
    merged(boxes)
}

/// Touching boxes joined until none touch.
fn merged(mut boxes: Vec<Bbox>) -> Vec<Bbox> {
    let mut done: Vec<Bbox> = Vec::new();
    while let Some(mut bbox) = boxes.pop() {
        while let Some(at) = done.iter().position(|&other| !bbox.expanded(1, 1).intersection(other).is_empty()) {
            bbox = bbox.union(done.swap_remove(at));
        }
        done.push(bbox);
    }
    done.sort_by_key(|bbox| (bbox.top, bbox.left));
    done
}

#[cfg(test)]
mod tests;
