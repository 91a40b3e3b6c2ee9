//! Blocks of a fixed width: a block grows over empty paper only.

use image::RgbImage;

use super::MaskParams;
use crate::geometry::{Point, Quad};

/// `text` (with its margin) made longer along its text to the next multiple of the step, after the text first,
/// before it where that is not enough. It stops half a margin before other ink: what is uniform along the text
/// (paper, an underline, a table's horizontal rule) may be covered, anything else not.
pub(super) fn widened(pixels: &RgbImage, text: &Quad, params: &MaskParams) -> (Quad, bool) {
    let (length, height) = (text.length(), text.thickness());
    if length < 1.0 || height < 1.0 {
        return (*text, false);
    }
    let step = params.width_step * height;
    let wanted = (length / step).ceil().max(1.0) * step;
    let after = room(pixels, text, wanted - length, params);
    let before = room(pixels, &text.rolled(2), wanted - length - after, params);
    let [a, b, c, d] = text.0;
    let (from, to) = (-before / length, 1.0 + after / length);
    let quad = Quad([a.lerp(b, from), a.lerp(b, to), d.lerp(c, to), d.lerp(c, from)]);
    (quad, length + after + before >= wanted - 1.0)
}

/// How many pixels, at most `limit`, the quad can grow past its right edge.
fn room(pixels: &RgbImage, quad: &Quad, limit: f32, params: &MaskParams) -> f32 {
    let [a, b, c, d] = quad.0;
    let (length, height) = (quad.length(), quad.thickness());
    let column = |distance: f32| -> Option<Vec<[u8; 3]>> {
        let t = 1.0 + (distance + 0.5) / length;
        let (top, bottom) = (a.lerp(b, t), d.lerp(c, t));
        let samples = height.ceil() as usize;
        (0..samples).map(|i| pixel_at(pixels, top.lerp(bottom, (i as f32 + 0.5) / samples as f32))).collect()
    };
    let Some(reference) = column(0.0) else { return 0.0 };
    let mut distance = 0.0;
    while distance < limit {
        match column(distance) {
            Some(column) if is_like(&column, &reference, params.blank_tolerance) => distance += 1.0,
            Some(_) => return (distance - (height * params.along_margin).max(1.0)).max(0.0),
            None => return distance,
        }
    }
    limit.max(0.0)
}

fn pixel_at(pixels: &RgbImage, point: Point) -> Option<[u8; 3]> {
    let inside = point.x >= 0.0 && point.y >= 0.0;
    inside.then(|| pixels.get_pixel_checked(point.x as u32, point.y as u32)).flatten().map(|pixel| pixel.0)
}

/// Equal but for noise: specks of at most one sample in twenty-five may differ.
fn is_like(column: &[[u8; 3]], reference: &[[u8; 3]], tolerance: u8) -> bool {
    let differs = |(a, b): (&[u8; 3], &[u8; 3])| a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > tolerance);
    column.iter().zip(reference).filter(|pair| differs(*pair)).count() * 25 <= column.len()
}

#[cfg(test)]
mod tests {
    use super::super::{Covered, MaskRegion, Shape, paint};
    use super::*;
    use crate::geometry::Bbox;
    use image::Rgb;

    /// White paper with a grey underline and black boxes for ink.
    fn page(ink: &[Bbox]) -> RgbImage {
        RgbImage::from_fn(400, 60, |x, y| {
            let at = Point::new(x as f32, y as f32);
            if ink.iter().any(|bbox| bbox.contains(at)) {
                Rgb([0; 3])
            } else if y == 41 {
                Rgb([90; 3])
            } else {
                Rgb([255; 3])
            }
        })
    }

    fn block(name: Bbox, others: &[Bbox]) -> (Bbox, bool) {
        let mut pixels = page(&[&[name], others].concat());
        let region = MaskRegion { shape: Shape::Box(name), covered: Covered::Name };
        let params = MaskParams { fixed_width: true, ..MaskParams::default() };
        let painted = paint(&mut pixels, &[region], &params);
        (painted[0].bbox, painted[0].has_wanted_width)
    }

    #[test]
    fn names_of_two_and_three_characters_get_blocks_of_one_width() {
        let two = block(Bbox::from_ltrb(100, 20, 140, 40), &[]);
        let three = block(Bbox::from_ltrb(100, 20, 160, 40), &[]);
        assert_eq!(two, three);
        // Height 20 and 2 px margin on both sides: 4 × 24 px.
        assert!((96..=98).contains(&two.0.width()), "{two:?}");
        assert!(two.1);
    }

    #[test]
    fn a_block_stops_before_its_neighbours() {
        let (left, right) = (Bbox::from_ltrb(40, 20, 80, 40), Bbox::from_ltrb(150, 20, 250, 40));
        let (bbox, has_wanted_width) = block(Bbox::from_ltrb(100, 20, 140, 40), &[left, right]);
        assert!(bbox.right < 150 && bbox.left > 80, "{bbox:?}");
        assert!(!has_wanted_width);
    }
}
