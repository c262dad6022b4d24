//! Gestures → what they did to links → the life of every link.

use std::collections::BTreeMap;
use std::sync::Arc;

use trail::classification::{Placed, Signal, classify, signals, site_key};
use trail::item::normalise_url;
use trail::share::{Alias, LinkEvent, Share, aliases, gestures, item_change, link_events, shares};
use trail::{Record, TimeMs};

use super::{Access, Settings, UsedShare};

/// All shares, in order of their ids, and all aliases.
pub(super) fn shares_and_aliases(records: &[Record]) -> (Vec<Share>, Vec<Alias>) {
    let changes: Vec<_> = records.iter().filter_map(item_change).collect();
    let mut events: BTreeMap<Arc<str>, Vec<LinkEvent>> = BTreeMap::new();
    for gesture in gestures(records) {
        let gesture: Vec<&Record> = gesture.into_iter().map(|index| &records[index]).collect();
        for event in link_events(&gesture) {
            events.entry(event.link_id.clone()).or_default().push(event);
        }
    }
    let mut all: Vec<Share> = events.iter().flat_map(|(link, events)| shares(link, events, &changes)).collect();
    all.sort_by(|one, two| one.share_id.cmp(&two.share_id));
    (all, aliases(events.values().flatten()))
}

/// A share with its uses and what its item is classified as after everything.
pub(super) fn used(share: Share, records: &[Record], accesses: &[Access], settings: &Settings) -> UsedShare {
    let through = accesses.iter().filter(|access| access.share_id.as_ref() == Some(&share.share_id));
    let mut uses: Vec<TimeMs> = through.map(|access| access.first_at).collect();
    uses.sort_unstable();
    let (file, site) = signals_of(records, &share.item, share.site.as_deref().map(normalise_url).as_deref());
    let path = share.places.last().map(|place| place.path.as_ref());
    let placed = Placed::of(&share.item, path, None);
    let now = classify(None, &file, &site, &placed, None, &settings.classification);
    UsedShare { share, uses, now }
}

/// All that the records say about the labels of an item and of its site.
pub(super) fn signals_of(records: &[Record], item: &str, site: Option<&str>) -> (Vec<Signal>, Vec<Signal>) {
    let of_item = records.iter().filter(|record| record.item.as_deref() == Some(item)).flat_map(signals).collect();
    let of_site = records
        .iter()
        .filter(|record| site.is_some() && site_key(record).as_deref() == site)
        .flat_map(signals)
        .collect();
    (of_item, of_site)
}
