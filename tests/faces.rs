//! Faces on pages, through the public interface and with the real detector.

#![allow(clippy::disallowed_methods, reason = "tests decode pictures of their own")]

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use zhegai::assets::Assets;
use zhegai::face::{FaceFinder, FaceReport};
use zhegai::geometry::{Bbox, Point, Quad, QuarterTurns};
use zhegai::raster::Raster;
use zhegai::report::FindingState;

const PHOTO: &[u8] = include_bytes!("../fixtures/photos/astronaut.jpg");
/// The eyes in the photo, pixels, read off by eye.
const EYES: [Point; 2] = [Point::new(146.0, 101.0), Point::new(188.0, 104.0)];
/// Where the photo is put on the page and how wide.
const PLACE: (u32, u32) = (1200, 300);
const WIDTH: u32 = 220;

fn photo() -> RgbImage {
    #[expect(clippy::disallowed_methods, reason = "a test reads its own fixture")]
    image::load_from_memory(PHOTO).expect("the fixture is a JPEG").to_rgb8()
}

/// An A4 page at 200 dpi with strokes like text, a rule and a dark header.
fn text_page() -> RgbImage {
    let mut page = RgbImage::from_pixel(1654, 2339, Rgb([250, 250, 248]));
    let mut fill = |bbox: Bbox, ink: [u8; 3]| {
        for y in bbox.top..bbox.bottom {
            for x in bbox.left..bbox.right {
                page.put_pixel(x as u32, y as u32, Rgb(ink));
            }
        }
    };
    for row in 0..30 {
        for column in 0..40 {
            let (x, y) = (150 + column * 34, 800 + row * 48);
            for stroke in 0..4 {
                fill(Bbox::from_ltrb(x + stroke * 7, y, x + stroke * 7 + 3, y + 28), [20, 20, 20]);
                fill(Bbox::from_ltrb(x, y + stroke * 8, x + 26, y + stroke * 8 + 3), [20, 20, 20]);
            }
        }
    }
    fill(Bbox::from_ltrb(100, 220, 1550, 224), [0, 0, 0]);
    fill(Bbox::from_ltrb(100, 700, 1550, 760), [30, 30, 30]);
    page
}

fn page_with(photo: &RgbImage) -> (RgbImage, [Point; 2]) {
    let mut page = text_page();
    let scale = WIDTH as f32 / photo.width() as f32;
    let height = (photo.height() as f32 * scale) as u32;
    let reduced = imageops::resize(photo, WIDTH, height, FilterType::Triangle);
    imageops::overlay(&mut page, &reduced, i64::from(PLACE.0), i64::from(PLACE.1));
    let eyes = EYES.map(|p| Point::new(PLACE.0 as f32 + p.x * scale, PLACE.1 as f32 + p.y * scale));
    (page, eyes)
}

fn find(page: &RgbImage) -> FaceReport {
    let finder = FaceFinder::load(&Assets::ready().expect("a cache folder")).expect("the detector's weights");
    finder.find(&Raster::new(page.clone(), 200.0), &[]).expect("the detector runs")
}

/// True when the point lies in the turned rectangle.
fn covers(quad: &Quad, p: Point) -> bool {
    let [a, b, _, d] = quad.0;
    let along = |to: Point| {
        let (x, y) = (to.x - a.x, to.y - a.y);
        ((p.x - a.x) * x + (p.y - a.y) * y) / (x * x + y * y)
    };
    (0.0..=1.0).contains(&along(b)) && (0.0..=1.0).contains(&along(d))
}

fn paint(photo: &mut RgbImage, [left, top, right, bottom]: [u32; 4], ink: [u8; 3]) {
    for y in top..bottom {
        for x in left..right {
            photo.put_pixel(x, y, Rgb(ink));
        }
    }
}

#[test]
fn the_bar_covers_both_eyes_of_an_id_photo() {
    let (page, eyes) = page_with(&photo());
    let report = find(&page);
    assert_eq!(report.faces.len(), 1);
    let face = &report.faces[0];
    let eye_distance = eyes[0].distance(eyes[1]);
    assert!(eyes.iter().all(|&eye| covers(&face.eyes, eye)), "{:?} misses {eyes:?}", face.eyes);
    assert!(face.eyes.length() >= 1.8 * eye_distance && face.eyes.thickness() >= 0.6 * eye_distance);
    assert!(face.eyes.length() <= 3.2 * eye_distance, "the bar is not wider than the head");
    assert_eq!(face.state, FindingState::Exposed);
}

#[test]
fn a_page_without_a_picture_is_not_looked_at() {
    let report = find(&text_page());
    assert!(report.examined.is_empty() && report.faces.is_empty() && report.unfound_portraits.is_empty());
}

#[test]
fn eyes_are_found_on_pages_turned_by_quarters() {
    let (page, eyes) = page_with(&photo());
    for turns in [QuarterTurns::One, QuarterTurns::Two, QuarterTurns::Three] {
        let turned = Raster::new(page.clone(), 200.0).turned(turns);
        let report = find(&turned.pixels);
        assert_eq!(report.faces.len(), 1, "{turns:?}");
        for eye in eyes.map(|p| turns.apply(p, page.width(), page.height())) {
            assert!(covers(&report.faces[0].eyes, eye), "{turns:?}: {:?} misses {eye:?}", report.faces[0].eyes);
        }
    }
}

#[test]
fn eyes_under_a_solid_bar_are_masked_whatever_its_colour() {
    for ink in [[0, 0, 0], [255, 255, 255], [128, 128, 128]] {
        let mut covered = photo();
        paint(&mut covered, [112, 76, 222, 120], ink);
        let report = find(&page_with(&covered).0);
        assert!(report.faces.iter().all(|face| face.state == FindingState::Masked), "{ink:?}");
        assert!(report.unfound_portraits.iter().all(zhegai::face::UnfoundPortrait::eyes_masked), "{ink:?}");
        assert_eq!(report.faces.len() + report.unfound_portraits.len(), 1, "{ink:?}");
    }
}

#[test]
fn one_covered_eye_leaves_the_face_exposed() {
    let mut half = photo();
    paint(&mut half, [122, 84, 166, 118], [0, 0, 0]);
    let report = find(&page_with(&half).0);
    assert_eq!(report.faces.len(), 1);
    assert_eq!(report.faces[0].state, FindingState::Exposed);
    assert!(report.faces[0].open_eye.is_some());
}

#[test]
fn a_pale_photocopy_shows_its_face() {
    let mut copy = photo();
    for pixel in copy.pixels_mut() {
        let [r, g, b] = pixel.0.map(u32::from);
        let luma = (r * 77 + g * 150 + b * 29) >> 8;
        *pixel = Rgb([(140 + luma * 100 / 255) as u8; 3]);
    }
    let (page, eyes) = page_with(&copy);
    let report = find(&page);
    assert_eq!(report.faces.len(), 1);
    assert!(eyes.iter().all(|&eye| covers(&report.faces[0].eyes, eye)));
}

#[test]
fn a_one_bit_scan_shows_its_face() {
    let (mut page, eyes) = page_with(&photo());
    // Bayer's ordered matrix, 4 × 4, as fax machines and copiers print half tones
    let order: [[u32; 4]; 4] = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]];
    for (x, y, pixel) in page.enumerate_pixels_mut() {
        let [r, g, b] = pixel.0.map(u32::from);
        let luma = (r * 77 + g * 150 + b * 29) >> 8;
        let threshold = order[y as usize % 4][x as usize % 4] * 16 + 8;
        *pixel = Rgb([if luma > threshold { 255 } else { 0 }; 3]);
    }
    let report = find(&page);
    assert_eq!(report.faces.len(), 1);
    assert_eq!(report.faces[0].state, FindingState::Exposed);
    assert!(eyes.iter().all(|&eye| covers(&report.faces[0].eyes, eye)));
}

#[test]
fn a_one_bit_page_of_text_is_not_looked_at() {
    let mut page = text_page();
    for pixel in page.pixels_mut() {
        *pixel = Rgb([if pixel.0[0] > 128 { 255 } else { 0 }; 3]);
    }
    let report = find(&page);
    assert!(report.examined.is_empty() && report.faces.is_empty() && report.unfound_portraits.is_empty());
}

#[test]
fn a_page_at_a_quarter_of_its_contrast_shows_its_face() {
    let (mut page, eyes) = page_with(&photo());
    for value in page.iter_mut() {
        *value = 250 - ((250 - u32::from((*value).min(250))) / 4) as u8;
    }
    let report = find(&page);
    assert_eq!(report.faces.len(), 1);
    assert_eq!(report.faces[0].state, FindingState::Exposed);
    assert!(eyes.iter().all(|&eye| covers(&report.faces[0].eyes, eye)));
}

#[test]
fn a_mosaic_or_a_blur_over_the_eyes_is_a_weak_mask() {
    let [left, top, right, bottom] = [112, 72, 222, 126];
    let bare = photo();
    let part = imageops::crop_imm(&bare, left, top, right - left, bottom - top).to_image();
    let blocks = imageops::thumbnail(&part, (right - left) / 10, (bottom - top) / 10);
    let mosaic = imageops::resize(&blocks, part.width(), part.height(), FilterType::Nearest);
    for cover in [mosaic, imageops::blur(&part, 8.0)] {
        let mut covered = bare.clone();
        imageops::replace(&mut covered, &cover, i64::from(left), i64::from(top));
        let report = find(&page_with(&covered).0);
        assert_eq!(report.faces.iter().map(|face| face.state).collect::<Vec<_>>(), [FindingState::WeakMask]);
    }
}

#[test]
fn a_blur_that_leaves_hardly_anything_of_the_eyes_is_no_mask() {
    let [left, top, right, bottom] = [112, 72, 222, 126];
    let mut covered = photo();
    let part = imageops::crop_imm(&covered, left, top, right - left, bottom - top).to_image();
    imageops::replace(&mut covered, &imageops::blur(&part, 21.0), i64::from(left), i64::from(top));
    let report = find(&page_with(&covered).0);
    assert_eq!(report.faces.len() + report.unfound_portraits.len(), 1);
    assert!(report.faces.iter().all(|face| face.state != FindingState::Masked));
    assert!(!report.unfound_portraits.iter().any(zhegai::face::UnfoundPortrait::eyes_masked));
}

#[test]
fn a_disc_over_the_whole_face_is_a_mask() {
    let mut covered = photo();
    for (x, y, pixel) in covered.enumerate_pixels_mut() {
        let (dx, dy) = ((x as f32 - 167.0) / 62.0, (y as f32 - 120.0) / 82.0);
        if dx * dx + dy * dy < 1.0 {
            *pixel = Rgb([250, 210, 0]);
        }
    }
    let report = find(&page_with(&covered).0);
    assert!(report.faces.iter().all(|face| face.state == FindingState::Masked));
    assert!(report.unfound_portraits.iter().all(zhegai::face::UnfoundPortrait::eyes_masked));
    assert_eq!(report.faces.len() + report.unfound_portraits.len(), 1);
}

#[test]
fn a_block_over_the_whole_face_is_a_mask() {
    let mut covered = photo();
    paint(&mut covered, [108, 50, 226, 190], [40, 40, 40]);
    let report = find(&page_with(&covered).0);
    assert!(report.faces.iter().all(|face| face.state == FindingState::Masked));
    assert!(report.unfound_portraits.iter().all(zhegai::face::UnfoundPortrait::eyes_masked));
    assert_eq!(report.faces.len() + report.unfound_portraits.len(), 1);
}

#[test]
fn a_masked_copy_is_found_masked_whichever_way_it_is_turned() {
    let (page, _) = page_with(&photo());
    for turns in [QuarterTurns::None, QuarterTurns::One, QuarterTurns::Two, QuarterTurns::Three] {
        let mut turned = Raster::new(page.clone(), 200.0).turned(turns).pixels;
        let bar = find(&turned).faces[0].eyes;
        let around = bar.bbox();
        for (x, y) in (around.left..around.right).flat_map(|x| (around.top..around.bottom).map(move |y| (x, y))) {
            if covers(&bar, Point::new(x as f32 + 0.5, y as f32 + 0.5)) {
                turned.put_pixel(x as u32, y as u32, Rgb([0, 0, 0]));
            }
        }
        let again = find(&turned);
        assert!(again.faces.iter().all(|face| face.state == FindingState::Masked), "{turns:?}");
        assert!(again.unfound_portraits.iter().all(zhegai::face::UnfoundPortrait::eyes_masked), "{turns:?}");
    }
}
