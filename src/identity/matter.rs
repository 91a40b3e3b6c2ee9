//! What of a quick reading is worth a careful one.

use std::ops::Range;

use super::evidence::Evidence;
use super::reading::ReadChar;
use super::search::{Found, Prepared, spans};
use super::spot::{Bounds, spot};
use super::variants::Doubt;
use super::{Identity, join};
use crate::ocr::{LinePart, TextLine};

/// Least posterior of each character of a match and of its neighbours at which the quick reading stands. On clean
/// print nearly all characters are above it; a misread one rarely is.
const CLEARLY_READ: f32 = 0.9;

impl Identity {
    /// Where lines may hold the applicant's name or unit, by a looser threshold than a match needs, and it is not
    /// clearly read already: what is worth reading again with a better model. Sorted; parts of a line may overlap.
    pub fn parts_that_matter(&self, lines: &[TextLine]) -> Vec<LinePart> {
        let prepared = self.prepared(lines);
        let loose = Bounds { per_character: self.params.matters, worst: f32::NEG_INFINITY };
        let in_lines = prepared.iter().enumerate().flat_map(|(index, line)| {
            (0..self.keywords.len()).filter(|&k| self.keywords[k].doubt != Doubt::Initials).flat_map(move |keyword| {
                spot(&line.scores, &self.columns, keyword, loose).into_iter().map(move |spotting| Found {
                    keyword,
                    lines: vec![(index, 0)],
                    spotting,
                    joined: None,
                })
            })
        });
        // Initials fit any text by so loose a threshold, and count only where they are read exactly so.
        let in_full = |found: &Found| self.keywords[found.keyword].doubt != Doubt::Initials;
        let found: Vec<Found> = in_lines.chain(join::across_lines(self, &prepared)).filter(in_full).collect();
        let settled: Vec<Place> =
            found.iter().filter(|f| self.is_settled(&prepared, f)).flat_map(|f| spans(&prepared, f)).collect();
        let mut matter: Vec<LinePart> = found
            .iter()
            .flat_map(|found| spans(&prepared, found))
            .filter(|place| !settled.iter().any(|settled| overlap(settled, place)))
            .map(|(line, frames)| LinePart { line, frames })
            .collect();
        matter.sort_unstable_by_key(|part| (part.line, part.frames.start, part.frames.end));
        matter.dedup();
        matter
    }

    /// True when a keyword is so clearly read that a better model could add nothing.
    fn is_settled(&self, lines: &[Prepared], found: &Found) -> bool {
        spans(lines, found).iter().all(|(line, frames)| is_clear(&lines[*line].read, frames))
            && self.judged(lines, found).is_some_and(|judged| {
                judged.found.certain && matches!(judged.found.evidence, Evidence::Exact | Evidence::Joined)
            })
    }
}

/// A line and frames of it.
type Place = (usize, Range<usize>);

/// True when all characters within the frames and one on either side are clearly read.
fn is_clear(read: &[ReadChar], frames: &Range<usize>) -> bool {
    let before = read.iter().rfind(|c| c.peak() < frames.start as f32);
    let after = read.iter().find(|c| c.peak() > frames.end as f32);
    let own = read.iter().filter(|c| c.frames.start < frames.end && frames.start < c.frames.end);
    own.chain(before).chain(after).all(|c| c.posterior >= CLEARLY_READ)
}

fn overlap(a: &Place, b: &Place) -> bool {
    a.0 == b.0 && a.1.start < b.1.end && b.1.start < a.1.end
}
