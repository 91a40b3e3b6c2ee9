//! Handwriting that could not be read where a name stands: what a person must look at, so that it does not pass as
//! nothing found. Calligraphy on certificates and signatures are the usual cases.

use std::ops::Range;

use super::evidence::{Evidence, LineSpan, TextMatch};
use super::fit::Fit;
use super::join::beside;
use super::normalize::{is_filler, is_han};
use super::reading::ReadChar;
use super::search::Prepared;
use super::variants::{Doubt, Keyword, Script};
use super::{Identity, Kind};
use crate::geometry::Quad;

/// Mean posterior below which characters count as not read. Print is read at 0.9 and more, also under a stamp's
/// edge; cursive characters are guessed at 0.2 to 0.6.
const UNREAD: f32 = 0.65;

/// What follows the name of the person that a certificate is made out to.
const AFTER_NAME: [&str; 5] = ["同志", "先生", "女士", "同学", "老师"];

/// Labels that ask for the name of the person that a page is about, not for somebody's who signs it.
pub(super) const LABELS: [&str; 6] = ["姓名", "申报人", "申请人", "持证人", "获奖者", "获奖人"];

/// A name has at least two characters; 该同志 is none.
const SHORTEST: usize = 2;

/// Characters more than the name has that may be seen in the strokes of a cursive one.
const MORE: usize = 3;

impl Identity {
    /// Places not among the `found` ones where the name may be written illegibly. Never certain.
    pub(crate) fn illegible_names(&self, lines: &[Prepared], found: &[TextMatch]) -> Vec<TextMatch> {
        let names: Vec<&Keyword> = self
            .keywords
            .iter()
            .filter(|k| k.kind == Kind::Name && k.script == Script::Han && k.doubt == Doubt::None && !k.part)
            .collect();
        let Some(longest) = names.iter().map(|name| name.chars.len()).max() else { return Vec::new() };
        let mut places: Vec<(usize, Range<usize>)> = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            for run in runs(&line.read) {
                let chars = &line.read[run.clone()];
                places
                    .extend(names.iter().filter_map(|name| like(name, chars)).map(|w| (index, shifted(&w, run.start))));
            }
            places.extend(asked_for(lines, index).filter(|(line, range)| {
                let chars = &lines[*line].read[range.clone()];
                (SHORTEST..=longest + MORE).contains(&range.len()) && mean(chars) < UNREAD
            }));
        }
        let mut matches: Vec<TextMatch> = Vec::new();
        for (line, range) in places {
            let chars = &lines[line].read[range];
            let (Some(first), Some(last)) = (chars.first(), chars.last()) else { continue };
            let frames = first.frames.start..last.frames.end;
            let is_known =
                |m: &TextMatch| m.kind == Kind::Name && m.spans.iter().any(|span| span.overlaps(line, &frames));
            if found.iter().chain(&matches).any(is_known) {
                continue;
            }
            let quad = quad_of(&lines[line], &frames, chars.len());
            matches.push(TextMatch {
                kind: Kind::Name,
                keyword: self.applicant.name.clone(),
                spans: vec![LineSpan { line, frames, quad }],
                score: mean(chars).max(f32::MIN_POSITIVE).ln(),
                confidence: mean(chars),
                certain: false,
                evidence: Evidence::Illegible { read: chars.iter().map(|c| c.raw).collect() },
            });
        }
        matches
    }
}

/// The characters that stand in the place of a name: before a title and after a label, in the same line or in
/// the next one of the row.
fn asked_for<'a>(lines: &'a [Prepared], index: usize) -> impl Iterator<Item = (usize, Range<usize>)> + 'a {
    let read = &lines[index].read;
    let before = AFTER_NAME.iter().filter_map(move |title| {
        let at = position(read, title)?;
        let run = run_before(read, at);
        if !run.is_empty() {
            return Some((index, run));
        }
        if read[..at].iter().any(|c| !is_filler(c.folded)) {
            return None;
        }
        let left = beside(lines, index).0?;
        let whole = &lines[left].read;
        Some((left, run_before(whole, whole.len())))
    });
    before.chain(labelled(lines, index, &LABELS))
}

/// The characters that stand after one of `labels`, in the same line or in the next one of the row.
pub(super) fn labelled<'a>(
    lines: &'a [Prepared],
    index: usize,
    labels: &'a [&str],
) -> impl Iterator<Item = (usize, Range<usize>)> + 'a {
    let read = &lines[index].read;
    let bare: String = read.iter().map(|c| c.folded).filter(|&c| !is_filler(c) && c != ':').collect();
    labels.iter().filter_map(move |label| {
        let at = position(read, label)? + label.chars().count();
        let rest = &read[at..];
        let skipped = rest.iter().take_while(|c| is_filler(c.folded) || c.folded == ':').count();
        if skipped < rest.len() {
            // 姓名 within a sentence is no label.
            let is_label = skipped > 0 && rest[..skipped].iter().any(|c| c.folded == ':');
            let start = at + skipped;
            let length = read[start..].iter().take_while(|c| is_han(c.folded)).count();
            return is_label.then_some((index, start..start + length));
        }
        if bare != **label {
            return None;
        }
        let right = beside(lines, index).1?;
        Some((right, 0..lines[right].read.len()))
    })
}

/// A window of the characters that is the name in half of its characters and not read in the others.
fn like(name: &Keyword, chars: &[ReadChar]) -> Option<Range<usize>> {
    let length = name.chars.len();
    if length < 3 {
        return None;
    }
    (0..=chars.len().checked_sub(length)?).map(|start| start..start + length).find(|window| {
        let chars = &chars[window.clone()];
        let folded: Vec<char> = chars.iter().map(|c| c.folded).collect();
        let others = chars.iter().zip(&name.chars).filter(|(read, own)| read.folded != **own).map(|(read, _)| read);
        Fit::new(name, &folded).same() >= length.div_ceil(2) && mean(others) < UNREAD
    })
}

/// Unbroken runs of Chinese characters.
fn runs(read: &[ReadChar]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (index, _) in read.iter().enumerate().filter(|(_, c)| is_han(c.folded)) {
        match runs.last_mut() {
            Some(run) if run.end == index => run.end += 1,
            _ => runs.push(index..index + 1),
        }
    }
    runs
}

/// The run of characters that ends before an index; strokes of cursive characters are also taken for letters.
fn run_before(read: &[ReadChar], end: usize) -> Range<usize> {
    let mut start = end;
    while start > 0 && (is_han(read[start - 1].folded) || read[start - 1].folded.is_alphanumeric()) {
        start -= 1;
    }
    start..end
}

/// The frames' part of the line with half a character to either side.
pub(super) fn quad_of(line: &Prepared, frames: &Range<usize>, characters: usize) -> Quad {
    let total = line.line.lattice.frames().max(1) as f32;
    let margin = 0.5 * frames.len() as f32 / characters.max(1) as f32;
    let (start, end) = (frames.start as f32 - margin, frames.end as f32 + margin);
    line.line.quad.slice((start / total).max(0.0), (end / total).min(1.0))
}

fn position(read: &[ReadChar], word: &str) -> Option<usize> {
    let word: Vec<char> = word.chars().collect();
    read.windows(word.len()).position(|window| window.iter().map(|c| c.folded).eq(word.iter().copied()))
}

fn shifted(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// Mean posterior; 1 for no characters: nothing is unread.
fn mean<'a>(chars: impl IntoIterator<Item = &'a ReadChar>) -> f32 {
    let (sum, count) = chars.into_iter().fold((0.0, 0u16), |(sum, count), c| (sum + c.posterior, count + 1));
    if count == 0 { 1.0 } else { sum / f32::from(count) }
}
