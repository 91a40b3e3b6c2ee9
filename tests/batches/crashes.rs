//! What the rendering process suffers does not end the batch.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use image::{Rgb, RgbImage};
use zhegai::identity::Applicant;
use zhegai::input;
use zhegai::pages::{ChildCommand, Renderer};
use zhegai::pdf::render::PageSize;
use zhegai::pdf::write::{PageImage, from_images};
use zhegai::pipeline::{self, Assignment, Event, Settings};
use zhegai::report::{PageReport, Verdict};
use zhegai::stream::Interrupt;

use crate::{assets, engine, identity};

/// The program itself, as it renders for another process.
fn real() -> ChildCommand {
    ChildCommand { program: env!("CARGO_BIN_EXE_zhegai").into(), arguments: vec!["render-pages".into()] }
}

/// What a shell makes of this text.
fn shell(text: &str) -> ChildCommand {
    ChildCommand { program: "/bin/sh".into(), arguments: vec!["-c".into(), text.into()] }
}

/// A folder with a PDF of pages of these sizes, millimetres, and an image file that comes after it.
fn folder(pages: &[(f32, f32)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ink = |x: u32, y: u32| if (30..50).contains(&x) && y == 40 { 0 } else { 255 };
    let paper = RgbImage::from_fn(80, 80, |x, y| Rgb([ink(x, y); 3]));
    let picture = PageImage::lossless(&paper);
    let points = |mm: f32| mm / 25.4 * 72.0;
    let pages = pages.iter().map(|&(w, h)| (&picture, PageSize { width_pt: points(w), height_pt: points(h) }));
    std::fs::write(folder.path().join("1.pdf"), from_images(pages).expect("a PDF")).expect("written");
    paper.save(folder.path().join("2.png")).expect("written");
    folder
}

fn rows(folder: &Path, child: ChildCommand, page_timeout: Duration) -> BTreeMap<(String, u32), PageReport> {
    let settings = Settings { renderer: Renderer::Child(child), page_timeout, ..Settings::default() };
    let someone = identity(&Applicant::new("张伟", "天山草业科技有限公司").expect("usable"));
    let documents = input::collect(&[PathBuf::from(folder)], &settings.limits).documents;
    let assignments: Vec<_> = documents
        .into_iter()
        .map(|document| Assignment { document, identity: someone.clone(), applicant_id: None, category: None })
        .collect();
    let mut rows = BTreeMap::new();
    let mut collect = |event: Event<'_>| {
        if let Event::Document(pages) = event {
            rows.extend(pages.iter().map(|page| ((page.file.clone(), page.page), page.clone())));
        }
    };
    pipeline::check(&assignments, engine(), assets(), &settings, None, &Interrupt::new(), &mut collect)
        .expect("the batch ends well");
    rows
}

fn verdicts(rows: &BTreeMap<(String, u32), PageReport>) -> Vec<(&str, u32, Verdict)> {
    rows.values().map(|row| (row.file.as_str(), row.page, row.verdict)).collect()
}

const A5: (f32, f32) = (148.0, 210.0);
#[cfg(target_os = "linux")]
const A3: (f32, f32) = (297.0, 420.0);
const LONG: Duration = Duration::from_mins(5);

#[test]
fn a_file_that_always_crashes_the_renderer_is_unreadable_and_the_next_is_examined() {
    let folder = folder(&[A5]);
    let rows = rows(folder.path(), shell("kill -SEGV $$"), LONG);
    assert_eq!(verdicts(&rows), [("1.pdf", 0, Verdict::Unreadable), ("2.png", 1, Verdict::Clean)]);
    let notes = &rows[&("1.pdf".to_owned(), 0)].notes;
    assert!(notes[0].contains("SIGSEGV"), "{notes:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_pages_around_one_that_crashes_the_renderer_are_examined() {
    let folder = folder(&[A5, A3, A5]);
    // The output ends in the middle of whatever is larger than an A5 page (5.8 MB at 200 dpi).
    let cut = format!("{} render-pages | stdbuf -o0 head -c 6000000", env!("CARGO_BIN_EXE_zhegai"));
    let rows = rows(folder.path(), shell(&cut), LONG);
    let clean = Verdict::Clean;
    assert_eq!(
        verdicts(&rows),
        [("1.pdf", 1, clean), ("1.pdf", 2, Verdict::Unreadable), ("1.pdf", 3, clean), ("2.png", 1, clean)]
    );
}

#[test]
fn a_renderer_that_hangs_costs_one_page_and_its_time() {
    let folder = folder(&[A5]);
    let rows = rows(folder.path(), shell("sleep 600"), Duration::from_secs(2));
    assert_eq!(rows[&("1.pdf".to_owned(), 0)].verdict, Verdict::Unreadable);
    assert!(rows[&("1.pdf".to_owned(), 0)].notes[0].contains("2 s"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_renderer_killed_at_work_is_started_again_and_no_page_is_lost() {
    let folder = folder(&[A5; 12]);
    let done = AtomicBool::new(false);
    let (rows, killed) = std::thread::scope(|scope| {
        let killer = scope.spawn(|| {
            let mut killed = 0;
            while killed < 3 && !done.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(150));
                for child in children() {
                    let status = std::process::Command::new("kill").args(["-SEGV", &child]).status();
                    killed += u32::from(status.is_ok_and(|status| status.success()));
                }
            }
            killed
        });
        let rows = rows(folder.path(), real(), LONG);
        done.store(true, Ordering::Relaxed);
        (rows, killer.join().expect("the killer ends"))
    });
    assert!(killed > 0, "the renderer was never at work");
    assert_eq!(rows.len(), 13);
    let wrong: Vec<_> = rows.values().filter(|row| row.verdict != Verdict::Clean).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// This process's rendering processes that run the program itself.
#[cfg(target_os = "linux")]
fn children() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").expect("proc is there").filter_map(Result::ok);
    let children = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    let ids: Vec<String> =
        children.flat_map(|ids| ids.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect();
    let renders = |id: &String| {
        let command = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        command.starts_with(env!("CARGO_BIN_EXE_zhegai").as_bytes())
    };
    ids.into_iter().filter(renders).collect()
}
