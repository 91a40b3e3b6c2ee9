//! A page's text: finds the lines, finds out which way up the page is, reads the lines.
//!
//! Reading is a cascade. The tiny model reads every line at half width; the caller names the parts of lines that matter,
//! and only those are read again by the small model at full width, together with lines that the tiny model could
//! not make out.

mod again;
mod printed;
mod repeated;
mod sheet;
mod slanted;
mod turns;
mod upended;
mod wholes;

use std::ops::Range;
use std::sync::Arc;

use crate::assets::Assets;
use crate::error::Result;
use crate::geometry::{Bbox, Point, Quad, QuarterTurns};
use crate::ocr::crop::is_tall;
use crate::ocr::{DetectParams, Detector, ModelSize, ReadParams, Reader, TextLine};
use crate::orientation::PageOrientation;
use crate::pdf::printed::Printed;
use crate::raster::Raster;
use crate::raster::ink::{InkParams, stamped_print, without_colour};
use crate::raster::pale::{PaleParams, Reduced, pale_layer};
use crate::raster::slanted::SlantParams;
use crate::timing::{StageTimes, timed};
use sheet::{Ink, Layout, Located, Proposal, ReadLine, Sheet, read_with};
use turns::median_score;
use wholes::{drop_doubles, is_turned};

/// Thresholds of reading a page.
#[derive(Debug, Clone)]
pub struct PageParams {
    /// Which weights find the lines.
    pub detector: ModelSize,
    /// Text detection.
    pub detect: DetectParams,
    /// First reading, of every line.
    pub quick: ReadParams,
    /// Second reading, of the lines that matter.
    pub careful: ReadParams,
    /// Lines that score below this in the first reading are read again in any case.
    pub unclear_score: f32,
    /// Share of elongated lines' area that must stand upright for the page to be taken as turned by 90° or 270°.
    pub tall_share: f32,
    /// When the median line score is below this, the page may be upside down: upside-down lines of clean print
    /// score 0.4 to 0.8, upright ones 0.9 and more.
    pub doubtful_score: f32,
    /// By so much more must a line score upside down to be taken as upside down. Upright print of any quality scores less
    /// that way.
    pub upended_gain: f32,
    /// From this median line score on the page is upright; between the two the orientation model is asked.
    pub upright_score: f32,
    /// Where coloured ink is looked for.
    pub ink: InkParams,
    /// Where pale ink behind the print is looked for.
    pub pale: PaleParams,
    /// Where slanted pale marks across the print are looked for.
    pub slant: SlantParams,
    /// Print in coloured ink is widened by these shares of the page's long side, along and across, before text is looked
    /// for without the ink: the stamped line goes on beyond the stamp, and its whole is needed to read it. 42 mm of the
    /// 297 mm of A4 along, as wide as a stamp, and 6 mm across, a line.
    pub stamp_context: [f32; 2],
    /// Intersection over union from which two lines are the same.
    pub same_line: f32,
    /// By so much less than its pieces' mean score a whole column may score: cells of one pitch cut uneven characters.
    pub column_loss: f32,
    /// Share of its pieces' characters that a whole column must have.
    pub column_length: f32,
    /// Lines read each way to find out which way up the page is.
    pub sample_lines: usize,
}

impl Default for PageParams {
    fn default() -> Self {
        Self {
            detector: ModelSize::Tiny,
            detect: DetectParams::default(),
            quick: ReadParams { squeeze: 0.5, ..ReadParams::default() },
            careful: ReadParams::default(),
            unclear_score: 0.6,
            tall_share: 0.6,
            doubtful_score: 0.8,
            upright_score: 0.9,
            upended_gain: 0.05,
            ink: InkParams::default(),
            pale: PaleParams::default(),
            slant: SlantParams::default(),
            stamp_context: [0.14, 0.02],
            same_line: 0.5,
            column_loss: 0.1,
            column_length: 0.8,
            sample_lines: 4,
        }
    }
}

/// What is written on a page.
#[derive(Debug, Clone)]
pub struct PageText {
    /// All lines found, top to bottom, quads in the page's own displayed pixels.
    pub lines: Vec<TextLine>,
    /// How the page's text is turned clockwise from upright.
    pub turns: QuarterTurns,
    /// Slanted lines that look like marks and could not be read, in the page's own displayed pixels.
    pub unread_marks: Vec<Quad>,
    /// Milliseconds of the stages `detect`, `orientation`, `read` and `reread`.
    pub elapsed_ms: StageTimes,
}

/// Some frames of one of several lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinePart {
    /// The line's index.
    pub line: usize,
    /// Frames of its lattice.
    pub frames: Range<usize>,
}

/// Loaded models that read pages.
pub struct PageReader {
    detector: Detector,
    quick: Arc<Reader>,
    careful: Option<Arc<Reader>>,
    orientation: PageOrientation,
    params: PageParams,
}

impl PageReader {
    /// Loads the models: the tiny ones, and for [`ModelSize::Small`] the small ones too.
    ///
    /// # Errors
    /// When an asset is missing or is not the expected one.
    pub fn load(assets: &Assets, size: ModelSize, params: PageParams) -> Result<Self> {
        Ok(Self {
            detector: Detector::load(assets, params.detector)?,
            quick: Arc::new(Reader::load(assets, ModelSize::Tiny)?),
            careful: match size {
                ModelSize::Tiny => None,
                ModelSize::Small => Some(Arc::new(Reader::load(assets, size)?)),
            },
            orientation: PageOrientation::load(assets)?,
            params,
        })
    }

    /// The best loaded model that reads single lines.
    pub fn reader(&self) -> &Reader {
        self.careful.as_deref().unwrap_or(&self.quick)
    }

    /// The tiny reading model.
    pub fn quick_reader(&self) -> Arc<Reader> {
        Arc::clone(&self.quick)
    }

    /// The small reading model, when it is loaded.
    pub fn careful_reader(&self) -> Option<Arc<Reader>> {
        self.careful.clone()
    }

    /// Finds and reads all lines of a page; of those that the file tells (`printed`) no more than it takes to believe
    /// the others. `matters` is given the lines of the first reading and returns what of them is worth a second one.
    ///
    /// # Errors
    /// When a model fails.
    pub fn read(
        &self,
        raster: &Raster,
        printed: Option<&Printed>,
        matters: &dyn Fn(&[TextLine]) -> Vec<LinePart>,
    ) -> Result<PageText> {
        if let Some(printed) = printed
            && let Some(text) = self.read_printed(raster, printed, matters)?
        {
            return Ok(text);
        }
        let mut times = StageTimes::new();
        let quads = timed("detect", &mut times, || self.detector.detect(&raster.pixels, &self.params.detect))?;
        let turns = timed("orientation", &mut times, || self.turns_of(raster, &quads))?;
        if turns != QuarterTurns::None {
            return self.read_turned(raster, turns, matters, times);
        }
        let mut sheet = Sheet::new(raster);
        let located = timed("detect", &mut times, || self.located(&mut sheet, &quads))?;
        let lines = timed("read", &mut times, || self.read_quickly(&sheet, &located))?;
        let is_upside_down = timed("orientation", &mut times, || {
            let score = median_score(&lines);
            let may_be = score < self.params.doubtful_score
                || score < self.params.upright_score && self.orientation.classify(raster)?.0 == QuarterTurns::Two;
            Ok(may_be && self.reads_better(raster, &quads, QuarterTurns::Two)?)
        })?;
        if is_upside_down {
            return self.read_turned(raster, QuarterTurns::Two, matters, times);
        }
        let lines = timed("reread", &mut times, || self.read_carefully(&sheet, lines, matters))?;
        let unread_marks = sheet.unread_marks(&lines);
        Ok(PageText { lines, turns, unread_marks, elapsed_ms: times })
    }

    /// Reads a page known to be turned clockwise by `turns`.
    fn read_turned(
        &self,
        raster: &Raster,
        turns: QuarterTurns,
        matters: &dyn Fn(&[TextLine]) -> Vec<LinePart>,
        mut times: StageTimes,
    ) -> Result<PageText> {
        let upright = raster.turned(turns.inverse());
        let mut sheet = Sheet::new(&upright);
        let located = timed("detect", &mut times, || {
            let quads = self.detector.detect(&upright.pixels, &self.params.detect)?;
            self.located(&mut sheet, &quads)
        })?;
        let lines = timed("read", &mut times, || self.read_quickly(&sheet, &located))?;
        let mut lines = timed("reread", &mut times, || self.read_carefully(&sheet, lines, matters))?;
        let on_page = |quad: Quad| quad.map(|p| turns.apply(p, upright.width(), upright.height()));
        let unread_marks = sheet.unread_marks(&lines).into_iter().map(on_page).collect();
        for line in &mut lines {
            line.quad = on_page(line.quad);
        }
        Ok(PageText { lines, turns, unread_marks, elapsed_ms: times })
    }

    /// The lines detected on the page, those that show only where coloured ink is taken away, and those in pale ink.
    fn located(&self, sheet: &mut Sheet<'_>, quads: &[Quad]) -> Result<Vec<Located>> {
        let raster = sheet.raster;
        let mut located: Vec<Located> = quads.iter().map(|&quad| Located { quad, ink: Ink::All }).collect();
        let scale = self.params.detect.scale_of(raster.width(), raster.height());
        let long = raster.width().max(raster.height()) as f32;
        let [along, across] = self.params.stamp_context.map(|share| (long * share) as i32);
        let stamped = stamped_print(&raster.pixels, &self.params.ink);
        let regions = stamped.iter().map(|print| {
            let lines = quads.iter().map(Quad::bbox).filter(|line| !line.intersection(*print).is_empty());
            lines.fold(print.expanded(along, across), Bbox::union).clamped(raster.width(), raster.height())
        });
        for region in Bbox::joined(regions.collect()) {
            let plain = without_colour(&raster.pixels, region);
            for quad in self.detector.detect_at(&plain, scale, &self.params.detect)? {
                let quad = quad.map(|p| Point::new(p.x + region.left as f32, p.y + region.top as f32));
                // Lines beside the stamp are known whole; here they may be cut.
                if stamped.iter().any(|print| !quad.bbox().intersection(*print).is_empty()) {
                    located.push(Located { quad, ink: Ink::Uncoloured });
                }
            }
        }
        let reduced = Reduced::new(&raster.pixels, &self.params.pale);
        if let Some(pale) = pale_layer(&raster.pixels, &reduced, &self.params.pale) {
            let known: Vec<Bbox> = located.iter().map(|line| line.quad.bbox()).collect();
            let mut quads = self.detector.detect_at(&pale, scale, &self.params.detect)?;
            // Faint print shows on both; it is read better as it is.
            quads.retain(|quad| !known.iter().any(|known| quad.bbox().covered_by(*known) >= self.params.same_line));
            located.extend(quads.into_iter().map(|quad| Located { quad, ink: Ink::Pale }));
            sheet.pale = Some(Raster::new(pale, raster.dpi));
        }
        located.extend(self.located_aslant(sheet, &reduced)?);
        Ok(located)
    }

    /// First reading of the lines of an upright raster, each in the layout that reads best, sorted top to bottom.
    fn read_quickly(&self, sheet: &Sheet<'_>, located: &[Located]) -> Result<Vec<ReadLine>> {
        let mut proposals = Vec::new();
        for (line, &Located { quad, ink }) in located.iter().enumerate() {
            if is_tall(&quad) && ink != Ink::Slanted {
                let (down, up) = (quad.rolled(1), quad.rolled(3));
                proposals.push(Proposal { line, quad: down, layout: Layout::Along, ink });
                proposals.push(Proposal { line, quad: up, layout: Layout::Along, ink });
                proposals.push(Proposal { line, quad: down, layout: Layout::Column, ink });
            } else {
                proposals.push(Proposal { line, quad, layout: Layout::Along, ink });
            }
        }
        let mut lines: Vec<ReadLine> = Vec::new();
        for read in read_with(&self.quick, self.params.quick, sheet, proposals)? {
            match lines.last_mut() {
                Some(kept) if kept.proposal.line == read.proposal.line => {
                    let is_settled = read.proposal.layout == Layout::Column && is_turned(kept);
                    if read.lattice.score() > kept.lattice.score() && !is_settled {
                        *kept = read;
                    }
                }
                _ => lines.push(read),
            }
        }
        drop_doubles(&mut lines, self.params.same_line);
        self.join_columns(sheet, &mut lines)?;
        sort_top_to_bottom(&mut lines);
        Ok(lines)
    }
}

fn sort_top_to_bottom(lines: &mut [ReadLine]) {
    lines.sort_by_key(|line| {
        let bbox = line.proposal.quad.bbox();
        (bbox.top, bbox.left)
    });
}
