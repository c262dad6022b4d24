//! A data collection rule as Azure Resource Manager tells it: which columns its streams declare, and where they lead.
//! Source: Microsoft, "Data Collection Rules - Get" (2023-03-11), "Structure of a data collection rule".

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Column, ResourceManager};
use crate::http::{Failure, Next, Request};

const RULES_VERSION: &str = "2023-03-11";

/// What is asked of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rule {
    /// `dcr-` and 32 hex digits.
    pub immutable_id: String,
    /// Columns that each input stream declares.
    pub streams: BTreeMap<String, Vec<Column>>,
    /// Input streams that lead somewhere, each with the table that its rows end in; `None`: the one of the stream's own name.
    pub flows: BTreeMap<String, Option<String>>,
}

#[derive(Deserialize)]
struct Resource {
    properties: Properties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    #[serde(default)]
    immutable_id: String,
    #[serde(default)]
    stream_declarations: BTreeMap<String, Declaration>,
    #[serde(default)]
    data_flows: Vec<Flow>,
}

#[derive(Deserialize)]
struct Declaration {
    #[serde(default)]
    columns: Vec<Column>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Flow {
    #[serde(default)]
    streams: Vec<String>,
    output_stream: Option<String>,
}

impl ResourceManager {
    /// The rule with this resource id.
    ///
    /// # Errors
    /// `Forbidden` names the role that is missing; `NotFound` where there is none.
    pub async fn rule(&self, resource_id: &str) -> Result<Rule, Failure> {
        let path: Vec<&str> = resource_id.split('/').filter(|part| !part.is_empty()).collect();
        let request = Request::get(self.address(&path, RULES_VERSION));
        let answer = self.bearer.send(&request, None).await.map_err(|failure| match failure.next {
            Next::Forbidden => {
                let why = format!(
                    "{} may not read the rule; give it the role Monitoring Reader on the rule. {}",
                    self.bearer.who(),
                    failure.why
                );
                failure.in_words(why)
            }
            _ => failure.while_doing("reading the rule"),
        })?;
        Ok(answer.json::<Resource>()?.properties.into())
    }
}

impl From<Properties> for Rule {
    fn from(Properties { immutable_id, stream_declarations, data_flows }: Properties) -> Self {
        let streams = stream_declarations.into_iter().map(|(name, declared)| (name, declared.columns)).collect();
        let mut flows = BTreeMap::new();
        for Flow { streams, output_stream } in data_flows {
            let table = output_stream.map(|stream| table_of(&stream).to_owned());
            flows.extend(streams.into_iter().map(|stream| (stream, table.clone())));
        }
        Self { immutable_id, streams, flows }
    }
}

/// The table that an output stream is: `Custom-T_CL` is `T_CL`.
fn table_of(stream: &str) -> &str {
    stream.strip_prefix("Custom-").or_else(|| stream.strip_prefix("Microsoft-")).unwrap_or(stream)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_tells_its_columns_and_where_each_stream_leads() {
        let text = r#"{"properties": {"immutableId": "dcr-1", "streamDeclarations":
            {"Custom-A": {"columns": [{"name": "TimeGenerated", "type": "datetime"}]}, "Custom-B": {}},
            "dataFlows": [{"streams": ["Custom-A"], "transformKql": "source", "outputStream": "Custom-Other_CL"},
                {"streams": ["Custom-B"]}]}}"#;
        let rule: Rule = serde_json::from_str::<Resource>(text).unwrap().properties.into();
        assert_eq!(rule.immutable_id, "dcr-1");
        assert_eq!(rule.streams["Custom-A"][0].kind, "datetime");
        assert_eq!(rule.streams["Custom-B"], []);
        assert_eq!(rule.flows["Custom-A"].as_deref(), Some("Other_CL"));
        assert_eq!(rule.flows["Custom-B"], None);
    }
}
