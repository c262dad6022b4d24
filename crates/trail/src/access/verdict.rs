//! Whether a record is part of an access from outside, and if not, why not.

use crate::Activity;
use crate::client::ClientKind;
use crate::identity::{Domains, Person, PersonKind, RecipientKind, recipient};
use crate::item::{Item, is_embedded, is_interface};
use crate::operation::{Action, Class};
use crate::team::is_of_team;

/// Why a record makes no access. Counted in the report `excluded`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exclusion {
    /// A "people in your organisation" link.
    CompanyLink,
    /// A sharing operation aimed only at what the service needs to make a link work.
    Plumbing,
    /// A folder modification, a list or a column: a side effect.
    SideEffect,
    /// Somebody joins or leaves a team, and neither the record nor the configuration says which site is the team's.
    TeamWithoutSite,
    /// The operation does nothing to an item.
    NotAnAccess,
    /// The record names nobody in a form that tells who it was.
    UnknownActor,
    /// The service or an application.
    SystemActor,
    /// One of ours.
    Insider,
    /// The record does not say when.
    NoTime,
    /// The record does not say on what.
    NoItem,
    /// A file in a SharePoint Embedded container.
    EmbeddedContainer,
    /// A page, form or picture of a site's interface.
    InterfaceFile,
    /// The record of a zip whose files have records of their own ([`super::Zip`]).
    ZipOfFiles,
}

impl Exclusion {
    /// The value of the column `Reason`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CompanyLink => "company_link",
            Self::Plumbing => "plumbing",
            Self::SideEffect => "side_effect",
            Self::TeamWithoutSite => "team_without_site",
            Self::NotAnAccess => "not_an_access",
            Self::UnknownActor => "unknown_actor",
            Self::SystemActor => "system_actor",
            Self::Insider => "insider",
            Self::NoTime => "no_time",
            Self::NoItem => "no_item",
            Self::EmbeddedContainer => "embedded_container",
            Self::InterfaceFile => "interface_file",
            Self::ZipOfFiles => "zip_of_files",
        }
    }

    /// The reason in words, to follow a number of records.
    pub fn words(self) -> &'static str {
        match self {
            Self::CompanyLink => "concern links for people inside the organisation",
            Self::Plumbing => "set up the service's own groups behind a link",
            Self::SideEffect => "are side effects of other things (folders, lists, columns)",
            Self::TeamWithoutSite => "are of teams whose site is not known ([[tenant.team]] names it)",
            Self::NotAnAccess => "do nothing to an item (sharing, labels, administration and the like)",
            Self::UnknownActor => "do not say who acted",
            Self::SystemActor => "are by the service itself or by an application",
            Self::Insider => "are by people inside",
            Self::NoTime => "do not say when it happened",
            Self::NoItem => "do not say on which file, folder or site",
            Self::EmbeddedContainer => "concern files of Loop, Designer and other SharePoint Embedded applications",
            Self::InterfaceFile => "concern pages, forms and pictures of the site's interface, not documents",
            Self::ZipOfFiles => "are of a zip file whose contents have records of their own",
        }
    }
}

/// What an operation of this class did, asked for by this kind of client.
///
/// A download by a service is how Office on the web opens a file: the person read it and took nothing.
pub fn action_of(class: Class, client: ClientKind) -> Option<Action> {
    match (class, client) {
        (Class::Download, ClientKind::Service) => Some(Action::Read),
        _ => class.action(),
    }
}

/// Whether a record is part of an access from outside: the one question that is asked of every record.
///
/// `person` is the record's actor and `item` its place, when it has one. The reasons are tried in the order of
/// [`Exclusion`], so a record has one reason, always the same.
///
/// # Errors
///
/// The reason why it makes no access.
pub fn verdict(
    activity: &Activity<'_>,
    person: &Person,
    item: Option<&Item<'_>>,
    class: Class,
) -> Result<Action, Exclusion> {
    let action = action_of(class, ClientKind::of(activity.user_agent.as_deref()));
    let Some(action) = action else { return Err(why_no_action(activity, item, class)) };
    match person.kind {
        PersonKind::Unknown => return Err(Exclusion::UnknownActor),
        PersonKind::System | PersonKind::Application => return Err(Exclusion::SystemActor),
        PersonKind::Member => return Err(Exclusion::Insider),
        PersonKind::Guest
        | PersonKind::PasscodeGuest
        | PersonKind::Anonymous
        | PersonKind::Foreign
        | PersonKind::PartnerAdmin => {}
    }
    if activity.time.is_none() {
        return Err(Exclusion::NoTime);
    }
    let Some(item) = item else { return Err(Exclusion::NoItem) };
    let url = item.url.as_deref().unwrap_or_default();
    if is_embedded(url) {
        return Err(Exclusion::EmbeddedContainer);
    }
    // A link to a page is a door all the same, so redeeming it is told.
    if action != Action::Redeem && is_interface(url, item.name.as_deref().unwrap_or_default()) {
        return Err(Exclusion::InterfaceFile);
    }
    Ok(action)
}

fn why_no_action(activity: &Activity<'_>, item: Option<&Item<'_>>, class: Class) -> Exclusion {
    match class {
        Class::Membership if item.is_none() && is_of_team(activity) => Exclusion::TeamWithoutSite,
        Class::CompanyLink => Exclusion::CompanyLink,
        Class::SideEffect => Exclusion::SideEffect,
        _ if class.is_sharing() && is_plumbing(activity) => Exclusion::Plumbing,
        _ => Exclusion::NotAnAccess,
    }
}

/// Whether all targets are plumbing, which depends on their names alone and on no domain.
fn is_plumbing(activity: &Activity<'_>) -> bool {
    let nobody = Domains::default();
    !activity.targets.is_empty()
        && activity.targets.iter().all(|target| recipient(target, &nobody).kind == RecipientKind::Plumbing)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::identity::actor;
    use crate::item::locate;
    use crate::operation::classify;
    use crate::{Target, TimeMs};

    const GUEST: &str = "li_fabrikam.example#EXT#@contoso.onmicrosoft.com";
    const FILE: &str = "https://contoso.sharepoint.com/sites/HR/Docs/a.docx";

    fn record(operation: &'static str, user: &'static str, url: &'static str) -> Activity<'static> {
        Activity {
            time: Some(TimeMs(0)),
            operation: Cow::Borrowed(operation),
            user_id: Some(user.into()).filter(|user: &Cow<'_, str>| !user.is_empty()),
            object_id: Some(url.into()).filter(|url: &Cow<'_, str>| !url.is_empty()),
            ..Activity::default()
        }
    }

    fn judge(activity: &Activity<'_>) -> Result<Action, Exclusion> {
        let domains = Domains::new(["contoso.example"], [""; 0]);
        let person = actor(activity.user_id.as_deref(), activity.user_type, None, &domains);
        verdict(activity, &person, locate(activity).as_ref(), classify(&activity.operation))
    }

    #[test]
    fn an_outsider_on_a_file_is_an_access() {
        for (operation, user, action) in [
            ("FileAccessed", GUEST, Action::Read),
            ("FilePreviewed", "urn:spo:anon#ab12", Action::WeakRead),
            ("FileDownloaded", "urn:spo:guest#li@fabrikam.example", Action::Take),
            ("FileModified", "li@fabrikam.example", Action::Change),
            ("FileRecycled", GUEST, Action::Delete),
            ("ListViewed", GUEST, Action::Browse),
            ("AnonymousLinkUsed", "anonymous", Action::Redeem),
        ] {
            assert_eq!(judge(&record(operation, user, FILE)), Ok(action), "{operation} by {user}");
        }
    }

    #[test]
    fn everything_else_has_one_reason() {
        for (operation, user, url, reason) in [
            ("FileAccessed", "ana@contoso.example", FILE, Exclusion::Insider),
            ("AnonymousLinkUsed", "ana@contoso.example", FILE, Exclusion::Insider),
            ("FileAccessed", "app@sharepoint", FILE, Exclusion::SystemActor),
            ("FileAccessed", "SHAREPOINT\\system", FILE, Exclusion::SystemActor),
            ("FileAccessed", "", FILE, Exclusion::UnknownActor),
            ("FileAccessed", "user1", FILE, Exclusion::UnknownActor),
            ("FileAccessed", GUEST, "", Exclusion::NoItem),
            ("FileAccessed", GUEST, "https://c/sites/HR/Docs/Forms/AllItems.aspx", Exclusion::InterfaceFile),
            ("PageViewed", GUEST, "https://c/sites/HR/SitePages/Home.aspx", Exclusion::InterfaceFile),
            ("FileAccessed", GUEST, "https://c/contentstorage/CSP_1/x.loop", Exclusion::EmbeddedContainer),
            ("CompanyLinkUsed", GUEST, FILE, Exclusion::CompanyLink),
            ("FolderModified", GUEST, FILE, Exclusion::SideEffect),
            ("SharingSet", GUEST, FILE, Exclusion::NotAnAccess),
            ("UserLoggedIn", GUEST, FILE, Exclusion::NotAnAccess),
        ] {
            assert_eq!(judge(&record(operation, user, url)), Err(reason), "{operation} by {user} on {url}");
        }
        let timeless = Activity { time: None, ..record("FileAccessed", GUEST, FILE) };
        assert_eq!(judge(&timeless), Err(Exclusion::NoTime));
    }

    #[test]
    fn the_service_s_own_groups_are_plumbing_only_when_nobody_else_is_targeted() {
        let target = |name: &'static str| Target { name: name.into(), kind: Some("SharePointGroup".into()) };
        let mut sharing = record("SharingSet", "ana@contoso.example", FILE);
        sharing.targets = vec![target("SharingLinks.1.Flexible.2")];
        assert_eq!(judge(&sharing), Err(Exclusion::Plumbing));
        sharing.targets.push(target("HR Visitors"));
        assert_eq!(judge(&sharing), Err(Exclusion::NotAnAccess));
    }

    #[test]
    fn a_service_opens_and_does_not_take() {
        for (operation, agent, action) in [
            ("FileDownloaded", "MSWAC", Action::Read),
            ("FileSyncDownloadedFull", "OfficeWordWRS", Action::Read),
            ("FileCopied", "MSWAC", Action::Take),
            ("FileDownloaded", "OneDriveMpc-Transform_Zip/1.0", Action::Take),
            ("FilePreviewed", "OneDriveMpc-Transform_Thumbnail/1.0", Action::WeakRead),
            ("FileModified", "MSWAC", Action::Change),
        ] {
            let activity = Activity { user_agent: Some(agent.into()), ..record(operation, GUEST, FILE) };
            assert_eq!(judge(&activity), Ok(action), "{operation} by {agent}");
        }
    }
}
