//! Unit name → the short forms that people write for it, and which of its characters tell it from other units.

use super::normalize::Normalized;
use super::public_bodies::public_forms;

/// A space-separated table's words.
fn words(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.split(' ')
}

/// A short form of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShortForm {
    pub(crate) text: String,
    /// False when other units may be called the same, so that a match needs a person to look.
    pub(crate) distinctive: bool,
}

/// Legal suffixes, longest first; brackets folded.
const LEGAL_SUFFIXES: &str = "\
    (集团)股份有限公司 (集团)有限责任公司 集团股份有限公司 集团有限责任公司 (集团)有限公司 股份有限责任公司 \
    股份有限公司 有限责任公司 集团有限公司 (普通合伙) (有限合伙) 有限公司 集团公司 分公司 总公司 公司 \
    (集团) 集团";

/// Provinces, regions, the places of Xinjiang and the parts of the country, without their kind (省, 市 …).
const PLACES: &str = "\
    新疆生产建设兵团 新疆维吾尔 新疆 内蒙古 广西壮族 广西 宁夏回族 宁夏 西藏 北京 天津 上海 重庆 河北 山西 \
    辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 \
    香港 澳门 台湾 中国 全国 国家 乌鲁木齐 克拉玛依 吐鲁番 哈密 昌吉回族 昌吉 伊犁哈萨克 伊犁 塔城 阿勒泰 \
    博尔塔拉蒙古 博尔塔拉 博州 巴音郭楞蒙古 巴音郭楞 巴州 阿克苏 克孜勒苏柯尔克孜 克孜勒苏 克州 喀什 和田 \
    石河子 阿拉尔 图木舒克 五家渠 北屯 铁门关 双河 可克达拉 昆玉 胡杨河 新星 库尔勒 伊宁 奎屯 阜康 广州 \
    深圳 武汉 成都 西安 南京 杭州 苏州 沈阳 长春 哈尔滨 济南 青岛 郑州 长沙 合肥 福州 厦门 南昌 昆明 贵阳 \
    南宁 海口 拉萨 兰州 西宁 银川 呼和浩特 太原 石家庄 大连 宁波 \
    北疆 南疆 东疆 西域 华东 华北 华南 华中 西北 西南 东北 中南 中亚";

/// The kind of a place, longest first.
const PLACE_KINDS: &str = "\
    自治区 自治州 自治县 特别行政区 开发区 高新区 地区 兵团 省 市 州 盟 县 区 旗 镇 乡";

/// Words that many units share, so that they do not tell one from another.
const GENERIC: &str = "\
    生产建设兵团 疾病预防控制 有限责任 股份 有限 责任 公司 集团 总公司 分公司 人民医院 人民 中医 妇幼保健 \
    妇幼 保健 附属 第一 第二 第三 第四 第五 第六 第七 第八 第九 第十 医院 卫生 大学 学院 学校 中学 小学 \
    幼儿园 高级 初级 实验 职业 技术 技师 专科 农业 工业 林业 畜牧 兽医 水利 电力 交通 建筑 财经 师范 医科 \
    理工 科技 科学 研究 设计 勘察 勘测 规划 测绘 地质 矿产 石油 化工 煤炭 能源 信息 网络 软件 电子 机械 \
    食品 药品 生物 医药 医疗 材料 环保 生态 环境 监测 检测 检验 检疫 测试 气象 农牧 种业 实业 投资 建设 \
    工程 咨询 监理 服务 管理 推广 发展 贸易 文化 教育 传媒 物流 运输 市政 园林 城市 城乡 住房 自然 资源 \
    财政 税务 公安 民政 人力 社会 保障 组织 宣传 统计 审计 应急 广播 电视 新闻 出版 体育 旅游 市场 监督 \
    行政 执法 农技 疾控 人社 卫健 中心 委员会 办公室 总站 总局 总队 大队 支队 分局 分院 分校 局 厅 处 科 室 站 所 院 校 厂 场 \
    队 部 系 会 社 委 省 市 县 区 州 镇 乡 街道 社区 自治 中国 国家 国际 全国 中央 新 省级 国有 ( ) 的 与 \
    和 及";

/// Company trades that a short form may drop after the company's own name.
const TRADES: &str = "\
    科技发展 科技 技术 实业 投资 建设工程 建筑工程 建设 工程 咨询 商贸 贸易 控股 发展 工贸 产业 信息技术 \
    网络科技 生物科技 股份 服务 管理 信息 网络 软件 电子 智能 数字 生物 环保 能源 文化 传媒 教育 医药 食品 农业 \
    机械 材料 物流";

/// What an institution's name ends with, when a department of it follows.
const PARENT_ENDS: &str = "有限责任公司 有限公司 科学院 研究院 设计院 大学 医院 学院 集团";

/// Colloquial forms of the higher-education words.
const COLLOQUIAL: &[(&str, &str)] = &[
    ("农业大学", "农大"),
    ("师范大学", "师大"),
    ("师范学院", "师院"),
    ("职业技术学院", "职院"),
    ("职业学院", "职院"),
    ("医科大学", "医大"),
    ("工业大学", "工大"),
    ("科技大学", "科大"),
    ("财经大学", "财大"),
    ("理工大学", "理工"),
    ("林业大学", "林大"),
    ("农业技术推广", "农技推广"),
    ("农业技术推广", "农技"),
    ("疾病预防控制", "疾控"),
    ("人力资源和社会保障", "人社"),
    ("卫生健康委员会", "卫健委"),
    ("维吾尔自治区", ""),
    ("维吾尔自治区", "自治区"),
    ("新疆维吾尔自治区", "自治区"),
    ("壮族自治区", ""),
    ("回族自治区", ""),
];

/// For each character of a folded unit name, whether it helps to tell the unit from others: not a place, not a
/// legal suffix, not a generic word.
pub(crate) fn distinctive_characters(unit: &[char]) -> Vec<bool> {
    let mut distinctive = vec![true; unit.len()];
    let mut at = 0;
    while at < unit.len() {
        let longest = words(PLACES)
            .chain(words(PLACE_KINDS))
            .chain(words(GENERIC))
            .filter(|word| starts_with(&unit[at..], word))
            .map(|word| word.chars().count())
            .max();
        // A single generic character inside a proper name (新华, 会宁) would be taken away with it, which only errs
        // towards asking a person.
        if let Some(length) = longest {
            distinctive[at..at + length].fill(false);
            at += length;
        } else {
            at += 1;
        }
    }
    distinctive
}

/// True for what many units are called: without a place and without a name of its own (医院, 第一中学), or a place alone.
pub(crate) fn is_generic(unit: &str) -> bool {
    let unit: Vec<char> = Normalized::new(unit).chars().iter().copied().filter(|&c| c != ' ').collect();
    let place = place_length(&unit);
    !distinctive_characters(&unit).contains(&true) && (place == 0 || place == unit.len())
}

fn starts_with(text: &[char], word: &str) -> bool {
    let mut chars = text.iter();
    word.chars().all(|c| chars.next() == Some(&c))
}

/// The place at the start of a name, if any: its length in characters.
pub(crate) fn place_length(text: &[char]) -> usize {
    if let Some(place) = words(PLACES).filter(|place| starts_with(text, place)).map(|place| place.chars().count()).max()
    {
        let kind =
            words(PLACE_KINDS).find(|kind| starts_with(&text[place..], kind)).map_or(0, |kind| kind.chars().count());
        return place + kind;
    }
    // An unlisted place is known by its kind: 沙湾市, 天山区, two or three characters and the kind.
    for length in 2..=3 {
        if let Some(rest) = text.get(length..)
            && let Some(kind) = words(PLACE_KINDS).find(|kind| starts_with(rest, kind))
        {
            return length + kind.chars().count();
        }
    }
    0
}

/// The short forms of a unit, the full name not among them.
pub(crate) fn short_forms(unit: &str) -> Vec<ShortForm> {
    let full: Vec<char> = Normalized::new(unit).chars().iter().copied().filter(|&c| c != ' ').collect();
    let mut forms = Vec::new();
    let mut bodies = vec![full.clone()];
    bodies.extend(parent(&full));
    for body in bodies.clone() {
        let text: String = body.iter().collect();
        for (long, short) in COLLOQUIAL {
            if text.contains(long) {
                bodies.push(text.replacen(long, short, 1).chars().collect());
            }
        }
    }
    for body in &bodies {
        let mut starts = vec![0];
        // Places may follow one another: 新疆乌鲁木齐市天山区.
        while let Some(&last) = starts.last()
            && let length = place_length(&body[last..])
            && length > 0
        {
            starts.push(last + length);
        }
        for start in starts {
            let rest = &body[start..];
            add(rest, &full, &mut forms);
            let rest_text: String = rest.iter().collect();
            for core in words(LEGAL_SUFFIXES).filter_map(|suffix| rest_text.strip_suffix(suffix)) {
                let core: Vec<char> = core.chars().filter(|c| !matches!(c, '(' | ')')).collect();
                add_without_trades(&core, &full, &mut forms);
            }
            if let Some(inner) = without_bracketed(rest) {
                add(&inner, &full, &mut forms);
            }
        }
    }
    for form in public_forms(&bodies) {
        match forms.iter_mut().find(|known| known.text == form.text) {
            Some(known) => known.distinctive |= form.distinctive,
            None => forms.push(form),
        }
    }
    forms
}

/// A company's name without its legal form, and without one trade after the other (信息科技) at its end.
fn add_without_trades(core: &[char], full: &[char], forms: &mut Vec<ShortForm>) {
    add(core, full, forms);
    let text: String = core.iter().collect();
    for shorter in words(TRADES).filter_map(|trade| text.strip_suffix(trade)) {
        add_without_trades(&shorter.chars().collect::<Vec<_>>(), full, forms);
    }
}

/// What an institution's name ends with.
const INSTITUTION_ENDS: &str = "\
    公司 大学 学院 学校 中学 小学 医院 卫生院 研究院 设计院 中心 委员会 协会 学会 局 厅 所 站 院 馆 社 场 厂 队";

/// A second name in brackets: one institution under two names (一个机构两块牌子).
pub(crate) fn second_name(unit: &str) -> Option<String> {
    /// Shorter ones are a place or a remark: (北京), (总院).
    const SHORTEST_NAME: usize = 5;
    let full = Normalized::new(unit).text();
    let inner = full.split_once('(')?.1.split_once(')')?.0;
    let is_institution = words(INSTITUTION_ENDS).any(|ending| inner.ends_with(ending));
    (is_institution && inner.chars().count() >= SHORTEST_NAME).then(|| inner.to_owned())
}

/// The place of another unit of the same kind: what stands before a short form of `unit` ends with a place
/// (精河县 before 农业技术推广站) that is not where the unit's own name has one.
pub(crate) fn names_another_place(unit: &str, form: &str, before: &[char]) -> bool {
    /// What stands for the unit's own place: 我县, 该市, 全区.
    const OWN: &str = "我本该全各";
    let full = Normalized::new(unit).text();
    let Some((prefix, _)) = full.split_once(form) else { return false };
    let before: String = before.iter().collect();
    let place = |text: &str| {
        let kind = words(PLACE_KINDS).find(|kind| text.ends_with(kind))?;
        // 自治区 stands for itself.
        let name = text.strip_suffix(kind)?.chars().next_back().unwrap_or(' ');
        Some((name, kind))
    };
    match (place(prefix), place(&before)) {
        (Some(own), Some(other)) => own != other && !OWN.contains(other.0),
        _ => false,
    }
}

fn without_bracketed(text: &[char]) -> Option<Vec<char>> {
    let open = text.iter().position(|&c| c == '(')?;
    let close = text.iter().position(|&c| c == ')').filter(|&close| close > open)?;
    Some([&text[..open], &text[close + 1..]].concat())
}

/// The institution of which the unit is a department: 新疆农业大学 of 新疆农业大学草业学院.
fn parent(full: &[char]) -> Option<Vec<char>> {
    (4..full.len().saturating_sub(1))
        .find(|&end| {
            let start: String = full[..end].iter().collect();
            words(PARENT_ENDS).any(|ending| start.ends_with(ending)) && end - place_length(full) >= 3
        })
        .map(|end| full[..end].to_vec())
}

/// Least length of a short form: two characters are found in every sentence.
const SHORTEST: usize = 3;
/// From this length on, places not counted, and with two distinctive characters, a short form is as good as the
/// name. 新疆天山 is shorter: it is a mountain range, too.
const CERTAIN_LENGTH: usize = 4;

fn add(form: &[char], full: &[char], forms: &mut Vec<ShortForm>) {
    if form.len() < SHORTEST || form == full {
        return;
    }
    let own = distinctive_characters(form).iter().filter(|&&d| d).count();
    let has_place = place_length(form) > 0;
    // Without a distinctive character the place is all that tells the unit (新疆农大); without either it is no identity.
    let (kept, distinctive) = if own >= 2 {
        (true, form.len() - place_length(form) >= CERTAIN_LENGTH)
    } else {
        let starts_with_region = starts_with(form, "自治区") && form.len() >= 5;
        (has_place && place_length(form) + 2 <= form.len() || starts_with_region, false)
    };
    let text: String = form.iter().collect();
    if kept && !forms.iter().any(|f| f.text == text) {
        forms.push(ShortForm { text, distinctive });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(unit: &str) -> Vec<(String, bool)> {
        short_forms(unit).into_iter().map(|f| (f.text, f.distinctive)).collect()
    }

    fn has(unit: &str, form: &str, distinctive: bool) -> bool {
        forms(unit).contains(&(form.to_owned(), distinctive))
    }

    #[test]
    fn legal_suffix_trade_and_region_are_dropped() {
        assert!(has("天山草业科技有限公司", "天山草业科技", true));
        assert!(has("天山草业科技有限公司", "天山草业", true));
        assert!(has("新疆雪莲药业股份有限公司", "雪莲药业", true));
        assert!(has("新疆天山（集团）有限公司", "新疆天山", false));
        assert!(has("上海云杉岭信息科技有限公司", "上海云杉岭", false), "two trades");
        assert!(!forms("新疆信息科技有限公司").iter().any(|(form, _)| form == "新疆"));
    }

    #[test]
    fn colleges_are_found_by_what_people_call_them() {
        assert!(has("临江师范学院", "临江师院", true));
        assert!(has("东海职业技术学院", "东海职院", true));
    }

    #[test]
    fn a_generic_rest_is_no_identity() {
        for (unit, generic) in [
            ("新疆维吾尔自治区人民医院", "人民医院"),
            ("新疆农业大学", "农业大学"),
            ("乌鲁木齐市第一中学", "第一中学"),
            ("新疆科技有限公司", "科技"),
            ("新疆畜牧科学院", "畜牧科学院"),
        ] {
            assert!(!forms(unit).iter().any(|(form, _)| form == generic), "{generic} in {:?}", forms(unit));
        }
    }

    #[test]
    fn regional_short_forms_need_a_person() {
        assert!(has("新疆维吾尔自治区人民医院", "自治区人民医院", false));
        assert!(has("新疆维吾尔自治区人民医院", "新疆人民医院", false));
        assert!(has("新疆农业大学", "新疆农大", false));
    }

    #[test]
    fn a_second_name_in_brackets_is_one_only_when_it_names_an_institution() {
        assert_eq!(second_name("沙湾县畜牧中心（沙湾县兽医站）").as_deref(), Some("沙湾县兽医站"));
        for unit in ["天山草业（集团）有限公司", "雪莲药业（新疆）有限公司", "沙湾县畜牧中心"]
        {
            assert_eq!(second_name(unit), None, "{unit}");
        }
    }

    #[test]
    fn a_place_before_a_short_form_is_anothers_unless_it_is_the_units_own() {
        let before =
            |text: &str| names_another_place("沙湾县畜牧发展中心", "畜牧发展中心", &text.chars().collect::<Vec<_>>());
        assert!(before("由玛纳斯县") && before("自治区"));
        assert!(!before("由沙湾县") && !before("我县") && !before("由"));
        assert!(!names_another_place("天山草业科技有限公司", "天山草业", &['沙', '湾', '县']));
    }

    #[test]
    fn a_department_names_its_institution() {
        assert!(forms("新疆农业大学草业学院").iter().any(|(form, _)| form == "新疆农业大学"));
    }

    #[test]
    fn a_unit_without_place_and_name_is_generic() {
        for unit in ["医院", "学校", "人民医院", "第一中学", "有限公司", "县医院", "新疆", "科技有限公司"]
        {
            assert!(is_generic(unit), "{unit}");
        }
        for unit in ["新疆农业大学", "云岭市第一中学", "天山草业", "沙湾县人民医院", "一中", "Third Hospital"]
        {
            assert!(!is_generic(unit), "{unit}");
        }
    }

    #[test]
    fn places_and_generic_words_are_not_distinctive() {
        let unit: Vec<char> = "新疆天山草业科技有限公司".chars().collect();
        let kept: String =
            unit.iter().zip(distinctive_characters(&unit)).filter(|&(_, d)| d).map(|(c, _)| *c).collect();
        assert_eq!(kept, "天山草业");
    }
}
