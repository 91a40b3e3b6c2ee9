//! Lines → the circles that many of their pixels lie on: each pixel votes for the centres at every radius on either
//! side of it. Radii vote apart from one another, so that print, whose lines point everywhere, adds little to any.

use super::ellipse::Ellipse;
use super::hough::in_threes;
use super::ridges::Ridges;
use crate::geometry::Point;

/// Which circles are looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct CircleParams {
    /// Radii, pixels of the plane.
    pub(super) radii: (f32, f32),
    /// Votes that a circle needs, share of what of its circumference lies on the plane.
    pub(super) least: f32,
    /// Number of circles wanted at most.
    pub(super) count: usize,
}

/// Side of a cell of the accumulator and step of the radius, pixels: a line's direction is known to about 5°, which is 3 pixels
/// at the radius of a usual seal.
const CELL: f32 = 2.0;
/// The accumulator reaches so many cells past each edge, or so much of the largest radius: of a seal on the seam a quarter may be seen.
const MARGIN: usize = 12;
const MARGIN_SHARE: f32 = 0.5;

/// Votes that any circle needs.
const LEAST_VOTES: f32 = 12.0;
/// Share of a circle's circumference that is on the plane at least: a quarter of a seal's width shows a third of it, less for the margin
/// in which no lines are looked for.
pub(super) const LEAST_VISIBLE: f32 = 0.25;

/// The likeliest circles, strongest first.
pub(super) fn circles(ridges: &Ridges, params: &CircleParams) -> Vec<Ellipse> {
    let (width, height) = ridges.size();
    let margin = MARGIN.max((MARGIN_SHARE * params.radii.1 / CELL) as usize);
    let across = (width as f32 / CELL).ceil() as usize + 2 * margin;
    let down = (height as f32 / CELL).ceil() as usize + 2 * margin;
    let layers = (((params.radii.1 - params.radii.0) / CELL).floor().max(0.0)) as usize + 1;
    let mut votes = vec![0u16; across * down * layers];
    for (x, y, (nx, ny)) in ridges.pixels() {
        let (cx, cy) = (x as f32 / CELL + margin as f32 + 0.5, y as f32 / CELL + margin as f32 + 0.5);
        for side in [1.0, -1.0] {
            let (dx, dy) = (nx * side, ny * side);
            let first = params.radii.0 / CELL;
            let (mut px, mut py) = (cx + dx * first, cy + dy * first);
            for layer in 0..layers {
                if px < 0.0 || py < 0.0 || px >= across as f32 || py >= down as f32 {
                    break;
                }
                let cell = (layer * down + py as usize) * across + px as usize;
                votes[cell] = votes[cell].saturating_add(1);
                px += dx;
                py += dy;
            }
        }
    }
    let mut found: Vec<(f32, Ellipse)> = Vec::new();
    let mut sums = vec![0u16; across * down];
    let mut rows = vec![0u16; across * down];
    for layer in 0..layers {
        let radius = params.radii.0 + layer as f32 * CELL;
        let plane = &votes[layer * across * down..(layer + 1) * across * down];
        in_threes(plane, &mut rows, 1);
        in_threes(&rows, &mut sums, across);
        let whole = std::f32::consts::TAU * radius;
        let is_cut = |x: usize, y: usize| {
            let at = |v: usize| (v as f32 + 0.5 - margin as f32) * CELL;
            let (x, y, inset) = (at(x), at(y), radius + ridges.margin());
            x < inset || y < inset || x > width as f32 - inset || y > height as f32 - inset
        };
        // Of a circle cut by the edge less is there to vote.
        let (least, least_cut) =
            ((params.least * whole).max(LEAST_VOTES), (params.least * LEAST_VISIBLE * whole).max(LEAST_VOTES));
        for y in 2..down - 2 {
            for x in 2..across - 2 {
                let value = sums[y * across + x];
                if f32::from(value) < least_cut || f32::from(value) < least && !is_cut(x, y) {
                    continue;
                }
                let highest = (y - 2..=y + 2)
                    .flat_map(|y| sums[y * across + x - 2..=y * across + x + 2].iter().copied())
                    .max()
                    .unwrap_or(0);
                if highest == value {
                    let at = |v: usize| (v as f32 + 0.5 - margin as f32) * CELL;
                    let circle = Ellipse::circle(Point::new(at(x), at(y)), radius);
                    let share = f32::from(value) / (ridges.visible(&circle).max(LEAST_VISIBLE) * whole);
                    if share >= params.least {
                        found.push((share, circle));
                    }
                }
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut kept: Vec<Ellipse> = Vec::new();
    for (_, circle) in found {
        // The next radius sees the same circle.
        let again = |other: &Ellipse| {
            other.centre.distance(circle.centre) < 2.5 * CELL && (other.major - circle.major).abs() < 1.5 * CELL
        };
        if !kept.iter().any(again) {
            kept.push(circle);
        }
        if kept.len() == params.count {
            break;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::ridges::RidgeParams;
    use image::{GrayImage, Luma};

    #[test]
    fn a_pale_ring_is_found_among_strokes_of_black() {
        let plane = GrayImage::from_fn(240, 200, |x, y| {
            let off = (Point::new(x as f32 + 0.5, y as f32 + 0.5).distance(Point::new(130.0, 90.0)) - 40.0).abs();
            let is_stroke = y % 16 < 7 && (x % 6 < 2 || y % 16 == 3) && (x / 6 + y / 16) % 3 != 0;
            Luma([if is_stroke { 200 } else { ((1.5 - off).clamp(0.0, 1.0) * 60.0) as u8 }])
        });
        let ridges = Ridges::of(&plane, &RidgeParams { height: 12, reach: 3, window: 2, coherence: 0.35 });
        let found = circles(&ridges, &CircleParams { radii: (13.0, 60.0), least: 0.2, count: 20 });
        let is_ring = |e: &Ellipse| e.centre.distance(Point::new(130.0, 90.0)) < 4.0 && (e.major - 40.0).abs() < 3.0;
        assert!(found.iter().any(is_ring), "{found:?}");
    }
}
