//! TIFF pages → stored samples. Directories are read by [`crate::container::tiff`]; here strips and tiles are
//! unpacked and put together.

use std::borrow::Cow;
use std::io::Read;

use super::ccitt::{self, Coding};
use super::colour::Samples;
use super::{Stored, Tone, damaged};
use crate::container::jpeg;
use crate::container::tiff::{ChainEnd, Directory, Tiff};
use crate::error::InputProblem;
use crate::input::Limits;

/// Directory offsets of all pages, and whether their chain is broken off.
pub(super) fn pages(bytes: &[u8], limits: &Limits) -> Result<(Vec<u64>, bool), InputProblem> {
    let tiff = Tiff::new(bytes).ok_or_else(|| damaged("no TIFF header"))?;
    let chain = tiff.chain(limits.tiff_pages);
    match chain.end {
        ChainEnd::OverLimit => {
            Err(InputProblem::TooLarge(format!("more than {} pages in one file", limits.tiff_pages)))
        }
        _ if chain.offsets.is_empty() => Err(damaged("no page in it")),
        end => Ok((chain.offsets, end == ChainEnd::Broken)),
    }
}

/// What a page's data are cut into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChunkKind {
    /// Bands of the full width; the last may be lower.
    Strip,
    /// Equal rectangles, padded at the edges.
    Tile,
}

/// How a directory lays out its pixels.
struct Layout {
    width: u32,
    height: u32,
    /// Bits of each sample.
    bits: u16,
    /// Samples of a pixel, extra ones included.
    samples: usize,
    compression: u64,
    photometric: u64,
    predictor: u64,
    /// Each sample in planes of its own.
    planar: bool,
    /// Bits of each byte in reverse.
    reversed_bits: bool,
    /// Strip or tile size in pixels.
    chunk: (u32, u32),
    chunk_kind: ChunkKind,
    little_endian: bool,
}

pub(super) fn decode(bytes: &[u8], offset: u64, limits: &Limits) -> Result<Stored, InputProblem> {
    let tiff = Tiff::new(bytes).ok_or_else(|| damaged("no TIFF header"))?;
    let directory = tiff.directory(offset).ok_or_else(|| damaged("the page's directory is cut off"))?;
    let layout = Layout::read(&tiff, &directory, limits)?;
    let samples = if let Some(stream) = old_jpeg_stream(&tiff, &directory, &layout) {
        let parts = jpeg::parts(stream).ok_or_else(|| damaged("no JPEG signature"))?;
        match super::jpeg::decode_samples(&parts, limits, None)? {
            (width, height, samples) if (width, height) == (layout.width, layout.height) => (samples, None),
            _ => return Err(damaged("the JPEG inside has another size")),
        }
    } else {
        let planes = unpacked(&tiff, &directory, &layout, limits)?;
        interpreted(&tiff, &directory, &layout, planes)?
    };
    let tone = match &samples.0 {
        Samples::Grey(_) if layout.bits == 1 => Tone::Bilevel,
        Samples::Grey(_) => Tone::Grey,
        _ => Tone::Colour,
    };
    Ok(Stored {
        width: layout.width,
        height: layout.height,
        samples: samples.0,
        alpha: samples.1,
        profile: directory.find(34675).map(|entry| entry.data.to_vec()),
        tone,
        orientation: tiff.orientation(&directory).unwrap_or(1),
        dpi: tiff.dpi(&directory),
        notes: Vec::new(),
        not_examined: None,
    })
}

impl Layout {
    fn read(tiff: &Tiff<'_>, directory: &Directory<'_>, limits: &Limits) -> Result<Self, InputProblem> {
        let first = |tag: u16| directory.find(tag).and_then(|entry| tiff.unsigned(entry).first().copied());
        let side = |tag: u16| {
            let value = first(tag).ok_or_else(|| damaged(format!("tag {tag} is missing")))?;
            u32::try_from(value).map_err(|_| InputProblem::TooLarge(format!("a side of {value} px")))
        };
        let (width, height) = (side(256)?, side(257)?);
        limits.check_size(width, height)?;
        let depths = directory.find(258).map_or_else(|| vec![1], |entry| tiff.unsigned(entry));
        let bits = depths.first().copied().unwrap_or(1);
        if depths.iter().any(|&depth| depth != bits) || !matches!(bits, 1 | 2 | 4 | 8 | 16 | 32) {
            return Err(damaged(format!("samples of {depths:?} bits are not supported")));
        }
        if first(339).is_some_and(|format| !matches!(format, 1 | 4)) {
            return Err(damaged("signed or floating-point samples are not supported"));
        }
        let samples = first(277).unwrap_or(1);
        if !(1..=16).contains(&samples) {
            return Err(damaged(format!("{samples} samples a pixel are not supported")));
        }
        let compression = first(259).unwrap_or(1);
        let tiled = directory.find(322).is_some();
        let chunk = if tiled {
            let tile = (side(322)?, side(323)?);
            limits.check_size(tile.0, tile.1)?;
            tile
        } else {
            let rows = first(278).unwrap_or(u64::MAX).clamp(1, u64::from(height));
            (width, rows as u32)
        };
        let guess = if matches!(compression, 2..=4) { 0 } else { 1 + u64::from(samples >= 3) };
        Ok(Self {
            width,
            height,
            bits: bits as u16,
            samples: samples as usize,
            compression,
            photometric: first(262).unwrap_or(guess),
            predictor: first(317).unwrap_or(1),
            planar: first(284) == Some(2) && samples > 1,
            reversed_bits: first(266) == Some(2),
            chunk,
            chunk_kind: if tiled { ChunkKind::Tile } else { ChunkKind::Strip },
            little_endian: tiff.little_endian(),
        })
    }

    /// Samples of a pixel within one strip or tile.
    fn chunk_samples(&self) -> usize {
        if self.planar { 1 } else { self.samples }
    }

    /// Bytes of a row of a strip or tile.
    fn row_bytes(&self) -> usize {
        (self.chunk.0 as usize * self.chunk_samples() * usize::from(self.bits)).div_ceil(8)
    }
}

/// All samples as bytes, interleaved. Samples of fewer than 8 bits keep their value, wider ones their upper part.
fn unpacked(
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
        other => return Err(damaged(format!("TIFF compression {other} is not supported"))),
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
        (predictor, bits) => return Err(damaged(format!("TIFF predictor {predictor} with {bits} bits"))),
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
    let (width, height, samples) = super::jpeg::decode_samples(&parts, limits, raw)?;
    let (Samples::Grey(samples) | Samples::Rgb(samples) | Samples::Cmyk(samples)) = samples;
    let channels = layout.chunk_samples();
    let fits = width == layout.chunk.0 && height >= rows && samples.len() >= (width * rows) as usize * channels;
    if !fits || samples.len() != width as usize * height as usize * channels {
        return Err(damaged("a JPEG strip has another size than the page says"));
    }
    Ok(samples)
}

/// The one stream of an old-style JPEG page (compression 6), where the file has it as a whole.
fn old_jpeg_stream<'a>(tiff: &Tiff<'a>, directory: &Directory<'_>, layout: &Layout) -> Option<&'a [u8]> {
    let first = |tag: u16| directory.find(tag).and_then(|entry| tiff.unsigned(entry).first().copied());
    if layout.compression != 6 {
        return None;
    }
    let start = first(513).or_else(|| first(273))?;
    Some(tiff.slice_up_to(start, u64::MAX)).filter(|stream| stream.starts_with(&jpeg::SOI))
}

/// Samples by their photometric meaning, and opacity where there is any.
fn interpreted(
    tiff: &Tiff<'_>,
    directory: &Directory<'_>,
    layout: &Layout,
    values: Vec<u8>,
) -> Result<(Samples, Option<Vec<u8>>), InputProblem> {
    let top = if layout.bits >= 8 { 255 } else { (1u16 << layout.bits) as u8 - 1 };
    let scaled = |value: u8| (u16::from(value) * 255 / u16::from(top)) as u8;
    let colours = match layout.photometric {
        0 | 1 | 3 | 4 => 1,
        2 | 6 => 3,
        5 => 4,
        other => return Err(damaged(format!("TIFF colour space {other} is not supported"))),
    };
    if layout.samples < colours {
        return Err(damaged("fewer samples a pixel than its colours need"));
    }
    let extra = directory.find(338).map_or_else(Vec::new, |entry| tiff.unsigned(entry));
    let opacity = extra.first().filter(|&&kind| matches!(kind, 1 | 2) && layout.samples > colours);
    let mut alpha =
        opacity.map(|_| values.chunks_exact(layout.samples).map(|p| scaled(p[colours])).collect::<Vec<_>>());
    let mut colour: Vec<u8> = if layout.samples == colours {
        values
    } else {
        values.chunks_exact(layout.samples).flat_map(|pixel| &pixel[..colours]).copied().collect()
    };
    if top != 255 && layout.photometric != 3 {
        for value in &mut colour {
            *value = scaled(*value);
        }
    }
    if opacity == Some(&1) {
        // Colours that were multiplied by their opacity: undo it, as it is laid on white like any other.
        if let Some(alpha) = &alpha {
            for (pixel, &alpha) in colour.chunks_exact_mut(colours).zip(alpha) {
                for value in pixel {
                    *value = (u16::from(*value) * 255 / u16::from(alpha.max(1))).min(255) as u8;
                }
            }
        }
    }
    if matches!(layout.photometric, 3..=5) {
        alpha = None;
    }
    let samples = match layout.photometric {
        0 => {
            for value in &mut colour {
                *value = 255 - *value;
            }
            Samples::Grey(colour)
        }
        1 | 4 => Samples::Grey(colour),
        3 => Samples::Rgb(looked_up(tiff, directory, layout, &colour)?),
        5 => Samples::Cmyk(colour),
        6 if layout.compression != 7 => Samples::Rgb(from_ycbcr(tiff, directory, colour)?),
        _ => Samples::Rgb(colour),
    };
    Ok((samples, alpha))
}

fn looked_up(
    tiff: &Tiff<'_>,
    directory: &Directory<'_>,
    layout: &Layout,
    indices: &[u8],
) -> Result<Vec<u8>, InputProblem> {
    let entries = 1usize << layout.bits.min(8);
    let map = directory.find(320).map(|entry| tiff.unsigned(entry)).filter(|map| map.len() >= 3 * entries);
    let map = map.ok_or_else(|| damaged("a palette image without its palette"))?;
    // Some writers store 8-bit values where 16-bit ones belong.
    let shift = if map.iter().any(|&value| value > 255) { 8 } else { 0 };
    let colours: Vec<[u8; 3]> =
        (0..entries).map(|i| [0, 1, 2].map(|channel| (map[channel * entries + i] >> shift) as u8)).collect();
    Ok(indices.iter().flat_map(|&index| colours[usize::from(index)]).collect())
}

/// Full-range YCbCr with a chroma sample for every pixel.
fn from_ycbcr(tiff: &Tiff<'_>, directory: &Directory<'_>, mut colour: Vec<u8>) -> Result<Vec<u8>, InputProblem> {
    let subsampling = directory.find(530).map_or_else(|| vec![2, 2], |entry| tiff.unsigned(entry));
    if subsampling != [1, 1] {
        return Err(damaged("subsampled YCbCr without JPEG is not supported"));
    }
    for pixel in colour.as_chunks_mut::<3>().0 {
        let [y, cb, cr] = pixel.map(f32::from);
        let (cb, cr) = (cb - 128.0, cr - 128.0);
        // ITU-R BT.601, TIFF's default coefficients.
        let rgb = [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb];
        *pixel = rgb.map(|value| value.round().clamp(0.0, 255.0) as u8);
    }
    Ok(colour)
}
