//! Typed inputs → files on disk.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::error::{InputProblem, refusal};

/// One file below an input, or something that should have been one.
pub(super) struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// Path below its input with `/`; the file's name when the input is the file itself.
    pub relative: String,
    /// The input folder's own name, or that of the folder that holds an input file.
    pub root_name: String,
    /// Set when it cannot be a document.
    pub problem: Option<InputProblem>,
}

/// Files that operating systems and programs leave behind.
const SYSTEM_NAMES: [&str; 7] = [
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "__macosx",
    "$recycle.bin",
    "system volume information",
    "iconcache.db",
];

/// All files of `inputs`, each once, in the inputs' order, folders sorted by name.
pub(super) fn find(inputs: &[PathBuf], duplicates: &mut Vec<PathBuf>) -> Vec<Found> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for input in inputs {
        for each in expanded(input) {
            let identity = each.path.canonicalize().unwrap_or_else(|_| each.path.clone());
            if each.problem.is_some() || seen.insert(identity) {
                found.push(each);
            } else {
                duplicates.push(each.path);
            }
        }
    }
    found
}

fn expanded(input: &Path) -> Vec<Found> {
    match std::fs::metadata(input) {
        Ok(metadata) if metadata.is_dir() => {
            let found = below(input, input);
            let is_empty = || vec![single(input, Some(InputProblem::EmptyFolder))];
            if found.is_empty() { is_empty() } else { found }
        }
        Ok(_) => vec![single(input, None)],
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => matching(input),
        Err(error) => vec![single(input, Some(InputProblem::Unreadable(refusal(&error))))],
    }
}

fn single(path: &Path, problem: Option<InputProblem>) -> Found {
    let parent = path.parent().unwrap_or(Path::new(""));
    Found { path: path.to_owned(), relative: file_name(path), root_name: root_name(parent), problem }
}

/// The matches of a glob pattern; names found below it are relative to its leading part without wildcards.
fn matching(input: &Path) -> Vec<Found> {
    let has_wildcard = |text: &str| text.contains(['*', '?', '[']);
    let pattern = input.to_str().filter(|pattern| has_wildcard(pattern));
    let Some(matches) = pattern.map(glob::glob) else { return vec![single(input, Some(InputProblem::Missing))] };
    let Ok(matches) = matches else { return vec![single(input, Some(InputProblem::Missing))] };
    let root: PathBuf =
        input.components().take_while(|part| !has_wildcard(&part.as_os_str().to_string_lossy())).collect();
    let mut found = Vec::new();
    for each in matches {
        match each {
            Ok(path) if path.is_dir() => found.extend(below(&path, &root)),
            Ok(path) if is_left_behind(&file_name(&path)) => {}
            Ok(path) => {
                let relative = relative(&path, &root);
                found.push(Found { relative, root_name: root_name(&root), path, problem: None });
            }
            Err(error) => {
                let problem = InputProblem::Unreadable(refusal(error.error()));
                found.push(single(error.path(), Some(problem)));
            }
        }
    }
    if found.is_empty() { vec![single(input, Some(InputProblem::NoMatch))] } else { found }
}

/// Every file below `folder`, named relative to `root`. Links are followed.
fn below(folder: &Path, root: &Path) -> Vec<Found> {
    let walk = WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter();
    let keep = |entry: &DirEntry| entry.depth() == 0 || !is_left_behind(&entry.file_name().to_string_lossy());
    let mut found = Vec::new();
    for entry in walk.filter_entry(keep) {
        let (path, problem) = match entry {
            Ok(entry) if entry.file_type().is_dir() => continue,
            Ok(entry) => (entry.into_path(), None),
            Err(error) => {
                let path = error.path().unwrap_or(folder).to_owned();
                if is_left_behind(&file_name(&path)) {
                    continue;
                }
                let problem = if error.loop_ancestor().is_some() {
                    InputProblem::LinkLoop
                } else {
                    InputProblem::Unreadable(error.io_error().map_or_else(|| error.to_string(), refusal))
                };
                (path, Some(problem))
            }
        };
        found.push(Found { relative: relative(&path, root), root_name: root_name(root), path, problem });
    }
    found
}

/// Hidden files, lock files of office programs, and what operating systems put into folders.
pub(super) fn is_left_behind(name: &str) -> bool {
    name.starts_with('.') || name.starts_with("~$") || SYSTEM_NAMES.contains(&name.to_lowercase().as_str())
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.to_string_lossy().into_owned(), |name| name.to_string_lossy().into_owned())
}

fn root_name(root: &Path) -> String {
    let named = root.file_name().map(|name| name.to_string_lossy().into_owned());
    named.or_else(|| Some(file_name(&root.canonicalize().ok()?))).filter(|name| name != "/").unwrap_or_default()
}

fn relative(path: &Path, root: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = below
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect();
    parts.join("/")
}
