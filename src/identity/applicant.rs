//! Who is looked for: one applicant's own data, as typed or as read from a roster.

use serde::{Deserialize, Serialize};

use super::normalize::{Normalized, is_han};
use super::unit_forms::is_generic;
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

    /// The same applicant with every text trimmed, empty list entries dropped and a form of address taken off the name
    /// (陈思远医生).
    ///
    /// # Errors
    /// [`Error::Settings`] when both name and unit are missing, when the name looks like several, when a text has only one character or no letters
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
            return Err(Error::Settings(
                "请给出申报人的姓名或工作单位：--name、--unit \
                 (an applicant needs a name or a unit: --name, --unit)"
                    .to_owned(),
            ));
        }
        if let Some(bare) = without_title(&self.name) {
            self.name = bare;
        }
        check("姓名", "name", &self.name, self.id.as_deref())?;
        if is_several(&self.name) {
            return Err(Error::Settings(format!(
                "“{}”像是几个姓名，每次只写一位申报人的姓名；其他写法请用 --alias 或名册的“别名”列 (the name looks \
                 like several names: give one applicant's, and other spellings of it as aliases)",
                self.name
            )));
        }
        check("工作单位", "unit", &self.unit, self.id.as_deref())?;
        for alias in &self.aliases {
            check("别名", "alias", alias, self.id.as_deref())?;
        }
        for unit in &self.former_units {
            check("曾用单位", "former unit", unit, self.id.as_deref())?;
        }
        Ok(self)
    }
}

impl Applicant {
    /// The units, former units and aliases that tell no unit from others: what bears such a name is everybody's.
    pub fn generic_units(&self) -> impl Iterator<Item = &str> {
        let units = std::iter::once(&self.unit).chain(&self.former_units).chain(&self.aliases);
        units.map(String::as_str).filter(|unit| !unit.is_empty() && is_generic(unit))
    }
}

/// What people write after a name when they speak of somebody.
const TITLES: [&str; 12] =
    ["同志", "先生", "女士", "老师", "医生", "医师", "教授", "副教授", "研究员", "工程师", "高级工程师", "同学"];

/// A Chinese name without the form of address after it; `None` when there is none, or less than a name would be left.
fn without_title(name: &str) -> Option<String> {
    let bare = TITLES.iter().filter_map(|title| name.strip_suffix(title)).min_by_key(|bare| bare.len())?.trim_end();
    (bare.chars().filter(|&c| is_han(c)).count() >= 2).then(|| bare.to_owned())
}

/// True for Chinese names in a row; a comma may stand in a Latin one.
fn is_several(name: &str) -> bool {
    name.chars().any(is_han) && name.contains(['、', '，', ',', '；', ';', '/', '／', '|', '\n'])
}

fn check(field_zh: &str, field: &str, text: &str, id: Option<&str>) -> Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let letters = Normalized::new(text).chars().iter().filter(|c| c.is_alphanumeric()).count();
    let (whose_zh, whose) =
        id.map_or_else(Default::default, |id| (format!("申报人 {id} 的"), format!(" of applicant {id}")));
    let (zh, en) = match letters {
        0 => ("没有文字", "has no letters"),
        1 => ("只有一个字，会处处匹配", "is one character: it would be found everywhere"),
        _ if text.chars().count() > LONGEST => ("超过 120 个字", "is longer than 120 characters"),
        _ => return Ok(()),
    };
    Err(Error::Settings(format!("{whose_zh}{field_zh}{zh} (the {field}{whose} {en})")))
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
    fn several_names_are_refused_and_a_latin_comma_is_not() {
        for name in ["陈思远、李明", "陈思远,李明", "陈思远；李明", "陈思远/李明"] {
            assert!(matches!(Applicant::new(name, ""), Err(Error::Settings(_))), "{name}");
        }
        assert!(Applicant::new("Chen, Siyuan", "").is_ok());
    }

    #[test]
    fn a_form_of_address_is_no_part_of_the_name() {
        let name = |typed: &str| Applicant::new(typed, "").expect("valid").name;
        for typed in ["陈思远医生", "陈思远同志", "陈思远 高级工程师", "陈思远副教授"] {
            assert_eq!(name(typed), "陈思远");
        }
        assert_eq!(name("师医生"), "师医生");
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
