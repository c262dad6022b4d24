//! A secret text that cannot be printed by accident.

use std::fmt;

use ring::hmac;

/// A key, token or password. It has no `Display`, and its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text itself, for the one place that must send or compare it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A secret of 64 lower-case hexadecimal digits that follows from a seed and a name: the same each time, and not
    /// to be guessed from another one.
    pub(crate) fn derived(seed: &str, name: &str) -> Secret {
        Secret(derived_bytes(seed, name).iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// 32 bytes that follow from a seed and a name.
pub(crate) fn derived_bytes(seed: &str, name: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, seed.as_bytes());
    hmac::sign(&key, name.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_in_its_debug_text() {
        let secret = Secret::derived("seed", "name");
        assert_eq!(secret.expose().len(), 64);
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_ne!(secret, Secret::derived("seed", "other"));
    }
}
