//! Alerts without a SIEM: rules over what was concluded, what they found, and how people are told.
//!
//! * [`rule`]: which rules there are, and with which thresholds they are used.
//! * [`rules`]: the rules themselves, each a pure function from a conclusion (and what was looked up around it) to a
//!   [`Finding`]. The same rules stand in `deploy/sentinel` as queries, and a test holds one to the other.
//! * [`finding`]: what a rule found. Its id follows from what it is about, so that finding it again changes nothing.
//! * [`message`]: findings and the weekly digest as a card for Teams, a message for Slack, or signed JSON.
//! * [`webhook`]: sends a message and tells what became of it.
//!
//! The store keeps findings and who is still to be told of them (`store/finding.rs`, `store/notice.rs`); `collect/alert.rs`
//! decides when rules are looked at and messages are sent.

pub mod finding;
pub mod message;
pub mod rule;
pub mod rules;
#[cfg(test)]
mod rules_tests;
pub mod webhook;

pub use finding::Finding;
pub use rule::{Rule, Rules, Severity};
