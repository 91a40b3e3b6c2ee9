//! A band → its runs: neighbouring windows that hold the same, and stretches with ink in which nothing was read.

use super::MarkParams;
use super::band::Band;
use super::grid::{self, Grid, Patch};
use super::window::{self, Class, Usual};
use crate::raster::chroma;

/// A stretch of a band that holds one kind of thing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Run {
    pub(super) class: Class,
    /// First column, of the band's strip.
    pub(super) from: usize,
    /// The column after the last.
    pub(super) to: usize,
    /// True when it lies between characters that were read or paper, and may be as short as one character.
    pub(super) fills_gap: bool,
}

impl Run {
    /// True for a block that was seen as one, of one shade or of several.
    pub(super) fn is_block(&self) -> bool {
        matches!(self.class, Class::Solid(_) | Class::Inked)
    }

    /// Columns by which it lies before or after what was read of the band's own line.
    pub(super) fn gap(&self, band: &Band) -> usize {
        gap(band, self.from, self.to)
    }
}

/// Columns between a stretch and what was read of the band's own line.
pub(super) fn gap(band: &Band, from: usize, to: usize) -> usize {
    if to <= band.own[0] { band.own[0] - to } else { from.saturating_sub(band.own[1]) }
}

/// Runs of windows of the same kind, left to right; windows overlap, and so may the runs.
pub(super) fn of_windows(band: &Band, usual: &Usual, params: &MarkParams) -> Vec<Run> {
    let height = band.height();
    let step = (height / 6).max(2);
    let mut runs: Vec<Run> = Vec::new();
    for from in (0..).step_by(step).take_while(|from| from + height <= band.width()) {
        // A lattice is looked for at every other window unless one goes on.
        let goes_on = matches!(runs.last(), Some(run) if matches!(run.class, Class::Mosaic(_)) && run.to >= from);
        let may_be_mosaic = goes_on || (from / step).is_multiple_of(2);
        let (class, to) = window_at(band, from, may_be_mosaic, usual, params);
        match runs.last_mut() {
            Some(last) if is_same(last.class, class) => last.to = to,
            _ => runs.push(Run { class, from, to, fills_gap: false }),
        }
    }
    runs
}

/// What the window from a column on holds, and the column after its last: how wide it is depends on what it holds.
fn window_at(band: &Band, from: usize, may_be_mosaic: bool, usual: &Usual, params: &MarkParams) -> (Class, usize) {
    let height = band.height();
    // A block over one character is narrower than a line is high.
    let (narrow, to) = (from + height * 5 / 8, from + height);
    if is_ordinary(band, from, narrow, usual) {
        return (Class::Paper, narrow);
    }
    let found = match window::classify(band, from, narrow, usual, &params.window) {
        block @ (Class::Solid(_) | Class::Inked) => (block, narrow),
        _ => (window::classify(band, from, to, usual, &params.window), to),
    };
    if !may_be_mosaic || matches!(found.0, Class::Paper | Class::Solid(_) | Class::Clean) {
        return found;
    }
    // A lattice shows only over several blocks.
    let wide = (from + height * 3 / 2).min(band.width());
    grid_of(band, from, wide, usual, params).map_or(found, |grid| (Class::Mosaic(grid), wide))
}

/// Stretches with ink in which nothing was read, as runs, where they look like a cover or like what cannot be read.
pub(super) fn of_gaps(band: &Band, usual: &Usual, params: &MarkParams) -> Vec<Run> {
    let height = band.height();
    let rim = (height / 10).max(2);
    let gap = |(from, to): (usize, usize)| {
        let (start, end) = (from + rim, to.saturating_sub(rim));
        if end < start + height / 2 {
            return None;
        }
        let class = match grid_of(band, start, end, usual, params) {
            Some(grid) => Class::Mosaic(grid),
            None => window::classify(band, start, end, usual, &params.window),
        };
        let is_cover = matches!(class, Class::Mosaic(_) | Class::Blur | Class::Faint);
        let is_illegible = || class == Class::Writing && is_illegible(band, from, to, params);
        (is_cover || is_illegible()).then_some(Run { class, from, to, fills_gap: true })
    };
    unread(band, usual).into_iter().filter_map(gap).collect()
}

/// True for a stretch of writing, at least one character long, that cannot be read.
fn is_illegible(band: &Band, from: usize, to: usize, params: &MarkParams) -> bool {
    let height = band.height();
    to - from >= height
        && !band.is_suspect(from, to)
        && band.legible_share(from, to) < params.most_legible
        && band.inked_rows(from, to) > params.least_rows
        // A block that runs aslant through the band is a cover with paper beside it, and nothing to read.
        && (band.longest_filled(from, to) as f32) < params.most_filled * height as f32
}

/// Stretches with ink in which nothing was read: covers in a sentence fill them from end to end.
fn unread(band: &Band, usual: &Usual) -> Vec<(usize, usize)> {
    let (width, height) = (band.width(), band.height());
    // Paper between two characters.
    let most_paper = height / 4;
    let mut found: Vec<(usize, usize)> = Vec::new();
    for x in 0..width {
        let is_ink = !band.read[x] && band.is_shaded(x, usual);
        if !is_ink {
            continue;
        }
        match found.last_mut() {
            Some((_, end)) if x - *end <= most_paper && !band.read[*end..x].contains(&true) => *end = x + 1,
            _ => found.push((x, x + 1)),
        }
    }
    found.retain(|(from, to)| (to - from) * 10 >= height * 6 && to - from <= height * 30);
    found
}

/// True when the middle of a window was read, or holds nothing but paper.
fn is_ordinary(band: &Band, from: usize, to: usize, usual: &Usual) -> bool {
    if band.read[f32::midpoint(from as f32, to as f32) as usize] {
        return true;
    }
    let (width, height) = (band.width(), band.height());
    let low = band.lows[from..to].iter().copied().min().unwrap_or(255);
    let high = band.highs[from..to].iter().copied().max().unwrap_or(0);
    let range = f32::from(high.saturating_sub(low));
    // Grainless patches on grainy paper are told by their evenness.
    let has_grain = usual.noise < 1.0 || range > usual.noise * 2.0;
    if !has_grain || range >= 12.0 + usual.noise * 5.0 || high.abs_diff(band.paper(usize::midpoint(from, to))) >= 25 {
        return false;
    }
    // Pale yellow is as light as paper.
    let middle = &band.strip.pixels[height / 2 * width + from..height / 2 * width + to];
    middle.iter().map(|&p| u32::from(chroma(p))).sum::<u32>() <= middle.len() as u32 * 40
}

/// The lattice of a mosaic over some columns. JPEG's own blocks show, too, but on faint things only.
fn grid_of(band: &Band, from: usize, to: usize, usual: &Usual, params: &MarkParams) -> Option<Grid> {
    /// Side of JPEG's blocks, and of its colour's blocks, pixels.
    const JPEG: [f32; 2] = [8.0, 16.0];
    let patch = Patch { luma: &band.strip.luma, width: band.width() };
    let found = grid::grid(patch, &(from..to), &params.window)?;
    let m = window::measure(band, from, to, &params.window);
    let is_jpeg = JPEG.iter().any(|side| (found.pitch - side).abs() < 0.35);
    let least = if is_jpeg { params.least_jpeg_contrast } else { params.least_contrast };
    let range = f32::from(m.high.saturating_sub(m.low));
    (range >= usual.contrast * least && found.step >= range * params.least_step).then_some(found)
}

fn is_same(a: Class, b: Class) -> bool {
    match (a, b) {
        (Class::Solid(a), Class::Solid(b)) => (0..3).all(|c| a[c].abs_diff(b[c]) <= 24),
        _ => std::mem::discriminant(&a) == std::mem::discriminant(&b),
    }
}
