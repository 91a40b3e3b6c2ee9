//! Where a page's time goes: milliseconds by stage.

use std::collections::BTreeMap;
use std::time::Instant;

/// Milliseconds by stage, as reported.
pub type StageTimes = BTreeMap<String, f64>;

/// Times stages one after the other.
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts the first stage.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Ends a stage, adds its time to what the stage has already, and starts the next.
    pub fn lap(&mut self, stage: &str, into: &mut StageTimes) {
        let now = Instant::now();
        let ms = now.duration_since(self.0).as_secs_f64() * 1000.0;
        *into.entry(stage.to_owned()).or_default() += (ms * 10.0).round() / 10.0;
        self.0 = now;
    }
}

/// The duration of one piece of work is added to a stage.
pub fn timed<T>(stage: &str, into: &mut StageTimes, work: impl FnOnce() -> T) -> T {
    let mut watch = Stopwatch::start();
    let value = work();
    watch.lap(stage, into);
    value
}
