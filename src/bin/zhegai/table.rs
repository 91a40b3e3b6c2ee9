//! The table that a person reads at the end of a run.

use std::collections::BTreeMap;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use zhegai::bench::Bench;
use zhegai::report::words::{self, Words};
use zhegai::report::{FindingKind, FindingState, PageReport, Summary, Verdict};

use crate::language::Language;

/// Longer batches list only the pages that want attention.
const ALL_ROWS: usize = 60;

/// Most pages that a terminal lists; the report has them all.
const MOST_ROWS: usize = 500;

/// The pages of a run that the table shows; no more are held than that.
#[derive(Default)]
pub(crate) struct Rows {
    pages: usize,
    /// All of a short run.
    all: Vec<Row>,
    wanting: Vec<Row>,
    wanting_left_out: usize,
}

impl Rows {
    /// One more page.
    pub(crate) fn add(&mut self, page: &PageReport) {
        self.pages += 1;
        if self.pages <= ALL_ROWS {
            self.all.push(Row::of(page));
        } else {
            self.all.clear();
        }
        if page.verdict > Verdict::Compliant {
            if self.wanting.len() < MOST_ROWS {
                self.wanting.push(Row::of(page));
            } else {
                self.wanting_left_out += 1;
            }
        }
    }
}

/// What the table shows of a page.
struct Row {
    file: String,
    page: u32,
    needs_masking: Option<bool>,
    verdict: Verdict,
    found: BTreeMap<(FindingKind, FindingState, bool), usize>,
    notes: Vec<String>,
}

impl Row {
    /// The row of a page.
    fn of(page: &PageReport) -> Self {
        let mut found = BTreeMap::new();
        for finding in &page.findings {
            *found.entry((finding.kind, finding.state, finding.certain)).or_default() += 1;
        }
        Self {
            file: page.file.clone(),
            page: page.page,
            needs_masking: page.needs_masking,
            verdict: page.verdict,
            found,
            notes: page.notes.clone(),
        }
    }
}

/// All rows, or those that want attention when there are many.
pub(crate) fn render(rows: &Rows, language: Language) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(match language {
        Language::Zh => ["文件", "页", "是否需要遮盖", "结论", "内容"],
        Language::En => ["file", "page", "needs masking", "verdict", "found"],
    });
    for row in if rows.all.is_empty() { &rows.wanting } else { &rows.all } {
        let page = if row.page == 0 { "—".to_owned() } else { row.page.to_string() };
        let of = |words: Words| language.pick(words.zh, words.en);
        let (needs, verdict) = (of(words::needs_masking(row.needs_masking)), of(words::verdict(row.verdict)));
        table.add_row([&row.file, &page, needs, verdict, &contents(row, language)]);
    }
    let mut text = table.to_string();
    if rows.wanting_left_out > 0 {
        let count = rows.wanting_left_out;
        text.push('\n');
        text.push_str(&count.to_string());
        text.push_str(language.pick(" 页未列出的也需要注意，见报告", " more pages want attention: see the report"));
    }
    text
}

fn contents(row: &Row, language: Language) -> String {
    let found = row.found.iter().map(|(&(what, how, certain), count)| {
        let doubt = if certain { "" } else { language.pick("（待人工确认）", " (a person must look)") };
        let (kind, state) = (words::kind(what), words::state(how));
        match language {
            Language::Zh => format!("{}{}×{count}{doubt}", kind.zh, state.zh),
            Language::En => format!("{count} {} {}{doubt}", kind.en, state.en),
        }
    });
    let notes = row.notes.iter().map(|note| {
        let Words { zh, en } = words::remark(note);
        language.pick(zh, en)
    });
    found.chain(notes).collect::<Vec<_>>().join(language.pick("；", "; "))
}

/// The totals of a run in a line.
pub(crate) fn totals(summary: &Summary, language: Language) -> String {
    let count = |verdict| summary.count(verdict);
    let (files, pages, seconds) = (summary.files, summary.pages, summary.elapsed_ms / 1000.0);
    let (violation, review, unreadable) =
        (count(Verdict::Violation), count(Verdict::Review), count(Verdict::Unreadable));
    let (compliant, clean) = (count(Verdict::Compliant), count(Verdict::Clean));
    let mut line = match language {
        Language::Zh => format!(
            "{files} 个文件 {pages} 页：违规 {violation}，需人工查看 {review}，不能检查 {unreadable}，已遮盖 {compliant}，\
             无需遮盖 {clean}；用时 {seconds:.1} 秒"
        ),
        Language::En => format!(
            "{files} files, {pages} pages: {violation} violation, {review} review, {unreadable} unreadable, {compliant} \
             compliant, {clean} clean; {seconds:.1} s"
        ),
    };
    if !summary.complete {
        line.push_str(language.pick("（已中断，报告不完整）", " (interrupted: the report is incomplete)"));
    }
    line
}

/// Stages in the order in which a page goes through them; others follow.
const STAGES: [&str; 16] = [
    "render",
    "structure",
    "decode",
    "detect",
    "orientation",
    "read",
    "reread",
    "judge",
    "face",
    "seal",
    "marks",
    "uncover",
    "paint",
    "encode",
    "write",
    "verify",
];

/// The figures of a bench: a row a kind of page, then speeds and memory.
pub(crate) fn bench(bench: &Bench, language: Language) -> String {
    let known = |stage: &str| STAGES.iter().position(|&known| known == stage).unwrap_or(STAGES.len());
    let mut stages: Vec<&String> = bench.kinds.iter().flat_map(|kind| kind.stages_ms.keys()).collect();
    stages.sort_by_key(|stage| (known(stage), *stage));
    stages.dedup();
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    let heads = language.pick(["类别", "页", "每页毫秒"], ["kind", "pages", "ms a page"]);
    table.set_header(heads.into_iter().chain(stages.iter().map(|stage| stage.as_str())));
    for kind in &bench.kinds {
        let ms = stages.iter().map(|&stage| format!("{:.0}", kind.stages_ms.get(stage).copied().unwrap_or_default()));
        let figures = [kind.kind.clone(), kind.pages.to_string(), format!("{:.0}", kind.total_ms)];
        table.add_row(figures.into_iter().chain(ms));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut lines = vec![table.to_string()];
    for run in &bench.throughput {
        let (jobs, speed, (slow, fast)) = (run.jobs, run.pages_per_s, run.spread);
        let efficiency = run.efficiency * 100.0;
        lines.push(match language {
            Language::Zh => {
                format!("{jobs} 页同时：每秒 {speed:.2} 页（{slow:.2}–{fast:.2}），并行效率 {efficiency:.0}%")
            }
            Language::En => {
                format!("{jobs} at a time: {speed:.2} pages/s ({slow:.2}–{fast:.2}), efficiency {efficiency:.0} %")
            }
        });
    }
    let first = bench.rounds.first().map_or(0.0, |round| round.first_page_s);
    let memory = bench.peak_memory_bytes.map_or_else(|| "?".to_owned(), |bytes| format!("{} MB", bytes / 1_000_000));
    let (load, unreadable, runtime) = (bench.load_s, bench.unreadable, &bench.runtime);
    lines.push(match language {
        Language::Zh => format!(
            "{runtime} 载入模型 {load:.2} 秒，之后 {first:.2} 秒得到第一页；内存峰值 {memory}；不能检查 {unreadable} 页；各步骤为每页用时的中位数"
        ),
        Language::En => format!(
            "models loaded by {runtime} in {load:.2} s, first page {first:.2} s later; peak memory {memory}; {unreadable} pages \
             unreadable; stages are medians over pages"
        ),
    });
    lines.join("\n")
}
