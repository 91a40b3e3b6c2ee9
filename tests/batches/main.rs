//! Whole batches through the public interface, with the real models, against what is known of the fixtures.

#![allow(clippy::disallowed_methods, reason = "tests read and write their own files")]

mod bad_inputs;
/// The renderers that crash are commands of a shell.
#[cfg(unix)]
mod crashes;
mod masking;
mod pages;
mod resuming;
mod truth;
mod turned;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use zhegai::assets::Assets;
use zhegai::examine::Engine;
use zhegai::face::FaceMask;
use zhegai::identity::{Applicant, Identity};
use zhegai::input;
use zhegai::ocr::ModelSize;
use zhegai::pipeline::{self, Assignment, Event, Settings};
use zhegai::report::PageReport;
use zhegai::stream::Interrupt;

fn assets() -> &'static Assets {
    static ASSETS: OnceLock<Assets> = OnceLock::new();
    ASSETS.get_or_init(|| Assets::ready().expect("a cache folder"))
}

/// Loaded once for all tests; loading fetches the assets when they are not there.
fn engine() -> &'static Arc<Engine> {
    static ENGINE: OnceLock<Arc<Engine>> = OnceLock::new();
    ENGINE.get_or_init(|| Arc::new(Engine::load(assets(), ModelSize::Small, FaceMask::Eyes).expect("the models load")))
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn identity(applicant: &Applicant) -> Arc<Identity> {
    Arc::new(Identity::new(applicant, &[]))
}

/// The documents below a folder, each for the applicant that `whose` names.
fn assignments(folder: &Path, whose: &dyn Fn(&str) -> Option<Arc<Identity>>) -> Vec<Assignment> {
    let inputs = input::collect(&[folder.to_owned()], &Settings::default().limits);
    let with_identity = inputs.documents.into_iter().filter_map(|document| {
        let identity = whose(&document.file)?;
        Some(Assignment { document, identity, applicant_id: None, category: None })
    });
    with_identity.collect()
}

/// All rows of a checked batch by file and page.
fn checked(assignments: &[Assignment]) -> BTreeMap<(String, u32), PageReport> {
    let mut rows = BTreeMap::new();
    let mut collect = |event: Event<'_>| {
        if let Event::Document(pages) = event {
            rows.extend(pages.iter().map(|page| ((page.file.clone(), page.page), page.clone())));
        }
    };
    pipeline::check(assignments, engine(), assets(), &Settings::default(), None, &Interrupt::new(), &mut collect)
        .expect("PDFium loads");
    rows
}
