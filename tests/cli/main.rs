//! The program from outside: what a person or a script sees.

#![allow(clippy::disallowed_methods, reason = "tests lay out files of their own")]

mod bench;
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
