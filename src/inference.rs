//! ONNX weights → a model that runs on the calling thread alone. The only place that knows inference runtimes.
//!
//! One run uses one thread: two pages side by side gain more than two threads inside one run.
//!
//! ONNX Runtime executes these models 1.5 to 3 times as fast as rten, but it is a library of the platform that has to be
//! fetched and may not load (an old C library, a missing C++ runtime); rten is a part of the program. So models run on
//! ONNX Runtime where it can be had and on rten elsewhere.

pub(crate) mod onnx_file;
mod onnx_runtime;
mod rten_runtime;

use std::fmt;

use crate::assets::{Asset, Assets};
use crate::error::{Error, Result};

/// What executes the models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runtime {
    /// The library [`Asset::OnnxRuntime`].
    OnnxRuntime,
    /// The one that is a part of the program.
    Rten,
}

impl Runtime {
    /// The faster one of those that work here.
    ///
    /// # Errors
    /// When the library's bytes are not those of the manifest. That it cannot be had or loaded is no error.
    pub fn available(assets: &Assets) -> Result<Self> {
        let library = || match assets.path(Asset::OnnxRuntime) {
            Ok(library) => Ok(Some(library)),
            Err(Error::Wheel { .. }) => Ok(None),
            Err(error) => Err(error),
        };
        let is_usable = assets.is_known(Asset::OnnxRuntime) && onnx_runtime::is_usable(library)?;
        Ok(if is_usable { Self::OnnxRuntime } else { Self::Rten })
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::OnnxRuntime => "ONNX Runtime",
            Self::Rten => "rten",
        })
    }
}

/// A dense float tensor of an output: row-major `data` with its `shape`.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Extent of each dimension, outermost first.
    pub shape: Vec<usize>,
    /// Row-major values.
    pub data: Vec<f32>,
}

/// An output where the runtime holds it: a reading model's are millions of values, and copying them is a twentieth of its time.
#[derive(Debug, Clone, Copy)]
pub struct TensorView<'a> {
    /// Extent of each dimension, outermost first.
    pub shape: &'a [usize],
    /// Row-major values.
    pub data: &'a [f32],
}

/// Loaded weights, shared by all workers.
pub struct Model {
    name: String,
    executable: Executable,
}

enum Executable {
    OnnxRuntime(onnx_runtime::Sessions),
    Rten(Box<rten_runtime::Graph>),
}

impl Model {
    /// Loads an ONNX file's bytes into a runtime. `name` appears in errors.
    ///
    /// # Errors
    /// [`Error::Model`] when the bytes are not a model that the runtime can execute.
    pub fn load(runtime: Runtime, name: &str, onnx: Vec<u8>) -> Result<Self> {
        let executable = match runtime {
            Runtime::OnnxRuntime => onnx_runtime::Sessions::load(onnx).map(Executable::OnnxRuntime),
            Runtime::Rten => rten_runtime::Graph::load(onnx).map(|graph| Executable::Rten(Box::new(graph))),
        };
        match executable {
            Ok(executable) => Ok(Self { name: name.to_owned(), executable }),
            Err(problem) => Err(Error::Model { name: name.to_owned(), problem }),
        }
    }

    /// Loads an asset's weights into the faster runtime that works here.
    ///
    /// # Errors
    /// When the asset is missing or is not the expected one; [`Error::Model`] when it cannot be executed.
    pub fn of_asset(assets: &Assets, asset: Asset) -> Result<Self> {
        Self::load(Runtime::available(assets)?, asset.file_name(), assets.bytes(asset)?)
    }

    /// Runs on one NCHW batch: `shape` is (batch, channels, height, width), `data` row-major.
    /// Returns every output in the model's own order.
    ///
    /// # Errors
    /// [`Error::Model`] when the shape does not fit the model or the data, or an operator fails.
    pub fn run(&self, shape: [usize; 4], data: Vec<f32>) -> Result<Vec<Tensor>> {
        let owned = |view: &TensorView<'_>| Tensor { shape: view.shape.to_vec(), data: view.data.to_vec() };
        self.run_and(shape, data, |outputs| outputs.iter().map(owned).collect())
    }

    /// The same, with the outputs given to `take` where they are.
    ///
    /// # Errors
    /// Those of [`Self::run`].
    pub fn run_and<T>(
        &self,
        shape: [usize; 4],
        data: Vec<f32>,
        take: impl FnOnce(&[TensorView<'_>]) -> T,
    ) -> Result<T> {
        let failed = |problem: String| Error::Model { name: self.name.clone(), problem };
        if shape.iter().product::<usize>() != data.len() {
            return Err(failed(format!("{} values do not fill {shape:?}", data.len())));
        }
        match &self.executable {
            Executable::OnnxRuntime(sessions) => sessions.run(shape, data, take),
            Executable::Rten(graph) => graph.run(shape, data, take),
        }
        .map_err(failed)
    }
}
