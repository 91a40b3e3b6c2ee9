//! zhegai (遮盖) finds, masks and verifies an applicant's identity in the attachments of a blind
//! professional-title review.
//!
//! The flow has one direction: files → upright page rasters → what is on the page (text lines, seals, faces,
//! existing covers) → whose it is → the verdict by policy → masked pixels → saved files → the saved bytes
//! examined again → the report. Each module is one of these steps.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests lay out files of their own"))]

pub mod assets;
pub mod bench;
pub mod container;
pub mod declarations;
mod encoding;
pub mod error;
pub mod examine;
pub mod face;
pub mod geometry;
pub mod identity;
pub mod inference;
pub mod input;
pub mod judge;
pub mod leaks;
pub mod limits;
pub mod marks;
pub mod mask;
pub mod ocr;
pub mod orientation;
pub mod output;
pub mod pages;
pub mod pdf;
pub mod pipeline;
pub mod policy;
pub mod raster;
pub mod report;
pub mod seal;
pub mod stream;
pub mod text_document;
pub mod timing;
pub mod verify;

pub use error::{Error, InputProblem, Result};
