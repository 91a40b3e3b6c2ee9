//! The applicants' own answers to 是否需要遮盖 (CSV: file, page, 是/否) + the rows of the report → where the two differ.
//! Changes rows only by notes and, where they differ, the verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::encoding::decode_text;
use crate::error::{Error, Result};
use crate::input::roster::{folded, rows};
use crate::report::{PageReport, Verdict};

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// 是: there is identity, which is masked.
    Yes,
    /// 否: there is none.
    No,
}

/// Which pages a line of the file answers for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pages {
    All,
    /// From 1, both included.
    Span(u32, u32),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Declaration {
    line: u64,
    applicant_id: Option<String>,
    file: String,
    pages: Pages,
    answer: Answer,
}

/// A file of the batch for which there may be an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Submitted<'f> {
    /// As the report names it.
    pub file: &'f str,
    /// Where it is on disk; `None` for what is in an archive.
    pub path: Option<&'f Path>,
    /// Whose it is.
    pub applicant_id: Option<&'f str>,
}

/// A file of answers as read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declarations(Vec<Declaration>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Applicant,
    File,
    Page,
    Answer,
}

impl Column {
    fn of(heading: &str) -> Option<Self> {
        match folded(heading).as_str() {
            "applicantid" | "id" | "编号" | "申报编号" | "申报人编号" => Some(Self::Applicant),
            "file" | "filename" | "path" | "文件" | "文件名" | "文件名称" | "文件路径" | "附件" | "附件名称"
            | "材料" | "材料名称" => Some(Self::File),
            "page" | "pageno" | "页" | "页码" | "页数" | "第几页" => Some(Self::Page),
            "answer" | "declared" | "needsmasking" | "是否" | "是否需要遮盖" | "需要遮盖" | "是否遮盖" | "申报"
            | "检查姓名遮盖" => Some(Self::Answer),
            _ => None,
        }
    }
}

impl Declarations {
    /// Reads a CSV file in any encoding and separator that a roster may have.
    ///
    /// # Errors
    /// [`Error::Settings`] with the line of what cannot be understood.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let text = decode_text(bytes).ok_or_else(|| {
            settings("不是 UTF-8、UTF-16 或 GB18030 文本", "are neither UTF-8, UTF-16 nor GB18030 text")
        })?;
        let text = text.trim_start_matches('\u{feff}');
        for separator in *b",\t;" {
            let mut rows = rows(text, separator)?.into_iter();
            let Some((_, header)) = rows.next() else { break };
            let columns: Vec<_> = header.iter().map(|heading| Column::of(heading)).collect();
            let has = |wanted| columns.contains(&Some(wanted));
            if has(Column::File) && has(Column::Answer) {
                let declarations = rows
                    .filter(|(_, row)| row.iter().any(|cell| !cell.is_empty()))
                    .map(|(line, row)| declaration(line, &row, &columns));
                return Ok(Self(declarations.collect::<Result<_>>()?));
            }
        }
        Err(settings(
            "没有同时含“文件”列和“是否需要遮盖”列的表头",
            "have no header with a column for the file (file, 文件) and one for the answer (是否需要遮盖)",
        ))
    }

    /// Finds the files meant among those of the batch. A file may be given by its path, as in the report or on disk, or
    /// by the end of it.
    ///
    /// # Errors
    /// [`Error::Settings`] when a line may mean several files, or two lines contradict each other.
    pub fn resolve<'f>(self, files: impl Iterator<Item = Submitted<'f>>) -> Result<Resolved> {
        // Every end of every path, with the files that have it.
        let mut by_end = BTreeMap::<String, Vec<(&str, Option<&str>)>>::new();
        for Submitted { file, path, applicant_id } in files {
            let on_disk = path.map(|path| path.to_string_lossy().replace('\\', "/"));
            let mut ends: BTreeSet<&str> = ends_of(file).collect();
            ends.extend(on_disk.as_deref().into_iter().flat_map(ends_of));
            for end in ends {
                by_end.entry(end.to_owned()).or_default().push((file, applicant_id));
            }
        }
        let mut resolved = Resolved::default();
        for declaration in self.0 {
            let line = declaration.line;
            let ends = by_end.get(declaration.file.as_str()).map_or(&[][..], Vec::as_slice);
            let whole = ends.iter().find(|(file, _)| *file == declaration.file);
            let is_of = |id: Option<&str>| declaration.applicant_id.as_deref().is_none_or(|wanted| id == Some(wanted));
            let meant: BTreeSet<&str> = match whole.filter(|(_, id)| is_of(*id)) {
                Some((file, _)) => [*file].into(),
                None => ends.iter().filter(|(_, id)| is_of(*id)).map(|(file, _)| *file).collect(),
            };
            if meant.len() > 1 {
                return Err(settings(
                    &format!("第 {line} 行可能指多个文件：请写出路径或编号"),
                    &format!("may mean several files in line {line}: give the path or the number"),
                ));
            }
            let Some(file) = meant.first() else {
                resolved.unknown.push((declaration.file, line));
                continue;
            };
            let of_file = resolved.files.entry((*file).to_owned()).or_default();
            let contradicts =
                |other: &Declared| other.overlaps(declaration.pages) && other.answer != declaration.answer;
            if let Some(other) = of_file.iter().find(|other| contradicts(other)) {
                return Err(settings(
                    &format!("第 {} 行与第 {line} 行互相矛盾", other.line),
                    &format!("contradict each other in lines {} and {line}", other.line),
                ));
            }
            of_file.push(Declared { line, pages: declaration.pages, answer: declaration.answer, met: false });
        }
        Ok(resolved)
    }
}

/// The path and what is left of it below each of its folders.
fn ends_of(path: &str) -> impl Iterator<Item = &str> {
    std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at + 1)).map(|start| &path[start..])
}

fn declaration(line: u64, row: &[String], columns: &[Option<Column>]) -> Result<Declaration> {
    let cell = |wanted| {
        let found = columns.iter().position(|column| *column == Some(wanted));
        found.and_then(|at| row.get(at)).map_or("", |cell| cell.trim())
    };
    let answer = match cell(Column::Answer).to_lowercase().as_str() {
        "是" | "yes" | "y" | "true" | "1" | "需要" => Answer::Yes,
        "否" | "no" | "n" | "false" | "0" | "不需要" => Answer::No,
        _ => return Err(settings(&format!("第 {line} 行没有“是”或“否”"), &format!("have no 是 or 否 in line {line}"))),
    };
    let pages = pages(cell(Column::Page)).ok_or_else(|| {
        settings(&format!("第 {line} 行的页码无法识别"), &format!("have no page number in line {line}"))
    })?;
    let file = cell(Column::File).replace('\\', "/");
    let file = file.trim_start_matches("./").trim_matches('/').to_owned();
    if file.is_empty() {
        return Err(settings(&format!("第 {line} 行没有写文件"), &format!("name no file in line {line}")));
    }
    let applicant_id = Some(cell(Column::Applicant).to_owned()).filter(|id| !id.is_empty());
    Ok(Declaration { line, applicant_id, file, pages, answer })
}

/// `3`, `第3页`, `2-5`; nothing or 全部 for all pages.
fn pages(text: &str) -> Option<Pages> {
    let text = text.trim_start_matches('第').trim_end_matches('页').trim();
    if text.is_empty() || matches!(text.to_lowercase().as_str(), "全部" | "all" | "*") {
        return Some(Pages::All);
    }
    let (first, last) = text.split_once(['-', '–', '—', '~', '～', '至']).unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first >= 1 && first <= last).then_some(Pages::Span(first, last))
}

/// An answer for pages of a file in the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Declared {
    line: u64,
    pages: Pages,
    answer: Answer,
    /// Whether all its pages have come.
    met: bool,
}

impl Declared {
    fn covers(&self, page: u32) -> bool {
        match self.pages {
            Pages::All => true,
            Pages::Span(first, last) => (first..=last).contains(&page),
        }
    }

    fn overlaps(&self, pages: Pages) -> bool {
        match (self.pages, pages) {
            (Pages::Span(a, b), Pages::Span(c, d)) => a <= d && c <= b,
            _ => true,
        }
    }
}

/// Answers by file of the batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    files: BTreeMap<String, Vec<Declared>>,
    unknown: Vec<(String, u64)>,
}

const WRONG_NO: &str = "申报为“否”，但该页有身份信息 (declared 否, but there is identity)";
const WRONG_YES: &str =
    "申报为“是”，但该页未发现身份信息，请人工核对 (declared 是, but none was found: a person must look)";
const UNDECLARED: &str = "该页有身份信息，但未申报 (there is identity, but the page is not declared)";

impl Resolved {
    /// Compares all rows of one file with its answers.
    pub fn compare(&mut self, rows: &mut [PageReport]) {
        let Some(file) = rows.first().map(|row| row.file.clone()) else { return };
        let mut none = Vec::new();
        let declared = self.files.get_mut(&file).unwrap_or(&mut none);
        let last_page = rows.iter().map(|row| row.page).max().unwrap_or(0);
        // Of a file that could not be opened nobody knows its pages.
        let is_open = rows.iter().all(|row| row.page > 0);
        for of_pages in declared.iter_mut() {
            of_pages.met = match of_pages.pages {
                Pages::Span(_, last) if is_open => last <= last_page,
                _ => true,
            };
        }
        for row in rows {
            let answer = declared.iter().find(|declared| declared.covers(row.page)).map(|declared| declared.answer);
            let differs = match (answer, row.needs_masking) {
                (Some(Answer::No), Some(true)) => Some((WRONG_NO, Verdict::Violation)),
                // Under a cover there may be identity, as the applicant says.
                (Some(Answer::Yes), Some(false)) if row.marks.is_empty() => Some((WRONG_YES, Verdict::Review)),
                (None, Some(true)) => Some((UNDECLARED, Verdict::Review)),
                _ => None,
            };
            if let Some((note, verdict)) = differs {
                row.notes.push(note.to_owned());
                row.verdict = row.verdict.max(verdict);
            }
        }
    }

    /// Answers for files or pages that did not come: the file and what is to be told of it.
    pub fn unmet(&self) -> Vec<(String, String)> {
        let missing_file = self.unknown.iter().map(|(file, line)| {
            (file.clone(), format!("申报表第 {line} 行的文件不在材料中 (line {line}: the file is not in the batch)"))
        });
        let missing_pages = self.files.iter().flat_map(|(file, declared)| {
            declared.iter().filter(|declared| !declared.met).map(move |declared| {
                let line = declared.line;
                (file.clone(), format!("申报表第 {line} 行的页不在文件中 (line {line}: the file has no such page)"))
            })
        });
        missing_file.chain(missing_pages).collect()
    }
}

fn settings(zh: &str, en: &str) -> Error {
    Error::Settings(format!("申报表{zh} (the declarations {en})"))
}

#[cfg(test)]
mod tests;
