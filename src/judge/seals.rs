//! Seals and whose they are → findings about the unit's and the applicant's own seals. Others' seals must stay
//! visible and are no findings, but where the policy counts every seal.

use crate::geometry::{Bbox, Quad};
use crate::identity::{Identity, SealMatch};
use crate::mask;
use crate::policy::SealScope;
use crate::report::{Finding, FindingKind, FindingState, Source};
use crate::seal::{Colour, Outline, Ownership, Seal, Shape};

/// Findings about the seals in scope, and the outline that covers each, by the finding's bbox.
pub fn of_seals(seals: &[Seal], identity: &Identity, scope: SealScope) -> (Vec<Finding>, Vec<(Bbox, mask::Shape)>) {
    let mut findings = Vec::new();
    let mut outlines = Vec::new();
    for seal in seals {
        let Some(finding) = finding(seal, seal.ownership(identity), scope) else { continue };
        outlines.push((seal.bbox, cover(seal)));
        findings.push(finding);
    }
    (findings, outlines)
}

fn finding(seal: &Seal, ownership: Ownership, scope: SealScope) -> Option<Finding> {
    let read = quoted(&seal.text());
    let (look, look_en) = (look(seal), look_in_english(seal));
    let (kind, text, certain, confidence, reason) = match ownership {
        Ownership::Own(found) => (
            FindingKind::Seal,
            Some(found.keyword.clone()),
            true,
            found.ratio,
            format!(
                "单位{look}印章{}，其下他人文字一并遮盖 (the unit's {look_en} seal; other people's text under it is \
                 covered with it)",
                agreement(&found)
            ),
        ),
        Ownership::PersonalNameOfApplicant(found) => (
            FindingKind::Name,
            Some(found.keyword.clone()),
            true,
            found.ratio,
            format!("本人{look}名章{} (the applicant's {look_en} personal seal)", agreement(&found)),
        ),
        // Whoever's it is, it counts.
        Ownership::Unreadable(_) | Ownership::Other if scope == SealScope::All => (
            FindingKind::Seal,
            None,
            true,
            seal.confidence,
            format!(
                "{look}印章{read}；按规则所有印章均须遮盖，其下文字一并遮盖 ({look_en} seal; by the policy every \
                 seal counts, and text under it is covered with it)"
            ),
        ),
        Ownership::Unreadable(found) => (
            FindingKind::Seal,
            None,
            false,
            found.as_ref().map_or(0.5, |found| found.ratio.max(0.5)),
            format!(
                "{look}印章不能确定归属{read}{}，请人工查看；遮盖时其下他人文字一并遮盖 ({look_en} seal whose owner \
                 cannot be told; a mask covers other people's text under it, too)",
                found.as_ref().map_or_else(String::new, agreement_in_part)
            ),
        ),
        Ownership::Other => return None,
    };
    Some(Finding {
        kind,
        state: FindingState::Exposed,
        bbox: Some(seal.bbox),
        quad: Some(Quad::from_bbox(seal.bbox)),
        text,
        confidence,
        source: Source::Seal,
        certain,
        reason,
    })
}

/// What was read of a seal, if anything.
fn quoted(read: &str) -> String {
    if read.trim().is_empty() { "，文字未能读出".to_owned() } else { format!("，读作“{read}”") }
}

fn agreement(found: &SealMatch) -> String {
    format!("，读作“{}”，与所寻文字相符 {:.0}%", found.read, found.ratio * 100.0)
}

fn agreement_in_part(found: &SealMatch) -> String {
    format!("（与“{}”相符 {:.0}%）", found.keyword, found.ratio * 100.0)
}

/// Shape and colour in words, as 红色圆形.
fn look(seal: &Seal) -> String {
    let colour = match seal.colour {
        Colour::Red => "红色",
        Colour::Blue => "蓝色",
        Colour::Grey => "黑灰色",
    };
    let shape = match seal.shape {
        Shape::Round => "圆形",
        Shape::Oval => "椭圆形",
        Shape::Rectangle => "方形",
        Shape::Triangle => "三角形",
    };
    format!("{colour}{shape}")
}

fn look_in_english(seal: &Seal) -> String {
    let colour = match seal.colour {
        Colour::Red => "red",
        Colour::Blue => "blue",
        Colour::Grey => "black or grey",
    };
    let shape = match seal.shape {
        Shape::Round => "round",
        Shape::Oval => "oval",
        Shape::Rectangle => "rectangular",
        Shape::Triangle => "triangular",
    };
    format!("{colour} {shape}")
}

/// What to paint over a seal: a disc over a round one, its own corners over a rectangle, else its box.
fn cover(seal: &Seal) -> mask::Shape {
    let outline = seal.mask_outline();
    match (&outline, seal.shape) {
        (Outline::Ellipse(_), Shape::Round) => mask::Shape::Ellipse(outline.bbox()),
        (Outline::Polygon(corners), _) => match <[_; 4]>::try_from(corners.as_slice()) {
            Ok(corners) => mask::Shape::Quad(Quad(corners)),
            Err(_) => mask::Shape::Box(outline.bbox()),
        },
        (Outline::Ellipse(_), _) => mask::Shape::Box(outline.bbox()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::geometry::Point;
    use crate::identity::Applicant;
    use crate::ocr::lattice::{Alphabet, Lattice};
    use crate::seal::{Ellipse, SealPart, SealReading};

    /// A clearly read seal.
    fn seal(text: &str) -> Seal {
        let characters: Vec<char> = text.chars().collect();
        let alphabet = Arc::new(Alphabet::from_lines(&characters.iter().flat_map(|&c| [c, '\n']).collect::<String>()));
        let mut rows = Vec::new();
        for &c in &characters {
            for symbol in [alphabet.symbol(c), Some(0)] {
                let mut row = vec![0.001; alphabet.len()];
                row[usize::from(symbol.expect("in the alphabet"))] = 0.99;
                rows.extend(row);
            }
        }
        let lattice = Lattice::from_posteriors(&alphabet, &rows);
        let outline = Outline::Ellipse(Ellipse::circle(Point::new(100.0, 100.0), 60.0));
        Seal {
            bbox: outline.bbox(),
            shape: Shape::Round,
            outline,
            colour: Colour::Red,
            cut_by_edge: false,
            confidence: 0.95,
            readings: vec![SealReading { part: SealPart::Outer, text: text.to_owned(), lattice, score: 0.99 }],
        }
    }

    /// What the page says of a seal, for somebody of that name and unit.
    fn seen_by(name: &str, unit: &str, seal: Seal) -> Vec<Finding> {
        let applicant = Applicant::new(name, unit).expect("sound");
        of_seals(&[seal], &Identity::new(&applicant, &[]), SealScope::Own).0
    }

    fn rectangle(text: &str) -> Seal {
        Seal { shape: Shape::Rectangle, ..seal(text) }
    }

    /// The same read alike in two looks.
    fn read_twice(text: &str) -> Seal {
        let mut twice = seal(text);
        twice.readings.push(twice.readings[0].clone());
        twice
    }

    /// What the page says of a seal that two looks read alike, for a hospital that is also called by four characters.
    fn seen_by_a_hospital(text: &str) -> Vec<Finding> {
        let mut applicant = Applicant::new("谯婉嵘", "云杉市第三人民医院").expect("sound");
        applicant.aliases.push("云杉三院".to_owned());
        of_seals(&[read_twice(text)], &Identity::new(&applicant, &[]), SealScope::Own).0
    }

    #[test]
    fn a_seal_read_whole_as_another_units_of_nearly_the_name_stays() {
        for text in [
            "青湖省专业技术人员继续教育基地",
            "云杉市卫生健康委员会",
            "云杉市医学会",
            "青湖市第三人民医院",
            "云杉市中医医院",
        ] {
            assert!(seen_by_a_hospital(text).is_empty(), "{text}: {:?}", seen_by_a_hospital(text));
        }
    }

    #[test]
    fn a_shorter_name_of_the_same_place_is_somebody_elses() {
        let found = |text: &str| seen_by("上官云帆", "西林职业技术学院", read_twice(text));
        assert!(found("西林大学").is_empty() && found("西林市教育局").is_empty(), "{:?}", found("西林大学"));
        let own = found("西林职业技术学院");
        assert!(own.len() == 1 && own[0].certain, "{own:?}");
    }

    #[test]
    fn what_could_not_be_read_is_not_quoted() {
        let found = findings("", SealScope::Own);
        assert!(found.len() == 1 && !found[0].reason.contains("“”"), "{found:?}");
    }

    #[test]
    fn a_name_of_four_characters_is_read_from_either_side() {
        let found = |text: &str| seen_by("上官云帆", "西林职业技术学院", rectangle(text));
        for text in ["上官云帆", "云帆上官", "帆云官上"] {
            let found = found(text);
            assert!(found.len() == 1 && found[0].certain && found[0].kind == FindingKind::Name, "{text}: {found:?}");
        }
        assert!(found("云帆上宫").iter().all(|finding| !finding.certain));
    }

    #[test]
    fn a_seal_with_one_other_character_is_for_a_person() {
        // A worn 三 reads as 二, and 杉 as 木.
        for text in ["云杉市第二人民医院", "云木市第三人民医院"] {
            let found = seen_by_a_hospital(text);
            assert!(found.len() == 1 && !found[0].certain, "{text}: {found:?}");
        }
    }

    #[test]
    fn a_stamp_of_remarks_alone_is_no_units() {
        let stays = |text: &str| seen_by("谯婉嵘", "云杉市第三人民医院", rectangle(text)).is_empty();
        assert!(stays("已审核") && stays("与原件核对无误"));
        assert!(!stays("人事专用章"));
    }

    #[test]
    fn a_department_without_a_unit_may_be_the_units() {
        let found = |text: &str| {
            let mut stamp = rectangle(text);
            stamp.readings[0].part = SealPart::Centre;
            seen_by("谯婉嵘", "云杉市第三人民医院", stamp)
        };
        for text in ["人力资源部", "原件相符人力资源部", "已审核教务处"] {
            let found = found(text);
            assert!(found.len() == 1 && !found[0].certain, "{text}: {found:?}");
        }
        assert!(found("青格里县教育局人事科").is_empty());
    }

    #[test]
    fn lettering_read_more_than_once_round_still_names_its_institution() {
        for text in ["临江市社会保险事业管理中心临江市", "中华人民共和国国家版权局中华"] {
            assert!(seen_by_a_hospital(text).is_empty(), "{text}: {:?}", seen_by_a_hospital(text));
        }
    }

    #[test]
    fn a_name_seal_with_a_character_of_the_name_is_not_called_somebody_elses() {
        let found = |text: &str| seen_by("史骁刚", "云杉市第三人民医院", rectangle(text));
        // A worn 骁 reads as 践.
        let found_own = found("史践刚印");
        assert!(found_own.len() == 1 && !found_own[0].certain, "{found_own:?}");
        let found_whole = found("史骁刚印");
        assert!(found_whole.len() == 1 && found_whole[0].certain && found_whole[0].kind == FindingKind::Name);
        assert!(found("王秀兰印").is_empty() && found("周海涛").is_empty());
        // A department and a trade begin as a name does; and a worn name may be the applicant's.
        for text in ["文化科", "石油", "史践钢"] {
            let found = found(text);
            assert!(found.len() == 1 && !found[0].certain, "{text}: {found:?}");
        }
    }

    #[test]
    fn a_department_of_the_unit_has_the_units_seal() {
        for text in ["云杉市第三人民医院医务科", "云杉市第三人民医院工会委员会"] {
            let found = seen_by_a_hospital(text);
            assert!(found.len() == 1 && found[0].certain, "{text}: {found:?}");
        }
        let found = seen_by_a_hospital("云杉市第三人民医院附属幼儿园");
        assert!(found.iter().all(|finding| !finding.certain), "{found:?}");
    }

    fn findings(text: &str, scope: SealScope) -> Vec<Finding> {
        let applicant = Applicant::new("谯婉嵘", "天山草业科技有限公司").expect("sound");
        of_seals(&[seal(text)], &Identity::new(&applicant, &[]), scope).0
    }

    #[test]
    fn other_authorities_seals_count_only_when_every_seal_does() {
        assert!(findings("青格里县教育局", SealScope::Own).is_empty());
        let every = findings("青格里县教育局", SealScope::All);
        assert_eq!(every.len(), 1);
        assert!(every[0].certain && every[0].kind == FindingKind::Seal, "{every:?}");
        assert!(every[0].reason.contains("青格里县教育局"), "{every:?}");
    }

    #[test]
    fn the_units_own_seal_tells_what_was_read_and_what_goes_with_it() {
        for text in ["天山草业科技有限公司", "山草业科技"] {
            let own = findings(text, SealScope::Own);
            assert!(own.len() == 1 && own[0].certain, "{text}: {own:?}");
            for part in ["红色圆形", "其下他人文字", text] {
                assert!(own[0].reason.contains(part), "{text}: {}", own[0].reason);
            }
        }
    }

    #[test]
    fn region_words_and_the_legal_form_alone_make_no_seal_the_units() {
        for text in ["天山科技有限公司", "有限公司", "天山北麓水利科技有限公司"] {
            let found = findings(text, SealScope::Own);
            assert!(found.iter().all(|finding| !finding.certain), "{text}: {found:?}");
        }
    }
}
