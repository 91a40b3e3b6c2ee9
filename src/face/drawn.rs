//! A face that the network saw → whether it is an emoji or a sticker: paint of one strong colour that no skin has.
//!
//! Drawings in skin's colours and in grey are not told apart: an overexposed or posterized photo is as flat as they are.

use image::RgbImage;

use super::eyes::Axes;
use super::report::UnfoundPortrait;
use super::solid::Samples;
use super::{PortraitSign, portrait};
use crate::geometry::Bbox;
use crate::raster::{self, luma};

/// When a face is painted.
#[derive(Debug, Clone)]
pub struct DrawnParams {
    /// Share of the face that must be of one flat colour; painted faces measured 0.44 and more, and no real one was flat in
    /// such a colour.
    pub least_flat: f32,
    /// Largest channel difference from that colour: shaded emoji under a scanner's grain.
    pub spread: u8,
    /// Least green over blue of a yellow that skin does not have: skin has up to 70, sunlit skin 85.
    pub least_yellow: i16,
    /// Blue in such a yellow as a share of red at most; skin under a warm lamp has 0.4 and more.
    pub most_blue: f32,
    /// Score from which a face is real whatever its colour: painted ones measured up to 0.7.
    pub real_score: f32,
    /// Least red over green of such a red; lips and rouge have up to 110.
    pub least_red: i16,
    /// Least blue or green over red of blue and green paint.
    pub least_cold: i16,
}

impl Default for DrawnParams {
    fn default() -> Self {
        Self {
            least_flat: 0.4,
            spread: 22,
            least_yellow: 95,
            most_blue: 0.38,
            real_score: 0.8,
            least_red: 120,
            least_cold: 35,
        }
    }
}

/// What a painted face in a picture is.
pub(super) enum Painted {
    /// An emoji on its own.
    Alone,
    /// One over the face of a photo, or too small or far off to be sure of that.
    OnPhoto(UnfoundPortrait),
}

/// The colour of the face with these axes, when it is for the most part of one that skin does not have.
pub(super) fn paint_of(pixels: &RgbImage, axes: &Axes, params: &DrawnParams) -> Option<[u8; 3]> {
    // Cheeks, nose and brow; eyes and mouth are drawn in another colour.
    let colours = Samples::within(pixels, axes, [-0.75, -0.45, 0.75, 1.15])?;
    let mut bins = std::collections::BTreeMap::<[u8; 3], u32>::new();
    for colour in &colours {
        *bins.entry(colour.map(|c| c / 24)).or_default() += 1;
    }
    let (bin, _) = bins.into_iter().max_by_key(|(_, count)| *count)?;
    let sums = colours.iter().filter(|colour| colour.map(|c| c / 24) == bin).fold([0u32; 4], |sums, colour| {
        let [r, g, b] = colour.map(u32::from);
        [sums[0] + r, sums[1] + g, sums[2] + b, sums[3] + 1]
    });
    let flat: [u8; 3] = std::array::from_fn(|c| (sums[c] / sums[3].max(1)) as u8);
    let near = colours.iter().filter(|&&colour| raster::apart(colour, flat) <= params.spread).count();
    (is_paint(flat, params) && near as f32 >= params.least_flat * colours.len() as f32).then_some(flat)
}

/// The part of a face's box that is painted in `paint`, whatever is drawn on it: the network may take the brow of the real
/// face for the brow of an emoji that is stuck below it. Stray pixels of the colour do not count.
pub(super) fn painted_part(pixels: &RgbImage, face: Bbox, paint: [u8; 3], params: &DrawnParams) -> Bbox {
    const STRAY: f32 = 0.02;
    let place = face.clamped(pixels.width(), pixels.height());
    let (mut xs, mut ys) = (Vec::new(), Vec::new());
    for (x, y) in (place.top..place.bottom).flat_map(|y| (place.left..place.right).map(move |x| (x, y))) {
        if raster::apart(pixels.get_pixel(x as u32, y as u32).0, paint) <= params.spread {
            xs.push(x);
            ys.push(y);
        }
    }
    xs.sort_unstable();
    let ends = |sorted: &[i32]| {
        let stray = (sorted.len() as f32 * STRAY) as usize;
        Some((*sorted.get(stray)?, *sorted.get(sorted.len() - 1 - stray)? + 1))
    };
    match (ends(&xs), ends(&ys)) {
        (Some((left, right)), Some((top, bottom))) => Bbox::from_ltrb(left, top, right, bottom),
        _ => Bbox::from_ltrb(place.left, place.top, place.left, place.top),
    }
}

/// True for a colour that skin has in no light.
pub(super) fn is_paint(colour: [u8; 3], params: &DrawnParams) -> bool {
    /// Luma below which colours cannot be told.
    const DARK: u8 = 60;
    let [r, g, b] = colour.map(i16::from);
    let is_yellow =
        g - b >= params.least_yellow && r - g < params.least_red && f32::from(b) <= params.most_blue * f32::from(r);
    let is_red = r - g >= params.least_red;
    let is_cold = g - r >= params.least_cold || b - r >= params.least_cold;
    luma(colour) >= DARK && (is_yellow || is_red || is_cold)
}

/// What a painted face in a picture is: over the face of a photo it is a mask when it lies where the face of a portrait is
/// and is as large.
pub(super) fn on(photo: Option<Bbox>, sticker: Bbox) -> Painted {
    /// How many times larger than the sticker a photo is at least.
    const LARGER: f32 = 1.8;
    let Some(photo) = photo.filter(|photo| photo.area() as f32 >= LARGER * sticker.area() as f32) else {
        return Painted::Alone;
    };
    let eye_bar = portrait::lies_over_face(photo, sticker).then_some(sticker);
    Painted::OnPhoto(UnfoundPortrait { bbox: photo, sign: PortraitSign::Picture, eye_bar })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Point;
    use image::Rgb;

    fn flat_face(colour: [u8; 3]) -> bool {
        let mut pixels = RgbImage::from_pixel(200, 240, Rgb(colour));
        for (x, y) in (70..80).chain(120..130).flat_map(|x| (85..100).map(move |y| (x, y))) {
            pixels.put_pixel(x, y, Rgb([40, 25, 10]));
        }
        paint_of(&pixels, &Axes::upright(Point::new(100.0, 92.0), 50.0), &DrawnParams::default()).is_some()
    }

    #[test]
    fn the_part_of_a_face_that_an_emoji_covers_is_told_from_the_rest() {
        let paint = [255, 205, 50];
        let mut pixels = RgbImage::from_pixel(200, 240, Rgb([224, 172, 138]));
        for (x, y) in (60..140).flat_map(|x| (110..200).map(move |y| (x, y))) {
            pixels.put_pixel(x, y, Rgb(paint));
        }
        // A highlight of the same colour.
        pixels.put_pixel(100, 30, Rgb(paint));
        let face = Bbox::from_ltrb(50, 20, 150, 180);
        let part = painted_part(&pixels, face, paint, &DrawnParams::default());
        assert!(part.iou(Bbox::from_ltrb(60, 110, 140, 180)) > 0.9, "{part:?}");
        let photo = Some(Bbox::from_ltrb(0, 0, 200, 240));
        let eye_bar = |sticker| match on(photo, sticker) {
            Painted::OnPhoto(portrait) => portrait.eye_bar,
            Painted::Alone => None,
        };
        assert_eq!(eye_bar(part), None, "mouth and nose");
        assert_eq!(eye_bar(Bbox::from_ltrb(50, 60, 150, 180)), Some(Bbox::from_ltrb(50, 60, 150, 180)));
    }

    #[test]
    fn yellow_green_and_red_faces_are_painted_and_skin_and_grey_are_not() {
        for paint in [[255, 205, 50], [120, 200, 120], [220, 60, 50], [90, 140, 220]] {
            assert!(flat_face(paint), "{paint:?}");
        }
        for skin in [[255, 224, 196], [224, 172, 138], [141, 85, 54], [72, 45, 32], [128, 128, 128], [255, 255, 255]] {
            assert!(!flat_face(skin), "{skin:?}");
        }
    }
}
