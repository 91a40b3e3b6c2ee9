//! Strings and glyph sequences (text layers, metadata, file names) → where the applicant's name and unit stand.

use std::ops::Range;

use super::context::{Surroundings, Verdict};
use super::evidence::{Evidence, StringMatch};
use super::normalize::{Normalized, is_filler};
use super::variants::{Doubt, Keyword, Script, is_separator};
use super::{Identity, latin};

/// Most characters (spaces, line ends) that may lie between two of a keyword's: names are spaced out in tables
/// and forms, but not over half a page.
const WIDEST_GAP: usize = 6;
/// How much of the text around a match is looked at, characters.
const CONTEXT: usize = 24;

impl Identity {
    /// Every place in a text where the applicant's name or unit stands; ranges are bytes of `text`.
    pub fn search_text(&self, text: &str) -> Vec<StringMatch> {
        let starts: Vec<usize> = text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect();
        let chars: Vec<char> = text.chars().collect();
        let mut matches = self.search_chars(&chars);
        for found in &mut matches {
            found.range = starts[found.range.start]..starts[found.range.end];
        }
        matches
    }

    /// The same for a sequence of characters, one a glyph; ranges are indices into it.
    pub fn search_chars(&self, chars: &[char]) -> Vec<StringMatch> {
        let folded = Normalized::of_chars(chars.iter().copied());
        let mut all: Vec<(usize, StringMatch)> = Vec::new();
        for keyword in &self.keywords {
            let mut from = 0;
            while let Some(place) = next(folded.chars(), keyword, from) {
                from = place.start + 1;
                let range = folded.original(&place);
                if let Some(found) = self.judged_text(chars, range, keyword) {
                    all.push((keyword.chars.len(), found));
                }
            }
        }
        all.sort_by(|(a_length, a), (b_length, b)| {
            (b.certain, b_length).cmp(&(a.certain, a_length)).then(a.range.start.cmp(&b.range.start))
        });
        let mut kept: Vec<StringMatch> = Vec::new();
        for (_, found) in all {
            if !kept.iter().any(|k| k.range.start < found.range.end && found.range.start < k.range.end) {
                kept.push(found);
            }
        }
        kept.sort_by_key(|m| m.range.start);
        kept
    }

    fn judged_text(&self, chars: &[char], range: Range<usize>, keyword: &Keyword) -> Option<StringMatch> {
        let around = Surroundings {
            before: chars[range.start.saturating_sub(CONTEXT)..range.start].to_vec(),
            after: chars[range.end..(range.end + CONTEXT).min(chars.len())].to_vec(),
            own: chars[range.clone()].to_vec(),
        };
        let evidence = match self.context(keyword, &around) {
            Verdict::Other => return None,
            Verdict::Doubtful(evidence) => evidence,
            Verdict::Stands => match keyword.doubt {
                Doubt::CommonPart => Evidence::CommonPart,
                Doubt::ShortForm => Evidence::ShortForm { form: keyword.text() },
                Doubt::Initials => Evidence::Initials { written: around.own.iter().collect() },
                Doubt::None if latin::is_no_name(keyword, &around) => Evidence::SmallLetters,
                Doubt::None => Evidence::Exact,
            },
        };
        let certain = evidence == Evidence::Exact;
        Some(StringMatch { kind: keyword.kind, keyword: keyword.source.clone(), range, certain, evidence })
    }
}

/// The next place at or after `from` where a keyword is spelled, fillers between its characters allowed.
fn next(text: &[char], keyword: &Keyword, from: usize) -> Option<Range<usize>> {
    let may_lie_between = |c: char| match keyword.script {
        Script::Han => is_filler(c),
        Script::Latin => is_separator(c),
    };
    let first = *keyword.chars.first()?;
    (from..text.len()).filter(|&start| text[start] == first).find_map(|start| {
        let mut at = start + 1;
        for (&expected, &gap) in keyword.chars.iter().zip(&keyword.gaps).skip(1) {
            let skipped =
                if gap { text[at..].iter().take(WIDEST_GAP).take_while(|&&c| may_lie_between(c)).count() } else { 0 };
            at += skipped;
            if text.get(at) != Some(&expected) {
                return None;
            }
            at += 1;
        }
        Some(start..at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Applicant;

    fn identity(name: &str, unit: &str) -> Identity {
        Identity::new(&Applicant::new(name, unit).expect("valid"), &[])
    }

    fn found<'a>(identity: &Identity, text: &'a str) -> Vec<&'a str> {
        identity.search_text(text).into_iter().map(|m| &text[m.range]).collect()
    }

    #[test]
    fn ranges_are_of_the_original_text() {
        let identity = identity("张伟", "新疆天山（集团）有限公司");
        assert_eq!(found(&identity, "姓名：张\u{3000}偉，男"), ["张\u{3000}偉"]);
        assert_eq!(found(&identity, "单位:新疆天山(集團)有限公司。"), ["新疆天山(集團)有限公司"]);
        assert_eq!(found(&identity, "张\u{200b}伟"), ["张\u{200b}伟"]);
        assert!(found(&identity, "张，伟").is_empty());
    }

    #[test]
    fn names_in_letters_are_whole_words_in_any_case() {
        let identity = identity("张伟", "");
        for text in [
            "Zhang Wei",
            "ZHANG Wei",
            "Wei Zhang",
            "Zhangwei",
            "Zhang, Wei",
            "zhang_wei_cv.pdf",
            "Zhang-Wei",
            "ZhāngWěi",
        ] {
            assert_eq!(identity.search_text(text).len(), 1, "{text}");
        }
        for text in ["Zhang Weiming", "Ouzhang Wei", "zhangweihua.pdf"] {
            assert!(identity.search_text(text).is_empty(), "{text}");
        }
        assert_eq!(found(&identity, "ReportZhangWei2024.pdf"), ["ZhangWei"]);
    }

    #[test]
    fn an_interpunct_joins_parts_of_long_names() {
        let identity = identity("阿卜杜热依木·麦麦提", "");
        let certain = |text: &str| identity.search_text(text).into_iter().map(|m| m.certain).collect::<Vec<_>>();
        assert_eq!(certain("申请人：阿卜杜热依木•麦麦提"), [true]);
        assert_eq!(certain("阿卜杜热依木麦麦提"), [true]);
        assert_eq!(certain("阿卜杜热依木，男"), [true]);
        assert_eq!(certain("阿卜杜热依木·吐尔逊"), [] as [bool; 0], "another person");
        assert_eq!(certain("阿卜杜热依木·买买提"), [false], "the second part in another spelling");
        assert_eq!(certain("麦麦提"), [false]);
    }

    #[test]
    fn overlapping_forms_are_reported_once() {
        let identity = identity("", "新疆天山草业科技有限公司");
        assert_eq!(found(&identity, "兹证明新疆天山草业科技有限公司职工"), ["新疆天山草业科技有限公司"]);
        assert_eq!(found(&identity, "天山草业科技供稿"), ["天山草业科技"]);
    }
}
