//! A string's or stream's bytes → the texts that they may be.

use encoding_rs::GB18030;

use crate::raster::metadata::readable_runs;

/// What a string of a PDF may say: UTF-16 or UTF-8 with a mark, or what producers write instead.
pub(super) fn readings(bytes: &[u8]) -> Vec<String> {
    /// Longer strings without a mark are not UTF-16 by mistake.
    const SHORT: usize = 64;
    let is_plain = |bytes: &[u8]| bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'));
    if is_plain(bytes) && (bytes.len() > SHORT || bytes.len() % 2 == 1) {
        return vec![String::from_utf8_lossy(bytes).into_owned()];
    }
    let mut all: Vec<String> = text_of(bytes).into_iter().collect();
    let has_mark = bytes.starts_with(&[0xFE, 0xFF]) || bytes.starts_with(&[0xFF, 0xFE]);
    if !has_mark && (bytes.len() <= SHORT || std::str::from_utf8(bytes).is_err()) {
        // A signature's certificate is one such string, too: its names lie in it as UTF-8 or UTF-16.
        let start = if all.is_empty() { String::from_utf8_lossy(bytes).into_owned() } else { String::new() };
        all.extend(Some(start).filter(|text| !text.is_empty()));
        all.extend(readable_runs(bytes));
        all.extend(readable_runs(bytes.get(1..).unwrap_or_default()));
    }
    all.dedup();
    all
}

/// The text of an address with its %-codes resolved; `None` without any.
pub(super) fn without_percents(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    let mut changed = false;
    while let Some((&first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = code.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| first == b'%');
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &after[2..] } else { after };
        changed |= byte.is_some();
    }
    changed.then(|| text_of(&bytes)).flatten()
}

/// The bytes as text in UTF-16 with a mark, UTF-8 or GB 18030; `None` when they are something else.
pub(super) fn text_of(bytes: &[u8]) -> Option<String> {
    /// How PDF, ZIP (with office documents), JPEG, PNG and RTF files start.
    const OTHER_FILES: [&[u8]; 5] = [b"%PDF", b"PK\x03\x04", b"\xFF\xD8\xFF", b"\x89PNG", b"{\\rtf"];
    let utf16 = |bytes: &[u8], from: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| from([pair[0], pair[1]])).collect();
        // Escapes say which language follows (ISO 32000-1, 7.9.2.2): every second part between them.
        String::from_utf16_lossy(&units).split('\u{1b}').step_by(2).collect::<String>()
    };
    match bytes {
        [0xFE, 0xFF, rest @ ..] => return Some(utf16(rest, u16::from_be_bytes)),
        [0xFF, 0xFE, rest @ ..] => return Some(utf16(rest, u16::from_le_bytes)),
        _ => {}
    }
    if bytes.contains(&0) || OTHER_FILES.iter().any(|start| bytes.starts_with(start)) {
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.trim_start_matches('\u{FEFF}').to_string()),
        Err(_) => GB18030.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned),
    }
}
