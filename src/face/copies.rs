//! Places without half tones, as copiers leave them → the faces that the network sees there, and what a person must look at.

use image::RgbImage;

use super::look::Sighting;
use super::stark::{self, StarkPlace, StarkPlaces};
use super::survey::Survey;
use super::{Face, FaceFinder, FaceReport, PortraitSign, UnfoundPortrait, mass, patch};
use crate::error::Result;
use crate::geometry::{Bbox, Point};
use crate::report::FindingState;

impl FaceFinder {
    /// Adds what is seen in places without half tones where no face was found otherwise; what may be a face there goes
    /// to the report's unfound portraits.
    pub(super) fn look_at_stark_places(
        &self,
        pixels: &RgbImage,
        survey: &Survey,
        printed: &[Bbox],
        sightings: &mut Vec<Sighting>,
        report: &mut FaceReport,
    ) -> Result<()> {
        let whole = Bbox::from_ltrb(0, 0, pixels.width() as i32, pixels.height() as i32);
        let stark = &self.params.stark;
        let places = match stark::stark_places(survey, printed, &self.params.regions, stark) {
            StarkPlaces::Here(places) => places,
            StarkPlaces::Speckled => vec![StarkPlace { bbox: whole, silhouettes: Vec::new() }],
        };
        for place in places {
            let bbox = place.bbox.intersection(whole);
            let strong = |s: &&Sighting| s.raw.score >= self.params.explaining_score;
            let seen: Vec<Point> = sightings.iter().filter(strong).map(|s| s.raw.bbox().centre()).collect();
            if seen.iter().any(|&face| bbox.contains(face)) {
                continue;
            }
            report.examined.push(bbox);
            let here = self.examine_stark(pixels, bbox)?;
            let sign = PortraitSign::Outline;
            let mut doubtful = Vec::new();
            for sighting in here.iter().filter(|s| s.raw.score < stark.least_score) {
                let face = self.face(pixels, *sighting)?.face;
                let is_masked = face.state == FindingState::Masked && !self.is_guess(pixels, &face);
                doubtful.push((sighting.raw.bbox(), is_masked.then(|| face.eyes.bbox())));
            }
            let black = place.silhouettes.into_iter().filter(|&silhouette| {
                here.iter().all(|s| !silhouette.contains(s.raw.bbox().centre()))
                    && stark::is_stark(pixels, silhouette, stark)
                    && stark::is_ink_on_paper(pixels, silhouette, bbox, stark)
                    && !mass::is_all_ink(pixels, silhouette, &self.params.mass)
                    && !self.is_painted_over(pixels, silhouette)
            });
            let known: Vec<Bbox> = report.unfound_portraits.iter().map(|portrait| portrait.bbox).collect();
            report.unfound_portraits.extend(
                doubtful
                    .into_iter()
                    .chain(black.map(|bbox| (bbox, None)))
                    .filter(|(bbox, _)| known.iter().all(|known| !known.contains(bbox.centre())))
                    .map(|(bbox, eye_bar)| UnfoundPortrait { bbox: bbox.intersection(whole), sign, eye_bar }),
            );
            sightings.extend(here.into_iter().filter(|s| s.raw.score >= stark.least_score));
        }
        Ok(())
    }

    /// True for a dark mass that is made of painted blocks, bars and discs, which may be of several colours.
    fn is_painted_over(&self, pixels: &RgbImage, place: Bbox) -> bool {
        let around = place.expanded(place.width() / 12, place.height() / 12);
        let patches = patch::painted_patches(pixels, around, &self.params.patches);
        mass::is_made_of(pixels, place, &patches, &self.params.mass)
    }

    /// True for a face without half tones whose eyes lie in one patch of black or white that is no painted bar: in
    /// such copies shadows and skin are of one tone too.
    pub(super) fn is_guess(&self, pixels: &RgbImage, face: &Face) -> bool {
        let around = face.bbox.expanded(face.bbox.width() / 3, face.bbox.height() / 4);
        // A face that is black all over has no range of its own.
        if ![face.bbox, around].into_iter().any(|place| stark::is_stark(pixels, place, &self.params.stark)) {
            return false;
        }
        let eyes = [face.landmarks[0], face.landmarks[1]];
        let apart = eyes[0].distance(eyes[1]);
        let patches = patch::painted_patches(pixels, around, &self.params.patches);
        !patches.iter().any(|patch| {
            let short = patch.bbox.width().min(patch.bbox.height()) as f32;
            patch.is_block() && short <= 1.5 * apart && eyes.iter().all(|&eye| patch.bbox.contains(eye))
        })
    }
}
