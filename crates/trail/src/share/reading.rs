//! What one record says about links, before its gesture is looked at as a whole.

use std::sync::Arc;

use super::event_data;
use super::link_name::LinkName;
use crate::Record;

/// The link that the record names itself: `UniqueSharingId`, else a `SharingLinks.…` group that is its target or the group
/// that somebody was put into.
pub(super) fn own_link(record: &Record) -> Option<Arc<str>> {
    record.link.clone().or_else(|| link_group(record, |name| name.link_id))
}

/// Something about the `SharingLinks.…` group that the record names.
pub(super) fn link_group<T>(record: &Record, what: impl Fn(LinkName<'_>) -> T) -> Option<T> {
    let target = record.targets.iter().find_map(|(name, _)| LinkName::parse(name));
    if let Some(name) = target {
        return Some(what(name));
    }
    let group = event_data::group(record.event_data.as_deref()?)?;
    LinkName::parse(&group).map(what)
}
