//! Two renderings of a page → where the second shows something that the first does not.

use image::RgbImage;

use crate::geometry::Bbox;

/// Difference of a channel from which a pixel counts as changed: beyond what smoothing alone does.
const CHANGED: u8 = 40;
/// Difference of a channel from which a glyph is seen: the palest watermark that a person can read, 5 % black. The two
/// renderings differ in nothing else.
const GLYPH_SEEN: u8 = 12;

/// True when a glyph in this box shows in `with`, which differs from `bare` in nothing but glyphs.
pub(in crate::pdf) fn is_seen(with: &RgbImage, bare: &RgbImage, glyph: Bbox) -> bool {
    differ(with, bare, glyph, GLYPH_SEEN)
}

/// True when the two differ visibly inside the box.
fn differ(a: &RgbImage, b: &RgbImage, bbox: Bbox, least: u8) -> bool {
    let bbox = bbox.clamped(a.width(), a.height());
    let row_bytes = a.width() as usize * 3;
    (bbox.top as usize..bbox.bottom as usize).any(|y| {
        let part = y * row_bytes + bbox.left as usize * 3..y * row_bytes + bbox.right as usize * 3;
        let (a, b) = (&a.as_raw()[part.clone()], &b.as_raw()[part]);
        // Nearly all rows are the same: comparing them whole is many times faster.
        a != b && a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > least)
    })
}

/// True when something can be made out in `after` that cannot in `before`. A cell that turns into blank paper
/// reveals nothing; nor does one whose print stood out before too, as print does between the strokes of a stamp.
fn reveals(before: &RgbImage, after: &RgbImage, cell: Bbox) -> bool {
    /// Difference in brightness from which print stands out of paper: pale print on a scan has 60.
    const STANDS_OUT: f32 = 40.0;
    /// Share of that difference which, if seen before, leaves nothing to be revealed.
    const SEEN_BEFORE: f32 = 0.5;
    let brightness = |image: &RgbImage, x: i32, y: i32| {
        let [r, g, b] = image.get_pixel(x as u32, y as u32).0;
        (f32::from(r) + f32::from(g) + f32::from(b)) / 3.0
    };
    let places = || (cell.top..cell.bottom).flat_map(|y| (cell.left..cell.right).map(move |x| (x, y)));
    let (mut darkest, mut brightest) = (255.0_f32, 0.0_f32);
    for (x, y) in places() {
        let value = brightness(after, x, y);
        (darkest, brightest) = (darkest.min(value), brightest.max(value));
    }
    if brightest - darkest < STANDS_OUT {
        return false;
    }
    let middle = f32::midpoint(darkest, brightest);
    // Number, sum before and sum after of the dark pixels and of the bright ones.
    let mut sums = [[0.0_f32; 3]; 2];
    for (x, y) in places() {
        let value = brightness(after, x, y);
        let sum = &mut sums[usize::from(value > middle)];
        *sum = [sum[0] + 1.0, sum[1] + brightness(before, x, y), sum[2] + value];
    }
    let contrast = |column: usize| sums[1][column] / sums[1][0].max(1.0) - sums[0][column] / sums[0][0].max(1.0);
    contrast(1) < SEEN_BEFORE * contrast(2)
}

/// Boxes around where something appears, merged where they are near; everything when the sizes differ.
pub(crate) fn changes(before: &RgbImage, after: &RgbImage) -> Vec<Bbox> {
    /// Cells of this many pixels: about a character at 200 dpi, so that a line's changes come together.
    const CELL: u32 = 32;
    let whole = Bbox::from_ltrb(0, 0, i32::MAX, i32::MAX).clamped(after.width(), after.height());
    if before.dimensions() != after.dimensions() {
        return vec![whole];
    }
    let mut boxes: Vec<Bbox> = Vec::new();
    for top in (0..after.height()).step_by(CELL as usize) {
        for left in (0..after.width()).step_by(CELL as usize) {
            let cell = Bbox::from_ltrb(left as i32, top as i32, (left + CELL) as i32, (top + CELL) as i32);
            let cell = cell.clamped(after.width(), after.height());
            if differ(before, after, cell, CHANGED) && reveals(before, after, cell) {
                boxes.push(cell);
            }
        }
    }
    merged(boxes)
}

/// Touching boxes joined until none touch.
fn merged(mut boxes: Vec<Bbox>) -> Vec<Bbox> {
    let mut done: Vec<Bbox> = Vec::new();
    while let Some(mut bbox) = boxes.pop() {
        while let Some(at) = done.iter().position(|&other| !bbox.expanded(1, 1).intersection(other).is_empty()) {
            bbox = bbox.union(done.swap_remove(at));
        }
        done.push(bbox);
    }
    done.sort_by_key(|bbox| (bbox.top, bbox.left));
    done
}
