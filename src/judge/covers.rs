//! Existing covers and what they are worth → findings.

use crate::geometry::Quad;
use crate::identity::Kind;
use crate::marks::{Assessment, FoundMark};
use crate::report::{Finding, FindingKind, FindingState, MarkStyle, Source};

/// The finding about a cover over text. A solid or blurred place that neither a label nor a part left beside it tells
/// to be identity is a mark and no finding; a mosaic there is for a person.
pub fn of_cover(mark: &FoundMark, assessment: &Assessment) -> Option<Finding> {
    let (kind, certain) = match (assessment.kind, mark.style) {
        // Pale print looks like print under a veil; what was read through the veil tells them apart.
        (_, MarkStyle::Translucent) if assessment.text.is_none() => return None,
        // Soft print looks blurred: what a label alone says is hidden there is for a person.
        (Some(kind), style) => {
            let kind = if kind == Kind::Name { FindingKind::Name } else { FindingKind::Unit };
            (kind, style != MarkStyle::Blur || assessment.text.is_some())
        }
        // Soft print, a photo's background or a stamp's edge are blurred, too.
        (None, MarkStyle::Solid | MarkStyle::Blur) => return None,
        (None, _) => (FindingKind::Name, false),
    };
    // What is left beside a cover was read; what a weak cover hides is inferred from its place.
    let confidence = if assessment.state == FindingState::WeakMask && assessment.text.is_none() { 0.6 } else { 0.9 };
    Some(Finding {
        kind,
        state: assessment.state,
        bbox: Some(assessment.bbox),
        quad: Some(Quad::from_bbox(assessment.bbox)),
        text: assessment.text.clone(),
        confidence,
        source: Source::Ocr,
        certain,
        reason: assessment.reason.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Bbox;
    use crate::judge::verdict;
    use crate::marks::Hides;
    use crate::report::Verdict;

    fn cover(style: MarkStyle, state: FindingState, kind: Option<Kind>) -> Vec<Finding> {
        let bbox = Bbox::from_ltrb(100, 100, 180, 130);
        let mark = FoundMark { bbox, style, hides: Hides::Line(0), colour: None, block: None, slight: false };
        let assessment = Assessment { state, kind, bbox, text: None, reason: String::new() };
        of_cover(&mark, &assessment).into_iter().collect()
    }

    #[test]
    fn a_block_behind_a_name_label_complies_and_a_mosaic_there_does_not() {
        let block = cover(MarkStyle::Solid, FindingState::Masked, Some(Kind::Name));
        let mosaic = cover(MarkStyle::Mosaic, FindingState::WeakMask, Some(Kind::Name));
        assert_eq!(verdict(&block), (Some(true), Verdict::Compliant));
        assert_eq!(verdict(&mosaic), (Some(true), Verdict::Violation));
    }

    #[test]
    fn a_block_over_anything_else_says_nothing_and_a_mosaic_is_for_a_person() {
        assert_eq!(verdict(&cover(MarkStyle::Solid, FindingState::Masked, None)), (Some(false), Verdict::Clean));
        assert_eq!(verdict(&cover(MarkStyle::Mosaic, FindingState::WeakMask, None)), (None, Verdict::Review));
    }
}
