//! What one audit record says, before anybody writes it down.

use std::rc::Rc;

use super::cast::{Actor, Client, Item, Recipient};
use super::guid::Guid;

/// One thing that a service noticed.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// `Id`.
    pub(crate) id: Guid,
    /// When it happened: a whole second, since audit records know no fractions.
    pub(crate) at_ms: i64,
    /// How long Defender took to store it; `None` leaves it to chance.
    pub(crate) delay_ms: Option<i64>,
    /// `Operation`.
    pub(crate) operation: &'static str,
    /// Who.
    pub(crate) actor: Actor,
    /// On what; `None` for records of services that know no SharePoint item.
    pub(crate) item: Option<Item>,
    /// With which device.
    pub(crate) client: Rc<Client>,
    /// `CorrelationId`: the same for all records of one gesture.
    pub(crate) correlation: Guid,
    /// `UserSessionId`.
    pub(crate) session: Option<Guid>,
    /// `TargetUserOrGroupName` and `TargetUserOrGroupType`.
    pub(crate) target: Option<Target>,
    /// `EventData`.
    pub(crate) event_data: Option<String>,
    /// `UniqueSharingId`.
    pub(crate) sharing_id: Option<Guid>,
    /// `SharingLinkScope`.
    pub(crate) link_scope: Option<&'static str>,
    /// Where a copied, moved or renamed file went: the item at its new place.
    pub(crate) destination: Option<Item>,
    /// `ZipFileName`.
    pub(crate) zip: Option<Rc<str>>,
    /// Further members of the record, as JSON text without braces: `"Members":[…]`.
    pub(crate) extra: Option<String>,
    /// Oddities of Defender's copy that the scene insists on.
    pub(crate) quirks: Quirks,
}

/// To whom a sharing operation was aimed.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// `TargetUserOrGroupName`.
    pub(crate) name: String,
    /// `TargetUserOrGroupType`.
    pub(crate) kind: &'static str,
}

impl From<&Recipient> for Target {
    fn from(recipient: &Recipient) -> Self {
        Self { name: recipient.name.clone(), kind: recipient.kind }
    }
}

/// Oddities that Defender for Cloud Apps is known for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quirks {
    /// `entityData` is null as a whole.
    pub(crate) entity_data_null: bool,
    /// `user.userName` is missing.
    pub(crate) user_name_missing: bool,
    /// Keys that differ only in case stand side by side, in the envelope and in the audit record.
    pub(crate) keys_differ_in_case: bool,
    /// Booleans are written as text.
    pub(crate) booleans_as_text: bool,
    /// Delivered again with the same `_id`, richer and later.
    pub(crate) redelivered: bool,
}

impl Event {
    /// An event with nothing but who, what, when and with which device; the rest is filled in by `..`.
    pub(crate) fn new(
        at_ms: i64,
        operation: &'static str,
        actor: &Actor,
        item: Option<&Item>,
        client: &Rc<Client>,
    ) -> Self {
        Self {
            id: Guid([0; 16]),
            at_ms,
            delay_ms: None,
            operation,
            actor: actor.clone(),
            item: item.cloned(),
            client: Rc::clone(client),
            correlation: Guid([0; 16]),
            session: None,
            target: None,
            event_data: None,
            sharing_id: None,
            link_scope: None,
            destination: None,
            zip: None,
            extra: None,
            quirks: Quirks::default(),
        }
    }

    /// `RecordType` (Microsoft: Office 365 Management Activity API schema, AuditLogRecordType).
    pub(crate) fn record_type(&self) -> i64 {
        match self.operation {
            "MemberAdded" | "MemberRemoved" => 25,
            "SensitivityLabelApplied" | "SensitivityLabelUpdated" | "SensitivityLabelRemoved" => 83,
            "PageViewed"
            | "ClientViewSignaled"
            | "PagePrefetched"
            | "PermissionLevelAdded"
            | "GroupAdded"
            | "SharingPolicyChanged" => 4,
            "ListViewed" | "ListCreated" | "ListUpdated" | "ListItemViewed" => 36,
            "ListColumnCreated" => 56,
            operation if is_file_operation(operation) => 6,
            _ => 14,
        }
    }
}

/// Whether the record follows the schema of file operations, which writes `SiteUrl` and `SourceRelativeUrl` in its own way.
fn is_file_operation(operation: &str) -> bool {
    operation.starts_with("File")
        || operation.starts_with("Folder")
        || matches!(operation, "ManagedSyncClientAllowed" | "UnmanagedSyncClientBlocked")
}
