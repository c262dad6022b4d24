//! Whom a sharing operation was aimed at: `TargetUserOrGroupName` and `TargetUserOrGroupType`.

use serde::{Deserialize, Serialize};

use super::actor::{addressed, guest_account, unaddressed};
use super::form::Form;
use super::{Domains, Person, PersonBasis, PersonKind, domain_of};
use crate::Target;

/// What a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RecipientKind {
    /// A person, inside or outside.
    Person(PersonKind),
    /// Everyone, guests included: `Everyone`, `All Users (…)`.
    Anyone,
    /// All of ours and nobody else: `Everyone except external users`.
    AllInsiders,
    /// A group of unknown membership.
    Group,
    /// What the service needs to make a link work: the link's own group, limited access groups, claim principals.
    Plumbing,
}

impl RecipientKind {
    /// The value of the column `RecipientKind`; `None` for what never stands in a row of a share with outsiders.
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Person(kind) => Some(kind.as_str()),
            Self::Anyone => Some("anyone"),
            Self::Group => Some("group"),
            Self::AllInsiders | Self::Plumbing => None,
        }
    }
}

/// A target, read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Recipient {
    /// What it is.
    pub kind: RecipientKind,
    /// The identity that all forms of this recipient share, lower case.
    pub canonical: String,
    /// What the kind of a person rests on.
    pub basis: Option<PersonBasis>,
    /// The domain of a person's address, lower case.
    pub domain: Option<String>,
}

/// Whom this target names.
///
/// Type `Guest` and `Partner` are Microsoft's own judgement and enough to be outside; `Member` is not enough to be inside
/// when the domain is known not to be ours (a converted guest). Without configured domains `Member` is believed.
pub fn recipient(target: &Target<'_>, domains: &Domains) -> Recipient {
    let name = target.name.trim();
    let kind = target.kind.as_deref().unwrap_or_default();
    let lower = name.to_lowercase();
    if let Some(kind) = broad_or_plumbing(&lower) {
        return Recipient { kind, canonical: lower, basis: None, domain: None };
    }
    let is_group = ["Group", "SharePointGroup", "SecurityGroup"].iter().any(|group| kind.eq_ignore_ascii_case(group));
    let person = match Form::of(name) {
        Form::System(name) => unaddressed(name, PersonKind::System),
        Form::Application(name) if !is_group => unaddressed(name, PersonKind::Application),
        _ if is_group || lower.starts_with("c:0") => return group(lower),
        Form::Guest(address) => guest_account(address, domains),
        Form::PasscodeGuest(address) => addressed(address, PersonKind::PasscodeGuest, Some(PersonBasis::SpoGuest)),
        Form::LinkSession(session) => Person {
            basis: Some(PersonBasis::SpoAnon),
            ..unaddressed(format!("anon:{session}"), PersonKind::Anonymous)
        },
        Form::Anonymous => {
            Person { basis: Some(PersonBasis::Anonymous), ..unaddressed("anon:".to_owned(), PersonKind::Anonymous) }
        }
        Form::Address(address) => addressee(address, kind, domains),
        Form::Application(name) | Form::Other(name) if is(kind, "Guest") || is(kind, "Partner") => {
            Person { basis: Some(PersonBasis::TargetType), ..unaddressed(name, PersonKind::Guest) }
        }
        Form::Application(name) | Form::Other(name) if is(kind, "Member") => {
            Person { basis: Some(PersonBasis::TargetType), ..unaddressed(name, PersonKind::Member) }
        }
        // A name without an address and without a type: of a group, as far as anybody can tell.
        Form::Application(name) | Form::Other(name) => return group(name),
        Form::Absent => return group(String::new()),
    };
    Recipient {
        kind: RecipientKind::Person(person.kind),
        canonical: person.canonical,
        basis: person.basis,
        domain: person.domain,
    }
}

fn addressee(address: String, kind: &str, domains: &Domains) -> Person {
    if is(kind, "Guest") {
        return addressed(address, PersonKind::Guest, Some(PersonBasis::TargetType));
    }
    if is(kind, "Partner") {
        return addressed(address, PersonKind::Foreign, Some(PersonBasis::TargetType));
    }
    if domain_of(&address).is_some_and(|domain| domains.hold(&domain)) {
        return addressed(address, PersonKind::Member, Some(PersonBasis::Configured));
    }
    if is(kind, "Member") && !domains.are_known() {
        return addressed(address, PersonKind::Member, Some(PersonBasis::TargetType));
    }
    addressed(address, PersonKind::Foreign, Some(PersonBasis::ForeignDomain))
}

fn group(canonical: String) -> Recipient {
    Recipient { kind: RecipientKind::Group, canonical, basis: None, domain: None }
}

fn is(kind: &str, name: &str) -> bool {
    kind.eq_ignore_ascii_case(name)
}

/// Names that mean the same whatever their type. Group names may be localised; then they are groups like any other.
fn broad_or_plumbing(lower: &str) -> Option<RecipientKind> {
    let is_claim_principal = lower.len() == 64 && lower.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_claim_principal || lower.starts_with("sharinglinks.") || lower.starts_with("limited access system group") {
        Some(RecipientKind::Plumbing)
    } else if lower == "everyone except external users" || lower.contains("spo-grid-all-users/") {
        Some(RecipientKind::AllInsiders)
    } else if lower == "everyone" || lower.starts_with("all users (") {
        Some(RecipientKind::Anyone)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use PersonKind as Kind;
    use RecipientKind::{AllInsiders, Anyone, Group, Person as Human, Plumbing};

    fn read(name: &str, kind: &str, domains: &Domains) -> Recipient {
        let kind = (!kind.is_empty()).then_some(Cow::Borrowed(kind));
        recipient(&Target { name: Cow::Borrowed(name), kind }, domains)
    }

    #[test]
    fn name_type_and_domain_tell_who_was_let_in() {
        let domains = Domains::new(["contoso.example"], [""; 0]);
        let principal = "0123456789abcdef".repeat(4);
        for (name, kind, expected, canonical) in [
            ("OUTSIDER@EXTERNAL.EXAMPLE", "Guest", Human(Kind::Guest), "outsider@external.example"),
            ("LI@FABRIKAM.EXAMPLE", "", Human(Kind::Foreign), "li@fabrikam.example"),
            ("li@fabrikam.example", "Member", Human(Kind::Foreign), "li@fabrikam.example"),
            ("li@fabrikam.example", "Partner", Human(Kind::Foreign), "li@fabrikam.example"),
            ("ana@contoso.example", "Member", Human(Kind::Member), "ana@contoso.example"),
            ("ana@contoso.example", "Guest", Human(Kind::Guest), "ana@contoso.example"),
            ("li_fab.example#ext#@c.onmicrosoft.com", "Guest", Human(Kind::Guest), "li@fab.example"),
            ("urn:spo:guest#li@fab.example", "Guest", Human(Kind::PasscodeGuest), "li@fab.example"),
            ("SHAREPOINT\\system", "Member", Human(Kind::System), "sharepoint\\system"),
            ("Everyone", "SecurityGroup", Anyone, "everyone"),
            ("All Users (windows)", "SecurityGroup", Anyone, "all users (windows)"),
            ("Everyone except external users", "SecurityGroup", AllInsiders, "everyone except external users"),
            (
                "c:0-.f|rolemanager|spo-grid-all-users/ebac",
                "SecurityGroup",
                AllInsiders,
                "c:0-.f|rolemanager|spo-grid-all-users/ebac",
            ),
            ("HR Members", "SharePointGroup", Group, "hr members"),
            ("HR Members", "", Group, "hr members"),
            ("team@contoso.example", "SecurityGroup", Group, "team@contoso.example"),
            (
                "c:0o.c|federateddirectoryclaimprovider|97ee_o",
                "",
                Group,
                "c:0o.c|federateddirectoryclaimprovider|97ee_o",
            ),
            ("97ee2049-893e-4c9d-a312-08d82b46faf7", "SecurityGroup", Group, "97ee2049-893e-4c9d-a312-08d82b46faf7"),
            ("SharingLinks.1.Flexible.2", "SharePointGroup", Plumbing, "sharinglinks.1.flexible.2"),
            (
                "Limited Access System Group For List 1",
                "SharePointGroup",
                Plumbing,
                "limited access system group for list 1",
            ),
            (&*principal, "SecurityGroup", Plumbing, &*principal),
        ] {
            let found = read(name, kind, &domains);
            assert_eq!((found.kind, &*found.canonical), (expected, canonical), "{name} {kind}");
        }
    }

    #[test]
    fn without_configured_domains_the_service_s_word_for_members_is_believed() {
        let found = read("ana@contoso.example", "Member", &Domains::default());
        assert_eq!((found.kind, found.basis), (Human(Kind::Member), Some(PersonBasis::TargetType)));
        assert_eq!(read("ana@contoso.example", "", &Domains::default()).kind, Human(Kind::Foreign));
    }
}
