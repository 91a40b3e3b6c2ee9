//! A page's lines → which way up it is.

use image::RgbImage;

use super::PageReader;
use super::sheet::{Ink, Located, ReadLine, Sheet};
use crate::error::Result;
use crate::geometry::{Quad, QuarterTurns};
use crate::ocr::Lattice;
use crate::ocr::crop::along;
use crate::raster::Raster;

impl PageReader {
    /// Asks the orientation model only where the lines say that the page may not be upright, and believes it only
    /// where the lines then read better.
    pub(super) fn turns_of(&self, raster: &Raster, quads: &[Quad]) -> Result<QuarterTurns> {
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
    pub(super) fn reads_better(&self, raster: &Raster, quads: &[Quad], turns: QuarterTurns) -> Result<bool> {
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
}

pub(super) fn mean_score(lines: &[ReadLine]) -> f32 {
    lines.iter().map(|line| line.lattice.score()).sum::<f32>() / lines.len().max(1) as f32
}

/// 1 without lines: nothing is doubtful about nothing.
pub(super) fn median_score(lines: &[ReadLine]) -> f32 {
    let mut scores: Vec<f32> = lines.iter().map(|line| line.lattice.score()).collect();
    scores.sort_by(f32::total_cmp);
    scores.get(scores.len() / 2).copied().unwrap_or(1.0)
}
