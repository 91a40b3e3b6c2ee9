//! A cover and the lines of its page → the cover with what stands in its row or column: whose text is expected under it,
//! and what of the applicant's is left beside it.

use super::beside;
use super::cut::{self, Side, Type};
use super::label::{Expected, expected};
use super::left::{LeftOver, left_over};
use super::row::{Placed, column, mirrored, row_beside};
use crate::error::Result;
use crate::geometry::Bbox;
use crate::identity::{Identity, Kind};
use crate::ocr::TextLine;
use crate::ocr::read::Reader;
use crate::raster::Raster;

/// A cover with the characters of its row, or of its column. A column mirrored at the diagonal is a row, and is judged as one.
pub(super) struct Surroundings {
    /// The cover.
    pub(super) mark: Bbox,
    /// The characters in its row, left to right, the cover left out.
    pub(super) row: Vec<Placed>,
    is_column: bool,
    /// Size in pixels of the type that a cover on a line of its own may hide.
    own_em: Option<f32>,
}

impl Surroundings {
    /// Those of a cover beside which nothing was read; `em` is the size in pixels of the type around.
    pub(super) fn none(mark: Bbox, em: f32) -> Self {
        Self { mark, row: Vec::new(), is_column: false, own_em: Some(em) }
    }

    /// Those of a cover in the row, or the column, of `own`.
    pub(super) fn of(mark: Bbox, lines: &[TextLine], own: &TextLine, is_column: bool) -> Self {
        if is_column {
            Self { mark: mirrored(mark), row: column(mark, lines, own), is_column: true, own_em: None }
        } else {
            Self { mark, row: row_beside(mark, lines, own), is_column: false, own_em: None }
        }
    }

    /// What the cover may hide.
    pub(super) fn expected(&self, lines: &[TextLine]) -> Expected {
        // At the head of what is mirrored there is no table's column.
        expected(self.mark, &self.row, if self.is_column { &[] } else { lines })
    }

    /// Characters of the applicant's name right beside the cover, read by themselves; see [`beside`].
    ///
    /// # Errors
    /// [`crate::Error::Model`] when reading fails.
    pub(super) fn name_beside(&self, page: &Raster, identity: &Identity, reader: &Reader) -> Result<Option<LeftOver>> {
        beside::of_name(page, self.mark, &self.row, self.is_column, identity, reader)
    }

    /// Strokes of characters that the cover cuts, and whose they are where the applicant's name or unit is expected;
    /// `None` for the kind where nothing tells and the cover cuts all along.
    pub(super) fn cut(&self, page: &Raster, lines: &[TextLine]) -> Option<(Option<Kind>, Bbox)> {
        let on_page = if self.is_column { mirrored(self.mark) } else { self.mark };
        let (block, colour) = cut::block(page, on_page)?;
        let block = if self.is_column { mirrored(block) } else { block };
        let kind = match self.own_em {
            Some(em) => Type::about(page, block, em),
            None => Type::of(page, block, &self.row, self.is_column)?,
        };
        let found = cut::cuts(page, block, &self.row, &kind, self.is_column, colour);
        let expected = found.iter().find_map(|cut| {
            // What its strokes were read as is neither label nor text.
            let is_strokes = |at: &Bbox| {
                cut.side == Side::End && at.centre().x >= cut.bbox.left as f32 && at.centre().x <= cut.bbox.right as f32
            };
            let row = self.row.iter().filter(|(at, _)| !is_strokes(at)).copied().collect();
            let mark = if cut.side == Side::End { self.mark.union(cut.bbox) } else { self.mark };
            match (Self { mark, row, ..*self }).expected(lines) {
                // A part of one character of a unit tells nothing.
                Expected::Identity(kind) | Expected::Column(kind) if kind == Kind::Name || cut.side == Side::Along => {
                    Some((Some(kind), cut.on_page(self.is_column)))
                }
                _ => None,
            }
        });
        let along = || found.iter().find(|cut| cut.side == Side::Along).map(|cut| (None, cut.on_page(self.is_column)));
        expected.or_else(along)
    }

    /// See [`left_over`].
    pub(super) fn left_over(&self, line_height: f32, identity: &Identity) -> Option<LeftOver> {
        let left = left_over(self.mark, &self.row, line_height, identity)?;
        Some(if self.is_column { LeftOver { bbox: mirrored(left.bbox), ..left } } else { left })
    }
}

#[cfg(test)]
mod tests {
    use super::super::left::Legible;
    use super::*;
    use crate::identity::Applicant;

    #[test]
    fn what_is_left_of_a_name_in_a_column_is_found_as_in_a_row() {
        let identity = Identity::new(&Applicant::new("诸葛文", "").expect("valid"), &[]);
        let down = |c: char, at: i32| (mirrored(Bbox::from_ltrb(100, at, 124, at + 20)), c);
        let mark = mirrored(Bbox::from_ltrb(98, 100, 126, 124));
        let row = vec![down('构', 60), down('葛', 126), down('文', 148), down('二', 190)];
        let around = Surroundings { mark, row, is_column: true, own_em: None };
        let left = around.left_over(24.0, &identity).expect("two of three");
        assert_eq!((left.shown, left.legible), (2, Legible::Enough));
        assert!(left.bbox.top >= 120 && left.bbox.bottom <= 175 && left.bbox.left == 100, "{:?}", left.bbox);
    }
}
