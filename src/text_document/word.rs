//! Office Open XML: every XML part of the package is read, whatever it is called, so that nothing hides in a part
//! that was not thought of.

use std::collections::BTreeMap;

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::{Contents, Passage, Place, count};
use crate::container::ImageKind;
use crate::encoding::decode_text;
use crate::error::InputProblem;
use crate::input::archive::members_of;

/// Bytes of all parts together. A summary of 3,000 characters has some 100 KB; a thesis with all its markup 50 MB.
const MAX_BYTES: u64 = 256 << 20;

fn is_text(name: &str) -> bool {
    let name = name.to_lowercase();
    [".xml", ".rels", ".vml"].iter().any(|extension| name.ends_with(extension))
}

/// A theme's own pictures and the printer's settings come with the program; the thumbnail is of the page.
fn is_embedded(name: &str) -> bool {
    !is_text(name) && name.starts_with("word/") && !name.contains("printerSettings")
}

pub(super) fn pictures(bytes: &[u8]) -> Result<Vec<(Vec<u8>, ImageKind)>, InputProblem> {
    let mut parts = members_of(bytes, MAX_BYTES, is_embedded)?;
    parts.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(parts.into_iter().filter_map(|(_, part)| ImageKind::of(&part).map(|kind| (part, kind))).collect())
}

pub(super) fn open(bytes: &[u8]) -> Result<Contents, InputProblem> {
    let parts = members_of(bytes, MAX_BYTES, |name| is_text(name) || is_embedded(name))?;
    let (parts, embedded): (Vec<_>, Vec<_>) = parts.into_iter().partition(|(name, _)| is_text(name));
    let unexamined = embedded.iter().filter(|(_, part)| ImageKind::of(part).is_none()).count();
    let mut texts = BTreeMap::<Place, String>::new();
    for (name, part) in parts {
        let xml = decode_text(&part)
            .ok_or_else(|| InputProblem::Damaged(format!("the part {name} of the document is not text")))?;
        read_part(&xml, place_of(&name), &mut texts)
            .map_err(|error| InputProblem::Damaged(format!("the part {name} of the document: {error}")))?;
    }
    let characters = texts.get(&Place::Body).map_or(0, |text| count(text));
    let passages = texts
        .into_iter()
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(place, text)| Passage { place, text })
        .collect();
    Ok(Contents { passages, characters, unexamined })
}

fn place_of(part: &str) -> Place {
    let name = part.strip_prefix("word/").unwrap_or_default();
    let is = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    match part {
        "word/document.xml" => Place::Body,
        _ if is(&["header", "footer"]) => Place::HeaderOrFooter,
        _ if is(&["footnotes", "endnotes"]) => Place::Note,
        _ if is(&["comments"]) => Place::Comment,
        _ if is(&["people"]) => Place::Author,
        _ if part.starts_with("docProps/") => Place::Properties,
        _ => Place::Other,
    }
}

/// Adds a part's texts: those that are seen go to the part's own place, the others to theirs.
fn read_part(xml: &str, place: Place, texts: &mut BTreeMap<Place, String>) -> Result<(), quick_xml::Error> {
    let mut reader = Reader::from_str(xml);
    // Names of open elements.
    let mut open: Vec<String> = Vec::new();
    loop {
        match reader.read_event()? {
            Event::Start(element) => {
                add_attributes(&element, place, texts)?;
                open.push(element.local_name().into_inner().to_owned());
            }
            Event::Empty(element) => {
                add_attributes(&element, place, texts)?;
                let separator = match element.local_name().into_inner() {
                    "tab" => "\t",
                    "br" | "cr" => "\n",
                    _ => "",
                };
                if !separator.is_empty() && open.last().is_some_and(|parent| parent == "r") {
                    add(place_of_text(place, &open), separator, texts);
                }
            }
            Event::End(element) => {
                let at = place_of_text(place, &open);
                open.pop();
                let ends_paragraph = element.local_name().into_inner() == "p";
                if ends_paragraph || !matches!(place, Place::Body | Place::HeaderOrFooter | Place::Note) {
                    // Inside a word a run's end is no border; in other parts each element is a value of its own.
                    let within_comment = place == Place::Comment && !ends_paragraph;
                    if !within_comment {
                        add(at, "\n", texts);
                    }
                }
            }
            Event::Text(text) => add(place_of_text(place, &open), &text.xml10_content(), texts),
            Event::CData(text) => add(place_of_text(place, &open), &text.xml10_content(), texts),
            Event::Comment(text) => {
                add(Place::Other, &text.xml10_content(), texts);
                add(Place::Other, "\n", texts);
            }
            Event::GeneralRef(reference) => {
                let at = place_of_text(place, &open);
                match reference.resolve_char_ref()? {
                    Some(c) => add(at, c.encode_utf8(&mut [0; 4]), texts),
                    None => add(at, resolve_predefined_entity(&reference.xml10_content()).unwrap_or(""), texts),
                }
            }
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            Event::Eof => return Ok(()),
        }
    }
}

/// Where text inside these open elements belongs.
fn place_of_text(part: Place, open: &[String]) -> Place {
    let inside = |names: &[&str]| open.iter().any(|name| names.contains(&name.as_str()));
    let is_story = matches!(part, Place::Body | Place::HeaderOrFooter | Place::Note | Place::Comment);
    if !is_story {
        return part;
    }
    // A drawing is written twice, the second time for old programs.
    if inside(&["Fallback"]) {
        return Place::Other;
    }
    if inside(&["del", "moveFrom", "delText"]) {
        return Place::TrackedDeletion;
    }
    match open.last().map(String::as_str) {
        Some("t" | "p" | "r") => part,
        _ => Place::Other,
    }
}

fn add_attributes(
    element: &BytesStart<'_>,
    part: Place,
    texts: &mut BTreeMap<Place, String>,
) -> Result<(), quick_xml::Error> {
    for attribute in element.attributes() {
        let attribute = attribute?;
        let name = attribute.key.local_name().into_inner();
        // Names of revisions and of the language of XML say nothing.
        if name.starts_with("rsid") || name.starts_with("xmlns") {
            continue;
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0)?;
        let place = match name {
            "author" | "initials" | "userId" => Place::Author,
            _ if part == Place::Properties => Place::Properties,
            _ => Place::Other,
        };
        add(place, &value, texts);
        add(place, "\n", texts);
    }
    Ok(())
}

fn add(place: Place, text: &str, texts: &mut BTreeMap<Place, String>) {
    texts.entry(place).or_default().push_str(text);
}
