//! The configuration: that it can be read, and holds no example any more.

use super::Finding;
use crate::config::settings::Settings;
use crate::config::{self, ConfigError};

const TOPIC: &str = "configuration";

/// What there is to say of the configuration; `Err` where nothing else can be checked under it.
///
/// # Errors
/// The one finding.
pub fn check(loaded: Result<Settings, ConfigError>) -> Result<(Settings, Finding), Finding> {
    let settings = loaded.map_err(|error| {
        let why = std::error::Error::source(&error).map(ToString::to_string);
        let finding = Finding::failed(TOPIC, error.to_string()).remedy("mend what is listed, line by line");
        match why {
            Some(why) => finding.because(why),
            None => finding,
        }
    })?;
    let held = config::placeholders(&settings);
    if !held.is_empty() {
        return Err(Finding::failed(
            TOPIC,
            format!("it still holds what `init` wrote as an example: {}", held.join(", ")),
        )
        .remedy("write your own there"));
    }
    let tenants: Vec<&str> = settings.tenants.iter().map(|tenant| tenant.name.as_str()).collect();
    let fine = Finding::fine(TOPIC, format!("it can be read, and is complete for {}", tenants.join(", ")));
    Ok((settings, fine))
}
