//! The terminal front of zhegai: what was typed → the library → what is printed, and the exit code.

#![forbid(unsafe_code)]

mod args;
mod commands;
mod exit;
mod language;
mod printer;
mod progress;
mod table;

use std::process::ExitCode;

fn main() -> ExitCode {
    let language = language::Language::from_environment(std::env::args_os());
    let arguments = match args::parse(std::env::args_os(), language) {
        Ok(arguments) => arguments,
        Err(stopped) => return printer::usage(&stopped, language).into(),
    };
    let mut printer = printer::Printer::new(language, arguments.quiet);
    match commands::run(arguments, &mut printer) {
        Ok(exit) => exit.into(),
        Err(error) => printer.failure(&error).into(),
    }
}
