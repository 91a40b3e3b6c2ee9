//! A text line with what lies before and after it, straightened to a strip of pixels at the page's own scale.

use super::glyphs;
use super::window::{Usual, darkest_paper, is_inked};
use crate::geometry::{Bbox, Point, Quad};
use crate::ocr::TextLine;
use crate::raster::{Raster, luma};

/// How far before and after a line covers are looked for, in line heights: a covered name or unit may be a line
/// of its own after its label.
const REACH: f32 = 12.0;
/// Strip height in line heights: covers are a little higher than the line.
const HEIGHT: f32 = 1.1;
/// Stretches over which paper is of one shade, in line heights.
const STRETCH: usize = 6;
/// Posterior from which a character counts as read.
const READ: f32 = 0.6;
/// Posterior from which it may have been read: characters of print that is hard to read have 0.4 and more.
const MAYBE: f32 = 0.35;
/// What is printed in the place of a name that was taken out: nothing is under it.
const CROSSES: &str = "*＊×✕✖";
/// What blocks, rules and mosaics are read as.
pub(super) const LIKE_BLOCKS: &str = "一二三口日目田回国曰囗丨ロ〇○●■□Il1O0";

/// Pixels along a quad, nearest ones, so that a mosaic's lattice and a cover's evenness stay as they are.
pub(super) struct Strip {
    pub(super) width: usize,
    /// Row by row.
    pub(super) pixels: Vec<[u8; 3]>,
    /// The same in grey.
    pub(super) luma: Vec<u8>,
}

impl Strip {
    pub(super) fn height(&self) -> usize {
        self.luma.len() / self.width.max(1)
    }
}

/// The strip between shares `from` and `to` of a quad's thickness; white outside the page.
pub(super) fn sampled(page: &Raster, quad: &Quad, from: f32, to: f32) -> Strip {
    let (length, thickness) = (quad.length().max(1.0), quad.thickness().max(1.0));
    let width = length.round().max(1.0) as usize;
    let height = (thickness * (to - from)).round().max(1.0) as usize;
    let [a, b, _, d] = quad.0;
    let along = ((b.x - a.x) / width as f32, (b.y - a.y) / width as f32);
    let across = ((d.x - a.x) / thickness, (d.y - a.y) / thickness);
    let shift = (thickness * from).round();
    let (columns, rows) = (page.width() as usize, page.height() as usize);
    let raw = page.pixels.as_raw();
    let mut pixels = Vec::with_capacity(width * height);
    // Upright on whole pixels: rows are copied as they are.
    let is_copy = along == (1.0, 0.0) && across == (0.0, 1.0) && a.x.fract() == 0.0 && a.y.fract() == 0.0;
    for row in 0..height {
        let s = shift + row as f32 + 0.5;
        if is_copy {
            let (left, y) = (a.x as i32, (a.y + s).floor() as i32);
            let (from, to) = (left.clamp(0, columns as i32), (left + width as i32).clamp(0, columns as i32));
            if y < 0 || y as usize >= rows || from >= to {
                pixels.resize(pixels.len() + width, [255; 3]);
                continue;
            }
            pixels.resize(pixels.len() + (from - left) as usize, [255; 3]);
            let at = y as usize * columns;
            let line = &raw[(at + from as usize) * 3..(at + to as usize) * 3];
            pixels.extend_from_slice(line.as_chunks::<3>().0);
            pixels.resize((row + 1) * width, [255; 3]);
            continue;
        }
        let (mut x, mut y) = (a.x + across.0 * s + along.0 * 0.5, a.y + across.1 * s + along.1 * 0.5);
        for _ in 0..width {
            let inside = x >= 0.0 && y >= 0.0 && (x as usize) < columns && (y as usize) < rows;
            pixels.push(if inside {
                let at = (y as usize * columns + x as usize) * 3;
                [raw[at], raw[at + 1], raw[at + 2]]
            } else {
                [255; 3]
            });
            x += along.0;
            y += along.1;
        }
    }
    let luma = pixels.iter().copied().map(luma).collect();
    Strip { width, pixels, luma }
}

/// A straight strip of the page along a line.
pub(super) struct Band {
    /// Index of the line.
    pub(super) line: usize,
    pub(super) strip: Strip,
    /// The strip on the page.
    pub(super) quad: Quad,
    /// Columns of the strip that the line itself takes.
    pub(super) own: [usize; 2],
    /// Luma of the paper by stretches of the strip: the light is uneven in photos.
    papers: Vec<u8>,
    /// Columns of a stretch.
    stretch: usize,
    /// Columns where the applicant's name or unit was read.
    suspect: Vec<bool>,
    /// Columns with a character that was read without doubt: no cover lies there.
    pub(super) read: Vec<bool>,
    /// Columns with anything that reads as a letter, a digit or a character, even one that a block may be taken for.
    legible: Vec<bool>,
    /// Darkest and lightest luma of each column, rims left out.
    pub(super) lows: Vec<u8>,
    pub(super) highs: Vec<u8>,
}

impl Band {
    /// The band of a line; `None` for one too thin to hold a cover. Characters at `suspects` may be seen through a
    /// cover.
    pub(super) fn of(page: &Raster, lines: &[TextLine], index: usize, suspects: &[Bbox]) -> Option<Self> {
        let quad = tightened(&lines[index]);
        let (length, thickness) = (quad.length(), quad.thickness());
        if thickness < 8.0 || length < 4.0 {
            return None;
        }
        let height = (thickness * HEIGHT).round();
        let [a, b, _, d] = quad.0;
        let along = Point::new((b.x - a.x) / length, (b.y - a.y) / length);
        let across = Point::new((d.x - a.x) / thickness, (d.y - a.y) / thickness);
        let whole = page.bbox();
        let inside = |t: f32| {
            let p = Point::new(
                a.x + along.x * t + across.x * thickness / 2.0,
                a.y + along.y * t + across.y * thickness / 2.0,
            );
            let free = lines.iter().enumerate().all(|(i, line)| i == index || !line.quad.bbox().contains(p));
            free && whole.contains(p)
        };
        let step = thickness / 2.0;
        let most = (REACH * 2.0) as usize;
        let before = ((1..=most).take_while(|&i| inside(-(i as f32) * step)).count() as f32 * step).floor();
        let after = ((1..=most).take_while(|&i| inside(length + i as f32 * step)).count() as f32 * step).floor();
        let rise = ((height - thickness) / 2.0).round();
        let at = |t: f32, s: f32| Point::new(a.x + along.x * t + across.x * s, a.y + along.y * t + across.y * s);
        let (from, to) = (-before, length + after);
        let quad = Quad([at(from, -rise), at(to, -rise), at(to, height - rise), at(from, height - rise)]);
        let strip = sampled(page, &quad, 0.0, 1.0);
        let own = [before as usize, ((before + length) as usize).min(strip.width)];
        let mut read = vec![false; strip.width];
        let suspects: Vec<Bbox> =
            suspects.iter().copied().filter(|s| !s.intersection(lines[index].quad.bbox()).is_empty()).collect();
        let mut suspect = vec![false; strip.width];
        let mut legible = vec![false; strip.width];
        mark_read(&lines[index], own, thickness, &suspects, [&mut read, &mut suspect, &mut legible]);
        let stretch = (height as usize * STRETCH).max(1);
        let papers = papers_of(&strip, stretch);
        let (lows, highs) = extremes(&strip);
        Some(Self { line: index, strip, quad, own, papers, stretch, suspect, read, legible, lows, highs })
    }

    /// Luma of the paper about a column.
    pub(super) fn paper(&self, column: usize) -> u8 {
        self.papers.get(column / self.stretch).copied().unwrap_or(255)
    }

    /// True when the applicant's name or unit was read between two columns.
    pub(super) fn is_suspect(&self, from: usize, to: usize) -> bool {
        self.suspect[from..to].iter().any(|&suspect| suspect)
    }

    /// Share of some columns with anything darker than paper and its grain.
    pub(super) fn shaded_share(&self, from: usize, to: usize, usual: &Usual) -> f32 {
        let shaded = (from..to).filter(|&x| self.is_shaded(x, usual)).count();
        shaded as f32 / (to - from).max(1) as f32
    }

    /// True for a column with something darker than paper and its grain.
    pub(super) fn is_shaded(&self, column: usize, usual: &Usual) -> bool {
        /// Luma under the paper's, and in deviations of its grain: the darkest of a column's forty pixels is 2.3 of
        /// them away.
        const SHADE: f32 = 24.0;
        const GRAIN: f32 = 5.0;
        /// The same under the lightest within a line's height: uneven light changes slowly.
        const NEAR: f32 = 12.0;
        let shade = SHADE.max(usual.noise * GRAIN);
        let low = f32::from(self.lows[column]);
        let reach = self.height();
        let near = &self.highs[column.saturating_sub(reach)..(column + reach).min(self.highs.len())];
        low + shade < f32::from(self.paper(column).min(usual.paper))
            && low + NEAR.max(usual.noise * GRAIN) < f32::from(near.iter().copied().max().unwrap_or(255))
    }

    /// Share of the strip's rows, rims left out, with ink between two columns.
    pub(super) fn inked_rows(&self, from: usize, to: usize) -> f32 {
        let (width, height) = (self.width(), self.height());
        let rows = height / 5..height - height / 5;
        let dark = darkest_paper(self.paper(usize::midpoint(from, to)));
        let inked = |y: &usize| self.strip.luma[y * width + from..y * width + to].iter().any(|&luma| luma < dark);
        rows.clone().filter(inked).count() as f32 / rows.len().max(1) as f32
    }

    /// Most columns in a row with nothing but ink in the middle fifth of the strip.
    pub(super) fn longest_filled(&self, from: usize, to: usize) -> usize {
        let (width, height) = (self.width(), self.height());
        let rows = height * 2 / 5..(height * 3).div_ceil(5);
        let is_filled = |x: usize| rows.clone().all(|y| is_inked(self.strip.pixels[y * width + x], self.paper(x)));
        let (longest, _) = (from..to).fold((0, 0), |(longest, run), x| {
            let run = if is_filled(x) { run + 1 } else { 0 };
            (longest.max(run), run)
        });
        longest
    }

    /// Share of some columns in which something in the middle is darker than what lies above and below it, as print is,
    /// sharp or soft; a shadow's edge or a picture is not.
    pub(super) fn sunk_share(&self, from: usize, to: usize, usual: &Usual) -> f32 {
        /// Luma under that above and below; print under the strongest blur tried (12 px) leaves 20.
        const SUNK: f32 = 8.0;
        /// Columns and rows whose mean is taken: a scan's grain goes down to a quarter.
        const COLUMNS: usize = 2;
        const ROWS: usize = 3;
        let (width, height) = (self.width(), self.height());
        let rim = (height / 8).max(2);
        let mean = |x: usize, rows: std::ops::Range<usize>| {
            let columns = x.saturating_sub(COLUMNS)..(x + COLUMNS + 1).min(width);
            let count = (columns.len() * rows.len()).max(1) as f32;
            let sum: u32 = rows
                .flat_map(|y| &self.strip.luma[y * width + columns.start..y * width + columns.end])
                .map(|&luma| u32::from(luma))
                .sum();
            sum as f32 / count
        };
        let least = SUNK + usual.noise;
        let is_sunk = |x: &usize| {
            let around = mean(*x, 0..rim).min(mean(*x, height - rim..height));
            (rim..height - rim - ROWS).step_by(ROWS).any(|y| mean(*x, y..y + ROWS) + least < around)
        };
        let columns = (from..to).step_by(COLUMNS);
        let all = columns.len().max(1) as f32;
        columns.filter(is_sunk).count() as f32 / all
    }

    /// How far the middle of some columns lies above or below the row of the line, pixels, when rows have this slope.
    pub(super) fn drift(&self, from: usize, to: usize, slope: f32) -> f32 {
        let [a, b, ..] = self.quad.0;
        let own = (b.x - a.x).abs();
        if own <= (b.y - a.y).abs() {
            return 0.0;
        }
        let middle = |from: usize, to: usize| (from + to) as f32 / 2.0;
        let along = (middle(from, to) - middle(self.own[0], self.own[1])).abs() - middle(0, self.own[1] - self.own[0]);
        (slope - (b.y - a.y) / (b.x - a.x)).abs() * along.max(0.0)
    }

    /// Some columns without what was read at either end.
    pub(super) fn unread_part(&self, from: usize, to: usize) -> Option<(usize, usize)> {
        let first = (from..to).find(|&x| !self.read[x])?;
        let last = (from..to).rfind(|&x| !self.read[x])?;
        Some((first, last + 1))
    }

    /// Share of some columns where something was read, if perhaps wrongly.
    pub(super) fn legible_share(&self, from: usize, to: usize) -> f32 {
        let legible = self.legible[from..to].iter().filter(|&&legible| legible).count();
        legible as f32 / (to - from).max(1) as f32
    }

    pub(super) fn width(&self) -> usize {
        self.strip.width
    }

    pub(super) fn height(&self) -> usize {
        self.strip.height()
    }

    /// The part between two columns, on the page.
    pub(super) fn on_page(&self, from: usize, to: usize) -> Bbox {
        let width = self.width().max(1) as f32;
        self.quad.slice(from as f32 / width, to as f32 / width).bbox()
    }
}

/// Darkest and lightest luma of each column. The first and last rows may hold rules or a cover's edge.
fn extremes(strip: &Strip) -> (Vec<u8>, Vec<u8>) {
    let (mut lows, mut highs) = (vec![255u8; strip.width], vec![0u8; strip.width]);
    let rim = strip.height() / 5;
    for row in strip.luma.chunks_exact(strip.width).take(strip.height() - rim).skip(rim) {
        for ((low, high), &luma) in lows.iter_mut().zip(&mut highs).zip(row) {
            *low = luma.min(*low);
            *high = luma.max(*high);
        }
    }
    (lows, highs)
}

/// The luma of paper in each stretch: what 85 % of it and of its neighbours do not exceed, so that a long cover is not
/// taken for paper; and no darker than shade makes it.
fn papers_of(strip: &Strip, stretch: usize) -> Vec<u8> {
    /// Darkest paper of a strip against its lightest.
    const SHADE: f32 = 0.55;
    let own: Vec<u8> = (0..strip.width)
        .step_by(stretch)
        .map(|from| {
            let to = (from + stretch).min(strip.width);
            let mut histogram = [0usize; 256];
            for row in strip.luma.chunks_exact(strip.width) {
                row[from..to].iter().for_each(|&luma| histogram[usize::from(luma)] += 1);
            }
            let mut left = (to - from) * strip.height() * 15 / 100;
            (0..=255u8)
                .rev()
                .find(|&luma| {
                    let count = histogram[usize::from(luma)];
                    let found = count > left;
                    left = left.saturating_sub(count);
                    found
                })
                .unwrap_or(255)
        })
        .collect();
    let lightest = own.iter().copied().max().unwrap_or(255);
    let least = (f32::from(lightest) * SHADE) as u8;
    (0..own.len())
        .map(|i| own[i.saturating_sub(1)..(i + 2).min(own.len())].iter().copied().max().unwrap_or(255).max(least))
        .collect()
}

/// Notes the columns of characters that were read without doubt.
fn mark_read(
    line: &TextLine,
    own: [usize; 2],
    thickness: f32,
    suspects: &[Bbox],
    [read, suspect, legible]: [&mut [bool]; 3],
) {
    let per_frame = (own[1] - own[0]) as f32 / line.lattice.frames().max(1) as f32;
    for symbol in line.lattice.best_path() {
        let Some(c) = line.lattice.alphabet().text(symbol.symbol).chars().next() else { continue };
        let is_cross = CROSSES.contains(c);
        if !c.is_alphanumeric() && !is_cross {
            continue;
        }
        let middle = own[0] as f32 + (symbol.frames.start + symbol.frames.end) as f32 / 2.0 * per_frame;
        let half = thickness * if c.is_ascii() { 0.25 } else { 0.4 };
        let (from, to) = ((middle - half).max(0.0) as usize, ((middle + half) as usize).min(read.len()));
        let columns = from.min(to)..to;
        if symbol.score >= MAYBE {
            legible[columns.clone()].fill(true);
        }
        if (symbol.score >= READ || is_cross && symbol.score >= MAYBE) && !LIKE_BLOCKS.contains(c) {
            let at = line.quad_of(&symbol.frames).bbox();
            let is_suspect = suspects.iter().any(|s| at.covered_by(*s) > 0.5);
            let kind = if is_suspect { &mut *suspect } else { &mut *read };
            kind[columns].fill(true);
        }
    }
}

/// A line's quad as high as its type: detection leaves more or less paper around it, by its scale.
fn tightened(line: &TextLine) -> Quad {
    /// Height of a line of print in ems, with a little paper.
    const EMS: f32 = 1.4;
    /// The same in a detected line's thickness, where the type's size is not known.
    const USUAL: f32 = 0.9;
    let thickness = line.quad.thickness();
    let wanted = glyphs::em_of(line).map_or(thickness * USUAL, |em| (em * EMS).clamp(thickness * 0.6, thickness));
    let cut = (1.0 - wanted / thickness.max(1.0)) / 2.0;
    let [a, b, c, d] = line.quad.0;
    levelled(&Quad([a.lerp(d, cut), b.lerp(c, cut), c.lerp(b, cut), d.lerp(a, cut)]))
}

/// A quad that is nearly upright as its bounding box on whole pixels: straightening it then copies pixels,
/// which keeps a mosaic's lattice and a cover's evenness as they are.
fn levelled(quad: &Quad) -> Quad {
    let [a, b, c, d] = quad.0;
    let slant = (b.y - a.y).abs().max((c.y - d.y).abs());
    if b.x > a.x && d.y > a.y && slant < quad.thickness() * 0.35 {
        let round = |x: f32, y: f32| Point::new(x.round(), y.round());
        let (top, bottom) = (f32::midpoint(a.y, b.y), f32::midpoint(c.y, d.y));
        let (left, right) = (a.x.min(d.x), b.x.max(c.x));
        return Quad([round(left, top), round(right, top), round(right, bottom), round(left, bottom)]);
    }
    *quad
}

/// True when print was read in a place: what looks like a block there is what the print stands on.
pub(super) fn holds_print(place: Bbox, lines: &[TextLine]) -> bool {
    /// Share of a line in the place from which it is there.
    const HELD: f32 = 0.7;
    lines.iter().any(|line| line.quad.bbox().covered_by(place) > HELD && is_print(line))
}

/// True for a line that reads as more than one character; stickers and blocks are read as one.
pub(super) fn is_print(line: &TextLine) -> bool {
    let text = line.text();
    let letters = text.chars().filter(|c| c.is_alphanumeric() && !LIKE_BLOCKS.contains(*c)).count();
    letters >= 2 && line.lattice.score() > 0.6
}
