//! The length of work summaries whose text is read from pages: of a PDF all pages, of pictures all files that stand
//! together.

use std::borrow::Cow;
use std::sync::Arc;

use super::Assignment;
use crate::input::{Category, DocumentKind};
use crate::judge;
use crate::policy::Policy;
use crate::report::PageReport;

/// Sees the documents of a batch in their order.
pub(super) struct SummaryLengths<'a> {
    assignments: &'a [Assignment],
    policy: &'a Policy,
    next: usize,
    /// Characters of the pictures before; `None` when one could not be read.
    pictures: Option<u64>,
}

impl<'a> SummaryLengths<'a> {
    pub(super) fn new(assignments: &'a [Assignment], policy: &'a Policy) -> Self {
        Self { assignments, policy, next: 0, pictures: Some(0) }
    }

    /// The next document's rows, with a finding when the summary that ends with it is too short or too long.
    pub(super) fn checked<'r>(&mut self, rows: &'r [PageReport]) -> Cow<'r, [PageReport]> {
        let here = self.next;
        self.next += 1;
        let Some(assignment) = self.assignments.get(here).filter(|a| a.category == Some(Category::Summary)) else {
            return Cow::Borrowed(rows);
        };
        let read: Option<u64> = rows.iter().map(|row| row.characters).sum();
        let total = match assignment.document.kind {
            // Counted from its own text.
            DocumentKind::Text(_) => return Cow::Borrowed(rows),
            DocumentKind::Pdf => read,
            DocumentKind::Image(_) => {
                let sum = self.pictures.zip(read).map(|(before, here)| before + here);
                if self.assignments.get(here + 1).is_some_and(|next| goes_on(assignment, next)) {
                    self.pictures = sum;
                    return Cow::Borrowed(rows);
                }
                self.pictures = Some(0);
                sum
            }
        };
        // Pages that could not be read are told by their own rows.
        let Some(total) = total else { return Cow::Borrowed(rows) };
        let mut rows = rows.to_vec();
        if let Some(row) = rows.first_mut() {
            row.notes.push(format!("工作总结共读得 {total} 字，不计空白 (characters read, without white space)"));
            let finding = judge::of_length(total as usize, self.policy.summary);
            row.findings.extend(self.policy.apply(assignment.category, finding.into_iter().collect(), &[]));
            let (needs_masking, verdict) = judge::verdict(&row.findings);
            row.needs_masking = needs_masking;
            row.verdict = row.verdict.max(verdict);
        }
        Cow::Owned(rows)
    }
}

/// True for two pictures of one summary.
fn goes_on(one: &Assignment, next: &Assignment) -> bool {
    Arc::ptr_eq(&one.identity, &next.identity)
        && next.category == Some(Category::Summary)
        && matches!(next.document.kind, DocumentKind::Image(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Applicant, Identity};
    use crate::input::{Document, ImageKind, Source};
    use crate::pipeline::tests_support::page_with;
    use crate::report::Verdict;

    fn of(characters: u64) -> PageReport {
        PageReport { characters: Some(characters), ..page_with(vec![]) }
    }

    fn verdicts(documents: &[(DocumentKind, Option<Category>, Vec<PageReport>)]) -> Vec<Verdict> {
        let applicant = Applicant::new("张伟", "").expect("usable");
        let identity = Arc::new(Identity::new(&applicant, &[]));
        let assignments: Vec<_> = documents
            .iter()
            .map(|&(kind, category, _)| Assignment {
                document: Document { source: Source::File("x".into()), file: "x".into(), kind, bytes: 1 },
                identity: Arc::clone(&identity),
                applicant_id: None,
                category,
            })
            .collect();
        let policy = Policy::default();
        let mut lengths = SummaryLengths::new(&assignments, &policy);
        documents.iter().map(|(_, _, rows)| lengths.checked(rows)[0].verdict).collect()
    }

    #[test]
    fn a_pdf_is_as_long_as_its_pages_together() {
        let summary = Some(Category::Summary);
        let pdf = |category, pages: &[u64]| (DocumentKind::Pdf, category, pages.iter().map(|&n| of(n)).collect());
        assert_eq!(
            verdicts(&[
                pdf(summary, &[1200, 1300]),
                pdf(summary, &[1200]),
                pdf(summary, &[1500, 1501]),
                pdf(Some(Category::Awards), &[10])
            ]),
            [Verdict::Clean, Verdict::Review, Verdict::Review, Verdict::Clean]
        );
    }

    #[test]
    fn pictures_that_stand_together_are_one_summary() {
        let picture = |n| (DocumentKind::Image(ImageKind::Png), Some(Category::Summary), vec![of(n)]);
        assert_eq!(verdicts(&[picture(1200), picture(1300)]), [Verdict::Clean, Verdict::Clean]);
        assert_eq!(verdicts(&[picture(1200), picture(300)]), [Verdict::Clean, Verdict::Review]);
    }
}
