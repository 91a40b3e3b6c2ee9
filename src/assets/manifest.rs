//! `models/manifest.toml`: which file of which wheel an asset is, and what its bytes must be.

use std::sync::LazyLock;

use serde::Deserialize;

use super::Asset;

/// The manifest that is built into the program.
static EMBEDDED: LazyLock<Manifest> = LazyLock::new(|| {
    toml::from_str(include_str!("../../models/manifest.toml")).expect("the unit tests parse the same bytes")
});

/// All wheels that assets are taken from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    #[serde(rename = "wheel")]
    wheels: Vec<Wheel>,
}

/// A wheel: a ZIP file that a package index serves by name and version.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wheel {
    /// Package name.
    pub(super) name: String,
    /// Package version.
    pub(super) version: String,
    /// The wheel's file name, which names the platform too.
    pub(super) file: String,
    /// Hash of the wheel, lower-case hexadecimal.
    pub(super) sha256: String,
    /// Bytes of the wheel.
    pub(super) size: u64,
    /// The platform it is for; `None` for all.
    pub(super) platform: Option<Platform>,
    /// The CPython it is built for, without a dot; `None` for all. The files we take do not depend on it.
    pub(super) python: Option<String>,
    /// The files to take out of it.
    #[serde(rename = "asset")]
    pub(super) assets: Vec<Entry>,
}

/// A platform in pip's words and in Rust's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Platform {
    /// What `pip download --platform` takes.
    pub(super) tag: String,
    /// As in `std::env::consts::OS`.
    pub(super) os: String,
    /// As in `std::env::consts::ARCH`.
    pub(super) arch: String,
}

/// A file in a wheel.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Which asset it is.
    pub(super) asset: Asset,
    /// Its path in the wheel.
    pub(super) path: String,
    /// Hash of the file, lower-case hexadecimal.
    pub(super) sha256: String,
    /// Bytes of the file.
    pub(super) size: u64,
    /// SPDX expression of the file's licence; told in full in `models/README.md`.
    pub(super) licence: String,
}

impl Manifest {
    /// The one that is built in.
    pub(super) fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// The wheels for this platform.
    pub(super) fn wheels(&self) -> impl Iterator<Item = &Wheel> {
        self.wheels.iter().filter(|wheel| {
            wheel
                .platform
                .as_ref()
                .is_none_or(|platform| platform.os == std::env::consts::OS && platform.arch == std::env::consts::ARCH)
        })
    }

    /// The wheel that holds an asset for this platform, and the file in it; `None` when no such wheel is known.
    pub(super) fn find(&self, asset: Asset) -> Option<(&Wheel, &Entry)> {
        self.wheels()
            .find_map(|wheel| wheel.assets.iter().find(|entry| entry.asset == asset).map(|entry| (wheel, entry)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_asset_is_in_the_embedded_manifest_once() {
        for asset in Asset::ALL {
            let entries = Manifest::embedded().wheels().flat_map(|wheel| &wheel.assets);
            assert_eq!(entries.filter(|entry| entry.asset == asset).count(), 1, "{}", asset.file_name());
        }
    }

    #[test]
    fn hashes_and_file_names_are_well_formed() {
        let hash =
            |text: &str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        for wheel in &Manifest::embedded().wheels {
            assert!(hash(&wheel.sha256) && wheel.size > 0, "{}", wheel.file);
            assert!(wheel.file.starts_with(&format!("{}-{}-", wheel.name, wheel.version)), "{}", wheel.file);
            for entry in &wheel.assets {
                assert!(hash(&entry.sha256) && entry.size > 0 && !entry.licence.is_empty(), "{}", entry.path);
            }
        }
    }

    #[test]
    fn pdfium_is_known_for_the_platforms_people_use() {
        for (os, arch) in [
            ("linux", "x86_64"),
            ("linux", "aarch64"),
            ("windows", "x86_64"),
            ("windows", "aarch64"),
            ("macos", "x86_64"),
            ("macos", "aarch64"),
        ] {
            let found = Manifest::embedded().wheels.iter().any(|wheel| {
                wheel.platform.as_ref().is_some_and(|platform| platform.os == os && platform.arch == arch)
            });
            assert!(found, "{os} {arch}");
        }
    }
}
