//! `zhegai demo`: unpacks the sample batch that is built into the program and masks it.

use anyhow::{Context, Result};
use include_dir::{Dir, include_dir};
use zhegai::identity::Applicant;
use zhegai::output::{Existing, OutputFolder};

use super::applicants::Applicants;
use super::mask;
use crate::args::{BatchArgs, DemoArgs, Fill, MaskArgs};
use crate::exit::Exit;
use crate::printer::Printer;

static SAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/demo");

/// The applicant of the samples, as fixtures/demo/applicant.json has it.
#[derive(serde::Deserialize)]
struct SampleApplicant {
    name: String,
    unit: String,
    aliases: Vec<String>,
    former_units: Vec<String>,
}

/// Masks the samples and says where to look.
///
/// # Errors
/// When the samples cannot be unpacked or nothing can be examined.
pub(crate) fn run(args: &DemoArgs, printer: &mut Printer) -> Result<Exit> {
    let language = printer.language();
    let originals = args.output.join("originals");
    let masked = args.output.join("masked");
    let folder = OutputFolder::open(&originals, Existing::Replace, [])?;
    let batch = SAMPLES.get_dir("batch").context("the program was built without its samples")?;
    unpack(batch, &folder)?;
    let sample: SampleApplicant = serde_json::from_slice(
        SAMPLES.get_file("applicant.json").context("the program was built without its samples")?.contents(),
    )?;
    printer.line(format!(
        "{}{}",
        language.pick("示例材料（人物和单位均为虚构）：", "sample files (people and units are invented): "),
        originals.display()
    ))?;
    let applicant = Applicant {
        id: None,
        name: sample.name,
        unit: sample.unit,
        aliases: sample.aliases,
        former_units: sample.former_units,
    };
    let arguments = MaskArgs {
        batch: BatchArgs { force: true, ..BatchArgs::of(originals.clone()) },
        output: masked.clone(),
        fill: Fill([0; 3]),
        fixed_width: false,
        resume: false,
        flatten: false,
        max_bytes: None,
    };
    // The samples hold pages that a person must look at; showing that is the demo's purpose, not its failure.
    let exit = mask::run_for(&arguments, &Applicants::One(applicant), printer)?;
    printer.line(language.pick(
        "请对照打开 originals 和 masked 两个文件夹中的同名文件。",
        "Open the files of the same name in the folders originals and masked side by side.",
    ))?;
    Ok(match exit {
        Exit::Review => Exit::Done,
        other => other,
    })
}

fn unpack(samples: &Dir<'_>, folder: &OutputFolder) -> Result<()> {
    for file in samples.files() {
        let name: Vec<_> = file.path().components().skip(1).map(|part| part.as_os_str().to_string_lossy()).collect();
        folder.write(&name.join("/"), file.contents())?;
    }
    samples.dirs().try_for_each(|below| unpack(below, folder))
}
