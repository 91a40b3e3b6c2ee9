//! A cluster of ink → the frame of a rectangular or triangular seal, when its sides are drawn lines or the edges of a
//! solid field.

use image::GrayImage;
use imageproc::geometry::{convex_hull, min_area_rect};
use imageproc::point::Point as Pixel;

use super::ink::sample;
use crate::geometry::Point;

/// A frame found.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Corners clockwise: four of a rectangle from its top left, three of a triangle from its top.
    pub(super) corners: Vec<Point>,
    /// Share of the worst side that was seen.
    pub(super) coverage: f32,
    /// True when the field is solid and its lettering spared out (白文).
    pub(super) solid: bool,
}

/// Least share of each side that must be seen as a line. A row of print has such a ridge on about half of its upper
/// edge and less of its lower one.
pub(super) const SIDE: f32 = 0.58;
/// Least ink of a solid field, share of its area at the ink's own strength, and most: lettering is spared out.
const SOLID: (f32, f32) = (0.5, 0.9);

/// Steps across a side, pixels, and how many of them outside and inside the line hold the paper beside it.
const STEP: f32 = 0.6;
const OUTSIDE: usize = 6;
const INSIDE: usize = 9;

/// The frame around the ink at `pixels`, which are those of one cluster of `plane`. `ridge` is the least contrast.
pub(super) fn frame(plane: &GrayImage, pixels: &[Pixel<i32>], ridge: f32) -> Option<Frame> {
    if pixels.len() < 24 {
        return None;
    }
    let rectangle = min_area_rect(pixels).map(|p| Point::new(p.x as f32 + 0.5, p.y as f32 + 0.5));
    let rectangle = clockwise_from_top_left(rectangle);
    let rectangle = lined(plane, &rectangle, ridge).or_else(|| solid(plane, &rectangle, ridge));
    if rectangle.is_some() {
        return rectangle;
    }
    let hull: Vec<Point> = convex_hull(pixels).iter().map(|p| Point::new(p.x as f32 + 0.5, p.y as f32 + 0.5)).collect();
    lined(plane, &largest_triangle(&hull)?, ridge)
}

/// The corners as a quad's: clockwise from the corner that is the top left one when turned by less than 45°.
pub(super) fn clockwise_from_top_left(mut corners: [Point; 4]) -> [Point; 4] {
    let centre =
        Point::new(corners.iter().map(|p| p.x).sum::<f32>() / 4.0, corners.iter().map(|p| p.y).sum::<f32>() / 4.0);
    // With y down a growing angle is clockwise.
    corners.sort_by(|a, b| (a.y - centre.y).atan2(a.x - centre.x).total_cmp(&(b.y - centre.y).atan2(b.x - centre.x)));
    // The upper side is the one whose direction is nearest to the right.
    let turn = (0..4)
        .max_by(|&i, &j| {
            let slope = |i: usize| {
                let (a, b) = (corners[i], corners[(i + 1) % 4]);
                (b.x - a.x) / a.distance(b).max(1e-3)
            };
            slope(i).total_cmp(&slope(j))
        })
        .unwrap_or(0);
    corners.rotate_left(turn);
    corners
}

/// The largest triangle of points of a hull, clockwise from its top.
fn largest_triangle(hull: &[Point]) -> Option<Vec<Point>> {
    let step = hull.len().div_ceil(40).max(1);
    let points: Vec<Point> = hull.iter().copied().step_by(step).collect();
    let area = |a: Point, b: Point, c: Point| ((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)).abs();
    let mut best = (0.0, None);
    for (i, &a) in points.iter().enumerate() {
        for (j, &b) in points.iter().enumerate().skip(i + 1) {
            for &c in &points[j + 1..] {
                let here = area(a, b, c);
                if here > best.0 {
                    best = (here, Some([a, b, c]));
                }
            }
        }
    }
    let mut corners = best.1?;
    let centre =
        Point::new(corners.iter().map(|p| p.x).sum::<f32>() / 3.0, corners.iter().map(|p| p.y).sum::<f32>() / 3.0);
    corners.sort_by(|a, b| (a.y - centre.y).atan2(a.x - centre.x).total_cmp(&(b.y - centre.y).atan2(b.x - centre.x)));
    let top = (0..3).min_by(|&i, &j| corners[i].y.total_cmp(&corners[j].y))?;
    corners.rotate_left(top);
    Some(corners.to_vec())
}

/// Looks for a drawn line near each side of the polygon; the frame then runs along these lines.
fn lined(plane: &GrayImage, corners: &[Point], ridge: f32) -> Option<Frame> {
    let n = corners.len();
    let perimeter: f32 = (0..n).map(|i| corners[i].distance(corners[(i + 1) % n])).sum();
    let reach = (perimeter * 0.014).max(2.5);
    let mut lines = Vec::with_capacity(n);
    let mut coverage = 1.0f32;
    let mut sum = 0.0;
    for i in 0..n {
        let (a, b) = (corners[i], corners[(i + 1) % n]);
        let length = a.distance(b).max(1.0);
        // Clockwise with y down: the inside is on the right of the direction of travel.
        let inward = Point::new(-(b.y - a.y) / length, (b.x - a.x) / length);
        let count = (length.ceil() as usize).clamp(16, 160);
        let mut hits: Vec<(f32, f32)> = Vec::with_capacity(count);
        for k in 0..count {
            let along = 0.05 + 0.9 * k as f32 / (count - 1) as f32;
            let foot = a.lerp(b, along);
            let depth = |i: usize| -reach + (i as f32 - OUTSIDE as f32) * STEP;
            let steps = (reach * 2.0 / STEP) as usize;
            let values: Vec<f32> = (0..=steps + OUTSIDE + INSIDE)
                .map(|i| sample(plane, foot.x + inward.x * depth(i), foot.y + inward.y * depth(i)))
                .collect();
            let least = |range: &[f32]| range.iter().copied().fold(f32::MAX, f32::min);
            let mut best: Option<(f32, f32)> = None;
            for i in OUTSIDE..=steps + OUTSIDE {
                if values[i] < ridge {
                    continue;
                }
                let outside = least(&values[i - OUTSIDE..i - 1]);
                let dip = least(&values[i + 2..=i + INSIDE]);
                let height = values[i] - dip.max(outside);
                if height >= ridge && best.is_none_or(|(_, h)| height > h * 1.3) {
                    best = Some((depth(i), height));
                }
            }
            if let Some((d, _)) = best {
                hits.push((along, d));
            }
        }
        let (start, end, support) = straight(&hits, (0.004 * perimeter).max(1.0))?;
        let share = support as f32 / count as f32;
        coverage = coverage.min(share);
        sum += share;
        let at = |t: f32, d: f32| {
            let p = a.lerp(b, t);
            Point::new(p.x + inward.x * d, p.y + inward.y * d)
        };
        lines.push((at(0.0, start), at(1.0, end)));
    }
    if coverage < SIDE || sum / (n as f32) < SIDE + 0.1 {
        return None;
    }
    let corners = (0..n).map(|i| crossing(lines[(i + n - 1) % n], lines[i])).collect::<Option<Vec<_>>>()?;
    Some(Frame { corners, coverage, solid: false })
}

/// The line (offset at both ends) that most of the hits (position 0..=1, offset) support, and how many do.
fn straight(hits: &[(f32, f32)], tolerance: f32) -> Option<(f32, f32, usize)> {
    let mut best: Option<(f32, f32, usize)> = None;
    let step = (hits.len() / 24).max(1);
    for (i, &(t0, d0)) in hits.iter().enumerate().step_by(step) {
        for &(t1, d1) in hits[i + 1..].iter().step_by(step) {
            if t1 - t0 < 0.3 {
                continue;
            }
            let slope = (d1 - d0) / (t1 - t0);
            let start = d0 - slope * t0;
            let support = hits.iter().filter(|&&(t, d)| (start + slope * t - d).abs() <= tolerance).count();
            if best.is_none_or(|(.., most)| support > most) {
                best = Some((start, start + slope, support));
            }
        }
    }
    best
}

fn crossing((a, b): (Point, Point), (c, d): (Point, Point)) -> Option<Point> {
    let (rx, ry, sx, sy) = (b.x - a.x, b.y - a.y, d.x - c.x, d.y - c.y);
    let cross = rx * sy - ry * sx;
    if cross.abs() < 1e-3 {
        return None;
    }
    let t = ((c.x - a.x) * sy - (c.y - a.y) * sx) / cross;
    Some(Point::new(a.x + rx * t, a.y + ry * t))
}

/// A solid field with lettering spared out: nearly square, ink along all of its edges, and neither empty nor full.
fn solid(plane: &GrayImage, corners: &[Point; 4], ridge: f32) -> Option<Frame> {
    let [a, b, c, d] = *corners;
    let (across, down) = (a.distance(b), b.distance(c));
    if across.min(down) / across.max(down) < 0.7 {
        return None;
    }
    let mut values = Vec::with_capacity(400);
    for i in 0..20 {
        for j in 0..20 {
            let (u, v) = ((i as f32 + 0.5) / 20.0, (j as f32 + 0.5) / 20.0);
            let p = a.lerp(b, u).lerp(d.lerp(c, u), v);
            values.push(sample(plane, p.x, p.y));
        }
    }
    let mut sorted = values.clone();
    sorted.sort_by(f32::total_cmp);
    let ink = sorted[sorted.len() * 9 / 10];
    if ink < 2.0 * ridge {
        return None;
    }
    let inked = |i: usize, j: usize| values[i * 20 + j] > ink * 0.5;
    let fill = (0..400).filter(|&k| inked(k / 20, k % 20)).count() as f32 / 400.0;
    // The field's rim, one cell in: spared lettering does not reach it.
    let edges = [
        (1..19).filter(|&k| inked(k, 1) || inked(k, 0)).count(),
        (1..19).filter(|&k| inked(k, 18) || inked(k, 19)).count(),
        (1..19).filter(|&k| inked(1, k) || inked(0, k)).count(),
        (1..19).filter(|&k| inked(18, k) || inked(19, k)).count(),
    ];
    let worst = edges.iter().copied().min().unwrap_or(0) as f32 / 18.0;
    (fill >= SOLID.0 && fill <= SOLID.1 && worst >= 0.75).then(|| Frame {
        corners: corners.to_vec(),
        coverage: worst,
        solid: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;
    use imageproc::drawing::{draw_hollow_rect_mut, draw_line_segment_mut};
    use imageproc::rect::Rect;

    fn inked(plane: &GrayImage) -> Vec<Pixel<i32>> {
        plane
            .enumerate_pixels()
            .filter(|(_, _, p)| p.0[0] > 50)
            .map(|(x, y, _)| Pixel::new(x as i32, y as i32))
            .collect()
    }

    #[test]
    fn a_drawn_rectangle_is_a_frame() {
        let mut plane = GrayImage::new(120, 80);
        draw_hollow_rect_mut(&mut plane, Rect::at(20, 15).of_size(80, 40), Luma([200]));
        draw_hollow_rect_mut(&mut plane, Rect::at(21, 16).of_size(78, 38), Luma([200]));
        let found = frame(&plane, &inked(&plane), 20.0).expect("a frame");
        assert_eq!(found.corners.len(), 4);
        assert!(found.corners[0].distance(Point::new(21.0, 16.0)) < 2.0, "{found:?}");
        assert!(found.corners[2].distance(Point::new(99.0, 54.0)) < 2.0, "{found:?}");
    }

    #[test]
    fn a_drawn_triangle_is_a_frame() {
        let mut plane = GrayImage::new(120, 120);
        for shift in 0..2 {
            let s = shift as f32;
            let corners = [(60.0, 10.0 + s), (110.0 - s, 95.0 - s), (10.0 + s, 95.0 - s)];
            for i in 0..3 {
                draw_line_segment_mut(&mut plane, corners[i], corners[(i + 1) % 3], Luma([200]));
            }
        }
        let found = frame(&plane, &inked(&plane), 20.0).expect("a frame");
        assert_eq!(found.corners.len(), 3);
        assert!(found.corners[0].distance(Point::new(60.0, 10.0)) < 4.0, "{found:?}");
    }

    #[test]
    fn rows_of_dashes_are_no_frame() {
        let mut plane = GrayImage::new(160, 60);
        for row in 0..3 {
            for column in 0..12 {
                let rect = Rect::at(10 + column * 12, 10 + row * 14).of_size(4, 9);
                draw_hollow_rect_mut(&mut plane, rect, Luma([200]));
            }
        }
        assert!(frame(&plane, &inked(&plane), 20.0).is_none());
    }
}
