//! A document's objects → pages and page contents that nothing shows any more: left over from editing.

use std::collections::BTreeSet;

use lopdf::content::Content;
use lopdf::{Dictionary, Object, ObjectId, Stream, dictionary};

use super::gallery::Gallery;
use crate::error::InputProblem;
use crate::pdf::objects::{MAX_CONTENT_BYTES, Structure};
use crate::pdf::render::{RenderParams, RenderedPage};
use crate::pdf::text::GlyphRun;
use crate::pdf::{Document, opened};

/// Leftovers laid out at most; a file with more of them is reported as not wholly examined. A page is rendered in a
/// fifth of a second, and most are smaller.
const MOST: usize = 128;
/// Those of them whose pixels are read at most: each is up to a page.
const MOST_READ: usize = 32;

/// What nothing shows, laid out as pages.
#[derive(Debug, Clone, Default)]
pub struct LeftoverPages {
    /// Those that show anything, each look once.
    pub pages: Vec<RenderedPage>,
    /// What the text layer of each says.
    pub texts: Vec<Vec<GlyphRun>>,
    /// Why some could not be looked at; `None` when all were.
    pub not_examined: Option<String>,
}

/// A piece of content that nothing shows.
struct Leftover {
    id: ObjectId,
    /// It is seen on a page that is laid out itself: only its text is not had from there.
    is_on_another: bool,
}

impl Document<'_> {
    /// Pages outside the page tree, contents that no page has, and forms that nothing draws.
    ///
    /// # Errors
    /// [`InputProblem`] when they cannot be laid out.
    pub fn leftover_pages(&self, params: &RenderParams) -> Result<LeftoverPages, InputProblem> {
        let mut found = LeftoverPages::default();
        // A file whose objects cannot be read is reported elsewhere.
        let Ok(structure) = self.structure() else { return Ok(found) };
        let mut gallery = Gallery::new(structure);
        let leftovers = structure.leftover_content();
        if leftovers.len() > MOST {
            found.not_examined = Some(format!("{} pieces of content that no page shows", leftovers.len()));
        }
        let mut is_read = Vec::new();
        for &Leftover { id, is_on_another } in leftovers.iter().take(MOST) {
            structure.lay_out(id, &mut gallery);
            is_read.resize(gallery.len(), !is_on_another);
        }
        if gallery.len() == 0 {
            return Ok(found);
        }
        let bytes = gallery.finished()?;
        let document = opened(self.library, &bytes)?;
        let mut unread = 0;
        for (index, is_read) in is_read.into_iter().enumerate() {
            found.texts.push(document.text(index, &document.frame(index, params)?)?);
            if !is_read {
                continue;
            }
            let page = document.render(index, params)?;
            if page.is_bare() || found.pages.iter().any(|known| known.raster.pixels == page.raster.pixels) {
                continue;
            }
            if found.pages.len() < MOST_READ {
                found.pages.push(page);
            } else {
                unread += 1;
            }
        }
        if unread > 0 {
            found.not_examined = Some(format!("{} pieces of content that no page shows", found.pages.len() + unread));
        }
        Ok(found)
    }
}

impl Structure {
    /// Pages come first.
    fn leftover_content(&self) -> Vec<Leftover> {
        let objects = &self.document.objects;
        let is_form =
            |stream: &Stream| stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Form");
        let has_forms = objects.values().any(|object| object.as_stream().is_ok_and(is_form));
        let is_left_page = |id: &ObjectId, object: &Object| {
            object.as_dict().is_ok_and(|dictionary| dictionary.has_type(b"Page")) && !self.pages.contains(id)
        };
        let pages: Vec<ObjectId> =
            objects.iter().filter(|(id, object)| is_left_page(id, object)).map(|(id, _)| *id).collect();
        let (mut drawn, mut on_left_pages) = (BTreeSet::new(), BTreeSet::new());
        if has_forms {
            drawn = self.drawn();
            for &page in &pages {
                self.draw_left_page(page, &mut on_left_pages);
            }
        }
        let reached = self.reached();
        let is_left = |id: &ObjectId, object: &Object| match object {
            Object::Stream(stream) if is_form(stream) => !drawn.contains(id),
            Object::Stream(stream) => !reached.contains(id) && paints(stream),
            _ => false,
        };
        let others = objects.iter().filter(|(id, object)| is_left(id, object)).map(|(id, _)| *id);
        let others = others.map(|id| Leftover { id, is_on_another: on_left_pages.contains(&id) });
        pages.into_iter().map(|id| Leftover { id, is_on_another: false }).chain(others).collect()
    }

    /// Notes what is seen on a page outside the page tree when it is laid out.
    fn draw_left_page(&self, page: ObjectId, drawn: &mut BTreeSet<ObjectId>) {
        let Ok(page) = self.document.get_dictionary(page) else { return };
        let resources = self.value(page, b"Resources").or_else(|| self.inherited(0, b"Resources"));
        let content = self.content_of(page).and_then(|content| Content::decode(&content).ok());
        if let (Some(Object::Dictionary(resources)), Some(content)) = (resources, content) {
            self.draw(resources, &content, drawn);
        }
        drawn.extend(self.annotations(page).filter(|&annotation| self.is_seen(annotation)).filter_map(|annotation| {
            let appearances = self.appearances(annotation)?;
            match self.value(appearances, b"N")? {
                Object::Dictionary(states) => {
                    states.get(self.value(annotation, b"AS")?.as_name().ok()?).ok()?.as_reference().ok()
                }
                _ => appearances.get(b"N").ok()?.as_reference().ok(),
            }
        }));
    }

    /// Every object that the trailer leads to.
    fn reached(&self) -> BTreeSet<ObjectId> {
        let mut reached = BTreeSet::new();
        let mut waiting: Vec<&Object> = self.document.trailer.iter().map(|(_, value)| value).collect();
        while let Some(object) = waiting.pop() {
            match object {
                Object::Reference(id) if reached.insert(*id) => waiting.extend(self.document.get_object(*id).ok()),
                Object::Array(items) => waiting.extend(items),
                Object::Dictionary(dictionary) => waiting.extend(dictionary.iter().map(|(_, value)| value)),
                Object::Stream(stream) => waiting.extend(stream.dict.iter().map(|(_, value)| value)),
                _ => {}
            }
        }
        reached
    }

    fn lay_out(&self, id: ObjectId, gallery: &mut Gallery<'_>) {
        const A4: [f32; 4] = [0.0, 0.0, 595.0, 842.0];
        let area = self.boxes(0).map_or(A4, |boxes| boxes.media);
        match self.document.get_object(id) {
            Ok(Object::Dictionary(page)) => {
                let mut entries = dictionary! { "MediaBox" => area.map(Object::Real).to_vec() };
                if let Some(resources) = self.inherited(0, b"Resources") {
                    entries.set("Resources", resources.clone());
                }
                entries.set("Annots", self.as_comments(page));
                let own = [&b"MediaBox"[..], b"Resources", b"Contents", b"Rotate", b"UserUnit"];
                for (key, value) in page.iter().filter(|(key, _)| own.contains(&key.as_slice())) {
                    entries.set(key.clone(), value.clone());
                }
                gallery.page(entries);
            }
            Ok(Object::Stream(stream)) if stream.dict.has(b"BBox") => {
                let bounds = self.value(&stream.dict, b"BBox").and_then(|bounds| self.rectangle(bounds));
                let resources = dictionary! { "XObject" => dictionary! { "Fm0" => id } };
                // A form without resources of its own has those of whoever draws it: nobody.
                gallery.content(b"/Fm0 Do".to_vec(), bounds.unwrap_or(area), resources);
            }
            Ok(Object::Stream(stream)) => {
                if let Ok(content) = stream.get_plain_content_with_limit(MAX_CONTENT_BYTES) {
                    gallery.content(content, area, self.all_resources());
                }
            }
            _ => {}
        }
    }

    /// The page's annotations, its form fields as stamps of the same look: without their form they are not drawn.
    fn as_comments(&self, page: &Dictionary) -> Vec<Object> {
        let as_comment = |annotation: &Dictionary| {
            if annotation.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Widget") {
                let mut stamp = dictionary! { "Type" => "Annot", "Subtype" => "Stamp" };
                let of_the_look = [&b"Rect"[..], b"F", b"AP", b"AS"];
                for (key, value) in annotation.iter().filter(|(key, _)| of_the_look.contains(&key.as_slice())) {
                    stamp.set(key.clone(), value.clone());
                }
                return stamp.into();
            }
            annotation.clone().into()
        };
        self.annotations(page).map(as_comment).collect()
    }

    /// The resources of all pages together: a content stream does not say whose it was.
    fn all_resources(&self) -> Dictionary {
        let mut all = Dictionary::new();
        for index in 0..self.page_count() {
            let resources = self.inherited(index, b"Resources").and_then(|resources| resources.as_dict().ok());
            for (category, entries) in resources.into_iter().flat_map(Dictionary::iter) {
                let Some(entries) = self.followed(entries).and_then(|entries| entries.as_dict().ok()) else { continue };
                let mut known = all.get(category).and_then(Object::as_dict).cloned().unwrap_or_default();
                for (name, value) in entries {
                    if !known.has(name) {
                        known.set(name.clone(), value.clone());
                    }
                }
                all.set(category.clone(), known);
            }
        }
        all
    }
}

/// True for a stream of operators that show text or pictures.
fn paints(stream: &Stream) -> bool {
    /// Contents are not longer as a rule; fonts and pictures are.
    const LONGEST: usize = 4 << 20;
    let is_other = [&b"Subtype"[..], b"Type", b"Length1", b"FunctionType", b"PatternType", b"N"];
    if is_other.iter().any(|key| stream.dict.has(key)) {
        return false;
    }
    let content = stream.get_plain_content_with_limit(LONGEST).ok();
    content.and_then(|content| Content::decode_strict(&content).ok()).is_some_and(|content| {
        content
            .operations
            .iter()
            .any(|operation| matches!(operation.operator.as_str(), "Tj" | "TJ" | "'" | "\"" | "Do"))
    })
}
