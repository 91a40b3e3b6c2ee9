//! A picture on the page → patches of one colour with the outline of a painted block or disc.
//!
//! Hair, clothes and grounds are of nearly one colour too, but their outlines are neither rectangles nor ellipses.

use image::{Rgb, RgbImage};

use super::cells::components;
use super::drawn::{self, DrawnParams};
use crate::geometry::{Bbox, Point};
use crate::raster;

/// What counts as a painted patch.
#[derive(Debug, Clone)]
pub struct PatchParams {
    /// Least and largest share of the picture's area: an eye is 0.01 of an ID photo, a head 0.4.
    pub area: [f32; 2],
    /// Largest channel difference from the patch's colour; JPEG and grain after smoothing stay below.
    pub tolerance: u8,
    /// Least overlap over union with the rectangle or ellipse of the same second moments. Painted patches
    /// measured 0.86 and more, heads of hair and suits below 0.8.
    pub least_fit: f32,
    /// The same difference in a colour that skin does not have: emoji are shaded.
    pub paint_tolerance: u8,
    /// The same share in such a colour: an emoji's eyes and mouth. A head before a plain ground is 0.3 of it and more.
    pub most_paint_holes: f32,
    /// Cells enclosed by the patch, as a share of it: the eyes in an overexposed white face are 0.02 and more.
    pub most_holes: f32,
}

impl Default for PatchParams {
    fn default() -> Self {
        Self {
            area: [0.01, 0.6],
            tolerance: 12,
            least_fit: 0.85,
            most_holes: 0.01,
            paint_tolerance: 26,
            most_paint_holes: 0.15,
        }
    }
}

/// A patch of one colour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patch {
    /// Around it, page-raster pixels.
    pub(super) bbox: Bbox,
    /// Its pixels' share of that box.
    fill: f32,
    /// True when it is of a colour that skin does not have, and may be drawn on.
    pub(super) is_paint: bool,
    /// Itself, when it is a rectangle, which may be turned.
    pub(super) bar: Option<Bar>,
}

/// A rectangle of one colour at any angle, page-raster pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bar {
    centre: Point,
    /// Unit vector along its longer side.
    along: Point,
    /// Longer and shorter side.
    pub(super) sides: [f32; 2],
}

impl Bar {
    /// True when the point lies in it or at most `slack` pixels beside it.
    pub(super) fn holds(&self, p: Point, slack: f32) -> bool {
        let (x, y) = (p.x - self.centre.x, p.y - self.centre.y);
        let [long, short] = self.sides.map(|side| side / 2.0 + slack);
        (x * self.along.x + y * self.along.y).abs() <= long && (y * self.along.x - x * self.along.y).abs() <= short
    }
}

impl Patch {
    /// True for a rectangle along the page's axes.
    pub(super) fn is_block(&self) -> bool {
        self.fill > 0.9
    }

    /// True for a point of the patch or of its soft edge.
    pub(super) fn holds(&self, p: Point) -> bool {
        /// Soft edges and what the reduced picture leaves out, pixels.
        const EDGE: f32 = 4.0;
        if let Some(bar) = self.bar {
            return bar.holds(p, EDGE);
        }
        let (centre, half) = (self.bbox.centre(), |extent: i32| extent as f32 / 2.0 + EDGE);
        let (u, v) = ((p.x - centre.x) / half(self.bbox.width()), (p.y - centre.y) / half(self.bbox.height()));
        u * u + v * v <= 1.0
    }

    /// The part of the box that lies in the patch whatever its outline.
    pub(super) fn core(&self) -> Bbox {
        // An ellipse fills π / 4 of its box and holds a box of 0.7 of its extents.
        let margin = if self.is_block() { 0.05 } else { 0.16 };
        let inset = |extent: i32| -((extent as f32 * margin) as i32);
        self.bbox.expanded(inset(self.bbox.width()), inset(self.bbox.height()))
    }
}

/// Shorter side of the reduced picture in which patches are sought, pixels.
const REDUCED: u32 = 96;

/// The painted patches of the picture in `place`, largest first.
pub(super) fn painted_patches(pixels: &RgbImage, place: Bbox, params: &PatchParams) -> Vec<Patch> {
    let drawn = &DrawnParams::default();
    let place = place.clamped(pixels.width(), pixels.height());
    let picture = raster::crop(pixels, place);
    if picture.width() < 16 || picture.height() < 16 {
        return Vec::new();
    }
    let scale = (REDUCED as f32 / picture.width().min(picture.height()) as f32).min(1.0);
    let side = |long: u32| ((long as f32 * scale) as u32).max(1);
    let reduced = smoothed(&raster::resized(&picture, side(picture.width()), side(picture.height())));
    let (width, height) = (reduced.width() as usize, reduced.height() as usize);
    let (across, down) = (place.width() as f32 / width as f32, place.height() as f32 / height as f32);
    let area = (width * height) as f32;
    let mut patches: Vec<Patch> = Vec::new();
    for colour in frequent_colours(&reduced, params.area[0]) {
        let is_paint = drawn::is_paint(colour, drawn);
        let (tolerance, most_holes) = if is_paint {
            (params.paint_tolerance, params.most_paint_holes)
        } else {
            (params.tolerance, params.most_holes)
        };
        let near = |p: &Rgb<u8>| (0..3).all(|c| p.0[c].abs_diff(colour[c]) <= tolerance);
        let same: Vec<bool> = reduced.pixels().map(near).collect();
        for cells in components(&same, width, height) {
            let share = cells.len() as f32 / area;
            if !(params.area[0]..=params.area[1]).contains(&share) {
                continue;
            }
            let cells = if is_paint { with_holes(cells, width, height, most_holes) } else { cells };
            let Some((edges, bar)) = outlined(&cells, width, height, params) else { continue };
            let [left, top, right, bottom] = edges;
            let x = |column: usize| place.left + (column as f32 * across) as i32;
            let y = |row: usize| place.top + (row as f32 * down) as i32;
            let bbox = Bbox::from_ltrb(x(left), y(top), x(right), y(bottom));
            let fill = cells.len() as f32 / ((right - left) * (bottom - top)) as f32;
            if patches.iter().all(|other| other.bbox.iou(bbox) < 0.5) {
                let centre = |p: Point| Point::new(place.left as f32 + p.x * across, place.top as f32 + p.y * down);
                let bar = bar.map(|bar| Bar {
                    centre: centre(bar.centre),
                    sides: bar.sides.map(|side| side * f32::midpoint(across, down)),
                    ..bar
                });
                patches.push(Patch { bbox, fill, is_paint, bar });
            }
        }
    }
    patches.sort_by_key(|patch| std::cmp::Reverse(patch.bbox.area()));
    patches
}

/// Means of three neighbours each way.
fn smoothed(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        let mut sums = [0u32; 4];
        for ny in y.saturating_sub(1)..(y + 2).min(height) {
            for nx in x.saturating_sub(1)..(x + 2).min(width) {
                let [r, g, b] = picture.get_pixel(nx, ny).0.map(u32::from);
                sums = [sums[0] + r, sums[1] + g, sums[2] + b, sums[3] + 1];
            }
        }
        Rgb([0, 1, 2].map(|c| (sums[c] / sums[3]) as u8))
    })
}

/// The colours of at least `share` of the picture, in steps of 16 a channel, most frequent first.
fn frequent_colours(picture: &RgbImage, share: f32) -> Vec<[u8; 3]> {
    let mut bins = std::collections::BTreeMap::<[u8; 3], (u32, [u32; 3])>::new();
    for p in picture.pixels() {
        let bin = bins.entry(p.0.map(|c| c / 16)).or_default();
        bin.0 += 1;
        for (sum, c) in bin.1.iter_mut().zip(p.0) {
            *sum += u32::from(c);
        }
    }
    // A patch's colour may lie between two bins a channel.
    let least = (share * (picture.width() * picture.height()) as f32 / 4.0) as u32;
    let mut frequent: Vec<(u32, [u32; 3])> = bins.into_values().filter(|(count, _)| *count >= least).collect();
    frequent.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    frequent.into_iter().take(24).map(|(count, sums)| sums.map(|sum| (sum / count.max(1)) as u8)).collect()
}

/// The edges of a component that is like the rectangle or the ellipse of its moments and does not run along the
/// picture's frame: left, top, right, bottom, half-open, and the rectangle.
fn outlined(cells: &[u32], width: usize, height: usize, params: &PatchParams) -> Option<([usize; 4], Option<Bar>)> {
    let place = |cell: u32| ((cell as usize % width) as f32, (cell as usize / width) as f32);
    let count = cells.len() as f32;
    let [mut left, mut top, mut right, mut bottom] = [usize::MAX, usize::MAX, 0, 0];
    let (mut sum_x, mut sum_y) = (0.0f32, 0.0f32);
    for &cell in cells {
        let (column, row) = (cell as usize % width, cell as usize / width);
        (left, right) = (left.min(column), right.max(column + 1));
        (top, bottom) = (top.min(row), bottom.max(row + 1));
        sum_x += column as f32;
        sum_y += row as f32;
    }
    let at_frame = [left == 0, top == 0, right == width, bottom == height];
    if at_frame.iter().filter(|&&at| at).count() > 1 || holes(cells, width, height) > params.most_holes * count {
        return None;
    }
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    // Second moments; 1/12 is a pixel's own.
    let (mut xx, mut xy, mut yy) = (0.0f32, 0.0f32, 0.0f32);
    for (x, y) in cells.iter().map(|&cell| place(cell)) {
        let (dx, dy) = (x - mean_x, y - mean_y);
        (xx, xy, yy) = (xx + dx * dx, xy + dx * dy, yy + dy * dy);
    }
    let (xx, xy, yy) = (xx / count + 1.0 / 12.0, xy / count, yy / count + 1.0 / 12.0);
    let (middle, half) = (f32::midpoint(xx, yy), (f32::midpoint(xx, -yy)).hypot(xy));
    let (long, short) = ((middle + half).sqrt(), (middle - half).max(1.0 / 12.0).sqrt());
    let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
    let (sin, cos) = angle.sin_cos();
    // Half extents: an ellipse has a variance of a quarter of the half axis squared, a rectangle of a third.
    let fit = |half_over_deviation: f32, is_disc: bool| {
        let (a, b) = (long * half_over_deviation, short * half_over_deviation);
        let inside = cells.iter().map(|&cell| place(cell)).filter(|&(x, y)| {
            let (u, v) = (((x - mean_x) * cos + (y - mean_y) * sin) / a, ((y - mean_y) * cos - (x - mean_x) * sin) / b);
            if is_disc { u * u + v * v <= 1.0 } else { u.abs() <= 1.0 && v.abs() <= 1.0 }
        });
        let common = inside.count() as f32;
        let whole = a * b * if is_disc { std::f32::consts::PI } else { 4.0 };
        common / (count + whole - common).max(1.0)
    };
    let (rectangle, disc) = (fit(3.0f32.sqrt(), false), fit(2.0, true));
    let bar = Bar {
        centre: Point::new(mean_x + 0.5, mean_y + 0.5),
        along: Point::new(cos, sin),
        sides: [long, short].map(|deviation| 2.0 * 3.0f32.sqrt() * deviation),
    };
    let fits = rectangle.max(disc) >= params.least_fit;
    fits.then_some(([left, top, right, bottom], (rectangle > disc).then_some(bar)))
}

/// A component with the cells that it encloses, when they are at most `most` of its own.
fn with_holes(cells: Vec<u32>, width: usize, height: usize, most: f32) -> Vec<u32> {
    let enclosed = enclosed(&cells, width, height);
    let mine: std::collections::BTreeSet<u32> = cells.iter().copied().collect();
    if (enclosed.len() - mine.len()) as f32 > most * mine.len() as f32 { cells } else { enclosed }
}

/// Cells that are no part of a component but lie between parts of it both in their row and in their column.
fn holes(cells: &[u32], width: usize, height: usize) -> f32 {
    (enclosed(cells, width, height).len() - cells.len()) as f32
}

/// The cells of a component and those that lie between parts of it both in their row and in their column.
fn enclosed(cells: &[u32], width: usize, height: usize) -> Vec<u32> {
    let mut rows = vec![(usize::MAX, 0usize); height];
    let mut columns = vec![(usize::MAX, 0usize); width];
    for &cell in cells {
        let (column, row) = (cell as usize % width, cell as usize / width);
        rows[row] = (rows[row].0.min(column), rows[row].1.max(column));
        columns[column] = (columns[column].0.min(row), columns[column].1.max(row));
    }
    let filled = rows.iter().enumerate().filter(|(_, span)| span.0 <= span.1);
    filled
        .flat_map(|(row, &(from, to))| (from..=to).map(move |column| (row, column)))
        .filter(|&(row, column)| (columns[column].0..=columns[column].1).contains(&row))
        .map(|(row, column)| (row * width + column) as u32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A grainy ground with whatever `ink` paints on it.
    fn picture(ink: impl Fn(f32, f32) -> Option<[u8; 3]>) -> RgbImage {
        RgbImage::from_fn(200, 280, |x, y| {
            let grain = ((x * 31 + y * 17) % 90) as u8;
            Rgb(ink(x as f32, y as f32).unwrap_or([120 + grain, 200 - grain, 60 + grain]))
        })
    }

    fn found(picture: &RgbImage) -> Vec<Bbox> {
        let patches = painted_patches(picture, Bbox::from_ltrb(0, 0, 200, 280), &PatchParams::default());
        patches.into_iter().map(|patch| patch.bbox).collect()
    }

    #[test]
    fn blocks_turned_bars_and_discs_are_patches() {
        let block = |x: f32, y: f32| ((50.0..150.0).contains(&x) && (80.0..120.0).contains(&y)).then_some([0, 0, 0]);
        assert!(found(&picture(block))[0].iou(Bbox::from_ltrb(50, 80, 150, 120)) > 0.8);
        let bar = |x: f32, y: f32| {
            let (u, v) = ((x - 100.0) * 0.9 + (y - 110.0) * 0.44, (y - 110.0) * 0.9 - (x - 100.0) * 0.44);
            (u.abs() < 60.0 && v.abs() < 18.0).then_some([250, 250, 250])
        };
        assert_eq!(found(&picture(bar)).len(), 1);
        let disc = |x: f32, y: f32| {
            (((x - 100.0) / 55.0).powi(2) + ((y - 120.0) / 75.0).powi(2) < 1.0).then_some([200, 30, 30])
        };
        assert!(found(&picture(disc))[0].iou(Bbox::from_ltrb(45, 45, 155, 195)) > 0.8);
    }

    #[test]
    fn hair_is_no_patch() {
        let hair = |x: f32, y: f32| {
            let head = ((x - 100.0) / 60.0).powi(2) + ((y - 120.0) / 80.0).powi(2) < 1.0;
            let face = ((x - 100.0) / 45.0).powi(2) + ((y - 140.0) / 62.0).powi(2) < 1.0;
            (head && !face).then_some([15, 12, 10])
        };
        assert!(found(&picture(hair)).is_empty());
    }
}
