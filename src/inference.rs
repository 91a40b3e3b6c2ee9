//! ONNX weights → a model that runs on the calling thread alone. The only place that knows rten.
//!
//! One run uses one thread: two pages side by side gain more than two threads inside one run.

use std::cell::OnceCell;
use std::sync::Arc;

use rten::{ModelOptions, NodeId, RunOptions, ThreadPool};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};

use crate::error::{Error, Result};

thread_local! {
    /// A pool of one: rten would otherwise use its global pool with a thread a core.
    static OWN_POOL: OnceCell<Arc<ThreadPool>> = const { OnceCell::new() };
}

/// A dense float tensor of an output: row-major `data` with its `shape`.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Extent of each dimension, outermost first.
    pub shape: Vec<usize>,
    /// Row-major values.
    pub data: Vec<f32>,
}

/// Loaded weights, shared by all workers.
pub struct Model {
    name: String,
    model: rten::Model,
    input: NodeId,
    outputs: Vec<NodeId>,
}

impl Model {
    /// Loads an ONNX file's bytes. `name` appears in errors.
    ///
    /// # Errors
    /// [`Error::Model`] when the bytes are not a model that the runtime can execute.
    pub fn load(name: &str, onnx: Vec<u8>) -> Result<Self> {
        let failed = |problem: String| Error::Model { name: name.to_owned(), problem };
        let mut options = ModelOptions::with_all_ops();
        options.prepack_weights(true);
        let model = options.load(onnx).map_err(|e| failed(e.to_string()))?;
        let input = *model.input_ids().first().ok_or_else(|| failed("it has no input".into()))?;
        let outputs = model.output_ids().to_vec();
        Ok(Self { name: name.to_owned(), model, input, outputs })
    }

    /// Runs on one NCHW batch: `shape` is (batch, channels, height, width), `data` row-major.
    /// Returns every output in the model's own order.
    ///
    /// # Errors
    /// [`Error::Model`] when the shape does not fit the model or an operator fails.
    ///
    /// # Panics
    /// When `data` has not as many values as `shape` says.
    pub fn run(&self, shape: [usize; 4], data: Vec<f32>) -> Result<Vec<Tensor>> {
        let input = NdTensor::<f32, 4>::from_data(shape, data);
        self.run_view(input.view())
    }

    fn run_view(&self, input: NdTensorView<f32, 4>) -> Result<Vec<Tensor>> {
        let failed = |problem: String| Error::Model { name: self.name.clone(), problem };
        let pool = OWN_POOL.with(|cell| Arc::clone(cell.get_or_init(|| Arc::new(ThreadPool::with_num_threads(1)))));
        let options = RunOptions::default().with_thread_pool(Some(pool));
        let values = self
            .model
            .run(vec![(self.input, input.into())], &self.outputs, Some(options))
            .map_err(|e| failed(e.to_string()))?;
        values
            .into_iter()
            .map(|value| {
                let tensor: rten_tensor::Tensor<f32> =
                    value.try_into().map_err(|_| failed("an output is not float".into()))?;
                Ok(Tensor { shape: tensor.shape().to_vec(), data: tensor.into_data() })
            })
            .collect()
    }
}
