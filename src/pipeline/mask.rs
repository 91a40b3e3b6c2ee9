//! Documents → masked copies, each verified from its saved bytes before it counts as delivered. What is remembered
//! is not examined again, and identical files are masked once.

mod product;
mod sink;

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, unbounded};

use super::examiner::Examiner;
use super::lengths::SummaryLengths;
use super::memory::{Claim, Key, Memory};
use super::{Assignment, Event, PageOutcome, Settings, page_source};
use crate::assets::Assets;
use crate::error::{InputProblem, Result};
use crate::examine::{Engine, Examined};
use crate::limits::Limits;
use crate::mask::{MaskParams, MaskRegion};
use crate::output::OutputFolder;
use crate::pages::{PageContent, PageJob, PageSource, Purpose, decode, guarded};
use crate::pdf::write;
use crate::raster::Raster;
use crate::report::PageReport;
use crate::stream::{self, Emit, Interrupt};
use crate::verify;
use sink::Sink;

/// How masked copies are made.
#[derive(Debug, Clone, Copy)]
pub struct MaskSettings {
    /// Colour and margins of the blocks.
    pub paint: MaskParams,
    /// Every PDF page becomes an image, also those on which nothing is masked.
    pub flatten: bool,
    /// Bytes that an output file may have.
    pub max_bytes: Option<usize>,
}

/// A page of a document on its way through the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Of the original.
    Original,
    /// Of its saved copy.
    Saved,
    /// None: an earlier run has finished the document.
    Settled,
    /// None: the document is the same as this one.
    SameAs(usize),
}

#[derive(Debug, Clone, Copy)]
struct Task {
    document: usize,
    stage: Stage,
    /// Of the file that the page is in.
    key: Option<Key>,
}

/// What a page contributes to the copy.
enum Product {
    /// The page could not be examined: no copy can be vouched for.
    Missing,
    /// Nothing to cover; the page stays as it is.
    Untouched,
    /// A PDF page as a picture.
    Picture(write::PageOutput),
    /// A whole single-page image file.
    File(Vec<u8>),
    /// A page of a multi-page image file, to be painted when its turn comes.
    Regions(Vec<MaskRegion>, Option<f32>),
    /// It cannot be made within the rules.
    Refused(String),
}

struct Made {
    report: PageReport,
    product: Product,
    /// What an examination just made gave, to be remembered; its row is `row`.
    fresh: Option<(PageReport, Option<Examined>)>,
    /// A small JPEG of a saved page.
    picture: Option<Vec<u8>>,
}

/// Masks a batch into `folder`. Every document gives at least one page report, of the saved copy where one was
/// written; a copy in which something is still found is set aside with the suffix `.failed`.
///
/// # Errors
/// When nothing can be examined at all (PDFium does not load), or the memory cannot be written.
#[expect(clippy::too_many_arguments, reason = "the batch, its tools, its rules and its listener")]
pub fn mask(
    assignments: &[Assignment],
    engine: &Arc<Engine>,
    assets: &Assets,
    settings: &Settings,
    masking: &MaskSettings,
    folder: &OutputFolder,
    memory: Option<&Memory>,
    interrupt: &Interrupt,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<()> {
    let mut lengths = SummaryLengths::new(assignments, &settings.policy);
    let on_event = &mut |event: Event<'_>| match event {
        Event::Document(rows) => on_event(Event::Document(&lengths.checked(rows))),
        event => on_event(event),
    };
    let (saved_sender, saved) = unbounded();
    let batch = Batch { assignments, settings, masking, folder, memory };
    let sink = RefCell::new(Sink::new(&batch, saved_sender));
    let produced = stream::run(
        settings.jobs,
        interrupt,
        |emit| batch.produce(assets, &saved, interrupt, emit),
        || {
            let (mut examiner, batch) = (Examiner::new(engine, settings), &batch);
            move |job: PageJob<Task>| {
                let (task, index, count) = (job.document, job.index, job.count);
                (task, index, count, batch.work(job, &mut examiner))
            }
        },
        |(task, index, count, made)| sink.borrow_mut().take(task, index, count, made, on_event),
    );
    produced.and(sink.into_inner().end())
}

/// What all parts of the stream know.
struct Batch<'a> {
    assignments: &'a [Assignment],
    settings: &'a Settings,
    masking: &'a MaskSettings,
    folder: &'a OutputFolder,
    memory: Option<&'a Memory>,
}

impl Batch<'_> {
    /// The path below the output folder that a copy goes by: the original's, with the applicant's name and unit
    /// blotted out.
    fn name_of(&self, document: usize) -> String {
        let Assignment { document, identity, .. } = &self.assignments[document];
        let mut name = document.file.clone();
        let mut found = identity.search_text(&name);
        found.sort_by_key(|found| std::cmp::Reverse(found.range.start));
        for found in found.into_iter().filter(|found| found.certain) {
            name.replace_range(found.range.clone(), "××");
        }
        name
    }

    /// Originals in order; a saved copy goes before the next original, so that documents get finished.
    fn produce(
        &self,
        assets: &Assets,
        saved: &Receiver<(usize, PathBuf)>,
        interrupt: &Interrupt,
        emit: &Emit<PageJob<Task>>,
    ) -> Result<()> {
        /// How long to wait for a copy before looking whether the run was interrupted.
        const PATIENCE: Duration = Duration::from_millis(100);
        let mut source = page_source(assets, self.settings, interrupt);
        let mut originals = 0..self.assignments.len();
        while !interrupt.is_set() {
            let goes_on = if let Ok(copy) = saved.try_recv() {
                self.emit_saved(&mut source, copy, emit)?
            } else if let Some(document) = originals.next() {
                self.emit_original(&mut source, document, emit)?
            } else {
                match saved.recv_timeout(PATIENCE) {
                    Ok(copy) => self.emit_saved(&mut source, copy, emit)?,
                    Err(RecvTimeoutError::Timeout) => true,
                    Err(RecvTimeoutError::Disconnected) => return Ok(()),
                }
            };
            if !goes_on {
                break;
            }
        }
        Ok(())
    }

    fn emit_original(&self, source: &mut PageSource<'_>, document: usize, emit: &Emit<PageJob<Task>>) -> Result<bool> {
        let assignment = &self.assignments[document];
        let bytes = assignment.document.read(&self.settings.limits);
        let remembered = self.memory.zip(bytes.as_ref().ok()).map(|(memory, bytes)| {
            let key = memory.key(bytes, assignment, self.settings);
            (memory, key, memory.claim(key, document))
        });
        let key = remembered.map(|(_, key, _)| key);
        let target = self.folder.path_of(document, &self.name_of(document));
        let stage = match remembered {
            Some((memory, key, _)) if memory.copy(key, &target).is_some() => {
                memory.take_over(key);
                Stage::Settled
            }
            Some((_, _, Claim::SameAs(first))) => Stage::SameAs(first),
            _ => Stage::Original,
        };
        let task = Task { document, stage, key };
        if stage == Stage::Original {
            let (kind, identity) = (assignment.document.kind, &assignment.identity);
            return source.emit(&task, kind, Purpose::Mask, bytes, identity, emit);
        }
        // Nothing is looked at; were it, it would be unreadable.
        let content = PageContent::Problem(InputProblem::Empty);
        Ok(emit.emit(PageJob { document: task, index: 0, count: 1, content }))
    }

    fn emit_saved(
        &self,
        source: &mut PageSource<'_>,
        (document, path): (usize, PathBuf),
        emit: &Emit<PageJob<Task>>,
    ) -> Result<bool> {
        let (kind, bytes) = verify::open_saved(&path, &self.settings.limits);
        let assignment = &self.assignments[document];
        let remembered = self.memory.zip(bytes.as_ref().ok());
        let key = remembered.map(|(memory, bytes)| memory.key_of_copy(bytes, assignment, self.settings));
        let task = Task { document, stage: Stage::Saved, key };
        let kind = kind.unwrap_or(assignment.document.kind);
        source.emit(&task, kind, Purpose::Examine, bytes, &assignment.identity, emit)
    }

    /// What becomes of a page; runs on the worker.
    fn work(&self, job: PageJob<Task>, examiner: &mut Examiner<'_>) -> Option<Made> {
        let Task { document, stage, key } = job.document;
        let (index, count) = (job.index, job.count);
        let assignment = &self.assignments[document];
        let remembered = self.memory.zip(key).and_then(|(memory, key)| memory.page(key, index, assignment));
        if matches!(stage, Stage::Settled | Stage::SameAs(_)) {
            return None;
        }
        if let Some((report, examined)) = remembered {
            let examined = examined
                .map(|examined| raster_of(&job.content, index, &self.settings.limits).map(|raster| (raster, examined)));
            // A page with pixels that cannot be had again is examined again.
            if !matches!(examined, Some(None)) {
                let outcome = PageOutcome { report, examined: examined.flatten() };
                return Some(self.made_of(stage, &job.content, index, count, outcome));
            }
        }
        let (content, outcome) = match stage {
            Stage::Saved => examiner.examine_copy(job, assignment, &self.name_of(document)),
            _ => examiner.examine(job, assignment, &assignment.document.file),
        };
        let picture = if stage == Stage::Saved && self.settings.pictures { outcome.picture() } else { None };
        let examined = outcome.examined.as_ref().map(|(_, examined)| examined.clone());
        let fresh = Some((outcome.report.clone(), examined));
        Some(Made { fresh, picture, ..self.made_of(stage, &content, index, count, outcome) })
    }

    fn made_of(&self, stage: Stage, content: &PageContent, index: usize, count: usize, outcome: PageOutcome) -> Made {
        let report = outcome.report.clone();
        let made = guarded(|| {
            Ok(match stage {
                Stage::Saved => self.made_again(content, index, count, outcome),
                _ => self.made(content, index, count, outcome),
            })
        });
        let refused = |problem: InputProblem| Product::Refused(problem.to_string());
        made.unwrap_or_else(|problem| Made { report, product: refused(problem), fresh: None, picture: None })
    }
}

/// The page's pixels.
fn raster_of(content: &PageContent, index: usize, limits: &Limits) -> Option<Raster> {
    match content {
        PageContent::Rendered(page) => Some(page.rendered.raster.clone()),
        PageContent::Encoded(bytes, kind) => decode(bytes, *kind, index, limits).ok().map(|page| page.raster),
        PageContent::Picture(bytes, kind) => decode(bytes, *kind, 0, limits).ok().map(|page| page.raster),
        PageContent::Text(..) | PageContent::Problem(_) | PageContent::NoPages(_) => None,
    }
}
