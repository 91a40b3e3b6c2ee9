//! The language of messages and help: Chinese or English, from `--lang` or the system's locale.

mod help;
mod misuse;
mod remedy;

use std::ffi::OsString;

use clap::builder::Resettable;
use clap::{Arg, ArgAction, ValueEnum};

use crate::args::LAST;

pub(crate) use misuse::{in_chinese as misuse_in_chinese, of_quotes};
pub(crate) use remedy::remedy;

/// A language the program speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Language {
    /// The language `--lang` asks for among `arguments`, else the system's. It is read before clap reads
    /// the arguments because clap's own help depends on it.
    pub(crate) fn from_environment(arguments: impl IntoIterator<Item = OsString>) -> Self {
        Self::asked(arguments).unwrap_or_else(|| Self::of_locale(sys_locale::get_locale().as_deref()))
    }

    fn asked(arguments: impl IntoIterator<Item = OsString>) -> Option<Self> {
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let argument = argument.to_string_lossy();
            let value = match argument.as_ref() {
                "--" => return None,
                "--lang" => arguments.next()?.to_string_lossy().into_owned(),
                other => match other.strip_prefix("--lang=") {
                    Some(value) => value.to_owned(),
                    None => continue,
                },
            };
            return Self::from_str(&value, true).ok();
        }
        None
    }

    /// Chinese for any Chinese locale (`zh-CN`, `zh_TW.UTF-8`), English for all others.
    fn of_locale(locale: Option<&str>) -> Self {
        match locale {
            Some(locale) if locale.to_ascii_lowercase().starts_with("zh") => Self::Zh,
            _ => Self::En,
        }
    }

    /// The text of this language.
    pub(crate) fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// Puts a command and all its subcommands into `language`.
pub(crate) fn localize(command: clap::Command, language: Language) -> clap::Command {
    let command = command.disable_help_subcommand(true);
    match language {
        Language::En => command,
        Language::Zh => {
            let name = command.get_name().to_owned();
            in_chinese(command, &name)
        }
    }
}

/// Replaces help texts by those of `help.rs`; `path` is the command's name with its parents', such as
/// `zhegai models fetch`.
fn in_chinese(command: clap::Command, path: &str) -> clap::Command {
    let subcommands: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let mut command =
        command.help_template(help::TEMPLATE).subcommand_help_heading("命令").subcommand_value_name("命令");
    if let Some(usage) = help::usage(path) {
        command = command.override_usage(usage);
    }
    if let Some(about) = help::about(path) {
        command = command.about(about).long_about(Resettable::Reset);
    }
    command = command.mut_args(|argument| {
        let positional = argument.is_positional();
        let heading = if positional { "参数" } else { "选项" };
        let translated = help::argument(path, argument.get_id().as_str());
        let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        let default =
            if defaults.is_empty() { String::new() } else { format!("［默认：{}］", defaults.join("、")) };
        let places = argument.get_value_names().unwrap_or_default().iter();
        let places: Option<Vec<&str>> = places.map(|place| help::place(path, place)).collect();
        let argument = match places {
            Some(places) if !places.is_empty() => argument.value_names(places),
            _ => argument,
        };
        // clap would tell possible and default values in English; the Chinese texts tell them.
        let argument = argument.help_heading(heading).hide_possible_values(true).hide_default_value(true);
        match translated {
            Some(text) => argument.help(format!("{text}{default}")).long_help(Resettable::Reset),
            None => argument,
        }
    });
    command = command.disable_help_flag(true).arg(flag("help", 'h', ArgAction::Help, "显示帮助"));
    if command.get_version().is_some() {
        command = command.disable_version_flag(true).arg(flag("version", 'V', ArgAction::Version, "显示版本"));
    }
    for name in subcommands {
        let path = format!("{path} {name}");
        command = command.mut_subcommand(name, |sub| in_chinese(sub, &path));
    }
    command
}

fn flag(name: &'static str, short: char, action: ArgAction, text: &'static str) -> Arg {
    Arg::new(name).short(short).long(name).action(action).help(text).help_heading("选项").display_order(LAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(arguments: &[&str]) -> Option<Language> {
        Language::asked(arguments.iter().map(OsString::from))
    }

    #[test]
    fn the_language_is_the_one_asked_for() {
        assert_eq!(asked(&["zhegai", "--lang", "zh", "demo"]), Some(Language::Zh));
        assert_eq!(asked(&["zhegai", "models", "--lang=en"]), Some(Language::En));
        assert_eq!(asked(&["zhegai", "models"]), None);
        assert_eq!(asked(&["zhegai", "check", "--", "--lang=en"]), None, "a file may be called like that");
    }

    #[test]
    fn a_chinese_locale_means_chinese() {
        assert_eq!(Language::of_locale(Some("zh-CN")), Language::Zh);
        assert_eq!(Language::of_locale(Some("zh_TW.UTF-8")), Language::Zh);
        assert_eq!(Language::of_locale(Some("en-GB")), Language::En);
        assert_eq!(Language::of_locale(None), Language::En);
    }

    #[test]
    fn every_command_and_option_has_a_chinese_text() {
        fn missing(command: &clap::Command, path: &str, found: &mut Vec<String>) {
            if help::about(path).is_none() || help::usage(path).is_none() {
                found.push(path.to_owned());
            }
            for argument in command.get_arguments() {
                let id = argument.get_id().as_str();
                if help::argument(path, id).is_none() {
                    found.push(format!("{path} → {id}"));
                }
                // A switch's place is never shown.
                let takes_value = argument.get_action().takes_values();
                let places = argument.get_value_names().filter(|_| takes_value).unwrap_or_default();
                found.extend(
                    places.iter().filter(|p| help::place(path, p).is_none()).map(|p| format!("{path} → <{p}>")),
                );
            }
            for sub in command.get_subcommands() {
                missing(sub, &format!("{path} {}", sub.get_name()), found);
            }
        }
        let mut found = Vec::new();
        missing(&<crate::args::Args as clap::CommandFactory>::command(), "zhegai", &mut found);
        assert_eq!(found, Vec::<String>::new(), "add these to language/help.rs");
    }
}
