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
    assert!(report.faces[0].one_eye_covered);
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
