//! The table that a person reads at the end of a run.

use std::collections::BTreeMap;

use comfy_table::{ContentArrangement, Table, presets};
use zhegai::report::{FindingKind, FindingState, PageReport, Summary, Verdict};

use crate::language::Language;

/// Longer batches list only the pages that want attention.
const ALL_ROWS: usize = 60;

/// What the table shows of a page.
pub(crate) struct Row {
    file: String,
    page: u32,
    needs_masking: Option<bool>,
    verdict: Verdict,
    found: BTreeMap<(FindingKind, FindingState, bool), usize>,
    notes: Vec<String>,
}

impl Row {
    /// The row of a page.
    pub(crate) fn of(page: &PageReport) -> Self {
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
pub(crate) fn render(rows: &[Row], language: Language) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(match language {
        Language::Zh => ["文件", "页", "是否需要遮盖", "结论", "内容"],
        Language::En => ["file", "page", "needs masking", "verdict", "found"],
    });
    let few = rows.len() <= ALL_ROWS;
    for row in rows.iter().filter(|row| few || row.verdict > Verdict::Compliant) {
        let page = if row.page == 0 { "—".to_owned() } else { row.page.to_string() };
        let needs = match row.needs_masking {
            Some(true) => language.pick("是", "yes"),
            Some(false) => language.pick("否", "no"),
            None => language.pick("待定", "open"),
        };
        table.add_row([&row.file, &page, needs, verdict(row.verdict, language), &contents(row, language)]);
    }
    table.to_string()
}

fn contents(row: &Row, language: Language) -> String {
    let found = row.found.iter().map(|(&(what, how, certain), count)| {
        let doubt = if certain { "" } else { language.pick("（待人工确认）", " (a person must look)") };
        match language {
            Language::Zh => format!("{}{}×{count}{doubt}", kind(what, language), state(how, language)),
            Language::En => format!("{count} {} {}{doubt}", kind(what, language), state(how, language)),
        }
    });
    found.chain(row.notes.iter().cloned()).collect::<Vec<_>>().join(language.pick("；", "; "))
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

fn verdict(verdict: Verdict, language: Language) -> &'static str {
    match verdict {
        Verdict::Clean => language.pick("无需遮盖", "clean"),
        Verdict::Compliant => language.pick("已遮盖", "compliant"),
        Verdict::Review => language.pick("需人工查看", "review"),
        Verdict::Unreadable => language.pick("不能检查", "unreadable"),
        Verdict::Violation => language.pick("违规", "violation"),
    }
}

fn kind(kind: FindingKind, language: Language) -> &'static str {
    match kind {
        FindingKind::Name => language.pick("姓名", "name"),
        FindingKind::Unit => language.pick("单位", "unit"),
        FindingKind::Seal => language.pick("印章", "seal"),
        FindingKind::Eyes => language.pick("照片眼部", "eyes"),
        FindingKind::UnitCode => language.pick("单位代码", "unit code"),
        FindingKind::Classified => language.pick("密级标志", "secrecy mark"),
        FindingKind::Metadata => language.pick("文件信息", "metadata"),
    }
}

fn state(state: FindingState, language: Language) -> &'static str {
    match state {
        FindingState::Exposed => language.pick("外露", "exposed"),
        FindingState::Masked => language.pick("已遮盖", "masked"),
        FindingState::WeakMask => language.pick("遮盖无效", "weakly masked"),
        FindingState::RemovableMask => language.pick("遮盖可移除", "removably masked"),
        FindingState::Hidden => language.pick("隐藏", "hidden"),
        FindingState::Exempt => language.pick("免遮盖", "exempt"),
    }
}
