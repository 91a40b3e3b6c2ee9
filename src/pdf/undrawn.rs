//! A page's annotations → those without an appearance that other viewers draw from their entries, and PDFium does not
//! or not wholly.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Object};

use super::Document;
use super::objects::Structure;

/// Kinds of annotations that Acrobat or poppler draw without an appearance. Of others PDFium makes one itself, as of
/// squares, ink and highlights, or nobody draws more than an icon. Of free text it makes the box, and Latin characters.
const KINDS: [&[u8]; 6] = [b"FreeText", b"Line", b"Stamp", b"Polygon", b"PolyLine", b"Caret"];

/// What is not drawn of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undrawn {
    kinds: BTreeSet<String>,
    /// A line of many points is among it: it may be writing.
    pub may_be_writing: bool,
}

impl Undrawn {
    /// A remark for the report; `None` when all is drawn.
    pub fn note(&self) -> Option<String> {
        let kinds: Vec<&str> = self.kinds.iter().map(String::as_str).collect();
        (!kinds.is_empty()).then(|| {
            let kinds = kinds.join(", ");
            format!("annotations that other viewers show are not wholly drawn, nor kept in a masked copy: {kinds}")
        })
    }
}

impl Document<'_> {
    /// The annotations of a page that other viewers draw and [`Self::render`] does not. A file whose objects cannot be
    /// read is reported elsewhere.
    pub fn undrawn_annotations(&self, index: usize) -> Undrawn {
        let mut found = Undrawn::default();
        let Ok(structure) = self.structure() else { return found };
        for annotation in structure.page(index).into_iter().flat_map(|page| structure.annotations(page)) {
            let kind = structure.value(annotation, b"Subtype").and_then(|kind| kind.as_name().ok()).unwrap_or_default();
            let is_drawn =
                || has_appearance(structure, annotation) || kind == b"FreeText" && is_latin(structure, annotation);
            if KINDS.contains(&kind) && structure.is_seen(annotation) && !is_drawn() {
                found.kinds.insert(String::from_utf8_lossy(kind).into_owned());
                found.may_be_writing |= has_many_points(structure, annotation);
            }
        }
        found
    }
}

fn has_appearance(structure: &Structure, annotation: &Dictionary) -> bool {
    structure.appearances(annotation).is_some_and(|appearances| structure.value(appearances, b"N").is_some())
}

/// True for free text of Latin characters whose font is named, or left to the viewer.
fn is_latin(structure: &Structure, annotation: &Dictionary) -> bool {
    let text = |key: &[u8]| structure.value(annotation, key).and_then(|text| text.as_str().ok());
    text(b"DA").is_none_or(|look| look.windows(2).any(|operator| operator == b"Tf"))
        && text(b"Contents").is_some_and(|says| !says.is_empty() && says.is_ascii())
}

fn has_many_points(structure: &Structure, annotation: &Dictionary) -> bool {
    /// Shapes that are drawn corner by corner have fewer, a stroke of handwriting has tens.
    const MANY: usize = 12;
    let vertices = structure.value(annotation, b"Vertices").and_then(|vertices| vertices.as_array().ok());
    vertices.map_or(0, |numbers: &Vec<Object>| numbers.len() / 2) >= MANY
}

#[cfg(test)]
mod tests {
    use lopdf::dictionary;

    use super::*;
    use crate::pdf::render::{RenderParams, is_even};
    use crate::pdf::samples::{Sample, numbers, pdfium, set_all};

    /// A page with nothing but an annotation of this kind that has what it takes to be drawn, but no appearance.
    fn sample(kind: &str, entries: &Dictionary) -> Vec<u8> {
        let mut annotation = dictionary! {
            "Type" => "Annot", "Subtype" => kind, "Rect" => numbers(&[20.0, 20.0, 90.0, 80.0]), "F" => 4,
            "Contents" => Object::string_literal("Hello"), "C" => numbers(&[1.0, 0.0, 0.0]),
            "IC" => numbers(&[1.0, 0.0, 0.0]), "DA" => Object::string_literal("/Helv 12 Tf 1 0 0 rg"),
            "L" => numbers(&[20.0, 20.0, 90.0, 80.0]), "Name" => "Draft",
            "Vertices" => numbers(&[20.0, 20.0, 90.0, 80.0, 90.0, 20.0]),
            "QuadPoints" => numbers(&[20.0, 80.0, 90.0, 80.0, 20.0, 20.0, 90.0, 20.0]),
            "InkList" => vec![Object::Array(numbers(&[20.0, 20.0, 90.0, 80.0, 90.0, 20.0]))],
            "BS" => dictionary! { "W" => 3 },
        };
        set_all(&mut annotation, entries);
        Sample::one_page("", dictionary! { "Annots" => vec![Object::Dictionary(annotation)] })
    }

    #[test]
    fn exactly_what_pdfium_does_not_draw_is_told() {
        let pdfium = pdfium();
        let drawn = ["Square", "Circle", "Ink", "Highlight", "Underline", "StrikeOut", "Squiggly"];
        for kind in ["Line", "Stamp", "Polygon", "PolyLine", "Caret"].into_iter().chain(drawn) {
            let bytes = sample(kind, &Dictionary::new());
            let document = pdfium.open(&bytes).expect("a sound sample");
            let pixels = document.render(0, &RenderParams::default()).expect("a page").raster;
            let is_told =
                document.undrawn_annotations(0).note().is_some_and(|note| note.ends_with(&format!(": {kind}")));
            assert_eq!(is_even(&pixels.pixels, pixels.bbox()), is_told, "{kind}");
            assert_eq!(is_told, !drawn.contains(&kind), "{kind}");
        }
    }

    #[test]
    fn free_text_is_told_of_when_its_characters_are_missing() {
        let pdfium = pdfium();
        let plain = dictionary! { "C" => Object::Null, "IC" => Object::Null };
        let drawn = |entries: &Dictionary| {
            let mut all = plain.clone();
            set_all(&mut all, entries);
            let bytes = sample("FreeText", &all);
            let document = pdfium.open(&bytes).expect("a sound sample");
            let pixels = document.render(0, &RenderParams::default()).expect("a page").raster.pixels;
            (pixels, document.undrawn_annotations(0).note().is_some())
        };
        let says = |text: &[u8]| Object::String(text.to_vec(), lopdf::StringFormat::Hexadecimal);
        let (empty, _) = drawn(&dictionary! { "Contents" => says(b"") });
        let (latin, latin_told) = drawn(&Dictionary::new());
        let (han, han_told) = drawn(&dictionary! { "Contents" => says(b"\xFE\xFF\x5F\x20\x4F\x1F") });
        let (no_font, no_font_told) = drawn(&dictionary! { "DA" => Object::string_literal("1 0 0 rg ") });
        assert_eq!((latin == empty, latin_told), (false, false));
        assert_eq!((han == empty, han_told), (true, true));
        assert_eq!((no_font == empty, no_font_told), (true, true));
    }

    #[test]
    fn what_nobody_draws_or_has_an_appearance_is_not_told() {
        let pdfium = pdfium();
        let told = |entries: &Dictionary| {
            let bytes = sample("PolyLine", entries);
            let undrawn = pdfium.open(&bytes).expect("a sound sample").undrawn_annotations(0);
            (undrawn.note().is_some(), undrawn.may_be_writing)
        };
        assert_eq!(told(&dictionary! { "F" => 2 }), (false, false));
        assert_eq!(told(&dictionary! { "AP" => dictionary! { "N" => dictionary! {} } }), (false, false));
        assert_eq!(told(&dictionary! { "AP" => dictionary! {} }), (true, false));
        let stroke: Vec<f32> = (0..24).map(|step| step as f32 * 3.0).collect();
        assert_eq!(told(&dictionary! { "Vertices" => numbers(&stroke) }), (true, true));
    }
}
