//! Names and units on the sample pages.

use zhegai::report::{Finding, FindingKind, Source};

use crate::truth::covered;
use crate::{assignments, checked, fixtures, truth};

#[expect(clippy::trivially_copy_pass_by_ref, reason = "a filter of an iterator of references")]
fn is_text(finding: &&Finding) -> bool {
    matches!(finding.kind, FindingKind::Name | FindingKind::Unit) && finding.source != Source::Document
}

#[test]
fn names_and_units_on_the_sample_pages_are_found_and_nothing_else_is() {
    let folder = fixtures().join("pages");
    let truth = truth::pages(&folder.join("truth.jsonl"));
    let applicants = truth::applicants(&folder.join("applicants.json"));
    let whose = |file: &str| {
        let page = truth.iter().find(|page| page.file == file)?;
        applicants.get(&page.applicant_id).cloned()
    };
    let rows = checked(&assignments(&folder, &whose));
    assert!(truth.len() >= 20, "the fixtures are there");

    let (mut parts, mut certain, mut reported) = (0, 0, 0);
    let mut spoiled = Vec::new();
    let mut missed = Vec::new();
    for page in &truth {
        let key = (page.file.clone(), page.page);
        let row = rows.get(&key).unwrap_or_else(|| panic!("{key:?} has no row"));
        for part in page.targets.iter().flat_map(|target| &target.parts) {
            parts += 1;
            let found = covered(part.bbox, row.findings.iter().filter(is_text).filter(|f| f.certain)) >= 0.9;
            let told = covered(part.bbox, row.findings.iter().filter(is_text)) >= 0.9;
            certain += i32::from(found);
            reported += i32::from(told);
            if !told {
                missed.push((key.clone(), &part.text));
            }
        }
        for distractor in page.distractors.iter().filter(|d| !d.under_own_seal).flat_map(|d| &d.parts) {
            if covered(distractor.bbox, row.findings.iter().filter(is_text).filter(|f| f.certain)) > 0.2 {
                spoiled.push((key.clone(), &distractor.text));
            }
        }
        if page.needs_masking {
            assert_ne!(row.needs_masking, Some(false), "{key:?} is no false all clear");
        }
    }
    // Measured: 105 certain and 109 reported of 110; the one missed is the dot of a name in a cell of its own.
    assert!(f64::from(certain) >= 0.93 * f64::from(parts), "{certain} of {parts} certain; missed: {missed:?}");
    assert!(f64::from(reported) >= 0.98 * f64::from(parts), "{reported} of {parts} reported; missed: {missed:?}");
    assert!(spoiled.is_empty(), "others' text would be masked: {spoiled:?}");
}
