//! The characters of a row → places where a part of the applicant's name is followed, or led, by bare paper where the rest
//! should stand: the paper's own colour covers it, which cannot be seen.

use super::band::LIKE_BLOCKS;
use super::glyphs::EM;
use super::label::{asks_for_name, asks_for_unit, is_after_name};
use super::left::{is_same, short_name};
use super::row::{Placed, row};
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
#[derive(Debug, Clone, Copy, PartialEq)]
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

/// The places where a name or unit is interrupted: its beginning and its end stand as far apart as what is missing between
/// them is long, and nothing was read there.
pub(super) fn interruptions(lines: &[TextLine], keyword: &str) -> Vec<Gap> {
    let keyword: Vec<char> = keyword.chars().filter(|c| !c.is_whitespace()).collect();
    if keyword.len() < LEAST_INTERRUPTED {
        return Vec::new();
    }
    let may_hold = |line: &TextLine| line.quad.length() >= line.quad.thickness() * 0.5;
    let mut found: Vec<Gap> = Vec::new();
    for (line, own) in lines.iter().enumerate().filter(|(_, line)| may_hold(line)) {
        let row = row(lines, own);
        for bbox in interrupted(&row, &keyword, own.quad.thickness()) {
            if found.iter().all(|gap| gap.bbox.intersection(bbox).is_empty()) {
                found.push(Gap { bbox, line });
            }
        }
    }
    found
}

/// Characters of the shortest name that can be interrupted.
const LEAST_INTERRUPTED: usize = 3;

/// The interruptions in one row; characters are about 0.75 of a detected line's `thickness` wide.
fn interrupted(row: &[Placed], keyword: &[char], thickness: f32) -> Vec<Bbox> {
    /// Ems by which the gap may be shorter, and longer, and how much longer for each missing character.
    const SHORTER: f32 = 0.4;
    const LONGER: f32 = 0.4;
    const LONGER_EACH: f32 = 0.2;
    let count = keyword.len();
    let em = thickness * EM;
    let read: Vec<char> = row.iter().map(|(_, c)| *c).collect();
    let places = 1..row.len();
    let interruption = |j: usize| {
        let begins = (1..count).rev().find(|&b| b <= j && is_same(read[j - b..j].iter().copied(), &keyword[..b]))?;
        let ends = (1..count)
            .rev()
            .find(|&e| j + e <= row.len() && is_same(read[j..j + e].iter().copied(), &keyword[count - e..]))?;
        let missing = count.checked_sub(begins + ends).filter(|&missing| missing > 0)? as f32;
        let (left, right) = (row[j - 1].0, row[j].0);
        let gap = (right.centre().x - left.centre().x) / em - 1.0;
        let is_enough = (begins + ends) * 2 >= count;
        let fits = (-SHORTER..=LONGER + LONGER_EACH * missing).contains(&(gap - missing));
        let half = em * 0.5;
        let place = Bbox::from_ltrb(
            (left.centre().x + half) as i32,
            left.top.min(right.top),
            (right.centre().x - half) as i32,
            left.bottom.max(right.bottom),
        );
        (is_enough && fits && !place.is_empty()).then_some(place)
    };
    places.filter_map(interruption).collect()
}

/// The middle of a name or unit that stands alone in its row: what should stand before and after it was not read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Middle {
    pub(super) before: Gap,
    pub(super) after: Gap,
    /// True when characters of the row end each gap where what is missing there does, or a label asks for it and nothing
    /// follows.
    pub(super) is_fitting: bool,
}

/// The middles of a name or unit in all rows.
pub(super) fn middles(lines: &[TextLine], keyword: &str) -> Vec<Middle> {
    let keyword: Vec<char> = keyword.chars().filter(|c| !c.is_whitespace()).collect();
    if keyword.len() < LEAST_WITH_MIDDLE {
        return Vec::new();
    }
    let may_hold = |line: &TextLine| {
        let read: Vec<char> = line.text().chars().collect();
        let long = line.quad.length() >= line.quad.thickness();
        long && read.windows(LEAST_MIDDLE).any(|part| keyword.windows(LEAST_MIDDLE).any(|own| own == part))
    };
    let mut found: Vec<Middle> = Vec::new();
    for (line, own) in lines.iter().enumerate().filter(|(_, line)| may_hold(line)) {
        let Some(middle) = middle(&row(lines, own), &keyword, own.quad.thickness()) else { continue };
        let [before, after] = middle.gaps.map(|bbox| Gap { bbox, line });
        if found.iter().all(|known| known.before.bbox.intersection(before.bbox).is_empty()) {
            found.push(Middle { before, after, is_fitting: middle.is_fitting });
        }
    }
    found
}

/// Characters of the shortest name that has a middle, and of a middle that tells something.
const LEAST_WITH_MIDDLE: usize = 5;
const LEAST_MIDDLE: usize = 3;
/// Share of the name or unit.
const LEAST_OF_ALL: f32 = 0.4;

/// The gaps before and after the longest middle of a row.
struct Open {
    gaps: [Bbox; 2],
    is_fitting: bool,
}

/// The longest middle in one row; characters are about 0.75 of a detected line's `thickness` wide.
fn middle(row: &[Placed], keyword: &[char], thickness: f32) -> Option<Open> {
    let em = thickness * EM;
    // What covers are read as is not what was written there.
    let row: Vec<Placed> =
        row.iter().copied().filter(|(_, c)| !LIKE_BLOCKS.contains(*c) || keyword.contains(c)).collect();
    let between = |i: usize, j: usize| (row[j].0.centre().x - row[i].0.centre().x) / em - 1.0;
    let count = keyword.len();
    let long = |start: usize, skipped: usize| {
        let fits = |k: &usize| {
            is_same([row[start + k].1], &keyword[skipped + k..=skipped + k])
                && (*k == 0 || between(start + k - 1, start + k) < CLOSE)
        };
        (0..(row.len() - start).min(count - skipped)).take_while(fits).count()
    };
    let starts = (0..row.len()).flat_map(|start| (1..count).map(move |skipped| (start, skipped)));
    let (length, start, skipped) = starts.map(|(start, skipped)| (long(start, skipped), start, skipped)).max()?;
    let (end, left_out) = (start + length, count - skipped - length);
    let is_enough = length >= LEAST_MIDDLE && length as f32 >= LEAST_OF_ALL * count as f32;
    if !is_enough || left_out == 0 {
        return None;
    }
    // A character that is cut is read as another one, right beside; with more of them there is no gap.
    let next = |of: usize, step: isize| of.checked_add_signed(step).filter(|&i| i < row.len());
    let is_close = |i: usize, j: usize| between(i.min(j), i.max(j)) < CLOSE;
    let beyond = |of: usize, step: isize| match next(of, step) {
        Some(cut) if is_close(of, cut) => match next(cut, step) {
            Some(other) if is_close(cut, other) => None,
            beyond => Some(beyond),
        },
        beyond => Some(beyond),
    };
    let (before, after) = (beyond(start, -1)?, beyond(end - 1, 1)?);
    let wide = |gap: Option<f32>, missing: usize| gap.is_none_or(|gap| gap >= missing as f32 - TIGHT);
    let (first, last) = (before.map(|i| between(i, start)), after.map(|i| between(end - 1, i)));
    if !wide(first, skipped) || !wide(last, left_out) {
        return None;
    }
    let ends = |gap: Option<f32>, missing: usize| gap.is_some_and(|gap| gap <= missing as f32 + BEYOND);
    // Nothing need follow what a label asks for.
    let read: Vec<char> = row.iter().map(|(_, c)| *c).collect();
    let is_asked = || before.is_some_and(|i| asks_for_unit(&read[..=i]) || asks_for_name(&read[..=i]));
    let is_fitting = ends(first, skipped) && (ends(last, left_out) || last.is_none() && is_asked());
    let (head, tail) = (row[start].0, row[end - 1].0);
    let room = |missing: usize, gap: Option<f32>| gap.unwrap_or(f32::MAX).min(missing as f32 + MARGIN) * em;
    let (from, to) = (head.centre().x - em * 0.5, tail.centre().x + em * 0.5);
    let gaps = [
        Bbox::from_ltrb((from - room(skipped, first)) as i32, head.top, from as i32, head.bottom),
        Bbox::from_ltrb(to as i32, tail.top, (to + room(left_out, last)) as i32, tail.bottom),
    ];
    Some(Open { gaps, is_fitting })
}

/// Ems by which a gap may be shorter than what is missing: half a character may be left, and read as none.
const TIGHT: f32 = 0.6;
/// Ems beyond what is missing that are taken into a gap.
const MARGIN: f32 = 0.5;

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
    fn a_name_or_unit_with_a_hole_of_the_right_size_is_interrupted() {
        let found = |text: &str, keyword: &str| {
            interrupted(&row(text), &keyword.chars().collect::<Vec<_>>(), 20.0 / 0.75).len()
        };
        assert_eq!(found("江海大学；云岭市　　中学；", "云岭市第三中学"), 1);
        assert_eq!(found("作者李海；谭　丽；", "谭雅丽"), 1);
        assert_eq!(found("云岭市　　　　　中学", "云岭市第三中学"), 0, "a longer name");
        assert_eq!(found("云岭市第三中学", "云岭市第三中学"), 0);
        assert_eq!(found("谭文丽", "谭雅丽"), 0);
    }

    #[test]
    fn the_middle_of_a_unit_between_gaps_of_the_size_of_what_is_missing_is_found() {
        let unit = "额敏县畜牧兽医站";
        let found =
            |text: &str| middle(&row(text), &unit.chars().collect::<Vec<_>>(), 20.0 / 0.75).map(|open| open.is_fitting);
        assert_eq!(found("样品由　　县畜牧兽　　负责采集"), Some(true));
        assert_eq!(found("样品由　敏县畜牧兽区　负责采集"), Some(true), "a cut character is read as another");
        assert_eq!(found("工作单位　　县畜牧兽"), Some(true), "a label asks for it");
        assert_eq!(found("指导专家　　县畜牧兽"), Some(false), "nothing follows");
        assert_eq!(found("　县畜牧兽　　　　　　　　　　二"), Some(false));
        assert_eq!(found("全县畜牧兽医工作会议"), None, "other words");
        assert_eq!(found("样品由额敏县畜牧兽医站负责采集"), None);
        assert_eq!(found("样品由敏县畜牧兽医站负责采集"), None, "no room for what is missing");
        assert_eq!(found("样品由　　县畜牧　　负责采集"), None, "too little");
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
