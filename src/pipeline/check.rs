//! Documents → page reports, in the order of the batch. What is remembered is not examined again.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::examiner::Examiner;
use super::lengths::SummaryLengths;
use super::memory::{Claim, Key, Memory, renamed};
use super::{Assignment, Event, Ordered, Pages, Settings, page_source, unreadable};
use crate::assets::Assets;
use crate::error::{InputProblem, Result};
use crate::examine::Engine;
use crate::pages::{PageContent, PageJob, PageSource, Purpose};
use crate::report::{PageReport, Verdict};
use crate::stream::{self, Emit, Interrupt};

/// What is to be done for a document's page.
#[derive(Debug, Clone, Copy)]
struct Task {
    document: usize,
    key: Option<Key>,
    claim: Claim,
}

/// Examines a batch. Every document gives at least one page report. With a memory, pages that it holds are not
/// examined again, and identical files of an applicant are examined once.
///
/// # Errors
/// When nothing can be examined at all (PDFium does not load), or the memory cannot be written.
pub fn check(
    assignments: &[Assignment],
    engine: &Arc<Engine>,
    assets: &Assets,
    settings: &Settings,
    memory: Option<&Memory>,
    interrupt: &Interrupt,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<()> {
    let mut lengths = SummaryLengths::new(assignments, &settings.policy);
    let on_event = &mut |event: Event<'_>| match event {
        Event::Document(rows) => on_event(Event::Document(&lengths.checked(rows))),
        event => on_event(event),
    };
    let mut sink = Sink {
        assignments,
        memory,
        pages: Pages::default(),
        order: Ordered::default(),
        finished: BTreeMap::new(),
        waiting: BTreeMap::new(),
        written: Ok(()),
    };
    let produced = stream::run(
        settings.jobs,
        interrupt,
        |emit| {
            let mut source = page_source(assets, settings, interrupt);
            for index in 0..assignments.len() {
                if interrupt.is_set() || !produce(index, assignments, settings, memory, &mut source, emit)? {
                    break;
                }
            }
            Ok(())
        },
        || {
            let mut examiner = Examiner::new(engine, settings);
            move |job: PageJob<Task>| {
                let Task { document, key, claim } = job.document;
                let (task, index, count) = (job.document, job.index, job.count);
                let assignment = &assignments[document];
                let remembered = memory.zip(key).and_then(|(memory, key)| match claim {
                    Claim::SameAs(_) => None,
                    Claim::New | Claim::Known(_) => memory.row(key, index, assignment),
                });
                let is_fresh = remembered.is_none();
                let (row, picture) = match (remembered, claim) {
                    (Some(row), _) => (Some(row), None),
                    (None, Claim::SameAs(_)) => (None, None),
                    (None, _) => {
                        let (_, outcome) = examiner.examine(job, assignment, &assignment.document.file);
                        let wanted = settings.pictures && outcome.report.verdict != Verdict::Clean;
                        let picture = if wanted { outcome.picture() } else { None };
                        (Some(outcome.report), picture)
                    }
                };
                (task, index, count, row, is_fresh, picture)
            }
        },
        |(task, index, count, row, is_fresh, picture)| {
            // Before the row is remembered, so that a resumed run has the picture too.
            if let Some((row, jpeg)) = row.as_ref().zip(picture.as_ref()) {
                on_event(Event::Picture { file: &row.file, page: row.page, jpeg });
            }
            sink.take(task, index, count, row, is_fresh, on_event);
        },
    );
    produced.and(sink.written)
}

/// Sends a document's pages to the workers, or word that they are known.
fn produce(
    index: usize,
    assignments: &[Assignment],
    settings: &Settings,
    memory: Option<&Memory>,
    source: &mut PageSource<'_>,
    emit: &Emit<PageJob<Task>>,
) -> Result<bool> {
    let assignment = &assignments[index];
    let bytes = assignment.document.read(&settings.limits);
    let key = memory.zip(bytes.as_ref().ok()).map(|(memory, bytes)| memory.key(bytes, assignment, settings));
    let claim = memory.zip(key).map_or(Claim::New, |(memory, key)| memory.claim(key, index));
    if let Some((memory, key)) = memory.zip(key)
        && (matches!(claim, Claim::Known(_)) || memory.took_over(key))
    {
        memory.take_over(key);
    }
    let task = Task { document: index, key, claim };
    // A page that is not looked at has no content; were it looked at, it would be unreadable.
    let without_content = |page, count| {
        let content = PageContent::Problem(InputProblem::Empty);
        emit.emit(PageJob { document: task, index: page, count, content })
    };
    match claim {
        Claim::New => {
            let Assignment { document, identity, .. } = assignment;
            source.emit(&task, document.kind, Purpose::Examine, bytes, identity, emit)
        }
        Claim::Known(count) => Ok((0..count).all(|page| without_content(page, count))),
        Claim::SameAs(_) => Ok(without_content(0, 1)),
    }
}

/// Puts rows into order and remembers fresh ones.
struct Sink<'a> {
    assignments: &'a [Assignment],
    memory: Option<&'a Memory>,
    pages: Pages<usize, PageReport>,
    order: Ordered<Vec<PageReport>>,
    /// Documents that others may be the same as, with their number of pages.
    finished: BTreeMap<usize, (Key, usize)>,
    /// By document: those that are the same and wait for its rows.
    waiting: BTreeMap<usize, Vec<usize>>,
    written: Result<()>,
}

impl Sink<'_> {
    fn take(
        &mut self,
        task: Task,
        index: usize,
        count: usize,
        row: Option<PageReport>,
        is_fresh: bool,
        on_event: &mut dyn FnMut(Event<'_>),
    ) {
        let Task { document, key, claim } = task;
        let Some(row) = row else {
            if let Claim::SameAs(first) = claim {
                match self.finished.get(&first) {
                    Some(&(key, count)) => {
                        let rows = self.remembered(document, key, count);
                        self.deliver(document, rows, on_event);
                    }
                    None => self.waiting.entry(first).or_default().push(document),
                }
            }
            return;
        };
        if is_fresh
            && self.written.is_ok()
            && let Some((memory, key)) = self.memory.zip(key)
        {
            self.written = memory.keep(key, index, count, &row, None);
        }
        on_event(Event::Page(&row));
        let Some(rows) = self.pages.add(document, index, count, row) else { return };
        if let Some(key) = key {
            self.finished.insert(document, (key, count));
        }
        for same in self.waiting.remove(&document).unwrap_or_default() {
            let rows = rows.iter().map(|row| renamed(row.clone(), &self.assignments[same])).collect();
            self.deliver(same, rows, on_event);
        }
        for rows in self.order.add(document, rows) {
            on_event(Event::Document(&rows));
        }
    }

    /// The rows of a document that is the same as a finished one.
    fn remembered(&self, document: usize, key: Key, count: usize) -> Vec<PageReport> {
        let assignment = &self.assignments[document];
        let rows = self.memory.and_then(|memory| (0..count).map(|page| memory.row(key, page, assignment)).collect());
        rows.unwrap_or_else(|| {
            let problem = InputProblem::Unreadable("what was found in an identical file is lost".into());
            vec![unreadable(&assignment.document.file, 0, assignment.applicant_id.clone(), &problem)]
        })
    }

    fn deliver(&mut self, document: usize, rows: Vec<PageReport>, on_event: &mut dyn FnMut(Event<'_>)) {
        for row in &rows {
            on_event(Event::Page(row));
        }
        for rows in self.order.add(document, rows) {
            on_event(Event::Document(&rows));
        }
    }
}
