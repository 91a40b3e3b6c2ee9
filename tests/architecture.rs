//! The modules' imports: the flow has one direction.

#![allow(clippy::disallowed_methods, reason = "tests read their own files")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// The library's modules, each with those that its code, not its tests, names.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in sources(&root) {
        let below = file.strip_prefix(&root).expect("below the root");
        let first = below.iter().next().expect("a name").to_string_lossy();
        let module = first.trim_end_matches(".rs").to_owned();
        if matches!(module.as_str(), "lib" | "bin")
            || below.ends_with("tests.rs")
            || below.iter().any(|part| part == "tests")
        {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("source text");
        let code = text.split("#[cfg(test)]\nmod tests").next().expect("a part");
        let named = code.split("crate::").skip(1).map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
            rest[..end].to_owned()
        });
        imports.entry(module.clone()).or_default().extend(named.filter(|named| *named != module));
    }
    imports
}

#[test]
fn no_module_of_the_library_imports_itself_by_way_of_others() {
    let imports = imports();
    assert!(imports["pipeline"].contains("report"), "{imports:?}");
    let mut placed: BTreeSet<&str> = BTreeSet::new();
    // Modules whose imports all have their place, until no more are found.
    loop {
        let next: Vec<&str> = imports
            .iter()
            .filter(|(module, _)| !placed.contains(module.as_str()))
            .filter(|(_, named)| {
                named.iter().all(|named| placed.contains(named.as_str()) || !imports.contains_key(named))
            })
            .map(|(module, _)| module.as_str())
            .collect();
        if next.is_empty() {
            break;
        }
        placed.extend(next);
    }
    let circular: Vec<_> = imports.iter().filter(|(module, _)| !placed.contains(module.as_str())).collect();
    assert!(circular.is_empty(), "{circular:#?}");
}
