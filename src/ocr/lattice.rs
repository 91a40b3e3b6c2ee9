//! CTC posteriors of one text line, kept sparse, with the alphabet they are over.
//!
//! A reading model gives, for each of T frames along a line, a probability for each of V symbols (0 is the
//! CTC blank). Nearly all of them are negligible, so a frame keeps only the symbols within [`FLOOR`] nats of
//! its best one.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// A symbol's index in the reading model's output; 0 is the CTC blank.
pub type Symbol = u16;

/// The CTC blank.
pub const BLANK: Symbol = 0;

/// Log posterior, relative to the frame's best symbol, below which a symbol is not kept. e^-16 ≈ 1e-7 is
/// the resolution of single-precision softmax output.
pub const FLOOR: f32 = -16.0;

/// Values that are compared side by side: one AVX-512 register, two of AVX2.
const LANES: usize = 16;

/// The highest value, at least the smallest positive one.
fn highest(row: &[f32]) -> f32 {
    let mut lanes = [f32::MIN_POSITIVE; LANES];
    let blocks = row.chunks_exact(LANES);
    let rest = blocks.remainder();
    for block in blocks {
        for (lane, &value) in lanes.iter_mut().zip(block) {
            *lane = if value > *lane { value } else { *lane };
        }
    }
    lanes.iter().chain(rest).fold(f32::MIN_POSITIVE, |highest, &value| highest.max(value))
}

/// The symbols that a reading model can output.
#[derive(Debug)]
pub struct Alphabet {
    symbols: Vec<String>,
    by_char: HashMap<char, Symbol>,
}

impl Alphabet {
    /// From an alphabet file, one symbol a line: blank first, then the lines, then the space.
    pub fn from_lines(text: &str) -> Self {
        let mut symbols = vec![String::new()];
        symbols.extend(text.lines().map(|line| line.trim_end_matches('\r').to_owned()));
        symbols.push(" ".to_owned());
        let mut by_char = HashMap::new();
        for (index, symbol) in symbols.iter().enumerate() {
            let mut chars = symbol.chars();
            if let (Some(c), None, Ok(index)) = (chars.next(), chars.next(), Symbol::try_from(index)) {
                by_char.entry(c).or_insert(index);
            }
        }
        Self { symbols, by_char }
    }

    /// Number of symbols V, blank included.
    pub fn len(&self) -> usize {
        self.symbols.len()
    }

    /// True for an alphabet of nothing.
    pub fn is_empty(&self) -> bool {
        self.symbols.is_empty()
    }

    /// The symbol that reads as `c`, `None` when the model cannot output it.
    pub fn symbol(&self, c: char) -> Option<Symbol> {
        self.by_char.get(&c).copied()
    }

    /// What a symbol reads as; empty for the blank.
    pub fn text(&self, symbol: Symbol) -> &str {
        self.symbols.get(usize::from(symbol)).map_or("", String::as_str)
    }
}

/// One character of the best reading, with the frames that it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadSymbol {
    /// Which symbol.
    pub symbol: Symbol,
    /// The frames in which it is the best symbol.
    pub frames: Range<usize>,
    /// Highest posterior within those frames, 0..=1.
    pub score: f32,
}

/// Sparse CTC posteriors of a line: T frames from the start of the text to its end.
#[derive(Debug, Clone)]
pub struct Lattice {
    alphabet: Arc<Alphabet>,
    /// `entries[starts[t]..starts[t + 1]]` belong to frame t, sorted by symbol.
    starts: Vec<u32>,
    entries: Vec<(Symbol, f32)>,
    /// Best symbol and its posterior in each frame.
    best: Vec<(Symbol, f32)>,
}

impl Lattice {
    /// From softmax output of shape (T, V), row-major, blank first.
    ///
    /// # Panics
    /// When the row length is not the alphabet's length.
    pub fn from_posteriors(alphabet: &Arc<Alphabet>, posteriors: &[f32]) -> Self {
        let width = alphabet.len();
        assert_eq!(posteriors.len() % width, 0, "rows of V posteriors");
        let frames = posteriors.len() / width;
        let mut lattice = Self {
            alphabet: Arc::clone(alphabet),
            starts: Vec::with_capacity(frames + 1),
            entries: Vec::new(),
            best: Vec::with_capacity(frames),
        };
        lattice.starts.push(0);
        for row in posteriors.chunks_exact(width) {
            let peak = highest(row);
            let symbol = row.iter().position(|&p| p >= peak).unwrap_or(0);
            let least = peak * FLOOR.exp();
            for (block, values) in row.chunks(LANES).enumerate() {
                // Nearly all blocks hold nothing worth keeping, and counting is quicker than branching.
                if values.iter().map(|&p| u32::from(p > least)).sum::<u32>() == 0 {
                    continue;
                }
                for (i, &p) in values.iter().enumerate() {
                    if p > least
                        && let Ok(i) = Symbol::try_from(block * LANES + i)
                    {
                        lattice.entries.push((i, (p / peak).ln()));
                    }
                }
            }
            lattice.starts.push(u32::try_from(lattice.entries.len()).unwrap_or(u32::MAX));
            lattice.best.push((Symbol::try_from(symbol).unwrap_or(BLANK), peak));
        }
        lattice
    }

    /// Of a line of which it is known what it reads: symbols from left to right, each with where it begins and ends,
    /// as shares of the line's length.
    pub fn of_known(alphabet: &Arc<Alphabet>, symbols: &[(Symbol, f32, f32)]) -> Self {
        /// Frames to a character of usual width, as the reading models give for square characters.
        const FRAMES: f32 = 4.0;
        /// The narrowest share worth telling apart.
        const NARROWEST: f32 = 1e-3;
        let mut widths: Vec<f32> = symbols.iter().map(|&(_, from, to)| to - from).collect();
        widths.sort_by(f32::total_cmp);
        let usual = widths.get(widths.len() / 2).copied().unwrap_or(1.0).max(NARROWEST);
        let total = ((FRAMES / usual).ceil() as usize).max(2 * symbols.len());
        let mut best = Vec::with_capacity(total);
        for &(symbol, from, to) in symbols {
            let frame = |share: f32| (share.clamp(0.0, 1.0) * total as f32).round() as usize;
            if best.last().is_some_and(|&(last, _)| last == symbol) {
                best.push((BLANK, 1.0));
            }
            best.resize(frame(from).max(best.len()), (BLANK, 1.0));
            best.resize(frame(to).max(best.len() + 1), (symbol, 1.0));
        }
        best.resize(total.max(best.len()), (BLANK, 1.0));
        Self {
            alphabet: Arc::clone(alphabet),
            starts: (0..=best.len() as u32).collect(),
            entries: best.iter().map(|&(symbol, _)| (symbol, 0.0)).collect(),
            best,
        }
    }

    /// Number of frames T.
    pub fn frames(&self) -> usize {
        self.best.len()
    }

    /// The alphabet of the model that made it.
    pub fn alphabet(&self) -> &Arc<Alphabet> {
        &self.alphabet
    }

    /// The kept symbols of a frame with their log posterior relative to the frame's best (0 for the best
    /// itself), sorted by symbol.
    pub fn frame(&self, t: usize) -> &[(Symbol, f32)] {
        &self.entries[self.starts[t] as usize..self.starts[t + 1] as usize]
    }

    /// Log posterior of a symbol in a frame relative to the frame's best; [`FLOOR`] when it was not kept.
    pub fn relative(&self, t: usize, symbol: Symbol) -> f32 {
        let frame = self.frame(t);
        frame.binary_search_by_key(&symbol, |&(s, _)| s).map_or(FLOOR, |i| frame[i].1)
    }

    /// The best (greedy) reading, repeats collapsed and blanks dropped.
    pub fn best_path(&self) -> Vec<ReadSymbol> {
        let mut path: Vec<ReadSymbol> = Vec::new();
        let mut previous = BLANK;
        for (t, &(symbol, score)) in self.best.iter().enumerate() {
            if symbol != BLANK {
                match path.last_mut() {
                    Some(last) if symbol == previous => {
                        last.frames.end = t + 1;
                        last.score = last.score.max(score);
                    }
                    _ => path.push(ReadSymbol { symbol, frames: t..t + 1, score }),
                }
            }
            previous = symbol;
        }
        path
    }

    /// The best reading as text.
    pub fn text(&self) -> String {
        self.best_path().iter().map(|read| self.alphabet.text(read.symbol)).collect()
    }

    /// Mean posterior of the best reading's characters, 0..=1; 0 when nothing was read.
    pub fn score(&self) -> f32 {
        let path = self.best_path();
        if path.is_empty() { 0.0 } else { path.iter().map(|read| read.score).sum::<f32>() / path.len() as f32 }
    }

    /// The best symbol of a frame and its posterior.
    pub fn best(&self, t: usize) -> (Symbol, f32) {
        self.best[t]
    }

    /// The same over another alphabet, each frame in the place of `density` ones; symbols that the other lacks are lost.
    pub fn over(&self, alphabet: &Arc<Alphabet>, density: f32) -> Self {
        let same = |&(symbol, value): &(Symbol, f32)| {
            let there = match symbol {
                BLANK => Some(BLANK),
                _ => self.alphabet.text(symbol).chars().next().and_then(|c| alphabet.symbol(c)),
            };
            there.map(|there| (there, value))
        };
        let count = (self.frames() as f32 * density).round() as usize;
        let mut over = Self {
            alphabet: Arc::clone(alphabet),
            starts: vec![0],
            entries: Vec::new(),
            best: Vec::with_capacity(count),
        };
        for i in 0..count {
            let t = (((i as f32 + 0.5) / density) as usize).min(self.frames() - 1);
            let from = over.entries.len();
            over.entries.extend(self.frame(t).iter().filter_map(same));
            over.entries[from..].sort_unstable_by_key(|&(symbol, _)| symbol);
            over.starts.push(u32::try_from(over.entries.len()).unwrap_or(u32::MAX));
            over.best.push(same(&self.best[t]).unwrap_or((BLANK, self.best[t].1)));
        }
        over
    }

    /// Several lattices end to end, as if the lines were one; all over the same alphabet.
    ///
    /// # Panics
    /// Without lattices.
    pub fn joined(parts: &[&Self]) -> Self {
        let mut joined = parts.first().map(|&first| first.clone()).expect("at least one lattice");
        for part in &parts[1..] {
            let base = joined.starts.last().copied().unwrap_or(0);
            joined.starts.extend(part.starts[1..].iter().map(|start| base + start));
            joined.entries.extend_from_slice(&part.entries);
            joined.best.extend_from_slice(&part.best);
        }
        joined
    }

    /// The frames of a range alone.
    pub fn cut(&self, frames: Range<usize>) -> Self {
        let base = self.starts[frames.start];
        Self {
            alphabet: Arc::clone(&self.alphabet),
            starts: self.starts[frames.start..=frames.end].iter().map(|start| start - base).collect(),
            entries: self.entries[base as usize..self.starts[frames.end] as usize].to_vec(),
            best: self.best[frames].to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_wide_row_keeps_what_is_near_its_peak_and_nothing_else(row in prop::collection::vec(0.0f32..1.0, 50)) {
            // Posteriors as a softmax gives them: mostly tiny.
            let row: Vec<f32> = row.into_iter().map(|v| (40.0 * (v - 1.0)).exp()).collect();
            let letters: Vec<String> = (0..48).map(|i| char::from(b'0' + i).to_string()).collect();
            let read = Lattice::from_posteriors(&Arc::new(Alphabet::from_lines(&letters.join("\n"))), &row);
            let peak = row.iter().copied().fold(0.0, f32::max);
            let near = |i: &usize| row[*i] > peak * FLOOR.exp();
            let kept: Vec<usize> = read.frame(0).iter().map(|&(symbol, _)| usize::from(symbol)).collect();
            prop_assert_eq!(kept, (0..50).filter(near).collect::<Vec<_>>());
            prop_assert!(row[usize::from(read.best[0].0)] >= peak);
        }
    }

    fn lattice(rows: &[[f32; 4]]) -> Lattice {
        // Alphabet: blank, 张, 伟, space.
        let alphabet = Arc::new(Alphabet::from_lines("张\n伟"));
        Lattice::from_posteriors(&alphabet, &rows.concat())
    }

    #[test]
    fn repeats_collapse_and_blanks_part_equal_characters() {
        let read = lattice(&[
            [0.1, 0.9, 0.0, 0.0],
            [0.1, 0.9, 0.0, 0.0],
            [0.9, 0.1, 0.0, 0.0],
            [0.2, 0.8, 0.0, 0.0],
            [0.1, 0.1, 0.8, 0.0],
        ]);
        assert_eq!(read.text(), "张张伟");
        assert_eq!(read.best_path()[0].frames, 0..2);
    }

    #[test]
    fn negligible_symbols_are_at_the_floor() {
        let read = lattice(&[[0.5, 0.5 - 1e-9, 1e-9, 0.0]]);
        assert!((read.relative(0, 2) - FLOOR).abs() < f32::EPSILON);
        assert!(read.relative(0, 1) > -0.1);
    }

    #[test]
    fn joined_then_cut_gives_the_part_back() {
        let a = lattice(&[[0.1, 0.9, 0.0, 0.0], [0.9, 0.1, 0.0, 0.0]]);
        let b = lattice(&[[0.1, 0.0, 0.9, 0.0]]);
        let both = Lattice::joined(&[&a, &b]);
        assert_eq!(both.text(), "张伟");
        assert_eq!(both.cut(2..3).text(), "伟");
    }
}
