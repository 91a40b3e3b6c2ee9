//! Page raster → the official and personal seals on it, with what they say.
//!
//! `locate` proposes by ink colour and shape on every page; only candidates are read (`unwrap`, `read`). What
//! looks like a seal but holds no lettering and is no clean ring is dropped. Whose a seal is, `ownership` says.

mod accept;
mod circles;
mod clusters;
mod distinct;
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
mod veil;

use std::sync::Arc;

pub use ellipse::Ellipse;
pub use ink::Colour;
pub use locate::{Candidate, LocateParams, Outline};
use locate::{Located, Uncovered};
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

    /// The same at another place.
    fn moved(self, dx: i32, dy: i32) -> Self {
        let outline = self.outline.placed(1.0, dx as f32, dy as f32);
        Self { bbox: self.bbox.moved(dx, dy), outline, ..self }
    }

    /// What to paint over: the outline, larger by 4 % of the radius and 2 pixels for a thick ring and ink that has spread.
    pub fn mask_outline(&self) -> Outline {
        match &self.outline {
            Outline::Ellipse(e) => Outline::Ellipse(e.grown(e.radius() * 0.04 + 2.0)),
            Outline::Polygon(corners) => {
                /// A triangle's sides are a third as far from its centre as its corners are from its base.
                const SHARE: f32 = 0.12;
                if let [a, b, c, d] = corners.as_slice() {
                    return Outline::Polygon(pushed_out([*a, *b, *c, *d]).to_vec());
                }
                let count = corners.len().max(1) as f32;
                let centre = Point::new(
                    corners.iter().map(|p| p.x).sum::<f32>() / count,
                    corners.iter().map(|p| p.y).sum::<f32>() / count,
                );
                let grown = |p: &Point| {
                    let distance = p.distance(centre).max(1.0);
                    centre.lerp(*p, 1.0 + SHARE + 4.0 / distance)
                };
                Outline::Polygon(corners.iter().map(grown).collect())
            }
        }
    }
}

/// Four sides, each moved outwards by as much: a frame is no thinner along the long sides of a flat seal.
fn pushed_out(corners: [Point; 4]) -> [Point; 4] {
    /// Share of the mean side, and pixels besides, for a thick frame and ink that has spread.
    const SHARE: f32 = 0.025;
    const BESIDES: f32 = 3.0;
    let side = |i: usize| {
        let (from, to) = (corners[i % 4], corners[(i + 1) % 4]);
        let length = from.distance(to).max(1.0);
        ((to.x - from.x) / length, (to.y - from.y) / length, length)
    };
    let mean = (side(0).2 * side(1).2).sqrt();
    let by = SHARE * mean + BESIDES;
    std::array::from_fn(|i| {
        // Clockwise, so that the outside of a side lies to its left.
        let ((ax, ay, _), (bx, by_, _)) = (side(i + 3), side(i));
        let sine = (ax * by_ - ay * bx).max(0.2);
        Point::new(corners[i].x + by * (ax - bx) / sine, corners[i].y + by * (ay - by_) / sine)
    })
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

/// Overlap from which a seal under a cover is one that was found through it.
const SAME_SEAL: f32 = 0.5;

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
        let (located, uncovered) = locate::locate(raster, &self.params.locate);
        let covered = uncovered.into_iter().flat_map(|Uncovered { lifted, located }| {
            let (dx, dy) = (lifted.part.left as f32, lifted.part.top as f32);
            located.candidates.into_iter().map(move |candidate| candidate.placed(1.0, dx, dy))
        });
        located.candidates.into_iter().chain(covered).collect()
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
        let (located, uncovered) = locate::locate(raster, &self.params.locate);
        let mut seals = self.among(raster, located, question)?;
        for Uncovered { lifted, located } in uncovered {
            for seal in self.among(&lifted.raster, located, question)? {
                let seal = seal.moved(lifted.part.left, lifted.part.top);
                let is_same = |other: &&mut Seal| other.bbox.iou(seal.bbox) > SAME_SEAL;
                match seals.iter_mut().find(is_same) {
                    Some(other) if other.confidence < seal.confidence => *other = seal,
                    Some(_) => {}
                    None => seals.push(seal),
                }
            }
        }
        seals.sort_by_key(|seal| (seal.bbox.top, seal.bbox.left));
        Ok(seals)
    }

    /// The seals among what was located on a page or a part of one.
    fn among<'q>(
        &self,
        raster: &Raster,
        located: Located,
        question: &dyn Fn(Colour) -> Box<dyn read::Question + 'q>,
    ) -> Result<Vec<Seal>> {
        let readers = read::Readers { quick: &self.quick, careful: &self.careful };
        let mut candidates = located.candidates;
        candidates.sort_by(|a, b| b.coverage.total_cmp(&a.coverage));
        let mut seals = Vec::new();
        candidates.retain(|candidate| !self.params.is_ornament(raster, candidate));
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
                && self.params.is_official(raster, candidate);
            if around < least && !is_starred && !self.params.is_bare_arc(raster, candidate) {
                continue;
            }
            let question = question(candidate.colour);
            let readings = if place < self.params.most_read {
                let stamp = unwrap::Stamp::of(raster, &located.paper, candidate);
                let small = self.params.is_name_sized(raster, candidate);
                read::readings(&readers, &stamp, candidate, small, &*question)?
            } else {
                Vec::new()
            };
            let is_name = question.is_name(&readings);
            seals.extend(self.params.accepted(raster, candidate, readings, is_name));
        }
        Ok(seals)
    }
}
