//! Existing covers and what they are worth → findings.

use crate::geometry::Quad;
use crate::identity::Kind;
use crate::marks::Assessment;
use crate::report::{Finding, FindingKind, FindingState, MarkStyle, Source};

/// Confidence that a weak cover hides the applicant's identity where a label or a word beside it asks for that, and
/// where nothing does.
const WEAK_WHERE_EXPECTED: f32 = 0.6;
const WEAK_ANYWHERE: f32 = 0.5;

/// True for a weak cover where the applicant's identity is expected, though it may be something else that cannot be made
/// out: painting it over takes nothing legible away.
pub(crate) fn hides_identity_weakly(finding: &Finding) -> bool {
    finding.state == FindingState::WeakMask && finding.confidence >= WEAK_WHERE_EXPECTED
}

/// The finding about a cover over text. Whatever an opaque cover hides is hidden well: it is a finding only where a
/// label, a word beside it or a part left of it tells that identity is there. A weak cover there does not do; one of
/// which nothing tells what it hides is for a person when it is a mosaic or a blur, which print hardly resembles, and no
/// finding when it is a veil, which pale print does.
pub fn of_cover(assessment: &Assessment) -> Option<Finding> {
    let kind = match (assessment.kind, assessment.style) {
        (Some(kind), _) => match kind {
            Kind::Name => FindingKind::Name,
            Kind::Unit => FindingKind::Unit,
        },
        (None, MarkStyle::Mosaic | MarkStyle::Blur) => FindingKind::Name,
        (None, _) => return None,
    };
    // What is left beside a cover was read; what a weak cover hides is inferred from its place.
    let confidence = match (assessment.state, &assessment.text, assessment.kind) {
        (FindingState::WeakMask, None, Some(_)) => WEAK_WHERE_EXPECTED,
        (FindingState::WeakMask, None, None) => WEAK_ANYWHERE,
        _ => 0.9,
    };
    Some(Finding {
        kind,
        state: assessment.state,
        bbox: Some(assessment.bbox),
        quad: Some(Quad::from_bbox(assessment.bbox)),
        text: assessment.text.clone(),
        confidence,
        source: Source::Ocr,
        certain: assessment.certain,
        reason: assessment.reason.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Bbox;
    use crate::judge::verdict;
    use crate::report::Verdict;

    fn cover(style: MarkStyle, state: FindingState, kind: Option<Kind>) -> Vec<Finding> {
        let bbox = Bbox::from_ltrb(100, 100, 180, 130);
        let certain = kind.is_some();
        let assessment = Assessment { state, kind, certain, style, bbox, text: None, reason: String::new() };
        of_cover(&assessment).into_iter().collect()
    }

    #[test]
    fn a_block_behind_a_name_label_complies_and_a_weak_cover_there_does_not() {
        let block = cover(MarkStyle::Solid, FindingState::Masked, Some(Kind::Name));
        assert_eq!(verdict(&block), (Some(true), Verdict::Compliant));
        for style in [MarkStyle::Mosaic, MarkStyle::Blur, MarkStyle::Translucent] {
            let weak = cover(style, FindingState::WeakMask, Some(Kind::Name));
            assert_eq!(verdict(&weak), (Some(true), Verdict::Violation), "{style:?}");
        }
    }

    #[test]
    fn an_uncertain_weak_cover_is_painted_over_only_where_identity_is_expected() {
        for (kind, is_painted) in [(Some(Kind::Name), true), (Some(Kind::Unit), true), (None, false)] {
            let mut weak = cover(MarkStyle::Blur, FindingState::WeakMask, kind);
            weak[0].certain = false;
            assert_eq!(hides_identity_weakly(&weak[0]), is_painted, "{kind:?}");
        }
        let block = cover(MarkStyle::Solid, FindingState::Masked, Some(Kind::Name));
        assert!(!hides_identity_weakly(&block[0]), "nothing shows through a block");
    }

    #[test]
    fn a_block_or_veil_over_anything_else_says_nothing_and_a_mosaic_or_blur_is_for_a_person() {
        assert_eq!(verdict(&cover(MarkStyle::Solid, FindingState::Masked, None)), (Some(false), Verdict::Clean));
        assert_eq!(
            verdict(&cover(MarkStyle::Translucent, FindingState::WeakMask, None)),
            (Some(false), Verdict::Clean)
        );
        for style in [MarkStyle::Mosaic, MarkStyle::Blur] {
            assert_eq!(verdict(&cover(style, FindingState::WeakMask, None)), (None, Verdict::Review), "{style:?}");
        }
    }
}
