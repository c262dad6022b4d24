//! A stand-in for the Microsoft services that sharetrail talks to.
//!
//! Layout:
//!
//! * [`story`]: the seeded tenant: what its people did (the truth), and the records that the services would write of it.
//! * `services/`: Entra ID, Key Vault, ARM, Defender for Cloud Apps, Logs Ingestion, Data Collector, queries: one file each.

pub mod story;
