//! Where rows are delivered. A sink takes a batch and answers; it never removes anything and never decides.

pub mod batch;
pub mod data_collector;
pub mod logs_ingestion;
#[cfg(test)]
mod tests;

use std::time::Duration;

/// What became of a batch. Status codes stay in the sink; `collect.rs` decides by this alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The service has it.
    Done,
    /// Not now; the same batch again later, perhaps after a stated pause.
    Retry {
        /// The pause that the service asked for.
        after: Option<Duration>,
        /// In words.
        why: String,
    },
    /// Too large: send it in halves.
    Split {
        /// In words.
        why: String,
    },
    /// This service will never take it: a lone row becomes a dead letter, a batch is split to find which row it is.
    Reject {
        /// In words.
        why: String,
    },
    /// Nothing will pass until a person acts.
    Stop {
        /// In words, with the remedy.
        why: String,
    },
}
