//! Two covers of a row + what stands open between them → whether that is the middle of the applicant's name or unit. The
//! covers are painted with the paper's colour and the place is read again: beside a block characters are misread, and
//! those that it cuts are read as none.

use image::{Rgb, RgbImage};

use super::FoundMark;
use super::band::LIKE_BLOCKS;
use super::glyphs;
use super::left::{LeftOver, Legible, READABLE_NAME, READABLE_UNIT, SHORT_NAME, SOME_OF_UNIT, SOME_UNIT};
use super::shades::page_paper;
use crate::error::Result;
use crate::geometry::Bbox;
use crate::identity::is_han;
use crate::identity::{Identity, Kind, fold};
use crate::ocr::TextLine;
use crate::ocr::lattice::Lattice;
use crate::ocr::read::{ReadParams, Reader};
use crate::raster::{self, Raster};

/// Height that two covers of one row share, in the lower one's.
const SHARED: f32 = 0.6;
/// Least width of what stands open in the covers' height: half a character.
const LEAST_OPEN: f32 = 0.25;
/// Widest, in the same: more than the longest unit's middle is another text.
const MOST_OPEN: f32 = 16.0;
/// Paper in ems that is read around the covers.
const MARGIN: f32 = 0.3;
/// Rim of a cover that is mixed with paper, pixels.
const RIM: i32 = 3;
/// Ems by which the covers and what stands between them may be shorter or longer together than the name or unit: covers
/// reach beyond what they hide.
const SHORTER: f32 = 1.2;
/// Factor by which the type may be smaller than measured: beside covers characters are read further apart than they are.
const WIDE: f32 = 1.2;
const LONGER: f32 = 2.5;

/// For each cover the next one of its row when something may stand open between them.
pub(super) fn next_covers(marks: &[FoundMark]) -> Vec<Option<Bbox>> {
    let next = |mark: &FoundMark| {
        let own = mark.bbox;
        let follows = marks.iter().filter(|mark| mark.is_block()).map(|other| other.bbox).filter(|other| {
            let low = own.height().min(other.height());
            let shared = own.bottom.min(other.bottom) - own.top.max(other.top);
            let open = (other.left - own.right) as f32 / low as f32;
            shared as f32 >= SHARED * low as f32 && (LEAST_OPEN..=MOST_OPEN).contains(&open)
        });
        follows.min_by_key(|other| other.left)
    };
    marks.iter().map(|mark| if mark.is_block() { next(mark) } else { None }).collect()
}

/// The size in pixels of the type that stands open between two covers.
pub(super) fn em(first: Bbox, second: Bbox, lines: &[TextLine]) -> Option<f32> {
    let open = Bbox::from_ltrb(first.right, first.top.max(second.top), second.left, first.bottom.min(second.bottom));
    let shared = |line: &TextLine| line.quad.bbox().intersection(open).area();
    let own = lines.iter().filter(|line| shared(line) > 0).max_by_key(|line| shared(line))?;
    Some(glyphs::em_among(own, lines))
}

/// What of the name or unit stands open between the covers at `first` and `second`; `em` in pixels.
///
/// # Errors
/// [`crate::Error::Model`] when reading fails.
pub(super) fn of_middle(
    page: &Raster,
    first: Bbox,
    second: Bbox,
    em: f32,
    identity: &Identity,
    reader: &Reader,
) -> Result<Option<LeftOver>> {
    let covers = first.union(second);
    let ems = covers.width() as f32 / em;
    let may_be = |length: usize| ems * WIDE >= length as f32 - SHORTER && ems <= length as f32 + LONGER;
    let texts: Vec<(Kind, &String, Vec<char>)> = identity
        .own_texts()
        .map(|(kind, text)| (kind, text, text.chars().filter(|&c| is_han(c)).collect::<Vec<char>>()))
        .filter(|(_, text, chars)| chars.len() >= 2 && may_be(text.chars().count()))
        .collect();
    if texts.is_empty() {
        return Ok(None);
    }
    let margin = (em * MARGIN) as i32;
    let place = covers.expanded(margin, margin / 2).clamped(page.width(), page.height());
    let picture = painted(page, place, [first, second]);
    let Some(lattice) = reader.read(std::slice::from_ref(&picture), &ReadParams::default())?.into_iter().next() else {
        return Ok(None);
    };
    let open = Bbox::from_ltrb(first.right, covers.top, second.left, covers.bottom);
    let read = han(&lattice);
    let left = texts.iter().filter_map(|(kind, text, chars)| {
        let shown = longest_common(&read, chars).min(chars.len() - 1);
        let legible = legible(*kind, shown, chars.len())?;
        Some(LeftOver { kind: *kind, keyword: (*text).clone(), shown, legible, bbox: open })
    });
    if let Some(left) = left.max_by_key(|left| (left.legible, left.shown)) {
        return Ok(Some(left));
    }
    let per_em = lattice.frames() as f32 * em / picture.width().max(1) as f32;
    let likely =
        identity.likely_in(&lattice, per_em).filter(|likely| texts.iter().any(|text| *text.1 == likely.keyword));
    Ok(likely.map(|likely| {
        let shown = likely.keyword.chars().count() - 1;
        LeftOver { kind: likely.kind, keyword: likely.keyword, shown, legible: Legible::Some, bbox: open }
    }))
}

/// A part of the page with the covers painted over in the paper's colour.
fn painted(page: &Raster, place: Bbox, covers: [Bbox; 2]) -> RgbImage {
    let paper = page_paper(page, place);
    let mut picture = raster::crop(&page.pixels, place);
    for cover in covers.map(|cover| cover.expanded(RIM, RIM).intersection(place)) {
        for y in cover.top..cover.bottom {
            for x in cover.left..cover.right {
                picture.put_pixel((x - place.left) as u32, (y - place.top) as u32, Rgb([paper; 3]));
            }
        }
    }
    picture
}

/// The Chinese characters that were read but for what the rest of a block looks like.
fn han(lattice: &Lattice) -> Vec<char> {
    let path = lattice.best_path();
    let chars = path.iter().filter_map(|read| lattice.alphabet().text(read.symbol).chars().next());
    chars.filter(|&c| is_han(c) && !LIKE_BLOCKS.contains(c)).flat_map(fold).collect()
}

/// Characters of the longest run that two texts have in common.
fn longest_common(read: &[char], own: &[char]) -> usize {
    let own: Vec<char> = own.iter().copied().flat_map(fold).collect();
    let common = |i: usize, j: usize| read[i..].iter().zip(&own[j..]).take_while(|(a, b)| a == b).count();
    (0..read.len()).flat_map(|i| (0..own.len()).map(move |j| (i, j))).map(|(i, j)| common(i, j)).max().unwrap_or(0)
}

/// How much `shown` characters in a row from the middle of a name or unit tell; `None` for too few.
fn legible(kind: Kind, shown: usize, count: usize) -> Option<Legible> {
    let share = shown as f32 / count as f32;
    match kind {
        Kind::Name if shown >= 2 && share >= READABLE_NAME => Some(Legible::Enough),
        Kind::Name if shown >= 2 || shown == 1 && count <= SHORT_NAME => Some(Legible::Some),
        Kind::Unit if share >= READABLE_UNIT => Some(Legible::Enough),
        Kind::Unit if share >= SOME_UNIT && shown >= SOME_OF_UNIT => Some(Legible::Some),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Hides, MarkStyle};
    use super::*;

    fn cover(left: i32, right: i32) -> FoundMark {
        FoundMark::new(Bbox::from_ltrb(left, 100, right, 136), MarkStyle::Solid, Hides::Line(0))
    }

    #[test]
    fn a_cover_is_followed_by_the_next_one_of_its_row() {
        let below = FoundMark { bbox: Bbox::from_ltrb(150, 160, 200, 196), ..cover(0, 1) };
        let marks = [cover(100, 130), cover(300, 330), cover(190, 220), below];
        let next = next_covers(&marks);
        assert_eq!(next, [Some(marks[2].bbox), None, Some(marks[1].bbox), None]);
    }

    #[test]
    fn the_middle_of_a_name_or_unit_tells_it_by_its_share() {
        let left = |read: &str, own: &str, kind| {
            let own: Vec<char> = own.chars().collect();
            legible(kind, longest_common(&read.chars().collect::<Vec<_>>(), &own), own.len())
        };
        assert_eq!(left("阳文", "欧阳文静", Kind::Name), Some(Legible::Enough));
        assert_eq!(left("志", "陈志远", Kind::Name), Some(Legible::Some));
        assert_eq!(left("勤县巴仁乡卫三", "疏勒县巴仁乡卫生院", Kind::Unit), Some(Legible::Some));
        assert_eq!(left("河县人民医", "青河县人民医院", Kind::Unit), Some(Legible::Enough));
        assert_eq!(left("县人民医", "江口县第四人民医院", Kind::Unit), None, "of any hospital");
        assert_eq!(left("文海", "李明", Kind::Name), None);
    }
}
