//! `zhegai check`.

use anyhow::Result;
use zhegai::output::Existing;
use zhegai::pipeline;

use super::applicants::Applicants;
use super::batch::Batch;
use crate::args::CheckArgs;
use crate::exit::Exit;
use crate::printer::Printer;

/// Examines the inputs and reports.
///
/// # Errors
/// When nothing can be examined or the report cannot be written.
pub(crate) fn run(args: &CheckArgs, printer: &mut Printer) -> Result<Exit> {
    let applicants = Applicants::of(&args.batch.applicant, printer.language())?;
    let batch = Batch::prepare(&args.batch, &applicants, printer)?;
    let report = args.output.as_ref().map(|folder| folder.join("report.jsonl"));
    let existing = if args.batch.force { Existing::Replace } else { Existing::Keep };
    let exit = batch.run(report.as_deref(), existing, printer, |interrupt, on_event| {
        pipeline::check(&batch.assignments, &batch.engine, &batch.assets, &batch.settings, interrupt, on_event)
    })?;
    if let Some(report) = report {
        printer.line(format!("{}{}", printer.language().pick("报告：", "report: "), report.display()))?;
    }
    Ok(exit)
}
