//! The exit code, which scripts read.

use std::process::ExitCode;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything asked for was done and all pages pass.
    Done,
    /// Usage or set-up error: nothing was examined.
    Failed,
}

impl Exit {
    /// The process's exit code, a promise to scripts (README, “Exit codes”).
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 2,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
