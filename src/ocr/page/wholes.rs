//! Lines that were read twice or in pieces → each one once, whole.

use super::PageReader;
use super::sheet::{Ink, Layout, Proposal, ReadLine, Sheet, read_with};
use crate::error::Result;
use crate::geometry::{Bbox, Quad};
use crate::ocr::column::columns;
use crate::ocr::crop::is_tall;

impl PageReader {
    /// Puts whole vertical lines in the place of their pieces where they read as well.
    pub(super) fn join_columns(&self, sheet: &Sheet<'_>, lines: &mut Vec<ReadLine>) -> Result<()> {
        let pieces: Vec<usize> = (0..lines.len()).filter(|&i| lines[i].proposal.ink == Ink::All).collect();
        let quads: Vec<Quad> = pieces.iter().map(|&i| from_top_left(&lines[i].proposal.quad)).collect();
        let mut joined = vec![false; lines.len()];
        let mut wholes = Vec::new();
        for (quad, group) in columns(&quads) {
            let is_turned = |&i: &usize| is_turned(&lines[pieces[i]]);
            if group.iter().any(is_turned) || !group.iter().any(|&i| is_tall(&quads[i])) {
                continue;
            }
            let group: Vec<usize> = group.into_iter().map(|i| pieces[i]).collect();
            let line = lines[group[0]].proposal.line;
            let whole = Proposal { line, quad: quad.rolled(1), layout: Layout::Column, ink: Ink::All };
            let Some(whole) = read_with(&self.quick, self.params.quick, sheet, vec![whole])?.pop() else { continue };
            let length = |line: &ReadLine| line.lattice.text().chars().count() as f32;
            let characters: f32 = group.iter().map(|&i| length(&lines[i])).sum();
            let score = group.iter().map(|&i| lines[i].lattice.score() * length(&lines[i])).sum::<f32>();
            let reads_as_well = whole.lattice.score() >= score / characters.max(1.0) - self.params.column_loss;
            if reads_as_well && length(&whole) >= self.params.column_length * characters {
                for i in group {
                    joined[i] = true;
                }
                wholes.push(whole);
            }
        }
        let mut joined = joined.into_iter();
        lines.retain(|_| joined.next() == Some(false));
        lines.extend(wholes);
        Ok(())
    }
}

/// The quad from the corner from which its first edge runs right.
fn from_top_left(quad: &Quad) -> Quad {
    let run = |quad: &Quad| quad.0[1].x - quad.0[0].x;
    (1..4)
        .map(|turns| quad.rolled(turns))
        .fold(*quad, |best, other| if run(&other) > run(&best) { other } else { best })
}

/// Of two lines in the same place, read from different ink, keeps the one that reads better.
pub(super) fn drop_doubles(lines: &mut Vec<ReadLine>, same_line: f32) {
    let places: Vec<(Bbox, Ink, f32)> =
        lines.iter().map(|l| (l.proposal.quad.bbox(), l.proposal.ink, l.lattice.score())).collect();
    let mut index = 0;
    lines.retain(|_| {
        let (bbox, ink, score) = places[index];
        index += 1;
        !places.iter().any(|&(other, other_ink, other_score)| {
            let better = other_score > score || (other_score >= score && ink != Ink::All);
            other_ink != ink && better && other.iou(bbox) >= same_line
        })
    });
}

/// True for text that was read from the bottom to the top, and is not to be read as a column: its characters lie on their
/// backs, which are also read one by one, but in the wrong order. Upright columns read upwards score 0.78 at most.
pub(super) fn is_turned(line: &ReadLine) -> bool {
    const READ: f32 = 0.88;
    /// Single characters may look the same turned: 一, 口.
    const FEWEST: usize = 2;
    let [start, end, ..] = line.proposal.quad.0;
    let runs_up = start.y - end.y > (start.x - end.x).abs();
    let is_read = line.lattice.score() >= READ && line.lattice.best_path().len() >= FEWEST;
    line.proposal.layout == Layout::Along && runs_up && is_read
}
