//! Fonts that kept pages share with masked ones → the same fonts with only the characters that kept pages show:
//! a subset font and its ToUnicode map list characters in the order in which the document first used them, so
//! they can spell out a masked name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use lopdf::{Dictionary, Document, Object, ObjectId};

use super::picture::deflated;
use crate::pdf::objects::{MAX_CONTENT_BYTES, MAX_STREAM_BYTES, Structure};

/// The codes that kept pages show in each font, by the font's number in the source.
#[derive(Debug, Default)]
pub(super) struct FontUse {
    codes: BTreeMap<ObjectId, BTreeSet<u16>>,
    /// Some text is shown in a font that is not known: every font may be used in full.
    pub(super) unknown: bool,
}

impl FontUse {
    /// Notes strings shown in a font.
    pub(super) fn note(&mut self, structure: &Structure, font: ObjectId, strings: &[Vec<u8>]) {
        let Ok(dictionary) = structure.document.get_dictionary(font) else { return };
        let codes = self.codes.entry(font).or_default();
        for string in strings {
            if is_two_byte(dictionary) {
                codes.extend(string.chunks(2).map(|pair| u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)])));
            } else {
                codes.extend(string.iter().map(|&byte| u16::from(byte)));
            }
        }
    }

    /// Takes out of the copied fonts what kept pages do not show. Fonts whose codes are not plain numbers
    /// of one or two bytes stay whole.
    pub(super) fn trim(&self, structure: &Structure, copied: &BTreeMap<ObjectId, ObjectId>, target: &mut Document) {
        if self.unknown {
            return;
        }
        let mut maps: BTreeMap<ObjectId, Option<(bool, BTreeSet<u16>)>> = BTreeMap::new();
        let mut programs: BTreeMap<ObjectId, Option<BTreeSet<u16>>> = BTreeMap::new();
        for id in copied.keys() {
            let Ok(font) = structure.document.get_dictionary(*id) else { continue };
            if !font.has_type(b"Font") || is_descendant(font) {
                continue;
            }
            let codes = self.codes.get(id).filter(|_| has_plain_codes(font));
            if let Ok(map) = font.get(b"ToUnicode").and_then(Object::as_reference) {
                let two = is_two_byte(font);
                let known = codes.map(|codes| (two, codes.clone()));
                maps.entry(map).and_modify(|before| join(before, known.as_ref(), two)).or_insert(known);
            }
            if let Some(program) = program_of(structure, font) {
                let glyphs = codes.filter(|_| codes_are_glyphs(structure, font)).cloned();
                let before = programs.entry(program).or_insert_with(|| Some(BTreeSet::new()));
                match (before.as_mut(), glyphs) {
                    (Some(before), Some(glyphs)) => before.extend(glyphs),
                    _ => *before = None,
                }
            }
        }
        for (map, known) in maps {
            if let (Some((two, codes)), Some(copy)) = (known, copied.get(&map)) {
                replace(target, *copy, MAX_CONTENT_BYTES, |text| trimmed_map(text, &codes, two));
            }
        }
        for (program, glyphs) in programs {
            if let (Some(glyphs), Some(copy)) = (glyphs, copied.get(&program)) {
                replace(target, *copy, MAX_STREAM_BYTES, |font| without_other_glyphs(font, &glyphs));
            }
        }
    }
}

fn join(before: &mut Option<(bool, BTreeSet<u16>)>, other: Option<&(bool, BTreeSet<u16>)>, two: bool) {
    match (before.as_mut(), other) {
        (Some((before_two, codes)), Some((_, others))) if *before_two == two => codes.extend(others),
        _ => *before = None,
    }
}

fn replace(target: &mut Document, id: ObjectId, limit: usize, change: impl FnOnce(&[u8]) -> Option<Vec<u8>>) {
    if let Ok(stream) = target.get_object_mut(id).and_then(Object::as_stream_mut)
        && let Ok(content) = stream.get_plain_content_with_limit(limit)
        && let Some(content) = change(&content)
    {
        stream.dict.set("Filter", "FlateDecode");
        stream.dict.remove(b"DecodeParms");
        stream.set_content(deflated(&content));
    }
}

fn name_of<'a>(dictionary: &'a Dictionary, key: &[u8]) -> Option<&'a [u8]> {
    dictionary.get(key).and_then(Object::as_name).ok()
}

fn is_descendant(font: &Dictionary) -> bool {
    name_of(font, b"Subtype").is_some_and(|subtype| subtype.starts_with(b"CIDFont"))
}

fn is_two_byte(font: &Dictionary) -> bool {
    name_of(font, b"Subtype") == Some(b"Type0")
}

fn has_plain_codes(font: &Dictionary) -> bool {
    !is_two_byte(font) || matches!(name_of(font, b"Encoding"), Some(b"Identity-H" | b"Identity-V"))
}

fn descendant<'a>(structure: &'a Structure, font: &'a Dictionary) -> Option<&'a Dictionary> {
    let fonts = structure.value(font, b"DescendantFonts")?.as_array().ok()?;
    structure.followed(fonts.first()?)?.as_dict().ok()
}

/// The TrueType program of a composite font.
fn program_of(structure: &Structure, font: &Dictionary) -> Option<ObjectId> {
    let holder = if is_two_byte(font) { descendant(structure, font)? } else { font };
    let descriptor = structure.value(holder, b"FontDescriptor")?.as_dict().ok()?;
    descriptor.get(b"FontFile2").and_then(Object::as_reference).ok()
}

/// True when a code of the font is the number of its glyph. Upright setting may put other glyphs in its place.
fn codes_are_glyphs(structure: &Structure, font: &Dictionary) -> bool {
    is_two_byte(font)
        && name_of(font, b"Encoding") == Some(b"Identity-H")
        && descendant(structure, font).is_some_and(|descendant| {
            name_of(descendant, b"Subtype") == Some(b"CIDFontType2")
                && matches!(
                    structure.value(descendant, b"CIDToGIDMap").map(Object::as_name),
                    None | Some(Ok(b"Identity"))
                )
        })
}

/// A ToUnicode map with only these codes; `None` for a map that builds on another one.
fn trimmed_map(text: &[u8], codes: &BTreeSet<u16>, two: bool) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(text);
    if text.contains("usecmap") {
        return None;
    }
    let digits = if two { 4 } else { 2 };
    let entries: Vec<String> = mapped(&text)
        .into_iter()
        .filter(|(code, _)| codes.contains(code))
        .map(|(code, unicode)| format!("<{code:0digits$X}> <{unicode}>"))
        .collect();
    let mut map = format!(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /ToUnicode def\n/CMapType 2 def\n\
         1 begincodespacerange\n<{:0digits$X}> <{}>\nendcodespacerange\n",
        0,
        "F".repeat(digits)
    );
    // A block may hold 100 entries at most (Adobe technical note 5014).
    for block in entries.chunks(100) {
        let (count, block) = (block.len(), block.join("\n"));
        write!(map, "{count} beginbfchar\n{block}\nendbfchar\n").expect("writing to a string works");
    }
    map.push_str("endcmap\nend\nend\n");
    Some(map.into_bytes())
}

/// The codes of a ToUnicode map with their UTF-16 in hexadecimal.
fn mapped(text: &str) -> BTreeMap<u16, String> {
    let mut map = BTreeMap::new();
    let separate = text.replace('<', " <").replace('>', "> ").replace('[', " [ ").replace(']', " ] ");
    let hex = |token: &str| -> Option<String> {
        let digits = token.strip_prefix('<')?.strip_suffix('>')?;
        digits.chars().all(|digit| digit.is_ascii_hexdigit()).then(|| digits.to_string())
    };
    let code = |token: &str| u16::from_str_radix(&hex(token)?, 16).ok();
    let mut tokens = separate.split_whitespace();
    let mut block = "";
    while let Some(token) = tokens.next() {
        match token {
            "beginbfchar" | "beginbfrange" => block = token,
            "endbfchar" | "endbfrange" => block = "",
            _ if block == "beginbfchar" => {
                if let (Some(code), Some(unicode)) = (code(token), tokens.next().and_then(hex)) {
                    map.insert(code, unicode);
                }
            }
            _ if block == "beginbfrange" => {
                let (Some(first), Some(last)) = (code(token), tokens.next().and_then(code)) else { continue };
                match tokens.next() {
                    Some("[") => {
                        for (code, unicode) in (first..=last).zip(tokens.by_ref().take_while(|token| *token != "]")) {
                            map.extend(hex(unicode).map(|unicode| (code, unicode)));
                        }
                    }
                    Some(start) => {
                        let Some(start) = hex(start).filter(|start| start.len() >= 4) else { continue };
                        let (head, tail) = start.split_at(start.len() - 4);
                        let Ok(tail) = u16::from_str_radix(tail, 16) else { continue };
                        for code in first..=last {
                            map.insert(code, format!("{head}{:04X}", tail.wrapping_add(code - first)));
                        }
                    }
                    None => {}
                }
            }
            _ => {}
        }
    }
    map
}

/// A TrueType font whose other glyphs are empty; `None` when it is not one. Offsets stay as they are.
fn without_other_glyphs(font: &[u8], used: &BTreeSet<u16>) -> Option<Vec<u8>> {
    let short = |at: usize| Some(u16::from_be_bytes([*font.get(at)?, *font.get(at + 1)?]));
    let long = |at: usize| Some((u32::from(short(at)?) << 16 | u32::from(short(at + 2)?)) as usize);
    let table = |tag: &[u8]| {
        let records = usize::from(short(4)?);
        let record = (0..records).map(|index| 12 + 16 * index).find(|&at| font.get(at..at + 4) == Some(tag))?;
        Some((long(record + 8)?, long(record + 12)?))
    };
    let (head, _) = table(b"head")?;
    let (loca, loca_length) = table(b"loca")?;
    let (glyf, glyf_length) = table(b"glyf")?;
    let long_offsets = short(head + 50)? == 1;
    let count = loca_length / if long_offsets { 4 } else { 2 };
    let offset = |glyph: usize| {
        if long_offsets { long(loca + 4 * glyph) } else { Some(2 * usize::from(short(loca + 2 * glyph)?)) }
    };
    let range = |glyph: usize| {
        let (start, end) = (offset(glyph)?, offset(glyph + 1)?);
        (start <= end && end <= glyf_length && glyf + end <= font.len()).then_some(glyf + start..glyf + end)
    };
    // Glyph 0 stands for what is missing; parts of composed glyphs are used with them.
    let mut kept: BTreeSet<usize> = BTreeSet::new();
    let mut open: Vec<usize> = used.iter().map(|&glyph| usize::from(glyph)).chain([0]).collect();
    while let Some(glyph) = open.pop() {
        if glyph + 1 < count && kept.insert(glyph) {
            let range = range(glyph)?;
            if !range.is_empty() {
                open.extend(parts(&font[range])?);
            }
        }
    }
    let mut out = font.to_vec();
    for glyph in (0..count.saturating_sub(1)).filter(|glyph| !kept.contains(glyph)) {
        out[range(glyph)?].fill(0);
    }
    Some(out)
}

/// The glyphs that a TrueType glyph is composed of.
fn parts(glyph: &[u8]) -> Option<Vec<usize>> {
    // Flags of the glyf table's component records.
    const WORDS: u16 = 1;
    const SCALE: u16 = 1 << 3;
    const MORE: u16 = 1 << 5;
    const TWO_SCALES: u16 = 1 << 6;
    const MATRIX: u16 = 1 << 7;
    let short = |at: usize| Some(u16::from_be_bytes([*glyph.get(at)?, *glyph.get(at + 1)?]));
    let mut found = Vec::new();
    if short(0)?.cast_signed() >= 0 {
        return Some(found);
    }
    let mut at = 10;
    loop {
        let flags = short(at)?;
        found.push(usize::from(short(at + 2)?));
        at += 4 + if flags & WORDS != 0 { 4 } else { 2 };
        at += match flags {
            _ if flags & SCALE != 0 => 2,
            _ if flags & TWO_SCALES != 0 => 4,
            _ if flags & MATRIX != 0 => 8,
            _ => 0,
        };
        if flags & MORE == 0 {
            return Some(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_keeps_only_the_codes_that_are_shown() {
        let map = "1 begincodespacerange <0000> <FFFF> endcodespacerange\n3 beginbfchar\n<0001> <5F20>\n\
                   <0002> <4F1F>\n<0003><D842DFB7>\nendbfchar\n2 beginbfrange\n<0010> <0012> <0041>\n\
                   <0020> <0021> [<6B27> <9633>]\nendbfrange";
        let codes = BTreeSet::from([2, 3, 0x11, 0x21]);
        let trimmed = String::from_utf8(trimmed_map(map.as_bytes(), &codes, true).expect("a map")).expect("ASCII");
        let kept = mapped(&trimmed);
        let expected = [(2, "4F1F"), (3, "D842DFB7"), (0x11, "0042"), (0x21, "9633")];
        assert_eq!(kept, expected.map(|(code, unicode)| (code, unicode.to_string())).into());
        assert!(trimmed_map(b"/Other usecmap", &codes, true).is_none());
    }

    /// A font of four glyphs of 12 bytes each; the last is composed of the second.
    fn font() -> Vec<u8> {
        let (head, loca, glyf) = (60usize, 112usize, 122usize);
        let mut font = vec![0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0];
        for (tag, at, length) in [(b"head", head, 52u32), (b"loca", loca, 10), (b"glyf", glyf, 64)] {
            font.extend_from_slice(tag);
            font.extend_from_slice(&[0; 4]);
            font.extend_from_slice(&(at as u32).to_be_bytes());
            font.extend_from_slice(&length.to_be_bytes());
        }
        font.resize(head + 52, 0);
        for offset in [0u16, 8, 16, 24, 32] {
            font.extend_from_slice(&offset.to_be_bytes());
        }
        for glyph in 0..3u8 {
            font.extend_from_slice(&[0, 1]);
            font.extend_from_slice(&[100 + glyph; 14]);
        }
        font.extend_from_slice(&[0xFF, 0xFF, 9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 0, 1, 0, 0]);
        font
    }

    #[test]
    fn other_glyphs_are_emptied_and_parts_kept() {
        let original = font();
        let glyph = |font: &[u8], index: usize| font[122 + 16 * index..122 + 16 * (index + 1)].to_vec();
        let trimmed = without_other_glyphs(&original, &BTreeSet::from([3])).expect("a font");
        assert_eq!(trimmed.len(), original.len());
        for kept in [0, 1, 3] {
            assert_eq!(glyph(&trimmed, kept), glyph(&original, kept));
        }
        assert_eq!(glyph(&trimmed, 2), [0; 16]);
        assert!(without_other_glyphs(b"OTTO is no TrueType font", &BTreeSet::new()).is_none());
        assert!(without_other_glyphs(&original[..130], &BTreeSet::from([3])).is_none());
    }
}
