//! Audit-log queries: made, waited for, then read page by page.

use std::collections::VecDeque;
use std::sync::Arc;

use hyper::{Method, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};

use crate::call::{Call, Reply, json};
use crate::options::{AuditQueries, GraphOptions, QueryLife};
use crate::services::entra::Role;
use crate::services::graph::audit_records::{self, Hit};
use crate::services::graph::errors::GraphError;
use crate::services::graph::filter::Wish;
use crate::services::graph::{Version, authorize};
use crate::world::{World, locked};

/// Queries that are remembered; then the oldest are forgotten. The service keeps them for 30 days.
const QUERIES_MAX: usize = 1_000;

/// The roles that open some part of the records; each with the service that it covers, `None` for all.
const ROLES: [(Role, Option<&str>); 3] = [
    (Role::AuditLogsQueryReadAll, None),
    (Role::AuditLogsQuerySharePointReadAll, Some("SharePoint")),
    (Role::AuditLogsQueryOneDriveReadAll, Some("OneDrive")),
];

/// What was counted at Graph.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct GraphCounters {
    /// Audit-log queries that were made.
    pub queries: u64,
    /// Records on the pages of their answers.
    pub records_served: u64,
    /// Hunting queries that were answered.
    pub hunting_queries: u64,
    /// Rows of their answers.
    pub hunting_rows: u64,
}

/// The queries of the tenant, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Queries {
    all: VecDeque<Query>,
    pub(crate) counters: GraphCounters,
}

#[derive(Debug)]
struct Query {
    id: String,
    wish: Wish,
    made_ms: i64,
    /// How often its state was asked for.
    polls: u32,
    fails: bool,
    /// What it found, as the records were when it was made.
    hits: Arc<[Hit]>,
}

impl Query {
    fn status(&self, life: QueryLife, now_ms: i64) -> &'static str {
        let (running, over) = match life {
            QueryLife::Polls { running, succeeded } => (self.polls >= running, self.polls >= succeeded),
            QueryLife::Seconds(seconds) => {
                let age_ms = now_ms - self.made_ms;
                (age_ms >= 1_000, age_ms >= seconds * 1_000)
            }
        };
        match (over, running) {
            (true, _) if self.fails => "failed",
            (true, _) => "succeeded",
            (false, true) => "running",
            (false, false) => "notStarted",
        }
    }

    fn is_over(&self, life: QueryLife, now_ms: i64) -> bool {
        matches!(self.status(life, now_ms), "succeeded" | "failed")
    }

    fn described(&self, life: QueryLife, now_ms: i64) -> Value {
        let mut description = serde_json::to_value(&self.wish).unwrap_or_default();
        description["id"] = self.id.as_str().into();
        description["status"] = self.status(life, now_ms).into();
        description
    }
}

/// Answers at `…/security/auditLog/queries` and below.
pub(crate) fn answer(world: &World, call: &Call, version: Version, rest: &[&str]) -> Result<Reply, GraphError> {
    let roles = authorize(world, call, &ROLES.map(|(role, _)| role))?;
    let exist = match world.graph.options.audit_queries {
        AuditQueries::Both => true,
        AuditQueries::Beta => version == Version::Beta,
        AuditQueries::V1 => version == Version::V1,
    };
    if !exist {
        return Err(GraphError::NoAuditQueries);
    }
    match (rest, &call.method) {
        ([], &Method::POST) => create(world, call, version, &roles),
        ([], &Method::GET) => Ok(list(world, version)),
        ([id], &Method::GET) => show(world, version, id),
        ([id, "records"], &Method::GET) => {
            let hits = finished(world, id)?;
            audit_records::page(world, call, version, id, &hits)
        }
        _ => Err(GraphError::UnknownSegment(rest.join("/"))),
    }
}

fn create(world: &World, call: &Call, version: Version, roles: &[Role]) -> Result<Reply, GraphError> {
    let (options, now_ms) = (&world.graph.options, world.clock.now_ms());
    let wish = Wish::read(&call.body)?;
    let covered = covered(roles, &wish)?;
    if let Err(seconds) = world.graph.new_queries.admit(now_ms) {
        return Err(GraphError::TooMany { seconds, why: "Too many audit log queries were created within a minute." });
    }
    let hits = audit_records::search(world, &wish, covered.as_deref())?;
    let mut queries = locked(&world.graph.queries);
    let unfinished = queries.all.iter().filter(|query| !query.is_over(options.query_life, now_ms)).count();
    if unfinished >= options.queries_at_once_max {
        return Err(GraphError::TooMany { seconds: 30, why: "Too many audit log queries are running." });
    }
    let fails = queries.counters.queries < options.failing_queries;
    queries.counters.queries += 1;
    let query = Query { id: world.ids.guid(), wish, made_ms: now_ms, polls: 0, fails, hits: hits.into() };
    let body = in_context(world, version, query.described(options.query_life, now_ms), "/$entity");
    queries.all.push_back(query);
    if queries.all.len() > QUERIES_MAX {
        queries.all.pop_front();
    }
    Ok(json(StatusCode::CREATED, &body))
}

/// The services whose records the caller may see, `None` for all. Naming another one is refused.
fn covered(roles: &[Role], wish: &Wish) -> Result<Option<Vec<&'static str>>, GraphError> {
    if roles.contains(&Role::AuditLogsQueryReadAll) {
        return Ok(None);
    }
    let covered: Vec<&str> =
        ROLES.iter().filter(|(role, _)| roles.contains(role)).filter_map(|(_, service)| *service).collect();
    let is_covered = |service: &str| covered.iter().any(|one| one.eq_ignore_ascii_case(service));
    if wish.services().all(is_covered) {
        Ok(Some(covered))
    } else {
        Err(GraphError::NoRole(vec![Role::AuditLogsQueryReadAll]))
    }
}

fn list(world: &World, version: Version) -> Reply {
    let (life, now_ms) = (world.graph.options.query_life, world.clock.now_ms());
    let all: Vec<Value> = locked(&world.graph.queries).all.iter().map(|query| query.described(life, now_ms)).collect();
    json(StatusCode::OK, &in_context(world, version, json!({"value": all}), ""))
}

/// The state of a query; asking is what makes it go on, unless the clock does.
fn show(world: &World, version: Version, id: &str) -> Result<Reply, GraphError> {
    let mut queries = locked(&world.graph.queries);
    let query = queries.all.iter_mut().find(|query| query.id == id);
    let query = query.ok_or_else(|| GraphError::NoSuchQuery(id.to_owned()))?;
    query.polls += 1;
    let description = query.described(world.graph.options.query_life, world.clock.now_ms());
    Ok(json(StatusCode::OK, &in_context(world, version, description, "/$entity")))
}

/// What a query found. One that has not succeeded has found nothing, and its records are an empty page.
fn finished(world: &World, id: &str) -> Result<Arc<[Hit]>, GraphError> {
    let queries = locked(&world.graph.queries);
    let query = queries.all.iter().find(|query| query.id == id);
    let query = query.ok_or_else(|| GraphError::NoSuchQuery(id.to_owned()))?;
    let succeeded = query.status(world.graph.options.query_life, world.clock.now_ms()) == "succeeded";
    Ok(if succeeded { Arc::clone(&query.hits) } else { Arc::from([]) })
}

fn in_context(world: &World, version: Version, mut body: Value, suffix: &str) -> Value {
    let (root, version) = (&world.endpoints.https, version.name());
    body["@odata.context"] = format!("{root}{version}/$metadata#security/auditLog/queries{suffix}").into();
    body
}

impl GraphOptions {
    /// How many records a page holds when the call asks for `top`.
    pub(crate) fn page_records(&self, top: Option<usize>) -> usize {
        top.unwrap_or(self.page_records).clamp(1, self.page_records_max.max(1))
    }
}
