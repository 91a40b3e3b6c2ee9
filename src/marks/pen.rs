//! A row of print → the same without what a pen drew over it: ink of another colour than the print's, and strokes that
//! run straight on for longer than those of characters do.

use std::ops::Range;

use image::{GrayImage, Luma, RgbImage};

use super::window::darkest_paper;
use crate::geometry::Bbox;
use crate::raster::{COLOURED, chroma, ink, luma_histogram, percentile};

/// Least share of a row that is coloured where a pen or a brush of a colour went over it.
const LEAST_COLOURED: f32 = 0.02;
/// Share of the coloured ink's own lightness values from which on it counts as paper: where it lies over print it is
/// darker.
const INK_LEVEL: f32 = 0.3;
/// Least step from print to coloured ink in the channel in which that is lightest; a dark blue pen has less.
const LEAST_STEP: u8 = 40;
/// Rise of the straight strokes that are looked for in their run, as tangents of 2 to 45 degrees, to either side.
const FLAT: [f32; 9] = [-0.14, -0.105, -0.07, -0.035, 0.0, 0.035, 0.07, 0.105, 0.14];
const SLANTED: [f32; 10] = [-1.0, -0.81, -0.65, -0.51, -0.36, 0.36, 0.51, 0.65, 0.81, 1.0];
const STEEP: [f32; 4] = [-0.23, -0.16, 0.16, 0.23];
/// Least length of a pen's stroke in ems. Strokes of characters that slant are curved, or straight for three quarters
/// of an em; level ones of neighbouring characters meet in bold type at most in pairs of shorter ones; upright ones are
/// as long as a character is high.
const LONG_SLANTED: f32 = 0.85;
const LONG_FLAT: f32 = 1.35;
const LONG_STEEP: f32 = 1.0;
/// Share of the row's height at its top and bottom where level strokes are rules and underlines.
const RULES: f32 = 0.25;
/// Columns without a pen between two with one, and least columns of all, in ems.
const GAP: f32 = 0.7;
const LEAST_WIDTH: f32 = 0.9;
/// Least share of what is left that is ink where print may be: that of one thin character is 0.05 and more.
const LEAST_LEFT: f32 = 0.02;

/// A row without a pen's strokes.
#[derive(Debug, Clone)]
pub(super) struct Cleared {
    /// In grey, paper light, of the same size.
    pub(super) picture: RgbImage,
    /// Columns between the pen's first and last stroke.
    pub(super) columns: Range<u32>,
}

impl Cleared {
    /// False when hardly anything is left between the pen's strokes: all of it was the pen's, or of its colour.
    pub(super) fn is_inked(&self) -> bool {
        let Range { start, end } = self.columns;
        let place = Bbox::from_ltrb(start as i32, 0, end as i32, self.picture.height() as i32);
        let histogram = luma_histogram(&self.picture, place);
        let dark = darkest_paper(percentile(&histogram, 0.85));
        let inked: u32 = histogram[..usize::from(dark)].iter().sum();
        inked as f32 >= place.area() as f32 * LEAST_LEFT
    }
}

/// The row without what a pen drew; `None` where no pen was at work. `em` is the type's size in pixels.
pub(super) fn cleared(row: &RgbImage, em: f32) -> Option<Cleared> {
    let (mut light, coloured) = without_colour(row);
    let mut strokes = straight_strokes(&light, em);
    let paper = lightest(&light);
    for (x, y) in positions(&strokes).filter(|&(x, y)| strokes.get_pixel(x, y).0[0] > 0).collect::<Vec<_>>() {
        for (x, y) in [(x, y), (x.saturating_sub(1), y), (x + 1, y), (x, y.saturating_sub(1)), (x, y + 1)] {
            if x < light.width() && y < light.height() {
                light.put_pixel(x, y, Luma([paper]));
            }
        }
    }
    if let Some(coloured) = coloured {
        for (stroke, colour) in strokes.pixels_mut().zip(coloured.pixels()) {
            stroke.0[0] = stroke.0[0].max(colour.0[0]);
        }
    }
    let columns = longest(&strokes, (em * GAP) as u32)?;
    let is_wide = columns.len() as f32 >= em * LEAST_WIDTH;
    let picture = RgbImage::from_fn(light.width(), light.height(), |x, y| image::Rgb([light.get_pixel(x, y).0[0]; 3]));
    is_wide.then_some(Cleared { picture, columns })
}

fn positions(picture: &GrayImage) -> impl Iterator<Item = (u32, u32)> + use<> {
    let (width, height) = picture.dimensions();
    (0..height).flat_map(move |y| (0..width).map(move |x| (x, y)))
}

/// The lightness that most of a picture does not exceed.
fn lightest(picture: &GrayImage) -> u8 {
    let mut histogram = [0u32; 256];
    picture.pixels().for_each(|pixel| histogram[usize::from(pixel.0[0])] += 1);
    percentile(&histogram, 0.85)
}

/// A row in the channel in which each pixel is lightest, in which coloured ink is as light as paper or nearly, and where
/// that ink is, when there is any.
fn without_colour(row: &RgbImage) -> (GrayImage, Option<GrayImage>) {
    let strongest = ink::without_colour(row, Bbox::from_ltrb(0, 0, row.width() as i32, row.height() as i32));
    let light = GrayImage::from_fn(row.width(), row.height(), |x, y| Luma([strongest.get_pixel(x, y).0[0]]));
    let is_coloured = |pixel: &image::Rgb<u8>| chroma(pixel.0) > COLOURED;
    let (mut all, mut inked, mut count) = ([0u32; 256], [0u32; 256], 0u32);
    for (pixel, level) in row.pixels().zip(light.pixels()) {
        let level = usize::from(level.0[0]);
        all[level] += 1;
        if is_coloured(pixel) {
            inked[level] += 1;
            count += 1;
        }
    }
    if (count as f32) < LEAST_COLOURED * (row.width() * row.height()) as f32 {
        return (light, None);
    }
    let coloured = GrayImage::from_fn(row.width(), row.height(), |x, y| {
        Luma([if is_coloured(row.get_pixel(x, y)) { 255 } else { 0 }])
    });
    let (level, dark) = (percentile(&inked, INK_LEVEL), percentile(&all, 0.01));
    if level < dark.saturating_add(LEAST_STEP) {
        let paper = lightest(&light);
        let cut = |x, y| if coloured.get_pixel(x, y).0[0] > 0 { Luma([paper]) } else { *light.get_pixel(x, y) };
        return (GrayImage::from_fn(row.width(), row.height(), cut), Some(coloured));
    }
    let range = f32::from(level - dark);
    let spread = |value: u8| (f32::from(value.saturating_sub(dark)) / range * 255.0).min(255.0) as u8;
    let light = GrayImage::from_fn(row.width(), row.height(), |x, y| Luma([spread(light.get_pixel(x, y).0[0])]));
    (light, Some(coloured))
}

/// The straight strokes that are longer than characters have them, 255 where there is one.
fn straight_strokes(light: &GrayImage, em: f32) -> GrayImage {
    let (width, height) = light.dimensions();
    let dark = darkest_paper(lightest(light));
    let ink: Vec<bool> = light.pixels().map(|pixel| pixel.0[0] < dark).collect();
    let mut strokes = GrayImage::new(width, height);
    let along = Walk { ink: &ink, length: width as i32, across: height as i32, step: (1, width as usize) };
    let down = Walk { ink: &ink, length: height as i32, across: width as i32, step: (width as usize, 1) };
    let mut mark = |at: usize| strokes.as_mut()[at] = 255;
    let rules = (height as f32 * RULES) as i32;
    for tangent in FLAT {
        along.runs(tangent, em * LONG_FLAT, rules..height as i32 - rules, &mut mark);
    }
    for tangent in SLANTED {
        along.runs(tangent, em * LONG_SLANTED, 0..height as i32, &mut mark);
        down.runs(tangent, em * LONG_SLANTED, 0..width as i32, &mut mark);
    }
    for tangent in STEEP {
        down.runs(tangent, em * LONG_STEEP, 0..width as i32, &mut mark);
    }
    strokes
}

/// Ink that is followed along rows, or along columns.
struct Walk<'a> {
    ink: &'a [bool],
    length: i32,
    across: i32,
    /// From a place to the next one along and across.
    step: (usize, usize),
}

impl Walk<'_> {
    /// Marks the runs of ink that keep to a straight line of this slope for `least` pixels with their middle in `within`.
    fn runs(&self, tangent: f32, least: f32, within: Range<i32>, mark: &mut dyn FnMut(usize)) {
        let least = ((least / (1.0 + tangent * tangent).sqrt()) as i32).max(2);
        let rises: Vec<i32> = (0..self.length).map(|along| (tangent * along as f32).round() as i32).collect();
        let (lowest, highest) = (rises.iter().min().copied().unwrap_or(0), rises.iter().max().copied().unwrap_or(0));
        let at = |along: i32, start: i32| {
            let across = start + rises[along as usize];
            (0..self.across).contains(&across).then(|| along as usize * self.step.0 + across as usize * self.step.1)
        };
        let is_ink = |along: i32, start: i32| at(along, start).is_some_and(|at| self.ink[at]);
        // A long run meets two of these places in a row, print seldom does.
        let stride = least / 2;
        for start in -highest..self.across - lowest {
            let mut along = 0;
            while along + stride < self.length {
                if !(is_ink(along + stride, start) && is_ink(along, start)) {
                    along += stride;
                    continue;
                }
                let from = (0..along).rev().take_while(|&x| is_ink(x, start)).last().unwrap_or(along);
                let to = (along..self.length).find(|&x| !is_ink(x, start)).unwrap_or(self.length);
                let middle = start + rises[i32::midpoint(from, to).min(self.length - 1) as usize];
                if to - from >= least && within.contains(&middle) {
                    (from..to).filter_map(|along| at(along, start)).for_each(&mut *mark);
                }
                along += ((to - along) / stride).max(1) * stride;
            }
        }
    }
}

/// The longest stretch of columns with strokes and gaps up to `gap` between them.
fn longest(strokes: &GrayImage, gap: u32) -> Option<Range<u32>> {
    let mut stretches: Vec<Range<u32>> = Vec::new();
    for x in (0..strokes.width()).filter(|&x| (0..strokes.height()).any(|y| strokes.get_pixel(x, y).0[0] > 0)) {
        match stretches.last_mut() {
            Some(last) if x - last.end <= gap => last.end = x + 1,
            _ => stretches.push(x..x + 1),
        }
    }
    stretches.into_iter().max_by_key(Range::len)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    const EM: i32 = 30;

    /// Four characters of upright and level strokes with what a pen drew over the second and third.
    fn row(pen: impl Fn(i32, i32) -> Option<[u8; 3]>) -> RgbImage {
        RgbImage::from_fn(160, 48, |x, y| {
            let (x, y) = (x as i32, y as i32);
            let (u, v) = ((x - 10) % (EM + 4), y - 9);
            let is_print =
                (10..10 + 4 * (EM + 4)).contains(&x) && (0..EM).contains(&v) && u < EM - 2 && (u % 9 < 3 || v % 10 < 3);
            let print = if is_print { [30; 3] } else { [246, 244, 240] };
            Rgb(pen(x, y).unwrap_or(print))
        })
    }

    /// A zigzag from 48 to 108, four pixels wide.
    fn zigzag(x: i32, y: i32) -> bool {
        let phase = (x - 48).rem_euclid(30);
        let height = 2 * if phase < 15 { phase } else { 30 - phase };
        (48..108).contains(&x) && (y - 9 - height).abs() <= 4
    }

    fn is_print_left(cleared: &Cleared) -> bool {
        let print = cleared.picture.pixels().filter(|pixel| pixel.0[0] < 100).count();
        print * 10 > row(|_, _| None).pixels().filter(|pixel| pixel.0[0] < 100).count() * 6
    }

    #[test]
    fn a_zigzag_is_taken_away_and_print_stays() {
        for ink in [[20, 20, 20], [200, 30, 40], [30, 60, 190]] {
            let found = cleared(&row(|x, y| zigzag(x, y).then_some(ink)), EM as f32).expect("a pen");
            assert!((44..=52).contains(&found.columns.start), "{ink:?} {:?}", found.columns);
            assert!((104..=112).contains(&found.columns.end), "{ink:?} {:?}", found.columns);
            assert!(is_print_left(&found), "{ink:?}");
            assert!(found.picture.get_pixel(63, 39).0[0] > 150, "{ink:?}");
        }
    }

    #[test]
    fn a_line_struck_through_is_taken_away_and_a_rule_under_the_row_is_none() {
        let level =
            |top: i32| move |x: i32, y: i32| ((40..108).contains(&x) && (top..top + 3).contains(&y)).then_some([20; 3]);
        let found = cleared(&row(level(24)), EM as f32).expect("a pen");
        assert!((38..=42).contains(&found.columns.start) && (106..=110).contains(&found.columns.end));
        assert!(cleared(&row(level(43)), EM as f32).is_none(), "an underline");
    }

    #[test]
    fn print_alone_has_no_pen() {
        assert!(cleared(&row(|_, _| None), EM as f32).is_none());
    }
}
