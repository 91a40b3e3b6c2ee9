//! A band → the covers along it: runs of windows of one kind that are no print, paper or picture.

use super::band::{Band, holds_print};
use super::grid::{self, Patch};
use super::runs::{self, Run};
use super::solid::{self, Extent};
use super::window::{self, Class, Usual};
use super::{FoundMark, Hides, MarkParams, coarse, label};
use crate::geometry::Bbox;
use crate::ocr::TextLine;
use crate::raster::Raster;
use crate::report::MarkStyle;

/// The covers along one band.
pub(super) fn covers(
    page: &Raster,
    band: &Band,
    lines: &[TextLine],
    usual: &Usual,
    params: &MarkParams,
) -> Vec<FoundMark> {
    let along = Along { page, band, lines, usual, params };
    let mut found = along.coarse_mosaics();
    let is_coarse = |run: &Run| {
        let place = band.on_page(run.from, run.to);
        found.iter().any(|mark| place.covered_by(mark.bbox.expanded(0, place.height())) > 0.5)
    };
    let others: Vec<FoundMark> = candidates(band, usual, params)
        .into_iter()
        .filter(|run| !along.is_header(run) && !is_coarse(run))
        .filter_map(|run| along.cover(run))
        .collect();
    found.extend(others);
    found
}

/// The runs along a band that may be covers, the surest first.
fn candidates(band: &Band, usual: &Usual, params: &MarkParams) -> Vec<Run> {
    // Blocks of one colour first: their edges are exact. What is weak by its look must not pass for a blot of ink.
    let rank = |run: &Run| match run.class {
        Class::Solid(_) => 0,
        Class::Inked => 2,
        Class::Writing => 3,
        _ => 1,
    };
    let gaps = runs::of_gaps(band, usual, params);
    // A mosaic's blocks are of one colour each, and so is the middle of a coarse blur.
    let is_part = |run: &Run| {
        gaps.iter().any(|gap| {
            gap.class != Class::Writing
                && run.from < gap.to
                && run.to > gap.from
                && (run.to - run.from) * 10 < (gap.to - gap.from) * 6
        })
    };
    // A ragged block of one colour is a blot, too.
    let as_blot = |run: Run| match run.class {
        Class::Solid(colour) if window::is_inked(colour, band.paper(run.from)) => {
            Some(Run { class: Class::Inked, ..run })
        }
        _ => None,
    };
    let windows = runs::of_windows(band, usual, params)
        .into_iter()
        .filter(|run| !matches!(run.class, Class::Paper | Class::Writing))
        .filter(|run| !run.is_block() || !is_part(run))
        .flat_map(|run| std::iter::once(run).chain(as_blot(run)));
    let mut all: Vec<Run> = gaps.iter().copied().chain(windows).collect();
    all.sort_by_key(rank);
    all
}

/// What a cover looks like, and where it is.
struct Look {
    bbox: Bbox,
    style: MarkStyle,
    colour: Option<[u8; 3]>,
    grid: Option<grid::Grid>,
}

impl Look {
    fn of(bbox: Bbox, style: MarkStyle) -> Self {
        Self { bbox, style, colour: None, grid: None }
    }
}

/// A band of a page, and what is usual there.
struct Along<'a> {
    page: &'a Raster,
    band: &'a Band,
    lines: &'a [TextLine],
    usual: &'a Usual,
    params: &'a MarkParams,
}

impl Along<'_> {
    /// The mosaics along the band whose blocks are about as large as a character.
    fn coarse_mosaics(&self) -> Vec<FoundMark> {
        let Self { page, band, params, .. } = *self;
        let is_label = label::exact_label(&self.lines[band.line].text()).is_some();
        let most_gap = if is_label { params.most_field_gap } else { params.most_weak_gap } * self.height();
        coarse::stretches(band, self.usual)
            .into_iter()
            .filter(|&(from, to, _)| runs::gap(band, from, to) as f32 <= most_gap)
            .filter_map(|(from, to, side)| {
                let bbox = band.on_page(from, to);
                let block = Some(side as u32);
                let mark = FoundMark { block, ..FoundMark::new(bbox, MarkStyle::Mosaic, Hides::Line(band.line)) };
                coarse::stands_on_paper(page, bbox, band.paper(usize::midpoint(from, to))).then_some(mark)
            })
            .collect()
    }

    /// True for blocks of the colour on which the line itself is written: a header or a coloured row.
    fn is_header(&self, run: &Run) -> bool {
        /// Channel difference from the block's colour.
        const LIKE: u8 = 30;
        let pixel = |x: usize, y: usize| self.band.strip.pixels[y * self.band.width() + x];
        match run.class {
            Class::Solid(colour) => {
                self.is_ground(run, |x, y| (0..3).all(|c: usize| pixel(x, y)[c].abs_diff(colour[c]) <= LIKE))
            }
            _ => self.is_ground(run, |x, y| window::is_inked(pixel(x, y), self.band.paper(x))),
        }
    }

    /// True when the rest of the line stands on what `belongs` to a block: what lies right above and below it tells.
    fn is_ground(&self, run: &Run, belongs: impl Fn(usize, usize) -> bool) -> bool {
        let height = self.band.height();
        let rest =
            (self.band.own[0]..self.band.own[1]).filter(|x| x + height / 2 < run.from || *x > run.to + height / 2);
        let (mut ground, mut all) = (0, 0);
        for x in rest {
            for y in [height / 8, height - 1 - height / 8] {
                all += 1;
                ground += usize::from(belongs(x, y));
            }
        }
        ground * 2 > all
    }

    /// A run as a cover, unless it is something ordinary.
    fn cover(&self, run: Run) -> Option<FoundMark> {
        if !self.is_near(&run) || self.is_of_another_row(&run) {
            return None;
        }
        let (from, to) = match run.class {
            Class::Blur | Class::Faint => self.band.unread_part(run.from, run.to)?,
            _ => (run.from, run.to),
        };
        let run = Run { from, to, ..run };
        if self.is_shadow(&run) {
            return None;
        }
        let look = self.look(&run)?;
        let slight = self.is_slight(&run, &look)?;
        let stands =
            if look.style == MarkStyle::Solid { self.is_own_block(&run, &look) } else { self.is_alone(&run, &look) };
        if !stands {
            return None;
        }
        let mark = FoundMark::new(look.bbox, look.style, Hides::Line(self.band.line));
        Some(FoundMark {
            colour: look.colour,
            block: look.grid.map(|grid| grid.pitch.round() as u32),
            slight,
            illegible: run.class == Class::Writing,
            grid: look.grid,
            ..mark
        })
    }

    fn height(&self) -> f32 {
        self.band.height() as f32
    }

    fn paper(&self, run: &Run) -> u8 {
        self.band.paper(usize::midpoint(run.from, run.to))
    }

    fn is_level(&self) -> bool {
        let bbox = self.band.quad.bbox();
        bbox.width() >= bbox.height()
    }

    /// True when the run is close enough to the line to belong to it.
    fn is_near(&self, run: &Run) -> bool {
        let (params, height) = (self.params, self.height());
        let gap = run.gap(self.band) as f32;
        let is_field = || {
            label::exact_label(&self.lines[self.band.line].text()).is_some()
                || label::column_label(self.band.on_page(run.from, run.to), self.lines).is_some()
        };
        if matches!(run.class, Class::Solid(_) | Class::Clean | Class::Inked) {
            gap <= params.most_gap * height
        } else {
            gap <= params.most_weak_gap * height || (gap <= params.most_field_gap * height && is_field())
        }
    }

    /// A band that is level leaves its row where rows run aslant, and holds rules and the row above or below.
    fn is_of_another_row(&self, run: &Run) -> bool {
        matches!(run.class, Class::Blur | Class::Faint | Class::Writing)
            && self.band.drift(run.from, run.to, self.usual.slope) > self.params.most_drift * self.height()
    }

    /// Shadows on paper are soft and pale as covers are, but go on above and below.
    fn is_shadow(&self, run: &Run) -> bool {
        let is_sunk = || self.band.sunk_share(run.from, run.to, self.usual) >= self.params.least_sunk;
        let place = || self.band.on_page(run.from, run.to);
        match run.class {
            Class::Blur | Class::Writing => !is_sunk(),
            Class::Faint => !is_sunk() && !solid::is_darker_than_around(&self.page.pixels, place()),
            _ => false,
        }
    }

    /// What the run looks like; `None` for paper, and for what goes on beyond a cover's size.
    fn look(&self, run: &Run) -> Option<Look> {
        let (pixels, place) = (&self.page.pixels, self.band.on_page(run.from, run.to));
        let across = (self.params.most_height * self.height()) as i32 + 1;
        let most = if self.is_level() {
            Extent { width: i32::MAX, height: across }
        } else {
            Extent { width: across, height: i32::MAX }
        };
        Some(match run.class {
            Class::Paper => return None,
            Class::Solid(colour) => self.block(solid::extent(pixels, place, colour, most)?, colour, self.paper(run))?,
            Class::Inked => Look::of(solid::inked_extent(pixels, place, self.paper(run), most)?, MarkStyle::Solid),
            Class::Clean => Look { colour: Some([255; 3]), ..Look::of(place, MarkStyle::Solid) },
            Class::Mosaic(found) => {
                // Away from the ends, where writing may reach into the windows.
                let inset = ((run.to - run.from) / 5).min(self.band.height() / 2);
                let patch = Patch { luma: &self.band.strip.luma, width: self.band.width() };
                let inner = grid::grid(patch, &(run.from + inset..run.to - inset), &self.params.window);
                Look { grid: Some(inner.unwrap_or(found)), ..Look::of(place, MarkStyle::Mosaic) }
            }
            Class::Blur | Class::Writing => Look::of(place, MarkStyle::Blur),
            Class::Faint => Look::of(place, MarkStyle::Translucent),
        })
    }

    /// A block of one colour: one without a sharp edge is a blur, unless it is too high for one.
    fn block(&self, bbox: Bbox, colour: [u8; 3], paper: u8) -> Option<Look> {
        if solid::has_sharp_edge(&self.page.pixels, bbox, colour, paper) {
            return Some(Look { colour: Some(colour), ..Look::of(bbox, MarkStyle::Solid) });
        }
        let across = bbox.width().min(bbox.height()) as f32;
        (across <= self.params.most_soft_height * self.height()).then(|| Look::of(bbox, MarkStyle::Blur))
    }

    /// Whether a cover is so short that it may be a bullet; `None` when it is too short or low for any cover.
    fn is_slight(&self, run: &Run, look: &Look) -> Option<bool> {
        let (params, height) = (self.params, self.height());
        let (long, short) = (look.bbox.width().max(look.bbox.height()), look.bbox.width().min(look.bbox.height()));
        let is_solid = look.style == MarkStyle::Solid;
        // Neighbouring windows overlap; one odd window is no cover.
        let length = if is_solid { long as f32 } else { (run.to - run.from) as f32 };
        let least = match look.style {
            MarkStyle::Solid => params.least_slight,
            MarkStyle::Translucent => params.least_faint,
            _ => params.least_weak,
        };
        let is_whole = length >= least * height;
        let is_long = is_whole || ((run.fills_gap || is_solid) && length >= params.least_slight * height);
        (is_long && short as f32 >= params.least_height * height)
            .then_some(!is_whole || (is_solid && length < params.least_length * height))
    }

    /// True for a block that is no picture, no coloured cell and no writing.
    fn is_own_block(&self, run: &Run, look: &Look) -> bool {
        let (pixels, bbox, paper) = (&self.page.pixels, look.bbox, self.paper(run));
        let across = if self.is_level() { bbox.height() } else { bbox.width() } as f32;
        let holds_writing = || !self.band.is_suspect(run.from, run.to) && holds_print(bbox, self.lines);
        let stands = || match look.colour {
            _ if run.class == Class::Clean => true,
            Some(colour) => {
                solid::stands_on_paper(pixels, bbox, colour, paper)
                    && !solid::is_written_on(pixels, bbox, colour, self.lines)
            }
            None => solid::is_blot(pixels, bbox, paper),
        };
        across <= self.params.most_height * self.height() && !holds_writing() && stands()
    }

    /// True when paper is above and below a soft cover: pictures beside a line go on there.
    fn is_alone(&self, run: &Run, look: &Look) -> bool {
        /// Margins in line heights, one of which must be paper: what was read in a cover may be lower than the cover.
        const MARGINS: [f32; 3] = [0.33, 0.75, 1.2];
        MARGINS.iter().any(|share| {
            let around = look.bbox.expanded(0, (self.height() * share) as i32);
            solid::stands_on_paper(&self.page.pixels, around, [0; 3], self.paper(run))
        })
    }
}
