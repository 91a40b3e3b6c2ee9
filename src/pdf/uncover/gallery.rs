//! Parts of a document → a file that shows each on a page of its own.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};

use super::variant::saved;
use crate::error::InputProblem;
use crate::pdf::objects::Structure;

/// Longest side of a picture's page, pixels: an A4 page at 200 dpi. Larger pictures are shown smaller.
const LONGEST_SIDE: f32 = 2339.0;

/// A file under construction.
pub(super) struct Gallery<'a> {
    structure: &'a Structure,
    document: Document,
    tree: ObjectId,
    kids: Vec<Object>,
    copied: BTreeSet<ObjectId>,
}

impl<'a> Gallery<'a> {
    pub(super) fn new(structure: &'a Structure) -> Self {
        let mut document = Document::with_version("1.7");
        document.max_id = structure.document.max_id;
        let tree = document.new_object_id();
        Self { structure, document, tree, kids: Vec::new(), copied: BTreeSet::new() }
    }

    /// Pages so far.
    pub(super) fn len(&self) -> usize {
        self.kids.len()
    }

    /// A page that shows a picture, one dot a pixel; `bare` without what hides parts of it.
    pub(super) fn picture(&mut self, picture: ObjectId, bare: bool, dpi: f32) {
        let mut shown = picture;
        self.copy(&Object::Reference(picture));
        let side = |key: &[u8]| {
            let stream = self.structure.document.get_object(picture).ok()?.as_stream().ok()?;
            self.structure.value(&stream.dict, key)?.as_float().ok()
        };
        let (width, height) = (side(b"Width").unwrap_or(1.0), side(b"Height").unwrap_or(1.0));
        if bare && let Some(Object::Stream(stream)) = self.document.objects.get(&picture) {
            let mut stream = stream.clone();
            for key in [&b"SMask"[..], b"Mask", b"SMaskInData", b"Decode", b"OC"] {
                stream.dict.remove(key);
            }
            shown = self.document.add_object(stream);
        }
        let scale = 72.0 / dpi * (LONGEST_SIDE / width.max(height)).min(1.0);
        let (width, height) = (width * scale, height * scale);
        let content = format!("q {width} 0 0 {height} 0 0 cm /Im0 Do Q");
        let resources = dictionary! { "XObject" => dictionary! { "Im0" => shown } };
        self.content(content.into_bytes(), [0.0, 0.0, width, height], resources);
    }

    /// A page of this content.
    pub(super) fn content(&mut self, content: Vec<u8>, area: [f32; 4], resources: Dictionary) {
        for (_, value) in &resources {
            self.copy(value);
        }
        let content = self.document.add_object(Stream::new(Dictionary::new(), content));
        let page = dictionary! {
            "Contents" => content, "MediaBox" => area.map(Object::Real).to_vec(), "Resources" => resources,
        };
        self.page(page);
    }

    /// A page with these entries.
    pub(super) fn page(&mut self, mut page: Dictionary) {
        page.set("Type", "Page");
        page.set("Parent", self.tree);
        for (key, value) in &page {
            if key != b"Parent" {
                self.copy(value);
            }
        }
        self.kids.push(self.document.add_object(page).into());
    }

    /// The file.
    pub(super) fn finished(mut self) -> Result<Vec<u8>, InputProblem> {
        let count = self.kids.len() as i64;
        self.document.set_object(self.tree, dictionary! { "Type" => "Pages", "Kids" => self.kids, "Count" => count });
        let catalog = self.document.add_object(dictionary! { "Type" => "Catalog", "Pages" => self.tree });
        self.document.trailer.set("Root", catalog);
        saved(self.document)
    }

    /// Copies what an object refers to, under the same numbers; other pages are left out.
    fn copy(&mut self, object: &Object) {
        let mut waiting: Vec<&Object> = vec![object];
        while let Some(object) = waiting.pop() {
            match object {
                Object::Reference(id) => {
                    if let Ok(object) = self.structure.document.get_object(*id)
                        && !object.as_dict().is_ok_and(|dictionary| dictionary.has_type(b"Page"))
                        && self.copied.insert(*id)
                    {
                        self.document.objects.insert(*id, object.clone());
                        // The copy is as the original, which lives longer.
                        if let Ok(original) = self.structure.document.get_object(*id) {
                            waiting.push(original);
                        }
                    }
                }
                Object::Array(items) => waiting.extend(items),
                Object::Dictionary(dictionary) => waiting.extend(dictionary.iter().map(|(_, value)| value)),
                Object::Stream(stream) => waiting.extend(stream.dict.iter().map(|(_, value)| value)),
                _ => {}
            }
        }
    }
}
