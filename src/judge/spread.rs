//! A name of two characters set wide whose second one is a single stroke: 王　　　一. Text detection passes over a stroke
//! that stands alone, so that it is looked for in the pixels.

use super::perhaps_a_name;
use super::signatures::characters;
use crate::geometry::{Bbox, Quad};
use crate::ocr::TextLine;
use crate::raster::{Raster, luma, percentile};
use crate::report::Finding;

/// The character that is one level stroke.
const STROKE: char = '一';
/// Gap between the characters in line heights: less is a usual line, more two columns.
const GAP: std::ops::Range<f32> = 0.9..6.5;
/// Length of the stroke in line heights.
const LENGTH: std::ops::RangeInclusive<f32> = 0.45..=1.2;
/// It is at most so thick, and so much higher or lower than the line's middle, in line heights.
const THICKNESS: f32 = 0.3;
const OFF_MIDDLE: f32 = 0.3;
/// Bare paper on either side of it, in line heights.
const BARE: f32 = 0.35;
/// Levels under the paper from which a pixel is ink.
const INK: u8 = 50;

/// Findings for places where `name` may stand so, but where `known` ones are.
pub fn of_spread_names(raster: &Raster, lines: &[TextLine], name: &str, known: &[Finding]) -> Vec<Finding> {
    let name: Vec<char> = name.chars().filter(|c| !c.is_whitespace()).collect();
    let &[first, STROKE] = name.as_slice() else { return Vec::new() };
    let mut found = Vec::new();
    for line in lines.iter().filter(|line| line.quad.length() >= 0.5 * line.quad.thickness()) {
        let own = characters(line);
        for (index, (at, c, _)) in own.iter().enumerate() {
            let height = line.quad.thickness();
            let next = own.get(index + 1).map_or(i32::MAX, |(next, ..)| next.left);
            if *c != first || ((next - at.right) as f32) < GAP.start * height && next > at.left {
                continue;
            }
            let row = Bbox::from_ltrb(at.left, line.quad.bbox().top, at.right, line.quad.bbox().bottom);
            let Some(stroke) = stroke_after(raster, row, height) else { continue };
            let bbox = row.union(stroke);
            if known.iter().any(|known| known.bbox.is_some_and(|known| row.covered_by(known) > 0.5)) {
                continue;
            }
            let reason = "可能是拉开字距的姓名，请人工查看 (may be the name, its two characters set wide apart)";
            found.push(perhaps_a_name(Quad::from_bbox(bbox), Some(name.iter().collect()), reason));
        }
    }
    found
}

/// The level stroke that is the first ink to the right of a character.
fn stroke_after(raster: &Raster, character: Bbox, height: f32) -> Option<Bbox> {
    let from = character.right + (0.25 * height) as i32;
    let to = character.right + ((GAP.end + LENGTH.end() + BARE) * height) as i32;
    let field = Bbox::from_ltrb(from, character.top, to, character.bottom).clamped(raster.width(), raster.height());
    if field.is_empty() {
        return None;
    }
    let level = |x: i32, y: i32| luma(raster.pixels.get_pixel(x as u32, y as u32).0);
    let mut histogram = [0u32; 256];
    for y in field.top..field.bottom {
        for x in field.left..field.right {
            histogram[usize::from(level(x, y))] += 1;
        }
    }
    let ink = percentile(&histogram, 0.7).saturating_sub(INK);
    let column = |x: i32| {
        let mut dark = (field.top..field.bottom).filter(|&y| level(x, y) < ink);
        dark.next().map(|top| (top, dark.next_back().unwrap_or(top) + 1))
    };
    let left = (field.left..field.right).find(|&x| column(x).is_some())?;
    let right = (left..field.right).find(|&x| column(x).is_none())?;
    let (top, bottom) = (left..right).filter_map(column).reduce(|all, this| (all.0.min(this.0), all.1.max(this.1)))?;
    let bare = right..(right + (BARE * height) as i32).min(field.right);
    let middle = (field.top + field.bottom) as f32 / 2.0;
    let is_stroke = LENGTH.contains(&((right - left) as f32 / height))
        && GAP.contains(&((left - character.right) as f32 / height))
        && ((bottom - top) as f32) < THICKNESS * height
        && ((top + bottom) as f32 / 2.0 - middle).abs() < OFF_MIDDLE * height
        && bare.into_iter().all(|x| column(x).is_none());
    is_stroke.then(|| Bbox::from_ltrb(left, top, right, bottom))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use image::{Rgb, RgbImage};

    use super::*;
    use crate::ocr::lattice::{Alphabet, Lattice};

    /// 王 of 30 pixels, and a level stroke at a distance, so long and thick.
    fn found(name: &str, gap: u32, length: u32, thickness: u32) -> usize {
        let pixels = RgbImage::from_fn(600, 100, |x, y| {
            let is_first = (50..80).contains(&x) && (35..65).contains(&y) && (y % 14 < 4 || (63..67).contains(&x));
            let is_stroke = (80 + gap..80 + gap + length).contains(&x) && (50..50 + thickness).contains(&y);
            Rgb([if is_first || is_stroke { 30 } else { 250 }; 3])
        });
        let alphabet = Arc::new(Alphabet::from_lines("王"));
        let symbol = alphabet.symbol('王').expect("in the alphabet");
        let quad = Quad::from_bbox(Bbox::from_ltrb(48, 33, 82, 67));
        let line = TextLine { quad, lattice: Lattice::of_known(&alphabet, &[(symbol, 0.05, 0.95)]) };
        of_spread_names(&Raster::new(pixels, 200.0), &[line], name, &[]).len()
    }

    #[test]
    fn a_stroke_far_behind_the_surname_may_be_the_name() {
        for gap in [60, 110, 170] {
            assert_eq!(found("王一", gap, 27, 4), 1, "{gap}");
        }
    }

    #[test]
    fn rules_dots_and_other_names_are_nothing() {
        assert_eq!(found("王一", 60, 300, 4), 0);
        assert_eq!(found("王一", 60, 6, 4), 0);
        assert_eq!(found("王一", 60, 27, 20), 0);
        assert_eq!(found("王芳", 60, 27, 4), 0);
    }
}
