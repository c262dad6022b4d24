//! How long an invocation may work. The host breaks off what takes longer than its `functionTimeout`; we end before that.
//! Source: Microsoft, "host.json reference for Azure Functions" (`functionTimeout`, `hh:mm:ss`, `-1` for no limit).

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

/// Kept for putting the state back and for the answer.
const RESERVE: Duration = Duration::from_secs(60);
/// Where the host's limit is not said: the shortest default of any plan.
const DEFAULT: Duration = Duration::from_secs(5 * 60);
/// Where there is no limit: the longest default of any plan.
const UNLIMITED: Duration = Duration::from_secs(30 * 60);
/// A limit that leaves hardly any time after the reserve is shared in halves.
const SHORT: Duration = Duration::from_secs(2 * 60);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Host {
    function_timeout: Option<String>,
}

/// How long an invocation may work: as configured, else by `host.json` in the folder of the app.
pub fn work_max(minutes_max: Option<u32>, app_root: Option<&Path>) -> Duration {
    if let Some(minutes) = minutes_max {
        return Duration::from_secs(u64::from(minutes) * 60);
    }
    let host = app_root.and_then(|root| std::fs::read_to_string(root.join("host.json")).ok());
    within(host.as_deref().and_then(limit).unwrap_or(DEFAULT))
}

fn within(limit: Duration) -> Duration {
    if limit <= SHORT { limit / 2 } else { limit - RESERVE }
}

/// The limit that the text of a `host.json` sets.
fn limit(host: &str) -> Option<Duration> {
    let Host { function_timeout } = serde_json::from_str(host).ok()?;
    let text = function_timeout?;
    if text.trim().starts_with("-1") {
        return Some(UNLIMITED);
    }
    let parts: Vec<u64> = text.trim().split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let &[hours, minutes, seconds] = parts.as_slice() else { return None };
    let limit =
        Duration::from_secs(hours.checked_mul(3_600)?.checked_add(minutes.checked_mul(60)?)?.checked_add(seconds)?);
    (!limit.is_zero()).then_some(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_ends_a_minute_before_the_host_breaks_it_off() {
        let folder = tempfile::tempdir().unwrap();
        let told = |host: &str| {
            std::fs::write(folder.path().join("host.json"), host).unwrap();
            work_max(None, Some(folder.path())).as_secs()
        };
        assert_eq!(told(r#"{"version":"2.0","functionTimeout":"00:30:00"}"#), 29 * 60);
        assert_eq!(told(r#"{"functionTimeout":"01:00:30"}"#), 59 * 60 + 30);
        assert_eq!(told(r#"{"functionTimeout":"-1"}"#), 29 * 60);
        assert_eq!(told(r#"{"functionTimeout":"00:01:00"}"#), 30);
        for unsaid in
            [r#"{"version":"2.0"}"#, r#"{"functionTimeout":"half an hour"}"#, r#"{"functionTimeout":"00:00:00"}"#, ""]
        {
            assert_eq!(told(unsaid), 4 * 60, "{unsaid}");
        }
        assert_eq!(work_max(None, None).as_secs(), 4 * 60);
        assert_eq!(work_max(Some(9), Some(folder.path())).as_secs(), 9 * 60);
    }
}
