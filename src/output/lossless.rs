//! Pixels → PNG, BMP, GIF and WebP, in the fewest bits that hold them exactly.

use std::io::Cursor;

use image::codecs::{bmp::BmpEncoder, gif::GifEncoder, webp::WebPEncoder};
use image::{DynamicImage, ExtendedColorType, ImageEncoder, RgbImage};

use super::EncodeProblem;
use super::tone::{greys, is_bilevel, is_grey, packed_bits, palette};

fn failed(error: impl std::fmt::Display) -> EncodeProblem {
    EncodeProblem::Encoder(error.to_string())
}

/// PNG of 1 bit, 8-bit grey, a palette, or RGB.
pub(super) fn png(pixels: &RgbImage, dpi: Option<f32>) -> Result<Vec<u8>, EncodeProblem> {
    let (width, height) = pixels.dimensions();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_pixel_dims(dpi.map(|dpi| {
        let per_metre = (dpi / 0.0254).round() as u32;
        png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit: png::Unit::Meter }
    }));
    let data = if is_bilevel(pixels) {
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        packed_bits(pixels, |pixel| pixel[0] == 255)
    } else if is_grey(pixels) {
        encoder.set_color(png::ColorType::Grayscale);
        greys(pixels)
    } else if let Some((colours, indices)) = palette(pixels) {
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(colours.concat());
        if colours.len() <= 16 {
            encoder.set_depth(png::BitDepth::Four);
            indices.chunks(width as usize).flat_map(|row| row.chunks(2).map(half_bytes)).collect()
        } else {
            indices
        }
    } else {
        encoder.set_color(png::ColorType::Rgb);
        pixels.as_raw().clone()
    };
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&data).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

fn half_bytes(pair: &[u8]) -> u8 {
    pair[0] << 4 | pair.get(1).copied().unwrap_or(0)
}

/// BMP of 8-bit grey or RGB.
pub(super) fn bmp(pixels: &RgbImage, dpi: Option<f32>) -> Result<Vec<u8>, EncodeProblem> {
    let mut bytes = Vec::new();
    let mut encoder = BmpEncoder::new(&mut bytes);
    let (width, height) = pixels.dimensions();
    if is_grey(pixels) {
        encoder.encode(&greys(pixels), width, height, ExtendedColorType::L8).map_err(failed)?;
    } else {
        encoder.encode(pixels.as_raw(), width, height, ExtendedColorType::Rgb8).map_err(failed)?;
    }
    if let (Some(dpi), Some(fields)) = (dpi, bytes.get_mut(38..46)) {
        let per_metre = ((dpi / 0.0254).round() as u32).to_le_bytes();
        fields.copy_from_slice(&[per_metre, per_metre].concat());
    }
    Ok(bytes)
}

/// GIF of one frame: exact with up to 256 colours, else reduced to 256.
pub(super) fn gif(pixels: &RgbImage) -> Result<Vec<u8>, EncodeProblem> {
    let mut bytes = Vec::new();
    let rgba = DynamicImage::ImageRgb8(pixels.clone()).into_rgba8();
    let mut encoder = GifEncoder::new_with_speed(&mut bytes, 1);
    encoder.encode(rgba.as_raw(), rgba.width(), rgba.height(), ExtendedColorType::Rgba8).map_err(failed)?;
    drop(encoder);
    Ok(bytes)
}

/// Lossless WebP.
pub(super) fn webp(pixels: &RgbImage) -> Result<Vec<u8>, EncodeProblem> {
    let mut bytes = Cursor::new(Vec::new());
    let encoder = WebPEncoder::new_lossless(&mut bytes);
    let (width, height) = pixels.dimensions();
    if is_grey(pixels) {
        encoder.write_image(&greys(pixels), width, height, ExtendedColorType::L8).map_err(failed)?;
    } else {
        encoder.write_image(pixels.as_raw(), width, height, ExtendedColorType::Rgb8).map_err(failed)?;
    }
    Ok(bytes.into_inner())
}
