//! The exit code, which scripts read.

use std::process::ExitCode;

use zhegai::report::Verdict;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything asked for was done and all pages pass.
    Done,
    /// Something is exposed, or weakly or removably masked.
    Violation,
    /// Usage or set-up error: nothing was examined.
    Failed,
    /// Nothing violated, but a person must look at a page.
    Review,
    /// Nothing violated, but some input could not be read.
    Unreadable,
    /// Ended by Ctrl-C.
    Interrupted,
}

impl Exit {
    /// The process's exit code, a promise to scripts (README, “Exit codes”).
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Violation => 1,
            Self::Failed => 2,
            Self::Review => 3,
            Self::Unreadable => 4,
            Self::Interrupted => 130,
        }
    }
}

impl From<Verdict> for Exit {
    fn from(worst: Verdict) -> Self {
        match worst {
            Verdict::Clean | Verdict::Compliant => Self::Done,
            Verdict::Review => Self::Review,
            Verdict::Unreadable => Self::Unreadable,
            Verdict::Violation => Self::Violation,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
