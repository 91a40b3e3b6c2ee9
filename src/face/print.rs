//! Text lines → the places where print was read for sure, which are no pictures.

use std::ops::Range;

use super::regions::Region;
use crate::geometry::{Bbox, Point, Quad};
use crate::ocr::TextLine;

/// How many times larger than the page's other print a line on a page in black and white may be: the face in a copy is read
/// as a word, too.
const LARGE_PRINT: f32 = 2.5;

/// The places of print on a page that is looked at `shrink` times smaller, in its pixels.
pub(super) fn printed_places(lines: &[TextLine], shrink: u32) -> Vec<Bbox> {
    let large = if shrink > 1 { LARGE_PRINT * middle_thickness(lines) } else { f32::INFINITY };
    let shrink = shrink as f32;
    lines
        .iter()
        .filter(|line| is_filled(line) && line.quad.thickness().min(line.quad.length()) <= large)
        .flat_map(printed_parts)
        .map(|part| part.map(|p| Point::new(p.x / shrink, p.y / shrink)).bbox().expanded(4, 4))
        .collect()
}

/// The thickness of the middle one of a page's lines.
fn middle_thickness(lines: &[TextLine]) -> f32 {
    let mut all: Vec<f32> = lines.iter().map(|line| line.quad.thickness()).collect();
    all.sort_unstable_by(f32::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f32::INFINITY)
}

/// True for a line with about as many characters as it is long that are read for sure: a block in a photo may be read as
/// one or two strokes, a group of people as a word.
fn is_filled(line: &TextLine) -> bool {
    /// Lengths of one character that its line may take up: 姓 名 is set with wide gaps, digits are half as wide as high.
    const PER_CHARACTER: f32 = 3.0;
    /// Least mean posterior of its characters: groups of people were read as RA with 0.46, kila with 0.61; large print has
    /// 0.9 and more.
    const LEAST_SCORE: f32 = 0.8;
    let characters = line.text().chars().filter(|c| !c.is_whitespace()).count();
    characters >= 2
        && line.lattice.score() >= LEAST_SCORE
        && line.quad.length() <= PER_CHARACTER * characters as f32 * line.quad.thickness()
}

/// The parts of a line where characters were read: a line that was joined over a picture reads as nothing there.
fn printed_parts(line: &TextLine) -> Vec<Quad> {
    /// What a character takes to either side of its middle, in the line's thickness or, where that is less, in the usual
    /// distance to its neighbour: more than half of it, so that neighbours touch.
    const HALF: f32 = 0.7;
    let frames = line.lattice.frames().max(1) as f32;
    let middle = |frame: &Range<usize>| (frame.start + frame.end) as f32 / 2.0 / frames;
    let middles: Vec<f32> = line.lattice.best_path().iter().map(|symbol| middle(&symbol.frames)).collect();
    let mut pitches: Vec<f32> = middles.windows(2).map(|pair| pair[1] - pair[0]).collect();
    pitches.sort_by(f32::total_cmp);
    let pitch = pitches.get(pitches.len() / 2).copied().unwrap_or(1.0);
    let half = HALF * pitch.min(line.quad.thickness() / line.quad.length().max(1.0));
    let mut parts: Vec<(f32, f32)> = Vec::new();
    for middle in middles {
        let (from, to) = ((middle - half).max(0.0), (middle + half).min(1.0));
        match parts.last_mut() {
            Some((_, end)) if from <= *end => *end = to.max(*end),
            _ => parts.push((from, to)),
        }
    }
    parts.into_iter().map(|(from, to)| line.quad.slice(from, to)).collect()
}

/// True when a region lies in known text lines: heavy or blurred strokes, print on tinted paper.
pub(super) fn is_text(region: &Region, printed: &[Bbox]) -> bool {
    let covered: f32 = printed.iter().map(|&line| region.bbox.covered_by(line)).sum();
    covered >= 0.7
}

/// True when lines of print run across the edge of a region: it is shade or a stain on the page and no portrait, across whose
/// frame a stamp and a caption run at most.
pub(super) fn is_crossed(region: &Region, printed: &[Bbox]) -> bool {
    const LINES: usize = 3;
    /// Least part of a line inside and outside, in its heights.
    const CHARACTERS: [i32; 2] = [2, 1];
    let [inside, outside] = CHARACTERS;
    let runs_across = |line: &&Bbox| {
        let common = line.intersection(region.bbox);
        common.height() * 5 >= line.height() * 4
            && common.width() >= inside * line.height()
            && line.width() - common.width() >= outside * line.height()
    };
    printed.iter().filter(runs_across).count() >= LINES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn print_that_runs_across_the_edge_tells_shade_from_a_portrait() {
        let bbox = Bbox::from_ltrb(400, 600, 800, 1200);
        let region = Region { bbox, fill: 0.9, grey: 1.0, few_tones: false, within: false };
        let line = |left: i32, row: i32| Bbox::from_ltrb(left, 640 + row * 120, left + 400, 680 + row * 120);
        let across: Vec<Bbox> = (0..3).map(|row| line(200, row)).collect();
        assert!(is_crossed(&region, &across));
        let beside: Vec<Bbox> = (0..4).map(|row| line(820, row)).collect();
        assert!(!is_crossed(&region, &beside));
        assert!(!is_crossed(&region, &across[..2]), "a stamp and a caption");
    }
}
