//! Chinese text around a name → whether the name begins and ends there. Words are told apart by a segmenter.

use std::sync::OnceLock;

use jieba_rs::Jieba;

/// The segmenter with its own dictionary; loaded when a name first touches other characters.
fn segmenter() -> &'static Jieba {
    static SEGMENTER: OnceLock<Jieba> = OnceLock::new();
    SEGMENTER.get_or_init(Jieba::new)
}

/// Single characters that are words by themselves right after a name (张伟的, 张伟于 …). Characters that are also
/// common at the end of given names (成, 平, 同, 安, 民 …) are left out.
const WORDS_AFTER: &str = "的于在是系为与和及被从自将向对把因经不也已由曾所该等男女任获现至到并均又其做让给应可能具有参主负担编著写讲任共以或若说称谈答问看听";

/// Single characters that are words by themselves right before a name.
const WORDS_BEFORE: &str = "由是为与和及对向给让请被把以因据从系者人长员任同并或兹今现予名的在经我其该本原但如则据有之";

/// Surnames common enough to make a longer name of what follows (ministry of public security, 100 most common).
const SURNAMES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯董萧肖程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎闫余潘杜戴夏钟汪田姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文";

/// Common surnames that hardly begin an ordinary word.
const ONLY_SURNAMES: &str = "李张刘陈赵吴徐孙胡朱郭何罗郑谢韩唐冯董萧曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴汪范谭廖邹熊郝崔邱秦顾侯邵孟尹武贺赖龚";

/// Surnames of two characters that would make a longer name of what follows.
const COMPOUND_SURNAMES: &str = "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 夏侯 宇文 端木 独孤 南宫";

/// Characters that often are the second one of a given name, so that a word beginning with one may instead be the
/// end of a longer name (张伟民|主持 against 张伟|民主|持). From lists of common given names.
const GIVEN_NAME_ENDS: &str = "民明国华军平强东红文辉力勇建斌杰刚生海波涛峰林鹏飞宁超亮成新宏志永光荣清春松龙云山良德友祥洋宇航博伟江庆忠义兴旺安康乐天雄豪昌盛福贵";

/// Characters that do not end a given name: kinds of places, departments and things that follow a name in text.
const NEVER_IN_NAMES: &str =
    "省市县区镇乡村队组班院所校厂局部处科室课题表图册页项件份次个号第届赛获奖受邀赴驻拟提讲作了还也都就将会或";

/// Words that show that a person was named before them.
const TITLES: &str = "同志 同学 老师 先生 女士 教授 副教授 研究员 副研究员 助理 博士 硕士 主任 副主任 院长 副院长 所长 校长 副校长 书记 经理 \
    工程师 高级 高工 医师 主治 主管 讲师 局长 处长 科长 站长 场长 队长 厂长 会计师 农艺师 畜牧师 兽医师 等 男 女 系 汉族 身份证 荣获 申请 申报";

/// Labels of a form's next field, which may follow a name without a space; of several the segmenter's dictionary has none.
const NEXT_FIELDS: &str = "学号 学历 学位 学籍 工号 性别 年龄 出生 籍贯 电话 班级 职称 职务 单位 部门 科室 床号 病案号 证号 证书 证件 身份证 准考证 岗位 专业";

/// Words that show that a person is named after them.
const ROLES: &str = "姓名 申请人 申报人 作者 主持人 主持 负责人 主编 副主编 参编 编委 发明人 设计人 完成人 参与人 导师 教师 学生 同志 主任 院长 教授 \
    职工 员工 本人 授予 任命 聘任 聘请 兹有 证明 联系人 经办人 签名 签字 评审人 承诺人 持证人 获奖者 获奖人 候选人 推荐 同意 老师 医师 工程师";

/// What the characters around a name say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Borders {
    /// The name begins and ends here.
    Clear,
    /// It may go on to the left.
    OpenLeft,
    /// It may go on to the right.
    OpenRight,
    /// It is an ordinary word here, or may be.
    Word,
    /// Other words lie across both of its ends: no name stands here.
    None,
}

/// Judges a name between two runs of Chinese characters (either may be empty). `extendable`: one more character
/// would still make a usual name.
pub(crate) fn borders(before: &str, name: &str, after: &str, extendable: bool) -> Borders {
    if before.is_empty() && after.is_empty() {
        return Borders::Clear;
    }
    let jieba = segmenter();
    let last_before = jieba.cut(before, false).last().map_or("", |token| token.word);
    let tokens_after: Vec<&str> = jieba.cut(after, false).iter().map(|token| token.word).take(2).collect();
    let first_after = tokens_after.first().copied().unwrap_or("");

    let whole = format!("{before}{name}{after}");
    let (start, end) = (before.len(), before.len() + name.len());
    let tokens = jieba.cut(&whole, false);
    let across = |border: usize| tokens.iter().any(|token| token.byte_start < border && border < token.byte_end);
    let stray_before = is_single(last_before) && !WORDS_BEFORE.contains(last_before);
    let stray_after = is_single(first_after) && !WORDS_AFTER.contains(first_after);
    let crossed_left = across(start) && stray_before;
    let crossed_right = across(end) && stray_after;
    // 文明 in 精神文明 is no person.
    let in_longer_word = tokens.iter().any(|token| {
        token.byte_start <= start && end <= token.byte_end && token.byte_end - token.byte_start > end - start
    });
    if crossed_left && crossed_right || (in_longer_word && is_ordinary_word(jieba, name)) {
        return Borders::None;
    }
    if (stray_before && SURNAMES.contains(last_before)) || listed(COMPOUND_SURNAMES, last_before) || crossed_left {
        return Borders::OpenLeft;
    }
    let is_next_field = NEXT_FIELDS.split(' ').any(|label| after.starts_with(label));
    if !is_next_field && ((extendable && may_go_on(jieba, after, first_after)) || crossed_right) {
        return Borders::OpenRight;
    }
    if is_ordinary_word(jieba, name) && !listed(ROLES, last_before) && !listed(TITLES, first_after) {
        return Borders::Word;
    }
    Borders::Clear
}

/// Whether the first character after a name may be its last one.
fn may_go_on(jieba: &Jieba, after: &str, first_word: &str) -> bool {
    let mut chars = after.chars();
    let Some(first) = chars.next() else { return false };
    if is_single(first_word) {
        return !WORDS_AFTER.contains(first) && !NEVER_IN_NAMES.contains(first);
    }
    if !GIVEN_NAME_ENDS.contains(first) || listed(TITLES, first_word) {
        return false;
    }
    // The rest reads just as well without that character.
    let rest = chars.as_str();
    let next = jieba.cut(rest, false).first().map_or("", |token| token.word);
    !next.is_empty() && (!is_single(next) || WORDS_AFTER.contains(next))
}

/// Single characters that stand between a whole name and the next mark of punctuation without belonging to it.
const REMARKS_AFTER: &str = "著记摄签印章绘撰述译校注画书题拍唱演奏评审阅批订摘录整制作填报办转收发";

/// Whether one character between a name and a mark of punctuation may be the name's last one.
pub(crate) fn may_end_a_name(character: char) -> bool {
    !WORDS_AFTER.contains(character)
        && !REMARKS_AFTER.contains(character)
        && !listed(TITLES, character.encode_utf8(&mut [0; 4]))
}

/// True for a dictionary word that is not only a person's name. The dictionary tags some frequent words (高峰, 文明) as
/// names because they can be; they count as words unless they begin with a character that begins nothing but names.
fn is_ordinary_word(jieba: &Jieba, name: &str) -> bool {
    /// Occurrences in the dictionary's corpus: names of people who are not famous stay below.
    const FREQUENT: usize = 300;
    if !jieba.has_word(name) {
        return false;
    }
    let is_name = jieba.tag(name, false).iter().any(|tag| tag.tag.starts_with("nr"));
    !is_name || (jieba.suggest_freq(name) >= FREQUENT && !name.starts_with(|first| ONLY_SURNAMES.contains(first)))
}

/// True for text that is an ordinary word as well as a name.
pub(crate) fn is_word(text: &str) -> bool {
    is_ordinary_word(segmenter(), text)
}

/// True for text that begins with a surname.
pub(crate) fn may_begin_a_name(text: &str) -> bool {
    text.chars().next().is_some_and(|first| SURNAMES.contains(first))
}

/// True for two or three characters that are a person's name and no ordinary word.
pub(crate) fn is_a_persons_name(text: &str) -> bool {
    (2..=3).contains(&text.chars().count()) && may_begin_a_name(text) && !is_word(text)
}

/// True for a label after which a person is named.
pub(crate) fn asks_for_a_person(label: &str) -> bool {
    let label = label.trim_end_matches([':', '：']);
    ROLES.split_whitespace().any(|role| label.ends_with(role))
}

fn is_single(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some() && chars.next().is_none()
}

fn listed(table: &str, word: &str) -> bool {
    !word.is_empty() && table.split(' ').any(|entry| entry == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, name: &str) -> Borders {
        let at = text.find(name).expect("the name is in the text");
        let extendable = name.chars().count() == 2;
        borders(&text[..at], name, &text[at + name.len()..], extendable)
    }

    #[test]
    fn words_around_a_name_leave_it_clear() {
        for text in [
            "张伟同志",
            "张伟同学",
            "张伟老师",
            "张伟等",
            "张伟的",
            "张伟于",
            "申请人张伟系",
            "张伟工作",
            "张伟为",
            "张伟荣获",
            "授予张伟",
            "主任张伟",
            "由张伟主持",
            "张伟和李明",
            "兹证明张伟同志",
            "张伟在我单位工作",
            "张伟副教授",
            "张伟明确表示",
            "项目负责人张伟",
            "张伟国家级",
            "聘任张伟为高级工程师",
            "张伟参加",
            "经张伟审核",
        ] {
            assert_eq!(of(text, "张伟"), Borders::Clear, "{text}");
        }
    }

    #[test]
    fn what_ends_no_given_name_leaves_a_name_clear() {
        for text in ["张伟省赛获奖", "张伟赴京学习", "张伟获奖", "张伟学号", "张伟工号"] {
            assert_eq!(of(text, "张伟"), Borders::Clear, "{text}");
        }
    }

    #[test]
    fn a_longer_name_is_open() {
        for text in ["张伟民", "张伟民同志", "张伟伟", "张伟华于", "张伟民主持会议", "作者张伟强"]
        {
            assert_eq!(of(text, "张伟"), Borders::OpenRight, "{text}");
        }
        for text in ["李张伟", "欧阳张伟"] {
            assert_eq!(of(text, "张伟"), Borders::OpenLeft, "{text}");
        }
        assert_eq!(of("王小明", "王小"), Borders::OpenRight);
    }

    #[test]
    fn words_across_both_ends_are_no_name() {
        assert_eq!(of("紧张伟大", "张伟"), Borders::None);
    }

    #[test]
    fn a_name_that_is_a_word_needs_a_sign_of_a_person() {
        for (text, name) in [("夏季用水高峰来临", "高峰"), ("建设田园综合体", "田园")] {
            assert_eq!(of(text, name), Borders::Word, "{text}");
        }
        for text in ["推进精神文明建设", "争创文明单位", "文明城市创建"] {
            assert_eq!(of(text, "文明"), Borders::None, "{text}");
        }
        for (text, name) in [("主持人高峰", "高峰"), ("高峰同志", "高峰"), ("由李娜主持", "李娜")] {
            assert_eq!(of(text, name), Borders::Clear, "{text}");
        }
        assert_eq!(of("这次试验成功了", "成功"), Borders::Word);
        assert_eq!(of("主任成功", "成功"), Borders::Clear);
        assert_eq!(of("成功同志", "成功"), Borders::Clear);
    }
}
