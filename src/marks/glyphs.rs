//! Shapes of characters to try under a cover: cut out of the page's own lines where the same characters stand
//! uncovered, else drawn with a font of the system.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, PxScale, point};

use super::band::{self, Strip};
use super::median;
use crate::geometry::Quad;
use crate::identity::is_han;
use crate::ocr::TextLine;
use crate::raster::Raster;

/// The ink of a character in its cell, row by row, 0 paper to 1 full ink. Cells are [`cell_height`] high.
#[derive(Debug, Clone)]
pub(super) struct Glyph {
    pub(super) width: usize,
    pub(super) ink: Vec<f32>,
}

/// Characters by code point.
pub(super) type Glyphs = BTreeMap<char, Glyph>;

/// Posterior from which a character of the page is taken for what it reads as.
const SURE: f32 = 0.9;
/// Lines whose type differs by more than this factor from the covered one give blurred or coarse shapes.
const MOST_SCALING: f32 = 1.5;
/// Fonts of the system that are tried at most.
const MOST_FONTS: usize = 3;

/// Height of a cell for an em, pixels.
pub(super) fn cell_height(em: f32) -> usize {
    (em * 1.2).round().max(1.0) as usize
}

/// The distance of neighbouring Chinese characters in a line, pixels; `None` when it has no two of them.
pub(super) fn em_of(line: &TextLine) -> Option<f32> {
    median(&mut steps(line))
}

/// The distances of neighbouring Chinese characters in a line, pixels.
fn steps(line: &TextLine) -> Vec<f32> {
    let thickness = line.quad.thickness();
    centres(line)
        .windows(2)
        .filter(|pair| is_han(pair[0].1) && is_han(pair[1].1))
        .map(|pair| pair[1].0 - pair[0].0)
        .filter(|step| (0.55 * thickness..1.35 * thickness).contains(step))
        .collect()
}

/// The size of a line's type, pixels; where it has only a few characters, which a label spaces out and a cover is read as,
/// that of the page's lines that are about as high.
pub(super) fn em_among(own: &TextLine, lines: &[TextLine]) -> f32 {
    /// Steps that tell a line's own type.
    const ENOUGH: usize = 5;
    /// Factor between the heights of lines of one type: what is read of a cover is higher than print.
    const LIKE: f32 = 1.6;
    let mut of_own = steps(own);
    if of_own.len() < ENOUGH {
        let height = |line: &TextLine| line.quad.thickness().min(line.quad.length()).max(1.0);
        let is_like = |line: &&TextLine| (1.0 / LIKE..=LIKE).contains(&(height(line) / height(own)));
        of_own = lines.iter().filter(is_like).flat_map(steps).collect();
    }
    usual_step(of_own).unwrap_or(own.quad.thickness() * EM)
}

/// The mean of the steps that are about as long as most: frames are wide, so that single steps are off by a quarter, and
/// their median by as much.
fn usual_step(mut steps: Vec<f32>) -> Option<f32> {
    /// Factor from the median to a step of the same type.
    const NEAR: std::ops::RangeInclusive<f32> = 0.65..=1.5;
    let middle = median(&mut steps)?;
    let near: Vec<f32> = steps.into_iter().filter(|step| NEAR.contains(&(step / middle))).collect();
    Some(near.iter().sum::<f32>() / near.len() as f32)
}

/// An em in a detected line's thickness.
pub(super) const EM: f32 = 0.75;

/// The same, or what is usual for the line's thickness.
pub(super) fn em_or_usual(line: &TextLine) -> f32 {
    em_of(line).unwrap_or(line.quad.thickness() * EM)
}

/// Middles of a line's characters along the line, pixels from its left edge, with their posteriors.
fn centres(line: &TextLine) -> Vec<(f32, char, f32)> {
    let per_frame = line.quad.length() / line.lattice.frames().max(1) as f32;
    line.lattice
        .best_path()
        .iter()
        .filter_map(|read| {
            let c = line.lattice.alphabet().text(read.symbol).chars().next()?;
            Some(((read.frames.start + read.frames.end) as f32 / 2.0 * per_frame, c, read.score))
        })
        .collect()
}

/// The Chinese characters that stand clearly on the page, brought to `em` pixels. `except` is the covered line's place.
pub(super) fn of_page(page: &Raster, lines: &[TextLine], em: f32) -> Glyphs {
    let mut glyphs = Glyphs::new();
    let mut sized: Vec<(f32, &TextLine)> = lines.iter().filter_map(|line| Some((em_of(line)?, line))).collect();
    // The nearest in size first.
    sized.sort_by(|a, b| (a.0 / em).ln().abs().total_cmp(&(b.0 / em).ln().abs()));
    for (own, line) in sized {
        let factor = own / em;
        if !(1.0 / MOST_SCALING..=MOST_SCALING).contains(&factor) {
            continue;
        }
        let Some(strip) = upright_strip(page, &line.quad) else { continue };
        cut(&strip, line, own, em, &mut glyphs);
    }
    glyphs
}

fn upright_strip(page: &Raster, quad: &Quad) -> Option<Strip> {
    let (length, thickness) = (quad.length(), quad.thickness());
    (thickness >= 8.0 && length >= thickness).then(|| band::sampled(page, quad, -0.15, 1.15))
}

/// Cuts the characters of a line apart where there is least ink between their middles.
fn cut(strip: &Strip, line: &TextLine, own: f32, em: f32, glyphs: &mut Glyphs) {
    let (width, height) = (strip.width, strip.height());
    let mut sorted = strip.luma.clone();
    sorted.sort_unstable();
    let paper = f32::from(sorted[sorted.len() * 9 / 10]);
    let dark = f32::from(sorted[sorted.len() / 50]);
    let range = (paper - dark).max(1.0);
    if range < 60.0 {
        return;
    }
    let ink = |x: usize, y: usize| ((paper - f32::from(strip.luma[y * width + x])) / range).clamp(0.0, 1.0);
    let columns: Vec<f32> = (0..width).map(|x| (0..height).map(|y| ink(x, y)).sum()).collect();
    let rows: Vec<f32> = (0..height).map(|y| (0..width).map(|x| ink(x, y)).sum::<f32>() / width as f32).collect();
    let most = rows.iter().copied().fold(0.0, f32::max);
    let (Some(top), Some(bottom)) =
        (rows.iter().position(|&r| r > most * 0.2), rows.iter().rposition(|&r| r > most * 0.2))
    else {
        return;
    };
    let middle = (top + bottom + 1) as f32 / 2.0;
    let chars = centres(line);
    let gap = |from: f32, to: f32| -> f32 {
        let (from, to) = (from.max(0.0) as usize, (to.max(0.0) as usize).min(width - 1));
        let least =
            (from..=to.max(from)).min_by(|&a, &b| columns[a.min(width - 1)].total_cmp(&columns[b.min(width - 1)]));
        least.unwrap_or(from) as f32 + 0.5
    };
    for (i, &(centre, c, score)) in chars.iter().enumerate() {
        if !is_han(c) || score < SURE || glyphs.contains_key(&c) {
            continue;
        }
        let before = i.checked_sub(1).map(|i| chars[i].0).filter(|b| centre - b < own * 1.4);
        let after = chars.get(i + 1).map(|n| n.0).filter(|n| n - centre < own * 1.4);
        let half = |neighbour: f32| f32::midpoint(neighbour, centre);
        let left = before.map_or(centre - own * 0.55, |b| gap(half(b) - own * 0.22, half(b) + own * 0.22));
        let right = after.map_or(centre + own * 0.55, |n| gap(half(n) - own * 0.22, half(n) + own * 0.22));
        if !(own * 0.65..=own * 1.3).contains(&(right - left)) {
            continue;
        }
        let (cell_width, cell_height) = (em.round() as usize, cell_height(em));
        let factor = own / em;
        let at = |u: usize, v: usize| {
            let x = f32::midpoint(left, right) + (u as f32 + 0.5 - em / 2.0) * factor;
            let y = middle + (v as f32 + 0.5 - cell_height as f32 / 2.0) * factor;
            let outside = x < left || x >= right || x < 0.0 || y < 0.0 || x >= width as f32 || y >= height as f32;
            if outside { 0.0 } else { ink(x as usize, y as usize) }
        };
        let ink = (0..cell_height).flat_map(|v| (0..cell_width).map(move |u| (u, v))).map(|(u, v)| at(u, v)).collect();
        glyphs.insert(c, Glyph { width: cell_width, ink });
    }
}

/// The fonts of this computer, searched for once in the folders where the system keeps them.
fn installed() -> &'static fontdb::Database {
    static INSTALLED: OnceLock<fontdb::Database> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let mut database = fontdb::Database::new();
        database.load_system_fonts();
        database
    })
}

/// The characters drawn at `em` pixels with fonts of the system that have all of `needed`, one set a font.
pub(super) fn of_fonts(needed: &[char], others: &[char], em: f32) -> Vec<Glyphs> {
    let database = installed();
    let mut sets = Vec::new();
    for face in database.faces() {
        if sets.len() == MOST_FONTS {
            break;
        }
        let drawn = database.with_face_data(face.id, |data, index| {
            let font = FontRef::try_from_slice_and_index(data, index).ok()?;
            let has = |c: &char| font.glyph_id(*c).0 != 0;
            needed.iter().all(has).then(|| {
                needed.iter().chain(others).filter(|c| has(c)).filter_map(|&c| Some((c, draw(&font, c, em)?))).collect()
            })
        });
        sets.extend(drawn.flatten());
    }
    sets
}

fn draw(font: &FontRef<'_>, c: char, em: f32) -> Option<Glyph> {
    /// Baseline below the top of the em, in ems, as Chinese fonts have it.
    const BASELINE: f32 = 0.88;
    let units = font.units_per_em()?;
    let scale = PxScale::from(em * font.height_unscaled() / units);
    let (width, height) = (em.round() as usize, cell_height(em));
    let glyph = font.glyph_id(c).with_scale_and_position(scale, point(0.0, em * (BASELINE + 0.1)));
    let outline = font.outline_glyph(glyph)?;
    let bounds = outline.px_bounds();
    let mut ink = vec![0.0; width * height];
    outline.draw(|x, y, coverage| {
        let (x, y) = (bounds.min.x as i32 + x as i32, bounds.min.y as i32 + y as i32);
        if x >= 0 && y >= 0 && (x as usize) < width && (y as usize) < height {
            ink[y as usize * width + x as usize] = coverage;
        }
    });
    Some(Glyph { width, ink })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_step_is_no_multiple_of_a_frame() {
        // Characters of 24 pixels in frames of 6.9.
        let steps = [20.7, 20.7, 27.6, 20.7, 27.6, 20.7, 27.6, 20.7, 27.6, 20.7, 27.6, 20.7, 60.0];
        let found = usual_step(steps.to_vec()).expect("there are steps");
        assert!((found - 24.0).abs() < 0.6, "{found}");
        assert_eq!(usual_step(Vec::new()), None);
    }
}
