//! Lists of the dashboard in another order than their own, and trails that are too long for a page.

use serde_json::Value;

use crate::dashboard::Dashboard;
use crate::support::{Lab, record, tenant_of};

/// All rows of a list, page by page.
#[track_caller]
fn all_rows(dashboard: &Dashboard, question: &str, more: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = dashboard.json(&format!("/api/v1/{question}?days=all&limit=40{more}{cursor}"));
        rows.extend(page["rows"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => {
                let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
                cursor = format!("&cursor={next}");
            }
            None => return rows,
        }
    }
}

/// What a value is ordered by: nothing first, then numbers and truths, then texts.
fn key(value: &Value) -> (u8, i64, String) {
    match value {
        Value::Null => (0, 0, String::new()),
        Value::Bool(truth) => (1, i64::from(*truth), String::new()),
        Value::Number(number) => (1, number.as_i64().unwrap(), String::new()),
        Value::String(text) if text.is_empty() => (0, 0, String::new()),
        Value::String(text) => (2, 0, text.to_ascii_lowercase()),
        Value::Array(elements) if elements.is_empty() => (0, 0, String::new()),
        Value::Array(elements) => {
            let texts: Vec<&str> = elements.iter().filter_map(Value::as_str).collect();
            (2, 0, texts.join(", ").to_ascii_lowercase())
        }
        Value::Object(_) => panic!("{value}"),
    }
}

fn sorted_texts(rows: &[Value]) -> Vec<String> {
    let mut texts: Vec<String> = rows.iter().map(Value::to_string).collect();
    texts.sort_unstable();
    texts
}

#[test]
fn every_list_is_ordered_by_every_column_that_its_description_names_over_all_its_pages() {
    let lab = Lab::seeded(96, 1_200);
    lab.collect().with_code(0);
    let dashboard = Dashboard::over(&lab.folder, &[]);
    let description = dashboard.json("/api/v1/openapi.json");
    let mut ordered = 0;
    for (path, operation) in description["paths"].as_object().unwrap() {
        let Some(question) = path.strip_prefix("/api/v1/") else { continue };
        let parameters = operation["get"]["parameters"].as_array().unwrap();
        let Some(sort) = parameters.iter().find(|parameter| parameter["name"] == "sort") else { continue };
        let columns = sort["schema"]["enum"].as_array().unwrap().iter().filter_map(Value::as_str);
        let own = sorted_texts(&all_rows(&dashboard, question, ""));
        for column in columns.filter(|column| !column.starts_with('-')) {
            let rising = all_rows(&dashboard, question, &format!("&sort={column}"));
            let keys: Vec<_> = rising.iter().map(|row| key(&row[column])).collect();
            assert!(keys.is_sorted(), "{question} by {column}: {keys:?}");
            assert_eq!(sorted_texts(&rising), own, "{question} by {column} has other rows");
            let mut turned = all_rows(&dashboard, question, &format!("&sort=-{column}"));
            turned.reverse();
            assert!(turned == rising, "{question}: -{column} is not {column} turned round");
            ordered += 1;
        }
    }
    assert!(ordered > 60, "only {ordered} orders were looked at");
}

#[test]
fn an_order_is_part_of_the_address_on_pages_and_in_files() {
    let lab = Lab::seeded(97, 1_500);
    lab.collect().with_code(0);
    let dashboard = Dashboard::over(&lab.folder, &[]);
    for question in ["access", "people", "items", "shares", "unused"] {
        let (column, heading) = if question == "people" { ("person", "Person") } else { ("item_name", "ItemName") };
        let names: Vec<String> = all_rows(&dashboard, question, &format!("&sort=-{column}"))
            .iter()
            .map(|row| row[column].as_str().unwrap_or_default().to_owned())
            .collect();
        let csv = dashboard.get(&format!("/{question}.csv?days=all&sort=-{column}"));
        let mut reader = csv::Reader::from_reader(csv.body.as_slice());
        let place = reader.headers().unwrap().iter().position(|name| name == heading).unwrap();
        let in_file: Vec<String> =
            reader.records().map(|row| row.unwrap()[place].trim_start_matches('\'').to_owned()).collect();
        assert_eq!(in_file, names, "{question}");

        let page = dashboard.page(&format!("/{question}?days=all&sort=-{column}"));
        assert!(page.contains("aria-sort=\"descending\""), "{question} does not say its order");
        assert!(
            page.contains(&format!("href=\"/{question}?days=all&amp;sort={column}\"")),
            "{question} cannot be turned"
        );
        assert!(page.contains(&format!("sort=-{column}\" download")), "files of {question} have another order");
        if names.len() > 50 {
            assert!(
                page.contains(&format!("sort=-{column}&amp;cursor=")),
                "the next page of {question} forgets the order"
            );
        }
    }
    let refused = dashboard.get("/api/v1/people?sort=colour");
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("last_seen"), "{}", refused.text());
    assert_eq!(dashboard.get("/api/v1/access?sort=person&cursor=xyz").status, 400);
}

#[test]
fn a_long_trail_is_shown_in_parts_and_each_record_is_in_one_of_them() {
    let activities = (1..=230).map(|number| record(number, "FileDownloaded", i64::from(number) * 20, |_| {}));
    let lab = Lab::of(tenant_of(activities.collect()));
    lab.collect().with_code(0);
    let access = lab.folder.report("access");
    assert_eq!(access.len(), 230);
    let person: String =
        url::form_urlencoded::byte_serialize(access[0]["person"].as_str().unwrap().as_bytes()).collect();
    let dashboard = Dashboard::over(&lab.folder, &[]);
    let mut target = format!("/person?id={person}");
    let mut parts = Vec::new();
    loop {
        let page = dashboard.page(&target);
        let line = page.split("<ol class=\"moments\">").nth(1).unwrap().split("</ol>").next().unwrap().to_owned();
        assert!(page.contains("230 accesses"), "{page:.2000}");
        parts.push(line);
        let Some(earlier) = page.split("class=\"earlier\"").nth(1) else { break };
        target = earlier.split("href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    }
    assert_eq!(parts.len(), 3);
    for row in &access {
        let id = row["evidence_ids"][0].as_str().unwrap();
        assert_eq!(parts.iter().filter(|part| part.contains(id)).count(), 1, "{id}");
    }
    // The lists of one person lead on to all of it.
    let list = dashboard.page(&format!("/access?person={person}&days=all"));
    assert!(list.contains("rel=\"next\""));
}
