//! What looks like a seal + the page's lines of print → whether it is nothing but print in colour: links, headings.

use crate::geometry::{Bbox, Point, Quad};
use crate::raster::{COLOURED, Raster, chroma, luma};

/// Luma from which a colourless pixel is paper's or a glyph's soft edge.
const DARK: u8 = 128;
/// Share of a line's ink that is coloured when the line is; the dots of a table of contents are black.
const LEAST_COLOURED: f32 = 0.7;
/// Thicknesses beside the place in which a line's ink is looked at.
const BESIDE: f32 = 2.0;
/// Share of the coloured ink that lies in such lines when all of it is print.
const LEAST_IN_LINES: f32 = 0.85;
/// By so many thicknesses a line goes on beyond what looks like a seal: a character and more.
const GOES_ON: f32 = 1.0;

/// True when the coloured ink at `place` is that of lines of print, some of which go on beyond it. A seal's own lettering
/// does not, and print under a seal is of another colour.
pub(super) fn is_coloured_print(page: &Raster, place: Bbox, lines: &[Quad]) -> bool {
    let near = lines.iter().filter(|line| !line.bbox().intersection(place).is_empty());
    let coloured: Vec<&Quad> = near.filter(|line| is_level(line) && is_coloured(page, line, place)).collect();
    let goes_on = |line: &&&Quad| {
        let (bbox, most) = (line.bbox(), GOES_ON * line.thickness());
        (place.left - bbox.left).max(bbox.right - place.right) as f32 >= most
    };
    if !coloured.iter().any(|line| goes_on(&line)) {
        return false;
    }
    let (mut all, mut in_lines) = (0u32, 0u32);
    for (point, pixel) in pixels(page, place) {
        if chroma(pixel) >= COLOURED {
            all += 1;
            in_lines += u32::from(coloured.iter().any(|line| line.contains(point)));
        }
    }
    in_lines as f32 >= LEAST_IN_LINES * all as f32
}

fn is_level(line: &Quad) -> bool {
    let [a, b, ..] = line.0;
    line.length() > line.thickness() && (b.y - a.y).abs() < 0.1 * (b.x - a.x).abs()
}

/// True for a line whose ink is coloured at the place and beside it.
fn is_coloured(page: &Raster, line: &Quad, place: Bbox) -> bool {
    let (mut coloured, mut dark) = (0u32, 0u32);
    let around = place.expanded((BESIDE * line.thickness()) as i32, 0);
    for (point, pixel) in pixels(page, line.bbox().intersection(around)) {
        if line.contains(point) {
            let is_coloured = chroma(pixel) >= COLOURED;
            coloured += u32::from(is_coloured);
            dark += u32::from(!is_coloured && luma(pixel) < DARK);
        }
    }
    coloured > 0 && coloured as f32 >= LEAST_COLOURED * (coloured + dark) as f32
}

fn pixels(page: &Raster, place: Bbox) -> impl Iterator<Item = (Point, [u8; 3])> {
    let place = place.clamped(page.width(), page.height());
    let positions = (place.top..place.bottom).flat_map(move |y| (place.left..place.right).map(move |x| (x, y)));
    positions.map(|(x, y)| (Point::new(x as f32 + 0.5, y as f32 + 0.5), page.pixels.get_pixel(x as u32, y as u32).0))
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    const RED: [u8; 3] = [220, 20, 30];
    const BLACK: [u8; 3] = [20; 3];

    /// Three lines of upright strokes in a colour, and a red ring over them when told so.
    fn page(ink: [u8; 3], ring: bool) -> Raster {
        let pixels = RgbImage::from_fn(400, 200, |x, y| {
            let is_print = (50..350).contains(&x) && x % 6 < 2 && (40..160).contains(&y) && y % 40 < 20;
            let distance = (f32::from(x as u16) - 200.0).hypot(f32::from(y as u16) - 100.0);
            Rgb(if ring && (55.0..62.0).contains(&distance) {
                RED
            } else if is_print {
                ink
            } else {
                [250; 3]
            })
        });
        Raster::new(pixels, 150.0)
    }

    fn lines() -> [Quad; 3] {
        [40, 80, 120].map(|top| Quad::from_bbox(Bbox::from_ltrb(46, top - 4, 354, top + 24)))
    }

    #[test]
    fn links_and_headings_in_red_are_no_seal() {
        let place = Bbox::from_ltrb(138, 38, 262, 162);
        assert!(is_coloured_print(&page(RED, false), place, &lines()));
        assert!(!is_coloured_print(&page(RED, true), place, &lines()), "a ring on red print");
        assert!(!is_coloured_print(&page(BLACK, true), place, &lines()), "a ring on black print");
        assert!(!is_coloured_print(&page(BLACK, false), place, &lines()));
        let own = lines().map(|line| Quad::from_bbox(line.bbox().intersection(place)));
        assert!(!is_coloured_print(&page(RED, false), place, &own), "a seal's own rows");
    }
}
