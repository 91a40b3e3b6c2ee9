//! A page's pictures → what they hold that the page does not show of them: under masks of their own, outside clips,
//! transparent, in one level, or too small.

use lopdf::ObjectId;

use super::gallery::Gallery;
use super::placements::Shown;
use super::{Cover, Uncovered, changes};
use crate::error::InputProblem;
use crate::geometry::Bbox;
use crate::pdf::objects::Structure;
use crate::pdf::render::{RenderParams, RenderedPage};
use crate::pdf::{Document, opened};

/// Pictures of one page that are looked at; more are icons and ornaments, or reported as not examined.
const MOST: usize = 64;

impl Document<'_> {
    /// The page's pictures that hold something that it does not show, each as a page of its own; and why some could
    /// not be looked at.
    pub(super) fn parts_of_pictures(
        &self,
        index: usize,
        structure: &Structure,
        params: &RenderParams,
    ) -> Result<(Vec<Uncovered>, Option<String>), InputProblem> {
        let mut suspicious: Vec<(ObjectId, Shown, bool)> = structure
            .placed_pictures(index)
            .into_iter()
            .filter(|&(picture, _)| structure.is_legible(picture))
            .map(|(picture, shown)| (picture, shown, structure.hides_parts(picture)))
            .filter(|&(_, shown, masked)| masked || shown != Shown::Whole)
            .collect();
        if suspicious.is_empty() {
            return Ok((Vec::new(), None));
        }
        let too_many =
            (suspicious.len() > MOST).then(|| format!("{} pictures are shown in part only", suspicious.len()));
        suspicious.truncate(MOST);
        let mut gallery = Gallery::new(structure);
        let mut places = Vec::new();
        for &(picture, shown, masked) in &suspicious {
            let bare = gallery.len();
            gallery.picture(picture, true, params.dpi);
            let dressed = (masked && shown == Shown::Whole).then(|| gallery.len());
            if dressed.is_some() {
                gallery.picture(picture, false, params.dpi);
            }
            places.push((bare, dressed, shown));
        }
        let bytes = gallery.finished()?;
        let document = opened(self.library, &bytes)?;
        let mut found = Vec::new();
        for (bare, dressed, shown) in places {
            let page = document.render(bare, params)?;
            let changed = match (dressed, shown) {
                (Some(dressed), _) => changes(&document.render(dressed, params)?.raster.pixels, &page.raster.pixels),
                (None, Shown::Part(part)) => outside(part, &page),
                (None, _) => vec![page.raster.bbox()],
            };
            if !changed.is_empty() {
                found.push(Uncovered { cover: Cover::PictureParts, page, changed });
            }
        }
        Ok((found, too_many))
    }
}

/// The strips of a picture around the part that is shown.
fn outside([x0, y0, x1, y1]: [f64; 4], page: &RenderedPage) -> Vec<Bbox> {
    let (width, height) = (page.raster.width() as i32, page.raster.height() as i32);
    let across = |x: f64| (x * f64::from(width)).round() as i32;
    let down = |y: f64| ((1.0 - y) * f64::from(height)).round() as i32;
    let strips = [
        Bbox::from_ltrb(0, 0, across(x0), height),
        Bbox::from_ltrb(across(x1), 0, width, height),
        Bbox::from_ltrb(0, 0, width, down(y1)),
        Bbox::from_ltrb(0, down(y0), width, height),
    ];
    strips.into_iter().filter(|strip| !strip.is_empty()).collect()
}
