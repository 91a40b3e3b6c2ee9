//! Documents → page reports: renders on one thread, examines pages side by side, puts the results back in order.
//! One bad page never stops a batch.

mod check;
mod examiner;
mod lengths;
mod mask;
mod memory;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::assets::Assets;
use crate::error::{Error, InputProblem};
use crate::examine::{Beside, Engine, Examined};
use crate::identity::Identity;
use crate::input::{Category, Document, Limits, Rejected};
use crate::judge;
use crate::leaks;
use crate::output;
use crate::pages::{PageContent, PageSource, Renderer, decode, guarded};
use crate::pdf::render::RenderParams;
use crate::pdf::uncover::Uncovered;
use crate::policy::Policy;
use crate::raster::Raster;
use crate::raster::decode::Page;
use crate::report::{Finding, LineType, Mark, PageReport, SCHEMA, Verdict};
use crate::stream::{Deadline, Interrupt};
use crate::timing::{StageTimes, timed};

pub use check::check;
pub use mask::{MaskSettings, mask};
pub use memory::Memory;

/// A document with the applicant whose identity must not show in it.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The file.
    pub document: Document,
    /// Whom to look for.
    pub identity: Arc<Identity>,
    /// From the roster.
    pub applicant_id: Option<String>,
    /// The heading that it was uploaded under; `None` when unknown.
    pub category: Option<Category>,
}

/// A dense A4 page at 200 dpi takes 2 s on one core, a poster with the budget of 40 million pixels 20 s; six times
/// that leaves room for slow and busy machines.
pub const PAGE_TIMEOUT: Duration = Duration::from_mins(2);

/// How a batch is run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Sizes above which an input is refused.
    pub limits: Limits,
    /// How PDF pages are rendered.
    pub render: RenderParams,
    /// Pages examined side by side.
    pub jobs: usize,
    /// What counts as identity and how it is treated.
    pub policy: Policy,
    /// Where PDFs are opened.
    pub renderer: Renderer,
    /// The longest time that rendering a page, and then examining it, may take each.
    pub page_timeout: Duration,
    /// Whether small pictures of the pages that are not clean are made for the report.
    pub pictures: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let jobs = std::thread::available_parallelism().map_or(1, usize::from);
        let (limits, render) = (Limits::default(), RenderParams::default());
        Self {
            limits,
            render,
            jobs,
            policy: Policy::default(),
            renderer: Renderer::default(),
            page_timeout: PAGE_TIMEOUT,
            pictures: false,
        }
    }
}

/// What a running batch tells its caller, on the caller's thread.
pub enum Event<'a> {
    /// A page has been examined; pages come as they get ready.
    Page(&'a PageReport),
    /// A small JPEG of a page that is not clean: of its masked copy where one was made. Comes before the document.
    Picture {
        /// [`PageReport::file`].
        file: &'a str,
        /// [`PageReport::page`].
        page: u32,
        /// The file's bytes.
        jpeg: &'a [u8],
    },
    /// All pages of a document, in order; documents come in the order of the batch.
    Document(&'a [PageReport]),
}

/// The report row of an input that is not a document.
pub fn rejected(rejected: &Rejected, applicant_id: Option<String>) -> PageReport {
    unreadable(&rejected.file, 0, applicant_id, &rejected.problem)
}

/// Opens the documents of a batch.
fn page_source<'a>(assets: &'a Assets, settings: &'a Settings, interrupt: &'a Interrupt) -> PageSource<'a> {
    let Settings { limits, render, renderer, page_timeout, .. } = settings;
    PageSource::new(assets, *limits, *render, renderer, *page_timeout, interrupt)
}

/// A page after its examination.
pub(crate) struct PageOutcome {
    /// Its row of the report.
    pub(crate) report: PageReport,
    /// Its pixels and what was found; `None` for an unreadable page.
    pub(crate) examined: Option<(Raster, Examined)>,
}

impl PageOutcome {
    /// A small JPEG; `None` for an unreadable page.
    fn picture(&self) -> Option<Vec<u8>> {
        self.examined.as_ref().and_then(|(raster, _)| output::thumbnail(&raster.pixels).ok())
    }
}

/// Examines the page with this index (from 0). `name` is the path that the file goes by.
fn examine_page(
    content: &PageContent,
    index: usize,
    assignment: &Assignment,
    name: &str,
    engine: &Engine,
    settings: &Settings,
    deadline: Deadline,
) -> PageOutcome {
    let file = &assignment.document.file;
    let page = u32::try_from(index + 1).unwrap_or(u32::MAX);
    let refuse = |page: u32, problem: &InputProblem| PageOutcome {
        report: unreadable(file, page, assignment.applicant_id.clone(), problem),
        examined: None,
    };
    let mut elapsed_ms = StageTimes::new();
    let mut picture = BesidePicture::default();
    let decoded = match content {
        PageContent::Rendered(page) => {
            elapsed_ms.clone_from(&page.elapsed_ms);
            let beside = Beside { of_page: &page.beside, uncovered: &page.uncovered, printed: Some(&page.printed) };
            Ok((page.rendered.raster.clone(), beside, page.rendered.notes.clone()))
        }
        PageContent::Encoded(bytes, kind) => {
            let page = timed("decode", &mut elapsed_ms, || decode(bytes, *kind, index, &settings.limits));
            picture.keep(page)
        }
        PageContent::Picture(bytes, kind) => picture.keep(decode(bytes, *kind, 0, &settings.limits)),
        PageContent::Problem(problem) => Err(problem.clone()),
        PageContent::NoPages(problem) => return refuse(0, problem),
        PageContent::Text(bytes, kind) => {
            let report = text::examine(bytes, *kind, assignment, name, &settings.policy);
            return report.map_or_else(|p| refuse(page, &p), |report| PageOutcome { report, examined: None });
        }
    };
    let (raster, beside, notes) = match decoded {
        Ok(decoded) => decoded,
        Err(problem) => return refuse(page, &problem),
    };
    let examined = guarded(|| {
        let examined = engine.examine(&raster, &beside, &assignment.identity, settings.policy.seals.scope, deadline);
        examined.map_err(|error| match error {
            Error::Late => InputProblem::TimedOut(settings.page_timeout.as_secs()),
            error => InputProblem::Crashed(error.to_string()),
        })
    });
    let mut examined = match examined {
        Ok(examined) => examined,
        Err(problem) => return refuse(page, &problem),
    };
    examined.notes.splice(0..0, notes);
    examined.elapsed_ms.append(&mut elapsed_ms);
    if index == 0 {
        examined.of_document.extend(of_document(content, &raster, assignment, name, &settings.policy));
    }
    if let PageContent::Rendered(page) = content {
        examined.of_document.extend(page.around.iter().cloned());
    }
    let by_policy = |findings, marks: &[Mark]| settings.policy.apply(assignment.category, findings, marks);
    examined.findings = by_policy(examined.findings, &examined.marks);
    examined.of_document = by_policy(examined.of_document, &examined.marks);
    let findings = [examined.findings.as_slice(), examined.of_document.as_slice()].concat();
    let (needs_masking, verdict) = judge::verdict(&findings);
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
        characters: Some(examined.characters),
        findings,
        marks: examined.marks.clone(),
        notes: examined.notes.clone(),
        elapsed_ms: examined.elapsed_ms.clone(),
    };
    PageOutcome { report, examined: Some((raster, examined)) }
}

/// What an image file holds of a page beside the pixels that are displayed.
#[derive(Default)]
struct BesidePicture {
    uncovered: Vec<Uncovered>,
    findings: Vec<Finding>,
}

impl BesidePicture {
    /// The page's pixels, what is beside them, and remarks.
    fn keep(&mut self, page: Result<Page, InputProblem>) -> Result<(Raster, Beside<'_>, Vec<String>), InputProblem> {
        let page = page?;
        self.uncovered = leaks::under_transparency(&page).into_iter().collect();
        self.findings = page.not_examined.iter().map(|problem| leaks::not_examined(problem)).collect();
        let beside = Beside { of_page: &self.findings, uncovered: &self.uncovered, printed: None };
        Ok((page.raster, beside, page.notes))
    }
}

/// Identity in the file as a whole, told with its first page.
fn of_document(
    content: &PageContent,
    raster: &Raster,
    assignment: &Assignment,
    name: &str,
    policy: &Policy,
) -> Vec<Finding> {
    let in_name = leaks::in_file_name(name, &assignment.identity);
    let mut findings = policy.of_file(in_name, assignment.document.bytes);
    match content {
        PageContent::Encoded(bytes, kind) => {
            findings.extend(leaks::in_image_file(bytes, *kind, raster, &assignment.identity));
        }
        PageContent::Rendered(_)
        | PageContent::Text(..)
        | PageContent::Picture(..)
        | PageContent::Problem(_)
        | PageContent::NoPages(_) => {}
    }
    findings
}

pub(crate) fn unreadable(file: &str, page: u32, applicant_id: Option<String>, problem: &InputProblem) -> PageReport {
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
        characters: None,
        findings: Vec::new(),
        marks: Vec::new(),
        notes: vec![problem.to_string()],
        elapsed_ms: BTreeMap::new(),
    }
}

/// Pages that come in any order, until their document is whole.
pub(crate) struct Pages<K, T> {
    waiting: BTreeMap<K, BTreeMap<usize, T>>,
}

impl<K, T> Default for Pages<K, T> {
    fn default() -> Self {
        Self { waiting: BTreeMap::new() }
    }
}

impl<K: Ord, T> Pages<K, T> {
    /// Takes a page; returns the document's pages in order once all are there.
    pub(crate) fn add(&mut self, document: K, index: usize, count: usize, page: T) -> Option<Vec<T>> {
        let pages = self.waiting.entry(document).or_default();
        pages.insert(index, page);
        if pages.len() < count {
            return None;
        }
        Some(std::mem::take(pages).into_values().collect())
    }
}

/// Documents that come in any order, delivered in the order of the batch.
pub(crate) struct Ordered<T> {
    waiting: BTreeMap<usize, T>,
    next: usize,
}

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self { waiting: BTreeMap::new(), next: 0 }
    }
}

impl<T> Ordered<T> {
    /// Takes a document; returns those that can be delivered now.
    pub(crate) fn add(&mut self, document: usize, value: T) -> Vec<T> {
        self.waiting.insert(document, value);
        let mut ready = Vec::new();
        while let Some(value) = self.waiting.remove(&self.next) {
            ready.push(value);
            self.next += 1;
        }
        ready
    }
}

#[cfg(test)]
pub(crate) mod tests_support {
    use super::*;
    use crate::geometry::Bbox;
    use crate::report::{FindingKind, FindingState, Source};

    /// A certain, exposed name.
    pub(crate) fn finding_at(bbox: Bbox) -> Finding {
        Finding {
            kind: FindingKind::Name,
            state: FindingState::Exposed,
            bbox: Some(bbox),
            quad: None,
            text: Some("张伟".into()),
            confidence: 1.0,
            source: Source::Ocr,
            certain: true,
            reason: String::new(),
        }
    }

    pub(crate) fn page_with(findings: Vec<Finding>) -> PageReport {
        let (needs_masking, verdict) = judge::verdict(&findings);
        let problem = InputProblem::Empty;
        PageReport { needs_masking, verdict, findings, notes: vec![], ..unreadable("a.png", 1, None, &problem) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_whole_when_all_its_pages_have_come() {
        let mut pages = Pages::default();
        assert_eq!(pages.add(7, 1, 2, "second"), None);
        assert_eq!(pages.add(7, 0, 2, "first"), Some(vec!["first", "second"]));
    }

    #[test]
    fn documents_are_delivered_in_the_order_of_the_batch() {
        let mut order = Ordered::default();
        assert!(order.add(1, "b").is_empty());
        assert_eq!(order.add(0, "a"), vec!["a", "b"]);
        assert_eq!(order.add(2, "c"), vec!["c"]);
    }
}
