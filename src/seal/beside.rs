//! Opaque blocks on a page → candidates for seals of which a part stands beside a block. To such a seal the block's edge is
//! what the page's edge is to one on the seam, so the page is looked at again as if it ended there.

use image::imageops::crop_imm;
use image::{GrayImage, Luma, RgbImage};
use imageproc::distance_transform::Norm;
use imageproc::morphology::erode;
use imageproc::region_labelling::Connectivity;

use super::groups::groups;
use super::ink::{Colour, Planes};
use super::locate::{Candidate, LEAST_COLOURED, LocateParams, Outline, Sizes, coloured};
use crate::geometry::Bbox;

/// Ink of a block is at most this bright, of 255: black markers and grey boxes.
const DARK: u8 = 100;
/// Strokes of print are thinner than twice this, pixels of the page at 85 dpi.
const STROKE: u8 = 4;
/// A block fills this share of the box around it.
const LEAST_FILL: f32 = 0.85;
/// Of the blocks on a page the largest are looked at.
const MOST_BLOCKS: usize = 6;
/// A block that cuts a seal is this wide and high, share of the least official seal: less hides little of one.
const LEAST_SIDE: f32 = 0.2;
/// The block's edge is this soft, pixels.
const EDGE: i32 = 2;
/// Of the ring beside the block this share must be seen.
const LEAST_COVERAGE: f32 = 0.8;

/// Rings that a block cuts.
pub(super) fn beside_blocks(small: &RgbImage, planes: &Planes, sizes: &Sizes, params: &LocateParams) -> Vec<Candidate> {
    let is_inked = |colour: &Colour| {
        let ink = planes.of_colour(*colour);
        ink.iter().filter(|&&v| f32::from(v) > params.colour_ridge).count() >= LEAST_COLOURED
    };
    let inks: Vec<Colour> = [Colour::Red, Colour::Blue].into_iter().filter(is_inked).collect();
    if inks.is_empty() {
        return Vec::new();
    }
    let reach = sizes.official as i32;
    let (width, height) = (small.width() as i32, small.height() as i32);
    let mut found = Vec::new();
    for block in blocks(small, (sizes.official * LEAST_SIDE) as i32) {
        let around = block.expanded(reach, reach);
        let sides = [
            Bbox { bottom: block.top - EDGE, ..around },
            Bbox { top: block.bottom + EDGE, ..around },
            Bbox { right: block.left - EDGE, ..around },
            Bbox { left: block.right + EDGE, ..around },
        ];
        for side in sides {
            let side = side.clamped(width as u32, height as u32);
            if side.width() < EDGE * 4 || side.height() < EDGE * 4 {
                continue;
            }
            for &colour in &inks {
                let part = crop_imm(
                    planes.of_colour(colour),
                    side.left as u32,
                    side.top as u32,
                    side.width() as u32,
                    side.height() as u32,
                );
                let cut = coloured(&part.to_image(), colour, sizes, params)
                    .into_iter()
                    .filter(|c| c.coverage >= LEAST_COVERAGE && c.visible < 0.9);
                found.extend(cut.filter_map(|c| on_page(&c, side, block)));
            }
        }
    }
    found
}

/// The candidate in the page's pixels, when it is the block that hides the rest of it.
fn on_page(candidate: &Candidate, side: Bbox, block: Bbox) -> Option<Candidate> {
    let Outline::Ellipse(ellipse) = &candidate.outline else { return None };
    let ellipse = ellipse.scaled(1.0, side.left as f32, side.top as f32);
    let hidden = ellipse.bbox().intersection(block).area() as f32;
    (hidden >= (1.0 - candidate.visible) * 0.5 * ellipse.bbox().area() as f32)
        .then_some(Candidate { outline: Outline::Ellipse(ellipse), ..candidate.clone() })
}

/// Boxes of one dark tone, largest first.
fn blocks(small: &RgbImage, least_side: i32) -> Vec<Bbox> {
    let dark = GrayImage::from_fn(small.width(), small.height(), |x, y| {
        Luma([if small.get_pixel(x, y).0.iter().all(|&v| v <= DARK) { 255 } else { 0 }])
    });
    let inside = erode(&dark, Norm::LInf, STROKE);
    if inside.iter().all(|&v| v == 0) {
        return Vec::new();
    }
    let mut found = groups(&inside, Connectivity::Four);
    let lost = i32::from(STROKE);
    found.retain(|(b, count)| {
        *count as f32 >= LEAST_FILL * b.area() as f32 && b.width().min(b.height()) + 2 * lost >= least_side
    });
    found.sort_by_key(|(b, _)| std::cmp::Reverse(b.area()));
    found.truncate(MOST_BLOCKS);
    found.into_iter().map(|(b, _)| b.expanded(lost, lost)).collect()
}
