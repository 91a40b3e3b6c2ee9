//! A document's path → whose it is and under which heading of the application form it was uploaded:
//! `<applicant_id>/<category>/<file>`, from the batch's root, one applicant's folder or an archive of either.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::roster::Roster;
use super::{Document, Inputs, Rejected};
use crate::error::InputProblem;

/// The thirteen headings of the application form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Category {
    /// Basic data: ID card, one-inch photo.
    #[serde(rename = "基本信息")]
    BasicData,
    /// Education and degrees.
    #[serde(rename = "学历学位")]
    Education,
    /// Professional qualifications.
    #[serde(rename = "专业技术资格")]
    Qualifications,
    /// Work experience.
    #[serde(rename = "工作经历")]
    Experience,
    /// Patents and other intellectual property.
    #[serde(rename = "知识产权")]
    IntellectualProperty,
    /// Achievements.
    #[serde(rename = "业绩成果")]
    Achievements,
    /// Awards.
    #[serde(rename = "获奖情况")]
    Awards,
    /// Books and papers.
    #[serde(rename = "著作论文")]
    Publications,
    /// Further training.
    #[serde(rename = "继续教育")]
    Training,
    /// Yearly assessments.
    #[serde(rename = "考核情况")]
    Assessments,
    /// Summary of one's work.
    #[serde(rename = "工作总结")]
    Summary,
    /// Other attachments.
    #[serde(rename = "其他附件")]
    Other,
    /// Personal pledge.
    #[serde(rename = "个人承诺书")]
    Pledge,
}

impl Category {
    /// In the form's order.
    pub const ALL: [Self; 13] = [
        Self::BasicData,
        Self::Education,
        Self::Qualifications,
        Self::Experience,
        Self::IntellectualProperty,
        Self::Achievements,
        Self::Awards,
        Self::Publications,
        Self::Training,
        Self::Assessments,
        Self::Summary,
        Self::Other,
        Self::Pledge,
    ];

    /// The form's heading.
    pub fn heading(self) -> &'static str {
        match self {
            Self::BasicData => "基本信息",
            Self::Education => "学历学位",
            Self::Qualifications => "专业技术资格",
            Self::Experience => "工作经历",
            Self::IntellectualProperty => "知识产权",
            Self::Achievements => "业绩成果",
            Self::Awards => "获奖情况",
            Self::Publications => "著作论文",
            Self::Training => "继续教育",
            Self::Assessments => "考核情况",
            Self::Summary => "工作总结",
            Self::Other => "其他附件",
            Self::Pledge => "个人承诺书",
        }
    }

    /// The category that a folder is named after, numbered (`01_基本信息`, `一、基本信息`) or not.
    pub fn of_folder(name: &str) -> Option<Self> {
        let name: String = name.chars().filter(|c| !c.is_whitespace()).collect();
        let unnumbered = name.trim_start_matches(|c: char| {
            c.is_ascii_alphanumeric() || c.is_ascii_punctuation() || "一二三四五六七八九十（）、．。".contains(c)
        });
        Self::ALL.into_iter().find(|category| [name.as_str(), unnumbered].contains(&category.heading()))
    }
}

/// Where a document belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// Index into the roster's entries; `None` when no folder is named after one.
    pub entry: Option<usize>,
    /// `None` outside a category's folder.
    pub category: Option<Category>,
}

impl Place {
    /// Of the document reported as `file` (with `/`) that is at `path` on disk. Without a roster only the category
    /// is found.
    pub fn of(file: &str, path: &Path, roster: Option<&Roster>) -> Self {
        let index = |name: &str| roster.and_then(|roster| roster.index_of(without_zip(name)));
        let folders: Vec<&str> = file.split('/').collect();
        let folders = &folders[..folders.len() - 1];
        let below = folders.iter().enumerate().find_map(|(at, name)| Some((at, index(name)?)));
        if let Some((at, entry)) = below {
            let category = folders[at + 1..].iter().find_map(|name| Category::of_folder(name));
            return Self { entry: Some(entry), category };
        }
        let category = folders.iter().find_map(|name| Category::of_folder(name));
        // Above the input a folder counts only when what was found begins as an applicant's folder does: else an
        // unknown applicant's file would be taken for another's.
        let starts_inside = folders.first().is_none_or(|name| Category::of_folder(name).is_some() || is_zip(name));
        if !starts_inside {
            return Self { entry: None, category };
        }
        let above = folders_above(path, folders);
        let entry = above.iter().rev().find_map(|name| index(name));
        let category = category.or_else(|| above.iter().rev().find_map(|name| Category::of_folder(name)));
        Self { entry, category }
    }
}

/// Names of the folders on disk that hold the input, outermost first. `below` are the folders under the input; the
/// last of them may be in an archive.
fn folders_above(path: &Path, below: &[&str]) -> Vec<String> {
    let goes_up = path.components().any(|part| part == Component::ParentDir);
    let absolute = if goes_up { path.canonicalize() } else { std::path::absolute(path) };
    let absolute = absolute.unwrap_or_else(|_| path.to_owned());
    let mut names: Vec<String> = absolute
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect();
    names.pop();
    let on_disk = (0..=below.len()).rev().find(|&count| names.ends_with(&owned(&below[..count]))).unwrap_or(0);
    names.truncate(names.len() - on_disk);
    names
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// A batch by applicant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sorted {
    /// Documents of applicants that can be looked for, each with the index of its roster entry.
    pub documents: Vec<(Document, usize, Option<Category>)>,
    /// What cannot be examined, with the applicant's number where that is known: files that are no documents, files
    /// of nobody in the roster or of an unusable row, and applicants without any file.
    pub rejected: Vec<(Rejected, Option<String>)>,
}

/// Finds each document's applicant. `typed` are the inputs as given: applicants of the roster without a file are
/// reported when one of them is the folder or archive of a whole batch.
pub fn sort_by_applicant(inputs: &Inputs, typed: &[PathBuf], roster: &Roster) -> Sorted {
    let mut sorted = Sorted::default();
    let mut has_files = vec![false; roster.entries.len()];
    let mut id_of = |place: Place| {
        place.entry.map(|index| {
            has_files[index] = true;
            roster.entries[index].id.clone()
        })
    };
    for document in &inputs.documents {
        let place = Place::of(&document.file, document.source.path(), Some(roster));
        let id = id_of(place);
        let problem = match place.entry.map(|index| (index, &roster.entries[index].applicant)) {
            Some((index, Ok(_))) => {
                sorted.documents.push((document.clone(), index, place.category));
                continue;
            }
            Some((_, Err(problem))) => InputProblem::UnusableRosterRow(problem.clone()),
            None => InputProblem::UnknownApplicant,
        };
        let path = document.source.path().to_owned();
        sorted.rejected.push((Rejected { path, file: document.file.clone(), problem }, id));
    }
    for rejected in &inputs.rejected {
        let id = id_of(Place::of(&rejected.file, &rejected.path, Some(roster)));
        sorted.rejected.push((rejected.clone(), id));
    }
    let is_of_a_batch = |input: &PathBuf| {
        let holds_many = input.is_dir() || input.to_str().is_some_and(is_zip);
        holds_many && Place::of("", &input.join("file"), Some(roster)).entry.is_none()
    };
    if let Some(root) = typed.iter().find(|input| is_of_a_batch(input)) {
        for (entry, _) in roster.entries.iter().zip(&has_files).filter(|(_, has_files)| !**has_files) {
            let problem = InputProblem::NoFiles;
            let path = root.join(&entry.id);
            sorted.rejected.push((Rejected { path, file: entry.id.clone(), problem }, Some(entry.id.clone())));
        }
    }
    sorted.rejected.sort_by(|(a, _), (b, _)| a.file.cmp(&b.file));
    sorted
}

fn is_zip(name: &str) -> bool {
    without_zip(name).len() < name.len()
}

fn without_zip(name: &str) -> &str {
    match name.len().checked_sub(4).filter(|&at| name.is_char_boundary(at)).map(|at| name.split_at(at)) {
        Some((stem, extension)) if extension.eq_ignore_ascii_case(".zip") => stem,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster() -> Roster {
        Roster::parse("编号,姓名\nA001,张伟\nA002,李娜\n".as_bytes()).expect("a sound roster")
    }

    fn place(file: &str, path: &str) -> (Option<usize>, Option<Category>) {
        let place = Place::of(file, Path::new(path), Some(&roster()));
        (place.entry, place.category)
    }

    #[test]
    fn headings_are_thirteen_and_known_numbered_too() {
        for category in Category::ALL {
            assert_eq!(Category::of_folder(category.heading()), Some(category));
        }
        assert_eq!(Category::of_folder("01_基本信息"), Some(Category::BasicData));
        assert_eq!(Category::of_folder("十一、工作总结"), Some(Category::Summary));
        assert_eq!(Category::of_folder("其他"), None);
    }

    #[test]
    fn the_applicants_folder_is_found_below_the_input() {
        assert_eq!(place("A002/获奖情况/1.jpg", "/b/A002/获奖情况/1.jpg"), (Some(1), Some(Category::Awards)));
        assert_eq!(place("2026/a001/x/1.jpg", "/b/2026/a001/x/1.jpg"), (Some(0), None));
    }

    #[test]
    fn the_input_may_be_one_applicants_folder_or_a_part_of_it() {
        assert_eq!(place("获奖情况/1.jpg", "/b/A002/获奖情况/1.jpg"), (Some(1), Some(Category::Awards)));
        assert_eq!(place("1.jpg", "/b/A002/获奖情况/1.jpg"), (Some(1), Some(Category::Awards)));
        assert_eq!(place("1.jpg", "/b/A002/1.jpg"), (Some(1), None));
    }

    #[test]
    fn archives_are_folders() {
        assert_eq!(place("A002.ZIP/获奖情况/1.jpg", "/b/A002.ZIP"), (Some(1), Some(Category::Awards)));
        assert_eq!(place("all.zip/A001/获奖情况/1.jpg", "/b/all.zip"), (Some(0), Some(Category::Awards)));
    }

    #[test]
    fn an_unknown_folder_is_nobodys_even_below_a_known_one() {
        assert_eq!(place("A003/获奖情况/1.jpg", "/A001/A003/获奖情况/1.jpg"), (None, Some(Category::Awards)));
        assert_eq!(place("1.jpg", "/b/1.jpg"), (None, None));
    }

    #[test]
    fn an_archive_inside_a_category_is_of_that_category() {
        assert_eq!(place("图.zip/1.jpg", "/b/A001/获奖情况/图.zip"), (Some(0), Some(Category::Awards)));
    }

    #[test]
    fn every_file_and_every_applicant_gets_a_row() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for file in ["A001/获奖情况/1.pdf", "A001/获奖情况/notes.doc", "A009/获奖情况/2.pdf", "A003/3.pdf"]
        {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().expect("below the folder")).expect("created");
            std::fs::write(path, if file.ends_with("pdf") { "%PDF-1.4" } else { "plain" }).expect("written");
        }
        let roster = Roster::parse("编号,姓名\nA001,张伟\nA002,李娜\nA003,王\n".as_bytes()).expect("sound");
        let typed = [folder.path().to_owned()];
        let inputs = crate::input::collect(&typed, &crate::input::Limits::default());
        let sorted = sort_by_applicant(&inputs, &typed, &roster);
        let documents: Vec<_> =
            sorted.documents.iter().map(|(d, index, category)| (&*d.file, *index, *category)).collect();
        assert_eq!(documents, [("A001/获奖情况/1.pdf", 0, Some(Category::Awards))]);
        let rows: Vec<_> = sorted.rejected.iter().map(|(r, id)| (&*r.file, id.as_deref())).collect();
        assert_eq!(
            rows,
            [
                ("A001/获奖情况/notes.doc", Some("A001")),
                ("A002", Some("A002")),
                ("A003/3.pdf", Some("A003")),
                ("A009/获奖情况/2.pdf", None),
            ]
        );
        assert_eq!(sorted.rejected[1].0.problem, InputProblem::NoFiles);
        assert_eq!(sorted.rejected[3].0.problem, InputProblem::UnknownApplicant);
        let one = [folder.path().join("A001")];
        let inputs = crate::input::collect(&one, &crate::input::Limits::default());
        let sorted = sort_by_applicant(&inputs, &one, &roster);
        assert_eq!((sorted.documents.len(), sorted.rejected.len()), (1, 1), "A002 is not expected in A001's folder");
    }
}
