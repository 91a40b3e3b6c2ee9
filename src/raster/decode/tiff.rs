//! TIFF pages → stored samples. Directories are read by [`crate::container::tiff`].

mod chunks;
mod colours;

use super::colour::Samples;
use super::{Stored, Tone, damaged, unsupported};
use crate::container::jpeg;
use crate::container::tiff::{ChainEnd, Directory, Tiff};
use crate::error::InputProblem;
use crate::limits::Limits;
use chunks::unpacked;
use colours::interpreted;

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
            return Err(unsupported(format!("samples of {depths:?} bits")));
        }
        if first(339).is_some_and(|format| !matches!(format, 1 | 4)) {
            return Err(unsupported("signed or floating-point samples"));
        }
        let samples = first(277).unwrap_or(1);
        if !(1..=16).contains(&samples) {
            return Err(unsupported(format!("{samples} samples a pixel")));
        }
        limits.check_depth(width, height, samples * bits)?;
        let compression = first(259).unwrap_or(1);
        let tiled = directory.find(322).is_some();
        let chunk = if tiled {
            let tile = (side(322)?, side(323)?);
            limits.check_size(tile.0, tile.1)?;
            limits.check_depth(tile.0, tile.1, samples * bits)?;
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

/// The one stream of an old-style JPEG page (compression 6), where the file has it as a whole.
fn old_jpeg_stream<'a>(tiff: &Tiff<'a>, directory: &Directory<'_>, layout: &Layout) -> Option<&'a [u8]> {
    let first = |tag: u16| directory.find(tag).and_then(|entry| tiff.unsigned(entry).first().copied());
    if layout.compression != 6 {
        return None;
    }
    let start = first(513).or_else(|| first(273))?;
    Some(tiff.slice_up_to(start, u64::MAX)).filter(|stream| stream.starts_with(&jpeg::SOI))
}
