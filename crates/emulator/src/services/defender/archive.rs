//! `archived_activities`: what is older than the list serves, for up to 180 days.
//!
//! Not documented as an API; the portal and clients show what it takes: a `date` range of a week at most, few filters,
//! no scan, `skip` within the same bound as the list (Microsoft: "Activity filters and queries", for the portal).

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::call::{Call, Reply, json, json_text};
use crate::options::DefenderOptions;
use crate::services::defender::carrier::Parameters;
use crate::services::defender::filter::{Filter, Invalid};
use crate::services::defender::list::{self, Served, days_before};
use crate::services::defender::quirks::Quirks;
use crate::services::defender::store::SortKey;
use crate::world::World;

const WEEK_MS: i64 = 7 * 86_400_000;
/// The filters that the portal offers over the archive.
const FIELDS: [&str; 10] = [
    "activity.id",
    "activity.eventActionType",
    "activity.eventType",
    "actionType",
    "activity.actionType",
    "service",
    "ip.address",
    "location.country",
    "user.username",
    "date",
];

pub(crate) fn list(world: &World, call: &Call, now_ms: i64) -> Result<Reply, Invalid> {
    let (parameters, filter) = read(call, now_ms)?;
    let options = &world.defender.options;
    let served = served(options, now_ms);
    let body = list::page(&world.defender.shelf(), &parameters, &filter, options, served, Quirks::default());
    Ok(json_text(StatusCode::OK, body))
}

pub(crate) fn count(world: &World, call: &Call, now_ms: i64) -> Result<Reply, Invalid> {
    let (_, filter) = read(call, now_ms)?;
    let served = served(&world.defender.options, now_ms);
    let total = list::count(&world.defender.shelf(), &filter, &served);
    Ok(json(StatusCode::OK, &json!({"total": total, "moreThanTotal": false, "searchedSince": served.start()})))
}

/// An activity is in the archive a day before it leaves the list, so that there is no moment at which it is in neither.
fn served(options: &DefenderOptions, now_ms: i64) -> Served {
    days_before(now_ms, options.archive_days)..=days_before(now_ms, options.retention_days - 1)
}

fn read(call: &Call, now_ms: i64) -> Result<(Parameters, Filter), Invalid> {
    let parameters = Parameters::read(call)?;
    if let Some(unknown) = parameters.filters.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(Invalid(unknown.clone()));
    }
    if parameters.sort == SortKey::Created {
        return Err(Invalid("created".to_owned()));
    }
    let date = parameters.filters.get("date").and_then(Value::as_object).ok_or_else(|| Invalid("date".to_owned()))?;
    if let Some(operator) = date.keys().find(|operator| *operator != "range") {
        return Err(Invalid(operator.clone()));
    }
    let filter = Filter::read(&parameters.filters, now_ms)?;
    let (from_ms, to_ms) = filter.span(SortKey::Date);
    if to_ms.saturating_sub(from_ms) > WEEK_MS {
        return Err(Invalid("range".to_owned()));
    }
    // A scan is not known here; the answer is an ordinary page.
    Ok((Parameters { is_scan: false, ..parameters }, filter))
}
