//! The lines that a PDF's text layer says the page shows, taken over without reading them, where the file tells the
//! truth about each of their characters: one glyph for each character of each font is read in the pixels.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use image::{RgbImage, imageops};
use unicode_normalization::UnicodeNormalization;

use super::{Ink, Layout, LinePart, Located, PageReader, PageText, Proposal, ReadLine, Sheet};
use crate::error::Result;
use crate::geometry::{Bbox, Point, Quad, QuarterTurns};
use crate::ocr::TextLine;
use crate::ocr::lattice::{Alphabet, Lattice, Symbol};
use crate::pdf::printed::{Printed, PrintedLine};
use crate::pdf::text::FontKey;
use crate::raster::{Raster, crop, resized};
use crate::timing::{StageTimes, timed};

/// Share of a page that may show other things than lines of its text layer for the layer to be worth asking.
const MOST_REST: f32 = 0.5;
/// Share of a page's told characters that the pixels must bear out: of upside-down print, or of a font that lies, they
/// bear out next to none, and which way up the page is has to be found out as for a scan.
const LEAST_BORNE_OUT: f32 = 0.5;
/// Glyphs that are read as one line.
const GLYPHS_IN_A_ROW: usize = 32;
/// Height of such a line, pixels: that of the reading models.
const ROW_PX: u32 = 48;
/// Share of a line that detected lines must cover to take its place.
const REPLACED: f32 = 0.7;

impl PageReader {
    /// Reads an upright page of which the file tells much; `None` when it does not.
    pub(super) fn read_printed(
        &self,
        raster: &Raster,
        printed: &Printed,
        matters: &dyn Fn(&[TextLine]) -> Vec<LinePart>,
    ) -> Result<Option<PageText>> {
        let regions = regions(printed, raster);
        let area: i64 = regions.iter().map(|region| region.area()).sum();
        if printed.lines.is_empty() || area as f32 > MOST_REST * raster.bbox().area() as f32 {
            return Ok(None);
        }
        let mut times = StageTimes::new();
        let mut sheet = Sheet::new(raster);
        let (believed, doubtful) = timed("read", &mut times, || self.believed(raster, &printed.lines))?;
        let told: usize = printed.lines.iter().map(|line| line.spans.len()).sum();
        let borne_out: usize = believed.iter().map(|line| line.lattice.best_path().len()).sum();
        if (borne_out as f32) < LEAST_BORNE_OUT * told as f32 {
            return Ok(None);
        }
        let mut located = timed("detect", &mut times, || self.detected_in(&mut sheet, &regions, &printed.rest))?;
        located.retain(|line| !tells_nothing_new(line.quad.bbox(), &believed));
        let places: Vec<Bbox> = located.iter().map(|line| line.quad.bbox()).collect();
        let is_replaced = |line: Bbox| places.iter().map(|&place| line.covered_by(place)).sum::<f32>() >= REPLACED;
        let to_read = doubtful.into_iter().filter(|line| !is_replaced(line.bbox()));
        located.extend(to_read.map(|quad| Located { quad, ink: Ink::All }));
        let lines = timed("read", &mut times, || {
            let mut lines = self.read_quickly(&sheet, &located)?;
            lines.extend(believed);
            super::sort_top_to_bottom(&mut lines);
            Ok(lines)
        })?;
        let lines = timed("reread", &mut times, || self.read_carefully(&sheet, lines, matters))?;
        let unread_marks = sheet.unread_marks(&lines);
        Ok(Some(PageText { lines, turns: QuarterTurns::None, unread_marks, elapsed_ms: times }))
    }

    /// The lines in some regions of the page that have a part of what the file does not tell.
    fn detected_in(&self, sheet: &mut Sheet<'_>, regions: &[Bbox], rest: &[Bbox]) -> Result<Vec<Located>> {
        if regions.is_empty() {
            return Ok(Vec::new());
        }
        let raster = sheet.raster;
        let scale = self.params.detect.scale_of(raster.width(), raster.height());
        let mut quads = Vec::new();
        for region in regions {
            let part = crop(&raster.pixels, *region);
            let found = self.detector.detect_with(&part, scale, &self.params.detect)?;
            let (dx, dy) = (region.left as f32, region.top as f32);
            quads.extend(found.into_iter().map(|quad| quad.map(|p| Point::new(p.x + dx, p.y + dy))));
        }
        let mut located = self.located(sheet, &quads)?;
        located.retain(|line| rest.iter().any(|rest| !rest.intersection(line.quad.bbox()).is_empty()));
        Ok(located)
    }

    /// The lines told by the file, as it says, where its fonts can be believed, and the places of the others.
    fn believed(&self, raster: &Raster, told: &[PrintedLine]) -> Result<(Vec<ReadLine>, Vec<Quad>)> {
        let proven = self.proven(raster, told)?;
        let (mut believed, mut doubtful) = (Vec::new(), Vec::new());
        for (index, line) in told.iter().enumerate() {
            let quad = Quad::from_bbox(with_margin(line.bbox));
            let mut letters = line.glyphs().filter(|&(_, c, _)| c.is_alphabetic());
            let is_true = !line.has_gaps && letters.all(|(font, c, _)| proven.contains(&(font, c)));
            match as_told(line, self.quick.alphabet()) {
                Some(lattice) if is_true => {
                    let proposal = Proposal { line: index, quad, layout: Layout::Along, ink: Ink::All };
                    believed.push(ReadLine { proposal, lattice });
                }
                _ => doubtful.push(quad),
            }
        }
        Ok((believed, doubtful))
    }
}

/// True for a detected line that is, but for its margins, one of those known: print under a stamp.
fn tells_nothing_new(line: Bbox, known: &[ReadLine]) -> bool {
    /// Beyond the known line it goes on by less than a character, in its heights.
    const BEYOND: f32 = 0.8;
    let height = line.height() as f32;
    known.iter().map(|known| known.proposal.quad.bbox()).any(|known| {
        let is_level = line.bottom.min(known.bottom) - line.top.max(known.top) > line.height() / 2;
        let beyond = (known.left - line.left).max(line.right - known.right) as f32;
        is_level && known.height() * 2 > line.height() && beyond < BEYOND * height
    })
}

impl PageReader {
    /// The letters and ideographs of each font that the page shows as the file says, by the first glyph of each.
    fn proven(&self, raster: &Raster, told: &[PrintedLine]) -> Result<HashSet<(FontKey, char)>> {
        let mut first: BTreeMap<(FontKey, char), Bbox> = BTreeMap::new();
        for line in told {
            for (font, c, (left, right)) in line.glyphs().filter(|&(_, c, _)| c.is_alphabetic()) {
                let ink = Bbox::from_ltrb(left, line.bbox.top, right, line.bbox.bottom);
                first.entry((font, c)).or_insert(ink);
            }
        }
        let glyphs: Vec<((FontKey, char), Bbox)> = first.into_iter().collect();
        let rows: Vec<Row> = glyphs.chunks(GLYPHS_IN_A_ROW).map(|row| Row::of(row, raster)).collect();
        let pixels: Vec<RgbImage> = rows.iter().map(|row| row.pixels.clone()).collect();
        let lattices = self.quick.read(&pixels, &self.params.quick)?;
        Ok(rows.iter().zip(&lattices).flat_map(|(row, lattice)| row.read_as_told(lattice)).collect())
    }
}

/// Glyphs from all over a page, side by side.
struct Row {
    pixels: RgbImage,
    /// Each with where it ends, pixels.
    glyphs: Vec<((FontKey, char), u32)>,
}

impl Row {
    fn of(glyphs: &[((FontKey, char), Bbox)], raster: &Raster) -> Self {
        let cut: Vec<RgbImage> = glyphs
            .iter()
            .map(|(_, ink)| {
                let part = crop(&raster.pixels, with_margin(*ink).clamped(raster.width(), raster.height()));
                let width = part.width() * ROW_PX / part.height().max(1);
                resized(&part, width.max(1), ROW_PX)
            })
            .collect();
        let width: u32 = cut.iter().map(RgbImage::width).sum();
        let mut pixels = RgbImage::new(width, ROW_PX);
        let mut at = 0;
        let mut placed = Vec::new();
        for ((glyph, _), cut) in glyphs.iter().zip(&cut) {
            imageops::replace(&mut pixels, cut, i64::from(at), 0);
            at += cut.width();
            placed.push((*glyph, at));
        }
        Self { pixels, glyphs: placed }
    }

    /// The glyphs at whose place their character is read.
    fn read_as_told(&self, lattice: &Lattice) -> Vec<(FontKey, char)> {
        let scale = self.pixels.width() as f32 / lattice.frames().max(1) as f32;
        let read = lattice.best_path();
        let at_place = read.iter().filter_map(|read| {
            let middle = f32::midpoint(read.frames.start as f32, read.frames.end as f32) * scale;
            let (glyph, _) = self.glyphs.iter().find(|(_, end)| middle < *end as f32)?;
            is_same(lattice.alphabet().text(read.symbol), glyph.1).then_some(*glyph)
        });
        at_place.collect()
    }
}

/// True when what was read is the character that the file says.
fn is_same(read: &str, told: char) -> bool {
    read.nfkc().eq(std::iter::once(told).nfkc())
}

/// Where text is to be looked for: what the file does not tell, with the lines that go on beyond it.
fn regions(printed: &Printed, raster: &Raster) -> Vec<Bbox> {
    /// Least reach, inches: the gap between words of one line.
    const REACH: f32 = 0.25;
    let least = (REACH * raster.dpi) as i32;
    let reached = printed.rest.iter().map(|rest| {
        let reach = rest.expanded(rest.height().max(least), least);
        // Lines are found whole or not at all.
        let touched = printed.lines.iter().filter(|line| !line.bbox.intersection(reach).is_empty());
        let whole = touched.map(|line| line.bbox.expanded(least, least)).fold(reach, Bbox::union);
        whole.clamped(raster.width(), raster.height())
    });
    Bbox::joined(reached.collect())
}

/// A line's box as text detection would give it: a little paper around the ink.
fn with_margin(ink: Bbox) -> Bbox {
    /// Share of the height: boxes detected on print of 10 to 14 pt at 200 dpi are that much higher on either side.
    const MARGIN: f32 = 0.12;
    let margin = ((ink.height() as f32 * MARGIN) as i32).max(2);
    ink.expanded(margin, margin)
}

/// A lattice that reads as the file says, frames where its characters stand; `None` when the reading model knows one
/// of them not at all, as it is with private use characters.
fn as_told(line: &PrintedLine, alphabet: &Arc<Alphabet>) -> Option<Lattice> {
    let symbol = |c: char| -> Option<Symbol> {
        alphabet.symbol(c).or_else(|| {
            let mut plain = c.nfkc();
            plain.next().filter(|_| plain.next().is_none()).and_then(|c| alphabet.symbol(c))
        })
    };
    let symbols: Vec<Symbol> = line.text.chars().map(symbol).collect::<Option<_>>()?;
    let outer = with_margin(line.bbox);
    let places: Vec<(Symbol, f32, f32)> = symbols
        .into_iter()
        .zip(&line.spans)
        .map(|(symbol, &(left, right))| {
            let share = |x: i32| (x - outer.left) as f32 / outer.width().max(1) as f32;
            (symbol, share(left), share(right))
        })
        .collect();
    Some(Lattice::of_known(alphabet, &places))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, spans: &[(i32, i32)]) -> PrintedLine {
        let bbox = Bbox::from_ltrb(spans[0].0, 100, spans[spans.len() - 1].1, 130);
        PrintedLine { bbox, text: text.into(), spans: spans.to_vec(), fonts: Vec::new(), has_gaps: false }
    }

    #[test]
    fn a_line_told_reads_as_told_with_each_character_in_its_place() {
        let alphabet = Arc::new(Alphabet::from_lines("张\n伟\n是"));
        let told = line("张张伟", &[(100, 128), (130, 158), (300, 328)]);
        let lattice = as_told(&told, &alphabet).expect("known characters");
        assert_eq!(lattice.text(), "张张伟");
        let outer = with_margin(told.bbox);
        let last = lattice.best_path()[2].frames.clone();
        let at = |frame: usize| outer.left + (frame * outer.width() as usize / lattice.frames()) as i32;
        assert!((at(last.start) - 300).abs() < 10 && (at(last.end) - 328).abs() < 10, "{last:?}");
    }

    #[test]
    fn a_line_with_a_character_of_private_use_must_be_read() {
        let alphabet = Arc::new(Alphabet::from_lines("张\n伟"));
        assert!(as_told(&line("张\u{e123}", &[(0, 28), (30, 58)]), &alphabet).is_none());
    }

    #[test]
    fn a_glyph_is_proven_only_where_its_character_is_read() {
        let alphabet = Arc::new(Alphabet::from_lines("张\n伟\n是"));
        let font = FontKey::default();
        let row = Row {
            pixels: RgbImage::new(144, ROW_PX),
            glyphs: vec![((font, '张'), 48), ((font, '是'), 96), ((font, '伟'), 144)],
        };
        // The second glyph reads otherwise than the file says.
        let read = Lattice::of_known(&alphabet, &[(1, 0.0, 0.3), (2, 0.35, 0.6), (2, 0.7, 1.0)]);
        assert_eq!(row.read_as_told(&read), [(font, '张'), (font, '伟')]);
    }
}
