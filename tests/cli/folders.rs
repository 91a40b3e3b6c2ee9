//! A folder that was used before, inputs that hold nothing, and units that are everybody's.

use std::path::Path;

use image::{Rgb, RgbImage};

use crate::{blank_page, outcome, zhegai};

/// A folder with two pages that differ.
fn two_pages() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, grey) in [("1.png", 255), ("2.png", 250)] {
        page(&folder.path().join(name), grey);
    }
    folder
}

fn page(path: &Path, grey: u8) {
    RgbImage::from_pixel(60, 80, Rgb([grey; 3])).save(path).expect("written");
}

const UNIT: &str = "天山草业科技有限公司";

fn mask(inputs: &Path, copies: &Path, more: &[&str]) -> (Option<i32>, String) {
    mask_of(UNIT, inputs, copies, more)
}

fn mask_of(unit: &str, inputs: &Path, copies: &Path, more: &[&str]) -> (Option<i32>, String) {
    let mut command = zhegai();
    command.arg("mask").arg(inputs).args(["--unit", unit, "-o"]).arg(copies);
    let (code, _, stderr) = outcome(command.args(more));
    (code, stderr)
}

#[test]
fn a_finished_batch_is_continued_with_what_has_changed_only() {
    let (inputs, out) = (two_pages(), tempfile::tempdir().expect("a temporary folder"));
    let copies = out.path().join("copies");
    assert_eq!(mask(inputs.path(), &copies, &[]).0, Some(0));
    let written = |name: &str| copies.join(name).metadata().and_then(|m| m.modified()).expect("there");
    let before = ["1.png", "2.png"].map(written);
    let (code, stderr) = mask(inputs.path(), &copies, &["--resume"]);
    assert_eq!(code, Some(0));
    assert!(stderr.contains("taken over: 2"), "{stderr}");
    assert_eq!(["1.png", "2.png"].map(written), before, "copies that are there stay");
    page(&inputs.path().join("2.png"), 240);
    page(&inputs.path().join("3.png"), 230);
    let (code, stderr) = mask(inputs.path(), &copies, &["--resume"]);
    assert_eq!(code, Some(0));
    assert!(stderr.contains("taken over: 1"), "{stderr}");
    assert!(written("1.png") == before[0] && written("2.png") != before[1] && copies.join("3.png").is_file());
    let report = std::fs::read_to_string(copies.join("report.jsonl")).expect("read");
    assert_eq!(report.lines().count(), 3 + 1);
    let (_, stderr) = mask_of("云岭市第一中学", inputs.path(), &copies, &["--resume"]);
    assert!(!stderr.contains("taken over"), "another applicant: {stderr}");
}

#[test]
fn a_used_folder_is_refused_with_what_to_do() {
    let (inputs, out) = (two_pages(), tempfile::tempdir().expect("a temporary folder"));
    let copies = out.path().join("copies");
    assert_eq!(mask(inputs.path(), &copies, &[]).0, Some(0));
    let refused = |more: &[&str]| {
        let (code, stderr) = mask(inputs.path(), &copies, more);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains("--force"), "{stderr}");
        stderr
    };
    assert!(refused(&[]).contains("--resume does what is new"));
    let memory = copies.join(".zhegai-pages.jsonl");
    let kept = std::fs::read_to_string(&memory).expect("kept");
    assert!(!kept.contains("1.png"), "what is remembered is sealed");
    for name in ["report.jsonl", "report.csv", "report.html"] {
        std::fs::remove_file(copies.join(name)).expect("removed");
    }
    assert!(refused(&[]).contains("did not end"), "as after a crash");
    assert_eq!(mask(inputs.path(), &copies, &["--resume"]).0, Some(0));
    std::fs::remove_file(&memory).expect("removed");
    assert!(refused(&["--resume"]).contains("nothing that --resume could continue from"));
    assert_eq!(mask(inputs.path(), &copies, &["--force"]).0, Some(0));
}

#[test]
fn an_empty_folder_beside_others_gets_a_row() {
    let (folder, empty) = (blank_page(), tempfile::tempdir().expect("a temporary folder"));
    let check = |inputs: &[&Path]| {
        let mut command = zhegai();
        outcome(command.arg("check").args(inputs).args(["--unit", "天山草业科技有限公司"]))
    };
    let (code, stdout, _) = check(&[folder.path(), empty.path()]);
    assert_eq!(code, Some(4));
    assert!(stdout.contains("the folder holds no file to examine"), "{stdout}");
    let (code, _, stderr) = check(&[empty.path()]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains(&format!("no files were found: {}", empty.path().display())), "{stderr}");
}

#[test]
fn a_unit_that_is_everybodys_is_warned_of() {
    let folder = blank_page();
    let check = |unit: &str| {
        let mut command = zhegai();
        let (code, _, stderr) =
            outcome(command.arg("check").arg(folder.path()).args(["--name", "张伟", "--unit", unit]));
        assert_eq!(code, Some(0), "{stderr}");
        stderr
    };
    assert!(check("医院").contains("“医院”"));
    assert_eq!(check("云岭市第一中学"), "");
}
