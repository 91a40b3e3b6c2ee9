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
    /// Mean luma step between neighbouring blocks of a row, weak ones left out.
    pub(super) step: f32,
}

/// Steps of luma up to this are noise; JPEG at quality 45 leaves ripples of 12 beside the edges of blocks.
const STEP: u8 = 12;
/// Least energy of the edges across, luma steps a row: a speck or a colon has less.
const LEAST_ENERGY: u32 = 14;
/// From this pitch on an edge may be two pixels off its place, as JPEG and scaling leave it: three columns of
/// seven are still few.
const SOFT_PITCH: usize = 7;
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
    let row = |y: usize| &patch.luma[y * patch.width..(y + 1) * patch.width][columns.clone()];
    for (y, below) in down.iter_mut().enumerate() {
        let here = row(y);
        for (sum, pair) in across.iter_mut().zip(here.windows(2)) {
            *sum += strong(pair[0], pair[1]);
        }
        if y + 1 < height {
            *below = here.iter().zip(row(y + 1)).map(|(a, b)| strong(*a, *b)).sum();
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
    let (across, down) = (Edges::of(&across), Edges::of(&down));
    let coarsest = height.min(columns.len() / 2) * TENTHS;
    let least = params.least_block * TENTHS;
    let mut pitch = coarsest;
    while pitch >= least {
        let is_fit = |edges: &Edges| {
            edges.best_phase(pitch, 0).share >= params.lattice_share
                || (pitch >= SOFT_PITCH * TENTHS && edges.best_phase(pitch, 1).share >= SOFT_SHARE)
        };
        if is_fit(&across) && is_fit(&down) && across.lines_on(pitch) >= 3 {
            let grid = refined(&across, &down, pitch);
            let steps = (height * columns.len()) as f32 / grid.pitch;
            return Some(Grid { step: total as f32 / steps, ..grid });
        }
        pitch -= 2;
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
    let mut histogram = [0usize; 256];
    for &luma in rows.iter().copied().flatten() {
        histogram[usize::from(luma)] += 1;
    }
    let all = rows.len() * columns.len();
    let mut seen = 0;
    let mut at = |rank: usize| {
        let found = (0..256).find(|&luma| {
            seen += histogram[luma];
            seen > rank
        });
        found.unwrap_or(255) as f32
    };
    let Some(last) = all.checked_sub(1) else { return false };
    let low = at(last / 50);
    let high = highest(&histogram, last / 50);
    let end = (high - low) * END;
    let (mut between, mut flat) = (0u32, 0u32);
    let (darkest, lightest) = ((low + end) as u8, (high - end).max(0.0) as u8);
    for pair in rows.windows(2) {
        for (here, below) in pair[0].windows(2).zip(pair[1]) {
            if here[0] > darkest && here[0] < lightest {
                between += 1;
                flat += u32::from(here[0].abs_diff(here[1]) <= STEP && here[0].abs_diff(*below) <= STEP);
            }
        }
    }
    between as f32 >= all as f32 * LEAST && flat as f32 >= between as f32 * FLAT
}

/// The value that `rank` values of a histogram exceed.
fn highest(histogram: &[usize; 256], rank: usize) -> f32 {
    let mut seen = 0;
    let found = (0..256usize).rev().find(|&value| {
        seen += histogram[value];
        seen > rank
    });
    found.unwrap_or(0) as f32
}

/// Pitches and phases are counted in tenths of a pixel.
const TENTHS: usize = 10;

/// Steps between phases, tenths.
const PHASE_STEP: usize = 5;

struct Phase {
    /// Tenths of a pixel.
    start: usize,
    share: f32,
}

/// The energy of edges by column or row, summed from the first on.
struct Edges {
    sums: Vec<u32>,
}

impl Edges {
    fn of(energy: &[u32]) -> Self {
        let mut sums = vec![0; energy.len() + 1];
        for (i, value) in energy.iter().enumerate() {
            sums[i + 1] = sums[i] + value;
        }
        Self { sums }
    }

    fn total(&self) -> u32 {
        self.sums.last().copied().unwrap_or(0)
    }

    /// Energy within `slack` of each line of a lattice; pitch and start in tenths.
    fn on(&self, start: usize, pitch: usize, slack: usize) -> impl Iterator<Item = u32> {
        let count = self.sums.len() - 1;
        (start..)
            .step_by(pitch)
            .map(|at| (at + TENTHS / 2) / TENTHS)
            .take_while(move |&line| line < count)
            .map(move |line| self.sums[(line + slack + 1).min(count)] - self.sums[line.saturating_sub(slack)])
    }

    /// The phase on which most of the energy lies, counting `slack` neighbours of each lattice line.
    fn best_phase(&self, pitch: usize, slack: usize) -> Phase {
        let best = (0..pitch)
            .step_by(PHASE_STEP)
            .map(|start| (start, self.on(start, pitch, slack).sum::<u32>()))
            .fold((0, 0), |best, next| if next.1 > best.1 { next } else { best });
        Phase { start: best.0, share: best.1 as f32 / self.total().max(1) as f32 }
    }

    /// Lattice lines that carry a real share of the energy.
    fn lines_on(&self, pitch: usize) -> usize {
        let start = self.best_phase(pitch, 0).start;
        self.on(start, pitch, 0).filter(|energy| energy * 20 >= self.total()).count()
    }
}

/// The pitch near `coarse` that fits best, with its phases. An edge between columns x and x + 1 starts a block at
/// x + 1.
fn refined(across: &Edges, down: &Edges, coarse: usize) -> Grid {
    let tries = coarse.saturating_sub(6)..=coarse + 2;
    let value = |pitch: usize| {
        let whole = if pitch.is_multiple_of(TENTHS) { 0.02 } else { 0.0 };
        across.best_phase(pitch, 0).share + down.best_phase(pitch, 0).share + whole
    };
    let pitch = tries.max_by(|a, b| value(*a).total_cmp(&value(*b))).unwrap_or(coarse);
    let start = |edges: &Edges| ((edges.best_phase(pitch, 0).start + TENTHS) % pitch) as f32 / TENTHS as f32;
    Grid { pitch: pitch as f32 / TENTHS as f32, left: start(across), top: start(down), step: 0.0 }
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
