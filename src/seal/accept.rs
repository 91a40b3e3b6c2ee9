//! A candidate and what was read on it → a seal, or none: what looks like a seal but holds no lettering and is no clean ring is dropped.

use super::locate::{CUT, Candidate, LARGEST_OFFICIAL_MM, Outline};
use super::read::{self, SealPart, SealReading};
use super::{Colour, Ellipse, Seal, SealParams, Shape, ownership, polygon};
use crate::geometry::{Bbox, Point};
use crate::raster::Raster;

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

impl SealParams {
    /// True for what no reading can make a seal: a small ring that is not complete. The borders of certificates have many.
    pub(super) fn is_ornament(&self, raster: &Raster, candidate: &Candidate) -> bool {
        let width_mm = candidate.outline.bbox().width() as f32 / raster.dpi * 25.4;
        matches!(candidate.outline, Outline::Ellipse(_))
            && !candidate.solid
            && candidate.coverage < self.clean_ring
            && width_mm < self.clean_ring_mm
            && candidate.visible > 0.97
    }

    /// True for what is as wide as official seals are.
    pub(super) fn is_official(&self, raster: &Raster, candidate: &Candidate) -> bool {
        let width = candidate.outline.bbox().width() as f32;
        width / raster.dpi * 25.4 >= self.official_mm
            || width >= self.official_share * raster.width().min(raster.height()) as f32
    }

    /// True for a part of an official seal at the left or right edge of the page: of a seal on the seam hardly a character may be whole.
    fn is_ridden(raster: &Raster, candidate: &Candidate) -> bool {
        let Outline::Ellipse(ring) = &candidate.outline else { return false };
        let bbox = ring.bbox();
        candidate.visible < CUT && (bbox.left < 0 || bbox.right > raster.width() as i32) && is_on_paper(raster, ring)
    }

    /// True for such a part of which the ring is so clear that no lettering need be seen.
    pub(super) fn is_bare_arc(&self, raster: &Raster, candidate: &Candidate) -> bool {
        let least = if candidate.colour == Colour::Grey { self.locate.grey_bare } else { self.starless_ring };
        candidate.coverage >= least && self.is_official(raster, candidate) && Self::is_ridden(raster, candidate)
    }

    /// True for what is no wider than name seals are.
    pub(super) fn is_name_sized(&self, raster: &Raster, candidate: &Candidate) -> bool {
        let bbox = candidate.outline.bbox();
        bbox.width().max(bbox.height()) as f32 / raster.dpi * 25.4 <= self.name_seal_mm
    }

    /// The seal that a candidate is by its outline and its readings, which say the applicant's name or not.
    pub(super) fn accepted(
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
        let complete = candidate.coverage >= self.clean_ring;
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
                let least = self.least_characters + usize::from(is_grey);
                let clearness = if is_grey { 0.85 } else { 0.6 };
                let lettered = arc_count >= least && arc_sum >= arc_count as f32 * clearness;
                // In diagrams there are grey rings with words in them.
                let named = !is_grey
                    && complete
                    && width_mm <= LARGEST_OFFICIAL_MM
                    && (count >= 2 && width_mm <= self.name_seal_mm || count >= self.most_in_name);
                // Print under a grey ring hides its lettering from the reader, not that there is some around it.
                let is_wide = self.is_official(raster, candidate);
                let is_official = is_grey && is_wide;
                let is_oval = e.minor < MOST_OVAL * e.major;
                // No seal has a comma along its ring.
                let on_print = readings.iter().any(|r| r.part == SealPart::Outer && r.text.contains(PUNCTUATION));
                let least_ring = match (is_oval, on_print) {
                    (true, _) => self.ring_with_lettering,
                    (false, false) => self.starless_ring,
                    (false, true) => self.starless_ring_on_print,
                };
                let encircled = is_official
                    && candidate.coverage >= least_ring
                    && (arc_count >= 2 || is_oval && candidate.coverage >= self.oval_with_lettering);
                let ridden = Self::is_ridden(raster, candidate);
                // A part on the seam may have no whole character; a title inside a certificate's border is no seal's.
                let bare = ridden
                    && is_wide
                    && candidate.coverage >= self.starless_ring
                    && (is_grey || count <= arc_count + 1);
                // Rings without lettering and star are logos, charts, ornaments, circles drawn by hand.
                let clean =
                    complete && !is_grey && width_mm >= self.clean_ring_mm && (arc_count >= 2 || ridden) || bare;
                let starred = candidate.star
                    && if is_grey { is_official } else { candidate.coverage >= self.starred_ring || arc_count >= 2 };
                let shape = if is_oval { Shape::Oval } else { Shape::Round };
                (clean || lettered || named || starred || encircled, shape)
            }
            Outline::Polygon(corners) if corners.len() == 3 => (count >= 2, Shape::Triangle),
            Outline::Polygon(corners) => {
                let side_mm = |i: usize| corners[i].distance(corners[(i + 1) % corners.len()]) / raster.dpi * 25.4;
                let (across, down) = (side_mm(0), side_mm(1));
                let is_square = (0.75..1.34).contains(&(across / down.max(0.1)));
                let personal = is_square && across.max(down) <= self.name_seal_mm && !readings.is_empty();
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
