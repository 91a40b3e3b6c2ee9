//! What an earlier run left in the folder that a run writes to: whether this run may use the folder, and what it takes over.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use zhegai::output::SealingKey;
use zhegai::pipeline::Memory;
use zhegai::report::ReportFolder;

use super::batch::Batch;
use crate::args::BatchArgs;
use crate::exit::Exit;
use crate::language::Language;
use crate::printer::Printer;

/// What is known of the files of a batch, in its report's folder.
const MEMORY: &str = ".zhegai-pages.jsonl";

/// Refuses a folder that an earlier run has used, unless it is to be continued or replaced. To be asked before anything
/// is examined.
///
/// # Errors
/// With what the user can do.
pub(crate) fn allows(folder: &Path, args: &BatchArgs, resumes: bool, language: Language) -> Result<()> {
    let (has_memory, has_report) = (folder.join(MEMORY).exists(), ReportFolder::is_in(folder));
    let place = folder.display();
    if folder.exists() && !folder.is_dir() {
        bail!(match language {
            Language::Zh => format!("{place} 是文件，不是文件夹；请用 -o 指定一个文件夹"),
            Language::En => format!("{place} is a file: name a folder with -o"),
        });
    }
    if args.force {
        return Ok(());
    }
    match (resumes, has_memory, has_report) {
        (false, _, true) => bail!(match language {
            Language::Zh => format!(
                "{place} 中已有上次的结果。加 --resume：只处理新增和改动的文件；加 --force：全部重做；或用 -o 指定另一个文件夹"
            ),
            Language::En => format!(
                "{place} holds the result of an earlier run: --resume does what is new or has changed, --force does \
                 all again, -o names another folder"
            ),
        }),
        (false, true, false) => bail!(match language {
            Language::Zh => format!(
                "上次在 {place} 的运行没有完成。加 --resume：接着做；加 --force：全部重做；或用 -o 指定另一个文件夹"
            ),
            Language::En => format!(
                "an earlier run in {place} did not end: --resume continues it, --force does all again, -o names \
                 another folder"
            ),
        }),
        (true, false, true) => bail!(nothing_known(folder, language)),
        _ => Ok(()),
    }
}

fn nothing_known(folder: &Path, language: Language) -> String {
    let place = folder.display();
    match language {
        Language::Zh => {
            format!(
                "{place} 中没有这台电脑可以接着用的记录，不能用 --resume；加 --force 全部重做，或用 -o 指定另一个文件夹"
            )
        }
        Language::En => format!(
            "{place} holds nothing that --resume could continue from on this machine: --force does all again, -o names \
             another folder"
        ),
    }
}

/// What is known of a batch whose report goes to `folder`, kept there so that the batch can be continued after a
/// crash, or when files are added. A redacted report has none beside it.
///
/// # Errors
/// When it cannot be written, a redacted run is to be resumed, or nothing of an earlier run can be read.
pub(crate) fn memory_in(
    folder: &Path,
    args: &BatchArgs,
    resumes: bool,
    context: &str,
    language: Language,
) -> Result<Memory> {
    let path = folder.join(MEMORY);
    if args.redact_report {
        if resumes {
            bail!(language.pick(
                "--redact-report 不在磁盘上留下身份信息，因此不能用 --resume 继续",
                "--redact-report leaves no identity on the disk, so there is nothing to --resume from"
            ));
        }
        if path.exists() {
            // Of an earlier run whose report was not redacted.
            std::fs::remove_file(&path).with_context(|| path.display().to_string())?;
        }
        return Ok(Memory::of_this_run(context)?);
    }
    let memory = Memory::open(&path, resumes, SealingKey::of_this_user()?, context)?;
    if memory.is_lost() && !args.force {
        bail!(nothing_known(folder, language));
    }
    Ok(memory)
}

/// Refuses to continue the masking of other applicants: the copies of files of the same name would take the place of theirs.
///
/// # Errors
/// With what the user can do, or when the memory cannot be written.
pub(crate) fn is_same_batch(
    memory: &Memory,
    batch: &Batch,
    folder: &Path,
    args: &BatchArgs,
    language: Language,
) -> Result<()> {
    if memory.is_of_others(&batch.assignments)? && !args.force {
        let place = folder.display();
        bail!(match language {
            Language::Zh => format!(
                "{place} 中是其他申报人的结果，不能用 --resume 继续；请用 -o 指定另一个文件夹，或加 --force 全部重做并覆盖"
            ),
            Language::En => format!(
                "{place} holds the result of other applicants, which --resume cannot continue: -o names another folder, \
                 --force does all again and replaces it"
            ),
        });
    }
    Ok(())
}

/// Says how much was taken over from an earlier run, and leaves the memory for the next one: whole after an
/// interrupted run, else what is worth keeping.
///
/// # Errors
/// When the system refuses.
pub(crate) fn leave(memory: Option<Memory>, exit: Exit, printer: &mut Printer) -> Result<()> {
    let Some(memory) = memory else { return Ok(()) };
    let files = memory.reused();
    if files > 0 {
        printer.note(match printer.language() {
            Language::Zh => format!("{files} 个文件与上次相同，沿用上次的结果，没有重做"),
            Language::En => format!("files as in the run before, whose results were taken over: {files}"),
        });
    }
    if exit == Exit::Interrupted { Ok(()) } else { Ok(memory.finish()?) }
}
