//! The store: where it lies, whose it is, of which release, and room on its disk.

use std::path::Path;

use super::Finding;
use crate::disk;
use crate::store::{Reader, StoreError, mounted};

const TOPIC: &str = "store";

/// Less than this is worth a word.
const FREE_BYTES_WARN: u64 = 1024 * 1024 * 1024;
/// With less than this a pass would soon end.
const FREE_BYTES_MIN: u64 = 64 * 1024 * 1024;

pub(super) fn check(tenant: &str, path: &Path) -> Vec<Finding> {
    let mut findings = vec![place(path), file(tenant, path)];
    findings.extend(room(path));
    findings
}

fn place(path: &Path) -> Finding {
    match mounted::refuse_network(path) {
        Ok(()) => Finding::fine(TOPIC, format!("{} lies on a file system of this machine", path.display())),
        Err(error) => Finding::failed(TOPIC, error.to_string()).remedy("name a store on a local disk with --state"),
    }
}

fn file(tenant: &str, path: &Path) -> Finding {
    match Reader::open(path) {
        Err(StoreError::Missing { .. }) => {
            Finding::fine(TOPIC, format!("{} is not there yet; the first pass makes it", path.display()))
        }
        Err(error @ StoreError::Older { .. }) => {
            Finding::warning(TOPIC, error.to_string()).remedy("the next `collect` brings it up to date, after a copy")
        }
        Err(error) => Finding::failed(TOPIC, format!("{} cannot be used", path.display())).because(error.to_string()),
        Ok(reader) if !reader.tenant().is_empty() && reader.tenant() != tenant => Finding::failed(
            TOPIC,
            format!("{} belongs to tenant `{}`, not `{tenant}`", path.display(), reader.tenant()),
        )
        .remedy("name another store with --state"),
        Ok(_) => Finding::fine(TOPIC, format!("{} is of this release's schema", path.display())),
    }
}

/// Room for the account of this program on the disk of the store.
fn room(path: &Path) -> Option<Finding> {
    let free = disk::free_bytes(path)?;
    let what = format!("{} MB are free on the disk of {}", free / 1_000_000, path.display());
    let remedy = "make room, or move the store to a larger disk";
    Some(match free {
        free if free < FREE_BYTES_MIN => Finding::failed("disk space", what).remedy(remedy),
        free if free < FREE_BYTES_WARN => Finding::warning("disk space", what).remedy(remedy),
        _ => Finding::fine("disk space", what),
    })
}
