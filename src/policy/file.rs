//! The policy for files as such: their names and sizes.

use super::{EXEMPT, Policy, Treatment, add_reason};
use crate::report::{Finding, FindingState};

impl Policy {
    /// What was found in a file's name, and a finding when its `bytes` are too many.
    pub fn of_file(&self, in_name: Vec<Finding>, bytes: u64) -> Vec<Finding> {
        let mut findings: Vec<Finding> =
            in_name.into_iter().filter_map(|finding| by_name_rule(finding, self.files.names)).collect();
        let limit = self.files.max_bytes;
        if limit > 0 && bytes > limit {
            let reason = format!("文件 {bytes} 字节，上限 {limit} 字节 (the file is larger than the policy allows)");
            findings.push(Finding::of_file(FindingState::Exposed, reason));
        }
        findings
    }
}

fn by_name_rule(mut finding: Finding, rule: Treatment) -> Option<Finding> {
    match rule {
        Treatment::Violation => {}
        Treatment::Review => finding.certain = false,
        Treatment::Listed => {
            finding.state = FindingState::Exempt;
            add_reason(&mut finding, EXEMPT);
        }
        Treatment::Ignored => return None,
    }
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Bbox;
    use crate::pipeline::tests_support::finding_at;

    #[test]
    fn the_policy_decides_what_a_files_name_means() {
        let of = |names: &str| {
            let policy = Policy::parse(&format!("[files]\nnames = \"{names}\"")).expect("sound");
            let found = policy.of_file(vec![finding_at(Bbox::from_ltrb(0, 0, 1, 1))], 1);
            found.iter().map(|finding| (finding.state, finding.certain)).collect::<Vec<_>>()
        };
        assert_eq!(of("violation"), [(FindingState::Exposed, true)]);
        assert_eq!(of("review"), [(FindingState::Exposed, false)]);
        assert_eq!(of("listed"), [(FindingState::Exempt, true)]);
        assert_eq!(of("ignored"), []);
    }

    #[test]
    fn a_file_above_the_limit_is_for_a_person() {
        let policy = Policy::parse("[files]\nmax_bytes = 100").expect("sound");
        assert_eq!(policy.of_file(vec![], 100), []);
        assert_eq!(policy.of_file(vec![], 101).iter().map(|f| f.certain).collect::<Vec<_>>(), [false]);
    }
}
