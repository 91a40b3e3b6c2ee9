//! The characters of a row → places where a part of the applicant's name is followed, or led, by bare paper where the rest
//! should stand: the paper's own colour covers it, which cannot be seen.

use super::place::{Placed, asks_for_name, is_after_name, row, short_name};
use crate::geometry::Bbox;
use crate::ocr::TextLine;

/// Bare paper in ems for each character that is missing; a character set wide stands half an em off.
const MISSING: f32 = 0.75;
/// Bare paper in ems beyond that: the paper's colour covers a little more than the characters.
const BEYOND: f32 = 1.6;
/// Gap in ems between two characters that belong together.
const CLOSE: f32 = 0.45;
/// What ends a name in a sentence.
const ENDS: &str = "，。、,.;；:：)）（(";

/// A place without ink beside a part of a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gap {
    pub(super) bbox: Bbox,
    pub(super) line: usize,
}

/// The gaps beside parts of `name` in all rows.
pub(super) fn gaps(lines: &[TextLine], name: &str) -> Vec<Gap> {
    let Some(name) = short_name(name) else { return Vec::new() };
    let may_hold = |line: &TextLine| line.quad.length() >= line.quad.thickness() * 0.5;
    let with_part = |line: &TextLine| {
        let text = line.text();
        text.contains(name[0]) || text.contains(name[name.len() - 1])
    };
    let candidates = lines.iter().enumerate().filter(|(_, line)| may_hold(line) && with_part(line));
    candidates
        .flat_map(|(line, own)| {
            let place = own.quad.bbox();
            let inside =
                move |bbox: &Bbox| bbox.centre().y >= place.top as f32 && bbox.centre().y < place.bottom as f32;
            let found = in_row(&row(lines, own), &name, own.quad.thickness());
            found.into_iter().filter(inside).map(move |bbox| Gap { bbox, line }).collect::<Vec<_>>()
        })
        .collect()
}

/// The gaps in one row; characters are about 0.75 of a detected line's `thickness` wide.
fn in_row(row: &[Placed], name: &[char], thickness: f32) -> Vec<Bbox> {
    /// An em in a detected line's thickness.
    const EM: f32 = 0.75;
    let em = thickness * EM;
    let read: Vec<char> = row.iter().map(|(_, c)| *c).collect();
    let middle = |i: usize| row[i].0.centre().x;
    // From the one's edge to the other's: middles lie an em apart when nothing is between them.
    let between = |i: usize, j: usize| (middle(j) - middle(i)) / em - 1.0;
    let mut found = Vec::new();
    for count in 1..name.len() {
        let missing = (name.len() - count) as f32;
        let wide = missing * MISSING..=missing + BEYOND;
        for start in 0..row.len().saturating_sub(count - 1) {
            let end = start + count;
            let is_close = (start + 1..end).all(|i| between(i - 1, i) < CLOSE);
            let place =
                |from: f32, to: f32| Bbox::from_ltrb(from as i32, row[start].0.top, to as i32, row[start].0.bottom);
            if is_close && read[start..end] == name[..count] && asks_for_name(&read[..start]) {
                let to = row.get(end).map_or(f32::MAX, |_| between(end - 1, end));
                let goes_on = read.get(end).is_some_and(|c| ENDS.contains(*c)) || is_after_name(&read[end..]);
                if wide.contains(&to) && goes_on {
                    found.push(place(middle(end - 1) + em * 0.5, middle(end) - em * 0.5));
                }
            }
            if start > 0 && is_close && read[start..end] == name[name.len() - count..] && asks_for_name(&read[..start])
            {
                let goes_on = read.get(end).is_none_or(|c| ENDS.contains(*c)) || is_after_name(&read[end..]);
                if wide.contains(&between(start - 1, start)) && goes_on {
                    found.push(place(middle(start - 1) + em * 0.5, middle(start) - em * 0.5));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Characters of 20 pixels side by side; a full-width space is bare paper.
    fn row(text: &str) -> Vec<Placed> {
        let at = |i: usize| Bbox::from_ltrb(20 * i as i32, 0, 20 * i as i32 + 20, 24);
        text.chars().enumerate().filter(|(_, c)| *c != '　').map(|(i, c)| (at(i), c)).collect()
    }

    fn found(text: &str, name: &str) -> usize {
        in_row(&row(text), &name.chars().collect::<Vec<_>>(), 20.0 / 0.75).len()
    }

    #[test]
    fn paper_where_the_rest_of_the_name_should_stand_is_found() {
        assert_eq!(found("兹聘请何　　同志担任评委", "何靖雯"), 1);
        assert_eq!(found("学生张　，性别男", "张昊"), 1);
        assert_eq!(found("兹证明　靖雯同志", "何靖雯"), 1);
    }

    #[test]
    fn whole_names_names_set_wide_and_other_words_are_nothing() {
        for text in [
            "兹聘请何靖雯同志担任评委",
            "兹聘请何　　某同志",
            "张　　工程师",
            "姓名：何　　性别：女",
            "兹聘请何为同志",
            "如何　　同志",
        ] {
            assert_eq!(found(text, "何靖雯"), 0, "{text}");
        }
        assert_eq!(found("学生张　昊，性别男", "张昊"), 0);
    }
}
