//! `[places]`: country and city of addresses from a file of the user's.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use crate::support::{Folder, UNREACHABLE_CONTOSO, mmdb};

const WITH_PLACES: &str = "[places]\nfile = \"places.mmdb\"\n";

fn record(number: u8, ip: &str, user_agent: &str) -> Value {
    json!({"Id": format!("00000000-0000-4000-8000-0000000000{number:02}"), "CreationTime": format!("2026-10-01T10:{number}:00"),
        "OrganizationId": "7c1b7c0e-2f6d-4a51-9d4f-0d6b4a1f0c11", "Operation": "FileAccessed", "RecordType": 6, "UserType": 0,
        "UserId": "urn:spo:guest#li@fabrikam.example", "ClientIP": ip, "UserAgent": user_agent,
        "SiteUrl": "https://contoso.sharepoint.com/sites/HR/",
        "ObjectId": format!("https://contoso.sharepoint.com/sites/HR/{number}.docx")})
}

/// A folder with records and a file of places.
fn folder() -> Folder {
    let folder = Folder::new();
    let at = Ipv4Addr::new;
    folder
        .write("places.mmdb", mmdb(&[(at(203, 0, 113, 0), 25, "DE", "Münster"), (at(198, 51, 100, 0), 24, "NZ", "")]));
    let by_defender = json!({"_id": "x_00000000-0000-4000-8000-000000000016", "appId": 20892, "eventTypeName": "E",
        "location": {"countryCode": "FR", "city": "Lyon"}, "rawDataJson": record(16, "203.0.113.7", "Browser")});
    let by_hunting = json!({"ActionType": "FileAccessed", "ApplicationId": 20892, "CountryCode": "CH", "City": "Chur",
        "RawEventData": record(17, "203.0.113.7", "Browser")});
    let records = [
        record(11, "203.0.113.7", "Browser"),
        record(12, "198.51.100.9:443", "Browser"),
        record(13, "203.0.113.200", "Browser"),
        record(14, "203.0.113.7", "MSWAC"),
        record(15, "2001:db8::7", "Browser"),
        by_defender,
        by_hunting,
    ];
    folder.write("records.json", Value::from(records.to_vec()).to_string());
    folder
}

const PLACES: [&str; 7] = ["DE Münster", "NZ -", "- -", "- -", "- -", "FR Lyon", "CH Chur"];

fn places(folder: &Folder) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    folder.report("access").iter().map(|row| format!("{} {}", text(&row["country"]), text(&row["city"]))).collect()
}

#[test]
fn addresses_of_persons_are_located_where_defender_says_nothing() {
    let folder = folder();
    folder.write("sharetrail.toml", format!("{UNREACHABLE_CONTOSO}{WITH_PLACES}"));
    folder.run(["import", "records.json"]).with_code(0);
    assert_eq!(places(&folder), PLACES);
    assert_eq!(folder.report("people")[0]["countries"], json!(["CH", "DE", "FR", "NZ"]));
}

#[test]
fn a_file_of_places_that_is_named_later_is_for_what_came_before_as_well() {
    let folder = folder();
    folder.write("sharetrail.toml", UNREACHABLE_CONTOSO);
    folder.run(["import", "records.json"]).with_code(0);
    assert_eq!(places(&folder), ["- -", "- -", "- -", "- -", "- -", "FR Lyon", "CH Chur"]);
    folder.write("sharetrail.toml", format!("{UNREACHABLE_CONTOSO}{WITH_PLACES}"));
    folder.write("none.json", "{\"no\":\"record\"}");
    folder.run(["import", "none.json"]).with_code(3);
    assert_eq!(places(&folder), PLACES);
    // What was found stays when the file is named no longer.
    folder.write("sharetrail.toml", UNREACHABLE_CONTOSO);
    folder.run(["import", "records.json"]).with_code(0);
    assert_eq!(places(&folder), PLACES);
}

#[test]
fn a_file_of_places_that_cannot_be_used_is_told_with_the_remedy() {
    let folder = folder();
    folder.write("sharetrail.toml", format!("{UNREACHABLE_CONTOSO}{WITH_PLACES}"));
    for (bytes, says) in [(None, "No such file"), (Some("Dear Anna,\n".repeat(100)), "places.mmdb")] {
        match bytes {
            None => std::fs::remove_file(folder.at("places.mmdb")).unwrap(),
            Some(bytes) => drop(folder.write("places.mmdb", bytes)),
        }
        for command in [["import", "records.json"], ["collect", "--partial-ok"]] {
            folder.program().env("DEFENDER_TOKEN", "t").run(command).with_code(1).saying(says).saying(".mmdb");
        }
    }
}
