//! What Defender has archived completes the answer.

use emulator::faults::Route;
use emulator::story::{self, StoryOptions, Tenant};
use trail::TimeMs;

use crate::support::{Lab, now_ms};

const DAY_MS: i64 = 86_400_000;

fn days_ago(days: i64) -> String {
    TimeMs(now_ms() - days * DAY_MS).to_string()
}

/// A tenant whose records reach back for more than the ordinary list does.
fn of_eighty_days(seed: u64) -> Tenant {
    story::tell(&StoryOptions { seed, records: 3_000, days: 80, now_ms: now_ms() })
}

#[test]
fn months_are_read_from_the_archive_and_the_list_together() {
    let lab = Lab::of(of_eighty_days(61));
    lab.configure(|it| it.set("tenant.defender.requests_per_minute_max", 10_000));
    lab.collect().with_code(0);
    let collected = lab.folder.status()["activities"].as_i64().unwrap();
    let (from, to) = (days_ago(81), days_ago(20));
    let backfill = || lab.folder.run(["backfill", "--from", &from, "--to", &to]);
    backfill().with_code(0).saying("from Defender's archive").saying("from Defender\n");
    assert!(lab.folder.status()["activities"].as_i64().unwrap() > collected);
    lab.assert_all_is_told();
    backfill().with_code(0).printing(" 0 stored").printing(" 0 rows delivered");
}

#[test]
fn the_archive_alone_leaves_the_last_weeks_and_says_so() {
    let lab = Lab::of(of_eighty_days(62));
    lab.configure(|it| it.set("tenant.defender.requests_per_minute_max", 10_000));
    let ended = lab.folder.run(["backfill", "--from", &days_ago(81), "--source", "archive"]);
    ended.with_code(0).saying("--source defender").printing("defender-archive");
    let feeds = lab.folder.status()["feeds"].clone();
    assert_eq!(feeds.as_array().unwrap().len(), 1, "{feeds}");
    assert!(feeds[0]["position"].is_null(), "an older range moves no position");
}

#[test]
fn failures_in_between_lose_nothing_of_the_archive() {
    let lab = Lab::of(of_eighty_days(63));
    lab.configure(|it| it.set("tenant.defender.requests_per_minute_max", 10_000));
    lab.play(&["defender:every=5:502"]);
    lab.folder.run(["backfill", "--from", &days_ago(81)]).with_code(0);
    assert!(lab.traffic(Route::Defender).faults > 0);
    lab.play(&[]);
    lab.collect().with_code(0);
    lab.assert_all_is_told();
}
