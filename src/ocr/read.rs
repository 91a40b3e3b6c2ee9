//! Straight line crops → CTC lattices with a PP-OCRv6 reading model.

use std::sync::Arc;

use image::RgbImage;

use crate::assets::{Asset, Assets};
use crate::error::{Error, Result};
use crate::inference::{Model, TensorView};
use crate::ocr::lattice::{Alphabet, Lattice};
use crate::raster;

/// Which PP-OCRv6 weights read the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModelSize {
    /// 1/4 of the time of the small one, 6,906 symbols.
    Tiny,
    /// 18,710 symbols.
    Small,
}

/// How crops are brought to the model.
#[derive(Debug, Clone, Copy)]
pub struct ReadParams {
    /// Width is multiplied by this after scaling to the model's height. 0.5 halves the time and costs about
    /// 0.5 % of the characters of a clean page (99.6 → 99.1 %, measured with the small model).
    pub squeeze: f32,
    /// Lines wider than this many model pixels are read in overlapping pieces: the model's attention grows
    /// with the square of the width.
    pub longest_px: u32,
}

impl Default for ReadParams {
    fn default() -> Self {
        Self { squeeze: 1.0, longest_px: 2560 }
    }
}

/// Input height of PP-OCRv6 reading models, pixels (model's inference.yml).
const HEIGHT: u32 = 48;
/// Model pixels along the line for one CTC frame (output shape [1, width / 8, V]).
const FRAME_PX: u32 = 8;
/// Model pixels that neighbouring pieces of a long line share: two characters at full width.
const OVERLAP_PX: u32 = 2 * HEIGHT;

/// A loaded reading model.
pub struct Reader {
    model: Model,
    alphabet: Arc<Alphabet>,
}

/// A crop, or a piece of a long one, at model size.
struct Piece {
    pixels: RgbImage,
    /// Frames cut off at each end because the neighbouring piece has them too.
    trim: (usize, usize),
}

impl Reader {
    /// Loads weights and alphabet.
    ///
    /// # Errors
    /// When an asset is missing or is not the expected one.
    pub fn load(assets: &Assets, size: ModelSize) -> Result<Self> {
        let (weights, alphabet) = match size {
            ModelSize::Tiny => (Asset::TextReadingTiny, Asset::AlphabetTiny),
            ModelSize::Small => (Asset::TextReadingSmall, Asset::AlphabetSmall),
        };
        let lines = String::from_utf8(assets.bytes(alphabet)?)
            .map_err(|e| Error::Asset { name: alphabet.file_name().into(), problem: e.to_string() })?;
        Ok(Self { model: Model::of_asset(assets, weights)?, alphabet: Arc::new(Alphabet::from_lines(&lines)) })
    }

    /// The symbols that the model can read.
    pub fn alphabet(&self) -> &Arc<Alphabet> {
        &self.alphabet
    }

    /// Reads straight crops of single text lines, of any size, text running left to right. One lattice a
    /// crop, in order; its frames cover the crop's width evenly.
    ///
    /// # Errors
    /// When the model fails.
    pub fn read(&self, crops: &[RgbImage], params: &ReadParams) -> Result<Vec<Lattice>> {
        crops.iter().map(|crop| self.read_line(crop, *params)).collect()
    }

    fn read_line(&self, crop: &RgbImage, params: ReadParams) -> Result<Lattice> {
        let read = |piece: &Piece| {
            let lattice = self.run(&piece.pixels)?;
            let (head, tail) = piece.trim;
            let end = lattice.frames() - tail;
            Ok(lattice.cut(head..end))
        };
        let parts = pieces_of(crop, params).iter().map(read).collect::<Result<Vec<_>>>()?;
        Ok(match <[Lattice; 1]>::try_from(parts) {
            Ok([whole]) => whole,
            Err(parts) => Lattice::joined(&parts.iter().collect::<Vec<_>>()),
        })
    }

    /// One model run over an image of the model's height. Several images in one run gain nothing on a page (measured): up to 240
    /// pixels of width they take up to a fifth less than one after the other, from 640 on up to a quarter more.
    fn run(&self, image: &RgbImage) -> Result<Lattice> {
        let width = image.width() as usize;
        let plane = HEIGHT as usize * width;
        let mut data = vec![0.0; 3 * plane];
        for (at, pixel) in image.pixels().enumerate() {
            // HWC, RGB => CHW, BGR; 0..=255 => -1..=1
            for (channel, &value) in pixel.0.iter().rev().enumerate() {
                data[channel * plane + at] = f32::from(value) / 127.5 - 1.0;
            }
        }
        let shape = [1, 3, HEIGHT as usize, width];
        self.model.run_and(shape, data, |outputs| self.lattice(outputs.first()))?.ok_or_else(|| Error::Model {
            name: Asset::TextReadingSmall.file_name().into(),
            problem: "its output does not fit the alphabet".into(),
        })
    }

    /// The model's output; `None` when that does not fit the alphabet.
    fn lattice(&self, output: Option<&TensorView<'_>>) -> Option<Lattice> {
        let output = output?;
        let &[1, frames, symbols] = output.shape else { return None };
        let fits = frames > 0 && symbols == self.alphabet.len();
        fits.then(|| Lattice::from_posteriors(&self.alphabet, output.data))
    }
}

/// A crop scaled to the model's height, its width a whole number of frames, cut up when too long.
fn pieces_of(crop: &RgbImage, params: ReadParams) -> Vec<Piece> {
    let (w, h) = (crop.width().max(1) as f32, crop.height().max(1) as f32);
    let frames = (w / h * HEIGHT as f32 * params.squeeze / FRAME_PX as f32).ceil().max(2.0);
    let width = frames as u32 * FRAME_PX;
    let scaled = raster::resized(crop, width, HEIGHT);
    if width <= params.longest_px {
        return vec![Piece { pixels: scaled, trim: (0, 0) }];
    }
    let step = params.longest_px - OVERLAP_PX;
    let half = (OVERLAP_PX / FRAME_PX / 2) as usize;
    let mut pieces = Vec::new();
    let mut left = 0;
    loop {
        let right = (left + params.longest_px).min(width);
        let last = right == width;
        let bbox = crate::geometry::Bbox::from_ltrb(left as i32, 0, right as i32, HEIGHT as i32);
        let trim = (if left == 0 { 0 } else { half }, if last { 0 } else { half });
        pieces.push(Piece { pixels: raster::crop(&scaled, bbox), trim });
        if last {
            return pieces;
        }
        left += step;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_a_long_line_cover_each_frame_once() {
        let params = ReadParams { longest_px: 480, ..ReadParams::default() };
        let crop = RgbImage::new(2000, 48);
        let pieces = pieces_of(&crop, params);
        assert!(pieces.len() > 3);
        let frames: usize = pieces.iter().map(|p| (p.pixels.width() / FRAME_PX) as usize - p.trim.0 - p.trim.1).sum();
        assert_eq!(frames, 250);
    }

    #[test]
    fn squeezing_halves_the_frames() {
        let crop = RgbImage::new(960, 24);
        let full = pieces_of(&crop, ReadParams::default());
        let half = pieces_of(&crop, ReadParams { squeeze: 0.5, ..ReadParams::default() });
        assert_eq!((full[0].pixels.width(), half[0].pixels.width()), (1920, 960));
    }
}
