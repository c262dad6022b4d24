//! Rows that a sink will never take, for `dead-letters list`.

use std::sync::Arc;

use trail::TimeMs;

use super::row;

row! {
    /// A row that a sink refused, with the reason.
    pub struct DeadLetter {
        /// When it was set aside.
        SetAsideAt => set_aside_at: TimeMs;
        /// Whose row.
        TenantName => tenant_name: Arc<str>;
        /// Which sink, by its name in the configuration.
        Sink => sink: String;
        /// The table that it was meant for.
        Table => table: &'static str;
        /// The row's own id: an `AccessId`, `ShareId`, `GapId` or `ActivityId`. Empty when there is no such row any more.
        RowId => row_id: Option<String>;
        /// The revision that was refused.
        Revision => revision: i64;
        /// Why, in words.
        Reason => reason: String;
    }
}
