//! Policy files: built-in ones by name, others as TOML laid over a built-in one.

use toml::{Table, Value};

use super::Policy;
use crate::error::{Error, Result};
use crate::input::Category;

/// The policy where none is named.
pub(super) const DEFAULT: &str = "xinjiang-title-review";

const BUILT_IN: [(&str, &str); 3] = [
    (DEFAULT, include_str!("xinjiang-title-review.toml")),
    ("thesis-blind-review", include_str!("thesis-blind-review.toml")),
    ("tender-dark-bid", include_str!("tender-dark-bid.toml")),
];

const KINDS: [&str; 7] = ["name", "unit", "seal", "eyes", "unit_code", "metadata", "classified"];

/// Sections with their keys; `category` has the headings for keys.
const SECTIONS: [(&str, &[&str]); 6] = [
    ("identity", &KINDS),
    ("seals", &["scope", "unreadable"]),
    ("marks", &["accepted"]),
    ("thresholds", &["certain", "review"]),
    ("files", &["names", "max_bytes"]),
    ("summary", &["min_characters", "max_characters"]),
];

impl Policy {
    /// Names of the built-in policies, the default first.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|&(name, _)| name)
    }

    /// The file that a built-in policy is written in.
    pub fn built_in_text(name: &str) -> Option<&'static str> {
        BUILT_IN.iter().find(|(known, _)| *known == name).map(|&(_, text)| text)
    }

    /// A built-in policy; `None` when there is none of that name.
    pub fn built_in(name: &str) -> Option<Self> {
        Self::built_in_text(name).and_then(|text| Table::try_into(text.parse().ok()?).ok())
    }

    /// A policy file. What it does not say is as in the built-in policy that it names by `extends`, else as in the
    /// default one.
    ///
    /// # Errors
    /// [`Error::Settings`] with the key concerned and, for an unknown one, the nearest known.
    pub fn parse(text: &str) -> Result<Self> {
        let mut own: Table = text.parse().map_err(|error: toml::de::Error| settings(error.to_string().trim_end()))?;
        let base = match own.remove("extends") {
            None => DEFAULT.to_owned(),
            Some(Value::String(name)) => name,
            Some(_) => return Err(settings("extends must be the name of a built-in policy")),
        };
        check_keys(&own)?;
        let base_text = Self::built_in_text(&base).ok_or_else(|| {
            let names: Vec<&str> = Self::built_in_names().collect();
            unknown("built-in policy", &base, &names)
        })?;
        let mut merged: Table = base_text.parse().map_err(|error: toml::de::Error| settings(&error.to_string()))?;
        overlay(&mut merged, own);
        let policy: Self =
            merged.try_into().map_err(|error: toml::de::Error| settings(error.to_string().trim_end()))?;
        policy.validated()
    }

    /// The whole policy as a file.
    ///
    /// # Errors
    /// Never in practice: policies are plain data.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string_pretty(self).map_err(|error| settings(&error.to_string()))
    }

    fn validated(self) -> Result<Self> {
        for (key, value) in [("certain", self.thresholds.certain), ("review", self.thresholds.review)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(settings(&format!("thresholds.{key} must be between 0 and 1")));
            }
        }
        if self.thresholds.review > self.thresholds.certain {
            return Err(settings("thresholds.review must not be above thresholds.certain"));
        }
        let (min, max) = (self.summary.min_characters, self.summary.max_characters);
        if max != 0 && min > max {
            return Err(settings("summary.min_characters must not be above summary.max_characters"));
        }
        Ok(self)
    }
}

fn check_keys(table: &Table) -> Result<()> {
    let mut top: Vec<&str> = SECTIONS.iter().map(|&(name, _)| name).collect();
    top.extend(["title", "category", "extends"]);
    for (key, value) in table {
        if !top.contains(&key.as_str()) {
            return Err(unknown("key", key, &top));
        }
        let Some(section) = value.as_table() else { continue };
        if key == "category" {
            let headings = Category::ALL.map(Category::heading);
            for (heading, exceptions) in section {
                if !headings.contains(&heading.as_str()) {
                    return Err(unknown("category", heading, &headings));
                }
                check_section(&format!("category.{heading}"), exceptions.as_table(), &KINDS)?;
            }
        } else if let Some((_, keys)) = SECTIONS.iter().find(|(name, _)| name == key) {
            check_section(key, Some(section), keys)?;
        }
    }
    Ok(())
}

fn check_section(section: &str, table: Option<&Table>, keys: &[&str]) -> Result<()> {
    match table.into_iter().flat_map(Table::keys).find(|key| !keys.contains(&key.as_str())) {
        Some(key) => Err(unknown(&format!("key in [{section}]"), key, keys)),
        None => Ok(()),
    }
}

fn overlay(base: &mut Table, own: Table) {
    for (key, value) in own {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => overlay(below, above),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

fn unknown(what: &str, key: &str, known: &[&str]) -> Error {
    let distance = |candidate: &&&str| strsim::damerau_levenshtein(key, candidate);
    let nearest = known.iter().min_by_key(distance).copied().unwrap_or_default();
    settings(&format!("没有“{key}”，是否指“{nearest}”？ (unknown {what} “{key}”; did you mean “{nearest}”?)"))
}

fn settings(problem: &str) -> Error {
    Error::Settings(format!("policy: {problem}"))
}
