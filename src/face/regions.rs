//! Page raster → the regions that may be photographs, from colour and tone statistics on a sampled page.
//!
//! A photograph is a patch of paper without paper in it: neighbouring samples that are all darker or more
//! coloured than the paper around, of many tones. Text, rules, seals and code patterns leave paper between
//! their strokes; headers and colour bars have one tone. No picture is decided on here: a page is only
//! spared the network where nothing of the kind exists.

use image::RgbImage;

use super::cells::{BLOCK, components, opened};
use super::survey::Survey;
use crate::geometry::Bbox;

/// Thresholds of the region survey.
#[derive(Debug, Clone)]
pub struct RegionParams {
    /// Samples along the page's longer side; 780 is every third pixel of an A4 page at 200 dpi.
    pub samples: u32,
    /// A sample is paper when its luma is at least this share of the paper's luma nearby. Shading within one
    /// tile and JPEG noise stay above 0.9 on scans; pale skin on a photocopy measured 0.80–0.88.
    pub paper_luma: f32,
    /// … and its channels lie no further apart than this; yellowed paper measured up to 30.
    pub paper_chroma: u8,
    /// Of the 9 samples in a cell, how many must not be paper. Text strokes fill up to 6.
    pub filled_samples: u8,
    /// Luma, up and down from a region's most frequent colour, that counts as the same flat colour.
    pub flat_luma: u8,
    /// The same for the distance between channels.
    pub flat_chroma: u8,
    /// Least share of a region that is not of its flat colour. In headers, colour bars and seals' stars the
    /// rest is their edge and noise (up to 0.07); the head on a plain ground is at least 0.2 of an ID photo.
    pub least_rest: f32,
    /// Of sixteen luma levels, how many must each hold 4 % of that rest.
    pub least_tones: usize,
    /// The same of a photo whose head is painted over: the paint and the clothes.
    pub least_painted_tones: usize,
    /// From this share of flat colour on, a large region is searched for pictures that lie in it: tinted
    /// paper, a desk under the page.
    pub tinted: f32,
    /// Page pixels from which a region counts as large.
    pub large: i32,
    /// Share of a large region's samples that are like the paper nearby from which it may be a sheet under uneven light,
    /// alone or with the desk: pictures are sought by how they differ from the paper around them, too. Sheets on dark
    /// desks measured 0.30–0.37.
    pub least_sheet_paper: f32,
    /// From this share and so many lines of print on, it is sure to be a sheet, and they are sought by that alone.
    pub sheet_paper: f32,
    /// …
    pub sheet_lines: usize,
    /// Least luma of such paper as a share of the paper's nearby.
    pub sheet_luma: f32,
    /// Largest difference of its distance between channels from the paper's nearby.
    pub sheet_chroma: u8,
    /// Longer side over shorter side up to which a region is a picture and not a strip.
    pub most_aspect: f32,
    /// Share of its box that a patch of one tone may fill at most; `None` where such patches are told by
    /// their tones.
    pub most_fill: Option<f32>,
    /// That share on one-bit pages, where headers and bars fill all of their boxes.
    pub block_fill: f32,
}

impl Default for RegionParams {
    fn default() -> Self {
        Self {
            samples: 780,
            paper_luma: 0.90,
            paper_chroma: 36,
            filled_samples: 8,
            flat_luma: 24,
            flat_chroma: 30,
            least_rest: 0.10,
            least_tones: 4,
            least_painted_tones: 2,
            tinted: 0.35,
            large: 420,
            least_sheet_paper: 0.15,
            sheet_paper: 0.4,
            sheet_lines: 4,
            sheet_luma: 0.85,
            sheet_chroma: 24,
            most_aspect: 10.0,
            most_fill: None,
            block_fill: 0.9,
        }
    }
}

/// A part of the page that may be a photograph.
#[derive(Debug, Clone)]
pub(super) struct Region {
    /// Where, page-raster pixels.
    pub(super) bbox: Bbox,
    /// Share of the box that is not paper, 0..=1.
    pub(super) fill: f32,
    /// Share of its samples without colour, 0..=1.
    pub(super) grey: f32,
    /// True when it has too few tones for a photograph with a face: only a photo whose head is painted over has so few.
    pub(super) few_tones: bool,
    /// True when it was found in a larger region by how it differs from the colour there, which a pale face and the ground
    /// of a photo may not do.
    pub(super) within: bool,
}

/// The regions of a one-bit page in half tones that may be photographs, largest first. Every pixel is looked
/// at; black patches of irregular outline count too: hair and clothes may be all that such a scan leaves.
pub(super) fn one_bit_regions(pixels: &RgbImage, params: &RegionParams) -> Vec<Region> {
    let every = RegionParams {
        samples: pixels.width().max(pixels.height()),
        least_rest: 0.0,
        least_tones: 1,
        least_painted_tones: 1,
        most_fill: Some(params.block_fill),
        ..params.clone()
    };
    photo_regions(pixels, &Survey::of(pixels, &every), &[], &every)
}

/// The regions of a page that may be photographs, largest first. `printed` are the boxes of known text lines.
pub(super) fn photo_regions(
    pixels: &RgbImage,
    survey: &Survey,
    printed: &[Bbox],
    params: &RegionParams,
) -> Vec<Region> {
    let (columns, rows) = survey.cells();
    if columns < BLOCK || rows < BLOCK {
        return Vec::new();
    }
    let filled: Vec<bool> = survey.off_paper().iter().map(|&count| count >= params.filled_samples).collect();
    let mut regions = Vec::new();
    let mut is_uneven = false;
    for cells in components(&opened(&filled, columns, rows), columns, rows) {
        let part = survey.part(&cells, columns, params);
        let is_large = part.long_side(survey.step) >= params.large;
        // The shaded part of a sheet, alone or with the desk, of whose tones the desk's may be the most frequent.
        let off_sheet = if is_large { survey.cells_off_sheet(&cells, params) } else { None };
        let is_sheet = off_sheet.as_ref().is_some_and(|sheet| sheet.paper >= params.sheet_paper)
            && part.lines_in(printed, survey.step) >= params.sheet_lines;
        let is_tinted = !is_sheet && is_large && part.flat_share >= params.tinted;
        let off_colour = is_tinted.then(|| survey.cells_off_colour(&cells, columns, rows, &part, params));
        if !(is_sheet || is_tinted) {
            regions.extend(part.region(survey.step, pixels, params));
        }
        is_uneven |= off_sheet.is_some();
        for inside in [off_sheet.map(|sheet| sheet.off), off_colour].into_iter().flatten() {
            for cells in components(&opened(&inside, columns, rows), columns, rows) {
                let part = survey.part(&cells, columns, params);
                let region = part.region(survey.step, pixels, params);
                regions.extend(region.map(|region| Region { within: true, ..region }));
            }
        }
    }
    if is_uneven {
        // The light's edge may run through a photo, of which the hair alone then differs from the paper.
        let small = |region: &&mut Region| region.bbox.width().max(region.bbox.height()) < params.large;
        regions.iter_mut().filter(small).for_each(|region| region.within = true);
    }
    regions.sort_by_key(|region| std::cmp::Reverse(region.bbox.area()));
    regions
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn page() -> RgbImage {
        RgbImage::from_pixel(1654, 2339, Rgb([245, 245, 243]))
    }

    fn regions_of(pixels: &RgbImage) -> Vec<Region> {
        let params = RegionParams::default();
        photo_regions(pixels, &Survey::of(pixels, &params), &[], &params)
    }

    fn paint(page: &mut RgbImage, bbox: Bbox, colour: impl Fn(u32, u32) -> [u8; 3]) {
        for y in bbox.top as u32..bbox.bottom as u32 {
            for x in bbox.left as u32..bbox.right as u32 {
                page.put_pixel(x, y, Rgb(colour(x - bbox.left as u32, y - bbox.top as u32)));
            }
        }
    }

    #[test]
    fn a_patch_of_many_tones_is_a_region() {
        let mut pixels = page();
        let place = Bbox::from_ltrb(1200, 300, 1400, 580);
        paint(&mut pixels, place, |x, y| [(x % 200) as u8 + 20, (y % 180) as u8 + 10, 60]);
        let regions = regions_of(&pixels);
        assert_eq!(regions.len(), 1);
        assert!(regions[0].bbox.iou(place) > 0.85, "{:?}", regions[0].bbox);
    }

    #[test]
    fn strokes_rules_headers_and_checks_are_no_regions() {
        let mut pixels = page();
        for line in 0..30 {
            for stroke in 0..200 {
                let (x, y) = (150 + stroke * 7, 200 + line * 40);
                paint(&mut pixels, Bbox::from_ltrb(x, y, x + 4, y + 26), |_, _| [20, 20, 20]);
            }
        }
        paint(&mut pixels, Bbox::from_ltrb(100, 1500, 1500, 1560), |_, _| [10, 10, 10]);
        paint(&mut pixels, Bbox::from_ltrb(100, 1600, 1500, 1660), |_, _| [200, 30, 40]);
        paint(&mut pixels, Bbox::from_ltrb(300, 1800, 500, 2000), |x, y| {
            if (x / 10 + y / 10) % 2 == 0 { [0, 0, 0] } else { [255, 255, 255] }
        });
        assert!(regions_of(&pixels).is_empty());
    }
}
