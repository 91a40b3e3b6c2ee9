//! Pixels → JPEG in the manner of the source, and JPEG files without their metadata.

use image::RgbImage;
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, PixelDensity, PixelDensityUnit};
use jpeg_encoder::{QuantizationTableType, SamplingFactor};

use super::EncodeProblem;
use super::tone::is_grey;
use crate::container::jpeg::{self, Parts};
use crate::container::tiff::orientation_only;

/// How a JPEG is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Style {
    /// 1..=100 on the scale of the IJG tables.
    pub quality: u8,
    /// Quantization tables for luma and chroma in row order; `None` for the IJG tables at `quality`.
    pub tables: Option<[[u16; 64]; 2]>,
    /// Luma samples for each chroma sample, horizontally and vertically.
    pub sampling: (u8, u8),
}

/// Quality for pixels that were no JPEG: artefacts are not seen on text.
const FRESH_QUALITY: u8 = 90;

/// Annex K of ITU-T T.81, luma, in zigzag order: the tables that the IJG quality scale multiplies.
const STANDARD_LUMA: [u16; 64] = [
    16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61,
    60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113,
    121, 112, 100, 120, 92, 101, 103, 99,
];

/// Row-order place of each zigzag place (figure A.6 of ITU-T T.81).
const ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63,
];

impl Style {
    /// The IJG tables at this quality; chroma at half resolution below 90.
    pub(super) fn of_quality(quality: u8) -> Self {
        Self { quality, tables: None, sampling: if quality < 90 { (2, 2) } else { (1, 1) } }
    }

    /// For pixels that come from no JPEG.
    pub(super) fn fresh() -> Self {
        Self::of_quality(FRESH_QUALITY)
    }

    /// As the source was written: with its own tables, pixels that nobody touched hardly change again.
    pub(super) fn of(source: &[u8]) -> Self {
        jpeg::parts(source).and_then(|parts| Self::of_parts(&parts)).unwrap_or_else(Self::fresh)
    }

    fn of_parts(parts: &Parts<'_>) -> Option<Self> {
        let frame = parts.frame()?;
        let all = parts.quantization_tables();
        let table = |number: u8| all.iter().find(|(each, _)| *each == number).map(|(_, table)| table);
        let luma = table(*frame.tables.first()?)?;
        let chroma = frame.tables.get(1).and_then(|&number| table(number)).unwrap_or(luma);
        let sampling = match frame.sampling[..] {
            [(h, v), (1, 1), (1, 1), ..] => (h, v),
            _ => (1, 1),
        };
        let is_ycbcr = frame.sampling.len() != 4 && parts.adobe_transform() != Some(0);
        let tables = is_ycbcr.then(|| [row_order(luma), row_order(chroma)]);
        Some(Self { quality: estimated_quality(luma), tables, sampling })
    }

    /// The same at a lower quality.
    pub(super) fn at_quality(&self, quality: u8) -> Self {
        let sampling = if quality < 75 { (2, 2) } else { self.sampling };
        Self { quality, tables: None, sampling }
    }
}

fn row_order(zigzag: &[u16; 64]) -> [u16; 64] {
    let mut table = [1; 64];
    for (&value, place) in zigzag.iter().zip(ZIGZAG) {
        table[place] = value.clamp(1, 255);
    }
    table
}

/// The quality at which the IJG tables quantize as coarsely on average.
fn estimated_quality(luma: &[u16; 64]) -> u8 {
    let sum = |table: &[u16; 64]| table.iter().map(|&v| f32::from(v)).sum::<f32>();
    let percent = 100.0 * sum(luma) / sum(&STANDARD_LUMA);
    let quality = if percent > 100.0 { 5000.0 / percent } else { (200.0 - percent) / 2.0 };
    quality.round().clamp(1.0, 100.0) as u8
}

/// Encodes pixels; without colours as a grey JPEG.
pub(super) fn encode(pixels: &RgbImage, style: &Style, dpi: Option<f32>) -> Result<Vec<u8>, EncodeProblem> {
    let side = |length: u32| {
        u16::try_from(length).map_err(|_| EncodeProblem::Encoder(format!("JPEG cannot hold a side of {length} px")))
    };
    let (width, height) = (side(pixels.width())?, side(pixels.height())?);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, style.quality);
    encoder.set_sampling_factor(sampling_factor(style.sampling));
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    if let Some([luma, chroma]) = style.tables {
        let custom = |table: [u16; 64]| QuantizationTableType::Custom(Box::new(table));
        encoder.set_quantization_tables(custom(luma), custom(chroma));
    }
    if let Some(dpi) = dpi {
        let density = dpi.round() as u16;
        encoder.set_density(PixelDensity { density: (density, density), unit: PixelDensityUnit::Inches });
    }
    let result = if is_grey(pixels) {
        let grey: Vec<u8> = pixels.pixels().map(|pixel| pixel[0]).collect();
        encoder.encode(&grey, width, height, ColorType::Luma)
    } else {
        encoder.encode(pixels.as_raw(), width, height, ColorType::Rgb)
    };
    result.map_err(|error| EncodeProblem::Encoder(error.to_string()))?;
    Ok(bytes)
}

fn sampling_factor((horizontal, vertical): (u8, u8)) -> SamplingFactor {
    match (horizontal, vertical) {
        (1, 1) => SamplingFactor::R_4_4_4,
        (2, 1) => SamplingFactor::R_4_2_2,
        (1, 2) => SamplingFactor::R_4_4_0,
        (4, 1) => SamplingFactor::R_4_1_1,
        _ => SamplingFactor::R_4_2_0,
    }
}

/// The file with the same coded pixels and nothing else: of the metadata only the resolution, the colour
/// profile, Adobe's colour transform and an orientation other than upright remain. `None` for no whole JPEG.
pub(super) fn without_metadata(source: &[u8], orientation: u8) -> Option<Vec<u8>> {
    let parts = jpeg::parts(source).filter(|parts| parts.ended)?;
    let mut out = jpeg::SOI.to_vec();
    let jfif = parts.segments.iter().find(|s| s.marker == 0xE0 && s.payload.starts_with(b"JFIF\0"));
    if let Some(header) = jfif.and_then(|segment| segment.payload.get(..12)) {
        // The last two bytes are the size of a thumbnail.
        jpeg::push_segment(&mut out, 0xE0, &[header, &[0, 0]].concat());
    }
    if orientation > 1 {
        jpeg::push_segment(&mut out, 0xE1, &[jpeg::EXIF_SIGNATURE, &orientation_only(orientation)].concat());
    }
    for segment in &parts.segments {
        let keep = match segment.marker {
            0xE2 => segment.payload.starts_with(jpeg::ICC_SIGNATURE),
            0xEE => segment.payload.starts_with(b"Adobe"),
            0xE0..=0xEF | jpeg::COM => false,
            _ => true,
        };
        if keep {
            let payload = match segment.marker {
                0xEE => segment.payload.get(..12).unwrap_or(segment.payload),
                _ => segment.payload,
            };
            jpeg::push_segment(&mut out, segment.marker, payload);
            out.extend(segment.entropy);
        }
    }
    out.extend(jpeg::EOI);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_is_read_from_the_tables() {
        let pixels = RgbImage::from_fn(64, 64, |x, y| image::Rgb([(x * 4) as u8, (y * 4) as u8, 128]));
        for quality in [30, 60, 75, 85, 90, 95] {
            let bytes = encode(&pixels, &Style::of_quality(quality), None).expect("encodable");
            let style = Style::of(&bytes);
            assert!(style.quality.abs_diff(quality) <= 1, "{quality}: {}", style.quality);
            assert_eq!(style.sampling, if quality < 90 { (2, 2) } else { (1, 1) });
        }
    }
}
