//! What is on a page + whose it is → findings and the verdict. Pure: no files, no models.

mod faces;

use crate::geometry::{Bbox, Quad};
use crate::identity::{Identity, Kind, TextMatch};
use crate::ocr::TextLine;
use crate::pdf::text::GlyphRun;
use crate::raster::Raster;
use crate::report::{Finding, FindingKind, FindingState, Source, Verdict};

pub use faces::of_faces;

/// Share of a text-layer match that text found in the pixels must cover for the two to be the same.
const SAME_PLACE: f32 = 0.5;
/// Range of green values in a box up to which nothing is printed in it, JPEG ripples included.
const FLAT_RANGE: u8 = 40;

/// Findings from the text read in the pixels: one for each part of a match, since each is covered by itself.
pub fn of_text(matches: &[TextMatch]) -> Vec<Finding> {
    matches
        .iter()
        .flat_map(|found| {
            found.spans.iter().map(|span| Finding {
                kind: kind_of(found.kind),
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

/// Findings from a PDF page's text layer that the pixels do not show too, and remarks where the two disagree. The
/// pixels decide what can be seen; text that cannot be seen can still be copied out, so it is `hidden`.
pub fn of_text_layer(
    runs: &[GlyphRun],
    identity: &Identity,
    in_pixels: &[Finding],
    lines: &[TextLine],
    raster: &Raster,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for run in runs {
        let chars: Vec<char> = run.glyphs.iter().map(|glyph| glyph.text).collect();
        for found in identity.search_chars(&chars) {
            let bbox = run.bbox_of(found.range.clone());
            let seen = |bbox: Bbox| {
                in_pixels.iter().any(|finding| {
                    finding.kind == kind_of(found.kind)
                        && finding.bbox.is_some_and(|seen| bbox.covered_by(seen) >= SAME_PLACE)
                })
            };
            if bbox.is_some_and(seen) {
                continue;
            }
            let (state, reason) = visibility(run, bbox, lines, raster);
            findings.push(Finding {
                kind: kind_of(found.kind),
                state,
                bbox,
                quad: bbox.map(Quad::from_bbox),
                text: Some(found.keyword.clone()),
                confidence: 1.0,
                source: Source::TextLayer,
                certain: found.certain,
                reason: format!("{reason}; {}", found.evidence),
            });
        }
    }
    findings
}

fn visibility(run: &GlyphRun, bbox: Option<Bbox>, lines: &[TextLine], raster: &Raster) -> (FindingState, &'static str) {
    let Some(bbox) = bbox.map(|b| b.clamped(raster.width(), raster.height())).filter(|b| !b.is_empty()) else {
        return (FindingState::Hidden, "文本层中有，页面之外 (in the text layer, outside the page)");
    };
    if is_flat(raster, bbox) {
        return (
            FindingState::Hidden,
            "文本层中有，画面已盖住但文字仍可复制 (in the text layer under an even area; it can still be copied)",
        );
    }
    let read_otherwise = lines.iter().any(|line| bbox.covered_by(line.quad.bbox()) >= SAME_PLACE);
    if run.invisible || read_otherwise {
        return (
            FindingState::Hidden,
            "文本层中有，与画面不符 (in the text layer, but the pixels show something else)",
        );
    }
    (FindingState::Exposed, "文本层中有，该处有笔迹 (in the text layer, and there is ink at its place)")
}

fn is_flat(raster: &Raster, bbox: Bbox) -> bool {
    let (mut low, mut high) = (u8::MAX, u8::MIN);
    for y in bbox.top..bbox.bottom {
        for x in bbox.left..bbox.right {
            let green = raster.pixels.get_pixel(x as u32, y as u32).0[1];
            (low, high) = (low.min(green), high.max(green));
        }
    }
    high.saturating_sub(low) <= FLAT_RANGE
}

fn kind_of(kind: Kind) -> FindingKind {
    match kind {
        Kind::Name => FindingKind::Name,
        Kind::Unit => FindingKind::Unit,
    }
}

/// 是否需要遮盖 and the verdict, from a page's findings. Uncertain findings alone leave the first open.
pub fn verdict(findings: &[Finding]) -> (Option<bool>, Verdict) {
    let certain = |finding: &&Finding| finding.certain;
    let worst = findings.iter().map(|finding| match finding.state {
        _ if !finding.certain && finding.state != FindingState::Masked => Verdict::Review,
        FindingState::Masked => Verdict::Compliant,
        FindingState::Exposed | FindingState::WeakMask | FindingState::RemovableMask | FindingState::Hidden => {
            Verdict::Violation
        }
    });
    let needs_masking = match (findings.iter().any(|f| certain(&f)), findings.is_empty()) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    };
    (needs_masking, worst.max().unwrap_or(Verdict::Clean))
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn one_exposed_finding_outweighs_masked_ones() {
        let findings = [finding(FindingState::Masked, true), finding(FindingState::Exposed, true)];
        assert_eq!(verdict(&findings), (Some(true), Verdict::Violation));
    }

    #[test]
    fn text_that_can_only_be_copied_is_a_violation() {
        assert_eq!(verdict(&[finding(FindingState::Hidden, true)]), (Some(true), Verdict::Violation));
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
