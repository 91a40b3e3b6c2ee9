//! Progress at the terminal, on the standard error. Nothing is drawn when that is not a terminal or when the
//! run is to be quiet.

use std::cell::Cell;
use std::io::IsTerminal as _;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use zhegai::assets::{OnProgress, Progress};

use crate::language::Language;
use crate::printer::Printer;

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
    pages: Cell<u64>,
    violations: Cell<u64>,
}

impl BatchProgress {
    /// A bar over `documents`; hidden when the printer is quiet or the standard error is no terminal.
    pub(crate) fn start(documents: u64, printer: &Printer) -> Self {
        let bar = if printer.is_quiet() || !std::io::stderr().is_terminal() {
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
        Self { bar, language, pages: Cell::new(0), violations: Cell::new(0) }
    }

    /// One more page was examined.
    pub(crate) fn page(&self, is_violation: bool) {
        self.pages.set(self.pages.get() + 1);
        self.violations.set(self.violations.get() + u64::from(is_violation));
        let seconds = self.bar.elapsed().as_secs_f64().max(0.001);
        let (pages, violations) = (self.pages.get(), self.violations.get());
        let rate = pages as f64 / seconds;
        self.bar.set_message(match self.language {
            Language::Zh => format!("{pages} 页，{rate:.1} 页/秒，{violations} 页违规"),
            Language::En => format!("{pages} pages, {rate:.1} pages/s, {violations} violations"),
        });
    }

    /// One more document is done.
    pub(crate) fn document(&self) {
        self.bar.inc(1);
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
