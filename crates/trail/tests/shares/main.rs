//! Records in, shares out: the life of ways in, told on stories and held to laws.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod examples;
mod grants;
mod laws;
mod links;
mod places;
mod story;
