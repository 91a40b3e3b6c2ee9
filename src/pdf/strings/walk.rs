//! Visits every object of a file once and says what texts it holds, by the place from which it is reached.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Object, ObjectId, Stream};

use super::readings::{readings, text_of, without_percents};
use super::{FileText, FileTexts, PictureThumbnail, Place};
use crate::container::ImageKind;
use crate::pdf::objects::{MAX_STREAM_BYTES, Structure};
use crate::raster::metadata::{self, readable_runs};

/// How deep objects may lie in each other; real files stay below 20.
const MAX_DEPTH: usize = 100;

/// Every text in the file but the pages' text layers.
pub(super) fn texts_of(structure: &Structure) -> FileTexts {
    let mut walk = Walk { structure, seen: BTreeSet::new(), names: BTreeSet::new(), found: FileTexts::default() };
    // A page's place decides for what is reached from several places: pages come first, and a page is
    // never entered from elsewhere.
    walk.seen.extend(&structure.pages);
    for index in 0..structure.pages.len() {
        walk.page(index);
    }
    walk.document();
    walk.leftovers();
    walk.say_names();
    walk.found
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
    /// Names and keys, each once.
    names: BTreeSet<&'a [u8]>,
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
            match key.as_slice() {
                b"Info" => self.object(value, At::new(Place::Properties, None)),
                b"Root" | b"ID" | b"Encrypt" => {}
                _ => self.object(value, At::new(Place::Other, None)),
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
            Object::String(bytes, _) => self.say_bytes(bytes, at),
            Object::Name(name) => self.name(name),
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
            self.name(key);
            // Upward and sideways links lead to what is visited on its own; a widget's parent is its field. The
            // prefix of page labels has the key of a parent, but is no link.
            let is_link = matches!(key.as_slice(), b"P" | b"Pg" | b"Length") && value.as_str().is_err();
            if (key == b"Parent" && at.place != Place::FormField) || is_link {
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
                Place::Script
                    | Place::Attachment
                    | Place::Leftover
                    | Place::Xmp
                    | Place::FormField
                    | Place::Annotation
                    | Place::Private
            );
        let is_picture = name(b"Subtype") == Some(b"Image");
        if is_picture && self.structure.filters(stream).is_some_and(|filters| filters == [b"DCTDecode".to_vec()]) {
            let carried = metadata::read(&stream.content, ImageKind::Jpeg);
            for field in carried.fields {
                self.say(field.text, At { place: Place::Picture, ..at });
            }
            for image in carried.images {
                let picture = stream.content.clone();
                let thumbnail = PictureThumbnail { page: at.page, place: image.place, picture, small: image.content };
                self.found.thumbnails.push(thumbnail);
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
                None if place == Place::Attachment => self.found.attachments.push(content),
                None => {
                    /// Data of a program beyond this is not text, and is not searched.
                    const SEARCHED: usize = 1 << 20;
                    if place == Place::Private && content.len() > SEARCHED {
                        self.found.unreadable += 1;
                    }
                    for run in readable_runs(&content[..content.len().min(SEARCHED)]) {
                        self.say(run, At { place, ..at });
                    }
                }
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
                Object::String(bytes, _) => self.say_bytes(bytes, at),
                Object::Dictionary(inner) => self.plain_strings(inner, at),
                _ => {}
            }
        }
    }

    /// Notes a name or key; the short ones of PDF itself are no text.
    fn name(&mut self, name: &'a [u8]) {
        const SHORTEST: usize = 4;
        if name.len() >= SHORTEST {
            self.names.insert(name);
        }
    }

    /// All names as one text, too far apart for a match to span two of them.
    fn say_names(&mut self) {
        const APART: &str = "\n\n\n\n\n\n\n\n\n\n";
        let names: Vec<String> = self.names.iter().flat_map(|name| readings(name)).collect();
        self.say(names.join(APART), At::new(Place::Name, None));
    }

    fn say_bytes(&mut self, bytes: &[u8], at: At) {
        for text in readings(bytes) {
            if let Some(plain) = without_percents(&text) {
                self.say(plain, at);
            }
            self.say(text, at);
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
            b"EmbeddedFiles" | b"EF" | b"FS" | b"AF" | b"Filespec" | b"Sound" | b"Movie" | b"3DD"
            | b"RichMediaContent" => Place::Attachment,
            b"PieceInfo" => Place::Private,
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
