//! A name that is also an ordinary word, alone in a table's cell → whether the table is of such words and not of people:
//! 高峰 in 时段｜高峰｜平段｜低谷.

use super::borders::{asks_for_a_person, is_word, may_begin_a_name};
use super::normalize::is_han;
use super::search::Prepared;
use super::variants::Keyword;
use crate::geometry::Bbox;

/// Other words of its kind in its row or column that make a cell one of words.
const ENOUGH: usize = 2;
/// Line heights from a cell to its column's head and to the last cell that is looked at.
const REACH: i32 = 30;

/// Words that tables of people have beside a name.
const OF_PEOPLE: &str = "\
    汉族 回族 满族 蒙古 本科 专科 大专 中专 高中 初中 小学 硕士 博士 学士 研究 党员 团员 群众 民主 初级 中级 高级 正高 副高 \
    教师 医师 护士 讲师 教授 助教 技师 技工 会计 经理 主任 科员 科长 处长 局长 所长 站长 院长 校长 组长 队长 员工 职工 干部 合格 优秀 \
    良好 称职 在职 在岗 在编 退休 未婚 已婚 城镇 农村 同意 通过 组员 成员 学生 学员 农民 工人 中国 男性 女性 是否 备注";

/// True when the line is nothing but the keyword, an ordinary word, and what stands around are words of its kind.
pub(crate) fn is_among_words(lines: &[Prepared], index: usize, keyword: &Keyword) -> bool {
    let own = text(&lines[index]);
    if own != keyword.text() || !is_word(&own) {
        return false;
    }
    let place = lines[index].line.quad.bbox();
    let others = || (0..lines.len()).filter(move |&i| i != index).map(|i| (lines[i].line.quad.bbox(), i));
    let row: Vec<(Bbox, String)> = others()
        .filter(|(other, _)| shared(place.top..place.bottom, other.top..other.bottom))
        .map(|(other, i)| (other, text(&lines[i])))
        .collect();
    let reach = REACH * place.height();
    let column: Vec<(Bbox, String)> = others()
        .filter(|(other, _)| shared(place.left..place.right, other.left..other.right))
        .filter(|(other, _)| other.top < place.bottom + reach && place.top < other.bottom + reach)
        .map(|(other, i)| (other, text(&lines[i])))
        .collect();
    let left = row.iter().filter(|(other, _)| other.right <= place.left + place.height() / 2);
    let is_labelled = left.max_by_key(|(other, _)| other.right).is_some_and(|(_, label)| asks_for_a_person(label))
        || column.iter().any(|(other, label)| other.top < place.top && asks_for_a_person(label));
    let next_to = |is_before: bool| {
        let side = column.iter().filter(move |(other, _)| (other.top < place.top) == is_before);
        side.min_by_key(|(other, _)| (other.top - place.top).abs()).map(|(_, text)| text.as_str())
    };
    let stands_in_a_list = [true, false].into_iter().filter_map(next_to).any(is_like_a_name);
    let kin = |side: &[(Bbox, String)]| side.iter().filter(|(_, text)| is_of_a_kind(text, &own)).count() >= ENOUGH;
    !is_labelled && !stands_in_a_list && (kin(&row) || kin(&column))
}

/// A line's Chinese characters and all else but spaces.
fn text(line: &Prepared) -> String {
    line.read.iter().map(|c| c.folded).filter(|c| !super::normalize::is_filler(*c)).collect()
}

fn is_of_a_kind(text: &str, own: &str) -> bool {
    text != own
        && text.chars().count() == own.chars().count()
        && is_word(text)
        && !OF_PEOPLE.split_whitespace().any(|word| word == text)
}

fn is_like_a_name(text: &str) -> bool {
    (2..=3).contains(&text.chars().count()) && text.chars().all(is_han) && may_begin_a_name(text) && !is_word(text)
}

/// True for ranges that share most of the shorter one.
fn shared(a: std::ops::Range<i32>, b: std::ops::Range<i32>) -> bool {
    2 * (a.end.min(b.end) - a.start.max(b.start)) > (a.end - a.start).min(b.end - b.start)
}
