//! PDF page → what its text layer says and where, in pixels of the page's raster. Says nothing about whether
//! the pixels agree.

use std::hash::{DefaultHasher, Hash, Hasher};

use pdfium_render::prelude::{self as pdfium, PdfPageTextRenderMode, PdfRect};
use serde::{Deserialize, Serialize};

use super::Document;
use super::render::PageFrame;
use crate::error::InputProblem;
use crate::geometry::Bbox;

/// Tells one font of a file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct FontKey(u32);

impl FontKey {
    /// Of the font with this name: subsets of a font have names of their own.
    pub fn of_name(name: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        Self(hasher.finish() as u32)
    }
}

/// One character of a text layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyph {
    /// What the file says it is; U+FFFD when it does not say.
    pub text: char,
    /// Its ink's box in raster pixels, or its place in the line when it has no ink; empty for a space that
    /// PDFium adds between words.
    pub bbox: Bbox,
    /// What it is drawn in.
    pub font: FontKey,
}

/// A line of a text layer, in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct GlyphRun {
    /// Its characters, with spaces where words are apart.
    pub glyphs: Vec<Glyph>,
    /// Height of the font in points of the page as displayed.
    pub font_size_pt: f32,
    /// True for text that is never painted (render modes 3 and 7), such as the hidden text over a scan.
    pub invisible: bool,
}

impl GlyphRun {
    /// The characters as a string, one `char` a glyph.
    pub fn text(&self) -> String {
        self.glyphs.iter().map(|glyph| glyph.text).collect()
    }

    /// The box around a range of its glyphs; `None` when none of them has a place.
    pub fn bbox_of(&self, range: std::ops::Range<usize>) -> Option<Bbox> {
        let glyphs = self.glyphs.get(range)?;
        glyphs.iter().map(|glyph| glyph.bbox).filter(|bbox| !bbox.is_empty()).reduce(Bbox::union)
    }

    /// The box around all of it; `None` when it has no place.
    pub fn bbox(&self) -> Option<Bbox> {
        self.bbox_of(0..self.glyphs.len())
    }
}

impl Document<'_> {
    /// The page's text layer, placed in the raster that `frame` belongs to. Boxes may lie outside the
    /// raster: such text is in the file all the same.
    ///
    /// # Errors
    /// [`InputProblem::Damaged`] when the page or its text cannot be loaded.
    pub fn text(&self, index: usize, frame: &PageFrame) -> Result<Vec<GlyphRun>, InputProblem> {
        let page = self.page(index)?;
        let text = page.text().map_err(|_| InputProblem::Damaged("the page's text cannot be read".into()))?;
        let unit = self.user_unit(index);
        let mut runs = Vec::new();
        let mut run: Option<GlyphRun> = None;
        let mut high_surrogate = None;
        let mut places = Places::default();
        for char in text.chars().iter() {
            let place = places.next(&char);
            let code = char.unicode_value();
            if (0xD800..0xDC00).contains(&code) {
                high_surrogate = Some(code);
                continue;
            }
            let text = character(high_surrogate.take(), code);
            if matches!(text, '\r' | '\n') {
                runs.extend(run.take());
                continue;
            }
            let invisible = char.render_mode().is_ok_and(|mode| {
                matches!(mode, PdfPageTextRenderMode::Invisible | PdfPageTextRenderMode::InvisibleClipping)
            });
            let generated = char.is_generated().unwrap_or(false);
            if run.as_ref().is_some_and(|run| run.invisible != invisible && !generated) {
                runs.extend(run.take());
            }
            let bbox = if generated { Bbox::from_ltrb(0, 0, 0, 0) } else { pixels(place, frame) };
            run.get_or_insert_with(|| GlyphRun {
                glyphs: Vec::new(),
                font_size_pt: char.scaled_font_size().value.abs() * unit,
                invisible,
            })
            .glyphs
            .push(Glyph { text, bbox, font: FontKey::of_name(&char.font_name()) });
        }
        runs.extend(run);
        runs.retain(|run| run.glyphs.iter().any(|glyph| !glyph.text.is_whitespace()));
        Ok(runs)
    }
}

impl Document<'_> {
    /// True when visible kinds of text lie wholly outside the displayed part of the page, or when that
    /// cannot be told.
    pub(super) fn has_text_off_page(&self, index: usize) -> bool {
        let off_page = || {
            let page = self.page(index).ok()?;
            let bounds = page.boundaries().bounding().ok()?.bounds;
            let text = page.text().ok()?;
            let mut places = Places::default();
            let outside = text.chars().iter().any(|char| {
                let place = places.next(&char);
                let seen = !char.is_generated().unwrap_or(false)
                    && char.unicode_char().is_none_or(|text| !text.is_whitespace());
                seen && place.is_some_and(|place| !place.does_overlap(&bounds))
            });
            Some(outside)
        };
        off_page().unwrap_or(true)
    }
}

/// The character of one code, or of two halves of a UTF-16 pair.
fn character(high_surrogate: Option<u32>, code: u32) -> char {
    let code = match high_surrogate {
        Some(high) if (0xDC00..0xE000).contains(&code) => 0x1_0000 + ((high - 0xD800) << 10) + (code - 0xDC00),
        _ => code,
    };
    match char::from_u32(code) {
        None => char::REPLACEMENT_CHARACTER,
        Some(text) if text.is_control() && !text.is_whitespace() => char::REPLACEMENT_CHARACTER,
        Some(text) => text,
    }
}

/// A place in the page's own coordinates, in the raster that `frame` belongs to.
pub(super) fn pixels(place: Option<PdfRect>, frame: &PageFrame) -> Bbox {
    place.map_or(Bbox::from_ltrb(0, 0, 0, 0), |rect| frame.bbox_of(rect))
}

/// Tells where the characters of a page lie, asked in their order.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The bits of the matrix of the last character's object, and how many characters of the object came before it.
    last: Option<([u32; 6], usize)>,
}

impl Places {
    /// Where the next character lies in the page's own coordinates.
    pub(super) fn next(&mut self, char: &pdfium::PdfPageTextChar<'_>) -> Option<PdfRect> {
        let is_generated = char.is_generated().unwrap_or(false);
        let matrix = char.matrix().ok().filter(|_| !is_generated);
        let matrix = matrix.map(|m| [m.a(), m.b(), m.c(), m.d(), m.e(), m.f()]);
        // A space that PDFium puts between two words belongs to no object, and the words may be of one.
        if let Some(bits) = matrix.map(|matrix| matrix.map(f32::to_bits)) {
            self.last = match self.last {
                Some((last, before)) if last == bits => Some((bits, before + 1)),
                _ => Some((bits, 0)),
            };
        }
        let has_area = |rect: &PdfRect| rect.width().value > 0.0 && rect.height().value > 0.0;
        matrix
            .zip(self.last)
            .and_then(|(matrix, (_, before))| misplaced(char, matrix, before))
            .or_else(|| char.tight_bounds().ok().filter(has_area))
            .or_else(|| char.loose_bounds().ok())
    }
}

/// The em square of a character that PDFium puts in the wrong place: one that comes from an ActualText inside a form
/// object is given in the form's coordinates (seen in PDFium 7xxx, with what browsers print). Its matrix is right, and starts
/// where the first character of its object does, `before` characters earlier.
fn misplaced(char: &pdfium::PdfPageTextChar<'_>, matrix: [f32; 6], before: usize) -> Option<PdfRect> {
    /// Text rise, in ems: raised and lowered characters stand up to a half off their line.
    const MOST_RISE: f32 = 0.6;
    /// How far from its start an object's first character may stand, in ems: written vertically, below it.
    const START: f32 = 0.6;
    const START_BELOW: f32 = 1.2;
    let [a, b, c, d, e, f] = matrix;
    let (x, y) = char.origin().ok()?;
    let em = char.unscaled_font_size().value;
    let (dx, dy) = (x.value - e, y.value - f);
    let size = em * a.hypot(b).max(c.hypot(d));
    // Characters stand on the line that starts where the matrix says, along it or, written vertically, below it.
    let stands = |a: f32, b: f32, start: f32| {
        let length = a.hypot(b).max(f32::EPSILON);
        let (off, along) = ((dx * b - dy * a).abs() / length, (dx * a + dy * b).abs() / length);
        off <= MOST_RISE * size && (before > 0 || along <= start * size)
    };
    if size <= 0.0 || stands(a, b, START) || stands(c, d, START_BELOW) {
        return None;
    }
    let corners = [(0.0, -0.12), (1.0, -0.12), (1.0, 0.88), (0.0, 0.88)].map(|(along, up)| {
        let (along, up) = (along * em, up * em);
        let x = a * along + c * up + e;
        let y = b * along + d * up + f;
        (x, y)
    });
    let least = |values: [f32; 4]| values.into_iter().fold(f32::INFINITY, f32::min);
    let most = |values: [f32; 4]| values.into_iter().fold(f32::NEG_INFINITY, f32::max);
    let (xs, ys) = (corners.map(|(x, _)| x), corners.map(|(_, y)| y));
    Some(PdfRect::new_from_values(least(ys), least(xs), most(ys), most(xs)))
}

#[cfg(test)]
mod tests {
    use lopdf::{Dictionary, dictionary};

    use super::*;
    use crate::pdf::render::RenderParams;
    use crate::pdf::samples::{Sample, numbers, pdfium, with_cid_font};

    fn runs(bytes: &[u8], dpi: f32) -> Vec<GlyphRun> {
        let pdfium = pdfium();
        let document = pdfium.open(bytes).expect("a sound sample");
        let page = document.render(0, &RenderParams { dpi, ..RenderParams::default() }).expect("a sound page");
        document.text(0, &page.frame).expect("a sound page")
    }

    fn texts(runs: &[GlyphRun]) -> Vec<String> {
        runs.iter().map(GlyphRun::text).collect()
    }

    /// True when each edge is within `slack` pixels.
    fn near(a: Bbox, b: Bbox, slack: i32) -> bool {
        <[i32; 4]>::from(a).into_iter().zip(<[i32; 4]>::from(b)).all(|(a, b)| (a - b).abs() <= slack)
    }

    // Helvetica's H is 722/1000 em wide with ink from 77 to 646, and 718/1000 em high (Adobe Core 14 AFM):
    // at 20 pt with its origin at (30, 40): x 31.5 to 42.9, y 40 to 54.4.
    const H: &str = "BT /F1 20 Tf 30 40 Td (H) Tj ET";

    #[test]
    fn a_glyph_lies_where_the_font_says() {
        let found = runs(&Sample::one_page(H, Dictionary::new()), 72.0);
        assert_eq!(texts(&found), ["H"]);
        assert!((found[0].font_size_pt - 20.0).abs() < 0.01 && !found[0].invisible);
        let bbox = found[0].bbox().expect("it has a place");
        assert!(near(bbox, Bbox::from_ltrb(31, 45, 43, 60), 1), "{bbox:?}");
    }

    #[test]
    fn glyph_boxes_follow_rotation_crop_and_unit() {
        let bbox = |entries: Dictionary| runs(&Sample::one_page(H, entries), 72.0)[0].bbox().expect("it has a place");
        let turned = bbox(dictionary! { "Rotate" => 90 });
        assert!(near(turned, Bbox::from_ltrb(40, 31, 55, 43), 1), "{turned:?}");
        let cropped = bbox(dictionary! { "CropBox" => numbers(&[10.0, 20.0, 110.0, 70.0]) });
        assert!(near(cropped, Bbox::from_ltrb(21, 15, 33, 30), 1), "{cropped:?}");
        let enlarged = bbox(dictionary! { "UserUnit" => 2 });
        assert!(near(enlarged, Bbox::from_ltrb(62, 90, 86, 120), 2), "{enlarged:?}");
    }

    #[test]
    fn a_replaced_glyph_in_a_form_object_lies_where_it_is_painted() {
        let place = |content: &str, matrix: &str| {
            let mut sample = Sample::new();
            let font = dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" };
            let form = dictionary! {
                "Type" => "XObject", "Subtype" => "Form", "BBox" => numbers(&[0.0, 0.0, 80.0, 80.0]),
                "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
            };
            let form = sample.stream(form, content.as_bytes());
            let resources = dictionary! { "XObject" => dictionary! { "X1" => form } };
            sample.page(&format!("q {matrix} cm /X1 Do Q"), dictionary! { "Resources" => resources });
            runs(&sample.bytes(), 72.0)[0].bbox().expect("it has a place")
        };
        let replaced = format!("/Span <</ActualText (H)>> BDC {H} EMC");
        // Turned and enlarged; and moved along its own line alone.
        for matrix in ["2 1 -1 2 -90 300", "1 0 0 1 60 0", "1 0 0 1 -20 0"] {
            let (painted, replaced) = (place(H, matrix), place(&replaced, matrix));
            assert!(painted.covered_by(replaced) > 0.99, "{matrix}: {painted:?} in {replaced:?}");
            // The em square of a tilted letter is larger than its ink, but not by much.
            assert!(replaced.area() < painted.area() * 4, "{matrix}: {painted:?} in {replaced:?}");
        }
    }

    #[test]
    fn lines_and_words_are_kept_apart() {
        let content = "BT /F1 12 Tf 10 80 Td (Zhang) Tj 60 0 Td (Wei) Tj -60 -20 Td (Pasture Co) Tj ET";
        let found = runs(&Sample::one_page(content, Dictionary::new()), 100.0);
        assert_eq!(texts(&found), ["Zhang Wei", "Pasture Co"]);
        let space = found[0].glyphs[5];
        assert!(space.text == ' ' && space.bbox.is_empty());
        let wei = found[0].bbox_of(6..9).expect("it has a place");
        assert!((wei.left - 97).abs() <= 2, "70 pt at 100 dpi is 97 px: {wei:?}");
    }

    #[test]
    fn the_second_word_of_an_object_lies_behind_the_first() {
        // 6 ems to the right by a number in the array, as TeX sets the spaces between words.
        let content = "BT /F1 20 Tf 10 40 Td [(H) -6000 (H)] TJ ET";
        let found = runs(&Sample::one_page(content, Dictionary::new()), 72.0);
        let boxes: Vec<Bbox> = found.iter().flat_map(|run| &run.glyphs).map(|glyph| glyph.bbox).collect();
        let inked: Vec<&Bbox> = boxes.iter().filter(|bbox| !bbox.is_empty()).collect();
        // 10 + 0.722 × 20 + 120 + 1.5, in points.
        assert!(inked.len() == 2 && (inked[1].left - 146).abs() <= 1, "{boxes:?}");
    }

    #[test]
    fn invisible_text_is_marked() {
        let content = "BT /F1 12 Tf 10 80 Td (seen) Tj 3 Tr 0 -20 Td (hidden) Tj ET";
        let found = runs(&Sample::one_page(content, Dictionary::new()), 72.0);
        let seen: Vec<_> = found.iter().map(|run| (run.text(), run.invisible)).collect();
        assert_eq!(seen, [("seen".to_string(), false), ("hidden".to_string(), true)]);
    }

    #[test]
    fn chinese_text_and_characters_beyond_the_first_plane_are_read() {
        let content = "BT /F1 20 Tf 10 40 Td <000100020003> Tj ET";
        let map = "3 beginbfchar <0001> <5F20> <0002> <4F1F> <0003> <D842DFB7> endbfchar";
        let found = runs(&with_cid_font(Some(map), content), 72.0);
        assert_eq!(texts(&found), ["张伟𠮷"]);
        assert!(found[0].glyphs.iter().all(|glyph| !glyph.bbox.is_empty()), "{found:?}");
    }

    #[test]
    fn characters_without_a_meaning_are_kept() {
        let content = "BT /F1 20 Tf 10 40 Td <000100020003> Tj ET";
        let found = runs(&with_cid_font(Some("1 beginbfchar <0001> <5F20> endbfchar"), content), 72.0);
        assert_eq!(texts(&found).concat().chars().count(), 3, "{found:?}");
        assert_eq!(texts(&found).concat().chars().next(), Some('张'));
    }
}
