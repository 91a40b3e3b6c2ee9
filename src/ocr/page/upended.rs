//! Lines that stand upside down on a page that does not: a second sheet on the scanner's glass, a folded card.

use std::collections::HashSet;

use super::{Layout, PageReader, Proposal, ReadLine, Sheet, read_with};
use crate::error::Result;
use crate::geometry::Bbox;

/// Different characters from which a line says which way up it stands: rows of empty boxes read as 口口口口 both ways.
const TELLING: usize = 4;
/// Different characters of a shorter line, as on a name plate, and by how much more it must score upside down.
const SHORT: usize = 2;
const SHORT_GAIN: f32 = 0.2;
/// How far around lines that stand upside down their sheet goes on, in their heights: to the next line of a form.
const AROUND: f32 = 4.0;

impl PageReader {
    /// Turns the lines of sheets that lie upside down. A sheet is known by lines that read poorly as they are and clearly
    /// upside down; its other lines are turned where they read better so, as two or three characters may read well either
    /// way up.
    pub(super) fn upended(&self, sheet: &Sheet<'_>, mut lines: Vec<ReadLine>) -> Result<Vec<ReadLine>> {
        let is_telling = |line: &ReadLine| tells(line, self.params.doubtful_score);
        let poor: Vec<usize> =
            (0..lines.len()).filter(|&i| lines[i].lattice.score() < self.params.doubtful_score).collect();
        let mut turned = self.read_upside_down(sheet, &lines, &poor)?;
        turned.retain(|read| {
            let gain = read.lattice.score() - lines[read.proposal.line].lattice.score();
            is_telling(read) && gain >= self.params.upended_gain
                || is_clear(read, self.params.upright_score, SHORT) && gain >= SHORT_GAIN
        });
        let long = turned.iter().filter(|read| is_telling(read));
        let mut telling = long.clone().count();
        let mut around = long.map(surroundings).reduce(Bbox::union);
        let mut tried: HashSet<usize> = turned.iter().map(|read| read.proposal.line).collect();
        loop {
            for read in turned {
                let line = read.proposal.line;
                lines[line] = read;
            }
            let next: Vec<usize> = (0..lines.len())
                .filter(|i| !tried.contains(i))
                .filter(|&i| around.is_some_and(|area| !area.intersection(lines[i].proposal.quad.bbox()).is_empty()))
                .collect();
            let upright = next.iter().filter(|&&i| tells(&lines[i], self.params.upright_score)).count();
            if next.is_empty() || upright > telling {
                return Ok(lines);
            }
            tried.extend(&next);
            turned = self.read_upside_down(sheet, &lines, &next)?;
            turned.retain(|read| read.lattice.score() > lines[read.proposal.line].lattice.score());
            let new = turned.iter().filter(|read| is_telling(read));
            telling += new.clone().count();
            around = around.into_iter().chain(new.map(surroundings)).reduce(Bbox::union);
        }
    }

    /// Rows read upside down.
    fn read_upside_down(&self, sheet: &Sheet<'_>, lines: &[ReadLine], which: &[usize]) -> Result<Vec<ReadLine>> {
        let rows = which.iter().filter(|&&i| lines[i].proposal.layout == Layout::Along);
        let proposals = rows.map(|&line| {
            let proposal = lines[line].proposal;
            Proposal { line, quad: proposal.quad.rolled(2), ..proposal }
        });
        read_with(&self.quick, self.params.quick, sheet, proposals.collect())
    }
}

/// True for a line that reads so clearly that it says which way up it stands.
fn tells(line: &ReadLine, least_score: f32) -> bool {
    is_clear(line, least_score, TELLING)
}

fn is_clear(line: &ReadLine, least_score: f32, least_different: usize) -> bool {
    let different: HashSet<char> = line.lattice.text().chars().collect();
    line.lattice.score() >= least_score && different.len() >= least_different
}

fn surroundings(line: &ReadLine) -> Bbox {
    let bbox = line.proposal.quad.bbox();
    let reach = (bbox.height().min(bbox.width()) as f32 * AROUND) as i32;
    bbox.expanded(reach, reach)
}
