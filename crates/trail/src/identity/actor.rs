//! Who acted.

use super::form::Form;
use super::{Domains, Person, PersonBasis, PersonKind, domain_of};

/// `UserType` of the common schema.
mod user_type {
    pub(super) const DC_ADMIN: i64 = 3;
    pub(super) const SYSTEM: i64 = 4;
    pub(super) const APPLICATION: i64 = 5;
    pub(super) const SERVICE_PRINCIPAL: i64 = 6;
    pub(super) const CUSTOM_POLICY: i64 = 7;
    pub(super) const SYSTEM_POLICY: i64 = 8;
    pub(super) const PARTNER_TECHNICIAN: i64 = 9;
    pub(super) const GUEST: i64 = 10;
}

/// Who acted, from a record's `UserId`, `UserType` and `ClientIP`.
///
/// * `UserType` 9 is a partner's administrator and 10 is outside, whatever the form of the name; only a guest account of
///   an internal or trusted domain stays inside, because the configuration says so.
/// * Without configured internal domains every plain address is `Foreign`: nobody is known to be inside.
/// * `anonymous` is told apart by address only: `anon:<ip>`.
pub fn actor(user_id: Option<&str>, user_type: Option<i64>, client_ip: Option<&str>, domains: &Domains) -> Person {
    let form = Form::of(user_id.unwrap_or_default());
    if user_type == Some(user_type::PARTNER_TECHNICIAN) {
        return partner(form);
    }
    let says_guest = user_type == Some(user_type::GUEST);
    match form {
        Form::Guest(address) => guest_account(address, domains),
        Form::PasscodeGuest(address) => addressed(address, PersonKind::PasscodeGuest, Some(PersonBasis::SpoGuest)),
        Form::LinkSession(session) => anonymous(&session, PersonBasis::SpoAnon),
        Form::Anonymous => anonymous(&client_ip.unwrap_or_default().to_lowercase(), PersonBasis::Anonymous),
        Form::Absent if says_guest => anonymous(&client_ip.unwrap_or_default().to_lowercase(), PersonBasis::UserType),
        Form::Absent => unaddressed(String::new(), PersonKind::Unknown),
        Form::Address(address) => address_of(address, says_guest, domains),
        Form::System(name) | Form::Application(name) | Form::Other(name) if says_guest => {
            Person { basis: Some(PersonBasis::UserType), ..unaddressed(name, PersonKind::Guest) }
        }
        Form::System(name) => unaddressed(name, PersonKind::System),
        Form::Application(name) => unaddressed(name, PersonKind::Application),
        Form::Other(name) => unaddressed(name, kind_by_type(user_type)),
    }
}

/// A guest account is outside by its form; the configuration may say that its people are ours all the same.
pub(super) fn guest_account(address: String, domains: &Domains) -> Person {
    // What could not be decoded still ends in our own tenant's name, which says nothing about the guest.
    if address.contains("#ext#") {
        return Person { basis: Some(PersonBasis::ExtUpn), ..unaddressed(address, PersonKind::Guest) };
    }
    let is_ours = domain_of(&address).is_some_and(|domain| domains.hold(&domain));
    if is_ours {
        addressed(address, PersonKind::Member, Some(PersonBasis::Configured))
    } else {
        addressed(address, PersonKind::Guest, Some(PersonBasis::ExtUpn))
    }
}

fn address_of(address: String, says_guest: bool, domains: &Domains) -> Person {
    let is_ours = domain_of(&address).is_some_and(|domain| domains.hold(&domain));
    match (is_ours, says_guest) {
        (true, true) => addressed(address, PersonKind::Guest, Some(PersonBasis::UserType)),
        (true, false) => addressed(address, PersonKind::Member, Some(PersonBasis::Configured)),
        // The domain proves it where we know our own; otherwise only the user type does.
        (false, true) if !domains.are_known() => addressed(address, PersonKind::Foreign, Some(PersonBasis::UserType)),
        (false, _) => addressed(address, PersonKind::Foreign, Some(PersonBasis::ForeignDomain)),
    }
}

fn partner(form: Form) -> Person {
    let basis = Some(PersonBasis::UserType);
    match form {
        Form::Guest(name) | Form::PasscodeGuest(name) | Form::Address(name) if !name.contains("#ext#") => {
            addressed(name, PersonKind::PartnerAdmin, basis)
        }
        Form::Guest(name)
        | Form::PasscodeGuest(name)
        | Form::Address(name)
        | Form::LinkSession(name)
        | Form::System(name)
        | Form::Application(name)
        | Form::Other(name) => Person { basis, ..unaddressed(name, PersonKind::PartnerAdmin) },
        Form::Anonymous => Person { basis, ..unaddressed("anonymous".to_owned(), PersonKind::PartnerAdmin) },
        Form::Absent => Person { basis, ..unaddressed(String::new(), PersonKind::PartnerAdmin) },
    }
}

/// For names in no known form the service's own word is all there is.
fn kind_by_type(user_type: Option<i64>) -> PersonKind {
    match user_type {
        Some(user_type::DC_ADMIN | user_type::SYSTEM | user_type::CUSTOM_POLICY | user_type::SYSTEM_POLICY) => {
            PersonKind::System
        }
        Some(user_type::APPLICATION | user_type::SERVICE_PRINCIPAL) => PersonKind::Application,
        _ => PersonKind::Unknown,
    }
}

fn anonymous(told_apart_by: &str, basis: PersonBasis) -> Person {
    Person { basis: Some(basis), ..unaddressed(format!("anon:{told_apart_by}"), PersonKind::Anonymous) }
}

pub(super) fn addressed(canonical: String, kind: PersonKind, basis: Option<PersonBasis>) -> Person {
    Person { domain: domain_of(&canonical), canonical, kind, basis }
}

pub(super) fn unaddressed(canonical: String, kind: PersonKind) -> Person {
    Person { canonical, kind, basis: None, domain: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PersonBasis as Basis;
    use PersonKind as Kind;

    fn contoso() -> Domains {
        Domains::new(["contoso.example", "contoso.onmicrosoft.com"], ["sister.example"])
    }

    #[test]
    fn the_form_and_the_domain_decide() {
        for (user, user_type, canonical, kind, basis) in [
            ("Ana@Contoso.Example", Some(0), "ana@contoso.example", Kind::Member, Some(Basis::Configured)),
            ("bo@sister.example", None, "bo@sister.example", Kind::Member, Some(Basis::Configured)),
            ("li@fabrikam.example", Some(0), "li@fabrikam.example", Kind::Foreign, Some(Basis::ForeignDomain)),
            ("li@fabrikam.example", Some(10), "li@fabrikam.example", Kind::Foreign, Some(Basis::ForeignDomain)),
            ("ana@contoso.example", Some(10), "ana@contoso.example", Kind::Guest, Some(Basis::UserType)),
            (
                "li_fabrikam.example#EXT#@contoso.onmicrosoft.com",
                Some(0),
                "li@fabrikam.example",
                Kind::Guest,
                Some(Basis::ExtUpn),
            ),
            (
                "bo_sister.example#EXT#@contoso.onmicrosoft.com",
                Some(0),
                "bo@sister.example",
                Kind::Member,
                Some(Basis::Configured),
            ),
            (
                "bo_sister.example#EXT#@contoso.onmicrosoft.com",
                Some(10),
                "bo@sister.example",
                Kind::Member,
                Some(Basis::Configured),
            ),
            (
                "short#EXT#@contoso.onmicrosoft.com",
                Some(0),
                "short#ext#@contoso.onmicrosoft.com",
                Kind::Guest,
                Some(Basis::ExtUpn),
            ),
            (
                "urn:spo:guest#li@fabrikam.example",
                Some(0),
                "li@fabrikam.example",
                Kind::PasscodeGuest,
                Some(Basis::SpoGuest),
            ),
            ("urn:spo:anon#AB12", Some(0), "anon:ab12", Kind::Anonymous, Some(Basis::SpoAnon)),
            ("urn:spo:tenantanon#ebac", None, "anon:tenant", Kind::Anonymous, Some(Basis::SpoAnon)),
            ("anonymous", Some(0), "anon:203.0.113.7", Kind::Anonymous, Some(Basis::Anonymous)),
            ("app@sharepoint", Some(0), "app@sharepoint", Kind::Application, None),
            ("SHAREPOINT\\system", Some(0), "sharepoint\\system", Kind::System, None),
            ("user1", Some(5), "user1", Kind::Application, None),
            ("user1", Some(4), "user1", Kind::System, None),
            ("user1", Some(0), "user1", Kind::Unknown, None),
            ("user1", Some(10), "user1", Kind::Guest, Some(Basis::UserType)),
            ("user_1a2b", Some(9), "user_1a2b", Kind::PartnerAdmin, Some(Basis::UserType)),
            ("op@msp.example", Some(9), "op@msp.example", Kind::PartnerAdmin, Some(Basis::UserType)),
            ("", Some(0), "", Kind::Unknown, None),
            ("", Some(10), "anon:203.0.113.7", Kind::Anonymous, Some(Basis::UserType)),
        ] {
            let person = actor(Some(user), user_type, Some("203.0.113.7"), &contoso());
            assert_eq!(
                (&*person.canonical, person.kind, person.basis),
                (canonical, kind, basis),
                "{user} {user_type:?}"
            );
        }
    }

    #[test]
    fn the_domain_is_the_person_s_own() {
        for (user, domain) in [
            ("li_fabrikam.example#EXT#@contoso.onmicrosoft.com", Some("fabrikam.example")),
            ("short#EXT#@contoso.onmicrosoft.com", None),
            ("urn:spo:guest#li@fabrikam.example", Some("fabrikam.example")),
            ("urn:spo:anon#a@b", None),
            ("app@sharepoint", None),
        ] {
            assert_eq!(actor(Some(user), Some(0), None, &contoso()).domain.as_deref(), domain, "{user}");
        }
    }

    #[test]
    fn nobody_is_known_to_be_inside_without_configured_domains() {
        let person = actor(Some("ana@contoso.example"), Some(0), None, &Domains::default());
        assert_eq!((person.kind, person.basis), (Kind::Foreign, Some(Basis::ForeignDomain)));
        assert!(person.is_outside() && !person.is_known_inside());
        let person = actor(Some("ana@contoso.example"), Some(10), None, &Domains::default());
        assert_eq!((person.kind, person.basis), (Kind::Foreign, Some(Basis::UserType)));
    }

    #[test]
    fn a_record_without_a_user_is_neither_inside_nor_outside() {
        let person = actor(None, None, Some("203.0.113.7"), &contoso());
        assert!(!person.is_outside() && !person.is_known_inside());
        assert_eq!(actor(Some("anonymous"), None, None, &contoso()).canonical, "anon:");
    }
}
