//! Page raster → a sampled page: every so many pixels in luma and distance between channels, in cells of 3 × 3 samples, each
//! with how much of it is not paper.

use image::RgbImage;

use super::regions::RegionParams;
use crate::raster::{chroma, luma, percentile};

/// Cells are 3 × 3 samples.
pub(super) const CELL: usize = 3;

/// Paper is judged in tiles of this many cells, with their neighbours.
const TILE: usize = 20;

/// The sampled page: every `step`th pixel.
pub(super) struct Survey {
    pub(super) step: u32,
    width: usize,
    height: usize,
    pub(super) luma: Vec<u8>,
    pub(super) chroma: Vec<u8>,
    off_paper: Vec<u8>,
}

/// A part of the page seen as a sheet of paper.
pub(super) struct Sheet {
    /// The cells of the page that belong to it and differ from its paper.
    pub(super) off: Vec<bool>,
    /// Share of its samples that do not.
    pub(super) paper: f32,
}

impl Survey {
    pub(super) fn of(pixels: &RgbImage, params: &RegionParams) -> Self {
        let long = pixels.width().max(pixels.height());
        let step = ((long + params.samples / 2) / params.samples).max(1);
        let (width, height) = ((pixels.width() / step) as usize, (pixels.height() / step) as usize);
        let stride = pixels.width() as usize * 3;
        let mut rgb = Vec::with_capacity(width * height);
        for y in 0..height {
            let row = &pixels.as_raw()[y * step as usize * stride..][..stride];
            rgb.extend(row.chunks_exact(3).step_by(step as usize).take(width).map(|p| [p[0], p[1], p[2]]));
        }
        let luma = rgb.iter().copied().map(luma).collect();
        let mut survey = Self {
            step,
            width,
            height,
            luma,
            chroma: rgb.iter().copied().map(chroma).collect(),
            off_paper: Vec::new(),
        };
        survey.off_paper = survey.cells_off_paper(params);
        survey
    }

    /// Luma of the paper in each tile of cells: the 95th percentile of the tile and its neighbours, at least
    /// 60 % of the whole page's, so that a dark picture larger than a tile does not count as its own paper.
    fn paper(&self, columns: usize, rows: usize) -> Vec<u8> {
        let side = TILE * CELL;
        let (tiles_x, tiles_y) = (columns.div_ceil(TILE), rows.div_ceil(TILE));
        let mut whole = [0u32; 256];
        let mut own = Vec::with_capacity(tiles_x * tiles_y);
        for tile_y in 0..tiles_y {
            for tile_x in 0..tiles_x {
                let mut histogram = [0u32; 256];
                for y in (tile_y * side..((tile_y + 1) * side).min(self.height)).step_by(2) {
                    let row = &self.luma[y * self.width..(y + 1) * self.width];
                    let end = ((tile_x + 1) * side).min(self.width);
                    for &luma in row[tile_x * side..end].iter().step_by(2) {
                        histogram[usize::from(luma)] += 1;
                    }
                }
                for (sum, count) in whole.iter_mut().zip(histogram) {
                    *sum += count;
                }
                own.push(percentile(&histogram, 0.95));
            }
        }
        let least = (f32::from(percentile(&whole, 0.95)) * 0.6) as u8;
        let mut paper = Vec::with_capacity(own.len());
        for y in 0..tiles_y {
            for x in 0..tiles_x {
                let around = (y.saturating_sub(1)..(y + 2).min(tiles_y))
                    .flat_map(|ny| (x.saturating_sub(1)..(x + 2).min(tiles_x)).map(move |nx| ny * tiles_x + nx));
                paper.push(around.map(|i| own[i]).max().unwrap_or(255).max(least));
            }
        }
        paper
    }

    /// Luma of the paper in each tile, and the distance between its channels: the 90th percentile of the tile and what
    /// its lightest fifth shows, of which the middle one of the tile and its neighbours counts. An ID photo fills
    /// two of nine tiles at most.
    fn local_paper(&self) -> (usize, Vec<(u8, u8)>) {
        let side = TILE * CELL;
        let (tiles_x, tiles_y) = (self.width.div_ceil(side), self.height.div_ceil(side));
        let own: Vec<(u8, u8)> = (0..tiles_x * tiles_y)
            .map(|tile| {
                let (left, top) = (tile % tiles_x * side, tile / tiles_x * side);
                let samples = || {
                    (top..(top + side).min(self.height))
                        .step_by(2)
                        .flat_map(move |y| (left..(left + side).min(self.width)).step_by(2).map(move |x| (x, y)))
                        .map(|(x, y)| y * self.width + x)
                };
                let mut histogram = [0u32; 256];
                samples().for_each(|at| histogram[usize::from(self.luma[at])] += 1);
                let light = percentile(&histogram, 0.8);
                let (sum, count) = samples()
                    .filter(|&at| self.luma[at] >= light)
                    .fold((0u32, 0u32), |(sum, count), at| (sum + u32::from(self.chroma[at]), count + 1));
                (percentile(&histogram, 0.9), (sum / count.max(1)) as u8)
            })
            .collect();
        let middle = |mut values: Vec<u8>| {
            values.sort_unstable();
            values[values.len() / 2]
        };
        let paper = (0..own.len())
            .map(|tile| {
                let (x, y) = (tile % tiles_x, tile / tiles_x);
                let around: Vec<(u8, u8)> = (y.saturating_sub(1)..(y + 2).min(tiles_y))
                    .flat_map(|y| (x.saturating_sub(1)..(x + 2).min(tiles_x)).map(move |x| y * tiles_x + x))
                    .map(|tile| own[tile])
                    .collect();
                (middle(around.iter().map(|p| p.0).collect()), middle(around.iter().map(|p| p.1).collect()))
            })
            .collect();
        (tiles_x, paper)
    }

    /// Of these cells, those that differ from the paper nearby; `None` when too few are like it for a sheet of paper.
    pub(super) fn cells_off_sheet(&self, cells: &[u32], params: &RegionParams) -> Option<Sheet> {
        let (columns, rows) = self.cells();
        let (tiles_x, paper) = self.local_paper();
        let mut off = vec![false; columns * rows];
        let mut like_paper = 0;
        for &cell in cells {
            let (row, column) = (cell as usize / columns, cell as usize % columns);
            let (luma, chroma) = between_tiles(&paper, tiles_x, row, column);
            let least = (f32::from(luma) * params.sheet_luma) as u8;
            let near = self
                .samples_of(row, column)
                .filter(|&at| self.luma[at] >= least && self.chroma[at].abs_diff(chroma) <= params.sheet_chroma)
                .count();
            like_paper += near;
            off[cell as usize] = CELL * CELL - near >= usize::from(params.filled_samples);
        }
        let paper = like_paper as f32 / (cells.len() * CELL * CELL) as f32;
        (paper >= params.least_sheet_paper).then_some(Sheet { off, paper })
    }

    /// Columns and rows of cells.
    pub(super) fn cells(&self) -> (usize, usize) {
        (self.width / CELL, self.height / CELL)
    }

    /// Of each cell's samples, how many are not paper, row by row.
    pub(super) fn off_paper(&self) -> &[u8] {
        &self.off_paper
    }

    fn cells_off_paper(&self, params: &RegionParams) -> Vec<u8> {
        let (columns, rows) = self.cells();
        let paper = self.paper(columns, rows);
        let tiles_x = columns.div_ceil(TILE);
        let mut counts = vec![0u8; columns * rows];
        let mut least = vec![0u8; columns * CELL];
        for (row, counts) in counts.chunks_exact_mut(columns.max(1)).enumerate() {
            let papers = &paper[row / TILE * tiles_x..][..tiles_x];
            for (x, least) in least.iter_mut().enumerate() {
                *least = (f32::from(papers[x / (TILE * CELL)]) * params.paper_luma) as u8;
            }
            for y in row * CELL..(row + 1) * CELL {
                let luma = self.luma[y * self.width..][..columns * CELL].chunks_exact(CELL);
                let chroma = self.chroma[y * self.width..][..columns * CELL].chunks_exact(CELL);
                let cells = counts.iter_mut().zip(luma).zip(chroma).zip(least.chunks_exact(CELL));
                for (((count, luma), chroma), least) in cells {
                    for i in 0..CELL {
                        *count += u8::from(luma[i] < least[i]) | u8::from(chroma[i] > params.paper_chroma);
                    }
                }
            }
        }
        counts
    }

    /// Share of a cell's samples that have a colour, 0..=1.
    pub(super) fn coloured(&self, cells: &[u32], params: &RegionParams) -> f32 {
        let columns = self.cells().0;
        let samples = cells.iter().flat_map(|&cell| self.samples_of(cell as usize / columns, cell as usize % columns));
        let count = samples.filter(|&at| self.chroma[at] > params.paper_chroma).count();
        count as f32 / (cells.len() * CELL * CELL).max(1) as f32
    }

    pub(super) fn samples_of(&self, row: usize, column: usize) -> impl Iterator<Item = usize> {
        let width = self.width;
        (row * CELL..(row + 1) * CELL).flat_map(move |y| y * width + column * CELL..y * width + (column + 1) * CELL)
    }

    pub(super) fn has_colour(&self, at: usize, (luma, chroma): (u8, u8), params: &RegionParams) -> bool {
        self.luma[at].abs_diff(luma) <= params.flat_luma && self.chroma[at].abs_diff(chroma) <= params.flat_chroma
    }
}

/// A cell's share of what the middles of the four tiles around it are.
fn between_tiles(tiles: &[(u8, u8)], tiles_x: usize, row: usize, column: usize) -> (u8, u8) {
    let at = |cell: usize, last: usize| {
        let middles = ((cell as f32 + 0.5) / TILE as f32 - 0.5).clamp(0.0, last as f32);
        (middles as usize, (middles as usize + 1).min(last), middles.fract())
    };
    let (left, right, across) = at(column, tiles_x - 1);
    let (upper, lower, down) = at(row, tiles.len() / tiles_x - 1);
    let mix = |of: fn(&(u8, u8)) -> u8| {
        let value = |y: usize, x: usize| f32::from(of(&tiles[y * tiles_x + x]));
        let along = |y: usize| value(y, left) + (value(y, right) - value(y, left)) * across;
        (along(upper) + (along(lower) - along(upper)) * down).round() as u8
    };
    (mix(|tile| tile.0), mix(|tile| tile.1))
}
