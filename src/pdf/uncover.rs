//! PDF page → what it shows when covers that can be taken away are taken away: annotations, layers, shapes
//! and pictures drawn over others, soft masks, the crop box, later revisions. Whether anything of interest
//! appears is asked elsewhere.

mod differences;
mod drawn_over;
mod gallery;
mod leftover;
mod parts;
mod pictures;
mod placements;
mod variant;

use std::borrow::Cow;
use std::rc::Rc;

use image::RgbImage;
use pdfium_render::prelude::{self as pdfium, PdfPageObject, PdfPageObjectCommon, PdfPageObjectsCommon};
use serde::{Deserialize, Serialize};

use super::objects::{self, Structure};
use super::render::{Annotations, PageFrame, RenderParams, RenderedPage};
use super::text::Places;
use super::{Document, opened};
use crate::error::InputProblem;
use crate::geometry::Bbox;
pub(crate) use differences::changes;
pub(super) use differences::is_seen;
use drawn_over::uncover;
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

#[cfg(test)]
mod tests;
