//! `zhegai models`.

use anyhow::Result;
use zhegai::assets::Assets;

use crate::args::ModelsAction;
use crate::exit::Exit;
use crate::printer::Printer;

/// Carries out an action on the runtime assets.
///
/// # Errors
/// When there is no cache folder on this system.
pub(crate) fn run(action: ModelsAction, printer: &mut Printer) -> Result<Exit> {
    let assets = Assets::ready()?;
    match action {
        ModelsAction::Path => printer.line(assets.folder().display().to_string())?,
    }
    Ok(Exit::Done)
}
