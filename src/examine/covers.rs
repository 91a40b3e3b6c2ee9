//! A page with what was found on it → its existing covers and the findings that they make.

use crate::error::Result;
use crate::geometry::Bbox;
use crate::identity::Identity;
use crate::judge;
use crate::marks::{self, FoundMark, Hides, MarkParams, Places};
use crate::ocr::{Reader, TextLine};
use crate::raster::Raster;
use crate::report::{Finding, FindingKind, FindingState, Mark, MarkStyle, Source};

/// Finds and judges a page's covers. What was read only through a weak cover is taken out of `findings`, and what the
/// covers mean is added. With a `reader`, covers are read through.
///
/// # Errors
/// [`crate::Error::Model`] when reading fails.
pub fn judged(
    raster: &Raster,
    lines: &[TextLine],
    places: &Places<'_>,
    identity: &Identity,
    reader: Option<&Reader>,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Mark>> {
    let found = marks::find(raster, lines, places, &MarkParams::default());
    let mut shown = Vec::new();
    for mark in &found {
        if is_edge_of_a_block(mark, &found) {
            continue;
        }
        let assessment = marks::assess(mark, raster, lines, identity, reader)?;
        let finding = assessment.as_ref().and_then(judge::of_cover);
        let finding = finding.filter(|finding| !is_of_a_portrait(mark, finding, places.faces));
        if finding.is_some() || is_worth_listing(mark, findings) {
            let style = assessment.map_or(mark.style, |assessment| assessment.style);
            shown.push(Mark { style, ..mark.mark() });
        }
        if let Some(cover) = finding {
            findings.retain(|seen| !is_seen_through(seen, &cover));
            findings.push(cover);
        }
    }
    Ok(shown)
}

/// True for a name or unit that was read only through the weak cover that `cover` tells of.
fn is_seen_through(seen: &Finding, cover: &Finding) -> bool {
    let inside = seen.bbox.zip(cover.bbox).is_some_and(|(seen, cover)| seen.covered_by(cover.expanded(4, 6)) > 0.7);
    cover.state == FindingState::WeakMask && seen.source == Source::Ocr && seen.state == FindingState::Exposed && inside
}

/// True for a cover that is listed though nothing of interest is known to be under it. What looks like a veil or a blur
/// there is most likely pale print or uneven light, a slight block a bullet, a block in a photo hair or clothes, a white
/// patch bare paper.
fn is_worth_listing(mark: &FoundMark, findings: &[Finding]) -> bool {
    let is_white = mark.colour.is_some_and(|colour| colour.iter().all(|&c| c >= 225));
    let is_doubtful = mark.slight || mark.blank || mark.illegible || is_white;
    let over_eyes = |finding: &Finding| {
        finding.kind == FindingKind::Eyes
            && finding.state != FindingState::Exposed
            && finding.bbox.is_some_and(|eyes| !eyes.intersection(mark.bbox).is_empty())
    };
    matches!(mark.style, MarkStyle::Solid | MarkStyle::Mosaic | MarkStyle::Annotation)
        && !is_doubtful
        && (mark.hides != Hides::Face || findings.iter().any(over_eyes))
}

/// True for hair and clothes on the photo of a person, which have soft shades like a blur's.
fn is_of_a_portrait(mark: &FoundMark, finding: &Finding, faces: &[Bbox]) -> bool {
    if mark.style != MarkStyle::Blur || finding.text.is_some() {
        return false;
    }
    let is_within = |part: &dyn Fn(&Bbox) -> Bbox| faces.iter().any(|face| mark.bbox.covered_by(part(face)) > 0.5);
    // The label of a field beside the photo asks for what stands in the same row.
    is_within(&head) || !finding.certain && is_within(&bust)
}

/// The head on a photo, with its hair.
fn head(face: &Bbox) -> Bbox {
    let (w, h) = (face.width(), face.height());
    Bbox::from_ltrb(face.left - w / 2, face.top - h, face.right + w / 2, face.bottom + h / 2)
}

/// The bust of a person on a photo: it is three to four faces wide and goes two below the chin.
fn bust(face: &Bbox) -> Bbox {
    let (w, h) = (face.width(), face.height());
    Bbox::from_ltrb(face.left - 3 * w / 2, face.top - h, face.right + 3 * w / 2, face.bottom + 2 * h)
}

/// True for what looks blurred, veiled or a mosaic because it lies beside a solid block: the block's soft edge and the
/// ripples that JPEG leaves around it in blocks of its own.
fn is_edge_of_a_block(mark: &FoundMark, marks: &[FoundMark]) -> bool {
    /// Side of JPEG's blocks, pixels.
    const JPEG: u32 = 8;
    let height = mark.bbox.height();
    let reach = match mark.style {
        MarkStyle::Blur | MarkStyle::Translucent => height,
        // A lattice shows over several blocks only.
        MarkStyle::Mosaic if mark.block == Some(JPEG) => height * 3 / 2,
        MarkStyle::Mosaic | MarkStyle::Solid | MarkStyle::Annotation => return false,
    };
    marks.iter().any(|other| {
        other.style == MarkStyle::Solid
            && !other.blank
            && mark.bbox.covered_by(other.bbox.expanded(reach, height / 4)) > 0.8
    })
}
