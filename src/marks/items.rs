//! Rows of text → items of which nothing was read without doubt: what stands there may be scribbled over, scattered or
//! made unclear in another way that leaves no cover's look. Whether a name or unit is expected there is for others to say.

use super::label::LIST_SEPARATORS;
use super::row::is_in_row;
use crate::geometry::Bbox;
use crate::identity::is_han;
use crate::ocr::TextLine;

/// Mean posterior below which an item is unread. Print is read at 0.9 and more, also under a stamp's edge.
pub(super) const UNREAD: f32 = 0.65;
/// The same for a whole page, below which all of it is hard to read.
const LEGIBLE_PAGE: f32 = 0.85;
/// What zigzags are read as.
pub(super) const ZIGZAGS: &str = "wWmMnNAvVuzZxXkK/\\";
/// Gap in line heights between two items.
const ITEM_GAP: f32 = 0.9;
/// Least length in line heights: most of two characters.
const LEAST: f32 = 1.1;

/// An item that could not be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unread {
    pub(super) bbox: Bbox,
    pub(super) line: usize,
}

/// A character that was read, with its posterior.
#[derive(Debug, Clone, Copy)]
struct Read {
    at: Bbox,
    c: char,
    score: f32,
}

/// The unread items of all rows; none on a page that is hard to read all over.
pub(super) fn unread(lines: &[TextLine]) -> Vec<Unread> {
    if is_hard_to_read(lines) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (index, own) in lines.iter().enumerate() {
        let place = own.quad.bbox();
        if place.width() <= place.height() {
            continue;
        }
        let row = row(lines, own);
        for item in items(&row, own.quad.thickness()) {
            let Some(bbox) = item.iter().map(|read| read.at).reduce(Bbox::union) else { continue };
            let is_own = place.contains(bbox.centre());
            let is_long = bbox.width() as f32 >= LEAST * own.quad.thickness();
            if is_own && is_long && is_unread(item) {
                found.push(Unread { bbox, line: index });
            }
        }
    }
    found
}

/// True for a page that is hard to read all over, or without text.
pub(super) fn is_hard_to_read(lines: &[TextLine]) -> bool {
    let mut scores: Vec<f32> = lines.iter().map(|line| line.lattice.score()).collect();
    super::median(&mut scores).is_none_or(|usual| usual < LEGIBLE_PAGE)
}

/// The characters of the row of `own`, left to right.
fn row(lines: &[TextLine], own: &TextLine) -> Vec<Read> {
    let mut row: Vec<Read> = lines
        .iter()
        .filter(|line| is_in_row(line, own))
        .flat_map(|line| {
            let total = line.lattice.frames().max(1) as f32;
            let half = line.quad.thickness() * 0.4 / line.quad.length().max(1.0);
            line.lattice.best_path().into_iter().filter_map(move |read| {
                let c = line.lattice.alphabet().text(read.symbol).chars().next()?;
                let middle = (read.frames.start + read.frames.end) as f32 / 2.0 / total;
                let at = line.quad.slice((middle - half).max(0.0), (middle + half).min(1.0)).bbox();
                (!c.is_whitespace()).then_some(Read { at, c, score: read.score })
            })
        })
        .collect();
    row.sort_by_key(|read| read.at.left);
    row
}

/// The runs of a row between separators and gaps.
fn items(row: &[Read], height: f32) -> Vec<&[Read]> {
    let is_separator = |read: &Read| LIST_SEPARATORS.contains(read.c) || matches!(read.c, '（' | '）' | '(' | ')');
    let is_end =
        |a: &Read, b: &Read| is_separator(a) || is_separator(b) || (b.at.left - a.at.right) as f32 > height * ITEM_GAP;
    row.chunk_by(|a, b| !is_end(a, b)).filter(|item| !item.iter().all(is_separator)).collect()
}

/// True for an item that is guessed, or read as the letters that zigzags look like.
fn is_unread(item: &[Read]) -> bool {
    let mean = item.iter().map(|read| read.score).sum::<f32>() / item.len().max(1) as f32;
    let zigzags = item.iter().filter(|read| ZIGZAGS.contains(read.c)).count();
    let is_scribble = zigzags >= 2 && zigzags * 4 >= item.len() * 3 && !item.iter().any(|read| is_han(read.c));
    mean < UNREAD || is_scribble
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Characters of 20 pixels side by side; a full-width space is bare paper.
    fn row(text: &str, score: f32) -> Vec<Read> {
        let at = |i: usize| Bbox::from_ltrb(20 * i as i32, 0, 20 * i as i32 + 20, 24);
        let read = |(i, c)| Read { at: at(i), c, score };
        text.chars().enumerate().filter(|(_, c)| *c != '　').map(read).collect()
    }

    #[test]
    fn guessed_items_and_zigzags_are_unread_and_print_is_not() {
        let is_any = |text: &str, score| items(&row(text, score), 24.0).into_iter().any(is_unread);
        assert!(is_any("李明；丰国围；王芳", 0.3));
        assert!(is_any("工作单位　　WWNMW", 0.9), "what a zigzag is read as");
        assert!(!is_any("作　者　　李明；Smith J；王芳", 0.95));
        assert!(!is_any("长度20mm，用时3min", 0.95), "units of measurement");
    }

    #[test]
    fn items_end_at_separators_and_gaps() {
        let of = |text: &str| items(&row(text, 1.0), 24.0).len();
        assert_eq!((of("李明；王芳"), of("单位　　江海大学"), of("李　明")), (2, 2, 1));
    }
}
