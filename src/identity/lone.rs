//! One character of the name, alone where a name is asked for: what a cover of the paper's colour leaves of a name of two or
//! three characters. Nobody's name has one character.

use std::ops::Range;

use super::evidence::{Evidence, LineSpan, TextMatch};
use super::illegible::{LABELS, labelled, quad_of};
use super::join::beside;
use super::normalize::{is_filler, is_han};
use super::reading::ReadChar;
use super::search::Prepared;
use super::variants::{Doubt, Keyword, Script};
use super::{Identity, Kind};

/// Labels of persons whom a page names without being about them.
const MORE_LABELS: [&str; 6] = ["作者", "负责人", "主持人", "完成人", "学员", "联系人"];
/// Longest name of which one character tells something.
const LONGEST: usize = 3;
/// Widths of the character within which another one on its right belongs to the same name, spaced out.
const SPACED: f32 = 3.0;

impl Identity {
    /// Places not among the `found` ones where one character of the name stands alone behind a label. Never certain.
    pub(super) fn lone_characters(&self, lines: &[Prepared], found: &[TextMatch]) -> Vec<TextMatch> {
        let is_name = |k: &&Keyword| {
            k.kind == Kind::Name && k.script == Script::Han && k.doubt == Doubt::None && k.chars.len() <= LONGEST
        };
        let own: Vec<char> = self.keywords.iter().filter(is_name).flat_map(|k| k.chars.iter().copied()).collect();
        let labels: Vec<&str> = LABELS.iter().chain(&MORE_LABELS).copied().collect();
        let mut matches: Vec<TextMatch> = Vec::new();
        for index in 0..lines.len() {
            for (line, range) in labelled(lines, index, &labels) {
                let Some(only) = alone(lines, line, range).filter(|only| own.contains(&only.folded)) else { continue };
                let frames = only.frames.clone();
                let is_known = |m: &TextMatch| m.spans.iter().any(|span| span.overlaps(line, &frames));
                if found.iter().chain(&matches).any(is_known) {
                    continue;
                }
                let quad = quad_of(&lines[line], &frames, 1);
                matches.push(TextMatch {
                    kind: Kind::Name,
                    keyword: self.applicant.name.clone(),
                    spans: vec![LineSpan { line, frames, quad }],
                    score: 0.0,
                    confidence: 0.5,
                    certain: false,
                    evidence: Evidence::OneCharacter { read: only.raw.to_string() },
                });
            }
        }
        matches
    }
}

/// The one Chinese character of a range, when no other stands near behind it.
fn alone<'a>(lines: &'a [Prepared], line: usize, range: Range<usize>) -> Option<&'a ReadChar> {
    let read = &lines[line].read;
    let mut chars = read[range.clone()].iter().filter(|c| !is_filler(c.folded));
    let only = chars.next().filter(|c| is_han(c.folded))?;
    if chars.next().is_some() {
        return None;
    }
    let (wide, total) = (only.frames.len().max(1) as f32, lines[line].line.lattice.frames().max(1) as f32);
    // A character's peak is narrower than the character, which is as wide as its line is high.
    let quad = &lines[line].line.quad;
    let width = (quad.thickness() / quad.length().max(1.0) * total).max(wide);
    let is_far = |frame: usize| frame as f32 - only.peak() > SPACED * width;
    let after = read[range.end..].iter().find(|c| !is_filler(c.folded));
    let goes_on = after.is_some_and(|c| is_han(c.folded) && !is_far(c.frames.start));
    let next = beside(lines, line).1.filter(|&next| {
        let (here, there) = (quad.bbox(), lines[next].line.quad.bbox());
        lines[next].read.len() == 1 && (there.left - here.right) as f32 <= SPACED * quad.thickness()
    });
    (!goes_on && next.is_none()).then_some(only)
}
