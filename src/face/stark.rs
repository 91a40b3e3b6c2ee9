//! Sampled page → places that may be pictures in black and white without half tones, as photocopiers leave them.
//!
//! Such a picture has paper between its strokes as print has. What tells it is its extent: once ruled lines and
//! known text are taken off, strokes of text hang together as strips one character high, while hair, jaw
//! and collar hang together over the height and width of a head. Large characters, logos and signatures do so
//! too; the network tells them apart.

use image::RgbImage;

use super::cells::{components, edges_of};
use super::regions::RegionParams;
use super::survey::{CELL, Survey};
use crate::geometry::Bbox;
use crate::raster::{luma_histogram, percentile};

/// When inked cells may be a picture. A cell is 9 pixels wide on A4 at 200 dpi.
#[derive(Debug, Clone)]
pub struct StarkParams {
    /// Of the nine samples of a cell, how many must be ink: one may be grain.
    pub inked_samples: u8,
    /// Cells along a ruled line; a line through a face is shorter.
    pub rule_cells: usize,
    /// Cells across a ruled line at most: one of 3 pixels may touch two rows of cells.
    pub rule_thickness: usize,
    /// Share of a ruled line that must be so thin; the rest may touch text.
    pub least_thin: f32,
    /// Least shorter side as a share of the page's longer one: the head on a 一寸 photo on A4 is 0.06 wide, a line of
    /// print 0.02 high.
    pub least_extent: f32,
    /// Least share of the cells within its box.
    pub least_fill: f32,
    /// Largest share of its cells' samples that have colour: coloured pictures have tones, and seals have none.
    pub most_coloured: f32,
    /// Share of the page's cells that may be inked; beyond, its paper is speckled and nothing can be told apart.
    pub most_inked: f32,
    /// Share of the samples of speckled paper that may have colour; tinted paper and most desks have more.
    pub most_speckled_colour: f32,
    /// Context around it as a share of the page's longer side: the frame, shoulders and crown.
    pub margin: f32,
    /// Network pixels along the page's longer side of the looks. Small is good, as strokes run together to tones: of
    /// 364 such copies of 13 faces 311 were found at 0.24 network pixels a page pixel at 200 dpi and 270 at
    /// 0.5.
    pub extents: [u32; 3],
    /// Share of the page from which a place has the first two looks only: all four at all of A4 take a second.
    pub large: f32,
    /// The same for a further look at a blurred place, to take off a coarse screen …
    pub blurred_extent: u32,
    /// … by so many network pixels.
    pub blur: f32,
    /// Least score of a face; weaker ones make the place one for a person to look at.
    pub least_score: f32,
    /// Share of the middle half of a place's range of luma up to which it has no half tones. Thresholded copies measured
    /// 0.01–0.17 around the eyes, bare faces in photos 0.21 and more.
    pub most_middle: f32,
    /// Luma of ink as a share of the paper's at most …
    pub most_ink: f32,
    /// … and of the paper in a picture as a share of that around it at least.
    pub least_paper: f32,
    /// Height over width of a head and shoulders that are black all over, or of a photo of which the frame and hair are …
    pub silhouette_aspect: [f32; 2],
    /// … their height as a share of the page's longer side …
    pub silhouette_extent: [f32; 2],
    /// … and the share of their box that is black: less in codes and lettering, more in bars.
    pub silhouette_fill: [f32; 2],
    /// The same three of what is as large as a photo: hair alone, a head cut close, a photo that the copier made black.
    pub mass_aspect: [f32; 2],
    /// …
    pub mass_extent: [f32; 2],
    /// … brushed characters of 15 mm measured up to 0.28, hair 0.39 and more.
    pub mass_fill: [f32; 2],
}

impl Default for StarkParams {
    fn default() -> Self {
        Self {
            inked_samples: 2,
            rule_cells: 14,
            rule_thickness: 2,
            least_thin: 0.4,
            least_extent: 0.033,
            least_fill: 0.12,
            most_coloured: 0.3,
            most_inked: 0.5,
            most_speckled_colour: 0.02,
            margin: 0.04,
            extents: [560, 300, 1100],
            large: 0.25,
            blurred_extent: 900,
            blur: 1.2,
            least_score: 0.5,
            most_middle: 0.17,
            most_ink: 0.55,
            least_paper: 0.85,
            silhouette_aspect: [1.12, 1.7],
            silhouette_extent: [0.05, 0.3],
            silhouette_fill: [0.2, 0.92],
            mass_aspect: [0.75, 1.7],
            mass_extent: [0.07, 0.35],
            mass_fill: [0.35, 0.97],
        }
    }
}

/// Where on a page stark pictures may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum StarkPlaces {
    /// Here.
    Here(Vec<StarkPlace>),
    /// Anywhere, as paper cannot be told from ink.
    Speckled,
}

/// A place that may hold stark pictures, page pixels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StarkPlace {
    pub(super) bbox: Bbox,
    /// What in it has the shape of a head and shoulders and is black all over.
    pub(super) silhouettes: Vec<Bbox>,
}

/// True when a place has no half tones.
pub(super) fn is_stark(pixels: &RgbImage, place: Bbox, params: &StarkParams) -> bool {
    let place = place.clamped(pixels.width(), pixels.height());
    if place.is_empty() {
        return false;
    }
    let histogram = luma_histogram(pixels, place);
    let (low, high) = (f32::from(percentile(&histogram, 0.05)), f32::from(percentile(&histogram, 0.95)));
    let quarter = (high - low) / 4.0;
    let middle = histogram[(low + quarter) as usize..(high - quarter) as usize].iter().sum::<u32>();
    middle as f32 <= params.most_middle * place.area() as f32
}

/// True when what is in a place is ink on paper: its light parts are as light as the paper around it, and its dark ones are
/// black. Pictures on a grey ground may have no half tones either.
pub(super) fn is_ink_on_paper(pixels: &RgbImage, place: Bbox, around: Bbox, params: &StarkParams) -> bool {
    let (least, most) = range(pixels, place);
    let (_, paper) = range(pixels, around);
    let (black, white) = (params.most_ink * f32::from(paper), params.least_paper * f32::from(paper));
    f32::from(least) <= black && (f32::from(most) >= white || f32::from(most) <= black)
}

/// The 5th and the 95th percentile of the luma of a place.
fn range(pixels: &RgbImage, place: Bbox) -> (u8, u8) {
    let histogram = luma_histogram(pixels, place.clamped(pixels.width(), pixels.height()));
    (percentile(&histogram, 0.05), percentile(&histogram, 0.95))
}

/// The places of a page that may hold stark pictures. `printed` are the boxes of known text lines.
pub(super) fn stark_places(
    survey: &Survey,
    printed: &[Bbox],
    regions: &RegionParams,
    params: &StarkParams,
) -> StarkPlaces {
    let (columns, rows) = survey.cells();
    let counts = survey.off_paper();
    let mut inked: Vec<bool> = counts.iter().map(|&count| count >= params.inked_samples).collect();
    let all = inked.iter().filter(|&&inked| inked).count();
    if all as f32 > params.most_inked * inked.len() as f32 {
        let everywhere: Vec<u32> = (0..inked.len() as u32).filter(|&cell| inked[cell as usize]).collect();
        let is_grey = survey.coloured(&everywhere, regions) <= params.most_speckled_colour;
        return if is_grey { StarkPlaces::Speckled } else { StarkPlaces::Here(Vec::new()) };
    }
    let side = (CELL as u32 * survey.step) as i32;
    let page = (columns.max(rows) as i32 * side) as f32;
    for line in printed {
        let cell = |edge: i32, most: usize| ((edge / side).max(0) as usize).min(most);
        for row in cell(line.top, rows)..cell(line.bottom + side - 1, rows) {
            inked[row * columns..][cell(line.left, columns)..cell(line.right + side - 1, columns)].fill(false);
        }
    }
    take_off_rules(&mut inked, columns, rows, params);
    let mut places: Vec<StarkPlace> = Vec::new();
    let margin = (params.margin * page) as i32;
    for cells in components(&inked, columns, rows) {
        let [left, top, right, bottom] = edges_of(&cells, columns);
        let short = ((right - left).min(bottom - top) as i32 * side) as f32;
        let filled = cells.len() as f32 >= params.least_fill * ((right - left) * (bottom - top)) as f32;
        if short < params.least_extent * page || !filled || survey.coloured(&cells, regions) > params.most_coloured {
            continue;
        }
        let [l, t, r, b] = [left, top, right, bottom].map(|edge| edge as i32 * side);
        let own = Bbox::from_ltrb(l, t, r, b);
        let black = cells.iter().filter(|&&cell| counts[cell as usize] >= regions.filled_samples).count();
        let (width, height) = (own.width() as f32, own.height() as f32);
        let within = |[least, most]: [f32; 2], value: f32| (least..=most).contains(&value);
        let black = black as f32 / ((right - left) * (bottom - top)) as f32;
        let is_shaped = |aspect, extent, fill| {
            within(aspect, height / width) && within(extent, height / page) && within(fill, black)
        };
        let is_silhouette = is_shaped(params.silhouette_aspect, params.silhouette_extent, params.silhouette_fill)
            || is_shaped(params.mass_aspect, params.mass_extent, params.mass_fill);
        let mut place = StarkPlace {
            bbox: own.expanded(margin, margin),
            silhouettes: if is_silhouette { vec![own] } else { Vec::new() },
        };
        while let Some(at) = places.iter().position(|other| !other.bbox.intersection(place.bbox).is_empty()) {
            let other = places.swap_remove(at);
            place.bbox = place.bbox.union(other.bbox);
            place.silhouettes.extend(other.silhouettes);
        }
        places.push(place);
    }
    StarkPlaces::Here(places)
}

/// Clears ruled lines along rows and columns.
fn take_off_rules(inked: &mut [bool], columns: usize, rows: usize, params: &StarkParams) {
    let along_rows = thin_runs(inked, rows, columns, |row, column| row * columns + column, params);
    let along_columns = thin_runs(inked, columns, rows, |column, row| row * columns + column, params);
    for cell in along_rows.into_iter().chain(along_columns) {
        inked[cell] = false;
    }
}

/// The cells of long runs along lines, of a grid of `lines` with `length` cells each, that are mostly thin across.
fn thin_runs(
    inked: &[bool],
    lines: usize,
    length: usize,
    at: impl Fn(usize, usize) -> usize,
    params: &StarkParams,
) -> Vec<usize> {
    // Length of the inked run across the lines through each cell.
    let mut across = vec![0usize; inked.len()];
    for i in 0..length {
        let mut from = 0;
        for line in 0..=lines {
            if line < lines && inked[at(line, i)] {
                continue;
            }
            (from..line).for_each(|l| across[at(l, i)] = line - from);
            from = line + 1;
        }
    }
    let mut cells = Vec::new();
    for line in 0..lines {
        let mut from = 0;
        for i in 0..=length {
            if i < length && inked[at(line, i)] {
                continue;
            }
            let thin = (from..i).filter(|&i| across[at(line, i)] <= params.rule_thickness).count();
            if i - from >= params.rule_cells && thin as f32 >= params.least_thin * (i - from) as f32 {
                cells.extend((from..i).map(|i| at(line, i)));
            }
            from = i + 1;
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};

    fn places(pixels: &RgbImage, printed: &[Bbox]) -> StarkPlaces {
        let regions = RegionParams::default();
        stark_places(&Survey::of(pixels, &regions), printed, &regions, &StarkParams::default())
    }

    fn fill(page: &mut RgbImage, bbox: Bbox) {
        for (x, y) in (bbox.left..bbox.right).flat_map(|x| (bbox.top..bbox.bottom).map(move |y| (x, y))) {
            page.put_pixel(x as u32, y as u32, Rgb([20; 3]));
        }
    }

    /// A ruled page with lines of strokes.
    fn page() -> RgbImage {
        let mut page = RgbImage::from_pixel(1654, 2339, Rgb([250; 3]));
        for row in 0..20 {
            fill(&mut page, Bbox::from_ltrb(120, 300 + row * 90, 1500, 303 + row * 90));
            for stroke in 0..150 {
                let (x, y) = (150 + stroke * 8, 330 + row * 90);
                fill(&mut page, Bbox::from_ltrb(x, y, x + 4, y + 30));
            }
        }
        for column in 0..4 {
            fill(&mut page, Bbox::from_ltrb(120 + column * 460, 300, 123 + column * 460, 2010));
        }
        page
    }

    #[test]
    fn lines_of_text_in_a_ruled_table_are_no_places() {
        assert_eq!(places(&page(), &[]), StarkPlaces::Here(Vec::new()));
    }

    #[test]
    fn a_page_smaller_than_a_cell_has_no_places() {
        for (width, height) in [(1, 1), (2, 500), (500, 2)] {
            assert_eq!(places(&RgbImage::new(width, height), &[]), StarkPlaces::Here(Vec::new()));
        }
    }

    #[test]
    fn an_outline_of_the_size_of_a_head_is_a_place_unless_it_is_known_text() {
        let mut pixels = page();
        let head = Bbox::from_ltrb(1180, 60, 1320, 250);
        for (x, y) in (head.left..head.right).flat_map(|x| (head.top..head.bottom).map(move |y| (x, y))) {
            let (dx, dy) = ((x - 1250) as f32 / 70.0, (y - 155) as f32 / 95.0);
            if (0.75..1.0).contains(&(dx * dx + dy * dy)) {
                pixels.put_pixel(x as u32, y as u32, Rgb([20; 3]));
            }
        }
        let StarkPlaces::Here(found) = places(&pixels, &[]) else { panic!("few places") };
        assert_eq!(found.len(), 1);
        assert!(head.covered_by(found[0].bbox) > 0.95, "{found:?}");
        assert_eq!(places(&pixels, &[head]), StarkPlaces::Here(Vec::new()));
    }

    #[test]
    fn black_on_white_is_ink_on_paper_and_a_light_disc_on_grey_is_not() {
        let picture = |ground: u8, disc: u8| {
            let mut page = RgbImage::from_pixel(400, 400, Rgb([250; 3]));
            for (x, y, pixel) in page.enumerate_pixels_mut() {
                if (100..300).contains(&x) && (100..300).contains(&y) {
                    let inside = (x as f32 - 200.0).hypot(y as f32 - 200.0) < 50.0;
                    *pixel = Rgb([if inside { disc } else { ground }; 3]);
                }
            }
            let place = Bbox::from_ltrb(100, 100, 300, 300);
            is_ink_on_paper(&page, place, place.expanded(80, 80), &StarkParams::default())
        };
        assert!(picture(20, 250));
        assert!(!picture(70, 190));
        assert!(picture(20, 30), "a photo that a copier made black");
    }
}
