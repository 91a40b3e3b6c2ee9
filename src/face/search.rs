//! A page in full tones → the faces and portraits on it.

use image::RgbImage;

use super::group::{Group, grouped};
use super::look::{Sighting, distinct};
use super::print::{is_crossed, is_text};
use super::regions::{self, Region};
use super::sighted::Settled;
use super::survey::Survey;
use super::tones::Toned;
use super::unexplained::Unexplained;
use super::{Face, FaceFinder, FaceReport, portrait};
use crate::error::Result;
use crate::geometry::{Bbox, Point, QuarterTurns};

impl FaceFinder {
    /// Faces and portraits on a page in full tones, of which `printed` are the places of text lines.
    pub(super) fn find_among(&self, page: &Toned, printed: &[Bbox]) -> Result<FaceReport> {
        let pixels: &RgbImage = &page.pixels;
        let whole = Bbox::from_ltrb(0, 0, pixels.width() as i32, pixels.height() as i32);
        let one_bit = page.shrink > 1;
        let survey = Survey::of(pixels, &self.params.regions);
        let mut found = if one_bit {
            regions::one_bit_regions(pixels, &self.params.regions)
        } else {
            regions::photo_regions(pixels, &survey, printed, &self.params.regions)
        };
        found.retain(|region| self.may_hold_a_face(pixels, region, printed));
        let mut report = FaceReport::default();
        let mut sightings: Vec<Sighting> = Vec::new();
        let mut completed: Vec<Face> = Vec::new();
        let margin = |region: &Region| {
            let is_pale = one_bit || region.within;
            if is_pale { self.params.pale_margin } else { self.params.margin }
        };
        let mut groups = grouped(&found, margin, whole);
        let small = |group: &Group| group.bbox.width().max(group.bbox.height()) <= self.params.crumb;
        if groups.iter().filter(|group| small(group)).count() > self.params.most_crumbs {
            // Blurred or heavy print falls into crumbs: one look at all of the page instead of one at each.
            groups.retain(|group| !small(group));
            report.examined.push(whole);
            let area = whole.area() as f32;
            sightings.extend(self.look(
                pixels,
                whole,
                (self.params.crumb_pixels / area).sqrt().min(1.0),
                QuarterTurns::None,
            )?);
        }
        for group in groups {
            report.examined.push(group.bbox);
            let with_tones = group.members.iter().any(|region| !region.few_tones);
            let thorough = self.may_be_photo(&group, whole);
            let mut here = if with_tones { self.examine(pixels, group.bbox, thorough)? } else { Vec::new() };
            let unsure = here.iter().all(|seen| seen.raw.score < self.params.explaining_score);
            if unsure && thorough && self.may_lie_on_its_side(&group) {
                here.extend(self.examine_turned(pixels, group.bbox)?);
            }
            self.explain(pixels, &group, printed, one_bit, &mut here, &mut completed, &mut report)?;
            sightings.extend(here);
        }
        self.look_at_stark_places(pixels, &survey, printed, &mut sightings, &mut report)?;
        sightings.sort_by(|a, b| b.raw.score.total_cmp(&a.raw.score));
        let mut settled = Vec::new();
        for sighting in distinct(sightings) {
            settled.push(self.settled(pixels, sighting, &found)?);
        }
        settled.extend(completed.into_iter().map(|face| self.judged(pixels, face, &found)));
        for settled in settled {
            match settled {
                Settled::Nothing => {}
                Settled::Portrait(portrait) => report.unfound_portraits.push(portrait),
                Settled::Face(face) if report.faces.iter().any(|other| other.bbox.iou(face.bbox) >= 0.3) => {}
                Settled::Face(face) => report.faces.push(*face),
            }
        }
        // Hair and clothes of a face that was found in another piece of the same picture.
        let bodies: Vec<Bbox> = report
            .faces
            .iter()
            .map(|face| face.bbox.expanded(face.bbox.width() * 3 / 2, face.bbox.height() * 3 / 2))
            .collect();
        report.unfound_portraits.retain(|portrait| bodies.iter().all(|&body| portrait.bbox.covered_by(body) < 0.6));
        Ok(report)
    }

    /// False for print and for what has too few tones for a photo, unless it is one whose head is painted over.
    fn may_hold_a_face(&self, pixels: &RgbImage, region: &Region, printed: &[Bbox]) -> bool {
        let params = &self.params.portrait;
        let whole = Bbox::from_ltrb(0, 0, pixels.width() as i32, pixels.height() as i32);
        let is_painted_over = || {
            portrait::has_photo_shape(region, whole, params)
                && (portrait::is_composed_as_id_photo(pixels, region, params)
                    || region.bbox.height() > region.bbox.width()
                        && portrait::has_id_photo_aspect(region, params)
                        && portrait::patch_over_eyes(region.bbox, &self.patches_in(pixels, region)).is_some())
        };
        !is_text(region, printed) && (!region.few_tones || is_painted_over())
    }

    /// What the photo-shaped regions of a group are that no face explains: adds to its sightings, to the completed faces
    /// and to the report.
    #[expect(clippy::too_many_arguments, reason = "three places to add to")]
    fn explain(
        &self,
        pixels: &RgbImage,
        group: &Group,
        printed: &[Bbox],
        one_bit: bool,
        here: &mut Vec<Sighting>,
        completed: &mut Vec<Face>,
        report: &mut FaceReport,
    ) -> Result<()> {
        let whole = Bbox::from_ltrb(0, 0, pixels.width() as i32, pixels.height() as i32);
        let params = &self.params.portrait;
        let strong = |seen: &&Sighting| seen.raw.score >= self.params.explaining_score;
        let seen: Vec<Point> = here.iter().filter(strong).map(|seen| seen.raw.bbox().centre()).collect();
        for region in &group.members {
            // Beside a face, the ground and the clothes of the same picture lie in regions of their own.
            let explained = seen.iter().any(|&face| region.bbox.contains(face))
                || (!seen.is_empty() && !portrait::is_composed_as_id_photo(pixels, region, params));
            if explained || !portrait::has_photo_shape(region, whole, params) || is_crossed(region, printed) {
                continue;
            }
            match self.portrait_without_face(pixels, region, one_bit)? {
                Unexplained::NoPortrait => {}
                Unexplained::Turned(turned) => here.extend(turned),
                Unexplained::Completed(face) => completed.push(*face),
                Unexplained::Portrait(portrait) => report.unfound_portraits.push(portrait),
            }
        }
        Ok(())
    }
}
