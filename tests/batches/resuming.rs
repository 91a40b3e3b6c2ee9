//! A batch that was ended in the middle goes on, and does nothing twice.

use std::collections::BTreeMap;
use std::path::Path;

use image::{Rgb, RgbImage};
use zhegai::identity::Applicant;
use zhegai::input;
use zhegai::mask::MaskParams;
use zhegai::output::{Existing, OutputFolder, SealingKey};
use zhegai::pipeline::{self, Assignment, Event, MaskSettings, Memory, Settings};
use zhegai::report::PageReport;
use zhegai::stream::Interrupt;

use crate::{assets, engine, identity};

/// Rows by file; ends after so many documents.
fn masked(inputs: &Path, folder: &Path, memory: &Path, most: usize) -> BTreeMap<String, PageReport> {
    let settings = Settings { jobs: 1, ..Settings::default() };
    let someone = identity(&Applicant::new("张伟", "天山草业科技有限公司").expect("usable"));
    let documents = input::collect(&[inputs.to_owned()], &settings.limits).documents;
    let assignments: Vec<_> = documents
        .into_iter()
        .map(|document| Assignment { document, identity: someone.clone(), applicant_id: None, category: None })
        .collect();
    let output = OutputFolder::open(folder, Existing::Replace, []).expect("a folder");
    let key = SealingKey::kept_in(memory.parent().expect("in a folder")).expect("a key");
    let memory = Memory::open(memory, true, key, "").expect("opened");
    let masking = MaskSettings { paint: MaskParams::default(), flatten: false, max_bytes: None };
    let (interrupt, mut rows) = (Interrupt::new(), BTreeMap::new());
    let mut listen = |event: Event<'_>| {
        if let Event::Document(pages) = event {
            // Written and read again, times may differ in the last digit.
            let plain = |page: &PageReport| PageReport { elapsed_ms: BTreeMap::new(), ..page.clone() };
            rows.extend(pages.iter().map(|page| (page.file.clone(), plain(page))));
            if rows.len() >= most {
                interrupt.set();
            }
        }
    };
    let memory = Some(&memory);
    pipeline::mask(&assignments, engine(), assets(), &settings, &masking, &output, memory, &interrupt, &mut listen)
        .expect("the batch ends well");
    rows
}

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("listed").filter_map(Result::ok);
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn an_interrupted_masking_goes_on_and_identical_files_are_masked_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (inputs, copies, memory) = (folder.path().join("in"), folder.path().join("out"), folder.path().join("memory"));
    std::fs::create_dir(&inputs).expect("made");
    for (name, x) in [("a.png", 10), ("b.png", 20), ("c.png", 30), ("d.png", 10), ("e.png", 40)] {
        // Much on it, so that the batch is still running when the first page is told of.
        let paper = RgbImage::from_fn(620, 877, |across, down| {
            let inked = down / 24 % 2 == 1 && (across / 3 * x + down) % 7 < 3;
            Rgb([if inked { 0 } else { 255 }; 3])
        });
        paper.save(inputs.join(name)).expect("written");
    }
    let first = masked(&inputs, &copies, &memory, 1);
    assert!(!first.is_empty() && first.len() < 5, "ended in the middle: {}", first.len());
    let delivered = files(&copies);
    assert!(!delivered.iter().any(|name| name.contains("unverified")), "{delivered:?}");
    let journal = || std::fs::read_to_string(&memory).expect("read").lines().count();
    let second = masked(&inputs, &copies, &memory, usize::MAX);
    assert_eq!(files(&copies), ["a.png", "b.png", "c.png", "d.png", "e.png"]);
    assert_eq!(second.keys().collect::<Vec<_>>(), ["a.png", "b.png", "c.png", "d.png", "e.png"]);
    for (file, row) in &first {
        assert_eq!(second.get(file), Some(row), "as it was");
    }
    // Of each different file the original, its copy, and what became of it; of the same file only the last.
    assert_eq!(journal(), 4 * 3 + 1);
    let third = masked(&inputs, &copies, &memory, usize::MAX);
    assert_eq!((third, journal()), (second, 4 * 3 + 1), "nothing is done again");
    std::fs::write(copies.join("b.png"), b"spoilt").expect("written");
    masked(&inputs, &copies, &memory, usize::MAX);
    assert_ne!(std::fs::read(copies.join("b.png")).expect("read"), b"spoilt", "a copy that changed is made again");
}
