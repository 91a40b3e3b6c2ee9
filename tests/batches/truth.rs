//! The fixtures' truth files, in the format of fixtures/README.md.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use zhegai::geometry::{Bbox, Point, Quad};
use zhegai::identity::{Applicant, Identity};
use zhegai::report::Finding;

#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    pub(crate) file: String,
    pub(crate) page: u32,
    pub(crate) applicant_id: String,
    pub(crate) needs_masking: bool,
    pub(crate) targets: Vec<Target>,
    pub(crate) distractors: Vec<Distractor>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) parts: Vec<Part>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Distractor {
    pub(crate) parts: Vec<Part>,
    pub(crate) under_own_seal: bool,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Part {
    pub(crate) text: String,
    pub(crate) bbox: Bbox,
    pub(crate) quad: Quad,
}

#[derive(Debug, Deserialize)]
struct Person {
    applicant_id: String,
    name: String,
    unit: String,
    aliases: Vec<String>,
    former_units: Vec<String>,
}

pub(crate) fn pages(path: &Path) -> Vec<Page> {
    let text = std::fs::read_to_string(path).expect("the truth file is there");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of truth")).collect()
}

pub(crate) fn applicants(path: &Path) -> BTreeMap<String, Arc<Identity>> {
    let text = std::fs::read_to_string(path).expect("the list of applicants is there");
    let people: Vec<Person> = serde_json::from_str(&text).expect("a list of applicants");
    people.into_iter().map(|person| (person.applicant_id.clone(), identity_of(person))).collect()
}

fn identity_of(person: Person) -> Arc<Identity> {
    let Person { name, unit, aliases, former_units, .. } = person;
    let applicant = Applicant { id: None, name, unit, aliases, former_units };
    Arc::new(Identity::new(&applicant.validated().expect("a sound applicant"), &[]))
}

/// Share of a box that the findings cover, sampled.
pub(crate) fn covered<'f>(bbox: Bbox, findings: impl Iterator<Item = &'f Finding>) -> f32 {
    let places: Vec<Bbox> = findings.filter_map(|finding| finding.bbox).collect();
    let (columns, rows) = (20, 6);
    let inside = (0..columns * rows).filter(|i| {
        let (across, down) = ((i % columns) as f32 + 0.5, (i / columns) as f32 + 0.5);
        let x = bbox.left as f32 + across * bbox.width() as f32 / columns as f32;
        let y = bbox.top as f32 + down * bbox.height() as f32 / rows as f32;
        places.iter().any(|place| place.contains(Point::new(x, y)))
    });
    inside.count() as f32 / (columns * rows) as f32
}
