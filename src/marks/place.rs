//! What stands around a cover → whose text is expected under it, and what of the applicant's is left beside it.

use super::band::LIKE_BLOCKS;
use super::beside;
use super::cut::{self, Side};
use super::glyphs::is_han;
use crate::error::Result;
use crate::geometry::Bbox;
use crate::identity::{Evidence, Identity, Kind, fold};
use crate::ocr::TextLine;
use crate::ocr::read::Reader;
use crate::raster::Raster;

/// What the text around a cover says about what is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// A label or a word beside it asks for a name or a unit.
    Identity(Kind),
    /// The label at the head of a table's column asks for it, some rows above.
    Column(Kind),
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
/// Distance in a line's thickness within which characters of two lines are the same one.
const NEAR: f32 = 0.3;
/// What stands between the names or units of a list, and what it is read as.
pub(super) const LIST_SEPARATORS: &str = "；;、，,：:";
/// Gap in line heights between a cover and the character beside it.
const BESIDE: f32 = 0.9;

/// A character of a row with its place.
pub(super) type Placed = (Bbox, char);

/// True for a line in the same row as another.
pub(super) fn is_in_row(line: &TextLine, own: &TextLine) -> bool {
    let (row, bbox) = (own.quad.bbox(), line.quad.bbox());
    let overlap = bbox.bottom.min(row.bottom) - bbox.top.max(row.top);
    overlap * 2 >= bbox.height().min(row.height())
}

/// The characters of the row of `own`, left to right, over all its lines. What two lines have in common is there once.
pub(super) fn row(lines: &[TextLine], own: &TextLine) -> Vec<Placed> {
    let mut longest: Vec<&TextLine> = lines.iter().filter(|line| is_in_row(line, own)).collect();
    longest.sort_by_key(|line| std::cmp::Reverse(line.quad.bbox().width()));
    let mut chars: Vec<Placed> = Vec::new();
    for line in longest {
        let near = line.quad.thickness() * NEAR;
        let known = chars.len();
        for (at, c) in characters(line) {
            let is_same = |other: &Placed| (other.0.centre().x - at.centre().x).abs() < near;
            if !chars[..known].iter().any(is_same) {
                chars.push((at, c));
            }
        }
    }
    chars.sort_by_key(|(at, _)| at.left);
    chars
}

/// The same without what the cover itself was read as: a line of its own without a Chinese character.
pub(super) fn row_beside(mark: Bbox, lines: &[TextLine], own: &TextLine) -> Vec<Placed> {
    /// Share of such a line's length that the cover takes.
    const ITSELF: f32 = 0.4;
    let is_cover = |bbox: Bbox, text: &str| {
        let shared = bbox.right.min(mark.right) - bbox.left.max(mark.left);
        shared as f32 > bbox.width() as f32 * ITSELF && !text.chars().any(|c| is_han(c) && !LIKE_BLOCKS.contains(c))
    };
    let row = row(lines, own);
    let misread: Vec<Bbox> =
        lines.iter().filter(|line| is_cover(line.quad.bbox(), &line.text())).map(|line| line.quad.bbox()).collect();
    row.into_iter().filter(|(at, _)| !misread.iter().any(|line| at.covered_by(*line) > 0.5)).collect()
}

/// A cover with the characters of its row, or of its column. A column mirrored at the diagonal is a row, and is judged as one.
pub(super) struct Surroundings {
    /// The cover.
    pub(super) mark: Bbox,
    /// The characters in its row, left to right, the cover left out.
    pub(super) row: Vec<Placed>,
    is_column: bool,
}

impl Surroundings {
    /// Those of a cover in the row, or the column, of `own`.
    pub(super) fn of(mark: Bbox, lines: &[TextLine], own: &TextLine, is_column: bool) -> Self {
        if is_column {
            Self { mark: mirrored(mark), row: column(mark, lines, own), is_column: true }
        } else {
            Self { mark, row: row_beside(mark, lines, own), is_column: false }
        }
    }

    /// What the cover may hide.
    pub(super) fn expected(&self, lines: &[TextLine]) -> Expected {
        // At the head of what is mirrored there is no table's column.
        expected(self.mark, &self.row, if self.is_column { &[] } else { lines })
    }

    /// Characters of the applicant's name right beside the cover, read by themselves; see [`beside`].
    ///
    /// # Errors
    /// [`crate::Error::Model`] when reading fails.
    pub(super) fn name_beside(&self, page: &Raster, identity: &Identity, reader: &Reader) -> Result<Option<LeftOver>> {
        beside::of_name(page, self.mark, &self.row, self.is_column, identity, reader)
    }

    /// Strokes of characters that the cover cuts where the applicant's name or unit is expected, and which of them it is.
    pub(super) fn cut(&self, page: &Raster, lines: &[TextLine]) -> Option<(Kind, Bbox)> {
        let on_page = if self.is_column { mirrored(self.mark) } else { self.mark };
        let (block, colour) = cut::block(page, on_page)?;
        let block = if self.is_column { mirrored(block) } else { block };
        let found = cut::cuts(page, block, &self.row, self.is_column, colour);
        found.iter().find_map(|cut| {
            // What its strokes were read as is neither label nor text.
            let is_strokes = |at: &Bbox| {
                cut.side == Side::End && at.centre().x >= cut.bbox.left as f32 && at.centre().x <= cut.bbox.right as f32
            };
            let row = self.row.iter().filter(|(at, _)| !is_strokes(at)).copied().collect();
            let mark = if cut.side == Side::End { self.mark.union(cut.bbox) } else { self.mark };
            match (Self { mark, row, is_column: self.is_column }).expected(lines) {
                // A part of one character of a unit tells nothing.
                Expected::Identity(kind) | Expected::Column(kind) if kind == Kind::Name || cut.side == Side::Along => {
                    Some((kind, cut.on_page(self.is_column)))
                }
                _ => None,
            }
        })
    }

    /// See [`left_over`].
    pub(super) fn left_over(&self, line_height: f32, identity: &Identity) -> Option<LeftOver> {
        let left = left_over(self.mark, &self.row, line_height, identity)?;
        Some(if self.is_column { LeftOver { bbox: mirrored(left.bbox), ..left } } else { left })
    }
}

/// True for a cover above or below a line, or in a line that runs down the page.
pub(super) fn is_in_column(mark: Bbox, line: Bbox) -> bool {
    /// Share of the narrower one's width that the two have in common.
    const IN_LINE: f32 = 0.6;
    let across = mark.right.min(line.right) - mark.left.max(line.left);
    let along = mark.bottom.min(line.bottom) - mark.top.max(line.top);
    let runs_down = line.height() as f32 > 1.5 * line.width() as f32;
    let is_single = line.width() as f32 <= 1.5 * line.height() as f32;
    across as f32 >= IN_LINE * mark.width().min(line.width()) as f32 && (runs_down || is_single && along <= 0)
}

/// The characters above and below a cover, mirrored.
fn column(mark: Bbox, lines: &[TextLine], own: &TextLine) -> Vec<Placed> {
    let width = own.quad.bbox().width().min(own.quad.bbox().height());
    let mut chars: Vec<Placed> = lines
        .iter()
        .filter(|line| line.quad.bbox().width() < 2 * width && is_in_column(mark, line.quad.bbox()))
        .flat_map(characters)
        .filter(|(at, _)| at.covered_by(mark) < 0.5)
        .map(|(at, c)| (mirrored(at), c))
        .collect();
    chars.sort_by_key(|(at, _)| at.left);
    chars
}

/// Mirrored at the diagonal.
pub(super) fn mirrored(b: Bbox) -> Bbox {
    Bbox::from_ltrb(b.top, b.left, b.bottom, b.right)
}

/// The characters of a line's best reading with their places, in reading order.
pub(super) fn characters(line: &TextLine) -> Vec<Placed> {
    line.lattice
        .best_path()
        .iter()
        .filter_map(|read| {
            let c = line.lattice.alphabet().text(read.symbol).chars().next()?;
            (!c.is_whitespace()).then(|| (line.quad_of(&read.frames).bbox(), c))
        })
        .collect()
}

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

/// True when what follows goes on as after a person's name.
pub(super) fn is_after_name(after: &[char]) -> bool {
    let after: String = after.iter().take(6).collect();
    AFTER_NAME.iter().any(|word| after.starts_with(word))
}

/// What a cover at `mark` beside the characters of its row may hide.
fn expected(mark: Bbox, row: &[Placed], lines: &[TextLine]) -> Expected {
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
        return Expected::Other;
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

/// How much what is left of a name or unit tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Legible {
    /// Too little to tell whose it is.
    Little,
    /// Perhaps enough for somebody who knows the field: for a person to judge.
    Some,
    /// Enough.
    Enough,
}

/// What is left of a name or unit beside a cover.
pub(super) struct LeftOver {
    pub(super) kind: Kind,
    pub(super) keyword: String,
    pub(super) shown: usize,
    pub(super) legible: Legible,
    pub(super) bbox: Bbox,
}

/// Share of a name's characters that must be left beside a cover for the name to count as readable: one of
/// two, two of three.
pub(super) const READABLE_NAME: f32 = 0.5;
/// The same for a unit, of its characters in a row: the share by which a unit's seal is recognised, too.
const READABLE_UNIT: f32 = 0.6;

/// The same from which on a person must look.
const SOME_UNIT: f32 = 0.4;
/// Characters of a unit from which on a person must look: two may be those of any other.
const SOME_OF_UNIT: usize = 3;
/// Share of a unit's characters before and after a cover from which the unit can be told, and from which a person must
/// look: the region and the kind of institution may be left.
const READABLE_ENDS: f32 = 0.75;
const SOME_OF_ENDS: f32 = 0.5;
/// An em in a detected line's thickness.
const EM: f32 = 0.75;
/// Characters up to which each one of a name that is left counts: Chinese names. Of longer ones it takes two.
const SHORT_NAME: usize = 4;

/// The characters of a Chinese name of two to four, spaces left out; `None` for any other name.
pub(super) fn short_name(name: &str) -> Option<Vec<char>> {
    let name: Vec<char> = name.chars().filter(|c| !c.is_whitespace()).collect();
    ((2..=SHORT_NAME).contains(&name.len()) && name.iter().all(|&c| is_han(c))).then_some(name)
}

/// True when the characters under a cover and beside it are read as another person's longer name: pale print that looks
/// covered, which leaves nothing of the applicant's to see.
pub(super) fn is_longer_name(mark: Bbox, row: &[Placed], identity: &Identity) -> bool {
    let read: Vec<char> = row.iter().map(|(_, c)| *c).collect();
    let is_under = |at: Bbox| (mark.left as f32..=mark.right as f32).contains(&at.centre().x);
    identity.search_chars(&read).iter().any(|found| {
        matches!(found.evidence, Evidence::InsideLongerName { .. })
            && row[found.range.clone()].iter().all(|(at, _)| is_under(*at))
    })
}

/// True for the same characters, in simplified or traditional form.
pub(super) fn is_same(read: impl IntoIterator<Item = char>, chars: &[char]) -> bool {
    read.into_iter().flat_map(fold).eq(chars.iter().copied().flat_map(fold))
}

/// How much the beginning and the end of a unit tell together when as many characters as are missing between them have
/// room under the cover, which is `hidden` characters wide.
fn of_both_ends(unit: &[char], begins: usize, ends: usize, hidden: f32) -> Legible {
    /// Characters by which the cover may be wider or narrower than what it hides: discs reach beyond it.
    const OFF: f32 = 1.6;
    /// Legal forms, which every other unit has, too.
    const FORMS: [&str; 4] = ["股份有限公司", "有限责任公司", "有限公司", "公司"];
    let missing = unit.len().saturating_sub(begins + ends);
    if begins == 0 || ends == 0 || (hidden - missing as f32).abs() > OFF {
        return Legible::Little;
    }
    let text: String = unit.iter().collect();
    let form = FORMS.iter().find(|form| text.ends_with(**form)).map_or(0, |form| form.chars().count());
    let open = begins + ends.saturating_sub(form);
    let share = open as f32 / (unit.len() - form).max(1) as f32;
    match share {
        _ if open < SOME_OF_UNIT => Legible::Little,
        share if share >= READABLE_ENDS => Legible::Enough,
        share if share >= SOME_OF_ENDS => Legible::Some,
        _ => Legible::Little,
    }
}

/// The longest beginning of the name or unit right before the cover together with the longest end right
/// after it.
fn left_over(mark: Bbox, row: &[Placed], line_height: f32, identity: &Identity) -> Option<LeftOver> {
    let reach = (line_height * BESIDE) as i32;
    // A character is read from the frames about its middle; its box may run a little under the cover.
    let before: Vec<&Placed> = row.iter().filter(|(at, _)| at.centre().x < mark.left as f32).collect();
    let after: Vec<&Placed> = row.iter().filter(|(at, _)| at.centre().x > mark.right as f32).collect();
    let touches_before = before.last().is_some_and(|(at, _)| mark.left - at.right <= reach);
    let touches_after = after.first().is_some_and(|(at, _)| at.left - mark.right <= reach);
    let applicant = identity.applicant();
    let names = std::iter::once((Kind::Name, &applicant.name));
    let units =
        std::iter::once((Kind::Unit, &applicant.unit)).chain(applicant.former_units.iter().map(|u| (Kind::Unit, u)));
    names
        .chain(units)
        .filter_map(|(kind, keyword)| {
            let chars: Vec<char> = keyword.chars().filter(|c| !c.is_whitespace()).collect();
            let count = chars.len();
            let begins = (1..count)
                .rev()
                .find(|&k| {
                    touches_before
                        && before.len() >= k
                        && is_same(before[before.len() - k..].iter().map(|(_, c)| *c), &chars[..k])
                })
                .unwrap_or(0);
            let ends = (1..count)
                .rev()
                .find(|&k| {
                    touches_after
                        && after.len() >= k
                        && is_same(after[..k].iter().map(|(_, c)| *c), &chars[count - k..])
                })
                .unwrap_or(0);
            let shown = (begins + ends).min(count.saturating_sub(1));
            if shown == 0 {
                return None;
            }
            let share = shown as f32 / count as f32;
            let longest = begins.max(ends) as f32 / count as f32;
            let hidden = mark.width() as f32 / (line_height * EM);
            let legible = match kind {
                Kind::Name if share >= READABLE_NAME => Legible::Enough,
                Kind::Name if count <= SHORT_NAME || shown >= 2 => Legible::Some,
                Kind::Name => Legible::Little,
                Kind::Unit if longest >= READABLE_UNIT => Legible::Enough,
                Kind::Unit if longest >= SOME_UNIT && begins.max(ends) >= SOME_OF_UNIT => {
                    Legible::Some.max(of_both_ends(&chars, begins, ends, hidden))
                }
                Kind::Unit => of_both_ends(&chars, begins, ends, hidden),
            };
            let places = before[before.len() - begins..].iter().chain(&after[..ends]).map(|(at, _)| *at);
            // A character is read from a few frames about its middle; what a person sees of it is as wide as it is high.
            let half = (line_height * 0.4) as i32;
            let whole = |at: Bbox| {
                let middle = at.centre().x as i32;
                Bbox::from_ltrb(at.left.min(middle - half), at.top, at.right.max(middle + half), at.bottom)
            };
            let bbox = places.map(whole).reduce(Bbox::union)?;
            Some(LeftOver { kind, keyword: keyword.clone(), shown, legible, bbox })
        })
        .max_by_key(|part| (part.legible, part.shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Applicant;

    fn row(text: &str) -> Vec<Placed> {
        text.chars().enumerate().map(|(i, c)| (Bbox::from_ltrb(20 * i as i32, 0, 20 * i as i32 + 20, 24), c)).collect()
    }

    #[test]
    fn a_unit_open_on_both_sides_of_a_cover_is_told_by_how_much_of_its_own_name_is_left() {
        let left =
            |unit: &str, begins, ends, hidden| of_both_ends(&unit.chars().collect::<Vec<_>>(), begins, ends, hidden);
        assert_eq!(left("白杨镇中心幼儿园", 3, 3, 2.6), Legible::Enough);
        assert_eq!(left("云岭市第三中学", 3, 2, 2.4), Legible::Some);
        assert_eq!(left("天山草业科技有限公司", 2, 4, 4.2), Legible::Little, "a region and a legal form");
        assert_eq!(left("云岭市第三中学", 3, 2, 6.0), Legible::Little, "another, longer name");
        assert_eq!(left("云岭市第三中学", 3, 0, 4.0), Legible::Little);
    }

    #[test]
    fn pale_print_of_a_longer_name_leaves_nothing_beside_a_cover() {
        let identity = Identity::new(&Applicant::new("王丽", "").expect("valid"), &[]);
        let mark = Bbox::from_ltrb(60, 0, 100, 24);
        assert!(is_longer_name(mark, &row("编辑：王丽丽"), &identity));
        for text in ["编辑：王丽，陈", "姓名：王丽女", "编辑：李明丽"] {
            assert!(!is_longer_name(mark, &row(text), &identity), "{text}");
        }
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
        assert_eq!(at("本文作者认为，"), Expected::Unknown, "no label");
        assert_eq!(at("作　者　　李建国等人的"), Expected::Unknown, "no item");
    }

    #[test]
    fn a_cover_stands_in_a_column_when_the_line_runs_on_above_or_below_it() {
        let mark = Bbox::from_ltrb(100, 200, 130, 230);
        assert!(is_in_column(mark, Bbox::from_ltrb(102, 232, 128, 330)), "a column that goes on below");
        assert!(is_in_column(mark, Bbox::from_ltrb(102, 170, 128, 198)), "one character above");
        assert!(!is_in_column(mark, Bbox::from_ltrb(20, 232, 400, 262)), "the next line of a paragraph");
        assert!(!is_in_column(mark, Bbox::from_ltrb(134, 202, 160, 228)), "one character beside it");
    }

    #[test]
    fn what_is_left_of_a_name_in_a_column_is_found_as_in_a_row() {
        let identity = Identity::new(&Applicant::new("诸葛文", "").expect("valid"), &[]);
        let down = |c: char, at: i32| (mirrored(Bbox::from_ltrb(100, at, 124, at + 20)), c);
        let mark = mirrored(Bbox::from_ltrb(98, 100, 126, 124));
        let row = vec![down('构', 60), down('葛', 126), down('文', 148), down('二', 190)];
        let around = Surroundings { mark, row, is_column: true };
        let left = around.left_over(24.0, &identity).expect("two of three");
        assert_eq!((left.shown, left.legible), (2, Legible::Enough));
        assert!(left.bbox.top >= 120 && left.bbox.bottom <= 175 && left.bbox.left == 100, "{:?}", left.bbox);
    }
}
