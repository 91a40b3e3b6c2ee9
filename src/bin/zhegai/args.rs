//! What can be typed: one struct a subcommand, each in its own file under `args/`. The doc comments here are
//! the English help; the Chinese help is in `language/help.rs`.

mod batch;
mod bench;
mod check;
mod demo;
pub(crate) mod mask;
mod models;
mod policy;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::rendering;
use crate::language::{self, Language};
pub(crate) use batch::{ApplicantArgs, BatchArgs, UnreadableSeals};
pub(crate) use bench::BenchArgs;
pub(crate) use check::CheckArgs;
pub(crate) use demo::DemoArgs;
pub(crate) use mask::{Fill, MaskArgs};
pub(crate) use models::{ModelsAction, ModelsArgs};
pub(crate) use policy::{PolicyAction, PolicyArgs};

/// After the options of the commands themselves in their help.
pub(crate) const LAST: usize = 900;

/// Finds, masks and verifies an applicant's name, unit, the unit's seals and the eyes in photos in the
/// attachments of a blind professional-title review. Nothing leaves this machine.
#[derive(Debug, Parser)]
#[command(name = "zhegai", version)]
pub(crate) struct Args {
    /// Language of messages and help: zh or en [default: that of the system]
    #[arg(
        long,
        global = true,
        value_enum,
        hide_possible_values = true,
        value_name = "LANGUAGE",
        display_order = LAST
    )]
    pub(crate) lang: Option<Language>,

    /// Print no progress and no notes; the report's files and errors stay
    #[arg(short, long, global = true, display_order = LAST)]
    pub(crate) quiet: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Examine files and report what an applicant's identity is still seen in
    Check(CheckArgs),
    /// Write masked copies of files, verify the saved copies, and report
    Mask(MaskArgs),
    /// Measure pages a second, the time of each stage and memory on a folder of files
    Bench(BenchArgs),
    /// Mask the built-in sample files and say where to look
    Demo(DemoArgs),
    /// List, fetch or verify the models and PDFium that zhegai needs at run time
    Models(ModelsArgs),
    /// Show the built-in rules, or check a file of rules
    Policy(PolicyArgs),
    /// Render PDFs for another process of this program
    #[command(name = rendering::SUBCOMMAND, hide = true)]
    Render,
}

/// The command with its help in `language`.
pub(crate) fn command(language: Language) -> clap::Command {
    language::localize(Args::command(), language)
}

/// Reads the arguments.
///
/// # Errors
/// clap's, which also stands for `--help` and `--version`.
pub(crate) fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    language: Language,
) -> Result<Args, Box<clap::Error>> {
    let matches = command(language).try_get_matches_from(arguments)?;
    Ok(Args::from_arg_matches(&matches)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound_in_both_languages() {
        for language in [Language::En, Language::Zh] {
            command(language).debug_assert();
        }
    }
}
