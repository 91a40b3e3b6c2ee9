//! What the face finder says about a page: faces with the bars over their eyes, and portraits in which no face was found.

use crate::geometry::{Bbox, Point, Quad};
use crate::report::FindingState;

/// What is painted over a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FaceMask {
    /// One bar over both eyes and eyebrows, wide to the temples.
    #[default]
    Eyes,
    /// The whole face from forehead to chin.
    Face,
}

/// A face on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Face {
    /// Around the face from forehead to chin, page-raster pixels.
    pub bbox: Bbox,
    /// The eye on the left, the eye on the right, nose tip, mouth corners left and right, as seen on the
    /// upright face, page-raster pixels.
    pub landmarks: [Point; 5],
    /// The detector's score, 0..=1.
    pub score: f32,
    /// The bar over both eyes including eyebrows, turned with the face: 2.3 eye distances wide and 1.05
    /// high, from 0.6 above the line through the eyes to 0.45 below it. The eye distance of a face seen from
    /// the side is taken as 0.42 of the face's width.
    pub eyes: Quad,
    /// The whole face, turned with it.
    pub whole: Quad,
    /// [`FindingState::Masked`] when a solid cover hides both eyes, [`FindingState::WeakMask`] when they are
    /// only blurred or in mosaic, else [`FindingState::Exposed`].
    pub state: FindingState,
    /// The part of the bar over the eye that shows when a solid cover hides the other one.
    pub open_eye: Option<Quad>,
}

impl Face {
    /// What to paint over.
    pub fn mask(&self, mask: FaceMask) -> Quad {
        match mask {
            FaceMask::Eyes => self.open_eye.unwrap_or(self.eyes),
            FaceMask::Face => self.whole,
        }
    }
}

/// Why a place without a found face needs a person's look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortraitSign {
    /// A photo-shaped region with the tones of skin and hair.
    Picture,
    /// A table cell labelled as the place of a photo.
    LabelledCell,
    /// Something like a face in a picture without half tones.
    Outline,
}

/// A portrait in which no face was found.
#[derive(Debug, Clone, PartialEq)]
pub struct UnfoundPortrait {
    /// The picture or cell, page-raster pixels.
    pub bbox: Bbox,
    /// What makes it a portrait.
    pub sign: PortraitSign,
    /// The solid bar over the eyes, when there is one: the portrait is then masked, and the bar is why no
    /// face was found.
    pub eye_bar: Option<Bbox>,
}

impl UnfoundPortrait {
    /// True when a solid bar covers the eyes.
    pub fn eyes_masked(&self) -> bool {
        self.eye_bar.is_some()
    }

    /// Why it is reported, in words.
    pub fn reason(&self) -> &'static str {
        match (self.sign, self.eye_bar) {
            (_, Some(_)) => "a portrait whose eyes are covered by a solid block",
            (PortraitSign::Picture, None) => "looks like a portrait, but no face was found in it",
            (PortraitSign::Outline, None) => "a picture in black and white that may show a face",
            (PortraitSign::LabelledCell, None) => "the place for a photo, but no face was found in it",
        }
    }
}

/// What the face finder says about a page.
#[derive(Debug, Clone, Default)]
pub struct FaceReport {
    /// Faces, strongest first.
    pub faces: Vec<Face>,
    /// Portraits without a found face.
    pub unfound_portraits: Vec<UnfoundPortrait>,
    /// The regions that the network looked at; empty when the page holds nothing like a photograph.
    pub examined: Vec<Bbox>,
}

impl FaceReport {
    /// Brings everything found on a page that was reduced by a whole factor back to the page's pixels.
    pub(super) fn enlarge(&mut self, factor: u32) {
        let by = factor as i32;
        let bbox = |b: Bbox| Bbox::from_ltrb(b.left * by, b.top * by, b.right * by, b.bottom * by);
        let point = |p: Point| Point::new(p.x * factor as f32, p.y * factor as f32);
        for face in &mut self.faces {
            face.bbox = bbox(face.bbox);
            face.landmarks = face.landmarks.map(point);
            face.eyes = face.eyes.map(point);
            face.whole = face.whole.map(point);
            face.open_eye = face.open_eye.map(|eye| eye.map(point));
        }
        for portrait in &mut self.unfound_portraits {
            portrait.bbox = bbox(portrait.bbox);
            portrait.eye_bar = portrait.eye_bar.map(bbox);
        }
        self.examined.iter_mut().for_each(|examined| *examined = bbox(*examined));
    }
}
