//! Coloured ink (seals, stamps, letterheads) and the page without it.

use image::{GrayImage, Luma, Rgb, RgbImage};
use imageproc::definitions::Image;
use imageproc::distance_transform::Norm;
use imageproc::morphology::dilate;
use imageproc::region_labelling::{Connectivity, connected_components};

use super::outline::outlines;
use super::{crop, resized};
use crate::geometry::{Bbox, Point};

/// Where coloured ink is looked for, and what counts as such and as print in it.
#[derive(Debug, Clone, Copy)]
pub struct InkParams {
    /// Long side of the reduced page, pixels: a 30 mm stamp on A4 is 52 px there.
    pub long_side_px: u32,
    /// Difference of the strongest and the weakest channel from which a pixel is coloured, 0..=255: twice the
    /// tint of yellowed paper under indoor light.
    pub least_chroma: u8,
    /// Parts nearer than this share of the reduced long side belong together.
    pub join: f32,
    /// Groups smaller than this share of the reduced long side are left out: no stamp is smaller than 10 mm of
    /// the 297 mm of A4.
    pub least_side: f32,
    /// Pixels whose strongest channel is below this share of the ink's own are print: thin strokes of small print keep
    /// a third of their contrast on the reduced page.
    pub print: f32,
}

impl Default for InkParams {
    fn default() -> Self {
        Self { long_side_px: 512, least_chroma: 48, join: 0.012, least_side: 0.03, print: 0.8 }
    }
}

/// Boxes around print that lies under or in coloured ink, in the pixels given. Coloured ink alone, as that of frames and
/// headings, is left out: there is nothing under it to be read.
pub fn stamped_print(pixels: &RgbImage, params: &InkParams) -> Vec<Bbox> {
    let long = pixels.width().max(pixels.height());
    let scale = (params.long_side_px as f32 / long as f32).min(1.0);
    let side = |length: u32| ((length as f32 * scale).round() as u32).max(1);
    let small = resized(pixels, side(pixels.width()), side(pixels.height()));
    let reach = (params.join * params.long_side_px as f32).round().clamp(1.0, 255.0) as u8;
    let coloured = GrayImage::from_fn(small.width(), small.height(), |x, y| {
        let (low, high) = range(*small.get_pixel(x, y));
        Luma([if high - low >= params.least_chroma { 255 } else { 0 }])
    });
    let groups = connected_components(&dilate(&coloured, Norm::LInf, reach), Connectivity::Eight, Luma([0]));
    let inks = inks(&small, &coloured, &groups);
    let least = (params.least_side * params.long_side_px as f32) as i32;
    let printed = GrayImage::from_fn(small.width(), small.height(), |x, y| {
        let ink = (groups.get_pixel(x, y).0[0] as usize).checked_sub(1).and_then(|group| inks[group].as_ref());
        let is_print = ink.is_some_and(|ink| {
            let (_, high) = range(*small.get_pixel(x, y));
            ink.bbox.width().min(ink.bbox.height()) >= least && f32::from(high) < params.print * f32::from(ink.level)
        });
        Luma([u8::from(is_print) * 255])
    });
    outlines(&dilate(&printed, Norm::LInf, reach))
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
        .map(|bbox| bbox.clamped(pixels.width(), pixels.height()))
        .collect()
}

/// A group of coloured pixels.
struct Ink {
    bbox: Bbox,
    /// Median of their strongest channel: pure ink has at least this, thin strokes are mixed with paper and have more.
    level: u8,
}

/// The ink of each group, `None` where none of its pixels is coloured.
fn inks(small: &RgbImage, coloured: &GrayImage, groups: &Image<Luma<u32>>) -> Vec<Option<Ink>> {
    let mut pixels: Vec<(Option<Bbox>, Vec<u8>)> = Vec::new();
    for (x, y, group) in groups.enumerate_pixels() {
        let Some(index) = (group.0[0] as usize).checked_sub(1) else { continue };
        if pixels.len() <= index {
            pixels.resize(index + 1, (None, Vec::new()));
        }
        if coloured.get_pixel(x, y).0[0] > 0 {
            let (bbox, levels) = &mut pixels[index];
            let here = Bbox::from_ltrb(x as i32, y as i32, x as i32 + 1, y as i32 + 1);
            *bbox = Some(bbox.map_or(here, |bbox| bbox.union(here)));
            levels.push(range(*small.get_pixel(x, y)).1);
        }
    }
    let ink = |(bbox, mut levels): (Option<Bbox>, Vec<u8>)| {
        levels.sort_unstable();
        Some(Ink { bbox: bbox?, level: *levels.get(levels.len() / 2)? })
    };
    pixels.into_iter().map(ink).collect()
}

/// The weakest and the strongest channel.
fn range(pixel: Rgb<u8>) -> (u8, u8) {
    let [r, g, b] = pixel.0;
    (r.min(g).min(b), r.max(g).max(b))
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
    fn print_under_a_stamp_is_a_region_and_neither_ink_nor_print_alone_is() {
        assert_eq!(stamped_print(&page(), &InkParams::default()), []);
        let mut stamped = page();
        for x in 60..220 {
            for y in 230..250 {
                stamped.put_pixel(x, y, Rgb([25, 18, 20]));
            }
        }
        let regions = stamped_print(&stamped, &InkParams::default());
        assert_eq!(regions.len(), 1);
        // What lies on the ink and some of what goes on beside it.
        let under = Bbox::from_ltrb(100, 230, 180, 250);
        assert!(
            under.covered_by(regions[0]) > 0.99 && regions[0].covered_by(under.expanded(20, 14)) > 0.99,
            "{regions:?}"
        );
    }

    #[test]
    fn without_colour_red_fades_and_black_stays() {
        let plain = without_colour(&page(), Bbox::from_ltrb(0, 0, 400, 500));
        assert_eq!(plain.get_pixel(140, 240).0, [210; 3]);
        assert_eq!(plain.get_pixel(290, 240).0, [20; 3]);
    }
}
