//! A seal's readings + the applicant → whose seal it is. Errs towards a person's look: only what is clearly read as
//! something else is somebody else's.

use super::Seal;
use super::read::{SealPart, SealReading, is_han};
use crate::identity::{Identity, Kind, SealMatch};
use crate::ocr::lattice::Lattice;

/// Whose a seal is.
#[derive(Debug, Clone, PartialEq)]
pub enum Ownership {
    /// The applicant's work unit's.
    Own(SealMatch),
    /// A personal seal with the applicant's name.
    PersonalNameOfApplicant(SealMatch),
    /// Clearly read, and somebody else's.
    Other,
    /// Cannot be told: nothing or too little was read, or it agrees in part. The best agreement, if any.
    Unreadable(Option<SealMatch>),
}

/// Posterior from which a character counts as clearly read.
const CLEAR: f32 = 0.75;
/// Clear characters of the lettering that are not the unit's own which make it somebody else's: an own seal's worst
/// misreadings are single characters.
const FOREIGN: usize = 3;
/// A share of the unit read in one stretch that leaves a doubt, even when other characters are read.
const DOUBTFUL: f32 = 0.45;
/// Characters of a unit that must be among those read for a seal to be its own, and of a name. On the sample seals two of
/// a unit would leave 23 of 29 own ones known.
const LEAST_OF_UNIT: usize = 1;
const LEAST_OF_NAME: usize = 2;

/// True when enough of the keyword's own characters were the best reading: a short stretch of likely characters
/// fits the smudges of any stamp.
fn is_enough(found: &SealMatch) -> bool {
    let least = match found.kind {
        Kind::Unit => LEAST_OF_UNIT,
        Kind::Name => LEAST_OF_NAME,
    };
    found.read.chars().filter(|&c| found.keyword.contains(c)).count() >= least.min(found.keyword.chars().count())
}

/// How well the readings agree with the applicant's data.
fn agreement(readings: &[SealReading], identity: &Identity) -> Option<SealMatch> {
    let lattices: Vec<Lattice> =
        readings.iter().filter(|r| r.part != SealPart::Code).map(|r| r.lattice.clone()).collect();
    identity.match_seal_text(&lattices)
}

/// Whether an agreement makes a seal the applicant's or the unit's.
fn decides(found: &SealMatch) -> bool {
    (found.own && is_enough(found)) || is_name_but_for_one(found)
}

/// True when these readings alone show that the seal is the unit's own.
pub(super) fn is_own(readings: &[SealReading], identity: &Identity) -> bool {
    agreement(readings, identity).is_some_and(|found| found.kind == Kind::Unit && decides(&found))
}

impl Seal {
    /// Whose it is.
    pub fn ownership(&self, identity: &Identity) -> Ownership {
        let agreement = agreement(&self.readings, identity);
        if let Some(found) = agreement.as_ref().filter(|found| decides(found)) {
            return match found.kind {
                Kind::Unit => Ownership::Own(found.clone()),
                Kind::Name => Ownership::PersonalNameOfApplicant(found.clone()),
            };
        }
        let doubtful = agreement
            .as_ref()
            .is_some_and(|found| found.ratio >= DOUBTFUL && found.read.chars().count() >= 3 && !found.contradicted);
        if !doubtful && self.is_foreign(identity) { Ownership::Other } else { Ownership::Unreadable(agreement) }
    }

    /// True when the lettering holds enough clear characters that are none of the applicant's.
    fn is_foreign(&self, identity: &Identity) -> bool {
        let applicant = identity.applicant();
        let own: Vec<char> = [&applicant.name, &applicant.unit]
            .into_iter()
            .chain(&applicant.aliases)
            .chain(&applicant.former_units)
            .flat_map(|text| text.chars())
            .collect();
        // A part that was read in several ways was hard to read: only what two of them have in common counts.
        let confirmed = |part: SealPart, index: usize, c: char| {
            let mut others = self.readings.iter().enumerate().filter(|(i, r)| *i != index && r.part == part).peekable();
            part != SealPart::Outer || others.peek().is_none() || others.any(|(_, r)| r.text.contains(c))
        };
        let strange = |index: usize| {
            let SealReading { part, lattice, .. } = &self.readings[index];
            let path = lattice.best_path();
            let clear: Vec<char> = path
                .iter()
                .filter(|read| read.score >= CLEAR)
                .filter_map(|read| lattice.alphabet().text(read.symbol).chars().next())
                .filter(|&c| is_han(c))
                .collect();
            let foreign = clear.iter().filter(|&&c| !own.contains(&c) && confirmed(*part, index, c)).count();
            (foreign, clear.len())
        };
        // Lettering that names a seal's use, and not whose it is, says nothing.
        (0..self.readings.len()).any(|index| {
            let r = &self.readings[index];
            if r.part == SealPart::Code || names_a_use(&r.text) {
                return false;
            }
            let (foreign, clear) = strange(index);
            let personal = self.is_personal() && foreign >= 2;
            personal || (foreign >= FOREIGN && 2 * foreign >= clear)
        })
    }

    /// True for a seal too small for an official one, that holds a name.
    fn is_personal(&self) -> bool {
        self.readings.iter().any(|r| r.text.contains('印'))
            && self.readings.iter().all(|r| r.text.chars().filter(|&c| is_han(c)).count() <= 5)
    }
}

/// A personal seal that agrees but for one character of which the applicant's was the model's next choice.
fn is_name_but_for_one(found: &SealMatch) -> bool {
    let exact = found.keyword.chars().filter(|&c| found.read.contains(c)).count();
    found.kind == Kind::Name && found.ratio >= 1.0 && exact >= 2 && exact + 1 >= found.keyword.chars().count()
}

/// 合同专用章, 财务专用章 and the like: what a seal is for.
fn names_a_use(text: &str) -> bool {
    let han: String = text.chars().filter(|&c| is_han(c)).collect();
    han.chars().count() <= 8 && ["专用", "用章", "财务", "合同", "发票", "业务"].iter().any(|word| han.contains(word))
}
