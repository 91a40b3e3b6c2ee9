//! A page's text: finds the lines, finds out which way up the page is, reads the lines.
//!
//! Reading is a cascade. The tiny model reads every line at half width; the caller names the parts of lines that matter,
//! and only those are read again by the small model at full width, together with lines that the tiny model could
//! not make out.

mod again;
mod printed;
mod repeated;
mod slanted;
mod upended;

use std::ops::Range;
use std::sync::Arc;

use image::RgbImage;

use crate::assets::Assets;
use crate::error::Result;
use crate::geometry::{Bbox, Point, Quad, QuarterTurns};
use crate::ocr::column::columns;
use crate::ocr::crop::{along, column_as_row, is_tall};
use crate::ocr::{DetectParams, Detector, Lattice, ModelSize, ReadParams, Reader, TextLine};
use crate::orientation::PageOrientation;
use crate::pdf::printed::Printed;
use crate::raster::Raster;
use crate::raster::ink::{InkParams, stamped_print, without_colour};
use crate::raster::pale::{PaleParams, Reduced, pale_layer};
use crate::raster::slanted::SlantParams;
use crate::timing::{StageTimes, timed};
use slanted::SlantedSheet;

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

/// How a line's pixels are laid out for reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// As they are, along the quad's first edge.
    Along,
    /// A column of upright characters, set as a row.
    Column,
}

/// Which pixels a line is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ink {
    /// The page as it is.
    All,
    /// The page without coloured ink: print under a stamp.
    Uncoloured,
    /// The page's pale ink alone: a watermark under print.
    Pale,
    /// The page's slanted pale ink alone: a watermark across print.
    Slanted,
}

/// An upright page with what was made of it for reading.
struct Sheet<'a> {
    raster: &'a Raster,
    /// Its pale ink, when there is some.
    pale: Option<Raster>,
    /// Its slanted pale ink, when there is some.
    slanted: Option<SlantedSheet>,
}

impl<'a> Sheet<'a> {
    fn new(raster: &'a Raster) -> Self {
        Self { raster, pale: None, slanted: None }
    }

    fn unread_marks(&self, lines: &[TextLine]) -> Vec<Quad> {
        self.slanted.as_ref().map_or_else(Vec::new, |slanted| repeated::unread(slanted, lines))
    }
}

/// A line where text was detected.
#[derive(Debug, Clone, Copy)]
struct Located {
    quad: Quad,
    ink: Ink,
}

/// A way to read a line.
#[derive(Debug, Clone, Copy)]
struct Proposal {
    line: usize,
    /// The line's quad from the text's own top left.
    quad: Quad,
    layout: Layout,
    ink: Ink,
}

impl Proposal {
    fn crop(&self, sheet: &Sheet<'_>) -> Option<RgbImage> {
        let raster = match self.ink {
            Ink::Pale => sheet.pale.as_ref()?,
            Ink::Slanted => {
                let slanted = sheet.slanted.as_ref()?;
                let quad = self.quad.map(|p| Point::new(p.x * slanted.ink.scale, p.y * slanted.ink.scale));
                return along(&slanted.layer, &quad);
            }
            Ink::All | Ink::Uncoloured => sheet.raster,
        };
        if self.ink == Ink::Uncoloured {
            // Only the line's surroundings are worth a copy.
            let bbox = self.quad.bbox().expanded(2, 2).clamped(raster.width(), raster.height());
            let plain = Raster::new(without_colour(&raster.pixels, bbox), raster.dpi);
            let (dx, dy) = (bbox.left as f32, bbox.top as f32);
            let quad = self.quad.map(|p| Point::new(p.x - dx, p.y - dy));
            return Self { quad, ink: Ink::All, ..*self }.crop(&Sheet::new(&plain));
        }
        match self.layout {
            Layout::Along => along(raster, &self.quad),
            // The quad starts at the column's top right; the column's own box starts one corner before.
            Layout::Column => column_as_row(raster, &self.quad.rolled(3)),
        }
    }
}

/// A line that has been read, with how.
struct ReadLine {
    proposal: Proposal,
    lattice: Lattice,
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

    /// Asks the orientation model only where the lines say that the page may not be upright, and believes it only
    /// where the lines then read better.
    fn turns_of(&self, raster: &Raster, quads: &[Quad]) -> Result<QuarterTurns> {
        let area = |tall: bool| -> f32 {
            quads
                .iter()
                .filter(|q| {
                    let ratio = q.thickness() / q.length().max(1.0);
                    if tall { ratio > 2.0 } else { ratio < 0.5 }
                })
                .map(|q| q.length() * q.thickness())
                .sum()
        };
        let (tall, flat) = (area(true), area(false));
        // Whether a page of flat lines is upside down shows when they are read.
        if tall + flat == 0.0 || tall / (tall + flat) <= self.params.tall_share {
            return Ok(QuarterTurns::None);
        }
        let candidates = match self.orientation.classify(raster)?.0 {
            QuarterTurns::Three => [QuarterTurns::Three, QuarterTurns::One],
            _ => [QuarterTurns::One, QuarterTurns::Three],
        };
        for turns in candidates {
            if self.reads_better(raster, quads, turns)? {
                return Ok(turns);
            }
        }
        Ok(QuarterTurns::None)
    }

    /// True when the longest lines read better with the page turned back by `turns` than as it is.
    fn reads_better(&self, raster: &Raster, quads: &[Quad], turns: QuarterTurns) -> Result<bool> {
        let mut longest: Vec<Quad> = quads.to_vec();
        longest.sort_by(|a, b| b.length().max(b.thickness()).total_cmp(&a.length().max(a.thickness())));
        longest.truncate(self.params.sample_lines);
        let located: Vec<Located> = longest.iter().map(|&quad| Located { quad, ink: Ink::All }).collect();
        let as_is = mean_score(&self.read_quickly(&Sheet::new(raster), &located)?);
        // Corner k of a line on the turned page is its upright top left.
        let crops: Vec<RgbImage> =
            longest.iter().filter_map(|q| along(raster, &q.rolled(turns.count() as usize))).collect();
        let lattices = self.quick.read(&crops, &self.params.quick)?;
        let back = lattices.iter().map(Lattice::score).sum::<f32>() / lattices.len().max(1) as f32;
        // A tall line's first reading has tried both senses, so equality means that this sense was its best.
        Ok(if turns == QuarterTurns::Two { back > as_is } else { back >= as_is - 1e-3 && !lattices.is_empty() })
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
        for read in read_with(&self.quick, &self.params.quick, sheet, proposals)? {
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

    /// Puts whole vertical lines in the place of their pieces where they read as well.
    fn join_columns(&self, sheet: &Sheet<'_>, lines: &mut Vec<ReadLine>) -> Result<()> {
        let pieces: Vec<usize> = (0..lines.len()).filter(|&i| lines[i].proposal.ink == Ink::All).collect();
        let quads: Vec<Quad> = pieces.iter().map(|&i| from_top_left(&lines[i].proposal.quad)).collect();
        let mut joined = vec![false; lines.len()];
        let mut wholes = Vec::new();
        for (quad, group) in columns(&quads) {
            let is_turned = |&i: &usize| is_turned(&lines[pieces[i]]);
            if group.iter().any(is_turned) || !group.iter().any(|&i| is_tall(&quads[i])) {
                continue;
            }
            let group: Vec<usize> = group.into_iter().map(|i| pieces[i]).collect();
            let line = lines[group[0]].proposal.line;
            let whole = Proposal { line, quad: quad.rolled(1), layout: Layout::Column, ink: Ink::All };
            let Some(whole) = read_with(&self.quick, &self.params.quick, sheet, vec![whole])?.pop() else { continue };
            let length = |line: &ReadLine| line.lattice.text().chars().count() as f32;
            let characters: f32 = group.iter().map(|&i| length(&lines[i])).sum();
            let score = group.iter().map(|&i| lines[i].lattice.score() * length(&lines[i])).sum::<f32>();
            let reads_as_well = whole.lattice.score() >= score / characters.max(1.0) - self.params.column_loss;
            if reads_as_well && length(&whole) >= self.params.column_length * characters {
                for i in group {
                    joined[i] = true;
                }
                wholes.push(whole);
            }
        }
        let mut joined = joined.into_iter();
        lines.retain(|_| joined.next() == Some(false));
        lines.extend(wholes);
        Ok(())
    }
}

fn sort_top_to_bottom(lines: &mut [ReadLine]) {
    lines.sort_by_key(|line| {
        let bbox = line.proposal.quad.bbox();
        (bbox.top, bbox.left)
    });
}

/// The quad from the corner from which its first edge runs right.
fn from_top_left(quad: &Quad) -> Quad {
    let run = |quad: &Quad| quad.0[1].x - quad.0[0].x;
    (1..4)
        .map(|turns| quad.rolled(turns))
        .fold(*quad, |best, other| if run(&other) > run(&best) { other } else { best })
}

/// Of two lines in the same place, read from different ink, keeps the one that reads better.
fn drop_doubles(lines: &mut Vec<ReadLine>, same_line: f32) {
    let places: Vec<(Bbox, Ink, f32)> =
        lines.iter().map(|l| (l.proposal.quad.bbox(), l.proposal.ink, l.lattice.score())).collect();
    let mut index = 0;
    lines.retain(|_| {
        let (bbox, ink, score) = places[index];
        index += 1;
        !places.iter().any(|&(other, other_ink, other_score)| {
            let better = other_score > score || (other_score >= score && ink != Ink::All);
            other_ink != ink && better && other.iou(bbox) >= same_line
        })
    });
}

/// Reads each proposal whose crop can be made, in order.
fn read_with(
    reader: &Reader,
    params: &ReadParams,
    sheet: &Sheet<'_>,
    proposals: Vec<Proposal>,
) -> Result<Vec<ReadLine>> {
    let (proposals, crops): (Vec<Proposal>, Vec<RgbImage>) =
        proposals.into_iter().filter_map(|proposal| Some((proposal, proposal.crop(sheet)?))).unzip();
    let lattices = reader.read(&crops, params)?;
    Ok(proposals.into_iter().zip(lattices).map(|(proposal, lattice)| ReadLine { proposal, lattice }).collect())
}

/// True for text that was read from the bottom to the top, and is not to be read as a column: its characters lie on their
/// backs, which are also read one by one, but in the wrong order. Upright columns read upwards score 0.78 at most.
fn is_turned(line: &ReadLine) -> bool {
    const READ: f32 = 0.88;
    /// Single characters may look the same turned: 一, 口.
    const FEWEST: usize = 2;
    let [start, end, ..] = line.proposal.quad.0;
    let runs_up = start.y - end.y > (start.x - end.x).abs();
    let is_read = line.lattice.score() >= READ && line.lattice.best_path().len() >= FEWEST;
    line.proposal.layout == Layout::Along && runs_up && is_read
}

fn mean_score(lines: &[ReadLine]) -> f32 {
    lines.iter().map(|line| line.lattice.score()).sum::<f32>() / lines.len().max(1) as f32
}

/// 1 without lines: nothing is doubtful about nothing.
fn median_score(lines: &[ReadLine]) -> f32 {
    let mut scores: Vec<f32> = lines.iter().map(|line| line.lattice.score()).collect();
    scores.sort_by(f32::total_cmp);
    scores.get(scores.len() / 2).copied().unwrap_or(1.0)
}
