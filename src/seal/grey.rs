//! Grey ink → candidates for seals: photocopies and black stamps, which no colour tells from the print that they lie on.
//! A ring is told from print by its lines, which all run about one centre.

use image::GrayImage;

use super::circles::{CircleParams, LEAST_VISIBLE, circles};
use super::ellipse::{Ellipse, FitLimits, fitted};
use super::ink::{Colour, halved};
use super::locate::{CUT, Candidate, LocateParams, Outline, Sizes, once_each};
use super::ridges::{RidgeParams, Ridges};
use super::ring::{Ring, RingParams, refined};
use super::star::inside;

/// Least radius, pixels of the half-size plane: 31 mm wide at 85 dpi.
const LEAST_RADIUS: f32 = 13.0;
/// The fitted outline is kept when its ring at full size lies within this share of the radius from it.
const SAME: f32 = 0.06;

/// Least share that must be seen of what the page's edge leaves of a ring: copies break rings up.
const CUT_COVERAGE: f32 = 0.7;

/// Rings of grey ink on a plane of the reduced page.
pub(super) fn grey(plane: &GrayImage, sizes: &Sizes, params: &LocateParams) -> Vec<Candidate> {
    let half = halved(plane);
    let ridge_params =
        RidgeParams { height: params.grey_ridge as i32, reach: 3, window: 2, coherence: params.grey_coherence };
    let ridges = Ridges::of(&half, &ridge_params);
    let usual = (sizes.most / 2.0).clamp(30.0, 72.0);
    let longest = (sizes.whole * 0.55 / 2.0).min(usual.max(sizes.official / 4.0));
    let search = CircleParams { radii: (LEAST_RADIUS, longest), least: params.grey_votes, count: params.grey_circles };
    let rings: Vec<Ring> =
        circles(&ridges, &search).into_iter().filter_map(|circle| on_lines(&ridges, &circle, params)).collect();
    once_each(rings).into_iter().filter_map(|ring| candidate(plane, &ring, sizes, params)).collect()
}

/// The circle or ellipse near a circle that the lines around it lie on.
fn on_lines(ridges: &Ridges, circle: &Ellipse, params: &LocateParams) -> Option<Ring> {
    // A short arc does not tell an ellipse from a circle.
    let flattest = if ridges.visible(circle) < 0.8 { 1.0 } else { 0.65 };
    let limits = FitLimits { tolerance: 0.014, tolerance_px: 1.2, flattest, radius_factor: 1.25 };
    let points = ridges.about(circle, (0.82, 1.18));
    let (ellipse, _) = fitted(&points, circle, &limits)?;
    let ring = ridges.along(&ellipse);
    ((ring.coverage >= params.grey_coverage || ring.arc().is_some()) && ring.visible >= LEAST_VISIBLE).then_some(ring)
}

/// The candidate that a ring of the half-size plane is.
fn candidate(plane: &GrayImage, ring: &Ring, sizes: &Sizes, params: &LocateParams) -> Option<Candidate> {
    let guess = ring.ellipse.scaled(2.0, 0.0, 0.0);
    // At full size the outline is exacter where print leaves enough of the ring.
    let fine = RingParams { ridge: params.grey_ridge, dip: 0.09, wobble: 0.03, coverage: 0.5, visible: 0.45 };
    let same = |r: &Ring| {
        let radius = guess.radius();
        r.ellipse.centre.distance(guess.centre) < SAME * radius && (r.ellipse.radius() - radius).abs() < SAME * radius
    };
    let ellipse = refined(plane, &guess, &fine).filter(same).map_or(guess, |r| r.ellipse);
    let width = 2.0 * ellipse.radius();
    if width < sizes.least || width > sizes.most && ring.coverage < 0.8 {
        return None;
    }
    if ring.visible < CUT && ring.coverage < CUT_COVERAGE {
        return None;
    }
    let inside = inside(plane, &ellipse);
    let is_empty = inside.band < params.least_band && inside.fill < params.least_band;
    let is_cut = ring.visible < CUT && ring.coverage >= params.grey_bare;
    if inside.fill > params.most_fill || is_empty && !is_cut {
        return None;
    }
    let star = inside.star >= params.grey_star;
    (star || ring.coverage >= params.grey_alone || ring.arc().is_some()).then_some(Candidate {
        outline: Outline::Ellipse(ellipse),
        colour: Colour::Grey,
        coverage: ring.coverage,
        visible: ring.visible,
        solid: false,
        star,
        partial: false,
    })
}
