//! Pages examined before: by an interrupted run of the same batch, or as part of an identical file. The key of a
//! document is all that its rows depend on, so nothing stale is ever taken.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Assignment, Settings};
use crate::error::Result;
use crate::examine::Examined;
use crate::leaks;
use crate::output::{Journal, Place, SealingKey};
use crate::report::{PageReport, from_json, json_line};

/// What is known of the models: names, versions and checksums of all assets.
const MODELS: &str = include_str!("../../models/manifest.toml");

/// With what tells this build of the program from another of the same version, which may judge otherwise.
fn with_program(context: &str) -> String {
    let file = std::env::current_exe().and_then(|file| file.metadata());
    let built = file.ok().map(|file| (file.len(), file.modified().ok()));
    format!("{context} {} {built:?}", env!("CARGO_PKG_VERSION"))
}

/// Stands for a document's bytes, its applicant and all settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key([u8; 32]);

/// A line of the journal.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Entry {
    Page(Box<PageEntry>),
    Copy(CopyEntry),
    Batch(BatchEntry),
}

/// Whom a batch is about.
#[derive(Serialize, Deserialize)]
struct BatchEntry {
    names: BTreeSet<String>,
}

/// A page.
#[derive(Serialize, Deserialize)]
struct PageEntry {
    key: String,
    index: usize,
    count: usize,
    row: PageReport,
    /// Kept when the page is to be masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    examined: Option<Examined>,
}

/// A document of which everything is done.
#[derive(Serialize, Deserialize)]
struct CopyEntry {
    key: String,
    target: PathBuf,
    copy: Option<PathBuf>,
    /// Of the copy's bytes.
    sha256: Option<String>,
    rows: Vec<PageReport>,
}

/// What became of a masked document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Delivered {
    /// Where its copy is; `None` when none could be made.
    pub(crate) copy: Option<PathBuf>,
    /// Its rows.
    pub(crate) rows: Vec<PageReport>,
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
    /// Masked documents by key and the path that their copies are delivered at.
    copies: BTreeMap<(Key, PathBuf), Place>,
    /// Names of the applicants of the last run, and where they stand.
    batch: Option<(BTreeSet<String>, Place)>,
    /// Keys of documents whose results an earlier run gave.
    taken_over: BTreeSet<Key>,
    /// Documents with such a key.
    reused: usize,
}

impl Index {
    fn add(&mut self, entry: &Entry, place: Place) {
        match entry {
            Entry::Page(page) => {
                if let Some(key) = Key::from_hex(&page.key) {
                    self.places.insert((key, page.index), place);
                    self.counts.insert(key, page.count);
                }
            }
            Entry::Copy(copy) => {
                if let Some(key) = Key::from_hex(&copy.key) {
                    self.copies.insert((key, copy.target.clone()), place);
                }
            }
            Entry::Batch(batch) => self.batch = Some((batch.names.clone(), place)),
        }
    }
}

/// The memory of a batch, in a file that a crash leaves behind.
pub struct Memory {
    journal: Mutex<Journal>,
    index: Mutex<Index>,
    context: String,
}

impl Memory {
    /// Opens the memory at `path`. With `resume`, what an earlier run left there is known to who has the same `key`;
    /// else it begins empty. `context` is what rows depend on beside the [`Settings`]: the caller's choice of models.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the system refuses.
    pub fn open(path: &Path, resume: bool, key: SealingKey, context: &str) -> Result<Self> {
        let mut index = Index::default();
        let journal = Journal::open(path, resume, key, |line, place| {
            if let Some(entry) = from_json::<Entry>(line) {
                index.add(&entry, place);
            }
        })?;
        Ok(Self { journal: Mutex::new(journal), index: Mutex::new(index), context: with_program(context) })
    }

    /// A memory for this run only, which leaves nothing behind.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the system refuses.
    pub fn of_this_run(context: &str) -> Result<Self> {
        let journal = Mutex::new(Journal::without_name()?);
        Ok(Self { journal, index: Mutex::default(), context: with_program(context) })
    }

    /// Pages and copies that an earlier run left.
    pub fn len(&self) -> usize {
        let index = locked(&self.index);
        index.places.len() + index.copies.len()
    }

    /// True when nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True when an earlier run left something, but it was sealed with another key.
    pub fn is_lost(&self) -> bool {
        self.is_empty() && locked(&self.journal).unreadable() > 0
    }

    /// True when what is remembered is about nobody whom these documents are about: their copies would take the place of
    /// other applicants'. Otherwise remembers whom they are about.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the system refuses.
    pub fn is_of_others(&self, assignments: &[Assignment]) -> Result<bool> {
        let names: BTreeSet<String> = assignments.iter().map(|a| a.identity.applicant().name.clone()).collect();
        let is_of_others = locked(&self.index)
            .batch
            .as_ref()
            .is_some_and(|(before, _)| !names.is_empty() && before.is_disjoint(&names));
        if !is_of_others {
            self.append(&Entry::Batch(BatchEntry { names }))?;
        }
        Ok(is_of_others)
    }

    /// Documents of this run whose results are those of an earlier one.
    pub fn reused(&self) -> usize {
        locked(&self.index).reused
    }

    /// Ends a run that is complete: what the next run of the same batch can take over stays.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the system refuses.
    pub fn finish(self) -> Result<()> {
        let index = self.index.into_inner().unwrap_or_else(PoisonError::into_inner);
        let of_this_run = |key: &Key| index.claimed.contains_key(key);
        let masked: BTreeSet<Key> = index.copies.keys().map(|&(key, _)| key).collect();
        let copies = index.copies.iter().filter(|((key, _), _)| of_this_run(key)).map(|(_, &place)| place);
        // Of a masked document its copy tells all.
        let pages = index.places.iter().filter(|((key, _), _)| of_this_run(key) && !masked.contains(key));
        let batch = index.batch.iter().map(|&(_, place)| place);
        let kept: Vec<Place> = batch.chain(copies).chain(pages.map(|(_, &place)| place)).collect();
        self.journal.into_inner().unwrap_or_else(PoisonError::into_inner).close(&kept)
    }

    /// Counts a document whose results are those of an earlier run.
    pub(crate) fn take_over(&self, key: Key) {
        let mut index = locked(&self.index);
        index.taken_over.insert(key);
        index.reused += 1;
    }

    /// True when a document of the same key was [taken over](Self::take_over).
    pub(crate) fn took_over(&self, key: Key) -> bool {
        locked(&self.index).taken_over.contains(&key)
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

    /// The key of a masked copy, whose pages are examined in their turn.
    pub(crate) fn key_of_copy(&self, bytes: &[u8], assignment: &Assignment, settings: &Settings) -> Key {
        let of_file = self.key(bytes, assignment, settings);
        Key(Sha256::new().chain_update(of_file.0).chain_update("copy").finalize().into())
    }

    /// A page's row as it was, under the name and number of this document.
    pub(crate) fn row(&self, key: Key, page: usize, assignment: &Assignment) -> Option<PageReport> {
        self.page(key, page, assignment).map(|(row, _)| row)
    }

    /// The same with what its examination gave.
    pub(crate) fn page(
        &self,
        key: Key,
        page: usize,
        assignment: &Assignment,
    ) -> Option<(PageReport, Option<Examined>)> {
        let place = *locked(&self.index).places.get(&(key, page))?;
        match self.entry(place)? {
            Entry::Page(entry) => Some((renamed(entry.row, assignment), entry.examined)),
            Entry::Copy(_) | Entry::Batch(_) => None,
        }
    }

    /// Keeps a page's row and what else is wanted of it later.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the system refuses.
    pub(crate) fn keep(
        &self,
        key: Key,
        index: usize,
        count: usize,
        row: &PageReport,
        examined: Option<&Examined>,
    ) -> Result<()> {
        let (row, examined) = (row.clone(), examined.cloned());
        self.append(&Entry::Page(Box::new(PageEntry { key: key.hex(), index, count, row, examined })))
    }

    /// Keeps what became of a masked document: its `copy`, which was to be delivered at `target`.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the system refuses.
    pub(crate) fn keep_copy(&self, key: Key, target: &Path, copy: Option<&Path>, rows: &[PageReport]) -> Result<()> {
        let (target, rows) = (target.to_owned(), rows.to_vec());
        let sha256 = copy.and_then(hash_of_file);
        self.append(&Entry::Copy(CopyEntry { key: key.hex(), target, copy: copy.map(Path::to_owned), sha256, rows }))
    }

    /// What became of a masked document, when its copy is still there as it was.
    pub(crate) fn copy(&self, key: Key, target: &Path) -> Option<Delivered> {
        let entry = self.copy_entry(key, target)?;
        let is_there = entry.copy.as_deref().is_some_and(|copy| hash_of_file(copy) == entry.sha256);
        is_there.then_some(Delivered { copy: entry.copy, rows: entry.rows })
    }

    /// What became of a masked document, whether it has a copy or not.
    pub(crate) fn copy_as_left(&self, key: Key, target: &Path) -> Option<Delivered> {
        self.copy_entry(key, target).map(|entry| Delivered { copy: entry.copy, rows: entry.rows })
    }

    fn copy_entry(&self, key: Key, target: &Path) -> Option<CopyEntry> {
        let place = *locked(&self.index).copies.get(&(key, target.to_owned()))?;
        match self.entry(place)? {
            Entry::Copy(entry) => Some(entry),
            Entry::Page(_) | Entry::Batch(_) => None,
        }
    }

    fn entry(&self, place: Place) -> Option<Entry> {
        let line = locked(&self.journal).line(place).ok()?;
        from_json(&line)
    }

    fn append(&self, entry: &Entry) -> Result<()> {
        let place = locked(&self.journal).append(&json_line(entry))?;
        locked(&self.index).add(entry, place);
        Ok(())
    }
}

fn hash_of_file(path: &Path) -> Option<String> {
    let hash = Sha256::digest(std::fs::read(path).ok()?);
    Some(Key(hash.into()).hex())
}

/// The row of an identical document.
pub(crate) fn renamed(row: PageReport, assignment: &Assignment) -> PageReport {
    PageReport { file: assignment.document.file.clone(), applicant_id: assignment.applicant_id.clone(), ..row }
}

impl Key {
    fn hex(self) -> String {
        hex::encode(self.0)
    }

    fn from_hex(text: &str) -> Option<Self> {
        let mut key = [0; 32];
        hex::decode_to_slice(text, &mut key).ok().map(|()| Self(key))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
