//! The ink of a rectangular or triangular seal → its rows or columns, read.

use image::{GrayImage, RgbImage};

use super::super::unwrap::{line, runs, straight};
use super::{Readers, SealPart, SealReading, han_read, reading};
use crate::error::Result;
use crate::geometry::{Bbox, Point};

/// Share of ink from which lettering is spared out of it.
const SOLID_FIELD: f32 = 0.52;
/// Height to which the inside of a rectangular seal is straightened, pixels per row of at most four.
const FIELD: f32 = 220.0;

/// The lettering of four sides, in so many of the four quarter turns until one says something.
pub(super) fn of_rectangle(
    readers: &Readers<'_>,
    ink: &GrayImage,
    corners: [Point; 4],
    solid: bool,
    turns: usize,
) -> Result<Vec<SealReading>> {
    let [a, b, c, d] = corners;
    let (across, down) = (f32::midpoint(a.distance(b), d.distance(c)), f32::midpoint(a.distance(d), b.distance(c)));
    let ratio = across / down.max(1.0);
    let (width, height) = if ratio >= 1.0 { (FIELD * ratio, FIELD) } else { (FIELD, FIELD / ratio) };
    let Some(mut field) = straight(ink, corners, width as u32, height as u32) else { return Ok(Vec::new()) };
    // A drawn line around it makes a solid field a frame, too.
    let solid = solid || field.iter().map(|&v| f32::from(v)).sum::<f32>() > SOLID_FIELD * 255.0 * field.len() as f32;
    if solid {
        for value in field.iter_mut() {
            *value = 255 - *value;
        }
    }
    let square = (0.75..1.34).contains(&ratio);
    let field = without_frame(&field);
    if !solid && !has_large_lettering(&field) {
        return Ok(Vec::new());
    }
    let lines_of = |field: &GrayImage| if square { square_lines(field) } else { row_lines(field) };
    let mut best = quickly_read(readers, lines_of(&field))?;
    // Upside down or on its side only when it says nothing upright.
    for turn in 1..turns {
        if best.is_clear() {
            break;
        }
        let turned = match turn {
            1 => image::imageops::rotate180(&field),
            2 => image::imageops::rotate90(&field),
            _ => image::imageops::rotate270(&field),
        };
        let next = quickly_read(readers, lines_of(&turned))?;
        if most_read(&next.quick) > most_read(&best.quick) {
            best = next;
        }
    }
    let lettered = best.lettered();
    Ok(best_first(match lettered.is_empty() {
        false => carefully_read(readers, &lettered)?,
        // The script of name seals is often beyond the quick model.
        true if square => carefully_read(readers, &best.lines)?,
        true => best.quick,
    }))
}

/// The lines of one attempt and what the quick model makes of them.
struct Attempt {
    lines: Vec<RgbImage>,
    quick: Vec<SealReading>,
}

impl Attempt {
    /// The lines in which the quick model reads Chinese characters.
    fn lettered(&self) -> Vec<RgbImage> {
        self.lines
            .iter()
            .zip(&self.quick)
            .filter(|(_, quick)| han_read(&quick.lattice).0 > 0)
            .map(|(line, _)| line.clone())
            .collect()
    }

    fn is_clear(&self) -> bool {
        self.quick.iter().any(|r| han_read(&r.lattice).0 >= 2 && r.score > 0.8)
    }
}

fn quickly_read(readers: &Readers<'_>, lines: Vec<RgbImage>) -> Result<Attempt> {
    let quick = readers.quickly(&lines)?.into_iter().map(|lattice| reading(SealPart::Centre, lattice)).collect();
    Ok(Attempt { lines, quick })
}

fn carefully_read(readers: &Readers<'_>, lines: &[RgbImage]) -> Result<Vec<SealReading>> {
    Ok(readers.carefully(lines)?.into_iter().map(|lattice| reading(SealPart::Centre, lattice)).collect())
}

/// Posterior sum of the Chinese characters of the best reading.
fn most_read(readings: &[SealReading]) -> f32 {
    readings.iter().map(|r| han_read(&r.lattice).1).fold(0.0, f32::max)
}

/// What says anything, best first.
fn best_first(mut readings: Vec<SealReading>) -> Vec<SealReading> {
    readings.retain(|r| !r.text.is_empty());
    readings.sort_by(|a, b| han_read(&b.lattice).1.total_cmp(&han_read(&a.lattice).1));
    readings
}

/// A column of lettering is at most so many times as wide as its tallest character, which may be flattened.
const COLUMN_WIDTH: u32 = 2;

/// A box round a paragraph is no seal: a seal's rows take up a good part of it, or its characters stand in one column.
fn has_large_lettering(field: &GrayImage) -> bool {
    let runs_of = |rows: bool, length: u32| runs(field, rows, (length / 40).max(2));
    let tallest = runs_of(true, field.height()).iter().map(|&(from, to)| to - from).max().unwrap_or(0);
    // Four rows in a seal: 16 % each and the space between them.
    tallest * 100 / field.height().max(1) >= 15
        || matches!(runs_of(false, field.width()).as_slice(), &[(from, to)] if to - from <= COLUMN_WIDTH * tallest)
}

/// The field with its rim cut off: the frame's lines are there.
fn without_frame(field: &GrayImage) -> GrayImage {
    let (w, h) = field.dimensions();
    let short = w.min(h);
    // The frame is up to 8 % of the short side thick; go in until a row or column is mostly empty.
    let inked = |x0: u32, y0: u32, x1: u32, y1: u32| {
        let mut sum = 0u64;
        for y in y0..y1 {
            for x in x0..x1 {
                sum += u64::from(field.get_pixel(x, y).0[0]);
            }
        }
        sum as f32 / (255.0 * ((x1 - x0) * (y1 - y0)).max(1) as f32)
    };
    let most = short * 14 / 100;
    let least = (short * 3 / 100).max(1);
    let depth = |ink: &dyn Fn(u32) -> f32| {
        // The last line of the frame within reach.
        (0..most).rev().find(|&i| ink(i) > 0.55).map_or(least, |i| i + 2).max(least)
    };
    let left = depth(&|i| inked(i, 0, i + 1, h));
    let right = depth(&|i| inked(w - 1 - i, 0, w - i, h));
    let top = depth(&|i| inked(0, i, w, i + 1));
    let bottom = depth(&|i| inked(0, h - 1 - i, w, h - i));
    image::imageops::crop_imm(field, left, top, w - left - right, h - top - bottom).to_image()
}

/// Rows joined in reading order, then each row alone.
fn row_lines(field: &GrayImage) -> Vec<RgbImage> {
    let rows = runs(field, true, (field.height() / 9).max(6));
    let w = field.width() as i32;
    let lines: Vec<RgbImage> = rows
        .iter()
        .take(4)
        .map(|&(from, to)| line(field, Bbox::from_ltrb(0, from as i32 - 2, w, to as i32 + 2), 6))
        .collect();
    if lines.len() > 1 {
        let mut all = vec![beside(&lines)];
        all.extend(lines);
        all
    } else {
        lines
    }
}

/// Height at which pieces are put beside each other.
const BESIDE: u32 = 64;

/// Pictures side by side at one height, empty margins cut.
fn beside(pieces: &[RgbImage]) -> RgbImage {
    let scaled: Vec<RgbImage> = pieces
        .iter()
        .map(|piece| {
            let piece = trimmed(piece);
            let width = (piece.width() as f32 * BESIDE as f32 / piece.height().max(1) as f32).round().max(1.0);
            crate::raster::resized(&piece, width as u32, BESIDE)
        })
        .collect();
    let gap = 8;
    let width = scaled.iter().map(|p| p.width() + gap).sum::<u32>() + gap;
    let mut joined = RgbImage::from_pixel(width, BESIDE + 12, image::Rgb([255; 3]));
    let mut x = i64::from(gap);
    for piece in &scaled {
        image::imageops::replace(&mut joined, piece, x, 6);
        x += i64::from(piece.width() + gap);
    }
    joined
}

/// Without the white margins left and right.
fn trimmed(piece: &RgbImage) -> RgbImage {
    let dark = |x: u32| (0..piece.height()).any(|y| piece.get_pixel(x, y).0[0] < 128);
    let (Some(from), Some(to)) = ((0..piece.width()).find(|&x| dark(x)), (0..piece.width()).rfind(|&x| dark(x))) else {
        return piece.clone();
    };
    crate::raster::crop(piece, Bbox::from_ltrb(from as i32 - 2, 0, to as i32 + 3, piece.height() as i32))
}

/// Characters of one column at most, and of each of several.
const MOST_IN_COLUMN: usize = 10;
const MOST_IN_COLUMNS: usize = 5;

/// The characters of columns, from the right one to the left; `None` when they stand in no grid or in the four quarters.
fn grid_line(field: &GrayImage) -> Option<RgbImage> {
    let least = |length: u32| (length / 12).max(6);
    let rows = runs(field, true, least(field.height()));
    let columns = runs(field, false, least(field.width()));
    let is_grid = match (rows.len(), columns.len()) {
        (rows, 1) => (3..=MOST_IN_COLUMN).contains(&rows),
        (rows, columns) => {
            (2..=MOST_IN_COLUMNS).contains(&rows) && (2..=MOST_IN_COLUMNS).contains(&columns) && rows + columns > 4
        }
    };
    if !is_grid {
        return None;
    }
    let cells: Vec<RgbImage> = columns
        .iter()
        .rev()
        .flat_map(|&(left, right)| rows.iter().map(move |&(top, bottom)| (left, top, right, bottom)))
        .map(|(l, t, r, b)| Bbox::from_ltrb(l as i32 - 2, t as i32 - 2, r as i32 + 2, b as i32 + 2))
        .map(|cell| line(field, cell, 4))
        .collect();
    Some(beside(&cells))
}

/// The characters of columns, each with its own rows, from the right one to the left; `None` when all have the rows of the whole.
fn columns_line(field: &GrayImage) -> Option<RgbImage> {
    let least = |length: u32| (length / 12).max(6);
    let columns: Vec<Column> = runs(field, false, least(field.width()))
        .iter()
        .rev()
        .map(|&(left, right)| {
            let part = image::imageops::crop_imm(field, left, 0, right - left, field.height()).to_image();
            Column { left, right, strokes: runs(&part, true, FINEST_STROKE) }
        })
        .collect();
    let mut heights: Vec<u32> = columns.iter().flat_map(|c| &c.strokes).map(|&(from, to)| to - from).collect();
    heights.retain(|&height| height >= least(field.height()));
    heights.sort_unstable();
    let &height = heights.get(heights.len() / 2)?;
    let characters: Vec<Vec<(u32, u32)>> = columns.iter().map(|column| column.characters(height)).collect();
    let count = characters.iter().map(Vec::len).max()?;
    let rows = runs(field, true, least(field.height())).len();
    let is_ragged = characters.iter().any(|column| column.len() != rows);
    let is_columns = match columns.len() {
        1 => (3..=MOST_IN_COLUMN).contains(&count),
        columns => (2..=MOST_IN_COLUMNS).contains(&columns) && (2..=MOST_IN_COLUMNS).contains(&count),
    };
    if !is_ragged || !is_columns {
        return None;
    }
    let cells: Vec<RgbImage> = columns
        .iter()
        .zip(&characters)
        .flat_map(|(column, rows)| rows.iter().map(move |&(top, bottom)| (column.left, top, column.right, bottom)))
        .map(|(l, t, r, b)| Bbox::from_ltrb(l as i32 - 2, t as i32 - 2, r as i32 + 2, b as i32 + 2))
        .map(|cell| line(field, cell, 4))
        .collect();
    Some(beside(&cells))
}

/// Rows of ink in a column less than this high are specks, pixels of [`FIELD`].
const FINEST_STROKE: u32 = 4;

/// A column of characters.
struct Column {
    left: u32,
    right: u32,
    /// Its rows of ink, from the top.
    strokes: Vec<(u32, u32)>,
}

impl Column {
    /// From and to of each character, all of them about so high: the strokes of 二 belong together, and characters that touch do not.
    fn characters(&self, height: u32) -> Vec<(u32, u32)> {
        let mut found: Vec<(u32, u32)> = Vec::new();
        for &(from, to) in &self.strokes {
            match found.last_mut() {
                Some(last) if 4 * (to - last.0) <= 5 * height => last.1 = to,
                _ => {
                    let count = ((to - from + height / 2) / height).max(1);
                    let edge = |i: u32| from + (to - from) * i / count;
                    found.extend((0..count).map(|i| (edge(i), edge(i + 1))));
                }
            }
        }
        // A flat character is as high as the others with the space around it.
        for (from, to) in &mut found {
            let missing = height.saturating_sub(*to - *from) / 2;
            (*from, *to) = (from.saturating_sub(missing), *to + missing);
        }
        found
    }
}

/// A square seal holds columns, read from right to left, or rows.
fn square_lines(field: &GrayImage) -> Vec<RgbImage> {
    let (w, h) = (field.width() as i32, field.height() as i32);
    let split = |rows: bool| {
        let length = if rows { h } else { w };
        let mut sums = vec![0u32; length as usize];
        for (x, y, value) in field.enumerate_pixels() {
            sums[if rows { y } else { x } as usize] += u32::from(value.0[0]);
        }
        (length * 2 / 5..length * 3 / 5)
            .min_by_key(|&i| (sums[i as usize], (i - length / 2).abs()))
            .unwrap_or(length / 2)
    };
    let (x, y) = (split(false), split(true));
    let cell = |l: i32, t: i32, r: i32, b: i32| line(field, Bbox::from_ltrb(l, t, r, b), 4);
    let cells = [cell(0, 0, x, y), cell(x, 0, w, y), cell(0, y, x, h), cell(x, y, w, h)];
    let [top_left, top_right, bottom_left, bottom_right] = &cells;
    let columns = [top_right.clone(), bottom_right.clone(), top_left.clone(), bottom_left.clone()];
    let rows = [top_left.clone(), top_right.clone(), bottom_left.clone(), bottom_right.clone()];
    // One character in the right half (a surname as tall as the seal), two in the left.
    let tall = [cell(x, 0, w, h), top_left.clone(), bottom_left.clone()];
    let mut lines = vec![beside(&columns), beside(&rows), beside(&tall)];
    // One character in either half, as tall as the seal.
    lines.push(beside(&[widened(&cell(x, 0, w, h)), widened(&cell(0, 0, x, h))]));
    lines.extend(grid_line(field));
    lines.extend(columns_line(field));
    lines.extend(row_lines(field));
    lines
}

/// A tall character as wide as it is high.
fn widened(cell: &RgbImage) -> RgbImage {
    let cell = trimmed(cell);
    crate::raster::resized(&cell, cell.width().max(cell.height()), cell.height())
}

/// The arcs of a triangular seal are rows along its base.
pub(super) fn of_triangle(readers: &Readers<'_>, ink: &GrayImage, corners: [Point; 3]) -> Result<Vec<SealReading>> {
    let mut best: Vec<SealReading> = Vec::new();
    let mut most = -1.0;
    for turn in 0..3 {
        let (top, right, left) = (corners[turn], corners[(turn + 1) % 3], corners[(turn + 2) % 3]);
        // The parallelogram over the base whose upper side goes through the top.
        let foot = left.lerp(right, 0.5);
        let (dx, dy) = (top.x - foot.x, top.y - foot.y);
        let upper = |p: Point| Point::new(p.x + dx, p.y + dy);
        let base = left.distance(right);
        let height = dx.hypot(dy);
        let (w, h) = ((base * 1.2) as u32, (height * 1.2) as u32);
        let Some(mut field) = straight(ink, [upper(left), upper(right), right, left], w.max(8), h.max(8)) else {
            continue;
        };
        let (wide, tall) = (field.width() as f32, field.height() as f32);
        for (x, y, value) in field.enumerate_pixels_mut() {
            // The slanting sides and the base: 6 % of the height inwards.
            let half = (y as f32 / tall) * 0.5 - 0.085;
            if (x as f32 / wide - 0.5).abs() > half || y as f32 > tall * 0.945 {
                value.0[0] = 0;
            }
        }
        let found = carefully_read(readers, &row_lines(&field))?;
        let here = most_read(&found);
        if here > most {
            most = here;
            best = found;
        }
        if best.iter().any(|r| han_read(&r.lattice).0 >= 3 && r.score > 0.85) {
            break;
        }
    }
    Ok(best_first(best))
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    /// White blots of 30 × 20 pixels in so many rows and columns, 12 apart.
    fn blots(rows: u32, columns: u32) -> GrayImage {
        let (across, down) = (|x: u32| x >= 12 && (x - 12) % 42 < 30, |y: u32| y >= 12 && (y - 12) % 32 < 20);
        GrayImage::from_fn(12 + columns * 42, 12 + rows * 32, |x, y| Luma([if across(x) && down(y) { 255 } else { 0 }]))
    }

    #[test]
    fn columns_are_read_one_beside_the_other_and_quarters_otherwise() {
        let cells = |rows, columns| grid_line(&blots(rows, columns)).map(|line| line.width() / 30);
        assert!(cells(5, 1).is_some_and(|cells| cells >= 5), "{:?}", cells(5, 1));
        assert!(cells(3, 3).is_some_and(|cells| cells >= 9), "{:?}", cells(3, 3));
        assert!(cells(2, 3).is_some());
        assert_eq!((cells(2, 2), cells(2, 1), cells(11, 1)), (None, None, None));
    }

    #[test]
    fn columns_of_different_lengths_are_read_one_by_one() {
        // Three of four, the last of the second row is 二: two bars of 4 pixels.
        let mut field = blots(4, 3);
        for (x, y, value) in field.enumerate_pixels_mut() {
            let (column, row) = (x / 42, (y.saturating_sub(6)) / 32);
            let is_empty = column != 1 && row == 3;
            let is_between = column == 1 && row == 1 && (48..56).contains(&y);
            if is_empty || is_between {
                *value = Luma([0]);
            }
        }
        // Each is as wide as 64 pixels of height make it, and 8 pixels from the next.
        let width = columns_line(&field).map(|line| line.width());
        let one = columns_line(&field).map(|line| (line.width() - 8) / 10);
        assert!(one.is_some_and(|one| (64..120).contains(&one)), "{width:?}");
        assert_eq!(columns_line(&blots(4, 3)).map(|line| line.width()), None);
    }

    #[test]
    fn one_column_of_flattened_characters_is_large_lettering_and_a_paragraph_is_not() {
        assert!(has_large_lettering(&blots(8, 1)) && has_large_lettering(&blots(3, 3)));
        assert!(!has_large_lettering(&blots(9, 12)));
    }
}
