//! Page raster → faces with the bar that hides each one's eyes, and portraits in which no face was found.
//!
//! Regions that may be photographs are proposed from page statistics ([`regions`]); CenterFace looks at
//! those alone, at scales that suit their size ([`detect`]); faces that are turned or far from the network's
//! favourite size are looked at again upright; landmarks give the eye bar and its state ([`eyes`]). A
//! portrait-like region in which no face shows is reported, never passed over ([`portrait`]). Whose face it
//! is, is not asked.

mod cell;
mod cells;
mod complete;
mod copies;
mod covers;
mod detect;
mod drawn;
mod eyes;
mod group;
mod look;
mod mass;
mod params;
mod part;
mod patch;
mod portrait;
mod print;
mod regions;
mod report;
mod search;
mod sighted;
mod skin;
mod solid;
mod stark;
mod survey;
mod tones;
mod unexplained;

use crate::assets::{Asset, Assets};
use crate::error::Result;
use crate::geometry::Bbox;
use crate::inference::Runtime;
use crate::ocr::TextLine;
use crate::raster::Raster;
pub use cell::CellParams;
pub use complete::CompletionParams;
pub use covers::CoverParams;
use detect::Detector;
pub use drawn::DrawnParams;
pub use eyes::EyeParams;
pub use mass::MassParams;
pub use params::FaceParams;
pub use patch::PatchParams;
pub use portrait::PortraitParams;
pub use regions::RegionParams;
pub use report::{Face, FaceMask, FaceReport, PortraitSign, UnfoundPortrait};
pub use solid::SolidParams;
pub use stark::StarkParams;
pub use tones::ToneParams;

/// The loaded face detector with its rules.
pub struct FaceFinder {
    detector: Detector,
    params: FaceParams,
}

impl FaceFinder {
    /// Loads CenterFace.
    ///
    /// # Errors
    /// [`crate::Error::Io`] or [`crate::Error::Model`] when the asset cannot be read or executed.
    pub fn load(assets: &Assets) -> Result<Self> {
        Ok(Self {
            detector: Detector::load(Runtime::available(assets)?, assets.bytes(Asset::FaceDetection)?)?,
            params: FaceParams::default(),
        })
    }

    /// Finds every face on a page, whichever way the page is turned. `lines` are the page's text lines as
    /// far as they are known: they tell which table cells are meant for photos.
    ///
    /// # Errors
    /// [`crate::Error::Model`] when the network fails.
    pub fn find(&self, page: &Raster, lines: &[TextLine]) -> Result<FaceReport> {
        let toned = tones::toned(&page.pixels, &self.params.tones);
        let printed = print::printed_places(lines, toned.shrink);
        let mut report = self.find_among(&toned, &printed)?;
        if toned.shrink > 1 {
            report.enlarge(toned.shrink);
        }
        if toned.is_stretched() {
            self.judge_covers_again(&page.pixels, &mut report);
        }
        for cell in cell::photo_cells(&page.pixels, page.dpi, lines, &self.params.cell) {
            let holds = |bbox: Bbox| bbox.covered_by(cell.expanded(8, 8)) > 0.6;
            let taken = report.faces.iter().any(|face| holds(face.bbox))
                || report.unfound_portraits.iter().any(|portrait| holds(portrait.bbox));
            if !taken {
                let (bbox, sign) = (cell, PortraitSign::LabelledCell);
                let patches = patch::painted_patches(&page.pixels, bbox, &self.params.patches);
                let eye_bar = self.cover_of_portrait(&page.pixels, bbox, &patches);
                report.unfound_portraits.push(UnfoundPortrait { bbox, sign, eye_bar });
            }
        }
        Ok(report)
    }
}
