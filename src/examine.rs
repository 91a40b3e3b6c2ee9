//! One page's raster → what is on it and what that means: runs the finders in order and hands their results to
//! the judge. Loaded models live here; files do not.

mod appearing;
mod coloured_print;
pub mod covers;

use serde::{Deserialize, Serialize};

use crate::assets::Assets;
use crate::error::Result;
use crate::face::{FaceFinder, FaceMask, FaceReport};
use crate::geometry::{Bbox, Quad};
use crate::identity::Identity;
use crate::judge;
use crate::leaks;
use crate::marks::Places;
use crate::mask::Shape;
use crate::ocr::{ModelSize, PageParams, PageReader, TextLine};
use crate::pdf::printed::Printed;
use crate::pdf::uncover::Uncovered;
use crate::policy::SealScope;
use crate::raster::Raster;
use crate::report::{Finding, Mark, Source};
use crate::seal::SealFinder;
use crate::stream::Deadline;
use crate::timing::{StageTimes, Stopwatch};
use coloured_print::is_coloured_print;

/// All loaded models; shared by the workers.
pub struct Engine {
    text: PageReader,
    faces: FaceFinder,
    face_mask: FaceMask,
    seals: SealFinder,
}

/// What a file says of a page beside its pixels.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// Identity in a PDF page's text layer and in what belongs to the page.
    pub of_page: &'a [Finding],
    /// The page without covers that can be taken away.
    pub uncovered: &'a [Uncovered],
    /// What a PDF says that the page shows.
    pub printed: Option<&'a Printed>,
}

/// What a page's examination gave.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Examined {
    /// In the order of the finders.
    pub findings: Vec<Finding>,
    /// Identity in the file as a whole, which a rewritten file does not have.
    pub of_document: Vec<Finding>,
    /// What covers a seal, by the bbox of its finding.
    pub outlines: Vec<(Bbox, Shape)>,
    /// Where the name or unit perhaps stands, misread; see [`judge::misread`].
    #[serde(default)]
    pub misread: Vec<Bbox>,
    /// Existing covers.
    pub marks: Vec<Mark>,
    /// Remarks about the page.
    pub notes: Vec<String>,
    /// Milliseconds by stage.
    pub elapsed_ms: StageTimes,
    /// Characters read, without white space.
    pub characters: u64,
    /// Height of the smallest text line on the page, pixels; `None` without text.
    pub smallest_text_px: Option<f32>,
}

impl Examined {
    /// Tells of pages without covers, of `all`, that were not read because the time is nearly up.
    fn leave_unread(&mut self, left: &[Uncovered], all: usize) {
        let told = leaks::not_examined(&format!("{} of {all} hidden views took too long to read", left.len()));
        // What lies beside the pages goes when the file is written anew.
        let only_of_the_file = left.iter().all(|uncovered| uncovered.cover.is_of_the_file());
        if only_of_the_file { self.of_document.push(told) } else { self.findings.push(told) }
    }
}

impl Engine {
    /// Loads all models.
    ///
    /// # Errors
    /// When an asset is missing or is not the expected one.
    pub fn load(assets: &Assets, size: ModelSize, face_mask: FaceMask) -> Result<Self> {
        let text = PageReader::load(assets, size, PageParams::default())?;
        let seals = match text.careful_reader() {
            Some(careful) => SealFinder::with_readers(assets, text.quick_reader(), careful),
            None => SealFinder::load(assets)?,
        };
        Ok(Self { text, faces: FaceFinder::load(assets)?, face_mask, seals })
    }

    /// The reading model in use.
    pub fn reader(&self) -> &crate::ocr::Reader {
        self.text.reader()
    }

    /// Examines one page: its pixels, and what the file says beside them. `scope` says whose seals count.
    ///
    /// # Errors
    /// When a model fails; the page is then `unreadable`, not clean.
    /// [`crate::Error::Late`] soon after the deadline.
    pub fn examine(
        &self,
        raster: &Raster,
        beside: &Beside<'_>,
        identity: &Identity,
        scope: SealScope,
        deadline: Deadline,
    ) -> Result<Examined> {
        let mut examined = if is_legible(raster) {
            self.pixels(raster, beside, identity, scope, deadline)?
        } else {
            Examined { findings: beside.of_page.to_vec(), ..Examined::default() }
        };
        let mut watch = Stopwatch::start();
        for (index, uncovered) in beside.uncovered.iter().enumerate() {
            if deadline.is_near() {
                let left = &beside.uncovered[index..];
                examined.leave_unread(left, beside.uncovered.len());
                break;
            }
            let appearing = self.appearing(uncovered, raster, &examined.findings, identity, scope)?;
            // What lies beside the pages goes when the file is written anew; the page itself may stay as it is.
            let findings =
                if uncovered.cover.is_of_the_file() { &mut examined.of_document } else { &mut examined.findings };
            findings.extend(appearing);
        }
        watch.lap("uncover", &mut examined.elapsed_ms);
        Ok(examined)
    }

    /// What the page shows, with what the file says of it where the pixels do not tell otherwise.
    fn pixels(
        &self,
        raster: &Raster,
        beside: &Beside<'_>,
        identity: &Identity,
        scope: SealScope,
        deadline: Deadline,
    ) -> Result<Examined> {
        let mut examined = Examined::default();
        let text = self.text.read(raster, beside.printed, &|lines| identity.parts_that_matter(lines))?;
        examined.elapsed_ms.clone_from(&text.elapsed_ms);
        deadline.check()?;
        let mut watch = Stopwatch::start();
        let matches = identity.search(&text.lines);
        examined.findings = judge::of_text(&matches);
        examined.misread = judge::misread(&matches);
        let (layer, disagree) = judge::reconciled(beside.of_page, &examined.findings, &text.lines);
        if disagree {
            examined.notes.push("文本层与画面不一致，以画面为准 (the text layer and the pixels disagree)".into());
        }
        examined.findings.extend(layer);
        examined.findings.extend(judge::of_secrecy_marks(&text.lines, raster, &judge::ClassifiedParams::default()));
        let characters = |line: &TextLine| line.text().chars().filter(|c| !c.is_whitespace()).count() as u64;
        examined.characters = text.lines.iter().map(characters).sum();
        examined.smallest_text_px = text.lines.iter().map(|line| line.quad.thickness()).min_by(f32::total_cmp);
        watch.lap("judge", &mut examined.elapsed_ms);
        let mut faces = self.faces.find(raster, &text.lines)?;
        faces.unfound_portraits.retain(|portrait| !is_written_on(portrait.bbox, &text.lines));
        watch.lap("face", &mut examined.elapsed_ms);
        deadline.check()?;
        examined.findings.extend(judge::of_faces(&faces, self.face_mask));
        // A seal has a round rim, a picture or slanted characters, none of which such a page shows.
        let may_have_seals = !beside.printed.is_some_and(Printed::is_of_text_alone);
        let mut found_seals = if may_have_seals { self.seals.find_for(raster, identity)? } else { Vec::new() };
        let is_read = |line: &&TextLine| line.lattice.score() >= READ;
        let print: Vec<Quad> = text.lines.iter().filter(is_read).map(|line| line.quad).collect();
        found_seals.retain(|seal| !is_coloured_print(raster, seal.bbox, &print));
        let (seals, outlines) = judge::of_seals(&found_seals, identity, scope);
        watch.lap("seal", &mut examined.elapsed_ms);
        deadline.check()?;
        examined.findings.extend(seals);
        examined.outlines = outlines;
        let seal_places: Vec<Bbox> = found_seals.iter().map(|seal| seal.bbox).collect();
        // Soft shades and arcs of lettering run aslant, too.
        let is_of_picture = |quad: &Quad| {
            let bbox = quad.bbox();
            is_in_portrait(bbox, &faces) || seal_places.iter().any(|seal| bbox.covered_by(*seal) >= WITHIN)
        };
        let unread_marks = text.unread_marks.iter().copied().filter(|quad| !is_of_picture(quad));
        examined.findings.extend(judge::of_unread_marks(unread_marks));
        let face_places: Vec<Bbox> = faces.faces.iter().map(|face| face.bbox).collect();
        let identity_places: Vec<Bbox> = examined
            .findings
            .iter()
            .filter(|finding| finding.source == Source::Ocr)
            .filter_map(|finding| finding.bbox)
            .collect();
        let name = &identity.applicant().name;
        let unit = &identity.applicant().unit;
        let places = Places { identity: &identity_places, seals: &seal_places, faces: &face_places, name, unit };
        let reader = Some(self.text.reader());
        examined.marks = covers::judged(raster, &text.lines, &places, identity, reader, &mut examined.findings)?;
        let spread = judge::of_spread_names(raster, &text.lines, name, &examined.findings);
        examined.findings.extend(spread);
        let signatures = judge::of_signatures(raster, &text.lines, &examined.findings, &examined.marks);
        examined.findings.extend(signatures);
        watch.lap("marks", &mut examined.elapsed_ms);
        Ok(examined)
    }
}

/// False for pixels so few that no character can be read in them, nor a face made out: lines drawn as pictures, counting
/// pixels.
fn is_legible(raster: &Raster) -> bool {
    const LEAST_SIDE: u32 = 5;
    raster.width().min(raster.height()) >= LEAST_SIDE
}

/// Mean posterior from which a line is print for certain.
const READ: f32 = 0.8;

/// Share of a line that lies in a picture when the line is the picture's own.
const WITHIN: f32 = 0.8;

/// True for what lies in a portrait, found or looked for.
fn is_in_portrait(bbox: Bbox, faces: &FaceReport) -> bool {
    // An ID photo is up to four faces wide and three high.
    let around = faces.faces.iter().map(|face| face.bbox.expanded(face.bbox.width() * 3 / 2, face.bbox.height()));
    let portraits = faces.unfound_portraits.iter().map(|portrait| portrait.bbox);
    around.chain(portraits).any(|portrait| bbox.covered_by(portrait) >= WITHIN)
}

/// True for a region with lines of print, which no portrait has: a sheet on a dark table, say.
fn is_written_on(bbox: Bbox, lines: &[TextLine]) -> bool {
    /// A stamp across a corner and a caption leave up to three lines in a portrait's box.
    const PRINT: usize = 4;
    lines.iter().filter(|line| line.quad.bbox().covered_by(bbox) > 0.8).count() >= PRINT
}
