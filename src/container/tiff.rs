//! TIFF 6.0 and BigTIFF structure, which EXIF blocks share: byte order, directories, entries.

use std::collections::BTreeSet;

/// A file or EXIF block that starts with a TIFF header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tiff<'a> {
    bytes: &'a [u8],
    little_endian: bool,
    big: bool,
}

/// One entry of a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    /// What it is about.
    pub tag: u16,
    /// Field type: 1 byte, 2 ASCII, 3 short, 4 long, 5 rational, 7 undefined …
    pub field_type: u16,
    /// Its values, in the file's byte order.
    pub data: &'a [u8],
}

/// One image file directory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Directory<'a> {
    /// Entries whose values lie inside the file.
    pub entries: Vec<Entry<'a>>,
    /// Where the next directory of the chain is.
    pub next: Option<u64>,
}

/// Where the directories of the main chain are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chain {
    /// Offsets in the chain's order.
    pub offsets: Vec<u64>,
    /// How it ends.
    pub end: ChainEnd,
}

/// How a chain of directories ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChainEnd {
    /// As it should.
    Whole,
    /// The next directory is outside the file or was seen before.
    Broken,
    /// There are more than asked for.
    OverLimit,
}

/// Bytes of one value of each field type (TIFF 6.0 §2, BigTIFF 16–18).
fn value_size(field_type: u16) -> usize {
    match field_type {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16..=18 => 8,
        _ => 1,
    }
}

impl<'a> Tiff<'a> {
    /// A view of `bytes`; `None` without a TIFF header.
    pub(crate) fn new(bytes: &'a [u8]) -> Option<Self> {
        let little_endian = match bytes.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let mut tiff = Self { bytes, little_endian, big: false };
        tiff.big = match tiff.number(2, 2)? {
            42 => false,
            43 => true,
            _ => return None,
        };
        Some(tiff)
    }

    /// True when numbers are stored with the least significant byte first.
    pub(crate) fn little_endian(&self) -> bool {
        self.little_endian
    }

    /// The bytes from `offset`, `length` long.
    pub(crate) fn slice(&self, offset: u64, length: u64) -> Option<&'a [u8]> {
        let start = usize::try_from(offset).ok()?;
        self.bytes.get(start..start.checked_add(usize::try_from(length).ok()?)?)
    }

    /// The bytes from `offset`, at most `length` long.
    pub(crate) fn slice_up_to(&self, offset: u64, length: u64) -> &'a [u8] {
        let start = usize::try_from(offset).map_or(self.bytes.len(), |s| s.min(self.bytes.len()));
        let length = usize::try_from(length).map_or(usize::MAX, |l| l);
        &self.bytes[start..start.saturating_add(length).min(self.bytes.len())]
    }

    fn number(&self, offset: u64, size: u64) -> Option<u64> {
        Some(self.value_of(self.slice(offset, size)?))
    }

    fn value_of(&self, bytes: &[u8]) -> u64 {
        let fold = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        if self.little_endian { bytes.iter().rev().fold(0, fold) } else { bytes.iter().fold(0, fold) }
    }

    /// Where the first directory is.
    pub(crate) fn first(&self) -> Option<u64> {
        if self.big { self.number(8, 8) } else { self.number(4, 4) }.filter(|&offset| offset != 0)
    }

    /// The main chain's directories, each once, at most `limit`.
    pub(crate) fn chain(&self, limit: usize) -> Chain {
        let mut chain = Chain { offsets: Vec::new(), end: ChainEnd::Whole };
        let mut seen = BTreeSet::new();
        let mut next = self.first();
        while let Some(offset) = next {
            if chain.offsets.len() >= limit {
                chain.end = ChainEnd::OverLimit;
                break;
            }
            let directory = self.directory(offset).filter(|_| seen.insert(offset));
            let Some(directory) = directory else {
                chain.end = ChainEnd::Broken;
                break;
            };
            chain.offsets.push(offset);
            next = directory.next;
        }
        chain
    }

    /// The directory at `offset`; `None` when it is not inside the file.
    pub(crate) fn directory(&self, offset: u64) -> Option<Directory<'a>> {
        let (count_size, entry_size, inline) = if self.big { (8, 20, 8) } else { (2, 12, 4) };
        let count = self.number(offset, count_size)?;
        let start = offset.checked_add(count_size)?;
        let table = self.slice(start, count.checked_mul(entry_size)?)?;
        let mut entries = Vec::new();
        for raw in table.chunks_exact(entry_size as usize) {
            let tag = self.value_of(&raw[..2]) as u16;
            let field_type = self.value_of(&raw[2..4]) as u16;
            let (values, field) = raw[4..].split_at(inline);
            let length = self.value_of(values).checked_mul(value_size(field_type) as u64);
            let data = match length {
                Some(length) if length <= inline as u64 => field.get(..length as usize),
                Some(length) => self.slice(self.value_of(field), length),
                None => None,
            };
            entries.extend(data.map(|data| Entry { tag, field_type, data }));
        }
        let next = self.number(start + table.len() as u64, inline as u64).filter(|&next| next != 0);
        Some(Directory { entries, next })
    }

    /// An entry's values as whole numbers; empty for other types.
    pub(crate) fn unsigned(&self, entry: &Entry<'_>) -> Vec<u64> {
        match entry.field_type {
            1 | 3 | 4 | 7 | 13 | 16 | 18 => {
                entry.data.chunks_exact(value_size(entry.field_type)).map(|v| self.value_of(v)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// An entry's first value as a number: whole, or a fraction.
    pub(crate) fn number_of(&self, entry: &Entry<'_>) -> Option<f32> {
        if entry.field_type == 5 {
            let (numerator, denominator) = entry.data.get(..8)?.split_at(4);
            let denominator = self.value_of(denominator);
            return (denominator != 0).then(|| self.value_of(numerator) as f32 / denominator as f32);
        }
        self.unsigned(entry).first().map(|&value| value as f32)
    }

    /// UTF-16 code units of an entry's data in the file's byte order.
    pub(crate) fn code_units(&self, data: &[u8]) -> Vec<u16> {
        data.chunks_exact(2).map(|pair| self.value_of(pair) as u16).collect()
    }

    /// EXIF orientation (1..=8) that a directory states.
    pub(crate) fn orientation(&self, directory: &Directory<'_>) -> Option<u8> {
        let value = *self.unsigned(directory.find(0x0112)?).first()?;
        u8::try_from(value).ok().filter(|value| (1..=8).contains(value))
    }

    /// Pixels an inch that a directory states.
    pub(crate) fn dpi(&self, directory: &Directory<'_>) -> Option<f32> {
        let resolution = self.number_of(directory.find(0x011A)?)?;
        match directory.find(0x0128).and_then(|unit| self.unsigned(unit).first().copied()) {
            Some(3) => Some(resolution * 2.54),
            Some(1) => None,
            _ => Some(resolution),
        }
    }
}

impl<'a> Directory<'a> {
    /// The entry of this tag.
    pub(crate) fn find(&self, tag: u16) -> Option<&Entry<'a>> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }
}

/// A little-endian TIFF structure with one directory that holds only an orientation: a minimal EXIF block.
pub(crate) fn orientation_only(orientation: u8) -> Vec<u8> {
    let mut block = b"II\x2a\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00".to_vec();
    block.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minimal_exif_block_states_its_orientation() {
        let block = orientation_only(6);
        let tiff = Tiff::new(&block).expect("a header");
        let directory = tiff.directory(tiff.first().expect("a directory")).expect("inside");
        assert_eq!(tiff.orientation(&directory), Some(6));
        assert_eq!(directory.next, None);
    }

    #[test]
    fn a_chain_that_bites_its_tail_ends() {
        let mut block = orientation_only(1);
        let end = block.len();
        block[end - 4] = 8;
        let chain = Tiff::new(&block).expect("a header").chain(10);
        assert_eq!(chain, Chain { offsets: vec![8], end: ChainEnd::Broken });
    }
}
