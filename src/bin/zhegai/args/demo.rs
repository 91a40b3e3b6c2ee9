//! `zhegai demo`.

use std::path::PathBuf;

use clap::Args;

/// What `zhegai demo` takes.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Folder for the sample files and their masked copies
    #[arg(short, long, value_name = "DIR", default_value = "zhegai-demo")]
    pub(crate) output: PathBuf,
}
