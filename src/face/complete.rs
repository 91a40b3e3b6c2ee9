//! A portrait with a painted patch over one eye → its face, found once the patch is filled in.
//!
//! A dark block beside an open eye can hide the whole face from the network. The patch is filled with the colour
//! around it, and with the mirror image of either side; where a face then shows, its eyes are judged on
//! the untouched pixels.

use image::{Rgb, RgbImage};

use super::eyes::Axes;
use super::group::with_margin;
use super::look::{Sighting, mapped};
use super::patch::Patch;
use super::solid;
use super::{Face, FaceFinder};
use crate::error::Result;
use crate::geometry::{Bbox, Point, QuarterTurns};
use crate::raster;
use crate::report::FindingState;

/// When a filled-in portrait shows a face.
#[derive(Debug, Clone)]
pub struct CompletionParams {
    /// Least score of a face that was completed.
    pub least_score: f32,
    /// Least width of it as a share of the portrait's shorter side.
    pub least_width: f32,
    /// Widths of the patch as shares of the portrait's shorter side.
    pub patch_width: [f32; 2],
    /// Patches that are tried, largest first; each costs up to five looks of about 20 ms.
    pub most_patches: usize,
}

impl Default for CompletionParams {
    fn default() -> Self {
        Self { least_score: 0.5, least_width: 0.22, patch_width: [0.08, 0.7], most_patches: 3 }
    }
}

/// How a patch is filled.
#[derive(Debug, Clone, Copy)]
enum Filling {
    /// With the mean colour around it.
    Around,
    /// With the mirror image about an upright axis so many patch widths right of its right edge, or left of its left
    /// one.
    MirrorRight(f32),
    MirrorLeft(f32),
}

const FILLINGS: [Filling; 5] = [
    Filling::Around,
    Filling::MirrorRight(0.1),
    Filling::MirrorLeft(0.1),
    Filling::MirrorRight(-0.1),
    Filling::MirrorLeft(-0.1),
];

impl FaceFinder {
    /// The face in `portrait` that shows when one of `patches` is filled in, if there is one of whose eyes at least
    /// one lies under a patch.
    ///
    /// # Errors
    /// [`crate::Error::Model`] when the network fails.
    pub(super) fn face_beside(&self, pixels: &RgbImage, portrait: Bbox, patches: &[Patch]) -> Result<Option<Face>> {
        let params = &self.params.completion;
        let short = portrait.width().min(portrait.height()) as f32;
        let place = with_margin(portrait, self.params.margin).clamped(pixels.width(), pixels.height());
        let part = raster::crop(pixels, place);
        let scale = (self.params.portrait_extent as f32 / place.width().max(place.height()) as f32)
            .min(self.params.most_magnified);
        let [narrow, wide] = params.patch_width;
        let sized = |patch: &&Patch| (narrow..=wide).contains(&(patch.bbox.width() as f32 / short));
        let mut best: Option<(Sighting, [bool; 2])> = None;
        for patch in patches.iter().filter(sized).take(params.most_patches) {
            for filling in FILLINGS {
                let filled = filled(&part, patch.bbox.moved(-place.left, -place.top), filling);
                let whole = Bbox::from_ltrb(0, 0, filled.width() as i32, filled.height() as i32);
                for mut seen in self.look(&filled, whole, scale, QuarterTurns::None)? {
                    seen.raw = mapped(&seen.raw, |p| Point::new(p.x + place.left as f32, p.y + place.top as f32));
                    let [left, _, right, _] = seen.raw.edges;
                    let sure = seen.raw.score >= params.least_score && right - left >= params.least_width * short;
                    let covered = [0, 1].map(|eye| lies_under(patches, seen.raw.landmarks[eye]));
                    let better = best.is_none_or(|(other, _)| seen.raw.score > other.raw.score);
                    if sure && better && covered.contains(&true) {
                        best = Some((seen, covered));
                    }
                }
            }
        }
        Ok(best.map(|(seen, covered)| self.completed(pixels, &seen, covered)))
    }

    fn completed(&self, pixels: &RgbImage, seen: &Sighting, covered: [bool; 2]) -> Face {
        let raw = &seen.raw;
        let axes = Axes::of(&raw.landmarks, raw.edges[2] - raw.edges[0], &self.params.eyes);
        let both = covered == [true, true] && solid::covered_eyes(pixels, &axes, &self.params.solid) == [true, true];
        let open = (!both).then(|| covered.iter().position(|&covered| !covered)).flatten();
        Face {
            bbox: raw.bbox().clamped(pixels.width(), pixels.height()),
            landmarks: raw.landmarks,
            score: raw.score,
            eyes: axes.bar(&self.params.eyes),
            whole: axes.whole_face(),
            state: if both { FindingState::Masked } else { FindingState::Exposed },
            open_eye: open.map(|eye| axes.half_bar(eye == 1, &self.params.eyes)),
        }
    }
}

/// True when a patch holds the point, give or take a tenth of its extents: landmarks beside it are guesses.
fn lies_under(patches: &[Patch], p: Point) -> bool {
    patches.iter().any(|patch| patch.bbox.expanded(patch.bbox.width() / 10, patch.bbox.height() / 10).contains(p))
}

/// A copy of `part` with `patch` and a pixel or two of its soft edge filled.
fn filled(part: &RgbImage, patch: Bbox, filling: Filling) -> RgbImage {
    let edge = 2 + patch.width().min(patch.height()) / 20;
    let hole = patch.expanded(edge, edge).clamped(part.width(), part.height());
    let around = hole.expanded(patch.width() / 4 + 2, patch.height() / 4 + 2).clamped(part.width(), part.height());
    let mut sums = [0u32; 4];
    for (x, y) in (around.top..around.bottom).flat_map(|y| (around.left..around.right).map(move |x| (x, y))) {
        if !hole.contains(Point::new(x as f32, y as f32)) {
            let [r, g, b] = part.get_pixel(x as u32, y as u32).0.map(u32::from);
            sums = [sums[0] + r, sums[1] + g, sums[2] + b, sums[3] + 1];
        }
    }
    let mean = Rgb([0, 1, 2].map(|c| (sums[c] / sums[3].max(1)) as u8));
    let width = patch.width() as f32;
    let axis = match filling {
        Filling::Around => None,
        Filling::MirrorRight(beyond) => Some(patch.right as f32 + beyond * width),
        Filling::MirrorLeft(beyond) => Some(patch.left as f32 - beyond * width),
    };
    let mut copy = part.clone();
    for (x, y) in (hole.top..hole.bottom).flat_map(|y| (hole.left..hole.right).map(move |x| (x, y))) {
        let mirrored = axis.map(|axis| (2.0 * axis - x as f32) as i32).filter(|&from| {
            (0..part.width() as i32).contains(&from) && !hole.contains(Point::new(from as f32, y as f32))
        });
        let ink = mirrored.map_or(mean, |from| *part.get_pixel(from as u32, y as u32));
        copy.put_pixel(x as u32, y as u32, ink);
    }
    copy
}
