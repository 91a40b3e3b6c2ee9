//! What stands around a name in letters → whether the name ends there. Letters are found as whole words; the letter
//! that marks an author's affiliation (Weiguo Zhangᵇ) is read as if it belonged to the last word.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use pinyin::ToPinyin;

use super::Kind;
use super::account::is_account;
use super::context::{Surroundings, Verdict};
use super::evidence::Evidence;
use super::normalize::{fold, is_han};
use super::variants::{Keyword, Script, is_separator};

/// Which part of a name its last word is; that decides what a letter more would make of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Surname,
    Given,
    /// A part of a name of many syllables: 古丽娜尔 or 吐尔逊.
    OfMany,
    /// As the user wrote it.
    Unknown,
}

/// Most letters of affiliations that stand behind a name without a comma between them.
const MOST_LETTERS: usize = 2;
/// Syllables of a given name.
const GIVEN: usize = 2;
/// Syllables of a part of a transliterated name, at most.
const MANY: usize = 8;
/// Syllables of pinyin that are symbols of elements, too.
const ELEMENTS: &str = "he li na ne si ca ti ni ga ge se ba la ce ta re pa po ra te lu pu ru mo cu ho";

/// Whether a keyword in letters stands for itself: no letter may touch it, unless the case changes (ReportZhangWei) or
/// the letter marks an affiliation.
pub(crate) fn words(keyword: &Keyword, around: &Surroundings) -> Verdict {
    let touches_before = around
        .before
        .last()
        .is_some_and(|c| is_letter(*c) && !(c.is_lowercase() && around.own.first().is_some_and(|c| c.is_uppercase())));
    if touches_before {
        return Verdict::Other;
    }
    let last = around.own.last();
    let touches_after = around
        .after
        .first()
        .is_some_and(|c| is_letter(*c) && !(c.is_uppercase() && last.is_some_and(|c| c.is_lowercase())));
    if touches_after {
        return marked(keyword, around);
    }
    if is_divided_otherwise(keyword, around) || is_no_order(keyword, around) {
        return Verdict::Doubtful(Evidence::OtherWords { written: written(around) });
    }
    Verdict::Stands
}

/// The match with a word on either side.
fn written(around: &Surroundings) -> String {
    let word = |c: &&char| is_letter(**c) || matches!(**c, ' ' | ',' | '-');
    let before: Vec<char> = around.before.iter().rev().take_while(word).copied().collect();
    let after = around.after.iter().take_while(word);
    before.iter().rev().chain(&around.own).chain(after).collect::<String>().trim().to_owned()
}

/// True for a name in one word beside another word of pinyin: Lina in Wang Lina and in Lina Li is somebody's given name,
/// and 李娜 would write Li Na.
fn is_divided_otherwise(keyword: &Keyword, around: &Surroundings) -> bool {
    let is_chinese = matches!(keyword.last_part, Part::Surname | Part::Given);
    let own = &around.own;
    let changes_case = own.windows(2).any(|pair| pair[0].is_lowercase() && pair[1].is_uppercase());
    if keyword.kind != Kind::Name || !is_chinese || changes_case || own.iter().any(|&c| fold(c).any(is_separator)) {
        return false;
    }
    let before: Vec<char> = around.before.iter().rev().copied().collect();
    [neighbour(&before, true), neighbour(&around.after, false)].into_iter().flatten().any(|(word, behind_comma)| {
        let small = word.to_lowercase();
        word.starts_with(char::is_uppercase) && is_syllables(&small, if behind_comma { 1 } else { GIVEN })
    })
}

/// The word beside a match, and whether a comma parts them; `turned` when the text runs away from the match backwards.
fn neighbour(side: &[char], turned: bool) -> Option<(String, bool)> {
    let skipped = side.iter().take_while(|c| matches!(c, ' ' | ',')).count();
    let word: Vec<char> = side[skipped..].iter().copied().take_while(|&c| is_letter(c)).collect();
    let is_apart = skipped > 0 && !word.is_empty();
    let word = if turned { word.iter().rev().collect() } else { word.iter().collect() };
    is_apart.then(|| (word, side[..skipped].contains(&',')))
}

/// True for letters that a name is not written with: a comma behind the given name, or two elements' symbols that a
/// comma or hyphen joins.
fn is_no_order(keyword: &Keyword, around: &Surroundings) -> bool {
    let has = |wanted: char| around.own.iter().any(|&c| fold(c).any(|c| c == wanted));
    if keyword.kind != Kind::Name || !(has(',') || has('-')) {
        return false;
    }
    let is_element = |word: &str| ELEMENTS.split(' ').any(|element| element == word);
    let first: String = keyword.chars[..keyword.chars.len() - keyword.last_word.chars().count()].iter().collect();
    let are_elements = is_element(&first) && is_element(&keyword.last_word);
    are_elements || keyword.last_part == Part::Surname && comma_parts(keyword, around)
}

/// True when a comma stands between the first word and the last.
fn comma_parts(keyword: &Keyword, around: &Surroundings) -> bool {
    let last = keyword.last_word.chars().count();
    let letters: Vec<usize> = (0..around.own.len()).filter(|&i| is_letter(around.own[i])).collect();
    let Some(&start) = letters.len().checked_sub(last).and_then(|at| letters.get(at)) else { return false };
    around.own[..start].iter().rev().take_while(|c| !is_letter(**c)).any(|&c| fold(c).any(|c| c == ','))
}

/// True for a name all in small letters, unless it is an address or account, where nothing else can be meant.
pub(crate) fn is_no_name(keyword: &Keyword, around: &Surroundings) -> bool {
    keyword.script == Script::Latin
        && keyword.kind == Kind::Name
        && !around.own.iter().any(|c| c.is_uppercase())
        && !is_account(around)
}

/// A name that a letter touches.
fn marked(keyword: &Keyword, around: &Surroundings) -> Verdict {
    let Some(letters) = marks(&around.after) else { return Verdict::Other };
    // Maker is not Ma Ke with an r: the words of the name must be told apart.
    let own = &around.own;
    let changes_case = |pair: &[char]| pair[0].is_lowercase() && pair[1].is_uppercase();
    let ends_high = own.last().is_some_and(|c| c.is_uppercase());
    let apart = own.iter().any(|&c| fold(c).any(is_separator)) || own.windows(2).any(changes_case) || ends_high;
    if !apart {
        return Verdict::Other;
    }
    let rest = &around.after[letters.chars().count()..];
    let shows_marks = more_marks(rest);
    let among_marks = has_marked_names(&around.before) || has_marked_names(rest);
    let doubtful = || {
        let written = own.iter().copied().chain(letters.chars()).collect();
        Verdict::Doubtful(Evidence::LetterBehind { written })
    };
    match (is_longer_word(keyword, &letters), shows_marks || among_marks) {
        (true, false) => Verdict::Other,
        (false, true) => Verdict::Stands,
        (false, false) if another_author(rest) => Verdict::Stands,
        (true, true) | (false, false) => doubtful(),
    }
}

/// The small letters that a text begins with when they may be marks: one, or two in the order of the alphabet.
pub(crate) fn marks(after: &[char]) -> Option<String> {
    let letters: Vec<char> = after.iter().copied().take_while(|&c| is_letter(c)).collect();
    let folded: Vec<char> = letters.iter().flat_map(|&c| fold(c)).collect();
    let in_order = folded.windows(2).all(|pair| pair[0] < pair[1] && pair[1] <= 'h');
    let mut behind_digits = after[letters.len()..].iter().skip_while(|c| c.is_numeric());
    let are_marks = letters.len() <= MOST_LETTERS
        && in_order
        && letters.iter().all(|c| !c.is_uppercase())
        && !behind_digits.next().is_some_and(|&c| is_letter(c));
    are_marks.then(|| letters.iter().collect())
}

/// True for what goes on with marks: `*`, `1`, `,b`, `,*`.
pub(crate) fn more_marks(rest: &[char]) -> bool {
    let is_mark = |c: char| "*⁎∗＊✱†‡§#¶✉".contains(c) || c.is_numeric();
    let mut rest = rest.iter().copied().filter(|c| !c.is_whitespace());
    match rest.next() {
        Some(c) if is_mark(c) => true,
        Some(',' | '.' | '，' | '\'' | '’') => match (rest.next(), rest.next()) {
            (Some(c), _) if is_mark(c) => true,
            (Some(c), next) => c.is_lowercase() && is_letter(c) && !next.is_some_and(is_letter),
            _ => false,
        },
        _ => false,
    }
}

/// True for what parts a name from the next one, or a list of names from its end.
fn another_author(rest: &[char]) -> bool {
    let text: String = rest.iter().collect();
    let text = text.trim_start();
    text.starts_with([',', ';', '，', '；', '、', '&']) || text.starts_with("and ")
}

/// True for text with names in pinyin that one letter more stands behind, too.
fn has_marked_names(text: &[char]) -> bool {
    let text = text.iter().collect::<String>().replace(" and ", ",");
    let is_name = |c: char| c.is_alphabetic() && !is_han(c) || matches!(c, ' ' | '-' | '·' | '.');
    text.split(|c| !is_name(c)).any(|name| {
        let words: Vec<String> =
            name.split([' ', '-', '·', '.']).filter(|w| !w.is_empty()).map(str::to_owned).collect();
        let Some((last, first)) = words.split_last() else { return false };
        let is_capital = |word: &String| word.starts_with(char::is_uppercase);
        let small = |word: &str| word.to_lowercase();
        let Some((at, mark)) = last.char_indices().next_back() else { return false };
        !first.is_empty()
            && words.iter().all(is_capital)
            && first.iter().all(|word| is_syllables(&small(word), GIVEN))
            && mark.is_lowercase()
            && is_syllables(&small(&last[..at]), GIVEN)
            && !is_given(&small(last))
    })
}

/// Whether letters behind the last word of a name make another word of it that a name may have: Yan and g, but not
/// Zhang and b.
pub(crate) fn is_longer_word(keyword: &Keyword, letters: &str) -> bool {
    let fold = |text: &str| text.chars().flat_map(fold).collect::<String>();
    let (last, letters) = (&keyword.last_word, fold(letters));
    let longer = format!("{last}{letters}");
    match keyword.last_part {
        Part::Surname => is_syllables(&longer, 1),
        Part::Given => is_given(&longer),
        Part::OfMany => is_syllables(&longer, MANY),
        Part::Unknown => is_syllables(&longer, GIVEN) || !is_syllables(last, GIVEN + 1),
    }
}

/// True for a word that a given name may be: syllables of which the last is no lone a or o.
fn is_given(word: &str) -> bool {
    let ends_in = |last: &str, head: &str| is_syllables(last, 1) && (head.is_empty() || is_syllables(head, GIVEN - 1));
    is_syllables(word, GIVEN)
        && (1..=word.len().min(LONGEST_SYLLABLE)).any(|length| {
            let (head, last) = word.split_at(word.len() - length);
            !matches!(last, "a" | "o") && ends_in(last, head)
        })
}

/// zhuang, shuang, chuang.
const LONGEST_SYLLABLE: usize = 6;

/// True for a word made of at most so many syllables of pinyin.
pub(crate) fn is_syllables(word: &str, most: usize) -> bool {
    if !word.is_ascii() || word.is_empty() || most == 0 {
        return false;
    }
    (1..=word.len().min(LONGEST_SYLLABLE)).any(|length| {
        let (first, rest) = word.split_at(length);
        syllables().contains(first) && (rest.is_empty() || is_syllables(rest, most - 1))
    })
}

/// True for letters that a syllable begins with.
pub(crate) fn begins_a_syllable(letters: &str) -> bool {
    syllables().iter().any(|syllable| syllable.starts_with(letters))
}

/// Every syllable that a character is read as, ü written as u and as v.
fn syllables() -> &'static BTreeSet<String> {
    static SYLLABLES: OnceLock<BTreeSet<String>> = OnceLock::new();
    SYLLABLES.get_or_init(|| {
        let read = ('\u{4e00}'..='\u{9fff}').filter_map(|c| c.to_pinyin()).map(|p| p.plain().to_owned());
        // Interjections have readings without a vowel (嗯: ng).
        read.filter(|syllable| syllable.contains(['a', 'e', 'i', 'o', 'u', 'ü', 'v']))
            .flat_map(|syllable| [syllable.replace('ü', "v"), syllable.replace(['ü', 'v'], "u")])
            .collect()
    })
}

pub(crate) fn is_letter(c: char) -> bool {
    fold(c).any(char::is_alphabetic) && !fold(c).any(is_han)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::tests::found;

    #[test]
    fn affiliation_letters_do_not_hide_an_author() {
        for (text, name) in [
            ("Ping Wua, Jianmin Liub,*, Jun Hec", "Jianmin Liu"),
            ("Ping Wua, Jianmin Liub, Jun Hec", "Jianmin Liu"),
            ("Jianmin Liua,b, Ping Wuc", "Jianmin Liu"),
            ("Jianmin Liuab,1", "Jianmin Liu"),
            ("LIU Jianminb,*", "LIU Jianmin"),
            ("Jian-Min Liub,⁎", "Jian-Min Liu"),
            ("Jian Min Liub*", "Jian Min Liu"),
            ("Ping Wua and Jianmin Liub", "Jianmin Liu"),
            ("Jianmin Liub and Ping Wuc", "Jianmin Liu"),
            ("JIANMIN LIUa, PING WUb", "JIANMIN LIU"),
            ("WuPinga,LiuJianminb,*", "LiuJianmin"),
            ("Jianmin Liuª, Ping Wuᵇ", "Jianmin Liu"),
            ("Jianmin Liuªb, Ping Wu", "Jianmin Liu"),
        ] {
            assert_eq!(found("刘建民", text), [(name, true)], "{text}");
        }
    }

    #[test]
    fn a_letter_behind_a_name_without_a_sign_of_a_mark_is_for_a_person() {
        for text in ["Jianmin Liub", "Liu Jianminc is the author"] {
            assert!(matches!(found("刘建民", text)[..], [(_, false)]), "{text}");
        }
    }

    #[test]
    fn letters_that_make_another_name_are_no_marks() {
        for (name, text) in [
            ("杨燕", "Yang Yang, Li Na"),
            ("张燕", "Zhang Yang"),
            ("张燕", "Zhang Yange, Li Na"),
            ("张伟", "Zhang Weie"),
            ("张伟", "Zhang Weili, Li Na"),
            ("陈喜", "Chen Xia, Li Na"),
            ("马克", "Maker, Li Na"),
            ("何丽", "The Helix, A Model"),
            ("刘建民", "Jianmin Liub0rx"),
            ("刘建民", "Jianmin Liuba"),
            ("刘建民", "Jianmin Liuzhou"),
            ("胡平", "Ping Hua, Jun He"),
        ] {
            assert_eq!(found(name, text), [], "{name} in {text}");
        }
    }

    #[test]
    fn a_letter_that_may_be_a_mark_or_of_another_name_is_for_a_person() {
        assert_eq!(found("陈喜", "Ping Wua, Chen Xia, Jun Liub"), [("Chen Xi", false)]);
        assert_eq!(found("胡平", "Ping Hua,b,*"), [("Ping Hu", false)]);
    }

    #[test]
    fn a_word_of_anothers_name_and_symbols_of_elements_are_for_a_person() {
        for (name, text) in [
            ("何敏", "Wu Hemin presented the results"),
            ("何敏", "Hemin Wu presented the results"),
            ("何敏", "WU HEMIN"),
            ("何敏", "Wu, Hemin"),
            ("何敏", "by Min, He and others"),
            ("李锶", "Si, Li and K ions"),
            ("何锶", "the He-Si alloy"),
        ] {
            assert!(matches!(found(name, text)[..], [(_, false)]), "{text}: {:?}", found(name, text));
        }
        for (name, text, own) in [
            ("何敏", "He Min and Wu Ping", "He Min"),
            ("何敏", "Wu Ping, He Min, Hu Jun", "He Min"),
            ("何敏", "Wuping, Hemin, Hujun", "Hemin"),
            ("何敏", "WuPing HeMin", "HeMin"),
            ("何敏", "He, Min", "He, Min"),
            ("何敏", "the author Hemin", "Hemin"),
        ] {
            assert_eq!(found(name, text), [(own, true)], "{text}");
        }
    }

    #[test]
    fn a_name_of_parts_is_found_however_it_is_divided() {
        for text in [
            "GULINAER TUERXUN",
            "Gulinaer Tuerxun",
            "Gulina'er Tuerxun",
            "Tuerxun Gulinaer",
            "Gulinaertuerxun",
            "Gulinaer·Tuerxun",
            "Tuerxun, Gulinaer",
        ] {
            assert_eq!(found("古丽娜尔·吐尔逊", text), [(text, true)], "{text}");
        }
        assert_eq!(found("古丽娜尔·吐尔逊", "Ping Wua, Gulinaer Tuerxunb,*"), [("Gulinaer Tuerxun", true)]);
        assert_eq!(found("古丽娜尔·吐尔逊", "Gulinaer Tuerdi"), []);
    }

    #[test]
    fn syllables_are_told_from_other_letters() {
        for (word, most) in [("zhang", 1), ("weiguo", 2), ("lv", 1), ("nu", 1), ("ouyang", 2), ("xian", 1)] {
            assert!(is_syllables(word, most), "{word}");
        }
        for (word, most) in [("zhangb", 2), ("weiguob", 3), ("weiguo", 1), ("", 1), ("ng", 1), ("smith", 3)] {
            assert!(!is_syllables(word, most), "{word}");
        }
    }
}
