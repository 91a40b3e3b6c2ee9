//! Whose files a batch holds: one applicant's, typed; or a roster's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use zhegai::declarations::{Declarations, Resolved, Submitted};
use zhegai::identity::{Applicant, Identity};
use zhegai::input::roster::Roster;
use zhegai::input::{self, Inputs, Place, Rejected, Source};
use zhegai::pipeline::Assignment;

use crate::args::{ApplicantArgs, BatchArgs};
use crate::language::Language;

/// The applicants of a batch.
pub(crate) enum Applicants {
    /// All files are this one's.
    One(Applicant),
    /// Files are sorted by folder.
    Many(Roster),
}

/// A batch by applicant.
pub(crate) struct Assigned {
    pub(crate) assignments: Vec<Assignment>,
    /// Each with its applicant's number where that is known.
    pub(crate) rejected: Vec<(Rejected, Option<String>)>,
}

impl Applicants {
    /// The applicants that were typed or that the roster lists.
    ///
    /// # Errors
    /// When nobody can be looked for, or the roster cannot be read.
    pub(crate) fn of(args: &ApplicantArgs, language: Language) -> Result<Self> {
        let Some(path) = &args.roster else { return Ok(Self::One(args.applicant()?)) };
        let unreadable =
            || format!("{}{}", language.pick("名册不能使用：", "the roster cannot be used: "), path.display());
        let bytes = std::fs::read(path).with_context(unreadable)?;
        Ok(Self::Many(Roster::parse(&bytes).with_context(unreadable)?))
    }

    /// What is not looked for, because it was not given; `None` when all was.
    pub(crate) fn not_looked_for(&self, language: Language) -> Option<String> {
        let missing = |of: &dyn Fn(&Applicant) -> bool| match self {
            Self::One(applicant) => usize::from(of(applicant)),
            Self::Many(roster) => {
                roster.entries.iter().filter_map(|e| e.applicant.as_ref().ok()).filter(|a| of(a)).count()
            }
        };
        let names = missing(&|applicant| applicant.name.is_empty());
        let units = missing(&|applicant| applicant.unit.is_empty());
        let people = |count: usize| match self {
            Self::One(_) => String::new(),
            Self::Many(_) => language.pick("（{} 人）", " ({} applicants)").replace("{}", &count.to_string()),
        };
        let name = language.pick("未给出姓名，不检查姓名", "no name was given: names are not looked for");
        let unit = language.pick(
            "未给出工作单位，不检查单位名称和单位公章",
            "no work unit was given: it and its seals are not looked for",
        );
        let told: Vec<String> = [(name, names), (unit, units)]
            .into_iter()
            .filter(|&(_, count)| count > 0)
            .map(|(text, count)| format!("{text}{}", people(count)))
            .collect();
        (!told.is_empty())
            .then(|| format!("{}{}", language.pick("注意：", "note: "), told.join(language.pick("；", "; "))))
    }

    /// Units that are given in such general terms that everybody's would be masked; `None` when there is none.
    pub(crate) fn too_general(&self, language: Language) -> Option<String> {
        let told: Vec<String> = match self {
            Self::One(applicant) => applicant.generic_units().map(|unit| format!("“{unit}”")).collect(),
            Self::Many(roster) => {
                let usable =
                    roster.entries.iter().filter_map(|entry| Some((&entry.id, entry.applicant.as_ref().ok()?)));
                let general = usable.filter_map(|(id, applicant)| Some((id, applicant.generic_units().next()?)));
                general.map(|(id, unit)| format!("{id}“{unit}”")).collect()
            }
        };
        if told.is_empty() {
            return None;
        }
        Some(match language {
            Language::Zh => {
                format!("注意：单位写得过于笼统，其他单位的文字和印章也会算作本单位，请写全称：{}", told.join("、"))
            }
            Language::En => format!(
                "note: units in too general terms, so that others' count as the applicant's own; give the full name: {}",
                told.join(", ")
            ),
        })
    }

    /// Finds the applicant of every input.
    pub(crate) fn assign(&self, args: &BatchArgs, inputs: Inputs) -> Assigned {
        match self {
            Self::One(applicant) => {
                let identity = Arc::new(Identity::new(applicant, &[]));
                let assignments = inputs.documents.into_iter().map(|document| Assignment {
                    category: Place::of(&document.file, document.source.path(), None).category,
                    identity: Arc::clone(&identity),
                    applicant_id: applicant.id.clone(),
                    document,
                });
                let rejected = inputs.rejected.into_iter().map(|rejected| (rejected, applicant.id.clone()));
                Assigned { assignments: assignments.collect(), rejected: rejected.collect() }
            }
            Self::Many(roster) => {
                let sorted = input::sort_by_applicant(&inputs, &args.inputs, roster);
                let mut identities = BTreeMap::<usize, Arc<Identity>>::new();
                let mut assignments = Vec::new();
                for (document, index, category) in sorted.documents {
                    let entry = &roster.entries[index];
                    // Files of unusable rows are among the rejected.
                    let Ok(applicant) = &entry.applicant else { continue };
                    let identity = identities
                        .entry(index)
                        .or_insert_with(|| Arc::new(Identity::new(applicant, &roster.longer_names(applicant))));
                    let identity = Arc::clone(identity);
                    assignments.push(Assignment { document, identity, applicant_id: Some(entry.id.clone()), category });
                }
                Assigned { assignments, rejected: sorted.rejected }
            }
        }
    }
}

impl Assigned {
    /// The numbers of applicants whose unit is given in too general terms.
    pub(crate) fn of_general_units(&self) -> BTreeSet<Option<String>> {
        let general = self.assignments.iter().filter(|a| a.identity.applicant().generic_units().next().is_some());
        general.map(|assignment| assignment.applicant_id.clone()).collect()
    }

    /// The applicants' answers in a file, found among the batch's files.
    ///
    /// # Errors
    /// When the file cannot be read or understood.
    pub(crate) fn declarations(&self, path: &Path, language: Language) -> Result<Resolved> {
        let unreadable =
            || format!("{}{}", language.pick("申报表不能使用：", "the declarations cannot be used: "), path.display());
        let bytes = std::fs::read(path).with_context(unreadable)?;
        let examined = self.assignments.iter().map(|Assignment { document, applicant_id, .. }| Submitted {
            file: &document.file,
            path: match &document.source {
                Source::File(path) => Some(path),
                Source::Member(_) => None,
            },
            applicant_id: applicant_id.as_deref(),
        });
        let rejected = self.rejected.iter().map(|(rejected, applicant_id)| Submitted {
            file: &rejected.file,
            path: None,
            applicant_id: applicant_id.as_deref(),
        });
        Declarations::parse(&bytes)
            .and_then(|declarations| declarations.resolve(examined.chain(rejected)))
            .with_context(unreadable)
    }

    /// The applicants' characters that the reading model lacks.
    pub(crate) fn unknown_characters(&self, alphabet: &Arc<zhegai::ocr::lattice::Alphabet>) -> BTreeSet<char> {
        let mut unknown = BTreeSet::new();
        let mut last: Option<&Arc<Identity>> = None;
        for Assignment { identity, .. } in &self.assignments {
            // An applicant's files stand together.
            if last.is_none_or(|last| !Arc::ptr_eq(last, identity)) {
                unknown.extend(identity.unknown_characters(alphabet));
                last = Some(identity);
            }
        }
        unknown
    }
}
