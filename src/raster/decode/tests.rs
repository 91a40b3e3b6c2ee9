use super::*;
use crate::input::{Document, DocumentKind, Source};
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage};
use std::path::Path;

const WHITE: [u8; 3] = [255, 255, 255];
const RED: [u8; 3] = [200, 30, 40];
const BLUE: [u8; 3] = [20, 60, 180];

/// The picture that fixtures/formats/README.md describes.
fn picture() -> RgbImage {
    RgbImage::from_fn(24, 16, |x, y| {
        if (12..22).contains(&x) && (6..14).contains(&y) {
            Rgb(BLUE)
        } else if (2..10).contains(&x) && (3..9).contains(&y) {
            Rgb(RED)
        } else {
            Rgb(WHITE)
        }
    })
}

fn fixture(name: &str) -> (Vec<u8>, ImageKind) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats").join(name);
    let inputs = crate::input::collect(&[path], &Limits::default());
    let [Document { source: Source::File(path), kind: DocumentKind::Image(kind), .. }] = &inputs.documents[..] else {
        panic!("{name} is not an image: {:?}", inputs.rejected);
    };
    (std::fs::read(path).expect("a fixture"), *kind)
}

fn pages(bytes: &[u8], kind: ImageKind) -> Vec<Result<Page, InputProblem>> {
    let file = ImageFile::open(bytes, kind, &Limits::default()).expect("a readable structure");
    (0..file.page_count()).map(|index| file.page(index)).collect()
}

fn only_page(bytes: &[u8], kind: ImageKind) -> Page {
    let mut pages = pages(bytes, kind);
    assert_eq!(pages.len(), 1);
    pages.remove(0).expect("decodable")
}

fn problem(bytes: &[u8], kind: ImageKind) -> InputProblem {
    ImageFile::open(bytes, kind, &Limits::default())
        .and_then(|file| file.page(0))
        .map(|page| page.raster.bbox())
        .expect_err("not decodable")
}

#[track_caller]
fn assert_close(pixels: &RgbImage, expected: &RgbImage, tolerance: u8) {
    assert_eq!(pixels.dimensions(), expected.dimensions());
    for (x, y, pixel) in pixels.enumerate_pixels() {
        let wanted = expected.get_pixel(x, y);
        let difference = (0..3).map(|c| pixel[c].abs_diff(wanted[c])).max();
        assert!(difference <= Some(tolerance), "at {x}, {y}: {pixel:?}, expected {wanted:?}");
    }
}

fn png_of(pixels: &[u8], width: u32, height: u32, colour: ExtendedColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    encoder.write_image(pixels, width, height, colour).expect("encodable");
    bytes
}

#[test]
fn lossless_formats_give_the_exact_picture() {
    for name in [
        "planar-lzw.tif",
        "tiled-deflate.tif",
        "rgb16-big-endian.tif",
        "bigtiff.tif",
        "palette-lzw.tif",
        "cmyk-lzw.tif",
        "frames.webp",
        "frames.gif",
    ] {
        let (bytes, kind) = fixture(name);
        let mut pages = pages(&bytes, kind);
        let page = pages.remove(0).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(page.raster.pixels, picture(), "{name}");
        assert_eq!(page.tone, Tone::Colour);
    }
}

#[test]
fn fax_formats_give_black_boxes() {
    let expected =
        RgbImage::from_fn(24, 16, |x, y| Rgb([if picture().get_pixel(x, y).0 == WHITE { 255 } else { 0 }; 3]));
    for name in ["ccitt-rle.tif", "g3.tif", "g3-2d.tif", "g4.tif", "g4-lsb-first.tif"] {
        let (bytes, kind) = fixture(name);
        let page = only_page(&bytes, kind);
        assert_eq!(page.raster.pixels, expected, "{name}");
        assert_eq!(page.tone, Tone::Bilevel, "{name}");
    }
    let (bytes, kind) = fixture("g3.tif");
    assert_eq!(only_page(&bytes, kind).stated_dpi, Some(300.0));
}

#[test]
fn every_page_of_a_tiff_is_there() {
    let (bytes, kind) = fixture("pages.tif");
    let pages: Vec<_> = pages(&bytes, kind).into_iter().map(|page| page.expect("decodable")).collect();
    assert_eq!(pages.iter().map(|page| page.tone).collect::<Vec<_>>(), [Tone::Colour, Tone::Grey, Tone::Bilevel]);
    // ITU-R 601 luma of the red, as Pillow computes it.
    assert_eq!(pages[1].raster.pixels.get_pixel(5, 5).0, [82; 3]);
    assert_eq!(pages[2].raster.pixels.get_pixel(5, 5).0, [0; 3]);
}

#[test]
fn jpegs_of_all_colour_kinds_are_close_to_the_picture() {
    for name in ["progressive.jpg", "jpeg.tif", "cmyk.jpg"] {
        let (bytes, kind) = fixture(name);
        assert_close(&only_page(&bytes, kind).raster.pixels, &picture(), 16);
    }
}

#[test]
fn marked_pages_are_turned_upright() {
    let upright = image::imageops::rotate90(&picture());
    for name in ["turned.jpg", "turned.png", "turned.webp", "turned.tif"] {
        let (bytes, kind) = fixture(name);
        let page = only_page(&bytes, kind);
        assert_eq!(page.orientation, 6, "{name}");
        assert_close(&page.raster.pixels, &upright, if name == "turned.jpg" { 12 } else { 0 });
    }
}

#[test]
fn further_frames_were_not_examined() {
    for name in ["frames.webp", "frames.gif"] {
        let (bytes, kind) = fixture(name);
        let told = only_page(&bytes, kind).not_examined.unwrap_or_default();
        assert!(told.contains("an animation of 2 frames; only the first was examined"), "{name}: {told}");
    }
}

#[test]
fn transparency_lies_on_white() {
    let rgba: Vec<u8> = [[0, 0, 0, 0], [0, 0, 0, 255], [0, 0, 0, 51], [255, 0, 0, 128]].concat();
    let page = only_page(&png_of(&rgba, 4, 1, ExtendedColorType::Rgba8), ImageKind::Png);
    assert_eq!(page.raster.pixels.as_raw()[..], [255, 255, 255, 0, 0, 0, 204, 204, 204, 255, 127, 127]);
    let (bytes, kind) = fixture("half-opaque.tif");
    assert_eq!(only_page(&bytes, kind).raster.pixels.get_pixel(5, 5).0, [227, 142, 147]);
}

#[test]
fn what_an_eraser_only_made_transparent_is_kept() {
    let opaque_of = |pixels: [[u8; 4]; 4]| {
        only_page(&png_of(&pixels.concat(), 4, 1, ExtendedColorType::Rgba8), ImageKind::Png).opaque
    };
    let erased = opaque_of([[250, 250, 250, 255], [20, 20, 20, 0], [250, 250, 250, 0], [20, 20, 20, 255]]);
    let erased = erased.expect("ink under transparency");
    assert_eq!(erased.pixels.as_raw().as_chunks::<3>().0, [[250; 3], [20; 3], [250; 3], [20; 3]]);
    // A logo on a transparent ground, which editors store as black.
    assert!(opaque_of([[0, 0, 0, 0], [0, 0, 0, 255], [200, 0, 0, 255], [0, 0, 0, 0]]).is_none());
    assert!(opaque_of([[0, 0, 0, 255], [0, 0, 0, 255], [255, 255, 255, 255], [0, 0, 0, 255]]).is_none());
}

#[test]
fn sixteen_bit_samples_are_rounded() {
    let samples: Vec<u8> = [0u16, 128, 129, 65_535].iter().flat_map(|v| v.to_ne_bytes()).collect();
    let page = only_page(&png_of(&samples, 4, 1, ExtendedColorType::L16), ImageKind::Png);
    assert_eq!(page.raster.pixels.as_raw().as_chunks::<3>().0, [[0; 3], [0; 3], [1; 3], [255; 3]]);
    assert_eq!(page.tone, Tone::Grey);
}

#[test]
fn cut_files_are_damaged_and_not_half_a_page() {
    for name in ["progressive.jpg", "turned.jpg", "turned.png", "turned.webp", "planar-lzw.tif", "g3.tif"] {
        let (bytes, kind) = fixture(name);
        let cut = &bytes[..bytes.len() * 2 / 3];
        assert!(matches!(problem(cut, kind), InputProblem::Damaged(_)), "{name}");
    }
}

#[test]
fn a_page_list_that_breaks_off_is_a_page_with_a_problem() {
    let (bytes, kind) = fixture("pages.tif");
    let tiff = Tiff::new(&bytes).expect("a header");
    let offsets = tiff.chain(9).offsets;
    let last = *offsets.last().expect("three pages") as usize;
    let pages = pages(&bytes[..last], kind);
    assert_eq!(pages.len(), 3);
    assert!(matches!(pages[2], Err(InputProblem::Damaged(_))));
}

#[test]
fn what_cannot_be_decoded_says_why() {
    let (bytes, kind) = fixture("zstd.tif");
    assert_eq!(problem(&bytes, kind), InputProblem::UnsupportedCoding("TIFF compression 50000".into()));
    assert!(problem(&bytes, kind).to_string().contains("save it as PNG or JPEG or print it to a PDF"));
    assert_eq!(problem(b"", ImageKind::Png), InputProblem::Empty);
    // A TIFF of one 64-bit sample; tags 256 and 257 are its sides, 258 its bits.
    let wide = b"II*\0\x08\0\0\0\x03\0\0\x01\x03\0\x01\0\0\0\x01\0\0\0\x01\x01\x03\0\x01\0\0\0\x01\0\0\0\
        \x02\x01\x03\0\x01\0\0\0\x40\0\0\0\0\0\0\0";
    assert_eq!(problem(wide, ImageKind::Tiff), InputProblem::UnsupportedCoding("samples of [64] bits".into()));
}

#[test]
fn bombs_are_refused_by_their_headers() {
    let mut png = png_of(&[0; 4], 2, 2, ExtendedColorType::L8);
    png[16..20].copy_from_slice(&100_000u32.to_be_bytes());
    assert!(matches!(problem(&png, ImageKind::Png), InputProblem::TooLarge(_)));
    let mut gif = b"GIF89a".to_vec();
    gif.extend([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0x3B]);
    assert!(matches!(problem(&gif, ImageKind::Gif), InputProblem::TooLarge(_)));
    let mut bmp = b"BM".to_vec();
    bmp.resize(14, 0);
    bmp.extend([40u32, 2_000_000_000, 2_000_000_000, 0, 0].map(u32::to_le_bytes).concat());
    assert!(matches!(problem(&bmp, ImageKind::Bmp), InputProblem::TooLarge(_)));
    // Within the pixels, but of 16 samples of 16 bits; tag 277 is their number.
    let entry =
        |tag: u16, value: u16| [&tag.to_le_bytes()[..], &[3, 0, 1, 0, 0, 0], &value.to_le_bytes(), &[0; 2]].concat();
    let deep = [
        b"II*\0\x08\0\0\0\x04\0".to_vec(),
        entry(256, 10_000),
        entry(257, 10_000),
        entry(258, 16),
        entry(277, 16),
        vec![0; 4],
    ];
    assert!(matches!(problem(&deep.concat(), ImageKind::Tiff), InputProblem::TooLarge(_)));
    let (mut jpeg, _) = fixture("turned.jpg");
    let frame = jpeg.windows(2).position(|w| w == [0xFF, 0xC0]).expect("a frame");
    jpeg[frame + 5..frame + 9].fill(0xFF);
    assert!(matches!(problem(&jpeg, ImageKind::Jpeg), InputProblem::TooLarge(_)));
}

#[test]
fn a_profile_is_honoured() {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    let profile = moxcms::ColorProfile::new_adobe_rgb().encode().expect("a profile");
    encoder.set_icc_profile(profile).expect("supported");
    encoder.write_image(&[100, 180, 90, 128, 128, 128], 2, 1, ExtendedColorType::Rgb8).expect("encodable");
    let pixels = only_page(&bytes, ImageKind::Png).raster.pixels;
    // Adobe RGB (1998) → sRGB by the two specifications: red falls, green rises; grey stays nearly the same.
    let [r, g, b] = pixels.get_pixel(0, 0).0;
    assert!(r < 60 && g > 178 && b < 92, "{r} {g} {b}");
    assert!(pixels.get_pixel(1, 0).0.iter().all(|v| v.abs_diff(127) <= 2));
}

#[test]
fn resolution_is_stated_or_estimated() {
    assert_eq!(plausible(Some(72.0), (2480, 3508)), None);
    assert_eq!(plausible(Some(300.0), (2480, 3508)), Some(300.0));
    assert!((estimated_dpi((1654, 2339)) - 200.0).abs() < 1.0);
    assert!((estimated_dpi((3508, 2480)) - 300.0).abs() < 1.0);
    assert!((estimated_dpi((4000, 3000)) - 200.0).abs() < f32::EPSILON);
}

#[test]
fn components_in_scans_of_their_own_keep_their_colours() {
    let picture = RgbImage::from_fn(64, 48, |x, _| if x < 32 { Rgb([250, 247, 238]) } else { Rgb([200, 30, 40]) });
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 95);
    // Own tables make this encoder write one scan a component.
    encoder.set_optimized_huffman_tables(true);
    encoder.encode(picture.as_raw(), 64, 48, jpeg_encoder::ColorType::Rgb).expect("encodable");
    assert_eq!(bytes.windows(2).filter(|w| *w == [0xFF, 0xDA]).count(), 3);
    assert_close(&only_page(&bytes, ImageKind::Jpeg).raster.pixels, &picture, 8);
    assert!(matches!(problem(&bytes[..bytes.len() - 200], ImageKind::Jpeg), InputProblem::Damaged(_)));
}
