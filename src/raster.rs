//! The pixels of a page, upright as displayed, and what is done with pixels: crop, turn, resize, warp.

pub mod decode;
pub mod outline;

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
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

/// Resized with a bilinear (area-aware when shrinking) filter.
pub fn resized(pixels: &RgbImage, width: u32, height: u32) -> RgbImage {
    imageops::resize(pixels, width, height, FilterType::Triangle)
}

/// The content of `quad` straightened by perspective to `width` × `height` pixels, bilinear; white where
/// the quad leaves the image. `None` for a degenerate quad.
pub fn straightened(pixels: &RgbImage, quad: &Quad, width: u32, height: u32) -> Option<RgbImage> {
    let corners = quad.0.map(|p| (p.x - 0.5, p.y - 0.5));
    let (w, h) = (width as f32, height as f32);
    let target = [(-0.5, -0.5), (w - 0.5, -0.5), (w - 0.5, h - 0.5), (-0.5, h - 0.5)];
    let projection = Projection::from_control_points(corners, target)?;
    let mut straight = RgbImage::new(width, height);
    warp_into(pixels, projection, Interpolation::Bilinear, image_border(), &mut straight);
    Some(straight)
}

fn image_border() -> imageproc::geometric_transformations::Border<Rgb<u8>> {
    imageproc::geometric_transformations::Border::Constant(Rgb([255, 255, 255]))
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
