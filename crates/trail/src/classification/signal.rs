//! What one record says about labels.

use std::sync::Arc;

use crate::ascii::{contains, ends_with, starts_with};
use crate::item::normalise_url;
use crate::operation::Class;
use crate::record::Record;
use crate::{RecordId, TimeMs};

/// What a record says about the label of a file or a site.
///
/// In order of time; at one instant an event comes after a sighting, because it says what holds from then on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal {
    /// When.
    pub at: TimeMs,
    /// What it says.
    pub what: What,
    /// Of what.
    pub of: Of,
    /// The record.
    pub record: RecordId,
}

/// What happened to a label. Ids are lower case, without braces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// A record of something else carries it.
    OnRecord(Arc<str>),
    /// It was taken off.
    Removed,
    /// It was applied; `None` when the record does not say which.
    Applied(Option<Arc<str>>),
    /// It took the place of another; `None` when the record does not say which.
    Changed(Option<Arc<str>>),
    /// A content policy matched: its id and name with a tab between them.
    Matched(Arc<str>),
    /// It no longer does.
    Unmatched(Arc<str>),
}

/// What bears a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Of {
    /// The file.
    File,
    /// The site.
    Site,
    /// What stands in the file: content policies, not labels.
    Content,
}

/// The labels on the records of one access: those that held at that moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// The file's.
    pub file: Option<Arc<str>>,
    /// The site's.
    pub site: Option<Arc<str>>,
}

impl Labels {
    /// The labels on the first of these records, in order of (time, id), that carries one.
    pub fn of<'r>(records: impl IntoIterator<Item = &'r Record>) -> Self {
        let mut signals: Vec<Signal> = records.into_iter().flat_map(signals).collect();
        signals.sort_by(|one, two| (one.at, one.record, &one.what).cmp(&(two.at, two.record, &two.what)));
        let first = |of: Of| {
            signals.iter().filter(|signal| signal.of == of).find_map(|signal| match &signal.what {
                What::OnRecord(label) => Some(label.clone()),
                _ => None,
            })
        };
        Self { file: first(Of::File), site: first(Of::Site) }
    }
}

/// The site whose signals hold for a record's item: its normalised URL. An event of a site's label names the site as its
/// object.
pub fn site_key(record: &Record) -> Option<Arc<str>> {
    match &record.site {
        Some(site) => Some(Arc::from(normalise_url(site))),
        None => record.path.clone().filter(|_| starts_with(&record.operation, "SiteSensitivityLabel")),
    }
}

/// What a record says about labels: at most one signal of the file and one of the site.
///
/// Label events of the service and of desktop applications are told by the ends of their names (Microsoft Purview,
/// "Audit log activities": `FileSensitivityLabelApplied`, `SiteSensitivityLabelChanged`, `SensitivityLabelUpdated`, …).
/// One that failed changed nothing, and the label on it is the one that was wanted: it says nothing.
///
/// A match of a content policy of data loss prevention is one signal a policy.
pub fn signals(record: &Record) -> Vec<Signal> {
    let operation = record.operation.as_ref();
    if record.class == Class::Policy {
        return policy_signals(record);
    }
    let file = label(record.label.as_ref());
    let site = label(record.site_label.as_ref());
    let is_label_event = record.class == Class::Label && contains(operation, "SensitivityLabel");
    let is_of_site = starts_with(operation, "Site");
    let (file, site) = if !is_label_event {
        (file.map(What::OnRecord), site.map(What::OnRecord))
    } else if ends_with(operation, "Failed") {
        (None, None)
    } else if is_of_site {
        (None, event(operation, site.or(file)))
    } else {
        (event(operation, file), site.map(What::OnRecord))
    };
    let signal = |of: Of| move |what: What| Signal { at: record.time, what, of, record: record.id };
    file.map(signal(Of::File)).into_iter().chain(site.map(signal(Of::Site))).collect()
}

fn policy_signals(record: &Record) -> Vec<Signal> {
    let what: fn(Arc<str>) -> What = if ends_with(&record.operation, "Match") {
        What::Matched
    } else if ends_with(&record.operation, "Undo") {
        What::Unmatched
    } else {
        return Vec::new();
    };
    let policies = record.policies.as_deref().unwrap_or_default().lines();
    policies
        .map(|policy| Signal { at: record.time, what: what(Arc::from(policy)), of: Of::Content, record: record.id })
        .collect()
}

/// An event whose name tells nothing of a change (`SensitivityLabeledFileOpened`) is a sighting.
fn event(operation: &str, label: Option<Arc<str>>) -> Option<What> {
    let ends = |end: &str| ends_with(operation, end);
    if ends("Removed") {
        Some(What::Removed)
    } else if ends("Applied") {
        Some(What::Applied(label))
    } else if ends("Changed") || ends("Updated") {
        Some(What::Changed(label))
    } else {
        label.map(What::OnRecord)
    }
}

/// The empty GUID is how some records write that there is no label.
fn label(id: Option<&Arc<str>>) -> Option<Arc<str>> {
    let id = id?;
    let is_empty = id.bytes().all(|byte| matches!(byte, b'0' | b'-'));
    (!is_empty).then(|| id.clone())
}
