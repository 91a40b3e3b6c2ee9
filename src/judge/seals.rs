//! Seals and whose they are → findings about the unit's and the applicant's own seals. Others' seals must stay
//! visible and are no findings.

use crate::geometry::{Bbox, Quad};
use crate::identity::{Identity, SealMatch};
use crate::mask;
use crate::report::{Finding, FindingKind, FindingState, Source};
use crate::seal::{Outline, Ownership, Seal, Shape};

/// Findings about seals, and the outline that covers each, by the finding's bbox.
pub fn of_seals(seals: &[Seal], identity: &Identity) -> (Vec<Finding>, Vec<(Bbox, mask::Shape)>) {
    let mut findings = Vec::new();
    let mut outlines = Vec::new();
    for seal in seals {
        let Some(finding) = finding(seal, seal.ownership(identity)) else { continue };
        outlines.push((seal.bbox, cover(seal)));
        findings.push(finding);
    }
    (findings, outlines)
}

fn finding(seal: &Seal, ownership: Ownership) -> Option<Finding> {
    let read = seal.text();
    let (kind, text, certain, confidence, reason) = match ownership {
        Ownership::Own(found) => (
            FindingKind::Seal,
            Some(found.keyword.clone()),
            true,
            found.ratio,
            format!(
                "单位印章{}，其下文字一并遮盖 (the unit's seal; text under it is covered with it)",
                agreement(&found)
            ),
        ),
        Ownership::PersonalNameOfApplicant(found) => (
            FindingKind::Name,
            Some(found.keyword.clone()),
            true,
            found.ratio,
            format!("本人名章{} (the applicant's personal seal)", agreement(&found)),
        ),
        Ownership::Unreadable(found) => (
            FindingKind::Seal,
            None,
            false,
            found.as_ref().map_or(0.5, |found| found.ratio.max(0.5)),
            format!("印章不能确定归属，读作“{read}”，请人工查看 (a seal whose owner cannot be told)"),
        ),
        Ownership::Other => return None,
    };
    Some(Finding {
        kind,
        state: FindingState::Exposed,
        bbox: Some(seal.bbox),
        quad: Some(Quad::from_bbox(seal.bbox)),
        text,
        confidence,
        source: Source::Seal,
        certain,
        reason,
    })
}

fn agreement(found: &SealMatch) -> String {
    format!("，读作“{}”，与所寻文字相符 {:.0}%", found.read, found.ratio * 100.0)
}

/// What to paint over a seal: a disc over a round one, its own corners over a rectangle, else its box.
fn cover(seal: &Seal) -> mask::Shape {
    let outline = seal.mask_outline();
    match (&outline, seal.shape) {
        (Outline::Ellipse(_), Shape::Round) => mask::Shape::Ellipse(outline.bbox()),
        (Outline::Polygon(corners), _) => match <[_; 4]>::try_from(corners.as_slice()) {
            Ok(corners) => mask::Shape::Quad(Quad(corners)),
            Err(_) => mask::Shape::Box(outline.bbox()),
        },
        (Outline::Ellipse(_), _) => mask::Shape::Box(outline.bbox()),
    }
}
