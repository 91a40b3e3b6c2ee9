//! CenterFace: a picture → faces with five landmarks. Sizes and turns are chosen by the caller.

use image::RgbImage;

use crate::error::{Error, Result};
use crate::geometry::{Bbox, Point};
use crate::inference::onnx_file::with_constant_weights;
use crate::inference::{Model, Runtime, Tensor};

/// How the detector's output becomes faces.
#[derive(Debug, Clone)]
pub(super) struct DetectionParams {
    /// Heat below which a cell is no face, 0..=1. CenterFace's authors use 0.5 for one-scale photos.
    pub(super) least_score: f32,
    /// IoU above which the weaker of two faces is dropped; CenterFace's own value.
    pub(super) most_overlap: f32,
}

impl Default for DetectionParams {
    fn default() -> Self {
        Self { least_score: 0.35, most_overlap: 0.3 }
    }
}

/// A face as the network sees it, in pixels of the picture that it was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RawFace {
    /// Left, top, right, bottom.
    pub(super) edges: [f32; 4],
    /// Eye on the picture's left, eye on its right, nose tip, mouth corners left and right.
    pub(super) landmarks: [Point; 5],
    /// 0..=1.
    pub(super) score: f32,
}

impl RawFace {
    /// Its box.
    pub(super) fn bbox(&self) -> Bbox {
        let [l, t, r, b] = self.edges;
        Bbox::from_ltrb(l.floor() as i32, t.floor() as i32, r.ceil() as i32, b.ceil() as i32)
    }
}

/// The loaded network.
pub(super) struct Detector {
    model: Model,
    params: DetectionParams,
}

/// Input extents must be multiples of this.
const GRID: u32 = 32;
/// Input pixels per output cell.
const STRIDE: f32 = 4.0;
/// The file declares a fixed input of 10 × 3 × 32 × 32 (protobuf dimensions of the input's shape) …
const FIXED_SHAPE: [u8; 16] =
    [0x0a, 0x02, 0x08, 0x0a, 0x0a, 0x02, 0x08, 0x03, 0x0a, 0x02, 0x08, 0x20, 0x0a, 0x02, 0x08, 0x20];
/// … although the network is fully convolutional: batch, height and width with an empty symbolic name.
const FREE_SHAPE: [u8; 16] =
    [0x0a, 0x02, 0x12, 0x00, 0x0a, 0x02, 0x08, 0x03, 0x0a, 0x02, 0x12, 0x00, 0x0a, 0x02, 0x12, 0x00];

impl Detector {
    /// From the bytes of `centerface.onnx` as published.
    ///
    /// # Errors
    /// [`Error::Model`] when they are not that file or cannot be executed.
    pub(super) fn load(runtime: Runtime, mut onnx: Vec<u8>) -> Result<Self> {
        free_input_shape(&mut onnx)?;
        // Halves the time: ONNX Runtime makes one layer of a convolution and what follows it.
        let onnx = with_constant_weights(&onnx).ok_or_else(|| malformed("it is not an ONNX file"))?;
        Ok(Self { model: Model::load(runtime, NAME, onnx)?, params: DetectionParams::default() })
    }

    /// Faces of a picture from about 10 pixels up, strongest first. The picture is filled up with grey to
    /// the network's grid on the right and at the bottom.
    ///
    /// # Errors
    /// [`Error::Model`] when the network fails.
    pub(super) fn detect(&self, picture: &RgbImage) -> Result<Vec<RawFace>> {
        let width = picture.width().next_multiple_of(GRID).max(GRID) as usize;
        let height = picture.height().next_multiple_of(GRID).max(GRID) as usize;
        let plane = width * height;
        // HWC => CHW, RGB, 0..255 without normalization
        let mut input = vec![127.0; 3 * plane];
        for (x, y, pixel) in picture.enumerate_pixels() {
            let at = y as usize * width + x as usize;
            for channel in 0..3 {
                input[channel * plane + at] = f32::from(pixel.0[channel]);
            }
        }
        let outputs = self.model.run([1, 3, height, width], input)?;
        let [heat, size, offset, landmarks] = outputs.as_slice() else {
            return Err(malformed("four outputs were expected"));
        };
        let (columns, rows) = (width / STRIDE as usize, height / STRIDE as usize);
        let cells = columns * rows;
        let planes = [(heat, 1), (size, 2), (offset, 2), (landmarks, 10)];
        if planes.iter().any(|(tensor, channels)| tensor.data.len() != channels * cells) {
            return Err(malformed("an output has not the expected size"));
        }
        let mut faces: Vec<RawFace> = (0..cells)
            .filter(|&cell| heat.data[cell] >= self.params.least_score)
            .map(|cell| decode(cell, columns, cells, [heat, size, offset, landmarks]))
            .collect();
        faces.sort_by(|a, b| b.score.total_cmp(&a.score));
        Ok(strongest(faces, self.params.most_overlap))
    }
}

const NAME: &str = "centerface.onnx";

fn malformed(problem: &str) -> Error {
    Error::Model { name: NAME.to_owned(), problem: problem.to_owned() }
}

/// Replaces the fixed input shape, which must occur exactly once.
fn free_input_shape(onnx: &mut [u8]) -> Result<()> {
    let mut places =
        onnx.windows(FIXED_SHAPE.len()).enumerate().filter(|(_, window)| *window == FIXED_SHAPE).map(|(at, _)| at);
    let (Some(at), None) = (places.next(), places.next()) else {
        return Err(malformed("its input shape is not where the published file has it"));
    };
    onnx[at..at + FREE_SHAPE.len()].copy_from_slice(&FREE_SHAPE);
    Ok(())
}

/// One heat map cell as a face: log extents (height first), centre offsets (y first), landmarks (y first)
/// as shares of the box.
fn decode(cell: usize, columns: usize, cells: usize, [heat, size, offset, landmarks]: [&Tensor; 4]) -> RawFace {
    let (row, column) = ((cell / columns) as f32, (cell % columns) as f32);
    let height = size.data[cell].min(8.0).exp() * STRIDE;
    let width = size.data[cells + cell].min(8.0).exp() * STRIDE;
    let top = (row + offset.data[cell] + 0.5) * STRIDE - height / 2.0;
    let left = (column + offset.data[cells + cell] + 0.5) * STRIDE - width / 2.0;
    let landmarks = std::array::from_fn(|i| {
        let y = landmarks.data[2 * i * cells + cell];
        let x = landmarks.data[(2 * i + 1) * cells + cell];
        Point::new(left + x * width, top + y * height)
    });
    RawFace { edges: [left, top, left + width, top + height], landmarks, score: heat.data[cell] }
}

/// Greedy suppression: `faces` strongest first.
pub(super) fn strongest(faces: Vec<RawFace>, most_overlap: f32) -> Vec<RawFace> {
    let mut kept: Vec<RawFace> = Vec::new();
    for face in faces {
        if kept.iter().all(|other| iou(other.edges, face.edges) <= most_overlap) {
            kept.push(face);
        }
    }
    kept
}

/// Intersection over union without rounding to pixels: faces may be a few pixels wide.
fn iou(a: [f32; 4], b: [f32; 4]) -> f32 {
    let area = |e: [f32; 4]| (e[2] - e[0]).max(0.0) * (e[3] - e[1]).max(0.0);
    let common = area([a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]);
    common / (area(a) + area(b) - common).max(f32::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_shape_is_freed_only_where_it_occurs_once() {
        let mut once = [&[1, 2, 3][..], &FIXED_SHAPE, &[4]].concat();
        free_input_shape(&mut once).expect("occurs once");
        assert_eq!(once, [&[1, 2, 3][..], &FREE_SHAPE, &[4]].concat());
        let mut twice = [FIXED_SHAPE, FIXED_SHAPE].concat();
        assert!(free_input_shape(&mut twice).is_err());
        assert!(free_input_shape(&mut [0; 40]).is_err());
    }

    #[test]
    fn overlapping_faces_keep_the_strongest() {
        let face =
            |x: f32, score| RawFace { edges: [x, 0.0, x + 10.0, 10.0], landmarks: [Point::new(0.0, 0.0); 5], score };
        let kept = strongest(vec![face(0.0, 0.9), face(2.0, 0.8), face(20.0, 0.5)], 0.3);
        assert_eq!(kept.iter().map(|f| f.score).collect::<Vec<_>>(), [0.9, 0.5]);
    }
}
