//! Shares, the accesses through them and their classification, held against what really happened.

mod examples;
mod late;
mod looks;
mod mistakes;
mod order;
mod rules;
mod sources;
mod support;
mod truth;

pub use support::{classified_labels, knowing};
