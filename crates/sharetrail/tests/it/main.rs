//! The product driven from outside: as a process, with files, against an emulator that runs in this one.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod accepts;
mod backfill;
mod bad_input;
mod data_collector;
mod dead_letters;
mod demo;
mod documents;
mod emulate;
mod faults;
mod files;
mod identities;
mod imports;
mod killed;
mod outages;
mod output;
mod passes;
mod regression;
mod reliability;
mod samples;
mod secrets;
mod support;
mod trails;
mod truth;
