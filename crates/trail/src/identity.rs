//! Who somebody is: one canonical identity for the many forms of one person, and on what basis we call them outside.
//!
//! The record's `UserId` decides, with the domains that the reader says are inside. `UserKey` never does (its
//! `…@live.com` is the ordinary form of members' keys), `OrganizationId` never does (it is the tenant of the resource,
//! for outsiders too), and Defender's "external" tag never does. `UserType` 10 is enough to be outside but not needed:
//! records of passcode guests carry 0 (Office 365 Management Activity API schema, enum UserType).

use serde::{Deserialize, Serialize};

mod actor;
mod domains;
mod form;
mod infer;
mod recipient;

pub use actor::actor;
pub use domains::Domains;
pub use infer::{DomainSeen, guest_home, infer_internal, owns_onedrive, sharepoint_tenant};
pub use recipient::{Recipient, RecipientKind, recipient};

/// The canonical identity of whoever is written so, in any form that records or people use: an address, a guest account
/// (`…#EXT#@…`), a passcode guest (`urn:spo:guest#…`), URL-encoded or not.
pub fn canonical(written: &str) -> String {
    let written = written.trim();
    let decoded = percent_encoding::percent_decode_str(written).decode_utf8();
    // A percent sign of its own is not undone: no address has one.
    let written = decoded.as_deref().unwrap_or(written);
    let person = actor(Some(written), None, None, &Domains::default());
    if person.canonical.is_empty() { written.to_lowercase() } else { person.canonical }
}

/// The value of the column `PersonKind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PersonKind {
    /// A guest account in the directory (`#EXT#`), or whom the service calls a guest.
    Guest,
    /// Somebody who came with a one-time passcode, without an account (`urn:spo:guest#…`).
    PasscodeGuest,
    /// Somebody unknown who came through an "Anyone" link.
    Anonymous,
    /// An address of a domain that is not ours, without a guest account.
    Foreign,
    /// An administrator of a partner (granular delegated admin privileges).
    PartnerAdmin,
    /// One of ours.
    Member,
    /// The service itself, or the operator of its data centres.
    System,
    /// An application.
    Application,
    /// The record names nobody, or in a form that tells nothing: neither outside nor known to be inside.
    Unknown,
}

impl PersonKind {
    /// The value of the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::PasscodeGuest => "passcode_guest",
            Self::Anonymous => "anonymous",
            Self::Foreign => "foreign",
            Self::PartnerAdmin => "partner_admin",
            Self::Member => "member",
            Self::System => "system",
            Self::Application => "application",
            Self::Unknown => "unknown",
        }
    }

    /// Whether this is somebody outside.
    pub fn is_outside(self) -> bool {
        match self {
            Self::Guest | Self::PasscodeGuest | Self::Anonymous | Self::Foreign | Self::PartnerAdmin => true,
            Self::Member | Self::System | Self::Application | Self::Unknown => false,
        }
    }
}

/// The value of the column `PersonBasis`: what the verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PersonBasis {
    /// The user principal name of a guest account, decoded.
    ExtUpn,
    /// `urn:spo:guest#…`.
    SpoGuest,
    /// `urn:spo:anon#…` or `urn:spo:tenantanon#…`.
    SpoAnon,
    /// The word `anonymous`.
    Anonymous,
    /// `UserType` 9 or 10.
    UserType,
    /// `TargetUserOrGroupType`.
    TargetType,
    /// The domain is none of the internal ones.
    ForeignDomain,
    /// The configuration says that the domain is inside, or trusted.
    Configured,
}

impl PersonBasis {
    /// The value of the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ExtUpn => "ext_upn",
            Self::SpoGuest => "spo_guest",
            Self::SpoAnon => "spo_anon",
            Self::Anonymous => "anonymous",
            Self::UserType => "user_type",
            Self::TargetType => "target_type",
            Self::ForeignDomain => "foreign_domain",
            Self::Configured => "configured",
        }
    }
}

/// Somebody who acted or was targeted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Person {
    /// The identity that all forms of this person share, lower case; empty when the record names nobody.
    pub canonical: String,
    /// Inside or outside, and in which form they came.
    pub kind: PersonKind,
    /// What the kind rests on; `None` for system and application actors and for the unknown.
    pub basis: Option<PersonBasis>,
    /// The domain of their address, lower case, when they have one.
    pub domain: Option<String>,
}

impl Person {
    /// Whether this is somebody outside.
    pub fn is_outside(&self) -> bool {
        self.kind.is_outside()
    }

    /// Whether this is known to be one of ours: a member of a configured domain, the service or an application. A record
    /// without a user is not.
    pub fn is_known_inside(&self) -> bool {
        matches!(self.kind, PersonKind::Member | PersonKind::System | PersonKind::Application)
    }
}

/// The domain of an address.
fn domain_of(address: &str) -> Option<String> {
    address.rsplit_once('@').map(|(_, domain)| domain.to_owned()).filter(|domain| !domain.is_empty())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_person_is_found_under_every_form() {
        for written in [
            "li.wang@fabrikam.example",
            " LI.WANG@FABRIKAM.EXAMPLE ",
            "li.wang_fabrikam.example#EXT#@contoso.onmicrosoft.com",
            "li.wang_fabrikam.example%23EXT%23%40contoso.onmicrosoft.com",
            "urn:spo:guest#li.wang@fabrikam.example",
            "urn%3aspo%3aguest%23li.wang%40fabrikam.example",
            "li.wang%40fabrikam.example",
        ] {
            assert_eq!(super::canonical(written), "li.wang@fabrikam.example", "{written}");
        }
        for written in ["anon:ab12", "anon:203.0.113.7"] {
            assert_eq!(super::canonical(written), written);
        }
        assert_eq!(super::canonical("urn:spo:anon#AB12"), "anon:ab12");
    }
}
