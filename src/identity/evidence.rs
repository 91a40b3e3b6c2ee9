//! What a match is and why it is or is not certain.

use std::fmt;
use std::ops::Range;

use super::Kind;
use crate::geometry::Quad;

/// The part of a text line that belongs to a match.
#[derive(Debug, Clone, PartialEq)]
pub struct LineSpan {
    /// Index of the line in the slice that was searched.
    pub line: usize,
    /// Frames of the line's own lattice, half-open.
    pub frames: Range<usize>,
    /// The characters' box: the whole glyphs and not their neighbours, in the line's coordinates.
    pub quad: Quad,
}

impl LineSpan {
    /// True when it shares frames with those of a line.
    pub(crate) fn overlaps(&self, line: usize, frames: &Range<usize>) -> bool {
        self.line == line && self.frames.start < frames.end && frames.start < self.frames.end
    }
}

/// One place on a page where the applicant's name or unit stands.
#[derive(Debug, Clone, PartialEq)]
pub struct TextMatch {
    /// Name or unit.
    pub kind: Kind,
    /// The applicant's own data that was found, as the user wrote it.
    pub keyword: String,
    /// Where: several spans when it is split over lines or cells.
    pub spans: Vec<LineSpan>,
    /// Log-likelihood ratio per character against the best reading, nats, ≤ 0.
    pub score: f32,
    /// Likelihood of the keyword relative to the best reading per character, 0..=1.
    pub confidence: f32,
    /// False when a person must look; the evidence says why.
    pub certain: bool,
    /// How it was recognized.
    pub evidence: Evidence,
}

/// One place in a string where the applicant's name or unit stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StringMatch {
    /// Name or unit.
    pub kind: Kind,
    /// The applicant's own data that was found, as the user wrote it.
    pub keyword: String,
    /// Bytes of the string, half-open, on character borders (for glyph sequences: glyph indices).
    pub range: Range<usize>,
    /// False when a person must look; the evidence says why.
    pub certain: bool,
    /// How it was recognized.
    pub evidence: Evidence,
}

/// Why something was taken for the keyword.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// It reads exactly so.
    Exact,
    /// It is the keyword, split over lines, table cells or a column.
    Joined,
    /// The best reading is another one, but the keyword is nearly as likely.
    Confused {
        /// The best reading of that place.
        read: String,
    },
    /// The reading model lacks characters of the keyword; any character was accepted in their place.
    Wildcard {
        /// The best reading of that place.
        read: String,
    },
    /// It may be part of another person's longer name.
    InsideLongerName {
        /// The longer name or the text around.
        longer: String,
    },
    /// The name is also an ordinary word, and here nothing shows that a person is meant.
    OrdinaryWord,
    /// Part of a long name that other people share.
    CommonPart,
    /// Short form that other units may share.
    ShortForm {
        /// The short form found.
        form: String,
    },
    /// A short form behind the name of a place that is not the unit's.
    AnotherPlace {
        /// The short form with the place.
        written: String,
    },
    /// A letter touches the name in letters that may mark an affiliation.
    LetterBehind {
        /// The name with the letter.
        written: String,
    },
    /// Letters of the name in another order or division than a name's, or beside another surname.
    OtherWords {
        /// As written.
        written: String,
    },
    /// A surname with the initials of the given name.
    Initials {
        /// As written.
        written: String,
    },
    /// Letters that spell the name, but not written like one (all in small letters).
    SmallLetters,
    /// The name is expected here or looks alike, and what is written cannot be read.
    Illegible {
        /// The best guess at it.
        read: String,
    },
    /// One character of the name alone where a name is asked for.
    OneCharacter {
        /// As read.
        read: String,
    },
    /// Parts of the keyword lie in neighbouring lines or cells that may not belong together.
    LooselyJoined,
}

impl Evidence {
    /// The reason in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Exact => "文字一致".to_owned(),
            Self::Joined => "跨行、跨格或竖排相连后一致".to_owned(),
            Self::Confused { read } => format!("读作“{read}”，字形相近"),
            Self::Wildcard { read } => format!("读作“{read}”，含识别模型没有的生僻字"),
            Self::InsideLongerName { longer } => format!("可能是更长姓名“{longer}”的一部分"),
            Self::OrdinaryWord => "姓名也是普通词语，此处不能确定指人".to_owned(),
            Self::CommonPart => "只有姓名的一部分，他人也可能使用".to_owned(),
            Self::ShortForm { form } => format!("简称“{form}”也可能指其他单位"),
            Self::AnotherPlace { written } => format!("写作“{written}”，可能是其他地方的单位"),
            Self::LetterBehind { written } => format!("写作“{written}”：姓名后的字母可能是单位角标"),
            Self::OtherWords { written } => format!("写作“{written}”，可能是他人姓名或其他词语"),
            Self::Initials { written } => format!("“{written}”是姓加名的首字母，他人也可能这样缩写"),
            Self::SmallLetters => "拼音全部小写，不能确定是姓名".to_owned(),
            Self::OneCharacter { read } => format!("应填姓名处只有一个字“{read}”，其余可能被白色遮盖，请人工查看"),
            Self::Illegible { read } => format!("此处可能是姓名，字迹难以辨认（读作“{read}”），请人工查看"),
            Self::LooselyJoined => "分在相邻两行或两格，不能确定相连".to_owned(),
        }
    }

    /// The reason in English.
    pub fn en(&self) -> String {
        match self {
            Self::Exact => "reads exactly so".to_owned(),
            Self::Joined => "reads so when joined across lines, cells or a column".to_owned(),
            Self::Confused { read } => format!("read as “{read}”, similar glyphs"),
            Self::Wildcard { read } => format!("read as “{read}”; has characters that the reading model lacks"),
            Self::InsideLongerName { longer } => format!("may be part of a longer name: “{longer}”"),
            Self::OrdinaryWord => "the name is also an ordinary word; a person may not be meant here".to_owned(),
            Self::CommonPart => "only a part of the name, which others may share".to_owned(),
            Self::ShortForm { form } => format!("the short form “{form}” may mean another unit"),
            Self::AnotherPlace { written } => format!("written “{written}”: may be the unit of another place"),
            Self::LetterBehind { written } => {
                format!("written “{written}”: the letter behind the name may mark an affiliation")
            }
            Self::OtherWords { written } => {
                format!("written “{written}”: may be another person's name or other words")
            }
            Self::Initials { written } => {
                format!("“{written}”: the surname with initials, as other people's names are abbreviated, too")
            }
            Self::SmallLetters => "letters of the name, but all small: may not be a name".to_owned(),
            Self::OneCharacter { read } => {
                format!("only “{read}” stands where a name is asked for: the rest may be covered in the paper's colour")
            }
            Self::Illegible { read } => format!("may be the name, but the writing is illegible (read as “{read}”)"),
            Self::LooselyJoined => "split over neighbouring lines or cells that may not belong together".to_owned(),
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.zh(), self.en())
    }
}
