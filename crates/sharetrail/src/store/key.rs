//! De-duplication keys.

use trail::{RecordId, TimeMs};

const HOUR_MS: i64 = 3_600_000;

/// The hour of the event, 4 bytes, and 12 bytes of the record id's hash.
///
/// Sixteen random bytes as a key cost ten times as much once the index outgrows the cache, because every insertion
/// meets a cold page; by the hour, records that arrive together stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key(pub(super) [u8; 16]);

impl Key {
    /// The key of a record; one without time counts as of hour 0.
    pub(super) fn new(time: Option<TimeMs>, id: RecordId) -> Self {
        let mut key = [0u8; 16];
        key[..4].copy_from_slice(&hour_bytes(time));
        key[4..].copy_from_slice(&id_bytes(id));
        Self(key)
    }
}

/// By what an activity is found whose hour is not known: bytes 5 to 8 of its key.
pub(super) fn short(id: RecordId) -> [u8; 4] {
    let [a, b, c, d, ..] = id_bytes(id);
    [a, b, c, d]
}

/// Days since 1970.
pub(super) fn day(time: TimeMs) -> i64 {
    time.millis().div_euclid(24 * HOUR_MS)
}

/// The last millisecond of a day.
pub(super) fn end_of_day(day: i64) -> TimeMs {
    TimeMs(day.saturating_add(1).saturating_mul(24 * HOUR_MS).saturating_sub(1))
}

fn hour_bytes(time: Option<TimeMs>) -> [u8; 4] {
    let hour = time.map_or(0, |time| time.millis().div_euclid(HOUR_MS));
    u32::try_from(hour.max(0)).unwrap_or(u32::MAX).to_be_bytes()
}

fn id_bytes(id: RecordId) -> [u8; 12] {
    let mut short = [0u8; 12];
    short.copy_from_slice(&trail::id::hash16(&id.0)[..12]);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_one_hour_stand_together_in_the_order_of_time() {
        let id = RecordId::from_text("97ee2049-893e-4c9d-a312-08d82b46faf7");
        let early = Key::new(Some(TimeMs(HOUR_MS * 5 + 1)), id);
        let same = Key::new(Some(TimeMs(HOUR_MS * 6 - 1)), id);
        let later = Key::new(Some(TimeMs(HOUR_MS * 6)), id);
        assert_eq!(early, same);
        assert!(early < later);
        assert_eq!(early.0[4..8], short(id));
    }

    #[test]
    fn a_record_without_time_or_before_1970_has_a_key() {
        let id = RecordId::from_text("x");
        assert_eq!(Key::new(None, id), Key::new(Some(TimeMs(-5)), id));
    }
}
