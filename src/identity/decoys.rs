//! Texts that are not the applicant's, to compare with: what holds the applicant's text fits it better than these.

use super::Kind;

const SURNAMES: &str =
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任";
const GIVEN: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国志文斌辉鑫宇晨浩然子涵雨欣怡婷雪琴云飞海波永健晓东春燕立新成林嘉";
const UNIT_CHARACTERS: &str =
    "中国新疆市县区第一二三人民医院学校大职业技术研究所工程建设农林水利电力石油化有限责任公司局中心站集团科";

/// Characters of which many names, or names of units, are made.
pub(crate) fn common_characters(kind: Kind) -> impl Iterator<Item = char> {
    let (first, second) = match kind {
        Kind::Name => (SURNAMES, GIVEN),
        Kind::Unit => (UNIT_CHARACTERS, ""),
    };
    first.chars().chain(second.chars())
}

/// Indices into a pool of characters in an order that looks random and is the same every time.
#[derive(Debug)]
pub(crate) struct Decoys {
    count: usize,
    state: u32,
}

impl Decoys {
    /// Of a pool of `count` characters.
    pub(crate) fn new(count: usize) -> Self {
        Self { count, state: 0x2545_f491 }
    }

    /// The next index.
    ///
    /// # Panics
    /// For an empty pool.
    pub(crate) fn next(&mut self) -> usize {
        self.state = self.state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.state >> 8) as usize % self.count
    }
}
