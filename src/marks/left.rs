//! The characters beside a cover → how much of the applicant's name or unit is left open there.

use super::glyphs::EM;
use super::row::{BESIDE, Placed};
use crate::geometry::Bbox;
use crate::identity::is_han;
use crate::identity::{Evidence, Identity, Kind, fold};

/// How much what is left of a name or unit tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Legible {
    /// Too little to tell whose it is.
    Little,
    /// Perhaps enough for somebody who knows the field: for a person to judge.
    Some,
    /// Enough.
    Enough,
}

/// What is left of a name or unit beside a cover.
pub(super) struct LeftOver {
    pub(super) kind: Kind,
    pub(super) keyword: String,
    pub(super) shown: usize,
    pub(super) legible: Legible,
    pub(super) bbox: Bbox,
}

/// Share of a name's characters that must be left beside a cover for the name to count as readable: one of
/// two, two of three.
pub(super) const READABLE_NAME: f32 = 0.5;
/// The same for a unit, of its characters in a row: the share by which a unit's seal is recognised, too.
pub(super) const READABLE_UNIT: f32 = 0.6;

/// The same from which on a person must look.
pub(super) const SOME_UNIT: f32 = 0.4;
/// Characters of a unit from which on a person must look: two may be those of any other.
pub(super) const SOME_OF_UNIT: usize = 3;
/// Share of a unit's characters before and after a cover from which the unit can be told, and from which a person must
/// look: the region and the kind of institution may be left.
const READABLE_ENDS: f32 = 0.75;
const SOME_OF_ENDS: f32 = 0.5;
/// Characters up to which each one of a name that is left counts: Chinese names. Of longer ones it takes two.
pub(super) const SHORT_NAME: usize = 4;

/// The characters of a Chinese name of two to four, spaces left out; `None` for any other name.
pub(super) fn short_name(name: &str) -> Option<Vec<char>> {
    let name: Vec<char> = name.chars().filter(|c| !c.is_whitespace()).collect();
    ((2..=SHORT_NAME).contains(&name.len()) && name.iter().all(|&c| is_han(c))).then_some(name)
}

/// True when the characters under a cover and beside it are read as another person's longer name: pale print that looks
/// covered, which leaves nothing of the applicant's to see.
pub(super) fn is_longer_name(mark: Bbox, row: &[Placed], identity: &Identity) -> bool {
    let read: Vec<char> = row.iter().map(|(_, c)| *c).collect();
    let is_under = |at: Bbox| (mark.left as f32..=mark.right as f32).contains(&at.centre().x);
    identity.search_chars(&read).iter().any(|found| {
        matches!(found.evidence, Evidence::InsideLongerName { .. })
            && row[found.range.clone()].iter().all(|(at, _)| is_under(*at))
    })
}

/// The first characters of a name or unit as far as they are the last ones `before` a cover's edge.
fn beginning<'a>(before: &'a [&'a Placed], chars: &[char], edge: i32) -> &'a [&'a Placed] {
    let longest = |before: &'a [&'a Placed]| {
        let last = |k: usize| &before[before.len() - k..];
        let is_own = |k: &usize| is_same(last(*k).iter().map(|(_, c)| *c), &chars[..*k]);
        last((1..chars.len().min(before.len() + 1)).rev().find(is_own).unwrap_or(0))
    };
    // A character that the cover cuts is read as another one, or twice; behind it a single one may be anybody's.
    let without_cut = before.split_last().filter(|((at, _), _)| at.right > edge).map(|(_, whole)| whole);
    longer(longest(before), without_cut.map(longest))
}

/// The last characters of a name or unit as far as they are the first ones `after` a cover's edge.
fn end<'a>(after: &'a [&'a Placed], chars: &[char], edge: i32) -> &'a [&'a Placed] {
    let count = chars.len();
    let longest = |after: &'a [&'a Placed]| {
        let is_own = |k: &usize| is_same(after[..*k].iter().map(|(_, c)| *c), &chars[count - k..]);
        &after[..(1..count.min(after.len() + 1)).rev().find(is_own).unwrap_or(0)]
    };
    let without_cut = after.split_first().filter(|((at, _), _)| at.left < edge).map(|(_, whole)| whole);
    longer(longest(after), without_cut.map(longest))
}

fn longer<'a>(one: &'a [&'a Placed], other: Option<&'a [&'a Placed]>) -> &'a [&'a Placed] {
    other.filter(|other| other.len() > one.len().max(1)).unwrap_or(one)
}

/// True for the same characters, in simplified or traditional form.
pub(super) fn is_same(read: impl IntoIterator<Item = char>, chars: &[char]) -> bool {
    read.into_iter().flat_map(fold).eq(chars.iter().copied().flat_map(fold))
}

/// How much the beginning and the end of a unit tell together when as many characters as are missing between them have
/// room under the cover, which is `hidden` characters wide.
fn of_both_ends(unit: &[char], begins: usize, ends: usize, hidden: f32) -> Legible {
    /// Characters by which the cover may be wider or narrower than what it hides: discs reach beyond it.
    const OFF: f32 = 1.6;
    /// Legal forms, which every other unit has, too.
    const FORMS: [&str; 4] = ["股份有限公司", "有限责任公司", "有限公司", "公司"];
    let missing = unit.len().saturating_sub(begins + ends);
    if begins == 0 || ends == 0 || (hidden - missing as f32).abs() > OFF {
        return Legible::Little;
    }
    let text: String = unit.iter().collect();
    let form = FORMS.iter().find(|form| text.ends_with(**form)).map_or(0, |form| form.chars().count());
    let open = begins + ends.saturating_sub(form);
    let share = open as f32 / (unit.len() - form).max(1) as f32;
    match share {
        _ if open < SOME_OF_UNIT => Legible::Little,
        share if share >= READABLE_ENDS => Legible::Enough,
        share if share >= SOME_OF_ENDS => Legible::Some,
        _ => Legible::Little,
    }
}

/// The longest beginning of the name or unit right before the cover together with the longest end right
/// after it.
pub(super) fn left_over(mark: Bbox, row: &[Placed], line_height: f32, identity: &Identity) -> Option<LeftOver> {
    let reach = (line_height * BESIDE) as i32;
    // A character is read from the frames about its middle; its box may run a little under the cover.
    let before: Vec<&Placed> = row.iter().filter(|(at, _)| at.centre().x < mark.left as f32).collect();
    let after: Vec<&Placed> = row.iter().filter(|(at, _)| at.centre().x > mark.right as f32).collect();
    let touches_before = before.last().is_some_and(|(at, _)| mark.left - at.right <= reach);
    let touches_after = after.first().is_some_and(|(at, _)| at.left - mark.right <= reach);
    let applicant = identity.applicant();
    let names = std::iter::once((Kind::Name, &applicant.name));
    let units =
        std::iter::once((Kind::Unit, &applicant.unit)).chain(applicant.former_units.iter().map(|u| (Kind::Unit, u)));
    names
        .chain(units)
        .filter_map(|(kind, keyword)| {
            let chars: Vec<char> = keyword.chars().filter(|c| !c.is_whitespace()).collect();
            let count = chars.len();
            let first = if touches_before { beginning(&before, &chars, mark.left) } else { &[] };
            let last = if touches_after { end(&after, &chars, mark.right) } else { &[] };
            let (begins, ends) = (first.len(), last.len());
            let shown = (begins + ends).min(count.saturating_sub(1));
            if shown == 0 {
                return None;
            }
            let share = shown as f32 / count as f32;
            let longest = begins.max(ends) as f32 / count as f32;
            let hidden = mark.width() as f32 / (line_height * EM);
            let legible = match kind {
                Kind::Name if share >= READABLE_NAME => Legible::Enough,
                Kind::Name if count <= SHORT_NAME || shown >= 2 => Legible::Some,
                Kind::Name => Legible::Little,
                Kind::Unit if longest >= READABLE_UNIT => Legible::Enough,
                Kind::Unit if longest >= SOME_UNIT && begins.max(ends) >= SOME_OF_UNIT => {
                    Legible::Some.max(of_both_ends(&chars, begins, ends, hidden))
                }
                Kind::Unit => of_both_ends(&chars, begins, ends, hidden),
            };
            let places = first.iter().chain(last).map(|(at, _)| *at);
            // A character is read from a few frames about its middle; what a person sees of it is as wide as it is high.
            let half = (line_height * 0.4) as i32;
            let whole = |at: Bbox| {
                let middle = at.centre().x as i32;
                Bbox::from_ltrb(at.left.min(middle - half), at.top, at.right.max(middle + half), at.bottom)
            };
            let bbox = places.map(whole).reduce(Bbox::union)?;
            Some(LeftOver { kind, keyword: keyword.clone(), shown, legible, bbox })
        })
        .max_by_key(|part| (part.legible, part.shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Applicant;

    fn row(text: &str) -> Vec<Placed> {
        text.chars().enumerate().map(|(i, c)| (Bbox::from_ltrb(20 * i as i32, 0, 20 * i as i32 + 20, 24), c)).collect()
    }

    #[test]
    fn a_unit_open_on_both_sides_of_a_cover_is_told_by_how_much_of_its_own_name_is_left() {
        let left =
            |unit: &str, begins, ends, hidden| of_both_ends(&unit.chars().collect::<Vec<_>>(), begins, ends, hidden);
        assert_eq!(left("白杨镇中心幼儿园", 3, 3, 2.6), Legible::Enough);
        assert_eq!(left("云岭市第三中学", 3, 2, 2.4), Legible::Some);
        assert_eq!(left("天山草业科技有限公司", 2, 4, 4.2), Legible::Little, "a region and a legal form");
        assert_eq!(left("云岭市第三中学", 3, 2, 6.0), Legible::Little, "another, longer name");
        assert_eq!(left("云岭市第三中学", 3, 0, 4.0), Legible::Little);
    }

    #[test]
    fn a_character_that_the_cover_cuts_does_not_hide_what_stands_before_it() {
        let identity = Identity::new(&Applicant::new("王丽", "云岭市第三中学").expect("valid"), &[]);
        let mark = Bbox::from_ltrb(92, 0, 150, 24);
        let left = left_over(mark, &row("云岭市第第"), 24.0, &identity).expect("four of seven characters");
        assert_eq!((left.shown, left.legible), (4, Legible::Some));
        assert!(left.bbox.left <= 0 && left.bbox.right < 92, "{:?}", left.bbox);
        let whole = Bbox::from_ltrb(104, 0, 150, 24);
        assert!(left_over(whole, &row("云岭市第第"), 24.0, &identity).is_none(), "another unit's name");
    }

    #[test]
    fn pale_print_of_a_longer_name_leaves_nothing_beside_a_cover() {
        let identity = Identity::new(&Applicant::new("王丽", "").expect("valid"), &[]);
        let mark = Bbox::from_ltrb(60, 0, 100, 24);
        assert!(is_longer_name(mark, &row("编辑：王丽丽"), &identity));
        for text in ["编辑：王丽，陈", "姓名：王丽女", "编辑：李明丽"] {
            assert!(!is_longer_name(mark, &row(text), &identity), "{text}");
        }
    }
}
