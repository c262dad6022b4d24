//! What size costs: a page of 5,000 new records into a store of millions against the same page into an empty one, what
//! dirties much at once (a grant for a whole site, a folder that moves), how long reports over 30 days take, and how soon
//! the dashboard answers while records arrive.
//!
//! `cargo bench -p sharetrail --bench trail -- 200000 5000000 outside=50 pages=5 keep=/tmp/stores`: for each number of
//! records. `outside`: how many of a thousand records come of outsiders; at 50, five million records make 200,000
//! accesses, and at 1000 four million. `keep` is a folder where stores stay and are found again; building five million
//! takes minutes.
//! docs/performance.md has the method and the results.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, clippy::expect_used)]

mod dashboard;
mod world;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{env, fs};

use sharetrail::config::settings::{Keep, StoreSettings};
use sharetrail::store::{Advance, Arrival, Feed, Policy, Store};
use trail::TimeMs;
use trail::fold::Source;
use trail::identity::Domains;
use world::World;

const SHARETRAIL: &str = env!("CARGO_BIN_EXE_sharetrail");
const PAGE_RECORDS: u64 = 5_000;
const RECORDS: u64 = 200_000;
const PAGES: usize = 5;
const OUTSIDE_PER_MILLE: u64 = 50;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let Some(arguments) = Arguments::read(env::args().skip(1))? else { return Ok(()) };
    if !Path::new("/proc/thread-self/schedstat").exists() {
        eprintln!("trail: measured on Linux only, since CPU time of a thread is read from /proc");
        return Ok(());
    }
    for records in &arguments.records {
        let outside_per_mille = arguments.outside_per_mille;
        let world = World { records: *records, items: records / 25, shares: records / 100, outside_per_mille };
        measure(world, &arguments)?;
    }
    Ok(())
}

struct Arguments {
    records: Vec<u64>,
    pages: usize,
    outside_per_mille: u64,
    keep: Option<PathBuf>,
}

impl Arguments {
    /// `None` when a filter asks for other benchmarks.
    fn read(arguments: impl Iterator<Item = String>) -> Result<Option<Self>> {
        let mut read = Self { records: Vec::new(), pages: PAGES, outside_per_mille: OUTSIDE_PER_MILLE, keep: None };
        for argument in arguments {
            if let Ok(records) = argument.parse() {
                read.records.push(records);
            } else if let Some(pages) = argument.strip_prefix("pages=") {
                read.pages = pages.parse::<usize>()?.max(1);
            } else if let Some(share) = argument.strip_prefix("outside=") {
                read.outside_per_mille = share.parse()?;
            } else if let Some(folder) = argument.strip_prefix("keep=") {
                read.keep = Some(PathBuf::from(folder));
            } else if !argument.starts_with('-') && !"trail".contains(&argument) {
                return Ok(None);
            }
        }
        if read.records.is_empty() {
            read.records.push(RECORDS);
        }
        Ok(Some(read))
    }
}

fn measure(world: World, arguments: &Arguments) -> Result<()> {
    let World { records: size, items, shares, outside_per_mille } = world;
    println!("\n{size} records, {outside_per_mille} of a thousand by or for outsiders, {items} items, {shares} shares");
    let folder = tempfile::tempdir()?;
    let kept = arguments.keep.as_deref().unwrap_or(folder.path()).join(format!("{size}-{outside_per_mille}.db"));
    if !kept.exists() {
        if let Some(parent) = kept.parent() {
            fs::create_dir_all(parent)?;
        }
        let part = kept.with_extension("part");
        let begun = cpu_seconds()?;
        let mut filling = Filling::open(&part)?;
        let mut n = 0;
        while n < world.records {
            filling.page(&records(world, n..(n + PAGE_RECORDS).min(world.records)), world.time(n))?;
            n += PAGE_RECORDS;
        }
        drop(filling);
        fs::rename(&part, &kept)?;
        println!("built: {:.1} CPU s per million records", (cpu_seconds()? - begun) * 1e6 / world.records as f64);
    }
    println!("store: {:.0} bytes a record", fs::metadata(&kept)?.len() as f64 / world.records as f64);

    let mut large = Filling::open(&kept)?;
    let mut from = large.next_free(world)?;
    println!(
        "{:<34} {:>9} {:>9} {:>7} {:>16}",
        "a page of 5,000 records, CPU ms", "empty", "large", "ratio", "longest step ms"
    );
    for kind in [Kind::Next, Kind::Late] {
        let (mut in_empty, mut in_large) = (Vec::new(), Vec::new());
        for _ in 0..arguments.pages {
            let page = kind.page(world, from);
            let now = world.time(from + PAGE_RECORDS);
            let empty = folder.path().join("empty.db");
            in_empty.push(Filling::open(&empty)?.page(&page, now)?);
            for file in ["empty.db", "empty.db-wal", "empty.db-shm", "empty.db.lock"] {
                let _ = fs::remove_file(folder.path().join(file));
            }
            in_large.push(large.page(&page, now)?);
            from += PAGE_RECORDS;
        }
        let (empty, big) = (median(&in_empty), median(&in_large));
        let longest = in_large.iter().map(|cost| cost.longest_ms).fold(0.0, f64::max);
        println!(
            "{:<34} {:>9.0} {:>9.0} {:>7.2} {longest:>16.0}",
            kind.name(),
            empty.0 + empty.1,
            big.0 + big.1,
            (big.0 + big.1) / (empty.0 + empty.1)
        );
        println!("{:<34} {:>9.0} {:>9.0}", "  of this storing", empty.0, big.0);
        println!("{:<34} {:>9.0} {:>9.0}", "  of this working off", empty.1, big.1);
    }
    dashboard::measure(&kept, since(world), || {
        large.page(&Kind::Next.page(world, from), world.time(from + PAGE_RECORDS))?;
        from += PAGE_RECORDS;
        Ok(())
    })?;
    drop(large);
    reports(&kept, world)
}

/// Thirty days before the end of the data.
fn since(world: World) -> TimeMs {
    world.time(world.records).plus(-30 * 86_400_000)
}

/// Which records a page holds.
#[derive(Clone, Copy)]
enum Kind {
    /// The next ones.
    Next,
    /// As many, from all of the year.
    Late,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Next => "the next ones",
            Self::Late => "late ones, from all of the year",
        }
    }

    fn page(self, world: World, from: u64) -> Vec<String> {
        match self {
            Self::Next => records(world, from..from + PAGE_RECORDS),
            Self::Late => {
                // Records of another tenant of the same size and places, so that their ids are new.
                let step = world.records / PAGE_RECORDS;
                let offset = from / PAGE_RECORDS % step;
                (0..PAGE_RECORDS).map(|index| record(world, index * step + offset, true)).collect()
            }
        }
    }
}

fn records(world: World, range: std::ops::Range<u64>) -> Vec<String> {
    range.map(|n| record(world, n, false)).collect()
}

fn record(world: World, n: u64, late: bool) -> String {
    let mut text = String::with_capacity(1200);
    world.write(n, &mut text);
    if late {
        // The id is the first thing in a record; as a GUID of another version it is another record's.
        text.replace_range(21..22, "5");
    }
    text
}

/// What a page costs.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    storing_ms: f64,
    working_off_ms: f64,
    /// The longest transaction of working off, by the clock.
    longest_ms: f64,
}

fn median(costs: &[Cost]) -> (f64, f64) {
    let of = |value: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = costs.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    (of(|cost| cost.storing_ms), of(|cost| cost.working_off_ms))
}

/// A store that is being filled.
struct Filling {
    store: Store,
    feed: Feed,
}

impl Filling {
    fn open(path: &Path) -> Result<Self> {
        let settings = StoreSettings { store_bytes_max: u64::MAX, ..StoreSettings::default() };
        let mut store = Store::open(path, Some("contoso"), &settings)?;
        let now = TimeMs(0);
        let policy = Policy {
            domains: Domains::new(["contoso.example", "contoso.onmicrosoft.com"], [""; 0]),
            keep: Keep::All,
            ..store.policy().clone()
        };
        store.set_policy(policy, now)?;
        let feed = store.feed("audit", Source::AuditFeed, now)?;
        Ok(Self { store, feed })
    }

    fn page(&mut self, page: &[String], now: TimeMs) -> Result<Cost> {
        let begun = cpu_seconds()?;
        let arrivals = page.iter().map(|text| Arrival::Record(text));
        let count = self.store.take_page(&self.feed, arrivals, Advance::Stay, now)?;
        if count.stored != page.len() as u64 {
            return Err(format!("not all are new: {count:?}").into());
        }
        let stored = cpu_seconds()?;
        let mut longest_ms = 0.0f64;
        loop {
            let step = Instant::now();
            let more = self.store.recompute(now)?;
            longest_ms = longest_ms.max(step.elapsed().as_secs_f64() * 1e3);
            if !more {
                break;
            }
        }
        let done = cpu_seconds()?;
        Ok(Cost { storing_ms: (stored - begun) * 1e3, working_off_ms: (done - stored) * 1e3, longest_ms })
    }

    /// Stores that are kept get more pages with each measurement: the first record that is not in it.
    fn next_free(&self, world: World) -> Result<u64> {
        let status = sharetrail::store::Reader::open(self.store.path())?.status(world.time(world.records))?;
        let feed = status.feeds.first().ok_or("no feed")?;
        Ok(feed.stored.unsigned_abs().max(world.records))
    }
}

/// The answers over the last 30 days of the data, by the program itself.
fn reports(store: &Path, world: World) -> Result<()> {
    let since = since(world).to_string();
    println!("{:<34} {:>9} {:>9}", "30 days", "CPU ms", "wall ms");
    let kinds = [
        "access",
        "shares",
        "people",
        "domains",
        "items",
        "classified",
        "unexplained",
        "unused",
        "accepts",
        "excluded",
    ];
    let mut commands: Vec<Vec<&str>> = Vec::new();
    for kind in kinds {
        commands.push(vec!["report", kind, "--format", "csv", "--since", &since]);
    }
    commands.push(vec!["report", "access", "--format", "csv", "--since", &since, "--site", "site7"]);
    commands.push(vec![
        "report",
        "access",
        "--format",
        "csv",
        "--since",
        &since,
        "--person",
        "guest7@partner7.example",
    ]);
    commands.push(vec!["report", "gaps", "--format", "csv"]);
    commands.push(vec!["show", "person", "guest7@partner7.example"]);
    commands.push(vec!["show", "item", "file7.docx"]);
    let share = world.link();
    commands.push(vec!["show", "share", &share]);
    let record = world::record_id(17);
    commands.push(vec!["show", "record", &record]);
    commands.push(vec!["status"]);
    for command in commands {
        let begun = Instant::now();
        let mut process = Command::new(SHARETRAIL)
            .arg("--state")
            .arg(store)
            .args(&command)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut out = process.stdout.take().ok_or("no stdout")?;
        let bytes = std::io::copy(&mut out, &mut std::io::sink())?;
        let stat = PathBuf::from(format!("/proc/{}/stat", process.id()));
        let cpu_ms = loop {
            let stat = fs::read_to_string(&stat)?;
            let fields: Vec<&str> = stat.rsplit_once(')').ok_or("stat")?.1.split_whitespace().collect();
            if fields[0] == "Z" {
                break (fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) * 10.0;
            }
            std::thread::yield_now();
        };
        let wall = begun.elapsed().as_secs_f64() * 1e3;
        let status = process.wait()?;
        let shown: Vec<&str> = command
            .iter()
            .copied()
            .filter(|word| !["--format", "csv", "--since"].contains(word) && **word != since)
            .collect();
        println!(
            "{:<34} {cpu_ms:>9.0} {wall:>9.0}  {:.1} MB, {status}",
            shown.join(" ").chars().take(34).collect::<String>(),
            bytes as f64 / 1e6
        );
    }
    Ok(())
}

/// CPU time of this thread, which does all the work (proc_pid_schedstat: nanoseconds on the processor come first).
fn cpu_seconds() -> Result<f64> {
    let told = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = told.split_whitespace().next().ok_or("no schedstat")?.parse()?;
    Ok(nanoseconds / 1e9)
}
