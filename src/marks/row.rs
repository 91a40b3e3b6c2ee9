//! A page's text lines → the characters of a row, or of a column as a row, with their places.

use super::band::LIKE_BLOCKS;
use crate::geometry::Bbox;
use crate::identity::is_han;
use crate::ocr::TextLine;

/// Distance in a line's thickness within which characters of two lines are the same one.
const NEAR: f32 = 0.3;

/// Gap in line heights between a cover and the character beside it.
pub(super) const BESIDE: f32 = 0.9;

/// A character of a row with its place.
pub(super) type Placed = (Bbox, char);

/// True for a line in the same row as another.
pub(super) fn is_in_row(line: &TextLine, own: &TextLine) -> bool {
    let (row, bbox) = (own.quad.bbox(), line.quad.bbox());
    if is_slanted(line) || is_slanted(own) {
        // Where both begin or end the boxes of slanted rows overlap with those above and below.
        let x = (row.left.max(bbox.left) as f32).midpoint(row.right.min(bbox.right) as f32);
        return (height_at(line, x) - height_at(own, x)).abs() <= line.quad.thickness().min(own.quad.thickness()) / 2.0;
    }
    let overlap = bbox.bottom.min(row.bottom) - bbox.top.max(row.top);
    overlap * 2 >= bbox.height().min(row.height())
}

/// True for a level line that rises or falls by more than a share of its thickness from end to end.
fn is_slanted(line: &TextLine) -> bool {
    const SHARE: f32 = 0.3;
    let [a, b, ..] = line.quad.0;
    b.x - a.x > (b.y - a.y).abs() && (b.y - a.y).abs() > SHARE * line.quad.thickness()
}

/// The height at which the middle of a line's row passes `x`, pixels: rows of a photo slope.
pub(super) fn height_at(line: &TextLine, x: f32) -> f32 {
    let [a, b, c, d] = line.quad.0;
    let (from, to) = (f32::midpoint(a.x, d.x), f32::midpoint(b.x, c.x));
    let (start, end) = (f32::midpoint(a.y, d.y), f32::midpoint(b.y, c.y));
    if to - from < 1.0 { f32::midpoint(start, end) } else { start + (end - start) * (x - from) / (to - from) }
}

/// The characters of the row of `own`, left to right, over all its lines. What two lines have in common is there once.
pub(super) fn row(lines: &[TextLine], own: &TextLine) -> Vec<Placed> {
    let mut longest: Vec<&TextLine> = lines.iter().filter(|line| is_in_row(line, own)).collect();
    longest.sort_by_key(|line| std::cmp::Reverse(line.quad.bbox().width()));
    let mut chars: Vec<Placed> = Vec::new();
    for line in longest {
        let near = line.quad.thickness() * NEAR;
        let known = chars.len();
        for (at, c) in characters(line) {
            let is_same = |other: &Placed| (other.0.centre().x - at.centre().x).abs() < near;
            if !chars[..known].iter().any(is_same) {
                chars.push((at, c));
            }
        }
    }
    chars.sort_by_key(|(at, _)| at.left);
    chars
}

/// The same without what the cover itself was read as: a line of its own without a Chinese character.
pub(super) fn row_beside(mark: Bbox, lines: &[TextLine], own: &TextLine) -> Vec<Placed> {
    /// Share of such a line's length that the cover takes.
    const ITSELF: f32 = 0.4;
    let is_cover = |bbox: Bbox, text: &str| {
        let shared = bbox.right.min(mark.right) - bbox.left.max(mark.left);
        shared as f32 > bbox.width() as f32 * ITSELF && !text.chars().any(|c| is_han(c) && !LIKE_BLOCKS.contains(c))
    };
    let row = row(lines, own);
    let misread: Vec<Bbox> =
        lines.iter().filter(|line| is_cover(line.quad.bbox(), &line.text())).map(|line| line.quad.bbox()).collect();
    row.into_iter().filter(|(at, _)| !misread.iter().any(|line| at.covered_by(*line) > 0.5)).collect()
}

/// True for a cover above or below a line, or in a line that runs down the page.
pub(super) fn is_in_column(mark: Bbox, line: Bbox) -> bool {
    /// Share of the narrower one's width that the two have in common.
    const IN_LINE: f32 = 0.6;
    let across = mark.right.min(line.right) - mark.left.max(line.left);
    let along = mark.bottom.min(line.bottom) - mark.top.max(line.top);
    let runs_down = line.height() as f32 > 1.5 * line.width() as f32;
    let is_single = line.width() as f32 <= 1.5 * line.height() as f32;
    across as f32 >= IN_LINE * mark.width().min(line.width()) as f32 && (runs_down || is_single && along <= 0)
}

/// The characters above and below a cover, mirrored.
pub(super) fn column(mark: Bbox, lines: &[TextLine], own: &TextLine) -> Vec<Placed> {
    let width = own.quad.bbox().width().min(own.quad.bbox().height());
    let mut chars: Vec<Placed> = lines
        .iter()
        .filter(|line| line.quad.bbox().width() < 2 * width && is_in_column(mark, line.quad.bbox()))
        .flat_map(characters)
        .filter(|(at, _)| at.covered_by(mark) < 0.5)
        .map(|(at, c)| (mirrored(at), c))
        .collect();
    chars.sort_by_key(|(at, _)| at.left);
    chars
}

/// Mirrored at the diagonal.
pub(super) fn mirrored(b: Bbox) -> Bbox {
    Bbox::from_ltrb(b.top, b.left, b.bottom, b.right)
}

/// The characters of a line's best reading with their places, in reading order.
pub(super) fn characters(line: &TextLine) -> Vec<Placed> {
    line.lattice
        .best_path()
        .iter()
        .filter_map(|read| {
            let c = line.lattice.alphabet().text(read.symbol).chars().next()?;
            (!c.is_whitespace()).then(|| (line.quad_of(&read.frames).bbox(), c))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cover_stands_in_a_column_when_the_line_runs_on_above_or_below_it() {
        let mark = Bbox::from_ltrb(100, 200, 130, 230);
        assert!(is_in_column(mark, Bbox::from_ltrb(102, 232, 128, 330)), "a column that goes on below");
        assert!(is_in_column(mark, Bbox::from_ltrb(102, 170, 128, 198)), "one character above");
        assert!(!is_in_column(mark, Bbox::from_ltrb(20, 232, 400, 262)), "the next line of a paragraph");
        assert!(!is_in_column(mark, Bbox::from_ltrb(134, 202, 160, 228)), "one character beside it");
    }
}
