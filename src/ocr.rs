//! Page raster → text lines with their CTC lattices. Finds and reads; whose text it is, is asked elsewhere.

mod column;
pub mod crop;
pub mod detect;
pub mod lattice;
pub mod page;
pub mod read;

use std::ops::Range;

use crate::geometry::Quad;
pub use detect::{DetectParams, Detector};
pub use lattice::Lattice;
pub use page::{LinePart, PageParams, PageReader, PageText};
pub use read::{ModelSize, ReadParams, Reader};

/// One line of text found on a page.
#[derive(Debug, Clone)]
pub struct TextLine {
    /// Where it is, clockwise from the text's own top left. For a vertical line the text's "right" is the
    /// page's "down".
    pub quad: Quad,
    /// What it may say. Frames are spread evenly from the quad's left edge to its right edge.
    pub lattice: Lattice,
}

impl TextLine {
    /// The part of the line's quad that some of its frames cover.
    pub fn quad_of(&self, frames: &Range<usize>) -> Quad {
        let total = self.lattice.frames().max(1) as f32;
        self.quad.slice(frames.start as f32 / total, frames.end as f32 / total)
    }

    /// The best reading.
    pub fn text(&self) -> String {
        self.lattice.text()
    }
}
