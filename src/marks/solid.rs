//! Blocks of one colour: how far they reach and what surrounds them.

use image::RgbImage;

use super::window::is_inked;
use crate::geometry::Bbox;
use crate::ocr::TextLine;
use crate::raster;

/// Largest channel difference within a block; JPEG at quality 60 leaves ±9, more at its edge.
const ONE_COLOUR: u8 = 16;

fn is_near(a: [u8; 3], b: [u8; 3]) -> bool {
    (0..3).all(|c| a[c].abs_diff(b[c]) <= ONE_COLOUR)
}

/// The rectangle of one colour around `seed`, grown while at least nine tenths of the next row or column are
/// of it; `None` when less than that of the outcome is.
/// Blocks larger than `most` are pictures and shaded areas, and are not followed.
pub(super) fn extent(pixels: &RgbImage, seed: Bbox, colour: [u8; 3], most: Extent) -> Option<Bbox> {
    grown(pixels, seed, 9, most, |pixel| is_near(pixel, colour))
}

/// The rectangle of ink of any colour around `seed`: brush strokes and stickers end round, so six tenths of a row are enough.
pub(super) fn inked_extent(pixels: &RgbImage, seed: Bbox, paper: u8, most: Extent) -> Option<Bbox> {
    grown(pixels, seed, 6, most, |pixel| is_inked(pixel, paper))
}

/// Share of a place that is far from paper.
pub(super) fn inked_share(pixels: &RgbImage, place: Bbox, paper: u8) -> f32 {
    let place = place.clamped(pixels.width(), pixels.height());
    let inked = (place.top..place.bottom)
        .flat_map(|y| (place.left..place.right).map(move |x| (x as u32, y as u32)))
        .filter(|&(x, y)| is_inked(pixels.get_pixel(x, y).0, paper))
        .count();
    inked as f32 / place.area().max(1) as f32
}

/// Largest width and height of a block, pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    pub(super) width: i32,
    pub(super) height: i32,
}

/// The rectangle around `seed` grown while at least `tenths` of the next row or column belong to it.
fn grown(
    pixels: &RgbImage,
    seed: Bbox,
    tenths: usize,
    most: Extent,
    belongs: impl Fn([u8; 3]) -> bool,
) -> Option<Bbox> {
    let inset = (seed.height() / 4).max(1);
    let mut bbox = seed.expanded(-inset.min(seed.width() / 3), -inset).clamped(pixels.width(), pixels.height());
    if bbox.is_empty() {
        return None;
    }
    let whole = Bbox::from_ltrb(0, 0, pixels.width() as i32, pixels.height() as i32);
    let (raw, columns) = (pixels.as_raw().as_chunks::<3>().0, pixels.width() as usize);
    let filled = |strip: Bbox| {
        let strip = strip.intersection(whole);
        if strip.is_empty() {
            return false;
        }
        let mut near = 0;
        for y in strip.top..strip.bottom {
            let at = y as usize * columns;
            let row = &raw[at + strip.left as usize..at + strip.right as usize];
            for &pixel in row {
                near += usize::from(belongs(pixel));
            }
        }
        near * 10 >= strip.area() as usize * tenths
    };
    if !filled(bbox) {
        return None;
    }
    loop {
        if bbox.width() > most.width || bbox.height() > most.height {
            return None;
        }
        let Bbox { left, top, right, bottom } = bbox;
        let before = bbox;
        if filled(Bbox::from_ltrb(left, top - 1, right, top)) {
            bbox.top -= 1;
        }
        if filled(Bbox::from_ltrb(left, bottom, right, bottom + 1)) {
            bbox.bottom += 1;
        }
        if filled(Bbox::from_ltrb(left - 1, top, left, bottom)) {
            bbox.left -= 1;
        }
        if filled(Bbox::from_ltrb(right, top, right + 1, bottom)) {
            bbox.right += 1;
        }
        if bbox == before {
            break;
        }
    }
    filled(bbox).then_some(bbox)
}

/// True when a patch of ink is full and ends on all sides, as a blot on paper does; pictures and shaded tables go on.
pub(super) fn is_blot(pixels: &RgbImage, bbox: Bbox, paper: u8) -> bool {
    let inked = |x: i32, y: i32| {
        let inside = x >= 0 && y >= 0 && x < pixels.width() as i32 && y < pixels.height() as i32;
        inside.then(|| is_inked(pixels.get_pixel(x as u32, y as u32).0, paper))
    };
    let share = |places: &mut dyn Iterator<Item = (i32, i32)>| {
        let (mut hits, mut all) = (0, 0);
        for found in places.filter_map(|(x, y)| inked(x, y)) {
            all += 1;
            hits += usize::from(found);
        }
        hits as f32 / all.max(1) as f32
    };
    // A disc reaches beyond the box whose edges it half fills.
    let ring = bbox.expanded(4 + bbox.width() / 8, 4 + bbox.height() / 6);
    let mut sides = (ring.left..ring.right)
        .flat_map(|x| [(x, ring.top), (x, ring.bottom - 1)])
        .chain((ring.top..ring.bottom).flat_map(|y| [(ring.left, y), (ring.right - 1, y)]));
    let mut inside = (bbox.top..bbox.bottom).flat_map(|y| (bbox.left..bbox.right).map(move |x| (x, y)));
    share(&mut inside) >= 0.75 && share(&mut sides) <= 0.4
}

/// True when most of what lies a few pixels outside a block is lighter than it by far, as paper is: blocks
/// in pictures and shaded forms go on into something else.
pub(super) fn stands_on_paper(pixels: &RgbImage, bbox: Bbox, colour: [u8; 3], paper: u8) -> bool {
    /// Least luma of paper, of what is usual about the place.
    const LEAST: i32 = 62;
    let least = i32::from(paper) * LEAST / 100;
    let luma = |p: [u8; 3]| i32::from(p[0]) * 77 / 256 + i32::from(p[1]) * 150 / 256 + i32::from(p[2]) * 29 / 256;
    let own = luma(colour);
    let ring = bbox.expanded(4, 4);
    let (mut paper, mut all) = (0, 0);
    let mut look = |x: i32, y: i32| {
        if x >= 0 && y >= 0 && x < pixels.width() as i32 && y < pixels.height() as i32 {
            let p = pixels.get_pixel(x as u32, y as u32).0;
            all += 1;
            paper += i32::from(luma(p) > least && (luma(p) - own > 30 || !is_near(p, colour)));
        }
    };
    for x in ring.left..ring.right {
        look(x, ring.top);
        look(x, ring.bottom - 1);
    }
    for y in ring.top..ring.bottom {
        look(ring.left, y);
        look(ring.right - 1, y);
    }
    all > 0 && paper * 10 >= all * 6
}

/// True when the lightest parts of a place are darker than those above and below it, as under a veil; the light changes
/// slowly.
pub(super) fn is_darker_than_around(pixels: &RgbImage, bbox: Bbox) -> bool {
    /// Share of the pixels that are darker than what counts as the lightest.
    const LIGHT: f32 = 0.8;
    /// Least luma between them.
    const STEP: u8 = 16;
    let lightest = |place: Bbox| {
        let place = place.clamped(pixels.width(), pixels.height());
        (!place.is_empty()).then(|| raster::percentile(&raster::luma_histogram(pixels, place), LIGHT))
    };
    let (h, Bbox { left, top, right, bottom }) = (bbox.height(), bbox);
    let own = lightest(bbox);
    [Bbox::from_ltrb(left, top - h, right, top - h / 3), Bbox::from_ltrb(left, bottom + h / 3, right, bottom + h)]
        .into_iter()
        .all(|beyond| lightest(beyond).zip(own).is_none_or(|(beyond, own)| beyond > own.saturating_add(STEP)))
}

/// True when a block ends within two pixels on one of its sides at least: a coarse blur is of one shade in its middle, too,
/// but fades out. Blocks smaller than what is looked at count as sharp.
pub(super) fn has_sharp_edge(pixels: &RgbImage, bbox: Bbox, colour: [u8; 3], paper: u8) -> bool {
    /// Pixels out from and into the block that are looked at.
    const REACH: i32 = 7;
    /// Share of the step from the block to paper within the steepest two pixels; a blur of 4 pixels' deviation has 0.2,
    /// a block in a photo a half.
    const SHARP: f32 = 0.35;
    /// Step under which lightness does not tell: coloured blocks may be as light as paper.
    const LEAST: f32 = 15.0;
    let step = f32::from(raster::luma(colour).abs_diff(paper));
    let luma = |x: i32, y: i32| {
        let inside = x >= 0 && y >= 0 && x < pixels.width() as i32 && y < pixels.height() as i32;
        inside.then(|| f32::from(raster::luma(pixels.get_pixel(x as u32, y as u32).0)))
    };
    let (w, h) = (bbox.width(), bbox.height());
    if w < 12 || h < 12 || step < LEAST {
        return true;
    }
    let rows = bbox.top + h / 4..bbox.bottom - h / 4;
    let columns = bbox.left + w / 4..bbox.right - w / 4;
    // The mean luma at each distance from an edge, outwards.
    let profile = |at: &dyn Fn(i32) -> Option<f32>| (-REACH / 2..REACH).map(at).collect::<Option<Vec<f32>>>();
    let mean = |values: &mut dyn Iterator<Item = Option<f32>>| {
        let values: Option<Vec<f32>> = values.collect();
        values.filter(|v| !v.is_empty()).map(|v| v.iter().sum::<f32>() / v.len() as f32)
    };
    let sides = [
        profile(&|d| mean(&mut rows.clone().map(|y| luma(bbox.left - 1 - d, y)))),
        profile(&|d| mean(&mut rows.clone().map(|y| luma(bbox.right + d, y)))),
        profile(&|d| mean(&mut columns.clone().map(|x| luma(x, bbox.top - 1 - d)))),
        profile(&|d| mean(&mut columns.clone().map(|x| luma(x, bbox.bottom + d)))),
    ];
    let sides: Vec<Vec<f32>> = sides.into_iter().flatten().collect();
    let steepest = |side: &Vec<f32>| side.windows(3).map(|w| (w[2] - w[0]).abs()).fold(0.0, f32::max);
    sides.is_empty()
        || sides.iter().any(|side| steepest(side) >= step * SHARP)
        || has_sharp_outline(&luma, bbox, f32::from(raster::luma(colour)), step * SHARP, step)
}

/// True when what a block is part of, a disc or a stroke, ends sharply along its outline wherever that is: row by row and
/// column by column, as far as paper.
fn has_sharp_outline(luma: &dyn Fn(i32, i32) -> Option<f32>, block: Bbox, own: f32, sharp: f32, step: f32) -> bool {
    /// Step under which the grain of single rows is as steep as an edge.
    const LEAST: f32 = 60.0;
    /// Rows and columns in each direction that are looked at.
    const RAYS: i32 = 16;
    /// Share of the step at which paper is reached.
    const PAPER: f32 = 0.8;
    if step < LEAST {
        return false;
    }
    let reach = block.width().max(block.height());
    let steepness = |from: (i32, i32), (dx, dy): (i32, i32)| {
        let mut last: [f32; 2] = [own; 2];
        let mut steepest: f32 = 0.0;
        for d in 0..reach {
            let here = luma(from.0 + d * dx, from.1 + d * dy)?;
            steepest = steepest.max((here - last[0]).abs());
            if (here - own).abs() >= step * PAPER {
                return Some(steepest);
            }
            last = [last[1], here];
        }
        None
    };
    let rays = (1..RAYS).flat_map(|i| {
        let (x, y) = (block.left + block.width() * i / RAYS, block.top + block.height() * i / RAYS);
        let Bbox { left, top, right, bottom } = block;
        [((left, y), (-1, 0)), ((right - 1, y), (1, 0)), ((x, top), (0, -1)), ((x, bottom - 1), (0, 1))]
    });
    let found: Vec<f32> = rays.filter_map(|(from, direction)| steepness(from, direction)).collect();
    found.len() >= RAYS as usize && found.iter().filter(|&&s| s >= sharp).count() * 2 > found.len()
}

/// True when a line in or beside the block is written on the block's own colour: a header, a coloured row.
pub(super) fn is_written_on(pixels: &RgbImage, block: Bbox, colour: [u8; 3], lines: &[TextLine]) -> bool {
    lines.iter().any(|line| {
        let bbox = line.quad.bbox();
        let middle = bbox.centre().y;
        let reach = bbox.height() * 2;
        let beside = bbox.left < block.right + reach && bbox.right > block.left - reach;
        if !beside || middle < block.top as f32 || middle > block.bottom as f32 {
            return false;
        }
        let (mut near, mut all) = (0, 0);
        for x in (bbox.left..bbox.right)
            .filter(|x| !(block.left - 4..block.right + 4).contains(x) || bbox.covered_by(block) > 0.5)
        {
            for y in [bbox.top + bbox.height() / 8, bbox.bottom - 1 - bbox.height() / 8] {
                if x >= 0 && y >= 0 && x < pixels.width() as i32 && y < pixels.height() as i32 {
                    all += 1;
                    near += i32::from(is_near(pixels.get_pixel(x as u32, y as u32).0, colour));
                }
            }
        }
        near * 2 > all
    })
}

/// True when a block ends on all sides: little of its colour goes on outside, as hair or clothes would.
fn is_cut_out(pixels: &RgbImage, bbox: Bbox, colour: [u8; 3]) -> bool {
    let ring = bbox.expanded(4, 4);
    let sides = (ring.left..ring.right)
        .flat_map(|x| [(x, ring.top), (x, ring.bottom - 1)])
        .chain((ring.top..ring.bottom).flat_map(|y| [(ring.left, y), (ring.right - 1, y)]));
    let inside = sides.filter(|&(x, y)| x >= 0 && y >= 0 && x < pixels.width() as i32 && y < pixels.height() as i32);
    let (mut near, mut all) = (0, 0);
    for (x, y) in inside {
        all += 1;
        near += usize::from(is_near(pixels.get_pixel(x as u32, y as u32).0, colour));
    }
    near * 7 <= all
}

/// Solid rectangles inside or across a seal or a face: at least a tenth of the place.
pub(super) fn blocks_in(pixels: &RgbImage, place: Bbox) -> Vec<(Bbox, [u8; 3])> {
    let place = place.clamped(pixels.width(), pixels.height());
    let (width, height) = (place.width(), place.height());
    if width < 16 || height < 16 {
        return Vec::new();
    }
    let mut found: Vec<(Bbox, [u8; 3])> = Vec::new();
    let (step_x, step_y) = (width / 8, height / 8);
    let most = Extent { width: width * 3, height: height * 3 };
    for row in 1..8 {
        for column in 1..8 {
            let (x, y) = (place.left + column * step_x, place.top + row * step_y);
            let colour = pixels.get_pixel(x as u32, y as u32).0;
            // White and pale seeds are the paper between a seal's strokes or bright skin.
            if colour.iter().all(|&c| c > 200) {
                continue;
            }
            let seed = Bbox::from_ltrb(x - 6, y - 6, x + 6, y + 6);
            let Some(bbox) = extent(pixels, seed, colour, most) else { continue };
            let large = bbox.intersection(place).area() * 10 >= place.area();
            if large && is_cut_out(pixels, bbox, colour) && !found.iter().any(|(other, _)| other.iou(bbox) > 0.5) {
                found.push((bbox, colour));
            }
        }
    }
    found
}
