//! What stands around a name in small letters → whether it is an e-mail address, an account or a folder of a path,
//! which are written so.

use super::context::Surroundings;
use super::latin::is_letter;

/// What an account's name stands behind.
const ACCOUNTS: [&str; 12] =
    ["微信", "微信号", "微信公众号", "wechat", "weixin", "qq", "微博", "抖音", "账号", "帐号", "用户名", "id"];

/// True when the letters are all that an address, an account or a folder is called, but for digits.
pub(crate) fn is_account(around: &Surroundings) -> bool {
    let is_loose = |c: &char| c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    let skipped = around.before.iter().rev().take_while(|c| is_loose(c)).count();
    let before = &around.before[..around.before.len() - skipped];
    let after: Vec<char> = around.after.iter().copied().skip_while(is_loose).collect();
    let goes_on = |c: Option<&char>| c.is_some_and(|&c| is_letter(c) || matches!(c, '@' | '＠'));
    if goes_on(before.last()) {
        return false;
    }
    let is_slash = |c: Option<&char>| matches!(c, Some('/' | '\\'));
    let is_address = after.iter().find(|c| !c.is_whitespace()).is_some_and(|c| matches!(c, '@' | '＠'));
    is_address
        || (is_slash(before.last()) && is_slash(after.first()))
        || (!goes_on(after.first()) && is_asked_for(before))
}

/// True behind `微信：` and the like.
fn is_asked_for(before: &[char]) -> bool {
    let text: String = before.iter().collect();
    let text = text.trim_end().to_lowercase();
    let Some(label) = text.strip_suffix([':', '：']) else { return false };
    ACCOUNTS.iter().any(|account| label.trim_end().ends_with(account))
}
