//! Small groups of ink → frames and inked grounds of personal name seals (名章). They are looked at closer than the page
//! is, where their frame is hardly a pixel thick. Black ones are proposed, too: only what they say makes them seals.

use image::{GrayImage, Luma};
use imageproc::distance_transform::Norm;
use imageproc::morphology::dilate;
use imageproc::point::Point as Pixel;
use imageproc::region_labelling::Connectivity;

use super::ellipse::Ellipse;
use super::groups::groups;
use super::ink::{Colour, Paper, Planes, halved, sample};
use super::locate::{Candidate, Outline, Sizes};
use super::polygon::{clockwise_from_top_left, frame};
use crate::geometry::{Bbox, Point};
use crate::raster::{Raster, crop, resized};

/// Name seals are up to 25 mm wide: this many times the least width (7 mm), or this share of the widest official seal's (62 mm)
/// where that is more. Oblong ones are so much of the least width high.
const MOST: f32 = 3.6;
const MOST_OF_OFFICIAL: f32 = 0.4;
const LEAST_HEIGHT: f32 = 0.6;
/// And so much longer than high: three characters and 印.
const MOST_OBLONG: f32 = 5.0;
/// A drawn frame is this share of its box in ink at least, and a lone stroke less.
const LEAST_FILL: f32 = 0.12;
/// Least ink of the page's half-size planes, of 255: of coloured ink as of other seals; grey noise and paper's grain are more.
const LEAST_INK: (u8, u8) = (13, 40);
/// Share of the ink's own strength from which a pixel is inked when looked at closely.
const INKED: f32 = 0.4;
/// Groups that are looked at on a page, of each ink.
const MOST_GROUPS: usize = 16;
/// The long side when looked at closely, pixels: a frame of 0.5 mm is then 2 to 4 thick.
const CLOSE: f32 = 72.0;
/// Of these many groups as high as itself in its row a group is print.
const PRINT_IN_ROW: usize = 2;
/// Groups of one row: so much of their heights in common, so many heights apart at most.
const SAME_ROW: f32 = 0.6;
const NEAR: f32 = 2.0;

/// What may be a name seal, page-raster pixels. `planes` are those of the page at `scale`, `sizes` too.
pub(super) fn small_seals(
    raster: &Raster,
    paper: &Paper,
    planes: &Planes,
    scale: f32,
    sizes: &Sizes,
) -> Vec<Candidate> {
    let page = Page { raster, paper, scale };
    [Colour::Red, Colour::Blue, Colour::Grey]
        .into_iter()
        .flat_map(|colour| {
            let found = small_groups(&halved(planes.of_colour(colour)), colour, sizes);
            let page = &page;
            found.into_iter().filter_map(move |bbox| page.closely(bbox, colour, sizes))
        })
        .collect()
}

/// The widest name seal, pixels of the page at its scale.
fn most(sizes: &Sizes) -> f32 {
    (MOST * sizes.least).max(MOST_OF_OFFICIAL * sizes.official)
}

/// Boxes of groups that are as large as name seals, largest first; pixels of the half-size plane.
fn small_groups(half: &GrayImage, colour: Colour, sizes: &Sizes) -> Vec<Bbox> {
    let is_grey = colour == Colour::Grey;
    let least = if is_grey { LEAST_INK.1 } else { LEAST_INK.0 };
    let mut mask = GrayImage::from_fn(half.width(), half.height(), |x, y| {
        Luma([if half.get_pixel(x, y).0[0] > least { 255 } else { 0 }])
    });
    if mask.iter().all(|&v| v == 0) {
        return Vec::new();
    }
    // A worn frame has gaps. In black, print would grow together with it.
    if !is_grey {
        mask = dilate(&mask, Norm::LInf, 1);
    }
    let all = groups(&mask, Connectivity::Eight);
    let shortest = sizes.least / 2.0;
    let is_small = |(bbox, count): &&(Bbox, u32)| {
        let (w, h) = (bbox.width() as f32, bbox.height() as f32);
        let (long, short) = (w.max(h), w.min(h));
        long >= shortest
            && short >= LEAST_HEIGHT * shortest
            && long <= most(sizes) / 2.0
            && long <= MOST_OBLONG * short
            && *count as f32 >= LEAST_FILL * w * h
    };
    let is_print = |bbox: Bbox| {
        let height = bbox.height() as f32;
        let is_mate = |other: Bbox| {
            let shared = (bbox.bottom.min(other.bottom) - bbox.top.max(other.top)) as f32;
            let apart = (other.left - bbox.right).max(bbox.left - other.right) as f32;
            let (low, high) = (height.min(other.height() as f32), height.max(other.height() as f32));
            other != bbox && low > SAME_ROW * high && shared > SAME_ROW * height && apart < NEAR * height
        };
        all.iter().filter(|(other, _)| is_mate(*other)).count() >= PRINT_IN_ROW
    };
    let mut found: Vec<Bbox> = all.iter().filter(is_small).map(|&(bbox, _)| bbox).filter(|&b| !is_print(b)).collect();
    found.sort_by_key(|bbox| std::cmp::Reverse(bbox.area()));
    found.truncate(MOST_GROUPS);
    found
}

struct Page<'a> {
    raster: &'a Raster,
    paper: &'a Paper,
    scale: f32,
}

impl Page<'_> {
    /// The seal that a group is; its box is of the half-size plane.
    fn closely(&self, bbox: Bbox, colour: Colour, sizes: &Sizes) -> Option<Candidate> {
        let to_page = 2.0 / self.scale;
        let on_page = |v: i32| (v as f32 * to_page).round() as i32;
        let around = Bbox::from_ltrb(on_page(bbox.left), on_page(bbox.top), on_page(bbox.right), on_page(bbox.bottom));
        let margin = around.width().max(around.height()) / 10 + 2;
        let part = around.expanded(margin, margin).clamped(self.raster.width(), self.raster.height());
        let zoom = CLOSE / around.width().max(around.height()).max(1) as f32;
        let size = |v: i32| (v as f32 * zoom).round().max(8.0) as u32;
        let pixels = resized(&crop(&self.raster.pixels, part), size(part.width()), size(part.height()));
        let planes = Planes::of(&pixels, self.paper, (part.left as f32, part.top as f32), zoom);
        let plane = planes.of_colour(colour);
        let strong = strong_ink(plane);
        let close = |v: i32, origin: i32| ((v - origin) as f32 * zoom).round() as i32;
        // The half-size plane's pixels are coarse.
        let own = Bbox {
            left: close(around.left, part.left),
            top: close(around.top, part.top),
            right: close(around.right, part.left),
            bottom: close(around.bottom, part.top),
        }
        .expanded(1, 1);
        let inked: Vec<Pixel<i32>> = plane
            .enumerate_pixels()
            .map(|(x, y, v)| (Pixel::new(x as i32, y as i32), f32::from(v.0[0])))
            .filter(|(p, v)| *v > INKED * strong && own.contains(Point::new(p.x as f32 + 0.5, p.y as f32 + 0.5)))
            .map(|(p, _)| p)
            .collect();
        if inked.len() < 24 {
            return None;
        }
        let ridge = INKED * strong / 2.0;
        let framed = frame(plane, &inked, ridge).filter(|frame| frame.corners.len() == 4);
        let (outline, coverage, solid) = match framed {
            Some(frame) => (Outline::Polygon(frame.corners), frame.coverage, frame.solid),
            None => ground(plane, &inked, strong)?,
        };
        let candidate = Candidate { outline, colour, coverage, visible: 1.0, solid, star: false, partial: false };
        let candidate = candidate.placed(1.0 / zoom, part.left as f32, part.top as f32);
        let b = candidate.outline.bbox();
        let long = b.width().max(b.height()) as f32 * self.scale;
        (long >= 0.9 * sizes.least && long <= 1.2 * most(sizes)).then_some(candidate)
    }
}

/// The ink that a tenth of the inked pixels exceed.
fn strong_ink(plane: &GrayImage) -> f32 {
    let mut values: Vec<u8> = plane.iter().copied().filter(|&v| v > LEAST_INK.0).collect();
    values.sort_unstable();
    values.get(values.len() * 9 / 10).copied().map_or(255.0, f32::from)
}

/// Ink of an inked ground, share of its area: the lettering is spared out of it.
const GROUND: (f32, f32) = (0.45, 0.92);
/// Share of its rim that is inked.
const RIM: f32 = 0.72;

/// Share of each side near which a worn frame has ink, how far in, and how sure it is of its ink: less than any that is seen as a line.
const WORN_FRAME: f32 = 0.6;
const WORN_DEPTH: f32 = 0.1;
const UNSURE: f32 = 0.5;

/// An inked ground out of which lettering is spared, oblong or round, else what may be the frame of a worn seal: the outline, how
/// much of it is seen, and whether it is such a ground.
fn ground(plane: &GrayImage, inked: &[Pixel<i32>], strong: f32) -> Option<(Outline, f32, bool)> {
    let corners = imageproc::geometry::min_area_rect(inked).map(|p| Point::new(p.x as f32 + 0.5, p.y as f32 + 0.5));
    let [a, b, c, d] = clockwise_from_top_left(corners);
    let is_inked = |p: Point| sample(plane, p.x, p.y) > INKED * strong;
    let share = |places: &[Point]| places.iter().filter(|&&p| is_inked(p)).count() as f32 / places.len().max(1) as f32;
    let at = |u: f32, v: f32| a.lerp(b, u).lerp(d.lerp(c, u), v);
    let steps = |from: f32, to: f32| (0..24).map(move |i| from + (to - from) * i as f32 / 23.0);
    let fill = |inside: &dyn Fn(f32, f32) -> bool| {
        let places: Vec<Point> = steps(0.04, 0.96)
            .flat_map(|u| steps(0.04, 0.96).map(move |v| (u, v)))
            .filter(|&(u, v)| inside(u, v))
            .map(|(u, v)| at(u, v))
            .collect();
        share(&places)
    };
    let is_ground = |fill: f32, rim: f32| fill >= GROUND.0 && fill <= GROUND.1 && rim >= RIM;
    let rims = [0.05, 0.95].into_iter().flat_map(|edge| {
        let across: Vec<Point> = steps(0.1, 0.9).map(|t| at(t, edge)).collect();
        let down: Vec<Point> = steps(0.1, 0.9).map(|t| at(edge, t)).collect();
        [share(&across), share(&down)]
    });
    let rim = rims.fold(1.0f32, f32::min);
    if is_ground(fill(&|_, _| true), rim) {
        return Some((Outline::Polygon(vec![a, b, c, d]), rim, true));
    }
    let (across, down) = (a.distance(b), b.distance(c));
    // The circle in it: inked along its rim, paper in the corners beside it.
    let circle = Ellipse::circle(a.lerp(c, 0.5), (across + down) / 4.0);
    let along = |depth: f32| -> Vec<Point> {
        (0..48).map(|i| circle.at(i as f32 / 48.0 * std::f32::consts::TAU, depth * circle.major)).collect()
    };
    let rim = share(&along(0.07));
    let inside = |u: f32, v: f32| (u - 0.5).hypot(v - 0.5) < 0.48;
    let is_alone = share(&[at(0.03, 0.03), at(0.97, 0.03), at(0.03, 0.97), at(0.97, 0.97)]) < 0.5;
    let is_square = across.min(down) >= 0.85 * across.max(down);
    if is_square && is_alone && is_ground(fill(&inside), rim) {
        return Some((Outline::Ellipse(circle), rim, true));
    }
    // Ink somewhere near each side: the frame of a worn seal.
    let worst = (0..4).fold(1.0f32, |worst, side| {
        let near = steps(0.1, 0.9).filter(|&t| {
            (0..8).any(|k| {
                let depth = WORN_DEPTH * k as f32 / 7.0;
                let (u, v) = [(t, depth), (1.0 - depth, t), (t, 1.0 - depth), (depth, t)][side];
                is_inked(at(u, v))
            })
        });
        worst.min(near.count() as f32 / 24.0)
    });
    (worst >= WORN_FRAME).then_some((Outline::Polygon(vec![a, b, c, d]), UNSURE * worst, false))
}
