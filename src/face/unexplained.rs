//! A photo-shaped region in which the network saw no face → what it is: no portrait, a portrait on its side, one whose eyes are
//! covered, or one for a person to look at.

use image::RgbImage;

use super::covers;
use super::eyes::Axes;
use super::group::with_margin;
use super::look::Sighting;
use super::patch::{self, Patch};
use super::regions::Region;
use super::solid::{self, Blurred};
use super::{Face, FaceFinder, PortraitSign, UnfoundPortrait, portrait};
use crate::error::Result;
use crate::geometry::{Bbox, Point};
use crate::report::FindingState;

/// What a photo-shaped region without a found face is.
pub(super) enum Unexplained {
    NoPortrait,
    /// Faces that show in another quarter turn.
    Turned(Vec<Sighting>),
    /// A face that shows once a patch over one eye is filled in.
    Completed(Box<Face>),
    Portrait(UnfoundPortrait),
}

impl FaceFinder {
    /// What a photo-shaped region is in which the network saw no face.
    pub(super) fn portrait_without_face(
        &self,
        pixels: &RgbImage,
        region: &Region,
        one_bit: bool,
    ) -> Result<Unexplained> {
        let params = &self.params;
        if region.bbox.width().min(region.bbox.height()) < params.portrait.least_side
            || portrait::is_of_one_ink(pixels, region, &params.portrait)
        {
            return Ok(Unexplained::NoPortrait);
        }
        let composed = portrait::is_composed_as_id_photo(pixels, region, &params.portrait);
        // Without half tones there is no skin to see.
        let like_portrait = composed
            || one_bit && portrait::is_upright_frame(region, &params.portrait)
            || portrait::looks_like_portrait(pixels, region, &params.portrait);
        if portrait::is_square_picture(region, &params.portrait) {
            return Ok(Unexplained::NoPortrait);
        }
        let upright = region.bbox.height() > region.bbox.width();
        if !(like_portrait || upright && portrait::has_id_photo_aspect(region, &params.portrait)) {
            return Ok(Unexplained::NoPortrait);
        }
        // The white and black patches of a one-bit scan are faces and hair.
        let patches = if one_bit { Vec::new() } else { self.patches_in(pixels, region) };
        if !region.few_tones
            && let Some(face) = self.face_beside(pixels, region.bbox, &patches)?
        {
            return Ok(Unexplained::Completed(Box::new(face)));
        }
        let eye_bar = self.cover_of_portrait(pixels, region.bbox, &patches);
        if eye_bar.is_none() {
            if !like_portrait {
                return Ok(Unexplained::NoPortrait);
            }
            let place = with_margin(region.bbox, params.margin).clamped(pixels.width(), pixels.height());
            let turned = self.examine_turned(pixels, place)?;
            if !turned.is_empty() {
                return Ok(Unexplained::Turned(turned));
            }
            if !upright && !composed {
                // Pages are upright here: a picture that is wider than high is seldom a portrait on its side.
                return Ok(Unexplained::NoPortrait);
            }
        }
        let (bbox, sign) = (region.bbox, PortraitSign::Picture);
        Ok(Unexplained::Portrait(UnfoundPortrait { bbox, sign, eye_bar }))
    }

    /// Painted patches in and on the edge of a picture: on white ground a covered head is all of it.
    pub(super) fn patches_in(&self, pixels: &RgbImage, region: &Region) -> Vec<Patch> {
        let (w, h) = (region.bbox.width(), region.bbox.height());
        patch::painted_patches(pixels, region.bbox.expanded(w / 12, h / 12), &self.params.patches)
    }

    /// The solid cover over the eyes of a portrait in which no face was found.
    pub(super) fn cover_of_portrait(&self, pixels: &RgbImage, portrait: Bbox, patches: &[Patch]) -> Option<Bbox> {
        let solid = |place: Bbox| solid::is_of_one_tone(pixels, place, Blurred::Unknown, &self.params.solid);
        let bar = portrait::eye_bar(pixels, portrait).filter(|&bar| solid(bar));
        bar.or_else(|| {
            let painted: Vec<Patch> =
                patches.iter().copied().filter(|patch| patch.is_paint || solid(patch.core())).collect();
            portrait::patch_over_eyes(portrait, &painted)
        })
    }

    /// The portrait whose eyes lie under a bar, when a doubtful face is but the beard or the mouth beside that bar: the bar is
    /// wider than such a face, and not in it.
    pub(super) fn barred_portrait(
        &self,
        pixels: &RgbImage,
        regions: &[Region],
        face: &Face,
    ) -> Option<UnfoundPortrait> {
        /// Least length of the bar in widths of the doubtful face. A bar is 2.3 eye distances long and a face 2.1 wide.
        const LONGER: f32 = 1.35;
        let params = &self.params;
        if face.score >= params.sure_score || face.state != FindingState::Exposed || face.open_eye.is_some() {
            return None;
        }
        let page = Bbox::from_ltrb(0, 0, pixels.width() as i32, pixels.height() as i32);
        let region = regions.iter().find(|region| {
            region.bbox.contains(face.bbox.centre()) && portrait::has_photo_shape(region, page, &params.portrait)
        })?;
        let bar = self.cover_of_portrait(pixels, region.bbox, &self.patches_in(pixels, region))?;
        let wide = bar.width().max(bar.height()) as f32;
        let narrow = face.bbox.width().min(face.bbox.height()) as f32;
        let is_above = |bar: Point| {
            let axes = Axes::of(&face.landmarks, narrow, &params.eyes);
            axes.offset_of(bar).y < 0.0
        };
        // What the network hardly sees may hold the bar.
        let is_weak = face.score < params.explaining_score && wide >= narrow && is_above(bar.centre());
        let is_beside = wide >= LONGER * narrow && !face.bbox.contains(bar.centre())
            || is_weak && !self.an_eye_shows_beside(pixels, bar, face);
        let (bbox, sign) = (region.bbox, PortraitSign::Picture);
        is_beside.then_some(UnfoundPortrait { bbox, sign, eye_bar: Some(bar) })
    }

    /// True when something dark shows beside a bar where the network guesses the eyes of a face.
    fn an_eye_shows_beside(&self, pixels: &RgbImage, bar: Bbox, face: &Face) -> bool {
        let axes = Axes::of(&face.landmarks, face.bbox.width().min(face.bbox.height()) as f32, &self.params.eyes);
        covers::an_eye_shows(pixels, &axes, covers::colour_of(pixels, bar), &self.params.covers)
    }
}
