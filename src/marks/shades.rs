//! A cover's place → how light and coloured it is, and the paper about it.

use crate::geometry::Bbox;
use crate::raster::{self, Raster, chroma};

/// Luma by which a veil's lightest parts are darker than the paper; pale print stands on the paper itself.
const VEILED: u8 = 25;

/// True for a strongly coloured place: the patterns of cards and certificates, not print.
pub(super) fn is_coloured(page: &Raster, bbox: Bbox) -> bool {
    /// Mean difference of the strongest and the weakest channel; paper under warm light has 30.
    const COLOURED: u64 = 38;
    let inner = bbox.clamped(page.width(), page.height());
    let places = (inner.top..inner.bottom).flat_map(|y| (inner.left..inner.right).map(move |x| (x as u32, y as u32)));
    let (sum, count) =
        places.fold((0, 0), |(sum, count), (x, y)| (sum + u64::from(chroma(page.pixels.get_pixel(x, y).0)), count + 1));
    sum > count * COLOURED
}

/// Luma values inside a box without its rim, sorted.
fn lumas(page: &Raster, bbox: Bbox) -> Vec<u8> {
    let rim = (bbox.height() / 5).max(2);
    let inner = bbox.expanded(-rim, -rim).clamped(page.width(), page.height());
    let mut lumas: Vec<u8> = (inner.top..inner.bottom)
        .flat_map(|y| (inner.left..inner.right).map(move |x| (x, y)))
        .map(|(x, y)| raster::luma(page.pixels.get_pixel(x as u32, y as u32).0))
        .collect();
    lumas.sort_unstable();
    lumas
}

/// The luma range inside a cover but for its rim and one pixel in a hundred.
pub(super) fn luma_range(page: &Raster, bbox: Bbox) -> u8 {
    let lumas = lumas(page, bbox);
    let Some(last) = lumas.len().checked_sub(1) else { return 0 };
    lumas[last - last / 100] - lumas[last / 100]
}

/// True when even the lightest parts under a cover are darker than the paper around it.
pub(super) fn is_veiled(page: &Raster, bbox: Bbox) -> bool {
    let inside = lumas(page, bbox);
    let around = lumas(page, bbox.expanded(bbox.height() * 3, bbox.height() / 2));
    let at = |values: &[u8], share: usize| values.get(values.len() * share / 100).copied().unwrap_or(255);
    at(&around, 85).saturating_sub(at(&inside, 95)) > VEILED
}

/// Luma of the paper about a cover.
pub(super) fn page_paper(page: &Raster, bbox: Bbox) -> u8 {
    let around = lumas(page, bbox.expanded(bbox.height() * 3, bbox.height()));
    around.get(around.len() * 85 / 100).copied().unwrap_or(255)
}
