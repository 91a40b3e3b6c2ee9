//! What inputs go by in the report: paths that no two share.

use std::collections::BTreeMap;

use super::walk;

/// Names to report: the path below its input, led by the input's own name where two would be equal (without
/// regard to case, as outputs may land on a file system that ignores it), and numbered where that does not help.
pub(super) fn unique_names(found: &[walk::Found]) -> Vec<String> {
    let mut count = BTreeMap::<String, usize>::new();
    for each in found {
        *count.entry(each.relative.to_lowercase()).or_default() += 1;
    }
    let mut taken = BTreeMap::<String, usize>::new();
    found
        .iter()
        .map(|each| {
            let clash = count.get(&each.relative.to_lowercase()).is_some_and(|&n| n > 1);
            let plain = match (clash, each.root_name.is_empty()) {
                (true, false) => format!("{}/{}", each.root_name, each.relative),
                _ => each.relative.clone(),
            };
            unique(plain, &mut taken)
        })
        .collect()
}

/// The name, numbered when it was used before.
pub(super) fn unique(name: String, taken: &mut BTreeMap<String, usize>) -> String {
    let uses = taken.entry(name.to_lowercase()).or_default();
    *uses += 1;
    if *uses == 1 { name } else { numbered(&name, *uses) }
}

/// `a/b.jpg` → `a/b~2.jpg`.
pub(super) fn numbered(name: &str, number: usize) -> String {
    let stem_end = name.rfind('.').filter(|&dot| dot > name.rfind('/').map_or(0, |slash| slash + 1));
    let (stem, extension) = name.split_at(stem_end.unwrap_or(name.len()));
    format!("{stem}~{number}{extension}")
}
