//! The file around its pages, and its earlier revisions → identity in their texts.

use super::reasons::{ATTACHMENTS, EARLIER_REVISION, PICTURE_THUMBNAIL, UNREADABLE_STREAMS, place_reason};
use super::text_layer::in_one_line;
use super::{Leak, Look, finding, to_look_at};
use crate::error::InputProblem;
use crate::geometry::Bbox;
use crate::pdf::Document;
use crate::pdf::render::RenderParams;
use crate::pdf::strings::Place;
use crate::raster::metadata::readable_runs;
use crate::report::{Finding, FindingState, Source};

/// Identity in the file around its pages: properties, bookmarks, attachments, form values, comments, scripts,
/// replacement texts, leftovers. Attachments that are not text are reported for a person to look at.
///
/// # Errors
/// [`InputProblem`] when the file's objects cannot be read: then nothing can be said.
pub fn around_pages(document: &Document<'_>, look: &Look<'_>) -> Result<Vec<Leak>, InputProblem> {
    let structure = document
        .structure()
        .map_err(|problem| InputProblem::Damaged(format!("hidden data cannot be looked for: {problem}")))?;
    let texts = structure.texts();
    let mut leaks = Vec::new();
    for text in &texts.texts {
        let chars: Vec<char> = text.text.chars().collect();
        for found in look(&chars) {
            leaks.push(Leak {
                page: text.page,
                finding: finding(&found, FindingState::Hidden, None, Source::Document, place_reason(text.place)),
            });
        }
    }
    for part in around_the_file(document.bytes()) {
        for run in readable_runs(part) {
            let chars: Vec<char> = run.chars().collect();
            let reason = place_reason(Place::Leftover);
            leaks.extend(look(&chars).iter().map(|identity| Leak {
                page: None,
                finding: finding(identity, FindingState::Hidden, None, Source::Document, reason),
            }));
        }
        if starts_a_file(part) {
            leaks.push(Leak { page: None, finding: to_look_at(ATTACHMENTS) });
        }
    }
    for thumbnail in &texts.thumbnails {
        if thumbnail.shows_another() {
            let finding = Finding { text: Some(thumbnail.place.clone()), ..to_look_at(PICTURE_THUMBNAIL) };
            leaks.push(Leak { page: thumbnail.page, finding });
        }
    }
    if texts.opaque_attachments > 0 {
        leaks.push(Leak { page: None, finding: to_look_at(ATTACHMENTS) });
    }
    if texts.unreadable > 0 {
        leaks.push(Leak { page: None, finding: to_look_at(UNREADABLE_STREAMS) });
    }
    leaks.dedup();
    Ok(leaks)
}

/// What a file has before its signature and after its last end mark.
fn around_the_file(bytes: &[u8]) -> [&[u8]; 2] {
    let start = memchr::memmem::find(bytes, b"%PDF-").unwrap_or(0);
    let end = memchr::memmem::rfind(bytes, b"%%EOF").map_or(bytes.len(), |at| at + 5);
    [&bytes[..start], &bytes[end.max(start)..]]
}

/// True when data has the signature of a file that may hold anything.
fn starts_a_file(data: &[u8]) -> bool {
    const SIGNATURES: [&[u8]; 9] = [
        b"PK\x03\x04",
        b"%PDF-",
        b"7z\xBC\xAF",
        b"Rar!\x1A",
        b"\x1F\x8B\x08",
        b"\xFF\xD8\xFF",
        b"\x89PNG",
        b"RIFF",
        b"ftyp",
    ];
    SIGNATURES.iter().any(|signature| memchr::memmem::find(data, signature).is_some())
}

/// Identity in the text of earlier revisions. Their pixels are among [`Document::uncovered`].
///
/// # Errors
/// [`InputProblem`] when a page of an earlier revision cannot be loaded.
pub fn in_earlier_revisions(
    document: &Document<'_>,
    params: &RenderParams,
    look: &Look<'_>,
) -> Result<Vec<Leak>, InputProblem> {
    let mut leaks = Vec::new();
    document.each_revision(|earlier| {
        for index in 0..earlier.page_count() {
            let glyphs = in_one_line(&earlier.text(index, &earlier.frame(index, params)?)?);
            let chars: Vec<char> = glyphs.iter().map(|(glyph, _)| glyph.text).collect();
            for found in look(&chars) {
                let part = glyphs.get(found.range.clone()).unwrap_or_default();
                let boxes = part.iter().map(|(glyph, _)| glyph.bbox).filter(|bbox| !bbox.is_empty());
                let bbox = boxes.reduce(Bbox::union);
                let finding = finding(&found, FindingState::Hidden, bbox, Source::TextLayer, EARLIER_REVISION);
                leaks.push(Leak { page: (index < document.page_count()).then_some(index), finding });
            }
        }
        for mut leak in around_pages(earlier, look)? {
            leak.finding.reason = EARLIER_REVISION.to_string();
            leaks.push(leak);
        }
        Ok(())
    })?;
    leaks.dedup();
    Ok(leaks)
}
