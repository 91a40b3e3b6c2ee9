//! A cover's place → the applicant's name or unit where it shows through the cover, or between a pen's strokes: the
//! place is read in several pictures of it.

use image::RgbImage;

use super::pen;
use super::shades::page_paper;
use super::solid::{self, Extent};
use super::{FoundMark, glyphs};
use crate::error::Result;
use crate::geometry::{Bbox, Point, Quad};
use crate::identity::{Evidence, Identity, Kind, TextMatch};
use crate::ocr::TextLine;
use crate::ocr::lattice::Lattice;
use crate::ocr::read::{ReadParams, Reader};
use crate::raster::{self, Raster};
use crate::report::MarkStyle;

/// What of the applicant's was made out.
pub(super) struct Seen {
    pub(super) kind: Kind,
    pub(super) keyword: String,
    pub(super) by: By,
}

/// How it was made out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum By {
    /// It fits what is left of the characters better than other texts do.
    Fit,
    /// It was read without a pen's strokes, or with them, if perhaps not without doubt.
    Reading { is_certain: bool },
    /// It was read with the contrast stretched.
    Stretching,
}

/// What shows of the applicant's name or unit at the place of a cover that lies in `line`'s row.
///
/// # Errors
/// [`crate::Error::Model`] when reading fails.
pub(super) fn seen(
    mark: &FoundMark,
    page: &Raster,
    line: &TextLine,
    identity: &Identity,
    reader: &Reader,
) -> Result<Option<Seen>> {
    let em = glyphs::em_or_usual(line);
    let mut pictures = Vec::new();
    if !mark.is_pen() {
        let (bbox, inside) = place(mark, page, line);
        if bbox.is_empty() {
            return Ok(None);
        }
        pictures.push((stretched(&raster::crop(&page.pixels, bbox), inside, bbox), By::Stretching));
    }
    if !mark.is_opaque() || mark.colour.is_none() {
        let by = By::Reading { is_certain: false };
        let crop = raster::crop(&page.pixels, around(mark.bbox, em).clamped(page.width(), page.height()));
        let cleared = pen::cleared(&crop, em).filter(pen::Cleared::is_inked);
        pictures.extend(cleared.map(|cleared| (cleared.picture, by)));
        pictures.extend(mark.is_pen().then_some((crop, by)));
    }
    told(pictures, em, identity, reader)
}

/// A place in a row with the characters beside it, as high as a row is read best: type that is much lower than the
/// picture is read badly.
fn around(place: Bbox, em: f32) -> Bbox {
    /// Ems before and after the place, and height of all.
    const BESIDE: f32 = 0.6;
    const HEIGHT: f32 = 1.5;
    let missing = (HEIGHT * em) as i32 - place.height();
    place.expanded((em * BESIDE) as i32, (missing / 2).max(0))
}

/// What shows of the applicant's name or unit in a place of which a cover hides a part.
///
/// # Errors
/// [`crate::Error::Model`] when reading fails.
pub(super) fn seen_beside(
    place: Bbox,
    page: &Raster,
    em: f32,
    identity: &Identity,
    reader: &Reader,
) -> Result<Option<Seen>> {
    let bbox = around(place, em).clamped(page.width(), page.height());
    if bbox.is_empty() {
        return Ok(None);
    }
    let picture = raster::crop(&page.pixels, bbox);
    told(vec![(picture, By::Reading { is_certain: false })], em, identity, reader)
}

/// What pictures of a place are read as, when that is the applicant's, or what fits them; each with how it was made.
fn told(pictures: Vec<(RgbImage, By)>, em: f32, identity: &Identity, reader: &Reader) -> Result<Option<Seen>> {
    let (pictures, how): (Vec<RgbImage>, Vec<By>) = pictures.into_iter().unzip();
    let read = reader.read(&pictures, &ReadParams::default())?.into_iter().zip(&pictures).zip(how);
    Ok(read
        .filter_map(|((lattice, picture), by)| in_picture(lattice, picture, em, by, identity))
        .max_by_key(|seen| seen.by))
}

/// What a picture of a place was read as, when that is the applicant's, or what fits it.
fn in_picture(lattice: Lattice, picture: &RgbImage, em: f32, by: By, identity: &Identity) -> Option<Seen> {
    let quad = Quad::from_bbox(Bbox::from_ltrb(0, 0, picture.width() as i32, picture.height() as i32));
    let line = TextLine { quad, lattice };
    let is_read =
        |found: &TextMatch| !matches!(found.evidence, Evidence::Illegible { .. } | Evidence::OneCharacter { .. });
    if let Some(found) = identity.search(std::slice::from_ref(&line)).into_iter().find(is_read) {
        let by = if by == By::Stretching { by } else { By::Reading { is_certain: found.certain } };
        return Some(Seen { kind: found.kind, keyword: found.keyword, by });
    }
    let per_em = line.lattice.frames() as f32 * em / picture.width().max(1) as f32;
    let likely = identity.likely_in(&line.lattice, per_em);
    likely.map(|likely| Seen { kind: likely.kind, keyword: likely.keyword, by: By::Fit })
}

/// What of the page is read, and the part of it that the cover takes.
fn place(mark: &FoundMark, page: &Raster, line: &TextLine) -> (Bbox, Bbox) {
    if mark.style == MarkStyle::Solid {
        // A dark cover's edge would take the whole range. What shows through it at its ends is of another shade than the rest.
        let most = Extent { width: i32::MAX, height: mark.bbox.height() * 2 };
        let paper = page_paper(page, mark.bbox);
        let inked = solid::inked_extent(&page.pixels, mark.bbox, paper, most).unwrap_or(mark.bbox);
        let bbox = inked.union(mark.bbox).expanded(-2, -2).clamped(page.width(), page.height());
        return (bbox, bbox);
    }
    let grown = (line.quad.thickness() * 0.3) as i32;
    (mark.bbox.expanded(grown, grown / 2).clamped(page.width(), page.height()), mark.bbox)
}

/// The crop in grey with the luma under the cover spread over the whole range; `mark` and `crop_at` are page
/// pixels.
fn stretched(crop: &RgbImage, mark: Bbox, crop_at: Bbox) -> RgbImage {
    let inside = Bbox::from_ltrb(
        mark.left - crop_at.left,
        mark.top - crop_at.top,
        mark.right - crop_at.left,
        mark.bottom - crop_at.top,
    );
    let mut lumas: Vec<u8> = crop
        .enumerate_pixels()
        .filter(|(x, y, _)| inside.contains(Point::new(*x as f32, *y as f32)))
        .map(|(_, _, p)| raster::luma(p.0))
        .collect();
    lumas.sort_unstable();
    let at = |share: f32| lumas.get((lumas.len() as f32 * share) as usize).copied().unwrap_or(0);
    let (low, high) = (f32::from(at(0.02)), f32::from(at(0.98)));
    let range = (high - low).max(1.0);
    RgbImage::from_fn(crop.width(), crop.height(), |x, y| {
        let luma = f32::from(raster::luma(crop.get_pixel(x, y).0));
        image::Rgb([((luma - low) / range * 255.0).clamp(0.0, 255.0) as u8; 3])
    })
}
