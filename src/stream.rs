//! One producer thread → a bounded queue → worker threads → the caller's thread. The only place that starts
//! threads for pages; memory is bounded by the queue.

mod watchdog;

pub use watchdog::{Lost, Watchdog};

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::error::{Error, Result};

/// Hands jobs from the producer to the workers; blocks while the queue is full.
pub struct Emit<J> {
    jobs: Sender<J>,
}

impl<J> Emit<J> {
    /// Queues a job. False when nobody takes jobs any more: the producer should end.
    pub fn emit(&self, job: J) -> bool {
        self.jobs.send(job).is_ok()
    }
}

/// Asks a running stream to end early: jobs already queued are dropped, results already made are delivered.
#[derive(Debug, Default)]
pub struct Interrupt(AtomicBool);

impl Interrupt {
    /// Not interrupted.
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Asks to end.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// True once asked to end.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// When a piece of work must be done; asked between its steps.
#[derive(Debug, Clone, Copy, Default)]
pub struct Deadline(Option<Period>);

#[derive(Debug, Clone, Copy)]
struct Period {
    start: Instant,
    end: Instant,
}

impl Deadline {
    /// At this moment, for work that starts now.
    pub fn at(end: Instant) -> Self {
        Self(Some(Period { start: Instant::now(), end }))
    }

    /// All the time there is.
    pub fn never() -> Self {
        Self::default()
    }

    /// Ends the work when its time is up.
    ///
    /// # Errors
    /// [`Error::Late`] from then on.
    pub fn check(self) -> Result<()> {
        match self.0 {
            Some(Period { end, .. }) if Instant::now() >= end => Err(Error::Late),
            _ => Ok(()),
        }
    }

    /// True when so little of the time is left that no further long step should be begun: one in four parts, of the
    /// usual two minutes half of one. The longest steps, reading a poster, take 20 s.
    pub fn is_near(self) -> bool {
        const PARTS: u32 = 4;
        self.0.is_some_and(|Period { start, end }| {
            let now = Instant::now();
            end.saturating_duration_since(now) < end.saturating_duration_since(start) / PARTS
        })
    }
}

/// Runs `produce` on one thread and what `worker` makes on `workers` threads, and gives each result to `sink` on the
/// caller's thread, in the order in which they get ready. At most two jobs a worker wait in the queue. Returns
/// what the producer returns.
pub fn run<J: Send, T: Send, R: Send, W: FnMut(J) -> T>(
    workers: usize,
    interrupt: &Interrupt,
    produce: impl FnOnce(&Emit<J>) -> R + Send,
    worker: impl Fn() -> W + Sync,
    mut sink: impl FnMut(T),
) -> R {
    let workers = workers.max(1);
    let (job_sender, jobs): (Sender<J>, Receiver<J>) = bounded(workers * 2);
    let (result_sender, results) = bounded(workers * 2);
    thread::scope(|scope| {
        let producer = scope.spawn(move || produce(&Emit { jobs: job_sender }));
        for _ in 0..workers {
            let (jobs, result_sender, worker) = (jobs.clone(), result_sender.clone(), &worker);
            scope.spawn(move || {
                let mut work = worker();
                for job in jobs {
                    if interrupt.is_set() || result_sender.send(work(job)).is_err() {
                        return;
                    }
                }
            });
        }
        drop((jobs, result_sender));
        for result in results {
            sink(result);
        }
        match producer.join() {
            Ok(value) => value,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    #[test]
    fn a_deadline_is_near_when_a_quarter_of_the_time_is_left() {
        let moment = Instant::now();
        let after = |passed: u64, whole: u64| {
            let start = moment.checked_sub(Duration::from_secs(passed)).expect("the clock has run that long");
            Deadline(Some(Period { start, end: start + Duration::from_secs(whole) }))
        };
        assert!(!after(8, 12).is_near() && after(8, 12).check().is_ok());
        assert!(after(10, 12).is_near() && after(10, 12).check().is_ok());
        assert!(after(13, 12).is_near() && after(13, 12).check().is_err());
        assert!(!Deadline::never().is_near() && !Deadline::at(moment + Duration::from_mins(1)).is_near());
    }

    #[test]
    fn each_job_gives_one_result() {
        let mut seen = Vec::new();
        let produced = run(
            3,
            &Interrupt::new(),
            |emit| (0..100).filter(|&i| emit.emit(i)).count(),
            || |i: i32| i * 2,
            |r| seen.push(r),
        );
        seen.sort_unstable();
        assert_eq!(produced, 100);
        assert_eq!(seen, (0..100).map(|i| i * 2).collect::<Vec<_>>());
    }

    #[test]
    fn the_producer_waits_for_slow_workers() {
        let (made, done, most) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        run(
            1,
            &Interrupt::new(),
            |emit| {
                for i in 0..50 {
                    made.fetch_add(1, Ordering::SeqCst);
                    emit.emit(i);
                }
            },
            || {
                |_: i32| {
                    thread::sleep(Duration::from_millis(1));
                    let waiting = made.load(Ordering::SeqCst) - done.fetch_add(1, Ordering::SeqCst);
                    most.fetch_max(waiting, Ordering::SeqCst);
                }
            },
            |()| {},
        );
        // Two queued, one in work, one in the producer's hand, one just taken.
        assert!(most.load(Ordering::SeqCst) <= 5);
    }

    #[test]
    fn an_interrupted_stream_ends_and_keeps_what_was_done() {
        let interrupt = Interrupt::new();
        let mut seen = 0;
        run(
            2,
            &interrupt,
            |emit| (0..10_000).take_while(|&i| emit.emit(i)).count(),
            || {
                |i: i32| {
                    if i == 20 {
                        interrupt.set();
                    }
                }
            },
            |()| seen += 1,
        );
        assert!((1..200).contains(&seen), "{seen}");
    }
}
