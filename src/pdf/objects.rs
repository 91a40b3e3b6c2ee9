//! PDF bytes → the document's objects, as lopdf reads them: what PDFium does not tell about a file.

use std::borrow::Cow;

use lopdf::{Dictionary, LoadOptions, Object, ObjectId, Stream};

/// Why lopdf cannot vouch for a file that PDFium opens. Such a file's pages can only be kept as images.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StructureProblem {
    /// lopdf does not parse it, or had to guess where its objects are.
    #[error("the file's objects cannot be read reliably: {0}")]
    Unparsable(String),
    /// lopdf cannot decrypt it.
    #[error("the file's objects are encrypted")]
    Encrypted,
    /// lopdf and PDFium do not agree on the pages.
    #[error("the file's page tree is ambiguous: {parsed} pages in its objects, {shown} shown")]
    PageCount {
        /// Pages by lopdf.
        parsed: usize,
        /// Pages by PDFium.
        shown: usize,
    },
}

/// Bytes that one stream may expand to; a 600-dpi A4 page in RGB has 104 MB.
pub(super) const MAX_STREAM_BYTES: usize = 256 << 20;

/// Bytes that a page's or form's painting operators may expand to; maps and drawings stay below 50 MB.
pub(super) const MAX_CONTENT_BYTES: usize = 64 << 20;

/// The flags Hidden and NoView of an annotation (ISO 32000-1 table 165).
pub(super) const HIDING_FLAGS: i64 = 1 << 1 | 1 << 5;

/// How far the page tree is climbed for inherited entries; real trees are less than ten levels deep.
const MAX_TREE_DEPTH: usize = 64;

/// A document's parsed objects.
#[derive(Debug)]
pub struct Structure {
    pub(super) document: lopdf::Document,
    pub(super) pages: Vec<ObjectId>,
}

impl Structure {
    /// Parses the objects of a PDF file of `shown_pages` pages (as PDFium counts them, if asked).
    ///
    /// # Errors
    /// [`StructureProblem`] when the objects cannot be relied on.
    pub fn load(bytes: &[u8], shown_pages: Option<usize>) -> Result<Self, StructureProblem> {
        let options = LoadOptions::with_max_decompressed_size(MAX_STREAM_BYTES);
        let document = lopdf::Document::load_mem_with_options(bytes, options).map_err(|error| match error {
            lopdf::Error::Decryption(_) | lopdf::Error::InvalidPassword => StructureProblem::Encrypted,
            other => StructureProblem::Unparsable(other.to_string()),
        })?;
        if document.is_encrypted() {
            return Err(StructureProblem::Encrypted);
        }
        if document.xref_recovery.is_some() {
            return Err(StructureProblem::Unparsable("its cross-reference table is broken".into()));
        }
        let pages: Vec<ObjectId> = document.page_iter().collect();
        match shown_pages {
            Some(shown) if shown != pages.len() => Err(StructureProblem::PageCount { parsed: pages.len(), shown }),
            _ => Ok(Self { document, pages }),
        }
    }

    /// How many points one unit of the page's coordinates is (PDF 1.6 `UserUnit`), 1 when it does not say.
    pub fn user_unit(&self, page: usize) -> f32 {
        self.page(page)
            .and_then(|page| self.value(page, b"UserUnit"))
            .and_then(|unit| unit.as_float().ok())
            .filter(|unit| unit.is_finite() && *unit > 0.0)
            .unwrap_or(1.0)
    }

    /// Pages in the document.
    pub fn page_count(&self) -> usize {
        self.pages.len()
    }

    /// True when the page's content paints anything at all, or cannot be read. Showing a text of no characters
    /// paints nothing.
    pub(super) fn paints(&self, page: usize) -> bool {
        const PAINTING: [&str; 12] = ["Do", "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh", "BI"];
        let paints = |operation: &lopdf::content::Operation| match operation.operator.as_str() {
            "Tj" | "TJ" | "'" | "\"" => operation.operands.iter().any(holds_characters),
            operator => PAINTING.contains(&operator),
        };
        self.content(page)
            .and_then(|content| lopdf::content::Content::decode_strict(&content).ok())
            .is_none_or(|content| content.operations.iter().any(paints))
    }

    /// The page's decoded content streams, one after the other; `None` when a part of them cannot be had.
    pub(super) fn content(&self, page: usize) -> Option<Vec<u8>> {
        self.content_of(self.page(page)?)
    }

    /// The same for the dictionary of a page.
    pub(super) fn content_of(&self, page: &Dictionary) -> Option<Vec<u8>> {
        let Some(contents) = self.value(page, b"Contents") else { return Some(Vec::new()) };
        let streams = match contents {
            Object::Array(parts) => parts.iter().map(|part| self.followed(part)?.as_stream().ok()).collect(),
            single => single.as_stream().ok().map(|stream| vec![stream]),
        };
        let mut content = Vec::new();
        for stream in streams? {
            let limit = MAX_CONTENT_BYTES.saturating_sub(content.len());
            content.extend_from_slice(&stream.get_plain_content_with_limit(limit).ok()?);
            content.push(b'\n');
        }
        Some(content)
    }

    /// The names of a stream's filters, in the order of decoding; `None` when they are not names.
    pub(super) fn filters(&self, stream: &Stream) -> Option<Vec<Vec<u8>>> {
        let name = |object: &Object| self.followed(object)?.as_name().ok().map(<[u8]>::to_vec);
        match self.value(&stream.dict, b"Filter") {
            None => Some(Vec::new()),
            Some(Object::Array(filters)) => filters.iter().map(name).collect(),
            Some(filter) => Some(vec![name(filter)?]),
        }
    }

    /// What part of the page is displayed; `None` without a proper MediaBox.
    pub(super) fn boxes(&self, page: usize) -> Option<PageBoxes> {
        let rectangle = |key: &[u8]| self.rectangle(self.inherited(page, key)?);
        let media = rectangle(b"MediaBox")?;
        Some(PageBoxes { media, crop: rectangle(b"CropBox").unwrap_or(media) })
    }

    /// Left, bottom, right, top of a rectangle given by any two opposite corners.
    pub(super) fn rectangle(&self, object: &Object) -> Option<[f32; 4]> {
        let corners = object.as_array().ok()?;
        let number = |index: usize| self.followed(corners.get(index)?)?.as_float().ok();
        let [x0, y0, x1, y1] = [number(0)?, number(1)?, number(2)?, number(3)?];
        Some([x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)])
    }

    /// The page's annotations, form fields among them.
    pub(super) fn annotations<'a>(&'a self, page: &'a Dictionary) -> impl Iterator<Item = &'a Dictionary> {
        let annotations = self.value(page, b"Annots").and_then(|annotations| annotations.as_array().ok());
        annotations.into_iter().flatten().filter_map(|annotation| self.followed(annotation)?.as_dict().ok())
    }

    /// What an annotation looks like in each of its states.
    pub(super) fn appearances<'a>(&'a self, annotation: &'a Dictionary) -> Option<&'a Dictionary> {
        self.value(annotation, b"AP")?.as_dict().ok()
    }

    /// True when the page has annotations that may be seen. Links, pop-up notes and hidden ones are not.
    pub(super) fn has_visible_annotations(&self, page: &Dictionary) -> bool {
        self.annotations(page).any(|annotation| self.is_seen(annotation))
    }

    /// True when a viewer may draw the annotation.
    pub(super) fn is_seen(&self, annotation: &Dictionary) -> bool {
        let flags = self.value(annotation, b"F").and_then(|flags| flags.as_i64().ok()).unwrap_or(0);
        let kind = self.value(annotation, b"Subtype").and_then(|kind| kind.as_name().ok()).unwrap_or_default();
        let has_appearance = self.value(annotation, b"AP").is_some();
        flags & HIDING_FLAGS == 0 && kind != b"Popup" && (kind != b"Link" || has_appearance)
    }

    pub(super) fn page(&self, page: usize) -> Option<&Dictionary> {
        self.document.get_dictionary(*self.pages.get(page)?).ok()
    }

    /// A dictionary's entry with references followed; `None` when absent or null.
    pub(super) fn value<'a>(&'a self, dictionary: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
        self.followed(dictionary.get(key).ok()?)
    }

    /// The object with references followed; `None` for null and dangling references.
    pub(super) fn followed<'a>(&'a self, object: &'a Object) -> Option<&'a Object> {
        self.document.dereference(object).ok().map(|(_, object)| object).filter(|object| !object.is_null())
    }

    /// A page's entry, its own or inherited from the page tree.
    pub(super) fn inherited(&self, page: usize, key: &[u8]) -> Option<&Object> {
        let mut node = self.page(page)?;
        for _ in 0..MAX_TREE_DEPTH {
            if let Some(value) = self.value(node, key) {
                return Some(value);
            }
            node = self.value(node, b"Parent")?.as_dict().ok()?;
        }
        None
    }
}

/// The parts of a page in its own coordinates: left, bottom, right, top.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PageBoxes {
    pub(super) media: [f32; 4],
    pub(super) crop: [f32; 4],
}

impl PageBoxes {
    /// True when the crop box leaves out more than a sliver of the media box.
    pub(super) fn hides_a_part(&self) -> bool {
        // Less than a point holds no character.
        const SLIVER: f32 = 1.0;
        let [left, bottom, right, top] = self.media;
        let [x0, y0, x1, y1] = self.crop;
        x0 - left > SLIVER || y0 - bottom > SLIVER || right - x1 > SLIVER || top - y1 > SLIVER
    }
}

/// True for a string that is not empty, alone or among the parts of a line.
fn holds_characters(operand: &Object) -> bool {
    match operand {
        Object::String(text, _) => !text.is_empty(),
        Object::Array(parts) => parts.iter().any(holds_characters),
        _ => false,
    }
}

/// True when a PDF file ends before its last cross-reference section does.
pub(super) fn is_cut_short(bytes: &[u8]) -> bool {
    let Some(end) = memchr::memmem::rfind(bytes, b"startxref") else { return true };
    // A linearized file has an early `startxref` too; objects after the last one mean that the real end is
    // missing.
    let rest = &bytes[end..];
    contains(rest, b" obj") && contains(rest, b"<<")
}

/// The file as it was before each incremental update, oldest first; empty for a file saved once. Each ends with
/// where its cross-reference section starts and an end mark, which is added where an editor left it out.
pub(super) fn revisions(bytes: &[u8]) -> Vec<Cow<'_, [u8]>> {
    const START: &[u8] = b"startxref";
    const END: &[u8] = b"%%EOF";
    const LINEARIZED_WITHIN: usize = 1024;
    let after = |at: usize| {
        let blank = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let number = at + START.len() + blank(at + START.len());
        let digits = bytes[number..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let end = number + digits;
        let mark = end + blank(end);
        if bytes[mark..].starts_with(END) { mark + END.len() } else { end }
    };
    let header = memchr::memmem::find(bytes, b"%PDF-").unwrap_or(0);
    let leads_to_a_section = |at: usize| {
        let digits = bytes[at + START.len()..].trim_ascii_start();
        let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = std::str::from_utf8(&digits[..length]).ok().and_then(|digits| digits.parse::<usize>().ok());
        // Offsets count from the header, or from the start of the file by mistake.
        number.is_some_and(|number| {
            [0, header].iter().filter_map(|from| bytes.get(from.checked_add(number)?..at)).any(|section| {
                let section = section.trim_ascii_start();
                section.starts_with(b"xref") || section.first().is_some_and(u8::is_ascii_digit)
            })
        })
    };
    let all: Vec<usize> = memchr::memmem::find_iter(bytes, START).collect();
    let Some((_, earlier)) = all.split_last() else { return Vec::new() };
    // An attached PDF that is not compressed has one too, which counts from its own start.
    let mut ends: Vec<usize> = earlier.iter().copied().filter(|&at| leads_to_a_section(at)).collect();
    // The first of a linearized file closes its first-page section, not a revision; most writers have it lead nowhere.
    let is_linearized = contains(&bytes[..bytes.len().min(LINEARIZED_WITHIN)], b"/Linearized");
    if is_linearized && !ends.is_empty() && ends.first() == earlier.first() {
        ends.remove(0);
    }
    let with_mark = |end: usize| {
        let revision = &bytes[..end];
        if revision.ends_with(END) { Cow::Borrowed(revision) } else { Cow::Owned([revision, b"\n", END].concat()) }
    };
    ends.into_iter().map(after).map(with_mark).collect()
}

/// True when a file cannot have as many pages as it claims. Each page takes a few bytes even compressed.
pub(super) fn claims_too_many_pages(bytes: &[u8], pages: usize) -> bool {
    const CERTAINLY_POSSIBLE: usize = 10_000;
    const BYTES_A_PAGE: usize = 8;
    pages > CERTAINLY_POSSIBLE && pages > bytes.len() / BYTES_A_PAGE
}

/// True when `needle` occurs in `bytes`.
pub(super) fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(bytes, needle).is_some()
}
