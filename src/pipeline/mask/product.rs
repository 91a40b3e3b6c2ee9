//! Examined pages → what they contribute to the masked copy, and the copy's bytes.

use super::{Batch, Made, Product};
use crate::examine::Examined;
use crate::input::{DocumentKind, ImageKind};
use crate::judge::hides_identity_weakly;
use crate::mask::{Covered, MaskRegion, Shape, paint};
use crate::output::{Budget, ImageEncoder, OutputPage, PageImage, encode_page_image, without_metadata};
use crate::pages::{PageContent, decode, guarded};
use crate::pdf::objects::Structure;
use crate::pdf::render::PageSize;
use crate::pdf::write::{self, PageOutput};
use crate::pipeline::PageOutcome;
use crate::raster::Raster;
use crate::report::{Finding, FindingKind, FindingState, PageReport, Source, Verdict};
use crate::timing::Stopwatch;

const NOT_EDITED: &str = "文字文档请自行修改后重新检查 (a text document is not masked: edit it and check it again)";

impl Batch<'_> {
    /// What an examined page contributes to the copy; runs on the worker.
    pub(super) fn made(&self, content: &PageContent, index: usize, count: usize, outcome: PageOutcome) -> Made {
        let PageOutcome { mut report, examined } = outcome;
        if let PageContent::Text(bytes, _) = content {
            // Uncertain findings are a person's to decide, and the copy is as the original.
            let is_fit = report.verdict != Verdict::Unreadable && !report.findings.iter().any(must_go);
            let product = if is_fit { Product::File(bytes.clone()) } else { Product::Refused(NOT_EDITED.into()) };
            return Made { report, product, fresh: None, picture: None };
        }
        let Some((raster, examined)) = examined else {
            return Made { report, product: Product::Missing, fresh: None, picture: None };
        };
        let regions: Vec<MaskRegion> =
            examined.findings.iter().filter_map(|finding| region_of(finding, &examined)).collect();
        let has_something_to_hide = examined.findings.iter().any(|finding| is_covered(finding, &examined));
        let misread = examined.findings.iter().filter(|finding| is_misread(finding, &examined)).count();
        if misread > 0 {
            report
                .notes
                .push(format!("字形相近的 {misread} 处也已遮盖 (places that are read nearly so are covered, too)"));
        }
        let product = match content {
            PageContent::Rendered(page) => {
                if has_something_to_hide || self.masking.flatten || page.flatten.is_some() {
                    if let (false, Some(reason)) = (has_something_to_hide, &page.flatten) {
                        report.notes.push(format!("转为图像保存 (saved as an image): {reason}"));
                    }
                    self.pdf_picture(raster, &regions, &examined, page.rendered.size, count, &mut report)
                } else {
                    Product::Untouched
                }
            }
            PageContent::Encoded(bytes, kind) if count == 1 && has_something_to_hide => {
                let dpi = decode(bytes, *kind, index, &self.settings.limits).ok().and_then(|page| page.stated_dpi);
                self.single_image(bytes, *kind, raster, &regions, &examined, dpi, &mut report)
            }
            PageContent::Encoded(..) if count == 1 && self.masking.max_bytes.is_none() => Product::Untouched,
            PageContent::Encoded(bytes, kind) if count == 1 => {
                // Within the limit as it is, or made smaller.
                let fits = without_metadata(bytes, *kind, &self.settings.limits)
                    .is_ok_and(|copy| self.masking.max_bytes.is_none_or(|limit| copy.len() <= limit));
                if fits {
                    Product::Untouched
                } else {
                    self.single_image(bytes, *kind, raster, &regions, &examined, None, &mut report)
                }
            }
            PageContent::Encoded(..) => Product::Regions(regions, examined.smallest_text_px),
            PageContent::Picture(..) if has_something_to_hide => Product::Refused(NOT_EDITED.into()),
            PageContent::Picture(..) => Product::Untouched,
            PageContent::Text(..) | PageContent::Problem(_) | PageContent::NoPages(_) => Product::Missing,
        };
        Made { report, product, fresh: None, picture: None }
    }

    /// What a page of a saved copy contributes to the next one, should something still be found in it.
    pub(super) fn made_again(&self, content: &PageContent, index: usize, count: usize, outcome: PageOutcome) -> Made {
        let is_open = |examined: &Examined| examined.findings.iter().any(|finding| is_covered(finding, examined));
        let is_kept = outcome.examined.as_ref().is_some_and(|(_, examined)| !is_open(examined));
        if is_kept && !(count > 1 && matches!(content, PageContent::Encoded(..))) {
            return Made { report: outcome.report, product: Product::Untouched, fresh: None, picture: None };
        }
        self.made(content, index, count, outcome)
    }

    fn pdf_picture(
        &self,
        mut raster: Raster,
        regions: &[MaskRegion],
        examined: &Examined,
        size: PageSize,
        pages: usize,
        report: &mut PageReport,
    ) -> Product {
        let mut watch = Stopwatch::start();
        paint(&mut raster.pixels, regions, &self.masking.paint);
        watch.lap("paint", &mut report.elapsed_ms);
        let budget = self.masking.max_bytes.map(|max_bytes| Budget {
            // Page objects and the cross-reference table take some 500 bytes a page.
            max_bytes: (max_bytes / pages.max(1)).saturating_sub(500),
            smallest_text_px: examined.smallest_text_px,
        });
        let encoded = encode_page_image(&raster.pixels, budget.as_ref());
        watch.lap("encode", &mut report.elapsed_ms);
        match encoded {
            Ok((image, done)) => {
                report.notes.extend(done);
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
        report: &mut PageReport,
    ) -> Product {
        let mut watch = Stopwatch::start();
        paint(&mut raster.pixels, regions, &self.masking.paint);
        watch.lap("paint", &mut report.elapsed_ms);
        let mut encoder = ImageEncoder::new(source, kind, 1, self.masking.max_bytes);
        let page = OutputPage { pixels: &raster.pixels, dpi, smallest_text_px: examined.smallest_text_px };
        let encoded = encoder.add(&page).and_then(|done| {
            report.notes.extend(done);
            encoder.finish()
        });
        watch.lap("encode", &mut report.elapsed_ms);
        encoded.map_or_else(|problem| Product::Refused(problem.to_string()), Product::File)
    }

    /// The bytes of the copy of `source`; runs on the caller's thread.
    pub(super) fn assembled(
        &self,
        kind: DocumentKind,
        source: Vec<u8>,
        products: Vec<Product>,
    ) -> std::result::Result<Vec<u8>, String> {
        if products.iter().any(|product| matches!(product, Product::Missing)) {
            return Err("不能检查全部页面 (not all of its pages could be examined)".into());
        }
        if let Some(Product::Refused(problem)) = products.iter().find(|p| matches!(p, Product::Refused(_))) {
            return Err(problem.clone());
        }
        let rewritten = guarded(|| {
            Ok(match kind {
                DocumentKind::Pdf => rewritten_pdf(&source, products),
                DocumentKind::Image(kind) => self.rewritten_image(&source, kind, products),
                DocumentKind::Text(_) => Ok(source),
            })
        });
        let bytes = rewritten.map_err(|problem| problem.to_string())??;
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

/// True for what a masked copy must not show or hold. Uncertain findings are a person's to decide, but for what a weak
/// cover hides where identity is expected.
pub(super) fn must_go(finding: &Finding) -> bool {
    (finding.certain || hides_identity_weakly(finding))
        && !matches!(finding.state, FindingState::Masked | FindingState::Exempt)
}

/// True for the name or unit that was perhaps misread.
fn is_misread(finding: &Finding, examined: &Examined) -> bool {
    !finding.certain
        && finding.source == Source::Ocr
        && finding.state == FindingState::Exposed
        && finding.bbox.is_some_and(|bbox| examined.misread.contains(&bbox))
}

/// True for what a copy covers.
fn is_covered(finding: &Finding, examined: &Examined) -> bool {
    must_go(finding) || is_misread(finding, examined)
}

fn region_of(finding: &Finding, examined: &Examined) -> Option<MaskRegion> {
    let (true, Some(quad)) = (is_covered(finding, examined), finding.quad) else { return None };
    if finding.source == Source::Seal
        && let Some((_, shape)) = examined.outlines.iter().find(|(bbox, _)| Some(*bbox) == finding.bbox)
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
