//! A run's report in a folder: report.jsonl, report.csv, report.html, and the pages' pictures in report-pages/.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::html::{FirstLanguage, Html};
use super::{PageReport, Redactor, Summary, Verdict, csv, json_line};
use crate::error::Result;
use crate::output::{Existing, LineFile, OutputFolder, remove_unfinished};

/// The rows in full.
pub(super) const LINES: &str = "report.jsonl";
/// The rows for a spreadsheet.
const TABLE: &str = "report.csv";
/// The rows for a browser.
const PAGE: &str = "report.html";
/// The files of a report.
pub(super) const FILES: [&str; 3] = [LINES, TABLE, PAGE];
/// Where the pages' pictures are, below the report's folder.
pub(super) const PICTURES: &str = "report-pages";

/// What becomes of an earlier report in the same folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// It is an error.
    Kept,
    /// It goes.
    Replaced,
    /// It is written anew, and its pictures stay: this run goes on where the earlier one ended.
    Continued,
}

/// Takes the rows and pictures of a run as they come; nothing of a page is held once it is written.
#[derive(Debug)]
pub struct ReportFolder {
    folder: PathBuf,
    lines: LineFile,
    table: LineFile,
    page: LineFile,
    html: Html,
    /// `None` for a redacted report.
    pictures: Option<OutputFolder>,
    redactor: Option<Redactor>,
}

impl ReportFolder {
    /// Starts a report in `folder`; pictures of an earlier report there are removed. `inputs` are the files that may
    /// not be touched. With a redactor, identity is left out and there are no pictures.
    ///
    /// # Errors
    /// [`crate::Error::Output`] when there is a report already that must be kept, [`crate::Error::Io`] when the system refuses.
    pub fn create<'p>(
        folder: &Path,
        earlier: Earlier,
        inputs: impl IntoIterator<Item = &'p Path>,
        redactor: Option<Redactor>,
        first: FirstLanguage,
    ) -> Result<Self> {
        remove_unfinished(folder);
        let existing = if earlier == Earlier::Kept { Existing::Keep } else { Existing::Replace };
        let file = |name: &str| LineFile::create(&folder.join(name), existing);
        let (lines, mut table, mut page) = (file(LINES)?, file(TABLE)?, file(PAGE)?);
        let place = folder.join(PICTURES);
        let pictures = if redactor.is_none() || place.is_dir() {
            let pictures = OutputFolder::open(&place, existing, inputs)?;
            if earlier != Earlier::Continued || redactor.is_some() {
                pictures.clear(is_picture)?;
            }
            redactor.is_none().then_some(pictures)
        } else {
            None
        };
        let html = Html::default();
        table.text(&csv::head())?;
        page.text(&Html::head(first))?;
        Ok(Self { folder: folder.to_owned(), lines, table, page, html, pictures, redactor })
    }

    /// True when a report lies in the folder.
    pub fn is_in(folder: &Path) -> bool {
        FILES.iter().any(|name| folder.join(name).exists())
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// False when the report has no use for pictures.
    pub fn wants_pictures(&self) -> bool {
        self.pictures.is_some()
    }

    /// Keeps a page's picture, which comes before the page's row.
    ///
    /// # Errors
    /// [`crate::Error::Output`] or [`crate::Error::Io`] when it cannot be written.
    pub fn picture(&mut self, file: &str, page: u32, jpeg: &[u8]) -> Result<()> {
        match &self.pictures {
            Some(pictures) => pictures.write(&picture_name(file, page), jpeg).map(drop),
            None => Ok(()),
        }
    }

    /// Appends a page's row.
    ///
    /// # Errors
    /// [`crate::Error::Io`] when the system refuses.
    pub fn page(&mut self, page: &PageReport) -> Result<()> {
        let name = picture_name(&page.file, page.page);
        let picture = page.verdict != Verdict::Clean
            && self.pictures.as_ref().is_some_and(|pictures| pictures.root().join(&name).is_file());
        let picture = picture.then(|| format!("{PICTURES}/{name}"));
        let redacted;
        let page = match &self.redactor {
            Some(redactor) => {
                redacted = redactor.page(page);
                &redacted
            }
            None => page,
        };
        self.lines.line(&json_line(page))?;
        self.table.text(&csv::row(page))?;
        self.page.text(&self.html.page(page, picture.as_deref()))
    }

    /// Appends the totals and gives the files their names.
    ///
    /// # Errors
    /// As for [`Self::create`].
    pub fn finish(mut self, summary: &Summary) -> Result<()> {
        let redacted;
        let summary = match &self.redactor {
            Some(redactor) => {
                redacted = redactor.summary(summary);
                &redacted
            }
            None => summary,
        };
        self.lines.line(&json_line(summary))?;
        self.page.text(&Html::tail(summary))?;
        self.lines.finish()?;
        self.table.finish()?;
        self.page.finish()?;
        Ok(())
    }
}

/// Tells nothing of the file's name.
fn picture_name(file: &str, page: u32) -> String {
    let hash = Sha256::digest(format!("{page} {file}").as_bytes());
    let digits = hex::encode(hash);
    format!("{}.jpg", &digits[..16])
}

/// True for the names that [`picture_name`] makes.
pub(super) fn is_picture(name: &str) -> bool {
    name.strip_suffix(".jpg").is_some_and(|digits| {
        digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    })
}
