//! The ink of a round or oval seal → its arcs, its centre lines and its digits, read.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use image::{GrayImage, RgbImage};

use super::super::ellipse::Ellipse;
use super::super::unwrap::{Arc, Band, Stamp, around, line, profile, runs, straight, unrolled};
use super::{Question, READ, Readers, SealPart, SealReading, han_read, reading, worth};
use crate::error::Result;
use crate::geometry::{Bbox, Point};
use crate::identity::is_han;
use crate::ocr::lattice::Lattice;

/// Mean posterior from which no other band is tried, and the characters that must have been read.
const GOOD: f32 = 0.93;
const GOOD_CHARACTERS: usize = 6;
/// The same for short names.
const GOOD_FEW: f32 = 0.97;
const FEW_CHARACTERS: usize = 4;
/// Readings of the outer arc that are kept: other bands read other characters well.
const KEPT_ARCS: usize = 3;
/// Characters of an arc from which it is worth while to ask whose it is.
const ASKED: usize = 3;
/// Mean ink of 255 along the band below which there is no arc.
const EMPTY_BAND: f32 = 7.0;
/// The widest stretch without ink is left out when it is this wide, degrees: characters stand up to 22° apart.
const CLEAR_GAP: usize = 24;
/// Of such a stretch so many degrees are kept at either end.
const KEPT_GAP: usize = 5;

/// An arc that was read.
struct ReadArc {
    lattice: Lattice,
    arc: Arc,
}

/// An arc to be read, and what the quick model makes of it.
struct Unread {
    arc: Arc,
    picture: RgbImage,
    quick: Lattice,
}

/// Bands that are read carefully besides the first, the quick model's best ones.
const MORE_BANDS: usize = 2;

pub(super) fn readings(
    readers: &Readers<'_>,
    stamp: &Stamp,
    ellipse: &Ellipse,
    question: &dyn Question,
) -> Result<Vec<SealReading>> {
    let ink = &stamp.ink;
    let arcs = match outer_arcs(readers, ink, ellipse, question)? {
        Arcs::Settled(readings) => return Ok(readings),
        Arcs::Read(arcs) => arcs,
    };
    let mut readings: Vec<SealReading> =
        arcs.iter().take(KEPT_ARCS).map(|read| reading(SealPart::Outer, read.lattice.clone())).collect();
    readings.retain(|r| !r.text.is_empty());
    if let Some(best) = arcs.first()
        && question.is_near(&readings)
    {
        // Each look may read another character of the name.
        let mut looks = readings.clone();
        for (arc, stretch) in other_looks(&best.arc) {
            let Some(lattice) = readers.carefully(&[unrolled(ink, ellipse, &arc, stretch)])?.pop() else { continue };
            looks.insert(0, reading(SealPart::Outer, lattice));
            if question.is_own(&looks) || question.is_foreign(&looks) {
                return Ok(looks);
            }
        }
    }
    // A small seal may hold a name across its middle and no arc.
    let best = arcs.first().filter(|read| han_read(&read.lattice).0 >= 3);
    let page_up = ellipse.parameter(Point::new(ellipse.centre.x, ellipse.centre.y - 1.0));
    let up = best.and_then(|read| text_middle(&read.lattice, &read.arc)).unwrap_or(page_up);
    let band = best.map(|read| read.arc.band);
    readings.extend(centre(readers, ink, ellipse, up, band)?);
    if let Some(band) = band
        && !question.is_own(&readings)
    {
        readings.extend(inner_arc_and_code(readers, ink, ellipse, up, band)?);
    }
    Ok(readings)
}

/// What the lettering along a ring says.
enum Arcs {
    /// One arc answers the question.
    Settled(Vec<SealReading>),
    /// Best first.
    Read(Vec<ReadArc>),
}

/// Reads the lettering along the ring: in its likeliest band, and when that is not well read in those that say most to the quick
/// model.
fn outer_arcs(readers: &Readers<'_>, ink: &GrayImage, ellipse: &Ellipse, question: &dyn Question) -> Result<Arcs> {
    let bands = bands(&profile(ink, ellipse));
    let (likeliest, others) = bands.split_at(1);
    let mut unread = quickly_read(readers, ink, ellipse, likeliest)?;
    let own = unread.iter().find_map(|arc| settling(&arc.quick, &|readings| question.is_own(readings)));
    if let Some(settled) = own {
        return Ok(Arcs::Settled(settled));
    }
    let mut read = Vec::new();
    if let Some(arc) = unread.pop_if(|arc| han_read(&arc.quick).0 >= ASKED) {
        match carefully_read(readers, arc, question)? {
            Look::Settled(readings) => return Ok(Arcs::Settled(readings)),
            Look::Good(arc) => return Ok(Arcs::Read(vec![arc])),
            Look::Hard(arc) => read.push(arc),
        }
    }
    unread.extend(quickly_read(readers, ink, ellipse, others)?);
    unread.sort_by(|a, b| worth(&b.quick).total_cmp(&worth(&a.quick)));
    // Where the quick model sees no lettering at all there is none.
    unread.retain(|arc| han_read(&arc.quick).0 > 0);
    for arc in unread.into_iter().take(MORE_BANDS) {
        match carefully_read(readers, arc, question)? {
            Look::Settled(readings) => return Ok(Arcs::Settled(readings)),
            Look::Good(arc) => {
                read.push(arc);
                break;
            }
            Look::Hard(arc) => read.push(arc),
        }
    }
    read.sort_by(|a, b| worth(&b.lattice).total_cmp(&worth(&a.lattice)));
    Ok(Arcs::Read(read))
}

/// The bands that hold anything, unrolled.
fn quickly_read(readers: &Readers<'_>, ink: &GrayImage, ellipse: &Ellipse, bands: &[Band]) -> Result<Vec<Unread>> {
    let arcs: Vec<Arc> = bands.iter().filter_map(|&band| arc_in(ink, ellipse, band)).collect();
    let pictures: Vec<RgbImage> = arcs.iter().map(|arc| unrolled(ink, ellipse, arc, 1.0)).collect();
    let lattices = readers.quickly(&pictures)?;
    let parts = arcs.into_iter().zip(pictures).zip(lattices);
    Ok(parts.map(|((arc, picture), quick)| Unread { arc, picture, quick }).collect())
}

/// What a careful look at an arc gave.
enum Look {
    /// The answer to the question.
    Settled(Vec<SealReading>),
    /// A good reading: no other band is tried.
    Good(ReadArc),
    /// Another band may say more.
    Hard(ReadArc),
}

fn carefully_read(readers: &Readers<'_>, unread: Unread, question: &dyn Question) -> Result<Look> {
    let Unread { arc, picture, quick } = unread;
    let lattice = readers.carefully(&[picture])?.pop().unwrap_or(quick);
    let settles = |readings: &[SealReading]| question.is_own(readings) || question.is_foreign(readings);
    if let Some(settled) = settling(&lattice, &settles) {
        return Ok(Look::Settled(settled));
    }
    let (count, sum) = han_read(&lattice);
    let score = sum / count.max(1) as f32;
    let is_good = count >= GOOD_CHARACTERS && score >= GOOD || count >= FEW_CHARACTERS && score >= GOOD_FEW;
    let read = ReadArc { lattice, arc };
    Ok(if is_good { Look::Good(read) } else { Look::Hard(read) })
}

/// The reading of an arc, when it alone answers the question.
fn settling(lattice: &Lattice, answers: &dyn Fn(&[SealReading]) -> bool) -> Option<Vec<SealReading>> {
    // Enough to say whose it is is not always enough to say that it is a seal.
    if han_read(lattice).0 < ASKED {
        return None;
    }
    let here = vec![reading(SealPart::Outer, lattice.clone())];
    answers(&here).then_some(here)
}

/// The part of a band that holds lettering; `None` when it is empty.
fn arc_in(ink: &GrayImage, ellipse: &Ellipse, band: Band) -> Option<Arc> {
    let circle = around(ink, ellipse, band);
    if circle.iter().sum::<f32>() / 360.0 < EMPTY_BAND {
        return None;
    }
    // The digits at the bottom stand in the band's outer third.
    let deep = Band { outer: band.outer + 0.4 * (band.inner - band.outer), ..band };
    let (middle, gap) = widest_gap(&around(ink, ellipse, deep));
    // Without a clear gap the cut may fall into a character: go on past it.
    let (start, sweep) = if gap >= CLEAR_GAP {
        let left_out = gap - 2 * KEPT_GAP;
        (middle as f32 + left_out as f32 / 2.0, TAU - (left_out as f32).to_radians())
    } else {
        (middle as f32, TAU * 1.25)
    };
    Some(Arc { band, start: start.to_radians(), sweep, feet_out: false })
}

/// Other ways to unroll an arc of which some characters were lost, with how much to stretch it: the band a little
/// higher and lower, wider and narrower characters.
fn other_looks(arc: &Arc) -> [(Arc, f32); 4] {
    let moved = |outer: f32, inner: f32| {
        let band = Band { outer: (arc.band.outer + outer).max(0.01), inner: arc.band.inner + inner };
        Arc { band, ..*arc }
    };
    // From another place, so that another character is at the model's edge.
    let turned = Arc { start: arc.start - 0.15, sweep: arc.sweep + 0.3, ..*arc };
    [(turned, 1.3), (moved(-0.025, 0.02), 1.0), (moved(0.02, 0.02), 1.15), (moved(0.015, -0.02), 0.85)]
}

/// Lettering across the middle, upright by the arc's own middle. `band` is the arc's.
fn centre(
    readers: &Readers<'_>,
    ink: &GrayImage,
    ellipse: &Ellipse,
    up: f32,
    band: Option<Band>,
) -> Result<Vec<SealReading>> {
    let top = ellipse.at(up, 0.0);
    let angle = (top.y - ellipse.centre.y).atan2(top.x - ellipse.centre.x) + FRAC_PI_2;
    let reach = band.map_or(0.84, |band| (1.0 - band.inner).clamp(0.3, 0.8));
    let mut lines = centre_lines(ink, ellipse, angle, reach);
    let has_arc = band.is_some();
    if !has_arc {
        // Names across small seals are set narrow.
        let widened: Vec<RgbImage> =
            lines.iter().map(|l| crate::raster::resized(l, l.width() * 3 / 2, l.height())).collect();
        lines.extend(widened);
    }
    let holds_lettering = |lattice: &Lattice| {
        let (count, sum) = han_read(lattice);
        count >= 2 && sum / count as f32 > LETTERING
    };
    // A star or a gap between rows is no lettering to the quick model either.
    let mut looks = readers.quickly(&lines)?.into_iter();
    lines.retain(|_| looks.next().is_some_and(|lattice| han_read(&lattice).0 >= 1));
    let read = readers.carefully(&lines)?;
    Ok(read.into_iter().filter(holds_lettering).map(|lattice| reading(SealPart::Centre, lattice)).collect())
}

/// Mean posterior of lettering.
const LETTERING: f32 = 0.6;

/// A second arc right inside the first, and the digits at the bottom right inside the ring.
fn inner_arc_and_code(
    readers: &Readers<'_>,
    ink: &GrayImage,
    ellipse: &Ellipse,
    up: f32,
    band: Band,
) -> Result<Vec<SealReading>> {
    let thickness = (band.inner - band.outer) * 0.8;
    let second = Band { outer: band.inner + 0.01, inner: (band.inner + 0.03 + thickness).min(0.75) };
    let inner = Arc { band: second, start: up - 0.8 * PI, sweep: 1.6 * PI, feet_out: false };
    let digits = Band { outer: 0.03, inner: 0.17 };
    let code = Arc { band: digits, start: up + 0.62 * PI, sweep: 0.76 * PI, feet_out: true };
    let mut lines = vec![unrolled(ink, ellipse, &code, 1.0), unrolled(ink, ellipse, &inner, 1.0)];
    let mut looks = readers.quickly(&lines)?.into_iter();
    let digits = looks.next().filter(|lattice| lattice.text().chars().filter(char::is_ascii_digit).count() >= CODE);
    let has_inner = looks.next().is_some_and(|lattice| han_read(&lattice).0 >= 1);
    let read = if has_inner { readers.carefully(&lines.split_off(1))? } else { Vec::new() };
    let inner = read.into_iter().map(|lattice| reading(SealPart::Inner, lattice));
    let inner = inner.filter(|r| han_read(&r.lattice).0 >= 3 && r.score > 0.7);
    Ok(inner.chain(digits.map(|lattice| reading(SealPart::Code, lattice))).collect())
}

/// Digits of a code that are read at least; codes have 13.
const CODE: usize = 6;

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
