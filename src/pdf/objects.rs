//! PDF bytes → the document's objects, as lopdf reads them: what PDFium does not tell about a file.

use lopdf::{Dictionary, LoadOptions, Object, ObjectId};

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
const MAX_STREAM_BYTES: usize = 256 << 20;

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

    /// True when the page's content paints anything at all, or cannot be read.
    pub(super) fn paints(&self, page: usize) -> bool {
        const PAINTING: [&str; 16] =
            ["Do", "Tj", "TJ", "'", "\"", "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh", "BI"];
        let Some(&id) = self.pages.get(page) else { return false };
        let Ok(content) = self.document.get_page_content_with_limit(id, MAX_STREAM_BYTES) else { return true };
        lopdf::content::Content::decode(&content).map_or(true, |content| {
            content.operations.iter().any(|operation| PAINTING.contains(&operation.operator.as_str()))
        })
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
}

/// True when a PDF file ends before its last cross-reference section does.
pub(super) fn is_cut_short(bytes: &[u8]) -> bool {
    let Some(end) = memchr::memmem::rfind(bytes, b"startxref") else { return true };
    // A linearized file has an early `startxref` too; objects after the last one mean that the real end is
    // missing.
    let rest = &bytes[end..];
    contains(rest, b" obj") && contains(rest, b"<<")
}

/// True when `needle` occurs in `bytes`.
pub(super) fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(bytes, needle).is_some()
}
