//! What was not taken is kept with its bytes and its place, counted rightly, and bounded.

use serde_json::{Value, json};

use crate::support::{Folder, UNREACHABLE_CONTOSO};

fn excluded(folder: &Folder) -> Vec<(i64, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let told = |row: Value| (row["records"].as_i64().unwrap(), text(&row["reason"]), text(&row["example"]));
    folder
        .report("excluded")
        .into_iter()
        .map(told)
        .filter(|(_, reason, _)| reason.starts_with("were rejected"))
        .collect()
}

#[test]
fn rejected_lines_are_kept_with_their_bytes_and_their_place() {
    let folder = Folder::new();
    let record = json!({"Id": "00000000-0000-4000-8000-000000000001", "CreationTime": "2026-10-01T10:00:00", "RecordType": 6,
        "Operation": "FileDownloaded", "UserId": "li@fabrikam.example"});
    folder.write("a.json", format!("{record}\n{{\"Id\": broken}}\n{{\"an\":\"alert\"}}\n"));
    folder.run(["import", "a.json"]).with_code(3);
    let excluded = excluded(&folder);
    for (reason, raw, place) in [
        ("the record is not valid JSON: expected value", "{\"Id\": broken}\n", "line 2 of a.json"),
        ("no audit record", "{\"an\":\"alert\"}\n", "line 3 of a.json"),
    ] {
        let (records, _, example) = excluded.iter().find(|(_, told, _)| told.contains(reason)).unwrap();
        assert_eq!(*records, 1);
        let shown = folder.run(["show", "record", example]).with_code(0);
        assert_eq!(shown.stdout, raw);
        shown.saying(place).saying(reason);
    }
}

#[test]
fn a_rejected_row_of_a_table_is_kept_whole() {
    let folder = Folder::new();
    folder.write(
        "a.csv",
        "CreationDate,UserIds,Operations,AuditData\r\n2026-10-01,\"li, wang\",FileAccessed,\"{\"\"Id\"\":\"\r\n",
    );
    folder.run(["import", "a.csv"]).with_code(3);
    let (_, _, example) = excluded(&folder).remove(0);
    let shown = folder.run(["show", "record", &example]).with_code(0);
    assert_eq!(shown.stdout, "2026-10-01,\"li, wang\",FileAccessed,\"{\"\"Id\"\":\"\n");
}

#[test]
fn equal_broken_lines_are_all_counted_and_the_same_file_again_adds_none() {
    let folder = Folder::new();
    folder.write("broken.json", "{\"Id\": broken}\n".repeat(7_000));
    for _ in 0..2 {
        folder.run(["import", "broken.json"]).with_code(3).printing("7000 rejected");
        let told = excluded(&folder);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].0, 7_000);
    }
}

#[test]
fn refused_files_are_counted_one_by_one() {
    let folder = Folder::new();
    for name in ["a.json", "b.json"] {
        folder.write(name, "");
    }
    folder.run(["import", "a.json", "b.json"]).with_code(3);
    assert_eq!(excluded(&folder)[0].0, 2);
}

#[test]
fn another_tenants_records_do_not_fill_the_disk() {
    let folder = Folder::new();
    folder.write("sharetrail.toml", UNREACHABLE_CONTOSO);
    let records = |from: usize, to: usize| -> String {
        let record = |number| {
            let noise: String = (0..40)
                .map(|part| format!("{:x}", (number as u64 * 40 + part).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
                .collect();
            let record = json!({"Id": format!("00000000-0000-4000-8000-{number:012}"), "CreationTime": "2026-10-01T10:00:00",
                "OrganizationId": "99999999-0000-4000-8000-000000000001", "RecordType": 6, "Operation": "FileDownloaded",
                "UserId": "li@fabrikam.example", "Noise": noise});
            format!("{record}\n")
        };
        (from..to).map(record).collect()
    };
    let bytes = |from, to| {
        folder.write("foreign.json", records(from, to));
        folder
            .run(["import", "foreign.json"])
            .with_code(3)
            .saying("a record of another tenant than the configured tenant_id");
        folder.status()["bytes"].as_i64().unwrap()
    };
    let full = bytes(0, 30_000);
    let later = bytes(30_000, 60_000);
    assert!(later - full < 100_000, "{full} bytes, then {later}");
    let told: i64 = excluded(&folder).iter().map(|(records, ..)| records).sum();
    assert_eq!(told, 60_000);
}
