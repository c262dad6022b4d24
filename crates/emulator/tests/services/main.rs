//! Drives the emulator from outside, over its sockets, as a client would.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod assertions;
mod defender;
mod delivery;
mod faults;
mod feed;
mod graph;
mod identity;
mod lab;
mod management;
mod quirks;
