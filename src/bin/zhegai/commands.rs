//! Carries out what was typed: one module a subcommand.

mod applicants;
mod batch;
mod bench;
mod check;
mod demo;
mod earlier;
mod mask;
mod models;
mod own_files;
mod policy;
pub(crate) mod rendering;

use anyhow::Result;

use crate::args::{Args, Command};
use crate::exit::Exit;
use crate::printer::Printer;

/// Runs the subcommand.
///
/// # Errors
/// What kept it from doing its work; a page that fails is not an error but a row of the report.
pub(crate) fn run(arguments: Args, printer: &mut Printer) -> Result<Exit> {
    match arguments.command {
        Command::Check(check) => check::run(&check, printer),
        Command::Mask(mask) => mask::run(&mask, printer),
        Command::Bench(bench) => bench::run(&bench, printer),
        Command::Demo(demo) => demo::run(&demo, printer),
        Command::Models(models) => models::run(models.action, printer),
        Command::Policy(args) => policy::run(&args.action, printer),
        Command::Render => rendering::run(),
    }
}
