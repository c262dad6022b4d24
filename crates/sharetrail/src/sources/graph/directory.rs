//! What Graph tells of the tenant itself: its sensitivity labels and its verified domains.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use trail::classification::Label;
use trail::record::lower_id;

use super::client::{GraphClient, Purpose};
use crate::http::{Failure, Next, Request};

const LABELS: Purpose =
    Purpose { what: "list the sensitivity labels of Graph", role: "InformationProtectionPolicy.Read.All" };
const DOMAINS: Purpose = Purpose { what: "list the domains of Graph", role: "Domain.Read.All" };

/// Where the list of labels is, or may have moved to: documented in the beta alone, with successors announced.
const LABEL_PATHS: [&[&str]; 3] = [
    &["security", "informationProtection", "sensitivityLabels"],
    &["security", "dataSecurityAndGovernance", "sensitivityLabels"],
    &["dataClassification", "sensitivityLabels"],
];

/// Pages of such a list: a tenant has some hundred labels and domains.
const PAGES_MAX: usize = 100;

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    value: Vec<Value>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

impl GraphClient {
    /// The tenant's sensitivity labels, parents included, in order of their ids.
    ///
    /// # Errors
    /// The service's refusal, in words.
    pub async fn labels(&self) -> Result<Vec<Label>, Failure> {
        let mut refusal = None;
        for path in LABEL_PATHS {
            match self.list(path, LABELS).await {
                Ok(values) => return Ok(labels(&values)),
                Err(failure) if failure.next == Next::NotFound => refusal = refusal.or(Some(failure)),
                Err(failure) => return Err(failure),
            }
        }
        Err(refusal.unwrap_or_else(|| Failure::stop("Graph lists no sensitivity labels")))
    }

    /// Domains that the tenant has proved to be its own, lower case.
    ///
    /// # Errors
    /// The service's refusal, in words.
    pub async fn verified_domains(&self) -> Result<BTreeSet<String>, Failure> {
        let verified = |domain: &Value| {
            let is_verified = domain.get("isVerified").and_then(Value::as_bool).unwrap_or(false);
            domain.get("id").and_then(Value::as_str).filter(|_| is_verified).map(str::to_lowercase)
        };
        Ok(self.list(&["domains"], DOMAINS).await?.iter().filter_map(verified).collect())
    }

    /// A whole list, page by page.
    async fn list(&self, path: &[&str], purpose: Purpose) -> Result<Vec<Value>, Failure> {
        let mut page: Page = self.send(path, Request::get, purpose).await?.json()?;
        let mut all = page.value;
        for _ in 1..PAGES_MAX {
            let Some(link) = page.next else { return Ok(all) };
            page = self.send_to(&Request::get(self.next_page(&link)?), None, purpose).await?.json()?;
            all.append(&mut page.value);
        }
        match page.next {
            None => Ok(all),
            Some(_) => Err(Failure::stop(format!("Graph sends more than {PAGES_MAX} pages for a list that is short"))),
        }
    }
}

/// Labels out of the list; a parent that only its child names is one as well.
fn labels(values: &[Value]) -> Vec<Label> {
    let mut found: Vec<Label> = Vec::new();
    for value in values {
        // The service nests two deep; a parent's parent is followed as long as it is there.
        let mut next = Some(value);
        while let Some(label) = next {
            next = label.get("parent").filter(|parent| parent.is_object());
            found.extend(read(label));
        }
    }
    // A stable sort, and the list's own words stand before what is nested.
    found.sort_by(|one, two| one.id.cmp(&two.id));
    found.dedup_by(|later, first| {
        let same = later.id == first.id;
        if same {
            first.parent = first.parent.take().or(later.parent.take());
            first.order = first.order.or(later.order);
        }
        same
    });
    found
}

fn read(value: &Value) -> Option<Label> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let id = text("id").filter(|id| trail::id::guid(id).is_some()).map(lower_id)?;
    let name: Arc<str> = Arc::from(text("displayName").or_else(|| text("name"))?);
    let order = ["sensitivity", "priority"].iter().find_map(|key| value.get(key)?.as_i64());
    let parent = value.get("parent").and_then(|parent| parent.get("id")).and_then(Value::as_str);
    Some(Label { id, full_name: Arc::clone(&name), name, parent: parent.map(lower_id), order })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::tests::{cloud, credential, token};
    use crate::config::settings::GraphApi;
    use crate::http::stub::{Reply, Stub};

    fn client(stub: &Stub) -> GraphClient {
        GraphClient::new(&stub.client(), &cloud(stub), &credential(stub), GraphApi::Beta)
    }

    fn not_found() -> Reply {
        Reply::json(404, r#"{"error":{"code":"UnknownError","message":""}}"#)
    }

    #[tokio::test]
    async fn labels_are_read_with_parents_and_order_wherever_graph_keeps_them() {
        let list = r#"{"value":[
            {"id":"{AAAAAAAA-0000-4000-8000-000000000002}","name":"Project","sensitivity":4,
             "parent":{"id":"aaaaaaaa-0000-4000-8000-000000000001","name":"Secret","parent":null}},
            {"id":"no guid","name":"x"}],"@odata.nextLink":"{self}beta/next"}"#;
        let rest = r#"{"value":[{"id":"aaaaaaaa-0000-4000-8000-000000000001","displayName":"Secret","name":"s","priority":3}]}"#;
        let stub =
            Stub::tls(vec![token("t1"), not_found(), not_found(), Reply::json(200, list), Reply::json(200, rest)])
                .await;
        let labels = client(&stub).labels().await.unwrap();
        let told: Vec<_> =
            labels.iter().map(|it| (it.id[35..].to_owned(), &*it.name, it.parent.is_some(), it.order)).collect();
        assert_eq!(told, [("1".to_owned(), "Secret", false, Some(3)), ("2".to_owned(), "Project", true, Some(4))]);
        let asked: Vec<String> = stub.seen().iter().skip(1).map(|seen| seen.line.clone()).collect();
        assert_eq!(asked[0], "GET /beta/security/informationProtection/sensitivityLabels");
        assert_eq!(asked[1], "GET /v1.0/security/informationProtection/sensitivityLabels");
        assert_eq!(asked[2], "GET /beta/security/dataSecurityAndGovernance/sensitivityLabels");
    }

    #[tokio::test]
    async fn domains_are_those_that_are_verified() {
        let list = r#"{"value":[{"id":"Contoso.com","isVerified":true},{"id":"b.example","isVerified":false},{"id":"c.example"}]}"#;
        let stub = Stub::tls(vec![token("t1"), Reply::json(200, list)]).await;
        assert_eq!(client(&stub).verified_domains().await.unwrap(), BTreeSet::from(["contoso.com".to_owned()]));
    }

    #[tokio::test]
    async fn a_missing_role_is_named() {
        let refused =
            || Reply::json(403, r#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient"}}"#);
        let stub = Stub::tls(vec![token("t1"), refused(), refused()]).await;
        let client = client(&stub);
        let failure = client.labels().await.unwrap_err();
        assert!(failure.why.contains("InformationProtectionPolicy.Read.All"), "{failure}");
        let failure = client.verified_domains().await.unwrap_err();
        assert!(failure.why.contains("Domain.Read.All"), "{failure}");
    }
}
