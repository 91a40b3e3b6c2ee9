//! PDF + a way to look for identity → identity that the page's pixels do not tell: in the text layer under
//! covers, in the file around the pages, in earlier revisions. Pictures are not read here:
//! [`Document::uncovered`] gives what is to be read.

mod attachments;
mod beside;

use image::{Rgb, RgbImage};

pub use beside::{in_file_name, in_image_file, under_transparency};

use crate::error::InputProblem;
use crate::geometry::Bbox;
use crate::identity::{Kind, StringMatch};
use crate::pdf::Document;
use crate::pdf::render::{RenderParams, RenderedPage, is_even};
use crate::pdf::strings::Place;
use crate::pdf::text::{FontKey, Glyph, GlyphRun};
use crate::pdf::uncover::{Cover, MOST_REVISIONS, Uncovered, WithoutCovers};
use crate::raster::Raster;
use crate::raster::metadata::readable_runs;
use crate::report::{Finding, FindingKind, FindingState, Source};

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
            for (page, runs) in leftovers.pages {
                let chars: Vec<char> = in_one_line(&runs).iter().map(|(glyph, _)| glyph.text).collect();
                texts_in(&chars.iter().collect::<String>(), look, place_reason(Place::Leftover), &mut found);
                found.to_read.push(whole(Cover::Leftover, page));
            }
        }
        Err(problem) => found.not_examined.push(problem.to_string()),
    }
    let unshown = document.unshown_pictures(params);
    found.to_read.extend(unshown.pictures.into_iter().map(|page| whole(Cover::UnshownPicture, page)));
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

/// Why identity on a picture or page that is not shown is reported, and how to mend it.
pub const UNSHOWN_REASON: &str = "the file holds a picture or page that it does not show: save the pages as images in a \
    new file / 文件中保留了未显示的图片或页面：请将各页转为图片另存";

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

const TEXT_UNKNOWN: &str = "the page has text that neither shows nor says what it is (a broken font): save the page as \
    an image / 页面有既不显示、也无法识别的文字（字体损坏）：请将该页转为图片";
const TEXT_VISIBLE: &str = "live text on the page: cover it in the pixels and save the page as an image / \
    页面文字可见且可选中：请遮盖后将该页另存为图片";
const TEXT_INVISIBLE: &str = "invisible text over the page can be copied and searched: remove the text layer / \
    不可见文字仍可复制、检索：请删除文字层";
const TEXT_OFF_PAGE: &str = "text outside the displayed page is still in the file: flatten the page / \
    页面显示范围之外仍有文字：请将该页转为图片";
const TEXT_UNDER_ANNOTATION: &str = "live text lies under an annotation that can be moved away: burn the mask into \
    the page / 文字在可移除的批注、图章或表单域之下：请将遮盖合并到页面图像";
const TEXT_UNDER_SHAPE: &str = "live text lies under a drawn shape or picture: it can still be copied; flatten the \
    page / 文字在色块或图片之下，仍可复制：请将该页转为图片";
const TEXT_UNSEEN: &str = "text in the file that cannot be seen (clipped, in the colour of its background, in a \
    hidden layer, or partly covered) can still be copied: flatten the page / \
    文件中有看不见的文字（裁剪、与背景同色、隐藏图层或部分被遮），仍可复制：请将该页转为图片";

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

const ATTACHMENTS: &str = "the file carries attachments that are not examined: remove them / \
    文件内嵌附件，内容未检查：请删除";
const UNREADABLE_STREAMS: &str = "a part of the file cannot be decoded and was not examined: save the pages as images / \
    文件部分内容无法解码，未能检查：请将页面转为图片";
const THUMBNAIL: &str = "the file's thumbnail of this page shows something else than the page: remove thumbnails / \
    页面缩略图与页面内容不一致：请删除缩略图";
const PICTURE_THUMBNAIL: &str = "the thumbnail inside a picture of the page shows something else than the picture: save \
    the page as an image / 页面图片自带的缩略图与图片内容不一致：请将该页转为图片";
const EARLIER_REVISION: &str = "an earlier version saved inside the file still shows it: save as a new file, not by \
    updating / 文件内保留的早期版本仍有该内容：请另存为新文件，不要增量保存";

/// What a file has before its signature and after its last end mark.
fn around_the_file(bytes: &[u8]) -> [&[u8]; 2] {
    let start = memchr::memmem::find(bytes, b"%PDF-").unwrap_or(0);
    let end = memchr::memmem::rfind(bytes, b"%%EOF").map_or(bytes.len(), |at| at + 5);
    [&bytes[..start], &bytes[end.max(start)..]]
}

/// True when data has the signature of a file that may hold anything.
pub(crate) fn starts_a_file(data: &[u8]) -> bool {
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

fn place_reason(place: Place) -> &'static str {
    match place {
        Place::Properties => "in the document properties: remove them / 在文档属性中：请清除",
        Place::Xmp => "in XMP metadata: remove it / 在 XMP 元数据中：请清除",
        Place::Picture => {
            "in a picture's own metadata: save the page as an image / 在图片自带的元数据中：请将页面转为图片"
        }
        Place::Outline => "in a bookmark: remove the bookmarks / 在书签中：请删除书签",
        Place::Attachment => "in an attached file: remove attachments / 在内嵌附件中：请删除附件",
        Place::FormField => {
            "in a form field's name or value: clear it and flatten the form / 在表单域中：请清空并平面化"
        }
        Place::Annotation => "in a comment or link: remove annotations / 在批注或链接中：请删除",
        Place::Script => "in a script or automatic action: remove scripts / 在脚本或动作中：请删除",
        Place::ReplacementText => {
            "in a replacement text or description (ActualText, Alt): remove the tags / 在替换文本或说明中：请删除标签"
        }
        Place::Layer => "in a layer's name: merge the layers / 在图层名称中：请合并图层",
        Place::Private => {
            "in a program's private data (PieceInfo): print or save to a new PDF / 在编辑软件的私有数据中：请打印或另存为新 PDF"
        }
        Place::Name => {
            "in a name inside the file (a link target, style or font name): save the pages as images / \
             在文件内部名称（跳转目标、样式等）中：请将页面转为图片"
        }
        Place::Other => {
            "in data of the file that is not shown: save the pages as images / 在不显示的数据中：请将页面转为图片"
        }
        Place::Leftover => "in a leftover of editing: save as a new file / 在编辑残留对象中：请另存为新文件",
    }
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

/// A finding for a person when the page's thumbnail shows something else than the page.
pub fn in_thumbnail(document: &Document<'_>, index: usize, shown: &RenderedPage) -> Option<Finding> {
    let thumbnail = document.thumbnail(index)?;
    shows_another(&thumbnail, &shown.raster).then(|| to_look_at(THUMBNAIL))
}

/// True when a small picture of a page shows something else than the page: it is compared where the page is of
/// one colour, as under a mask. Elsewhere two ways of shrinking a page differ too much to tell.
pub(crate) fn shows_another(thumbnail: &RgbImage, page: &Raster) -> bool {
    /// Range of brightness of a place that counts as one colour: JPEG noise within a filled box.
    const ONE_COLOUR: u8 = 24;
    /// Difference of brightness from which a place shows something else. Of 23 pages shrunk to 106 pixels across
    /// in four ways each, one gave an alarm; every black box of a name's or unit's size was noticed.
    const ANOTHER: u32 = 90;
    /// One pixel of soft edge for so many of its width: shrinking and JPEG blocks blur that much.
    const SOFT_EDGE_OF: u32 = 200;
    /// That many places side by side, so that one odd pixel is no alarm.
    const SIDE_BY_SIDE: usize = 3;
    let brightness = |pixel: &Rgb<u8>| (pixel.0.iter().map(|&value| u32::from(value)).sum::<u32>() / 3) as u8;
    let (width, height) = thumbnail.dimensions();
    // In a large thumbnail an edge between two colours takes several pixels, which are left out.
    let soft = width / SOFT_EDGE_OF;
    let span = |index: u32, of: u32, size: u32| {
        let edge = |index: u32| (u64::from(index.min(of)) * u64::from(size) / u64::from(of)) as u32;
        let start = edge(index.saturating_sub(soft));
        start..edge(index + 1 + soft).max(start + 1).min(size)
    };
    let differs = |x: u32, y: u32| {
        let (mut darkest, mut brightest) = (u8::MAX, u8::MIN);
        for row in span(y, height, page.height()) {
            for column in span(x, width, page.width()) {
                let value = brightness(page.pixels.get_pixel(column, row));
                (darkest, brightest) = (darkest.min(value), brightest.max(value));
            }
        }
        let colour = u32::from(u8::midpoint(darkest, brightest));
        // A thin rule may lie one row off.
        let rows = y.saturating_sub(1)..(y + 2).min(height);
        darkest <= brightest
            && brightest - darkest <= ONE_COLOUR
            && rows
                .map(|y| u32::from(brightness(thumbnail.get_pixel(x, y))))
                .all(|shown| shown.abs_diff(colour) >= ANOTHER)
    };
    (0..height).any(|y| {
        let row: Vec<bool> = (0..width).map(|x| differs(x, y)).collect();
        row.windows(SIDE_BY_SIDE).any(|side_by_side| side_by_side.iter().all(|&differs| differs))
    })
}

/// The state of what appears when a cover is taken away.
pub fn cover_state(cover: Cover) -> FindingState {
    match cover {
        Cover::Annotations
        | Cover::DrawnOver
        | Cover::LayersOn
        | Cover::LayerOff(_)
        | Cover::PictureParts
        | Cover::Transparency => FindingState::RemovableMask,
        Cover::CropBox
        | Cover::AnnotationFlags
        | Cover::LaterRevisions(_)
        | Cover::UnshownPicture
        | Cover::Attachment
        | Cover::Leftover => FindingState::Hidden,
    }
}

/// Why something that appears when a cover is taken away is reported, and how to mend it.
pub fn cover_reason(cover: Cover) -> &'static str {
    match cover {
        Cover::Annotations => {
            "appears when annotations or form fields are taken away: burn the mask into the page / \
             移除批注、图章或表单域后可见：请将遮盖合并到页面图像"
        }
        Cover::DrawnOver => {
            "appears when what is drawn over it is taken away: save the page as an image / \
             移除覆盖的色块或图片后可见：请将该页转为图片"
        }
        Cover::LayersOn | Cover::LayerOff(_) => {
            "appears when layers are switched: merge the layers into an image / 切换图层后可见：请合并图层并转为图片"
        }
        Cover::PictureParts => {
            "a mask, a crop or transparency hides it, but the picture still holds it: save the page as an image / \
             图片的蒙版、裁剪或透明之下仍保留该内容：请将该页转为图片"
        }
        Cover::Transparency => {
            "only transparent, the file still holds it: save the picture on a white ground, as JPEG / \
             只是变为透明，文件中仍保留该内容：请合并到白底并另存为 JPEG"
        }
        Cover::AnnotationFlags => {
            "in an annotation that is not displayed: remove annotations / 在未显示的批注中：请删除批注"
        }
        Cover::CropBox => {
            "lies outside the displayed area but in the file: save the page as an image / \
             在裁剪区域之外但仍在文件中：请将该页转为图片"
        }
        Cover::LaterRevisions(_) => EARLIER_REVISION,
        Cover::UnshownPicture => UNSHOWN_REASON,
        Cover::Attachment => place_reason(Place::Attachment),
        Cover::Leftover => place_reason(Place::Leftover),
    }
}

/// Boxes around the glyphs that stand together, none smaller than the usual glyph: a match split over lines or table cells has one for each part, a
/// slanted one several.
fn stretches(glyphs: &[Bbox]) -> Vec<Bbox> {
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
fn in_one_line(runs: &[GlyphRun]) -> Vec<(Glyph, bool)> {
    let line_break = Glyph { text: '\n', bbox: Bbox::from_ltrb(0, 0, 0, 0), font: FontKey::default() };
    let mut glyphs = Vec::new();
    for run in runs {
        glyphs.extend(run.glyphs.iter().map(|&glyph| (glyph, run.invisible)));
        glyphs.push((line_break, false));
    }
    glyphs
}

fn finding(found: &StringMatch, state: FindingState, bbox: Option<Bbox>, source: Source, reason: &str) -> Finding {
    Finding {
        kind: match found.kind {
            Kind::Name => FindingKind::Name,
            Kind::Unit => FindingKind::Unit,
        },
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

fn to_look_at(reason: &str) -> Finding {
    Finding {
        kind: FindingKind::Metadata,
        state: FindingState::Hidden,
        bbox: None,
        quad: None,
        text: None,
        confidence: 1.0,
        source: Source::Document,
        certain: false,
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests;
