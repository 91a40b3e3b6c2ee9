use super::*;

const PLAIN: &str = "applicant_id,name,unit,aliases,former_units,photo\n\
                     A001,张伟,天山草业科技有限公司,天山草业;Zhang Wei,北塔县草原工作站|北塔林场,A001/一寸照片.jpg\n\
                     A002,张伟民,昆仑水利设计院,,,\n";

fn parsed(bytes: &[u8]) -> Roster {
    Roster::parse(bytes).expect("a sound roster")
}

fn applicant(roster: &Roster, id: &str) -> Applicant {
    let index = roster.index_of(id).expect("in the roster");
    roster.entries[index].applicant.clone().expect("usable")
}

fn problem(text: &str) -> String {
    Roster::parse(text.as_bytes()).expect_err("unsound").to_string()
}

#[test]
fn a_workbook_is_told_with_how_to_save_it() {
    for start in [&b"PK\x03\x04\x14\x00"[..], b"\xD0\xCF\x11\xE0\xA1\xB1"] {
        let problem = Roster::parse(start).expect_err("no CSV").to_string();
        assert!(problem.contains("另存为“CSV UTF-8") && problem.contains("save it as “CSV UTF-8"), "{problem}");
    }
}

#[test]
fn a_row_gives_all_that_is_to_be_looked_for() {
    let roster = parsed(PLAIN.as_bytes());
    assert_eq!(
        applicant(&roster, "A001"),
        Applicant {
            id: Some("A001".into()),
            name: "张伟".into(),
            unit: "天山草业科技有限公司".into(),
            aliases: vec!["天山草业".into(), "Zhang Wei".into()],
            former_units: vec!["北塔县草原工作站".into(), "北塔林场".into()],
        }
    );
    assert_eq!(roster.entries[0].photo.as_deref(), Some("A001/一寸照片.jpg"));
    assert_eq!(roster.entries[1].photo, None);
    assert_eq!(roster.index_of(" a002 "), Some(1));
}

#[test]
fn all_encodings_that_excel_saves_give_the_same_roster() {
    let plain = parsed(PLAIN.as_bytes());
    let with_mark = [b"\xef\xbb\xbf", PLAIN.as_bytes()].concat();
    let (gb18030, _, _) = encoding_rs::GB18030.encode(PLAIN);
    let little: Vec<u8> = PLAIN.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = PLAIN.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [
        &with_mark[..],
        &gb18030,
        &little,
        &big,
        &[b"\xff\xfe", &little[..]].concat(),
        &[b"\xfe\xff", &big[..]].concat(),
    ] {
        assert_eq!(parsed(bytes), plain);
    }
}

#[test]
fn all_separators_are_found_out() {
    let plain = parsed(PLAIN.as_bytes());
    assert_eq!(parsed(PLAIN.replace(',', "\t").as_bytes()), plain);
    let semicolons = PLAIN.replace("天山草业;Zhang", "天山草业、Zhang").replace(',', ";");
    assert_eq!(parsed(semicolons.as_bytes()), plain);
    assert_eq!(parsed(format!("sep=;\r\n{semicolons}").as_bytes()), plain);
}

#[test]
fn chinese_headings_and_their_synonyms_are_known_in_any_order_below_a_title() {
    let text = "2026年度申报人员名册,,,,\n序号,工作单位（全称）,姓 名,申报编号,曾用名,单位简称,原单位,备注\n\
                1,天山草业科技有限公司,张伟,X-7,张卫,天山草业,北塔林场；北塔牧场,无\n";
    let roster = parsed(text.as_bytes());
    let found = applicant(&roster, "X-7");
    assert_eq!((found.name.as_str(), found.unit.as_str()), ("张伟", "天山草业科技有限公司"));
    assert_eq!(found.aliases, ["张卫", "天山草业"]);
    assert_eq!(found.former_units, ["北塔林场", "北塔牧场"]);
}

#[test]
fn excels_quoting_is_undone() {
    let text =
        "编号,姓名,工作单位,别名\r\n\"=\"\"0012\"\"\",\"张伟\",\"天山,草业\"\"科技\"\"公司\",\"张卫\n天山草业\"\r\n";
    let found = applicant(&parsed(text.as_bytes()), "0012");
    assert_eq!(found.unit, "天山,草业\"科技\"公司");
    assert_eq!(found.aliases, ["张卫", "天山草业"]);
}

#[test]
fn a_number_given_twice_is_an_error_that_tells_the_lines_and_no_name() {
    let message = problem("编号,姓名\nA1,张伟\nA2,李娜\na1,王芳\n");
    assert!(message.contains("lines 2, 4"), "{message}");
    assert!(!message.contains('张'), "{message}");
}

#[test]
fn what_is_no_roster_is_refused() {
    assert!(problem("a,b\n1,2\n").contains("header"));
    assert!(problem("编号,姓名\n").contains("no applicants"));
    assert!(problem("编号,姓名\n,张伟\n").contains("line 2"));
    assert!(problem("编号,姓名,申报人\nA1,张伟,张伟\n").contains("more than one column for name"));
    assert!(Roster::parse(b"PK\x03\x04\x00\x00\x00\x01\xff\xff\xff").is_err(), "an Excel workbook is not CSV");
}

#[test]
fn a_row_that_cannot_be_looked_for_spoils_only_itself() {
    let roster = parsed("编号,姓名,单位\nA1,张,\nA2,李娜,昆仑水利设计院\nA3,,\nA4,,昆仑水利设计院\n".as_bytes());
    let usable: Vec<bool> = roster.entries.iter().map(|entry| entry.applicant.is_ok()).collect();
    assert_eq!(usable, [false, true, false, false]);
}

#[test]
fn longer_names_of_others_are_known() {
    let roster = parsed(PLAIN.as_bytes());
    assert_eq!(roster.longer_names(&applicant(&roster, "A001")), ["张伟民"]);
    assert_eq!(roster.longer_names(&applicant(&roster, "A002")), Vec::<String>::new());
}
