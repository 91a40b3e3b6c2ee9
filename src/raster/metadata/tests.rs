use super::*;
use crate::container::jpeg::{EOI, SOI, push_segment};
use crate::limits::Limits;
use std::io::Write;

const NAME: &str = "张伟";

/// A directory's entries: tag, type, data.
type Entries<'a> = &'a [(u16, u16, &'a [u8])];

/// A little-endian TIFF structure: the first directory with a pointer to an EXIF directory, then the thumbnail's.
fn exif_block(first: Entries<'_>, exif: Entries<'_>, thumbnail: &[u8]) -> Vec<u8> {
    let mut block = b"II*\0\x08\0\0\0".to_vec();
    let first_length = 2 + 12 * (first.len() + 1) + 4;
    let exif_at = 8 + first_length;
    let exif_length = 2 + 12 * exif.len() + 4;
    let second_at = exif_at + exif_length;
    let data_at = second_at + 2 + 12 * 2 + 4;
    let mut data = Vec::new();
    let mut table = |entries: Entries<'_>, extra: &[(u16, u32)], next: usize, data: &mut Vec<u8>| {
        block.extend(((entries.len() + extra.len()) as u16).to_le_bytes());
        for (tag, field_type, value) in entries {
            block.extend(tag.to_le_bytes());
            block.extend(field_type.to_le_bytes());
            let size = if *field_type == 3 { 2 } else { 1 };
            block.extend(((value.len() / size) as u32).to_le_bytes());
            if value.len() <= 4 {
                block.extend(*value);
                block.extend(vec![0; 4 - value.len()]);
            } else {
                block.extend(((data_at + data.len()) as u32).to_le_bytes());
                data.extend(*value);
            }
        }
        for (tag, value) in extra {
            block.extend(tag.to_le_bytes());
            block.extend([4, 0, 1, 0, 0, 0]);
            block.extend(value.to_le_bytes());
        }
        block.extend((next as u32).to_le_bytes());
    };
    let second = if thumbnail.is_empty() { 0 } else { second_at };
    table(first, &[(0x8769, exif_at as u32)], second, &mut data);
    table(exif, &[], 0, &mut data);
    let thumbnail_at = data_at + data.len();
    table(&[], &[(0x0201, thumbnail_at as u32), (0x0202, thumbnail.len() as u32)], 0, &mut data);
    data.extend(thumbnail);
    block.extend(data);
    block
}

fn jpeg_of(grey: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, 80);
    encoder.encode(&[grey; 64], 8, 8, jpeg_encoder::ColorType::Luma).expect("encodable");
    bytes
}

fn jpeg_with(segments: &[(u8, Vec<u8>)], trailer: &[u8]) -> Vec<u8> {
    let mut file = SOI.to_vec();
    for (marker, payload) in segments {
        push_segment(&mut file, *marker, payload);
    }
    file.extend(&jpeg_of(128)[2..]);
    file.extend(trailer);
    file
}

fn has(metadata: &ImageMetadata, place: &str, text: &str) -> bool {
    metadata.fields.iter().any(|field| field.place == place && field.text == text)
}

#[track_caller]
fn assert_has(metadata: &ImageMetadata, place: &str, text: &str) {
    assert!(has(metadata, place, text), "{place} not found in {:?}", metadata.fields);
}

fn files(metadata: &ImageMetadata) -> Vec<(&str, &[u8])> {
    let mut files = Vec::new();
    for image in &metadata.images {
        if let EmbeddedContent::File(bytes) = &image.content {
            files.push((image.place.as_str(), bytes.as_slice()));
        }
    }
    files
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

fn gb18030(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

#[test]
fn a_comment_in_the_other_order_of_bytes_than_the_blocks_is_read() {
    let swapped: Vec<u8> = utf16("由张伟拍摄").chunks(2).flat_map(|pair| [pair[1], pair[0]]).collect();
    let comment = [&b"UNICODE\0"[..], &swapped].concat();
    let block = exif_block(&[], &[(0x9286, 7, &comment)], &jpeg_of(40));
    let file = jpeg_with(&[(0xE1, [jpeg::EXIF_SIGNATURE, &block].concat())], b"");
    assert_has(&read(&file, ImageKind::Jpeg), "EXIF UserComment", "由张伟拍摄");
}

#[test]
fn exif_texts_in_all_their_encodings_are_read() {
    let comment = [&b"UNICODE\0"[..], &utf16("由张伟拍摄")].concat();
    let block = exif_block(
        &[(0x010E, 2, "张伟的证书\0".as_bytes()), (0x013B, 2, &gb18030(NAME)), (0x9C9D, 1, &utf16(NAME))],
        &[(0x9286, 7, &comment), (0xA430, 2, b"Zhang Wei\0")],
        &jpeg_of(40),
    );
    let file = jpeg_with(&[(0xE1, [jpeg::EXIF_SIGNATURE, &block].concat())], b"");
    let metadata = read(&file, ImageKind::Jpeg);
    assert_has(&metadata, "EXIF ImageDescription", "张伟的证书");
    assert_has(&metadata, "EXIF Artist", NAME);
    assert_has(&metadata, "EXIF XPAuthor", NAME);
    assert_has(&metadata, "EXIF UserComment", "由张伟拍摄");
    assert_has(&metadata, "EXIF CameraOwnerName", "Zhang Wei");
    assert_eq!(files(&metadata), [("EXIF thumbnail", &jpeg_of(40)[..])]);
}

#[test]
fn a_clean_file_carries_nothing() {
    let metadata = read(&jpeg_with(&[], b""), ImageKind::Jpeg);
    assert_eq!(metadata, ImageMetadata::default());
}

#[test]
fn comments_xmp_iptc_and_unknown_segments_are_read() {
    let xmp = format!("<x:xmpmeta><dc:creator>{NAME}</dc:creator><v>&#x5F20;&#20255;</v></x:xmpmeta>");
    let iptc = [&[0x1C, 2, 80, 0, 6][..], NAME.as_bytes()].concat();
    let mut photoshop = b"Photoshop 3.0\x008BIM\x04\x04\0\0".to_vec();
    photoshop.extend((iptc.len() as u32).to_be_bytes());
    photoshop.extend(&iptc);
    photoshop.extend([0].repeat(iptc.len() % 2));
    photoshop.extend(b"8BIM\x04\x0C\0\0");
    let thumbnail = [&[0; 28][..], &jpeg_of(60)].concat();
    photoshop.extend((thumbnail.len() as u32).to_be_bytes());
    photoshop.extend(thumbnail);
    let file = jpeg_with(
        &[
            (jpeg::COM, gb18030("姓名：张伟")),
            (0xE1, [jpeg::XMP_SIGNATURE, xmp.as_bytes()].concat()),
            (0xED, photoshop),
            (0xEB, [&[1, 2, 3][..], NAME.as_bytes(), &[0, 9]].concat()),
        ],
        b"",
    );
    let metadata = read(&file, ImageKind::Jpeg);
    assert_has(&metadata, "JPEG comment", "姓名：张伟");
    assert_has(&metadata, "XMP", &format!("<x:xmpmeta><dc:creator>{NAME}</dc:creator><v>{NAME}</v></x:xmpmeta>"));
    assert_has(&metadata, "IPTC Byline", NAME);
    assert_has(&metadata, "JPEG APP11", NAME);
    assert_eq!(files(&metadata), [("Photoshop thumbnail", &jpeg_of(60)[..])]);
}

#[test]
fn images_and_texts_after_the_end_are_found() {
    let trailer = [&b"\0\0"[..], &jpeg_of(200), "单位：天山".as_bytes(), &jpeg_of(10)].concat();
    let metadata = read(&jpeg_with(&[], &trailer), ImageKind::Jpeg);
    let (first, second) = (jpeg_of(200), jpeg_of(10));
    assert_eq!(files(&metadata), [("image after the image", &first[..]), ("image after the image", &second[..])]);
    assert_has(&metadata, "data after the image", "单位：天山");
}

#[test]
fn a_jfif_thumbnail_in_pixels_is_returned() {
    let header = [&b"JFIF\0\x01\x01\0\0\x01\0\x01\x02\x01"[..], &[255, 0, 0, 0, 0, 255]].concat();
    let metadata = read(&jpeg_with(&[(0xE0, header)], b""), ImageKind::Jpeg);
    let pixels = RgbImage::from_raw(2, 1, vec![255, 0, 0, 0, 0, 255]).expect("six values");
    assert_eq!(metadata.images[0].content, EmbeddedContent::Pixels(pixels));
}

#[test]
fn png_texts_are_read_packed_or_not() {
    let packed = |text: &str| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).expect("in memory");
        encoder.finish().expect("in memory")
    };
    let mut file = png::SIGNATURE.to_vec();
    png::push_chunk(&mut file, *b"tEXt", &[b"Author\0", &gb18030(NAME)[..]].concat());
    png::push_chunk(&mut file, *b"zTXt", &[b"Title\0\0", &packed("张伟的奖状")[..]].concat());
    png::push_chunk(&mut file, *b"iTXt", &[b"Comment\0\x01\0zh\0\0", &packed(NAME)[..]].concat());
    png::push_chunk(&mut file, *b"eXIf", &exif_block(&[(0x013B, 2, NAME.as_bytes())], &[], b""));
    let raw = format!("\niptc\n  11\n{}\n", "1c025000 06e5bca0\ne4bc9f".replace(' ', ""));
    png::push_chunk(&mut file, *b"tEXt", &[b"Raw profile type iptc\0", raw.as_bytes()].concat());
    png::push_chunk(&mut file, *b"IEND", b"");
    file.extend("附加".as_bytes());
    let metadata = read(&file, ImageKind::Png);
    assert_has(&metadata, "PNG text Author", NAME);
    assert_has(&metadata, "PNG text Title", "张伟的奖状");
    assert_has(&metadata, "PNG text Comment", NAME);
    assert_has(&metadata, "EXIF Artist", NAME);
    assert_has(&metadata, "IPTC Byline", NAME);
    assert_has(&metadata, "data after the image", "附加");
}

#[test]
fn webp_gif_tiff_and_bmp_texts_are_read() {
    let block = exif_block(&[(0x013B, 2, NAME.as_bytes())], &[], b"");
    let webp = riff::file(&[
        riff::Chunk { name: *b"EXIF", data: &block },
        riff::Chunk { name: *b"XMP ", data: NAME.as_bytes() },
    ]);
    let metadata = read(&webp, ImageKind::WebP);
    assert_has(&metadata, "EXIF Artist", NAME);
    assert_has(&metadata, "XMP", NAME);

    let mut gif = b"GIF89a\x01\0\x01\0\0\0\0\x21\xFE\x06".to_vec();
    gif.extend(NAME.as_bytes());
    gif.extend([0, 0x3B]);
    assert_has(&read(&gif, ImageKind::Gif), "GIF comment", NAME);

    assert_has(&read(&block, ImageKind::Tiff), "TIFF page 1 Artist", NAME);

    let mut bmp = b"BM\x36\0\0\0".to_vec();
    bmp.resize(54, 0);
    bmp.extend(NAME.as_bytes());
    assert_has(&read(&bmp, ImageKind::Bmp), "data after the image", NAME);
}

#[test]
fn copies_carry_no_metadata() {
    let block = exif_block(&[(0x0112, 3, &[6, 0]), (0x013B, 2, NAME.as_bytes())], &[], &jpeg_of(40));
    let segments = [
        (0xE1, [jpeg::EXIF_SIGNATURE, &block].concat()),
        (jpeg::COM, NAME.as_bytes().to_vec()),
        (0xED, b"Photoshop 3.0\0".to_vec()),
    ];
    let file = jpeg_with(&segments, &[&jpeg_of(1)[..], NAME.as_bytes(), &EOI].concat());
    let copy = crate::output::without_metadata(&file, ImageKind::Jpeg, &Limits::default()).expect("copied");
    assert_eq!(read(&copy, ImageKind::Jpeg), ImageMetadata::default());
    let (before, after) = (jpeg::parts(&file).expect("a JPEG"), jpeg::parts(&copy).expect("a JPEG"));
    let coded = |parts: &jpeg::Parts<'_>| parts.segments.last().map(|s| s.entropy.to_vec());
    assert_eq!(coded(&before), coded(&after));
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats");
    for document in crate::input::collect(&[folder], &Limits::default()).documents {
        let crate::input::DocumentKind::Image(kind) = document.kind else { continue };
        let source = document.read(&Limits::default()).expect("readable");
        if let Ok(copy) = crate::output::without_metadata(&source, kind, &Limits::default()) {
            assert_eq!(read(&copy, kind), ImageMetadata::default(), "{}", document.file);
        }
    }
}

#[test]
fn damaged_metadata_does_no_harm() {
    let block = exif_block(&[(0x010E, 2, b"text")], &[(0x9286, 7, &[1; 40])], &jpeg_of(40));
    let file = jpeg_with(&[(0xE1, [jpeg::EXIF_SIGNATURE, &block].concat()), (0xE0, b"JFIF\0\x01".to_vec())], b"x");
    for kind in [ImageKind::Jpeg, ImageKind::Tiff, ImageKind::Png, ImageKind::WebP, ImageKind::Gif, ImageKind::Bmp] {
        for length in 0..file.len() {
            read(&file[..length], kind);
            read(&block[..length.min(block.len())], kind);
        }
    }
    for at in 0..block.len() {
        let mut broken = block.clone();
        broken[at] = 0xFF;
        read(&broken, ImageKind::Tiff);
        let mut found = ImageMetadata::default();
        exif::read(&broken, &mut found);
    }
}
