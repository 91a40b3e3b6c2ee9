//! Chinese name → how it is spelled in Latin letters on certificates, papers and passports.

use std::collections::BTreeSet;

use pinyin::{ToPinyin, ToPinyinMulti};

use super::latin::Part;

/// Surnames of two characters, folded.
const COMPOUND_SURNAMES: &str = "\
    欧阳:ou_yang 司马:si_ma 上官:shang_guan 诸葛:zhu_ge 东方:dong_fang 皇甫:huang_fu 尉迟:yu_chi \
    公孙:gong_sun 慕容:mu_rong 令狐:ling_hu 司徒:si_tu 夏侯:xia_hou 长孙:zhang_sun 宇文:yu_wen 万俟:mo_qi \
    澹台:tan_tai 单于:chan_yu 端木:duan_mu 独孤:du_gu 南宫:nan_gong 西门:xi_men 呼延:hu_yan 轩辕:xuan_yuan \
    闻人:wen_ren 赫连:he_lian 拓跋:tuo_ba 完颜:wan_yan 纳兰:na_lan 申屠:shen_tu 公羊:gong_yang 淳于:chun_yu \
    太史:tai_shi 钟离:zhong_li 鲜于:xian_yu 闾丘:lu_qiu 百里:bai_li";

/// Surnames read otherwise than the character is usually read (Xinhua dictionary, surname readings).
const SURNAME_READINGS: &str = "\
    单:shan 曾:zeng 仇:qiu 解:xie 查:zha 任:ren 朴:piao 区:ou 盖:ge 尉:wei 缪:miao 宓:mi 折:she 种:chong \
    重:chong 乐:yue 员:yun 秘:bi 纪:ji 华:hua 宁:ning 葛:ge 洗:xian 冼:xian 繁:po 晟:cheng 覃:qin 谌:chen \
    召:shao 燕:yan 翟:zhai 臧:zang 贾:jia 黑:he 适:kuo 句:gou 都:du 车:che 石:shi 柏:bai 卜:bu 沈:shen \
    那:na 叶:ye 戴:dai 长:zhang 过:guo 哈:ha 牟:mu 隗:wei 洪:hong 么:yao 万:wan 黄:huang 俞:yu 於:yu 于:yu \
    阚:kan 角:jue 曲:qu 降:jiang 邸:di 薄:bo 行:xing 强:qiang 乜:nie 逄:pang 逯:lu 郇:xun 郗:xi 佘:she \
    厍:she 呙:guo 芮:rui 藉:ji 祭:zhai 撒:sa 相:xiang 冯:feng 舍:she 褚:chu";

/// The reading that a table of `surname:reading` gives, syllables parted by spaces.
fn entry(table: &str, surname: &str) -> Option<String> {
    let entries = table.split(' ').filter_map(|entry| entry.split_once(':'));
    entries.into_iter().find(|&(s, _)| s == surname).map(|(_, reading)| reading.replace('_', " "))
}

/// Most spellings made of one name: polyphones multiply.
const MOST_SPELLINGS: usize = 48;

/// How many characters of a folded Chinese name are the given name.
pub(crate) fn given_name_length(name: &[char]) -> usize {
    name.len().saturating_sub(surname_length(name))
}

fn surname_length(name: &[char]) -> usize {
    let start: String = name.iter().take(2).collect();
    if name.len() >= 3 && entry(COMPOUND_SURNAMES, &start).is_some() { 2 } else { 1 }
}

/// One way to write a name in letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spelling {
    /// Syllables parted by spaces, where a separator may stand.
    pub(crate) text: String,
    /// The last word, its syllables together.
    pub(crate) last_word: String,
    pub(crate) last_part: Part,
}

impl Spelling {
    fn new(first: &str, last: &str, last_part: Part) -> Self {
        Self { text: format!("{first} {last}"), last_word: last.replace(' ', ""), last_part }
    }
}

/// Every spelling of a folded Chinese name: surname first and given name first. Empty for a name with a character
/// that has no reading.
pub(crate) fn spellings(name: &[char]) -> Vec<Spelling> {
    let (surnames, givens) = parts(name);
    let mut all = Vec::new();
    for surname in &surnames {
        for given in &givens {
            all.push(Spelling::new(surname, given, Part::Given));
            all.push(Spelling::new(given, surname, Part::Surname));
        }
    }
    all.truncate(MOST_SPELLINGS);
    all
}

/// Most spellings made of a name of parts, each in two orders: keywords of twenty letters, and rare readings are not how
/// such names are spelled.
const MOST_OF_PARTS: usize = 12;

/// Every spelling of a folded name whose parts an interpunct joins, the own name first and last; each character as it is
/// usually read, or one of them otherwise. Empty when a character has no reading.
pub(crate) fn spellings_of_parts(parts: &[Vec<char>]) -> Vec<Spelling> {
    let read: Vec<Vec<Vec<String>>> = parts.iter().map(|part| part.iter().map(|&c| readings(c)).collect()).collect();
    let usual: Option<Vec<Vec<String>>> =
        read.iter().map(|part| part.iter().map(|readings| readings.first().cloned()).collect()).collect();
    let Some(usual) = usual else { return Vec::new() };
    let mut all = vec![usual.clone()];
    for (i, part) in read.iter().enumerate() {
        for (j, readings) in part.iter().enumerate() {
            for reading in readings.iter().skip(1) {
                let mut other = usual.clone();
                other[i][j].clone_from(reading);
                all.push(other);
            }
        }
    }
    all.truncate(MOST_OF_PARTS);
    let mut spelled = Vec::new();
    for parts in all {
        let words: Vec<String> = parts.iter().map(|part| part.join(" ")).collect();
        for turned in [false, true] {
            let mut words = words.clone();
            if turned {
                words.reverse();
            }
            if let Some((last, first)) = words.split_last() {
                spelled.push(Spelling::new(&first.join(" "), last, Part::OfMany));
            }
        }
    }
    spelled
}

/// The name's abbreviations: the surname with all initials of the given name or with the first, in both orders.
pub(crate) fn abbreviations(name: &[char]) -> Vec<Spelling> {
    let (surnames, givens) = parts(name);
    let initials = |given: &String| given.split(' ').filter_map(|syllable| syllable.chars().next()).collect();
    let all_initials: BTreeSet<Vec<char>> = givens.iter().map(initials).collect();
    let mut shown: BTreeSet<String> = BTreeSet::new();
    for initials in all_initials {
        let parted: Vec<String> = initials.iter().map(char::to_string).collect();
        shown.extend(parted.first().cloned());
        shown.insert(parted.join(" "));
    }
    let mut all = Vec::new();
    for surname in &surnames {
        for initials in &shown {
            all.push(Spelling::new(surname, initials, Part::Given));
            all.push(Spelling::new(initials, surname, Part::Surname));
        }
    }
    all
}

/// The readings of the surname and of the given name; none when there is no given name or one too long.
fn parts(name: &[char]) -> (Vec<String>, Vec<String>) {
    let (surname, given) = name.split_at(surname_length(name).min(name.len()));
    if given.is_empty() || given.len() > 3 {
        return (Vec::new(), Vec::new());
    }
    let mut givens = vec![String::new()];
    for &c in given {
        let readings = readings(c);
        givens = givens
            .iter()
            .flat_map(|start| readings.iter().map(move |r| format!("{start} {r}").trim().to_owned()))
            .take(MOST_SPELLINGS)
            .collect();
    }
    (surname_readings(surname), givens)
}

/// True for two parts of long names that may be the same name put into Chinese in two ways: 买买提 and 麦麦提, 依明 and 伊敏.
pub(crate) fn sound_alike(a: &[char], b: &[char]) -> bool {
    /// Share of the letters that such spellings have in common: 吐尔逊 and 图尔荪 have three quarters.
    const ALIKE: f64 = 0.5;
    let letters =
        |part: &[char]| part.iter().filter_map(ToPinyin::to_pinyin).map(pinyin::Pinyin::plain).collect::<String>();
    strsim::normalized_levenshtein(&letters(a), &letters(b)) >= ALIKE
}

fn surname_readings(surname: &[char]) -> Vec<String> {
    let text: String = surname.iter().collect();
    if let Some(reading) = entry(COMPOUND_SURNAMES, &text) {
        return with_u_forms(&[reading]);
    }
    let [c] = surname else { return Vec::new() };
    if let Some(reading) = entry(SURNAME_READINGS, &text) {
        return with_u_forms(&[reading]);
    }
    // Surnames such as 吕 carry ü, hence the forms with v, u and yu.
    let usual: Vec<String> = c.to_pinyin().into_iter().map(|p| p.plain().to_owned()).collect();
    with_u_forms(&usual)
}

fn readings(c: char) -> Vec<String> {
    let mut all: Vec<String> = c.to_pinyin().into_iter().map(|p| p.plain().to_owned()).collect();
    if let Some(multi) = c.to_pinyin_multi() {
        all.extend((0..multi.count()).map(|i| multi.get(i).plain().to_owned()));
    }
    with_u_forms(&all)
}

/// ü is written v, u or (in passports) yu.
fn with_u_forms(readings: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for reading in readings {
        let forms = if reading.contains('ü') || reading.contains('v') {
            let reading = reading.replace('v', "ü");
            vec![reading.replace('ü', "u"), reading.replace('ü', "v"), reading.replace('ü', "yu")]
        } else if matches!(reading.as_str(), "lu qiu") {
            vec!["lu qiu".to_owned(), "lv qiu".to_owned(), "lyu qiu".to_owned()]
        } else {
            vec![reading.clone()]
        };
        for form in forms {
            if !all.contains(&form) {
                all.push(form);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_a_long_names_part_sound_alike_and_two_names_do_not() {
        let alike = |a: &str, b: &str| sound_alike(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
        for (a, b) in [("买买提", "麦麦提"), ("依明", "伊敏"), ("吐尔逊", "图尔荪"), ("艾合买提", "艾合麦提")]
        {
            assert!(alike(a, b), "{a} {b}");
        }
        for (a, b) in [("克里木", "吐逊"), ("克里木", "热西提"), ("麦麦提", "艾尔肯"), ("祖丽菲亚", "买买提")]
        {
            assert!(!alike(a, b), "{a} {b}");
        }
    }

    fn of(name: &str) -> Vec<String> {
        spellings(&name.chars().collect::<Vec<_>>()).into_iter().map(|s| s.text).collect()
    }

    #[test]
    fn both_orders_are_spelled() {
        assert_eq!(of("张伟"), ["zhang wei", "wei zhang"]);
        let long = of("欧阳小明");
        assert!(long.contains(&"ou yang xiao ming".to_owned()) && long.contains(&"xiao ming ou yang".to_owned()));
    }

    #[test]
    fn surnames_are_read_as_surnames() {
        for (name, spelling) in [
            ("单丽", "shan li"),
            ("曾强", "zeng qiang"),
            ("仇英", "qiu ying"),
            ("解放", "xie fang"),
            ("查良", "zha liang"),
            ("尉迟恭", "yu chi gong"),
        ] {
            assert_eq!(of(name)[0], spelling);
        }
    }

    #[test]
    fn u_with_dots_has_three_forms_and_polyphones_all_their_readings() {
        let found = of("吕乐");
        for spelling in ["lu le", "lv yue", "lyu le"] {
            assert!(found.contains(&spelling.to_owned()), "{spelling} in {found:?}");
        }
        assert!(of("王重").contains(&"wang chong".to_owned()));
    }

    #[test]
    fn a_name_of_parts_is_spelled_in_both_orders() {
        let parts: Vec<Vec<char>> = ["古丽娜尔", "吐尔逊"].iter().map(|part| part.chars().collect()).collect();
        let texts: Vec<String> = spellings_of_parts(&parts).into_iter().map(|s| s.text).collect();
        for spelling in ["gu li na er tu er xun", "tu er xun gu li na er"] {
            assert!(texts.contains(&spelling.to_owned()), "{spelling} in {texts:?}");
        }
    }

    #[test]
    fn abbreviations_have_all_initials_or_the_first() {
        let of = |name: &str| abbreviations(&name.chars().collect::<Vec<_>>()).into_iter().map(|s| s.text).collect();
        let texts: Vec<String> = of("刘建民");
        assert_eq!(texts, ["liu j", "j liu", "liu j m", "j m liu"]);
        assert_eq!(of("欧阳明"), ["ou yang m", "m ou yang"]);
    }
}
