//! `zhegai policy`, and finding a policy by what was typed for `--policy`.

use std::io::ErrorKind;

use anyhow::{Context as _, Result};
use zhegai::policy::Policy;

use crate::args::PolicyAction;
use crate::exit::Exit;
use crate::language::Language;
use crate::printer::Printer;

/// Carries out an action on policies.
///
/// # Errors
/// When the policy is unsound or there is none of that name.
pub(crate) fn run(action: &PolicyAction, printer: &mut Printer) -> Result<Exit> {
    let language = printer.language();
    match action {
        PolicyAction::Show { policy: None } => {
            for name in Policy::built_in_names() {
                let title = Policy::built_in(name).map_or_else(String::new, |policy| policy.title);
                printer.line(format!("{name:<24} {title}"))?;
            }
        }
        PolicyAction::Show { policy: Some(name) } => match Policy::built_in_text(name) {
            Some(text) => printer.line(text.trim_end())?,
            None => printer.line(named(name, language)?.to_toml()?.trim_end())?,
        },
        PolicyAction::Check { policy } => {
            let checked = named(policy, language)?;
            printer.line(format!("{}{}", language.pick("正确：", "sound: "), checked.title))?;
        }
    }
    Ok(Exit::Done)
}

/// The built-in policy of that name, else the policy in the file.
///
/// # Errors
/// When there is neither, or the file is unsound.
pub(crate) fn named(name: &str, language: Language) -> Result<Policy> {
    if let Some(policy) = Policy::built_in(name) {
        return Ok(policy);
    }
    let unusable = || format!("{}{name}", language.pick("规则不能使用：", "the policy cannot be used: "));
    let text = match std::fs::read_to_string(name) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let names: Vec<&str> = Policy::built_in_names().collect();
            anyhow::bail!(match language {
                Language::Zh => {
                    format!("没有名为 {name} 的内置规则，也没有这个文件；内置规则有：{}", names.join("、"))
                }
                Language::En => format!(
                    "there is neither a built-in policy nor a file {name}; the built-in ones are {}",
                    names.join(", ")
                ),
            });
        }
        Err(error) => return Err(error).with_context(unusable),
    };
    Policy::parse(&text).with_context(unusable)
}
