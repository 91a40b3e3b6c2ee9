//! The report: its model, schema version 1 (one object a page, then one summary; `schema/report-1.schema.json`),
//! and its writers for JSON Lines, CSV and HTML, with the redaction of identity for reports that are handed on.

mod csv;
mod folder;
mod html;
mod mend;
mod own;
mod redact;
pub mod words;

use std::collections::BTreeMap;

pub use folder::{Earlier, ReportFolder};
pub use html::FirstLanguage;
pub use mend::Mend;
pub use own::OwnReports;
pub use redact::Redactor;
use serde::{Deserialize, Serialize};

use crate::geometry::{Bbox, Quad};
use crate::identity::{Kind, is_unit_code};

/// The version of the report format that this build writes.
pub const SCHEMA: u32 = 1;

/// What kind of identity a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// The applicant's name.
    Name,
    /// The applicant's work unit.
    Unit,
    /// An official or personal seal.
    Seal,
    /// The eyes in a photo.
    Eyes,
    /// The unit's registration code.
    UnitCode,
    /// A secrecy mark.
    Classified,
    /// Identity outside the page's pixels.
    Metadata,
}

impl FindingKind {
    /// What a match of this text of the applicant's is.
    pub(crate) fn of(kind: Kind, text: &str) -> Self {
        match kind {
            Kind::Name => Self::Name,
            Kind::Unit if is_unit_code(text) => Self::UnitCode,
            Kind::Unit => Self::Unit,
        }
    }
}

/// How well a finding is covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// Can be seen or read as it is.
    Exposed,
    /// Covered for good.
    Masked,
    /// Covered in a way that can be seen through or undone (mosaic, blur, translucent).
    WeakMask,
    /// Covered by something that can be taken away (annotation, layer, drawn shape).
    RemovableMask,
    /// Not visible on the page but present in the file.
    Hidden,
    /// There, and need not be masked by the policy.
    Exempt,
}

/// Which part of the program found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Reading the page's pixels.
    Ocr,
    /// A PDF page's text layer.
    TextLayer,
    /// The seal reader.
    Seal,
    /// The face finder.
    Face,
    /// The document outside its pages' pixels.
    Document,
}

/// One thing on a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// How well it is covered.
    pub state: FindingState,
    /// Where, page-raster pixels; `None` when it has no place on the page.
    pub bbox: Option<Bbox>,
    /// The same place with its slant.
    pub quad: Option<Quad>,
    /// The identity text concerned, as the applicant's data has it or as read.
    pub text: Option<String>,
    /// 0..=1.
    pub confidence: f32,
    /// Which part of the program found it.
    pub source: Source,
    /// False when a person must decide.
    pub certain: bool,
    /// Why it is reported, in words.
    pub reason: String,
}

impl Finding {
    /// Something about the file as such that a person must look at.
    pub fn of_file(state: FindingState, reason: impl Into<String>) -> Self {
        Self {
            kind: FindingKind::Metadata,
            state,
            bbox: None,
            quad: None,
            text: None,
            confidence: 1.0,
            source: Source::Document,
            certain: false,
            reason: reason.into(),
        }
    }
}

/// What an existing cover looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkStyle {
    /// One opaque colour.
    Solid,
    /// Pixelated.
    Mosaic,
    /// Blurred.
    Blur,
    /// What lies under it shows through.
    Translucent,
    /// A PDF annotation or form field.
    Annotation,
}

/// An existing cover on a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Where, page-raster pixels.
    pub bbox: Bbox,
    /// What it looks like.
    pub style: MarkStyle,
}

/// The answer for a page, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing to mask.
    Clean,
    /// Identity was there and is covered.
    Compliant,
    /// A person must look.
    Review,
    /// It could not be examined.
    Unreadable,
    /// Something is exposed, or weakly or removably masked.
    Violation,
}

/// Marks the line's type in report.jsonl.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineType {
    /// A [`PageReport`].
    Page,
    /// A [`Summary`].
    Summary,
}

/// One page's line of the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageReport {
    /// Always [`LineType::Page`].
    #[serde(rename = "type")]
    pub line: LineType,
    /// [`SCHEMA`].
    pub schema: u32,
    /// Path relative to the input that it was found under, with `/`.
    pub file: String,
    /// From 1; 0 for the file as a whole when its pages could not be counted.
    pub page: u32,
    /// From the roster, else `None`.
    pub applicant_id: Option<String>,
    /// Raster width in pixels, 0 when there is none.
    pub width: u32,
    /// Raster height in pixels, 0 when there is none.
    pub height: u32,
    /// Raster resolution.
    pub dpi: f32,
    /// 是否需要遮盖; `None` when it cannot be told.
    pub needs_masking: Option<bool>,
    /// The answer.
    pub verdict: Verdict,
    /// Characters read on the page, without white space; `None` when nothing was read.
    pub characters: Option<u64>,
    /// What was found, in reading order.
    pub findings: Vec<Finding>,
    /// Existing covers.
    pub marks: Vec<Mark>,
    /// Remarks about the page as a whole: why it is unreadable, scaled down, or read otherwise than written.
    pub notes: Vec<String>,
    /// Milliseconds by stage.
    pub elapsed_ms: BTreeMap<String, f64>,
}

/// The last line of a report: totals of the batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Always [`LineType::Summary`].
    #[serde(rename = "type")]
    pub line: LineType,
    /// [`SCHEMA`].
    pub schema: u32,
    /// The version of zhegai that wrote it.
    pub version: String,
    /// Files examined, those that could not be read included.
    pub files: u64,
    /// Pages reported.
    pub pages: u64,
    /// Pages that hold identity, masked or not.
    pub needs_masking: u64,
    /// Pages by verdict.
    pub verdicts: BTreeMap<Verdict, u64>,
    /// The same by applicant, sorted by `applicant_id`, pages without one first.
    pub applicants: Vec<ApplicantSummary>,
    /// False when the run was interrupted: some inputs have no row.
    pub complete: bool,
    /// Duration of the run.
    pub elapsed_ms: f64,
}

/// Totals of an applicant's pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicantSummary {
    /// From the roster; `None` for pages without an applicant.
    pub applicant_id: Option<String>,
    /// Files examined, those that could not be read included.
    pub files: u64,
    /// Pages reported.
    pub pages: u64,
    /// Pages that hold identity, masked or not.
    pub needs_masking: u64,
    /// The worst verdict of all pages.
    pub verdict: Verdict,
    /// Pages by verdict.
    pub verdicts: BTreeMap<Verdict, u64>,
}

impl Summary {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self {
            line: LineType::Summary,
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            files: 0,
            pages: 0,
            needs_masking: 0,
            verdicts: BTreeMap::new(),
            applicants: Vec::new(),
            complete: true,
            elapsed_ms: 0.0,
        }
    }

    /// Counts the rows of one more file.
    pub fn add(&mut self, rows: &[PageReport]) {
        self.files += 1;
        for row in rows {
            self.pages += 1;
            self.needs_masking += u64::from(row.needs_masking == Some(true));
            *self.verdicts.entry(row.verdict).or_default() += 1;
        }
        if let Some(first) = rows.first() {
            self.applicant(first.applicant_id.as_ref()).add(rows);
        }
    }

    /// The totals of this applicant, started if need be.
    fn applicant(&mut self, applicant_id: Option<&String>) -> &mut ApplicantSummary {
        let place = match self.applicants.binary_search_by(|a| a.applicant_id.as_ref().cmp(&applicant_id)) {
            Ok(place) => place,
            Err(place) => {
                self.applicants.insert(place, ApplicantSummary::new(applicant_id.cloned()));
                place
            }
        };
        &mut self.applicants[place]
    }

    /// Pages with a verdict.
    pub fn count(&self, verdict: Verdict) -> u64 {
        self.verdicts.get(&verdict).copied().unwrap_or(0)
    }

    /// The worst verdict of all pages; `None` without pages.
    pub fn worst(&self) -> Option<Verdict> {
        self.verdicts.keys().next_back().copied()
    }
}

impl ApplicantSummary {
    fn new(applicant_id: Option<String>) -> Self {
        let (files, pages, needs_masking, verdict) = (0, 0, 0, Verdict::Clean);
        Self { applicant_id, files, pages, needs_masking, verdict, verdicts: BTreeMap::new() }
    }

    fn add(&mut self, rows: &[PageReport]) {
        self.files += 1;
        for row in rows {
            self.pages += 1;
            self.needs_masking += u64::from(row.needs_masking == Some(true));
            self.verdict = self.verdict.max(row.verdict);
            *self.verdicts.entry(row.verdict).or_default() += 1;
        }
    }
}

impl Default for Summary {
    fn default() -> Self {
        Self::new()
    }
}

/// A row from its line; `None` when it is none.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(line: &str) -> Option<T> {
    serde_json::from_str(line).ok()
}

/// A row as one line of report.jsonl, without the line end.
///
/// # Panics
/// Never: rows are plain data.
pub fn json_line<T: Serialize>(row: &T) -> String {
    serde_json::to_string(row).expect("rows are plain data with string keys")
}

#[cfg(test)]
mod tests;
