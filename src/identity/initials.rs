//! A surname with initials (W. Zhang, Zhang WG, Chen, S.-Y.) → whether it is written as one, and not part of another
//! person's. Many people share such a form, so it is never certain.

use super::account::is_account;
use super::context::{Surroundings, Verdict};
use super::latin::{Part, begins_a_syllable, is_letter, is_longer_word, marks, more_marks};
use super::normalize::fold;
use super::variants::{Keyword, is_separator};

/// Letters of a surname with initials from which an account made of them is told from a surname by itself.
const TELLING: usize = 4;
/// Letters of a surname from which a capital right behind it is an initial: LiN is a compound.
const TELLING_SURNAME: usize = 3;

/// Whether an abbreviation of the name stands for itself. A match is doubtful even then.
pub(crate) fn stand(keyword: &Keyword, around: &Surroundings) -> Verdict {
    let is_written = if around.own.iter().any(|c| c.is_uppercase()) {
        is_printed(keyword, around)
    } else {
        // wgzhang@…: nobody else is meant beside the applicant's other data, but it may be.
        keyword.chars.len() >= TELLING && is_account(around)
    };
    if is_written { Verdict::Stands } else { Verdict::Other }
}

/// The letters of the whole name that a bracket behind an abbreviation gives, as in Chen, SY (Chen, Siyuan).
pub(crate) fn in_full(keyword: &Keyword, around: &Surroundings) -> Option<Vec<char>> {
    let mut rest = around.after.iter().copied().skip_while(|c| c.is_whitespace() || *c == '.').flat_map(fold);
    let inside: Vec<char> = (rest.next() == Some('(')).then(|| rest.take_while(|&c| c != ')').collect())?;
    let letters: Vec<char> = inside.into_iter().filter(|&c| !is_separator(c)).collect();
    let first = keyword.chars.len() - keyword.last_word.chars().count();
    let surname = match keyword.last_part {
        Part::Given => &keyword.chars[..first],
        Part::Surname | Part::OfMany | Part::Unknown => &keyword.chars[first..],
    };
    let is_name = letters.len() > keyword.chars.len() && letters.iter().all(char::is_ascii_alphabetic);
    (is_name && (letters.starts_with(surname) || letters.ends_with(surname))).then_some(letters)
}

/// The match parted into surname, what stands between, and initials.
struct Parts {
    surname: Vec<char>,
    between: Vec<char>,
    initials: Vec<char>,
}

impl Parts {
    fn new(keyword: &Keyword, own: &[char]) -> Option<Self> {
        let letters: Vec<usize> = (0..own.len()).filter(|&i| is_letter(own[i])).collect();
        let last = keyword.last_word.chars().count();
        let first = letters.len().checked_sub(last).filter(|&first| first > 0 && last > 0)?;
        let (head, tail) = (own[..=letters[first - 1]].to_vec(), own[letters[first]..].to_vec());
        let between = own[letters[first - 1] + 1..letters[first]].to_vec();
        Some(match keyword.last_part {
            Part::Given => Self { surname: head, between, initials: tail },
            Part::Surname | Part::OfMany | Part::Unknown => Self { surname: tail, between, initials: head },
        })
    }
}

fn is_printed(keyword: &Keyword, around: &Surroundings) -> bool {
    let Some(parts) = Parts::new(keyword, &around.own) else { return false };
    let Parts { surname, between, initials } = &parts;
    let are_high = initials.iter().filter(|&&c| is_letter(c)).all(|c| c.is_uppercase())
        && surname.first().is_some_and(|c| c.is_uppercase());
    let is_small_after_first = surname.iter().skip(1).all(|c| !c.is_uppercase());
    let is_first = keyword.last_part == Part::Given;
    let is_parted = match between.as_slice() {
        [] => is_small_after_first && surname.len() >= TELLING_SURNAME,
        // Li-N is a bond, Zhang-W nothing.
        ['-' | '‐' | '–' | '−' | '_'] => false,
        // W, Zhang: the end of one name and the start of another.
        marks => is_first || !marks.iter().any(|c| matches!(c, ',' | '，')),
    };
    are_high
        && is_parted
        && !around.before.last().is_some_and(|&c| is_letter(c))
        && ends(keyword, around)
        && if is_first { begins_with_surname(around, between) } else { begins_with_initials(around, initials, between) }
}

/// No letter may follow, unless it marks an affiliation.
fn ends(keyword: &Keyword, around: &Surroundings) -> bool {
    if !around.after.first().is_some_and(|&c| is_letter(c)) {
        return keyword.last_part != Part::Given || !is_initial(around.after.iter());
    }
    marks(&around.after).is_some_and(|letters| {
        let rest = &around.after[letters.chars().count()..];
        let makes_a_word = match keyword.last_part {
            // CHEN Si³ is no S with an i.
            Part::Given => {
                let initial = around.own.iter().rev().take(1).flat_map(|c| c.to_lowercase());
                begins_a_syllable(&initial.chain(letters.chars()).collect::<String>())
            }
            Part::Surname | Part::OfMany | Part::Unknown => is_longer_word(keyword, &letters),
        };
        more_marks(rest) && !makes_a_word
    })
}

/// X. Zhang, W. Li: that Zhang has the initial before.
fn begins_with_surname(around: &Surroundings, between: &[char]) -> bool {
    !between.iter().any(|c| matches!(c, ',' | '，')) || !is_initial(around.before.iter().rev())
}

/// H. W. Zhang has two initials; A Fan and I You have none.
fn begins_with_initials(around: &Surroundings, initials: &[char], between: &[char]) -> bool {
    let is_word = matches!(initials, ['A' | 'I']) && !between.contains(&'.');
    !is_word && !is_initial(around.before.iter().rev())
}

/// True for a side of a match that goes on with an initial: a capital by itself behind points, hyphens and spaces. A
/// heading's A is none.
fn is_initial<'a>(side: impl Iterator<Item = &'a char>) -> bool {
    let mut rest = side.skip_while(|c| c.is_whitespace() || matches!(c, '.' | '·' | '-' | '‐' | '–'));
    let Some(&letter) = rest.next() else { return false };
    let next = rest.next().copied();
    is_letter(letter)
        && letter.is_uppercase()
        && !next.is_some_and(is_letter)
        && !(letter == 'A' && next.is_some_and(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use crate::identity::tests::found;
    use crate::identity::{Applicant, Evidence, Identity};

    #[test]
    fn a_surname_with_the_initials_is_for_a_person() {
        for (text, written) in [
            ("[3] He P, Liu JM, Wu Q. A study", "Liu JM"),
            ("Liu J, He P", "Liu J"),
            ("He, P., Liu, J.M., Wu, Q. (2019)", "Liu, J.M"),
            ("Liu, J.-M.; He, P.", "Liu, J.-M"),
            ("P. He, J. M. Liu, and Q. Wu", "J. M. Liu"),
            ("J.Liu et al.", "J.Liu"),
            ("LIU J M, HE P", "LIU J M"),
            ("Corresponding author: J-M Liu", "J-M Liu"),
            ("P. Hea, J. Liub,*", "J. Liu"),
            ("Liu JMb,*, He Pa", "Liu JM"),
        ] {
            assert_eq!(found("刘建民", text), [(written, false)], "{text}");
        }
        assert_eq!(found("欧阳明", "Ouyang M. Title"), [("Ouyang M", false)]);
        assert_eq!(found("刘建民", "Liu, JM (Liu, Jianmin)"), [("Liu, JM", false), ("Liu, Jianmin", true)]);
        assert_eq!(found("刘建民", "Liu J (corresponding author)"), [("Liu J", false)]);
        let identity = Identity::new(&Applicant::new("刘建民", "").expect("valid"), &[]);
        let matches = identity.search_text("Liu JM");
        assert_eq!(matches[0].evidence, Evidence::Initials { written: "Liu JM".into() });
    }

    #[test]
    fn other_initials_and_other_words_are_nobody() {
        for text in [
            "Liu JH, He P",
            "Liu J. H., He P",
            "Liu J-H",
            "H. J. Liu",
            "P. Liu, J. He",
            "He J, Liu P",
            "Wu J, Liu H",
            "liu j",
            "Liujm",
            "LIUJ",
            "Liu-J",
            "Liu Ji",
            "Liu",
            "Ji. Liu",
            "LIU Ji2, WU Ping1",
            "Liu, J (Liu, Jing); He, P",
            "J. Liu (Jing Liu)",
        ] {
            assert_eq!(found("刘建民", text), [], "{text}");
        }
        for (name, text) in [("李娜", "Li-N bond"), ("李娜", "LiN"), ("李娜", "Lin N"), ("范爱", "A Fan of")] {
            assert_eq!(found(name, text), [], "{name} in {text}");
        }
    }

    #[test]
    fn dozens_of_references_give_one_finding_each() {
        assert_eq!(found("刘建民", &"[1] He P, Liu J. A paper. ".repeat(24)).len(), 24);
    }

    #[test]
    fn a_listed_form_is_certain() {
        let applicant = Applicant {
            name: "刘建民".into(),
            aliases: vec!["Liu J. M.".into(), "J. Liu".into()],
            ..Applicant::default()
        };
        let identity = Identity::new(&applicant, &[]);
        for text in ["Liu JM, He P", "J. Liu and P. He"] {
            let found: Vec<bool> = identity.search_text(text).into_iter().map(|m| m.certain).collect();
            assert_eq!(found, [true], "{text}");
        }
    }

    #[test]
    fn the_name_as_an_address_or_account_is_certain_and_its_initials_are_not() {
        for text in [
            "E-mail: liujianmin@example.com",
            "liujianmin1985@example.com",
            "liu.jianmin@example.com",
            "2008liujianmin @example.com",
            "微信：liujianmin",
            "WeChat ID: liu_jianmin88",
            "C:\\Users\\liujianmin\\Desktop",
            "/home/liujianmin/paper",
        ] {
            assert!(matches!(found("刘建民", text)[..], [(_, true)]), "{text}: {:?}", found("刘建民", text));
        }
        for text in ["jmliu@example.com", "liujm85@example.com", "jm.liu@example.com", "liu_j@example.com"] {
            assert!(matches!(found("刘建民", text)[..], [(_, false)]), "{text}: {:?}", found("刘建民", text));
        }
        for text in ["dr.liujianmin@example.com", "info@liujianmin.com", "the liujianmin method"] {
            assert!(matches!(found("刘建民", text)[..], [(_, false)]), "{text}: {:?}", found("刘建民", text));
        }
        for text in ["liujianmina@example.com", "pliujm@example.com", "liujmh@example.com", "see liujm"] {
            assert_eq!(found("刘建民", text), [], "{text}");
        }
        assert_eq!(found("李娜", "lin@example.com"), []);
    }
}
