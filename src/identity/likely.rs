//! A lattice of a place that can hardly be read, under a scribble or a veil → whether the applicant's name or unit fits
//! it clearly better than other texts of its length do. What is left of characters is seldom read as what they were,
//! but they stay more likely than others.

use std::ops::Range;

use super::decoys::{Decoys, common_characters};
use super::normalize::is_han;
use super::{Identity, Kind};
use crate::ocr::lattice::{FLOOR, Lattice, Symbol};

/// Texts of the same length that are tried beside the applicant's.
const DECOYS: usize = 120;
/// Least mean log-likelihood ratio per character, nats, and least lead over the best decoy. Of 100 pictures of names and
/// units that were scribbled over, hatched, half covered or veiled 82 had a lead of 2.1 or more, at −7.2 or better; of
/// other texts treated so none that came to −12 had a lead of more than 0.1.
const LEAST: f32 = -7.5;
const LEAST_LEAD: f32 = 1.5;
/// From the middle of a character to the next one's in ems: print and names set a little wide.
const PITCH: std::ops::RangeInclusive<f32> = 0.5..=1.9;
/// Fewest characters that the reading model must know.
const FEWEST: usize = 2;

/// Text of the applicant's that a hardly legible place holds most likely.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Likely {
    pub(crate) kind: Kind,
    /// As the user wrote it.
    pub(crate) keyword: String,
    /// Frames of the lattice, from the first character's middle to the last one's.
    pub(crate) frames: Range<usize>,
}

impl Identity {
    /// The applicant's name or unit when it fits a lattice clearly better than others. `per_em` are the frames that a
    /// character takes.
    pub(crate) fn likely_in(&self, lattice: &Lattice, per_em: f32) -> Option<Likely> {
        let fits = self.own_texts().filter_map(|(kind, text)| {
            let (score, frames) = leading(lattice, kind, text, per_em)?;
            Some((score, Likely { kind, keyword: text.clone(), frames }))
        });
        fits.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, likely)| likely)
    }
}

/// The score per character and the frames of a text that leads over its decoys.
fn leading(lattice: &Lattice, kind: Kind, text: &str, per_em: f32) -> Option<(f32, Range<usize>)> {
    let symbols = |chars: &mut dyn Iterator<Item = char>| -> Vec<Symbol> {
        chars.filter_map(|c| lattice.alphabet().symbol(c)).collect()
    };
    let own = symbols(&mut text.chars().filter(|&c| is_han(c)));
    if own.len() < FEWEST {
        return None;
    }
    let (score, frames) = fit(lattice, &own, per_em)?;
    if score < LEAST {
        return None;
    }
    let pool = symbols(&mut common_characters(kind).filter(|c| !text.contains(*c)));
    let mut decoys = Decoys::new(pool.len());
    let rival = (0..DECOYS)
        .filter_map(|_| {
            let decoy: Vec<Symbol> = own.iter().map(|_| pool[decoys.next()]).collect();
            fit(lattice, &decoy, per_em).map(|(score, _)| score)
        })
        .fold(FLOOR, f32::max);
    (score >= rival + LEAST_LEAD).then_some((score, frames))
}

/// The best mean log-likelihood ratio of characters that follow one another at a [`PITCH`], and from which frame to
/// which. `None` in a lattice that is too short.
fn fit(lattice: &Lattice, symbols: &[Symbol], per_em: f32) -> Option<(f32, Range<usize>)> {
    let frames = lattice.frames();
    let (nearest, furthest) = ((PITCH.start() * per_em) as usize, (PITCH.end() * per_em).ceil() as usize);
    let (first, others) = symbols.split_first()?;
    // Score and first frame of the best way to end at each frame.
    let mut ends: Vec<Option<(f32, usize)>> = (0..frames).map(|t| Some((lattice.relative(t, *first), t))).collect();
    for &symbol in others {
        ends = (0..frames)
            .map(|t| {
                let before = t.saturating_sub(furthest)..(t + 1).saturating_sub(nearest.max(1));
                let best = ends[before].iter().flatten().copied().max_by(|a, b| a.0.total_cmp(&b.0))?;
                Some((best.0 + lattice.relative(t, symbol), best.1))
            })
            .collect();
    }
    let ends = ends.into_iter().enumerate().filter_map(|(t, end)| Some((end?, t)));
    let ((score, start), end) = ends.max_by(|a, b| a.0.0.total_cmp(&b.0.0))?;
    Some((score / symbols.len() as f32, start..end + 1))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::identity::Applicant;
    use crate::ocr::lattice::Alphabet;

    /// Two characters in eight frames, read as 土町 with these posteriors of 田 and 野 beside them.
    fn lattice(own: f32, other: f32) -> Lattice {
        let alphabet = Arc::new(Alphabet::from_lines("土\n町\n田\n野\n李\n明\n刘\n洋\n王\n伟"));
        let row = |symbols: &[(char, f32)]| {
            let mut row = vec![0.0; alphabet.len()];
            row[0] = 1.0 - symbols.iter().map(|(_, p)| p).sum::<f32>();
            for &(c, p) in symbols {
                row[usize::from(alphabet.symbol(c).expect("in the alphabet"))] = p;
            }
            row
        };
        let others = [('李', other), ('明', other), ('刘', other), ('洋', other), ('王', other), ('伟', other)];
        let of = |read: char, own_char: char| row(&[&[(read, 0.5), (own_char, own)][..], &others].concat());
        let blank = row(&[]);
        let rows = [&blank, &of('土', '田'), &blank, &blank, &blank, &of('町', '野'), &blank, &blank];
        Lattice::from_posteriors(&alphabet, &rows.into_iter().flatten().copied().collect::<Vec<f32>>())
    }

    fn likely(lattice: &Lattice) -> Option<Likely> {
        Identity::new(&Applicant::new("田野", "").expect("valid"), &[]).likely_in(lattice, 4.0)
    }

    #[test]
    fn a_name_that_stays_likelier_than_others_is_told() {
        let found = likely(&lattice(0.02, 1e-5)).expect("half hidden");
        assert_eq!((found.kind, found.keyword.as_str(), found.frames), (Kind::Name, "田野", 1..6));
    }

    #[test]
    fn a_name_no_likelier_than_others_or_hardly_likely_is_not() {
        assert_eq!(likely(&lattice(0.02, 0.01)), None, "any name fits");
        assert_eq!(likely(&lattice(1e-5, 1e-7)), None, "another text");
    }
}
