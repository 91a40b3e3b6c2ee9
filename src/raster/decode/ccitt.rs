//! Fax compression in TIFF: modified Huffman, Group 3 one- and two-dimensional (ITU-T T.4), Group 4 (T.6).

use fax::maps::{Mode, black, mode, white};
use fax::{BitReader, Bits};

/// Which of the fax codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// TIFF compression 2: one-dimensional rows that start at whole bytes, without line ends.
    ModifiedHuffman,
    /// TIFF compression 3: rows led by line ends; a bit tells two-dimensional rows when `two_dimensional`.
    Group3 {
        /// T4Options bit 0.
        two_dimensional: bool,
    },
    /// TIFF compression 4.
    Group4,
}

/// `rows` rows of `width` pixels as packed bits, 1 for black runs. `None` when the data are not such rows.
pub(super) fn decode(data: &[u8], coding: Coding, width: u32, rows: u32) -> Option<Vec<u8>> {
    let row_bytes = width.div_ceil(8) as usize;
    let mut packed = vec![0; row_bytes * rows as usize];
    let mut reader = Reader { data, at: 0 };
    let mut reference = Vec::new();
    for row in packed.chunks_exact_mut(row_bytes) {
        let two_dimensional = match coding {
            Coding::Group4 => true,
            Coding::ModifiedHuffman => {
                reader.at = reader.at.next_multiple_of(8);
                false
            }
            Coding::Group3 { two_dimensional } => {
                let ends = reader.skip_line_ends(two_dimensional);
                two_dimensional && ends.last_tag == Some(0)
            }
        };
        let changes = if two_dimensional {
            match two_dimensional_row(&mut reader, &reference, width)? {
                Row::Changes(changes) => changes,
                // Encoders leave out white rows at the end.
                Row::EndOfPage => return Some(packed),
            }
        } else {
            one_dimensional_row(&mut reader, width)?
        };
        paint(row, &changes, width);
        reference = changes;
        if reader.at > data.len() * 8 {
            return None;
        }
    }
    Some(packed)
}

enum Row {
    /// Where colours change, from white; even places turn black.
    Changes(Vec<u32>),
    EndOfPage,
}

fn one_dimensional_row(reader: &mut Reader<'_>, width: u32) -> Option<Vec<u32>> {
    let mut changes = Vec::new();
    let (mut at, mut is_black) = (0, false);
    while at < width {
        at += run(reader, is_black)?;
        changes.push(at.min(width));
        is_black = !is_black;
    }
    (at == width).then_some(changes)
}

fn two_dimensional_row(reader: &mut Reader<'_>, reference: &[u32], width: u32) -> Option<Row> {
    let mut changes = Vec::new();
    let (mut at, mut is_black, mut started) = (0, false, false);
    let mut index = 0;
    while at < width {
        // The first change of the row above that lies right of here and turns to the other colour; at the
        // row's start, one at column 0 counts too.
        while index > 0 && reference.get(index - 1).is_some_and(|&change| change > at || !started) {
            index -= 1;
        }
        while reference.get(index).is_some_and(|&change| change <= at && (started || change < at))
            || (index < reference.len() && (index % 2 == 1) != is_black)
        {
            index += 1;
        }
        let above = |index: usize| reference.get(index).copied().unwrap_or(width);
        match mode::decode(reader)? {
            Mode::Pass => at = above(index + 1),
            Mode::Vertical(offset) => {
                let change = above(index).checked_add_signed(i32::from(offset)).filter(|&x| x <= width && x >= at)?;
                changes.push(change);
                at = change;
                is_black = !is_black;
            }
            Mode::Horizontal => {
                let first = at + run(reader, is_black)?;
                let second = first + run(reader, !is_black)?;
                if second > width {
                    return None;
                }
                changes.extend([first, second]);
                at = second;
            }
            Mode::Extension => return None,
            Mode::EOF => return (!started).then_some(Row::EndOfPage),
        }
        started = true;
    }
    Some(Row::Changes(changes))
}

/// The length of one run: make-up codes, then a terminating code.
fn run(reader: &mut Reader<'_>, is_black: bool) -> Option<u32> {
    let mut length = 0;
    loop {
        let code = if is_black { black::decode(reader) } else { white::decode(reader) }?;
        length += u32::from(code);
        if code < 64 {
            return Some(length);
        }
        if length > 1 << 20 {
            return None;
        }
    }
}

fn paint(row: &mut [u8], changes: &[u32], width: u32) {
    for pair in changes.chunks(2) {
        let end = pair.get(1).copied().unwrap_or(width);
        for x in pair[0]..end {
            row[x as usize / 8] |= 0x80 >> (x % 8);
        }
    }
}

/// Bits of the data, most significant first; zeros after the end.
struct Reader<'a> {
    data: &'a [u8],
    /// Bits taken.
    at: usize,
}

struct LineEnds {
    /// The bit after the last line end, when asked for.
    last_tag: Option<u16>,
}

impl Reader<'_> {
    /// Passes over line ends (eleven zeros or more, then a one), each followed by a tag bit if `tagged`.
    fn skip_line_ends(&mut self, tagged: bool) -> LineEnds {
        let mut ends = LineEnds { last_tag: None };
        while self.peek(11) == Some(0) && self.at < self.data.len() * 8 {
            while self.peek(1) == Some(0) && self.at < self.data.len() * 8 {
                self.at += 1;
            }
            self.at += 1;
            if tagged {
                ends.last_tag = self.peek(1);
                self.at += 1;
            }
        }
        ends
    }
}

impl BitReader for Reader<'_> {
    type Error = ();

    fn peek(&self, bits: u8) -> Option<u16> {
        let byte = |i: usize| u32::from(self.data.get(i).copied().unwrap_or(0));
        let first = self.at / 8;
        let window = byte(first) << 16 | byte(first + 1) << 8 | byte(first + 2);
        let shift = 24u32.checked_sub(self.at as u32 % 8 + u32::from(bits))?;
        (bits <= 16).then(|| (window >> shift & ((1 << bits) - 1)) as u16)
    }

    fn consume(&mut self, bits: u8) -> Result<(), ()> {
        self.at += usize::from(bits);
        // A code that starts inside the data may be peeked past its end, but a page of zeros may not follow.
        if self.at > self.data.len() * 8 + 32 { Err(()) } else { Ok(()) }
    }

    fn expect(&mut self, bits: Bits) -> Result<(), Option<Bits>> {
        match self.peek(bits.len) {
            Some(data) if data == bits.data => Ok(()),
            found => Err(found.map(|data| Bits { data, len: bits.len })),
        }
    }

    fn bits_to_byte_boundary(&self) -> u8 {
        ((8 - self.at % 8) % 8) as u8
    }
}
