//! Stored samples → sRGB.

use image::{RgbImage, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, ProfileText, TransformOptions};

/// 8-bit samples, interleaved, row by row from the top left.
pub(super) enum Samples {
    /// 0 black, 255 white.
    Grey(Vec<u8>),
    /// Red, green, blue.
    Rgb(Vec<u8>),
    /// Cyan, magenta, yellow, black: 0 no ink, 255 full ink.
    Cmyk(Vec<u8>),
}

/// Samples of `width` × `height` pixels as sRGB. A profile that cannot be used is passed over with a note.
pub(super) fn to_srgb(
    samples: Samples,
    (width, height): (u32, u32),
    profile: Option<&[u8]>,
    notes: &mut Vec<String>,
) -> RgbImage {
    let pixels = width as usize * height as usize;
    let converted = profile.and_then(|profile| match converted(&samples, profile, pixels) {
        Ok(rgb) => rgb,
        Err(reason) => {
            notes.push(format!("the embedded colour profile was not used: {reason}"));
            None
        }
    });
    let rgb = converted.unwrap_or_else(|| match samples {
        Samples::Rgb(rgb) => rgb,
        Samples::Grey(grey) => grey.iter().flat_map(|&v| [v; 3]).collect(),
        Samples::Cmyk(cmyk) => cmyk.as_chunks::<4>().0.iter().flat_map(|&ink| inks_on_paper(ink)).collect(),
    });
    RgbImage::from_raw(width, height, rgb).unwrap_or_else(|| {
        notes.push("the image has fewer pixels than it announces".into());
        RgbImage::from_pixel(width, height, image::Rgb([255; 3]))
    })
}

/// Pixels converted at a time: the transform may allocate wider samples for what it is given.
const PIECE: usize = 1 << 16;

/// Converted through the profile; `None` when it already is sRGB or the like.
fn converted(samples: &Samples, profile: &[u8], pixels: usize) -> Result<Option<Vec<u8>>, String> {
    let profile = ColorProfile::new_from_slice(profile).map_err(|e| e.to_string())?;
    let (data, channels, layout, space) = match samples {
        Samples::Grey(grey) => (grey, 1, Layout::Gray, DataColorSpace::Gray),
        Samples::Rgb(rgb) => (rgb, 3, Layout::Rgb, DataColorSpace::Rgb),
        Samples::Cmyk(cmyk) => (cmyk, 4, Layout::Rgba, DataColorSpace::Cmyk),
    };
    if profile.color_space != space {
        return Err(format!("it is for {:?} and the image is {space:?}", profile.color_space));
    }
    if names_srgb(&profile) {
        return Ok(None);
    }
    let options = TransformOptions::default();
    let transform = profile
        .create_transform_8bit(layout, &ColorProfile::new_srgb(), Layout::Rgb, options)
        .map_err(|e| e.to_string())?;
    let mut rgb = vec![0; pixels * 3];
    for (from, to) in data.chunks(PIECE * channels).zip(rgb.chunks_mut(PIECE * 3)) {
        transform.transform(from, to).map_err(|e| e.to_string())?;
    }
    Ok(Some(rgb))
}

/// True when the profile's description says sRGB.
fn names_srgb(profile: &ColorProfile) -> bool {
    let text = match &profile.description {
        Some(ProfileText::PlainString(text)) => text.clone(),
        Some(ProfileText::Localizable(all)) => all.iter().map(|each| each.value.as_str()).collect(),
        Some(ProfileText::Description(each)) => each.ascii_string.clone(),
        None => return false,
    };
    text.to_lowercase().contains("srgb")
}

/// Inks multiplied over white paper, as viewers show CMYK without a profile.
fn inks_on_paper([c, m, y, k]: [u8; 4]) -> [u8; 3] {
    [c, m, y].map(|ink| ((255 - u32::from(ink)) * (255 - u32::from(k)) + 127).div_euclid(255) as u8)
}

/// Colour and opacity as two buffers.
pub(super) fn alpha_apart(rgba: &RgbaImage) -> (Vec<u8>, Vec<u8>) {
    let pixels = rgba.as_raw().as_chunks::<4>().0;
    let rgb = pixels.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
    (rgb, pixels.iter().map(|pixel| pixel[3]).collect())
}

/// True when what is less than half opaque has more than one colour, such as print that an eraser made transparent. What
/// editors leave there for want of a colour is even.
pub(super) fn hides_ink(pixels: &RgbImage, alpha: &[u8]) -> bool {
    /// Difference of a channel from which two colours are seen as two.
    const SEEN: u8 = 32;
    let mut hidden = pixels.pixels().zip(alpha).filter(|(_, alpha)| **alpha < 128).map(|(pixel, _)| pixel.0);
    let Some(first) = hidden.next() else { return false };
    hidden.any(|pixel| pixel.iter().zip(first).any(|(a, b)| a.abs_diff(b) > SEEN))
}

/// Lays the pixels on white paper by their opacity.
pub(super) fn lay_on_white(pixels: &mut RgbImage, alpha: &[u8]) {
    for (pixel, &alpha) in pixels.pixels_mut().zip(alpha) {
        let alpha = u32::from(alpha);
        pixel.0 = pixel.0.map(|v| ((u32::from(v) * alpha + 255 * (255 - alpha) + 127) / 255) as u8);
    }
}
