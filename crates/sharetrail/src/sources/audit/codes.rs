//! What each error code asks us to do. The code decides and not the status: the service throttles with 403 and says so
//! in the code alone, and one code comes with several statuses.
//!
//! Source: Microsoft, "Office 365 Management Activity API reference", error codes; AF20024 is known from practice only.

use crate::http::{Failure, Next};

/// What a code means to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The application has no right to read the feed.
    NoRole,
    /// The tenant of the address is not the token's, or not known.
    NotOurTenant,
    /// There is no subscription to this content.
    NotSubscribed,
    /// An administrator, or the service, has switched the subscription off.
    Disabled,
    /// Starting changed nothing: it was started before.
    AlreadyEnabled,
    /// The span cannot be listed: too long, or too old.
    WindowRefused,
    /// The address of the next page is no longer good.
    PageRefused,
    /// The blob is not there.
    Missing,
    /// The blob was there, and is no longer.
    Expired,
    /// We ask too much.
    Throttled,
    /// The service's own trouble.
    Passing,
    /// We ask wrongly.
    OurFault,
}

/// What the code of a failure means; `None` for a code, or none, that says nothing: then the status decides.
pub(super) fn meaning(failure: &Failure) -> Option<Meaning> {
    Some(match failure.code() {
        "AF10001" => Meaning::NoRole,
        "AF20010" | "AF20011" | "AF20012" | "AF20013" => Meaning::NotOurTenant,
        "AF20022" => Meaning::NotSubscribed,
        "AF20023" => Meaning::Disabled,
        "AF20024" => Meaning::AlreadyEnabled,
        "AF20030" | "AF20055" => Meaning::WindowRefused,
        "AF20031" => Meaning::PageRefused,
        "AF20050" => Meaning::Missing,
        "AF20051" => Meaning::Expired,
        "AF429" => Meaning::Throttled,
        "AF20001" | "AF20002" | "AF20003" | "AF20020" | "AF20021" | "AF20052" | "AF20053" | "AF20054" => {
            Meaning::OurFault
        }
        code if code.len() == 7 && code.starts_with("AF5") => Meaning::Passing,
        _ => return None,
    })
}

/// The failure with what the code asks for in place of what the status says.
pub(super) fn judged(mut failure: Failure) -> Failure {
    let passing = |throttled| match failure.next {
        // The status said the same, and how long to wait.
        Next::Retry { after, .. } => Next::Retry { after, throttled },
        _ => Next::Retry { after: None, throttled },
    };
    failure.next = match meaning(&failure) {
        None => return failure,
        Some(Meaning::Throttled) => passing(true),
        Some(Meaning::Passing) => passing(false),
        Some(Meaning::NoRole) => Next::Forbidden,
        Some(Meaning::Missing | Meaning::Expired) => Next::NotFound,
        Some(Meaning::NotOurTenant | Meaning::Disabled | Meaning::OurFault) => Next::Stop,
        Some(Meaning::NotSubscribed | Meaning::AlreadyEnabled | Meaning::WindowRefused | Meaning::PageRefused) => {
            Next::Bad
        }
    };
    failure
}

/// The same failure in words that say what a person has to do, where one has to do something.
pub(super) fn explained(failure: Failure, host: &str) -> Failure {
    // Not a code, but how the service says that nothing is recorded at all (Microsoft: Turn auditing on or off).
    if failure.why.contains("Microsoft.Office.Compliance.Audit.DataServiceException") {
        return failure.in_words(format!(
            "the audit feed at {host} has no records of this tenant: auditing is off there; switch it on in the Purview \
             portal (Audit, Start recording), which takes up to an hour"
        ));
    }
    let said = failure.why.clone();
    match (meaning(&failure), &failure.next) {
        (Some(Meaning::NoRole), _) => failure.in_words(format!(
            "the audit feed at {host} does not let this application read it (AF10001); grant it the application role \
             ActivityFeed.Read of \"Office 365 Management APIs\" and consent to it"
        )),
        (Some(Meaning::NotOurTenant), _) => failure.in_words(format!(
            "{said}: the audit feed takes a token of the tenant that is read and no other; check that tenant_id is the \
             tenant's directory id, and that the identity signs in to that directory"
        )),
        (Some(Meaning::Disabled), _) => failure.in_words(format!(
            "{said}: the subscription was switched off by an administrator of the tenant or by the service; ask who did, \
             and start it again"
        )),
        (None, Next::Unauthorized) => failure.in_words(format!(
            "the audit feed at {host} refuses the application's token even after a renewal; check that cloud.audit_scope \
             belongs to cloud.audit and that tenant_id is the identity's own directory"
        )),
        (None, Next::Forbidden) => failure.in_words(format!(
            "{said}: the audit feed does not let this application in; grant it the application role ActivityFeed.Read of \
             \"Office 365 Management APIs\" and consent to it"
        )),
        _ => failure.while_doing("reading the audit feed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(code: &str, status: u16, next: Next) -> Failure {
        Failure { status: Some(status), code: Some(code.to_owned()), ..Failure::new(next, "it answered so") }
    }

    #[test]
    fn the_code_decides_whatever_the_status() {
        let retry = |throttled| Next::Retry { after: None, throttled };
        for (code, next) in [
            ("AF10001", Next::Forbidden),
            ("AF20001", Next::Stop),
            ("AF20010", Next::Stop),
            ("AF20013", Next::Stop),
            ("AF20020", Next::Stop),
            ("AF20022", Next::Bad),
            ("AF20023", Next::Stop),
            ("AF20024", Next::Bad),
            ("AF20030", Next::Bad),
            ("AF20031", Next::Bad),
            ("AF20050", Next::NotFound),
            ("AF20051", Next::NotFound),
            ("AF20052", Next::Stop),
            ("AF20055", Next::Bad),
            ("AF429", retry(true)),
            ("AF50000", retry(false)),
            ("AF50008", retry(false)),
        ] {
            for status in [400, 401, 403, 500] {
                assert_eq!(judged(failure(code, status, Next::Forbidden)).next, next, "{code} with {status}");
            }
        }
    }

    #[test]
    fn a_code_that_nobody_knows_leaves_it_to_the_status() {
        for code in ["AF99999", "", "AF5", "InvalidAuthenticationToken"] {
            assert_eq!(judged(failure(code, 401, Next::Unauthorized)).next, Next::Unauthorized, "{code}");
        }
    }

    #[test]
    fn what_a_person_has_to_do_is_said() {
        for (code, words) in [
            ("AF10001", "ActivityFeed.Read"),
            ("AF20010", "tenant_id"),
            ("AF20023", "switched off"),
            ("AF50000", "reading the audit feed"),
        ] {
            let failure = explained(judged(failure(code, 400, Next::Bad)), "manage.office.com");
            assert!(failure.why.contains(words), "{failure}");
        }
        let off = Failure::new(
            Next::Bad,
            "x answered 400 (StartSubscription [Microsoft.Office.Compliance.Audit.DataServiceException]: Tenant t does not exist.)",
        );
        assert!(explained(off, "manage.office.com").why.contains("auditing is off"));
    }
}
