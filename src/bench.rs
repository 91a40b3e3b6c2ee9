//! What a timed run says: pages a second, where the time goes by kind of page, and peak memory.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::inference::Runtime;
use crate::report::{PageReport, Verdict};
use crate::timing::StageTimes;

/// Version of the JSON form of a [`Bench`].
pub const SCHEMA: u32 = 1;

/// Kinds in one table at most; files that fall into more are told apart by their extension only.
const MOST_KINDS: usize = 12;

/// One run over all files.
#[derive(Debug, Clone, Serialize)]
pub struct Round {
    /// Pages examined side by side.
    pub jobs: usize,
    /// Pages, the unreadable ones too.
    pub pages: usize,
    /// From the first page read to the last result, seconds; loading the models is not in it.
    pub wall_s: f64,
    /// To the first result, seconds.
    pub first_page_s: f64,
    /// `pages / wall_s`.
    pub pages_per_s: f64,
}

/// All rounds with one number of jobs.
#[derive(Debug, Clone, Serialize)]
pub struct Throughput {
    /// Pages examined side by side.
    pub jobs: usize,
    /// Median over the rounds.
    pub pages_per_s: f64,
    /// Slowest and fastest round.
    pub spread: (f64, f64),
    /// Pages a second of each job relative to the run with the fewest jobs: 1 is perfect scaling.
    pub efficiency: f64,
}

/// Where the time of a kind of page goes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KindTimes {
    /// See [`kind_of`].
    pub kind: String,
    /// Pages of this kind that could be examined.
    pub pages: usize,
    /// Median over pages of the sum of all stages, milliseconds.
    pub total_ms: f64,
    /// Median over pages by stage, milliseconds.
    pub stages_ms: StageTimes,
}

/// The result of `zhegai bench`.
#[derive(Debug, Clone, Serialize)]
pub struct Bench {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The version of zhegai that was measured.
    pub version: &'static str,
    /// What executed the models.
    pub runtime: String,
    /// Loading the models, seconds.
    pub load_s: f64,
    /// Every round in the order run.
    pub rounds: Vec<Round>,
    /// By number of jobs.
    pub throughput: Vec<Throughput>,
    /// By kind of page, with `all` last; of the rounds with the fewest jobs, where pages disturb each other least.
    pub kinds: Vec<KindTimes>,
    /// Pages that could not be examined, in one round.
    pub unreadable: usize,
    /// Highest resident memory of the process so far, bytes; `None` where the system does not tell.
    pub peak_memory_bytes: Option<u64>,
}

impl Bench {
    /// Sums up rounds with the pages that each gave.
    pub fn new(runtime: Runtime, load_s: f64, rounds: Vec<(Round, Vec<PageReport>)>) -> Self {
        let fewest = rounds.iter().map(|(round, _)| round.jobs).min().unwrap_or(1);
        let pages: Vec<&PageReport> =
            rounds.iter().filter(|(round, _)| round.jobs == fewest).flat_map(|(_, pages)| pages).collect();
        let unreadable =
            rounds.first().map_or(0, |(_, pages)| pages.iter().filter(|p| p.verdict == Verdict::Unreadable).count());
        let kinds = by_kind(&pages);
        let rounds: Vec<Round> = rounds.into_iter().map(|(round, _)| round).collect();
        Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION"),
            runtime: runtime.to_string(),
            load_s,
            throughput: throughput(&rounds),
            rounds,
            kinds,
            unreadable,
            peak_memory_bytes: peak_memory(),
        }
    }
}

fn throughput(rounds: &[Round]) -> Vec<Throughput> {
    let mut by_jobs: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for round in rounds {
        by_jobs.entry(round.jobs).or_default().push(round.pages_per_s);
    }
    let mut base = None;
    by_jobs
        .into_iter()
        .map(|(jobs, mut speeds)| {
            let pages_per_s = median(&mut speeds);
            let per_job = pages_per_s / jobs as f64;
            let base = *base.get_or_insert(per_job);
            let spread = (speeds.first().copied().unwrap_or_default(), speeds.last().copied().unwrap_or_default());
            Throughput { jobs, pages_per_s, spread, efficiency: if base > 0.0 { per_job / base } else { 0.0 } }
        })
        .collect()
}

fn by_kind(pages: &[&PageReport]) -> Vec<KindTimes> {
    let examined: Vec<&&PageReport> = pages.iter().filter(|page| page.verdict != Verdict::Unreadable).collect();
    let group = |kind: &dyn Fn(&str) -> String| {
        let mut groups: BTreeMap<String, Vec<&PageReport>> = BTreeMap::new();
        for page in &examined {
            groups.entry(kind(&page.file)).or_default().push(page);
        }
        groups
    };
    let mut groups = group(&kind_of);
    if groups.len() > MOST_KINDS {
        groups = group(&extension_of);
    }
    let all = examined.iter().map(|page| **page).collect();
    groups.into_iter().chain([("all".to_owned(), all)]).map(|(kind, pages)| times(kind, &pages)).collect()
}

fn times(kind: String, pages: &[&PageReport]) -> KindTimes {
    let mut totals: Vec<f64> = pages.iter().map(|page| page.elapsed_ms.values().sum()).collect();
    let mut stages: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (stage, ms) in pages.iter().flat_map(|page| &page.elapsed_ms) {
        stages.entry(stage.clone()).or_default().push(*ms);
    }
    // A stage that a page did not need took it no time.
    let stages_ms = stages
        .into_iter()
        .map(|(stage, mut ms)| {
            ms.resize(pages.len(), 0.0);
            (stage, median(&mut ms))
        })
        .collect();
    KindTimes { kind, pages: pages.len(), total_ms: median(&mut totals), stages_ms }
}

/// The kind of page that a file name tells: its stem without numbers at either end, so that `00012_dense_scan.jpg` and
/// `00013_dense_scan.jpg` are of one kind; the extension when nothing is left.
pub fn kind_of(file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let kind = stem.trim_matches(|c: char| c.is_numeric() || matches!(c, '_' | '-' | ' ' | '(' | ')' | '.'));
    if kind.is_empty() { extension_of(file) } else { kind.to_owned() }
}

fn extension_of(file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.rsplit_once('.').map_or_else(|| name.to_owned(), |(_, extension)| extension.to_lowercase())
}

/// Sorts; the mean of the two middle values when there is an even number of them, 0 without values.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[n / 2],
        n => f64::midpoint(values[n / 2 - 1], values[n / 2]),
    }
}

/// Linux tells the highest resident set size of a process; elsewhere it takes a system call that safe Rust has not.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::InputProblem;
    use crate::pipeline::tests_support::page_with;

    fn page(file: &str, read: f64) -> PageReport {
        PageReport { file: file.into(), elapsed_ms: BTreeMap::from([("read".into(), read)]), ..page_with(vec![]) }
    }

    fn round(jobs: usize, pages_per_s: f64) -> Round {
        Round { jobs, pages: 3, wall_s: 3.0 / pages_per_s, first_page_s: 0.1, pages_per_s }
    }

    #[test]
    fn a_kind_is_what_a_file_name_says_beside_its_numbers() {
        for (file, kind) in [
            ("E0001/00012_dense_scan.jpg", "dense_scan"),
            ("扫描 (3).PDF", "扫描"),
            ("20240101.TIF", "tif"),
            ("7", "7"),
        ] {
            assert_eq!(kind_of(file), kind, "{file}");
        }
    }

    #[test]
    fn medians_are_taken_over_the_pages_of_a_kind() {
        let pages = vec![page("1_form.jpg", 10.0), page("2_form.jpg", 30.0), page("3_scan.jpg", 100.0)];
        let bench = Bench::new(Runtime::Rten, 0.5, vec![(round(1, 2.0), pages)]);
        let found: Vec<(&str, usize, f64)> =
            bench.kinds.iter().map(|kind| (kind.kind.as_str(), kind.pages, kind.total_ms)).collect();
        assert_eq!(found, [("form", 2, 20.0), ("scan", 1, 100.0), ("all", 3, 30.0)]);
    }

    #[test]
    fn an_unreadable_page_counts_as_such_and_in_no_kind() {
        let refused = crate::pipeline::unreadable("9_form.jpg", 1, None, &InputProblem::Empty);
        let bench = Bench::new(Runtime::Rten, 0.5, vec![(round(1, 2.0), vec![page("1_form.jpg", 10.0), refused])]);
        assert_eq!((bench.unreadable, bench.kinds[0].pages), (1, 1));
    }

    #[test]
    fn efficiency_is_a_jobs_share_of_the_fewest_jobs_speed() {
        let rounds = [2.0, 2.2, 1.8].map(|speed| (round(1, speed), vec![]));
        let more = [3.0, 3.4, 3.2].map(|speed| (round(2, speed), vec![]));
        let bench = Bench::new(Runtime::Rten, 0.5, rounds.into_iter().chain(more).collect());
        let two = &bench.throughput[1];
        assert_eq!((two.jobs, two.pages_per_s, two.spread), (2, 3.2, (3.0, 3.4)));
        assert!((two.efficiency - 0.8).abs() < 1e-9, "{}", two.efficiency);
    }
}
