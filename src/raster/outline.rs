//! Connected components of a binary mask and the smallest rectangles around them.

use image::{GrayImage, imageops};
use imageproc::contours::{BorderType, find_contours};
use imageproc::geometry::min_area_rect;

use crate::geometry::{Point, Quad};

/// imageproc returns rectangles in whole units of its input, so contours are scaled up first: 1/8 pixel.
const SUBPIXEL: i32 = 8;

/// The outer border of each 8-connected non-zero component, as pixel centres in (column, row).
pub fn outlines(mask: &GrayImage) -> Vec<Vec<(i32, i32)>> {
    // imageproc does not see the outer border of what touches the first column.
    let mut framed = GrayImage::new(mask.width() + 2, mask.height() + 2);
    imageops::replace(&mut framed, mask, 1, 1);
    find_contours::<i32>(&framed)
        .into_iter()
        .filter(|contour| contour.border_type == BorderType::Outer)
        .map(|contour| contour.points.into_iter().map(|p| (p.x - 1, p.y - 1)).collect())
        .collect()
}

/// The smallest rectangle, at any angle, that holds the whole pixels of an outline: corners clockwise from
/// the one nearest the top left, edges nearest to horizontal first. `None` for an empty outline.
pub fn smallest_rectangle(outline: &[(i32, i32)]) -> Option<Quad> {
    if outline.is_empty() {
        return None;
    }
    // A pixel's four corners, so that a one-pixel-thin component still has an area.
    let corners: Vec<_> = outline
        .iter()
        .flat_map(|&(x, y)| [(0, 0), (1, 0), (1, 1), (0, 1)].map(|(dx, dy)| (x + dx, y + dy)))
        .map(|(x, y)| imageproc::point::Point::new(x * SUBPIXEL, y * SUBPIXEL))
        .collect();
    let rectangle = min_area_rect(&corners);
    Some(ordered(rectangle.map(|p| Point::new(p.x as f32 / SUBPIXEL as f32, p.y as f32 / SUBPIXEL as f32))))
}

/// Corners of a rectangle in any order and sense → clockwise on screen, starting at the corner from which
/// the first edge runs right (within ±45°).
fn ordered(corners: [Point; 4]) -> Quad {
    let mut corners = corners;
    let area: f32 = (0..4)
        .map(|i| {
            let (a, b) = (corners[i], corners[(i + 1) % 4]);
            a.x * b.y - b.x * a.y
        })
        .sum();
    if area < 0.0 {
        corners.reverse();
    }
    let start = (0..4)
        .max_by(|&i, &j| {
            let rightward = |k: usize| {
                let (a, b) = (corners[k], corners[(k + 1) % 4]);
                (b.x - a.x) / a.distance(b).max(1e-6)
            };
            rightward(i).total_cmp(&rightward(j))
        })
        .unwrap_or(0);
    Quad(corners).rolled(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Bbox;
    use image::Luma;
    use proptest::prelude::*;

    #[test]
    fn an_upright_block_is_its_own_smallest_rectangle() {
        let mask =
            GrayImage::from_fn(50, 30, |x, y| Luma([u8::from((10..40).contains(&x) && (5..15).contains(&y)) * 255]));
        let outlines = outlines(&mask);
        assert_eq!(outlines.len(), 1);
        let quad = smallest_rectangle(&outlines[0]).expect("a component");
        assert_eq!(quad, Quad::from_bbox(Bbox::from_ltrb(10, 5, 40, 15)));
    }

    #[test]
    fn what_touches_an_edge_or_fills_the_mask_has_an_outline_too() {
        for bbox in [(0, 5, 10, 8), (40, 5, 50, 8), (20, 0, 30, 8), (20, 22, 30, 30), (0, 0, 50, 30)] {
            let (left, top, right, bottom) = bbox;
            let inside = |x, y| (left..right).contains(&x) && (top..bottom).contains(&y);
            let mask = GrayImage::from_fn(50, 30, |x, y| Luma([u8::from(inside(x as i32, y as i32)) * 255]));
            let quads: Vec<Quad> = outlines(&mask).iter().filter_map(|outline| smallest_rectangle(outline)).collect();
            assert_eq!(quads, [Quad::from_bbox(Bbox::from_ltrb(left, top, right, bottom))]);
        }
    }

    proptest! {
        #[test]
        fn a_rectangle_holds_its_outline_and_starts_rightward(points in prop::collection::vec((0..200i32, 0..200i32), 1..30)) {
            let quad = smallest_rectangle(&points).expect("points");
            let bbox = quad.bbox().expanded(1, 1);
            for &(x, y) in &points {
                prop_assert!(bbox.contains(Point::new(x as f32 + 0.5, y as f32 + 0.5)));
            }
            let [a, b, ..] = quad.0;
            prop_assert!(b.x - a.x >= (b.y - a.y).abs() - 0.5);
        }
    }
}
