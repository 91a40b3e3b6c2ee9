//! Binary mask → the boxes around its connected groups of pixels.

use image::{GrayImage, Luma};
use imageproc::region_labelling::{Connectivity, connected_components};

use crate::geometry::Bbox;

/// Box and pixel count of each group of non-zero pixels, in no order.
pub(super) fn groups(mask: &GrayImage, connectivity: Connectivity) -> Vec<(Bbox, u32)> {
    let labels = connected_components(mask, connectivity, Luma([0]));
    let mut found: Vec<(Bbox, u32)> = Vec::new();
    for (x, y, label) in labels.enumerate_pixels() {
        let Some(index) = (label.0[0] as usize).checked_sub(1) else { continue };
        let here = Bbox::from_ltrb(x as i32, y as i32, x as i32 + 1, y as i32 + 1);
        if index >= found.len() {
            found.resize(index + 1, (here, 0));
        }
        let (bbox, count) = found[index];
        found[index] = if count == 0 { (here, 1) } else { (bbox.union(here), count + 1) };
    }
    found.retain(|&(_, count)| count > 0);
    found
}
