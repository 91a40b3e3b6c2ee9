//! Page raster → the regions that may be photographs, from colour and tone statistics on a sampled page.
//!
//! A photograph is a patch of paper without paper in it: neighbouring samples that are all darker or more
//! coloured than the paper around, of many tones. Text, rules, seals and code patterns leave paper between
//! their strokes; headers and colour bars have one tone. No picture is decided on here: a page is only
//! spared the network where nothing of the kind exists.

use image::RgbImage;

use crate::geometry::Bbox;

/// Thresholds of the region survey.
#[derive(Debug, Clone)]
pub struct RegionParams {
    /// Samples along the page's longer side; 1,170 is every second pixel of an A4 page at 200 dpi.
    pub samples: u32,
    /// A sample is paper when its luma is at least this share of the paper's luma nearby. Shading within one
    /// tile and JPEG noise stay above 0.9 on scans; pale skin on a photocopy measured 0.80–0.88.
    pub paper_luma: f32,
    /// … and its channels lie no further apart than this; yellowed paper measured up to 30.
    pub paper_chroma: u8,
    /// Of the 16 samples in a cell, how many must not be paper. Text strokes fill up to 10.
    pub filled_samples: u8,
    /// Of 16 luma levels, how many must each hold 3 % of a region. Print in one colour fills 1–2, with
    /// compression noise 3; ID photos measured 6 or more, photocopied ones 4 or more.
    pub least_tones: usize,
    /// Regions narrower than this many pixels cannot hold a 12-pixel face with its surroundings.
    pub least_extent: i32,
}

impl Default for RegionParams {
    fn default() -> Self {
        Self { samples: 1170, paper_luma: 0.90, paper_chroma: 36, filled_samples: 14, least_tones: 4, least_extent: 20 }
    }
}

/// A part of the page that may be a photograph.
#[derive(Debug, Clone)]
pub(super) struct Region {
    /// Where, page-raster pixels.
    pub(super) bbox: Bbox,
    /// Share of the box that is not paper, 0..=1.
    pub(super) fill: f32,
    /// Luma levels of sixteen that each hold at least 3 % of it.
    pub(super) tones: usize,
    /// Share of its samples that could be skin by colour, 0..=1; 0 in a grey picture.
    pub(super) skin: f32,
    /// Share of its samples as dark as hair, 0..=1.
    pub(super) dark: f32,
    /// Share of its samples without colour, 0..=1.
    pub(super) grey: f32,
}

/// Cells are 4 × 4 samples.
const CELL: usize = 4;
/// Paper is judged in tiles of this many cells, with their neighbours.
const TILE: usize = 16;
const LEVELS: usize = 16;

/// The sampled page: every `step`th pixel.
struct Survey {
    step: u32,
    width: usize,
    height: usize,
    luma: Vec<u8>,
    chroma: Vec<u8>,
    skin: Vec<bool>,
}

/// The regions of a page that may be photographs, largest first.
pub(super) fn photo_regions(pixels: &RgbImage, params: &RegionParams) -> Vec<Region> {
    let survey = Survey::of(pixels, params.samples);
    let (columns, rows) = (survey.width / CELL, survey.height / CELL);
    if columns < 3 || rows < 3 {
        return Vec::new();
    }
    let paper = survey.paper(columns, rows);
    let filled = survey.filled_cells(columns, rows, &paper, params);
    let solid = opened(&filled, columns, rows);
    let mut regions: Vec<Region> = components(&solid, columns, rows)
        .into_iter()
        .filter_map(|cells| survey.region(&cells, columns, rows, &paper, pixels, params))
        .collect();
    regions.sort_by_key(|region| std::cmp::Reverse(region.bbox.area()));
    regions
}

impl Survey {
    fn of(pixels: &RgbImage, samples: u32) -> Self {
        let step = (pixels.width().max(pixels.height()) / samples).max(1);
        let (width, height) = ((pixels.width() / step) as usize, (pixels.height() / step) as usize);
        let mut survey = Self {
            step,
            width,
            height,
            luma: Vec::with_capacity(width * height),
            chroma: Vec::with_capacity(width * height),
            skin: Vec::with_capacity(width * height),
        };
        let stride = pixels.width() as usize * 3;
        for y in 0..height {
            let row = &pixels.as_raw()[y * step as usize * stride..][..stride];
            for pixel in row.chunks_exact(3).step_by(step as usize).take(width) {
                let (r, g, b) = (pixel[0], pixel[1], pixel[2]);
                // Rec. 601 luma in 8-bit fixed point
                let luma = (u32::from(r) * 77 + u32::from(g) * 150 + u32::from(b) * 29) >> 8;
                survey.luma.push(luma as u8);
                survey.chroma.push(r.max(g).max(b) - r.min(g).min(b));
                survey.skin.push(is_skin(r, g, b));
            }
        }
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

    fn filled_cells(&self, columns: usize, rows: usize, paper: &[u8], params: &RegionParams) -> Vec<bool> {
        let tiles_x = columns.div_ceil(TILE);
        let mut counts = vec![0u8; columns * rows];
        for y in 0..rows * CELL {
            let row = y / CELL;
            let papers = &paper[row / TILE * tiles_x..][..tiles_x];
            let line = y * self.width;
            for column in 0..columns {
                let least = (f32::from(papers[column / TILE]) * params.paper_luma) as u8;
                let at = line + column * CELL;
                let count = (0..CELL)
                    .filter(|i| self.luma[at + i] < least || self.chroma[at + i] > params.paper_chroma)
                    .count();
                counts[row * columns + column] += count as u8;
            }
        }
        counts.into_iter().map(|count| count >= params.filled_samples).collect()
    }

    /// What a component of cells holds; `None` when it has too few tones or is too small.
    fn region(
        &self,
        cells: &[u32],
        columns: usize,
        rows: usize,
        paper: &[u8],
        pixels: &RgbImage,
        params: &RegionParams,
    ) -> Option<Region> {
        let tiles_x = columns.div_ceil(TILE);
        let mut levels = [0u32; LEVELS];
        let (mut skin, mut dark, mut grey, mut samples) = (0u32, 0u32, 0u32, 0u32);
        let (mut left, mut right, mut top, mut bottom) = (columns, 0, rows, 0);
        for &cell in cells {
            let (row, column) = (cell as usize / columns, cell as usize % columns);
            (left, right) = (left.min(column), right.max(column + 1));
            (top, bottom) = (top.min(row), bottom.max(row + 1));
            let paper = u32::from(paper[row / TILE * tiles_x + column / TILE]).max(1);
            for y in row * CELL..(row + 1) * CELL {
                for at in y * self.width + column * CELL..y * self.width + (column + 1) * CELL {
                    let luma = u32::from(self.luma[at]);
                    levels[(luma as usize * LEVELS / 256).min(LEVELS - 1)] += 1;
                    skin += u32::from(self.skin[at]);
                    dark += u32::from(luma * 3 < paper);
                    grey += u32::from(self.chroma[at] < 24);
                    samples += 1;
                }
            }
        }
        let tones = levels.iter().filter(|&&count| count * 33 >= samples).count();
        let scale = self.step as i32 * CELL as i32;
        let bbox =
            Bbox::from_ltrb(left as i32 * scale, top as i32 * scale, right as i32 * scale, bottom as i32 * scale)
                .clamped(pixels.width(), pixels.height());
        if tones < params.least_tones || bbox.width().min(bbox.height()) < params.least_extent {
            return None;
        }
        let share = |count: u32| count as f32 / samples.max(1) as f32;
        let fill = cells.len() as f32 / ((right - left) * (bottom - top)) as f32;
        Some(Region { bbox, fill, tones, skin: share(skin), dark: share(dark), grey: share(grey) })
    }
}

/// Skin under photographic light, from dark to pale: red leads green, green does not trail blue far
/// (Kovac's rule, loosened for shade).
fn is_skin(r: u8, g: u8, b: u8) -> bool {
    r > 70 && g > 35 && b > 15 && r > g && i16::from(r) - i16::from(b) > 12 && i16::from(g) - i16::from(b) > -18 && {
        let spread = r - g;
        (8..110).contains(&spread)
    }
}

fn percentile(histogram: &[u32; 256], share: f32) -> u8 {
    let total: u32 = histogram.iter().sum();
    let wanted = (total as f32 * share) as u32;
    let mut seen = 0;
    for (luma, count) in histogram.iter().enumerate() {
        seen += count;
        if seen >= wanted && seen > 0 {
            return luma as u8;
        }
    }
    255
}

/// Cells that belong to some wholly filled 3 × 3 block: text and rules fall away, patches stay.
fn opened(filled: &[bool], columns: usize, rows: usize) -> Vec<bool> {
    let mut kept = vec![false; filled.len()];
    for row in 1..rows - 1 {
        for column in 1..columns - 1 {
            let block = |r: usize| filled[r * columns + column - 1..=r * columns + column + 1].iter().all(|&f| f);
            if block(row) && block(row - 1) && block(row + 1) {
                for r in row - 1..=row + 1 {
                    kept[r * columns + column - 1..=r * columns + column + 1].fill(true);
                }
            }
        }
    }
    kept
}

/// Groups of touching cells (8 neighbours).
fn components(solid: &[bool], columns: usize, rows: usize) -> Vec<Vec<u32>> {
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
        let regions = photo_regions(&pixels, &RegionParams::default());
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
        assert!(photo_regions(&pixels, &RegionParams::default()).is_empty());
    }
}
