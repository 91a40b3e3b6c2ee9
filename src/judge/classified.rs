//! Text lines → secrecy marks: 绝密, 机密 or 秘密 with ★ and a term in a page's top corner (GB/T 9704, 国家秘密定密管理).
//! A person must look at each: such a page may not be uploaded at all.

use crate::geometry::Bbox;
use crate::ocr::TextLine;
use crate::raster::Raster;
use crate::report::{Finding, FindingKind, FindingState, Source};

/// Where a mark may stand, and what it may look like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassifiedParams {
    /// Share of the page's height from its top. GB/T 9704 puts the mark at the first lines of the type area, 37 mm
    /// (an eighth) below the edge; books and drawings put it higher.
    pub top: f32,
    /// Share of the page's width that a corner takes; the mark begins or ends in it.
    pub corner: f32,
    /// Characters that the mark's line may have: “密级：机密★长期” has 8, “绝密★启用前” 6; a form's cell adds a few.
    pub longest: usize,
}

impl Default for ClassifiedParams {
    fn default() -> Self {
        Self { top: 0.2, corner: 0.4, longest: 16 }
    }
}

const LEVELS: [&str; 3] = ["绝密", "机密", "秘密"];
/// The star as it is written and as reading models take it for.
const STARS: [char; 9] = ['★', '☆', '*', '＊', '✩', '⭐', '✮', '·', '•'];
const REASON: &str = "密级标志：涉密材料不得上传，须人工确认 (a secrecy mark: such material must not be uploaded; a person \
                      must look)";

/// Findings for a person, from the lines of a page.
pub fn of_secrecy_marks(lines: &[TextLine], raster: &Raster, params: &ClassifiedParams) -> Vec<Finding> {
    lines
        .iter()
        .filter(|line| is_in_top_corner(line.quad.bbox(), raster.width(), raster.height(), params))
        .filter_map(|line| Some((line, level(&line.text(), params)?)))
        .map(|(line, level)| Finding {
            kind: FindingKind::Classified,
            state: FindingState::Exposed,
            bbox: Some(line.quad.bbox()),
            quad: Some(line.quad),
            text: Some(level.to_owned()),
            confidence: line.lattice.score().clamp(0.0, 1.0),
            source: Source::Ocr,
            certain: false,
            reason: REASON.to_owned(),
        })
        .collect()
}

fn is_in_top_corner(bbox: Bbox, width: u32, height: u32, params: &ClassifiedParams) -> bool {
    let (width, height) = (width as f32, height as f32);
    let middle = (bbox.top + bbox.bottom) as f32 / 2.0;
    let begins_left = (bbox.left as f32) < width * params.corner;
    let ends_right = (bbox.right as f32) > width * (1.0 - params.corner);
    let is_wide = (bbox.right - bbox.left) as f32 > width * 0.5;
    middle < height * params.top && (begins_left || ends_right) && !is_wide
}

/// The level that a line states: “机密★10年”, “密级：秘密 ★ 长期”, “绝密★启用前”. A star that is not read is made up for by
/// a term that only secrecy marks have.
fn level(text: &str, params: &ClassifiedParams) -> Option<&'static str> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if text.chars().count() > params.longest {
        return None;
    }
    let text = text.trim_start_matches(['[', '【', '（', '(']);
    let text = text.strip_prefix("密级").map_or(text, |rest| rest.trim_start_matches([':', '：']));
    let (level, rest) = LEVELS.iter().find_map(|&level| Some((level, text.strip_prefix(level)?)))?;
    let after_star = rest.trim_start_matches(STARS);
    if after_star.len() < rest.len() {
        return (after_term(after_star).is_some() || closes(after_star)).then_some(level);
    }
    // One character in the star's place, or none; then nothing may follow the term.
    let is_all_term = |text: &str| after_term(text).is_some_and(closes);
    let mut skipped = rest.chars();
    skipped.next();
    (is_all_term(rest) || is_all_term(skipped.as_str())).then_some(level)
}

/// What follows a term (“10年”, “6个月”, “长期”, “启用前”, “2030年1月1日”); `None` when the text begins with none.
fn after_term(text: &str) -> Option<&str> {
    if let Some(rest) = ["长期", "启用前", "启封前", "公布前", "解密前"].iter().find_map(|term| text.strip_prefix(term))
    {
        return Some(rest);
    }
    let is_number = |c: char| c.is_ascii_digit() || "一二三四五六七八九十〇".contains(c);
    let mut rest = text;
    loop {
        let after_number = rest.trim_start_matches(is_number);
        let span = (after_number.len() < rest.len()).then_some(after_number);
        match span.and_then(|span| ["年", "个月", "月", "日", "天"].iter().find_map(|unit| span.strip_prefix(unit)))
        {
            Some(after_unit) => rest = after_unit,
            None => return (rest.len() < text.len()).then_some(rest),
        }
    }
}

fn closes(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_punctuation() || "】）".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level_of(text: &str) -> Option<&'static str> {
        level(text, &ClassifiedParams::default())
    }

    #[test]
    fn a_level_with_star_and_term_is_a_mark() {
        for (text, expected) in [
            ("机密★10年", "机密"),
            ("秘 密 ★ 1 年", "秘密"),
            ("绝密★长期", "绝密"),
            ("绝密★启用前", "绝密"),
            ("密级：机密★6个月", "机密"),
            ("【秘密★五年】", "秘密"),
            ("机密☆2030年1月1日", "机密"),
            ("秘密★", "秘密"),
            ("机密女10年", "机密"),
            ("机密20年", "机密"),
        ] {
            assert_eq!(level_of(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn ordinary_words_are_none() {
        for text in [
            "保密协议",
            "秘密",
            "机密文件管理办法",
            "商业秘密保护",
            "秘密级项目",
            "机密：请勿外传",
            "保密期限10年",
            "公司秘密★5年",
            "机密性10年规划",
            "机密10年规划",
            "绝密档案启用前后的故事和一些别的内容",
        ] {
            assert_eq!(level_of(text), None, "{text}");
        }
    }

    #[test]
    fn only_the_top_corners_count() {
        let params = ClassifiedParams::default();
        let at = |left, top| is_in_top_corner(Bbox::from_ltrb(left, top, left + 200, top + 40), 1654, 2339, &params);
        assert!(at(150, 290), "top left, where GB/T 9704 has it");
        assert!(at(1300, 100), "top right");
        assert!(!at(727, 100), "in the middle");
        assert!(!at(150, 1200), "in the body");
    }
}
