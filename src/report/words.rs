//! The report's terms and remarks in Chinese and English. The report itself (report.jsonl) holds the English keys;
//! what people read (table, CSV, HTML) takes its words from here.

mod phrases;

use serde::Serialize;

use super::{FindingKind, FindingState, MarkStyle, Source, Verdict};

/// A text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Words<T = &'static str> {
    /// Chinese.
    pub zh: T,
    /// English.
    pub en: T,
}

pub(super) const fn words(zh: &'static str, en: &'static str) -> Words {
    Words { zh, en }
}

/// The answer for a page.
pub fn verdict(verdict: Verdict) -> Words {
    match verdict {
        Verdict::Clean => words("无需遮盖", "clean"),
        Verdict::Compliant => words("已遮盖", "compliant"),
        Verdict::Review => words("需人工查看", "review"),
        Verdict::Unreadable => words("不能检查", "unreadable"),
        Verdict::Violation => words("违规", "violation"),
    }
}

/// 是否需要遮盖.
pub fn needs_masking(needs_masking: Option<bool>) -> Words {
    match needs_masking {
        Some(true) => words("是", "yes"),
        Some(false) => words("否", "no"),
        None => words("待定", "open"),
    }
}

/// What a finding is.
pub fn kind(kind: FindingKind) -> Words {
    match kind {
        FindingKind::Name => words("姓名", "name"),
        FindingKind::Unit => words("单位", "unit"),
        FindingKind::Seal => words("印章", "seal"),
        FindingKind::Eyes => words("照片眼部", "eyes"),
        FindingKind::UnitCode => words("单位代码", "unit code"),
        FindingKind::Classified => words("密级标志", "secrecy mark"),
        FindingKind::Metadata => words("文件信息", "metadata"),
    }
}

/// How well a finding is covered.
pub fn state(state: FindingState) -> Words {
    match state {
        FindingState::Exposed => words("外露", "exposed"),
        FindingState::Masked => words("已遮盖", "masked"),
        FindingState::WeakMask => words("遮盖无效", "weakly masked"),
        FindingState::RemovableMask => words("遮盖可移除", "removably masked"),
        FindingState::Hidden => words("隐藏", "hidden"),
        FindingState::Exempt => words("不必遮盖", "exempt"),
    }
}

/// Which part of the program found something.
pub fn source(source: Source) -> Words {
    match source {
        Source::Ocr => words("画面文字", "text in the picture"),
        Source::TextLayer => words("PDF 文本层", "PDF text layer"),
        Source::Seal => words("印章识别", "seal reader"),
        Source::Face => words("人脸检测", "face finder"),
        Source::Document => words("文件本身", "the file itself"),
    }
}

/// What an existing cover looks like.
pub fn mark_style(style: MarkStyle) -> Words {
    match style {
        MarkStyle::Solid => words("实心色块", "solid block"),
        MarkStyle::Mosaic => words("马赛克", "mosaic"),
        MarkStyle::Blur => words("模糊", "blur"),
        MarkStyle::Translucent => words("半透明", "translucent"),
        MarkStyle::Annotation => words("PDF 批注", "PDF annotation"),
    }
}

/// A remark or reason in both languages. Those of the program hold both, as `中文 (English)` or
/// `English / 中文`, several of them joined by `; `; what is in one language only is the same in both.
pub fn remark(text: &str) -> Words<String> {
    let parts: Vec<Words<String>> = parts(text).into_iter().map(part_in_both).collect();
    let joined =
        |pick: fn(&Words<String>) -> &str, separator| parts.iter().map(pick).collect::<Vec<_>>().join(separator);
    Words { zh: joined(|part| &part.zh, "；"), en: joined(|part| &part.en, "; ") }
}

/// Splits at `; ` outside brackets.
fn parts(text: &str) -> Vec<&str> {
    let (mut found, mut depth, mut from) = (Vec::new(), 0usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ';' if depth == 0 && text[at..].starts_with("; ") => {
                found.push(&text[from..at]);
                from = at + 2;
            }
            _ => {}
        }
    }
    found.push(&text[from..]);
    found
}

/// An error's message, which may quote a path: in both languages where that is certain, else the same in both.
pub fn message(text: &str) -> Words<String> {
    phrases::known(text, message).or_else(|| bilingual_end(text)).unwrap_or_else(|| same(text))
}

fn part_in_both(part: &str) -> Words<String> {
    if let Some(known) = phrases::known(part, message) {
        return known;
    }
    if let Some((zh, rest)) = part.split_once(" (")
        && has_han(zh)
    {
        // A value that belongs to both may follow the bracket: `中文 (English): value`.
        if let Some(close) = closing_bracket(rest) {
            let (en, value) = (&rest[..close], &rest[close + 1..]);
            let Some(value) = value.strip_prefix(": ") else {
                return Words { zh: format!("{zh}{value}"), en: format!("{en}{value}") };
            };
            let value = message(value);
            return Words { zh: format!("{zh}：{}", value.zh), en: format!("{en}: {}", value.en) };
        }
    }
    if let Some((en, zh)) = part.split_once(" / ")
        && has_han(zh)
        && !has_han(en)
    {
        return Words { zh: zh.trim().to_owned(), en: en.trim().to_owned() };
    }
    same(part)
}

/// A text that ends as `中文 (English words)`, with a path before it or not: `a/b (1).jpg: 磁盘已满 (the disk is full)`.
fn bilingual_end(text: &str) -> Option<Words<String>> {
    let (front, en) = text.strip_suffix(')')?.rsplit_once(" (")?;
    let (path, zh) = front.rsplit_once(": ").map_or(("", front), |(_, zh)| (&front[..front.len() - zh.len()], zh));
    // A number or a remark in brackets belongs to a file's name.
    let is_phrase = has_han(zh) && !has_han(en) && en.contains(' ');
    is_phrase.then(|| Words { zh: format!("{path}{zh}"), en: format!("{path}{en}") })
}

fn same(text: &str) -> Words<String> {
    Words { zh: text.to_owned(), en: text.to_owned() }
}

/// Where the bracket that was opened before `text` closes.
fn closing_bracket(text: &str) -> Option<usize> {
    let mut depth = 1;
    text.char_indices().find_map(|(at, c)| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}

fn has_han(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::InputProblem;

    fn both(text: &str) -> (String, String) {
        let Words { zh, en } = remark(text);
        (zh, en)
    }

    #[test]
    fn remarks_in_two_languages_are_told_apart() {
        assert_eq!(both("文字一致 (reads exactly so)"), ("文字一致".into(), "reads exactly so".into()));
        assert_eq!(both("in XMP metadata: remove it / 在 XMP 元数据中：请清除").0, "在 XMP 元数据中：请清除");
        let (zh, en) = both("文本层中有 (under an even area; it can still be copied); 文字一致 (reads exactly so)");
        assert_eq!(zh, "文本层中有；文字一致");
        assert_eq!(en, "under an even area; it can still be copied; reads exactly so");
    }

    #[test]
    fn a_value_after_the_bracket_belongs_to_both_languages() {
        let (zh, en) = both("未生成遮盖件 (no masked copy was written): the file is empty");
        assert_eq!(
            (zh.as_str(), en.as_str()),
            ("未生成遮盖件：文件为空", "no masked copy was written: the file is empty")
        );
        let (zh, en) = both("未生成遮盖件 (no masked copy was written): a (1)/b (2).png: 磁盘已满 (the disk is full)");
        assert_eq!(zh, "未生成遮盖件：a (1)/b (2).png: 磁盘已满");
        assert_eq!(en, "no masked copy was written: a (1)/b (2).png: the disk is full");
        let (zh, _) = both("复核未通过，另存 (not passed, set aside): 材料 (1)/证书 (2 页).jpg.failed");
        assert_eq!(zh, "复核未通过，另存：材料 (1)/证书 (2 页).jpg.failed");
    }

    #[test]
    fn text_in_one_language_stays_whole() {
        assert_eq!(both("scaled to 50 % (a/b)").1, "scaled to 50 % (a/b)");
        assert_eq!(both("").0, "");
    }

    #[test]
    fn every_problem_of_an_input_has_a_chinese_text() {
        let problems = [
            InputProblem::Empty,
            InputProblem::Missing,
            InputProblem::NoMatch,
            InputProblem::LinkLoop,
            InputProblem::Unreadable(String::new()),
            InputProblem::Encrypted,
            InputProblem::Unsupported,
            InputProblem::Damaged(String::new()),
            InputProblem::UnsupportedCoding(String::new()),
            InputProblem::TooLarge(String::new()),
            InputProblem::BlankRender,
            InputProblem::Crashed(String::new()),
        ];
        for problem in problems {
            assert!(has_han(&remark(&problem.to_string()).zh), "{problem}");
        }
    }
}
