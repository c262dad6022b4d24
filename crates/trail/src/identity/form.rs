//! The forms in which records name people.

use percent_encoding::percent_decode_str;

use crate::id::guid;

/// What a name is, before any question of inside or outside. Everything is lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing there.
    Absent,
    /// A guest account, decoded where that is possible.
    Guest(String),
    /// The address of a passcode guest.
    PasscodeGuest(String),
    /// An "Anyone" link's session: what stands behind `urn:spo:anon#`, or `tenant`.
    LinkSession(String),
    /// The word `anonymous`.
    Anonymous,
    /// `user@domain`.
    Address(String),
    /// The service itself.
    System(String),
    /// An application.
    Application(String),
    /// None of the known forms.
    Other(String),
}

impl Form {
    /// Reads a `UserId` or the name of a target.
    pub(super) fn of(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() {
            return Self::Absent;
        }
        let name = match claim_value(text) {
            Some(value) => value.to_lowercase(),
            None => text.to_lowercase(),
        };
        let name = if name.starts_with("urn%3a") { decoded(&name) } else { name };
        if let Some(rest) = name.strip_prefix("urn:spo:") {
            return spo(rest);
        }
        if name == "anonymous" {
            return Self::Anonymous;
        }
        if let Some((account, _)) = name.split_once("#ext#") {
            return Self::Guest(decode_guest(account).unwrap_or_else(|| name.clone()));
        }
        if is_application(&name) {
            return Self::Application(name);
        }
        if is_system(&name) {
            return Self::System(name);
        }
        // `i:0h.f|membership|1003200…@live.com` is a key, not an address: keys stay among the unknown.
        let is_address = !name.contains(['|', ' '])
            && name.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
        if is_address { Self::Address(name) } else { Self::Other(name) }
    }
}

/// What stands behind `urn:spo:`. Whatever it is, it is no account in the directory.
fn spo(rest: &str) -> Form {
    match rest.split_once('#') {
        Some(("guest", mail)) => Form::PasscodeGuest(match mail.split_once("#ext#") {
            Some((account, _)) => decode_guest(account).unwrap_or_else(|| mail.to_owned()),
            None => mail.to_owned(),
        }),
        Some(("tenantanon", _)) => Form::LinkSession("tenant".to_owned()),
        Some(("anon", session)) => Form::LinkSession(session.to_owned()),
        _ => Form::LinkSession(rest.to_owned()),
    }
}

/// `alice_b_fabrikam.co.uk` → `alice_b@fabrikam.co.uk`: a domain holds no underscore, so the last one was the `@`.
/// `None` without an underscore (the name was cut or made up); the domain is unknown then.
fn decode_guest(account: &str) -> Option<String> {
    if account.contains('@') {
        return Some(account.to_owned());
    }
    let (local, domain) = account.rsplit_once('_')?;
    (!local.is_empty() && !domain.is_empty()).then(|| format!("{local}@{domain}"))
}

/// What a SharePoint claim is about: of `i:0#.f|membership|user@domain` the last part. `None` for anything that is no
/// claim of a user, and for membership keys (`i:0h.f`), whose last part looks like an address and is none.
fn claim_value(text: &str) -> Option<&str> {
    let is_user_claim = text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("i:0"));
    let is_key = text.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("i:0h.f"));
    let (_, value) = text.rsplit_once('|').filter(|_| is_user_claim && !is_key)?;
    (!value.is_empty()).then_some(value)
}

/// Percent-decoded once; left alone if that gives no text.
fn decoded(name: &str) -> String {
    match percent_decode_str(name).decode_utf8() {
        Ok(text) => text.to_lowercase(),
        Err(_) => name.to_owned(),
    }
}

fn is_application(name: &str) -> bool {
    let id = name.strip_prefix("serviceprincipal_").unwrap_or(name);
    name == "app@sharepoint" || guid(id).is_some()
}

/// `SHAREPOINT\system`, `NT AUTHORITY\…`, `Microsoft\ServiceOperator` and other Windows accounts (only the service and its
/// operators have such), security ids, and Defender's own investigators.
fn is_system(name: &str) -> bool {
    name.contains('\\')
        || name.starts_with("s-1-")
        || matches!(name, "securitycompliancealerts" | "airinvestigation" | "system account")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_form_is_told_apart() {
        for (text, expected) in [
            ("", Form::Absent),
            ("  ", Form::Absent),
            ("alice_b_fabrikam.co.uk#EXT#@contoso.onmicrosoft.com", Form::Guest("alice_b@fabrikam.co.uk".into())),
            ("john_doe_gmail.com#ext#@contoso.onmicrosoft.com", Form::Guest("john_doe@gmail.com".into())),
            ("i:0#.f|membership|li_fab.example#ext#@c.onmicrosoft.com", Form::Guest("li@fab.example".into())),
            ("short#EXT#@c.onmicrosoft.com", Form::Guest("short#ext#@c.onmicrosoft.com".into())),
            ("urn:spo:guest#Li@Fab.Example", Form::PasscodeGuest("li@fab.example".into())),
            ("urn%3aspo%3aguest%23li%40fab.example", Form::PasscodeGuest("li@fab.example".into())),
            ("i:0#.f|membership|urn%3Aspo%3Aguest#li@fab.example", Form::PasscodeGuest("li@fab.example".into())),
            ("urn:spo:anon#AB12", Form::LinkSession("ab12".into())),
            ("urn%3aspo%3aanon%23ab12", Form::LinkSession("ab12".into())),
            ("urn:spo:tenantanon#ebac1a16-81bf-449b-8d43-5732c3c1d999", Form::LinkSession("tenant".into())),
            ("urn:spo:new", Form::LinkSession("new".into())),
            ("Anonymous", Form::Anonymous),
            ("Ana@Contoso.example", Form::Address("ana@contoso.example".into())),
            ("i:0#.f|membership|ana@contoso.example", Form::Address("ana@contoso.example".into())),
            (
                "i:0h.f|membership|1003200096971f55@live.com",
                Form::Other("i:0h.f|membership|1003200096971f55@live.com".into()),
            ),
            ("app@sharepoint", Form::Application("app@sharepoint".into())),
            ("i:0i.t|00000003-0000-0ff1-ce00-000000000000|app@sharepoint", Form::Application("app@sharepoint".into())),
            ("97ee2049-893e-4c9d-a312-08d82b46faf7", Form::Application("97ee2049-893e-4c9d-a312-08d82b46faf7".into())),
            (
                "ServicePrincipal_97ee2049-893e-4c9d-a312-08d82b46faf7",
                Form::Application("serviceprincipal_97ee2049-893e-4c9d-a312-08d82b46faf7".into()),
            ),
            ("SHAREPOINT\\system", Form::System("sharepoint\\system".into())),
            ("NT AUTHORITY\\SYSTEM", Form::System("nt authority\\system".into())),
            ("Microsoft\\ServiceOperator", Form::System("microsoft\\serviceoperator".into())),
            ("S-1-0-0", Form::System("s-1-0-0".into())),
            ("SecurityComplianceAlerts", Form::System("securitycompliancealerts".into())),
            ("user1", Form::Other("user1".into())),
            ("@", Form::Other("@".into())),
        ] {
            assert_eq!(Form::of(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_address_survives_being_written_as_a_guest_account(
            local in "[a-z0-9._'+-]{1,20}", domain in "[a-z0-9-]{1,12}(\\.[a-z0-9-]{1,8}){1,3}",
        ) {
            let account = format!("{local}_{domain}#EXT#@contoso.onmicrosoft.com");
            prop_assert_eq!(Form::of(&account), Form::Guest(format!("{local}@{domain}")));
        }

        #[test]
        fn no_name_makes_it_panic(name in "\\PC*") {
            Form::of(&name);
        }
    }
}
