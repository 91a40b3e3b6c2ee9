//! What goes between the program and its rendering process: frames of a length, a JSON head and raw bytes. Both ends
//! are the same executable, so the format has no version.

use std::io::{self, Read, Write};

use image::RgbImage;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{PdfPage, Purpose};
use crate::error::InputProblem;
use crate::geometry::Bbox;
use crate::identity::Applicant;
use crate::pdf::printed::Printed;
use crate::pdf::render::{PageFrame, PageSize, RenderParams, RenderedPage};
use crate::pdf::uncover::{Cover, Uncovered};
use crate::pdf::write::FlattenReason;
use crate::raster::Raster;
use crate::report::Finding;
use crate::timing::StageTimes;

/// Bytes of a head. A page with 100,000 findings has some 50 MB.
const MAX_HEAD: u32 = 256 << 20;

/// Asks for a document's pages; the document follows.
#[derive(Serialize, Deserialize)]
pub(super) struct Request {
    /// Size of the document.
    pub(super) bytes: usize,
    /// The first page wanted.
    pub(super) first: usize,
    pub(super) render: RenderParams,
    pub(super) purpose: Purpose,
    pub(super) applicant: Applicant,
    pub(super) longer_names: Vec<String>,
}

/// An answer without its pixels, which follow in the order of the rasters.
#[derive(Serialize, Deserialize)]
enum Head {
    /// PDFium does not load: nothing can be rendered.
    Unusable(String),
    /// The document cannot be opened.
    NoPages(InputProblem),
    /// It is open and has so many pages.
    Opened(usize),
    /// A page.
    Page(usize, Box<PageHead>),
    /// A page that cannot be examined.
    Problem(usize, InputProblem),
    /// All pages have been sent.
    End,
}

/// An answer.
pub(super) enum Reply {
    Unusable(String),
    NoPages(InputProblem),
    Opened(usize),
    Page(usize, Box<PdfPage>),
    Problem(usize, InputProblem),
    End,
}

#[derive(Serialize, Deserialize)]
struct PageHead {
    rendered: RenderedHead,
    beside: Vec<Finding>,
    around: Vec<Finding>,
    uncovered: Vec<(Cover, RenderedHead, Vec<Bbox>)>,
    printed: Printed,
    flatten: Option<FlattenReason>,
    elapsed_ms: StageTimes,
}

#[derive(Serialize, Deserialize)]
struct RenderedHead {
    width: u32,
    height: u32,
    dpi: f32,
    size: PageSize,
    frame: PageFrame,
    blank_but_has_content: bool,
    notes: Vec<String>,
}

impl RenderedHead {
    fn of(page: &RenderedPage) -> Self {
        let RenderedPage { raster, size, frame, blank_but_has_content, notes } = page;
        Self {
            width: raster.width(),
            height: raster.height(),
            dpi: raster.dpi,
            size: *size,
            frame: *frame,
            blank_but_has_content: *blank_but_has_content,
            notes: notes.clone(),
        }
    }

    /// The page, its pixels read from `input`.
    fn with_pixels(self, input: &mut impl Read) -> io::Result<RenderedPage> {
        let Self { width, height, dpi, size, frame, blank_but_has_content, notes } = self;
        let mut pixels = RgbImage::new(width, height);
        input.read_exact(&mut pixels)?;
        Ok(RenderedPage { raster: Raster::new(pixels, dpi), size, frame, blank_but_has_content, notes })
    }
}

/// Writes a head.
pub(super) fn write_head<T: Serialize>(head: &T, output: &mut impl Write) -> io::Result<()> {
    let json = serde_json::to_vec(head)?;
    let length = u32::try_from(json.len()).map_err(|_| io::ErrorKind::InvalidData)?;
    output.write_all(&length.to_le_bytes())?;
    output.write_all(&json)
}

/// Reads a head; `None` at the end of the input.
pub(super) fn read_head<T: DeserializeOwned>(input: &mut impl Read) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let length = u32::from_le_bytes(length);
    if length > MAX_HEAD {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut json = vec![0; length as usize];
    input.read_exact(&mut json)?;
    Ok(Some(serde_json::from_slice(&json)?))
}

/// Writes an answer.
pub(super) fn write_reply(reply: &Reply, output: &mut impl Write) -> io::Result<()> {
    let head = match reply {
        Reply::Unusable(problem) => Head::Unusable(problem.clone()),
        Reply::NoPages(problem) => Head::NoPages(problem.clone()),
        Reply::Opened(count) => Head::Opened(*count),
        Reply::Problem(index, problem) => Head::Problem(*index, problem.clone()),
        Reply::End => Head::End,
        Reply::Page(index, page) => {
            let PdfPage { rendered, beside, around, uncovered, printed, flatten, elapsed_ms } = page.as_ref();
            let heads = uncovered.iter().map(|u| (u.cover, RenderedHead::of(&u.page), u.changed.clone()));
            let head = PageHead {
                rendered: RenderedHead::of(rendered),
                beside: beside.clone(),
                around: around.clone(),
                uncovered: heads.collect(),
                printed: printed.clone(),
                flatten: *flatten,
                elapsed_ms: elapsed_ms.clone(),
            };
            write_head(&Head::Page(*index, Box::new(head)), output)?;
            output.write_all(&rendered.raster.pixels)?;
            uncovered.iter().try_for_each(|u| output.write_all(&u.page.raster.pixels))?;
            return output.flush();
        }
    };
    write_head(&head, output)?;
    output.flush()
}

/// Reads an answer; `None` at the end of the input.
pub(super) fn read_reply(input: &mut impl Read) -> io::Result<Option<Reply>> {
    let Some(head) = read_head(input)? else { return Ok(None) };
    Ok(Some(match head {
        Head::Unusable(problem) => Reply::Unusable(problem),
        Head::NoPages(problem) => Reply::NoPages(problem),
        Head::Opened(count) => Reply::Opened(count),
        Head::Problem(index, problem) => Reply::Problem(index, problem),
        Head::End => Reply::End,
        Head::Page(index, head) => {
            let PageHead { rendered, beside, around, uncovered, printed, flatten, elapsed_ms } = *head;
            let rendered = rendered.with_pixels(input)?;
            let uncovered = uncovered
                .into_iter()
                .map(|(cover, page, changed)| Ok(Uncovered { cover, page: page.with_pixels(input)?, changed }))
                .collect::<io::Result<_>>()?;
            Reply::Page(index, Box::new(PdfPage { rendered, beside, around, uncovered, printed, flatten, elapsed_ms }))
        }
    }))
}
