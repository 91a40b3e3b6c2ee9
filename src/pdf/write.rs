//! Pages → a PDF of one revision that holds nothing but what its pages show: masked pages as one image each,
//! the others with their own content. Builds a new file and copies into it what kept pages need, so that
//! whatever is not asked for (metadata, outlines, attachments, scripts, forms, earlier revisions) stays out.

mod content;
mod fonts;

mod keep;
mod picture;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};
use sha2::{Digest, Sha256};

use super::objects::Structure;
use super::render::PageSize;

pub use keep::FlattenReason;
pub(super) use keep::Keeper;
pub use picture::PageImage;

/// What becomes of a page.
#[derive(Debug, Clone)]
pub enum PageOutput {
    /// Its own content, without anything hidden.
    Keep,
    /// A picture of it, of this displayed size. Nothing else of the page goes into the file.
    Replace {
        /// The page's pixels.
        image: PageImage,
        /// The size that the page is to have, as displayed.
        size: PageSize,
    },
}

/// Why a PDF could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteProblem {
    /// A page cannot be kept as it is: [`super::Document::needs_flattening`] says so beforehand.
    #[error("page {page} can only be kept as an image: {reason}")]
    NeedsFlattening {
        /// From 1.
        page: usize,
        /// Why.
        reason: FlattenReason,
    },
    /// There is not exactly one decision for each page.
    #[error("{given} decisions for {pages} pages")]
    PageCount {
        /// Decisions given.
        given: usize,
        /// Pages in the original.
        pages: usize,
    },
    /// Serializing failed.
    #[error("the PDF cannot be written: {0}")]
    Serialize(#[from] std::io::Error),
}

/// A PDF of the original's pages, each kept or replaced.
///
/// # Errors
/// [`WriteProblem`] when the decisions do not fit the document.
pub fn rewrite(original: &Structure, pages: &[PageOutput]) -> Result<Vec<u8>, WriteProblem> {
    if pages.len() != original.page_count() {
        return Err(WriteProblem::PageCount { given: pages.len(), pages: original.page_count() });
    }
    let mut target = Target::new();
    let mut keeper = Keeper::new(original);
    for (index, page) in pages.iter().enumerate() {
        let entries = match page {
            PageOutput::Keep => keeper
                .page(&mut target.document, index)
                .map_err(|reason| WriteProblem::NeedsFlattening { page: index + 1, reason })?,
            PageOutput::Replace { image, size } => target.image_page(image, *size),
        };
        target.add_page(entries);
    }
    keeper.trim_fonts(&mut target.document);
    Ok(target.finished()?)
}

/// A PDF whose pages are these images.
///
/// # Errors
/// [`WriteProblem::Serialize`], which writing to memory does not give in practice.
pub fn from_images<'a>(pages: impl IntoIterator<Item = (&'a PageImage, PageSize)>) -> Result<Vec<u8>, WriteProblem> {
    let mut target = Target::new();
    for (image, size) in pages {
        let entries = target.image_page(image, size);
        target.add_page(entries);
    }
    Ok(target.finished()?)
}

/// The file under construction.
struct Target {
    document: Document,
    tree: ObjectId,
    kids: Vec<Object>,
}

impl Target {
    fn new() -> Self {
        let mut document = Document::with_version("1.7");
        document.reference_table.cross_reference_type = lopdf::xref::XrefType::CrossReferenceTable;
        let tree = document.new_object_id();
        let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
        document.trailer.set("Root", catalog);
        Self { document, tree, kids: Vec::new() }
    }

    fn image_page(&mut self, image: &PageImage, size: PageSize) -> Dictionary {
        // Sides over 14,400 units need a larger unit (ISO 32000-1 annex C.2).
        const LONGEST_SIDE: f32 = 14_400.0;
        let unit = (size.width_pt.max(size.height_pt) / LONGEST_SIDE).ceil().max(1.0);
        let (width, height) = (size.width_pt / unit, size.height_pt / unit);
        let image = self.document.add_object(image.stream());
        let content = format!("q {width} 0 0 {height} 0 0 cm /Im0 Do Q");
        let content = self.document.add_object(Stream::new(Dictionary::new(), content.into_bytes()));
        let mut page = dictionary! {
            "MediaBox" => vec![0.into(), 0.into(), Object::Real(width), Object::Real(height)],
            "Resources" => dictionary! { "XObject" => dictionary! { "Im0" => image } },
            "Contents" => content,
        };
        if unit > 1.0 {
            page.set("UserUnit", unit);
        }
        page
    }

    fn add_page(&mut self, mut entries: Dictionary) {
        entries.set("Type", "Page");
        entries.set("Parent", self.tree);
        self.kids.push(self.document.add_object(entries).into());
    }

    fn finished(mut self) -> std::io::Result<Vec<u8>> {
        let count = self.kids.len() as i64;
        let tree = dictionary! { "Type" => "Pages", "Kids" => self.kids, "Count" => count };
        self.document.set_object(self.tree, tree);
        let mut bytes = Vec::new();
        self.document.save_to(&mut bytes)?;
        // The identifier depends on the content only, so that the same pages give the same file.
        let id = Object::String(Sha256::digest(&bytes)[..16].to_vec(), lopdf::StringFormat::Hexadecimal);
        self.document.trailer.set("ID", vec![id.clone(), id]);
        bytes.clear();
        self.document.save_to(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests;
