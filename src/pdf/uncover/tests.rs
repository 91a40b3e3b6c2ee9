use lopdf::{Dictionary, Object, ObjectId, dictionary};

use super::*;
use crate::pdf::samples::{Sample, numbers, pdfium, updated};
use crate::pdf::text::GlyphRun;

/// A 40 × 20 black square with its left bottom corner at (20, 40) is what covers hide in these samples.
const SECRET: &str = "0 g 20 40 40 20 re f";
const SECRET_AT: Bbox = Bbox::from_ltrb(20, 40, 60, 60);

fn at_72() -> RenderParams {
    RenderParams { dpi: 72.0, ..RenderParams::default() }
}

/// The covers that hide something, each with whether the secret appears when it is taken away.
fn uncovered(bytes: &[u8]) -> Vec<(Cover, bool)> {
    let pdfium = pdfium();
    let document = pdfium.open(bytes).expect("a sound sample");
    let shown = document.render(0, &at_72()).expect("a page");
    let found = document.uncovered(0, &shown, &at_72()).expect("a sound page");
    assert_eq!(found.not_examined, None);
    found
        .pages
        .iter()
        .map(|uncovered| {
            assert!(uncovered.changed.iter().any(|bbox| !bbox.intersection(SECRET_AT).is_empty()));
            (uncovered.cover, uncovered.page.raster.pixels.get_pixel(40, 50).0 == [0; 3])
        })
        .collect()
}

fn picture(sample: &mut Sample, entries: &Dictionary) -> ObjectId {
    let mut all = dictionary! {
        "Type" => "XObject", "Subtype" => "Image", "Width" => 2, "Height" => 1, "ColorSpace" => "DeviceGray",
        "BitsPerComponent" => 8,
    };
    crate::pdf::samples::set_all(&mut all, entries);
    sample.stream(all, &[0, 0])
}

#[test]
fn a_stamp_or_redaction_mark_over_the_page_is_taken_away() {
    for subtype in ["Stamp", "Square", "FreeText", "Redact", "Highlight", "Ink"] {
        let mut sample = Sample::new();
        let white = sample.stream(
            dictionary! { "Type" => "XObject", "Subtype" => "Form", "BBox" => numbers(&[0.0, 0.0, 50.0, 30.0]) },
            b"1 0 0 rg 0 0 50 30 re f",
        );
        let annotation = dictionary! {
            "Type" => "Annot", "Subtype" => subtype, "Rect" => numbers(&[15.0, 35.0, 65.0, 65.0]), "F" => 4,
            "AP" => dictionary! { "N" => white },
        };
        sample.page(SECRET, dictionary! { "Annots" => vec![Object::Dictionary(annotation)] });
        assert_eq!(uncovered(&sample.bytes()), [(Cover::Annotations, true)], "{subtype}");
    }
}

#[test]
fn a_form_field_over_the_page_is_taken_away() {
    let mut sample = Sample::new();
    let white = sample.stream(
        dictionary! { "Type" => "XObject", "Subtype" => "Form", "BBox" => numbers(&[0.0, 0.0, 50.0, 30.0]) },
        b"1 g 0 0 50 30 re f",
    );
    let field = sample.document.add_object(dictionary! {
        "Type" => "Annot", "Subtype" => "Widget", "FT" => "Tx", "T" => Object::string_literal("x"), "F" => 4,
        "Rect" => numbers(&[15.0, 35.0, 65.0, 65.0]), "AP" => dictionary! { "N" => white },
    });
    sample.page(SECRET, dictionary! { "Annots" => vec![field.into()] });
    sample.catalog().set("AcroForm", dictionary! { "Fields" => vec![field.into()] });
    assert_eq!(uncovered(&sample.bytes()), [(Cover::Annotations, true)]);
}

#[test]
fn shapes_and_pictures_drawn_over_a_scan_are_taken_away() {
    for cover in
        ["1 1 0 rg 15 35 50 30 re f", "1 1 0 RG 30 w 15 50 m 65 50 l S", "q 50 0 0 30 15 35 cm /White Do Q", "/Form Do"]
    {
        let mut sample = Sample::new();
        let scan = picture(&mut sample, &Dictionary::new());
        let white = picture(&mut sample, &dictionary! { "Decode" => numbers(&[1.0, 0.0]) });
        let form = sample.stream(
            dictionary! { "Type" => "XObject", "Subtype" => "Form", "BBox" => numbers(&[15.0, 35.0, 65.0, 65.0]) },
            b"1 0 0 rg 0 0 200 100 re f",
        );
        let objects = dictionary! { "Scan" => scan, "White" => white, "Form" => form };
        let content = format!("q 40 0 0 20 20 40 cm /Scan Do Q {cover}");
        sample.page(&content, dictionary! { "Resources" => dictionary! { "XObject" => objects } });
        assert_eq!(uncovered(&sample.bytes()), [(Cover::DrawnOver, true)], "{cover}");
    }
}

#[test]
fn a_shape_over_text_that_was_turned_into_outlines_is_taken_away() {
    // A plus sign: twelve pieces.
    let outline =
        "0 g 38 42 m 42 42 l 42 48 l 48 48 l 48 52 l 42 52 l 42 58 l 38 58 l 38 52 l 32 52 l 32 48 l 38 48 l f";
    let covered = format!("{outline} 1 0 0 rg 15 35 50 30 re f");
    assert_eq!(uncovered(&Sample::one_page(&covered, Dictionary::new())), [(Cover::DrawnOver, true)]);
    // Its ground is drawn before, other outlines beside and over it.
    let drawing = format!("0.9 g 15 35 50 30 re f {outline} q 1 0 0 1 3 2 cm {outline} Q");
    assert_eq!(uncovered(&Sample::one_page(&drawing, Dictionary::new())), []);
}

#[test]
fn covers_inside_a_form_are_found_too() {
    let mut sample = Sample::new();
    let scan = picture(&mut sample, &Dictionary::new());
    let form = sample.stream(
        dictionary! {
            "Type" => "XObject", "Subtype" => "Form", "BBox" => numbers(&[0.0, 0.0, 200.0, 100.0]),
            "Resources" => dictionary! { "XObject" => dictionary! { "Scan" => scan } },
        },
        b"q 40 0 0 20 20 40 cm /Scan Do Q 1 0 0 rg 15 35 50 30 re f",
    );
    let objects = dictionary! { "Form" => form };
    sample.page("/Form Do", dictionary! { "Resources" => dictionary! { "XObject" => objects } });
    assert_eq!(uncovered(&sample.bytes()), [(Cover::DrawnOver, true)]);
}

#[test]
fn a_layer_over_or_under_the_page_is_switched() {
    // The mask is a layer that is on; or the secret is a layer that is off.
    for (content, off, expected) in [
        (format!("{SECRET} /OC /L BDC 1 0 0 rg 15 35 50 30 re f EMC"), false, (Cover::LayerOff(0), true)),
        (format!("/OC /L BDC {SECRET} EMC"), true, (Cover::LayersOn, true)),
    ] {
        let mut sample = Sample::new();
        let layer = sample.document.add_object(dictionary! { "Type" => "OCG", "Name" => Object::string_literal("L") });
        let resources = dictionary! { "Properties" => dictionary! { "L" => layer } };
        sample.page(&content, dictionary! { "Resources" => resources });
        let mut state = Dictionary::new();
        if off {
            state.set("OFF", vec![Object::Reference(layer)]);
        }
        let properties = dictionary! { "OCGs" => vec![Object::Reference(layer)], "D" => state };
        sample.catalog().set("OCProperties", properties);
        assert!(uncovered(&sample.bytes()).contains(&expected));
    }
}

#[test]
fn what_hides_parts_of_a_picture_is_taken_away() {
    // A white picture with a black square in it; the mask hides all, or nothing.
    let side = 64;
    let mut pixels = vec![255_u8; side * side];
    (20..40).for_each(|y| pixels[y * side + 20..y * side + 40].fill(0));
    let entries = dictionary! {
        "Type" => "XObject", "Subtype" => "Image", "Width" => side as i64, "Height" => side as i64,
        "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8,
    };
    let found = |mask: Option<u8>, decode: Option<f32>, draw: &str| {
        let mut sample = Sample::new();
        let mut picture = entries.clone();
        if let Some(level) = mask {
            picture.set("SMask", sample.stream(entries.clone(), &vec![level; side * side]));
        }
        if let Some(level) = decode {
            picture.set("Decode", numbers(&[level, 1.0]));
        }
        let picture = sample.stream(picture, &pixels);
        let objects = dictionary! { "P" => picture };
        let draw = format!("0 g 0 0 5 5 re f q {draw} 64 0 0 64 10 10 cm /P Do Q");
        sample.page(&draw, dictionary! { "Resources" => dictionary! { "XObject" => objects } });
        let bytes = sample.bytes();
        let pdfium = pdfium();
        let document = pdfium.open(&bytes).expect("a sound sample");
        let shown = document.render(0, &at_72()).expect("a page");
        let pages = document.uncovered(0, &shown, &at_72()).expect("a sound page").pages;
        pages.iter().map(|page| (page.cover, page.page.raster.pixels.get_pixel(30, 30).0)).collect::<Vec<_>>()
    };
    let hidden = vec![(Cover::PictureParts, [0; 3])];
    assert_eq!(found(Some(0), None, ""), hidden);
    assert_eq!(found(None, Some(1.0), ""), hidden, "levels that all turn white");
    assert_eq!(found(None, None, "0 0 30 30 re W n"), hidden, "a clip");
    assert_eq!(found(Some(255), None, ""), []);
    assert_eq!(found(None, Some(0.0), ""), []);
}

#[test]
fn an_annotation_that_is_not_displayed_is_shown() {
    let mut sample = Sample::new();
    let look = sample.stream(
        dictionary! { "Type" => "XObject", "Subtype" => "Form", "BBox" => numbers(&[0.0, 0.0, 40.0, 20.0]) },
        b"0 g 0 0 40 20 re f",
    );
    let annotation = dictionary! {
        "Type" => "Annot", "Subtype" => "Stamp", "Rect" => numbers(&[20.0, 40.0, 60.0, 60.0]), "F" => 2,
        "AP" => dictionary! { "N" => look },
    };
    sample.page("0 g 0 0 5 5 re f", dictionary! { "Annots" => vec![Object::Dictionary(annotation)] });
    assert_eq!(uncovered(&sample.bytes()), [(Cover::AnnotationFlags, true)]);
}

#[test]
fn content_that_nothing_refers_to_is_laid_out() {
    let mut sample = Sample::new();
    sample.page("0 g 0 0 5 5 re f", Dictionary::new());
    sample.stream(Dictionary::new(), b"BT /F1 12 Tf 20 40 Td (former) Tj ET");
    let bytes = sample.bytes();
    let pdfium = pdfium();
    let left = pdfium.open(&bytes).expect("sound").leftover_pages(&at_72()).expect("it renders");
    let texts: Vec<String> = left.texts.iter().flatten().map(GlyphRun::text).collect();
    assert_eq!((texts, left.pages.len(), left.not_examined), (vec!["former".to_string()], 1, None));
    let plain = Sample::one_page(SECRET, Dictionary::new());
    assert!(pdfium.open(&plain).expect("sound").leftover_pages(&at_72()).expect("fine").pages.is_empty());
}

#[test]
fn a_left_page_is_laid_out_once_with_its_fields_and_white_forms_are_not_read() {
    let mut sample = Sample::new();
    let shown = sample.page(SECRET, Dictionary::new());
    let form = |sample: &mut Sample, content: &str| {
        let bounds = numbers(&[0.0, 0.0, 50.0, 30.0]);
        let entries = dictionary! { "Type" => "XObject", "Subtype" => "Form", "BBox" => bounds };
        sample.stream(entries, content.as_bytes())
    };
    // What a page that was taken out leaves behind through a form's fields: 40 appearances, each of another look.
    let fields: Vec<Object> = (0..40)
        .map(|index| {
            let appearance = form(&mut sample, &format!("0 g 0 0 {} 5 re f", index + 1));
            let rect = numbers(&[0.0, 0.0, 50.0, 30.0]);
            let normal = dictionary! { "N" => appearance };
            let field = dictionary! { "Type" => "Annot", "Subtype" => "Widget", "Rect" => rect, "AP" => normal };
            sample.document.add_object(field).into()
        })
        .collect();
    let left = dictionary! { "Type" => "Page", "Parent" => shown, "Annots" => fields };
    sample.document.add_object(left);
    for _ in 0..40 {
        form(&mut sample, "1 g 0 0 50 30 re f");
        form(&mut sample, "1 0 0 rg 0 0 20 20 re f");
    }
    let bytes = sample.bytes();
    let pdfium = pdfium();
    let left = pdfium.open(&bytes).expect("sound").leftover_pages(&at_72()).expect("it renders");
    let sizes: Vec<_> = left.pages.iter().map(|page| page.frame.raster_size()).collect();
    assert_eq!((sizes, left.not_examined), (vec![(200, 100), (50, 30)], None), "the page, and the red form once");
    // A field that the left page does not show is laid out by itself.
    let hidden = updated(&bytes, |document| {
        let field = document
            .objects
            .values_mut()
            .find_map(|object| object.as_dict_mut().ok().filter(|field| field.has(b"Rect")));
        field.expect("forty").set("F", 2);
    });
    let left = pdfium.open(&hidden).expect("sound").leftover_pages(&at_72()).expect("it renders");
    assert_eq!(left.pages.len(), 3);
}

#[test]
fn what_the_crop_box_hides_is_shown_on_a_larger_page() {
    let bytes = Sample::one_page(SECRET, dictionary! { "CropBox" => numbers(&[0.0, 0.0, 200.0, 30.0]) });
    let pdfium = pdfium();
    let document = pdfium.open(&bytes).expect("a sound sample");
    let shown = document.render(0, &at_72()).expect("a page");
    let found = document.uncovered(0, &shown, &at_72()).expect("a sound page").pages;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].cover, Cover::CropBox);
    assert_eq!((found[0].page.raster.width(), found[0].page.raster.height()), (200, 100));
    assert_eq!(found[0].page.raster.pixels.get_pixel(40, 50).0, [0; 3]);
    // The displayed page starts 70 px lower.
    assert_eq!(found[0].page.frame.bbox_in(SECRET_AT, &shown.frame), Bbox::from_ltrb(20, -30, 60, -10));
}

#[test]
fn a_box_lies_at_the_same_place_of_the_page_in_every_rotation() {
    for degrees in [0, 90, 180, 270] {
        let entries = dictionary! { "Rotate" => degrees, "CropBox" => numbers(&[10.0, 20.0, 200.0, 90.0]) };
        let bytes = Sample::one_page(SECRET, entries);
        let pdfium = pdfium();
        let document = pdfium.open(&bytes).expect("a sound sample");
        let small = document.render(0, &at_72()).expect("a page").frame;
        let large = document.render(0, &RenderParams { dpi: 144.0, ..at_72() }).expect("a page").frame;
        let (here, there) = (small.bbox(20.0, 40.0, 60.0, 60.0), large.bbox(20.0, 40.0, 60.0, 60.0));
        assert_eq!(small.bbox_in(here, &large), there, "{degrees}");
        assert_eq!(large.bbox_in(there, &small), here, "{degrees}");
    }
}

#[test]
fn a_picture_that_reaches_beyond_the_page_is_shown_whole() {
    let mut sample = Sample::new();
    let scan = picture(&mut sample, &Dictionary::new());
    let objects = dictionary! { "Scan" => scan };
    let resources = dictionary! { "Resources" => dictionary! { "XObject" => objects } };
    sample.page("q 300 0 0 20 20 40 cm /Scan Do Q", resources.clone());
    sample.page("q 182 0 0 20 20 40 cm /Scan Do Q", resources);
    let bytes = sample.bytes();
    let pdfium = pdfium();
    let document = pdfium.open(&bytes).expect("a sound sample");
    let found = |index: usize| {
        let shown = document.render(index, &at_72()).expect("a page");
        document.uncovered(index, &shown, &at_72()).expect("a sound page").pages
    };
    let whole = found(0);
    assert_eq!(whole.len(), 1);
    assert_eq!((whole[0].cover, whole[0].page.raster.width()), (Cover::CropBox, 320));
    assert_eq!(whole[0].page.raster.pixels.get_pixel(310, 50).0, [0; 3]);
    assert!(found(1).is_empty(), "a bleed of 2 pt hides nothing");
}

#[test]
fn what_was_there_before_an_update_is_shown() {
    let first = Sample::one_page(SECRET, Dictionary::new());
    let bytes = updated(&first, |document| {
        let page = document.page_iter().next().expect("a page");
        let content = document.add_object(lopdf::Stream::new(Dictionary::new(), b"0 g 0 0 5 5 re f".to_vec()));
        document.get_dictionary_mut(page).expect("a page").set("Contents", content);
    });
    assert_eq!(uncovered(&bytes), [(Cover::LaterRevisions(0), true)]);
    let pdfium = pdfium();
    assert_eq!(pdfium.open(&bytes).expect("sound").revisions(), [first.trim_ascii_end()]);
    assert!(pdfium.open(&first).expect("sound").revisions().is_empty());
}

#[test]
fn a_page_that_an_update_took_out_is_shown() {
    let mut sample = Sample::new();
    sample.page("0 g 0 0 5 5 re f", Dictionary::new());
    sample.page(SECRET, Dictionary::new());
    let tree = sample.tree;
    let bytes = updated(&sample.bytes(), |document| {
        let first = document.page_iter().next().expect("a page");
        let tree = document.get_dictionary_mut(tree).expect("the tree");
        tree.set("Kids", vec![Object::Reference(first)]);
        tree.set("Count", 1);
    });
    let pdfium = pdfium();
    let document = pdfium.open(&bytes).expect("a sound sample");
    assert_eq!(document.page_count(), 1);
    let lost = document.lost_pages(&at_72()).expect("it renders");
    assert_eq!(lost.len(), 1);
    assert_eq!(lost[0].page.raster.pixels.get_pixel(40, 50).0, [0; 3]);
}

#[test]
fn ordinary_pages_have_nothing_to_uncover() {
    assert_eq!(uncovered(&Sample::one_page(SECRET, Dictionary::new())), []);
    // A table: filled cells first, then text and rules over them.
    let table = "0.9 g 10 10 100 60 re f 0 g BT /F1 12 Tf 20 40 Td (text) Tj ET 0 G 0.5 w 10 10 100 60 re S";
    assert_eq!(uncovered(&Sample::one_page(table, Dictionary::new())), []);
    // A scan in two strips with hidden text over it.
    let mut sample = Sample::new();
    let scan = picture(&mut sample, &Dictionary::new());
    let content = "q 200 0 0 50.5 0 0 cm /Scan Do Q q 200 0 0 50 0 50 cm /Scan Do Q BT 3 Tr /F1 9 Tf (hidden) Tj ET";
    let resources = dictionary! { "XObject" => dictionary! { "Scan" => scan } };
    sample.page(content, dictionary! { "Resources" => resources });
    assert_eq!(uncovered(&sample.bytes()), []);
}

#[test]
fn covers_that_cannot_be_looked_for_are_not_passed_over() {
    let mut broken = Sample::one_page(SECRET, Dictionary::new());
    let at = memchr::memmem::rfind(&broken, b"startxref").expect("it ends with one");
    broken.truncate(at);
    broken.extend_from_slice(b"startxref\n3\n%%EOF");
    let pdfium = pdfium();
    let document = pdfium.open(&broken).expect("PDFium repairs it");
    let shown = document.render(0, &at_72()).expect("a page");
    assert!(document.uncovered(0, &shown, &at_72()).expect("a page").not_examined.is_some());
}

#[test]
fn a_thumbnail_is_read() {
    let mut sample = Sample::new();
    let thumbnail = sample.stream(
        dictionary! { "Width" => 4, "Height" => 2, "ColorSpace" => "DeviceRGB", "BitsPerComponent" => 8 },
        &[255, 0, 0].repeat(8),
    );
    sample.page("", dictionary! { "Thumb" => thumbnail });
    let bytes = sample.bytes();
    let pdfium = pdfium();
    let thumbnail = pdfium.open(&bytes).expect("sound").thumbnail(0).expect("it has one");
    assert_eq!(thumbnail.dimensions(), (4, 2));
    assert_eq!(thumbnail.get_pixel(1, 1).0, [255, 0, 0]);
}
