//! The window of a content list: `[startTime, endTime)` on `contentCreated`.
//!
//! Microsoft: "List available content": both times or none, at most 24 hours apart, the first at most seven days ago;
//! none means the last 24 hours. UTC without a zone, as a date, to the minute or to the second.

use crate::call::Call;
use crate::options::WideWindows;
use crate::services::management::errors::ManagementError;

const DAY_MS: i64 = 86_400_000;
const REACH_DAYS: i64 = 7;

/// Half open, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) start_ms: i64,
    pub(crate) end_ms: i64,
}

impl Window {
    pub(crate) fn read(call: &Call, wide: WideWindows, now_ms: i64) -> Result<Window, ManagementError> {
        let time = |name: &'static str| call.parameter(name).map(|text| moment(name, text)).transpose();
        match (time("startTime")?, time("endTime")?) {
            (None, None) => Ok(Window { start_ms: now_ms - DAY_MS, end_ms: now_ms }),
            (Some(start_ms), Some(end_ms)) => Window { start_ms, end_ms }.checked(wide, now_ms),
            _ => Err(ManagementError::Window),
        }
    }

    /// A window that is too wide is answered in part: with its first 24 hours, though nobody has said with which.
    fn checked(self, wide: WideWindows, now_ms: i64) -> Result<Window, ManagementError> {
        if self.start_ms < now_ms - REACH_DAYS * DAY_MS {
            return Err(ManagementError::WindowTooOld);
        }
        let too_wide = self.end_ms - self.start_ms > DAY_MS;
        if self.end_ms < self.start_ms || (too_wide && wide == WideWindows::Refused) {
            return Err(ManagementError::Window);
        }
        Ok(Window { end_ms: self.end_ms.min(self.start_ms + DAY_MS), ..self })
    }
}

fn moment(parameter: &'static str, text: &str) -> Result<i64, ManagementError> {
    // Lengths of `2026-11-24`, `2026-11-24T03:00` and `2026-11-24T03:00:00`: neither zone nor fraction.
    let plain = match text.len() {
        10 => format!("{text}T00:00:00"),
        16 => format!("{text}:00"),
        19 => text.to_owned(),
        _ => String::new(),
    };
    format!("{plain}Z")
        .parse::<jiff::Timestamp>()
        .map(jiff::Timestamp::as_millisecond)
        .map_err(|_| ManagementError::WrongType { parameter, expected: "DateTime" })
}

/// A moment as the address of a page has it.
pub(crate) fn text(at_ms: i64) -> String {
    crate::clock::text(at_ms).chars().take(19).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_the_three_forms_and_in_no_other() {
        let read = |text| moment("startTime", text);
        assert_eq!(read("2026-11-24"), read("2026-11-24T00:00"));
        assert_eq!(read("2026-11-24T03:00:00"), Ok(1_795_489_200_000));
        assert_eq!(text(1_795_489_200_999), "2026-11-24T03:00:00");
        for wrong in ["2026-11-24T03:00:00Z", "2026-11-24T03:00:00.000", "2026-11-24T3:00", "yesterday", ""] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn windows_keep_the_rules_or_are_refused() {
        let now_ms = 10 * DAY_MS;
        let window = |start_ms, end_ms, wide| Window { start_ms, end_ms }.checked(wide, now_ms);
        let week_ago = 3 * DAY_MS;
        let partial = WideWindows::Partial;
        assert_eq!(window(week_ago - 1, week_ago, partial), Err(ManagementError::WindowTooOld));
        assert_eq!(window(week_ago, week_ago - 1, partial), Err(ManagementError::Window));
        let first_day = Window { start_ms: week_ago, end_ms: week_ago + DAY_MS };
        assert_eq!(window(week_ago, now_ms, partial), Ok(first_day));
        assert_eq!(window(week_ago, now_ms, WideWindows::Refused), Err(ManagementError::Window));
        assert_eq!(window(week_ago, week_ago + DAY_MS, WideWindows::Refused), Ok(first_day));
    }
}
