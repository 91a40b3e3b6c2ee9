//! Files that leak past their pages' pixels, and their clean twins, through the public interface with the real models.
//! Prints the table of cases.

#![allow(clippy::disallowed_methods, reason = "tests read and write their own files")]
#![allow(clippy::print_stdout, reason = "the table is what the test shows")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde::Deserialize;
use zhegai::assets::Assets;
use zhegai::examine::Engine;
use zhegai::face::FaceMask;
use zhegai::identity::{Applicant, Identity};
use zhegai::input;
use zhegai::mask::MaskParams;
use zhegai::ocr::ModelSize;
use zhegai::output::{Existing, OutputFolder};
use zhegai::pipeline::{self, Assignment, Event, MaskSettings, Settings};
use zhegai::report::{FindingKind, FindingState, PageReport, Verdict};
use zhegai::stream::Interrupt;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    file: String,
    case: String,
    twin: bool,
    verdict: Expected,
    findings: Vec<Expectation>,
}

#[derive(Debug, Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Expected {
    Pass,
    Review,
    Violation,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Expectation {
    kind: FindingKind,
    state: FindingState,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/leaks")
}

fn cases() -> Vec<Case> {
    let lines = std::fs::read_to_string(folder().join("expected.jsonl")).expect("the matrix has its expectations");
    lines.lines().map(|line| serde_json::from_str(line).expect("one case a line")).collect()
}

fn assets() -> &'static Assets {
    static ASSETS: OnceLock<Assets> = OnceLock::new();
    ASSETS.get_or_init(|| Assets::ready().expect("a cache folder"))
}

fn engine() -> &'static Arc<Engine> {
    static ENGINE: OnceLock<Arc<Engine>> = OnceLock::new();
    ENGINE.get_or_init(|| Arc::new(Engine::load(assets(), ModelSize::Small, FaceMask::Eyes).expect("the models load")))
}

fn assignments() -> Vec<Assignment> {
    let applicant = Applicant::new("张伟", "天山草业科技有限公司").expect("a sound applicant");
    let identity = Arc::new(Identity::new(&applicant, &[]));
    let inputs = input::collect(&[folder()], &Settings::default().limits);
    let assigned =
        |document| Assignment { document, identity: Arc::clone(&identity), applicant_id: None, category: None };
    inputs.documents.into_iter().map(assigned).collect()
}

/// The rows of each case: those of a file, or of an archive's members.
fn rows_of<'r>(case: &Case, rows: &'r BTreeMap<String, Vec<PageReport>>) -> Vec<&'r PageReport> {
    let below = format!("{}/", case.file);
    rows.iter().filter(|(file, _)| **file == case.file || file.starts_with(&below)).flat_map(|(_, rows)| rows).collect()
}

fn is_as_expected(case: &Case, rows: &[&PageReport]) -> bool {
    let worst = rows.iter().map(|row| row.verdict).max();
    let verdict = match case.verdict {
        Expected::Pass => matches!(worst, Some(Verdict::Clean | Verdict::Compliant)),
        Expected::Review => worst == Some(Verdict::Review),
        Expected::Violation => worst == Some(Verdict::Violation),
    };
    let findings = || rows.iter().flat_map(|row| &row.findings);
    let all_found = case.findings.iter().all(|e| findings().any(|f| f.kind == e.kind && f.state == e.state));
    let told = findings().filter(|finding| finding.state != FindingState::Masked);
    verdict && all_found && (!case.twin || told.count() == 0)
}

#[test]
fn every_leak_is_found_and_no_twin_gives_an_alarm() {
    let mut rows: BTreeMap<String, Vec<PageReport>> = BTreeMap::new();
    let mut collect = |event: Event<'_>| {
        if let Event::Document(pages) = event {
            rows.insert(pages[0].file.clone(), pages.to_vec());
        }
    };
    let settings = Settings::default();
    pipeline::check(&assignments(), engine(), assets(), &settings, None, &Interrupt::new(), &mut collect)
        .expect("PDFium loads");
    let cases = cases();
    assert!(cases.len() > 200, "{} cases", cases.len());
    let mut wrong = Vec::new();
    let mut table = String::from("| case | twin | expected | got |\n|---|---|---|---|\n");
    for case in &cases {
        let rows = rows_of(case, &rows);
        let mut found: Vec<String> = rows
            .iter()
            .flat_map(|row| &row.findings)
            .map(|f| format!("{:?} {:?}", f.kind, f.state).to_lowercase())
            .collect();
        found.sort();
        found.dedup();
        let verdict = rows.iter().map(|row| row.verdict).max();
        let twin = if case.twin { "twin" } else { "" };
        let expected: Vec<String> =
            case.findings.iter().map(|e| format!("{:?} {:?}", e.kind, e.state).to_lowercase()).collect();
        let line = format!(
            "| {} | {twin} | {} {} | {} {} |",
            case.case,
            format!("{:?}", case.verdict).to_lowercase(),
            expected.join(", "),
            verdict.map_or("missing".into(), |verdict| format!("{verdict:?}").to_lowercase()),
            found.join(", ")
        );
        writeln!(table, "{line}").expect("writing to memory works");
        if !is_as_expected(case, &rows) {
            wrong.push(line);
        }
    }
    println!("{table}");
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn masked_copies_of_every_leak_pass_or_are_set_aside() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let copies = OutputFolder::open(out.path(), Existing::Keep, []).expect("a new folder");
    let masking = MaskSettings { paint: MaskParams::default(), flatten: false, max_bytes: None };
    let mut verdicts: BTreeMap<String, Verdict> = BTreeMap::new();
    let mut collect = |event: Event<'_>| {
        if let Event::Document(pages) = event {
            let worst = pages.iter().map(|page| page.verdict).max().expect("a page at least");
            verdicts.insert(pages[0].file.clone(), worst);
        }
    };
    let settings = Settings::default();
    pipeline::mask(
        &assignments(),
        engine(),
        assets(),
        &settings,
        &masking,
        &copies,
        None,
        &Interrupt::new(),
        &mut collect,
    )
    .expect("PDFium loads");
    let documents = assignments();
    assert_eq!(verdicts.len(), documents.len());
    let undone: Vec<_> = verdicts.iter().filter(|(_, verdict)| **verdict >= Verdict::Unreadable).collect();
    assert!(undone.is_empty(), "{undone:?}");
    let copies = documents.iter().map(|assignment| out.path().join(&assignment.document.file));
    let delivered: Vec<PathBuf> = copies.filter(|copy| copy.exists()).collect();
    assert!(delivered.len() * 10 >= documents.len() * 9, "{} of {} delivered", delivered.len(), documents.len());
    let open: Vec<_> = delivered.iter().filter(|copy| holds(copy, "张伟")).collect();
    assert!(open.is_empty(), "the name is in the bytes of {open:?}");
}

/// True when a file's bytes have a text in one of the codings of PDF, XMP, EXIF and older programs; a PDF's streams are
/// unpacked.
fn holds(file: &Path, text: &str) -> bool {
    let bytes = std::fs::read(file).expect("a copy");
    let unpacked = lopdf::Document::load_mem(&bytes).ok().and_then(|mut document| {
        document.decompress();
        let mut unpacked = Vec::new();
        document.save_to(&mut unpacked).ok().map(|()| unpacked)
    });
    let utf_16 = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let gbk = encoding_rs::GBK.encode(text).0.into_owned();
    let coded = [text.as_bytes().to_vec(), utf_16(u16::to_be_bytes), utf_16(u16::to_le_bytes), gbk];
    let written: Vec<Vec<u8>> = coded
        .into_iter()
        .flat_map(|bytes| {
            let [lower, upper] = [hex::encode(&bytes), hex::encode_upper(&bytes)].map(String::into_bytes);
            [bytes, lower, upper]
        })
        .collect();
    [Some(bytes), unpacked]
        .into_iter()
        .flatten()
        .any(|bytes| written.iter().any(|written| bytes.windows(written.len()).any(|window| window == written)))
}
