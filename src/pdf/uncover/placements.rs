//! A page's content → where it places its pictures, and what of each can be seen there. Follows the operators that
//! matter for that; what is drawn over a picture is not looked at.

use std::collections::BTreeMap;

use lopdf::content::Content;
use lopdf::{Dictionary, Object, ObjectId};

use crate::pdf::objects::{MAX_CONTENT_BYTES, Structure};

/// Left, bottom, right, top.
type Rectangle = [f64; 4];

/// Forms within forms are followed this deep; real files stay below 8.
const DEEPEST: usize = 12;
/// A strip that a clip cuts off a picture counts when it is wider than this, points: scans are often trimmed by less.
const TRIM: f64 = 10.0;
/// Opacity from which a picture counts as seen.
const OPAQUE: f64 = 0.95;
/// Pixels an inch above which a picture's content cannot be made out on its page at 200 dpi.
const FINEST: f64 = 1200.0;
/// A clip of everything.
const EVERYWHERE: Rectangle = [f64::NEG_INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::INFINITY];

/// What a page shows of a picture where it shows most of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Shown {
    /// All of it.
    Whole,
    /// A part, in the picture's own coordinates: 0..=1 from its left and bottom.
    Part(Rectangle),
    /// Nothing that can be made out.
    Nothing,
}

#[derive(Clone)]
struct State {
    to_page: [f64; 6],
    clip: Rectangle,
    /// The clip has more parts or holes.
    is_ragged: bool,
    opacity: f64,
}

impl Structure {
    /// Every picture that the page draws, with what it shows of it. Empty when its content cannot be read.
    pub(super) fn placed_pictures(&self, page: usize) -> BTreeMap<ObjectId, Shown> {
        let mut found = BTreeMap::new();
        let resources = self.inherited(page, b"Resources").and_then(|resources| resources.as_dict().ok());
        let content = self.content(page).and_then(|content| Content::decode(&content).ok());
        if let (Some(resources), Some(content)) = (resources, content) {
            let state =
                State { to_page: [1.0, 0.0, 0.0, 1.0, 0.0, 0.0], clip: EVERYWHERE, is_ragged: false, opacity: 1.0 };
            self.place(&content, resources, state, DEEPEST, &mut found);
        }
        found
    }

    fn place(
        &self,
        content: &Content,
        resources: &Dictionary,
        mut state: State,
        depth: usize,
        found: &mut BTreeMap<ObjectId, Shown>,
    ) {
        let entry = |category: &[u8], name: &[u8]| {
            self.value(resources, category).and_then(|entries| entries.as_dict().ok())?.get(name).ok()
        };
        let mut saved: Vec<State> = Vec::new();
        let mut path: Option<Rectangle> = None;
        let mut parts = 0_usize;
        let mut clips = false;
        for operation in &content.operations {
            let number = |index: usize| {
                operation.operands.get(index).and_then(|operand| operand.as_float().ok()).map_or(0.0, f64::from)
            };
            let name = || operation.operands.first().and_then(|operand| operand.as_name().ok());
            match operation.operator.as_str() {
                "q" => saved.push(state.clone()),
                "Q" => state = saved.pop().unwrap_or(state),
                "cm" => state.to_page = product([0, 1, 2, 3, 4, 5].map(number), state.to_page),
                "gs" => {
                    let parameters = name().and_then(|name| self.followed(entry(b"ExtGState", name)?)?.as_dict().ok());
                    let opacity = parameters.and_then(|p| self.value(p, b"ca")?.as_float().ok());
                    state.opacity = opacity.map_or(state.opacity, f64::from);
                    let mask = parameters.and_then(|p| self.value(p, b"SMask"));
                    if mask.is_some_and(|mask| mask.as_dict().is_ok()) {
                        state.is_ragged = true;
                    }
                }
                "re" => {
                    parts += 1;
                    let [x, y, width, height] = [0, 1, 2, 3].map(number);
                    for corner in [(x, y), (x + width, y), (x, y + height), (x + width, y + height)] {
                        extend(&mut path, transformed(corner, state.to_page));
                    }
                }
                operator @ ("m" | "l" | "c" | "v" | "y") => {
                    parts += usize::from(operator == "m");
                    for pair in 0..operation.operands.len() / 2 {
                        extend(&mut path, transformed((number(2 * pair), number(2 * pair + 1)), state.to_page));
                    }
                }
                "W" | "W*" => clips = true,
                "n" | "f" | "F" | "f*" | "S" | "s" | "B" | "B*" | "b" | "b*" => {
                    if clips {
                        state.clip = common(state.clip, path.unwrap_or([0.0; 4]));
                        state.is_ragged |= parts > 1;
                    }
                    (path, parts, clips) = (None, 0, false);
                }
                "Do" => {
                    let Some(Object::Reference(id)) = name().and_then(|name| entry(b"XObject", name)) else { continue };
                    self.place_object(*id, resources, &state, depth, found);
                }
                _ => {}
            }
        }
    }

    fn place_object(
        &self,
        id: ObjectId,
        resources: &Dictionary,
        state: &State,
        depth: usize,
        found: &mut BTreeMap<ObjectId, Shown>,
    ) {
        let Some(stream) = self.document.get_object(id).ok().and_then(|object| object.as_stream().ok()) else { return };
        let kind = self.value(&stream.dict, b"Subtype").and_then(|kind| kind.as_name().ok());
        if kind == Some(b"Image") {
            let shown = self.shown(&stream.dict, state);
            let most = found.entry(id).or_insert(Shown::Nothing);
            if area(shown) > area(*most) {
                *most = shown;
            }
        } else if kind == Some(b"Form") && depth > 0 {
            let mut inner = state.clone();
            if let Some(matrix) = self.value(&stream.dict, b"Matrix").and_then(|matrix| matrix.as_array().ok()) {
                let number = |index: usize| {
                    matrix.get(index).and_then(|value| self.followed(value)?.as_float().ok()).map_or(0.0, f64::from)
                };
                inner.to_page = product([0, 1, 2, 3, 4, 5].map(number), inner.to_page);
            }
            if let Some([x0, y0, x1, y1]) = self.value(&stream.dict, b"BBox").and_then(|b| self.rectangle(b)) {
                let mut bounds = None;
                for (x, y) in [(x0, y0), (x1, y0), (x0, y1), (x1, y1)] {
                    extend(&mut bounds, transformed((f64::from(x), f64::from(y)), inner.to_page));
                }
                inner.clip = common(inner.clip, bounds.unwrap_or(EVERYWHERE));
            }
            let own = self.value(&stream.dict, b"Resources").and_then(|resources| resources.as_dict().ok());
            let content = stream.get_plain_content_with_limit(MAX_CONTENT_BYTES).ok();
            if let Some(content) = content.and_then(|content| Content::decode(&content).ok()) {
                self.place(&content, own.unwrap_or(resources), inner, depth - 1, found);
            }
        }
    }

    fn shown(&self, picture: &Dictionary, state: &State) -> Shown {
        let [a, b, c, d, e, f] = state.to_page;
        let (across, up) = (a.hypot(b), c.hypot(d));
        let pixels = self.value(picture, b"Width").and_then(|width| width.as_float().ok()).map_or(0.0, f64::from);
        let determinant = a * d - b * c;
        let is_too_fine = pixels > 0.0 && pixels * 72.0 / across.max(1e-6) > FINEST;
        if determinant.abs() < 1e-9 || is_too_fine || state.opacity < OPAQUE || state.is_ragged {
            return Shown::Nothing;
        }
        if state.clip == EVERYWHERE {
            return Shown::Whole;
        }
        let back = |(x, y): (f64, f64)| {
            let (x, y) = (x - e, y - f);
            ((d * x - c * y) / determinant, (a * y - b * x) / determinant)
        };
        let [left, bottom, right, top] = state.clip.map(|value| value.clamp(-1e7, 1e7));
        let mut part = None;
        for corner in [(left, bottom), (right, bottom), (left, top), (right, top)] {
            extend(&mut part, back(corner));
        }
        let part = common(part.unwrap_or(EVERYWHERE), [0.0, 0.0, 1.0, 1.0]);
        if part[0] >= part[2] || part[1] >= part[3] {
            return Shown::Nothing;
        }
        let cut = [part[0] * across, part[1] * up, (1.0 - part[2]) * across, (1.0 - part[3]) * up];
        if cut.iter().any(|&strip| strip > TRIM) { Shown::Part(part) } else { Shown::Whole }
    }

    /// True when something of the picture's own hides parts of it: a mask, or levels that all turn into one.
    pub(super) fn hides_parts(&self, picture: ObjectId) -> bool {
        let Some(stream) = self.document.get_object(picture).ok().and_then(|object| object.as_stream().ok()) else {
            return false;
        };
        let has = |key: &[u8]| self.value(&stream.dict, key).is_some();
        let in_data = self.value(&stream.dict, b"SMaskInData").and_then(|value| value.as_i64().ok()).unwrap_or(0) != 0;
        let levels = self.value(&stream.dict, b"Decode").and_then(|levels| levels.as_array().ok());
        let narrow = levels.is_some_and(|levels| {
            levels.chunks_exact(2).any(|pair| {
                let [from, to] = [&pair[0], &pair[1]].map(|end| end.as_float().unwrap_or(0.0));
                (from - to).abs() < 0.5
            })
        });
        has(b"SMask") || has(b"Mask") || in_data || narrow
    }
}

fn area(shown: Shown) -> f64 {
    match shown {
        Shown::Whole => 2.0,
        Shown::Part([x0, y0, x1, y1]) => (x1 - x0) * (y1 - y0),
        Shown::Nothing => -1.0,
    }
}

fn product([a, b, c, d, e, f]: [f64; 6], [g, h, i, j, k, l]: [f64; 6]) -> [f64; 6] {
    [a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + l]
}

fn transformed((x, y): (f64, f64), [a, b, c, d, e, f]: [f64; 6]) -> (f64, f64) {
    (a * x + c * y + e, b * x + d * y + f)
}

fn extend(bounds: &mut Option<Rectangle>, (x, y): (f64, f64)) {
    let [left, bottom, right, top] = bounds.unwrap_or([x, y, x, y]);
    *bounds = Some([left.min(x), bottom.min(y), right.max(x), top.max(y)]);
}

fn common(a: Rectangle, b: Rectangle) -> Rectangle {
    [a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]
}

#[cfg(test)]
mod tests {
    use lopdf::dictionary;

    use super::*;
    use crate::pdf::samples::Sample;

    fn shown(content: &str) -> Shown {
        let mut sample = Sample::new();
        let entries = dictionary! {
            "Type" => "XObject", "Subtype" => "Image", "Width" => 200, "Height" => 100, "ColorSpace" => "DeviceGray",
            "BitsPerComponent" => 8,
        };
        let picture = sample.stream(entries, &vec![0; 20_000]);
        let form = sample.stream(
            dictionary! {
                "Type" => "XObject", "Subtype" => "Form", "BBox" => vec![0.into(), 0.into(), 100.into(), 100.into()],
                "Resources" => dictionary! { "XObject" => dictionary! { "P" => picture } },
            },
            b"q 200 0 0 100 0 0 cm /P Do Q",
        );
        let resources = dictionary! {
            "XObject" => dictionary! { "P" => picture, "F" => form },
            "ExtGState" => dictionary! { "Clear" => dictionary! { "ca" => Object::Real(0.0) } },
        };
        sample.page(content, dictionary! { "Resources" => resources });
        let structure = Structure::load(&sample.bytes(), None).expect("a sound sample");
        structure.placed_pictures(0)[&picture]
    }

    #[test]
    fn a_clip_leaves_a_part_of_a_picture() {
        const DRAW: &str = "200 0 0 100 0 0 cm /P Do Q";
        assert_eq!(shown(&format!("q {DRAW}")), Shown::Whole);
        assert_eq!(shown(&format!("q 0 0 200 99 re W n {DRAW}")), Shown::Whole, "a trim hides nothing");
        assert_eq!(shown(&format!("q 50 0 100 100 re W n {DRAW}")), Shown::Part([0.25, 0.0, 0.75, 1.0]));
        assert_eq!(shown(&format!("q 0 0 200 40 re 0 60 200 40 re W n {DRAW}")), Shown::Nothing, "a clip of two parts");
        assert_eq!(shown("/F Do"), Shown::Part([0.0, 0.0, 0.5, 1.0]), "a form's box clips");
    }

    #[test]
    fn transparency_and_tiny_sizes_show_nothing_and_the_best_placement_counts() {
        assert_eq!(shown("q /Clear gs 200 0 0 100 0 0 cm /P Do Q"), Shown::Nothing);
        assert_eq!(shown("q 10 0 0 5 0 0 cm /P Do Q"), Shown::Nothing);
        assert_eq!(shown("q 10 0 0 5 0 0 cm /P Do Q q 200 0 0 100 0 0 cm /P Do Q"), Shown::Whole);
    }
}
