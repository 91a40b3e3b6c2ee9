//! Repetitions of a slanted mark: what one copy reads as, all read as. Print hides other parts of each copy, so that the
//! copies laid on one another show the mark whole; and a copy that shows little is found by the others' look.

mod template;

use image::{GrayImage, Luma, Rgb, RgbImage};

use super::PageReader;
use super::slanted::SlantedSheet;
use crate::error::Result;
use crate::geometry::{Point, Quad};
use crate::ocr::{Lattice, TextLine};
use crate::raster::resized_grey;
use template::{Grid, INK, SEEN_IN_PLACE, Template};

/// The layer is searched at half its size: 75 dpi for A4.
const REDUCTION: f32 = 0.5;
/// Marks that are looked for: a watermark of three lines has three.
const MOST_MARKS: usize = 6;
/// Least mean posterior of the reading of a mark whose copies are worth looking for.
const LEAST_SCORE: f32 = 0.6;
/// Share of the ink that must lie in lines for the marks to count as read.
const LEAST_READ: f32 = 0.5;
/// Least ink outside level lines, pixels of the search: two small characters. Under them pale ink may be the print's own.
const LEAST_INK: usize = 150;
/// On a map of the page: in a slanted line that was read, and in a level one.
const READ: u8 = 255;
const LEVEL: u8 = 128;
/// Slope from which a line counts as slanted: 8°, more than a sheet lies crooked.
const SLANTED: f32 = 0.14;

impl PageReader {
    /// Gives each repetition of a mark the reading of all of them; `is_slanted` says which lines were read from the layer.
    pub(super) fn with_repetitions(
        &self,
        sheet: &SlantedSheet,
        mut lines: Vec<TextLine>,
        mut is_slanted: Vec<bool>,
    ) -> Result<Vec<TextLine>> {
        let scale = sheet.ink.scale * REDUCTION;
        let grid = grid_of(sheet);
        let mut repeated: Vec<TextLine> = Vec::new();
        let mut done: Vec<Quad> = Vec::new();
        for _ in 0..MOST_MARKS {
            let weight = |line: &TextLine| line.lattice.score() * line.text().chars().count() as f32;
            let is_open = |i: usize| {
                let line: &TextLine = &lines[i];
                is_slanted[i]
                    && line.lattice.score() >= LEAST_SCORE
                    && line.text().chars().count() >= 2
                    && !done.contains(&line.quad)
            };
            let best = (0..lines.len())
                .filter(|&i| is_open(i))
                .max_by(|&a, &b| weight(&lines[a]).total_cmp(&weight(&lines[b])));
            let Some(best) = best else { break };
            let (quad, lattice) = (lines[best].quad, lines[best].lattice.clone());
            done.push(quad);
            let Some(template) = Template::new(&grid, quad.map(|p| Point::new(p.x * scale, p.y * scale))) else {
                continue;
            };
            let places = template.places(&grid);
            if places.len() < 2 {
                continue;
            }
            let lattice = match self.read_together(sheet, &quad, &places)? {
                Some(together) if together.score() > lattice.score() => together,
                _ => lattice,
            };
            let quads: Vec<Quad> = places
                .iter()
                .map(|&(x, y)| quad.map(|p| Point::new(p.x + x as f32 / scale, p.y + y as f32 / scale)))
                .collect();
            let is_part = |line: &TextLine| {
                line.quad.length() <= 1.2 * quad.length() && quads.iter().any(|quad| quad.contains(line.quad.centre()))
            };
            let mut kept =
                (0..lines.len()).map(|i| !(is_slanted[i] && is_part(&lines[i]))).collect::<Vec<_>>().into_iter();
            let mut flags = kept.clone();
            lines.retain(|_| kept.next() == Some(true));
            is_slanted.retain(|_| flags.next() == Some(true));
            repeated.extend(quads.into_iter().map(|quad| TextLine { quad, lattice: lattice.clone() }));
        }
        lines.extend(repeated);
        Ok(lines)
    }

    /// What the copies of a mark read as when they are laid on one another.
    fn read_together(&self, sheet: &SlantedSheet, quad: &Quad, places: &[(i32, i32)]) -> Result<Option<Lattice>> {
        let (scale, layer, known) = (sheet.ink.scale, &sheet.ink.layer, &sheet.ink.known);
        let quad = quad.map(|p| Point::new(p.x * scale, p.y * scale));
        let full = Grid {
            dark: GrayImage::from_fn(layer.width(), layer.height(), |x, y| Luma([255 - layer.get_pixel(x, y).0[0]])),
            known: known.clone(),
        };
        let Some(template) = Template::new(&full, quad) else { return Ok(None) };
        let middle = quad.centre();
        let (cx, cy) = (middle.x.round() as i32, middle.y.round() as i32);
        // The search at the reduced size is exact to two pixels of the layer.
        let places: Vec<(i32, i32)> = places
            .iter()
            .map(|&(x, y)| {
                let (x, y) = ((x as f32 / REDUCTION) as i32, (y as f32 / REDUCTION) as i32);
                let around = (-2..=2).flat_map(|dy| (-2..=2).map(move |dx| (x + dx, y + dy)));
                let likeness =
                    |&(x, y): &(i32, i32)| template.likeness(&full, cx + x, cy + y, SEEN_IN_PLACE).unwrap_or(-1.0);
                around.max_by(|a, b| likeness(a).total_cmp(&likeness(b))).unwrap_or((x, y))
            })
            .collect();
        let (width, height) = (quad.length().round().max(1.0) as u32, quad.thickness().round().max(1.0) as u32);
        let [a, b, c, d] = quad.0;
        let together = RgbImage::from_fn(width, height, |u, v| {
            let (s, t) = ((u as f32 + 0.5) / width as f32, (v as f32 + 0.5) / height as f32);
            let p = a.lerp(b, s).lerp(d.lerp(c, s), t);
            let seen: Vec<u32> = places
                .iter()
                .filter_map(|&(x, y)| full.darkness(p.x.floor() as i32 + x, p.y.floor() as i32 + y).map(u32::from))
                .collect();
            let dark = if seen.is_empty() { 0 } else { seen.iter().sum::<u32>() / seen.len() as u32 };
            Rgb([255 - dark as u8; 3])
        });
        let (reader, params) = match &self.careful {
            Some(careful) => (careful, &self.params.careful),
            None => (&self.quick, &self.params.quick),
        };
        Ok(reader.read(&[together], params)?.pop())
    }
}

/// The slanted lines that could not be read, when most of the slanted ink is in no line that could be.
pub(super) fn unread(sheet: &SlantedSheet, lines: &[TextLine]) -> Vec<Quad> {
    let scale = sheet.ink.scale * REDUCTION;
    let grid = grid_of(sheet);
    let is_slanted = |quad: &Quad| {
        let [a, b, ..] = quad.0;
        (b.y - a.y).abs() > SLANTED * (b.x - a.x).abs().max(1.0)
    };
    let mut read = GrayImage::new(grid.dark.width(), grid.dark.height());
    for line in lines.iter().filter(|line| line.lattice.score() >= LEAST_SCORE) {
        let quad = line.quad.map(|p| Point::new(p.x * scale, p.y * scale));
        let bbox = quad.bbox().clamped(read.width(), read.height());
        let mark = if is_slanted(&line.quad) { READ } else { LEVEL };
        for y in bbox.top..bbox.bottom {
            for x in bbox.left..bbox.right {
                if quad.contains(Point::new(x as f32 + 0.5, y as f32 + 0.5)) {
                    read.put_pixel(x as u32, y as u32, Luma([mark]));
                }
            }
        }
    }
    let (mut all, mut rest) = (0usize, 0usize);
    for (x, y, mark) in read.enumerate_pixels() {
        if mark.0[0] != LEVEL && grid.darkness(x as i32, y as i32).is_some_and(|level| level >= INK) {
            all += 1;
            rest += usize::from(mark.0[0] != READ);
        }
    }
    if all < LEAST_INK || rest as f32 <= (1.0 - LEAST_READ) * all as f32 {
        return Vec::new();
    }
    let on_layer = |quad: &Quad| quad.map(|p| Point::new(p.x * sheet.ink.scale, p.y * sheet.ink.scale));
    let is_unread = |line: &&TextLine| {
        line.lattice.score() < LEAST_SCORE
            && is_slanted(&line.quad)
            && sheet.ink.may_be_characters(&on_layer(&line.quad))
    };
    lines.iter().filter(is_unread).map(|line| line.quad).collect()
}

fn grid_of(sheet: &SlantedSheet) -> Grid {
    let (layer, known) = (&sheet.ink.layer, &sheet.ink.known);
    let half = |length: u32| ((length as f32 * REDUCTION).round() as u32).max(1);
    let (width, height) = (half(layer.width()), half(layer.height()));
    let mut dark = resized_grey(layer, width, height);
    dark.iter_mut().for_each(|level| *level = 255 - *level);
    Grid { dark, known: resized_grey(known, width, height) }
}
