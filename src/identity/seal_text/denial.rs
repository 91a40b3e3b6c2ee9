//! The readings of a seal's arc + one form of the unit's name → whether the arc can say that form at all.
//!
//! The form is aligned with each reading from end to end. Where another character is read or one too many stands, the reading
//! contradicts the form. What any other look at the arc shows after all is no contradiction, and few contradictions count only when several looks agree on them: one look at a worn character is not enough.

use super::LEAST_STRETCH;
use super::evidence::{Evidence, FORMS, HARDLY};
use super::slots::{CLEAR, Slot};
use super::unit::Unit;
use crate::identity::normalize::is_han;
use crate::ocr::lattice::FLOOR;

/// Cost of what contradicts: that of another character, of one too many and of one missing without room.
const OTHER: f32 = 5.5;
const MISSING: f32 = 6.0;
/// Of what is lost: at the ends of an arc, and where there is room for a character.
const LOST_AT_END: f32 = 0.5;
const LOST: f32 = 1.0;
/// Of what is no clear Chinese character.
const NOISE: f32 = 0.4;
/// Log-likelihood ratio below which the form's own character is not what is read. Of 196 characters of other units' seals 189 were
/// below -9, and of 74 characters of worn and faint own seals that were read as another one 20 were.
const UNLIKELY: f32 = -10.0;
/// Share of a form's distinctive characters, in agreement, from which what stands past its ends alone is no contradiction: another
/// seal's lettering, or a department of the unit.
const AGREES: f32 = 0.45;
/// Mean posterior of the Chinese characters of a reading that can contradict, how many there must be, and of how many one may be
/// unclear.
const WELL_READ: f32 = 0.93;
const ONE_UNCLEAR: usize = 8;
const WELL_READ_CHARACTERS: usize = 5;
/// Or so many, all of them with this posterior: 西林大学 is a name.
const PLAIN_CHARACTERS: usize = 4;
const PLAIN: f32 = 0.97;
/// Characters of a form past the reading's last one from which it goes on.
const GOES_ON: usize = 2;
/// Contradictions that are enough in one look, and in [`LOOKS_OF_FEW`].
const MANY: usize = 3;
const FEW: usize = 2;
const LOOKS_OF_FEW: usize = 2;
/// A single other number counts when so many looks agree on it, with this posterior and with no thought of the form's own: a worn 三
/// that reads as 二 in every look keeps -9.8.
const LOOKS_OF_ONE: usize = 3;
const ONE_POSTERIOR: f32 = 0.97;
const ONE_UNLIKELY: f32 = -12.0;
/// Any other single character counts only when all looks, so many at least, show it with this posterior, the others with that, and none
/// ever thought of the form's own: 宁江, worn, reads as 宁工, but keeps -12.5. Of 中铁 for 中建 and 站 for 中心 five of five looks had 0.999
/// and the others 0.97.
const LOOKS_OF_SINGLE: usize = 4;
const SINGLE_POSTERIOR: f32 = 0.99;
const SINGLE_OTHERS: f32 = 0.95;
const NEVER_THOUGHT_OF: f32 = FLOOR;

/// How a reading contradicts a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Another character stands where the form has this one.
    Other,
    /// A character stands before this one of the form, that the form does not have.
    Extra,
    /// A character stands before the form's first or after its last one.
    Outside,
    /// This character of the form and one beside it stand nowhere, and have no room.
    Missing,
    /// The reading ends with another character where the form goes on.
    Ends,
}

/// One contradiction.
#[derive(Debug, Clone, Copy)]
struct Contradiction {
    kind: Kind,
    /// Which character of the form.
    at: usize,
    /// What is read.
    read: char,
    posterior: f32,
    /// Log-likelihood ratio of the form's own character.
    ratio: f32,
    is_number: bool,
}

impl Contradiction {
    fn is_same(&self, other: &Self) -> bool {
        (self.kind, self.at, self.read) == (other.kind, other.at, other.read)
    }
}

/// A reading's contradictions to a form.
struct Comparison {
    contradictions: Vec<Contradiction>,
    /// Indices of the form's characters that are read.
    matched: Vec<usize>,
}

/// True when the arc, as its readings show it, does not say this form.
pub(super) fn is_denied(unit: &Unit, rows: &[Vec<Slot>]) -> bool {
    let rows: Vec<Vec<&Slot>> = rows.iter().map(|row| row.iter().filter(|slot| is_han(slot.best)).collect()).collect();
    let seen = Evidence::of(unit, &rows);
    let compared: Vec<Comparison> = rows.iter().map(|row| compared(unit, row)).collect();
    let is_rebutted = |c: &Contradiction| match c.kind {
        Kind::Other | Kind::Ends | Kind::Missing => seen[c.at].own >= HARDLY * c.posterior,
        // Another look reads the form straight on.
        Kind::Extra => compared.iter().any(|other| {
            let holds = |i: usize| other.matched.contains(&i);
            holds(c.at) && c.at > 0 && holds(c.at - 1) && !other.contradictions.iter().any(|o| o.is_same(c))
        }),
        Kind::Outside => false,
    };
    let looks =
        |c: &Contradiction| compared.iter().filter(|other| other.contradictions.iter().any(|o| o.is_same(c))).count();
    // Any other character than the form's, in every look at lettering that is else read whole and clear.
    let is_plainest = |c: &Contradiction| {
        let agreeing = rows.iter().zip(&compared).filter_map(|(row, other)| {
            let same = other.contradictions.iter().find(|o| o.is_same(c))?;
            Some((row, same, other.contradictions.len()))
        });
        let is_clear = |(row, same, count): (&Vec<&Slot>, &Contradiction, usize)| {
            count == 1
                && same.posterior >= SINGLE_POSTERIOR
                && same.ratio <= NEVER_THOUGHT_OF
                && row.iter().all(|slot| slot.posterior >= SINGLE_OTHERS)
        };
        c.kind == Kind::Other
            && agreeing.clone().count() >= LOOKS_OF_SINGLE
            && agreeing.clone().all(is_clear)
            && looks(c) == rows.len()
    };
    rows.iter().zip(&compared).filter(|(row, _)| is_well_read(row)).any(|(row, comparison)| {
        let agrees = comparison.matched.len() >= LEAST_STRETCH
            && unit.weight(&comparison.matched) as f32 >= AGREES * unit.total() as f32;
        let differs = comparison.contradictions.iter().any(|c| c.kind != Kind::Outside && !is_rebutted(c));
        let counts = |c: &&Contradiction| (c.kind != Kind::Outside || !agrees || differs) && !is_rebutted(c);
        let against: Vec<&Contradiction> = comparison.contradictions.iter().filter(counts).collect();
        let confirmed = against.iter().filter(|c| looks(c) >= LOOKS_OF_FEW).count();
        let is_plain = |c: &&&Contradiction| {
            let is_clear = |c: &Contradiction| c.posterior >= ONE_POSTERIOR && c.ratio <= ONE_UNLIKELY;
            let same = compared.iter().flat_map(|other| &other.contradictions).filter(|o| o.is_same(c));
            c.kind == Kind::Other && c.is_number && looks(c) >= LOOKS_OF_ONE && same.clone().all(is_clear)
        };
        against.len() >= MANY
            || confirmed >= FEW
            || row.iter().all(|slot| slot.clear) && against.iter().any(|c| is_plain(&c))
            || against.iter().any(|c| is_plainest(c))
    })
}

fn is_well_read(row: &[&Slot]) -> bool {
    let mean = row.iter().map(|slot| slot.posterior).sum::<f32>() / row.len().max(1) as f32;
    let unclear = row.iter().filter(|slot| !slot.clear).count();
    // A character that the arc lost shifts those behind it.
    let is_closed = row.windows(2).all(|pair| !pair[0].has_room_before(pair[1]));
    let is_plain = row.len() >= PLAIN_CHARACTERS && row.iter().all(|slot| slot.posterior >= PLAIN);
    (row.len() >= WELL_READ_CHARACTERS || is_plain)
        && mean >= WELL_READ
        && unclear * ONE_UNCLEAR <= row.len()
        && is_closed
}

/// One step of an alignment.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    Begin,
    /// A character of the form and one of the reading.
    Both,
    /// One of the form alone.
    Form,
    /// One of the reading alone.
    Read,
}

/// Aligns all of the form with all of the reading.
fn compared(unit: &Unit, row: &[&Slot]) -> Comparison {
    let (n, m) = (unit.chars.len(), row.len());
    let index = |i: usize, j: usize| i * (m + 1) + j;
    let mut cost = vec![0.0; (n + 1) * (m + 1)];
    let mut steps = vec![Step::Begin; (n + 1) * (m + 1)];
    for i in 0..=n {
        for j in 0..=m {
            let both = i.checked_sub(1).zip(j.checked_sub(1));
            let ways = [
                both.map(|(i, j)| (cost[index(i, j)] + cost_of_both(unit.chars[i], row[j]), Step::Both)),
                i.checked_sub(1).map(|i| (cost[index(i, j)] + cost_of_missing(unit, row, i, j), Step::Form)),
                j.checked_sub(1).map(|j| (cost[index(i, j)] + cost_of_extra(row[j]), Step::Read)),
            ];
            if let Some((value, step)) = ways.into_iter().flatten().min_by(|a, b| a.0.total_cmp(&b.0)) {
                (cost[index(i, j)], steps[index(i, j)]) = (value, step);
            }
        }
    }
    let mut found = Comparison { contradictions: Vec::new(), matched: Vec::new() };
    let (mut i, mut j) = (n, m);
    // The place before a missing character of the form.
    let mut last_missing: Option<(usize, usize)> = None;
    loop {
        match steps[index(i, j)] {
            Step::Begin => break,
            Step::Both => {
                (i, j) = (i - 1, j - 1);
                let (c, slot) = (unit.chars[i], row[j]);
                if slot.best == c || !is_unlike(c, slot) {
                    found.matched.push(i);
                } else if slot.clear && !is_form(c, slot.best) {
                    let other = Contradiction {
                        ratio: slot.ratio_of(c),
                        is_number: slot.is_another_number(c),
                        ..contradiction(Kind::Other, i, slot)
                    };
                    found.contradictions.push(other);
                    if j + 1 == m && i + GOES_ON < n {
                        found.contradictions.push(Contradiction { kind: Kind::Ends, ..other });
                    }
                }
            }
            // One missing character may have been lost, but not two without a gap.
            Step::Form => {
                let is_one = last_missing != Some((i, j)) && steps[index(i - 1, j)] != Step::Form;
                i -= 1;
                last_missing = Some((i, j));
                let neighbours = j.checked_sub(1).and_then(|before| row.get(before)).zip(row.get(j));
                if let Some((before, next)) = neighbours.filter(|(before, next)| !is_one && leave_no_room(before, next))
                    && !FORMS.contains(unit.chars[i])
                {
                    let posterior = before.posterior.min(next.posterior);
                    found.contradictions.push(Contradiction { posterior, ..contradiction(Kind::Missing, i, next) });
                }
            }
            Step::Read => {
                j -= 1;
                if row[j].clear && !FORMS.contains(row[j].best) {
                    let kind = if i == 0 || i == n { Kind::Outside } else { Kind::Extra };
                    found.contradictions.push(contradiction(kind, i, row[j]));
                }
            }
        }
    }
    found
}

/// True for clear neighbours of one reading that stand beside each other.
fn leave_no_room(before: &Slot, next: &Slot) -> bool {
    before.clear && next.clear && next.at > before.at && next.reading == before.reading && !before.has_room_before(next)
}

fn contradiction(kind: Kind, at: usize, slot: &Slot) -> Contradiction {
    Contradiction { kind, at, read: slot.best, posterior: slot.posterior, ratio: 0.0, is_number: false }
}

/// True for two characters of legal forms, which companies write in full and in short.
fn is_form(c: char, read: char) -> bool {
    FORMS.contains(c) && FORMS.contains(read)
}

fn is_unlike(c: char, slot: &Slot) -> bool {
    slot.ratio_of(c) < UNLIKELY
}

fn cost_of_both(c: char, slot: &Slot) -> f32 {
    if slot.best == c {
        0.0
    } else if is_form(c, slot.best) {
        NOISE
    } else {
        slot.ratio_of(c).max(UNLIKELY) / UNLIKELY * OTHER * slot.posterior
    }
}

fn cost_of_extra(slot: &Slot) -> f32 {
    if FORMS.contains(slot.best) || slot.posterior < CLEAR { NOISE } else { OTHER * slot.posterior }
}

/// Of the form's character `i` between the reading's `j - 1` and `j`.
fn cost_of_missing(unit: &Unit, row: &[&Slot], i: usize, j: usize) -> f32 {
    let neighbours = j.checked_sub(1).and_then(|before| row.get(before)).zip(row.get(j));
    match neighbours {
        None => LOST_AT_END,
        Some(_) if FORMS.contains(unit.chars[i]) => NOISE,
        Some((before, next)) if before.has_room_before(next) || !before.clear || !next.clear => LOST,
        // Two readings' ends, one after the other.
        Some((before, next)) if next.at < before.at => LOST,
        Some(_) => MISSING,
    }
}
