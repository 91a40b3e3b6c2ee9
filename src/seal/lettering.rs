//! A candidate's surroundings + the curved text detection model → where along the ring there is lettering. It looks for
//! characters that follow the ring, so print that the ring lies on says little to it.

use std::f32::consts::TAU;
use std::sync::OnceLock;

use image::{GrayImage, Luma, RgbImage};
use imageproc::filter::gaussian_blur_f32;

use super::ellipse::Ellipse;
use super::ink::sample;
use crate::assets::{Asset, Assets};
use crate::error::{Error, Result};
use crate::inference::Model;
use crate::raster::{Raster, crop, resized};

/// Side of the square that the model sees, pixels; a seal fills it but for `MARGIN` on each side.
const SIDE: u32 = 384;
/// Paper around the ring, share of the seal's longer side.
const MARGIN: f32 = 0.06;
/// The model's normalization (PP-OCRv4 detection): mean and deviation of blue, green and red.
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];
/// Probability from which a place is lettering (the model's own box threshold is 0.6, its pixels' 0.2).
const LETTERING: f32 = 0.35;
/// Where arc text stands, share of the radius.
const BAND: (f32, f32) = (0.5, 0.94);
const DIRECTIONS: usize = 120;
const DEPTHS: usize = 12;
/// How a copy is softened: blur in the model's pixels, the paper's white and how much of the contrast is left. Of 22 one-bit seals of a
/// generated set the model sees lettering along 2 as they are and along all so; more blur and less contrast gain nothing.
const BLUR: f32 = 0.9;
const PAPER: f32 = 230.0;
const INK_SHARE: f32 = 0.6;

/// Finds lettering along rings. The model is loaded when the first ring needs it: most pages have none.
pub(super) struct LetteringFinder {
    assets: Assets,
    model: OnceLock<Model>,
}

impl LetteringFinder {
    pub(super) const fn new(assets: Assets) -> Self {
        Self { assets, model: OnceLock::new() }
    }

    fn model(&self) -> Result<&Model> {
        if let Some(model) = self.model.get() {
            return Ok(model);
        }
        let loaded = Model::of_asset(&self.assets, Asset::SealTextDetection)?;
        Ok(self.model.get_or_init(|| loaded))
    }

    /// Share of a ring's directions on the page in which there is lettering along it.
    ///
    /// # Errors
    /// When the weights are missing or the model fails.
    pub(super) fn around(&self, raster: &Raster, ellipse: &Ellipse) -> Result<f32> {
        let bbox = ellipse.bbox();
        let margin = (bbox.width().max(bbox.height()) as f32 * MARGIN) as i32 + 2;
        let part = bbox.expanded(margin, margin);
        let visible = part.clamped(raster.width(), raster.height());
        let long = part.width().max(part.height()).max(1) as f32;
        let scale = SIDE as f32 / long;
        let pixels = crop(&raster.pixels, visible);
        let size = |length: i32| ((length as f32 * scale).round() as u32).clamp(1, SIDE);
        let pixels = resized(&pixels, size(visible.width()), size(visible.height()));
        let pixels = softened(&pixels);
        let side = SIDE as usize;
        // What lies past the page is paper.
        let mut data = vec![0.0; 3 * side * side];
        for channel in 0..3 {
            data[channel * side * side..(channel + 1) * side * side].fill((1.0 - MEAN[channel]) / DEVIATION[channel]);
        }
        let (left, top) =
            (((visible.left - part.left) as f32 * scale) as usize, ((visible.top - part.top) as f32 * scale) as usize);
        for (x, y, pixel) in pixels.enumerate_pixels() {
            let (x, y) = (x as usize + left, y as usize + top);
            if x >= side || y >= side {
                continue;
            }
            for channel in 0..3 {
                let value = f32::from(pixel.0[2 - channel]) / 255.0;
                data[channel * side * side + y * side + x] = (value - MEAN[channel]) / DEVIATION[channel];
            }
        }
        let outputs = self.model()?.run([1, 3, side, side], data)?;
        let map = outputs.first().filter(|map| map.data.len() == side * side).ok_or_else(|| Error::Model {
            name: Asset::SealTextDetection.file_name().to_owned(),
            problem: "gives no map of the picture's size".to_owned(),
        })?;
        let mut probability = GrayImage::new(SIDE, SIDE);
        for (pixel, &value) in probability.pixels_mut().zip(&map.data) {
            *pixel = Luma([(value.clamp(0.0, 1.0) * 255.0) as u8]);
        }
        let shown = ellipse.scaled(scale, -part.left as f32 * scale, -part.top as f32 * scale);
        let (dx, dy) = (-part.left as f32 * scale, -part.top as f32 * scale);
        let page = (dx, dy, dx + raster.width() as f32 * scale, dy + raster.height() as f32 * scale);
        Ok(share_around(&probability, &shown, page))
    }
}

/// As a pale stamp on paper: on hard black and white the model finds nothing.
fn softened(pixels: &RgbImage) -> RgbImage {
    let mut soft = gaussian_blur_f32(pixels, BLUR);
    for pixel in soft.pixels_mut() {
        pixel.0 = pixel.0.map(|value| (PAPER - INK_SHARE * (255.0 - f32::from(value))).max(0.0) as u8);
    }
    soft
}

/// `page` is where the page lies in the picture: left, top, right, bottom.
fn share_around(probability: &GrayImage, ellipse: &Ellipse, page: (f32, f32, f32, f32)) -> f32 {
    let is_shown = |i: &usize| {
        let p = ellipse.at(*i as f32 / DIRECTIONS as f32 * TAU, 0.0);
        p.x >= page.0 && p.y >= page.1 && p.x < page.2 && p.y < page.3
    };
    let has_lettering = |i: &usize| {
        let edge = ellipse.at(*i as f32 / DIRECTIONS as f32 * TAU, 0.0);
        (0..DEPTHS).any(|k| {
            let p = ellipse.centre.lerp(edge, BAND.0 + (BAND.1 - BAND.0) * (k as f32 + 0.5) / DEPTHS as f32);
            sample(probability, p.x, p.y) >= LETTERING * 255.0
        })
    };
    let shown: Vec<usize> = (0..DIRECTIONS).filter(is_shown).collect();
    let lettered = shown.iter().filter(|i| has_lettering(i)).count();
    lettered as f32 / shown.len().max(1) as f32
}
