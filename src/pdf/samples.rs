//! Small PDFs for tests, made with lopdf.

use lopdf::{
    Dictionary, Document, EncryptionState, EncryptionVersion, IncrementalDocument, Object, ObjectId, Permissions,
    Stream, dictionary,
};

use super::Pdfium;
use crate::assets::Assets;

/// A document under construction.
pub(crate) struct Sample {
    pub(crate) document: Document,
    pub(crate) tree: ObjectId,
    pub(crate) pages: Vec<ObjectId>,
}

impl Sample {
    /// A document without pages.
    pub(crate) fn new() -> Self {
        let mut document = Document::with_version("1.7");
        document.reference_table.cross_reference_type = lopdf::xref::XrefType::CrossReferenceTable;
        let tree = document.add_object(dictionary! { "Type" => "Pages", "Kids" => Vec::<Object>::new(), "Count" => 0 });
        let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
        document.trailer.set("Root", catalog);
        Self { document, tree, pages: Vec::new() }
    }

    /// Adds a page of 200 × 100 units with Helvetica as /F1; `entries` are added to its dictionary.
    #[expect(clippy::needless_pass_by_value, reason = "calls with a fresh dictionary read better")]
    pub(crate) fn page(&mut self, content: &str, entries: Dictionary) -> ObjectId {
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
    pub(crate) fn one_page(content: &str, entries: Dictionary) -> Vec<u8> {
        let mut sample = Self::new();
        sample.page(content, entries);
        sample.bytes()
    }

    /// The file.
    pub(crate) fn bytes(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.document.save_to(&mut bytes).expect("writing to memory works");
        bytes
    }

    /// The catalog, to add entries to.
    pub(crate) fn catalog(&mut self) -> &mut Dictionary {
        self.document.catalog_mut().expect("every sample has a catalog")
    }

    /// Adds a stream object.
    pub(crate) fn stream(&mut self, entries: Dictionary, content: &[u8]) -> ObjectId {
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
pub(crate) fn helvetica() -> Dictionary {
    dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding" }
}

/// Adds entries to a dictionary, replacing those of the same key (`Dictionary::extend` makes arrays of both).
pub(crate) fn set_all(dictionary: &mut Dictionary, entries: &Dictionary) {
    for (key, value) in entries {
        dictionary.set(key.clone(), value.clone());
    }
}

/// An array of numbers.
pub(crate) fn numbers(values: &[f32]) -> Vec<Object> {
    values.iter().map(|&value| Object::Real(value)).collect()
}

/// PDFium, alone on this thread until dropped.
pub(crate) fn pdfium() -> Pdfium {
    let assets = Assets::ready().expect("tests run with the assets fetched");
    Pdfium::load(&assets).expect("PDFium is among the assets")
}

/// A one-page document encrypted with this user password.
pub(crate) fn encrypted(user_password: &str, content: &str) -> Vec<u8> {
    let mut sample = Sample::new();
    sample.page(content, Dictionary::new());
    sample.document.trailer.set("ID", vec![Object::string_literal("abcd"), Object::string_literal("abcd")]);
    let version = EncryptionVersion::V2 {
        document: &sample.document,
        owner_password: "owner",
        user_password,
        key_length: 128,
        permissions: Permissions::all(),
    };
    let state = EncryptionState::try_from(version).expect("a sound request");
    sample.document.encrypt(&state).expect("encryption works");
    sample.bytes()
}

/// The file with an incremental update appended: `change` edits a copy of the objects.
pub(crate) fn updated(bytes: &[u8], change: impl FnOnce(&mut Document)) -> Vec<u8> {
    let before = Document::load_mem(bytes).expect("a sound sample");
    let mut after = before.clone();
    change(&mut after);
    let mut update = IncrementalDocument::create_from(bytes.to_vec(), before.clone());
    for (id, object) in &after.objects {
        if before.objects.get(id) != Some(object) {
            update.new_document.set_object(*id, object.clone());
        }
    }
    update.new_document.max_id = after.max_id;
    let mut out = Vec::new();
    update.save_to(&mut out).expect("writing to memory works");
    out
}

/// True when a text occurs anywhere in a file: its raw bytes, strings or decoded streams, in Latin letters,
/// UTF-16 or hexadecimal.
pub(crate) fn holds(bytes: &[u8], text: &str) -> bool {
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let hex = |bytes: &[u8]| -> Vec<u8> { bytes.iter().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect() };
    let forms = [text.as_bytes().to_vec(), hex(text.as_bytes()), hex(&utf16), utf16];
    let in_bytes = |bytes: &[u8]| forms.iter().any(|form| memchr::memmem::find(bytes, form).is_some());
    let document = Document::load_mem(bytes).expect("a sound file");
    in_bytes(bytes)
        || document.objects.values().any(|object| {
            let mut written = Vec::new();
            lopdf::Writer::write_object(&mut written, object).expect("writing to memory works");
            let decoded = object.as_stream().ok().and_then(|stream| stream.get_plain_content().ok());
            in_bytes(&written) || decoded.is_some_and(|content| in_bytes(&content))
        })
}

/// A page of two glyphs in a CID font whose ToUnicode map is `map`.
pub(crate) fn with_cid_font(map: Option<&str>, content: &str) -> Vec<u8> {
    let mut sample = Sample::new();
    let mut font = dictionary! {
        "Type" => "Font", "Subtype" => "Type0", "BaseFont" => "Invented", "Encoding" => "Identity-H",
        "DescendantFonts" => vec![Object::Dictionary(dictionary! {
            "Type" => "Font", "Subtype" => "CIDFontType2", "BaseFont" => "Invented",
            "CIDSystemInfo" => dictionary! {
                "Registry" => Object::string_literal("Adobe"), "Ordering" => Object::string_literal("Identity"),
                "Supplement" => 0,
            },
            "DW" => 1000,
            "FontDescriptor" => dictionary! {
                "Type" => "FontDescriptor", "FontName" => "Invented", "Flags" => 4, "Ascent" => 880,
                "Descent" => -120, "CapHeight" => 700, "StemV" => 80, "ItalicAngle" => 0,
                "FontBBox" => numbers(&[0.0, -120.0, 1000.0, 880.0]),
            },
        })],
    };
    if let Some(map) = map {
        let map = format!(
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def \
             1 begincodespacerange <0000> <FFFF> endcodespacerange {map} endcmap end end"
        );
        let map = sample.stream(Dictionary::new(), map.as_bytes());
        font.set("ToUnicode", map);
    }
    let resources = dictionary! { "Font" => dictionary! { "F1" => font } };
    sample.page(content, dictionary! { "Resources" => resources });
    sample.bytes()
}
