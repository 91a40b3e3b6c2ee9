//! Pieces of one vertical line → the whole line. Detection breaks a column of spaced characters into short columns and
//! single characters; a name or unit that runs over many of them is found only in the whole.

use crate::geometry::{Point, Quad};

/// Widths of two pieces of one column differ by at most this factor: 一 is narrow only in height.
const WIDTH_RATIO: f32 = 1.6;
/// Their middles lie within this share of the width.
const ASIDE: f32 = 0.4;
/// They overlap by at most this share of the width and are at most this many widths apart.
const OVERLAP: f32 = 0.6;
const APART: f32 = 1.5;
/// A piece is at least this high for its width.
const SQUARE: f32 = 0.6;
/// A whole column is at least this high for its width.
const LEAST_HEIGHT: f32 = 3.0;

/// Groups of pieces, each top to bottom, with the quad around the whole column. Quads start at their top left.
pub(super) fn columns(pieces: &[Quad]) -> Vec<(Quad, Vec<usize>)> {
    let mut order: Vec<usize> =
        (0..pieces.len()).filter(|&i| pieces[i].thickness() >= SQUARE * pieces[i].length()).collect();
    order.sort_by(|&a, &b| top(&pieces[a]).y.total_cmp(&top(&pieces[b]).y));
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for index in order {
        match groups.iter_mut().find(|g| g.last().is_some_and(|&last| follows(&pieces[last], &pieces[index]))) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    groups
        .into_iter()
        .filter_map(|group| {
            let (first, last) = (&pieces[*group.first()?], &pieces[*group.last()?]);
            let whole = Quad([first.0[0], first.0[1], last.0[2], last.0[3]]);
            (group.len() > 1 && whole.thickness() >= LEAST_HEIGHT * whole.length()).then_some((whole, group))
        })
        .collect()
}

fn top(quad: &Quad) -> Point {
    middle(quad.0[0], quad.0[1])
}

fn middle(a: Point, b: Point) -> Point {
    Point::new(f32::midpoint(a.x, b.x), f32::midpoint(a.y, b.y))
}

fn follows(above: &Quad, below: &Quad) -> bool {
    let width = above.length().max(below.length());
    let ratio = width / above.length().min(below.length()).max(1.0);
    let (end, start) = (middle(above.0[3], above.0[2]), top(below));
    let gap = start.y - end.y;
    ratio <= WIDTH_RATIO && (start.x - end.x).abs() <= ASIDE * width && gap >= -OVERLAP * width && gap <= APART * width
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Bbox;

    fn piece(left: i32, top: i32, width: i32, height: i32) -> Quad {
        Quad::from_bbox(Bbox::from_ltrb(left, top, left + width, top + height))
    }

    #[test]
    fn pieces_one_below_the_other_are_one_column() {
        let pieces =
            [piece(100, 300, 60, 200), piece(104, 90, 56, 58), piece(98, 160, 62, 130), piece(300, 90, 60, 200)];
        let found = columns(&pieces);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1, [1, 2, 0]);
        assert_eq!(found[0].0.bbox(), Bbox::from_ltrb(100, 90, 160, 500));
    }

    #[test]
    fn rows_of_a_table_and_columns_side_by_side_are_none() {
        let rows = [piece(100, 100, 200, 30), piece(100, 150, 200, 30), piece(100, 200, 200, 30)];
        assert!(columns(&rows).is_empty());
        let beside = [piece(100, 100, 40, 200), piece(160, 310, 40, 200)];
        assert!(columns(&beside).is_empty());
        let far = [piece(100, 100, 40, 200), piece(100, 400, 40, 200)];
        assert!(columns(&far).is_empty());
    }
}
