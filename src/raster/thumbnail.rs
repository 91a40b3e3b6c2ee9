//! A small picture of a page and the page → whether they show the same.

use image::{Rgb, RgbImage};

use super::Raster;

/// True when a small picture of a page shows something else than the page: it is compared where the page is of
/// one colour, as under a mask. Elsewhere two ways of shrinking a page differ too much to tell.
pub(crate) fn shows_another(thumbnail: &RgbImage, page: &Raster) -> bool {
    /// Range of brightness of a place that counts as one colour: JPEG noise within a filled box.
    const ONE_COLOUR: u8 = 24;
    /// Difference of brightness from which a place shows something else. Of 23 pages shrunk to 106 pixels across
    /// in four ways each, one gave an alarm; every black box of a name's or unit's size was noticed.
    const ANOTHER: u32 = 90;
    /// One pixel of soft edge for so many of its width: shrinking and JPEG blocks blur that much.
    const SOFT_EDGE_OF: u32 = 200;
    /// That many places side by side, so that one odd pixel is no alarm.
    const SIDE_BY_SIDE: usize = 3;
    let brightness = |pixel: &Rgb<u8>| (pixel.0.iter().map(|&value| u32::from(value)).sum::<u32>() / 3) as u8;
    let (width, height) = thumbnail.dimensions();
    // In a large thumbnail an edge between two colours takes several pixels, which are left out.
    let soft = width / SOFT_EDGE_OF;
    let span = |index: u32, of: u32, size: u32| {
        let edge = |index: u32| (u64::from(index.min(of)) * u64::from(size) / u64::from(of)) as u32;
        let start = edge(index.saturating_sub(soft));
        start..edge(index + 1 + soft).max(start + 1).min(size)
    };
    let differs = |x: u32, y: u32| {
        let (mut darkest, mut brightest) = (u8::MAX, u8::MIN);
        for row in span(y, height, page.height()) {
            for column in span(x, width, page.width()) {
                let value = brightness(page.pixels.get_pixel(column, row));
                (darkest, brightest) = (darkest.min(value), brightest.max(value));
            }
        }
        let colour = u32::from(u8::midpoint(darkest, brightest));
        // A thin rule may lie one row off.
        let rows = y.saturating_sub(1)..(y + 2).min(height);
        darkest <= brightest
            && brightest - darkest <= ONE_COLOUR
            && rows
                .map(|y| u32::from(brightness(thumbnail.get_pixel(x, y))))
                .all(|shown| shown.abs_diff(colour) >= ANOTHER)
    };
    (0..height).any(|y| {
        let row: Vec<bool> = (0..width).map(|x| differs(x, y)).collect();
        row.windows(SIDE_BY_SIDE).any(|side_by_side| side_by_side.iter().all(|&differs| differs))
    })
}
