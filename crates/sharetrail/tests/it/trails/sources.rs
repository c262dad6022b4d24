//! The same records give the same answer, byte for byte, whatever service told them.

use emulator::QueryLife;
use emulator::story::{self, StoryOptions, Tenant, export};
use serde_json::Value;

use super::support::{bare, knowing};
use crate::support::{Folder, Lab, now_ms, seeded};

const REPORTS: [&str; 8] = ["access", "shares", "people", "domains", "items", "classified", "unexplained", "unused"];

/// A report's rows as text, in their order, without what depends on the source.
fn told(folder: &Folder, state: &str, kind: &str) -> String {
    let report = folder.run(["--state", state, "report", kind, "--format", "json"]).with_code(0).json();
    let rows = bare(report.as_array().unwrap().clone());
    assert!(!rows.is_empty(), "{kind}");
    rows.iter().map(|row| format!("{row}\n")).collect()
}

/// What was observed without a gap is known of a service that was read to its end, and not of a file: only then can it be
/// said that there was no share.
fn as_if_never_observed(text: &str) -> Vec<String> {
    let mut lines: Vec<String> =
        text.lines().map(|line| line.replace("\"confidence\":\"none\"", "\"confidence\":\"unknown\"")).collect();
    lines.sort();
    lines
}

/// Exports of the tenant that say all that there is to say. The table OfficeActivity does not: it has no labels, and
/// nothing that ties the records of one click together.
fn complete_exports(folder: &Folder, tenant: &Tenant) -> Vec<String> {
    let files = export(tenant, folder.path()).unwrap();
    let names = files.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    names.filter(|name| name != "truth.json" && !name.starts_with("officeactivity")).collect()
}

#[test]
fn what_defender_serves_and_every_export_give_the_same_reports() {
    let (now_ms, records) = (now_ms(), 3_000);
    for seed in [8, 21] {
        let lab = Lab::of(seeded(seed, records, now_ms));
        lab.configure(knowing(&lab));
        lab.collect().with_code(0);
        let exports = complete_exports(&lab.folder, &seeded(seed, records, now_ms));
        for name in &exports {
            lab.folder.run(["--state", &format!("{name}.db"), "import", name]).with_code(0);
        }
        for kind in REPORTS {
            let first = told(&lab.folder, &format!("{}.db", exports[0]), kind);
            for name in &exports[1..] {
                assert_eq!(told(&lab.folder, &format!("{name}.db"), kind), first, "{kind} of {name}");
            }
            let collected = told(&lab.folder, "sharetrail.db", kind);
            assert_eq!(as_if_never_observed(&collected), as_if_never_observed(&first), "{kind}");
        }
    }
}

#[test]
fn what_is_imported_on_top_of_what_was_collected_changes_no_report() {
    let (now_ms, records) = (now_ms(), 2_000);
    let lab = Lab::of(seeded(31, records, now_ms));
    lab.configure(knowing(&lab));
    lab.collect().with_code(0);
    let before: Vec<String> = REPORTS.iter().map(|kind| told(&lab.folder, "sharetrail.db", kind)).collect();
    let revisions = revisions(&lab);
    export(&seeded(31, records, now_ms), lab.folder.path()).unwrap();
    lab.folder.run(["import", "purview.csv"]).with_code(0);
    for (kind, before) in REPORTS.iter().zip(before) {
        assert_eq!(told(&lab.folder, "sharetrail.db", kind), before, "{kind}");
    }
    assert_eq!(self::revisions(&lab), revisions, "no share says anything new");
}

fn revisions(lab: &Lab) -> Vec<(Value, Value)> {
    lab.folder.report("shares").into_iter().map(|row| (row["share_id"].clone(), row["revision"].clone())).collect()
}

/// A story of six days, which every source can reach.
fn of_six_days(seed: u64, now_ms: i64) -> Tenant {
    story::tell(&StoryOptions { seed, records: 3_000, days: 6, now_ms })
}

/// Sources that read the tenant to its end, each with the table that it needs and the command that reads by it.
const SERVICES: [(&str, &[&str]); 4] =
    [("defender", &["collect"]), ("audit", &["collect"]), ("hunting", &["collect"]), ("graph", &["backfill"])];

#[test]
fn every_service_and_the_tenants_own_export_give_the_same_reports() {
    let now_ms = now_ms();
    let from = trail::TimeMs(now_ms - 7 * 86_400_000).to_string();
    for seed in [9, 22] {
        let lab = Lab::with(of_six_days(seed, now_ms), |options| {
            options.graph.query_life = QueryLife::Polls { running: 0, succeeded: 1 };
            options.graph.hunting.calls_per_minute = None;
        });
        let all_apps = vec![20_892, 15_600, 28_375, 11_161];
        for (service, command) in SERVICES {
            lab.configure(|it| {
                let it = knowing(&lab)(it).set("tenant.hunting.services", all_apps.clone());
                let it = it.set("tenant.graph.page_records", 500);
                let it = it.set("tenant.audit.content_types", vec!["Audit.SharePoint", "Audit.General"]);
                SERVICES
                    .iter()
                    .filter(|(other, _)| *other != service)
                    .fold(it, |it, (other, _)| it.without(&format!("tenant.{other}")))
            });
            let state = format!("{service}.db");
            let range: &[&str] = if command == ["backfill"] { &["--from", &from] } else { &[] };
            lab.folder.program().run([&["--state", &state], command, range].concat()).with_code(0);
        }
        export(&of_six_days(seed, now_ms), lab.folder.path()).unwrap();
        lab.folder.run(["--state", "export.db", "import", "audit.ndjson"]).with_code(0);
        for kind in REPORTS {
            let first = told(&lab.folder, "defender.db", kind);
            for (service, _) in SERVICES {
                assert_eq!(
                    told(&lab.folder, &format!("{service}.db"), kind),
                    first,
                    "{kind} by {service}, seed {seed}"
                );
            }
            let imported = told(&lab.folder, "export.db", kind);
            assert_eq!(as_if_never_observed(&imported), as_if_never_observed(&first), "{kind}, seed {seed}");
        }
    }
}
