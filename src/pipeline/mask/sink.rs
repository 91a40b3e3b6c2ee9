//! Takes finished pages, writes whole documents, sends them back to be verified, and delivers those that pass.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crossbeam_channel::Sender;

use super::product::must_go;
use super::{Batch, Made, Product, Stage, Task};
use crate::error::{InputProblem, Result};
use crate::output::Pending;
use crate::pipeline::memory::{Delivered, Key, renamed};
use crate::pipeline::{Event, Ordered, Pages, unreadable};
use crate::report::{PageReport, Verdict};
use crate::timing::Stopwatch;
use crate::verify;

/// A copy that waits for its verification.
struct Written {
    pending: Pending,
    reports: Vec<PageReport>,
    key: Option<Key>,
    /// True for one made of a copy in which something was still found.
    is_second: bool,
}

/// Stands at the caller's end of the stream.
pub(super) struct Sink<'a> {
    batch: &'a Batch<'a>,
    /// Dropped when no copy will come any more.
    saved: Option<Sender<(usize, PathBuf)>>,
    unfinished: usize,
    originals: Pages<usize, Made>,
    copies: Pages<usize, Made>,
    written: BTreeMap<usize, Written>,
    /// Documents that others may be the same as.
    finished: BTreeMap<usize, Key>,
    /// By document: those that are the same and wait for it.
    waiting: BTreeMap<usize, Vec<usize>>,
    order: Ordered<Vec<PageReport>>,
    remembered: Result<()>,
}

impl<'a> Sink<'a> {
    pub(super) fn new(batch: &'a Batch<'a>, saved: Sender<(usize, PathBuf)>) -> Self {
        let unfinished = batch.assignments.len();
        Self {
            batch,
            saved: (unfinished > 0).then_some(saved),
            unfinished,
            originals: Pages::default(),
            copies: Pages::default(),
            written: BTreeMap::new(),
            finished: BTreeMap::new(),
            waiting: BTreeMap::new(),
            order: Ordered::default(),
            remembered: Ok(()),
        }
    }

    /// Takes away copies that were not verified before the run ended.
    pub(super) fn end(self) -> Result<()> {
        for written in self.written.into_values() {
            written.pending.discard();
        }
        self.remembered
    }

    pub(super) fn take(
        &mut self,
        task: Task,
        index: usize,
        count: usize,
        made: Option<Made>,
        on_event: &mut dyn FnMut(Event<'_>),
    ) {
        let Task { document, stage, key } = task;
        match (stage, made) {
            (Stage::Original, Some(made)) => {
                let made = self.kept(key, index, count, made);
                if let Some(pages) = self.originals.add(document, index, count, made) {
                    self.write(document, key, pages, on_event);
                }
            }
            (Stage::Saved, Some(made)) => {
                let made = self.kept(key, index, count, made);
                if let Some(copies) = self.copies.add(document, index, count, made)
                    && let Some(written) = self.written.remove(&document)
                {
                    self.verified(document, written, copies, on_event);
                }
            }
            (Stage::SameAs(first), _) => match self.finished.get(&first) {
                Some(&key) => self.repeat(document, first, key, on_event),
                None => self.waiting.entry(first).or_default().push(document),
            },
            (Stage::Settled, _) => {
                let rows = self.copy_of(document, key).map(|copy| copy.rows);
                let rows = rows.unwrap_or_else(|| vec![self.forgotten(document)]);
                self.finish(document, key, rows, on_event);
            }
            (Stage::Original | Stage::Saved, None) => {}
        }
    }

    /// Remembers what was just found.
    fn kept(&mut self, key: Option<Key>, index: usize, count: usize, mut made: Made) -> Made {
        if let Some((row, examined)) = made.fresh.take()
            && self.remembered.is_ok()
            && let Some((memory, key)) = self.batch.memory.zip(key)
        {
            self.remembered = memory.keep(key, index, count, &row, examined.as_ref());
        }
        made
    }

    fn write(&mut self, document: usize, key: Option<Key>, pages: Vec<Made>, on_event: &mut dyn FnMut(Event<'_>)) {
        let (mut reports, products): (Vec<_>, Vec<_>) = pages.into_iter().map(|m| (m.report, m.product)).unzip();
        let original = &self.batch.assignments[document].document;
        let mut watch = Stopwatch::start();
        let source = original.read(&self.batch.settings.limits).map_err(|problem| problem.to_string());
        let bytes = source.and_then(|source| self.batch.assembled(original.kind, source, products));
        let pending = bytes.and_then(|bytes| self.pending(document, &bytes));
        if let Some(first) = reports.first_mut() {
            // The whole file's; a page has no time of its own here.
            watch.lap("write", &mut first.elapsed_ms);
        }
        match pending {
            Ok(pending) => self.send(document, Written { pending, reports, key, is_second: false }),
            Err(problem) => {
                for report in &mut reports {
                    report.notes.push(format!("未生成遮盖件 (no masked copy was written): {problem}"));
                    // What was to be hidden is not hidden anywhere; what was clean has no copy to be sent.
                    report.verdict = report.verdict.max(Verdict::Unreadable);
                }
                self.settle(document, key, None, reports, on_event);
            }
        }
    }

    /// Has a copy verified.
    fn send(&mut self, document: usize, written: Written) {
        let path = written.pending.path().to_owned();
        self.written.insert(document, written);
        if let Some(saved) = &self.saved {
            // Nobody listens in an interrupted run, whose copies are not delivered.
            let _ = saved.send((document, path));
        }
    }

    fn pending(&self, document: usize, bytes: &[u8]) -> std::result::Result<Pending, String> {
        let name = self.batch.name_of(document);
        self.batch.folder.write_pending(document, &name, bytes).map_err(|error| error.to_string())
    }

    /// Delivers a copy. One whose saved bytes still show something is masked once more, and then set aside.
    fn verified(
        &mut self,
        document: usize,
        written: Written,
        mut copies: Vec<Made>,
        on_event: &mut dyn FnMut(Event<'_>),
    ) {
        let pictures: Vec<_> = copies.iter_mut().map(|made| made.picture.take()).collect();
        let (copies, products): (Vec<_>, Vec<_>) = copies.into_iter().map(|made| (made.report, made.product)).unzip();
        let again =
            if !passes(&copies) && !written.is_second { self.masked_again(document, &written, products) } else { None };
        let Written { pending, mut reports, key, .. } = written;
        if let Some(pending) = again {
            for (report, copy) in reports.iter_mut().zip(copies) {
                report.findings.extend(copy.findings.into_iter().filter(must_go));
            }
            return self.send(document, Written { pending, reports, key, is_second: true });
        }
        for ((report, copy), jpeg) in reports.iter().zip(&copies).zip(&pictures) {
            let is_clean = [report, copy].iter().all(|report| report.verdict == Verdict::Clean);
            if let (Some(jpeg), false) = (jpeg, is_clean) {
                on_event(Event::Picture { file: &report.file, page: report.page, jpeg });
            }
        }
        let mut rows = verify::combined(reports, copies);
        let passes = passes(&rows);
        let copy = self.placed(pending, passes, &mut rows);
        self.settle(document, key, copy.as_deref(), rows, on_event);
    }

    /// A copy of a copy with that covered which was still found, in its place; `None` where nothing can be covered.
    fn masked_again(&self, document: usize, written: &Written, products: Vec<Product>) -> Option<Pending> {
        let is_covered = |product: &Product| match product {
            Product::Picture(_) | Product::File(_) => true,
            Product::Regions(regions, _) => !regions.is_empty(),
            Product::Missing | Product::Untouched | Product::Refused(_) => false,
        };
        if !products.iter().any(is_covered) {
            return None;
        }
        let (kind, bytes) = verify::open_saved(written.pending.path(), &self.batch.settings.limits);
        let bytes = self.batch.assembled(kind?, bytes.ok()?, products).ok()?;
        self.pending(document, &bytes).ok()
    }

    /// Gives a copy its name; where it is then.
    fn placed(&self, pending: Pending, passes: bool, rows: &mut [PageReport]) -> Option<PathBuf> {
        let placed = if passes { self.batch.folder.deliver(pending) } else { self.batch.folder.mark_failed(pending) };
        let note = match &placed {
            Ok(_) if passes => return placed.ok(),
            Ok(failed) => format!("{FAILED}{}", failed.display()),
            Err(error) => format!("{FAILED}{error}"),
        };
        for row in rows {
            row.notes.push(note.clone());
            if placed.is_err() {
                row.verdict = row.verdict.max(Verdict::Unreadable);
            }
        }
        placed.ok()
    }

    /// Remembers a finished document.
    fn settle(
        &mut self,
        document: usize,
        key: Option<Key>,
        copy: Option<&Path>,
        rows: Vec<PageReport>,
        on_event: &mut dyn FnMut(Event<'_>),
    ) {
        if self.remembered.is_ok()
            && let Some((memory, key)) = self.batch.memory.zip(key)
        {
            let target = self.target(document);
            self.remembered = memory.keep_copy(key, &target, copy, &rows);
        }
        self.finish(document, key, rows, on_event);
    }

    /// Masks a document that is the same as a finished one.
    fn repeat(&mut self, document: usize, first: usize, key: Key, on_event: &mut dyn FnMut(Event<'_>)) {
        let Some(Delivered { copy, rows }) = self.copy_of(first, Some(key)) else {
            return self.finish(document, None, vec![self.forgotten(document)], on_event);
        };
        let assignment = &self.batch.assignments[document];
        let mut rows: Vec<_> = rows.into_iter().map(|row| renamed(row, assignment)).collect();
        let mut placed = None;
        if let Some(copy) = copy {
            let passes = copy.extension().is_none_or(|extension| extension != "failed");
            for row in &mut rows {
                row.notes.retain(|note| !note.starts_with(FAILED));
            }
            let (_, bytes) = verify::open_saved(&copy, &self.batch.settings.limits);
            let pending = bytes.map_err(|problem| problem.to_string()).and_then(|bytes| self.pending(document, &bytes));
            match pending {
                Ok(pending) => placed = self.placed(pending, passes, &mut rows),
                Err(problem) => {
                    for row in &mut rows {
                        row.notes.push(format!("未生成遮盖件 (no masked copy was written): {problem}"));
                        row.verdict = row.verdict.max(Verdict::Unreadable);
                    }
                }
            }
        }
        self.settle(document, Some(key), placed.as_deref(), rows, on_event);
    }

    fn copy_of(&self, document: usize, key: Option<Key>) -> Option<Delivered> {
        self.batch.memory.zip(key).and_then(|(memory, key)| memory.copy_as_left(key, &self.target(document)))
    }

    /// Where the document's copy is delivered.
    fn target(&self, document: usize) -> PathBuf {
        self.batch.folder.path_of(document, &self.batch.name_of(document))
    }

    fn forgotten(&self, document: usize) -> PageReport {
        let assignment = &self.batch.assignments[document];
        let problem = InputProblem::Unreadable("what was found in an identical file is lost".into());
        unreadable(&assignment.document.file, 0, assignment.applicant_id.clone(), &problem)
    }

    fn finish(
        &mut self,
        document: usize,
        key: Option<Key>,
        reports: Vec<PageReport>,
        on_event: &mut dyn FnMut(Event<'_>),
    ) {
        for report in &reports {
            on_event(Event::Page(report));
        }
        for reports in self.order.add(document, reports) {
            on_event(Event::Document(&reports));
        }
        self.unfinished -= 1;
        if self.unfinished == 0 {
            self.saved = None;
        }
        if let Some(key) = key {
            self.finished.insert(document, key);
            for same in self.waiting.remove(&document).unwrap_or_default() {
                self.repeat(same, document, key, on_event);
            }
        }
    }
}

/// True for the rows of a copy that may be delivered.
fn passes(rows: &[PageReport]) -> bool {
    !rows.iter().any(|row| matches!(row.verdict, Verdict::Violation | Verdict::Unreadable))
}

const FAILED: &str = "复核未通过，另存 (not passed, set aside): ";

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::geometry::Bbox;
    use crate::identity::{Applicant, Identity};
    use crate::input::{Document, DocumentKind, ImageKind, Source};
    use crate::mask::MaskParams;
    use crate::output::{Existing, OutputFolder};
    use crate::pipeline::mask::MaskSettings;
    use crate::pipeline::tests_support::{finding_at, page_with};
    use crate::pipeline::{Assignment, Settings};
    use crate::report::FindingState;

    fn png(shade: u8) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let pixels = image::GrayImage::from_pixel(40, 40, image::Luma([shade]));
        pixels.write_to(&mut bytes, image::ImageFormat::Png).expect("encoded");
        bytes.into_inner()
    }

    fn made(place: Option<Bbox>, product: Product) -> Made {
        let report = page_with(place.map(finding_at).into_iter().collect());
        Made { report, product, fresh: None, picture: None }
    }

    /// Verdict, what is masked, and the files of the folder, when `open` copies still show something.
    fn delivered(open: usize) -> (Verdict, usize, Vec<String>) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let original = folder.path().join("original.png");
        std::fs::write(&original, png(250)).expect("written");
        let applicant = Applicant::new("张伟", "天山草业科技有限公司").expect("usable");
        let document = Document {
            source: Source::File(original),
            file: "a.png".into(),
            kind: DocumentKind::Image(ImageKind::Png),
            bytes: 0,
        };
        let identity = Arc::new(Identity::new(&applicant, &[]));
        let assignments = [Assignment { document, identity, applicant_id: None, category: None }];
        let copies = folder.path().join("copies");
        let output = OutputFolder::open(&copies, Existing::Keep, []).expect("opened");
        let settings = Settings::default();
        let masking = MaskSettings { paint: MaskParams::default(), flatten: false, max_bytes: None };
        let batch =
            Batch { assignments: &assignments, settings: &settings, masking: &masking, folder: &output, memory: None };
        let (sender, saved) = crossbeam_channel::unbounded();
        let mut sink = Sink::new(&batch, sender);
        let mut rows = Vec::new();
        let mut listen = |event: Event<'_>| {
            if let Event::Document(reports) = event {
                rows.extend_from_slice(reports);
            }
        };
        let first = Bbox::from_ltrb(2, 2, 12, 8);
        let task = |stage| Task { document: 0, stage, key: None };
        sink.take(task(Stage::Original), 0, 1, Some(made(Some(first), Product::File(png(0)))), &mut listen);
        for round in 0.. {
            let Ok((document, path)) = saved.try_recv() else { break };
            assert_eq!(document, 0);
            assert_eq!(std::fs::read(path).expect("a copy"), png(round), "what the last round painted");
            let still = (usize::from(round) < open).then(|| Bbox::from_ltrb(20, 20, 30, 26 + i32::from(round)));
            let product = if still.is_some() { Product::File(png(round + 1)) } else { Product::Untouched };
            sink.take(task(Stage::Saved), 0, 1, Some(made(still, product)), &mut listen);
        }
        sink.end().expect("remembered");
        let mut files: Vec<String> = std::fs::read_dir(&copies)
            .expect("listed")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        files.sort();
        let masked = rows[0].findings.iter().filter(|finding| finding.state == FindingState::Masked).count();
        (rows[0].verdict, masked, files)
    }

    #[test]
    fn what_a_copy_still_shows_is_masked_once_more() {
        assert_eq!(delivered(0), (Verdict::Compliant, 1, vec!["a.png".into()]));
        assert_eq!(delivered(1), (Verdict::Compliant, 2, vec!["a.png".into()]));
        assert_eq!(delivered(2), (Verdict::Violation, 1, vec!["a.png.failed".into()]), "no third time");
    }
}
