//! What an audit-log query asks for.

use serde::{Deserialize, Serialize};

use crate::services::graph::errors::GraphError;
use crate::story::forms::graph_record::Head;
use crate::story::forms::names;

/// The body of a new query; all of it is optional (Microsoft: "auditLogQuery resource type"). `serviceFilter` is one text
/// in the prose, and generated clients send `serviceFilters`.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Wish {
    #[serde(rename = "@odata.type", default, skip_serializing)]
    _odata_type: Option<String>,
    pub(crate) display_name: Option<String>,
    filter_start_date_time: Option<String>,
    filter_end_date_time: Option<String>,
    #[serde(default)]
    record_type_filters: Vec<String>,
    keyword_filter: Option<String>,
    pub(crate) service_filter: Option<String>,
    #[serde(default)]
    pub(crate) service_filters: Vec<String>,
    #[serde(default)]
    operation_filters: Vec<String>,
    #[serde(default)]
    user_principal_name_filters: Vec<String>,
    #[serde(default)]
    ip_address_filters: Vec<String>,
    #[serde(default)]
    object_id_filters: Vec<String>,
    #[serde(default)]
    administrative_unit_id_filters: Vec<String>,
}

impl Wish {
    pub(crate) fn read(body: &[u8]) -> Result<Wish, GraphError> {
        let wish: Wish = serde_json::from_slice(body)
            .map_err(|error| GraphError::BadRequest(format!("Invalid request data: {error}")))?;
        let (start_ms, end_ms) = wish.span_ms()?;
        if end_ms < start_ms {
            return Err(GraphError::BadRequest("Invalid request data".to_owned()));
        }
        if let Some(unknown) = wish.record_type_filters.iter().find(|name| names::record_type_number(name).is_none()) {
            return Err(GraphError::BadRequest(format!("Invalid request data: '{unknown}' is no auditLogRecordType.")));
        }
        Ok(wish)
    }

    /// First and last moment, both included: when the events happened.
    pub(crate) fn span_ms(&self) -> Result<(i64, i64), GraphError> {
        let at = |time: &Option<String>, otherwise| match time.as_deref().map(str::parse::<jiff::Timestamp>) {
            None => Ok(otherwise),
            Some(Ok(at)) => Ok(at.as_millisecond()),
            Some(Err(error)) => Err(GraphError::BadRequest(format!("Invalid request data: {error}"))),
        };
        Ok((at(&self.filter_start_date_time, i64::MIN)?, at(&self.filter_end_date_time, i64::MAX)?))
    }

    /// The services that are asked for; empty for all.
    pub(crate) fn services(&self) -> impl Iterator<Item = &str> {
        self.service_filter.iter().chain(&self.service_filters).map(String::as_str)
    }

    /// Whether a record within the span is meant.
    pub(crate) fn matches(&self, head: &Head<'_>, audit: &str) -> bool {
        let one_of = |wanted: &[String], value: &str| {
            wanted.is_empty() || wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(value))
        };
        let types = &self.record_type_filters;
        let mut services = self.services().peekable();
        (types.is_empty() || types.iter().any(|name| names::record_type_number(name) == Some(head.record_type)))
            && one_of(&self.operation_filters, &head.operation)
            && one_of(&self.user_principal_name_filters, &head.user_id)
            && one_of(&self.ip_address_filters, &head.client_ip)
            && (self.object_id_filters.is_empty()
                || self.object_id_filters.iter().any(|prefix| head.object_id.starts_with(prefix.trim_end_matches('*'))))
            && (services.peek().is_none() || services.any(|service| service.eq_ignore_ascii_case(&head.workload)))
            && self.keyword_filter.as_ref().is_none_or(|word| audit.to_lowercase().contains(&word.to_lowercase()))
            // The tenant has no administrative units, so nothing belongs to one.
            && self.administrative_unit_id_filters.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const RECORD: &str = r#"{"Id":"a","CreationTime":"2026-11-24T03:00:00.0000000Z","RecordType":6,"Operation":"FileAccessed",
        "OrganizationId":"o","UserId":"li.wang@fabrikam.example","Workload":"OneDrive","ObjectId":"https://c/x","ClientIP":"192.0.2.1"}"#;

    #[test]
    fn every_filter_narrows_and_cases_make_no_difference() {
        let cases = [
            (json!({}), true),
            (json!({"recordTypeFilters": ["sharePointFileOperation"]}), true),
            (json!({"recordTypeFilters": ["sharePointSharingOperation"]}), false),
            (json!({"operationFilters": ["filedownloaded", "fileaccessed"]}), true),
            (json!({"operationFilters": ["FileDownloaded"]}), false),
            (json!({"serviceFilter": "onedrive"}), true),
            (json!({"serviceFilters": ["SharePoint"]}), false),
            (json!({"userPrincipalNameFilters": ["LI.WANG@fabrikam.example"]}), true),
            (json!({"ipAddressFilters": ["192.0.2.2"]}), false),
            (json!({"objectIdFilters": ["https://c/*"]}), true),
            (json!({"keywordFilter": "FABRIKAM"}), true),
            (json!({"administrativeUnitIdFilters": ["u"]}), false),
        ];
        let head = Head::read(RECORD).unwrap();
        for (wish, expected) in cases {
            let read = Wish::read(wish.to_string().as_bytes()).unwrap();
            assert_eq!(read.matches(&head, RECORD), expected, "{wish}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for wish in [
            json!({"filterStartDateTime": "2026-11-24T00:00:00Z", "filterEndDateTime": "2026-11-23T00:00:00Z"}),
            json!({"filterStartDateTime": "2026-11-24T00:00:00"}),
            json!({"recordTypeFilters": ["coffee"]}),
            json!({"operationFilter": ["FileAccessed"]}),
        ] {
            assert!(matches!(Wish::read(wish.to_string().as_bytes()), Err(GraphError::BadRequest(_))), "{wish}");
        }
    }
}
