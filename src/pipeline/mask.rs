//! Documents → masked copies, each verified from its saved bytes before it counts as delivered.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};

use super::{Assignment, Event, Ordered, PageOutcome, Pages, Settings, examine_job};
use crate::assets::Assets;
use crate::error::Result;
use crate::examine::{Engine, Examined};
use crate::geometry::Bbox;
use crate::input::{Document, DocumentKind, ImageKind};
use crate::mask::{Covered, MaskParams, MaskRegion, Shape, paint};
use crate::output::{Budget, ImageEncoder, OutputFolder, OutputPage, PageImage, encode_page_image, without_metadata};
use crate::pages::{PageContent, PageJob, PageSource, Purpose, decode};
use crate::pdf::objects::Structure;
use crate::pdf::write::{self, PageOutput};
use crate::raster::Raster;
use crate::report::{Finding, FindingKind, FindingState, PageReport, Source, Verdict};
use crate::stream::{self, Emit, Interrupt};
use crate::verify;

/// How masked copies are made.
#[derive(Debug, Clone, Copy)]
pub struct MaskSettings {
    /// Colour and margins of the blocks.
    pub paint: MaskParams,
    /// Every PDF page becomes an image, also those on which nothing is masked.
    pub flatten: bool,
    /// Bytes that an output file may have.
    pub max_bytes: Option<usize>,
}

/// A page of a document on its way through the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// Of the original with this index.
    Original(usize),
    /// Of the saved copy of the original with this index.
    Saved(usize),
}

/// What a page contributes to the copy.
enum Product {
    /// The page could not be examined: no copy can be vouched for.
    Missing,
    /// Nothing to cover; the page stays as it is.
    Untouched,
    /// A PDF page as a picture.
    Picture(write::PageOutput),
    /// A whole single-page image file.
    File(Vec<u8>),
    /// A page of a multi-page image file, to be painted when its turn comes.
    Regions(Vec<MaskRegion>, Option<f32>),
    /// It cannot be made within the rules.
    Refused(String),
}

struct Made {
    report: PageReport,
    product: Product,
    /// A small JPEG of a saved page.
    picture: Option<Vec<u8>>,
}

/// A copy that waits for its verification.
struct Written {
    path: PathBuf,
    reports: Vec<PageReport>,
}

/// Masks a batch into `folder`. Every document gives at least one page report, of the saved copy where one was
/// written; a copy in which something is still found is set aside with the suffix `.failed`.
///
/// # Errors
/// When nothing can be examined at all: PDFium does not load.
#[expect(clippy::too_many_arguments, reason = "the batch, its tools, its rules and its listener")]
pub fn mask(
    assignments: &[Assignment],
    engine: &Engine,
    assets: &Assets,
    settings: &Settings,
    masking: &MaskSettings,
    folder: &OutputFolder,
    interrupt: &Interrupt,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<()> {
    let (saved_sender, saved) = unbounded::<(usize, PathBuf)>();
    let batch = Batch { assignments, settings, masking, folder };
    let sink = RefCell::new(Sink {
        batch: &batch,
        saved: (!assignments.is_empty()).then_some(saved_sender),
        unfinished: assignments.len(),
        originals: Pages::default(),
        copies: Pages::default(),
        written: assignments.iter().map(|_| None).collect(),
        order: Ordered::default(),
    });
    stream::run(
        settings.jobs,
        interrupt,
        |emit| batch.produce(assets, &saved, interrupt, emit),
        |job: PageJob<Stage>| {
            let (Stage::Original(document) | Stage::Saved(document)) = job.document;
            let assignment = &assignments[document];
            let made = match job.document {
                Stage::Original(_) => {
                    batch.made(&job, examine_job(&job, assignment, &assignment.document.file, engine, settings))
                }
                Stage::Saved(_) => {
                    let outcome = examine_job(&job, assignment, &batch.name_of(document), engine, settings);
                    let picture = if settings.pictures { outcome.picture() } else { None };
                    Made { report: outcome.report, product: Product::Untouched, picture }
                }
            };
            (job.document, job.index, job.count, made)
        },
        |(stage, index, count, made)| sink.borrow_mut().take(stage, index, count, made, on_event),
    )
}

/// What all parts of the stream know.
struct Batch<'a> {
    assignments: &'a [Assignment],
    settings: &'a Settings,
    masking: &'a MaskSettings,
    folder: &'a OutputFolder,
}

impl Batch<'_> {
    /// The path below the output folder that a copy goes by: the original's, with the applicant's name and unit
    /// blotted out.
    fn name_of(&self, document: usize) -> String {
        let Assignment { document, identity, .. } = &self.assignments[document];
        let mut name = document.file.clone();
        let mut found = identity.search_text(&name);
        found.sort_by_key(|found| std::cmp::Reverse(found.range.start));
        for found in found.into_iter().filter(|found| found.certain) {
            name.replace_range(found.range.clone(), "××");
        }
        name
    }

    /// Originals in order; a saved copy goes before the next original, so that documents get finished.
    fn produce(
        &self,
        assets: &Assets,
        saved: &Receiver<(usize, PathBuf)>,
        interrupt: &Interrupt,
        emit: &Emit<PageJob<Stage>>,
    ) -> Result<()> {
        /// How long to wait for a copy before looking whether the run was interrupted.
        const PATIENCE: Duration = Duration::from_millis(100);
        let mut source = PageSource::new(assets, self.settings.limits, self.settings.render);
        let mut originals = self.assignments.iter().enumerate();
        while !interrupt.is_set() {
            let goes_on = if let Ok((index, path)) = saved.try_recv() {
                self.emit_saved(&mut source, index, &path, emit)?
            } else if let Some((index, Assignment { document, identity, .. })) = originals.next() {
                let bytes = document.read(&self.settings.limits);
                source.emit(&Stage::Original(index), document.kind, Purpose::Mask, bytes, identity, emit)?
            } else {
                match saved.recv_timeout(PATIENCE) {
                    Ok((index, path)) => self.emit_saved(&mut source, index, &path, emit)?,
                    Err(RecvTimeoutError::Timeout) => true,
                    Err(RecvTimeoutError::Disconnected) => return Ok(()),
                }
            };
            if !goes_on {
                break;
            }
        }
        Ok(())
    }

    fn emit_saved(
        &self,
        source: &mut PageSource<'_>,
        index: usize,
        path: &Path,
        emit: &Emit<PageJob<Stage>>,
    ) -> Result<bool> {
        let (kind, bytes) = verify::open_saved(path, &self.settings.limits);
        let Assignment { document, identity, .. } = &self.assignments[index];
        source.emit(&Stage::Saved(index), kind.unwrap_or(document.kind), Purpose::Examine, bytes, identity, emit)
    }

    /// What an examined page contributes to the copy; runs on the worker.
    fn made(&self, job: &PageJob<Stage>, outcome: PageOutcome) -> Made {
        let PageOutcome { mut report, examined } = outcome;
        if let PageContent::Text(bytes, _) = &job.content {
            // Uncertain findings are a person's to decide, and the copy is as the original.
            let is_fit = report.verdict != Verdict::Unreadable && !report.findings.iter().any(must_go);
            let refusal = "文字文档请自行修改后重新检查 (a text document is not masked: edit it and check it again)";
            let product = if is_fit { Product::File(bytes.clone()) } else { Product::Refused(refusal.into()) };
            return Made { report, product, picture: None };
        }
        let Some((raster, examined)) = examined else {
            return Made { report, product: Product::Missing, picture: None };
        };
        let regions: Vec<MaskRegion> =
            examined.findings.iter().filter_map(|finding| region_of(finding, &examined.outlines)).collect();
        let product = match &job.content {
            PageContent::Rendered(page) => {
                let has_something_to_hide = examined.findings.iter().any(must_go);
                if has_something_to_hide || self.masking.flatten || page.flatten.is_some() {
                    if let (false, Some(reason)) = (has_something_to_hide, &page.flatten) {
                        report.notes.push(format!("转为图像保存 (saved as an image): {reason}"));
                    }
                    self.pdf_picture(raster, &regions, &examined, page.rendered.size, job.count, &mut report.notes)
                } else {
                    Product::Untouched
                }
            }
            PageContent::Encoded(bytes, kind) if job.count == 1 && !regions.is_empty() => {
                let dpi = decode(bytes, *kind, job.index, &self.settings.limits).ok().and_then(|page| page.stated_dpi);
                self.single_image(bytes, *kind, raster, &regions, &examined, dpi, &mut report.notes)
            }
            PageContent::Encoded(..) if job.count == 1 && self.masking.max_bytes.is_none() => Product::Untouched,
            PageContent::Encoded(bytes, kind) if job.count == 1 => {
                // Within the limit as it is, or made smaller.
                let fits = without_metadata(bytes, *kind, &self.settings.limits)
                    .is_ok_and(|copy| self.masking.max_bytes.is_none_or(|limit| copy.len() <= limit));
                if fits {
                    Product::Untouched
                } else {
                    self.single_image(bytes, *kind, raster, &regions, &examined, None, &mut report.notes)
                }
            }
            PageContent::Encoded(..) => Product::Regions(regions, examined.smallest_text_px),
            PageContent::Text(..) | PageContent::Problem(_) | PageContent::NoPages(_) => Product::Missing,
        };
        Made { report, product, picture: None }
    }

    fn pdf_picture(
        &self,
        mut raster: Raster,
        regions: &[MaskRegion],
        examined: &Examined,
        size: crate::pdf::render::PageSize,
        pages: usize,
        notes: &mut Vec<String>,
    ) -> Product {
        paint(&mut raster.pixels, regions, &self.masking.paint);
        let budget = self.masking.max_bytes.map(|max_bytes| Budget {
            // Page objects and the cross-reference table take some 500 bytes a page.
            max_bytes: (max_bytes / pages.max(1)).saturating_sub(500),
            smallest_text_px: examined.smallest_text_px,
        });
        match encode_page_image(&raster.pixels, budget.as_ref()) {
            Ok((image, done)) => {
                notes.extend(done);
                let image = match image {
                    PageImage::Bilevel(pixels) => Some(write::PageImage::lossless(&pixels)),
                    PageImage::Jpeg { bytes, .. } => write::PageImage::from_jpeg(&bytes),
                };
                image.map_or_else(
                    || Product::Refused("the page's picture cannot be put into a PDF".into()),
                    |image| Product::Picture(PageOutput::Replace { image, size }),
                )
            }
            Err(problem) => Product::Refused(problem.to_string()),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a page, what it came from and what is to be done")]
    fn single_image(
        &self,
        source: &[u8],
        kind: ImageKind,
        mut raster: Raster,
        regions: &[MaskRegion],
        examined: &Examined,
        dpi: Option<f32>,
        notes: &mut Vec<String>,
    ) -> Product {
        paint(&mut raster.pixels, regions, &self.masking.paint);
        let mut encoder = ImageEncoder::new(source, kind, 1, self.masking.max_bytes);
        let page = OutputPage { pixels: &raster.pixels, dpi, smallest_text_px: examined.smallest_text_px };
        let encoded = encoder.add(&page).and_then(|done| {
            notes.extend(done);
            encoder.finish()
        });
        encoded.map_or_else(|problem| Product::Refused(problem.to_string()), Product::File)
    }

    /// The bytes of the copy; runs on the caller's thread.
    fn assembled(&self, document: &Document, products: Vec<Product>) -> std::result::Result<Vec<u8>, String> {
        if products.iter().any(|product| matches!(product, Product::Missing)) {
            return Err("不能检查全部页面 (not all of its pages could be examined)".into());
        }
        if let Some(Product::Refused(problem)) = products.iter().find(|p| matches!(p, Product::Refused(_))) {
            return Err(problem.clone());
        }
        let source = document.read(&self.settings.limits).map_err(|problem| problem.to_string())?;
        let bytes = match document.kind {
            DocumentKind::Pdf => rewritten_pdf(&source, products)?,
            DocumentKind::Image(kind) => self.rewritten_image(&source, kind, products)?,
            DocumentKind::Text(_) => source,
        };
        match self.masking.max_bytes {
            Some(limit) if bytes.len() > limit => Err(format!(
                "不能压缩到 {limit} 字节而保持清晰 ({} bytes; does not fit {limit} and stay readable)",
                bytes.len()
            )),
            _ => Ok(bytes),
        }
    }

    fn rewritten_image(
        &self,
        source: &[u8],
        kind: ImageKind,
        products: Vec<Product>,
    ) -> std::result::Result<Vec<u8>, String> {
        let count = products.len();
        let limits = &self.settings.limits;
        if self.masking.max_bytes.is_none()
            && products
                .iter()
                .all(|p| matches!(p, Product::Untouched) || matches!(p, Product::Regions(r, _) if r.is_empty()))
        {
            return without_metadata(source, kind, limits).map_err(|problem| problem.to_string());
        }
        let mut encoder = ImageEncoder::new(source, kind, count, self.masking.max_bytes);
        for (index, product) in products.into_iter().enumerate() {
            let (regions, smallest_text_px) = match product {
                Product::File(bytes) => return Ok(bytes),
                Product::Regions(regions, height) => (regions, height),
                _ => return without_metadata(source, kind, limits).map_err(|problem| problem.to_string()),
            };
            let mut page = decode(source, kind, index, limits).map_err(|problem| problem.to_string())?;
            paint(&mut page.raster.pixels, &regions, &self.masking.paint);
            let page = OutputPage { pixels: &page.raster.pixels, dpi: page.stated_dpi, smallest_text_px };
            encoder.add(&page).map_err(|problem| problem.to_string())?;
        }
        encoder.finish().map_err(|problem| problem.to_string())
    }
}

fn rewritten_pdf(source: &[u8], products: Vec<Product>) -> std::result::Result<Vec<u8>, String> {
    let pages: Vec<PageOutput> = products
        .into_iter()
        .map(|product| match product {
            Product::Picture(output) => output,
            _ => PageOutput::Keep,
        })
        .collect();
    let all_pictures: Option<Vec<_>> = pages
        .iter()
        .map(|page| match page {
            PageOutput::Replace { image, size } => Some((image, *size)),
            PageOutput::Keep => None,
        })
        .collect();
    let written = if let Some(pictures) = all_pictures {
        write::from_images(pictures)
    } else {
        let structure = Structure::load(source, Some(pages.len())).map_err(|problem| problem.to_string())?;
        write::rewrite(&structure, &pages)
    };
    written.map_err(|problem| problem.to_string())
}

/// Takes finished pages, writes whole documents and sends them back to be verified.
struct Sink<'a> {
    batch: &'a Batch<'a>,
    /// Dropped when no copy will come any more.
    saved: Option<Sender<(usize, PathBuf)>>,
    unfinished: usize,
    originals: Pages<usize, Made>,
    copies: Pages<usize, PageReport>,
    written: Vec<Option<Written>>,
    order: Ordered<Vec<PageReport>>,
}

impl Sink<'_> {
    fn take(&mut self, stage: Stage, index: usize, count: usize, made: Made, on_event: &mut dyn FnMut(Event<'_>)) {
        match stage {
            Stage::Original(document) => {
                if let Some(pages) = self.originals.add(document, index, count, made) {
                    self.write(document, pages, on_event);
                }
            }
            Stage::Saved(document) => {
                let original = self.written[document].as_ref().and_then(|written| written.reports.get(index));
                let clean = |report: &PageReport| report.verdict == Verdict::Clean;
                if let (Some(jpeg), Some(original)) = (&made.picture, original)
                    && !(clean(original) && clean(&made.report))
                {
                    on_event(Event::Picture { file: &original.file, page: original.page, jpeg });
                }
                if let Some(copies) = self.copies.add(document, index, count, made.report)
                    && let Some(written) = self.written[document].take()
                {
                    let reports = self.verified(written, copies);
                    self.finish(document, reports, on_event);
                }
            }
        }
    }

    fn write(&mut self, document: usize, pages: Vec<Made>, on_event: &mut dyn FnMut(Event<'_>)) {
        let (mut reports, products): (Vec<_>, Vec<_>) = pages.into_iter().map(|m| (m.report, m.product)).unzip();
        let assignment = &self.batch.assignments[document];
        let written = self.batch.assembled(&assignment.document, products).and_then(|bytes| {
            self.batch.folder.write(&assignment.document.file, &bytes).map_err(|error| error.to_string())
        });
        match written {
            Ok(path) => {
                if let Some(saved) = &self.saved
                    && saved.send((document, path.clone())).is_ok()
                {
                    self.written[document] = Some(Written { path, reports });
                }
            }
            Err(problem) => {
                for report in &mut reports {
                    report.notes.push(format!("未生成遮盖件 (no masked copy was written): {problem}"));
                    // What was to be hidden is not hidden anywhere; what was clean has no copy to be sent.
                    report.verdict = report.verdict.max(Verdict::Unreadable);
                }
                self.finish(document, reports, on_event);
            }
        }
    }

    /// The rows of a copy: what was covered, and what its saved bytes still show.
    fn verified(&self, written: Written, copies: Vec<PageReport>) -> Vec<PageReport> {
        let Written { path, reports } = written;
        let mut combined = verify::combined(reports, copies);
        if combined.iter().any(|report| matches!(report.verdict, Verdict::Violation | Verdict::Unreadable)) {
            let place = match self.batch.folder.mark_failed(&path) {
                Ok(failed) => failed.display().to_string(),
                Err(error) => error.to_string(),
            };
            for report in &mut combined {
                report.notes.push(format!("复核未通过，另存 (not passed, set aside): {place}"));
            }
        }
        combined
    }

    fn finish(&mut self, document: usize, reports: Vec<PageReport>, on_event: &mut dyn FnMut(Event<'_>)) {
        for report in &reports {
            on_event(Event::Page(report));
        }
        for reports in self.order.add(document, reports) {
            on_event(Event::Document(&reports));
        }
        self.unfinished -= 1;
        if self.unfinished == 0 {
            self.saved = None;
        }
    }
}

/// True for what a masked copy must not show or hold. Uncertain findings are a person's to decide.
fn must_go(finding: &Finding) -> bool {
    finding.certain && !matches!(finding.state, FindingState::Masked | FindingState::Exempt)
}

fn region_of(finding: &Finding, outlines: &[(Bbox, Shape)]) -> Option<MaskRegion> {
    let (true, Some(quad)) = (must_go(finding), finding.quad) else { return None };
    if finding.source == Source::Seal
        && let Some((_, shape)) = outlines.iter().find(|(bbox, _)| Some(*bbox) == finding.bbox)
    {
        return Some(MaskRegion { shape: *shape, covered: Covered::Seal });
    }
    let (shape, covered) = match finding.kind {
        FindingKind::Name => (Shape::Quad(quad), Covered::Name),
        FindingKind::Seal => (Shape::Ellipse(quad.bbox()), Covered::Seal),
        FindingKind::Eyes => (Shape::Quad(quad), Covered::Eyes),
        FindingKind::Unit | FindingKind::UnitCode => (Shape::Quad(quad), Covered::Text),
        FindingKind::Classified | FindingKind::Metadata => return None,
    };
    Some(MaskRegion { shape, covered })
}
