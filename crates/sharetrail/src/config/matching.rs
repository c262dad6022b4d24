//! Checks of the windows and switches by which accesses are matched to shares.

use trail::matching::MatchRules;

use super::check::Check;
use super::written::MatchingTable;

const SECOND_MS: i64 = 1000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// `[tenant.matching]` at `path`; what is left out is as [`MatchRules::default`] has it.
pub fn matching(check: &mut Check, path: &str, table: MatchingTable) -> MatchRules {
    let at = |key: &str| format!("{path}.{key}");
    let default = MatchRules::default();
    let mut window = |key: &str, written: Option<u64>, default_ms: i64, unit_ms: i64, least: u32, most: u32| {
        written.map_or(default_ms, |_| i64::from(check.number32(&at(key), written, least, least..=most)) * unit_ms)
    };
    MatchRules {
        early_ms_max: window("early_seconds", table.early_seconds, default.early_ms_max, SECOND_MS, 0, 3600),
        after_end_ms_max: window(
            "after_end_minutes",
            table.after_end_minutes,
            default.after_end_ms_max,
            MINUTE_MS,
            0,
            7 * 24 * 60,
        ),
        anonymous_session_ms_max: window(
            "anonymous_session_hours",
            table.anonymous_session_hours,
            default.anonymous_session_ms_max,
            HOUR_MS,
            1,
            7 * 24,
        ),
        link_used_before_ms_max: window(
            "link_used_before_hours",
            table.link_used_before_hours,
            default.link_used_before_ms_max,
            HOUR_MS,
            1,
            30 * 24,
        ),
        anonymous_session: table.anonymous_session.unwrap_or(default.anonymous_session),
        anonymous_session_by_ip: table.anonymous_session_by_ip.unwrap_or(default.anonymous_session_by_ip),
        link_used_before: table.link_used_before.unwrap_or(default.link_used_before),
        site_membership: table.site_membership.unwrap_or(default.site_membership),
        only_live_link: table.only_live_link.unwrap_or(default.only_live_link),
    }
}
