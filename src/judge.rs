//! What is on a page + whose it is → findings and the verdict. Pure: no files, no models.

mod classified;
mod covers;
mod faces;
mod field_ink;
mod seals;
mod signatures;
mod spread;
mod text;

use crate::geometry::{Bbox, Quad};
use crate::identity::{Evidence, TextMatch};
use crate::ocr::TextLine;
use crate::report::{Finding, FindingKind, FindingState, Source, Verdict};

pub use classified::{ClassifiedParams, of_secrecy_marks};
pub(crate) use covers::hides_identity_weakly;
pub use covers::of_cover;
pub use faces::of_faces;
pub use seals::of_seals;
pub use signatures::of_signatures;
pub use spread::of_spread_names;
pub(crate) use text::of_length;
pub use text::of_text_document;

/// Share of a text-layer match that text found in the pixels must cover for the two to be the same.
const SAME_PLACE: f32 = 0.5;

/// Findings from the text read in the pixels: one for each part of a match, since each is covered by itself.
pub fn of_text(matches: &[TextMatch]) -> Vec<Finding> {
    matches
        .iter()
        .flat_map(|found| {
            found.spans.iter().map(|span| Finding {
                kind: FindingKind::of(found.kind, &found.keyword),
                state: FindingState::Exposed,
                bbox: Some(span.quad.bbox()),
                quad: Some(span.quad),
                text: Some(found.keyword.clone()),
                confidence: found.confidence,
                source: Source::Ocr,
                certain: found.certain,
                reason: found.evidence.to_string(),
            })
        })
        .collect()
}

/// Where the name or unit perhaps stands, read as characters of nearly the same look. A person decides, but a copy does not
/// show it: of 15 such places on generated pages 14 were the applicant's, and none of 42 others was on a page without the identity.
pub fn misread(matches: &[TextMatch]) -> Vec<Bbox> {
    let is_misread = |found: &&TextMatch| !found.certain && matches!(found.evidence, Evidence::Confused { .. });
    matches.iter().filter(is_misread).flat_map(|found| found.spans.iter().map(|span| span.quad.bbox())).collect()
}

/// A watermark that could not be read may be the applicant's name or unit: one finding around its lines.
pub fn of_unread_marks(lines: impl IntoIterator<Item = Quad>) -> Option<Finding> {
    let around = lines.into_iter().map(|line| line.bbox()).reduce(Bbox::union)?;
    let reason = "有斜排浅色水印，未能辨读，请人工查看 (a slanted watermark that could not be read)";
    Some(perhaps_a_name(Quad::from_bbox(around), None, reason))
}

/// What a person must look at, because the applicant's name may stand there.
fn perhaps_a_name(quad: Quad, text: Option<String>, reason: &str) -> Finding {
    Finding {
        kind: FindingKind::Name,
        state: FindingState::Exposed,
        bbox: Some(quad.bbox()),
        quad: Some(quad),
        text,
        confidence: 0.5,
        source: Source::Ocr,
        certain: false,
        reason: reason.into(),
    }
}

/// Identity in a PDF page's text layer, set against the pixels; true when the two disagree. What the pixels show
/// too is not told twice. The pixels decide what can be seen; text that cannot be seen can still be copied out, so
/// it is `hidden`.
pub fn reconciled(layer: &[Finding], in_pixels: &[Finding], lines: &[TextLine]) -> (Vec<Finding>, bool) {
    let mut disagree = false;
    let findings = layer.iter().filter_map(|finding| {
        let Some(bbox) = finding.bbox else { return Some(finding.clone()) };
        let seen = in_pixels
            .iter()
            .any(|seen| seen.kind == finding.kind && seen.bbox.is_some_and(|seen| bbox.covered_by(seen) >= SAME_PLACE));
        if seen {
            return None;
        }
        let mut finding = finding.clone();
        if finding.state == FindingState::Exposed {
            disagree = true;
            // Its ink is seen, be it a watermark under what is read there: a mask must cover it.
            finding.quad = Some(Quad::from_bbox(bbox));
            if reads_otherwise(lines, bbox, finding.text.as_deref().unwrap_or_default()) {
                finding.state = FindingState::Hidden;
                "文本层中有，与画面不符 (in the text layer, but the pixels show something else)"
                    .clone_into(&mut finding.reason);
            }
        }
        Some(finding)
    });
    let findings = findings.collect();
    (findings, disagree)
}

/// True when a line read at this place has hardly a character of the keyword: the text layer lies. A line that was
/// misread has some.
fn reads_otherwise(lines: &[TextLine], bbox: Bbox, keyword: &str) -> bool {
    let mut at_place = lines.iter().filter(|line| bbox.covered_by(line.quad.bbox()) >= SAME_PLACE).peekable();
    at_place.peek().is_some()
        && at_place.all(|line| {
            let read = line.text();
            let known = keyword.chars().filter(|&c| read.contains(c)).count();
            known * 2 < keyword.chars().count()
        })
}

/// 是否需要遮盖 and the verdict, from a page's findings. Uncertain findings alone leave the first open.
pub fn verdict(findings: &[Finding]) -> (Option<bool>, Verdict) {
    let counted = || findings.iter().filter(|finding| finding.state != FindingState::Exempt);
    let worst = counted().map(|finding| match finding.state {
        _ if !finding.certain && finding.state != FindingState::Masked => Verdict::Review,
        FindingState::Masked => Verdict::Compliant,
        FindingState::Exempt => Verdict::Clean,
        FindingState::Exposed | FindingState::WeakMask | FindingState::RemovableMask | FindingState::Hidden => {
            Verdict::Violation
        }
    });
    let needs_masking = match (counted().any(|finding| finding.certain), counted().next().is_none()) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    };
    (needs_masking, worst.max().unwrap_or(Verdict::Clean))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Kind;
    use crate::identity::{Applicant, Identity};

    fn finding(state: FindingState, certain: bool) -> Finding {
        Finding {
            kind: FindingKind::Name,
            state,
            bbox: None,
            quad: None,
            text: None,
            confidence: 1.0,
            source: Source::Ocr,
            certain,
            reason: String::new(),
        }
    }

    #[test]
    fn a_page_without_findings_is_clean_and_needs_no_masking() {
        assert_eq!(verdict(&[]), (Some(false), Verdict::Clean));
    }

    #[test]
    fn what_is_exempt_does_not_count() {
        assert_eq!(verdict(&[finding(FindingState::Exempt, true)]), (Some(false), Verdict::Clean));
    }

    #[test]
    fn one_exposed_finding_outweighs_masked_ones() {
        let findings = [finding(FindingState::Masked, true), finding(FindingState::Exposed, true)];
        assert_eq!(verdict(&findings), (Some(true), Verdict::Violation));
    }

    #[test]
    fn text_that_can_only_be_copied_is_a_violation() {
        assert_eq!(verdict(&[finding(FindingState::Hidden, true)]), (Some(true), Verdict::Violation));
    }

    #[test]
    fn the_units_code_is_one_of_the_units_texts() {
        assert_eq!(FindingKind::of(Kind::Unit, "91999999MA0ABCDE1L"), FindingKind::UnitCode);
        assert_eq!(FindingKind::of(Kind::Unit, "天山草业科技有限公司"), FindingKind::Unit);
        let applicant = Applicant {
            aliases: vec!["91999999MA0ABCDE1L".into()],
            ..Applicant::new("张伟", "天山草业科技有限公司").expect("usable")
        };
        let found = Identity::new(&applicant, &[]).search_text("代码：91999999MA0ABCDE1L");
        assert_eq!(found.iter().map(|found| (found.kind, found.certain)).collect::<Vec<_>>(), [(Kind::Unit, true)]);
    }

    #[test]
    fn uncertain_findings_alone_are_for_a_person() {
        assert_eq!(verdict(&[finding(FindingState::Exposed, false)]), (None, Verdict::Review));
    }

    #[test]
    fn masked_findings_alone_comply() {
        assert_eq!(verdict(&[finding(FindingState::Masked, true)]), (Some(true), Verdict::Compliant));
    }
}
