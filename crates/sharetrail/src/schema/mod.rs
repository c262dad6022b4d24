//! What Azure has to be told so that our rows find their tables: columns, tables, the data collection rule, and the template
//! that makes all of it. Made from the row types, so that what is declared is what is delivered.
//!
//! * `declaration.rs`: a table and a stream, as Azure Resource Manager takes them.
//! * `delivery.rs`: `delivery.json` beside it with these put in: the template in `deploy/azure`.
//! * `json.rs`: JSON that keeps the order of its keys.
//! * `bicep/`, a test only: writes the Bicep of every template in `deploy/azure`, and holds the folder to the code.

#[cfg(test)]
mod bicep;
mod declaration;
mod delivery;
#[cfg(test)]
mod deployed;
mod json;

pub use declaration::{columns, rule, tables};
pub use delivery::template;
pub use json::Json;

/// The Bicep of [`template`], written from it by the test in `deployed.rs`.
pub const BICEP: &str = include_str!("../../../../deploy/azure/delivery.bicep");
