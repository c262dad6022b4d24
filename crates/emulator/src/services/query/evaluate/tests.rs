//! Queries over a small table: what goes in is the language, what comes out are rows.

use serde_json::{Value, json};

use super::*;
use crate::services::query::parser::parse;

/// 2026-11-24T03:00:00Z
const NOW_MS: i64 = 1_795_489_200_000;

fn table(open: bool) -> Rowset {
    let rows = [
        json!([
            "2026-11-24T01:00:00.000Z",
            "a",
            1,
            false,
            "li@fabrikam.example",
            "https://contoso.example/Shared Documents/é.docx"
        ]),
        json!(["2026-11-24T02:00:00.000Z", "b", 1, false, "kim@fabrikam.example", null]),
        json!(["2026-11-24T01:00:00.000Z", "a", 2, true, "li@fabrikam.example", ""]),
        json!(["2026-11-23T02:59:59.000Z", "c", 1, false, "Li@tailspin.example", "x"]),
    ];
    let columns =
        ["TimeGenerated", "AccessId", "Revision", "Withdrawn", "Person", "ItemUrl"].map(str::to_owned).to_vec();
    let row = |row: Value| row.as_array().unwrap().iter().cloned().map(Datum::from_json).collect();
    Rowset { columns, rows: rows.map(row).to_vec(), open, ..Rowset::default() }
}

fn ask(query: &str) -> Result<Rowset, QueryError> {
    run(table(false), &parse(query)?.steps, NOW_MS)
}

fn check(query: &str, expected: Value) {
    let answer = ask(query).map(Rowset::answer).unwrap_or_else(|error| json!({"rows": format!("{error:?}")}));
    assert_eq!(answer["rows"], expected, "{query}");
}

#[test]
fn the_documented_way_to_read_a_table_takes_the_last_revision_and_drops_what_was_withdrawn() {
    check(
        "T | summarize arg_max(Revision, *) by AccessId | where not(Withdrawn) | project AccessId, Revision | order by AccessId asc",
        json!([["b", 1], ["c", 1]]),
    );
    check("T | summarize arg_max(Revision, *) by AccessId | where not(Withdrawn) | summarize count()", json!([[2]]));
    check("T | summarize arg_min(Revision, Person) by AccessId | take 1", json!([["a", 1, "li@fabrikam.example"]]));
}

#[test]
fn conditions_choose_rows() {
    let cases = [
        ("AccessId == 'a'", 2),
        ("AccessId != \"a\"", 2),
        ("Person =~ 'LI@FABRIKAM.EXAMPLE'", 2),
        ("Revision > 1", 1),
        ("Revision >= 1 and Withdrawn == false", 3),
        ("not(Withdrawn)", 3),
        ("(AccessId == 'a' or AccessId == 'c') and Revision < 2", 2),
        ("AccessId == 'a' or AccessId == 'c' and Revision < 1", 2),
        ("Person contains 'FABRIKAM'", 3),
        ("Person !contains 'fabrikam'", 1),
        ("Person has 'li'", 3),
        ("Person has 'fabri'", 0),
        ("Person startswith 'li@'", 3),
        ("Person endswith 'tailspin.example'", 1),
        ("AccessId in ('a', 'b')", 3),
        ("AccessId !in ('a', 'b')", 1),
        ("AccessId in~ ('A')", 2),
        ("isempty(ItemUrl)", 2),
        ("isnotempty(ItemUrl)", 2),
        ("isnull(ItemUrl)", 1),
        ("ItemUrl contains 'é.docx'", 1),
        ("TimeGenerated >= datetime(2026-11-24T02:00:00Z)", 1),
        ("TimeGenerated < datetime(2026-11-24)", 1),
        ("TimeGenerated > ago(1d)", 3),
        ("TimeGenerated < now()", 4),
        ("TimeGenerated between (datetime(2026-11-24T01:00) .. datetime(2026-11-24T02:00:00Z))", 3),
        ("TimeGenerated !between (datetime(2026-11-24T01:00) .. datetime(2026-11-24T02:00:00Z))", 1),
        ("Revision between (2..5)", 1),
        ("Person has_any ('kim', 'tailspin')", 2),
        ("todatetime(TimeGenerated) == datetime(2026-11-24T02:00)", 1),
        ("bin(TimeGenerated, 1d) == datetime(2026-11-23)", 1),
        ("tolong('2') == Revision", 1),
    ];
    for (condition, expected) in cases {
        check(&format!("T | where {condition} | count"), json!([[expected]]));
    }
}

#[test]
fn rows_are_projected_ordered_and_taken() {
    check(
        "T | project who = Person, Revision | sort by who asc | take 2",
        json!([["Li@tailspin.example", 1], ["kim@fabrikam.example", 1]]),
    );
    check(
        "T | order by TimeGenerated, Revision desc | project AccessId, Revision | limit 3",
        json!([["b", 1], ["a", 2], ["a", 1]]),
    );
    check("T | distinct AccessId | order by AccessId asc", json!([["a"], ["b"], ["c"]]));
    check("T | extend domain = tolower(Person) | where domain startswith 'li' | count", json!([[3]]));
    check("T | top 1 by Revision | project AccessId, Revision", json!([["a", 2]]));
}

#[test]
fn groups_are_summarized() {
    check(
        "T | summarize count(), dcount(Person) by AccessId | order by AccessId asc",
        json!([["a", 2, 1], ["b", 1, 1], ["c", 1, 1]]),
    );
    check(
        "T | summarize n = count(), s = sum(Revision), countif(Withdrawn), max(Revision), min(TimeGenerated)",
        json!([[4, 5, 1, 2, "2026-11-23T02:59:59.000Z"]]),
    );
    check("T | where AccessId == 'none' | summarize count()", json!([[0]]));
    check("T | where AccessId == 'none' | summarize count() by AccessId", json!([]));
}

#[test]
fn an_answer_names_and_types_its_columns() {
    let answer = ask("T | summarize arg_max(Revision, *) by AccessId | extend r = 1.5 | take 1").unwrap().answer();
    let expected = json!([
        {"name": "AccessId", "type": "string"}, {"name": "Revision", "type": "long"},
        {"name": "TimeGenerated", "type": "datetime"}, {"name": "Withdrawn", "type": "bool"},
        {"name": "Person", "type": "string"}, {"name": "ItemUrl", "type": "string"}, {"name": "r", "type": "real"},
    ]);
    assert_eq!(answer["columns"], expected);
}

#[test]
fn what_cannot_be_read_is_a_syntax_error_and_what_is_not_there_a_semantic_one() {
    for query in
        ["", "| where x", "T | where", "T | whither x", "T | where (a == 1", "T x", "T | take -1", "T | order Person"]
    {
        assert!(matches!(parse(query), Err(QueryError::Syntax(_))), "{query}");
    }
    let deep = format!("T | where {}a{}", "(".repeat(500), ")".repeat(500));
    assert!(matches!(parse(&deep), Err(QueryError::Syntax(_))));
    for query in [
        "T | where Colour == 1",
        "T | project Colour",
        "T | where frobnicate(Person)",
        "T | project Person | where AccessId == 'a'",
    ] {
        assert!(matches!(ask(query), Err(QueryError::Semantic(_))), "{query}");
    }
}

#[test]
fn a_table_with_undeclared_columns_takes_any_as_null() {
    let run_open =
        |query: &str| run(table(true), &parse(query).unwrap().steps, NOW_MS).unwrap().answer()["rows"].clone();
    assert_eq!(run_open("T | where isempty(Colour) | count"), json!([[4]]));
    assert_eq!(run_open("T | summarize arg_max(Revision, *) by AccessId | where not(Colour) | count"), json!([[0]]));
}

#[test]
fn members_of_dynamic_values_are_reached_with_a_dot_and_with_brackets() {
    let members = "T | extend D = parse_json('{\"Id\":5,\"In\":{\"x\":\"y\"}}') | take 1";
    check(&format!("{members} | project D.Id, D['Id'], tostring(D.In.x), D.None.x"), json!([[5, 5, "y", null]]));
    let named = ask(&format!("{members} | project D.Id, Own = D.In.x")).unwrap();
    assert_eq!(named.columns, ["D_Id", "Own"]);
    check("T | where Person.Id == 'x' | count", json!([[0]]));
}
