//! What the tests are written with: a folder, the program, an emulated organisation, and accesses to compare.

mod access;
#[cfg(unix)]
mod azurite;
mod configuration;
mod folder;
#[cfg(unix)]
mod host;
mod lab;
mod mmdb;
mod program;
mod random;
mod stub;
mod tenants;
mod waiting;

pub use access::{Access, as_reported, reported, standing, told};
#[cfg(unix)]
pub use azurite::Blobs;
pub use configuration::{Configuration, UNREACHABLE_CONTOSO};
pub use folder::Folder;
#[cfg(unix)]
pub use host::{Instance, body};
pub use lab::Lab;
pub use mmdb::mmdb;
pub use program::{Ended, Program, Running};
pub use random::Random;
pub use stub::Stub;
pub use tenants::{held_back, name_at_length, now_ms, record, seeded, stored_at, tenant_of};
pub use waiting::{after, until};
