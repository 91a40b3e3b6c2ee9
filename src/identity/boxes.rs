//! Frames of a found keyword → boxes that cover its glyphs whole and leave the neighbours alone.

use std::ops::Range;

use super::evidence::LineSpan;
use super::normalize::{is_filler, is_han};
use super::search::{Found, Prepared};
use super::variants::{Keyword, Script};

/// Share of a character's pitch that its glyph may reach from where the model saw it, when no neighbour bounds it.
/// A CTC peak lies inside the character but not in its middle.
const REACH_HAN: f32 = 0.72;
/// The same for letters, which are of very different widths.
const REACH_LATIN: f32 = 1.3;
/// Chinese characters stand no further apart than this many line heights unless they are spaced out.
const WIDEST_PITCH: f32 = 1.1;

/// How far right of a character's middle the middle of its frames lies, frames. Both edges of 520 names on rendered
/// lines were this far right of the glyphs' on average, at full width (frame = 8 model pixels) and at half width alike.
const PEAK_LAG: f32 = 0.4;

/// One span for each line that the match lies in.
pub(crate) fn line_spans(lines: &[Prepared], found: &Found, keyword: &Keyword) -> Vec<LineSpan> {
    let mut spans = Vec::new();
    for (position, &(line, offset)) in found.lines.iter().enumerate() {
        let end = found.lines.get(position + 1).map_or(usize::MAX, |&(_, next)| next);
        let characters: Vec<Range<usize>> = found
            .spotting
            .characters
            .iter()
            .filter(|c| c.start >= offset && c.start < end)
            .map(|c| c.start - offset..c.end.min(end) - offset)
            .collect();
        if !characters.is_empty() {
            spans.push(span(line, &lines[line], &characters, keyword));
        }
    }
    spans
}

fn span(index: usize, prepared: &Prepared, characters: &[Range<usize>], keyword: &Keyword) -> LineSpan {
    let total = prepared.line.lattice.frames().max(1) as f32;
    let peaks: Vec<f32> = characters.iter().map(|c| (c.start + c.end) as f32 / 2.0 - PEAK_LAG).collect();
    let (first, last) = (peaks[0], peaks[peaks.len() - 1]);
    let frame_px = prepared.line.quad.length() / total;
    let height = prepared.line.quad.thickness() / frame_px.max(f32::MIN_POSITIVE);
    let (pitch, reach) = match keyword.script {
        Script::Han => {
            let widest = WIDEST_PITCH * height;
            (median_step(&peaks).unwrap_or(widest).min(widest), REACH_HAN)
        }
        Script::Latin => (median_step(&peaks).unwrap_or(0.5 * height), REACH_LATIN),
    };
    let ink = prepared.read.iter().filter(|c| !is_filler(c.folded));
    let own = characters[0].start as f32..characters[characters.len() - 1].end as f32;
    let neighbour_before = ink.clone().rfind(|c| c.peak() < own.start);
    let neighbour_after = ink.clone().find(|c| c.peak() > own.end);
    // Punctuation takes half a cell or leaves half of it empty, so that the border lies nearer to it.
    let border = |own: f32, other: f32, folded: char| {
        let share = if is_han(folded) || folded.is_alphanumeric() { 0.5 } else { 0.6 };
        own + (other - own) * share
    };
    let left = neighbour_before
        .map_or(0.0, |c| border(first, c.peak() - PEAK_LAG, c.folded))
        .max(first - reach * pitch)
        .clamp(0.0, total);
    let right = neighbour_after
        .map_or(total, |c| border(last, c.peak() - PEAK_LAG, c.folded))
        .min(last + reach * pitch)
        .clamp(left, total);
    LineSpan {
        line: index,
        frames: left.floor() as usize..right.ceil() as usize,
        quad: prepared.line.quad.slice(left / total, right / total),
    }
}

fn median_step(peaks: &[f32]) -> Option<f32> {
    let mut steps: Vec<f32> = peaks.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_by(f32::total_cmp);
    steps.get(steps.len() / 2).copied()
}
