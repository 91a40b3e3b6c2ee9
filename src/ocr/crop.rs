//! Quads of text lines → straight crops with the text running left to right.

use image::{GenericImage, RgbImage};

use crate::geometry::Quad;
use crate::raster::{self, Raster};

/// A quad is tall when it is this much higher than wide: a vertical line, or text of a turned page (PaddleOCR
/// turns crops from the same ratio on).
const TALL: f32 = 1.5;

/// True for a quad that holds a vertical line.
pub fn is_tall(quad: &Quad) -> bool {
    quad.thickness() >= TALL * quad.length()
}

/// The crop of a line whose text runs along the quad's first edge.
pub fn along(raster: &Raster, quad: &Quad) -> Option<RgbImage> {
    let (width, height) = (quad.length().round().max(1.0) as u32, quad.thickness().round().max(1.0) as u32);
    raster::straightened(&raster.pixels, quad, width, height)
}

/// A column of upright characters, laid out as a row: the column is cut into cells of one pitch, and the cells
/// are set side by side. The row's width stands evenly for the column's height. `None` when no pitch fits.
pub fn column_as_row(raster: &Raster, quad: &Quad) -> Option<RgbImage> {
    let (width, height) = (quad.length().round().max(1.0) as u32, quad.thickness().round().max(1.0) as u32);
    let column = raster::straightened(&raster.pixels, quad, width, height)?;
    let count = cells_in(&column)?;
    let pitch = height / count;
    if pitch == 0 {
        return None;
    }
    let mut row = RgbImage::new(width * count, pitch);
    for cell in 0..count {
        let top = (cell as f32 * height as f32 / count as f32) as u32;
        let part = image::imageops::crop_imm(&column, 0, top.min(height - pitch), width, pitch).to_image();
        row.copy_from(&part, cell * width, 0).ok()?;
    }
    Some(row)
}

/// How many square-ish character cells a column has: the count whose cuts run through the least ink.
fn cells_in(column: &RgbImage) -> Option<u32> {
    let (width, height) = column.dimensions();
    let paper = f32::from(column.pixels().map(|p| p.0[1]).max()?);
    let ink: Vec<f32> =
        column.rows().map(|row| row.map(|p| paper - f32::from(p.0[1])).sum::<f32>() / width as f32).collect();
    let mean = ink.iter().sum::<f32>() / height as f32 + 1e-3;
    // A character's pitch is 0.75 to 1.6 times the column's width (which has some margin around the glyphs).
    let (fewest, most) =
        ((height as f32 / (1.6 * width as f32)).floor(), (height as f32 / (0.75 * width as f32)).ceil());
    (fewest.max(1.0) as u32..=most.max(1.0) as u32)
        .map(|count| {
            let cuts = (1..count).map(|i| {
                let at = (i * height / count) as usize;
                let around = at.saturating_sub(1)..(at + 2).min(ink.len());
                ink[around].iter().fold(f32::MAX, |least, &v| least.min(v))
            });
            let through = cuts.sum::<f32>() / (count - 1).max(1) as f32 / mean;
            // Prefers square cells when two counts cut equally well.
            let aspect = (height as f32 / count as f32 / width as f32 - 1.0).abs();
            (count, through + 0.3 * aspect)
        })
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(count, _)| count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Bbox;
    use image::Rgb;

    /// Black squares of 16 px every 24 px down a white column 22 px wide.
    fn column(count: u32) -> Raster {
        let pixels = RgbImage::from_fn(22, 24 * count, |x, y| {
            let ink = (3..19).contains(&x) && (4..20).contains(&(y % 24));
            Rgb([if ink { 0 } else { 255 }; 3])
        });
        Raster::new(pixels, 200.0)
    }

    #[test]
    fn a_column_of_four_characters_becomes_a_row_of_four() {
        let raster = column(4);
        let row = column_as_row(&raster, &Quad::from_bbox(raster.bbox())).expect("a pitch fits");
        assert_eq!(row.dimensions(), (88, 24));
        let dark = row.pixels().filter(|p| p.0[0] == 0).count();
        assert_eq!(dark, 4 * 16 * 16);
    }

    #[test]
    fn tall_starts_at_one_and_a_half() {
        assert!(is_tall(&Quad::from_bbox(Bbox::from_ltrb(0, 0, 20, 30))));
        assert!(!is_tall(&Quad::from_bbox(Bbox::from_ltrb(0, 0, 20, 29))));
    }
}
