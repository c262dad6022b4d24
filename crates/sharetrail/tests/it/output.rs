//! What goes where: results on standard output, everything else on standard error.

use serde_json::Value;

use crate::support::{Folder, Lab, now_ms, seeded};

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let lab = Lab::seeded(60, 2_000);
    lab.collect().with_code(0);
    for arguments in [
        &["report", "access"][..],
        &["report", "access", "--format", "json"],
        &["report", "access", "--format", "csv"],
        &["status"],
        &["man"],
        &["completions", "bash"],
    ] {
        let ended = lab.folder.program().run_unread(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended}");
        assert!(!ended.stderr.contains("panicked") && !ended.stderr.contains("error"), "{arguments:?}: {ended}");
    }
}

#[test]
fn a_log_for_machines_is_one_json_object_a_line() {
    let lab = Lab::seeded(61, 1_000);
    lab.play(&["defender:first=1:502"]);
    let ended = lab.folder.run(["collect", "-vv", "--log-format", "json"]).with_code(0);
    assert!(ended.stderr.lines().count() > 5, "{ended}");
    for line in ended.stderr.lines() {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(event["level"].is_string() && event["timestamp"].is_string(), "{line}");
    }
}

#[test]
fn only_the_result_is_on_standard_output_however_much_is_logged() {
    let lab = Lab::seeded(62, 1_500);
    lab.collect().with_code(0);
    for kind in ["access", "accepts", "gaps", "excluded"] {
        let report = lab.folder.run(["-vvv", "report", kind, "--format", "json"]).with_code(0).json();
        assert!(report.is_array(), "{kind}: {report}");
        let csv = lab.folder.run(["-vvv", "report", kind, "--format", "csv"]).with_code(0).stdout;
        let rows = csv::Reader::from_reader(csv.as_bytes()).into_records().collect::<Result<Vec<_>, _>>().unwrap();
        assert_eq!(rows.len(), report.as_array().unwrap().len(), "{kind}");
    }
    lab.folder.run(["-vvv", "status", "--json"]).with_code(0).json();
    assert!(
        !lab.folder.run(["report", "access"]).with_code(0).stdout.contains('\u{1b}'),
        "colour where nobody sees it"
    );
}

#[test]
fn a_report_can_be_narrowed_by_time_person_domain_and_site() {
    let lab = Lab::of(seeded(63, 2_000, now_ms()));
    lab.collect().with_code(0);
    let all = lab.folder.report("access");
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let example = all.iter().find(|row| row["domain"].is_string()).unwrap();
    let (person, domain, site) = (text(example, "person"), text(example, "domain"), text(example, "site_url"));
    let since = text(&all[all.len() / 2], "time_generated");
    let narrowed = |option: &str, value: &str| {
        let arguments = ["report", "access", "--format", "json", option, value];
        lab.folder.run(arguments).with_code(0).json().as_array().unwrap().clone()
    };
    let expected = |wanted: &dyn Fn(&Value) -> bool| all.iter().filter(|row| wanted(row)).cloned().collect::<Vec<_>>();
    assert_eq!(narrowed("--person", &person), expected(&|row| text(row, "person") == person));
    assert_eq!(narrowed("--domain", &domain), expected(&|row| text(row, "domain") == domain));
    assert_eq!(narrowed("--site", &site), expected(&|row| text(row, "site_url") == site));
    assert_eq!(narrowed("--since", &since), expected(&|row| text(row, "time_generated") >= since));
    assert_eq!(narrowed("--until", &since), expected(&|row| text(row, "time_generated") < since));
}

#[test]
fn each_evidence_id_leads_to_the_record_as_it_was_received() {
    let tenant = seeded(64, 1_000, now_ms());
    let received: Vec<String> = tenant.activities.iter().map(|activity| activity.json.to_string()).collect();
    let lab = Lab::of(tenant);
    lab.collect().with_code(0);
    for row in lab.folder.report("access").iter().take(5) {
        let id = row["evidence_ids"][0].as_str().unwrap();
        let shown = lab.folder.run(["show", "record", id]).with_code(0).stdout;
        for line in shown.lines() {
            assert!(received.iter().any(|activity| activity == line), "{line}");
        }
        assert!(shown.contains(id));
    }
    lab.folder.run(["show", "record", "00000000-0000-0000-0000-000000000000"]).with_code(1).saying("no record");
}

#[test]
fn in_a_log_for_machines_what_is_told_what_failed_and_what_was_mistyped_are_objects_too() {
    let folder = Folder::new();
    for (arguments, code) in [
        (&["--log-format", "json", "init"][..], 0),
        (&["--log-format", "json", "init"], 2),
        (&["--log-format", "json", "collect"], 2),
        (&["status", "--log-format=json"], 1),
        (&["--log-format", "json", "colect"], 2),
    ] {
        let ended = folder.program().run(arguments).with_code(code);
        assert!(!ended.stderr.is_empty(), "{arguments:?}");
        for line in ended.stderr.lines() {
            let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert_eq!(event["level"], if code == 0 { "INFO" } else { "ERROR" }, "{line}");
            assert!(event["message"].is_string() && event["timestamp"].is_string(), "{line}");
        }
    }
}
