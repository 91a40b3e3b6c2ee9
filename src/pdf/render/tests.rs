use lopdf::{Dictionary, Object, dictionary};

use super::*;
use crate::pdf::Pdfium;
use crate::pdf::samples::{Sample, encrypted, helvetica, numbers, pdfium, set_all};

/// A black rectangle from (20, 10) to (60, 30) on a page of 200 × 100 units.
const RECTANGLE: &str = "0 g 20 10 40 20 re f";

/// 72 dpi: one pixel is one point.
fn at_72() -> RenderParams {
    RenderParams { dpi: 72.0, ..RenderParams::default() }
}

/// The box of everything that is not white.
fn ink(raster: &Raster) -> Option<Bbox> {
    raster
        .pixels
        .enumerate_pixels()
        .filter(|(_, _, pixel)| pixel.0 != [255; 3])
        .map(|(x, y, _)| Bbox::from_ltrb(x as i32, y as i32, x as i32 + 1, y as i32 + 1))
        .reduce(Bbox::union)
}

fn rendered(bytes: &[u8], params: &RenderParams) -> RenderedPage {
    let pdfium = pdfium();
    let document = pdfium.open(bytes).expect("a sound sample");
    document.render(0, params).expect("a sound page")
}

fn size_and_ink(entries: Dictionary) -> ((u32, u32), Option<Bbox>) {
    let page = rendered(&Sample::one_page(RECTANGLE, entries), &at_72());
    ((page.raster.width(), page.raster.height()), ink(&page.raster))
}

#[test]
fn a_rectangle_lies_where_the_page_says() {
    let page = rendered(&Sample::one_page(RECTANGLE, Dictionary::new()), &RenderParams::default());
    // 200 × 100 pt at 200 dpi; the rectangle's edges times 200/72.
    assert_eq!((page.raster.width(), page.raster.height()), (556, 278));
    assert!((page.raster.dpi - 200.0).abs() < f32::EPSILON);
    let ink = ink(&page.raster).expect("a rectangle");
    let expected = page.frame.bbox(20.0, 10.0, 60.0, 30.0);
    assert_eq!(expected, Bbox::from_ltrb(55, 194, 167, 251));
    assert!(ink.iou(expected) > 0.97, "{ink:?}");
    assert!(page.notes.is_empty() && !page.blank_but_has_content);
}

#[test]
fn rotate_is_honoured_in_all_four_directions() {
    let turned = |degrees: i64| size_and_ink(dictionary! { "Rotate" => degrees });
    assert_eq!(turned(0), ((200, 100), Some(Bbox::from_ltrb(20, 70, 60, 90))));
    assert_eq!(turned(90), ((100, 200), Some(Bbox::from_ltrb(10, 20, 30, 60))));
    assert_eq!(turned(180), ((200, 100), Some(Bbox::from_ltrb(140, 10, 180, 30))));
    assert_eq!(turned(270), ((100, 200), Some(Bbox::from_ltrb(70, 140, 90, 180))));
    assert_eq!(turned(-90), turned(270));
}

#[test]
fn crop_box_and_media_box_origin_are_honoured() {
    let cropped = dictionary! { "CropBox" => numbers(&[10.0, 5.0, 110.0, 55.0]) };
    assert_eq!(size_and_ink(cropped), ((100, 50), Some(Bbox::from_ltrb(10, 25, 50, 45))));
    let moved = dictionary! { "MediaBox" => numbers(&[-50.0, -20.0, 150.0, 80.0]) };
    assert_eq!(size_and_ink(moved), ((200, 100), Some(Bbox::from_ltrb(70, 50, 110, 70))));
    let both = dictionary! {
        "MediaBox" => numbers(&[-50.0, -20.0, 150.0, 80.0]), "CropBox" => numbers(&[0.0, 0.0, 90.0, 40.0]),
        "Rotate" => 90,
    };
    assert_eq!(size_and_ink(both), ((40, 90), Some(Bbox::from_ltrb(10, 20, 30, 60))));
}

#[test]
fn frame_maps_as_pdfium_draws_for_every_rotation() {
    for degrees in [0, 90, 180, 270] {
        let entries = dictionary! { "Rotate" => degrees, "CropBox" => numbers(&[10.0, 5.0, 110.0, 55.0]) };
        let page = rendered(&Sample::one_page(RECTANGLE, entries), &at_72());
        assert_eq!(ink(&page.raster), Some(page.frame.bbox(20.0, 10.0, 60.0, 30.0)), "{degrees}");
    }
}

#[test]
fn user_unit_enlarges_the_page_at_the_same_dpi() {
    let page = rendered(&Sample::one_page(RECTANGLE, dictionary! { "UserUnit" => 2.5 }), &at_72());
    assert_eq!((page.raster.width(), page.raster.height()), (500, 250));
    assert_eq!(page.size, PageSize { width_pt: 500.0, height_pt: 250.0 });
    assert_eq!(ink(&page.raster), Some(Bbox::from_ltrb(50, 175, 150, 225)));
    assert_eq!(page.frame.bbox(20.0, 10.0, 60.0, 30.0), Bbox::from_ltrb(50, 175, 150, 225));
}

fn with_square_annotation() -> Vec<u8> {
    let mut sample = Sample::new();
    let appearance = sample.stream(
        dictionary! { "Type" => "XObject", "Subtype" => "Form", "BBox" => numbers(&[0.0, 0.0, 30.0, 20.0]) },
        b"1 0 0 rg 0 0 30 20 re f",
    );
    let annotation = dictionary! {
        "Type" => "Annot", "Subtype" => "Stamp", "Rect" => numbers(&[100.0, 40.0, 130.0, 60.0]), "F" => 4,
        "AP" => dictionary! { "N" => appearance },
    };
    sample.page(RECTANGLE, dictionary! { "Annots" => vec![Object::Dictionary(annotation)] });
    sample.bytes()
}

#[test]
fn annotations_are_drawn_unless_left_out() {
    let bytes = with_square_annotation();
    let page = rendered(&bytes, &at_72());
    assert_eq!(page.raster.pixels.get_pixel(115, 50).0, [255, 0, 0]);
    let without = rendered(&bytes, &RenderParams { annotations: Annotations::LeftOut, ..at_72() });
    assert_eq!(ink(&without.raster), Some(Bbox::from_ltrb(20, 70, 60, 90)));
}

#[test]
fn leaving_annotations_out_changes_nothing_else() {
    let content = "0 g BT /F1 12 Tf 20 40 Td (Blind review) Tj ET 0 0 1 rg 101 33.3 51.7 20.2 re f";
    for media_box in [[0.0, 0.0, 200.0, 100.0], [0.0, 0.0, 199.7, 100.9]] {
        for degrees in [0, 90] {
            let entries = dictionary! { "MediaBox" => numbers(&media_box), "Rotate" => degrees };
            let bytes = Sample::one_page(content, entries);
            let params = RenderParams { dpi: 150.0, ..RenderParams::default() };
            let with = rendered(&bytes, &params).raster.pixels;
            let without = rendered(&bytes, &RenderParams { annotations: Annotations::LeftOut, ..params }).raster.pixels;
            assert_eq!(with.dimensions(), without.dimensions());
            let different = with.pixels().zip(without.pixels()).filter(|(a, b)| a.0[0].abs_diff(b.0[0]) > 64).count();
            assert!(different <= 20, "{different} pixels differ at {degrees}°");
        }
    }
}

#[test]
fn form_fields_are_drawn_with_and_without_an_appearance() {
    for has_appearance in [true, false] {
        let mut sample = Sample::new();
        let appearance = sample.stream(
            dictionary! {
                "Type" => "XObject", "Subtype" => "Form", "BBox" => numbers(&[0.0, 0.0, 80.0, 20.0]),
                "Resources" => dictionary! { "Font" => dictionary! { "F1" => helvetica() } },
            },
            b"/Tx BMC BT 0 g /F1 12 Tf 2 5 Td (Zhang Wei) Tj ET EMC",
        );
        let mut field = dictionary! {
            "Type" => "Annot", "Subtype" => "Widget", "FT" => "Tx", "T" => Object::string_literal("name"),
            "V" => Object::string_literal("Zhang Wei"), "DA" => Object::string_literal("/F1 12 Tf 0 g"),
            "Rect" => numbers(&[100.0, 40.0, 180.0, 60.0]), "F" => 4,
        };
        if has_appearance {
            field.set("AP", dictionary! { "N" => appearance });
        }
        let field = sample.document.add_object(field);
        sample.page("", dictionary! { "Annots" => vec![field.into()] });
        let form = dictionary! {
            "Fields" => vec![field.into()],
            "DR" => dictionary! { "Font" => dictionary! { "F1" => helvetica() } },
        };
        sample.catalog().set("AcroForm", form);
        let page = rendered(&sample.bytes(), &at_72());
        let ink = ink(&page.raster).expect("the field's value is drawn");
        assert!(ink.covered_by(Bbox::from_ltrb(100, 40, 180, 60)) > 0.99 && ink.width() > 40, "{ink:?}");
    }
}

#[test]
fn a_large_page_is_scaled_down_with_a_note() {
    let bytes = Sample::one_page(RECTANGLE, dictionary! { "MediaBox" => numbers(&[0.0, 0.0, 3000.0, 3000.0]) });
    let page = rendered(&bytes, &RenderParams::default());
    assert!(u64::from(page.raster.width()) * u64::from(page.raster.height()) <= 40_000_000);
    assert!((page.raster.dpi - 151.0).abs() < f32::EPSILON);
    assert_eq!(page.notes, ["rendered at 151 dpi instead of 200: the page is very large"]);
}

#[test]
fn an_absurd_page_is_refused() {
    let pdfium = pdfium();
    for side in [100_000.0, 14_000.0] {
        let bytes = Sample::one_page(RECTANGLE, dictionary! { "MediaBox" => numbers(&[0.0, 0.0, side, side]) });
        let document = pdfium.open(&bytes).expect("it opens");
        let problem = document.render(0, &RenderParams::default()).expect_err("too large");
        assert!(matches!(problem, InputProblem::TooLarge(_)), "{problem}");
    }
}

#[test]
fn an_empty_page_is_blank_and_a_page_that_cannot_be_shown_is_not() {
    let blank = |content: &str, entries: Dictionary| {
        rendered(&Sample::one_page(content, entries), &at_72()).blank_but_has_content
    };
    assert!(!blank("", Dictionary::new()));
    assert!(!blank("q 1 g 0 0 200 100 re f Q BT /F1 12 Tf 10 10 Td ( ) Tj ET", Dictionary::new()));
    // What lies off the page, and text of no characters, cannot be seen.
    assert!(!blank("q 0 0 0 rg BT /F1 12 Tf 10 900 Td (off the page) Tj ET Q", Dictionary::new()));
    assert!(!blank("BT /F1 12 Tf 10 10 Td () Tj [()] TJ ET", Dictionary::new()));
    let crop_marks = "0.4 w -20 0 m -5 0 l S 205 100 m 220 100 l S 0 105 m 0 120 l S";
    assert!(!blank(crop_marks, Dictionary::new()));
    // What is clipped away could have been meant to be seen.
    assert!(blank(&format!("{crop_marks} 0 0 5 5 re W n 10 10 5 5 re f"), Dictionary::new()));
    assert!(blank("/Missing Do", Dictionary::new()));
    assert!(blank("0 0 1 rg 0 0 200 100 re f", Dictionary::new()));
}

fn with_picture(dictionary: &Dictionary, data: &[u8]) -> Vec<u8> {
    with_picture_on(dictionary, data, Dictionary::new())
}

/// The same on a page with further entries.
fn with_picture_on(dictionary: &Dictionary, data: &[u8], page: Dictionary) -> Vec<u8> {
    let mut sample = Sample::new();
    let mut entries = dictionary! {
        "Type" => "XObject", "Subtype" => "Image", "Width" => 4, "Height" => 2, "ColorSpace" => "DeviceGray",
        "BitsPerComponent" => 8,
    };
    set_all(&mut entries, dictionary);
    let picture = sample.stream(entries, data);
    let resources = dictionary! { "XObject" => dictionary! { "Im1" => picture } };
    let mut entries = page;
    entries.set("Resources", resources);
    sample.page("0 g 0 0 3 3 re f q 100 0 0 50 50 20 cm /Im1 Do Q", entries);
    sample.bytes()
}

#[test]
fn a_picture_under_an_annotation_is_not_missed() {
    let under = |flags: i64| {
        let annotation = dictionary! {
            "Type" => "Annot", "Subtype" => "Square", "Rect" => numbers(&[40.0, 10.0, 160.0, 80.0]), "F" => flags,
            "C" => numbers(&[0.0, 0.0, 0.0]), "IC" => numbers(&[0.0, 0.0, 0.0]),
        };
        let page = dictionary! { "Annots" => vec![Object::Dictionary(annotation)] };
        let chequered = with_picture_on(&Dictionary::new(), &[0, 255, 0, 255, 0, 255, 0, 255], page.clone());
        let undecodable = dictionary! { "Filter" => "DCTDecode" };
        let broken = with_picture_on(&undecodable, b"this is not a JPEG", page);
        [chequered, broken].map(|bytes| rendered(&bytes, &at_72()).blank_but_has_content)
    };
    let (drawn, hidden) = (4, 2);
    assert_eq!(under(drawn), [false, false], "the annotation hides it");
    assert_eq!(under(hidden), [false, true], "nothing hides it");
}

#[test]
fn a_picture_that_cannot_be_decoded_is_not_passed_over() {
    let blank = |bytes: &[u8]| rendered(bytes, &at_72()).blank_but_has_content;
    assert!(!blank(&with_picture(&Dictionary::new(), &[255; 8])), "the back of a sheet");
    assert!(!blank(&with_picture(&Dictionary::new(), &[0, 255, 0, 255, 0, 255, 0, 255])));
    assert!(blank(&with_picture(&dictionary! { "Filter" => "DCTDecode" }, b"this is not a JPEG")));
}

#[test]
fn a_picture_of_a_layer_that_is_off_is_not_missed() {
    let blank = |state: &str| {
        let mut sample = Sample::new();
        let layer = sample.document.add_object(dictionary! { "Type" => "OCG", "Name" => Object::string_literal("L") });
        let entries = dictionary! {
            "Type" => "XObject", "Subtype" => "Image", "Width" => 4, "Height" => 2, "ColorSpace" => "DeviceGray",
            "BitsPerComponent" => 8, "OC" => layer,
        };
        let picture = sample.stream(entries, &[0, 255, 0, 255, 0, 255, 0, 255]);
        let resources = dictionary! { "XObject" => dictionary! { "Im1" => picture } };
        sample.page("0 g 0 0 3 3 re f q 100 0 0 50 50 20 cm /Im1 Do Q", dictionary! { "Resources" => resources });
        let state = dictionary! { state => vec![Object::Reference(layer)] };
        sample.catalog().set("OCProperties", dictionary! { "OCGs" => vec![Object::Reference(layer)], "D" => state });
        let page = rendered(&sample.bytes(), &at_72());
        (page.blank_but_has_content, page.raster.pixels.pixels().filter(|p| p.0 == [0; 3]).count() > 100)
    };
    assert_eq!(blank("ON"), (false, true));
    assert_eq!(blank("OFF"), (false, false));
}

#[test]
fn unreadable_files_are_told_apart() {
    let pdfium = pdfium();
    let problem = |bytes: &[u8]| pdfium.open(bytes).err();
    assert_eq!(problem(b""), Some(InputProblem::Empty));
    assert!(matches!(problem(b"hello, this is no PDF"), Some(InputProblem::Damaged(_))));
    let whole = Sample::one_page(RECTANGLE, Dictionary::new());
    assert_eq!(problem(&whole), None);
    for part in [whole.len() / 3, whole.len() / 2, whole.len() - 60] {
        assert!(matches!(problem(&whole[..part]), Some(InputProblem::Damaged(_))), "{part}");
    }
    assert!(matches!(problem(&Sample::new().bytes()), Some(InputProblem::Damaged(_))), "no pages");
    let mut claims = Sample::new();
    claims.page(RECTANGLE, Dictionary::new());
    let tree = claims.tree;
    claims.document.get_dictionary_mut(tree).expect("the tree").set("Count", 1_000_000);
    assert!(matches!(problem(&claims.bytes()), Some(InputProblem::Damaged(_))), "a million pages");
}

#[test]
fn an_encrypted_file_is_refused_unless_the_empty_password_opens_it() {
    let pdfium = pdfium();
    assert_eq!(pdfium.open(&encrypted("secret", RECTANGLE)).err(), Some(InputProblem::Encrypted));
    let bytes = encrypted("", RECTANGLE);
    let page = pdfium.open(&bytes).expect("no password needed").render(0, &at_72()).expect("a sound page");
    assert_eq!(ink(&page.raster), Some(Bbox::from_ltrb(20, 70, 60, 90)));
}

#[test]
fn pdfium_is_not_loaded_twice_on_a_thread() {
    let first = pdfium();
    let assets = crate::assets::Assets::ready().expect("tests run with the assets fetched");
    assert!(Pdfium::load(&assets).is_err());
    drop(first);
    assert!(Pdfium::load(&assets).is_ok());
}
