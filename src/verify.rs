//! Saved bytes → are they fit to be sent? The copy is opened from disk like any stranger's file and examined
//! anew; what was painted, and where, is not asked.

use std::path::Path;

use crate::error::InputProblem;
use crate::input::{self, DocumentKind, Limits};
use crate::judge;
use crate::report::{Finding, FindingKind, FindingState, PageReport};

/// A saved file's kind by its content (`None` when it is no document) and its bytes.
pub fn open_saved(path: &Path, limits: &Limits) -> (Option<DocumentKind>, Result<Vec<u8>, InputProblem>) {
    let inputs = input::collect(&[path.to_owned()], limits);
    match (inputs.documents.into_iter().next(), inputs.rejected.into_iter().next()) {
        (Some(document), _) => (Some(document.kind), document.read(limits)),
        (None, Some(rejected)) => (None, Err(rejected.problem)),
        (None, None) => (None, Err(InputProblem::Unsupported)),
    }
}

/// The rows of a saved copy, from the rows of its original and of its own examination: what the original had for
/// certain is `masked`, unless the copy still shows it; everything the copy shows counts as found.
pub fn combined(originals: Vec<PageReport>, copies: Vec<PageReport>) -> Vec<PageReport> {
    let missing_pages = originals.len().saturating_sub(copies.len());
    let mut pages: Vec<PageReport> =
        originals.into_iter().zip(copies).map(|(original, copy)| of_page(original, copy)).collect();
    if missing_pages > 0
        && let Some(last) = pages.last_mut()
    {
        last.verdict = crate::report::Verdict::Unreadable;
        last.notes.push(format!("遮盖件缺 {missing_pages} 页 (pages are missing from the masked copy)"));
    }
    pages
}

fn of_page(original: PageReport, mut copy: PageReport) -> PageReport {
    copy.file = original.file;
    copy.page = original.page;
    copy.notes.splice(0..0, original.notes.into_iter().filter(|note| !copy.notes.contains(note)).collect::<Vec<_>>());
    let verified: f64 = copy.elapsed_ms.values().sum();
    copy.elapsed_ms = original.elapsed_ms;
    copy.elapsed_ms.insert("verify".to_owned(), verified);
    if copy.needs_masking.is_none() && copy.findings.is_empty() {
        // The copy could not be examined; its own reason stands.
        copy.findings = original.findings;
        return copy;
    }
    let covered = original.findings.into_iter().filter(must_be_covered).map(|mut finding| {
        finding.state = FindingState::Masked;
        finding
    });
    let mut findings: Vec<_> = covered.collect();
    // The copy's own covers are what the original's findings tell already.
    copy.findings.retain(|found| {
        let told = |masked: &Finding| {
            found.bbox.zip(masked.bbox).is_some_and(|(a, b)| a.covered_by(b) > 0.5 || b.covered_by(a) > 0.5)
        };
        found.state != FindingState::Masked || !findings.iter().any(told)
    });
    // A portrait whose eyes are covered may look like one in which no face was found.
    copy.findings.retain(|found| {
        let holds = |masked: &Finding| found.bbox.zip(masked.bbox).is_some_and(|(a, b)| b.covered_by(a) > 0.5);
        let is_unfound = found.kind == FindingKind::Eyes && found.state == FindingState::Exposed && !found.certain;
        !(is_unfound && findings.iter().any(|masked| masked.kind == FindingKind::Eyes && holds(masked)))
    });
    // A place that the copy still shows is reported as the copy shows it.
    findings.retain(|masked| {
        !copy.findings.iter().any(|found| {
            found.kind == masked.kind
                && found.bbox.zip(masked.bbox).is_some_and(|(a, b)| a.covered_by(b) > 0.5 || b.covered_by(a) > 0.5)
        })
    });
    findings.append(&mut copy.findings);
    (copy.needs_masking, copy.verdict) = judge::verdict(&findings);
    copy.findings = findings;
    copy
}

fn must_be_covered(finding: &Finding) -> bool {
    finding.certain && finding.state != FindingState::Exempt
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Bbox;
    use crate::pipeline::tests_support::{finding_at, page_with};
    use crate::report::Verdict;

    #[test]
    fn what_the_copy_no_longer_shows_is_masked() {
        let original = page_with(vec![finding_at(Bbox::from_ltrb(10, 10, 60, 30))]);
        let pages = combined(vec![original], vec![page_with(vec![])]);
        assert_eq!(pages[0].verdict, Verdict::Compliant);
        assert_eq!(pages[0].findings[0].state, FindingState::Masked);
    }

    #[test]
    fn what_the_copy_still_shows_is_a_violation() {
        let place = Bbox::from_ltrb(10, 10, 60, 30);
        let pages = combined(
            vec![page_with(vec![finding_at(place)])],
            vec![page_with(vec![finding_at(place.expanded(-2, 0))])],
        );
        assert_eq!(pages[0].verdict, Verdict::Violation);
        assert_eq!(pages[0].findings.len(), 1);
    }

    #[test]
    fn a_portrait_whose_eyes_were_covered_is_no_portrait_without_a_face() {
        let eyes = |place: Bbox, certain: bool| Finding { kind: FindingKind::Eyes, certain, ..finding_at(place) };
        let (bar, portrait) = (Bbox::from_ltrb(40, 50, 90, 66), Bbox::from_ltrb(10, 10, 120, 160));
        let with = |originals: Vec<Finding>| {
            combined(vec![page_with(originals)], vec![page_with(vec![eyes(portrait, false)])])[0].verdict
        };
        assert_eq!(with(vec![eyes(bar, true)]), Verdict::Compliant);
        let elsewhere = Bbox::from_ltrb(400, 50, 450, 66);
        assert_eq!(with(vec![eyes(elsewhere, true)]), Verdict::Review);
        assert_eq!(with(vec![]), Verdict::Review);
    }

    #[test]
    fn a_copy_with_fewer_pages_is_not_passed() {
        let pages = combined(vec![page_with(vec![]), page_with(vec![])], vec![page_with(vec![])]);
        assert_eq!(pages[0].verdict, Verdict::Unreadable);
    }
}
