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
        "zhegai check" => "检查材料，报告哪些页仍能看到申报人身份信息",
        "zhegai mask" => "生成遮盖件，对保存后的文件重新检查，并给出报告",
        "zhegai bench" => "用一个文件夹的材料测量每秒页数、各步骤用时和内存",
        "zhegai demo" => "遮盖程序自带的示例材料，并说明在哪里查看",
        "zhegai models" => "列出、下载或校验运行所需的模型和 PDFium",
        "zhegai models fetch" => "用本机的 pip 下载缺少或损坏的文件",
        "zhegai models verify" => "校验每个文件的大小和 sha256",
        "zhegai render-pages" => "为本程序的另一个进程渲染 PDF",
        "zhegai policy" => "显示内置的遮盖规则，或检查规则文件",
        "zhegai policy show" => "完整显示一套规则，可作为编写的起点；不给名称则列出内置规则",
        "zhegai policy check" => "检查规则文件",
        "zhegai models path" => "显示这些文件所在的文件夹",
        _ => return None,
    })
}

/// How a command is typed.
pub(super) fn usage(path: &str) -> Option<&'static str> {
    Some(match path {
        "zhegai" => "zhegai <命令> [选项]",
        "zhegai check" => {
            "zhegai check <材料>... --name <姓名> --unit <单位> [选项]\n      \
             zhegai check <材料>... --roster <名册> [选项]"
        }
        "zhegai mask" => {
            "zhegai mask <材料>... --name <姓名> --unit <单位> --output <文件夹> [选项]\n      \
             zhegai mask <材料>... --roster <名册> --output <文件夹> [选项]"
        }
        "zhegai bench" => "zhegai bench <文件夹> [选项]",
        "zhegai demo" => "zhegai demo [选项]",
        "zhegai models" => "zhegai models [命令] [选项]",
        "zhegai models fetch" => "zhegai models fetch [选项]",
        "zhegai models verify" => "zhegai models verify [选项]",
        "zhegai models path" => "zhegai models path [选项]",
        "zhegai policy" => "zhegai policy <命令> [选项]",
        "zhegai policy show" => "zhegai policy show [规则] [选项]",
        "zhegai policy check" => "zhegai policy check <规则> [选项]",
        "zhegai render-pages" => "zhegai render-pages",
        _ => return None,
    })
}

/// What stands for a value, in Chinese.
pub(super) fn place(path: &str, english: &str) -> Option<&'static str> {
    Some(match (path, english) {
        (_, "LANGUAGE") => "语言",
        (_, "INPUT") => "材料",
        (_, "NAME") => "姓名",
        (_, "UNIT") => "单位",
        (_, "TEXT") => "名称",
        (_, "CSV") => "CSV文件",
        (_, "NAME|FILE") => "规则",
        (_, "DPI") => "DPI",
        ("zhegai mask", "SIZE") => "大小",
        (_, "SIZE") => "模型",
        (_, "PART") => "部位",
        (_, "WHAT") => "方式",
        ("zhegai bench", "N") => "遍数",
        (_, "N") => "页数",
        (_, "N,…") => "页数,…",
        (_, "SECONDS") => "秒",
        (_, "REPORT_DIR" | "OUT_DIR" | "DIR") => "文件夹",
        (_, "COLOUR") => "颜色",
        (_, "FILE") => "文件",
        _ => return None,
    })
}

/// What an argument means; `path` is its command's, `id` the field's name in `args/`. Options that mean the
/// same in all commands are given once.
pub(super) fn argument(path: &str, id: &str) -> Option<&'static str> {
    match (path, id) {
        (_, "lang") => Some("界面语言：zh 或 en［默认：与系统一致］"),
        (_, "quiet") => Some("不显示进度和提示；报告文件和错误仍然输出"),
        (_, "inputs") => Some("文件、文件夹、ZIP 压缩包或通配符：PDF、JPEG、PNG、TIFF、WebP、BMP、GIF、DOCX、TXT"),
        (_, "name") => Some("申报人姓名"),
        (_, "unit") => Some("申报人工作单位全称"),
        (_, "aliases") => Some(
            "申报人或单位的其他名称、简称；可多次给出。单位的英文名称无法推算，材料中有英文论文、检索报告时请一并给出，\
             如 --alias \"Third People's Hospital of Yunling\"；本人的英文名不是汉语拼音时也请给出。单位的统一社会信用代码也可在此给出",
        ),
        (_, "former_units") => Some("申报人以前的工作单位；可多次给出"),
        ("zhegai bench", "roster") => {
            Some("申报人名册（CSV）［默认：文件夹中有 roster.csv 时用它，否则用一个虚构的申报人］")
        }
        (_, "roster") => Some(
            "申报人名册（CSV，含 编号、姓名、工作单位、别名、曾用单位、照片 各列；几个别名或曾用单位用分号隔开），用来代替单个申报人；\
             每人的材料放在以编号命名的文件夹中：<编号>/<类别>/<文件>",
        ),
        ("zhegai policy show" | "zhegai policy check", "policy") => Some("内置规则的名称，或 TOML 规则文件"),
        (_, "policy") => Some("遮盖规则：内置规则的名称（见 zhegai policy show）或 TOML 文件"),
        (_, "declarations") => {
            Some("申报人对“是否需要遮盖”的申报（CSV，含 文件、页码、是否需要遮盖 各列），与检查结果对照")
        }
        ("zhegai check", "resume") => Some("继续上次的检查：与上次相同的文件和申报人不再检查，只检查新增或改动的"),
        ("zhegai mask", "resume") => Some("继续上次的遮盖：与上次相同、遮盖件也未改动的文件保留，只处理新增或改动的"),
        (_, "json_progress") => Some("在标准错误上逐行输出 JSON 格式的进度，供其他程序读取"),
        (_, "dpi") => Some("PDF 页面检查和遮盖时的分辨率"),
        (_, "ocr") => Some("识别模型：small 对存疑的行再细读一遍，tiny 不再读"),
        (_, "face_mask") => Some("照片中遮盖的部分：eyes 眼部横条，face 整张脸"),
        (_, "unreadable_seals") => {
            Some("不能确定归属的印章：mask 遮盖，review 人工查看，keep 保留［默认：check 为 review，mask 为 mask］")
        }
        ("zhegai bench", "input") => Some("要检查的文件夹。同类页面由文件名区分：001_form.jpg 和 002_form.jpg 为一类"),
        ("zhegai bench", "mask") => Some("同时遮盖到临时文件夹，并复核遮盖件"),
        ("zhegai bench", "jobs") => Some("同时检查的页数；给出几个数（如 1,2）则作比较［默认：处理器核数］"),
        ("zhegai bench", "rounds") => Some("全部检查几遍；速度取各遍的中位数"),
        ("zhegai bench", "json") => Some("把数据写成 JSON 文件"),
        (_, "page_timeout") => Some("渲染一页、检查一页各自的时限（秒），超时的页记为不能检查"),
        (_, "jobs") => Some("同时检查的页数［默认：处理器核数］"),
        (_, "force") => Some("替换输出文件夹中上一次的文件；输入文件永不改动"),
        (_, "redact_report") => Some(
            "生成可以转交他人的报告：姓名、单位等身份文字（包括文件名中的）换成加盐哈希（#3f9a51c2…），不附页面图像",
        ),
        ("zhegai check", "output") => Some("报告文件夹（report.html、report.csv、report.jsonl）；不给出则只显示结果"),
        ("zhegai mask", "output") => Some("遮盖件和报告的文件夹；其中保留输入的目录结构"),
        ("zhegai demo", "output") => Some("示例材料及其遮盖件的文件夹"),
        (_, "fill") => Some("遮盖色块的颜色：black、white 或六位十六进制数，如 808080"),
        (_, "fixed_width") => Some("姓名色块一律等宽，使长短不透露字数"),
        (_, "flatten") => Some("PDF 每一页都转为图像，包括无需遮盖的页"),
        (_, "max_bytes") => Some("每个遮盖件的字节上限，可用 K（1024）、M，如 600K；压到看不清的文件会被拒绝"),
        _ => None,
    }
}
