//! Activities of one person on one item → accesses.
//!
//! An access is one outside person, one item, one action, with at most five minutes between its records: the service
//! itself writes no second `FileAccessed` for the same user and file within five minutes (Microsoft Purview, "Audit log
//! activities"), so a record stands for a session and not for a view. A `…Extended` record says that access went on, up to
//! three hours; it joins the access that it continues.

mod group;
mod verdict;
mod zip;

pub use group::{EXTENDED_GAP_MS_MAX, Fact, GAP_MS_MAX, Group, group, starts_anew};
pub use verdict::{Exclusion, action_of, verdict};
pub use zip::{Zip, zip_of};

use crate::RecordId;
use crate::id::hash16;

/// The stable id of an access: a hash of the tenant and of the id of its first record by (time, id).
pub fn access_id(tenant: &str, first: RecordId) -> [u8; 16] {
    // The id has a fixed length and comes first, so no two pairs give the same bytes.
    let mut bytes = Vec::with_capacity(16 + tenant.len());
    bytes.extend_from_slice(&first.0);
    bytes.extend_from_slice(tenant.as_bytes());
    hash16(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_id_depends_on_tenant_and_first_record_alone() {
        let (one, two) = (RecordId([1; 16]), RecordId([2; 16]));
        assert_eq!(access_id("contoso", one), access_id("contoso", one));
        assert_ne!(access_id("contoso", one), access_id("contoso", two));
        assert_ne!(access_id("contoso", one), access_id("fabrikam", one));
    }
}
