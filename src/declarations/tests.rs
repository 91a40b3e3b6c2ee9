use super::*;
use crate::geometry::Bbox;
use crate::pipeline::tests_support::{finding_at, page_with};
use crate::report::{Mark, MarkStyle};

const FILES: [(&str, Option<&str>); 3] = [
    ("A001/获奖情况/1.pdf", Some("A001")),
    ("A001/获奖情况/2.pdf", Some("A001")),
    ("A002/获奖情况/1.pdf", Some("A002")),
];

fn resolved(csv: &str) -> Result<Resolved> {
    let submitted = |(file, applicant_id)| Submitted { file, path: None, applicant_id };
    Declarations::parse(csv.as_bytes())?.resolve(FILES.into_iter().map(submitted))
}

fn problem(csv: &str) -> String {
    resolved(csv).expect_err("unsound").to_string()
}

/// A file's rows: for each page, whether there is identity.
fn rows(file: &str, pages: &[bool]) -> Vec<PageReport> {
    let place = Bbox::from_ltrb(0, 0, 10, 10);
    (1..)
        .zip(pages)
        .map(|(page, &has)| {
            let row = page_with(if has { vec![finding_at(place)] } else { vec![] });
            PageReport { file: file.into(), page, ..row }
        })
        .collect()
}

fn compared(resolved: &mut Resolved, file: &str, pages: &[bool]) -> Vec<(Verdict, Vec<String>)> {
    let mut rows = rows(file, pages);
    resolved.compare(&mut rows);
    rows.into_iter().map(|row| (row.verdict, row.notes)).collect()
}

#[test]
fn answers_are_compared_with_what_was_found() {
    let mut answers = resolved(
        "文件,页码,是否需要遮盖\nA001/获奖情况/1.pdf,1,否\nA001/获奖情况/1.pdf,2,是\nA001/获奖情况/1.pdf,第3页,是\n",
    )
    .expect("sound");
    let pages = compared(&mut answers, "A001/获奖情况/1.pdf", &[true, false, true, true, false]);
    assert_eq!(
        pages,
        [
            (Verdict::Violation, vec![WRONG_NO.to_owned()]),
            (Verdict::Review, vec![WRONG_YES.to_owned()]),
            (Verdict::Violation, vec![]),
            (Verdict::Violation, vec![UNDECLARED.to_owned()]),
            (Verdict::Clean, vec![]),
        ]
    );
    assert_eq!(answers.unmet(), []);
}

#[test]
fn a_cover_bears_out_the_answer_that_there_is_identity() {
    let mut answers = resolved("file,answer\nA001/获奖情况/1.pdf,是\n").expect("sound");
    let mut rows = rows("A001/获奖情况/1.pdf", &[false, false]);
    rows[0].marks.push(Mark { bbox: Bbox::from_ltrb(0, 0, 10, 10), style: MarkStyle::Solid });
    answers.compare(&mut rows);
    assert_eq!((rows[0].verdict, rows[0].notes.len()), (Verdict::Clean, 0));
    assert_eq!(rows[1].notes, [WRONG_YES]);
}

#[test]
fn a_file_may_be_given_by_its_path_on_disk() {
    let csv = "file,answer\nmaterials/A001/1.pdf,no\n";
    let submitted =
        Submitted { file: "1.pdf", path: Some(Path::new("/home/x/materials/A001/1.pdf")), applicant_id: None };
    let answers = Declarations::parse(csv.as_bytes()).and_then(|answers| answers.resolve([submitted].into_iter()));
    let mut answers = answers.expect("sound");
    assert_eq!(compared(&mut answers, "1.pdf", &[true])[0].1, [WRONG_NO]);
    assert_eq!(answers.unmet(), []);
}

#[test]
fn a_file_may_be_given_by_the_end_of_its_path_or_with_the_applicants_number() {
    let mut answers = resolved("编号,附件,是否需要遮盖\n,获奖情况\\2.pdf,否\nA002,1.pdf,否\n").expect("sound");
    assert_eq!(compared(&mut answers, "A001/获奖情况/2.pdf", &[true])[0].1, [WRONG_NO]);
    assert_eq!(compared(&mut answers, "A002/获奖情况/1.pdf", &[true])[0].1, [WRONG_NO]);
    assert_eq!(compared(&mut answers, "A001/获奖情况/1.pdf", &[true])[0].1, [UNDECLARED]);
    assert!(problem("file,answer\n1.pdf,no\n").contains("several files in line 2"));
}

#[test]
fn spans_of_pages_are_understood() {
    for (text, expected) in [
        ("3", Some(Pages::Span(3, 3))),
        ("2-5", Some(Pages::Span(2, 5))),
        ("2～5", Some(Pages::Span(2, 5))),
        ("", Some(Pages::All)),
        ("全部", Some(Pages::All)),
        ("0", None),
        ("5-2", None),
        ("一", None),
    ] {
        assert_eq!(pages(text), expected, "{text}");
    }
}

#[test]
fn answers_for_what_is_not_there_are_told() {
    let mut answers = resolved("file;page;answer\n2.pdf;1-3;no\n9.pdf;1;no\n").expect("sound");
    compared(&mut answers, "A001/获奖情况/2.pdf", &[false, false]);
    let unmet = answers.unmet();
    assert_eq!(unmet.len(), 2);
    assert!(unmet[0].0 == "9.pdf" && unmet[0].1.contains("line 3"));
    assert!(unmet[1].0 == "A001/获奖情况/2.pdf" && unmet[1].1.contains("line 2"));
}

#[test]
fn answers_that_cannot_be_understood_are_errors_with_their_line() {
    assert!(problem("file,page,answer\n2.pdf,1,maybe\n").contains("line 2"));
    assert!(problem("file,page,answer\n2.pdf,x,是\n").contains("line 2"));
    assert!(problem("file,page,answer\n2.pdf,1-3,是\n2.pdf,3,否\n").contains("lines 2 and 3"));
    assert!(problem("a,b\n1,2\n").contains("header"));
}
