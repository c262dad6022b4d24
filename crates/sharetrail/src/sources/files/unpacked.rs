//! How much may come out of a compressed file. Reading is a stream, so that memory is no concern; but a file of a few
//! kilobytes can be made to unpack for days, also by an archive whose files share their bytes.

use std::cell::Cell;
use std::io::{self, Read};

/// So much is always let through.
const FREE_BYTES: u64 = 256 * 1024 * 1024;
/// Beyond that, so many bytes for one. Every record has an id of its own, so that exports shrink to a tenth or, where they
/// are monotonous, to a fiftieth; deflate can make a thousandth of what is all the same.
const RATIO_MAX: u64 = 200;

/// What went into unpacking and what came out, of one file with all that is in it.
#[derive(Debug, Default)]
pub struct Allowance {
    packed_bytes: Cell<u64>,
    unpacked_bytes: Cell<u64>,
}

impl Allowance {
    /// So many packed bytes were read, or are there to be read.
    pub fn took(&self, bytes: u64) {
        self.packed_bytes.set(self.packed_bytes.get().saturating_add(bytes));
    }

    fn gave(&self, bytes: usize) -> io::Result<()> {
        let unpacked = self.unpacked_bytes.get().saturating_add(bytes as u64);
        self.unpacked_bytes.set(unpacked);
        if unpacked > FREE_BYTES.saturating_add(self.packed_bytes.get().saturating_mul(RATIO_MAX)) {
            return Err(io::Error::other(format!(
                "it unpacks to more than {RATIO_MAX} times its size, which no export does; if it is one, unpack it first"
            )));
        }
        Ok(())
    }
}

/// A decompressor that stops when it gives more than is allowed.
pub struct Unpacked<'a, R> {
    /// The decompressor.
    pub source: R,
    /// What it may give.
    pub allowance: &'a Allowance,
}

impl<R: Read> Read for Unpacked<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.allowance.gave(read)?;
        Ok(read)
    }
}
