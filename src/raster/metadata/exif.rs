//! EXIF blocks and TIFF directories: texts and thumbnails.

use super::{ImageMetadata, photoshop, text};
use crate::container::tiff::{Directory, Entry, Tiff};
use crate::limits::Limits;
use crate::raster::decode::directory_page;

/// Directories that are followed from one block: a guard against loops.
const MOST_DIRECTORIES: usize = 64;

/// Reads an EXIF block.
pub(super) fn read(block: &[u8], found: &mut ImageMetadata) {
    let Some(tiff) = Tiff::new(block) else {
        found.unknown("EXIF", block);
        return;
    };
    // The first directory is about the page, the next one is the thumbnail's.
    for (index, offset) in tiff.chain(MOST_DIRECTORIES).offsets.into_iter().enumerate() {
        if index > 0 {
            read_thumbnail(block, &tiff, offset, "EXIF thumbnail", found);
        }
        read_directory(block, &tiff, offset, "EXIF", MOST_DIRECTORIES, found);
    }
}

/// Reads the directories of a TIFF file's pages; their pictures are pages, not embedded images.
pub(super) fn read_pages(bytes: &[u8], found: &mut ImageMetadata) {
    let Some(tiff) = Tiff::new(bytes) else { return };
    for (index, offset) in tiff.chain(Limits::default().tiff_pages).offsets.into_iter().enumerate() {
        let place = format!("TIFF page {}", index + 1);
        read_directory(bytes, &tiff, offset, &place, MOST_DIRECTORIES, found);
    }
}

fn read_directory(block: &[u8], tiff: &Tiff<'_>, offset: u64, place: &str, depth: usize, found: &mut ImageMetadata) {
    let Some(directory) = tiff.directory(offset).filter(|_| depth > 0) else { return };
    for entry in &directory.entries {
        match entry.tag {
            0x8769 | 0x8825 | 0xA005 => {
                for offset in tiff.unsigned(entry) {
                    read_directory(block, tiff, offset, place, depth / 4, found);
                }
            }
            0x014A => {
                for offset in tiff.unsigned(entry) {
                    read_thumbnail(block, tiff, offset, &format!("{place} sub-image"), found);
                    read_directory(block, tiff, offset, place, depth / 4, found);
                }
            }
            _ => read_entry(tiff, entry, place, found),
        }
    }
}

fn read_entry(tiff: &Tiff<'_>, entry: &Entry<'_>, place: &str, found: &mut ImageMetadata) {
    let named = || format!("{place} {}", tag_name(entry.tag));
    match (entry.tag, entry.field_type) {
        (0x02BC, _) => found.xmp(entry.data),
        (0x83BB, _) => photoshop::read_iptc(&iptc_bytes(tiff, entry), found),
        (0x8649, _) => photoshop::read(entry.data, found),
        // Windows' own fields: UTF-16, little-endian whatever the block's order is.
        (0x9C9B..=0x9C9F, _) => found.text(named(), &text::from_utf16_le(entry.data)),
        (0x9286 | 0x001B | 0x001C, 7) => {
            for text in commented(tiff, entry.data) {
                found.text(named(), &text);
            }
        }
        // Strip data, colour tables and JPEG tables are no text.
        (0x015B | 0x8773, _) => {}
        (_, 2 | 129) => found.encoded(named(), entry.data),
        (_, 7) => found.unknown(&named(), entry.data),
        (_, 1) if entry.data.len() > 4 => found.unknown(&named(), entry.data),
        _ => {}
    }
}

/// Some writers store IPTC as 32-bit numbers, byte-swapped with the file.
fn iptc_bytes(tiff: &Tiff<'_>, entry: &Entry<'_>) -> Vec<u8> {
    if entry.field_type == 4 && tiff.little_endian() && entry.data.first() != Some(&0x1C) {
        return entry.data.as_chunks::<4>().0.iter().flat_map(|&[a, b, c, d]| [d, c, b, a]).collect();
    }
    entry.data.to_vec()
}

/// Text led by eight bytes that name its encoding (EXIF 2.3, UserComment); both readings where the order of its bytes is
/// not said, as many writers use their own and not the block's. The wrong one spells nobody's name.
fn commented(tiff: &Tiff<'_>, data: &[u8]) -> Vec<String> {
    let Some((code, body)) = data.split_first_chunk::<8>() else { return vec![text::decoded(data)] };
    match code {
        b"UNICODE\0" if !body.starts_with(&[0xFE, 0xFF]) && !body.starts_with(&[0xFF, 0xFE]) => {
            let units = tiff.code_units(body);
            let swapped: Vec<u16> = units.iter().map(|unit| unit.swap_bytes()).collect();
            vec![String::from_utf16_lossy(&units), String::from_utf16_lossy(&swapped)]
        }
        b"UNICODE\0" | b"ASCII\0\0\0" | [0, 0, 0, 0, 0, 0, 0, 0] => vec![text::decoded(body)],
        b"JIS\0\0\0\0\0" => vec![encoding_rs::ISO_2022_JP.decode_without_bom_handling(body).0.into_owned()],
        _ => vec![text::decoded(data)],
    }
}

/// The picture that a directory describes: a JPEG of its own, or strips.
fn read_thumbnail(block: &[u8], tiff: &Tiff<'_>, offset: u64, place: &str, found: &mut ImageMetadata) {
    let Some(directory) = tiff.directory(offset) else { return };
    if let Some(jpeg) = jpeg_of(tiff, &directory) {
        found.file(place, jpeg);
    } else if directory.find(0x0111).is_some() || directory.find(0x0144).is_some() {
        match directory_page(block, offset, &Limits::default()) {
            Ok(page) => found.pixels(place, page.raster.pixels),
            // Handed on as it is: whoever examines it will find it damaged and say so.
            Err(_) => found.file(place, block),
        }
    }
}

fn jpeg_of<'a>(tiff: &Tiff<'a>, directory: &Directory<'_>) -> Option<&'a [u8]> {
    let first = |tag: u16| tiff.unsigned(directory.find(tag)?).first().copied();
    let data = tiff.slice_up_to(first(0x0201)?, first(0x0202).unwrap_or(u64::MAX));
    Some(data).filter(|data| !data.is_empty())
}

/// Names of the tags that hold text (EXIF 3.0, TIFF 6.0, Windows).
fn tag_name(tag: u16) -> String {
    let name = match tag {
        0x010D => "DocumentName",
        0x010E => "ImageDescription",
        0x010F => "Make",
        0x0110 => "Model",
        0x011D => "PageName",
        0x0131 => "Software",
        0x0132 => "DateTime",
        0x013B => "Artist",
        0x013C => "HostComputer",
        0x0151 => "TargetPrinter",
        0x8298 => "Copyright",
        0x9003 => "DateTimeOriginal",
        0x9004 => "DateTimeDigitized",
        0x927C => "MakerNote",
        0x9286 => "UserComment",
        0x9C9B => "XPTitle",
        0x9C9C => "XPComment",
        0x9C9D => "XPAuthor",
        0x9C9E => "XPKeywords",
        0x9C9F => "XPSubject",
        0xA420 => "ImageUniqueID",
        0xA430 => "CameraOwnerName",
        0xA431 => "BodySerialNumber",
        0xA433 => "LensMake",
        0xA434 => "LensModel",
        0xA436 => "ImageTitle",
        0xA437 => "Photographer",
        0xA438 => "ImageEditor",
        _ => return format!("tag 0x{tag:04X}"),
    };
    name.into()
}
