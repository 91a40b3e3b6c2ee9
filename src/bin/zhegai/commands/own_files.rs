//! Which files of a batch are no applicant's material: reports and copies that zhegai made there, and the lists that
//! the run itself was given.

use std::path::{Path, PathBuf};

use anyhow::Result;
use zhegai::input::Inputs;
use zhegai::report::OwnReports;

use crate::args::BatchArgs;
use crate::language::Language;
use crate::printer::Printer;

/// Takes them out of the inputs and says so. Masked copies, if there will be any, go to `copies`.
///
/// # Errors
/// When the copies would come to lie where the inputs are.
pub(super) fn set_aside(
    inputs: &mut Inputs,
    args: &BatchArgs,
    copies: Option<&Path>,
    printer: &mut Printer,
) -> Result<()> {
    let language = printer.language();
    let named = copies;
    let copies = named.and_then(|copies| copies.canonicalize().ok());
    if let (Some(copies), Some(named)) = (&copies, named) {
        let mut typed = args.inputs.iter().filter_map(|input| input.canonicalize().ok());
        let is_there = |input: PathBuf| if input.is_dir() { input == *copies } else { input.parent() == Some(copies) };
        if typed.any(is_there) {
            anyhow::bail!(match language {
                Language::Zh => format!(
                    "输出文件夹 {} 就是材料所在的文件夹，原件不能被替换；请用 -o 指定另一个文件夹",
                    named.display()
                ),
                Language::En => format!(
                    "the output folder {} is the one that holds the files, which are never replaced; name another \
                     one with -o",
                    named.display()
                ),
            });
        }
    }
    let lists = [&args.applicant.roster, &args.declarations];
    let lists: Vec<PathBuf> = lists.into_iter().flatten().filter_map(|path| path.canonicalize().ok()).collect();
    let mut reports = OwnReports::default();
    let mut folders = Vec::new();
    let aside = inputs.set_aside(|path| {
        let Ok(path) = path.canonicalize() else { return false };
        let is_copy = copies.as_ref().is_some_and(|copies| path.starts_with(copies));
        lists.contains(&path) || is_copy || reports.hold(&path)
    });
    for path in aside {
        // Many files of one folder are told once.
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        if path.canonicalize().is_ok_and(|path| lists.contains(&path)) || folders.contains(&folder) {
            continue;
        }
        printer.note(format!(
            "{}{}",
            language.pick(
                "其中有 zhegai 生成的文件，不作为材料检查：",
                "holds files that zhegai made, which are not examined: "
            ),
            folder.display()
        ));
        folders.push(folder);
    }
    Ok(())
}
