//! A document's objects → the file again with one kind of cover taken away.

use lopdf::{Dictionary, Object};

use super::Cover;
use crate::error::InputProblem;
use crate::pdf::objects::Structure;

/// Layers that are tried one by one; more are switched on only all together.
const MOST_LAYERS: usize = 8;

/// The file without a kind of cover on any page. Covers that PDFium leaves out itself stay.
pub(super) fn without(structure: &Structure, cover: Cover) -> Result<Vec<u8>, InputProblem> {
    let mut document = structure.document.clone();
    match cover {
        Cover::LayersOn => set_layers(structure, &mut document, None),
        Cover::LayerOff(layer) => set_layers(structure, &mut document, Some(layer)),
        Cover::SoftMasks => remove_masks(&mut document),
        Cover::CropBox => {
            for (index, page) in structure.pages.iter().enumerate() {
                if let (Some(boxes), Ok(page)) = (structure.boxes(index), document.get_dictionary_mut(*page)) {
                    page.set("CropBox", boxes.media.map(Object::Real).to_vec());
                }
            }
        }
        Cover::Annotations | Cover::DrawnOver | Cover::LaterRevisions(_) | Cover::UnshownPicture => {}
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

fn remove_masks(document: &mut lopdf::Document) {
    for object in document.objects.values_mut() {
        if let Object::Stream(stream) = object
            && stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|subtype| subtype == b"Image")
        {
            for key in [&b"SMask"[..], b"Mask", b"SMaskInData"] {
                stream.dict.remove(key);
            }
        }
    }
}

impl Structure {
    /// The document's layers.
    fn layers(&self) -> Vec<lopdf::ObjectId> {
        let properties = self.document.catalog().ok().and_then(|catalog| self.value(catalog, b"OCProperties"));
        let layers = properties
            .and_then(|properties| properties.as_dict().ok())
            .and_then(|properties| self.value(properties, b"OCGs")?.as_array().ok());
        layers.into_iter().flatten().filter_map(|layer| layer.as_reference().ok()).collect()
    }

    /// The kinds of covers that lopdf can take away from the page.
    pub(super) fn removable(&self, page: usize) -> Vec<Cover> {
        let mut covers = Vec::new();
        let layers = self.layers().len();
        if layers > 0 && self.uses_layers(page) {
            covers.push(Cover::LayersOn);
            covers.extend((0..layers.min(MOST_LAYERS)).map(Cover::LayerOff));
        }
        if self.has_masked_pictures(page) {
            covers.push(Cover::SoftMasks);
        }
        if self.boxes(page).is_some_and(|boxes| boxes.hides_a_part()) {
            covers.push(Cover::CropBox);
        }
        covers
    }

    /// True when a picture among the page's resources, or those of its forms, has a mask.
    fn has_masked_pictures(&self, page: usize) -> bool {
        self.any_resources(page, &|resources| {
            self.objects_in(resources).any(|object| object.has(b"SMask") || object.has(b"Mask"))
        })
    }

    /// True when something on the page belongs to a layer.
    fn uses_layers(&self, page: usize) -> bool {
        let annotations = self.page(page).into_iter().flat_map(|page| self.annotations(page));
        annotations.into_iter().any(|annotation| annotation.has(b"OC"))
            || self.any_resources(page, &|resources| {
                self.value(resources, b"Properties").is_some()
                    || self.objects_in(resources).any(|object| object.has(b"OC"))
            })
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
