//! Page pixels → dark blocks of one colour, wherever they lie: those over a single character, which the windows of a line
//! are too wide for, and those in a cell of their own.

use image::{GrayImage, Luma};

use super::band::{holds_print, is_print};
use super::row::is_in_column;
use super::solid::{self, Extent};
use super::window::{Usual, darkest_paper};
use super::{FoundMark, Hides};
use crate::geometry::{Bbox, Point};
use crate::ocr::TextLine;
use crate::raster::outline::outlines;
use crate::raster::{Raster, luma};
use crate::report::MarkStyle;

/// Side of the cells that are dark all over or not, pixels: wider than a stroke of body text at 200 dpi.
const CELL: usize = 5;
/// Least height of a block in the thickness of the line beside it, as detected, with paper above and below.
const LEAST_HEIGHT: f32 = 0.4;
/// Largest height in the same.
const MOST_HEIGHT: f32 = 2.0;
/// The same on a line of its own, whose type may be that of a title.
const MOST_OWN_HEIGHT: f32 = 3.0;
/// Height from which a block is no bullet.
const LEAST_LENGTH: f32 = 1.0;
/// Length in the same of a block on a line of its own: names have two characters at least.
const LEAST_OWN_LENGTH: f32 = 1.4;
/// Gap to the line beside it, in its thickness: the next cell of a table.
const MOST_GAP: f32 = 6.0;

/// The blocks beside a line that stands in the same row, and those on lines of their own.
pub(super) fn blocks(page: &Raster, lines: &[TextLine], usual: &Usual) -> Vec<FoundMark> {
    let cells = dark_cells(page, darkest_paper(usual.paper));
    outlines(&cells)
        .into_iter()
        .filter_map(|outline| Bbox::around(outline.iter().map(|&(x, y)| Point::new(x as f32, y as f32))))
        .filter_map(|cells| {
            let of = |cell: i32| cell * CELL as i32;
            let seed = Bbox::from_ltrb(of(cells.left), of(cells.top), of(cells.right + 1), of(cells.bottom + 1));
            block(page, lines, usual, seed)
        })
        .collect()
}

fn block(page: &Raster, lines: &[TextLine], usual: &Usual, seed: Bbox) -> Option<FoundMark> {
    let near = |&(line, gap): &(usize, i32)| gap as f32 <= MOST_GAP * lines[line].quad.thickness();
    let in_row = beside(seed, lines).filter(near);
    let in_column = above_or_below(seed, lines).filter(near);
    // A block in a table stands in both; its row says more.
    let beside = [in_row, in_column].into_iter().flatten().map(|(line, _)| line);
    let found = beside.clone().find_map(|line| {
        let is_column = is_in_column(seed, lines[line].quad.bbox());
        let place = if is_column { Place::Column } else { Place::Row };
        let bbox = like_line(page, lines, usual, seed, &lines[line], place)?;
        // In a column each character may be a box to be ticked, in a row a bullet.
        let length = if is_column { bbox.height() } else { bbox.width() };
        let slight = (length as f32) < LEAST_LENGTH * lines[line].quad.thickness();
        Some(FoundMark { slight, ..cover(page, bbox, Hides::Line(line)) })
    });
    // What the block itself is read as is no print.
    let is_alone = || !beside.clone().any(|line| is_print(&lines[line]));
    found.or_else(|| is_alone().then(|| on_own_line(page, lines, usual, seed)).flatten())
}

/// A block beside which nothing was read, when it is as high as a line of print and longer than a character: it may cover
/// all of a line.
fn on_own_line(page: &Raster, lines: &[TextLine], usual: &Usual, seed: Bbox) -> Option<FoundMark> {
    let distance = |line: &TextLine| (line.quad.bbox().centre().y - seed.centre().y).abs();
    let is_level = |line: &TextLine| line.quad.bbox().width() > line.quad.bbox().height();
    // What stands out of the block is read as lower type.
    let is_cut = |line: &TextLine| !line.quad.bbox().intersection(seed.expanded(0, CELL as i32)).is_empty();
    let (index, line) = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| is_level(line) && is_print(line) && !is_cut(line))
        .min_by(|(_, a), (_, b)| distance(a).total_cmp(&distance(b)))?;
    let bbox = like_line(page, lines, usual, seed, line, Place::OwnLine)?;
    let is_long = bbox.width() as f32 >= LEAST_OWN_LENGTH * line.quad.thickness();
    is_long.then(|| cover(page, bbox, Hides::OwnLine(index)))
}

fn cover(page: &Raster, bbox: Bbox, hides: Hides) -> FoundMark {
    FoundMark { colour: Some(colour_of(page, bbox)), ..FoundMark::new(bbox, MarkStyle::Solid, hides) }
}

/// The colour in the middle of a place.
fn colour_of(page: &Raster, place: Bbox) -> [u8; 3] {
    let middle = place.centre();
    page.pixels.get_pixel(middle.x as u32, middle.y as u32).0
}

/// Where a block stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Row,
    Column,
    OwnLine,
}

/// The block about a seed when it may cover print like the line's.
fn like_line(
    page: &Raster,
    lines: &[TextLine],
    usual: &Usual,
    seed: Bbox,
    line: &TextLine,
    place: Place,
) -> Option<Bbox> {
    let thickness = line.quad.thickness();
    let least = (thickness * LEAST_HEIGHT) as i32;
    if seed.width() < least || seed.height() < least {
        return None;
    }
    let most = match place {
        Place::Row => Extent { width: i32::MAX, height: (thickness * MOST_HEIGHT) as i32 },
        Place::Column => Extent { width: (thickness * MOST_HEIGHT) as i32, height: i32::MAX },
        Place::OwnLine => Extent { width: i32::MAX, height: (thickness * MOST_OWN_HEIGHT) as i32 },
    };
    // Heavy strokes that stand out of the block are dark, too.
    let middle = seed.centre().y as i32;
    let parts = [seed, Bbox { top: middle, ..seed }, Bbox { bottom: middle, ..seed }];
    let (bbox, colour) = parts.into_iter().find_map(|part| {
        let colour = colour_of(page, part);
        Some((solid::extent(&page.pixels, part, colour, most)?, colour))
    })?;
    // A brush's edge is uneven; beside a line it is looked for with the line.
    let is_brushed = || place == Place::OwnLine && solid::is_blot(&page.pixels, bbox, usual.paper);
    let stands = solid::stands_on_paper(&page.pixels, bbox, colour, usual.paper) || is_brushed();
    let is_cover = bbox.height() >= least
        && bbox.width() >= least
        && !holds_print(bbox, lines)
        && solid::has_sharp_edge(&page.pixels, bbox, colour, usual.paper)
        && stands
        && !solid::is_written_on(&page.pixels, bbox, colour, lines);
    is_cover.then_some(bbox)
}

/// The nearest line in the same row, with the gap to it.
fn beside(block: Bbox, lines: &[TextLine]) -> Option<(usize, i32)> {
    let gap = |line: Bbox| (line.left - block.right).max(block.left - line.right).max(0);
    lines
        .iter()
        .enumerate()
        .map(|(index, line)| (index, line.quad.bbox()))
        .filter(|(_, line)| {
            let shared = line.bottom.min(block.bottom) - line.top.max(block.top);
            line.width() > line.height() / 2 && shared * 2 >= line.height().min(block.height())
        })
        .map(|(index, line)| (index, gap(line)))
        .min_by_key(|&(_, gap)| gap)
}

/// The nearest line in the same column, with the gap to it.
fn above_or_below(block: Bbox, lines: &[TextLine]) -> Option<(usize, i32)> {
    lines
        .iter()
        .map(|line| line.quad.bbox())
        .enumerate()
        .filter(|&(_, line)| is_in_column(block, line))
        .map(|(index, line)| (index, (line.top - block.bottom).max(block.top - line.bottom).max(0)))
        .min_by_key(|&(_, gap)| gap)
}

/// Cells of which every pixel is darker than paper can be.
fn dark_cells(page: &Raster, most: u8) -> GrayImage {
    let (columns, rows) = (page.width() as usize / CELL, page.height() as usize / CELL);
    let raw = page.pixels.as_raw().as_chunks::<3>().0;
    let mut cells = GrayImage::from_pixel(columns as u32, rows as u32, Luma([255]));
    for y in 0..rows * CELL {
        let row = &raw[y * page.width() as usize..][..columns * CELL];
        for (x, pixels) in row.chunks_exact(CELL).enumerate() {
            let cell = &mut cells.get_pixel_mut(x as u32, (y / CELL) as u32).0[0];
            if *cell > 0 && pixels.iter().any(|&pixel| luma(pixel) >= most) {
                *cell = 0;
            }
        }
    }
    cells
}
