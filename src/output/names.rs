//! File names that Windows, macOS and Linux can all hold.

use sha2::{Digest, Sha256};

/// Names that Windows keeps for devices, whatever extension follows.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// `path` (with `/`) with each name made portable; never empty, never outside its folder.
pub(super) fn portable(path: &str) -> String {
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).map(portable_name).collect();
    if parts.is_empty() { "_".into() } else { parts.join("/") }
}

fn portable_name(name: &str) -> String {
    let forbidden = |c: char| matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\\') || c.is_control();
    let mut name: String = name.chars().map(|c| if forbidden(c) { '_' } else { c }).collect();
    if name.ends_with(['.', ' ']) {
        name.pop();
        name.push('_');
    }
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    let is_port =
        port.is_some_and(|n| matches!(n, "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"));
    if is_port || DEVICES.contains(&stem.as_str()) { format!("_{name}") } else { name }
}

/// `a/b.jpg` → `a/b~2.jpg`.
pub(super) fn numbered(path: &str, number: usize) -> String {
    let name_start = path.rfind('/').map_or(0, |slash| slash + 1);
    let stem_end = path.rfind('.').filter(|&dot| dot > name_start).unwrap_or(path.len());
    let name = affixed("", &path[name_start..stem_end], &format!("~{number}{}", &path[stem_end..]));
    format!("{}{name}", &path[..name_start])
}

/// A file's name that the system can hold, though `prefix` and `suffix` are put around it: a longer one is cut before the
/// extension, with a hash of the whole in place of what is cut.
pub(super) fn affixed(prefix: &str, name: &str, suffix: &str) -> String {
    /// Bytes of a name on Linux; Windows and macOS count characters and hold as many.
    const LONGEST: usize = 255;
    if prefix.len() + name.len() + suffix.len() <= LONGEST {
        return format!("{prefix}{name}{suffix}");
    }
    let dot = name.rfind('.').filter(|&dot| dot > 0 && name.len() - dot <= LONGEST / 8).unwrap_or(name.len());
    let (stem, extension) = name.split_at(dot);
    let digest = hex::encode(Sha256::digest(name.as_bytes()));
    let hash = &digest[..8];
    let room = LONGEST.saturating_sub(prefix.len() + 1 + hash.len() + extension.len() + suffix.len());
    let end = stem.floor_char_boundary(room);
    format!("{prefix}{}~{hash}{extension}{suffix}", &stem[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_so_that_affixes_find_room() {
        assert_eq!(affixed(".unverified-", "证书.jpg", ""), ".unverified-证书.jpg");
        let long = "很".repeat(80) + ".png";
        let (one, other) = (affixed("", &long, ".failed"), affixed(".unverified-", &long.replacen('很', "好", 1), ""));
        assert!(one == long.clone() + ".failed" && other.len() <= 255, "{other}");
        let longer = "很".repeat(83) + ".png";
        let failed = affixed("", &longer, ".failed");
        assert!(failed.len() <= 255 && failed.ends_with(".png.failed"), "{failed}");
        assert_ne!(failed, affixed("", &("很".repeat(82) + "好.png"), ".failed"), "names that begin alike stay apart");
    }

    #[test]
    fn names_that_windows_refuses_are_changed_and_others_kept() {
        for (given, expected) in [
            ("张伟/证书 (1).jpg", "张伟/证书 (1).jpg"),
            ("a:b?.jpg", "a_b_.jpg"),
            ("con.jpg", "_con.jpg"),
            ("x/COM1", "x/_COM1"),
            ("console.jpg", "console.jpg"),
            ("end.", "end_"),
            ("end ", "end_"),
            ("../../etc/passwd", "._/._/etc/passwd"),
            ("./a", "_/a"),
            ("", "_"),
        ] {
            assert_eq!(portable(given), expected, "{given}");
        }
        assert_eq!(numbered("a.b/c", 2), "a.b/c~2");
    }
}
