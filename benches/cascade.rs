//! What reading in two steps loses and saves against reading every line with the small model at full width:
//! `cargo bench --bench cascade -- DIR`, DIR made by `python -m generator.evaluation` (see fixtures/README.md).
//! Prints names and units found for certain, those found in any way, and milliseconds a page, by degradation.

#![allow(missing_docs, unreachable_pub, clippy::print_stdout, reason = "a bench is no library and prints its table")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use serde::Deserialize;
use zhegai::assets::Assets;
use zhegai::geometry::Bbox;
use zhegai::identity::Identity;
use zhegai::input::roster::{Entry, Roster};
use zhegai::input::{ImageKind, Limits};
use zhegai::judge;
use zhegai::ocr::{ModelSize, PageParams, PageReader};
use zhegai::raster::decode::ImageFile;
use zhegai::report::{Finding, FindingKind};

/// Share of a target's box that a finding must cover, as in the generator's score.
const HIT: f32 = 0.9;

#[derive(Deserialize)]
struct Truth {
    file: String,
    applicant_id: String,
    notes: String,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    kind: String,
    parts: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    bbox: [i32; 4],
}

#[derive(Default)]
struct Score {
    pages: usize,
    targets: usize,
    /// Of the cascade and of full reading.
    certain: [usize; 2],
    any: [usize; 2],
    seconds: [f64; 2],
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Cargo adds `--bench`.
    let Some(dir) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")) else {
        println!("no folder given: cargo bench --bench cascade -- DIR");
        return Ok(());
    };
    let dir = Path::new(&dir);
    let identities = identities(&dir.join("roster.csv"))?;
    let assets = Assets::ready()?;
    let cascade = PageReader::load(&assets, ModelSize::Small, PageParams::default())?;
    // No line scores above 1, so that every one is read again.
    let full = PageReader::load(&assets, ModelSize::Small, PageParams { unclear_score: 2.0, ..PageParams::default() })?;
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    for line in std::fs::read_to_string(dir.join("truth.jsonl"))?.lines() {
        let truth: Truth = serde_json::from_str(line)?;
        let bytes = std::fs::read(dir.join(&truth.file))?;
        let (Some(kind), Some(identity)) = (ImageKind::of(&bytes), identities.get(&truth.applicant_id)) else {
            continue;
        };
        let page = ImageFile::open(&bytes, kind, &Limits::default()).and_then(|file| file.page(0));
        let raster = page.map_err(|problem| format!("{}: {problem}", truth.file))?.raster;
        for key in [truth.notes.as_str(), "all"] {
            let score = scores.entry(key.to_owned()).or_default();
            score.pages += 1;
            score.targets += truth.targets.len();
        }
        for (way, reader) in [&cascade, &full].into_iter().enumerate() {
            let started = Instant::now();
            let text = reader.read(&raster, None, &|lines| identity.parts_that_matter(lines))?;
            let findings = judge::of_text(&identity.search(&text.lines));
            let seconds = started.elapsed().as_secs_f64();
            let hits = |certain: bool| {
                let counted: Vec<&Finding> = findings.iter().filter(|f| f.certain || !certain).collect();
                truth.targets.iter().filter(|target| is_hit(target, &counted)).count()
            };
            for key in [truth.notes.as_str(), "all"] {
                let score = scores.entry(key.to_owned()).or_default();
                score.certain[way] += hits(true);
                score.any[way] += hits(false);
                score.seconds[way] += seconds;
            }
        }
    }
    println!(
        "| degradation | pages | targets | cascade certain | any | ms | full certain | any | ms |\n|---|---|---|---|---|---|---|---|---|"
    );
    for (name, s) in &scores {
        let ms = |way: usize| s.seconds[way] / s.pages.max(1) as f64 * 1e3;
        let way = |way: usize| format!("{} | {} | {:.0}", s.certain[way], s.any[way], ms(way));
        println!("| {name} | {} | {} | {} | {} |", s.pages, s.targets, way(0), way(1));
    }
    Ok(())
}

fn is_hit(target: &Target, findings: &[&Finding]) -> bool {
    let is_same_kind = |f: &Finding| match f.kind {
        FindingKind::Name => target.kind == "name",
        FindingKind::Unit => target.kind == "unit",
        _ => false,
    };
    target.parts.iter().all(|part| {
        let [left, top, right, bottom] = part.bbox;
        let part = Bbox::from_ltrb(left, top, right, bottom);
        findings.iter().any(|f| is_same_kind(f) && f.bbox.is_some_and(|bbox| part.covered_by(bbox) >= HIT))
    })
}

fn identities(roster: &Path) -> Result<BTreeMap<String, Identity>, Box<dyn std::error::Error>> {
    let entries = Roster::parse(&std::fs::read(roster)?)?.entries;
    let identity = |entry: Entry| Ok((entry.id, Identity::new(&entry.applicant?, &[])));
    entries.into_iter().map(identity).collect()
}
