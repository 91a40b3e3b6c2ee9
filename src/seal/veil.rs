//! Translucent coloured covers → the page without them. Through a yellow, blue or pink cover red ink has no seal's hue any
//! more, but what it takes off the cover's colour is what it would take off the paper, only weaker: it is taken off the
//! paper around the cover again, as strongly as ink is elsewhere. Says nothing of what then shows.

use image::{Rgb, RgbImage};
use imageproc::geometry::convex_hull;
use imageproc::point::Point as Pixel;

use crate::geometry::{Bbox, Point};
use crate::raster::{Raster, apart, chroma, crop, luma};

/// Side of the tiles in which colour is looked for, pixels of the reduced page: 3.6 mm at 85 dpi, so that a band over a
/// third of a 30 mm seal holds whole ones.
const TILE: u32 = 12;
/// Samples across a tile.
const ACROSS: u32 = 4;
/// Least distance between the channels of what a cover tints: warm light and yellowed paper show less.
const LEAST_TINT: u8 = 36;
/// Share of a tile's samples that must be tinted.
const TINTED: usize = 10;
/// Largest channel difference between neighbouring tiles of one cover: shadows of a phone.
const STEP: u8 = 14;
/// Least tiles of a cover, and the most, as a share of the page's: tinted paper and desks are no covers.
const LEAST_TILES: usize = 6;
const MOST_OF_PAGE: f32 = 0.3;
/// Share of its box that a cover's tiles fill at least: brushes are blocks and bands.
const FILLED: f32 = 0.55;
/// Tiles by which the cover may reach past its outermost whole ones.
const RIM: usize = 2;
/// Largest channel difference of the bare cover from its tile's colour.
const SPREAD: u8 = 18;
/// Share of its hull that shows bare cover: lettering under it inks up to a third; photos have few such pixels.
const BARE: f32 = 0.5;
/// How much lighter the paper around is in the channel that the cover takes most of.
const LEAST_SHADE: f32 = 28.0;
/// What the paper around may be darker by in luma: a cover takes light off.
const DARKER: f32 = 8.0;
/// Contrast of the ink under a cover, of 255: the strongest `STRONG` share of the hull. Less is grain, and full ink is brought to `FULL`.
const STRONG: f32 = 0.03;
const LEAST_CONTRAST: f32 = 16.0;
const FULL: f32 = 190.0;
/// Contrast is raised no more than this: a cover that lets a fifth through.
const MOST_RAISED: f32 = 5.0;
/// How far around a cover its seal may reach, share of the cover's longer side.
const AROUND: f32 = 0.6;

/// A translucent coloured cover on the reduced page.
pub(super) struct Veil {
    /// Convex outline, pixels of the reduced page.
    hull: Vec<Point>,
    /// Colour of the bare cover over a grid of tiles that begins at `origin`, in tiles of the page.
    colours: Vec<[f32; 3]>,
    columns: usize,
    origin: (i32, i32),
    /// Mean luma of the bare cover, and the paper around it.
    mean: f32,
    paper: [f32; 3],
    /// How much stronger ink is without the cover.
    raised: f32,
}

/// A part of the page from which a cover is lifted.
pub(super) struct Lifted {
    /// Its pixels, at the page's own resolution.
    pub(super) raster: Raster,
    /// Where it lies on the page.
    pub(super) part: Bbox,
    /// Where the cover lay on the part.
    pub(super) place: Bbox,
}

/// The covers on a page that is reduced as seals are looked for.
pub(super) fn veils(small: &RgbImage) -> Vec<Veil> {
    let grid = Grid::of(small);
    let most = (MOST_OF_PAGE * grid.colours.len() as f32) as usize;
    let regions = grid.regions();
    let sized = regions.into_iter().filter(|tiles| (LEAST_TILES..=most).contains(&tiles.len()));
    sized.filter_map(|tiles| Veil::of(small, &grid, &tiles)).collect()
}

/// The colour of each tile that is tinted.
struct Grid {
    columns: usize,
    colours: Vec<Option<[u8; 3]>>,
}

impl Grid {
    fn of(small: &RgbImage) -> Self {
        let (columns, rows) = ((small.width() / TILE) as usize, (small.height() / TILE) as usize);
        let (width, data): (usize, &[u8]) = (small.width() as usize, small);
        let step = (TILE / ACROSS) as usize;
        let pixel = |x: usize, y: usize| {
            let at = (y * width + x) * 3;
            [data[at], data[at + 1], data[at + 2]]
        };
        let tile = |i: usize| {
            let (left, top) = (i % columns * TILE as usize + step / 2, i / columns * TILE as usize + step / 2);
            // Two places tell most tiles of a page.
            let middle = |k: usize| chroma(pixel(left + k * step, top + k * step)) >= LEAST_TINT;
            if !middle(1) && !middle(2) {
                return None;
            }
            let mut channels = [[0u8; (ACROSS * ACROSS) as usize]; 3];
            let mut tinted = 0;
            for k in 0..(ACROSS * ACROSS) as usize {
                let p = pixel(left + k % ACROSS as usize * step, top + k / ACROSS as usize * step);
                tinted += usize::from(chroma(p) >= LEAST_TINT);
                for (channel, value) in channels.iter_mut().zip(p) {
                    channel[k] = value;
                }
            }
            // Ink is darker than what it lies on in every channel.
            let light = channels.map(|mut channel| {
                channel.sort_unstable();
                channel[channel.len() * 3 / 4]
            });
            (tinted >= TINTED && chroma(light) >= LEAST_TINT).then_some(light)
        };
        Self { columns, colours: (0..columns * rows).map(tile).collect() }
    }

    /// The neighbours of a tile.
    fn around(&self, tile: usize) -> impl Iterator<Item = usize> {
        let (x, columns, count) = (tile % self.columns, self.columns, self.colours.len());
        let sides = [
            (x > 0).then(|| tile - 1),
            (x + 1 < columns).then_some(tile + 1),
            tile.checked_sub(columns),
            (tile + columns < count).then_some(tile + columns),
        ];
        sides.into_iter().flatten()
    }

    /// Tiles that hang together by their colour.
    fn regions(&self) -> Vec<Vec<usize>> {
        let mut taken = vec![false; self.colours.len()];
        let mut regions = Vec::new();
        for start in 0..self.colours.len() {
            if self.colours[start].is_none() || taken[start] {
                continue;
            }
            taken[start] = true;
            let mut region = vec![start];
            let mut next = 0;
            while let Some(&tile) = region.get(next) {
                next += 1;
                for other in self.around(tile) {
                    let near = self.colours[tile].zip(self.colours[other]).is_some_and(|(a, b)| apart(a, b) <= STEP);
                    if near && !taken[other] {
                        taken[other] = true;
                        region.push(other);
                    }
                }
            }
            regions.push(region);
        }
        regions
    }
}

impl Veil {
    /// The cover that these tiles show, when it is one with ink under it.
    fn of(small: &RgbImage, grid: &Grid, tiles: &[usize]) -> Option<Self> {
        let places = tiles.iter().map(|&tile| ((tile % grid.columns) as i32, (tile / grid.columns) as i32));
        let whole = Bbox::around(places.map(|(x, y)| Point::new(x as f32 + 0.5, y as f32 + 0.5)))?;
        if (tiles.len() as f32) < FILLED * whole.area() as f32 {
            return None;
        }
        let rim = whole.expanded(RIM as i32, RIM as i32);
        let columns = rim.width() as usize;
        let mut known: Vec<Option<[f32; 3]>> = vec![None; columns * rim.height() as usize];
        for &tile in tiles {
            let (x, y) = ((tile % grid.columns) as i32 - rim.left, (tile / grid.columns) as i32 - rim.top);
            known[y as usize * columns + x as usize] = grid.colours[tile].map(|colour| colour.map(f32::from));
        }
        let colours = filled(known, columns)?;
        let count = colours.len() as f32;
        let mean = colours.iter().map(|colour| luma_of(*colour)).sum::<f32>() / count;
        let mut veil = Self {
            hull: Vec::new(),
            colours,
            columns,
            origin: (rim.left, rim.top),
            mean,
            paper: [255.0; 3],
            raised: 1.0,
        };
        let tile = TILE as i32;
        let reach = Bbox::from_ltrb(rim.left * tile, rim.top * tile, rim.right * tile, rim.bottom * tile)
            .clamped(small.width(), small.height());
        let pixels = || (reach.top..reach.bottom).flat_map(|y| (reach.left..reach.right).map(move |x| (x, y)));
        let at = |(x, y): (i32, i32)| small.get_pixel(x as u32, y as u32).0;
        let is_bare = |&(x, y): &(i32, i32)| {
            let colour = veil.colour(x as f32 + 0.5, y as f32 + 0.5).map(|c| c as u8);
            apart(at((x, y)), colour) <= SPREAD
        };
        let bare: Vec<Pixel<i32>> = pixels().filter(is_bare).map(|(x, y)| Pixel::new(x, y)).collect();
        if bare.len() < 3 {
            return None;
        }
        let hull: Vec<Point> =
            convex_hull(bare.as_slice()).iter().map(|p| Point::new(p.x as f32 + 0.5, p.y as f32 + 0.5)).collect();
        let (mut inside, mut contrast) = (0usize, [0u32; 256]);
        for row in rows(&hull, reach) {
            for x in row.from..row.to {
                inside += 1;
                let colour = veil.colour(x as f32 + 0.5, row.y as f32 + 0.5);
                let taken = taken_off(colour, at((x, row.y)).map(f32::from));
                contrast[taken.iter().copied().fold(0.0, f32::max) as usize] += 1;
            }
        }
        if (bare.len() as f32) < BARE * inside as f32 {
            return None;
        }
        let strongest = crate::raster::percentile(&contrast, 1.0 - STRONG);
        let strongest = f32::from(strongest);
        if strongest < LEAST_CONTRAST {
            return None;
        }
        veil.paper = paper_around(small, whole)?;
        let middle: [f32; 3] = std::array::from_fn(|c| veil.colours.iter().map(|v| v[c]).sum::<f32>() / count);
        let shade = (0..3).map(|c| veil.paper[c] - middle[c]).fold(f32::MIN, f32::max);
        if shade < LEAST_SHADE || luma_of(veil.paper) < mean - DARKER {
            return None;
        }
        (veil.hull, veil.raised) = (hull, (FULL / strongest).clamp(1.0, MOST_RAISED));
        Some(veil)
    }

    /// Colour of the bare cover at a place of the reduced page, between the middles of tiles.
    fn colour(&self, x: f32, y: f32) -> [f32; 3] {
        let rows = self.colours.len() / self.columns;
        let place = |v: f32, origin: i32, count: usize| {
            let v = (v / TILE as f32 - origin as f32 - 0.5).clamp(0.0, count as f32 - 1.001);
            (v as usize, v.fract())
        };
        let ((left, across), (top, down)) = (place(x, self.origin.0, self.columns), place(y, self.origin.1, rows));
        let at = |x: usize, y: usize| self.colours[y * self.columns + x];
        let (a, b, c, d) = (at(left, top), at(left + 1, top), at(left, top + 1), at(left + 1, top + 1));
        std::array::from_fn(|i| (a[i] + (b[i] - a[i]) * across) * (1.0 - down) + (c[i] + (d[i] - c[i]) * across) * down)
    }

    /// The part of the page around the cover without it; the page is reduced by `scale`.
    pub(super) fn lifted(&self, page: &Raster, scale: f32) -> Option<Lifted> {
        let hull: Vec<Point> = self.hull.iter().map(|p| Point::new(p.x / scale, p.y / scale)).collect();
        let place = Bbox::around(hull.iter().copied())?.clamped(page.width(), page.height());
        let margin = (AROUND * place.width().max(place.height()) as f32) as i32;
        let part = place.expanded(margin, margin).clamped(page.width(), page.height());
        let mut pixels = crop(&page.pixels, part);
        for row in rows(&hull, place) {
            for x in row.from..row.to {
                let colour = self.colour((x as f32 + 0.5) * scale, (row.y as f32 + 0.5) * scale);
                let pixel = pixels.get_pixel_mut((x - part.left) as u32, (row.y - part.top) as u32);
                let light = luma_of(colour) / self.mean.max(1.0);
                let taken = taken_off(colour, pixel.0.map(f32::from));
                *pixel = Rgb(std::array::from_fn(|c| {
                    (self.paper[c] * light - self.raised * taken[c]).clamp(0.0, 255.0) as u8
                }));
            }
        }
        let raster = Raster::new(pixels, page.dpi);
        Some(Lifted { raster, part, place: place.moved(-part.left, -part.top) })
    }
}

/// What ink takes off each channel of what it lies on.
fn taken_off(colour: [f32; 3], pixel: [f32; 3]) -> [f32; 3] {
    std::array::from_fn(|c| (colour[c] - pixel[c]).max(0.0))
}

fn luma_of(colour: [f32; 3]) -> f32 {
    f32::from(luma(colour.map(|c| c as u8)))
}

/// A grid of which every unknown place has the mean of the known ones around it; `None` when it has none at all.
fn filled(mut known: Vec<Option<[f32; 3]>>, columns: usize) -> Option<Vec<[f32; 3]>> {
    if known.iter().all(Option::is_none) {
        return None;
    }
    let rows = known.len() / columns;
    while known.iter().any(Option::is_none) {
        let before = known.clone();
        for (i, value) in known.iter_mut().enumerate().filter(|(_, value)| value.is_none()) {
            let (x, y) = (i % columns, i / columns);
            let near = (y.saturating_sub(1)..(y + 2).min(rows))
                .flat_map(|y| (x.saturating_sub(1)..(x + 2).min(columns)).map(move |x| y * columns + x));
            let near: Vec<[f32; 3]> = near.filter_map(|i| before[i]).collect();
            if !near.is_empty() {
                *value = Some(std::array::from_fn(|c| near.iter().map(|v| v[c]).sum::<f32>() / near.len() as f32));
            }
        }
    }
    known.into_iter().collect()
}

/// The paper around a block of tiles: what is lighter than most of it, but not the lightest.
fn paper_around(small: &RgbImage, tiles: Bbox) -> Option<[f32; 3]> {
    let tile = TILE as i32;
    let block = |by: i32| {
        let b = tiles.expanded(by, by);
        Bbox::from_ltrb(b.left * tile, b.top * tile, b.right * tile, b.bottom * tile)
            .clamped(small.width(), small.height())
    };
    let (inner, outer) = (block(1), block(3));
    let mut colours: Vec<[u8; 3]> = (outer.top..outer.bottom)
        .step_by(2)
        .flat_map(|y| (outer.left..outer.right).step_by(2).map(move |x| (x, y)))
        .filter(|&(x, y)| !inner.contains(Point::new(x as f32 + 0.5, y as f32 + 0.5)))
        .map(|(x, y)| small.get_pixel(x as u32, y as u32).0)
        .collect();
    colours.sort_unstable_by_key(|&colour| luma(colour));
    colours.get(colours.len() * 7 / 10).map(|colour| colour.map(f32::from))
}

/// A row of pixels.
struct Row {
    y: i32,
    from: i32,
    to: i32,
}

/// The rows of pixels within a convex outline and a box.
fn rows(hull: &[Point], within: Bbox) -> Vec<Row> {
    let spans = (within.top..within.bottom).filter_map(|y| {
        let middle = y as f32 + 0.5;
        let (mut from, mut to) = (f32::MAX, f32::MIN);
        for i in 0..hull.len() {
            let (a, b) = (hull[i], hull[(i + 1) % hull.len()]);
            let (low, high) = (a.y.min(b.y) - 0.5, a.y.max(b.y) + 0.5);
            if middle < low || middle > high {
                continue;
            }
            let share = ((middle - a.y) / (b.y - a.y)).clamp(0.0, 1.0);
            let ends = if (b.y - a.y).abs() < 1.0 { [a.x, b.x] } else { [a.x + (b.x - a.x) * share; 2] };
            from = ends.into_iter().fold(from, f32::min);
            to = ends.into_iter().fold(to, f32::max);
        }
        let (from, to) = ((from - 0.5).round() as i32, (to + 0.5).round() as i32);
        (from < to).then_some(Row { y, from: from.max(within.left), to: to.min(within.right) })
    });
    spans.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREAM: [u8; 3] = [252, 250, 244];

    /// A page with a red stroke under a cover of this colour that lets half through.
    fn covered(colour: [u8; 3], place: Bbox) -> RgbImage {
        RgbImage::from_fn(400, 500, |x, y| {
            let is_ink = (190..200).contains(&x) && (100..260).contains(&y);
            let under = if is_ink { [215, 40, 50] } else { CREAM };
            let p = Point::new(x as f32 + 0.5, y as f32 + 0.5);
            let mix = |c: usize| u8::midpoint(under[c], colour[c]);
            Rgb(if place.contains(p) { [0, 1, 2].map(mix) } else { under })
        })
    }

    #[test]
    fn ink_under_a_cover_has_its_own_hue_again() {
        let place = Bbox::from_ltrb(130, 120, 270, 220);
        for colour in [[250, 220, 0], [90, 160, 250], [255, 120, 160], [60, 200, 90]] {
            let page = Raster::new(covered(colour, place), 85.0);
            let found = veils(&page.pixels);
            let [veil] = found.as_slice() else { panic!("{} covers of {colour:?}", found.len()) };
            let lifted = veil.lifted(&page, 1.0).expect("a part");
            assert!(lifted.place.moved(lifted.part.left, lifted.part.top).iou(place) > 0.95, "{:?}", lifted.place);
            let at = |x: i32, y: i32| {
                lifted.raster.pixels.get_pixel((x - lifted.part.left) as u32, (y - lifted.part.top) as u32).0
            };
            let [r, g, b] = at(195, 170);
            assert!(r > 180 && g < 110 && b < 110, "{colour:?}: {:?}", [r, g, b]);
            assert!(apart(at(150, 140), CREAM) < 12, "{colour:?}: {:?}", at(150, 140));
            // Beside the cover nothing changes.
            assert_eq!(at(195, 110), [215, 40, 50]);
        }
    }

    #[test]
    fn empty_covers_and_plain_pages_are_left_alone() {
        assert!(veils(&covered([250, 220, 0], Bbox::from_ltrb(20, 300, 160, 420))).is_empty());
        assert!(veils(&covered([0, 0, 0], Bbox::from_ltrb(0, 0, 0, 0))).is_empty());
        assert!(veils(&RgbImage::from_pixel(400, 500, Rgb([240, 220, 150]))).is_empty());
    }
}
