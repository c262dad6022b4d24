//! What Entra ID's refusals mean and what to do about them.
//! Source: Microsoft, "Microsoft Entra authentication and authorization error codes".

use crate::http::{Failure, Next};

/// The failure to get a token, with the meaning of its code and the remedy; `who` names the application.
pub(super) fn explain(failure: Failure, who: &str) -> Failure {
    let said = failure.why.clone();
    let Some(code) = aadsts_code(&said) else {
        return failure.while_doing(format!("no token for {who}"));
    };
    let why = match meaning(code) {
        Some((meaning, remedy)) => format!("no token for {who}: {meaning} (AADSTS{code}); {remedy}"),
        None => format!("no token for {who}: {said}"),
    };
    // The clock's hint stands at the end of what was said.
    let why = match said.find(". This machine's clock") {
        Some(at) if meaning(code).is_some() => format!("{why}{}", said.get(at..).unwrap_or_default()),
        _ => why,
    };
    let next = match code {
        50196 | 90033 => Next::Retry { after: None, throttled: false },
        _ if failure.is_passing() => failure.next.clone(),
        _ => Next::Stop,
    };
    Failure { next, why, code: Some(format!("AADSTS{code}")), ..failure }
}

/// Whether it is the client secret or the certificate that was refused: it may have been replaced meanwhile.
pub(super) fn refuses_proof(failure: &Failure) -> bool {
    matches!(failure.code(), "AADSTS7000215" | "AADSTS7000222" | "AADSTS700027")
}

/// Meaning and remedy of the codes that an application meets.
fn meaning(code: u32) -> Option<(&'static str, &'static str)> {
    Some(match code {
        7_000_215 => (
            "the client secret is wrong",
            "store the secret's value (not its id, which looks like a GUID) where client_secret points",
        ),
        7_000_222 => (
            "the client secret has expired",
            "create a new one under the application's \"Certificates & secrets\" and store its value where client_secret points",
        ),
        700_016 => (
            "the application is not known in this directory",
            "check client_id and tenant_id, and that an administrator of the directory has consented to the application",
        ),
        90_002 => ("the directory does not exist", "check tenant_id"),
        70_011 => ("the scope is malformed", "check the scopes in [cloud]; each is an address followed by /.default"),
        1_002_012 => ("the scope does not end in /.default", "check the scopes in [cloud]"),
        500_011 => (
            "the service that the token is for is not known in this directory",
            "check the scopes in [cloud] and that the cloud preset is that of the directory",
        ),
        700_027 => (
            "the assertion's signature does not match a certificate of the application",
            "upload the certificate under the application's \"Certificates & secrets\"",
        ),
        700_024 => ("the assertion is outside its time", "correct this machine's clock"),
        7_000_112 => ("the application is disabled", "have an administrator of the directory enable it"),
        70_021 | 700_211 | 700_213 => (
            "no federated credential of the application matches this issuer, subject and audience",
            "compare them under \"Certificates & secrets\"; a new one takes some minutes to work",
        ),
        50_196 | 90_033 => ("Entra ID has a passing trouble", "it is tried again"),
        _ => return None,
    })
}

fn aadsts_code(text: &str) -> Option<u32> {
    let digits = text.get(text.find("AADSTS")? + "AADSTS".len()..)?;
    let end = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_known_code_has_a_meaning_and_a_remedy() {
        for code in [
            7_000_215, 7_000_222, 700_016, 90_002, 70_011, 1_002_012, 500_011, 700_027, 700_024, 7_000_112, 70_021,
            700_211, 700_213,
        ] {
            let said =
                Failure::new(Next::Unauthorized, format!("login answered 401: AADSTS{code}: long text. Trace ID: 1"));
            let failure = explain(said, "application app-1");
            assert_eq!(failure.next, Next::Stop, "{code}");
            assert_eq!(failure.code(), format!("AADSTS{code}"));
            assert!(
                failure.why.starts_with("no token for application app-1: ") && !failure.why.contains("Trace"),
                "{failure}"
            );
        }
    }

    #[test]
    fn passing_troubles_are_tried_again() {
        for code in [50_196, 90_033] {
            assert!(explain(Failure::new(Next::Bad, format!("AADSTS{code}: x")), "a").is_passing());
        }
    }

    #[test]
    fn an_unknown_code_keeps_the_services_words() {
        let failure = explain(Failure::new(Next::Bad, "login answered 400: AADSTS123456: Something new"), "a");
        assert!(failure.next == Next::Stop && failure.why.contains("Something new"), "{failure}");
    }

    #[test]
    fn a_wrong_clock_stays_in_the_message() {
        let said = "login answered 401: AADSTS700024: x. This machine's clock is 9 minutes ahead of the service's";
        assert!(explain(Failure::new(Next::Unauthorized, said), "a").why.ends_with("ahead of the service's"));
    }
}
