//! One HTTP client for everything that talks to a service: its roots, limits, retries, and failures in plain words.
//!
//! * `client.rs`: one exchange: request out, whole answer in, within the limits; `stream.rs`: or piece by piece.
//! * `retry.rs`: the same with bounded attempts; `budget.rs`: calls a minute; `clock.rs`: time and pauses.
//! * `failure.rs`: what the caller must do next; the only place where status codes are judged.

mod address;
mod answer;
mod budget;
mod client;
mod clock;
mod connection;
mod failure;
mod refusal;
mod request;
mod retry;
mod retry_after;
mod stream;
#[cfg(test)]
pub(crate) mod stub;
#[cfg(test)]
mod tests;
mod tls;

pub use address::{host_and_port, require_https};
pub(crate) use address::{is_loopback, same_service};
pub use answer::Answer;
pub use budget::RequestBudget;
pub use client::Client;
pub use clock::Clock;
pub use failure::{Failure, Next};
pub use request::Request;
pub use stream::Stream;
