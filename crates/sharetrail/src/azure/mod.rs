//! Tokens, vault, resource manager and query of Azure, over our own HTTP client.
//!
//! * `credential.rs`: tokens, kept and renewed; `sign_in.rs`: how one identity gets one, by the official SDK, whose calls go
//!   through `transport.rs`; `certificate.rs` signs assertions; `entra.rs` and `platform.rs` explain refusals.
//! * `bearer.rs`: calls with a token, renewed once when it is refused.
//! * `secrets.rs`: from a reference to the secret; `vault.rs`: those in Key Vault.
//! * `blob.rs`: one blob under a lease, by the official SDK; `storage_account.rs`: where it is and how it is opened;
//!   `shared_key.rs` signs, which the SDK does not.
//! * `workspace.rs`: Log Analytics workspaces by name; `rule.rs`: a data collection rule; `query.rs`: reads rows back.

mod bearer;
mod blob;
mod certificate;
mod credential;
mod entra;
mod platform;
mod query;
mod rule;
mod secrets;
mod shared_key;
mod sign_in;
mod storage_account;
#[cfg(test)]
pub(crate) mod tests;
mod transport;
mod vault;
mod workspace;

pub use bearer::Bearer;
pub use blob::{Committed, LeasedBlob, is_lost};
pub use credential::Credential;
pub use query::{Column, QueryClient, Table};
pub use rule::Rule;
pub use secrets::{HeldSecret, SecretResolver, reference_name};
pub use shared_key::SharedKey;
pub use storage_account::{StorageAccess, StorageAccount};
pub use vault::Vault;
pub use workspace::{FoundWorkspace, ResourceManager};
