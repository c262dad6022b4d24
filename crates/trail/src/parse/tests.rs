use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::TimeMs;

const GUID: &str = "97ee2049-893e-4c9d-a312-08d82b46faf7";

fn audit() -> Value {
    json!({
        "Id": GUID, "CreationTime": "2026-11-20T10:20:00", "Operation": "FileAccessed", "RecordType": 6, "UserType": 0,
        "OrganizationId": "ebac1a16-81bf-449b-8d43-5732c3c1d999", "Workload": "SharePoint", "Version": 1,
        "UserId": "li_fabrikam.example#EXT#@contoso.onmicrosoft.com", "ClientIP": "203.0.113.7",
        "ObjectId": "https://contoso.sharepoint.com/sites/HR/Docs/Übersicht 100%25.docx",
        "Site": "cac4b654-5fcf-44f0-818e-479cf8ae42ac", "ListItemUniqueId": "141133f2-6710-4f65-9c3b-c840a8d71483",
        "ItemType": "File", "SiteUrl": "https://contoso.sharepoint.com/sites/HR/", "SourceFileName": "Übersicht 100%25.docx",
        "AppAccessContext": {"CorrelationId": "c-1", "AADSessionId": "s-1", "ClientAppName": "Microsoft Teams"},
        "IsManagedDevice": false
    })
}

fn defender(raw: Value) -> Value {
    json!({
        "_id": format!("97134000_20892_{GUID}"), "appId": 20892, "appName": "Microsoft SharePoint Online",
        "timestamp": 1_763_634_000_000_i64, "created": 1_763_634_100_000_i64, "eventTypeName": "EVENT_CATEGORY_UNSPECIFIED",
        "aadTenantId": "ebac1a16-81bf-449b-8d43-5732c3c1d999",
        "user": {"userName": "li_fabrikam.example#ext#@contoso.onmicrosoft.com", "userTags": ["5f01", "000000200000000000000000"]},
        "resolvedActor": {"name": "Li Wang", "saasId": "11161", "tags": []},
        "device": {"clientIP": "198.51.100.9", "userAgent": "Browser", "countryCode": "DE"},
        "location": {"city": "Tel Aviv", "countryCode": "IL", "latitude": 32.0},
        "mainInfo": {"rawOperationName": "FileAccessed", "eventObjects": []},
        "description": "FileAccessed", "description_metadata": {"target_object": "x.docx"}, "severity": "INFO",
        "entityData": {"0": null}, "confidenceLevel": 20, "rawDataJson": raw
    })
}

/// What is left after parsing a text, without what only Defender says.
fn said(text: &str) -> Activity<'static> {
    Activity { defender: None, ..parse(text).0.into_owned() }
}

fn kinds(text: &str) -> Vec<&'static str> {
    parse(text).1.iter().map(Problem::kind).collect()
}

#[test]
fn a_bare_record_gives_every_field_and_no_problem() {
    let text = audit().to_string();
    let (activity, problems) = parse(&text);
    assert_eq!(problems, []);
    assert_eq!(activity.id.to_string(), GUID);
    assert_eq!(activity.time, TimeMs::parse("2026-11-20T10:20:00Z"));
    assert_eq!(activity.operation, "FileAccessed");
    assert_eq!((activity.record_type, activity.user_type), (Some(6), Some(0)));
    assert_eq!(activity.source_file_name.as_deref(), Some("Übersicht 100%25.docx"));
    assert_eq!(activity.correlation_id.as_deref(), Some("c-1"));
    assert_eq!(activity.session_id.as_deref(), Some("s-1"));
    assert_eq!(activity.app.as_deref(), Some("Microsoft Teams"));
    assert_eq!(activity.managed_device, Some(false));
    assert_eq!(activity.defender, None);
}

#[test]
fn one_record_says_the_same_in_every_wrapping() {
    let bare = audit().to_string();
    for (name, shape, wrapped) in [
        ("rawDataJson", Shape::Defender, defender(audit())),
        ("rawDataJson as text", Shape::Defender, defender(Value::String(bare.clone()))),
        ("rawJson", Shape::Defender, json!({"rawJson": audit()})),
        (
            "auditData",
            Shape::Graph,
            json!({"id": "other", "clientIp": "9.9.9.9", "userId": "1003", "auditData": audit()}),
        ),
        ("auditData as text", Shape::Graph, json!({"auditData": bare})),
        (
            "RawEventData",
            Shape::CloudAppEvents,
            json!({"ActionType": "X", "UserAgent": "other", "ObjectId": "other", "RawEventData": audit()}),
        ),
        (
            "streaming",
            Shape::CloudAppEvents,
            json!({"time": "2026-11-21T00:00:00Z", "properties": {"IPAddress": "9.9.9.9", "RawEventData": bare}}),
        ),
        (
            "AuditData",
            Shape::Exported,
            json!({"RecordType": "SharePointFileOperation", "CreationDate": "1/1/2020 1:00:00 AM", "UserIds": "other",
                "Operations": "Other", "AuditData": bare, "Identity": "other"}),
        ),
    ] {
        let text = wrapped.to_string();
        assert_eq!(said(&text), said(&bare), "{name}");
        assert_eq!(kinds(&text), [""; 0], "{name}");
        assert_eq!(recognise(&text), Some(shape), "{name}");
    }
}

#[test]
fn the_defender_envelope_is_read_beside_the_record() {
    let text = defender(audit()).to_string();
    let envelope = parse(&text).0.defender.unwrap();
    assert_eq!(envelope.id.as_deref(), Some(&*format!("97134000_20892_{GUID}")));
    assert_eq!(envelope.created, Some(TimeMs(1_763_634_100_000)));
    assert_eq!(envelope.app_id, Some(20892));
    assert_eq!(envelope.resolved_user.as_deref(), Some("Li Wang"));
    assert_eq!(envelope.target_object.as_deref(), Some("x.docx"));
    assert_eq!(envelope.location_json.as_deref(), Some(r#"{"city":"Tel Aviv","countryCode":"IL","latitude":32.0}"#));
    assert_eq!((envelope.country.as_deref(), envelope.city.as_deref()), (Some("IL"), Some("Tel Aviv")));
    assert_eq!(envelope.says_external, Some(true));
}

#[test]
fn a_row_of_cloud_app_events_says_from_where_and_its_record_does_not() {
    let row = json!({"ActionType": "X", "CountryCode": "IL", "City": "Tel Aviv", "RawEventData": audit()});
    for text in [row.to_string(), json!({"time": "2026-11-21T00:00:00Z", "properties": row}).to_string()] {
        let activity = parse(&text).0;
        assert_eq!((activity.country.as_deref(), activity.city.as_deref()), (Some("IL"), Some("Tel Aviv")), "{text}");
    }
}

#[test]
fn without_a_record_inside_the_envelope_stands_in() {
    let mut wrapped = defender(Value::Null);
    let (activity, problems) = parse(&wrapped.to_string()).clone_owned();
    assert_eq!(problems, []);
    assert_eq!(activity.id.to_string(), GUID);
    assert_eq!(activity.time, Some(TimeMs(1_763_634_000_000)));
    assert_eq!(activity.operation, "FileAccessed");
    assert_eq!(activity.user_id.as_deref(), Some("li_fabrikam.example#ext#@contoso.onmicrosoft.com"));
    assert_eq!(activity.client_ip.as_deref(), Some("198.51.100.9"));
    assert_eq!(activity.user_agent.as_deref(), Some("Browser"));

    wrapped["user"] = json!({});
    wrapped["failedUserData"] = json!({"userName": "kim@adatum.example"});
    wrapped["location"] = Value::Null;
    let (activity, _) = parse(&wrapped.to_string()).clone_owned();
    assert_eq!(activity.user_id.as_deref(), Some("kim@adatum.example"));
    let envelope = activity.defender.unwrap();
    assert_eq!((envelope.country.as_deref(), envelope.location_json), (Some("DE"), None));
    assert_eq!(envelope.says_external, None, "no tags, no statement");
}

#[test]
fn an_exported_row_whose_record_is_cut_falls_back_on_its_columns() {
    let row = json!({"CreationDate": "4/16/2021 8:22:16 AM", "UserIds": "ana@contoso.example", "Operations": "FileAccessed",
        "AuditData": r#"{"Id":"58684e31-4104-405d-83f6-08d900b0bed3","Oper"#, "Identity": GUID});
    let text = row.to_string();
    let (activity, problems) = parse(&text);
    assert_eq!(problems.iter().map(Problem::kind).collect::<Vec<_>>(), ["unreadable_inside"]);
    assert_eq!(activity.id.to_string(), GUID);
    assert_eq!(activity.time, Some(TimeMs(1_618_561_336_000)));
    assert_eq!((&*activity.operation, activity.user_id.as_deref()), ("FileAccessed", Some("ana@contoso.example")));
}

#[test]
fn a_graph_record_without_its_audit_data_is_read_by_its_own_members() {
    let row = json!({"id": GUID, "createdDateTime": "2026-11-20T10:20:00Z", "auditLogRecordType": "SharePointFileOperation",
        "operation": "FileAccessed", "userType": "Guest", "userId": "10030000AB", "service": "SharePoint",
        "userPrincipalName": "li_fabrikam.example#EXT#@contoso.onmicrosoft.com", "clientIp": "203.0.113.7:99",
        "objectId": "https://contoso.sharepoint.com/sites/HR/Docs/a.docx", "auditData": "@{Operation=FileAccessed}"});
    for (text, expected) in [
        (row.to_string(), &["unreadable_inside"][..]),
        (
            {
                let mut row = row;
                row["auditData"] = Value::Null;
                row.to_string()
            },
            &[],
        ),
    ] {
        assert_eq!(kinds(&text), expected);
        assert_eq!(recognise(&text), Some(Shape::Graph));
        let activity = parse(&text).0;
        assert_eq!((activity.id.to_string(), &*activity.operation), (GUID.to_owned(), "FileAccessed"));
        assert_eq!((activity.record_type, activity.user_type), (Some(6), Some(10)));
        assert_eq!(activity.user_id.as_deref(), Some("li_fabrikam.example#EXT#@contoso.onmicrosoft.com"));
        assert_eq!(activity.client_ip.as_deref(), Some("203.0.113.7"));
        assert!(activity.object_id.is_some());
    }
}

#[test]
fn an_office_activity_row_is_read_by_its_own_column_names() {
    let row = json!({"TimeGenerated": "2021-08-02T13:32:07Z", "RecordType": "SharePointFileOperation", "OfficeId": GUID,
        "Operation": "FileAccessed", "UserType": "Regular", "OfficeWorkload": "SharePoint", "OfficeObjectId": "https://x/y",
        "UserId": "ana@contoso.example", "Client_IPAddress": "1.2.3.4:5", "Site_": "s", "Site_Url": "https://x/",
        "IsManagedDevice": "True", "UserId_": ""});
    let text = row.to_string();
    let (activity, problems) = parse(&text);
    assert_eq!(problems, []);
    assert_eq!(recognise(&text), Some(Shape::OfficeActivity));
    assert_eq!(activity.id.to_string(), GUID);
    assert_eq!(activity.time, TimeMs::parse("2021-08-02T13:32:07Z"));
    assert_eq!((activity.record_type, activity.user_type), (Some(6), Some(0)));
    assert_eq!(activity.object_id.as_deref(), Some("https://x/y"));
    assert_eq!(activity.client_ip.as_deref(), Some("1.2.3.4"));
    assert_eq!((activity.site.as_deref(), activity.site_url.as_deref()), (Some("s"), Some("https://x/")));
    assert_eq!(activity.managed_device, Some(true));
}

#[test]
fn numbers_may_be_texts_and_names_and_texts_may_be_numbers() {
    let text = json!({"Id": GUID, "CreationTime": "2022-12-12 19:31:41", "Operation": "X", "RecordType": "14",
        "UserType": "guest", "ItemType": 5, "UserKey": 11111, "IsManagedDevice": "yes", "Workload": ""})
    .to_string();
    let (activity, problems) = parse(&text);
    assert_eq!(problems, []);
    assert_eq!((activity.record_type, activity.user_type), (Some(14), Some(10)));
    assert_eq!((activity.item_type.as_deref(), activity.user_key.as_deref()), (Some("Folder"), Some("11111")));
    assert_eq!((activity.managed_device, activity.workload), (Some(true), None));
}

#[test]
fn keys_that_differ_only_in_case_are_different_and_of_equal_ones_the_last_counts() {
    let text = r#"{"Id":"A","id":"b","UserId":"first","userid":"x","UserId":"second","UserId":null,"USERID":"y",
        "Operation":"Level","operation":"level","CreationTime":"2026-01-01"}"#;
    let (activity, problems) = parse(text);
    assert_eq!(problems, []);
    assert_eq!(activity.id_text.as_deref(), Some("A"));
    assert_eq!((activity.user_id.as_deref(), &*activity.operation), (Some("second"), "Level"));
}

#[test]
fn half_a_character_does_not_lose_the_record() {
    let bare = format!(r#"{{"Id":"{GUID}","CreationTime":"2026-01-01","Operation":"X","SourceFileName":"a\ud83d"}}"#);
    let (activity, problems) = parse(&bare);
    assert_eq!(problems, [Problem::Repaired]);
    assert_eq!(activity.source_file_name.as_deref(), Some("a\u{fffd}"));
    assert_eq!(activity.id.to_string(), GUID);

    let exported = json!({"AuditData": bare, "Identity": GUID}).to_string();
    assert_eq!(parse(&exported), (activity, vec![Problem::Repaired]));
}

#[test]
fn every_oddity_is_a_problem_and_none_loses_the_rest() {
    for (text, expected) in [
        ("", &["broken_json"][..]),
        ("{", &["broken_json"]),
        (r#"{"Id":"a"} {"Id":"b"}"#, &["broken_json"]),
        ("[1,2]", &["not_an_object"]),
        ("null", &["not_an_object"]),
        (r#""text""#, &["not_an_object"]),
        ("{}", &["missing_id", "missing_time", "missing_operation"]),
        (
            r#"{"Id":{},"CreationTime":"soon","Operation":[]}"#,
            &["wrong_type", "unreadable_time", "wrong_type", "missing_id", "missing_time", "missing_operation"],
        ),
        (
            r#"{"Id":"a","CreationTime":"2026-01-01","Operation":"X","UserType":"Emperor","RecordType":"Novel"}"#,
            &["unreadable_number"],
        ),
        (r#"{"Id":"a","CreationTime":"2026-01-01","Operation":"X","IsManagedDevice":"perhaps"}"#, &["unreadable_flag"]),
        (r#"{"Id":"a","CreationTime":"2026-01-01","Operation":"X","AppAccessContext":[]}"#, &["wrong_type"]),
        (r#"{"_id":"a","timestamp":1,"mainInfo":{"rawOperationName":"X"},"rawDataJson":7}"#, &["wrong_type"]),
    ] {
        assert_eq!(kinds(text), expected, "{text}");
    }
    for problem in parse(r#"{"CreationTime":"soon","UserType":"Emperor","IsManagedDevice":"?","AuditData":"{"}"#).1 {
        assert!(problem.to_string().len() > 20, "{problem}");
    }
}

#[test]
fn a_record_without_an_id_is_known_by_its_bytes() {
    let text = r#"{"CreationTime":"2026-01-01","Operation":"X"}"#;
    assert_eq!(parse(text).0.id, RecordId::from_content(ContentHash::of(text.as_bytes())));
    assert_eq!(parse("broken").0.id, RecordId::from_content(ContentHash::of(b"broken")));
}

#[test]
fn defender_ids_give_the_audit_record_s_own_id_where_it_stands_in_them() {
    for (id, expected) in [
        (format!("97134000_15600_{GUID}"), GUID.to_owned()),
        (format!("1595096313000_{GUID}"), GUID.to_owned()),
        (format!("{GUID}_1_2_3"), format!("{GUID}_1_2_3")),
        ("710e5ae7".to_owned(), "710e5ae7".to_owned()),
    ] {
        let text = json!({"_id": id, "eventTypeName": "E", "appId": 1}).to_string();
        assert_eq!(parse(&text).0.id_text.as_deref(), Some(&*expected), "{id}");
    }
}

#[test]
fn what_is_no_audit_record_is_not_recognised() {
    for text in [
        "{}",
        "[]",
        "null",
        "{\"RecordType\":6,\"Operation\":\"X\"",
        r#"{"_id":"1","timestamp":1,"title":"alert","entities":[]}"#,
        r#"{"_id":"1","appId":15600,"name":"file.docx","fileType":4}"#,
        r#"{"error":{"code":"AF50000","message":"x"}}"#,
        r#"{"type":2,"username":"{\"id\":\"x\"}","appId":11161}"#,
        r#"{"properties":{"properties":{"RawEventData":{}}}}"#,
    ] {
        assert_eq!(recognise(text), None, "{text}");
    }
    assert_eq!(recognise("\u{feff}{\"RecordType\":6,\"Operation\":\"X\"}"), Some(Shape::Audit));
}

#[test]
fn deep_nesting_neither_overflows_nor_loses_the_record() {
    let deep = format!(
        r#"{{"Id":"{GUID}","CreationTime":"2026-01-01","Operation":"X","Deep":{}{}}}"#,
        "[".repeat(5000),
        "]".repeat(5000)
    );
    assert_eq!(parse(&deep).0.id.to_string(), GUID);
    let properties = format!("{}1{}", r#"{"properties":"#.repeat(5000), "}".repeat(5000));
    parse(&properties);
    recognise(&properties);
}

trait CloneOwned {
    fn clone_owned(self) -> (Activity<'static>, Vec<Problem>);
}

impl CloneOwned for (Activity<'_>, Vec<Problem>) {
    fn clone_owned(self) -> (Activity<'static>, Vec<Problem>) {
        (self.0.into_owned(), self.1)
    }
}

/// Names that mean something to the parser, so that random values land where they can hurt.
fn name() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "Id",
        "CreationTime",
        "Operation",
        "UserType",
        "RecordType",
        "UserId",
        "ClientIP",
        "AppAccessContext",
        "ItemType",
        "rawDataJson",
        "RawEventData",
        "properties",
        "auditData",
        "AuditData",
        "_id",
        "eventTypeName",
        "appId",
        "user",
        "userTags",
        "userName",
        "resolvedActor",
        "tags",
        "device",
        "location",
        "city",
        "mainInfo",
        "timestamp",
        "created",
        "IsManagedDevice",
        "SensitivityLabelEventData",
        "OfficeWorkload",
        "TimeGenerated",
        "TargetUserOrGroupName",
    ];
    prop_oneof![4 => prop::sample::select(KNOWN).prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[0-9/:T.Z_-]{0,24}".prop_map(Value::from),
        Just(Value::from("{\"Id\":\"x\",\"AuditData\":\"{\"}")),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_value_is_read_without_a_panic_and_can_be_told_from_any_other(value in value()) {
        let text = value.to_string();
        let (activity, problems) = parse(&text);
        prop_assert!(problems.len() <= crate::problem::PROBLEMS_MAX);
        let broken = problems.iter().any(|problem| problem.kind() == "broken_json");
        prop_assert!(!broken, "well-formed JSON is never called broken");
        prop_assert_eq!(activity.id_text.is_none(), problems.iter().any(|p| matches!(p, Problem::MissingId | Problem::NotAnObject)));
        if activity.id_text.is_none() {
            prop_assert_eq!(activity.id, RecordId::from_content(ContentHash::of(text.as_bytes())));
        }
        let (again, _) = parse(&text).clone_owned();
        prop_assert_eq!(again, activity);
        recognise(&text);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*", cut in 0_usize..2000) {
        let whole = defender(audit()).to_string();
        let end = (0..=cut.min(whole.len())).rev().find(|&end| whole.is_char_boundary(end)).unwrap();
        parse(&text);
        parse(&whole[..end]);
        recognise(&text);
        recognise(&whole[..end]);
    }

    #[test]
    fn texts_come_out_as_they_went_in(name in "\\PC{1,20}", user in "\\PC{1,20}") {
        let mut record = audit();
        record["SourceFileName"] = json!(name);
        record["UserId"] = json!(user);
        let text = defender(record).to_string();
        let (activity, _) = parse(&text);
        prop_assert_eq!(activity.source_file_name.as_deref(), Some(&*name));
        prop_assert_eq!(activity.user_id.as_deref(), Some(&*user));
    }
}

#[test]
fn a_change_of_label_on_a_file_operation_is_the_label_from_then_on_and_of_a_copy_that_of_its_source() {
    let label = |json: &str| parse(json).0.label_id.map(std::borrow::Cow::into_owned);
    for (json, expected) in [
        (r#"{"Operation":"FileModified","SourceLabel":"one","DestinationLabel":"two"}"#, Some("two")),
        (r#"{"Operation":"FileCopied","SourceLabel":"one","DestinationLabel":"two"}"#, Some("one")),
        (r#"{"Operation":"FileSensitivityLabelApplied","DestinationLabel":"two"}"#, Some("two")),
        (r#"{"Operation":"FileSensitivityLabelRemoved","SourceLabel":"one"}"#, None),
        (r#"{"Operation":"FileModified","SensitivityLabelId":"own","DestinationLabel":"two"}"#, Some("own")),
    ] {
        assert_eq!(label(json).as_deref(), expected, "{json}");
    }
}

#[test]
fn a_match_of_a_content_policy_is_about_the_file_that_it_describes() {
    let json = r#"{"Id":"1","Operation":"DlpRuleMatch","RecordType":11,"ObjectId":"whatever","UserId":"DlpAgent",
        "SharePointMetaData":{"FilePathUrl":"https://c/sites/HR/Docs/a.docx","SiteCollectionUrl":"https://c/sites/HR",
        "SiteCollectionGuid":"CAC4B654-5FCF-44F0-818E-479CF8AE42AC","UniqueId":"{141133f2-6710-4f65-9c3b-c840a8d71483}",
        "FileName":"a.docx"},"PolicyDetails":[{"PolicyId":"p-1","PolicyName":"Cards"}]}"#;
    let (activity, _) = parse(json);
    assert_eq!(activity.policies.as_deref(), Some("p-1\tCards"));
    let item = crate::item::locate(&activity).unwrap();
    assert_eq!(item.key, "cac4b654-5fcf-44f0-818e-479cf8ae42ac|141133f2-6710-4f65-9c3b-c840a8d71483");
    assert_eq!(item.url.as_deref(), Some("https://c/sites/HR/Docs/a.docx"));
    assert_eq!(item.site_url.as_deref(), Some("https://c/sites/HR"));
}

#[test]
fn whoever_joined_a_team_is_its_record_s_target() {
    let json = r#"{"Id":"1","Operation":"MemberAdded","AADGroupId":"g-1","Members":[{"UPN":"a_f.example#EXT#@c.example"},{"UPN":"b@c.example"}]}"#;
    let (activity, problems) = parse(json);
    let names: Vec<&str> = activity.targets.iter().map(|target| target.name.as_ref()).collect();
    assert_eq!((names, activity.group_id.as_deref()), (vec!["a_f.example#EXT#@c.example", "b@c.example"], Some("g-1")));
    let (_, odd) = parse(&json.replace("[{", "7,\"x\":[{"));
    assert!(!problems.iter().any(|it| it.kind() == "wrong_type") && odd.len() == problems.len() + 1, "{odd:?}");
}
