//! Page raster + text lines → existing covers: what they look like, what they interrupt, and whether they
//! hide enough.
//!
//! Each text line is followed along its own band to both sides; where nothing was read, windows of the band that are
//! of one colour, full of ink, too even for the paper, on a block lattice, blurred or faint against the page's own
//! writing are covers ([`window`]). Then [`assess`] asks how much of the applicant's identity a cover leaves, reads
//! through it, and tries whether the applicant's name can be told from others under it ([`recover`]).

mod band;
mod beside;
mod between;
mod blank;
mod block;
mod broken_off;
mod coarse;
mod covers;
mod crease;
mod cut;
mod find;
mod gap;
mod glyphs;
mod grid;
mod items;
mod label;
mod left;
mod part;
mod pen;
mod place;
mod recover;
mod row;
mod runs;
mod scribble;
mod shades;
mod shorn;
mod smudge;
mod solid;
mod strength;
mod through;
mod usual;
mod window;

use crate::geometry::Bbox;
use crate::report::{Mark, MarkStyle};
pub use find::find;
use grid::Grid;
pub use strength::{Assessment, assess};
pub use window::WindowParams;

/// What a cover interrupts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hides {
    /// Part of a text line or what followed it on the same line.
    Line(usize),
    /// A line of its own, of which nothing was read; the text line next to it tells how large the type is.
    OwnLine(usize),
    /// A seal.
    Seal,
    /// A face.
    Face,
}

/// What lies over text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// Something that is meant to hide it.
    Cover,
    /// A pen's strokes: they count only where the print shows between them.
    Pen,
}

/// An existing cover on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundMark {
    /// Where, page-raster pixels.
    pub bbox: Bbox,
    /// What it looks like.
    pub style: MarkStyle,
    /// What it interrupts.
    pub hides: Hides,
    /// Its colour when it is solid.
    pub colour: Option<[u8; 3]>,
    /// Side of a mosaic's blocks, pixels.
    pub block: Option<u32>,
    /// True for a solid block of about one character, which may as well be a bullet (■): it is a cover only
    /// when [`assess`] finds a part of the name or unit beside it.
    pub slight: bool,
    /// True for a field that asks for the name or unit and shows nothing: covered with the paper's colour, or empty.
    pub blank: bool,
    /// True for something that could not be read and does not look like a cover: it counts only where the name or
    /// unit is expected.
    pub illegible: bool,
    /// What it was made with.
    pub means: Means,
    /// The next cover of the row when something may stand open between the two.
    next: Option<Bbox>,
    /// What is left of characters that the paper's colour covers half.
    strokes: Option<Bbox>,
    /// The lattice of a mosaic.
    grid: Option<Grid>,
}

impl FoundMark {
    /// A cover of which nothing else is known.
    pub fn new(bbox: Bbox, style: MarkStyle, hides: Hides) -> Self {
        Self {
            bbox,
            style,
            hides,
            colour: None,
            block: None,
            slight: false,
            blank: false,
            illegible: false,
            means: Means::Cover,
            next: None,
            strokes: None,
            grid: None,
        }
    }

    fn is_pen(&self) -> bool {
        self.means == Means::Pen
    }

    /// True for a cover that is meant to let nothing through.
    fn is_opaque(&self) -> bool {
        matches!(self.style, MarkStyle::Solid | MarkStyle::Annotation)
    }

    /// True for a block that was seen, and is not inferred from what was read beside it.
    fn is_block(&self) -> bool {
        self.style == MarkStyle::Solid && !self.blank && !self.illegible
    }

    /// As the report has it.
    pub fn mark(&self) -> Mark {
        Mark { bbox: self.bbox, style: self.style }
    }
}

/// Thresholds of the search.
#[derive(Debug, Clone)]
pub struct MarkParams {
    /// Length of a solid cover in line heights under which it may be a square bullet (■).
    pub least_length: f32,
    /// Least length of a solid cover in line heights: one character is 0.7–0.9 of a detected line's height.
    pub least_slight: f32,
    /// The same for windows of a mosaic or blur, which take in what stands beside them.
    pub least_weak: f32,
    /// The same for a translucent cover.
    pub least_faint: f32,
    /// Least height of a solid cover in line heights: lower ones are rules and underlines.
    pub least_height: f32,
    /// Largest height of a solid cover in line heights: higher ones are pictures and shaded areas.
    pub most_height: f32,
    /// The same of a soft one: a blur spreads what it softens by half a line at most.
    pub most_soft_height: f32,
    /// Line heights by which a place may lie above or below its row where rows run aslant.
    pub most_drift: f32,
    /// Gap in line heights up to which a cover still belongs to a line.
    pub most_gap: f32,
    /// The same for covers that are not solid, which patterned paper and borders resemble.
    pub most_weak_gap: f32,
    /// The same after a label that asks for the name or unit: in a table what it asks for stands in the middle of the
    /// next cell.
    pub most_field_gap: f32,
    /// Share of a stretch from which on it counts as read, if perhaps wrongly.
    pub most_legible: f32,
    /// Least share of a soft or illegible stretch's columns that are darker in the middle than above and below.
    pub least_sunk: f32,
    /// Least share of a stretch's rows with ink from which it may be writing; rules have less.
    pub least_rows: f32,
    /// Length in line heights of ink without holes in a stretch from which it holds a block: strokes that cross and the
    /// blocks of a mosaic are shorter.
    pub most_filled: f32,
    /// Least step between a mosaic's blocks in its luma range; uneven light in JPEG's blocks has less.
    pub least_step: f32,
    /// Least luma range of a mosaic in that of the page's print: blocks as large as a character leave a fifth.
    pub least_contrast: f32,
    /// The same where the blocks are as large as JPEG's, which leave a quarter at most on faint things.
    pub least_jpeg_contrast: f32,
    /// Windows.
    pub window: WindowParams,
}

impl Default for MarkParams {
    fn default() -> Self {
        Self {
            least_length: 1.2,
            least_slight: 0.6,
            least_weak: 1.3,
            least_faint: 1.3,
            least_height: 0.6,
            most_height: 6.0,
            most_soft_height: 2.0,
            most_drift: 0.4,
            most_gap: 6.0,
            most_weak_gap: 2.5,
            most_field_gap: 9.0,
            most_legible: 0.3,
            least_sunk: 0.4,
            least_rows: 0.5,
            most_filled: 0.9,
            least_step: 0.07,
            least_contrast: 0.13,
            least_jpeg_contrast: 0.33,
            window: WindowParams::default(),
        }
    }
}

/// What was found on a page before covers are looked for, page-raster pixels.
#[derive(Debug, Clone, Copy, Default)]
pub struct Places<'a> {
    /// Where the applicant's name or unit was read: it may have been read through a cover.
    pub identity: &'a [Bbox],
    /// Seals.
    pub seals: &'a [Bbox],
    /// Faces.
    pub faces: &'a [Bbox],
    /// The applicant's name.
    pub name: &'a str,
    /// The applicant's unit.
    pub unit: &'a str,
}

fn median(values: &mut [f32]) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests;
