//! A table and a stream, as Azure Resource Manager takes them, for each kind of row.
//! Sources: Microsoft, "Tables - Create Or Update"; "Structure of a data collection rule in Azure Monitor".

use super::Json;
use crate::rows::Declared;
use crate::store::Table;

/// The tables that a rule can fill, in the order in which they are shown.
pub(super) const TABLES: [Table; 5] = [Table::Access, Table::Share, Table::Gap, Table::Activity, Table::Accept];

/// Every row has to have it. Rows of accepted invitations are those of an older script and name their time otherwise.
const TIME: &str = "TimeGenerated";

/// The columns of every table.
pub fn columns() -> Json {
    let one = |column: Declared| {
        Json::object([
            ("name", column.name.into()),
            ("type", column.query_type().into()),
            ("description", Json::text(plain(column.about))),
        ])
    };
    Json::object(TABLES.map(|table| (table.as_str(), Json::List(table.columns().into_iter().map(one).collect()))))
}

/// The body of each table's `PUT`.
pub fn tables() -> Json {
    let body = |table: Table| {
        let schema = Json::object([("name", table.as_str().into()), ("columns", of_table(table))]);
        Json::object([("properties", Json::object([("plan", "Analytics".into()), ("schema", schema)]))])
    };
    Json::object(TABLES.map(|table| (table.as_str(), body(table))))
}

/// The body of the rule's `PUT`, with a stream and a flow for each table.
///
/// `workspace` is the resource id of the workspace, `location` its region.
pub fn rule(workspace: &str, location: &str) -> Json {
    let destination = Json::object([("name", "workspace".into()), ("workspaceResourceId", workspace.into())]);
    let properties = Json::object([
        ("description", "Rows of sharetrail".into()),
        ("streamDeclarations", Json::object(TABLES.map(|table| (stream(table), of_stream(table))))),
        ("destinations", Json::object([("logAnalytics", Json::List(vec![destination]))])),
        ("dataFlows", Json::List(TABLES.map(flow).into())),
    ]);
    Json::object([("location", location.into()), ("kind", "Direct".into()), ("properties", properties)])
}

/// The name of a table's stream.
pub(super) fn stream(table: Table) -> String {
    format!("Custom-{}", table.as_str())
}

/// The columns of a table's schema.
pub(super) fn of_table(table: Table) -> Json {
    let one = |column: Declared| {
        Json::object([
            ("name", column.name.into()),
            ("type", column.table_type().into()),
            ("description", Json::text(plain(column.about))),
        ])
    };
    let time = Json::object([
        ("name", TIME.into()),
        ("type", "dateTime".into()),
        ("description", "When Defender stored it, else when it happened.".into()),
    ]);
    let time = (!has_time(table)).then_some(time);
    Json::List(time.into_iter().chain(table.columns().into_iter().map(one)).collect())
}

/// The declaration of a table's stream: what is sent.
pub(super) fn of_stream(table: Table) -> Json {
    let one = |column: Declared| Json::object([("name", column.name.into()), ("type", column.stream_type().into())]);
    Json::object([("columns", Json::List(table.columns().into_iter().map(one).collect()))])
}

/// From the stream to the table.
pub(super) fn flow(table: Table) -> Json {
    let transformation =
        if has_time(table) { "source" } else { "source | extend TimeGenerated = todatetime(CreatedDateTime)" };
    Json::object([
        ("streams", Json::List(vec![Json::text(stream(table))])),
        ("destinations", Json::List(vec!["workspace".into()])),
        ("transformKql", transformation.into()),
        ("outputStream", Json::text(stream(table))),
    ])
}

fn has_time(table: Table) -> bool {
    table.columns().iter().any(|column| column.name == TIME)
}

/// What a column says, without the marks of the documentation.
fn plain(about: &str) -> String {
    about.replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Microsoft, "Create a custom table": at most 45 letters, digits and underscores, a letter first, and names that the
    /// service keeps for itself.
    #[test]
    fn every_column_has_a_name_that_the_service_takes() {
        const RESERVED: [&str; 7] = ["_ResourceId", "id", "_SubscriptionId", "TenantId", "Type", "UniqueId", "Title"];
        for table in TABLES {
            let columns = table.columns();
            for Declared { name, about, .. } in &columns {
                let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                let begins = name.starts_with(|first: char| first.is_ascii_alphabetic());
                assert!(plain && begins && name.len() <= 45, "{name}");
                assert!(!RESERVED.contains(name) && !about.is_empty(), "{name}");
                assert_eq!(columns.iter().filter(|other| other.name == *name).count(), 1, "{name}");
            }
            assert!(columns.len() <= 500);
        }
    }

    #[test]
    fn a_table_has_the_columns_of_its_stream_and_a_time() {
        for table in TABLES {
            let names = |json: Json| -> Vec<String> {
                let Json::List(columns) = json else { unreachable!("a list") };
                columns.iter().map(|column| column["name"].as_text().to_owned()).collect()
            };
            let (mut kept, sent) = (names(of_table(table)), names(of_stream(table)["columns"].clone()));
            assert!(kept.iter().any(|name| name == TIME), "{kept:?}");
            kept.retain(|name| sent.contains(name) || name != TIME);
            assert_eq!(kept, sent);
        }
    }
}
