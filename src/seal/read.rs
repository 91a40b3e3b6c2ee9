//! A stamp's ink → readings of its lettering, each kept as a lattice, with the part of the seal where it stands.

mod round;
mod rows;

use image::{GrayImage, RgbImage};

use super::ellipse::Ellipse;
use super::ink::Colour;
use super::locate::{Candidate, Outline};
use super::unwrap::Stamp;
use crate::error::Result;
use crate::geometry::{Bbox, Point};
use crate::identity::is_han;
use crate::ocr::lattice::Lattice;
use crate::ocr::{ReadParams, Reader};

/// Where on a seal something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SealPart {
    /// The arc along the ring.
    Outer,
    /// A second arc inside it.
    Inner,
    /// Straight lettering across the seal, or the rows of a rectangular one.
    Centre,
    /// The digits at the bottom.
    Code,
}

/// One reading of one part; a part may have several, best first.
#[derive(Debug, Clone)]
pub struct SealReading {
    /// Which part.
    pub part: SealPart,
    /// The best reading.
    pub text: String,
    /// What else it may say.
    pub lattice: Lattice,
    /// Mean posterior of its Chinese characters (of all characters for the code), 0..=1.
    pub score: f32,
}

/// When a character counts as read.
const READ: f32 = 0.5;
/// Number and posterior sum of the Chinese characters that count as read.
pub(super) fn han_read(lattice: &Lattice) -> (usize, f32) {
    lattice
        .best_path()
        .iter()
        .filter(|read| read.score >= READ && lattice.alphabet().text(read.symbol).chars().any(is_han))
        .fold((0, 0.0), |(count, sum), read| (count + 1, sum + read.score))
}

/// How much an arc or a line says: its Chinese characters, unsure ones for less.
fn worth(lattice: &Lattice) -> f32 {
    let (count, sum) = han_read(lattice);
    sum - 0.4 * count as f32
}

fn reading(part: SealPart, lattice: Lattice) -> SealReading {
    let (count, sum) = han_read(&lattice);
    let score = if count > 0 { sum / count as f32 } else { lattice.score() };
    SealReading { part, text: lattice.text(), lattice, score }
}

/// The reading models.
#[derive(Clone, Copy)]
pub(super) struct Readers<'a> {
    /// A quick one, a fifth of the other's time: it tells what is worth a careful look.
    pub(super) quick: &'a Reader,
    /// The one whose readings count.
    pub(super) careful: &'a Reader,
}

impl Readers<'_> {
    fn quickly(&self, lines: &[RgbImage]) -> Result<Vec<Lattice>> {
        self.quick.read(lines, &ReadParams::default())
    }

    fn carefully(&self, lines: &[RgbImage]) -> Result<Vec<Lattice>> {
        self.careful.read(lines, &ReadParams::default())
    }
}

/// What is asked about a seal, so that no more of it is read than needed.
pub(super) trait Question {
    /// Whether the readings show that it is the applicant's unit's.
    fn is_own(&self, readings: &[SealReading]) -> bool;
    /// Whether the readings show clearly that it is somebody else's.
    fn is_foreign(&self, readings: &[SealReading]) -> bool;
    /// Whether the readings agree with the unit in part, so that another look is worth while.
    fn is_near(&self, readings: &[SealReading]) -> bool;
    /// Whether they are the applicant's name.
    fn is_name(&self, readings: &[SealReading]) -> bool;
}

/// Everything that is on the seal is wanted.
pub(super) struct Everything;

impl Question for Everything {
    fn is_own(&self, _: &[SealReading]) -> bool {
        false
    }

    fn is_foreign(&self, _: &[SealReading]) -> bool {
        false
    }

    fn is_near(&self, _: &[SealReading]) -> bool {
        false
    }

    fn is_name(&self, _: &[SealReading]) -> bool {
        false
    }
}

/// Half the side of the square of a round seal's four characters, share of its radius.
const INSCRIBED: f32 = 0.7;

/// Reads everything on a stamp, or as much as answers the question. A `small` one may be a name seal.
pub(super) fn readings(
    readers: &Readers<'_>,
    stamp: &Stamp,
    candidate: &Candidate,
    small: bool,
    question: &dyn Question,
) -> Result<Vec<SealReading>> {
    // Boxes of black lines are on every form; a page's own turn is known.
    let turns = if candidate.colour == Colour::Grey { 1 } else { 4 };
    let rows_in = |corners: [Point; 4]| rows::of_rectangle(readers, &stamp.ink, corners, candidate.solid, turns);
    match &stamp.outline {
        Outline::Ellipse(ellipse) if candidate.solid => rows_in(square_in(ellipse)),
        Outline::Ellipse(ellipse) => {
            let mut found = round::readings(readers, stamp, ellipse, question)?;
            let has_arc = found.iter().any(|r| r.part == SealPart::Outer && han_read(&r.lattice).0 > LEAST_OF_ARC);
            if small && !has_arc {
                found.extend(rows_in(square_in(ellipse))?);
            }
            if small && holds_a_label(&stamp.ink, ellipse) && !question.is_name(&found) {
                found.clear();
            }
            Ok(found)
        }
        Outline::Polygon(corners) => match *corners.as_slice() {
            [a, b, c, d] => rows_in([a, b, c, d]),
            [a, b, c] => rows::of_triangle(readers, &stamp.ink, [a, b, c]),
            _ => Ok(Vec::new()),
        },
    }
}

/// Chinese characters that an arc of lettering has more of: two rows of a name read along the ring give some.
const LEAST_OF_ARC: usize = 3;

/// True when all that stands in a ring is one character less than half as wide and high as the ring: the 新 and 1 of lists and plans. The
/// name on a seal is a row, or fills it, and so does lettering along the ring.
fn holds_a_label(ink: &GrayImage, ring: &Ellipse) -> bool {
    /// Share of the radius within which the ring itself is not.
    const INSIDE: f32 = 0.85;
    /// Ink that is no speck, of 255.
    const INKED: u8 = 128;
    /// Share of the ring's width and height that a label takes up at most.
    const LABEL: f32 = 0.5;
    /// What its height must have in common with its width: more than that of a name's narrow characters has.
    const SQUARE: f32 = 0.8;
    let is_inside = |x: u32, y: u32| ring.relative(Point::new(x as f32 + 0.5, y as f32 + 0.5)) < INSIDE;
    let inked = ink.enumerate_pixels().filter(|&(x, y, value)| value.0[0] >= INKED && is_inside(x, y));
    let Some(label) = Bbox::around(inked.map(|(x, y, _)| Point::new(x as f32, y as f32))) else { return false };
    let whole = ring.bbox();
    let (wide, high) = (label.width() as f32, label.height() as f32);
    wide.min(high) > SQUARE * wide.max(high)
        && wide < LABEL * whole.width() as f32
        && high < LABEL * whole.height() as f32
}

fn square_in(ellipse: &Ellipse) -> [Point; 4] {
    let (x, y, half) = (ellipse.centre.x, ellipse.centre.y, INSCRIBED * ellipse.radius());
    [(-half, -half), (half, -half), (half, half), (-half, half)].map(|(dx, dy)| Point::new(x + dx, y + dy))
}
