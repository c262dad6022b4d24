//! Microsoft Graph, audit-log queries: a search that the service works on for minutes, then pages of records.
//!
//! * `client.rs`: calls to Graph with a token, in either version of the API, and never to another host.
//! * `ask.rs`: what a query asks for; ranges cut into queries.
//! * `directory.rs`: what Graph tells of the tenant itself: labels and domains.
//! * `reading.rs`: queries begun, waited for and paged, several at once.

mod ask;
mod client;
mod directory;
mod reading;

pub use ask::{Ask, asks};
pub use client::GraphClient;
pub(in crate::sources) use client::Purpose;
pub use reading::{GraphReading, KnownQuery, Step};
