//! Rows → rows that can be handed on: identity text is replaced by `#` + 8 hexadecimal digits + `…`, the start of a
//! SHA-256 over a random salt and the text. Equal texts get equal replacements within a report and others in the
//! next one; the salt is kept nowhere, so that names cannot be tried out. Places, sizes, verdicts and applicants'
//! numbers stay.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{PageReport, Summary};
use crate::error::{Error, Result};
use crate::identity::{Applicant, Identity};

/// Bytes of the hash that are shown. 32 bits keep the texts of a batch of 300 applicants, some 3,000, apart with a
/// probability of 99.9 %.
const SHOWN_BYTES: usize = 4;
/// A resident identity number (GB 11643) has 17 digits and a check character.
const RESIDENT_NUMBER: usize = 18;

/// Replaces identity in a report.
#[derive(Debug)]
pub struct Redactor {
    salt: [u8; 32],
    identities: BTreeMap<Option<String>, Arc<Identity>>,
    /// What any applicant of the batch is called, longest first.
    literals: Vec<String>,
}

impl Redactor {
    /// For a batch of these applicants, by the `applicant_id` of their rows.
    ///
    /// # Errors
    /// [`Error::Settings`] when the system gives no random numbers.
    pub fn new(applicants: impl IntoIterator<Item = (Option<String>, Arc<Identity>)>) -> Result<Self> {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt)
            .map_err(|error| Error::Settings(format!("the report cannot be redacted: no random numbers: {error}")))?;
        Ok(Self::salted(salt, applicants))
    }

    fn salted(salt: [u8; 32], applicants: impl IntoIterator<Item = (Option<String>, Arc<Identity>)>) -> Self {
        let identities: BTreeMap<_, _> = applicants.into_iter().collect();
        let literals: BTreeSet<&str> =
            identities.values().flat_map(|identity| names_of(identity.applicant())).collect();
        let mut literals: Vec<String> = literals.into_iter().map(str::to_owned).collect();
        literals.sort_by_key(|literal| std::cmp::Reverse(literal.len()));
        Self { salt, identities, literals }
    }

    /// The row without identity.
    pub fn page(&self, page: &PageReport) -> PageReport {
        let identity = self.identities.get(&page.applicant_id).map(Arc::as_ref);
        let mut page = page.clone();
        let file = self.path(&page.file, identity);
        for note in &mut page.notes {
            *note = self.remark(&note.replace(&page.file, &file), identity, None);
        }
        for finding in &mut page.findings {
            finding.reason = self.remark(&finding.reason, identity, finding.text.as_deref());
            finding.text = finding.text.as_deref().map(|text| self.token(text));
        }
        page.file = file;
        page.applicant_id = page.applicant_id.map(|id| self.component(&id, identity));
        page
    }

    /// The totals without identity.
    pub fn summary(&self, summary: &Summary) -> Summary {
        let mut summary = summary.clone();
        for applicant in &mut summary.applicants {
            let identity = self.identities.get(&applicant.applicant_id).map(Arc::as_ref);
            applicant.applicant_id = applicant.applicant_id.take().map(|id| self.component(&id, identity));
        }
        summary
    }

    /// A path; a part of it that holds identity is replaced as a whole but for its extension, since what stands
    /// beside a name may belong to it.
    fn path(&self, path: &str, identity: Option<&Identity>) -> String {
        path.split('/').map(|part| self.component(part, identity)).collect::<Vec<_>>().join("/")
    }

    fn component(&self, part: &str, identity: Option<&Identity>) -> String {
        if self.places(part, identity).is_empty() {
            return part.to_owned();
        }
        let (stem, extension) = match part.rfind('.').filter(|&dot| dot > 0) {
            // An extension is short and plain; identity may stand after a dot too.
            Some(dot) if part.len() - dot <= 6 && part[dot + 1..].bytes().all(|b| b.is_ascii_alphanumeric()) => {
                part.split_at(dot)
            }
            _ => (part, ""),
        };
        format!("{}{extension}", self.token(stem))
    }

    /// A remark: what it quotes and what in it is identity is replaced.
    fn remark(&self, text: &str, identity: Option<&Identity>, found: Option<&str>) -> String {
        let mut places = quoted(text);
        places.extend(self.places(text, identity));
        if let Some(found) = found.filter(|found| !found.is_empty()) {
            places.extend(text.match_indices(found).map(|(at, found)| (at..at + found.len(), found.to_owned())));
        }
        places.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let (mut redacted, mut done) = (String::new(), 0);
        for (range, meant) in places {
            if range.start >= done {
                redacted.push_str(&text[done..range.start]);
                redacted.push_str(&self.token(&meant));
            }
            // Of overlapping places all is replaced.
            done = done.max(range.end);
        }
        redacted.push_str(&text[done..]);
        redacted
    }

    /// Where identity stands in a text, with the applicant's own data that it is.
    fn places(&self, text: &str, identity: Option<&Identity>) -> Vec<(Range<usize>, String)> {
        let searched = identity.map(|identity| identity.search_text(text)).unwrap_or_default();
        let mut places: Vec<_> = searched.into_iter().map(|found| (found.range, found.keyword)).collect();
        for literal in &self.literals {
            places
                .extend(text.match_indices(literal.as_str()).map(|(at, _)| (at..at + literal.len(), literal.clone())));
        }
        places.extend(resident_numbers(text));
        places
    }

    fn token(&self, text: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(self.salt);
        hash.update(text.trim().as_bytes());
        let digits: String = hash
            .finalize()
            .iter()
            .take(SHOWN_BYTES)
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|d| char::from_digit(u32::from(d), 16))
            .collect();
        format!("#{digits}…")
    }
}

fn names_of(applicant: &Applicant) -> impl Iterator<Item = &str> {
    [&applicant.name, &applicant.unit]
        .into_iter()
        .chain(&applicant.aliases)
        .chain(&applicant.former_units)
        .map(String::as_str)
        .filter(|text| !text.is_empty())
}

/// What stands between quotation marks: what was read on the page. An open quotation goes on to the end.
fn quoted(text: &str) -> Vec<(Range<usize>, String)> {
    let (mut found, mut depth, mut from) = (Vec::new(), 0usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '“' | '「' => {
                depth += 1;
                if depth == 1 {
                    from = at + c.len_utf8();
                }
            }
            '”' | '」' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    found.push((from..at, text[from..at].to_owned()));
                }
            }
            _ => {}
        }
    }
    if depth > 0 {
        found.push((from..text.len(), text[from..].to_owned()));
    }
    found
}

fn resident_numbers(text: &str) -> Vec<(Range<usize>, String)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let check = matches!(bytes.get(at + digits), Some(b'x' | b'X'));
        let length = digits + usize::from(check);
        if length == RESIDENT_NUMBER {
            found.push((at..at + length, text[at..at + length].to_owned()));
        }
        at += length.max(1);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::json_line;
    use crate::report::tests::samples;

    fn redactor() -> Redactor {
        let applicant = Applicant {
            aliases: vec!["小伟".into()],
            ..Applicant::new("张伟", "天山草业科技有限公司").expect("valid")
        };
        let other = Applicant::new("古丽娜尔", "").expect("valid");
        let of = |applicant: &Applicant| Arc::new(Identity::new(applicant, &[]));
        Redactor::salted([7; 32], [(Some("A001".into()), of(&applicant)), (Some("A002".into()), of(&other))])
    }

    #[test]
    fn no_identity_is_left_in_any_row() {
        let redactor = redactor();
        for page in samples() {
            let line = json_line(&redactor.page(&page));
            for secret in ["张伟", "張偉", "Zhang", "天山草业", "小伟", "古丽娜尔", "焦婉碟", "65010119800101001X"]
            {
                assert!(!line.contains(secret), "{secret} in {line}");
            }
        }
    }

    #[test]
    fn a_row_without_identity_stays_as_it_is() {
        let redactor = redactor();
        let mut page = samples().remove(0);
        page.file = "A001/获奖情况/证书.jpg".into();
        page.findings.clear();
        page.notes = vec!["scaled to 50 % to keep within the size limit".into()];
        assert_eq!(redactor.page(&page), page);
    }

    #[test]
    fn a_file_name_with_identity_is_replaced_whole() {
        let redactor = redactor();
        let identity = redactor.identities[&Some("A001".to_owned())].clone();
        let path = redactor.path("A001/获奖情况/张伟民 证书.pdf", Some(&identity));
        let name = path.strip_prefix("A001/获奖情况/#").and_then(|rest| rest.strip_suffix("….pdf"));
        assert!(name.is_some_and(|name| name.len() == 8 && name.bytes().all(|b| b.is_ascii_hexdigit())), "{path}");
    }

    #[test]
    fn all_spellings_of_a_name_get_the_same_replacement_and_another_salt_another() {
        let redactor = redactor();
        let identity = redactor.identities[&Some("A001".to_owned())].clone();
        let of = |text: &str| redactor.remark(text, Some(&identity), None);
        assert_eq!(of("申请人 张伟。"), of("申请人 張偉。"));
        assert_ne!(Redactor::salted([8; 32], []).token("张伟"), redactor.token("张伟"));
    }

    #[test]
    fn what_a_remark_quotes_is_replaced() {
        let of = |text: &str| redactor().remark(text, None, None);
        assert!(!of("读作“焦“婉”碟”，字形相近").contains(['焦', '婉', '碟']));
        assert!(!of("读作“焦婉碟").contains(['焦', '婉', '碟']));
        assert!(of("读作“焦”，字形相近 (read as “焦”, similar glyphs)").ends_with("”, similar glyphs)"));
    }
}
