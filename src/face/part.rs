//! A component of cells → what it holds, and the region of the page that it is.

use image::RgbImage;

use super::cells::edges_of;
use super::regions::{Region, RegionParams};
use super::survey::{CELL, Survey};
use crate::geometry::Bbox;

/// Least share of a half-toned rectangle that is not of its most frequent tone; a black block's edges are up to 0.1.
const ONE_BIT_REST: f32 = 0.15;

const LEVELS: usize = 16;

/// What a component of cells holds.
pub(super) struct Part {
    /// Left, top, right, bottom in cells, half-open.
    pub(super) edges: [usize; 4],
    pub(super) cells: usize,
    /// Most frequent luma and distance between channels, and the share of samples near them.
    pub(super) flat: (u8, u8),
    pub(super) flat_share: f32,
    /// Sixteen luma levels of the samples that are not of the flat colour.
    pub(super) rest: [u32; LEVELS],
    pub(super) samples: u32,
    pub(super) grey: u32,
}

impl Part {
    pub(super) fn long_side(&self, step: u32) -> i32 {
        let [left, top, right, bottom] = self.edges;
        ((right - left).max(bottom - top) * CELL) as i32 * step as i32
    }

    /// How many of these lines lie in its box.
    pub(super) fn lines_in(&self, printed: &[Bbox], step: u32) -> usize {
        let [left, top, right, bottom] = self.edges.map(|edge| (edge * CELL) as i32 * step as i32);
        let own = Bbox::from_ltrb(left, top, right, bottom);
        printed.iter().filter(|line| line.covered_by(own) > 0.8).count()
    }

    /// The part as a region of the page; `None` when it is a strip or has too few tones for a photograph.
    pub(super) fn region(&self, step: u32, pixels: &RgbImage, params: &RegionParams) -> Option<Region> {
        let [left, top, right, bottom] = self.edges;
        let (width, height) = ((right - left) as f32, (bottom - top) as f32);
        let rest: u32 = self.rest.iter().sum();
        let tones = self.rest.iter().filter(|&&count| count > 0 && count * 25 >= rest).count();
        let strip = width.max(height) > params.most_aspect * width.min(height);
        let few_tones = tones < params.least_tones;
        if strip || tones < params.least_painted_tones || (rest as f32) < params.least_rest * self.samples as f32 {
            return None;
        }
        let fill = self.cells as f32 / (width * height);
        let has_tones = tones >= 2 && rest as f32 >= ONE_BIT_REST * self.samples as f32;
        if !has_tones && params.most_fill.is_some_and(|most| fill > most) {
            return None;
        }
        let scale = step as i32 * CELL as i32;
        let edge = |cells: usize| cells as i32 * scale;
        let share = |count: u32| count as f32 / self.samples.max(1) as f32;
        Some(Region {
            bbox: Bbox::from_ltrb(edge(left), edge(top), edge(right), edge(bottom))
                .clamped(pixels.width(), pixels.height()),
            fill,
            grey: share(self.grey),
            few_tones,
            within: false,
        })
    }
}

impl Survey {
    /// What these cells of the page hold.
    pub(super) fn part(&self, cells: &[u32], columns: usize, params: &RegionParams) -> Part {
        let mut part = Part {
            edges: edges_of(cells, columns),
            cells: cells.len(),
            flat: (0, 0),
            flat_share: 0.0,
            rest: [0; LEVELS],
            samples: (cells.len() * CELL * CELL) as u32,
            grey: 0,
        };
        // Luma in steps of 8, distance between channels in steps of 16.
        let mut colours = [[0u32; 16]; 32];
        for &cell in cells {
            for at in self.samples_of(cell as usize / columns, cell as usize % columns) {
                let (luma, chroma) = (self.luma[at], self.chroma[at]);
                colours[usize::from(luma / 8)][usize::from(chroma / 16)] += 1;
                part.grey += u32::from(chroma < 24);
            }
        }
        let most = (0..32 * 16).max_by_key(|&i| colours[i / 16][i % 16]).unwrap_or(0);
        part.flat = ((most / 16 * 8 + 4) as u8, (most % 16 * 16 + 8) as u8);
        let mut flat = 0u32;
        for &cell in cells {
            for at in self.samples_of(cell as usize / columns, cell as usize % columns) {
                if self.has_colour(at, part.flat, params) {
                    flat += 1;
                } else {
                    part.rest[usize::from(self.luma[at]) * LEVELS / 256] += 1;
                }
            }
        }
        part.flat_share = flat as f32 / part.samples.max(1) as f32;
        part
    }

    /// Of a part's cells, those that hold something else than its flat colour.
    pub(super) fn cells_off_colour(
        &self,
        cells: &[u32],
        columns: usize,
        rows: usize,
        part: &Part,
        params: &RegionParams,
    ) -> Vec<bool> {
        let mut off = vec![false; columns * rows];
        for &cell in cells {
            let other = self
                .samples_of(cell as usize / columns, cell as usize % columns)
                .filter(|&at| !self.has_colour(at, part.flat, params))
                .count();
            off[cell as usize] = other >= usize::from(params.filled_samples);
        }
        off
    }
}
