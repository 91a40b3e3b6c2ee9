//! What was read off a seal → whether the seal is the applicant's unit's (or the applicant's own).
//!
//! A seal is rarely read whole: the ring is cut, crossed by text, or the reading began in the middle. So the unit is
//! aligned with the readings and the longest contiguous stretch counts, measured in distinctive characters:
//! region words and 有限公司 are on every other seal, too.

use super::normalize::{fold, is_filler, is_han};
use super::reading::read;
use super::unit_forms::distinctive_characters;
use super::variants::{Doubt, Keyword, Script};
use super::{Identity, Kind};
use crate::ocr::lattice::Lattice;

/// How well a seal's lettering agrees with the applicant's data.
#[derive(Debug, Clone, PartialEq)]
pub struct SealMatch {
    /// Name (a personal seal) or unit.
    pub kind: Kind,
    /// The applicant's own data that agrees best, as the user wrote it.
    pub keyword: String,
    /// Share of the keyword's distinctive characters that lie in the longest contiguous agreeing stretch, 0..=1.
    pub ratio: f32,
    /// The stretch as read.
    pub read: String,
    /// True when the seal is the applicant's or the unit's: enough agrees and nothing clearly contradicts.
    pub own: bool,
    /// True when something clearly read contradicts the keyword right beside the agreeing stretch.
    pub contradicted: bool,
}

/// Least share of the distinctive characters for an own seal (issue's rule: 60 %).
const OWN_RATIO: f32 = 0.6;
/// Least share when the unit has no distinctive character, so that all of its characters must count (新疆农业大学).
const OWN_RATIO_GENERIC: f32 = 1.0;
/// Log-likelihood ratio above which a character counts as possibly read: seals are noisier than print.
const POSSIBLE: f32 = -6.0;
/// Posterior from which a reading is clear enough to contradict.
const CLEAR: f32 = 0.8;

/// One place of a reading with what may stand there.
struct Slot {
    best: char,
    clear: bool,
    possible: Vec<char>,
}

impl Slot {
    fn may_be(&self, c: char) -> bool {
        self.possible.contains(&c)
    }
}

impl Identity {
    /// The keyword that agrees best with a seal's readings (outer arc, inner arc, centre line, in any order and
    /// direction-corrected); `None` when nothing agrees. Readings are also tried one after the other, because a ring
    /// may have been cut anywhere.
    pub fn match_seal_text(&self, readings: &[Lattice]) -> Option<SealMatch> {
        let wanted: Vec<char> = self.keywords.iter().flat_map(|k| k.chars.iter().copied()).collect();
        let mut rows: Vec<Vec<Slot>> = readings.iter().map(|lattice| slots(lattice, &wanted)).collect();
        rows.retain(|row| !row.is_empty());
        let joined: Vec<Vec<&Slot>> = rows
            .iter()
            .map(|row| row.iter().collect())
            .chain(rows.iter().enumerate().flat_map(|(i, first)| {
                let rows = &rows;
                (0..rows.len()).filter(move |&j| j != i).map(move |j| first.iter().chain(&rows[j]).collect())
            }))
            // The arc of a closed ring may begin in the middle of the text.
            .chain(rows.iter().map(|row| row.iter().chain(row).collect()))
            .collect();
        let usable = |k: &&Keyword| k.script == Script::Han && (k.kind == Kind::Unit || k.doubt == Doubt::None);
        let mut best: Option<SealMatch> = None;
        for keyword in self.keywords.iter().filter(usable) {
            for row in &joined {
                let found = match keyword.kind {
                    Kind::Unit => unit_match(keyword, row),
                    Kind::Name => name_match(keyword, row),
                };
                if let Some(found) = found
                    && best.as_ref().is_none_or(|b| rank(&found) > rank(b))
                {
                    best = Some(found);
                }
            }
        }
        best
    }
}

fn rank(found: &SealMatch) -> (bool, u32, usize) {
    (found.own, (found.ratio * 1000.0) as u32, found.read.chars().count())
}

fn slots(lattice: &Lattice, wanted: &[char]) -> Vec<Slot> {
    let alphabet = lattice.alphabet();
    read(lattice)
        .into_iter()
        .filter(|c| !is_filler(c.folded) && c.folded.is_alphanumeric())
        .map(|c| {
            let mut possible = vec![c.folded];
            for t in c.frames.clone() {
                for &(symbol, value) in lattice.frame(t) {
                    if value > POSSIBLE
                        && let Some(folded) = alphabet.text(symbol).chars().next().and_then(|c| fold(c).next())
                        && wanted.contains(&folded)
                        && !possible.contains(&folded)
                    {
                        possible.push(folded);
                    }
                }
            }
            Slot { best: c.folded, clear: c.posterior >= CLEAR, possible }
        })
        .collect()
}

/// The longest stretch of the row that agrees with a stretch of the unit.
fn unit_match(keyword: &Keyword, row: &[&Slot]) -> Option<SealMatch> {
    let unit: Vec<char> = keyword.chars.iter().copied().filter(|&c| !matches!(c, '(' | ')')).collect();
    let mut distinctive = distinctive_characters(&unit);
    let generic = distinctive.iter().filter(|&&d| d).count() < 2;
    if generic {
        distinctive.fill(true);
    }
    let total = distinctive.iter().filter(|&&d| d).count() as f32;
    let weight = |stretch: std::ops::Range<usize>| distinctive[stretch].iter().filter(|&&d| d).count();
    // (distinctive characters, length, start in the unit, start in the row)
    let mut longest = (0, 0, 0, 0);
    for start in 0..unit.len() {
        for at in 0..row.len() {
            let length = unit[start..].iter().zip(&row[at..]).take_while(|&(&c, slot)| slot.may_be(c)).count();
            let candidate = (weight(start..start + length), length, start, at);
            if (candidate.0, candidate.1) > (longest.0, longest.1) {
                longest = candidate;
            }
        }
    }
    let (weight, length, start, at) = longest;
    if weight == 0 {
        return None;
    }
    // Beside the stretch: a character that the unit does not have there, where the unit goes on.
    let differs = |unit_index: Option<usize>, row_index: Option<usize>| {
        let expected = unit_index.and_then(|i| unit.get(i).map(|&c| (c, distinctive[i])));
        match (expected, row_index.and_then(|i| row.get(i))) {
            (Some((c, true)), Some(slot)) => is_han(slot.best) && !slot.may_be(c),
            // A generic unit (新疆大学) goes on into another one (新疆大学附属中学).
            (None, Some(slot)) => generic && is_han(slot.best),
            _ => false,
        }
    };
    let clear = |row_index: Option<usize>| row_index.and_then(|i| row.get(i)).is_some_and(|slot| slot.clear);
    // What is not clear contradicts when the character beyond it does, too, and is clear.
    let contradicts = |places: [(Option<usize>, Option<usize>); 2]| {
        let [near, far] = places;
        differs(near.0, near.1) && (clear(near.1) || (differs(far.0, far.1) && clear(far.1)))
    };
    let before = |by: usize| (start.checked_sub(by), at.checked_sub(by));
    let after = |by: usize| (Some(start + length + by), Some(at + length + by));
    let contradicted = contradicts([before(1), before(2)]) || contradicts([after(0), after(1)]);
    let ratio = weight as f32 / total;
    let enough = ratio >= if generic { OWN_RATIO_GENERIC } else { OWN_RATIO };
    Some(SealMatch {
        kind: Kind::Unit,
        keyword: keyword.source.clone(),
        ratio,
        read: row[at..at + length].iter().map(|slot| slot.best).collect(),
        own: enough && !contradicted && keyword.doubt == Doubt::None,
        contradicted,
    })
}

/// What personal seals add to the name.
const NAME_SEAL_WORDS: [char; 5] = ['印', '之', '章', '信', '私'];

/// A personal seal holds the name alone (and 印, 之印), in reading order or from right to left.
fn name_match(keyword: &Keyword, row: &[&Slot]) -> Option<SealMatch> {
    let fits = |letters: &[&&Slot]| {
        letters.len() == keyword.chars.len() && letters.iter().zip(&keyword.chars).all(|(slot, &c)| slot.may_be(c))
    };
    let letters: Vec<&&Slot> = row.iter().filter(|slot| !NAME_SEAL_WORDS.contains(&slot.best)).collect();
    let reversed: Vec<&&Slot> = letters.iter().rev().copied().collect();
    // Two columns read right to left, row by row: 伟张 / 印.
    if !fits(&letters) && !fits(&reversed) {
        return None;
    }
    let exact = letters.iter().all(|slot| keyword.chars.contains(&slot.best));
    Some(SealMatch {
        kind: Kind::Name,
        keyword: keyword.source.clone(),
        ratio: 1.0,
        read: row.iter().map(|slot| slot.best).collect(),
        own: exact,
        contradicted: false,
    })
}
