//! What a report leaves out, and why, in numbers.

use super::row;

row! {
    /// One reason for leaving records out.
    pub struct Excluded {
        /// Why.
        Reason => reason: String;
        /// How many records.
        Records => records: i64;
        /// Of rejected records: the id under which `show record` shows one of them.
        Example => example: Option<String>;
    }
}
