//! A unit and a row of places → the longest stretch of the one that agrees with a stretch of the other.

use super::slots::Slot;
use super::unit::{LONG_NAME, Unit};

/// A stretch of a unit that agrees with a stretch of a row.
#[derive(Default)]
pub(super) struct Stretch {
    /// Indices of the agreeing characters in the unit.
    pub(super) matched: Vec<usize>,
    /// Their places in the row.
    pub(super) places: Vec<usize>,
    /// The first and the last place in the row.
    pub(super) from: usize,
    pub(super) to: usize,
}

/// Gaps that a stretch may have, by the unit's length: single characters that were lost.
fn gaps_allowed(unit: &Unit) -> usize {
    if unit.chars.len() >= LONG_NAME { 2 } else { 1 }
}

impl Stretch {
    /// The stretch with the most distinctive characters, then with the most of all. Between its characters single ones
    /// may be missing where there is room for them, or read unclearly.
    pub(super) fn longest(unit: &Unit, row: &[&Slot]) -> Self {
        let gaps = gaps_allowed(unit);
        let columns = row.len();
        // The best way to end at a pair of places with so many gaps: size and the pair before.
        let index = |i: usize, a: usize, g: usize| (i * columns + a) * (gaps + 1) + g;
        let mut ways: Vec<Option<Way>> = vec![None; unit.chars.len() * columns * (gaps + 1)];
        let mut best: Option<(usize, usize, usize)> = None;
        for i in 0..unit.chars.len() {
            for a in 0..columns {
                if !(row[a].may_be(unit.chars[i]) || row[a].looks_like(unit.chars[i])) {
                    continue;
                }
                let own = (usize::from(unit.distinctive[i]), 1);
                for g in 0..=gaps {
                    let start = (g == 0).then_some(Way { size: own, before: None });
                    let from = |di: usize, da: usize, used: usize| {
                        let before = (i.checked_sub(di)?, a.checked_sub(da)?, g.checked_sub(used)?);
                        let way = ways[index(before.0, before.1, before.2)]?;
                        Some(Way { size: (way.size.0 + own.0, way.size.1 + 1), before: Some(before) })
                    };
                    let unclear = a > 0 && !row[a - 1].is_clear_han();
                    let room = a > 0 && row[a - 1].has_room_before(row[a]);
                    let way = [
                        start,
                        from(1, 1, 0),
                        from(2, 2, 1).filter(|_| unclear),
                        from(2, 1, 1).filter(|_| room),
                        from(1, 2, 1).filter(|_| unclear),
                    ];
                    let way = way.into_iter().flatten().max_by_key(|way| way.size);
                    ways[index(i, a, g)] = way;
                    let is_better =
                        |way: &Way| best.is_none_or(|(i, a, g)| ways[index(i, a, g)].is_none_or(|b| way.size > b.size));
                    if way.as_ref().is_some_and(is_better) {
                        best = Some((i, a, g));
                    }
                }
            }
        }
        let mut stretch = Self::default();
        let mut at = best;
        stretch.to = best.map_or(0, |(_, a, _)| a);
        while let Some((i, a, g)) = at {
            stretch.matched.push(i);
            stretch.places.push(a);
            stretch.from = a;
            at = ways[index(i, a, g)].and_then(|way| way.before);
        }
        stretch.matched.reverse();
        stretch.places.reverse();
        stretch
    }

    /// Where in the row each character of the unit must stand: those of the stretch, those passed over within it, and
    /// up to two beside it at either end.
    pub(super) fn aligned(&self, unit: &Unit, row: &[&Slot]) -> Vec<Aligned> {
        let of = |place: Place| move |(i, a): (usize, usize)| Aligned { character: i, slot: a, place };
        let pairs: Vec<(usize, usize)> = self.matched.iter().copied().zip(self.places.iter().copied()).collect();
        let passed = pairs
            .windows(2)
            .filter(|pair| pair[1].0 == pair[0].0 + 2 && pair[1].1 == pair[0].1 + 2)
            .map(|pair| (pair[0].0 + 1, pair[0].1 + 1));
        let mut aligned: Vec<Aligned> = passed.map(of(Place::Within)).collect();
        for (&(i, a), onwards) in pairs.first().map(|p| (p, false)).into_iter().chain(pairs.last().map(|p| (p, true))) {
            let at = |by: usize| {
                let step = |from: usize| if onwards { Some(from + by) } else { from.checked_sub(by) };
                step(i).zip(step(a)).filter(|&(i, a)| i < unit.chars.len() && a < row.len())
            };
            let is_next =
                |by: usize| at(by).zip(at(by - 1)).is_some_and(|((_, next), (_, here))| row[next].is_beside(row[here]));
            let near = is_next(1);
            // 工程包限公司: one character misread, and the next agrees again.
            let again = near && at(2).is_some_and(|(i, a)| row[a].may_be(unit.chars[i]));
            aligned.extend(at(1).filter(|_| near).map(of(if again { Place::Within } else { Place::Beside })));
            aligned.extend(at(2).filter(|_| near && is_next(2)).map(of(Place::Beyond)));
        }
        aligned.extend(pairs.into_iter().map(of(Place::Matched)));
        aligned
    }

    /// True when characters of the unit or of the row lie between its own.
    pub(super) fn has_gaps(&self) -> bool {
        let span = self.matched.last().zip(self.matched.first()).map_or(0, |(last, first)| last - first + 1);
        self.matched.len() < span.max(self.to - self.from + 1)
    }
}

/// How a character of the unit lies to a stretch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Matched,
    /// Passed over between two that agree.
    Within,
    /// Next to its first or last one.
    Beside,
    /// Next but one.
    Beyond,
}

impl Place {
    /// True when the unit's characters on both sides agree, too.
    pub(super) fn is_between(self) -> bool {
        matches!(self, Self::Matched | Self::Within)
    }
}

/// A character of the unit and the slot of the row where it must stand.
pub(super) struct Aligned {
    pub(super) character: usize,
    pub(super) slot: usize,
    pub(super) place: Place,
}

/// One way to come to a pair of places.
#[derive(Clone, Copy)]
struct Way {
    /// Distinctive characters and all characters.
    size: (usize, usize),
    before: Option<(usize, usize, usize)>,
}
