//! What a run of the program costs, seen from outside. Linux only (`/proc`).

use std::error::Error;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The program.
pub(crate) const SHARETRAIL: &str = env!("CARGO_BIN_EXE_sharetrail");
/// `/proc` counts CPU time in these on every Linux (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;
/// Peak memory only rises, so a sample misses no more than what the last moments added.
const SAMPLE_EVERY: Duration = Duration::from_millis(5);

/// Whether this system tells what a process costs.
pub(crate) fn can_be_measured() -> bool {
    Path::new("/proc/self/status").exists()
}

/// What one run cost.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) user_seconds: f64,
    pub(crate) system_seconds: f64,
    pub(crate) wall_seconds: f64,
    pub(crate) peak_bytes: u64,
    pub(crate) store_bytes: u64,
}

/// One pass; its cost is read while it runs and, for CPU time, after it has ended and before it is forgotten.
pub(crate) fn collect(configuration: &Path, store: &Path) -> Result<Cost, Box<dyn Error>> {
    let begun = std::time::Instant::now();
    let mut process = Command::new(SHARETRAIL)
        .args(["collect", "--config"])
        .arg(configuration)
        .arg("--state")
        .arg(store)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let process_files = PathBuf::from(format!("/proc/{}", process.id()));
    let mut peak_bytes = 0;
    let (user_seconds, system_seconds) = loop {
        peak_bytes = peak_memory(&process_files)?.unwrap_or(peak_bytes);
        let (ended, user_seconds, system_seconds) = cpu_time(&process_files)?;
        if ended {
            break (user_seconds, system_seconds);
        }
        pause();
    };
    let wall_seconds = begun.elapsed().as_secs_f64();
    let mut said = String::new();
    process.stdout.take().ok_or("no stdout")?.read_to_string(&mut said)?;
    let status = process.wait()?;
    if !status.success() {
        return Err(format!("the pass failed with {status}: {said}").into());
    }
    let store_bytes = fs::metadata(store)?.len();
    Ok(Cost { user_seconds, system_seconds, wall_seconds, peak_bytes, store_bytes })
}

/// The middle one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[allow(clippy::disallowed_methods)] // A benchmark watches a process from outside, in real time.
fn pause() {
    std::thread::sleep(SAMPLE_EVERY);
}

/// `VmHWM`; `None` once the process has ended.
fn peak_memory(process_files: &Path) -> Result<Option<u64>, Box<dyn Error>> {
    let status = fs::read_to_string(process_files.join("status"))?;
    let Some(line) = status.lines().find_map(|line| line.strip_prefix("VmHWM:")) else { return Ok(None) };
    Ok(Some(line.trim().trim_end_matches("kB").trim().parse::<u64>()? * 1024))
}

/// Whether the process has ended, and its user and system time (proc_pid_stat(5), fields 3, 14 and 15).
fn cpu_time(process_files: &Path) -> Result<(bool, f64, f64), Box<dyn Error>> {
    let stat = fs::read_to_string(process_files.join("stat"))?;
    // The name of the program, in parentheses, may hold anything.
    let (_, fields) = stat.rsplit_once(')').ok_or("no process name in /proc/PID/stat")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let seconds = |field: usize| Ok::<_, Box<dyn Error>>(fields[field].parse::<f64>()? / TICKS_PER_SECOND);
    Ok((fields[0] == "Z", seconds(11)?, seconds(12)?))
}
