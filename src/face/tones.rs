//! Page raster → the page that faces are sought on: pale print in full contrast, one-bit scans in half tones.

use std::borrow::Cow;

use image::RgbImage;

use crate::raster::luma;

/// When a page's tones are changed before faces are sought.
#[derive(Debug, Clone)]
pub struct ToneParams {
    /// Luma between the darkest ink and the paper below which the page is stretched. Scans measure 200 and
    /// more, photocopies at half strength 110–130.
    pub full_contrast: f32,
    /// … and below which the page counts as blank: paper grain and JPEG noise reach 30.
    pub least_contrast: f32,
    /// Share of the darkest samples that tell the ink's luma; an ID photo is 1.5 % of an A4 page.
    pub ink_share: f32,
    /// Share of all that is darker than pale paper which may be of middle tones on a one-bit page. Print that was
    /// scanned in grey has 0.3 and more on the edges of its strokes.
    pub most_middle: f32,
    /// Longer side in pixels from which a one-bit page is reduced to half.
    pub least_halved: u32,
}

impl Default for ToneParams {
    fn default() -> Self {
        Self { full_contrast: 165.0, least_contrast: 36.0, ink_share: 0.004, most_middle: 0.06, least_halved: 900 }
    }
}

/// The page as it is looked at.
pub(super) struct Toned<'a> {
    /// Its pixels.
    pub(super) pixels: Cow<'a, RgbImage>,
    /// Page pixels per pixel of `pixels`.
    pub(super) shrink: u32,
}

impl Toned<'_> {
    /// True when its contrast was raised, which makes what is darker than its print black.
    pub(super) fn is_stretched(&self) -> bool {
        self.shrink == 1 && matches!(self.pixels, Cow::Owned(_))
    }
}

/// Middle tones lie between these.
const MIDDLE: std::ops::Range<usize> = 40..216;
/// Every how many rows and columns the page is sampled.
const STEP: usize = 4;

/// A page in full contrast and half tones; most pages as they are.
pub(super) fn toned<'a>(page: &'a RgbImage, params: &ToneParams) -> Toned<'a> {
    let as_it_is = Toned { pixels: Cow::Borrowed(page), shrink: 1 };
    let histogram = histogram(page);
    let total: u32 = histogram.iter().sum();
    let dark: u32 = histogram[..MIDDLE.end].iter().sum();
    let middle: u32 = histogram[MIDDLE].iter().sum();
    if dark == 0 {
        return as_it_is;
    }
    if (middle as f32) < dark as f32 * params.most_middle {
        let large = page.width().max(page.height()) >= params.least_halved;
        return if large { Toned { pixels: Cow::Owned(halved(page)), shrink: 2 } } else { as_it_is };
    }
    let at = |share: f32| {
        let mut left = (total as f32 * share) as u32;
        histogram.iter().position(|&count| {
            let here = left < count;
            left = left.saturating_sub(count);
            here
        })
    };
    let (ink, paper) = (at(params.ink_share).unwrap_or(0) as f32, at(0.95).unwrap_or(255) as f32);
    let contrast = paper - ink;
    if contrast >= params.full_contrast || contrast < params.least_contrast {
        return as_it_is;
    }
    let gain = 230.0 / contrast;
    let table: [u8; 256] = std::array::from_fn(|v| (250.0 - (paper - v as f32) * gain).clamp(0.0, 255.0) as u8);
    let mut stretched = page.clone();
    for value in stretched.iter_mut() {
        *value = table[usize::from(*value)];
    }
    Toned { pixels: Cow::Owned(stretched), shrink: 1 }
}

fn histogram(page: &RgbImage) -> [u32; 256] {
    let stride = page.width() as usize * 3;
    let mut histogram = [0u32; 256];
    for row in page.as_raw().chunks_exact(stride.max(1)).step_by(STEP) {
        for p in row.chunks_exact(3).step_by(STEP) {
            histogram[usize::from(luma([p[0], p[1], p[2]]))] += 1;
        }
    }
    histogram
}

/// Half as wide and high; each pixel is the mean of four.
fn halved(page: &RgbImage) -> RgbImage {
    let (width, height) = (page.width() / 2, page.height() / 2);
    let stride = page.width() as usize * 3;
    let mut small = Vec::with_capacity((width * height * 3) as usize);
    for rows in page.as_raw().chunks_exact(stride * 2) {
        let (upper, lower) = rows.split_at(stride);
        for (a, b) in upper.chunks_exact(6).zip(lower.chunks_exact(6)) {
            for c in 0..3 {
                let sum = u16::from(a[c]) + u16::from(a[c + 3]) + u16::from(b[c]) + u16::from(b[c + 3]);
                small.push((sum / 4) as u8);
            }
        }
    }
    RgbImage::from_raw(width, height, small).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn a_pale_copy_is_stretched_and_a_usual_scan_is_not() {
        let scan = |ink: u8| {
            RgbImage::from_fn(400, 400, |x, y| Rgb([if x % 20 < 4 { ink + (y % 2) as u8 * 60 } else { 250 }; 3]))
        };
        let usual = scan(30);
        assert!(matches!(toned(&usual, &ToneParams::default()).pixels, Cow::Borrowed(_)));
        let pale = scan(180);
        let stretched = toned(&pale, &ToneParams::default());
        let darkest = stretched.pixels.pixels().map(|p| p.0[0]).min();
        assert!(darkest.is_some_and(|luma| luma < 60), "{darkest:?}");
    }

    #[test]
    fn a_one_bit_page_is_halved_to_tones() {
        let page = RgbImage::from_fn(1000, 1200, |x, y| Rgb([if (x + y) % 2 == 0 { 0 } else { 255 }; 3]));
        let small = toned(&page, &ToneParams::default());
        assert_eq!((small.shrink, small.pixels.dimensions()), (2, (500, 600)));
        assert!(small.pixels.pixels().all(|p| (120..=135).contains(&p.0[0])));
    }
}
