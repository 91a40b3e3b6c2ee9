//! Lines of text that only this user of this machine can read again: what a journal remembers of a batch holds identity
//! in clear, and lies in a folder that is handed on.

use std::io::Write;
use std::path::Path;

use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine as _};
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};

use crate::error::{Error, Result};

/// The file that holds a user's key, in the folder for the program's data.
const FILE: &str = "resume.key";
/// Bytes of a nonce; so many that random ones never meet (XChaCha20).
const NONCE: usize = 24;

/// What lines are sealed with.
pub struct SealingKey(XChaCha20Poly1305);

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SealingKey(…)")
    }
}

impl SealingKey {
    /// The key of this user, which is made when it is first asked for. Where it cannot be kept, a fresh one: what it
    /// seals is lost with the process.
    ///
    /// # Errors
    /// [`Error::Settings`] when the system gives no random numbers.
    pub fn of_this_user() -> Result<Self> {
        let folder = directories::ProjectDirs::from("", "", "zhegai").map(|dirs| dirs.data_local_dir().to_owned());
        match folder.and_then(|folder| Self::kept_in(&folder).ok()) {
            Some(key) => Ok(key),
            None => Self::fresh(),
        }
    }

    /// The key that lies in a folder, made when there is none.
    ///
    /// # Errors
    /// [`Error::Io`] when it can be neither read nor written.
    pub fn kept_in(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        let io = |source| Error::Io { path: path.clone(), source };
        if !path.exists() {
            std::fs::create_dir_all(folder).map_err(io)?;
            // Temporary files are readable by their owner only, and so this one stays.
            let mut file = tempfile::Builder::new().prefix(".zhegai-").tempfile_in(folder).map_err(io)?;
            file.write_all(&random::<32>()?).map_err(io)?;
            // Another process may have been faster: its key is the one then.
            let _ = file.persist_noclobber(&path);
        }
        let bytes = std::fs::read(&path).map_err(io)?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| io(std::io::ErrorKind::InvalidData.into()))?;
        Ok(Self::of(bytes))
    }

    /// A key that nobody has.
    ///
    /// # Errors
    /// [`Error::Settings`] when the system gives no random numbers.
    pub fn fresh() -> Result<Self> {
        random().map(Self::of)
    }

    fn of(bytes: [u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(&Key::from(bytes)))
    }

    /// The text as a line of other characters.
    ///
    /// # Errors
    /// [`Error::Settings`] when the system gives no random numbers.
    pub(super) fn seal(&self, text: &str) -> Result<String> {
        let nonce = random::<NONCE>()?;
        let sealed = self
            .0
            .encrypt(&XNonce::from(nonce), text.as_bytes())
            .map_err(|_| Error::Settings("文字过长，不能加密 (the text is too long to be sealed)".into()))?;
        Ok(BASE64_STANDARD_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    /// The text of a sealed line; `None` when it was sealed with another key or changed.
    pub(super) fn open(&self, line: &str) -> Option<String> {
        let bytes = BASE64_STANDARD_NO_PAD.decode(line).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        String::from_utf8(self.0.decrypt(&XNonce::from(*nonce), sealed).ok()?).ok()
    }
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::Settings(format!("系统不能给出随机数 (the system gives no random numbers): {error}"))
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_read_with_the_same_key_only() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let key = SealingKey::kept_in(&folder.path().join("data")).expect("made");
        let line = key.seal("张伟").expect("sealed");
        assert_ne!(line, key.seal("张伟").expect("sealed"), "equal texts do not show that they are equal");
        assert!(!line.contains('\n') && !line.contains("张伟"));
        let again = SealingKey::kept_in(&folder.path().join("data")).expect("read");
        assert_eq!(again.open(&line).as_deref(), Some("张伟"));
        assert_eq!(SealingKey::fresh().expect("made").open(&line), None);
        assert_eq!(again.open(&line[1..]), None);
    }
}
