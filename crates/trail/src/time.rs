//! Instants in milliseconds, read from and written as the texts that audit services use.

mod calendar;
mod text;

use std::fmt;

use serde::{Deserialize, Serialize};

/// An instant: milliseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

    /// Reads a time as audit services, cmdlets and portals write it; `None` for anything else, never "now".
    ///
    /// Accepted: RFC 3339 with any zone, a blank for the `T`, any number of fraction digits (what is below a
    /// millisecond is cut off), no seconds, no time of day at all; `/Date(1718000000000)/`; `4/16/2021 8:22:16 AM`
    /// (month first, as the audit cmdlets and the portal write it). A text without a zone is UTC, as the common
    /// schema of the Office 365 Management Activity API says of `CreationTime`.
    pub fn parse(text: &str) -> Option<Self> {
        text::parse(text.trim()).map(Self)
    }
}

/// RFC 3339 in UTC with milliseconds: `2026-11-24T03:00:00.000Z`.
///
/// Outside the years 0 to 9999, which RFC 3339 cannot write, the bare number of milliseconds is the honest text.
impl fmt::Display for TimeMs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(bytes) = text::write(self.0) else { return write!(f, "{}", self.0) };
        f.write_str(std::str::from_utf8(&bytes).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn millis(text: &str) -> Option<i64> {
        TimeMs::parse(text).map(TimeMs::millis)
    }

    #[test]
    fn every_spelling_of_one_instant_is_that_instant() {
        for text in [
            "2021-04-16T08:22:16",
            "2021-04-16T08:22:16Z",
            "2021-04-16t08:22:16z",
            "2021-04-16 08:22:16",
            "2021-04-16 08:22:16Z",
            "2021-04-16 08:22:16 UTC",
            "2021-04-16T08:22:16.0000000Z",
            "2021-04-16T08:22:16.000000000000Z",
            "2021-04-16T10:22:16+02:00",
            "2021-04-16T10:22:16+0200",
            "2021-04-16T10:22:16+02",
            "2021-04-16T03:52:16.000-04:30",
            "4/16/2021 8:22:16 AM",
            "04/16/2021, 08:22:16 AM",
            "4/16/2021 8:22:16.000\u{202f}AM",
            "4/16/2021 08:22:16",
            "/Date(1618561336000)/",
            "/Date(1618561336000+0200)/",
            "  2021-04-16T08:22:16  ",
        ] {
            assert_eq!(millis(text), Some(1_618_561_336_000), "{text}");
        }
    }

    #[test]
    fn parts_may_be_missing_and_noon_is_twelve() {
        for (text, expected) in [
            ("2021-04-16", 1_618_531_200_000),
            ("2021-04-16T08:22", 1_618_561_320_000),
            ("4/16/2021", 1_618_531_200_000),
            ("4/16/2021 12:00:00 AM", 1_618_531_200_000),
            ("4/16/2021 12:00:00 PM", 1_618_574_400_000),
            ("4/16/2021 8:22 PM", 1_618_604_520_000),
            ("2020-07-18T18:18:33.0000000Z", 1_595_096_313_000),
            ("2024-10-03T11:29:06.6566759Z", 1_727_954_946_656),
            ("1969-12-31T23:59:59.9999Z", -1),
        ] {
            assert_eq!(millis(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "now",
            "yesterday",
            "0",
            "1618561336000",
            "2021-13-01",
            "2021-02-29T00:00:00",
            "2021-04-16T24:00:00",
            "2021-04-16T08:60:00",
            "2021-04-16T08:22:16.",
            "2021-04-16T08:22:16ZZ",
            "2021-04-16T08:22:16+99:00",
            "2021-04-16T",
            "2021-04-16X08:22:16",
            "13/16/2021 8:22:16 AM",
            "4/16/2021 13:22:16 PM",
            "4/16/2021 8:22:16 XM",
            "/Date(x)/",
            "é021-04-16T08:22:16",
        ] {
            assert_eq!(millis(text), None, "{text}");
        }
    }

    #[test]
    fn years_that_rfc_3339_cannot_write_are_shown_as_numbers() {
        assert_eq!(TimeMs(i64::MAX).to_string(), i64::MAX.to_string());
        assert_eq!(TimeMs(i64::MIN).to_string(), i64::MIN.to_string());
    }

    proptest! {
        #[test]
        fn display_agrees_with_jiff(at in -62_167_219_200_000_i64..=253_402_207_200_000) {
            let expected = format!("{:.3}", Timestamp::from_millisecond(at).unwrap());
            prop_assert_eq!(TimeMs(at).to_string(), expected);
        }

        #[test]
        fn parse_agrees_with_jiff(
            seconds in -62_167_219_200_i64..=253_402_200_000, nanos in 0_i32..1_000_000_000, digits in 0_usize..=9,
        ) {
            let instant = Timestamp::new(seconds, 0).unwrap() + jiff::SignedDuration::new(0, nanos);
            let text = format!("{instant:.digits$}");
            let expected = text.parse::<Timestamp>().unwrap().as_nanosecond().div_euclid(1_000_000) as i64;
            prop_assert_eq!(millis(&text), Some(expected));
            prop_assert_eq!(millis(text.trim_end_matches('Z')), Some(expected));
        }

        #[test]
        fn what_was_written_is_read_back(at in -62_167_219_200_000_i64..=253_402_300_799_999) {
            prop_assert_eq!(millis(&TimeMs(at).to_string()), Some(at));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*", near in "[0-9/T :.+Z-]{0,32}") {
            let _ = (millis(&text), millis(&near), millis(&format!("/Date({near})/")));
        }
    }
}
