//! A solid cover + the characters of its row → strokes of characters that the cover cuts: what stands out above, below or
//! beside it, by which a person may still know them. What is left of a cut character is seldom read as what it was, so
//! that it is looked for in the pixels.

use std::ops::Range;

use image::{GrayImage, Luma};
use imageproc::distance_transform::Norm;
use imageproc::morphology::{dilate, erode};

use super::median;
use super::part::Part;
use super::row::{Placed, mirrored};
use super::shades::page_paper;
use super::solid::{self, Extent};
use super::window::darkest_paper;
use crate::geometry::Bbox;
use crate::identity::is_han;
use crate::raster::{COLOURED, Raster, chroma, luma, percentile, runs};

/// Channel difference from a cover's colour up to which a pixel may be of it: the rim that JPEG makes is mixed with paper.
const LIKE: u8 = 40;
/// Height of a Chinese character's ink in ems; the four usual styles have 0.88 to 0.94.
const INK: f32 = 0.9;
/// Characters of the row that tell how high it is and where: the nearest, since rows may slant.
const NEAREST: usize = 5;
/// Half the side in ems of the square that fits into a cover and not into a stroke: strokes of bold type are 0.14 em thick.
const HALF_SQUARE: f32 = 0.11;
/// Rim of a cover in ems, and in pixels at least, that JPEG and scanners make of its edge.
const RIM: f32 = 0.06;
const LEAST_RIM: u8 = 2;
/// Ink that runs on so far along or across, in ems, is a rule.
const RULE_ALONG: f32 = 2.2;
const RULE_ACROSS: f32 = 1.5;
/// Least open height above or below a cover in ems: a cover that is as tight as this leaves the ends of strokes.
const LEAST_OPEN: f32 = 0.15;
/// Least height in ems of the strokes that stand out, and how many columns of them.
const LEAST_HEIGHT: f32 = 0.12;
const LEAST_COLUMNS: f32 = 0.35;
/// A cut stroke ends at the cover: gap in ems beside the cover's rim.
const TOUCHES: f32 = 0.12;
/// Width in ems of a character cut at its side: less is a stroke's end, more a whole character whose margin is covered.
const WIDTH: std::ops::RangeInclusive<f32> = 0.18..=0.64;
/// Least height in ems of its strokes: punctuation has less.
const SIDE_HEIGHT: f32 = 0.5;
/// Bare paper in ems after which another character begins; the parts of one lie closer together.
const BARE: f32 = 0.14;
/// Distance in ems from the cover from which a character's middle is a whole one's.
const WHOLE: f32 = 0.36;

/// Where a cover cuts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Above or below, all along the cover.
    Along,
    /// Before or after it.
    End,
}

/// Strokes that stand out beside a cover.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cut {
    pub(super) side: Side,
    /// As the cover's own box is given: mirrored for a column.
    pub(super) bbox: Bbox,
}

/// The block within a cover's box: what is grown over ink of any colour takes rows of characters with it.
pub(super) fn block(page: &Raster, mark: Bbox) -> Option<(Bbox, [u8; 3])> {
    /// Share of the box that the block takes at least; a scribble has no block.
    const LEAST: f32 = 0.4;
    let look = Part::of(page, mark, false)?;
    let mut channels = [[0u32; 256]; 3];
    for y in 0..look.height() {
        for x in 0..look.width() {
            for (histogram, value) in channels.iter_mut().zip(look.pixel(x, y)) {
                histogram[usize::from(value)] += 1;
            }
        }
    }
    let colour = [0, 1, 2].map(|c| percentile(&channels[c], 0.5));
    let most = Extent { width: mark.width() * 2, height: mark.height() * 2 };
    let block = solid::extent(&page.pixels, mark, colour, most)?;
    (block.area() as f32 >= mark.area() as f32 * LEAST).then_some((block, colour))
}

/// The strokes that the cover at `mark` cuts. `mark` and `row` are mirrored at the diagonal when `is_column`; `colour` is the cover's.
pub(super) fn cuts(
    page: &Raster,
    mark: Bbox,
    row: &[Placed],
    kind: &Type,
    is_column: bool,
    colour: [u8; 3],
) -> Vec<Cut> {
    let Some(strokes) = Strokes::of(page, mark, kind, is_column, Some(colour)) else { return Vec::new() };
    let along = [strokes.along(kind.top - 1, mark.top), strokes.along(mark.bottom, kind.bottom + 1)];
    let ends = [strokes.end(row, -1), strokes.end(row, 1)];
    let cut = |side: Side| move |bbox: Bbox| Cut { side, bbox };
    along.into_iter().flatten().map(cut(Side::Along)).chain(ends.into_iter().flatten().map(cut(Side::End))).collect()
}

/// How high the row's type is and where, beside a cover.
pub(super) struct Type {
    pub(super) top: i32,
    pub(super) bottom: i32,
    pub(super) em: f32,
    paper: u8,
}

impl Type {
    /// That of a row of which nothing was read; `em` in pixels. It may stand out by most of its height above or below the
    /// cover.
    pub(super) fn about(page: &Raster, mark: Bbox, em: f32) -> Self {
        /// Height in ems of what may stand out.
        const OUT: f32 = 0.75;
        let out = (em * OUT) as i32;
        Self { top: mark.top - out, bottom: mark.bottom + out, em, paper: page_paper(page, mark) }
    }

    /// From the ink of the nearest characters; `None` without Chinese ones.
    pub(super) fn of(page: &Raster, mark: Bbox, row: &[Placed], is_column: bool) -> Option<Self> {
        let gap = |at: &Bbox| (mark.left - at.right).max(at.left - mark.right);
        let mut near: Vec<Bbox> = row
            .iter()
            .filter(|(at, c)| is_han(*c) && (at.centre().x < mark.left as f32 || at.centre().x > mark.right as f32))
            .map(|(at, _)| *at)
            .collect();
        near.sort_by_key(gap);
        near.truncate(NEAREST);
        let (mut tops, mut bottoms, mut papers) = (Vec::new(), Vec::new(), Vec::new());
        for at in near {
            let (middle, half) = (at.centre().x as i32, (at.height() as f32 * 0.3) as i32);
            let cell = Bbox::from_ltrb(middle - half, at.top, middle + half, at.bottom);
            let look = Part::of(page, cell, is_column)?;
            let dark = darkest_paper(look.paper);
            let inked = |y: &u32| (0..look.width()).any(|x| luma(look.pixel(x, *y)) < dark);
            let rows: Vec<u32> = (0..look.height()).filter(inked).collect();
            if let (Some(first), Some(last)) = (rows.first(), rows.last()) {
                tops.push((look.at.top + *first as i32) as f32);
                bottoms.push((look.at.top + *last as i32 + 1) as f32);
                papers.push(f32::from(look.paper));
            }
        }
        let (top, bottom) = (median(&mut tops)?, median(&mut bottoms)?);
        let em = (bottom - top) / INK;
        (em >= 8.0).then(|| Self {
            top: top as i32,
            bottom: bottom as i32,
            em,
            paper: median(&mut papers).unwrap_or(255.0) as u8,
        })
    }
}

/// The strokes about a cover: ink without the cover itself and without rules.
pub(super) struct Strokes {
    ink: GrayImage,
    /// What of the page `ink` shows, mirrored for a column.
    at: Bbox,
    mark: Bbox,
    rim: i32,
    em: f32,
    top: i32,
    bottom: i32,
}

impl Strokes {
    /// Those about the cover at `mark` of this colour, or, without one, within `mark`.
    pub(super) fn of(page: &Raster, mark: Bbox, kind: &Type, is_column: bool, colour: Option<[u8; 3]>) -> Option<Self> {
        let em = kind.em;
        let (along, across) = ((em * (RULE_ALONG + 1.0)) as i32, (em * RULE_ACROSS) as i32);
        let both = Bbox::from_ltrb(mark.left, mark.top.min(kind.top), mark.right, mark.bottom.max(kind.bottom));
        let look = Part::of(page, both.expanded(along, across), is_column)?;
        let dark = darkest_paper(kind.paper);
        let inside = |x: u32, y: u32| {
            let (x, y) = (look.at.left + x as i32, look.at.top + y as i32);
            colour.is_some() && x >= mark.left && x < mark.right && y >= mark.top && y < mark.bottom
        };
        let is_colour =
            |pixel: [u8; 3]| colour.is_some_and(|colour| (0..3).all(|c| pixel[c].abs_diff(colour[c]) <= LIKE));
        let drawn = |x: u32, y: u32| {
            let pixel = look.pixel(x, y);
            let is_dark = luma(pixel) < dark;
            // What is strongly coloured is a seal, or the fringe that JPEG leaves around a coloured cover.
            let is_coloured = chroma(pixel) > COLOURED;
            (is_dark && !is_coloured, is_colour(pixel) || inside(x, y) || is_dark && is_coloured)
        };
        let (mut ink, mut full) =
            (GrayImage::new(look.width(), look.height()), GrayImage::new(look.width(), look.height()));
        for ((x, y, ink), full) in ink.enumerate_pixels_mut().zip(full.pixels_mut()) {
            let (is_ink, is_cover) = drawn(x, y);
            (ink.0, full.0) = ([255 * u8::from(is_ink)], [255 * u8::from(is_ink || is_cover)]);
        }
        let half = ((em * HALF_SQUARE).round() as u8).max(2);
        let rim = ((em * RIM).round() as u8).max(LEAST_RIM);
        if holds_square(&full, usize::from(half)) {
            // Opened and grown by the rim.
            let squares = erode(&full, Norm::LInf, half);
            let cover = dilate(&squares, Norm::LInf, half.saturating_add(rim));
            ink.pixels_mut().zip(cover.pixels()).filter(|(_, cover)| cover.0[0] > 0).for_each(|(ink, _)| ink.0 = [0]);
        }
        without_rules(&mut ink, em);
        Some(Self { ink, at: look.at, mark, rim: i32::from(rim), em, top: kind.top, bottom: kind.bottom })
    }

    /// True for a stroke's pixel.
    pub(super) fn is_ink(&self, x: i32, y: i32) -> bool {
        let (x, y) = (x - self.at.left, y - self.at.top);
        x >= 0
            && y >= 0
            && (x as u32) < self.ink.width()
            && (y as u32) < self.ink.height()
            && self.ink.get_pixel(x as u32, y as u32).0[0] > 0
    }

    /// True when the ink of some columns goes on beyond the row's own edge, above or below: it belongs to characters that
    /// stand higher or lower than the row.
    pub(super) fn goes_on(&self, columns: Range<i32>, is_above: bool) -> bool {
        /// Rows beyond the edge that are looked at, pixels and ems: the next row of print is further off.
        const FROM: i32 = 2;
        const TO: f32 = 0.2;
        /// Share of the columns.
        const SHARE: f32 = 0.1;
        let to = FROM + (self.em * TO) as i32;
        let beyond =
            |x: i32| (FROM..to).any(|d| self.is_ink(x, if is_above { self.top - 1 - d } else { self.bottom + d }));
        columns.clone().filter(|&x| beyond(x)).count() as f32 > columns.len() as f32 * SHARE
    }

    /// The strokes between two rows over or under the cover.
    fn along(&self, from: i32, to: i32) -> Option<Bbox> {
        let Self { mark, em, .. } = *self;
        if ((to - from) as f32) < em * LEAST_OPEN {
            return None;
        }
        let columns: Vec<i32> = (mark.left..mark.right).filter(|&x| (from..to).any(|y| self.is_ink(x, y))).collect();
        let rows: Vec<i32> =
            (from..to).filter(|&y| (mark.left..mark.right).filter(|&x| self.is_ink(x, y)).count() >= 2).collect();
        let (first, last) = (*rows.first()?, *rows.last()?);
        let to_edge = if to <= mark.top { mark.top - last } else { first - mark.bottom };
        let runs = |y: i32| {
            (mark.left..mark.right).filter(|&x| self.is_ink(x, y) && (x == mark.left || !self.is_ink(x - 1, y))).count()
        };
        let is_cut = columns.len() as f32 >= em * LEAST_COLUMNS
            && (last + 1 - first) as f32 >= em * LEAST_HEIGHT
            && (to_edge - self.rim - 1) as f32 <= em * TOUCHES
            // A brush's edge is one run, characters are several strokes.
            && rows.iter().any(|&y| runs(y) >= 2)
            && !self.goes_on(mark.left..mark.right, to <= mark.top);
        is_cut.then(|| Bbox::from_ltrb(columns[0], first, columns[columns.len() - 1] + 1, last + 1))
    }

    /// The part of a character that the cover cuts at its beginning (`direction` −1) or end (1).
    fn end(&self, row: &[Placed], direction: i32) -> Option<Bbox> {
        let Self { mark, em, top, bottom, .. } = *self;
        // The cover must hide the rest of the character.
        let hidden = mark.bottom.min(bottom) - mark.top.max(top);
        if hidden * 2 < bottom - top {
            return None;
        }
        let edge = if direction < 0 { mark.left - 1 } else { mark.right };
        let is_inked = |distance: i32| (top..bottom).any(|y| self.is_ink(edge + direction * distance, y));
        let reach = (em * 1.2) as i32;
        let first = (0..reach).find(|&d| is_inked(d))?;
        if (first - self.rim - 1) as f32 > em * TOUCHES / 2.0 {
            return None;
        }
        let bare = (em * BARE).ceil() as i32;
        let mut last = first;
        while let Some(next) = (last + 1..=last + bare).find(|&d| is_inked(d)) {
            last = next;
            if last > reach {
                return None;
            }
        }
        let width = last + 1;
        let (near, far) = (edge + direction * first, edge + direction * last);
        let bbox = Bbox::from_ltrb(near.min(far), top, near.max(far) + 1, bottom);
        let rows: Vec<i32> = (top..bottom).filter(|&y| (bbox.left..bbox.right).any(|x| self.is_ink(x, y))).collect();
        let height = rows.last()? + 1 - rows.first()?;
        let is_whole = row.iter().any(|(at, c)| {
            let distance = (at.centre().x - edge as f32) * direction as f32;
            let is_own = distance > 0.0 && distance < em;
            is_own && (is_han(*c) && distance >= em * WHOLE || !c.is_alphanumeric() && distance < width as f32)
        });
        let is_stroke = (last - first + 1) as f32 >= em * WIDTH.start();
        let is_cut =
            is_stroke && WIDTH.contains(&(width as f32 / em)) && height as f32 >= em * SIDE_HEIGHT && !is_whole;
        is_cut.then_some(bbox)
    }
}

/// True when an erosion by `half` a side leaves something: a square of ink fits in. It tells rows of print sooner; what
/// lies outside the picture counts as ink here, too.
fn holds_square(ink: &GrayImage, half: usize) -> bool {
    let side = 2 * half + 1;
    let columns = half..half + ink.width() as usize;
    // Pixels of ink on end in each column, down to the row.
    let mut heights = vec![side; columns.end + half];
    heights[columns.clone()].fill(half);
    let mut rows = ink.rows().map(Some).chain(std::iter::repeat_n(None, half));
    rows.any(|row| {
        match row {
            Some(row) => heights[columns.clone()].iter_mut().zip(row).for_each(|(height, pixel)| {
                *height = if pixel.0[0] > 0 { *height + 1 } else { 0 };
            }),
            None => heights[columns.clone()].iter_mut().for_each(|height| *height += 1),
        }
        heights.chunk_by(|a, b| (*a >= side) == (*b >= side)).any(|run| run[0] >= side && run.len() >= side)
    })
}

/// Takes rules out of ink, along and across.
fn without_rules(ink: &mut GrayImage, em: f32) {
    let (width, height) = ink.dimensions();
    let mut rules = Vec::new();
    for y in 0..height {
        let along = runs(width as usize, |x| ink.get_pixel(x as u32, y).0[0] > 0, (em * RULE_ALONG).ceil() as usize);
        rules.extend(along.into_iter().flatten().map(|x| (x as u32, y)));
    }
    for x in 0..width {
        let across = runs(height as usize, |y| ink.get_pixel(x, y as u32).0[0] > 0, (em * RULE_ACROSS).ceil() as usize);
        rules.extend(across.into_iter().flatten().map(|y| (x, y as u32)));
    }
    for (x, y) in rules {
        for (x, y) in [(x, y), (x.saturating_sub(1), y), (x + 1, y), (x, y.saturating_sub(1)), (x, y + 1)] {
            if x < width && y < height {
                ink.put_pixel(x, y, Luma([0]));
            }
        }
    }
}

/// The same box on the page.
impl Cut {
    pub(super) fn on_page(&self, is_column: bool) -> Bbox {
        if is_column { mirrored(self.bbox) } else { self.bbox }
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    /// Height and pitch of the characters, pixels.
    const SIDE: i32 = 22;
    const PITCH: i32 = 25;
    const TOP: i32 = 40;
    const FIRST: i32 = 50;

    fn cell(index: i32) -> Bbox {
        let left = FIRST + index * PITCH;
        Bbox::from_ltrb(left, TOP, left + SIDE, TOP + SIDE)
    }

    /// A character, a space, two that are the name, a space and a character; of upright and level strokes, and a black block.
    fn page(block: Bbox) -> Raster {
        let is_stroke = |x: i32, y: i32| {
            [0, 2, 3, 5].map(cell).into_iter().any(|c| {
                let inside = x >= c.left && x < c.right && y >= c.top && y < c.bottom;
                let (u, v) = (x - c.left, y - c.top);
                inside && (u % 7 < 2 || v % 10 < 2 || v >= SIDE - 2)
            })
        };
        let pixels = RgbImage::from_fn(400, 110, |x, y| {
            let (x, y) = (x as i32, y as i32);
            let in_block = x >= block.left && x < block.right && y >= block.top && y < block.bottom;
            Rgb([if in_block {
                0
            } else if is_stroke(x, y) {
                40
            } else {
                250
            }; 3])
        });
        Raster::new(pixels, 150.0)
    }

    /// What is read of them beside the block.
    fn row() -> Vec<Placed> {
        [0, 5].map(|i| (cell(i).expanded(0, 4), '名')).to_vec()
    }

    fn sides(block: Bbox) -> Vec<Side> {
        let page = page(block);
        let kind = Type::of(&page, block, &row(), false).expect("characters stand beside it");
        cuts(&page, block, &row(), &kind, false, [0; 3]).iter().map(|cut| cut.side).collect()
    }

    fn name() -> Bbox {
        cell(2).union(cell(3))
    }

    #[test]
    fn a_square_of_ink_is_seen_where_an_erosion_leaves_something() {
        let page = |of: fn(u32, u32) -> bool| GrayImage::from_fn(60, 40, |x, y| Luma([255 * u8::from(of(x, y))]));
        let strokes = page(|x, y| x % 7 < 2 || y % 10 < 4);
        let block = page(|x, y| (20..27).contains(&x) && (13..20).contains(&y));
        let at_edge = page(|x, y| x >= 57 && y >= 36);
        let cases =
            [(&strokes, 1), (&strokes, 2), (&strokes, 4), (&block, 3), (&block, 4), (&at_edge, 2), (&at_edge, 3)];
        let is_left = cases.map(|(picture, half)| {
            let is_left = erode(picture, Norm::LInf, half).pixels().any(|pixel| pixel.0[0] > 0);
            assert_eq!(holds_square(picture, usize::from(half)), is_left, "{half}");
            is_left
        });
        assert_eq!(is_left, [true, true, false, true, false, true, false]);
    }

    #[test]
    fn a_block_over_all_of_the_name_cuts_nothing() {
        for margin in [1, 2, 3] {
            assert_eq!(sides(name().expanded(margin.min(2), margin)), [], "{margin}");
        }
        let slipped = name();
        assert_eq!(
            sides(Bbox::from_ltrb(slipped.left - 1, slipped.top + 2, slipped.right + 1, slipped.bottom + 6)),
            []
        );
    }

    #[test]
    fn a_block_half_as_high_as_the_name_cuts_it_along() {
        let whole = name().expanded(2, 3);
        let half = Bbox { bottom: TOP + SIDE / 2, ..whole };
        assert_eq!(sides(half), [Side::Along]);
        assert_eq!(sides(Bbox { top: TOP + SIDE / 2, ..whole }), [Side::Along]);
    }

    #[test]
    fn a_block_shifted_off_half_a_character_cuts_it_at_its_end() {
        let whole = name().expanded(2, 3);
        assert_eq!(sides(Bbox { left: cell(2).left + 10, ..whole }), [Side::End]);
        assert_eq!(sides(Bbox { right: cell(3).right - 10, ..whole }), [Side::End]);
    }
}
