//! Paths, folders, archives and patterns → documents with their kind by content. What cannot be a document is returned
//! beside them with the reason: no file is dropped. Reads bytes; decodes nothing.

pub(crate) mod archive;
mod content;
mod kind;
mod layout;
mod names;
pub mod roster;
mod walk;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use crate::container::ImageKind;
pub use crate::limits::Limits;
pub use archive::Member;
pub use kind::{DocumentKind, TextKind};
pub use layout::{Category, Place, Sorted, sort_by_applicant};

use crate::error::InputProblem;
use content::{Content, check_length, content_of_file, content_of_member, read_file};
use names::{unique, unique_names};

/// Where a document's bytes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file on disk.
    File(PathBuf),
    /// A member of a ZIP archive.
    Member(Member),
}

impl Source {
    /// The file on disk that holds the bytes.
    pub fn path(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Member(member) => &member.archive,
        }
    }
}

/// One input of a supported kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Where its bytes are.
    pub source: Source,
    /// Path below the input that it was found under, with `/`; unique within the list.
    pub file: String,
    /// By content.
    pub kind: DocumentKind,
    /// Its size; in an archive, unpacked.
    pub bytes: u64,
}

impl Document {
    /// All its bytes.
    ///
    /// # Errors
    /// [`InputProblem::Empty`], [`InputProblem::TooLarge`] or [`InputProblem::Unreadable`].
    pub fn read(&self, limits: &Limits) -> Result<Vec<u8>, InputProblem> {
        match &self.source {
            Source::File(path) => read_file(path, limits),
            Source::Member(member) => {
                let bytes = member.read(limits.file_bytes)?;
                check_length(bytes.len() as u64, limits)?;
                Ok(bytes)
            }
        }
    }
}

/// An input that is not a document, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Where it is on disk, as found or as typed.
    pub path: PathBuf,
    /// Path below the input that it was found under, with `/`; unique within the list.
    pub file: String,
    /// What is wrong.
    pub problem: InputProblem,
}

/// What the inputs hold, sorted by `file`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inputs {
    /// To be examined.
    pub documents: Vec<Document>,
    /// To be reported as unreadable.
    pub rejected: Vec<Rejected>,
    /// Files that were given more than once; each is examined once.
    pub duplicates: Vec<PathBuf>,
}

impl Inputs {
    /// Takes out the files on disk that are no material of an applicant; returns where they were.
    pub fn set_aside(&mut self, mut is_aside: impl FnMut(&Path) -> bool) -> Vec<PathBuf> {
        let mut aside = Vec::new();
        let mut keeps = |path: &Path| {
            let goes = is_aside(path);
            if goes {
                aside.push(path.to_owned());
            }
            !goes
        };
        self.documents.retain(|document| match &document.source {
            Source::File(path) => keeps(path),
            Source::Member(_) => true,
        });
        self.rejected.retain(|rejected| keeps(&rejected.path));
        aside
    }

    /// Adds the members of the archive that is reported as `file`, as if it were a folder.
    fn add_archive(&mut self, path: &Path, file: &str, limits: &Limits) {
        let refuse = |file: String, problem| Rejected { path: path.to_owned(), file, problem };
        let listed = match archive::list(path, limits) {
            Ok(listed) => listed,
            Err(problem) => return self.rejected.push(refuse(file.to_owned(), problem)),
        };
        let mut taken = BTreeMap::new();
        let mut is_empty = true;
        for archive::Listed { name, member } in listed {
            if name.split('/').any(walk::is_left_behind) {
                continue;
            }
            is_empty = false;
            let name = unique(format!("{file}/{name}"), &mut taken);
            let document = member.and_then(|member| Ok((content_of_member(&name, &member, limits)?, member)));
            match document {
                Ok((Content::Document(kind), member)) => {
                    let bytes = member.bytes();
                    self.documents.push(Document { source: Source::Member(member), file: name, kind, bytes });
                }
                Ok((Content::Archive, _)) => self.rejected.push(refuse(name, InputProblem::NestedArchive)),
                Err(problem) => self.rejected.push(refuse(name, problem)),
            }
        }
        if is_empty {
            self.rejected.push(refuse(file.to_owned(), InputProblem::Empty));
        }
    }
}

/// Finds the documents in `inputs`: files, folders and ZIP archives (with all below them) and, where a path does not
/// exist, glob
/// patterns, for shells that do not expand them. System and hidden files inside folders are passed over.
pub fn collect(inputs: &[PathBuf], limits: &Limits) -> Inputs {
    let mut collected = Inputs::default();
    let found = walk::find(inputs, &mut collected.duplicates);
    let names = unique_names(&found);
    for (found, file) in found.into_iter().zip(names) {
        let content = found.problem.map_or_else(|| content_of_file(&found.path, limits), Err);
        match content {
            Ok(Content::Document(kind)) => {
                let bytes = std::fs::metadata(&found.path).map_or(0, |metadata| metadata.len());
                collected.documents.push(Document { source: Source::File(found.path), file, kind, bytes });
            }
            Ok(Content::Archive) => collected.add_archive(&found.path, &file, limits),
            Err(problem) => collected.rejected.push(Rejected { path: found.path, file, problem }),
        }
    }
    collected.documents.sort_by(|a, b| a.file.cmp(&b.file));
    collected.rejected.sort_by(|a, b| a.file.cmp(&b.file));
    collected
}

#[cfg(test)]
mod tests;
