//! Records of outsiders → accesses → their shares and their classification.

use std::collections::BTreeSet;
use std::sync::Arc;

use trail::access::{Fact, Zip, access_id, group, verdict, zip_of};
use trail::classification::{Labels, Placed, classify, site_key};
use trail::identity::{PersonKind, actor};
use trail::item::locate;
use trail::matching::{Door, Horizon, Trace, Wanted, covers_item_life, created_at, is_unexplained, match_access};
use trail::operation::is_extended;
use trail::share::{Alias, Share};
use trail::{Record, RecordId, TimeMs};

use super::shares::signals_of;
use super::{Access, Known, Settings};

pub(super) fn accesses(
    known: &[Known<'_>],
    records: &[Record],
    shares: &[Share],
    aliases: &[Alias],
    settings: &Settings,
) -> Vec<Access> {
    let facts = facts(known, settings);
    let keys: BTreeSet<_> = facts.iter().map(|(known, _)| (&known.record.person, known.record.item.as_ref())).collect();
    let acting: Vec<&Record> = facts.iter().map(|(known, _)| &known.record).collect();
    let mut accesses = Vec::new();
    for (person, item) in keys {
        let own: Vec<_> = facts
            .iter()
            .filter(|(known, _)| &known.record.person == person && known.record.item.as_ref() == item)
            .collect();
        let bare: Vec<Fact> = own.iter().map(|(_, fact)| *fact).collect();
        for access in group(&bare) {
            let members: Vec<&Known<'_>> = access.members.iter().map(|&index| own[index].0).collect();
            let of: Vec<&Record> = members.iter().map(|known| &known.record).collect();
            let mut wanted = Wanted::of(&of, access.action).unwrap();
            if wanted.person_kind == PersonKind::Anonymous {
                let same = acting.iter().filter(|record| record.person == wanted.person);
                wanted.traces = same.map(|record| Trace::of(record)).collect();
            }
            let list_id = members[0].activity.list_id.as_deref();
            accesses.push(conclude(wanted, &of, list_id, records, shares, aliases, settings));
        }
    }
    accesses.sort_by_key(|access| (access.first_at, access.records[0]));
    accesses
}

/// The records that are part of accesses.
fn facts<'k>(known: &'k [Known<'k>], settings: &Settings) -> Vec<(&'k Known<'k>, Fact)> {
    let mut facts: Vec<(&Known<'_>, Fact, Option<Zip>)> = Vec::new();
    for one in known {
        let (activity, record) = (one.activity, &one.record);
        let person =
            actor(activity.user_id.as_deref(), activity.user_type, activity.client_ip.as_deref(), &settings.domains);
        if let Ok(action) = verdict(activity, &person, locate(activity).as_ref(), record.class) {
            let extended = is_extended(&record.operation);
            facts.push((one, Fact { time: record.time, id: record.id, action, extended }, zip_of(activity)));
        }
    }
    let zips: Vec<(Arc<str>, Zip)> =
        facts.iter().filter_map(|(known, _, zip)| Some((known.record.person.clone(), zip.clone()?))).collect();
    let is_of_files = |known: &Known<'_>, zip: &Option<Zip>| {
        let others = zips.iter().filter(|(person, _)| *person == known.record.person).map(|(_, zip)| zip);
        zip.as_ref().is_some_and(|zip| zip.is_superseded_by(others))
    };
    facts.iter().filter(|(known, _, zip)| !is_of_files(known, zip)).map(|(known, fact, _)| (*known, *fact)).collect()
}

fn conclude(
    wanted: Wanted,
    of: &[&Record],
    list_id: Option<&str>,
    records: &[Record],
    shares: &[Share],
    aliases: &[Alias],
    settings: &Settings,
) -> Access {
    let doors: Vec<Door> = records.iter().filter_map(Door::of).collect();
    let invited: Vec<Arc<str>> =
        aliases.iter().filter(|alias| alias.accepted == wanted.person).map(|alias| alias.invited.clone()).collect();
    let horizon = horizon(&wanted, records, &settings.observed);
    let matched = match_access(&wanted, shares, &doors, &invited, horizon, &settings.match_rules);
    let share = matched.share.map(|index| &shares[index]);

    let site = of.iter().find_map(|record| site_key(record));
    let (file, site) = signals_of(records, &wanted.item, site.as_deref());
    let placed = Placed::of(&wanted.item, wanted.path.as_deref(), list_id);
    let own = Labels::of(of.iter().copied());
    let classification = classify(Some(wanted.first_at), &file, &site, &placed, Some(&own), &settings.classification);

    let ids: Vec<RecordId> = of.iter().map(|record| record.id).collect();
    let ended_at = share.and_then(|share| share.end).map(|(end, _)| end);
    Access {
        id: access_id(&settings.tenant, ids[0]),
        is_unexplained: is_unexplained(&matched, ended_at, wanted.first_at, &settings.match_rules),
        person: wanted.person,
        person_kind: wanted.person_kind,
        action: wanted.action,
        item: wanted.item,
        path: wanted.path,
        first_at: wanted.first_at,
        last_at: wanted.last_at,
        records: ids,
        share_id: share.map(|share| share.share_id.clone()).or(matched.link),
        other_share_ids: matched.others.iter().map(|&index| shares[index].share_id.clone()).collect(),
        rule: matched.rule,
        confidence: matched.confidence,
        classification,
    }
}

fn horizon(wanted: &Wanted, records: &[Record], observed: &[(TimeMs, TimeMs)]) -> Horizon {
    let on_item = records.iter().filter(|record| record.item.as_ref() == Some(&wanted.item));
    let created = created_at(on_item.map(|record| (record.time, record.operation.as_ref())));
    Horizon { covers_item_life: covers_item_life(created, observed, wanted.first_at) }
}
