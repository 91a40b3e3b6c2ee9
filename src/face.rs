//! Page raster → faces with the bar that hides each one's eyes, and portraits in which no face was found.
//!
//! Regions that may be photographs are proposed from page statistics ([`regions`]); CenterFace looks at
//! those alone, at scales that suit their size ([`detect`]); faces that are turned or far from the network's
//! favourite size are looked at again upright; landmarks give the eye bar and its state ([`eyes`]). A
//! portrait-like region in which no face shows is reported, never passed over ([`portrait`]). Whose face it
//! is, is not asked.

mod cell;
mod complete;
mod covers;
mod detect;
mod eyes;
mod look;
mod mass;
mod patch;
mod portrait;
mod regions;
mod solid;
mod stark;
mod tones;

use std::ops::Range;

use image::RgbImage;

use crate::assets::{Asset, Assets};
use crate::error::Result;
use crate::geometry::{Bbox, Point, Quad, QuarterTurns};
use crate::inference::Runtime;
use crate::ocr::TextLine;
use crate::raster::Raster;
use crate::report::FindingState;
pub use cell::CellParams;
pub use complete::CompletionParams;
pub use covers::CoverParams;
use covers::EyeCover;
use detect::{Detector, RawFace};
use eyes::Axes;
pub use eyes::EyeParams;
use look::{Sighting, distinct};
pub use mass::MassParams;
use patch::Patch;
pub use patch::PatchParams;
pub use portrait::PortraitParams;
pub use regions::RegionParams;
use regions::{Region, Survey};
use solid::Blurred;
pub use solid::SolidParams;
pub use stark::StarkParams;
use stark::{StarkPlace, StarkPlaces};
pub use tones::ToneParams;
use tones::Toned;

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
    fn enlarge(&mut self, factor: u32) {
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

/// How regions are looked at.
#[derive(Debug, Clone)]
pub struct FaceParams {
    /// Context around a region, as a share of its longer side: hair and clothes may be the only parts of a
    /// portrait on white that differ from paper.
    pub margin: f32,
    /// The same on one-bit pages, where a face may be as white as the paper between black hair and clothes, and on warm or
    /// shaded paper, where it may be as light.
    pub pale_margin: f32,
    /// Network pixels along the longer side of a region no longer than 420 pixels (an ID photo up to 53 mm
    /// at 200 dpi): its one face is then 60–110 pixels wide, where landmarks are best.
    pub portrait_extent: u32,
    /// The same for larger regions at the first look.
    pub first_extent: u32,
    /// Most network pixels of a second look; 1 Mpx takes about 0.6 s on one thread.
    pub most_pixels: f32,
    /// Largest magnification: a 12-pixel face needs about 14 network pixels.
    pub most_magnified: f32,
    /// Score from which a face that fills its region ends the search there.
    pub sure_score: f32,
    /// Least score of a face narrower than `small_face` network pixels.
    pub least_small_score: f32,
    /// Network pixels under which a face counts as small.
    pub small_face: f32,
    /// Score from which a face says what a photo-shaped region is; weaker ones may be a pattern in a portrait whose face
    /// is covered.
    pub explaining_score: f32,
    /// Least score of a face in a picture that was turned on suspicion.
    pub least_turned_score: f32,
    /// Longer side in page pixels, surroundings included, up to which a picture without a face is looked at in all
    /// four turns: three looks of 10 ms.
    pub most_turned: i32,
    /// Shorter side in page pixels from which it is.
    pub least_turned: i32,
    /// Turn in radians beyond which a face is looked at again upright. CenterFace squeezes the landmarks of turned
    /// faces: one turned by 40° measured 20°.
    pub most_turn: f32,
    /// Network widths of a face between which landmarks are good enough: measured 0.03 eye distances apart
    /// from each other there, 0.15 outside.
    pub good_widths: [f32; 2],
    /// Longer side in page pixels up to which a strip is no picture of several people: a line of heavy print.
    pub most_strip: i32,
    /// Longer side in page pixels, surroundings included, up to which a region is a crumb.
    pub crumb: i32,
    /// Crumbs that are looked at one by one: 4 ms each on one thread.
    pub most_crumbs: usize,
    /// Network pixels of the one look at a page with more crumbs than that; 0.35 s.
    pub crumb_pixels: f32,
    /// Region survey.
    pub regions: RegionParams,
    /// Eye bar.
    pub eyes: EyeParams,
    /// Portraits.
    pub portrait: PortraitParams,
    /// Cells for photos.
    pub cell: CellParams,
    /// Pale and one-bit pages.
    pub tones: ToneParams,
    /// Covers over eyes.
    pub covers: CoverParams,
    /// What is of one colour.
    pub solid: SolidParams,
    /// Pictures in black and white without half tones.
    pub stark: StarkParams,
    /// What in them is ink from edge to edge.
    pub mass: MassParams,
    /// Painted patches.
    pub patches: PatchParams,
    /// Portraits with a patch over one eye.
    pub completion: CompletionParams,
}

impl Default for FaceParams {
    fn default() -> Self {
        Self {
            margin: 0.15,
            pale_margin: 0.6,
            portrait_extent: 192,
            first_extent: 416,
            most_pixels: 1.0e6,
            most_magnified: 2.5,
            sure_score: 0.7,
            least_small_score: 0.45,
            small_face: 16.0,
            explaining_score: 0.5,
            least_turned_score: 0.6,
            most_turned: 420,
            least_turned: 36,
            most_turn: 0.25,
            good_widths: [24.0, 160.0],
            most_strip: 240,
            crumb: 96,
            most_crumbs: 12,
            crumb_pixels: 0.7e6,
            regions: RegionParams::default(),
            eyes: EyeParams::default(),
            portrait: PortraitParams::default(),
            cell: CellParams::default(),
            tones: ToneParams::default(),
            covers: CoverParams::default(),
            solid: SolidParams::default(),
            stark: StarkParams::default(),
            mass: MassParams::default(),
            patches: PatchParams::default(),
            completion: CompletionParams::default(),
        }
    }
}

/// The loaded face detector with its rules.
pub struct FaceFinder {
    detector: Detector,
    params: FaceParams,
}

impl FaceFinder {
    /// Loads CenterFace.
    ///
    /// # Errors
    /// [`crate::Error::Io`] or [`crate::Error::Model`] when the asset cannot be read or executed.
    pub fn load(assets: &Assets) -> Result<Self> {
        Ok(Self {
            detector: Detector::load(Runtime::available(assets)?, assets.bytes(Asset::FaceDetection)?)?,
            params: FaceParams::default(),
        })
    }

    /// Finds every face on a page, whichever way the page is turned. `lines` are the page's text lines as
    /// far as they are known: they tell which table cells are meant for photos.
    ///
    /// # Errors
    /// [`crate::Error::Model`] when the network fails.
    pub fn find(&self, page: &Raster, lines: &[TextLine]) -> Result<FaceReport> {
        let toned = tones::toned(&page.pixels, &self.params.tones);
        let shrink = toned.shrink as f32;
        let large = if toned.shrink > 1 { LARGE_PRINT * middle_thickness(lines) } else { f32::INFINITY };
        let printed: Vec<Bbox> = lines
            .iter()
            .filter(|line| is_filled(line) && line.quad.thickness().min(line.quad.length()) <= large)
            .flat_map(printed_parts)
            .map(|part| part.map(|p| Point::new(p.x / shrink, p.y / shrink)).bbox().expanded(4, 4))
            .collect();
        let mut report = self.find_among(&toned, &printed)?;
        if toned.shrink > 1 {
            report.enlarge(toned.shrink);
        }
        if toned.is_stretched() {
            self.judge_covers_again(&page.pixels, &mut report);
        }
        for cell in cell::photo_cells(&page.pixels, page.dpi, lines, &self.params.cell) {
            let holds = |bbox: Bbox| bbox.covered_by(cell.expanded(8, 8)) > 0.6;
            let taken = report.faces.iter().any(|face| holds(face.bbox))
                || report.unfound_portraits.iter().any(|portrait| holds(portrait.bbox));
            if !taken {
                let (bbox, sign) = (cell, PortraitSign::LabelledCell);
                let patches = patch::painted_patches(&page.pixels, bbox, &self.params.patches);
                let eye_bar = self.cover_of_portrait(&page.pixels, bbox, &patches);
                report.unfound_portraits.push(UnfoundPortrait { bbox, sign, eye_bar });
            }
        }
        Ok(report)
    }

    /// Takes back covers that only the raised contrast of the page made of one colour: a face in a photo may be darker than
    /// thin print.
    fn judge_covers_again(&self, page: &RgbImage, report: &mut FaceReport) {
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

    /// Faces and portraits on a page in full tones, of which `printed` are the places of text lines.
    fn find_among(&self, page: &Toned, printed: &[Bbox]) -> Result<FaceReport> {
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

    /// Adds what is seen in places without half tones where no face was found otherwise; what may be a face there goes
    /// to the report's unfound portraits.
    fn look_at_stark_places(
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
            let doubtful = here.iter().filter(|s| s.raw.score < stark.least_score).map(|s| s.raw.bbox());
            let black = place.silhouettes.into_iter().filter(|&silhouette| {
                here.iter().all(|s| !silhouette.contains(s.raw.bbox().centre()))
                    && stark::is_stark(pixels, silhouette, stark)
                    && !mass::is_all_ink(pixels, silhouette, &self.params.mass)
            });
            let known: Vec<Bbox> = report.unfound_portraits.iter().map(|portrait| portrait.bbox).collect();
            report.unfound_portraits.extend(
                doubtful
                    .chain(black)
                    .filter(|bbox| known.iter().all(|known| !known.contains(bbox.centre())))
                    .map(|bbox| UnfoundPortrait { bbox: bbox.intersection(whole), sign, eye_bar: None }),
            );
            sightings.extend(here.into_iter().filter(|s| s.raw.score >= stark.least_score));
        }
        Ok(())
    }

    /// False for a small strip, most likely a word of heavy print on tinted paper, which is looked at once only.
    fn may_be_photo(&self, group: &Group, page: Bbox) -> bool {
        let params = &self.params;
        let Some(all) = group.members.iter().map(|region| region.bbox).reduce(Bbox::union) else { return false };
        let (short, long) = (all.width().min(all.height()), all.width().max(all.height()));
        long > params.most_strip
            || short as f32 >= params.portrait.least_aspect * long as f32
            || group.members.iter().any(|region| portrait::has_photo_shape(region, page, &params.portrait))
    }

    /// True for a small picture that fills a frame; one that was pasted in on its side may be of any size and grey.
    fn may_lie_on_its_side(&self, group: &Group) -> bool {
        let params = &self.params;
        group.bbox.width().max(group.bbox.height()) <= params.most_turned
            && group.members.iter().any(|region| {
                let (w, h) = (region.bbox.width(), region.bbox.height());
                let (short, long) = (w.min(h), w.max(h));
                !region.few_tones
                    && short > params.least_turned
                    && short as f32 >= params.portrait.least_aspect * long as f32
                    && region.fill >= params.portrait.least_photo_fill
            })
    }

    /// What a photo-shaped region is in which the network saw no face.
    fn portrait_without_face(&self, pixels: &RgbImage, region: &Region, one_bit: bool) -> Result<Unexplained> {
        let params = &self.params;
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
    fn patches_in(&self, pixels: &RgbImage, region: &Region) -> Vec<Patch> {
        let (w, h) = (region.bbox.width(), region.bbox.height());
        patch::painted_patches(pixels, region.bbox.expanded(w / 12, h / 12), &self.params.patches)
    }

    /// The solid cover over the eyes of a portrait in which no face was found.
    fn cover_of_portrait(&self, pixels: &RgbImage, portrait: Bbox, patches: &[Patch]) -> Option<Bbox> {
        let solid = |place: Bbox| solid::is_of_one_tone(pixels, place, Blurred::Unknown, &self.params.solid);
        let bar = portrait::eye_bar(pixels, portrait).filter(|&bar| solid(bar));
        bar.or_else(|| {
            let painted: Vec<Patch> = patches.iter().copied().filter(|patch| solid(patch.core())).collect();
            portrait::patch_over_eyes(portrait, &painted)
        })
    }

    /// The portrait whose eyes lie under a bar, when a doubtful face is but the beard or the mouth beside that bar: the bar is
    /// wider than such a face, and not in it.
    fn barred_portrait(&self, pixels: &RgbImage, regions: &[Region], face: &Face) -> Option<UnfoundPortrait> {
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
        let is_beside = wide >= LONGER * narrow && !face.bbox.contains(bar.centre());
        let (bbox, sign) = (region.bbox, PortraitSign::Picture);
        is_beside.then_some(UnfoundPortrait { bbox, sign, eye_bar: Some(bar) })
    }

    /// True for a face without half tones whose eyes lie in one patch of black or white that is no painted bar: in
    /// such copies shadows and skin are of one tone too.
    fn is_guess(&self, pixels: &RgbImage, face: &Face) -> bool {
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

    /// A sighting as a face; looked at again upright and at a good size where it was not so seen.
    fn face(&self, pixels: &RgbImage, sighting: Sighting) -> Result<Face> {
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
        Ok(Face {
            bbox: raw.bbox().clamped(pixels.width(), pixels.height()),
            landmarks: raw.landmarks,
            score: raw.score,
            eyes: axes.bar(&params.eyes),
            whole: axes.whole_face(),
            state: match cover {
                EyeCover::Weak if stark::is_stark(pixels, raw.bbox(), &params.stark) => FindingState::Exposed,
                EyeCover::Solid => FindingState::Masked,
                EyeCover::Weak => FindingState::WeakMask,
                EyeCover::None | EyeCover::OneEye { .. } => FindingState::Exposed,
            },
            open_eye: match cover {
                EyeCover::OneEye { open_right } => Some(axes.half_bar(open_right, &params.eyes)),
                EyeCover::None | EyeCover::Solid | EyeCover::Weak => None,
            },
        })
    }
}

/// What a photo-shaped region without a found face is.
enum Unexplained {
    NoPortrait,
    /// Faces that show in another quarter turn.
    Turned(Vec<Sighting>),
    /// A face that shows once a patch over one eye is filled in.
    Completed(Box<Face>),
    Portrait(UnfoundPortrait),
}

/// How many times larger than the page's other print a line on a page in black and white may be: the face in a copy is read
/// as a word, too.
const LARGE_PRINT: f32 = 2.5;

/// The thickness of the middle one of a page's lines.
fn middle_thickness(lines: &[TextLine]) -> f32 {
    let mut all: Vec<f32> = lines.iter().map(|line| line.quad.thickness()).collect();
    all.sort_unstable_by(f32::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f32::INFINITY)
}

/// True for a line with about as many characters as it is long that are read for sure: a block in a photo may be read as
/// one or two strokes, a group of people as a word.
fn is_filled(line: &TextLine) -> bool {
    /// Lengths of one character that its line may take up: 姓 名 is set with wide gaps, digits are half as wide as high.
    const PER_CHARACTER: f32 = 3.0;
    /// Least mean posterior of its characters: groups of people were read as RA with 0.46, kila with 0.61; large print has
    /// 0.9 and more.
    const LEAST_SCORE: f32 = 0.8;
    let characters = line.text().chars().filter(|c| !c.is_whitespace()).count();
    characters >= 2
        && line.lattice.score() >= LEAST_SCORE
        && line.quad.length() <= PER_CHARACTER * characters as f32 * line.quad.thickness()
}

/// The parts of a line where characters were read: a line that was joined over a picture reads as nothing there.
fn printed_parts(line: &TextLine) -> Vec<Quad> {
    /// What a character takes to either side of its middle, in the line's thickness or, where that is less, in the usual
    /// distance to its neighbour: more than half of it, so that neighbours touch.
    const HALF: f32 = 0.7;
    let frames = line.lattice.frames().max(1) as f32;
    let middle = |frame: &Range<usize>| (frame.start + frame.end) as f32 / 2.0 / frames;
    let middles: Vec<f32> = line.lattice.best_path().iter().map(|symbol| middle(&symbol.frames)).collect();
    let mut pitches: Vec<f32> = middles.windows(2).map(|pair| pair[1] - pair[0]).collect();
    pitches.sort_by(f32::total_cmp);
    let pitch = pitches.get(pitches.len() / 2).copied().unwrap_or(1.0);
    let half = HALF * pitch.min(line.quad.thickness() / line.quad.length().max(1.0));
    let mut parts: Vec<(f32, f32)> = Vec::new();
    for middle in middles {
        let (from, to) = ((middle - half).max(0.0), (middle + half).min(1.0));
        match parts.last_mut() {
            Some((_, end)) if from <= *end => *end = to.max(*end),
            _ => parts.push((from, to)),
        }
    }
    parts.into_iter().map(|(from, to)| line.quad.slice(from, to)).collect()
}

/// True when a region lies in known text lines: heavy or blurred strokes, print on tinted paper.
fn is_text(region: &Region, printed: &[Bbox]) -> bool {
    let covered: f32 = printed.iter().map(|&line| region.bbox.covered_by(line)).sum();
    covered >= 0.7
}

/// Regions that are looked at together.
struct Group {
    bbox: Bbox,
    members: Vec<Region>,
}

fn with_margin(bbox: Bbox, margin: f32) -> Bbox {
    let grown = (bbox.width().max(bbox.height()) as f32 * margin) as i32 + 8;
    bbox.expanded(grown, grown)
}

/// Joins regions whose surroundings overlap by more than a third of the smaller one: head and clothes of
/// one portrait may be apart.
fn grouped(regions: &[Region], margin: impl Fn(&Region) -> f32, page: Bbox) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for region in regions {
        let mut bbox = with_margin(region.bbox, margin(region)).intersection(page);
        let mut members = vec![region.clone()];
        while let Some(at) = groups.iter().position(|group| {
            let common = group.bbox.intersection(bbox).area();
            common * 3 > group.bbox.area().min(bbox.area())
        }) {
            let group = groups.swap_remove(at);
            bbox = bbox.union(group.bbox);
            members.extend(group.members);
        }
        groups.push(Group { bbox, members });
    }
    groups
}
