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

fn memory_at(path: &Path, resume: bool) -> Memory {
    Memory::open(path, resume, "small".into()).expect("opened")
}

#[test]
fn the_key_is_all_that_rows_depend_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let memory = memory_at(&folder.path().join("journal"), false);
    let settings = Settings::default();
    let base = memory.key(b"bytes", &assignment("张伟", "a/1.pdf", None), &settings);
    assert_eq!(base, memory.key(b"bytes", &assignment("张伟", "b/2.pdf", None), &settings), "names do not matter");
    let tender = Settings { policy: Policy::built_in("tender-dark-bid").expect("built in"), ..Settings::default() };
    let other_models = Memory::open(&folder.path().join("other"), false, "tiny".into()).expect("opened");
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
