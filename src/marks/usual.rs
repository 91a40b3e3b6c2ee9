//! A page's lines and bands → what is usual on it: how steeply rows fall, how high print is, what writing and paper look
//! like.

use super::band::{Band, is_print};
use super::median;
use super::window::{self, Usual, WindowParams};
use crate::ocr::TextLine;

/// How steeply the page's long rows fall to the right: the quads of short lines do not tell it.
pub(super) fn slope(lines: &[TextLine]) -> f32 {
    /// Length of a long row in its thickness.
    const LONG: f32 = 5.0;
    let of_line = |line: &TextLine| {
        let [a, b, ..] = line.quad.0;
        (b.x > a.x && line.quad.length() >= LONG * line.quad.thickness()).then(|| (b.y - a.y) / (b.x - a.x))
    };
    let mut slopes: Vec<f32> = lines.iter().filter_map(of_line).filter(|slope| slope.abs() < 0.5).collect();
    median(&mut slopes).unwrap_or(0.0)
}

/// The usual thickness of a page's lines of print, pixels.
pub(super) fn usual_thickness(lines: &[TextLine]) -> f32 {
    let print = lines.iter().filter(|line| is_print(line));
    let mut thickness: Vec<f32> = print.map(|line| line.quad.thickness().min(line.quad.length())).collect();
    median(&mut thickness).unwrap_or(f32::MAX)
}

/// What writing and paper look like on this page: medians over the windows of all lines. `None` without
/// lines.
pub(super) fn usual(bands: &[Band], slope: f32, params: &WindowParams) -> Option<Usual> {
    /// Windows of a page that are looked at, about: medians of a hundred are steady.
    const WINDOWS: usize = 160;
    let (mut papers, mut noises) = (Vec::new(), Vec::new());
    let (mut sharpness, mut upright) = (Vec::new(), Vec::new());
    let (mut contrasts, mut depths) = (Vec::new(), Vec::new());
    let all: usize = bands.iter().map(|band| band.width() / band.height().max(1)).sum();
    let every = (all / WINDOWS).max(1);
    for band in bands {
        let size = band.height();
        for from in (0..band.width().saturating_sub(size)).step_by(size * every) {
            let m = window::measure(band, from, from + size, params);
            let inside = from >= band.own[0] && from + size <= band.own[1];
            let range = f32::from(m.high.saturating_sub(m.low));
            if inside && range > 60.0 {
                papers.push(f32::from(m.high));
                sharpness.push(m.sharpness);
                upright.push(m.upright);
                contrasts.push(range);
                depths.push(f32::from(m.high.saturating_sub(m.darkest)));
            } else if m.high.saturating_sub(m.darkest) < 45 && m.high > 120 {
                noises.push(m.deviation);
            }
        }
    }
    let paper = median(&mut papers)?;
    let noise = median(&mut noises).unwrap_or(0.0);
    Some(Usual {
        paper: paper as u8,
        noise,
        has_even_grain: noises.get(noises.len() / 10).is_some_and(|&least| least > noise * 0.4),
        sharpness: median(&mut sharpness)?,
        upright: median(&mut upright)?,
        contrast: median(&mut contrasts)?,
        depth: median(&mut depths)?,
        slope,
    })
}
