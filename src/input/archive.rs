//! ZIP file → its members, listed without reading them and read one at a time into memory; nothing is unpacked to
//! disk. What an archive may do to a reader (bombs, names that lead out of it, members under one name) is refused.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use encoding_rs::GB18030;
use zip::read::{ZipArchiveMetadata, ZipFileEntry, ZipReadOptions};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::Limits;
use crate::error::{InputProblem, refusal as refused_by_system};

/// A member that decompresses to fewer bytes than this is read whatever its ratio: an empty page's bitmap shrinks a
/// thousandfold.
const SMALL_BYTES: u64 = 100 << 20;
/// Bytes out for a byte in above which a large member or archive is a bomb. Deflate reaches 1,032; scans as bitmaps
/// of 300 dpi reach some 100.
const MAX_RATIO: u64 = 200;

/// Where a member is; its archive is opened again for each reading, so that a batch of a thousand archives does not
/// hold a thousand files open.
#[derive(Clone)]
pub struct Member {
    /// The archive on disk.
    pub archive: PathBuf,
    directory: Arc<ZipArchiveMetadata>,
    index: usize,
}

impl std::fmt::Debug for Member {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "member {} of {}", self.index, self.archive.display())
    }
}

impl PartialEq for Member {
    fn eq(&self, other: &Self) -> bool {
        (&self.archive, self.index) == (&other.archive, other.index)
    }
}

impl Eq for Member {}

/// A member as listed.
pub(super) struct Listed {
    /// Its path in the archive with `/`, without anything that leads out of it.
    pub(super) name: String,
    /// How to read it, or why it cannot be.
    pub(super) member: Result<Member, InputProblem>,
}

/// True when `head` begins a ZIP file, an empty one included.
pub(super) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// What a ZIP file is by its members' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contents {
    /// A document of a word processor (.docx).
    Word,
    /// Another office document, a program or the like.
    Package,
    /// An archive of files.
    Archive,
}

/// What the ZIP file is; an archive when its directory cannot be read, which listing it will then tell.
pub(super) fn contents(reader: impl Read + Seek) -> Contents {
    let Ok(archive) = ZipArchive::new(reader) else { return Contents::Archive };
    let has = |name: &str| archive.file_names_raw().any(|raw| raw == name.as_bytes());
    match (has("[Content_Types].xml") || has("mimetype") || has("META-INF/MANIFEST.MF"), has("word/document.xml")) {
        (true, true) => Contents::Word,
        (true, false) => Contents::Package,
        (false, _) => Contents::Archive,
    }
}

/// All members that are files.
///
/// # Errors
/// When the archive as a whole is refused.
pub(super) fn list(path: &Path, limits: &Limits) -> Result<Vec<Listed>, InputProblem> {
    let file = File::open(path).map_err(|error| InputProblem::Unreadable(refused_by_system(&error)))?;
    let packed_bytes = file.metadata().map_or(0, |metadata| metadata.len());
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| problem(&error))?;
    if archive.has_duplicate_names() {
        return Err(InputProblem::Damaged("the archive has two members of the same name".into()));
    }
    if archive.len() > limits.archive_members {
        let (count, limit) = (archive.len(), limits.archive_members);
        return Err(InputProblem::TooLarge(format!("{count} members, and an archive may have {limit}")));
    }
    if archive.has_overlapping_files().map_err(|error| problem(&error))? {
        return Err(InputProblem::Damaged("the archive's members overlap, as only an attack makes them".into()));
    }
    let directory = archive.metadata();
    let entries = || (0..directory.len()).filter_map(|index| Some((index, directory.entry(index).ok()?)));
    let bytes = entries().fold(0u64, |sum, (_, entry)| sum.saturating_add(entry.size()));
    if bytes > limits.archive_bytes {
        let limit = limits.archive_bytes;
        return Err(InputProblem::TooLarge(format!("unpacks to {bytes} bytes, and an archive may have {limit}")));
    }
    if is_bomb(bytes, packed_bytes) {
        return Err(bomb(bytes, packed_bytes));
    }
    Ok(entries()
        .filter(|(_, entry)| !entry.is_dir())
        .map(|(index, entry)| {
            let (name, leads_out) = safe_name(&decoded(&entry));
            let refused = refusal(&entry, leads_out, limits);
            let member = Member { archive: path.to_owned(), directory: Arc::clone(&directory), index };
            Listed { name, member: refused.map_or(Ok(member), Err) }
        })
        .collect())
}

fn refusal(entry: &ZipFileEntry<'_>, leads_out: bool, limits: &Limits) -> Option<InputProblem> {
    let supported = matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated);
    match entry.size() {
        _ if leads_out => Some(InputProblem::Damaged("its name in the archive leads out of the archive".into())),
        _ if entry.encrypted() => Some(InputProblem::Encrypted),
        _ if entry.is_symlink() => Some(InputProblem::Unreadable("a link inside an archive".into())),
        _ if !supported => {
            Some(InputProblem::Unreadable("packed by another method than Deflate: save as a plain ZIP".into()))
        }
        0 => Some(InputProblem::Empty),
        bytes if bytes > limits.file_bytes => {
            Some(InputProblem::TooLarge(format!("{bytes} bytes, and a file may have {}", limits.file_bytes)))
        }
        bytes if is_bomb(bytes, entry.compressed_size()) => Some(bomb(bytes, entry.compressed_size())),
        _ => None,
    }
}

fn is_bomb(bytes: u64, packed_bytes: u64) -> bool {
    bytes > SMALL_BYTES && bytes / packed_bytes.max(1) > MAX_RATIO
}

fn bomb(bytes: u64, packed_bytes: u64) -> InputProblem {
    InputProblem::TooLarge(format!("unpacks from {packed_bytes} to {bytes} bytes, as only an attack does"))
}

impl Member {
    /// Its size as the archive states it.
    pub(super) fn bytes(&self) -> u64 {
        self.directory.entry(self.index).map_or(0, |entry| entry.size())
    }

    /// Its bytes, at most `limit` and one; the sizes that the archive states are not trusted.
    pub(super) fn read(&self, limit: u64) -> Result<Vec<u8>, InputProblem> {
        let file = File::open(&self.archive).map_err(|error| InputProblem::Unreadable(refused_by_system(&error)))?;
        let mut file = BufReader::new(file);
        let entry = self.directory.entry(self.index).map_err(|error| problem(&error))?;
        let stated = entry.size();
        let reader = entry.with_reader(&mut file, ZipReadOptions::new()).map_err(|error| problem(&error))?;
        let mut bytes = Vec::new();
        reader
            .take(limit.min(stated).saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| InputProblem::Damaged(format!("cannot be unpacked: {error}")))?;
        if bytes.len() as u64 > stated {
            return Err(InputProblem::Damaged("unpacks to more bytes than the archive states".into()));
        }
        Ok(bytes)
    }
}

/// The members of a ZIP file in memory whose names `wanted` accepts, with their bytes: at most `limit` bytes in all.
///
/// # Errors
/// When it is no ZIP file, is encrypted, or unpacks to more.
pub(crate) fn members_of(
    bytes: &[u8],
    limit: u64,
    mut wanted: impl FnMut(&str) -> bool,
) -> Result<Vec<(String, Vec<u8>)>, InputProblem> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| problem(&error))?;
    let mut members = Vec::new();
    let mut left = limit;
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(|error| problem(&error))?;
        let name = String::from_utf8_lossy(file.name_raw()).into_owned();
        if file.is_dir() || !wanted(&name) {
            continue;
        }
        let mut member = Vec::new();
        file.take(left.saturating_add(1))
            .read_to_end(&mut member)
            .map_err(|error| InputProblem::Damaged(format!("cannot be unpacked: {error}")))?;
        left = left
            .checked_sub(member.len() as u64)
            .ok_or_else(|| InputProblem::TooLarge(format!("unpacks to more than {limit} bytes")))?;
        members.push((name, member));
    }
    Ok(members)
}

/// Names without the mark of UTF-8 are in the writer's own encoding: that of Chinese Windows, unless they happen to
/// be UTF-8, which many programs write without saying so.
fn decoded(entry: &ZipFileEntry<'_>) -> String {
    let raw = entry.name_raw();
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => GB18030.decode(raw).0.into_owned(),
    }
}

/// A relative path with `/`, and whether the name meant another place. Programs on Windows write `\`.
fn safe_name(name: &str) -> (String, bool) {
    let absolute = name.starts_with(['/', '\\']) || name.as_bytes().get(1) == Some(&b':');
    let mut leads_out = absolute || name.contains('\0');
    let mut parts = Vec::new();
    for part in name.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                leads_out = true;
                parts.push("_".to_owned());
            }
            part => parts.push(part.replace(['\0', ':'], "_")),
        }
    }
    if parts.is_empty() {
        parts.push("_".to_owned());
    }
    (parts.join("/"), leads_out)
}

fn problem(error: &ZipError) -> InputProblem {
    match error {
        ZipError::Io(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            InputProblem::Unreadable(refused_by_system(error))
        }
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            InputProblem::Encrypted
        }
        other => InputProblem::Damaged(other.to_string()),
    }
}

#[cfg(test)]
mod tests;
