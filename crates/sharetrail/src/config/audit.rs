//! Checks of `[tenant.audit]`.

use super::check::Check;
use super::run;
use super::settings::{Audit, Cloud, ContentType};
use super::written::AuditTable;
use crate::schedule::Schedule;

/// The feed at `path`. `cloud` tells where the service is; `None` when that was wrong, which has been reported.
pub fn audit(
    check: &mut Check,
    path: &str,
    table: AuditTable,
    cloud: Option<&Cloud>,
    tenant_id: Option<&str>,
    schedule: &Schedule,
) -> Option<Audit> {
    let at = |key: &str| format!("{path}.{key}");
    let content_types = content_types(check, &at("content_types"), table.content_types);
    let publisher_id = match table.publisher_id {
        Some(text) => check.guid(&at("publisher_id"), &text),
        None => tenant_id.map(str::to_owned),
    };
    let service = cloud.map(|cloud| cloud.audit.clone().zip(cloud.audit_scope.clone()));
    if matches!(service, Some(None)) {
        check.problem(path, "needs cloud.audit and cloud.audit_scope: no address is known for this cloud");
    }
    // What can be listed reaches back 7 days, so a longer overlap would list nothing more.
    let overlap_hours = check.number32(&at("overlap_hours"), table.overlap_hours, 24, 1..=7 * 24);
    let look_back_days = check.number32(&at("look_back_days"), table.look_back_days, 7, 1..=7);
    // The service answers longer spans with a part of their content (Microsoft: List available content).
    let window_hours = check.number32(&at("window_hours"), table.window_hours, 24, 1..=24);
    let blobs_at_once_max = check.size(&at("blobs_at_once_max"), table.blobs_at_once_max, 8, 1..=64);
    let requests_per_minute_max =
        check.number32(&at("requests_per_minute_max"), table.requests_per_minute_max, 1_500, 1..=1_000_000);
    let schedule = run::schedule(check, &at("schedule"), table.schedule, schedule);
    let (url, scope) = service??;
    Some(Audit {
        url,
        scope,
        content_types: content_types?,
        schedule,
        start_subscriptions: table.start_subscriptions.unwrap_or(true),
        publisher_id: publisher_id?,
        look_back_days,
        window_hours,
        overlap_hours,
        blobs_at_once_max,
        requests_per_minute_max,
    })
}

fn content_types(check: &mut Check, path: &str, written: Option<Vec<String>>) -> Option<Vec<ContentType>> {
    let Some(written) = written else { return Some(vec![ContentType::SharePoint]) };
    let mut types = Vec::new();
    for name in &written {
        let named = ContentType::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(name.trim()));
        match named {
            Some(known) if !types.contains(&known) => types.push(known),
            Some(_) => {}
            None => {
                let known = ContentType::ALL.map(ContentType::name).join(", ");
                check.problem(path, &format!("must name content types of the audit feed: {known}"));
                return None;
            }
        }
    }
    if types.is_empty() {
        check.problem(path, "must name at least one content type, such as Audit.SharePoint");
        return None;
    }
    Some(types)
}
