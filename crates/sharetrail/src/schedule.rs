//! When something is due: every so often, or by a cron pattern. Pure; all times are UTC.
//!
//! Both forms are marks on the clock and not pauses: "every 5 minutes" is at :00, :05, :10, whenever the program was
//! started, so what has one schedule is due together, and a restart moves nothing.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use croner::Cron;
use croner::parser::{CronParser, Seconds};
use trail::TimeMs;

const SECOND_MS: i64 = 1_000;
const DAY_SECONDS: u64 = 86_400;
/// The longest interval: what is read less often than once in a week is soon beyond the reach of a service.
const INTERVAL_SECONDS_MAX: u64 = 7 * DAY_SECONDS;
/// Marks looked at to find the longest pause of a pattern: over a year of days, or over a week of quarter hours.
const MARKS_LOOKED_AT: usize = 700;

/// How a schedule is written.
const FORMS: &str = "write how often, such as \"every 5 minutes\" or \"every 6 hours\", or a cron pattern of five fields in \
                     UTC, such as \"*/15 * * * *\" (a sixth field in front is seconds)";

/// When something is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// At every multiple of so many seconds, counted from 1970.
    Every {
        /// Seconds between two marks; never 0.
        seconds: u64,
    },
    /// As a cron pattern says.
    Cron(Box<Cron>),
}

/// Why a text is no schedule, in words that follow the name of the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSchedule(String);

impl fmt::Display for NoSchedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Schedule {
    /// Every so many minutes.
    pub const fn minutes(minutes: u64) -> Self {
        Self::Every { seconds: minutes * 60 }
    }

    /// The first mark after `time`.
    pub fn next_after(&self, time: TimeMs) -> TimeMs {
        match self {
            Self::Every { seconds } => {
                let step = i64::try_from(*seconds).unwrap_or(i64::MAX / SECOND_MS) * SECOND_MS;
                TimeMs((time.millis().div_euclid(step) + 1) * step)
            }
            // It was looked at when it was read, so there is one, unless the calendar ends first: then never again.
            Self::Cron(cron) => next_of(cron, time).unwrap_or(TimeMs(i64::MAX)),
        }
    }

    /// The longest time between two marks, in milliseconds.
    pub fn longest_pause_ms(&self) -> i64 {
        match self {
            Self::Every { .. } => self.next_after(TimeMs(0)).millis(),
            Self::Cron(cron) => {
                let mut last = TimeMs(0);
                let marks = std::iter::from_fn(|| {
                    let pause = next_of(cron, last).map(|next| next.millis() - last.millis());
                    last = last.plus(pause.unwrap_or(0));
                    pause
                });
                // The first one is a part of a pause.
                marks.take(MARKS_LOOKED_AT).skip(1).max().unwrap_or(i64::MAX)
            }
        }
    }
}

fn next_of(cron: &Cron, time: TimeMs) -> Option<TimeMs> {
    let time = DateTime::<Utc>::from_timestamp_millis(time.millis())?;
    let next = cron.find_next_occurrence(&time, false).ok()?;
    Some(TimeMs(next.timestamp_millis()))
}

impl FromStr for Schedule {
    type Err = NoSchedule;

    fn from_str(text: &str) -> Result<Self, NoSchedule> {
        let text = text.trim();
        if let Some(interval) = text.strip_prefix("every ") {
            let seconds = interval_seconds(interval).ok_or_else(|| NoSchedule(format!("is no interval: {FORMS}")))?;
            return match seconds {
                0 => Err(NoSchedule("must not be every 0".to_owned())),
                1..=INTERVAL_SECONDS_MAX => Ok(Self::Every { seconds }),
                _ => Err(NoSchedule("must be a week or less: what is read less often is soon out of reach".to_owned())),
            };
        }
        let parser = CronParser::builder().seconds(Seconds::Optional).build();
        let cron = parser.parse(text).map_err(|cause| NoSchedule(format!("is no schedule ({cause}): {FORMS}")))?;
        match next_of(&cron, TimeMs(0)) {
            Some(_) => Ok(Self::Cron(Box::new(cron))),
            None => Err(NoSchedule("names a time that never comes".to_owned())),
        }
    }
}

/// `5 minutes`, `1 hour`, `30 s`, in seconds.
fn interval_seconds(text: &str) -> Option<u64> {
    let (number, unit) = text.trim().split_once(' ').unwrap_or(("1", text.trim()));
    let unit_seconds = match unit.trim().trim_end_matches('s') {
        "" | "second" => 1,
        "min" | "minute" => 60,
        "h" | "hour" => 3_600,
        "day" => DAY_SECONDS,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit_seconds)
}

impl fmt::Display for Schedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every { seconds } => {
                let (number, unit) = match seconds {
                    s if s % DAY_SECONDS == 0 => (s / DAY_SECONDS, "day"),
                    s if s % 3_600 == 0 => (s / 3_600, "hour"),
                    s if s % 60 == 0 => (s / 60, "minute"),
                    s => (*s, "second"),
                };
                let plural = if number == 1 { "" } else { "s" };
                write!(formatter, "every {number} {unit}{plural}")
            }
            Self::Cron(cron) => formatter.write_str(cron.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn schedule(text: &str) -> Schedule {
        text.parse().unwrap()
    }

    fn at(text: &str) -> TimeMs {
        TimeMs(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn an_interval_is_marks_on_the_clock() {
        for (written, after, next) in [
            ("every 5 minutes", "2026-11-24T03:02:17Z", "2026-11-24T03:05:00Z"),
            ("every 5 minutes", "2026-11-24T03:05:00Z", "2026-11-24T03:10:00Z"),
            ("every hour", "2026-11-24T03:59:59.999Z", "2026-11-24T04:00:00Z"),
            ("every 6 h", "2026-11-24T03:00:00Z", "2026-11-24T06:00:00Z"),
            ("every 1 day", "2026-11-24T03:00:00Z", "2026-11-25T00:00:00Z"),
            ("every 2 s", "2026-11-24T03:00:00.5Z", "2026-11-24T03:00:02Z"),
        ] {
            assert_eq!(schedule(written).next_after(at(after)), at(next), "{written} after {after}");
        }
    }

    #[test]
    fn a_pattern_is_read_as_cron_does_in_utc() {
        for (written, after, next) in [
            ("*/15 * * * *", "2026-11-24T03:02:17Z", "2026-11-24T03:15:00Z"),
            ("30 2 * * 1-5", "2026-11-27T02:30:00Z", "2026-11-30T02:30:00Z"),
            ("0 0 29 2 *", "2026-11-24T03:00:00Z", "2028-02-29T00:00:00Z"),
            ("*/10 * * * * *", "2026-11-24T03:00:01Z", "2026-11-24T03:00:10Z"),
        ] {
            assert_eq!(schedule(written).next_after(at(after)), at(next), "{written} after {after}");
        }
    }

    #[test]
    fn the_longest_pause_is_that_between_two_marks() {
        const HOUR_MS: i64 = 3_600_000;
        for (written, hours) in [("every 6 hours", 6), ("0 * * * *", 1), ("0 3 * * 1-5", 72), ("0 8,18 * * *", 14)] {
            assert_eq!(schedule(written).longest_pause_ms(), hours * HOUR_MS, "{written}");
        }
    }

    #[test]
    fn what_is_no_schedule_is_told_with_the_forms() {
        for (written, said) in [
            ("5 minutes", "is no schedule"),
            ("every", "is no schedule"),
            ("every 5 fortnights", "such as \"every 5 minutes\""),
            ("every 0 minutes", "must not be every 0"),
            ("every 8 days", "a week or less"),
            ("every 99999999999999999999 days", "is no interval"),
            ("61 * * * *", "is no schedule"),
            ("0 0 31 2 *", "never comes"),
            ("", "is no schedule"),
        ] {
            let error = written.parse::<Schedule>().unwrap_err().to_string();
            assert!(error.contains(said), "{written}: {error}");
        }
    }

    #[test]
    fn a_schedule_is_shown_as_it_can_be_written() {
        for written in ["every 5 minutes", "every 1 hour", "every 90 seconds", "every 2 days", "30 2 * * 1-5"] {
            assert_eq!(schedule(written).to_string(), written);
        }
    }

    proptest! {
        #[test]
        fn the_next_mark_is_later_and_none_lies_between(time in 0_i64..4_000_000_000_000, pick in 0_usize..5) {
            let schedule = schedule(["every 7 minutes", "every 1 day", "*/5 * * * *", "17 3 * * *", "*/20 * * * * *"][pick]);
            let next = schedule.next_after(TimeMs(time));
            prop_assert!(next > TimeMs(time));
            prop_assert!(next.millis() - time <= schedule.longest_pause_ms());
            // Just before it, it is the next one still.
            prop_assert_eq!(schedule.next_after(next.plus(-1)), next);
        }
    }
}
