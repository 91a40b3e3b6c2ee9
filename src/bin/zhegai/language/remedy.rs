//! What the user can do about an error, in the user's language. The library's own messages are English and name
//! the remedy; this adds it in Chinese.

use zhegai::Error;

use super::Language;

/// The remedy for an error, if there is one to tell beyond the error's own words.
pub(crate) fn remedy(error: &anyhow::Error, language: Language) -> Option<String> {
    let error = error.chain().find_map(|cause| cause.downcast_ref::<Error>())?;
    match (language, error) {
        (Language::Zh, Error::Wheel { file, version, sha256, folder, .. }) => {
            let place = match folder {
                Some(folder) => format!("文件夹 {}（环境变量 ZHEGAI_ASSETS 所指）", folder.display()),
                None => "任一文件夹，并让环境变量 ZHEGAI_ASSETS 指向它".to_owned(),
            };
            Some(format!(
                "解决办法：在能上网的电脑上取得 {file}（版本 {version}，sha256 {sha256}），放入{place}，然后重试。"
            ))
        }
        (Language::Zh, Error::Asset { .. }) => Some(
            "解决办法：运行 zhegai models verify 查看哪些文件不对；zhegai models fetch 会重新下载它们。".to_owned(),
        ),
        _ => None,
    }
}
