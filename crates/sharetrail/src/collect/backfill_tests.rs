//! Which source reads which part of which range.

use super::*;
use crate::config;

const NOW: TimeMs = TimeMs(1_000 * DAY_MS);

/// A tenant with these tables in its configuration.
fn tenant(tables: &str) -> Tenant {
    let defender = "[tenant.defender]\nurl = \"https://c.eu.portal.cloudappsecurity.com\"\n";
    let text = format!(
        "[identity]\nkind = \"managed_identity\"\n[[tenant]]\nname = \"contoso\"\n\
         tenant_id = \"11111111-2222-3333-4444-555555555555\"\n{}",
        tables.replace("[tenant.defender]\n", defender)
    );
    config::parse(&text, Default::default()).map_err(|problems| format!("{problems:?}")).unwrap().tenants.remove(0)
}

/// The range from so many days ago to so many days ago.
fn days(from: i64, to: i64) -> Window {
    Window { from: NOW.plus(-from * DAY_MS), to: NOW.plus(-to * DAY_MS) }
}

/// The plan as `list from-to` in days ago, a gap as `gap list from-to`.
fn told(tables: &str, range: Window, asked_for: Option<BackfillSource>) -> Vec<String> {
    let plan = match plan(&tenant(tables), range, asked_for, NOW) {
        Ok(plan) => plan,
        Err(words) => return vec![words],
    };
    let days = |time: TimeMs| ((NOW.millis() - time.millis()) as f64 / DAY_MS as f64 * 10.0).round() / 10.0;
    let told = |part: &Part| format!("{:?} {}-{}", part.list, days(part.span.from), days(part.span.to));
    let gap = plan.gap.iter().map(|(part, _)| format!("gap {}", told(part)));
    gap.chain(plan.parts.iter().map(told)).chain(plan.note).collect()
}

const DEFENDER: &str = "[tenant.defender]\n";
const HUNTING: &str = "[tenant.hunting]\n";
const GRAPH: &str = "[tenant.graph]\n";

#[test]
fn the_audit_log_itself_comes_first_where_it_can_be_asked() {
    let all = [DEFENDER, HUNTING, GRAPH].concat();
    assert_eq!(told(&all, days(90, 10), None), ["Graph 90-10"]);
    assert_eq!(told(&all, days(5, 1), None), ["Graph 5-1"]);
}

#[test]
fn what_defender_has_archived_and_what_it_lists_is_read_from_both_with_a_day_that_both_are_asked_for() {
    assert_eq!(told(DEFENDER, days(90, 10), None), ["Archive 90-29", "Defender 30-10"]);
    assert_eq!(told(DEFENDER, days(90, 60), None), ["Archive 90-60"]);
    assert_eq!(told(DEFENDER, days(20, 10), None), ["Defender 20-10"]);
    assert_eq!(told(DEFENDER, days(90, 10), Some(BackfillSource::Defender)), ["Archive 90-29", "Defender 30-10"]);
}

#[test]
fn the_source_that_reaches_back_far_enough_is_chosen() {
    let both = [DEFENDER, HUNTING].concat();
    assert_eq!(told(&both, days(20, 10), None), ["Hunting 20-10"]);
    assert_eq!(told(&both, days(90, 60), None), ["Archive 90-60"]);
}

#[test]
fn what_no_source_reaches_is_a_gap_of_the_one_that_reaches_farthest() {
    assert_eq!(told(HUNTING, days(40, 10), None), ["gap Hunting 40-30", "Hunting 30-10"]);
    assert_eq!(told(DEFENDER, days(200, 170), None), ["gap Archive 200-180", "Archive 180-170"]);
    assert_eq!(told(DEFENDER, days(300, 200), None), ["gap Archive 300-200"]);
    let premium = "[tenant.graph]\nretention_days = 365\n";
    assert_eq!(told(premium, days(400, 300), None), ["gap Graph 400-365", "Graph 365-300"]);
}

#[test]
fn the_audit_feed_is_listed_again_where_nothing_else_is_there_or_it_is_asked_for() {
    const AUDIT: &str = "[tenant.audit]\n";
    assert_eq!(told(AUDIT, days(5, 1), None), ["Audit 5-1"]);
    assert_eq!(told(AUDIT, days(10, 1), None), ["gap Audit 10-7", "Audit 7-1"]);
    assert_eq!(told(&[AUDIT, DEFENDER].concat(), days(5, 1), None), ["Defender 5-1"]);
    assert_eq!(told(&[AUDIT, DEFENDER].concat(), days(5, 1), Some(BackfillSource::Audit)), ["Audit 5-1"]);
}

#[test]
fn the_archive_alone_says_what_it_does_not_hold() {
    let told = told(DEFENDER, days(90, 10), Some(BackfillSource::Archive));
    assert_eq!(told[0], "Archive 90-29");
    assert!(told[1].contains("--source defender"), "{told:?}");
}

#[test]
fn the_last_minutes_are_left_to_collect() {
    let plan = plan(&tenant(GRAPH), days(2, -1), None, NOW).unwrap();
    assert_eq!(plan.parts[0].span.to, NOW.plus(-LAG_MS));
}

#[test]
fn a_source_that_the_tenant_does_not_have_is_told_with_its_table() {
    assert!(told(DEFENDER, days(5, 1), Some(BackfillSource::Graph))[0].contains("[tenant.graph]"));
    assert!(told("", days(5, 1), None)[0].contains("no source"));
}
