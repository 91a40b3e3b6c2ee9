//! `zhegai bench`: examines (or masks) a folder several times and says where the time goes.

use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use zhegai::bench::{Bench, Round};
use zhegai::identity::Applicant;
use zhegai::inference::Runtime;
use zhegai::mask::MaskParams;
use zhegai::output::{Existing, LineFile, OutputFolder};
use zhegai::pipeline::{self, Event, MaskSettings};
use zhegai::report::PageReport;
use zhegai::stream::Interrupt;

use super::applicants::Applicants;
use super::batch::Batch;
use crate::args::{ApplicantArgs, BatchArgs, BenchArgs};
use crate::exit::Exit;
use crate::printer::Printer;
use crate::table;

/// Whom a bench looks for in a folder without a roster; the time does not depend on it.
const INVENTED: (&str, &str) = ("欧阳晓彤", "天山草业科技有限公司");

/// Measures.
///
/// # Errors
/// When nothing can be examined, or a file cannot be written.
pub(crate) fn run(args: &BenchArgs, printer: &mut Printer) -> Result<Exit> {
    let language = printer.language();
    let beside = args.input.join("roster.csv");
    let roster = args.roster.clone().or_else(|| beside.is_file().then_some(beside));
    let applicants = match roster {
        Some(path) => Applicants::of(&ApplicantArgs { roster: Some(path), ..ApplicantArgs::default() }, language)?,
        None => Applicants::One(Applicant::new(INVENTED.0, INVENTED.1)?),
    };
    let started = Instant::now();
    let mut batch = Batch::prepare(&BatchArgs::of(args.input.clone()), None, &applicants, printer)?;
    let load_s = started.elapsed().as_secs_f64();
    if batch.assignments.is_empty() {
        bail!(language.pick("没有可以检查的文件", "there is no file that can be examined").to_owned());
    }
    let all_jobs = match args.jobs.as_slice() {
        [] => vec![batch.settings.jobs],
        jobs => jobs.iter().map(|&jobs| usize::from(jobs)).collect(),
    };
    let mut rounds = Vec::new();
    for _ in 0..args.rounds {
        // Numbers of jobs take turns, so that a slow spell of the machine strikes all alike.
        for &jobs in &all_jobs {
            batch.settings.jobs = jobs;
            rounds.push(round(&batch, args.mask)?);
        }
    }
    let bench = Bench::new(Runtime::available(&batch.assets)?, load_s, rounds);
    if let Some(path) = &args.json {
        let mut file = LineFile::create(path, Existing::Replace)?;
        file.line(&serde_json::to_string_pretty(&bench)?)?;
        file.finish()?;
    }
    printer.line(table::bench(&bench, language))?;
    Ok(Exit::Done)
}

/// Examines or masks everything once.
fn round(batch: &Batch, masks: bool) -> Result<(Round, Vec<PageReport>)> {
    let interrupt = Interrupt::new();
    let mut pages: Vec<PageReport> = Vec::new();
    let mut first_page_s = None;
    let started = Instant::now();
    let mut listen = |event: Event<'_>| match event {
        Event::Page(_) => {
            first_page_s.get_or_insert_with(|| started.elapsed().as_secs_f64());
        }
        Event::Document(rows) => pages.extend_from_slice(rows),
        Event::Picture { .. } => {}
    };
    let Batch { assignments, engine, assets, settings, .. } = batch;
    if masks {
        let folder = tempfile::tempdir().context("no temporary folder")?;
        let output = OutputFolder::open(folder.path(), Existing::Replace, [])?;
        let masking = MaskSettings { paint: MaskParams::default(), flatten: false, max_bytes: None };
        pipeline::mask(assignments, engine, assets, settings, &masking, &output, None, &interrupt, &mut listen)?;
    } else {
        pipeline::check(assignments, engine, assets, settings, None, &interrupt, &mut listen)?;
    }
    let wall_s = started.elapsed().as_secs_f64();
    let round = Round {
        jobs: settings.jobs,
        pages: pages.len(),
        wall_s,
        first_page_s: first_page_s.unwrap_or(wall_s),
        pages_per_s: pages.len() as f64 / wall_s,
    };
    Ok((round, pages))
}
