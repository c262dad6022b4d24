//! `ShareTrailGap_CL`: spans of a feed that can no longer be had.

use std::sync::Arc;

use trail::TimeMs;

use super::row;

row! {
    /// A span of a feed that can no longer be had, with the reason.
    pub struct Gap {
        /// Begin of the span.
        TimeGenerated => time_generated: TimeMs;
        /// Stable id.
        GapId => gap_id: String;
        /// Readers take the latest revision of an id.
        Revision => revision: i64;
        /// Whose feed.
        TenantName => tenant_name: Arc<str>;
        /// Which feed.
        Feed => feed: String;
        /// Begin of the span on the service's clock.
        FromTime => from_time: TimeMs;
        /// End of the span.
        ToTime => to_time: TimeMs;
        /// Why, in words.
        Reason => reason: String;
    }
}
