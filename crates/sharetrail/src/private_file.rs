//! Files that only their owner may read: stores, reports, configurations, secrets of the emulator.

use std::fs::OpenOptions;

/// Options for opening a file that, where it is created, is its owner's alone.
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
