use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

const MAIN: &str = r#"<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">"#;

/// A .docx with the body and further parts.
pub(crate) fn docx(body: &str, parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let document = format!("{MAIN}<w:body>{body}</w:body></w:document>");
    let all = [("[Content_Types].xml", "<Types/>"), ("word/document.xml", document.as_str())];
    for (name, text) in all.iter().chain(parts) {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a part starts");
        zip.write_all(text.as_bytes()).expect("written");
    }
    zip.finish().expect("finished").into_inner()
}

fn opened(bytes: &[u8]) -> Contents {
    open(bytes, TextKind::Word).expect("a sound document")
}

fn text_at(contents: &Contents, place: Place) -> &str {
    contents.passages.iter().find(|passage| passage.place == place).map_or("", |passage| &passage.text)
}

#[test]
fn runs_of_a_paragraph_join_and_paragraphs_part() {
    let body = "<w:p><w:r><w:t>张</w:t></w:r><w:r><w:t>伟</w:t><w:tab/></w:r></w:p><w:p><w:r><w:t>a &amp; &#20013;</w:t></w:r></w:p>";
    let contents = opened(&docx(body, &[]));
    assert_eq!(text_at(&contents, Place::Body), "张伟\t\na & 中\n");
    assert_eq!(contents.characters, 5, "张, 伟, a, &, 中");
}

#[test]
fn everything_that_is_not_in_the_body_has_its_place() {
    let body = r#"<w:p><w:del w:author="张伟"><w:r><w:delText>删去</w:delText></w:r></w:del>
        <w:ins w:author="李娜"><w:r><w:t>加入</w:t></w:r></w:ins><w:r><w:instrText>域代码</w:instrText></w:r></w:p>"#;
    let contents = opened(&docx(
        body,
        &[
            ("word/header1.xml", "<h><w:p><w:r><w:t>页眉</w:t></w:r></w:p></h>"),
            ("word/footnotes.xml", "<f><w:p><w:r><w:t>脚注</w:t></w:r></w:p></f>"),
            (
                "word/comments.xml",
                r#"<c><w:comment w:author="王芳"><w:p><w:r><w:t>批注</w:t></w:r></w:p></w:comment></c>"#,
            ),
            ("docProps/core.xml", "<p><dc:creator>作者</dc:creator><cp:lastModifiedBy>改者</cp:lastModifiedBy></p>"),
            ("docProps/app.xml", "<p><Company>公司</Company></p>"),
            ("word/_rels/document.xml.rels", r#"<r><Relationship Target="http://链接.cn"/></r>"#),
            ("customXml/item1.xml", "<x>自定义</x>"),
            ("word/media/image1.png", "pixels"),
        ],
    ));
    assert_eq!(text_at(&contents, Place::Body).trim(), "加入");
    assert_eq!(text_at(&contents, Place::TrackedDeletion).trim(), "删去");
    assert_eq!(text_at(&contents, Place::HeaderOrFooter), "页眉\n");
    assert_eq!(text_at(&contents, Place::Note), "脚注\n");
    assert_eq!(text_at(&contents, Place::Comment), "批注\n");
    for author in ["张伟", "李娜", "王芳"] {
        assert!(text_at(&contents, Place::Author).contains(author));
    }
    for property in ["作者", "改者", "公司"] {
        assert!(text_at(&contents, Place::Properties).lines().any(|line| line == property), "{property}");
    }
    for other in ["域代码", "链接", "自定义"] {
        assert!(text_at(&contents, Place::Other).contains(other), "{other}");
    }
    assert_eq!((contents.characters, contents.unexamined), (2, 1));
}

#[test]
fn a_drawing_written_twice_counts_once() {
    let text = "<w:txbxContent><w:p><w:r><w:t>文本框</w:t></w:r></w:p></w:txbxContent>";
    let body = format!(
        "<w:p><mc:AlternateContent><mc:Choice>{text}</mc:Choice><mc:Fallback>{text}</mc:Fallback></mc:AlternateContent></w:p>"
    );
    let contents = opened(&docx(&body, &[]));
    assert_eq!(contents.characters, 3);
    assert!(text_at(&contents, Place::Other).contains("文本框"), "still searched");
}

#[test]
fn plain_text_is_counted_without_white_space_in_any_encoding() {
    let text = "工作总结\r\n　　本人 自2020年…\t参加工作。\n";
    let (gbk, _, _) = encoding_rs::GB18030.encode(text);
    for bytes in [text.as_bytes(), &gbk] {
        let contents = open(bytes, TextKind::Plain).expect("text");
        assert_eq!(contents.characters, 4 + 2 + 7 + 5);
        assert_eq!(contents.passages[0].text, text);
    }
}

#[test]
fn damaged_documents_are_refused() {
    let broken = docx("<w:p><w:r></w:p>", &[]);
    assert!(matches!(open(&broken, TextKind::Word), Err(InputProblem::Damaged(_))));
    assert!(matches!(open(b"PK\x03\x04", TextKind::Word), Err(InputProblem::Damaged(_))));
    assert!(matches!(open(b"\xff\xff\xff\xff", TextKind::Plain), Err(InputProblem::Damaged(_))));
}

#[test]
fn pictures_of_known_kinds_are_handed_out_and_others_are_counted() {
    let word = docx(
        "",
        &[("word/media/image2.gif", "GIF89a\u{1}\u{0}\u{1}\u{0}\u{0}\u{0}\u{0}"), ("word/media/image1.emf", "drawing")],
    );
    assert_eq!(open(&word, TextKind::Word).expect("read").unexamined, 1);
    let pictures = pictures(&word, TextKind::Word).expect("read");
    assert_eq!(pictures.iter().map(|(_, kind)| *kind).collect::<Vec<_>>(), [crate::input::ImageKind::Gif]);
}
