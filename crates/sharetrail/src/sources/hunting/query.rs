//! The question in KQL, and the answer cut into its rows.

use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::azure::Credential;
use crate::config::settings::{Cloud, GraphApi, Hunting};
use crate::http::{Answer, Client, Failure, Next, Request, RequestBudget};
use crate::sources::elements;
use crate::sources::graph::{GraphClient, Purpose};

const PURPOSE: Purpose = Purpose { what: "run hunting queries", role: "ThreatHunting.Read.All" };

/// What we read of a row, and what shows a person where it came from. `RawEventData` is the audit record itself; the
/// rest is what Defender adds to it.
const COLUMNS: &str = "Timestamp, ReportId, ActionType, Application, ApplicationId, AccountObjectId, AccountType, IPAddress, \
                       CountryCode, City, UserAgent, IsExternalUser, RawEventData";

/// Rows of a span, from `from` on (included) up to `to` (excluded), earliest first, at most so many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowsRequest {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) rows_max: u32,
}

impl RowsRequest {
    fn kql(&self, services: &[u32]) -> String {
        let services = services.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        let Self { from, to, rows_max } = self;
        format!(
            "CloudAppEvents\n\
             | where Timestamp >= datetime({from:.7}) and Timestamp < datetime({to:.7})\n\
             | where ApplicationId in ({services})\n\
             | project {COLUMNS}\n\
             | order by Timestamp asc\n\
             | take {rows_max}"
        )
    }
}

/// Rows as the service sent them.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    /// Each with its `Timestamp`, where that can be read.
    pub(super) rows: Vec<(Option<Timestamp>, Bytes)>,
}

impl Rows {
    /// Reads an answer. One page of the documentation writes the members with capitals.
    pub(super) fn read(answer: &Answer) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            #[serde(borrow, alias = "Results")]
            results: Vec<&'a RawValue>,
        }
        #[derive(Deserialize)]
        struct Head<'a> {
            #[serde(borrow, rename = "Timestamp", alias = "timestamp", default)]
            timestamp: Option<&'a str>,
        }
        let body = answer.body();
        let text = elements::masked(body);
        let envelope: Envelope<'_> = answer.json_of(&text)?;
        let timestamp = |row: &&RawValue| serde_json::from_str::<Head<'_>>(row.get()).ok()?.timestamp?.parse().ok();
        let timestamps = envelope.results.iter().map(timestamp);
        let rows = timestamps.zip(elements::cut(body, &text, &envelope.results)).collect();
        Ok(Self { rows })
    }
}

/// Whoever answers: the service, or a table in tests.
pub(super) trait Rowed {
    async fn rows(&self, request: &RowsRequest) -> Result<Rows, Failure>;
}

/// Asks the hunting API of one tenant.
#[derive(Debug)]
pub struct HuntingClient {
    graph: GraphClient,
    budget: RequestBudget,
    services: Vec<u32>,
}

impl HuntingClient {
    /// Asks with tokens of `credential`.
    pub fn new(client: &Client, cloud: &Cloud, credential: &Credential, settings: &Hunting) -> Self {
        Self {
            graph: GraphClient::new(client, cloud, credential, GraphApi::V1),
            budget: RequestBudget::new(settings.requests_per_minute_max),
            services: settings.services.clone(),
        }
    }
}

impl Rowed for HuntingClient {
    async fn rows(&self, request: &RowsRequest) -> Result<Rows, Failure> {
        // Where a question names times itself, the shorter of the two spans counts; this one is the table's whole reach.
        let body = json!({ "Query": request.kql(&self.services), "Timespan": "P30D" }).to_string();
        let url = self.graph.current_url(&["security", "runHuntingQuery"]);
        let answer = self.graph.send_to(&Request::post_json(url, body), Some(&self.budget), PURPOSE).await;
        Rows::read(&answer.map_err(too_large)?)
    }
}

/// An answer beyond the service's limit of size is refused like a question that it does not understand; only its words
/// tell.
fn too_large(failure: Failure) -> Failure {
    let is_size = failure.next == Next::Bad && failure.why.contains("result size");
    if is_size { Failure { next: Next::TooLarge, ..failure } } else { failure }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::tests::{cloud, credential, token};
    use crate::http::stub::{Reply, Stub};

    fn settings() -> Hunting {
        Hunting {
            schedule: crate::schedule::Schedule::minutes(5),
            services: vec![20892, 15600],
            query_rows: 5000,
            query_hours: 24,
            overlap_minutes: 1440,
            lag_minutes: 5,
            look_back_days: 30,
            requests_per_minute_max: 45,
        }
    }

    fn request() -> RowsRequest {
        RowsRequest {
            from: "2026-11-20T00:00:00.0000001Z".parse().unwrap(),
            to: "2026-11-21T00:00:00Z".parse().unwrap(),
            rows_max: 5000,
        }
    }

    async fn ask(replies: Vec<Reply>) -> (Result<Rows, Failure>, Vec<crate::http::stub::Seen>) {
        let stub = Stub::tls([vec![token("t1")], replies].concat()).await;
        let client = HuntingClient::new(&stub.client(), &cloud(&stub), &credential(&stub), &settings());
        (client.rows(&request()).await, stub.seen())
    }

    #[tokio::test]
    async fn a_question_is_bounded_in_time_and_rows_and_keeps_every_digit() {
        let reply = Reply::json(200, r#"{"schema":[],"results":[]}"#);
        let (rows, seen) = ask(vec![reply]).await;
        assert!(rows.unwrap().rows.is_empty());
        assert_eq!(seen[1].line, "POST /v1.0/security/runHuntingQuery");
        let body: serde_json::Value = serde_json::from_slice(&seen[1].body).unwrap();
        insta::assert_snapshot!(body["Query"].as_str().unwrap(), @r"
        CloudAppEvents
        | where Timestamp >= datetime(2026-11-20T00:00:00.0000001Z) and Timestamp < datetime(2026-11-21T00:00:00.0000000Z)
        | where ApplicationId in (20892, 15600)
        | project Timestamp, ReportId, ActionType, Application, ApplicationId, AccountObjectId, AccountType, IPAddress, CountryCode, City, UserAgent, IsExternalUser, RawEventData
        | order by Timestamp asc
        | take 5000
        ");
    }

    #[tokio::test]
    async fn rows_stay_the_bytes_that_came_whatever_the_case_of_the_members_around_them() {
        let body = r#"{"Schema":[{"Name":"Timestamp"}],"Results":[{"Timestamp":"2026-11-20T01:00:00.1234567Z", "a":1},{"b":2}]}"#;
        let (rows, _) = ask(vec![Reply::json(200, body)]).await;
        let rows = rows.unwrap().rows;
        assert_eq!(&rows[0].1[..], br#"{"Timestamp":"2026-11-20T01:00:00.1234567Z", "a":1}"#);
        assert_eq!(rows[0].0, Some("2026-11-20T01:00:00.1234567Z".parse().unwrap()));
        assert_eq!(rows[1].0, None);
    }

    #[tokio::test]
    async fn a_refusal_names_the_role_and_a_limit_is_waited_out() {
        let (refused, _) = ask(vec![Reply::json(403, r#"{"error":{"code":"Forbidden","message":"no"}}"#)]).await;
        assert!(refused.unwrap_err().why.contains("ThreatHunting.Read.All"));
        let limited =
            Reply::json(429, r#"{"error":{"code":"TooManyRequests","message":"CPU quota"}}"#).with("retry-after", "60");
        let (rows, seen) = ask(vec![limited, Reply::json(200, r#"{"results":[]}"#)]).await;
        assert!(rows.is_ok());
        assert_eq!(seen.len(), 3);
    }
}
