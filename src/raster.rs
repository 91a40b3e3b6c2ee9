//! The pixels of a page, upright as displayed, and what is done with pixels: crop, turn, resize, warp.

pub mod decode;
pub mod ink;
pub mod metadata;
pub mod outline;
pub mod pale;
pub mod slanted;
pub(crate) mod thumbnail;

use std::ops::Range;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::imageops;
use image::{GrayImage, ImageBuffer, Pixel, Rgb, RgbImage};
use imageproc::geometric_transformations::{Interpolation, Projection, warp_into};

use crate::geometry::{Bbox, Quad, QuarterTurns};

/// An RGB page as displayed, with its resolution.
#[derive(Debug, Clone)]
pub struct Raster {
    /// 8-bit sRGB pixels.
    pub pixels: RgbImage,
    /// Dots per inch, as rendered or as the file says; 200 when a file says nothing.
    pub dpi: f32,
}

impl Raster {
    /// A raster of these pixels.
    pub fn new(pixels: RgbImage, dpi: f32) -> Self {
        Self { pixels, dpi }
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.pixels.width()
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.pixels.height()
    }

    /// The whole raster as a box.
    pub fn bbox(&self) -> Bbox {
        Bbox::from_ltrb(0, 0, i32::MAX, i32::MAX).clamped(self.width(), self.height())
    }

    /// The raster turned clockwise.
    pub fn turned(&self, turns: QuarterTurns) -> Self {
        let pixels = match turns {
            QuarterTurns::None => self.pixels.clone(),
            QuarterTurns::One => imageops::rotate90(&self.pixels),
            QuarterTurns::Two => imageops::rotate180(&self.pixels),
            QuarterTurns::Three => imageops::rotate270(&self.pixels),
        };
        Self { pixels, dpi: self.dpi }
    }
}

/// A copy of the pixels inside `bbox`; the part outside the image is left out.
pub fn crop(pixels: &RgbImage, bbox: Bbox) -> RgbImage {
    let b = bbox.clamped(pixels.width(), pixels.height());
    let (x, y, w, h) = (b.left as u32, b.top as u32, b.width() as u32, b.height() as u32);
    imageops::crop_imm(pixels, x, y, w, h).to_image()
}

/// Resized with a bilinear (area-aware when shrinking) filter. The target has at least one pixel.
pub fn resized(pixels: &RgbImage, width: u32, height: u32) -> RgbImage {
    resized_as(PixelType::U8x3, pixels, width, height)
}

/// The same for one channel.
pub(crate) fn resized_grey(levels: &GrayImage, width: u32, height: u32) -> GrayImage {
    resized_as(PixelType::U8, levels, width, height)
}

fn resized_as<P: Pixel<Subpixel = u8>>(
    of: PixelType,
    pixels: &ImageBuffer<P, Vec<u8>>,
    width: u32,
    height: u32,
) -> ImageBuffer<P, Vec<u8>> {
    let (width, height) = (width.max(1), height.max(1));
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(fast_image_resize::FilterType::Bilinear));
    let mut target = ImageBuffer::new(width, height);
    let done = ImageRef::new(pixels.width(), pixels.height(), pixels.as_raw(), of)
        .map_err(|_| ())
        .and_then(|source| {
            let view = Image::from_slice_u8(width, height, &mut target, of);
            Ok((source, view.map_err(|_| ())?))
        })
        .and_then(|(source, mut view)| Resizer::new().resize(&source, &mut view, &options).map_err(|_| ()));
    // Refused for an empty source only, of which nothing can be seen.
    if done.is_err() {
        target.fill(255);
    }
    target
}

/// The content of `quad` straightened by perspective to `width` × `height` pixels, bilinear; white where
/// the quad leaves the image. `None` for a degenerate quad.
pub fn straightened(pixels: &RgbImage, quad: &Quad, width: u32, height: u32) -> Option<RgbImage> {
    if let Some(bbox) = upright_bbox(quad).filter(|bbox| *bbox == bbox.clamped(pixels.width(), pixels.height())) {
        let part = crop(pixels, bbox);
        return Some(if part.dimensions() == (width, height) { part } else { resized(&part, width, height) });
    }
    let corners = quad.0.map(|p| (p.x - 0.5, p.y - 0.5));
    let (w, h) = (width as f32, height as f32);
    let target = [(-0.5, -0.5), (w - 0.5, -0.5), (w - 0.5, h - 0.5), (-0.5, h - 0.5)];
    let projection = Projection::from_control_points(corners, target)?;
    let mut straight = RgbImage::new(width, height);
    warp_into(pixels, projection, Interpolation::Bilinear, image_border(), &mut straight);
    Some(straight)
}

/// The box of a quad that stands upright within half a pixel, so that cutting it out needs no warp.
fn upright_bbox(quad: &Quad) -> Option<Bbox> {
    let [a, b, c, d] = quad.0;
    let slack = [a.y - b.y, c.y - d.y, a.x - d.x, b.x - c.x];
    let (left, top, right, bottom) = (a.x.round(), a.y.round(), c.x.round(), c.y.round());
    (slack.iter().all(|s| s.abs() < 0.5) && right > left && bottom > top)
        .then(|| Bbox::from_ltrb(left as i32, top as i32, right as i32, bottom as i32))
}

fn image_border() -> imageproc::geometric_transformations::Border<Rgb<u8>> {
    imageproc::geometric_transformations::Border::Constant(Rgb([255, 255, 255]))
}

/// Rec. 601 luma in 8-bit fixed point, of red, green and blue.
pub(crate) fn luma([r, g, b]: [u8; 3]) -> u8 {
    ((u16::from(r) * 77 + u16::from(g) * 150 + u16::from(b) * 29) >> 8) as u8
}

/// The runs of at least `least` pixels in a row that are inked.
pub(crate) fn runs(length: usize, is_inked: impl Fn(usize) -> bool, least: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    for i in 0..=length {
        if i < length && is_inked(i) {
            continue;
        }
        if i > from && i - from >= least {
            found.push(from..i);
        }
        from = i + 1;
    }
    found
}

/// How often each luma occurs in a place, which lies in the picture.
pub(crate) fn luma_histogram(pixels: &RgbImage, place: Bbox) -> [u32; 256] {
    let mut histogram = [0u32; 256];
    for (x, y) in (place.top..place.bottom).flat_map(|y| (place.left..place.right).map(move |x| (x, y))) {
        histogram[usize::from(luma(pixels.get_pixel(x as u32, y as u32).0))] += 1;
    }
    histogram
}

/// Difference of a pixel's strongest and weakest channel.
pub(crate) fn chroma(pixel: [u8; 3]) -> u8 {
    let (low, high) = pixel.iter().fold((255u8, 0u8), |(low, high), &c| (low.min(c), high.max(c)));
    high - low
}

/// [`chroma`] about which ink begins to be coloured; paper under warm light has 30.
pub(crate) const COLOURED: u8 = 70;

/// Largest difference of two pixels in one channel.
pub(crate) fn apart(a: [u8; 3], b: [u8; 3]) -> u8 {
    (0..3).map(|c| a[c].abs_diff(b[c])).max().unwrap_or(0)
}

/// The least value that `share` of a histogram's entries do not exceed; 255 for an empty one.
pub(crate) fn percentile(histogram: &[u32; 256], share: f32) -> u8 {
    let total: u32 = histogram.iter().sum();
    let wanted = (total as f32 * share).max(1.0) as u32;
    let mut seen = 0;
    for (value, count) in histogram.iter().enumerate() {
        seen += count;
        if seen >= wanted {
            return value as u8;
        }
    }
    255
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Point;

    fn gradient() -> RgbImage {
        RgbImage::from_fn(60, 40, |x, y| Rgb([(x * 4) as u8, (y * 6) as u8, 0]))
    }

    #[test]
    fn straightening_an_upright_quad_is_a_crop() {
        let pixels = gradient();
        let bbox = Bbox::from_ltrb(10, 5, 50, 25);
        let straight = straightened(&pixels, &Quad::from_bbox(bbox), 40, 20).expect("a proper quad");
        assert_eq!(straight, crop(&pixels, bbox));
    }

    #[test]
    fn a_percentile_is_the_value_up_to_which_the_share_lies() {
        let mut histogram = [0; 256];
        (histogram[10], histogram[20], histogram[200]) = (50, 45, 5);
        assert_eq!([0.0, 0.5, 0.51, 0.95, 1.0].map(|share| percentile(&histogram, share)), [10, 10, 20, 20, 200]);
        assert_eq!(percentile(&[0; 256], 0.5), 255);
    }

    #[test]
    fn straightening_a_degenerate_quad_gives_nothing() {
        let quad = Quad([Point::new(3.0, 3.0); 4]);
        assert!(straightened(&gradient(), &quad, 10, 10).is_none());
    }

    #[test]
    fn turning_moves_pixels_as_geometry_says() {
        let raster = Raster::new(gradient(), 200.0);
        let turned = raster.turned(QuarterTurns::One);
        let p = QuarterTurns::One.apply(Point::new(10.5, 5.5), raster.width(), raster.height());
        assert_eq!(turned.pixels.get_pixel(p.x as u32, p.y as u32), raster.pixels.get_pixel(10, 5));
    }
}
