//! Ink plane → the thin dark lines on it: which pixels lie on the crest of one, and which way it runs there. A ring
//! stays a line where print crosses it; the strokes of print are lines, too, but run in all directions.

use image::GrayImage;

use super::ellipse::Ellipse;
use super::ring::{Arc, Ring};
use crate::geometry::Point;

/// When a pixel lies on a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct RidgeParams {
    /// Least height above the paper on the darker side, of 255.
    pub(super) height: i32,
    /// The paper begins at most this far from the crest, pixels.
    pub(super) reach: usize,
    /// Half the side of the square over which the direction is taken, pixels.
    pub(super) window: usize,
    /// Least agreement of the directions within it, 0..=1.
    pub(super) coherence: f32,
}

/// The lines of a plane.
pub(super) struct Ridges {
    width: usize,
    height: usize,
    /// So near the plane's edges no lines are looked for, pixels.
    margin: usize,
    /// The line's normal at each pixel, ± 100 long; (0, 0) where there is none.
    normals: Vec<(i8, i8)>,
}

/// Length of a stored normal.
const UNIT: f32 = 100.0;

impl Ridges {
    /// The lines of a plane.
    pub(super) fn of(plane: &GrayImage, params: &RidgeParams) -> Self {
        let (width, height) = (plane.width() as usize, plane.height() as usize);
        let mut normals = vec![(0i8, 0i8); width * height];
        let margin = params.window.max(params.reach) + 1;
        if width <= 2 * margin || height <= 2 * margin {
            return Self { width, height, margin, normals };
        }
        let data: &[u8] = plane;
        let tensor = Tensor::of(data, width, height, params.window);
        for y in margin..height - margin {
            for x in margin..width - margin {
                let at = y * width + x;
                let value = i32::from(data[at]);
                if value < params.height {
                    continue;
                }
                let Some((nx, ny)) = tensor.normal(at, params.coherence) else { continue };
                let value_at = |distance: f32| {
                    let (px, py) = (x as f32 + nx * distance, y as f32 + ny * distance);
                    i32::from(data[(py + 0.5) as usize * width + (px + 0.5) as usize])
                };
                if value_at(1.0) > value || value_at(-1.0) > value {
                    continue;
                }
                let paper = |side: f32| (2..=params.reach).map(|d| value_at(side * d as f32)).min().unwrap_or(255);
                if value - paper(1.0).max(paper(-1.0)) >= params.height {
                    normals[at] = ((nx * UNIT) as i8, (ny * UNIT) as i8);
                }
            }
        }
        Self { width, height, margin, normals }
    }

    /// So near the plane's edges no lines are looked for, pixels.
    pub(super) const fn margin(&self) -> f32 {
        self.margin as f32
    }

    /// True where lines are looked for.
    fn is_seen(&self, p: Point) -> bool {
        let margin = self.margin as f32;
        p.x >= margin && p.y >= margin && p.x <= self.width as f32 - margin && p.y <= self.height as f32 - margin
    }

    /// Share of an outline that lies where lines are looked for.
    pub(super) fn visible(&self, ellipse: &Ellipse) -> f32 {
        const FEW: usize = 36;
        let seen = (0..FEW).filter(|&i| self.is_seen(ellipse.at(i as f32 / FEW as f32 * std::f32::consts::TAU, 0.0)));
        seen.count() as f32 / FEW as f32
    }

    /// Every pixel on a line with the line's unit normal.
    pub(super) fn pixels(&self) -> impl Iterator<Item = (usize, usize, (f32, f32))> {
        let width = self.width;
        self.normals
            .iter()
            .enumerate()
            .filter(|(_, n)| **n != (0, 0))
            .map(move |(at, &(nx, ny))| (at % width, at / width, (f32::from(nx) / UNIT, f32::from(ny) / UNIT)))
    }

    /// Width and height of the plane.
    pub(super) const fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    fn normal(&self, p: Point) -> Option<(f32, f32)> {
        let inside = p.x >= 0.0 && p.y >= 0.0 && p.x < self.width as f32 && p.y < self.height as f32;
        let (nx, ny) = if inside { self.normals[p.y as usize * self.width + p.x as usize] } else { (0, 0) };
        ((nx, ny) != (0, 0)).then_some((f32::from(nx) / UNIT, f32::from(ny) / UNIT))
    }

    /// The ring that lines along an outline make.
    pub(super) fn along(&self, ellipse: &Ellipse) -> Ring {
        let mut seen = [None; Arc::DIRECTIONS];
        for (i, seen) in seen.iter_mut().enumerate() {
            let t = i as f32 / Arc::DIRECTIONS as f32 * std::f32::consts::TAU;
            let (foot, inner) = (ellipse.at(t, 0.0), ellipse.at(t, 1.0));
            if !self.is_seen(foot) {
                continue;
            }
            let (nx, ny) = (foot.x - inner.x, foot.y - inner.y);
            let runs_along =
                |&depth: &f32| self.normal(ellipse.at(t, depth)).is_some_and(|(x, y)| (x * nx + y * ny).abs() > ALONG);
            *seen = Some([0.0, -0.8, 0.8, -1.5, 1.5].iter().any(runs_along));
        }
        Ring::seen(ellipse, &seen)
    }

    /// Pixels of lines that run about the centre, at distances relative to `ellipse` within `span`.
    pub(super) fn about(&self, ellipse: &Ellipse, span: (f32, f32)) -> Vec<Point> {
        let b = ellipse.scaled(1.0, 0.0, 0.0).grown(ellipse.major * (span.1 - 1.0).max(0.0)).bbox();
        let clamped = |value: i32, most: usize| value.clamp(0, most as i32) as usize;
        let mut found = Vec::new();
        for y in clamped(b.top, self.height)..clamped(b.bottom, self.height) {
            for x in clamped(b.left, self.width)..clamped(b.right, self.width) {
                let (nx, ny) = self.normals[y * self.width + x];
                if (nx, ny) == (0, 0) {
                    continue;
                }
                let p = Point::new(x as f32 + 0.5, y as f32 + 0.5);
                let relative = ellipse.relative(p);
                if relative < span.0 || relative > span.1 {
                    continue;
                }
                let t = ellipse.parameter(p);
                let (foot, inner) = (ellipse.at(t, 0.0), ellipse.at(t, 1.0));
                let (dx, dy) = (foot.x - inner.x, foot.y - inner.y);
                if (f32::from(nx) * dx + f32::from(ny) * dy).abs() > ABOUT * UNIT {
                    found.push(p);
                }
            }
        }
        found
    }
}

/// Cosine of the angle by which a line may run off the outline: 18°.
const ALONG: f32 = 0.95;
/// The same before the outline is fitted: 30°.
const ABOUT: f32 = 0.866;

/// Gradients count no more than this steep: beside black print the ring of a pale stamp would not.
const STEEP: i32 = 40;

/// Sums of the gradients' products around each pixel.
struct Tensor {
    xx: Vec<i32>,
    yy: Vec<i32>,
    xy: Vec<i32>,
}

impl Tensor {
    fn of(data: &[u8], width: usize, height: usize, window: usize) -> Self {
        let mut xx = vec![0i32; width * height];
        let mut yy = vec![0i32; width * height];
        let mut xy = vec![0i32; width * height];
        for y in 1..height - 1 {
            let row = y * width;
            for x in 1..width - 1 {
                let at = row + x;
                let gx = i32::from(data[at + 1]) - i32::from(data[at - 1]);
                let gy = i32::from(data[at + width]) - i32::from(data[at - width]);
                let steepness = gx.abs().max(gy.abs());
                let (gx, gy) =
                    if steepness > STEEP { (gx * STEEP / steepness, gy * STEEP / steepness) } else { (gx, gy) };
                xx[at] = gx * gx;
                yy[at] = gy * gy;
                xy[at] = gx * gy;
            }
        }
        for plane in [&mut xx, &mut yy, &mut xy] {
            summed(plane, width, height, window);
        }
        Self { xx, yy, xy }
    }

    /// The direction across the line, when most gradients around agree on it.
    fn normal(&self, at: usize, coherence: f32) -> Option<(f32, f32)> {
        let (xx, yy, xy) = (self.xx[at] as f32, self.yy[at] as f32, self.xy[at] as f32);
        let (difference, sum) = (xx - yy, xx + yy);
        let length = difference.hypot(2.0 * xy);
        if length < coherence * sum || sum < 1.0 {
            return None;
        }
        let cosine = difference / length;
        let (nx, ny) = (f32::midpoint(1.0, cosine).max(0.0).sqrt(), ((1.0 - cosine) / 2.0).max(0.0).sqrt());
        Some((nx, if xy < 0.0 { -ny } else { ny }))
    }
}

/// Each value becomes the sum over the square of `reach` around it; the margins keep partial sums.
fn summed(values: &mut [i32], width: usize, height: usize, reach: usize) {
    let mut line = vec![0i32; width.max(height)];
    for row in values.chunks_exact_mut(width) {
        line[..width].copy_from_slice(row);
        let mut sum: i32 = line[..reach].iter().sum();
        for x in 0..width {
            sum += if x + reach < width { line[x + reach] } else { 0 };
            row[x] = sum;
            sum -= if x >= reach { line[x - reach] } else { 0 };
        }
    }
    // Down the columns, a row at a time.
    let mut above: Vec<Vec<i32>> = Vec::with_capacity(2 * reach + 1);
    let mut sums = vec![0i32; width];
    for y in 0..reach.min(height) {
        for (sum, &value) in sums.iter_mut().zip(&values[y * width..(y + 1) * width]) {
            *sum += value;
        }
    }
    for y in 0..height {
        if y + reach < height {
            for (sum, &value) in sums.iter_mut().zip(&values[(y + reach) * width..(y + reach + 1) * width]) {
                *sum += value;
            }
        }
        if above.len() == reach + 1 {
            above.remove(0);
        }
        above.push(values[y * width..(y + 1) * width].to_vec());
        values[y * width..(y + 1) * width].copy_from_slice(&sums);
        if y >= reach {
            for (sum, &value) in sums.iter_mut().zip(&above[0]) {
                *sum -= value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    const PARAMS: RidgeParams = RidgeParams { height: 14, reach: 3, window: 2, coherence: 0.4 };

    fn ring(radius: f32) -> GrayImage {
        GrayImage::from_fn(120, 120, |x, y| {
            let off = (Point::new(x as f32 + 0.5, y as f32 + 0.5).distance(Point::new(60.0, 60.0)) - radius).abs();
            Luma([((1.5 - off).clamp(0.0, 1.0) * 120.0) as u8])
        })
    }

    #[test]
    fn a_ring_is_a_line_all_around() {
        let ridges = Ridges::of(&ring(40.0), &PARAMS);
        let Ring { coverage: seen, visible, .. } = ridges.along(&Ellipse::circle(Point::new(60.0, 60.0), 40.0));
        assert!(seen > 0.95 && visible > 0.99, "{seen} {visible}");
    }

    #[test]
    fn a_disc_has_no_line_along_its_rim() {
        let disc = GrayImage::from_fn(120, 120, |x, y| {
            let inside = Point::new(x as f32 + 0.5, y as f32 + 0.5).distance(Point::new(60.0, 60.0)) < 40.0;
            Luma([if inside { 120 } else { 0 }])
        });
        let seen = Ridges::of(&disc, &PARAMS).along(&Ellipse::circle(Point::new(60.0, 60.0), 40.0)).coverage;
        assert!(seen < 0.1, "{seen}");
    }

    #[test]
    fn sums_are_those_of_the_square_around() {
        let mut values: Vec<i32> = (0..42).collect();
        let before = values.clone();
        summed(&mut values, 7, 6, 2);
        let wanted: i32 = (1..=5).flat_map(|y| (1..=5).map(move |x| y * 7 + x)).map(|at| before[at as usize]).sum();
        assert_eq!(values[3 * 7 + 3], wanted);
    }
}
