//! The second, careful reading: of the lines that were unclear, and of what may matter in the others.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Ink, Layout, LinePart, PageReader, Proposal, ReadLine, Sheet, read_with};
use crate::error::Result;
use crate::ocr::lattice::{BLANK, Lattice};
use crate::ocr::{Reader, TextLine};

/// Frames of the first reading on either side of what matters that are read again with it: six characters of the quick
/// reading, which is at half width. With three, cursive handwriting is read less surely than in its whole line.
const CONTEXT: usize = 18;
/// So many frames must be spared for a part to be read alone: joining it has a cost, and the model reads whole lines best.
const LEAST_SPARED: usize = 24;

impl PageReader {
    /// Second reading, of what matters and of the lines that were unclear.
    pub(super) fn read_carefully(
        &self,
        sheet: &Sheet<'_>,
        lines: Vec<ReadLine>,
        matters: &dyn Fn(&[TextLine]) -> Vec<LinePart>,
    ) -> Result<Vec<TextLine>> {
        let lines = self.upended(sheet, lines)?;
        let (proposals, mut read): (Vec<Proposal>, Vec<TextLine>) = lines
            .into_iter()
            .map(|line| (line.proposal, TextLine { quad: line.proposal.quad, lattice: line.lattice }))
            .unzip();
        let is_slanted: Vec<bool> = proposals.iter().map(|proposal| proposal.ink == Ink::Slanted).collect();
        if let Some(careful) = &self.careful {
            self.read_again(careful, sheet, &proposals, &mut read, matters)?;
        }
        match &sheet.slanted {
            Some(slanted) => self.with_repetitions(slanted, read, is_slanted),
            None => Ok(read),
        }
    }

    /// Puts a second reading in the place of the first where it matters.
    fn read_again(
        &self,
        careful: &Reader,
        sheet: &Sheet<'_>,
        proposals: &[Proposal],
        read: &mut [TextLine],
        matters: &dyn Fn(&[TextLine]) -> Vec<LinePart>,
    ) -> Result<()> {
        let mut again: BTreeMap<usize, Range<usize>> = BTreeMap::new();
        for LinePart { line, frames } in matters(read) {
            again
                .entry(line)
                .and_modify(|range| *range = range.start.min(frames.start)..range.end.max(frames.end))
                .or_insert(frames);
        }
        let unclear = (0..read.len()).filter(|&line| read[line].lattice.score() < self.params.unclear_score);
        again.extend(unclear.map(|line| (line, 0..read[line].lattice.frames())));
        for (line, frames) in &mut again {
            *frames = match proposals[*line].layout {
                Layout::Along => in_context(&read[*line].lattice, frames),
                Layout::Column => 0..read[*line].lattice.frames(),
            };
        }
        let proposals =
            again.iter().map(|(&line, frames)| Proposal { line, quad: read[line].quad_of(frames), ..proposals[line] });
        for ReadLine { proposal, lattice } in read_with(careful, self.params.careful, sheet, proposals.collect())? {
            let line = proposal.line;
            read[line].lattice = with_part(&read[line].lattice, &again[&line], lattice);
        }
        Ok(())
    }
}

/// What of a line is read again for some of its frames: up to a gap between characters on either side, or all of it.
fn in_context(lattice: &Lattice, frames: &Range<usize>) -> Range<usize> {
    let total = lattice.frames();
    let is_gap = |&t: &usize| lattice.best(t).0 == BLANK;
    let from = (0..=frames.start.saturating_sub(CONTEXT)).rev().find(is_gap).unwrap_or(0);
    let to = ((frames.end + CONTEXT).min(total)..total).find(is_gap).map_or(total, |t| t + 1);
    if total - (to - from) < LEAST_SPARED { 0..total } else { from..to }
}

/// A line with some of its frames read anew. The other ones are kept, as many to a pixel as the new ones.
fn with_part(line: &Lattice, frames: &Range<usize>, part: Lattice) -> Lattice {
    if frames.len() >= line.frames() {
        return part;
    }
    let density = part.frames() as f32 / frames.len().max(1) as f32;
    let alphabet = part.alphabet();
    let kept = |frames: Range<usize>| line.cut(frames).over(alphabet, density);
    let (before, after) = (kept(0..frames.start), kept(frames.end..line.frames()));
    Lattice::joined(&[&before, &part, &after])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ocr::lattice::Alphabet;

    /// The best reading of each frame, `.` the blank.
    fn lattice(alphabet: &std::sync::Arc<Alphabet>, frames: &str) -> Lattice {
        let width = alphabet.len();
        let rows = frames.chars().flat_map(|c| {
            let mut row = vec![0.001; width];
            row[usize::from(alphabet.symbol(c).unwrap_or(BLANK))] = 0.99;
            row
        });
        Lattice::from_posteriors(alphabet, &rows.collect::<Vec<f32>>())
    }

    fn alphabet(letters: &str) -> std::sync::Arc<Alphabet> {
        let lines: Vec<String> = letters.chars().map(String::from).collect();
        std::sync::Arc::new(Alphabet::from_lines(&lines.join("\n")))
    }

    #[test]
    fn a_part_is_read_from_gap_to_gap_and_a_short_line_whole() {
        let long = lattice(&alphabet("甲乙"), &"甲.乙".repeat(40));
        assert_eq!(in_context(&long, &(60..66)), 40..86);
        assert_eq!(in_context(&long, &(0..100)), 0..120);
        let short = lattice(&alphabet("甲乙"), &"甲.乙".repeat(9));
        assert_eq!(in_context(&short, &(12..15)), 0..27);
    }

    #[test]
    fn a_part_read_anew_stands_where_it_was_among_what_is_kept() {
        let quick = lattice(&alphabet("甲乙丙"), "甲.甲.乙.丙.");
        // Two frames of the careful reading to one of the quick one, in another alphabet.
        let part = lattice(&alphabet("丁丙乙甲"), "丁丁..");
        let joined = with_part(&quick, &(4..6), part);
        assert_eq!((joined.text().as_str(), joined.frames()), ("甲甲丁丙", 16));
        assert_eq!(joined.best_path()[2].frames, 8..10);
    }
}
