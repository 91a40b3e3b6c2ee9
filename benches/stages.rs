//! What each stage costs on one thread: `cargo bench`. A dense page of print and a certificate with a portrait and
//! seals, both of the committed samples.

#![allow(unsafe_code, reason = "divan registers benches by linker sections")]
#![allow(missing_docs, unreachable_pub, reason = "a bench is no library")]

use std::sync::LazyLock;

use divan::Bencher;
use image::RgbImage;
use zhegai::assets::Assets;
use zhegai::face::FaceFinder;
use zhegai::geometry::{Bbox, Quad};
use zhegai::identity::{Applicant, Identity};
use zhegai::input::{ImageKind, Limits};
use zhegai::marks::{self, MarkParams, Places};
use zhegai::mask::{Covered, MaskParams, MaskRegion, Shape, paint};
use zhegai::ocr::{DetectParams, Detector, ModelSize, PageParams, PageReader, PageText, ReadParams, Reader};
use zhegai::output::thumbnail;
use zhegai::raster::Raster;
use zhegai::raster::decode::ImageFile;
use zhegai::seal::SealFinder;

fn main() {
    divan::main();
}

/// The samples by name.
const PAGES: [&str; 2] = ["dense_scan.jpg", "certificate_portrait.jpg"];

static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets::ready().expect("an assets folder"));
static READER: LazyLock<PageReader> = LazyLock::new(|| {
    PageReader::load(&ASSETS, ModelSize::Small, PageParams::default()).expect("the reading models load")
});

fn bytes(page: &str) -> Vec<u8> {
    std::fs::read(format!("{}/fixtures/pages/{page}", env!("CARGO_MANIFEST_DIR"))).expect("a committed sample")
}

fn decoded(bytes: &[u8]) -> Raster {
    let kind = ImageKind::of(bytes).expect("an image");
    let file = ImageFile::open(bytes, kind, &Limits::default()).expect("a sound image");
    file.page(0).expect("a sound page").raster
}

fn read(raster: &Raster) -> PageText {
    READER.read(raster, None, &|_| Vec::new()).expect("the models run")
}

/// A line of text of 32 characters at model height.
fn line() -> RgbImage {
    RgbImage::from_fn(1280, 48, |x, y| image::Rgb([if (x / 5 + y / 7) % 3 == 0 { 30 } else { 240 }; 3]))
}

#[divan::bench(args = PAGES)]
fn decode(bencher: Bencher, page: &str) {
    let bytes = bytes(page);
    bencher.bench_local(|| decoded(&bytes));
}

#[divan::bench(args = PAGES)]
fn detect(bencher: Bencher, page: &str) {
    let raster = decoded(&bytes(page));
    let detector = Detector::load(&ASSETS, ModelSize::Tiny).expect("the model loads");
    bencher.bench_local(|| detector.detect(&raster.pixels, &DetectParams::default()));
}

#[divan::bench(args = [ModelSize::Tiny, ModelSize::Small])]
fn read_line_at_full_width(bencher: Bencher, size: ModelSize) {
    let reader = Reader::load(&ASSETS, size).expect("the model loads");
    bencher.bench_local(|| reader.read(&[line()], &ReadParams::default()));
}

#[divan::bench]
fn read_line_at_half_width(bencher: Bencher) {
    let reader = Reader::load(&ASSETS, ModelSize::Tiny).expect("the model loads");
    bencher.bench_local(|| reader.read(&[line()], &PageParams::default().quick));
}

#[divan::bench(args = PAGES)]
fn search(bencher: Bencher, page: &str) {
    let text = read(&decoded(&bytes(page)));
    let applicant = Applicant::new("欧阳晓彤", "天山草业科技有限公司").expect("a sound applicant");
    let identity = Identity::new(&applicant, &[]);
    bencher.bench_local(|| identity.search(&text.lines));
}

#[divan::bench(args = PAGES)]
fn seals(bencher: Bencher, page: &str) {
    let raster = decoded(&bytes(page));
    let finder = SealFinder::load(&ASSETS).expect("the model loads");
    bencher.bench_local(|| finder.find(&raster));
}

#[divan::bench(args = PAGES)]
fn faces(bencher: Bencher, page: &str) {
    let raster = decoded(&bytes(page));
    let lines = read(&raster).lines;
    let finder = FaceFinder::load(&ASSETS).expect("the model loads");
    bencher.bench_local(|| finder.find(&raster, &lines));
}

#[divan::bench(args = PAGES)]
fn existing_covers(bencher: Bencher, page: &str) {
    let raster = decoded(&bytes(page));
    let lines = read(&raster).lines;
    bencher.bench_local(|| marks::find(&raster, &lines, &Places::default(), &MarkParams::default()));
}

#[divan::bench(args = PAGES)]
fn paint_ten_regions(bencher: Bencher, page: &str) {
    let raster = decoded(&bytes(page));
    let regions: Vec<MaskRegion> = (0..10)
        .map(|i| {
            let quad = Quad::from_bbox(Bbox::from_ltrb(200, 100 * i, 400, 100 * i + 40));
            MaskRegion { shape: Shape::Quad(quad), covered: Covered::Name }
        })
        .collect();
    bencher
        .with_inputs(|| raster.pixels.clone())
        .bench_local_refs(|pixels| paint(pixels, &regions, &MaskParams::default()));
}

#[divan::bench(args = PAGES)]
fn picture_for_the_report(bencher: Bencher, page: &str) {
    let raster = decoded(&bytes(page));
    bencher.bench_local(|| thumbnail(&raster.pixels));
}
