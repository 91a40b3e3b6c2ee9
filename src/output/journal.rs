//! A file that grows line by line under its own name, so that what was written survives a crash, and whose lines can
//! be read again by who has the key that they are sealed with.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{Existing, LineFile, SealingKey};
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
    key: SealingKey,
    /// Lines that the key did not open.
    unreadable: usize,
}

impl Journal {
    /// Opens the journal at `path`, or begins it; an existing one goes on when `resume` is set and is emptied when
    /// not. Whole lines that `key` opens are given to `on_line`; a last line that was cut by a crash is dropped.
    ///
    /// # Errors
    /// [`Error::Io`] when the system refuses.
    #[expect(clippy::disallowed_methods, reason = "this is in `output`; a journal must grow under its own name")]
    pub fn open(path: &Path, resume: bool, key: SealingKey, mut on_line: impl FnMut(&str, Place)) -> Result<Self> {
        let io = |source| Error::Io { path: path.to_owned(), source };
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent).map_err(io)?;
        }
        let file = File::options().create(true).read(true).write(true).truncate(!resume).open(path).map_err(io)?;
        let mut reader = BufReader::new(&file);
        let (mut end, mut line, mut unreadable) = (0, Vec::new(), 0);
        loop {
            line.clear();
            let bytes = reader.read_until(b'\n', &mut line).map_err(io)?;
            if line.last() != Some(&b'\n') {
                break;
            }
            match std::str::from_utf8(&line[..bytes - 1]).ok().and_then(|line| key.open(line)) {
                Some(text) => on_line(&text, Place { offset: end, bytes: bytes - 1 }),
                None => unreadable += 1,
            }
            end += bytes as u64;
        }
        file.set_len(end).map_err(io)?;
        Ok(Self { path: path.to_owned(), file, end, key, unreadable })
    }

    /// Lines of the file that was opened that were sealed with another key.
    pub fn unreadable(&self) -> usize {
        self.unreadable
    }

    /// A journal that no other program sees and that is gone with the process, however that ends.
    ///
    /// # Errors
    /// [`Error::Io`] when the system refuses.
    pub fn without_name() -> Result<Self> {
        let file = tempfile::tempfile().map_err(|source| Error::Io { path: std::env::temp_dir(), source })?;
        Ok(Self { path: PathBuf::new(), file, end: 0, key: SealingKey::fresh()?, unreadable: 0 })
    }

    /// Appends a line.
    ///
    /// # Errors
    /// [`Error::Io`] when the system refuses.
    pub fn append(&mut self, text: &str) -> Result<Place> {
        let sealed = self.key.seal(text)?;
        let place = Place { offset: self.end, bytes: sealed.len() };
        let line = sealed + "\n";
        let mut write = || {
            self.file.seek(SeekFrom::Start(self.end))?;
            self.file.write_all(line.as_bytes())
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
        let sealed = self.sealed(place)?;
        self.key
            .open(&sealed)
            .ok_or_else(|| Error::Io { path: self.path.clone(), source: std::io::ErrorKind::InvalidData.into() })
    }

    fn sealed(&mut self, place: Place) -> Result<String> {
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

    /// Ends the journal: these lines stay, all others go.
    ///
    /// # Errors
    /// [`Error::Io`] when the system refuses.
    pub fn close(mut self, kept: &[Place]) -> Result<()> {
        if self.path.as_os_str().is_empty() {
            return Ok(());
        }
        let mut lines = LineFile::create(&self.path, Existing::Replace)?;
        for &place in kept {
            lines.line(&self.sealed(place)?)?;
        }
        // A file that is open cannot be replaced on every system.
        drop(self.file);
        lines.finish().map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(folder: &Path) -> SealingKey {
        SealingKey::kept_in(folder).expect("a key")
    }

    #[test]
    fn what_was_written_is_there_again_and_a_cut_line_is_dropped() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("below/journal");
        let mut journal = Journal::open(&path, false, key(folder.path()), |_, _| {}).expect("opened");
        let first = journal.append("一").expect("written");
        journal.append("two").expect("written");
        assert_eq!(journal.line(first).expect("read"), "一");
        drop(journal);
        let whole = std::fs::read_to_string(&path).expect("read");
        std::fs::write(&path, format!("{whole}cut")).expect("written");
        let mut lines = Vec::new();
        let mut journal =
            Journal::open(&path, true, key(folder.path()), |line, place| lines.push((line.to_owned(), place)))
                .expect("opened");
        assert_eq!(lines.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>(), ["一", "two"]);
        let third = journal.append("three").expect("written");
        assert_eq!(journal.line(lines[1].1).expect("read"), "two");
        journal.close(&[lines[1].1, third]).expect("closed");
        let mut kept = Vec::new();
        let journal =
            Journal::open(&path, true, key(folder.path()), |line, _| kept.push(line.to_owned())).expect("opened");
        assert_eq!((kept, journal.unreadable()), (vec!["two".to_owned(), "three".to_owned()], 0));
        let mut again = 0;
        Journal::open(&path, false, key(folder.path()), |_, _| again += 1).expect("opened");
        assert_eq!(again, 0);
    }

    #[test]
    fn lines_of_another_key_are_counted_and_not_taken() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("journal");
        let mut journal = Journal::open(&path, false, key(folder.path()), |_, _| {}).expect("opened");
        journal.append("张伟").expect("written");
        let other = SealingKey::fresh().expect("a key");
        let journal = Journal::open(&path, true, other, |line, _| panic!("{line}")).expect("opened");
        assert_eq!(journal.unreadable(), 1);
    }
}
