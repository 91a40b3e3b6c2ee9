//! A window of a band → what it holds: paper, writing, or a cover of some kind.

use std::ops::Range;

use super::band::Band;
use super::grid::Grid;
use crate::raster::{COLOURED, chroma, luma, percentile};

/// Thresholds of the window classes.
#[derive(Debug, Clone)]
pub struct WindowParams {
    /// Largest channel difference from the window's middle colour within one colour; JPEG at quality 60
    /// leaves ±9, in coloured places ±14.
    pub one_colour: i16,
    /// Share of a window that must be of one colour for a solid cover.
    pub solid_share: f32,
    /// Least luma or channel difference of a solid cover from the paper. Shaded table cells are 15–35 away
    /// and hold writing; a cover of a paler tint is no cover.
    pub solid_contrast: i16,
    /// Luma range under which a window is paper.
    pub paper_range: u8,
    /// Standard deviation of the paper's luma from which a patch without any counts as pasted over. Scans
    /// measure 1.5–6, born-digital pages 0.
    pub paper_noise: f32,
    /// Largest share of the page's usual edge sharpness at which writing counts as blurred.
    pub blur_share: f32,
    /// Share of a window's edge energy that must lie on one lattice for a mosaic. Writing has a third at
    /// most, at the smallest block of 4 pixels.
    pub lattice_share: f32,
    /// Share of a window that must be far from paper for a cover of several shades. Bold print has a half, a dense
    /// zigzag of a pen three quarters and more.
    pub inked_share: f32,
    /// Channel difference under which a shade is grey, as blurred or veiled print is and stickers are not.
    pub grey: u8,
    /// Share that is far from paper where no paper shows, as in a veil; a scribble has holes.
    pub hole_free: f32,
    /// Smallest mosaic block, pixels.
    pub least_block: usize,
    /// Least share of a window's columns that something blurred or veiled must take.
    pub least_shaded: f32,
    /// Largest share of the page's usual contrast at which writing counts as seen through a cover.
    pub faint_share: f32,
}

impl Default for WindowParams {
    fn default() -> Self {
        Self {
            one_colour: 16,
            solid_share: 0.96,
            solid_contrast: 40,
            paper_range: 28,
            paper_noise: 1.4,
            blur_share: 0.42,
            lattice_share: 0.72,
            inked_share: 0.74,
            grey: 40,
            hole_free: 0.97,
            least_block: 4,
            least_shaded: 0.35,
            faint_share: 0.55,
        }
    }
}

/// What is usual on the page: writing and paper in the same bands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usual {
    /// Luma of paper.
    pub(super) paper: u8,
    /// Standard deviation of luma on bare paper; 0 when the page is born digital.
    pub(super) noise: f32,
    /// True when all paper has grain; the paper of one-bit pages has specks here and there.
    pub(super) has_even_grain: bool,
    /// Steepest edges over luma range, of writing.
    pub(super) sharpness: f32,
    /// The same of edges across rows alone: the strokes that stand.
    pub(super) upright: f32,
    /// Luma range of writing.
    pub(super) contrast: f32,
    /// The same down to the middle of strokes, which are less than a twentieth of it.
    pub(super) depth: f32,
    /// How steeply rows fall to the right.
    pub(super) slope: f32,
}

/// What a window holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Class {
    Paper,
    Writing,
    /// One colour that is not the paper's.
    Solid([u8; 3]),
    /// Whiter or more even than the paper.
    Clean,
    /// Nearly all of it far from paper, in several shades: a brush, a sticker, a scribble, a dark veil.
    Inked,
    /// Blocks of one colour.
    Mosaic(Grid),
    Blur,
    Faint,
}

/// Measures of a window's luma.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measures {
    /// Share within one shade of the median.
    even: f32,
    /// Median.
    middle: u8,
    /// Share that is too dark for paper.
    dark: f32,
    /// 5th and 95th percentile.
    pub(super) low: u8,
    pub(super) high: u8,
    /// 1st percentile: thin strokes are fewer than 5 % of a window.
    pub(super) darkest: u8,
    /// 99.5th percentile of the step between neighbours, over the range: a single rule crossing the window has
    /// 2 % of them.
    pub(super) sharpness: f32,
    /// The same of steps along rows alone.
    pub(super) upright: f32,
    /// Standard deviation.
    pub(super) deviation: f32,
}

/// Measures of a window's colour.
struct Colours {
    middle: [u8; 3],
    /// Share within one colour of the middle.
    even: f32,
    /// Share that is far from paper.
    inked: f32,
}

/// The rows of a band that are measured: the strip's first and last may hold rules or a cover's edge.
fn rows(band: &Band) -> Range<usize> {
    let height = band.height();
    height / 5..height - height / 5
}

/// The rows in the middle of a band: a cover may be lower than the line in whose band it lies.
fn middle_rows(band: &Band) -> Range<usize> {
    let height = band.height();
    height * 2 / 5..(height * 3).div_ceil(5)
}

/// Measures the columns `from..to` of a band.
pub(super) fn measure(band: &Band, from: usize, to: usize, params: &WindowParams) -> Measures {
    let width = band.width();
    let mut lumas = [0u32; 256];
    let (mut steps, mut upright) = ([0u32; 256], [0u32; 256]);
    let paper = band.paper(usize::midpoint(from, to));
    let rows = rows(band);
    for y in rows.clone() {
        let row = &band.strip.luma[y * width + from..y * width + to];
        for &luma in row {
            lumas[usize::from(luma)] += 1;
        }
        for pair in row.windows(2) {
            upright[usize::from(pair[0].abs_diff(pair[1]))] += 1;
        }
        if y + 1 < rows.end {
            let below = &band.strip.luma[(y + 1) * width + from..(y + 1) * width + to];
            for (a, b) in row.iter().zip(below) {
                steps[usize::from(a.abs_diff(*b))] += 1;
            }
        }
    }
    steps.iter_mut().zip(upright).for_each(|(all, along)| *all += along);
    let total: u32 = lumas.iter().sum::<u32>().max(1);
    let mean = lumas.iter().enumerate().map(|(v, &n)| v as f32 * n as f32).sum::<f32>() / total as f32;
    let variance =
        lumas.iter().enumerate().map(|(v, &n)| (v as f32 - mean).powi(2) * n as f32).sum::<f32>() / total as f32;
    let (low, high) = (percentile(&lumas, 0.05), percentile(&lumas, 0.95));
    let range = f32::from(high.saturating_sub(low)).max(1.0);
    let middle = percentile(&lumas, 0.5);
    let dark = lumas[..usize::from(darkest_paper(paper))].iter().sum::<u32>();
    Measures {
        even: near(&lumas, middle, params) as f32 / total as f32,
        middle,
        dark: dark as f32 / total as f32,
        low,
        high,
        darkest: percentile(&lumas, 0.01),
        sharpness: f32::from(percentile(&steps, 0.995)) / range,
        upright: f32::from(percentile(&upright, 0.995)) / range,
        deviation: variance.sqrt(),
    }
}

/// Values of a histogram within one colour of a value.
fn near(histogram: &[u32; 256], middle: u8, params: &WindowParams) -> u32 {
    let centre = i16::from(middle);
    let (from, to) = ((centre - params.one_colour).max(0), (centre + params.one_colour).min(255));
    histogram[from as usize..=to as usize].iter().sum()
}

/// Measures the colours of some rows of the columns `from..to`.
fn colours(band: &Band, rows: Range<usize>, from: usize, to: usize, params: &WindowParams) -> Colours {
    let width = band.width();
    let mut channels = [[0u32; 256]; 3];
    let (mut inked, mut total) = (0, 0);
    let paper = band.paper(usize::midpoint(from, to));
    for y in rows {
        for &pixel in &band.strip.pixels[y * width + from..y * width + to] {
            for (histogram, value) in channels.iter_mut().zip(pixel) {
                histogram[usize::from(value)] += 1;
            }
            inked += u32::from(is_inked(pixel, paper));
            total += 1;
        }
    }
    let middle = [0, 1, 2].map(|c| percentile(&channels[c], 0.5));
    let even = (0..3).map(|c| near(&channels[c], middle[c], params)).min().unwrap_or(0);
    let total = total.max(1) as f32;
    Colours { middle, even: even as f32 / total, inked: inked as f32 / total }
}

/// Share of a window's pixels, of one in nine, that are strongly coloured.
fn coloured(band: &Band, from: usize, to: usize) -> f32 {
    let width = band.width();
    let (mut found, mut all) = (0u32, 0u32);
    for y in rows(band).step_by(3) {
        for pixel in band.strip.pixels[y * width + from..y * width + to].iter().step_by(3) {
            found += u32::from(chroma(*pixel) > COLOURED);
            all += 1;
        }
    }
    found as f32 / all.max(1) as f32
}

/// What the columns `from..to` hold.
pub(super) fn classify(band: &Band, from: usize, to: usize, usual: &Usual, params: &WindowParams) -> Class {
    let m = measure(band, from, to, params);
    let range = m.high.saturating_sub(m.low);
    // Colours are looked at where luma leaves room for a cover.
    let may_be_solid = m.even >= params.solid_share - 0.02;
    let may_be_inked = m.dark + coloured(band, from, to) >= params.inked_share - 0.1;
    let (middle, even, inked) = if may_be_solid || may_be_inked || range < params.paper_range {
        let c = colours(band, rows(band), from, to, params);
        (c.middle, c.even, c.inked)
    } else {
        ([m.middle; 3], 0.0, 0.0)
    };
    let paper = band.paper(usize::midpoint(from, to));
    let contrast = middle.map(|c| (i16::from(c) - i16::from(paper)).abs()).into_iter().max().unwrap_or(0);
    if even >= params.solid_share {
        if contrast >= params.solid_contrast {
            return Class::Solid(middle);
        }
        // A scan's paper has grain everywhere; a patch without grain was put there afterwards.
        let clean = usual.has_even_grain && usual.noise >= params.paper_noise && m.deviation < usual.noise * 0.25;
        if clean && middle.iter().all(|&c| c >= 225) {
            return Class::Clean;
        }
    }
    if inked >= params.inked_share {
        // A highlighter leaves the print's contrast: it hides nothing.
        if band.is_suspect(from, to) && f32::from(range) > usual.contrast * params.faint_share {
            return Class::Writing;
        }
        let is_grey = chroma(middle) < params.grey;
        let core = colours(band, middle_rows(band), from, to, params);
        if inked >= params.hole_free && core.even >= params.solid_share && core.inked >= params.hole_free {
            return Class::Solid(core.middle);
        }
        // Heavy print blurred or under a veil is as dark as a brush's stroke, but not of one shade.
        return match () {
            () if inked >= params.hole_free && unevenness(band, from, to) <= EVEN + usual.noise => Class::Inked,
            () if !is_grey || range < params.paper_range => Class::Inked,
            () if m.sharpness < usual.sharpness * params.blur_share => Class::Blur,
            () if inked >= params.hole_free => Class::Faint,
            () => Class::Inked,
        };
    }
    if range < params.paper_range {
        // Uneven and far from paper: something shows through a nearly opaque cover.
        return if contrast >= params.solid_contrast { Class::Faint } else { Class::Paper };
    }
    // A rule or a comma that is pale is no cover.
    if band.shaded_share(from, to, usual) < params.least_shaded {
        return Class::Writing;
    }
    if m.sharpness < usual.sharpness * params.blur_share || is_smeared(band, from..to, &m, usual, params) {
        return Class::Blur;
    }
    let veiled = paper.saturating_sub(m.high) > 25 || m.darkest > paper / 2;
    if f32::from(range) < usual.contrast * params.faint_share && veiled {
        // A line that is pale all along was printed so.
        let is_usual_here = || {
            own_contrast(band, from..to, params)
                .is_some_and(|own| f32::from(m.high.saturating_sub(m.darkest)) >= own * 0.7)
        };
        return if is_usual_here() { Class::Writing } else { Class::Faint };
    }
    Class::Writing
}

/// True for print that was blurred along its line: no stroke that stands is sharp, and ink lies at all heights of a character. A
/// rule, a dash or 一 has ink at one.
fn is_smeared(band: &Band, columns: Range<usize>, m: &Measures, usual: &Usual, params: &WindowParams) -> bool {
    /// Share of the usual contrast by which a row is darker than the paper on average.
    const SHADE: f32 = 0.12;
    /// Share of the rows that are. Of a character's middle three fifths nearly all are.
    const LEAST_ROWS: f32 = 0.7;
    /// Share that is strongly coloured from which it is no print: a fingerprint's ridges.
    const OF_NO_PRINT: f32 = 0.25;
    if m.upright >= usual.upright * params.blur_share || coloured(band, columns.start, columns.end) > OF_NO_PRINT {
        return false;
    }
    let (width, rows) = (band.width(), rows(band));
    let paper = f32::from(band.paper(usize::midpoint(columns.start, columns.end)));
    let is_shaded = |y: &usize| {
        let row = &band.strip.luma[y * width + columns.start..y * width + columns.end];
        let mean = row.iter().map(|&luma| u32::from(luma)).sum::<u32>() as f32 / row.len().max(1) as f32;
        mean + SHADE * usual.contrast < paper
    };
    rows.clone().filter(is_shaded).count() as f32 >= LEAST_ROWS * rows.len() as f32
}

/// Deviation in luma of a colour gradient from an even slope, beside the paper's own grain. What shows through a veil of
/// nine tenths deviates by 6 and more.
const EVEN: f32 = 2.5;

/// Standard deviation of the luma of the columns `from..to` from the even slope that fits it best.
fn unevenness(band: &Band, from: usize, to: usize) -> f32 {
    let (width, rows) = (band.width(), rows(band));
    let (middle_x, middle_y) = ((from + to - 1) as f32 / 2.0, (rows.start + rows.end - 1) as f32 / 2.0);
    let luma = |x: usize, y: usize| f32::from(band.strip.luma[y * width + x]);
    let at = |x: usize, y: usize| (x as f32 - middle_x, y as f32 - middle_y);
    let places = || rows.clone().flat_map(|y| (from..to).map(move |x| (x, y)));
    // On a rectangle the slopes along and across are independent.
    let (mut sum, mut along, mut across, mut xx, mut yy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (x, y) in places() {
        let (u, v) = at(x, y);
        let value = luma(x, y);
        sum += value;
        along += value * u;
        across += value * v;
        xx += u * u;
        yy += v * v;
    }
    let count = ((to - from) * rows.len()).max(1) as f32;
    let (mean, along, across) = (sum / count, along / f32::max(xx, 1.0), across / f32::max(yy, 1.0));
    let residual = |(x, y): (usize, usize)| {
        let (u, v) = at(x, y);
        (luma(x, y) - mean - along * u - across * v).powi(2)
    };
    (places().map(residual).sum::<f32>() / count).sqrt()
}

/// The usual contrast of a line's darkest ink outside some columns, where it was read without doubt; `None` where little
/// was.
fn own_contrast(band: &Band, except: Range<usize>, params: &WindowParams) -> Option<f32> {
    /// Windows that tell what is usual.
    const LEAST: usize = 2;
    let size = band.height();
    let mut ranges: Vec<f32> = (band.own[0]..band.own[1].saturating_sub(size))
        .step_by(size)
        .filter(|&from| from + size <= except.start || from >= except.end)
        .filter(|&from| band.read[from..from + size].iter().filter(|&&read| read).count() * 2 > size)
        .map(|from| measure(band, from, from + size, params))
        .map(|m| f32::from(m.high.saturating_sub(m.darkest)))
        .collect();
    ranges.sort_by(f32::total_cmp);
    (ranges.len() >= LEAST).then(|| ranges[ranges.len() / 2])
}

/// Luma under which a pixel is too dark for paper of this luma.
pub(super) fn darkest_paper(paper: u8) -> u8 {
    /// Share of the paper's luma: print on a phone's photo in the shade is under a half, noise over three quarters.
    const DARK: f32 = 0.68;
    (f32::from(paper) * DARK).ceil() as u8
}

/// True for a pixel that is far from paper of this luma in lightness or colour.
pub(super) fn is_inked(pixel: [u8; 3], paper: u8) -> bool {
    luma(pixel) < darkest_paper(paper) || chroma(pixel) > COLOURED
}
