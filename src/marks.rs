//! Page raster + text lines → existing covers: what they look like, what they interrupt, and whether they
//! hide enough.
//!
//! Each text line is followed along its own band to both sides; where nothing was read, windows of the band that are
//! of one colour, full of ink, too even for the paper, on a block lattice, blurred or faint against the page's own
//! writing are covers ([`window`]). Then [`assess`] asks how much of the applicant's identity a cover leaves, reads
//! through it, and tries whether the applicant's name can be told from others under it ([`recover`]).

mod band;
mod beside;
mod blank;
mod block;
mod coarse;
mod cut;
mod gap;
mod glyphs;
mod grid;
mod items;
mod place;
mod recover;
mod shorn;
mod solid;
mod strength;
mod window;

use crate::geometry::Bbox;
use crate::ocr::TextLine;
use crate::raster::Raster;
use crate::report::{Mark, MarkStyle};
use band::Band;
use grid::{Grid, Patch};
use solid::Extent;
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
    /// True for a field that asks for the name or unit and shows nothing: covered with the paper's colour, or empty.
    pub blank: bool,
    /// True for something that could not be read and does not look like a cover: it counts only where the name or
    /// unit is expected.
    pub illegible: bool,
    /// What is left of characters that the paper's colour covers half.
    strokes: Option<Bbox>,
    /// The lattice of a mosaic.
    grid: Option<Grid>,
}

impl FoundMark {
    /// A cover of which nothing else is known.
    pub fn new(bbox: Bbox, style: MarkStyle, hides: Hides) -> Self {
        Self {
            bbox,
            style,
            hides,
            colour: None,
            block: None,
            slight: false,
            blank: false,
            illegible: false,
            strokes: None,
            grid: None,
        }
    }

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
    /// The same of a soft one: a blur spreads what it softens by half a line at most.
    pub most_soft_height: f32,
    /// Line heights by which a place may lie above or below its row where rows run aslant.
    pub most_drift: f32,
    /// Gap in line heights up to which a cover still belongs to a line.
    pub most_gap: f32,
    /// The same for covers that are not solid, which patterned paper and borders resemble.
    pub most_weak_gap: f32,
    /// The same after a label that asks for the name or unit: in a table what it asks for stands in the middle of the
    /// next cell.
    pub most_field_gap: f32,
    /// Share of a stretch from which on it counts as read, if perhaps wrongly.
    pub most_legible: f32,
    /// Least share of a soft or illegible stretch's columns that are darker in the middle than above and below.
    pub least_sunk: f32,
    /// Least share of a stretch's rows with ink from which it may be writing; rules have less.
    pub least_rows: f32,
    /// Length in line heights of ink without holes in a stretch from which it holds a block: strokes that cross and the
    /// blocks of a mosaic are shorter.
    pub most_filled: f32,
    /// Least step between a mosaic's blocks in its luma range; uneven light in JPEG's blocks has less.
    pub least_step: f32,
    /// Least luma range of a mosaic in that of the page's print: blocks as large as a character leave a fifth.
    pub least_contrast: f32,
    /// The same where the blocks are as large as JPEG's, which leave a quarter at most on faint things.
    pub least_jpeg_contrast: f32,
    /// Windows.
    pub window: WindowParams,
}

impl Default for MarkParams {
    fn default() -> Self {
        Self {
            least_length: 1.2,
            least_slight: 0.6,
            least_weak: 1.3,
            least_faint: 1.3,
            least_height: 0.6,
            most_height: 6.0,
            most_soft_height: 2.0,
            most_drift: 0.4,
            most_gap: 6.0,
            most_weak_gap: 2.5,
            most_field_gap: 9.0,
            most_legible: 0.3,
            least_sunk: 0.4,
            least_rows: 0.5,
            most_filled: 0.9,
            least_step: 0.07,
            least_contrast: 0.13,
            least_jpeg_contrast: 0.33,
            window: WindowParams::default(),
        }
    }
}

/// What was found on a page before covers are looked for, page-raster pixels.
#[derive(Debug, Clone, Copy, Default)]
pub struct Places<'a> {
    /// Where the applicant's name or unit was read: it may have been read through a cover.
    pub identity: &'a [Bbox],
    /// Seals.
    pub seals: &'a [Bbox],
    /// Faces.
    pub faces: &'a [Bbox],
    /// The applicant's name.
    pub name: &'a str,
    /// The applicant's unit.
    pub unit: &'a str,
}

/// Every cover on a page that interrupts one of its lines, a seal or a face.
pub fn find(page: &Raster, lines: &[TextLine], places: &Places<'_>, params: &MarkParams) -> Vec<FoundMark> {
    let usual_thickness = usual_thickness(lines);
    let bands: Vec<Band> = (0..lines.len()).filter_map(|index| Band::of(page, lines, index, places.identity)).collect();
    let mut marks: Vec<FoundMark> = Vec::new();
    let usual = usual(&bands, slope(lines), &params.window);
    let usual_paper = usual.as_ref().map_or(255, |usual| usual.paper);
    if let Some(usual) = usual {
        for band in &bands {
            for mut found in covers(page, band, lines, &usual, params) {
                // What was read through a cover is under it from end to end.
                let is_weak = !matches!(found.style, MarkStyle::Solid | MarkStyle::Annotation) && !found.illegible;
                for &read in places.identity.iter().filter(|_| is_weak) {
                    if read.covered_by(found.bbox) > 0.4 {
                        found.bbox = found.bbox.union(read);
                    }
                }
                // Worn ink of a stamp is soft and pale; where it crosses print there are blots.
                let is_stamp = places.seals.iter().any(|&seal| {
                    found.bbox.covered_by(seal) > 0.4
                        && (found.style != MarkStyle::Solid || is_small_in(found.bbox, seal))
                });
                let is_blot = found.style == MarkStyle::Solid && found.colour.is_none();
                let most = if is_blot { 0.1 } else { 0.5 };
                // Wood and cloth beside a photographed sheet are taken for one line.
                let is_texture = found.style == MarkStyle::Blur
                    && !is_print(&lines[band.line])
                    && (found.bbox.width().min(found.bbox.height()) as f32 > usual_thickness * MOST_UNREAD
                        || found.bbox.expanded(2, 2).covered_by(page.bbox()) < 1.0);
                if !is_stamp && !is_texture && !marks.iter().any(|mark| found.bbox.covered_by(mark.bbox) > most) {
                    marks.push(found);
                }
            }
        }
        for found in block::blocks(page, lines, &usual) {
            if marks.iter().all(|mark| mark.bbox.intersection(found.bbox).is_empty()) {
                marks.push(found);
            }
        }
    }
    join_parts(page, &mut marks, usual_paper);
    for (places, hides) in [(places.seals, Hides::Seal), (places.faces, Hides::Face)] {
        for &place in places {
            for (bbox, colour) in solid::blocks_in(&page.pixels, place) {
                if !marks.iter().any(|mark| bbox.covered_by(mark.bbox) > 0.5) {
                    marks.push(FoundMark { colour: Some(colour), ..FoundMark::new(bbox, MarkStyle::Solid, hides) });
                }
            }
        }
    }
    for blank in blank::blanks(&bands, lines) {
        if marks.iter().all(|mark| mark.bbox.intersection(blank.bbox).is_empty()) {
            let mark = FoundMark::new(blank.bbox, MarkStyle::Solid, Hides::Line(blank.line));
            marks.push(FoundMark { blank: true, ..mark });
        }
    }
    for shorn in shorn::shorn(page, lines) {
        let is_free =
            |mark: &FoundMark| mark.style == MarkStyle::Solid || mark.bbox.intersection(shorn.bbox).is_empty();
        if marks.iter().all(is_free) {
            let mark = FoundMark::new(shorn.bbox, MarkStyle::Solid, Hides::Line(shorn.line));
            marks.push(FoundMark { blank: true, strokes: Some(shorn.strokes), ..mark });
        }
    }
    for gap in [places.name, places.unit].into_iter().flat_map(|keyword| gap::interruptions(lines, keyword)) {
        if marks.iter().all(|mark| mark.bbox.intersection(gap.bbox).is_empty()) {
            // Something there hides the rest; bare paper may be the setting's.
            let is_hidden = solid::inked_share(&page.pixels, gap.bbox, usual_paper) >= LEAST_HIDDEN;
            let mark = FoundMark::new(gap.bbox, MarkStyle::Solid, Hides::Line(gap.line));
            marks.push(FoundMark { blank: !is_hidden, illegible: !is_hidden, ..mark });
        }
    }
    for item in items::unread(lines) {
        let is_free = marks.iter().all(|mark| item.bbox.covered_by(mark.bbox) < 0.3 || mark.illegible)
            && places.identity.iter().all(|read| read.intersection(item.bbox).is_empty());
        if is_free {
            marks.retain(|mark| !(mark.illegible && mark.bbox.covered_by(item.bbox.expanded(4, 8)) > 0.7));
            let mark = FoundMark::new(item.bbox, MarkStyle::Blur, Hides::Line(item.line));
            marks.push(FoundMark { illegible: true, ..mark });
        }
    }
    for gap in gap::gaps(lines, places.name) {
        if marks.iter().all(|mark| mark.bbox.intersection(gap.bbox).is_empty()) {
            let mark = FoundMark::new(gap.bbox, MarkStyle::Solid, Hides::Line(gap.line));
            marks.push(FoundMark { blank: true, illegible: true, ..mark });
        }
    }
    marks
}

/// True for a blot that is as low or as narrow as a stroke of a seal's characters.
fn is_small_in(blot: Bbox, seal: Bbox) -> bool {
    /// Width of such strokes in that of the seal: characters are a seventh of it, bold ones have strokes a sixth as wide.
    const STROKE: f32 = 0.06;
    let side = seal.width().min(seal.height()) as f32;
    (blot.width().min(blot.height()) as f32) < side * STROKE
}

/// Joins blocks of one colour that go on into one another: what shows through a dark veil cuts it up.
fn join_parts(page: &Raster, marks: &mut Vec<FoundMark>, paper: u8) {
    /// Gap between two parts in their height.
    const GAP: i32 = 1;
    /// Channel difference between two parts.
    const LIKE: u8 = 24;
    /// Share of the gap that must be dark.
    const DARK: f32 = 0.8;
    let is_continued = |a: &FoundMark, b: &FoundMark| {
        let (Some(one), Some(other)) = (a.colour, b.colour) else { return false };
        let between = Bbox::from_ltrb(
            a.bbox.right - 1,
            a.bbox.top.max(b.bbox.top),
            b.bbox.left + 1,
            a.bbox.bottom.min(b.bbox.bottom),
        );
        let inner = between.expanded(0, -between.height() / 5);
        a.style == MarkStyle::Solid
            && b.style == MarkStyle::Solid
            && (0..3).all(|c| one[c].abs_diff(other[c]) <= LIKE)
            && between.height() * 3 >= a.bbox.height().max(b.bbox.height()) * 2
            && b.bbox.left >= a.bbox.right - 2
            && between.width() <= GAP * between.height()
            && solid::inked_share(&page.pixels, inner, paper) >= DARK
    };
    let pairs = |count: usize| (0..count).flat_map(move |i| (0..count).filter(move |&j| j != i).map(move |j| (i, j)));
    while let Some((i, j)) = pairs(marks.len()).find(|&(i, j)| is_continued(&marks[i], &marks[j])) {
        let part = marks[j].clone();
        marks[i].bbox = marks[i].bbox.union(part.bbox);
        marks[i].slight &= part.slight;
        marks.remove(j);
    }
}

/// Share of an interruption that is dark or coloured, from which something covers it; bold print has less.
const LEAST_HIDDEN: f32 = 0.45;

/// How steeply the page's long rows fall to the right: the quads of short lines do not tell it.
pub(super) fn slope(lines: &[TextLine]) -> f32 {
    /// Length of a long row in its thickness.
    const LONG: f32 = 5.0;
    let of_line = |line: &TextLine| {
        let [a, b, ..] = line.quad.0;
        (b.x > a.x && line.quad.length() >= LONG * line.quad.thickness()).then(|| (b.y - a.y) / (b.x - a.x))
    };
    let mut slopes: Vec<f32> = lines.iter().filter_map(of_line).filter(|slope| slope.abs() < 0.5).collect();
    median(&mut slopes).unwrap_or(0.0)
}

/// Height of a soft cover over an unread line in the usual line's thickness up to which it may hide text.
const MOST_UNREAD: f32 = 2.5;

/// The usual thickness of a page's lines of print, pixels.
fn usual_thickness(lines: &[TextLine]) -> f32 {
    let print = lines.iter().filter(|line| is_print(line));
    let mut thickness: Vec<f32> = print.map(|line| line.quad.thickness().min(line.quad.length())).collect();
    median(&mut thickness).unwrap_or(f32::MAX)
}

/// What writing and paper look like on this page: medians over the windows of all lines. `None` without
/// lines.
fn usual(bands: &[Band], slope: f32, params: &WindowParams) -> Option<Usual> {
    /// Windows of a page that are looked at, about: medians of a hundred are steady.
    const WINDOWS: usize = 160;
    let (mut papers, mut noises, mut sharpness, mut contrasts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let all: usize = bands.iter().map(|band| band.width() / band.height().max(1)).sum();
    let every = (all / WINDOWS).max(1);
    for band in bands {
        let size = band.height();
        for from in (0..band.width().saturating_sub(size)).step_by(size * every) {
            let m = window::measure(band, from, from + size, params);
            let inside = from >= band.own[0] && from + size <= band.own[1];
            let range = f32::from(m.high.saturating_sub(m.low));
            if inside && range > 60.0 {
                papers.push(f32::from(m.high));
                sharpness.push(m.sharpness);
                contrasts.push(range);
            } else if m.high.saturating_sub(m.darkest) < 45 && m.high > 120 {
                noises.push(m.deviation);
            }
        }
    }
    let paper = median(&mut papers)?;
    let noise = median(&mut noises).unwrap_or(0.0);
    Some(Usual {
        paper: paper as u8,
        noise,
        has_even_grain: noises.get(noises.len() / 10).is_some_and(|&least| least > noise * 0.4),
        sharpness: median(&mut sharpness)?,
        contrast: median(&mut contrasts)?,
        slope,
    })
}

fn median(values: &mut [f32]) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}

/// The covers along one band.
fn covers(page: &Raster, band: &Band, lines: &[TextLine], usual: &Usual, params: &MarkParams) -> Vec<FoundMark> {
    let height = band.height();
    let step = (height / 6).max(2);
    // Runs of windows of the same kind: kind, from, to.
    let mut runs: Vec<(Class, usize, usize)> = Vec::new();
    let mut from = 0;
    while from + height <= band.width() {
        let mut to = from + height;
        // A block over one character is narrower than a line is high.
        let narrow = from + height * 5 / 8;
        if is_ordinary(band, from, narrow, usual) {
            runs.push((Class::Paper, from, narrow));
            from += step;
            continue;
        }
        let mut class = window::classify(band, from, narrow, usual, &params.window);
        if matches!(class, Class::Solid(_) | Class::Inked) {
            to = narrow;
        } else {
            class = window::classify(band, from, to, usual, &params.window);
        }
        if !matches!(class, Class::Paper | Class::Solid(_) | Class::Clean) {
            // A lattice shows only over several blocks.
            let wide = (from + height * 3 / 2).min(band.width());
            let goes_on = matches!(runs.last(), Some((Class::Mosaic(_), _, end)) if *end >= from);
            if (goes_on || (from / step).is_multiple_of(2))
                && let Some(grid) = grid_of(band, from, wide, usual, params)
            {
                class = Class::Mosaic(grid);
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
    let is_ground = |belongs: &dyn Fn(usize, usize) -> bool, start: usize, end: usize| {
        let rest = (band.own[0]..band.own[1]).filter(|x| x + height / 2 < start || *x > end + height / 2);
        let (mut ground, mut all) = (0, 0);
        for x in rest {
            for y in [height / 8, height - 1 - height / 8] {
                all += 1;
                ground += usize::from(belongs(x, y));
            }
        }
        ground * 2 > all
    };
    let pixel = |x: usize, y: usize| band.strip.pixels[y * band.width() + x];
    let is_header = |run: &(Class, usize, usize)| match run.0 {
        Class::Solid(colour) => {
            let near = |x, y| (0..3).all(|c: usize| pixel(x, y)[c].abs_diff(colour[c]) <= 30);
            is_ground(&near, run.1, run.2)
        }
        _ => is_ground(&|x, y| window::is_inked(pixel(x, y), band.paper(x)), run.1, run.2),
    };
    let gaps = unread(band, usual).into_iter().filter_map(|(from, to)| {
        let rim = (height / 10).max(2);
        let (start, end) = (from + rim, to.saturating_sub(rim));
        if end < start + height / 2 {
            return None;
        }
        let class = match grid_of(band, start, end, usual, params) {
            Some(grid) => Class::Mosaic(grid),
            None => window::classify(band, start, end, usual, &params.window),
        };
        let is_illegible = class == Class::Writing
            && to - from >= height
            && !band.is_suspect(from, to)
            && band.legible_share(from, to) < params.most_legible
            && band.inked_rows(from, to) > params.least_rows
            // A block that runs aslant through the band is a cover with paper beside it, and nothing to read.
            && (band.longest_filled(from, to) as f32) < params.most_filled * height as f32;
        (is_illegible || matches!(class, Class::Mosaic(_) | Class::Blur | Class::Faint)).then_some((class, from, to))
    });
    let gaps: Vec<_> = gaps.map(|run| (run, true)).collect();
    let coarse = coarse_mosaics(page, band, lines, usual, params);
    // A mosaic's blocks are of one colour each, and so is the middle of a coarse blur.
    let is_part = |from: usize, to: usize| {
        gaps.iter().any(|&((class, start, end), _)| {
            class != Class::Writing && from < end && to > start && (to - from) * 10 < (end - start) * 6
        })
    };
    let is_coarse = |from: usize, to: usize| {
        let place = band.on_page(from, to);
        coarse.iter().any(|mark| place.covered_by(mark.bbox.expanded(0, place.height())) > 0.5)
    };
    // Blocks of one colour first: their edges are exact. What is weak by its look must not pass for a blot of ink.
    // A ragged block of one colour is a blot, too.
    let rank = |class: Class| match class {
        Class::Solid(_) => 0,
        Class::Inked => 2,
        Class::Writing => 3,
        _ => 1,
    };
    let is_block = |class: Class| matches!(class, Class::Solid(_) | Class::Inked);
    let runs = runs.iter().filter(|run| !(is_block(run.0) && is_part(run.1, run.2))).flat_map(|&run| {
        let ragged = match run.0 {
            Class::Solid(colour) => window::is_inked(colour, band.paper(run.1)),
            _ => false,
        };
        std::iter::once(run).chain(ragged.then_some((Class::Inked, run.1, run.2)))
    });
    let mut runs: Vec<_> = gaps.iter().copied().chain(runs.map(|run| (run, false))).collect();
    runs.sort_by_key(|(run, _)| rank(run.0));
    let others = runs
        .into_iter()
        .filter(|((class, ..), fills_gap)| *class != Class::Paper && (*class != Class::Writing || *fills_gap))
        .filter(|(run, _)| !is_header(run) && !is_coarse(run.1, run.2))
        .filter_map(|(run, fills_gap)| cover(page, band, lines, usual, params, run, fills_gap));
    let others: Vec<FoundMark> = others.collect();
    coarse.into_iter().chain(others).collect()
}

/// The mosaics along a band whose blocks are about as large as a character.
fn coarse_mosaics(
    page: &Raster,
    band: &Band,
    lines: &[TextLine],
    usual: &Usual,
    params: &MarkParams,
) -> Vec<FoundMark> {
    let is_label = place::exact_label(&lines[band.line].text()).is_some();
    let most_gap = if is_label { params.most_field_gap } else { params.most_weak_gap } * band.height() as f32;
    let gap = |from: usize, to: usize| {
        if to <= band.own[0] { band.own[0] - to } else { from.saturating_sub(band.own[1]) }
    };
    coarse::stretches(band, usual)
        .into_iter()
        .filter(|&(from, to, _)| gap(from, to) as f32 <= most_gap)
        .filter_map(|(from, to, side)| {
            let bbox = band.on_page(from, to);
            let block = Some(side as u32);
            let mark = FoundMark { block, ..FoundMark::new(bbox, MarkStyle::Mosaic, Hides::Line(band.line)) };
            coarse::stands_on_paper(page, bbox, band.paper(usize::midpoint(from, to))).then_some(mark)
        })
        .collect()
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

/// True for a line that reads as more than one character; stickers and blocks are read as one.
fn is_print(line: &TextLine) -> bool {
    let text = line.text();
    let letters = text.chars().filter(|c| c.is_alphanumeric() && !band::LIKE_BLOCKS.contains(*c)).count();
    letters >= 2 && line.lattice.score() > 0.6
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
    middle.iter().map(|&p| u32::from(window::chroma(p))).sum::<u32>() <= middle.len() as u32 * 40
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

/// A run of windows as a cover, unless it is something ordinary. One that `fills_gap` lies between characters that were
/// read or paper, and may be as short as one character.
fn cover(
    page: &Raster,
    band: &Band,
    lines: &[TextLine],
    usual: &Usual,
    params: &MarkParams,
    (kind, start, end): (Class, usize, usize),
    fills_gap: bool,
) -> Option<FoundMark> {
    let height = band.height() as f32;
    let gap = if end <= band.own[0] { band.own[0] - end } else { start.saturating_sub(band.own[1]) } as f32;
    let is_field = || {
        place::exact_label(&lines[band.line].text()).is_some()
            || place::column_label(band.on_page(start, end), lines).is_some()
    };
    let is_near = if matches!(kind, Class::Solid(_) | Class::Clean | Class::Inked) {
        gap <= params.most_gap * height
    } else {
        gap <= params.most_weak_gap * height || (gap <= params.most_field_gap * height && is_field())
    };
    if !is_near {
        return None;
    }
    // A band that is level leaves its row where rows run aslant, and holds rules and the row above or below.
    let leaves_row = band.drift(start, end, usual.slope) > params.most_drift * height;
    if leaves_row && matches!(kind, Class::Blur | Class::Faint | Class::Writing) {
        return None;
    }
    let (start, end) = match kind {
        Class::Blur | Class::Faint => band.unread_part(start, end)?,
        _ => (start, end),
    };
    // Shadows on paper are soft and pale, too, but go on above and below.
    let is_sunk = || band.sunk_share(start, end, usual) >= params.least_sunk;
    let is_shadow = match kind {
        Class::Blur | Class::Writing => !is_sunk(),
        Class::Faint => !is_sunk() && !solid::is_darker_than_around(&page.pixels, band.on_page(start, end)),
        _ => false,
    };
    if is_shadow {
        return None;
    }
    let paper = band.paper(usize::midpoint(start, end));
    let mut grid = None;
    let across = (params.most_height * height) as i32 + 1;
    let most = if band.quad.bbox().width() >= band.quad.bbox().height() {
        Extent { width: i32::MAX, height: across }
    } else {
        Extent { width: across, height: i32::MAX }
    };
    let (bbox, style, colour) = match kind {
        Class::Paper => return None,
        Class::Solid(colour) => {
            let bbox = solid::extent(&page.pixels, band.on_page(start, end), colour, most)?;
            if solid::has_sharp_edge(&page.pixels, bbox, colour, paper) {
                (bbox, MarkStyle::Solid, Some(colour))
            } else {
                let across = bbox.width().min(bbox.height()) as f32;
                if across > params.most_soft_height * height {
                    return None;
                }
                (bbox, MarkStyle::Blur, None)
            }
        }
        Class::Inked => {
            (solid::inked_extent(&page.pixels, band.on_page(start, end), paper, most)?, MarkStyle::Solid, None)
        }
        Class::Clean => (band.on_page(start, end), MarkStyle::Solid, Some([255; 3])),
        Class::Mosaic(found) => {
            // Away from the ends, where writing may reach into the windows.
            let inset = ((end - start) / 5).min(band.height() / 2);
            let patch = Patch { luma: &band.strip.luma, width: band.width() };
            grid = Some(grid::grid(patch, &(start + inset..end - inset), &params.window).unwrap_or(found));
            (band.on_page(start, end), MarkStyle::Mosaic, None)
        }
        Class::Blur | Class::Writing => (band.on_page(start, end), MarkStyle::Blur, None),
        Class::Faint => (band.on_page(start, end), MarkStyle::Translucent, None),
    };
    let across =
        if band.quad.bbox().width() >= band.quad.bbox().height() { bbox.height() } else { bbox.width() } as f32;
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
    let is_whole = length >= least * height;
    let is_long = is_whole || ((fills_gap || style == MarkStyle::Solid) && length >= params.least_slight * height);
    if !is_long || short < params.least_height * height {
        return None;
    }
    if style == MarkStyle::Solid {
        let holds_writing = !band.is_suspect(start, end)
            && lines.iter().any(|line| line.quad.bbox().covered_by(bbox) > 0.7 && is_print(line));
        let pasted = kind == Class::Clean;
        let stands = match colour {
            _ if pasted => true,
            Some(colour) => solid::stands_on_paper(&page.pixels, bbox, colour, paper),
            None => solid::is_blot(&page.pixels, bbox, paper),
        };
        if across > params.most_height * height
            || holds_writing
            || !stands
            || colour.is_some_and(|c| !pasted && solid::is_written_on(&page.pixels, bbox, c, lines))
        {
            return None;
        }
    } else {
        // Pictures beside a line go on above and below it.
        // What was read in a cover may be lower than the cover.
        let stands = [0.33, 0.75, 1.2].iter().any(|share| {
            let around = bbox.expanded(0, (height * share) as i32);
            solid::stands_on_paper(&page.pixels, around, [0; 3], paper)
        });
        if !stands {
            return None;
        }
    }
    let slight = !is_whole || (style == MarkStyle::Solid && length < params.least_length * height);
    let block = grid.map(|grid| grid.pitch.round() as u32);
    let illegible = kind == Class::Writing;
    Some(FoundMark { colour, block, slight, illegible, grid, ..FoundMark::new(bbox, style, Hides::Line(band.line)) })
}

#[cfg(test)]
mod tests;
