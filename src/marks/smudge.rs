//! A band → mosaics whose lattice cannot be measured exactly, since JPEG, a camera, a copier or scaling went over it, and slight
//! blurs. They are of shades between ink and paper nearly all over, or their edges lie on a lattice more often than by
//! chance; print has as much ink as such shades, also where it is small or soft, and pale print leaves more paper.

use std::ops::Range;

use super::band::{Band, is_print};
use super::row::is_in_column;
use super::shorn;
use super::window::Usual;
use crate::geometry::Bbox;
use crate::ocr::TextLine;
use crate::raster::{Raster, luma};
use crate::report::MarkStyle;

/// Depth in that of the page's print from which a pixel is ink, and from which it is no paper.
const INK: f32 = 0.65;
const SHADE: f32 = 0.15;
/// An em in a strip's height.
const EM: f32 = 0.67;
/// Least share of shades, and least in that of ink, where a lattice shows: mosaics of a fifth of an em and more have 0.23
/// and 2.6, print 0.20 and 1.8.
const LEAST: f32 = 0.2;
const LEAST_OVER_INK: f32 = 2.4;
/// The same where a lattice shows and something was read.
const LEAST_OVER_INK_READ: f32 = 8.0;
/// Score of a lattice from which it shows: print has 0.44 at most, but at three pixels.
const LATTICE: f32 = 0.48;
/// Score from which what has hardly any ink is rather a mosaic than a blur, or pale print.
const LIKELY_LATTICE: f32 = 0.3;
/// Share of shades, and share in that of ink, from which a place that nobody can read is smeared whatever its edges tell:
/// pale print, signatures and worn stamps have 0.46 at most.
const SMEARED: f32 = 0.55;
const SMEARED_OVER_INK: f32 = 8.0;
/// The same share, and the score of a lattice, where one shows faintly.
const SMEARED_ON_LATTICE: f32 = 0.4;
const FAINT_LATTICE: f32 = 0.35;
/// Least length, and least and largest height, in ems.
const LEAST_LENGTH: f32 = 1.2;
const HEIGHTS: std::ops::RangeInclusive<f32> = 0.6..=1.6;
/// Distance in ems to what was read in the same row.
const BESIDE: f32 = 2.0;
/// Distance in ems to print in the next cells of a table, and in a column.
const FAR_BESIDE: f32 = 10.0;
/// Share of a place from which on it was read after all.
const READ: f32 = 0.5;

/// A place of shades.
#[derive(Debug, Clone, Copy)]
pub(super) struct Smudge {
    pub(super) bbox: Bbox,
    /// [`MarkStyle::Mosaic`] or [`MarkStyle::Blur`].
    pub(super) style: MarkStyle,
    /// Side of its blocks where they show, pixels.
    pub(super) block: Option<u32>,
}

/// Pixels of a column that are ink, and of shades between ink and paper.
#[derive(Debug, Clone, Copy, Default)]
struct Column {
    ink: u32,
    shade: u32,
}

/// The smudges along a band.
pub(super) fn smudges(page: &Raster, band: &Band, lines: &[TextLine], usual: &Usual) -> Vec<Smudge> {
    let em = band.height() as f32 * EM;
    let papers = papers(band, usual);
    let columns = columns(band, &papers, usual);
    let found = runs(&columns, em, band.height()).into_iter();
    found
        .filter_map(|run| {
            let levels = levels(papers[usize::midpoint(run.start, run.end)], usual);
            smudge(page, band, lines, levels, &run, em)
        })
        .collect()
}

/// The luma of the paper above and below each column: a shadow's goes with it.
fn papers(band: &Band, usual: &Usual) -> Vec<u8> {
    let (width, height) = (band.width(), band.height());
    let inner = rows(band);
    let mut lightest = vec![0u8; width];
    for row in (0..inner.start).chain(inner.end..height).map(|y| &band.strip.luma[y * width..(y + 1) * width]) {
        lightest.iter_mut().zip(row).for_each(|(most, &luma)| *most = luma.max(*most));
    }
    // Rules and what the rows above and below have there are as short as an em.
    let size = (height / 3).max(1);
    let pieces: Vec<u8> = lightest.chunks(size).map(|piece| piece.iter().copied().max().unwrap_or(255)).collect();
    let near = |piece: usize| pieces[piece.saturating_sub(1)..(piece + 2).min(pieces.len())].iter().copied().max();
    let near: Vec<u8> = (0..pieces.len()).map(|piece| near(piece).unwrap_or(255)).collect();
    // The lightest of many pixels lies two deviations of the grain above the paper.
    let grain = (usual.noise * 2.0) as u8;
    (0..width).map(|x| near[x / size].saturating_sub(grain).min(band.paper(x))).collect()
}

/// Luma of ink and of shades under a paper.
fn levels(paper: u8, usual: &Usual) -> (u8, u8) {
    let paper = f32::from(paper);
    let depth = usual.depth * paper / f32::from(usual.paper).max(1.0);
    // Grain is no shade.
    let shade = (depth * SHADE).max(usual.noise * 3.0).max(10.0);
    ((paper - depth * INK).max(0.0) as u8, (paper - shade).max(0.0) as u8)
}

/// The rows that are looked at: the strip's first and last may hold rules.
fn rows(band: &Band) -> Range<usize> {
    let rim = band.height() / 8;
    rim..band.height() - rim
}

fn columns(band: &Band, papers: &[u8], usual: &Usual) -> Vec<Column> {
    let width = band.width();
    let levels: Vec<(u8, u8)> = papers.iter().map(|&paper| levels(paper, usual)).collect();
    let mut columns = vec![Column::default(); width];
    for row in rows(band).map(|y| &band.strip.luma[y * width..(y + 1) * width]) {
        for ((column, &(ink, shade)), &luma) in columns.iter_mut().zip(&levels).zip(row) {
            column.ink += u32::from(luma < ink);
            column.shade += u32::from(luma < shade && luma >= ink);
        }
    }
    columns
}

/// Runs of columns of which each em is of shades.
fn runs(columns: &[Column], em: f32, height: usize) -> Vec<Range<usize>> {
    let size = (em as usize).max(1);
    let area = (size * (height - 2 * (height / 8))) as f32;
    let mut runs: Vec<Range<usize>> = Vec::new();
    if columns.len() < size {
        return runs;
    }
    let (mut ink, mut shade) = columns[..size].iter().fold((0, 0), |(ink, shade), c| (ink + c.ink, shade + c.shade));
    for from in 0..=columns.len() - size {
        if from > 0 {
            let (gone, new) = (columns[from - 1], columns[from + size - 1]);
            (ink, shade) = (ink + new.ink - gone.ink, shade + new.shade - gone.shade);
        }
        if shade as f32 >= area * LEAST * 0.8 && shade as f32 >= ink as f32 * LEAST_OVER_INK {
            match runs.last_mut() {
                Some(run) if run.end >= from => run.end = from + size,
                _ => runs.push(from..from + size),
            }
        }
    }
    // Columns at the ends that are paper, or print.
    let is_shade =
        |x: &usize| columns[*x].shade >= 3 && columns[*x].shade as f32 >= columns[*x].ink as f32 * LEAST_OVER_INK;
    runs.into_iter()
        .filter_map(|run| Some(run.clone().find(is_shade)?..run.clone().rfind(is_shade)? + 1))
        .filter(|run| run.len() as f32 >= em * LEAST_LENGTH && run.len() < height * 30)
        .collect()
}

/// A run as a smudge, unless it was read, goes on above and below, or looks like something else.
fn smudge(
    page: &Raster,
    band: &Band,
    lines: &[TextLine],
    levels: (u8, u8),
    run: &Range<usize>,
    em: f32,
) -> Option<Smudge> {
    let (width, height) = (band.width(), band.height());
    let row = |y: usize| &band.strip.luma[y * width..(y + 1) * width][run.clone()];
    let shaded = |y: &usize| row(*y).iter().filter(|&&luma| luma < levels.1).count() * 10 >= run.len() * 3;
    let (top, bottom) = ((0..height).find(shaded)?, (0..height).rfind(shaded)? + 1);
    if !HEIGHTS.contains(&((bottom - top) as f32 / em)) {
        return None;
    }
    let pixels = (top..bottom).flat_map(|y| row(y).iter());
    let (ink, shade) = pixels.fold((0u32, 0u32), |(ink, shade), &luma| {
        (ink + u32::from(luma < levels.0), shade + u32::from(luma < levels.1 && luma >= levels.0))
    });
    let share = shade as f32 / ((bottom - top) * run.len()) as f32;
    let over_ink = shade as f32 / ink.max(1) as f32;
    // Pale and highlighted print is read; what a mosaic is taken for, too.
    let is_read = run.clone().filter(|&x| band.read[x]).count() as f32 > run.len() as f32 * READ;
    let least_over_ink = if is_read { LEAST_OVER_INK_READ } else { LEAST_OVER_INK };
    if share < LEAST || over_ink < least_over_ink {
        return None;
    }
    if is_of_one_shade((top..bottom).flat_map(|y| row(y).iter().copied()), levels) {
        return None;
    }
    let around = 2;
    let columns = run.start.saturating_sub(around)..(run.end + around).min(width);
    let rows = top.saturating_sub(around)..(bottom + around).min(height);
    let lattice = lattice(&Patch { luma: &band.strip.luma, width, columns, rows }, em);
    let has_lattice = lattice.score >= LATTICE;
    let shows_lattice = lattice.score >= FAINT_LATTICE;
    let is_smeared =
        !is_read && over_ink >= SMEARED_OVER_INK && (share >= SMEARED || share >= SMEARED_ON_LATTICE && shows_lattice);
    let whole = band.on_page(run.start, run.end);
    let bbox = if whole.width() >= whole.height() {
        Bbox::from_ltrb(whole.left, whole.top + top as i32, whole.right, (whole.top + bottom as i32).min(whole.bottom))
    } else {
        whole
    };
    let is_at_print = || is_beside(band, run, em * BESIDE);
    let is_far = || (has_lattice || is_smeared && shows_lattice) && is_in_table(bbox, lines, em);
    let is_found = (has_lattice || is_smeared) && is_at_print() || is_far();
    if !is_found {
        return None;
    }
    // A cell's two rows of small print may lie in the band of its label.
    if !is_read && over_ink < LEAST_OVER_INK_READ && shorn::is_read(bbox, lines) {
        return None;
    }
    if ![2, (em * 0.25) as i32].iter().any(|&by| stands_on_paper(page, bbox.expanded(by, by), levels.1)) {
        return None;
    }
    let style = if lattice.score >= LIKELY_LATTICE { MarkStyle::Mosaic } else { MarkStyle::Blur };
    let block = has_lattice.then_some(lattice.pitch.round() as u32);
    Some(Smudge { bbox, style, block })
}

/// True where nearly all shades are one: a block of one colour, which JPEG gives a lattice, or heavy print under a pale veil.
fn is_of_one_shade(pixels: impl Iterator<Item = u8>, (ink, shade): (u8, u8)) -> bool {
    /// Luma from the usual shade, and share of the shades that are so near it.
    const NEAR: u8 = 8;
    const MOST: f32 = 0.7;
    let mut shades: Vec<u8> = pixels.filter(|&luma| luma >= ink && luma < shade).collect();
    shades.sort_unstable();
    let Some(&middle) = shades.get(shades.len() / 2) else { return false };
    let near = shades.iter().filter(|luma| luma.abs_diff(middle) <= NEAR).count();
    near as f32 >= shades.len() as f32 * MOST
}

/// True when most of what lies around a place is as light as paper: pictures and shadows go on there.
fn stands_on_paper(page: &Raster, bbox: Bbox, shade: u8) -> bool {
    let rim = |x: i32| [(x, bbox.top), (x, bbox.bottom - 1)];
    let places = (bbox.left..bbox.right)
        .flat_map(rim)
        .chain((bbox.top..bbox.bottom).flat_map(|y| [(bbox.left, y), (bbox.right - 1, y)]));
    let inside = places.filter(|&(x, y)| x >= 0 && y >= 0 && x < page.width() as i32 && y < page.height() as i32);
    let (light, all) = inside.fold((0, 0), |(light, all), (x, y)| {
        (light + usize::from(luma(page.pixels.get_pixel(x as u32, y as u32).0) >= shade), all + 1)
    });
    light * 10 >= all * 7
}

/// True when print stands in the same row or column, in the next cell or the one after it.
fn is_in_table(bbox: Bbox, lines: &[TextLine], em: f32) -> bool {
    let reach = (em * FAR_BESIDE) as i32;
    lines.iter().filter(|line| is_print(line)).any(|line| {
        let other = line.quad.bbox();
        let (along, down) = (
            (other.left - bbox.right).max(bbox.left - other.right),
            (other.top - bbox.bottom).max(bbox.top - other.bottom),
        );
        let shared = other.bottom.min(bbox.bottom) - other.top.max(bbox.top);
        let in_row = shared * 2 >= other.height().min(bbox.height()) && (0..=reach).contains(&along);
        in_row || is_in_column(bbox, other) && (0..=reach).contains(&down)
    })
}

/// True when something was read near a run.
fn is_beside(band: &Band, run: &Range<usize>, reach: f32) -> bool {
    let reach = reach as usize;
    let before = run.start.saturating_sub(reach)..run.start;
    let after = run.end..(run.end + reach).min(band.width());
    before.chain(after).any(|x| band.read[x])
}

/// Some columns and rows of a strip.
struct Patch<'a> {
    luma: &'a [u8],
    width: usize,
    columns: Range<usize>,
    rows: Range<usize>,
}

/// How well edges lie on a lattice, and its pitch in pixels.
#[derive(Debug, Clone, Copy)]
struct Lattice {
    score: f32,
    pitch: f32,
}

/// The best lattice of a patch. The score is the share of the edges on its lines beyond what lies there by chance, in what
/// is left to lie there; the lesser one of both directions.
fn lattice(patch: &Patch<'_>, em: f32) -> Lattice {
    /// Least pitch, pixels and ems, and largest in ems; step between two.
    const LEAST: f32 = 3.5;
    const LEAST_EMS: f32 = 0.17;
    const STEP: f32 = 0.25;
    /// Pitches across and down that count as one, since editors scale to whole blocks.
    const LIKE: f32 = 0.12;
    let (columns, rows) = (patch.columns.len(), patch.rows.len());
    let mut across = vec![0u32; columns.max(1) - 1];
    let row = |y: usize| &patch.luma[(patch.rows.start + y) * patch.width..][patch.columns.clone()];
    for y in 0..rows {
        for (sum, pair) in across.iter_mut().zip(row(y).windows(2)) {
            *sum += u32::from(pair[0].abs_diff(pair[1]));
        }
    }
    let step = |y: usize| row(y).iter().zip(row(y + 1)).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
    let down: Vec<u32> = (0..rows.max(1) - 1).map(step).collect();
    let least = LEAST.max(LEAST_EMS * em);
    let steps = ((em - least) / STEP).max(-1.0) as i32;
    let pitches: Vec<f32> = (0..=steps).map(|i| least + i as f32 * STEP).collect();
    let (across, down) = (without_floor(&across), without_floor(&down));
    let scores = |edges: &[f32]| pitches.iter().map(|&pitch| on_lines(edges, pitch)).collect::<Vec<f32>>();
    let (across, down) = (scores(&across), scores(&down));
    let mut best = Lattice { score: 0.0, pitch: em };
    for (&pitch, &score) in pitches.iter().zip(&across) {
        let like = pitches.iter().zip(&down).filter(|(other, _)| (*other / pitch - 1.0).abs() <= LIKE);
        let other = like.map(|(_, &score)| score).fold(0.0, f32::max);
        if score.min(other) > best.score {
            best = Lattice { score: score.min(other), pitch };
        }
    }
    best
}

/// Edges by place, as far as they stand out from grain.
fn without_floor(edges: &[u32]) -> Vec<f32> {
    let mut sorted = edges.to_vec();
    sorted.sort_unstable();
    let floor = sorted.get(sorted.len() / 2).copied().unwrap_or(0) as f32 / 2.0;
    edges.iter().map(|&edge| (edge as f32 - floor).max(0.0)).collect()
}

/// Share of the edges on lines two pixels wide of one pitch at its best phase, beyond chance.
fn on_lines(edges: &[f32], pitch: f32) -> f32 {
    /// Share of all places that may be on a line.
    const MOST: f32 = 0.75;
    let total: f32 = edges.iter().sum();
    if edges.is_empty() || total <= 0.0 {
        return 0.0;
    }
    let at_phase = |phase: f32| {
        let lines = (0..).map(|i| (phase + i as f32 * pitch).round() as usize).take_while(|&line| line < edges.len());
        let (sum, count) = lines.fold((0.0, 0usize), |(sum, count), line| {
            let next = edges.get(line + 1);
            (sum + edges[line] + next.unwrap_or(&0.0), count + 1 + usize::from(next.is_some()))
        });
        let chance = count as f32 / edges.len() as f32;
        if chance < MOST { (sum / total - chance) / (1.0 - chance) } else { 0.0 }
    };
    (0..(pitch * 2.0) as usize).map(|half| at_phase(half as f32 / 2.0)).fold(0.0, f32::max)
}
