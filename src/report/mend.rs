//! What to do about a finding.

use serde::Serialize;

use super::words::{Words, words};
use super::{Finding, FindingKind, FindingState, PageReport, Source, Verdict};

/// A way to put something right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mend {
    /// It is covered already.
    Nothing,
    /// The policy lets it stand.
    Leave,
    /// A person decides whether it is the applicant's.
    Decide,
    /// A person reads what is in the file beside its pages.
    LookIntoFile,
    /// Cover text.
    CoverText,
    /// Cover a seal.
    CoverSeal,
    /// Cover eyes.
    CoverEyes,
    /// Cover again, with an opaque block.
    CoverOpaquely,
    /// Make the cover part of the page.
    BurnIn,
    /// Take text out of a PDF's text layer.
    RemoveTextLayer,
    /// Take data out of the file.
    RemoveMetadata,
    /// A classified document must not be here at all.
    Withdraw,
    /// The page must be handed in again in a form that can be examined.
    SendAgain,
}

impl Mend {
    /// Every way.
    pub const ALL: [Self; 13] = [
        Self::Nothing,
        Self::Leave,
        Self::Decide,
        Self::LookIntoFile,
        Self::CoverText,
        Self::CoverSeal,
        Self::CoverEyes,
        Self::CoverOpaquely,
        Self::BurnIn,
        Self::RemoveTextLayer,
        Self::RemoveMetadata,
        Self::Withdraw,
        Self::SendAgain,
    ];

    /// For a finding.
    pub fn of(finding: &Finding) -> Self {
        match (finding.kind, finding.state) {
            (_, FindingState::Exempt) => Self::Leave,
            (FindingKind::Classified, _) => Self::Withdraw,
            (_, FindingState::Masked) => Self::Nothing,
            (FindingKind::Metadata, _) if !finding.certain => Self::LookIntoFile,
            _ if !finding.certain => Self::Decide,
            (_, FindingState::WeakMask) => Self::CoverOpaquely,
            (_, FindingState::RemovableMask) => Self::BurnIn,
            (_, FindingState::Hidden) if finding.source == Source::TextLayer => Self::RemoveTextLayer,
            (FindingKind::Metadata, _) | (_, FindingState::Hidden) => Self::RemoveMetadata,
            (FindingKind::Seal, FindingState::Exposed) => Self::CoverSeal,
            (FindingKind::Eyes, FindingState::Exposed) => Self::CoverEyes,
            (FindingKind::Name | FindingKind::Unit | FindingKind::UnitCode, FindingState::Exposed) => Self::CoverText,
        }
    }

    /// All that a page wants done, each once.
    pub fn of_page(page: &PageReport) -> Vec<Self> {
        let mut all: Vec<Self> =
            page.findings.iter().map(Self::of).filter(|mend| !matches!(mend, Self::Nothing | Self::Leave)).collect();
        if page.verdict == Verdict::Unreadable {
            all.push(Self::SendAgain);
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// In words.
    pub fn words(self) -> Words {
        match self {
            Self::Nothing => words("已遮盖，无需处理", "It is covered; nothing to do"),
            Self::Leave => words("按规则不必遮盖", "The policy lets it stand as it is"),
            Self::Decide => words(
                "请人工核对：确属本人姓名、单位、单位公章或本人照片的，须遮盖；不是的，不必处理",
                "Look at it: cover it if it is the applicant's own name, unit, seal or photo; else leave it",
            ),
            Self::LookIntoFile => words(
                "请人工查看文件中页面以外的内容（附件、属性、缩略图等）；不能确定时，将各页转为图片后重新提交",
                "Look at what the file holds beside its pages (attachments, properties, thumbnails); when in doubt, \
                 turn its pages into pictures and hand them in again",
            ),
            Self::CoverText => words("用不透明的实心色块盖住整段文字", "Cover the whole text with an opaque block"),
            Self::CoverSeal => words("用不透明的实心色块盖住整枚印章", "Cover the whole seal with an opaque block"),
            Self::CoverEyes => words("用不透明的实心色块盖住双眼", "Cover both eyes with an opaque block"),
            Self::CoverOpaquely => words(
                "马赛克、模糊和半透明可以还原：请改用不透明的实心色块重新遮盖",
                "Mosaic, blur and see-through covers can be undone: cover it again with an opaque block",
            ),
            Self::BurnIn => words(
                "遮盖只是浮在页面上，可以移走：请把遮盖合并到页面图像中（转为图片后提交）",
                "The cover only lies on the page and can be taken away: make it part of the page's picture",
            ),
            Self::RemoveTextLayer => words(
                "文字仍可从文件中复制：请删除该处文本层，或将此页转为图片",
                "The text can still be copied: remove it from the text layer, or turn the page into a picture",
            ),
            Self::RemoveMetadata => words(
                "身份信息在文件内、页面画面以外：请清除文件属性、批注、附件等，或将各页转为图片",
                "Identity is in the file beyond what its pages show: remove properties, comments, attachments and the \
                 like, or turn the pages into pictures",
            ),
            Self::Withdraw => words(
                "涉密材料不得上传：立即停止传播，由保密人员处理",
                "Classified papers must not be uploaded: stop passing it on and call the person in charge of secrecy",
            ),
            Self::SendAgain => words(
                "不能检查不等于没有问题：请重新扫描或另存（不加密、不损坏）后再检查",
                "Not examined does not mean fine: scan or save it again, unencrypted and whole, then check it",
            ),
        }
    }
}
