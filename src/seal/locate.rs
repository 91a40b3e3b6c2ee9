//! Page raster → candidates for seals by ink colour and shape, at a reduced resolution, without reading. Cheap: it runs
//! on every page.

use std::borrow::Cow;

use image::{GrayImage, RgbImage};
use imageproc::distance_transform::Norm;
use imageproc::filter::box_filter;
use imageproc::morphology::dilate;

use super::clusters::clusters;
use super::distinct::distinct;
use super::ellipse::Ellipse;
use super::grey::grey;
use super::hough::{VoteParams, centres};
use super::ink::{Colour, Paper, Planes, halved};
use super::ring::{Ring, RingParams, interior, refined, ring_around};
use super::small::small_seals;
use super::veil::{Lifted, veils};
use crate::geometry::{Bbox, Point};
use crate::raster::{Raster, resized};

/// How seals are looked for.
#[derive(Debug, Clone, Copy)]
pub struct LocateParams {
    /// The page is looked at with about this many pixels (its width times its height), never enlarged. 700,000 is
    /// 85 dpi for A4: a 30 mm seal is 100 pixels wide and a 1 mm ring 3 pixels thick.
    pub pixels: f32,
    /// Seals are at least this wide: the smallest name seals.
    pub smallest_mm: f32,
    /// And at most: seals go up to 58 mm, and a page may say a wrong resolution.
    pub largest_mm: f32,
    /// Or at most this share of the raster's short side, for photos, which know no resolution.
    pub largest_share: f32,
    /// Least ridge of coloured ink, of 255 at full ink on white: a quarter of the ink, thinned out by scaling.
    pub colour_ridge: f32,
    /// Least ridge of grey ink.
    pub grey_ridge: f32,
    /// Least share of a coloured ring that must be seen when there is a star in its middle (worn stamps).
    pub colour_coverage: f32,
    /// Least share that must be seen of a ring of which a block leaves an arc.
    pub colour_arc: f32,
    /// Least share that must be seen of what the page's edge leaves of a coloured ring as wide as seals with a star are: worn ones
    /// are pale in places.
    pub colour_cut: f32,
    /// The same of a smaller one.
    pub colour_cut_small: f32,
    /// The same without a star and without such an arc: lettering makes half of a ring by chance.
    pub ring_alone: f32,
    /// Least agreement of the directions along a grey line, 0..=1.
    pub grey_coherence: f32,
    /// Votes that a grey circle needs to be looked at, share of its circumference.
    pub grey_votes: f32,
    /// Grey circles that are looked at on a page.
    pub grey_circles: usize,
    /// Least share of a grey ring that must be seen when there is a star in its middle.
    pub grey_coverage: f32,
    /// The same without a star.
    pub grey_alone: f32,
    /// A grey ring that the page's edge cuts is looked at without lettering in it when so much of what is left of it is seen: copies
    /// lose pale strokes first.
    pub grey_bare: f32,
    /// From this contrast with what is around it a figure is a star.
    pub grey_star: f32,
    /// Most ink inside a round seal, relative to a solid disc.
    pub most_fill: f32,
    /// Unless the band of the arc text has less than this: lettering inks about 0.35 of it, a solid disc all.
    pub most_band: f32,
    /// Least ink in the band of the arc text.
    pub least_band: f32,
}

impl Default for LocateParams {
    fn default() -> Self {
        Self {
            pixels: 700_000.0,
            smallest_mm: 7.0,
            largest_mm: 85.0,
            largest_share: 0.45,
            colour_ridge: 13.0,
            grey_ridge: 12.0,
            colour_coverage: 0.42,
            colour_arc: 0.36,
            colour_cut: 0.7,
            colour_cut_small: 0.8,
            ring_alone: 0.6,
            grey_coherence: 0.35,
            grey_votes: 0.22,
            grey_circles: 60,
            grey_coverage: 0.4,
            grey_alone: 0.5,
            grey_bare: 0.85,
            grey_star: 0.3,
            most_fill: 0.72,
            most_band: 0.78,
            least_band: 0.04,
        }
    }
}

/// The outline of a seal, page-raster pixels.
#[derive(Debug, Clone, PartialEq)]
pub enum Outline {
    /// A circle or an ellipse.
    Ellipse(Ellipse),
    /// Corners clockwise: four from the top left, or three from the top.
    Polygon(Vec<Point>),
}

impl Outline {
    /// The smallest box around it; it may reach past the page.
    pub fn bbox(&self) -> Bbox {
        match self {
            Self::Ellipse(ellipse) => ellipse.bbox(),
            Self::Polygon(corners) => Bbox::around(corners.iter().copied()).unwrap_or(Bbox::from_ltrb(0, 0, 0, 0)),
        }
    }

    /// Scaled about the origin, then moved.
    pub(super) fn placed(&self, factor: f32, dx: f32, dy: f32) -> Self {
        match self {
            Self::Ellipse(e) => Self::Ellipse(e.scaled(factor, dx, dy)),
            Self::Polygon(corners) => {
                Self::Polygon(corners.iter().map(|p| Point::new(p.x * factor + dx, p.y * factor + dy)).collect())
            }
        }
    }
}

/// Something that looks like a seal.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Where, page-raster pixels.
    pub outline: Outline,
    /// Its ink.
    pub colour: Colour,
    /// Share of the visible outline that was seen.
    pub coverage: f32,
    /// Share of the outline that lies on the page.
    pub visible: f32,
    /// True when the lettering is spared out of a solid field.
    pub solid: bool,
    /// True when a star, or another compact figure, stands alone in the middle of a ring.
    pub star: bool,
    /// True when no more than an arc of a coloured ring is seen.
    pub partial: bool,
}

/// What was found, with the paper's colour for whoever looks closer.
pub(super) struct Located {
    pub(super) candidates: Vec<Candidate>,
    pub(super) paper: Paper,
}

/// What was found under a translucent cover, pixels of its part of the page.
pub(super) struct Uncovered {
    pub(super) lifted: Lifted,
    pub(super) located: Located,
}

/// Share of a candidate's box that a cover must hide for it to be looked at without the cover.
const COVERED: f32 = 0.15;

/// Finds candidates on a page, and under the translucent covers on it.
pub(super) fn locate(raster: &Raster, params: &LocateParams) -> (Located, Vec<Uncovered>) {
    let (width, height) = (raster.width() as f32, raster.height() as f32);
    let scale = (params.pixels / (width * height).max(1.0)).sqrt().min(1.0);
    let small = reduced(raster, scale);
    let px_per_mm = raster.dpi * scale / 25.4;
    let short = small.width().min(small.height()) as f32;
    let sizes = Sizes {
        least: (params.smallest_mm * px_per_mm).clamp(14.0, 40.0),
        most: (params.largest_mm * px_per_mm).max(params.largest_share * short),
        whole: small.width().max(small.height()) as f32,
        official: LARGEST_OFFICIAL_MM * px_per_mm,
    };
    let uncovered = veils(&small).into_iter().filter_map(|veil| veil.lifted(raster, scale)).map(|lifted| {
        let mut located = among(&lifted.raster, &reduced(&lifted.raster, scale), scale, &sizes, params);
        located.candidates.retain(|c| c.outline.bbox().covered_by(lifted.place) >= COVERED);
        Uncovered { lifted, located }
    });
    let uncovered = uncovered.filter(|u| !u.located.candidates.is_empty()).collect();
    (among(raster, &small, scale, &sizes, params), uncovered)
}

/// The page at the size at which seals are looked for.
fn reduced(raster: &Raster, scale: f32) -> Cow<'_, RgbImage> {
    if scale < 1.0 {
        let side = |side: u32| (side as f32 * scale).round() as u32;
        Cow::Owned(resized(&raster.pixels, side(raster.width()), side(raster.height())))
    } else {
        Cow::Borrowed(&raster.pixels)
    }
}

/// Finds candidates on a page or a part of one, of which `small` is the reduced picture.
fn among(raster: &Raster, small: &RgbImage, scale: f32, sizes: &Sizes, params: &LocateParams) -> Located {
    let paper = Paper::estimated(small, scale);
    let planes = Planes::of(small, &paper, (0.0, 0.0), scale);
    let mut found = Vec::new();
    for colour in [Colour::Red, Colour::Blue] {
        found.extend(coloured(planes.of_colour(colour), colour, sizes, params));
    }
    if raster.dpi * scale / 25.4 > FINE_PX_PER_MM {
        let coarse = grey(&halved(&planes.grey), &sizes.halved(), params);
        found.extend(coarse.into_iter().map(|candidate| candidate.scaled(2.0)));
    } else {
        found.extend(grey(&planes.grey, sizes, params));
    }
    let mut found: Vec<Candidate> = distinct(found).into_iter().map(|c| c.scaled(1.0 / scale)).collect();
    found.extend(small_seals(raster, &paper, &planes, scale, sizes));
    Located { candidates: distinct(found), paper }
}

/// Official seals are at most 58 mm wide (国发〔1999〕25号); some more for their ring and its blur.
pub(super) const LARGEST_OFFICIAL_MM: f32 = 62.0;

/// A small page shown finer than this (130 dpi) has rings thicker than the lines that grey rings are looked for by.
const FINE_PX_PER_MM: f32 = 5.1;

/// Widths of seals in pixels of the reduced page.
pub(super) struct Sizes {
    pub(super) least: f32,
    pub(super) most: f32,
    /// The picture's long side: a photo of a stamp may be filled by it.
    pub(super) whole: f32,
    /// The widest official seal, when the page's resolution is right.
    pub(super) official: f32,
}

impl Sizes {
    fn halved(&self) -> Self {
        let Self { least, most, whole, official } = *self;
        Self { least: least / 2.0, most: most / 2.0, whole: whole / 2.0, official: official / 2.0 }
    }

    /// The largest radius looked for. Only a picture that is not much larger than a seal may be filled by one.
    fn longest_radius(&self) -> f32 {
        if self.whole < 3.0 * self.most { (0.55 * self.whole).max(self.most / 2.0) } else { self.most / 2.0 }
    }
}

/// Coloured pixels below which a page holds no seal: a 7 mm name seal is more.
pub(super) const LEAST_COLOURED: usize = 60;

pub(super) fn coloured(plane: &GrayImage, colour: Colour, sizes: &Sizes, params: &LocateParams) -> Vec<Candidate> {
    let half = halved(plane);
    let least = params.colour_ridge as u8;
    let inked = half.iter().filter(|&&v| v > least).count();
    if inked < LEAST_COLOURED {
        return Vec::new();
    }
    let field = (inked as f32 > MUCH_INK * half.len() as f32).then(|| coloured_field(&half, least));
    let ring_params =
        RingParams { ridge: params.colour_ridge, dip: 0.11, wobble: 0.04, coverage: params.colour_arc, visible: 0.28 };
    let mut found = Vec::new();
    // Large rings on the half-size plane, small ones at full size.
    let longest = sizes.longest_radius() / 2.0;
    let large = VoteParams { radii: (20, longest as u32), edge: 14, voters: 24_000, count: 16 };
    for centre in centres(&half, field.as_ref(), &large) {
        if let Some(ring) = ring_around(&half, centre, (17.0, longest), &ring_params) {
            let guess = ring.ellipse.scaled(2.0, 0.0, 0.0);
            found.extend(refined(plane, &guess, &ring_params));
        }
    }
    let small = VoteParams { radii: (4, 22), edge: 14, voters: 24_000, count: 12 };
    for centre in centres(&half, field.as_ref(), &small) {
        let centre = Point::new(2.0 * centre.x, 2.0 * centre.y);
        let ring = ring_around(plane, centre, (sizes.least / 2.0, 46.0), &ring_params);
        found.extend(ring.filter(|ring| ring.visible > 0.9 && ring.coverage > 0.75));
    }
    let mut candidates: Vec<Candidate> = once_each(found)
        .into_iter()
        .filter_map(|ring| round_candidate(plane, &ring, colour, sizes, params, &ring_params))
        .collect();
    candidates = distinct(candidates);
    candidates.extend(clusters(plane, &half, colour, sizes, params, &ring_params, &candidates));
    candidates
}

/// Share of a plane from which its ink is not that of seals alone.
const MUCH_INK: f32 = 0.06;
/// Half the side of the square around a pixel in which its ink is counted, half-size pixels: 10 mm at 42 dpi, which neither the star
/// nor the lettering of a seal fills.
const FIELD_REACH: u32 = 8;
/// Share of it from which the pixel is part of a field of colour.
const FIELD: f32 = 0.75;

/// Where a plane is coloured all over, and near that: a wooden desk, a photo's ground, a block. Its edges and those of its grain
/// would outvote rings.
fn coloured_field(half: &GrayImage, least: u8) -> GrayImage {
    let inked = GrayImage::from_raw(
        half.width(),
        half.height(),
        half.iter().map(|&v| if v > least { 255 } else { 0 }).collect(),
    );
    let mut density = box_filter(&inked.expect("as many pixels"), FIELD_REACH, FIELD_REACH);
    for value in density.iter_mut() {
        *value = if f32::from(*value) > FIELD * 255.0 { 255 } else { 0 };
    }
    dilate(&density, Norm::LInf, FIELD_REACH as u8)
}

/// One of several rings that are the same, fitted from other centres.
pub(super) fn once_each(mut rings: Vec<Ring>) -> Vec<Ring> {
    rings.sort_by(|a, b| b.coverage.total_cmp(&a.coverage));
    let mut kept: Vec<Ring> = Vec::new();
    for ring in rings {
        let again = kept.iter().any(|other| {
            let radius = other.ellipse.radius();
            other.ellipse.centre.distance(ring.ellipse.centre) < 0.04 * radius
                && (ring.ellipse.radius() - radius).abs() < 0.04 * radius
        });
        if !again {
            kept.push(ring);
        }
    }
    kept
}

pub(super) fn round_candidate(
    plane: &GrayImage,
    ring: &Ring,
    colour: Colour,
    sizes: &Sizes,
    params: &LocateParams,
    ring_params: &RingParams,
) -> Option<Candidate> {
    let width = 2.0 * ring.ellipse.radius();
    let is_wide = width > OFFICIAL * sizes.least;
    // What a block leaves of a ring is seen as what the page's edge leaves of one is.
    let may_be_cut = ring.coverage < params.ring_alone && ring.visible > 0.9 && is_wide;
    let arc = if may_be_cut { ring.arc() } else { None };
    let whole = ring.coverage > 0.8 && ring.visible > 0.75;
    let is_cut = ring.visible < CUT;
    // The less of a ring is on the page, the more of that must be there.
    let least_cut = if is_wide { params.colour_cut } else { params.colour_cut_small };
    if is_cut && ring.coverage < least_cut {
        return None;
    }
    if width < sizes.least || (width > sizes.most && !(whole && width < sizes.whole * 1.05)) {
        return None;
    }
    let inside = interior(plane, &ring.ellipse, arc, ring_params);
    // A disc over the middle leaves the lettering between itself and a whole ring.
    let is_solid = inside.fill > params.most_fill && !(whole && inside.band < params.most_band);
    // What lies on the page of a seal on the seam may be the ring alone, or a corner of a character.
    let may_be_bare = is_cut && is_wide;
    let is_empty = inside.band < params.least_band && inside.fill < params.least_band;
    if is_solid
        || is_empty && !may_be_bare
        || inside.rings > 2
        || arc.is_none()
            && ring.coverage < if inside.star && is_wide { params.colour_coverage } else { params.ring_alone }
    {
        return None;
    }
    Some(Candidate {
        outline: Outline::Ellipse(ring.ellipse),
        colour,
        coverage: arc.map_or(ring.coverage, |arc| arc.coverage),
        visible: ring.visible,
        solid: false,
        star: inside.star,
        partial: arc.is_some(),
    })
}

/// A ring of which less is on the page is cut by its edge.
pub(super) const CUT: f32 = 0.9;

/// Seals with a star are at least this many times as wide as the smallest of all: 17 mm.
const OFFICIAL: f32 = 2.5;

impl Candidate {
    fn scaled(self, factor: f32) -> Self {
        self.placed(factor, 0.0, 0.0)
    }

    /// Scaled about the origin, then moved.
    pub(super) fn placed(self, factor: f32, dx: f32, dy: f32) -> Self {
        Self { outline: self.outline.placed(factor, dx, dy), ..self }
    }
}
