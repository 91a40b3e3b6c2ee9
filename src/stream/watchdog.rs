//! Work with a time limit. What takes longer is left behind on its thread, and the next piece of work gets a new one:
//! a thread cannot be stopped from outside. A thread left behind ends with its piece of work, or with the process.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

/// Why a piece of work has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The time is up.
    Late,
    /// It panicked.
    Panicked,
}

/// Does pieces of work one after the other, on a thread of its own.
pub struct Watchdog<I, O> {
    work: Arc<dyn Fn(I) -> O + Send + Sync>,
    limit: Duration,
    thread: Option<(Sender<I>, Receiver<O>)>,
}

impl<I: Send + 'static, O: Send + 'static> Watchdog<I, O> {
    /// Nothing is started yet. `limit` is for each piece.
    pub fn new(limit: Duration, work: Arc<dyn Fn(I) -> O + Send + Sync>) -> Self {
        Self { work, limit, thread: None }
    }

    /// Does a piece of work.
    ///
    /// # Errors
    /// [`Lost`] when it takes too long or panics.
    pub fn run(&mut self, input: I) -> Result<O, Lost> {
        let (inputs, outputs) = self.thread.get_or_insert_with(|| {
            let ((sender, inputs), (results, outputs)) = (bounded::<I>(1), bounded(1));
            let work = Arc::clone(&self.work);
            thread::spawn(move || {
                for input in inputs {
                    if results.send(work(input)).is_err() {
                        return;
                    }
                }
            });
            (sender, outputs)
        });
        let lost = match inputs.send(input) {
            Err(_) => Lost::Panicked,
            Ok(()) => match outputs.recv_timeout(self.limit) {
                Ok(output) => return Ok(output),
                Err(RecvTimeoutError::Timeout) => Lost::Late,
                Err(RecvTimeoutError::Disconnected) => Lost::Panicked,
            },
        };
        self.thread = None;
        Err(lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Panics at 7, else sleeps for as many milliseconds as it is given.
    fn work(milliseconds: u64) -> u64 {
        assert!(milliseconds != 7, "a page that panics");
        thread::sleep(Duration::from_millis(milliseconds));
        milliseconds
    }

    #[test]
    fn what_takes_too_long_is_left_behind_and_the_next_piece_is_done() {
        let mut watchdog = Watchdog::new(Duration::from_secs(2), Arc::new(work));
        assert_eq!(watchdog.run(1), Ok(1));
        assert_eq!(watchdog.run(600_000), Err(Lost::Late));
        assert_eq!(watchdog.run(2), Ok(2));
    }

    #[test]
    fn what_panics_is_told_as_such_and_the_next_piece_is_done() {
        // A panic's backtrace can take a second on a busy machine.
        let mut watchdog = Watchdog::new(Duration::from_mins(1), Arc::new(work));
        assert_eq!(watchdog.run(7), Err(Lost::Panicked));
        assert_eq!(watchdog.run(3), Ok(3));
    }
}
