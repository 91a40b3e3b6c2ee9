//! Search over made-up lattices: each character takes three frames, its peak in the middle one.

use std::sync::Arc;

use super::*;
use crate::geometry::{Bbox, Quad};
use crate::ocr::TextLine;
use crate::ocr::lattice::{Alphabet, Lattice};

const ALPHABET: &str = "张 玮 伟 民 同 志 主 任 谯 婉 嵘 焦 碟 姓 名 ： ， · 李 王 小 明 欧 阳 新 疆 天 山 草 业 科 技 有 限 公 司 牧 局 印 Z h a n g W e i w G 阿 卜 杜 热 依 木 麦 提 紧 大 偉 （ ） 集 团 人 教 育 之 华 、 强 等 著 记 录 。 会 议 由 持 工 作 评 审 娜 J i n m L u 时 段 高 峰 平 低 谷 间 本 科 汉 族 级 师";

/// What of a text is found for somebody of that name, and whether for certain.
pub(super) fn found<'a>(name: &str, text: &'a str) -> Vec<(&'a str, bool)> {
    identity(name, "").search_text(text).into_iter().map(|m| (&text[m.range], m.certain)).collect()
}

fn alphabet() -> Arc<Alphabet> {
    Arc::new(Alphabet::from_lines(&ALPHABET.replace(' ', "\n")))
}

/// A line whose characters are each a list of (character, posterior) with the rest on the blank.
fn lattice(alphabet: &Arc<Alphabet>, characters: &[Vec<(char, f32)>]) -> Lattice {
    let width = alphabet.len();
    let mut rows = Vec::new();
    for character in characters {
        for frame in 0..3 {
            let mut row = vec![1e-9; width];
            if frame == 1 {
                row[0] = 1.0 - character.iter().map(|(_, p)| p).sum::<f32>();
                for &(c, p) in character {
                    row[usize::from(alphabet.symbol(c).expect("in the test alphabet"))] = p;
                }
            } else {
                row[0] = 1.0;
            }
            rows.extend(row);
        }
    }
    Lattice::from_posteriors(alphabet, &rows)
}

fn clear(text: &str) -> Vec<Vec<(char, f32)>> {
    text.chars().map(|c| vec![(c, 0.98)]).collect()
}

/// A line of 20-px characters at a place.
fn line_at(alphabet: &Arc<Alphabet>, characters: &[Vec<(char, f32)>], left: i32, top: i32) -> TextLine {
    let width = 20 * characters.len() as i32;
    TextLine {
        quad: Quad::from_bbox(Bbox::from_ltrb(left, top, left + width, top + 24)),
        lattice: lattice(alphabet, characters),
    }
}

fn identity(name: &str, unit: &str) -> Identity {
    Identity::new(&Applicant::new(name, unit).expect("valid"), &[])
}

fn search(identity: &Identity, texts: &[(&str, i32, i32)]) -> Vec<TextMatch> {
    let alphabet = alphabet();
    let lines: Vec<TextLine> =
        texts.iter().map(|&(text, left, top)| line_at(&alphabet, &clear(text), left, top)).collect();
    identity.search(&lines)
}

#[test]
fn a_name_is_boxed_without_its_neighbours() {
    let found = search(&identity("张伟", ""), &[("姓名：张伟，主任", 100, 50)]);
    let [only] = found.as_slice() else { panic!("one match, not {found:?}") };
    assert!(only.certain && only.score > -0.01 && only.evidence == Evidence::Exact);
    let bbox = only.spans[0].quad.bbox();
    // The characters lie at 160..200.
    assert!((153..=163).contains(&bbox.left) && (194..=204).contains(&bbox.right), "{bbox:?}");
}

#[test]
fn a_rare_name_is_found_where_the_best_reading_confuses_it() {
    let alphabet = alphabet();
    let mut characters = clear("姓名：");
    characters.extend([vec![('焦', 0.6), ('谯', 0.2)], vec![('婉', 0.97)], vec![('碟', 0.7), ('嵘', 0.1)]]);
    let found = identity("谯婉嵘", "").search(&[line_at(&alphabet, &characters, 0, 0)]);
    let [only] = found.as_slice() else { panic!("one match, not {found:?}") };
    assert!(!only.certain);
    assert_eq!(only.evidence, Evidence::Confused { read: "焦婉碟".to_owned() });
    let expected = ((0.2f32 / 0.6).ln() + (0.1f32 / 0.7).ln()) / 3.0;
    assert!((only.score - expected).abs() < 1e-3, "{} instead of {expected}", only.score);
}

#[test]
fn a_clearly_read_other_name_is_no_hit() {
    let alphabet = alphabet();
    let mut characters = clear("主任张");
    characters.push(vec![('玮', 0.99), ('伟', 0.001)]);
    assert!(identity("张伟", "").search(&[line_at(&alphabet, &characters, 0, 0)]).is_empty());
}

#[test]
fn a_similar_name_read_unclearly_needs_a_person() {
    let alphabet = alphabet();
    let mut characters = clear("主任张");
    characters.push(vec![('玮', 0.5), ('伟', 0.45)]);
    let found = identity("张伟", "").search(&[line_at(&alphabet, &characters, 0, 0)]);
    assert!(matches!(found.as_slice(), [m] if !m.certain), "{found:?}");
}

#[test]
fn every_occurrence_in_a_line_is_found() {
    let found = search(&identity("张伟", ""), &[("张伟，主任张伟同志", 0, 0)]);
    assert_eq!(found.iter().map(|m| m.certain).collect::<Vec<_>>(), [true, true]);
}

#[test]
fn a_name_inside_a_longer_name_needs_a_person() {
    for text in ["张伟民", "李张伟", "欧阳张伟"] {
        let found = search(&identity("张伟", ""), &[(text, 0, 0)]);
        assert!(
            matches!(found.as_slice(), [TextMatch { certain: false, evidence: Evidence::InsideLongerName { .. }, .. }]),
            "{text}: {found:?}"
        );
    }
    assert!(search(&identity("张伟", ""), &[("紧张伟大", 0, 0)]).is_empty());
    let known = Identity::new(&Applicant::new("王小", "").expect("valid"), &["王小明".to_owned()]);
    for text in ["王小明主持工作", "评审王小明，"] {
        let found = search(&known, &[(text, 0, 0)]);
        assert!(found.iter().all(|found| !found.certain) && !found.is_empty(), "{text}: {found:?}");
    }
}

#[test]
fn a_known_other_person_is_not_the_applicant() {
    let known = Identity::new(&Applicant::new("张伟", "").expect("valid"), &["张伟民".to_owned(), "李娜".to_owned()]);
    for text in ["张伟民", "张伟民同志", "评审人：张伟民、李娜"] {
        assert!(search(&known, &[(text, 0, 0)]).is_empty(), "{text}");
    }
    assert_eq!(search(&known, &[("张伟民、张伟", 0, 0)]).len(), 1);
}

#[test]
fn a_name_of_three_characters_inside_one_of_four_needs_a_person() {
    let identity = identity("王小明", "");
    for text in ["王小明华", "李伟、王小明华、张强", "王小明华："] {
        let found = search(&identity, &[(text, 0, 0)]);
        assert!(
            matches!(found.as_slice(), [TextMatch { certain: false, evidence: Evidence::InsideLongerName { .. }, .. }]),
            "{text}: {found:?}"
        );
    }
    for text in ["王小明等，", "李伟、王小明著、", "记录：王小明记。", "会议由王小明主", "王小明同志", "王小明，华"]
    {
        let found = search(&identity, &[(text, 0, 0)]);
        assert!(matches!(found.as_slice(), [TextMatch { certain: true, .. }]), "{text}: {found:?}");
    }
}

#[test]
fn traditional_characters_and_interpuncts_do_not_hide_a_name() {
    for text in ["张偉", "张·伟"] {
        let found = search(&identity("张伟", ""), &[(text, 0, 0)]);
        assert!(matches!(found.as_slice(), [TextMatch { certain: true, .. }]), "{text}: {found:?}");
    }
    assert!(search(&identity("张伟", ""), &[("张，伟", 0, 0)]).is_empty());
}

#[test]
fn names_in_letters_are_found_as_whole_words() {
    let identity = identity("张伟", "");
    assert_eq!(search(&identity, &[("ZhangWei", 0, 0)]).len(), 1);
    assert_eq!(search(&identity, &[("WeiZhang", 0, 0)]).len(), 1);
    assert!(search(&identity, &[("ZhangWeiwei", 0, 0)]).is_empty());
}

#[test]
fn a_name_split_over_lines_cells_and_columns_is_joined() {
    let cells = [("张", 0, 0), ("伟", 60, 0)];
    let wrap = [("主任同志主任同志张", 0, 0), ("伟同志主任同志主任", 0, 30)];
    let column = [("张", 0, 0), ("伟", 0, 26)];
    for lines in [&cells[..], &wrap, &column] {
        let found = search(&identity("张伟", ""), lines);
        let [only] = found.as_slice() else { panic!("one match in {lines:?}, not {found:?}") };
        assert!(only.certain && only.evidence == Evidence::Joined, "{only:?}");
        assert_eq!(only.spans.len(), 2);
    }
}

#[test]
fn a_name_split_in_prose_that_breaks_before_its_margin_is_joined() {
    let prose = [
        ("会议工作由主任同志主持教育工作，由王小", 0, 0),
        ("明同志主任同志主持会议工作，主任同志主持教育工作同志同志", 0, 30),
    ];
    let found = search(&identity("王小明", ""), &prose);
    let [only] = found.as_slice() else { panic!("one match, not {found:?}") };
    assert!(only.certain && only.evidence == Evidence::Joined && only.spans.len() == 2, "{only:?}");
    for lines in [
        [("王小", 0, 0), ("明同志主任同志主持会议工作", 0, 30)],
        [("主任同志，王小", 0, 0), ("明同志主任同志主持会议工作", 0, 30)],
    ] {
        let found = search(&identity("王小明", ""), &lines);
        assert!(found.iter().all(|found| !found.certain), "{lines:?}: {found:?}");
    }
}

#[test]
fn a_name_that_is_a_word_is_certain_behind_a_label_and_not_among_other_words() {
    let certain = |lines: &[(&str, i32, i32)]| {
        search(&identity("高峰", ""), lines).iter().map(|found| found.certain).collect::<Vec<_>>()
    };
    for line in ["姓名：高峰", "姓名：高峰工作", "主任：高峰工作"] {
        assert_eq!(certain(&[(line, 0, 0)]), [true], "{line}");
    }
    assert_eq!(certain(&[("会议：高峰工作", 0, 0)]), [false]);
    let row = |texts: [&'static str; 4]| {
        texts.into_iter().enumerate().map(|(i, text)| (text, 200 * i as i32, 0)).collect::<Vec<_>>()
    };
    assert_eq!(certain(&row(["时段", "高峰", "平段", "低谷"])), [false]);
    assert_eq!(certain(&row(["姓名", "高峰", "时间", "低谷"])), [true]);
    assert_eq!(certain(&row(["高峰", "汉族", "本科", "高级"])), [true]);
    let column = [("高峰", 0, 0), ("时间", 0, 60), ("低谷", 0, 120)];
    assert_eq!(certain(&column), [false]);
    let list = [("姓名", 0, 0), ("时间", 0, 60), ("高峰", 0, 120), ("低谷", 0, 180)];
    assert_eq!(certain(&list), [true]);
    let names = [("李娜", 0, 0), ("高峰", 0, 60), ("时间", 200, 60), ("低谷", 400, 60)];
    assert_eq!(certain(&names), [true]);
}

#[test]
fn a_name_that_is_a_word_is_certain_in_a_byline_behind_the_unit() {
    let certain = |line: &str| {
        let found = search(&identity("高峰", "天山草业科技有限公司"), &[(line, 0, 0)]);
        found.iter().filter(|found| found.keyword == "高峰").map(|found| found.certain).collect::<Vec<_>>()
    };
    assert_eq!(certain("天山草业科技有限公司高峰"), [true]);
    assert_eq!(certain("天山草业科技有限公司，高峰"), [true]);
    assert_eq!(certain("天山草业科技有限公司高峰工作"), [false]);
    assert_eq!(certain("天山科技有限公司高峰"), [false]);
}

#[test]
fn another_affiliate_of_the_units_university_is_another_unit() {
    let units = |text: &str| {
        let identity = identity("谯婉嵘", "江海大学附属第二医院");
        identity.search_text(text).iter().map(|found| found.certain).collect::<Vec<_>>()
    };
    assert_eq!(units("由江海大学附属第一医院主办"), [false; 0]);
    assert_eq!(units("由江海大学附属第二医院主办"), [true]);
    assert_eq!(units("由江海大学主办"), [true]);
}

#[test]
fn marks_of_affiliations_and_initials_are_told_in_lines_too() {
    let certain = |line: &str| {
        search(&identity("刘建民", ""), &[(line, 0, 0)]).iter().map(|found| found.certain).collect::<Vec<_>>()
    };
    assert_eq!(certain("JianminLiua，WeiZhangi"), [true]);
    assert_eq!(certain("LiuJ，WeiZhang"), [false]);
    assert_eq!(certain("LuJ，LiuW"), [false; 0]);
}

#[test]
fn a_unit_wrapped_in_a_narrow_cell_is_joined_over_five_lines() {
    let rows = ["天山草", "业科技", "有限公", "司"];
    let lines: Vec<(&str, i32, i32)> = rows.iter().enumerate().map(|(i, row)| (*row, 0, 30 * i as i32)).collect();
    let found = search(&identity("", "天山草业科技有限公司"), &lines);
    let [only] = found.as_slice() else { panic!("one match, not {found:?}") };
    assert!(only.certain && only.spans.len() == 4, "{only:?}");
}

#[test]
fn parts_far_from_each_other_are_not_joined() {
    assert!(search(&identity("张伟", ""), &[("张", 0, 0), ("伟", 600, 0)]).is_empty());
    assert!(search(&identity("张伟", ""), &[("张", 0, 0), ("伟", 0, 200)]).is_empty());
}

#[test]
fn a_character_that_the_alphabet_lacks_is_a_wildcard() {
    let identity = identity("张喆明", "");
    let alphabet = alphabet();
    assert_eq!(identity.unknown_characters(&alphabet), ['喆']);
    let found = identity.search(&[line_at(&alphabet, &clear("姓名：张志明"), 0, 0)]);
    assert!(
        matches!(found.as_slice(), [TextMatch { certain: true, evidence: Evidence::Wildcard { .. }, .. }]),
        "{found:?}"
    );
    assert!(identity.search(&[line_at(&alphabet, &clear("姓名：张明"), 0, 0)]).is_empty());
    let short = self::identity("张喆", "").search(&[line_at(&alphabet, &clear("姓名：张志"), 0, 0)]);
    assert!(matches!(short.as_slice(), [TextMatch { certain: false, .. }]), "{short:?}");
}

#[test]
fn units_are_found_in_all_their_forms_once() {
    let identity = identity("", "新疆天山草业科技（集团）有限公司");
    for text in ["新疆天山草业科技（集团）有限公司", "新疆天山草业科技集团有限公司", "天山草业科技", "天山草业"]
    {
        let found = search(&identity, &[(text, 0, 0)]);
        assert!(matches!(found.as_slice(), [TextMatch { certain: true, kind: Kind::Unit, .. }]), "{text}: {found:?}");
    }
    assert!(search(&identity, &[("新疆天山牧业科技（集团）有限公司", 0, 0)]).is_empty());
}

#[test]
fn seals_are_told_by_distinctive_characters() {
    let identity = identity("张伟", "新疆天山草业科技有限公司");
    let alphabet = alphabet();
    let read = |text: &str| identity.match_seal_text(&[lattice(&alphabet, &clear(text))]);
    for own in [
        "新疆天山草业科技有限公司",
        "天山草业",
        "山草业科技有限",
        "草业科技有限公司新疆天山",
        "张伟印",
        "印伟张",
        "张伟之印",
    ] {
        assert!(read(own).is_some_and(|m| m.own), "{own}: {:?}", read(own));
    }
    for other in ["新疆有限公司", "新疆天山牧业科技有限公司", "新疆教育局", "科技有限公司", "李伟印"]
    {
        assert!(read(other).is_none_or(|m| !m.own), "{other}: {:?}", read(other));
    }
}

#[test]
fn a_seal_with_one_other_character_is_no_own_one_however_it_is_read() {
    let alphabet = alphabet();
    let identity = identity("张伟", "新疆天山草业科技有限公司");
    let mut unsure = clear("新疆天山草业科技有限公司");
    unsure[4] = vec![('牧', 0.7), ('李', 0.2)];
    let other = lattice(&alphabet, &unsure);
    let found = |readings: &[Lattice]| identity.match_seal_text(readings).is_some_and(|m| m.own);
    assert!(!found(std::slice::from_ref(&other)), "another character is likelier by far");
    assert!(!found(&[lattice(&alphabet, &clear("新疆天山")), other.clone()]), "read in part in another band");
    assert!(!found(&[lattice(&alphabet, &clear("天山科技有限公司")), other]), "lost in another band");
    unsure[4] = vec![('牧', 0.7), ('草', 0.2)];
    assert!(found(&[lattice(&alphabet, &unsure)]), "the unit's own may be meant");
}

#[test]
fn a_seal_with_one_character_that_looks_like_the_units_own_is_told_from_one_with_another() {
    let alphabet = alphabet();
    let identity = identity("张伟", "新疆天山草业科技有限公司");
    let found = |at: usize, own: char, likeness: f32| {
        let mut read = clear("新疆天山草业科技有限公司");
        read[at] = vec![('牧', 0.99), (own, likeness)];
        identity.match_seal_text(&[lattice(&alphabet, &read)]).map(|m| (m.own, m.one_alike))
    };
    assert_eq!(found(4, '草', 0.004), Some((false, true)), "worn strokes make one of the other");
    assert_eq!(found(4, '草', 1e-5), Some((false, false)), "nothing of it is seen");
    assert_eq!(found(0, '新', 0.004), Some((false, false)), "nothing before it agrees");
}

#[test]
fn lines_that_might_matter_are_named_for_a_careful_reading() {
    let alphabet = alphabet();
    let mut unsure = clear("主任张");
    unsure.push(vec![('玮', 0.9), ('伟', 1e-4)]);
    let faint = vec![vec![('伟', 0.6), ('玮', 0.3)]];
    let lines = [
        line_at(&alphabet, &clear("主任同志"), 0, 0),
        line_at(&alphabet, &unsure, 0, 100),
        line_at(&alphabet, &clear("张"), 0, 200),
        line_at(&alphabet, &faint, 60, 200),
    ];
    let parts = identity("张伟", "").parts_that_matter(&lines);
    let mut which: Vec<usize> = parts.iter().map(|part| part.line).collect();
    which.dedup();
    assert_eq!(which, [1, 2, 3]);
    assert!(parts.iter().all(|part| part.line != 1 || part.frames.start >= 2), "the name's part alone: {parts:?}");
}

#[test]
fn what_is_clearly_read_needs_no_careful_reading() {
    let alphabet = alphabet();
    let lines = [
        line_at(&alphabet, &clear("主任张伟，"), 0, 0),
        line_at(&alphabet, &clear("张"), 0, 200),
        line_at(&alphabet, &clear("伟"), 60, 200),
    ];
    assert_eq!(identity("张伟", "").parts_that_matter(&lines), []);
}

#[test]
fn rendered_lines_are_told_apart_by_the_real_model() {
    let assets = crate::assets::Assets::ready().expect("assets are fetched before tests run");
    let reader = crate::ocr::Reader::load(&assets, crate::ocr::ModelSize::Tiny).expect("the model loads");
    let read = |png: &[u8]| {
        let pixels = image::load_from_memory(png).expect("a committed PNG").to_rgb8();
        let (width, height) = (pixels.width() as i32, pixels.height() as i32);
        let lattice = reader.read(&[pixels], &crate::ocr::ReadParams::default()).expect("the model runs").remove(0);
        [TextLine { quad: Quad::from_bbox(Bbox::from_ltrb(0, 0, width, height)), lattice }]
    };
    let applicant = read(include_bytes!("../../fixtures/lines/applicant.png"));
    let similar = read(include_bytes!("../../fixtures/lines/similar-name.png"));
    let rare = read(include_bytes!("../../fixtures/lines/rare-name.png"));
    let found = identity("张伟", "").search(&applicant);
    assert!(matches!(found.as_slice(), [TextMatch { certain: true, .. }]), "{found:?}");
    // The glyphs of 张伟 lie at 156..228.
    let bbox = found[0].spans[0].quad.bbox();
    assert!((140..=164).contains(&bbox.left) && (220..=244).contains(&bbox.right), "{bbox:?}");
    assert!(identity("张伟", "").search(&similar).iter().all(|m| !m.certain));
    assert!(matches!(identity("张玮", "").search(&similar).as_slice(), [TextMatch { certain: true, .. }]));
    assert_eq!(identity("谯婉嵘", "").search(&rare).len(), 1);
    assert!(identity("谯婉嵘", "").search(&applicant).is_empty());
}

#[test]
fn an_author_with_raised_letters_is_found_by_the_real_model() {
    let assets = crate::assets::Assets::ready().expect("assets are fetched before tests run");
    let reader = crate::ocr::Reader::load(&assets, crate::ocr::ModelSize::Tiny).expect("the model loads");
    let pixels = image::load_from_memory(include_bytes!("../../fixtures/lines/authors.png")).expect("a committed PNG");
    let pixels = pixels.to_rgb8();
    let (width, height) = (pixels.width() as i32, pixels.height() as i32);
    let lattice = reader.read(&[pixels], &crate::ocr::ReadParams::default()).expect("the model runs").remove(0);
    let line = [TextLine { quad: Quad::from_bbox(Bbox::from_ltrb(0, 0, width, height)), lattice }];
    let found = identity("刘建民", "").search(&line);
    let [only] = found.as_slice() else { panic!("one match, not {found:?}") };
    assert!(only.certain, "{only:?}");
    // The letters of Jianmin Liu lie at 133..267.
    let bbox = only.spans[0].quad.bbox();
    assert!((120..=140).contains(&bbox.left) && (258..=285).contains(&bbox.right), "{bbox:?}");
    assert!(identity("梁健", "").search(&line).is_empty());
}

/// Characters that the model guesses at.
fn guessed(text: &str) -> Vec<Vec<(char, f32)>> {
    text.chars().map(|c| vec![(c, 0.55)]).collect()
}

fn is_illegible(found: &[TextMatch]) -> bool {
    matches!(found, [TextMatch { certain: false, evidence: Evidence::Illegible { .. }, .. }])
}

#[test]
fn writing_that_cannot_be_read_in_the_place_of_a_name_is_for_a_person() {
    let alphabet = alphabet();
    let in_one_line = [guessed("焦碟"), clear("同志：")].concat();
    assert!(is_illegible(&identity("张伟", "").search(&[line_at(&alphabet, &in_one_line, 0, 0)])));
    let beside = [line_at(&alphabet, &guessed("焦碟"), 0, 0), line_at(&alphabet, &clear("同志："), 60, 2)];
    let found = identity("张伟", "").search(&beside);
    assert!(is_illegible(&found) && found[0].spans[0].line == 0);
    let labelled = [line_at(&alphabet, &clear("姓名"), 0, 0), line_at(&alphabet, &guessed("焦碟"), 80, 2)];
    assert!(is_illegible(&identity("张伟", "").search(&labelled)));
}

#[test]
fn a_read_name_and_guesses_elsewhere_are_no_illegible_name() {
    let alphabet = alphabet();
    for characters in [
        [clear("焦碟"), clear("同志：")].concat(),
        [guessed("草"), clear("同志")].concat(),
        [clear("主任"), guessed("焦碟")].concat(),
    ] {
        assert_eq!(identity("张伟", "").search(&[line_at(&alphabet, &characters, 0, 0)]), []);
    }
}

#[test]
fn one_character_of_the_name_alone_behind_a_label_is_for_a_person() {
    let alphabet = alphabet();
    let search = |lines: &[TextLine]| identity("张伟", "").search(lines);
    let is_lone = |found: &[TextMatch]| {
        matches!(found, [TextMatch { certain: false, evidence: Evidence::OneCharacter { .. }, .. }])
    };
    for left in ["张", "伟"] {
        let labelled = [clear("主持人："), clear(left)].concat();
        assert!(is_lone(&search(&[line_at(&alphabet, &labelled, 0, 0)])), "{left}");
        let in_sentence = clear(&format!("主持人：{left}，评审由"));
        assert!(is_lone(&search(&[line_at(&alphabet, &in_sentence, 0, 0)])), "{left}");
        let in_cell = [line_at(&alphabet, &clear("姓名"), 0, 0), line_at(&alphabet, &clear(left), 120, 2)];
        assert!(is_lone(&search(&in_cell)), "{left}");
    }
    // Somebody else's name, whole or spaced out; and the character where no name is asked for.
    for others in ["主持人：张明", "主持人：李", "张主任", "会议由张"] {
        assert_eq!(search(&[line_at(&alphabet, &clear(others), 0, 0)]), [], "{others}");
    }
    let spaced = ["姓名", "张", "明"].iter().zip([0, 120, 170]).map(|(text, x)| line_at(&alphabet, &clear(text), x, 2));
    assert_eq!(search(&spaced.collect::<Vec<_>>()), []);
}

#[test]
fn a_guess_that_has_half_of_a_long_name_is_for_a_person() {
    let alphabet = alphabet();
    let half = [clear("由"), clear("欧阳"), guessed("焦碟"), clear("主持")].concat();
    assert!(is_illegible(&identity("欧阳小明", "").search(&[line_at(&alphabet, &half, 0, 0)])));
    let other = clear("由欧阳焦碟主持");
    assert_eq!(identity("欧阳小明", "").search(&[line_at(&alphabet, &other, 0, 0)]), []);
}

#[test]
fn another_persons_long_name_that_shares_a_part_is_not_the_applicants() {
    let name = "阿卜杜热依木·麦麦提";
    for other in ["阿卜杜热依木·王小明", "麦麦提·王小明", "由王小明·麦麦提主持"] {
        assert_eq!(found(name, other), [], "{other}");
    }
    for near in ["阿卜杜热依木·麦提", "阿卜杜热依·麦麦提", "阿卜杜热依木·明"] {
        assert!(found(name, near).iter().any(|(_, certain)| !certain), "{near}");
    }
}
