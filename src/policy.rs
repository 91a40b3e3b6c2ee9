//! The office's rules: what counts as identity under each heading, what must be masked, what a person decides.
//! Built-in policies and TOML files → [`Policy`], which is applied to a page's findings. Finds nothing itself.

mod file;
mod parse;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::geometry::Bbox;
use crate::input::Category;
use crate::report::{Finding, FindingKind, FindingState, Mark, MarkStyle};

/// How something that is not masked is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// It must be masked.
    Violation,
    /// A person decides.
    Review,
    /// It is reported, but neither masked nor counted.
    Listed,
    /// It is not reported.
    Ignored,
}

/// Whose seals must be masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SealScope {
    /// Those of the applicant's unit.
    Own,
    /// Every seal.
    All,
}

/// Treatment by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identities {
    /// The applicant's name.
    pub name: Treatment,
    /// The work unit's name.
    pub unit: Treatment,
    /// Seals in scope.
    pub seal: Treatment,
    /// Eyes in photos.
    pub eyes: Treatment,
    /// The unit's registration code.
    pub unit_code: Treatment,
    /// Identity in a file outside its pages.
    pub metadata: Treatment,
    /// Secrecy marks.
    pub classified: Treatment,
}

/// What a category does otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Exceptions {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Treatment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<Treatment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seal: Option<Treatment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eyes: Option<Treatment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_code: Option<Treatment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Treatment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    classified: Option<Treatment>,
}

/// Rules for seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seals {
    /// Whose.
    pub scope: SealScope,
    /// Those whose lettering cannot be read for certain.
    pub unreadable: Treatment,
}

/// Rules for existing covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// Styles that count as masked.
    pub accepted: Vec<MarkStyle>,
}

/// Confidences, 0..=1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Findings below it need a person.
    pub certain: f32,
    /// Findings below it are only listed.
    pub review: f32,
}

/// Rules for files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// Identity in a file's own name.
    pub names: Treatment,
    /// Largest file in bytes; 0 for no limit.
    pub max_bytes: u64,
}

impl Files {
    /// Bytes that a masked copy may have; `None` without a limit.
    pub fn most_bytes(&self) -> Option<usize> {
        usize::try_from(self.max_bytes).ok().filter(|&limit| limit > 0)
    }
}

/// Length of the work summary, in characters without white space; 0 for no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SummaryLength {
    /// At least.
    pub min_characters: usize,
    /// At most.
    pub max_characters: usize,
}

/// The rules of a review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// For people.
    pub title: String,
    /// Treatment by kind.
    pub identity: Identities,
    /// Rules for seals.
    pub seals: Seals,
    /// Rules for existing covers.
    pub marks: Marks,
    /// Confidences.
    pub thresholds: Thresholds,
    /// Rules for files.
    pub files: Files,
    /// Length of the work summary.
    pub summary: SummaryLength,
    /// Exceptions by category.
    #[serde(default)]
    pub category: BTreeMap<Category, Exceptions>,
}

impl Default for Policy {
    fn default() -> Self {
        Self::built_in(parse::DEFAULT).expect("the built-in policies are sound: a test reads them")
    }
}

/// Share of a finding that a cover must overlie to be its cover.
const COVERED: f32 = 0.5;

const EXEMPT: &str = "按规则仅列出，无需遮盖 (by the policy it is listed only)";
const DOUBTFUL: &str = "按规则需人工查看 (by the policy a person must look)";
const STYLE_REFUSED: &str = "规则不接受此遮盖方式 (the policy does not accept this way of masking)";
const STYLE_ACCEPTED: &str = "规则接受此遮盖方式 (the policy accepts this way of masking)";

impl Policy {
    /// The treatment of a kind under a heading.
    pub fn treatment(&self, kind: FindingKind, category: Option<Category>) -> Treatment {
        let exceptions = category.and_then(|category| self.category.get(&category)).copied().unwrap_or_default();
        let of = &self.identity;
        let (exception, rule) = match kind {
            FindingKind::Name => (exceptions.name, of.name),
            FindingKind::Unit => (exceptions.unit, of.unit),
            FindingKind::Seal => (exceptions.seal, of.seal),
            FindingKind::Eyes => (exceptions.eyes, of.eyes),
            FindingKind::UnitCode => (exceptions.unit_code, of.unit_code),
            FindingKind::Metadata => (exceptions.metadata, of.metadata),
            FindingKind::Classified => (exceptions.classified, of.classified),
        };
        exception.unwrap_or(rule)
    }

    /// The findings of a page under this policy. Uncertain findings never become certain, but for seals where every
    /// seal counts.
    pub fn apply(&self, category: Option<Category>, findings: Vec<Finding>, marks: &[Mark]) -> Vec<Finding> {
        findings.into_iter().filter_map(|finding| self.judged(category, finding, marks)).collect()
    }

    /// The policy for masked copies: every seal that could not be read was covered, so one that the copy still shows was read as
    /// somebody else's, and doubts about it that come with saving are for a person.
    #[must_use]
    pub(crate) fn of_copies(&self) -> Self {
        let mut policy = self.clone();
        if policy.seals.unreadable == Treatment::Violation {
            policy.seals.unreadable = Treatment::Review;
        }
        policy
    }

    fn judged(&self, category: Option<Category>, mut finding: Finding, marks: &[Mark]) -> Option<Finding> {
        self.judge_cover(&mut finding, marks);
        let mut treatment = self.treatment(finding.kind, category);
        if finding.kind == FindingKind::Seal && !finding.certain && treatment == Treatment::Violation {
            treatment = self.seals.unreadable;
            finding.certain |= treatment == Treatment::Violation;
        }
        if treatment == Treatment::Violation && finding.confidence < self.thresholds.certain {
            treatment = Treatment::Review;
        }
        if treatment != Treatment::Ignored && finding.confidence < self.thresholds.review {
            treatment = Treatment::Listed;
        }
        match treatment {
            Treatment::Violation => {}
            Treatment::Review => {
                if finding.certain && finding.state != FindingState::Masked {
                    finding.certain = false;
                    add_reason(&mut finding, DOUBTFUL);
                }
            }
            Treatment::Listed => {
                if finding.state != FindingState::Masked {
                    finding.state = FindingState::Exempt;
                    add_reason(&mut finding, EXEMPT);
                }
            }
            Treatment::Ignored => return None,
        }
        Some(finding)
    }

    /// Whether the way in which a finding is covered is accepted.
    fn judge_cover(&self, finding: &mut Finding, marks: &[Mark]) {
        let cover = |bbox: Bbox| marks.iter().find(|mark| bbox.covered_by(mark.bbox) >= COVERED);
        let Some(mark) = finding.bbox.and_then(cover) else { return };
        let accepted = self.marks.accepted.contains(&mark.style);
        match finding.state {
            // What is weakly masked lies under no solid cover: the block is a photo's ground or frame.
            FindingState::WeakMask if accepted && mark.style != MarkStyle::Solid => {
                finding.state = FindingState::Masked;
                add_reason(finding, STYLE_ACCEPTED);
            }
            FindingState::Masked if !accepted => {
                finding.state = FindingState::WeakMask;
                add_reason(finding, STYLE_REFUSED);
            }
            _ => {}
        }
    }
}

fn add_reason(finding: &mut Finding, reason: &str) {
    if !finding.reason.is_empty() {
        finding.reason.push_str("; ");
    }
    finding.reason.push_str(reason);
}

#[cfg(test)]
mod tests;
