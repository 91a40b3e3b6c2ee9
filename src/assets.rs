//! Names → verified files of model weights and PDFium in the user's cache folder.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// A file that zhegai needs at run time and does not carry in its own package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
}

impl Asset {
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
            Self::Pdfium => "libpdfium.so",
        }
    }
}

/// The folder that holds the assets.
#[derive(Debug, Clone)]
pub struct Assets {
    folder: PathBuf,
}

impl Assets {
    /// The assets in the user's cache folder, or where `ZHEGAI_ASSETS` points.
    ///
    /// # Errors
    /// [`Error::Asset`] when there is no such folder.
    pub fn ready() -> Result<Self> {
        let folder = std::env::var_os("ZHEGAI_ASSETS")
            .map(PathBuf::from)
            .or_else(|| directories::ProjectDirs::from("", "", "zhegai").map(|dirs| dirs.cache_dir().join("assets")));
        folder
            .map(|folder| Self { folder })
            .ok_or_else(|| Error::Asset { name: "folder".into(), problem: "no cache folder on this system".into() })
    }

    /// Where the assets are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where an asset's file is.
    pub fn path(&self, asset: Asset) -> PathBuf {
        self.folder.join(asset.file_name())
    }

    /// An asset's bytes.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read.
    pub fn bytes(&self, asset: Asset) -> Result<Vec<u8>> {
        let path = self.path(asset);
        std::fs::read(&path).map_err(|source| Error::Io { path, source })
    }
}
