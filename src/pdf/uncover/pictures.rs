//! A document's pictures that no page draws: the scan before masking, left in the file beside the masked one.

use std::collections::BTreeSet;

use lopdf::content::Content;
use lopdf::{Dictionary, Object, ObjectId};

use super::gallery::Gallery;
use crate::pdf::objects::{MAX_CONTENT_BYTES, Structure};
use crate::pdf::render::{RenderParams, RenderedPage};
use crate::pdf::{Document, opened};

/// Smallest side, pixels, of a picture that can hold a name.
const SMALLEST: i64 = 16;
/// Pictures shown at most; a file with more of them is reported as not wholly examined.
const MOST: usize = 64;

/// The pictures of a file that no page draws.
#[derive(Debug, Clone)]
pub struct UnshownPictures {
    /// Each as a page of its own.
    pub pictures: Vec<RenderedPage>,
    /// Why some could not be looked at; `None` when all were.
    pub not_examined: Option<String>,
}

impl Document<'_> {
    /// The pictures that the file holds but no page draws. Masks of drawn pictures and thumbnails do not count.
    pub fn unshown_pictures(&self, params: &RenderParams) -> UnshownPictures {
        let mut found = UnshownPictures { pictures: Vec::new(), not_examined: None };
        let structure = match self.structure() {
            Ok(structure) => structure,
            Err(problem) => {
                found.not_examined = Some(problem.to_string());
                return found;
            }
        };
        let unshown = structure.unshown_pictures();
        if unshown.is_empty() {
            return found;
        }
        if unshown.len() > MOST {
            found.not_examined = Some(format!("{} pictures that no page shows", unshown.len()));
        }
        let mut gallery = Gallery::new(structure);
        for &picture in unshown.iter().take(MOST) {
            gallery.picture(picture, true, params.dpi);
        }
        let rendered = gallery.finished().and_then(|bytes| {
            let document = opened(self.library, &bytes)?;
            (0..document.page_count()).map(|index| document.render(index, params)).collect()
        });
        match rendered {
            Ok(pictures) => found.pictures = pictures,
            Err(problem) => found.not_examined = Some(problem.to_string()),
        }
        found
    }
}

impl Structure {
    /// Pictures that nothing draws, in the order of the file.
    fn unshown_pictures(&self) -> Vec<ObjectId> {
        let pictures: Vec<ObjectId> = self
            .document
            .objects
            .iter()
            .filter(|(_, object)| object.as_stream().is_ok_and(|stream| self.is_picture(&stream.dict)))
            .map(|(id, _)| *id)
            .collect();
        if pictures.is_empty() {
            return pictures;
        }
        let drawn = self.drawn();
        pictures.into_iter().filter(|id| !drawn.contains(id)).collect()
    }

    /// True for a picture that is large enough to hold a name.
    pub(super) fn is_legible(&self, picture: ObjectId) -> bool {
        let stream = self.document.get_object(picture).ok().and_then(|object| object.as_stream().ok());
        stream.is_some_and(|stream| self.is_picture(&stream.dict))
    }

    fn is_picture(&self, dictionary: &Dictionary) -> bool {
        let large = |key: &[u8]| {
            self.value(dictionary, key).and_then(|side| side.as_i64().ok()).is_some_and(|side| side >= SMALLEST)
        };
        dictionary.get(b"Subtype").and_then(Object::as_name).is_ok_and(|subtype| subtype == b"Image")
            && large(b"Width")
            && large(b"Height")
    }

    /// Every object that the pages' contents draw or use, in any depth.
    pub(super) fn drawn(&self) -> BTreeSet<ObjectId> {
        let mut drawn = BTreeSet::new();
        for index in 0..self.page_count() {
            let Some(page) = self.page(index) else { continue };
            let resources = self.inherited(index, b"Resources").and_then(|resources| resources.as_dict().ok());
            let content = self.content(index).and_then(|content| Content::decode(&content).ok());
            match (resources, content) {
                (Some(resources), Some(content)) => self.draw(resources, &content, &mut drawn),
                // What a page that cannot be read draws is not known: nothing of it is called unshown.
                (Some(resources), None) => self.everything_in(resources, &mut drawn),
                (None, _) => {}
            }
            for annotation in self.annotations(page) {
                self.everything_in(annotation, &mut drawn);
            }
            self.everything(page.get(b"Thumb").unwrap_or(&Object::Null), &mut drawn);
        }
        drawn
    }

    /// What a content stream uses: of the XObjects those that it names, of the other resources all.
    pub(super) fn draw(&self, resources: &Dictionary, content: &Content, drawn: &mut BTreeSet<ObjectId>) {
        for (key, value) in resources {
            if key != b"XObject" {
                self.everything(value, drawn);
            }
        }
        let Some(objects) = self.value(resources, b"XObject").and_then(|objects| objects.as_dict().ok()) else {
            return;
        };
        for operation in content.operations.iter().filter(|operation| operation.operator == "Do") {
            let Some(Ok(name)) = operation.operands.first().map(Object::as_name) else { continue };
            let Ok(Object::Reference(id)) = objects.get(name) else { continue };
            let Some(stream) = self.document.get_object(*id).ok().and_then(|object| object.as_stream().ok()) else {
                continue;
            };
            if !drawn.insert(*id) {
                continue;
            }
            let inner = stream.get_plain_content_with_limit(MAX_CONTENT_BYTES).ok();
            let form = stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|subtype| subtype == b"Form");
            let own = self.value(&stream.dict, b"Resources").and_then(|resources| resources.as_dict().ok());
            match inner.filter(|_| form).and_then(|inner| Content::decode(&inner).ok()) {
                Some(inner) => self.draw(own.unwrap_or(resources), &inner, drawn),
                None => self.everything_in(&stream.dict, drawn),
            }
        }
    }

    fn everything(&self, object: &Object, drawn: &mut BTreeSet<ObjectId>) {
        match object {
            Object::Reference(id) => {
                if drawn.insert(*id)
                    && let Ok(object) = self.document.get_object(*id)
                    && !object.as_dict().is_ok_and(|dictionary| dictionary.has_type(b"Page"))
                {
                    self.everything(object, drawn);
                }
            }
            Object::Array(items) => items.iter().for_each(|item| self.everything(item, drawn)),
            Object::Dictionary(dictionary) => self.everything_in(dictionary, drawn),
            Object::Stream(stream) => self.everything_in(&stream.dict, drawn),
            _ => {}
        }
    }

    fn everything_in(&self, dictionary: &Dictionary, drawn: &mut BTreeSet<ObjectId>) {
        for (key, value) in dictionary {
            // Upward links lead to the whole document.
            if !matches!(key.as_slice(), b"Parent" | b"P" | b"Dest" | b"A" | b"Alternates") {
                self.everything(value, drawn);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use lopdf::dictionary;

    use super::*;
    use crate::pdf::samples::{Sample, pdfium};

    /// A page whose resources hold three black pictures, drawn by the page, by a form and by nothing.
    fn sample(drawn_all: bool) -> Vec<u8> {
        let mut sample = Sample::new();
        let entries = dictionary! {
            "Type" => "XObject", "Subtype" => "Image", "Width" => 20, "Height" => 16, "ColorSpace" => "DeviceGray",
            "BitsPerComponent" => 8,
        };
        let [shown, nested, left] = [(), (), ()].map(|()| sample.stream(entries.clone(), &[0; 320]));
        let form = sample.stream(
            dictionary! {
                "Type" => "XObject", "Subtype" => "Form", "BBox" => vec![0.into(), 0.into(), 9.into(), 9.into()],
                "Resources" => dictionary! { "XObject" => dictionary! { "N" => nested } },
            },
            b"/N Do",
        );
        let objects = dictionary! { "A" => shown, "F" => form, "L" => left };
        let content = if drawn_all { "/A Do /F Do /L Do" } else { "/A Do /F Do" };
        sample.page(content, dictionary! { "Resources" => dictionary! { "XObject" => objects } });
        sample.bytes()
    }

    #[test]
    fn a_picture_left_in_the_file_is_shown() {
        let pdfium = pdfium();
        let unshown = |bytes: &[u8]| {
            let document = pdfium.open(bytes).expect("a sound sample");
            document.unshown_pictures(&RenderParams::default())
        };
        let left = unshown(&sample(false));
        assert_eq!((left.pictures.len(), left.not_examined), (1, None));
        let raster = &left.pictures[0].raster;
        assert_eq!((raster.width(), raster.height()), (20, 16));
        assert!(raster.pixels.pixels().all(|pixel| pixel.0 == [0; 3]));
        assert!(unshown(&sample(true)).pictures.is_empty());
    }
}
