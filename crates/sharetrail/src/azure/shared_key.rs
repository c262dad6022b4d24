//! Requests to a storage account signed with its key. The official client speaks for identities alone and leaves this to
//! its transport, so it is done there, over what is really sent.
//! Source: Microsoft, "Authorize with Shared Key" (Blob service, versions from 2015-02-21 on).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use url::Url;

use crate::secret::Secret;

/// Headers that are signed by their place and not by their name, in this order; a length of 0 counts as absent.
const PLACES: [&str; 11] = [
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
];

/// A storage account's name with one of its two keys.
#[derive(Clone)]
pub struct SharedKey {
    account: String,
    key: hmac::Key,
}

impl std::fmt::Debug for SharedKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SharedKey({})", self.account)
    }
}

impl SharedKey {
    /// `key` is base64, as the portal shows it; `None`: it is not.
    pub fn new(account: &str, key: &Secret) -> Option<Self> {
        let bytes = STANDARD.decode(key.expose().trim()).ok().filter(|bytes| !bytes.is_empty())?;
        Some(Self { account: account.to_owned(), key: hmac::Key::new(hmac::HMAC_SHA256, &bytes) })
    }

    /// Whose key it is.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The value of `Authorization` for a request with these headers, names in lower case, `x-ms-date` among them.
    pub fn authorization(&self, method: &str, url: &Url, headers: &[(String, String)]) -> Secret {
        let text = self.string_to_sign(method, url, headers);
        let signature = STANDARD.encode(hmac::sign(&self.key, text.as_bytes()));
        Secret::new(format!("SharedKey {}:{signature}", self.account))
    }

    fn string_to_sign(&self, method: &str, url: &Url, headers: &[(String, String)]) -> String {
        let mut text = format!("{method}\n");
        for place in PLACES {
            let value = headers.iter().find(|(name, _)| name == place).map_or("", |(_, value)| value.trim());
            if !(place == "content-length" && value == "0") {
                text.push_str(value);
            }
            text.push('\n');
        }
        let mut own: Vec<_> = headers.iter().filter(|(name, _)| name.starts_with("x-ms-")).collect();
        own.sort();
        for (name, value) in own {
            text.push_str(&format!("{name}:{}\n", value.trim()));
        }
        text.push_str(&format!("/{}{}", self.account, url.path()));
        let mut query: Vec<(String, String)> =
            url.query_pairs().map(|(name, value)| (name.to_lowercase(), value.into_owned())).collect();
        query.sort();
        for (name, value) in query {
            text.push_str(&format!("\n{name}:{value}"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// The form is that of the vendor's page; the signature was computed from it with another program.
    #[test]
    fn a_request_is_signed_as_the_vendor_describes_it() {
        let key = SharedKey::new("contoso", &Secret::new("AAECAwQFBgcICQoLDA0ODw==")).unwrap();
        let url = Url::parse("https://contoso.blob.core.windows.net/state/a%20b.db?comp=block&BlockID=QUI%3D").unwrap();
        let headers = headers(&[
            ("x-ms-version", "2026-04-06"),
            ("x-ms-date", "Tue, 24 Nov 2026 03:00:00 GMT"),
            ("content-length", "5"),
            ("content-type", "application/octet-stream"),
            ("accept", "application/xml"),
        ]);
        assert_eq!(
            key.string_to_sign("PUT", &url, &headers),
            "PUT\n\n\n5\n\napplication/octet-stream\n\n\n\n\n\n\nx-ms-date:Tue, 24 Nov 2026 03:00:00 GMT\nx-ms-version:2026-04-06\n\
             /contoso/state/a%20b.db\nblockid:QUI=\ncomp:block"
        );
        assert_eq!(
            key.authorization("PUT", &url, &headers).expose(),
            "SharedKey contoso:4EfBZQ5sIS50LzEQqy9DiLWltVDOZlWc16AH06lp2i0="
        );
    }

    #[test]
    fn a_length_of_nothing_is_signed_as_absent() {
        let key = SharedKey::new("a", &Secret::new("AA==")).unwrap();
        let url = Url::parse("http://127.0.0.1:10000/a/c").unwrap();
        let text = key.string_to_sign("PUT", &url, &headers(&[("content-length", "0")]));
        assert_eq!(text, "PUT\n\n\n\n\n\n\n\n\n\n\n\n/a/a/c");
    }

    #[test]
    fn what_is_not_base64_is_no_key() {
        assert!(
            SharedKey::new("a", &Secret::new("not base64!")).is_none()
                && SharedKey::new("a", &Secret::new("")).is_none()
        );
    }
}
