//! Ink plane → places where many edges point at one centre: the circles' centres, whole or in part, however they
//! overlap. Whether there is a ring is asked in `ring`.

use image::GrayImage;

use crate::geometry::Point;

/// How centres are voted for.
#[derive(Debug, Clone, Copy)]
pub(super) struct VoteParams {
    /// Radii that are voted for, pixels of the plane.
    pub(super) radii: (u32, u32),
    /// Least change of ink across two pixels for an edge, of 255.
    pub(super) edge: i32,
    /// No more edges than about this many vote: planes full of print or pictures have a hundred thousand.
    pub(super) voters: usize,
    /// Number of centres wanted at most.
    pub(super) count: usize,
}

/// The accumulator reaches so many pixels past each edge of the plane, or so much of the largest radius: the centre of a seal of
/// which a third or a quarter is on the page lies outside.
const MARGIN: i32 = 24;
const MARGIN_SHARE: f32 = 0.5;
/// Votes, summed over 5 × 5 cells, that a centre needs.
const LEAST_VOTES: u16 = 30;
/// Centres this much nearer than the least radius are one.
const APART: i32 = 5;

/// The part of a plane that votes, with room for the centres outside it.
struct Field {
    /// Where the accumulator's first cell lies on the plane.
    left: i32,
    top: i32,
    across: usize,
    down: usize,
}

/// The likeliest centres, strongest first. Where `field` is set no edge votes.
pub(super) fn centres(plane: &GrayImage, field: Option<&GrayImage>, params: &VoteParams) -> Vec<Point> {
    let (width, height) = (plane.width() as i32, plane.height() as i32);
    if width < 16 || height < 16 {
        return Vec::new();
    }
    let data: &[u8] = plane;
    let field: Option<&[u8]> = field.map(|field| &**field);
    let stride = width as usize;
    let is_edge = |at: usize| {
        if field.is_some_and(|field| field[at] > 0) {
            return None;
        }
        let gx = i32::from(data[at + 1]) - i32::from(data[at - 1]);
        let gy = i32::from(data[at + stride]) - i32::from(data[at - stride]);
        (gx.abs() + gy.abs() >= params.edge).then_some((gx, gy))
    };
    // Where the edges are, and how many.
    let (mut edges, mut left, mut top, mut right, mut bottom) = (0usize, stride, height, 0, 0);
    for y in 1..height as usize - 1 {
        let mut in_row = 0;
        for x in 1..stride - 1 {
            if is_edge(y * stride + x).is_some() {
                in_row += 1;
                left = left.min(x);
                right = right.max(x);
            }
        }
        if in_row > 0 {
            edges += in_row;
            top = top.min(y as i32);
            bottom = y as i32;
        }
    }
    if edges == 0 {
        return Vec::new();
    }
    let reach = params.radii.1 as i32;
    let margin = MARGIN.max((MARGIN_SHARE * reach as f32) as i32);
    let (first_x, first_y) = ((left as i32 - reach).max(0) - margin, (top - reach).max(0) - margin);
    let across = ((right as i32 + reach).min(width) + margin - first_x) as usize;
    let down = ((bottom + reach).min(height) + margin - first_y) as usize;
    let accumulator = Field { left: first_x, top: first_y, across, down };
    let mut votes = vec![0u16; across * down];
    let every = edges / params.voters.max(1) + 1;
    let mut counter = 0usize;
    for y in top as usize..=bottom as usize {
        for x in left..=right {
            let at = y * stride + x;
            let Some((gx, gy)) = is_edge(at) else { continue };
            counter += 1;
            if !counter.is_multiple_of(every) {
                continue;
            }
            let length = (gx as f32).hypot(gy as f32);
            // The outer edge of a ring grows darker towards the centre.
            let (dx, dy) = (gx as f32 / length, gy as f32 / length);
            let (first, last) = params.radii;
            let mut px = x as f32 + dx * first as f32 - accumulator.left as f32 + 0.5;
            let mut py = y as f32 + dy * first as f32 - accumulator.top as f32 + 0.5;
            for _ in first..=last {
                if px < 0.0 || py < 0.0 || px >= across as f32 || py >= down as f32 {
                    break;
                }
                votes[py as usize * across + px as usize] += 1;
                px += dx;
                py += dy;
            }
        }
    }
    // Twice over 3 × 3 cells.
    let mut spare = vec![0u16; votes.len()];
    for _ in 0..2 {
        in_threes(&votes, &mut spare, 1);
        in_threes(&spare, &mut votes, across);
    }
    peaks(&votes, &accumulator, params.count)
}

/// Each cell with its neighbours `step` before and after it; the outermost cells stay empty.
pub(super) fn in_threes(values: &[u16], sums: &mut [u16], step: usize) {
    let (Some(middle), Some(after)) = (values.get(step..), values.get(2 * step..)) else { return };
    let inner = sums.iter_mut().skip(step);
    for (((sum, &a), &b), &c) in inner.zip(values).zip(middle).zip(after) {
        *sum = a.saturating_add(b).saturating_add(c);
    }
}

/// Local maxima by how far they stand out from their surroundings.
fn peaks(votes: &[u16], field: &Field, count: usize) -> Vec<Point> {
    let (across, down) = (field.across, field.down);
    let reach = APART as usize;
    let mut found: Vec<(i32, usize, usize)> = Vec::new();
    for y in (reach..down - reach).step_by(2) {
        for x in (reach..across - reach).step_by(2) {
            // The best of a 2 × 2 cell, then tested against its neighbourhood.
            let (value, px, py) = [(0, 0), (1, 0), (0, 1), (1, 1)]
                .map(|(dx, dy)| (votes[(y + dy).min(down - 1) * across + (x + dx).min(across - 1)], x + dx, y + dy))
                .into_iter()
                .max()
                .unwrap_or((0, x, y));
            if value < LEAST_VOTES || px + reach >= across || py + reach >= down {
                continue;
            }
            // Most cells are no maximum even among their nearest.
            let at = py * across + px;
            if votes[at - 1] > value
                || votes[at + 1] > value
                || votes[at - across] > value
                || votes[at + across] > value
            {
                continue;
            }
            let highest = (py - reach..=py + reach)
                .step_by(1)
                .map(|y| votes[y * across + px - reach..=y * across + px + reach].iter().copied().max().unwrap_or(0))
                .max()
                .unwrap_or(0);
            if highest > value {
                continue;
            }
            let border =
                [(0i32, -2i32), (2, 0), (0, 2), (-2, 0), (-1, -1), (1, -1), (1, 1), (-1, 1)].map(|(dx, dy)| {
                    let x = (px as i32 + dx * APART).clamp(0, across as i32 - 1) as usize;
                    let y = (py as i32 + dy * APART).clamp(0, down as i32 - 1) as usize;
                    i32::from(votes[y * across + x])
                });
            let around = border.iter().sum::<i32>() / border.len() as i32;
            found.push((i32::from(value) - around, px, py));
        }
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.dedup();
    // A flat top of several cells is one centre.
    let mut kept: Vec<Point> = Vec::new();
    for (_, x, y) in found {
        let centre = Point::new((x as i32 + field.left) as f32 + 0.5, (y as i32 + field.top) as f32 + 0.5);
        if kept.iter().all(|other| other.distance(centre) > APART as f32) {
            kept.push(centre);
        }
        if kept.len() == count {
            break;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    /// Rings 2 pixels thick with soft edges, as a scan has them.
    fn rings(circles: &[(f32, f32, f32)]) -> GrayImage {
        GrayImage::from_fn(200, 150, |x, y| {
            let centre = Point::new(x as f32 + 0.5, y as f32 + 0.5);
            let ink = circles.iter().map(|&(x, y, radius)| {
                let off = (centre.distance(Point::new(x, y)) - radius).abs();
                (1.5 - off).clamp(0.0, 1.0)
            });
            Luma([(ink.fold(0.0, f32::max) * 200.0) as u8])
        })
    }

    #[test]
    fn crossing_and_cut_circles_have_their_own_centres() {
        let circles = [(60.0, 70.0, 40.0), (100.0, 75.0, 40.0), (190.0, 40.0, 30.0)];
        let params = VoteParams { radii: (10, 70), edge: 20, voters: 40_000, count: 12 };
        let found = centres(&rings(&circles), None, &params);
        for (x, y, _) in circles {
            assert!(found.iter().any(|c| c.distance(Point::new(x, y)) < 3.0), "({x}, {y}) not in {found:?}");
        }
    }

    #[test]
    fn a_flat_top_of_votes_is_one_centre() {
        let params = VoteParams { radii: (10, 70), edge: 20, voters: 40_000, count: 12 };
        let found = centres(&rings(&[(80.0, 70.0, 40.0)]), None, &params);
        for (i, a) in found.iter().enumerate() {
            assert!(found[i + 1..].iter().all(|b| a.distance(*b) > APART as f32), "{found:?}");
        }
    }
}
