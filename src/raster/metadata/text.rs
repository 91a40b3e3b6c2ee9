//! Bytes → text, for files that seldom say how theirs is encoded.

use std::borrow::Cow;

/// Text by its byte order mark, else UTF-8 where it is valid, else GB18030: what Chinese programs write.
pub(super) fn decoded(bytes: &[u8]) -> String {
    let (text, encoding, _) = encoding_rs::UTF_8.decode(bytes);
    if encoding != encoding_rs::UTF_8 || std::str::from_utf8(bytes).is_ok() {
        return text.into_owned();
    }
    encoding_rs::GB18030.decode_without_bom_handling(bytes).0.into_owned()
}

/// Little-endian UTF-16.
pub(super) fn from_utf16_le(bytes: &[u8]) -> String {
    encoding_rs::UTF_16LE.decode(bytes).0.into_owned()
}

/// Texts of four characters or more, or of two Chinese ones, within data of an unknown format, read as UTF-8,
/// GB18030 and UTF-16 of both orders. Chance texts among them do no harm: they spell nobody's name.
pub(crate) fn readable_runs(bytes: &[u8]) -> Vec<String> {
    /// Enough for any note; more would be a file of its own.
    const MOST_BYTES: usize = 1 << 20;
    let bytes = &bytes[..bytes.len().min(MOST_BYTES)];
    let mut runs = Vec::new();
    let readings: [Cow<'_, str>; 4] = [
        String::from_utf8_lossy(bytes),
        encoding_rs::GB18030.decode_without_bom_handling(bytes).0,
        encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0,
        encoding_rs::UTF_16BE.decode_without_bom_handling(bytes).0,
    ];
    for reading in readings {
        for run in reading.split(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER) {
            let chinese = run.chars().filter(|c| matches!(c, '\u{3400}'..='\u{9FFF}')).count();
            if (run.chars().count() >= 4 || chinese >= 2) && !runs.iter().any(|known| known == run) {
                runs.push(run.to_owned());
            }
        }
    }
    runs
}

/// XML text with its character references resolved.
pub(super) fn unescaped(xml: &str) -> String {
    let mut text = String::with_capacity(xml.len());
    let mut rest = xml;
    while let Some(start) = rest.find('&') {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        let reference = rest.find(';').filter(|&end| end <= 10).and_then(|end| Some((end, character(&rest[1..end])?)));
        if let Some((end, character)) = reference {
            text.push(character);
            rest = &rest[end + 1..];
        } else {
            text.push('&');
            rest = &rest[1..];
        }
    }
    text.push_str(rest);
    text
}

fn character(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = reference.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// The texts between each `open` and the `close` after it.
pub(super) fn between<'t>(text: &'t str, open: &'t str, close: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(open).skip(1).filter_map(move |rest| rest.split_once(close).map(|(inside, _)| inside))
}

/// Base64 without regard to line breaks; stops at anything else.
pub(super) fn from_base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0);
    for c in text.bytes().filter(|c| !c.is_ascii_whitespace()) {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

/// The data of an ImageMagick "raw profile": a name line, a length line, then hexadecimal digits. `raw` is the
/// text with its line breaks.
pub(super) fn from_hex(raw: &[u8]) -> Vec<u8> {
    let mut lines = raw.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).skip(2);
    let digits: Vec<u8> =
        lines.by_ref().flatten().filter_map(|&digit| char::from(digit).to_digit(16)).map(|digit| digit as u8).collect();
    digits.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low).collect()
}
