//! Public bodies of a city or county → what people call them there: 云岭市第三人民医院 is 云岭市三院, 市三院 and
//! 市第三人民医院.

use super::unit_forms::{ShortForm, distinctive_characters, place_length};

/// What a numbered institution's name ends with, longest first, and the one character that stands for it.
const NUMBERED: [(&str, char); 10] = [
    ("人民医院", '院'),
    ("中医医院", '院'),
    ("医院", '院'),
    ("高级中学", '中'),
    ("初级中学", '中'),
    ("实验小学", '小'),
    ("中心小学", '小'),
    ("中学", '中'),
    ("小学", '小'),
    ("幼儿园", '幼'),
];

/// Numbers of institutions.
const NUMBERS: &str = "一二三四五六七八九十";

/// Kinds of places that stand for the place itself where there is one of them: 市三院, 县医院.
pub(crate) const OWN_KINDS: &str = "市县区州旗镇乡";

/// What may stand before such a form without being a part of the place's name: 转入市三院, 我县农技中心.
const BEFORE_KIND: &str = "入在由经到去至从与和及为向往对于赴报是我本该全以被给自任";

/// Short forms with the place, and, in doubt, with its kind alone; `bodies` are the unit's written forms. None for a body
/// with a name of its own beside the place's.
pub(crate) fn public_forms(bodies: &[Vec<char>]) -> Vec<ShortForm> {
    let mut forms: Vec<ShortForm> = Vec::new();
    let mut add = |text: String, distinctive: bool| {
        if text.chars().count() >= 3 && !forms.iter().any(|form| form.text == text) {
            forms.push(ShortForm { text, distinctive });
        }
    };
    for body in bodies {
        let length = place_length(body);
        let (place, rest) = body.split_at(length);
        let Some(&kind) = place.last().filter(|kind| OWN_KINDS.contains(**kind)) else { continue };
        if rest.len() < 2 || distinctive_characters(rest).contains(&true) {
            continue;
        }
        let (place, rest): (String, String) = (place.iter().collect(), rest.iter().collect());
        add(format!("{kind}{rest}"), false);
        if let Some(short) = numbered(&rest) {
            add(format!("{place}{short}"), true);
            add(format!("{kind}{short}"), false);
        }
    }
    forms
}

/// 三院 of 第三人民医院.
fn numbered(rest: &str) -> Option<String> {
    let number = rest.strip_prefix('第')?.chars().next().filter(|c| NUMBERS.contains(*c))?;
    let kind = rest.strip_prefix('第')?.strip_prefix(number)?;
    NUMBERED.iter().find(|(name, _)| *name == kind).map(|(_, short)| format!("{number}{short}"))
}

/// True for a form that begins with a kind of place when what stands right before it is that place's name: another's.
pub(crate) fn is_of_a_named_place(form: &[char], before: &[char]) -> bool {
    form.first().is_some_and(|kind| OWN_KINDS.contains(*kind))
        && before.last().is_some_and(|&c| super::normalize::is_han(c) && !BEFORE_KIND.contains(c))
}

#[cfg(test)]
mod tests {
    use crate::identity::{Applicant, Identity};

    fn found(unit: &str, text: &str) -> Vec<(String, bool)> {
        let identity = Identity::new(&Applicant::new("", unit).expect("usable"), &[]);
        identity.search_text(text).into_iter().map(|m| (text[m.range].to_owned(), m.certain)).collect()
    }

    #[test]
    fn a_numbered_body_is_found_by_its_short_forms() {
        for (unit, text, form, certain) in [
            ("沙丘市第二人民医院", "转入沙丘市二院治疗", "沙丘市二院", true),
            ("沙丘市第二人民医院", "转入市二院治疗", "市二院", false),
            ("沙丘市第二人民医院", "在市第二人民医院就诊", "市第二人民医院", false),
            ("沙丘县第一高级中学", "考入沙丘县一中", "沙丘县一中", true),
            ("沙丘县农业技术推广中心", "由县农技推广中心组织", "县农技推广中心", false),
            ("沙丘县农业技术推广中心", "沙丘县农技中心", "沙丘县农技中心", true),
            ("沙丘县疾病预防控制中心", "沙丘县疾控中心", "沙丘县疾控中心", true),
        ] {
            assert_eq!(found(unit, text), [(form.to_owned(), certain)], "{text}");
        }
    }

    #[test]
    fn bodies_of_other_places_and_numbers_are_others() {
        for (unit, text) in [
            ("沙丘市第二人民医院", "转入河湾市二院治疗"),
            ("沙丘市第二人民医院", "河湾市第二人民医院"),
            ("沙丘市第二人民医院", "转入沙丘市三院治疗"),
            ("沙丘县农业技术推广中心", "河湾县农技推广中心"),
            ("沙丘县农业技术推广中心", "省农技推广中心"),
        ] {
            assert_eq!(found(unit, text), [], "{text}");
        }
    }
}
