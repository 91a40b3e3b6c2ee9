//! A dark mass on a page in black and white → whether it is ink from edge to edge, as covers are, with nothing in it to be
//! seen.
//!
//! A photo that a copier made black keeps light specks where skin shone, and hair leaves the face beside it open: a notch
//! in its outline. Painted blocks, discs and strokes have neither. What has the shape of head and shoulders is left to a
//! person all the same.

use image::{GrayImage, Luma, RgbImage};
use imageproc::contrast::otsu_level;
use imageproc::distance_transform::Norm;
use imageproc::drawing::draw_polygon_mut;
use imageproc::geometry::convex_hull;
use imageproc::morphology::{erode, open};
use imageproc::point::Point as Pixel;
use imageproc::region_labelling::{Connectivity, connected_components};

use super::patch::Patch;
use crate::geometry::{Bbox, Point};
use crate::raster::outline::outlines;
use crate::raster::{luma, percentile};

/// When a dark mass is ink from edge to edge.
#[derive(Debug, Clone)]
pub struct MassParams {
    /// Radius of what is taken off as print, rules and strokes that touch it, as a share of the shorter side.
    pub strokes: f32,
    /// Share of the place's dark pixels that must be left then: the locks beside a face are strokes, too.
    pub least_left: f32,
    /// Largest single notch in its outline, as a share of its convex hull: 0.06 between two overlapping discs, 0.04 in a
    /// stair of four blocks; the face that hair leaves open is a third.
    pub most_notch: f32,
    /// Largest difference in luma from its median of ink; a scanner's grain ±12, JPEG's ±9.
    pub spread: u8,
    /// Share of the dark pixels that may lie beside painted patches once strokes are taken off.
    pub most_beside: f32,
    /// Share of it that may differ more: dust. The whites of two eyes are 0.01 of a head.
    pub most_other: f32,
}

impl Default for MassParams {
    fn default() -> Self {
        Self { strokes: 0.08, least_left: 0.85, most_notch: 0.1, spread: 30, most_beside: 0.06, most_other: 0.002 }
    }
}

/// True when the largest dark mass in `place` is ink from edge to edge.
pub(super) fn is_all_ink(pixels: &RgbImage, place: Bbox, params: &MassParams) -> bool {
    /// Soft edges reach this far, pixels.
    const EDGE: u8 = 3;
    let place = place.clamped(pixels.width(), pixels.height());
    if place.width().min(place.height()) < 4 * i32::from(EDGE) {
        return false;
    }
    let grey = grey_part(pixels, place);
    let dark = dark_part(&grey);
    let opened = open(&dark, Norm::LInf, strokes(&grey, params));
    let Some(outline) = outlines(&opened).into_iter().max_by_key(Vec::len) else { return false };
    let hull = convex_hull(outline.into_iter().map(|(x, y)| Pixel::new(x, y)).collect::<Vec<_>>());
    let mass = filled(&opened);
    let count = |mask: &GrayImage| mask.iter().filter(|&&value| value > 0).count() as f32;
    if hull.len() < 3 || count(&opened) < params.least_left * count(&dark) {
        return false;
    }
    let mut around = GrayImage::new(grey.width(), grey.height());
    draw_polygon_mut(&mut around, &hull, Luma([255]));
    let whole = count(&around);
    for (around, mass) in around.iter_mut().zip(mass.iter()) {
        *around = around.saturating_sub(*mass);
    }
    if largest(&around) as f32 > params.most_notch * whole {
        return false;
    }
    if has_neck(&mass) {
        return false;
    }
    // Specks that the opening made holes of count, too: all within the outline is looked at, but for its edge.
    let inside = erode(&mass, Norm::LInf, EDGE);
    let mut histogram = [0u32; 256];
    for (value, inside) in grey.iter().zip(inside.iter()) {
        histogram[usize::from(*value)] += u32::from(*inside > 0);
    }
    let all: u32 = histogram.iter().sum();
    let median = percentile(&histogram, 0.5);
    let near = median.saturating_sub(params.spread)..=median.saturating_add(params.spread);
    let other = all - near.map(|value| histogram[usize::from(value)]).sum::<u32>();
    all > 0 && other as f32 <= params.most_other * all as f32
}

/// True when hardly more than strokes of the dark mass in `place` lies outside of painted patches, and it has not the shape
/// of head and shoulders.
pub(super) fn is_made_of(pixels: &RgbImage, place: Bbox, patches: &[Patch], params: &MassParams) -> bool {
    let place = place.clamped(pixels.width(), pixels.height());
    if patches.is_empty() || place.is_empty() {
        return false;
    }
    let mut dark = dark_part(&grey_part(pixels, place));
    let is_dark = |mask: &GrayImage| mask.iter().filter(|&&value| value > 0).count() as f32;
    let (all, is_person) = (is_dark(&dark), has_neck(&dark));
    for (x, y, value) in dark.enumerate_pixels_mut() {
        let p = Point::new((place.left + x as i32) as f32, (place.top + y as i32) as f32);
        if patches.iter().any(|patch| patch.holds(p)) {
            value.0 = [0];
        }
    }
    let left = open(&dark, Norm::LInf, strokes(&dark, params));
    !is_person && is_dark(&left) <= params.most_beside * all
}

/// The luma of a part of the page.
fn grey_part(pixels: &RgbImage, place: Bbox) -> GrayImage {
    let (left, top) = (place.left as u32, place.top as u32);
    GrayImage::from_fn(place.width() as u32, place.height() as u32, |x, y| {
        Luma([luma(pixels.get_pixel(left + x, top + y).0)])
    })
}

/// What of it is dark.
fn dark_part(grey: &GrayImage) -> GrayImage {
    let level = otsu_level(grey);
    let mut dark = grey.clone();
    dark.iter_mut().for_each(|value| *value = u8::from(*value <= level) * 255);
    dark
}

/// Radius of what counts as strokes in a place, pixels.
fn strokes(place: &GrayImage, params: &MassParams) -> u8 {
    (params.strokes * place.width().min(place.height()) as f32).clamp(1.0, 255.0) as u8
}

/// True for what is higher than wide and narrows between a wider part above and one below, as head and shoulders do: a
/// portrait that a copier made all black is for a person to look at.
fn has_neck(mask: &GrayImage) -> bool {
    /// Share of both parts' widths that a neck has at most.
    const NECK: f32 = 0.75;
    let widths = mask.rows().map(|row| row.filter(|pixel| pixel.0[0] > 0).count());
    let widths: Vec<usize> = widths.skip_while(|&width| width == 0).take_while(|&width| width > 0).collect();
    let widest = widths.iter().copied().max().unwrap_or(0);
    let (mut above, mut narrowest) = (0, usize::MAX);
    let necks = widths.iter().any(|&width| {
        let is_narrow = |width: usize, of: usize| width as f32 <= NECK * of as f32;
        if narrowest != usize::MAX && is_narrow(narrowest, width) {
            return true;
        }
        above = above.max(width);
        if is_narrow(width, above) {
            narrowest = narrowest.min(width);
        }
        false
    });
    necks && widths.len() > widest
}

/// Pixels of the largest connected part of a mask.
fn largest(mask: &GrayImage) -> usize {
    let parts = connected_components(mask, Connectivity::Four, Luma([0]));
    let mut sizes: Vec<usize> = Vec::new();
    for part in parts.iter().filter_map(|&part| (part as usize).checked_sub(1)) {
        if sizes.len() <= part {
            sizes.resize(part + 1, 0);
        }
        sizes[part] += 1;
    }
    sizes.into_iter().max().unwrap_or(0)
}

/// The mask with its holes filled: what does not hang together with the mask's outside.
fn filled(mask: &GrayImage) -> GrayImage {
    let (width, height) = mask.dimensions();
    let framed = GrayImage::from_fn(width + 2, height + 2, |x, y| {
        let inside = (1..=width).contains(&x) && (1..=height).contains(&y);
        Luma([if inside { 255 - mask.get_pixel(x - 1, y - 1).0[0] } else { 255 }])
    });
    let grounds = connected_components(&framed, Connectivity::Four, Luma([0]));
    let outside = *grounds.get_pixel(0, 0);
    GrayImage::from_fn(width, height, |x, y| Luma([u8::from(*grounds.get_pixel(x + 1, y + 1) != outside) * 255]))
}

#[cfg(test)]
mod tests {
    use super::super::patch::{PatchParams, painted_patches};
    use super::*;
    use image::Rgb;

    const PLACE: Bbox = Bbox { left: 0, top: 0, right: 220, bottom: 280 };

    fn page(is_dark: impl Fn(f32, f32) -> bool) -> RgbImage {
        RgbImage::from_fn(220, 280, |x, y| {
            let grain = (x * 7 + y * 13) as u8 % 12;
            Rgb([if is_dark(x as f32, y as f32) { 20 + grain } else { 240 + grain }; 3])
        })
    }

    fn disc(x: f32, y: f32, centre: [f32; 2], radius: f32) -> bool {
        (x - centre[0]).hypot(y - centre[1]) <= radius
    }

    #[test]
    fn discs_blocks_and_overlapping_strokes_are_all_ink() {
        let is_disc = |x: f32, y: f32| disc(x, y, [110.0, 140.0], 90.0);
        let with_print = |x: f32, y: f32| is_disc(x, y) || (y % 40.0 < 4.0 && x < 60.0);
        let two_strokes = |x: f32, y: f32| disc(x, y, [75.0, 100.0], 65.0) || disc(x, y, [145.0, 120.0], 65.0);
        let stair = |x: f32, y: f32| {
            (0..4).any(|i| {
                let i = i as f32;
                (20.0 + i * 30.0..110.0 + i * 30.0).contains(&x) && (20.0 + i * 40.0..130.0 + i * 40.0).contains(&y)
            })
        };
        for shape in [&is_disc as &dyn Fn(f32, f32) -> bool, &with_print, &two_strokes, &stair] {
            assert!(is_all_ink(&page(shape), PLACE, &MassParams::default()));
        }
    }

    #[test]
    fn hair_round_a_face_light_eyes_and_the_shape_of_head_and_shoulders_are_not() {
        let hair = |x: f32, y: f32| disc(x, y, [110.0, 120.0], 100.0) && !disc(x, y, [110.0, 170.0], 70.0);
        let eyes = |x: f32, y: f32| {
            disc(x, y, [110.0, 140.0], 100.0) && !disc(x, y, [75.0, 120.0], 5.0) && !disc(x, y, [145.0, 120.0], 5.0)
        };
        let head_and_shoulders = |x: f32, y: f32| {
            disc(x, y, [110.0, 80.0], 55.0) || (y > 120.0 && (x - 110.0).abs() < 35.0 + (y - 120.0) / 2.0)
        };
        for shape in [&hair as &dyn Fn(f32, f32) -> bool, &eyes, &head_and_shoulders] {
            assert!(!is_all_ink(&page(shape), PLACE, &MassParams::default()));
        }
    }

    #[test]
    fn a_grey_disc_beside_a_black_bar_is_made_of_patches_and_head_and_shoulders_are_not() {
        let painted = RgbImage::from_fn(300, 340, |x, y| {
            let (x, y) = (x as f32, y as f32);
            let in_bar = (190.0..290.0).contains(&x) && (150.0..185.0).contains(&y);
            Rgb(if disc(x, y, [130.0, 160.0], 90.0) {
                [128; 3]
            } else if in_bar {
                [0; 3]
            } else {
                [245; 3]
            })
        });
        let made = |pixels: &RgbImage, place: Bbox| {
            let around = place.expanded(20, 20);
            let patches = painted_patches(pixels, around, &PatchParams::default());
            is_made_of(pixels, place, &patches, &MassParams::default())
        };
        assert!(made(&painted, Bbox::from_ltrb(38, 68, 292, 252)));
        let person =
            page(|x, y| disc(x, y, [110.0, 80.0], 55.0) || (y > 120.0 && (x - 110.0).abs() < 35.0 + (y - 120.0) / 2.0));
        assert!(!made(&person, PLACE));
    }
}
