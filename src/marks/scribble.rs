//! Rows of text → places where something was drawn over print: what was read there is doubtful or nothing, and strokes
//! lie over it that are no print's, or all of it is hard to read. Whether what was written shows is for others to say.

use std::ops::Range;

use super::items::{UNREAD, ZIGZAGS, is_hard_to_read};
use super::window::darkest_paper;
use super::{glyphs, pen};
use crate::geometry::{Bbox, Quad};
use crate::ocr::TextLine;
use crate::ocr::crop;
use crate::raster::{Raster, luma, luma_histogram, percentile};

/// Posterior from which a character is surely read; print is read at 0.9 and more.
const SURE: f32 = 0.9;
/// From a sure character's middle to its end in ems.
const HALF: f32 = 0.5;
/// Least length in ems of a stretch without sure characters.
const LEAST: f32 = 0.8;
/// The same where no pen shows: most of two characters.
const LEAST_UNREAD: f32 = 1.3;
/// Share of such a stretch's columns that have ink; spaces have none.
const LEAST_INK: f32 = 0.5;
/// Ems before and after a stretch where a pen is looked for, too: other characters may be read with its strokes.
const AROUND: f32 = 1.6;
/// Half the height in ems of a row with the paper above and below it, in which a pen is looked for, and of what is read.
const ROW: f32 = 0.95;
const READ: f32 = 0.75;
/// Smallest type in which strokes can be told, pixels.
const LEAST_EM: f32 = 10.0;

/// Print that something was drawn over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scribble {
    pub(super) bbox: Bbox,
    pub(super) line: usize,
}

/// The scribbles over all rows but where the applicant's name or unit was `known` to be read; none on a page that is hard
/// to read all over.
pub(super) fn scribbles(page: &Raster, lines: &[TextLine], known: &[Bbox]) -> Vec<Scribble> {
    if is_hard_to_read(lines) {
        return Vec::new();
    }
    let is_known = |bbox: Bbox| known.iter().any(|read| !read.intersection(bbox).is_empty());
    let rows = lines.iter().enumerate().filter(|(_, line)| line.quad.length() > line.quad.thickness());
    let found = rows.flat_map(|(index, line)| {
        let em = glyphs::em_or_usual(line);
        let stretches = if em < LEAST_EM { Vec::new() } else { doubtful(line, em) };
        let places = stretches.into_iter().filter_map(move |stretch| drawn_over(page, line, &stretch, em));
        places.map(move |bbox| Scribble { bbox, line: index })
    });
    found.filter(|scribble| !is_known(scribble.bbox)).collect()
}

/// A stretch of a line without a character that was surely read.
#[derive(Debug, Clone, PartialEq)]
struct Stretch {
    /// Pixels along the line.
    along: Range<f32>,
    /// True when nothing in it, or hardly anything, was read.
    is_unread: bool,
}

/// A character of a line that was read.
struct Read {
    /// Pixels along the line.
    middle: f32,
    c: char,
    /// Posterior.
    score: f32,
}

impl Read {
    fn is_sure(&self) -> bool {
        self.score >= SURE && !ZIGZAGS.contains(self.c)
    }
}

/// The stretches of a line that are doubtful.
fn doubtful(line: &TextLine, em: f32) -> Vec<Stretch> {
    let length = line.quad.length();
    let per_frame = length / line.lattice.frames().max(1) as f32;
    let read: Vec<Read> = line
        .lattice
        .best_path()
        .iter()
        .filter_map(|read| {
            let c = line.lattice.alphabet().text(read.symbol).chars().find(|c| !c.is_whitespace())?;
            let middle = (read.frames.start + read.frames.end) as f32 / 2.0 * per_frame;
            Some(Read { middle, c, score: read.score })
        })
        .collect();
    let mut sure: Vec<Option<&Read>> = vec![None];
    sure.extend(read.iter().filter(|read| read.is_sure()).map(Some));
    sure.push(None);
    // Digits and letters are doubtful by themselves, and no name is among them.
    let is_letter = |read: Option<&Read>| read.is_some_and(|read| read.c.is_ascii_alphanumeric());
    let between = sure.windows(2).filter(|pair| !(is_letter(pair[0]) && is_letter(pair[1]))).map(|pair| {
        let from = pair[0].map_or(0.0, |read| read.middle + HALF * em);
        (from, pair[1].map_or(length, |read| read.middle - HALF * em))
    });
    between
        .filter(|(from, to)| to - from >= LEAST * em)
        .map(|(from, to)| {
            let (count, sum) = read
                .iter()
                .filter(|read| (from..to).contains(&read.middle))
                .fold((0u16, 0.0), |(count, sum), read| (count + 1, sum + read.score));
            let is_unread = to - from >= LEAST_UNREAD * em && sum <= UNREAD * f32::from(count);
            Stretch { along: from..to, is_unread }
        })
        .collect()
}

/// Where in a stretch of a line, or about it, something was drawn over the print, on the page.
fn drawn_over(page: &Raster, line: &TextLine, stretch: &Stretch, em: f32) -> Option<Bbox> {
    let length = line.quad.length();
    let Range { start, end } = stretch.along;
    let (from, to) = ((start - AROUND * em).max(0.0), (end + AROUND * em).min(length));
    let row = crop::along(page, &row_of(line, from..to, em * ROW))?;
    let on_page = |from: f32, to: f32| row_of(line, from..to, em * READ).bbox();
    let scale = (to - from) / row.width() as f32;
    let at = |x: u32| from + x as f32 * scale;
    if let Some(pen) = pen::cleared(&row, em) {
        let (first, last) = (at(pen.columns.start), at(pen.columns.end));
        if first < end && last > start {
            return Some(on_page(first, last));
        }
    }
    if !stretch.is_unread {
        return None;
    }
    let whole = Bbox::from_ltrb(0, 0, row.width() as i32, row.height() as i32);
    let dark = darkest_paper(percentile(&luma_histogram(&row, whole), 0.85));
    // Rules of a table run above and below the type.
    let rows = row.height() * 3 / 10..row.height() * 7 / 10;
    let inked = |x: &u32| rows.clone().any(|y| luma(row.get_pixel(*x, y).0) < dark);
    let columns = (0..row.width()).filter(|&x| (start..end).contains(&at(x)));
    let all = columns.clone().count();
    (columns.filter(inked).count() as f32 >= LEAST_INK * all as f32).then(|| on_page(start, end))
}

/// A stretch of a line as high as its type, with `half` the height to either side of its middle.
fn row_of(line: &TextLine, along: Range<f32>, half: f32) -> Quad {
    let length = line.quad.length();
    let [a, b, c, d] = line.quad.slice(along.start / length, along.end / length).0;
    let reach = half / line.quad.thickness().max(1.0);
    let (above, below) = (0.5 - reach, 0.5 + reach);
    Quad([a.lerp(d, above), b.lerp(c, above), b.lerp(c, below), a.lerp(d, below)])
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ocr::lattice::{Alphabet, Lattice};

    /// A line of characters of 24 pixels, each read with a posterior; a full-width space is read as nothing.
    fn line(read: &[(char, f32)]) -> TextLine {
        let alphabet = Arc::new(Alphabet::from_lines("经\n由\n李\n明\n主\n持\nW\nA\n2"));
        let rows = read.iter().flat_map(|&(c, score)| {
            let mut frames = vec![vec![0.0; alphabet.len()]; 4];
            for (index, frame) in frames.iter_mut().enumerate() {
                match alphabet.symbol(c).filter(|_| index == 1) {
                    Some(symbol) => (frame[usize::from(symbol)], frame[0]) = (score, 0.0),
                    None => frame[0] = 1.0,
                }
            }
            frames.concat()
        });
        let lattice = Lattice::from_posteriors(&alphabet, &rows.collect::<Vec<f32>>());
        TextLine { quad: Quad::from_bbox(Bbox::from_ltrb(0, 0, 24 * read.len() as i32, 32)), lattice }
    }

    #[test]
    fn what_is_read_as_nothing_as_zigzags_or_with_doubt_is_doubtful() {
        let of = |read: &[(char, f32)]| {
            let found = doubtful(&line(read), 24.0);
            found
                .iter()
                .map(|stretch| ((stretch.along.start / 24.0).round() as i32, stretch.is_unread))
                .collect::<Vec<_>>()
        };
        let (jing, you, zhu, chi) = (('经', 0.99), ('由', 0.97), ('主', 0.98), ('持', 0.99));
        assert_eq!(of(&[jing, you, zhu, chi]), []);
        assert_eq!(of(&[jing, you, ('\u{3000}', 0.0), ('\u{3000}', 0.0), zhu, chi]), [(2, true)]);
        assert_eq!(of(&[jing, you, ('W', 0.99), ('A', 0.99), zhu, chi]), [(2, false)], "only where a pen shows");
        assert_eq!(of(&[jing, you, ('李', 0.4), ('明', 0.5), zhu, chi]), [(2, true)]);
        assert_eq!(of(&[jing, you, ('李', 0.7), zhu, chi]), [(2, false)]);
        let two = ('2', 0.99);
        assert_eq!(of(&[two, ('A', 0.4), ('李', 0.5), two, chi]), [], "among digits");
    }
}
