//! Examines pages one after the other within a time limit; each worker has its own.

use std::sync::Arc;
use std::time::Instant;

use super::{Assignment, PageOutcome, Settings, examine_page, unreadable};
use crate::error::InputProblem;
use crate::examine::Engine;
use crate::pages::{PageContent, PageJob};
use crate::stream::{Deadline, Lost, Watchdog};

/// A page with all that its examination needs, since it may outlive the run.
struct Page {
    content: PageContent,
    index: usize,
    assignment: Assignment,
    /// The path that the file goes by.
    name: String,
    engine: Arc<Engine>,
    settings: Arc<Settings>,
}

/// A worker's means of examination.
pub(super) struct Examiner<'a> {
    engine: &'a Arc<Engine>,
    settings: Arc<Settings>,
    of_copies: Arc<Settings>,
    watchdog: Watchdog<Page, (PageContent, PageOutcome)>,
}

impl<'a> Examiner<'a> {
    pub(super) fn new(engine: &'a Arc<Engine>, settings: &Settings) -> Self {
        let limit = settings.page_timeout;
        let work = move |page: Page| {
            let Page { content, index, assignment, name, engine, settings } = page;
            let deadline = Deadline::at(Instant::now() + limit);
            let outcome = examine_page(&content, index, &assignment, &name, &engine, &settings, deadline);
            (content, outcome)
        };
        let watchdog = Watchdog::new(limit, Arc::new(work));
        let of_copies = Settings { policy: settings.policy.of_copies(), ..settings.clone() };
        Self { engine, settings: Arc::new(settings.clone()), of_copies: Arc::new(of_copies), watchdog }
    }

    /// Examines a page of a file that goes by `name`; gives the page back, unless its time was up.
    pub(super) fn examine<K>(
        &mut self,
        job: PageJob<K>,
        assignment: &Assignment,
        name: &str,
    ) -> (PageContent, PageOutcome) {
        self.examined(job, assignment, name, Arc::clone(&self.settings))
    }

    /// The same for a page of a saved copy.
    pub(super) fn examine_copy<K>(
        &mut self,
        job: PageJob<K>,
        assignment: &Assignment,
        name: &str,
    ) -> (PageContent, PageOutcome) {
        self.examined(job, assignment, name, Arc::clone(&self.of_copies))
    }

    fn examined<K>(
        &mut self,
        job: PageJob<K>,
        assignment: &Assignment,
        name: &str,
        settings: Arc<Settings>,
    ) -> (PageContent, PageOutcome) {
        let index = job.index;
        let page = Page {
            content: job.content,
            index,
            assignment: assignment.clone(),
            name: name.to_owned(),
            engine: Arc::clone(self.engine),
            settings,
        };
        self.watchdog.run(page).unwrap_or_else(|lost| {
            let problem = match lost {
                Lost::Late => InputProblem::TimedOut(self.settings.page_timeout.as_secs()),
                Lost::Panicked => InputProblem::Crashed(String::new()),
            };
            let page = u32::try_from(index + 1).unwrap_or(u32::MAX);
            let report = unreadable(&assignment.document.file, page, assignment.applicant_id.clone(), &problem);
            (PageContent::Problem(problem), PageOutcome { report, examined: None })
        })
    }
}
