use super::*;
use crate::input::{ImageKind, Limits};
use crate::raster::decode::{ImageFile, Page, Tone};
use image::{Rgb, RgbImage};
use std::fs;

const KINDS: [ImageKind; 6] =
    [ImageKind::Jpeg, ImageKind::Png, ImageKind::Tiff, ImageKind::WebP, ImageKind::Bmp, ImageKind::Gif];

/// A page-like picture: white, grey lines of "text", a red ring; few colours.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let distance = (x as f32 - 60.0).hypot(y as f32 - 60.0);
        if (30.0..36.0).contains(&distance) {
            Rgb([200, 20, 30])
        } else if y % 16 < 8 && (x / 3) % 3 == 0 && x > 100 {
            Rgb([40, 40, 40])
        } else {
            Rgb([255, 255, 255])
        }
    })
}

/// A photo-like picture that compresses badly without loss.
fn photo(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let noise = (x.wrapping_mul(73_856_093) ^ y.wrapping_mul(19_349_663)).wrapping_mul(2_654_435_761) >> 28;
        Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, 100 + noise as u8])
    })
}

fn encoded(source: &[u8], kind: ImageKind, pages: &[RgbImage], dpi: Option<f32>) -> Vec<u8> {
    let mut encoder = ImageEncoder::new(source, kind, pages.len(), None);
    for pixels in pages {
        encoder.add(&OutputPage { pixels, dpi, smallest_text_px: None }).expect("encodable");
    }
    encoder.finish().expect("all pages")
}

fn decoded(bytes: &[u8], kind: ImageKind) -> Vec<Page> {
    let file = ImageFile::open(bytes, kind, &Limits::default()).expect("readable");
    (0..file.page_count()).map(|index| file.page(index).expect("decodable")).collect()
}

fn greatest_difference(a: &RgbImage, b: &RgbImage) -> u8 {
    assert_eq!(a.dimensions(), b.dimensions());
    a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

#[test]
fn every_format_but_jpeg_gives_the_pixels_back() {
    let pixels = picture(203, 120);
    for kind in KINDS {
        let bytes = encoded(b"", kind, std::slice::from_ref(&pixels), Some(300.0));
        let page = decoded(&bytes, kind).remove(0);
        if kind == ImageKind::Jpeg {
            assert!(greatest_difference(&page.raster.pixels, &pixels) < 60);
        } else {
            assert_eq!(page.raster.pixels, pixels, "{kind:?}");
        }
        let states_dpi = !matches!(kind, ImageKind::WebP | ImageKind::Gif);
        assert_eq!(page.stated_dpi.map(f32::round), states_dpi.then_some(300.0), "{kind:?}");
    }
}

#[test]
fn a_tiff_keeps_its_pages_and_their_tones() {
    let colour = photo(100, 80);
    let grey = RgbImage::from_fn(90, 70, |x, y| Rgb([(x + y) as u8; 3]));
    let bilevel = RgbImage::from_fn(203, 120, |x, y| Rgb([if (x / 5 + y / 7) % 3 == 0 { 0 } else { 255 }; 3]));
    let few = picture(203, 120);
    let pages = [colour, grey, bilevel, few];
    let bytes = encoded(b"", ImageKind::Tiff, &pages, Some(240.0));
    let read = decoded(&bytes, ImageKind::Tiff);
    assert_eq!(read.iter().map(|p| p.raster.pixels.clone()).collect::<Vec<_>>(), pages);
    let tones: Vec<_> = read.iter().map(|p| p.tone).collect();
    assert_eq!(tones, [Tone::Colour, Tone::Grey, Tone::Bilevel, Tone::Colour]);
    assert!(read.iter().all(|p| p.stated_dpi == Some(240.0)));
}

#[test]
fn pixels_that_nobody_touched_hardly_change_in_a_jpeg() {
    let source = encoded(b"", ImageKind::Jpeg, &[photo(160, 120)], None);
    let mut pixels = decoded(&source, ImageKind::Jpeg).remove(0).raster.pixels;
    for (x, y) in (32..96).flat_map(|x| (32..64).map(move |y| (x, y))) {
        pixels.put_pixel(x, y, Rgb([0; 3]));
    }
    let again = decoded(&encoded(&source, ImageKind::Jpeg, &[pixels.clone()], None), ImageKind::Jpeg).remove(0);
    for (x, y, pixel) in again.raster.pixels.enumerate_pixels() {
        // Away from the 16-px blocks that the box shares.
        if !(16..112).contains(&x) || !(16..80).contains(&y) {
            let before = pixels.get_pixel(x, y);
            assert!((0..3).all(|c| pixel[c].abs_diff(before[c]) <= 4), "at {x}, {y}: {pixel:?} {before:?}");
        }
    }
}

#[test]
fn a_grey_jpeg_stays_grey() {
    let grey = RgbImage::from_fn(90, 70, |x, y| Rgb([(x + y) as u8; 3]));
    let bytes = encoded(b"", ImageKind::Jpeg, &[grey], None);
    assert_eq!(decoded(&bytes, ImageKind::Jpeg)[0].tone, Tone::Grey);
}

fn within(
    kind: ImageKind,
    pixels: &RgbImage,
    max_bytes: usize,
    text: f32,
) -> std::result::Result<Vec<u8>, EncodeProblem> {
    let mut encoder = ImageEncoder::new(b"", kind, 1, Some(max_bytes));
    encoder.add(&OutputPage { pixels, dpi: Some(200.0), smallest_text_px: Some(text) })?;
    encoder.finish()
}

#[test]
fn a_size_limit_is_kept_or_refused() {
    let pixels = photo(800, 600);
    let free = encoded(b"", ImageKind::Jpeg, std::slice::from_ref(&pixels), None).len();
    let bytes = within(ImageKind::Jpeg, &pixels, free / 3, 20.0).expect("fits at a lower quality");
    assert!(bytes.len() <= free / 3);
    assert_eq!(decoded(&bytes, ImageKind::Jpeg)[0].raster.width(), 800);
    let bytes = within(ImageKind::Png, &pixels, 300_000, 64.0).expect("fits when scaled");
    assert!(bytes.len() <= 300_000);
    let page = decoded(&bytes, ImageKind::Png).remove(0);
    assert!(page.raster.width() < 800 && page.raster.width() >= 200);
    let dpi = page.stated_dpi.expect("stated");
    assert!((dpi / 200.0 - page.raster.width() as f32 / 800.0).abs() < 0.01, "{dpi}");
    for kind in [ImageKind::Png, ImageKind::Jpeg, ImageKind::Tiff] {
        let refused = within(kind, &pixels, 3_000, 16.0);
        assert!(matches!(refused, Err(EncodeProblem::OverBudget { .. })), "{kind:?}");
    }
}

#[test]
fn a_page_image_has_the_channels_that_it_needs() {
    let bilevel = RgbImage::from_fn(64, 64, |x, _| Rgb([if x % 3 == 0 { 0 } else { 255 }; 3]));
    assert!(matches!(encode_page_image(&bilevel, None), Ok((PageImage::Bilevel(_), _))));
    let mut noisy_grey = RgbImage::from_fn(200, 200, |x, y| {
        let v = (x + y) as u8 / 2;
        Rgb([v, v.saturating_add(6), v])
    });
    let tone = |pixels: &RgbImage| match encode_page_image(pixels, None).expect("encodable").0 {
        PageImage::Jpeg { bytes, .. } => decoded(&bytes, ImageKind::Jpeg)[0].tone,
        PageImage::Bilevel(_) => Tone::Bilevel,
    };
    assert_eq!(tone(&noisy_grey), Tone::Grey);
    for (x, y) in (50..60).flat_map(|x| (50..60).map(move |y| (x, y))) {
        noisy_grey.put_pixel(x, y, Rgb([220, 60, 60]));
    }
    assert_eq!(tone(&noisy_grey), Tone::Colour);
    let budget = Budget { max_bytes: 20_000, smallest_text_px: Some(30.0) };
    let (image, notes) = encode_page_image(&photo(800, 600), Some(&budget)).expect("fits");
    let PageImage::Jpeg { bytes, width, height } = image else { panic!("a photo is no bilevel page") };
    assert!(bytes.len() <= 20_000 && !notes.is_empty());
    assert_eq!(decoded(&bytes, ImageKind::Jpeg)[0].raster.pixels.dimensions(), (width, height));
}

#[test]
fn copies_display_the_same_and_hold_nothing_else() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats");
    let mut seen = 0;
    for document in crate::input::collect(&[folder], &Limits::default()).documents {
        let crate::input::DocumentKind::Image(kind) = document.kind else { continue };
        if document.file == "zstd.tif" {
            continue;
        }
        let source = document.read(&Limits::default()).expect("readable");
        let copy = without_metadata(&source, kind, &Limits::default()).expect("copied");
        let (before, after) = (decoded(&source, kind), decoded(&copy, kind));
        assert_eq!(before.len(), after.len(), "{}", document.file);
        for (before, after) in before.iter().zip(&after) {
            let difference = greatest_difference(&before.raster.pixels, &after.raster.pixels);
            assert_eq!(difference, 0, "{}", document.file);
            assert!(after.notes.is_empty(), "{}: {:?}", document.file, after.notes);
        }
        seen += 1;
    }
    assert!(seen >= 20, "{seen} fixtures seen");
}

#[test]
fn outputs_mirror_inputs_and_never_replace_them() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let input = folder.path().join("in.jpg");
    fs::write(&input, b"input").expect("written");
    let root = folder.path().join("out");
    let output = OutputFolder::open(&root, Existing::Keep, [input.as_path()]).expect("opened");
    let written = output.write("a/b/1.jpg", b"first").expect("written");
    assert_eq!(written, root.join("a/b/1.jpg"));
    assert_eq!(fs::read(&written).expect("there"), b"first");
    assert!(matches!(output.write("a/b/1.jpg", b"again"), Err(Error::Output { .. })));
    assert_eq!(fs::read(&written).expect("there"), b"first");
    assert_eq!(fs::read_dir(root.join("a/b")).expect("there").count(), 1, "no temporary file stays");

    let replacing = OutputFolder::open(&root, Existing::Replace, [input.as_path()]).expect("opened");
    replacing.write("a/b/1.jpg", b"second").expect("replaced");
    assert_eq!(fs::read(&written).expect("there"), b"second");
    let same = OutputFolder::open(folder.path(), Existing::Replace, [input.as_path()]).expect("opened");
    assert!(same.write("in.jpg", b"x").is_err());
    assert_eq!(fs::read(&input).expect("there"), b"input");
}

#[cfg(unix)]
#[test]
fn links_to_inputs_are_not_written_over() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let input = folder.path().join("in.jpg");
    fs::write(&input, b"input").expect("written");
    let root = folder.path().join("out");
    fs::create_dir(&root).expect("made");
    std::os::unix::fs::symlink(&input, root.join("soft.jpg")).expect("linked");
    fs::hard_link(&input, root.join("hard.jpg")).expect("linked");
    std::os::unix::fs::symlink(folder.path(), root.join("up")).expect("linked");
    let output = OutputFolder::open(&root, Existing::Replace, [input.as_path()]).expect("opened");
    for name in ["soft.jpg", "hard.jpg", "up/in.jpg"] {
        assert!(output.write(name, b"x").is_err(), "{name}");
    }
    assert_eq!(fs::read(&input).expect("there"), b"input");
}

#[test]
fn names_that_would_meet_stay_apart() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = OutputFolder::open(folder.path(), Existing::Keep, []).expect("opened");
    let (first, second) = (output.path_for("a:b.jpg"), output.path_for("A?b.jpg"));
    assert_eq!(first, folder.path().join("a_b.jpg"));
    assert_eq!(second, folder.path().join("A_b~2.jpg"));
    assert_eq!(output.path_for("a:b.jpg"), first);
}

#[test]
fn a_failed_file_is_set_apart() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = OutputFolder::open(folder.path(), Existing::Keep, []).expect("opened");
    let pending = output.write_pending(0, "1.pdf", b"bad").expect("written");
    let written = pending.path().to_owned();
    assert!(written.exists() && !folder.path().join("1.pdf").exists(), "not delivered before it is verified");
    let failed = output.mark_failed(pending).expect("renamed");
    assert_eq!(failed, folder.path().join("1.pdf.failed"));
    assert!(!written.exists() && failed.exists());
}

#[test]
fn a_verified_file_gets_its_name_and_meets_no_other_document() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = OutputFolder::open(folder.path(), Existing::Keep, []).expect("opened");
    let pending =
        [0, 1].map(|document| output.write_pending(document, "a/××.pdf", &[document as u8]).expect("written"));
    let delivered = pending.map(|pending| output.deliver(pending).expect("delivered"));
    assert_eq!(delivered, ["a/××.pdf", "a/××~2.pdf"].map(|name| folder.path().join(name)));
    assert_eq!(std::fs::read(&delivered[1]).expect("read"), [1]);
    let late = OutputFolder::open(folder.path(), Existing::Keep, []).expect("opened");
    assert!(late.write_pending(0, "a/××.pdf", b"x").is_err(), "there already");
    assert_eq!(std::fs::read_dir(folder.path().join("a")).expect("listed").count(), 2, "nothing is left over");
}
