//! The marks that run aslant across a page's print: found on the levelled layer of pale ink, read from the layer.

use super::{Ink, Located, PageReader, Sheet};
use crate::error::Result;
use crate::geometry::Quad;
use crate::raster::Raster;
use crate::raster::pale::Reduced;
use crate::raster::slanted::{SlantedInk, slanted_ink};

/// The layer that slanted marks are read from.
pub(super) struct SlantedSheet {
    pub(super) layer: Raster,
    pub(super) ink: SlantedInk,
}

impl PageReader {
    /// Lines detected in slanted pale ink; the sheet then holds the ink.
    pub(super) fn located_aslant(&self, sheet: &mut Sheet<'_>, reduced: &Reduced) -> Result<Vec<Located>> {
        let raster = sheet.raster;
        let Some(ink) = slanted_ink(&raster.pixels, reduced, &self.params.slant) else { return Ok(Vec::new()) };
        let scale = self.params.detect.scale_of(raster.width(), raster.height()) / ink.scale;
        let quads = self.levelled_quads(&ink, scale)?;
        let located = quads.into_iter().map(|quad| Located { quad, ink: Ink::Slanted }).collect();
        sheet.slanted = Some(SlantedSheet { layer: Raster::new(ink.picture(), raster.dpi * ink.scale), ink });
        Ok(located)
    }

    /// Lines detected with the ink's rows made level, on the page.
    fn levelled_quads(&self, ink: &SlantedInk, scale: f32) -> Result<Vec<Quad>> {
        /// Lines found so far off level are found whole, and read, but neighbours run together.
        const OFF_LEVEL: f32 = 0.07;
        let mut quads: Vec<Quad> = Vec::new();
        for &angle in &ink.angles {
            self.add_levelled(ink, angle, scale, &mut quads)?;
            // Short marks stand in rows at other angles than their own.
            match own_angle(&quads) {
                Some(own) if (own - angle).abs() > OFF_LEVEL => self.add_levelled(ink, own, scale, &mut quads)?,
                _ => {}
            }
            if quads.len() >= ENOUGH {
                break;
            }
        }
        Ok(quads)
    }

    fn add_levelled(&self, ink: &SlantedInk, angle: f32, scale: f32, quads: &mut Vec<Quad>) -> Result<()> {
        let levelled = ink.levelled(angle, scale.min(1.0));
        for quad in self.detector.detect_at(&levelled.pixels, 1.0, &self.params.detect)? {
            let is_level = quad.length() > quad.thickness();
            let quad = quad.map(|p| levelled.on_page(p));
            if is_level && !quads.iter().any(|known| is_same(known, &quad)) {
                quads.push(quad);
            }
        }
        Ok(())
    }
}

/// Lines found at an angle for other angles not to be tried.
const ENOUGH: usize = 4;

/// The angle at which most of the lines run, from those twice as long as high; `None` without such.
fn own_angle(quads: &[Quad]) -> Option<f32> {
    let mut angles: Vec<f32> = quads
        .iter()
        .filter(|quad| quad.length() > 2.0 * quad.thickness())
        .map(|quad| {
            let [a, b, ..] = quad.0;
            (b.y - a.y).atan2(b.x - a.x)
        })
        .collect();
    angles.sort_by(f32::total_cmp);
    angles.get(angles.len() / 2).copied()
}

/// True for a quad that was found at another angle before.
fn is_same(known: &Quad, quad: &Quad) -> bool {
    known.centre().distance(quad.centre()) < quad.thickness() / 2.0
}
