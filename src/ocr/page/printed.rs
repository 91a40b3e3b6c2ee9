//! The lines that a PDF's text layer says the page shows, taken over without reading them, where a sample of them
//! reads in the pixels as the file says.

use unicode_normalization::UnicodeNormalization;

use super::{Ink, Layout, Located, PageReader, PageText, Proposal, ReadLine, Sheet, read_with};
use crate::error::Result;
use crate::geometry::{Bbox, Point, Quad, QuarterTurns};
use crate::ocr::TextLine;
use crate::ocr::lattice::{Alphabet, Lattice, Symbol};
use crate::pdf::printed::{Printed, PrintedLine};
use crate::pdf::text::FontKey;
use crate::raster::{Raster, crop};
use crate::timing::{StageTimes, timed};

/// Share of a page that may show other things than lines of its text layer for the layer to be worth asking.
const MOST_REST: f32 = 0.5;
/// Lines of each font that are read to see whether the file tells the truth about it.
const SAMPLE: usize = 3;
/// Least characters of such a line.
const SAMPLE_CHARS: usize = 4;
/// Similarity (1 − edit distance / length) from which a line reads as the file says: the tiny model at half width
/// reads one in fifty characters of clean print otherwise.
const SAME_TEXT: f64 = 0.85;
/// Share of a line that detected lines must cover to take its place.
const REPLACED: f32 = 0.7;

impl PageReader {
    /// Reads an upright page of which the file tells much; `None` when it does not.
    pub(super) fn read_printed(
        &self,
        raster: &Raster,
        printed: &Printed,
        matters: &dyn Fn(&[TextLine]) -> Vec<usize>,
    ) -> Result<Option<PageText>> {
        let regions = regions(printed, raster);
        let area: i64 = regions.iter().map(|region| region.area()).sum();
        if printed.lines.is_empty() || area as f32 > MOST_REST * raster.bbox().area() as f32 {
            return Ok(None);
        }
        let mut times = StageTimes::new();
        let mut sheet = Sheet::new(raster);
        let located = timed("detect", &mut times, || self.detected_in(&mut sheet, &regions, &printed.rest))?;
        let places: Vec<Bbox> = located.iter().map(|line| line.quad.bbox()).collect();
        let is_replaced = |line: &PrintedLine| {
            let covered: f32 = places.iter().map(|&place| line.bbox.covered_by(place)).sum();
            covered >= REPLACED
        };
        let told: Vec<&PrintedLine> = printed.lines.iter().filter(|line| !is_replaced(line)).collect();
        let lines = timed("read", &mut times, || self.read_or_believed(&sheet, &told, located))?;
        let lines = timed("reread", &mut times, || self.read_carefully(&sheet, lines, matters))?;
        Ok(Some(PageText { lines, turns: QuarterTurns::None, elapsed_ms: times }))
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

    /// The lines told by the file, as it says where its fonts can be believed, the others and those located as read.
    fn read_or_believed(
        &self,
        sheet: &Sheet<'_>,
        told: &[&PrintedLine],
        mut located: Vec<Located>,
    ) -> Result<Vec<ReadLine>> {
        let alphabet = self.quick.alphabet();
        let as_told: Vec<Option<Lattice>> = told.iter().map(|line| as_told(line, alphabet)).collect();
        let knowable: Vec<usize> = (0..told.len()).filter(|&i| as_told[i].is_some()).collect();
        let mut sampled = Vec::new();
        let mut fonts: Vec<FontKey> = knowable.iter().flat_map(|&i| told[i].fonts.iter().copied()).collect();
        fonts.sort_unstable();
        fonts.dedup();
        let mut proven: Vec<FontKey> = Vec::new();
        for &font in &fonts {
            let of_font: Vec<usize> = knowable.iter().copied().filter(|&i| told[i].fonts.contains(&font)).collect();
            let long = |&&i: &&usize| told[i].spans.len() >= SAMPLE_CHARS;
            let long: Vec<usize> = of_font.iter().filter(long).copied().collect();
            if !long.is_empty() {
                proven.push(font);
            }
            let count = SAMPLE.min(long.len());
            // Spread over the page, from the middle of each part.
            sampled.extend((0..count).map(|k| long[(2 * k + 1) * long.len() / (2 * count)]));
        }
        sampled.sort_unstable();
        sampled.dedup();
        let proposal = |line: usize, told: &PrintedLine| {
            let quad = Quad::from_bbox(with_margin(told.bbox));
            Proposal { line, quad, layout: Layout::Along, ink: Ink::All }
        };
        let proposals = sampled.iter().map(|&i| proposal(i, told[i])).collect();
        let mut lines = read_with(&self.quick, &self.params.quick, sheet, proposals)?;
        for read in &lines {
            let line = told[read.proposal.line];
            if !reads_alike(&read.lattice.text(), &line.text) {
                proven.retain(|font| !line.fonts.contains(font));
            }
        }
        for (index, (line, lattice)) in told.iter().zip(as_told).enumerate() {
            if sampled.binary_search(&index).is_ok() {
                continue;
            }
            let believed = !line.has_gaps && line.fonts.iter().all(|font| proven.contains(font));
            match lattice {
                Some(lattice) if believed => lines.push(ReadLine { proposal: proposal(index, line), lattice }),
                _ => located.push(Located { quad: Quad::from_bbox(with_margin(line.bbox)), ink: Ink::All }),
            }
        }
        lines.extend(self.read_quickly(sheet, &located)?);
        super::sort_top_to_bottom(&mut lines);
        Ok(lines)
    }
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

/// True when what was read is what the file says, signs and spaces left out.
fn reads_alike(read: &str, told: &str) -> bool {
    let plain = |text: &str| text.nfkc().filter(|c| c.is_alphanumeric()).collect::<String>();
    strsim::normalized_levenshtein(&plain(read), &plain(told)) >= SAME_TEXT
}

/// A lattice that reads as the file says, frames where its characters stand; `None` when the reading model knows one
/// of them not at all, as it is with private use characters.
fn as_told(line: &PrintedLine, alphabet: &std::sync::Arc<Alphabet>) -> Option<Lattice> {
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
        let alphabet = std::sync::Arc::new(Alphabet::from_lines("张\n伟\n是"));
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
        let alphabet = std::sync::Arc::new(Alphabet::from_lines("张\n伟"));
        assert!(as_told(&line("张\u{e123}", &[(0, 28), (30, 58)]), &alphabet).is_none());
    }

    #[test]
    fn single_misread_characters_are_no_contradiction_and_other_words_are() {
        assert!(reads_alike("兹证明张伟同志系我单位职工。", "兹证明 张伟 同志系我单位职エ"));
        assert!(!reads_alike("兹证明张伟同志", "甲乙丙丁戊己庚"));
    }
}
