//! Strips and tiles of a page → all its samples as bytes.

use std::borrow::Cow;
use std::io::Read;

use super::super::ccitt::{self, Coding};
use super::super::colour::Samples;
use super::super::{damaged, unsupported};
use super::{ChunkKind, Layout};
use crate::container::jpeg;
use crate::container::tiff::{Directory, Tiff};
use crate::error::InputProblem;
use crate::limits::Limits;

/// All samples as bytes, interleaved. Samples of fewer than 8 bits keep their value, wider ones their upper part.
pub(super) fn unpacked(
    tiff: &Tiff<'_>,
    directory: &Directory<'_>,
    layout: &Layout,
    limits: &Limits,
) -> Result<Vec<u8>, InputProblem> {
    let (offset_tag, count_tag) = match layout.chunk_kind {
        ChunkKind::Tile => (324, 325),
        ChunkKind::Strip => (273, 279),
    };
    let offsets = directory.find(offset_tag).map(|entry| tiff.unsigned(entry));
    let offsets = offsets.ok_or_else(|| damaged("the page's data are not to be found"))?;
    let counts = directory.find(count_tag).map_or_else(Vec::new, |entry| tiff.unsigned(entry));
    let tables = directory.find(347).map(|entry| entry.data);
    let across = layout.width.div_ceil(layout.chunk.0);
    let down = layout.height.div_ceil(layout.chunk.1);
    let plane_count = if layout.planar { layout.samples } else { 1 };
    if offsets.len() < across as usize * down as usize * plane_count {
        return Err(damaged("parts of the page are missing"));
    }
    let group_3 = directory.find(292).map_or(0, |entry| tiff.unsigned(entry).first().copied().unwrap_or(0));
    let mut samples = vec![0; layout.width as usize * layout.height as usize * layout.samples];
    let mut index = 0;
    for plane in 0..plane_count {
        for row in 0..down {
            for column in 0..across {
                let length = counts.get(index).copied().filter(|&count| count > 0).unwrap_or(u64::MAX);
                let data = tiff.slice_up_to(offsets[index], length);
                index += 1;
                let top = row * layout.chunk.1;
                let rows = match layout.chunk_kind {
                    ChunkKind::Tile => layout.chunk.1,
                    ChunkKind::Strip => layout.chunk.1.min(layout.height - top),
                };
                let chunk = chunk_samples(data, layout, rows, tables, group_3, limits)?;
                let place = Place { left: column * layout.chunk.0, top, plane };
                put(&mut samples, layout, &chunk, rows, place);
            }
        }
    }
    Ok(samples)
}

/// Where a chunk belongs in the page.
#[derive(Clone, Copy)]
struct Place {
    left: u32,
    top: u32,
    plane: usize,
}

fn put(samples: &mut [u8], layout: &Layout, chunk: &[u8], rows: u32, place: Place) {
    let inside = layout.chunk_samples();
    let columns = layout.chunk.0.min(layout.width - place.left) as usize;
    let lines = rows.min(layout.height - place.top) as usize;
    for (line, from) in chunk.chunks_exact(layout.chunk.0 as usize * inside).take(lines).enumerate() {
        let start = ((place.top as usize + line) * layout.width as usize + place.left as usize) * layout.samples;
        if inside == layout.samples {
            samples[start..start + columns * inside].copy_from_slice(&from[..columns * inside]);
        } else {
            for (column, &value) in from[..columns].iter().enumerate() {
                samples[start + column * layout.samples + place.plane] = value;
            }
        }
    }
}

/// One strip or tile as one byte a sample.
fn chunk_samples(
    data: &[u8],
    layout: &Layout,
    rows: u32,
    tables: Option<&[u8]>,
    group_3: u64,
    limits: &Limits,
) -> Result<Vec<u8>, InputProblem> {
    if layout.compression == 7 {
        return jpeg_chunk(data, layout, rows, tables, limits);
    }
    let row_bytes = layout.row_bytes();
    let wanted = row_bytes * rows as usize;
    let data: Cow<'_, [u8]> =
        if layout.reversed_bits { data.iter().map(|byte| byte.reverse_bits()).collect() } else { data.into() };
    let short = || damaged("the page's data are cut short");
    let mut packed = vec![0; wanted];
    match layout.compression {
        1 => packed.copy_from_slice(data.get(..wanted).ok_or_else(short)?),
        2..=4 => {
            let coding = match layout.compression {
                2 => Coding::ModifiedHuffman,
                3 => Coding::Group3 { two_dimensional: group_3 & 1 != 0 },
                _ => Coding::Group4,
            };
            if layout.bits != 1 || layout.chunk_samples() != 1 {
                return Err(damaged("fax compression of more than one bit a pixel"));
            }
            packed = ccitt::decode(&data, coding, layout.chunk.0, rows)
                .ok_or_else(|| damaged("the fax-compressed data are damaged"))?;
        }
        5 => {
            let mut decoder = weezl::decode::Decoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
            let mut filled = 0;
            let mut taken = 0;
            while filled < wanted {
                let result = decoder.decode_bytes(&data[taken..], &mut packed[filled..]);
                taken += result.consumed_in;
                filled += result.consumed_out;
                match result.status {
                    Ok(weezl::LzwStatus::Ok) if result.consumed_in + result.consumed_out > 0 => {}
                    _ if filled == wanted => {}
                    _ => return Err(damaged("the LZW-compressed data are damaged")),
                }
            }
        }
        8 | 32946 => {
            let mut reader = flate2::read::ZlibDecoder::new(&*data);
            reader.read_exact(&mut packed).map_err(|_| damaged("the Deflate-compressed data are damaged"))?;
        }
        32773 => unpack_bits(&data, &mut packed).ok_or_else(short)?,
        other => return Err(unsupported(format!("TIFF compression {other}"))),
    }
    undo_prediction(&mut packed, layout)?;
    Ok(widened(&packed, layout))
}

/// PackBits (TIFF 6.0 §9).
fn unpack_bits(data: &[u8], out: &mut [u8]) -> Option<()> {
    let (mut at, mut filled) = (0, 0);
    while filled < out.len() {
        let head = *data.get(at)? as i8;
        at += 1;
        let room = out.len() - filled;
        if head >= 0 {
            let length = head as usize + 1;
            let run = length.min(room);
            out[filled..filled + run].copy_from_slice(data.get(at..at + run)?);
            at += length;
            filled += run;
        } else if head != -128 {
            let run = (1 - isize::from(head)).unsigned_abs().min(room);
            out[filled..filled + run].fill(*data.get(at)?);
            at += 1;
            filled += run;
        }
    }
    Some(())
}

/// Horizontal differencing (TIFF 6.0 §14).
fn undo_prediction(packed: &mut [u8], layout: &Layout) -> Result<(), InputProblem> {
    let step = layout.chunk_samples();
    match (layout.predictor, layout.bits) {
        (1, _) => {}
        (2, 8) => {
            for row in packed.chunks_exact_mut(layout.row_bytes()) {
                for i in step..row.len() {
                    row[i] = row[i].wrapping_add(row[i - step]);
                }
            }
        }
        (2, 16) => {
            for row in packed.chunks_exact_mut(layout.row_bytes()) {
                let values = row.as_chunks_mut::<2>().0;
                for i in step..values.len() {
                    let (left, difference) = (values[i - step], values[i]);
                    values[i] = if layout.little_endian {
                        u16::from_le_bytes(left).wrapping_add(u16::from_le_bytes(difference)).to_le_bytes()
                    } else {
                        u16::from_be_bytes(left).wrapping_add(u16::from_be_bytes(difference)).to_be_bytes()
                    };
                }
            }
        }
        (predictor, bits) => return Err(unsupported(format!("TIFF predictor {predictor} with {bits} bits"))),
    }
    Ok(())
}

/// Packed samples → one byte a sample; rows lose their padding.
fn widened(packed: &[u8], layout: &Layout) -> Vec<u8> {
    let columns = layout.chunk.0 as usize * layout.chunk_samples();
    let rows = packed.chunks_exact(layout.row_bytes());
    match layout.bits {
        8 => packed.to_vec(),
        16 if layout.little_endian => rounded(packed.as_chunks::<2>().0.iter().map(|&v| u16::from_le_bytes(v))),
        16 => rounded(packed.as_chunks::<2>().0.iter().map(|&v| u16::from_be_bytes(v))),
        32 => packed.as_chunks::<4>().0.iter().map(|v| if layout.little_endian { v[3] } else { v[0] }).collect(),
        bits => {
            let (bits, mask) = (usize::from(bits), (1u16 << bits) as u8 - 1);
            let value = |row: &[u8], i: usize| row[i * bits / 8] >> (8 - bits - i * bits % 8) & mask;
            rows.flat_map(|row| (0..columns).map(move |i| value(row, i))).collect()
        }
    }
}

fn rounded(values: impl Iterator<Item = u16>) -> Vec<u8> {
    values.map(|v| ((u32::from(v) * 255 + 32_767) / 65_535) as u8).collect()
}

/// A strip or tile that is a JPEG of its own, with tables kept apart (TIFF Technical Note 2).
fn jpeg_chunk(
    data: &[u8],
    layout: &Layout,
    rows: u32,
    tables: Option<&[u8]>,
    limits: &Limits,
) -> Result<Vec<u8>, InputProblem> {
    let mut parts = jpeg::parts(data).ok_or_else(|| damaged("no JPEG in a JPEG strip"))?;
    if let Some(tables) = tables.and_then(jpeg::parts) {
        parts.segments.splice(0..0, tables.segments);
    }
    // YCbCr becomes RGB here; everything else is what the TIFF says it is.
    let raw = (layout.photometric != 6).then_some(());
    let (width, height, samples) = super::super::jpeg::decode_samples(&parts, limits, raw)?;
    let (Samples::Grey(samples) | Samples::Rgb(samples) | Samples::Cmyk(samples)) = samples;
    let channels = layout.chunk_samples();
    let fits = width == layout.chunk.0 && height >= rows && samples.len() >= (width * rows) as usize * channels;
    if !fits || samples.len() != width as usize * height as usize * channels {
        return Err(damaged("a JPEG strip has another size than the page says"));
    }
    Ok(samples)
}
