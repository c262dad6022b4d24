//! Values as people type them.

use trail::TimeMs;

use crate::store::Table;

/// An instant as people type it: RFC 3339, or a day (its first moment) or a time without a zone in UTC.
pub(crate) fn moment(text: &str) -> Result<TimeMs, String> {
    let instant = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let civil = text.parse::<jiff::civil::DateTime>().ok()?;
        jiff::tz::Offset::UTC.to_timestamp(civil).ok()
    });
    instant
        .map(|instant| TimeMs(instant.as_millisecond()))
        .ok_or_else(|| "write a day, such as 2026-11-01, or a time, such as 2026-11-01T08:00:00Z".to_owned())
}

/// A table's name, in whatever case.
pub(super) fn table(text: &str) -> Result<Table, String> {
    let names = Table::ALL.map(Table::as_str).join(", ");
    let named = |table: &Table| table.as_str().eq_ignore_ascii_case(text);
    Table::ALL.into_iter().find(named).ok_or_else(|| format!("the tables are {names}"))
}

/// A mail domain as people type it, lower case.
pub(super) fn domain(text: &str) -> Result<String, String> {
    let domain = text.trim().to_lowercase();
    if crate::config::is_domain(&domain) {
        Ok(domain)
    } else {
        Err("write bare domains separated by commas, such as contoso.com,contoso.onmicrosoft.com".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_day_or_an_instant() {
        for (typed, millis) in [
            ("1970-01-02", 86_400_000),
            ("1970-01-01T00:00:01Z", 1000),
            ("1970-01-01T01:00:01.5+01:00", 1500),
            ("1970-01-01T00:01", 60_000),
        ] {
            assert_eq!(moment(typed), Ok(TimeMs(millis)), "{typed}");
        }
        for typed in ["yesterday", "", "2026-13-01", "1.11.2026"] {
            assert!(moment(typed).is_err(), "{typed}");
        }
    }
}
