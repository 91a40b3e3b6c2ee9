//! Rows of a page → stretches where the characters end half way up, all in one straight line: their other half is
//! covered, with the paper's own colour or with a block too low to be found as a cover by itself.

use super::cut::{Strokes, Type};
use super::label;
use super::place::Surroundings;
use super::row::{Placed, mirrored};
use super::usual;
use crate::geometry::Bbox;
use crate::ocr::TextLine;
use crate::raster::Raster;

/// Share of the type's height that is left.
const LEFT: std::ops::RangeInclusive<f32> = 0.28..=0.68;
/// Share of the type's height by which what is left may keep off the row's own edge.
const EDGE: f32 = 0.14;
/// Least length in ems: most of two characters.
const LEAST: f32 = 1.2;
/// Bare paper in ems between strokes.
const BARE: f32 = 0.3;
/// Share of the columns with ink that end on the straight line, within a pixel: the upright strokes.
const STRAIGHT: f32 = 0.2;
/// Least strokes that the columns cross, over the em: two rows of strokes in a stretch of two characters. Dashes are one.
const LEAST_CROSSED: f32 = 2.0;
/// How far in ems before and after a line characters may be left that are too low to be read.
const BEYOND: f32 = 4.0;

/// Rise of a whole line or stretch in the line's thickness.
const MOST_RISE: f32 = 0.2;

/// A stretch of shorn characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shorn {
    /// Where the whole characters stood.
    pub(super) bbox: Bbox,
    /// What is left of them.
    pub(super) strokes: Bbox,
    pub(super) line: usize,
}

/// The shorn stretches of all lines in whose row or column the name or unit may be expected.
pub(super) fn shorn(page: &Raster, lines: &[TextLine]) -> Vec<Shorn> {
    let mut found = Vec::new();
    let slope = usual::slope(lines);
    for (index, line) in lines.iter().enumerate() {
        let bbox = line.quad.bbox();
        let is_column = bbox.height() * 2 > bbox.width() * 3;
        if is_slanted(line) {
            continue;
        }
        let is_aslant = |stretch: Bbox| {
            let long = stretch.width().max(stretch.height()) as f32;
            slope.abs() * long > MOST_RISE * line.quad.thickness().min(line.quad.length())
        };
        let (x, y) = (bbox.centre().x as i32, bbox.centre().y as i32);
        let middle = Bbox::from_ltrb(x, y, x, y);
        let around = Surroundings::of(middle, lines, line, is_column);
        let may_be_asked = label::may_ask(&around.row) || label::column_label(bbox, lines).is_some();
        if !may_be_asked {
            continue;
        }
        let across = if is_column { mirrored(bbox) } else { bbox };
        let on_page = |b: Bbox| if is_column { mirrored(b) } else { b };
        for (bbox, strokes) in in_row(page, across, &around.row, is_column) {
            if is_aslant(bbox) || is_read(on_page(bbox), lines) {
                continue;
            }
            found.push(Shorn { bbox: on_page(bbox), strokes: on_page(strokes), line: index });
        }
    }
    found
}

/// True for a stretch of which most is read without doubt: thin print whose edges are lost.
pub(super) fn is_read(stretch: Bbox, lines: &[TextLine]) -> bool {
    /// Posterior from which a character is surely the one that is read; halves are read with less.
    const SURE: f32 = 0.9;
    /// Share of the stretch.
    const MOST: f32 = 0.6;
    let sure = lines
        .iter()
        .filter(|line| !line.quad.bbox().intersection(stretch).is_empty())
        .flat_map(|line| line.lattice.best_path().into_iter().map(move |read| (line, read)))
        .filter(|(line, read)| read.score >= SURE && stretch.contains(line.quad_of(&read.frames).bbox().centre()));
    // A digit is half as wide as it is high.
    let ems: f32 = sure
        .map(|(line, read)| {
            let is_narrow = line.lattice.alphabet().text(read.symbol).is_ascii();
            if is_narrow { 0.5 } else { 1.0 }
        })
        .sum();
    ems * stretch.height().min(stretch.width()) as f32 >= stretch.width().max(stretch.height()) as f32 * MOST
}

/// True for a line that runs so far aslant that its ends leave the row's height: they look shorn.
fn is_slanted(line: &TextLine) -> bool {
    let [a, b, _, d] = line.quad.0;
    let rise = (b.y - a.y).abs().min((b.x - a.x).abs()).max((d.y - a.y).abs().min((d.x - a.x).abs()));
    rise > MOST_RISE * line.quad.thickness().min(line.quad.length())
}

/// Stretches within `bbox` and a little before and after it, whole and what is left of them; mirrored when `is_column`.
fn in_row(page: &Raster, bbox: Bbox, row: &[Placed], is_column: bool) -> Vec<(Bbox, Bbox)> {
    let middle = Bbox::from_ltrb(bbox.centre().x as i32, bbox.top, bbox.centre().x as i32 + 1, bbox.bottom);
    let Some(kind) = Type::of(page, middle, row, is_column) else { return Vec::new() };
    let height = (kind.bottom - kind.top) as f32;
    if kind.top < bbox.top - bbox.height() / 2 || kind.bottom > bbox.bottom + bbox.height() / 2 {
        return Vec::new();
    }
    let beyond = (kind.em * BEYOND) as i32;
    let place = Bbox::from_ltrb(bbox.left - beyond, kind.top, bbox.right + beyond, kind.bottom);
    let Some(strokes) = Strokes::of(page, place, &kind, is_column, None) else { return Vec::new() };
    let (top, bottom) = (kind.top, kind.bottom);
    // First and last row with ink of each column.
    let columns: Vec<Option<(i32, i32)>> = (place.left..place.right)
        .map(|x| {
            let mut inked = (top..bottom).filter(|&y| strokes.is_ink(x, y));
            let first = inked.next()?;
            Some((first, inked.next_back().unwrap_or(first) + 1))
        })
        .collect();
    let bare = (kind.em * BARE) as usize;
    let most = (height * LEFT.end()) as i32;
    let mut found = Vec::new();
    for is_upper in [true, false] {
        // How far from the row's own edge a column's ink reaches.
        let reach = |&(first, last): &(i32, i32)| if is_upper { last - top } else { bottom - first };
        let is_short = |x: usize| columns[x].as_ref().is_some_and(|column| reach(column) <= most);
        let mut from = 0;
        while from < columns.len() {
            if !is_short(from) {
                from += 1;
                continue;
            }
            let (mut to, mut end) = (from, from);
            while end < columns.len() && end - to <= bare && (columns[end].is_none() || is_short(end)) {
                if columns[end].is_some() {
                    to = end;
                }
                end += 1;
            }
            let here: Vec<(i32, i32)> = columns[from..=to].iter().flatten().copied().collect();
            let (left, right) = (place.left + from as i32, place.left + to as i32 + 1);
            let cut = here.iter().map(reach).max().unwrap_or(0);
            let near = here.iter().map(|&(first, last)| if is_upper { first - top } else { bottom - last }).min();
            let straight = here.iter().filter(|column| cut - reach(column) <= 1).count();
            let begins = |x: i32, y: i32| strokes.is_ink(x, y) && !strokes.is_ink(x, y - 1);
            let crossed: usize = (left..right).map(|x| (top..bottom).filter(|&y| begins(x, y)).count()).sum();
            let mut read = row.iter().filter(|(at, _)| (left..right).contains(&(at.centre().x as i32))).peekable();
            // Small letters are as high.
            let is_letters = read.peek().is_some() && read.all(|(_, c)| c.is_ascii_lowercase());
            if (right - left) as f32 >= kind.em * LEAST
                && !is_letters
                && LEFT.contains(&(cut as f32 / height))
                && near.is_some_and(|near| near as f32 <= height * EDGE)
                && straight as f32 >= here.len() as f32 * STRAIGHT
                && crossed as f32 >= kind.em * LEAST_CROSSED
                && !strokes.goes_on(left..right, is_upper)
            {
                let (first, last) = if is_upper { (top, top + cut) } else { (bottom - cut, bottom) };
                found.push((Bbox::from_ltrb(left, top, right, bottom), Bbox::from_ltrb(left, first, right, last)));
            }
            from = to + 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    /// A row of six characters of upright and level strokes; of the third and fourth the rows from `cut` on are bare paper.
    fn found(cut: i32) -> Vec<(Bbox, Bbox)> {
        const SIDE: i32 = 22;
        const PITCH: i32 = 25;
        let cell = |i: i32| Bbox::from_ltrb(50 + i * PITCH, 40, 50 + i * PITCH + SIDE, 40 + SIDE);
        let is_stroke = |x: i32, y: i32| {
            (0..6).any(|i| {
                let c = cell(i);
                let bottom = if (2..4).contains(&i) { c.top + cut } else { c.bottom };
                let (u, v) = (x - c.left, y - c.top);
                x >= c.left && x < c.right && y >= c.top && y < bottom && (u % 7 < 2 || v % 10 < 2 || v >= SIDE - 2)
            })
        };
        let pixels = RgbImage::from_fn(400, 110, |x, y| Rgb([if is_stroke(x as i32, y as i32) { 40 } else { 250 }; 3]));
        let row: Vec<Placed> = [0, 1, 4, 5].map(|i| (cell(i).expanded(0, 4), '名')).into_iter().collect();
        in_row(&Raster::new(pixels, 150.0), Bbox::from_ltrb(46, 36, 210, 66), &row, false)
    }

    #[test]
    fn characters_of_which_the_lower_half_is_gone_are_found() {
        let shorn = found(11);
        assert_eq!(shorn.len(), 1);
        let (whole, strokes) = shorn[0];
        assert!((98..=102).contains(&whole.left) && (145..=149).contains(&whole.right), "{whole:?}");
        assert!((49..=53).contains(&strokes.bottom), "{strokes:?}");
    }

    #[test]
    fn whole_characters_and_none_at_all_are_nothing() {
        assert_eq!(found(22), []);
        assert_eq!(found(0), []);
        assert_eq!(found(3), [], "the ends of strokes");
    }
}
