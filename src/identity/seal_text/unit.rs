//! A unit's name, ready to be compared with what was read: which of its characters tell it from others.

use super::slots::NUMERALS;
use super::stretch::Stretch;
use crate::identity::normalize::{Normalized, is_filler};
use crate::identity::unit_forms::{distinctive_characters, place_length};
use crate::identity::variants::Keyword;

/// Least share of the distinctive characters for an own seal (issue's rule: 60 %).
const OWN_RATIO: f32 = 0.6;
/// Legal forms may be written in full or in short: 有限公司 for 有限责任公司.
pub(super) const LEGAL: &str = "有限责任公司股份集团总分";
/// A unit without distinctive characters: this share of all of them must be read in one stretch, and nothing clear
/// may differ. All of them where they are fewer than [`LONG_NAME`].
const GENERIC_SHARE: f32 = 0.8;
/// Characters from which a name is long.
pub(super) const LONG_NAME: usize = 8;
/// From so many characters on the last one of a unit without distinctive characters may be missing.
const LEAST_BUT_LAST: usize = 5;

/// The comparable characters of what the user wrote.
pub(super) fn folded(source: &str) -> impl Iterator<Item = char> {
    let folded: Vec<char> = Normalized::new(source).chars().iter().copied().filter(|&c| !is_filler(c)).collect();
    folded.into_iter()
}

/// A unit's name, ready for comparison.
pub(super) struct Unit {
    pub(super) chars: Vec<char>,
    pub(super) distinctive: Vec<bool>,
    /// Those that are of no word that many units share; numbers and unknown places tell, too.
    pub(super) tells: Vec<bool>,
    /// True when no two of its characters tell it from others, so that all of them must.
    pub(super) generic: bool,
    /// True for a short form that other units' names may begin with.
    pub(super) short: bool,
}

/// Characters up to which an alias is a short form: 中建华远 begins the names of eight bureaus.
const SHORT_ALIAS: usize = 6;

impl Unit {
    pub(super) fn of(keyword: &Keyword) -> Self {
        let chars: Vec<char> = keyword.chars.iter().copied().filter(|&c| !matches!(c, '(' | ')')).collect();
        let mut distinctive = distinctive_characters(&chars);
        let tells = chars.iter().zip(&distinctive).map(|(&c, &d)| d || NUMERALS.contains(c)).collect();
        // 库尔台镇农业技术推广站: the town has other institutions.
        let mut region = 0;
        while let Some(rest) = chars.get(region..)
            && let length = place_length(rest)
            && length > 0
        {
            region += length;
        }
        distinctive.iter_mut().take(region).for_each(|d| *d = false);
        let generic = distinctive.iter().filter(|&&d| d).count() < 2;
        if generic {
            distinctive.fill(true);
        }
        Self { chars, distinctive, tells, generic, short: false }
    }

    /// The same, where the unit itself is called so.
    pub(super) fn called(self, unit: &str) -> Self {
        let short = self.chars.len() <= SHORT_ALIAS && !self.chars.iter().copied().eq(folded(unit));
        Self { short, ..self }
    }

    /// Number of characters before the legal form.
    pub(super) fn own_part(&self) -> usize {
        self.chars.iter().rposition(|c| !LEGAL.contains(*c)).map_or(self.chars.len(), |last| last + 1)
    }

    pub(super) fn weight(&self, matched: &[usize]) -> usize {
        matched.iter().filter(|&&i| self.distinctive[i]).count()
    }

    pub(super) fn total(&self) -> usize {
        self.distinctive.iter().filter(|&&d| d).count()
    }

    /// Whether characters are most of those before the legal form, and all that tell it from others but for one that is no number:
    /// 水电勘测设计院 is on the seals of many towns, 中建沙湖第 on those of many bureaus.
    pub(super) fn is_mostly(&self, matched: &[usize]) -> bool {
        let own = 0..self.own_part();
        let read = own.clone().filter(|i| matched.contains(i)).count();
        let unread: Vec<usize> = own.filter(|&i| self.tells[i] && !matched.contains(&i)).collect();
        read as f32 >= OWN_RATIO * self.own_part() as f32
            && unread.len() <= 1
            && unread.iter().all(|&i| !NUMERALS.contains(self.chars[i]))
    }

    /// Whether the characters of a stretch are enough.
    pub(super) fn is_enough(&self, stretch: &Stretch) -> bool {
        let (weight, matched) = (self.weight(&stretch.matched), stretch.matched.len());
        let is_long = self.chars.len() >= LONG_NAME;
        // 云杉县人民医 is the beginning of one name only.
        let is_all_but_last = stretch.matched.first() == Some(&0) && !stretch.has_gaps();
        if self.generic && is_all_but_last && matched >= LEAST_BUT_LAST && matched + 1 >= self.chars.len() {
            return true;
        }
        let share = match (self.generic, is_long) {
            (true, true) => GENERIC_SHARE,
            (true, false) => 1.0,
            (false, _) => OWN_RATIO,
        };
        weight as f32 >= share * self.total() as f32 - 1e-3
    }
}
