//! Text lines → where the applicant's name and unit stand on the page.

use std::ops::Range;

use super::context::{Surroundings, Verdict};
use super::evidence::{Evidence, TextMatch};
use super::fit::{Fit, LONG};
use super::normalize::is_filler;
use super::reading::{ReadChar, read, within};
use super::spot::{Bounds, Scores, Spotting, spot};
use super::variants::{Doubt, Keyword, Script};
use super::{Identity, Kind, boxes, cells, join, latin};
use crate::ocr::TextLine;

/// A line made ready for search.
pub(crate) struct Prepared<'a> {
    pub(crate) line: &'a TextLine,
    pub(crate) scores: Scores,
    pub(crate) read: Vec<ReadChar>,
}

/// A keyword found in a chain of lines (mostly of one) before it is judged.
pub(crate) struct Found {
    pub(crate) keyword: usize,
    /// The lines, and for each the frames of the chain where it begins.
    pub(crate) lines: Vec<(usize, usize)>,
    pub(crate) spotting: Spotting,
    /// For a chain of several lines, whether they surely belong together.
    pub(crate) joined: Option<bool>,
}

/// A judged match with what it takes to choose between overlapping ones.
pub(crate) struct Judged {
    pub(crate) found: TextMatch,
    characters: usize,
}

impl Identity {
    /// Every place in the lines of a page where the applicant's name or unit stands, in the order of the lines.
    /// Overlapping keywords are reported once, the longest of the surest.
    pub fn search(&self, lines: &[TextLine]) -> Vec<TextMatch> {
        let prepared = self.prepared(lines);
        let mut judged = Vec::new();
        let mut in_lines = Vec::new();
        for (index, line) in prepared.iter().enumerate() {
            for keyword in 0..self.keywords.len() {
                for spotting in spot(&line.scores, &self.columns, keyword, self.bounds(keyword)) {
                    in_lines.push(Found { keyword, lines: vec![(index, 0)], spotting, joined: None });
                }
            }
        }
        let across = join::across_lines(self, &prepared);
        for found in in_lines.into_iter().chain(across) {
            judged.extend(self.judged(&prepared, &found));
        }
        let mut matches = merged(judged);
        matches.extend(self.lone_characters(&prepared, &matches));
        matches.extend(self.illegible_names(&prepared, &matches));
        matches
    }

    pub(crate) fn prepared<'a>(&self, lines: &'a [TextLine]) -> Vec<Prepared<'a>> {
        lines
            .iter()
            .map(|line| Prepared {
                line,
                scores: Scores::new(&self.symbols(line.lattice.alphabet()), &line.lattice),
                read: read(&line.lattice),
            })
            .collect()
    }

    pub(crate) fn bounds(&self, keyword: usize) -> Bounds {
        let Keyword { script, chars, .. } = &self.keywords[keyword];
        let per_character = match script {
            Script::Han => self.params.loose,
            Script::Latin => self.params.loose_letters,
        };
        let long = *script == Script::Han && chars.len() >= LONG;
        Bounds { per_character, worst: if long { self.params.worst_of_long } else { self.params.worst } }
    }

    /// `None` when the surroundings show that something else is written there.
    pub(crate) fn judged(&self, lines: &[Prepared], found: &Found) -> Option<Judged> {
        let keyword = &self.keywords[found.keyword];
        let spans = spans(lines, found);
        let read: Vec<&ReadChar> = spans.iter().flat_map(|(line, frames)| within(&lines[*line].read, frames)).collect();
        let folded: Vec<char> =
            read.iter().map(|c| c.folded).filter(|&c| keyword.chars.contains(&c) || !is_mark(c, keyword)).collect();
        let exact = folded == keyword.chars;
        let surroundings = surroundings(lines, &spans);
        let (verdict, context_doubt) = match self.context(keyword, &surroundings) {
            Verdict::Other => return None,
            Verdict::Stands if is_cell_of_words(lines, &spans, keyword) => (false, Some(Evidence::OrdinaryWord)),
            Verdict::Stands => (true, None),
            Verdict::Doubtful(evidence) => (false, Some(evidence)),
        };
        let text = || read.iter().map(|c| c.raw).collect::<String>();
        let (read_certain, read_evidence) = if exact {
            (true, Evidence::Exact)
        } else if keyword.doubt == Doubt::Initials {
            // A letter read otherwise is another person's initial.
            return None;
        } else if self.fits_around_unknown(lines, &spans, keyword, &folded) {
            (self.known_characters(lines, &spans, keyword) >= 2, Evidence::Wildcard { read: text() })
        } else {
            let fit = Fit::new(keyword, &folded);
            if !fit.is_plausible(&found.spotting) {
                return None;
            }
            (fit.is_certain(&found.spotting, &self.params), Evidence::Confused { read: text() })
        };
        let (form_certain, form_evidence) = match keyword.doubt {
            Doubt::None => (true, None),
            Doubt::CommonPart => (false, Some(Evidence::CommonPart)),
            Doubt::ShortForm => (false, Some(Evidence::ShortForm { form: keyword.text() })),
            Doubt::Initials => (false, Some(Evidence::Initials { written: surroundings.own.iter().collect() })),
        };
        let small = latin::is_no_name(keyword, &surroundings);
        let certain = verdict && read_certain && form_certain && !small && found.joined != Some(false);
        let evidence = if let Some(evidence) = context_doubt {
            evidence
        } else if read_evidence != Evidence::Exact {
            read_evidence
        } else if found.joined == Some(false) {
            Evidence::LooselyJoined
        } else if let Some(evidence) = form_evidence {
            evidence
        } else if small {
            Evidence::SmallLetters
        } else if found.joined == Some(true) {
            Evidence::Joined
        } else {
            Evidence::Exact
        };
        let score = found.spotting.per_character;
        Some(Judged {
            characters: keyword.chars.len(),
            found: TextMatch {
                kind: keyword.kind,
                keyword: keyword.source.clone(),
                spans: boxes::line_spans(lines, found, keyword),
                score,
                confidence: score.exp(),
                certain,
                evidence,
            },
        })
    }

    fn known_characters(&self, lines: &[Prepared], spans: &[(usize, Range<usize>)], keyword: &Keyword) -> usize {
        let unknown = self.unknown_in(lines, spans);
        keyword.chars.iter().filter(|c| !unknown.contains(c)).count()
    }

    fn unknown_in(&self, lines: &[Prepared], spans: &[(usize, Range<usize>)]) -> Vec<char> {
        spans
            .iter()
            .flat_map(|&(line, _)| {
                let symbols = self.symbols(lines[line].line.lattice.alphabet());
                symbols.unknown(&self.columns).collect::<Vec<_>>()
            })
            .collect()
    }

    /// True when the reading is the keyword but for characters that the alphabet lacks.
    fn fits_around_unknown(
        &self,
        lines: &[Prepared],
        spans: &[(usize, Range<usize>)],
        keyword: &Keyword,
        folded: &[char],
    ) -> bool {
        let unknown = self.unknown_in(lines, spans);
        folded.len() == keyword.chars.len()
            && keyword.chars.iter().zip(folded).all(|(expected, got)| expected == got || unknown.contains(expected))
    }
}

fn is_cell_of_words(lines: &[Prepared], spans: &[(usize, Range<usize>)], keyword: &Keyword) -> bool {
    let is_name = keyword.kind == Kind::Name && keyword.script == Script::Han;
    is_name && matches!(spans, [(line, _)] if cells::is_among_words(lines, *line, keyword))
}

/// True for what a keyword in letters may be interrupted by.
fn is_mark(c: char, keyword: &Keyword) -> bool {
    match keyword.script {
        Script::Han => is_filler(c),
        Script::Latin => super::variants::is_separator(c),
    }
}

/// The lines and frames that a spotting's characters lie in, one span a line.
pub(crate) fn spans(lines: &[Prepared], found: &Found) -> Vec<(usize, Range<usize>)> {
    let mut spans: Vec<(usize, Range<usize>)> = Vec::new();
    for character in &found.spotting.characters {
        let Some(&(line, offset)) = found.lines.iter().rev().find(|&&(_, offset)| offset <= character.start) else {
            continue;
        };
        let total = lines[line].line.lattice.frames();
        let frames = character.start - offset..(character.end - offset).min(total);
        match spans.last_mut() {
            Some((last, span)) if *last == line => span.end = frames.end,
            _ => spans.push((line, frames)),
        }
    }
    spans
}

fn surroundings(lines: &[Prepared], spans: &[(usize, Range<usize>)]) -> Surroundings {
    let mut surroundings = Surroundings::default();
    if let (Some((first, start)), Some((last, end))) = (spans.first(), spans.last()) {
        for c in lines[*first].read.iter().filter(|c| c.peak() <= start.start as f32) {
            surroundings.before.push(c.raw);
        }
        for c in lines[*last].read.iter().filter(|c| c.peak() >= end.end as f32) {
            surroundings.after.push(c.raw);
        }
        for (line, frames) in spans {
            if !surroundings.own.is_empty() {
                surroundings.own.push(' ');
            }
            let own = lines[*line].read.iter().filter(|c| c.is_within(frames));
            surroundings.own.extend(own.map(|c| c.raw));
        }
    }
    surroundings
}

/// Overlapping matches merged into the best of each place: certain before doubtful, longer before shorter, likelier
/// before less. A doubtful longer form of the same data around a certain shorter one gives it its extent.
fn merged(mut judged: Vec<Judged>) -> Vec<TextMatch> {
    judged.sort_by(|a, b| {
        (b.found.certain, b.characters)
            .cmp(&(a.found.certain, a.characters))
            .then(b.found.score.total_cmp(&a.found.score))
            .then(a.found.spans.len().cmp(&b.found.spans.len()))
    });
    let mut kept: Vec<Judged> = Vec::new();
    for candidate in judged {
        match kept.iter_mut().find(|k| overlap(&k.found, &candidate.found)) {
            None => kept.push(candidate),
            Some(winner) => {
                let extends = candidate.characters > winner.characters
                    && candidate.found.keyword == winner.found.keyword
                    && matches!(candidate.found.evidence, Evidence::Confused { .. } | Evidence::Wildcard { .. });
                if extends {
                    winner.found.spans = candidate.found.spans;
                    winner.characters = candidate.characters;
                }
            }
        }
    }
    let mut matches: Vec<TextMatch> = kept.into_iter().map(|k| k.found).collect();
    matches.sort_by_key(|m| m.spans.first().map_or((0, 0), |s| (s.line, s.frames.start)));
    matches
}

fn overlap(a: &TextMatch, b: &TextMatch) -> bool {
    a.spans.iter().any(|x| {
        b.spans.iter().any(|y| {
            x.line == y.line && {
                let common = x.frames.end.min(y.frames.end).saturating_sub(x.frames.start.max(y.frames.start));
                // Boxes reach half-way to their neighbours, so touching by a frame is no overlap.
                2 * common > x.frames.len().min(y.frames.len()).min(4)
            }
        })
    })
}
