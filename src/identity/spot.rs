//! Keyword spotting in a lattice: the best path that spells a keyword somewhere in a line, relative to the best
//! path of all (a log-likelihood ratio, 0 when the keyword is the best reading). It does not judge; thresholds only
//! bound what is worth returning.

use std::ops::Range;
use std::sync::Arc;

use super::normalize::{fold, is_filler};
use super::variants::{Keyword, Script, is_separator};
use crate::ocr::lattice::{Alphabet, BLANK, FLOOR, Lattice, Symbol};

/// A column of the score matrix: one folded character of some keyword, or one of the special columns.
type Column = u16;

/// The blank alone.
const BLANK_ONLY: Column = 0;
/// The blank or what may stand between Chinese characters.
const HAN_GAP: Column = 1;
/// The blank or what may stand between words in letters.
const LATIN_GAP: Column = 2;
/// The best symbol that is ink: stands for a character that the alphabet lacks.
const WILDCARD: Column = 3;
const FIRST_CHARACTER: usize = 4;
const NOWHERE: Column = Column::MAX;

/// The keywords in terms of columns, the same for every alphabet.
#[derive(Debug)]
pub(crate) struct Columns {
    /// Every character of every keyword, sorted; character i has column `FIRST_CHARACTER + i`.
    characters: Vec<char>,
    spellings: Vec<Spelling>,
}

#[derive(Debug)]
struct Spelling {
    characters: Vec<Column>,
    /// `gaps[i]` is the column of what may stand before character i.
    gaps: Vec<Column>,
}

impl Columns {
    pub(crate) fn new(keywords: &[Keyword]) -> Self {
        let mut characters: Vec<char> = keywords.iter().flat_map(|k| k.chars.iter().copied()).collect();
        characters.sort_unstable();
        characters.dedup();
        let column = |c: &char| FIRST_CHARACTER + characters.binary_search(c).expect("made from the same keywords");
        let spellings = keywords
            .iter()
            .map(|keyword| Spelling {
                characters: keyword.chars.iter().map(|c| column(c) as Column).collect(),
                gaps: keyword
                    .gaps
                    .iter()
                    .map(|&filler| match (filler, keyword.script) {
                        (false, _) => BLANK_ONLY,
                        (true, Script::Han) => HAN_GAP,
                        (true, Script::Latin) => LATIN_GAP,
                    })
                    .collect(),
            })
            .collect();
        Self { characters, spellings }
    }

    fn count(&self) -> usize {
        FIRST_CHARACTER + self.characters.len()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Blank,
    Filler,
    Separator,
    Ink,
}

/// Which of one alphabet's symbols count for which column.
#[derive(Debug)]
pub(crate) struct Symbols {
    alphabet: Arc<Alphabet>,
    /// For each symbol the column of its folded character, [`NOWHERE`] when no keyword has it.
    column_of: Vec<Column>,
    class_of: Vec<Class>,
    /// Characters that the alphabet cannot read: any ink may be they.
    unknown: Vec<Column>,
    columns: usize,
}

impl Symbols {
    pub(crate) fn new(columns: &Columns, alphabet: &Arc<Alphabet>) -> Self {
        let mut column_of = vec![NOWHERE; alphabet.len()];
        let mut class_of = vec![Class::Ink; alphabet.len()];
        let mut known = vec![false; columns.characters.len()];
        for (index, (column, class)) in column_of.iter_mut().zip(&mut class_of).enumerate() {
            let text = u16::try_from(index).map_or("", |symbol| alphabet.text(symbol));
            let mut folded = text.chars().flat_map(fold);
            match (folded.next(), folded.next()) {
                (None, _) => *class = Class::Blank,
                (Some(c), None) => {
                    if is_filler(c) {
                        *class = Class::Filler;
                    } else if is_separator(c) {
                        *class = Class::Separator;
                    }
                    if let Ok(found) = columns.characters.binary_search(&c) {
                        known[found] = true;
                        *column = (FIRST_CHARACTER + found) as Column;
                    }
                }
                _ => {}
            }
        }
        let unknown = known
            .iter()
            .enumerate()
            .filter(|&(_, &known)| !known)
            .map(|(i, _)| (FIRST_CHARACTER + i) as Column)
            .collect();
        Self { alphabet: Arc::clone(alphabet), column_of, class_of, unknown, columns: columns.count() }
    }

    /// True when this was compiled for that alphabet.
    pub(crate) fn is_for(&self, alphabet: &Arc<Alphabet>) -> bool {
        Arc::ptr_eq(&self.alphabet, alphabet)
    }

    /// The keyword character that a symbol is.
    pub(crate) fn character(&self, columns: &Columns, symbol: Symbol) -> Option<char> {
        let column = usize::from(*self.column_of.get(usize::from(symbol))?);
        columns.characters.get(column.checked_sub(FIRST_CHARACTER)?).copied()
    }

    /// The keyword characters that the alphabet cannot read.
    pub(crate) fn unknown<'a>(&'a self, columns: &'a Columns) -> impl Iterator<Item = char> + 'a {
        self.unknown.iter().map(|&column| columns.characters[usize::from(column) - FIRST_CHARACTER])
    }
}

/// For each frame of a line the log posterior of every keyword character, relative to the frame's best symbol.
#[derive(Debug, Clone)]
pub(crate) struct Scores {
    columns: usize,
    values: Vec<f32>,
    /// Highest value of each column.
    peaks: Vec<f32>,
}

impl Scores {
    pub(crate) fn new(symbols: &Symbols, lattice: &Lattice) -> Self {
        let columns = symbols.columns;
        let mut values = vec![FLOOR; columns * lattice.frames()];
        let mut peaks = vec![FLOOR; columns];
        for (t, row) in values.chunks_exact_mut(columns).enumerate() {
            let mut raise = |column: Column, value: f32| {
                let cell = &mut row[usize::from(column)];
                *cell = cell.max(value);
            };
            for &(symbol, value) in lattice.frame(t) {
                let index = usize::from(symbol);
                let column = symbols.column_of[index];
                if column != NOWHERE {
                    raise(column, value);
                }
                match symbols.class_of[index] {
                    Class::Blank => {
                        if symbol == BLANK {
                            raise(BLANK_ONLY, value);
                        }
                        raise(HAN_GAP, value);
                        raise(LATIN_GAP, value);
                    }
                    Class::Filler => {
                        raise(HAN_GAP, value);
                        raise(LATIN_GAP, value);
                    }
                    Class::Separator => raise(LATIN_GAP, value),
                    Class::Ink => raise(WILDCARD, value),
                }
            }
            for &column in &symbols.unknown {
                row[usize::from(column)] = row[usize::from(WILDCARD)];
            }
            for (peak, &value) in peaks.iter_mut().zip(row.iter()) {
                *peak = peak.max(value);
            }
        }
        Self { columns, values, peaks }
    }

    /// Several lines end to end.
    pub(crate) fn joined(parts: &[&Self]) -> Self {
        let columns = parts.first().map_or(0, |part| part.columns);
        let mut peaks = vec![FLOOR; columns];
        for part in parts {
            for (peak, &value) in peaks.iter_mut().zip(&part.peaks) {
                *peak = peak.max(value);
            }
        }
        Self { columns, values: parts.iter().flat_map(|part| part.values.iter().copied()).collect(), peaks }
    }

    fn frames(&self) -> usize {
        self.values.len().checked_div(self.columns).unwrap_or(0)
    }

    fn at(&self, t: usize, column: Column) -> f32 {
        self.values[t * self.columns + usize::from(column)]
    }

    /// Highest score in the line of one character of a keyword.
    pub(crate) fn peak(&self, columns: &Columns, keyword: usize, character: usize) -> f32 {
        self.peaks[usize::from(columns.spellings[keyword].characters[character])]
    }
}

/// What bounds a spotting; nats.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Least mean log-likelihood ratio per character.
    pub(crate) per_character: f32,
    /// Least log-likelihood ratio of every single character, and of every gap between two.
    pub(crate) worst: f32,
}

/// One place where a keyword may stand.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spotting {
    /// Log-likelihood ratio per character, ≤ 0.
    pub(crate) per_character: f32,
    /// Of the character (or the gap after one) that fits least, ≤ 0.
    pub(crate) worst: f32,
    /// The frames of each character, in order, not overlapping.
    pub(crate) characters: Vec<Range<usize>>,
}

impl Spotting {
    /// From the first character's first frame to the last one's last.
    pub(crate) fn frames(&self) -> Range<usize> {
        match (self.characters.first(), self.characters.last()) {
            (Some(first), Some(last)) => first.start..last.end,
            _ => 0..0,
        }
    }
}

/// Log-likelihood ratio above which a frame still shows the character: half as likely as the best symbol.
const LIKELY: f32 = -0.7;

/// How a state was reached: by staying, from one or two states before, or as the start.
const STAYED: u8 = 0;
const STARTED: u8 = 3;

/// All places in a line where a keyword fits within the bounds, best first, not overlapping.
pub(crate) fn spot(scores: &Scores, columns: &Columns, keyword: usize, bounds: Bounds) -> Vec<Spotting> {
    let Spelling { characters, gaps } = &columns.spellings[keyword];
    let length = characters.len();
    let frames = scores.frames();
    let least = bounds.per_character * length as f32;
    if length == 0 || frames == 0 || characters.iter().any(|&column| scores.peaks[usize::from(column)] < bounds.worst) {
        return Vec::new();
    }
    // States: character i is 2i, the gap before it 2i − 1.
    let states = 2 * length - 1;
    let mut before = vec![f32::NEG_INFINITY; states];
    let mut now = before.clone();
    let mut started_before = vec![0usize; states];
    let mut started_now = started_before.clone();
    let mut steps = vec![STAYED; frames * states];
    let mut ends: Vec<(f32, usize, usize)> = Vec::new();
    for t in 0..frames {
        for s in 0..states {
            let (emission, mut best, mut step, mut start) = if s % 2 == 0 {
                (scores.at(t, characters[s / 2]), before[s], STAYED, started_before[s])
            } else {
                (scores.at(t, gaps[s.div_ceil(2)]), before[s], STAYED, started_before[s])
            };
            if s == 0 {
                if best < 0.0 {
                    (best, step, start) = (0.0, STARTED, t);
                }
            } else {
                if before[s - 1] > best {
                    (best, step, start) = (before[s - 1], 1, started_before[s - 1]);
                }
                // Two equal characters need a gap between them, or they would be read as one.
                if s % 2 == 0 && before[s - 2] > best && characters[s / 2] != characters[s / 2 - 1] {
                    (best, step, start) = (before[s - 2], 2, started_before[s - 2]);
                }
            }
            let score = best + emission;
            now[s] = if score >= least { score } else { f32::NEG_INFINITY };
            started_now[s] = start;
            steps[t * states + s] = step;
        }
        if now[states - 1] > f32::NEG_INFINITY {
            ends.push((now[states - 1], t, started_now[states - 1]));
        }
        std::mem::swap(&mut before, &mut now);
        std::mem::swap(&mut started_before, &mut started_now);
    }
    ends.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut taken: Vec<Range<usize>> = Vec::new();
    let mut found = Vec::new();
    for (score, end, start) in ends {
        if taken.iter().any(|span| start < span.end && span.start <= end) {
            continue;
        }
        taken.push(start..end + 1);
        let spotting = traced(scores, characters, gaps, &steps, score, end);
        if spotting.worst >= bounds.worst {
            found.push(spotting);
        }
    }
    found
}

fn traced(scores: &Scores, characters: &[Column], gaps: &[Column], steps: &[u8], score: f32, end: usize) -> Spotting {
    let states = 2 * characters.len() - 1;
    let mut sums = vec![0f32; states];
    let mut spans = vec![0..0; characters.len()];
    let (mut t, mut s) = (end, states - 1);
    // The best path ends as early as it can; the last character's ink goes on while it stays likely.
    let last = characters[characters.len() - 1];
    let mut ink_end = end + 1;
    while ink_end < scores.frames() && scores.at(ink_end, last) > LIKELY {
        ink_end += 1;
    }
    loop {
        if s % 2 == 0 {
            sums[s] += scores.at(t, characters[s / 2]);
            let span: &mut Range<usize> = &mut spans[s / 2];
            *span = t..if span.end == 0 { t + 1 } else { span.end };
        } else {
            sums[s] += scores.at(t, gaps[s.div_ceil(2)]);
        }
        let step = steps[t * states + s];
        if step == STARTED || t == 0 {
            break;
        }
        t -= 1;
        s -= usize::from(step);
    }
    if let Some(span) = spans.last_mut() {
        span.end = ink_end;
    }
    Spotting {
        per_character: (score / characters.len() as f32).min(0.0),
        worst: sums.into_iter().fold(0.0, f32::min),
        characters: spans,
    }
}
