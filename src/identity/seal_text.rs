//! What was read off a seal → whether the seal is the applicant's unit's (or the applicant's own).
//!
//! A seal is rarely read whole: the ring is cut, crossed by text, or the reading began in the middle. So the unit is
//! aligned with the readings and the longest contiguous stretch counts, measured in distinctive characters:
//! region words and 有限公司 are on every other seal, too.

mod denial;
mod department;
mod evidence;
mod personal;
mod slots;
mod stretch;
mod unit;

use super::normalize::is_han;
use super::variants::{Doubt, Keyword, Script};
use super::{Identity, Kind};
use crate::ocr::lattice::Lattice;
use evidence::{Denial, Evidence};
pub(crate) use personal::NAME_SEAL_WORDS;
use personal::name_match;
use slots::{Slot, slots};
use stretch::Stretch;
use unit::{LEGAL, Unit, folded};

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
    /// True when it would be, were it not for one character that is read as another one which looks like it.
    pub one_alike: bool,
    /// True when something clearly read contradicts the keyword right beside the agreeing stretch.
    pub contradicted: bool,
    /// How much of the keyword was read.
    pub extent: Extent,
}

/// How much of a keyword was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// Less than most of it.
    Part,
    /// Most of it, with all that tells it from others but for one character that is no number.
    Most,
    /// All but a company's legal form and one character before that, so that no unread part tells it from others.
    Whole,
}

/// Characters that must agree in one stretch: two stand in every other name.
const LEAST_STRETCH: usize = 3;
/// And when characters are missing in it.
const LEAST_WITH_GAPS: usize = 4;

impl Identity {
    /// The keyword that agrees best with a seal's readings (outer arc, inner arc, centre line, in any order and
    /// direction-corrected); `None` when nothing agrees. Readings are also tried one after the other, because a ring
    /// may have been cut anywhere.
    pub fn match_seal_text(&self, readings: &[Lattice]) -> Option<SealMatch> {
        let rows = self.rows(readings);
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
        let usable = |k: &&Keyword| match k.kind {
            Kind::Unit => is_full_unit(k),
            Kind::Name => k.script == Script::Han && k.doubt == Doubt::None,
        };
        let mut best: Option<SealMatch> = None;
        for keyword in self.keywords.iter().filter(usable) {
            let unit = Unit::of(keyword).called(&self.applicant.unit);
            let denial = match keyword.kind {
                Kind::Unit => Evidence::denial(&unit, &Evidence::of(&unit, &joined)),
                Kind::Name => Denial::None,
            };
            for row in &joined {
                let found = match keyword.kind {
                    Kind::Unit => unit_match(keyword, &unit, row),
                    Kind::Name => name_match(keyword, row),
                };
                let found = found.map(|found| SealMatch {
                    own: found.own && denial == Denial::None,
                    one_alike: found.own && denial == Denial::OneAlike && found.extent == Extent::Whole && !unit.short,
                    ..found
                });
                if let Some(found) = found
                    && best.as_ref().is_none_or(|b| rank(&found) > rank(b))
                {
                    best = Some(found);
                }
            }
        }
        best
    }

    /// True when readings of one arc, each of all of it, show that it says none of the unit's names: whole, clear, and
    /// other characters than any of them has. Erring is a leak, so what is unsure is not denied.
    pub fn denies_seal_text(&self, readings: &[Lattice]) -> bool {
        let rows = self.rows(readings);
        let unit: String = folded(&self.applicant.unit).collect();
        // A run of the full name says no more than the name, which is what a seal has.
        let is_run = |k: &Keyword| k.chars.len() < unit.chars().count() && unit.contains(&k.text());
        let mut units = self.keywords.iter().filter(|k| is_full_unit(k) && !is_run(k)).peekable();
        units.peek().is_some() && units.all(|keyword| denial::is_denied(&Unit::of(keyword), &rows))
    }

    fn rows(&self, readings: &[Lattice]) -> Vec<Vec<Slot>> {
        let rows = readings.iter().enumerate().map(|(index, lattice)| {
            let symbols = self.symbols(lattice.alphabet());
            slots(lattice, index, |symbol| symbols.character(&self.columns, symbol))
        });
        rows.filter(|row| !row.is_empty()).collect()
    }
}

/// True for what the user wrote of a unit, not a short form of it: a stretch of the full name says more.
fn is_full_unit(keyword: &Keyword) -> bool {
    keyword.kind == Kind::Unit
        && keyword.script == Script::Han
        && keyword.chars.iter().copied().eq(folded(&keyword.source))
}

fn rank(found: &SealMatch) -> (bool, bool, u32, usize) {
    (found.own, found.one_alike, (found.ratio * 1000.0) as u32, found.read.chars().count())
}

/// The longest stretch of the row that agrees with a stretch of the unit.
fn unit_match(keyword: &Keyword, unit: &Unit, row: &[&Slot]) -> Option<SealMatch> {
    let longest = Stretch::longest(unit, row);
    let (&first, &last) = (longest.matched.first()?, longest.matched.last()?);
    let weight = unit.weight(&longest.matched);
    if weight == 0 {
        return None;
    }
    let is_all = longest.matched.len() == unit.chars.len() && !longest.has_gaps();
    let rest = row[longest.to..].windows(2).take_while(|pair| pair[1].is_beside(pair[0]) && pair[1].at > pair[0].at);
    let rest: String = rest.map(|pair| pair[1].best).collect();
    let ends_in_department = is_all && department::is_own(&rest);
    // Beside the stretch: a character that the unit does not have there, where the unit goes on.
    let differs = |unit_index: Option<usize>, row_index: Option<usize>| {
        let slot = row_index.and_then(|i| row.get(i)).filter(|slot| is_han(slot.best))?;
        let is_other = match unit_index.and_then(|i| unit.chars.get(i)) {
            Some(&c) => !(slot.may_be(c) || LEGAL.contains(c) && LEGAL.contains(slot.best)),
            // A generic unit (新疆大学) goes on into another one (新疆大学附属中学), but for its own department's.
            None => (unit.generic || unit.short) && unit_index.is_some() && !ends_in_department,
        };
        is_other.then_some((slot.clear, slot.certain))
    };
    let tells =
        |unit_index: Option<usize>| unit_index.is_some_and(|i| unit.distinctive.get(i).copied().unwrap_or(true));
    // What does not tell one unit from another, or is not clear, contradicts when the character beyond it does, too.
    let contradicts = |places: [(Option<usize>, Option<usize>); 2]| {
        let [near, far] = places;
        match (differs(near.0, near.1), differs(far.0, far.1)) {
            (Some((_, true)), _) => true,
            (Some((true, _)), _) if tells(near.0) => true,
            (Some((near_clear, _)), Some((far_clear, _))) => near_clear || far_clear,
            _ => false,
        }
    };
    let before = |by: usize| (first.checked_sub(by), longest.from.checked_sub(by));
    let after = |by: usize| (Some(last + 1 + by), Some(longest.to + 1 + by));
    let contradicted = contradicts([before(1), before(2)]) || contradicts([after(0), after(1)]);
    let least = if longest.has_gaps() { LEAST_WITH_GAPS } else { LEAST_STRETCH.min(unit.chars.len()) };
    Some(SealMatch {
        kind: Kind::Unit,
        keyword: keyword.source.clone(),
        ratio: weight as f32 / unit.total() as f32,
        read: row[longest.from..=longest.to].iter().map(|slot| slot.best).collect(),
        one_alike: false,
        own: unit.is_enough(&longest) && longest.matched.len() >= least && !contradicted,
        contradicted,
        extent: if (1..unit.own_part()).all(|i| longest.matched.contains(&(i - 1))) {
            Extent::Whole
        } else if unit.is_mostly(&longest.matched) {
            Extent::Most
        } else {
            Extent::Part
        },
    })
}
