//! clap's usage errors → the same in Chinese. clap itself speaks English only.

use std::fmt::Write as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::Language;
use crate::args::mask;

/// A remedy where an argument has a quotation mark inside: in Windows, a path that ends in `\"` takes in all that follows.
pub(crate) fn of_quotes(
    mut arguments: impl Iterator<Item = std::ffi::OsString>,
    language: Language,
) -> Option<&'static str> {
    arguments.any(|argument| argument.to_string_lossy().contains('"')).then(|| {
        language.pick(
            r#"参数中有引号：带引号的文件夹路径不要以 \ 结尾，应写作 "D:\材料" 而不是 "D:\材料\""#,
            r#"an argument has a quotation mark inside: end no quoted folder with \, write "D:\files" and not "D:\files\""#,
        )
    })
}

/// What is wrong with what was typed, and how the command is used; `None` for what has no Chinese words here.
pub(crate) fn in_chinese(error: &clap::Error) -> Option<String> {
    let told = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let argument = told(ContextKind::InvalidArg);
    let value = told(ContextKind::InvalidValue);
    let mut text = match error.kind() {
        ErrorKind::MissingRequiredArgument => {
            format!("缺少必需的参数：{}", listed(error.get(ContextKind::InvalidArg)?))
        }
        ErrorKind::UnknownArgument => format!("没有这个参数：{argument}"),
        ErrorKind::InvalidSubcommand => format!("没有这个命令：{}", told(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingSubcommand => "缺少命令".to_owned(),
        ErrorKind::ArgumentConflict => {
            let other = error.get(ContextKind::PriorArg).map(listed).unwrap_or_default();
            if other == argument {
                format!("参数 {argument} 只能给出一次")
            } else {
                format!("参数 {argument} 不能与 {other} 同时使用")
            }
        }
        ErrorKind::InvalidValue if value.is_empty() => format!("参数 {argument} 需要一个值"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!("参数 {argument} 的值“{value}”无效"),
        ErrorKind::TooManyValues => format!("参数 {argument} 的值“{value}”是多余的"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues | ErrorKind::NoEquals => {
            format!("参数 {argument} 的值的个数不对")
        }
        ErrorKind::InvalidUtf8 => "参数中有无法识别的字符".to_owned(),
        _ => return None,
    };
    text.insert_str(0, "错误：");
    if let Some(ContextValue::Strings(valid)) = error.get(ContextKind::ValidValue)
        && !valid.is_empty()
    {
        let _ = write!(text, "\n  可用的值：{}", valid.join("、"));
    }
    if let Some(source) = std::error::Error::source(error) {
        let _ = write!(text, "\n  原因：{}", reason(&source.to_string()));
    }
    let similar = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    for suggested in similar.into_iter().filter_map(|kind| error.get(kind)) {
        let _ = write!(text, "\n  是否想输入：{}", listed(suggested));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let usage = usage.trim().trim_start_matches("Usage:").trim();
        let _ = write!(text, "\n\n用法：{usage}");
    }
    text.push_str("\n\n更多说明请用 --help 查看。");
    Some(text)
}

/// Why a value was refused: the words of clap, of the standard library, and of the parsers in `args/`.
fn reason(english: &str) -> String {
    if let Some((_, range)) = english.split_once(" is not in ") {
        let (least, most) = range.split_once("..=").unwrap_or((range, ""));
        return format!("应是 {least} 到 {most} 之间的整数");
    }
    match english {
        "invalid digit found in string" | "cannot parse integer from empty string" => "应是整数",
        "number too large to fit in target type" => "数字过大",
        mask::COLOURS => "应是 black、white 或六位十六进制数，如 808080",
        mask::SIZES => "应是文件大小，如 600K 或 2M",
        other => other,
    }
    .to_owned()
}

/// One value or several, as clap gives them; of several that will do, `<--name <姓名>|--unit <单位>>`, all.
fn listed(value: &ContextValue) -> String {
    let alternatives = |text: &String| match text.strip_prefix("<--").and_then(|text| text.strip_suffix('>')) {
        Some(inner) => format!("--{}", inner.replace('|', " 或 ")),
        None => text.clone(),
    };
    match value {
        ContextValue::Strings(all) => all.iter().map(alternatives).collect::<Vec<_>>().join("、"),
        one => one.to_string(),
    }
}
