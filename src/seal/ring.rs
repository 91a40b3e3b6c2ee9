//! Ink plane + a centre → is there a ring around it, how large, and how much of it is there. The ring is then fitted
//! as a circle or an ellipse.

use std::f32::consts::TAU;

use image::GrayImage;

use super::ellipse::{Ellipse, FitLimits, fitted};
use super::ink::sample;
use crate::geometry::Point;

/// When ink along a circle counts as a ring.
#[derive(Debug, Clone, Copy)]
pub(super) struct RingParams {
    /// Least height of the ridge above the less dark side within `dip` of it, of 255.
    pub(super) ridge: f32,
    /// The ridge must fall off within this share of the radius on both sides: a drawn ring of a seal is 0.03 to
    /// 0.08 of its radius thick (GB/T 33190 draws 1.2 mm for 21 mm), the text stands 0.05 or more away from it.
    pub(super) dip: f32,
    /// The ring may lie this share of the radius off a circle when it is first looked for: tilt of phone photos.
    pub(super) wobble: f32,
    /// Least share of the visible directions in which the ridge is there.
    pub(super) coverage: f32,
    /// Least share of all directions that must be on the page: a seal on the seam shows a third of its width.
    pub(super) visible: f32,
}

/// A ring.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ring {
    pub(super) ellipse: Ellipse,
    /// Share of the visible directions in which it was seen on the fitted outline.
    pub(super) coverage: f32,
    /// Share of all directions that lie on the page.
    pub(super) visible: f32,
    /// In which directions it was seen; `None` where one is not on the page.
    directions: [Option<bool>; Arc::DIRECTIONS],
}

impl Ring {
    /// The ring of which in each direction so much is seen; `None` where a direction is not on the page.
    pub(super) fn seen(ellipse: &Ellipse, seen: &[Option<bool>; Arc::DIRECTIONS]) -> Self {
        let visible = seen.iter().flatten().count();
        let count = seen.iter().flatten().filter(|&&seen| seen).count();
        Self {
            ellipse: *ellipse,
            coverage: count as f32 / visible.max(1) as f32,
            visible: visible as f32 / Arc::DIRECTIONS as f32,
            directions: *seen,
        }
    }

    /// The longest stretch of it that is as good as whole: what a block leaves of a ring, or a page's edge.
    pub(super) fn arc(&self) -> Option<Arc> {
        Arc::longest(&self.directions)
    }
}

/// A stretch of an outline, in directions of [`Arc::DIRECTIONS`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Arc {
    from: usize,
    count: usize,
    /// Share of its visible directions in which the ring was seen.
    pub(super) coverage: f32,
}

impl Arc {
    /// Directions in which an outline is measured.
    pub(super) const DIRECTIONS: usize = 144;
    /// Shorter arcs, as a share of the outline, are made by strokes and ornaments.
    const LEAST: f32 = 0.36;
    /// An arc is as good as whole when it is seen in this share of its directions: a bar over print may cross it.
    const WHOLE: f32 = 0.84;

    /// The longest whole arc of an outline that is `seen` in each of its directions, `None` where it is not on the page.
    fn longest(seen: &[Option<bool>; Self::DIRECTIONS]) -> Option<Self> {
        let least = (Self::LEAST * Self::DIRECTIONS as f32) as usize;
        // How many directions before each one are visible, and in how many of them the ring was seen, twice round.
        let mut before = [(0, 0); 2 * Self::DIRECTIONS + 1];
        for i in 0..2 * Self::DIRECTIONS {
            let (visible, hits) = before[i];
            let here = seen[i % Self::DIRECTIONS];
            before[i + 1] = (visible + usize::from(here.is_some()), hits + usize::from(here == Some(true)));
        }
        (least..=Self::DIRECTIONS).rev().step_by(4).find_map(|count| {
            let whole = |from: usize| {
                let ((visible, hits), (visible_before, hits_before)) = (before[from + count], before[from]);
                let visible = visible - visible_before;
                let coverage = (hits - hits_before) as f32 / visible.max(1) as f32;
                (visible >= least && coverage >= Self::WHOLE).then_some(Self { from, count, coverage })
            };
            (0..Self::DIRECTIONS).filter_map(whole).max_by(|a, b| a.coverage.total_cmp(&b.coverage))
        })
    }

    fn holds(self, direction: f32) -> bool {
        let i = (direction * Self::DIRECTIONS as f32) as usize;
        (i + Self::DIRECTIONS - self.from) % Self::DIRECTIONS < self.count
    }
}

const DIRECTIONS: usize = 72;

/// Values along a ray with the ridge height at each pixel from the centre.
struct Ray {
    /// How far the ray is inside the plane, pixels (from, to).
    inside: (usize, usize),
    ridge: Vec<f32>,
}

fn ray(plane: &GrayImage, centre: Point, angle: f32, reach: usize, params: &RingParams) -> Ray {
    let (sin, cos) = angle.sin_cos();
    let (width, height) = (plane.width() as f32, plane.height() as f32);
    let mut values = vec![0.0; reach + 1];
    let mut inside = (usize::MAX, 0);
    for (r, value) in values.iter_mut().enumerate() {
        let (x, y) = (centre.x + cos * r as f32, centre.y + sin * r as f32);
        if x > 1.0 && y > 1.0 && x < width - 1.0 && y < height - 1.0 {
            *value = sample(plane, x, y);
            inside = (inside.0.min(r), r);
        }
    }
    let mut ridge = vec![0.0; reach + 1];
    for r in 2..=reach {
        let depth = (params.dip * r as f32).ceil().max(3.0) as usize;
        let value = values[r];
        if value < params.ridge {
            continue;
        }
        let least = |range: &[f32]| range.iter().copied().fold(f32::MAX, f32::min);
        let inner = least(&values[r.saturating_sub(depth)..r]);
        let outer = if r == reach { 0.0 } else { least(&values[r + 1..=(r + depth).min(reach)]) };
        ridge[r] = (value - inner.max(outer)).max(0.0);
    }
    Ray { inside, ridge }
}

/// The ring around `centre` with a radius within `radii`, pixels of the plane; `None` when there is none.
pub(super) fn ring_around(plane: &GrayImage, centre: Point, radii: (f32, f32), params: &RingParams) -> Option<Ring> {
    let reach = (radii.1 * 1.15).ceil() as usize + 3;
    if !promising(plane, centre, radii, params) {
        return None;
    }
    let rays: Vec<Ray> =
        (0..DIRECTIONS).map(|i| ray(plane, centre, i as f32 / DIRECTIONS as f32 * TAU, reach, params)).collect();
    // How many ridge pixels lie below each radius.
    let counts: Vec<Vec<u16>> = rays
        .iter()
        .map(|ray| {
            let mut sum = 0;
            let mut below = vec![0];
            below.extend(ray.ridge.iter().map(|&r| {
                sum += u16::from(r >= params.ridge);
                sum
            }));
            below
        })
        .collect();
    let coverage = |radius: usize| {
        let slack = (params.wobble * radius as f32).max(1.0) as usize;
        let (mut seen, mut visible) = (0, 0);
        for (ray, below) in rays.iter().zip(&counts) {
            if radius < ray.inside.0 || radius > ray.inside.1 {
                continue;
            }
            visible += 1;
            let (from, to) = (radius.saturating_sub(slack), (radius + slack).min(reach));
            seen += usize::from(below[to + 1] > below[from]);
        }
        let visible_share = visible as f32 / DIRECTIONS as f32;
        if visible_share < params.visible { 0.0 } else { seen as f32 / visible as f32 }
    };
    let shares: Vec<f32> =
        (0..=radii.1 as usize).map(|r| if (r as f32) < radii.0 { 0.0 } else { coverage(r) }).collect();
    let most = shares.iter().copied().fold(0.0, f32::max);
    if most < params.coverage {
        return None;
    }
    // The outermost of the rings that are about as complete: a seal's second ring and its text are inside.
    let radius = shares.iter().rposition(|&s| s >= (most * 0.94).max(params.coverage))?;
    // That radius is the largest from which the ring is still within reach.
    let slack = (params.wobble * radius as f32).max(1.0);
    refined(plane, &Ellipse::circle(centre, radius as f32 - 0.8 * slack), params)
}

/// A first look in few directions: most centres that edges point at by chance have nothing around them.
fn promising(plane: &GrayImage, centre: Point, radii: (f32, f32), params: &RingParams) -> bool {
    const FEW: usize = 20;
    let reach = radii.1.ceil() as usize;
    let mut seen = vec![0u8; reach + 1];
    let mut visible = vec![0u8; reach + 1];
    for i in 0..FEW {
        let ray = ray(plane, centre, i as f32 / FEW as f32 * TAU, reach, params);
        let mut nearest = 0usize;
        for r in radii.0 as usize..=reach {
            if r < ray.inside.0 || r > ray.inside.1 {
                continue;
            }
            visible[r] += 1;
            let slack = (params.wobble * r as f32).max(1.0) as usize;
            // The farthest ridge up to r + slack.
            for q in nearest.max(r.saturating_sub(slack))..=(r + slack).min(reach) {
                if ray.ridge[q] >= params.ridge {
                    nearest = q;
                }
            }
            seen[r] += u8::from(nearest > 0 && nearest + slack >= r);
        }
    }
    let least = (params.visible * FEW as f32).floor().max(3.0) as u8;
    (0..=reach).any(|r| visible[r] >= least && f32::from(seen[r]) >= 0.85 * params.coverage * f32::from(visible[r]))
}

/// Directions in which the outline is measured for the fit.
const MEASURED: usize = Arc::DIRECTIONS;

/// The ring near a guess, fitted.
pub(super) fn refined(plane: &GrayImage, guess: &Ellipse, params: &RingParams) -> Option<Ring> {
    let mut points = Vec::with_capacity(MEASURED * 2);
    let span = 0.14;
    for i in 0..MEASURED {
        let t = i as f32 / MEASURED as f32 * TAU;
        let edge = guess.at(t, 0.0);
        let distance = edge.distance(guess.centre);
        let angle = (edge.y - guess.centre.y).atan2(edge.x - guess.centre.x);
        let reach = (distance * (1.0 + span + params.dip)).ceil() as usize + 3;
        let ray = ray(plane, guess.centre, angle, reach, params);
        let from = (distance * (1.0 - span)) as usize;
        let to = ((distance * (1.0 + span)).ceil() as usize).min(reach - 1);
        // Up to two ridges a direction, outermost first.
        let mut taken = 0;
        let mut r = to;
        while r > from.max(1) && taken < 2 {
            let here = ray.ridge[r];
            if here >= params.ridge && here >= ray.ridge[r - 1] && here >= ray.ridge[r + 1] {
                let (before, after) = (ray.ridge[r - 1], ray.ridge[r + 1]);
                let curve = before - 2.0 * here + after;
                let shift = if curve < -1e-3 { (0.5 * (before - after) / curve).clamp(-0.5, 0.5) } else { 0.0 };
                let (sin, cos) = angle.sin_cos();
                let radius = r as f32 + shift;
                points.push(Point::new(guess.centre.x + cos * radius, guess.centre.y + sin * radius));
                taken += 1;
                r = r.saturating_sub(2);
            } else {
                r -= 1;
            }
        }
    }
    // A short arc does not tell an ellipse from a circle.
    let arc = points.len() as f32 / MEASURED as f32;
    let flattest = if visible_share(plane, guess) < 0.8 || arc < 0.4 { 1.0 } else { 0.5 };
    let limits = FitLimits { tolerance: 0.014, tolerance_px: 1.1, flattest, radius_factor: 1.25 };
    let (ellipse, _) = fitted(&points, guess, &limits)?;
    let ring = measured(plane, &ellipse, params);
    (ring.coverage >= params.coverage && ring.visible >= params.visible).then_some(ring)
}

fn inside(plane: &GrayImage, p: Point) -> bool {
    p.x > 1.0 && p.y > 1.0 && p.x < plane.width() as f32 - 1.0 && p.y < plane.height() as f32 - 1.0
}

fn visible_share(plane: &GrayImage, e: &Ellipse) -> f32 {
    let seen = (0..DIRECTIONS).filter(|&i| inside(plane, e.at(i as f32 / DIRECTIONS as f32 * TAU, 0.0))).count();
    seen as f32 / DIRECTIONS as f32
}

/// How much of an outline shows as a ridge.
pub(super) fn measured(plane: &GrayImage, ellipse: &Ellipse, params: &RingParams) -> Ring {
    let depth = (params.dip * ellipse.minor).ceil().max(3.0);
    let slack = (0.018 * ellipse.minor).max(1.2);
    let mut seen = [None; MEASURED];
    for (i, seen) in seen.iter_mut().enumerate() {
        let t = i as f32 / MEASURED as f32 * TAU;
        if !inside(plane, ellipse.at(t, 0.0)) {
            continue;
        }
        let value = |d: f32| {
            let p = ellipse.at(t, d);
            sample(plane, p.x, p.y)
        };
        let steps = |from: f32, to: f32| {
            let count = ((to - from) / 0.7).ceil().max(1.0) as usize;
            (0..=count).map(move |i| from + (to - from) * i as f32 / count as f32)
        };
        let peak = steps(-slack, slack).map(value).fold(0.0, f32::max);
        let inner = steps(slack + 0.5, slack + depth).map(value).fold(f32::MAX, f32::min);
        let outer = steps(-slack - depth, -slack - 0.5).map(value).fold(f32::MAX, f32::min);
        *seen = Some(peak - inner.max(outer) >= params.ridge);
    }
    Ring::seen(ellipse, &seen)
}

/// What lies inside a ring.
#[derive(Debug, Clone, Copy)]
pub(super) struct Interior {
    /// Share of the ring's own ink, averaged over the inside: near 1 for a solid disc, 0 for an empty circle.
    pub(super) fill: f32,
    /// The same in the band where arc text stands, 0.55 to 0.9 of the radius.
    pub(super) band: f32,
    /// Number of further rings inside.
    pub(super) rings: usize,
    /// True when a compact figure (the star) stands alone in the middle.
    pub(super) star: bool,
}

/// Looks inside an outline, behind `arc` alone where one is given.
pub(super) fn interior(plane: &GrayImage, ellipse: &Ellipse, arc: Option<Arc>, params: &RingParams) -> Interior {
    let is_open = |i: &usize| arc.is_none_or(|arc| arc.holds(*i as f32 / DIRECTIONS as f32));
    let mut ring_ink: Vec<f32> = Vec::new();
    let (mut fill, mut fill_count, mut band, mut band_count) = (0.0, 0, 0.0, 0);
    let radius = ellipse.radius();
    for i in (0..DIRECTIONS).filter(is_open) {
        let t = i as f32 / DIRECTIONS as f32 * TAU;
        if inside(plane, ellipse.at(t, 0.0)) {
            let peak = (-2..=2).map(|d| {
                let p = ellipse.at(t, d as f32 * 0.015 * radius);
                sample(plane, p.x, p.y)
            });
            ring_ink.push(peak.fold(0.0, f32::max));
        }
        for step in 1..30 {
            let share = step as f32 / 32.0;
            let p = ellipse.at(t, 0.0);
            let p = ellipse.centre.lerp(p, share);
            if !inside(plane, p) {
                continue;
            }
            let value = sample(plane, p.x, p.y);
            // Area grows with the radius.
            fill += value * share;
            fill_count += step;
            if (0.55..0.9).contains(&share) {
                band += value;
                band_count += 1;
            }
        }
    }
    ring_ink.sort_by(f32::total_cmp);
    let ink = ring_ink.get(ring_ink.len() * 3 / 4).copied().unwrap_or(255.0).max(8.0);
    let share_of = |from: usize, to: usize| {
        let (mut sum, mut count) = (0.0, 0);
        for i in (0..DIRECTIONS).filter(is_open) {
            count += to - from;
            let edge = ellipse.at(i as f32 / DIRECTIONS as f32 * TAU, 0.0);
            for step in from..to {
                let p = ellipse.centre.lerp(edge, step as f32 * 0.02);
                sum += sample(plane, p.x, p.y);
            }
        }
        sum / (count.max(1) as f32 * ink)
    };
    // The star's core reaches to 0.12 of the radius, its tips to 0.33; the paper around it up to the arc text.
    let (core, paper) = (share_of(1, 6), share_of(19, 23));
    let star = core > 0.5 && paper < 0.3 * core;
    let mut rings = 0;
    let mut previous = false;
    for step in 4..18 {
        let share = step as f32 * 0.05;
        let inner = Ellipse { major: ellipse.major * share, minor: ellipse.minor * share, ..*ellipse };
        let narrow = RingParams { dip: 0.12 / share.max(0.2), ..*params };
        let is_ring = inner.minor > 4.0 && measured(plane, &inner, &narrow).coverage > 0.8;
        rings += usize::from(is_ring && !previous);
        previous = is_ring;
    }
    Interior {
        fill: fill * 32.0 / (fill_count.max(1) as f32 * ink),
        band: band / (band_count.max(1) as f32 * ink),
        rings,
        star,
    }
}
