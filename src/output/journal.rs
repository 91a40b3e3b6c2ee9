//! A text file that grows line by line under its own name, so that what was written survives a crash, and whose
//! lines can be read again.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Where a line is in a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    offset: u64,
    bytes: usize,
}

/// A journal on disk.
#[derive(Debug)]
pub struct Journal {
    /// Empty for one without a name.
    path: PathBuf,
    file: File,
    end: u64,
}

impl Journal {
    /// Opens the journal at `path`, or begins it; an existing one goes on when `resume` is set and is emptied when
    /// not. Whole lines are given to `on_line`; a last line that was cut by a crash is dropped.
    ///
    /// # Errors
    /// [`Error::Io`] when the system refuses.
    #[expect(clippy::disallowed_methods, reason = "this is in `output`; a journal must grow under its own name")]
    pub fn open(path: &Path, resume: bool, mut on_line: impl FnMut(&str, Place)) -> Result<Self> {
        let io = |source| Error::Io { path: path.to_owned(), source };
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent).map_err(io)?;
        }
        let file = File::options().create(true).read(true).write(true).truncate(!resume).open(path).map_err(io)?;
        let mut reader = BufReader::new(&file);
        let (mut end, mut line) = (0, Vec::new());
        loop {
            line.clear();
            let bytes = reader.read_until(b'\n', &mut line).map_err(io)?;
            if line.last() != Some(&b'\n') {
                break;
            }
            if let Ok(text) = std::str::from_utf8(&line[..bytes - 1]) {
                on_line(text, Place { offset: end, bytes: bytes - 1 });
            }
            end += bytes as u64;
        }
        file.set_len(end).map_err(io)?;
        Ok(Self { path: path.to_owned(), file, end })
    }

    /// A journal that no other program sees and that is gone with the process, however that ends.
    ///
    /// # Errors
    /// [`Error::Io`] when the system refuses.
    pub fn without_name() -> Result<Self> {
        let file = tempfile::tempfile().map_err(|source| Error::Io { path: std::env::temp_dir(), source })?;
        Ok(Self { path: PathBuf::new(), file, end: 0 })
    }

    /// Appends a line.
    ///
    /// # Errors
    /// [`Error::Io`] when the system refuses.
    pub fn append(&mut self, text: &str) -> Result<Place> {
        let place = Place { offset: self.end, bytes: text.len() };
        let line = [text.as_bytes(), b"\n"].concat();
        let mut write = || {
            self.file.seek(SeekFrom::Start(self.end))?;
            self.file.write_all(&line)
        };
        write().map_err(|source| Error::Io { path: self.path.clone(), source })?;
        self.end += line.len() as u64;
        Ok(place)
    }

    /// A line written before.
    ///
    /// # Errors
    /// [`Error::Io`] when the system refuses.
    pub fn line(&mut self, place: Place) -> Result<String> {
        let mut line = vec![0; place.bytes];
        let mut read = || {
            self.file.seek(SeekFrom::Start(place.offset))?;
            self.file.read_exact(&mut line)
        };
        read().map_err(|source| Error::Io { path: self.path.clone(), source })?;
        String::from_utf8(line).map_err(|error| Error::Io {
            path: self.path.clone(),
            source: std::io::Error::new(std::io::ErrorKind::InvalidData, error),
        })
    }

    /// Deletes the journal.
    ///
    /// # Errors
    /// [`Error::Io`] when the system refuses.
    pub fn discard(self) -> Result<()> {
        if self.path.as_os_str().is_empty() {
            return Ok(());
        }
        std::fs::remove_file(&self.path).map_err(|source| Error::Io { path: self.path.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_there_again_and_a_cut_line_is_dropped() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("below/journal");
        let mut journal = Journal::open(&path, false, |_, _| {}).expect("opened");
        let first = journal.append("一").expect("written");
        journal.append("two").expect("written");
        assert_eq!(journal.line(first).expect("read"), "一");
        drop(journal);
        std::fs::write(&path, "一\ntwo\ncut").expect("written");
        let mut lines = Vec::new();
        let mut journal =
            Journal::open(&path, true, |line, place| lines.push((line.to_owned(), place))).expect("opened");
        assert_eq!(lines.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>(), ["一", "two"]);
        journal.append("three").expect("written");
        assert_eq!(journal.line(lines[1].1).expect("read"), "two");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "一\ntwo\nthree\n");
        let mut again = 0;
        Journal::open(&path, false, |_, _| again += 1).expect("opened").discard().expect("deleted");
        assert_eq!((again, path.exists()), (0, false));
    }
}
