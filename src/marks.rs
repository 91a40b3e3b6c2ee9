//! Page raster + text lines → existing covers: what they look like, what they interrupt, and whether they
//! hide enough.
//!
//! Each text line is followed along its own band to both sides; windows of the band that are of one colour,
//! too even for the paper, on a block lattice, blurred or faint against the page's own writing are covers
//! ([`window`]). Then [`assess`] asks how much of the applicant's identity a cover leaves.

mod band;
mod solid;
mod strength;
mod window;

use crate::geometry::Bbox;
use crate::ocr::TextLine;
use crate::raster::Raster;
use crate::report::{Mark, MarkStyle};
use band::Band;
pub use strength::{Assessment, assess};
pub use window::WindowParams;
use window::{Class, Usual};

/// What a cover interrupts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hides {
    /// Part of a text line or what followed it on the same line.
    Line(usize),
    /// A seal.
    Seal,
    /// A face.
    Face,
}

/// An existing cover on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundMark {
    /// Where, page-raster pixels.
    pub bbox: Bbox,
    /// What it looks like.
    pub style: MarkStyle,
    /// What it interrupts.
    pub hides: Hides,
    /// Its colour when it is solid.
    pub colour: Option<[u8; 3]>,
    /// Side of a mosaic's blocks, pixels.
    pub block: Option<u32>,
    /// True for a solid block of about one character, which may as well be a bullet (■): it is a cover only
    /// when [`assess`] finds a part of the name or unit beside it.
    pub slight: bool,
}

impl FoundMark {
    /// As the report has it.
    pub fn mark(&self) -> Mark {
        Mark { bbox: self.bbox, style: self.style }
    }
}

/// Thresholds of the search.
#[derive(Debug, Clone)]
pub struct MarkParams {
    /// Length of a solid cover in line heights under which it may be a square bullet (■).
    pub least_length: f32,
    /// Least length of a solid cover in line heights: one character is 0.7–0.9 of a detected line's height.
    pub least_slight: f32,
    /// The same for windows of a mosaic or blur, which take in what stands beside them.
    pub least_weak: f32,
    /// The same for a translucent cover.
    pub least_faint: f32,
    /// Least height of a solid cover in line heights: lower ones are rules and underlines.
    pub least_height: f32,
    /// Largest height of a solid cover in line heights: higher ones are pictures and shaded areas.
    pub most_height: f32,
    /// Gap in line heights up to which a cover still belongs to a line.
    pub most_gap: f32,
    /// The same for covers that are not solid, which patterned paper and borders resemble.
    pub most_weak_gap: f32,
    /// Windows.
    pub window: WindowParams,
}

impl Default for MarkParams {
    fn default() -> Self {
        Self {
            least_length: 1.2,
            least_slight: 0.6,
            least_weak: 1.8,
            least_faint: 1.6,
            least_height: 0.6,
            most_height: 6.0,
            most_gap: 6.0,
            most_weak_gap: 2.5,
            window: WindowParams::default(),
        }
    }
}

/// Every cover on a page that interrupts one of its lines, a seal or a face. `seals` and `faces` are where
/// these were found.
pub fn find(page: &Raster, lines: &[TextLine], seals: &[Bbox], faces: &[Bbox], params: &MarkParams) -> Vec<FoundMark> {
    let bands: Vec<Band> = (0..lines.len()).filter_map(|index| Band::of(page, lines, index)).collect();
    let mut marks: Vec<FoundMark> = Vec::new();
    if let Some(usual) = usual(&bands, &params.window) {
        for band in &bands {
            for found in covers(page, band, lines, &usual, params) {
                if !marks.iter().any(|mark| found.bbox.covered_by(mark.bbox) > 0.5) {
                    marks.push(found);
                }
            }
        }
    }
    for (places, hides) in [(seals, Hides::Seal), (faces, Hides::Face)] {
        for &place in places {
            for (bbox, colour) in solid::blocks_in(&page.pixels, place) {
                if !marks.iter().any(|mark| bbox.covered_by(mark.bbox) > 0.5) {
                    marks.push(FoundMark {
                        bbox,
                        style: MarkStyle::Solid,
                        hides,
                        colour: Some(colour),
                        block: None,
                        slight: false,
                    });
                }
            }
        }
    }
    marks
}

/// What writing and paper look like on this page: medians over the windows of all lines. `None` without
/// lines.
fn usual(bands: &[Band], params: &WindowParams) -> Option<Usual> {
    let (mut papers, mut noises, mut sharpness, mut contrasts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for band in bands {
        let size = band.height();
        for from in (0..band.width().saturating_sub(size)).step_by(size) {
            let m = window::measure(band, from, from + size, params);
            let inside = from >= band.own[0] && from + size <= band.own[1];
            let range = f32::from(m.high.saturating_sub(m.low));
            if inside && range > 60.0 {
                papers.push(f32::from(m.high));
                sharpness.push(m.sharpness);
                contrasts.push(range);
            } else if range < 30.0 && m.high > 150 {
                noises.push(m.deviation);
            }
        }
    }
    let paper = median(&mut papers)?;
    Some(Usual {
        paper: paper as u8,
        noise: median(&mut noises).unwrap_or(0.0),
        sharpness: median(&mut sharpness)?,
        contrast: median(&mut contrasts)?,
    })
}

fn median(values: &mut [f32]) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}

/// The covers along one band.
fn covers(page: &Raster, band: &Band, lines: &[TextLine], usual: &Usual, params: &MarkParams) -> Vec<FoundMark> {
    let height = band.height();
    let step = (height / 4).max(2);
    // Runs of windows of the same kind: kind, from, to.
    let mut runs: Vec<(Class, usize, usize)> = Vec::new();
    let mut from = 0;
    while from + height <= band.width() {
        let mut to = from + height;
        // A block over one character is narrower than a line is high.
        let narrow = from + height * 5 / 8;
        let mut class = window::classify(band, from, narrow, usual, &params.window);
        if matches!(class, Class::Solid(_)) {
            to = narrow;
        } else {
            class = window::classify(band, from, to, usual, &params.window);
        }
        if class != Class::Paper && !matches!(class, Class::Solid(_) | Class::Clean) {
            // A lattice shows only over several blocks.
            let wide = (from + height * 3 / 2).min(band.width());
            if let Some(block) = window::lattice(band, from, wide, &params.window) {
                class = Class::Mosaic(block);
                to = wide;
            }
        }
        match runs.last_mut() {
            Some((kind, _, end)) if is_same(*kind, class) => *end = to,
            _ => runs.push((class, from, to)),
        }
        from += step;
    }
    // Blocks of the colour on which the line itself is written are a header or a coloured row: what lies
    // right above and below the rest of the line tells.
    let is_ground = |colour: [u8; 3], start: usize, end: usize| {
        let near = |p: [u8; 3]| (0..3).all(|c| p[c].abs_diff(colour[c]) <= 30);
        let rest = (band.own[0]..band.own[1]).filter(|x| x + height / 2 < start || *x > end + height / 2);
        let (mut ground, mut all) = (0, 0);
        for x in rest {
            for y in [0, height - 1] {
                all += 1;
                ground += usize::from(near(band.pixels.get_pixel(x as u32, y as u32).0));
            }
        }
        ground * 2 > all
    };
    runs.into_iter()
        .filter(|run| !matches!(run.0, Class::Solid(colour) if is_ground(colour, run.1, run.2)))
        .filter_map(|run| cover(page, band, lines, params, run))
        .collect()
}

fn is_same(a: Class, b: Class) -> bool {
    match (a, b) {
        (Class::Solid(a), Class::Solid(b)) => (0..3).all(|c| a[c].abs_diff(b[c]) <= 24),
        _ => std::mem::discriminant(&a) == std::mem::discriminant(&b),
    }
}

/// A run of windows as a cover, unless it is something ordinary.
fn cover(
    page: &Raster,
    band: &Band,
    lines: &[TextLine],
    params: &MarkParams,
    (kind, start, end): (Class, usize, usize),
) -> Option<FoundMark> {
    let height = band.height() as f32;
    let gap = if end <= band.own[0] { band.own[0] - end } else { start.saturating_sub(band.own[1]) };
    let most_gap = if matches!(kind, Class::Solid(_) | Class::Clean) { params.most_gap } else { params.most_weak_gap };
    if gap as f32 > most_gap * height {
        return None;
    }
    let (bbox, style, colour, block) = match kind {
        Class::Paper | Class::Writing => return None,
        Class::Solid(colour) => {
            let bbox = solid::extent(&page.pixels, band.on_page(start, end), colour)?;
            (bbox, MarkStyle::Solid, Some(colour), None)
        }
        Class::Clean => (band.on_page(start, end), MarkStyle::Solid, Some([255; 3]), None),
        Class::Mosaic(block) => {
            // Away from the ends, where writing may reach into the windows.
            let inset = ((end - start) / 5).min(band.height() / 2);
            let block = window::lattice(band, start + inset, end - inset, &params.window).unwrap_or(block);
            (band.on_page(start, end), MarkStyle::Mosaic, None, Some(block as u32))
        }
        Class::Blur => (band.on_page(start, end), MarkStyle::Blur, None, None),
        Class::Faint => (band.on_page(start, end), MarkStyle::Translucent, None, None),
    };
    let (long, short) = (bbox.width().max(bbox.height()) as f32, bbox.width().min(bbox.height()) as f32);
    let length = match style {
        MarkStyle::Solid => long,
        // Neighbouring windows overlap; one odd window is no cover.
        _ => (end - start) as f32,
    };
    let least = match style {
        MarkStyle::Solid => params.least_slight,
        MarkStyle::Translucent => params.least_faint,
        _ => params.least_weak,
    };
    if length < least * height || short < params.least_height * height {
        return None;
    }
    if style == MarkStyle::Solid {
        let holds_writing =
            lines.iter().any(|line| line.quad.bbox().covered_by(bbox) > 0.7 && line.lattice.score() > 0.6);
        let pasted = kind == Class::Clean;
        let stands = pasted || colour.is_some_and(|colour| solid::stands_on_paper(&page.pixels, bbox, colour));
        if short > params.most_height * height
            || holds_writing
            || !stands
            || colour.is_some_and(|c| !pasted && solid::is_written_on(&page.pixels, bbox, c, lines))
        {
            return None;
        }
    } else {
        // Pictures beside a line go on above and below it.
        let around = bbox.expanded(0, (height / 3.0) as i32);
        if !solid::stands_on_paper(&page.pixels, around, [0; 3]) {
            return None;
        }
    }
    let slight = style == MarkStyle::Solid && length < params.least_length * height;
    Some(FoundMark { bbox, style, hides: Hides::Line(band.line), colour, block, slight })
}

#[cfg(test)]
mod tests;
