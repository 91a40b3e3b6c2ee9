//! The search's thresholds, and whether a reading that differs may still be the keyword.

#[cfg(doc)]
use super::Identity;
use super::normalize::is_han;
use super::spot::Spotting;
use super::variants::{Keyword, Script};

/// Thresholds of the search: log-likelihood ratios in nats per character.
///
/// Chosen on 640 rendered lines (five typefaces; clean, half resolution, blurred, faint, noisy, JPEG 15, skewed,
/// hard photocopy) with 125 names, each line also asked for the 124 other names, tiny model at half width. On the
/// seven kinds that a person can read (560 lines) the true name was the best reading in 96 % and otherwise at
/// −0.1 to −1.4 per character with its worst character at −4.2 or better. A clearly read other name that shares the
/// surname and a similar glyph (张炜 for 张伟, 王小朋 for 王小明, 罗玉风 for 罗玉凤) was at −2.4 to −4 per
/// character with its worst character at −6 or less. In blurred and noisy print a decoy came as near as −0.04
/// (佘男 for 余男), hence a name of few characters that is read otherwise is never certain.
#[derive(Debug, Clone, Copy)]
pub struct SearchParams {
    /// Least mean ratio of a match in Chinese characters.
    pub loose: f32,
    /// Least ratio of every single character of a match.
    pub worst: f32,
    /// The same for keywords of five characters and more, of which one may be under a stamp.
    pub worst_of_long: f32,
    /// Least mean ratio of a long keyword that needs no look although the best reading differs.
    pub certain: f32,
    /// Least ratio of every single character of such a match.
    pub certain_worst: f32,
    /// Least mean ratio of a match in letters: there are only 26, so that chance hits come easier.
    pub loose_letters: f32,
    /// Least mean ratio at which a line is worth a careful reading ([`Identity::parts_that_matter`]).
    pub matters: f32,
}

impl Default for SearchParams {
    fn default() -> Self {
        Self {
            loose: -4.0,
            worst: -6.0,
            worst_of_long: -10.0,
            certain: -0.8,
            certain_worst: -4.0,
            loose_letters: -1.5,
            matters: -7.0,
        }
    }
}

/// From this many characters on a keyword is known by most of them.
pub(crate) const LONG: usize = 5;

/// Log-likelihood ratio of reading over a character between two of a short keyword's, below which it is surely there.
/// The one doubled character among the 640 lines (佘余男 for 佘男) was at −0.2.
const CLEAR_INSERTION: f32 = -2.0;

/// How a reading that is not the keyword compares with it.
pub(crate) struct Fit {
    length: usize,
    read: usize,
    same: usize,
    script: Script,
    all_han: bool,
}

impl Fit {
    pub(crate) fn new(keyword: &Keyword, folded: &[char]) -> Self {
        let mut rest = folded.iter();
        let in_order = keyword.chars.iter().filter(|&c| {
            let ahead = rest.clone().position(|r| r == c);
            if let Some(ahead) = ahead {
                rest.nth(ahead);
            }
            ahead.is_some()
        });
        let same = in_order.count();
        Self {
            length: keyword.chars.len(),
            read: folded.len(),
            same,
            script: keyword.script,
            all_han: folded.iter().all(|&c| is_han(c)),
        }
    }

    /// Keyword characters that were read as they are, in order.
    pub(crate) fn same(&self) -> usize {
        self.same
    }

    /// Something clearly read between the keyword's characters makes it another text (张大伟, 张，伟), and a
    /// posterior spread thin over an illegible place fits every name; so something must be read as it is.
    pub(crate) fn is_plausible(&self, spotting: &Spotting) -> bool {
        if self.length < LONG && self.read > self.length && spotting.worst < CLEAR_INSERTION {
            return false;
        }
        match self.script {
            Script::Latin => 5 * self.same >= 4 * self.length,
            Script::Han if self.length >= LONG => 2 * self.same >= self.length,
            Script::Han if self.same == 0 => self.read == self.length && self.all_han && spotting.per_character > -1.0,
            Script::Han => self.read.abs_diff(self.length) <= 1,
        }
    }

    pub(crate) fn is_certain(&self, spotting: &Spotting, params: &SearchParams) -> bool {
        self.length >= LONG
            && 4 * self.same >= 3 * self.length
            && self.read == self.length
            && spotting.per_character >= params.certain
            && spotting.worst >= params.certain_worst
    }
}
