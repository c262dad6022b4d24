//! How soon the dashboard answers over a large store while a collection writes into it: the first byte of each page and of
//! each list as data, by the clock; and the CPU time of the dashboard for a whole answer, which a busy machine stretches
//! less.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use trail::TimeMs;

use super::{Result, SHARETRAIL};

const PAGES: [&str; 21] = [
    "/",
    "/access",
    "/people",
    "/domains",
    "/items",
    "/shares",
    "/unexplained",
    "/unused",
    "/classified",
    "/person?id=guest7@partner7.example",
    "/item?id=file7.docx",
    "/search?q=file77",
    "/status",
    "/excluded?days=all",
    "/access?sort=item_name",
    "/access?sort=shared_by",
    "/people?sort=countries",
    "/items?sort=item_name",
    "/items?sort=classified_now",
    "/shares?sort=recipient",
    "/unused?sort=item_name",
];
const LISTS: [&str; 9] = [
    "/api/v1/access",
    "/api/v1/people",
    "/api/v1/domains",
    "/api/v1/items",
    "/api/v1/shares",
    "/api/v1/unexplained",
    "/api/v1/unused",
    "/api/v1/people?sort=-last_seen",
    "/api/v1/access?domain=partner7.example",
];
/// Each address is asked so often.
const TIMES: usize = 9;

/// Asks for every page and list, of 30 days, while `write` is called again and again.
pub fn measure(store: &Path, since: TimeMs, mut write: impl FnMut() -> Result<()>) -> Result<()> {
    let mut dashboard = Dashboard::start(store)?;
    let address = dashboard.address()?;
    let done = AtomicBool::new(false);
    println!(
        "{:<40} {:>11} {:>11} {:>11}",
        "dashboard, 30 days, while collecting", "median ms", "longest ms", "CPU ms"
    );
    let process = dashboard.0.id();
    std::thread::scope(|scope| {
        let asker = scope.spawn(|| {
            let asked = PAGES.iter().chain(&LISTS).try_for_each(|page| ask(&address, process, page, since));
            done.store(true, Ordering::Relaxed);
            asked.map_err(|error| error.to_string())
        });
        let mut pages_written = 0;
        while !done.load(Ordering::Relaxed) {
            write()?;
            pages_written += 1;
        }
        println!("{pages_written} pages of records were stored and worked off meanwhile");
        asker.join().map_err(|_| "the asking thread panicked")??;
        Ok(())
    })
}

fn ask(address: &str, process: u32, page: &str, since: TimeMs) -> Result<()> {
    // Pages about one thing show all that is known of it.
    let path = match page.split_once('?') {
        Some((_, filters)) if filters.starts_with("sort=") => format!("{page}&since={since}"),
        Some(_) => page.to_owned(),
        None if page == "/status" => page.to_owned(),
        None => format!("{page}?since={since}"),
    };
    let begun = cpu_ms(process)?;
    let mut waits: Vec<Duration> = (0..TIMES).map(|_| first_byte(address, &path)).collect::<Result<_>>()?;
    waits.sort();
    let ms = |wait: Duration| wait.as_secs_f64() * 1e3;
    let cpu_ms = (cpu_ms(process)? - begun) / TIMES as f64;
    println!("{page:<40} {:>11.0} {:>11.0} {cpu_ms:>11.0}", ms(waits[TIMES / 2]), ms(waits[TIMES - 1]));
    Ok(())
}

/// From asking to the first byte of a good answer, which is read to its end.
fn first_byte(address: &str, path: &str) -> Result<Duration> {
    let mut stream = TcpStream::connect(address)?;
    let begun = Instant::now();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = vec![0];
    stream.read_exact(&mut answer)?;
    let waited = begun.elapsed();
    stream.read_to_end(&mut answer)?;
    if !answer.starts_with(b"HTTP/1.1 200 ") {
        let head = String::from_utf8_lossy(&answer[..answer.len().min(200)]).into_owned();
        return Err(format!("{path} was answered with {head}").into());
    }
    Ok(waited)
}

/// CPU time of a process so far (proc_pid_stat: user and system are fields 14 and 15, in hundredths of a second).
fn cpu_ms(process: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields: Vec<&str> = stat.rsplit_once(')').ok_or("no stat")?.1.split_whitespace().collect();
    Ok((fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) * 10.0)
}

/// `sharetrail serve`, ended when dropped.
struct Dashboard(Child);

impl Dashboard {
    fn start(store: &Path) -> Result<Self> {
        let command = Command::new(SHARETRAIL)
            .arg("--state")
            .arg(store)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self(command))
    }

    fn address(&mut self) -> Result<String> {
        let out = self.0.stdout.take().ok_or("no stdout")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let address = line.split("http://").nth(1).ok_or("the dashboard names no address")?;
        Ok(address.trim().trim_end_matches('/').to_owned())
    }
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
