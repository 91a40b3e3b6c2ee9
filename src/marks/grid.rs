//! The lattice of a mosaic: on which columns and rows nearly all steps of luma lie.

use std::ops::Range;

use super::window::WindowParams;

/// A mosaic's lattice; blocks need not be whole pixels, since editors scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Grid {
    /// Side of a block, pixels.
    pub(super) pitch: f32,
    /// Where a block begins, pixels from the first column given.
    pub(super) left: f32,
    /// The same from the first row.
    pub(super) top: f32,
}

/// Steps of luma up to this are noise; JPEG at quality 45 leaves ripples of 12 beside the edges of blocks.
const STEP: u8 = 12;
/// Least energy of the edges across, luma steps a row: a speck or a colon has less.
const LEAST_ENERGY: u32 = 14;
/// From this pitch on an edge may be two pixels off its place, as JPEG and scaling leave it: three columns of
/// seven are still few.
const SOFT_PITCH: f32 = 7.0;
/// Share of the energy within one pixel of the lattice from which soft edges count. Writing has up to 0.62 of it there, a
/// mosaic of 9 pixels at JPEG quality 45 has 0.81 to 0.87.
const SOFT_SHARE: f32 = 0.77;

/// Luma of a patch, row by row.
#[derive(Clone, Copy)]
pub(super) struct Patch<'a> {
    pub(super) luma: &'a [u8],
    pub(super) width: usize,
}

/// The lattice of some columns of a patch: the largest on which nearly all edges lie, across and down.
pub(super) fn grid(patch: Patch<'_>, columns: &Range<usize>, params: &WindowParams) -> Option<Grid> {
    let height = patch.luma.len() / patch.width.max(1);
    let strong = |a: u8, b: u8| if a.abs_diff(b) > STEP { u32::from(a.abs_diff(b)) } else { 0 };
    let mut across = vec![0u32; columns.len()];
    let mut down = vec![0u32; height];
    for (y, below) in down.iter_mut().enumerate() {
        let row = &patch.luma[y * patch.width..(y + 1) * patch.width];
        for x in columns.start..columns.end.min(patch.width - 1) {
            across[x - columns.start] += strong(row[x], row[x + 1]);
            if y + 1 < height {
                *below += strong(row[x], patch.luma[(y + 1) * patch.width + x]);
            }
        }
    }
    let (total, total_down): (u32, u32) = (across.iter().sum(), down.iter().sum());
    // Blocks end on all four sides; the stripes of a border or a bar code do not.
    if total < LEAST_ENERGY * height as u32 || total_down < total / 5 || total < total_down / 5 {
        return None;
    }
    if !is_flat_between(patch, columns) {
        return None;
    }
    let coarsest = height.min(columns.len() / 2);
    let mut pitch = coarsest as f32;
    while pitch >= params.least_block as f32 {
        let is_fit = |energy: &[u32]| {
            let exact = best_phase(energy, pitch, 0);
            exact.share >= params.lattice_share
                || (pitch >= SOFT_PITCH && best_phase(energy, pitch, 1).share >= SOFT_SHARE)
        };
        if is_fit(&across) && is_fit(&down) && edges_on(&across, pitch) >= 3 {
            return Some(refined(&across, &down, pitch));
        }
        pitch -= 0.2;
    }
    None
}

/// True when there are shades between ink and paper and they lie in flat places, as in a mosaic's blocks. In print such
/// shades are the slopes of strokes, in a QR code there are none.
fn is_flat_between(patch: Patch<'_>, columns: &Range<usize>) -> bool {
    /// Share of the range from either end that is ink or paper.
    const END: f32 = 0.15;
    /// Share of the pixels that must be of a shade between; a mosaic over print has 0.3 and more.
    const LEAST: f32 = 0.1;
    /// Share of these that must be flat: blocks of 5 pixels have 16 of 25, print has a tenth.
    const FLAT: f32 = 0.36;
    let rows: Vec<&[u8]> = patch.luma.chunks_exact(patch.width).map(|row| &row[columns.clone()]).collect();
    let mut sorted = rows.concat();
    sorted.sort_unstable();
    let Some(last) = sorted.len().checked_sub(1) else { return false };
    let (low, high) = (f32::from(sorted[last / 50]), f32::from(sorted[last - last / 50]));
    let end = (high - low) * END;
    let (mut between, mut flat) = (0u32, 0u32);
    for pair in rows.windows(2) {
        for x in 1..pair[0].len() {
            let here = pair[0][x - 1];
            if f32::from(here) > low + end && f32::from(here) < high - end {
                between += 1;
                flat += u32::from(here.abs_diff(pair[0][x]) <= STEP && here.abs_diff(pair[1][x - 1]) <= STEP);
            }
        }
    }
    between as f32 >= sorted.len() as f32 * LEAST && flat as f32 >= between as f32 * FLAT
}

struct Phase {
    start: f32,
    share: f32,
}

/// The phase on which most of the energy lies, counting `slack` neighbours of each lattice line.
fn best_phase(energy: &[u32], pitch: f32, slack: usize) -> Phase {
    let total: u32 = energy.iter().sum();
    let mut best = Phase { start: 0.0, share: 0.0 };
    let mut start = 0.0;
    while start < pitch {
        let mut sum = 0;
        let mut at = start;
        while (at.round() as usize) < energy.len() {
            let line = at.round() as usize;
            sum += energy[line.saturating_sub(slack)..(line + slack + 1).min(energy.len())].iter().sum::<u32>();
            at += pitch;
        }
        let share = if total == 0 { 0.0 } else { sum as f32 / total as f32 };
        if share > best.share {
            best = Phase { start, share };
        }
        start += 0.5;
    }
    best
}

/// Lattice lines that carry a real share of the energy.
fn edges_on(energy: &[u32], pitch: f32) -> usize {
    let total: u32 = energy.iter().sum();
    let mut at = best_phase(energy, pitch, 0).start;
    let mut count = 0;
    while (at.round() as usize) < energy.len() {
        count += usize::from(energy[at.round() as usize] * 20 >= total);
        at += pitch;
    }
    count
}

/// The pitch near `coarse` that fits best, with its phases. An edge between columns x and x + 1 starts a block at
/// x + 1.
fn refined(across: &[u32], down: &[u32], coarse: f32) -> Grid {
    let tries = (-6..=2).map(|step| coarse + step as f32 * 0.1);
    let value = |pitch: f32| {
        let whole = if (pitch - pitch.round()).abs() < 0.05 { 0.02 } else { 0.0 };
        best_phase(across, pitch, 0).share + best_phase(down, pitch, 0).share + whole
    };
    let pitch = tries.max_by(|a, b| value(*a).total_cmp(&value(*b))).unwrap_or(coarse);
    let pitch = if (pitch - pitch.round()).abs() < 0.05 { pitch.round() } else { pitch };
    let start = |energy: &[u32]| (best_phase(energy, pitch, 0).start + 1.0) % pitch;
    Grid { pitch, left: start(across), top: start(down) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks of `side` from `phase` on, of pseudo-random shades.
    fn blocks(side: f32, phase: f32) -> Vec<u8> {
        let cell = |v: usize| ((v as f32 + phase) / side) as usize;
        (0..30usize).flat_map(|y| (0..90usize).map(move |x| ((cell(x) * 7 + cell(y) * 13) * 53 % 200) as u8)).collect()
    }

    fn found(luma: &[u8]) -> Option<Grid> {
        grid(Patch { luma, width: 90 }, &(0..90), &WindowParams::default())
    }

    #[test]
    fn whole_and_broken_pitches_are_found_at_any_phase() {
        for side in [5.0, 7.6, 8.0, 12.0] {
            for phase in [0.0, 3.0] {
                let grid = found(&blocks(side, phase)).expect("a mosaic");
                assert!((grid.pitch - side).abs() < 0.25, "{side} {phase}: {grid:?}");
            }
        }
    }

    #[test]
    fn noise_and_stripes_are_no_mosaic() {
        let mut state = 9u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let noise: Vec<u8> = (0..30 * 90).map(|_| random()).collect();
        let stripes: Vec<u8> = (0..30 * 90).map(|i| if (i % 90) / 8 % 2 == 0 { 0 } else { 255 }).collect();
        assert_eq!((found(&noise), found(&stripes)), (None, None));
    }
}
