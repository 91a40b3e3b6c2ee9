//! The Chinese help texts. The English ones are the doc comments of `args.rs` and `args/`.

/// How the Chinese help of a command is laid out.
pub(super) const TEMPLATE: &str = "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";

/// What a command does; `path` is its name with its parents'.
pub(super) fn about(path: &str) -> Option<&'static str> {
    Some(match path {
        "zhegai" => {
            "职称评审盲评材料遮盖：找出、遮盖并复核附件中的申报人姓名、工作单位、单位公章和照片眼部。\
             全部在本机进行，任何内容都不会离开这台电脑。"
        }
        "zhegai models" => "列出、下载或校验运行所需的模型和 PDFium",
        "zhegai models fetch" => "用本机的 pip 下载缺少或损坏的文件",
        "zhegai models verify" => "校验每个文件的大小和 sha256",
        "zhegai models path" => "显示这些文件所在的文件夹",
        _ => return None,
    })
}

/// What an argument means; `path` is its command's, `id` the field's name in `args/`. Options that mean the
/// same in all commands are given once.
pub(super) fn argument(path: &str, id: &str) -> Option<&'static str> {
    match (path, id) {
        (_, "lang") => Some("界面语言：zh 或 en［默认：与系统一致］"),
        (_, "quiet") => Some("不显示进度和提示；报告文件和错误仍然输出"),
        _ => None,
    }
}
