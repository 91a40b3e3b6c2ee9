//! A window of a band → what it holds: paper, writing, or a cover of some kind.

use super::band::{Band, luma};
use super::grid::Grid;

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
    /// Steepest edges over luma range, of writing.
    pub(super) sharpness: f32,
    /// Luma range of writing.
    pub(super) contrast: f32,
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

/// Measures of a window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measures {
    pub(super) middle: [u8; 3],
    /// Share within one colour of the middle.
    pub(super) even: f32,
    /// Share that is far from paper.
    pub(super) inked: f32,
    /// 5th and 95th percentile of luma.
    pub(super) low: u8,
    pub(super) high: u8,
    /// 1st percentile of luma: thin strokes are fewer than 5 % of a window.
    pub(super) darkest: u8,
    /// 99.5th percentile of the luma step between neighbours, over the range: a single rule crossing the window
    /// has 2 % of them.
    pub(super) sharpness: f32,
    pub(super) deviation: f32,
}

/// Measures the columns `from..to` of a band.
pub(super) fn measure(band: &Band, from: usize, to: usize, params: &WindowParams) -> Measures {
    let (width, height) = (band.width(), band.height());
    let mut lumas = [0u32; 256];
    let mut steps = [0u32; 256];
    let mut channels = [[0u32; 256]; 3];
    let mut inked = 0;
    let paper = band.paper(usize::midpoint(from, to));
    // The strip's first and last rows may hold rules or a cover's edge.
    let (top, bottom) = (height / 5, height - height / 5);
    for y in top..bottom {
        let row = &band.strip.luma[y * width..(y + 1) * width];
        for x in from..to {
            lumas[usize::from(row[x])] += 1;
            if x + 1 < to {
                steps[usize::from(row[x].abs_diff(row[x + 1]))] += 1;
            }
            if y + 1 < bottom {
                steps[usize::from(row[x].abs_diff(band.strip.luma[(y + 1) * width + x]))] += 1;
            }
            let pixel = band.strip.pixels[y * width + x];
            for (histogram, value) in channels.iter_mut().zip(pixel) {
                histogram[usize::from(value)] += 1;
            }
            inked += u32::from(is_inked(pixel, paper));
        }
    }
    let middle = [0, 1, 2].map(|c| percentile(&channels[c], 0.5));
    let total: u32 = lumas.iter().sum::<u32>().max(1);
    let near = (0..3)
        .map(|c| {
            let centre = i16::from(middle[c]);
            let from = (centre - params.one_colour).max(0) as usize;
            let to = (centre + params.one_colour).min(255) as usize;
            channels[c][from..=to].iter().sum::<u32>()
        })
        .min()
        .unwrap_or(0);
    let mean = lumas.iter().enumerate().map(|(v, &n)| v as f32 * n as f32).sum::<f32>() / total as f32;
    let variance =
        lumas.iter().enumerate().map(|(v, &n)| (v as f32 - mean).powi(2) * n as f32).sum::<f32>() / total as f32;
    let (low, high) = (percentile(&lumas, 0.05), percentile(&lumas, 0.95));
    let range = f32::from(high.saturating_sub(low)).max(1.0);
    Measures {
        middle,
        even: near as f32 / total as f32,
        inked: inked as f32 / total as f32,
        low,
        high,
        darkest: percentile(&lumas, 0.01),
        sharpness: f32::from(percentile(&steps, 0.995)) / range,
        deviation: variance.sqrt(),
    }
}

/// What the columns `from..to` hold.
pub(super) fn classify(band: &Band, from: usize, to: usize, usual: &Usual, params: &WindowParams) -> Class {
    let m = measure(band, from, to, params);
    let contrast = m.middle.map(|c| (i16::from(c) - i16::from(usual.paper)).abs()).into_iter().max().unwrap_or(0);
    if m.even >= params.solid_share {
        if contrast >= params.solid_contrast {
            return Class::Solid(m.middle);
        }
        // A scan's paper has grain everywhere; a patch without grain was put there afterwards.
        let clean = usual.noise >= params.paper_noise && m.deviation < usual.noise * 0.25;
        if clean && m.middle.iter().all(|&c| c >= 225) {
            return Class::Clean;
        }
    }
    let range = m.high.saturating_sub(m.low);
    if m.inked >= params.inked_share {
        // A highlighter leaves the print's contrast: it hides nothing.
        if band.is_suspect(from, to) && f32::from(range) > usual.contrast * params.faint_share {
            return Class::Writing;
        }
        let (low, high) = m.middle.iter().fold((255u8, 0u8), |(low, high), &c| (low.min(c), high.max(c)));
        let is_grey = high - low.min(high) < params.grey;
        // Heavy print blurred or under a veil is as dark as a brush's stroke, but not of one shade.
        return match () {
            () if !is_grey || range < params.paper_range => Class::Inked,
            () if m.sharpness < usual.sharpness * params.blur_share => Class::Blur,
            () if m.inked >= params.hole_free => Class::Faint,
            () => Class::Inked,
        };
    }
    if range < params.paper_range {
        // Uneven and far from paper: something shows through a nearly opaque cover.
        return if contrast >= params.solid_contrast { Class::Faint } else { Class::Paper };
    }
    if m.sharpness < usual.sharpness * params.blur_share {
        return Class::Blur;
    }
    let veiled = usual.paper.saturating_sub(m.high) > 25 || m.darkest > usual.paper / 2;
    if f32::from(range) < usual.contrast * params.faint_share && veiled {
        return Class::Faint;
    }
    Class::Writing
}

fn percentile(histogram: &[u32; 256], share: f32) -> u8 {
    let total: u32 = histogram.iter().sum();
    let wanted = (total as f32 * share).max(1.0) as u32;
    let mut seen = 0;
    for (value, count) in histogram.iter().enumerate() {
        seen += count;
        if seen >= wanted {
            return value as u8;
        }
    }
    255
}

/// True for a pixel that is far from paper of this luma in lightness or colour.
pub(super) fn is_inked(pixel: [u8; 3], paper: u8) -> bool {
    /// Share of the paper's luma: print on a phone's photo in the shade is under a half, noise over three quarters.
    const DARK: f32 = 0.68;
    /// Difference of the strongest and the weakest channel; paper under warm light has 30.
    const COLOURED: u8 = 70;
    let (low, high) = pixel.iter().fold((255u8, 0u8), |(low, high), &c| (low.min(c), high.max(c)));
    f32::from(luma(pixel)) < f32::from(paper) * DARK || high - low > COLOURED
}
