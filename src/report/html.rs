//! Page rows → report.html: one file that needs nothing from elsewhere but the pages' pictures in a folder beside it.
//! Texts from files are held in JSON blocks in which no character can end the block, and the script puts them on
//! the screen as text only; the content security policy lets no other script run and nothing be fetched.

use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::mend::Mend;
use super::words::{self, Words};
use super::{Finding, FindingKind, FindingState, Mark, MarkStyle, PageReport, Source, Summary, Verdict, json_line};
use crate::geometry::{Point, Quad};

const BODY: &str = include_str!("html/body.html");
const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/app.js");

/// A page in the data block.
#[derive(Serialize)]
struct Page<'a> {
    file: &'a str,
    page: u32,
    applicant: Option<&'a str>,
    width: u32,
    height: u32,
    needs: Option<bool>,
    verdict: Verdict,
    findings: Vec<Found<'a>>,
    marks: &'a [Mark],
    notes: Vec<Words<String>>,
    picture: Option<&'a str>,
}

#[derive(Serialize)]
struct Found<'a> {
    kind: FindingKind,
    state: FindingState,
    /// Corners, rounded to pixels.
    shape: Option<[[i32; 2]; 4]>,
    text: Option<&'a str>,
    /// Per cent.
    confidence: u32,
    source: Source,
    certain: bool,
    reason: Words<String>,
    mend: Mend,
}

impl<'a> Found<'a> {
    fn of(finding: &'a Finding) -> Self {
        let quad = finding.quad.or_else(|| finding.bbox.map(Quad::from_bbox));
        Self {
            kind: finding.kind,
            state: finding.state,
            shape: quad.map(|quad| quad.0.map(|Point { x, y }| [x.round() as i32, y.round() as i32])),
            text: finding.text.as_deref(),
            confidence: (finding.confidence * 100.0).round() as u32,
            source: finding.source,
            certain: finding.certain,
            reason: words::remark(&finding.reason),
            mend: Mend::of(finding),
        }
    }
}

/// The terms that the script shows, by their keys in the data.
#[derive(Serialize)]
struct Terms {
    verdict: Vec<(Verdict, Words)>,
    kind: Vec<(FindingKind, Words)>,
    state: Vec<(FindingState, Words)>,
    source: Vec<(Source, Words)>,
    style: Vec<(MarkStyle, Words)>,
    mend: Vec<(Mend, Words)>,
}

impl Terms {
    fn new() -> Self {
        use FindingKind as K;
        use FindingState as S;
        use MarkStyle as M;
        let verdicts = [Verdict::Violation, Verdict::Unreadable, Verdict::Review, Verdict::Compliant, Verdict::Clean];
        let kinds = [K::Name, K::Unit, K::Seal, K::Eyes, K::UnitCode, K::Classified, K::Metadata];
        let states = [S::Exposed, S::WeakMask, S::RemovableMask, S::Hidden, S::Masked, S::Exempt];
        let sources = [Source::Ocr, Source::TextLayer, Source::Seal, Source::Face, Source::Document];
        let styles = [M::Solid, M::Mosaic, M::Blur, M::Translucent, M::Annotation];
        Self {
            verdict: verdicts.map(|v| (v, words::verdict(v))).to_vec(),
            kind: kinds.map(|k| (k, words::kind(k))).to_vec(),
            state: states.map(|s| (s, words::state(s))).to_vec(),
            source: sources.map(|s| (s, words::source(s))).to_vec(),
            style: styles.map(|s| (s, words::mark_style(s))).to_vec(),
            mend: Mend::ALL.map(|m| (m, m.words())).to_vec(),
        }
    }
}

/// The language that the file opens in; its reader can change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstLanguage {
    /// Chinese, whatever the browser's is.
    Chinese,
    /// Chinese in a Chinese browser, English in all others.
    OfBrowser,
}

/// Makes the file's parts, which are to be written one after another.
#[derive(Debug, Default)]
pub(super) struct Html {
    has_pages: bool,
}

impl Html {
    /// What stands before the pages.
    pub(super) fn head(first: FirstLanguage) -> String {
        let (style, script) = (source_hash(STYLE), source_hash(SCRIPT));
        let first = match first {
            FirstLanguage::Chinese => " data-first=\"zh\"",
            FirstLanguage::OfBrowser => "",
        };
        format!(
            "<!doctype html>\n<html lang=\"zh-CN\"{first}>\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src {script}; style-src \
             {style}; img-src 'self' file:; base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>遮盖检查报告</title>\n<style>{STYLE}</style>\n</head>\n{BODY}\
             <script type=\"application/json\" id=\"terms\">{}</script>\n\
             <script type=\"application/json\" id=\"pages\">[\n",
            block(&Terms::new())
        )
    }

    /// A page; `picture` is its picture's path from the report.
    pub(super) fn page(&mut self, page: &PageReport, picture: Option<&str>) -> String {
        let row = Page {
            file: &page.file,
            page: page.page,
            applicant: page.applicant_id.as_deref(),
            width: page.width,
            height: page.height,
            needs: page.needs_masking,
            verdict: page.verdict,
            findings: page.findings.iter().map(Found::of).collect(),
            marks: &page.marks,
            notes: page.notes.iter().map(|note| words::remark(note)).collect(),
            picture,
        };
        let comma = if std::mem::replace(&mut self.has_pages, true) { ",\n" } else { "" };
        format!("{comma}{}", block(&row))
    }

    /// What stands after the pages.
    pub(super) fn tail(summary: &Summary) -> String {
        format!(
            "\n]</script>\n<script type=\"application/json\" id=\"summary\">{}</script>\n<script>{SCRIPT}</script>\n\
             </body>\n</html>\n",
            block(summary)
        )
    }
}

/// Data as JSON that can stand in a script element: nothing in it can end the element or be taken for markup.
fn block<T: Serialize>(data: &T) -> String {
    let json = json_line(data);
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            // All of these stand in JSON strings only.
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "\\u{:04x}", c as u32);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

/// The hash by which a content security policy allows an inline element.
fn source_hash(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let hash = Sha256::digest(text.as_bytes());
    let mut base64 = String::new();
    for group in hash.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        for digit in 0..4 {
            let value = (bits >> (18 - 6 * digit)) as usize & 63;
            base64.push(if digit <= group.len() { char::from(DIGITS[value]) } else { '=' });
        }
    }
    format!("'sha256-{base64}'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::{samples, summary_of};

    fn whole(pages: &[PageReport]) -> String {
        let mut html = Html::default();
        let head = Html::head(FirstLanguage::OfBrowser);
        let rows: String = pages.iter().map(|page| html.page(page, Some("report-pages/1.jpg"))).collect();
        head + &rows + &Html::tail(&summary_of(pages))
    }

    /// The text of the element with this id.
    fn data<'a>(html: &'a str, id: &str) -> &'a str {
        let start = format!("id=\"{id}\">");
        let from = html.find(&start).expect("the block is there") + start.len();
        &html[from..from + html[from..].find("</script>").expect("the block ends")]
    }

    #[test]
    fn the_data_block_holds_the_pages() {
        let html = whole(&samples()[1..2]);
        let rows: serde_json::Value = serde_json::from_str(data(&html, "pages")).expect("the block is JSON");
        assert_eq!(rows[0]["verdict"], "compliant");
        assert_eq!(rows[0]["picture"], "report-pages/1.jpg");
        assert_eq!(rows[0]["findings"][0]["mend"], "nothing");
        assert_eq!(rows[0]["findings"][0]["reason"]["zh"], "文字一致");
        assert_eq!(rows[0]["marks"].as_array().map(Vec::len), Some(5));
    }

    #[test]
    fn a_file_name_cannot_leave_the_data_block() {
        let pages = samples();
        let html = whole(&pages);
        let rows: serde_json::Value = serde_json::from_str(data(&html, "pages")).expect("the block is JSON");
        let files: Vec<_> = rows.as_array().expect("a list").iter().map(|row| row["file"].as_str()).collect();
        assert_eq!(files, pages.iter().map(|page| Some(page.file.as_str())).collect::<Vec<_>>());
        assert!(!html.contains("<img src=x"));
        // Terms, pages, summary and the program.
        assert_eq!(html.matches("</script>").count(), 4);
        assert_eq!(block(&"\u{2028}&<>\u{2029}"), r#""\u2028\u0026\u003c\u003e\u2029""#);
    }

    #[test]
    fn a_report_without_pages_is_whole() {
        let html = whole(&[]);
        let rows: serde_json::Value = serde_json::from_str(data(&html, "pages")).expect("the block is JSON");
        assert_eq!(rows.as_array().map(Vec::len), Some(0));
    }

    #[test]
    fn the_hash_is_what_browsers_compute() {
        // SHA-256 of nothing, a known value.
        assert_eq!(source_hash(""), "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
    }

    #[test]
    fn the_page_names_no_other_place() {
        let html = whole(&samples());
        for forbidden in ["http://", "https://", "innerHTML", "eval("] {
            let found =
                html.match_indices(forbidden).filter(|(at, _)| !html[*at..].starts_with("http://www.w3.org/2000/svg"));
            assert_eq!(found.count(), 0, "{forbidden}");
        }
    }
}
