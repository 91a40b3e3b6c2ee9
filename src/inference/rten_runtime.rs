//! Execution by rten.

use std::cell::OnceCell;
use std::sync::Arc;

use rten::{ModelOptions, NodeId, RunOptions, ThreadPool};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use super::TensorView;

thread_local! {
    /// A pool of one: rten would otherwise use its global pool with a thread a core.
    static OWN_POOL: OnceCell<Arc<ThreadPool>> = const { OnceCell::new() };
}

/// A loaded model.
pub(super) struct Graph {
    model: rten::Model,
    input: NodeId,
    outputs: Vec<NodeId>,
}

impl Graph {
    pub(super) fn load(onnx: Vec<u8>) -> Result<Self, String> {
        let mut options = ModelOptions::with_all_ops();
        options.prepack_weights(true);
        let model = options.load(onnx).map_err(|error| error.to_string())?;
        let input = *model.input_ids().first().ok_or("it has no input")?;
        let outputs = model.output_ids().to_vec();
        Ok(Self { model, input, outputs })
    }

    /// `data` fills `shape`.
    pub(super) fn run<T>(
        &self,
        shape: [usize; 4],
        data: Vec<f32>,
        take: impl FnOnce(&[TensorView<'_>]) -> T,
    ) -> Result<T, String> {
        let input = NdTensor::<f32, 4>::from_data(shape, data);
        let pool = OWN_POOL.with(|cell| Arc::clone(cell.get_or_init(|| Arc::new(ThreadPool::with_num_threads(1)))));
        let options = RunOptions::default().with_thread_pool(Some(pool));
        let values = self
            .model
            .run(vec![(self.input, input.view().into())], &self.outputs, Some(options))
            .map_err(|error| error.to_string())?;
        let outputs: Vec<(Vec<usize>, Vec<f32>)> = values
            .into_iter()
            .map(|value| {
                let tensor: rten_tensor::Tensor<f32> = value.try_into().map_err(|_| "an output is not float")?;
                Ok((tensor.shape().to_vec(), tensor.into_data()))
            })
            .collect::<Result<_, String>>()?;
        let views: Vec<TensorView<'_>> = outputs.iter().map(|(shape, data)| TensorView { shape, data }).collect();
        Ok(take(&views))
    }
}
