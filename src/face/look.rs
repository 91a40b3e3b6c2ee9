//! A part of the page → the faces that CenterFace sees in it, at chosen scales and turns.

use std::f32::consts::FRAC_PI_2;

use image::RgbImage;
use image::imageops;

use super::FaceFinder;
use super::detect::{RawFace, strongest};
use super::eyes::Axes;
use crate::error::Result;
use crate::geometry::{Bbox, Point, QuarterTurns};
use crate::raster;

/// A face in page pixels with the width that the network saw.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sighting {
    pub(super) raw: RawFace,
    pub(super) network_width: f32,
}

impl FaceFinder {
    /// Looks at a region at one scale, and when `thorough` and no face fills it, at a second one.
    pub(super) fn examine(&self, pixels: &RgbImage, bbox: Bbox, thorough: bool) -> Result<Vec<Sighting>> {
        let params = &self.params;
        let (width, height) = (bbox.width() as f32, bbox.height() as f32);
        let long = width.max(height);
        let extent = if long <= 420.0 { params.portrait_extent } else { params.first_extent };
        let first = (extent as f32 / long).min(params.most_magnified);
        let mut sightings = self.look(pixels, bbox, first, QuarterTurns::None)?;
        let fills_region = |s: &Sighting| {
            s.raw.score >= params.sure_score && s.raw.edges[2] - s.raw.edges[0] >= 0.22 * width.min(height)
        };
        if thorough && !sightings.iter().any(fills_region) {
            let wanted = (320.0 / long).clamp(1.25, params.most_magnified);
            let second = wanted.min((params.most_pixels / (width * height)).sqrt());
            if second > first * 1.3 {
                sightings.extend(self.look(pixels, bbox, second, QuarterTurns::None)?);
                sightings.sort_by(|a, b| b.raw.score.total_cmp(&a.raw.score));
                sightings = distinct(sightings);
            }
        }
        Ok(sightings)
    }

    /// Looks at a place that may hold a picture without half tones: small, where its strokes run together to tones,
    /// and blurred, which takes off a coarse screen.
    pub(super) fn examine_stark(&self, pixels: &RgbImage, place: Bbox) -> Result<Vec<Sighting>> {
        let params = &self.params.stark;
        let page = pixels.width().max(pixels.height()) as f32;
        let is_large = place.area() as f32 > params.large * pixels.width() as f32 * pixels.height() as f32;
        let [first, second, third] = params.extents;
        let extents: &[u32] = if is_large { &[first, second] } else { &[first, second, third] };
        let mut seen = Vec::new();
        for &extent in extents {
            seen.extend(self.look(pixels, place, (extent as f32 / page).min(1.0), QuarterTurns::None)?);
            if seen.iter().any(|s: &Sighting| s.raw.score >= self.params.sure_score) {
                break;
            }
        }
        if !is_large && seen.iter().all(|s| s.raw.score < params.least_score) {
            let part = raster::crop(pixels, place);
            let scale = (params.blurred_extent as f32 / page).min(1.0);
            let extent = |of: u32| ((of as f32 * scale).round() as u32).max(1);
            let (width, height) = (extent(part.width()), extent(part.height()));
            let blurred = imageops::blur(&raster::resized(&part, width, height), params.blur);
            let whole = Bbox::from_ltrb(0, 0, width as i32, height as i32);
            let (across, down) = (part.width() as f32 / width as f32, part.height() as f32 / height as f32);
            let moved = |p: Point| Point::new(p.x * across + place.left as f32, p.y * down + place.top as f32);
            let again = self.look(&blurred, whole, 1.0, QuarterTurns::None)?;
            seen.extend(again.into_iter().map(|s| Sighting { raw: mapped(&s.raw, moved), ..s }));
        }
        seen.sort_by(|a, b| b.raw.score.total_cmp(&a.raw.score));
        Ok(distinct(seen))
    }

    /// Looks at a portrait-like region, surroundings included, in the three other quarter turns; keeps the best turn's
    /// faces.
    pub(super) fn examine_turned(&self, pixels: &RgbImage, bbox: Bbox) -> Result<Vec<Sighting>> {
        let long = bbox.width().max(bbox.height()) as f32;
        let extent = if long <= SMALL { 1.6 * long } else { self.params.portrait_extent as f32 };
        let scale = (extent / long).min(self.params.most_magnified);
        let mut best: Vec<Sighting> = Vec::new();
        for turns in [QuarterTurns::One, QuarterTurns::Two, QuarterTurns::Three] {
            let seen = self.look(pixels, bbox, scale, turns)?;
            let score = |s: &[Sighting]| s.first().map_or(0.0, |first| first.raw.score);
            if score(&seen) >= self.params.least_turned_score && score(&seen) > score(&best) {
                best = seen;
            }
        }
        Ok(best)
    }

    /// Faces of one region at one scale (network pixels per page pixel) and turn, in page pixels.
    pub(super) fn look(&self, pixels: &RgbImage, bbox: Bbox, scale: f32, turns: QuarterTurns) -> Result<Vec<Sighting>> {
        let bbox = bbox.clamped(pixels.width(), pixels.height());
        if bbox.is_empty() {
            return Ok(Vec::new());
        }
        let part = raster::crop(pixels, bbox);
        let width = ((part.width() as f32 * scale).round() as u32).max(1);
        let height = ((part.height() as f32 * scale).round() as u32).max(1);
        let reduced = raster::resized(&part, width, height);
        let picture = match turns {
            QuarterTurns::None => reduced,
            QuarterTurns::One => imageops::rotate90(&reduced),
            QuarterTurns::Two => imageops::rotate180(&reduced),
            QuarterTurns::Three => imageops::rotate270(&reduced),
        };
        let (scale_x, scale_y) = (part.width() as f32 / width as f32, part.height() as f32 / height as f32);
        let back = |p: Point| {
            let upright = turns.inverse().apply(p, picture.width(), picture.height());
            Point::new(bbox.left as f32 + upright.x * scale_x, bbox.top as f32 + upright.y * scale_y)
        };
        let faces = self.detector.detect(&picture)?;
        let sightings = faces
            .into_iter()
            .map(|face| Sighting { raw: mapped(&face, back), network_width: face.edges[2] - face.edges[0] });
        Ok(sightings
            .filter(|s| s.network_width >= self.params.small_face || s.raw.score >= self.params.least_small_score)
            .collect())
    }

    /// Cuts a face out upright and finds it again there. The landmarks of a face that lies on its side may
    /// be the wrong way round, so all four turns are tried unless the first is convincing; a face counts
    /// only in a turn in which it comes out upright.
    pub(super) fn look_upright(&self, pixels: &RgbImage, raw: &RawFace, axes: &Axes) -> Result<Option<RawFace>> {
        let mut best: Option<RawFace> = None;
        for quarter in [0, 2, 1, 3] {
            let turned = axes.turned(quarter as f32 * FRAC_PI_2);
            let Some((face, left)) = self.look_along(pixels, raw, &turned)? else { continue };
            if left.abs() < UPRIGHT && best.is_none_or(|best| face.score > best.score) {
                best = Some(face);
                if quarter == 0 && face.score >= self.params.sure_score && axes.turn().abs() < FRAC_PI_2 * 0.7 {
                    break;
                }
            }
        }
        Ok(best)
    }

    /// Cuts a face out along `axes`, 160 network pixels for 2.4 face widths; the face found there in page
    /// pixels, and its turn against `axes` in radians.
    fn look_along(&self, pixels: &RgbImage, raw: &RawFace, axes: &Axes) -> Result<Option<(RawFace, f32)>> {
        const EXTENT: u32 = 160;
        let [l, t, r, b] = raw.edges;
        let size = (r - l).max(b - t);
        let half = 1.2 * size / axes.eye_distance;
        let middle = axes.offset_of(raw.bbox().centre());
        let quad = axes.quad(middle.x - half, middle.y - half, middle.x + half, middle.y + half);
        // Warping takes single pixels: a large face is reduced first.
        let shrink = (quad.length() / EXTENT as f32 / 1.5).max(1.0);
        let around = quad.bbox().expanded(2, 2).clamped(pixels.width(), pixels.height());
        if around.is_empty() {
            return Ok(None);
        }
        let part = raster::crop(pixels, around);
        let (w, h) = ((part.width() as f32 / shrink) as u32, (part.height() as f32 / shrink) as u32);
        let part = if shrink > 1.0 { raster::resized(&part, w.max(1), h.max(1)) } else { part };
        let local = quad.map(|p| Point::new((p.x - around.left as f32) / shrink, (p.y - around.top as f32) / shrink));
        let Some(picture) = raster::straightened(&part, &local, EXTENT, EXTENT) else { return Ok(None) };
        let [origin, right, _, down] = quad.0;
        let back = |p: Point| {
            let (u, v) = (p.x / EXTENT as f32, p.y / EXTENT as f32);
            Point::new(
                origin.x + u * (right.x - origin.x) + v * (down.x - origin.x),
                origin.y + u * (right.y - origin.y) + v * (down.y - origin.y),
            )
        };
        let centre = raw.bbox().centre();
        let seen = self.detector.detect(&picture)?;
        Ok(seen.iter().find_map(|face| {
            let there = mapped(face, back);
            let near = there.bbox().centre().distance(centre) < 0.5 * size;
            near.then(|| (there, Axes::of(&face.landmarks, 1.0, &self.params.eyes).turn()))
        }))
    }
}

/// Longer side in page pixels up to which a turned picture is magnified: its face is 24–50 pixels wide.
const SMALL: f32 = 210.0;

/// A face is upright in a cut-out when it is turned by less than this there, radians (50°).
const UPRIGHT: f32 = 0.87;

/// A face with every point mapped by `f`.
pub(super) fn mapped(face: &RawFace, f: impl Fn(Point) -> Point) -> RawFace {
    let [l, t, r, b] = face.edges;
    let (p, q) = (f(Point::new(l, t)), f(Point::new(r, b)));
    let (o, s) = (f(Point::new(r, t)), f(Point::new(l, b)));
    let xs = [p.x, q.x, o.x, s.x];
    let ys = [p.y, q.y, o.y, s.y];
    let least = |v: [f32; 4]| v.into_iter().fold(f32::INFINITY, f32::min);
    let most = |v: [f32; 4]| v.into_iter().fold(f32::NEG_INFINITY, f32::max);
    RawFace { edges: [least(xs), least(ys), most(xs), most(ys)], landmarks: face.landmarks.map(f), score: face.score }
}

/// Sightings, strongest first, without those that lie on a stronger one.
pub(super) fn distinct(sightings: Vec<Sighting>) -> Vec<Sighting> {
    let kept = strongest(sightings.iter().map(|s| s.raw).collect(), 0.3);
    let mut kept = kept.into_iter().peekable();
    sightings.into_iter().filter(|s| kept.next_if(|raw| *raw == s.raw).is_some()).collect()
}
