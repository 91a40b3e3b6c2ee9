//! A cover over text → how much of the applicant's identity it leaves, and whether it can be seen through.

use image::RgbImage;

use super::{FoundMark, Hides};
use crate::error::Result;
use crate::geometry::{Bbox, Quad};
use crate::identity::{Identity, Kind};
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
    /// What it hides, as far as the label before it or the part left beside it tells.
    pub kind: Option<Kind>,
    /// The readable part when one is left, else the cover.
    pub bbox: Bbox,
    /// The applicant's name or unit, when a part of it was recognised.
    pub text: Option<String>,
    /// Why, in words.
    pub reason: String,
}

/// Share of a name's characters that must be left beside a cover for the name to count as readable: one of
/// two, two of three.
const READABLE_NAME: f32 = 0.5;
/// The same for a unit, of its characters in a row: the share by which a unit's seal is recognised, too.
const READABLE_UNIT: f32 = 0.6;
/// Gap in line heights between a cover and the character beside it.
const BESIDE: f32 = 0.9;

const NAME_LABELS: [&str; 14] = [
    "姓名",
    "名字",
    "申报人",
    "申请人",
    "被推荐人",
    "获奖者",
    "获奖人",
    "持证人",
    "作者",
    "本人",
    "负责人",
    "完成人",
    "签名",
    "签字",
];
const UNIT_LABELS: [&str; 7] = ["单位", "公司", "部门", "机构", "学校", "医院", "工作处"];

/// Judges a cover over a text line; `None` for covers over seals and faces, whose own readers say what is
/// left of them, and for a [slight](FoundMark::slight) block that is no cover. With a `reader`, weak covers are read through.
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
    let before = text_before(lines, line, mark.bbox);
    let mut kind = label_kind(&before);
    let left = left_over(mark.bbox, line, identity);
    if let Some(part) = &left {
        kind = Some(part.kind);
        if part.readable {
            return Ok(Some(Assessment {
                state: FindingState::Exposed,
                kind,
                bbox: part.bbox,
                text: Some(part.keyword.clone()),
                reason: format!(
                    "{} of {} characters are left beside the cover",
                    part.shown,
                    part.keyword.chars().count()
                ),
            }));
        }
    }
    if mark.slight && left.is_none() {
        return Ok(None);
    }
    let text = left.map(|part| part.keyword);
    let (state, reason) = match mark.style {
        MarkStyle::Solid => (FindingState::Masked, "covered by a solid block".to_owned()),
        MarkStyle::Annotation => (FindingState::RemovableMask, "covered by an annotation".to_owned()),
        MarkStyle::Mosaic | MarkStyle::Blur | MarkStyle::Translucent => {
            if let Some(reader) = reader
                && let Some((seen, found)) = read_through(mark, page, line, identity, reader)?
            {
                return Ok(Some(Assessment {
                    state: FindingState::WeakMask,
                    kind: Some(seen),
                    bbox: mark.bbox,
                    text: Some(found),
                    reason: format!("can be read through the {} after stretching its contrast", name(mark.style)),
                }));
            }
            let reason = match mark.style {
                MarkStyle::Mosaic => {
                    format!("a mosaic of {}-pixel blocks can be undone by trying names", mark.block.unwrap_or_default())
                }
                MarkStyle::Blur => "blur can be undone by trying names".to_owned(),
                _ => "what lies under the cover shows through".to_owned(),
            };
            (FindingState::WeakMask, reason)
        }
    };
    Ok(Some(Assessment { state, kind, bbox: mark.bbox, text, reason }))
}

fn name(style: MarkStyle) -> &'static str {
    match style {
        MarkStyle::Solid => "solid block",
        MarkStyle::Mosaic => "mosaic",
        MarkStyle::Blur => "blur",
        MarkStyle::Translucent => "translucent cover",
        MarkStyle::Annotation => "annotation",
    }
}

/// Text that stands left of a cover in its row, the nearest last.
fn text_before(lines: &[TextLine], own: &TextLine, mark: Bbox) -> String {
    let row = own.quad.bbox();
    let mut chars: Vec<(i32, char)> = Vec::new();
    for line in lines {
        let bbox = line.quad.bbox();
        let overlap = bbox.bottom.min(row.bottom) - bbox.top.max(row.top);
        if overlap * 2 < bbox.height().min(row.height()) || bbox.left >= mark.left {
            continue;
        }
        chars.extend(
            characters(line).into_iter().filter(|(at, _)| at.right <= mark.left + 4).map(|(at, c)| (at.left, c)),
        );
    }
    chars.sort_by_key(|(left, _)| *left);
    chars.into_iter().map(|(_, c)| c).collect()
}

fn label_kind(before: &str) -> Option<Kind> {
    let last = |labels: &[&str]| labels.iter().filter_map(|label| before.rfind(label)).max();
    match (last(&NAME_LABELS), last(&UNIT_LABELS)) {
        (None, None) => None,
        (name, unit) if name > unit => Some(Kind::Name),
        _ => Some(Kind::Unit),
    }
}

/// The characters of a line's best reading with their places, in reading order.
fn characters(line: &TextLine) -> Vec<(Bbox, char)> {
    line.lattice
        .best_path()
        .iter()
        .filter_map(|read| {
            let c = line.lattice.alphabet().text(read.symbol).chars().next()?;
            (!c.is_whitespace()).then(|| (line.quad_of(&read.frames).bbox(), c))
        })
        .collect()
}

/// What is left of a name or unit beside a cover.
struct LeftOver {
    kind: Kind,
    keyword: String,
    shown: usize,
    readable: bool,
    bbox: Bbox,
}

/// The longest beginning of the name or unit right before the cover together with the longest end right
/// after it.
fn left_over(mark: Bbox, line: &TextLine, identity: &Identity) -> Option<LeftOver> {
    let reach = (line.quad.thickness() * BESIDE) as i32;
    let read = characters(line);
    // A character is read from the frames about its middle; its box may run a little under the cover.
    let before: Vec<&(Bbox, char)> = read.iter().filter(|(at, _)| at.centre().x < mark.left as f32).collect();
    let after: Vec<&(Bbox, char)> = read.iter().filter(|(at, _)| at.centre().x > mark.right as f32).collect();
    let touches_before = before.last().is_some_and(|(at, _)| mark.left - at.right <= reach);
    let touches_after = after.first().is_some_and(|(at, _)| at.left - mark.right <= reach);
    let applicant = identity.applicant();
    let names = std::iter::once((Kind::Name, &applicant.name));
    let units =
        std::iter::once((Kind::Unit, &applicant.unit)).chain(applicant.former_units.iter().map(|u| (Kind::Unit, u)));
    names
        .chain(units)
        .filter_map(|(kind, keyword)| {
            let chars: Vec<char> = keyword.chars().filter(|c| !c.is_whitespace()).collect();
            let count = chars.len();
            let begins = (1..count)
                .rev()
                .find(|&k| {
                    touches_before
                        && before.len() >= k
                        && before[before.len() - k..].iter().map(|(_, c)| *c).eq(chars[..k].iter().copied())
                })
                .unwrap_or(0);
            let ends = (1..count)
                .rev()
                .find(|&k| {
                    touches_after
                        && after.len() >= k
                        && after[..k].iter().map(|(_, c)| *c).eq(chars[count - k..].iter().copied())
                })
                .unwrap_or(0);
            let shown = (begins + ends).min(count.saturating_sub(1));
            if shown == 0 {
                return None;
            }
            let share = shown as f32 / count as f32;
            let longest = begins.max(ends) as f32 / count as f32;
            let readable = match kind {
                Kind::Name => share >= READABLE_NAME,
                Kind::Unit => longest >= READABLE_UNIT,
            };
            let places = before[before.len() - begins..].iter().chain(&after[..ends]).map(|(at, _)| *at);
            let bbox = places.reduce(Bbox::union)?;
            Some(LeftOver { kind, keyword: keyword.clone(), shown, readable, bbox })
        })
        .max_by_key(|part| (part.readable, part.shown))
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
    let bbox = mark.bbox.expanded(grown, grown / 2).clamped(page.width(), page.height());
    if bbox.is_empty() {
        return Ok(None);
    }
    let crop = stretched(&raster::crop(&page.pixels, bbox), mark.bbox, bbox);
    let lattices = reader.read(std::slice::from_ref(&crop), &ReadParams::default())?;
    let seen: Vec<TextLine> =
        lattices.into_iter().map(|lattice| TextLine { quad: Quad::from_bbox(bbox), lattice }).collect();
    Ok(identity.search(&seen).into_iter().next().map(|found| (found.kind, found.keyword)))
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
        .map(|(_, _, p)| super::band::luma(p.0))
        .collect();
    lumas.sort_unstable();
    let at = |share: f32| lumas.get((lumas.len() as f32 * share) as usize).copied().unwrap_or(0);
    let (low, high) = (f32::from(at(0.02)), f32::from(at(0.98)));
    let range = (high - low).max(1.0);
    RgbImage::from_fn(crop.width(), crop.height(), |x, y| {
        let luma = f32::from(super::band::luma(crop.get_pixel(x, y).0));
        image::Rgb([((luma - low) / range * 255.0).clamp(0.0, 255.0) as u8; 3])
    })
}
