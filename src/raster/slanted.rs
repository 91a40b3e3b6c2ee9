//! Pale ink that runs aslant under or over a page's print: watermarks set again and again across a sheet, large or
//! small. The print is painted out, and what is left is asked whether it stands in rows at an angle.

use std::ops::Range;

use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage};

use super::pale::{Reduced, darkest_channel, paper};
use super::{resized, resized_grey};
use crate::geometry::{Point, Quad};

/// What counts as ink of slanted marks. Contrasts are in 255ths of the paper around.
#[derive(Debug, Clone)]
pub struct SlantParams {
    /// Long side of the page on which the ink is looked for, pixels: A4 at 150 dpi, at which characters of 3 mm have
    /// 18 pixels.
    pub long_side_px: u32,
    /// Side of the tiles whose light pixels give the paper's level: wider than a large mark's strokes.
    pub tile_px: u32,
    /// Paper is at least so light beside the page's lightest: a desk around a photographed sheet is not.
    pub least_paper: f32,
    /// Least contrast: above the noise of a scanner and of JPEG at quality 50.
    pub least: u8,
    /// Contrast from which ink is print.
    pub print: u8,
    /// Print reaches this far: the soft edge of a scanned glyph.
    pub edge_px: u32,
    /// Sides of the windows, pixels, smallest first, whose known ink is continued under print.
    pub bridges_px: [u32; 3],
    /// Share of such a window that must be known.
    pub least_known: f32,
    /// Share of the paper that is pale ink from which rows are looked for. Text pages have 0.0001 to 0.005 without a
    /// watermark, 0.009 to 0.08 with one; when marks are covered, few are left.
    pub least_share: f32,
    /// Angles of rows, degrees either way from level: below are a skewed scan's own lines, above one would call it a
    /// column.
    pub angles: Range<i32>,
    /// Step of the angles that are tried.
    pub step: i32,
    /// How much more uneven the ink lies across rows at an angle than at the median angle for the rows to be there: 2.4
    /// to 13 with a watermark, up to 1.5 without one.
    pub least_peak: f32,
    /// Angles that are believed at most: a lattice of short marks has rows at other angles, too.
    pub most_angles: usize,
    /// Angles nearer than this are one.
    pub same_angle: i32,
}

impl Default for SlantParams {
    fn default() -> Self {
        Self {
            long_side_px: 1754,
            tile_px: 32,
            least_paper: 0.5,
            least: 12,
            print: 80,
            edge_px: 2,
            bridges_px: [3, 5, 9],
            least_known: 0.15,
            least_share: 0.003,
            angles: 10..61,
            step: 2,
            least_peak: 1.7,
            most_angles: 2,
            same_angle: 6,
        }
    }
}

/// The slanted pale ink of a page.
#[derive(Debug, Clone)]
pub struct SlantedInk {
    /// The ink, black on white, smaller than the page by `scale`.
    pub layer: GrayImage,
    /// Where the layer shows the page and not what was put in print's place: 255, else 0.
    pub known: GrayImage,
    /// The paper's level at each pixel.
    pub paper: GrayImage,
    /// Its size in that of the page.
    pub scale: f32,
    /// Angles of its rows, radians clockwise from level, the surest first.
    pub angles: Vec<f32>,
}

/// The pale ink of a page when it stands in slanted rows.
pub fn slanted_ink(pixels: &RgbImage, reduced: &Reduced, params: &SlantParams) -> Option<SlantedInk> {
    if !may_have_pale_ink(reduced, params) {
        return None;
    }
    let long = pixels.width().max(pixels.height()).max(1);
    let scale = (params.long_side_px as f32 / long as f32).min(1.0);
    let side = |length: u32| ((length as f32 * scale).round() as u32).max(1);
    let small = resized(pixels, side(pixels.width()), side(pixels.height()));
    let levels = darkest_channel(&small);
    let paper = paper(&levels, params.tile_px);
    let (mut ink, mut known) = contrast(levels, &paper, params);
    spread_unknown(&mut known, params.edge_px);
    let mut blank = 0u32;
    let mut pale = Vec::new();
    for ((x, y, level), known) in ink.enumerate_pixels().zip(known.iter()) {
        if *known > 0 {
            blank += 1;
            if level.0[0] > params.least {
                pale.push((x as f32, y as f32, level.0[0]));
            }
        }
    }
    if (pale.len() as f32) < params.least_share * blank as f32 {
        return None;
    }
    let angles = angles(&pale, params);
    if angles.is_empty() {
        return None;
    }
    bridge(&mut ink, &known, params);
    let gain = gain(&pale, params);
    for level in ink.iter_mut() {
        *level = 255 - (f32::from(level.saturating_sub(params.least / 2)) * gain).min(255.0) as u8;
    }
    Some(SlantedInk { layer: ink, known, paper, scale, angles })
}

/// A first look at the reduced page, where most pages without a watermark end.
fn may_have_pale_ink(reduced: &Reduced, params: &SlantParams) -> bool {
    let (mut ink, mut known) = contrast(reduced.levels.clone(), &reduced.paper, params);
    spread_unknown(&mut known, params.edge_px);
    for (level, known) in ink.iter_mut().zip(known.iter()) {
        *level = if *known > 0 { *level } else { 0 };
    }
    let paper = known.iter().filter(|known| **known > 0).count();
    let pale = ink.iter().filter(|level| **level > params.least).count();
    pale as f32 >= params.least_share * paper as f32
}

/// How much darker than the paper each pixel is, print's own and what is no paper 0; and where it is neither.
fn contrast(mut ink: GrayImage, paper: &GrayImage, params: &SlantParams) -> (GrayImage, GrayImage) {
    let mut histogram = [0u32; 256];
    paper.iter().for_each(|&level| histogram[usize::from(level)] += 1);
    let darkest = (f32::from(super::percentile(&histogram, 0.9)) * params.least_paper) as u8;
    let mut known = GrayImage::from_pixel(ink.width(), ink.height(), Luma([255]));
    for ((level, known), paper) in ink.iter_mut().zip(known.iter_mut()).zip(paper.iter()) {
        let contrast = u32::from(paper.saturating_sub(*level)) * 255 / u32::from(*paper).max(1);
        *level = contrast.min(255) as u8;
        if *paper < darkest || *level > params.print {
            (*level, *known) = (0, 0);
        }
    }
    (ink, known)
}

/// What is unknown grows by `reach` pixels, along and across.
fn spread_unknown(known: &mut GrayImage, reach: u32) {
    let width = known.width() as usize;
    if width == 0 {
        return;
    }
    let reach = reach as usize;
    let lower = |levels: &mut [u8], others: &[u8]| {
        for (level, &other) in levels.iter_mut().zip(others) {
            *level = (*level).min(other);
        }
    };
    let levels: &mut [u8] = known;
    for row in levels.chunks_exact_mut(width) {
        let before = row.to_vec();
        for step in 1..=reach.min(width - 1) {
            lower(&mut row[step..], &before);
            lower(row, &before[step..]);
        }
    }
    let before = levels.to_vec();
    for step in (1..=reach).map(|rows| rows * width).take_while(|&step| step < before.len()) {
        lower(&mut levels[step..], &before);
        lower(levels, &before[step..]);
    }
}

/// The angles at which the ink stands in rows.
fn angles(pale: &[(f32, f32, u8)], params: &SlantParams) -> Vec<f32> {
    /// Height of the bins that the ink is counted in across rows: some six to a small character.
    const BIN_PX: f32 = 4.0;
    /// Ink beyond this counts no more, so that a spot does not outweigh a stroke.
    const MOST: u8 = 40;
    let end = params.angles.end - 1;
    let tried: Vec<i32> = (-end..=end).step_by(params.step as usize).collect();
    let far = pale.iter().fold(0.0f32, |far, &(x, y, _)| far.max(x.hypot(y)));
    let unevenness: Vec<f32> = tried
        .iter()
        .map(|&degrees| {
            let (sin, cos) = (degrees as f32).to_radians().sin_cos();
            let mut profile = vec![0.0f32; (2.0 * far / BIN_PX) as usize + 2];
            for &(x, y, level) in pale {
                let across = (cos * y - sin * x + far) / BIN_PX;
                if let Some(bin) = profile.get_mut(across as usize) {
                    *bin += f32::from(level.min(MOST));
                }
            }
            profile.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum()
        })
        .collect();
    let mut sorted = unevenness.clone();
    sorted.sort_by(f32::total_cmp);
    let median = sorted[sorted.len() / 2].max(f32::MIN_POSITIVE);
    // The foot of the peak that level print makes is no row of its own.
    let is_peak = |i: usize| {
        let beside = [i.checked_sub(1), Some(i + 1)].into_iter().flatten();
        beside.filter_map(|j| unevenness.get(j)).all(|&other| other <= unevenness[i])
    };
    let mut order: Vec<usize> =
        (0..tried.len()).filter(|&i| tried[i].abs() >= params.angles.start && is_peak(i)).collect();
    order.sort_by(|&a, &b| unevenness[b].total_cmp(&unevenness[a]));
    let mut found: Vec<i32> = Vec::new();
    for i in order {
        if unevenness[i] < params.least_peak * median || found.len() == params.most_angles {
            break;
        }
        if found.iter().all(|&known| (known - tried[i]).abs() >= params.same_angle) {
            found.push(tried[i]);
        }
    }
    found.into_iter().map(|degrees| (degrees as f32).to_radians()).collect()
}

/// Continues the known ink under print, as far as the windows reach.
fn bridge(ink: &mut GrayImage, known: &GrayImage, params: &SlantParams) {
    let (width, height) = ink.dimensions();
    let stride = width as usize + 1;
    // Sums of the known ink and of what is known, above and to the left.
    let mut sums = vec![(0u32, 0u32); stride * (height as usize + 1)];
    for y in 0..height {
        let mut row = (0, 0);
        for x in 0..width {
            if known.get_pixel(x, y).0[0] > 0 {
                row.0 += u32::from(ink.get_pixel(x, y).0[0]);
                row.1 += 1;
            }
            let at = (y as usize + 1) * stride + x as usize + 1;
            let above = sums[at - stride];
            sums[at] = (above.0 + row.0, above.1 + row.1);
        }
    }
    for y in 0..height {
        for x in 0..width {
            if known.get_pixel(x, y).0[0] > 0 {
                continue;
            }
            let mean = params.bridges_px.iter().find_map(|&window| {
                let half = window / 2;
                let (left, right) = (x.saturating_sub(half) as usize, (x + half + 1).min(width) as usize);
                let (top, bottom) = (y.saturating_sub(half) as usize, (y + half + 1).min(height) as usize);
                let corner = |y: usize, x: usize| sums[y * stride + x];
                let (a, b, c, d) = (corner(top, left), corner(top, right), corner(bottom, left), corner(bottom, right));
                let (ink, count) = (d.0 + a.0 - b.0 - c.0, d.1 + a.1 - b.1 - c.1);
                (count as f32 >= params.least_known * (window * window) as f32).then(|| ink / count.max(1))
            });
            ink.put_pixel(x, y, Luma([mean.unwrap_or(0).min(255) as u8]));
        }
    }
}

/// What brings the ink's usual contrast near black.
fn gain(pale: &[(f32, f32, u8)], params: &SlantParams) -> f32 {
    /// The median ink becomes so dark.
    const DARK: f32 = 160.0;
    let mut histogram = [0u32; 256];
    for &(_, _, level) in pale {
        histogram[usize::from(level)] += 1;
    }
    let usual = super::percentile(&histogram, 0.5).saturating_sub(params.least / 2);
    (DARK / f32::from(usual).max(1.0)).clamp(1.0, 10.0)
}

/// Deviation of even paper's level, and by how much it grows along a mark in a shadow: 3 levels in 32 pixels.
const NOISE: f32 = 1.0;
const SHADOW: f32 = 0.028;

/// A picture turned so that rows at an angle are level, with the way back.
pub struct Levelled {
    /// The turned picture, white around.
    pub pixels: RgbImage,
    angle: f32,
    /// The middle, in the page and in the turned picture.
    middles: (Point, Point),
    scale: f32,
}

impl SlantedInk {
    /// True where characters may stand on paper: a quad of the layer that is as long as two of them, with ink and bare
    /// paper in it that is even but for a shadow. Shades of a photo make up shorter ones, on no even ground.
    pub fn may_be_characters(&self, quad: &Quad) -> bool {
        /// Length in thicknesses; a detector's quad round two characters has 1.7.
        const LEAST_LENGTH: f32 = 1.6;
        /// Share that shows the page, and of that the share of bare paper and of ink.
        const LEAST_KNOWN: f32 = 0.15;
        const LEAST_BARE: f32 = 0.3;
        const LEAST_INK: f32 = 0.02;
        /// Darkness of bare paper at most, and of ink at least; see [`gain`].
        const BARE: u8 = 20;
        const INK: u8 = 100;
        if quad.length() < LEAST_LENGTH * quad.thickness() {
            return false;
        }
        let place = quad.bbox().clamped(self.layer.width(), self.layer.height());
        let inside = (place.top..place.bottom)
            .flat_map(|y| (place.left..place.right).map(move |x| (x, y)))
            .filter(|&(x, y)| quad.contains(Point::new(x as f32 + 0.5, y as f32 + 0.5)))
            .map(|(x, y)| (x as u32, y as u32));
        let (mut all, mut sum, mut squares) = (0u32, 0.0f32, 0.0f32);
        let (mut known, mut bare, mut ink) = (0u32, 0u32, 0u32);
        for (x, y) in inside {
            let paper = f32::from(self.paper.get_pixel(x, y).0[0]);
            (all, sum, squares) = (all + 1, sum + paper, squares + paper * paper);
            if self.known.get_pixel(x, y).0[0] > 0 {
                let dark = 255 - self.layer.get_pixel(x, y).0[0];
                known += 1;
                bare += u32::from(dark <= BARE);
                ink += u32::from(dark >= INK);
            }
        }
        let mean = sum / all.max(1) as f32;
        let deviation = (squares / all.max(1) as f32 - mean * mean).max(0.0).sqrt();
        known as f32 >= LEAST_KNOWN * all as f32
            && bare as f32 >= LEAST_BARE * known as f32
            && ink as f32 >= LEAST_INK * known as f32
            && deviation <= NOISE + SHADOW * quad.length()
    }

    /// The ink with rows at `angle` made level, `scale` times as large as the layer.
    pub fn levelled(&self, angle: f32, scale: f32) -> Levelled {
        let side = |length: u32| ((length as f32 * scale).round() as u32).max(1);
        let small = resized_grey(&self.layer, side(self.layer.width()), side(self.layer.height()));
        let (w, h) = (small.width() as f32, small.height() as f32);
        let (sin, cos) = angle.sin_cos();
        let (wide, high) = (w * cos.abs() + h * sin.abs(), w * sin.abs() + h * cos.abs());
        let (from, to) = (Point::new(w / 2.0, h / 2.0), Point::new(wide / 2.0, high / 2.0));
        let pixels = RgbImage::from_fn(wide.ceil() as u32, high.ceil() as u32, |x, y| {
            let (u, v) = (x as f32 + 0.5 - to.x, y as f32 + 0.5 - to.y);
            Rgb([sampled(&small, from.x + cos * u - sin * v - 0.5, from.y + sin * u + cos * v - 0.5); 3])
        });
        Levelled { pixels, angle, middles: (from, to), scale: scale * self.scale }
    }

    /// The layer as a picture.
    pub fn picture(&self) -> RgbImage {
        DynamicImage::ImageLuma8(self.layer.clone()).into_rgb8()
    }
}

impl Levelled {
    /// Where on the page a point of the turned picture lies.
    pub fn on_page(&self, p: Point) -> Point {
        let (sin, cos) = self.angle.sin_cos();
        let (from, to) = self.middles;
        let (u, v) = (p.x - to.x, p.y - to.y);
        Point::new((from.x + cos * u - sin * v) / self.scale, (from.y + sin * u + cos * v) / self.scale)
    }
}

/// Bilinear; white outside.
fn sampled(levels: &GrayImage, x: f32, y: f32) -> u8 {
    let (left, top) = (x.floor(), y.floor());
    let at = |dx: i32, dy: i32| {
        let (x, y) = (left as i32 + dx, top as i32 + dy);
        let is_inside = x >= 0 && y >= 0 && (x as u32) < levels.width() && (y as u32) < levels.height();
        if is_inside { f32::from(levels.get_pixel(x as u32, y as u32).0[0]) } else { 255.0 }
    };
    let (fx, fy) = (x - left, y - top);
    let mix = |a: f32, b: f32, t: f32| a + (b - a) * t;
    mix(mix(at(0, 0), at(1, 0), fx), mix(at(0, 1), at(1, 1), fx), fy) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::pale::PaleParams;

    /// Lines of print and, when told so, marks of three strokes in rows at an angle.
    fn page(degrees: Option<f32>, ground: impl Fn(u32, u32) -> u8) -> RgbImage {
        RgbImage::from_fn(827, 1169, |x, y| {
            let is_print = y % 24 < 12 && (80..760).contains(&x) && x % 14 < 6;
            let is_mark = degrees.is_some_and(|degrees| {
                let (sin, cos) = degrees.to_radians().sin_cos();
                let (x, y) = (x as f32, y as f32);
                let (u, v) = ((cos * x + sin * y).rem_euclid(150.0), (cos * y - sin * x).rem_euclid(90.0));
                u < 70.0 && v < 20.0 && (v % 8.0 < 3.0 || u % 20.0 < 3.0)
            });
            let paper = ground(x, y);
            Rgb([if is_print { 30 } else { paper - if is_mark { 35 } else { 0 } }; 3])
        })
    }

    fn ink_of(page: &RgbImage) -> Option<SlantedInk> {
        slanted_ink(page, &Reduced::new(page, &PaleParams::default()), &SlantParams::default())
    }

    #[test]
    fn marks_across_dense_print_are_seen_with_their_angle() {
        for degrees in [-40.0, -20.0, 25.0, 45.0] {
            let ink = ink_of(&page(Some(degrees), |_, _| 255)).expect("slanted ink");
            let off = ink.angles.iter().map(|angle| (angle.to_degrees() - degrees).abs()).fold(f32::MAX, f32::min);
            assert!(off <= 3.0, "{degrees}: {:?}", ink.angles);
        }
    }

    #[test]
    fn print_shade_and_noise_are_no_slanted_marks() {
        let shade = |x: u32, y: u32| 255 - ((x + y) / 20) as u8;
        let noise = |x: u32, y: u32| {
            let mixed = (x * 1000 + y).wrapping_mul(2_654_435_761);
            225 + ((mixed ^ mixed >> 15).wrapping_mul(2_246_822_519) >> 24) as u8 % 11
        };
        for ground in [&|_, _| 255, &shade as &dyn Fn(u32, u32) -> u8, &noise] {
            assert!(ink_of(&page(None, ground)).is_none());
        }
    }

    #[test]
    fn a_point_of_the_levelled_picture_is_found_again_on_the_page() {
        let ink = ink_of(&page(Some(-20.0), |_, _| 255)).expect("slanted ink");
        let levelled = ink.levelled(ink.angles[0], 0.5);
        let middle = Point::new(levelled.pixels.width() as f32 / 2.0, levelled.pixels.height() as f32 / 2.0);
        assert!(levelled.on_page(middle).distance(Point::new(413.5, 584.5)) < 2.0);
    }
}
