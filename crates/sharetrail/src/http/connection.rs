//! Calls that got no answer, in words with the remedy.

use std::error::Error;
use std::io;

use super::Failure;

/// What a transport error means. `host` names the service; addresses with their queries are never printed.
pub(super) fn explain(error: &reqwest::Error, host: &str) -> Failure {
    if let Some(tls) = find::<rustls::Error>(error) {
        return explain_tls(tls, host);
    }
    let text = chain(error);
    if text.contains("dns error") || text.contains("failed to lookup address") {
        return Failure::retry(format!(
            "the name {host} cannot be resolved: check its spelling, the network and the DNS server, and whether the \
             service exists"
        ));
    }
    if error.is_timeout() {
        let what = if error.is_connect() { "could not be reached in time" } else { "did not answer in time" };
        return Failure::retry(format!(
            "{host} {what}: check the network and the proxy, or raise the timeouts in [http]"
        ));
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => Failure::retry(format!(
            "{host} refuses the connection: nothing listens there; check host and port, the firewall and the proxy"
        )),
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
            Failure::retry(format!("there is no way to {host} in the network: check the connection and the firewall"))
        }
        _ if error.is_builder() => Failure::stop(format!("the request to {host} cannot be built: {text}")),
        _ if error.is_connect() => Failure::retry(format!("no connection to {host}: {text}")),
        _ if error.is_body() || error.is_decode() => {
            Failure::retry(format!("the answer of {host} ended in the middle ({text})"))
        }
        _ => Failure::retry(format!("the connection to {host} broke before the answer came ({text})")),
    }
}

fn explain_tls(error: &rustls::Error, host: &str) -> Failure {
    use rustls::CertificateError as Certificate;
    let rustls::Error::InvalidCertificate(reason) = error else {
        return Failure::stop(format!(
            "no secure connection to {host} can be agreed ({error}): it must speak TLS 1.2 or 1.3; check that this is an \
             https port"
        ));
    };
    let why = match reason {
        Certificate::UnknownIssuer | Certificate::BadSignature => format!(
            "the certificate of {host} comes from an authority that is not trusted here; if that is your own authority \
             (a proxy that looks into TLS, an emulator), name its PEM file in tls.extra_roots"
        ),
        Certificate::Expired | Certificate::ExpiredContext { .. } => format!(
            "the certificate of {host} has expired, or this machine's clock is ahead; correct whichever is wrong"
        ),
        Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => format!(
            "the certificate of {host} is not valid yet, or this machine's clock is behind; correct whichever is wrong"
        ),
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => format!(
            "the certificate shown by {host} belongs to another name; check the address, and whether a proxy answers in \
             its place"
        ),
        other => format!("the certificate of {host} cannot be accepted ({other:?})"),
    };
    Failure::stop(why)
}

/// Looks for an error type in the chain of causes, also inside `io::Error`, which hides what it wraps.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        if let Some(inner) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref)
            && let Some(found) = find::<T>(inner)
        {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The causes without the outermost text, which holds the whole address.
fn chain(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if texts.last() != Some(&text) {
            texts.push(text);
        }
        next = cause.source();
    }
    if texts.is_empty() { "no further reason given".to_owned() } else { texts.join(": ") }
}
