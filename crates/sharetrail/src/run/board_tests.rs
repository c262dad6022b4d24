//! What is told of health.

use super::*;
use crate::store::{FeedStatus, SinkStatus};

const NOW: TimeMs = TimeMs(1_795_500_000_000);
const MINUTE_MS: i64 = 60_000;

fn feed(lag_seconds: Option<i64>, last_error: Option<&str>) -> FeedStatus {
    FeedStatus {
        name: "defender".to_owned(),
        position: None,
        lag_seconds,
        last_pass_at: None,
        last_error: last_error.map(str::to_owned),
        listed: 0,
        stored: 7,
        known: 0,
        not_kept: 0,
        rejected: 0,
        waiting_blobs: 0,
        problems: BTreeMap::new(),
    }
}

fn sink(failing_since: Option<TimeMs>) -> SinkStatus {
    SinkStatus {
        name: "logs".to_owned(),
        active: true,
        outbox: 3,
        last_confirmed_at: None,
        failing_since: failing_since.map(|since| since.to_string()),
        last_error: failing_since.map(|_| "403".to_owned()),
        dead_letters: 0,
        last_dead_letter: None,
    }
}

fn state(feed: FeedStatus, sink: SinkStatus) -> State {
    let pulse =
        Pulse { taken_at: NOW, bytes: 4096, recompute_backlog: 0, gaps: 0, feeds: vec![feed], sinks: vec![sink] };
    let tenant = TenantState {
        lag_ms_max: BTreeMap::from([("defender".to_owned(), 60 * MINUTE_MS)]),
        pulse: Some(pulse),
        ..TenantState::default()
    };
    State {
        started_at: NOW,
        beat: Duration::from_secs(100),
        configured_at: NOW,
        reload_failure: None,
        tenants: BTreeMap::from([("contoso".to_owned(), tenant)]),
    }
}

#[test]
fn a_feed_is_late_when_it_is_farther_behind_than_it_may_be_and_says_why() {
    let fresh = state(feed(Some(59 * 60), None), sink(None));
    assert_eq!(fresh.lateness(NOW), Vec::<String>::new());
    // Time goes on though nothing is read.
    assert_eq!(fresh.lateness(NOW.plus(2 * MINUTE_MS)), ["contoso: defender is 61 min behind, more than 60"]);
    let late = state(feed(Some(7200), Some("the token is refused")), sink(None));
    assert_eq!(late.lateness(NOW), ["contoso: defender is 120 min behind, more than 60: the token is refused"]);
    let never = state(feed(None, None), sink(None));
    assert_eq!(never.lateness(NOW), ["contoso: defender has not been read to its end yet"]);
}

#[test]
fn a_sink_may_be_away_for_as_long_as_a_feed_may_be_behind() {
    let state = state(feed(Some(0), None), sink(Some(NOW.plus(-59 * MINUTE_MS))));
    assert_eq!(state.lateness(NOW), Vec::<String>::new());
    let late = state.lateness(NOW.plus(2 * MINUTE_MS));
    assert_eq!(late, ["contoso: logs has taken nothing for more than 60 min: 403"]);
}

#[test]
fn who_has_not_looked_around_for_long_is_not_alive() {
    let state = state(feed(None, None), sink(None));
    assert_eq!(state.illness(Duration::from_secs(190)), None);
    assert!(state.illness(Duration::from_secs(191)).unwrap().contains("91 s"));
}

#[test]
fn metrics_escape_names_and_tell_lags_as_of_now() {
    let mut state = state(feed(Some(10), None), sink(Some(NOW.plus(-5_000))));
    let tenant = state.tenants.remove("contoso").unwrap();
    state.tenants.insert("a\"b\\c\nd".to_owned(), tenant);
    let text = super::super::metrics::text(&state, NOW.plus(2_500));
    let has = |line: &str| assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    has(r#"sharetrail_feed_lag_seconds{tenant="a\"b\\c\nd",feed="defender"} 12.5"#);
    has(r#"sharetrail_sink_failing_seconds{tenant="a\"b\\c\nd",sink="logs"} 7.5"#);
    has(r#"sharetrail_feed_records_total{tenant="a\"b\\c\nd",feed="defender",outcome="stored"} 7"#);
    has("sharetrail_start_timestamp_seconds 1795500000");
    has("sharetrail_ready 1");
    has("# TYPE sharetrail_passes_total counter");
}
