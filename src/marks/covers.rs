//! A band → the covers along it: runs of windows of one kind that are no print, paper or picture.

use super::band::Band;
use super::grid::{self, Grid, Patch};
use super::solid::{self, Extent};
use super::window::{self, Class, Usual};
use super::{FoundMark, Hides, MarkParams, coarse, is_print, label};
use crate::ocr::TextLine;
use crate::raster::{Raster, chroma};
use crate::report::MarkStyle;

/// The covers along one band.
pub(super) fn covers(
    page: &Raster,
    band: &Band,
    lines: &[TextLine],
    usual: &Usual,
    params: &MarkParams,
) -> Vec<FoundMark> {
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
    let is_label = label::exact_label(&lines[band.line].text()).is_some();
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
        label::exact_label(&lines[band.line].text()).is_some()
            || label::column_label(band.on_page(start, end), lines).is_some()
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
