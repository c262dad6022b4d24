//! The shared key's signature over a post.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// Whether `sent` (base64) is the signature of a body of so many bytes with this key (base64).
pub(crate) fn verifies(shared_key: &str, content_bytes: usize, date: &str, sent: &str) -> bool {
    let (Ok(key), Ok(sent)) = (STANDARD.decode(shared_key), STANDARD.decode(sent)) else { return false };
    let signed = string_to_sign(content_bytes, date);
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed.as_bytes(), &sent).is_ok()
}

/// The length counts bytes of UTF-8, not characters; the resource has no query string.
fn string_to_sign(content_bytes: usize, date: &str) -> String {
    format!("POST\n{content_bytes}\napplication/json\nx-ms-date:{date}\n/api/logs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_counts_bytes_and_not_characters() {
        let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==";
        let (body, date) = (r#"[{"a":"é"}]"#, "Tue, 24 Nov 2026 03:00:00 GMT");
        let signature = "SIlQ9oVhoCB3jIqO8bmXJy1xzMBUozw1ASE5KlLCh/A=";
        assert_eq!((body.len(), body.chars().count()), (12, 11));
        assert!(verifies(key, body.len(), date, signature));
        assert!(!verifies(key, body.chars().count(), date, signature));
        assert!(!verifies(key, body.len(), "Tue, 24 Nov 2026 03:00:01 GMT", signature));
        assert!(!verifies("AAAA", body.len(), date, signature));
        assert!(!verifies(key, body.len(), date, "no base64"));
    }
}
