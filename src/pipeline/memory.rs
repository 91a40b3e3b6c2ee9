//! Pages examined before: by an interrupted run of the same batch, or as part of an identical file. The key of a
//! document is all that its rows depend on, so nothing stale is ever taken.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Assignment, Settings};
use crate::error::Result;
use crate::leaks;
use crate::output::{Journal, Place};
use crate::report::{PageReport, from_json, json_line};

/// What is known of the models: names, versions and checksums of all assets.
const MODELS: &str = include_str!("../../models/manifest.toml");

/// Stands for a document's bytes, its applicant and all settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key([u8; 32]);

/// A line of the journal.
#[derive(Serialize, Deserialize)]
struct Entry {
    key: String,
    index: usize,
    count: usize,
    row: PageReport,
}

/// What is to be done with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// It, or some of its pages, must be examined.
    New,
    /// An earlier document of this run has the same key: its rows will do.
    SameAs(usize),
    /// All its pages, so many, are remembered.
    Known(usize),
}

#[derive(Default)]
struct Index {
    /// By document and page (from 0).
    places: BTreeMap<(Key, usize), Place>,
    counts: BTreeMap<Key, usize>,
    claimed: BTreeMap<Key, usize>,
}

/// The memory of a batch, in a file that a crash leaves behind.
pub struct Memory {
    journal: Mutex<Journal>,
    index: Mutex<Index>,
    context: String,
}

impl Memory {
    /// Opens the memory at `path`. With `resume`, what an earlier run left there is known; else it begins empty.
    /// `context` is what rows depend on beside the [`Settings`]: the caller's choice of models.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the system refuses.
    pub fn open(path: &Path, resume: bool, context: String) -> Result<Self> {
        let mut index = Index::default();
        let journal = Journal::open(path, resume, |line, place| {
            if let Some(entry) = from_json::<Entry>(line)
                && let Some(key) = Key::from_hex(&entry.key)
            {
                index.places.insert((key, entry.index), place);
                index.counts.insert(key, entry.count);
            }
        })?;
        Ok(Self { journal: Mutex::new(journal), index: Mutex::new(index), context })
    }

    /// Pages that an earlier run left.
    pub fn len(&self) -> usize {
        locked(&self.index).places.len()
    }

    /// True when nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Deletes the file: a run that is complete needs none.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the system refuses.
    pub fn discard(self) -> Result<()> {
        self.journal.into_inner().unwrap_or_else(PoisonError::into_inner).discard()
    }

    /// The key of a document. Its name counts only when it holds identity itself.
    pub(crate) fn key(&self, bytes: &[u8], assignment: &Assignment, settings: &Settings) -> Key {
        let file = &assignment.document.file;
        let name = if leaks::in_file_name(file, &assignment.identity).is_empty() { "" } else { file };
        let mut hash = Sha256::new();
        for part in [
            bytes,
            name.as_bytes(),
            format!("{:?}", assignment.identity.looked_for()).as_bytes(),
            format!("{:?} {:?}", assignment.category, assignment.document.kind).as_bytes(),
            format!("{:?} {:?} {:?}", settings.policy, settings.render, settings.limits).as_bytes(),
            self.context.as_bytes(),
            env!("CARGO_PKG_VERSION").as_bytes(),
            MODELS.as_bytes(),
        ] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Key(hash.finalize().into())
    }

    /// Claims a document for this run.
    pub(crate) fn claim(&self, key: Key, document: usize) -> Claim {
        let mut index = locked(&self.index);
        if let Some(&first) = index.claimed.get(&key) {
            return Claim::SameAs(first);
        }
        index.claimed.insert(key, document);
        match index.counts.get(&key) {
            Some(&count) if (0..count).all(|page| index.places.contains_key(&(key, page))) => Claim::Known(count),
            _ => Claim::New,
        }
    }

    /// A page's row as it was, under the name and number of this document.
    pub(crate) fn row(&self, key: Key, page: usize, assignment: &Assignment) -> Option<PageReport> {
        let place = *locked(&self.index).places.get(&(key, page))?;
        let line = locked(&self.journal).line(place).ok()?;
        from_json::<Entry>(&line).map(|entry| renamed(entry.row, assignment))
    }

    /// Keeps a page's row.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the system refuses.
    pub(crate) fn keep(&self, key: Key, index: usize, count: usize, row: &PageReport) -> Result<()> {
        let line = json_line(&Entry { key: key.hex(), index, count, row: row.clone() });
        let place = locked(&self.journal).append(&line)?;
        let mut known = locked(&self.index);
        known.places.insert((key, index), place);
        known.counts.insert(key, count);
        Ok(())
    }
}

/// The row of an identical document.
pub(crate) fn renamed(row: PageReport, assignment: &Assignment) -> PageReport {
    PageReport { file: assignment.document.file.clone(), applicant_id: assignment.applicant_id.clone(), ..row }
}

impl Key {
    fn hex(self) -> String {
        use std::fmt::Write as _;
        self.0.iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    fn from_hex(text: &str) -> Option<Self> {
        let mut key = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (at, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
        }
        Some(Self(key))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
