//! A GUID that is cheap to copy and quick to write.

use std::fmt;

/// 16 bytes, written in lower case with hyphens; orders as its text does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Guid(pub(crate) [u8; 16]);

impl Guid {
    /// Appends the text form.
    pub(crate) fn push_to(self, out: &mut String) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [b'-'; 36];
        let mut place = 0;
        for (position, byte) in self.0.into_iter().enumerate() {
            if matches!(position, 4 | 6 | 8 | 10) {
                place += 1;
            }
            // 16 pairs and 4 hyphens: `place` ends at 36.
            text[place] = DIGITS[usize::from(byte >> 4)];
            text[place + 1] = DIGITS[usize::from(byte & 15)];
            place += 2;
        }
        // Nothing but ASCII was written, so this is always text.
        out.push_str(std::str::from_utf8(&text).unwrap_or_default());
    }

    /// The first eight bytes as a seed for what belongs to this GUID alone.
    pub(crate) fn seed(self) -> u64 {
        self.0.into_iter().take(8).fold(0, |seed, byte| (seed << 8) | u64::from(byte))
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(36);
        self.push_to(&mut text);
        formatter.write_str(&text)
    }
}
