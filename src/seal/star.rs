//! The middle of a ring → is there a five-pointed star, also under print, and how much ink is there in all.

use std::f32::consts::TAU;

use image::GrayImage;

use super::ellipse::Ellipse;
use super::ink::sample;
use crate::geometry::Point;

/// What the inside of a ring looks like; ink as a share of the ring's own, of which no more counts: print is darker.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inside {
    /// Mean ink of the whole inside.
    pub(super) fill: f32,
    /// Mean ink where arc text stands, 0.55 to 0.9 of the radius.
    pub(super) band: f32,
    /// How much more ink a star in the middle holds than what is around and between its points.
    pub(super) star: f32,
}

/// Steps of the turn and of the distance at which the inside is sampled.
const TURNS: usize = 120;
const STEPS: usize = 30;
/// The star's points reach this far, share of the radius: 14 of 42 mm by the usual pattern, less where a second arc is inside.
const REACHES: [f32; 4] = [0.22, 0.27, 0.31, 0.35];
/// The paper around it is seen up to this share of the radius.
const PAPER: f32 = 0.44;
/// Where a star's points and the gaps between them are told apart, share of its reach: past the gaps' feet at 0.38.
const POINTS: (f32, f32) = (0.42, 0.7);
/// A point lies within this angle from its tip's direction there, and a gap beyond that one, radians: a disc has as much ink in both.
const POINT: f32 = 0.12;
const GAP: f32 = 0.48;
/// Steps in which a star is turned by a fifth.
const ROTATIONS: usize = 12;

/// Looks inside an outline.
pub(super) fn inside(plane: &GrayImage, ellipse: &Ellipse) -> Inside {
    let ink = ring_ink(plane, ellipse);
    let mut values = [[0.0f32; STEPS]; TURNS];
    let mut shown = [[false; STEPS]; TURNS];
    for (turn, row) in values.iter_mut().enumerate() {
        let edge = ellipse.at(turn as f32 / TURNS as f32 * TAU, 0.0);
        for (step, value) in row.iter_mut().enumerate() {
            let p = ellipse.centre.lerp(edge, share_at(step));
            *value = (sample(plane, p.x, p.y) / ink).min(1.0);
            shown[turn][step] = is_on(plane, p);
        }
    }
    let mean = |from: f32, to: f32| {
        let (mut sum, mut weight) = (0.0, 0.0);
        for (row, shown) in values.iter().zip(&shown) {
            let is_meant = |step: &usize| shown[*step] && (from..to).contains(&share_at(*step));
            for (step, value) in row.iter().enumerate().filter(|(step, _)| is_meant(step)) {
                sum += value * share_at(step);
                weight += share_at(step);
            }
        }
        sum / f32::max(weight, f32::MIN_POSITIVE)
    };
    Inside { fill: mean(0.0, 0.95), band: mean(0.55, 0.9), star: star(&values) }
}

fn share_at(step: usize) -> f32 {
    (step as f32 + 0.5) / STEPS as f32
}

fn is_on(plane: &GrayImage, p: Point) -> bool {
    p.x >= 0.0 && p.y >= 0.0 && p.x < plane.width() as f32 && p.y < plane.height() as f32
}

/// The ring's ink where it is not worn.
fn ring_ink(plane: &GrayImage, ellipse: &Ellipse) -> f32 {
    let mut inks: Vec<f32> = (0..TURNS)
        .filter(|&turn| is_on(plane, ellipse.at(turn as f32 / TURNS as f32 * TAU, 0.0)))
        .map(|turn| {
            let near = (-2..=2).map(|d| {
                let p = ellipse.at(turn as f32 / TURNS as f32 * TAU, d as f32 * 0.015 * ellipse.radius());
                sample(plane, p.x, p.y)
            });
            near.fold(0.0, f32::max)
        })
        .collect();
    inks.sort_by(f32::total_cmp);
    inks.get(inks.len() / 2).copied().unwrap_or(0.0).max(12.0)
}

fn star(values: &[[f32; STEPS]; TURNS]) -> f32 {
    let mut best = 0.0f32;
    for reach in REACHES {
        for rotation in 0..ROTATIONS {
            let (mut figure, mut paper, mut points, mut gaps) =
                (Mean::default(), Mean::default(), Mean::default(), Mean::default());
            for (turn, row) in values.iter().enumerate() {
                let angle = (turn as f32 / TURNS as f32 + rotation as f32 / ROTATIONS as f32 / 5.0).fract();
                // Folded to 0 on a point's tip and 36° in a gap.
                let fold = (angle * 5.0).fract();
                let from_tip = fold.min(1.0 - fold) * TAU / 5.0;
                let rim = reach * star_rim(from_tip);
                for (step, &value) in row.iter().enumerate() {
                    let share = share_at(step);
                    if share > PAPER {
                        break;
                    }
                    if share < 0.92 * rim {
                        figure.add(value, share);
                    } else if share > 1.12 * rim {
                        paper.add(value, share);
                    }
                    if (POINTS.0 * reach..POINTS.1 * reach).contains(&share) {
                        if from_tip < POINT {
                            points.add(value, share);
                        } else if from_tip > GAP {
                            gaps.add(value, share);
                        }
                    }
                }
            }
            best = best.max((figure.value() - paper.value()).min(points.value() - gaps.value()));
        }
    }
    best
}

/// Distance of a star's rim from its middle, its points' reach being 1, at an angle from a tip of up to 36°.
fn star_rim(from_tip: f32) -> f32 {
    const NOTCH: f32 = 0.382;
    let fifth = TAU / 10.0;
    NOTCH * fifth.sin() / (from_tip.sin() + NOTCH * (fifth - from_tip).sin())
}

/// A weighted mean.
#[derive(Default)]
struct Mean {
    sum: f32,
    weight: f32,
}

impl Mean {
    fn add(&mut self, value: f32, weight: f32) {
        self.sum += value * weight;
        self.weight += weight;
    }

    fn value(&self) -> f32 {
        self.sum / self.weight.max(f32::MIN_POSITIVE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Point;
    use image::Luma;

    const RING: Ellipse = Ellipse::circle(Point::new(100.0, 100.0), 80.0);

    /// A ring with a figure in its middle, given by its rim at each angle from the top, share of the radius.
    fn ring_with(rim: impl Fn(f32) -> f32) -> GrayImage {
        GrayImage::from_fn(200, 200, |x, y| {
            let (dx, dy) = (x as f32 + 0.5 - 100.0, y as f32 + 0.5 - 100.0);
            let share = dx.hypot(dy) / 80.0;
            let is_ink = (share - 1.0).abs() < 0.03 || share < rim(dx.atan2(-dy));
            // A line of print runs across.
            let is_print = (96..104).contains(&y) && x % 8 < 3;
            Luma([if is_print {
                220
            } else if is_ink {
                120
            } else {
                0
            }])
        })
    }

    #[test]
    fn a_star_is_seen_under_print_however_it_is_turned() {
        for turn in [0.0, 0.2, 0.5] {
            let star = ring_with(|angle| {
                let fold = ((angle + turn) / TAU * 5.0).rem_euclid(1.0);
                0.33 * star_rim(fold.min(1.0 - fold) * TAU / 5.0)
            });
            assert!(inside(&star, &RING).star > 0.4, "{turn}: {:?}", inside(&star, &RING));
        }
    }

    #[test]
    fn neither_a_disc_nor_an_empty_ring_is_a_star() {
        for reach in [0.0, 0.12, 0.2, 0.3] {
            let disc = ring_with(|_| reach);
            assert!(inside(&disc, &RING).star < 0.25, "{reach}: {:?}", inside(&disc, &RING));
        }
    }
}
