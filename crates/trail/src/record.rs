//! What a conclusion needs to know of an activity: judged under the configured domains, its places normalised.
//!
//! Shares, matches and classification are worked out from these, whether they come from an [`Activity`] at hand or
//! out of a store's columns.

use std::sync::Arc;

use crate::client::ClientKind;
use crate::identity::{self, Domains, PersonKind, Recipient};
use crate::item::{self, normalise_url};
use crate::operation::{self, Class};
use crate::{Activity, RecordId, TimeMs};

/// One activity, as conclusions see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// When it happened.
    pub time: TimeMs,
    /// The operation as received.
    pub operation: Arc<str>,
    /// What kind of thing that is.
    pub class: Class,
    /// Canonical identity of the actor.
    pub person: Arc<str>,
    /// Kind of actor.
    pub person_kind: PersonKind,
    /// The item's key.
    pub item: Option<Arc<str>>,
    /// The item's normalised URL: lower case, no `/` at its end; what ancestors and moves are told by.
    pub path: Option<Arc<str>>,
    /// The URL as received.
    pub url: Option<Arc<str>>,
    /// Its name.
    pub name: Option<Arc<str>>,
    /// Its type.
    pub item_type: Option<Arc<str>>,
    /// The site's URL as received, without a `/` at its end.
    pub site: Option<Arc<str>>,
    /// Normalised URL to which a move or rename brought it.
    pub destination: Option<Arc<str>>,
    /// Whom the operation was aimed at, with the name as received.
    pub targets: Vec<(Arc<str>, Recipient)>,
    /// `UniqueSharingId`, lower case without braces.
    pub link: Option<Arc<str>>,
    /// `SharingLinkScope`.
    pub scope: Option<Arc<str>>,
    /// `EventData`.
    pub event_data: Option<Arc<str>>,
    /// `CorrelationId`, lower case.
    pub correlation: Option<Arc<str>>,
    /// Session, lower case.
    pub session: Option<Arc<str>>,
    /// Client address.
    pub ip: Option<Arc<str>>,
    /// Kind of client.
    pub client: ClientKind,
    /// The file's sensitivity label, lower case without braces.
    pub label: Option<Arc<str>>,
    /// The site's sensitivity label, lower case without braces.
    pub site_label: Option<Arc<str>>,
    /// Content policies that matched, or no longer do: id and name with a tab between them, one a line.
    pub policies: Option<Arc<str>>,
}

impl Record {
    /// The record of an activity; `None` when it does not say when it happened, since nothing can be concluded then.
    pub fn of(activity: &Activity<'_>, domains: &Domains) -> Option<Self> {
        let person =
            identity::actor(activity.user_id.as_deref(), activity.user_type, activity.client_ip.as_deref(), domains);
        let item = item::locate(activity);
        let text = |text: Option<&str>| text.map(Arc::from);
        let id = |text: Option<&str>| text.map(lower_id);
        Some(Self {
            id: activity.id,
            time: activity.time?,
            operation: Arc::from(activity.operation.as_ref()),
            class: operation::classify(&activity.operation),
            person: Arc::from(person.canonical.as_str()),
            person_kind: person.kind,
            item: item.as_ref().map(|item| Arc::from(item.key.as_str())),
            path: item.as_ref().and_then(|item| item.url.as_deref()).map(|url| Arc::from(normalise_url(url))),
            url: text(item.as_ref().and_then(|item| item.url.as_deref())),
            name: text(item.as_ref().and_then(|item| item.name.as_deref())),
            item_type: text(item.as_ref().and_then(|item| item.item_type.as_deref())),
            site: text(item.as_ref().and_then(|item| item.site_url.as_deref())),
            destination: destination(activity).map(Arc::from),
            targets: activity
                .targets
                .iter()
                .map(|target| (Arc::from(target.name.as_ref()), identity::recipient(target, domains)))
                .collect(),
            link: id(activity.sharing_id.as_deref()),
            scope: text(activity.sharing_link_scope.as_deref()),
            event_data: text(activity.event_data.as_deref()),
            correlation: id(activity.correlation_id.as_deref()),
            session: id(activity.session_id.as_deref()),
            ip: text(activity.client_ip.as_deref()),
            client: ClientKind::of(activity.user_agent.as_deref()),
            label: id(activity.label_id.as_deref()),
            site_label: id(activity.site_label_id.as_deref()),
            policies: text(activity.policies.as_deref()),
        })
    }
}

/// An id as ids are compared: lower case, no braces.
pub fn lower_id(text: &str) -> Arc<str> {
    let bare = text.trim_matches(|sign: char| sign.is_whitespace() || sign == '{' || sign == '}');
    Arc::from(bare.to_lowercase())
}

/// Where a move or rename brought the item: site, folder and name of the destination, normalised.
///
/// `DestinationRelativeUrl` is relative to the site; a rename may name only the new file name, and then the folder
/// is the one it was in.
pub fn destination(activity: &Activity<'_>) -> Option<String> {
    let name = activity.destination_file_name.as_deref();
    let folder = activity.destination_relative_url.as_deref();
    if name.is_none() && folder.is_none() {
        return None;
    }
    let site = activity.site_url.as_deref()?.trim_end_matches('/');
    let folder = folder.or(activity.source_relative_url.as_deref()).unwrap_or_default().trim_matches('/');
    let name = name.or(activity.source_file_name.as_deref()).unwrap_or_default();
    let ends_in_name = folder.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(name));
    let mut url = format!("{site}/{folder}");
    if !ends_in_name && !name.is_empty() {
        url = format!("{}/{name}", url.trim_end_matches('/'));
    }
    Some(normalise_url(&url))
}

/// `path` and everything above it, nearest first, down to the host: what a share must be on to cover `path`.
pub fn self_and_ancestors(path: &str) -> impl Iterator<Item = &str> {
    let host_end = path.find("://").map_or(0, |at| at + 3);
    let mut rest = Some(path);
    std::iter::from_fn(move || {
        let current = rest?;
        rest = current.rfind('/').filter(|at| *at >= host_end).map(|at| &current[..at]);
        Some(current)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ancestors_end_at_segment_borders_and_at_the_host() {
        let all: Vec<&str> = self_and_ancestors("https://c.example/sites/hr/docs/a.docx").collect();
        assert_eq!(
            all,
            [
                "https://c.example/sites/hr/docs/a.docx",
                "https://c.example/sites/hr/docs",
                "https://c.example/sites/hr",
                "https://c.example/sites",
                "https://c.example",
            ]
        );
    }
}
