//! All readings of a seal → what they say for and against each character of a unit.

use super::LEAST_STRETCH;
use super::slots::{CERTAIN, LOOKS_LIKE, Slot};
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
/// Log-likelihood ratio of a unit's own character below which no reading thinks of it, however unclear what is there. Of 230 own seals
/// none that was known had such a character that tells the unit from others.
const UNTHINKABLE: f32 = -10.0;
/// Forms of which a company may have had another before. 集团 and 分公司 are other units.
pub(super) const FORMS: &str = "有限责任公司股份";

/// What the readings say about one character of a unit.
#[derive(Clone, Copy)]
pub(super) struct Evidence {
    /// Highest posterior of the unit's own character where it must stand.
    pub(super) own: f32,
    /// Highest log-likelihood ratio of the unit's own character where it must stand.
    pub(super) ratio: f32,
    /// Highest posterior of another Chinese character there, where the characters on both sides agree.
    pub(super) within: f32,
    /// Where those on one side agree.
    pub(super) beside: f32,
    /// And where only the next but one does.
    pub(super) beyond: f32,
}

impl Evidence {
    fn none() -> Self {
        Self { own: 0.0, ratio: f32::MIN, within: 0.0, beside: 0.0, beyond: 0.0 }
    }

    /// For each character of the unit, over all rows that agree with a stretch of it.
    pub(super) fn of(unit: &Unit, rows: &[Vec<&Slot>]) -> Vec<Self> {
        let mut evidence = vec![Self::none(); unit.chars.len()];
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
                    seen.ratio = seen.ratio.max(if slot.best == c { 0.0 } else { slot.ratio_of(c) });
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

    /// Whether something else is read where the unit's characters must stand. Between the words that many units share it
    /// must be certain: 推区站 is no other word, but a misread 推广站.
    pub(super) fn denial(unit: &Unit, all: &[Self]) -> Denial {
        let is_denied = |i: usize| {
            let (seen, tells) = (&all[i], unit.tells[i]);
            let nearest = seen.within.max(seen.beside);
            let is_unthinkable = tells && nearest > 0.0 && seen.ratio < UNTHINKABLE;
            is_unthinkable || seen.against(nearest) >= if tells { DENIES } else { CERTAIN }
        };
        let denied = |without: Option<usize>| {
            let others = || (0..all.len()).filter(move |&i| Some(i) != without);
            let together: f32 = others().map(|i| all[i].against(all[i].other())).sum();
            others().any(is_denied) || together >= if without.is_some() { DENIES } else { DENY_TOGETHER }
        };
        // All else that tells the unit from others is read as such.
        let is_read = |i: usize| !unit.tells[i] || all[i].ratio >= 0.0;
        let is_alone = |i: usize| (0..all.len()).all(|other| other == i || is_read(other));
        let is_alike = |&i: &usize| all[i].within > 0.0 && all[i].ratio > LOOKS_LIKE && is_alone(i);
        if !denied(None) {
            Denial::None
        } else if (1..all.len().saturating_sub(1)).filter(is_alike).any(|i| !denied(Some(i))) {
            Denial::OneAlike
        } else {
            Denial::Denied
        }
    }
}

/// What stands against a unit's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Denial {
    None,
    /// One character between agreeing ones, which looks like the unit's own.
    OneAlike,
    Denied,
}
