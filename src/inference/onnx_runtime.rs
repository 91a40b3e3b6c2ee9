//! Execution by the ONNX Runtime library.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ort::environment::Environment;
use ort::ep::CPU;
use ort::session::Session;
use ort::session::builder::PrepackedWeights;
use ort::value::Tensor as Value;

use super::TensorView;
use crate::error::Result;

/// The process's one environment; `None` when the library does not load.
static ENVIRONMENT: OnceLock<Option<Environment>> = OnceLock::new();

/// True when the library is loaded. At the first call it is asked for with `library` and then loaded.
///
/// # Errors
/// Those of `library`.
pub(super) fn is_usable(library: impl FnOnce() -> Result<Option<PathBuf>>) -> Result<bool> {
    if let Some(environment) = ENVIRONMENT.get() {
        return Ok(environment.is_some());
    }
    let library = library()?;
    let load = || library.and_then(|library| environment(&library).ok());
    Ok(ENVIRONMENT.get_or_init(load).is_some())
}

fn environment(library: &Path) -> std::result::Result<Environment, String> {
    ort::init_from(library)
        .map_err(said)?
        .with_name("zhegai")
        // On Windows the library would tell the system's event tracing of its use.
        .with_telemetry(false)
        // It would write warnings about graphics cards and the like to stderr; what fails comes as an error as well.
        .with_logger(Arc::new(|_, _, _, _, _| ()))
        .build()
        .map_err(said)
}

/// A model's sessions: a session serves one thread at a time, so there are as many as threads that run it at once.
pub(super) struct Sessions {
    onnx: Vec<u8>,
    weights: PrepackedWeights,
    idle: Mutex<Vec<Session>>,
}

impl Sessions {
    /// The library has been loaded.
    pub(super) fn load(onnx: Vec<u8>) -> std::result::Result<Self, String> {
        let sessions = Self { onnx, weights: PrepackedWeights::new(), idle: Mutex::new(Vec::new()) };
        let first = sessions.new_session()?;
        sessions.put_back(first);
        Ok(sessions)
    }

    /// `data` fills `shape`.
    pub(super) fn run<T>(
        &self,
        shape: [usize; 4],
        data: Vec<f32>,
        take: impl FnOnce(&[TensorView<'_>]) -> T,
    ) -> std::result::Result<T, String> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut session = match idle {
            Some(session) => session,
            None => self.new_session()?,
        };
        let taken = run(&mut session, shape, data, take);
        self.put_back(session);
        taken
    }

    fn new_session(&self) -> std::result::Result<Session, String> {
        let environment = ENVIRONMENT.get().and_then(Option::as_ref).ok_or("the ONNX Runtime library is not loaded")?;
        Session::builder(environment)
            .map_err(said)?
            .with_intra_threads(1)
            .map_err(said)?
            .with_inter_threads(1)
            .map_err(said)?
            // Its arena never gives memory back: 1.1 GB instead of 0.6 GB at the same speed with two workers.
            .with_execution_providers([CPU::default().with_arena_allocator(false).build()])
            .map_err(said)?
            // Plans memory for each shape that comes; ours are all different.
            .with_memory_pattern(false)
            .map_err(said)?
            .with_prepacked_weights(&self.weights)
            .map_err(said)?
            .commit_from_memory(&self.onnx)
            .map_err(said)
    }

    fn put_back(&self, session: Session) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
    }
}

fn run<T>(
    session: &mut Session,
    shape: [usize; 4],
    data: Vec<f32>,
    take: impl FnOnce(&[TensorView<'_>]) -> T,
) -> std::result::Result<T, String> {
    let input = Value::from_array((shape, data)).map_err(said)?;
    let outputs = session.run(ort::inputs![input]).map_err(said)?;
    let values: Vec<_> = outputs.values().collect();
    let extracted = values.iter().map(|output| {
        let (shape, data) = output.try_extract_tensor::<f32>().map_err(said)?;
        let shape: Vec<usize> = shape.iter().map(|&extent| usize::try_from(extent).unwrap_or(0)).collect();
        Ok((shape, data))
    });
    let extracted = extracted.collect::<std::result::Result<Vec<_>, String>>()?;
    let views: Vec<TensorView<'_>> = extracted.iter().map(|(shape, data)| TensorView { shape, data }).collect();
    Ok(take(&views))
}

fn said(error: impl Display) -> String {
    error.to_string()
}
