//! `zhegai bench` on two small files.

use std::fs;

use serde_json::Value;

use super::{outcome, zhegai};

/// A blank page and a page with a black block, as PNG files of two kinds.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, block) in [("1_blank.png", false), ("2_block.png", true)] {
        let pixels = image::GrayImage::from_fn(400, 560, |x, y| {
            image::Luma([if block && (100..300).contains(&x) && (100..140).contains(&y) { 0 } else { 255 }])
        });
        pixels.save(folder.path().join(name)).expect("written");
    }
    fs::write(folder.path().join("notes.bin"), b"no document").expect("written");
    folder
}

#[test]
fn a_bench_tells_speed_stages_and_memory_as_a_table_and_as_json() {
    let folder = folder();
    let json = folder.path().join("figures.json");
    let (code, stdout, stderr) =
        outcome(zhegai().args(["bench", "--jobs", "1,2", "--rounds", "2"]).arg("--json").arg(&json).arg(folder.path()));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("detect") && stdout.contains("pages/s") && stdout.contains("peak memory"), "{stdout}");
    let figures: Value = serde_json::from_slice(&fs::read(&json).expect("the figures")).expect("JSON");
    assert_eq!(figures["rounds"].as_array().map(Vec::len), Some(4));
    let kinds: Vec<&str> =
        figures["kinds"].as_array().expect("kinds").iter().filter_map(|kind| kind["kind"].as_str()).collect();
    assert_eq!(kinds, ["blank", "block", "all"]);
    assert!(figures["kinds"][1]["stages_ms"]["detect"].as_f64() > Some(0.0), "{figures}");
    let efficiency = &figures["throughput"][0]["efficiency"];
    assert_eq!((figures["throughput"][1]["jobs"].as_u64(), efficiency.as_f64()), (Some(2), Some(1.0)));
}

#[test]
fn a_bench_that_masks_verifies_its_copies_and_leaves_nothing_behind() {
    let folder = folder();
    let before = fs::read_dir(folder.path()).expect("listed").count();
    let (code, _, stderr) = outcome(zhegai().args(["bench", "--mask"]).arg(folder.path()));
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), before);
}

#[test]
fn a_folder_without_documents_cannot_be_measured() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, _, stderr) = outcome(zhegai().arg("bench").arg(folder.path()));
    assert_eq!(code, Some(2));
    assert!(stderr.contains("no file"), "{stderr}");
}
