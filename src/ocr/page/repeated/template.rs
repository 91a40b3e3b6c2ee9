//! A mark on a page → where the same mark stands again.

use image::GrayImage;

use crate::geometry::{Point, Quad};

/// Darkness of ink on the layer; half of what its usual ink is brought to.
pub(super) const INK: u8 = 64;
/// Pixels of a mark's picture that are compared.
const COMPARED: usize = 400;
/// Pixels of its ink that are asked first.
const ANCHORS: usize = 12;
/// Share of the known anchors that must be ink.
const ANCHORED: f32 = 0.6;
/// Share of a mark's ink that must not lie under print for a copy to be told.
const SEEN: f32 = 0.35;
/// Correlation of a copy with the mark: other marks of the same length and print's remains stay below 0.4.
const ALIKE: f32 = 0.55;
/// The same where the other copies' places say that one stands.
pub(super) const SEEN_IN_PLACE: f32 = 0.1;
/// Correlation of a copy in such a place.
const ALIKE_IN_PLACE: f32 = 0.25;
/// Neighbours of each copy whose distance may be the watermark's step.
const NEIGHBOURS: usize = 8;
/// Steps nearer than this are one, pixels of the search: the tilt of a photo.
const SAME_STEP: i32 = 3;
/// Least number of neighbours at a distance for it to be a step.
const LEAST_STEPS: usize = 3;
/// Rounds in which copies are looked for from those found.
const ROUNDS: usize = 4;

/// The layer with ink high, and which of it is not under print.
pub(super) struct Grid {
    pub(super) dark: GrayImage,
    pub(super) known: GrayImage,
}

impl Grid {
    pub(super) fn is_known(&self, x: i32, y: i32) -> bool {
        at(&self.known, x, y) == Some(255)
    }

    pub(super) fn darkness(&self, x: i32, y: i32) -> Option<u8> {
        if self.is_known(x, y) { at(&self.dark, x, y) } else { None }
    }
}

fn at(levels: &GrayImage, x: i32, y: i32) -> Option<u8> {
    let (x, y) = (u32::try_from(x).ok()?, u32::try_from(y).ok()?);
    levels.get_pixel_checked(x, y).map(|level| level.0[0])
}

/// A mark's picture: what was compared of it, by the offset from its middle.
pub(super) struct Template {
    pub(super) anchors: Vec<(i32, i32)>,
    pub(super) pixels: Vec<(i32, i32, u8)>,
    pub(super) ink: usize,
    pub(super) quad: Quad,
}

impl Template {
    /// `None` for a quad with hardly any ink.
    pub(super) fn new(grid: &Grid, quad: Quad) -> Option<Self> {
        let middle = quad.centre();
        let (cx, cy) = (middle.x.round() as i32, middle.y.round() as i32);
        let bbox = quad.bbox();
        let mut pixels = Vec::new();
        for y in bbox.top..bbox.bottom {
            for x in bbox.left..bbox.right {
                if quad.contains(Point::new(x as f32 + 0.5, y as f32 + 0.5))
                    && let Some(level) = grid.darkness(x, y)
                {
                    pixels.push((x - cx, y - cy, level));
                }
            }
        }
        let step = pixels.len().div_ceil(COMPARED).max(1);
        let pixels: Vec<(i32, i32, u8)> = pixels.into_iter().step_by(step).collect();
        let ink: Vec<(i32, i32)> = pixels.iter().filter(|p| p.2 >= INK).map(|&(x, y, _)| (x, y)).collect();
        if ink.len() < ANCHORS {
            return None;
        }
        let count = ink.len();
        let anchors = ink.into_iter().step_by(count / ANCHORS).take(ANCHORS).collect();
        Some(Self { anchors, pixels, ink: count, quad })
    }

    /// How much the grid around a place looks like the mark, -1..=1; `None` where little of it would show.
    pub(super) fn likeness(&self, grid: &Grid, x: i32, y: i32, least_seen: f32) -> Option<f32> {
        let (mut n, mut seen) = (0.0f32, 0usize);
        let (mut a, mut b, mut aa, mut bb, mut ab) = (0.0f32, 0.0f32, 0.0f32, 0.0f32, 0.0f32);
        for &(dx, dy, level) in &self.pixels {
            let Some(here) = grid.darkness(x + dx, y + dy) else { continue };
            let (p, q) = (f32::from(level), f32::from(here));
            seen += usize::from(level >= INK);
            n += 1.0;
            a += p;
            b += q;
            aa += p * p;
            bb += q * q;
            ab += p * q;
        }
        if (seen as f32) < least_seen * self.ink as f32 {
            return None;
        }
        let spread = ((aa - a * a / n) * (bb - b * b / n)).sqrt();
        (spread > 0.0).then(|| (ab - a * b / n) / spread)
    }

    /// True unless the first look already shows that the mark is not here.
    pub(super) fn may_be(&self, grid: &Grid, x: i32, y: i32) -> bool {
        let (mut known, mut dark) = (0, 0);
        for &(dx, dy) in &self.anchors {
            if let Some(level) = grid.darkness(x + dx, y + dy) {
                known += 1;
                dark += i32::from(level >= INK / 2);
            }
        }
        known >= 3 && dark as f32 >= ANCHORED * known as f32
    }

    /// Where the mark stands: the offsets from its own place, itself among them.
    pub(super) fn places(&self, grid: &Grid) -> Vec<(i32, i32)> {
        let middle = self.quad.centre();
        let (cx, cy) = (middle.x.round() as i32, middle.y.round() as i32);
        let mut alike: Vec<(f32, i32, i32)> = Vec::new();
        for y in 0..grid.dark.height() as i32 {
            for x in 0..grid.dark.width() as i32 {
                if self.may_be(grid, x, y)
                    && let Some(likeness) = self.likeness(grid, x, y, SEEN)
                    && likeness >= ALIKE
                {
                    alike.push((likeness, x - cx, y - cy));
                }
            }
        }
        alike.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut places: Vec<(i32, i32)> = Vec::new();
        for (_, x, y) in alike {
            self.add_apart((x, y), &mut places);
        }
        for _ in 0..ROUNDS {
            if !self.add_predicted(grid, &mut places) {
                break;
            }
        }
        places
    }

    /// Adds a place unless one is known there. A mark shifted along itself by some strokes still looks a little like itself.
    pub(super) fn add_apart(&self, (x, y): (i32, i32), places: &mut Vec<(i32, i32)>) -> bool {
        let (along, across) = (0.7 * self.quad.length(), 0.7 * self.quad.thickness());
        let [a, b, ..] = self.quad.0;
        let length = a.distance(b).max(1.0);
        let (cos, sin) = ((b.x - a.x) / length, (b.y - a.y) / length);
        let is_apart = |&(px, py): &(i32, i32)| {
            let (dx, dy) = ((x - px) as f32, (y - py) as f32);
            (dx * cos + dy * sin).abs() > along || (dy * cos - dx * sin).abs() > across
        };
        let is_new = places.iter().all(is_apart);
        if is_new {
            places.push((x, y));
        }
        is_new
    }

    /// Adds copies that stand a step from two others and show a little; false when there are none.
    pub(super) fn add_predicted(&self, grid: &Grid, places: &mut Vec<(i32, i32)>) -> bool {
        let steps = steps(places);
        let from_each = places
            .iter()
            .flat_map(|&(x, y)| steps.iter().flat_map(move |&(dx, dy)| [(x + dx, y + dy), (x - dx, y - dy)]));
        let predicted: Vec<(i32, i32)> = from_each.collect();
        let middle = self.quad.centre();
        let (cx, cy) = (middle.x.round() as i32, middle.y.round() as i32);
        let mut is_changed = false;
        for &(x, y) in &predicted {
            let votes = predicted.iter().filter(|&&other| is_near(other, (x, y))).count();
            let here = Point::new((cx + x) as f32, (cy + y) as f32);
            let is_on_page =
                here.x > 0.0 && here.y > 0.0 && here.x < grid.dark.width() as f32 && here.y < grid.dark.height() as f32;
            if votes < 2 || !is_on_page || !self.add_apart((x, y), &mut places.clone()) {
                continue;
            }
            let around =
                (-SAME_STEP..=SAME_STEP).flat_map(|dy| (-SAME_STEP..=SAME_STEP).map(move |dx| (x + dx, y + dy)));
            let best = around
                .filter_map(|(x, y)| Some((self.likeness(grid, cx + x, cy + y, SEEN_IN_PLACE)?, x, y)))
                .max_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((likeness, x, y)) = best
                && likeness >= ALIKE_IN_PLACE
            {
                is_changed |= self.add_apart((x, y), places);
            }
        }
        is_changed
    }
}

fn is_near(a: (i32, i32), b: (i32, i32)) -> bool {
    (a.0 - b.0).abs() <= SAME_STEP && (a.1 - b.1).abs() <= SAME_STEP
}

/// The distances at which copies stand from one another again and again, those of near neighbours.
fn steps(places: &[(i32, i32)]) -> Vec<(i32, i32)> {
    let mut counted: Vec<((i32, i32), usize)> = Vec::new();
    for &(x, y) in places {
        let mut around: Vec<(i32, i32)> =
            places.iter().map(|&(ox, oy)| (ox - x, oy - y)).filter(|&step| step != (0, 0)).collect();
        around.sort_by_key(|&(dx, dy)| dx * dx + dy * dy);
        // Each step once, not there and back.
        for step in around.into_iter().take(NEIGHBOURS).filter(|&(dx, dy)| dy > 0 || dy == 0 && dx > 0) {
            match counted.iter_mut().find(|(known, _)| is_near(*known, step)) {
                Some((_, count)) => *count += 1,
                None => counted.push((step, 1)),
            }
        }
    }
    let least = LEAST_STEPS.max(places.len() / 10);
    counted.into_iter().filter(|&(_, count)| count >= least).map(|(step, _)| step).collect()
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;
    use crate::geometry::Bbox;

    /// A mark's strokes at each place, under print in some parts.
    fn grid(places: &[(i32, i32)], is_hidden: impl Fn(i32, i32) -> bool) -> Grid {
        let stroke = |x: i32, y: i32| {
            (0..60).contains(&x) && (0..20).contains(&y) && (x / 3 % 4 == 0 || y / 3 % 3 == 0 && x > 20 || x + y == 30)
        };
        let is_ink = |x: i32, y: i32| places.iter().any(|(left, top)| stroke(x - left, y - top));
        let image = |f: &dyn Fn(i32, i32) -> bool| {
            GrayImage::from_fn(400, 300, |x, y| Luma([if f(x as i32, y as i32) { 255 } else { 0 }]))
        };
        Grid { dark: image(&is_ink), known: image(&|x, y| !is_hidden(x, y)) }
    }

    #[test]
    fn a_mark_is_found_again_where_print_leaves_half_of_it() {
        let places = [(40, 40), (200, 40), (40, 160), (210, 170), (300, 250)];
        let grid = grid(&places, |_, y| y > 100 && y % 16 < 8);
        let quad = Quad::from_bbox(Bbox::from_ltrb(38, 38, 102, 62));
        let template = Template::new(&grid, quad).expect("enough ink");
        let found = template.places(&grid);
        assert_eq!(found.len(), places.len(), "{found:?}");
        for (x, y) in places.map(|(x, y)| (x - 40, y - 40)) {
            assert!(found.iter().any(|&(fx, fy)| (fx - x).abs() <= 1 && (fy - y).abs() <= 1), "{x}, {y}: {found:?}");
        }
    }

    #[test]
    fn a_copy_nearly_hidden_is_found_by_the_step_of_the_others() {
        let places: Vec<(i32, i32)> =
            (0..4).flat_map(|row| (0..4).map(move |i| (20 + 90 * i, 20 + 70 * row))).collect();
        let hidden = (110, 90);
        let grid = grid(&places, |x, y| {
            (hidden.0..hidden.0 + 60).contains(&x) && (hidden.1..hidden.1 + 20).contains(&y) && (x + y) % 5 != 0
        });
        let template = Template::new(&grid, Quad::from_bbox(Bbox::from_ltrb(18, 18, 82, 42))).expect("enough ink");
        let found = template.places(&grid);
        assert_eq!(found.len(), places.len(), "{found:?}");
        assert!(found.iter().any(|&place| is_near(place, (hidden.0 - 20, hidden.1 - 20))), "{found:?}");
    }

    #[test]
    fn other_strokes_are_no_repetition() {
        let mut grid = grid(&[(40, 40)], |_, _| false);
        for (x, y, level) in grid.dark.enumerate_pixels_mut() {
            if y > 100 && (x / 5 + y / 7) % 3 == 0 {
                *level = Luma([255]);
            }
        }
        let template = Template::new(&grid, Quad::from_bbox(Bbox::from_ltrb(38, 38, 102, 62))).expect("enough ink");
        assert_eq!(template.places(&grid), [(0, 0)]);
    }
}
