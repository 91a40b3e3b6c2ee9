use super::*;
use crate::pipeline::tests_support::finding_at;

fn of_kind(kind: FindingKind, certain: bool) -> Finding {
    Finding { kind, certain, ..finding_at(Bbox::from_ltrb(10, 10, 60, 30)) }
}

fn states(findings: &[Finding]) -> Vec<(FindingState, bool)> {
    findings.iter().map(|finding| (finding.state, finding.certain)).collect()
}

fn problem(text: &str) -> String {
    Policy::parse(text).expect_err("unsound").to_string()
}

#[test]
fn built_in_policies_are_sound_and_say_everything() {
    for name in Policy::built_in_names() {
        let built_in = Policy::built_in(name).expect(name);
        assert_eq!(Policy::parse(&format!("extends = \"{name}\"")).expect(name), built_in);
        assert_eq!(Policy::parse(Policy::built_in_text(name).expect(name)).expect(name).title, built_in.title);
    }
    let shown = Policy::default().to_toml().expect("plain data");
    assert_eq!(Policy::parse(&shown).expect("what is shown can be used"), Policy::default());
    assert_eq!(Policy::built_in_names().next(), Some("xinjiang-title-review"));
    assert_eq!(Policy::default().summary, SummaryLength { min_characters: 2000, max_characters: 3000 });
}

#[test]
fn the_id_card_is_listed_under_basic_data_and_a_violation_elsewhere() {
    let policy = Policy::default();
    let findings = || vec![of_kind(FindingKind::Name, true), of_kind(FindingKind::Eyes, true)];
    let listed = policy.apply(Some(Category::BasicData), findings(), &[]);
    assert_eq!(states(&listed), [(FindingState::Exempt, true); 2]);
    assert!(listed[0].reason.contains("listed only"));
    for category in [Some(Category::Awards), None] {
        assert_eq!(policy.apply(category, findings(), &[]), findings());
    }
}

#[test]
fn a_review_rule_makes_findings_uncertain_and_an_ignored_kind_vanishes() {
    let policy = Policy::parse("[identity]\nname = \"review\"\nunit = \"ignored\"").expect("sound");
    let findings = vec![of_kind(FindingKind::Name, true), of_kind(FindingKind::Unit, true)];
    assert_eq!(states(&policy.apply(None, findings, &[])), [(FindingState::Exposed, false)]);
}

#[test]
fn unreadable_seals_follow_their_own_rule() {
    let seal = || vec![of_kind(FindingKind::Seal, false)];
    assert_eq!(states(&Policy::default().apply(None, seal(), &[])), [(FindingState::Exposed, false)]);
    let all = Policy::built_in("tender-dark-bid").expect("built in");
    assert_eq!(states(&all.apply(None, seal(), &[])), [(FindingState::Exposed, true)]);
    let listed = Policy::parse("[seals]\nunreadable = \"listed\"").expect("sound");
    assert_eq!(states(&listed.apply(None, seal(), &[])), [(FindingState::Exempt, false)]);
}

#[test]
fn a_seal_in_doubt_on_a_masked_copy_is_for_a_person() {
    let seal = || vec![of_kind(FindingKind::Seal, false)];
    let masking = Policy::parse("[seals]\nunreadable = \"violation\"").expect("sound");
    assert_eq!(states(&masking.apply(None, seal(), &[])), [(FindingState::Exposed, true)]);
    assert_eq!(states(&masking.of_copies().apply(None, seal(), &[])), [(FindingState::Exposed, false)]);
}

#[test]
fn confidence_below_the_thresholds_is_for_a_person_or_only_listed() {
    let policy = Policy::parse("[thresholds]\ncertain = 0.8\nreview = 0.3").expect("sound");
    let findings = [0.9, 0.5, 0.1].map(|confidence| Finding { confidence, ..of_kind(FindingKind::Name, true) });
    assert_eq!(
        states(&policy.apply(None, findings.to_vec(), &[])),
        [(FindingState::Exposed, true), (FindingState::Exposed, false), (FindingState::Exempt, true)]
    );
}

#[test]
fn the_policy_decides_which_covers_count() {
    let bbox = Bbox::from_ltrb(0, 0, 100, 100);
    let mark = |style| [Mark { bbox, style }];
    let covered = |state| vec![Finding { state, ..of_kind(FindingKind::Name, true) }];
    let mosaic = Policy::parse("[marks]\naccepted = [\"solid\", \"mosaic\"]").expect("sound");
    let weak = || covered(FindingState::WeakMask);
    assert_eq!(states(&mosaic.apply(None, weak(), &mark(MarkStyle::Mosaic))), [(FindingState::Masked, true)]);
    assert_eq!(states(&mosaic.apply(None, weak(), &mark(MarkStyle::Blur))), [(FindingState::WeakMask, true)]);
    assert_eq!(states(&mosaic.apply(None, weak(), &mark(MarkStyle::Solid))), [(FindingState::WeakMask, true)]);
    let none = Policy::parse("[marks]\naccepted = []").expect("sound");
    let solid = none.apply(None, covered(FindingState::Masked), &mark(MarkStyle::Solid));
    assert_eq!(states(&solid), [(FindingState::WeakMask, true)]);
}

#[test]
fn unknown_keys_are_errors_that_name_the_nearest() {
    assert!(problem("[identiy]\nname = \"review\"").contains("did you mean “identity”"));
    assert!(problem("[seals]\nscop = \"all\"").contains("did you mean “scope”"));
    assert!(problem("[category.\"基本信息\"]\neye = \"listed\"").contains("did you mean “eyes”"));
    assert!(problem("[category.\"基础信息\"]\neyes = \"listed\"").contains("did you mean “基本信息”"));
    assert!(problem("extends = \"tender\"").contains("tender-dark-bid"));
}

#[test]
fn values_that_make_no_sense_are_errors() {
    assert!(problem("[seals]\nscope = \"mine\"").contains("mine"));
    assert!(problem("[thresholds]\ncertain = 2.0").contains("between 0 and 1"));
    assert!(problem("[thresholds]\nreview = 0.5").contains("must not be above"));
    assert!(problem("[summary]\nmin_characters = 4000").contains("must not be above"));
    assert!(problem("seals = 3").contains("policy:"));
    assert!(problem("not toml").contains("policy:"));
}
