//! Applicant → the keywords to look for: everything that the name and the unit may be written as.

use std::collections::HashSet;

use super::Kind;
use super::applicant::Applicant;
use super::latin::Part;
use super::normalize::{INTERPUNCT, Normalized, is_filler, is_han};
use super::pinyin::{Spelling, abbreviations, given_name_length, spellings, spellings_of_parts};
use super::unit_code::is_unit_code;
use super::unit_forms;

/// How the keyword's characters are written, which decides where a match may begin and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// Chinese: words are not parted by spaces; a longer name is told by its neighbours.
    Han,
    /// Letters: found as whole words only.
    Latin,
}

/// Why a full match of a keyword still needs a person to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// None: the keyword is the name or the unit.
    None,
    /// A part of a long name that others share, or its second part (the father's name).
    CommonPart,
    /// A short form that other units may share.
    ShortForm,
    /// The surname with initials.
    Initials,
}

/// One thing to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Keyword {
    pub(crate) kind: Kind,
    /// The applicant's own data that it was made from.
    pub(crate) source: String,
    /// Folded characters, without fillers.
    pub(crate) chars: Vec<char>,
    /// Whether spaces, interpuncts (and, in letters, hyphens, commas) may stand before each character but the first.
    pub(crate) gaps: Vec<bool>,
    pub(crate) script: Script,
    pub(crate) doubt: Doubt,
    /// A name that one more character at its end would make another name (one given-name character).
    pub(crate) extendable: bool,
    /// One part of a long name: a match joined to further parts by an interpunct is another person.
    pub(crate) part: bool,
    /// The last word of a name in letters, and what it is.
    pub(crate) last_word: String,
    pub(crate) last_part: Part,
}

impl Keyword {
    /// The keyword as folded text.
    pub(crate) fn text(&self) -> String {
        self.chars.iter().collect()
    }

    fn han(kind: Kind, source: &str, form: &str, doubt: Doubt) -> Option<Self> {
        let chars: Vec<char> = Normalized::new(form).chars().iter().copied().filter(|&c| !is_filler(c)).collect();
        let gaps = vec![true; chars.len()];
        (chars.len() >= 2).then(|| Self {
            kind,
            source: source.to_owned(),
            chars,
            gaps,
            script: Script::Han,
            doubt,
            extendable: false,
            part: false,
            last_word: String::new(),
            last_part: Part::Unknown,
        })
    }

    /// Letters; separators may stand where the form has one (a space) and nowhere else.
    fn latin(kind: Kind, source: &str, form: &str) -> Option<Self> {
        let mut chars = Vec::new();
        let mut gaps = Vec::new();
        let mut gap = false;
        for &c in Normalized::new(form).chars() {
            if is_separator(c) {
                gap = true;
            } else {
                chars.push(c);
                gaps.push(gap && chars.len() > 1);
                gap = false;
            }
        }
        let last_word = chars[gaps.iter().rposition(|&gap| gap).unwrap_or(0)..].iter().collect();
        (chars.len() >= 2).then(|| Self {
            kind,
            source: source.to_owned(),
            chars,
            gaps,
            script: Script::Latin,
            doubt: Doubt::None,
            extendable: false,
            part: false,
            last_word,
            last_part: Part::Unknown,
        })
    }
}

/// What may stand between the words of a name in letters.
pub(crate) fn is_separator(folded: char) -> bool {
    is_filler(folded) || matches!(folded, '-' | ',' | '\'' | '_' | '’')
}

/// Every keyword of an applicant, longest first, without doubles.
pub(crate) fn keywords(applicant: &Applicant) -> Vec<Keyword> {
    let mut found = Vec::new();
    name_keywords(&applicant.name, &mut found);
    unit_keywords(&applicant.unit, &mut found);
    for alias in &applicant.aliases {
        match alias_kind(alias, applicant) {
            Kind::Name => name_keywords(alias, &mut found),
            Kind::Unit => alias_unit_keywords(alias, &mut found),
        }
    }
    for unit in &applicant.former_units {
        unit_keywords(unit, &mut found);
    }
    // A form that is certain wins over the same form in doubt.
    found.sort_by_key(|k| (std::cmp::Reverse(k.chars.len()), k.doubt != Doubt::None));
    let mut seen = HashSet::new();
    found.retain(|k| seen.insert((k.chars.clone(), k.kind == Kind::Name)));
    found
}

fn name_keywords(name: &str, found: &mut Vec<Keyword>) {
    let folded = Normalized::new(name);
    if !folded.chars().iter().any(|&c| is_han(c)) {
        found.extend(Keyword::latin(Kind::Name, name, name));
        // Zhang Wei also as Wei Zhang.
        let text = folded.text();
        let mut words: Vec<&str> = text.split(is_separator).filter(|w| !w.is_empty()).collect();
        if words.len() == 2 && words.iter().all(|w| w.chars().count() >= 2) {
            words.reverse();
            found.extend(Keyword::latin(Kind::Name, name, &words.join(" ")));
        }
        return;
    }
    let parts: Vec<String> = folded
        .text()
        .split(INTERPUNCT)
        .map(|part| part.chars().filter(|&c| c != ' ').collect::<String>())
        .filter(|part| !part.is_empty())
        .collect();
    if let Some(mut whole) = Keyword::han(Kind::Name, name, name, Doubt::None) {
        whole.extendable = parts.len() == 1 && given_name_length(&whole.chars) == 1;
        if parts.len() == 1 {
            let in_full = spellings(&whole.chars).into_iter().map(|spelling| (spelling, Doubt::None));
            let short = abbreviations(&whole.chars).into_iter().map(|spelling| (spelling, Doubt::Initials));
            for (Spelling { text, last_word, last_part }, doubt) in in_full.chain(short) {
                let keyword = Keyword::latin(Kind::Name, name, &text);
                found.extend(keyword.map(|keyword| Keyword { doubt, last_word, last_part, ..keyword }));
            }
        }
        found.push(whole);
    }
    if parts.len() > 1 {
        let characters: Vec<Vec<char>> = parts.iter().map(|part| part.chars().collect()).collect();
        for Spelling { text, last_word, last_part } in spellings_of_parts(&characters) {
            let keyword = Keyword::latin(Kind::Name, name, &text);
            found.extend(keyword.map(|keyword| Keyword { last_word, last_part, ..keyword }));
        }
        for (index, part) in parts.iter().enumerate() {
            let length = part.chars().count();
            let doubt = if index == 0 && length >= 3 && !COMMON_PARTS.split_whitespace().any(|common| common == part) {
                Doubt::None
            } else {
                Doubt::CommonPart
            };
            if let Some(mut keyword) = Keyword::han(Kind::Name, name, part, doubt) {
                keyword.part = true;
                found.push(keyword);
            }
        }
    }
}

/// Given names that so many Uyghur, Kazakh and Hui people bear that one alone does not tell whom it means.
const COMMON_PARTS: &str = "\
    买买提 麦麦提 穆罕默德 买合买提 艾合买提 艾合麦提 阿不都 阿卜杜 阿布都 吐尔逊 图尔荪 阿不力孜 玉素甫 \
    依明 依布拉音 易卜拉欣 伊布拉音 古丽 帕提古丽 阿依古丽 热合曼 卡德尔 肉孜 吾买尔 艾力 阿里木 努尔 \
    哈力克 司马义 斯马依 托合提 赛买提 热依木 尼亚孜 木合塔尔 阿不来提 艾尔肯 阿迪力";

/// True for text that begins with such a given name: another person's second name whose interpunct was not read.
pub(crate) fn begins_with_common_part(text: &str) -> bool {
    COMMON_PARTS.split_whitespace().any(|common| text.starts_with(common))
}

fn unit_keywords(unit: &str, found: &mut Vec<Keyword>) {
    alias_unit_keywords(unit, found);
    if Normalized::new(unit).chars().iter().any(|&c| is_han(c)) {
        if let Some(second) = unit_forms::second_name(unit) {
            found.extend(Keyword::han(Kind::Unit, unit, &second, Doubt::None));
        }
        for form in unit_forms::short_forms(unit) {
            let doubt = if form.distinctive { Doubt::None } else { Doubt::ShortForm };
            found.extend(Keyword::han(Kind::Unit, unit, &form.text, doubt));
        }
    }
}

/// A unit's written form as it stands, with brackets and without.
fn alias_unit_keywords(unit: &str, found: &mut Vec<Keyword>) {
    if unit.is_empty() {
        return;
    }
    if Normalized::new(unit).chars().iter().any(|&c| is_han(c)) {
        found.extend(Keyword::han(Kind::Unit, unit, unit, Doubt::None));
        let bare: String = Normalized::new(unit).text().chars().filter(|c| !matches!(c, '(' | ')')).collect();
        found.extend(Keyword::han(Kind::Unit, unit, &bare, Doubt::None));
    } else {
        found.extend(Keyword::latin(Kind::Unit, unit, unit));
    }
}

/// Words that only units have, in Chinese and in English.
const UNIT_WORDS: &str = "\
    公司 集团 大学 学院 学校 中学 小学 医院 研究 中心 委员会 银行 工厂 农场 牧场 兵团 支队 协会 学会 幼儿园 \
    设计院 科学院 党校 法院 检察院 出版社 分局 管理局 总站 林场 卫生院 园区 university college institute \
    company co· ltd inc corp hospital bureau school academy center centre group department laboratory \
    station technology committee bank";

/// Whether an alias is another form of the name or of the unit; the user does not say.
fn alias_kind(alias: &str, applicant: &Applicant) -> Kind {
    let folded = Normalized::new(alias).text();
    let has_unit_word = UNIT_WORDS.split(' ').any(|word| folded.contains(word))
        || ["局", "厅", "院", "所", "站", "处", "厂", "校"]
            .iter()
            .any(|ending| folded.ends_with(ending) && folded.chars().count() > 3);
    if has_unit_word || is_unit_code(alias) || applicant.name.is_empty() {
        return Kind::Unit;
    }
    if applicant.unit.is_empty() {
        return Kind::Name;
    }
    if folded.chars().any(is_han) {
        let long = folded.chars().filter(|&c| is_han(c)).count() > 4 && !folded.contains(INTERPUNCT);
        // 新农大 is made of characters of 新疆农业大学 in their order.
        let unit = Normalized::new(&applicant.unit);
        let mut rest = unit.chars().iter();
        let abbreviates = folded.chars().all(|c| rest.any(|&u| u == c));
        if long || abbreviates { Kind::Unit } else { Kind::Name }
    } else if folded.split(is_separator).filter(|w| !w.is_empty()).count() > 4 {
        Kind::Unit
    } else {
        Kind::Name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(applicant: &Applicant, kind: Kind) -> Vec<String> {
        keywords(applicant).into_iter().filter(|k| k.kind == kind).map(|k| k.text()).collect()
    }

    #[test]
    fn long_names_match_whole_and_by_part() {
        let applicant = Applicant::new("阿卜杜热依木·麦麦提", "").expect("valid");
        let found = keywords(&applicant);
        let by_text = |text: &str| found.iter().find(|k| k.text() == text).expect("is looked for");
        assert_eq!(by_text("阿卜杜热依木麦麦提").doubt, Doubt::None);
        assert_eq!(by_text("阿卜杜热依木").doubt, Doubt::None);
        assert_eq!(by_text("麦麦提").doubt, Doubt::CommonPart);
    }

    #[test]
    fn an_alias_is_sorted_to_the_name_or_the_unit() {
        let applicant = Applicant::new("张伟", "新疆农业大学").expect("valid");
        for (alias, kind) in [
            ("新农大", Kind::Unit),
            ("张大伟", Kind::Name),
            ("Xinjiang Agricultural University", Kind::Unit),
            ("W. Zhang", Kind::Name),
            ("草业研究中心", Kind::Unit),
        ] {
            assert_eq!(alias_kind(alias, &applicant), kind, "{alias}");
        }
    }

    #[test]
    fn only_the_first_and_given_name_decides_whether_a_name_can_be_extended() {
        for (name, extendable) in [("张伟", true), ("王小明", false), ("欧阳明", true), ("欧阳明华", false)]
        {
            let found = keywords(&Applicant::new(name, "").expect("valid"));
            assert_eq!(
                found.iter().find(|k| k.script == Script::Han).expect("the name").extendable,
                extendable,
                "{name}"
            );
        }
    }

    #[test]
    fn brackets_in_a_unit_may_be_absent() {
        let applicant = Applicant::new("", "新疆天山（集团）有限公司").expect("valid");
        let forms = texts(&applicant, Kind::Unit);
        for form in ["新疆天山(集团)有限公司", "新疆天山集团有限公司"] {
            assert!(forms.iter().any(|f| f == form), "{form} in {forms:?}");
        }
    }
}
