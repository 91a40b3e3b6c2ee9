//! A reading of a seal → its places, each with what may stand there.

use crate::identity::normalize::{is_filler, is_han};
use crate::identity::reading::read;
use crate::ocr::lattice::{FLOOR, Lattice, Symbol};

/// Log-likelihood ratio above which a character counts as possibly read: seals are noisier than print.
const POSSIBLE: f32 = -6.0;
/// And above which the character looks like the one that is clearly read. Of 14 characters of own seals that were clearly read as another
/// one between agreeing neighbours 11 were above it; of 105 of units that differ in one character three, 准 for 淮 and 水 for 永, and of those that
/// differ in meaning (山 for 川, 北 for 南) all were below -9.
pub(super) const LOOKS_LIKE: f32 = -6.5;
/// Posterior from which a reading is clear enough to contradict.
pub(super) const CLEAR: f32 = 0.8;
/// Posterior from which it can be nothing else, and contradicts even where many units have the same: 石油 is not 石化.
pub(super) const CERTAIN: f32 = 0.9;
/// What tells 第一中学 from 第二中学: must be the best reading.
pub(super) const NUMERALS: &str = "一二三四五六七八九十";
/// A character is missing where the next one stands this many usual distances away.
const ROOM: f32 = 1.55;
/// And more than one from this many on.
const LOST: f32 = 2.5;

/// One place of a reading with what may stand there.
pub(super) struct Slot {
    pub(super) best: char,
    pub(super) clear: bool,
    /// A Chinese character that is nothing else.
    pub(super) certain: bool,
    /// Posterior of `best`.
    pub(super) posterior: f32,
    /// The keywords' characters that the model thought of here, with their log-likelihood ratio to the best.
    pub(super) possible: Vec<(char, f32)>,
    /// Middle of its frames.
    pub(super) at: f32,
    /// Usual distance of neighbours in its reading, frames.
    pub(super) pitch: f32,
    /// Which reading it is from.
    pub(super) reading: usize,
}

impl Slot {
    pub(super) fn may_be(&self, c: char) -> bool {
        let is_another_number = self.is_another_number(c);
        self.best == c || (!self.certain && self.ratio_of(c) > POSSIBLE && !is_another_number)
    }

    /// True when what is read here looks like `c`, for which worn strokes are taken: 本 for 木.
    pub(super) fn looks_like(&self, c: char) -> bool {
        self.best != c && self.ratio_of(c) > LOOKS_LIKE && !self.is_another_number(c)
    }

    /// True when the other number is read here.
    pub(super) fn is_another_number(&self, c: char) -> bool {
        NUMERALS.contains(c) && self.best != c && NUMERALS.contains(self.best)
    }

    /// Posterior of a character here.
    pub(super) fn posterior_of(&self, c: char) -> f32 {
        let ratio = if self.best == c { 0.0 } else { self.ratio_of(c) };
        self.posterior * ratio.exp()
    }

    pub(super) fn ratio_of(&self, c: char) -> f32 {
        self.possible.iter().find(|&&(p, _)| p == c).map_or(FLOOR, |&(_, ratio)| ratio)
    }

    /// True for a clearly read Chinese character.
    pub(super) fn is_clear_han(&self) -> bool {
        self.clear && is_han(self.best)
    }

    /// True when nothing of any length was lost between this one and its neighbour. One lost character may be: where it was
    /// the unit's, the stretch would go on past it, and rows of a rectangle stand that far apart.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        self.reading == other.reading && (self.at - other.at).abs() < LOST * self.pitch
    }

    /// True when a character fits between this one and the next.
    pub(super) fn has_room_before(&self, next: &Self) -> bool {
        self.reading == next.reading && next.at - self.at >= ROOM * self.pitch
    }
}

/// `wanted` tells which of the keywords' characters a symbol is.
pub(super) fn slots(lattice: &Lattice, reading: usize, wanted: impl Fn(Symbol) -> Option<char>) -> Vec<Slot> {
    let mut slots: Vec<Slot> = read(lattice)
        .into_iter()
        .filter(|c| !is_filler(c.folded) && c.folded.is_alphanumeric())
        .map(|c| {
            let mut possible: Vec<(char, f32)> = Vec::new();
            for t in c.frames.clone() {
                for &(symbol, value) in lattice.frame(t) {
                    if let Some(folded) = wanted(symbol) {
                        match possible.iter_mut().find(|(p, _)| *p == folded) {
                            Some((_, ratio)) => *ratio = ratio.max(value),
                            None => possible.push((folded, value)),
                        }
                    }
                }
            }
            Slot {
                best: c.folded,
                clear: c.posterior >= CLEAR,
                certain: c.posterior >= CERTAIN && is_han(c.folded),
                posterior: c.posterior,
                possible,
                at: c.peak(),
                pitch: f32::MAX,
                reading,
            }
        })
        .collect();
    let mut distances: Vec<f32> = slots.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    distances.sort_by(f32::total_cmp);
    if let Some(&pitch) = distances.get(distances.len() / 2) {
        for slot in &mut slots {
            slot.pitch = pitch;
        }
    }
    slots
}
