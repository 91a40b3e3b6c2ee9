//! PDF bytes → pages, glyphs and objects; pages → PDF. The only module that knows PDFium and lopdf.
//!
//! PDFium shows what a reader would see ([`render`], [`text`]); lopdf shows what lies in the file besides
//! ([`objects`]) and writes files ([`mod@write`]). What the findings mean is decided elsewhere.

pub mod objects;
pub mod printed;
pub mod render;
#[cfg(test)]
pub(crate) mod samples;
pub mod strings;
pub mod text;
pub mod uncover;
pub mod undrawn;
pub mod write;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard};

use pdfium_render::prelude as pdfium;

use crate::assets::{Asset, Assets};
use crate::error::{Error, InputProblem, Result};
use objects::{Structure, StructureProblem};
use write::FlattenReason;

/// PDFium is not thread-safe, and one process can load it once: whoever holds this may call it.
static IN_USE: Mutex<()> = Mutex::new(());

thread_local! {
    static HELD_HERE: Cell<bool> = const { Cell::new(false) };
}

/// The loaded PDFium library. Only one exists at a time, and it stays on the thread that loaded it (it is
/// not `Send`); loading it on another thread waits until this one is dropped.
pub struct Pdfium {
    library: pdfium::Pdfium,
    _sole_use: MutexGuard<'static, ()>,
}

impl Pdfium {
    /// Loads the PDFium of the assets folder, waiting for another thread's [`Pdfium`] to be dropped.
    ///
    /// # Errors
    /// [`Error::Asset`] when the library cannot be loaded, or when this thread holds a [`Pdfium`] already.
    pub fn load(assets: &Assets) -> Result<Self> {
        let problem = |problem: String| Error::Asset { name: Asset::Pdfium.file_name().into(), problem };
        if HELD_HERE.get() {
            return Err(problem("it is loaded on this thread already".into()));
        }
        let sole_use = IN_USE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let library = match pdfium::Pdfium::bind_to_library(assets.path(Asset::Pdfium)?) {
            Ok(bindings) => pdfium::Pdfium::new(bindings),
            // The bindings of an earlier `Pdfium` of this process are kept by the crate for ever; its
            // `default` hands them out again.
            Err(pdfium::PdfiumError::PdfiumLibraryBindingsAlreadyInitialized) => pdfium::Pdfium::default(),
            Err(error) => return Err(problem(error.to_string())),
        };
        HELD_HERE.set(true);
        Ok(Self { library, _sole_use: sole_use })
    }

    /// Opens a document; encrypted ones only when the empty password opens them.
    ///
    /// # Errors
    /// [`InputProblem::Empty`], [`InputProblem::Encrypted`], or [`InputProblem::Damaged`] for anything that
    /// is not a whole PDF: a file that was cut short is refused even if a part of its pages could be shown.
    pub fn open<'a>(&'a self, bytes: &'a [u8]) -> std::result::Result<Document<'a>, InputProblem> {
        opened(&self.library, bytes)
    }
}

fn opened<'a>(library: &'a pdfium::Pdfium, bytes: &'a [u8]) -> std::result::Result<Document<'a>, InputProblem> {
    if bytes.is_empty() {
        return Err(InputProblem::Empty);
    }
    let file = library.load_pdf_from_byte_slice(bytes, None).map_err(|error| match error {
        pdfium::PdfiumError::PdfiumLibraryInternalError(
            pdfium::PdfiumInternalError::PasswordError | pdfium::PdfiumInternalError::SecurityError,
        ) => InputProblem::Encrypted,
        _ => InputProblem::Damaged("it cannot be opened; if a viewer shows it, print it to a new PDF".into()),
    })?;
    if objects::is_cut_short(bytes) {
        return Err(InputProblem::Damaged("the end of the PDF is missing".into()));
    }
    if file.pages().is_empty() {
        return Err(InputProblem::Damaged("it has no pages".into()));
    }
    if objects::claims_too_many_pages(bytes, file.pages().len().max(0) as usize) {
        return Err(InputProblem::Damaged("it claims more pages than it can hold".into()));
    }
    Ok(Document {
        library,
        file,
        bytes,
        structure: OnceCell::new(),
        may_have_units: OnceCell::new(),
        variants: RefCell::default(),
    })
}

impl Drop for Pdfium {
    fn drop(&mut self) {
        HELD_HERE.set(false);
    }
}

/// An open PDF. Page indexes count from 0.
pub struct Document<'a> {
    library: &'a pdfium::Pdfium,
    file: pdfium::PdfDocument<'a>,
    bytes: &'a [u8],
    structure: OnceCell<std::result::Result<Structure, StructureProblem>>,
    may_have_units: OnceCell<bool>,
    /// The file with kinds of covers taken away, made when first asked for.
    variants: RefCell<BTreeMap<uncover::Cover, Rc<Vec<u8>>>>,
}

impl Document<'_> {
    /// Pages in the document, at least 1.
    pub fn page_count(&self) -> usize {
        self.file.pages().len().max(0) as usize
    }

    /// The bytes that it was opened from.
    pub fn bytes(&self) -> &[u8] {
        self.bytes
    }

    /// The document's objects as lopdf reads them, parsed at the first call.
    ///
    /// # Errors
    /// [`StructureProblem`] when lopdf cannot read them although PDFium can, or sees other pages.
    pub fn structure(&self) -> std::result::Result<&Structure, &StructureProblem> {
        self.structure.get_or_init(|| Structure::load(self.bytes, Some(self.page_count()))).as_ref()
    }

    /// Why a page cannot be kept as it is in a rewritten file but only as an image; `None` when it can.
    pub fn needs_flattening(&self, index: usize) -> Option<FlattenReason> {
        let Ok(structure) = self.structure() else { return Some(FlattenReason::UnreadableFile) };
        let kept = write::Keeper::new(structure).page(&mut lopdf::Document::with_version("1.7"), index);
        kept.err().or_else(|| self.has_text_off_page(index).then_some(FlattenReason::OutsideCropBox))
    }

    /// Opens a file that lies in this one.
    ///
    /// # Errors
    /// As [`Pdfium::open`].
    pub fn open_within<'b>(&'b self, bytes: &'b [u8]) -> std::result::Result<Document<'b>, InputProblem> {
        opened(self.library, bytes)
    }

    fn page(&self, index: usize) -> std::result::Result<pdfium::PdfPage<'_>, InputProblem> {
        i32::try_from(index)
            .ok()
            .and_then(|index| self.file.pages().get(index).ok())
            .ok_or_else(|| InputProblem::Damaged(format!("page {} cannot be loaded", index + 1)))
    }

    /// How many points one unit of the page's coordinates is; 1 when the page does not say.
    fn user_unit(&self, index: usize) -> f32 {
        // Parsing the whole file for this would cost more than rendering a page; the key can only hide in
        // an object stream.
        let may_say = *self
            .may_have_units
            .get_or_init(|| objects::contains(self.bytes, b"UserUnit") || objects::contains(self.bytes, b"ObjStm"));
        if !may_say {
            return 1.0;
        }
        self.structure().map_or(1.0, |structure| structure.user_unit(index))
    }
}
