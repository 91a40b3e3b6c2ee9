//! JPEG → stored samples.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::colour::Samples;
use super::{Stored, Tone, damaged, exif_marks, unsupported};
use crate::container::jpeg::{self, Parts};
use crate::error::InputProblem;
use crate::limits::Limits;

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Stored, InputProblem> {
    let parts = jpeg::parts(bytes).ok_or_else(|| damaged("no JPEG signature"))?;
    let (orientation, exif_dpi) = exif_marks(parts.exif());
    let (width, height, samples) = decode_samples(&parts, limits, None)?;
    let tone = if matches!(samples, Samples::Grey(_)) { Tone::Grey } else { Tone::Colour };
    let dpi = parts.jfif_dpi().filter(|&dpi| dpi > 1.0).or(exif_dpi);
    let profile = parts.icc_profile();
    Ok(Stored {
        width,
        height,
        samples,
        alpha: None,
        profile,
        tone,
        orientation,
        dpi,
        notes: Vec::new(),
        not_examined: None,
    })
}

/// Decodes the pixels. `raw` forbids a colour transform: for streams inside a TIFF, which says itself what
/// its samples mean.
pub(super) fn decode_samples(
    parts: &Parts<'_>,
    limits: &Limits,
    raw: Option<()>,
) -> Result<(u32, u32, Samples), InputProblem> {
    let frame = parts.frame().ok_or_else(|| damaged("no frame header"))?;
    if !matches!(frame.marker, 0xC0..=0xC2) || frame.precision != 8 {
        let (marker, bits) = (frame.marker & 15, frame.precision);
        return Err(unsupported(format!("JPEG process {marker} with {bits} bits a sample")));
    }
    limits.check_size(frame.width, frame.height)?;
    let stream = essential_stream(parts);
    if frame.marker != PROGRESSIVE && frame.sampling.len() == 3 && raw.is_none() && scans(parts) > 1 {
        return if parts.ended {
            decode_separate_scans(&stream)
        } else {
            Err(damaged("the end of the image is missing"))
        };
    }
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(limits.side as usize)
        .set_max_height(limits.side as usize);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(stream.as_slice()), options);
    decoder.decode_headers().map_err(|e| damaged(format!("{e:?}")))?;
    let components = frame.sampling.len();
    let stored_as = decoder.input_colorspace().unwrap_or(ColorSpace::YCbCr);
    let wanted = match (components, raw) {
        (1, _) => ColorSpace::Luma,
        (3, None) => ColorSpace::RGB,
        (3 | 4, _) => stored_as,
        _ => return Err(unsupported(format!("{components} colour components"))),
    };
    decoder.set_options(options.jpeg_set_out_colorspace(wanted));
    let data = decoder.decode().map_err(|e| damaged(format!("{e:?}")))?;
    let expected = frame.width as usize * frame.height as usize * components;
    if data.len() != expected {
        return Err(damaged("fewer pixels than announced"));
    }
    let samples = match (components, raw) {
        (1, _) => Samples::Grey(data),
        (3, _) => Samples::Rgb(data),
        (_, Some(())) => Samples::Cmyk(data),
        _ => Samples::Cmyk(inks(data, stored_as, parts.adobe_transform())),
    };
    Ok((frame.width, frame.height, samples))
}

/// Start of a progressive frame.
const PROGRESSIVE: u8 = 0xC2;

fn scans(parts: &Parts<'_>) -> usize {
    parts.segments.iter().filter(|segment| segment.marker == 0xDA).count()
}

/// A sequential JPEG whose components come one scan after the other, which zune-jpeg 0.5 takes for one without
/// chroma.
fn decode_separate_scans(stream: &[u8]) -> Result<(u32, u32, Samples), InputProblem> {
    let mut decoder = jpeg_decoder::Decoder::new(stream);
    let data = decoder.decode().map_err(|e| damaged(e.to_string()))?;
    match decoder.info() {
        Some(info) if info.pixel_format == jpeg_decoder::PixelFormat::RGB24 => {
            Ok((u32::from(info.width), u32::from(info.height), Samples::Rgb(data)))
        }
        _ => Err(damaged("its scans do not make up a colour picture")),
    }
}

/// Four components as inks, 255 full. Adobe's programs store them inverted and mark the file as theirs.
fn inks(mut data: Vec<u8>, stored_as: ColorSpace, adobe: Option<u8>) -> Vec<u8> {
    for pixel in data.as_chunks_mut::<4>().0 {
        if stored_as == ColorSpace::YCCK {
            let [y, cb, cr, _] = pixel.map(f32::from);
            let (cb, cr) = (cb - 128.0, cr - 128.0);
            // ITU-T T.871, as for RGB; YCCK's "RGB" is CMY.
            let rgb = [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb];
            for (to, from) in pixel.iter_mut().zip(rgb) {
                *to = from.round().clamp(0.0, 255.0) as u8;
            }
        }
        if adobe.is_some() {
            *pixel = pixel.map(|v| 255 - v);
        }
    }
    data
}

/// The stream with only what decoding needs, so that damage to metadata does not stop it and the strict mode
/// complains of nothing but the image. A missing end stays missing: it tells a cut file.
fn essential_stream(parts: &Parts<'_>) -> Vec<u8> {
    let mut stream = jpeg::SOI.to_vec();
    for segment in &parts.segments {
        let adobe = segment.marker == 0xEE && segment.payload.starts_with(b"Adobe") && segment.payload.len() >= 12;
        if adobe || !matches!(segment.marker, 0xE0..=0xEF | jpeg::COM) {
            jpeg::push_segment(&mut stream, segment.marker, segment.payload);
            stream.extend(segment.entropy);
        }
    }
    if parts.ended {
        stream.extend(jpeg::EOI);
    }
    stream
}
