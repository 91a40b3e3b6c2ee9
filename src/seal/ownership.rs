//! A seal's readings + the applicant → whose seal it is. Errs towards a person's look: only what is clearly read as
//! something else is somebody else's.

use super::ink::Colour;
use super::read::{Question, SealPart, SealReading};
use super::{Seal, Shape};
use crate::identity::{Extent, Identity, Kind, NAME_SEAL_WORDS, SealMatch, is_a_persons_name, is_han};
use crate::ocr::lattice::Lattice;

/// Whose a seal is.
#[derive(Debug, Clone, PartialEq)]
pub enum Ownership {
    /// The applicant's work unit's.
    Own(SealMatch),
    /// A personal seal with the applicant's name.
    PersonalNameOfApplicant(SealMatch),
    /// Clearly read, and somebody else's.
    Other,
    /// Cannot be told: nothing or too little was read, or it agrees in part. The best agreement, if any.
    Unreadable(Option<SealMatch>),
}

/// Posterior from which a character counts as clearly read.
const CLEAR: f32 = 0.75;
/// Clear characters of the lettering that are not the unit's own which make it somebody else's: an own seal's worst
/// misreadings are single characters.
const FOREIGN: usize = 3;
/// A share of the unit read in one stretch that leaves a doubt, even when other characters are read.
const DOUBTFUL: f32 = 0.45;
/// Agreement with the unit from which the arc is worth another look.
const NEAR: f32 = 0.2;
/// An arc is well read with this mean posterior and so many clear characters.
const WELL_READ: f32 = 0.93;
const WELL_READ_CHARACTERS: usize = 6;
/// Mean posterior of an arc that names an institution whole.
const LEAST_OF_NAMED: f32 = 0.9;
/// The same of lettering that is somebody else's by its characters: small seals under print are misread all along, at 0.77 on
/// a generated one, and their end still reads as an institution's. On 600 generated pictures no other's seal read as well is lost by it.
const LEAST_OF_FOREIGN: f32 = 0.8;
/// Lettering so well read (mean posterior, foreign characters) need not name an institution: its end was lost.
const PLAIN: f32 = 0.97;
const PLAIN_CHARACTERS: usize = 4;
/// So many foreign characters need no such end either, nor such clearness.
const LONG_CHARACTERS: usize = 8;
/// Agreement with the unit below which nothing else on the seal can make it the unit's.
const UNLIKE: f32 = 0.2;
/// Characters of a unit that must be among those read for a seal to be its own, and of a name. On the sample seals two of
/// a unit would leave 23 of 29 own ones known.
const LEAST_OF_UNIT: usize = 1;
const LEAST_OF_NAME: usize = 2;

/// True when enough of the keyword's own characters were the best reading: a short stretch of likely characters
/// fits the smudges of any stamp.
fn is_enough(found: &SealMatch) -> bool {
    let least = match found.kind {
        Kind::Unit => LEAST_OF_UNIT,
        Kind::Name => LEAST_OF_NAME,
    };
    found.read.chars().filter(|&c| found.keyword.contains(c)).count() >= least.min(found.keyword.chars().count())
}

/// How well the readings agree with the applicant's data.
fn agreement(readings: &[SealReading], identity: &Identity) -> Option<SealMatch> {
    let lattices: Vec<Lattice> =
        readings.iter().filter(|r| r.part != SealPart::Code).map(|r| r.lattice.clone()).collect();
    identity.match_seal_text(&lattices)
}

/// Whether an agreement makes a seal the applicant's or the unit's.
fn decides(found: &SealMatch) -> bool {
    (found.own && is_enough(found)) || is_name_but_for_one(found)
}

/// Whose seal it is, asked while it is being read.
pub(super) struct Whose<'a> {
    pub(super) identity: &'a Identity,
    pub(super) colour: Colour,
}

impl Question for Whose<'_> {
    fn is_own(&self, readings: &[SealReading]) -> bool {
        // Another look may read what tells it from a unit of a similar name.
        agreement(readings, self.identity)
            .is_some_and(|found| found.kind == Kind::Unit && found.extent == Extent::Whole && decides(&found))
    }

    fn is_foreign(&self, readings: &[SealReading]) -> bool {
        is_clearly_foreign(readings, self.colour, self.identity) || is_denied(readings, self.colour, self.identity)
    }

    fn is_near(&self, readings: &[SealReading]) -> bool {
        let near = |found: &SealMatch| found.ratio >= NEAR || found.read.chars().count() >= 4;
        names_one_clearly(readings, self.colour) || agreement(readings, self.identity).is_some_and(|found| near(&found))
    }

    fn is_name(&self, readings: &[SealReading]) -> bool {
        agreement(readings, self.identity).is_some_and(|found| found.kind == Kind::Name && decides(&found))
    }
}

impl Seal {
    /// Whose it is.
    pub fn ownership(&self, identity: &Identity) -> Ownership {
        let agreement = agreement(&self.readings, identity);
        // Units of one beginning may go on differently on the part that lies on other pages, but few do after most of a name.
        // 本 for 木 in every look, and all else agrees.
        let is_alike = |found: &SealMatch| found.one_alike && is_enough(found);
        let is_told = |found: &&SealMatch| {
            (decides(found) || is_alike(found)) && (found.extent >= Extent::Most || !self.cut_by_edge)
        };
        if let Some(found) = agreement.as_ref().filter(is_told) {
            return match found.kind {
                Kind::Unit => Ownership::Own(found.clone()),
                Kind::Name => Ownership::PersonalNameOfApplicant(found.clone()),
            };
        }
        let doubtful =
            agreement.as_ref().is_some_and(|found| found.ratio >= DOUBTFUL && found.read.chars().count() >= 3);
        let is_other = !doubtful && self.is_foreign(identity)
            || is_denied(&self.readings, self.colour, identity)
            || self.is_remark();
        if is_other { Ownership::Other } else { Ownership::Unreadable(agreement) }
    }

    /// True for a stamp of remarks alone (已审核, 与原件一致), all of it clearly read: it is no unit's.
    fn is_remark(&self) -> bool {
        let mut said = self.readings.iter().filter(|r| r.text.chars().any(is_han)).peekable();
        self.shape == Shape::Rectangle
            && said.peek().is_some()
            && said.all(|r| r.score >= WELL_READ && is_made_of(&r.text, &[REMARKS]))
    }

    /// True when the lettering holds enough clear characters that are none of the applicant's, and says what kind of
    /// institution's it is: body text under a seal and the smudges of a worn one do not.
    fn is_foreign(&self, identity: &Identity) -> bool {
        is_foreign(&self.readings, self.colour, identity) || self.is_personal() && self.is_another_name(identity)
    }

    /// True when the characters of a name seal are not the applicant's. One in common with the name leaves a doubt: the others may
    /// be misread.
    fn is_another_name(&self, identity: &Identity) -> bool {
        let own = own_characters(identity);
        let name: Vec<char> = identity.applicant().name.chars().collect();
        let read: Vec<Vec<char>> = self.readings.iter().map(|r| clear_han(&r.lattice)).collect();
        let is_others = |c: &&char| !own.contains(c) && !NAME_SEAL_WORDS.contains(*c);
        read.iter().flatten().all(|c| !name.contains(c))
            && read.iter().any(|read| read.iter().filter(is_others).count() >= LEAST_OF_NAME)
    }

    /// True for a seal too small for an official one, that holds a name.
    fn is_personal(&self) -> bool {
        (self.readings.iter().any(|r| r.text.contains('印')) || self.is_a_name_alone())
            && self.readings.iter().all(|r| r.text.chars().filter(|&c| is_han(c)).count() <= MOST_ON_NAME_SEAL)
    }

    /// True for a rectangle in which nothing but a person's name stands, well read: no department and no use of a seal.
    fn is_a_name_alone(&self) -> bool {
        let said: Vec<(String, f32)> = self.readings.iter().map(|r| (han_of(&r.text), r.score)).collect();
        let mut said = said.iter().filter(|(han, _)| !han.is_empty()).peekable();
        self.shape == Shape::Rectangle
            && said.peek().is_some()
            && said.all(|(han, score)| {
                let is_of_an_office = DEPARTMENTS.split_whitespace().any(|word| han.ends_with(word));
                *score >= WELL_READ && !is_of_an_office && is_a_persons_name(han)
            })
    }
}

fn han_of(text: &str) -> String {
    text.chars().filter(|&c| is_han(c)).collect()
}

/// Characters on a name seal at most: four of the name and 印.
const MOST_ON_NAME_SEAL: usize = 5;

/// True for a name and 印, as name seals have it.
pub(super) fn is_name_seal(text: &str) -> bool {
    let han: Vec<char> = text.chars().filter(|&c| is_han(c)).collect();
    (3..=MOST_ON_NAME_SEAL).contains(&han.len()) && han.contains(&'印') && !text.contains("复印")
}

/// All characters of the applicant's data.
fn own_characters(identity: &Identity) -> Vec<char> {
    let applicant = identity.applicant();
    [&applicant.name, &applicant.unit]
        .into_iter()
        .chain(&applicant.aliases)
        .chain(&applicant.former_units)
        .flat_map(|text| text.chars())
        .collect()
}

/// The Chinese characters that are clearly read.
fn clear_han(lattice: &Lattice) -> Vec<char> {
    lattice
        .best_path()
        .iter()
        .filter(|read| read.score >= CLEAR)
        .filter_map(|read| lattice.alphabet().text(read.symbol).chars().next())
        .filter(|&c| is_han(c))
        .collect()
}

/// What the names of institutions end with.
const INSTITUTION_ENDS: &str = "\
    公司 集团 大学 中学 小学 学校 学院 医院 研究院 研究所 委员会 委员 办公室 中心 协会 学会 联盟 商会 工会 基金会 \
    事务所 合作社 基地 研究会 促进会 联合会 法院 检察院 管委会 大队 支队 幼儿园 出版社 杂志社 编辑部 银行 支行 政府 党委 局 厅 厂 院 站 所 馆 店 社 处 部 署 校 队 场 府";
/// Characters that may follow the end of a name: what is read past it.
const STRAY: usize = 2;
/// Characters of a name's beginning that a reading which goes on past a ring's end repeats at least.
const REPEATED: usize = 2;

/// The Chinese characters of a reading without those that it repeats of its beginning: rings without a clear gap are read a
/// little more than once round.
fn once_round(text: &str) -> Vec<char> {
    let han: Vec<char> = text.chars().filter(|&c| is_han(c)).collect();
    let again = (han.len() / 2 + 1..han.len()).find(|&from| {
        let rest = &han[from..];
        rest.len() >= REPEATED && han.starts_with(rest)
    });
    han[..again.unwrap_or(han.len())].to_vec()
}

/// True when a reading names an institution, near its end.
fn names_an_institution(text: &str) -> bool {
    let han = once_round(text);
    (0..=STRAY.min(han.len())).any(|stray| {
        let name: String = han[..han.len() - stray].iter().collect();
        INSTITUTION_ENDS.split_whitespace().any(|end| name.ends_with(end))
    })
}

/// What office stamps say of a paper.
const REMARKS: &str = "\
    已 审核 核对 复核 审查 审阅 查验 验收 验讫 收讫 付讫 现金 转账 作废 合格 不合格 原件 复印件 复印 副本 与 一致 相符 无误 \
    属实 秘密 机密 绝密 特急 样品 存根 附件 受控 有效 存档 归档 已阅 同意 通过 加急 急件 内部 资料 注销 样本 收文 发文 登记 本件 此件";

/// What the departments of a unit are called without the unit's name.
const DEPARTMENTS: &str = "\
    人事 人力 资源 人力资源 财务 教务 科研 科教 科技 医务 护理 教育 后勤 总务 行政 党政 综合 档案 职称 职改 技术 质量 安全 工程 项目 \
    组织 宣传 学生 管理 业务 经营 生产 计划 合同 审计 纪检 监察 培训 信息 保卫 设备 办公室 办公 科 室 处 部 办 中心 组 站 \
    工会 委员会 专用章 专用 公章 章 经办人 审核人 核对人 日期 年 月 日";

/// True when all of two or more Chinese characters are words of these lists.
fn is_made_of(text: &str, lists: &[&str]) -> bool {
    let han = han_of(text);
    let mut rest = han.as_str();
    while let Some(next) = lists
        .iter()
        .flat_map(|list| list.split_whitespace())
        .filter_map(|word| rest.strip_prefix(word))
        .min_by_key(|next| next.len())
        .filter(|_| !rest.is_empty())
    {
        rest = next;
    }
    rest.is_empty() && han.chars().count() >= 2
}

/// True when readings show somebody else's seal.
fn is_foreign(readings: &[SealReading], colour: Colour, identity: &Identity) -> bool {
    let own = own_characters(identity);
    // A part that was read in several ways was hard to read: only what two of them have in common counts.
    let confirmed = |part: SealPart, index: usize, c: char| {
        let mut others = readings.iter().enumerate().filter(|(i, r)| *i != index && r.part == part).peekable();
        part != SealPart::Outer || others.peek().is_none() || others.any(|(_, r)| r.text.contains(c))
    };
    let agreement = agreement(readings, identity);
    let contradicted = agreement.as_ref().is_some_and(|found| found.contradicted);
    let unlike = agreement.is_none_or(|found| found.ratio < UNLIKE);
    let has_arc = readings.iter().any(|r| r.part == SealPart::Outer);
    readings.iter().enumerate().any(|(index, r)| {
        // Print under a seal is read across its middle.
        let may_be_print = r.part == SealPart::Centre && has_arc || colour == Colour::Grey && r.part != SealPart::Outer;
        // Lettering that names a seal's use or a department, and not whose it is, says nothing.
        let names_nobody = names_a_use(&r.text) || is_made_of(&r.text, &[REMARKS, DEPARTMENTS]);
        if r.part == SealPart::Code || may_be_print || names_nobody {
            return false;
        }
        let clear = clear_han(&r.lattice);
        let foreign = clear.iter().filter(|&&c| !own.contains(&c) && confirmed(r.part, index, c)).count();
        // Print that a photocopied seal lies on is read along its ring, too.
        let is_sure = colour != Colour::Grey || r.score >= WELL_READ && clear.len() >= WELL_READ_CHARACTERS && unlike;
        if !is_sure {
            return false;
        }
        let is_plain = colour != Colour::Grey && unlike && r.score >= PLAIN && foreign >= PLAIN_CHARACTERS;
        let is_long = colour != Colour::Grey && unlike && r.score >= LEAST_OF_NAMED && foreign >= LONG_CHARACTERS;
        let names_one = r.score >= LEAST_OF_FOREIGN && names_an_institution(&r.text);
        if !is_plain && !is_long && !names_one {
            return false;
        }
        foreign >= FOREIGN && (2 * foreign >= clear.len() || contradicted && r.score >= WELL_READ)
    })
}

/// True when the arc, read as a whole name of an institution, cannot be any name of the unit's.
fn is_denied(readings: &[SealReading], colour: Colour, identity: &Identity) -> bool {
    let arcs = readings.iter().filter(|r| r.part == SealPart::Outer);
    names_one_clearly(readings, colour)
        && identity.denies_seal_text(&arcs.map(|r| r.lattice.clone()).collect::<Vec<_>>())
}

/// True when an arc is well read to the end of an institution's name.
fn names_one_clearly(readings: &[SealReading], colour: Colour) -> bool {
    let least = if colour == Colour::Grey { WELL_READ } else { LEAST_OF_NAMED };
    readings.iter().any(|r| {
        r.part == SealPart::Outer && r.score >= least && names_an_institution(&r.text) && !names_a_use(&r.text)
    })
}

/// True when one arc, well read, shows somebody else's seal, so that no other part need be read to tell.
fn is_clearly_foreign(readings: &[SealReading], colour: Colour, identity: &Identity) -> bool {
    let well_read = |r: &SealReading| {
        let clear = clear_han(&r.lattice).len();
        let is_short_name = r.score >= PLAIN && clear >= PLAIN_CHARACTERS && names_an_institution(&r.text);
        r.part == SealPart::Outer && (r.score >= WELL_READ && clear >= WELL_READ_CHARACTERS || is_short_name)
    };
    readings.iter().any(well_read)
        && agreement(readings, identity).is_none_or(|found| found.ratio < UNLIKE)
        && is_foreign(readings, colour, identity)
}

/// A personal seal that agrees but for one character of which the applicant's was the model's next choice.
fn is_name_but_for_one(found: &SealMatch) -> bool {
    let exact = found.keyword.chars().filter(|&c| found.read.contains(c)).count();
    found.kind == Kind::Name && found.ratio >= 1.0 && exact >= 2 && exact + 1 >= found.keyword.chars().count()
}

/// 合同专用章, 财务专用章 and the like: what a seal is for.
fn names_a_use(text: &str) -> bool {
    let han = han_of(text);
    han.chars().count() <= 8 && ["专用", "用章", "财务", "合同", "发票", "业务"].iter().any(|word| han.contains(word))
}
