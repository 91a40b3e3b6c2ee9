//! The characters of a row → places where the applicant's unit begins and breaks off before bare paper: what covers the
//! rest is of the paper's colour, or so even that it was not seen.

use super::gap::Gap;
use super::glyphs::EM;
use super::left::{SOME_UNIT, is_same};
use super::row::{Placed, characters, height_at, row};
use crate::geometry::Bbox;
use crate::identity::is_han;
use crate::ocr::TextLine;

/// The same of any unit; places' names have two or three, and one for their kind.
const LEAST_BEGINNING: usize = 4;
/// What a place's name ends with: the place alone may be meant.
const PLACES: &str = "省市县区州盟旗镇乡村";
/// Bare paper in ems behind the last character from which the text breaks off; a space is half an em wide.
const LEAST_GAP: f32 = 1.2;
/// Room in ems for what is missing that is marked.
const MARGIN: f32 = 0.5;
/// Distance of rows in their thickness up to which a cell's text goes on in the next one: single spacing has 1.3 to 1.7
/// characters, which are three quarters of a detected line's thickness.
const WRAPPED: f32 = 1.3;
/// Characters of the longest label of a field.
const LONGEST_LABEL: usize = 6;

/// Where the unit's beginning breaks off, in all rows.
pub(super) fn broken_off(lines: &[TextLine], unit: &str) -> Vec<Gap> {
    let unit: Vec<char> = unit.chars().filter(|c| !c.is_whitespace()).collect();
    let least = least_beginning(&unit);
    if unit.len() <= least {
        return Vec::new();
    }
    let may_hold = |line: &TextLine| {
        line.quad.length() >= line.quad.thickness()
            && characters(line).windows(least).any(|part| is_same(part.iter().map(|(_, c)| *c), &unit[..least]))
    };
    let right = lines.iter().map(|line| line.quad.bbox().right).max().unwrap_or(0);
    let mut found: Vec<Gap> = Vec::new();
    for (line, own) in lines.iter().enumerate().filter(|(_, line)| may_hold(line)) {
        let row = row(lines, own);
        let Some(beginning) = beginning(&row, &unit, least, own.quad.thickness()) else { continue };
        let goes_on = !beginning.is_followed && (goes_on_below(own, lines) || is_at_margin(own, right));
        if !goes_on && found.iter().all(|gap| gap.bbox.intersection(beginning.gap).is_empty()) {
            found.push(Gap { bbox: beginning.gap, line });
        }
    }
    found
}

/// Characters of the shortest beginning of this unit that tells something.
fn least_beginning(unit: &[char]) -> usize {
    LEAST_BEGINNING.max((unit.len() as f32 * SOME_UNIT).ceil() as usize)
}

/// The unit's beginning in a row.
struct Beginning {
    /// Where the rest should stand.
    gap: Bbox,
    /// True when something stands behind the gap.
    is_followed: bool,
}

/// The longest beginning in one row that breaks off; characters are about 0.75 of a detected line's `thickness` wide.
fn beginning(row: &[Placed], unit: &[char], least: usize, thickness: f32) -> Option<Beginning> {
    let em = thickness * EM;
    let same = |start: usize| {
        let fits = |k: &usize| is_same([row[start + k].1], &unit[*k..=*k]);
        (0..unit.len().min(row.len() - start)).take_while(fits).count()
    };
    let (length, start) = (0..row.len()).map(|start| (same(start), start)).max()?;
    if length < least || length == unit.len() || PLACES.contains(unit[length - 1]) {
        return None;
    }
    let (last, next) = (row[start + length - 1].0, row.get(start + length).map(|(at, _)| *at));
    let gap = next.map(|next| (next.centre().x - last.centre().x) / em - 1.0);
    if gap.is_some_and(|gap| gap < LEAST_GAP) {
        return None;
    }
    let missing = (unit.len() - length) as f32 + MARGIN;
    let from = last.centre().x + em * 0.5;
    let to = from + gap.map_or(missing, |gap| gap.min(missing)) * em;
    let gap = Bbox::from_ltrb(from as i32, last.top, to as i32, last.bottom);
    Some(Beginning { gap, is_followed: next.is_some() })
}

/// True for a line whose text may go on in the next row of its cell: another unit's name that begins alike. The next field
/// of a form begins with a label.
fn goes_on_below(own: &TextLine, lines: &[TextLine]) -> bool {
    let (bbox, thickness) = (own.quad.bbox(), own.quad.thickness());
    let middle = bbox.centre();
    lines.iter().any(|line| {
        let below = line.quad.bbox();
        let pitch = height_at(line, middle.x) - middle.y;
        let shared = below.right.min(bbox.right) - below.left.max(bbox.left);
        let text: Vec<char> = characters(line).into_iter().map(|(_, c)| c).collect();
        let is_field = text.iter().take(LONGEST_LABEL).any(|c| ":：".contains(*c));
        pitch > thickness * 0.5
            && pitch <= thickness * WRAPPED
            && shared * 2 > below.width().min(bbox.width())
            && text.first().is_some_and(|c| is_han(*c))
            && !is_field
    })
}

/// True for a row that ends where the text's longest ones do: it goes on in the next one, at its left.
fn is_at_margin(own: &TextLine, right: i32) -> bool {
    (right - own.quad.bbox().right) as f32 <= own.quad.thickness()
}

#[cfg(test)]
mod tests {
    use super::*;

    const THICKNESS: f32 = 20.0 / EM;

    fn breaks_off(text: &str, unit: &str) -> Option<bool> {
        let at = |i: usize| Bbox::from_ltrb(20 * i as i32, 0, 20 * i as i32 + 20, 24);
        let row: Vec<Placed> = text.chars().enumerate().filter(|(_, c)| *c != '　').map(|(i, c)| (at(i), c)).collect();
        let unit: Vec<char> = unit.chars().collect();
        beginning(&row, &unit, least_beginning(&unit), THICKNESS).map(|beginning| beginning.is_followed)
    }

    #[test]
    fn a_units_beginning_before_bare_paper_breaks_off() {
        let unit = "额敏河流域生态研究所";
        assert_eq!(breaks_off("单位：额敏河流域生", unit), Some(false));
        assert_eq!(breaks_off("额敏河流域生　　　　：", unit), Some(true));
        assert_eq!(breaks_off("額敏河流域生　　　　：", unit), Some(true), "in traditional characters");
    }

    #[test]
    fn other_units_places_and_the_whole_do_not_break_off() {
        assert_eq!(breaks_off("额敏河流域生态研究所　　负责", "额敏河流域生态研究所"), None);
        assert_eq!(breaks_off("额敏河流域管理局　　负责", "额敏河流域生态研究所"), None, "read on without a gap");
        assert_eq!(breaks_off("籍贯：云岭州额敏县　　", "云岭州额敏县畜牧站"), None, "the place alone");
        assert_eq!(breaks_off("额敏河　　　　　　", "额敏河流域生态研究所"), None, "three characters of ten");
    }
}
