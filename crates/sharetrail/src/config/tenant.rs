//! Checks of one `[[tenant]]`: its names, domains, and the Defender feed.

use trail::team::Teams;
use url::Url;

use super::audit::audit;
use super::check::Check;
use super::classification;
use super::graph;
use super::identity;
use super::matching::matching;
use super::run;
use super::settings::{Cloud, Defender, DefenderCredential, Directory, Keep, ScanOrder, Selection, Tenant};
use super::sink;
use super::written::{DefenderTable, DirectoryTable, TeamTable, TenantTable};
use crate::schedule::Schedule;

/// SharePoint Online, OneDrive for Business, Teams (Microsoft: Defender for Cloud Apps, app ids).
const SERVICES: [u32; 3] = [20892, 15600, 28375];

/// The tenant at `path`, such as `tenant.0`, in this cloud.
///
/// `schedule` is that of feeds for which none is written.
pub fn tenant(
    check: &mut Check,
    path: &str,
    table: TenantTable,
    cloud: Option<&Cloud>,
    schedule: &Schedule,
) -> Option<Tenant> {
    let at = |key: &str| format!("{path}.{key}");
    let schedule = &run::schedule(check, &at("schedule"), table.schedule, schedule);
    let name = check.required(&at("name"), table.name, "a short name for the tenant, such as \"contoso\"");
    let name = name.and_then(|name| tenant_name(check, &at("name"), name));
    let tenant_id = check.required(&at("tenant_id"), table.tenant_id, "the tenant's directory id");
    let tenant_id = tenant_id.and_then(|text| check.guid(&at("tenant_id"), &text));
    let internal_domains = check.domains(&at("internal_domains"), table.internal_domains);
    let trusted_domains = check.domains(&at("trusted_domains"), table.trusted_domains);
    let keep = keep(check, &at("keep"), table.keep.as_deref());
    let identity =
        table.identity.map(|identity| identity::identity(check, &at("identity"), identity, tenant_id.as_deref()));
    let directory = table.directory.map(|table| directory(check, &at("directory"), table));
    let is_told = |tells: fn(&Directory) -> bool| directory.as_ref().is_some_and(tells);
    let classification = table.classification.unwrap_or_default();
    let classification = classification::classification(
        check,
        &at("classification"),
        classification,
        is_told(|directory| directory.labels),
    );
    let matching = matching(check, &at("matching"), table.matching.unwrap_or_default());
    let teams = teams(check, &at("team"), table.team.unwrap_or_default());
    let audit = table.audit.map(|table| audit(check, &at("audit"), table, cloud, tenant_id.as_deref(), schedule));
    let defender = table.defender.map(|defender| feed(check, &at("defender"), defender, schedule));
    let hunting = table.hunting.map(|table| graph::hunting(check, &at("hunting"), table));
    let graph = table.graph.map(|table| graph::graph(check, &at("graph"), table, keep));
    let sinks = sink::sinks(check, &at("sink"), table.sink.unwrap_or_default());
    let all_outside = internal_domains.is_empty()
        && !is_told(|directory| directory.domains)
        && !check.has_problem_at(&at("internal_domains"));
    if all_outside && sinks.iter().any(sink::delivers_people) {
        check.problem(
            &at("internal_domains"),
            "is empty, and without it every employee would be delivered as an outsider. List the tenant's accepted \
             domains, let Graph tell them ([tenant.directory] domains = true), or leave `access_stream` and `share_stream` out of the sink",
        );
    }
    Some(Tenant {
        name: name?,
        tenant_id: tenant_id?,
        identity: transposed(identity)?,
        internal_domains,
        trusted_domains,
        keep: keep?,
        classification,
        matching,
        teams,
        directory,
        audit: transposed(audit)?,
        defender: transposed(defender)?,
        graph: transposed(graph)?,
        hunting: transposed(hunting)?,
        sinks,
    })
}

/// Absent stays absent; present and wrong is `None` outside.
#[allow(clippy::option_option)]
fn transposed<T>(checked: Option<Option<T>>) -> Option<Option<T>> {
    match checked {
        None => Some(None),
        Some(Some(value)) => Some(Some(value)),
        Some(None) => None,
    }
}

fn tenant_name(check: &mut Check, path: &str, name: String) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if name.len() <= 64 && !name.starts_with('.') && name.bytes().all(is_plain) {
        return Some(name);
    }
    check.problem(path, "names a file: at most 64 letters, digits, `-`, `_` and `.`, not starting with a dot");
    None
}

fn keep(check: &mut Check, path: &str, written: Option<&str>) -> Option<Keep> {
    match written {
        None | Some("relevant") => Some(Keep::Relevant),
        Some("all") => Some(Keep::All),
        Some(_) => {
            check.problem(path, "must be \"relevant\" or \"all\"");
            None
        }
    }
}

fn directory(check: &mut Check, path: &str, table: DirectoryTable) -> Directory {
    Directory {
        labels: table.labels.unwrap_or(true),
        domains: table.domains.unwrap_or(false),
        refresh_hours: check.number32(&format!("{path}.refresh_hours"), table.refresh_hours, 24, 1..=30 * 24),
    }
}

fn teams(check: &mut Check, path: &str, tables: Vec<TeamTable>) -> Teams {
    let mut pairs = Vec::new();
    for (index, table) in tables.into_iter().enumerate() {
        let at = |key: &str| format!("{path}.{index}.{key}");
        let group = check.required(&at("group_id"), table.group_id, "the id of the group behind the team");
        let group = group.and_then(|text| check.guid(&at("group_id"), &text));
        let site = check.required(&at("site"), table.site, "the address of the team's site");
        let site = site.and_then(|text| check.url(&at("site"), &text).map(|_| text));
        pairs.extend(group.zip(site));
    }
    Teams::new(pairs.iter().map(|(group, site)| (group.as_str(), site.as_str())))
}

fn feed(check: &mut Check, path: &str, table: DefenderTable, schedule: &Schedule) -> Option<Defender> {
    let at = |key: &str| format!("{path}.{key}");
    let hint = "the API URL, shown in the Defender portal under Settings › Cloud Apps › System › About";
    let url = check.required(&at("url"), table.url, hint);
    let url = url.and_then(|text| defender_url(check, &at("url"), &text));
    let credential = match table.token {
        Some(text) => check.secret(&at("token"), &text).map(DefenderCredential::LegacyToken),
        None => Some(DefenderCredential::Application),
    };
    let is_application = matches!(credential, Some(DefenderCredential::Application));
    let wants_files = table.files.unwrap_or(false);
    if wants_files && is_application {
        check.problem(
            &at("files"),
            "needs an API token (`token`): Defender opens its list of files to no role of an application, only to a token \
             made in the portal",
        );
    }
    let files_refresh_hours = check.number32(&at("files_refresh_hours"), table.files_refresh_hours, 24, 1..=30 * 24);
    let select = selection(check, path, table.services, table.event_types);
    let order = match table.order.as_deref() {
        None | Some("created") => Some(ScanOrder::Created),
        Some("date") => Some(ScanOrder::Date),
        Some(_) => {
            check.problem(&at("order"), "must be \"created\" or \"date\"");
            None
        }
    };
    // By `date`, records that Defender stores late would be missed unless a pass goes back far.
    let overlap_default = if order == Some(ScanOrder::Date) { 24 * 60 } else { 60 };
    let overlap = check.number32(&at("overlap_minutes"), table.overlap_minutes, overlap_default, 0..=7 * 24 * 60);
    if order == Some(ScanOrder::Date) && overlap < 6 * 60 {
        check.problem(&at("overlap_minutes"), "must be at least 360 with order = \"date\": records arrive hours late");
    }
    Some(Defender {
        schedule: run::schedule(check, &at("schedule"), table.schedule, schedule),
        page_records: check.number32(&at("page_records"), table.page_records, 5000, 500..=5000),
        overlap_minutes: overlap,
        lag_minutes: check.number32(&at("lag_minutes"), table.lag_minutes, 5, 0..=24 * 60),
        // Older activities are not served by the activities endpoint (Microsoft: Defender for Cloud Apps, Activities).
        look_back_days: check.number32(&at("look_back_days"), table.look_back_days, 30, 1..=30),
        // Defender allows 30 a minute to all clients of a tenant together. More is for services that allow more, such as
        // an emulator under measurement; Defender itself would answer 429, which is waited out.
        requests_per_minute_max: check.number32(
            &at("requests_per_minute_max"),
            table.requests_per_minute_max,
            25,
            1..=10_000,
        ),
        url: url?,
        credential: credential?,
        files_refresh_hours: wants_files.then_some(files_refresh_hours),
        select: select?,
        order: order?,
    })
}

fn selection(
    check: &mut Check,
    path: &str,
    services: Option<Vec<u64>>,
    event_types: Option<Vec<String>>,
) -> Option<Selection> {
    let services_path = format!("{path}.services");
    let types_path = format!("{path}.event_types");
    match (event_types, services) {
        (Some(_), Some(_)) => {
            check.problem(&types_path, "and `services` exclude each other: select by one of them");
            None
        }
        (Some(types), None) if types.is_empty() || types.iter().any(|name| name.trim().is_empty()) => {
            check.problem(
                &types_path,
                "must name at least one event category, such as EVENT_CATEGORY_ACCEPT_SHARE_FILE",
            );
            None
        }
        (Some(types), None) => Some(Selection::EventTypes(types)),
        (None, written) => self::services(check, &services_path, written).map(Selection::Services),
    }
}

/// App ids of Defender for Cloud Apps; the apps that keep files where none is written.
pub fn services(check: &mut Check, path: &str, written: Option<Vec<u64>>) -> Option<Vec<u32>> {
    let Some(written) = written else { return Some(SERVICES.to_vec()) };
    let ids: Option<Vec<u32>> = written.iter().map(|id| u32::try_from(*id).ok()).collect();
    let ids = ids.filter(|ids| !ids.is_empty());
    if ids.is_none() {
        check.problem(path, "must list app ids of Defender for Cloud Apps, such as [20892, 15600]");
    }
    ids
}

/// Any base people copy, with or without `/`, `/api`, `/cas/api`, `/v1`, becomes one that ends in `/api/v1/`.
fn defender_url(check: &mut Check, path: &str, text: &str) -> Option<Url> {
    let mut url = check.url(path, text)?;
    if url.host_str() == Some("security.microsoft.com") {
        check.problem(
            path,
            "is the address of the portal, which an application cannot use. The API URL stands in the portal under \
             Settings › Cloud Apps › System › About",
        );
        return None;
    }
    let mut segments: Vec<String> =
        url.path().split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
    for tail in ["v1", "api"] {
        if segments.last().is_some_and(|last| last == tail) {
            segments.pop();
        }
    }
    if segments.iter().any(|segment| segment == "api" || segment == "v1") {
        check.problem(path, "must be the base of the API, not one of its routes: end it before /api/v1/…");
        return None;
    }
    segments.extend(["api".to_owned(), "v1".to_owned(), String::new()]);
    url.set_path(&segments.join("/"));
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check() -> Check {
        Check { lines: Default::default(), problems: Vec::new(), folder: Default::default() }
    }

    #[test]
    fn every_way_to_write_the_defender_address_ends_in_the_same_root() {
        let cases = [
            ("https://c.eu.portal.cloudappsecurity.com", "https://c.eu.portal.cloudappsecurity.com/api/v1/"),
            ("https://c.eu.portal.cloudappsecurity.com/", "https://c.eu.portal.cloudappsecurity.com/api/v1/"),
            ("https://c.eu.portal.cloudappsecurity.com/api", "https://c.eu.portal.cloudappsecurity.com/api/v1/"),
            ("https://c.eu.portal.cloudappsecurity.com/api/", "https://c.eu.portal.cloudappsecurity.com/api/v1/"),
            ("https://c.eu.portal.cloudappsecurity.com/v1", "https://c.eu.portal.cloudappsecurity.com/api/v1/"),
            ("https://c.eu.portal.cloudappsecurity.com//api//v1/", "https://c.eu.portal.cloudappsecurity.com/api/v1/"),
            ("https://portal.cloudappsecurity.com/cas/api/v1/", "https://portal.cloudappsecurity.com/cas/api/v1/"),
            ("https://portal.cloudappsecurity.com/cas/api", "https://portal.cloudappsecurity.com/cas/api/v1/"),
            ("http://127.0.0.1:8080/defender", "http://127.0.0.1:8080/defender/api/v1/"),
        ];
        for (written, used) in cases {
            let mut check = check();
            assert_eq!(defender_url(&mut check, "url", written).unwrap().as_str(), used, "{written}");
            assert!(check.problems.is_empty());
        }
    }

    #[test]
    fn an_address_that_cannot_be_the_api_is_refused() {
        for written in [
            "http://c.eu.portal.cloudappsecurity.com",
            "c.eu.portal.cloudappsecurity.com",
            "https://security.microsoft.com/apiproxy/mcas/cas/api/v1/",
            "https://c.eu.portal.cloudappsecurity.com/api/v1/activities/",
            "https://user:password@c.eu.portal.cloudappsecurity.com",
            "ftp://127.0.0.1/",
        ] {
            let mut check = check();
            assert_eq!(defender_url(&mut check, "url", written), None, "{written}");
            assert_eq!(check.problems.len(), 1, "{written}");
        }
    }
}
