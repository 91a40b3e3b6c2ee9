//! A soft, dark stretch of a page → whether it is a part of a crease: the shadow of a fold goes on through the text and out
//! into the margin, which what somebody blurred does not.

use super::part::Part;
use super::row::mirrored;
use crate::geometry::Bbox;
use crate::ocr::TextLine;
use crate::raster::Raster;

/// Height of the strip that is looked at, line thicknesses: a row and the paper above and below it.
const STRIP: f32 = 2.6;
/// Share of the strip above and below by which the paper's luma is told.
const OUTER: f32 = 0.15;
/// Thickness of rules in lines' thicknesses: what is as thin is no shadow.
const RULE: f32 = 0.2;
/// Least depth of a shadow, luma.
const LEAST_DEPTH: f32 = 5.0;
/// Least depth of what goes on, in that of the stretch itself.
const LEAST_SHARE: f32 = 0.4;
/// How far a fold may turn up or down within one line's thickness, in thicknesses.
const TURN: f32 = 0.3;
/// Windows in a row in which the shadow may be lost: a stroke or stamp lies on it.
const LOST: usize = 2;
/// Thicknesses by which it must lead out of the text.
const OUT: f32 = 2.0;
/// Least length of a crease in thicknesses: names and most units are shorter.
const LEAST_LENGTH: f32 = 12.0;
/// The same of one that runs off the page, where no text stands.
const LEAST_LENGTH_AT_EDGE: f32 = 6.0;

/// True when the dark stretch at `place` goes on into the margin, along the rows or across them. `thickness` is that of a
/// usual line, pixels.
pub(super) fn is_crease(page: &Raster, lines: &[TextLine], place: Bbox, thickness: f32) -> bool {
    let text = lines.iter().map(|line| line.quad.bbox()).reduce(Bbox::union).unwrap_or(place);
    [false, true].into_iter().any(|is_upright| {
        let turned = |bbox: Bbox| if is_upright { mirrored(bbox) } else { bbox };
        let fold = Fold { page, is_upright, thickness };
        fold.leads_out(turned(place), turned(text))
    })
}

/// A page that is looked at along one direction; coordinates are along it and across it.
struct Fold<'a> {
    page: &'a Raster,
    is_upright: bool,
    thickness: f32,
}

/// Where a shadow is darkest across its direction, and by how much luma.
#[derive(Debug, Clone, Copy)]
struct Valley {
    across: f32,
    depth: f32,
}

impl Fold<'_> {
    fn leads_out(&self, place: Bbox, text: Bbox) -> bool {
        let Some(own) = self.valley(place.left, place.right, place.centre().y, place.height() as f32 / 2.0) else {
            return false;
        };
        if own.depth < LEAST_DEPTH {
            return false;
        }
        let (before, after) = (self.followed(place.left, -1, own), self.followed(place.right, 1, own));
        let out = (OUT * self.thickness) as i32;
        let is_out = before <= text.left - out || after >= text.right + out;
        let reaches_edge = before <= 0 || after >= self.length();
        let length = (after - before) as f32 / self.thickness;
        is_out && length >= LEAST_LENGTH || reaches_edge && length >= LEAST_LENGTH_AT_EDGE
    }

    /// How far the shadow can be followed from `from` on.
    fn followed(&self, from: i32, step: i32, own: Valley) -> i32 {
        let width = self.thickness.max(4.0) as i32;
        let (mut reached, mut at, mut across, mut lost) = (from, from, own.across, 0);
        while lost <= LOST && (0..self.length()).contains(&at) {
            let next = at + step * width;
            let found = self.valley(at.min(next), at.max(next), across, TURN * self.thickness);
            match found.filter(|valley| valley.depth >= LEAST_SHARE * own.depth) {
                Some(valley) => (reached, across, lost) = (next, valley.across, 0),
                None => lost += 1,
            }
            at = next;
        }
        reached.clamp(0, self.length())
    }

    /// The deepest place of the shadow within `reach` of `across`; `None` at the page's rim.
    fn valley(&self, from: i32, to: i32, across: f32, reach: f32) -> Option<Valley> {
        let half = STRIP / 2.0 * self.thickness;
        let (first, last) = ((across - half) as i32, (across + half) as i32);
        let (from, to) = (from.max(0), to.min(self.length()));
        if first < 0 || last >= self.width() || from >= to || last - first < 8 {
            return None;
        }
        let rows: Vec<f32> = (first..last).map(|row| self.paper_of(row, from, to)).collect();
        let rows = without_rules(&rows, (RULE * self.thickness).max(1.0) as usize);
        let outer = ((rows.len() as f32 * OUTER) as usize).max(1);
        let mean = |rows: &[f32]| rows.iter().sum::<f32>() / rows.len() as f32;
        let (above, below) = (mean(&rows[..outer]), mean(&rows[rows.len() - outer..]));
        let depth = |i: usize| above + (below - above) * i as f32 / rows.len() as f32 - rows[i];
        let near = |i: &usize| (first as f32 + *i as f32 - across).abs() <= reach;
        let deepest = (0..rows.len()).filter(near).max_by(|&a, &b| depth(a).total_cmp(&depth(b)))?;
        Some(Valley { across: (first + deepest as i32) as f32, depth: depth(deepest) })
    }

    /// Luma of the paper in one row of pixels.
    fn paper_of(&self, row: i32, from: i32, to: i32) -> f32 {
        let pixels = Bbox::from_ltrb(from, row, to, row + 1);
        Part::of(self.page, pixels, self.is_upright).map_or(255.0, |part| f32::from(part.paper))
    }

    fn length(&self) -> i32 {
        (if self.is_upright { self.page.height() } else { self.page.width() }) as i32
    }

    fn width(&self) -> i32 {
        (if self.is_upright { self.page.width() } else { self.page.height() }) as i32
    }
}

/// The rows' lumas without dark ones that are fewer in a row than `rule`: a closing.
fn without_rules(rows: &[f32], rule: usize) -> Vec<f32> {
    let around = |rows: &[f32], i: usize, pick: fn(f32, f32) -> f32| {
        let near = &rows[i.saturating_sub(rule / 2)..(i + rule / 2 + 1).min(rows.len())];
        near.iter().copied().reduce(pick).unwrap_or(rows[i])
    };
    let lightest: Vec<f32> = (0..rows.len()).map(|i| around(rows, i, f32::max)).collect();
    (0..rows.len()).map(|i| around(&lightest, i, f32::min)).collect()
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    const THICKNESS: f32 = 30.0;

    /// A pale page with a soft dark stripe along the row at 200, or down the column, from one place to another.
    fn striped(from: u32, to: u32, is_upright: bool) -> Raster {
        let shade = |x: u32, y: u32| {
            let (along, across) = if is_upright { (y, x) } else { (x, y) };
            let off = (across as f32 - 200.0 - along as f32 * 0.01) / 7.0;
            let is_in = (from..to).contains(&along);
            let depth = if is_in { 60.0 * (-0.5 * off * off).exp() } else { 0.0 };
            Rgb([(235.0 - depth) as u8; 3])
        };
        let (width, height) = if is_upright { (600, 900) } else { (900, 600) };
        Raster::new(RgbImage::from_fn(width, height, shade), 200.0)
    }

    #[test]
    fn a_shadow_that_runs_over_the_sheet_is_a_crease_and_one_as_long_as_a_unit_is_none() {
        let place = Bbox::from_ltrb(300, 188, 420, 224);
        assert!(is_crease(&striped(0, 900, false), &[], place, THICKNESS));
        assert!(is_crease(&striped(0, 900, true), &[], mirrored(place), THICKNESS));
        assert!(!is_crease(&striped(300, 420, false), &[], place, THICKNESS), "it ends where it is");
        assert!(!is_crease(&striped(300, 640, false), &[], place, THICKNESS), "a blurred row ends before the margin");
        assert!(!is_crease(&striped(0, 0, false), &[], place, THICKNESS), "bare paper");
    }

    #[test]
    fn a_rule_is_no_shadow() {
        let mut page = striped(0, 0, false);
        for x in 0..900 {
            for y in 203..207 {
                page.pixels.put_pixel(x, y, Rgb([20; 3]));
            }
        }
        assert!(!is_crease(&page, &[], Bbox::from_ltrb(300, 188, 420, 224), THICKNESS));
    }
}
