use image::{Rgb, RgbImage};
use lopdf::{Dictionary, Object, dictionary};

use super::*;
use crate::geometry::Bbox;
use crate::pdf::objects::StructureProblem;
use crate::pdf::render::{RenderParams, RenderedPage};
use crate::pdf::samples::{Sample, encrypted, helvetica, holds, numbers, pdfium, updated, with_cid_font};

const SECRET: &str = "ZhangWei";

fn at_72() -> RenderParams {
    RenderParams { dpi: 72.0, ..RenderParams::default() }
}

fn structure(bytes: &[u8]) -> Structure {
    Structure::load(bytes, None).expect("a sound sample")
}

fn rendered(bytes: &[u8], index: usize) -> RenderedPage {
    let pdfium = pdfium();
    let document = pdfium.open(bytes).expect("a sound file");
    document.render(index, &at_72()).expect("a sound page")
}

fn reason(bytes: &[u8], index: usize) -> Option<FlattenReason> {
    let pdfium = pdfium();
    pdfium.open(bytes).expect("a sound file").needs_flattening(index)
}

/// Grey, with a red square from (2, 1) to (4, 3).
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        if (2..4).contains(&x) && (1..3).contains(&y) { Rgb([255, 0, 0]) } else { Rgb([128, 128, 128]) }
    })
}

fn replaced(width_pt: f32, height_pt: f32) -> PageOutput {
    PageOutput::Replace {
        image: PageImage::lossless(&picture(width_pt as u32, height_pt as u32)),
        size: PageSize { width_pt, height_pt },
    }
}

fn secret_text() -> String {
    format!("BT /F1 12 Tf 20 40 Td ({SECRET}) Tj ET")
}

#[test]
fn a_page_of_an_image_shows_exactly_its_pixels() {
    let mono = RgbImage::from_fn(13, 7, |x, y| Rgb([if (x + y) % 3 == 0 { 0 } else { 255 }; 3]));
    let grey = RgbImage::from_fn(13, 7, |x, y| Rgb([(x * 9 + y * 5) as u8; 3]));
    for pixels in [mono, grey, picture(13, 7)] {
        let image = PageImage::lossless(&pixels);
        let bytes = from_images([(&image, PageSize { width_pt: 13.0, height_pt: 7.0 })]).expect("written");
        let page = rendered(&bytes, 0);
        assert_eq!(page.raster.pixels, pixels);
    }
}

#[test]
fn a_jpeg_goes_in_as_it_is_but_for_its_metadata() {
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 90)
        .encode_image(&picture(40, 20))
        .expect("encoding works");
    let mut tagged = jpeg[..2].to_vec();
    let exif = [b"Exif\0\0".as_slice(), SECRET.as_bytes()].concat();
    for (marker, data) in [(0xE1, exif.as_slice()), (0xFE, SECRET.as_bytes())] {
        tagged.extend_from_slice(&[0xFF, marker, 0, data.len() as u8 + 2]);
        tagged.extend_from_slice(data);
    }
    tagged.extend_from_slice(&jpeg[2..]);
    tagged.extend_from_slice(SECRET.as_bytes());
    let image = PageImage::from_jpeg(&tagged).expect("a JPEG");
    let bytes = from_images([(&image, PageSize { width_pt: 40.0, height_pt: 20.0 })]).expect("written");
    assert!(!holds(&bytes, SECRET));
    let expected = image::load_from_memory(&jpeg).expect("decodes").to_rgb8();
    let shown = rendered(&bytes, 0).raster.pixels;
    let worst = shown.iter().zip(expected.iter()).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(worst.is_some_and(|worst| worst <= 4), "{worst:?}");
    assert!(PageImage::from_jpeg(b"no JPEG").is_none());
    assert!(PageImage::from_jpeg(&jpeg[..20]).is_none());
}

#[test]
fn a_replaced_page_keeps_its_displayed_size_and_nothing_else() {
    let entries = dictionary! {
        "Rotate" => 90, "MediaBox" => numbers(&[-10.0, -10.0, 200.0, 100.0]),
        "CropBox" => numbers(&[0.0, 0.0, 100.0, 50.0]), "UserUnit" => 2,
    };
    let original = Sample::one_page(&secret_text(), entries);
    assert!(holds(&original, SECRET));
    let before = rendered(&original, 0).size;
    assert_eq!(before, PageSize { width_pt: 100.0, height_pt: 200.0 });
    let bytes = rewrite(&structure(&original), &[replaced(100.0, 200.0)]).expect("written");
    let after = rendered(&bytes, 0);
    assert_eq!(after.size, before);
    assert_eq!(after.raster.pixels, picture(100, 200));
    assert!(!holds(&bytes, SECRET));
    let written = structure(&bytes);
    let keys: Vec<_> = written.page(0).expect("a page").iter().map(|(key, _)| String::from_utf8_lossy(key)).collect();
    assert_eq!(keys, ["MediaBox", "Resources", "Contents", "Type", "Parent"]);
    // Catalog, tree, page, image, content.
    assert_eq!(written.document.objects.len(), 5);
}

#[test]
fn a_page_larger_than_pdf_allows_gets_a_larger_unit() {
    let image = PageImage::lossless(&picture(10, 5));
    let size = PageSize { width_pt: 20_000.0, height_pt: 10_000.0 };
    let bytes = from_images([(&image, size)]).expect("written");
    let pdfium = pdfium();
    let document = pdfium.open(&bytes).expect("a sound file");
    assert_eq!(document.page_size(0).expect("a page"), size);
}

/// Two pages with shared, inherited resources; the first shows the secret as text, in a form and as a picture.
fn shared_resources() -> Sample {
    let mut sample = Sample::new();
    let picture = dictionary! {
        "Type" => "XObject", "Subtype" => "Image", "Width" => 8, "Height" => 1, "ColorSpace" => "DeviceGray",
        "BitsPerComponent" => 8,
    };
    let secret_picture = sample.stream(picture.clone(), SECRET.as_bytes());
    let plain_picture = sample.stream(picture, b"\0\0\0\0\0\0\0\0");
    let form = dictionary! { "Type" => "XObject", "Subtype" => "Form", "BBox" => numbers(&[0.0, 0.0, 200.0, 100.0]) };
    let mut secret_form = form.clone();
    secret_form.set("Resources", dictionary! { "Font" => dictionary! { "F1" => helvetica() } });
    let secret_form = sample.stream(secret_form, secret_text().as_bytes());
    // A form without resources of its own, using those of the page.
    let plain_form = sample.stream(form, b"q 20 0 0 10 150 70 cm /Im2 Do Q");
    let mut font = helvetica();
    font.set("SecretNote", Object::string_literal(SECRET));
    let secret_font = sample.document.add_object(font);
    let resources = dictionary! {
        "Font" => dictionary! { "F1" => helvetica(), "F9" => secret_font },
        "XObject" => dictionary! { "Im1" => secret_picture, "Im2" => plain_picture, "Fm1" => secret_form, "Fm2" => plain_form },
    };
    let tree = sample.tree;
    sample.document.get_dictionary_mut(tree).expect("the tree").set("Resources", resources);
    sample.page(&format!("{} /Fm1 Do q 80 0 0 10 100 10 cm /Im1 Do Q", secret_text()), Dictionary::new());
    sample.page("BT /F1 12 Tf 20 40 Td (Open page) Tj ET q 20 0 0 10 100 10 cm /Im2 Do Q /Fm2 Do", Dictionary::new());
    for page in sample.pages.clone() {
        sample.document.get_dictionary_mut(page).expect("a page").remove(b"Resources");
    }
    sample
}

#[test]
fn a_kept_page_brings_only_what_it_uses_of_shared_resources() {
    let original = shared_resources().bytes();
    assert!(holds(&original, SECRET));
    let bytes = rewrite(&structure(&original), &[replaced(200.0, 100.0), PageOutput::Keep]).expect("written");
    assert!(!holds(&bytes, SECRET));
    let (before, after) = (rendered(&original, 1), rendered(&bytes, 1));
    assert_eq!(before.raster.pixels, after.raster.pixels);
    assert!(before.raster.pixels.pixels().any(|pixel| pixel.0 == [0; 3]));
    let pdfium = pdfium();
    let text = pdfium.open(&bytes).expect("a sound file").text(1, &after.frame).expect("a page");
    assert_eq!(text[0].text(), "Open page");
    assert_eq!(memchr::memmem::find_iter(&bytes, b"/BaseFont").count(), 1);
}

#[test]
fn a_shared_fonts_map_does_not_spell_out_a_masked_name() {
    let map = "5 beginbfchar <0001> <59D3> <0002> <540D> <0003> <5F20> <0004> <4F1F> <0005> <8BC4> endbfchar";
    let bytes = with_cid_font(Some(map), "BT /F1 20 Tf 10 40 Td <0001000200030004> Tj ET");
    let mut document = lopdf::Document::load_mem(&bytes).expect("a sound sample");
    let first = document.page_iter().next().expect("a page");
    let mut second = document.get_dictionary(first).expect("a page").clone();
    let open = Stream::new(Dictionary::new(), b"BT /F1 20 Tf 10 40 Td [<00010002> 9 <0005>] TJ ET".to_vec());
    second.set("Contents", document.add_object(open));
    // The font becomes an object of its own, as producers write it.
    let font =
        second.get(b"Resources").and_then(Object::as_dict).expect("resources").get(b"Font").expect("fonts").clone();
    let font = document.add_object(font.as_dict().expect("fonts").get(b"F1").expect("a font").clone());
    second.set("Resources", dictionary! { "Font" => dictionary! { "F1" => font } });
    let second = document.add_object(second);
    let tree = document.catalog().expect("a catalog").get(b"Pages").and_then(Object::as_reference).expect("a tree");
    let tree = document.get_dictionary_mut(tree).expect("the tree");
    tree.set("Kids", vec![Object::Reference(first), Object::Reference(second)]);
    tree.set("Count", 2);
    let mut original = Vec::new();
    document.save_to(&mut original).expect("writing to memory works");
    let bytes = rewrite(&structure(&original), &[replaced(200.0, 100.0), PageOutput::Keep]).expect("written");
    assert!(holds(&original, "4F1F") && !holds(&bytes, "4F1F") && !holds(&bytes, "5F20"));
    let page = rendered(&bytes, 1);
    let pdfium = pdfium();
    let text = pdfium.open(&bytes).expect("a sound file").text(1, &page.frame).expect("a page");
    assert_eq!(text[0].text(), "姓名评");
}

#[test]
fn a_kept_picture_keeps_its_filter_and_predictor() {
    let gradient = RgbImage::from_fn(50, 30, |x, y| Rgb([(x * 5) as u8, (y * 8) as u8, 77]));
    let size = PageSize { width_pt: 50.0, height_pt: 30.0 };
    let original = from_images([(&PageImage::lossless(&gradient), size)]).expect("written");
    let bytes = rewrite(&structure(&original), &[PageOutput::Keep]).expect("written");
    assert_eq!(rendered(&bytes, 0).raster.pixels, gradient);
}

#[test]
fn kept_pages_keep_their_look_and_turn() {
    let content = "q 0 0 1 rg 20 10 40 20 re f Q 1 0 0 RG 3 w 10 90 m 190.5 5.25 l S \
                   BT /F1 14 Tf 1 0.2 -0.2 1 60 50 Tm [(Ti) -200 (tle \\(2\\))] TJ ET \
                   q 30 0 0 20 150 70 cm BI /W 2 /H 1 /BPC 8 /CS /G ID 0z EI Q";
    for entries in [
        Dictionary::new(),
        dictionary! { "Rotate" => 270 },
        dictionary! { "MediaBox" => numbers(&[-5.0, -5.0, 180.0, 90.0]), "UserUnit" => 1.5 },
    ] {
        let original = Sample::one_page(content, entries);
        let bytes = rewrite(&structure(&original), &[PageOutput::Keep]).expect("written");
        assert_eq!(rendered(&original, 0).raster.pixels, rendered(&bytes, 0).raster.pixels);
        assert_eq!(rendered(&original, 0).size, rendered(&bytes, 0).size);
    }
}

#[test]
fn nothing_of_the_document_but_its_pages_is_carried_over() {
    let mut sample = Sample::new();
    let secret = || Object::string_literal(SECRET);
    let xmp = sample.stream(dictionary! { "Type" => "Metadata", "Subtype" => "XML" }, SECRET.as_bytes());
    let attached = sample.stream(Dictionary::new(), SECRET.as_bytes());
    let thumbnail = sample.stream(Dictionary::new(), SECRET.as_bytes());
    let page = sample.page(
        "/P <</ActualText (ZhangWei)>> BDC BT /F1 12 Tf 20 40 Td (Open) Tj ET EMC % ZhangWei\n0 g 0 0 5 5 re f",
        dictionary! {
            "Metadata" => xmp, "Thumb" => thumbnail, "PieceInfo" => dictionary! { "X" => secret() },
            "StructParents" => 0, "LastModified" => secret(), "AA" => dictionary! { "O" => secret() },
            "Annots" => vec![Object::Dictionary(dictionary! {
                "Type" => "Annot", "Subtype" => "Link", "Rect" => numbers(&[0.0, 0.0, 9.0, 9.0]),
                "A" => dictionary! { "S" => "URI", "URI" => secret() },
            })],
        },
    );
    let script = dictionary! { "S" => "JavaScript", "JS" => secret() };
    for (key, value) in [
        ("Metadata", Object::from(xmp)),
        ("OpenAction", script.clone().into()),
        ("AA", dictionary! { "WC" => script }.into()),
        (
            "Outlines",
            dictionary! { "First" => dictionary! { "Title" => secret(), "Dest" => vec![page.into()] } }.into(),
        ),
        ("Names", dictionary! { "EmbeddedFiles" => dictionary! { "Names" => vec![secret(), attached.into()] } }.into()),
        ("PageLabels", dictionary! { "Nums" => vec![0.into(), dictionary! { "P" => secret() }.into()] }.into()),
        ("StructTreeRoot", dictionary! { "Alt" => secret() }.into()),
        ("Lang", secret()),
    ] {
        sample.catalog().set(key, value);
    }
    let info = sample.document.add_object(dictionary! { "Author" => secret() });
    sample.document.trailer.set("Info", info);
    sample.document.trailer.set("ID", vec![secret(), secret()]);
    let original = sample.bytes();
    let bytes = rewrite(&structure(&original), &[PageOutput::Keep]).expect("written");
    assert!(holds(&original, SECRET) && !holds(&bytes, SECRET));
    assert_eq!(rendered(&original, 0).raster.pixels, rendered(&bytes, 0).raster.pixels);
    let again = rewrite(&structure(&original), &[PageOutput::Keep]).expect("written");
    assert_eq!(bytes, again, "the same pages give the same file");
}

#[test]
fn earlier_revisions_are_gone() {
    let mut sample = Sample::new();
    sample.page(&secret_text(), Dictionary::new());
    let first = sample.bytes();
    let original = updated(&first, |document| {
        let page = document.page_iter().next().expect("a page");
        let content = document.add_object(Stream::new(Dictionary::new(), b"0 g 0 0 50 50 re f".to_vec()));
        document.get_dictionary_mut(page).expect("a page").set("Contents", content);
    });
    assert!(original.starts_with(&first) && holds(&original, SECRET));
    let bytes = rewrite(&structure(&original), &[PageOutput::Keep]).expect("written");
    assert!(!holds(&bytes, SECRET));
    assert_eq!(rendered(&original, 0).raster.pixels, rendered(&bytes, 0).raster.pixels);
}

#[test]
fn invisible_text_of_a_scan_is_left_out_and_the_scan_kept() {
    let content = format!("q 0.5 g 0 0 200 100 re f Q BT 3 Tr /F1 12 Tf 20 40 Td ({SECRET}) Tj ET 0 g 5 5 9 9 re f");
    let original = Sample::one_page(&content, Dictionary::new());
    assert_eq!(reason(&original, 0), None);
    let bytes = rewrite(&structure(&original), &[PageOutput::Keep]).expect("written");
    assert!(!holds(&bytes, SECRET));
    assert_eq!(rendered(&original, 0).raster.pixels, rendered(&bytes, 0).raster.pixels);
}

#[test]
fn pages_with_something_hidden_or_movable_must_be_flattened() {
    let of = |content: &str, entries: Dictionary| reason(&Sample::one_page(content, entries), 0);
    assert_eq!(of("0 g 0 0 9 9 re f", Dictionary::new()), None);
    let square = dictionary! { "Type" => "Annot", "Subtype" => "Square", "Rect" => numbers(&[0.0, 0.0, 9.0, 9.0]) };
    let mut hidden = square.clone();
    hidden.set("F", 2);
    assert_eq!(of("", dictionary! { "Annots" => vec![Object::Dictionary(square)] }), Some(FlattenReason::Annotations));
    assert_eq!(of("", dictionary! { "Annots" => vec![Object::Dictionary(hidden)] }), None);
    assert_eq!(of("/OC /L1 BDC 0 0 9 9 re f EMC", Dictionary::new()), Some(FlattenReason::OptionalContent));
    let mixed = "BT /F1 9 Tf 9 9 Td (a) Tj 3 Tr (b) Tj ET";
    assert_eq!(of(mixed, Dictionary::new()), Some(FlattenReason::HiddenText));
    assert_eq!(of("BT 7 Tr /F1 9 Tf (b) Tj ET", Dictionary::new()), Some(FlattenReason::HiddenText));
    let cropped = dictionary! { "CropBox" => numbers(&[0.0, 0.0, 100.0, 100.0]) };
    assert_eq!(of("", cropped), Some(FlattenReason::OutsideCropBox));
    let off_page = "BT /F1 9 Tf 300 9 Td (b) Tj ET";
    assert_eq!(of(off_page, Dictionary::new()), Some(FlattenReason::OutsideCropBox));
    let filtered = "q 9 0 0 9 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G /F /AHx ID 00> EI Q";
    assert_eq!(of(filtered, Dictionary::new()), Some(FlattenReason::UnreadableContent));
    assert_eq!(of("0 g 0 0 9 9 re f ) garbage", Dictionary::new()), Some(FlattenReason::UnreadableContent));
}

#[test]
fn a_layer_on_a_picture_or_form_is_noticed() {
    for subtype in ["Image", "Form"] {
        let mut sample = Sample::new();
        let layer = sample.document.add_object(dictionary! { "Type" => "OCG", "Name" => Object::string_literal("x") });
        let entries = dictionary! {
            "Type" => "XObject", "Subtype" => subtype, "OC" => layer, "Width" => 1, "Height" => 1,
            "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8, "BBox" => numbers(&[0.0, 0.0, 9.0, 9.0]),
        };
        let object = sample.stream(entries, b"f");
        let resources = dictionary! { "XObject" => dictionary! { "X" => object } };
        sample.page("/X Do", dictionary! { "Resources" => resources });
        assert_eq!(reason(&sample.bytes(), 0), Some(FlattenReason::OptionalContent));
    }
}

#[test]
fn a_form_that_draws_itself_is_refused() {
    let mut sample = Sample::new();
    let form = sample.document.new_object_id();
    let entries = dictionary! {
        "Type" => "XObject", "Subtype" => "Form", "BBox" => numbers(&[0.0, 0.0, 9.0, 9.0]),
        "Resources" => dictionary! { "XObject" => dictionary! { "X" => form } },
    };
    sample.document.set_object(form, Stream::new(entries, b"/X Do".to_vec()));
    let resources = dictionary! { "XObject" => dictionary! { "X" => form } };
    sample.page("/X Do", dictionary! { "Resources" => resources });
    assert_eq!(reason(&sample.bytes(), 0), Some(FlattenReason::UnusualObjects));
}

#[test]
fn soft_masks_patterns_and_graphics_states_survive() {
    let mut sample = Sample::new();
    let luminosity = sample.stream(
        dictionary! {
            "Type" => "XObject", "Subtype" => "Form", "BBox" => numbers(&[0.0, 0.0, 200.0, 100.0]),
            "Group" => dictionary! { "S" => "Transparency", "CS" => "DeviceGray" },
        },
        b"1 g 0 0 100 100 re f",
    );
    let tile = sample.stream(
        dictionary! {
            "PatternType" => 1, "PaintType" => 1, "TilingType" => 1, "BBox" => numbers(&[0.0, 0.0, 10.0, 10.0]),
            "XStep" => 10, "YStep" => 10, "Resources" => Dictionary::new(),
        },
        b"1 0 0 rg 0 0 5 5 re f",
    );
    let resources = dictionary! {
        "ExtGState" => dictionary! { "G1" => dictionary! {
            "SMask" => dictionary! { "S" => "Luminosity", "G" => luminosity }, "ca" => 0.5,
        } },
        "Pattern" => dictionary! { "P1" => tile },
        "Shading" => dictionary! { "S1" => dictionary! {
            "ShadingType" => 2, "ColorSpace" => "DeviceRGB", "Coords" => numbers(&[0.0, 0.0, 200.0, 0.0]),
            "Function" => dictionary! {
                "FunctionType" => 2, "Domain" => numbers(&[0.0, 1.0]), "C0" => numbers(&[1.0, 0.0, 0.0]),
                "C1" => numbers(&[0.0, 0.0, 1.0]), "N" => 1,
            },
        } },
    };
    let content = "q 0 50 200 50 re W n /S1 sh Q q /G1 gs /Pattern cs /P1 scn 0 0 200 50 re f Q";
    sample.page(content, dictionary! { "Resources" => resources });
    let original = sample.bytes();
    let bytes = rewrite(&structure(&original), &[PageOutput::Keep]).expect("written");
    let (before, after) = (rendered(&original, 0).raster.pixels, rendered(&bytes, 0).raster.pixels);
    assert_eq!(before, after);
    let colours: std::collections::BTreeSet<_> = before.pixels().map(|pixel| pixel.0).collect();
    assert!(colours.len() > 50, "the shading is drawn");
}

#[test]
fn decisions_must_fit_the_pages() {
    let original = Sample::one_page("", Dictionary::new());
    assert!(matches!(rewrite(&structure(&original), &[]), Err(WriteProblem::PageCount { given: 0, pages: 1 })));
}

#[test]
fn a_file_that_only_pdfium_can_read_is_told_apart() {
    let mut broken = Sample::one_page("0 g 20 10 40 20 re f", Dictionary::new());
    let at = memchr::memmem::rfind(&broken, b"startxref").expect("it ends with one");
    broken.truncate(at);
    broken.extend_from_slice(b"startxref\n3\n%%EOF");
    let pdfium = pdfium();
    let document = pdfium.open(&broken).expect("PDFium repairs it");
    assert!(matches!(document.structure(), Err(StructureProblem::Unparsable(_))), "{:?}", document.structure().err());
    assert_eq!(document.needs_flattening(0), Some(FlattenReason::UnreadableFile));
    let page = document.render(0, &at_72()).expect("a page");
    let dark = page.frame.bbox(20.0, 10.0, 60.0, 30.0);
    assert_eq!(dark, Bbox::from_ltrb(20, 70, 60, 90));
    let image = PageImage::lossless(&page.raster.pixels);
    drop(document);
    let bytes = from_images([(&image, page.size)]).expect("written");
    let again = pdfium.open(&bytes).expect("a sound file").render(0, &at_72()).expect("a page");
    assert_eq!(again.raster.pixels, page.raster.pixels);
}

#[test]
fn an_encrypted_file_without_a_password_is_kept_unencrypted() {
    let original = encrypted("", "0 g 20 10 40 20 re f");
    let bytes = rewrite(&structure(&original), &[PageOutput::Keep]).expect("written");
    assert_eq!(rendered(&original, 0).raster.pixels, rendered(&bytes, 0).raster.pixels);
    assert!(!structure(&bytes).document.was_encrypted());
}
