//! An upright page → the pixels of its lines, in each of the ways in which they may be read.

use image::RgbImage;

use super::repeated;
use super::slanted::SlantedSheet;
use crate::error::Result;
use crate::geometry::{Point, Quad};
use crate::ocr::crop::{along, column_as_row};
use crate::ocr::{Lattice, ReadParams, Reader, TextLine};
use crate::raster::Raster;
use crate::raster::ink::without_colour;

/// How a line's pixels are laid out for reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// As they are, along the quad's first edge.
    Along,
    /// A column of upright characters, set as a row.
    Column,
}

/// Which pixels a line is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
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
pub(super) struct Sheet<'a> {
    pub(super) raster: &'a Raster,
    /// Its pale ink, when there is some.
    pub(super) pale: Option<Raster>,
    /// Its slanted pale ink, when there is some.
    pub(super) slanted: Option<SlantedSheet>,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(raster: &'a Raster) -> Self {
        Self { raster, pale: None, slanted: None }
    }

    pub(super) fn unread_marks(&self, lines: &[TextLine]) -> Vec<Quad> {
        self.slanted.as_ref().map_or_else(Vec::new, |slanted| repeated::unread(slanted, lines))
    }
}

/// A line where text was detected.
#[derive(Debug, Clone, Copy)]
pub(super) struct Located {
    pub(super) quad: Quad,
    pub(super) ink: Ink,
}

/// A way to read a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proposal {
    pub(super) line: usize,
    /// The line's quad from the text's own top left.
    pub(super) quad: Quad,
    pub(super) layout: Layout,
    pub(super) ink: Ink,
}

impl Proposal {
    pub(super) fn crop(&self, sheet: &Sheet<'_>) -> Option<RgbImage> {
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
pub(super) struct ReadLine {
    pub(super) proposal: Proposal,
    pub(super) lattice: Lattice,
}

/// Reads each proposal whose crop can be made, in order.
pub(super) fn read_with(
    reader: &Reader,
    params: ReadParams,
    sheet: &Sheet<'_>,
    proposals: Vec<Proposal>,
) -> Result<Vec<ReadLine>> {
    let (proposals, crops): (Vec<Proposal>, Vec<RgbImage>) =
        proposals.into_iter().filter_map(|proposal| Some((proposal, proposal.crop(sheet)?))).unzip();
    let lattices = reader.read(&crops, &params)?;
    Ok(proposals.into_iter().zip(lattices).map(|(proposal, lattice)| ReadLine { proposal, lattice }).collect())
}
