//! Identity beside the pixels of an image file, and in the names of files and folders.

use super::reasons::THUMBNAIL;
use super::{finding, to_look_at};
use crate::container::ImageKind;
use crate::identity::Identity;
use crate::limits::Limits;
use crate::pdf::render::RenderedPage;
use crate::pdf::uncover::{Cover, Uncovered, changes};
use crate::raster::Raster;
use crate::raster::decode::{ImageFile, Page};
use crate::raster::metadata::{self, EmbeddedContent};
use crate::raster::thumbnail::shows_another;
use crate::report::{Finding, FindingKind, FindingState, Source};

/// What a page of an image file shows without its transparency, when that is more.
pub fn under_transparency(page: &Page) -> Option<Uncovered> {
    let opaque = page.opaque.as_ref()?;
    let changed = changes(&page.raster.pixels, &opaque.pixels);
    (!changed.is_empty()).then(|| Uncovered {
        cover: Cover::Transparency,
        page: RenderedPage::of_raster(opaque.clone()),
        changed,
    })
}

/// What an image file carries beside its page that is identity: texts, and pictures that show something else than
/// the page. Pictures are compared, not read: they are too small for that as a rule.
pub fn in_image_file(bytes: &[u8], kind: ImageKind, page: &Raster, identity: &Identity) -> Vec<Finding> {
    let carried = metadata::read(bytes, kind);
    let mut findings = Vec::new();
    for field in &carried.fields {
        let reason = format!(
            "图片文件信息（{}）中有，请清除 (in the image file's metadata, {}: remove it)",
            field.place, field.place
        );
        for found in identity.search_text(&field.text) {
            findings.push(finding(&found, FindingState::Hidden, None, Source::Document, &reason));
        }
    }
    for place in carried.not_examined {
        let reason = format!(
            "图片文件{place}附有其他数据，未检查，请另存 (a file is appended to the picture and was not examined: save it anew)"
        );
        findings.push(to_look_at(&reason));
    }
    for image in carried.images {
        let pixels = match image.content {
            EmbeddedContent::Pixels(pixels) => Some(pixels),
            EmbeddedContent::File(file) => ImageKind::of(&file)
                .and_then(|kind| ImageFile::open(&file, kind, &Limits::default()).ok()?.page(0).ok())
                .map(|page| page.raster.pixels),
        };
        // A damaged one shows nothing to anybody.
        if pixels.is_some_and(|pixels| shows_another(&pixels, page)) {
            findings.push(Finding { text: Some(image.place), ..to_look_at(THUMBNAIL) });
        }
    }
    findings
}

/// Identity in a document's path below the input.
pub fn in_file_name(file: &str, identity: &Identity) -> Vec<Finding> {
    const REASON: &str = "文件名或文件夹名中有，请改名 (in the name of the file or folder: rename it)";
    identity
        .search_text(file)
        .iter()
        .map(|found| Finding {
            kind: FindingKind::Metadata,
            ..finding(found, FindingState::Exposed, None, Source::Document, REASON)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Applicant;

    fn identity() -> Identity {
        Identity::new(&Applicant::new("张伟", "天山草业科技有限公司").expect("a sound applicant"), &[])
    }

    #[test]
    fn a_name_in_a_folder_or_file_is_found() {
        assert_eq!(in_file_name("A001/张伟_获奖证书.jpg", &identity()).len(), 1);
        assert_eq!(in_file_name("A001/获奖证书.jpg", &identity()).len(), 0);
    }

    #[test]
    fn ink_under_transparency_is_to_be_read() {
        let size = (64, 64);
        let white = image::RgbImage::from_pixel(size.0, size.1, image::Rgb([255; 3]));
        let mut erased = white.clone();
        for x in 8..24 {
            erased.put_pixel(x, 16, image::Rgb([20; 3]));
        }
        let page = |opaque: Option<image::RgbImage>| Page {
            raster: Raster::new(white.clone(), 200.0),
            tone: crate::raster::decode::Tone::Colour,
            orientation: 1,
            stated_dpi: None,
            opaque: opaque.map(|pixels| Raster::new(pixels, 200.0)),
            notes: Vec::new(),
            not_examined: None,
        };
        let uncovered = under_transparency(&page(Some(erased))).expect("something appears");
        assert_eq!(uncovered.cover, Cover::Transparency);
        assert_eq!(uncovered.changed, [crate::geometry::Bbox::from_ltrb(0, 0, 32, 32)]);
        assert!(under_transparency(&page(Some(white.clone()))).is_none());
        assert!(under_transparency(&page(None)).is_none());
    }

    #[test]
    fn a_comment_with_the_unit_is_found() {
        let mut jpeg = vec![0xFF, 0xD8, 0xFF, 0xFE];
        let text = "天山草业科技有限公司";
        jpeg.extend(u16::try_from(text.len() + 2).expect("short").to_be_bytes());
        jpeg.extend(text.as_bytes());
        jpeg.extend([0xFF, 0xD9]);
        let page = Raster::new(image::RgbImage::new(8, 8), 200.0);
        let findings = in_image_file(&jpeg, ImageKind::Jpeg, &page, &identity());
        assert_eq!(findings.iter().map(|f| f.kind).collect::<Vec<_>>(), vec![FindingKind::Unit]);
        assert_eq!(findings[0].state, FindingState::Hidden);
    }
}
