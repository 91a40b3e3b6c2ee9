//! Pixels → how much red, blue or grey ink lies on each of them, 0..=255, relative to the paper around it. Knows
//! nothing of shapes.

use image::{GrayImage, RgbImage};

/// What a seal was stamped or copied with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Colour {
    /// Vermilion to crimson.
    Red,
    /// Blue to violet.
    Blue,
    /// Black, or a photocopy of any colour.
    Grey,
}

/// Side of the tiles over which the paper's white is taken, in pixels of the picture that it is estimated on: a
/// third of a usual seal at the finder's working resolution, so that a tile without paper has neighbours with some.
const TILE: u32 = 32;
/// The paper's white is this quantile of a tile's values: under it lie text and ink, above it noise.
const WHITE_QUANTILE: f32 = 0.85;
/// No tile's paper is darker than this share of the lightest one's: a deep shadow in a phone photo.
const DARKEST_PAPER: f32 = 0.3;
/// No channel of the paper lies below this share of its lightest channel: warm lamplight. Below that the
/// surface is coloured and not lit.
const MOST_TINTED: f32 = 0.62;

/// The colour of the bare paper over a picture.
#[derive(Debug, Clone)]
pub(super) struct Paper {
    columns: usize,
    rows: usize,
    /// Side of a tile in page-raster pixels.
    tile: f32,
    /// 255 / white per channel.
    gains: Vec<[f32; 3]>,
}

impl Paper {
    /// Estimated on `pixels`, which are the page's raster scaled by `scale`.
    pub(super) fn estimated(pixels: &RgbImage, scale: f32) -> Self {
        let (width, height) = pixels.dimensions();
        let (columns, rows) = (width.div_ceil(TILE).max(1) as usize, height.div_ceil(TILE).max(1) as usize);
        let mut whites = Vec::with_capacity(columns * rows);
        for row in 0..rows as u32 {
            for column in 0..columns as u32 {
                let mut counts = [[0u32; 64]; 3];
                let mut total = 0;
                for y in (row * TILE..((row + 1) * TILE).min(height)).step_by(2) {
                    for x in (column * TILE..((column + 1) * TILE).min(width)).step_by(2) {
                        for (count, value) in counts.iter_mut().zip(pixels.get_pixel(x, y).0) {
                            count[usize::from(value >> 2)] += 1;
                        }
                        total += 1;
                    }
                }
                whites.push(counts.map(|count| quantile(&count, total)));
            }
        }
        let lightest = whites.iter().flatten().copied().fold(1.0, f32::max);
        let at = |c: usize, r: usize| whites[r * columns + c];
        let around = |i: usize, n: usize| i.saturating_sub(1)..(i + 2).min(n);
        // The lightest of the neighbours, so that a tile within a photo or a solid seal takes the paper beside it.
        let mut gains = Vec::with_capacity(columns * rows);
        for r in 0..rows {
            for c in 0..columns {
                let lightest_here = around(r, rows)
                    .flat_map(|r| around(c, columns).map(move |c| (c, r)))
                    .map(|(c, r)| at(c, r))
                    .max_by(|a, b| a.iter().sum::<f32>().total_cmp(&b.iter().sum()))
                    .unwrap_or([255.0; 3]);
                let most = lightest_here.iter().copied().fold(lightest * DARKEST_PAPER, f32::max);
                gains.push(lightest_here.map(|white| 255.0 / white.max(most * MOST_TINTED)));
            }
        }
        Self { columns, rows, tile: TILE as f32 / scale, gains }
    }

    /// The gain at a place in page-raster pixels.
    fn gain(&self, x: f32, y: f32) -> [f32; 3] {
        let column = ((x / self.tile).max(0.0) as usize).min(self.columns - 1);
        let row = ((y / self.tile).max(0.0) as usize).min(self.rows - 1);
        self.gains[row * self.columns + column]
    }
}

fn quantile(counts: &[u32; 64], total: u32) -> f32 {
    let wanted = (total as f32 * WHITE_QUANTILE) as u32;
    let mut seen = 0;
    for (bin, &count) in counts.iter().enumerate() {
        seen += count;
        if seen > wanted {
            return (bin * 4 + 2) as f32;
        }
    }
    255.0
}

/// Ink of each colour.
pub(super) struct Planes {
    pub(super) red: GrayImage,
    pub(super) blue: GrayImage,
    pub(super) grey: GrayImage,
}

impl Planes {
    /// The ink on `pixels`, which show the part of the page from (`left`, `top`), page-raster pixels, scaled by
    /// `scale`.
    pub(super) fn of(pixels: &RgbImage, paper: &Paper, origin: (f32, f32), scale: f32) -> Self {
        let (width, height) = pixels.dimensions();
        let mut planes = Self {
            red: GrayImage::new(width, height),
            blue: GrayImage::new(width, height),
            grey: GrayImage::new(width, height),
        };
        let stride = width as usize;
        let segment = (TILE / 4) as usize;
        let (red, blue, grey): (&mut [u8], &mut [u8], &mut [u8]) =
            (&mut planes.red, &mut planes.blue, &mut planes.grey);
        for (y, row) in pixels.chunks_exact(stride.max(1) * 3).enumerate() {
            let page_y = origin.1 + y as f32 / scale;
            for (part, chunk) in row.chunks(segment * 3).enumerate() {
                let page_x = origin.0 + (part * segment + segment / 2) as f32 / scale;
                let gain = paper.gain(page_x, page_y).map(|g| (g * 256.0) as i32);
                let at = y * stride + part * segment;
                for (i, pixel) in chunk.chunks_exact(3).enumerate() {
                    let [r, g, b] = [0, 1, 2].map(|c| ((i32::from(pixel[c]) * gain[c]) >> 8).min(255));
                    let (most, least) = (r.max(g).max(b), r.min(g).min(b));
                    let chroma = most - least;
                    grey[at + i] = (255 - most - chroma).max(0) as u8;
                    if chroma < LEAST_CHROMA {
                        continue;
                    }
                    let (is_red, is_blue) = hue_of(r, g, b);
                    if is_red {
                        red[at + i] = (r - g.midpoint(b)).max(chroma / 2).min(255) as u8;
                    }
                    if is_blue {
                        blue[at + i] = (b - r.min(g)).min(255) as u8;
                    }
                }
            }
        }
        planes
    }

    /// The plane of one colour.
    pub(super) fn of_colour(&self, colour: Colour) -> &GrayImage {
        match colour {
            Colour::Red => &self.red,
            Colour::Blue => &self.blue,
            Colour::Grey => &self.grey,
        }
    }
}

/// How much darker than the paper each pixel is, 0..=255, whatever its colour; arguments as for [`Planes::of`].
pub(super) fn darkness(pixels: &RgbImage, paper: &Paper, origin: (f32, f32), scale: f32) -> GrayImage {
    let (width, height) = pixels.dimensions();
    let mut dark = GrayImage::new(width, height);
    let segment = (TILE / 4) as usize;
    let rows = pixels.chunks_exact((width as usize).max(1) * 3).zip(dark.chunks_exact_mut((width as usize).max(1)));
    for (y, (row, target)) in rows.enumerate() {
        let page_y = origin.1 + y as f32 / scale;
        for (part, (chunk, target)) in row.chunks(segment * 3).zip(target.chunks_mut(segment)).enumerate() {
            let page_x = origin.0 + (part * segment + segment / 2) as f32 / scale;
            let gain = paper.gain(page_x, page_y).map(|g| (g * 256.0) as i32);
            for (pixel, value) in chunk.chunks_exact(3).zip(target) {
                let [r, g, b] = [0, 1, 2].map(|c| ((i32::from(pixel[c]) * gain[c]) >> 8).min(255));
                *value = (255 - (77 * r + 150 * g + 29 * b) / 256).clamp(0, 255) as u8;
            }
        }
    }
    dark
}

/// Difference of the channels, of 255, below which a pixel has no colour: JPEG and sensor noise.
const LEAST_CHROMA: i32 = 10;

/// Whether the hue may be red ink (violet-red to orange-red) and whether it may be blue ink (blue to violet).
fn hue_of(r: i32, g: i32, b: i32) -> (bool, bool) {
    if r >= g && r >= b {
        // Towards yellow it is wood, skin or brown paper; towards magenta still ink.
        (4 * (g - b) <= 2 * (r - b), r > g && 4 * (b - g) > 3 * (r - g))
    } else if b >= g {
        // Towards cyan it is no ink of seals.
        (4 * (r - g) > 3 * (b - g), 10 * (g - r) <= 8 * (b - r))
    } else {
        (false, false)
    }
}

/// Half the size, each pixel the mean of four.
pub(super) fn halved(plane: &GrayImage) -> GrayImage {
    let (width, height) = (plane.width() / 2, plane.height() / 2);
    let stride = plane.width() as usize;
    let source: &[u8] = plane;
    let mut half = GrayImage::new(width, height);
    for (y, row) in half.chunks_exact_mut((width as usize).max(1)).enumerate() {
        let (upper, lower) = (&source[2 * y * stride..], &source[(2 * y + 1) * stride..]);
        for (x, value) in row.iter_mut().enumerate() {
            let sum = u16::from(upper[2 * x])
                + u16::from(upper[2 * x + 1])
                + u16::from(lower[2 * x])
                + u16::from(lower[2 * x + 1]);
            *value = (sum / 4) as u8;
        }
    }
    half
}

/// `floor` without the call that it is where the processor may lack an instruction for it.
fn rounded_down(value: f32) -> i32 {
    let towards_zero = value as i32;
    towards_zero - i32::from(value < towards_zero as f32)
}

/// The value at a place, bilinear, 0 outside. Pixel centres lie at halves.
pub(super) fn sample(plane: &GrayImage, x: f32, y: f32) -> f32 {
    let (x, y) = (x - 0.5, y - 0.5);
    let (left, top) = (rounded_down(x), rounded_down(y));
    let (fx, fy) = (x - left as f32, y - top as f32);
    let (width, height) = (plane.width() as i32, plane.height() as i32);
    if left < 0 || top < 0 || left + 1 >= width || top + 1 >= height {
        let (x, y) = (left.clamp(0, (width - 1).max(0)), top.clamp(0, (height - 1).max(0)));
        let inside = (left + 1 >= 0 && top + 1 >= 0 && left < width && top < height) && width > 0 && height > 0;
        return if inside { f32::from(plane.get_pixel(x as u32, y as u32).0[0]) } else { 0.0 };
    }
    let at = top as usize * width as usize + left as usize;
    let data: &[u8] = plane;
    let (a, b) = (f32::from(data[at]), f32::from(data[at + 1]));
    let (c, d) = (f32::from(data[at + width as usize]), f32::from(data[at + width as usize + 1]));
    (a + (b - a) * fx) * (1.0 - fy) + (c + (d - c) * fx) * fy
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn planes(pixel: [u8; 3], white: [u8; 3]) -> (u8, u8, u8) {
        let mut pixels = RgbImage::from_pixel(64, 64, Rgb(white));
        pixels.put_pixel(30, 30, Rgb(pixel));
        let paper = Paper::estimated(&pixels, 1.0);
        let p = Planes::of(&pixels, &paper, (0.0, 0.0), 1.0);
        let at = |plane: &GrayImage| plane.get_pixel(30, 30).0[0];
        (at(&p.red), at(&p.blue), at(&p.grey))
    }

    #[test]
    fn inks_go_to_their_planes() {
        let white = [250, 250, 250];
        assert!(planes([220, 40, 50], white).0 > 120, "vermilion");
        assert!(planes([190, 30, 80], white).0 > 100, "crimson");
        assert!(planes([240, 200, 200], white).0 > 25, "faint red");
        assert!(planes([40, 60, 170], white).1 > 100, "blue");
        assert!(planes([120, 120, 122], white).2 > 100, "photocopy");
        assert_eq!(planes([220, 40, 50], white).2, 0, "red is not grey");
        assert_eq!(planes([30, 30, 30], white).0, 0, "black is not red");
        assert_eq!(planes([200, 160, 60], white).0, 0, "gold is not red");
    }

    #[test]
    fn warm_light_is_not_ink() {
        let warm = [220, 190, 150];
        assert!(planes(warm, warm).0 < 10);
        assert!(planes([200, 60, 50], warm).0 > 80, "red ink in warm light");
    }
}
