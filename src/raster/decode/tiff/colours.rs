//! Samples of a page → colours, by what the page says that they mean.

use super::super::colour::Samples;
use super::super::{damaged, unsupported};
use super::Layout;
use crate::container::tiff::{Directory, Tiff};
use crate::error::InputProblem;

/// Samples by their photometric meaning, and opacity where there is any.
pub(super) fn interpreted(
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
        other => return Err(unsupported(format!("TIFF colour space {other}"))),
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
        return Err(unsupported("subsampled YCbCr without JPEG"));
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
