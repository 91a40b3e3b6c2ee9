//! A part of a page, upright or mirrored at the diagonal: columns are looked at as rows.

use crate::geometry::Bbox;
use crate::raster::{Raster, luma, percentile};

/// Share of a part that is darker than its paper: print covers less than a third of it.
const PAPER: f32 = 0.85;

/// A part of the page, mirrored for a column.
pub(super) struct Part<'a> {
    page: &'a Raster,
    /// What of the page it is.
    pub(super) at: Bbox,
    is_column: bool,
    /// Luma of its paper.
    pub(super) paper: u8,
}

impl<'a> Part<'a> {
    pub(super) fn of(page: &'a Raster, at: Bbox, is_column: bool) -> Option<Self> {
        let (width, height) = if is_column { (page.height(), page.width()) } else { (page.width(), page.height()) };
        let at = at.clamped(width, height);
        if at.is_empty() {
            return None;
        }
        let mut look = Self { page, at, is_column, paper: 255 };
        let mut histogram = [0u32; 256];
        for y in 0..look.height() {
            for x in 0..look.width() {
                histogram[usize::from(luma(look.pixel(x, y)))] += 1;
            }
        }
        look.paper = percentile(&histogram, PAPER);
        Some(look)
    }

    pub(super) fn width(&self) -> u32 {
        self.at.width() as u32
    }

    pub(super) fn height(&self) -> u32 {
        self.at.height() as u32
    }

    pub(super) fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let (x, y) = (self.at.left as u32 + x, self.at.top as u32 + y);
        let (x, y) = if self.is_column { (y, x) } else { (x, y) };
        self.page.pixels.get_pixel(x, y).0
    }
}
