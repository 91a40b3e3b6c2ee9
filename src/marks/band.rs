//! A text line with what lies before and after it, straightened to a strip of pixels and cut into windows.

use image::RgbImage;

use crate::geometry::{Bbox, Point, Quad};
use crate::ocr::TextLine;
use crate::raster::{self, Raster};

/// Windows before and after a line that are looked at, in line heights: a covered name or unit may be a line
/// of its own after its label.
const REACH: f32 = 12.0;
/// Strip height in line heights: covers are a little higher than the line.
const HEIGHT: f32 = 1.1;

/// A straight strip of the page along a line, at the page's own scale.
pub(super) struct Band {
    /// Index of the line.
    pub(super) line: usize,
    pub(super) pixels: RgbImage,
    /// Row-major luma of `pixels`.
    pub(super) luma: Vec<u8>,
    /// The strip on the page.
    pub(super) quad: Quad,
    /// Columns of the strip that the line itself takes.
    pub(super) own: [usize; 2],
}

impl Band {
    /// The band of a line; `None` for one too thin to hold a cover.
    pub(super) fn of(page: &Raster, lines: &[TextLine], index: usize) -> Option<Self> {
        let quad = levelled(&lines[index].quad);
        let (length, thickness) = (quad.length(), quad.thickness());
        if thickness < 8.0 || length < 4.0 {
            return None;
        }
        let height = (thickness * HEIGHT).round();
        let [a, b, _, d] = quad.0;
        let along = Point::new((b.x - a.x) / length, (b.y - a.y) / length);
        let across = Point::new((d.x - a.x) / thickness, (d.y - a.y) / thickness);
        let inside = |t: f32| {
            let p = Point::new(
                a.x + along.x * t + across.x * thickness / 2.0,
                a.y + along.y * t + across.y * thickness / 2.0,
            );
            let free = lines.iter().enumerate().all(|(i, line)| i == index || !line.quad.bbox().contains(p));
            free && p.x >= 0.0 && p.y >= 0.0 && p.x < page.width() as f32 && p.y < page.height() as f32
        };
        let step = thickness / 2.0;
        let most = (REACH * 2.0) as usize;
        let before = (1..=most).take_while(|&i| inside(-(i as f32) * step)).count() as f32 * step;
        let after = (1..=most).take_while(|&i| inside(length + i as f32 * step)).count() as f32 * step;
        let (before, after) = (before.floor(), after.floor());
        let rise = ((height - thickness) / 2.0).round();
        let at = |t: f32, s: f32| Point::new(a.x + along.x * t + across.x * s, a.y + along.y * t + across.y * s);
        let (from, to) = (-before, length + after);
        let (top, bottom) = (-rise, height - rise);
        let strip = Quad([at(from, top), at(to, top), at(to, bottom), at(from, bottom)]);
        let width = (to - from).round().max(1.0);
        let pixels = raster::straightened(&page.pixels, &strip, width as u32, height as u32)?;
        let luma = pixels.pixels().map(|p| luma(p.0)).collect();
        let own = [before as usize, ((before + length) as usize).min(pixels.width() as usize)];
        Some(Self { line: index, pixels, luma, quad: strip, own })
    }

    pub(super) fn width(&self) -> usize {
        self.pixels.width() as usize
    }

    pub(super) fn height(&self) -> usize {
        self.pixels.height() as usize
    }

    /// The part between two columns, on the page.
    pub(super) fn on_page(&self, from: usize, to: usize) -> Bbox {
        let width = self.width().max(1) as f32;
        self.quad.slice(from as f32 / width, to as f32 / width).bbox()
    }
}

pub(super) fn luma([r, g, b]: [u8; 3]) -> u8 {
    ((u16::from(r) * 77 + u16::from(g) * 150 + u16::from(b) * 29) >> 8) as u8
}

/// A quad that is nearly upright as its bounding box on whole pixels: straightening it then copies pixels,
/// which keeps a mosaic's lattice and a cover's evenness as they are.
fn levelled(quad: &Quad) -> Quad {
    let [a, b, c, d] = quad.0;
    let slant = (b.y - a.y).abs().max((c.y - d.y).abs());
    if b.x > a.x && d.y > a.y && slant < quad.thickness() * 0.35 {
        let round = |x: f32, y: f32| Point::new(x.round(), y.round());
        let (top, bottom) = (f32::midpoint(a.y, b.y), f32::midpoint(c.y, d.y));
        let (left, right) = (a.x.min(d.x), b.x.max(c.x));
        return Quad([round(left, top), round(right, top), round(right, bottom), round(left, bottom)]);
    }
    *quad
}
