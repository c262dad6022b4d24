//! The program's log: on standard error, as text for people or JSON for machines.
//!
//! By default warnings; `-v` what is done, `-vv` each call, `-vvv` everything, also of the libraries underneath, which
//! otherwise stay silent: what goes wrong in them reaches a person as our own sentence.

use std::io::{self, IsTerminal};
use std::sync::OnceLock;

use tracing::Level;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::{EnvFilter, Registry, reload};

use crate::cli::LogFormat;
use crate::http::Clock;
use crate::progress::Stderr;

/// How standard error is written; text until the log has started.
static FORMAT: OnceLock<LogFormat> = OnceLock::new();

/// Where else the log may go.
static SENT: OnceLock<reload::Handle<Option<Layer>, Registry>> = OnceLock::new();

/// Whether everything on standard error is for machines.
pub fn is_json() -> bool {
    FORMAT.get() == Some(&LogFormat::Json)
}

/// A sentence that is told whatever the log level, in the form of the log: as it is, or as a line like the log's.
pub fn line(level: &str, sentence: &str) -> String {
    if !is_json() {
        return sentence.to_owned();
    }
    let timestamp = Clock::System.now().to_string();
    serde_json::json!({ "timestamp": timestamp, "level": level, "message": sentence, "target": "sharetrail" })
        .to_string()
}

/// Starts the log. A second call changes nothing.
pub fn start(verbose: u8, format: LogFormat) {
    let format = *FORMAT.get_or_init(|| format);
    let log = tracing_subscriber::fmt::layer().with_writer(|| Stderr);
    let log: Layer = match format {
        LogFormat::Text => {
            let in_colour =
                io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
            log.with_ansi(in_colour).with_target(verbose > 1).boxed()
        }
        LogFormat::Json => log.json().flatten_event(true).boxed(),
    };
    // Nothing until a command knows where it is to go.
    let (sent, handle) = reload::Layer::new(None::<Layer>);
    let sent = sent.with_filter(filter_fn(|about| *about.level() <= Level::INFO && is_ours(about.target())));
    let layers: Vec<Layer> = vec![log.with_filter(EnvFilter::new(filter(verbose))).boxed(), sent.boxed()];
    // A log that is already there (in tests) is as good.
    if tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layers)).is_ok() {
        // Empty until now, since only one log becomes the global one.
        let _ = SENT.set(handle);
    }
}

/// A part of the log.
pub(crate) type Layer = Box<dyn tracing_subscriber::Layer<Registry> + Send + Sync>;

/// From now on what is done, and what goes wrong, is handed to `layer` as well, whatever is told on standard error.
pub(crate) fn send_to(layer: Layer) {
    if let Some(sent) = SENT.get() {
        // It fails only where the log is gone, at the end of the program.
        let _ = sent.reload(Some(layer));
    }
}

fn is_ours(target: &str) -> bool {
    ["sharetrail", "trail"]
        .iter()
        .any(|ours| target.strip_prefix(ours).is_some_and(|rest| rest.is_empty() || rest.starts_with("::")))
}

fn filter(verbose: u8) -> &'static str {
    match verbose {
        0 => "off,sharetrail=warn,emulator=warn,trail=warn",
        1 => "off,sharetrail=info,emulator=info,trail=info",
        2 => "off,sharetrail=debug,emulator=debug,trail=debug",
        _ => "debug,sharetrail=trace,emulator=trace,trail=trace",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_is_a_filter_and_libraries_are_silent_up_to_the_third() {
        for verbose in 0..=4 {
            let filter = filter(verbose);
            assert!(EnvFilter::try_new(filter).is_ok(), "{filter}");
            assert_eq!(filter.starts_with("off,"), verbose < 3, "{filter}");
        }
    }
}
