//! Ellipses (circles among them): geometry, and a robust fit to points of which some are wrong.

use crate::geometry::{Bbox, Point};

/// An ellipse, axes in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ellipse {
    /// Its centre.
    pub centre: Point,
    /// Half of the longer axis.
    pub major: f32,
    /// Half of the shorter axis.
    pub minor: f32,
    /// Direction of the longer axis, radians clockwise from the page's right.
    pub angle: f32,
}

impl Ellipse {
    /// A circle.
    pub const fn circle(centre: Point, radius: f32) -> Self {
        Self { centre, major: radius, minor: radius, angle: 0.0 }
    }

    /// Geometric mean of the half axes.
    pub fn radius(&self) -> f32 {
        (self.major * self.minor).sqrt()
    }

    /// The point at parameter `t` (radians, clockwise from the longer axis) moved inwards by `depth` pixels along
    /// the normal.
    pub fn at(&self, t: f32, depth: f32) -> Point {
        let (sin, cos) = t.sin_cos();
        let (x, y) = (self.major * cos, self.minor * sin);
        let (nx, ny) = (self.minor * cos, self.major * sin);
        let length = nx.hypot(ny).max(f32::MIN_POSITIVE);
        let (x, y) = (x - nx / length * depth, y - ny / length * depth);
        let (s, c) = self.angle.sin_cos();
        Point::new(self.centre.x + x * c - y * s, self.centre.y + x * s + y * c)
    }

    /// Distance from the centre relative to the outline in the same direction: 1 on the outline.
    pub fn relative(&self, p: Point) -> f32 {
        let (dx, dy) = (p.x - self.centre.x, p.y - self.centre.y);
        let (s, c) = self.angle.sin_cos();
        ((dx * c + dy * s) / self.major).hypot((dy * c - dx * s) / self.minor)
    }

    /// The parameter of the direction from the centre to a point.
    pub fn parameter(&self, p: Point) -> f32 {
        let (dx, dy) = (p.x - self.centre.x, p.y - self.centre.y);
        let (s, c) = self.angle.sin_cos();
        ((dy * c - dx * s) / self.minor).atan2((dx * c + dy * s) / self.major)
    }

    /// The smallest whole-pixel box around it.
    pub fn bbox(&self) -> Bbox {
        let (s, c) = self.angle.sin_cos();
        let (w, h) = ((self.major * c).hypot(self.minor * s), (self.major * s).hypot(self.minor * c));
        let (x, y) = (self.centre.x, self.centre.y);
        Bbox::from_ltrb((x - w).floor() as i32, (y - h).floor() as i32, (x + w).ceil() as i32, (y + h).ceil() as i32)
    }

    /// Scaled about the origin, then moved.
    pub fn scaled(&self, factor: f32, dx: f32, dy: f32) -> Self {
        Self {
            centre: Point::new(self.centre.x * factor + dx, self.centre.y * factor + dy),
            major: self.major * factor,
            minor: self.minor * factor,
            angle: self.angle,
        }
    }

    /// Both half axes longer by `pixels`.
    pub fn grown(&self, pixels: f32) -> Self {
        Self { major: self.major + pixels, minor: self.minor + pixels, ..*self }
    }
}

/// What a fit may give.
#[derive(Debug, Clone, Copy)]
pub(super) struct FitLimits {
    /// Points this far from the outline, relative to the radius, support it.
    pub(super) tolerance: f32,
    /// And at least this far, pixels.
    pub(super) tolerance_px: f32,
    /// Least ratio of the axes.
    pub(super) flattest: f32,
    /// The radius relative to the guess lies in 1 / this..=this.
    pub(super) radius_factor: f32,
}

/// Tries of the random search: with 60 % of the points right, 5 of them are in one of 13 tries.
const TRIES: usize = 100;
/// An ellipse has two parameters more than a circle: it must support this much more of the points.
const ELLIPSE_GAIN: f32 = 1.06;

/// The circle or ellipse near `guess` that most of the points support, with the share that does. `None` when no
/// admissible one was found.
pub(super) fn fitted(points: &[Point], guess: &Ellipse, limits: &FitLimits) -> Option<(Ellipse, f32)> {
    if points.len() < 12 {
        return None;
    }
    let mut random = Sequence(0x9e37_79b9_7f4a_7c15);
    let mut circle: Option<(Ellipse, usize)> = None;
    let mut ellipse: Option<(Ellipse, usize)> = None;
    let admissible = |e: &Ellipse| {
        let ratio = e.radius() / guess.radius();
        ratio < limits.radius_factor && ratio > 1.0 / limits.radius_factor && e.minor / e.major >= limits.flattest
    };
    let support = |e: &Ellipse| {
        let supports = supporters(e, limits);
        points.iter().filter(|&&p| supports(p)).count()
    };
    let better = |best: &mut Option<(Ellipse, usize)>, e: Option<Ellipse>| {
        if let Some(e) = e.filter(admissible) {
            let count = support(&e);
            if best.is_none_or(|(_, most)| count > most) {
                *best = Some((e, count));
            }
        }
    };
    for _ in 0..TRIES {
        let pick = |random: &mut Sequence| points[random.below(points.len())];
        let three = [pick(&mut random), pick(&mut random), pick(&mut random)];
        better(&mut circle, through(three));
        if limits.flattest < 1.0 {
            let five = [pick(&mut random), pick(&mut random), pick(&mut random), pick(&mut random), pick(&mut random)];
            better(&mut ellipse, conic(&five, guess));
        }
    }
    // Least squares over the supporters; twice, because they change.
    for _ in 0..2 {
        for (best, round) in [(&mut circle, true), (&mut ellipse, false)] {
            let Some((found, _)) = *best else { continue };
            let supports = supporters(&found, limits);
            let inliers: Vec<Point> = points.iter().copied().filter(|&p| supports(p)).collect();
            let refit = if round { circle_of(&inliers, &found) } else { conic(&inliers, &found) };
            better(best, refit);
        }
    }
    let share = |count: usize| count as f32 / points.len() as f32;
    match (circle, ellipse) {
        (Some((_, nc)), Some((e, ne))) if ne as f32 > nc as f32 * ELLIPSE_GAIN => Some((e, share(ne))),
        (Some((c, nc)), _) => Some((c, share(nc))),
        (None, Some((e, ne))) => Some((e, share(ne))),
        (None, None) => None,
    }
}

/// Whether a point lies on the outline.
fn supporters(e: &Ellipse, limits: &FitLimits) -> impl Fn(Point) -> bool {
    let (s, c) = e.angle.sin_cos();
    let slack = limits.tolerance.max(limits.tolerance_px / e.radius());
    let (least, most) = ((1.0 - slack).max(0.0).powi(2), (1.0 + slack).powi(2));
    let (centre, across, down) = (e.centre, e.major.recip(), e.minor.recip());
    move |p| {
        let (dx, dy) = (p.x - centre.x, p.y - centre.y);
        let (u, v) = ((dx * c + dy * s) * across, (dy * c - dx * s) * down);
        let square = u * u + v * v;
        square >= least && square <= most
    }
}

/// The circle through three points.
fn through([a, b, c]: [Point; 3]) -> Option<Ellipse> {
    let (bx, by, cx, cy) = (b.x - a.x, b.y - a.y, c.x - a.x, c.y - a.y);
    let d = 2.0 * (bx * cy - by * cx);
    if d.abs() < 1e-3 {
        return None;
    }
    let (bb, cc) = (bx * bx + by * by, cx * cx + cy * cy);
    let (x, y) = ((cy * bb - by * cc) / d, (bx * cc - cx * bb) / d);
    Some(Ellipse::circle(Point::new(a.x + x, a.y + y), x.hypot(y)))
}

/// The circle nearest to the points in the algebraic sense.
fn circle_of(points: &[Point], near: &Ellipse) -> Option<Ellipse> {
    let scale = f64::from(near.radius());
    let rows = points.iter().map(|p| {
        let (x, y) = (f64::from(p.x - near.centre.x) / scale, f64::from(p.y - near.centre.y) / scale);
        ([x, y, 1.0], x * x + y * y)
    });
    let [d, e, f] = least_squares(rows)?;
    let (x, y) = (d / 2.0, e / 2.0);
    let square = f + x * x + y * y;
    (square > 0.0).then(|| {
        let centre = Point::new(near.centre.x + (x * scale) as f32, near.centre.y + (y * scale) as f32);
        Ellipse::circle(centre, (square.sqrt() * scale) as f32)
    })
}

/// The ellipse nearest to the points in the algebraic sense.
fn conic(points: &[Point], near: &Ellipse) -> Option<Ellipse> {
    let scale = f64::from(near.radius());
    let rows = points.iter().map(|p| {
        let (x, y) = (f64::from(p.x - near.centre.x) / scale, f64::from(p.y - near.centre.y) / scale);
        ([x * x, x * y, y * y, x, y], 1.0)
    });
    let [a, b, c, d, e] = least_squares(rows)?;
    let determinant = 4.0 * a * c - b * b;
    if determinant <= 1e-9 {
        return None;
    }
    let (x, y) = ((b * e - 2.0 * c * d) / determinant, (b * d - 2.0 * a * e) / determinant);
    let value = 1.0 + a * x * x + b * x * y + c * y * y;
    let spread = ((a - c).powi(2) + b * b).sqrt();
    let (small, large) = ((a + c - spread) / 2.0 / value, (a + c + spread) / 2.0 / value);
    if small <= 0.0 {
        return None;
    }
    // The longer axis belongs to the smaller eigenvalue.
    let angle = 0.5 * (-b).atan2(c - a);
    Some(Ellipse {
        centre: Point::new(near.centre.x + (x * scale) as f32, near.centre.y + (y * scale) as f32),
        major: (scale / small.sqrt()) as f32,
        minor: (scale / large.sqrt()) as f32,
        angle: angle as f32,
    })
}

/// Solves the normal equations of `row · solution ≈ value`.
fn least_squares<const N: usize>(rows: impl Iterator<Item = ([f64; N], f64)>) -> Option<[f64; N]> {
    let mut matrix = [[0.0; N]; N];
    let mut right = [0.0; N];
    for (row, value) in rows {
        for i in 0..N {
            right[i] += row[i] * value;
            for j in 0..N {
                matrix[i][j] += row[i] * row[j];
            }
        }
    }
    for i in 0..N {
        let pivot = (i..N).max_by(|&p, &q| matrix[p][i].abs().total_cmp(&matrix[q][i].abs()))?;
        if matrix[pivot][i].abs() < 1e-12 {
            return None;
        }
        matrix.swap(i, pivot);
        right.swap(i, pivot);
        for k in i + 1..N {
            let factor = matrix[k][i] / matrix[i][i];
            let upper = matrix[i];
            for (value, above) in matrix[k].iter_mut().zip(upper).skip(i) {
                *value -= factor * above;
            }
            right[k] -= factor * right[i];
        }
    }
    let mut solution = [0.0; N];
    for i in (0..N).rev() {
        let rest: f64 = (i + 1..N).map(|j| matrix[i][j] * solution[j]).sum();
        solution[i] = (right[i] - rest) / matrix[i][i];
    }
    Some(solution)
}

/// A reproducible pseudo-random sequence (xorshift): the same page must always give the same seals.
struct Sequence(u64);

impl Sequence {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::TAU;

    const LIMITS: FitLimits = FitLimits { tolerance: 0.02, tolerance_px: 1.0, flattest: 0.5, radius_factor: 1.3 };

    fn on(e: &Ellipse, from: f32, to: f32) -> Vec<Point> {
        (0..90).map(|i| e.at(from + (to - from) * i as f32 / 90.0, 0.0)).collect()
    }

    #[test]
    fn an_ellipse_is_found_among_a_third_of_wrong_points() {
        let truth = Ellipse { centre: Point::new(120.0, 90.0), major: 80.0, minor: 58.0, angle: 0.4 };
        let mut points = on(&truth, 0.0, TAU);
        points.extend((0..40).map(|i| truth.at(i as f32 * 0.37, 6.0 + (i % 9) as f32 * 3.0)));
        let guess = Ellipse::circle(Point::new(125.0, 88.0), 70.0);
        let (found, share) = fitted(&points, &guess, &LIMITS).expect("enough points");
        assert!(share > 0.6, "{share}");
        assert!(found.centre.distance(truth.centre) < 1.0, "{found:?}");
        assert!((found.major - 80.0).abs() < 1.0 && (found.minor - 58.0).abs() < 1.0, "{found:?}");
        assert!((found.angle - 0.4).abs() < 0.05, "{found:?}");
    }

    #[test]
    fn half_a_circle_gives_the_circle() {
        let truth = Ellipse::circle(Point::new(200.0, 100.0), 60.0);
        let guess = Ellipse::circle(Point::new(190.0, 105.0), 55.0);
        let (found, _) = fitted(&on(&truth, 1.6, 4.7), &guess, &LIMITS).expect("enough points");
        assert!(found.centre.distance(truth.centre) < 0.5 && (found.radius() - 60.0).abs() < 0.5, "{found:?}");
    }

    #[test]
    fn parameter_and_point_agree() {
        let e = Ellipse { centre: Point::new(10.0, 20.0), major: 8.0, minor: 5.0, angle: 1.0 };
        assert!((e.parameter(e.at(0.7, 0.0)) - 0.7).abs() < 1e-4);
        assert!((e.relative(e.at(2.0, 0.0)) - 1.0).abs() < 1e-4);
    }
}
