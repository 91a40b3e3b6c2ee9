//! The program from outside: what a person or a script sees.

#![allow(clippy::disallowed_methods, reason = "tests lay out files of their own")]

mod bench;
mod chinese;
mod folders;
mod models;

use assert_cmd::Command;

/// The program, in English.
fn zhegai() -> Command {
    let mut command = Command::cargo_bin("zhegai").expect("cargo builds the program for its tests");
    command.args(["--lang", "en"]).env_remove("ZHEGAI_ASSETS");
    command
}

/// Exit code, standard output and standard error.
fn outcome(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it prints UTF-8");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn help_is_in_the_language_asked_for() {
    let (code, english, _) = outcome(zhegai().arg("--help"));
    assert_eq!(code, Some(0));
    assert!(english.contains("Usage:"), "{english}");
    let mut command = Command::cargo_bin("zhegai").expect("cargo builds the program for its tests");
    let (code, chinese, _) = outcome(command.args(["--lang=zh", "--help"]));
    assert_eq!(code, Some(0));
    assert!(chinese.contains("用法：") && chinese.contains("遮盖"), "{chinese}");
}

#[test]
fn a_usage_error_is_exit_code_2() {
    let (code, stdout, stderr) = outcome(zhegai().arg("no-such-command"));
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains("no-such-command"), "{stderr}");
}

/// A folder with one blank picture.
fn blank_page() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let paper = image::RgbImage::from_pixel(60, 80, image::Rgb([255; 3]));
    paper.save(folder.path().join("1.png")).expect("written");
    folder
}

#[test]
fn what_was_not_given_is_said_not_to_be_looked_for() {
    let folder = blank_page();
    for (given, note) in [("--name", "no work unit was given"), ("--unit", "no name was given")] {
        let mut command = zhegai();
        command.arg("check").arg(folder.path()).args([given, "天山草业科技有限公司", "--lang", "en"]);
        let (code, _, stderr) = outcome(&mut command);
        assert_eq!(code, Some(0));
        assert!(stderr.contains(note), "{stderr}");
    }
}

#[test]
fn an_empty_name_or_unit_is_refused_and_no_page_passes_for_it() {
    for given in [["--name", "", "--unit", "云岭市第一中学"], ["--name", "张伟", "--unit", ""]] {
        let folder = blank_page();
        let (code, stdout, stderr) = outcome(zhegai().arg("check").arg(folder.path()).args(given));
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
    }
}

#[test]
fn progress_is_lines_of_json_when_asked_for_and_else_nothing_where_there_is_no_terminal() {
    let folder = blank_page();
    let check = |more: &[&str]| {
        let mut command = zhegai();
        let whom = ["--name", "张伟", "--unit", "天山草业科技有限公司"];
        command.arg("check").arg(folder.path()).args(whom).args(more);
        outcome(&mut command)
    };
    let (code, _, stderr) = check(&[]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let (code, _, stderr) = check(&["--json-progress"]);
    assert_eq!(code, Some(0));
    let lines: Vec<serde_json::Value> =
        stderr.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    let last = lines.last().expect("the end is told");
    assert_eq!(last["type"], "progress");
    assert_eq!((&last["pages"], &last["documents"], &last["finished"]), (&1.into(), &1.into(), &true.into()));
    assert!(last["pages_per_second"].is_number() && last["violations"] == 0);
}

#[test]
fn a_redacted_report_leaves_no_memory_and_cannot_be_resumed() {
    let folder = blank_page();
    let report = folder.path().join("report");
    let check = |more: &[&str]| {
        let mut command = zhegai();
        command.arg("check").arg(folder.path().join("1.png")).args(["--name", "张伟", "--redact-report", "-o"]);
        outcome(command.arg(&report).args(more))
    };
    assert_eq!(check(&["--resume"]).0, Some(2));
    assert_eq!(check(&["--force"]).0, Some(0));
    assert!(report.join("report.html").is_file() && !report.join(".zhegai-pages.jsonl").exists());
}
