//! The only place that prints: results to the standard output, notes and errors to the standard error.

use std::io::{self, Write as _};

use zhegai::error::refusal;
use zhegai::report::words::{message, remark};

use crate::exit::Exit;
use crate::language::{self, Language};

/// Prints in the user's language.
pub(crate) struct Printer {
    language: Language,
    quiet: bool,
    out: io::Stdout,
}

impl Printer {
    /// A printer; a quiet one leaves notes out.
    pub(crate) fn new(language: Language, quiet: bool) -> Self {
        Self { language, quiet, out: io::stdout() }
    }

    /// The language to speak.
    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// Whether notes and progress are left out.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// A line of results, on the standard output.
    ///
    /// # Errors
    /// When the output is closed; [`failure`](Self::failure) passes that over in silence.
    pub(crate) fn line(&mut self, text: impl AsRef<str>) -> io::Result<()> {
        writeln!(self.out, "{}", text.as_ref())
    }

    /// A note for the person at the terminal, on the standard error.
    pub(crate) fn note(&mut self, text: impl AsRef<str>) {
        if !self.quiet {
            say(text.as_ref());
        }
    }

    /// Tells, once and with its causes and remedy, why the run could not be done.
    pub(crate) fn failure(&mut self, error: &anyhow::Error) -> Exit {
        // Whoever closed the output does not want to hear of it.
        let closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
        if !error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(closed)) {
            self.complaint(error);
        }
        Exit::Failed
    }

    /// An error's own words. Those about settings are remarks; others quote paths, in which anything may stand.
    fn in_one_language(&self, error: &(dyn std::error::Error + 'static)) -> String {
        let words = match (error.downcast_ref(), error.downcast_ref()) {
            (Some(zhegai::Error::Settings(text)), _) => remark(text),
            (_, Some(refused)) => message(&refusal(refused)),
            _ => message(&error.to_string()),
        };
        self.language.pick(words.zh, words.en)
    }

    /// Tells an error with its causes and remedy.
    pub(crate) fn complaint(&mut self, error: &anyhow::Error) {
        let mut told = self.in_one_language(error.as_ref());
        let mut text = format!("{}{told}", self.language.pick("错误：", "error: "));
        for cause in error.chain().skip(1).map(|cause| self.in_one_language(cause)) {
            // Some errors quote their cause in their own message.
            if !told.contains(&cause) {
                text.push_str("\n  ");
                text.push_str(self.language.pick("原因：", "because: "));
                text.push_str(&cause);
                told = cause;
            }
        }
        if let Some(remedy) = language::remedy(error, self.language) {
            text.push('\n');
            text.push_str(&remedy);
        }
        say(&text);
    }
}

/// Prints what clap has to say: help and version to the standard output, a usage error to the standard error.
pub(crate) fn usage(stopped: &clap::Error, language: Language) -> Exit {
    let translated = (language == Language::Zh).then(|| language::misuse_in_chinese(stopped)).flatten();
    match translated {
        Some(text) => say(&text),
        // A closed output leaves nobody to tell.
        None => drop(stopped.print()),
    }
    if stopped.use_stderr()
        && let Some(remedy) = language::of_quotes(std::env::args_os(), language)
    {
        say(remedy);
    }
    if stopped.use_stderr() { Exit::Failed } else { Exit::Done }
}

/// A line on the standard error, for the person at the terminal or the program that runs this one.
pub(crate) fn say(text: &str) {
    // A closed standard error leaves nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
