//! Pages rendered by another process, which is started again after a crash. A page that makes it crash twice, or
//! takes longer than a page may, is given up and the document goes on with the next one.

use std::io::{BufReader, Write as _};
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};

use super::wire::{self, Reply, Request};
use super::{PageContent, Purpose};
use crate::assets::Asset;
use crate::error::{Error, InputProblem, Result};
use crate::identity::Identity;
use crate::pdf::render::RenderParams;
use crate::stream::Interrupt;

/// Crashes of one document after which its remaining pages are given up: each costs a start of the process and the
/// opening of the document.
const MOST_CRASHES: usize = 12;

/// How the rendering process is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildCommand {
    /// The executable.
    pub program: PathBuf,
    /// What makes it call [`super::serve`].
    pub arguments: Vec<String>,
}

/// A running process.
struct Running {
    process: std::process::Child,
    /// Dropped to end it.
    requests: Option<ChildStdin>,
    /// Ends when the process does. Holds one page besides the one being read.
    replies: Receiver<Reply>,
}

impl Running {
    #[expect(clippy::disallowed_methods, reason = "the program itself, which opens no connection")]
    fn start(command: &ChildCommand) -> Result<Self> {
        let io = |source| Error::Io { path: command.program.clone(), source };
        let mut process = Command::new(&command.program)
            .args(&command.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(io)?;
        let requests = process.stdin.take();
        let output = process.stdout.take().ok_or_else(|| io(std::io::ErrorKind::BrokenPipe.into()))?;
        let (sender, replies) = bounded(1);
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            // A reply that cannot be read is as good as none.
            while let Ok(Some(reply)) = wire::read_reply(&mut output) {
                if sender.send(reply).is_err() {
                    return;
                }
            }
        });
        Ok(Self { process, requests, replies })
    }

    /// Ends the process; how it had ended before that, if it had.
    fn end(mut self) -> String {
        self.requests = None;
        // A crash closes the pipe a little before the process is gone.
        for _ in 0..20 {
            if let Ok(Some(status)) = self.process.try_wait() {
                return status.to_string();
            }
            thread::sleep(Duration::from_millis(5));
        }
        "killed".to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails only when it is gone already; waiting keeps no corpse.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Renders documents in a process of its own.
pub(super) struct ChildRenderer<'a> {
    command: &'a ChildCommand,
    limit: Duration,
    interrupt: &'a Interrupt,
    running: Option<Running>,
}

/// How a request ended.
enum Outcome {
    Done,
    /// Nobody takes pages any more.
    Unwanted,
    /// While the page after the last one sent was made.
    Lost(InputProblem),
}

/// How far a document is.
struct Position {
    count: Option<usize>,
    next: usize,
}

impl<'a> ChildRenderer<'a> {
    /// Starts nothing yet. `limit` is the longest time that a page may take.
    pub(super) fn new(command: &'a ChildCommand, limit: Duration, interrupt: &'a Interrupt) -> Self {
        Self { command, limit, interrupt, running: None }
    }

    /// Sends all pages of a document. False when nobody takes pages any more.
    ///
    /// # Errors
    /// When the process cannot be started or cannot load PDFium.
    pub(super) fn emit(
        &mut self,
        bytes: &[u8],
        render: &RenderParams,
        purpose: Purpose,
        identity: &Identity,
        send: impl Fn(usize, usize, PageContent) -> bool,
    ) -> Result<bool> {
        let mut at = Position { count: None, next: 0 };
        let mut crashes = 0;
        let mut tried_again = None;
        loop {
            let request = Request {
                bytes: bytes.len(),
                first: at.next,
                render: *render,
                purpose,
                applicant: identity.applicant().clone(),
                longer_names: identity.longer_names().to_vec(),
            };
            let problem = match self.request(&request, bytes, &mut at, &send)? {
                Outcome::Done => return Ok(true),
                Outcome::Unwanted => {
                    self.running = None;
                    return Ok(false);
                }
                Outcome::Lost(problem) => problem,
            };
            let how = self.running.take().map_or_else(String::new, Running::end);
            crashes += 1;
            let crashed = matches!(problem, InputProblem::RendererCrashed(_));
            // It may have been somebody else's doing: the system out of memory, say.
            if crashed && tried_again != Some(at.next) && crashes < MOST_CRASHES {
                tried_again = Some(at.next);
                continue;
            }
            let problem = if crashed { InputProblem::RendererCrashed(how) } else { problem };
            let Some(count) = at.count else { return Ok(send(0, 1, PageContent::NoPages(problem))) };
            let given_up = if crashes < MOST_CRASHES { at.next + 1 } else { count };
            for index in at.next..given_up {
                if !send(index, count, PageContent::Problem(problem.clone())) {
                    return Ok(false);
                }
            }
            at.next = given_up;
            if at.next >= count {
                return Ok(true);
            }
        }
    }

    /// Asks for the pages from `at` on and sends those that come.
    fn request(
        &mut self,
        request: &Request,
        bytes: &[u8],
        at: &mut Position,
        send: &impl Fn(usize, usize, PageContent) -> bool,
    ) -> Result<Outcome> {
        let running = match &mut self.running {
            Some(running) => running,
            none => none.insert(Running::start(self.command)?),
        };
        let Running { process, requests, replies } = running;
        let (limit, interrupt) = (self.limit, self.interrupt);
        let unusable = |problem| Error::Asset { name: Asset::Pdfium.file_name().into(), problem };
        thread::scope(|scope| {
            // Beside the reading: a process that does not read must not stop this one. A failure shows in the replies.
            let writer = scope.spawn(|| {
                requests.as_mut().is_some_and(|requests| {
                    let written = wire::write_head(request, requests).and_then(|()| requests.write_all(bytes));
                    written.and_then(|()| requests.flush()).is_ok()
                })
            });
            let outcome = loop {
                match next_reply(replies, limit, interrupt) {
                    Next::Reply(Reply::Unusable(problem)) => break Err(unusable(problem)),
                    Next::Reply(Reply::NoPages(problem)) => {
                        if !send(0, 1, PageContent::NoPages(problem)) {
                            break Ok(Outcome::Unwanted);
                        }
                    }
                    Next::Reply(Reply::Opened(count)) => at.count = Some(count),
                    Next::Reply(Reply::End) => break Ok(Outcome::Done),
                    Next::Reply(Reply::Page(index, page)) => {
                        at.next = index + 1;
                        if !send(index, at.count.unwrap_or(index + 1), PageContent::Rendered(page)) {
                            break Ok(Outcome::Unwanted);
                        }
                    }
                    Next::Reply(Reply::Problem(index, problem)) => {
                        at.next = index + 1;
                        if !send(index, at.count.unwrap_or(index + 1), PageContent::Problem(problem)) {
                            break Ok(Outcome::Unwanted);
                        }
                    }
                    Next::Interrupted => break Ok(Outcome::Unwanted),
                    Next::Gone => break Ok(Outcome::Lost(InputProblem::RendererCrashed(String::new()))),
                    Next::Late => break Ok(Outcome::Lost(InputProblem::TimedOut(limit.as_secs()))),
                }
            };
            if !matches!(outcome, Ok(Outcome::Done)) && !writer.is_finished() {
                // Lets the writer end.
                let _ = process.kill();
            }
            outcome
        })
    }
}

enum Next {
    Reply(Reply),
    /// The process has ended.
    Gone,
    Late,
    Interrupted,
}

fn next_reply(replies: &Receiver<Reply>, limit: Duration, interrupt: &Interrupt) -> Next {
    /// How often to look whether the run was interrupted.
    const PATIENCE: Duration = Duration::from_millis(100);
    let started = Instant::now();
    loop {
        let left = limit.saturating_sub(started.elapsed());
        match replies.recv_timeout(left.min(PATIENCE)) {
            Ok(reply) => return Next::Reply(reply),
            Err(RecvTimeoutError::Disconnected) => return Next::Gone,
            Err(RecvTimeoutError::Timeout) if interrupt.is_set() => return Next::Interrupted,
            Err(RecvTimeoutError::Timeout) if left.is_zero() => return Next::Late,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}
