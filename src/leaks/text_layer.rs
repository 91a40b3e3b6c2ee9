//! A page's text layer → identity in it, by whether its glyphs can be seen.

use super::reasons::{
    TEXT_INVISIBLE, TEXT_OFF_PAGE, TEXT_UNDER_ANNOTATION, TEXT_UNDER_SHAPE, TEXT_UNKNOWN, TEXT_UNSEEN, TEXT_VISIBLE,
};
use super::{Look, finding, to_look_at};
use crate::error::InputProblem;
use crate::geometry::Bbox;
use crate::identity::StringMatch;
use crate::pdf::Document;
use crate::pdf::render::{RenderedPage, is_even};
use crate::pdf::text::{FontKey, Glyph, GlyphRun};
use crate::pdf::uncover::WithoutCovers;
use crate::raster::Raster;
use crate::report::{Finding, FindingState, Source};

/// What of the text layer of a page is identity: `Exposed` where its glyphs can be seen, `RemovableMask`
/// where they lie under something that can be taken away, `Hidden` where they cannot be seen otherwise.
///
/// # Errors
/// [`InputProblem`] when the page cannot be loaded.
pub fn in_text_layer(
    document: &Document<'_>,
    index: usize,
    shown: &RenderedPage,
    runs: &[GlyphRun],
    look: &Look<'_>,
) -> Result<Vec<Finding>, InputProblem> {
    let glyphs = in_one_line(runs);
    let chars: Vec<char> = glyphs.iter().map(|(glyph, _)| glyph.text).collect();
    let matches = look(&chars);
    let unknown = has_unknown_text(runs, &shown.raster).then(|| to_look_at(TEXT_UNKNOWN));
    if matches.is_empty() {
        return Ok(unknown.into_iter().collect());
    }
    let boxes_of = |found: &StringMatch| -> Vec<Bbox> {
        let part = glyphs.get(found.range.clone()).unwrap_or_default();
        // A space leaves no trace, seen or not.
        let inked = part.iter().filter(|(glyph, _)| !glyph.text.is_whitespace() && !glyph.bbox.is_empty());
        inked.map(|(glyph, _)| glyph.bbox).collect()
    };
    let boxes: Vec<Bbox> = matches.iter().flat_map(boxes_of).collect();
    let seen = document.glyphs_seen(index, shown, &boxes, WithoutCovers::Nothing)?;
    let (below_annotations, below_all) = if seen.iter().all(|&seen| seen) {
        (seen.clone(), seen.clone())
    } else {
        (
            document.glyphs_seen(index, shown, &boxes, WithoutCovers::Annotations)?,
            document.glyphs_seen(index, shown, &boxes, WithoutCovers::All)?,
        )
    };
    let page = shown.raster.bbox();
    let mut at = 0;
    let mut findings: Vec<Finding> = unknown.into_iter().collect();
    for found in &matches {
        let part = glyphs.get(found.range.clone()).unwrap_or_default();
        let boxes = boxes_of(found);
        let own = at..at + boxes.len();
        at = own.end;
        let bbox = boxes.iter().copied().reduce(Bbox::union);
        let all = |seen: &[bool]| !own.is_empty() && seen[own.clone()].iter().all(|&seen| seen);
        let (state, reason) = if all(&seen) {
            (FindingState::Exposed, TEXT_VISIBLE)
        } else if part.iter().any(|(_, invisible)| *invisible) {
            (FindingState::Hidden, TEXT_INVISIBLE)
        } else if bbox.is_none_or(|bbox| bbox.intersection(page).is_empty()) {
            (FindingState::Hidden, TEXT_OFF_PAGE)
        } else if all(&below_annotations) {
            (FindingState::RemovableMask, TEXT_UNDER_ANNOTATION)
        } else if all(&below_all) {
            (FindingState::RemovableMask, TEXT_UNDER_SHAPE)
        } else if seen[own.clone()].iter().filter(|&&seen| seen).count() * 2 > own.len() {
            // Print over it hides single characters of a watermark.
            (FindingState::Exposed, TEXT_VISIBLE)
        } else {
            (FindingState::Hidden, TEXT_UNSEEN)
        };
        if boxes.is_empty() {
            findings.push(finding(found, state, None, Source::TextLayer, reason));
        }
        for part in stretches(&boxes) {
            findings.push(finding(found, state, Some(part), Source::TextLayer, reason));
        }
    }
    Ok(findings)
}

/// True when the page has text that is to be seen but is not, and of which the file does not say what it is: a broken
/// font, say. It can be neither read nor copied here; elsewhere it may be.
fn has_unknown_text(runs: &[GlyphRun], page: &Raster) -> bool {
    /// A few may be odd spaces.
    const MANY: usize = 8;
    let unknown = || {
        let visible = runs.iter().filter(|run| !run.invisible).flat_map(|run| &run.glyphs);
        visible.filter(|glyph| {
            glyph.text == char::REPLACEMENT_CHARACTER && !glyph.bbox.intersection(page.bbox()).is_empty()
        })
    };
    let unseen = unknown().filter(|glyph| is_even(&page.pixels, glyph.bbox)).count();
    unseen >= MANY && unseen * 2 > unknown().count()
}

/// Boxes around the glyphs that stand together, none smaller than the usual glyph: a match split over lines or table cells has one for each part, a
/// slanted one several.
pub(super) fn stretches(glyphs: &[Bbox]) -> Vec<Bbox> {
    /// Gap between glyphs, in glyph heights, from which they stand apart: names are set wide by up to two blanks.
    const APART: i32 = 3;
    let mut parts: Vec<Bbox> = Vec::new();
    let mut previous: Option<Bbox> = None;
    // A box around slanted text would cover half of the page with it.
    let size_of = |glyph: &Bbox| glyph.width().max(glyph.height());
    let mut sizes: Vec<i32> = glyphs.iter().map(size_of).collect();
    sizes.sort_unstable();
    let usual = sizes.get(sizes.len() / 2).copied().unwrap_or(0);
    let slants = |whole: Bbox| 2 * whole.width().min(whole.height()) > 3 * usual;
    for &glyph in glyphs {
        let size = size_of(&glyph);
        let near = previous.is_some_and(|before| {
            let reach = size * APART;
            let beside = !before.expanded(reach, 0).intersection(glyph).is_empty();
            let below = !before.expanded(0, size).intersection(glyph).is_empty();
            beside || below
        });
        match parts.last_mut() {
            Some(last) if near && !slants(last.union(glyph)) => *last = last.union(glyph),
            _ => parts.push(glyph),
        }
        previous = Some(glyph);
    }
    // A box is as high as the line, not as its ink: a bar over 一 would look like 一 itself.
    let short = |extent: i32| ((usual - extent).max(0) + 1) / 2;
    parts.into_iter().map(|part| part.expanded(short(part.width()), short(part.height()))).collect()
}

/// The page's glyphs with line breaks between lines, each with whether it is never painted.
pub(super) fn in_one_line(runs: &[GlyphRun]) -> Vec<(Glyph, bool)> {
    let line_break = Glyph { text: '\n', bbox: Bbox::from_ltrb(0, 0, 0, 0), font: FontKey::default() };
    let mut glyphs = Vec::new();
    for run in runs {
        glyphs.extend(run.glyphs.iter().map(|&glyph| (glyph, run.invisible)));
        glyphs.push((line_break, false));
    }
    glyphs
}
