//! What a report leaves out, and why, in numbers.

use super::row;

row! {
    /// One reason for leaving records out.
    pub struct Excluded {
        /// Why.
        Reason => reason: String;
        /// How many records.
        Records => records: i64;
    }
}
