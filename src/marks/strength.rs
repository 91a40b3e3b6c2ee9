//! A cover over text → how much of the applicant's identity it leaves, and whether it can be seen through or undone.

use super::between;
use super::coarse;
use super::glyphs;
use super::label::Expected;
use super::left::{Legible, is_longer_name};
use super::place::Surroundings;
use super::recover::{self, Tried};
use super::row::{Placed, is_in_column, row_beside};
use super::shades::{is_coloured, is_veiled, luma_range, page_paper};
use super::through::{self, By};
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
    let Hides::Line(index) = mark.hides else { return Ok(None) };
    let Some(line) = lines.get(index) else { return Ok(None) };
    let around = Surroundings::of(mark.bbox, lines, line, is_in_column(mark.bbox, line.quad.bbox()));
    if is_longer_name(around.mark, &around.row, identity) {
        return Ok(None);
    }
    let expected = around.expected(lines);
    let kind = match expected {
        Expected::Identity(kind) | Expected::Column(kind) => Some(kind),
        Expected::Person | Expected::Other | Expected::Unknown => None,
    };
    let made = |state, kind, bbox, text: Option<String>, reason: String| Assessment {
        state,
        kind,
        certain: text.is_some() || kind.is_some(),
        style: mark.style,
        bbox,
        text,
        reason,
    };
    let mut left = around.left_over(line.quad.thickness(), identity);
    let is_told = left.as_ref().is_some_and(|part| part.legible > Legible::Little);
    if let Some(reader) = reader
        && !is_told
        && !mark.blank
        && !mark.illegible
        && kind == Some(Kind::Name)
    {
        left = around.name_beside(page, identity, reader)?.or(left);
    }
    let em = || glyphs::em_among(line, lines);
    if let (Some(reader), Some(next), false) = (reader, mark.next, is_told) {
        let em = between::em(mark.bbox, next, lines).unwrap_or_else(em);
        left = between::of_middle(page, mark.bbox, next, em, identity, reader)?.or(left);
    }
    if let Some(part) = left.as_ref().filter(|part| part.legible > Legible::Little) {
        let all = part.keyword.chars().count();
        let reason = format!(
            "遮盖旁仍露出 {} 字（共 {all} 字）({} of {all} characters are left beside the cover)",
            part.shown, part.shown
        );
        let exposed = made(FindingState::Exposed, Some(part.kind), part.bbox, Some(part.keyword.clone()), reason);
        // Bare paper may be nothing else.
        let is_cover = !(mark.blank && mark.illegible);
        return Ok(Some(Assessment { certain: is_cover && part.legible == Legible::Enough, ..exposed }));
    }
    let cut = match (mark.strokes, expected) {
        (Some(strokes), Expected::Identity(kind) | Expected::Column(kind)) => Some((Some(kind), strokes)),
        (Some(strokes), Expected::Person) => Some((Some(Kind::Name), strokes)),
        (Some(strokes), Expected::Other | Expected::Unknown) => Some((None, strokes)),
        (None, _) if mark.style == MarkStyle::Solid && !mark.blank => around.cut(page, lines),
        _ => None,
    };
    let cut = match (cut, reader) {
        // Where nothing tells whose the strokes are they must themselves.
        (Some((None, strokes)), Some(reader)) => {
            let seen = through::seen_beside(mark.bbox.union(strokes), page, em(), identity, reader)?;
            seen.map(|seen| (seen.kind, strokes, Some(seen.keyword)))
        }
        (Some((kind, strokes)), _) => kind.map(|kind| (kind, strokes, None)),
        (None, _) => None,
    };
    if let Some((kind, strokes, text)) = cut {
        let reason = "遮盖切过字形，露出的笔画可能仍可辨认 (the cover cuts characters: strokes that stand out may still tell them)";
        let cut = made(FindingState::Exposed, Some(kind), strokes, text, reason.into());
        return Ok(Some(Assessment { certain: false, ..cut }));
    }
    if mark.strokes.is_some() && !matches!(expected, Expected::Identity(_) | Expected::Column(_)) {
        return Ok(None);
    }
    if mark.blank && mark.illegible {
        return Ok(None);
    }
    if mark.blank {
        let reason = "标签后没有可辨认的内容：已盖住、未填写或看不清 (nothing legible follows the label: covered, left empty or illegible)";
        return Ok(Some(Assessment {
            certain: false,
            ..made(FindingState::Masked, kind, mark.bbox, None, reason.into())
        }));
    }
    let is_expected = matches!(expected, Expected::Identity(_));
    if mark.slight && left.is_none() && !is_expected {
        return Ok(None);
    }
    let (kind, text) = left.map_or((kind, None), |part| (Some(part.kind), Some(part.keyword)));
    let may_show = match () {
        () if mark.is_opaque() => luma_range(page, mark.bbox) >= SHOWS,
        () => expected != Expected::Other || mark.illegible,
    };
    let seen = match reader.filter(|_| may_show) {
        Some(reader) => through::seen(mark, page, line, identity, reader)?,
        None => None,
    };
    // A mosaic or a blur is weak whatever shows.
    let is_weak = !mark.is_opaque() && !mark.illegible;
    let (fitting, seen) = match seen {
        Some(seen) if is_weak && seen.by == By::Fit => (Some(seen), None),
        seen => (None, seen),
    };
    if let Some(seen) = seen {
        let style = if mark.is_opaque() || mark.is_pen() { MarkStyle::Translucent } else { mark.style };
        let certain = matches!(seen.by, By::Stretching | By::Reading { is_certain: true });
        let reason = how_seen(seen.by, style);
        let shown = made(FindingState::WeakMask, Some(seen.kind), mark.bbox, Some(seen.keyword), reason);
        return Ok(Some(Assessment { certain, style, ..shown }));
    }
    if mark.is_pen() || mark.illegible && text.is_none() && !is_expected {
        return Ok(None);
    }
    if mark.illegible {
        let reason = "该处应有姓名或单位，内容无法辨认，可能是弱遮盖 (what stands where the name or unit belongs cannot be made out: it may be a weak cover)";
        return Ok(Some(Assessment {
            certain: false,
            ..made(FindingState::WeakMask, kind, mark.bbox, text, reason.into())
        }));
    }
    let is_asked = !matches!(expected, Expected::Person | Expected::Unknown);
    let is_coarse = mark.style == MarkStyle::Mosaic
        && is_coarse(mark, em())
        && coarse::is_of_blocks(page, mark.bbox, page_paper(page, mark.bbox));
    Ok(match mark.style {
        MarkStyle::Solid => Some(made(
            FindingState::Masked,
            kind,
            mark.bbox,
            text,
            "已用不透明色块遮盖 (covered by a solid block)".into(),
        )),
        MarkStyle::Annotation => {
            let reason = "用可移除的批注遮盖 (covered by an annotation)";
            Some(made(FindingState::RemovableMask, kind, mark.bbox, text, reason.into()))
        }
        MarkStyle::Mosaic | MarkStyle::Blur | MarkStyle::Translucent if expected == Expected::Other => None,
        MarkStyle::Mosaic if !is_asked && fitting.is_none() && is_coloured(page, mark.bbox) => None,
        MarkStyle::Mosaic | MarkStyle::Blur | MarkStyle::Translucent => {
            let (fit, reason) = weak(mark, page, lines, line, &row_beside(mark.bbox, lines, line), identity);
            Some(if let Some((kind, keyword)) = fit {
                made(FindingState::WeakMask, Some(kind), mark.bbox, Some(keyword), reason)
            } else if is_coarse {
                let reason =
                    "马赛克的块与字一样大，内容无法辨认 (covered by a mosaic whose blocks are as large as a character)";
                // It hides as a block of one colour does.
                let masked = made(FindingState::Masked, kind, mark.bbox, text, reason.into());
                Assessment { style: MarkStyle::Solid, ..masked }
            } else {
                let is_doubtful = match mark.style {
                    MarkStyle::Translucent => !is_veiled(page, mark.bbox),
                    _ => false,
                };
                let certain = kind.is_some() && !is_doubtful;
                let (kind, text) = match fitting {
                    Some(seen) => (kind.or(Some(seen.kind)), text.or(Some(seen.keyword))),
                    None => (kind, text),
                };
                Assessment { certain, ..made(FindingState::WeakMask, kind, mark.bbox, text, reason) }
            })
        }
    })
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

/// True for a mosaic that leaves no more than about one shade of each character, by which nobody can tell it; `em` in
/// pixels.
fn is_coarse(mark: &FoundMark, em: f32) -> bool {
    /// Least side of its blocks in ems: they take in a part of the next character wherever they lie.
    const LEAST: f32 = 0.85;
    mark.block.is_some_and(|side| side as f32 >= em * LEAST)
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
