//! `zhegai mask`.

use std::path::Path;

use anyhow::Result;
use zhegai::mask::MaskParams;
use zhegai::output::{Existing, OutputFolder};
use zhegai::pipeline::{self, MaskSettings};

use super::applicants::Applicants;
use super::batch::Batch;
use super::earlier;
use crate::args::{MaskArgs, UnreadableSeals};
use crate::exit::Exit;
use crate::printer::Printer;

/// Masks the inputs, verifies the copies and reports.
///
/// # Errors
/// When nothing can be examined, or the output folder or the report cannot be written.
pub(crate) fn run(args: &MaskArgs, printer: &mut Printer) -> Result<Exit> {
    let applicants = Applicants::of(&args.batch.applicant, printer.language())?;
    run_for(args, &applicants, printer)
}

/// Masks for these applicants.
///
/// # Errors
/// As for [`run`].
pub(crate) fn run_for(args: &MaskArgs, applicants: &Applicants, printer: &mut Printer) -> Result<Exit> {
    let language = printer.language();
    earlier::allows(&args.output, &args.batch, args.resume, language)?;
    let mut batch = Batch::prepare(&args.batch, Some(&args.output), applicants, printer)?;
    if args.batch.unreadable_seals.is_none() {
        batch.settings.policy.seals.unreadable = UnreadableSeals::Mask.into();
    }
    // A copy that an interrupted run left is the same or older.
    let existing = if args.batch.force || args.resume { Existing::Replace } else { Existing::Keep };
    let inputs: Vec<&Path> = batch.assignments.iter().map(|a| a.document.source.path()).collect();
    let folder = OutputFolder::open(&args.output, existing, inputs)?;
    let masking = MaskSettings {
        paint: MaskParams { fill: args.fill.0, fixed_width: args.fixed_width, ..MaskParams::default() },
        flatten: args.flatten,
        max_bytes: args.max_bytes.or_else(|| batch.settings.policy.files.most_bytes()),
    };
    let context = format!("{:?} {:?} {masking:?}", args.batch.ocr, args.batch.face_mask);
    let memory = earlier::memory_in(&args.output, &args.batch, args.resume, &context, language)?;
    earlier::is_same_batch(&memory, &batch, &args.output, &args.batch, language)?;
    let memory = Some(memory);
    let report = batch.report_in(&args.output, &args.batch, args.resume, language)?;
    let exit = batch.run(Some(report), printer, |interrupt, on_event| {
        pipeline::mask(
            &batch.assignments,
            &batch.engine,
            &batch.assets,
            &batch.settings,
            &masking,
            &folder,
            memory.as_ref(),
            interrupt,
            on_event,
        )
    })?;
    earlier::leave(memory, exit, printer)?;
    printer.line(format!("{}{}", language.pick("遮盖件：", "masked copies: "), args.output.display()))?;
    printer.line(format!("{}{}", language.pick("报告：", "report: "), args.output.join("report.html").display()))?;
    Ok(exit)
}
