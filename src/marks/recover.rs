//! A weak cover + who is looked for → proof that it can be undone: the applicant's name is set at the size of the
//! line, put through the same operation and compared with the pixels, and so are decoys of equal length. When the
//! name fits clearly best, whoever has a list of names can read what is hidden.

use super::FoundMark;
use super::band;
use super::glyphs::{self, Glyph, Glyphs};
use super::grid::{Grid, Patch, grid};
use super::row::Placed;
use super::window::WindowParams;
use crate::geometry::{Bbox, Quad};
use crate::identity::{Decoys, Identity, Kind, common_characters};
use crate::ocr::TextLine;
use crate::raster::Raster;
use crate::report::MarkStyle;

/// What came of trying names under a cover.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tried {
    /// Neither the page nor a font has the characters.
    NoShapes,
    /// The cover is too small, or its blocks are too large, to measure anything by.
    TooCoarse,
    /// The applicant's text fits no better than others.
    Unclear,
    /// It fits clearly best.
    Fits(Fit),
}

/// How well a name fits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fit {
    pub(super) kind: Kind,
    pub(super) keyword: String,
    /// Correlation of the pixels with the name after the same operation, −1..=1.
    pub(super) own: f32,
    /// The best correlation of a decoy.
    pub(super) rival: f32,
    pub(super) decoys: usize,
}

/// Decoys tried against each name or unit.
const DECOYS: usize = 120;
/// Correlation below which a name does not fit, whatever the decoys do.
const LEAST_FIT: f32 = 0.7;
/// Lead over the best decoy, in standard deviations of the decoys' correlations, and outright, from which a name fits
/// clearly best. With 120 decoys of a normal distribution the best lies 2.5 deviations above their mean.
const LEAST_LEAD: f32 = 0.9;
const LEAST_MARGIN: f32 = 0.02;
/// Share of a text's characters whose shapes must be known, and how many.
const LEAST_KNOWN: f32 = 0.6;
/// Samples of a cover, and places where a text is tried, at most: they bound the time.
const MOST_SAMPLES: f32 = 400.0;
const MOST_PLACES: f32 = 500.0;
/// Characters by which a cover may be wider than a text that is tried: soft light on paper is wider by far.
const MOST_SLACK: f32 = 6.0;
/// Longest text that is tried, characters.
const LONGEST: usize = 24;

/// Tries the applicant's name and units under a cover. `row` are the characters read beside it.
pub(super) fn tried(
    mark: &FoundMark,
    page: &Raster,
    lines: &[TextLine],
    own: &TextLine,
    row: &[Placed],
    identity: &Identity,
) -> Tried {
    let em = glyphs::em_of(own)
        .or_else(|| lines.iter().filter(|l| same_size(l, own)).find_map(glyphs::em_of))
        .unwrap_or(own.quad.thickness() * 0.85);
    let texts: Vec<(Kind, &String)> = identity
        .own_texts()
        .filter(|(_, text)| (2..=LONGEST).contains(&text.chars().count()))
        .filter(|(_, text)| {
            let ems = mark.bbox.width() as f32 / em;
            let count = text.chars().count() as f32;
            (count - 0.7..=count + MOST_SLACK).contains(&ems)
        })
        .collect();
    if texts.is_empty() {
        return Tried::Unclear;
    }
    let Some(seen) = Seen::of(mark, page, own, row, em) else { return Tried::TooCoarse };
    let of_page = glyphs::of_page(page, lines, em);
    let mut best = Tried::NoShapes;
    for (kind, text) in texts {
        let chars: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        let known = chars.iter().filter(|c| of_page.contains_key(c)).count();
        let is_enough = known >= 2 && known as f32 >= chars.len() as f32 * LEAST_KNOWN;
        let others: Vec<char> = common_characters(kind).collect();
        let sets = if is_enough && of_page.len() >= 14 {
            vec![of_page.clone()]
        } else {
            glyphs::of_fonts(&chars, &others, em)
        };
        for set in &sets {
            match fitted(&seen, &chars, set) {
                Some((own, rival, true)) => {
                    return Tried::Fits(Fit { kind, keyword: text.clone(), own, rival, decoys: DECOYS });
                }
                Some(_) => best = Tried::Unclear,
                None => {}
            }
        }
    }
    best
}

fn same_size(a: &TextLine, b: &TextLine) -> bool {
    (a.quad.thickness() / b.quad.thickness().max(1.0) - 1.0).abs() < 0.25
}

/// Own correlation, the best decoy's, and whether the lead is clear. `None` when there are no decoys.
fn fitted(seen: &Seen, chars: &[char], set: &Glyphs) -> Option<(f32, f32, bool)> {
    let pool: Vec<&Glyph> = set.iter().filter(|(c, _)| !chars.contains(c)).map(|(_, glyph)| glyph).collect();
    if pool.len() < 10 {
        return None;
    }
    let shapes: Vec<Option<&Glyph>> = chars.iter().map(|c| set.get(c)).collect();
    let (own, soft) = seen.softness().iter().map(|&s| (seen.fit(&shapes, s), s)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    if own < LEAST_FIT {
        return Some((own, -1.0, false));
    }
    let mut decoys = Decoys::new(pool.len());
    let fits: Vec<f32> = (0..DECOYS)
        .map(|_| {
            let decoy: Vec<Option<&Glyph>> = shapes.iter().map(|shape| shape.map(|_| pool[decoys.next()])).collect();
            seen.fit(&decoy, soft)
        })
        .collect();
    let mean = fits.iter().sum::<f32>() / DECOYS as f32;
    let deviation = (fits.iter().map(|f| (f - mean).powi(2)).sum::<f32>() / DECOYS as f32).sqrt();
    let rival = fits.iter().copied().fold(f32::MIN, f32::max);
    let lead = own - rival;
    Some((own, rival, own >= LEAST_FIT && lead >= LEAST_MARGIN && lead >= LEAST_LEAD * deviation))
}

/// A sample of the covered pixels: a rectangle whose mean ink is known.
#[derive(Debug, Clone, Copy)]
struct Sample {
    at: [i32; 4],
    ink: f32,
}

/// The pixels under a cover, as samples.
struct Seen {
    samples: Vec<Sample>,
    width: i32,
    height: i32,
    em: f32,
    style: MarkStyle,
}

impl Seen {
    fn of(mark: &FoundMark, page: &Raster, own: &TextLine, row: &[Placed], em: f32) -> Option<Self> {
        let line = own.quad.bbox();
        let grown = (em * 0.25) as i32;
        let (top, bottom) = (line.top.min(mark.bbox.top) - grown, line.bottom.max(mark.bbox.bottom) + grown);
        let bbox = Bbox::from_ltrb(mark.bbox.left, top, mark.bbox.right, bottom).clamped(page.width(), page.height());
        if bbox.width() < 8 || bbox.height() < 8 {
            return None;
        }
        let strip = band::sampled(page, &Quad::from_bbox(bbox), 0.0, 1.0);
        let (width, height) = (strip.width, strip.height());
        // Characters that can be read are not under the cover.
        let read: Vec<[i32; 4]> = row
            .iter()
            .map(|(at, _)| [at.left - bbox.left, at.top - bbox.top, at.right - bbox.left, at.bottom - bbox.top])
            .filter(|r| r[0] < width as i32 && r[2] > 0)
            .collect();
        let is_free = |at: [i32; 4]| !read.iter().any(|r| at[0] < r[2] && at[2] > r[0]);
        let cells = if mark.style == MarkStyle::Mosaic {
            let mid = (mark.bbox.top - bbox.top).max(0) as usize..((mark.bbox.bottom - bbox.top) as usize).min(height);
            let inner = Patch { luma: &strip.luma[mid.start * width..mid.end * width], width };
            let found = grid(inner, &(0..width), &WindowParams::default()).or(mark.grid)?;
            blocks(found, mid.start as f32, width as i32, height as i32)
        } else {
            // A soft picture is known from few places.
            let area = (width * height) as f32;
            let step = (em / 9.0).max((area / MOST_SAMPLES).sqrt()).round().max(1.0) as i32;
            (0..height as i32 - step)
                .step_by(step as usize)
                .flat_map(|y| (0..width as i32 - step).step_by(step as usize).map(move |x| [x, y, x + step, y + step]))
                .collect()
        };
        let value = |at: [i32; 4]| {
            let inset = i32::from(at[2] - at[0] > 4 && mark.style == MarkStyle::Mosaic);
            let (mut sum, mut count, mut low, mut high) = (0.0f32, 0.0f32, 255u8, 0u8);
            for y in at[1] + inset..at[3] - inset {
                for x in at[0] + inset..at[2] - inset {
                    let luma = strip.luma[y as usize * width + x as usize];
                    sum += f32::from(luma);
                    count += 1.0;
                    (low, high) = (low.min(luma), high.max(luma));
                }
            }
            (sum / count.max(1.0), high.saturating_sub(low))
        };
        let samples: Vec<Sample> = cells
            .into_iter()
            .filter(|&at| is_free(at))
            .filter_map(|at| {
                let (mean, range) = value(at);
                // A block that is not of one shade is no block.
                let whole = mark.style != MarkStyle::Mosaic || range < 40;
                whole.then_some(Sample { at, ink: 255.0 - mean })
            })
            .collect();
        (samples.len() >= 12).then_some(Self {
            samples,
            width: width as i32,
            height: height as i32,
            em,
            style: mark.style,
        })
    }

    /// Deviations of a Gaussian that are tried, pixels; 0 is none.
    fn softness(&self) -> Vec<f32> {
        match self.style {
            MarkStyle::Blur => [0.06, 0.09, 0.12, 0.16, 0.2, 0.26].iter().map(|share| share * self.em).collect(),
            _ => vec![0.0],
        }
    }

    /// The best correlation of a text with the samples over all places where it may stand.
    fn fit(&self, text: &[Option<&Glyph>], softness: f32) -> f32 {
        let pad = (softness * 3.0).ceil() as usize + 1;
        let Some(canvas) = Canvas::set(text, self.em, pad, softness) else { return -1.0 };
        let fine = if self.style == MarkStyle::Mosaic { 28.0 } else { 14.0 };
        let slack = (self.em * 0.35) as i32;
        let inner = canvas.inner as i32;
        let (from, to) = (-slack, (self.width - inner + slack).max(-slack));
        let (up, down) =
            ((self.height - canvas.cell as i32) / 2 - slack, (self.height - canvas.cell as i32) / 2 + slack);
        let places = ((to - from + 1) * (down - up + 1)) as f32;
        let step = (self.em / fine).max((places / MOST_PLACES).sqrt()).round().max(1.0) as usize;
        let unknown = &canvas.unknown;
        let mut best = -1.0f32;
        for x in (from..=to).step_by(step) {
            for y in (up..=down).step_by(step) {
                let mut sums = Sums::default();
                for sample in &self.samples {
                    let at = [sample.at[0] - x, sample.at[1] - y, sample.at[2] - x, sample.at[3] - y];
                    if unknown.iter().any(|u| at[0] < u[1] && at[2] > u[0]) {
                        continue;
                    }
                    sums.add(sample.ink, canvas.mean(at));
                }
                best = best.max(sums.correlation());
            }
        }
        best
    }
}

/// The whole blocks of a lattice inside a patch.
fn blocks(grid: Grid, from_row: f32, width: i32, height: i32) -> Vec<[i32; 4]> {
    let starts = |first: f32, length: i32| {
        let back = (first / grid.pitch).floor() * grid.pitch;
        (0..)
            .map(move |i| first - back + i as f32 * grid.pitch)
            .take_while(move |&s| s + grid.pitch <= length as f32 + 0.6)
    };
    let cut = |start: f32, length: i32| (start.round() as i32, ((start + grid.pitch).round() as i32).min(length));
    starts(grid.top + from_row, height)
        .flat_map(|top| {
            let (top, bottom) = cut(top, height);
            starts(grid.left, width).map(move |left| {
                let (left, right) = cut(left, width);
                [left, top, right, bottom]
            })
        })
        .filter(|at| at[2] - at[0] >= 3 && at[3] - at[1] >= 3)
        .collect()
}

/// Set text, as an integral of its ink.
struct Canvas {
    integral: Vec<f32>,
    width: usize,
    height: usize,
    pad: usize,
    /// Width and height of the text without padding.
    inner: usize,
    cell: usize,
    /// Columns of characters whose shapes are not known, pixels from the text's left.
    unknown: Vec<[i32; 2]>,
}

impl Canvas {
    fn set(text: &[Option<&Glyph>], em: f32, pad: usize, softness: f32) -> Option<Self> {
        let cell = glyphs::cell_height(em);
        let inner = (em * text.len() as f32).round() as usize;
        let (width, height) = (inner + 2 * pad, cell + 2 * pad);
        let mut ink = vec![0.0f32; width * height];
        let mut unknown = Vec::new();
        for (i, glyph) in text.iter().enumerate() {
            let left = (i as f32 * em).round() as usize;
            let Some(glyph) = glyph else {
                unknown.push([left as i32, (left as f32 + em) as i32]);
                continue;
            };
            for (y, row) in glyph.ink.chunks_exact(glyph.width).enumerate().take(cell) {
                for (x, &value) in row.iter().enumerate() {
                    if left + x < inner {
                        ink[(y + pad) * width + pad + left + x] = value;
                    }
                }
            }
        }
        if softness > 0.0 {
            ink = softened(&ink, width, softness);
        }
        let mut integral = vec![0.0f32; (width + 1) * (height + 1)];
        for y in 0..height {
            let mut sum = 0.0;
            for x in 0..width {
                sum += ink[y * width + x];
                integral[(y + 1) * (width + 1) + x + 1] = integral[y * (width + 1) + x + 1] + sum;
            }
        }
        (inner > 0).then_some(Self { integral, width, height, pad, inner, cell, unknown })
    }

    /// Mean ink of a rectangle, pixels from the text's top left; paper outside.
    fn mean(&self, at: [i32; 4]) -> f32 {
        let pad = self.pad as i32;
        let x = |v: i32| (v + pad).clamp(0, self.width as i32) as usize;
        let y = |v: i32| (v + pad).clamp(0, self.height as i32) as usize;
        let (l, t, r, b) = (x(at[0]), y(at[1]), x(at[2]), y(at[3]));
        let w = self.width + 1;
        let sum =
            self.integral[b * w + r] - self.integral[t * w + r] - self.integral[b * w + l] + self.integral[t * w + l];
        sum / ((at[2] - at[0]) * (at[3] - at[1])).max(1) as f32
    }
}

/// Three box filters in a row, which is a Gaussian but for its tails.
fn softened(ink: &[f32], width: usize, deviation: f32) -> Vec<f32> {
    let radius = (((4.0 * deviation * deviation + 1.0).sqrt() - 1.0) / 2.0).round().max(1.0) as usize;
    let mut now = ink.to_vec();
    for _ in 0..3 {
        now = boxed(&now, width, radius, 1);
        now = boxed(&now, width, radius, width);
    }
    now
}

/// A box filter along steps of `stride` values.
fn boxed(ink: &[f32], width: usize, radius: usize, stride: usize) -> Vec<f32> {
    let height = ink.len() / width;
    let (lines, length, across) = if stride == 1 { (height, width, width) } else { (width, height, 1) };
    let mut out = vec![0.0; ink.len()];
    let share = 1.0 / (2 * radius + 1) as f32;
    for line in 0..lines {
        let at = |i: usize| line * across + i * stride;
        let mut sum: f32 = (0..radius.min(length)).map(|i| ink[at(i)]).sum();
        for i in 0..length {
            if i + radius < length {
                sum += ink[at(i + radius)];
            }
            if i > radius {
                sum -= ink[at(i - radius - 1)];
            }
            out[at(i)] = sum * share;
        }
    }
    out
}

#[derive(Default)]
struct Sums {
    n: f64,
    a: f64,
    b: f64,
    aa: f64,
    bb: f64,
    ab: f64,
}

impl Sums {
    fn add(&mut self, a: f32, b: f32) {
        let (a, b) = (f64::from(a), f64::from(b));
        self.n += 1.0;
        self.a += a;
        self.b += b;
        self.aa += a * a;
        self.bb += b * b;
        self.ab += a * b;
    }

    fn correlation(&self) -> f32 {
        let (va, vb) = (self.aa * self.n - self.a * self.a, self.bb * self.n - self.b * self.b);
        if self.n < 10.0 || va <= 1e-9 || vb <= 1e-9 {
            -1.0
        } else {
            ((self.ab * self.n - self.a * self.b) / (va * vb).sqrt()) as f32
        }
    }
}
