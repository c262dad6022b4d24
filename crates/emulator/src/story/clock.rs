//! The story's time: the span in which everything happens, and how times are written.

use super::dice::Dice;

/// Milliseconds of a second.
pub(crate) const SECOND: i64 = 1_000;
/// Milliseconds of a minute.
pub(crate) const MINUTE: i64 = 60 * SECOND;
/// Milliseconds of an hour.
pub(crate) const HOUR: i64 = 60 * MINUTE;
/// Milliseconds of a day.
pub(crate) const DAY: i64 = 24 * HOUR;

/// The span of the story.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// The first moment, a whole second.
    pub(crate) begin_ms: i64,
    /// The last moment at which something happens, a whole second: 20 minutes before now.
    pub(crate) end_ms: i64,
    /// The last moment at which Defender stores something: 10 minutes before now.
    pub(crate) stored_end_ms: i64,
}

impl Window {
    /// `days` (at least one) before `now_ms`.
    pub(crate) fn new(now_ms: i64, days: u32) -> Self {
        let end_ms = (now_ms - 20 * MINUTE).div_euclid(SECOND) * SECOND;
        let begin_ms = (now_ms - i64::from(days.max(1)) * DAY + SECOND - 1).div_euclid(SECOND) * SECOND;
        Self { begin_ms, end_ms, stored_end_ms: now_ms - 10 * MINUTE }
    }

    /// A moment that leaves `room_ms` before the end, on a weekday from 7 to 18 o'clock UTC when a few throws find one.
    pub(crate) fn moment(&self, dice: &mut Dice, room_ms: i64) -> i64 {
        let mut at_ms = self.begin_ms;
        for _ in 0..4 {
            let seconds = (self.end_ms - room_ms - self.begin_ms).max(0) / SECOND;
            at_ms = self.begin_ms + dice.between(0, seconds) * SECOND;
            let hour = at_ms.rem_euclid(DAY) / HOUR;
            // 1970-01-01 was a Thursday: day 0 is weekday 3 of a week that begins on Monday.
            let weekday = (at_ms.div_euclid(DAY) + 3).rem_euclid(7);
            if (7..18).contains(&hour) && weekday < 5 {
                break;
            }
        }
        at_ms
    }
}

/// Year, month and day of days since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Appends `2026-03-04T05:06:07`, without fraction and zone.
pub(crate) fn push_second(out: &mut String, at_ms: i64) {
    let (year, month, day) = civil(at_ms.div_euclid(DAY));
    let of_day = at_ms.rem_euclid(DAY) / SECOND;
    for (value, before) in [
        (year / 100, ""),
        (year % 100, ""),
        (month, "-"),
        (day, "-"),
        (of_day / 3_600, "T"),
        (of_day / 60 % 60, ":"),
        (of_day % 60, ":"),
    ] {
        out.push_str(before);
        out.push(char::from(b'0' + (value / 10 % 10) as u8));
        out.push(char::from(b'0' + (value % 10) as u8));
    }
}

/// `12/03/2026 09:43:15`: the order of dates inside `EventData`, which is American whatever the language.
pub(crate) fn american(at_ms: i64) -> String {
    let (year, month, day) = civil(at_ms.div_euclid(DAY));
    let of_day = at_ms.rem_euclid(DAY) / SECOND;
    format!("{month:02}/{day:02}/{year} {:02}:{:02}:{:02}", of_day / 3_600, of_day / 60 % 60, of_day % 60)
}

/// `4/16/2026 8:22:16 AM`, as `Search-UnifiedAuditLog` writes its `CreationDate` column.
pub(crate) fn american_twelve_hours(at_ms: i64) -> String {
    let (year, month, day) = civil(at_ms.div_euclid(DAY));
    let of_day = at_ms.rem_euclid(DAY) / SECOND;
    let hour = of_day / 3_600;
    let (twelve, half) = (if hour % 12 == 0 { 12 } else { hour % 12 }, if hour < 12 { "AM" } else { "PM" });
    format!("{month}/{day}/{year} {twelve}:{:02}:{:02} {half}", of_day / 60 % 60, of_day % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_jiff_writes_them() {
        for at_ms in [0, 951_782_400_000, 1_709_164_800_000, 1_595_096_313_000, 4_102_444_799_000, -86_400_000] {
            let mut text = String::new();
            push_second(&mut text, at_ms);
            let expected = jiff::Timestamp::from_millisecond(at_ms).map(|time| time.to_string());
            assert_eq!(expected.ok(), Some(format!("{text}Z")));
        }
        assert_eq!(american_twelve_hours(1_595_096_313_000), "7/18/2020 6:18:33 PM");
    }
}
