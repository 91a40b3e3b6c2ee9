use lopdf::{Dictionary, Object, ObjectId, dictionary};

use super::reasons::{
    ATTACHMENTS, EARLIER_REVISION, TEXT_INVISIBLE, TEXT_OFF_PAGE, TEXT_UNDER_ANNOTATION, TEXT_UNDER_SHAPE, TEXT_UNSEEN,
    TEXT_VISIBLE,
};
use super::*;
use crate::identity::{Evidence, Kind};
use crate::pdf::samples::{Sample, numbers, pdfium, updated, with_cid_font};

const NAME: &str = "Zhang Wei";

/// Finds the letters of the name, with anything but letters between them.
fn look(chars: &[char]) -> Vec<StringMatch> {
    let letters: Vec<(usize, char)> = chars.iter().copied().enumerate().filter(|(_, c)| c.is_alphabetic()).collect();
    let names: [(&str, Vec<char>); 2] = [(NAME, "ZhangWei".chars().collect()), ("张伟", "张伟".chars().collect())];
    let mut found = Vec::new();
    for (keyword, name) in names {
        for window in letters.windows(name.len()) {
            if window.iter().map(|&(_, c)| c).eq(name.iter().copied()) {
                let range = window[0].0..window[window.len() - 1].0 + 1;
                let keyword = keyword.to_string();
                found.push(StringMatch { kind: Kind::Name, keyword, range, certain: true, evidence: Evidence::Exact });
            }
        }
    }
    found
}

fn in_text(bytes: &[u8]) -> Vec<(FindingState, &'static str)> {
    let pdfium = pdfium();
    let document = pdfium.open(bytes).expect("a sound sample");
    let shown = document.render(0, &RenderParams::default()).expect("a page");
    let known = [TEXT_VISIBLE, TEXT_INVISIBLE, TEXT_OFF_PAGE, TEXT_UNDER_ANNOTATION, TEXT_UNDER_SHAPE, TEXT_UNSEEN];
    let runs = document.text(0, &shown.frame).expect("a sound page");
    in_text_layer(&document, 0, &shown, &runs, &look)
        .expect("a page")
        .into_iter()
        .map(|finding| {
            assert_eq!(finding.source, Source::TextLayer);
            (finding.state, known.into_iter().find(|reason| *reason == finding.reason).expect("a reason"))
        })
        .collect()
}

fn text_of(content: &str) -> Vec<(FindingState, &'static str)> {
    in_text(&Sample::one_page(content, Dictionary::new()))
}

const SHOW: &str = "BT /F1 12 Tf 20 40 Td (Zhang Wei) Tj ET";

#[test]
fn live_text_that_can_be_seen_is_exposed() {
    assert_eq!(text_of(SHOW), [(FindingState::Exposed, TEXT_VISIBLE)]);
    assert_eq!(
        text_of("0 0 1 rg 0 0 200 100 re f 1 g BT /F1 12 Tf 20 40 Td (Zhang) Tj 0 -15 Td (Wei) Tj ET"),
        [(FindingState::Exposed, TEXT_VISIBLE); 2],
        "each line of a split name has a box of its own"
    );
    assert_eq!(text_of("BT /F1 12 Tf 20 40 Td (Blind review) Tj ET"), []);
}

#[test]
fn live_text_under_a_shape_is_a_removable_mask() {
    let expected = [(FindingState::RemovableMask, TEXT_UNDER_SHAPE)];
    assert_eq!(text_of(&format!("{SHOW} 0 g 15 35 80 20 re f")), expected);
    assert_eq!(text_of(&format!("{SHOW} 1 g 15 35 80 20 re f")), expected);
    assert_eq!(text_of(&format!("{SHOW} 0 G 20 w 15 45 m 95 45 l S")), expected);
    assert_eq!(text_of("BT /F1 12 Tf 20 40 Td (Name) Tj ET 0 g 15 35 80 20 re f"), [], "the clean twin");
}

#[test]
fn live_text_under_a_picture_is_a_removable_mask() {
    let mut sample = Sample::new();
    let picture = sample.stream(
        dictionary! {
            "Type" => "XObject", "Subtype" => "Image", "Width" => 2, "Height" => 1, "ColorSpace" => "DeviceGray",
            "BitsPerComponent" => 8,
        },
        &[90, 200],
    );
    let resources = dictionary! {
        "XObject" => dictionary! { "Im1" => picture },
        "Font" => dictionary! { "F1" => crate::pdf::samples::helvetica() },
    };
    let content = format!("{SHOW} q 80 0 0 20 15 35 cm /Im1 Do Q");
    sample.page(&content, dictionary! { "Resources" => resources });
    assert_eq!(in_text(&sample.bytes()), [(FindingState::RemovableMask, TEXT_UNDER_SHAPE)]);
}

#[test]
fn live_text_under_an_annotation_is_a_removable_mask() {
    let mut sample = Sample::new();
    let black = sample.stream(
        dictionary! { "Type" => "XObject", "Subtype" => "Form", "BBox" => numbers(&[0.0, 0.0, 80.0, 20.0]) },
        b"0 g 0 0 80 20 re f",
    );
    let annotation = dictionary! {
        "Type" => "Annot", "Subtype" => "Square", "Rect" => numbers(&[15.0, 35.0, 95.0, 55.0]), "F" => 4,
        "AP" => dictionary! { "N" => black },
    };
    sample.page(SHOW, dictionary! { "Annots" => vec![Object::Dictionary(annotation)] });
    assert_eq!(in_text(&sample.bytes()), [(FindingState::RemovableMask, TEXT_UNDER_ANNOTATION)]);
}

#[test]
fn text_that_is_not_seen_is_hidden() {
    let hidden = |content: &str| text_of(content);
    assert_eq!(hidden("BT 3 Tr /F1 12 Tf 20 40 Td (Zhang Wei) Tj ET"), [(FindingState::Hidden, TEXT_INVISIBLE)]);
    assert_eq!(hidden("BT 7 Tr /F1 12 Tf 20 40 Td (Zhang Wei) Tj ET"), [(FindingState::Hidden, TEXT_INVISIBLE)]);
    assert_eq!(hidden("BT 1 g /F1 12 Tf 20 40 Td (Zhang Wei) Tj ET"), [(FindingState::Hidden, TEXT_UNSEEN)]);
    assert_eq!(hidden(&format!("0 g 0 0 200 100 re f {SHOW}")), [(FindingState::Hidden, TEXT_UNSEEN)]);
    assert_eq!(hidden(&format!("q 0 0 5 5 re W n {SHOW} Q")), [(FindingState::Hidden, TEXT_UNSEEN)]);
    assert_eq!(hidden("BT /F1 12 Tf 20 400 Td (Zhang Wei) Tj ET"), [(FindingState::Hidden, TEXT_OFF_PAGE)]);
}

#[test]
fn text_that_is_only_half_covered_is_not_passed_over() {
    let found = text_of(&format!("{SHOW} 0 g 15 35 35 20 re f"));
    assert_eq!(found.len(), 1);
    assert_ne!(found[0].0, FindingState::Exposed);
}

#[test]
fn chinese_text_is_found() {
    let map = "2 beginbfchar <0001> <5F20> <0002> <4F1F> endbfchar";
    let bytes = with_cid_font(Some(map), "BT 3 Tr /F1 20 Tf 10 40 Td <00010002> Tj ET");
    assert_eq!(in_text(&bytes), [(FindingState::Hidden, TEXT_INVISIBLE)]);
}

fn around(bytes: &[u8]) -> Vec<(Option<usize>, String)> {
    let pdfium = pdfium();
    let document = pdfium.open(bytes).expect("a sound sample");
    let leaks = around_pages(&document, &look).expect("sound objects");
    leaks
        .into_iter()
        .map(|leak| {
            assert_eq!((leak.finding.state, leak.finding.source), (FindingState::Hidden, Source::Document));
            (leak.page, leak.finding.reason)
        })
        .collect()
}

fn name() -> Object {
    Object::string_literal(NAME)
}

fn utf16_name() -> Object {
    let bytes = [0xFE, 0xFF].into_iter().chain("张伟".encode_utf16().flat_map(u16::to_be_bytes)).collect();
    Object::String(bytes, lopdf::StringFormat::Hexadecimal)
}

/// A one-page sample with something added; the leaks around its page.
fn with(change: impl FnOnce(&mut Sample, ObjectId)) -> Vec<(Option<usize>, String)> {
    let mut sample = Sample::new();
    let page = sample.page("0 g 0 0 5 5 re f", Dictionary::new());
    change(&mut sample, page);
    around(&sample.bytes())
}

fn only(page: Option<usize>, place: Place) -> Vec<(Option<usize>, String)> {
    vec![(page, place_reason(place).to_string())]
}

#[test]
fn a_plain_file_has_no_leaks() {
    assert_eq!(with(|_, _| {}), []);
    assert_eq!(
        with(|sample, _| sample
            .document
            .trailer
            .set("Info", dictionary! { "Title" => Object::string_literal("Review") })),
        []
    );
}

#[test]
fn document_properties_and_xmp_are_read() {
    for author in [name(), utf16_name(), Object::String(vec![0xD5, 0xC5, 0xCE, 0xB0], lopdf::StringFormat::Literal)] {
        let found = with(|sample, _| {
            let info = sample.document.add_object(dictionary! { "Author" => author });
            sample.document.trailer.set("Info", info);
        });
        assert_eq!(found, only(None, Place::Properties));
    }
    let xmp = |sample: &mut Sample| {
        let entries = dictionary! { "Type" => "Metadata", "Subtype" => "XML" };
        sample.stream(entries, "<dc:creator>张伟</dc:creator>".as_bytes())
    };
    assert_eq!(
        with(|sample, _| {
            let id = xmp(sample);
            sample.catalog().set("Metadata", id);
        }),
        only(None, Place::Xmp)
    );
    let of_page = with(|sample, page| {
        let id = xmp(sample);
        sample.document.get_dictionary_mut(page).expect("a page").set("Metadata", id);
    });
    assert_eq!(of_page, only(Some(0), Place::Xmp));
}

#[test]
fn metadata_inside_a_jpeg_is_read() {
    let found = with(|sample, page| {
        let jpeg = [b"\xFF\xD8\xFF\xFE\0\x0BZhang Wei\xFF\xDA\0\x02\xFF\xD9".as_slice()].concat();
        let entries = dictionary! { "Type" => "XObject", "Subtype" => "Image", "Filter" => "DCTDecode" };
        let picture = sample.stream(entries, &jpeg);
        let resources = dictionary! { "XObject" => dictionary! { "Im1" => picture } };
        sample.document.get_dictionary_mut(page).expect("a page").set("Resources", resources);
    });
    assert_eq!(found, only(Some(0), Place::Picture));
}

#[test]
fn bookmarks_scripts_and_layers_are_read() {
    let outline = |sample: &mut Sample, page: ObjectId| {
        let item = sample.document.add_object(dictionary! { "Title" => utf16_name(), "Dest" => vec![page.into()] });
        sample.catalog().set("Outlines", dictionary! { "First" => item, "Last" => item });
    };
    assert_eq!(with(outline), only(None, Place::Outline));
    let script = |sample: &mut Sample, _| {
        let script = sample.stream(Dictionary::new(), b"app.alert('Zhang Wei')");
        sample.catalog().set("OpenAction", dictionary! { "S" => "JavaScript", "JS" => script });
    };
    assert_eq!(with(script), only(None, Place::Script));
    let layer = |sample: &mut Sample, _| {
        let layer = sample.document.add_object(dictionary! { "Type" => "OCG", "Name" => name() });
        sample.catalog().set("OCProperties", dictionary! { "OCGs" => vec![Object::Reference(layer)] });
    };
    assert_eq!(with(layer), only(None, Place::Layer));
}

#[test]
fn attachments_are_read_or_reported() {
    let attach = |content: &'static [u8], file_name: &'static str| {
        move |sample: &mut Sample, _| {
            let file = sample.stream(dictionary! { "Type" => "EmbeddedFile" }, content);
            let specification = sample.document.add_object(dictionary! {
                "Type" => "Filespec", "F" => Object::string_literal(file_name), "EF" => dictionary! { "F" => file },
            });
            let names = dictionary! { "Names" => vec![Object::string_literal("1"), specification.into()] };
            sample.catalog().set("Names", dictionary! { "EmbeddedFiles" => names });
        }
    };
    assert_eq!(with(attach(b"about Zhang Wei", "a.txt")), only(None, Place::Attachment));
    assert_eq!(with(attach(b"nothing", "Zhang Wei.txt")), only(None, Place::Attachment));
    assert_eq!(with(attach(b"nothing", "a.txt")), []);
}

#[test]
fn attached_files_are_examined_like_files_handed_in() {
    let found = |content: &[u8]| {
        let mut sample = Sample::new();
        sample.page("0 g 0 0 5 5 re f", Dictionary::new());
        let file = sample.stream(dictionary! { "Type" => "EmbeddedFile" }, content);
        let specification = dictionary! { "F" => Object::string_literal("a"), "EF" => dictionary! { "F" => file } };
        let names = dictionary! { "Names" => vec![Object::string_literal("1"), specification.into()] };
        sample.catalog().set("Names", dictionary! { "EmbeddedFiles" => names });
        let bytes = sample.bytes();
        let pdfium = pdfium();
        let found = of_document(&pdfium.open(&bytes).expect("sound"), &RenderParams::default(), &look);
        assert_eq!(found.not_examined, Vec::<String>::new());
        let reasons: Vec<String> = found.leaks.into_iter().map(|leak| leak.finding.reason).collect();
        (reasons, found.to_read.iter().map(|read| read.cover).collect::<Vec<_>>())
    };
    let attached = place_reason(Place::Attachment).to_string();
    assert_eq!(found(&Sample::one_page(SHOW, Dictionary::new())), (vec![attached], vec![Cover::Attachment]));
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(8, 8).write_to(&mut png, image::ImageFormat::Png).expect("writing to memory works");
    assert_eq!(found(png.get_ref()), (vec![], vec![Cover::Attachment]));
    for unknown in [&b"\x89PNG\r\n\x1a\n\0\0"[..], b"7z\xBC\xAF\0\0", b"%PDF-1.4 broken"] {
        assert_eq!(found(unknown), (vec![ATTACHMENTS.to_string()], vec![]));
    }
}

#[test]
fn names_keys_addresses_and_bytes_around_the_file_are_read() {
    let key = |sample: &mut Sample, page: ObjectId| {
        let places = dictionary! { "Zhang Wei" => vec![Object::Reference(page), Object::Name(b"Fit".to_vec())] };
        sample.catalog().set("Dests", places);
    };
    assert_eq!(with(key), only(None, Place::Name));
    let label = |sample: &mut Sample, _| {
        let label = dictionary! { "P" => name() };
        sample.catalog().set("PageLabels", dictionary! { "Nums" => vec![0.into(), label.into()] });
    };
    assert_eq!(with(label), only(None, Place::Other));
    let address = |sample: &mut Sample, page: ObjectId| {
        let action = dictionary! { "S" => "URI", "URI" => Object::string_literal("http://x/%5Ahang%20Wei") };
        let link = dictionary! { "Subtype" => "Link", "Rect" => numbers(&[0.0, 0.0, 9.0, 9.0]), "A" => action };
        sample.document.get_dictionary_mut(page).expect("a page").set("Annots", vec![Object::Dictionary(link)]);
    };
    assert_eq!(with(address), only(Some(0), Place::Annotation));
    let private = |sample: &mut Sample, page: ObjectId| {
        let data = sample.stream(Dictionary::new(), b"\x00\x01Zhang Wei\x00\x02");
        let info = dictionary! { "Editor" => dictionary! { "Private" => data } };
        sample.document.get_dictionary_mut(page).expect("a page").set("PieceInfo", info);
    };
    assert_eq!(with(private), only(Some(0), Place::Private));
    let file = Sample::one_page("0 g 0 0 5 5 re f", Dictionary::new());
    let around_it = [[b"Zhang Wei\n", file.as_slice()].concat(), [file.as_slice(), b"\nZhang Wei"].concat()];
    for bytes in around_it {
        assert_eq!(around(&bytes), only(None, Place::Leftover));
    }
}

#[test]
fn form_values_and_comments_are_read_with_their_page() {
    for (subtype, key, place) in
        [("Widget", "V", Place::FormField), ("Text", "Contents", Place::Annotation), ("Link", "A", Place::Annotation)]
    {
        let found = with(|sample, page| {
            let value = if key == "A" { dictionary! { "S" => "URI", "URI" => name() }.into() } else { name() };
            let annotation = sample.document.add_object(dictionary! {
                "Type" => "Annot", "Subtype" => subtype, "FT" => "Tx", "Rect" => numbers(&[0.0, 0.0, 9.0, 9.0]),
                key => value, "P" => page,
            });
            sample.document.get_dictionary_mut(page).expect("a page").set("Annots", vec![annotation.into()]);
            sample.catalog().set("AcroForm", dictionary! { "Fields" => vec![annotation.into()] });
        });
        assert_eq!(found, only(Some(0), place), "{subtype}");
    }
}

#[test]
fn the_data_of_an_xfa_form_is_read() {
    let found = with(|sample, _| {
        let data = sample.stream(Dictionary::new(), b"<xfa:data><name>Zhang Wei</name></xfa:data>");
        let parts = vec![Object::string_literal("datasets"), data.into()];
        sample.catalog().set("AcroForm", dictionary! { "XFA" => parts });
    });
    assert_eq!(found, only(None, Place::FormField));
}

#[test]
fn replacement_texts_are_read() {
    let tagged = "/Span <</ActualText (Zhang Wei)>> BDC 0 g 0 0 5 5 re f EMC";
    assert_eq!(around(&Sample::one_page(tagged, Dictionary::new())), only(Some(0), Place::ReplacementText));
    let tree = |sample: &mut Sample, _| {
        let element = sample.document.add_object(dictionary! { "S" => "Figure", "Alt" => name() });
        sample.catalog().set("StructTreeRoot", dictionary! { "K" => element });
    };
    assert_eq!(with(tree), only(None, Place::ReplacementText));
    let named = with(|sample, page| {
        let resources = dictionary! { "Properties" => dictionary! { "P1" => dictionary! { "ActualText" => name() } } };
        sample.document.get_dictionary_mut(page).expect("a page").set("Resources", resources);
    });
    assert_eq!(named, only(Some(0), Place::ReplacementText));
}

#[test]
fn leftovers_are_read() {
    let found = with(|sample, _| {
        sample.document.add_object(dictionary! { "Author" => name() });
    });
    assert_eq!(found, only(None, Place::Leftover));
}

#[test]
fn text_of_earlier_revisions_is_found() {
    let first = Sample::one_page(SHOW, Dictionary::new());
    let bytes = updated(&first, |document| {
        let page = document.page_iter().next().expect("a page");
        let content = document.add_object(lopdf::Stream::new(Dictionary::new(), b"0 g 0 0 5 5 re f".to_vec()));
        document.get_dictionary_mut(page).expect("a page").set("Contents", content);
    });
    let pdfium = pdfium();
    let earlier = |bytes: &[u8]| {
        let document = pdfium.open(bytes).expect("a sound sample");
        in_earlier_revisions(&document, &RenderParams::default(), &look).expect("it renders")
    };
    let found = earlier(&bytes);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].page, found[0].finding.reason.as_str()), (Some(0), EARLIER_REVISION));
    assert_eq!(found[0].finding.state, FindingState::Hidden);
    assert!(earlier(&first).is_empty());
}

#[test]
fn a_thumbnail_of_the_unmasked_page_is_noticed() {
    let thumbnail = |value: u8| {
        let mut sample = Sample::new();
        let pixels: Vec<u8> =
            (0..10u8).flat_map(|y| (0..20u8).map(move |x| if x < 10 && y < 5 { value } else { 255 })).collect();
        let thumbnail = sample.stream(
            dictionary! { "Width" => 20, "Height" => 10, "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8 },
            &pixels,
        );
        sample.page("0 g 0 50 100 50 re f", dictionary! { "Thumb" => thumbnail });
        let bytes = sample.bytes();
        let pdfium = pdfium();
        let document = pdfium.open(&bytes).expect("a sound sample");
        let shown = document.render(0, &RenderParams::default()).expect("a page");
        in_thumbnail(&document, 0, &shown).map(|finding| finding.certain)
    };
    assert_eq!(thumbnail(0), None, "the thumbnail shows the page");
    assert_eq!(thumbnail(200), Some(false), "the thumbnail lacks the mask");
}

#[test]
fn a_page_and_its_document_are_examined_in_one_go() {
    let first = Sample::one_page(&format!("{SHOW} 0 g 15 35 80 20 re f"), Dictionary::new());
    let bytes = updated(&first, |document| {
        let info = document.add_object(dictionary! { "Author" => name() });
        document.trailer.set("Info", info);
        let page = document.page_iter().next().expect("a page");
        let content = document.add_object(lopdf::Stream::new(Dictionary::new(), SHOW.as_bytes().to_vec()));
        document.get_dictionary_mut(page).expect("a page").set("Contents", content);
    });
    let pdfium = pdfium();
    let document = pdfium.open(&bytes).expect("a sound sample");
    let params = RenderParams::default();
    let shown = document.render(0, &params).expect("a page");
    let runs = document.text(0, &shown.frame).expect("a sound page");
    let page = of_page(&document, 0, &shown, &runs, &params, &look).expect("a page");
    assert_eq!((page.findings.len(), page.not_examined), (1, None));
    assert_eq!(page.findings[0].state, FindingState::Exposed);
    assert_eq!(page.to_read.iter().map(|read| read.cover).collect::<Vec<_>>(), [Cover::LaterRevisions(0)]);
    let around = of_document(&document, &params, &look);
    assert_eq!(around.not_examined, Vec::<String>::new());
    assert_eq!(around.to_read.iter().map(|read| read.cover).collect::<Vec<_>>(), [Cover::Leftover], "the old content");
    assert!(around.leaks.iter().any(|leak| leak.finding.reason == EARLIER_REVISION));
}

fn in_form(content: &str) -> Vec<(FindingState, &'static str)> {
    let mut sample = Sample::new();
    let form = sample.stream(
        dictionary! {
            "Type" => "XObject", "Subtype" => "Form", "BBox" => numbers(&[0.0, 0.0, 200.0, 100.0]),
            "Matrix" => numbers(&[0.5, 0.0, 0.0, 0.5, 40.0, 20.0]),
            "Resources" => dictionary! { "Font" => dictionary! { "F1" => crate::pdf::samples::helvetica() } },
        },
        content.as_bytes(),
    );
    sample.page("/Fm1 Do", dictionary! { "Resources" => dictionary! { "XObject" => dictionary! { "Fm1" => form } } });
    in_text(&sample.bytes())
}

#[test]
fn text_inside_a_form_is_told_apart_too() {
    assert_eq!(in_form(SHOW), [(FindingState::Exposed, TEXT_VISIBLE)]);
    let covered = in_form(&format!("{SHOW} 0 g 15 35 80 20 re f"));
    assert_eq!(covered, [(FindingState::RemovableMask, TEXT_UNDER_SHAPE)]);
}

#[test]
fn text_in_a_layer_that_is_off_is_hidden() {
    for off in [false, true] {
        let mut sample = Sample::new();
        let layer = sample.document.add_object(dictionary! { "Type" => "OCG", "Name" => Object::string_literal("L") });
        let resources = dictionary! {
            "Properties" => dictionary! { "L" => layer },
            "Font" => dictionary! { "F1" => crate::pdf::samples::helvetica() },
        };
        sample.page(&format!("/OC /L BDC {SHOW} EMC"), dictionary! { "Resources" => resources });
        let mut state = Dictionary::new();
        if off {
            state.set("OFF", vec![Object::Reference(layer)]);
        }
        let properties = dictionary! { "OCGs" => vec![Object::Reference(layer)], "D" => state };
        sample.catalog().set("OCProperties", properties);
        let expected = if off { (FindingState::Hidden, TEXT_UNSEEN) } else { (FindingState::Exposed, TEXT_VISIBLE) };
        assert_eq!(in_text(&sample.bytes()), [expected]);
    }
}

#[test]
fn large_text_drawn_as_an_outline_and_in_grey_is_exposed() {
    assert_eq!(text_of("BT 0.6 g /F1 12 Tf 20 40 Td (Zhang Wei) Tj ET"), [(FindingState::Exposed, TEXT_VISIBLE)]);
    assert_eq!(text_of("BT 1 Tr 0.5 w /F1 12 Tf 20 40 Td (Zhang Wei) Tj ET"), [(FindingState::Exposed, TEXT_VISIBLE)]);
    assert_eq!(text_of("BT /F1 5 Tf 20 40 Td (Zhang Wei) Tj ET"), [(FindingState::Exposed, TEXT_VISIBLE)]);
}

#[test]
fn glyphs_of_two_lines_or_cells_are_boxed_apart() {
    let line = [Bbox::from_ltrb(900, 100, 930, 130), Bbox::from_ltrb(932, 100, 962, 130)];
    let next = Bbox::from_ltrb(100, 150, 130, 180);
    let boxes = super::text_layer::stretches(&[line[0], line[1], next]);
    assert_eq!(boxes, vec![Bbox::from_ltrb(900, 100, 962, 130), next]);
}

#[test]
fn the_boxes_of_slanted_text_follow_it() {
    let glyphs: Vec<Bbox> =
        (0..12).map(|i| Bbox::from_ltrb(100 + 40 * i, 600 - 20 * i, 140 + 40 * i, 640 - 20 * i)).collect();
    let boxes = super::text_layer::stretches(&glyphs);
    let area = |b: &Bbox| i64::from(b.width()) * i64::from(b.height());
    assert!(glyphs.iter().all(|g| boxes.iter().any(|b| g.covered_by(*b) >= 1.0)));
    assert!(boxes.iter().map(area).sum::<i64>() < 2 * glyphs.iter().map(area).sum::<i64>(), "{boxes:?}");
}
