//! What fires, and what looks like it and does not.

use trail::TimeMs;

use super::rules::{self, Around, Takes};
use super::{Rule, Rules};
use crate::rows::{Access, Activity, Gap, Share};

const HOUR: i64 = 3_600_000;
const NOW: TimeMs = TimeMs(1_795_500_000_000);

fn access() -> Access {
    Access {
        time_generated: NOW,
        access_id: "a-1".into(),
        person: "li@fabrikam.example".into(),
        person_kind: "guest",
        domain: Some("fabrikam.example".into()),
        action: "read",
        match_rule: "recipient_item".into(),
        share_id: Some("s-1".into()),
        item_id: "site|item".into(),
        evidence_ids: vec!["r-1".into()],
        ..Access::default()
    }
}

fn share(recipient: Option<&str>, ended_at: Option<i64>) -> Share {
    Share {
        share_id: "s-1".into(),
        recipient: recipient.map(Into::into),
        recipient_kind: Some(if recipient.is_some() { "guest" } else { "anyone" }),
        share_kind: if recipient.is_some() { "specific_people" } else { "anyone" },
        ended_at: ended_at.map(TimeMs),
        state: "live",
        ..Share::default()
    }
}

fn around() -> Around {
    Around { after_end_ms_max: 15 * 60_000, domain_was_seen: true, ..Around::default() }
}

fn fired(access: &Access, around: &Around) -> Vec<Rule> {
    rules::of_access(&Rules::default(), access, around).into_iter().map(|(rule, _)| rule).collect()
}

#[test]
fn reaching_classified_content_fires_and_opening_the_door_to_it_does_not() {
    let classified = Access { classified: Some(true), ..access() };
    assert_eq!(fired(&classified, &around()), [Rule::ClassifiedAccess]);
    for quiet in [
        Access { action: "redeem", ..classified.clone() },
        Access { classified: Some(false), ..classified.clone() },
        Access { classified: None, ..classified },
    ] {
        assert_eq!(fired(&quiet, &around()), []);
    }
}

#[test]
fn an_access_long_after_the_end_of_its_share_fires_and_one_by_an_open_session_does_not() {
    let after = |ended_ms_ago: i64| {
        let through = Some(share(Some("li@fabrikam.example"), Some(NOW.0 - ended_ms_ago)));
        fired(&access(), &Around { through, ..around() })
    };
    assert_eq!(after(2 * HOUR), [Rule::AccessAfterEnd]);
    assert_eq!(after(9 * 60_000), []);
    assert_eq!(after(-HOUR), [], "an end that lies ahead");
}

#[test]
fn whose_share_ended_before_is_found_although_no_share_explains_the_access() {
    let unexplained = Access { share_id: None, match_rule: "none".into(), ..access() };
    let with = |other: Share| fired(&unexplained, &Around { others: vec![other], ..around() });
    let ended = Some(NOW.0 - HOUR);
    assert_eq!(with(share(Some("li@fabrikam.example"), ended)), [Rule::AccessAfterEnd]);
    assert_eq!(with(share(Some("kim@adatum.example"), ended)), [], "another's share");
    assert_eq!(with(share(None, ended)), [], "a link for anyone is not how guests come");
    assert_eq!(with(share(Some("li@fabrikam.example"), None)), []);
    let stranger = Access { person_kind: "anonymous", person: "anon:x".into(), domain: None, ..unexplained };
    assert_eq!(fired(&stranger, &Around { others: vec![share(None, ended)], ..around() }), [Rule::AccessAfterEnd]);
}

#[test]
fn a_new_domain_without_a_known_share_fires_and_a_known_domain_or_a_known_share_does_not() {
    let unexplained = Access { share_id: None, match_rule: "none".into(), ..access() };
    let unseen = Around { domain_was_seen: false, ..around() };
    assert_eq!(fired(&unexplained, &unseen), [Rule::UnexplainedNewDomain]);
    assert_eq!(fired(&unexplained, &around()), []);
    assert_eq!(fired(&access(), &unseen), []);
    assert_eq!(fired(&Access { domain: None, ..unexplained.clone() }, &unseen), []);
    let several = Access { match_rule: "only_live_link".into(), ..unexplained };
    assert_eq!(fired(&several, &unseen), [], "one of several links explains it");
}

#[test]
fn many_items_within_an_hour_fire_and_one_less_does_not() {
    let rules = Rules { items_min: 3, ..Rules::default() };
    let takes = |items| Takes { hour: NOW, items, first: vec![access()] };
    assert_eq!(rules::mass_take(&rules, &takes(3)).unwrap().count, Some(3));
    assert_eq!(rules::mass_take(&rules, &takes(2)), None);
}

#[test]
fn a_link_for_anyone_to_classified_content_fires_and_other_shares_do_not() {
    let fired =
        |share: &Share| rules::of_share(&Rules::default(), share).iter().map(|(rule, _)| *rule).collect::<Vec<_>>();
    let link = Share { classified_now: Some(true), ..share(None, None) };
    assert_eq!(fired(&link), [Rule::AnyoneLinkClassified]);
    assert_eq!(fired(&Share { state: "blocked", ..link.clone() }), []);
    assert_eq!(fired(&Share { classified_now: None, ..link }), []);
    let for_one = Share { classified_now: Some(true), ..share(Some("li@fabrikam.example"), None) };
    assert_eq!(fired(&for_one), []);
    let member = Share { share_kind: "site_membership", permission: Some("Edit".into()), ..for_one.clone() };
    assert_eq!(fired(&member), []);
    assert_eq!(fired(&Share { permission: Some("SiteAdministrator".into()), ..member }), [Rule::GuestSiteAdmin]);
}

#[test]
fn a_person_who_lets_guests_in_fires_and_the_service_that_sets_up_a_site_does_not() {
    let activity = |kind, changes: &str| Activity {
        activity_id: "r-1".into(),
        time_generated: Some(NOW),
        person: "ana@contoso.example".into(),
        person_kind: kind,
        changes: Some(changes.into()),
        ..Activity::default()
    };
    let fires = |activity: &Activity| rules::sharing_policy_weakened(&Rules::default(), activity).is_some();
    let weaker = "ShareWithGuests: Disabled -> Enabled";
    assert!(fires(&activity("member", weaker)));
    assert!(!fires(&activity("system", weaker)) && !fires(&activity("application", weaker)));
    assert!(!fires(&activity("member", "ShareWithGuests: Enabled -> Disabled")));
}

#[test]
fn a_feed_that_is_behind_is_found_once_a_day_and_a_gap_once() {
    let rules = Rules { lag_minutes_max: 60, ..Rules::default() };
    let lag = |now: TimeMs| rules::feed_lag(&rules, "defender", TimeMs(NOW.0 - 2 * HOUR), now);
    let (one, again, next_day) = (lag(NOW).unwrap(), lag(NOW.plus(60_000)).unwrap(), lag(NOW.plus(24 * HOUR)).unwrap());
    assert_eq!((one.count, one.about == again.about, one.about == next_day.about), (Some(120), true, false));
    assert_eq!(rules::feed_lag(&rules, "defender", TimeMs(NOW.0 - HOUR), NOW), None);
    assert!(rules::feed_gap(&rules, &Gap { gap_id: "g".into(), ..Gap::default() }).is_some());
}

#[test]
fn a_rule_that_is_off_finds_nothing() {
    let off = Rules { on: Default::default(), ..Rules::default() };
    let classified = Access { classified: Some(true), ..access() };
    assert_eq!(rules::of_access(&off, &classified, &around()), []);
    assert_eq!(rules::feed_gap(&off, &Gap::default()), None);
}

#[test]
fn the_same_thing_has_the_same_id_for_one_rule_and_tenant_alone() {
    let classified = Access { classified: Some(true), ..access() };
    let found = rules::of_access(&Rules::default(), &classified, &around());
    let (rule, finding) = &found[0];
    assert_eq!(finding.id(*rule, "contoso"), finding.clone().id(*rule, "contoso"));
    assert_ne!(finding.id(*rule, "contoso"), finding.id(*rule, "fabrikam"));
    assert_ne!(finding.id(*rule, "contoso"), finding.id(Rule::AccessAfterEnd, "contoso"));
}
