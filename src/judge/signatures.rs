//! Fields for a signature in which something is written that could not be read: it may be the applicant's name, so that a
//! person must look.

use super::field_ink::FieldInk;
use super::perhaps_a_name;
use crate::geometry::{Bbox, Quad};
use crate::ocr::TextLine;
use crate::raster::Raster;
use crate::report::{Finding, FindingKind, Mark};

/// What a field for a signature is called at its end; roles stand before it: 乙方（签字）, 负责人签名.
const LABELS: [&str; 3] = ["签名", "签字", "签章"];
/// A field reaches so many line heights from its label: four characters of handwriting.
const WIDTH: f32 = 8.0;
/// Handwriting goes beyond its line by so many line heights above and below.
const BEYOND: f32 = 0.5;
/// Posterior from which a character counts as read: cursive ones are guessed at less.
const READ: f32 = 0.85;
/// A signature is at least so high and wide in line heights: one character.
const LEAST: f32 = 0.6;
/// Share of that square that its strokes fill at least.
const LEAST_FILL: f32 = 0.04;

/// Findings for signature fields with unread ink, but where `known` findings or existing covers are.
pub fn of_signatures(raster: &Raster, lines: &[TextLine], known: &[Finding], marks: &[Mark]) -> Vec<Finding> {
    let characters: Vec<(Bbox, char, f32)> = lines.iter().flat_map(characters).collect();
    let mut found: Vec<Finding> = Vec::new();
    for line in lines {
        let Some(field) = field_of(line, &characters).map(|field| field.clamped(raster.width(), raster.height()))
        else {
            continue;
        };
        let touches = |bbox: Option<Bbox>| bbox.is_some_and(|bbox| !bbox.intersection(field).is_empty());
        let is_told =
            known.iter().chain(&found).any(|finding| finding.kind == FindingKind::Name && touches(finding.bbox))
                || marks.iter().any(|mark| touches(Some(mark.bbox)));
        if is_told {
            continue;
        }
        if let Some(ink) = unread_ink(raster, field, line.quad.thickness(), &characters) {
            let reason = "签名处有字迹未能辨读，请人工查看 (writing in a field for a signature that could not be read)";
            found.push(perhaps_a_name(Quad::from_bbox(ink), None, reason));
        }
    }
    found
}

/// A line's characters with their places and posteriors.
pub(super) fn characters(line: &TextLine) -> Vec<(Bbox, char, f32)> {
    let total = line.lattice.frames().max(1) as f32;
    let path = line.lattice.best_path();
    let at = |read: &crate::ocr::lattice::ReadSymbol| {
        let (from, to) = (read.frames.start as f32 - 0.5, read.frames.end as f32 + 0.5);
        line.quad.slice((from / total).max(0.0), (to / total).min(1.0)).bbox()
    };
    path.iter()
        .filter_map(|read| {
            let c = line.lattice.alphabet().text(read.symbol).chars().next()?;
            Some((at(read), c, read.score))
        })
        .collect()
}

/// Where the signature stands that the line's last label asks for.
fn field_of(line: &TextLine, all: &[(Bbox, char, f32)]) -> Option<Bbox> {
    let height = line.quad.thickness();
    if height > line.quad.length() {
        return None;
    }
    let own = characters(line);
    let text: Vec<char> = own.iter().map(|(_, c, _)| *c).collect();
    let label = (0..text.len().saturating_sub(1))
        .rev()
        .find(|&i| LABELS.iter().any(|label| label.chars().eq(text[i..i + 2].iter().copied())))?;
    let is_end = |c: char| matches!(c, ')' | '）' | ':' | '：' | ' ' | '　' | '_' | '＿' | '—');
    let end = (label + 2..text.len()).take_while(|&i| is_end(text[i])).last().unwrap_or(label + 1);
    // 签字 within a sentence is no label: behind it a colon stands, or no clear character of the line.
    let has_colon = text[label + 2..=end.max(label + 1)].iter().any(|c| matches!(c, ':' | '：' | ')' | '）'));
    let goes_on = own.get(end + 1).is_some_and(|(_, _, score)| *score >= READ);
    if goes_on && !has_colon {
        return None;
    }
    let left = own[end].0.right;
    let bbox = line.quad.bbox();
    let beyond = (BEYOND * height) as i32;
    // The next clear print of the row ends the field: another label, or the year of a date.
    let (top, bottom) = (bbox.top - beyond, bbox.bottom + beyond);
    let middle = |b: &Bbox| i32::midpoint(b.top, b.bottom);
    let right = all
        .iter()
        .filter(|(b, _, score)| {
            *score >= READ && b.left > left + height as i32 / 2 && (bbox.top..bbox.bottom).contains(&middle(b))
        })
        .map(|(b, _, _)| b.left)
        .min()
        .unwrap_or(i32::MAX);
    let right = right.min(left + (WIDTH * height) as i32);
    let field = Bbox::from_ltrb(left, top, right, bottom);
    (field.width() as f32 >= LEAST * height).then_some(field)
}

/// The box of ink in a field that is no rule, no seal and no character that was read; `None` when there is hardly any.
fn unread_ink(raster: &Raster, field: Bbox, height: f32, characters: &[(Bbox, char, f32)]) -> Option<Bbox> {
    let mut ink = FieldInk::new(raster, field, height)?;
    characters.iter().filter(|(_, _, score)| *score >= READ).for_each(|(bbox, _, _)| ink.remove(*bbox));
    let bbox = ink.bbox()?;
    let least = LEAST * height;
    let is_enough = ink.count() as f32 >= LEAST_FILL * height * height
        && bbox.width() as f32 >= least
        && bbox.height() as f32 >= least;
    is_enough.then_some(bbox)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use image::{Rgb, RgbImage};

    use super::*;
    use crate::ocr::lattice::{Alphabet, Lattice};

    /// A page with one line `text` of 30-pixel characters, and strokes of a pen behind it when it is signed.
    fn page(text: &str, is_signed: bool) -> (Raster, Vec<TextLine>) {
        let count = text.chars().count() as i32;
        let end = 100 + 30 * count;
        let pixels = RgbImage::from_fn(1000, 200, |x, y| {
            let (x, y) = (x as i32, y as i32);
            let is_label = (100..end).contains(&x) && (85..115).contains(&y) && (x + y) % 5 == 0;
            let is_rule = (end..end + 240).contains(&x) && (118..120).contains(&y);
            let is_pen = is_signed
                && (end + 20..end + 120).contains(&x)
                && ((x - end) * 2 / 5 + 70 - y).abs() < 3 + (x % 40) / 12
                && (72..118).contains(&y);
            Rgb([if is_label || is_rule || is_pen { 40 } else { 250 }; 3])
        });
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters.dedup();
        let alphabet =
            Arc::new(Alphabet::from_lines(&letters.iter().map(char::to_string).collect::<Vec<_>>().join("\n")));
        let width = count as f32;
        let symbols: Vec<_> = text
            .chars()
            .enumerate()
            .map(|(i, c)| {
                (alphabet.symbol(c).expect("in the alphabet"), (i as f32 + 0.1) / width, (i as f32 + 0.9) / width)
            })
            .collect();
        let quad = Quad::from_bbox(Bbox::from_ltrb(100, 85, end, 115));
        let line = TextLine { quad, lattice: Lattice::of_known(&alphabet, &symbols) };
        (Raster::new(pixels, 200.0), vec![line])
    }

    fn found(text: &str, is_signed: bool) -> Vec<Finding> {
        let (raster, lines) = page(text, is_signed);
        of_signatures(&raster, &lines, &[], &[])
    }

    #[test]
    fn writing_behind_a_label_for_a_signature_is_for_a_person() {
        for label in ["签名：", "本人签字：", "乙方（签字）：", "负责人签名", "申请人（签字）"]
        {
            let found = found(label, true);
            assert!(matches!(&found[..], [finding] if !finding.certain), "{label}: {found:?}");
        }
    }

    #[test]
    fn an_empty_field_and_other_words_are_nothing() {
        for label in ["签名：", "本人签字：", "乙方（签字）："] {
            assert_eq!(found(label, false), [], "{label}");
        }
        for text in ["年月日：", "双方签字后生效"] {
            assert_eq!(found(text, true), [], "{text}");
        }
    }

    #[test]
    fn the_head_of_an_empty_column_and_a_crooked_frame_are_no_writing() {
        for slope in [0.0, 0.02, 0.05] {
            let (mut raster, lines) = page("签字", false);
            // The cell ends behind the label; its rules end there, too.
            for (x, y, pixel) in raster.pixels.enumerate_pixels_mut() {
                let (u, v) = (x as f32 + slope * y as f32, y as f32 - slope * x as f32);
                let is_frame = u < 216.0 && (v as i32 - 75).rem_euclid(50) < 2 || (214.0..216.0).contains(&u);
                let is_speck = (x * 7 + y * 13) % 601 == 0;
                if is_frame || is_speck {
                    *pixel = Rgb([30; 3]);
                }
            }
            assert_eq!(of_signatures(&raster, &lines, &[], &[]), [], "{slope}");
        }
    }

    #[test]
    fn a_field_with_a_finding_or_a_cover_is_told_already() {
        let (raster, lines) = page("签名：", true);
        let first = of_signatures(&raster, &lines, &[], &[]);
        assert_eq!(of_signatures(&raster, &lines, &first, &[]), []);
    }
}
