//! A stand-in for the Microsoft services that sharetrail talks to.
//!
//! Layout:
//!
//! * [`story`]: the seeded tenant: what its people did (the truth), and the records that the services would write of it.
//! * [`Options`] → [`Emulator::start`] → [`Endpoints`]: what goes in, the running thing, and what a client needs to know.
//! * `server.rs`, `tls.rs`: sockets and certificates; everything behind them is a plain function of a call.
//! * `world.rs`: the state that the services share; `call.rs`: one request and the forms of an answer;
//!   `request_log.rs`: the latest requests.
//! * `services/`: Entra ID, Key Vault, ARM, Defender for Cloud Apps, the Management Activity API, Graph, Logs Ingestion,
//!   Data Collector, queries: one each.
//! * [`faults`]: failures by rule: in place of a service, on an answer's way, or in the service itself.
//!
//! Whatever depends on time (tokens, the request limit, retention, signatures) reads the one [`Clock`] of the emulator.

// Here the error of a call is the answer to it: made once a call, handed up two or three functions, never stored.
#![allow(clippy::result_large_err)]

mod body;
mod call;
mod clock;
mod endpoints;
pub mod faults;
mod ids;
mod options;
mod request_log;
mod secret;
mod server;
mod services;
pub mod story;
mod tls;
mod world;

pub use clock::Clock;
pub use endpoints::{Application, Endpoints, ManagedIdentity, Scopes, SignedIn, Workspace};
pub use options::{
    AuditQueries, ContentType, DataCollectorOptions, DefenderOptions, FeedQuirks, GraphOptions, HuntingOptions,
    IngestionOptions, LimitBody, ManagementOptions, NextPageHeader, Options, QueryLife, Retired, RetryAfter, Secrets,
    SyntheticFeed, TenantState, WideWindows,
};
pub use secret::Secret;
pub use server::{Emulator, StartError};
pub use services::defender::store::{NotAnActivity, activity_from_json};
pub use services::entra::{Forgery, Role};
pub use services::graph::GraphCounters;
pub use services::management::{ContentCounters, ManagementCounters};
#[cfg(fuzzing)]
pub use services::query::fuzzed as fuzzed_query;
pub use services::tables::TableCounters;
pub use world::{Counters, RouteCounters};
