//! Room on a disk.

use std::path::Path;

/// Bytes that this program's account may still write on the disk of `path`, which need not be there yet. `None` where the
/// system does not say.
#[cfg(unix)]
pub fn free_bytes(path: &Path) -> Option<u64> {
    let absolute = std::path::absolute(path).ok()?;
    // The file may not be there yet, nor its folder.
    let there = absolute.ancestors().find(|ancestor| ancestor.exists())?;
    let disk = rustix::fs::statvfs(there).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Bytes that this program's account may still write; this system is not asked.
#[cfg(not(unix))]
pub fn free_bytes(_: &Path) -> Option<u64> {
    None
}
