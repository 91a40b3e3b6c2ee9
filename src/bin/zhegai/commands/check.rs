//! `zhegai check`.

use anyhow::Result;
use zhegai::pipeline::{self, Memory};

use super::applicants::Applicants;
use super::batch::Batch;
use crate::args::CheckArgs;
use crate::exit::Exit;
use crate::language::Language;
use crate::printer::Printer;

/// Examines the inputs and reports.
///
/// # Errors
/// When nothing can be examined or the report cannot be written.
pub(crate) fn run(args: &CheckArgs, printer: &mut Printer) -> Result<Exit> {
    let applicants = Applicants::of(&args.batch.applicant, printer.language())?;
    let mut batch = Batch::prepare(&args.batch, &applicants, printer)?;
    let report = args.output.as_ref().map(|folder| batch.report_in(folder, &args.batch, args.resume)).transpose()?;
    let language = printer.language();
    let memory = match &args.output {
        // Kept until the run is complete, so that it can be resumed after a crash.
        Some(folder) => {
            let context = format!("{:?} {:?}", args.batch.ocr, args.batch.face_mask);
            Some(Memory::open(&folder.join(".zhegai-pages.jsonl"), args.resume, context)?)
        }
        None => None,
    };
    if let Some(memory) = memory.as_ref().filter(|memory| !memory.is_empty()) {
        let pages = memory.len();
        printer.note(match language {
            Language::Zh => format!("继续上次的检查：已有 {pages} 页的结果"),
            Language::En => format!("resuming: {pages} pages are known"),
        });
    }
    let exit = batch.run(report, printer, |interrupt, on_event| {
        let memory = memory.as_ref();
        pipeline::check(&batch.assignments, &batch.engine, &batch.assets, &batch.settings, memory, interrupt, on_event)
    })?;
    if let Some(memory) = memory.filter(|_| exit != Exit::Interrupted) {
        memory.discard()?;
    }
    if let Some(folder) = &args.output {
        let report = folder.join("report.html");
        printer.line(format!("{}{}", printer.language().pick("报告：", "report: "), report.display()))?;
    }
    Ok(exit)
}
