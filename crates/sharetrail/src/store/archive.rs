//! Records as received, at rest: many in one compressed block.
//!
//! Audit records resemble each other; compressed one by one they shrink to a third, in blocks of this size to a
//! tenth, and at a multiple of the speed. To show one record, one block is unpacked.

use std::fmt;

use rusqlite::{Connection, OptionalExtension};
use zstd::bulk::Compressor;

use super::StoreError;

/// A block is closed when it holds this much.
const BLOCK_BYTES: usize = 256 * 1024;
/// zstd level 1: about 800 MB/s; higher levels gain little on such records.
const LEVEL: i32 = 1;

/// Where a record's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) block: i64,
    pub(super) start: i64,
    pub(super) length: i64,
}

/// Collects the records of one transaction into blocks.
#[derive(Default)]
pub(super) struct Archive {
    open: Vec<u8>,
    /// Made once: its tables are larger than a block.
    compressor: Option<Compressor<'static>>,
    /// Number of the open block; 0 while none is open.
    block: i64,
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").field("block", &self.block).field("bytes", &self.open.len()).finish()
    }
}

impl Archive {
    /// Adds a record's bytes and tells where they will be.
    pub(super) fn add(&mut self, db: &Connection, raw: &[u8]) -> Result<Place, StoreError> {
        if self.open.len() >= BLOCK_BYTES {
            self.close(db)?;
        }
        if self.block == 0 {
            self.block =
                db.prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM block")?.query_row([], |row| row.get(0))?;
        }
        let start = self.open.len() as i64;
        self.open.extend_from_slice(raw);
        Ok(Place { block: self.block, start, length: raw.len() as i64 })
    }

    /// Writes the open block. Must be called before the transaction commits.
    pub(super) fn close(&mut self, db: &Connection) -> Result<(), StoreError> {
        if self.block != 0 {
            let compressor = match &mut self.compressor {
                Some(compressor) => compressor,
                none => none.insert(Compressor::new(LEVEL).map_err(|_| StoreError::Damaged("compression"))?),
            };
            let data = compressor.compress(&self.open).map_err(|_| StoreError::Damaged("compression"))?;
            db.prepare_cached("INSERT INTO block (id, raw_bytes, data) VALUES (?1, ?2, ?3)")?.execute((
                self.block,
                self.open.len() as i64,
                data,
            ))?;
            self.forget();
        }
        Ok(())
    }

    /// Drops what was not written: the transaction was rolled back.
    pub(super) fn forget(&mut self) {
        self.open.clear();
        self.block = 0;
    }

    /// The bytes at `place`, written or still open.
    pub(super) fn read(&self, db: &Connection, place: Place) -> Result<Vec<u8>, StoreError> {
        if place.block == self.block {
            return slice(&self.open, place);
        }
        read(db, place)
    }
}

/// The bytes at `place`.
pub(super) fn read(db: &Connection, place: Place) -> Result<Vec<u8>, StoreError> {
    let block: Option<(i64, Vec<u8>)> = db
        .prepare_cached("SELECT raw_bytes, data FROM block WHERE id = ?1")?
        .query_row([place.block], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (raw_bytes, data) = block.ok_or(StoreError::Damaged("its block is missing"))?;
    let capacity = usize::try_from(raw_bytes).map_err(|_| StoreError::Damaged("its block has no size"))?;
    let raw =
        zstd::bulk::decompress(&data, capacity).map_err(|_| StoreError::Damaged("its block cannot be unpacked"))?;
    slice(&raw, place)
}

fn slice(raw: &[u8], place: Place) -> Result<Vec<u8>, StoreError> {
    let start = usize::try_from(place.start).unwrap_or(usize::MAX);
    let end = start.saturating_add(usize::try_from(place.length).unwrap_or(usize::MAX));
    raw.get(start..end).map(<[u8]>::to_vec).ok_or(StoreError::Damaged("it lies outside its block"))
}
