//! Ids of 16 bytes: a record's own GUID, or a hash of what is not one.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The id of an audit record: the bytes of its GUID in the order they are written, or a hash of another text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub [u8; 16]);

/// BLAKE3 of a record's bytes as received, cut to 16 bytes; tells two contents under one id apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(pub [u8; 16]);

impl RecordId {
    /// A GUID in any case, with or without braces and dashes, gives its own bytes; any other text, its hash.
    pub fn from_text(text: &str) -> Self {
        guid(text).map_or_else(|| Self(hash16(text.as_bytes())), Self)
    }

    /// Stands in for the id that a record does not have.
    pub fn from_content(content: ContentHash) -> Self {
        Self(content.0)
    }
}

impl ContentHash {
    /// The hash of a record's bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(hash16(bytes))
    }
}

/// Writes the bytes as a lower-case GUID.
impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// As a GUID: what evidence is stored as is read as often as shares are.
impl Serialize for RecordId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RecordId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        guid(&text).map(Self).ok_or_else(|| de::Error::custom("no GUID"))
    }
}

/// The 16 bytes of a GUID text, or `None` if the text is no GUID.
pub fn guid(text: &str) -> Option<[u8; 16]> {
    let text = text.trim();
    let text = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
    if !matches!(text.len(), 32 | 36) {
        return None;
    }
    let mut bytes = [0u8; 16];
    let mut digits = 0;
    for (position, byte) in text.bytes().enumerate() {
        if byte == b'-' && text.len() == 36 && matches!(position, 8 | 13 | 18 | 23) {
            continue;
        }
        let digit = char::from(byte).to_digit(16)? as u8;
        *bytes.get_mut(digits / 2)? |= if digits % 2 == 0 { digit << 4 } else { digit };
        digits += 1;
    }
    (digits == 32).then_some(bytes)
}

/// BLAKE3, cut to 16 bytes.
pub fn hash16(bytes: &[u8]) -> [u8; 16] {
    let mut short = [0u8; 16];
    short.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_keeps_its_bytes_whatever_its_case_and_braces() {
        let expected =
            RecordId([0x97, 0xee, 0x20, 0x49, 0x89, 0x3e, 0x4c, 0x9d, 0xa3, 0x12, 0x08, 0xd8, 0x2b, 0x46, 0xfa, 0xf7]);
        for text in [
            "97ee2049-893e-4c9d-a312-08d82b46faf7",
            "{97EE2049-893E-4C9D-A312-08D82B46FAF7}",
            " 97ee2049893e4c9da31208d82b46faf7 ",
        ] {
            assert_eq!(RecordId::from_text(text), expected, "{text}");
        }
        assert_eq!(expected.to_string(), "97ee2049-893e-4c9d-a312-08d82b46faf7");
    }

    #[test]
    fn what_is_not_a_guid_is_hashed() {
        for text in ["111-aa-234", "", "97ee2049-893e-4c9d-a312-08d82b46faf", "é7ee2049-893e-4c9d-a312-08d82b46fa"] {
            assert_eq!(guid(text), None, "{text}");
        }
        assert_ne!(RecordId::from_text("111-aa-234"), RecordId::from_text("111-aa-235"));
    }
}
