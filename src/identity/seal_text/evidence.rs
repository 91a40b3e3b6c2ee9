//! All readings of a seal → what they say for and against each character of a unit.

use super::LEAST_STRETCH;
use super::slots::{CERTAIN, Slot};
use super::stretch::{Aligned, Place, Stretch};
use super::unit::Unit;
use crate::identity::normalize::is_han;

/// The share of another character's posterior below which the unit's own must stay in every reading to be denied: a band
/// that cuts a character misreads it, and another band then reads it.
pub(super) const HARDLY: f32 = 0.1;
/// Posterior from which one other character where the unit's must stand denies the unit, and several together. Chosen on
/// 196 questions for units of similar names.
const DENIES: f32 = 0.6;
const DENY_TOGETHER: f32 = 1.2;
/// Forms of which a company may have had another before. 集团 and 分公司 are other units.
pub(super) const FORMS: &str = "有限责任公司股份";

/// What the readings say about one character of a unit.
#[derive(Clone, Copy, Default)]
pub(super) struct Evidence {
    /// Highest posterior of the unit's own character where it must stand.
    pub(super) own: f32,
    /// Highest posterior of another Chinese character there, where the characters on both sides agree.
    pub(super) within: f32,
    /// Where those on one side agree.
    pub(super) beside: f32,
    /// And where only the next but one does.
    pub(super) beyond: f32,
}

impl Evidence {
    /// For each character of the unit, over all rows that agree with a stretch of it.
    pub(super) fn of(unit: &Unit, rows: &[Vec<&Slot>]) -> Vec<Self> {
        let mut evidence = vec![Self::default(); unit.chars.len()];
        for row in rows {
            let stretch = Stretch::longest(unit, row);
            if stretch.matched.len() < LEAST_STRETCH {
                continue;
            }
            for Aligned { character, slot, place } in stretch.aligned(unit, row) {
                let (c, slot, seen) = (unit.chars[character], row[slot], &mut evidence[character]);
                let is_another_number = slot.is_another_number(c);
                if !is_another_number {
                    seen.own = seen.own.max(slot.posterior_of(c));
                }
                // The rest of a legal form around it says enough.
                let is_form = FORMS.contains(c) && (FORMS.contains(slot.best) || place.is_between());
                if slot.best == c || !is_han(slot.best) || is_form {
                    continue;
                }
                let posterior = if is_another_number { 1.0 } else { slot.posterior };
                let side = match place {
                    Place::Matched | Place::Within => &mut seen.within,
                    Place::Beside => &mut seen.beside,
                    Place::Beyond => &mut seen.beyond,
                };
                *side = side.max(posterior);
            }
        }
        evidence
    }

    pub(super) fn other(&self) -> f32 {
        self.within.max(self.beside).max(self.beyond)
    }

    /// Posterior of what is there instead of the unit's own character, which no reading shows.
    pub(super) fn against(&self, other: f32) -> f32 {
        if self.own < HARDLY * other { other } else { 0.0 }
    }

    /// True when something else is read where the unit's characters must stand. Between the words that many units share it
    /// must be certain: 推区站 is no other word, but a misread 推广站.
    pub(super) fn denies(unit: &Unit, all: &[Self]) -> bool {
        let is_denied = |(seen, &tells): (&Self, &bool)| {
            let least = if tells { DENIES } else { CERTAIN };
            seen.against(seen.within.max(seen.beside)) >= least
        };
        all.iter().zip(&unit.tells).any(is_denied)
            || all.iter().map(|seen| seen.against(seen.other())).sum::<f32>() >= DENY_TOGETHER
    }
}
