//! A photo region without a found face: does it look like a portrait, and is its eye region a solid block?

use image::RgbImage;
use image::imageops;

use super::patch::Patch;
use super::regions::Region;
use super::skin::is_skin;
use crate::geometry::{Bbox, Point, Quad, QuarterTurns};
use crate::raster;

/// What makes a region look like a portrait.
#[derive(Debug, Clone)]
pub struct PortraitParams {
    /// Short side over long side: ID photos are 25 × 35 mm to 35 × 53 mm (0.66–0.81); cut at the shoulders on
    /// white ground they come near 1.
    pub least_aspect: f32,
    /// The same bounds for a grey picture, which has no skin colour to tell it from other pictures.
    pub grey_aspect: [f32; 2],
    /// Short over long side from which a picture counts as square.
    pub most_frame_aspect: f32,
    /// Least long side as a share of the page's long side: a 32 mm photo on A4 is 0.11; half of that is
    /// allowed for reduced copies.
    pub least_extent: f32,
    /// Largest long side as a share of the page's long side, unless the picture is nearly all of the page:
    /// a 二寸 photo (53 mm) on A4 is 0.18, portraits on certificates reach 0.3.
    pub most_extent: f32,
    /// Least share of skin-coloured samples in the middle, where the face of a portrait is.
    pub least_skin: f32,
    /// How far that share must exceed the one in the upper corners, which show the ground.
    pub skin_contrast: f32,
    /// Least share of samples as dark as hair above the middle of a grey picture.
    pub least_hair: f32,
    /// How far the parts of a texture differ, as a share of how much each differs in itself, at most: gravel and grass measured 0.6
    /// and 0.7, photos of people 1.06 and more.
    pub most_texture: f32,
    /// Least share of its box that an ID photo on a plain ground fills.
    pub least_photo_fill: f32,
    /// Largest channel difference within the plain ground in both upper corners.
    pub ground_spread: u8,
    /// Least channel difference between that ground and the head or the shoulders.
    pub figure_contrast: u8,
    /// Least shorter side in pixels of a portrait in which no face was found: the eyes of a smaller one are 6 pixels apart.
    pub least_side: i32,
    /// Largest shorter side in pixels of a character in coloured ink: 15 mm at 200 dpi.
    pub most_character: i32,
    /// Least difference between the spreads of the channels of such ink and of paper.
    pub least_ink: u8,
    /// Largest channel difference from the line between ink and paper, by grain and JPEG …
    pub ink_spread: u8,
    /// … of so large a share of the pixels. Hair, skin and ground of a portrait lie on no line.
    pub least_of_ink: f32,
}

impl Default for PortraitParams {
    fn default() -> Self {
        Self {
            least_aspect: 0.55,
            grey_aspect: [0.62, 0.86],
            most_frame_aspect: 0.9,
            least_extent: 0.045,
            most_extent: 0.35,
            least_skin: 0.25,
            skin_contrast: 0.15,
            least_hair: 0.15,
            most_texture: 0.85,
            least_photo_fill: 0.85,
            ground_spread: 32,
            figure_contrast: 36,
            least_side: 24,
            most_character: 120,
            least_ink: 70,
            ink_spread: 34,
            least_of_ink: 0.93,
        }
    }
}

/// True for a region with the shape and size of an ID photo on this page.
pub(super) fn has_photo_shape(region: &Region, page: Bbox, params: &PortraitParams) -> bool {
    let (w, h) = (region.bbox.width() as f32, region.bbox.height() as f32);
    let extent = w.max(h) / page.width().max(page.height()).max(1) as f32;
    let sized = (params.least_extent..=params.most_extent).contains(&extent) || extent > 0.8;
    w.min(h) / w.max(h).max(1.0) >= params.least_aspect && sized && region.fill >= 0.4
}

/// True when a region shows skin where a portrait has its face, whichever way it is turned; a grey region,
/// when it has a photo's shape with something dark above a lighter middle and is higher than wide: pages are
/// upright here, and a grey picture that is wider than high is seldom a portrait on its side.
pub(super) fn looks_like_portrait(pixels: &RgbImage, region: &Region, params: &PortraitParams) -> bool {
    let bbox = region.bbox;
    let is_grey = region.grey > 0.9;
    let aspect = bbox.width().min(bbox.height()) as f32 / bbox.width().max(bbox.height()).max(1) as f32;
    let is_framed = (params.grey_aspect[0]..=params.grey_aspect[1]).contains(&aspect);
    if is_grey && (!is_framed || is_texture(pixels, bbox, params)) {
        return false;
    }
    (0..4).any(|turns| {
        // (u, v) in the upright portrait, 0..1, to a pixel of the page
        let sample = |u: f32, v: f32| {
            let (x, y) = match turns {
                0 => (u, v),
                1 => (1.0 - v, u),
                2 => (1.0 - u, 1.0 - v),
                _ => (v, 1.0 - u),
            };
            let px = bbox.left + (x * bbox.width() as f32) as i32;
            let py = bbox.top + (y * bbox.height() as f32) as i32;
            let inside = px >= 0 && py >= 0 && px < pixels.width() as i32 && py < pixels.height() as i32;
            inside.then(|| pixels.get_pixel(px as u32, py as u32).0)
        };
        let share = |[left, top, right, bottom]: [f32; 4], is: &dyn Fn([u8; 3]) -> bool| {
            let hits = (0..256).filter(|i| {
                let (u, v) = ((i % 16) as f32 + 0.5, (i / 16) as f32 + 0.5);
                sample(left + (right - left) * u / 16.0, top + (bottom - top) * v / 16.0).is_some_and(is)
            });
            hits.count() as f32 / 256.0
        };
        let face = [0.3, 0.2, 0.7, 0.6];
        if is_grey {
            let luma = |p: [u8; 3]| (u32::from(p[0]) + u32::from(p[1]) + u32::from(p[2])) / 3;
            let hair = share([0.25, 0.02, 0.75, 0.3], &|p| luma(p) < 80);
            let light = share(face, &|p| (90..235).contains(&luma(p)));
            let upright_shape = bbox.height() > bbox.width() && turns % 2 == 0;
            upright_shape && hair >= params.least_hair && light >= 0.4
        } else {
            let middle = share(face, &is_skin);
            let corners = f32::midpoint(share([0.0, 0.0, 0.15, 0.3], &is_skin), share([0.85, 0.0, 1.0, 0.3], &is_skin));
            middle >= params.least_skin && middle >= corners + params.skin_contrast
        }
    })
}

/// True for gravel, grass and the like: all parts of the picture are alike, and each holds as much as the whole. In a
/// portrait hair, face, ground and clothes are parts of their own.
fn is_texture(pixels: &RgbImage, bbox: Bbox, params: &PortraitParams) -> bool {
    /// Parts across and down, and pixels of the reduced picture across and down in each.
    const PARTS: u32 = 6;
    const PART: [u32; 2] = [8, 10];
    let reduced = imageops::thumbnail(&raster::crop(pixels, bbox), PARTS * PART[0], PARTS * PART[1]);
    let spread = |values: &[f32]| {
        let count = values.len().max(1) as f32;
        let mean = values.iter().sum::<f32>() / count;
        (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / count).sqrt())
    };
    let parts = (0..PARTS * PARTS).map(|i| {
        let (left, top) = (i % PARTS * PART[0], i / PARTS * PART[1]);
        let places = (top..top + PART[1]).flat_map(|y| (left..left + PART[0]).map(move |x| (x, y)));
        spread(&places.map(|(x, y)| f32::from(raster::luma(reduced.get_pixel(x, y).0))).collect::<Vec<_>>())
    });
    let (means, spreads): (Vec<f32>, Vec<f32>) = parts.unzip();
    spread(&means).1 < params.most_texture * spread(&spreads).0
}

/// True when a region has the proportions of an ID photo, upright or on its side.
pub(super) fn has_id_photo_aspect(region: &Region, params: &PortraitParams) -> bool {
    let (w, h) = (region.bbox.width() as f32, region.bbox.height() as f32);
    let [least, most] = params.grey_aspect;
    (least..=most).contains(&(w.min(h) / w.max(h).max(1.0)))
}

/// True for a picture that fills an upright frame with the proportions of an ID photo, whatever is in it.
pub(super) fn is_upright_frame(region: &Region, params: &PortraitParams) -> bool {
    region.fill >= params.least_photo_fill
        && region.bbox.height() > region.bbox.width()
        && has_id_photo_aspect(region, params)
}

/// True for a picture that fills a square: an avatar or a logo. ID photos come near a square only where their ground is
/// as white as paper and does not count as filled.
pub(super) fn is_square_picture(region: &Region, params: &PortraitParams) -> bool {
    let (w, h) = (region.bbox.width() as f32, region.bbox.height() as f32);
    region.fill >= params.least_photo_fill && w.min(h) / w.max(h).max(1.0) > params.most_frame_aspect
}

/// True for a small region of one coloured ink on paper, as the characters of a red seal are: its colours lie on one line.
pub(super) fn is_of_one_ink(pixels: &RgbImage, region: &Region, params: &PortraitParams) -> bool {
    let bbox = region.bbox;
    if bbox.width().min(bbox.height()) > params.most_character {
        return false;
    }
    let mut colours: Vec<[u8; 3]> = (bbox.top..bbox.bottom)
        .flat_map(|y| (bbox.left..bbox.right).map(move |x| pixels.get_pixel(x as u32, y as u32).0))
        .collect();
    colours.sort_unstable_by_key(|&colour| raster::chroma(colour));
    let mean = |part: &[[u8; 3]]| -> [f32; 3] {
        std::array::from_fn(|c| part.iter().map(|p| f32::from(p[c])).sum::<f32>() / part.len().max(1) as f32)
    };
    let eighth = (colours.len() / 8).max(1);
    let (paper, ink) = (mean(&colours[..eighth]), mean(&colours[colours.len() - eighth..]));
    let line: [f32; 3] = std::array::from_fn(|c| ink[c] - paper[c]);
    let squared: f32 = line.iter().map(|v| v * v).sum();
    let spread = |v: [f32; 3]| v.iter().copied().fold(f32::MIN, f32::max) - v.iter().copied().fold(f32::MAX, f32::min);
    if spread(ink) - spread(paper) < f32::from(params.least_ink) {
        return false;
    }
    let on_line = |p: &&[u8; 3]| {
        let from: [f32; 3] = std::array::from_fn(|c| f32::from(p[c]) - paper[c]);
        let along = from.iter().zip(line).map(|(a, b)| a * b).sum::<f32>() / squared.max(1.0);
        (0..3).all(|c| (from[c] - along * line[c]).abs() <= f32::from(params.ink_spread))
    };
    colours.iter().filter(on_line).count() as f32 >= params.least_of_ink * colours.len() as f32
}

/// True when a region is composed as ID photos are: a plain ground in both upper corners, something else in the
/// middle, and shoulders along the lower edge. This holds whatever covers the head.
pub(super) fn is_composed_as_id_photo(pixels: &RgbImage, region: &Region, params: &PortraitParams) -> bool {
    const COLUMNS: u32 = 8;
    const ROWS: u32 = 10;
    if region.fill < params.least_photo_fill || !has_id_photo_aspect(region, params) {
        return false;
    }
    let picture = raster::crop(pixels, region.bbox);
    if picture.width() < 2 * ROWS || picture.height() < 2 * ROWS {
        return false;
    }
    // The outermost cells may hold paper beside the photo.
    let turns: &[QuarterTurns] = if picture.width() > picture.height() {
        &[QuarterTurns::One, QuarterTurns::Three]
    } else {
        &[QuarterTurns::None, QuarterTurns::Two]
    };
    let lying = picture.width() > picture.height();
    let (w, h) = if lying { (ROWS, COLUMNS) } else { (COLUMNS, ROWS) };
    let cells = imageops::thumbnail(&picture, w, h);
    turns.iter().any(|turn| {
        let cells = match turn {
            QuarterTurns::None => cells.clone(),
            QuarterTurns::One => imageops::rotate90(&cells),
            QuarterTurns::Two => imageops::rotate180(&cells),
            QuarterTurns::Three => imageops::rotate270(&cells),
        };
        let at = |column: u32, row: u32| cells.get_pixel(column, row).0;
        let corners: Vec<[u8; 3]> =
            [0, COLUMNS - 1].into_iter().flat_map(|column| (0..3).map(move |row| at(column, row))).collect();
        let ground: [u8; 3] = std::array::from_fn(|c| {
            (corners.iter().map(|p| u32::from(p[c])).sum::<u32>() / corners.len() as u32) as u8
        });
        let is_plain = corners.iter().all(|&p| raster::apart(p, ground) <= params.ground_spread);
        let figures = |columns: std::ops::Range<u32>, rows: std::ops::Range<u32>| {
            let all = columns.len() * rows.len();
            let count = rows
                .flat_map(|row| columns.clone().map(move |column| (column, row)))
                .filter(|&(column, row)| raster::apart(at(column, row), ground) >= params.figure_contrast);
            count.count() as f32 / all as f32
        };
        is_plain && figures(3..5, 2..6) >= 0.75 && figures(2..6, 8..10) >= 0.6
    })
}

/// Where the eyes of a portrait that fills `place` are covered by a painted patch: a bar, block or disc in the upper
/// middle. A portrait that is wider than high may lie on its side.
pub(super) fn patch_over_eyes(place: Bbox, patches: &[Patch]) -> Option<Bbox> {
    let over_eyes = |bbox: &Bbox| {
        let covers = |[u, v]: [f32; 2], [wide, high]: [f32; 2], aspect: f32| {
            let placed = (0.25..=0.75).contains(&u) && (0.14..=0.62).contains(&v);
            let is_bar = wide >= 0.22 && (0.05..=0.4).contains(&high) && wide * aspect >= 1.3 * high;
            placed && (is_bar || (wide >= 0.3 && (0.2..=0.8).contains(&high)))
        };
        let ([u, v], [wide, high]) = shares_of(place, *bbox);
        let aspect = place.width() as f32 / place.height() as f32;
        covers([u, v], [wide, high], aspect)
            || (aspect >= 1.0
                && (covers([v, u], [high, wide], 1.0 / aspect) || covers([v, 1.0 - u], [high, wide], 1.0 / aspect)))
    };
    patches.iter().map(|patch| patch.bbox).find(over_eyes)
}

/// True when a sticker lies where a portrait that fills `place` has its face, is as large as one and begins above the eyes,
/// which lie 0.35 to 0.5 of the height below the top.
pub(super) fn lies_over_face(place: Bbox, sticker: Bbox) -> bool {
    let ([u, v], [wide, high]) = shares_of(place, sticker);
    let begins = v - high / 2.0;
    (0.3..=0.7).contains(&u) && (0.25..=0.6).contains(&v) && wide >= 0.4 && high >= 0.3 && begins <= 0.33
}

/// Where the middle of a box lies in `place`, and its width and height, all as shares of the place's.
fn shares_of(place: Bbox, bbox: Bbox) -> ([f32; 2], [f32; 2]) {
    let (w, h) = (place.width().max(1) as f32, place.height().max(1) as f32);
    let centre = bbox.centre();
    let middle = [(centre.x - place.left as f32) / w, (centre.y - place.top as f32) / h];
    (middle, [bbox.width() as f32 / w, bbox.height() as f32 / h])
}

/// Shorter side of the reduced region on which a bar is sought, pixels.
const REDUCED: u32 = 96;

/// The solid block over the eyes of a portrait filling `bbox`, if there is one: a rectangle of one colour in the
/// upper middle of the picture, wider than high or as large as a face, with something else around it. A
/// portrait that is wider than high may lie on its side.
pub(super) fn eye_bar(pixels: &RgbImage, bbox: Bbox) -> Option<Bbox> {
    let bbox = bbox.clamped(pixels.width(), pixels.height());
    let picture = raster::crop(pixels, bbox);
    if picture.width() < 16 || picture.height() < 16 {
        return None;
    }
    let scale = (REDUCED as f32 / picture.width().min(picture.height()) as f32).min(1.0);
    let side = |long: u32| ((long as f32 * scale) as u32).max(1);
    let (width, height) = (side(picture.width()), side(picture.height()));
    let reduced = raster::resized(&picture, width, height);
    let on_page = |p: Point| {
        Point::new(
            bbox.left as f32 + p.x * bbox.width() as f32 / width as f32,
            bbox.top as f32 + p.y * bbox.height() as f32 / height as f32,
        )
    };
    let lying = picture.width() >= picture.height();
    let turns: &[QuarterTurns] =
        if lying { &[QuarterTurns::None, QuarterTurns::One, QuarterTurns::Three] } else { &[QuarterTurns::None] };
    turns.iter().find_map(|&turns| {
        let upright = match turns {
            QuarterTurns::One => imageops::rotate90(&reduced),
            QuarterTurns::Three => imageops::rotate270(&reduced),
            QuarterTurns::None | QuarterTurns::Two => reduced.clone(),
        };
        let bar = upright_bar(&upright)?;
        let back = |p: Point| on_page(turns.inverse().apply(p, upright.width(), upright.height()));
        Some(Quad::from_bbox(bar).map(back).bbox())
    })
}

/// The block over the eyes of an upright, reduced portrait.
fn upright_bar(reduced: &RgbImage) -> Option<Bbox> {
    let (w, h) = (reduced.width() as usize, reduced.height() as usize);
    candidate_colours(reduced)
        .into_iter()
        .filter_map(|colour| {
            let same: Vec<bool> = reduced.pixels().map(|p| raster::apart(p.0, colour) <= 10).collect();
            let [left, top, right, bottom] = largest_rectangle(&same, w, h)?;
            let (bar_w, bar_h) = ((right - left) as f32, (bottom - top) as f32);
            let (cx, cy) = ((left + right) as f32 / 2.0 / w as f32, (top + bottom) as f32 / 2.0 / h as f32);
            let (share_w, share_h) = (bar_w / w as f32, bar_h / h as f32);
            let is_bar = bar_w >= 1.3 * bar_h && share_w >= 0.22 && share_h >= 0.05;
            let placed = (0.25..=0.75).contains(&cx) && (0.14..=0.62).contains(&cy);
            // three rows away from the block's inside: resizing blends its edges
            let differs = |fixed: usize, from: usize, to: usize, is_row: bool| {
                let middle = from + (to - from) / 5..to - (to - from) / 5;
                let count = middle.len().max(1);
                let others = middle.filter(|&i| !same[if is_row { fixed * w + i } else { i * w + fixed }]).count();
                others * 10 >= count * 6
            };
            let sides = [
                top >= 2 && differs(top - 2, left, right, true),
                bottom + 2 <= h && differs((bottom + 1).min(h - 1), left, right, true),
                left >= 2 && differs(left - 2, top, bottom, false),
                right + 2 <= w && differs((right + 1).min(w - 1), top, bottom, false),
            ];
            // Dark hair or a dark suit may run into a block over the whole face.
            let is_face = share_w >= 0.3
                && (0.2..=0.75).contains(&share_h)
                && bar_h <= 2.0 * bar_w
                && sides.iter().filter(|&&side| side).count() >= 3;
            let found = placed && ((is_bar && share_h <= 0.4 && sides[0] && sides[1]) || is_face);
            found.then(|| Bbox::from_ltrb(left as i32, top as i32, right as i32, bottom as i32))
        })
        .max_by_key(|bar| bar.area())
}

/// The most frequent colours of the upper middle part, in steps of 16 a channel.
fn candidate_colours(picture: &RgbImage) -> Vec<[u8; 3]> {
    let (w, h) = picture.dimensions();
    let mut bins = std::collections::BTreeMap::<[u8; 3], (u32, [u32; 3])>::new();
    for y in h / 10..h * 7 / 10 {
        for x in w / 4..w * 3 / 4 {
            let p = picture.get_pixel(x, y).0;
            let bin = bins.entry(p.map(|c| c / 16)).or_default();
            bin.0 += 1;
            for (sum, c) in bin.1.iter_mut().zip(p) {
                *sum += u32::from(c);
            }
        }
    }
    let mut frequent: Vec<(u32, [u32; 3])> = bins.into_values().collect();
    frequent.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    frequent.into_iter().take(6).map(|(count, sums)| sums.map(|sum| (sum / count) as u8)).collect()
}

/// The largest all-true rectangle of a row-major grid: left, top, right, bottom, half-open.
fn largest_rectangle(cells: &[bool], width: usize, height: usize) -> Option<[usize; 4]> {
    let mut heights = vec![0usize; width];
    let mut best: Option<(usize, [usize; 4])> = None;
    for row in 0..height {
        for column in 0..width {
            heights[column] = if cells[row * width + column] { heights[column] + 1 } else { 0 };
        }
        // Columns with rising heights; each is closed by the first lower one.
        let mut open: Vec<(usize, usize)> = Vec::new();
        for column in 0..=width {
            let now = heights.get(column).copied().unwrap_or(0);
            let mut start = column;
            while let Some(&(from, tall)) = open.last()
                && tall >= now
            {
                open.pop();
                let area = tall * (column - from);
                if area > best.map_or(0, |(area, _)| area) {
                    best = Some((area, [from, row + 1 - tall, column, row + 1]));
                }
                start = from;
            }
            if now > 0 {
                open.push((start, now));
            }
        }
    }
    best.map(|(_, rectangle)| rectangle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn the_largest_rectangle_is_found() {
        let grid: Vec<bool> = ["..#....", ".####..", ".####..", "..#.###"].concat().chars().map(|c| c == '#').collect();
        assert_eq!(largest_rectangle(&grid, 7, 4), Some([1, 1, 5, 3]));
    }

    /// A head of many tones on a red ground.
    fn portrait() -> RgbImage {
        RgbImage::from_fn(200, 280, |x, y| {
            let (dx, dy) = (x as f32 - 100.0, y as f32 - 120.0);
            if dx * dx / 3600.0 + dy * dy / 6400.0 < 1.0 {
                Rgb([(180 + (x * 7 + y * 3) % 40) as u8, (130 + (x * 3 + y * 5) % 40) as u8, 110])
            } else if y > 210 {
                Rgb([(20 + (x * 5 + y) % 40) as u8, 30, 60])
            } else {
                Rgb([190, 20, 30])
            }
        })
    }

    #[test]
    fn a_bar_over_the_eyes_is_found_and_a_bare_face_has_none() {
        let mut pixels = portrait();
        let whole = Bbox::from_ltrb(0, 0, 200, 280);
        assert_eq!(eye_bar(&pixels, whole), None);
        for y in 90..125 {
            for x in 50..150 {
                pixels.put_pixel(x, y, Rgb([0, 0, 0]));
            }
        }
        let bar = eye_bar(&pixels, whole).expect("a bar");
        assert!(bar.iou(Bbox::from_ltrb(50, 90, 150, 125)) > 0.75, "{bar:?}");
    }

    #[test]
    fn a_texture_is_no_portrait() {
        let whole = Bbox::from_ltrb(0, 0, 200, 280);
        assert!(!is_texture(&portrait(), whole, &PortraitParams::default()));
        let gravel = RgbImage::from_fn(200, 280, |x, y| {
            let grain = (x / 9).wrapping_mul(2_654_435_761) ^ (y / 11).wrapping_mul(2_246_822_519);
            Rgb([60 + ((grain >> 13) % 140) as u8; 3])
        });
        assert!(is_texture(&gravel, whole, &PortraitParams::default()));
    }

    #[test]
    fn strokes_of_red_ink_are_of_one_ink_and_a_head_of_skin_and_hair_is_not() {
        let whole = Bbox::from_ltrb(0, 0, 70, 90);
        let region = Region { bbox: whole, fill: 0.9, grey: 0.2, few_tones: false, within: false };
        let strokes = RgbImage::from_fn(70, 90, |x, y| {
            // Strokes with soft edges.
            let ink = [0, 120, 240, 255, 240, 120, 0, 0][(x + y / 3) as usize % 8];
            let mix = |paper: u32, red: u32| ((paper * (255 - ink) + red * ink) / 255) as u8;
            Rgb([mix(236, 190), mix(232, 45), mix(228, 60)])
        });
        assert!(is_of_one_ink(&strokes, &region, &PortraitParams::default()));
        let head = RgbImage::from_fn(70, 90, |x, y| {
            let (dx, dy) = ((x as f32 - 35.0) / 22.0, (y as f32 - 45.0) / 30.0);
            Rgb(match (dx.hypot(dy) < 1.0, y < 35) {
                (true, true) => [30, 24, 22],
                (true, false) => [215, 165, 135],
                _ => [190, 30, 42],
            })
        });
        assert!(!is_of_one_ink(&head, &region, &PortraitParams::default()));
    }
}
