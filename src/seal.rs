//! Page raster → the official and personal seals on it, with what they say.
//!
//! `locate` proposes by ink colour and shape on every page; only candidates are read (`unwrap`, `read`). What
//! looks like a seal but holds no lettering and is no clean ring is dropped. Whose a seal is, `ownership` says.

mod circles;
mod ellipse;
mod grey;
mod groups;
mod hough;
mod ink;
mod lettering;
mod locate;
mod ownership;
mod polygon;
mod read;
mod ridges;
mod ring;
mod small;
mod star;
mod unwrap;

use std::sync::Arc;

pub use ellipse::Ellipse;
pub use ink::Colour;
pub use locate::{Candidate, LocateParams, Outline};
pub use ownership::Ownership;
pub use read::{SealPart, SealReading};

use crate::assets::Assets;
use crate::error::Result;
use crate::geometry::{Bbox, Point};
use crate::identity::Identity;
use crate::ocr::{ModelSize, Reader};
use crate::raster::Raster;

/// The form of a seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Shape {
    /// A circle, as displayed perhaps tilted.
    Round,
    /// An ellipse (invoice seals are 40 × 30 mm).
    Oval,
    /// Four sides.
    Rectangle,
    /// Three sides.
    Triangle,
}

/// A seal on a page.
#[derive(Debug, Clone)]
pub struct Seal {
    /// Around what of it is on the page, page-raster pixels.
    pub bbox: Bbox,
    /// Its form.
    pub shape: Shape,
    /// The fitted outline, page-raster pixels; it reaches past the page when the seal does.
    pub outline: Outline,
    /// Its ink.
    pub colour: Colour,
    /// True when a part lies outside the page.
    pub cut_by_edge: bool,
    /// 0..=1: how sure it is that this is a seal, from its outline and its lettering.
    pub confidence: f32,
    /// What it says; several readings of a part are best first. Empty when nothing could be read.
    pub readings: Vec<SealReading>,
}

impl Seal {
    /// What was read, part by part, the best reading of each.
    pub fn text(&self) -> String {
        let parts = [SealPart::Outer, SealPart::Inner, SealPart::Centre, SealPart::Code];
        let best: Vec<&str> = parts
            .iter()
            .filter_map(|&part| self.readings.iter().find(|r| r.part == part))
            .map(|r| r.text.as_str())
            .collect();
        best.join(" ")
    }

    /// What to paint over: the outline, larger by 4 % of the radius and 2 pixels for a thick ring and ink that has spread.
    pub fn mask_outline(&self) -> Outline {
        match &self.outline {
            Outline::Ellipse(e) => Outline::Ellipse(e.grown(e.radius() * 0.04 + 2.0)),
            Outline::Polygon(corners) => {
                let count = corners.len().max(1) as f32;
                let centre = Point::new(
                    corners.iter().map(|p| p.x).sum::<f32>() / count,
                    corners.iter().map(|p| p.y).sum::<f32>() / count,
                );
                // A triangle's sides are a third as far from its centre as its corners are from its base.
                let share = if corners.len() == 3 { 0.12 } else { 0.05 };
                let grown = |p: &Point| {
                    let distance = p.distance(centre).max(1.0);
                    centre.lerp(*p, 1.0 + share + 4.0 / distance)
                };
                Outline::Polygon(corners.iter().map(grown).collect())
            }
        }
    }
}

/// When a candidate is a seal.
#[derive(Debug, Clone, Copy)]
pub struct SealParams {
    /// How candidates are looked for.
    pub locate: LocateParams,
    /// Candidates that are read on one page at most; with more, the page is full of red print.
    pub most_read: usize,
    /// A ring is complete when this share of it is seen.
    pub clean_ring: f32,
    /// A ring with a star of which less is seen is a seal only with lettering along it: a big character of a title within
    /// a border looks like a star.
    pub starred_ring: f32,
    /// A coloured square frame up to this wide with large lettering is a seal even when its lettering cannot be read:
    /// the script of name seals is often beyond the model.
    pub name_seal_mm: f32,
    /// A ring in which hardly anything can be read is a seal only from this width: smaller ones are bullets and ornaments (10 mm
    /// in a sample border). Round name seals are 12 mm and more.
    pub clean_ring_mm: f32,
    /// Chinese characters across the middle from which a complete ring wider than a name seal is a seal: fewer are a label.
    pub most_in_name: usize,
    /// Chinese characters that must be read along a ring for it to be a seal otherwise.
    pub least_characters: usize,
    /// A grey ring with lettering in less of its directions is no seal: emblems have stars, too.
    pub lettering_around: f32,
    /// But a ring as wide as official seals are, much of which is seen, needs only so much.
    pub lettering_of_worn: f32,
    /// The same for a ring without a star.
    pub lettered_around: f32,
    /// A grey ring with lettering around it but no star must be seen in this share of its directions.
    pub ring_with_lettering: f32,
    /// And in this share of them where it is round: of 24 copied seals the round ones all showed
    /// their star, and of rings drawn by hand, dials and bubbles on print 0.62 to 0.76 was seen.
    pub starless_ring: f32,
    /// That share where print is read along it.
    pub starless_ring_on_print: f32,
    /// The same for an oval in which hardly anything can be read: diagrams have words in their ovals, not around them.
    pub oval_with_lettering: f32,
    /// Official seals are at least 30 mm wide; some less for the fit.
    pub official_mm: f32,
    /// Or at least this share of the page's short side, for pictures that know no resolution: 30 mm of 210 mm, less for a margin of desk.
    pub official_share: f32,
}

impl Default for SealParams {
    fn default() -> Self {
        Self {
            locate: LocateParams::default(),
            most_read: 16,
            clean_ring: 0.84,
            starred_ring: 0.55,
            name_seal_mm: 26.0,
            clean_ring_mm: 11.5,
            most_in_name: 4,
            least_characters: 3,
            lettering_around: 0.15,
            lettering_of_worn: 0.04,
            lettered_around: 0.3,
            ring_with_lettering: 0.6,
            starless_ring: 0.7,
            starless_ring_on_print: 0.8,
            oval_with_lettering: 0.75,
            official_mm: 26.0,
            official_share: 0.12,
        }
    }
}

/// What stands between sentences.
const PUNCTUATION: [char; 6] = ['，', ',', '。', '、', '；', '：'];

/// True when most of what shows inside a ring is about as light as the page's paper: the grain of a wooden desk beside it makes rings,
/// too.
fn is_on_paper(raster: &Raster, ring: &Ellipse) -> bool {
    /// Share of the paper's brightness that shadows leave.
    const SHADED: f32 = 0.55;
    /// Paper is the lightest tenth of what a page shows.
    const PAPER: f32 = 0.9;
    /// Pixels from one that is looked at to the next.
    const STEP: usize = 4;
    let whole = raster.bbox();
    let inside = ring.bbox().clamped(raster.width(), raster.height());
    let luma = |x: i32, y: i32| f32::from(crate::raster::luma(raster.pixels.get_pixel(x as u32, y as u32).0));
    let quantile = |bbox: Bbox, step: usize, share: f32, within: &dyn Fn(Point) -> bool| {
        let rows = (bbox.top..bbox.bottom).step_by(step);
        let mut values: Vec<f32> = rows
            .flat_map(|y| (bbox.left..bbox.right).step_by(step).map(move |x| (x, y)))
            .filter(|&(x, y)| within(Point::new(x as f32 + 0.5, y as f32 + 0.5)))
            .map(|(x, y)| luma(x, y))
            .collect();
        values.sort_by(f32::total_cmp);
        values.get((values.len() as f32 * share) as usize).copied().unwrap_or(0.0)
    };
    let paper = quantile(whole, 4 * STEP, PAPER, &|_| true);
    quantile(inside, STEP, 0.5, &|p| ring.relative(p) < 0.9) >= SHADED * paper
}

/// The most that an oval's axes have in common; a photographed circle has more.
const MOST_OVAL: f32 = 0.88;

/// Finds and reads seals.
pub struct SealFinder {
    quick: Arc<Reader>,
    careful: Arc<Reader>,
    letters: lettering::LetteringFinder,
    params: SealParams,
}

impl SealFinder {
    /// Loads the weights.
    ///
    /// # Errors
    /// When an asset is missing or is not the expected one.
    pub fn load(assets: &Assets) -> Result<Self> {
        let quick = Arc::new(Reader::load(assets, ModelSize::Tiny)?);
        Ok(Self::with_readers(assets, quick, Arc::new(Reader::load(assets, ModelSize::Small)?)))
    }

    /// With readers that are in use already: a quick one to try first, and the one whose readings count.
    pub fn with_readers(assets: &Assets, quick: Arc<Reader>, careful: Arc<Reader>) -> Self {
        let letters = lettering::LetteringFinder::new(assets.clone());
        Self { quick, careful, letters, params: SealParams::default() }
    }

    /// The same with other thresholds.
    #[must_use]
    pub fn with_params(mut self, params: SealParams) -> Self {
        self.params = params;
        self
    }

    /// What looks like a seal by ink and shape, unread; cheap.
    pub fn candidates(&self, raster: &Raster) -> Vec<Candidate> {
        locate::locate(raster, &self.params.locate).candidates
    }

    /// The seals on a page, read, top to bottom.
    ///
    /// # Errors
    /// When the reading model fails.
    pub fn find(&self, raster: &Raster) -> Result<Vec<Seal>> {
        self.found(raster, &|_| Box::new(read::Everything))
    }

    /// The same for one applicant: a seal is read only until it is known to be the applicant's or the unit's.
    ///
    /// # Errors
    /// When the reading model fails.
    pub fn find_for(&self, raster: &Raster, identity: &Identity) -> Result<Vec<Seal>> {
        self.found(raster, &|colour| Box::new(ownership::Whose { identity, colour }))
    }

    fn found<'q>(
        &self,
        raster: &Raster,
        question: &dyn Fn(Colour) -> Box<dyn read::Question + 'q>,
    ) -> Result<Vec<Seal>> {
        let readers = read::Readers { quick: &self.quick, careful: &self.careful };
        let located = locate::locate(raster, &self.params.locate);
        let mut candidates = located.candidates;
        candidates.sort_by(|a, b| b.coverage.total_cmp(&a.coverage));
        let mut seals = Vec::new();
        candidates.retain(|candidate| !self.is_ornament(raster, candidate));
        for (place, candidate) in candidates.iter().enumerate() {
            let around = match &candidate.outline {
                Outline::Ellipse(ring) if candidate.colour == Colour::Grey && !candidate.solid => {
                    self.letters.around(raster, ring)?
                }
                _ => 1.0,
            };
            // Charts, marks and dials; asking costs a tenth of reading.
            let least = if candidate.star { self.params.lettering_around } else { self.params.lettered_around };
            // A worn copy of an official seal shows a star in a ring and hardly any lettering; medals have none.
            let is_starred = candidate.star
                && around >= self.params.lettering_of_worn
                && candidate.coverage >= self.params.starred_ring
                && self.is_official(raster, candidate);
            if around < least && !is_starred {
                continue;
            }
            let question = question(candidate.colour);
            let readings = if place < self.params.most_read {
                let stamp = unwrap::Stamp::of(raster, &located.paper, candidate);
                let small = self.is_name_sized(raster, candidate);
                read::readings(&readers, &stamp, candidate, small, &*question)?
            } else {
                Vec::new()
            };
            let is_name = question.is_name(&readings);
            seals.extend(self.accepted(raster, candidate, readings, is_name));
        }
        seals.sort_by_key(|seal| (seal.bbox.top, seal.bbox.left));
        Ok(seals)
    }

    /// True for what no reading can make a seal: a small ring that is not complete. The borders of certificates have many.
    fn is_ornament(&self, raster: &Raster, candidate: &Candidate) -> bool {
        let width_mm = candidate.outline.bbox().width() as f32 / raster.dpi * 25.4;
        matches!(candidate.outline, Outline::Ellipse(_))
            && !candidate.solid
            && candidate.coverage < self.params.clean_ring
            && width_mm < self.params.clean_ring_mm
            && candidate.visible > 0.97
    }

    /// True for what is as wide as official seals are.
    fn is_official(&self, raster: &Raster, candidate: &Candidate) -> bool {
        let width = candidate.outline.bbox().width() as f32;
        width / raster.dpi * 25.4 >= self.params.official_mm
            || width >= self.params.official_share * raster.width().min(raster.height()) as f32
    }

    /// True for what is no wider than name seals are.
    fn is_name_sized(&self, raster: &Raster, candidate: &Candidate) -> bool {
        let bbox = candidate.outline.bbox();
        bbox.width().max(bbox.height()) as f32 / raster.dpi * 25.4 <= self.params.name_seal_mm
    }

    /// The seal that a candidate is by its outline and its readings, which say the applicant's name or not.
    fn accepted(
        &self,
        raster: &Raster,
        candidate: &Candidate,
        readings: Vec<SealReading>,
        is_name: bool,
    ) -> Option<Seal> {
        let most = |arcs_only: bool| {
            // The rosettes of a certificate's border read as a row of O with what the ring meets besides.
            let is_lettering = |r: &&SealReading| 2 * read::han_read(&r.lattice).0 >= r.text.chars().count();
            let parts = readings
                .iter()
                .filter(|r| !arcs_only || matches!(r.part, SealPart::Outer | SealPart::Inner) && is_lettering(r));
            parts.map(|r| read::han_read(&r.lattice)).max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, 0.0))
        };
        let (count, sum) = most(false);
        let (arc_count, arc_sum) = most(true);
        let params = &self.params;
        let complete = candidate.coverage >= params.clean_ring;
        let width_mm = candidate.outline.bbox().width() as f32 / raster.dpi * 25.4;
        let is_grey = candidate.colour == Colour::Grey;
        // Frames and grounds of black ink are logos, buttons and boxes of forms, but for what they say.
        let says_name = is_name || readings.iter().any(|r| ownership::is_name_seal(&r.text));
        let (is_seal, shape) = match &candidate.outline {
            Outline::Ellipse(_) if candidate.solid => (says_name || !is_grey && count >= 2, Shape::Round),
            Outline::Ellipse(_) if says_name && self.is_name_sized(raster, candidate) => (true, Shape::Round),
            Outline::Polygon(_) if is_grey || candidate.coverage < polygon::SIDE => (says_name, Shape::Rectangle),
            Outline::Ellipse(e) => {
                // A title within a certificate's border is no seal's, nor a word in a circle: lettering follows the ring.
                let least = params.least_characters + usize::from(is_grey);
                let clearness = if is_grey { 0.85 } else { 0.6 };
                let lettered = arc_count >= least && arc_sum >= arc_count as f32 * clearness;
                // In diagrams there are grey rings with words in them.
                let named = !is_grey
                    && complete
                    && (count >= 2 && width_mm <= params.name_seal_mm || count >= params.most_in_name);
                // Print under a grey ring hides its lettering from the reader, not that there is some around it.
                let is_official = is_grey && self.is_official(raster, candidate);
                let is_oval = e.minor < MOST_OVAL * e.major;
                // No seal has a comma along its ring.
                let on_print = readings.iter().any(|r| r.part == SealPart::Outer && r.text.contains(PUNCTUATION));
                let least_ring = match (is_oval, on_print) {
                    (true, _) => params.ring_with_lettering,
                    (false, false) => params.starless_ring,
                    (false, true) => params.starless_ring_on_print,
                };
                let encircled = is_official
                    && candidate.coverage >= least_ring
                    && (arc_count >= 2 || is_oval && candidate.coverage >= params.oval_with_lettering);
                // Of a seal on the seam hardly a character may be whole.
                let b = e.bbox();
                let ridden = candidate.visible < 0.9
                    && (b.left < 0 || b.right > raster.width() as i32)
                    && is_on_paper(raster, e);
                // Rings without lettering and star are logos, charts, ornaments, circles drawn by hand.
                let clean = complete && !is_grey && width_mm >= params.clean_ring_mm && (arc_count >= 2 || ridden);
                let starred = candidate.star
                    && if is_grey { is_official } else { candidate.coverage >= params.starred_ring || arc_count >= 2 };
                let shape = if is_oval { Shape::Oval } else { Shape::Round };
                (clean || lettered || named || starred || encircled, shape)
            }
            Outline::Polygon(corners) if corners.len() == 3 => (count >= 2, Shape::Triangle),
            Outline::Polygon(corners) => {
                let side_mm = |i: usize| corners[i].distance(corners[(i + 1) % corners.len()]) / raster.dpi * 25.4;
                let (across, down) = (side_mm(0), side_mm(1));
                let is_square = (0.75..1.34).contains(&(across / down.max(0.1)));
                let personal = is_square && across.max(down) <= self.params.name_seal_mm && !readings.is_empty();
                (count >= 2 || personal, Shape::Rectangle)
            }
        };
        if !is_seal {
            return None;
        }
        // The fit runs along the middle of the ring, which is about 0.06 of the radius thick.
        let outline = match &candidate.outline {
            Outline::Ellipse(e) => Outline::Ellipse(e.grown(0.028 * e.radius())),
            polygon @ Outline::Polygon(_) => polygon.clone(),
        };
        let whole = outline.bbox();
        let bbox = whole.clamped(raster.width(), raster.height());
        let lettering = (sum / 6.0).min(1.0);
        Some(Seal {
            bbox,
            shape,
            outline,
            colour: candidate.colour,
            cut_by_edge: candidate.visible < 0.97,
            confidence: 1.0 - (1.0 - 0.8 * candidate.coverage) * (1.0 - 0.9 * lettering),
            readings,
        })
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    #[test]
    fn what_shows_inside_a_ring_is_paper_or_a_desk() {
        let pixels = RgbImage::from_fn(400, 400, |x, _| Rgb(if x < 300 { [215, 210, 198] } else { [96, 60, 34] }));
        let raster = Raster::new(pixels, 100.0);
        let ring = |x: f32| Ellipse::circle(Point::new(x, 200.0), 60.0);
        assert!(is_on_paper(&raster, &ring(0.0)) && is_on_paper(&raster, &ring(290.0)));
        assert!(!is_on_paper(&raster, &ring(400.0)));
    }
}
