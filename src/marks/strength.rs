//! A cover over text → how much of the applicant's identity it leaves, and whether it can be seen through or undone.

use image::RgbImage;

use super::glyphs;
use super::place::{self, Expected, Legible, Placed, Surroundings};
use super::recover::{self, Tried};
use super::solid::{self, Extent};
use super::{FoundMark, Hides};
use crate::error::Result;
use crate::geometry::{Bbox, Quad};
use crate::identity::{Evidence, Identity, Kind, TextMatch};
use crate::ocr::TextLine;
use crate::ocr::read::{ReadParams, Reader};
use crate::raster::{self, Raster};
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
/// Luma by which a veil's lightest parts are darker than the paper; pale print stands on the paper itself.
const VEILED: u8 = 25;

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
    let around = Surroundings::of(mark.bbox, lines, line, place::is_in_column(mark.bbox, line.quad.bbox()));
    if place::is_longer_name(around.mark, &around.row, identity) {
        return Ok(None);
    }
    let expected = around.expected(lines);
    let kind = match expected {
        Expected::Identity(kind) | Expected::Column(kind) => Some(kind),
        Expected::Other | Expected::Unknown => None,
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
    let cut = match (mark.strokes, mark.colour) {
        (Some(strokes), _) => match expected {
            Expected::Identity(kind) | Expected::Column(kind) => Some((kind, strokes)),
            Expected::Other | Expected::Unknown => return Ok(None),
        },
        (None, _) if mark.style == MarkStyle::Solid && !mark.blank => around.cut(page, lines),
        _ => None,
    };
    if let Some((kind, strokes)) = cut {
        let reason = "遮盖切过字形，露出的笔画可能仍可辨认 (the cover cuts characters: strokes that stand out may still tell them)";
        let cut = made(FindingState::Exposed, Some(kind), strokes, None, reason.into());
        return Ok(Some(Assessment { certain: false, ..cut }));
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
    if (mark.slight || mark.illegible) && left.is_none() && !is_expected {
        return Ok(None);
    }
    let (kind, text) = left.map_or((kind, None), |part| (Some(part.kind), Some(part.keyword)));
    let is_opaque = matches!(mark.style, MarkStyle::Solid | MarkStyle::Annotation);
    let may_show = if is_opaque { luma_range(page, mark.bbox) >= SHOWS } else { expected != Expected::Other };
    if may_show
        && let Some(reader) = reader
        && let Some((seen, found)) = read_through(mark, page, line, identity, reader)?
    {
        let style = if is_opaque { MarkStyle::Translucent } else { mark.style };
        let reason = format!(
            "拉伸对比度后可透过{}读出 (can be read through the {} after stretching its contrast)",
            name(style).0,
            name(style).1
        );
        let seen = made(FindingState::WeakMask, Some(seen), mark.bbox, Some(found), reason);
        return Ok(Some(Assessment { style, ..seen }));
    }
    if mark.illegible {
        let reason = "该处应有姓名或单位，内容无法辨认，可能是弱遮盖 (what stands where the name or unit belongs cannot be made out: it may be a weak cover)";
        return Ok(Some(Assessment {
            certain: false,
            ..made(FindingState::WeakMask, kind, mark.bbox, text, reason.into())
        }));
    }
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
        MarkStyle::Mosaic if expected == Expected::Unknown && is_coloured(page, mark.bbox) => None,
        MarkStyle::Mosaic | MarkStyle::Blur | MarkStyle::Translucent => {
            let (fit, reason) = weak(mark, page, lines, line, &place::row_beside(mark.bbox, lines, line), identity);
            Some(if let Some((kind, keyword)) = fit {
                made(FindingState::WeakMask, Some(kind), mark.bbox, Some(keyword), reason)
            } else {
                let is_doubtful = match mark.style {
                    MarkStyle::Translucent => !is_veiled(page, mark.bbox),
                    MarkStyle::Mosaic => is_coarse(mark, line),
                    _ => false,
                };
                let certain = kind.is_some() && !is_doubtful;
                Assessment { certain, ..made(FindingState::WeakMask, kind, mark.bbox, text, reason) }
            })
        }
    })
}

/// True for a mosaic that leaves no more than one shade of each character, by which nobody can tell it.
fn is_coarse(mark: &FoundMark, line: &TextLine) -> bool {
    /// An em in a detected line's thickness, where the line does not tell.
    const EM: f32 = 0.75;
    let em = glyphs::em_of(line).unwrap_or(line.quad.thickness() * EM);
    mark.block.is_some_and(|side| side as f32 >= em)
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
        MarkStyle::Mosaic => {
            let side = mark.block.unwrap_or_default();
            (format!("马赛克（{side} 像素）"), format!("a mosaic of {side}-pixel blocks"))
        }
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

/// True for a strongly coloured place: the patterns of cards and certificates, not print.
fn is_coloured(page: &Raster, bbox: Bbox) -> bool {
    /// Mean difference of the strongest and the weakest channel; paper under warm light has 30.
    const COLOURED: u64 = 38;
    let inner = bbox.clamped(page.width(), page.height());
    let places = (inner.top..inner.bottom).flat_map(|y| (inner.left..inner.right).map(move |x| (x as u32, y as u32)));
    let (sum, count) = places.fold((0, 0), |(sum, count), (x, y)| {
        (sum + u64::from(super::window::chroma(page.pixels.get_pixel(x, y).0)), count + 1)
    });
    sum > count * COLOURED
}

/// Luma values inside a box without its rim, sorted.
fn lumas(page: &Raster, bbox: Bbox) -> Vec<u8> {
    let rim = (bbox.height() / 5).max(2);
    let inner = bbox.expanded(-rim, -rim).clamped(page.width(), page.height());
    let mut lumas: Vec<u8> = (inner.top..inner.bottom)
        .flat_map(|y| (inner.left..inner.right).map(move |x| (x, y)))
        .map(|(x, y)| raster::luma(page.pixels.get_pixel(x as u32, y as u32).0))
        .collect();
    lumas.sort_unstable();
    lumas
}

/// The luma range inside a cover but for its rim and one pixel in a hundred.
fn luma_range(page: &Raster, bbox: Bbox) -> u8 {
    let lumas = lumas(page, bbox);
    let Some(last) = lumas.len().checked_sub(1) else { return 0 };
    lumas[last - last / 100] - lumas[last / 100]
}

/// True when even the lightest parts under a cover are darker than the paper around it.
fn is_veiled(page: &Raster, bbox: Bbox) -> bool {
    let inside = lumas(page, bbox);
    let around = lumas(page, bbox.expanded(bbox.height() * 3, bbox.height() / 2));
    let at = |values: &[u8], share: usize| values.get(values.len() * share / 100).copied().unwrap_or(255);
    at(&around, 85).saturating_sub(at(&inside, 95)) > VEILED
}

/// Luma of the paper about a cover.
fn page_paper(page: &Raster, bbox: Bbox) -> u8 {
    let around = lumas(page, bbox.expanded(bbox.height() * 3, bbox.height()));
    around.get(around.len() * 85 / 100).copied().unwrap_or(255)
}

/// Reads a cover's place with its contrast stretched; the applicant's name or unit if it shows.
fn read_through(
    mark: &FoundMark,
    page: &Raster,
    line: &TextLine,
    identity: &Identity,
    reader: &Reader,
) -> Result<Option<(Kind, String)>> {
    let grown = (line.quad.thickness() * 0.3) as i32;
    let opaque = mark.style == MarkStyle::Solid;
    // A dark cover's edge would take the whole range. What shows through it at its ends is of another shade than the rest.
    let bbox = if opaque {
        let most = Extent { width: i32::MAX, height: mark.bbox.height() * 2 };
        let paper = page_paper(page, mark.bbox);
        solid::inked_extent(&page.pixels, mark.bbox, paper, most).unwrap_or(mark.bbox).union(mark.bbox).expanded(-2, -2)
    } else {
        mark.bbox.expanded(grown, grown / 2)
    };
    let bbox = bbox.clamped(page.width(), page.height());
    if bbox.is_empty() {
        return Ok(None);
    }
    let inside = if opaque { bbox } else { mark.bbox };
    let crop = stretched(&raster::crop(&page.pixels, bbox), inside, bbox);
    let lattices = reader.read(std::slice::from_ref(&crop), &ReadParams::default())?;
    let seen: Vec<TextLine> =
        lattices.into_iter().map(|lattice| TextLine { quad: Quad::from_bbox(bbox), lattice }).collect();
    let is_read = |found: &TextMatch| !matches!(found.evidence, Evidence::Illegible { .. });
    Ok(identity.search(&seen).into_iter().find(is_read).map(|found| (found.kind, found.keyword)))
}

/// The crop in grey with the luma under the cover spread over the whole range; `mark` and `crop_at` are page
/// pixels.
fn stretched(crop: &RgbImage, mark: Bbox, crop_at: Bbox) -> RgbImage {
    let inside = Bbox::from_ltrb(
        mark.left - crop_at.left,
        mark.top - crop_at.top,
        mark.right - crop_at.left,
        mark.bottom - crop_at.top,
    );
    let mut lumas: Vec<u8> = crop
        .enumerate_pixels()
        .filter(|(x, y, _)| inside.contains(crate::geometry::Point::new(*x as f32, *y as f32)))
        .map(|(_, _, p)| raster::luma(p.0))
        .collect();
    lumas.sort_unstable();
    let at = |share: f32| lumas.get((lumas.len() as f32 * share) as usize).copied().unwrap_or(0);
    let (low, high) = (f32::from(at(0.02)), f32::from(at(0.98)));
    let range = (high - low).max(1.0);
    RgbImage::from_fn(crop.width(), crop.height(), |x, y| {
        let luma = f32::from(raster::luma(crop.get_pixel(x, y).0));
        image::Rgb([((luma - low) / range * 255.0).clamp(0.0, 255.0) as u8; 3])
    })
}
