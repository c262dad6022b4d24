//! Reads rows back from Log Analytics.
//! Source: Microsoft, "Azure Monitor Log Analytics API: request and response format".

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{Bearer, Credential};
use crate::config::settings::Cloud;
use crate::http::{Client, Failure, Next, Request};

/// Asks the query API; needs the role Log Analytics Reader on the workspace.
#[derive(Debug, Clone)]
pub struct QueryClient {
    bearer: Bearer,
    base: Url,
}

/// What a query gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Columns, in the order of the values in each row.
    pub columns: Vec<Column>,
    /// Rows; a `dynamic` value is unpacked from its text.
    pub rows: Vec<Vec<Value>>,
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Kusto type: `string`, `datetime`, `long`, `dynamic`, …
    #[serde(rename = "type")]
    pub kind: String,
}

impl Table {
    /// The place of a column in each row.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

#[derive(Deserialize)]
struct Answered {
    #[serde(default)]
    tables: Vec<AnsweredTable>,
    error: Option<PartialError>,
}

#[derive(Deserialize)]
struct AnsweredTable {
    columns: Vec<Column>,
    rows: Vec<Vec<Value>>,
}

#[derive(Deserialize)]
struct PartialError {
    code: Option<String>,
    message: Option<String>,
}

impl QueryClient {
    /// Asks with tokens of `credential`.
    pub fn new(client: &Client, cloud: &Cloud, credential: &Credential) -> Self {
        Self { bearer: Bearer::new(client, credential, &cloud.query_scope), base: cloud.query.clone() }
    }

    /// The first table that `kql` gives in the workspace with this id (`customerId`).
    ///
    /// # Errors
    /// `Bad` with the service's words for a query it does not understand, or a result that is not whole.
    pub async fn query(&self, workspace_id: &str, kql: &str) -> Result<Table, Failure> {
        let mut url = self.base.clone();
        // An http address can be a base; the check of the configuration lets no other through.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["v1", "workspaces", workspace_id, "query"]);
        }
        let request = Request::post_json(url, json!({ "query": kql }).to_string());
        let answer = self.bearer.send(&request, None).await.map_err(|failure| match failure.next {
            Next::Forbidden => {
                let why = format!(
                    "{} may not query the workspace {workspace_id}; give it the role Log Analytics Reader there. {}",
                    self.bearer.who(),
                    failure.why
                );
                failure.in_words(why)
            }
            _ => failure.while_doing(format!("querying the workspace {workspace_id}")),
        })?;
        // 204: the workspace holds no data at all.
        if answer.status() == 204 {
            return Ok(Table::default());
        }
        let answered: Answered = answer.json()?;
        if let Some(error) = answered.error {
            let code = error.code.unwrap_or_default();
            let why = format!("the result is not whole ({code}): {}", error.message.unwrap_or_default());
            return Err(Failure { code: Some(code), ..Failure::new(Next::Bad, why) });
        }
        Ok(answered.tables.into_iter().next().map(unpacked).unwrap_or_default())
    }
}

fn unpacked(table: AnsweredTable) -> Table {
    let AnsweredTable { columns, mut rows } = table;
    for row in &mut rows {
        for (value, column) in row.iter_mut().zip(&columns) {
            if column.kind == "dynamic"
                && let Some(inner) = value.as_str().and_then(|text| serde_json::from_str(text).ok())
            {
                *value = inner;
            }
        }
    }
    Table { columns, rows }
}
