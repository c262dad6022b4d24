//! When records happened, by hour: over which span they are spread, a few that are far off left out.

use std::collections::BTreeMap;

use trail::TimeMs;

const HOUR_MS: i64 = 3_600_000;

/// Hours that are told apart, more than two years; records of further ones are not counted.
const HOURS_MAX: usize = 20_000;

/// One record of so many may be left out at either end: a late one, or one with a wrong clock, says nothing of the rest.
const LEFT_OUT_AT_EACH_END: u64 = 100;

/// Numbers of records by the hour in which they happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hours(BTreeMap<i64, u64>);

/// A span in which nearly all records happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// Beginning of its first hour.
    pub from: TimeMs,
    /// End of its last hour.
    pub to: TimeMs,
    /// Records that were counted, those outside of it too.
    pub records: u64,
}

impl Spread {
    /// Its length.
    pub fn hours(&self) -> i64 {
        (self.to.millis() - self.from.millis()) / HOUR_MS
    }
}

impl Hours {
    /// Counts a record.
    pub fn add(&mut self, time: TimeMs) {
        self.add_hour(time.millis().div_euclid(HOUR_MS), 1);
    }

    /// Adds another count to this one.
    pub fn merge(&mut self, other: &Self) {
        for (hour, records) in &other.0 {
            self.add_hour(*hour, *records);
        }
    }

    fn add_hour(&mut self, hour: i64, records: u64) {
        if self.0.len() < HOURS_MAX || self.0.contains_key(&hour) {
            *self.0.entry(hour).or_default() += records;
        }
    }

    /// The span in which at least 98 of 100 records happened; none of no records.
    pub fn spread(&self) -> Option<Spread> {
        let records: u64 = self.0.values().sum();
        let left_out = records / LEFT_OUT_AT_EACH_END;
        let first = beyond(self.0.iter(), left_out)?;
        let last = beyond(self.0.iter().rev(), left_out)?;
        Some(Spread { from: TimeMs(first * HOUR_MS), to: TimeMs((last + 1) * HOUR_MS), records })
    }
}

/// The hour in which more than `left_out` records have gone by.
fn beyond<'a>(hours: impl Iterator<Item = (&'a i64, &'a u64)>, left_out: u64) -> Option<i64> {
    let mut gone_by = 0;
    for (hour, records) in hours {
        gone_by += records;
        if gone_by > left_out {
            return Some(*hour);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(records: &[(i64, u64)]) -> Hours {
        let mut hours = Hours::default();
        for (hour, count) in records {
            (0..*count).for_each(|second| hours.add(TimeMs(hour * HOUR_MS + second as i64)));
        }
        hours
    }

    #[test]
    fn a_few_records_that_are_far_off_do_not_stretch_the_span() {
        let spread = hours(&[(-9_000, 2), (100, 150), (123, 150), (90_000, 2)]).spread().unwrap();
        assert_eq!((spread.from, spread.to), (TimeMs(100 * HOUR_MS), TimeMs(124 * HOUR_MS)));
        assert_eq!((spread.hours(), spread.records), (24, 304));
    }

    #[test]
    fn of_few_records_none_is_left_out_and_one_has_its_hour() {
        assert_eq!(hours(&[(10, 1), (12, 1)]).spread().map(|spread| spread.hours()), Some(3));
        assert_eq!(
            hours(&[(-1, 1)]).spread().map(|spread| (spread.from, spread.to)),
            Some((TimeMs(-HOUR_MS), TimeMs(0)))
        );
        assert_eq!(Hours::default().spread(), None);
    }

    #[test]
    fn two_counts_are_as_one() {
        let mut sum = hours(&[(1, 5)]);
        sum.merge(&hours(&[(1, 3), (7, 1)]));
        assert_eq!(sum, hours(&[(1, 8), (7, 1)]));
    }
}
