//! Encodes images and writes files; the only module that writes. Files appear whole or not at all, inputs are
//! never touched, and names are such that every system can hold them.

mod copy;
mod encode;
mod journal;
mod jpeg;
mod lines;
mod lossless;
mod names;
mod sealing;
mod tiff;
mod tiff_copy;
mod tone;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

pub use copy::{CopyProblem, without_metadata};
pub use encode::{Budget, ImageEncoder, OutputPage, PageImage, encode_page_image, thumbnail};
pub use journal::{Journal, Place};
pub use lines::{LineFile, remove_unfinished};
pub use sealing::SealingKey;

use crate::error::{Error, Result};

/// Why pixels could not be encoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeProblem {
    /// It cannot be made to fit the size limit and stay readable.
    #[error("不能压缩到 {max_bytes} 字节而保持清晰 (does not fit {max_bytes} bytes without making text unreadable)")]
    OverBudget {
        /// The limit for this page.
        max_bytes: usize,
    },
    /// Not as many pages as announced.
    #[error("there should be {expected} pages")]
    PageCount {
        /// Pages announced.
        expected: usize,
    },
    /// The format cannot hold it.
    #[error("cannot be encoded: {0}")]
    Encoder(String),
}

impl EncodeProblem {
    /// As an error about the file at `path`.
    pub fn at(&self, path: &Path) -> Error {
        Error::Output { path: path.to_owned(), problem: self.to_string() }
    }
}

/// Whether existing files may be replaced. Inputs never are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// An existing file is an error.
    Keep,
    /// An existing file is replaced.
    Replace,
}

/// The folder that output goes to.
#[derive(Debug)]
pub struct OutputFolder {
    root: PathBuf,
    existing: Existing,
    /// Canonical paths of all inputs.
    inputs: BTreeSet<PathBuf>,
    /// Device and file numbers of all inputs, which know hard links.
    input_numbers: BTreeSet<(u64, u64)>,
    /// Lower-case relative path → the name that it was given to.
    taken: Mutex<BTreeMap<String, String>>,
}

impl OutputFolder {
    /// Opens (and makes, if need be) the folder. `inputs` are the files that may not be written over.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder cannot be made.
    pub fn open<'p>(root: &Path, existing: Existing, inputs: impl IntoIterator<Item = &'p Path>) -> Result<Self> {
        std::fs::create_dir_all(root).map_err(|source| Error::Io { path: root.to_owned(), source })?;
        let mut folder = Self {
            root: root.to_owned(),
            existing,
            inputs: BTreeSet::new(),
            input_numbers: BTreeSet::new(),
            taken: Mutex::default(),
        };
        for input in inputs {
            folder.inputs.extend(input.canonicalize());
            folder.input_numbers.extend(file_number(input));
        }
        Ok(folder)
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the output of the document reported as `file` goes: the same path below the folder, changed only
    /// where a system could not hold it or where it would meet another document's.
    pub fn path_for(&self, file: &str) -> PathBuf {
        self.path_among(file, file)
    }

    /// A path below the folder that is `owner`'s alone.
    fn path_among(&self, name: &str, owner: &str) -> PathBuf {
        let plain = names::portable(name);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut number = 1;
        loop {
            let name = if number == 1 { plain.clone() } else { names::numbered(&plain, number) };
            let holder = taken.entry(name.to_lowercase()).or_insert_with(|| owner.to_owned());
            if holder == owner {
                return self.root.join(name);
            }
            number += 1;
        }
    }

    /// Removes the files of an earlier run that lie in the folder itself and whose names `are_ours`.
    ///
    /// # Errors
    /// [`Error::Output`] when one is an input or, unless told to replace, when there is any; [`Error::Io`] when the
    /// system refuses.
    pub fn clear(&self, are_ours: impl Fn(&str) -> bool) -> Result<()> {
        let io = |source| Error::Io { path: self.root.clone(), source };
        for entry in std::fs::read_dir(&self.root).map_err(io)? {
            let entry = entry.map_err(io)?;
            if entry.file_name().to_str().is_some_and(&are_ours) && entry.file_type().map_err(io)?.is_file() {
                self.check_target(&entry.path())?;
                std::fs::remove_file(entry.path()).map_err(io)?;
            }
        }
        Ok(())
    }

    /// Writes the output of the document reported as `file`; where it is now.
    ///
    /// # Errors
    /// [`Error::Output`] when an input or, unless told to replace, any file is there already;
    /// [`Error::Io`] when the system refuses.
    pub fn write(&self, file: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.path_for(file);
        self.write_at(&path, bytes)?;
        Ok(path)
    }

    /// Where the output of a document goes: `name` below the folder, changed only where a system could not hold it or
    /// where it would meet another document's.
    pub fn path_of(&self, document: usize, name: &str) -> PathBuf {
        self.path_among(name, &document.to_string())
    }

    /// Writes the output of a document beside the place where it is to be delivered as `name`, under a hidden name
    /// that no upload takes for a finished file.
    ///
    /// # Errors
    /// As for [`Self::write`].
    pub fn write_pending(&self, document: usize, name: &str, bytes: &[u8]) -> Result<Pending> {
        let target = self.path_of(document, name);
        self.check_target(&target)?;
        let path = target.with_file_name(names::affixed(".unverified-", &file_name(&target), ""));
        self.persist(&path, bytes, Existing::Replace)?;
        Ok(Pending { path, target })
    }

    /// Gives a pending file its name; where it is now.
    ///
    /// # Errors
    /// [`Error::Output`] or [`Error::Io`] when that is not possible: the file is deleted then.
    pub fn deliver(&self, pending: Pending) -> Result<PathBuf> {
        let target = pending.target.clone();
        pending.renamed(&target, self.check_target(&target))
    }

    /// Takes a pending file out of the deliverable ones by the suffix `.failed`, in place of an earlier one; where
    /// it is now.
    ///
    /// # Errors
    /// [`Error::Output`] or [`Error::Io`] when that is not possible: the file is deleted then.
    pub fn mark_failed(&self, pending: Pending) -> Result<PathBuf> {
        let failed = pending.target.with_file_name(names::affixed("", &file_name(&pending.target), ".failed"));
        pending.renamed(&failed, self.check_no_input(&failed))
    }

    fn write_at(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        self.check_target(path)?;
        self.persist(path, bytes, self.existing)
    }

    fn persist(&self, path: &Path, bytes: &[u8], existing: Existing) -> Result<()> {
        let io = |source| Error::Io { path: path.to_owned(), source };
        let parent = path.parent().unwrap_or(&self.root);
        std::fs::create_dir_all(parent).map_err(io)?;
        self.check_no_input(path)?;
        let mut file = tempfile::Builder::new().prefix(".zhegai-").tempfile_in(parent).map_err(io)?;
        file.write_all(bytes).map_err(io)?;
        readable_by_others(file.as_file()).map_err(io)?;
        file.as_file().sync_all().map_err(io)?;
        let persisted = match existing {
            Existing::Keep => file.persist_noclobber(path),
            Existing::Replace => file.persist(path),
        };
        persisted.map_err(|error| match error.error.kind() {
            std::io::ErrorKind::AlreadyExists => exists(path),
            _ => Error::Io { path: path.to_owned(), source: error.error },
        })?;
        sync_folder(parent).map_err(io)
    }

    /// Refuses a target that is an input, and an existing file unless it may be replaced.
    fn check_target(&self, path: &Path) -> Result<()> {
        self.check_no_input(path)?;
        match self.existing {
            Existing::Keep if path.symlink_metadata().is_ok() => Err(exists(path)),
            _ if path.is_dir() => {
                Err(Error::Output { path: path.to_owned(), problem: "是文件夹 (is a folder)".into() })
            }
            _ => Ok(()),
        }
    }

    /// Refuses a target that is an input under any name.
    fn check_no_input(&self, path: &Path) -> Result<()> {
        let in_place = path.parent().and_then(|parent| parent.canonicalize().ok()).zip(path.file_name());
        let is_input = |path: &Path| self.inputs.contains(path);
        let leads_to_input = path.canonicalize().is_ok_and(|target| is_input(&target))
            || in_place.is_some_and(|(parent, name)| is_input(&parent.join(name)))
            || file_number(path).is_some_and(|number| self.input_numbers.contains(&number));
        if leads_to_input {
            return Err(Error::Output {
                path: path.to_owned(),
                problem: "会覆盖原件 (would overwrite an input)".into(),
            });
        }
        Ok(())
    }
}

/// A written file that is not delivered yet.
#[derive(Debug)]
pub struct Pending {
    path: PathBuf,
    target: PathBuf,
}

impl Pending {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Deletes it.
    pub fn discard(self) {
        // What stays has a hidden name and is replaced by the next run.
        let _ = std::fs::remove_file(&self.path);
    }

    fn renamed(self, to: &Path, allowed: Result<()>) -> Result<PathBuf> {
        let io = |source| Error::Io { path: to.to_owned(), source };
        let renamed = allowed.and_then(|()| std::fs::rename(&self.path, to).map_err(io));
        match renamed {
            Ok(()) => to.parent().map_or(Ok(()), sync_folder).map_err(io).map(|()| to.to_owned()),
            Err(error) => {
                self.discard();
                Err(error)
            }
        }
    }
}

/// The last part of a path; output paths are UTF-8 but for their root.
fn file_name(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

fn exists(path: &Path) -> Error {
    Error::Output {
        path: path.to_owned(),
        problem: "已存在；--force 可替换，--resume 可继续 (exists already: --force replaces it, --resume goes on)"
            .into(),
    }
}

/// Temporary files are made for their owner only; outputs get the rights that new files have.
#[cfg(unix)]
fn readable_by_others(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_others(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

/// A rename is safe from a power cut once its folder is.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn file_number(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// A rename over a hard link leaves the other links' content alone, so not knowing them does no harm.
#[cfg(not(unix))]
fn file_number(_: &Path) -> Option<(u64, u64)> {
    None
}

#[cfg(test)]
mod tests;
