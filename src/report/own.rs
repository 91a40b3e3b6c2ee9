//! Paths → whether they are a report that this program wrote, so that a batch whose folder holds the report of an earlier
//! run does not take it for the applicant's material.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::folder::{FILES, LINES, PICTURES, is_picture};
use super::{LineType, SCHEMA};

/// Bytes of a first line that are looked at: a page with some thousand findings.
const LONGEST_LINE: u64 = 1 << 22;

/// Knows the folders that it was asked about.
#[derive(Debug, Default)]
pub struct OwnReports(BTreeMap<PathBuf, bool>);

impl OwnReports {
    /// True for the files of a report and the pictures below it.
    pub fn hold(&mut self, path: &Path) -> bool {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
            return false;
        };
        if FILES.contains(&name) {
            return self.is_report(folder);
        }
        let above = folder.file_name().is_some_and(|name| name == PICTURES).then(|| folder.parent()).flatten();
        is_picture(name) && above.is_some_and(|above| self.is_report(above))
    }

    fn is_report(&mut self, folder: &Path) -> bool {
        if let Some(&known) = self.0.get(folder) {
            return known;
        }
        let is_report = FILES.iter().all(|name| folder.join(name).is_file()) && starts_as_report(&folder.join(LINES));
        self.0.insert(folder.to_owned(), is_report);
        is_report
    }
}

/// What the first line of any report has.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    _line: LineType,
    schema: u32,
}

fn starts_as_report(lines: &Path) -> bool {
    let first = || {
        let mut line = String::new();
        BufReader::new(File::open(lines).ok()?.take(LONGEST_LINE)).read_line(&mut line).ok()?;
        serde_json::from_str::<Head>(&line).ok()
    };
    first().is_some_and(|head| head.schema == SCHEMA)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Earlier, FirstLanguage, ReportFolder, Summary};

    #[test]
    fn a_report_is_told_from_files_that_only_are_called_so() {
        let (report, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let written =
            ReportFolder::create(report.path(), Earlier::Kept, [], None, FirstLanguage::OfBrowser).expect("a report");
        written.finish(&Summary::new()).expect("written");
        for name in FILES {
            std::fs::write(other.path().join(name), "项目,结论\n").expect("written");
        }
        let mut own = OwnReports::default();
        for name in FILES {
            assert!(own.hold(&report.path().join(name)), "{name}");
            assert!(!own.hold(&other.path().join(name)), "{name}");
        }
        let picture = format!("{PICTURES}/{}.jpg", "0".repeat(16));
        assert!(!own.hold(&other.path().join(picture)));
        assert!(!own.hold(&report.path().join("report.pdf")), "material beside a report is examined");
        assert!(
            !own.hold(&report.path().join(PICTURES).join("奖状.jpg")),
            "only the report's own pictures are passed over"
        );
    }
}
