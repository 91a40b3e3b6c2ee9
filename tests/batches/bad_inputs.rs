//! Broken files each give a row that is never “clean”, and the batch goes on.

use std::collections::BTreeMap;

use serde::Deserialize;
use zhegai::identity::Applicant;
use zhegai::input;
use zhegai::pipeline::{Settings, rejected};
use zhegai::report::{PageReport, Verdict};

use crate::{assignments, checked, fixtures, identity};

#[derive(Debug, Deserialize)]
struct Expected {
    file: String,
    outcome: Outcome,
    why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// Nothing of it can be examined.
    Unreadable,
    /// It can be read after all, and holds identity.
    Pages,
    /// Any honest row will do.
    Survives,
}

#[test]
fn every_broken_file_has_a_row_with_a_reason_and_none_is_called_clean() {
    let folder = fixtures().join("bad");
    let text = std::fs::read_to_string(folder.join("expected.jsonl")).expect("expectations are there");
    let expected: Vec<Expected> = text.lines().map(|line| serde_json::from_str(line).expect("a line")).collect();
    assert!(expected.len() >= 20, "the broken files are there");
    let applicant = Applicant::new("张伟", "天山草业科技有限公司").expect("a sound applicant");
    let someone = identity(&applicant);
    let mut rows: BTreeMap<String, Vec<PageReport>> = BTreeMap::new();
    for ((file, _), row) in checked(&assignments(&folder, &|_| Some(someone.clone()))) {
        rows.entry(file).or_default().push(row);
    }
    for refused in input::collect(&[folder], &Settings::default().limits).rejected {
        rows.entry(refused.file.clone()).or_default().push(rejected(&refused, None));
    }
    let mut wrong = Vec::new();
    for Expected { file, outcome, why } in &expected {
        // An archive has a row a member.
        let member = format!("{file}/");
        let rows: Vec<&PageReport> =
            rows.iter().filter(|(of, _)| *of == file || of.starts_with(&member)).flat_map(|(_, rows)| rows).collect();
        if rows.is_empty() {
            wrong.push(format!("{file}: no row ({why})"));
            continue;
        }
        let unreadable = rows.iter().any(|row| row.verdict == Verdict::Unreadable);
        let has_reason = rows.iter().filter(|row| row.verdict == Verdict::Unreadable).all(|row| !row.notes.is_empty());
        let fits = match outcome {
            Outcome::Unreadable => unreadable && has_reason,
            Outcome::Pages => rows.iter().any(|row| row.verdict == Verdict::Violation),
            Outcome::Survives => has_reason,
        };
        if !fits {
            let got: Vec<_> = rows.iter().map(|row| (row.verdict, &row.notes)).collect();
            wrong.push(format!("{file}: {outcome:?} expected ({why}), got {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
