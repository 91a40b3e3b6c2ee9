//! The characters around a cover → what labels and words there say is hidden: a name, a unit, something else.

use super::row::{BESIDE, Placed};
use crate::geometry::Bbox;
use crate::identity::Kind;
use crate::ocr::TextLine;

/// What the text around a cover says about what is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// A label or a word beside it asks for a name or a unit.
    Identity(Kind),
    /// The label at the head of a table's column asks for it, some rows above.
    Column(Kind),
    /// A label asks for some person's name, who need not be the applicant: a contact's, a referee's.
    Person,
    /// A label asks for something else: a date, a number.
    Other,
    /// Nothing tells.
    Unknown,
}

/// Labels of the fields that hold a name; a cover right after one hides a name.
const NAME_LABELS: [&str; 20] = [
    "姓名",
    "名字",
    "申报人",
    "申请人",
    "被推荐人",
    "被评审人",
    "获奖者",
    "获奖人",
    "持证人",
    "作者",
    "本人",
    "负责人",
    "主持人",
    "完成人",
    "发明人",
    "设计人",
    "编制人",
    "签名",
    "签字",
    "学员",
];
const UNIT_LABELS: [&str; 12] =
    ["单位", "单位名称", "公司", "部门", "机构", "学校", "医院", "工作处", "完成单位", "申报单位", "所在地", "供职于"];
/// Labels that are also what units end in: they count only as a word of their own.
const ENDS_OF_UNITS: [&str; 5] = ["公司", "部门", "机构", "学校", "医院"];
/// What other labels of persons end with.
const ENDS_OF_PERSONS: [&str; 5] = ["人", "者", "员", "教师", "老师"];
/// Words right before a person's name in a sentence.
const BEFORE_NAME: [&str; 6] = ["兹证明", "兹有", "兹介绍", "聘请", "聘任", "学生"];
/// Words that follow a person's name.
const AFTER_NAME: [&str; 9] = ["同志", "先生", "女士", "老师", "同学", "医师", "系我", "为我单位", "在我单位"];
/// Words before and after a unit's name in a sentence.
const BEFORE_UNIT: [&str; 8] = ["就职于", "任职于", "供职于", "工作于", "调入", "系", "现在", "现任"];
const AFTER_UNIT: [&str; 5] = ["职工", "员工", "工作期间", "任职", "人事"];
/// Longest label of a table's column or cell, in characters.
const LONGEST_LABEL: usize = 7;
/// Rows above a cell in line heights within which its column's label stands.
const COLUMN_REACH: f32 = 12.0;
/// What stands between the names or units of a list, and what it is read as.
pub(super) const LIST_SEPARATORS: &str = "；;、，,：:";

fn is_separator(c: char) -> bool {
    matches!(
        c,
        ':' | '：' | '_' | '-' | '—' | '.' | '。' | '、' | '，' | ',' | '|' | '“' | '"' | '（' | '(' | '是' | '为'
    )
}

/// The last characters before a cover without the separators after them.
fn bare_end(before: &[char]) -> String {
    let end = before.iter().rposition(|&c| !is_separator(c)).map_or(0, |i| i + 1);
    let bare: String = before[end.saturating_sub(12)..end].iter().collect();
    bare.trim_end_matches([')', '）', '章', '盖']).to_owned()
}

/// True when some words of a row ask for a name or unit, or follow one.
pub(super) fn may_ask(row: &[Placed]) -> bool {
    let text: String = row.iter().map(|(_, c)| *c).collect();
    let words = [&NAME_LABELS[..], &UNIT_LABELS, &BEFORE_NAME, &AFTER_NAME, &BEFORE_UNIT, &AFTER_UNIT];
    words.iter().any(|words| words.iter().any(|word| text.contains(word)))
}

/// True when what stands before asks for a person's name, in a sentence or as a label.
pub(super) fn asks_for_name(before: &[char]) -> bool {
    let bare = bare_end(before);
    NAME_LABELS.iter().chain(&BEFORE_NAME).any(|word| bare.ends_with(word))
}

/// True when what stands before ends with the label of a unit.
pub(super) fn asks_for_unit(before: &[char]) -> bool {
    let bare = bare_end(before);
    UNIT_LABELS.iter().any(|word| bare.ends_with(word))
}

/// True when what follows goes on as after a person's name.
pub(super) fn is_after_name(after: &[char]) -> bool {
    let after: String = after.iter().take(6).collect();
    AFTER_NAME.iter().any(|word| after.starts_with(word))
}

/// What a cover at `mark` beside the characters of its row may hide.
pub(super) fn expected(mark: Bbox, row: &[Placed], lines: &[TextLine]) -> Expected {
    let before: Vec<char> = row.iter().filter(|(at, _)| at.centre().x < mark.left as f32 + 1.0).map(|p| p.1).collect();
    let after: String =
        row.iter().filter(|(at, _)| at.centre().x > mark.right as f32 - 1.0).map(|p| p.1).take(6).collect();
    let asks = before.iter().rev().take(2).any(|c| matches!(c, ':' | '：'));
    let bare = bare_end(&before);
    let word = last_word(mark, row);
    let is_label = |label: &str| bare.ends_with(label) && (!ENDS_OF_UNITS.contains(&label) || word == label);
    let longest = |labels: &[&str]| labels.iter().filter(|l| is_label(l)).map(|l| l.chars().count()).max();
    match (longest(&NAME_LABELS), longest(&UNIT_LABELS)) {
        (Some(name), unit) if unit.is_none_or(|unit| name >= unit) => return Expected::Identity(Kind::Name),
        (_, Some(_)) => return Expected::Identity(Kind::Unit),
        _ => {}
    }
    if let Some(kind) = list_label(mark, row) {
        return Expected::Identity(kind);
    }
    if asks {
        let is_person = ENDS_OF_PERSONS.iter().any(|end| bare.ends_with(end));
        return if is_person { Expected::Person } else { Expected::Other };
    }
    let touches = row.iter().any(|(at, _)| {
        let gap = at.left - mark.right;
        gap > -at.width() && (gap as f32) < at.height() as f32 * BESIDE
    });
    if touches && AFTER_NAME.iter().any(|word| after.starts_with(word)) {
        return Expected::Identity(Kind::Name);
    }
    if touches && AFTER_UNIT.iter().any(|word| after.starts_with(word)) {
        return Expected::Identity(Kind::Unit);
    }
    if BEFORE_NAME.iter().any(|word| bare.ends_with(word)) {
        return Expected::Identity(Kind::Name);
    }
    if BEFORE_UNIT.iter().any(|word| bare.ends_with(word)) {
        return Expected::Identity(Kind::Unit);
    }
    column_label(mark, lines).map_or(Expected::Unknown, Expected::Column)
}

/// What the label of a list asks for when `mark` stands in the place of one of its items but the first: after a separator.
fn list_label(mark: Bbox, row: &[Placed]) -> Option<Kind> {
    /// From the middle of a cell's last character to that of the next one's first in line heights; print has 0.75.
    const CELL: f32 = 1.0;
    let before: Vec<&Placed> = row.iter().filter(|(at, _)| at.centre().x < mark.left as f32 + 1.0).collect();
    before.last().filter(|(_, c)| LIST_SEPARATORS.contains(*c))?;
    // The label ends at a colon or at its cell's end.
    let is_label_end = |pair: &[&Placed]| {
        let ((left, c), (right, _)) = (pair[0], pair[1]);
        matches!(c, ':' | '：') || right.centre().x - left.centre().x >= right.height() as f32 * CELL
    };
    let ends: Vec<usize> = (1..before.len()).filter(|&i| is_label_end(&before[i - 1..=i])).collect();
    ends.into_iter().rev().find_map(|end| {
        let bare = bare_end(&before[..end].iter().map(|(_, c)| *c).collect::<Vec<char>>());
        let ends_with = |labels: &[&str]| labels.iter().any(|label| bare.ends_with(label));
        match () {
            () if ends_with(&UNIT_LABELS) => Some(Kind::Unit),
            () if ends_with(&NAME_LABELS) => Some(Kind::Name),
            () => None,
        }
    })
}

/// The word of a row before `mark`: characters that stand close together, without separators.
fn last_word(mark: Bbox, row: &[Placed]) -> String {
    let before: Vec<&Placed> = row.iter().filter(|(at, _)| at.centre().x < mark.left as f32 + 1.0).collect();
    let end = before.iter().rposition(|(_, c)| !is_separator(*c)).map_or(0, |i| i + 1);
    let goes_on = |pair: &[&Placed]| {
        let ((left, c), (right, _)) = (pair[0], pair[1]);
        !is_separator(*c) && ((right.left - left.right) as f32) < right.height() as f32 * BESIDE
    };
    let start = before[..end].windows(2).rposition(|pair| !goes_on(pair)).map_or(0, |i| i + 1);
    before[start.min(end)..end].iter().map(|(_, c)| c).collect()
}

/// The label at the head of the table column that holds `mark`.
pub(super) fn column_label(mark: Bbox, lines: &[TextLine]) -> Option<Kind> {
    let middle = mark.centre().x;
    lines
        .iter()
        .filter(|line| {
            let bbox = line.quad.bbox();
            bbox.bottom <= mark.top + mark.height() / 4
                && (mark.top - bbox.bottom) as f32 <= COLUMN_REACH * bbox.height() as f32
                && bbox.left as f32 <= middle
                && bbox.right as f32 >= middle
        })
        .filter_map(|line| Some((line.quad.bbox().top, exact_label(&line.text())?)))
        .max_by_key(|(top, _)| *top)
        .map(|(_, kind)| kind)
}

/// The kind that a text asks for when it is nothing but a label.
pub(super) fn exact_label(text: &str) -> Option<Kind> {
    let bare: String = text.chars().filter(|c| !c.is_whitespace() && !is_separator(*c)).collect();
    if bare.chars().count() > LONGEST_LABEL {
        return None;
    }
    if matches!(bare.as_str(), "姓名" | "本人姓名" | "申报人" | "申报人姓名" | "申请人" | "名字" | "姓名(签字)")
    {
        return Some(Kind::Name);
    }
    let units = ["单位", "工作单位", "单位名称", "所在单位", "申报单位", "现工作单位", "工作单位名称", "所属单位"];
    units.contains(&bare.as_str()).then_some(Kind::Unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Vec<Placed> {
        text.chars().enumerate().map(|(i, c)| (Bbox::from_ltrb(20 * i as i32, 0, 20 * i as i32 + 20, 24), c)).collect()
    }

    #[test]
    fn the_label_of_a_list_asks_for_all_its_items() {
        let at = |text: &str| {
            let mark = Bbox::from_ltrb(20 * text.chars().count() as i32, 0, 20 * text.chars().count() as i32 + 60, 24);
            let row: Vec<Placed> = row(text).into_iter().filter(|(_, c)| *c != '　').collect();
            expected(mark, &row, &[])
        };
        assert_eq!(at("作　者　　李建国；"), Expected::Identity(Kind::Name));
        assert_eq!(at("作者单位：江北大学；"), Expected::Identity(Kind::Unit));
        assert_eq!(at("关键词：水文；"), Expected::Unknown, "another label");
        assert_eq!((at("联系人："), at("日期：")), (Expected::Person, Expected::Other));
        assert_eq!(at("本文作者认为，"), Expected::Unknown, "no label");
        assert_eq!(at("作　者　　李建国等人的"), Expected::Unknown, "no item");
    }
}
