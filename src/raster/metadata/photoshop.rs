//! Photoshop image resources and the IPTC data among them.

use super::{ImageMetadata, exif};

/// Reads a chain of image resources ("8BIM" blocks), or plain IPTC data.
pub(super) fn read(mut blocks: &[u8], found: &mut ImageMetadata) {
    if blocks.first() == Some(&0x1C) {
        read_iptc(blocks, found);
        return;
    }
    while let Some((id, name, data, rest)) = next_resource(blocks) {
        found.encoded("Photoshop resource name", name);
        match id {
            0x0404 => read_iptc(data, found),
            // A 28-byte header, then a JPEG; 0x0409 has red and blue exchanged.
            0x0409 | 0x040C => found.file("Photoshop thumbnail", data.get(28..).unwrap_or_default()),
            0x0422 | 0x0423 => exif::read(data, found),
            0x0424 => found.xmp(data),
            0x03F0 => found.encoded("Photoshop caption", data.get(1..).unwrap_or_default()),
            // The colour profile and a digest.
            0x040F | 0x0425 => {}
            _ => found.unknown(&format!("Photoshop resource 0x{id:04X}"), data),
        }
        blocks = rest;
    }
    found.unknown("Photoshop data", blocks);
}

/// Number, name, data, and what follows.
type Resource<'a> = (u16, &'a [u8], &'a [u8], &'a [u8]);

fn next_resource(blocks: &[u8]) -> Option<Resource<'_>> {
    let start = blocks.windows(4).position(|window| window == b"8BIM")?;
    let body = &blocks[start + 4..];
    let id = u16::from_be_bytes([*body.first()?, *body.get(1)?]);
    let name_length = usize::from(*body.get(2)?);
    let name = body.get(3..3 + name_length)?;
    // The name with its length byte is padded to an even length, and so are the data.
    let at = 2 + (name_length + 1).next_multiple_of(2);
    let length = u32::from_be_bytes(body.get(at..at + 4)?.try_into().ok()?) as usize;
    let data = body.get(at + 4..)?.get(..length)?;
    Some((id, name, data, body.get(at + 4 + length.next_multiple_of(2)..).unwrap_or_default()))
}

/// Reads IPTC-IIM datasets.
pub(super) fn read_iptc(mut data: &[u8], found: &mut ImageMetadata) {
    while let Some((&[0x1C, record, dataset, high, low], rest)) = data.split_first_chunk::<5>() {
        let mut length = usize::from(u16::from_be_bytes([high, low]));
        let mut rest = rest;
        if length & 0x8000 != 0 {
            // An extended dataset: the length's own length, then the length.
            let Some((digits, after)) = rest.split_at_checked(length & 0x7FFF) else { break };
            length = digits.iter().fold(0usize, |sum, &byte| sum.wrapping_shl(8) | usize::from(byte));
            rest = after;
        }
        let value = rest.get(..length).unwrap_or(rest);
        // Record 1 is the envelope: its encoding marks and versions are no text.
        if record >= 2 && dataset != 0 {
            found.encoded(format!("IPTC {}", dataset_name(record, dataset)), value);
        }
        data = rest.get(length..).unwrap_or_default();
    }
}

fn dataset_name(record: u8, dataset: u8) -> String {
    let name = match (record, dataset) {
        (2, 5) => "ObjectName",
        (2, 25) => "Keywords",
        (2, 40) => "SpecialInstructions",
        (2, 80) => "Byline",
        (2, 85) => "BylineTitle",
        (2, 105) => "Headline",
        (2, 110) => "Credit",
        (2, 115) => "Source",
        (2, 116) => "CopyrightNotice",
        (2, 118) => "Contact",
        (2, 120) => "Caption",
        (2, 122) => "CaptionWriter",
        _ => return format!("{record}:{dataset}"),
    };
    name.into()
}
