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
mod coarse;
mod covers;
mod cut;
mod gap;
mod glyphs;
mod grid;
mod items;
mod label;
mod left;
mod pen;
mod place;
mod recover;
mod row;
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
use crate::ocr::TextLine;
use crate::raster::Raster;
use crate::report::{Mark, MarkStyle};
use band::Band;
use grid::Grid;
pub use strength::{Assessment, assess};
pub use window::WindowParams;

/// What a cover interrupts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hides {
    /// Part of a text line or what followed it on the same line.
    Line(usize),
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

/// Every cover on a page that interrupts one of its lines, a seal or a face.
pub fn find(page: &Raster, lines: &[TextLine], places: &Places<'_>, params: &MarkParams) -> Vec<FoundMark> {
    let usual_thickness = usual::usual_thickness(lines);
    let bands: Vec<Band> = (0..lines.len()).filter_map(|index| Band::of(page, lines, index, places.identity)).collect();
    let mut marks: Vec<FoundMark> = Vec::new();
    let usual = usual::usual(&bands, usual::slope(lines), &params.window);
    let usual_paper = usual.as_ref().map_or(255, |usual| usual.paper);
    if let Some(usual) = usual {
        for band in &bands {
            for mut found in covers::covers(page, band, lines, &usual, params) {
                // What was read through a cover is under it from end to end.
                let is_weak = !matches!(found.style, MarkStyle::Solid | MarkStyle::Annotation) && !found.illegible;
                for &read in places.identity.iter().filter(|_| is_weak) {
                    if read.covered_by(found.bbox) > 0.4 {
                        found.bbox = found.bbox.union(read);
                    }
                }
                // Worn ink of a stamp is soft and pale; where it crosses print there are blots.
                let is_stamp = places.seals.iter().any(|&seal| {
                    found.bbox.covered_by(seal) > 0.4
                        && (found.style != MarkStyle::Solid || is_small_in(found.bbox, seal))
                });
                let is_blot = found.style == MarkStyle::Solid && found.colour.is_none();
                let most = if is_blot { 0.1 } else { 0.5 };
                // Wood and cloth beside a photographed sheet are taken for one line.
                let is_texture = found.style == MarkStyle::Blur
                    && !is_print(&lines[band.line])
                    && (found.bbox.width().min(found.bbox.height()) as f32 > usual_thickness * MOST_UNREAD
                        || found.bbox.expanded(2, 2).covered_by(page.bbox()) < 1.0);
                if !is_stamp && !is_texture && !marks.iter().any(|mark| found.bbox.covered_by(mark.bbox) > most) {
                    marks.push(found);
                }
            }
        }
        for found in block::blocks(page, lines, &usual) {
            if marks.iter().all(|mark| mark.bbox.intersection(found.bbox).is_empty()) {
                marks.push(found);
            }
        }
    }
    if let Some(usual) = usual {
        for band in &bands {
            for smudge in smudge::smudges(page, band, lines, &usual) {
                add_smudge(&mut marks, smudge, band.line, places);
            }
        }
    }
    join_parts(page, &mut marks, usual_paper);
    for (places, hides) in [(places.seals, Hides::Seal), (places.faces, Hides::Face)] {
        for &place in places {
            for (bbox, colour) in solid::blocks_in(&page.pixels, place) {
                if !marks.iter().any(|mark| bbox.covered_by(mark.bbox) > 0.5) {
                    marks.push(FoundMark { colour: Some(colour), ..FoundMark::new(bbox, MarkStyle::Solid, hides) });
                }
            }
        }
    }
    for blank in blank::blanks(&bands, lines) {
        if marks.iter().all(|mark| mark.bbox.intersection(blank.bbox).is_empty()) {
            let mark = FoundMark::new(blank.bbox, MarkStyle::Solid, Hides::Line(blank.line));
            marks.push(FoundMark { blank: true, ..mark });
        }
    }
    for shorn in shorn::shorn(page, lines) {
        let is_free =
            |mark: &FoundMark| mark.style == MarkStyle::Solid || mark.bbox.intersection(shorn.bbox).is_empty();
        if marks.iter().all(is_free) {
            let mark = FoundMark::new(shorn.bbox, MarkStyle::Solid, Hides::Line(shorn.line));
            marks.push(FoundMark { blank: true, strokes: Some(shorn.strokes), ..mark });
        }
    }
    for gap in [places.name, places.unit].into_iter().flat_map(|keyword| gap::interruptions(lines, keyword)) {
        if marks.iter().all(|mark| mark.bbox.intersection(gap.bbox).is_empty()) {
            // Something there hides the rest; bare paper may be the setting's.
            let is_hidden = solid::inked_share(&page.pixels, gap.bbox, usual_paper) >= LEAST_HIDDEN;
            let mark = FoundMark::new(gap.bbox, MarkStyle::Solid, Hides::Line(gap.line));
            marks.push(FoundMark { blank: !is_hidden, illegible: !is_hidden, ..mark });
        }
    }
    for middle in [places.name, places.unit].into_iter().flat_map(|keyword| gap::middles(lines, keyword)) {
        let whole = middle.before.bbox.union(middle.after.bbox);
        // Where it was read, if with doubt, or stands in a seal, that is told already.
        let is_told = |place: &Bbox| !place.intersection(whole).is_empty();
        if !places.identity.iter().chain(places.seals).any(is_told) {
            add_middle(page, &mut marks, middle, usual_paper);
        }
    }
    for item in items::unread(lines) {
        let is_free = marks.iter().all(|mark| item.bbox.covered_by(mark.bbox) < 0.3 || mark.illegible)
            && places.identity.iter().all(|read| read.intersection(item.bbox).is_empty());
        if is_free {
            marks.retain(|mark| !(mark.illegible && mark.bbox.covered_by(item.bbox.expanded(4, 8)) > 0.7));
            let mark = FoundMark::new(item.bbox, MarkStyle::Blur, Hides::Line(item.line));
            marks.push(FoundMark { illegible: true, ..mark });
        }
    }
    for scribble in scribble::scribbles(page, lines, places.identity) {
        // Where a pen's strokes lie close they look like a blot, or like a veil.
        let most = |mark: &FoundMark| if mark.colour.is_some() || mark.style == MarkStyle::Mosaic { 0.3 } else { 0.8 };
        if marks.iter().all(|mark| scribble.bbox.covered_by(mark.bbox) < most(mark)) {
            let mark = FoundMark::new(scribble.bbox, MarkStyle::Translucent, Hides::Line(scribble.line));
            marks.push(FoundMark { illegible: true, means: Means::Pen, ..mark });
        }
    }
    for gap in gap::gaps(lines, places.name) {
        if marks.iter().all(|mark| mark.bbox.intersection(gap.bbox).is_empty()) {
            let mark = FoundMark::new(gap.bbox, MarkStyle::Solid, Hides::Line(gap.line));
            marks.push(FoundMark { blank: true, illegible: true, ..mark });
        }
    }
    for (index, next) in between::next_covers(&marks).into_iter().enumerate() {
        marks[index].next = next.or(marks[index].next);
    }
    marks
}

/// Adds what hides the beginning and the end of a name or unit of which the middle was read, unless it is known. On bare
/// paper both must have just the room for what is missing.
fn add_middle(page: &Raster, marks: &mut Vec<FoundMark>, middle: gap::Middle, paper: u8) {
    let gap::Middle { before, after, is_fitting } = middle;
    let is_at = |mark: &FoundMark, gap: Bbox| mark.is_block() && gap.covered_by(mark.bbox) > 0.5;
    if marks.iter().any(|mark| is_at(mark, before.bbox)) && marks.iter().any(|mark| is_at(mark, after.bbox)) {
        return;
    }
    let is_hidden = |gap: Bbox| solid::inked_share(&page.pixels, gap, paper) >= LEAST_HIDDEN;
    let (before_hidden, after_hidden) = (is_hidden(before.bbox), is_hidden(after.bbox));
    if !is_fitting && !before_hidden && !after_hidden {
        return;
    }
    let mark = FoundMark::new(before.bbox, MarkStyle::Solid, Hides::Line(before.line));
    marks.push(FoundMark { blank: !before_hidden, illegible: true, next: Some(after.bbox), ..mark });
}

/// Adds a mosaic or blur in the place of what looks less like a cover; what is in a seal or on a face is worn ink or skin.
fn add_smudge(marks: &mut Vec<FoundMark>, smudge: smudge::Smudge, line: usize, places: &Places<'_>) {
    let mut bbox = smudge.bbox;
    let is_in = |place: &Bbox| bbox.covered_by(place.expanded(place.width() / 4, place.height() / 2)) > 0.3;
    // One block of a mosaic is of one colour.
    let is_same = |mark: &FoundMark| bbox.covered_by(mark.bbox) > 0.3 || mark.bbox.covered_by(bbox) > 0.5;
    let is_vague = |mark: &FoundMark| {
        mark.illegible || mark.slight || mark.style == MarkStyle::Translucent || bbox.covered_by(mark.bbox) < 0.3
    };
    if places.seals.iter().any(|seal| bbox.covered_by(*seal) > 0.3)
        || places.faces.iter().any(is_in)
        || marks.iter().any(|mark| is_same(mark) && !is_vague(mark))
    {
        return;
    }
    marks.retain(|mark| !is_same(mark));
    for read in places.identity.iter().filter(|read| read.covered_by(smudge.bbox) > 0.4) {
        bbox = bbox.union(*read);
    }
    marks.push(FoundMark { block: smudge.block, ..FoundMark::new(bbox, smudge.style, Hides::Line(line)) });
}

/// True for a blot that is as low or as narrow as a stroke of a seal's characters.
fn is_small_in(blot: Bbox, seal: Bbox) -> bool {
    /// Width of such strokes in that of the seal: characters are a seventh of it, bold ones have strokes a sixth as wide.
    const STROKE: f32 = 0.06;
    let side = seal.width().min(seal.height()) as f32;
    (blot.width().min(blot.height()) as f32) < side * STROKE
}

/// Joins blocks of one colour that go on into one another: what shows through a dark veil cuts it up.
fn join_parts(page: &Raster, marks: &mut Vec<FoundMark>, paper: u8) {
    /// Gap between two parts in their height.
    const GAP: i32 = 1;
    /// Channel difference between two parts.
    const LIKE: u8 = 24;
    /// Share of the gap that must be dark.
    const DARK: f32 = 0.8;
    let is_continued = |a: &FoundMark, b: &FoundMark| {
        let (Some(one), Some(other)) = (a.colour, b.colour) else { return false };
        let between = Bbox::from_ltrb(
            a.bbox.right - 1,
            a.bbox.top.max(b.bbox.top),
            b.bbox.left + 1,
            a.bbox.bottom.min(b.bbox.bottom),
        );
        let inner = between.expanded(0, -between.height() / 5);
        a.style == MarkStyle::Solid
            && b.style == MarkStyle::Solid
            && (0..3).all(|c| one[c].abs_diff(other[c]) <= LIKE)
            && between.height() * 3 >= a.bbox.height().max(b.bbox.height()) * 2
            && b.bbox.left >= a.bbox.right - 2
            && between.width() <= GAP * between.height()
            && solid::inked_share(&page.pixels, inner, paper) >= DARK
    };
    let pairs = |count: usize| (0..count).flat_map(move |i| (0..count).filter(move |&j| j != i).map(move |j| (i, j)));
    while let Some((i, j)) = pairs(marks.len()).find(|&(i, j)| is_continued(&marks[i], &marks[j])) {
        let part = marks[j].clone();
        marks[i].bbox = marks[i].bbox.union(part.bbox);
        marks[i].slight &= part.slight;
        marks.remove(j);
    }
}

/// Share of an interruption that is dark or coloured, from which something covers it; bold print has less.
const LEAST_HIDDEN: f32 = 0.45;

/// Height of a soft cover over an unread line in the usual line's thickness up to which it may hide text.
const MOST_UNREAD: f32 = 2.5;

fn median(values: &mut [f32]) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}

/// True for a line that reads as more than one character; stickers and blocks are read as one.
fn is_print(line: &TextLine) -> bool {
    let text = line.text();
    let letters = text.chars().filter(|c| c.is_alphanumeric() && !band::LIKE_BLOCKS.contains(*c)).count();
    letters >= 2 && line.lattice.score() > 0.6
}

#[cfg(test)]
mod tests;
