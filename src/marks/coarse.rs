//! Mosaics whose blocks are about as large as a character: pale flat blocks of a few shades, which pass window by
//! window for a block of one colour or for paper.

use super::band::Band;
use super::window::Usual;
use crate::geometry::Bbox;
use crate::raster::{Raster, chroma, luma};

/// Least side of a block, pixels; finer ones show their lattice ([`super::grid`]).
const LEAST_BLOCK: usize = 9;
/// Largest block in strip heights.
const MOST_BLOCK: f32 = 1.2;
/// Least luma step between two blocks. JPEG leaves ±2 within a block, a seventh of the print's range under blocks of a
/// character's size is 20 and more between some of them.
const STEP: f32 = 4.0;
/// The same of the band's strongest step: the ripples beside the edges of JPEG's blocks have less.
const SHARE: f32 = 0.3;
/// Mean luma step of neighbouring columns within blocks at most, beside the paper's own grain.
const FLAT: f32 = 0.8;
/// Luma of blocks under the paper's: blocks hold a tenth to a half of ink.
const PALEST: u8 = 9;
const DARKEST: u8 = 150;
/// Luma within one block beside its neighbours above and below it.
const ROWS_APART: u8 = 60;

/// Stretches of a band, in columns, that are mosaics of coarse blocks, with the side of a block.
pub(super) fn stretches(band: &Band, usual: &Usual) -> Vec<(usize, usize, usize)> {
    let (width, height) = (band.width(), band.height());
    let tinted: Vec<bool> = (0..width).map(|x| !band.read[x] && is_tinted(band, x)).collect();
    let mut found = Vec::new();
    let mut from = 0;
    while from < width {
        if !tinted[from] {
            from += 1;
            continue;
        }
        let to = (from..width).find(|&x| !tinted[x]).unwrap_or(width);
        if (to - from) * 5 >= height * 6
            && let Some(side) = block(band, from, to, usual)
        {
            found.push((from, to, side));
        }
        from = to + 1;
    }
    found
}

/// True for a column of the pale greys of coarse blocks.
fn is_tinted(band: &Band, column: usize) -> bool {
    let (low, high) = (band.lows[column], band.highs[column]);
    let paper = band.paper(column);
    let middle = band.strip.pixels[band.height() / 2 * band.width() + column];
    high <= paper.saturating_sub(PALEST)
        && low >= paper.saturating_sub(DARKEST)
        && high - low <= ROWS_APART
        && chroma(middle) < 24
}

/// The side of the blocks between two columns: flat stretches that end in steps, a whole number of sides apart.
fn block(band: &Band, from: usize, to: usize, usual: &Usual) -> Option<usize> {
    let (width, height) = (band.width(), band.height());
    let rows = height / 5..height - height / 5;
    let count = rows.len().max(1) as f32;
    // Two columns apart: JPEG and scaling spread an edge over two pixels.
    let step = |x: usize| {
        let sum: u32 = rows
            .clone()
            .map(|y| {
                let row = &band.strip.luma[y * width..(y + 1) * width];
                u32::from(row[x - 1].abs_diff(row[x + 1]))
            })
            .sum();
        sum as f32 / count
    };
    // The cover's own soft edges are left out.
    let (first, last) = (from + 3, to.saturating_sub(3));
    let steps: Vec<(usize, f32)> = (first..last).map(|x| (x, step(x))).collect();
    let strongest = steps.iter().map(|step| step.1).fold(0.0, f32::max);
    let least = STEP.max(usual.noise * 2.5).max(strongest * SHARE);
    let mut edges: Vec<usize> = Vec::new();
    let mut flat: Vec<f32> = Vec::new();
    for (i, &(x, value)) in steps.iter().enumerate() {
        let near = &steps[i.saturating_sub(3)..(i + 4).min(steps.len())];
        let most = near.iter().map(|s| s.1).fold(0.0, f32::max);
        if most < least {
            flat.push(value);
        } else if value >= most && edges.last().is_none_or(|&last| x - last > 3) {
            edges.push(x);
        }
    }
    flat.sort_by(f32::total_cmp);
    // Steps that are too slight to count lie among the flat columns.
    let is_flat = flat.len() * 2 >= steps.len() && flat[flat.len() * 3 / 4] <= FLAT * 2.0 + usual.noise * 1.5;
    if edges.len() < 2 || !is_flat {
        return None;
    }
    let most = (height as f32 * MOST_BLOCK) as usize;
    // The cover's left edge need not lie on the lattice of the page, but its blocks begin there or before it.
    (LEAST_BLOCK..=most).rev().find(|&side| {
        edges.windows(2).all(|pair| {
            let apart = pair[1] - pair[0];
            let sides = (apart as f32 / side as f32).round().max(1.0);
            (apart as f32 - sides * side as f32).abs() <= 1.5 && sides <= 6.0
        }) && edges.windows(2).any(|pair| pair[1] - pair[0] <= side + 2)
    })
}

/// True when paper lies around most of a pale patch: a shaded cell goes on to its rules, a picture into its background.
pub(super) fn stands_on_paper(page: &Raster, bbox: Bbox, paper: u8) -> bool {
    // A cell's rules may run close above and below.
    let ring = bbox.expanded(5, bbox.height() / 6 + 3);
    let places = (ring.left..ring.right)
        .flat_map(|x| [(x, ring.top), (x, ring.bottom - 1)])
        .chain((bbox.top..bbox.bottom).flat_map(|y| [(ring.left, y), (ring.right - 1, y)]));
    let (mut light, mut all) = (0, 0);
    for (x, y) in places {
        if x >= 0 && y >= 0 && x < page.width() as i32 && y < page.height() as i32 {
            all += 1;
            light += usize::from(luma(page.pixels.get_pixel(x as u32, y as u32).0) > paper.saturating_sub(PALEST - 2));
        }
    }
    light * 2 >= all
}

/// True when a mosaic is made of blocks indeed: a blur of one shade in its middle fades out, or changes slowly from row to
/// row where it was cut off.
pub(super) fn is_of_blocks(page: &Raster, bbox: Bbox, paper: u8) -> bool {
    ends_sharply(page, bbox, paper) && is_flat(page, bbox)
}

/// The mean luma of a few columns in a row of pixels.
fn mean(page: &Raster, left: i32, y: i32) -> Option<f32> {
    let place = Bbox::from_ltrb(left, y, left + PIECE, y + 1).clamped(page.width(), page.height());
    let sum: u32 =
        (place.left..place.right).map(|x| u32::from(luma(page.pixels.get_pixel(x as u32, place.top as u32).0))).sum();
    (!place.is_empty()).then(|| sum as f32 / place.width() as f32)
}

/// True when most of a mosaic's columns are of a few flat stretches with steps between them.
fn is_flat(page: &Raster, bbox: Bbox) -> bool {
    /// Pixels of the cover's own soft edge.
    const EDGE: i32 = 3;
    /// Least luma step between two blocks over two pixels, and range of luma within one.
    const LEAST_STEP: f32 = 6.0;
    const RANGE: f32 = 8.0;
    /// Share of the rows that lie in flat stretches, and of the columns that are flat, in tenths.
    const TENTHS: usize = 6;
    let (mut flat, mut all) = (0, 0);
    for left in (bbox.left..=bbox.right - PIECE).step_by(PIECE as usize) {
        let rows: Vec<f32> = (bbox.top + EDGE..bbox.bottom - EDGE).filter_map(|y| mean(page, left, y)).collect();
        let last = rows.len().saturating_sub(1);
        let is_step = |i: usize| (rows[(i + 1).min(last)] - rows[i.saturating_sub(1)]).abs() >= LEAST_STEP;
        let (mut stretch, mut even): (Vec<f32>, usize) = (Vec::new(), 0);
        for i in 0..=rows.len() {
            if i < rows.len() && !is_step(i) {
                stretch.push(rows[i]);
                continue;
            }
            let (low, high) = stretch.iter().fold((f32::MAX, f32::MIN), |(low, high), &v| (low.min(v), high.max(v)));
            even += if high - low <= RANGE { stretch.len() } else { 0 };
            stretch.clear();
        }
        all += 1;
        flat += usize::from(even * 10 >= rows.len() * TENTHS);
    }
    all > 0 && flat * 10 >= all * TENTHS
}

/// Columns whose mean is taken: few, since rows may fall.
const PIECE: i32 = 8;

/// True when most of a mosaic ends within two pixels above or below.
fn ends_sharply(page: &Raster, bbox: Bbox, paper: u8) -> bool {
    /// Least luma from paper to a block, and the share of it within two pixels: a box blur of eight pixels has a quarter.
    const LEAST: f32 = 10.0;
    const SHARP: f32 = 0.45;
    /// Ends that must tell, at least.
    const ENDS: usize = 3;
    let reach = (bbox.height() / 3).max(6);
    let (mut sharp, mut all) = (0, 0);
    for left in (bbox.left..=bbox.right - PIECE).step_by(PIECE as usize) {
        for (edge, direction) in [(bbox.top, -1), (bbox.bottom - 1, 1)] {
            let profile: Vec<f32> = (-reach..=reach).filter_map(|d| mean(page, left, edge + direction * d)).collect();
            let step = f32::from(paper) - profile.first().copied().unwrap_or(255.0);
            if step < LEAST {
                continue;
            }
            all += 1;
            sharp += usize::from(profile.windows(3).any(|three| three[2] - three[0] >= step * SHARP));
        }
    }
    all >= ENDS && sharp * 2 >= all
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    #[test]
    fn blocks_end_sharply_and_are_flat_and_a_blur_is_not() {
        let page = |rim: i32| {
            let pixels = RgbImage::from_fn(300, 120, |x, y| {
                let shade = [60, 90, 40][(x as usize / 30) % 3];
                let depth = (x as i32 - 100).min(199 - x as i32).min(y as i32 - 40).min(79 - y as i32);
                let share = (depth + rim / 2).clamp(0, rim) as f32 / rim as f32;
                Rgb([(245.0 - shade as f32 * share) as u8; 3])
            });
            Raster::new(pixels, 150.0)
        };
        let place = Bbox::from_ltrb(100, 40, 200, 80);
        assert!(is_of_blocks(&page(1), place, 245));
        assert!(is_of_blocks(&page(2), place, 245), "softened by a camera");
        assert!(!ends_sharply(&page(9), place, 245));
        let cut_off = RgbImage::from_fn(300, 120, |x, y| {
            let inside = (100..200).contains(&x) && (40..80).contains(&y);
            let depth = (y as i32 - 40).min(79 - y as i32).max(0) as f32;
            Rgb([if inside { (225.0 - depth * 1.5) as u8 } else { 245 }; 3])
        });
        assert!(!is_of_blocks(&Raster::new(cut_off, 150.0), place, 245), "a blurred patch pasted in");
    }
}
