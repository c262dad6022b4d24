//! The identity service of the machine or Function app that we run on.
//! Sources: Microsoft, "How to use managed identities to acquire an access token" (error handling, retry guidance), "Use
//! managed identities for App Service and Azure Functions".

use url::Url;

use crate::http::{Failure, Next};

/// The host that every virtual machine has its identity service at; the SDK knows no other.
pub(super) const MACHINE_HOST: &str = "169.254.169.254";

/// Where the environment says that this machine's identity service is, if not at its fixed address.
pub(super) fn machine_identity() -> Option<Url> {
    Url::parse(&std::env::var("AZURE_POD_IDENTITY_AUTHORITY_HOST").ok()?).ok()
}

/// What its refusals mean and what to do about them; `who` names the identity.
pub(super) fn explain(failure: Failure, who: &str) -> Failure {
    let remedy = match failure.status {
        // Both mean that the service is being updated, for up to 70 seconds.
        Some(404 | 410) => {
            let why = format!("no token for {who}: the platform's identity service is being updated");
            return Failure { next: Next::Retry { after: None, throttled: false }, why, ..failure };
        }
        Some(400) => {
            "assign this identity to the machine or Function app, or correct its client_id, object_id or resource_id"
        }
        Some(401 | 403) => "the platform's identity service refuses us: restart the app, and keep proxies away from it",
        None => "is this running in Azure with a managed identity? Elsewhere use client_secret or azure_cli",
        Some(_) => return failure.while_doing(format!("no token for {who}")),
    };
    let next = if failure.is_passing() { failure.next.clone() } else { Next::Stop };
    let why = format!("no token for {who}: {}; {remedy}", failure.why);
    Failure { next, why, ..failure }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_of_the_platform_says_what_to_do() {
        let answered = |status| Failure { status: Some(status), ..Failure::new(Next::Bad, "it answered so") };
        for (failure, passing, words) in [
            (answered(404), true, "being updated"),
            (answered(410), true, "being updated"),
            (answered(400), false, "assign this identity"),
            (answered(403), false, "restart the app"),
            (answered(418), false, "it answered so"),
            (Failure::retry("no connection"), true, "is this running in Azure"),
        ] {
            let explained = explain(failure, "the identity");
            assert!(explained.why.contains(words) && explained.why.contains("the identity"), "{explained}");
            assert_eq!(explained.is_passing(), passing, "{explained}");
        }
    }
}
