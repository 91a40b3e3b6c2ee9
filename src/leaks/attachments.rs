//! Files inside a PDF → what they give away: PDFs and pictures are examined as if they were handed in themselves,
//! texts and word processor's documents are searched, anything else is for a person to look at.

use super::reasons::{ATTACHMENTS, place_reason};
use super::text_layer::in_one_line;
use super::{DocumentLeaks, Leak, Look, document_at, finding, texts_in, to_look_at};
use crate::container::ImageKind;
use crate::input::TextKind;
use crate::limits::Limits;
use crate::pdf::Document;
use crate::pdf::render::{RenderParams, RenderedPage};
use crate::pdf::strings::Place;
use crate::pdf::uncover::{Cover, Uncovered};
use crate::raster::decode::ImageFile;
use crate::raster::metadata;
use crate::report::{FindingState, Source};
use crate::text_document;

/// Files within files are opened this deep.
const DEEPEST: usize = 3;
/// Pages of attached files that are read; a file with more of them is reported as not wholly examined.
const MOST_PAGES: usize = 32;
/// Where the signature of a PDF may start (PDF 1.7, annex H).
const SIGNATURE_WITHIN: usize = 1024;

/// Examines one attached file of `document`, which lies in `depth` others.
pub(super) fn examine(
    document: &Document<'_>,
    file: &[u8],
    params: &RenderParams,
    look: &Look<'_>,
    depth: usize,
    found: &mut DocumentLeaks,
) {
    let head = &file[..file.len().min(SIGNATURE_WITHIN)];
    let examined = if memchr::memmem::find(head, b"%PDF-").is_some() {
        depth < DEEPEST && in_pdf(document, file, params, look, depth, found).is_some()
    } else if let Some(kind) = ImageKind::of(file) {
        for field in metadata::read(file, kind).fields {
            texts_in(&field.text, look, place_reason(Place::Attachment), found);
        }
        in_pages_of_picture(file, kind, found).is_some()
    } else {
        in_text(file, look, found).is_some()
    };
    if !examined {
        found.leaks.push(Leak { page: None, finding: to_look_at(ATTACHMENTS) });
    }
}

fn in_pdf(
    document: &Document<'_>,
    file: &[u8],
    params: &RenderParams,
    look: &Look<'_>,
    depth: usize,
    found: &mut DocumentLeaks,
) -> Option<()> {
    let inner = document.open_within(file).ok()?;
    if inner.page_count() > MOST_PAGES {
        found.not_examined.push(format!("an attached file has {} pages", inner.page_count()));
    }
    for index in 0..inner.page_count().min(MOST_PAGES) {
        let page = inner.render(index, params).ok()?;
        let glyphs = in_one_line(&inner.text(index, &page.frame).ok()?);
        let chars: Vec<char> = glyphs.iter().map(|(glyph, _)| glyph.text).collect();
        for identity in look(&chars) {
            let reason = place_reason(Place::Attachment);
            let finding = finding(&identity, FindingState::Hidden, None, Source::Document, reason);
            found.leaks.push(Leak { page: None, finding });
        }
        let uncovered = inner.uncovered(index, &page, params).ok()?;
        found.not_examined.extend(uncovered.not_examined);
        let below = uncovered.pages.into_iter().map(|uncovered| Uncovered { cover: Cover::Attachment, ..uncovered });
        found.to_read.extend(below);
        found.to_read.push(shown(page));
    }
    let around = document_at(&inner, params, look, depth + 1);
    found.leaks.extend(around.leaks.into_iter().map(|leak| Leak { page: None, ..leak }));
    found.to_read.extend(around.to_read);
    found.not_examined.extend(around.not_examined);
    Some(())
}

fn in_pages_of_picture(file: &[u8], kind: ImageKind, found: &mut DocumentLeaks) -> Option<()> {
    let pages = ImageFile::open(file, kind, &Limits::default()).ok()?;
    if pages.page_count() > MOST_PAGES {
        found.not_examined.push(format!("an attached picture has {} pages", pages.page_count()));
    }
    for index in 0..pages.page_count().min(MOST_PAGES) {
        found.to_read.push(shown(RenderedPage::of_raster(pages.page(index).ok()?.raster)));
    }
    Some(())
}

fn in_text(file: &[u8], look: &Look<'_>, found: &mut DocumentLeaks) -> Option<()> {
    let contents = text_document::open(file, TextKind::Word).ok()?;
    for passage in &contents.passages {
        texts_in(&passage.text, look, place_reason(Place::Attachment), found);
    }
    (contents.unexamined == 0).then_some(())
}

fn shown(page: RenderedPage) -> Uncovered {
    let changed = vec![page.raster.bbox()];
    Uncovered { cover: Cover::Attachment, page, changed }
}
