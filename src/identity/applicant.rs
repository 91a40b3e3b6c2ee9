//! Who is looked for: one applicant's own data, as typed or as read from a roster.

use serde::{Deserialize, Serialize};

use super::normalize::Normalized;
use crate::error::{Error, Result};

/// One applicant. At least one of name and unit is given; text is kept as the user wrote it, trimmed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applicant {
    /// The roster's own number, `None` for an applicant typed on the command line.
    pub id: Option<String>,
    /// The person's name (本人姓名); empty when only the unit is looked for.
    pub name: String,
    /// The work unit's full name (工作单位); empty when only the name is looked for.
    pub unit: String,
    /// Other names of the person or the unit: former names, English and pinyin spellings, short forms.
    pub aliases: Vec<String>,
    /// Units where the person worked before.
    pub former_units: Vec<String>,
}

/// Longest accepted name or unit, in characters; the longest registered company names have about 60.
const LONGEST: usize = 120;

impl Applicant {
    /// An applicant from the name and the unit; either may be empty, not both.
    ///
    /// # Errors
    /// [`Error::Settings`] when the data cannot be searched for, see [`Applicant::validated`].
    pub fn new(name: &str, unit: &str) -> Result<Self> {
        Self { name: name.to_owned(), unit: unit.to_owned(), ..Self::default() }.validated()
    }

    /// The same applicant with every text trimmed and empty list entries dropped.
    ///
    /// # Errors
    /// [`Error::Settings`] when both name and unit are missing, when a text has only one character or no letters
    /// (it would match everywhere), or is longer than 120 characters.
    pub fn validated(mut self) -> Result<Self> {
        for text in [&mut self.name, &mut self.unit] {
            *text = text.trim().to_owned();
        }
        for list in [&mut self.aliases, &mut self.former_units] {
            for text in list.iter_mut() {
                *text = text.trim().to_owned();
            }
            list.retain(|text| !text.is_empty());
            list.dedup();
        }
        if self.name.is_empty() && self.unit.is_empty() {
            return Err(Error::Settings("an applicant needs a name or a unit (--name, --unit)".to_owned()));
        }
        let whose = self.id.as_ref().map_or_else(String::new, |id| format!(" of applicant {id}"));
        check("name", &self.name, &whose)?;
        check("unit", &self.unit, &whose)?;
        for alias in &self.aliases {
            check("alias", alias, &whose)?;
        }
        for unit in &self.former_units {
            check("former unit", unit, &whose)?;
        }
        Ok(self)
    }
}

fn check(field: &str, text: &str, whose: &str) -> Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let letters = Normalized::new(text).chars().iter().filter(|c| c.is_alphanumeric()).count();
    let problem = match letters {
        0 => "has no letters",
        1 => "is one character: it would be found everywhere",
        _ if text.chars().count() > LONGEST => "is longer than 120 characters",
        _ => return Ok(()),
    };
    Err(Error::Settings(format!("the {field}{whose} {problem}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_or_unit_is_enough_but_one_is_needed() {
        assert!(Applicant::new("张伟", "").is_ok());
        assert!(Applicant::new("", "天山草业科技有限公司").is_ok());
        assert!(matches!(Applicant::new(" ", "\u{3000}"), Err(Error::Settings(_))));
    }

    #[test]
    fn texts_that_would_match_everywhere_are_refused() {
        assert!(Applicant::new("张", "").is_err());
        assert!(Applicant::new("··", "").is_err());
        assert!(
            Applicant { name: "张伟".into(), aliases: vec!["伟".into()], ..Applicant::default() }.validated().is_err()
        );
    }

    #[test]
    fn texts_are_trimmed_and_empty_entries_dropped() {
        let applicant = Applicant {
            name: " 张伟 ".into(),
            aliases: vec!["  ".into(), " Zhang Wei".into()],
            ..Applicant::default()
        }
        .validated()
        .expect("a name is there");
        assert_eq!((applicant.name.as_str(), applicant.aliases.as_slice()), ("张伟", &["Zhang Wei".to_owned()][..]));
    }
}
