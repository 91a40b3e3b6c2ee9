use super::*;
use std::fs;

const PDF: &[u8] = b"%PDF-1.4\n";
const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x00\x00\x00";

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("created");
        fs::write(path, bytes).expect("written");
    }
    folder
}

fn collect_in(folder: &tempfile::TempDir, inputs: &[&str]) -> Inputs {
    let inputs: Vec<PathBuf> = inputs.iter().map(|name| folder.path().join(name)).collect();
    collect(&inputs, &Limits::default())
}

fn names(inputs: &Inputs) -> Vec<&str> {
    inputs.documents.iter().map(|document| document.file.as_str()).collect()
}

#[test]
fn a_typed_folder_without_files_gets_a_row_and_one_below_it_does_not() {
    let folder = folder(&[("a/1.pdf", PDF), ("empty/.DS_Store", b"x")]);
    fs::create_dir(folder.path().join("a/none")).expect("created");
    let inputs = collect_in(&folder, &["a", "empty"]);
    assert_eq!(names(&inputs), ["1.pdf"]);
    let rejected: Vec<_> = inputs.rejected.iter().map(|r| (r.file.as_str(), r.problem.clone())).collect();
    assert_eq!(rejected, [("empty", InputProblem::EmptyFolder)]);
}

#[test]
fn a_folder_gives_its_documents_sorted_and_every_other_file_a_row() {
    let folder = folder(&[
        ("b/2.pdf", PDF),
        ("b/1.gif", GIF),
        ("a.bin", b"plain"),
        ("b/notes.TXT", b"plain"),
        ("b/noise.txt", b"\xff\xff\xff"),
        ("empty.jpg", b""),
        (".DS_Store", b"x"),
        ("Thumbs.db", b"x"),
        ("b/~$letter.docx", b"x"),
        ("b/.git/config", b"x"),
    ]);
    let inputs = collect_in(&folder, &[""]);
    assert_eq!(names(&inputs), ["b/1.gif", "b/2.pdf", "b/notes.TXT"]);
    let rejected: Vec<_> = inputs.rejected.iter().map(|r| (r.file.as_str(), r.problem.clone())).collect();
    assert_eq!(
        rejected,
        [
            ("a.bin", InputProblem::Unsupported),
            ("b/noise.txt", InputProblem::Unsupported),
            ("empty.jpg", InputProblem::Empty)
        ]
    );
}

#[test]
fn type_is_decided_by_content() {
    let folder = folder(&[("wrong.jpg", b"junk\r\n%PDF-1.7\n"), ("none", GIF)]);
    let inputs = collect_in(&folder, &[""]);
    let kinds: Vec<_> = inputs.documents.iter().map(|d| d.kind).collect();
    assert_eq!(kinds, [DocumentKind::Image(ImageKind::Gif), DocumentKind::Pdf]);
}

#[test]
fn equal_names_below_two_inputs_stay_apart() {
    let folder = folder(&[("x/1.pdf", PDF), ("y/1.pdf", PDF), ("y/2.pdf", PDF), ("z/x/1.PDF", PDF)]);
    let inputs = collect_in(&folder, &["x", "y", "z/x"]);
    assert_eq!(names(&inputs), ["2.pdf", "x/1.pdf", "x/1~2.PDF", "y/1.pdf"]);
}

#[test]
fn a_file_given_twice_is_examined_once() {
    let folder = folder(&[("1.pdf", PDF)]);
    let inputs = collect_in(&folder, &["1.pdf", "", "./1.pdf"]);
    assert_eq!(names(&inputs), ["1.pdf"]);
    assert_eq!(inputs.duplicates.len(), 2);
}

#[test]
fn patterns_are_expanded_and_an_idle_one_is_reported() {
    let folder = folder(&[("1.pdf", PDF), ("2.pdf", PDF), ("3.gif", GIF), ("[old].gif", GIF)]);
    assert_eq!(names(&collect_in(&folder, &["*.pdf", "[old].gif"])), ["1.pdf", "2.pdf", "[old].gif"]);
    let idle = collect_in(&folder, &["*.png", "missing.pdf"]);
    let problems: Vec<_> = idle.rejected.iter().map(|r| r.problem.clone()).collect();
    assert_eq!(problems, [InputProblem::NoMatch, InputProblem::Missing]);
}

#[cfg(unix)]
#[test]
fn a_link_that_goes_round_is_reported() {
    let folder = folder(&[("a/1.pdf", PDF)]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("a/up")).expect("linked");
    std::os::unix::fs::symlink("nowhere", folder.path().join("a/dangling.pdf")).expect("linked");
    let inputs = collect_in(&folder, &[""]);
    assert_eq!(names(&inputs), ["a/1.pdf"]);
    assert_eq!(inputs.rejected.len(), 2, "{:?}", inputs.rejected);
    assert_eq!(inputs.rejected[1].problem, InputProblem::LinkLoop);
}

#[test]
fn sizes_are_checked_before_reading() {
    let folder = folder(&[("1.pdf", b"%PDF-1.4 and more")]);
    let limits = Limits { file_bytes: 10, ..Limits::default() };
    let inputs = collect(&[folder.path().to_owned()], &limits);
    assert!(matches!(inputs.rejected[0].problem, InputProblem::TooLarge(_)));
    assert!(matches!(Limits::default().check_size(100_000, 10), Err(InputProblem::TooLarge(_))));
    assert!(matches!(Limits::default().check_size(60_000, 60_000), Err(InputProblem::TooLarge(_))));
    assert!(matches!(Limits::default().check_size(0, 7), Err(InputProblem::Damaged(_))));
    assert_eq!(Limits::default().check_size(12_000, 9_000), Ok(()));
}
