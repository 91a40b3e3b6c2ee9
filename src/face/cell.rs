//! Text lines → table cells that are meant for a photo (照片, 相片, 贴照片处).

use image::RgbImage;

use crate::geometry::Bbox;
use crate::ocr::TextLine;
use crate::raster::luma;

/// How a photo's cell is recognised.
#[derive(Debug, Clone)]
pub struct CellParams {
    /// Least width and height in millimetres: a 一寸 photo is 25 × 35 mm, its cell is never narrower than 18.
    pub least_mm: f32,
    /// Largest side in millimetres: a 二寸 photo is 35 × 53 mm, its cell seldom twice as large.
    pub most_mm: f32,
    /// Longest label in characters: 近期一寸免冠彩色照片 is ten, brackets and a size come to it.
    pub most_characters: usize,
    /// Luma below which a pixel may belong to a rule.
    pub rule_luma: u8,
}

impl Default for CellParams {
    fn default() -> Self {
        Self { least_mm: 18.0, most_mm: 110.0, most_characters: 16, rule_luma: 150 }
    }
}

const LABELS: [&str; 7] = ["照片", "相片", "像片", "照 片", "相 片", "贴照", "贴相"];

/// The ruled cells that a label names as a photo's place: the cell that holds the label, or the one right of
/// it or below it when the label has a small cell for itself.
pub(super) fn photo_cells(pixels: &RgbImage, dpi: f32, lines: &[TextLine], params: &CellParams) -> Vec<Bbox> {
    let px = |mm: f32| (mm * dpi / 25.4) as i32;
    let (least, most) = (px(params.least_mm), px(params.most_mm));
    let photo_sized = |cell: &Bbox| cell.width().min(cell.height()) >= least && cell.width().max(cell.height()) <= most;
    let mut cells: Vec<Bbox> = Vec::new();
    for line in lines {
        let text = line.text();
        let short = text.chars().count() <= params.most_characters;
        if !short || !LABELS.iter().any(|label| text.contains(label)) {
            continue;
        }
        let label = line.quad.bbox();
        let Some(own) = enclosing_cell(pixels, label, most * 2, params) else { continue };
        let found = if photo_sized(&own) {
            Some(own)
        } else {
            let (x, y) = (own.centre().x as i32, own.centre().y as i32);
            let right = Bbox::from_ltrb(own.right + 12, y - 4, own.right + 20, y + 4);
            let below = Bbox::from_ltrb(x - 4, own.bottom + 12, x + 4, own.bottom + 20);
            [right, below]
                .into_iter()
                .filter_map(|seed| enclosing_cell(pixels, seed, most * 2, params))
                .find(|cell| photo_sized(cell))
        };
        if let Some(cell) = found
            && !cells.iter().any(|other| other.iou(cell) > 0.5)
        {
            cells.push(cell);
        }
    }
    cells
}

/// The rectangle of ruled lines around `seed`, each sought up to `reach` pixels away; `None` when a side has
/// no rule.
fn enclosing_cell(pixels: &RgbImage, seed: Bbox, reach: i32, params: &CellParams) -> Option<Bbox> {
    let seed = seed.clamped(pixels.width(), pixels.height());
    if seed.is_empty() {
        return None;
    }
    let (width, height) = (pixels.width() as i32, pixels.height() as i32);
    let dark = |x: i32, y: i32| {
        x >= 0 && y >= 0 && x < width && y < height && {
            luma(pixels.get_pixel(x as u32, y as u32).0) < params.rule_luma
        }
    };
    // A rule passes the whole seed and a little more on each side; one pixel of slant is allowed for.
    let across = |y: i32| {
        let (from, to) = (seed.left - 6, seed.right + 6);
        let hits = (from..to).filter(|&x| (-1..=1).any(|d| dark(x, y + d))).count();
        hits * 20 >= (to - from) as usize * 19
    };
    let along = |x: i32| {
        let (from, to) = (seed.top - 6, seed.bottom + 6);
        let hits = (from..to).filter(|&y| (-1..=1).any(|d| dark(x + d, y))).count();
        hits * 20 >= (to - from) as usize * 19
    };
    let top = (1..reach).map(|d| seed.top - d).take_while(|&y| y >= 0).find(|&y| across(y))?;
    let bottom = (1..reach).map(|d| seed.bottom + d).take_while(|&y| y < height).find(|&y| across(y))?;
    let left = (1..reach).map(|d| seed.left - d).take_while(|&x| x >= 0).find(|&x| along(x))?;
    let right = (1..reach).map(|d| seed.right + d).take_while(|&x| x < width).find(|&x| along(x))?;
    Some(Bbox::from_ltrb(left, top, right, bottom))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Quad;
    use crate::ocr::lattice::{Alphabet, Lattice};
    use image::Rgb;
    use std::sync::Arc;

    fn line(text: &str, bbox: Bbox) -> TextLine {
        let lines: String = text.chars().flat_map(|c| [c, '\n']).collect();
        let alphabet = Arc::new(Alphabet::from_lines(&lines));
        let width = alphabet.len();
        let mut posteriors = vec![0.0; width * text.chars().count()];
        for i in 0..text.chars().count() {
            posteriors[i * width + i + 1] = 1.0;
        }
        TextLine { quad: Quad::from_bbox(bbox), lattice: Lattice::from_posteriors(&alphabet, &posteriors) }
    }

    fn ruled(cells: &[Bbox]) -> RgbImage {
        let mut pixels = RgbImage::from_pixel(900, 700, Rgb([250, 250, 250]));
        for cell in cells {
            for x in cell.left..=cell.right {
                for y in [cell.top, cell.top + 1, cell.bottom, cell.bottom + 1] {
                    pixels.put_pixel(x as u32, y as u32, Rgb([0, 0, 0]));
                }
            }
            for y in cell.top..=cell.bottom {
                for x in [cell.left, cell.left + 1, cell.right, cell.right + 1] {
                    pixels.put_pixel(x as u32, y as u32, Rgb([0, 0, 0]));
                }
            }
        }
        pixels
    }

    #[test]
    fn a_label_inside_its_cell_names_that_cell() {
        let cell = Bbox::from_ltrb(500, 100, 740, 430);
        let pixels = ruled(&[cell]);
        let lines = [line("照片", Bbox::from_ltrb(590, 250, 650, 280))];
        let found = photo_cells(&pixels, 200.0, &lines, &CellParams::default());
        assert_eq!(found.len(), 1);
        assert!(found[0].iou(cell) > 0.95, "{found:?}");
    }

    #[test]
    fn a_label_in_a_small_cell_names_the_photo_sized_one_beside_it() {
        let cell = Bbox::from_ltrb(300, 100, 540, 430);
        let pixels = ruled(&[Bbox::from_ltrb(200, 100, 300, 430), cell]);
        let lines = [line("照片", Bbox::from_ltrb(220, 250, 280, 280))];
        let found = photo_cells(&pixels, 200.0, &lines, &CellParams::default());
        assert_eq!(found.len(), 1);
        assert!(found[0].iou(cell) > 0.95, "{found:?}");
    }

    #[test]
    fn running_text_about_photos_names_no_cell() {
        let pixels = ruled(&[]);
        let lines = [line("照片", Bbox::from_ltrb(220, 250, 280, 280))];
        assert!(photo_cells(&pixels, 200.0, &lines, &CellParams::default()).is_empty());
    }
}
