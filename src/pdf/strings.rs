//! PDF objects → every text in the file besides the pages' own text layer, with the place where it lies.

use std::collections::BTreeSet;

use encoding_rs::GB18030;
use lopdf::{Dictionary, Object, ObjectId, Stream};

use super::objects::{MAX_STREAM_BYTES, Structure};
use super::write::jpeg_metadata;

/// Where in a file a text lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// Author, title and other document properties.
    Properties,
    /// XMP metadata of the document, a page or a picture.
    Xmp,
    /// Metadata inside a JPEG picture (EXIF, XMP, IPTC, comments).
    Picture,
    /// Bookmarks.
    Outline,
    /// The name, description or content of an attached file.
    Attachment,
    /// The name or value of a form field.
    FormField,
    /// A comment, link or other annotation.
    Annotation,
    /// JavaScript, or an action that runs by itself.
    Script,
    /// A replacement text or description of a part of a page (ActualText, Alt, E).
    ReplacementText,
    /// The name of a layer.
    Layer,
    /// A page label, named destination, or private data of a program.
    Other,
    /// An object that nothing refers to: a leftover of editing.
    Leftover,
}

/// A text in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileText {
    /// Where it lies.
    pub place: Place,
    /// The page that it belongs to, from 0; `None` for the document.
    pub page: Option<usize>,
    /// Left, bottom, right, top in the page's own coordinates, for annotations.
    pub rectangle: Option<[f32; 4]>,
    /// What it says.
    pub text: String,
}

/// What a file says besides its pages' text, and what could not be looked into.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FileTexts {
    /// Every text found.
    pub texts: Vec<FileText>,
    /// Attached files whose content is not text: pictures and other documents.
    pub opaque_attachments: usize,
    /// Streams of text that cannot be decoded.
    pub unreadable: usize,
}

/// How deep objects may lie in each other; real files stay below 20.
const MAX_DEPTH: usize = 100;

impl Structure {
    /// Every text in the file but the pages' text layers.
    pub fn texts(&self) -> FileTexts {
        let mut walk = Walk { structure: self, seen: BTreeSet::new(), found: FileTexts::default() };
        // A page's place decides for what is reached from several places: pages come first, and a page is
        // never entered from elsewhere.
        walk.seen.extend(&self.pages);
        for index in 0..self.pages.len() {
            walk.page(index);
        }
        walk.document();
        walk.leftovers();
        walk.found
    }
}

#[derive(Clone, Copy)]
struct At {
    place: Place,
    page: Option<usize>,
    rectangle: Option<[f32; 4]>,
    depth: usize,
}

impl At {
    fn new(place: Place, page: Option<usize>) -> Self {
        Self { place, page, rectangle: None, depth: 0 }
    }
}

struct Walk<'a> {
    structure: &'a Structure,
    seen: BTreeSet<ObjectId>,
    found: FileTexts,
}

impl<'a> Walk<'a> {
    fn page(&mut self, index: usize) {
        let structure = self.structure;
        let Some(page) = structure.page(index) else { return };
        for key in [b"Annots".as_slice(), b"Contents"] {
            self.mark(page.get(key).ok());
        }
        for annotation in structure.annotations(page) {
            let kind = structure.value(annotation, b"Subtype").and_then(|kind| kind.as_name().ok());
            let place = if kind == Some(b"Widget") { Place::FormField } else { Place::Annotation };
            let rectangle = structure.value(annotation, b"Rect").and_then(|rect| structure.rectangle(rect));
            self.dictionary(annotation, At { rectangle, ..At::new(place, Some(index)) });
        }
        match structure.content(index) {
            Some(content) => self.marked_content(&content, At::new(Place::ReplacementText, Some(index))),
            None => self.found.unreadable += 1,
        }
        for (key, value) in page {
            if !matches!(key.as_slice(), b"Parent" | b"Annots" | b"Contents") {
                self.object(value, At::new(Place::Other, Some(index)).below(key));
            }
        }
        if let Some(resources) = structure.inherited(index, b"Resources") {
            self.object(resources, At::new(Place::Other, Some(index)));
        }
    }

    /// Notes that a list of objects, and the objects in it, are visited by other means.
    fn mark(&mut self, list: Option<&Object>) {
        let Some(list) = list else { return };
        self.seen.extend(list.as_reference().ok());
        let items = self.structure.followed(list).and_then(|list| list.as_array().ok());
        self.seen.extend(items.into_iter().flatten().filter_map(|item| item.as_reference().ok()));
    }

    fn document(&mut self) {
        let structure = self.structure;
        for (key, value) in &structure.document.trailer {
            if key == b"Info" {
                self.object(value, At::new(Place::Properties, None));
            }
        }
        let Ok(catalog) = structure.document.catalog() else { return };
        if let Ok(root) = structure.document.trailer.get(b"Root").and_then(Object::as_reference) {
            self.seen.insert(root);
        }
        for (key, value) in catalog {
            self.object(value, At::new(Place::Other, None).below(key));
        }
    }

    fn leftovers(&mut self) {
        let structure = self.structure;
        for (id, object) in &structure.document.objects {
            let is_infrastructure = [&b"XRef"[..], b"ObjStm"].iter().any(|kind| object.type_name().ok() == Some(kind));
            if is_infrastructure || !self.seen.insert(*id) {
                continue;
            }
            self.direct(object, At::new(Place::Leftover, None));
        }
    }

    fn object(&mut self, object: &'a Object, at: At) {
        match object {
            Object::Reference(id) => {
                if self.seen.insert(*id)
                    && let Ok(object) = self.structure.document.get_object(*id)
                {
                    self.direct(object, at);
                }
            }
            direct => self.direct(direct, at),
        }
    }

    fn direct(&mut self, object: &'a Object, at: At) {
        let at = At { depth: at.depth + 1, ..at };
        if at.depth > MAX_DEPTH {
            self.found.unreadable += 1;
            return;
        }
        match object {
            Object::String(bytes, _) => self.say(decoded(bytes), at),
            Object::Array(items) => items.iter().for_each(|item| self.object(item, at)),
            Object::Dictionary(dictionary) => self.dictionary(dictionary, at),
            Object::Stream(stream) => self.stream(stream, at),
            Object::Reference(_) => self.object(object, at),
            _ => {}
        }
    }

    fn dictionary(&mut self, dictionary: &'a Dictionary, at: At) {
        if dictionary.has_type(b"Page") && at.place != Place::Leftover {
            return;
        }
        for (key, value) in dictionary {
            // Upward and sideways links lead to what is visited on its own; a widget's parent is its field.
            if (key == b"Parent" && at.place != Place::FormField) || matches!(key.as_slice(), b"P" | b"Pg" | b"Length")
            {
                continue;
            }
            self.object(value, at.below(key));
        }
    }

    fn stream(&mut self, stream: &'a Stream, at: At) {
        self.dictionary(&stream.dict, at);
        let name = |key: &[u8]| stream.dict.get(key).and_then(Object::as_name).ok();
        let is_content = name(b"Subtype") == Some(b"Form") || stream.dict.has(b"PatternType");
        let is_text = name(b"Type") == Some(b"Metadata")
            || name(b"Subtype") == Some(b"XML")
            || matches!(
                at.place,
                Place::Script | Place::Attachment | Place::Leftover | Place::Xmp | Place::FormField | Place::Annotation
            );
        let is_picture = name(b"Subtype") == Some(b"Image");
        if is_picture && self.structure.filters(stream).is_some_and(|filters| filters == [b"DCTDecode".to_vec()]) {
            for segment in jpeg_metadata(&stream.content) {
                self.say(decoded(segment), At { place: Place::Picture, ..at });
            }
        }
        if is_picture && at.place != Place::Attachment || !(is_content || is_text) {
            return;
        }
        let Ok(content) = stream.get_plain_content_with_limit(MAX_STREAM_BYTES) else {
            // Leftovers of every kind come by here, fonts and pictures too.
            self.found.unreadable += usize::from(at.place != Place::Leftover);
            return;
        };
        if is_content || at.place == Place::Leftover {
            self.marked_content(&content, At { place: replacement(at.place), ..at });
        }
        if is_text {
            let place = if name(b"Type") == Some(b"Metadata") { Place::Xmp } else { at.place };
            match text_of(&content) {
                Some(text) => self.say(text, At { place, ..at }),
                None if place == Place::Attachment => self.found.opaque_attachments += 1,
                None => {}
            }
        }
    }

    /// The texts of a content stream's property lists.
    fn marked_content(&mut self, content: &[u8], at: At) {
        let Ok(content) = lopdf::content::Content::decode(content) else {
            self.found.unreadable += usize::from(at.place != Place::Leftover);
            return;
        };
        for operation in content.operations {
            if matches!(operation.operator.as_str(), "BDC" | "DP")
                && let Some(Object::Dictionary(properties)) = operation.operands.get(1)
            {
                self.plain_strings(properties, at);
            }
        }
    }

    fn plain_strings(&mut self, dictionary: &Dictionary, at: At) {
        for (_, value) in dictionary {
            match value {
                Object::String(bytes, _) => self.say(decoded(bytes), at),
                Object::Dictionary(inner) => self.plain_strings(inner, at),
                _ => {}
            }
        }
    }

    fn say(&mut self, text: String, at: At) {
        if !text.trim().is_empty() {
            let At { place, page, rectangle, .. } = at;
            self.found.texts.push(FileText { place, page, rectangle, text });
        }
    }
}

impl At {
    /// The place of what lies under this key.
    fn below(self, key: &[u8]) -> Self {
        let place = match key {
            _ if self.place == Place::Leftover => Place::Leftover,
            b"Metadata" => Place::Xmp,
            b"Outlines" => Place::Outline,
            b"EmbeddedFiles" | b"EF" | b"FS" | b"AF" | b"Filespec" => Place::Attachment,
            b"JavaScript" | b"JS" | b"OpenAction" | b"AA" => Place::Script,
            b"AcroForm" => Place::FormField,
            b"StructTreeRoot" | b"ActualText" | b"Alt" => Place::ReplacementText,
            b"OCProperties" | b"OCGs" => Place::Layer,
            _ => self.place,
        };
        Self { place, ..self }
    }
}

fn replacement(place: Place) -> Place {
    if place == Place::Leftover { place } else { Place::ReplacementText }
}

/// A text string of a PDF: UTF-16 or UTF-8 with a mark, or what producers write instead.
fn decoded(bytes: &[u8]) -> String {
    // A signature's certificate is one such string: its names lie in it as UTF-8.
    text_of(bytes).unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned())
}

/// The bytes as text in UTF-16 with a mark, UTF-8 or GB 18030; `None` when they are something else.
fn text_of(bytes: &[u8]) -> Option<String> {
    /// How PDF, ZIP (with office documents), JPEG and PNG files start.
    const OTHER_FILES: [&[u8]; 4] = [b"%PDF", b"PK\x03\x04", b"\xFF\xD8\xFF", b"\x89PNG"];
    let utf16 = |bytes: &[u8], from: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| from([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xFE, 0xFF, rest @ ..] => return Some(utf16(rest, u16::from_be_bytes)),
        [0xFF, 0xFE, rest @ ..] => return Some(utf16(rest, u16::from_le_bytes)),
        _ => {}
    }
    if bytes.contains(&0) || OTHER_FILES.iter().any(|start| bytes.starts_with(start)) {
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.trim_start_matches('\u{FEFF}').to_string()),
        Err(_) => GB18030.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned),
    }
}
