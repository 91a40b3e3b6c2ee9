//! What was read off a seal → whether the seal is the applicant's unit's (or the applicant's own).
//!
//! A seal is rarely read whole: the ring is cut, crossed by text, or the reading began in the middle. So the unit is
//! aligned with the readings and the longest contiguous stretch counts, measured in distinctive characters:
//! region words and 有限公司 are on every other seal, too.

mod denial;
mod department;

use super::normalize::{Normalized, fold, is_filler, is_han};
use super::reading::read;
use super::unit_forms::{distinctive_characters, place_length};
use super::variants::{Doubt, Keyword, Script};
use super::{Identity, Kind};
use crate::ocr::lattice::{FLOOR, Lattice};

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
    /// True when all of the keyword was read but for a company's legal form and one character before that, so that no
    /// unread part tells it from others.
    pub whole: bool,
}

/// Least share of the distinctive characters for an own seal (issue's rule: 60 %).
const OWN_RATIO: f32 = 0.6;
/// Log-likelihood ratio above which a character counts as possibly read: seals are noisier than print.
const POSSIBLE: f32 = -6.0;
/// Posterior from which a reading is clear enough to contradict.
const CLEAR: f32 = 0.8;
/// Posterior from which it can be nothing else, and contradicts even where many units have the same: 石油 is not 石化.
const CERTAIN: f32 = 0.9;

/// Legal forms may be written in full or in short: 有限公司 for 有限责任公司.
const LEGAL: &str = "有限责任公司股份集团总分";
/// What tells 第一中学 from 第二中学: must be the best reading.
const NUMERALS: &str = "一二三四五六七八九十";
/// A unit without distinctive characters: this share of all of them must be read in one stretch, and nothing clear
/// may differ. All of them where they are fewer than [`LONG_NAME`].
const GENERIC_SHARE: f32 = 0.8;
/// Characters from which a name is long.
const LONG_NAME: usize = 8;
/// Characters that must agree in one stretch: two stand in every other name.
const LEAST_STRETCH: usize = 3;
/// And when characters are missing in it.
const LEAST_WITH_GAPS: usize = 4;
/// From so many characters on the last one of a unit without distinctive characters may be missing.
const LEAST_BUT_LAST: usize = 5;
/// A character is missing where the next one stands this many usual distances away.
const ROOM: f32 = 1.55;
/// And more than one from this many on.
const LOST: f32 = 2.5;

/// One place of a reading with what may stand there.
struct Slot {
    best: char,
    clear: bool,
    /// A Chinese character that is nothing else.
    certain: bool,
    /// Posterior of `best`.
    posterior: f32,
    /// The keywords' characters that the model thought of here, with their log-likelihood ratio to the best.
    possible: Vec<(char, f32)>,
    /// Middle of its frames.
    at: f32,
    /// Usual distance of neighbours in its reading, frames.
    pitch: f32,
    /// Which reading it is from.
    reading: usize,
}

impl Slot {
    fn may_be(&self, c: char) -> bool {
        let is_another_number = self.is_another_number(c);
        self.best == c || (!self.certain && self.ratio_of(c) > POSSIBLE && !is_another_number)
    }

    /// True when the other number is read here.
    fn is_another_number(&self, c: char) -> bool {
        NUMERALS.contains(c) && self.best != c && NUMERALS.contains(self.best)
    }

    /// Posterior of a character here.
    fn posterior_of(&self, c: char) -> f32 {
        let ratio = if self.best == c { 0.0 } else { self.ratio_of(c) };
        self.posterior * ratio.exp()
    }

    fn ratio_of(&self, c: char) -> f32 {
        self.possible.iter().find(|&&(p, _)| p == c).map_or(FLOOR, |&(_, ratio)| ratio)
    }

    /// True for a clearly read Chinese character.
    fn is_clear_han(&self) -> bool {
        self.clear && is_han(self.best)
    }

    /// True when nothing of any length was lost between this one and its neighbour. One lost character may be: where it was
    /// the unit's, the stretch would go on past it, and rows of a rectangle stand that far apart.
    fn is_beside(&self, other: &Self) -> bool {
        self.reading == other.reading && (self.at - other.at).abs() < LOST * self.pitch
    }

    /// True when a character fits between this one and the next.
    fn has_room_before(&self, next: &Self) -> bool {
        self.reading == next.reading && next.at - self.at >= ROOM * self.pitch
    }
}

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
            let is_denied = keyword.kind == Kind::Unit && Evidence::denies(&unit, &Evidence::of(&unit, &joined));
            for row in &joined {
                let found = match keyword.kind {
                    Kind::Unit => unit_match(keyword, &unit, row),
                    Kind::Name => name_match(keyword, row),
                };
                let found = found.map(|found| SealMatch { own: found.own && !is_denied, ..found });
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
        let wanted: Vec<char> = self.keywords.iter().flat_map(|k| k.chars.iter().copied()).collect();
        let rows = readings.iter().enumerate().map(|(index, lattice)| slots(lattice, index, &wanted));
        rows.filter(|row| !row.is_empty()).collect()
    }
}

/// True for what the user wrote of a unit, not a short form of it: a stretch of the full name says more.
fn is_full_unit(keyword: &Keyword) -> bool {
    keyword.kind == Kind::Unit
        && keyword.script == Script::Han
        && keyword.chars.iter().copied().eq(folded(&keyword.source))
}

/// The comparable characters of what the user wrote.
fn folded(source: &str) -> impl Iterator<Item = char> {
    let folded: Vec<char> = Normalized::new(source).chars().iter().copied().filter(|&c| !is_filler(c)).collect();
    folded.into_iter()
}

fn rank(found: &SealMatch) -> (bool, u32, usize) {
    (found.own, (found.ratio * 1000.0) as u32, found.read.chars().count())
}

fn slots(lattice: &Lattice, reading: usize, wanted: &[char]) -> Vec<Slot> {
    let alphabet = lattice.alphabet();
    let mut slots: Vec<Slot> = read(lattice)
        .into_iter()
        .filter(|c| !is_filler(c.folded) && c.folded.is_alphanumeric())
        .map(|c| {
            let mut possible: Vec<(char, f32)> = Vec::new();
            for t in c.frames.clone() {
                for &(symbol, value) in lattice.frame(t) {
                    if let Some(folded) = alphabet.text(symbol).chars().next().and_then(|c| fold(c).next())
                        && wanted.contains(&folded)
                    {
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

/// A unit's name, ready for comparison.
struct Unit {
    chars: Vec<char>,
    distinctive: Vec<bool>,
    /// Those that are of no word that many units share; numbers and unknown places tell, too.
    tells: Vec<bool>,
    /// True when no two of its characters tell it from others, so that all of them must.
    generic: bool,
    /// True for a short form that other units' names may begin with.
    short: bool,
}

/// Characters up to which an alias is a short form: 中建华远 begins the names of eight bureaus.
const SHORT_ALIAS: usize = 6;

impl Unit {
    fn of(keyword: &Keyword) -> Self {
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
    fn called(self, unit: &str) -> Self {
        let short = self.chars.len() <= SHORT_ALIAS && !self.chars.iter().copied().eq(folded(unit));
        Self { short, ..self }
    }

    /// Number of characters before the legal form.
    fn own_part(&self) -> usize {
        self.chars.iter().rposition(|c| !LEGAL.contains(*c)).map_or(self.chars.len(), |last| last + 1)
    }

    fn weight(&self, matched: &[usize]) -> usize {
        matched.iter().filter(|&&i| self.distinctive[i]).count()
    }

    fn total(&self) -> usize {
        self.distinctive.iter().filter(|&&d| d).count()
    }

    /// Whether the characters of a stretch are enough.
    fn is_enough(&self, stretch: &Stretch) -> bool {
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

/// A stretch of a unit that agrees with a stretch of a row.
#[derive(Default)]
struct Stretch {
    /// Indices of the agreeing characters in the unit.
    matched: Vec<usize>,
    /// Their places in the row.
    places: Vec<usize>,
    /// The first and the last place in the row.
    from: usize,
    to: usize,
}

/// Gaps that a stretch may have, by the unit's length: single characters that were lost.
fn gaps_allowed(unit: &Unit) -> usize {
    if unit.chars.len() >= LONG_NAME { 2 } else { 1 }
}

impl Stretch {
    /// The stretch with the most distinctive characters, then with the most of all. Between its characters single ones
    /// may be missing where there is room for them, or read unclearly.
    fn longest(unit: &Unit, row: &[&Slot]) -> Self {
        let gaps = gaps_allowed(unit);
        let columns = row.len();
        // The best way to end at a pair of places with so many gaps: size and the pair before.
        let index = |i: usize, a: usize, g: usize| (i * columns + a) * (gaps + 1) + g;
        let mut ways: Vec<Option<Way>> = vec![None; unit.chars.len() * columns * (gaps + 1)];
        let mut best: Option<(usize, usize, usize)> = None;
        for i in 0..unit.chars.len() {
            for a in 0..columns {
                if !row[a].may_be(unit.chars[i]) {
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
    fn aligned(&self, unit: &Unit, row: &[&Slot]) -> Vec<Aligned> {
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
    fn has_gaps(&self) -> bool {
        let span = self.matched.last().zip(self.matched.first()).map_or(0, |(last, first)| last - first + 1);
        self.matched.len() < span.max(self.to - self.from + 1)
    }
}

/// How a character of the unit lies to a stretch.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
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
    fn is_between(self) -> bool {
        matches!(self, Self::Matched | Self::Within)
    }
}

/// A character of the unit and the slot of the row where it must stand.
struct Aligned {
    character: usize,
    slot: usize,
    place: Place,
}

/// One way to come to a pair of places.
#[derive(Clone, Copy)]
struct Way {
    /// Distinctive characters and all characters.
    size: (usize, usize),
    before: Option<(usize, usize, usize)>,
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
        own: unit.is_enough(&longest) && longest.matched.len() >= least && !contradicted,
        contradicted,
        whole: (1..unit.own_part()).all(|i| longest.matched.contains(&(i - 1))),
    })
}

/// The share of another character's posterior below which the unit's own must stay in every reading to be denied: a band
/// that cuts a character misreads it, and another band then reads it.
const HARDLY: f32 = 0.1;
/// Posterior from which one other character where the unit's must stand denies the unit, and several together. Chosen on
/// 196 questions for units of similar names.
const DENIES: f32 = 0.6;
const DENY_TOGETHER: f32 = 1.2;
/// Forms of which a company may have had another before. 集团 and 分公司 are other units.
const FORMS: &str = "有限责任公司股份";

/// What the readings say about one character of a unit.
#[derive(Clone, Copy, Default)]
struct Evidence {
    /// Highest posterior of the unit's own character where it must stand.
    own: f32,
    /// Highest posterior of another Chinese character there, where the characters on both sides agree.
    within: f32,
    /// Where those on one side agree.
    beside: f32,
    /// And where only the next but one does.
    beyond: f32,
}

impl Evidence {
    /// For each character of the unit, over all rows that agree with a stretch of it.
    fn of(unit: &Unit, rows: &[Vec<&Slot>]) -> Vec<Self> {
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

    fn other(&self) -> f32 {
        self.within.max(self.beside).max(self.beyond)
    }

    /// Posterior of what is there instead of the unit's own character, which no reading shows.
    fn against(&self, other: f32) -> f32 {
        if self.own < HARDLY * other { other } else { 0.0 }
    }

    /// True when something else is read where the unit's characters must stand. Between the words that many units share it
    /// must be certain: 推区站 is no other word, but a misread 推广站.
    fn denies(unit: &Unit, all: &[Self]) -> bool {
        let is_denied = |(seen, &tells): (&Self, &bool)| {
            let least = if tells { DENIES } else { CERTAIN };
            seen.against(seen.within.max(seen.beside)) >= least
        };
        all.iter().zip(&unit.tells).any(is_denied)
            || all.iter().map(|seen| seen.against(seen.other())).sum::<f32>() >= DENY_TOGETHER
    }
}

/// What personal seals say beside the name.
pub(crate) const NAME_SEAL_WORDS: [char; 5] = ['印', '之', '章', '信', '私'];

/// Characters from which a name stands for itself though 印 beside it is misread: two begin other names.
const LONG_ENOUGH: usize = 3;
/// Letters beside the name that may be misread 印 or 之印.
const MOST_MISREAD: usize = 2;

/// A personal seal holds the name alone (and 印, 之印), in reading order or from right to left.
fn name_match(keyword: &Keyword, row: &[&Slot]) -> Option<SealMatch> {
    let length = keyword.chars.len();
    let letters: Vec<&&Slot> = row.iter().filter(|slot| !NAME_SEAL_WORDS.contains(&slot.best)).collect();
    // Two columns read right to left, row by row: 伟张 / 印.
    let reversed: Vec<&&Slot> = letters.iter().rev().copied().collect();
    let fits = |letters: &[&&Slot]| {
        letters.len() == length && letters.iter().zip(&keyword.chars).all(|(slot, &c)| slot.may_be(c))
    };
    let is_whole = fits(&letters) || fits(&reversed);
    let is_clear = |letters: &[&&Slot]| {
        letters.windows(length).any(|w| w.iter().zip(&keyword.chars).all(|(slot, &c)| slot.best == c && slot.clear))
    };
    let stands_out =
        length >= LONG_ENOUGH && letters.len() <= length + MOST_MISREAD && (is_clear(&letters) || is_clear(&reversed));
    if !is_whole && !stands_out {
        return None;
    }
    let exact = stands_out || letters.iter().all(|slot| keyword.chars.contains(&slot.best));
    Some(SealMatch {
        kind: Kind::Name,
        keyword: keyword.source.clone(),
        ratio: 1.0,
        read: row.iter().map(|slot| slot.best).collect(),
        own: exact,
        contradicted: false,
        whole: true,
    })
}
