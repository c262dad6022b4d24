//! What arrived, and what became of it, in numbers.

use serde::Serialize;

use super::row;

row! {
    /// What one feed brought on one day. All that was listed is stored, known, not kept or rejected.
    #[derive(Eq, Serialize)]
    pub struct Arrived {
        /// The day of arrival, UTC: `2026-11-24`.
        Day => day: String;
        /// Which feed.
        Feed => feed: String;
        /// Records that arrived.
        Listed => listed: i64;
        /// Of these, new and kept.
        Stored => stored: i64;
        /// Known before.
        Known => known: i64;
        /// New, and of no matter to the question.
        NotKept => not_kept: i64;
        /// Not readable as a record of this tenant.
        Rejected => rejected: i64;
    }
}
