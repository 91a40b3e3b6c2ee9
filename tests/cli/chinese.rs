//! What a person who reads Chinese only gets to see.

use std::path::Path;

use assert_cmd::Command;

use crate::{blank_page, outcome};

/// The program, in Chinese.
fn zhegai() -> Command {
    let mut command = Command::cargo_bin("zhegai").expect("cargo builds the program for its tests");
    command.args(["--lang", "zh"]).env_remove("ZHEGAI_ASSETS");
    command
}

/// Words that clap, the standard library and decoders say by themselves.
const ENGLISH: [&str; 14] = [
    "Usage",
    "Options",
    "OPTIONS",
    "Arguments",
    "Commands",
    "Possible",
    "possible",
    "default",
    "error",
    "invalid",
    "unexpected",
    "is not in",
    "No such",
    "should be",
];

fn assert_chinese(text: &str) {
    let english: Vec<_> = ENGLISH.iter().filter(|word| text.contains(**word)).collect();
    assert!(english.is_empty(), "{english:?} in {text}");
    assert!(text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{text}");
}

#[test]
fn all_help_is_chinese() {
    for command in [
        &[][..],
        &["check"],
        &["mask"],
        &["bench"],
        &["demo"],
        &["models"],
        &["models", "fetch"],
        &["policy"],
        &["policy", "show"],
        &["policy", "check"],
    ] {
        let (code, help, _) = outcome(zhegai().args(command).arg("--help"));
        assert_eq!(code, Some(0));
        assert_chinese(&help);
        // Placeholders of values are Chinese, too, but for abbreviations.
        let placeholders = help.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(inside, _)| inside);
        let english = placeholders.filter(|inside| inside.is_ascii() && !matches!(*inside, "DPI"));
        assert_eq!(english.collect::<Vec<_>>(), Vec::<&str>::new(), "{help}");
    }
}

#[test]
fn all_usage_errors_are_chinese() {
    let of = |arguments: &[&str]| {
        let (code, stdout, stderr) = outcome(zhegai().args(arguments));
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert_chinese(&stderr);
        stderr
    };
    assert!(of(&["check"]).contains("--roster"), "the other way to say whom to look for");
    assert!(of(&["check", "x.png"]).contains("--name <姓名> 或 --unit <单位> 或 --roster"));
    assert!(of(&["mask", "x.png", "--name", "张伟"]).contains("--output"));
    assert!(of(&["check", "x.png", "--name", "张伟", "--dpi", "50"]).contains("72 到 600"));
    assert!(of(&["check", "x.png", "--name", "张伟", "--jobs", "many"]).contains("整数"));
    assert!(of(&["check", "x.png", "--name", "张伟", "--ocr", "big"]).contains("tiny、small"));
    assert!(of(&["mask", "x.png", "--name", "张伟", "-o", "o", "--max-bytes", "big"]).contains("600K"));
    assert!(of(&["mask", "x.png", "--name", "张伟", "-o", "o", "--fill", "reddish"]).contains("808080"));
    assert!(of(&["check", "x.png", "--nmae", "张伟"]).contains("--name"));
    assert!(of(&["chekc"]).contains("check"));
}

#[test]
fn missing_files_are_told_in_chinese() {
    let folder = blank_page();
    let page = folder.path().join("1.png");
    let of = |arguments: &[&str]| {
        let mut command = zhegai();
        let (code, _, stderr) = outcome(command.arg("check").arg(&page).args(arguments));
        assert_eq!(code, Some(2), "{stderr}");
        assert_chinese(&stderr);
        stderr
    };
    assert!(of(&["--roster", "nowhere.csv"]).contains("没有这个文件"));
    assert!(of(&["--name", "张伟", "--policy", "nowhere.toml"]).contains("xinjiang-title-review"));
    let rules = folder.path().join("rules.toml");
    let write = |text: &str| std::fs::write(&rules, text).expect("written");
    let rules = rules.display().to_string();
    write("[mark]\n");
    assert!(of(&["--name", "张伟", "--policy", &rules]).contains("marks"));
    write("[marks\n");
    assert!(of(&["--name", "张伟", "--policy", &rules]).contains("第 1 行"));
}

#[test]
fn damaged_files_are_told_in_chinese_with_what_to_do() {
    let folder = blank_page();
    let whole = std::fs::read(folder.path().join("1.png")).expect("read");
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("written");
    write("cut.png", &whole[..whole.len() / 2]);
    write("cut.pdf", b"%PDF-1.4\n1 0 obj");
    write("other.mp4", &[0; 64]);
    let report = folder.path().join("报告");
    let mut command = zhegai();
    let (code, stdout, _) =
        outcome(command.arg("check").arg(folder.path()).args(["--name", "张伟", "-o"]).arg(&report));
    assert_eq!(code, Some(4), "{stdout}");
    assert_eq!(stdout.matches("请重新扫描、导出或下载（").count(), 2, "{stdout}");
    assert!(stdout.contains("不是 PDF、支持的图片"), "{stdout}");
    let table = std::fs::read(Path::new(&report).join("report.csv")).expect("read");
    assert!(table.starts_with(b"\xEF\xBB\xBF"), "Excel takes a file without a mark for GBK");
    assert!(!String::from_utf8_lossy(&table).contains("damaged"));
}

#[test]
fn a_quoted_folder_that_ends_in_a_backslash_is_told_with_its_remedy() {
    // What a program in Windows is given for: check "D:\材料\" --name 张伟
    let (code, _, told) = outcome(zhegai().args(["check", "D:\\材料\" --name 张伟"]));
    assert_eq!(code, Some(2));
    assert!(told.contains("不要以 \\ 结尾"), "{told}");
    let (_, _, told) = outcome(zhegai().args(["check", "D:\\材料"]));
    assert!(!told.contains("不要以 \\ 结尾"), "{told}");
}
