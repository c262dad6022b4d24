//! The product driven from outside: as a process, with files, against an emulator that runs in this one.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod accepts;
mod alerts;
mod archive;
mod backfill;
mod bad_input;
mod care;
mod dashboard;
mod data_collector;
mod dead_letters;
mod demo;
mod directory;
mod doctor;
mod documents;
mod dry_run;
mod emulate;
mod faults;
mod feed;
mod feed_killed;
mod files;
#[cfg(unix)]
mod function;
mod graph;
mod hunting;
mod identities;
mod imports;
mod inventory;
mod killed;
mod order;
mod outages;
mod output;
mod passes;
mod places;
mod regression;
mod reliability;
#[cfg(unix)]
mod run;
mod samples;
mod schema;
mod secrets;
mod sign_in;
mod support;
mod terminal;
mod trails;
mod truth;
