//! A place on a page → whether it is a cover of one colour, and how many eyes of a face lie under one.
//!
//! Blurred or smooth skin is of nearly one colour too. What tells a cover is that its colour does not drift:
//! the means of its parts agree to within what grain and JPEG leave, while a blurred pair of eyes stays
//! dark, light, dark.

use image::RgbImage;

use super::eyes::Axes;
use crate::geometry::{Bbox, Point};

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
}

impl Default for SolidParams {
    fn default() -> Self {
        Self { spread: 16, share: 0.94, drift: 6.0, eye_drift: 4.5 }
    }
}

/// How many of a face's two eyes lie under a solid cover. Landmarks of a covered face are guesses: a bar over
/// both eyes is sought up to a tenth of the eye distance up and down and turned by up to 14°. It is never
/// sought so far away that a bare pupil could lie outside.
pub(super) fn covered_eyes(pixels: &RgbImage, axes: &Axes, params: &SolidParams) -> usize {
    let bar = [0.0f32, 0.12, -0.12, 0.25, -0.25].into_iter().any(|turn| {
        let axes = axes.turned(turn);
        [0.0f32, 0.1, -0.1].into_iter().any(|down| {
            let place = Samples::of(pixels, &axes, [-0.72, down - 0.13, 0.72, down + 0.13]);
            place.is_even(params)
                && place.drift([9, 1], true) <= params.drift
                && place.drift([1, 3], true) <= params.drift
        })
    });
    if bar {
        return 2;
    }
    [-0.5f32, 0.5]
        .into_iter()
        .filter(|side| {
            [0.0f32, 0.08, -0.08].into_iter().any(|down| {
                let place = Samples::of(pixels, axes, [side - 0.25, down - 0.18, side + 0.25, down + 0.18]);
                place.is_even(params) && place.drift([3, 3], false) <= params.eye_drift
            })
        })
        .count()
}

/// True when a block that was found by its colour is of one tone all over: a blurred pair of eyes stays dark,
/// light, dark.
pub(super) fn is_of_one_tone(pixels: &RgbImage, block: Bbox, params: &SolidParams) -> bool {
    let inside = block.expanded(-block.width() / 10, -block.height() / 8);
    let axes = Axes::upright(inside.centre(), inside.width() as f32);
    let half = inside.height() as f32 / inside.width().max(1) as f32 / 2.0;
    let place = Samples::of(pixels, &axes, [-0.5, -half, 0.5, half]);
    place.is_even(params)
        && place.drift([9, 1], true) <= params.drift
        && place.drift([1, 3], true) <= params.drift
        && place.drift([6, 3], false) <= 2.0 * params.drift
}

/// Pixels at the points of a grid that is turned with the face.
struct Samples {
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

    /// True when nearly all are of one colour.
    fn is_even(&self, params: &SolidParams) -> bool {
        if self.rgb.is_empty() {
            return false;
        }
        let middle: [i16; 3] = std::array::from_fn(|channel| {
            let mut values: Vec<u8> = self.rgb.iter().map(|s| s[channel]).collect();
            values.sort_unstable();
            i16::from(values[values.len() / 2])
        });
        let near = |s: &&[u8; 3]| (0..3).all(|c| (i16::from(s[c]) - middle[c]).abs() <= params.spread);
        self.rgb.iter().filter(near).count() as f32 >= self.rgb.len() as f32 * params.share
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
