//! A page's text: finds the lines, finds out which way up the page is, reads the lines.

use image::RgbImage;

use crate::assets::Assets;
use crate::error::Result;
use crate::geometry::{Quad, QuarterTurns};
use crate::ocr::crop::{along, column_as_row, is_tall};
use crate::ocr::{DetectParams, Detector, Lattice, ModelSize, ReadParams, Reader, TextLine};
use crate::orientation::PageOrientation;
use crate::raster::Raster;

/// Thresholds of reading a page.
#[derive(Debug, Clone, Copy)]
pub struct PageParams {
    /// Text detection.
    pub detect: DetectParams,
    /// Line reading.
    pub read: ReadParams,
    /// Share of elongated lines' area that must stand upright for the page to be taken as turned by 90° or 270°.
    pub tall_share: f32,
    /// When the median line score is below this, the page may be upside down: upside-down lines of clean print
    /// score 0.4 to 0.8, upright ones 0.9 and more.
    pub doubtful_score: f32,
    /// Lines read each way to find out which way up the page is.
    pub sample_lines: usize,
}

impl Default for PageParams {
    fn default() -> Self {
        Self {
            detect: DetectParams::default(),
            read: ReadParams::default(),
            tall_share: 0.6,
            doubtful_score: 0.8,
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
}

/// Loaded models that read pages.
pub struct PageReader {
    detector: Detector,
    reader: Reader,
    orientation: PageOrientation,
    params: PageParams,
}

/// A line with the crop that is to be read.
struct Candidate {
    line: usize,
    quad: Quad,
    crop: RgbImage,
}

impl PageReader {
    /// Loads the models.
    ///
    /// # Errors
    /// When an asset is missing or is not the expected one.
    pub fn load(assets: &Assets, size: ModelSize, params: PageParams) -> Result<Self> {
        Ok(Self {
            detector: Detector::load(assets, size)?,
            reader: Reader::load(assets, size)?,
            orientation: PageOrientation::load(assets)?,
            params,
        })
    }

    /// The model that reads single lines.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Finds and reads all lines of a page.
    ///
    /// # Errors
    /// When a model fails.
    pub fn read(&self, raster: &Raster) -> Result<PageText> {
        let quads = self.detector.detect(&raster.pixels, &self.params.detect)?;
        let turns = self.turns_of(raster, &quads)?;
        if turns != QuarterTurns::None {
            return self.read_turned(raster, turns);
        }
        let lines = self.read_lines(raster, &quads)?;
        if median_score(&lines) < self.params.doubtful_score && self.reads_better(raster, &quads, QuarterTurns::Two)? {
            return self.read_turned(raster, QuarterTurns::Two);
        }
        Ok(PageText { lines, turns })
    }

    /// Reads a page known to be turned clockwise by `turns`.
    fn read_turned(&self, raster: &Raster, turns: QuarterTurns) -> Result<PageText> {
        let upright = raster.turned(turns.inverse());
        let quads = self.detector.detect(&upright.pixels, &self.params.detect)?;
        let mut lines = self.read_lines(&upright, &quads)?;
        for line in &mut lines {
            line.quad = line.quad.map(|p| turns.apply(p, upright.width(), upright.height()));
        }
        Ok(PageText { lines, turns })
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
        if tall + flat == 0.0 {
            return Ok(QuarterTurns::None);
        }
        let (guess, _) = self.orientation.classify(raster)?;
        let candidates: &[QuarterTurns] = if tall / (tall + flat) > self.params.tall_share {
            if guess == QuarterTurns::Three {
                &[QuarterTurns::Three, QuarterTurns::One]
            } else {
                &[QuarterTurns::One, QuarterTurns::Three]
            }
        } else if guess == QuarterTurns::Two {
            &[QuarterTurns::Two]
        } else {
            &[]
        };
        for &turns in candidates {
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
        let as_is = mean_score(&self.read_lines(raster, &longest)?);
        // Corner k of a line on the turned page is its upright top left.
        let turned: Vec<Quad> = longest.iter().map(|q| q.rolled(turns.count() as usize)).collect();
        let crops: Vec<RgbImage> = turned.iter().filter_map(|quad| along(raster, quad)).collect();
        let lattices = self.reader.read(&crops, &self.params.read)?;
        let back = lattices.iter().map(Lattice::score).sum::<f32>() / lattices.len().max(1) as f32;
        // `read_lines` tries both senses of a tall line, so equality means that this sense was its best.
        Ok(if turns == QuarterTurns::Two { back > as_is } else { back >= as_is - 1e-3 && !lattices.is_empty() })
    }

    /// Reads the lines of an upright raster, sorted top to bottom.
    fn read_lines(&self, raster: &Raster, quads: &[Quad]) -> Result<Vec<TextLine>> {
        let mut candidates = Vec::new();
        for (line, quad) in quads.iter().enumerate() {
            let mut propose = |quad: Quad, crop: Option<RgbImage>| {
                candidates.extend(crop.map(|crop| Candidate { line, quad, crop }));
            };
            if is_tall(quad) {
                let down = quad.rolled(1);
                let up = quad.rolled(3);
                propose(down, along(raster, &down));
                propose(up, along(raster, &up));
                propose(down, column_as_row(raster, quad));
            } else {
                propose(*quad, along(raster, quad));
            }
        }
        let quads: Vec<(usize, Quad)> = candidates.iter().map(|c| (c.line, c.quad)).collect();
        let crops: Vec<RgbImage> = candidates.into_iter().map(|c| c.crop).collect();
        let lattices = self.reader.read(&crops, &self.params.read)?;
        let mut best: Vec<(usize, TextLine)> = Vec::new();
        for ((line, quad), lattice) in quads.into_iter().zip(lattices) {
            match best.last_mut() {
                Some((last, kept)) if *last == line => {
                    if lattice.score() > kept.lattice.score() {
                        *kept = TextLine { quad, lattice };
                    }
                }
                _ => best.push((line, TextLine { quad, lattice })),
            }
        }
        let mut lines: Vec<TextLine> = best.into_iter().map(|(_, line)| line).collect();
        lines.sort_by_key(|line| {
            let bbox = line.quad.bbox();
            (bbox.top, bbox.left)
        });
        Ok(lines)
    }
}

fn mean_score(lines: &[TextLine]) -> f32 {
    lines.iter().map(|line| line.lattice.score()).sum::<f32>() / lines.len().max(1) as f32
}

/// 1 without lines: nothing is doubtful about nothing.
fn median_score(lines: &[TextLine]) -> f32 {
    let mut scores: Vec<f32> = lines.iter().map(|line| line.lattice.score()).collect();
    scores.sort_by(f32::total_cmp);
    scores.get(scores.len() / 2).copied().unwrap_or(1.0)
}
