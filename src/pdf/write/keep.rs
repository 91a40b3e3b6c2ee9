//! A page that is kept → its entries in the new file, with only the objects that its own content uses.

use std::collections::{BTreeMap, BTreeSet};

use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use super::content::{CleanContent, cleaned};
use super::fonts::FontUse;
use super::picture::{deflated, jpeg_without_metadata};
use crate::pdf::objects::{MAX_CONTENT_BYTES, Structure};

/// Why a page cannot be kept as it is: its look would change, or something that is not seen would stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error, serde::Serialize, serde::Deserialize)]
pub enum FlattenReason {
    /// The file's objects cannot be relied on.
    #[error("the file's objects cannot be read reliably")]
    UnreadableFile,
    /// Its content, or a part of it, cannot be parsed.
    #[error("its content cannot be read reliably")]
    UnreadableContent,
    /// It has annotations, stamps or form fields.
    #[error("it has annotations or form fields")]
    Annotations,
    /// It has layers that can be switched on and off.
    #[error("it has optional layers")]
    OptionalContent,
    /// It has invisible text that cannot be taken out by itself.
    #[error("it has hidden text")]
    HiddenText,
    /// It has content beyond the part that is displayed.
    #[error("it has content outside the displayed area")]
    OutsideCropBox,
    /// It refers to other files or to itself.
    #[error("it has objects of an unusual kind")]
    UnusualObjects,
}

/// Entries that are left out wherever they occur: metadata, private data of programs, links to the document
/// structure, alternatives and replacements.
const LEFT_OUT: [&[u8]; 12] = [
    b"Metadata",
    b"PieceInfo",
    b"LastModified",
    b"StructParent",
    b"StructParents",
    b"Parent",
    b"AF",
    b"OPI",
    b"Alternates",
    b"Measure",
    b"PtData",
    b"Length",
];

/// How deep objects may lie in each other; real files stay below 20.
const MAX_DEPTH: usize = 100;

/// Entries of an image that decide how it looks.
const IMAGE_ENTRIES: [&str; 16] = [
    "Type",
    "Subtype",
    "Width",
    "Height",
    "ColorSpace",
    "BitsPerComponent",
    "Intent",
    "ImageMask",
    "Mask",
    "Decode",
    "Interpolate",
    "SMask",
    "SMaskInData",
    "Matte",
    "Filter",
    "DecodeParms",
];

/// Entries of a form or tiling pattern that decide how it looks, but for its resources.
const FORM_ENTRIES: [&str; 11] = [
    "Type",
    "Subtype",
    "FormType",
    "BBox",
    "Matrix",
    "Group",
    "PatternType",
    "PaintType",
    "TilingType",
    "XStep",
    "YStep",
];

/// Copies kept pages of one document.
pub(in crate::pdf) struct Keeper<'a> {
    source: &'a Structure,
    copied: BTreeMap<ObjectId, ObjectId>,
    /// Forms that are being copied, to notice one that draws itself.
    open: BTreeSet<ObjectId>,
    /// What forms without resources of their own use.
    page_resources: Dictionary,
    fonts: FontUse,
    depth: usize,
}

type Kept<T> = Result<T, FlattenReason>;

impl<'a> Keeper<'a> {
    pub(in crate::pdf) fn new(source: &'a Structure) -> Self {
        let (copied, open) = (BTreeMap::new(), BTreeSet::new());
        Self { source, copied, open, page_resources: Dictionary::new(), fonts: FontUse::default(), depth: 0 }
    }

    /// The entries of a page, without `Type` and `Parent`.
    pub(in crate::pdf) fn page(&mut self, target: &mut Document, index: usize) -> Kept<Dictionary> {
        let source = self.source;
        let page = source.page(index).ok_or(FlattenReason::UnreadableFile)?;
        if source.has_visible_annotations(page) {
            return Err(FlattenReason::Annotations);
        }
        let boxes = source.boxes(index).ok_or(FlattenReason::UnreadableContent)?;
        if boxes.hides_a_part() {
            return Err(FlattenReason::OutsideCropBox);
        }
        self.page_resources = source
            .inherited(index, b"Resources")
            .and_then(|resources| resources.as_dict().ok())
            .cloned()
            .unwrap_or_default();
        let content = source.content(index).ok_or(FlattenReason::UnreadableContent)?;
        let resources = self.page_resources.clone();
        let (bytes, resources) = self.content(target, &content, &resources)?;
        let mut entries = Dictionary::new();
        for (key, value) in [("MediaBox", b"MediaBox".as_slice()), ("CropBox", b"CropBox"), ("Rotate", b"Rotate")] {
            if let Some(value) = source.inherited(index, value) {
                entries.set(key, self.graph(target, value)?);
            }
        }
        for key in ["UserUnit", "Group"] {
            if let Some(value) = source.value(page, key.as_bytes()) {
                entries.set(key, self.graph(target, value)?);
            }
        }
        entries.set("Contents", target.add_object(compressed(Dictionary::new(), &bytes)));
        entries.set("Resources", resources);
        Ok(entries)
    }

    /// A content stream and the resources that it uses.
    fn content(&mut self, target: &mut Document, bytes: &[u8], resources: &Dictionary) -> Kept<(Vec<u8>, Dictionary)> {
        let CleanContent { bytes, mut used, drawn_invisibly, shown } = cleaned(bytes)?;
        self.note_fonts(resources, &shown);
        // These replace the device colour spaces without being named (ISO 32000-1, 8.6.5.6).
        for name in ["DefaultGray", "DefaultRGB", "DefaultCMYK"] {
            used.insert(("ColorSpace", name.into()));
        }
        let source = self.source;
        let mut kept = Dictionary::new();
        for (category, name) in used {
            let Some(value) = source
                .value(resources, category.as_bytes())
                .and_then(|entries| entries.as_dict().ok())
                .and_then(|entries| entries.get(&name).ok())
            else {
                continue;
            };
            let is_form = || {
                let object = source.followed(value).and_then(|object| object.as_stream().ok());
                object.is_some_and(|stream| is_named(&stream.dict, b"Subtype", b"Form"))
            };
            if drawn_invisibly.contains(&name) && category == "XObject" && is_form() {
                return Err(FlattenReason::HiddenText);
            }
            let value = self.graph(target, value)?;
            if kept.get(category.as_bytes()).is_err() {
                kept.set(category, Dictionary::new());
            }
            if let Ok(entries) = kept.get_mut(category.as_bytes()).and_then(Object::as_dict_mut) {
                entries.set(name, value);
            }
        }
        Ok((bytes, kept))
    }

    fn note_fonts(&mut self, resources: &Dictionary, shown: &BTreeMap<Option<Vec<u8>>, Vec<Vec<u8>>>) {
        let source = self.source;
        let fonts = source.value(resources, b"Font").and_then(|fonts| fonts.as_dict().ok());
        for (name, strings) in shown {
            match (name, name.as_ref().and_then(|name| fonts?.get(name).ok())) {
                (Some(_), Some(Object::Reference(font))) => self.fonts.note(source, *font, strings),
                // Fonts written into the resources themselves are not trimmed, and absent ones not copied.
                (Some(_), _) => {}
                (None, _) => self.fonts.unknown = true,
            }
        }
        // A graphics state may set a font too.
        let states = source.value(resources, b"ExtGState").and_then(|states| states.as_dict().ok());
        self.fonts.unknown |= states.into_iter().flat_map(Dictionary::iter).any(|(_, state)| {
            source.followed(state).and_then(|state| state.as_dict().ok()).is_some_and(|state| state.has(b"Font"))
        });
    }

    /// Takes out of the copied fonts what the copied pages do not show.
    pub(in crate::pdf) fn trim_fonts(&self, target: &mut Document) {
        self.fonts.trim(self.source, &self.copied, target);
    }

    /// An object with everything that it refers to.
    fn graph(&mut self, target: &mut Document, object: &Object) -> Kept<Object> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(FlattenReason::UnusualObjects);
        }
        let copy = match object {
            Object::Reference(id) => self.referenced(target, *id),
            Object::Array(items) => {
                items.iter().map(|item| self.graph(target, item)).collect::<Kept<Vec<_>>>().map(Object::Array)
            }
            Object::Dictionary(dictionary) => self.dictionary(target, dictionary).map(Object::Dictionary),
            Object::Stream(stream) => self.stream(target, stream).map(Object::Stream),
            plain => Ok(plain.clone()),
        };
        self.depth -= 1;
        copy
    }

    fn referenced(&mut self, target: &mut Document, id: ObjectId) -> Kept<Object> {
        if let Some(&copy) = self.copied.get(&id) {
            return Ok(copy.into());
        }
        let source = self.source;
        let Ok(object) = source.document.get_object(id) else { return Ok(Object::Null) };
        let form = object.as_stream().ok().filter(|stream| is_content(&stream.dict));
        if let Some(form) = form {
            // A form is copied before it gets a number: one without resources is not the same on every page.
            if !self.open.insert(id) {
                return Err(FlattenReason::UnusualObjects);
            }
            let copy = self.form(target, form)?;
            self.open.remove(&id);
            let copy = target.add_object(copy);
            if source.value(&form.dict, b"Resources").is_some() {
                self.copied.insert(id, copy);
            }
            return Ok(copy.into());
        }
        let copy = target.new_object_id();
        self.copied.insert(id, copy);
        let object = self.graph(target, object)?;
        target.set_object(copy, object);
        Ok(copy.into())
    }

    fn dictionary(&mut self, target: &mut Document, dictionary: &Dictionary) -> Kept<Dictionary> {
        if [&b"Page"[..], b"Pages", b"Catalog"].iter().any(|kind| dictionary.has_type(kind)) {
            return Ok(Dictionary::new());
        }
        if dictionary.has_type(b"OCG") || dictionary.has_type(b"OCMD") || dictionary.has(b"OC") {
            return Err(FlattenReason::OptionalContent);
        }
        let mut copy = Dictionary::new();
        for (key, value) in dictionary {
            if !LEFT_OUT.contains(&key.as_slice()) {
                copy.set(key.clone(), self.graph(target, value)?);
            }
        }
        Ok(copy)
    }

    fn stream(&mut self, target: &mut Document, stream: &Stream) -> Kept<Stream> {
        if stream.dict.has(b"F") {
            return Err(FlattenReason::UnusualObjects);
        }
        if is_content(&stream.dict) {
            return self.form(target, stream);
        }
        if !is_named(&stream.dict, b"Subtype", b"Image") {
            let entries = self.dictionary(target, &stream.dict)?;
            return Ok(Stream::new(entries, stream.content.clone()).with_compression(false));
        }
        if stream.dict.has(b"OC") {
            return Err(FlattenReason::OptionalContent);
        }
        let entries = self.chosen(target, &stream.dict, &IMAGE_ENTRIES)?;
        let filters = self.source.filters(stream).ok_or(FlattenReason::UnreadableContent)?;
        let content = if filters == [b"DCTDecode".to_vec()] {
            jpeg_without_metadata(&stream.content).ok_or(FlattenReason::UnreadableContent)?
        } else {
            stream.content.clone()
        };
        Ok(Stream::new(entries, content).with_compression(false))
    }

    /// A form XObject or tiling pattern.
    fn form(&mut self, target: &mut Document, form: &Stream) -> Kept<Stream> {
        if form.dict.has(b"OC") {
            return Err(FlattenReason::OptionalContent);
        }
        if form.dict.has(b"Ref") || form.dict.has(b"F") {
            return Err(FlattenReason::UnusualObjects);
        }
        let content =
            form.get_plain_content_with_limit(MAX_CONTENT_BYTES).map_err(|_| FlattenReason::UnreadableContent)?;
        let resources = match self.source.value(&form.dict, b"Resources").map(Object::as_dict) {
            Some(Ok(resources)) => resources.clone(),
            Some(Err(_)) => return Err(FlattenReason::UnreadableContent),
            None => self.page_resources.clone(),
        };
        let (content, resources) = self.content(target, &content, &resources)?;
        let mut entries = self.chosen(target, &form.dict, &FORM_ENTRIES)?;
        entries.set("Resources", resources);
        Ok(compressed(entries, &content))
    }

    fn chosen(&mut self, target: &mut Document, from: &Dictionary, keys: &[&str]) -> Kept<Dictionary> {
        let mut entries = Dictionary::new();
        for key in keys {
            if let Ok(value) = from.get(key.as_bytes()) {
                entries.set(*key, self.graph(target, value)?);
            }
        }
        Ok(entries)
    }
}

/// True for streams that hold painting operators: forms and tiling patterns.
fn is_content(dictionary: &Dictionary) -> bool {
    is_named(dictionary, b"Subtype", b"Form")
        || dictionary.get(b"PatternType").and_then(Object::as_i64).is_ok_and(|kind| kind == 1)
}

fn is_named(dictionary: &Dictionary, key: &[u8], name: &[u8]) -> bool {
    dictionary.get(key).and_then(Object::as_name).is_ok_and(|value| value == name)
}

fn compressed(mut entries: Dictionary, content: &[u8]) -> Stream {
    entries.set("Filter", "FlateDecode");
    Stream::new(entries, deflated(content)).with_compression(false)
}
