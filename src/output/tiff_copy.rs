//! A TIFF page's strips or tiles as they are, with only the tags that say how to read them.

use super::jpeg;
use super::tiff::TiffFile;
use crate::container::tiff::{Directory, Tiff};

/// Tags that decide what is displayed: layout, coding, colours, resolution, orientation, profile.
const KEPT: [u16; 24] = [
    254, 256, 257, 258, 259, 262, 266, 274, 277, 278, 282, 283, 284, 292, 293, 296, 317, 320, 322, 323, 339, 347, 530,
    34675,
];

/// Appends the page at `offset` of `source` to `file` without decoding it. False when that cannot be done without
/// taking along what is not displayed, or in another byte order: the page has to be decoded then.
pub(super) fn copy_page(file: &mut TiffFile, source: &Tiff<'_>, directory: &Directory<'_>) -> bool {
    let Some(chunks) = chunks(source, directory) else { return false };
    let first = |tag: u16| directory.find(tag).and_then(|entry| source.unsigned(entry).first().copied());
    let is_jpeg = first(259) == Some(7);
    let mut entries: Vec<(u16, u16, Vec<u8>)> = Vec::new();
    for entry in directory.entries.iter().filter(|entry| KEPT.contains(&entry.tag)) {
        if !matches!(entry.field_type, 1..=5 | 7) {
            return false;
        }
        entries.push((entry.tag, entry.field_type, little_endian(source, entry.field_type, entry.data)));
    }
    let mut offsets = Vec::new();
    let mut counts = Vec::new();
    for chunk in chunks {
        // A JPEG strip may have segments of its own.
        let stream = if is_jpeg { jpeg::without_metadata(chunk, 1) } else { Some(chunk.to_vec()) };
        let Some(data) = stream else { return false };
        offsets.extend((file.len() as u32).to_le_bytes());
        counts.extend((data.len() as u32).to_le_bytes());
        file.add_data(&data);
    }
    let (offset_tag, count_tag) = if directory.find(324).is_some() { (324, 325) } else { (273, 279) };
    entries.push((offset_tag, 4, offsets));
    entries.push((count_tag, 4, counts));
    entries.sort_by_key(|entry| entry.0);
    file.add_directory(&entries);
    true
}

/// The page's data, when they can be taken as they are.
fn chunks<'a>(source: &Tiff<'a>, directory: &Directory<'_>) -> Option<Vec<&'a [u8]>> {
    let first = |tag: u16| directory.find(tag).and_then(|entry| source.unsigned(entry).first().copied());
    // Old-style JPEG keeps its tables elsewhere; extra samples may hide pixels; wide samples keep the file's order.
    let is_plain = first(259) != Some(6) && directory.find(338).is_none();
    let is_narrow = source.little_endian() || first(258).is_none_or(|bits| bits <= 8);
    if !is_plain || !is_narrow {
        return None;
    }
    let (offset_tag, count_tag) = if directory.find(324).is_some() { (324, 325) } else { (273, 279) };
    let offsets = source.unsigned(directory.find(offset_tag)?);
    let counts = source.unsigned(directory.find(count_tag)?);
    if offsets.len() != counts.len() {
        return None;
    }
    offsets.into_iter().zip(counts).map(|(offset, count)| source.slice(offset, count)).collect()
}

fn little_endian(source: &Tiff<'_>, field_type: u16, data: &[u8]) -> Vec<u8> {
    if source.little_endian() {
        return data.to_vec();
    }
    let unit = match field_type {
        3 => 2,
        4 | 5 => 4,
        _ => 1,
    };
    data.chunks(unit).flat_map(|value| value.iter().rev().copied()).collect()
}
