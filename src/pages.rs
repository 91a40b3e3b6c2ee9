//! Documents → their pages, one job a page. PDF pages are rendered by a process of their own or on the producer's
//! thread, since PDFium allows only one; image files are only opened, and decoded by the worker.

mod child;
mod serve;
mod wire;

use std::cell::OnceCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::assets::Assets;
use crate::error::{InputProblem, Result};
use crate::identity::Identity;
use crate::input::{DocumentKind, ImageKind, Limits, TextKind};
use crate::leaks::{self, Leak};
use crate::pdf::printed::Printed;
use crate::pdf::render::{RenderParams, RenderedPage};
use crate::pdf::uncover::Uncovered;
use crate::pdf::write::FlattenReason;
use crate::pdf::{Document, Pdfium};
use crate::raster::decode::{ImageFile, Page};
use crate::report::Finding;
use crate::stream::{Emit, Interrupt};
use crate::text_document;
use crate::timing::{StageTimes, Stopwatch};
pub use child::ChildCommand;
use child::ChildRenderer;
pub use serve::{first_to_go, serve};

/// One page on its way to a worker.
pub struct PageJob<K> {
    /// Which document, in the caller's own terms.
    pub document: K,
    /// From 0.
    pub index: usize,
    /// Pages in the document; 1 for a document that could not be opened.
    pub count: usize,
    /// The page itself.
    pub content: PageContent,
}

/// A page before it is examined.
pub enum PageContent {
    /// A rendered PDF page.
    Rendered(Box<PdfPage>),
    /// A page of an image file, still encoded.
    Encoded(Arc<Vec<u8>>, ImageKind),
    /// A document of text, which has no pages.
    Text(Vec<u8>, TextKind),
    /// A picture in a document of text.
    Picture(Vec<u8>, ImageKind),
    /// A page that cannot be examined.
    Problem(InputProblem),
    /// A document whose pages cannot even be counted.
    NoPages(InputProblem),
}

/// A rendered PDF page with what else is known of it.
pub struct PdfPage {
    /// Its pixels, size and remarks.
    pub rendered: RenderedPage,
    /// Identity in its text layer and in what belongs to it beside its pixels.
    pub beside: Vec<Finding>,
    /// Identity in the file around the pages: on the first page that of the whole document, on each what belongs to it,
    /// as its annotations do.
    pub around: Vec<Finding>,
    /// What it shows when covers that can be taken away are taken away.
    pub uncovered: Vec<Uncovered>,
    /// What its file says that it shows.
    pub printed: Printed,
    /// Why it cannot be kept as it is in a rewritten file; asked for [`Purpose::Mask`] only.
    pub flatten: Option<FlattenReason>,
    /// Milliseconds of the stages `render` and `structure` (what the file holds beside the pixels).
    pub elapsed_ms: StageTimes,
}

/// What the pages are wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To be examined.
    Examine,
    /// To be examined and written again.
    Mask,
}

/// Where PDFium runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Renderer {
    /// In this process: a file that makes it crash ends the run.
    #[default]
    InProcess,
    /// In another process, which is started again when a file makes it crash.
    Child(ChildCommand),
}

/// Opens documents on the producer's thread; loads PDFium when the first PDF comes.
pub struct PageSource<'a> {
    assets: &'a Assets,
    limits: Limits,
    render: RenderParams,
    renderer: Rendering<'a>,
}

enum Rendering<'a> {
    NotLoaded,
    InProcess(Pdfium),
    Child(ChildRenderer<'a>),
}

impl<'a> PageSource<'a> {
    /// Nothing is loaded yet. `page_timeout` is the longest time that another process may take for a page.
    pub fn new(
        assets: &'a Assets,
        limits: Limits,
        render: RenderParams,
        renderer: &'a Renderer,
        page_timeout: Duration,
        interrupt: &'a Interrupt,
    ) -> Self {
        let renderer = match renderer {
            Renderer::InProcess => Rendering::NotLoaded,
            Renderer::Child(command) => Rendering::Child(ChildRenderer::new(command, page_timeout, interrupt)),
        };
        Self { assets, limits, render, renderer }
    }

    /// Emits all pages of a document. False when nobody takes jobs any more.
    ///
    /// # Errors
    /// When PDFium cannot be loaded: nothing can be examined then.
    pub fn emit<K: Clone>(
        &mut self,
        document: &K,
        kind: DocumentKind,
        purpose: Purpose,
        bytes: std::result::Result<Vec<u8>, InputProblem>,
        identity: &Identity,
        emit: &Emit<PageJob<K>>,
    ) -> Result<bool> {
        let send = |index: usize, count: usize, content: PageContent| {
            emit.emit(PageJob { document: document.clone(), index, count, content })
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(problem) => return Ok(send(0, 1, PageContent::NoPages(problem))),
        };
        match kind {
            DocumentKind::Image(kind) => Ok(emit_image(&Arc::new(bytes), kind, &self.limits, send)),
            DocumentKind::Text(kind) => {
                // A damaged document is told of by the page of its text.
                let pictures = guarded(|| text_document::pictures(&bytes, kind)).unwrap_or_default();
                let count = 1 + pictures.len();
                Ok(send(0, count, PageContent::Text(bytes, kind))
                    && pictures
                        .into_iter()
                        .zip(1..)
                        .all(|((bytes, kind), index)| send(index, count, PageContent::Picture(bytes, kind))))
            }
            DocumentKind::Pdf => self.emit_pdf(&bytes, purpose, identity, send),
        }
    }

    fn emit_pdf(
        &mut self,
        bytes: &[u8],
        purpose: Purpose,
        identity: &Identity,
        send: impl Fn(usize, usize, PageContent) -> bool,
    ) -> Result<bool> {
        if let Rendering::NotLoaded = self.renderer {
            self.renderer = Rendering::InProcess(Pdfium::load(self.assets)?);
        }
        match &mut self.renderer {
            Rendering::Child(child) => child.emit(bytes, &self.render, purpose, identity, send),
            Rendering::InProcess(pdfium) => {
                let mut count = 1;
                Ok(send_pdf(pdfium, bytes, &self.render, purpose, identity, 0, &mut |sent| match sent {
                    Sent::NoPages(problem) => send(0, 1, PageContent::NoPages(problem)),
                    Sent::Opened(pages) => {
                        count = pages;
                        true
                    }
                    Sent::Page(index, Ok(page)) => send(index, count, PageContent::Rendered(page)),
                    Sent::Page(index, Err(problem)) => send(index, count, PageContent::Problem(problem)),
                }))
            }
            Rendering::NotLoaded => Ok(true),
        }
    }
}

fn emit_image(
    bytes: &Arc<Vec<u8>>,
    kind: ImageKind,
    limits: &Limits,
    send: impl Fn(usize, usize, PageContent) -> bool,
) -> bool {
    let count = match ImageFile::open(bytes, kind, limits) {
        Ok(file) => file.page_count(),
        Err(problem) => return send(0, 1, PageContent::NoPages(problem)),
    };
    (0..count).all(|index| send(index, count, PageContent::Encoded(Arc::clone(bytes), kind)))
}

/// What becomes of a PDF, in this order.
enum Sent {
    NoPages(InputProblem),
    Opened(usize),
    Page(usize, std::result::Result<Box<PdfPage>, InputProblem>),
}

/// Renders the pages from `first` on. False when `send` wants no more.
fn send_pdf(
    pdfium: &Pdfium,
    bytes: &[u8],
    render: &RenderParams,
    purpose: Purpose,
    identity: &Identity,
    first: usize,
    send: &mut dyn FnMut(Sent) -> bool,
) -> bool {
    let document = match pdfium.open(bytes) {
        Ok(document) => document,
        Err(problem) => return send(Sent::NoPages(problem)),
    };
    let count = document.page_count();
    let of_pages = OnceCell::new();
    send(Sent::Opened(count))
        && (first..count).all(|index| {
            let page = guarded(|| pdf_page(&document, index, render, purpose, identity, &of_pages));
            send(Sent::Page(index, page.map(Box::new)))
        })
}

fn pdf_page(
    document: &Document<'_>,
    index: usize,
    render: &RenderParams,
    purpose: Purpose,
    identity: &Identity,
    of_pages: &OnceCell<Vec<Leak>>,
) -> std::result::Result<PdfPage, InputProblem> {
    let mut elapsed_ms = StageTimes::new();
    let mut watch = Stopwatch::start();
    let mut rendered = document.render(index, render)?;
    watch.lap("render", &mut elapsed_ms);
    let look = |chars: &[char]| identity.search_chars(chars);
    let runs = document.text(index, &rendered.frame)?;
    let of_page = leaks::of_page(document, index, &rendered, &runs, render, &look)?;
    let (mut beside, mut uncovered) = (of_page.findings, of_page.to_read);
    beside.extend(of_page.not_examined.map(|problem| leaks::not_examined(&problem)));
    let mut around = Vec::new();
    if index == 0 {
        let of_document = leaks::of_document(document, render, &look);
        // An earlier revision may have had more pages.
        let (of_the_file, of_a_page) = of_document
            .leaks
            .into_iter()
            .partition(|leak: &Leak| leak.page.is_none_or(|page| page >= document.page_count()));
        let of_the_file: Vec<Leak> = of_the_file;
        around.extend(of_the_file.into_iter().map(|leak| leak.finding));
        let _ = of_pages.set(of_a_page);
        around.extend(of_document.not_examined.iter().map(|problem| leaks::not_examined(problem)));
        uncovered.extend(of_document.to_read);
    }
    // Without its first page, which is reported as not examined, only what the objects say of the pages is asked again.
    if of_pages.get().is_none() {
        match leaks::around_pages(document, &look) {
            Ok(found) => drop(of_pages.set(found)),
            Err(problem) => around.push(leaks::not_examined(&problem.to_string())),
        }
    }
    let of_pages = of_pages.get().into_iter().flatten();
    around.extend(of_pages.filter(|leak| leak.page == Some(index)).map(|leak| leak.finding.clone()));
    let undrawn = document.undrawn_annotations(index);
    rendered.notes.extend(undrawn.note());
    beside.extend(leaks::may_show_more(&undrawn));
    let flatten = match purpose {
        Purpose::Examine => None,
        Purpose::Mask => document.needs_flattening(index),
    };
    watch.lap("structure", &mut elapsed_ms);
    let printed = document.printed(index, &rendered, &runs)?;
    watch.lap("render", &mut elapsed_ms);
    if rendered.blank_but_has_content {
        return Err(InputProblem::BlankRender);
    }
    Ok(PdfPage { rendered, beside, around, uncovered, printed, flatten, elapsed_ms })
}

/// Decodes a page of an image file, on the worker's thread.
///
/// # Errors
/// What is wrong with the page.
pub fn decode(bytes: &[u8], kind: ImageKind, index: usize, limits: &Limits) -> std::result::Result<Page, InputProblem> {
    guarded(|| ImageFile::open(bytes, kind, limits)?.page(index))
}

/// Turns a panic (decoders may panic on malicious input) into a problem of the page.
pub(crate) fn guarded<T>(
    attempt: impl FnOnce() -> std::result::Result<T, InputProblem>,
) -> std::result::Result<T, InputProblem> {
    catch_unwind(AssertUnwindSafe(attempt)).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|&s| s.to_owned()))
            .unwrap_or_default();
        Err(InputProblem::Crashed(message))
    })
}

#[cfg(test)]
mod tests {
    use lopdf::{Dictionary, Object, dictionary};

    use super::*;
    use crate::identity::Applicant;
    use crate::pdf::samples::{Sample, numbers, pdfium};

    #[test]
    fn what_an_annotation_says_is_told_on_its_own_page() {
        let mut sample = Sample::new();
        let name: Vec<u8> = [0xFE, 0xFF].into_iter().chain("张伟".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        let annotation = dictionary! {
            "Type" => "Annot", "Subtype" => "FreeText", "Rect" => numbers(&[20.0, 20.0, 90.0, 80.0]),
            "Contents" => Object::String(name.clone(), lopdf::StringFormat::Hexadecimal),
        };
        let annotated = dictionary! { "Annots" => vec![Object::Dictionary(annotation)] };
        for entries in [Dictionary::new(), annotated, Dictionary::new()] {
            sample.page("0 g 0 0 5 5 re f", entries);
        }
        let info = sample.document.add_object(dictionary! {
            "Author" => Object::String(name, lopdf::StringFormat::Hexadecimal),
        });
        sample.document.trailer.set("Info", info);
        let bytes = sample.bytes();
        let applicant = Applicant::new("张伟", "天山草业科技有限公司").expect("a sound applicant");
        let identity = Identity::new(&applicant, &[]);
        let pdfium = pdfium();
        let told_from = |first: usize| {
            let mut told = Vec::new();
            let render = RenderParams::default();
            send_pdf(&pdfium, &bytes, &render, Purpose::Examine, &identity, first, &mut |sent| {
                if let Sent::Page(_, page) = sent {
                    let page = page.expect("a sound page");
                    told.push((page.around.len(), page.rendered.notes.len()));
                }
                true
            });
            told
        };
        assert_eq!(told_from(0), [(1, 0), (1, 1), (0, 0)], "the author, the annotation, nothing");
        assert_eq!(told_from(1), [(1, 1), (0, 0)], "after a crash on the first page");
    }
}
