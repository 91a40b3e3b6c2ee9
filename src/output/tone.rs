//! How few channels and bits hold an image.

use std::collections::HashMap;

use image::{Rgb, RgbImage};

/// True when red, green and blue are equal everywhere.
pub(super) fn is_grey(pixels: &RgbImage) -> bool {
    pixels.pixels().all(|&Rgb([r, g, b])| r == g && g == b)
}

/// True when every pixel is black or white.
pub(super) fn is_bilevel(pixels: &RgbImage) -> bool {
    pixels.as_raw().as_chunks::<3>().0.iter().all(|&pixel| pixel == [0; 3] || pixel == [255; 3])
}

/// The grey values of a grey image.
pub(super) fn greys(pixels: &RgbImage) -> Vec<u8> {
    pixels.pixels().map(|pixel| pixel[0]).collect()
}

/// Rows of one bit a pixel, padded to bytes: 1 where `is_set`.
pub(super) fn packed_bits(pixels: &RgbImage, is_set: impl Fn(&Rgb<u8>) -> bool) -> Vec<u8> {
    let mut packed = Vec::with_capacity((pixels.width().div_ceil(8) * pixels.height()) as usize);
    for row in pixels.rows() {
        let row: Vec<_> = row.map(&is_set).collect();
        packed.extend(row.chunks(8).map(|bits| {
            bits.iter().enumerate().fold(0u8, |byte, (i, &bit)| if bit { byte | 0x80 >> i } else { byte })
        }));
    }
    packed
}

/// The image's colours in order of appearance and each pixel's place among them, when there are at most 256.
pub(super) fn palette(pixels: &RgbImage) -> Option<(Vec<[u8; 3]>, Vec<u8>)> {
    let mut places = HashMap::new();
    let mut colours = Vec::new();
    let mut indices = Vec::with_capacity(pixels.len() / 3);
    let mut last = None;
    for &Rgb(colour) in pixels.pixels() {
        let index = match last {
            Some((known, index)) if known == colour => index,
            _ => *places.entry(colour).or_insert_with(|| {
                colours.push(colour);
                colours.len() - 1
            }),
        };
        if index > 255 {
            return None;
        }
        last = Some((colour, index));
        indices.push(index as u8);
    }
    Some((colours, indices))
}

/// What a page's picture needs, judged with room for noise: for choosing an encoding, not for exactness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Black and white.
    Bilevel,
    /// Shades without colours.
    Grey,
    /// Colours.
    Colour,
}

/// Share of pixels with colours from which on a page counts as coloured: 1,700 px of an A4 page at 200 dpi, a
/// tenth of the ink of the faintest seal.
const COLOURED_SHARE: f32 = 0.000_2;
/// Difference of channels that is colour and not the chroma noise of a JPEG.
const COLOUR_DIFFERENCE: u8 = 24;

/// What the page needs.
pub(super) fn need(pixels: &RgbImage) -> Need {
    if is_bilevel(pixels) {
        return Need::Bilevel;
    }
    let is_coloured = |&&Rgb([r, g, b]): &&Rgb<u8>| r.max(g).max(b) - r.min(g).min(b) > COLOUR_DIFFERENCE;
    let coloured = pixels.pixels().filter(is_coloured).count();
    if coloured as f32 > COLOURED_SHARE * (pixels.len() / 3) as f32 { Need::Colour } else { Need::Grey }
}

/// The image without its colours (ITU-R 601 luma).
pub(super) fn without_colour(pixels: &RgbImage) -> RgbImage {
    let mut grey = pixels.clone();
    for Rgb(pixel) in grey.pixels_mut() {
        let [r, g, b] = pixel.map(u32::from);
        *pixel = [((299 * r + 587 * g + 114 * b + 500) / 1000) as u8; 3];
    }
    grey
}
