//! Page raster + text lines → every cover on the page. The kinds of covers are looked for one after another, the surest
//! first: what is found later is added where nothing was found yet, or takes the place of what looks less like a cover.

use super::band::{Band, is_print};
use super::usual;
use super::window::Usual;
use super::{FoundMark, Hides, MarkParams, Means, Places};
use super::{between, blank, block, broken_off, covers, crease, gap, items, scribble, shorn, smudge, solid};
use crate::geometry::Bbox;
use crate::ocr::TextLine;
use crate::raster::Raster;
use crate::report::MarkStyle;

/// Share of an interruption that is dark or coloured, from which something covers it; bold print has less.
const LEAST_HIDDEN: f32 = 0.45;
/// Share of a place that is taken for covered, read or a part of something else when so much of it lies there.
const MOSTLY: f32 = 0.4;

/// Every cover on a page that interrupts one of its lines, a seal or a face.
pub fn find(page: &Raster, lines: &[TextLine], places: &Places<'_>, params: &MarkParams) -> Vec<FoundMark> {
    let bands: Vec<Band> = (0..lines.len()).filter_map(|index| Band::of(page, lines, index, places.identity)).collect();
    let usual = usual::usual(&bands, usual::slope(lines), &params.window);
    let paper = usual.as_ref().map_or(255, |usual| usual.paper);
    let usual_thickness = usual::usual_thickness(lines);
    let mut search = Search { page, lines, places, paper, usual_thickness, marks: Vec::new() };
    if let Some(usual) = &usual {
        search.add_covers(&bands, usual, params);
        search.add_blocks(usual);
        search.add_smudges(&bands, usual);
    }
    search.join_parts();
    search.add_blocks_on(places.seals, Hides::Seal);
    search.add_blocks_on(places.faces, Hides::Face);
    search.add_blanks(&bands);
    search.add_shorn();
    search.add_interruptions();
    search.add_middles();
    search.add_unread_items();
    search.add_scribbles();
    search.add_gaps();
    search.add_broken_off();
    search.tie_neighbours();
    search.marks
}

/// What was found so far.
struct Search<'a> {
    page: &'a Raster,
    lines: &'a [TextLine],
    places: &'a Places<'a>,
    /// Luma of the page's paper.
    paper: u8,
    /// Thickness of its lines of print, pixels.
    usual_thickness: f32,
    marks: Vec<FoundMark>,
}

impl Search<'_> {
    /// What lies in or beside the lines' bands.
    fn add_covers(&mut self, bands: &[Band], usual: &Usual, params: &MarkParams) {
        /// Share of a blot, and of any other cover, that another cover may take.
        const MOST_OF_BLOT: f32 = 0.1;
        const MOST: f32 = 0.5;
        for band in bands {
            for found in covers::covers(self.page, band, self.lines, usual, params) {
                let found = self.with_what_was_read_through(found);
                let is_blot = found.style == MarkStyle::Solid && found.colour.is_none();
                let most = if is_blot { MOST_OF_BLOT } else { MOST };
                if !self.is_stamp(&found)
                    && !self.is_texture(&found, &self.lines[band.line])
                    && !self.is_taken(found.bbox, most)
                    && !self.is_crease(found.style, found.bbox)
                {
                    self.marks.push(found);
                }
            }
        }
    }

    /// What was read through a cover is under it from end to end.
    fn with_what_was_read_through(&self, mut found: FoundMark) -> FoundMark {
        if !found.is_opaque() && !found.illegible {
            for &read in self.places.identity {
                if read.covered_by(found.bbox) > MOSTLY {
                    found.bbox = found.bbox.union(read);
                }
            }
        }
        found
    }

    /// Worn ink of a stamp is soft and pale; where it crosses print there are blots.
    fn is_stamp(&self, found: &FoundMark) -> bool {
        self.places.seals.iter().any(|&seal| {
            found.bbox.covered_by(seal) > MOSTLY && (found.style != MarkStyle::Solid || is_small_in(found.bbox, seal))
        })
    }

    /// Wood and cloth beside a photographed sheet are taken for one line.
    fn is_texture(&self, found: &FoundMark, line: &TextLine) -> bool {
        /// Height of a soft cover over an unread line in the usual line's thickness up to which it may hide text.
        const MOST_UNREAD: f32 = 2.5;
        let side = found.bbox.width().min(found.bbox.height()) as f32;
        found.style == MarkStyle::Blur
            && !is_print(line)
            && (side > self.usual_thickness * MOST_UNREAD
                || found.bbox.expanded(2, 2).covered_by(self.page.bbox()) < 1.0)
    }

    /// Print on a fold is in its shadow, and so is what lies between.
    fn is_crease(&self, style: MarkStyle, place: Bbox) -> bool {
        style == MarkStyle::Blur && crease::is_crease(self.page, self.lines, place, self.usual_thickness)
    }

    fn is_taken(&self, place: Bbox, most: f32) -> bool {
        self.marks.iter().any(|mark| place.covered_by(mark.bbox) > most)
    }

    fn is_free(&self, place: Bbox) -> bool {
        self.marks.iter().all(|mark| mark.bbox.intersection(place).is_empty())
    }

    /// Adds a mark where nothing was found yet.
    fn add_where_free(&mut self, mark: FoundMark) {
        if self.is_free(mark.bbox) {
            self.marks.push(mark);
        }
    }

    /// Blocks between the lines.
    fn add_blocks(&mut self, usual: &Usual) {
        for found in block::blocks(self.page, self.lines, usual) {
            self.add_where_free(found);
        }
    }

    /// Fine mosaics and blurs.
    fn add_smudges(&mut self, bands: &[Band], usual: &Usual) {
        for band in bands {
            for smudge in smudge::smudges(self.page, band, self.lines, usual) {
                self.add_smudge(smudge, band.line);
            }
        }
    }

    /// Adds a mosaic or blur in the place of what looks less like a cover; what is in a seal or on a face is worn ink or
    /// skin.
    fn add_smudge(&mut self, smudge: smudge::Smudge, line: usize) {
        /// Share of one in another from which both are in one place.
        const SHARED: f32 = 0.3;
        /// Share of a mark in a mosaic from which it is one of its blocks, which are of one colour.
        const WITHIN: f32 = 0.5;
        let mut bbox = smudge.bbox;
        let is_in = |place: &Bbox| bbox.covered_by(place.expanded(place.width() / 4, place.height() / 2)) > SHARED;
        let is_same = |mark: &FoundMark| bbox.covered_by(mark.bbox) > SHARED || mark.bbox.covered_by(bbox) > WITHIN;
        let is_vague = |mark: &FoundMark| {
            mark.illegible || mark.slight || mark.style == MarkStyle::Translucent || bbox.covered_by(mark.bbox) < SHARED
        };
        if self.places.seals.iter().any(|seal| bbox.covered_by(*seal) > SHARED)
            || self.places.faces.iter().any(is_in)
            || self.marks.iter().any(|mark| is_same(mark) && !is_vague(mark))
            || self.is_crease(smudge.style, bbox)
        {
            return;
        }
        self.marks.retain(|mark| !is_same(mark));
        for read in self.places.identity.iter().filter(|read| read.covered_by(smudge.bbox) > MOSTLY) {
            bbox = bbox.union(*read);
        }
        self.marks.push(FoundMark { block: smudge.block, ..FoundMark::new(bbox, smudge.style, Hides::Line(line)) });
    }

    /// Joins blocks of one colour that go on into one another: what shows through a dark veil cuts it up.
    fn join_parts(&mut self) {
        let pairs =
            |count: usize| (0..count).flat_map(move |i| (0..count).filter(move |&j| j != i).map(move |j| (i, j)));
        let is_one =
            |&(i, j): &(usize, usize), marks: &[FoundMark]| is_continued(self.page, self.paper, &marks[i], &marks[j]);
        while let Some((i, j)) = pairs(self.marks.len()).find(|pair| is_one(pair, &self.marks)) {
            let part = self.marks[j].clone();
            self.marks[i].bbox = self.marks[i].bbox.union(part.bbox);
            self.marks[i].slight &= part.slight;
            self.marks.remove(j);
        }
    }

    /// Blocks on seals or faces.
    fn add_blocks_on(&mut self, places: &[Bbox], hides: Hides) {
        for &place in places {
            for (bbox, colour) in solid::blocks_in(&self.page.pixels, place) {
                if !self.is_taken(bbox, 0.5) {
                    self.marks
                        .push(FoundMark { colour: Some(colour), ..FoundMark::new(bbox, MarkStyle::Solid, hides) });
                }
            }
        }
    }

    /// Fields that ask for the name or unit and show nothing.
    fn add_blanks(&mut self, bands: &[Band]) {
        for blank in blank::blanks(bands, self.lines) {
            self.add_where_free(FoundMark { blank: true, ..solid_in(blank.line, blank.bbox) });
        }
    }

    /// Characters of which the paper's colour covers half.
    fn add_shorn(&mut self) {
        for shorn in shorn::shorn(self.page, self.lines) {
            let is_open =
                |mark: &FoundMark| mark.style == MarkStyle::Solid || mark.bbox.intersection(shorn.bbox).is_empty();
            if self.marks.iter().all(is_open) {
                let mark = solid_in(shorn.line, shorn.bbox);
                self.marks.push(FoundMark { blank: true, strokes: Some(shorn.strokes), ..mark });
            }
        }
    }

    /// Gaps within what was read of the name or unit.
    fn add_interruptions(&mut self) {
        for gap in self.keywords().flat_map(|keyword| gap::interruptions(self.lines, keyword)).collect::<Vec<_>>() {
            if self.is_free(gap.bbox) {
                // Something there hides the rest; bare paper may be the setting's.
                let is_hidden = self.is_inked(gap.bbox);
                let mark = solid_in(gap.line, gap.bbox);
                self.marks.push(FoundMark { blank: !is_hidden, illegible: !is_hidden, ..mark });
            }
        }
    }

    /// Both ends of a name or unit of which the middle was read.
    fn add_middles(&mut self) {
        for middle in self.keywords().flat_map(|keyword| gap::middles(self.lines, keyword)).collect::<Vec<_>>() {
            let whole = middle.before.bbox.union(middle.after.bbox);
            // Where it was read, if with doubt, or stands in a seal, that is told already.
            let is_told = |place: &Bbox| !place.intersection(whole).is_empty();
            if !self.places.identity.iter().chain(self.places.seals).any(is_told) {
                self.add_middle(middle);
            }
        }
    }

    /// Adds what hides the beginning and the end of a name or unit, unless it is known. On bare paper both must have just
    /// the room for what is missing.
    fn add_middle(&mut self, middle: gap::Middle) {
        let gap::Middle { before, after, is_fitting } = middle;
        let is_block_at = |gap: Bbox| self.marks.iter().any(|mark| mark.is_block() && gap.covered_by(mark.bbox) > 0.5);
        if is_block_at(before.bbox) && is_block_at(after.bbox) {
            return;
        }
        let (before_hidden, after_hidden) = (self.is_inked(before.bbox), self.is_inked(after.bbox));
        if is_fitting || before_hidden || after_hidden {
            let mark = solid_in(before.line, before.bbox);
            self.marks.push(FoundMark { blank: !before_hidden, illegible: true, next: Some(after.bbox), ..mark });
        }
    }

    /// Items of a list, one of which could not be read.
    fn add_unread_items(&mut self) {
        /// Share of an item in a mark from which the mark tells of it already.
        const TOLD: f32 = 0.3;
        /// Share of what is illegible in an item from which it is a part of it.
        const PART: f32 = 0.7;
        for item in items::unread(self.lines) {
            let is_open = self.marks.iter().all(|mark| item.bbox.covered_by(mark.bbox) < TOLD || mark.illegible)
                && self.places.identity.iter().all(|read| read.intersection(item.bbox).is_empty());
            if is_open {
                let around = item.bbox.expanded(4, 8);
                self.marks.retain(|mark| !(mark.illegible && mark.bbox.covered_by(around) > PART));
                let mark = FoundMark::new(item.bbox, MarkStyle::Blur, Hides::Line(item.line));
                self.marks.push(FoundMark { illegible: true, ..mark });
            }
        }
    }

    /// A pen's strokes.
    fn add_scribbles(&mut self) {
        /// Share of a scribble that a mark may take which strokes that lie close look like, a blot or a mosaic, and that any
        /// other may take.
        const MOST_OF_BLOT: f32 = 0.3;
        const MOST: f32 = 0.8;
        for scribble in scribble::scribbles(self.page, self.lines, self.places.identity) {
            let is_like = |mark: &FoundMark| mark.colour.is_some() || mark.style == MarkStyle::Mosaic;
            let most = |mark: &FoundMark| if is_like(mark) { MOST_OF_BLOT } else { MOST };
            if self.marks.iter().all(|mark| scribble.bbox.covered_by(mark.bbox) < most(mark)) {
                let mark = FoundMark::new(scribble.bbox, MarkStyle::Translucent, Hides::Line(scribble.line));
                self.marks.push(FoundMark { illegible: true, means: Means::Pen, ..mark });
            }
        }
    }

    /// Gaps beside a part of the name.
    fn add_gaps(&mut self) {
        for gap in gap::gaps(self.lines, self.places.name) {
            self.add_where_free(FoundMark { blank: true, illegible: true, ..solid_in(gap.line, gap.bbox) });
        }
    }

    /// Gaps behind the beginning of the unit.
    fn add_broken_off(&mut self) {
        for gap in broken_off::broken_off(self.lines, self.places.unit) {
            // Where more of it was read it does not break off.
            let is_told = |read: &Bbox| !read.intersection(gap.bbox.expanded(gap.bbox.height(), 0)).is_empty();
            if !self.places.identity.iter().any(is_told) {
                self.add_where_free(FoundMark { blank: true, illegible: true, ..solid_in(gap.line, gap.bbox) });
            }
        }
    }

    /// Tells each cover the next one of its row.
    fn tie_neighbours(&mut self) {
        let next = between::next_covers(&self.marks);
        for (mark, next) in self.marks.iter_mut().zip(next) {
            mark.next = next.or(mark.next);
        }
    }

    fn keywords(&self) -> impl Iterator<Item = &str> {
        [self.places.name, self.places.unit].into_iter()
    }

    fn is_inked(&self, place: Bbox) -> bool {
        solid::inked_share(&self.page.pixels, place, self.paper) >= LEAST_HIDDEN
    }
}

fn solid_in(line: usize, bbox: Bbox) -> FoundMark {
    FoundMark::new(bbox, MarkStyle::Solid, Hides::Line(line))
}

/// True for a blot that is as low or as narrow as a stroke of a seal's characters.
fn is_small_in(blot: Bbox, seal: Bbox) -> bool {
    /// Width of such strokes in that of the seal: characters are a seventh of it, bold ones have strokes a sixth as wide.
    const STROKE: f32 = 0.06;
    let side = seal.width().min(seal.height()) as f32;
    (blot.width().min(blot.height()) as f32) < side * STROKE
}

/// True for a block that goes on in another one of its colour to its right.
fn is_continued(page: &Raster, paper: u8, block: &FoundMark, other: &FoundMark) -> bool {
    /// Gap between two parts in their height.
    const GAP: i32 = 1;
    /// Channel difference between two parts.
    const LIKE: u8 = 24;
    /// Share of the gap that must be dark.
    const DARK: f32 = 0.8;
    let (Some(own), Some(its)) = (block.colour, other.colour) else { return false };
    let between = Bbox::from_ltrb(
        block.bbox.right - 1,
        block.bbox.top.max(other.bbox.top),
        other.bbox.left + 1,
        block.bbox.bottom.min(other.bbox.bottom),
    );
    let inner = between.expanded(0, -between.height() / 5);
    block.style == MarkStyle::Solid
        && other.style == MarkStyle::Solid
        && (0..3).all(|c| own[c].abs_diff(its[c]) <= LIKE)
        && between.height() * 3 >= block.bbox.height().max(other.bbox.height()) * 2
        && other.bbox.left >= block.bbox.right - 2
        && between.width() <= GAP * between.height()
        && solid::inked_share(&page.pixels, inner, paper) >= DARK
}
