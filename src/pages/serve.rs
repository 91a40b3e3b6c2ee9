//! The rendering process: requests on its standard input → pages on its standard output. PDFium runs here, so that
//! a file that makes it crash, hang or eat memory harms this process only.

use std::io::{BufReader, BufWriter, Read, Write};

use super::wire::{self, Reply, Request};
use super::{Sent, send_pdf};
use crate::assets::Assets;
use crate::identity::Identity;
use crate::pdf::Pdfium;

/// Answers requests until the input ends.
///
/// # Errors
/// When the other end is gone or does not keep to the format.
pub fn serve(assets: &Assets, input: impl Read, output: impl Write) -> std::io::Result<()> {
    /// Less than a page, more than a head: pixels go out in one write.
    const BUFFER: usize = 1 << 16;
    let (mut input, mut output) = (BufReader::new(input), BufWriter::with_capacity(BUFFER, output));
    let pdfium = match Pdfium::load(assets) {
        Ok(pdfium) => pdfium,
        Err(problem) => return wire::write_reply(&Reply::Unusable(problem.to_string()), &mut output),
    };
    let mut last: Option<Identity> = None;
    while let Some(Request { bytes, first, render, purpose, applicant, longer_names }) = wire::read_head(&mut input)? {
        let mut document = vec![0; bytes];
        input.read_exact(&mut document)?;
        // An applicant's files come one after the other.
        let identity = match last.take() {
            Some(known) if *known.applicant() == applicant && known.longer_names() == longer_names => known,
            _ => Identity::new(&applicant, &longer_names),
        };
        let mut written = Ok(());
        send_pdf(&pdfium, &document, &render, purpose, &identity, first, &mut |sent| {
            let reply = match sent {
                Sent::NoPages(problem) => Reply::NoPages(problem),
                Sent::Opened(count) => Reply::Opened(count),
                Sent::Page(index, Ok(page)) => Reply::Page(index, page),
                Sent::Page(index, Err(problem)) => Reply::Problem(index, problem),
            };
            written = wire::write_reply(&reply, &mut output);
            written.is_ok()
        });
        written?;
        wire::write_reply(&Reply::End, &mut output)?;
        last = Some(identity);
    }
    Ok(())
}

/// Lets the system take this process, and not the one that it works for, when memory runs out. Elsewhere than on
/// Linux nothing happens.
#[expect(clippy::disallowed_methods, reason = "a setting of this process, not a file")]
pub fn first_to_go() {
    /// The highest value (proc(5), oom_score_adj).
    const FIRST: &str = "1000";
    if cfg!(target_os = "linux") {
        // Refused at worst: then the system chooses for itself.
        let _ = std::fs::write("/proc/self/oom_score_adj", FIRST);
    }
}
