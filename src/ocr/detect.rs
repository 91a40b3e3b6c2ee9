//! Page pixels → quads of text lines with a PP-OCRv6 detection model and differentiable-binarization
//! post-processing (Liao et al., AAAI 2020).

use image::{GrayImage, Luma, Rgb, RgbImage};
use imageproc::distance_transform::Norm;
use imageproc::morphology::dilate;

use crate::assets::{Asset, Assets};
use crate::error::{Error, Result};
use crate::geometry::{Bbox, Point, Quad};
use crate::inference::Model;
use crate::ocr::read::ModelSize;
use crate::raster::outline::{outlines, smallest_rectangle};
use crate::raster::{crop, resized};

/// Thresholds of text detection.
#[derive(Debug, Clone, Copy)]
pub struct DetectParams {
    /// Long side of the page as the model sees it, pixels. At 896 an A4 page has 77 dpi. Measured with the tiny model
    /// on 18 A4 pages with names of 5.4 to 9 pt beside 12 pt text: at 640 pixels 281 of 288 small names and units were
    /// found, at 768 286, at 960 and 1152 all 288, at 1536 287.
    pub long_side_px: u32,
    /// The short side is not brought below this, so that very long or wide images keep their text size. It is that of
    /// A4 at `long_side_px`.
    pub short_side_px: u32,
    /// Side of the square tiles in which larger maps are computed; bounds memory.
    pub tile_px: u32,
    /// A second pass at full size follows when the thinnest lines found are below this, model pixels.
    pub thin_line_px: f32,
    /// Text probability above which a pixel is text (model's inference.yml: 0.2..0.3).
    pub pixel_threshold: f32,
    /// Mean probability inside a quad below which it is dropped.
    pub quad_threshold: f32,
    /// Quads grow by area × ratio / perimeter on each side, undoing the shrunk text kernels of training.
    pub unclip_ratio: f32,
}

impl Default for DetectParams {
    fn default() -> Self {
        Self {
            long_side_px: 896,
            short_side_px: 608,
            tile_px: 1600,
            thin_line_px: 9.0,
            pixel_threshold: 0.3,
            quad_threshold: 0.5,
            unclip_ratio: 1.6,
        }
    }
}

impl DetectParams {
    /// By what a page of this size (pixels) is scaled for the first pass, at most 1.
    pub fn scale_of(&self, width: u32, height: u32) -> f32 {
        let (w, h) = (width.max(1) as f32, height.max(1) as f32);
        (self.long_side_px as f32 / w.max(h)).max(self.short_side_px as f32 / w.min(h)).min(1.0)
    }
}

/// Sides of the model's input are multiples of this (five 2× reductions).
const STRIDE: u32 = 32;
/// Neighbouring tiles share this many pixels, each giving its half: wider than the model's view of one line.
const OVERLAP_PX: u32 = 192;
/// Pixel range of a tile below which nothing is printed on it: half the contrast of the faintest legible
/// photocopy.
const BLANK_RANGE: u8 = 12;

/// A loaded detection model.
pub struct Detector {
    model: Model,
}

impl Detector {
    /// Loads the weights.
    ///
    /// # Errors
    /// When the asset is missing or is not the expected one.
    pub fn load(assets: &Assets, size: ModelSize) -> Result<Self> {
        let asset = match size {
            ModelSize::Tiny => Asset::TextDetectionTiny,
            ModelSize::Small => Asset::TextDetectionSmall,
        };
        Ok(Self { model: Model::of_asset(assets, asset)? })
    }

    /// Quads of text lines in the pixels given, each clockwise from the corner from which its first edge
    /// runs right (within ±45°), in no particular order.
    ///
    /// # Errors
    /// When the model fails.
    pub fn detect(&self, pixels: &RgbImage, params: &DetectParams) -> Result<Vec<Quad>> {
        self.detect_with(pixels, params.scale_of(pixels.width(), pixels.height()), params)
    }

    /// The same with the first pass at `scale`, as of a part of a larger page.
    ///
    /// # Errors
    /// When the model fails.
    pub fn detect_with(&self, pixels: &RgbImage, scale: f32, params: &DetectParams) -> Result<Vec<Quad>> {
        let quads = self.detect_at(pixels, scale, params)?;
        if scale < 1.0 && is_too_small(&quads, scale, params.thin_line_px) {
            return self.detect_at(pixels, (scale * 2.0).min(1.0), params);
        }
        Ok(quads)
    }

    /// The same with the pixels brought to the model's size by `scale`.
    ///
    /// # Errors
    /// When the model fails.
    pub fn detect_at(&self, pixels: &RgbImage, scale: f32, params: &DetectParams) -> Result<Vec<Quad>> {
        let side = |length: u32| ((length as f32 * scale / STRIDE as f32).round().max(1.0) as u32) * STRIDE;
        let (width, height) = (side(pixels.width()), side(pixels.height()));
        let small = resized(pixels, width, height);
        let (sx, sy) = (pixels.width() as f32 / width as f32, pixels.height() as f32 / height as f32);
        let mut quads = Vec::new();
        for printed in printed_parts(&small) {
            let part = crop(&small, printed);
            let map = self.probabilities(&part, params.tile_px)?;
            let (dx, dy) = (printed.left as f32, printed.top as f32);
            let found = quads_of(&map, part.width(), part.height(), params);
            quads.extend(found.into_iter().map(|quad| quad.map(|p| Point::new((p.x + dx) * sx, (p.y + dy) * sy))));
        }
        Ok(quads)
    }

    /// Text probability of each pixel, row-major; sides are multiples of [`STRIDE`].
    fn probabilities(&self, pixels: &RgbImage, tile: u32) -> Result<Vec<f32>> {
        let (width, height) = pixels.dimensions();
        let mut map = vec![0.0; (width * height) as usize];
        for rows in spans(height, tile) {
            for columns in spans(width, tile) {
                let bbox = Bbox::from_ltrb(columns.from as i32, rows.from as i32, columns.to as i32, rows.to as i32);
                let part = crop(pixels, bbox);
                if is_blank(&part) {
                    continue;
                }
                let probabilities = self.run(&part)?;
                for y in rows.keep_from..rows.keep_to {
                    let source = ((y - rows.from) * part.width() + columns.keep_from - columns.from) as usize;
                    let target = (y * width + columns.keep_from) as usize;
                    let count = (columns.keep_to - columns.keep_from) as usize;
                    map[target..target + count].copy_from_slice(&probabilities[source..source + count]);
                }
            }
        }
        Ok(map)
    }

    fn run(&self, pixels: &RgbImage) -> Result<Vec<f32>> {
        let (width, height) = (pixels.width() as usize, pixels.height() as usize);
        let plane = width * height;
        let mut data = vec![0.0; 3 * plane];
        for (i, pixel) in pixels.pixels().enumerate() {
            // HWC, RGB => CHW, BGR; 0..=255 => -1..=1
            for (channel, &value) in pixel.0.iter().rev().enumerate() {
                data[channel * plane + i] = f32::from(value) / 127.5 - 1.0;
            }
        }
        let outputs = self.model.run([1, 3, height, width], data)?;
        match outputs.into_iter().next() {
            Some(map) if map.data.len() == plane => Ok(map.data),
            _ => Err(Error::Model {
                name: Asset::TextDetectionSmall.file_name().into(),
                problem: "its output has not the input's size".into(),
            }),
        }
    }
}

/// One tile along an axis: what is computed and what of it is kept.
struct Span {
    from: u32,
    to: u32,
    keep_from: u32,
    keep_to: u32,
}

fn spans(length: u32, tile: u32) -> Vec<Span> {
    if length <= tile {
        return vec![Span { from: 0, to: length, keep_from: 0, keep_to: length }];
    }
    let tile = tile / STRIDE * STRIDE;
    let count = (length - OVERLAP_PX).div_ceil(tile - OVERLAP_PX);
    let mut spans: Vec<Span> = (0..count)
        .map(|i| {
            let from = (i * (tile - OVERLAP_PX)).min(length - tile) / STRIDE * STRIDE;
            let to = if i + 1 == count { length } else { from + tile };
            Span { from, to, keep_from: 0, keep_to: length }
        })
        .collect();
    for i in 1..spans.len() {
        let middle = u32::midpoint(spans[i].from, spans[i - 1].to);
        spans[i - 1].keep_to = middle;
        spans[i].keep_from = middle;
    }
    spans
}

/// The parts of the pixels that hold all print on them, apart from each other, sides multiples of [`STRIDE`]; the sides
/// given are such multiples. Cells of that size with print on them are taken with those around them: lines that touch
/// the same cell, or neighbouring ones, come together.
fn printed_parts(pixels: &RgbImage) -> Vec<Bbox> {
    /// Share of what encloses them from which parts are taken as one: a run of the model has a cost of its own.
    const AS_ONE: f32 = 0.8;
    let (columns, rows) = (pixels.width() / STRIDE, pixels.height() / STRIDE);
    let mut ranges = vec![(u8::MAX, 0u8); (columns * rows) as usize];
    for (y, row) in pixels.rows().enumerate() {
        let cells = &mut ranges[y / STRIDE as usize * columns as usize..][..columns as usize];
        for (x, pixel) in row.enumerate() {
            let (value, range) = (lightness(*pixel), &mut cells[x / STRIDE as usize]);
            *range = (range.0.min(value), range.1.max(value));
        }
    }
    let printed = GrayImage::from_fn(columns, rows, |x, y| {
        let (low, high) = ranges[(y * columns + x) as usize];
        Luma([u8::from(high.saturating_sub(low) >= BLANK_RANGE) * 255])
    });
    let around = dilate(&printed, Norm::LInf, 1);
    let parts: Vec<Bbox> = outlines(&around)
        .iter()
        .filter_map(|outline| Bbox::around(outline.iter().map(|&(x, y)| Point::new(x as f32, y as f32))))
        .map(|cells| {
            let of = |cell: i32| cell * STRIDE as i32;
            Bbox::from_ltrb(of(cells.left), of(cells.top), of(cells.right + 1), of(cells.bottom + 1))
        })
        .collect();
    let parts = Bbox::joined(parts);
    let Some(whole) = parts.iter().copied().reduce(Bbox::union) else { return parts };
    let area: i64 = parts.iter().map(|part| part.area()).sum();
    if area as f32 >= AS_ONE * whole.area() as f32 { vec![whole] } else { parts }
}

/// All channels count, so that print of no colour is missed.
fn lightness(pixel: Rgb<u8>) -> u8 {
    let [r, g, b] = pixel.0.map(u16::from);
    ((r + 2 * g + b) / 4) as u8
}

fn is_blank(pixels: &RgbImage) -> bool {
    let (low, high) =
        pixels.pixels().map(|&pixel| lightness(pixel)).fold((255, 0), |(low, high), v| (v.min(low), v.max(high)));
    high - low.min(high) < BLANK_RANGE
}

/// True when the thinner lines are so thin in model pixels that thinner ones may have been missed. Specks are no
/// lines: only what is longer than two characters counts.
fn is_too_small(quads: &[Quad], scale: f32, thin: f32) -> bool {
    let mut thickness: Vec<f32> = quads
        .iter()
        .map(|q| (q.thickness().min(q.length()), q.thickness().max(q.length())))
        .filter(|(short, long)| *long > 2.0 * short)
        .map(|(short, _)| short * scale)
        .collect();
    thickness.sort_by(f32::total_cmp);
    thickness.get(thickness.len() / 10).is_some_and(|&t| t < thin)
}

fn quads_of(map: &[f32], width: u32, height: u32, params: &DetectParams) -> Vec<Quad> {
    let mask = GrayImage::from_fn(width, height, |x, y| {
        Luma([u8::from(map[(y * width + x) as usize] > params.pixel_threshold) * 255])
    });
    outlines(&mask)
        .iter()
        .filter_map(|outline| smallest_rectangle(outline))
        .filter(|quad| quad.length().min(quad.thickness()) >= 3.0)
        .filter(|quad| mean_inside(map, width, height, quad) >= params.quad_threshold)
        .map(|quad| grown(&quad, params.unclip_ratio))
        .collect()
}

/// Mean of the map inside a convex quad.
fn mean_inside(map: &[f32], width: u32, height: u32, quad: &Quad) -> f32 {
    let bbox = quad.bbox().clamped(width, height);
    let (mut sum, mut count) = (0.0, 0u32);
    for y in bbox.top..bbox.bottom {
        for x in bbox.left..bbox.right {
            if quad.contains(Point::new(x as f32 + 0.5, y as f32 + 0.5)) {
                sum += map[y as usize * width as usize + x as usize];
                count += 1;
            }
        }
    }
    if count == 0 { 0.0 } else { sum / count as f32 }
}

/// A rectangle grown on all sides by area × ratio / perimeter.
fn grown(quad: &Quad, ratio: f32) -> Quad {
    let (length, thickness) = (quad.length().max(1e-3), quad.thickness().max(1e-3));
    let by = length * thickness * ratio / (2.0 * (length + thickness));
    let [a, b, _, d] = quad.0;
    let along = Point::new((b.x - a.x) / length * by, (b.y - a.y) / length * by);
    let across = Point::new((d.x - a.x) / thickness * by, (d.y - a.y) / thickness * by);
    let signs = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
    let mut corners = quad.0;
    for (corner, (sa, sc)) in corners.iter_mut().zip(signs) {
        *corner = Point::new(corner.x + sa * along.x + sc * across.x, corner.y + sa * along.y + sc * across.y);
    }
    Quad(corners)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn tiles_keep_each_pixel_once(tiles in 1..400u32) {
            let length = tiles * STRIDE;
            let spans = spans(length, 1600);
            let mut next = 0;
            for span in &spans {
                prop_assert_eq!(span.keep_from, next);
                prop_assert!(span.from <= span.keep_from && span.keep_to <= span.to);
                prop_assert!(span.to - span.from <= 1600 + STRIDE && (span.to - span.from) % STRIDE == 0);
                next = span.keep_to;
            }
            prop_assert_eq!(next, length);
        }
    }

    #[test]
    fn blank_margins_are_left_out_and_print_of_any_colour_is_kept() {
        for ink in [[0, 0, 0], [0, 255, 0], [230, 60, 60], [200, 200, 255]] {
            let mut page = RgbImage::from_pixel(640, 960, Rgb([252, 250, 251]));
            for x in 300..340 {
                page.put_pixel(x, 500, Rgb(ink));
            }
            // Cells 9..=10 across and 15 down, one more to either side.
            assert_eq!(printed_parts(&page), [Bbox::from_ltrb(256, 448, 384, 544)], "{ink:?}");
        }
        assert_eq!(printed_parts(&RgbImage::from_pixel(64, 64, Rgb([250, 250, 240]))), []);
    }

    #[test]
    fn print_far_apart_is_looked_at_apart_and_uneven_light_is_no_print() {
        let mut page = RgbImage::from_fn(640, 960, |_, y| Rgb([255 - (y / 8) as u8; 3]));
        for (x, y) in [(40, 40), (600, 900)] {
            page.put_pixel(x, y, Rgb([0; 3]));
        }
        let mut parts = printed_parts(&page);
        parts.sort_by_key(|part| part.top);
        assert_eq!(parts, [Bbox::from_ltrb(0, 0, 96, 96), Bbox::from_ltrb(544, 864, 640, 960)]);
    }

    #[test]
    fn a_rectangle_grows_by_the_same_distance_on_each_side() {
        let quad = Quad::from_bbox(Bbox::from_ltrb(100, 100, 200, 120));
        // 100 × 20 × 1.6 / 240 = 13.3
        assert_eq!(grown(&quad, 1.6).bbox(), Bbox::from_ltrb(86, 86, 214, 134));
    }

    #[test]
    fn a_block_of_probability_becomes_one_quad() {
        let mut map = vec![0.0; 64 * 64];
        for y in 20..30 {
            map[y * 64 + 10..y * 64 + 50].fill(0.9);
        }
        let quads = quads_of(&map, 64, 64, &DetectParams { unclip_ratio: 0.0, ..DetectParams::default() });
        assert_eq!(quads.iter().map(Quad::bbox).collect::<Vec<_>>(), vec![Bbox::from_ltrb(10, 20, 50, 30)]);
    }
}
