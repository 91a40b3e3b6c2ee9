//! Coloured ink (seals, stamps, letterheads) and the page without it.

use image::{GrayImage, Luma, RgbImage};

use super::outline::outlines;
use super::{crop, resized};
use crate::geometry::{Bbox, Point};

/// Where coloured ink is looked for and what counts as such.
#[derive(Debug, Clone, Copy)]
pub struct InkParams {
    /// Long side of the reduced page, pixels: a 30 mm stamp on A4 is 52 px there.
    pub long_side_px: u32,
    /// Difference of the strongest and the weakest channel from which a pixel is coloured, 0..=255: twice the
    /// tint of yellowed paper under indoor light.
    pub least_chroma: u8,
    /// Parts nearer than this share of the reduced long side belong together.
    pub join: f32,
    /// Regions smaller than this share of the reduced long side are left out: no stamp is smaller than 10 mm of
    /// the 297 mm of A4.
    pub least_side: f32,
}

impl Default for InkParams {
    fn default() -> Self {
        Self { long_side_px: 512, least_chroma: 48, join: 0.012, least_side: 0.03 }
    }
}

/// Boxes around groups of coloured ink, in the pixels given.
pub fn coloured_regions(pixels: &RgbImage, params: &InkParams) -> Vec<Bbox> {
    let long = pixels.width().max(pixels.height());
    let scale = (params.long_side_px as f32 / long as f32).min(1.0);
    let side = |length: u32| ((length as f32 * scale).round() as u32).max(1);
    let small = resized(pixels, side(pixels.width()), side(pixels.height()));
    let reach = (params.join * params.long_side_px as f32).round().max(1.0) as i32;
    let mut mask = GrayImage::new(small.width(), small.height());
    for (x, y, pixel) in small.enumerate_pixels() {
        let (low, high) = pixel.0.iter().fold((255, 0), |(low, high), &c| (c.min(low), c.max(high)));
        if high - low.min(high) >= params.least_chroma {
            for dy in -reach..=reach {
                for dx in -reach..=reach {
                    let (x, y) = (x as i32 + dx, y as i32 + dy);
                    if (0..small.width() as i32).contains(&x) && (0..small.height() as i32).contains(&y) {
                        mask.put_pixel(x as u32, y as u32, Luma([255]));
                    }
                }
            }
        }
    }
    let least = params.least_side * params.long_side_px as f32;
    outlines(&mask)
        .into_iter()
        .filter_map(|outline| {
            let corners = outline.into_iter().flat_map(|(x, y)| {
                [
                    Point::new(x as f32 / scale, y as f32 / scale),
                    Point::new((x + 1) as f32 / scale, (y + 1) as f32 / scale),
                ]
            });
            Bbox::around(corners)
        })
        .filter(|bbox| bbox.width().min(bbox.height()) as f32 * scale >= least)
        .map(|bbox| bbox.clamped(pixels.width(), pixels.height()))
        .collect()
}

/// The part inside `bbox` with coloured ink turned as light as its strongest channel, so that black print under a
/// red or blue stamp stands alone.
pub fn without_colour(pixels: &RgbImage, bbox: Bbox) -> RgbImage {
    let mut part = crop(pixels, bbox);
    for pixel in part.pixels_mut() {
        let high = pixel.0.iter().copied().max().unwrap_or(255);
        pixel.0 = [high; 3];
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    /// White paper with a red block and a black one.
    fn page() -> RgbImage {
        RgbImage::from_fn(400, 500, |x, y| {
            if (100..180).contains(&x) && (200..280).contains(&y) {
                Rgb([210, 30, 40])
            } else if (250..330).contains(&x) && (200..280).contains(&y) {
                Rgb([20, 20, 20])
            } else {
                Rgb([250, 248, 240])
            }
        })
    }

    #[test]
    fn red_ink_is_a_region_and_black_print_is_not() {
        let regions = coloured_regions(&page(), &InkParams::default());
        assert_eq!(regions.len(), 1);
        let red = Bbox::from_ltrb(100, 200, 180, 280);
        assert!(red.covered_by(regions[0]) > 0.99 && regions[0].covered_by(red.expanded(12, 12)) > 0.99, "{regions:?}");
    }

    #[test]
    fn without_colour_red_fades_and_black_stays() {
        let plain = without_colour(&page(), Bbox::from_ltrb(0, 0, 400, 500));
        assert_eq!(plain.get_pixel(140, 240).0, [210; 3]);
        assert_eq!(plain.get_pixel(290, 240).0, [20; 3]);
    }
}
