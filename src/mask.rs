//! Covers regions of a raster with one opaque colour. Pure painting: what is covered is decided elsewhere, and
//! no pixel outside the painted shapes changes.

mod blank;

use image::{Rgb, RgbImage};
use serde::{Deserialize, Serialize};

use crate::geometry::{Bbox, Point, Quad};

/// What a region holds; it decides the margin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covered {
    /// A person's name: text, and may get a fixed width.
    Name,
    /// Any other text.
    Text,
    /// A seal with its ring.
    Seal,
    /// A bar over eyes, or a face; already as large as it has to be.
    Eyes,
}

/// The outline of a region, raster pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Shape {
    /// An upright box.
    Box(Bbox),
    /// A tilted convex box.
    Quad(Quad),
    /// The ellipse that fills this box.
    Ellipse(Bbox),
}

/// One region to be covered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MaskRegion {
    /// Where the ink is.
    pub shape: Shape,
    /// What it is.
    pub covered: Covered,
}

/// How regions are covered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MaskParams {
    /// The covering colour, sRGB.
    pub fill: [u8; 3],
    /// Names get blocks whose length says little about the name's length.
    pub fixed_width: bool,
    /// Margin before and after text, in text heights. Chinese characters stand 0.05–0.15 heights apart, so 0.06
    /// covers a stroke that the box missed and leaves the neighbour readable.
    pub along_margin: f32,
    /// Margin above and below text, in text heights: a fifth of the usual line gap of half a height.
    pub across_margin: f32,
    /// Margin around a seal, in diameters: covers the blur of a scanned ring.
    pub seal_margin: f32,
    /// No margin of text or seals is smaller, pixels: covers the soft edge of JPEG and scaling.
    pub least_margin_px: f32,
    /// A fixed-width block's length is the next multiple of this many text heights: 4 hold the Chinese names of
    /// two to four characters alike.
    pub width_step: f32,
    /// A fixed-width block may grow over pixels that differ by at most this much (0..=255) from the column beside
    /// the text: above the noise of scans and JPEG, below a thin grey stroke.
    pub blank_tolerance: u8,
}

impl Default for MaskParams {
    fn default() -> Self {
        Self {
            fill: [0, 0, 0],
            fixed_width: false,
            along_margin: 0.06,
            across_margin: 0.10,
            seal_margin: 0.03,
            least_margin_px: 1.0,
            width_step: 4.0,
            blank_tolerance: 40,
        }
    }
}

/// What was painted for one region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Painted {
    /// The shape that was filled: the region with its margin.
    pub shape: Shape,
    /// The pixels that it touches lie in this box.
    pub bbox: Bbox,
    /// False when a block was to have a fixed width and other ink stood in its way: it then is as wide as the
    /// empty paper allows, because neighbouring text must stay readable.
    pub has_wanted_width: bool,
}

/// Covers every region. The result has one entry a region, in the same order.
pub fn paint(pixels: &mut RgbImage, regions: &[MaskRegion], params: &MaskParams) -> Vec<Painted> {
    let shapes: Vec<_> = regions.iter().map(|region| outgrown(pixels, region, params)).collect();
    shapes
        .into_iter()
        .map(|(shape, has_wanted_width)| {
            let bbox = fill(pixels, &shape, Rgb(params.fill));
            Painted { shape, bbox, has_wanted_width }
        })
        .collect()
}

/// The region with its margin, and whether it has the width that was wanted.
fn outgrown(pixels: &RgbImage, region: &MaskRegion, params: &MaskParams) -> (Shape, bool) {
    let at_least = |margin: f32| margin.max(params.least_margin_px);
    match (region.covered, region.shape) {
        (Covered::Eyes, shape) => (shape, true),
        (Covered::Seal, shape) => (grown_evenly(shape, |size| at_least(size * params.seal_margin)), true),
        (Covered::Name | Covered::Text, Shape::Ellipse(_)) => {
            (grown_evenly(region.shape, |size| at_least(size * params.across_margin)), true)
        }
        (Covered::Name | Covered::Text, Shape::Box(_) | Shape::Quad(_)) => {
            let quad = text_quad(region.shape);
            let height = quad.thickness();
            let text = grown(&quad, at_least(height * params.along_margin), at_least(height * params.across_margin));
            let (quad, has_wanted_width) = if params.fixed_width && region.covered == Covered::Name {
                blank::widened(pixels, &text, params)
            } else {
                (text, true)
            };
            let shape = match region.shape {
                Shape::Box(_) => Shape::Box(quad.bbox()),
                _ => Shape::Quad(quad),
            };
            (shape, has_wanted_width)
        }
    }
}

/// A text region as a quad whose first edge runs along the text: down the page for a tall box.
fn text_quad(shape: Shape) -> Quad {
    match shape {
        Shape::Quad(quad) => quad,
        Shape::Box(bbox) | Shape::Ellipse(bbox) => {
            let quad = Quad::from_bbox(bbox);
            if f64::from(bbox.height()) > 1.5 * f64::from(bbox.width()) { quad.rolled(1) } else { quad }
        }
    }
}

fn grown_evenly(shape: Shape, margin: impl Fn(f32) -> f32) -> Shape {
    let larger = |bbox: Bbox| {
        let margin = margin(bbox.width().max(bbox.height()) as f32).ceil() as i32;
        bbox.expanded(margin, margin)
    };
    match shape {
        Shape::Box(bbox) => Shape::Box(larger(bbox)),
        Shape::Ellipse(bbox) => Shape::Ellipse(larger(bbox)),
        Shape::Quad(quad) => {
            let margin = margin(quad.length().max(quad.thickness()));
            Shape::Quad(grown(&quad, margin, margin))
        }
    }
}

/// The quad with its ends moved out by `along` and its sides by `across` pixels.
fn grown(quad: &Quad, along: f32, across: f32) -> Quad {
    let [a, b, c, d] = stretched(&quad.0, along);
    let [d, a, b, c] = stretched(&[d, a, b, c], across);
    Quad([a, b, c, d])
}

/// The quad `a b c d` with its edges `ab` and `dc` made longer by `length` at both ends.
fn stretched([a, b, c, d]: &[Point; 4], length: f32) -> [Point; 4] {
    let away = |from: &Point, point: &Point| {
        let distance = from.distance(*point);
        if distance > 0.0 { from.lerp(*point, 1.0 + length / distance) } else { *point }
    };
    [away(b, a), away(a, b), away(d, c), away(c, d)]
}

/// Fills every pixel that the shape touches; the box of these pixels.
fn fill(pixels: &mut RgbImage, shape: &Shape, colour: Rgb<u8>) -> Bbox {
    let bounds = match shape {
        Shape::Box(bbox) | Shape::Ellipse(bbox) => *bbox,
        Shape::Quad(quad) => quad.bbox(),
    };
    let bounds = bounds.clamped(pixels.width(), pixels.height());
    for y in bounds.top..bounds.bottom {
        let Some((left, right)) = span(shape, y) else { continue };
        for x in left.max(bounds.left)..right.min(bounds.right) {
            pixels.put_pixel(x as u32, y as u32, colour);
        }
    }
    bounds
}

/// Columns `[left, right)` whose pixels in row `y` the shape touches.
fn span(shape: &Shape, y: i32) -> Option<(i32, i32)> {
    match shape {
        Shape::Box(bbox) => Some((bbox.left, bbox.right)),
        Shape::Ellipse(bbox) => {
            let (centre, radius_x) = (bbox.centre(), bbox.width() as f32 / 2.0);
            let radius_y = bbox.height() as f32 / 2.0;
            // The height within the row where the ellipse is widest.
            let nearest = centre.y.clamp(y as f32, y as f32 + 1.0);
            let height = (nearest - centre.y) / radius_y;
            let half = radius_x * (1.0 - height * height).max(0.0).sqrt();
            (half > 0.0).then(|| ((centre.x - half).floor() as i32, (centre.x + half).ceil() as i32))
        }
        Shape::Quad(quad) => {
            let (top, bottom) = (y as f32, y as f32 + 1.0);
            let mut range: Option<(f32, f32)> = None;
            for i in 0..4 {
                let (p, q) = (quad.0[i], quad.0[(i + 1) % 4]);
                let (p, q) = if p.y <= q.y { (p, q) } else { (q, p) };
                if q.y < top || p.y > bottom {
                    continue;
                }
                let at = |y: f32| if q.y > p.y { p.x + (q.x - p.x) * (y - p.y) / (q.y - p.y) } else { p.x };
                let ends = if q.y > p.y { [at(top.max(p.y)), at(bottom.min(q.y))] } else { [p.x, q.x] };
                for x in ends {
                    let (left, right) = range.unwrap_or((x, x));
                    range = Some((left.min(x), right.max(x)));
                }
            }
            range.map(|(left, right)| (left.floor() as i32, right.ceil() as i32))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn paper() -> RgbImage {
        RgbImage::from_fn(120, 80, |x, y| Rgb([200 + (x % 7) as u8, 200 + (y % 5) as u8, 210]))
    }

    fn painted(regions: &[MaskRegion], params: &MaskParams) -> (RgbImage, Vec<Painted>) {
        let mut pixels = paper();
        let painted = paint(&mut pixels, regions, params);
        (pixels, painted)
    }

    /// Every pixel is either filled where `inside` says so, or as it was.
    fn assert_painted(pixels: &RgbImage, fill: [u8; 3], inside: impl Fn(i32, i32) -> bool) {
        let before = paper();
        for (x, y, pixel) in pixels.enumerate_pixels() {
            let expected = if inside(x as i32, y as i32) { Rgb(fill) } else { *before.get_pixel(x, y) };
            assert_eq!(*pixel, expected, "at {x}, {y}");
        }
    }

    #[test]
    fn a_text_box_is_filled_with_its_margin_and_nothing_else_changes() {
        let region = MaskRegion { shape: Shape::Box(Bbox::from_ltrb(30, 20, 90, 40)), covered: Covered::Text };
        let (pixels, painted) = painted(&[region], &MaskParams::default());
        // Height 20: 0.06 × 20 = 1.2 px along, 0.10 × 20 = 2 px across, outward to whole pixels.
        let expected = Bbox::from_ltrb(28, 18, 92, 42);
        assert_eq!(painted[0].bbox, expected);
        assert_painted(&pixels, [0; 3], |x, y| expected.contains(Point::new(x as f32, y as f32)));
    }

    #[test]
    fn a_tall_box_is_vertical_text() {
        let region = MaskRegion { shape: Shape::Box(Bbox::from_ltrb(30, 10, 50, 70)), covered: Covered::Text };
        let (_, painted) = painted(&[region], &MaskParams::default());
        assert_eq!(painted[0].bbox, Bbox::from_ltrb(28, 8, 52, 72));
    }

    #[test]
    fn fill_colour_is_used_and_edges_are_respected() {
        let params = MaskParams { fill: [255, 255, 255], ..MaskParams::default() };
        let region = MaskRegion { shape: Shape::Box(Bbox::from_ltrb(-20, 70, 10, 300)), covered: Covered::Eyes };
        let (pixels, _) = painted(&[region], &params);
        assert_painted(&pixels, [255; 3], |x, y| x < 10 && y >= 70);
    }

    #[test]
    fn a_seal_is_covered_as_an_ellipse() {
        let region = MaskRegion { shape: Shape::Ellipse(Bbox::from_ltrb(20, 10, 80, 70)), covered: Covered::Seal };
        let (pixels, painted) = painted(&[region], &MaskParams::default());
        // Diameter 60: margin 1.8, so 2 px; radius 32 around (50, 40).
        assert_eq!(painted[0].bbox, Bbox::from_ltrb(18, 8, 82, 72));
        assert_painted(&pixels, [0; 3], |x, y| {
            let dx = 50f32.clamp(x as f32, x as f32 + 1.0) - 50.0;
            let dy = 40f32.clamp(y as f32, y as f32 + 1.0) - 40.0;
            dx.hypot(dy) < 32.0
        });
    }

    #[test]
    fn an_upright_quad_fills_what_its_box_fills() {
        let bbox = Bbox::from_ltrb(30, 20, 90, 40);
        let quad = MaskRegion { shape: Shape::Quad(Quad::from_bbox(bbox)), covered: Covered::Eyes };
        let (pixels, _) = painted(&[quad], &MaskParams::default());
        assert_painted(&pixels, [0; 3], |x, y| bbox.contains(Point::new(x as f32, y as f32)));
    }

    proptest! {
        #[test]
        fn a_tilted_bar_covers_what_it_touches_and_no_more(angle in -3.1f32..3.1, half in 5f32..25.0, thin in 2f32..9.0) {
            let (sin, cos) = angle.sin_cos();
            let at = |u: f32, v: f32| Point::new(60.0 + u * cos - v * sin, 40.0 + u * sin + v * cos);
            let quad = Quad([at(-half, -thin), at(half, -thin), at(half, thin), at(-half, thin)]);
            let region = MaskRegion { shape: Shape::Quad(quad), covered: Covered::Eyes };
            let (pixels, _) = painted(&[region], &MaskParams::default());
            let before = paper();
            for (x, y, pixel) in pixels.enumerate_pixels() {
                // Distance of the pixel's centre outside the bar, in the bar's own axes.
                let (dx, dy) = (x as f32 + 0.5 - 60.0, y as f32 + 0.5 - 40.0);
                let (u, v) = (dx * cos + dy * sin, dy * cos - dx * sin);
                let outside = ((u.abs() - half).max(0.0)).hypot((v.abs() - thin).max(0.0));
                if outside <= 0.0 {
                    prop_assert_eq!(pixel.0, [0; 3]);
                }
                // A pixel's corner is at most 0.7072 px from its centre.
                if outside > 0.75 {
                    prop_assert_eq!(pixel, before.get_pixel(x, y));
                }
            }
        }
    }

    #[test]
    fn a_degenerate_quad_does_no_harm() {
        let region = MaskRegion { shape: Shape::Quad(Quad([Point::new(9.0, 9.0); 4])), covered: Covered::Name };
        let params = MaskParams { fixed_width: true, ..MaskParams::default() };
        assert_eq!(painted(&[region], &params).1.len(), 1);
    }
}
