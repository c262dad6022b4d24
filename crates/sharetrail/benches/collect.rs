//! What a pass costs: CPU seconds and peak memory of `sharetrail collect` alone, while the emulator runs as another
//! process. Defender scan → store → Logs Ingestion; every record is kept and delivered. Linux only (`/proc`).
//!
//! `cargo bench -p sharetrail --bench collect -- 200000 1000000 runs=5`: for each number of records, the median of so
//! many first passes, each into a new store, and of one second pass behind each, which finds nothing new.
//! docs/performance.md has the method and the results.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, clippy::expect_used)]

#[path = "support/process.rs"]
mod process;

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::{env, fs};

use process::{Cost, SHARETRAIL, can_be_measured, collect, median};

const RECORDS: u64 = 200_000;
const RUNS: usize = 3;
fn main() -> Result<(), Box<dyn Error>> {
    let Some(Arguments { records, runs }) = Arguments::read(env::args().skip(1))? else { return Ok(()) };
    if !can_be_measured() {
        eprintln!("collect: measured on Linux only, since CPU and memory of a process are read from /proc");
        return Ok(());
    }
    println!("records    pass     CPU s/million   user   system   wall s   peak MB   store bytes/record");
    for records in records {
        let emulator = Emulator::start(records)?;
        let mut firsts = Vec::new();
        let mut seconds = Vec::new();
        for _ in 0..runs {
            let store = emulator.new_store()?;
            firsts.push(collect(&emulator.configuration, &store)?);
            seconds.push(collect(&emulator.configuration, &store)?);
        }
        print_row(records, "first", &firsts);
        print_row(records, "second", &seconds);
    }
    Ok(())
}

struct Arguments {
    records: Vec<u64>,
    runs: usize,
}

impl Arguments {
    /// `None` when a filter asks for other benchmarks.
    fn read(arguments: impl Iterator<Item = String>) -> Result<Option<Self>, Box<dyn Error>> {
        let mut read = Self { records: Vec::new(), runs: RUNS };
        for argument in arguments {
            if let Ok(records) = argument.parse() {
                read.records.push(records);
            } else if let Some(runs) = argument.strip_prefix("runs=") {
                read.runs = runs.parse::<usize>()?.max(1);
            } else if !argument.starts_with('-') && !"collect".contains(&argument) {
                return Ok(None);
            }
        }
        if read.records.is_empty() {
            read.records.push(RECORDS);
        }
        Ok(Some(read))
    }
}

/// An emulator in a process of its own, which ends with this value.
struct Emulator {
    process: Child,
    folder: tempfile::TempDir,
    configuration: PathBuf,
}

impl Emulator {
    fn start(records: u64) -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let configuration = folder.path().join("sharetrail.toml");
        let mut process = Command::new(SHARETRAIL)
            .args(["emulate", "--listen", "127.0.0.1:0", "--unlimited", "--count-only", "--records"])
            .arg(records.to_string())
            .arg("--write-config")
            .arg(&configuration)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut said = BufReader::new(process.stdout.take().ok_or("no stdout")?).lines();
        let emulator = Self { process, folder, configuration };
        while !said.next().ok_or("the emulator ended")??.starts_with("listening") {}
        let written = fs::read_to_string(&emulator.configuration)?;
        fs::write(&emulator.configuration, everything_kept_and_delivered(&written)?)?;
        Ok(emulator)
    }

    /// Path of a store that does not exist; former ones are deleted.
    fn new_store(&self) -> Result<PathBuf, Box<dyn Error>> {
        let folder = self.folder.path().join("store");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir(&folder)?;
        Ok(folder.join("store.db"))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The emulator's configuration, with everything kept, every kept record delivered, and no pauses.
fn everything_kept_and_delivered(written: &str) -> Result<String, Box<dyn Error>> {
    let mut text = written.to_owned();
    for (before, added) in [
        ("\ninternal_domains", "\nkeep = \"all\""),
        ("\nurl", "\nrequests_per_minute_max = 10000"),
        ("\naccess_stream", "\nactivity_stream = \"Custom-ShareTrailActivity_CL\""),
    ] {
        let place = text.find(before).ok_or("the emulator writes another configuration than this benchmark knows")?;
        text.insert_str(place, added);
    }
    Ok(text)
}

fn print_row(records: u64, pass: &str, costs: &[Cost]) {
    let of = |value: fn(&Cost) -> f64| median(costs.iter().map(value).collect());
    let (user, system) = (of(|cost| cost.user_seconds), of(|cost| cost.system_seconds));
    println!(
        "{records:>9}  {pass:<7}  {:>13.1}  {user:>5.2}  {system:>7.2}  {:>7.1}  {:>8.0}  {:>19.0}",
        of(|cost| cost.user_seconds + cost.system_seconds) * 1e6 / records as f64,
        of(|cost| cost.wall_seconds),
        of(|cost| cost.peak_bytes as f64) / 1e6,
        of(|cost| cost.store_bytes as f64) / records as f64,
    );
}
