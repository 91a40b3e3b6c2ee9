//! Small PDFs for tests, made with lopdf.

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};

use super::Pdfium;
use crate::assets::Assets;

/// A document under construction.
pub(super) struct Sample {
    pub(super) document: Document,
    pub(super) tree: ObjectId,
    pub(super) pages: Vec<ObjectId>,
}

impl Sample {
    /// A document without pages.
    pub(super) fn new() -> Self {
        let mut document = Document::with_version("1.7");
        document.reference_table.cross_reference_type = lopdf::xref::XrefType::CrossReferenceTable;
        let tree = document.add_object(dictionary! { "Type" => "Pages", "Kids" => Vec::<Object>::new(), "Count" => 0 });
        let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
        document.trailer.set("Root", catalog);
        Self { document, tree, pages: Vec::new() }
    }

    /// Adds a page of 200 × 100 units with Helvetica as /F1; `entries` are added to its dictionary.
    #[expect(clippy::needless_pass_by_value, reason = "calls with a fresh dictionary read better")]
    pub(super) fn page(&mut self, content: &str, entries: Dictionary) -> ObjectId {
        let content = self.document.add_object(Stream::new(Dictionary::new(), content.as_bytes().to_vec()));
        let mut page = dictionary! {
            "Type" => "Page", "Parent" => self.tree, "Contents" => content,
            "MediaBox" => numbers(&[0.0, 0.0, 200.0, 100.0]),
            "Resources" => dictionary! { "Font" => dictionary! { "F1" => helvetica() } },
        };
        set_all(&mut page, &entries);
        let page = self.document.add_object(page);
        self.pages.push(page);
        self.set_kids();
        page
    }

    /// A one-page document.
    pub(super) fn one_page(content: &str, entries: Dictionary) -> Vec<u8> {
        let mut sample = Self::new();
        sample.page(content, entries);
        sample.bytes()
    }

    /// The file.
    pub(super) fn bytes(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.document.save_to(&mut bytes).expect("writing to memory works");
        bytes
    }

    /// The catalog, to add entries to.
    pub(super) fn catalog(&mut self) -> &mut Dictionary {
        self.document.catalog_mut().expect("every sample has a catalog")
    }

    /// Adds a stream object.
    pub(super) fn stream(&mut self, entries: Dictionary, content: &[u8]) -> ObjectId {
        self.document.add_object(Stream::new(entries, content.to_vec()))
    }

    fn set_kids(&mut self) {
        let kids: Vec<Object> = self.pages.iter().map(|&page| page.into()).collect();
        let tree = self.document.get_dictionary_mut(self.tree).expect("the tree exists");
        tree.set("Count", kids.len() as i64);
        tree.set("Kids", kids);
    }
}

/// The standard font Helvetica.
pub(super) fn helvetica() -> Dictionary {
    dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding" }
}

/// Adds entries to a dictionary, replacing those of the same key (`Dictionary::extend` makes arrays of both).
pub(super) fn set_all(dictionary: &mut Dictionary, entries: &Dictionary) {
    for (key, value) in entries {
        dictionary.set(key.clone(), value.clone());
    }
}

/// An array of numbers.
pub(super) fn numbers(values: &[f32]) -> Vec<Object> {
    values.iter().map(|&value| Object::Real(value)).collect()
}

/// PDFium, alone on this thread until dropped.
pub(super) fn pdfium() -> Pdfium {
    let assets = Assets::ready().expect("tests run with the assets fetched");
    Pdfium::load(&assets).expect("PDFium is among the assets")
}
