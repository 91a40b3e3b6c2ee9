//! Text → folded characters that compare equal when a person would call them the same, each with the place in
//! the original that it came from. Folds compatibility forms (NFKC), full/half width, brackets, interpuncts,
//! dashes, spaces, case, accents, Kangxi radicals and traditional/simplified Chinese; drops what is invisible.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What every interpunct (· • ‧ ・ ． .) folds to.
pub(crate) const INTERPUNCT: char = '·';

/// CJK radicals supplement characters that PDF text layers use in place of the ideograph and that have no
/// Unicode decomposition (from the Unicode charts of block 2E80–2EFF).
const RADICALS: &str = "⺁厂⺄乙⺅亻⺇几⺈刀⺉刂⺊卜⺋卩⺎兀⺏尢⺓幺⺔彐⺖忄⺗心⺘扌⺙攵⺛旡⺝月⺞歹⺠民⺡氵⺢水⺣灬⺤爪⺥爫⺦丬⺧牛⺨犭⺩王⺪疋⺫目⺬示⺭礻⺮竹⺯糸⺰纟⺱网⺲罒⺶羊⺷羊⺹老⺺聿⺻聿⺼肉⺽臼⺾艹⻀艹⻁虎⻂衤⻃覀⻄西⻅见⻆角⻇角⻈讠⻉贝⻊足⻋车⻌辶⻍辶⻎辶⻏阝⻐钅⻑长⻒长⻓长⻔门⻕阜⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻟食⻠饣⻡首⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫齐⻬齐⻭齿⻮齿⻯龙⻰龙⻱龟⻲龟⻳龟";

/// Traditional character → simplified character, for those that differ.
fn simplified() -> &'static HashMap<char, char> {
    static TABLE: OnceLock<HashMap<char, char>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let Ok(converter) = OpenCC::from_config(BuiltinConfig::T2s) else { return HashMap::new() };
        ideographs()
            .filter_map(|c| {
                let mut buffer = [0; 4];
                let converted = converter.convert(c.encode_utf8(&mut buffer));
                let mut converted = converted.chars();
                match (converted.next(), converted.next()) {
                    (Some(other), None) if other != c => Some((c, other)),
                    _ => None,
                }
            })
            .collect()
    })
}

/// The blocks in which traditional forms of everyday characters lie: unified ideographs and extension A.
fn ideographs() -> impl Iterator<Item = char> {
    ('\u{3400}'..='\u{4dbf}').chain('\u{4e00}'..='\u{9fff}')
}

/// Simplified form of a character, itself when it has none. Chains (a simplified form that has a simpler one)
/// are followed to their end.
fn simplify(c: char) -> char {
    let mut current = c;
    for _ in 0..3 {
        match simplified().get(&current) {
            Some(&next) => current = next,
            None => break,
        }
    }
    current
}

fn radical(c: char) -> Option<char> {
    if !('\u{2e80}'..='\u{2eff}').contains(&c) {
        return None;
    }
    let mut pairs = RADICALS.chars();
    while let (Some(radical), Some(ideograph)) = (pairs.next(), pairs.next()) {
        if radical == c {
            return Some(ideograph);
        }
    }
    None
}

/// True for characters that take no room on the page and may stand between any two others.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
        || (c.is_control() && !c.is_whitespace())
}

/// What one character folds to; nothing for an invisible one, several for ligatures and squared words.
pub(crate) fn fold(c: char) -> impl Iterator<Item = char> {
    std::iter::once(c).filter(|&c| !is_invisible(c)).map(punctuation).nfkd().flat_map(|c| {
        let c = if is_combining_mark(c) || is_invisible(c) { None } else { Some(punctuation(c)) };
        c.into_iter().flat_map(char::to_lowercase).filter(|&c| !is_combining_mark(c)).map(simplify)
    })
}

fn punctuation(c: char) -> char {
    match c {
        '.' | '·' | '•' | '‧' | '・' | '．' | '･' | '∙' | '⋅' | '\u{387}' | '﹒' => INTERPUNCT,
        '(' | '[' | '{' | '（' | '［' | '｛' | '〔' | '【' | '〖' | '﹝' | '﹙' | '⁅' | '❨' => '(',
        ')' | ']' | '}' | '）' | '］' | '｝' | '〕' | '】' | '〗' | '﹞' | '﹚' | '⁆' | '❩' => ')',
        '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '﹣' | '－' | '﹘' => '-',
        '\'' | '’' | '‘' | 'ʼ' | '＇' | '`' | '´' | 'ˈ' => '\'',
        c if c.is_whitespace() => ' ',
        c => radical(c).unwrap_or(c),
    }
}

/// True for a Chinese character (folded or not).
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '〇' | '々')
}

/// True for what may stand between two characters of a name without parting it: spaces and interpuncts.
pub(crate) fn is_filler(folded: char) -> bool {
    folded == ' ' || folded == INTERPUNCT
}

/// Folded text that remembers where each of its characters came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Normalized {
    chars: Vec<char>,
    /// `origin[i]` is the index, in characters, of the original character that gave `chars[i]`.
    origin: Vec<usize>,
}

impl Normalized {
    /// The folded form of a text.
    pub fn new(text: &str) -> Self {
        Self::of_chars(text.chars())
    }

    /// The folded form of a sequence of characters (glyphs of a text layer).
    pub fn of_chars(original: impl IntoIterator<Item = char>) -> Self {
        let mut normalized = Self::default();
        for (index, c) in original.into_iter().enumerate() {
            for folded in fold(c) {
                normalized.chars.push(folded);
                normalized.origin.push(index);
            }
        }
        normalized
    }

    /// The folded characters.
    pub fn chars(&self) -> &[char] {
        &self.chars
    }

    /// The folded text.
    pub fn text(&self) -> String {
        self.chars.iter().collect()
    }

    /// The range of original characters (by index, half-open) that a non-empty range of folded ones came from.
    pub fn original(&self, folded: &Range<usize>) -> Range<usize> {
        match self.origin.get(folded.start..folded.end) {
            Some([first, .., last]) => *first..last + 1,
            Some([only]) => *only..only + 1,
            _ => 0..0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folded(text: &str) -> String {
        Normalized::new(text).text()
    }

    #[test]
    fn forms_that_a_person_calls_the_same_fold_together() {
        for (a, b) in [
            ("ＺＨＡＮＧ　Ｗｅｉ", "zhang wei"),
            ("新疆天山（集团）有限公司", "新疆天山(集团)有限公司"),
            ("【甲】〔乙〕［丙］", "(甲)(乙)(丙)"),
            ("阿卜杜热依木•麦麦提", "阿卜杜热依木·麦麦提"),
            ("阿‧乙・丙．丁", "阿·乙·丙·丁"),
            ("張偉", "张伟"),
            ("國際電氣", "国际电气"),
            ("⼀⼤⾼⻓⻰", "一大高长龙"),
            ("Zhāng Wěi", "zhang wei"),
            ("Lǚ", "lu"),
            ("张\u{200b}伟\u{feff}", "张伟"),
            ("金\u{f90a}", "金金"),
            ("ﬁ㈱", "fi(株)"),
        ] {
            assert_eq!(folded(a), folded(b), "{a} and {b}");
        }
        assert_eq!(folded("張偉"), "张伟");
    }

    #[test]
    fn commas_and_enumeration_marks_stay_apart_from_interpuncts() {
        assert_ne!(folded("张，伟"), folded("张·伟"));
        assert_ne!(folded("张、伟"), folded("张·伟"));
    }

    #[test]
    fn folding_every_ideograph_twice_changes_nothing_more() {
        for c in ideographs() {
            let once: String = fold(c).collect();
            assert_eq!(folded(&once), once, "{c}");
        }
    }

    proptest! {
        #[test]
        fn folding_is_idempotent(text in "\\PC{0,40}") {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once);
        }

        #[test]
        fn every_folded_range_maps_into_the_original(text in "\\PC{1,40}", a in 0usize..60, b in 0usize..60) {
            let normalized = Normalized::new(&text);
            let length = normalized.chars().len();
            let (start, end) = (a.min(b).min(length), a.max(b).min(length));
            let original = normalized.original(&(start..end));
            prop_assert!(original.start <= original.end && original.end <= text.chars().count());
            prop_assert_eq!(original.is_empty(), start == end);
        }
    }
}
