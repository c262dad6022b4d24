//! Texts to and from milliseconds. Written by hand because it runs once or twice for every record.

use super::calendar::{DAY_MS, WRITABLE_MS, date, days};

/// Reads `2021-04-16T08:22:16…`, `4/16/2021 8:22:16 AM` or `/Date(1718000000000)/`.
pub(super) fn parse(text: &str) -> Option<i64> {
    if let Some(inner) = text.strip_prefix("/Date(") {
        return slash_date(inner);
    }
    let mut cursor = Cursor(text.as_bytes());
    let first = cursor.number(1, 4)?;
    if cursor.take(b'/') { american(first.value, cursor) } else { iso(first, cursor) }
}

/// `1718000000000)/`, perhaps with the zone it was written in, which does not move the instant.
fn slash_date(inner: &str) -> Option<i64> {
    let number = inner.strip_suffix(")/")?;
    let zone = number.rfind(['+', '-']).filter(|&position| position > 0).unwrap_or(number.len());
    number.get(..zone)?.parse::<i64>().ok().filter(|at| WRITABLE_MS.contains(at))
}

/// The rest of `4/16/2021 8:22:16 AM` after the month and its slash.
fn american(month: i64, mut cursor: Cursor<'_>) -> Option<i64> {
    let day = cursor.number(1, 2)?.value;
    let year = if cursor.take(b'/') { cursor.number(4, 4)?.value } else { return None };
    let day_ms = days(year, month, day)? * DAY_MS;
    cursor.take(b',');
    cursor.skip_blanks();
    if cursor.is_done() {
        return Some(day_ms);
    }
    let clock = clock(&mut cursor)?;
    cursor.skip_blanks();
    let half_day_hours = match cursor.0 {
        [] => return Some(day_ms + clock.millis()),
        [b'A' | b'a', b'M' | b'm'] => 0,
        [b'P' | b'p', b'M' | b'm'] => 12,
        _ => return None,
    };
    let clock = Clock { hour: clock.hour % 12 + half_day_hours, ..clock.on_twelve_hour_dial()? };
    Some(day_ms + clock.millis())
}

/// The rest of `2021-04-16T08:22:16.123+02:00` after the year.
fn iso(year: Number, mut cursor: Cursor<'_>) -> Option<i64> {
    if year.digits != 4 || !cursor.take(b'-') {
        return None;
    }
    let month = cursor.number(2, 2)?.value;
    let day = if cursor.take(b'-') { cursor.number(2, 2)?.value } else { return None };
    let day_ms = days(year.value, month, day)? * DAY_MS;
    if cursor.is_done() {
        return Some(day_ms);
    }
    if !(cursor.take(b'T') || cursor.take(b't') || cursor.take(b' ')) {
        return None;
    }
    let clock_ms = clock(&mut cursor)?.millis();
    Some(day_ms + clock_ms - zone_ms(cursor)?)
}

/// The time of day.
#[derive(Clone, Copy)]
struct Clock {
    hour: i64,
    minute: i64,
    second: i64,
    millisecond: i64,
}

impl Clock {
    fn millis(self) -> i64 {
        ((self.hour * 60 + self.minute) * 60 + self.second) * 1000 + self.millisecond
    }

    fn on_twelve_hour_dial(self) -> Option<Self> {
        (1..=12).contains(&self.hour).then_some(self)
    }
}

/// `08:22`, `08:22:16`, `08:22:16.6566759`. A leap second counts as the second before it.
fn clock(cursor: &mut Cursor<'_>) -> Option<Clock> {
    let hour = cursor.number(1, 2)?.value;
    let minute = if cursor.take(b':') { cursor.number(2, 2)?.value } else { return None };
    let second = if cursor.take(b':') { cursor.number(2, 2)?.value } else { 0 };
    let millisecond = if cursor.take(b'.') || cursor.take(b',') { cursor.fraction_ms()? } else { 0 };
    let valid = hour <= 23 && minute <= 59 && second <= 60;
    valid.then_some(Clock { hour, minute, second: second.min(59), millisecond })
}

/// What is to be taken off to reach UTC; nothing for a text without a zone.
fn zone_ms(mut cursor: Cursor<'_>) -> Option<i64> {
    cursor.skip_blanks();
    let sign = match cursor.0 {
        [] | [b'Z' | b'z'] | b"UTC" | b"GMT" => return Some(0),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    cursor.advance(1);
    let hours = cursor.number(2, 2)?.value;
    cursor.take(b':');
    let minutes = if cursor.is_done() { 0 } else { cursor.number(2, 2)?.value };
    let valid = cursor.is_done() && hours <= 23 && minutes <= 59;
    valid.then_some(sign * (hours * 60 + minutes) * 60_000)
}

/// A number and with how many digits it was written.
#[derive(Clone, Copy)]
struct Number {
    value: i64,
    digits: usize,
}

/// What is left to read.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    fn advance(&mut self, count: usize) {
        self.0 = self.0.get(count..).unwrap_or_default();
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        if found {
            self.advance(1);
        }
        found
    }

    /// Blanks, and the narrow no-break space that newer ICU data puts before `AM`.
    fn skip_blanks(&mut self) {
        loop {
            match self.0 {
                [b' ', ..] => self.advance(1),
                [0xe2, 0x80, 0xaf, ..] => self.advance(3),
                _ => return,
            }
        }
    }

    fn number(&mut self, digits_min: usize, digits_max: usize) -> Option<Number> {
        let mut value = 0;
        let mut digits = 0;
        while digits < digits_max
            && let Some(byte @ b'0'..=b'9') = self.0.first()
        {
            value = value * 10 + i64::from(byte - b'0');
            digits += 1;
            self.advance(1);
        }
        (digits >= digits_min).then_some(Number { value, digits })
    }

    /// Any number of digits but none; those below a millisecond are dropped.
    fn fraction_ms(&mut self) -> Option<i64> {
        let mut value = 0;
        let mut digits = 0_usize;
        while let Some(byte @ b'0'..=b'9') = self.0.first() {
            if digits < 3 {
                value = value * 10 + i64::from(byte - b'0');
            }
            digits += 1;
            self.advance(1);
        }
        match digits {
            0 => None,
            1 => Some(value * 100),
            2 => Some(value * 10),
            _ => Some(value),
        }
    }
}

/// `2026-11-24T03:00:00.000Z` as bytes, or `None` outside the years 0 to 9999.
pub(super) fn write(at: i64) -> Option<[u8; 24]> {
    if !WRITABLE_MS.contains(&at) {
        return None;
    }
    let (year, month, day) = date(at.div_euclid(DAY_MS));
    let clock = at.rem_euclid(DAY_MS);
    let mut bytes = *b"0000-00-00T00:00:00.000Z";
    for (end, digits, value) in [
        (4, 4, year),
        (7, 2, month),
        (10, 2, day),
        (13, 2, clock / 3_600_000),
        (16, 2, clock / 60_000 % 60),
        (19, 2, clock / 1000 % 60),
        (23, 3, clock % 1000),
    ] {
        let mut left = value;
        // Every `end` is at most 23 and at least `digits`, so each position lies inside the 24 bytes.
        for position in (end - digits..end).rev() {
            bytes[position] = b'0' + (left % 10) as u8;
            left /= 10;
        }
    }
    Some(bytes)
}
