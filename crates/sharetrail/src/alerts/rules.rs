//! The rules. Each is a pure function: a conclusion goes in with what was looked up around it, a finding comes out or none.

use trail::TimeMs;
use trail::share::SITE_ADMINISTRATOR;
use trail::site_policy::PolicyChange;

use super::{Finding, Rule, Rules};
use crate::rows::{Access, Activity, Gap, Share};

/// The span in which takes are counted: an hour of the clock, which a query can count as well.
pub const TAKE_SPAN_MS: i64 = 3_600_000;
/// Records that a finding names at most.
pub const EVIDENCE_MAX: usize = 20;

/// What was looked up around an access.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// The share that it came through.
    pub through: Option<Share>,
    /// Further shares of the item, or of what lies above it, for this person or for anyone.
    pub others: Vec<Share>,
    /// Whether somebody of the person's domain was seen in the days before.
    pub domain_was_seen: bool,
    /// How long after its end a share still explains an access.
    pub after_end_ms_max: i64,
}

/// What one person took within one hour of the clock.
#[derive(Debug, Clone)]
pub struct Takes {
    /// Begin of the hour.
    pub hour: TimeMs,
    /// Different items.
    pub items: i64,
    /// The first accesses of the hour, at most [`EVIDENCE_MAX`].
    pub first: Vec<Access>,
}

/// Judges an access by every rule that is about single accesses.
pub fn of_access(rules: &Rules, access: &Access, around: &Around) -> Vec<(Rule, Finding)> {
    let found = [
        (Rule::ClassifiedAccess, classified_access(access)),
        (Rule::AccessAfterEnd, access_after_end(access, around)),
        (Rule::UnexplainedNewDomain, unexplained_new_domain(access, around)),
    ];
    in_use(rules, found)
}

/// Judges a share by every rule that is about shares.
pub fn of_share(rules: &Rules, share: &Share) -> Vec<(Rule, Finding)> {
    let found =
        [(Rule::AnyoneLinkClassified, anyone_link_classified(share)), (Rule::GuestSiteAdmin, guest_site_admin(share))];
    in_use(rules, found)
}

fn in_use<const N: usize>(rules: &Rules, found: [(Rule, Option<Finding>); N]) -> Vec<(Rule, Finding)> {
    found.into_iter().filter(|(rule, _)| rules.has(*rule)).filter_map(|(rule, found)| Some((rule, found?))).collect()
}

fn classified_access(access: &Access) -> Option<Finding> {
    // Opening a door is not yet reaching what is behind it.
    if access.classified != Some(true) || access.action == "redeem" {
        return None;
    }
    let level = access.classification_level.as_deref().unwrap_or("classified");
    let text =
        format!("{} ({}) reached {} ({level}): {}", access.person, access.person_kind, name(access), access.action);
    Some(about_access(access, text))
}

fn access_after_end(access: &Access, around: &Around) -> Option<Finding> {
    let at = access.time_generated;
    let had_ended = |share: &Share| share.ended_at.is_some_and(|end| end.plus(around.after_end_ms_max) < at);
    let is_theirs = |share: &Share| match &share.recipient {
        Some(recipient) => *recipient == access.person,
        None => share.recipient_kind == Some("anyone") && access.person_kind == "anonymous",
    };
    let ended = match &around.through {
        Some(share) => Some(share).filter(|share| had_ended(share)),
        // No share lets them in: what matters is that one did before.
        None if access.share_id.is_none() && access.match_rule == "none" => {
            around.others.iter().filter(|share| is_theirs(share) && had_ended(share)).max_by_key(|share| share.ended_at)
        }
        None => None,
    }?;
    let (end, why) = (ended.ended_at?, ended.end_reason.unwrap_or("ended"));
    let text = format!(
        "{} reached {} after the end of a share ({why} at {end}): {}",
        access.person,
        name(access),
        access.action
    );
    let share_id = Some(ended.share_id.to_string());
    Some(Finding { share_id, ..about_access(access, text) })
}

fn unexplained_new_domain(access: &Access, around: &Around) -> Option<Finding> {
    let domain = access.domain.as_deref()?;
    if access.share_id.is_some() || access.match_rule != "none" || around.domain_was_seen {
        return None;
    }
    let text = format!(
        "{}, the first of {domain} in a while, reached {} and no known share explains how: {}",
        access.person,
        name(access),
        access.action
    );
    Some(Finding { concerns: domain.to_owned(), ..about_access(access, text) })
}

/// [`Rule::MassTake`].
pub fn mass_take(rules: &Rules, takes: &Takes) -> Option<Finding> {
    let first = takes.first.first()?;
    if !rules.has(Rule::MassTake) || takes.items < i64::from(rules.items_min) {
        return None;
    }
    let records = takes.first.iter().filter_map(|access| access.evidence_ids.first().cloned());
    Some(Finding {
        about: about_takes(&first.person, takes.hour),
        concerns: first.person.to_string(),
        at: first.time_generated.millis(),
        text: format!(
            "{} ({}) took {} items within the hour from {}",
            first.person, first.person_kind, takes.items, takes.hour
        ),
        person: Some(first.person.to_string()),
        domain: first.domain.as_deref().map(str::to_owned),
        site_url: first.site_url.as_deref().map(str::to_owned),
        count: Some(takes.items),
        evidence_ids: records.take(EVIDENCE_MAX).collect(),
        ..Finding::default()
    })
}

/// What a finding about a person's takes of an hour is about.
pub fn about_takes(person: &str, hour: TimeMs) -> String {
    format!("{person}\n{hour}")
}

fn anyone_link_classified(share: &Share) -> Option<Finding> {
    if share.share_kind != "anyone" || share.classified_now != Some(true) || share.state == "blocked" {
        return None;
    }
    let level = share.classification_level.as_deref().unwrap_or("classified");
    let by = share.shared_by.as_deref().unwrap_or("somebody");
    let text = format!("{by} made a link for anyone to {} ({level})", item_name(share));
    Some(Finding { concerns: share.item_id.to_string(), ..about_share(share, text) })
}

fn guest_site_admin(share: &Share) -> Option<Finding> {
    if share.permission.as_deref() != Some(SITE_ADMINISTRATOR) {
        return None;
    }
    let who = share.recipient.as_deref()?;
    let by = share.shared_by.as_deref().unwrap_or("somebody");
    let site = share.site_url.as_deref().or(share.item_url.as_deref()).unwrap_or("a site");
    Some(about_share(share, format!("{by} made {who} administrator of {site}")))
}

/// [`Rule::SharingPolicyWeakened`].
pub fn sharing_policy_weakened(rules: &Rules, activity: &Activity) -> Option<Finding> {
    // What the service sets up for a new site is how every site begins.
    if !rules.has(Rule::SharingPolicyWeakened) || matches!(activity.person_kind, "system" | "application") {
        return None;
    }
    let changes = PolicyChange::of_lines(activity.changes.as_deref()?);
    let weaker: Vec<String> = changes.iter().filter(|change| change.weakens()).map(ToString::to_string).collect();
    if weaker.is_empty() {
        return None;
    }
    let of = activity.item_url.as_deref().or(activity.site_url.as_deref());
    let place = of.unwrap_or("the tenant");
    Some(Finding {
        about: activity.activity_id.clone(),
        concerns: place.to_owned(),
        at: activity.time_generated?.millis(),
        text: format!("{} changed how {place} may be shared: {}", activity.person, weaker.join("; ")),
        person: Some(activity.person.to_string()),
        item_url: of.map(str::to_owned),
        site_url: activity.site_url.as_deref().map(str::to_owned),
        evidence_ids: vec![activity.activity_id.clone()],
        ..Finding::default()
    })
}

/// [`Rule::FeedBehind`], of a gap.
pub fn feed_gap(rules: &Rules, gap: &Gap) -> Option<Finding> {
    rules.has(Rule::FeedBehind).then(|| Finding {
        about: gap.gap_id.clone(),
        concerns: gap.feed.clone(),
        at: gap.to_time.millis(),
        text: format!(
            "Records of {} from {} to {} cannot be had: {}",
            gap.feed, gap.from_time, gap.to_time, gap.reason
        ),
        feed: Some(gap.feed.clone()),
        ..Finding::default()
    })
}

/// [`Rule::FeedBehind`], of a feed that has been stored up to `position`. One finding a feed and day.
pub fn feed_lag(rules: &Rules, feed: &str, position: TimeMs, now: TimeMs) -> Option<Finding> {
    let behind_minutes = (now.millis() - position.millis()) / 60_000;
    if !rules.has(Rule::FeedBehind) || behind_minutes <= i64::from(rules.lag_minutes_max) {
        return None;
    }
    Some(Finding {
        about: format!("{feed}\n{}", now.millis().div_euclid(86_400_000)),
        concerns: feed.to_owned(),
        at: now.millis(),
        text: format!(
            "{feed} is stored up to {position}, which is {behind_minutes} minutes behind; `sharetrail status` says why"
        ),
        feed: Some(feed.to_owned()),
        count: Some(behind_minutes),
        ..Finding::default()
    })
}

fn about_access(access: &Access, text: String) -> Finding {
    let owned = |text: &Option<std::sync::Arc<str>>| text.as_deref().map(str::to_owned);
    Finding {
        about: access.access_id.clone(),
        concerns: access.person.to_string(),
        at: access.time_generated.millis(),
        text,
        person: Some(access.person.to_string()),
        domain: owned(&access.domain),
        item_id: Some(access.item_id.to_string()),
        item_url: owned(&access.item_url),
        item_name: owned(&access.item_name),
        site_url: owned(&access.site_url),
        share_id: owned(&access.share_id),
        access_id: Some(access.access_id.clone()),
        evidence_ids: access.evidence_ids.iter().take(EVIDENCE_MAX).cloned().collect(),
        ..Finding::default()
    }
}

fn about_share(share: &Share, text: String) -> Finding {
    let owned = |text: &Option<std::sync::Arc<str>>| text.as_deref().map(str::to_owned);
    Finding {
        about: share.share_id.to_string(),
        concerns: share.recipient.as_deref().unwrap_or(&share.share_id).to_owned(),
        at: share.time_generated.millis(),
        text,
        person: owned(&share.recipient),
        domain: owned(&share.domain),
        item_id: Some(share.item_id.to_string()),
        item_url: owned(&share.item_url),
        item_name: owned(&share.item_name),
        site_url: owned(&share.site_url),
        share_id: Some(share.share_id.to_string()),
        evidence_ids: share.evidence_ids.iter().take(EVIDENCE_MAX).cloned().collect(),
        ..Finding::default()
    }
}

fn name(access: &Access) -> &str {
    access.item_name.as_deref().or(access.item_url.as_deref()).unwrap_or(&access.item_id)
}

fn item_name(share: &Share) -> &str {
    share.item_name.as_deref().or(share.item_url.as_deref()).unwrap_or(&share.item_id)
}
