use std::io::Write as _;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::input::{DocumentKind, ImageKind, Inputs, collect};

const PDF: &[u8] = b"%PDF-1.4\nsome content that is packed and unpacked again";

fn packed(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a member starts");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("finished").into_inner()
}

/// Both copies of a member's name, in its own header and in the directory.
fn renamed(mut zip: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places: Vec<usize> =
        zip.windows(from.len()).enumerate().filter(|(_, w)| *w == from).map(|(at, _)| at).collect();
    assert_eq!(places.len(), 2);
    for at in places {
        zip[at..at + to.len()].copy_from_slice(to);
    }
    zip
}

/// Sets bits of the flags in a one-member archive.
fn flagged(mut zip: Vec<u8>, bits: u8) -> Vec<u8> {
    let directory = zip.windows(4).rposition(|w| w == b"PK\x01\x02").expect("a directory");
    zip[6] |= bits;
    zip[directory + 8] |= bits;
    zip
}

fn collected(zip: &[u8], limits: &Limits) -> Inputs {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("材料.zip");
    std::fs::write(&path, zip).expect("written");
    let inputs = collect(&[path], limits);
    for document in &inputs.documents {
        assert!(!document.read(limits).expect("readable").is_empty());
    }
    inputs
}

fn problems(inputs: &Inputs) -> Vec<(&str, InputProblem)> {
    inputs.rejected.iter().map(|rejected| (rejected.file.as_str(), rejected.problem.clone())).collect()
}

#[test]
fn members_are_documents_of_a_folder_called_like_the_archive() {
    let gif = b"GIF89a\x01\x00\x01\x00\x00\x00\x00";
    let zip = packed(&[
        ("A001/获奖情况/1.jpg", PDF),
        ("A001/获奖情况/2.gif", gif),
        ("A001/note.txt.bin", b"plain"),
        ("__MACOSX/._1.jpg", b"x"),
        (".DS_Store", b"x"),
        ("empty.pdf", b""),
    ]);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("材料.zip");
    std::fs::write(&path, zip).expect("written");
    let inputs = collect(&[path], &Limits::default());
    let documents: Vec<_> = inputs.documents.iter().map(|d| (d.file.as_str(), d.kind)).collect();
    assert_eq!(
        documents,
        [
            ("材料.zip/A001/获奖情况/1.jpg", DocumentKind::Pdf),
            ("材料.zip/A001/获奖情况/2.gif", DocumentKind::Image(ImageKind::Gif)),
        ]
    );
    assert_eq!(inputs.documents[0].read(&Limits::default()).expect("readable"), PDF);
    assert_eq!(
        problems(&inputs),
        [("材料.zip/A001/note.txt.bin", InputProblem::Unsupported), ("材料.zip/empty.pdf", InputProblem::Empty),]
    );
}

#[test]
fn names_in_the_encoding_of_chinese_windows_are_read() {
    let (gbk, _, _) = GB18030.encode("获奖情况/证书.pdf");
    let placeholder = "x".repeat(gbk.len());
    let zip = renamed(packed(&[(&placeholder, PDF)]), placeholder.as_bytes(), &gbk);
    let inputs = collected(&zip, &Limits::default());
    assert_eq!(inputs.documents[0].file, "材料.zip/获奖情况/证书.pdf");
}

#[test]
fn names_that_lead_out_are_refused_and_backslashes_are_folders() {
    for name in ["../../x.pdf", "/etc/x.pdf.", "C:\\win\\1.pdf", "a\\..\\..\\pdf"] {
        let placeholder = "y".repeat(name.len());
        let zip = renamed(packed(&[(&placeholder, PDF)]), placeholder.as_bytes(), name.as_bytes());
        let inputs = collected(&zip, &Limits::default());
        assert_eq!(inputs.documents, [], "{name}");
        assert!(matches!(inputs.rejected[0].problem, InputProblem::Damaged(_)), "{name}");
        assert!(!inputs.rejected[0].file.contains(".."), "{}", inputs.rejected[0].file);
    }
    let zip = renamed(packed(&[("yyyyyyy", PDF)]), b"yyyyyyy", b"a\\b.pdf");
    assert_eq!(collected(&zip, &Limits::default()).documents[0].file, "材料.zip/a/b.pdf");
}

#[test]
fn encrypted_members_and_nested_archives_have_rows() {
    let inputs = collected(&flagged(packed(&[("1.pdf", PDF)]), 1), &Limits::default());
    assert_eq!(problems(&inputs), [("材料.zip/1.pdf", InputProblem::Encrypted)]);
    let inputs = collected(&packed(&[("inner.zip", &packed(&[("1.pdf", PDF)]))]), &Limits::default());
    assert_eq!(problems(&inputs), [("材料.zip/inner.zip", InputProblem::NestedArchive)]);
}

#[test]
fn bombs_are_refused_by_ratio_size_and_count() {
    let zeros = vec![0; (SMALL_BYTES + 1) as usize];
    let mut noise = vec![0; 1 << 20];
    let mut state = 1u32;
    for byte in &mut noise {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = (state >> 24) as u8;
    }
    let zip = packed(&[("bomb.pdf", &zeros), ("noise.pdf", &[PDF, &noise].concat()), ("1.pdf", PDF)]);
    let inputs = collected(&zip, &Limits::default());
    assert_eq!(inputs.documents.len(), 2);
    assert!(matches!(&problems(&inputs)[..], [("材料.zip/bomb.pdf", InputProblem::TooLarge(_))]));
    let one = packed(&[("1.pdf", PDF), ("2.pdf", PDF)]);
    for limits in [
        Limits { archive_members: 1, ..Limits::default() },
        Limits { archive_bytes: PDF.len() as u64, ..Limits::default() },
    ] {
        let inputs = collected(&one, &limits);
        assert!(matches!(&problems(&inputs)[..], [("材料.zip", InputProblem::TooLarge(_))]));
    }
}

#[test]
fn what_the_directory_states_is_not_trusted() {
    let mut zip = packed(&[("1.pdf", &PDF.repeat(100))]);
    let directory = zip.windows(4).rposition(|w| w == b"PK\x01\x02").expect("a directory");
    zip[directory + 24..directory + 28].copy_from_slice(&9u32.to_le_bytes());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("lying.zip");
    std::fs::write(&path, zip).expect("written");
    let inputs = collect(&[path], &Limits::default());
    assert_eq!(inputs.documents, []);
    assert!(matches!(inputs.rejected[0].problem, InputProblem::Damaged(_)), "{:?}", inputs.rejected);
}

#[test]
fn archives_that_are_damaged_or_empty_or_of_another_program_have_a_row() {
    let zip = packed(&[("1.pdf", PDF)]);
    let inputs = collected(&zip[..zip.len() - 10], &Limits::default());
    assert!(matches!(&problems(&inputs)[..], [("材料.zip", InputProblem::Damaged(_))]));
    let inputs = collected(&packed(&[]), &Limits::default());
    assert_eq!(problems(&inputs), [("材料.zip", InputProblem::Empty)]);
    let sheet = packed(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>")]);
    assert_eq!(problems(&collected(&sheet, &Limits::default())), [("材料.zip", InputProblem::Unsupported)]);
}
