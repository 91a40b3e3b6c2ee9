//! `zhegai models`.

use clap::{Args, Subcommand};

/// What to do with the runtime assets.
#[derive(Debug, Args)]
pub(crate) struct ModelsArgs {
    #[command(subcommand)]
    pub(crate) action: ModelsAction,
}

/// An action on the runtime assets.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum ModelsAction {
    /// Print the folder they are in
    Path,
}
