//! The ink in a form's field: what is darker than its paper and is no seal, no rule, no speck and no print that was read.

use crate::geometry::{Bbox, Point};
use crate::raster::Raster;

/// Levels under the paper from which a pixel is ink: pencil and pale pens are darker.
const INK: u8 = 50;
/// How much redder than its other channels a seal's ink is, which people do not sign with.
const RED: u8 = 60;
/// Ink that runs on level or upright for so many line heights is a rule: a character is some 0.8 high, no stroke longer.
const RULE: f32 = 1.2;
/// A rule may step by so many pixels to either side: a scan is crooked by some degrees.
const STEP: usize = 1;
/// Neighbours, of eight, without which ink is a speck.
const LEAST_NEIGHBOURS: usize = 2;

/// Which pixels of a field are ink.
pub(super) struct FieldInk {
    field: Bbox,
    width: usize,
    ink: Vec<bool>,
}

impl FieldInk {
    /// The ink of `field`, which lies on the page, beside print of `height` pixels; `None` for a field that is dark itself.
    pub(super) fn new(raster: &Raster, field: Bbox, height: f32) -> Option<Self> {
        let (width, rows) = (usize::try_from(field.width()).ok()?, usize::try_from(field.height()).ok()?);
        let pixel = |i: usize| {
            let (x, y) = (field.left + (i % width) as i32, field.top + (i / width) as i32);
            raster.pixels.get_pixel(x as u32, y as u32).0
        };
        let mut histogram = [0u32; 256];
        (0..width * rows).for_each(|i| histogram[usize::from(crate::raster::luma(pixel(i)))] += 1);
        let paper = crate::raster::percentile(&histogram, 0.8);
        let is_dark = |i: usize| {
            let [r, g, b] = pixel(i);
            crate::raster::luma([r, g, b]) < paper.saturating_sub(INK) && r < g.max(b).saturating_add(RED)
        };
        let mut ink = Self { field, width, ink: (0..width * rows).map(is_dark).collect() };
        ink.remove_rules((RULE * height) as usize);
        ink.remove_specks();
        (ink.count() * 2 <= width * rows).then_some(ink)
    }

    /// Takes away what lies in a box on the page.
    pub(super) fn remove(&mut self, bbox: Bbox) {
        let bbox = bbox.intersection(self.field);
        if bbox.is_empty() {
            return;
        }
        for y in bbox.top..bbox.bottom {
            let row = (y - self.field.top) as usize * self.width;
            let column = |x: i32| row + (x - self.field.left) as usize;
            self.ink[column(bbox.left)..column(bbox.right)].fill(false);
        }
    }

    /// Number of pixels.
    pub(super) fn count(&self) -> usize {
        self.ink.iter().filter(|ink| **ink).count()
    }

    /// The box around it on the page.
    pub(super) fn bbox(&self) -> Option<Bbox> {
        let inked = (0..self.ink.len()).filter(|&i| self.ink[i]);
        let on_page = |i: usize| ((i % self.width) as i32 + self.field.left, (i / self.width) as i32 + self.field.top);
        Bbox::around(inked.map(on_page).map(|(x, y)| Point::new(x as f32, y as f32)))
    }

    fn remove_rules(&mut self, least: usize) {
        let (width, rows) = (self.width, self.ink.len() / self.width.max(1));
        let mut is_rule = vec![false; self.ink.len()];
        self.mark_runs(width, rows, &|along, across| across * width + along, least, &mut is_rule);
        self.mark_runs(rows, width, &|along, across| along * width + across, least, &mut is_rule);
        self.ink.iter_mut().zip(is_rule).for_each(|(ink, is_rule)| *ink &= !is_rule);
    }

    /// Marks ink that runs on for `least` pixels along rows (or columns) as wide as a step to either side.
    fn mark_runs(
        &self,
        length: usize,
        lines: usize,
        at: &dyn Fn(usize, usize) -> usize,
        least: usize,
        is_rule: &mut [bool],
    ) {
        for line in 0..lines {
            let beside = line.saturating_sub(STEP)..(line + STEP + 1).min(lines);
            let is_inked = |along: usize| beside.clone().any(|across| self.ink[at(along, across)]);
            for run in crate::raster::runs(length, is_inked, least) {
                run.flat_map(|i| beside.clone().map(move |j| (i, j))).for_each(|(i, j)| is_rule[at(i, j)] = true);
            }
        }
    }

    fn remove_specks(&mut self) {
        let (width, rows) = (self.width as i32, (self.ink.len() / self.width.max(1)) as i32);
        let is_ink =
            |x: i32, y: i32| (0..width).contains(&x) && (0..rows).contains(&y) && self.ink[(y * width + x) as usize];
        let around = [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)];
        let kept = |i: usize| {
            let (x, y) = (i as i32 % width, i as i32 / width);
            let neighbours = around.iter().filter(|(dx, dy)| is_ink(x + dx, y + dy)).count();
            self.ink[i] && neighbours >= LEAST_NEIGHBOURS
        };
        self.ink = (0..self.ink.len()).map(kept).collect();
    }
}
