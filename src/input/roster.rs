//! The office's list of applicants (CSV) → applicants ready to be looked for. Encoding and separator are found
//! out from the bytes, since Excel saves them differently on every machine. Knows nothing of the files on disk.

mod columns;

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::identity::Applicant;

use crate::encoding::decode_text;
pub(crate) use columns::folded;

use columns::{Columns, Field};

/// Rows above which no header is looked for: a title and a remark may stand over it.
const HEADER_ROWS: usize = 10;

/// What Excel's own files begin with: .xlsx is a ZIP archive, .xls a compound file (MS-CFB).
const WORKBOOKS: [&[u8]; 2] = [b"PK\x03\x04", b"\xD0\xCF\x11\xE0"];

/// One row of the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The row's number; its applicant's folder is called like it.
    pub id: String,
    /// Whom to look for, or why this row cannot be used. The applicant's files are then not examined.
    pub applicant: std::result::Result<Applicant, String>,
    /// What the row says of the applicant's photo: a path as written.
    pub photo: Option<String>,
}

/// All applicants of a batch, in the roster's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
    /// At least one.
    pub entries: Vec<Entry>,
    by_id: BTreeMap<String, usize>,
}

impl Roster {
    /// Reads a roster from the bytes of a CSV file: UTF-8, UTF-16 or GB18030; separated by commas, semicolons or
    /// tabs; quoted as Excel does.
    ///
    /// # Errors
    /// [`Error::Settings`] when it is no such file, lacks the columns for number and name or unit, has no rows, or
    /// gives a number twice. The message tells row numbers, never names.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if WORKBOOKS.iter().any(|start| bytes.starts_with(start)) {
            return Err(settings(
                "是 Excel 工作簿，请在 Excel 或 WPS 中另存为“CSV UTF-8（逗号分隔）”",
                "is an Excel workbook: save it as “CSV UTF-8 (comma delimited)” in Excel or WPS",
            ));
        }
        let text = decode_text(bytes).ok_or_else(|| {
            settings("不是 UTF-8、UTF-16 或 GB18030 文本", "is neither UTF-8, UTF-16 nor GB18030 text")
        })?;
        let (columns, rows) = table(&text)?;
        let mut roster = Self::default();
        let mut lines_of = BTreeMap::<String, Vec<u64>>::new();
        for (line, row) in rows {
            let cell = |field| columns.values(field, &row).next().unwrap_or_default();
            let id = cell(Field::Id);
            if id.is_empty() {
                if row.iter().all(|value| value.trim().is_empty()) {
                    continue;
                }
                return Err(settings(
                    &format!("第 {line} 行没有编号"),
                    &format!("has no number, applicant_id or 编号, in line {line}"),
                ));
            }
            lines_of.entry(key(&id)).or_default().push(line);
            roster.by_id.insert(key(&id), roster.entries.len());
            let list = |field| columns.values(field, &row).flat_map(|value| split_list(&value)).collect();
            let applicant = Applicant {
                id: Some(id.clone()),
                name: cell(Field::Name),
                unit: cell(Field::Unit),
                aliases: list(Field::Aliases),
                former_units: list(Field::FormerUnits),
            };
            // Everybody has a name: a page is not to pass because a cell was left empty.
            let is_name_left_out = columns.values(Field::Name, &row).next().is_some() && applicant.name.is_empty();
            let applicant = if is_name_left_out {
                Err(format!("名册第 {line} 行没有姓名 (the roster has no name in line {line})"))
            } else {
                applicant.validated().map_err(|error| format!("{error} (line {line})"))
            };
            roster.entries.push(Entry {
                id,
                applicant,
                photo: Some(cell(Field::Photo)).filter(|photo| !photo.is_empty()),
            });
        }
        let twice: Vec<String> = lines_of
            .values()
            .filter(|lines| lines.len() > 1)
            .map(|lines| lines.iter().map(u64::to_string).collect::<Vec<_>>().join(", "))
            .collect();
        if !twice.is_empty() {
            return Err(settings(
                &format!("有重复的编号：第 {} 行", twice.join("、第 ")),
                &format!("gives the same number more than once: lines {}", twice.join("; ")),
            ));
        }
        if roster.entries.is_empty() {
            return Err(settings("没有申报人", "has no applicants"));
        }
        Ok(roster)
    }

    /// The entry whose number is the name of a folder (or of an archive, without its extension).
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.by_id.get(&key(name)).copied()
    }

    /// The names of all applicants.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter_map(|entry| entry.applicant.as_ref().ok()).map(|applicant| applicant.name.as_str())
    }

    /// Other applicants' names that contain a name of this one, for telling longer names apart.
    pub fn longer_names(&self, applicant: &Applicant) -> Vec<String> {
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let own: Vec<String> = std::iter::once(&applicant.name)
            .chain(&applicant.aliases)
            .map(|name| letters(name))
            .filter(|name| !name.is_empty())
            .collect();
        self.names()
            .filter(|other| {
                let other = letters(other);
                own.iter().any(|name| other.len() > name.len() && other.contains(name.as_str()))
            })
            .map(str::to_owned)
            .collect()
    }
}

/// Numbers are compared without regard to case and surrounding space, as file systems may change the first.
fn key(id: &str) -> String {
    id.trim().to_lowercase()
}

/// The cells of a record.
pub(crate) type Row = Vec<String>;

/// The columns and the rows below the header, each with its line number.
fn table(text: &str) -> Result<(Columns, Vec<(u64, Row)>)> {
    let text = text.trim_start_matches('\u{feff}');
    // Excel writes and reads a first line that names the separator.
    let first = text.lines().next().unwrap_or_default().trim();
    let named = first.strip_prefix("sep=").and_then(|rest| rest.bytes().next());
    let candidates = named.map_or_else(|| b",\t;".to_vec(), |separator| vec![separator]);
    let mut best: Option<(Columns, Vec<(u64, Row)>)> = None;
    let mut ambiguous = None;
    for separator in candidates {
        let rows = rows(text, separator)?;
        for (index, (line, row)) in rows.iter().enumerate().take(HEADER_ROWS) {
            match Columns::of(row) {
                Ok(columns) if columns.is_usable() => {
                    if best.as_ref().is_none_or(|(known, _)| columns.len() > known.len()) {
                        best = Some((columns, rows[index + 1..].to_vec()));
                    }
                    break;
                }
                Ok(_) => {}
                Err(field) => {
                    ambiguous.get_or_insert((field, *line));
                }
            }
        }
    }
    best.ok_or_else(|| match ambiguous {
        Some((field, line)) => settings(
            &format!("第 {line} 行有不止一列 {field}"),
            &format!("has more than one column for {field} in line {line}"),
        ),
        None => settings(
            "没有同时含“编号”列和“姓名”或“工作单位”列的表头",
            "has no header with a column for the number (applicant_id, 编号) and one for the name (name, 姓名) or the \
             unit (unit, 工作单位)",
        ),
    })
}

/// All records of a CSV text, each with its line number.
pub(crate) fn rows(text: &str, separator: u8) -> Result<Vec<(u64, Row)>> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| Error::Settings(format!("not readable as CSV: {error}")))?;
        let line = record.position().map_or(0, csv::Position::line);
        rows.push((line, record.iter().map(plain_cell).collect()));
    }
    Ok(rows)
}

/// A cell without what Excel users write around a number to keep its zeros: `="0012"`, `'0012`, a tab.
fn plain_cell(cell: &str) -> String {
    let cell = cell.trim();
    let formula = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    let cell = formula.or_else(|| cell.strip_prefix('\'')).unwrap_or(cell);
    cell.trim().to_owned()
}

fn split_list(cell: &str) -> Vec<String> {
    let separators = [';', '；', '、', '|', '｜', '\n'];
    cell.split(separators).map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn settings(zh: &str, en: &str) -> Error {
    Error::Settings(format!("名册{zh} (the roster {en})"))
}

#[cfg(test)]
mod tests;
