//! The text of a document without pages + whose it is → findings.

use crate::identity::Identity;
use crate::policy::SummaryLength;
use crate::report::{Finding, FindingKind, FindingState};
use crate::text_document::{Contents, Place};

/// Findings of a document; `length` when its length is to be checked.
pub fn of_text_document(contents: &Contents, identity: &Identity, length: Option<SummaryLength>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for passage in &contents.passages {
        let chars: Vec<char> = passage.text.chars().collect();
        for found in identity.search_chars(&chars) {
            findings.push(Finding {
                kind: FindingKind::of(found.kind, &found.keyword),
                state: if passage.place.is_visible() { FindingState::Exposed } else { FindingState::Hidden },
                text: Some(found.keyword.clone()),
                certain: found.certain,
                reason: format!("{}; {}", place_reason(passage.place), found.evidence),
                ..Finding::of_file(FindingState::Exposed, String::new())
            });
        }
    }
    if contents.unexamined > 0 {
        let count = contents.unexamined;
        findings.push(Finding::of_file(FindingState::Exposed, format!(
            "文档中有 {count} 个图片或嵌入对象未检查 (pictures or embedded objects in the document are not examined)"
        )));
    }
    findings.extend(length.and_then(|length| of_length(contents.characters, length)));
    findings
}

/// A finding when the length is outside the limits; 0 is no limit.
pub(crate) fn of_length(characters: usize, length: SummaryLength) -> Option<Finding> {
    let SummaryLength { min_characters: min, max_characters: max } = length;
    if characters >= min && (max == 0 || characters <= max) {
        return None;
    }
    Some(Finding::of_file(
        FindingState::Exposed,
        format!(
            "{characters} 字（不计空白），规定 {min} 至 {max} 字 (characters without white space are outside the limits)"
        ),
    ))
}

fn place_reason(place: Place) -> &'static str {
    match place {
        Place::Body => "正文中有 (in the text)",
        Place::HeaderOrFooter => "页眉或页脚中有 (in a header or footer)",
        Place::Note => "脚注或尾注中有 (in a note)",
        Place::Comment => "批注中有，请删除批注 (in a comment: delete it)",
        Place::TrackedDeletion => "修订记录中仍有，请接受全部修订 (in a tracked deletion: accept all changes)",
        Place::Author => "修订或批注的作者 (author of a change or comment: inspect the document and remove)",
        Place::Properties => "文档属性中有，请清除 (in the document's properties: remove them)",
        Place::Other => "文件的不可见数据中有 (in data of the file that is not shown)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Applicant;
    use crate::text_document::Passage;

    const LENGTH: SummaryLength = SummaryLength { min_characters: 2000, max_characters: 3000 };

    fn found(place: Place, text: &str) -> Vec<(FindingKind, FindingState)> {
        let identity = Identity::new(&Applicant::new("张伟", "天山草业科技有限公司").expect("usable"), &[]);
        let contents = Contents { passages: vec![Passage { place, text: text.into() }], ..Contents::default() };
        of_text_document(&contents, &identity, None).iter().map(|f| (f.kind, f.state)).collect()
    }

    #[test]
    fn identity_anywhere_in_a_document_is_found() {
        let name = (FindingKind::Name, FindingState::Exposed);
        assert_eq!(
            found(Place::Body, "本人张伟，\n任职于天山草业科技有限公司。"),
            [name, (FindingKind::Unit, FindingState::Exposed)]
        );
        for place in [Place::Comment, Place::TrackedDeletion, Place::Author, Place::Properties, Place::Other] {
            assert_eq!(found(place, "张伟"), [(FindingKind::Name, FindingState::Hidden)]);
        }
        assert_eq!(found(Place::Body, "本人参加工作以来"), []);
    }

    #[test]
    fn the_length_is_checked_at_both_ends() {
        for (characters, is_wrong) in [(1999, true), (2000, false), (3000, false), (3001, true)] {
            assert_eq!(of_length(characters, LENGTH).is_some(), is_wrong, "{characters}");
        }
        let unlimited = SummaryLength { min_characters: 0, max_characters: 0 };
        assert_eq!(of_length(0, unlimited), None);
    }
}
