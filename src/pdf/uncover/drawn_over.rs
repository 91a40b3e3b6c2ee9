//! A page's objects → those that are drawn over others, switched off.

use pdfium_render::prelude::{PdfPageObject, PdfPageObjectCommon, PdfPathFillMode, PdfPathSegments};

/// Least overlap, in points, for an object to cover another: strips of a scan touch by less.
const OVERLAP: f32 = 2.0;
/// Stroke width from which a line can cover text, points.
const THICK: f32 = 4.0;

/// Switches off the objects that are drawn over earlier text or pictures; how many there were.
pub(super) fn uncover(mut drawn: Vec<PdfPageObject<'_>>) -> usize {
    let mut below: Vec<[f32; 4]> = Vec::new();
    let mut outlines: Vec<[f32; 4]> = Vec::new();
    let mut covers = 0;
    for object in &mut drawn {
        let Ok(bounds) = object.bounds() else { continue };
        let bounds = [bounds.left().value, bounds.bottom().value, bounds.right().value, bounds.top().value];
        let overlaps = |other: &[f32; 4]| {
            bounds[2].min(other[2]) - bounds[0].max(other[0]) > OVERLAP
                && bounds[3].min(other[3]) - bounds[1].max(other[1]) > OVERLAP
        };
        let is_over_outlines = || is_plain_shape(object) && outlines.iter().any(overlaps);
        if can_cover(object) && (below.iter().any(overlaps) || is_over_outlines()) {
            covers += usize::from(object.set_inactive().is_ok());
            continue;
        }
        if let PdfPageObject::XObjectForm(form) = object {
            covers += uncover(form.iter().collect());
        }
        if matches!(object, PdfPageObject::Text(_) | PdfPageObject::Image(_) | PdfPageObject::XObjectForm(_)) {
            below.push(bounds);
        }
        if is_outline(object) {
            outlines.push(bounds);
        }
    }
    covers
}

/// True for a filled path of as many pieces as a character's outline has, when text was turned into paths: 一 has eight.
fn is_outline(object: &PdfPageObject<'_>) -> bool {
    let PdfPageObject::Path(path) = object else { return false };
    path.segments().len() >= 8 && path.fill_mode().is_ok_and(|mode| mode != PdfPathFillMode::None)
}

/// True for a path of no more pieces than a rectangle has, closed twice, and for what is no path.
fn is_plain_shape(object: &PdfPageObject<'_>) -> bool {
    !matches!(object, PdfPageObject::Path(path) if path.segments().len() > 6)
}

fn can_cover(object: &PdfPageObject<'_>) -> bool {
    match object {
        PdfPageObject::Path(path) => {
            path.fill_mode().is_ok_and(|mode| mode != PdfPathFillMode::None)
                || (path.is_stroked().unwrap_or(false) && path.stroke_width().is_ok_and(|width| width.value >= THICK))
        }
        PdfPageObject::Image(_) | PdfPageObject::Shading(_) | PdfPageObject::XObjectForm(_) => true,
        PdfPageObject::Text(_) | PdfPageObject::Unsupported(_) => false,
    }
}
