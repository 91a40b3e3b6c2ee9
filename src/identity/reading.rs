//! The best reading of one line, character by character, with the places of the characters.

use std::ops::Range;

use super::normalize::{fold, is_filler};
use crate::ocr::lattice::Lattice;

/// One character of the best reading.
#[derive(Debug, Clone)]
pub(crate) struct ReadChar {
    /// As the model wrote it.
    pub(crate) raw: char,
    /// Folded; the first character when there are several.
    pub(crate) folded: char,
    pub(crate) frames: Range<usize>,
    /// Posterior of the model's choice, 0..=1.
    pub(crate) posterior: f32,
}

impl ReadChar {
    /// Middle of its frames, in frames.
    pub(crate) fn peak(&self) -> f32 {
        (self.frames.start + self.frames.end) as f32 / 2.0
    }

    /// True when its middle lies within frames.
    pub(crate) fn is_within(&self, frames: &Range<usize>) -> bool {
        self.peak() > frames.start as f32 && self.peak() < frames.end as f32
    }
}

/// The best reading of a line; fillers are kept.
pub(crate) fn read(lattice: &Lattice) -> Vec<ReadChar> {
    let alphabet = lattice.alphabet();
    lattice
        .best_path()
        .into_iter()
        .flat_map(|read| {
            let chars: Vec<char> = alphabet.text(read.symbol).chars().collect();
            chars.into_iter().filter_map(move |raw| {
                let folded = fold(raw).next()?;
                Some(ReadChar { raw, folded, frames: read.frames.clone(), posterior: read.score })
            })
        })
        .collect()
}

/// The read characters whose middle lies within frames, fillers left out.
pub(crate) fn within<'a>(line: &'a [ReadChar], frames: &'a Range<usize>) -> impl Iterator<Item = &'a ReadChar> {
    line.iter().filter(|c| c.is_within(frames) && !is_filler(c.folded))
}
