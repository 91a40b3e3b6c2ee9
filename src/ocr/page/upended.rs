//! Lines that stand upside down on a page that does not: a second sheet on the scanner's glass, a folded card.

use super::{Layout, PageReader, Proposal, ReadLine, Sheet, read_with};
use crate::error::Result;
use crate::geometry::Bbox;

/// Characters from which a line that reads better upside down says so of the lines around it.
const TELLING: usize = 4;
/// How far around such lines, in their heights: to the next line of a form.
const AROUND: f32 = 4.0;

impl PageReader {
    /// Turns the lines that read better upside down. Those are tried that read poorly, and then those around the ones that
    /// were turned: two or three characters may read well either way up.
    pub(super) fn upended(&self, sheet: &Sheet<'_>, mut lines: Vec<ReadLine>) -> Result<Vec<ReadLine>> {
        let poor = |line: &ReadLine| line.lattice.score() < self.params.doubtful_score;
        let poor: Vec<usize> = (0..lines.len()).filter(|&i| poor(&lines[i])).collect();
        let mut tried = vec![false; lines.len()];
        let mut next = poor;
        let mut gain = self.params.upended_gain;
        let mut sheet_upside_down: Option<Bbox> = None;
        while !next.is_empty() {
            for i in self.turn(sheet, &mut lines, &mut tried, &next, gain)? {
                let line = &lines[i];
                let is_clear = line.lattice.score() >= self.params.doubtful_score;
                if is_clear && line.lattice.text().chars().count() >= TELLING {
                    let bbox = line.proposal.quad.bbox();
                    let reach = (bbox.height().min(bbox.width()) as f32 * AROUND) as i32;
                    let around = bbox.expanded(reach, reach);
                    sheet_upside_down = Some(sheet_upside_down.map_or(around, |known| known.union(around)));
                }
            }
            let Some(around) = sheet_upside_down else { break };
            let is_inside = |line: &ReadLine| !around.intersection(line.proposal.quad.bbox()).is_empty();
            next = (0..lines.len()).filter(|&i| !tried[i] && is_inside(&lines[i])).collect();
            // Among lines that stand upside down, better is enough.
            gain = f32::EPSILON;
        }
        Ok(lines)
    }

    /// Tries lines upside down; returns those that score better by `gain`.
    fn turn(
        &self,
        sheet: &Sheet<'_>,
        lines: &mut [ReadLine],
        tried: &mut [bool],
        which: &[usize],
        gain: f32,
    ) -> Result<Vec<usize>> {
        for &i in which {
            tried[i] = true;
        }
        let rows = which.iter().filter(|&&i| lines[i].proposal.layout == Layout::Along);
        let proposals = rows.map(|&i| {
            let proposal = lines[i].proposal;
            Proposal { line: i, quad: proposal.quad.rolled(2), ..proposal }
        });
        let proposals = proposals.collect();
        let mut turned = Vec::new();
        for read in read_with(&self.quick, &self.params.quick, sheet, proposals)? {
            let i = read.proposal.line;
            if read.lattice.score() >= lines[i].lattice.score() + gain {
                lines[i] = read;
                turned.push(i);
            }
        }
        Ok(turned)
    }
}
