//! `zhegai models`.

use anyhow::Result;
use zhegai::assets::Assets;

use crate::args::ModelsAction;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::progress;

/// Carries out an action on the runtime assets.
///
/// # Errors
/// When an asset cannot be had, or there is no cache folder on this system.
pub(crate) fn run(action: Option<ModelsAction>, printer: &mut Printer) -> Result<Exit> {
    let language = printer.language();
    let assets = Assets::ready()?.with_progress(progress::of_assets(language, printer.is_quiet()));
    match action {
        None => list(&assets, printer),
        Some(ModelsAction::Fetch) => {
            assets.fetch()?;
            printer.note(language.pick("模型和 PDFium 均已就绪：", "all models and PDFium are in place:"));
            printer.line(assets.folder().display().to_string())?;
            Ok(Exit::Done)
        }
        Some(ModelsAction::Verify) => verify(&assets, printer),
        Some(ModelsAction::Path) => {
            printer.line(assets.folder().display().to_string())?;
            Ok(Exit::Done)
        }
    }
}

fn list(assets: &Assets, printer: &mut Printer) -> Result<Exit> {
    let language = printer.language();
    for listed in assets.list() {
        let state =
            if listed.present { language.pick("已有", "present") } else { language.pick("缺少", "missing") };
        printer.line(format!(
            "{:<26} {:>9} {state:<8} {}  ({})",
            listed.asset.file_name(),
            listed.size,
            listed.wheel,
            listed.licence
        ))?;
    }
    Ok(Exit::Done)
}

fn verify(assets: &Assets, printer: &mut Printer) -> Result<Exit> {
    let language = printer.language();
    let mut exit = Exit::Done;
    let mut complaints: Vec<anyhow::Error> = Vec::new();
    for (asset, outcome) in assets.verify() {
        match outcome {
            Ok(()) => printer.line(format!("{}  {}", language.pick("正确", "ok"), asset.file_name()))?,
            Err(error) => {
                exit = Exit::Failed;
                printer.line(format!("{}  {}", language.pick("不符", "BAD"), asset.file_name()))?;
                // Files of one wheel that is not there share one complaint.
                if complaints.iter().all(|told| told.to_string() != error.to_string()) {
                    complaints.push(error.into());
                }
            }
        }
    }
    for complaint in &complaints {
        printer.complaint(complaint);
    }
    Ok(exit)
}
