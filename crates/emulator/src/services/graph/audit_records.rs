//! What an audit-log query finds, and the pages on which it is handed out.

use std::collections::HashSet;
use std::sync::Arc;

use hyper::StatusCode;

use crate::call::{Call, Reply, json_text};
use crate::services::defender::store::SortKey;
use crate::services::graph::Version;
use crate::services::graph::errors::GraphError;
use crate::services::graph::filter::Wish;
use crate::story::forms::graph_record::{self, Head};
use crate::story::json;
use crate::world::{World, locked};

const DAY_MS: i64 = 86_400_000;
/// How long the service keeps records without an extra licence (Microsoft: "Learn about auditing solutions").
const RETENTION_DAYS: i64 = 180;

/// A record that was found: the text of the activity around it, and where in it the record stands.
#[derive(Debug)]
pub(crate) struct Hit {
    json: Arc<str>,
    audit: std::ops::Range<usize>,
}

/// The tenant's records that are asked for, each once, oldest first. `covered` are the services that may be seen.
pub(crate) fn search(world: &World, wish: &Wish, covered: Option<&[&str]>) -> Result<Vec<Hit>, GraphError> {
    let now_ms = world.clock.now_ms();
    let (from_ms, to_ms) = wish.span_ms()?;
    let shelf = world.defender.shelf();
    let places = shelf.places(SortKey::Date, from_ms.max(now_ms - RETENTION_DAYS * DAY_MS), to_ms);
    let mut seen = HashSet::new();
    let mut hits = Vec::new();
    for activity in shelf.walk(SortKey::Date, places, true) {
        let Some(head) = Head::read(activity.audit_json()) else { continue };
        let visible = covered.is_none_or(|services| services.iter().any(|service| *service == head.workload));
        if activity.created_ms <= now_ms
            && visible
            && wish.matches(&head, activity.audit_json())
            && seen.insert(head.id.into_owned())
        {
            hits.push(Hit { json: Arc::clone(&activity.json), audit: activity.audit.clone() });
        }
    }
    Ok(hits)
}

/// `GET …/records`: `$top` records from `$skiptoken` on.
pub(crate) fn page(world: &World, call: &Call, version: Version, id: &str, hits: &[Hit]) -> Result<Reply, GraphError> {
    let options = &world.graph.options;
    let number = |name: &str| {
        let text = call.parameter(name);
        text.map(|text| text.parse::<usize>().map_err(|_| bad_number(name))).transpose()
    };
    let top = number("$top")?;
    let start = number("$skiptoken")?.unwrap_or(0).min(hits.len());
    let end = hits.len().min(start + options.page_records(top));
    let page = &hits[start..end];
    locked(&world.graph.queries).counters.records_served += page.len() as u64;

    let root = &world.endpoints.https;
    let path = format!("{}/security/auditLog/queries", version.name());
    let mut body = "{".to_owned();
    json::text(&mut body, "@odata.context", &format!("{root}{}/$metadata#{path}('{id}')/records", version.name()));
    if end < hits.len() {
        let root = options.next_link_root.as_ref().unwrap_or(root);
        let top = top.map(|top| format!("$top={top}&")).unwrap_or_default();
        json::text(&mut body, "@odata.nextLink", &format!("{root}{path}/{id}/records?{top}$skiptoken={end}"));
    }
    json::key(&mut body, "value");
    body.push('[');
    for hit in page {
        let audit = hit.json.get(hit.audit.clone()).unwrap_or_default();
        if let Some(head) = Head::read(audit) {
            json::comma(&mut body);
            graph_record::push(&mut body, audit, &head, options.audit_data_as_text);
        }
    }
    body.push_str("]}");
    Ok(json_text(StatusCode::OK, body))
}

fn bad_number(name: &str) -> GraphError {
    GraphError::BadRequest(format!("Invalid value for the query option '{name}'."))
}
