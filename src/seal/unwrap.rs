//! The ink of one seal → straight pictures of its lettering: arcs unrolled, rows cut out. Dark on white, as the reading
//! model knows print.

use std::f32::consts::TAU;

use image::imageops::{self, FilterType};
use image::{GrayImage, Rgb, RgbImage};
use imageproc::distance_transform::Norm;
use imageproc::geometric_transformations::{Border, Interpolation, Projection, warp_into};
use imageproc::morphology::{Mask, dilate, grayscale_dilate};

use super::ellipse::Ellipse;
use super::ink::{Colour, Paper, Planes, darkness, sample};
use super::locate::{Candidate, Outline};
use crate::geometry::{Bbox, Point};
use crate::raster::{Raster, crop};

/// A seal is brought to a width between these before it is read, pixels: its characters are then 40 to 60 high.
const WIDTHS: (f32, f32) = (440.0, 640.0);
/// Never enlarged by more than this.
const MOST_ENLARGED: f32 = 5.0;

/// A seal's own ink, with the outline in its pixels.
pub(super) struct Stamp {
    /// 255 = full ink.
    pub(super) ink: GrayImage,
    /// The outline, pixels of `ink`.
    pub(super) outline: Outline,
}

impl Stamp {
    /// The candidate's surroundings, its ink brought to full strength.
    pub(super) fn of(raster: &Raster, paper: &Paper, candidate: &Candidate) -> Self {
        let bbox = candidate.outline.bbox();
        let margin = (bbox.width().max(bbox.height()) as f32 * 0.05) as i32 + 3;
        let part = bbox.expanded(margin, margin).clamped(raster.width(), raster.height());
        let long = bbox.width().max(bbox.height()).max(1) as f32;
        let scale = (WIDTHS.0 / long).clamp(1.0, MOST_ENLARGED).min((WIDTHS.1 / long).max(WIDTHS.0 / long));
        let scale = if long > WIDTHS.1 { WIDTHS.1 / long } else { scale };
        let pixels = crop(&raster.pixels, part);
        let (w, h) = (pixels.width() as f32 * scale, pixels.height() as f32 * scale);
        let pixels =
            imageops::resize(&pixels, w.round().max(1.0) as u32, h.round().max(1.0) as u32, FilterType::CatmullRom);
        let origin = (part.left as f32, part.top as f32);
        let planes = Planes::of(&pixels, paper, origin, scale);
        let outline = match &candidate.outline {
            Outline::Ellipse(e) => Outline::Ellipse(e.scaled(scale, -origin.0 * scale, -origin.1 * scale)),
            Outline::Polygon(corners) => Outline::Polygon(
                corners.iter().map(|p| Point::new((p.x - origin.0) * scale, (p.y - origin.1) * scale)).collect(),
            ),
        };
        let mut ink = match candidate.colour {
            Colour::Grey => planes.grey,
            Colour::Red => detailed(&planes.red, &darkness(&pixels, paper, origin, scale), &outline, scale),
            Colour::Blue => detailed(&planes.blue, &darkness(&pixels, paper, origin, scale), &outline, scale),
        };
        strengthen(&mut ink, &outline, candidate.colour, scale);
        Self { ink, outline }
    }
}

/// Points along an outline.
fn along(outline: &Outline) -> Vec<Point> {
    match outline {
        Outline::Ellipse(e) => (0..180).map(|i| e.at(i as f32 / 180.0 * TAU, 0.0)).collect(),
        Outline::Polygon(corners) => (0..corners.len())
            .flat_map(|i| {
                let (a, b) = (corners[i], corners[(i + 1) % corners.len()]);
                (0..45).map(move |k| a.lerp(b, k as f32 / 45.0))
            })
            .collect(),
    }
}

/// The middle one of some values.
fn median(mut values: Vec<f32>) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}

/// What is this much darker than its colour explains, and this many levels more, is print under the seal.
const PRINT_SHARE: f32 = 1.35;
const PRINT_LEVELS: f32 = 24.0;
/// JPEG stores colour at half the resolution: it spreads this far, page-raster pixels.
const COLOUR_SPREAD_PX: f32 = 1.2;

/// Coloured ink in the resolution of the brightness: strokes run together in the colour of a JPEG. Where it is darker
/// than the colour explains there is print, and the colour alone counts.
fn detailed(colour: &GrayImage, dark: &GrayImage, outline: &Outline, scale: f32) -> GrayImage {
    let pairs: Vec<(f32, f32)> =
        along(outline).iter().map(|p| (sample(colour, p.x, p.y), sample(dark, p.x, p.y))).collect();
    let typical = median(pairs.iter().map(|&(c, _)| c).filter(|&c| c > 4.0).collect()).unwrap_or(64.0);
    // How dark ink of this colour is.
    let ratio = median(pairs.iter().filter(|&&(c, _)| c >= 0.7 * typical).map(|&(c, d)| d / c.max(1.0)).collect());
    let ratio = ratio.unwrap_or(1.0).clamp(0.4, 2.0);
    let spread = (COLOUR_SPREAD_PX * scale).round().clamp(1.0, 6.0) as u8;
    let around = grayscale_dilate(colour, &Mask::square(spread));
    let mut ink = colour.clone();
    for ((value, &around), &dark) in ink.iter_mut().zip(around.iter()).zip(dark.iter()) {
        let (around, dark) = (f32::from(around) * ratio, f32::from(dark));
        if dark <= PRINT_SHARE * around + PRINT_LEVELS {
            *value = (dark.min(around) / ratio).clamp(0.0, 255.0) as u8;
        }
    }
    ink
}

/// Half the width of the soft edge of print, page-raster pixels.
const PRINT_EDGE_PX: f32 = 1.0;

/// Stretches the contrast so that the outline's ink is full ink; of grey ink what is clearly darker than the outline is
/// print under the seal and goes with its edges.
fn strengthen(ink: &mut GrayImage, outline: &Outline, colour: Colour, scale: f32) {
    let darkest = |p: &Point| {
        let near = [(0.0, 0.0), (2.0, 0.0), (-2.0, 0.0), (0.0, 2.0), (0.0, -2.0)];
        near.iter().map(|&(dx, dy)| sample(ink, p.x + dx, p.y + dy)).fold(0.0, f32::max)
    };
    let values: Vec<f32> = along(outline).iter().map(darkest).filter(|&v| v > 4.0).collect();
    let typical = median(values).unwrap_or(128.0).max(14.0);
    if colour == Colour::Grey {
        let print = typical * PRINT_SHARE + PRINT_LEVELS;
        let is_print = GrayImage::from_fn(ink.width(), ink.height(), |x, y| {
            image::Luma([if f32::from(ink.get_pixel(x, y).0[0]) > print { 255 } else { 0 }])
        });
        let edge = (PRINT_EDGE_PX * scale).round().clamp(1.0, 5.0) as u8;
        for (value, &print) in ink.iter_mut().zip(dilate(&is_print, Norm::LInf, edge).iter()) {
            if print > 0 {
                *value = 0;
            }
        }
    }
    // Well-inked strokes are full black; what is weaker than a fifth of them is the paper's grain.
    let (black, white) = (typical * 0.8, typical * 0.16);
    for value in ink.iter_mut() {
        let stretched = (f32::from(*value) - white) / (black - white);
        *value = (stretched.clamp(0.0, 1.0) * 255.0) as u8;
    }
}

/// Where arc text stands in an ellipse: depths below the outline in shares of the shorter half axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Band {
    pub(super) outer: f32,
    pub(super) inner: f32,
}

/// How an arc is unrolled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arc {
    pub(super) band: Band,
    /// Parameter at which it begins, radians clockwise from the longer axis.
    pub(super) start: f32,
    /// How far it goes, radians.
    pub(super) sweep: f32,
    /// True for lettering whose feet point outwards (at the bottom of a ring, read from left to right).
    pub(super) feet_out: bool,
}

/// A ring's unrolled lettering is about 1,000 pixels long; more means that the band is too thin to hold any.
const LONGEST: u32 = 1500;
/// Height of unrolled lettering, pixels: the reading model's.
const LINE_HEIGHT: u32 = 48;

/// An arc as a straight line, characters upright. `stretch` widens it: characters of seals are narrow.
pub(super) fn unrolled(ink: &GrayImage, ellipse: &Ellipse, arc: &Arc, stretch: f32) -> RgbImage {
    let depth = |share: f32| ellipse.minor * share;
    let thickness = depth(arc.band.inner - arc.band.outer).max(2.0);
    let middle = depth(f32::midpoint(arc.band.inner, arc.band.outer));
    // Equal steps along the middle of the band.
    let parts = 512usize;
    let mut lengths = Vec::with_capacity(parts + 1);
    let mut previous = ellipse.at(arc.start, middle);
    let mut total = 0.0;
    lengths.push(0.0);
    for i in 1..=parts {
        let here = ellipse.at(arc.start + arc.sweep * i as f32 / parts as f32, middle);
        total += here.distance(previous);
        lengths.push(total);
        previous = here;
    }
    let width = ((total / thickness * LINE_HEIGHT as f32 * stretch).round() as u32).clamp(16, LONGEST);
    let mut line = RgbImage::new(width, LINE_HEIGHT);
    let mut part = 0;
    for column in 0..width {
        let along = total * (column as f32 + 0.5) / width as f32;
        while part + 1 < parts && lengths[part + 1] < along {
            part += 1;
        }
        let within = (along - lengths[part]) / (lengths[part + 1] - lengths[part]).max(1e-6);
        let t = arc.start + arc.sweep * (part as f32 + within) / parts as f32;
        let (outer, inner) = (ellipse.at(t, depth(arc.band.outer)), ellipse.at(t, depth(arc.band.inner)));
        for row in 0..LINE_HEIGHT {
            let p = outer.lerp(inner, (row as f32 + 0.5) / LINE_HEIGHT as f32);
            let value = 255 - sample(ink, p.x, p.y) as u8;
            let (x, y) = if arc.feet_out { (width - 1 - column, LINE_HEIGHT - 1 - row) } else { (column, row) };
            line.put_pixel(x, y, Rgb([value; 3]));
        }
    }
    line
}

/// Ink along the arc in a band, one value a degree from parameter 0, 0..=255.
pub(super) fn around(ink: &GrayImage, ellipse: &Ellipse, band: Band) -> Vec<f32> {
    (0..360)
        .map(|degree| {
            let t = (degree as f32).to_radians();
            let (a, b) = (ellipse.at(t, ellipse.minor * band.outer), ellipse.at(t, ellipse.minor * band.inner));
            (0..16).map(|i| a.lerp(b, (i as f32 + 0.5) / 16.0)).map(|p| sample(ink, p.x, p.y)).sum::<f32>() / 16.0
        })
        .collect()
}

/// Mean ink at depths 0, 0.01 … 0.85 below the outline, in shares of the shorter half axis.
pub(super) fn profile(ink: &GrayImage, ellipse: &Ellipse) -> Vec<f32> {
    (0..86)
        .map(|step| {
            let depth = ellipse.minor * step as f32 * 0.01;
            let sum: f32 = (0..180)
                .map(|i| {
                    let p = ellipse.at(i as f32 / 180.0 * TAU, depth);
                    sample(ink, p.x, p.y)
                })
                .sum();
            sum / 180.0
        })
        .collect()
}

/// The content of four corners (clockwise from its own top left) as an upright picture of ink.
pub(super) fn straight(ink: &GrayImage, corners: [Point; 4], width: u32, height: u32) -> Option<GrayImage> {
    let (w, h) = (width as f32, height as f32);
    let from = corners.map(|p| (p.x - 0.5, p.y - 0.5));
    let projection =
        Projection::from_control_points(from, [(-0.5, -0.5), (w - 0.5, -0.5), (w - 0.5, h - 0.5), (-0.5, h - 0.5)])?;
    let mut upright = GrayImage::new(width, height);
    warp_into(ink, projection, Interpolation::Bilinear, Border::Constant(image::Luma([0])), &mut upright);
    Some(upright)
}

/// Rows (or, along `x`, columns) of lettering: runs of the projection that hold ink.
pub(super) fn runs(ink: &GrayImage, rows: bool, least: u32) -> Vec<(u32, u32)> {
    let length = if rows { ink.height() } else { ink.width() };
    let mut sums = vec![0f32; length as usize];
    for (x, y, value) in ink.enumerate_pixels() {
        sums[if rows { y } else { x } as usize] += f32::from(value.0[0]);
    }
    let across = if rows { ink.width() } else { ink.height() } as f32 * 255.0;
    let threshold = 0.035;
    let mut found = Vec::new();
    let mut start = None;
    for i in 0..=length {
        let inked = sums.get(i as usize).is_some_and(|&s| s / across > threshold);
        match (inked, start) {
            (true, None) => start = Some(i),
            (false, Some(from)) => {
                found.push((from, i));
                start = None;
            }
            _ => {}
        }
    }
    // Characters like 二 fall apart: join across small gaps.
    let mut joined: Vec<(u32, u32)> = Vec::new();
    for run in found {
        match joined.last_mut() {
            Some(last) if run.0 - last.1 <= (length / 40).max(1) && run.1 - last.0 < 2 * least => last.1 = run.1,
            _ => joined.push(run),
        }
    }
    joined.retain(|&(from, to)| to - from >= least);
    joined
}

/// Dark on white with some paper around, for the reading model.
pub(super) fn line(ink: &GrayImage, bbox: Bbox, margin: u32) -> RgbImage {
    let b = bbox.clamped(ink.width(), ink.height());
    let (w, h) = (b.width() as u32 + 2 * margin, b.height() as u32 + 2 * margin);
    RgbImage::from_fn(w, h, |x, y| {
        let (x, y) = (x as i32 - margin as i32 + b.left, y as i32 - margin as i32 + b.top);
        let inside = x >= b.left && y >= b.top && x < b.right && y < b.bottom;
        Rgb([if inside { 255 - ink.get_pixel(x as u32, y as u32).0[0] } else { 255 }; 3])
    })
}
