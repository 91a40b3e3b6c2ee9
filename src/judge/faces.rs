//! Faces and portraits → findings about the eyes in photos.

use crate::face::{FaceMask, FaceReport};
use crate::geometry::Quad;
use crate::report::{Finding, FindingKind, FindingState, Source};

/// Score below which a face with smooth eyes may be none: the back of a head measured 0.44, faces under mosaic and blur 0.66 and
/// more.
const LEAST_BLURRED: f32 = 0.5;

/// One finding a face, and one a portrait in which no face was found.
pub fn of_faces(report: &FaceReport, mask: FaceMask) -> Vec<Finding> {
    let finding = |quad: Quad, state: FindingState, confidence: f32, certain: bool, reason: &str| Finding {
        kind: FindingKind::Eyes,
        state,
        bbox: Some(quad.bbox()),
        quad: Some(quad),
        text: None,
        confidence,
        source: Source::Face,
        certain,
        reason: reason.to_owned(),
    };
    let faces = report.faces.iter().map(|face| {
        let reason = match (face.state, face.open_eye.is_some()) {
            (FindingState::Masked, _) => "照片双眼已遮盖 (both eyes are covered)",
            (FindingState::WeakMask, _) => {
                "照片双眼只是模糊或马赛克，可能复原 (the eyes are only blurred or in mosaic)"
            }
            (_, true) => "照片只遮住一只眼 (only one eye is covered)",
            (_, false) => "照片双眼外露 (the eyes of a photo show)",
        };
        let is_guess = face.state == FindingState::WeakMask && face.score < LEAST_BLURRED;
        finding(face.mask(mask), face.state, face.score, !is_guess, reason)
    });
    let unfound = report.unfound_portraits.iter().map(|portrait| match portrait.eye_bar {
        Some(bar) => finding(
            Quad::from_bbox(bar),
            FindingState::Masked,
            0.8,
            true,
            "像是证件照，眼部已遮盖 (a portrait whose eyes are covered by a solid block)",
        ),
        None => finding(
            Quad::from_bbox(portrait.bbox),
            FindingState::Exposed,
            0.5,
            false,
            &format!("像是证件照但未找到人脸，请人工查看 ({})", portrait.reason()),
        ),
    });
    faces.chain(unfound).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::{Face, PortraitSign, UnfoundPortrait};
    use crate::geometry::Bbox;
    use crate::judge::verdict;
    use crate::report::Verdict;

    fn portrait(eye_bar: Option<Bbox>) -> FaceReport {
        let bbox = Bbox::from_ltrb(100, 100, 200, 240);
        let unfound = UnfoundPortrait { bbox, sign: PortraitSign::Picture, eye_bar };
        FaceReport { unfound_portraits: vec![unfound], ..FaceReport::default() }
    }

    #[test]
    fn smooth_eyes_of_a_face_that_is_hardly_seen_are_for_a_person() {
        let seen = |score: f32, state: FindingState| {
            let square = Bbox::from_ltrb(100, 100, 200, 200);
            let face = Face {
                bbox: square,
                landmarks: [square.centre(); 5],
                score,
                eyes: Quad::from_bbox(square),
                whole: Quad::from_bbox(square),
                state,
                open_eye: None,
            };
            let report = FaceReport { faces: vec![face], ..FaceReport::default() };
            verdict(&of_faces(&report, FaceMask::Eyes)).1
        };
        assert_eq!(seen(0.44, FindingState::WeakMask), Verdict::Review, "the back of a head");
        assert_eq!(seen(0.66, FindingState::WeakMask), Verdict::Violation, "mosaic");
        assert_eq!(seen(0.44, FindingState::Exposed), Verdict::Violation);
    }

    #[test]
    fn a_portrait_without_a_found_face_is_for_a_person() {
        assert_eq!(verdict(&of_faces(&portrait(None), FaceMask::Eyes)), (None, Verdict::Review));
    }

    #[test]
    fn a_portrait_with_a_bar_over_the_eyes_complies() {
        let bar = Bbox::from_ltrb(110, 140, 190, 165);
        assert_eq!(verdict(&of_faces(&portrait(Some(bar)), FaceMask::Eyes)), (Some(true), Verdict::Compliant));
    }
}
