//! `zhegai check`.

use anyhow::Result;
use zhegai::pipeline;

use super::applicants::Applicants;
use super::batch::Batch;
use super::earlier;
use crate::args::CheckArgs;
use crate::exit::Exit;
use crate::printer::Printer;

/// Examines the inputs and reports.
///
/// # Errors
/// When nothing can be examined or the report cannot be written.
pub(crate) fn run(args: &CheckArgs, printer: &mut Printer) -> Result<Exit> {
    let language = printer.language();
    if let Some(folder) = &args.output {
        earlier::allows(folder, &args.batch, args.resume, language)?;
    }
    let applicants = Applicants::of(&args.batch.applicant, language)?;
    let mut batch = Batch::prepare(&args.batch, None, &applicants, printer)?;
    let report =
        args.output.as_ref().map(|folder| batch.report_in(folder, &args.batch, args.resume, language)).transpose()?;
    let memory = match &args.output {
        Some(folder) => {
            let context = format!("{:?} {:?}", args.batch.ocr, args.batch.face_mask);
            Some(earlier::memory_in(folder, &args.batch, args.resume, &context, language)?)
        }
        None => None,
    };
    let exit = batch.run(report, printer, |interrupt, on_event| {
        let memory = memory.as_ref();
        pipeline::check(&batch.assignments, &batch.engine, &batch.assets, &batch.settings, memory, interrupt, on_event)
    })?;
    earlier::leave(memory, exit, printer)?;
    if let Some(folder) = &args.output {
        let report = folder.join("report.html");
        printer.line(format!("{}{}", language.pick("报告：", "report: "), report.display()))?;
    }
    Ok(exit)
}
