//! Pages, and parts of pages, that stand upside down.

use std::path::Path;
use std::sync::Arc;

use zhegai::geometry::Bbox;
use zhegai::identity::Identity;
use zhegai::input::{ImageKind, Limits};
use zhegai::raster::decode::ImageFile;
use zhegai::report::PageReport;

use crate::truth::{Page, covered};
use crate::{assignments, checked, fixtures, truth};

/// What is known of a sample page, and for whom it is.
fn sample(file: &str) -> (Page, Arc<Identity>) {
    let folder = fixtures().join("pages");
    let page = truth::pages(&folder.join("truth.jsonl")).into_iter().find(|page| page.file == file);
    let page = page.expect("a sample");
    let identity = truth::applicants(&folder.join("applicants.json")).remove(&page.applicant_id);
    (page, identity.expect("its applicant"))
}

/// The targets' parts that no finding covers when a page's file, in which the page's sheet ends at the right and bottom of
/// `sheet` upside down, is checked alone.
fn missed(
    file: &Path,
    page: &Page,
    identity: &Arc<Identity>,
    sheet: &dyn Fn(&PageReport) -> (u32, u32),
) -> Vec<String> {
    let rows = checked(&assignments(file, &|_| Some(Arc::clone(identity))));
    let row = rows.values().next().expect("a row");
    let (right, bottom) = sheet(row);
    let (right, bottom) = (right as i32, bottom as i32);
    let place = |b: Bbox| Bbox::from_ltrb(right - b.right, bottom - b.bottom, right - b.left, bottom - b.top);
    let parts = page.targets.iter().flat_map(|target| &target.parts);
    let missed = parts.filter(|part| covered(place(part.bbox), row.findings.iter()) < 0.8);
    missed.map(|part| part.text.clone()).collect()
}

#[test]
fn a_page_of_live_text_upside_down_is_read_like_an_upright_one() {
    let (page, identity) = sample("born_digital.pdf");
    let mut document = lopdf::Document::load(fixtures().join("pages/born_digital.pdf")).expect("a PDF");
    for id in document.page_iter().collect::<Vec<_>>() {
        document.get_dictionary_mut(id).expect("a page").set("Rotate", 180);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("upside_down.pdf");
    document.save(&path).expect("saved");
    assert_eq!(missed(&path, &page, &identity, &|row| (row.width, row.height)), Vec::<String>::new());
}

#[test]
fn a_second_sheet_upside_down_on_the_glass_is_read_as_well() {
    let (page, identity) = sample("form_scan.jpg");
    let bytes = std::fs::read(fixtures().join("pages/form_scan.jpg")).expect("a sample");
    let sheet = ImageFile::open(&bytes, ImageKind::Jpeg, &Limits::default()).expect("a JPEG").page(0).expect("a page");
    let sheet = sheet.raster.pixels;
    let (other, _) = sample("others_only.jpg");
    let upright = image::open(fixtures().join("pages").join(other.file)).expect("a sample").to_rgb8();
    let (width, height) = (sheet.width().max(upright.width()), upright.height() + sheet.height());
    let mut glass = image::RgbImage::from_pixel(width, height, image::Rgb([255; 3]));
    image::imageops::replace(&mut glass, &upright, 0, 0);
    image::imageops::replace(&mut glass, &image::imageops::rotate180(&sheet), 0, i64::from(upright.height()));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("two_sheets.png");
    glass.save(&path).expect("saved");
    let mut missed = missed(&path, &page, &identity, &|row| (sheet.width(), row.height));
    // Characters in cells of their own are joined in the page's reading direction only.
    missed.retain(|text| text.chars().count() > 1);
    assert_eq!(missed, Vec::<String>::new());
}
