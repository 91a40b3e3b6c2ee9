//! Documents of text: one report row each, as page 1, without pixels.

use crate::error::InputProblem;
use crate::input::{Category, TextKind};
use crate::pages::guarded;
use crate::policy::Policy;
use crate::report::PageReport;
use crate::{judge, leaks, text_document};

use super::{Assignment, unreadable};

/// Examines a document of text that goes by `name`; its length is checked when it is a work summary.
pub(super) fn examine(
    bytes: &[u8],
    kind: TextKind,
    assignment: &Assignment,
    name: &str,
    policy: &Policy,
) -> Result<PageReport, InputProblem> {
    let contents = guarded(|| text_document::open(bytes, kind))?;
    let length = (assignment.category == Some(Category::Summary)).then_some(policy.summary);
    let mut findings = judge::of_text_document(&contents, &assignment.identity, length);
    findings.extend(policy.of_file(leaks::in_file_name(name, &assignment.identity), assignment.document.bytes));
    let findings = policy.apply(assignment.category, findings, &[]);
    let (needs_masking, verdict) = judge::verdict(&findings);
    let without_pages = unreadable(&assignment.document.file, 1, assignment.applicant_id.clone(), &InputProblem::Empty);
    let notes = vec![format!("{} 字，不计空白 (characters without white space)", contents.characters)];
    let characters = Some(contents.characters as u64);
    Ok(PageReport { needs_masking, verdict, characters, findings, notes, ..without_pages })
}
