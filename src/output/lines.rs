//! A text file that grows line by line and appears under its name when it is complete.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{Existing, exists, readable_by_others};
use crate::error::{Error, Result};

/// A growing text file.
#[derive(Debug)]
pub struct LineFile {
    path: PathBuf,
    existing: Existing,
    file: BufWriter<NamedTempFile>,
}

impl LineFile {
    /// Starts the file that will be at `path`; makes its folder if need be.
    ///
    /// # Errors
    /// [`Error::Output`] when there is a file already that must be kept, [`Error::Io`] when the system refuses.
    pub fn create(path: &Path, existing: Existing) -> Result<Self> {
        let io = |source| Error::Io { path: path.to_owned(), source };
        if existing == Existing::Keep && path.exists() {
            return Err(exists(path));
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).map_err(io)?;
        let file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(parent).map_err(io)?;
        Ok(Self { path: path.to_owned(), existing, file: BufWriter::new(file) })
    }

    /// Appends a line.
    ///
    /// # Errors
    /// [`Error::Io`] when the system refuses.
    pub fn line(&mut self, text: &str) -> Result<()> {
        writeln!(self.file, "{text}").map_err(|source| Error::Io { path: self.path.clone(), source })
    }

    /// Appends text that brings its own line ends.
    ///
    /// # Errors
    /// [`Error::Io`] when the system refuses.
    pub fn text(&mut self, text: &str) -> Result<()> {
        self.file.write_all(text.as_bytes()).map_err(|source| Error::Io { path: self.path.clone(), source })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// As for [`Self::create`].
    pub fn finish(self) -> Result<PathBuf> {
        let io = |source| Error::Io { path: self.path.clone(), source };
        let file = self.file.into_inner().map_err(|error| io(error.into_error()))?;
        readable_by_others(file.as_file()).map_err(io)?;
        let persisted = match self.existing {
            Existing::Keep => file.persist_noclobber(&self.path),
            Existing::Replace => file.persist(&self.path),
        };
        persisted.map_err(|error| io(error.error))?;
        Ok(self.path)
    }
}

/// What the names of unfinished files begin with; six random characters follow.
const UNFINISHED: &str = ".zhegai-";

/// Removes the unfinished files that killed runs left in a folder: they hold what the finished ones would.
pub fn remove_unfinished(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let is_unfinished = |name: &str| {
        name.strip_prefix(UNFINISHED)
            .is_some_and(|rest| rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    for entry in entries.flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && entry.file_name().to_str().is_some_and(is_unfinished) {
            // One that stays does no harm to this run.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
