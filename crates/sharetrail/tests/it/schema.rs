//! `schema`: what it declares is what is delivered.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Folder, Lab, seeded};

/// Type by column, as the rule declares a stream.
fn declared(rule: &Value, stream: &str) -> BTreeMap<String, String> {
    let columns = rule["properties"]["streamDeclarations"][stream]["columns"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    columns.iter().map(|column| (text(&column["name"]), text(&column["type"]))).collect()
}

fn fits(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "datetime" => value.as_str().is_some_and(|text| text.ends_with('Z') && text.contains('T')),
        "long" => value.is_i64(),
        "boolean" => value.is_boolean(),
        "dynamic" => value.is_array(),
        _ => false,
    }
}

#[test]
fn every_delivered_value_has_a_column_of_its_type_in_the_rule() {
    // Without columns of its own the emulated rule keeps whatever comes.
    let lab = Lab::with(seeded(33, 3_000, crate::support::now_ms()), |options| options.ingestion.columns.clear());
    let streams = [
        ("access_stream", "ShareTrailAccess_CL"),
        ("share_stream", "ShareTrailShare_CL"),
        ("activity_stream", "ShareTrailActivity_CL"),
        ("accept_stream", "MCAS_CL"),
    ];
    lab.configure(|configuration| {
        streams.iter().fold(configuration, |configuration, (key, table)| {
            configuration.set(&format!("tenant.sink.logs_ingestion.{key}"), format!("Custom-{table}"))
        })
    });
    lab.collect().with_code(0);
    let rule = lab.folder.run(["schema", "rule", "--location", "westeurope", "--workspace", "/w"]).with_code(0).json();
    for (_, table) in streams {
        let columns = declared(&rule, &format!("Custom-{table}"));
        let rows = lab.rows(table);
        assert!(!rows.is_empty(), "{table}");
        for row in rows {
            for (name, value) in row.as_object().unwrap().iter().filter(|(_, value)| !value.is_null()) {
                // What the service adds where a row has none.
                let kind = columns.get(name).map_or("", String::as_str);
                let is_added = name == "TimeGenerated" && table == "MCAS_CL";
                assert!(is_added || fits(value, kind), "{table}.{name} is {kind:?}, and {value} was sent");
            }
        }
    }
}

#[test]
fn each_piece_is_printed_and_the_pieces_agree() {
    let folder = Folder::new();
    let columns = folder.run(["schema", "columns"]).with_code(0).json();
    let tables = folder.run(["schema", "tables"]).with_code(0).json();
    let template = folder.run(["schema", "template"]).with_code(0).json();
    let bicep = folder.run(["schema", "bicep"]).with_code(0).stdout;
    for (table, columns) in columns.as_object().unwrap() {
        let schema = &tables[table]["properties"]["schema"];
        let in_template = template["resources"].as_array().unwrap().iter();
        let mut schemas = in_template.map(|resource| &resource["properties"]["schema"]);
        assert!(schemas.any(|other| other == schema), "{table}");
        for column in columns.as_array().unwrap() {
            assert!(bicep.contains(&format!("name: '{}'", column["name"].as_str().unwrap())), "{table} {column}");
        }
    }
}
