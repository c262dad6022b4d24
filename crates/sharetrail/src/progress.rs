//! Bars for people: on standard error, only when that is a terminal, and out of the way of log lines.

use std::io::{self, IsTerminal, Write};
use std::sync::LazyLock;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::log;

/// All bars of the program, so that log lines can be written above them.
static BARS: LazyLock<MultiProgress> = LazyLock::new(|| {
    let target = if io::stderr().is_terminal() && !log::is_json() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    MultiProgress::with_draw_target(target)
});

const REDRAW: Duration = Duration::from_millis(120);

/// How far a piece of work has come, with its rate. Clones show the same bar. It leaves when dropped.
#[derive(Debug, Clone)]
pub struct Progress(ProgressBar);

impl Progress {
    /// Bytes read of a total, if that is known.
    pub fn bytes(total: Option<u64>, what: &str) -> Self {
        let template = match total {
            Some(_) => "{msg} {wide_bar} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left",
            None => "{spinner} {msg} {binary_bytes}, {binary_bytes_per_sec}",
        };
        Self::new(total.map_or_else(ProgressBar::no_length, ProgressBar::new), template, what)
    }

    /// A count without a known end, such as of records.
    pub fn count(what: &str) -> Self {
        Self::new(ProgressBar::no_length(), "{spinner} {human_pos} {msg}, {per_sec}", what)
    }

    fn new(bar: ProgressBar, template: &str, what: &str) -> Self {
        // A wrong template would cost the looks, not the work.
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = BARS.add(bar).with_style(style).with_message(what.to_owned());
        bar.enable_steady_tick(REDRAW);
        Self(bar)
    }

    /// So many more.
    pub fn inc(&self, more: u64) {
        self.0.inc(more);
    }

    /// Says what is being done now.
    pub fn say(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    /// Takes the bar away.
    pub fn finish(self) {
        self.0.finish_and_clear();
    }
}

/// Writes to standard error with the bars out of the way.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stderr;

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        BARS.suspend(|| io::stderr().lock().write_all(bytes)).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().lock().flush()
    }
}

/// Tells a person something on standard error, whatever the log level: what a command did, and where it is.
pub fn tell(sentence: &str) {
    // Nobody is there to be told when it is closed.
    let _ = writeln!(Stderr, "{}", log::line("INFO", sentence));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_understood() {
        for (total, what) in [(Some(10), "reading"), (None, "reading")] {
            let progress = Progress::bytes(total, what);
            progress.inc(3);
            progress.finish();
        }
        for template in [
            "{msg} {wide_bar} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left",
            "{spinner} {human_pos} {msg}, {per_sec}",
        ] {
            assert!(ProgressStyle::with_template(template).is_ok());
        }
    }
}
