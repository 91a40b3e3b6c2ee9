//! Labels that ask for the applicant's name or unit with nothing after them, on a page whose other fields are filled
//! in: covered with the paper's own colour, or left empty. Which of the two cannot be seen.

use super::band::Band;
use super::label::exact_label;
use super::row::{Placed, row};
use super::window::is_inked;
use crate::geometry::Bbox;
use crate::identity::Kind;
use crate::identity::is_han;
use crate::ocr::TextLine;

/// Least width of an empty field in line heights: two characters.
const LEAST_WIDTH: f32 = 2.2;
/// Gap in line heights between two words of a row that are not one.
const WORD_GAP: f32 = 0.9;
/// Luma by which a row is darker than others above and below it from which a column is not bare; means of five pixels of a scan's grain stay within 8.
const UNEVEN: u32 = 14;
/// Widest rule of a table in line heights.
const RULE: f32 = 0.25;
/// Longest label in characters, colon included.
const LONGEST: usize = 8;

/// An empty field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blank {
    pub(super) bbox: Bbox,
    pub(super) line: usize,
}

/// The empty fields for name and unit; none on a form that has still to be filled in.
pub(super) fn blanks(bands: &[Band], lines: &[TextLine]) -> Vec<Blank> {
    let (mut asked, mut others) = (Vec::new(), 0);
    for band in bands {
        let own = &lines[band.line];
        if own.quad.thickness() > own.quad.length() {
            continue;
        }
        let whole_row = row(lines, own);
        for (from, to) in words(&whole_row, own.quad.thickness()) {
            let word = &whole_row[from..=to];
            if word.len() > LONGEST || !own.quad.bbox().contains(word[0].0.centre()) {
                continue;
            }
            let text: String = word.iter().map(|p| p.1).collect();
            if let Some(bbox) = remnant(word, whole_row.get(to + 1..).unwrap_or_default(), own.quad.thickness()) {
                asked.push(Blank { bbox, line: band.line });
                continue;
            }
            let Some(bbox) = empty_after(band, word, whole_row.get(to + 1)) else { continue };
            match exact_label(&text) {
                Some(Kind::Name | Kind::Unit) => asked.push(Blank { bbox, line: band.line }),
                None => others += 1,
            }
        }
    }
    if others > 2 * asked.len() { Vec::new() } else { asked }
}

/// Where the rest of a name or unit should stand when a label is followed by no more than one character, or by two that
/// are no Chinese ones: what a cover of the paper's colour leaves, or what a mosaic is misread as.
fn remnant(word: &[Placed], after: &[Placed], height: f32) -> Option<Bbox> {
    let colon = word.iter().position(|(_, c)| matches!(c, ':' | '：'))?;
    let label: String = word[..colon].iter().map(|p| p.1).collect();
    exact_label(&label)?;
    let (first, last) = (word.get(colon + 1)?, word.last()?);
    let value = &word[colon + 1..];
    let has_chinese = value.iter().any(|(_, c)| is_han(*c));
    // A name that is spaced out goes on with single characters.
    let goes_on = after.first().is_some_and(|(at, c)| {
        let is_single = after.get(1).is_none_or(|(next, _)| (next.left - at.right) as f32 > height * WORD_GAP);
        is_han(*c) && is_single
    });
    match (has_chinese, value.len()) {
        (false, 1 | 2) => Some(first.0.union(last.0)),
        (true, 1) if !goes_on => {
            let (from, width) = (last.0.right + (height * 0.1) as i32, height as i32);
            Some(Bbox::from_ltrb(from, last.0.top, from + width, last.0.bottom))
        }
        _ => None,
    }
}

/// First and last character of each word of a row.
fn words(row: &[Placed], height: f32) -> Vec<(usize, usize)> {
    let mut words: Vec<(usize, usize)> = Vec::new();
    for (i, (at, _)) in row.iter().enumerate() {
        match words.last_mut() {
            Some((_, last)) if ((at.left - row[*last].0.right) as f32) < height * WORD_GAP => *last = i,
            _ => words.push((i, i)),
        }
    }
    words
}

/// The empty place after a word: after its colon, or in the next cell of a table.
fn empty_after(band: &Band, word: &[Placed], next: Option<&Placed>) -> Option<Bbox> {
    let height = band.height() as f32;
    let (last, c) = word.last()?;
    let has_colon = matches!(c, ':' | '：');
    let first_column = band.quad.0[0].x;
    let slope = (band.quad.0[1].x - first_column) / band.width().max(1) as f32;
    if slope <= 0.5 {
        return None;
    }
    let column = |x: i32| (((x as f32 - first_column) / slope).max(0.0) as usize).min(band.width());
    let from = column(last.right) + (height * 0.15) as usize;
    let to = next.map_or(band.width(), |(at, _)| column(at.left).saturating_sub((height * 0.15) as usize));
    if from >= to {
        return None;
    }
    let rows = band.height() / 5..band.height() - band.height() / 5;
    // Inked pixels of each column; nine tenths are a rule.
    let ink: Vec<usize> = (from..to)
        .map(|x| rows.clone().filter(|y| is_inked(band.strip.pixels[y * band.width() + x], band.paper(x))).count())
        .collect();
    // Pale shades, too, are something: a mosaic, a blur. They are darker than what lies above and below.
    let is_uneven = |x: usize| {
        let near = x.saturating_sub(2)..(x + 3).min(band.width());
        let count = near.len() as u32;
        let means = rows.clone().map(|y| {
            let at = y * band.width();
            band.strip.luma[at + near.start..at + near.end].iter().map(|&luma| u32::from(luma)).sum::<u32>() / count
        });
        let means: Vec<u32> = means.collect();
        // Darker than what lies above and than what lies below it.
        let mut below = vec![0; means.len() + 1];
        for (i, &mean) in means.iter().enumerate().rev() {
            below[i] = mean.max(below[i + 1]);
        }
        let mut above = 0;
        means.iter().enumerate().any(|(i, &mean)| {
            above = mean.max(above);
            above.min(below[i]) > mean + UNEVEN
        })
    };
    let mut parts: Vec<(usize, usize, bool)> = Vec::new();
    for (i, &count) in ink.iter().enumerate() {
        // Specks of dust are not writing.
        let inked = count > 2 || is_uneven(from + i);
        match parts.last_mut() {
            Some((_, end, kind)) if *kind == inked => *end = i + 1,
            _ => parts.push((i, i + 1, inked)),
        }
    }
    let is_rule = |part: &(usize, usize, bool)| {
        let full = (part.0..part.1).any(|i| ink[i] * 10 >= rows.len() * 9);
        part.2 && full && ((part.1 - part.0) as f32) < (height * RULE).max(4.0)
    };
    let wide = |part: &(usize, usize, bool)| !part.2 && (part.1 - part.0) as f32 >= LEAST_WIDTH * height;
    let found = if has_colon {
        parts.first().filter(|part| wide(part))
    } else {
        // Label, rule, nothing, rule: at a table's head the next label stands in the next cell.
        let rule = parts.iter().position(is_rule)?;
        let clear = parts[..rule].iter().all(|part| !part.2);
        let (cell, end) = (parts.get(rule + 1)?, parts.get(rule + 2)?);
        (clear && wide(cell) && is_rule(end)).then_some(cell)
    }?;
    Some(band.on_page(from + found.0, from + found.1))
}
