//! A face's landmarks → its own axes and the bar that hides its eyes.

use crate::geometry::{Point, Quad};

/// Proportions of the eye bar.
#[derive(Debug, Clone)]
pub struct EyeParams {
    /// Bar width in eye distances. Temples lie 2.0–2.3 eye distances apart on an adult frontal face
    /// (interpupillary distance 63 mm, bizygomatic breadth 130–145 mm).
    pub bar_width: f32,
    /// From the line through the eyes up to above the eyebrows, in eye distances.
    pub bar_above: f32,
    /// From the line through the eyes down past the lower lids and bags, in eye distances.
    pub bar_below: f32,
    /// Least eye distance as a share of the face box's width: a face in profile shows its eyes close
    /// together, a frontal one about 0.48 of the box apart.
    pub least_eye_distance: f32,
}

impl Default for EyeParams {
    fn default() -> Self {
        Self { bar_width: 2.3, bar_above: 0.6, bar_below: 0.45, least_eye_distance: 0.42 }
    }
}

/// The face's own axes in the picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axes {
    /// Middle between the eyes.
    pub(super) centre: Point,
    /// Unit vector from the eye on the left to the eye on the right.
    right: Point,
    /// Eye distance in pixels, as it would be seen from the front.
    pub(super) eye_distance: f32,
}

impl Axes {
    /// From landmarks (eyes, nose, mouth corners; left before right as seen on an upright face) and the
    /// width of the face box. Both the eyes' line and the line from eyes to mouth tell the turn; a face in
    /// profile has only the second.
    pub(super) fn of(landmarks: &[Point; 5], face_width: f32, params: &EyeParams) -> Self {
        let centre = landmarks[0].lerp(landmarks[1], 0.5);
        let mouth = landmarks[3].lerp(landmarks[4], 0.5);
        let apart = Point::new(landmarks[1].x - landmarks[0].x, landmarks[1].y - landmarks[0].y);
        let down = Point::new(mouth.x - centre.x, mouth.y - centre.y);
        // The line from the eyes to the mouth, turned to point to the right, is as long as the eyes are apart.
        let sum = Point::new(apart.x + down.y, apart.y - down.x);
        let length = sum.x.hypot(sum.y);
        let right = if length > 1e-3 { Point::new(sum.x / length, sum.y / length) } else { Point::new(1.0, 0.0) };
        let eye_distance = apart.x.hypot(apart.y).max(face_width * params.least_eye_distance);
        Self { centre, right, eye_distance }
    }

    /// Axes along the page's, for a place that is `unit` pixels wide.
    pub(super) fn upright(centre: Point, unit: f32) -> Self {
        Self { centre, right: Point::new(1.0, 0.0), eye_distance: unit.max(1.0) }
    }

    /// Clockwise turn of the face against upright, radians in (−π, π].
    pub(super) fn turn(&self) -> f32 {
        self.right.y.atan2(self.right.x)
    }

    /// The same axes turned clockwise by `angle` radians about the point between the eyes.
    pub(super) fn turned(&self, angle: f32) -> Self {
        let (sin, cos) = angle.sin_cos();
        let right = Point::new(self.right.x * cos - self.right.y * sin, self.right.x * sin + self.right.y * cos);
        Self { right, ..*self }
    }

    /// Where a point of the page lies, in eye distances to the right and down from between the eyes.
    pub(super) fn offset_of(&self, p: Point) -> Point {
        let (x, y) = ((p.x - self.centre.x) / self.eye_distance, (p.y - self.centre.y) / self.eye_distance);
        Point::new(x * self.right.x + y * self.right.y, y * self.right.x - x * self.right.y)
    }

    /// The point `x` eye distances to the right and `y` down from between the eyes.
    pub(super) fn at(&self, x: f32, y: f32) -> Point {
        let (dx, dy) = (x * self.eye_distance, y * self.eye_distance);
        Point::new(
            self.centre.x + dx * self.right.x - dy * self.right.y,
            self.centre.y + dx * self.right.y + dy * self.right.x,
        )
    }

    /// The quad between `left`..`right` and `top`..`bottom`, in eye distances from between the eyes.
    pub(super) fn quad(&self, left: f32, top: f32, right: f32, bottom: f32) -> Quad {
        Quad([self.at(left, top), self.at(right, top), self.at(right, bottom), self.at(left, bottom)])
    }

    /// The bar over both eyes and eyebrows, wide to the temples, turned with the face.
    pub(super) fn bar(&self, params: &EyeParams) -> Quad {
        let half = params.bar_width / 2.0;
        self.quad(-half, -params.bar_above, half, params.bar_below)
    }

    /// The part of that bar over the eye on the right or on the left, to just beyond the bridge of the nose.
    pub(super) fn half_bar(&self, right: bool, params: &EyeParams) -> Quad {
        const BEYOND: f32 = 0.1;
        let half = params.bar_width / 2.0;
        let (from, to) = if right { (-BEYOND, half) } else { (-half, BEYOND) };
        self.quad(from, -params.bar_above, to, params.bar_below)
    }

    /// The whole face from above the forehead to below the chin.
    pub(super) fn whole_face(&self) -> Quad {
        self.quad(-1.35, -1.2, 1.35, 2.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frontal() -> [Point; 5] {
        [(40.0, 50.0), (80.0, 50.0), (60.0, 70.0), (44.0, 92.0), (76.0, 92.0)].map(|(x, y)| Point::new(x, y))
    }

    #[test]
    fn bar_covers_eyes_and_brows_to_the_temples() {
        let params = EyeParams::default();
        let bar = Axes::of(&frontal(), 80.0, &params).bar(&params);
        assert!(bar.length() >= 1.8 * 40.0 && bar.thickness() >= 0.6 * 40.0);
        let bbox = bar.bbox();
        for (x, y) in [(40.0, 50.0), (80.0, 50.0), (30.0, 50.0), (90.0, 50.0), (40.0, 32.0), (80.0, 32.0)] {
            assert!(bbox.contains(Point::new(x, y)), "({x}, {y}) outside {bbox:?}");
        }
    }

    #[test]
    fn bar_turns_with_the_face() {
        let params = EyeParams::default();
        let quarter = frontal().map(|p| Point::new(200.0 - p.y, p.x));
        let axes = Axes::of(&quarter, 80.0, &params);
        assert!((axes.turn() - std::f32::consts::FRAC_PI_2).abs() < 0.05, "{}", axes.turn());
        let bbox = axes.bar(&params).bbox();
        assert!(bbox.height() > bbox.width() * 2);
    }

    #[test]
    fn a_profile_still_gets_a_bar_as_wide_as_the_face() {
        let params = EyeParams::default();
        let mut profile = frontal();
        profile[1] = Point::new(48.0, 49.0);
        profile[4] = Point::new(52.0, 92.0);
        let bar = Axes::of(&profile, 80.0, &params).bar(&params);
        assert!(bar.length() > 70.0);
    }
}
