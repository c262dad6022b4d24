//! One id is one activity, whatever times its records tell.

use serde_json::{Value, json};

use crate::support::Folder;

const ID: &str = "97ee2049-893e-4c9d-a312-08d82b46faf7";

fn record(time: &str) -> Value {
    json!({"Id": ID, "CreationTime": time, "RecordType": 6, "Operation": "FileDownloaded", "UserType": 0,
        "UserId": "urn:spo:guest#li@fabrikam.example", "Workload": "SharePoint",
        "SiteUrl": "https://contoso.sharepoint.com/sites/HR/", "ObjectId": "https://contoso.sharepoint.com/sites/HR/a.docx"})
}

fn access(folder: &Folder, state: &str) -> Value {
    let mut rows = folder.run(["--state", state, "report", "access", "--format", "json"]).with_code(0).json();
    let rows = rows.as_array_mut().unwrap();
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows[0]["revision"].take();
    rows[0].take()
}

#[test]
fn one_id_whose_times_lie_in_different_hours_is_one_activity_in_any_order() {
    // As the service tells it, at the next hour's begin by rounding, in somebody's local time, and half a year off because
    // a program took the day for the month.
    let times = ["2026-10-05T10:59:59", "2026-10-05T11:00:00", "2026-10-05T12:59:59", "2026-05-10T10:59:59"];
    let folder = Folder::new();
    for (number, time) in times.iter().enumerate() {
        folder.write(&format!("{number}.json"), record(time).to_string());
    }
    let mut found = Vec::new();
    for (state, order) in [("a.db", [0, 1, 2, 3]), ("b.db", [3, 2, 1, 0]), ("c.db", [2, 0, 3, 1])] {
        for (turn, number) in order.iter().enumerate() {
            let name = format!("{number}.json");
            let summary = folder.run(["--state", state, "import", "--json", &name]).with_code(0).json();
            let expected = if turn == 0 { ("stored", "known") } else { ("known", "stored") };
            assert_eq!((&summary[expected.0], &summary[expected.1]), (&json!(1), &json!(0)), "{summary}");
        }
        found.push(access(&folder, state));
        let shown = folder.run(["--state", state, "show", "record", ID]).with_code(0);
        assert_eq!(shown.stdout.lines().count(), 4, "all four contents are kept");
        // Once more: nothing is new.
        let again = folder.run(["--state", state, "import", "--json", "2.json"]).with_code(0).json();
        assert_eq!((&again["known"], &again["stored"]), (&json!(1), &json!(0)), "{again}");
    }
    assert!(found.windows(2).all(|pair| pair[0] == pair[1]), "{found:?}");
}

#[test]
fn one_id_whose_times_lie_in_different_hours_of_one_file_is_one_different_record() {
    let folder = Folder::new();
    let times = ["2026-10-05T10:59:59", "2026-10-05T13:00:00", "2026-10-05T10:59:59.1", "2026-10-05T10:59:59"];
    folder.write("a.json", times.map(|time| record(time).to_string()).join("\n"));
    let summary = folder.run(["import", "--json", "a.json"]).with_code(0).json();
    assert_eq!(
        (&summary["records"], &summary["distinct"], &summary["stored"]),
        (&json!(4), &json!(1), &json!(1)),
        "{summary}"
    );
    access(&folder, "sharetrail.db");
}

#[test]
fn a_record_whose_time_cannot_be_read_in_one_export_gets_it_from_another() {
    let folder = Folder::new();
    folder.write("a.json", record("05.10.2026 12:59").to_string());
    folder.write("b.json", record("2026-10-05T10:59:59").to_string());
    folder.run(["import", "a.json", "b.json"]).with_code(0);
    assert_eq!(access(&folder, "sharetrail.db")["time_generated"], "2026-10-05T10:59:59.000Z");
    assert_eq!(folder.status()["activities"], 1);
}
