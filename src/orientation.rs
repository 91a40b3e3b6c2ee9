//! Page pixels → how likely the page is turned by each multiple of 90°, with the page orientation classifier
//! (PP-LCNet document orientation).

use crate::assets::{Asset, Assets};
use crate::error::{Error, Result};
use crate::geometry::{Bbox, QuarterTurns};
use crate::inference::Model;
use crate::raster::{Raster, crop, resized};

/// A loaded classifier.
pub struct PageOrientation {
    model: Model,
}

/// The short side is scaled to this, then the centre [`SIDE`] × [`SIDE`] is looked at (model's inference.yml).
const SHORT_SIDE: u32 = 256;
/// Input side, pixels.
const SIDE: u32 = 224;
/// Channel means and deviations of ImageNet, applied to BGR in this order as the model's own code does.
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];

impl PageOrientation {
    /// Loads the weights.
    ///
    /// # Errors
    /// When the asset is missing or is not the expected one.
    pub fn load(assets: &Assets) -> Result<Self> {
        let asset = Asset::PageOrientation;
        Ok(Self { model: Model::of_asset(assets, asset)? })
    }

    /// By how much the page has most likely been turned clockwise, and the probability of that, 0..=1.
    ///
    /// # Errors
    /// When the model fails.
    pub fn classify(&self, raster: &Raster) -> Result<(QuarterTurns, f32)> {
        let scale = SHORT_SIDE as f32 / raster.width().min(raster.height()) as f32;
        let side = |length: u32| ((length as f32 * scale).round() as u32).max(SHORT_SIDE);
        let small = resized(&raster.pixels, side(raster.width()), side(raster.height()));
        let (left, top) = ((small.width() - SIDE) / 2, (small.height() - SIDE) / 2);
        let centre = Bbox::from_ltrb(left as i32, top as i32, (left + SIDE) as i32, (top + SIDE) as i32);
        let pixels = crop(&small, centre);
        let plane = (SIDE * SIDE) as usize;
        let mut data = vec![0.0; 3 * plane];
        for (i, pixel) in pixels.pixels().enumerate() {
            // HWC, RGB => CHW, BGR
            for (channel, &value) in pixel.0.iter().rev().enumerate() {
                data[channel * plane + i] = (f32::from(value) / 255.0 - MEAN[channel]) / DEVIATION[channel];
            }
        }
        let outputs = self.model.run([1, 3, SIDE as usize, SIDE as usize], data)?;
        let scores = outputs.first().map_or(&[][..], |output| output.data.as_slice());
        let Some((best, &score)) = scores.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)) else {
            return Err(Error::Model {
                name: Asset::PageOrientation.file_name().into(),
                problem: "it gave no scores".into(),
            });
        };
        // Softmax, unless the model's last layer was one already.
        let is_probability = (scores.iter().sum::<f32>() - 1.0).abs() < 1e-3 && scores.iter().all(|&s| s >= 0.0);
        let probability =
            if is_probability { score } else { 1.0 / scores.iter().map(|s| (s - score).exp()).sum::<f32>() };
        Ok((QuarterTurns::from_count(best as i32), probability))
    }
}
