//! PDF + a way to look for identity → identity that the page's pixels do not tell: in the text layer under
//! covers, in the file around the pages, in earlier revisions. Pictures are not read here:
//! [`Document::uncovered`] gives what is to be read.

mod around;
mod attachments;
mod beside;
mod reasons;
mod text_layer;
mod thumbnails;

pub use around::{around_pages, in_earlier_revisions};
pub use beside::{in_file_name, in_image_file, under_transparency};
pub use reasons::{UNSHOWN_REASON, cover_reason, cover_state};
pub use text_layer::in_text_layer;
pub use thumbnails::in_thumbnail;

use crate::error::InputProblem;
use crate::geometry::Bbox;
use crate::identity::StringMatch;
use crate::pdf::Document;
use crate::pdf::render::{RenderParams, RenderedPage};
use crate::pdf::strings::Place;
use crate::pdf::text::GlyphRun;
use crate::pdf::uncover::{Cover, MOST_REVISIONS, Uncovered};
use crate::pdf::undrawn::Undrawn;
use crate::report::{Finding, FindingKind, FindingState, Source};
use reasons::{UNDRAWN, place_reason};
use text_layer::in_one_line;

/// Finds identity in a sequence of characters; the ranges are indexes into it.
pub type Look<'a> = dyn Fn(&[char]) -> Vec<StringMatch> + 'a;

/// Identity in a file, with the page that it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Leak {
    /// From 0; `None` when it belongs to the document.
    pub page: Option<usize>,
    /// What and why.
    pub finding: Finding,
}

/// What a page may give away past its pixels.
#[derive(Debug, Clone)]
pub struct PageLeaks {
    /// Identity in its text layer, and a thumbnail that shows something else than the page.
    pub findings: Vec<Finding>,
    /// The page without what covers it, to be read where it changed: identity that appears there and not on the
    /// page as displayed is a [`FindingState::RemovableMask`] for [`cover_reason`].
    pub to_read: Vec<Uncovered>,
    /// Why something could not be examined; such a page is not clean.
    pub not_examined: Option<String>,
}

/// Examines a page. `shown` is the page as displayed, `runs` its text layer.
///
/// # Errors
/// [`InputProblem`] when the page cannot be loaded.
pub fn of_page(
    document: &Document<'_>,
    index: usize,
    shown: &RenderedPage,
    runs: &[GlyphRun],
    params: &RenderParams,
    look: &Look<'_>,
) -> Result<PageLeaks, InputProblem> {
    let mut findings = in_text_layer(document, index, shown, runs, look)?;
    findings.extend(in_thumbnail(document, index, shown));
    let uncovering = document.uncovered(index, shown, params)?;
    Ok(PageLeaks { findings, to_read: uncovering.pages, not_examined: uncovering.not_examined })
}

/// What a document may give away around its pages.
#[derive(Debug, Clone)]
pub struct DocumentLeaks {
    /// Identity in texts around the pages and in earlier revisions.
    pub leaks: Vec<Leak>,
    /// Pictures and pages that the file holds but does not show, to be read: identity on them has the state and
    /// reason of their cover.
    pub to_read: Vec<Uncovered>,
    /// Why something could not be examined; such a document is not clean.
    pub not_examined: Vec<String>,
}

/// Examines a document apart from its pages.
pub fn of_document(document: &Document<'_>, params: &RenderParams, look: &Look<'_>) -> DocumentLeaks {
    document_at(document, params, look, 0)
}

/// The same for a document that lies in `depth` others.
fn document_at(document: &Document<'_>, params: &RenderParams, look: &Look<'_>, depth: usize) -> DocumentLeaks {
    let mut found = DocumentLeaks { leaks: Vec::new(), to_read: Vec::new(), not_examined: Vec::new() };
    for leaks in [around_pages(document, look), in_earlier_revisions(document, params, look)] {
        match leaks {
            Ok(leaks) => found.leaks.extend(leaks),
            Err(problem) => found.not_examined.push(problem.to_string()),
        }
    }
    if let Ok(structure) = document.structure() {
        for file in structure.texts().attachments {
            attachments::examine(document, &file, params, look, depth, &mut found);
        }
    }
    let revisions = document.revisions().len();
    if revisions > MOST_REVISIONS {
        found.not_examined.push(format!("{revisions} earlier revisions, of which {MOST_REVISIONS} were looked at"));
    }
    match document.lost_pages(params) {
        Ok(pages) => found.to_read.extend(pages),
        Err(problem) => found.not_examined.push(problem.to_string()),
    }
    let whole = |cover: Cover, page: RenderedPage| {
        let changed = vec![page.raster.bbox()];
        Uncovered { cover, page, changed }
    };
    match document.leftover_pages(params) {
        Ok(leftovers) => {
            found.not_examined.extend(leftovers.not_examined);
            for runs in &leftovers.texts {
                let chars: Vec<char> = in_one_line(runs).iter().map(|(glyph, _)| glyph.text).collect();
                texts_in(&chars.iter().collect::<String>(), look, place_reason(Place::Leftover), &mut found);
            }
            found.to_read.extend(leftovers.pages.into_iter().map(|page| whole(Cover::Leftover, page)));
        }
        Err(problem) => found.not_examined.push(problem.to_string()),
    }
    let unshown = document.unshown_pictures(params);
    let unshown_pages = unshown.pictures.into_iter().filter(|page| !page.is_bare());
    found.to_read.extend(unshown_pages.map(|page| whole(Cover::UnshownPicture, page)));
    found.not_examined.extend(unshown.not_examined);
    found.not_examined.dedup();
    found.leaks.dedup();
    found
}

/// Adds what of a text is identity, for this reason.
fn texts_in(text: &str, look: &Look<'_>, reason: &str, found: &mut DocumentLeaks) {
    let chars: Vec<char> = text.chars().collect();
    for identity in look(&chars) {
        let finding = finding(&identity, FindingState::Hidden, None, Source::Document, reason);
        found.leaks.push(Leak { page: None, finding });
    }
}

fn finding(found: &StringMatch, state: FindingState, bbox: Option<Bbox>, source: Source, reason: &str) -> Finding {
    Finding {
        kind: FindingKind::of(found.kind, &found.keyword),
        state,
        bbox,
        quad: None,
        text: Some(found.keyword.clone()),
        confidence: 1.0,
        source,
        certain: found.certain,
        reason: reason.to_string(),
    }
}

/// A finding for a person: something could not be looked at.
pub fn not_examined(problem: &str) -> Finding {
    to_look_at(&format!("文件的一部分未能检查，请人工查看 (a part of the file could not be examined): {problem}"))
}

/// A finding for a person when other viewers may show writing that is not drawn here.
pub fn may_show_more(undrawn: &Undrawn) -> Option<Finding> {
    undrawn.may_be_writing.then(|| to_look_at(UNDRAWN))
}

fn to_look_at(reason: &str) -> Finding {
    Finding::of_file(FindingState::Hidden, reason)
}

#[cfg(test)]
mod tests;
