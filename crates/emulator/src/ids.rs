//! Request ids, trace ids and the like: they only have to differ, and to be the same in every run of a test.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::secret::derived_bytes;

/// Hands out ids one after the other.
#[derive(Debug, Default)]
pub(crate) struct Ids(AtomicU64);

impl Ids {
    /// The next GUID.
    pub(crate) fn guid(&self) -> String {
        let serial = self.0.fetch_add(1, Ordering::Relaxed);
        guid("request", &serial.to_string())
    }
}

/// 32 hexadecimal digits that follow from a seed and a name.
pub(crate) fn hex32(seed: &str, name: &str) -> String {
    derived_bytes(seed, name).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A GUID that follows from a seed and a name.
pub(crate) fn guid(seed: &str, name: &str) -> String {
    let mut digits = hex32(seed, name);
    for at in [20, 16, 12, 8] {
        digits.insert(at, '-');
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_have_their_form_and_differ() {
        let ids = Ids::default();
        let (first, second) = (ids.guid(), ids.guid());
        let lengths: Vec<usize> = first.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_ne!(first, second);
    }
}
