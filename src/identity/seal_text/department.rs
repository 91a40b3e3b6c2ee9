//! What follows a unit's name on a seal → whether it is a department or a use of the unit's own.

/// What departments of a unit, and what its seals are for, are called at the end.
const ENDS: &str = "科 室 处 部 办 组 站 课 办公室 工会 工会委员会 党委 党总支 总支 支部 党支部 团委 支部委员会 \
    总支部委员会 委员会 人事 财务 学院 系 教研室 项目部 经理部 分公司 病区 门诊 专用章 专用 公章 章";
/// What follows the name itself on square seals.
const SEAL_WORDS: &str = "印 章 之印 之章 印章 公章";
/// What another institution is called, though it may end in one of them.
const OTHERS: &str = "附属 医院 中学 小学 学校 幼儿园 村 社区 居民";
/// Characters of the longest name of a department.
const LONGEST: usize = 10;

/// True when the rest of a seal's lettering is a department of the unit whose name stands before it.
pub(super) fn is_own(rest: &str) -> bool {
    let length = rest.chars().count();
    SEAL_WORDS.split_whitespace().any(|word| rest == word)
        || (2..=LONGEST).contains(&length)
            && !OTHERS.split_whitespace().any(|other| rest.contains(other))
            && ENDS.split_whitespace().any(|end| rest.ends_with(end))
}
