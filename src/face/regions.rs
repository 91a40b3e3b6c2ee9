//! Page raster → the regions that may be photographs, from colour and tone statistics on a sampled page.
//!
//! A photograph is a patch of paper without paper in it: neighbouring samples that are all darker or more
//! coloured than the paper around, of many tones. Text, rules, seals and code patterns leave paper between
//! their strokes; headers and colour bars have one tone. No picture is decided on here: a page is only
//! spared the network where nothing of the kind exists.

use image::RgbImage;

use crate::geometry::Bbox;
use crate::raster::{luma, percentile};

/// Thresholds of the region survey.
#[derive(Debug, Clone)]
pub struct RegionParams {
    /// Samples along the page's longer side; 780 is every third pixel of an A4 page at 200 dpi.
    pub samples: u32,
    /// A sample is paper when its luma is at least this share of the paper's luma nearby. Shading within one
    /// tile and JPEG noise stay above 0.9 on scans; pale skin on a photocopy measured 0.80–0.88.
    pub paper_luma: f32,
    /// … and its channels lie no further apart than this; yellowed paper measured up to 30.
    pub paper_chroma: u8,
    /// Of the 9 samples in a cell, how many must not be paper. Text strokes fill up to 6.
    pub filled_samples: u8,
    /// Luma, up and down from a region's most frequent colour, that counts as the same flat colour.
    pub flat_luma: u8,
    /// The same for the distance between channels.
    pub flat_chroma: u8,
    /// Least share of a region that is not of its flat colour. In headers, colour bars and seals' stars the
    /// rest is their edge and noise (up to 0.07); the head on a plain ground is at least 0.2 of an ID photo.
    pub least_rest: f32,
    /// Of sixteen luma levels, how many must each hold 4 % of that rest.
    pub least_tones: usize,
    /// The same of a photo whose head is painted over: the paint and the clothes.
    pub least_painted_tones: usize,
    /// From this share of flat colour on, a large region is searched for pictures that lie in it: tinted
    /// paper, a desk under the page.
    pub tinted: f32,
    /// Page pixels from which a region counts as large.
    pub large: i32,
    /// Share of a large region's samples that are like the paper nearby from which it may be a sheet under uneven light,
    /// alone or with the desk: pictures are sought by how they differ from the paper around them, too. Sheets on dark
    /// desks measured 0.30–0.37.
    pub least_sheet_paper: f32,
    /// From this share and so many lines of print on, it is sure to be a sheet, and they are sought by that alone.
    pub sheet_paper: f32,
    /// …
    pub sheet_lines: usize,
    /// Least luma of such paper as a share of the paper's nearby.
    pub sheet_luma: f32,
    /// Largest difference of its distance between channels from the paper's nearby.
    pub sheet_chroma: u8,
    /// Longer side over shorter side up to which a region is a picture and not a strip.
    pub most_aspect: f32,
    /// Share of its box that a patch of one tone may fill at most; `None` where such patches are told by
    /// their tones.
    pub most_fill: Option<f32>,
    /// That share on one-bit pages, where headers and bars fill all of their boxes.
    pub block_fill: f32,
}

impl Default for RegionParams {
    fn default() -> Self {
        Self {
            samples: 780,
            paper_luma: 0.90,
            paper_chroma: 36,
            filled_samples: 8,
            flat_luma: 24,
            flat_chroma: 30,
            least_rest: 0.10,
            least_tones: 4,
            least_painted_tones: 2,
            tinted: 0.35,
            large: 420,
            least_sheet_paper: 0.15,
            sheet_paper: 0.4,
            sheet_lines: 4,
            sheet_luma: 0.85,
            sheet_chroma: 24,
            most_aspect: 10.0,
            most_fill: None,
            block_fill: 0.9,
        }
    }
}

/// A part of the page that may be a photograph.
#[derive(Debug, Clone)]
pub(super) struct Region {
    /// Where, page-raster pixels.
    pub(super) bbox: Bbox,
    /// Share of the box that is not paper, 0..=1.
    pub(super) fill: f32,
    /// Share of its samples without colour, 0..=1.
    pub(super) grey: f32,
    /// True when it has too few tones for a photograph with a face: only a photo whose head is painted over has so few.
    pub(super) few_tones: bool,
    /// True when it was found in a larger region by how it differs from the colour there, which a pale face and the ground
    /// of a photo may not do.
    pub(super) within: bool,
}

/// Least share of a half-toned rectangle that is not of its most frequent tone; a black block's edges are up to 0.1.
const ONE_BIT_REST: f32 = 0.15;
/// Cells are 3 × 3 samples.
pub(super) const CELL: usize = 3;
/// Paper is judged in tiles of this many cells, with their neighbours.
const TILE: usize = 20;
const LEVELS: usize = 16;
/// Side in cells of the smallest patch: 36 pixels of an A4 page at 200 dpi, which is 4.6 mm.
const BLOCK: usize = 4;

/// The sampled page: every `step`th pixel.
pub(super) struct Survey {
    pub(super) step: u32,
    width: usize,
    height: usize,
    luma: Vec<u8>,
    chroma: Vec<u8>,
    off_paper: Vec<u8>,
}

/// The regions of a one-bit page in half tones that may be photographs, largest first. Every pixel is looked
/// at; black patches of irregular outline count too: hair and clothes may be all that such a scan leaves.
pub(super) fn one_bit_regions(pixels: &RgbImage, params: &RegionParams) -> Vec<Region> {
    let every = RegionParams {
        samples: pixels.width().max(pixels.height()),
        least_rest: 0.0,
        least_tones: 1,
        least_painted_tones: 1,
        most_fill: Some(params.block_fill),
        ..params.clone()
    };
    photo_regions(pixels, &Survey::of(pixels, &every), &[], &every)
}

/// The regions of a page that may be photographs, largest first. `printed` are the boxes of known text lines.
pub(super) fn photo_regions(
    pixels: &RgbImage,
    survey: &Survey,
    printed: &[Bbox],
    params: &RegionParams,
) -> Vec<Region> {
    let (columns, rows) = survey.cells();
    if columns < BLOCK || rows < BLOCK {
        return Vec::new();
    }
    let filled: Vec<bool> = survey.off_paper().iter().map(|&count| count >= params.filled_samples).collect();
    let mut regions = Vec::new();
    let mut is_uneven = false;
    for cells in components(&opened(&filled, columns, rows), columns, rows) {
        let part = survey.part(&cells, columns, params);
        let is_large = part.long_side(survey.step) >= params.large;
        // The shaded part of a sheet, alone or with the desk, of whose tones the desk's may be the most frequent.
        let off_sheet = if is_large { survey.cells_off_sheet(&cells, params) } else { None };
        let is_sheet = off_sheet.as_ref().is_some_and(|sheet| sheet.paper >= params.sheet_paper)
            && part.lines_in(printed, survey.step) >= params.sheet_lines;
        let is_tinted = !is_sheet && is_large && part.flat_share >= params.tinted;
        let off_colour = is_tinted.then(|| survey.cells_off_colour(&cells, columns, rows, &part, params));
        if !(is_sheet || is_tinted) {
            regions.extend(part.region(survey.step, pixels, params));
        }
        is_uneven |= off_sheet.is_some();
        for inside in [off_sheet.map(|sheet| sheet.off), off_colour].into_iter().flatten() {
            for cells in components(&opened(&inside, columns, rows), columns, rows) {
                let part = survey.part(&cells, columns, params);
                let region = part.region(survey.step, pixels, params);
                regions.extend(region.map(|region| Region { within: true, ..region }));
            }
        }
    }
    if is_uneven {
        // The light's edge may run through a photo, of which the hair alone then differs from the paper.
        let small = |region: &&mut Region| region.bbox.width().max(region.bbox.height()) < params.large;
        regions.iter_mut().filter(small).for_each(|region| region.within = true);
    }
    regions.sort_by_key(|region| std::cmp::Reverse(region.bbox.area()));
    regions
}

/// What a component of cells holds.
struct Part {
    /// Left, top, right, bottom in cells, half-open.
    edges: [usize; 4],
    cells: usize,
    /// Most frequent luma and distance between channels, and the share of samples near them.
    flat: (u8, u8),
    flat_share: f32,
    /// Sixteen luma levels of the samples that are not of the flat colour.
    rest: [u32; LEVELS],
    samples: u32,
    grey: u32,
}

/// A part of the page seen as a sheet of paper.
struct Sheet {
    /// The cells of the page that belong to it and differ from its paper.
    off: Vec<bool>,
    /// Share of its samples that do not.
    paper: f32,
}

impl Part {
    fn long_side(&self, step: u32) -> i32 {
        let [left, top, right, bottom] = self.edges;
        ((right - left).max(bottom - top) * CELL) as i32 * step as i32
    }

    /// How many of these lines lie in its box.
    fn lines_in(&self, printed: &[Bbox], step: u32) -> usize {
        let [left, top, right, bottom] = self.edges.map(|edge| (edge * CELL) as i32 * step as i32);
        let own = Bbox::from_ltrb(left, top, right, bottom);
        printed.iter().filter(|line| line.covered_by(own) > 0.8).count()
    }

    /// The part as a region of the page; `None` when it is a strip or has too few tones for a photograph.
    fn region(&self, step: u32, pixels: &RgbImage, params: &RegionParams) -> Option<Region> {
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
        let chroma = |p: &[u8; 3]| p[0].max(p[1]).max(p[2]) - p[0].min(p[1]).min(p[2]);
        let luma = rgb.iter().copied().map(luma).collect();
        let mut survey =
            Self { step, width, height, luma, chroma: rgb.iter().map(chroma).collect(), off_paper: Vec::new() };
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
    fn cells_off_sheet(&self, cells: &[u32], params: &RegionParams) -> Option<Sheet> {
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

    fn part(&self, cells: &[u32], columns: usize, params: &RegionParams) -> Part {
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

    fn samples_of(&self, row: usize, column: usize) -> impl Iterator<Item = usize> {
        let width = self.width;
        (row * CELL..(row + 1) * CELL).flat_map(move |y| y * width + column * CELL..y * width + (column + 1) * CELL)
    }

    fn has_colour(&self, at: usize, (luma, chroma): (u8, u8), params: &RegionParams) -> bool {
        self.luma[at].abs_diff(luma) <= params.flat_luma && self.chroma[at].abs_diff(chroma) <= params.flat_chroma
    }

    /// Of a part's cells, those that hold something else than its flat colour.
    fn cells_off_colour(
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

/// Skin under photographic light, from dark to pale: red leads green, green does not trail blue far
/// (Kovac's rule, loosened for shade).
pub(super) fn is_skin([r, g, b]: [u8; 3]) -> bool {
    r > 70 && g > 35 && b > 15 && r > g && i16::from(r) - i16::from(b) > 12 && i16::from(g) - i16::from(b) > -18 && {
        let spread = r - g;
        (8..110).contains(&spread)
    }
}

/// Cells that belong to some wholly filled block of [`BLOCK`] × [`BLOCK`] cells: text and rules fall away,
/// patches stay.
fn opened(filled: &[bool], columns: usize, rows: usize) -> Vec<bool> {
    let mut kept = vec![false; filled.len()];
    // Length of the filled run that ends in each cell of the current row, and of blocks' run of rows.
    let mut down = vec![0usize; columns];
    for row in 0..rows {
        let mut along = 0;
        for column in 0..columns {
            along = if filled[row * columns + column] { along + 1 } else { 0 };
            down[column] = if along >= BLOCK { down[column] + 1 } else { 0 };
            if down[column] >= BLOCK {
                for r in row + 1 - BLOCK..=row {
                    kept[r * columns + column + 1 - BLOCK..=r * columns + column].fill(true);
                }
            }
        }
    }
    kept
}

/// Left, top, right and bottom of a group of cells, half-open.
pub(super) fn edges_of(cells: &[u32], columns: usize) -> [usize; 4] {
    cells.iter().fold([usize::MAX, usize::MAX, 0, 0], |[left, top, right, bottom], &cell| {
        let (row, column) = (cell as usize / columns, cell as usize % columns);
        [left.min(column), top.min(row), right.max(column + 1), bottom.max(row + 1)]
    })
}

/// Groups of touching cells (8 neighbours).
pub(super) fn components(solid: &[bool], columns: usize, rows: usize) -> Vec<Vec<u32>> {
    let mut seen = vec![false; solid.len()];
    let mut groups = Vec::new();
    for start in 0..solid.len() {
        if !solid[start] || seen[start] {
            continue;
        }
        seen[start] = true;
        let mut group = vec![start as u32];
        let mut next = 0;
        while next < group.len() {
            let (row, column) = (group[next] as usize / columns, group[next] as usize % columns);
            for r in row.saturating_sub(1)..(row + 2).min(rows) {
                for c in column.saturating_sub(1)..(column + 2).min(columns) {
                    let at = r * columns + c;
                    if solid[at] && !seen[at] {
                        seen[at] = true;
                        group.push(at as u32);
                    }
                }
            }
            next += 1;
        }
        groups.push(group);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn page() -> RgbImage {
        RgbImage::from_pixel(1654, 2339, Rgb([245, 245, 243]))
    }

    fn regions_of(pixels: &RgbImage) -> Vec<Region> {
        let params = RegionParams::default();
        photo_regions(pixels, &Survey::of(pixels, &params), &[], &params)
    }

    fn paint(page: &mut RgbImage, bbox: Bbox, colour: impl Fn(u32, u32) -> [u8; 3]) {
        for y in bbox.top as u32..bbox.bottom as u32 {
            for x in bbox.left as u32..bbox.right as u32 {
                page.put_pixel(x, y, Rgb(colour(x - bbox.left as u32, y - bbox.top as u32)));
            }
        }
    }

    #[test]
    fn a_patch_of_many_tones_is_a_region() {
        let mut pixels = page();
        let place = Bbox::from_ltrb(1200, 300, 1400, 580);
        paint(&mut pixels, place, |x, y| [(x % 200) as u8 + 20, (y % 180) as u8 + 10, 60]);
        let regions = regions_of(&pixels);
        assert_eq!(regions.len(), 1);
        assert!(regions[0].bbox.iou(place) > 0.85, "{:?}", regions[0].bbox);
    }

    #[test]
    fn strokes_rules_headers_and_checks_are_no_regions() {
        let mut pixels = page();
        for line in 0..30 {
            for stroke in 0..200 {
                let (x, y) = (150 + stroke * 7, 200 + line * 40);
                paint(&mut pixels, Bbox::from_ltrb(x, y, x + 4, y + 26), |_, _| [20, 20, 20]);
            }
        }
        paint(&mut pixels, Bbox::from_ltrb(100, 1500, 1500, 1560), |_, _| [10, 10, 10]);
        paint(&mut pixels, Bbox::from_ltrb(100, 1600, 1500, 1660), |_, _| [200, 30, 40]);
        paint(&mut pixels, Bbox::from_ltrb(300, 1800, 500, 2000), |x, y| {
            if (x / 10 + y / 10) % 2 == 0 { [0, 0, 0] } else { [255, 255, 255] }
        });
        assert!(regions_of(&pixels).is_empty());
    }
}
