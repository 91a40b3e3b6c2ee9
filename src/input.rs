//! Paths, folders, archives and patterns → documents with their kind by content. What cannot be a document is returned
//! beside them with the reason: no file is dropped. Reads bytes; decodes nothing.

pub(crate) mod archive;
mod kind;
mod layout;
pub mod roster;
mod walk;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};

pub use archive::Member;
pub use kind::{DocumentKind, ImageKind, TextKind};
pub use layout::{Category, Place, Sorted, sort_by_applicant};

use crate::error::{InputProblem, refusal};
use archive::Contents;

/// How large inputs may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file. 1 GiB: larger than any upload platform takes, small enough to hold.
    pub file_bytes: u64,
    /// Pixels of one image page. 120 million: a 108-megapixel phone photo, or A3 at 600 dpi (70 million),
    /// is 360 MB as RGB; A4 at 1200 dpi is refused.
    pub pixels: u64,
    /// Pixels along one side: what JPEG can express, so a long screenshot passes.
    pub side: u32,
    /// Pages of one TIFF file.
    pub tiff_pages: usize,
    /// Members of one archive: 300 applicants with 300 files each.
    pub archive_members: usize,
    /// Bytes that one archive may unpack to: as many applicants with 200 MB each. They are never held together.
    pub archive_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 1 << 30,
            pixels: 120_000_000,
            side: 65_535,
            tiff_pages: 5_000,
            archive_members: 100_000,
            archive_bytes: 64 << 30,
        }
    }
}

impl Limits {
    /// Refuses an image of this size before anything is allocated for it.
    ///
    /// # Errors
    /// [`InputProblem::TooLarge`], or [`InputProblem::Damaged`] for a side of 0 pixels.
    pub fn check_size(&self, width: u32, height: u32) -> Result<(), InputProblem> {
        if width == 0 || height == 0 {
            return Err(InputProblem::Damaged(format!("an image of {width} × {height} px")));
        }
        if width > self.side || height > self.side {
            return Err(InputProblem::TooLarge(format!("{width} × {height} px, and a side may have {} px", self.side)));
        }
        if u64::from(width) * u64::from(height) > self.pixels {
            let limit = self.pixels / 1_000_000;
            return Err(InputProblem::TooLarge(format!(
                "{width} × {height} px, and a page may have {limit} million px"
            )));
        }
        Ok(())
    }
}

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

/// The kind of an image file held in memory; `None` when it is no supported image.
pub fn image_kind(bytes: &[u8]) -> Option<ImageKind> {
    match kind::of(bytes.get(..kind::HEAD_BYTES as usize).unwrap_or(bytes))? {
        DocumentKind::Image(kind) => Some(kind),
        DocumentKind::Pdf | DocumentKind::Text(_) => None,
    }
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

/// Names to report: the path below its input, led by the input's own name where two would be equal (without
/// regard to case, as outputs may land on a file system that ignores it), and numbered where that does not help.
fn unique_names(found: &[walk::Found]) -> Vec<String> {
    let mut count = BTreeMap::<String, usize>::new();
    for each in found {
        *count.entry(each.relative.to_lowercase()).or_default() += 1;
    }
    let mut taken = BTreeMap::<String, usize>::new();
    found
        .iter()
        .map(|each| {
            let clash = count.get(&each.relative.to_lowercase()).is_some_and(|&n| n > 1);
            let plain = match (clash, each.root_name.is_empty()) {
                (true, false) => format!("{}/{}", each.root_name, each.relative),
                _ => each.relative.clone(),
            };
            unique(plain, &mut taken)
        })
        .collect()
}

/// The name, numbered when it was used before.
fn unique(name: String, taken: &mut BTreeMap<String, usize>) -> String {
    let uses = taken.entry(name.to_lowercase()).or_default();
    *uses += 1;
    if *uses == 1 { name } else { numbered(&name, *uses) }
}

/// `a/b.jpg` → `a/b~2.jpg`.
fn numbered(name: &str, number: usize) -> String {
    let stem_end = name.rfind('.').filter(|&dot| dot > name.rfind('/').map_or(0, |slash| slash + 1));
    let (stem, extension) = name.split_at(stem_end.unwrap_or(name.len()));
    format!("{stem}~{number}{extension}")
}

/// What a file is by its content.
enum Content {
    Document(DocumentKind),
    Archive,
}

fn content_of_file(path: &Path, limits: &Limits) -> Result<Content, InputProblem> {
    let (mut file, length) = open(path)?;
    check_length(length, limits).or_else(|problem| {
        // An archive is not read as a whole.
        let mut head = [0; 4];
        let is_archive = matches!(problem, InputProblem::TooLarge(_))
            && file.read_exact(&mut head).is_ok()
            && archive::is_zip(&head)
            && file.rewind().is_ok();
        if is_archive { Ok(()) } else { Err(problem) }
    })?;
    let mut head = Vec::new();
    file.by_ref().take(kind::HEAD_BYTES).read_to_end(&mut head).map_err(|e| unreadable(&e))?;
    let is_plain_text = || is_named_txt(&path.to_string_lossy()) && read_file(path, limits).is_ok_and(|b| is_text(&b));
    content_of(&head, is_plain_text, || {
        file.rewind().map(|()| archive::contents(BufReader::new(file))).map_err(|e| unreadable(&e))
    })
}

fn content_of_member(name: &str, member: &Member, limits: &Limits) -> Result<Content, InputProblem> {
    let head = member.read(kind::HEAD_BYTES)?;
    let is_plain_text = || is_named_txt(name) && member.read(limits.file_bytes).is_ok_and(|bytes| is_text(&bytes));
    content_of(&head, is_plain_text, || Ok(archive::contents(Cursor::new(member.read(limits.file_bytes)?))))
}

fn content_of(
    head: &[u8],
    is_plain_text: impl FnOnce() -> bool,
    zip_contents: impl FnOnce() -> Result<Contents, InputProblem>,
) -> Result<Content, InputProblem> {
    if !archive::is_zip(head) {
        let kind = kind::of(head).or_else(|| is_plain_text().then_some(DocumentKind::Text(TextKind::Plain)));
        return kind.map(Content::Document).ok_or(InputProblem::Unsupported);
    }
    match zip_contents()? {
        Contents::Word => Ok(Content::Document(DocumentKind::Text(TextKind::Word))),
        Contents::Package => Err(InputProblem::Unsupported),
        Contents::Archive => Ok(Content::Archive),
    }
}

/// Any bytes may be text; only a file that says so is taken for it.
fn is_named_txt(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("txt"))
}

fn is_text(bytes: &[u8]) -> bool {
    roster::decode_text(bytes).is_some()
}

fn read_file(path: &Path, limits: &Limits) -> Result<Vec<u8>, InputProblem> {
    let (file, length) = open(path)?;
    check_length(length, limits)?;
    let mut bytes = Vec::with_capacity(length as usize);
    file.take(limits.file_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| unreadable(&e))?;
    check_length(bytes.len() as u64, limits)?;
    Ok(bytes)
}

fn open(path: &Path) -> Result<(File, u64), InputProblem> {
    // Before opening: to open a pipe would wait for its writer.
    let metadata = std::fs::metadata(path).map_err(|e| unreadable(&e))?;
    if !metadata.is_file() {
        return Err(InputProblem::Unreadable("not a regular file".into()));
    }
    let file = File::open(path).map_err(|e| unreadable(&e))?;
    Ok((file, metadata.len()))
}

fn check_length(length: u64, limits: &Limits) -> Result<(), InputProblem> {
    match length {
        0 => Err(InputProblem::Empty),
        n if n > limits.file_bytes => {
            Err(InputProblem::TooLarge(format!("{n} bytes, and a file may have {}", limits.file_bytes)))
        }
        _ => Ok(()),
    }
}

fn unreadable(error: &std::io::Error) -> InputProblem {
    InputProblem::Unreadable(refusal(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const PDF: &[u8] = b"%PDF-1.4\n";
    const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x00\x00\x00";

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, bytes) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("below the folder")).expect("created");
            fs::write(path, bytes).expect("written");
        }
        folder
    }

    fn collect_in(folder: &tempfile::TempDir, inputs: &[&str]) -> Inputs {
        let inputs: Vec<PathBuf> = inputs.iter().map(|name| folder.path().join(name)).collect();
        collect(&inputs, &Limits::default())
    }

    fn names(inputs: &Inputs) -> Vec<&str> {
        inputs.documents.iter().map(|document| document.file.as_str()).collect()
    }

    #[test]
    fn a_typed_folder_without_files_gets_a_row_and_one_below_it_does_not() {
        let folder = folder(&[("a/1.pdf", PDF), ("empty/.DS_Store", b"x")]);
        fs::create_dir(folder.path().join("a/none")).expect("created");
        let inputs = collect_in(&folder, &["a", "empty"]);
        assert_eq!(names(&inputs), ["1.pdf"]);
        let rejected: Vec<_> = inputs.rejected.iter().map(|r| (r.file.as_str(), r.problem.clone())).collect();
        assert_eq!(rejected, [("empty", InputProblem::EmptyFolder)]);
    }

    #[test]
    fn a_folder_gives_its_documents_sorted_and_every_other_file_a_row() {
        let folder = folder(&[
            ("b/2.pdf", PDF),
            ("b/1.gif", GIF),
            ("a.bin", b"plain"),
            ("b/notes.TXT", b"plain"),
            ("b/noise.txt", b"\xff\xff\xff"),
            ("empty.jpg", b""),
            (".DS_Store", b"x"),
            ("Thumbs.db", b"x"),
            ("b/~$letter.docx", b"x"),
            ("b/.git/config", b"x"),
        ]);
        let inputs = collect_in(&folder, &[""]);
        assert_eq!(names(&inputs), ["b/1.gif", "b/2.pdf", "b/notes.TXT"]);
        let rejected: Vec<_> = inputs.rejected.iter().map(|r| (r.file.as_str(), r.problem.clone())).collect();
        assert_eq!(
            rejected,
            [
                ("a.bin", InputProblem::Unsupported),
                ("b/noise.txt", InputProblem::Unsupported),
                ("empty.jpg", InputProblem::Empty)
            ]
        );
    }

    #[test]
    fn type_is_decided_by_content() {
        let folder = folder(&[("wrong.jpg", b"junk\r\n%PDF-1.7\n"), ("none", GIF)]);
        let inputs = collect_in(&folder, &[""]);
        let kinds: Vec<_> = inputs.documents.iter().map(|d| d.kind).collect();
        assert_eq!(kinds, [DocumentKind::Image(ImageKind::Gif), DocumentKind::Pdf]);
    }

    #[test]
    fn equal_names_below_two_inputs_stay_apart() {
        let folder = folder(&[("x/1.pdf", PDF), ("y/1.pdf", PDF), ("y/2.pdf", PDF), ("z/x/1.PDF", PDF)]);
        let inputs = collect_in(&folder, &["x", "y", "z/x"]);
        assert_eq!(names(&inputs), ["2.pdf", "x/1.pdf", "x/1~2.PDF", "y/1.pdf"]);
    }

    #[test]
    fn a_file_given_twice_is_examined_once() {
        let folder = folder(&[("1.pdf", PDF)]);
        let inputs = collect_in(&folder, &["1.pdf", "", "./1.pdf"]);
        assert_eq!(names(&inputs), ["1.pdf"]);
        assert_eq!(inputs.duplicates.len(), 2);
    }

    #[test]
    fn patterns_are_expanded_and_an_idle_one_is_reported() {
        let folder = folder(&[("1.pdf", PDF), ("2.pdf", PDF), ("3.gif", GIF), ("[old].gif", GIF)]);
        assert_eq!(names(&collect_in(&folder, &["*.pdf", "[old].gif"])), ["1.pdf", "2.pdf", "[old].gif"]);
        let idle = collect_in(&folder, &["*.png", "missing.pdf"]);
        let problems: Vec<_> = idle.rejected.iter().map(|r| r.problem.clone()).collect();
        assert_eq!(problems, [InputProblem::NoMatch, InputProblem::Missing]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_goes_round_is_reported() {
        let folder = folder(&[("a/1.pdf", PDF)]);
        std::os::unix::fs::symlink(folder.path(), folder.path().join("a/up")).expect("linked");
        std::os::unix::fs::symlink("nowhere", folder.path().join("a/dangling.pdf")).expect("linked");
        let inputs = collect_in(&folder, &[""]);
        assert_eq!(names(&inputs), ["a/1.pdf"]);
        assert_eq!(inputs.rejected.len(), 2, "{:?}", inputs.rejected);
        assert_eq!(inputs.rejected[1].problem, InputProblem::LinkLoop);
    }

    #[test]
    fn sizes_are_checked_before_reading() {
        let folder = folder(&[("1.pdf", b"%PDF-1.4 and more")]);
        let limits = Limits { file_bytes: 10, ..Limits::default() };
        let inputs = collect(&[folder.path().to_owned()], &limits);
        assert!(matches!(inputs.rejected[0].problem, InputProblem::TooLarge(_)));
        assert!(matches!(Limits::default().check_size(100_000, 10), Err(InputProblem::TooLarge(_))));
        assert!(matches!(Limits::default().check_size(60_000, 60_000), Err(InputProblem::TooLarge(_))));
        assert!(matches!(Limits::default().check_size(0, 7), Err(InputProblem::Damaged(_))));
        assert_eq!(Limits::default().check_size(12_000, 9_000), Ok(()));
    }
}
