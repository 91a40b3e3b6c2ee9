//! A document's objects → the file again with one kind of cover taken away.

use std::cell::RefCell;
use std::collections::BTreeSet;

use lopdf::{Dictionary, Object};

use super::Cover;
use crate::error::InputProblem;
use crate::pdf::objects::{HIDING_FLAGS, Structure};

/// Layers of a page that are switched off one by one; more are switched on only all together, and reported.
pub(super) const MOST_LAYERS: usize = 16;

/// The file without a kind of cover on any page. Covers that PDFium leaves out itself stay.
pub(super) fn without(structure: &Structure, cover: Cover) -> Result<Vec<u8>, InputProblem> {
    let mut document = structure.document.clone();
    match cover {
        Cover::LayersOn => set_layers(structure, &mut document, None),
        Cover::LayerOff(layer) => set_layers(structure, &mut document, Some(layer)),
        Cover::AnnotationFlags => document.objects.values_mut().for_each(show_annotations),
        Cover::CropBox => {
            for (index, page) in structure.pages.iter().enumerate() {
                if let (Some(boxes), Ok(page)) = (structure.boxes(index), document.get_dictionary_mut(*page)) {
                    page.set("CropBox", boxes.media.map(Object::Real).to_vec());
                }
            }
        }
        Cover::Annotations
        | Cover::DrawnOver
        | Cover::PictureParts
        | Cover::Transparency
        | Cover::LaterRevisions(_)
        | Cover::UnshownPicture
        | Cover::Attachment
        | Cover::Leftover => {}
    }
    saved(document)
}

/// The file with a page's area set to this.
pub(super) fn enlarged(structure: &Structure, index: usize, area: [f32; 4]) -> Result<Vec<u8>, InputProblem> {
    let mut document = structure.document.clone();
    let page = structure.pages.get(index).and_then(|page| document.get_dictionary_mut(*page).ok());
    if let Some(page) = page {
        for key in ["MediaBox", "CropBox"] {
            page.set(key, area.map(Object::Real).to_vec());
        }
    }
    saved(document)
}

pub(super) fn saved(mut document: lopdf::Document) -> Result<Vec<u8>, InputProblem> {
    let mut bytes = Vec::new();
    document
        .save_to(&mut bytes)
        .map_err(|_| InputProblem::Damaged("the file's objects cannot be written again".into()))?;
    Ok(bytes)
}

fn set_layers(structure: &Structure, document: &mut lopdf::Document, off: Option<usize>) {
    let layers = structure.layers();
    let mut state = Dictionary::new();
    state.set("BaseState", "ON");
    if let Some(layer) = off.and_then(|layer| layers.get(layer)) {
        state.set("OFF", vec![Object::Reference(*layer)]);
    }
    let mut properties = Dictionary::new();
    properties.set("OCGs", layers.into_iter().map(Object::Reference).collect::<Vec<_>>());
    properties.set("D", state);
    if let Ok(catalog) = document.catalog_mut() {
        catalog.set("OCProperties", properties);
    }
}

/// Clears the flags that hide annotations.
fn show_annotations(object: &mut Object) {
    match object {
        Object::Array(items) => items.iter_mut().for_each(show_annotations),
        Object::Dictionary(dictionary) => {
            if dictionary.has(b"Rect")
                && let Ok(flags) = dictionary.get(b"F").and_then(Object::as_i64)
            {
                dictionary.set("F", flags & !HIDING_FLAGS);
            }
            if let Ok(annotations) = dictionary.get_mut(b"Annots") {
                show_annotations(annotations);
            }
        }
        _ => {}
    }
}

impl Structure {
    fn layer_properties(&self) -> Option<&Dictionary> {
        self.value(self.document.catalog().ok()?, b"OCProperties")?.as_dict().ok()
    }

    /// The document's layers.
    fn layers(&self) -> Vec<lopdf::ObjectId> {
        let layers = self.layer_properties().and_then(|properties| self.value(properties, b"OCGs")?.as_array().ok());
        layers.into_iter().flatten().filter_map(|layer| layer.as_reference().ok()).collect()
    }

    /// The kinds of covers that lopdf can take away from the page.
    pub(super) fn removable(&self, page: usize) -> Vec<Cover> {
        let mut covers = Vec::new();
        let used = self.layers_of(page);
        if !used.is_empty() {
            covers.push(Cover::LayersOn);
            covers.extend(used.into_iter().take(MOST_LAYERS).map(Cover::LayerOff));
        }
        let hides = |annotation: &Dictionary| annotation.has(b"AP") && !self.is_seen(annotation);
        if self.page(page).is_some_and(|page| self.annotations(page).any(hides)) {
            covers.push(Cover::AnnotationFlags);
        }
        if self.boxes(page).is_some_and(|boxes| boxes.hides_a_part()) {
            covers.push(Cover::CropBox);
        }
        covers
    }

    /// True when a part of the page may not be shown because its layer is off.
    pub(in crate::pdf) fn hides_layers(&self, page: usize) -> bool {
        let state = self.layer_properties().and_then(|properties| self.value(properties, b"D")?.as_dict().ok());
        let has_some_off = state.is_some_and(|state| {
            let all_off = self.value(state, b"BaseState").is_some_and(|base| base.as_name().is_ok_and(|n| n == b"OFF"));
            let off = self.value(state, b"OFF").and_then(|off| off.as_array().ok());
            all_off || off.is_some_and(|off| !off.is_empty())
        });
        has_some_off && !self.layers_of(page).is_empty()
    }

    /// The layers that something on the page belongs to, as indexes among the document's.
    pub(super) fn layers_of(&self, page: usize) -> BTreeSet<usize> {
        let layers = self.layers();
        if layers.is_empty() {
            return BTreeSet::new();
        }
        let used = RefCell::new(BTreeSet::new());
        let note = |membership: &Object| {
            // A membership dictionary names several.
            let named = self.followed(membership).and_then(|object| self.value(object.as_dict().ok()?, b"OCGs"));
            let several = named.and_then(|named| named.as_array().ok()).into_iter().flatten();
            let single = self.followed(membership).and_then(|object| object.as_dict().ok()?.get(b"OCGs").ok());
            let ids = std::iter::once(membership).chain(several).chain(single).filter_map(|o| o.as_reference().ok());
            used.borrow_mut().extend(ids.filter_map(|id| layers.iter().position(|&layer| layer == id)));
        };
        for annotation in self.page(page).into_iter().flat_map(|page| self.annotations(page)) {
            annotation.get(b"OC").into_iter().for_each(note);
        }
        self.any_resources(page, &|resources| {
            let properties = self.value(resources, b"Properties").and_then(|properties| properties.as_dict().ok());
            properties.into_iter().flat_map(Dictionary::iter).for_each(|(_, membership)| note(membership));
            self.objects_in(resources).for_each(|object| object.get(b"OC").into_iter().for_each(note));
            false
        });
        used.into_inner()
    }

    /// True when `test` holds for the page's resources, or those of its forms.
    fn any_resources(&self, page: usize, test: &dyn Fn(&Dictionary) -> bool) -> bool {
        // Forms within forms deeper than this are not seen in real files.
        const DEEPEST: usize = 8;
        let resources = self.inherited(page, b"Resources").and_then(|resources| resources.as_dict().ok());
        resources.is_some_and(|resources| self.any_nested(resources, test, DEEPEST))
    }

    fn any_nested(&self, resources: &Dictionary, test: &dyn Fn(&Dictionary) -> bool, depth: usize) -> bool {
        let nested = |object: &Dictionary| {
            let resources = self.value(object, b"Resources").and_then(|resources| resources.as_dict().ok());
            resources.is_some_and(|resources| self.any_nested(resources, test, depth - 1))
        };
        test(resources) || (depth > 0 && self.objects_in(resources).any(nested))
    }

    /// The dictionaries of the pictures and forms among resources.
    fn objects_in<'a>(&'a self, resources: &'a Dictionary) -> impl Iterator<Item = &'a Dictionary> {
        let objects = self.value(resources, b"XObject").and_then(|objects| objects.as_dict().ok());
        objects
            .into_iter()
            .flat_map(Dictionary::iter)
            .filter_map(|(_, object)| self.followed(object)?.as_stream().ok().map(|stream| &stream.dict))
    }
}
