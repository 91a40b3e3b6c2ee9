//! `zhegai policy`.

use clap::{Args, Subcommand};

/// What to do with policies.
#[derive(Debug, Args)]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    pub(crate) action: PolicyAction,
}

/// An action on policies.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum PolicyAction {
    /// Print a policy in full, as a file to start from; without a name, list the built-in ones
    Show {
        /// The name of a built-in policy or a TOML file
        #[arg(value_name = "NAME|FILE")]
        policy: Option<String>,
    },
    /// Check a policy file
    Check {
        /// The name of a built-in policy or a TOML file
        #[arg(value_name = "NAME|FILE")]
        policy: String,
    },
}
