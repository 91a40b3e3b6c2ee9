//! A page in full tones → the faces and portraits on it.

use image::RgbImage;

use super::group::{Group, grouped};
use super::look::{Sighting, distinct};
use super::print::is_text;
use super::regions::{self, Region};
use super::survey::Survey;
use super::tones::Toned;
use super::unexplained::Unexplained;
use super::{Face, FaceFinder, FaceReport, PortraitSign, UnfoundPortrait, portrait};
use crate::error::Result;
use crate::geometry::{Bbox, Point, QuarterTurns};
use crate::report::FindingState;

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
        found.retain(|region| {
            let painted = || {
                portrait::has_photo_shape(region, whole, &self.params.portrait)
                    && (portrait::is_composed_as_id_photo(pixels, region, &self.params.portrait)
                        || region.bbox.height() > region.bbox.width()
                            && portrait::has_id_photo_aspect(region, &self.params.portrait)
                            && portrait::patch_over_eyes(region.bbox, &self.patches_in(pixels, region)).is_some())
            };
            !is_text(region, printed) && (!region.few_tones || painted())
        });
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
            let strong = |seen: &&Sighting| seen.raw.score >= self.params.explaining_score;
            let seen: Vec<Point> = here.iter().filter(strong).map(|seen| seen.raw.bbox().centre()).collect();
            for region in &group.members {
                // Beside a face, the ground and the clothes of the same picture lie in regions of their own.
                let explained = seen.iter().any(|&face| region.bbox.contains(face))
                    || (!seen.is_empty() && !portrait::is_composed_as_id_photo(pixels, region, &self.params.portrait));
                if explained || !portrait::has_photo_shape(region, whole, &self.params.portrait) {
                    continue;
                }
                match self.portrait_without_face(pixels, region, one_bit)? {
                    Unexplained::NoPortrait => {}
                    Unexplained::Turned(turned) => here.extend(turned),
                    Unexplained::Completed(face) => completed.push(*face),
                    Unexplained::Portrait(portrait) => report.unfound_portraits.push(portrait),
                }
            }
            sightings.extend(here);
        }
        self.look_at_stark_places(pixels, &survey, printed, &mut sightings, &mut report)?;
        sightings.sort_by(|a, b| b.raw.score.total_cmp(&a.raw.score));
        let seen = distinct(sightings).into_iter().map(|sighting| self.face(pixels, sighting));
        for face in seen.chain(completed.into_iter().map(Ok)) {
            let face = face?;
            if face.state == FindingState::Masked && self.is_guess(pixels, &face) {
                let (bbox, sign) = (face.bbox, PortraitSign::Outline);
                report.unfound_portraits.push(UnfoundPortrait { bbox, sign, eye_bar: None });
                continue;
            }
            if let Some(portrait) = self.barred_portrait(pixels, &found, &face) {
                report.unfound_portraits.push(portrait);
                continue;
            }
            if report.faces.iter().all(|other| other.bbox.iou(face.bbox) < 0.3) {
                report.faces.push(face);
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
}
