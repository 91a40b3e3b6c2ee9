//! Clusters of coloured ink that no ring explains → ovals, rectangles, triangles.

use image::GrayImage;
use imageproc::distance_transform::Norm;
use imageproc::morphology::dilate;
use imageproc::point::Point as Pixel;
use imageproc::region_labelling::{Connectivity, connected_components};

use super::ellipse::Ellipse;
use super::ink::Colour;
use super::locate::{Candidate, LEAST_COLOURED, LocateParams, Outline, Sizes, round_candidate};
use super::polygon::{Frame, clockwise_from_top_left, frame};
use super::ring::{RingParams, refined};
use crate::geometry::Point;

/// The largest clusters are looked at; the borders of certificates have hundreds of small ones.
const MOST_CLUSTERS: usize = 24;
/// Half-size pixels by which clusters grow together: about 1.8 mm at 85 dpi.
const CLUSTER_REACH: u8 = 3;
/// A ring of which less is seen does not explain its ink: lettering in a rectangle makes half of one by chance, and the frame
/// and three columns of a square seal 0.7 of one. A ring with a star, and one of which a cover leaves an arc, may be less clear.
const CERTAIN: f32 = 0.9;
const CERTAIN_IN_PART: f32 = 0.7;

fn is_certain(ring: &Candidate) -> bool {
    ring.coverage >= if ring.star || ring.partial { CERTAIN_IN_PART } else { CERTAIN }
}

/// Clusters of ink that no ring explains: ovals, rectangles, triangles.
pub(super) fn clusters(
    plane: &GrayImage,
    half: &GrayImage,
    colour: Colour,
    sizes: &Sizes,
    params: &LocateParams,
    ring_params: &RingParams,
    explained: &[Candidate],
) -> Vec<Candidate> {
    let mut mask = half.clone();
    let least = params.colour_ridge as u8;
    for (x, y, value) in mask.enumerate_pixels_mut() {
        let p = Point::new(2.0 * x as f32 + 1.0, 2.0 * y as f32 + 1.0);
        let taken = explained.iter().filter(|c| is_certain(c)).any(|c| match &c.outline {
            Outline::Ellipse(e) => e.relative(p) < 1.06,
            Outline::Polygon(_) => false,
        });
        value.0[0] = if value.0[0] > least && !taken { 255 } else { 0 };
    }
    if mask.iter().filter(|&&v| v > 0).count() < LEAST_COLOURED / 2 {
        return Vec::new();
    }
    let grown = dilate(&mask, Norm::LInf, CLUSTER_REACH);
    let labels = connected_components(&grown, Connectivity::Eight, image::Luma([0]));
    let mut members: Vec<Vec<Pixel<i32>>> = Vec::new();
    for ((x, y, label), ink) in labels.enumerate_pixels().zip(mask.pixels()) {
        if ink.0[0] > 0 && label.0[0] > 0 {
            let label = label.0[0] as usize;
            if members.len() < label {
                members.resize(label, Vec::new());
            }
            members[label - 1].push(Pixel::new(x as i32, y as i32));
        }
    }
    members.retain(|pixels| pixels.len() >= LEAST_COLOURED / 2);
    members.sort_by_key(|pixels| std::cmp::Reverse(pixels.len()));
    members
        .iter()
        .take(MOST_CLUSTERS)
        .filter_map(|pixels| shaped(plane, pixels, colour, sizes, params, ring_params))
        .collect()
}

/// The seal whose ink one cluster is. `pixels` are of the half-size plane.
fn shaped(
    plane: &GrayImage,
    pixels: &[Pixel<i32>],
    colour: Colour,
    sizes: &Sizes,
    params: &LocateParams,
    ring_params: &RingParams,
) -> Option<Candidate> {
    let (mut left, mut top, mut right, mut bottom) = (i32::MAX, i32::MAX, i32::MIN, i32::MIN);
    for p in pixels {
        (left, right) = (left.min(p.x), right.max(p.x + 1));
        (top, bottom) = (top.min(p.y), bottom.max(p.y + 1));
    }
    let (w, h) = (2.0 * (right - left) as f32, 2.0 * (bottom - top) as f32);
    let long = w.max(h);
    if w.min(h) < sizes.least * 0.8 || long > sizes.most.max(sizes.whole * 0.7) {
        return None;
    }
    let full: Vec<Pixel<i32>> = pixels
        .iter()
        .flat_map(|p| [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| Pixel::new(2 * p.x + dx, 2 * p.y + dy)))
        .filter(|p| {
            p.x < plane.width() as i32
                && p.y < plane.height() as i32
                && f32::from(plane.get_pixel(p.x as u32, p.y as u32).0[0]) > params.colour_ridge
        })
        .collect();
    let whole = w > 0.8 * plane.width() as f32 && h > 0.8 * plane.height() as f32;
    // The border of a certificate.
    if whole {
        return None;
    }
    let framed = frame(plane, &full, params.colour_ridge).filter(|f| plausible(f, sizes));
    let oval = around(&full).and_then(|guess| {
        let ring = refined(plane, &guess, ring_params)?;
        round_candidate(plane, &ring, colour, sizes, params, ring_params)
    });
    let framed = framed.map(|f| Candidate {
        coverage: f.coverage,
        outline: Outline::Polygon(f.corners),
        colour,
        visible: 1.0,
        solid: f.solid,
        star: false,
        partial: false,
    });
    match (framed, oval) {
        (Some(f), Some(o)) => Some(if o.coverage > f.coverage { o } else { f }),
        (f, o) => f.or(o),
    }
}

fn plausible(frame: &Frame, sizes: &Sizes) -> bool {
    let sides: Vec<f32> = (0..frame.corners.len())
        .map(|i| frame.corners[i].distance(frame.corners[(i + 1) % frame.corners.len()]))
        .collect();
    let (short, long) = sides.iter().fold((f32::MAX, 0.0f32), |(s, l), &side| (s.min(side), l.max(side)));
    short >= sizes.least && long <= sizes.most && long / short < 5.0
}

/// The ellipse inside the smallest rectangle around a cluster.
fn around(pixels: &[Pixel<i32>]) -> Option<Ellipse> {
    if pixels.len() < 24 {
        return None;
    }
    let corners = imageproc::geometry::min_area_rect(pixels).map(|p| Point::new(p.x as f32 + 0.5, p.y as f32 + 0.5));
    let [a, b, c, _] = clockwise_from_top_left(corners);
    let (across, down) = (a.distance(b), b.distance(c));
    let (major, minor, from, to) = if across >= down { (across, down, a, b) } else { (down, across, b, c) };
    (minor > 8.0).then(|| Ellipse {
        centre: a.lerp(c, 0.5),
        major: major / 2.0 - 0.5,
        minor: minor / 2.0 - 0.5,
        angle: (to.y - from.y).atan2(to.x - from.x),
    })
}
