//! Page rows → report.csv, as Excel in a Chinese setting opens it right: UTF-8 with a byte order mark, CRLF, no
//! cell that is taken for a formula.

use std::collections::BTreeMap;

use super::mend::Mend;
use super::{FindingKind, FindingState, PageReport, words};

/// Tells Excel that the file is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

const HEADINGS: [&str; 8] = ["申报人编号", "文件", "页码", "是否需要遮盖", "检查结论", "问题", "处理办法", "备注"];

/// Excel shows numbers of more digits rounded and in powers of ten (it keeps 15 significant digits and shows 11
/// in a column of common width).
const MOST_DIGITS: usize = 11;

/// The head of the file with its line end.
pub(super) fn head() -> String {
    format!("{BYTE_ORDER_MARK}{}", line(&HEADINGS.map(str::to_owned)))
}

/// A page's line with its line end.
pub(super) fn row(page: &PageReport) -> String {
    let mends: Vec<&str> = Mend::of_page(page).into_iter().map(|mend| mend.words().zh).collect();
    let notes: Vec<String> = page.notes.iter().map(|note| words::remark(note).zh).collect();
    line(&[
        as_text(page.applicant_id.as_deref().unwrap_or_default()),
        guarded(&page.file),
        if page.page == 0 { String::new() } else { page.page.to_string() },
        words::needs_masking(page.needs_masking).zh.to_owned(),
        words::verdict(page.verdict).zh.to_owned(),
        guarded(&problems(page)),
        mends.join("；"),
        guarded(&notes.join("；")),
    ])
}

/// What was found, by kind and state, with the texts concerned.
fn problems(page: &PageReport) -> String {
    let mut found: BTreeMap<(FindingKind, FindingState, bool), (usize, Vec<&str>)> = BTreeMap::new();
    for finding in &page.findings {
        let (count, texts) = found.entry((finding.kind, finding.state, !finding.certain)).or_default();
        *count += 1;
        texts.extend(finding.text.as_deref().filter(|text| !texts.contains(text)));
    }
    let told = found.into_iter().map(|((kind, state, doubtful), (count, texts))| {
        let texts = if texts.is_empty() { String::new() } else { format!("（{}）", texts.join("、")) };
        let count = if count > 1 { format!("×{count}") } else { String::new() };
        let doubt = if doubtful { "（待人工确认）" } else { "" };
        format!("{}{}{count}{texts}{doubt}", words::kind(kind).zh, words::state(state).zh)
    });
    told.collect::<Vec<_>>().join("；")
}

/// Keeps Excel from running a cell as a formula: an apostrophe before the characters that start one, their wide
/// forms and control characters included. Line ends become spaces.
fn guarded(text: &str) -> String {
    let text = text.replace(['\r', '\n', '\0'], " ");
    match text.trim_start().chars().next() {
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '|' | '%') => format!("'{text}"),
        _ if text.starts_with('\t') => format!("'{text}"),
        _ => text,
    }
}

/// Keeps Excel from changing an identifier that looks like a number: a tab before it makes it text.
fn as_text(id: &str) -> String {
    let digits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    let would_change = digits && (id.len() > MOST_DIGITS || id.len() > 1 && id.starts_with('0'));
    if would_change { format!("\t{id}") } else { guarded(id) }
}

fn line(cells: &[String; 8]) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(cells).expect("a Vec takes everything");
    String::from_utf8(writer.into_inner().expect("a Vec takes everything")).expect("the cells are UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::samples;

    #[test]
    fn a_report_in_cells() {
        let text: String = std::iter::once(head()).chain(samples().iter().map(row)).collect();
        assert!(text.starts_with('\u{feff}'));
        assert_eq!(text.matches("\r\n").count(), text.matches('\n').count());
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines[0], "申报人编号,文件,页码,是否需要遮盖,检查结论,问题,处理办法,备注");
        assert!(lines[2].starts_with("A001,A001/获奖情况/证书.pdf,2,是,已遮盖,"), "{}", lines[2]);
        assert_eq!(lines[3], "A001,A001/继续教育/学时.png,1,否,无需遮盖,,,");
        assert_eq!(lines[7], ",'@loose.png,1,否,无需遮盖,,,");
    }

    #[test]
    fn no_cell_starts_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", " =1", "\t=1", "\r=1", "\n@x"] {
            assert!(guarded(text).starts_with('\''), "{text:?}");
        }
        assert_eq!(guarded("A-1=2.pdf"), "A-1=2.pdf");
    }

    #[test]
    fn identifiers_keep_their_zeros_and_digits() {
        assert_eq!(as_text("0012"), "\t0012");
        assert_eq!(as_text("202612345678901234"), "\t202612345678901234");
        assert_eq!(as_text("A001"), "A001");
        assert_eq!(as_text("12"), "12");
    }
}
