//! A cover over text → how much of the applicant's identity it leaves, and whether it can be seen through or undone.

use super::between;
use super::coarse;
use super::glyphs;
use super::label::Expected;
use super::left::{LeftOver, Legible, is_longer_name};
use super::place::Surroundings;
use super::recover::{self, Tried};
use super::row::{Placed, is_in_column, row_beside};
use super::shades::{is_coloured, is_veiled, luma_range, page_paper};
use super::through::{self, By, Seen};
use super::{FoundMark, Hides};
use crate::error::Result;
use crate::geometry::Bbox;
use crate::identity::{Identity, Kind};
use crate::ocr::TextLine;
use crate::ocr::read::Reader;
use crate::raster::Raster;
use crate::report::{FindingState, MarkStyle};

/// What a cover is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// [`FindingState::Masked`], [`FindingState::Exposed`] when a readable part is left, or
    /// [`FindingState::WeakMask`].
    pub state: FindingState,
    /// What it hides, as far as the text around it or the part left beside it tells.
    pub kind: Option<Kind>,
    /// True when the cover's place and look leave no doubt that the applicant's identity is or was there.
    pub certain: bool,
    /// The cover's look, where assessing it showed more than finding it.
    pub style: MarkStyle,
    /// The readable part when one is left, else the cover.
    pub bbox: Bbox,
    /// The applicant's name or unit, when it or a part of it was recognised.
    pub text: Option<String>,
    /// Why, in words.
    pub reason: String,
}

/// Luma range inside a solid cover from which something may show through it; JPEG leaves 4.
const SHOWS: u8 = 5;

/// Judges a cover over a text line; `None` for covers over seals and faces, whose own readers say what is
/// left of them, and for a [slight](FoundMark::slight) block that is no cover. With a `reader`, covers are read through.
///
/// # Errors
/// [`crate::Error::Model`] when reading fails.
pub fn assess(
    mark: &FoundMark,
    page: &Raster,
    lines: &[TextLine],
    identity: &Identity,
    reader: Option<&Reader>,
) -> Result<Option<Assessment>> {
    let (index, is_alone) = match mark.hides {
        Hides::Line(index) => (index, false),
        Hides::OwnLine(index) => (index, true),
        Hides::Seal | Hides::Face => return Ok(None),
    };
    let Some(line) = lines.get(index) else { return Ok(None) };
    let around = if is_alone {
        Surroundings::none(mark.bbox, glyphs::em_among(line, lines))
    } else {
        Surroundings::of(mark.bbox, lines, line, is_in_column(mark.bbox, line.quad.bbox()))
    };
    if is_longer_name(around.mark, &around.row, identity) {
        return Ok(None);
    }
    let expected = around.expected(lines);
    let case = Case { mark, page, lines, line, around, expected, identity, reader };
    let left = case.left_beside()?;
    if let Some(part) = left.as_ref().filter(|part| part.legible > Legible::Little) {
        return Ok(Some(case.exposed(part)));
    }
    if let Some(cut) = case.cut()? {
        return Ok(Some(cut));
    }
    if case.is_no_cover() {
        return Ok(None);
    }
    if mark.blank {
        return Ok(Some(case.blank()));
    }
    let (kind, text) = left.map_or((case.kind(), None), |part| (Some(part.kind), Some(part.keyword)));
    let hidden = Hidden { kind, text };
    let seen = case.seen_through()?;
    match seen {
        // A mosaic or a blur is weak whatever shows.
        Some(seen) if seen.by != By::Fit || !case.is_soft() => Ok(Some(case.shown(seen))),
        fitting => Ok(case.by_look(hidden, fitting)),
    }
}

/// What stands under a cover, as far as it is known.
struct Hidden {
    kind: Option<Kind>,
    text: Option<String>,
}

/// A cover over a text line, with what may tell about it.
struct Case<'a> {
    mark: &'a FoundMark,
    page: &'a Raster,
    lines: &'a [TextLine],
    line: &'a TextLine,
    around: Surroundings,
    expected: Expected,
    identity: &'a Identity,
    reader: Option<&'a Reader>,
}

impl Case<'_> {
    /// What the cover's place asks for.
    fn kind(&self) -> Option<Kind> {
        match self.expected {
            Expected::Identity(kind) | Expected::Column(kind) => Some(kind),
            Expected::Person | Expected::Other | Expected::Unknown => None,
        }
    }

    fn is_expected(&self) -> bool {
        matches!(self.expected, Expected::Identity(_))
    }

    /// True for a mosaic, blur or veil that was seen, and is not inferred from what was read.
    fn is_soft(&self) -> bool {
        !self.mark.is_opaque() && !self.mark.illegible
    }

    /// Size of the type in pixels.
    fn em(&self) -> f32 {
        glyphs::em_among(self.line, self.lines)
    }

    /// The cover itself in a state: certain when it is known what it hides.
    fn made(&self, state: FindingState, hidden: Hidden, reason: impl Into<String>) -> Assessment {
        let Hidden { kind, text } = hidden;
        let certain = text.is_some() || kind.is_some();
        let (style, bbox) = (self.mark.style, self.mark.bbox);
        Assessment { state, kind, certain, style, bbox, text, reason: reason.into() }
    }

    /// What of the applicant's is left open beside the cover, or between it and the next one.
    fn left_beside(&self) -> Result<Option<LeftOver>> {
        let Self { mark, page, identity, .. } = *self;
        let left = self.around.left_over(self.line.quad.thickness(), identity);
        let is_told = left.as_ref().is_some_and(|part| part.legible > Legible::Little);
        let Some(reader) = self.reader.filter(|_| !is_told) else { return Ok(left) };
        let may_be_name = self.kind() == Some(Kind::Name) || self.expected == Expected::Person;
        let beside = if !mark.blank && !mark.illegible && may_be_name {
            self.around.name_beside(page, identity, reader)?
        } else {
            None
        };
        let between = match mark.next {
            Some(next) => {
                let em = between::em(mark.bbox, next, self.lines).unwrap_or_else(|| self.em());
                between::of_middle(page, mark.bbox, next, em, identity, reader)?
            }
            None => None,
        };
        Ok(between.or(beside).or(left))
    }

    /// A readable part is left.
    fn exposed(&self, part: &LeftOver) -> Assessment {
        let (all, shown) = (part.keyword.chars().count(), part.shown);
        let reason =
            format!("遮盖旁仍露出 {shown} 字（共 {all} 字）({shown} of {all} characters are left beside the cover)");
        let hidden = Hidden { kind: Some(part.kind), text: Some(part.keyword.clone()) };
        // Bare paper may be nothing else.
        let is_cover = !(self.mark.blank && self.mark.illegible);
        let certain = is_cover && part.legible == Legible::Enough;
        Assessment { certain, bbox: part.bbox, ..self.made(FindingState::Exposed, hidden, reason) }
    }

    /// The cover cuts characters: whose, and their strokes. Without a place that tells, the strokes themselves must.
    fn cut(&self) -> Result<Option<Assessment>> {
        let mark = self.mark;
        let cut = match mark.strokes {
            Some(strokes) if self.expected == Expected::Person => Some((Some(Kind::Name), strokes)),
            Some(strokes) => Some((self.kind(), strokes)),
            None if mark.style == MarkStyle::Solid && !mark.blank => self.around.cut(self.page, self.lines),
            None => None,
        };
        let Some((kind, strokes)) = cut else { return Ok(None) };
        let seen = match self.reader.filter(|_| kind.is_none()) {
            Some(reader) => {
                through::seen_beside(mark.bbox.union(strokes), self.page, self.em(), self.identity, reader)?
            }
            None => None,
        };
        // Salutations, titles and signatures stand on lines of their own.
        let kind = kind.or(matches!(mark.hides, Hides::OwnLine(_)).then_some(Kind::Name));
        let hidden = seen.map(Hidden::from).or(kind.map(|kind| Hidden { kind: Some(kind), text: None }));
        let reason = "遮盖切过字形，露出的笔画可能仍可辨认 (the cover cuts characters: strokes that stand out may still tell them)";
        Ok(hidden.map(|hidden| Assessment {
            certain: false,
            bbox: strokes,
            ..self.made(FindingState::Exposed, hidden, reason)
        }))
    }

    /// True for what may be a cover by its look, but where nothing of the applicant's is expected. A slight one hides about
    /// one character, and so leaves enough of the applicant's, or hides nothing of it.
    fn is_no_cover(&self) -> bool {
        let mark = self.mark;
        mark.blank && mark.illegible
            || mark.strokes.is_some() && self.kind().is_none()
            || mark.slight && !mark.blank && !self.is_expected()
    }

    /// A field that shows nothing.
    fn blank(&self) -> Assessment {
        let reason = "标签后没有可辨认的内容：已盖住、未填写或看不清 (nothing legible follows the label: covered, left empty or illegible)";
        let hidden = Hidden { kind: self.kind(), text: None };
        Assessment { certain: false, ..self.made(FindingState::Masked, hidden, reason) }
    }

    /// What shows of the applicant's through the cover.
    fn seen_through(&self) -> Result<Option<Seen>> {
        let mark = self.mark;
        let may_show = if mark.is_opaque() {
            luma_range(self.page, mark.bbox) >= SHOWS
        } else {
            self.expected != Expected::Other || mark.illegible
        };
        match self.reader.filter(|_| may_show) {
            Some(reader) => through::seen(mark, self.page, self.line, self.identity, reader),
            None => Ok(None),
        }
    }

    /// It can be read through the cover.
    fn shown(&self, seen: Seen) -> Assessment {
        let mark = self.mark;
        let style = if mark.is_opaque() || mark.is_pen() { MarkStyle::Translucent } else { mark.style };
        let certain = matches!(seen.by, By::Stretching | By::Reading { is_certain: true });
        let reason = how_seen(seen.by, style);
        Assessment { certain, style, ..self.made(FindingState::WeakMask, seen.into(), reason) }
    }

    /// Nothing can be read through the cover: how safe it is by its look.
    fn by_look(&self, hidden: Hidden, fitting: Option<Seen>) -> Option<Assessment> {
        let mark = self.mark;
        if mark.is_pen() || mark.illegible && hidden.text.is_none() && !self.is_expected() {
            return None;
        }
        if mark.illegible {
            let reason = "该处应有姓名或单位，内容无法辨认，可能是弱遮盖 (what stands where the name or unit belongs cannot be made out: it may be a weak cover)";
            return Some(Assessment { certain: false, ..self.made(FindingState::WeakMask, hidden, reason) });
        }
        match mark.style {
            MarkStyle::Solid => {
                Some(self.made(FindingState::Masked, hidden, "已用不透明色块遮盖 (covered by a solid block)"))
            }
            MarkStyle::Annotation => {
                let reason = "用可移除的批注遮盖 (covered by an annotation)";
                Some(self.made(FindingState::RemovableMask, hidden, reason))
            }
            MarkStyle::Mosaic | MarkStyle::Blur | MarkStyle::Translucent => self.soft(hidden, fitting),
        }
    }

    /// A cover that leaves something of the pixels under it.
    fn soft(&self, hidden: Hidden, fitting: Option<Seen>) -> Option<Assessment> {
        let mark = self.mark;
        let is_asked = !matches!(self.expected, Expected::Person | Expected::Unknown);
        let is_picture =
            || mark.style == MarkStyle::Mosaic && !is_asked && fitting.is_none() && is_coloured(self.page, mark.bbox);
        if self.expected == Expected::Other || is_picture() {
            return None;
        }
        let row = row_beside(mark.bbox, self.lines, self.line);
        let (fit, reason) = weak(mark, self.page, self.lines, self.line, &row, self.identity);
        if let Some((kind, keyword)) = fit {
            let hidden = Hidden { kind: Some(kind), text: Some(keyword) };
            return Some(self.made(FindingState::WeakMask, hidden, reason));
        }
        if self.is_of_single_shades() {
            let reason =
                "马赛克的块与字一样大，内容无法辨认 (covered by a mosaic whose blocks are as large as a character)";
            // It hides as a block of one colour does.
            return Some(Assessment { style: MarkStyle::Solid, ..self.made(FindingState::Masked, hidden, reason) });
        }
        let is_doubtful = mark.style == MarkStyle::Translucent && !is_veiled(self.page, mark.bbox);
        let certain = hidden.kind.is_some() && !is_doubtful;
        let hidden = match fitting {
            Some(seen) => Hidden { kind: hidden.kind.or(Some(seen.kind)), text: hidden.text.or(Some(seen.keyword)) },
            None => hidden,
        };
        Some(Assessment { certain, ..self.made(FindingState::WeakMask, hidden, reason) })
    }

    /// True for a mosaic that leaves no more than about one shade of each character, by which nobody can tell it.
    fn is_of_single_shades(&self) -> bool {
        /// Least side of its blocks in ems: they take in a part of the next character wherever they lie.
        const LEAST: f32 = 0.85;
        let mark = self.mark;
        mark.style == MarkStyle::Mosaic
            && mark.block.is_some_and(|side| side as f32 >= self.em() * LEAST)
            && coarse::is_of_blocks(self.page, mark.bbox, page_paper(self.page, mark.bbox))
    }
}

impl From<Seen> for Hidden {
    fn from(seen: Seen) -> Self {
        Self { kind: Some(seen.kind), text: Some(seen.keyword) }
    }
}

/// In which way the name or unit shows, in words.
fn how_seen(by: By, style: MarkStyle) -> String {
    let (zh, en) = name(style);
    match by {
        By::Stretching => {
            format!("拉伸对比度后可透过{zh}读出 (can be read through the {en} after stretching its contrast)")
        }
        By::Reading { .. } => "去掉涂划的笔迹后可读出 (can be read without the strokes drawn over it)".to_owned(),
        By::Fit => {
            "露出的笔画与所寻文字明显最吻合 (of what is left of the characters the name or unit fits clearly best)"
                .to_owned()
        }
    }
}

/// Whose text fits under a weak cover, and why the cover is weak.
fn weak(
    mark: &FoundMark,
    page: &Raster,
    lines: &[TextLine],
    line: &TextLine,
    row: &[Placed],
    identity: &Identity,
) -> (Option<(Kind, String)>, String) {
    let (zh, en) = match mark.style {
        MarkStyle::Mosaic => match mark.block {
            Some(side) => (format!("马赛克（{side} 像素）"), format!("a mosaic of {side}-pixel blocks")),
            None => ("马赛克".to_owned(), "a mosaic".to_owned()),
        },
        MarkStyle::Blur => ("模糊处理".to_owned(), "blur".to_owned()),
        _ => ("半透明遮盖".to_owned(), "a translucent cover".to_owned()),
    };
    let tried = match mark.style {
        // A name that shows through a veil was read by now.
        MarkStyle::Mosaic | MarkStyle::Blur => recover::tried(mark, page, lines, line, row, identity),
        _ => Tried::Unclear,
    };
    match tried {
        Tried::Fits(fit) => {
            let numbers = format!("{:.2} / {:.2}, {} decoys", fit.own, fit.rival, fit.decoys);
            let reason = format!(
                "{zh}可被还原：试填后所寻文字明显最吻合 ({en} can be undone: the name fits clearly best, correlation {numbers})"
            );
            (Some((fit.kind, fit.keyword)), reason)
        }
        Tried::Unclear if mark.style == MarkStyle::Translucent => {
            (None, format!("{zh}不是有效遮盖 ({en} is no safe cover)"))
        }
        Tried::Unclear => (
            None,
            format!(
                "{zh}不是有效遮盖；试填未能断定其内容 ({en} is no safe cover; trying names did not settle what is under it)"
            ),
        ),
        Tried::TooCoarse => (
            None,
            format!(
                "{zh}不是有效遮盖；可比对的像素太少，未试还原 ({en} is no safe cover; too little of it can be measured to try names)"
            ),
        ),
        Tried::NoShapes => (
            None,
            format!(
                "{zh}不是有效遮盖；无可用字形，未试还原 ({en} is no safe cover; without a font whether it can be undone was not tried)"
            ),
        ),
    }
}

/// Chinese and English name of a style.
fn name(style: MarkStyle) -> (&'static str, &'static str) {
    match style {
        MarkStyle::Solid => ("色块", "solid block"),
        MarkStyle::Mosaic => ("马赛克", "mosaic"),
        MarkStyle::Blur => ("模糊", "blur"),
        MarkStyle::Translucent => ("半透明遮盖", "translucent cover"),
        MarkStyle::Annotation => ("批注", "annotation"),
    }
}
