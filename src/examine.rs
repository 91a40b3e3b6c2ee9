//! One page's raster → what is on it and what that means: runs the finders in order and hands their results to
//! the judge. Loaded models live here; files do not.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::assets::Assets;
use crate::error::Result;
use crate::face::{FaceFinder, FaceMask};
use crate::identity::Identity;
use crate::judge;
use crate::ocr::{ModelSize, PageParams, PageReader};
use crate::pdf::text::GlyphRun;
use crate::raster::Raster;
use crate::report::{Finding, Mark};

/// All loaded models; shared by the workers.
pub struct Engine {
    text: PageReader,
    faces: FaceFinder,
    face_mask: FaceMask,
}

/// What a page's examination gave.
#[derive(Debug, Clone, Default)]
pub struct Examined {
    /// In the order of the finders.
    pub findings: Vec<Finding>,
    /// Existing covers.
    pub marks: Vec<Mark>,
    /// Remarks about the page.
    pub notes: Vec<String>,
    /// Milliseconds by stage.
    pub elapsed_ms: BTreeMap<String, f64>,
    /// Height of the smallest text line on the page, pixels; `None` without text.
    pub smallest_text_px: Option<f32>,
}

impl Engine {
    /// Loads all models.
    ///
    /// # Errors
    /// When an asset is missing or is not the expected one.
    pub fn load(assets: &Assets, size: ModelSize, face_mask: FaceMask) -> Result<Self> {
        Ok(Self {
            text: PageReader::load(assets, size, PageParams::default())?,
            faces: FaceFinder::load(assets)?,
            face_mask,
        })
    }

    /// The reading model in use.
    pub fn reader(&self) -> &crate::ocr::Reader {
        self.text.reader()
    }

    /// Examines one page. `runs` is the text layer of a PDF page, empty for anything else.
    ///
    /// # Errors
    /// When a model fails; the page is then `unreadable`, not clean.
    pub fn examine(&self, raster: &Raster, runs: &[GlyphRun], identity: &Identity) -> Result<Examined> {
        let mut examined = Examined::default();
        let mut watch = Stopwatch::start();
        let text = self.text.read(raster, &|lines| identity.lines_that_matter(lines))?;
        watch.lap("read", &mut examined.elapsed_ms);
        examined.findings = judge::of_text(&identity.search(&text.lines));
        let layer = judge::of_text_layer(runs, identity, &examined.findings, &text.lines, raster);
        if !layer.is_empty() {
            examined.notes.push("文本层与画面不一致，以画面为准 (the text layer and the pixels disagree)".into());
        }
        examined.findings.extend(layer);
        examined.smallest_text_px = text.lines.iter().map(|line| line.quad.thickness()).min_by(f32::total_cmp);
        watch.lap("judge", &mut examined.elapsed_ms);
        let faces = self.faces.find(raster, &text.lines)?;
        watch.lap("face", &mut examined.elapsed_ms);
        examined.findings.extend(judge::of_faces(&faces, self.face_mask));
        Ok(examined)
    }
}

/// Times stages one after the other.
struct Stopwatch(Instant);

impl Stopwatch {
    fn start() -> Self {
        Self(Instant::now())
    }

    fn lap(&mut self, stage: &str, into: &mut BTreeMap<String, f64>) {
        let now = Instant::now();
        let ms = now.duration_since(self.0).as_secs_f64() * 1000.0;
        *into.entry(stage.to_owned()).or_default() += (ms * 10.0).round() / 10.0;
        self.0 = now;
    }
}
