//! Microsoft Graph: audit-log queries, advanced hunting, labels and domains, and who may ask for them.

use std::collections::BTreeSet;

use emulator::story::{StoredActivity, StoryOptions, Truth, tell};
use emulator::{AuditQueries, Options, QueryLife, Role};
use serde_json::{Value, json};

use crate::lab::{Answer, DAY_MS, Lab, NOW_MS};

/// A small tenant of six days, and a client of Graph.
struct Graph {
    lab: Lab,
    token: String,
    activities: Vec<StoredActivity>,
    truth: Truth,
}

impl Graph {
    async fn start(change: impl FnOnce(&mut Options)) -> Graph {
        let tenant = tell(&StoryOptions { seed: 12, records: 1_200, days: 6, now_ms: NOW_MS });
        let (activities, truth) = (tenant.activities.clone(), tenant.truth.clone());
        let lab = Lab::start(Vec::new(), |options| {
            options.tenant = tenant;
            change(options);
        })
        .await;
        let token = lab.token(lab.endpoints().scopes.graph).await;
        Graph { lab, token, activities, truth }
    }

    async fn get(&self, path: &str) -> Answer {
        Answer::of(self.lab.get(path).bearer_auth(&self.token)).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.lab.post(path).bearer_auth(&self.token).header("content-type", "application/json");
        Answer::of(request.body(body.to_string())).await
    }

    async fn create(&self, body: &Value) -> Answer {
        self.post("beta/security/auditLog/queries", body).await
    }

    async fn status(&self, id: &str) -> String {
        let query = self.get(&format!("beta/security/auditLog/queries/{id}")).await.json();
        query["status"].as_str().unwrap().to_owned()
    }

    /// Makes a query, waits for it and follows its pages.
    async fn found(&self, body: &Value) -> Vec<Value> {
        let id = id(&self.create(body).await);
        while self.status(&id).await != "succeeded" {}
        let mut page = self.get(&format!("beta/security/auditLog/queries/{id}/records?$top=200")).await.json();
        let mut records = page["value"].as_array().unwrap().clone();
        while let Some(next) = page["@odata.nextLink"].as_str() {
            page = Answer::of(self.lab.client.get(next).bearer_auth(&self.token)).await.json();
            records.extend(page["value"].as_array().unwrap().iter().cloned());
        }
        records
    }

    async fn hunt(&self, query: &str) -> Answer {
        self.post("v1.0/security/runHuntingQuery", &json!({"Query": query})).await
    }

    /// Lets the application keep these of its roles for Graph only.
    fn keep(&self, kept: &[Role]) {
        use Role::{AuditLogsQueryOneDriveReadAll, AuditLogsQueryReadAll, AuditLogsQuerySharePointReadAll};
        let others = [Role::ThreatHuntingReadAll, Role::InformationProtectionPolicyReadAll, Role::DomainReadAll];
        let queries = [AuditLogsQueryReadAll, AuditLogsQuerySharePointReadAll, AuditLogsQueryOneDriveReadAll];
        for role in others.into_iter().chain(queries).filter(|role| !kept.contains(role)) {
            self.lab.emulator.revoke(&self.lab.endpoints().installation.client_id, role);
        }
    }

    fn audits(&self) -> BTreeSet<&str> {
        self.activities.iter().map(|activity| activity.id.rsplit_once('_').unwrap().1).collect()
    }
}

fn id(created: &Answer) -> String {
    assert_eq!(created.status, 201, "{}", created.text);
    created.json()["id"].as_str().unwrap().to_owned()
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_query_is_made_waited_for_and_read_page_by_page() {
    let graph = Graph::start(|_| {}).await;
    let created = graph.create(&json!({"displayName": "sharetrail"})).await;
    assert_eq!((created.status, &created.json()["status"]), (201, &json!("notStarted")));
    let early = graph.get(&format!("beta/security/auditLog/queries/{}/records", id(&created))).await;
    assert_eq!(early.json()["value"], json!([]), "what is not done has no records");
    assert_eq!(graph.status(&id(&created)).await, "running");
    assert_eq!(graph.status(&id(&created)).await, "succeeded");
    let page = graph.get(&format!("beta/security/auditLog/queries/{}/records", id(&created))).await.json();
    assert_eq!(page["value"].as_array().unwrap().len(), 150);

    let records = graph.found(&json!({})).await;
    let ids: BTreeSet<&str> = records.iter().map(|record| record["id"].as_str().unwrap()).collect();
    assert_eq!((records.len(), &ids), (graph.audits().len(), &graph.audits()));
    for record in &records {
        let data = &record["auditData"];
        assert_eq!(data["@odata.type"], "#microsoft.graph.security.defaultAuditData");
        assert_eq!((&record["id"], &record["userPrincipalName"]), (&data["Id"], &data["UserId"]));
        assert_eq!(record["userId"], data["UserKey"]);
        assert!(record["createdDateTime"].as_str().unwrap().ends_with('Z'));
        assert!(!data["CreationTime"].as_str().unwrap().ends_with('Z'));
    }
    let shared = records.iter().find(|record| record["auditData"]["RecordType"] == 14).unwrap();
    assert_eq!(shared["auditLogRecordType"], "SharePointSharingOperation");
}

#[tokio::test]
async fn filters_work_on_the_server_and_a_span_includes_both_ends() {
    let graph = Graph::start(|_| {}).await;
    let chosen = graph.activities.iter().find(|one| one.audit_json().contains("FileDownloaded")).unwrap();
    let at = jiff::Timestamp::from_millisecond(chosen.timestamp_ms).unwrap().to_string();
    let records = graph
        .found(&json!({"filterStartDateTime": at, "filterEndDateTime": at, "operationFilters": ["fileDownloaded"],
            "recordTypeFilters": ["sharePointFileOperation"]}))
        .await;
    assert!(records.iter().any(|record| chosen.id.ends_with(record["id"].as_str().unwrap())));
    assert!(records.iter().all(|record| record["operation"] == "FileDownloaded"));
    let refused = graph
        .create(&json!({"filterStartDateTime": "2026-11-24T00:00:00Z", "filterEndDateTime": "2026-11-23T00:00:00Z"}))
        .await;
    assert_eq!(
        (code(&refused), refused.json()["error"]["message"].as_str().unwrap()),
        ((400, "BadRequest".to_owned()), "Invalid request data")
    );
}

#[tokio::test]
async fn one_version_may_lack_the_queries_and_unknown_ones_are_not_found() {
    let graph = Graph::start(|_| {}).await;
    let v1 = graph.post("v1.0/security/auditLog/queries", &json!({})).await;
    assert_eq!(code(&v1), (404, "UnknownError".to_owned()));
    assert_eq!(graph.get("beta/security/auditLog/queries/none").await.status, 404);
    let graph = Graph::start(|options| options.graph.audit_queries = AuditQueries::Both).await;
    assert_eq!(graph.post("v1.0/security/auditLog/queries", &json!({})).await.status, 201);
    assert_eq!(graph.get("v1.0/security/auditLog/queries").await.json()["value"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn queries_end_by_the_clock_and_may_fail() {
    let graph = Graph::start(|options| {
        options.graph.query_life = QueryLife::Seconds(240);
        options.graph.failing_queries = 1;
    })
    .await;
    let (first, second) = (id(&graph.create(&json!({})).await), id(&graph.create(&json!({})).await));
    assert_eq!(graph.status(&first).await, "notStarted");
    graph.lab.clock.advance(1_000);
    assert_eq!(graph.status(&first).await, "running");
    graph.lab.clock.advance(240_000);
    assert_eq!(
        (graph.status(&first).await, graph.status(&second).await),
        ("failed".to_owned(), "succeeded".to_owned())
    );
}

#[tokio::test]
async fn ten_queries_run_at_once_and_so_many_are_made_in_a_minute() {
    let graph = Graph::start(|options| options.graph.queries_per_minute = Some(12)).await;
    for _ in 0..10 {
        assert_eq!(graph.create(&json!({})).await.status, 201);
    }
    let eleventh = graph.create(&json!({})).await;
    assert_eq!((code(&eleventh), eleventh.header("retry-after")), ((429, "TooManyRequests".to_owned()), "30"));
    assert_eq!(graph.create(&json!({})).await.header("retry-after"), "30");
    let too_fast = graph.create(&json!({})).await;
    assert_eq!((too_fast.status, too_fast.header("retry-after")), (429, "60"));
}

#[tokio::test]
async fn audit_data_may_be_a_text_and_a_next_page_elsewhere() {
    let graph = Graph::start(|options| {
        options.graph.audit_data_as_text = true;
        options.graph.page_records = 5;
        options.graph.next_link_root = Some("https://pages.example/".parse().unwrap());
    })
    .await;
    let id = id(&graph.create(&json!({})).await);
    while graph.status(&id).await != "succeeded" {}
    let page = graph.get(&format!("beta/security/auditLog/queries/{id}/records")).await.json();
    assert!(page["@odata.nextLink"].as_str().unwrap().starts_with("https://pages.example/beta/security/"));
    let data: Value = serde_json::from_str(page["value"][0]["auditData"].as_str().unwrap()).unwrap();
    assert_eq!(data["Id"], page["value"][0]["id"]);
}

#[tokio::test]
async fn a_role_for_one_service_shows_that_service_only() {
    let graph = Graph::start(|_| {}).await;
    graph.keep(&[Role::AuditLogsQueryOneDriveReadAll]);
    let records = graph.found(&json!({})).await;
    assert!(!records.is_empty() && records.iter().all(|record| record["service"] == "OneDrive"));
    let other = graph.create(&json!({"serviceFilter": "SharePoint"})).await;
    assert_eq!(code(&other), (403, "Forbidden".to_owned()));
    graph.keep(&[]);
    let none = graph.create(&json!({})).await;
    assert!(none.text.contains("AuditLogsQuery.Read.All, AuditLogsQuery-SharePoint.Read.All"), "{}", none.text);
}

#[tokio::test]
async fn hunting_answers_rows_with_the_audit_record_inside() {
    let graph = Graph::start(|_| {}).await;
    let from = jiff::Timestamp::from_millisecond(NOW_MS - 2 * DAY_MS).unwrap();
    let to = jiff::Timestamp::from_millisecond(NOW_MS - DAY_MS).unwrap();
    let answer = graph
        .hunt(&format!(
            "CloudAppEvents | where Timestamp >= datetime({from:.7}) and Timestamp < datetime({to:.7}) \
             | where ApplicationId in (20892, 15600) | extend Id = tostring(RawEventData.Id) \
             | project Timestamp, ReportId, ActionType, IsExternalUser, RawEventData, Id | order by Timestamp asc | take 50"
        ))
        .await
        .json();
    let rows = answer["results"].as_array().unwrap();
    assert_eq!(rows.len(), 50);
    assert!(rows.is_sorted_by_key(|row| row["Timestamp"].as_str().unwrap().to_owned()));
    for row in rows {
        assert!(row["ReportId"].as_str().unwrap().ends_with(row["Id"].as_str().unwrap()));
        assert_eq!(row["RawEventData"]["Operation"], row["ActionType"]);
        assert!(row["RawEventData"]["CreationTime"].as_str().unwrap().ends_with('Z'));
    }
    let types: Vec<(&str, &str)> = answer["schema"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| (column["name"].as_str().unwrap(), column["type"].as_str().unwrap()))
        .collect();
    assert_eq!(types[0], ("Timestamp", "DateTime"));
    assert_eq!(types[3..5], [("IsExternalUser", "Boolean"), ("RawEventData", "Object")]);
    let count =
        graph.hunt("CloudAppEvents | summarize Rows = count() by Application | order by Rows desc").await.json();
    let total: i64 = count["results"].as_array().unwrap().iter().map(|row| row["Rows"].as_i64().unwrap()).sum();
    assert_eq!(total as usize, graph.activities.len());
}

#[tokio::test]
async fn hunting_has_limits_and_other_forms() {
    let graph = Graph::start(|options| {
        let hunting = &mut options.graph.hunting;
        (hunting.capitals, hunting.booleans_as_numbers, hunting.dynamic_as_text) = (true, true, true);
        (hunting.rows_max, hunting.calls_per_minute, hunting.reach_days) = (7, Some(4), 3);
    })
    .await;
    let answer = graph.hunt("CloudAppEvents | project IsExternalUser, RawEventData, Timestamp").await.json();
    let rows = answer["Results"].as_array().unwrap();
    assert_eq!(rows.len(), 7);
    assert!(rows[0]["IsExternalUser"].is_i64() && rows[0]["RawEventData"].as_str().unwrap().starts_with('{'));
    assert!(rows[0]["Timestamp"].as_str().unwrap() >= "2026-11-21T03:00:00Z");
    assert_eq!(answer["Schema"][0], json!({"Name": "IsExternalUser", "Type": "SByte"}));
    let unknown = graph.hunt("DeviceEvents | take 1").await;
    assert!(unknown.status == 400 && unknown.text.contains("DeviceEvents"));
    assert!(graph.hunt("CloudAppEvents | whereabouts").await.text.contains("Syntax error"));
    let spanned = graph
        .post("v1.0/security/runHuntingQuery", &json!({"Query": "CloudAppEvents | count", "Timespan": "PT0S"}))
        .await;
    assert_eq!(spanned.json()["Results"], json!([{"Count": 0}]));
    assert_eq!(code(&graph.hunt("CloudAppEvents | take 1").await), (429, "TooManyRequests".to_owned()));
    graph.lab.clock.advance(60_000);
    graph.keep(&[]);
    assert!(graph.hunt("CloudAppEvents | take 1").await.text.contains("ThreatHunting.Read.All"));
}

#[tokio::test]
async fn labels_have_their_parents_and_domains_say_whether_they_are_verified() {
    let graph = Graph::start(|_| {}).await;
    let labels = graph.get("beta/security/informationProtection/sensitivityLabels").await.json();
    assert_eq!(labels["value"].as_array().unwrap().len(), graph.truth.labels.len());
    let child = labels["value"].as_array().unwrap().iter().find(|label| !label["parent"].is_null()).unwrap();
    let name = format!("{}\\{}", child["parent"]["name"].as_str().unwrap(), child["name"].as_str().unwrap());
    assert!(graph.truth.labels.iter().any(|label| label.name == name && child["id"] == label.id.as_str()));
    for path in
        ["v1.0/security/dataSecurityAndGovernance/sensitivityLabels", "v1.0/dataClassification/sensitivityLabels"]
    {
        assert_eq!(graph.get(path).await.json()["value"], labels["value"]);
    }
    assert_eq!(graph.get("v1.0/security/informationProtection/sensitivityLabels").await.status, 400);
    let domains = graph.get("v1.0/domains").await.json()["value"].clone();
    let verified: Vec<(&str, bool)> = domains
        .as_array()
        .unwrap()
        .iter()
        .map(|domain| (domain["id"].as_str().unwrap(), domain["isVerified"].as_bool().unwrap()))
        .collect();
    assert!(verified.contains(&("contoso.example", true)) && verified.contains(&("unverified.example", false)));
    graph.keep(&[]);
    assert!(graph.get("v1.0/domains").await.text.contains("Domain.Read.All"));
    let labels = graph.get("beta/security/informationProtection/sensitivityLabels").await;
    assert!(labels.text.contains("InformationProtectionPolicy.Read.All"));
}

#[tokio::test]
async fn tokens_are_checked_and_faults_speak_as_graph_does() {
    let graph = Graph::start(|_| {}).await;
    let vault = graph.lab.token(graph.lab.endpoints().scopes.vault).await;
    for token in ["wrong", &vault] {
        let refused = Answer::of(graph.lab.get("v1.0/domains").bearer_auth(token)).await;
        assert_eq!(code(&refused), (401, "InvalidAuthenticationToken".to_owned()));
    }
    for (fault, expected) in [
        ("graph:always:429:retry-after=9", (429, "TooManyRequests")),
        ("graph:always:401", (401, "InvalidAuthenticationToken")),
        ("graph:always:403", (403, "Forbidden")),
        ("graph:always:500", (500, "InternalServerError")),
    ] {
        graph.lab.emulator.set_faults(vec![fault.parse().unwrap()]);
        let answer = graph.get("v1.0/domains").await;
        assert_eq!(code(&answer), (expected.0, expected.1.to_owned()));
        assert_eq!(answer.header("retry-after") == "9", answer.status == 429);
    }
}
