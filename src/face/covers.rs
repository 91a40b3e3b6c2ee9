//! Pixels around a face's eyes → what covers them: a solid block, a blur or mosaic, or nothing.

use image::RgbImage;

use super::FaceParams;
use super::detect::RawFace;
use super::eyes::Axes;
use super::patch;
use super::portrait;
use super::solid::{self, Blurred, Samples, SolidParams};
use crate::geometry::{Bbox, Quad};
use crate::raster::luma;

/// When eyes count as covered.
#[derive(Debug, Clone)]
pub struct CoverParams {
    /// How far in eye distances a bar may lie beside the eyes of a face that the network barely sees; under a bar
    /// it guesses them up to 0.45 off. A mask over mouth and nose begins 0.4 below the eyes and is too far
    /// down to be taken for a portrait's eye bar.
    pub unsure_slack: f32,
    /// The same beside a bar as large as eye masks are, when the score is below `clear_score`: the network puts eyes that it
    /// does not see at the edge of such a bar.
    pub bar_slack: f32,
    /// Least longer and shorter side of such a bar in eye distances.
    pub bar_sides: [f32; 2],
    /// Score from which the eyes of a face are seen for sure.
    pub clear_score: f32,
    /// Luma of an iris as a share of the cheeks' at most …
    pub most_iris: f32,
    /// … in so large a share of what is left beside a bar of the place of an eye, 0.44 × 0.28 eye distances; an iris has 0.19
    /// of their width, which is a quarter of the place …
    pub least_iris: f32,
    /// … when so much of the place is left.
    pub least_free: f32,
    /// Distances of the middle of a bar over the eyes from the mouth, in eye distances: eyes lie 1.0 to 1.25 above the mouth.
    pub mouth: [f32; 2],
    /// How far beyond a bar that lies elsewhere eyes are looked for …
    pub beside_bar: f32,
    /// … unless it is so high that it is a block over the whole face.
    pub most_bar: f32,
    /// Eye distance in pixels from which blur and mosaic can be told from small print; below it a face has too
    /// few pixels.
    pub least_eye_distance: f32,
    /// Steepest slope around the eyes, as a share of the face's whole range of luma per eye distance: bare eyes on
    /// sharp and blurred scans measured 2.9 and more, eyes blurred by 0.3 of their distance up to 1.5.
    pub most_slope: f32,
    /// Steepest step between neighbours as a share of the eyes' own range, which tells a slighter blur of large eyes:
    /// bare ones measured 0.1 and more.
    pub most_steepness: f32,
    /// How many times steeper the surroundings of a blurred patch are; a page that is blurred all over is no mask.
    pub least_contrast: f32,
    /// How many times steeper a mosaic's block borders are than what lies between them.
    pub least_lattice: f32,
}

impl Default for CoverParams {
    fn default() -> Self {
        Self {
            unsure_slack: 0.35,
            bar_slack: 0.15,
            bar_sides: [1.8, 0.8],
            clear_score: 0.8,
            most_iris: 0.6,
            least_iris: 0.08,
            least_free: 0.12,
            mouth: [0.8, 1.4],
            beside_bar: 0.4,
            most_bar: 1.2,
            least_eye_distance: 18.0,
            most_slope: 1.8,
            most_steepness: 0.08,
            least_contrast: 2.0,
            least_lattice: 3.5,
        }
    }
}

/// What covers the eyes of a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EyeCover {
    /// Nothing.
    None,
    /// A solid block over one of them; `open_right` when the one on the right shows.
    OneEye { open_right: bool },
    /// A solid block over both.
    Solid,
    /// A bar so near that they may be under it, but something as dark as an eye shows beside it where the network sees them.
    Beside,
    /// A blur or mosaic, which may be undone.
    Weak,
}

/// What covers the eyes of the face in `face`.
pub(super) fn over_eyes(pixels: &RgbImage, axes: &Axes, face: &RawFace, params: &FaceParams) -> EyeCover {
    let covers = &params.covers;
    let slack = if face.score < params.sure_score { covers.unsure_slack } else { 0.0 };
    let covered = solid::covered_eyes(pixels, axes, &params.solid);
    if covered == [true, true] {
        let paint = Samples::within(pixels, axes, [-0.6, -0.1, 0.6, 0.1]).and_then(|place| middle(&place));
        let shows = paint.is_some_and(|paint| misses_the_eyes(pixels, axes, face, paint, covers));
        if shows { EyeCover::Beside } else { EyeCover::Solid }
    } else if let Some(bar) = bar_over(pixels, axes, face.bbox(), slack, &params.solid)
        .or_else(|| turned_bar_over(pixels, axes, face, params))
    {
        let shows = an_eye_shows(pixels, axes, bar, covers) || misses_the_eyes(pixels, axes, face, bar, covers);
        if shows { EyeCover::Beside } else { EyeCover::Solid }
    } else if covered[0] || covered[1] {
        // The edges of one block would pass for a mosaic's.
        EyeCover::OneEye { open_right: covered[0] }
    } else if axes.eye_distance >= covers.least_eye_distance
        && (is_mosaic(pixels, axes, covers)
            || is_blurred(pixels, axes, covers)
            || solid::both_eyes_are_smooth(pixels, axes, &params.solid))
    {
        EyeCover::Weak
    } else {
        EyeCover::None
    }
}

/// True when something dark shows beside a bar of the colour `paint` where the network sees an eye: a guess may be the
/// brow above the bar, but it may be the eye as well.
pub(super) fn an_eye_shows(pixels: &RgbImage, axes: &Axes, paint: [u8; 3], params: &CoverParams) -> bool {
    an_eye_shows_between(pixels, axes, paint, [-0.14, 0.14], params)
}

/// The same between two lines along the eyes, in eye distances below them.
fn an_eye_shows_between(
    pixels: &RgbImage,
    axes: &Axes,
    paint: [u8; 3],
    [top, bottom]: [f32; 2],
    params: &CoverParams,
) -> bool {
    let cheeks = Samples::within(pixels, axes, [-0.6, 0.55, 0.6, 1.0]).unwrap_or_default();
    let Some(skin) = middle(&cheeks).map(luma) else { return true };
    let dark = params.most_iris * f32::from(skin);
    [-0.5, 0.5].into_iter().any(|x| {
        let (free, share) = Samples::beside_paint(pixels, axes, [x - 0.22, top, x + 0.22, bottom], paint);
        let iris = free.iter().filter(|&&p| f32::from(luma(p)) < dark).count();
        share >= params.least_free && iris as f32 >= params.least_iris * free.len() as f32
    })
}

/// True when a bar lies too near to the mouth or too far from it for the eyes to be under it and something as dark as eyes
/// shows on its other side: beside a bar the network takes its edge for the eyes, but it sees the mouth.
fn misses_the_eyes(pixels: &RgbImage, axes: &Axes, face: &RawFace, paint: [u8; 3], params: &CoverParams) -> bool {
    let Some([top, bottom]) = extent_of_paint(pixels, axes, paint) else { return false };
    if bottom - top > params.most_bar {
        return false;
    }
    let mouth = axes.offset_of(face.landmarks[3].lerp(face.landmarks[4], 0.5)).y;
    let [near, far] = params.mouth;
    let gap = mouth - f32::midpoint(top, bottom);
    let reach = params.beside_bar;
    (gap < near && an_eye_shows_between(pixels, axes, paint, [top - reach, top], params))
        || (gap > far && an_eye_shows_between(pixels, axes, paint, [bottom, bottom + reach], params))
}

/// From where to where paint reaches between the eyes, in eye distances below them.
fn extent_of_paint(pixels: &RgbImage, axes: &Axes, paint: [u8; 3]) -> Option<[f32; 2]> {
    /// Largest channel difference from paint.
    const PAINT: u8 = 28;
    const STEP: f32 = 0.02;
    let is_paint = |y: f32| {
        let p = axes.at(0.0, y);
        let inside = p.x >= 0.0 && p.y >= 0.0 && p.x < pixels.width() as f32 && p.y < pixels.height() as f32;
        inside && {
            let colour = pixels.get_pixel(p.x as u32, p.y as u32).0;
            (0..3).all(|c| colour[c].abs_diff(paint[c]) <= PAINT)
        }
    };
    let start = (0..20).flat_map(|i| [i as f32 * STEP, i as f32 * -STEP]).find(|&y| is_paint(y))?;
    let end =
        |step: f32| (1..100).map(|i| start + i as f32 * step).take_while(|&y| is_paint(y)).last().unwrap_or(start);
    Some([end(-STEP), end(STEP)])
}

/// The middle value of each channel.
fn middle(colours: &[[u8; 3]]) -> Option<[u8; 3]> {
    (!colours.is_empty()).then(|| {
        std::array::from_fn(|c| {
            let mut values: Vec<u8> = colours.iter().map(|colour| colour[c]).collect();
            values.sort_unstable();
            values[values.len() / 2]
        })
    })
}

/// The colour of a bar of one colour that holds both eyes; landmarks under a bar may lie at its edge, where a patch
/// around them is not flat, or `slack` eye distances beside it where the face is barely seen.
fn bar_over(pixels: &RgbImage, axes: &Axes, face: Bbox, slack: f32, params: &SolidParams) -> Option<[u8; 3]> {
    let around = face.expanded(face.width() / 4, face.height() / 8).clamped(pixels.width(), pixels.height());
    let bar = portrait::eye_bar(pixels, around).filter(|&bar| {
        let wide = bar.width().max(bar.height()) as f32 >= 1.4 * axes.eye_distance;
        let high = bar.width().min(bar.height()) as f32 >= 0.4 * axes.eye_distance;
        let beside = (slack * axes.eye_distance) as i32;
        let reach = bar.expanded(beside, beside);
        wide && high
            && solid::is_of_one_tone(pixels, bar, Blurred::of(pixels, axes), params)
            && [axes.at(-0.5, 0.0), axes.at(0.5, 0.0)].into_iter().all(|eye| reach.contains(eye))
    })?;
    Some(colour_of(pixels, bar))
}

/// The colour in the middle of a bar.
pub(super) fn colour_of(pixels: &RgbImage, bar: Bbox) -> [u8; 3] {
    let middle = bar.centre();
    let (x, y) = (middle.x.max(0.0) as u32, middle.y.max(0.0) as u32);
    pixels.get_pixel(x.min(pixels.width() - 1), y.min(pixels.height() - 1)).0
}

/// The colour of a bar as large as eye masks are that holds both eyes of a face that is not clearly seen. It may be turned.
fn turned_bar_over(pixels: &RgbImage, axes: &Axes, raw: &RawFace, params: &FaceParams) -> Option<[u8; 3]> {
    let covers = &params.covers;
    if raw.score >= covers.clear_score {
        return None;
    }
    let face = raw.bbox();
    let around = face.expanded(face.width() / 4, face.height() / 8).clamped(pixels.width(), pixels.height());
    let [long, short] = covers.bar_sides.map(|side| side * axes.eye_distance);
    let patches = patch::painted_patches(pixels, around, &params.patches);
    let bar = patches.iter().find(|patch| {
        patch.bar.is_some_and(|bar| {
            bar.sides[0] >= long
                && bar.sides[1] >= short
                && [-0.5, 0.5].into_iter().all(|x| bar.holds(axes.at(x, 0.0), covers.bar_slack * axes.eye_distance))
        }) && solid::is_of_one_tone(pixels, patch.core(), Blurred::of(pixels, axes), &params.solid)
    })?;
    Some(colour_of(pixels, bar.bbox))
}

/// Luma of a part of the page, row-major.
struct Patch {
    width: usize,
    height: usize,
    luma: Vec<f32>,
}

impl Patch {
    fn of(pixels: &RgbImage, bbox: Bbox) -> Self {
        let bbox = bbox.clamped(pixels.width(), pixels.height());
        let mut luma = Vec::with_capacity(bbox.area().max(0) as usize);
        for y in bbox.top..bbox.bottom {
            for x in bbox.left..bbox.right {
                let [r, g, b] = pixels.get_pixel(x as u32, y as u32).0.map(f32::from);
                luma.push(0.299 * r + 0.587 * g + 0.114 * b);
            }
        }
        Self { width: bbox.width().max(0) as usize, height: bbox.height().max(0) as usize, luma }
    }

    /// Means of three neighbours each way, which takes off grain and the ripples of JPEG.
    fn smoothed(&self) -> Self {
        let (w, h) = (self.width, self.height);
        let mut luma = self.luma.clone();
        for y in 1..h.saturating_sub(1) {
            for x in 1..w.saturating_sub(1) {
                let rows = (y - 1..=y + 1).map(|y| self.luma[y * w + x - 1..y * w + x + 2].iter().sum::<f32>());
                luma[y * w + x] = rows.sum::<f32>() / 9.0;
            }
        }
        Self { luma, ..*self }
    }

    /// The steepest two per cent of the steps between neighbours, in luma, and the range of luma between its
    /// 3rd and 97th percentile.
    fn steepness(&self) -> (f32, f32) {
        let (w, h) = (self.width, self.height);
        if w < 8 || h < 8 {
            return (0.0, 0.0);
        }
        let mut steps: Vec<f32> = Vec::with_capacity(self.luma.len());
        for y in 1..h - 2 {
            for x in 1..w - 2 {
                let here = self.luma[y * w + x];
                let (right, below) = (self.luma[y * w + x + 1], self.luma[(y + 1) * w + x]);
                steps.push((right - here).hypot(below - here));
            }
        }
        let mut luma = self.luma.clone();
        luma.sort_unstable_by(f32::total_cmp);
        steps.sort_unstable_by(f32::total_cmp);
        let of = |values: &[f32], share: f32| values[((values.len() - 1) as f32 * share) as usize];
        (of(&steps, 0.98), of(&luma, 0.97) - of(&luma, 0.03))
    }

    /// Mean step between neighbours at each column border (or row border): `width - 1` or `height - 1` values.
    fn steps_at_borders(&self, across: bool) -> Vec<f32> {
        let (w, h) = (self.width, self.height);
        let (borders, other) = if across { (w, h) } else { (h, w) };
        (1..borders)
            .map(|at| {
                let sum: f32 = (0..other)
                    .map(|o| {
                        let (i, j) = if across { (o * w + at, o * w + at - 1) } else { (at * w + o, (at - 1) * w + o) };
                        (self.luma[i] - self.luma[j]).abs()
                    })
                    .sum();
                sum / other.max(1) as f32
            })
            .collect()
    }
}

/// The box from temple to temple and brow to lower lid.
fn eye_region(axes: &Axes) -> Bbox {
    axes.quad(-0.95, -0.38, 0.95, 0.38).bbox()
}

/// True when luma changes at the lines of a square lattice only: blocks of 4 pixels up to 0.7 eye distances.
fn is_mosaic(pixels: &RgbImage, axes: &Axes, params: &CoverParams) -> bool {
    let patch = Patch::of(pixels, eye_region(axes));
    if patch.width < 24 || patch.height < 12 {
        return false;
    }
    let (columns, rows) = (patch.steps_at_borders(true), patch.steps_at_borders(false));
    let most = (axes.eye_distance * 0.7).min(48.0);
    let mut period = 4.0f32;
    while period <= most {
        // Blocks need not be quite square where the picture was resized after them; of large ones the region is
        // only one or two rows high.
        if lattice(&columns, period, 3) >= params.least_lattice
            && [0.9, 1.0, 1.1].iter().any(|ratio| lattice(&rows, period * ratio, 1) >= params.least_lattice)
        {
            return true;
        }
        period += 0.25;
    }
    false
}

/// How many times larger the steps on the best lattice of this period with at least so many lines are than those
/// off it; a border may be one pixel beside its place. Zero when a quarter of the lines or more show no step:
/// one block has two edges at most.
fn lattice(steps: &[f32], period: f32, least_lines: usize) -> f32 {
    let mut best = 0.0f32;
    let mut phase = 0.0;
    while phase < period {
        let (mut on, mut off, mut between) = (Vec::new(), 0.0, 0usize);
        let mut next = phase;
        let mut taken = vec![false; steps.len()];
        while (next as usize) < steps.len() {
            let at = next.round() as usize;
            let near = at.saturating_sub(1)..(at + 2).min(steps.len());
            if !near.is_empty() {
                on.push(steps[near.clone()].iter().copied().fold(0.0, f32::max));
                taken[near].fill(true);
            }
            next += period;
        }
        for (step, taken) in steps.iter().zip(&taken) {
            if !taken {
                off += step;
                between += 1;
            }
        }
        if on.len() >= least_lines && between > on.len() {
            let off = (off / between as f32).max(0.4);
            let mean = on.iter().sum::<f32>() / on.len() as f32;
            on.sort_unstable_by(f32::total_cmp);
            if mean >= 3.0 && on[on.len() / 4] >= 2.0 * off {
                best = best.max(mean / off);
            }
        }
        phase += 0.5;
    }
    best
}

/// True when the eyes are much less sharp than the hair, the mouth or the collar.
fn is_blurred(pixels: &RgbImage, axes: &Axes, params: &CoverParams) -> bool {
    let (_, range) = Patch::of(pixels, axes.quad(-1.2, -1.2, 1.2, 2.0).bbox()).smoothed().steepness();
    if range < 20.0 {
        return false;
    }
    let slope = |quad: Quad| {
        let (step, own) = Patch::of(pixels, quad.bbox()).smoothed().steepness();
        (step * axes.eye_distance / range, step / own.max(8.0))
    };
    let (eyes, of_own_range) = slope(axes.quad(-0.75, -0.22, 0.75, 0.22));
    if eyes > params.most_slope && of_own_range > params.most_steepness {
        return false;
    }
    let around = [
        axes.quad(-0.8, 0.8, 0.8, 1.7),
        axes.quad(-1.6, -1.9, 1.6, -0.8),
        axes.quad(-2.0, 1.7, 2.0, 3.0),
        axes.quad(-2.0, -1.0, -1.1, 1.6),
        axes.quad(1.1, -1.0, 2.0, 1.6),
    ];
    around.into_iter().any(|quad| slope(quad).0 >= params.least_contrast * eyes.max(params.most_slope))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::eyes::EyeParams;
    use crate::geometry::Point;
    use image::{Rgb, imageops};

    /// Eyes 48 pixels apart with dark irises and brows on skin, and a sharp collar.
    fn face() -> (RgbImage, Axes) {
        let mut pixels = RgbImage::from_fn(240, 320, |x, y| {
            if y > 250 { Rgb([if (x / 9) % 2 == 0 { 20 } else { 230 }; 3]) } else { Rgb([205, 160, 135]) }
        });
        for (cx, cy, rx, ry, ink) in [
            (96.0, 120.0, 13.0, 6.0, [240, 238, 235]),
            (144.0, 120.0, 13.0, 6.0, [240, 238, 235]),
            (96.0, 120.0, 5.5, 5.5, [40, 25, 20]),
            (144.0, 120.0, 5.5, 5.5, [40, 25, 20]),
            (96.0, 102.0, 16.0, 3.0, [60, 40, 30]),
            (144.0, 102.0, 16.0, 3.0, [60, 40, 30]),
        ] {
            for (x, y, pixel) in pixels.enumerate_pixels_mut() {
                let (dx, dy) = ((x as f32 - cx) / rx, (y as f32 - cy) / ry);
                if dx * dx + dy * dy < 1.0f32 {
                    *pixel = Rgb(ink);
                }
            }
        }
        // A photo's grain: without it the eyes' outlines are the only steps there are.
        for (x, y, pixel) in pixels.enumerate_pixels_mut() {
            let grain = ((x * 7 + y * 13) % 11) as u8;
            pixel.0 = pixel.0.map(|value| value.saturating_add(grain).saturating_sub(5));
        }
        let landmarks = [(96.0, 120.0), (144.0, 120.0), (120.0, 144.0), (101.0, 170.0), (139.0, 170.0)]
            .map(|(x, y)| Point::new(x, y));
        (pixels, Axes::of(&landmarks, 100.0, &EyeParams::default()))
    }

    fn cover_of(pixels: &RgbImage, axes: &Axes) -> EyeCover {
        let face = RawFace { edges: [70.0, 70.0, 170.0, 210.0], landmarks: [Point::new(0.0, 0.0); 5], score: 0.9 };
        over_eyes(pixels, axes, &face, &FaceParams::default())
    }

    #[test]
    fn bare_eyes_have_no_cover_on_sharp_and_on_blurred_scans() {
        let (pixels, axes) = face();
        assert_eq!(cover_of(&pixels, &axes), EyeCover::None);
        assert_eq!(cover_of(&imageops::blur(&pixels, 3.0), &axes), EyeCover::None);
    }

    #[test]
    fn a_blur_and_a_mosaic_over_the_eyes_are_weak() {
        let (pixels, axes) = face();
        let mut blurred = pixels.clone();
        let part = imageops::blur(&imageops::crop_imm(&pixels, 60, 85, 120, 60).to_image(), 9.0);
        imageops::replace(&mut blurred, &part, 60, 85);
        assert_eq!(cover_of(&blurred, &axes), EyeCover::Weak);
        let mut mosaic = pixels.clone();
        let small = imageops::thumbnail(&imageops::crop_imm(&pixels, 60, 85, 120, 60).to_image(), 12, 6);
        imageops::replace(&mut mosaic, &imageops::resize(&small, 120, 60, imageops::FilterType::Nearest), 60, 85);
        assert_eq!(cover_of(&mosaic, &axes), EyeCover::Weak);
    }

    #[test]
    fn a_block_over_both_eyes_is_solid_and_over_one_it_is_not() {
        let (mut pixels, axes) = face();
        let mut fill = |left: u32, right: u32| {
            for (x, y) in (left..right).flat_map(|x| (100..140).map(move |y| (x, y))) {
                pixels.put_pixel(x, y, Rgb([200, 30, 30]));
            }
            cover_of(&pixels, &axes)
        };
        assert_eq!(fill(75, 118), EyeCover::OneEye { open_right: true });
        assert_eq!(fill(75, 165), EyeCover::Solid);
    }
}
