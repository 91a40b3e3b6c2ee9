//! Masked copies of the demo batch.

use std::collections::BTreeMap;
use std::path::Path;

use zhegai::geometry::Quad;
use zhegai::identity::Applicant;
use zhegai::input::{DocumentKind, Limits};
use zhegai::mask::MaskParams;
use zhegai::output::{Existing, OutputFolder};
use zhegai::pdf::Pdfium;
use zhegai::pdf::render::RenderParams;
use zhegai::pdf::text::GlyphRun;
use zhegai::pipeline::{self, Assignment, Event, MaskSettings, Settings};
use zhegai::raster::Raster;
use zhegai::raster::decode::ImageFile;
use zhegai::report::{PageReport, Verdict};
use zhegai::stream::Interrupt;

use crate::{assets, assignments, engine, fixtures, identity, truth};

fn masked(assignments: &[Assignment], folder: &Path) -> Vec<PageReport> {
    let output = OutputFolder::open(folder, Existing::Keep, []).expect("a new folder");
    let masking = MaskSettings { paint: MaskParams::default(), flatten: false, max_bytes: None };
    let mut rows = Vec::new();
    pipeline::mask(
        assignments,
        engine(),
        assets(),
        &Settings::default(),
        &masking,
        &output,
        None,
        &Interrupt::new(),
        &mut |event| {
            if let Event::Document(pages) = event {
                rows.extend_from_slice(pages);
            }
        },
    )
    .expect("PDFium loads");
    rows
}

/// A page of a saved file as a reader sees it.
fn page(path: &Path, kind: DocumentKind, page: u32) -> Raster {
    let bytes = std::fs::read(path).expect("the copy is there");
    let index = page as usize - 1;
    match kind {
        DocumentKind::Image(kind) => {
            let file = ImageFile::open(&bytes, kind, &Limits::default()).expect("an image");
            file.page(index).expect("the page decodes").raster
        }
        DocumentKind::Pdf => {
            let pdfium = Pdfium::load(assets()).expect("PDFium loads");
            let document = pdfium.open(&bytes).expect("a PDF");
            document.render(index, &RenderParams::default()).expect("the page renders").raster
        }
        DocumentKind::Text(_) => panic!("a text has no pages"),
    }
}

/// Share of black pixels inside the text's own quad, sampled.
fn blackness(raster: &Raster, quad: &Quad) -> f32 {
    let [a, b, c, d] = quad.0;
    let (columns, rows) = (60, 20);
    let black = (0..columns * rows).filter(|i| {
        let (along, across) = ((i % columns) as f32 + 0.5, (i / columns) as f32 + 0.5);
        let (along, across) = (along / columns as f32, across / rows as f32);
        let point = a.lerp(b, along).lerp(d.lerp(c, along), across);
        let (x, y) = (point.x.max(0.0) as u32, point.y.max(0.0) as u32);
        raster.pixels.get_pixel_checked(x, y).is_some_and(|pixel| pixel.0.iter().all(|&c| c < 40))
    });
    black.count() as f32 / (columns * rows) as f32
}

#[test]
fn the_demo_batch_is_masked_where_it_must_be_and_readable_elsewhere() {
    let demo = fixtures().join("demo");
    let applicant = Applicant {
        id: None,
        name: "张伟".into(),
        unit: "天山草业科技有限公司".into(),
        aliases: vec!["天山草业".into()],
        former_units: vec!["北塔县草原工作站".into()],
    };
    let someone = identity(&applicant);
    let assignments = assignments(&demo.join("batch"), &|_| Some(someone.clone()));
    let originals: BTreeMap<_, _> = assignments
        .iter()
        .map(|a| (a.document.file.clone(), std::fs::read(a.document.source.path()).expect("an input")))
        .collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let rows = masked(&assignments, folder.path());

    for assignment in &assignments {
        let now = std::fs::read(assignment.document.source.path()).expect("an input");
        assert!(originals[&assignment.document.file] == now, "{} was changed", assignment.document.file);
    }
    let mut wrong = Vec::new();
    for truth in truth::pages(&demo.join("truth.jsonl")) {
        let file = truth.file.strip_prefix("batch/").unwrap_or(&truth.file);
        let row = rows.iter().find(|row| row.file == file && row.page == truth.page).expect("a row a page");
        assert!(row.verdict <= Verdict::Review, "{file}: {row:?}");
        let kind = assignments.iter().find(|a| a.document.file == file).expect("an input").document.kind;
        let copy = page(&folder.path().join(file), kind, truth.page);
        for part in truth.targets.iter().flat_map(|target| &target.parts) {
            if blackness(&copy, &part.quad) < 0.9 {
                wrong.push(format!("{file} page {}: {} shows", truth.page, part.text));
            }
        }
        for part in truth.distractors.iter().filter(|d| !d.under_own_seal).flat_map(|d| &d.parts) {
            if blackness(&copy, &part.quad) > 0.8 {
                wrong.push(format!("{file} page {}: {} is covered", truth.page, part.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_masked_pdf_holds_no_trace_of_what_was_masked() {
    let source = fixtures().join("demo/batch/A001/业绩成果");
    let applicant = Applicant::new("张伟", "天山草业科技有限公司").expect("a sound applicant");
    let someone = identity(&applicant);
    let assignments = assignments(&source, &|file| (file == "项目验收报告.pdf").then(|| someone.clone()));
    assert_eq!(assignments.len(), 1);
    let folder = tempfile::tempdir().expect("a temporary folder");
    masked(&assignments, folder.path());
    let bytes = std::fs::read(folder.path().join(&assignments[0].document.file)).expect("the copy is there");
    let pdfium = Pdfium::load(assets()).expect("PDFium loads");
    let document = pdfium.open(&bytes).expect("a PDF");
    for index in 0..document.page_count() {
        let shown = document.render(index, &RenderParams::default()).expect("the page renders");
        let text: String = document.text(index, &shown.frame).expect("its text").iter().map(GlyphRun::text).collect();
        assert!(!text.contains("张伟") && !text.contains("天山草业"), "page {}: {text}", index + 1);
    }
}
