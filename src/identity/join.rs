//! Keywords split over lines, table cells and columns: chains of neighbouring lines are searched as if they were
//! one line.

use super::Identity;
use super::search::{Found, Prepared};
use super::spot::{Scores, spot};
use crate::geometry::{Point, Quad};

/// Lines in one chain at most: a name of five characters set one below the other, a unit in a narrow table cell.
const LONGEST_CHAIN: usize = 6;
/// A right neighbour lies at most this many line heights away: the padding of two table cells, or a name spaced out.
const WIDEST_CELL_GAP: f32 = 6.0;
/// A line below begins at most this many line heights under the end of the one above.
const WIDEST_LINE_GAP: f32 = 1.6;
/// Neighbours' heights differ by at most this factor.
const HEIGHT_RATIO: f32 = 1.7;
/// Characters beside the keyword's own from which two lines are prose, in the upper and in the lower one.
const PROSE: (usize, usize) = (8, 4);

/// Every character of a keyword must somewhere in a chain be at least this likely to be worth a search.
const WORTH_A_SEARCH: f32 = -8.0;

/// A line in its own text direction: u along the text, v across it downwards.
#[derive(Debug, Clone, Copy)]
struct Placed {
    u0: f32,
    u1: f32,
    v0: f32,
    v1: f32,
    height: f32,
}

impl Placed {
    /// Along and across a common direction given as its cosine and sine.
    fn new(quad: &Quad, cos: f32, sin: f32) -> Self {
        let along = |p: Point| p.x * cos + p.y * sin;
        let across = |p: Point| p.y * cos - p.x * sin;
        let us = quad.0.map(along);
        let vs = quad.0.map(across);
        let least = |v: [f32; 4]| v.into_iter().fold(f32::INFINITY, f32::min);
        let most = |v: [f32; 4]| v.into_iter().fold(f32::NEG_INFINITY, f32::max);
        Self { u0: least(us), u1: most(us), v0: least(vs), v1: most(vs), height: quad.thickness().max(1.0) }
    }

    fn similar_height(&self, other: &Self) -> bool {
        let ratio = self.height / other.height;
        (1.0 / HEIGHT_RATIO..=HEIGHT_RATIO).contains(&ratio)
    }

    fn follows_in_row(&self, next: &Self) -> bool {
        let common = self.v1.min(next.v1) - self.v0.max(next.v0);
        let gap = next.u0 - self.u1;
        let height = self.height.min(next.height);
        self.similar_height(next) && common > 0.5 * height && gap > -0.5 * height && gap < WIDEST_CELL_GAP * height
    }

    fn follows_below(&self, next: &Self) -> bool {
        let common = self.u1.min(next.u1) - self.u0.max(next.u0);
        let gap = next.v0 - self.v1;
        let height = self.height.max(next.height);
        self.similar_height(next)
            && common > 0.3 * (self.u1 - self.u0).min(next.u1 - next.u0)
            && gap > -0.5 * height
            && gap < WIDEST_LINE_GAP * height
    }
}

/// The nearest lines to the left and to the right of one in the same row, whatever their height.
pub(crate) fn beside(lines: &[Prepared], index: usize) -> (Option<usize>, Option<usize>) {
    let (cos, sin) = common_direction(lines);
    let placed: Vec<Placed> = lines.iter().map(|l| Placed::new(&l.line.quad, cos, sin)).collect();
    let this = placed[index];
    let in_row = |other: &Placed| {
        let height = this.height.min(other.height);
        this.v1.min(other.v1) - this.v0.max(other.v0) > 0.5 * height
    };
    let nearest = |gap: &dyn Fn(&Placed) -> f32| {
        (0..placed.len())
            .filter(|&i| i != index && in_row(&placed[i]))
            .map(|i| (i, gap(&placed[i])))
            .filter(|&(_, gap)| gap > -0.5 * this.height && gap < WIDEST_CELL_GAP * this.height)
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(i, _)| i)
    };
    (nearest(&|other| this.u0 - other.u1), nearest(&|other| other.u0 - this.u1))
}

/// How one line follows another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Right,
    Below,
}

/// Keywords that begin in one line and end in another.
pub(crate) fn across_lines(identity: &Identity, lines: &[Prepared]) -> Vec<Found> {
    let (cos, sin) = common_direction(lines);
    let placed: Vec<Placed> = lines.iter().map(|l| Placed::new(&l.line.quad, cos, sin)).collect();
    let followers: Vec<Vec<(usize, Step)>> = (0..lines.len()).map(|i| followers(i, &placed)).collect();
    let mut found = Vec::new();
    for keyword in 0..identity.keywords.len() {
        for start in 0..lines.len() {
            if may_begin(identity, &lines[start].scores, keyword) {
                let mut chain = vec![start];
                extend(identity, lines, &placed, &followers, keyword, &mut chain, None, &mut found);
            }
        }
    }
    found
}

fn may_begin(identity: &Identity, scores: &Scores, keyword: usize) -> bool {
    scores.peak(&identity.columns, keyword, 0) >= WORTH_A_SEARCH
}

#[expect(clippy::too_many_arguments, reason = "one recursive walk over borrowed page state")]
fn extend(
    identity: &Identity,
    lines: &[Prepared],
    placed: &[Placed],
    followers: &[Vec<(usize, Step)>],
    keyword: usize,
    chain: &mut Vec<usize>,
    direction: Option<Step>,
    found: &mut Vec<Found>,
) {
    let Some(&last) = chain.last() else { return };
    let length = identity.keywords[keyword].chars.len();
    if chain.len() >= LONGEST_CHAIN.min(length) {
        return;
    }
    for &(next, step) in &followers[last] {
        if chain.contains(&next) || direction.is_some_and(|d| d != step) {
            continue;
        }
        chain.push(next);
        if let Some(hit) = search_chain(identity, lines, placed, keyword, chain, step) {
            found.push(hit);
        }
        // A line in the middle of a chain belongs to the keyword whole.
        let ink = lines[next].read.iter().filter(|c| !super::normalize::is_filler(c.folded)).count();
        let some = (0..length).any(|c| lines[next].scores.peak(&identity.columns, keyword, c) >= WORTH_A_SEARCH);
        if ink > 0 && ink + 2 <= length && some {
            extend(identity, lines, placed, followers, keyword, chain, Some(step), found);
        }
        chain.pop();
    }
}

fn search_chain(
    identity: &Identity,
    lines: &[Prepared],
    placed: &[Placed],
    keyword: usize,
    chain: &[usize],
    step: Step,
) -> Option<Found> {
    let length = identity.keywords[keyword].chars.len();
    let (first, last) = (*chain.first()?, *chain.last()?);
    let reaches =
        |c: usize| chain.iter().any(|&i| lines[i].scores.peak(&identity.columns, keyword, c) >= WORTH_A_SEARCH);
    if lines[last].scores.peak(&identity.columns, keyword, length - 1) < WORTH_A_SEARCH || !(0..length).all(reaches) {
        return None;
    }
    let parts: Vec<&Scores> = chain.iter().map(|&i| &lines[i].scores).collect();
    let joined = Scores::joined(&parts);
    let mut offsets = Vec::with_capacity(chain.len());
    let mut offset = 0;
    for &line in chain {
        offsets.push((line, offset));
        offset += lines[line].line.lattice.frames();
    }
    let last_start = offsets.last()?.1;
    let second_start = offsets.get(1)?.1;
    spot(&joined, &identity.columns, keyword, identity.bounds(keyword)).into_iter().find_map(|spotting| {
        let span = spotting.frames();
        // It must run from the first line into the last one, else the shorter chain has it.
        let crosses = span.start < second_start && spotting.characters.last()?.start >= last_start;
        // A character's ink ends where its line ends.
        let whole = spotting
            .characters
            .iter()
            .all(|c| offsets.iter().all(|&(_, border)| border == 0 || c.start >= border || c.end <= border));
        let in_first = spotting.characters.iter().filter(|c| c.start < second_start).count();
        let in_last = spotting.characters.iter().filter(|c| c.start >= last_start).count();
        (crosses && whole).then(|| Found {
            keyword,
            lines: offsets.clone(),
            joined: Some(belong_together(lines, placed, (first, in_first), (last, in_last), step)),
            spotting,
        })
    })
}

/// Whether the last line surely goes on where the first one stops. `in_first`, `in_last` are the keyword's
/// characters in them.
fn belong_together(
    lines: &[Prepared],
    placed: &[Placed],
    (first, in_first): (usize, usize),
    (last, in_last): (usize, usize),
    step: Step,
) -> bool {
    let ink = |i: usize| lines[i].read.iter().filter(|c| !super::normalize::is_filler(c.folded)).count();
    let (a, b) = (&placed[first], &placed[last]);
    // Nothing but the keyword in both: cells of one name, a stacked column.
    if ink(first) <= in_first && ink(last) <= in_last {
        return true;
    }
    match step {
        // 姓名：王　　　芳: what a label asks for goes on, however wide it is set.
        Step::Right => b.u0 - a.u1 < 2.0 * a.height || is_asked_for(&lines[first], in_first),
        // Running text: the upper line is full, and the lower one starts at the left margin.
        Step::Below => {
            let is_full = a.u1 > b.u1 - 1.5 * a.height;
            // A sentence may break before its margin; by chance three characters and more do not meet there.
            let is_prose = in_first + in_last >= 3
                && ink(first) >= in_first + PROSE.0
                && ink(last) >= in_last + PROSE.1
                && b.u0 > a.u0 - 2.5 * a.height
                && 2.0 * (a.u1 - a.u0) > b.u1 - b.u0;
            (is_full || is_prose) && b.u0 < a.u0 + 2.5 * a.height
        }
    }
}

/// True for a line in which nothing but the keyword's characters stands behind a label that asks for a person.
fn is_asked_for(line: &Prepared, in_first: usize) -> bool {
    let text: String = line.read.iter().map(|c| c.folded).filter(|&c| !super::normalize::is_filler(c)).collect();
    text.split_once(':')
        .is_some_and(|(label, rest)| rest.chars().count() == in_first && super::borders::asks_for_a_person(label))
}

/// Direction that most of the text runs in, as cosine and sine, weighted by length.
fn common_direction(lines: &[Prepared]) -> (f32, f32) {
    let (mut x, mut y) = (0.0, 0.0);
    for line in lines {
        let [a, b, ..] = line.line.quad.0;
        x += b.x - a.x;
        y += b.y - a.y;
    }
    let length = x.hypot(y);
    if length > 0.0 { (x / length, y / length) } else { (1.0, 0.0) }
}

/// The nearest line to the right in the same row, the nearest below, and the one at the start of the next row.
fn followers(index: usize, placed: &[Placed]) -> Vec<(usize, Step)> {
    let this = &placed[index];
    let others = || (0..placed.len()).filter(move |&j| j != index);
    let mut found = Vec::new();
    let right =
        others().filter(|&j| this.follows_in_row(&placed[j])).min_by(|&a, &b| placed[a].u0.total_cmp(&placed[b].u0));
    found.extend(right.map(|j| (j, Step::Right)));
    let nearest_below = |of: &Placed| {
        others().filter(|&j| of.follows_below(&placed[j])).min_by(|&a, &b| {
            (placed[a].v0, placed[a].u0).partial_cmp(&(placed[b].v0, placed[b].u0)).unwrap_or(std::cmp::Ordering::Equal)
        })
    };
    found.extend(nearest_below(this).map(|j| (j, Step::Below)));
    // A row that detection cut into pieces goes on under its first piece.
    if right.is_none() {
        let mut row_start = index;
        let mut steps = 0;
        while let Some(before) = (0..placed.len()).find(|&j| {
            j != row_start
                && placed[j].follows_in_row(&placed[row_start])
                && placed[row_start].u0 - placed[j].u1 < 2.0 * this.height
        }) && steps < 8
        {
            row_start = before;
            steps += 1;
        }
        if row_start != index
            && let Some(below) = nearest_below(&placed[row_start])
            && !found.contains(&(below, Step::Below))
        {
            found.push((below, Step::Below));
        }
    }
    found
}
