//! The rendering process: this program, started by itself, so that a file that makes PDFium crash does not end the
//! batch.

use anyhow::Result;
use zhegai::assets::Assets;
use zhegai::pages::{self, ChildCommand, Renderer};

use crate::exit::Exit;
use crate::printer::Printer;

/// The hidden subcommand.
pub(crate) const SUBCOMMAND: &str = "render-pages";

/// Rendering in a process of its own; in this one where the system does not tell where the program is.
pub(crate) fn in_a_child(printer: &mut Printer) -> Renderer {
    match std::env::current_exe() {
        Ok(program) => Renderer::Child(ChildCommand { program, arguments: vec![SUBCOMMAND.to_owned()] }),
        Err(error) => {
            let language = printer.language();
            printer.note(format!(
                "{}{error}",
                language.pick(
                    "找不到程序文件，PDF 在本进程内打开，损坏的文件可能使全部工作中断：",
                    "the program's file is not found; PDFs are opened in this process, which a damaged one may end: "
                )
            ));
            Renderer::InProcess
        }
    }
}

/// Serves the process that started this one, until that ends.
///
/// # Errors
/// When the other process does not keep to the format or ends in the middle of a page.
pub(crate) fn run() -> Result<Exit> {
    // Ctrl-C at the terminal reaches this process too; the other one decides when to end.
    let _ = ctrlc::set_handler(|| {});
    pages::first_to_go();
    let assets = Assets::ready()?;
    pages::serve(&assets, std::io::stdin().lock(), std::io::stdout().lock())?;
    Ok(Exit::Done)
}
