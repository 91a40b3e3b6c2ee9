//! A cover + the characters of its row → characters of the applicant's name that stand open right beside it, read by
//! themselves. In their line, beside a black block, rare ones are read as others; here it is asked whether they may be
//! the name's.

use std::ops::Range;

use image::RgbImage;

use super::cut::Type;
use super::left::{self, LeftOver, Legible};
use super::row::{Placed, mirrored};
use crate::error::Result;
use crate::geometry::{Bbox, Quad};
use crate::identity::{Identity, Kind, SearchParams};
use crate::ocr::crop::column_as_row;
use crate::ocr::lattice::Lattice;
use crate::ocr::read::{ReadParams, Reader};
use crate::raster::{self, Raster};

/// Paper in ems above and below the type that is read with it.
const MARGIN: f32 = 0.2;
/// Ems beyond the characters looked for that are read with them: covers stand a little off.
const SLACK: f32 = 0.6;
/// How far in ems a character's middle may be off its place beside the cover.
const OFF: f32 = 0.6;
/// Posterior from which a character counts as read.
const READ: f32 = 0.6;

/// Characters of the applicant's name beside the cover at `mark`; `None` when nothing there may be one of them. `mark` and
/// `row` are mirrored when `is_column`.
///
/// # Errors
/// [`crate::Error::Model`] when reading fails.
pub(super) fn of_name(
    page: &Raster,
    mark: Bbox,
    row: &[Placed],
    is_column: bool,
    identity: &Identity,
    reader: &Reader,
) -> Result<Option<LeftOver>> {
    let Some(name) = left::short_name(&identity.applicant().name) else { return Ok(None) };
    let Some(kind) = Type::of(page, mark, row, is_column) else { return Ok(None) };
    let most = name.len() - 1;
    let reach = ((most as f32 + SLACK) * kind.em) as i32;
    let margin = (kind.em * MARGIN) as i32;
    let (top, bottom) = (kind.top - margin, kind.bottom + margin);
    let after = Bbox::from_ltrb(mark.right + 1, top, mark.right + reach, bottom);
    let before = Bbox::from_ltrb(mark.left - reach, top, mark.left - 1, bottom);
    let mut found: Option<Open> = None;
    for (bbox, is_after) in [(before, false), (after, true)] {
        let on_page = if is_column { mirrored(bbox) } else { bbox };
        let on_page = on_page.clamped(page.width(), page.height());
        let Some(crop) = crop(page, on_page, is_column) else { continue };
        let Some(lattice) = reader.read(&[crop], &ReadParams::default())?.into_iter().next() else { continue };
        let ems = if is_column { on_page.height() } else { on_page.width() } as f32 / kind.em;
        let open = open(&lattice, ems, &name, is_after);
        if let Some((count, is_read)) = open {
            let long = (count as f32 * kind.em) as i32;
            let bbox = if is_after {
                Bbox::from_ltrb(mark.right, kind.top, mark.right + long, kind.bottom)
            } else {
                Bbox::from_ltrb(mark.left - long, kind.top, mark.left, kind.bottom)
            };
            let this = Open { count, is_read, bbox };
            if found.as_ref().is_none_or(|found| (found.is_read, found.count) < (is_read, count)) {
                found = Some(this);
            }
        }
    }
    Ok(found.map(|open| {
        let is_enough = open.is_read && open.count as f32 >= left::READABLE_NAME * name.len() as f32;
        LeftOver {
            kind: Kind::Name,
            keyword: identity.applicant().name.clone(),
            shown: open.count,
            legible: if is_enough { Legible::Enough } else { Legible::Some },
            bbox: if is_column { mirrored(open.bbox) } else { open.bbox },
        }
    }))
}

/// Characters that stand open on one side of a cover.
struct Open {
    count: usize,
    /// True when each of them is the best reading.
    is_read: bool,
    bbox: Bbox,
}

fn crop(page: &Raster, bbox: Bbox, is_column: bool) -> Option<RgbImage> {
    if bbox.is_empty() {
        return None;
    }
    if is_column { column_as_row(page, &Quad::from_bbox(bbox)) } else { Some(raster::crop(&page.pixels, bbox)) }
}

/// The longest end of the name with which what is read after a cover begins, or the longest beginning with which what is
/// read before it ends, and whether it was read so. `ems` is the length of what was read.
fn open(lattice: &Lattice, ems: f32, name: &[char], is_after: bool) -> Option<(usize, bool)> {
    let SearchParams { loose, worst, .. } = SearchParams::default();
    let path = lattice.best_path();
    let per_frame = ems / lattice.frames().max(1) as f32;
    let middle = |frames: &Range<usize>| (frames.start + frames.end) as f32 / 2.0 * per_frame;
    (1..name.len()).rev().find_map(|count| {
        let part = if is_after { &name[name.len() - count..] } else { &name[..count] };
        let ratios = part.iter().enumerate().map(|(index, &c)| {
            let place = if is_after { index as f32 + 0.5 } else { ems - (count - index) as f32 + 0.5 };
            let near = path.iter().filter(|read| (middle(&read.frames) - place).abs() < OFF);
            let ratio = |read: &crate::ocr::lattice::ReadSymbol| match lattice.alphabet().symbol(c) {
                Some(symbol) if symbol == read.symbol => {
                    if read.score >= READ {
                        0.0
                    } else {
                        -f32::EPSILON
                    }
                }
                Some(symbol) => {
                    read.frames.clone().map(|t| lattice.relative(t, symbol)).fold(f32::MIN, f32::max).min(-f32::EPSILON)
                }
                // The model cannot read it: it reads something, and doubts.
                None if read.score < READ => loose,
                None => f32::MIN,
            };
            near.map(ratio).fold(f32::MIN, f32::max)
        });
        let ratios: Vec<f32> = ratios.collect();
        let mean = ratios.iter().sum::<f32>() / count as f32;
        let fits = mean >= loose && ratios.iter().all(|&ratio| ratio >= worst);
        fits.then(|| (count, ratios.iter().all(|&ratio| ratio >= 0.0)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ocr::lattice::Alphabet;
    use std::sync::Arc;

    /// Two characters of an em each, in four frames; the second and third ones with these posteriors of 方 and 昉.
    fn lattice(posteriors: [f32; 2]) -> Lattice {
        let alphabet = Arc::new(Alphabet::from_lines("方\n昉\n性"));
        let [fang, rare] = posteriors;
        let blank = [1.0, 0.0, 0.0, 0.0, 0.0];
        let first = [1.0 - fang - rare, fang, rare, 0.0, 0.0];
        let second = [0.02, 0.0, 0.0, 0.98, 0.0];
        Lattice::from_posteriors(&alphabet, &[blank, first, blank, blank, blank, second, blank, blank].concat())
    }

    #[test]
    fn a_rare_character_that_is_read_as_a_similar_one_may_be_the_names() {
        assert_eq!(open(&lattice([0.0, 0.97]), 2.0, &['李', '昉'], true), Some((1, true)));
        assert_eq!(open(&lattice([0.9, 0.05]), 2.0, &['李', '昉'], true), Some((1, false)));
        assert_eq!(open(&lattice([0.97, 1e-6]), 2.0, &['李', '昉'], true), None, "clearly another");
    }

    #[test]
    fn a_character_that_the_model_cannot_read_may_be_one_that_is_read_with_doubt() {
        assert_eq!(open(&lattice([0.5, 0.2]), 2.0, &['李', '翯'], true), Some((1, false)));
        assert_eq!(open(&lattice([0.97, 0.0]), 2.0, &['李', '翯'], true), None);
    }

    #[test]
    fn a_character_of_the_name_further_off_is_no_part_of_it() {
        assert_eq!(open(&lattice([0.97, 0.0]), 2.0, &['李', '性'], true), None);
        assert_eq!(open(&lattice([0.97, 0.0]), 2.0, &['性', '李'], false), Some((1, true)), "before the cover");
    }
}
