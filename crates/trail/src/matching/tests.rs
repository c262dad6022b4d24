//! What the tests of matching share: a small world, built of a few words.

mod examples;
mod laws;
mod rules;

use std::sync::Arc;

use super::*;
use crate::RecordId;
use crate::identity::{PersonKind, RecipientKind};
use crate::operation::Action;
use crate::share::{EndReason, Place, Share, ShareKind};

const ROOT: &str = "https://contoso.sharepoint.com/sites/hr/docs";
const SITE: &str = "https://contoso.sharepoint.com/sites/hr";
const GUEST: &str = "g@adatum.example";
/// When the access of the tables happens; shares are made at 0.
const NOW: i64 = 100 * HOUR_MS;

fn at(path: &str) -> Arc<str> {
    if path.is_empty() { Arc::from(ROOT) } else { Arc::from(format!("{ROOT}/{path}")) }
}

/// A share of the item whose key is its path, made at 0 and living on.
fn share(link: &str, kind: ShareKind, recipient: RecipientKind, name: Option<&str>, path: &str) -> Share {
    let path = if path == SITE { Arc::from(SITE) } else { at(path) };
    let share_id = name.map_or_else(|| link.to_owned(), |name| format!("{link}:{name}"));
    Share {
        link_id: Arc::from(link),
        share_id: Arc::from(share_id),
        kind,
        permission: None,
        recipient: name.map(Arc::from),
        recipient_kind: recipient,
        domain: None,
        item: path.clone(),
        url: None,
        name: None,
        item_type: None,
        site: None,
        places: vec![Place { path, from: None, to: None }],
        shared_by: Some(Arc::from("ana@contoso.example")),
        shared_at: Some(TimeMs(0)),
        first_sign_at: TimeMs(0),
        accepted_at: None,
        end: None,
        dormant: Vec::new(),
        blocked: false,
        is_listed: false,
        evidence: vec![RecordId([1; 16])],
    }
}

fn own(link: &str, path: &str) -> Share {
    share(link, ShareKind::SpecificPeople, RecipientKind::Person(PersonKind::Guest), Some(GUEST), path)
}

fn of(link: &str, person: &str, path: &str) -> Share {
    share(link, ShareKind::SpecificPeople, RecipientKind::Person(PersonKind::Guest), Some(person), path)
}

fn anyone(link: &str, path: &str) -> Share {
    share(link, ShareKind::Anyone, RecipientKind::Anyone, None, path)
}

fn everyone(link: &str, path: &str) -> Share {
    let share_id = Arc::from(link);
    Share { share_id, ..share(link, ShareKind::Direct, RecipientKind::Anyone, Some("everyone"), path) }
}

fn group(link: &str, path: &str) -> Share {
    share(link, ShareKind::Direct, RecipientKind::Group, Some("hr visitors"), path)
}

fn membership(link: &str) -> Share {
    share(link, ShareKind::SiteMembership, RecipientKind::Person(PersonKind::Guest), Some(GUEST), SITE)
}

fn ended(share: Share, at: i64) -> Share {
    Share { end: Some((TimeMs(at), EndReason::LinkRemoved)), ..share }
}

fn wanted(path: &str) -> Wanted {
    Wanted {
        person: Arc::from(GUEST),
        person_kind: PersonKind::Guest,
        action: Action::Read,
        item: at(path),
        path: Some(at(path)),
        site: Some(Arc::from(SITE)),
        first_at: TimeMs(NOW),
        last_at: TimeMs(NOW),
        ip: Some(Arc::from("203.0.113.7")),
        session: None,
        correlation: None,
        link: None,
        anyone_link: false,
        traces: Vec::new(),
    }
}

fn visitor(value: &str, path: &str) -> Wanted {
    Wanted { person: Arc::from(format!("anon:{value}")), person_kind: PersonKind::Anonymous, ..wanted(path) }
}

fn redeem(link: Option<&str>, wanted: Wanted) -> Wanted {
    Wanted { action: Action::Redeem, link: link.map(Arc::from), ..wanted }
}

/// A link used by the visitor of 203.0.113.7 (who is called by that address) at `at_ms`.
fn door(link: Option<&str>, path: &str, at_ms: i64) -> Door {
    Door {
        record: RecordId([9; 16]),
        person: Arc::from("anon:203.0.113.7"),
        person_kind: PersonKind::Anonymous,
        at: TimeMs(at_ms),
        item: Some(at(path)),
        path: Some(at(path)),
        ip: Some(Arc::from("203.0.113.7")),
        session: None,
        correlation: None,
        link: link.map(Arc::from),
        anyone_link: true,
    }
}

fn guest_door(link: Option<&str>, path: &str, at_ms: i64) -> Door {
    Door { person: Arc::from(GUEST), person_kind: PersonKind::Guest, anyone_link: false, ..door(link, path, at_ms) }
}

/// The match as `rule confidence share|link=… [others]`.
fn told(matched: &Match, shares: &[Share]) -> String {
    let id = |index: &usize| shares[*index].share_id.to_string();
    let way = match (&matched.share, &matched.link) {
        (Some(index), link) => {
            assert_eq!(link.as_ref(), Some(&shares[*index].link_id), "the link is that of the share");
            id(index)
        }
        (None, Some(link)) => format!("link={link}"),
        (None, None) => "-".to_owned(),
    };
    let others: Vec<String> = matched.others.iter().map(id).collect();
    format!("{} {} {way} [{}]", matched.rule.as_str(), matched.confidence.as_str(), others.join(" "))
}

fn run(access: &Wanted, shares: &[Share], doors: &[Door]) -> String {
    run_with(access, shares, doors, &[], Horizon::default(), &MatchRules::default())
}

fn run_with(
    access: &Wanted,
    shares: &[Share],
    doors: &[Door],
    aliases: &[&str],
    horizon: Horizon,
    rules: &MatchRules,
) -> String {
    let aliases: Vec<Arc<str>> = aliases.iter().copied().map(Arc::from).collect();
    told(&match_access(access, shares, doors, &aliases, horizon, rules), shares)
}
