//! Points, boxes and quads in page-raster pixels: origin top left, x right, y down. No foreign types.

use serde::{Deserialize, Serialize};

/// A position in raster pixels; pixel `(i, j)` covers `[i, i + 1) × [j, j + 1)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "[f32; 2]", into = "[f32; 2]")]
pub struct Point {
    /// Pixels from the left edge.
    pub x: f32,
    /// Pixels from the top edge.
    pub y: f32,
}

impl Point {
    /// The point `(x, y)`.
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// Euclidean distance in pixels.
    pub fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// The point a fraction `t` of the way to `other`.
    pub fn lerp(self, other: Self, t: f32) -> Self {
        Self::new(self.x + (other.x - self.x) * t, self.y + (other.y - self.y) * t)
    }
}

impl From<[f32; 2]> for Point {
    fn from([x, y]: [f32; 2]) -> Self {
        Self { x, y }
    }
}

impl From<Point> for [f32; 2] {
    fn from(point: Point) -> Self {
        [point.x, point.y]
    }
}

/// A half-open axis-aligned box `[left, right) × [top, bottom)` in raster pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "[i32; 4]", into = "[i32; 4]")]
pub struct Bbox {
    /// First column inside.
    pub left: i32,
    /// First row inside.
    pub top: i32,
    /// First column past the right edge.
    pub right: i32,
    /// First row past the bottom edge.
    pub bottom: i32,
}

impl Bbox {
    /// A box from its edges: left, top, right, bottom.
    pub const fn from_ltrb(left: i32, top: i32, right: i32, bottom: i32) -> Self {
        Self { left, top, right, bottom }
    }

    /// The smallest whole-pixel box around all `points`; `None` without points.
    pub fn around(points: impl IntoIterator<Item = Point>) -> Option<Self> {
        points
            .into_iter()
            .map(|p| Self::from_ltrb(p.x.floor() as i32, p.y.floor() as i32, p.x.ceil() as i32, p.y.ceil() as i32))
            .reduce(Self::union)
    }

    /// Boxes of which none overlap, around all given: those that overlap become one, until none do.
    pub fn joined(mut boxes: Vec<Self>) -> Vec<Self> {
        let mut apart: Vec<Self> = Vec::new();
        while let Some(mut bbox) = boxes.pop() {
            while let Some(at) = apart.iter().position(|&other| !bbox.intersection(other).is_empty()) {
                bbox = bbox.union(apart.swap_remove(at));
            }
            apart.push(bbox);
        }
        apart.sort_by_key(|bbox| (bbox.top, bbox.left));
        apart
    }

    /// Width in pixels, 0 for an inverted box.
    pub fn width(self) -> i32 {
        self.right.saturating_sub(self.left).max(0)
    }

    /// Height in pixels, 0 for an inverted box.
    pub fn height(self) -> i32 {
        self.bottom.saturating_sub(self.top).max(0)
    }

    /// Pixels inside.
    pub fn area(self) -> i64 {
        i64::from(self.width()) * i64::from(self.height())
    }

    /// True when no pixel is inside.
    pub fn is_empty(self) -> bool {
        self.area() == 0
    }

    /// Centre in pixels.
    pub fn centre(self) -> Point {
        Point::new(
            f32::midpoint(self.left as f32, self.right as f32),
            f32::midpoint(self.top as f32, self.bottom as f32),
        )
    }

    /// The smallest box that holds both.
    pub fn union(self, other: Self) -> Self {
        Self::from_ltrb(
            self.left.min(other.left),
            self.top.min(other.top),
            self.right.max(other.right),
            self.bottom.max(other.bottom),
        )
    }

    /// The common part; empty when they do not touch.
    pub fn intersection(self, other: Self) -> Self {
        let left = self.left.max(other.left);
        let top = self.top.max(other.top);
        Self::from_ltrb(left, top, self.right.min(other.right).max(left), self.bottom.min(other.bottom).max(top))
    }

    /// Intersection over union, 0 when both are empty.
    pub fn iou(self, other: Self) -> f32 {
        let common = self.intersection(other).area();
        let whole = self.area() + other.area() - common;
        if whole == 0 { 0.0 } else { common as f32 / whole as f32 }
    }

    /// The share of this box that lies in `other`, 0..=1.
    pub fn covered_by(self, other: Self) -> f32 {
        if self.is_empty() { 0.0 } else { self.intersection(other).area() as f32 / self.area() as f32 }
    }

    /// Grown by `dx` pixels left and right and `dy` above and below.
    pub fn expanded(self, dx: i32, dy: i32) -> Self {
        Self::from_ltrb(
            self.left.saturating_sub(dx),
            self.top.saturating_sub(dy),
            self.right.saturating_add(dx),
            self.bottom.saturating_add(dy),
        )
    }

    /// The box at another place.
    pub fn moved(self, dx: i32, dy: i32) -> Self {
        Self::from_ltrb(
            self.left.saturating_add(dx),
            self.top.saturating_add(dy),
            self.right.saturating_add(dx),
            self.bottom.saturating_add(dy),
        )
    }

    /// The part inside a raster of this size.
    pub fn clamped(self, width: u32, height: u32) -> Self {
        let (width, height) = (i32::try_from(width).unwrap_or(i32::MAX), i32::try_from(height).unwrap_or(i32::MAX));
        Self::from_ltrb(
            self.left.clamp(0, width),
            self.top.clamp(0, height),
            self.right.clamp(0, width),
            self.bottom.clamp(0, height),
        )
    }

    /// True when the point lies inside.
    pub fn contains(self, point: Point) -> bool {
        point.x >= self.left as f32
            && point.x < self.right as f32
            && point.y >= self.top as f32
            && point.y < self.bottom as f32
    }
}

impl From<[i32; 4]> for Bbox {
    fn from([left, top, right, bottom]: [i32; 4]) -> Self {
        Self { left, top, right, bottom }
    }
}

impl From<Bbox> for [i32; 4] {
    fn from(b: Bbox) -> Self {
        [b.left, b.top, b.right, b.bottom]
    }
}

/// Four corners, clockwise from the text's own top left, in raster pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quad(pub [Point; 4]);

impl Quad {
    /// True for a point in the quad, its edges included; the quad is convex, its corners clockwise.
    pub fn contains(&self, point: Point) -> bool {
        (0..4).all(|i| {
            let (a, b) = (self.0[i], self.0[(i + 1) % 4]);
            (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x) >= 0.0
        })
    }

    /// The four corners of an upright box.
    pub fn from_bbox(bbox: Bbox) -> Self {
        let (l, t, r, b) = (bbox.left as f32, bbox.top as f32, bbox.right as f32, bbox.bottom as f32);
        Self([Point::new(l, t), Point::new(r, t), Point::new(r, b), Point::new(l, b)])
    }

    /// The smallest whole-pixel box around it.
    pub fn bbox(&self) -> Bbox {
        Bbox::around(self.0).expect("a quad has four points")
    }

    /// Length along the text (mean of top and bottom edge), pixels.
    pub fn length(&self) -> f32 {
        let [a, b, c, d] = self.0;
        f32::midpoint(a.distance(b), d.distance(c))
    }

    /// Height across the text (mean of left and right edge), pixels.
    pub fn thickness(&self) -> f32 {
        let [a, b, c, d] = self.0;
        f32::midpoint(a.distance(d), b.distance(c))
    }

    /// Mean of the corners.
    pub fn centre(&self) -> Point {
        let [a, b, c, d] = self.0;
        a.lerp(c, 0.5).lerp(b.lerp(d, 0.5), 0.5)
    }

    /// The part between fractions `from` and `to` of the length along the text.
    pub fn slice(&self, from: f32, to: f32) -> Self {
        let [a, b, c, d] = self.0;
        Self([a.lerp(b, from), a.lerp(b, to), d.lerp(c, to), d.lerp(c, from)])
    }

    /// Corners named anew after the text was found to run a quarter turn further `turns` times.
    pub fn rolled(&self, turns: usize) -> Self {
        let mut corners = self.0;
        corners.rotate_left(turns % 4);
        Self(corners)
    }

    /// The quad with every corner mapped by `f`.
    pub fn map(&self, f: impl Fn(Point) -> Point) -> Self {
        Self(self.0.map(f))
    }
}

/// A rotation by a multiple of 90°, clockwise as displayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum QuarterTurns {
    /// Upright.
    #[default]
    None,
    /// 90° clockwise.
    One,
    /// 180°.
    Two,
    /// 270° clockwise.
    Three,
}

impl QuarterTurns {
    /// From a count of clockwise quarter turns, taken modulo 4.
    pub fn from_count(count: i32) -> Self {
        match count.rem_euclid(4) {
            0 => Self::None,
            1 => Self::One,
            2 => Self::Two,
            _ => Self::Three,
        }
    }

    /// Clockwise quarter turns, 0..=3.
    pub fn count(self) -> i32 {
        match self {
            Self::None => 0,
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
        }
    }

    /// The rotation that undoes this one.
    pub fn inverse(self) -> Self {
        Self::from_count(-self.count())
    }

    /// Where `point` of a `width` × `height` raster lands when the raster is turned.
    pub fn apply(self, point: Point, width: u32, height: u32) -> Point {
        let (w, h) = (width as f32, height as f32);
        match self {
            Self::None => point,
            Self::One => Point::new(h - point.y, point.x),
            Self::Two => Point::new(w - point.x, h - point.y),
            Self::Three => Point::new(point.y, w - point.x),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bbox() -> impl Strategy<Value = Bbox> {
        (0..500i32, 0..500i32, 0..500i32, 0..500i32).prop_map(|(x, y, w, h)| Bbox::from_ltrb(x, y, x + w, y + h))
    }

    proptest! {
        #[test]
        fn turning_back_restores_a_point(x in 0f32..300.0, y in 0f32..200.0, n in 0..4i32) {
            let turns = QuarterTurns::from_count(n);
            let (w, h) = if n % 2 == 0 { (300, 200) } else { (200, 300) };
            let there = turns.apply(Point::new(x, y), 300, 200);
            let back = turns.inverse().apply(there, w, h);
            prop_assert!(back.distance(Point::new(x, y)) < 1e-3);
        }

        #[test]
        fn union_holds_both_and_intersection_lies_in_both(a in bbox(), b in bbox()) {
            let (union, common) = (a.union(b), a.intersection(b));
            prop_assert_eq!(union.intersection(a), a);
            prop_assert_eq!(union.intersection(b), b);
            prop_assert!(common.area() <= a.area().min(b.area()));
            prop_assert!((0.0..=1.0).contains(&a.iou(b)));
        }

        #[test]
        fn a_box_grows_and_moves_within_the_numbers_there_are(l: i32, t: i32, r: i32, b: i32, dx in 0..i32::MAX, dy in 0..i32::MAX) {
            let bbox = Bbox::from_ltrb(l.min(r), t.min(b), l.max(r), t.max(b));
            prop_assert_eq!(bbox.expanded(dx, dy).intersection(bbox), bbox);
            prop_assert!(bbox.moved(dx, dy).left >= bbox.left && bbox.moved(-dx, -dy).right <= bbox.right);
            prop_assert!(bbox.width() >= 0 && bbox.height() >= 0);
        }

        #[test]
        fn clamped_box_is_inside_the_raster(b in bbox(), w in 1..600u32, h in 1..600u32) {
            let c = b.clamped(w, h);
            prop_assert!(c.left >= 0 && c.top >= 0 && c.right <= w as i32 && c.bottom <= h as i32);
        }
    }

    #[test]
    fn slices_of_a_quad_meet() {
        let quad = Quad::from_bbox(Bbox::from_ltrb(10, 20, 110, 40));
        assert_eq!(quad.slice(0.25, 0.5).bbox(), Bbox::from_ltrb(35, 20, 60, 40));
        assert_eq!(quad.slice(0.0, 1.0), quad);
    }

    #[test]
    fn boxes_are_written_as_four_numbers() {
        assert_eq!(serde_json::to_string(&Bbox::from_ltrb(1, 2, 3, 4)).expect("plain data"), "[1,2,3,4]");
    }
}
