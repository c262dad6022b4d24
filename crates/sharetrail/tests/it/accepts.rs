//! `report accepts`: the share report of the script that sharetrail replaces.

use crate::support::Lab;

const COLUMNS: [&str; 15] = [
    "Description",
    "Operation",
    "Severity",
    "Collaborator",
    "CreatedDateTime",
    "UserId",
    "ResolvedUser",
    "UserKey",
    "SiteUrl",
    "SourceFileName",
    "SourceRelativeUrl",
    "FileUrl",
    "ObjectId",
    "AccessLocation",
    "AppName",
];

/// `YYYY-MM-DDThh:mm:ssZ`
fn is_created_date_time(text: &str) -> bool {
    let pattern = "dddd-dd-ddTdd:dd:ddZ";
    text.len() == pattern.len()
        && text.chars().zip(pattern.chars()).all(|(letter, wanted)| match wanted {
            'd' => letter.is_ascii_digit(),
            other => letter == other,
        })
}

#[test]
fn the_share_report_has_the_fifteen_columns_of_old_in_their_order() {
    let lab = Lab::seeded(30, 3_000);
    lab.collect().with_code(0);
    let csv = lab.folder.run(["report", "accepts", "--format", "csv"]).with_code(0).stdout;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), COLUMNS);
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    assert!(!rows.is_empty());
    for row in &rows {
        assert!(is_created_date_time(&row[4]), "{row:?}");
        assert_eq!(&row[1], "EVENT_CATEGORY_ACCEPT_SHARE_FILE", "{row:?}");
        let location: serde_json::Value = serde_json::from_str(&row[13]).unwrap_or_default();
        assert!(row[13].is_empty() || location.is_object() && !row[13].contains("\": "), "{row:?}");
    }
    assert_eq!(lab.folder.report("accepts").len(), rows.len());
}

#[test]
fn collecting_only_accepted_shares_gives_the_same_share_report() {
    let whole = Lab::seeded(31, 3_000);
    whole.collect().with_code(0);
    let expected = whole.folder.report("accepts");
    assert!(!expected.is_empty());
    whole.configure(|configuration| {
        configuration.set("tenant.defender.event_types", vec!["EVENT_CATEGORY_ACCEPT_SHARE_FILE"])
    });
    whole.folder.run(["--state", "only.db", "collect"]).with_code(0);
    let only = whole.folder.run(["--state", "only.db", "report", "accepts", "--format", "json"]).with_code(0).json();
    assert_eq!(only.as_array().unwrap(), &expected);
    let status = whole.folder.run(["--state", "only.db", "status", "--json"]).with_code(0).json();
    assert!(status["feeds"][0]["listed"].as_u64() < Some(3_000 / 2), "{status}");
}

#[test]
fn a_stream_for_the_share_report_brings_it_to_a_table_of_its_own() {
    let lab = Lab::seeded(32, 3_000);
    lab.configure(|configuration| configuration.set("tenant.sink.logs_ingestion.accept_stream", "Custom-MCAS_CL"));
    lab.collect().with_code(0);
    let (reported, arrived) = (lab.folder.report("accepts"), lab.rows("MCAS_CL"));
    assert!(!reported.is_empty());
    let told = |rows: &[serde_json::Value], keys: [&str; 3]| {
        let mut told: Vec<String> = rows.iter().map(|row| keys.map(|key| row[key].to_string()).join(" ")).collect();
        told.sort();
        told
    };
    assert_eq!(
        told(&arrived, ["CreatedDateTime", "Collaborator", "ObjectId"]),
        told(&reported, ["created_date_time", "collaborator", "object_id"])
    );
    // Told once: the next pass has nothing to send.
    lab.collect().with_code(0);
    assert_eq!(lab.rows("MCAS_CL").len(), arrived.len());
}
