use std::sync::Arc;

use super::*;
use crate::geometry::Bbox;
use crate::identity::{Applicant, Identity};
use crate::input::{Category, Document, DocumentKind, Source};
use crate::pipeline::tests_support::{finding_at, page_with};
use crate::policy::Policy;

fn assignment(name: &str, file: &str, category: Option<Category>) -> Assignment {
    let applicant = Applicant::new(name, "天山草业科技有限公司").expect("usable");
    Assignment {
        document: Document { source: Source::File(file.into()), file: file.into(), kind: DocumentKind::Pdf, bytes: 5 },
        identity: Arc::new(Identity::new(&applicant, &[])),
        applicant_id: Some("A001".into()),
        category,
    }
}

fn key_beside(path: &Path) -> SealingKey {
    SealingKey::kept_in(path.parent().expect("in a folder")).expect("a key")
}

fn memory_at(path: &Path, resume: bool) -> Memory {
    Memory::open(path, resume, key_beside(path), "small").expect("opened")
}

#[test]
fn the_key_is_all_that_rows_depend_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let memory = memory_at(&folder.path().join("journal"), false);
    let settings = Settings::default();
    let base = memory.key(b"bytes", &assignment("张伟", "a/1.pdf", None), &settings);
    assert_eq!(base, memory.key(b"bytes", &assignment("张伟", "b/2.pdf", None), &settings), "names do not matter");
    let tender = Settings { policy: Policy::built_in("tender-dark-bid").expect("built in"), ..Settings::default() };
    let other_models =
        Memory::open(&folder.path().join("other"), false, key_beside(&folder.path().join("other")), "tiny")
            .expect("opened");
    for (what, key) in [
        ("bytes", memory.key(b"other", &assignment("张伟", "a/1.pdf", None), &settings)),
        ("applicant", memory.key(b"bytes", &assignment("李娜", "a/1.pdf", None), &settings)),
        ("category", memory.key(b"bytes", &assignment("张伟", "a/1.pdf", Some(Category::Awards)), &settings)),
        ("policy", memory.key(b"bytes", &assignment("张伟", "a/1.pdf", None), &tender)),
        ("a name with identity", memory.key(b"bytes", &assignment("张伟", "a/张伟.pdf", None), &settings)),
        ("models", other_models.key(b"bytes", &assignment("张伟", "a/1.pdf", None), &settings)),
    ] {
        assert_ne!(base, key, "{what}");
    }
}

#[test]
fn a_resumed_run_knows_whole_documents_and_single_pages() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("journal");
    let settings = Settings::default();
    let first = assignment("张伟", "a/1.pdf", None);
    let rows = [page_with(vec![finding_at(Bbox::from_ltrb(1, 2, 30, 40))]), page_with(vec![])];
    let memory = memory_at(&path, false);
    let (whole, part) = (memory.key(b"whole", &first, &settings), memory.key(b"part", &first, &settings));
    assert_eq!((memory.claim(whole, 0), memory.claim(whole, 1)), (Claim::New, Claim::SameAs(0)));
    for (index, row) in rows.iter().enumerate() {
        memory.keep(whole, index, 2, row, None).expect("kept");
    }
    memory.keep(part, 1, 2, &rows[1], None).expect("kept");
    drop(memory);
    let memory = memory_at(&path, true);
    assert_eq!(memory.len(), 3);
    assert_eq!((memory.claim(whole, 0), memory.claim(part, 1)), (Claim::Known(2), Claim::New));
    let second = assignment("张伟", "b/2.pdf", None);
    let row = memory.row(whole, 0, &second).expect("remembered");
    assert_eq!(row, PageReport { file: "b/2.pdf".into(), applicant_id: Some("A001".into()), ..rows[0].clone() });
    assert_eq!((memory.row(part, 0, &first).is_none(), memory.row(part, 1, &first).is_some()), (true, true));
    drop(memory);
    assert!(memory_at(&path, false).is_empty(), "a run that does not resume begins anew");
}

#[test]
fn a_finished_run_leaves_what_the_next_can_take_over_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("journal");
    let settings = Settings::default();
    let document = assignment("张伟", "a/1.pdf", None);
    let (row, copy) = (page_with(vec![]), folder.path().join("copy.pdf"));
    std::fs::write(&copy, b"masked").expect("written");
    let memory = memory_at(&path, false);
    let key = |bytes: &[u8]| memory.key(bytes, &document, &settings);
    let (checked, masked, gone) = (key(b"checked"), key(b"masked"), key(b"gone"));
    for of in [checked, masked, gone] {
        memory.keep(of, 0, 1, &row, None).expect("kept");
    }
    memory.keep_copy(masked, &copy, Some(&copy), std::slice::from_ref(&row)).expect("kept");
    assert_eq!((memory.claim(checked, 0), memory.claim(masked, 1)), (Claim::Known(1), Claim::Known(1)));
    memory.finish().expect("finished");
    let text = std::fs::read_to_string(&path).expect("read");
    assert!(text.lines().count() == 2 && !text.contains("张伟") && !text.contains("page"), "{text}");
    let memory = memory_at(&path, true);
    assert_eq!(memory.claim(checked, 0), Claim::Known(1));
    assert_eq!(memory.claim(masked, 1), Claim::New, "its page went");
    assert!(memory.copy(masked, &copy).is_some(), "its copy is known");
    assert_eq!(memory.claim(gone, 2), Claim::New, "a file that was not in the last run is forgotten");
    let other = Memory::open(&path, true, SealingKey::fresh().expect("a key"), "small").expect("opened");
    assert!(other.is_lost() && !memory.is_lost());
}

#[test]
fn a_memory_tells_whether_it_is_about_other_applicants() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("journal");
    let of = |name: &str| vec![assignment(name, "a/1.pdf", None)];
    let memory = memory_at(&path, false);
    assert!(!memory.is_of_others(&of("张伟")).expect("kept"), "nothing is remembered");
    memory.finish().expect("closed");
    let memory = memory_at(&path, true);
    assert!(memory.is_of_others(&of("李娜")).expect("told"));
    let both = [of("李娜"), of("张伟")].concat();
    assert!(!memory.is_of_others(&both).expect("kept"), "an applicant came along");
    memory.finish().expect("closed");
    assert!(!memory_at(&path, true).is_of_others(&of("李娜")).expect("kept"));
}
