//! sharetrail: who outside our organisation is reaching the files that we shared?
//!
//! Layout, in the order in which a record passes through:
//!
//! * `cli.rs`, `commands/`: what people type; one file a command.
//! * `config/`: what was written (`written.rs`), then what is used (`settings.rs`).
//! * `collect.rs`: the story of a pass. It alone decides.
//! * `sources/`: where records come from. A source never saves anything.
//! * `store/`: one SQLite file a tenant.
//! * `sinks/`: where rows go. A sink never removes anything.
//! * `azure/`, `http/`: tokens, vault, ARM; one HTTP client with its limits.
//! * `alerts/`: rules over what was concluded, and how people are told.
//! * `rows/`: the row types of reports, files and tables; `report/`: rows for people.
//! * `schedule.rs`, `run/`: passes again and again, and what is told of them.
//! * `function/`: passes when the host of Azure Functions says so, with the store in a blob.
//! * `log.rs`, `telemetry.rs`: what is said while working, here and to a collector.
//! * `doctor/`: is everything there that a pass needs? One file a topic.
//! * `html/`: what pages are made of; `dashboard/`: them live.

pub mod alerts;
pub mod azure;
pub mod cli;
pub mod collect;
pub mod commands;
pub mod config;
pub mod crash;
pub mod dashboard;
pub mod disk;
pub mod doctor;
pub mod exit;
pub mod function;
pub mod html;
pub mod http;
pub mod log;
pub mod places;
pub mod policy;
pub mod private_file;
pub mod progress;
#[cfg(test)]
mod reference;
pub mod report;
pub mod rows;
pub mod run;
pub mod schedule;
pub mod schema;
pub mod secret;
pub mod sinks;
pub mod sources;
pub mod stdout;
pub mod store;
pub mod telemetry;
pub mod terminal;
