//! Packs rows into batches that a service takes: a JSON array each, compressed, within the service's limits.
//!
//! The limit that matters is that of the body as it is sent, and how far rows compress is known only afterwards. So the
//! packer gathers as many rows as the ratio of the last batch promises, compresses them at once (which is several times
//! faster than a stream), and corrects itself: when there is room left it goes on gathering, when it is too much it cuts
//! back at a row's border and keeps the rest for the next batch.

use std::ops::Range;

use bytes::Bytes;
use libdeflater::{CompressionLvl, Compressor};

/// How full a batch is aimed to be, and how full it must be to go: there is no gain in trying for the last bytes.
const AIM: f64 = 0.90;
const FULL_ENOUGH: f64 = 0.85;

/// Wire bytes for a raw byte that are assumed before the first batch; rows like ours compress 7 to 11 times.
const FIRST_RATIO: f64 = 0.25;

/// What a service takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Body as it is sent.
    pub wire_bytes_max: usize,
    /// Body before compression.
    pub raw_bytes_max: usize,
    /// Whether bodies are compressed.
    pub gzip: bool,
}

/// What the caller knows a row by, such as its place in a list.
pub type RowTag = u64;

/// Rows that travel together. Only a batch of one row may be over the limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    rows: Vec<(Range<usize>, RowTag)>,
    raw: Bytes,
    body: Bytes,
    gzip: bool,
}

impl Batch {
    /// No rows, uncompressed: for asking whether some would be taken.
    pub fn none() -> Self {
        let raw = Bytes::from_static(b"[]");
        Self { rows: Vec::new(), body: raw.clone(), raw, gzip: false }
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Only of the one that asks whether rows would be taken.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows' tags, in order.
    pub fn tags(&self) -> impl Iterator<Item = RowTag> {
        self.rows.iter().map(|(_, tag)| *tag)
    }

    /// Each row's JSON with its tag, in order.
    pub fn rows(&self) -> impl Iterator<Item = (&[u8], RowTag)> {
        self.rows.iter().filter_map(|(range, tag)| Some((self.raw.get(range.clone())?, *tag)))
    }

    /// The JSON array before compression.
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// The body as it is sent.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Whether the body is compressed.
    pub fn gzip(&self) -> bool {
        self.gzip
    }

    /// The first and the second half of the rows, or the batch itself when it holds only one.
    ///
    /// # Errors
    /// The batch itself, when it cannot be halved.
    pub fn halves(self) -> Result<(Self, Self), Self> {
        let Some((first, second)) =
            self.rows.split_at_checked(self.rows.len() / 2).filter(|(first, _)| !first.is_empty())
        else {
            return Err(self);
        };
        let mut encoder = Encoder::new();
        Ok((self.part(first, &mut encoder), self.part(second, &mut encoder)))
    }

    fn part(&self, rows: &[(Range<usize>, RowTag)], encoder: &mut Encoder) -> Self {
        let mut gathered = Gathered::default();
        for (range, tag) in rows {
            gathered.add(self.raw.get(range.clone()).unwrap_or_default(), *tag);
        }
        gathered.seal(self.gzip, encoder)
    }
}

/// Rows gathered and not yet sealed: `[row,row` without the closing bracket.
#[derive(Debug, Default)]
struct Gathered {
    raw: Vec<u8>,
    rows: Vec<(Range<usize>, RowTag)>,
}

impl Gathered {
    fn add(&mut self, row: &[u8], tag: RowTag) {
        self.raw.push(if self.rows.is_empty() { b'[' } else { b',' });
        let begin = self.raw.len();
        self.raw.extend_from_slice(row);
        self.rows.push((begin..self.raw.len(), tag));
    }

    /// Size when sealed.
    fn raw_bytes(&self) -> usize {
        self.raw.len() + 1
    }

    /// How many rows fit into so many bytes when sealed; at least one.
    fn rows_within(&self, raw_bytes: usize) -> usize {
        self.rows.partition_point(|(range, _)| range.end < raw_bytes).max(1)
    }

    /// Keeps the first `count` rows and returns the rest.
    fn split_off(&mut self, count: usize) -> Self {
        let mut rest = Self::default();
        for (range, tag) in self.rows.split_off(count.min(self.rows.len())) {
            rest.add(self.raw.get(range).unwrap_or_default(), tag);
        }
        self.raw.truncate(self.rows.last().map_or(0, |(range, _)| range.end));
        rest
    }

    fn append(&mut self, others: &Self) {
        for (range, tag) in &others.rows {
            self.add(others.raw.get(range.clone()).unwrap_or_default(), *tag);
        }
    }

    fn seal(mut self, gzip: bool, encoder: &mut Encoder) -> Batch {
        self.raw.push(b']');
        let raw = Bytes::from(self.raw);
        let compressed = if gzip { encoder.gzip(&raw) } else { None };
        // What could not be compressed is good as it is, and says so.
        let gzip = compressed.is_some();
        Batch { rows: self.rows, body: compressed.unwrap_or_else(|| raw.clone()), raw, gzip }
    }
}

impl From<Batch> for Gathered {
    /// Opens a batch again, without copying where it is the only owner of its rows.
    fn from(batch: Batch) -> Self {
        let Batch { rows, raw, body, .. } = batch;
        drop(body);
        let mut raw = Vec::from(raw);
        // The closing bracket.
        raw.pop();
        Self { raw, rows }
    }
}

/// Level 6 costs three times as much for a fifth less. Named by its number: what the library calls its fastest level is 0, which
/// packs without compressing.
const LEVEL: CompressionLvl = match CompressionLvl::new(1) {
    Ok(level) => level,
    // Level 1 is there; this only says it to the compiler.
    Err(_) => CompressionLvl::fastest(),
};

/// Compresses at level 1.
struct Encoder {
    compressor: Compressor,
    /// Room for the largest body so far, kept because it is many times the size of what comes out.
    scratch: Vec<u8>,
}

impl Encoder {
    fn new() -> Self {
        Self { compressor: Compressor::new(LEVEL), scratch: Vec::new() }
    }

    fn gzip(&mut self, raw: &[u8]) -> Option<Bytes> {
        let bound = self.compressor.gzip_compress_bound(raw.len());
        if self.scratch.len() < bound {
            self.scratch.resize(bound, 0);
        }
        // The only error is too little room, and the bound is never too little.
        let written = self.compressor.gzip_compress(raw, &mut self.scratch).ok()?;
        Some(Bytes::copy_from_slice(self.scratch.get(..written)?))
    }
}

/// Packs rows in order; every row that is pushed comes out in exactly one batch.
pub struct Packer {
    limits: Limits,
    gathered: Gathered,
    /// Wire bytes for a raw byte, as measured last.
    ratio: f64,
    encoder: Encoder,
}

impl Packer {
    /// A packer for a service's limits.
    pub fn new(limits: Limits) -> Self {
        let ratio = if limits.gzip { FIRST_RATIO } else { 1.0 };
        Self { limits, gathered: Gathered::default(), ratio, encoder: Encoder::new() }
    }

    /// Adds a row (one JSON object) and returns a batch when one is full.
    pub fn push(&mut self, row_json: &[u8], tag: RowTag) -> Option<Batch> {
        // Checked before the row goes in, so that what is gathered stays within the raw limit.
        let full =
            !self.gathered.rows.is_empty() && self.gathered.raw_bytes() + 1 + row_json.len() > self.raw_bytes_aim();
        let batch = if full { self.take(Some(row_json.len())) } else { None };
        self.gathered.add(row_json, tag);
        batch
    }

    /// A batch of what is left, `None` when nothing is. Call it until it returns `None`.
    pub fn finish(&mut self) -> Option<Batch> {
        if self.gathered.rows.is_empty() { None } else { self.take(None) }
    }

    /// How large a batch shall be before compression, by what is known.
    fn raw_bytes_aim(&self) -> usize {
        let raw_bytes_max = self.limits.raw_bytes_max;
        if !self.limits.gzip {
            return raw_bytes_max.min(self.limits.wire_bytes_max);
        }
        // As `f64` to `usize` saturates, a ratio near zero means "no limit but the raw one".
        let by_wire = (self.limits.wire_bytes_max as f64 * AIM / self.ratio) as usize;
        by_wire.min(raw_bytes_max)
    }

    /// Seals a batch within the limits, or nothing when it turns out that the next row, of so many bytes, has room as well.
    fn take(&mut self, next_row_bytes: Option<usize>) -> Option<Batch> {
        let mut part = std::mem::take(&mut self.gathered);
        let mut rest = part.split_off(part.rows_within(self.limits.raw_bytes_max));
        // Ends: each turn seals or leaves fewer rows, and one row is always sealed.
        let batch = loop {
            let (raw_bytes, count) = (part.raw_bytes(), part.rows.len());
            let batch = part.seal(self.limits.gzip, &mut self.encoder);
            let wire_bytes = batch.body.len();
            if self.limits.gzip {
                self.ratio = wire_bytes as f64 / raw_bytes as f64;
            }
            if wire_bytes <= self.limits.wire_bytes_max || count == 1 {
                break batch;
            }
            part = Gathered::from(batch);
            let mut others = part.split_off(part.rows_within(self.raw_bytes_aim()).min(count - 1));
            others.append(&rest);
            rest = others;
        };
        let wire_has_room = (batch.body.len() as f64) < self.limits.wire_bytes_max as f64 * FULL_ENOUGH;
        let next_fits = next_row_bytes.is_some_and(|bytes| batch.raw.len() + 1 + bytes <= self.raw_bytes_aim());
        if wire_has_room && next_fits && rest.rows.is_empty() {
            // Better than expected: nothing is sent, and the new ratio says how much more goes in.
            self.gathered = Gathered::from(batch);
            return None;
        }
        self.gathered = rest;
        Some(batch)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn gunzip(body: &[u8]) -> Vec<u8> {
        let mut raw = Vec::new();
        flate2::read::GzDecoder::new(body).read_to_end(&mut raw).unwrap();
        raw
    }

    fn pack(limits: Limits, rows: &[Vec<u8>]) -> Vec<Batch> {
        let mut packer = Packer::new(limits);
        let mut batches: Vec<Batch> = (0..).zip(rows).filter_map(|(tag, row)| packer.push(row, tag)).collect();
        batches.extend(std::iter::from_fn(|| packer.finish()));
        batches
    }

    /// Rows that compress well, badly, or anyhow.
    fn rows() -> impl Strategy<Value = Vec<Vec<u8>>> {
        let word = prop_oneof!["a{0,300}", "[a-z0-9]{0,80}", "\\PC{0,20}"];
        prop::collection::vec(
            word.prop_map(|word| serde_json::to_vec(&serde_json::json!({ "w": word })).unwrap()),
            0..120,
        )
    }

    proptest! {
        #[test]
        fn every_row_travels_once_in_order_and_within_the_limits(
            rows in rows(), wire_bytes_max in 40_usize..600, raw_bytes_max in 40_usize..4000, gzip: bool,
        ) {
            let limits = Limits { wire_bytes_max, raw_bytes_max, gzip };
            let batches = pack(limits, &rows);
            let tags: Vec<RowTag> = batches.iter().flat_map(Batch::tags).collect();
            prop_assert_eq!(tags, (0..rows.len() as u64).collect::<Vec<_>>());
            let travelled: Vec<Vec<u8>> = batches.iter().flat_map(|batch| batch.rows().map(|(row, _)| row.to_vec())).collect();
            prop_assert_eq!(&travelled, &rows);
            for batch in &batches {
                if batch.len() > 1 {
                    prop_assert!(batch.body().len() <= wire_bytes_max && batch.raw().len() <= raw_bytes_max);
                }
                let raw = if gzip { gunzip(batch.body()) } else { batch.body().to_vec() };
                prop_assert_eq!(&raw, &batch.raw().to_vec());
                let array: Vec<Value> = serde_json::from_slice(&raw).unwrap();
                prop_assert_eq!(array.len(), batch.len());
            }
        }

        #[test]
        fn halves_hold_the_same_rows_as_the_whole(rows in rows(), gzip: bool) {
            let limits = Limits { wire_bytes_max: 1 << 20, raw_bytes_max: 1 << 20, gzip };
            for batch in pack(limits, &rows) {
                let whole: Vec<(Vec<u8>, RowTag)> = batch.rows().map(|(row, tag)| (row.to_vec(), tag)).collect();
                match batch.halves() {
                    Err(alone) => prop_assert_eq!(alone.len(), 1),
                    Ok((first, second)) => {
                        prop_assert!(second.len() - first.len() <= 1);
                        let both: Vec<(Vec<u8>, RowTag)> =
                            first.rows().chain(second.rows()).map(|(row, tag)| (row.to_vec(), tag)).collect();
                        prop_assert_eq!(both, whole);
                    }
                }
            }
        }
    }

    /// Rows like ours: long common parts, some noise.
    fn audit_like(count: u64) -> Vec<Vec<u8>> {
        let row = |n: u64| {
            let noise = blake3::hash(&n.to_le_bytes()).to_hex();
            format!(
                r#"{{"TimeGenerated":"2026-11-24T03:{:02}:{:02}.000Z","AccessId":"{}","Person":"guest{}@fabrikam.example","ItemUrl":"https://contoso.sharepoint.com/sites/Finance/Shared Documents/Report {}.xlsx","Action":"read","Confidence":"certain","MatchRule":"link_used"}}"#,
                n / 60 % 60,
                n % 60,
                &noise[..32],
                n % 40,
                n % 700,
            )
            .into_bytes()
        };
        (0..count).map(row).collect()
    }

    #[test]
    fn batches_are_nearly_full_on_the_wire() {
        let limits = Limits { wire_bytes_max: 100_000, raw_bytes_max: 8 << 20, gzip: true };
        let batches = pack(limits, &audit_like(40_000));
        assert!(batches.len() > 5, "{}", batches.len());
        for batch in &batches[..batches.len() - 1] {
            let full = batch.body().len() as f64 / 100_000.0;
            assert!((0.80..=1.0).contains(&full), "a batch is {full} full");
        }
    }

    #[test]
    fn what_travels_is_several_times_smaller_than_the_rows() {
        let limits = Limits { wire_bytes_max: 1_000_000, raw_bytes_max: 8 << 20, gzip: true };
        let batches = pack(limits, &audit_like(5_000));
        let bytes = |of: fn(&Batch) -> usize| batches.iter().map(of).sum::<usize>();
        let (raw, wire) = (bytes(|batch| batch.raw().len()), bytes(|batch| batch.body().len()));
        assert!(wire * 4 < raw, "{wire} of {raw} bytes");
    }

    #[test]
    fn the_raw_limit_holds_even_where_the_wire_has_room() {
        let limits = Limits { wire_bytes_max: 1_000_000, raw_bytes_max: 50_000, gzip: true };
        let batches = pack(limits, &audit_like(2_000));
        for batch in &batches[..batches.len() - 1] {
            assert!((49_000..=50_000).contains(&batch.raw().len()), "{}", batch.raw().len());
        }
    }

    #[test]
    fn a_row_that_is_too_large_travels_alone() {
        let limits = Limits { wire_bytes_max: 200, raw_bytes_max: 200, gzip: false };
        let large = format!(r#"{{"w":"{}"}}"#, "x".repeat(500)).into_bytes();
        let batches = pack(limits, &[b"{}".to_vec(), large, b"{}".to_vec()]);
        assert_eq!(batches.iter().map(Batch::len).collect::<Vec<_>>(), [1, 1, 1]);
    }
}
