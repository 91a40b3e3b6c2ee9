//! What stands around a match → whether it is the applicant's, part of a longer name, or no name at all.

use super::borders::{Borders, asks_for_a_person, borders, may_end_a_name};
use super::evidence::Evidence;
use super::initials;
use super::latin;
use super::normalize::{INTERPUNCT, fold, is_filler, is_han};
use super::pinyin;
use super::public_bodies::is_of_a_named_place;
use super::unit_forms::names_another_place;
use super::variants::{Doubt, Keyword, Script, begins_with_common_part};
use super::{Identity, Kind};

/// How many characters to each side are segmented.
const LOOK: usize = 12;
/// Characters of a place's name that are told with a unit's short form.
const LONGEST_PLACE: usize = 4;

/// The text around a match, as read (not folded).
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    pub(crate) before: Vec<char>,
    pub(crate) after: Vec<char>,
    /// The match itself, as read, with what stands between its characters.
    pub(crate) own: Vec<char>,
}

/// What the surroundings say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The keyword stands for itself.
    Stands,
    /// A person must look.
    Doubtful(Evidence),
    /// Something else is written here.
    Other,
}

impl Identity {
    pub(crate) fn context(&self, keyword: &Keyword, around: &Surroundings) -> Verdict {
        match keyword.script {
            Script::Latin if keyword.doubt == Doubt::Initials => {
                let is_own = |letters: &Vec<char>| {
                    self.keywords.iter().any(|k| k.kind == Kind::Name && k.doubt == Doubt::None && k.chars == *letters)
                };
                if initials::in_full(keyword, around).is_some_and(|letters| !is_own(&letters)) {
                    return Verdict::Other;
                }
                initials::stand(keyword, around)
            }
            Script::Latin => latin::words(keyword, around),
            Script::Han => self.chinese(keyword, around),
        }
    }

    fn chinese(&self, keyword: &Keyword, around: &Surroundings) -> Verdict {
        if keyword.kind == Kind::Unit {
            return unit(keyword, around);
        }
        let (before, after) = (run(around.before.iter().rev()), run(around.after.iter()));
        let other_name = |side: &[char]| begins_with_common_part(&side.iter().collect::<String>());
        if keyword.part && is_of_another_person(keyword, &before, &after) {
            return Verdict::Other;
        }
        if keyword.part && (joined(&before) || joined(&after) || other_name(&after)) {
            let longer = before.iter().rev().chain(&keyword.chars).chain(&after).collect();
            return Verdict::Doubtful(Evidence::InsideLongerName { longer });
        }
        if let Some(longer) = self.known_longer_name(keyword, around) {
            if stands_alone(&longer, keyword, around) {
                return Verdict::Other;
            }
            return Verdict::Doubtful(Evidence::InsideLongerName { longer });
        }
        let touching =
            |side: &[char]| side.iter().copied().take_while(|&c| is_han(c)).take(LOOK).collect::<Vec<char>>();
        let goes_on = around.after.len() > after.len();
        let (before, after) = (touching(&before), touching(&after));
        let left: String = before.iter().rev().collect();
        let right: String = after.iter().collect();
        let longer = |left: &[char], right: &[char]| {
            let longer = left.iter().take(1).chain(&keyword.chars).chain(right.iter().take(1)).collect();
            Verdict::Doubtful(Evidence::InsideLongerName { longer })
        };
        // 张晓明华 between two commas, or alone in a table cell: a name of four characters.
        if let ([last], false, true) = (after.as_slice(), keyword.extendable, keyword.chars.len() == 3)
            && (goes_on || before.is_empty())
            && may_end_a_name(*last)
        {
            return longer(&[], &after);
        }
        match borders(&left, &keyword.text(), &right, keyword.extendable || keyword.part) {
            Borders::Clear => Verdict::Stands,
            Borders::OpenLeft => longer(&before, &[]),
            Borders::OpenRight => longer(&[], &after),
            Borders::Word if is_labelled(around) || self.is_behind_unit(around) => Verdict::Stands,
            Borders::Word => Verdict::Doubtful(Evidence::OrdinaryWord),
            Borders::None => Verdict::Other,
        }
    }

    /// True for the byline of a paper or summary: the unit and then the name, with nothing behind it.
    fn is_behind_unit(&self, around: &Surroundings) -> bool {
        let before = joined_text(&around.before);
        let is_unit = |k: &&Keyword| k.kind == Kind::Unit && k.script == Script::Han && k.doubt == Doubt::None;
        !around.after.first().is_some_and(|&c| is_han(c))
            && self.keywords.iter().filter(is_unit).any(|unit| before.ends_with(&unit.text()))
    }

    /// Another known person's name that the text around the match spells.
    fn known_longer_name(&self, keyword: &Keyword, around: &Surroundings) -> Option<String> {
        let text = keyword.text();
        let (before, after) = (joined_text(&around.before), joined_text(&around.after));
        let spelled = |longer: &&String| {
            longer
                .match_indices(text.as_str())
                .any(|(at, _)| before.ends_with(&longer[..at]) && after.starts_with(&longer[at + text.len()..]))
        };
        self.longer_names.iter().find(spelled).cloned()
    }
}

/// What stands beside a match, folded and without what may stand between characters.
fn joined_text(side: &[char]) -> String {
    side.iter().flat_map(|&c| fold(c)).filter(|&c| !is_filler(c)).collect()
}

/// True right behind `姓名：` and the like.
fn is_labelled(around: &Surroundings) -> bool {
    let before = joined_text(&around.before);
    before.ends_with(':') && asks_for_a_person(&before)
}

/// A unit's name stands for itself, but for a short form behind another place's name.
fn unit(keyword: &Keyword, around: &Surroundings) -> Verdict {
    let mut before = run(around.before.iter().rev());
    before.retain(|&c| !is_filler(c));
    before.reverse();
    if keyword.doubt == Doubt::ShortForm && is_of_a_named_place(&keyword.chars, &before) {
        return Verdict::Other;
    }
    if is_affiliate_of_the_same(keyword, &run(around.after.iter())) {
        return Verdict::Other;
    }
    if !names_another_place(&keyword.source, &keyword.text(), &before) {
        return Verdict::Stands;
    }
    let from = before.len().saturating_sub(LONGEST_PLACE);
    Verdict::Doubtful(Evidence::AnotherPlace { written: before[from..].iter().chain(&keyword.chars).collect() })
}

/// True where a university's other affiliate is written than the unit: 附属第一医院 behind the name of the university of 附属第二医院.
fn is_affiliate_of_the_same(keyword: &Keyword, after: &[char]) -> bool {
    const AFFILIATED: &str = "附属";
    /// Characters behind that from which an affiliate is named.
    const NAMED: usize = 2;
    let after: String = after.iter().filter(|&&c| !is_filler(c)).collect();
    let Some(rest) = keyword.source.strip_prefix(&keyword.text()) else { return false };
    let Some((own, written)) = rest.strip_prefix(AFFILIATED).zip(after.strip_prefix(AFFILIATED)) else { return false };
    written.chars().count() >= NAMED && !written.starts_with(own)
}

/// True when a known longer name is written without a break and nothing around it lets it be read otherwise: 张伟民 in
/// 张伟民、李娜 is that person, in 张伟民主持 it may be 张伟.
fn stands_alone(longer: &str, keyword: &Keyword, around: &Surroundings) -> bool {
    let text = keyword.text();
    let (before, after) = (around.before.iter().collect::<String>(), around.after.iter().collect::<String>());
    longer.match_indices(text.as_str()).any(|(at, _)| {
        let (head, tail) = (&longer[..at], &longer[at + text.len()..]);
        let ends = |rest: &str| TITLES.iter().any(|t| rest.starts_with(t)) || !rest.chars().next().is_some_and(is_han);
        let left = before.strip_suffix(head);
        let right = after.strip_prefix(tail);
        left.zip(right).is_some_and(|(left, right)| !left.chars().next_back().is_some_and(is_han) && ends(right))
    })
}

/// What follows a name and begins no given name.
const TITLES: [&str; 7] = ["同志", "先生", "女士", "老师", "教授", "主任", "工程师"];

/// The folded Chinese characters, spaces and interpuncts that run on from a match.
fn run<'a>(side: impl Iterator<Item = &'a char>) -> Vec<char> {
    side.map(|&c| fold(c).next().unwrap_or(' ')).take_while(|&c| is_han(c) || is_filler(c)).collect()
}

/// True for a part of a long name that is joined to a part that neither shares a character with the applicant's nor sounds
/// like one of its parts: 艾尼瓦尔·吐逊 is not 艾尼瓦尔·克里木, and a misread part would still have some of it.
fn is_of_another_person(keyword: &Keyword, before: &[char], after: &[char]) -> bool {
    /// Characters of the shortest part of a name.
    const SHORTEST: usize = 2;
    let own: Vec<char> = keyword.source.chars().flat_map(fold).collect();
    let part = |side: &[char]| side[1..].iter().copied().take_while(|&c| is_han(c)).collect::<Vec<char>>();
    let before = joined(before).then(|| part(before).into_iter().rev().collect());
    let after = joined(after).then(|| part(after));
    [before, after].into_iter().flatten().any(|written: Vec<char>| {
        let is_like = |own: &[char]| pinyin::sound_alike(own, &written);
        written.len() >= SHORTEST
            && !written.iter().any(|c| own.contains(c))
            && !own.split(|&c| c == INTERPUNCT).any(is_like)
    })
}

/// A part that is joined to other characters by an interpunct is part of a whole name, perhaps another person's.
fn joined(side: &[char]) -> bool {
    side.first() == Some(&INTERPUNCT) && side.get(1).is_some_and(|&c| is_han(c))
}
