//! Instants in milliseconds, read from and written as the texts that audit services use.

use std::fmt;

use jiff::Timestamp;

/// An instant: milliseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeMs(pub i64);

impl TimeMs {
    /// Milliseconds since the epoch.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// This instant moved by `millis` (negative: earlier), saturating at the ends of the scale.
    pub fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

/// RFC 3339 in UTC with milliseconds: `2026-11-24T03:00:00.000Z`.
impl fmt::Display for TimeMs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_millisecond(self.0) {
            Ok(instant) => write!(f, "{instant:.3}"),
            // Outside the calendar that RFC 3339 can write: the number is the only honest text.
            Err(_) => write!(f, "{}", self.0),
        }
    }
}
