//! Files and folders that only their owner may read: stores, reports, configurations, secrets of the emulator.

use std::fs::{DirBuilder, OpenOptions};
use std::path::Path;

/// Options for opening a file that, where it is created, is its owner's alone.
#[cfg(unix)]
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Options for opening a file; it has the rights of its folder.
#[cfg(not(unix))]
pub fn options() -> OpenOptions {
    OpenOptions::new()
}

/// Makes a folder, with those above it, that is its owner's alone. One that is there stays as it is.
///
/// # Errors
/// Those of the system.
pub fn create_folder(path: &Path) -> std::io::Result<()> {
    let mut folder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.recursive(true).create(path)
}
