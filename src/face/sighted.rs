//! A sighting of the network → a face with its eye bar and what covers the eyes.

use image::RgbImage;

use super::covers::{self, EyeCover};
use super::detect::RawFace;
use super::drawn::{self, Painted};
use super::eyes::Axes;
use super::look::Sighting;
use super::regions::Region;
use super::solid::{self, Blurred};
use super::{Face, FaceFinder, FaceReport, PortraitSign, UnfoundPortrait, portrait, stark};
use crate::error::Result;
use crate::geometry::Bbox;
use crate::report::FindingState;

/// What a sighting is after a closer look.
pub(super) enum Settled {
    /// A face.
    Face(Box<Face>),
    /// A portrait whose eyes are covered, or one for a person to look at.
    Portrait(UnfoundPortrait),
    /// A painted face that hides nobody's.
    Nothing,
}

/// A face after a closer look.
pub(super) struct Sighted {
    pub(super) face: Face,
    axes: Axes,
    cover: EyeCover,
}

impl FaceFinder {
    /// What a sighting is, among the photo-shaped `regions` of the page.
    pub(super) fn settled(&self, pixels: &RgbImage, sighting: Sighting, regions: &[Region]) -> Result<Settled> {
        let Sighted { face, axes, cover } = self.face(pixels, sighting)?;
        let drawn = &self.params.drawn;
        if face.score < drawn.real_score
            && let Some(paint) = drawn::paint_of(pixels, &axes, drawn)
        {
            let photo = self.photo_around(pixels, regions, &face);
            return Ok(match drawn::on(photo, drawn::painted_part(pixels, face.bbox, paint, drawn)) {
                Painted::Alone => Settled::Nothing,
                Painted::OnPhoto(portrait) => Settled::Portrait(portrait),
            });
        }
        if cover == EyeCover::Beside {
            let (bbox, sign) = (face.bbox, PortraitSign::Picture);
            return Ok(Settled::Portrait(UnfoundPortrait { bbox, sign, eye_bar: None }));
        }
        Ok(self.judged(pixels, face, regions))
    }

    /// A face, unless it is a guess or what shows beside a bar.
    pub(super) fn judged(&self, pixels: &RgbImage, face: Face, regions: &[Region]) -> Settled {
        if face.state == FindingState::Masked && self.is_guess(pixels, &face) {
            let (bbox, sign) = (face.bbox, PortraitSign::Outline);
            return Settled::Portrait(UnfoundPortrait { bbox, sign, eye_bar: None });
        }
        match self.barred_portrait(pixels, regions, &face) {
            Some(portrait) => Settled::Portrait(portrait),
            None => Settled::Face(Box::new(face)),
        }
    }

    /// The smallest photo-shaped region that a face lies in.
    fn photo_around(&self, pixels: &RgbImage, regions: &[Region], face: &Face) -> Option<Bbox> {
        let page = Bbox::from_ltrb(0, 0, pixels.width() as i32, pixels.height() as i32);
        let holds = |region: &&Region| {
            region.bbox.contains(face.bbox.centre()) && portrait::has_photo_shape(region, page, &self.params.portrait)
        };
        regions.iter().filter(holds).map(|region| region.bbox).min_by_key(|bbox| bbox.area())
    }

    /// A sighting as a face; looked at again upright and at a good size where it was not so seen.
    pub(super) fn face(&self, pixels: &RgbImage, sighting: Sighting) -> Result<Sighted> {
        let params = &self.params;
        let width = |raw: &RawFace| (raw.edges[2] - raw.edges[0]).min(raw.edges[3] - raw.edges[1]);
        let mut raw = sighting.raw;
        let mut axes = Axes::of(&raw.landmarks, width(&raw), &params.eyes);
        let [narrow, wide] = params.good_widths;
        let sure = raw.score >= params.sure_score;
        let well_seen = axes.turn().abs() <= params.most_turn && (narrow..=wide).contains(&sighting.network_width);
        if !(well_seen && sure)
            && let Some(upright) = self.look_upright(pixels, &raw, &axes)?
        {
            raw.landmarks = upright.landmarks;
            if !sure && upright.score > raw.score {
                // A face at the edge of what was looked at shows in half.
                (raw.edges, raw.score) = (upright.edges, upright.score);
            }
            axes = Axes::of(&raw.landmarks, width(&raw), &params.eyes);
        }
        let cover = covers::over_eyes(pixels, &axes, &raw, params);
        let face = Face {
            bbox: raw.bbox().clamped(pixels.width(), pixels.height()),
            landmarks: raw.landmarks,
            score: raw.score,
            eyes: axes.bar(&params.eyes),
            whole: axes.whole_face(),
            state: match cover {
                EyeCover::Weak if stark::is_stark(pixels, raw.bbox(), &params.stark) => FindingState::Exposed,
                EyeCover::Solid => FindingState::Masked,
                EyeCover::Weak => FindingState::WeakMask,
                EyeCover::None | EyeCover::Beside | EyeCover::OneEye { .. } => FindingState::Exposed,
            },
            open_eye: match cover {
                EyeCover::OneEye { open_right } => Some(axes.half_bar(open_right, &params.eyes)),
                EyeCover::None | EyeCover::Solid | EyeCover::Beside | EyeCover::Weak => None,
            },
        };
        Ok(Sighted { face, axes, cover })
    }

    /// Takes back covers that only the raised contrast of the page made of one colour: a face in a photo may be darker than
    /// thin print.
    pub(super) fn judge_covers_again(&self, page: &RgbImage, report: &mut FaceReport) {
        let is_covered = |face: &Face| face.state == FindingState::Masked || face.open_eye.is_some();
        for face in report.faces.iter_mut().filter(|face| is_covered(face)) {
            let [left, top, right, bottom] = [face.bbox.left, face.bbox.top, face.bbox.right, face.bbox.bottom];
            let raw = RawFace {
                edges: [left, top, right, bottom].map(|edge| edge as f32),
                landmarks: face.landmarks,
                score: face.score,
            };
            let axes = Axes::of(&raw.landmarks, face.bbox.width().min(face.bbox.height()) as f32, &self.params.eyes);
            match covers::over_eyes(page, &axes, &raw, &self.params) {
                EyeCover::Solid if face.state == FindingState::Masked => {}
                EyeCover::OneEye { .. } if face.open_eye.is_some() => {}
                _ => (face.state, face.open_eye) = (FindingState::Exposed, None),
            }
        }
        for portrait in &mut report.unfound_portraits {
            portrait.eye_bar =
                portrait.eye_bar.filter(|&bar| solid::is_of_one_tone(page, bar, Blurred::Unknown, &self.params.solid));
        }
    }
}
