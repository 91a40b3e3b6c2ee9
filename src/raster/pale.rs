//! Pale ink behind a page's print: watermarks, which text detection passes over where print lies on them.

use std::ops::{Range, RangeInclusive};

use image::{GrayImage, Luma, RgbImage};
use imageproc::distance_transform::Norm;
use imageproc::morphology::dilate;
use imageproc::region_labelling::{Connectivity, connected_components};

use super::{resized, resized_grey};
use crate::geometry::Bbox;

/// What counts as pale ink. Contrasts are in levels of the darkest channel under the paper around, 0..=255.
#[derive(Debug, Clone)]
pub struct PaleParams {
    /// Long side of the reduced page on which pale ink is looked for, pixels: A4 at 77 dpi.
    pub long_side_px: u32,
    /// Side of the tiles whose light pixels give the paper's level, reduced pixels: wider than a large watermark's
    /// strokes.
    pub tile_px: u32,
    /// Least contrast: above the noise of a scanner and of JPEG at quality 50 (about 4 levels each).
    pub least: u8,
    /// Contrast from which ink is print.
    pub print: u8,
    /// Print reaches this far, reduced pixels: the soft edge of a photographed glyph.
    pub edge_px: u8,
    /// So far around print nothing speaks for a watermark: a line's own soft edges.
    pub line_px: u8,
    /// Long side of a character or a connected part of one, reduced pixels: 2 to 25 mm on A4.
    pub character_px: RangeInclusive<i32>,
    /// Share of its box that a character fills at most.
    pub most_fill: f32,
    /// Shapes less than this above the least contrast count as noise.
    pub floor: u8,
    /// Contrasts of one ink's shapes lie within so many levels.
    pub same_ink: usize,
    /// Pale ink is kept so many times a shape's long side around the shapes of one ink: a character's other strokes, and
    /// the characters beside it under print.
    pub reach: i32,
    /// Least number of shapes of one ink: two characters, each of which falls into parts.
    pub least_shapes: usize,
}

impl Default for PaleParams {
    fn default() -> Self {
        Self {
            long_side_px: 896,
            tile_px: 16,
            least: 12,
            print: 90,
            edge_px: 2,
            line_px: 6,
            character_px: 6..=75,
            most_fill: 0.75,
            floor: 3,
            same_ink: 10,
            reach: 3,
            least_shapes: 5,
        }
    }
}

/// A page made small, and its paper.
#[derive(Debug, Clone)]
pub struct Reduced {
    /// The darkest channel.
    pub(super) levels: GrayImage,
    /// The level of the paper at each pixel.
    pub(super) paper: GrayImage,
}

impl Reduced {
    /// The page as small as pale ink is looked for on.
    pub fn new(pixels: &RgbImage, params: &PaleParams) -> Self {
        let long = pixels.width().max(pixels.height()).max(1);
        let scale = (params.long_side_px as f32 / long as f32).min(1.0);
        let side = |length: u32| ((length as f32 * scale).round() as u32).max(1);
        let levels = darkest_channel(&resized(pixels, side(pixels.width()), side(pixels.height())));
        let paper = paper(&levels, params.tile_px);
        Self { levels, paper }
    }
}

/// The page with nothing but its pale ink around what looks like pale characters, black on white, as large as the page;
/// `None` when nothing does.
pub fn pale_layer(pixels: &RgbImage, reduced: &Reduced, params: &PaleParams) -> Option<RgbImage> {
    let Reduced { levels: small, paper } = reduced;
    let contrast = difference(paper, small);
    let print = mapped(&contrast, |level| if level > params.print { 255 } else { 0 });
    let near_line = dilate(&print, Norm::LInf, params.line_px);
    let mut pale = contrast.clone();
    for (level, near) in pale.iter_mut().zip(near_line.iter()) {
        *level = if *near == 0 && (params.least..=params.print).contains(level) { 255 } else { 0 };
    }
    let characters = characters(&pale, &contrast, params);
    if characters.is_empty() {
        return None;
    }
    let mut near = GrayImage::new(small.width(), small.height());
    for bbox in characters {
        let reach = params.reach * bbox.width().max(bbox.height()) + params.tile_px as i32;
        let around = bbox.expanded(reach, reach).clamped(small.width(), small.height());
        for y in around.top..around.bottom {
            for x in around.left..around.right {
                near.put_pixel(x as u32, y as u32, Luma([255]));
            }
        }
    }
    let print = dilate(&print, Norm::LInf, params.edge_px);
    // Half the least contrast becomes white and three times the least one more black.
    let gain = u32::from(255 / (3 * params.least).max(1)).max(1);
    let half = params.least / 2;
    let reduced = |at: u32, from: u32, to: u32| (u64::from(at) * u64::from(to) / u64::from(from.max(1))) as usize;
    let (width, height) = pixels.dimensions();
    let columns: Vec<usize> = (0..width).map(|x| reduced(x, width, small.width())).collect();
    let mut layer = RgbImage::new(width, height);
    for (y, (out, row)) in layer.rows_mut().zip(pixels.rows()).enumerate() {
        let start = reduced(y as u32, height, small.height()) * small.width() as usize;
        let (paper, print, near) = (&paper.as_raw()[start..], &print.as_raw()[start..], &near.as_raw()[start..]);
        for ((out, pixel), &column) in out.zip(row).zip(&columns) {
            let [r, g, b] = pixel.0;
            let ink = u32::from(paper[column].saturating_sub(r.min(g).min(b)).saturating_sub(half)) * gain;
            let level = if print[column] > 0 || near[column] == 0 { 255 } else { 255 - ink.min(255) as u8 };
            out.0 = [level; 3];
        }
    }
    Some(layer)
}

/// The shapes of a character's size that are equally pale, as one ink is; none when they are few. Noise, shadows and wood
/// grain give shapes of any contrast, most of them just above the least one.
fn characters(pale: &GrayImage, contrast: &GrayImage, params: &PaleParams) -> Vec<Bbox> {
    let mut shapes: Vec<Shape> = Vec::new();
    let labels = connected_components(pale, Connectivity::Eight, Luma([0]));
    for ((x, y, label), level) in labels.enumerate_pixels().zip(contrast.iter()) {
        let Some(index) = (label.0[0] as usize).checked_sub(1) else { continue };
        if shapes.len() <= index {
            shapes.resize(index + 1, Shape::default());
        }
        shapes[index].add(x, y, *level);
    }
    shapes.retain(|shape| shape.is_like_a_character(params));
    let mut by_contrast = [0usize; 256];
    for shape in &shapes {
        by_contrast[usize::from(shape.contrast())] += 1;
    }
    let floor = usize::from(params.least)..usize::from(params.least + params.floor);
    let among = |range: Range<usize>| by_contrast[range].iter().sum::<usize>();
    let near_floor = among(floor.clone());
    let inks = (floor.end..=by_contrast.len() - params.same_ink).map(|from| from..from + params.same_ink);
    let Some(ink) = inks.max_by_key(|ink| among(ink.clone())) else { return Vec::new() };
    let of_one_ink = among(ink.clone());
    if of_one_ink < params.least_shapes || of_one_ink <= 2 * near_floor {
        return Vec::new();
    }
    let of_ink = shapes.iter().filter(|shape| ink.contains(&usize::from(shape.contrast())));
    of_ink.filter_map(|shape| shape.bbox).collect()
}

/// A connected group of pale pixels.
#[derive(Debug, Clone, Default)]
struct Shape {
    bbox: Option<Bbox>,
    area: u32,
    contrast: u32,
}

impl Shape {
    fn add(&mut self, x: u32, y: u32, contrast: u8) {
        let pixel = Bbox::from_ltrb(x as i32, y as i32, x as i32 + 1, y as i32 + 1);
        self.bbox = Some(self.bbox.map_or(pixel, |bbox| bbox.union(pixel)));
        self.area += 1;
        self.contrast += u32::from(contrast);
    }

    /// Mean contrast of its pixels.
    fn contrast(&self) -> u8 {
        (self.contrast / self.area.max(1)) as u8
    }

    /// No speck, no rule and no filled area.
    fn is_like_a_character(&self, params: &PaleParams) -> bool {
        let Some(bbox) = self.bbox else { return false };
        let (long, short) = (bbox.width().max(bbox.height()), bbox.width().min(bbox.height()));
        let fill = self.area as f32 / (bbox.width() * bbox.height()) as f32;
        params.character_px.contains(&long) && 4 * short >= long && fill <= params.most_fill
    }
}

fn difference(paper: &GrayImage, levels: &GrayImage) -> GrayImage {
    let mut out = paper.clone();
    for (paper, level) in out.iter_mut().zip(levels.iter()) {
        *paper = paper.saturating_sub(*level);
    }
    out
}

fn mapped(levels: &GrayImage, f: impl Fn(u8) -> u8) -> GrayImage {
    let mut out = levels.clone();
    out.iter_mut().for_each(|level| *level = f(*level));
    out
}

pub(super) fn darkest_channel(pixels: &RgbImage) -> GrayImage {
    let levels = pixels.pixels().map(|p| p.0.into_iter().min().unwrap_or(255)).collect();
    GrayImage::from_raw(pixels.width(), pixels.height(), levels).unwrap_or_default()
}

/// The level of the paper at each pixel: a closing by tiles, so that strokes are bridged and tinted areas are not.
pub(super) fn paper(levels: &GrayImage, tile: u32) -> GrayImage {
    let (columns, rows) = (levels.width().div_ceil(tile), levels.height().div_ceil(tile));
    let light = GrayImage::from_fn(columns, rows, |column, row| {
        let mut histogram = [0u32; 256];
        let mut count = 0;
        for y in row * tile..((row + 1) * tile).min(levels.height()) {
            for x in column * tile..((column + 1) * tile).min(levels.width()) {
                histogram[usize::from(levels.get_pixel(x, y).0[0])] += 1;
                count += 1;
            }
        }
        // The lightest tenth is noise and gloss.
        let mut above = count / 10;
        let level = (0..=255u8).rev().find(|&level| {
            let here = histogram[usize::from(level)];
            let found = here > above;
            above = above.saturating_sub(here);
            found
        });
        Luma([level.unwrap_or(255)])
    });
    let closed = GrayImage::from_fn(columns, rows, |column, row| {
        let around = |at: u32, end: u32| at.saturating_sub(1)..(at + 2).min(end);
        let levels = around(row, rows).flat_map(|y| around(column, columns).map(move |x| (x, y)));
        Luma([levels.map(|(x, y)| light.get_pixel(x, y).0[0]).min().unwrap_or(255)])
    });
    resized_grey(&closed, levels.width(), levels.height())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    /// A white page with lines of print and, when told so, a row of pale frames across them.
    fn page(ground: impl Fn(u32, u32) -> u8, watermark: Option<[u8; 3]>) -> RgbImage {
        RgbImage::from_fn(827, 1169, |x, y| {
            let is_print = y % 60 < 12 && (100..700).contains(&x) && x % 14 < 8;
            let (u, v) = (x % 60, (y + x / 3) % 200);
            let is_frame = u < 40 && v < 40 && !((6..34).contains(&u) && (6..34).contains(&v));
            match watermark {
                _ if is_print => Rgb([20; 3]),
                Some(colour) if is_frame => Rgb(colour),
                _ => Rgb([ground(x, y); 3]),
            }
        })
    }

    fn layer_of(page: &RgbImage) -> Option<RgbImage> {
        let params = PaleParams::default();
        pale_layer(page, &Reduced::new(page, &params), &params)
    }

    #[test]
    fn a_watermark_is_left_alone_on_its_layer() {
        for colour in [[225, 225, 225], [255, 215, 215], [190, 205, 235]] {
            let layer = layer_of(&page(|_, _| 255, Some(colour))).expect("pale ink");
            // A frame's side between two lines, the ground inside it, and a line of print.
            assert!(layer.get_pixel(3, 220).0[0] < 100, "{colour:?}");
            assert_eq!(layer.get_pixel(20, 220).0, [255; 3]);
            assert_eq!(layer.get_pixel(104, 66).0, [255; 3]);
        }
    }

    #[test]
    fn print_shade_and_noise_are_no_watermark() {
        let shaded = |x: u32, y: u32| 255 - ((x + y) / 20) as u8;
        let noisy = |x: u32, y: u32| 230 + (x.wrapping_mul(2_654_435_761).wrapping_add(y * 40_503) >> 7) as u8 % 20;
        let tinted_cells = |_: u32, y: u32| if y % 120 < 60 { 225 } else { 255 };
        for ground in [&|_, _| 255, &shaded as &dyn Fn(u32, u32) -> u8, &noisy, &tinted_cells] {
            assert!(layer_of(&page(ground, None)).is_none());
        }
    }
}
