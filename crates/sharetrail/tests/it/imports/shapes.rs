//! One tenant's records in every shape in which somebody may have exported them.

use emulator::story::export;
use serde_json::{Map, Value, json};

use crate::support::{Folder, now_ms, reported, seeded, told};

/// Columns that depend on the source; the tenant's name is the same here.
const EXEMPT: [&str; 4] = ["revision", "feeds", "country", "city"];

/// A report without them, as text.
fn report(folder: &Folder, state: &str, kind: &str) -> String {
    let mut rows = folder.run(["--state", state, "report", kind, "--format", "json"]).with_code(0).json();
    for row in rows.as_array_mut().unwrap() {
        EXEMPT.iter().for_each(|key| drop(row.as_object_mut().unwrap().remove(*key)));
    }
    assert!(!rows.as_array().unwrap().is_empty(), "{kind} of {state}");
    rows.to_string()
}

fn text<'v>(record: &'v Value, key: &str) -> &'v str {
    record[key].as_str().unwrap_or_default()
}

fn list(key: &str, records: Vec<Value>) -> Vec<u8> {
    json!({ "@odata.context": "https://graph.microsoft.com/beta/$metadata", key: records }).to_string().into_bytes()
}

fn lines(records: &[Value]) -> Vec<u8> {
    records.iter().map(|record| format!("{record}\n")).collect::<String>().into_bytes()
}

fn csv(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let line = |cells: Vec<String>| cells.join(",") + "\r\n";
    let header = line(header.iter().map(|name| quoted(name)).collect());
    rows.into_iter()
        .map(|row| line(row.iter().map(|cell| quoted(cell)).collect()))
        .fold(header, |all, row| all + &row)
        .into()
}

/// PowerShell's and Excel's UTF-16.
fn utf16(text: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(text).unwrap();
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn record_type_name(record: &Value) -> &'static str {
    match record["RecordType"].as_i64() {
        Some(4) => "SharePoint",
        Some(6) => "SharePointFileOperation",
        Some(14) => "SharePointSharingOperation",
        Some(36) => "SharePointListOperation",
        Some(83) => "SensitivityLabelAction",
        _ => "SomethingNew",
    }
}

fn user_type_name(record: &Value) -> &'static str {
    let names = [
        "Regular",
        "Reserved",
        "Admin",
        "DcAdmin",
        "System",
        "Application",
        "ServicePrincipal",
        "CustomPolicy",
        "SystemPolicy",
        "PartnerTechnician",
    ];
    let number = record["UserType"].as_u64().unwrap_or_default();
    names.get(usize::try_from(number).unwrap()).copied().unwrap_or("Guest")
}

/// An audit-log record of Microsoft Graph; `as_text`: as some scripts write it.
fn graph(record: &Value, as_text: bool) -> Value {
    let mut inside = record.clone();
    inside["@odata.type"] = "#microsoft.graph.security.defaultAuditData".into();
    json!({
        "id": record["Id"], "createdDateTime": format!("{}Z", text(record, "CreationTime")),
        "auditLogRecordType": record_type_name(record), "operation": record["Operation"],
        "organizationId": record["OrganizationId"], "userType": user_type_name(record), "userId": "10030000A1B2C3D4",
        "service": record["Workload"], "objectId": record["ObjectId"], "userPrincipalName": record["UserId"],
        "clientIp": record["ClientIP"], "administrativeUnits": [""],
        "auditData": if as_text { Value::from(inside.to_string()) } else { inside },
    })
}

/// A row of the table CloudAppEvents.
fn hunting(record: &Value, as_text: bool) -> Value {
    let mut inside = record.clone();
    inside["CreationTime"] = format!("{}Z", text(record, "CreationTime")).into();
    json!({
        "Timestamp": format!("{}.1234567Z", text(record, "CreationTime")), "ActionType": record["Operation"],
        "Application": "Microsoft SharePoint Online", "ApplicationId": 20892, "AccountObjectId": "", "AccountType": "Regular",
        "AccountDisplayName": "Somebody", "IsExternalUser": 0, "IPAddress": record["ClientIP"], "CountryCode": "DE",
        "UserAgent": record["UserAgent"], "ObjectName": record["ObjectId"], "ReportId": format!("1_{}", text(record, "Id")),
        "RawEventData": if as_text { Value::from(inside.to_string()) } else { inside },
    })
}

fn streamed(record: &Value, as_text: bool) -> Value {
    json!({
        "time": "2026-11-24T00:00:00.0000000Z", "tenantId": record["OrganizationId"], "operationName": "Publish",
        "category": "AdvancedHunting-CloudAppEvents", "_TimeReceivedBySvc": "2026-11-24T00:00:00.0000000Z",
        "properties": hunting(record, as_text), "Tenant": "DefaultTenant",
    })
}

/// An object that `Search-UnifiedAuditLog` returns, as `ConvertTo-Json` of Windows PowerShell writes it.
fn cmdlet(record: &Value, number: usize) -> Value {
    json!({
        "PSComputerName": "outlook.office365.com", "RunspaceId": "11111111-0000-4000-8000-000000000001",
        "RecordType": record_type_name(record), "CreationDate": format!("/Date({})/", 1_700_000_000_000_u64 + number as u64),
        "UserIds": record["UserId"], "Operations": record["Operation"], "AuditData": record.to_string(),
        "ResultIndex": number, "ResultCount": 1, "Identity": record["Id"], "IsValid": true, "ObjectState": "Unchanged",
    })
}

/// A record as columns, with those of the objects in it.
fn flattened(prefix: &str, record: &Value, into: &mut Map<String, Value>) {
    for (name, value) in record.as_object().unwrap() {
        let name = format!("{prefix}{name}");
        match value {
            Value::Object(_) => flattened(&format!("{name}."), value, into),
            value => drop(into.insert(name, value.clone())),
        }
    }
}

/// Rows of texts: `null` is empty, objects and lists are JSON.
fn table(rows: &[Map<String, Value>]) -> Vec<u8> {
    let header: std::collections::BTreeSet<&str> = rows.iter().flat_map(|row| row.keys().map(String::as_str)).collect();
    let header: Vec<&str> = header.into_iter().collect();
    let cell = |value: Option<&Value>| match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    csv(&header, rows.iter().map(|row| header.iter().map(|name| cell(row.get(*name))).collect()))
}

fn objects(rows: impl IntoIterator<Item = Value>) -> Vec<Map<String, Value>> {
    rows.into_iter().map(|row| row.as_object().unwrap().clone()).collect()
}

/// A row of Log Analytics' table OfficeActivity, in the columns that it has for SharePoint: all texts.
fn office(record: &Value, time_column: &str) -> Value {
    let mut row = json!({
        "TenantId": "22222222-0000-4000-8000-000000000002", "SourceSystem": "OfficeActivityManager", "Type": "OfficeActivity",
        time_column: record["CreationTime"], "RecordType": record_type_name(record), "UserType": user_type_name(record),
        "OfficeId": record["Id"], "OfficeWorkload": record["Workload"], "OfficeObjectId": record["ObjectId"],
        "Site_": record["Site"], "Site_Url": record["SiteUrl"], "Client_IPAddress": record["ClientIP"],
        "Source_Name": "SharePoint", "UserId_": "", "OrganizationId_": "",
    });
    for same in [
        "Operation",
        "OrganizationId",
        "UserKey",
        "UserId",
        "ClientIP",
        "ItemType",
        "EventSource",
        "UserAgent",
        "SourceRelativeUrl",
        "SourceFileName",
        "SourceFileExtension",
        "DestinationRelativeUrl",
        "DestinationFileName",
        "TargetUserOrGroupName",
        "TargetUserOrGroupType",
        "EventData",
        "UniqueSharingId",
        "ListId",
        "ListItemUniqueId",
        "IsManagedDevice",
        "AppAccessContext",
    ] {
        row[same] = match &record[same] {
            Value::Null => "".into(),
            Value::Bool(flag) => if *flag { "True" } else { "False" }.into(),
            Value::String(text) => text.clone().into(),
            value => value.to_string().into(),
        };
    }
    row
}

fn shapes(records: &[Value]) -> Vec<(&'static str, Vec<u8>)> {
    let each = |shape: &dyn Fn(&Value) -> Value| records.iter().map(shape).collect::<Vec<Value>>();
    let cmdlets: Vec<Value> = records.iter().enumerate().map(|(number, record)| cmdlet(record, number)).collect();
    let classic = records.iter().enumerate().map(|(number, record)| {
        let date = ["5/18/2021 9:13:33 PM", "18.05.2021 21:13:33", "2021-05-18T21:13:33.0000000Z"][number % 3];
        vec![
            date.to_owned(),
            text(record, "UserId").to_owned(),
            text(record, "Operation").to_owned(),
            record.to_string(),
        ]
    });
    let searched = records.iter().map(|record| {
        let raw = record.to_string();
        vec![raw.clone(), "1700000000".to_owned(), "search-head-1".to_owned(), raw, text(record, "Id").to_owned()]
    });
    let mut in_columns = Vec::new();
    let mut in_graph_columns = Vec::new();
    for record in records {
        let mut row = record.as_object().unwrap().clone();
        row.values_mut()
            .filter(|value| value.is_boolean())
            .for_each(|value| *value = if *value == true { "True" } else { "False" }.into());
        in_columns.push(row);
        let mut row = Map::new();
        flattened("", &graph(record, false), &mut row);
        in_graph_columns.push(row);
    }
    vec![
        ("list.json", format!("\u{feff}{:#}", Value::from(records.to_vec())).into()),
        ("graph-answer.json", list("value", each(&|record| graph(record, false)))),
        ("graph-texts.jsonl", lines(&each(&|record| graph(record, true)))),
        ("graph.csv", table(&objects(each(&|record| graph(record, true))))),
        ("graph-in-columns.csv", table(&in_graph_columns)),
        ("hunting-answer.json", list("results", each(&|record| hunting(record, false)))),
        ("hunting.csv", table(&objects(each(&|record| hunting(record, true))))),
        ("streamed.json", list("records", each(&|record| streamed(record, false)))),
        ("streamed.jsonl", lines(&each(&|record| streamed(record, true)))),
        ("cmdlet.json", utf16(Value::from(cmdlets.clone()).to_string().as_bytes())),
        ("cmdlet.jsonl", lines(&cmdlets)),
        ("classic-portal.csv", csv(&["CreationDate", "UserIds", "Operations", "AuditData"], classic)),
        ("search-engine.csv", csv(&["_raw", "_time", "host", "auditdata", "Identity"], searched)),
        ("in-columns.csv", table(&in_columns)),
    ]
}

#[test]
fn one_tenant_gives_the_same_reports_in_every_shape() {
    let tenant = seeded(12, 1_200, now_ms());
    let folder = Folder::new();
    export(&tenant, folder.path()).unwrap();
    let text = folder.read("audit.ndjson");
    let records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let domains = tenant.profile.internal_domains.join(",");
    let import = |name: &str| {
        let state = format!("{name}.db");
        let arguments = ["--state", &state, "import", "--json", name, "--internal-domain", &domains];
        let summary = folder.run(arguments).with_code(0).json();
        assert_eq!(summary["records"], records.len(), "{name}: {summary}");
        assert_eq!(summary["distinct"], records.len(), "{name}: {summary}");
        state
    };
    let first = import("audit.ndjson");
    let expected: Vec<String> = ["access", "shares"].iter().map(|kind| report(&folder, &first, kind)).collect();
    for (name, bytes) in shapes(&records) {
        folder.write(name, bytes);
        let state = import(name);
        for (kind, expected) in ["access", "shares"].iter().zip(&expected) {
            assert!(report(&folder, &state, kind) == *expected, "{kind} of {name} differs");
        }
    }
}

/// The table leaves out what ties the records of one click together, labels and names of archives; who reached what when
/// is there.
#[test]
fn rows_of_office_activity_tell_who_reached_what_when() {
    let tenant = seeded(12, 1_200, now_ms());
    let folder = Folder::new();
    export(&tenant, folder.path()).unwrap();
    let text = folder.read("audit.ndjson");
    let records = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let (zipped, records): (Vec<Value>, Vec<Value>) = records.partition(|record| record["ZipFileName"].is_string());
    let zipped: Vec<&str> = zipped.iter().map(|record| record["Id"].as_str().unwrap()).collect();
    let mut expected = told(&tenant.truth);
    expected.retain(|access| !access.records.iter().any(|record| zipped.contains(&record.as_str())));
    let domains = tenant.profile.internal_domains.join(",");
    let office_rows = |column: &str| records.iter().map(|record| office(record, column)).collect::<Vec<Value>>();
    for (name, bytes) in [
        ("office.json", Value::from(office_rows("TimeGenerated")).to_string().into_bytes()),
        ("office.csv", table(&objects(office_rows("TimeGenerated [UTC]")))),
    ] {
        folder.write(name, bytes);
        let state = format!("{name}.db");
        folder.run(["--state", &state, "import", name, "--internal-domain", &domains]).with_code(0);
        let rows = folder.run(["--state", &state, "report", "access", "--format", "json"]).with_code(0).json();
        assert_eq!(reported(rows.as_array().unwrap()), expected, "{name}");
    }
}

#[test]
fn objects_of_different_kinds_may_follow_each_other() {
    let record = |number: u8| {
        json!({"Id": format!("00000000-0000-4000-8000-0000000000{number:02}"), "CreationTime": "2026-10-01T10:00:00",
            "Operation": "FileDownloaded", "RecordType": 6, "UserType": 0, "UserId": "urn:spo:guest#li@fabrikam.example",
            "ObjectId": "https://contoso.sharepoint.com/sites/HR/a.docx", "SiteUrl": "https://contoso.sharepoint.com/sites/HR/"})
    };
    let folder = Folder::new();
    let mixed = [
        record(1).to_string(),
        Value::from(vec![graph(&record(2), false), hunting(&record(3), true)]).to_string(),
        json!({ "records": [streamed(&record(4), false)] }).to_string(),
        cmdlet(&record(5), 0).to_string(),
        json!({ "value": [graph(&record(6), true)], "Count": 1 }).to_string(),
        office(&record(7), "TimeGenerated").to_string(),
        json!({ "_id": "alert", "title": "no audit record" }).to_string(),
    ];
    folder.write("mixed", mixed.join("\n"));
    let summary = folder.run(["import", "--json", "mixed"]).with_code(3).saying("no audit record").json();
    assert_eq!(
        (&summary["records"], &summary["stored"], &summary["rejected"]),
        (&json!(7), &json!(7), &json!(1)),
        "{summary}"
    );
}

#[test]
fn an_export_of_exactly_fifty_thousand_records_is_warned_of_with_the_remedy() {
    let folder = Folder::new();
    folder.write("cut.json", "{\"x\":1}\n".repeat(50_000));
    let whole = folder.run(["import", "cut.json"]).with_code(3);
    whole.saying("exactly 50000 records").saying("in narrower ranges");
}
