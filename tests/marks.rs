//! The matrix of covers that somebody else made, through the public interface: every case and its harmless twin.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "tests read their own fixtures and print a table")]

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use zhegai::assets::Assets;
use zhegai::examine::{Beside, Engine};
use zhegai::face::FaceMask;
use zhegai::identity::{Applicant, Identity};
use zhegai::judge;
use zhegai::ocr::ModelSize;
use zhegai::policy::SealScope;
use zhegai::raster::Raster;
use zhegai::report::{FindingKind, FindingState, Verdict};
use zhegai::stream::Deadline;

/// Resolution of the fixtures.
const DPI: f32 = 150.0;
/// Cases that are known to come out wrong; see fixtures/README.md. All others must be right.
const KNOWN_MISSES: [&str; 4] = ["cell_scanned.jpg", "mosaic_prose_20.jpg", "scribble_dense.jpg", "white_patch.jpg"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    file: String,
    case: String,
    twin: bool,
    name: String,
    unit: String,
    verdict: Verdict,
    findings: Vec<Expected>,
}

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
struct Expected {
    kind: FindingKind,
    state: FindingState,
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/marks")
}

fn rows() -> Vec<Row> {
    let lines = std::fs::read_to_string(folder().join("expected.jsonl")).expect("the matrix has its expectations");
    lines.lines().map(|line| serde_json::from_str(line).expect("one JSON object a line")).collect()
}

#[test]
fn every_cover_of_the_matrix_is_judged_as_expected() {
    let engine = Engine::load(&Assets::ready().expect("an assets folder"), ModelSize::Small, FaceMask::Eyes)
        .expect("the assets are there");
    let rows = rows();
    assert!(rows.len() > 80, "{} cases", rows.len());
    let (mut wrong, mut cleared) = (BTreeSet::new(), BTreeSet::new());
    for row in &rows {
        let applicant = Applicant::new(&row.name, &row.unit).expect("a proper applicant");
        let pixels = image::open(folder().join(&row.file)).expect("a picture").to_rgb8();
        let seen = engine
            .examine(
                &Raster::new(pixels, DPI),
                &Beside::default(),
                &Identity::new(&applicant, &[]),
                SealScope::Own,
                Deadline::never(),
            )
            .expect("the models run");
        let (_, verdict) = judge::verdict(&seen.findings);
        let got: BTreeSet<Expected> =
            seen.findings.iter().map(|found| Expected { kind: found.kind, state: found.state }).collect();
        let is_right = verdict == row.verdict && got.iter().eq(row.findings.iter().collect::<BTreeSet<_>>());
        let got: Vec<String> = got.iter().map(|e| format!("{:?} {:?}", e.kind, e.state)).collect();
        let twin = if row.twin { "twin" } else { "" };
        let mark = if is_right { "" } else { "WRONG" };
        println!("{:24} {:58} {twin:4} {:?} | {verdict:?} {} {mark}", row.file, row.case, row.verdict, got.join(", "));
        if !is_right {
            wrong.insert(row.file.as_str());
        }
        if row.verdict == Verdict::Violation && verdict <= Verdict::Compliant {
            cleared.insert(row.file.as_str());
        }
    }
    assert_eq!(wrong, BTreeSet::from(KNOWN_MISSES), "what is wrong, and what is known to be");
    assert!(cleared.is_empty(), "called clean, though something shows: {cleared:?}");
}
