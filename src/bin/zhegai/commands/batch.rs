//! What `check`, `mask` and `demo` share: set-up, listening to the running batch, the table at the end.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use zhegai::InputProblem;
use zhegai::assets::Assets;
use zhegai::declarations::Resolved;
use zhegai::examine::Engine;
use zhegai::input::{self, Rejected};
use zhegai::pipeline::{Assignment, Event, Settings, rejected};
use zhegai::report::{Earlier, FindingKind, FirstLanguage, PageReport, Redactor, ReportFolder, Summary, Verdict};
use zhegai::stream::Interrupt;

use super::applicants::{Applicants, Assigned};
use super::own_files;
use super::{policy, rendering};
use crate::args::BatchArgs;
use crate::exit::Exit;
use crate::language::Language;
use crate::printer::{self, Printer};
use crate::progress::{self, BatchProgress};
use crate::table;

/// Set by Ctrl-C.
static INTERRUPT: Interrupt = Interrupt::new();

/// A batch ready to be run.
pub(crate) struct Batch {
    pub(crate) assets: Assets,
    pub(crate) engine: Arc<Engine>,
    pub(crate) settings: Settings,
    pub(crate) assignments: Vec<Assignment>,
    rejected: Vec<(Rejected, Option<String>)>,
    declarations: Option<Resolved>,
    /// Applicants, by number, whose unit is everybody's.
    of_general_units: BTreeSet<Option<String>>,
    json_progress: bool,
}

impl Batch {
    /// Finds the inputs and loads the models. Masked copies, if there will be any, go to `copies`.
    ///
    /// # Errors
    /// When no input was found, the policy is unsound, or an asset is missing.
    pub(crate) fn prepare(
        args: &BatchArgs,
        copies: Option<&Path>,
        applicants: &Applicants,
        printer: &mut Printer,
    ) -> Result<Self> {
        let mut settings = Settings::default();
        settings.render.dpi = f32::from(args.dpi);
        settings.policy = policy::named(&args.policy, printer.language())?;
        if let Some(what) = args.unreadable_seals {
            settings.policy.seals.unreadable = what.into();
        }
        settings.page_timeout = Duration::from_secs(args.page_timeout.into());
        settings.renderer = rendering::in_a_child(printer);
        if let Some(jobs) = args.jobs {
            settings.jobs = usize::from(jobs);
        }
        let language = printer.language();
        let mut inputs = input::collect(&args.inputs, &settings.limits);
        own_files::set_aside(&mut inputs, args, copies, printer)?;
        if inputs.documents.is_empty() && inputs.rejected.iter().all(|r| r.problem == InputProblem::EmptyFolder) {
            let typed = args.inputs.iter().map(|input| input.display().to_string()).collect::<Vec<_>>().join(", ");
            anyhow::bail!(match language {
                Language::Zh => format!("没有找到任何文件：{typed}（文件夹是空的，或只有隐藏文件）"),
                Language::En => format!("no files were found: {typed} (empty, or with hidden files only)"),
            });
        }
        for duplicate in &inputs.duplicates {
            printer.note(format!(
                "{}{}",
                language.pick("重复给出，只检查一次：", "given twice, examined once: "),
                duplicate.display()
            ));
        }
        let assets = Assets::ready()?.with_progress(progress::of_assets(language, printer.is_quiet()));
        let engine = Engine::load(&assets, args.ocr.into(), args.face_mask.into())
            .context(language.pick("模型不能载入", "the models cannot be loaded"))?;
        if let Some(text) = applicants.not_looked_for(language) {
            printer.note(text);
        }
        if let Some(text) = applicants.too_general(language) {
            printer.note(text);
        }
        let assigned = applicants.assign(args, inputs);
        let unknown = assigned.unknown_characters(engine.reader().alphabet());
        if !unknown.is_empty() {
            let unknown: String = unknown.into_iter().collect();
            printer.note(match language {
                Language::Zh => format!("注意：识别模型没有这些生僻字：{unknown}；该字处按任意字匹配，请人工复核"),
                Language::En => format!(
                    "note: the reading model lacks these characters: {unknown}; any character is accepted in their \
                     place, so look at the result"
                ),
            });
        }
        let declarations = match &args.declarations {
            Some(path) => Some(assigned.declarations(path, language)?),
            None => None,
        };
        let of_general_units = assigned.of_general_units();
        let Assigned { assignments, rejected } = assigned;
        Ok(Self {
            assets,
            engine: Arc::new(engine),
            settings,
            assignments,
            rejected,
            declarations,
            of_general_units,
            json_progress: args.json_progress,
        })
    }

    /// Starts the report of this batch in a folder; pages' pictures are made for it. One that `resumes` keeps those
    /// of the run before.
    ///
    /// # Errors
    /// When there is one already that may not be replaced, or it cannot be written.
    pub(crate) fn report_in(
        &mut self,
        folder: &Path,
        args: &BatchArgs,
        resumes: bool,
        language: Language,
    ) -> Result<ReportFolder> {
        let existing = match (resumes, args.force) {
            (true, _) => Earlier::Continued,
            (false, true) => Earlier::Replaced,
            (false, false) => Earlier::Kept,
        };
        let redactor = if args.redact_report {
            let applicants = self.assignments.iter().map(|a| (a.applicant_id.clone(), Arc::clone(&a.identity)));
            Some(Redactor::new(applicants)?)
        } else {
            None
        };
        let inputs = self.assignments.iter().map(|a| a.document.source.path());
        let report = ReportFolder::create(
            folder,
            existing,
            inputs,
            redactor,
            language.pick(FirstLanguage::Chinese, FirstLanguage::OfBrowser),
        )?;
        self.settings.pictures = report.wants_pictures();
        Ok(report)
    }

    /// Runs the batch by `work`, which reports to the listener given; writes the report and shows the table.
    ///
    /// # Errors
    /// When nothing can be examined or the report cannot be written.
    pub(crate) fn run(
        &self,
        mut report: Option<ReportFolder>,
        printer: &mut Printer,
        work: impl FnOnce(&Interrupt, &mut dyn FnMut(Event<'_>)) -> zhegai::Result<()>,
    ) -> Result<Exit> {
        interrupt_by_keyboard(printer.language());
        let started = Instant::now();
        let mut summary = Summary::new();
        let mut rows = table::Rows::default();
        let mut written = Ok(());
        let mut declarations = self.declarations.clone();
        let mut deliver =
            |report: &mut Option<ReportFolder>, pages: &[PageReport], declarations: &mut Option<Resolved>| {
                let mut pages = pages.to_vec();
                self.remark_general_units(&mut pages);
                if let Some(declarations) = declarations {
                    declarations.compare(&mut pages);
                }
                summary.add(&pages);
                if let (Some(report), Ok(())) = (report, &written) {
                    written = pages.iter().try_for_each(|page| report.page(page));
                    if written.is_err() {
                        // What cannot be reported need not be examined.
                        INTERRUPT.set();
                    }
                }
                for page in &pages {
                    rows.add(page);
                }
            };
        for (refused, applicant_id) in &self.rejected {
            deliver(&mut report, &[rejected(refused, applicant_id.clone())], &mut declarations);
        }
        let progress = BatchProgress::start(self.assignments.len() as u64, self.json_progress, printer);
        let mut pictured = Ok(());
        let done = work(&INTERRUPT, &mut |event| match event {
            Event::Page(page) => progress.page(page.verdict == Verdict::Violation),
            Event::Picture { file, page, jpeg } => {
                if let (Some(report), Ok(())) = (&mut report, &pictured) {
                    pictured = report.picture(file, page, jpeg);
                }
            }
            Event::Document(pages) => {
                progress.document();
                deliver(&mut report, pages, &mut declarations);
            }
        });
        progress.finish();
        if !INTERRUPT.is_set() {
            for (file, problem) in declarations.take().map_or_else(Vec::new, |declarations| declarations.unmet()) {
                let only_declared = InputProblem::OnlyDeclared(problem);
                let only_declared = Rejected { path: PathBuf::from(&file), file, problem: only_declared };
                deliver(&mut report, &[rejected(&only_declared, None)], &mut None);
            }
        }
        summary.complete = !INTERRUPT.is_set();
        summary.elapsed_ms = started.elapsed().as_secs_f64() * 1000.0;
        done?;
        let finished = written.and_then(|()| report.map_or(Ok(()), |report| report.finish(&summary)));
        printer.line(table::render(&rows, printer.language()))?;
        printer.line(table::totals(&summary, printer.language()))?;
        finished?;
        pictured.context(printer.language().pick("页面图像不能写入报告", "pages' pictures cannot be written"))?;
        Ok(if summary.complete { summary.worst().map_or(Exit::Done, Exit::from) } else { Exit::Interrupted })
    }

    /// Says on each page where something counts as the applicant's unit that this may be another's.
    fn remark_general_units(&self, pages: &mut [PageReport]) {
        const TOO_GENERAL: &str = "申报人的单位写得过于笼统，这可能是其他单位的，请核对 (the applicant's unit is given in \
            too general terms: this may be another's)";
        for page in pages.iter_mut().filter(|page| self.of_general_units.contains(&page.applicant_id)) {
            if page.findings.iter().any(|f| matches!(f.kind, FindingKind::Unit | FindingKind::Seal)) {
                page.notes.push(TOO_GENERAL.to_owned());
            }
        }
    }
}

/// Lets Ctrl-C end the run after the pages at work, and a second one at once.
#[expect(clippy::exit, reason = "nothing else ends workers in the middle of a page")]
fn interrupt_by_keyboard(language: Language) {
    // Fails only when a handler is set already, by an earlier run of this process.
    let _ = ctrlc::set_handler(move || {
        if INTERRUPT.is_set() {
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
        INTERRUPT.set();
        printer::say(language.pick(
            "正在结束：等待手头的页面做完，已完成的都会保留；再按一次 Ctrl-C 立即退出",
            "ending after the pages at work; what is done is kept. Ctrl-C once more ends at once",
        ));
    });
}
