//! `zhegai bench`.

use std::path::PathBuf;

use clap::Args;

/// What `zhegai bench` takes.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Folder of files to be examined. Files of one kind are told by their names: 001_form.jpg and 002_form.jpg
    #[arg(value_name = "DIR")]
    pub(crate) input: PathBuf,

    /// List of applicants [default: DIR/roster.csv when there is one, else an invented applicant]
    #[arg(long, value_name = "CSV")]
    pub(crate) roster: Option<PathBuf>,

    /// Also mask into a temporary folder and verify the copies
    #[arg(long)]
    pub(crate) mask: bool,

    /// Pages examined side by side; several numbers, as in 1,2, are compared [default: one a processor core]
    #[arg(short, long, value_name = "N,…", value_delimiter = ',', value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: Vec<u16>,

    /// How often everything is examined; speeds are medians over the rounds
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) rounds: u16,

    /// Write the figures to a file as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}
