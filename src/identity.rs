//! An applicant's data + text (lattices, strings, glyphs, seal lettering) → where the applicant's name and unit
//! stand, and how sure that is. Knows nothing of pixels or policy; the only module with Unicode, pinyin,
//! traditional/simplified and word segmentation crates.

mod account;
mod applicant;
mod borders;
mod boxes;
mod cells;
mod context;
mod decoys;
mod evidence;
mod fit;
mod illegible;
mod initials;
mod join;
mod latin;
mod likely;
mod lone;
mod matter;
mod normalize;
mod pinyin;
mod public_bodies;
mod reading;
mod seal_text;
mod search;
mod spot;
#[cfg(test)]
mod tests;
mod text;
mod unit_code;
mod unit_forms;
mod variants;

use std::collections::BTreeSet;
use std::sync::{Arc, RwLock};

pub use applicant::Applicant;
pub(crate) use borders::is_a_persons_name;
pub(crate) use decoys::{Decoys, common_characters};
pub use evidence::{Evidence, LineSpan, StringMatch, TextMatch};
pub use fit::SearchParams;
pub use normalize::Normalized;
pub(crate) use normalize::{fold, is_han};
pub(crate) use seal_text::NAME_SEAL_WORDS;
pub use seal_text::{Extent, SealMatch};
pub(crate) use unit_code::is_unit_code;

use crate::ocr::lattice::Alphabet;
use spot::{Columns, Symbols};
use variants::{Doubt, Keyword, keywords};

/// What of the applicant was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The person's name, an alias or a spelling of it.
    Name,
    /// The work unit, a former one, an alias or a short form.
    Unit,
}

/// One applicant, ready to be looked for.
#[derive(Debug)]
pub struct Identity {
    applicant: Applicant,
    keywords: Vec<Keyword>,
    columns: Columns,
    /// Folded names of other people that hold one of the applicant's names.
    longer_names: Vec<String>,
    params: SearchParams,
    /// Filled when a lattice over a new alphabet comes by.
    alphabets: RwLock<Vec<Arc<Symbols>>>,
}

impl Identity {
    /// Compiles all that the applicant's name and unit may be written as. `others` are other people's names
    /// known to appear (the roster's): one that contains the applicant's name decides what a longer name means.
    pub fn new(applicant: &Applicant, others: &[String]) -> Self {
        let keywords = keywords(applicant);
        let is_name = |k: &&Keyword| k.kind == Kind::Name && k.doubt != Doubt::Initials;
        let own: Vec<String> = keywords.iter().filter(is_name).map(Keyword::text).collect();
        let longer_names = others
            .iter()
            .map(|other| {
                Normalized::new(other).chars().iter().filter(|&&c| !normalize::is_filler(c)).collect::<String>()
            })
            .filter(|other| {
                own.iter().any(|name| other != name && other.contains(name.as_str())) && !own.contains(other)
            })
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        Self {
            applicant: applicant.clone(),
            columns: Columns::new(&keywords),
            keywords,
            longer_names,
            params: SearchParams::default(),
            alphabets: RwLock::new(Vec::new()),
        }
    }

    /// The same with other thresholds.
    #[must_use]
    pub fn with_params(mut self, params: SearchParams) -> Self {
        self.params = params;
        self
    }

    /// All that the search depends on, for telling whether two searches are the same.
    pub(crate) fn looked_for(&self) -> impl std::fmt::Debug + '_ {
        (&self.applicant, &self.longer_names, &self.params)
    }

    /// Other people's names that hold one of the applicant's.
    pub(crate) fn longer_names(&self) -> &[String] {
        &self.longer_names
    }

    /// Whom this looks for.
    pub fn applicant(&self) -> &Applicant {
        &self.applicant
    }

    /// The applicant's name, unit and former units as the user wrote them, empty ones too.
    pub(crate) fn own_texts(&self) -> impl Iterator<Item = (Kind, &String)> {
        let units = std::iter::once(&self.applicant.unit).chain(&self.applicant.former_units);
        std::iter::once((Kind::Name, &self.applicant.name)).chain(units.map(|unit| (Kind::Unit, unit)))
    }

    /// The applicant's characters that a reading model cannot output, in the order of the code points. Where they
    /// stand any one character is accepted, so the user must be told that such matches need a look.
    pub fn unknown_characters(&self, alphabet: &Arc<Alphabet>) -> Vec<char> {
        let typed: BTreeSet<char> = [&self.applicant.name, &self.applicant.unit]
            .into_iter()
            .chain(&self.applicant.aliases)
            .chain(&self.applicant.former_units)
            .flat_map(|text| text.chars())
            .collect();
        let unknown: BTreeSet<char> = self.symbols(alphabet).unknown(&self.columns).collect();
        // Told as the user typed them: 喆 and not what it folds to.
        typed.into_iter().filter(|&c| normalize::fold(c).any(|folded| unknown.contains(&folded))).collect()
    }

    fn symbols(&self, alphabet: &Arc<Alphabet>) -> Arc<Symbols> {
        let known = |list: &[Arc<Symbols>]| list.iter().find(|s| s.is_for(alphabet)).map(Arc::clone);
        if let Ok(list) = self.alphabets.read()
            && let Some(found) = known(&list)
        {
            return found;
        }
        let made = Arc::new(Symbols::new(&self.columns, alphabet));
        if let Ok(mut list) = self.alphabets.write() {
            if let Some(found) = known(&list) {
                return found;
            }
            list.push(Arc::clone(&made));
        }
        made
    }
}
