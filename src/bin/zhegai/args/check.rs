//! `zhegai check`.

use std::path::PathBuf;

use clap::Args;

use super::BatchArgs;

/// What `zhegai check` takes.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) batch: BatchArgs,

    /// Folder for the report (report.html, report.csv, report.jsonl); without it the result is only shown
    #[arg(short, long, value_name = "REPORT_DIR")]
    pub(crate) output: Option<PathBuf>,

    /// Continue an earlier run: what has not changed since is not examined again
    #[arg(long, requires = "output")]
    pub(crate) resume: bool,
}
