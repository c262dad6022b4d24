//! Which addresses we talk to.

use url::{Host, Url};

use super::Failure;

/// Refuses plain `http` and everything else that is not `https`, except to this machine itself.
///
/// # Errors
/// `Stop` with a sentence that names the address and the remedy.
pub fn require_https(url: &Url) -> Result<(), Failure> {
    match url.scheme() {
        "https" if url.host().is_some() => Ok(()),
        "http" if is_loopback(url) => Ok(()),
        "http" => Err(Failure::stop(format!(
            "{}://{} is not protected, and what we send and read is confidential: write https:// in its place \
             (plain http is only allowed to 127.0.0.1, ::1 and localhost)",
            url.scheme(),
            host_and_port(url)
        ))),
        other => Err(Failure::stop(format!("an address must begin with https://, but this one begins with {other}:"))),
    }
}

/// Whether the address is this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

/// The host, with its port unless it is the scheme's own: how messages name a service.
pub fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or("(no host)");
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Whether two addresses are the same service: scheme, host and port.
pub(crate) fn same_service(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host() == other.host()
        && one.port_or_known_default() == other.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_only_allowed_to_this_machine() {
        let table = [
            ("https://vault.azure.net", true),
            ("https://127.0.0.1:8443", true),
            ("http://127.0.0.1:80", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:8080", true),
            ("http://LOCALHOST:1", true),
            ("http://localhost.example.com", false),
            ("http://128.0.0.1", false),
            ("http://contoso.example", false),
            ("ftp://127.0.0.1", false),
            ("file:///etc/passwd", false),
        ];
        for (url, allowed) in table {
            assert_eq!(require_https(&Url::parse(url).unwrap()).is_ok(), allowed, "{url}");
        }
    }

    #[test]
    fn the_refusal_names_the_address_and_the_remedy() {
        let failure = require_https(&Url::parse("http://contoso.example:8080/a?sig=s").unwrap()).unwrap_err();
        assert!(failure.why.contains("contoso.example:8080") && failure.why.contains("https://"), "{failure}");
        assert!(!failure.why.contains("sig"), "a query may hold a secret");
    }

    #[test]
    fn a_service_is_its_scheme_host_and_port() {
        let base = Url::parse("https://management.azure.com").unwrap();
        for (other, same) in [
            ("https://management.azure.com:443/x?y", true),
            ("https://management.azure.com:444/x", false),
            ("http://management.azure.com/x", false),
            ("https://management.azure.com.evil.example/", false),
        ] {
            assert_eq!(same_service(&base, &Url::parse(other).unwrap()), same, "{other}");
        }
    }
}
