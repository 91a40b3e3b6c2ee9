//! Documents → page reports: renders on one thread, examines pages side by side, puts the results back in order.
//! One bad page never stops a batch.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::assets::Assets;
use crate::error::{InputProblem, Result};
use crate::examine::{Engine, Examined};
use crate::identity::Identity;
use crate::input::{Document, Limits, Rejected};
use crate::judge;
use crate::pages::{PageContent, PageJob, PageSource, decode, guarded};
use crate::pdf::render::RenderParams;
use crate::raster::Raster;
use crate::report::{LineType, PageReport, SCHEMA, Verdict};
use crate::stream::{self, Interrupt};

/// A document with the applicant whose identity must not show in it.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The file.
    pub document: Document,
    /// Whom to look for.
    pub identity: Arc<Identity>,
    /// From the roster.
    pub applicant_id: Option<String>,
}

/// How a batch is run.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Sizes above which an input is refused.
    pub limits: Limits,
    /// How PDF pages are rendered.
    pub render: RenderParams,
    /// Pages examined side by side.
    pub jobs: usize,
}

impl Default for Settings {
    fn default() -> Self {
        let jobs = std::thread::available_parallelism().map_or(1, usize::from);
        Self { limits: Limits::default(), render: RenderParams::default(), jobs }
    }
}

/// What a running batch tells its caller, on the caller's thread.
pub enum Event<'a> {
    /// A page has been examined; pages come as they get ready.
    Page(&'a PageReport),
    /// All pages of a document, in order; documents come in the order of the batch.
    Document(&'a [PageReport]),
}

/// Examines a batch. Every document gives at least one page report.
///
/// # Errors
/// When nothing can be examined at all: PDFium does not load.
pub fn check(
    assignments: &[Assignment],
    engine: &Engine,
    assets: &Assets,
    settings: &Settings,
    interrupt: &Interrupt,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<()> {
    let mut order = InOrder::new(assignments.len());
    stream::run(
        settings.jobs,
        interrupt,
        |emit| {
            let mut source = PageSource::new(assets, settings.limits, settings.render);
            for (index, Assignment { document, .. }) in assignments.iter().enumerate() {
                if interrupt.is_set() || !source.emit(&index, document.kind, document.read(&settings.limits), emit)? {
                    break;
                }
            }
            Ok(())
        },
        |job: PageJob<usize>| {
            let assignment = &assignments[job.document];
            let (_, report) = examine_job(&job, assignment, engine, settings);
            (job.document, job.index, job.count, report)
        },
        |(document, index, count, report)| {
            on_event(Event::Page(&report));
            for pages in order.add(document, index, count, report) {
                on_event(Event::Document(&pages));
            }
        },
    )
}

/// The report row of an input that is not a document.
pub fn rejected(rejected: &Rejected, applicant_id: Option<String>) -> PageReport {
    unreadable(&rejected.file, 0, applicant_id, &rejected.problem)
}

/// Examines one page. The raster is returned for whoever masks it; `None` when there is none.
pub(crate) fn examine_job<K>(
    job: &PageJob<K>,
    assignment: &Assignment,
    engine: &Engine,
    settings: &Settings,
) -> (Option<(Raster, Examined)>, PageReport) {
    let file = &assignment.document.file;
    let page = u32::try_from(job.index + 1).unwrap_or(u32::MAX);
    let refuse = |page: u32, problem: &InputProblem| unreadable(file, page, assignment.applicant_id.clone(), problem);
    let decoded = match &job.content {
        PageContent::Rendered(page, runs) => Ok((page.raster.clone(), runs.as_slice(), page.notes.clone())),
        PageContent::Encoded(bytes, kind) => decode(bytes, *kind, job.index, &settings.limits)
            .map(|page| (page.raster, &[][..], page.notes)),
        PageContent::Problem(problem) => Err(problem.clone()),
        PageContent::NoPages(problem) => return (None, refuse(0, problem)),
    };
    let (raster, runs, notes) = match decoded {
        Ok(decoded) => decoded,
        Err(problem) => return (None, refuse(page, &problem)),
    };
    let examined = guarded(|| {
        engine.examine(&raster, runs, &assignment.identity).map_err(|e| InputProblem::Crashed(e.to_string()))
    });
    let mut examined = match examined {
        Ok(examined) => examined,
        Err(problem) => return (None, refuse(page, &problem)),
    };
    examined.notes.splice(0..0, notes);
    let (needs_masking, verdict) = judge::verdict(&examined.findings);
    let report = PageReport {
        line: LineType::Page,
        schema: SCHEMA,
        file: file.clone(),
        page,
        applicant_id: assignment.applicant_id.clone(),
        width: raster.width(),
        height: raster.height(),
        dpi: raster.dpi,
        needs_masking,
        verdict,
        findings: examined.findings.clone(),
        marks: examined.marks.clone(),
        notes: examined.notes.clone(),
        elapsed_ms: examined.elapsed_ms.clone(),
    };
    (Some((raster, examined)), report)
}

pub(crate) fn unreadable(
    file: &str,
    page: u32,
    applicant_id: Option<String>,
    problem: &InputProblem,
) -> PageReport {
    PageReport {
        line: LineType::Page,
        schema: SCHEMA,
        file: file.to_owned(),
        page,
        applicant_id,
        width: 0,
        height: 0,
        dpi: 0.0,
        needs_masking: None,
        verdict: Verdict::Unreadable,
        findings: Vec::new(),
        marks: Vec::new(),
        notes: vec![problem.to_string()],
        elapsed_ms: BTreeMap::new(),
    }
}

/// Puts pages that come in any order back into whole documents in the order of the batch.
pub(crate) struct InOrder<T> {
    waiting: Vec<BTreeMap<usize, T>>,
    complete: Vec<bool>,
    next: usize,
}

impl<T> InOrder<T> {
    pub(crate) fn new(documents: usize) -> Self {
        Self { waiting: (0..documents).map(|_| BTreeMap::new()).collect(), complete: vec![false; documents], next: 0 }
    }

    /// Takes a page; returns the documents that can be delivered now.
    pub(crate) fn add(&mut self, document: usize, index: usize, count: usize, page: T) -> Vec<Vec<T>> {
        self.waiting[document].insert(index, page);
        self.complete[document] = self.waiting[document].len() >= count;
        let mut ready = Vec::new();
        while self.complete.get(self.next).copied().unwrap_or(false) {
            ready.push(std::mem::take(&mut self.waiting[self.next]).into_values().collect());
            self.next += 1;
        }
        ready
    }
}


#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_out_in_order_with_their_pages_in_order() {
        let mut order = InOrder::new(3);
        assert!(order.add(1, 0, 1, "b1").is_empty());
        assert!(order.add(0, 1, 2, "a2").is_empty());
        assert_eq!(order.add(0, 0, 2, "a1"), vec![vec!["a1", "a2"], vec!["b1"]]);
        assert_eq!(order.add(2, 0, 1, "c1"), vec![vec!["c1"]]);
    }
}
