//! Rows of every variant, for the tests of the writers.

mod schema;

use serde_json::Value;

use super::*;
use schema::Schema;

pub(super) fn finding(kind: FindingKind, state: FindingState, text: Option<&str>) -> Finding {
    let bbox = Bbox::from_ltrb(100, 200, 300, 240);
    Finding {
        kind,
        state,
        bbox: Some(bbox),
        quad: Some(Quad::from_bbox(bbox)),
        text: text.map(str::to_owned),
        confidence: 0.97,
        source: Source::Ocr,
        certain: true,
        reason: "文字一致 (reads exactly so)".into(),
    }
}

pub(super) fn page(file: &str, page: u32, applicant: &str, verdict: Verdict, findings: Vec<Finding>) -> PageReport {
    PageReport {
        line: LineType::Page,
        schema: SCHEMA,
        file: file.into(),
        page,
        applicant_id: (!applicant.is_empty()).then(|| applicant.into()),
        width: 1654,
        height: 2339,
        dpi: 200.0,
        needs_masking: match verdict {
            Verdict::Clean => Some(false),
            Verdict::Compliant | Verdict::Violation => Some(true),
            Verdict::Review | Verdict::Unreadable => None,
        },
        verdict,
        findings,
        marks: Vec::new(),
        notes: Vec::new(),
        characters: Some(12),
        elapsed_ms: BTreeMap::from([("ocr".into(), 812.5)]),
    }
}

/// Pages with every kind, state, source, mark style and verdict.
pub(super) fn samples() -> Vec<PageReport> {
    use FindingKind::{Classified, Eyes, Metadata, Name, Seal, Unit, UnitCode};
    use FindingState::{Exempt, Exposed, Hidden, Masked, RemovableMask, WeakMask};
    let doubtful = Finding {
        certain: false,
        reason: "读作“焦婉碟”，字形相近 (read as “焦婉碟”, similar glyphs)".into(),
        ..finding(Name, Exposed, Some("古丽娜尔"))
    };
    let copied =
        Finding {
            source: Source::TextLayer, quad: None, ..finding(Unit, Hidden, Some("天山草业科技有限公司"))
        };
    let property = Finding {
        source: Source::Document,
        bbox: None,
        quad: None,
        reason: "in the document properties: remove them / 在文档属性中：请清除".into(),
        ..finding(Metadata, Hidden, Some("Zhang Wei"))
    };
    let attachment = Finding { certain: false, text: None, ..property.clone() };
    let eyes = Finding { source: Source::Face, ..finding(Eyes, Exposed, None) };
    let seal = Finding { source: Source::Seal, ..finding(Seal, WeakMask, Some("天山草业科技有限公司")) };
    let marks = [MarkStyle::Solid, MarkStyle::Mosaic, MarkStyle::Blur, MarkStyle::Translucent, MarkStyle::Annotation]
        .map(|style| Mark { bbox: Bbox::from_ltrb(0, 0, 50, 20), style });
    let mut marked = page(
        "A001/获奖情况/证书.pdf",
        2,
        "A001",
        Verdict::Compliant,
        vec![finding(Name, Masked, Some("张伟")), finding(Eyes, Exempt, None)],
    );
    marked.marks = marks.to_vec();
    let mut broken = page("A002/=HYPERLINK(1).pdf", 0, "A002", Verdict::Unreadable, Vec::new());
    (broken.width, broken.height, broken.dpi) = (0, 0, 0.0);
    broken.notes = vec!["the file is encrypted: save a copy without a password".into()];
    broken.elapsed_ms.clear();
    let mut named = page(
        "A001/基本信息/張偉 65010119800101001X.jpg",
        1,
        "A001",
        Verdict::Violation,
        vec![
            finding(UnitCode, RemovableMask, Some("91650100MA0000000X")),
            finding(Classified, Exposed, Some("机密★10年")),
        ],
    );
    named.notes = vec!["复核未通过，另存 (not passed, set aside): out/A001/基本信息/张伟.jpg.failed".into()];
    vec![
        page(
            "A001/获奖情况/证书.pdf",
            1,
            "A001",
            Verdict::Violation,
            vec![
                finding(Name, Exposed, Some("张伟")),
                finding(Name, Exposed, Some("张伟")),
                finding(Unit, Exposed, Some("小伟")),
                seal,
                eyes,
                copied,
                property,
            ],
        ),
        marked,
        page("A001/继续教育/学时.png", 1, "A001", Verdict::Clean, Vec::new()),
        named,
        page("A002/</script><img src=x onerror=alert(1)>.png", 1, "A002", Verdict::Review, vec![doubtful, attachment]),
        broken,
        page("@loose.png", 1, "", Verdict::Clean, Vec::new()),
    ]
}

pub(super) fn summary_of(pages: &[PageReport]) -> Summary {
    let mut summary = Summary::new();
    for file in pages.chunk_by(|a, b| a.file == b.file) {
        summary.add(file);
    }
    summary
}

#[test]
fn totals_are_counted_by_applicant() {
    let summary = summary_of(&samples());
    let told: Vec<_> = summary
        .applicants
        .iter()
        .map(|a| (a.applicant_id.as_deref(), a.files, a.pages, a.needs_masking, a.verdict))
        .collect();
    assert_eq!(
        told,
        [
            (None, 1, 1, 0, Verdict::Clean),
            (Some("A001"), 3, 4, 3, Verdict::Violation),
            (Some("A002"), 2, 2, 0, Verdict::Unreadable),
        ]
    );
    assert_eq!(summary.pages, summary.applicants.iter().map(|a| a.pages).sum::<u64>());
}

fn schema() -> Schema {
    Schema(serde_json::from_str(include_str!("../../schema/report-1.schema.json")).expect("the schema is JSON"))
}

fn value<T: Serialize>(row: &T) -> Value {
    serde_json::from_str(&json_line(row)).expect("rows are JSON")
}

#[test]
fn every_row_that_can_be_written_fits_the_schema() {
    let schema = schema();
    let pages = samples();
    for page in &pages {
        assert_eq!(schema.problem(&value(page)), None, "{}", page.file);
    }
    for summary in [summary_of(&pages), Summary::new()] {
        assert_eq!(schema.problem(&value(&summary)), None);
    }
}

#[test]
fn the_samples_hold_every_kind_state_source_style_and_verdict() {
    let text: String = samples().iter().map(json_line).collect();
    for list in ["/$defs/verdict/enum", "/$defs/finding/properties/kind/enum", "/$defs/finding/properties/state/enum"]
        .into_iter()
        .chain(["/$defs/finding/properties/source/enum", "/$defs/mark/properties/style/enum"])
    {
        let names = schema().0.pointer(list).and_then(Value::as_array).cloned().expect("a list");
        assert!(names.iter().all(|name| text.contains(&format!(":{name}"))), "{list}");
    }
}

#[test]
fn the_schema_refuses_what_it_does_not_know() {
    let schema = schema();
    let good = value(&samples()[0]);
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut row = good.clone();
        change(&mut row);
        schema.problem(&row).is_some()
    };
    assert!(refused(&|row| row["extra"] = 1.into()));
    assert!(refused(&|row| row["findings"][0]["extra"] = 1.into()));
    assert!(refused(&|row| row["findings"][0]["kind"] = "phone".into()));
    assert!(refused(&|row| row["findings"][0]["confidence"] = 1.5.into()));
    assert!(refused(&|row| row["findings"][0]["bbox"] = vec![1, 2, 3].into()));
    assert!(refused(&|row| row["verdict"] = "fine".into()));
    assert!(refused(&|row| row["schema"] = 2.into()));
    assert!(refused(&|row| row["page"] = 1.5.into()));
    assert!(refused(&|row| row["needs_masking"] = "是".into()));
    assert!(refused(&|row| drop(row.as_object_mut().expect("an object").remove("verdict"))));
}

#[test]
fn what_a_killed_run_left_is_removed_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in [".zhegai-aB3dEf", ".zhegai-pages.jsonl", "notes.txt"] {
        std::fs::write(folder.path().join(name), "x").expect("written");
    }
    let report =
        ReportFolder::create(folder.path(), Earlier::Kept, [], None, FirstLanguage::OfBrowser).expect("started");
    report.finish(&Summary::new()).expect("written");
    let there = |name: &str| folder.path().join(name).exists();
    assert!(!there(".zhegai-aB3dEf") && there(".zhegai-pages.jsonl") && there("notes.txt"));
}
