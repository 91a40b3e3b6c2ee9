//! A place on a page → whether it is a cover of one colour, and how many eyes of a face lie under one.
//!
//! Blurred or smooth skin is of nearly one colour too. What tells a cover is that its colour does not drift:
//! the means of its parts agree to within what grain and JPEG leave, while a blurred pair of eyes stays
//! dark, light, dark. A patch of the face's own colour may be a strong blur or one mosaic tile, so it must be
//! far more even than a black or white one to count as a cover.

use image::RgbImage;

use super::eyes::Axes;
use super::skin::is_skin;
use crate::geometry::{Bbox, Point};
use crate::raster::apart;

/// When a place counts as a cover of one colour.
#[derive(Debug, Clone)]
pub struct SolidParams {
    /// Largest channel difference from the place's middle colour that still counts as one colour; JPEG at
    /// quality 60 leaves ±9 in a flat patch, a scanner's grain ±12.
    pub spread: i16,
    /// Share of the place that must be of one colour.
    pub share: f32,
    /// Largest difference in luma between the means of parts across both eyes, after a linear change of light
    /// is taken off. Covers on noisy JPEG scans measure up to 5, eyes blurred by half their distance 8 and more.
    pub drift: f32,
    /// The same across one eye.
    pub eye_drift: f32,
    /// The same, not levelled, for a patch of a colour that blurred skin could have, when the most extreme ninth of
    /// its parts is left out at both ends. Skin-coloured and grey covers on noisy scans measured up to 2.1, blurs
    /// of 0.3–0.5 eye distances 4.3 and more but for one of 2.1 on a face of 23 pixels between the eyes.
    pub skin_drift: f32,
    /// The same in one colour channel: covers up to 2.3, that one blur 16.6.
    pub skin_tint: f32,
    /// How far in each of red − green and green − blue a patch may lie from the cheeks' colour to be a blur of
    /// this face: blurred eyes measured up to 14 apart.
    pub skin_hue: i16,
    /// Largest channel difference between two covers, one an eye, that are of a colour that skin may have …
    pub pair_difference: u8,
    /// … and the least between them and the bridge of the nose.
    pub bridge_difference: u8,
}

impl Default for SolidParams {
    fn default() -> Self {
        Self {
            spread: 16,
            share: 0.94,
            drift: 6.0,
            eye_drift: 4.5,
            skin_drift: 2.2,
            skin_tint: 4.0,
            skin_hue: 30,
            pair_difference: 8,
            bridge_difference: 30,
        }
    }
}

/// The colours that a strong blur over the eyes could have.
#[derive(Debug, Clone, Copy)]
pub(super) enum Blurred {
    /// Those near the colour of this face's cheeks and nose.
    Like([u8; 3]),
    /// Those of anybody's skin, and of a grey copy's.
    Unknown,
}

impl Blurred {
    /// The middle colour of cheeks, nose and chin.
    pub(super) fn of(pixels: &RgbImage, axes: &Axes) -> Self {
        let cheeks = Samples::of(pixels, axes, [-0.6, 0.55, 0.6, 1.0]);
        cheeks.middle().map_or(Self::Unknown, Self::Like)
    }

    fn could_be(self, colour: [u8; 3], params: &SolidParams) -> bool {
        let parts = |[r, g, b]: [u8; 3]| [i16::from(r) - i16::from(g), i16::from(g) - i16::from(b)];
        let luma = |[r, g, b]: [u8; 3]| 0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b);
        match self {
            Self::Like(skin) => {
                let near = (0..2).all(|i| (parts(colour)[i] - parts(skin)[i]).abs() <= params.skin_hue);
                (near || is_skin(colour)) && (0.5..1.3).contains(&(luma(colour) / luma(skin).max(1.0)))
            }
            Self::Unknown => {
                let grey = parts(colour).iter().all(|part| part.abs() < 10);
                is_skin(colour) || (grey && (50.0..240.0).contains(&luma(colour)))
            }
        }
    }
}

/// Which of a face's eyes, on the left and on the right, lie under a solid cover. Landmarks of a covered face are guesses: a bar over
/// both eyes is sought up to a tenth of the eye distance up and down and turned by up to 14°. It is never
/// sought so far away that a bare pupil could lie outside.
pub(super) fn covered_eyes(pixels: &RgbImage, axes: &Axes, params: &SolidParams) -> [bool; 2] {
    let blurred = Blurred::of(pixels, axes);
    let bar = [0.0f32, 0.12, -0.12, 0.25, -0.25].into_iter().any(|turn| {
        let axes = axes.turned(turn);
        [0.0f32, 0.1, -0.1].into_iter().any(|down| {
            let place = Samples::of(pixels, &axes, [-0.72, down - 0.13, 0.72, down + 0.13]);
            place.is_even(params)
                && place.drift([9, 1], true) <= params.drift
                && place.drift([1, 3], true) <= params.drift
                && place.is_no_blur([6, 3], blurred, params)
        })
    });
    if bar {
        return [true, true];
    }
    let paints = smooth_eyes(pixels, axes, blurred, params);
    // A large tile of a mosaic is even too: paint of a colour that skin may have must be the same on both eyes and
    // leave the bridge of the nose.
    let bridge = Samples::of(pixels, axes, [-0.1, -0.1, 0.1, 0.1]).middle();
    let is_pair = match (paints, bridge) {
        ([Some(left), Some(right)], Some(bridge)) => {
            apart(left, right) <= params.pair_difference && apart(left, bridge) >= params.bridge_difference
        }
        _ => false,
    };
    paints.map(|paint| paint.is_some_and(|colour| is_pair || !blurred.could_be(colour, params)))
}

/// The colour of each eye that is as even as paint.
fn smooth_eyes(pixels: &RgbImage, axes: &Axes, blurred: Blurred, params: &SolidParams) -> [Option<[u8; 3]>; 2] {
    [-0.5f32, 0.5].map(|side| {
        // Too near for the iris to lie outside.
        let shifts = [(0.0f32, 0.0f32), (0.0, 0.08), (0.0, -0.08), (0.1, 0.0), (-0.1, 0.0)];
        shifts.into_iter().find_map(|(across, down)| {
            let x = side + across;
            let place = Samples::of(pixels, axes, [x - 0.25, down - 0.18, x + 0.25, down + 0.18]);
            let is_paint = place.is_even(params)
                && place.drift([3, 3], false) <= params.eye_drift
                && place.is_no_blur([3, 3], blurred, params);
            place.middle().filter(|_| is_paint)
        })
    })
}

/// True when both eyes are as even as paint, whatever their colour: blocks in the colour of the skin and one tile of a
/// mosaic on each eye look alike.
pub(super) fn both_eyes_are_smooth(pixels: &RgbImage, axes: &Axes, params: &SolidParams) -> bool {
    smooth_eyes(pixels, axes, Blurred::of(pixels, axes), params).iter().all(Option::is_some)
}

/// True when a block that was found by its colour is of one tone all over: a blurred pair of eyes stays dark,
/// light, dark.
pub(super) fn is_of_one_tone(pixels: &RgbImage, block: Bbox, blurred: Blurred, params: &SolidParams) -> bool {
    let inside = block.expanded(-block.width() / 10, -block.height() / 8);
    let axes = Axes::upright(inside.centre(), inside.width() as f32);
    let half = inside.height() as f32 / inside.width().max(1) as f32 / 2.0;
    let place = Samples::of(pixels, &axes, [-0.5, -half, 0.5, half]);
    place.is_even(params)
        && place.drift([9, 1], true) <= params.drift
        && place.drift([1, 3], true) <= params.drift
        && place.drift([6, 3], false) <= 2.0 * params.drift
        && place.is_no_blur([6, 3], blurred, params)
}

/// Pixels at the points of a grid that is turned with the face.
pub(super) struct Samples {
    columns: usize,
    rows: usize,
    rgb: Vec<[u8; 3]>,
}

impl Samples {
    /// `edges`: left, top, right, bottom in eye distances from between the eyes. Empty when the place is not
    /// wholly on the page.
    fn of(pixels: &RgbImage, axes: &Axes, [left, top, right, bottom]: [f32; 4]) -> Self {
        // Every pixel of a small face, a fortieth of the eye distance on a large one.
        let step = (1.0 / axes.eye_distance).max(0.025);
        let columns = (((right - left) / step) as usize).max(6);
        let rows = (((bottom - top) / step) as usize).max(3);
        let mut rgb = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let (u, v) = ((column as f32 + 0.5) / columns as f32, (row as f32 + 0.5) / rows as f32);
                let Point { x, y } = axes.at(left + u * (right - left), top + v * (bottom - top));
                if x < 0.0 || y < 0.0 || x >= pixels.width() as f32 || y >= pixels.height() as f32 {
                    return Self { columns: 0, rows: 0, rgb: Vec::new() };
                }
                rgb.push(pixels.get_pixel(x as u32, y as u32).0);
            }
        }
        Self { columns, rows, rgb }
    }

    /// The pixels of a place; `None` when it is not wholly on the page.
    pub(super) fn within(pixels: &RgbImage, axes: &Axes, edges: [f32; 4]) -> Option<Vec<[u8; 3]>> {
        let samples = Self::of(pixels, axes, edges);
        (!samples.rgb.is_empty()).then_some(samples.rgb)
    }

    /// The pixels of a place that are neither of the colour `paint` nor at most two pixels beside such, as soft edges are,
    /// and the share of all that they are.
    pub(super) fn beside_paint(pixels: &RgbImage, axes: &Axes, edges: [f32; 4], paint: [u8; 3]) -> (Vec<[u8; 3]>, f32) {
        /// Largest channel difference from paint.
        const PAINT: u8 = 28;
        /// How far soft edges reach, in samples.
        const EDGE: usize = 2;
        let Self { columns, rows, rgb } = Self::of(pixels, axes, edges);
        let is_paint: Vec<bool> = rgb.iter().map(|p| (0..3).all(|c| p[c].abs_diff(paint[c]) <= PAINT)).collect();
        let is_free = |i: usize| {
            let (row, column) = (i / columns, i % columns);
            let around = |at: usize, end: usize| at.saturating_sub(EDGE)..(at + EDGE + 1).min(end);
            around(row, rows).all(|r| around(column, columns).all(|c| !is_paint[r * columns + c]))
        };
        let free: Vec<[u8; 3]> = (0..rgb.len()).filter(|&i| is_free(i)).map(|i| rgb[i]).collect();
        let share = free.len() as f32 / rgb.len().max(1) as f32;
        (free, share)
    }

    /// True when nearly all are of one colour.
    fn is_even(&self, params: &SolidParams) -> bool {
        if self.rgb.is_empty() {
            return false;
        }
        let middle = self.middle().unwrap_or_default().map(i16::from);
        let near = |s: &&[u8; 3]| (0..3).all(|c| (i16::from(s[c]) - middle[c]).abs() <= params.spread);
        self.rgb.iter().filter(near).count() as f32 >= self.rgb.len() as f32 * params.share
    }

    /// The middle value of each channel.
    fn middle(&self) -> Option<[u8; 3]> {
        if self.rgb.is_empty() {
            return None;
        }
        Some(std::array::from_fn(|channel| {
            let mut values: Vec<u8> = self.rgb.iter().map(|s| s[channel]).collect();
            values.sort_unstable();
            values[values.len() / 2]
        }))
    }

    /// True unless the place has a colour that a blur could have and is not quite even.
    fn is_no_blur(&self, [across, down]: [usize; 2], blurred: Blurred, params: &SolidParams) -> bool {
        let Some(colour) = self.middle() else { return false };
        if !blurred.could_be(colour, params) {
            return true;
        }
        let mut parts = vec![([0.0f32; 4], 0.0f32, 0.0f32); across * down];
        for (i, &[r, g, b]) in self.rgb.iter().enumerate() {
            let (row, column) = (i / self.columns, i % self.columns);
            let (sums, squares, count) = &mut parts[row * down / self.rows * across + column * across / self.columns];
            let [r, g, b] = [r, g, b].map(f32::from);
            let luma = 0.299 * r + 0.587 * g + 0.114 * b;
            for (sum, value) in sums.iter_mut().zip([luma, r, g, b]) {
                *sum += value;
            }
            *squares += luma * luma;
            *count += 1.0;
        }
        parts.retain(|part| part.2 > 0.0);
        let spread = |channel: usize| {
            let mut means: Vec<f32> = parts.iter().map(|(sums, _, count)| sums[channel] / count).collect();
            means.sort_unstable_by(f32::total_cmp);
            let left_out = means.len() / 9;
            means[means.len() - 1 - left_out] - means[left_out]
        };
        // What grain alone moves the mean of a part by.
        let grain = parts.iter().map(|(sums, squares, count)| {
            let mean = sums[0] / count;
            ((squares / count - mean * mean).max(0.0) / count).sqrt()
        });
        let grain = grain.sum::<f32>() / parts.len() as f32;
        spread(0) <= params.skin_drift + grain && (1..4).all(|c| spread(c) <= params.skin_tint + grain)
    }

    /// Difference between the largest and the least mean luma of `parts` columns and rows of parts; `levelled`
    /// takes off a linear change of light.
    fn drift(&self, [across, down]: [usize; 2], levelled: bool) -> f32 {
        let mut sums = vec![(0.0f32, 0.0f32); across * down];
        for (i, &[r, g, b]) in self.rgb.iter().enumerate() {
            let (row, column) = (i / self.columns, i % self.columns);
            let part = row * down / self.rows * across + column * across / self.columns;
            sums[part].0 += 0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b);
            sums[part].1 += 1.0;
        }
        let mut means: Vec<f32> = sums.into_iter().filter(|s| s.1 > 0.0).map(|s| s.0 / s.1).collect();
        if levelled && means.len() > 2 {
            let centre = (means.len() - 1) as f32 / 2.0;
            let along = |i: usize| i as f32 - centre;
            let squares: f32 = (0..means.len()).map(|i| along(i).powi(2)).sum();
            let slope = means.iter().enumerate().map(|(i, mean)| along(i) * mean).sum::<f32>() / squares;
            means.iter_mut().enumerate().for_each(|(i, mean)| *mean -= slope * along(i));
        }
        let most = means.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let least = means.iter().copied().fold(f32::INFINITY, f32::min);
        most - least
    }
}
