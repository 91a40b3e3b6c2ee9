//! PDF page → the lines of its text layer that its pixels show, and where it shows anything else. A page's own text
//! is told from all else by rendering the page a second time without it.

use image::RgbImage;
use pdfium_render::prelude::{PdfPageObject, PdfPageObjectsCommon};
use serde::{Deserialize, Serialize};

use super::Document;
use super::render::{Annotations, RenderedPage};
use super::text::{FontKey, Glyph, GlyphRun};
use super::uncover::is_seen;
use crate::error::InputProblem;
use crate::geometry::Bbox;

/// What a page shows, as far as its file tells.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Printed {
    /// Horizontal lines of upright text whose characters all leave a trace in the pixels.
    pub lines: Vec<PrintedLine>,
    /// Where the page shows something that is neither such a line nor a straight rule or plain ground.
    pub rest: Vec<Bbox>,
}

impl Printed {
    /// True for a page that shows lines of text, straight rules and plain ground, and nothing else.
    pub fn is_of_text_alone(&self) -> bool {
        !self.lines.is_empty() && self.rest.is_empty()
    }
}

/// A line of text that a page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PrintedLine {
    /// Around its ink.
    pub bbox: Bbox,
    /// What the file says that it reads, spaces left out.
    pub text: String,
    /// From where to where each character's ink goes, pixels.
    pub spans: Vec<(i32, i32)>,
    /// The font of each character.
    pub fonts: Vec<FontKey>,
    /// True where characters that cannot be seen stand between or beside those that can.
    pub has_gaps: bool,
}

impl PrintedLine {
    /// Its characters, each with its font and from where to where its ink goes.
    pub fn glyphs(&self) -> impl Iterator<Item = (FontKey, char, (i32, i32))> {
        self.fonts.iter().zip(self.text.chars()).zip(&self.spans).map(|((&font, c), &span)| (font, c, span))
    }
}

/// A line in the making.
struct Piece {
    glyphs: Vec<Glyph>,
    bbox: Bbox,
    has_gaps: bool,
}

impl Document<'_> {
    /// What the page shows, as far as its file tells. `shown` is the page as displayed, `runs` its text layer.
    ///
    /// # Errors
    /// [`InputProblem`] when the page cannot be rendered.
    pub fn printed(&self, index: usize, shown: &RenderedPage, runs: &[GlyphRun]) -> Result<Printed, InputProblem> {
        if runs.iter().all(|run| run.invisible) {
            return Ok(Printed { lines: Vec::new(), rest: vec![shown.raster.bbox()] });
        }
        let page = self.page(index)?;
        switch_off_text(page.objects().iter().collect());
        let bare = super::render::pixels_of(&page, &shown.frame, Annotations::Drawn)?;
        let (lines, loose) = lines_of(runs, &|glyph| is_seen(&shown.raster.pixels, &bare, glyph.bbox));
        let mut rest = unexplained(&bare);
        rest.extend(loose);
        Ok(Printed { lines, rest: Bbox::joined(rest) })
    }
}

fn switch_off_text(objects: Vec<PdfPageObject<'_>>) {
    for mut object in objects {
        if let PdfPageObject::XObjectForm(form) = &object {
            switch_off_text(form.iter().collect());
        } else if let PdfPageObject::Text(_) = object {
            // What PDFium will not switch off stays drawn and is looked for in the pixels.
            let _ = object.set_inactive();
        }
    }
}

/// The lines of a text layer, and the boxes of what is seen but stands in none.
fn lines_of(runs: &[GlyphRun], is_seen: &dyn Fn(&Glyph) -> bool) -> (Vec<PrintedLine>, Vec<Bbox>) {
    /// A line's box may be that much higher than its highest character: slanted text is higher.
    const LEVEL: f32 = 1.4;
    let mut pieces: Vec<Piece> = Vec::new();
    for run in runs.iter().filter(|run| !run.invisible) {
        let mut open = false;
        let mut after_gap = false;
        for glyph in run.glyphs.iter().filter(|glyph| !glyph.text.is_whitespace()) {
            if glyph.bbox.is_empty() || !is_seen(glyph) {
                after_gap = true;
                if open && let Some(piece) = pieces.last_mut() {
                    piece.has_gaps = true;
                }
                continue;
            }
            match pieces.last_mut() {
                Some(piece) if open && follows(piece, glyph.bbox) => {
                    piece.bbox = piece.bbox.union(glyph.bbox);
                    piece.glyphs.push(*glyph);
                    piece.has_gaps |= after_gap;
                }
                _ => pieces.push(Piece { glyphs: vec![*glyph], bbox: glyph.bbox, has_gaps: after_gap }),
            }
            (open, after_gap) = (true, false);
        }
    }
    let rows = in_rows(pieces);
    let overprinted = overprinted(&rows);
    let (mut lines, mut loose) = (Vec::new(), Vec::new());
    for (piece, overprinted) in rows.into_iter().zip(overprinted) {
        let highest = piece.glyphs.iter().map(|glyph| glyph.bbox.height()).max().unwrap_or(0);
        // One character alone may belong to a vertical line.
        if piece.glyphs.len() < 2 || piece.bbox.height() as f32 > LEVEL * highest as f32 || overprinted {
            loose.extend(piece.glyphs.iter().map(|glyph| glyph.bbox));
            continue;
        }
        lines.push(PrintedLine {
            bbox: piece.bbox,
            text: piece.glyphs.iter().map(|glyph| glyph.text).collect(),
            spans: piece.glyphs.iter().map(|glyph| (glyph.bbox.left, glyph.bbox.right)).collect(),
            fonts: piece.glyphs.iter().map(|glyph| glyph.font).collect(),
            has_gaps: piece.has_gaps,
        });
    }
    (lines, loose)
}

/// True when a character stands to the right of a piece of a line, at most as far as one that text detection would
/// take for the same line's.
fn follows(piece: &Piece, next: Bbox) -> bool {
    /// In heights of the line: a blank between words, or characters set wide.
    const APART: f32 = 1.2;
    /// Share of the lower one's height that both have in common.
    const LEVEL: f32 = 0.5;
    let height = piece.bbox.height().max(next.height()) as f32;
    let common = piece.bbox.bottom.min(next.bottom) - piece.bbox.top.max(next.top);
    let Some(last) = piece.glyphs.last() else { return false };
    let is_level = common as f32 >= LEVEL * piece.bbox.height().min(next.height()) as f32;
    let goes_on = next.left >= i32::midpoint(last.bbox.left, last.bbox.right);
    is_level && goes_on && ((next.left - last.bbox.right) as f32) <= APART * height
}

/// Pieces that stand side by side become one: files draw a line in parts.
fn in_rows(mut pieces: Vec<Piece>) -> Vec<Piece> {
    /// The lower one's share of the other's height: a heading beside body text is no part of its line.
    const SAME_SIZE: f32 = 0.6;
    pieces.sort_by_key(|piece| (piece.bbox.left, piece.bbox.top));
    let mut rows: Vec<Piece> = Vec::new();
    for mut piece in pieces {
        let same_size = |row: &Piece| {
            let (a, b) = (row.bbox.height() as f32, piece.bbox.height() as f32);
            a.min(b) >= SAME_SIZE * a.max(b)
        };
        match rows.iter_mut().find(|row| same_size(row) && follows(row, piece.bbox)) {
            Some(row) => {
                row.bbox = row.bbox.union(piece.bbox);
                row.glyphs.append(&mut piece.glyphs);
                row.has_gaps |= piece.has_gaps;
            }
            None => rows.push(piece),
        }
    }
    rows
}

/// For each piece whether it has characters that lie on others', of which only the upper can be read.
fn overprinted(pieces: &[Piece]) -> Vec<bool> {
    /// Share of a character that the other covers.
    const COVERED: f32 = 0.3;
    let touch = |a: &Piece, b: &Piece| {
        let near = |glyph: &&Glyph| !glyph.bbox.intersection(b.bbox).is_empty();
        !a.bbox.intersection(b.bbox).is_empty()
            && a.glyphs.iter().filter(near).any(|glyph| {
                b.glyphs
                    .iter()
                    .any(|other| glyph.bbox.covered_by(other.bbox).max(other.bbox.covered_by(glyph.bbox)) >= COVERED)
            })
    };
    let others = |index: usize| pieces.iter().enumerate().filter(move |&(other, _)| other != index);
    (0..pieces.len()).map(|index| others(index).any(|(_, other)| touch(&pieces[index], other))).collect()
}

/// Where pixels show something else than straight rules and plain ground: boxes of whole cells.
fn unexplained(pixels: &RgbImage) -> Vec<Bbox> {
    /// Side of a cell, pixels: a character of 6 pt at 200 dpi.
    const CELL: u32 = 16;
    /// Where two soft-edged rules cross, up to so many pixels have a colour of their own.
    const CROSSING: usize = 8;
    let (width, height) = pixels.dimensions();
    let mut cells = Vec::new();
    for top in (0..height).step_by(CELL as usize) {
        for left in (0..width).step_by(CELL as usize) {
            let (right, bottom) = ((left + CELL).min(width), (top + CELL).min(height));
            let bbox = Bbox::from_ltrb(left as i32, top as i32, right as i32, bottom as i32);
            if super::render::is_even(pixels, bbox) {
                continue;
            }
            let places = (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y)));
            if places.filter(|&(x, y)| !is_in_a_long_run(pixels, x, y)).count() > CROSSING {
                // One pixel more, so that neighbouring cells come together.
                cells.push(bbox.expanded(1, 1).clamped(width, height));
            }
        }
    }
    Bbox::joined(cells)
}

/// True when the pixel is part of a row or column of equal pixels longer than a character's stroke.
fn is_in_a_long_run(pixels: &RgbImage, x: u32, y: u32) -> bool {
    /// 8 mm at 200 dpi: strokes of larger print are that long, but not all their pixels.
    const LONG: u32 = 64;
    let (width, height) = pixels.dimensions();
    let colour = pixels.get_pixel(x, y);
    let along = |from: &mut dyn Iterator<Item = (u32, u32)>| {
        from.take(LONG as usize).take_while(|&(x, y)| pixels.get_pixel(x, y) == colour).count() as u32
    };
    let across = along(&mut (x + 1..width).map(|x| (x, y))) + along(&mut (0..x).rev().map(|x| (x, y)));
    across + 1 >= LONG
        || along(&mut (y + 1..height).map(|y| (x, y))) + along(&mut (0..y).rev().map(|y| (x, y))) + 1 >= LONG
}

#[cfg(test)]
mod tests {
    use lopdf::Dictionary;

    use super::*;
    use crate::pdf::render::RenderParams;
    use crate::pdf::samples::{Sample, pdfium};

    fn printed(content: &str) -> Printed {
        let bytes = Sample::one_page(content, Dictionary::new());
        let pdfium = pdfium();
        let document = pdfium.open(&bytes).expect("a sound sample");
        let shown = document.render(0, &RenderParams::default()).expect("a sound page");
        let runs = document.text(0, &shown.frame).expect("a sound page");
        document.printed(0, &shown, &runs).expect("a sound page")
    }

    fn texts(printed: &Printed) -> Vec<&str> {
        printed.lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn a_page_of_text_and_rules_shows_nothing_else() {
        let page = printed(
            "0.5 w 10 10 m 190 10 l S 10 90 m 190 90 l S 10 10 m 10 90 l S 0.9 g 20 20 60 20 re f 0 g \
             BT /F1 12 Tf 30 60 Td (Hello world) Tj ET",
        );
        assert_eq!(texts(&page), ["Helloworld"]);
        assert_eq!(page.rest, []);
        assert!(page.is_of_text_alone());
        let line = &page.lines[0];
        assert_eq!((line.spans.len(), line.fonts.len(), line.has_gaps), (10, 10, false));
        assert!(line.spans.is_sorted() && line.spans[0].0 == line.bbox.left, "{line:?}");
    }

    #[test]
    fn what_is_drawn_otherwise_is_left_to_be_looked_at() {
        // A triangle stands for any curve or picture.
        let page = printed("BT /F1 12 Tf 30 60 Td (Hello) Tj ET 100 20 m 130 20 l 115 45 l f");
        assert_eq!(texts(&page), ["Hello"]);
        assert!(!page.is_of_text_alone());
        // 200 dpi: 100 to 130 points across are 278 to 361 px, 20 to 45 points up are 153 to 222 px down.
        let whole = page.rest.iter().copied().reduce(Bbox::union).expect("a place");
        assert!((264..=280).contains(&whole.left) && (360..=378).contains(&whole.right), "{whole:?}");
    }

    #[test]
    fn text_that_cannot_be_seen_is_no_line() {
        let covered = printed("BT /F1 12 Tf 30 60 Td (Hello) Tj ET 0 g 20 50 100 30 re f");
        assert_eq!(texts(&covered), Vec::<&str>::new());
        let invisible = printed("BT /F1 12 Tf 3 Tr 30 60 Td (Hello) Tj ET");
        assert_eq!((texts(&invisible).len(), invisible.rest.len()), (0, 1));
        let white = printed("BT /F1 12 Tf 1 g 30 60 Td (Hello) Tj ET");
        assert_eq!(texts(&white), Vec::<&str>::new());
    }

    #[test]
    fn a_line_whose_middle_is_covered_has_a_gap() {
        // Helvetica's characters are 5 to 10 points wide at 12 pt: the cover hides one or two.
        let page = printed("BT /F1 12 Tf 30 60 Td (Hello world) Tj ET 0 g 45 50 8 30 re f");
        assert!(page.lines.iter().any(|line| line.has_gaps), "{page:?}");
    }

    #[test]
    fn overprinted_slanted_and_vertical_text_is_left_to_be_looked_at() {
        let over = printed("BT /F1 12 Tf 30 60 Td (Hello) Tj ET BT /F1 12 Tf 31 60 Td (WORLD) Tj ET");
        assert_eq!(texts(&over), Vec::<&str>::new());
        assert!(!over.rest.is_empty());
        let slanted = printed("BT /F1 12 Tf 0.87 0.5 -0.5 0.87 30 20 Tm (Hello world) Tj ET");
        assert_eq!(texts(&slanted), Vec::<&str>::new());
        assert!(!slanted.rest.is_empty());
        let vertical = printed("BT /F1 12 Tf 30 80 Td (H) Tj 0 -14 Td (E) Tj 0 -14 Td (L) Tj ET");
        assert_eq!(texts(&vertical), Vec::<&str>::new());
        assert!(!vertical.rest.is_empty());
    }

    #[test]
    fn cells_of_a_row_are_lines_of_their_own() {
        let page = printed("BT /F1 12 Tf 20 60 Td (Name) Tj 100 0 Td (Value) Tj ET");
        assert_eq!(texts(&page), ["Name", "Value"]);
    }
}
