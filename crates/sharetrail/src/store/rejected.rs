//! Records that were not taken: kept with the reason, so that a person can look at them, within limits a feed, so that
//! a feed that brings nothing else (another tenant's records, a file of nonsense) does not fill the disk. What is over the
//! limits is counted.

use rusqlite::{Connection, OptionalExtension};
use trail::parse::redact;
use trail::{ContentHash, RecordId, TimeMs};

use super::page::Place;
use super::{Feed, StoreError};

/// So much is kept of one.
pub const REJECTED_RAW_BYTES_MAX: usize = 64 * 1024;
/// So many are kept of a feed.
const KEPT_MAX: i64 = 10_000;
/// So many bytes are kept of a feed, compressed.
const KEPT_BYTES_MAX: i64 = 16 * 1024 * 1024;
/// Reasons that are told apart of a feed in what is only counted.
const REASONS_MAX: i64 = 100;
/// Reasons that are told apart in a report.
const REASONS_TOLD_MAX: usize = 20;
/// All further ones.
pub(super) const OTHER_REASONS: &str = "for other reasons, not listed one by one";

/// A record that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownRejected {
    /// The feed that brought it.
    pub feed: String,
    /// Why it was not taken.
    pub reason: String,
    /// Where it stood; empty where nothing was said of that.
    pub place: String,
    /// Its bytes, up to [`REJECTED_RAW_BYTES_MAX`].
    pub raw: Vec<u8>,
}

/// Keeps or counts a rejected record; `false` when it was known before. The same bytes from a service are the same record again, because pages overlap; from
/// a file, if they stood in the same place.
pub(super) fn add(
    db: &Connection,
    feed: &Feed,
    raw: &[u8],
    reason: &str,
    place: Option<Place<'_>>,
    now: TimeMs,
) -> Result<bool, StoreError> {
    let place = place.map(|place| place.to_string()).unwrap_or_default();
    let hash = ContentHash::of(&[raw, place.as_bytes()].concat()).0;
    let is_known = db.prepare_cached("SELECT 1 FROM rejected WHERE hash = ?1")?.exists([hash])?;
    if is_known {
        return Ok(false);
    }
    // What is not text at all holds nothing that could be found in it.
    let redacted = std::str::from_utf8(raw).ok().map(redact);
    let raw = redacted.as_deref().map_or(raw, str::as_bytes);
    let raw = raw.get(..REJECTED_RAW_BYTES_MAX).unwrap_or(raw);
    let data = zstd::bulk::compress(raw, 1).map_err(|_| StoreError::Damaged("compression"))?;
    let has_room = db
        .prepare_cached(
            "UPDATE feed SET rejected_kept = rejected_kept + 1, rejected_kept_bytes = rejected_kept_bytes + ?2
             WHERE id = ?1 AND rejected_kept < ?3 AND rejected_kept_bytes + ?2 <= ?4",
        )?
        .execute((feed.id, data.len() as i64, KEPT_MAX, KEPT_BYTES_MAX))?
        == 1;
    if has_room {
        db.prepare_cached(
            "INSERT INTO rejected (hash, feed, arrived_at, reason, place, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((hash, feed.id, now.millis(), reason, place, data))?;
    } else {
        db.prepare_cached(
            "INSERT INTO rejected_more (feed, reason, records)
             SELECT ?1, CASE WHEN (SELECT count(*) FROM rejected_more WHERE feed = ?1 AND reason <> ?2) < ?3
                 THEN ?2 ELSE ?4 END, 1
             WHERE true
             ON CONFLICT DO UPDATE SET records = records + 1",
        )?
        .execute((feed.id, reason, REASONS_MAX, OTHER_REASONS))?;
    }
    Ok(true)
}

/// Why records were not taken, how many, and the id of one where one is kept; the commonest reasons first.
pub(super) fn reasons(db: &Connection) -> Result<Vec<(String, i64, Option<RecordId>)>, StoreError> {
    let mut statement = db.prepare(
        "SELECT reason, sum(records) AS records, min(example) FROM (
             SELECT reason, count(*) AS records, min(hash) AS example FROM rejected GROUP BY reason
             UNION ALL SELECT reason, sum(records), NULL FROM rejected_more GROUP BY reason
         ) GROUP BY reason ORDER BY records DESC, reason",
    )?;
    let mut told: Vec<(String, i64, Option<RecordId>)> = Vec::new();
    let mut others = 0;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if told.len() >= REASONS_TOLD_MAX {
            others += row.get::<_, i64>(1)?;
        } else {
            told.push((row.get(0)?, row.get(1)?, row.get::<_, Option<[u8; 16]>>(2)?.map(RecordId)));
        }
    }
    match told.iter_mut().find(|(reason, ..)| reason == OTHER_REASONS) {
        Some((_, records, _)) => *records += others,
        None if others > 0 => told.push((OTHER_REASONS.to_owned(), others, None)),
        None => {}
    }
    Ok(told)
}

/// The rejected record that is shown under this id.
pub(super) fn find(db: &Connection, id: RecordId) -> Result<Option<ShownRejected>, StoreError> {
    let found = db
        .prepare_cached("SELECT name, reason, place, data FROM rejected JOIN feed ON feed.id = feed WHERE hash = ?1")?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, Vec<u8>>(3)?)))
        .optional()?;
    let Some((feed, reason, place, data)) = found else { return Ok(None) };
    let raw = zstd::bulk::decompress(&data, REJECTED_RAW_BYTES_MAX)
        .map_err(|_| StoreError::Damaged("a rejected record cannot be unpacked"))?;
    Ok(Some(ShownRejected { feed, reason, place, raw }))
}

#[cfg(test)]
mod tests {
    use trail::fold::Source;

    use super::super::{Advance, Arrival, Reader, Store};
    use super::*;
    use crate::config::settings::StoreSettings;

    const NOW: TimeMs = TimeMs(1_795_500_000_000);

    fn take(store: &mut Store, rejected: &[(String, String)]) {
        let feed = store.feed("import", Source::Import, NOW).unwrap();
        let arrivals =
            rejected.iter().map(|(raw, reason)| Arrival::Rejected { raw: raw.as_bytes(), reason, place: None });
        store.take_page(&feed, arrivals, Advance::Stay, NOW).unwrap();
    }

    /// A text that does not shrink much.
    fn noise(number: usize, hashes: usize) -> String {
        (0..hashes).map(|part| blake3::hash(format!("{number} {part}").as_bytes()).to_hex().to_string()).collect()
    }

    #[test]
    fn what_is_kept_of_rejected_records_is_bounded_and_all_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let mut store = Store::open(&path, None, &StoreSettings::default()).unwrap();
        // 12,000 small ones and 1,000 of 64 KiB and more: over both limits.
        for page in 0..13 {
            let hashes = if page < 12 { 1 } else { 1_100 };
            let rejected: Vec<_> =
                (0..1_000).map(|n| (noise(page * 1_000 + n, hashes), "of another tenant".to_owned())).collect();
            take(&mut store, &rejected);
        }
        let reader = Reader::open(&path).unwrap();
        let told = reasons(&reader.db).unwrap();
        assert_eq!(told.iter().map(|(_, records, _)| records).sum::<i64>(), 13_000, "{told:?}");
        let (rows, bytes): (i64, i64) = reader
            .db
            .query_row("SELECT count(*), sum(length(data)) FROM rejected", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        assert!(rows <= KEPT_MAX && bytes <= KEPT_BYTES_MAX, "{rows} rows, {bytes} bytes");
    }

    #[test]
    fn large_rejected_records_fill_their_share_of_the_disk_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let mut store = Store::open(&path, None, &StoreSettings::default()).unwrap();
        let rejected: Vec<_> = (0..800).map(|n| (noise(n, 1_100), "too long".to_owned())).collect();
        take(&mut store, &rejected);
        let reader = Reader::open(&path).unwrap();
        let told = reasons(&reader.db).unwrap();
        assert_eq!(told.iter().map(|(_, records, _)| records).sum::<i64>(), 800);
        let bytes: i64 = reader.db.query_row("SELECT sum(length(data)) FROM rejected", [], |row| row.get(0)).unwrap();
        assert!((KEPT_BYTES_MAX / 2..=KEPT_BYTES_MAX).contains(&bytes), "{bytes} bytes");
        let (_, _, example) = told.first().unwrap();
        assert_eq!(find(&reader.db, example.unwrap()).unwrap().unwrap().raw.len(), REJECTED_RAW_BYTES_MAX);
    }

    #[test]
    fn rejected_records_of_a_usual_size_take_no_more_of_the_disk_than_they_have() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let mut store = Store::open(&path, None, &StoreSettings::default()).unwrap();
        let size = |store: &Store| {
            let pages = store.db.query_row("PRAGMA page_count", [], |row| row.get::<_, i64>(0)).unwrap();
            8192 * pages
        };
        let empty = size(&store);
        let rejected: Vec<_> = (0..1_000).map(|n| (noise(n, 70), "of another tenant".to_owned())).collect();
        take(&mut store, &rejected);
        let kept: i64 = store.db.query_row("SELECT sum(length(data)) FROM rejected", [], |row| row.get(0)).unwrap();
        assert!(kept > 2_000_000, "{kept} bytes");
        assert!(size(&store) - empty < kept * 3 / 2, "{} bytes for {kept}", size(&store) - empty);
    }

    #[test]
    fn the_same_rejected_record_is_counted_once_and_rare_reasons_are_told_together() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let mut store = Store::open(&path, None, &StoreSettings::default()).unwrap();
        let rejected: Vec<_> = (0..150).map(|n| (format!("raw {n}"), format!("reason {n:03}"))).collect();
        take(&mut store, &rejected);
        take(&mut store, &rejected);
        let told = reasons(&Reader::open(&path).unwrap().db).unwrap();
        assert_eq!(told.len(), REASONS_TOLD_MAX + 1);
        assert_eq!(told.last().map(|(reason, records, _)| (reason.as_str(), *records)), Some((OTHER_REASONS, 130)));
    }
}
