//! A stamp's ink → readings of its lettering, each kept as a lattice, with the part of the seal where it stands.

use std::cmp::Ordering;
use std::f32::consts::{FRAC_PI_2, PI, TAU};

use image::{GrayImage, RgbImage};

use super::ellipse::Ellipse;
use super::locate::Outline;
use super::unwrap::{Arc, Band, Stamp, around, line, profile, runs, straight, unrolled};
use crate::error::Result;
use crate::geometry::{Bbox, Point};
use crate::ocr::lattice::Lattice;
use crate::ocr::{ReadParams, Reader};

/// Where on a seal something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SealPart {
    /// The arc along the ring.
    Outer,
    /// A second arc inside it.
    Inner,
    /// Straight lettering across the seal, or the rows of a rectangular one.
    Centre,
    /// The digits at the bottom.
    Code,
}

/// One reading of one part; a part may have several, best first.
#[derive(Debug, Clone)]
pub struct SealReading {
    /// Which part.
    pub part: SealPart,
    /// The best reading.
    pub text: String,
    /// What else it may say.
    pub lattice: Lattice,
    /// Mean posterior of its Chinese characters (of all characters for the code), 0..=1.
    pub score: f32,
}

/// When a character counts as read.
const READ: f32 = 0.5;
/// Mean posterior from which no other band is tried.
const GOOD: f32 = 0.93;
/// Readings of the outer arc that are kept: other bands read other characters well.
const KEPT_ARCS: usize = 3;

pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

/// Number and posterior sum of the Chinese characters that count as read.
pub(super) fn han_read(lattice: &Lattice) -> (usize, f32) {
    lattice
        .best_path()
        .iter()
        .filter(|read| read.score >= READ && lattice.alphabet().text(read.symbol).chars().any(is_han))
        .fold((0, 0.0), |(count, sum), read| (count + 1, sum + read.score))
}

fn reading(part: SealPart, lattice: Lattice) -> SealReading {
    let (count, sum) = han_read(&lattice);
    let score = if count > 0 { sum / count as f32 } else { lattice.score() };
    SealReading { part, text: lattice.text(), lattice, score }
}

/// Whether what was read of a seal so far settles whose it is.
pub(super) type Enough<'a> = dyn Fn(&[SealReading]) -> bool + 'a;

/// Reads everything on a stamp, or as much as is `enough`.
pub(super) fn readings(reader: &Reader, stamp: &Stamp, solid: bool, enough: &Enough<'_>) -> Result<Vec<SealReading>> {
    match &stamp.outline {
        Outline::Ellipse(ellipse) => round(reader, stamp, ellipse, enough),
        Outline::Polygon(corners) => match *corners.as_slice() {
            [a, b, c, d] => rectangle(reader, &stamp.ink, [a, b, c, d], solid),
            [a, b, c] => triangle(reader, &stamp.ink, [a, b, c]),
            _ => Ok(Vec::new()),
        },
    }
}

fn read(reader: &Reader, lines: &[RgbImage]) -> Result<Vec<Lattice>> {
    reader.read(lines, &ReadParams::default())
}

/// Seals narrower than this on the page at its scale hold two to four characters and no arc, shares of the usual: found
/// by their band being empty.
const EMPTY_BAND: f32 = 14.0;

fn round(reader: &Reader, stamp: &Stamp, ellipse: &Ellipse, enough: &Enough<'_>) -> Result<Vec<SealReading>> {
    let ink = &stamp.ink;
    let profile = profile(ink, ellipse);
    let mut arcs: Vec<(Lattice, f32, Arc)> = Vec::new();
    for (tried, band) in bands(&profile).into_iter().enumerate() {
        // Where two bands hold no Chinese character, the others hold none either.
        if tried >= 2 && arcs.iter().all(|(lattice, ..)| han_read(lattice).0 == 0) {
            break;
        }
        let circle = around(ink, ellipse, band);
        if circle.iter().sum::<f32>() / 360.0 < EMPTY_BAND / 2.0 {
            continue;
        }
        let (start, gap) = widest_gap(&circle);
        // Without a clear gap the cut may fall into a character: go on past it.
        let sweep = if gap >= 24 { TAU } else { TAU * 1.25 };
        let arc = Arc { band, start: (start as f32).to_radians(), sweep, feet_out: false };
        let lattice = read(reader, &[unrolled(ink, ellipse, &arc, 1.0)])?.pop();
        let Some(lattice) = lattice else { continue };
        let (count, sum) = han_read(&lattice);
        // Enough to say whose it is is not always enough to say that it is a seal.
        if count >= 4 {
            let here = [reading(SealPart::Outer, lattice.clone())];
            if enough(&here) {
                return Ok(here.into());
            }
        }
        let worth = sum - 0.4 * count as f32;
        let good = count >= 6 && sum / count as f32 >= GOOD;
        arcs.push((lattice, worth, arc));
        if good {
            break;
        }
    }
    arcs.sort_by(|a, b| b.1.total_cmp(&a.1));
    // A small seal may hold a name across its middle and no arc.
    let arc = arcs.first().filter(|(lattice, ..)| han_read(lattice).0 >= 3);
    let page_up = ellipse.parameter(Point::new(ellipse.centre.x, ellipse.centre.y - 1.0));
    let up = arc.and_then(|(lattice, _, arc)| text_middle(lattice, arc)).unwrap_or(page_up);
    let best_band = arc.map(|(_, _, arc)| arc.band);
    let mut readings: Vec<SealReading> = arcs
        .into_iter()
        .take(KEPT_ARCS)
        .map(|(lattice, ..)| reading(SealPart::Outer, lattice))
        .filter(|r| !r.text.is_empty())
        .collect();
    // The lettering across the middle, upright by the arc's own middle.
    let (middle_up, outer) = (ellipse.at(up, 0.0), best_band);
    let angle = (middle_up.y - ellipse.centre.y).atan2(middle_up.x - ellipse.centre.x) + FRAC_PI_2;
    let reach = outer.map_or(0.84, |band| (1.0 - band.inner).clamp(0.3, 0.8));
    let mut lines = centre_lines(ink, ellipse, angle, reach);
    if best_band.is_none() {
        // Names across small seals are set narrow.
        let widened: Vec<RgbImage> =
            lines.iter().map(|l| crate::raster::resized(l, l.width() * 3 / 2, l.height())).collect();
        lines.extend(widened);
    }
    let centre_count = lines.len();
    if let Some(band) = best_band {
        // A second arc right inside the first, and the digits at the bottom right inside the ring.
        let thickness = (band.inner - band.outer) * 0.8;
        let second = Band { outer: band.inner + 0.01, inner: (band.inner + 0.03 + thickness).min(0.75) };
        let inner = Arc { band: second, start: up - 0.8 * PI, sweep: 1.6 * PI, feet_out: false };
        lines.push(unrolled(ink, ellipse, &inner, 1.0));
        let digits = Band { outer: 0.03, inner: 0.17 };
        let code = Arc { band: digits, start: up + 0.62 * PI, sweep: 0.76 * PI, feet_out: true };
        lines.push(unrolled(ink, ellipse, &code, 1.0));
    }
    for (i, lattice) in read(reader, &lines)?.into_iter().enumerate() {
        let part = match i.cmp(&centre_count) {
            Ordering::Less => SealPart::Centre,
            Ordering::Equal => SealPart::Inner,
            Ordering::Greater => SealPart::Code,
        };
        let r = reading(part, lattice);
        let digits = r.text.chars().filter(char::is_ascii_digit).count();
        let keep = match part {
            SealPart::Code => digits >= 6,
            SealPart::Inner => han_read(&r.lattice).0 >= 3 && r.score > 0.7,
            _ => han_read(&r.lattice).0 >= 2 && r.score > 0.6,
        };
        if keep {
            readings.push(r);
        }
    }
    Ok(readings)
}

/// Bands in which arc text may stand, likeliest first: from the radial profile of the ink, then usual ones.
fn bands(profile: &[f32]) -> Vec<Band> {
    let mut found = Vec::new();
    let at = |i: usize| profile.get(i).copied().unwrap_or(0.0);
    // Past the ring: the first low of the profile.
    let mut i = 1;
    while i < 22 && !(at(i) <= at(i + 1) && at(i) <= at(i.saturating_sub(1)) && at(i) < 0.5 * at(0).max(at(1))) {
        i += 1;
    }
    let outer = if i < 22 { i } else { 5 };
    let text = (outer..55).map(at).fold(0.0, f32::max);
    // The text's own plateau, then the first low after it.
    let mut from = outer;
    while from < 24 && at(from) < 0.3 * text {
        from += 1;
    }
    let mut to = from + 13;
    while to < 62 && at(to) > 0.3 * text {
        to += 1;
    }
    // The low after the text, when it does not fall to 0.3.
    if to - from > 38 {
        to = (from + 12..from + 38).min_by(|&a, &b| at(a).total_cmp(&at(b))).unwrap_or(to);
    }
    let band = |outer: f32, inner: f32| Band { outer: outer.max(0.02) / 100.0, inner: inner.min(80.0) / 100.0 };
    found.push(band(from as f32 - 2.5, to as f32 + 2.5));
    found.push(band(8.0, 42.0));
    found.push(band(4.0, 34.0));
    found.push(band(14.0, 48.0));
    found
}

/// The middle of the widest stretch with little ink, degrees, and its width.
fn widest_gap(circle: &[f32]) -> (usize, usize) {
    let n = circle.len();
    let mean = circle.iter().sum::<f32>() / n as f32;
    let threshold = mean * 0.3;
    let mut best = (0, 0);
    let mut start = 0;
    // Twice around, so that a gap across the beginning counts as one; isolated specks do not end a gap.
    let low = |i: usize| {
        let around = [circle[(i + n - 1) % n], circle[i % n], circle[(i + 1) % n]];
        around.iter().sum::<f32>() / 3.0 <= threshold
    };
    for i in 0..2 * n {
        if low(i) {
            let width = (i + 1 - start).min(n);
            if width > best.1 {
                best = ((start + width / 2) % n, width);
            }
        } else {
            start = i + 1;
        }
    }
    if best.1 >= 8 {
        return best;
    }
    // No gap: the window with the least ink.
    let window = 12;
    let ink = |from: usize| (from..from + window).map(|i| circle[i % n]).sum::<f32>();
    let least = (0..n).min_by(|&a, &b| ink(a).total_cmp(&ink(b))).unwrap_or(0);
    ((least + window / 2) % n, best.1)
}

/// The parameter at the middle of the Chinese text of an arc.
fn text_middle(lattice: &Lattice, arc: &Arc) -> Option<f32> {
    let path = lattice.best_path();
    let mut han = path.iter().filter(|r| r.score >= READ && lattice.alphabet().text(r.symbol).chars().any(is_han));
    let first = han.next()?;
    let last = han.next_back().unwrap_or(first);
    let middle = (first.frames.start + last.frames.end) as f32 / 2.0 / lattice.frames().max(1) as f32;
    (last.frames.end - first.frames.start > 3).then_some(arc.start + arc.sweep * middle)
}

/// Rows of straight lettering within `reach` of the radius, turned upright by `angle`.
fn centre_lines(ink: &GrayImage, ellipse: &Ellipse, angle: f32, reach: f32) -> Vec<RgbImage> {
    let half = ellipse.minor * reach;
    let side = (2.0 * half).round().max(8.0) as u32;
    let (s, c) = angle.sin_cos();
    let corner = |x: f32, y: f32| Point::new(ellipse.centre.x + x * c - y * s, ellipse.centre.y + x * s + y * c);
    // Wide ovals have room beside the square.
    let wide = if ellipse.major > 1.15 * ellipse.minor { half + ellipse.major - ellipse.minor } else { half };
    let width = (2.0 * wide).round().max(8.0) as u32;
    let corners = [corner(-wide, -half), corner(wide, -half), corner(wide, half), corner(-wide, half)];
    let Some(mut upright) = straight(ink, corners, width, side) else { return Vec::new() };
    // The corners of the square lie in the arc text.
    for (x, y, value) in upright.enumerate_pixels_mut() {
        let (dx, dy) = ((x as f32 - width as f32 / 2.0) / wide, (y as f32 - side as f32 / 2.0) / half);
        if dx * dx + dy * dy > 1.0 {
            value.0[0] = 0;
        }
    }
    let height = side as i32;
    let mut rows: Vec<(i32, i32)> = runs(&upright, true, (side / 9).max(6))
        .into_iter()
        .map(|(from, to)| (from as i32, to as i32))
        .filter(|&(from, to)| to - from < height * 2 / 5 || reach > 0.8)
        .collect();
    // Below a star, where the projection may not part them.
    let below = (ellipse.minor * 0.24 + half, ellipse.minor * 0.62 + half);
    rows.push((below.0 as i32, (below.1 as i32).min(height)));
    rows.dedup();
    rows.truncate(4);
    rows.into_iter()
        .filter(|(from, to)| to - from >= 8)
        .map(|(from, to)| line(&upright, Bbox::from_ltrb(0, from - 2, width as i32, to + 2), 6))
        .collect()
}

/// Height to which the inside of a rectangular seal is straightened, pixels per row of at most four.
const FIELD: f32 = 220.0;

fn rectangle(reader: &Reader, ink: &GrayImage, corners: [Point; 4], solid: bool) -> Result<Vec<SealReading>> {
    let [a, b, c, d] = corners;
    let (across, down) = (f32::midpoint(a.distance(b), d.distance(c)), f32::midpoint(a.distance(d), b.distance(c)));
    let ratio = across / down.max(1.0);
    let (width, height) = if ratio >= 1.0 { (FIELD * ratio, FIELD) } else { (FIELD, FIELD / ratio) };
    let Some(mut field) = straight(ink, corners, width as u32, height as u32) else { return Ok(Vec::new()) };
    if solid {
        for value in field.iter_mut() {
            *value = 255 - *value;
        }
    }
    let square = (0.75..1.34).contains(&ratio);
    let field = without_frame(&field);
    if !solid && !has_large_lettering(&field) {
        return Ok(Vec::new());
    }
    let mut best: Vec<SealReading> = Vec::new();
    // Upright first; upside down or on its side only when that says nothing.
    for turn in 0..4 {
        let turned = match turn {
            0 => field.clone(),
            1 => image::imageops::rotate180(&field),
            2 => image::imageops::rotate90(&field),
            _ => image::imageops::rotate270(&field),
        };
        let lines = if square { square_lines(&turned) } else { row_lines(&turned) };
        let found: Vec<SealReading> = read(reader, &lines)?
            .into_iter()
            .map(|lattice| reading(SealPart::Centre, lattice))
            .filter(|r| !r.text.is_empty())
            .collect();
        let worth = |readings: &[SealReading]| readings.iter().map(|r| han_read(&r.lattice).1).fold(0.0, f32::max);
        let (here, most) = (worth(&found), worth(&best));
        if here > most || best.is_empty() {
            best = found;
        }
        let clear = best.iter().any(|r| han_read(&r.lattice).0 >= 2 && r.score > 0.8);
        if clear {
            break;
        }
    }
    best.sort_by(|a, b| han_read(&b.lattice).1.total_cmp(&han_read(&a.lattice).1));
    Ok(best)
}

/// A box round a paragraph is no seal: a seal's rows (or columns) take up a good part of it.
fn has_large_lettering(field: &GrayImage) -> bool {
    let large = |rows: bool| {
        let length = if rows { field.height() } else { field.width() };
        runs(field, rows, (length / 40).max(2)).iter().map(|&(from, to)| to - from).max().unwrap_or(0) * 100
            / length.max(1)
    };
    // Four rows in a seal: 16 % each and the space between them.
    large(true) >= 15
}

/// The field with its rim cut off: the frame's lines are there.
fn without_frame(field: &GrayImage) -> GrayImage {
    let (w, h) = field.dimensions();
    let short = w.min(h);
    // The frame is up to 8 % of the short side thick; go in until a row or column is mostly empty.
    let inked = |x0: u32, y0: u32, x1: u32, y1: u32| {
        let mut sum = 0u64;
        for y in y0..y1 {
            for x in x0..x1 {
                sum += u64::from(field.get_pixel(x, y).0[0]);
            }
        }
        sum as f32 / (255.0 * ((x1 - x0) * (y1 - y0)).max(1) as f32)
    };
    let most = short * 14 / 100;
    let least = (short * 3 / 100).max(1);
    let depth = |ink: &dyn Fn(u32) -> f32| {
        // The last line of the frame within reach.
        (0..most).rev().find(|&i| ink(i) > 0.55).map_or(least, |i| i + 2).max(least)
    };
    let left = depth(&|i| inked(i, 0, i + 1, h));
    let right = depth(&|i| inked(w - 1 - i, 0, w - i, h));
    let top = depth(&|i| inked(0, i, w, i + 1));
    let bottom = depth(&|i| inked(0, h - 1 - i, w, h - i));
    image::imageops::crop_imm(field, left, top, w - left - right, h - top - bottom).to_image()
}

/// Rows joined in reading order, then each row alone.
fn row_lines(field: &GrayImage) -> Vec<RgbImage> {
    let rows = runs(field, true, (field.height() / 9).max(6));
    let w = field.width() as i32;
    let lines: Vec<RgbImage> = rows
        .iter()
        .take(4)
        .map(|&(from, to)| line(field, Bbox::from_ltrb(0, from as i32 - 2, w, to as i32 + 2), 6))
        .collect();
    if lines.len() > 1 {
        let mut all = vec![beside(&lines)];
        all.extend(lines);
        all
    } else {
        lines
    }
}

/// Height at which pieces are put beside each other.
const BESIDE: u32 = 64;

/// Pictures side by side at one height, empty margins cut.
fn beside(pieces: &[RgbImage]) -> RgbImage {
    let scaled: Vec<RgbImage> = pieces
        .iter()
        .map(|piece| {
            let piece = trimmed(piece);
            let width = (piece.width() as f32 * BESIDE as f32 / piece.height().max(1) as f32).round().max(1.0);
            crate::raster::resized(&piece, width as u32, BESIDE)
        })
        .collect();
    let gap = 8;
    let width = scaled.iter().map(|p| p.width() + gap).sum::<u32>() + gap;
    let mut joined = RgbImage::from_pixel(width, BESIDE + 12, image::Rgb([255; 3]));
    let mut x = i64::from(gap);
    for piece in &scaled {
        image::imageops::replace(&mut joined, piece, x, 6);
        x += i64::from(piece.width() + gap);
    }
    joined
}

/// Without the white margins left and right.
fn trimmed(piece: &RgbImage) -> RgbImage {
    let dark = |x: u32| (0..piece.height()).any(|y| piece.get_pixel(x, y).0[0] < 128);
    let (Some(from), Some(to)) = ((0..piece.width()).find(|&x| dark(x)), (0..piece.width()).rfind(|&x| dark(x))) else {
        return piece.clone();
    };
    crate::raster::crop(piece, Bbox::from_ltrb(from as i32 - 2, 0, to as i32 + 3, piece.height() as i32))
}

/// A square seal holds two columns, read from right to left, or two rows.
fn square_lines(field: &GrayImage) -> Vec<RgbImage> {
    let (w, h) = (field.width() as i32, field.height() as i32);
    let split = |rows: bool| {
        let length = if rows { h } else { w };
        let mut sums = vec![0u32; length as usize];
        for (x, y, value) in field.enumerate_pixels() {
            sums[if rows { y } else { x } as usize] += u32::from(value.0[0]);
        }
        (length * 2 / 5..length * 3 / 5)
            .min_by_key(|&i| (sums[i as usize], (i - length / 2).abs()))
            .unwrap_or(length / 2)
    };
    let (x, y) = (split(false), split(true));
    let cell = |l: i32, t: i32, r: i32, b: i32| line(field, Bbox::from_ltrb(l, t, r, b), 4);
    let cells = [cell(0, 0, x, y), cell(x, 0, w, y), cell(0, y, x, h), cell(x, y, w, h)];
    let [top_left, top_right, bottom_left, bottom_right] = &cells;
    let columns = [top_right.clone(), bottom_right.clone(), top_left.clone(), bottom_left.clone()];
    let rows = [top_left.clone(), top_right.clone(), bottom_left.clone(), bottom_right.clone()];
    // One character in the right half (a surname as tall as the seal), two in the left.
    let tall = [cell(x, 0, w, h), top_left.clone(), bottom_left.clone()];
    let mut lines = vec![beside(&columns), beside(&rows), beside(&tall)];
    lines.extend(row_lines(field));
    lines
}

/// The arcs of a triangular seal are rows along its base.
fn triangle(reader: &Reader, ink: &GrayImage, corners: [Point; 3]) -> Result<Vec<SealReading>> {
    let mut best: Vec<SealReading> = Vec::new();
    let mut most = -1.0;
    for turn in 0..3 {
        let (top, right, left) = (corners[turn], corners[(turn + 1) % 3], corners[(turn + 2) % 3]);
        // The parallelogram over the base whose upper side goes through the top.
        let foot = left.lerp(right, 0.5);
        let (dx, dy) = (top.x - foot.x, top.y - foot.y);
        let upper = |p: Point| Point::new(p.x + dx, p.y + dy);
        let base = left.distance(right);
        let height = dx.hypot(dy);
        let (w, h) = ((base * 1.2) as u32, (height * 1.2) as u32);
        let Some(mut field) = straight(ink, [upper(left), upper(right), right, left], w.max(8), h.max(8)) else {
            continue;
        };
        let (wide, tall) = (field.width() as f32, field.height() as f32);
        for (x, y, value) in field.enumerate_pixels_mut() {
            // The slanting sides and the base: 6 % of the height inwards.
            let half = (y as f32 / tall) * 0.5 - 0.085;
            if (x as f32 / wide - 0.5).abs() > half || y as f32 > tall * 0.945 {
                value.0[0] = 0;
            }
        }
        let found: Vec<SealReading> = read(reader, &row_lines(&field))?
            .into_iter()
            .map(|lattice| reading(SealPart::Centre, lattice))
            .filter(|r| !r.text.is_empty())
            .collect();
        let worth = found.iter().map(|r| han_read(&r.lattice).1).fold(0.0, f32::max);
        if worth > most {
            most = worth;
            best = found;
        }
        if best.iter().any(|r| han_read(&r.lattice).0 >= 3 && r.score > 0.85) {
            break;
        }
    }
    best.sort_by(|a, b| han_read(&b.lattice).1.total_cmp(&han_read(&a.lattice).1));
    Ok(best)
}
