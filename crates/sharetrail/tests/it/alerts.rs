//! Alerts: the rules fire for what happened and for nothing else, and whoever is to be told is told once.

use std::collections::{BTreeMap, BTreeSet};

use emulator::story::{TrueAccess, Truth};
use serde_json::Value;
use sharetrail::alerts::{Rule, Rules};

use crate::support::{Lab, Stub, now_ms, seeded};
use crate::trails::knowing;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// What each rule is to find, each by the record that shows it. `unexplained` are the first records of accesses for which
/// no share is known; that these are right is shown where shares are.
fn expected(truth: &Truth, unexplained: &BTreeSet<String>) -> BTreeMap<&'static str, BTreeSet<String>> {
    let rules = Rules::default();
    let mut expected: BTreeMap<&'static str, BTreeSet<String>> =
        Rule::ALL.into_iter().map(|rule| (rule.as_str(), BTreeSet::new())).collect();
    let mut add = |rule: Rule, record: &str| {
        expected.entry(rule.as_str()).or_default().insert(record.to_owned());
    };
    for alarm in &truth.alarms {
        add(Rule::of(&alarm.rule).unwrap(), &alarm.record);
    }
    let domain = |access: &TrueAccess| access.person.split_once('@').map(|(_, domain)| domain.to_owned());
    let mut takes: BTreeMap<(&str, i64), BTreeMap<&str, &str>> = BTreeMap::new();
    for access in &truth.accesses {
        let first = access.records[0].as_str();
        if access.classified.is_some() && access.action != "redeem" {
            add(Rule::ClassifiedAccess, first);
        }
        if access.action == "take" {
            let hour = takes.entry((&access.person, access.first_at_ms.div_euclid(HOUR_MS))).or_default();
            hour.entry(&access.item_id).or_insert(first);
        }
        let days = i64::from(rules.new_domain_days);
        let was_seen = |of: &String| {
            truth.accesses.iter().any(|other| {
                let before = access.first_at_ms - other.first_at_ms;
                domain(other).as_ref() == Some(of) && before > 0 && before <= days * DAY_MS
            })
        };
        if unexplained.contains(first) && domain(access).is_some_and(|domain| !was_seen(&domain)) {
            add(Rule::UnexplainedNewDomain, first);
        }
    }
    for items in takes.into_values() {
        if items.len() as u32 >= rules.items_min {
            // The first record of the hour is among those that the finding names.
            add(Rule::MassTake, items.values().next().unwrap());
        }
    }
    expected
}

/// What was found that no record of the truth shows, and what was not found, by rule.
#[track_caller]
fn assert_found(findings: &[Value], truth: &Truth, unexplained: &BTreeSet<String>) {
    for (rule, records) in expected(truth, unexplained) {
        let found: Vec<&Value> = findings.iter().filter(|finding| finding["rule"] == rule).collect();
        if rule == "mass_take" {
            let of_person = |record: &String| {
                let access = truth.accesses.iter().find(|access| access.records.contains(record)).unwrap();
                access.person.clone()
            };
            let mut wanted: Vec<String> = records.iter().map(of_person).collect();
            let mut who: Vec<String> = found.iter().map(|finding| as_text(&finding["person"]).to_owned()).collect();
            wanted.sort();
            who.sort();
            assert_eq!(who, wanted, "{rule}: {found:#?}");
            continue;
        }
        let shown: BTreeSet<&str> = found.iter().map(|finding| finding["evidence_ids"][0].as_str().unwrap()).collect();
        let of = |record: &str| found.iter().any(|finding| evidence(finding).any(|id| id == record));
        let missing: Vec<&String> = records.iter().filter(|record| !of(record)).collect();
        assert!(missing.is_empty(), "{rule} does not find {missing:?}; it finds {shown:?}");
        let surplus: Vec<&&Value> =
            found.iter().filter(|finding| !evidence(finding).any(|id| records.contains(id))).collect();
        let truth_of = |finding: &Value| {
            let of =
                |access: &&TrueAccess| evidence(finding).any(|id| access.records.iter().any(|record| record == id));
            truth.accesses.iter().find(of)
        };
        let told: Vec<_> = surplus.iter().map(|finding| truth_of(finding)).collect();
        assert!(surplus.is_empty(), "{rule} finds what is none: {surplus:#?}, of which is true: {told:#?}");
        assert_eq!(found.len(), records.len(), "{rule} finds something twice: {found:#?}");
    }
}

fn as_text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn evidence(finding: &Value) -> impl Iterator<Item = &str> {
    finding["evidence_ids"].as_array().unwrap().iter().map(as_text)
}

#[test]
fn every_rule_fires_for_what_happened_and_for_no_innocent_look_alike() {
    for seed in [3, 61] {
        let lab = Lab::seeded(seed, 1_500);
        lab.configure(knowing(&lab));
        lab.collect().with_code(0).printing("new findings");
        let findings = lab.folder.report("findings");
        let unexplained = lab.folder.report("unexplained");
        let unexplained =
            unexplained.iter().filter(|access| access["match_rule"] == "none" && access["share_id"].is_null());
        let unexplained: BTreeSet<String> =
            unexplained.map(|access| evidence(access).next().unwrap().to_owned()).collect();
        let newcomer = lab.truth.awkward.iter().find(|case| case.name == "new_organisation").unwrap();
        assert!(unexplained.contains(&newcomer.records[0]));
        assert_found(&findings, &lab.truth, &unexplained);
        for rule in Rule::ALL.into_iter().filter(|rule| *rule != Rule::FeedBehind) {
            assert!(findings.iter().any(|finding| finding["rule"] == rule.as_str()), "{} never fires", rule.as_str());
        }
        lab.collect().with_code(0);
        assert_eq!(lab.folder.report("findings"), findings, "a second pass finds the same");
    }
}

fn with_webhook(lab: &Lab, stub: &Stub, kind: &str) {
    lab.folder.write_secret("hook", format!("{}/T0/secret-path", stub.url()));
    lab.folder.write_secret("hook-key", "a key");
    let mut webhook = toml::Table::new();
    webhook.insert("name".into(), "soc".into());
    webhook.insert("kind".into(), kind.into());
    webhook.insert("url".into(), "file:hook".into());
    if kind == "json" {
        webhook.insert("secret".into(), "file:hook-key".into());
    }
    let knowing = knowing(lab);
    lab.configure(|it| {
        knowing(it)
            .set("alerts.webhook", vec![toml::Value::Table(webhook)])
            .set("alerts.suppress_hours", 0)
            .set("alerts.told_within_hours", 8_760)
    });
}

/// The findings that arrived, by id, with how often.
fn told(stub: &Stub) -> BTreeMap<String, usize> {
    let mut told = BTreeMap::new();
    for asked in stub.asked() {
        let body: Value = serde_json::from_str(&asked.body).unwrap();
        assert_eq!(body["kind"], "findings");
        for finding in body["findings"].as_array().unwrap() {
            *told.entry(as_text(&finding["finding_id"]).to_owned()).or_default() += 1;
        }
    }
    told
}

#[test]
fn a_webhook_is_told_of_each_finding_once_and_can_check_who_says_it() {
    let lab = Lab::seeded(62, 1_000);
    let stub = Stub::answering(200, "application/json", "{}");
    with_webhook(&lab, &stub, "json");
    for _ in 0..12 {
        lab.collect().with_code(0);
    }
    let findings = lab.folder.report("findings");
    let told = told(&stub);
    assert_eq!(told.len(), findings.len());
    assert!(told.values().all(|times| *times == 1), "{told:?}");
    assert!(findings.iter().all(|finding| finding["told"] == "told"));
    let asked = &stub.asked()[0];
    let header = |name: &str| {
        let lower = asked.head.to_ascii_lowercase();
        lower.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned)).unwrap()
    };
    let signed = format!("v1:{}:{}", header("x-sharetrail-timestamp"), asked.body);
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"a key");
    let hex: String =
        ring::hmac::sign(&key, signed.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(header("x-sharetrail-signature"), format!("v1={hex}"));
}

#[test]
fn a_webhook_that_is_away_loses_nothing_and_does_not_hold_up_the_pass() {
    let lab = Lab::seeded(63, 800);
    let away = Stub::answering(500, "text/plain", "no");
    with_webhook(&lab, &away, "json");
    let ended = lab.collect().with_code(3).saying("the webhook soc does not take messages");
    assert!(!ended.stderr.contains("secret-path"), "{ended}");
    let findings = lab.folder.report("findings");
    assert!(!findings.is_empty() && findings.iter().all(|finding| finding["told"] == "waiting"));
    let back = Stub::answering(202, "text/plain", "");
    with_webhook(&lab, &back, "json");
    for _ in 0..12 {
        lab.collect().with_code(0);
    }
    assert_eq!(told(&back).len(), findings.len());
}

#[test]
fn findings_that_concern_the_same_are_told_once_in_a_while_and_old_ones_not_at_all() {
    let lab = Lab::seeded(64, 800);
    let stub = Stub::answering(200, "text/plain", "ok");
    with_webhook(&lab, &stub, "json");
    let text = lab.folder.read("sharetrail.toml").replace("suppress_hours = 0", "suppress_hours = 24");
    lab.folder.write("sharetrail.toml", text.replace("told_within_hours = 8760", "told_within_hours = 240"));
    for _ in 0..12 {
        lab.collect().with_code(0);
    }
    let findings = lab.folder.report("findings");
    let of = |told: &str| findings.iter().filter(|finding| finding["told"] == told).collect::<Vec<_>>();
    for telling in ["told", "old", "suppressed"] {
        assert!(!of(telling).is_empty(), "nothing is {telling}: {findings:#?}");
    }
    assert_eq!(told(&stub).len(), of("told").len());
    let mut concerned = BTreeSet::new();
    for finding in of("told").into_iter().filter(|finding| finding["rule"] == "classified_access") {
        assert!(concerned.insert(as_text(&finding["person"])), "told twice: {finding}");
    }
}

#[test]
fn a_finding_about_a_share_that_is_withdrawn_is_withdrawn_and_not_told_unless_it_holds_again() {
    let lab = Lab::seeded(61, 1_500);
    let away = Stub::answering(500, "text/plain", "no");
    with_webhook(&lab, &away, "json");
    lab.collect().with_code(3);
    let links = |is_withdrawn: bool| {
        let found = lab.folder.report("findings").into_iter();
        let of = move |finding: &Value| {
            finding["rule"] == "anyone_link_classified" && finding["withdrawn"] == Value::Bool(is_withdrawn)
        };
        found.filter(of).count()
    };
    let (all, told_of) = (links(false), lab.folder.report("findings").len());
    assert!(all > 0 && links(true) == 0);
    // As concluding does it when a late record makes another share of one.
    let store = rusqlite::Connection::open(lab.folder.at("sharetrail.db")).unwrap();
    let conclude = |change: &str| {
        let of_anyone = "recipient = 0 AND json_extract(CAST(body AS TEXT), '$.kind') = 'Anyone'";
        let revision = "(SELECT max(revision) + 1 FROM share)";
        store.execute(&format!("UPDATE share SET {change}, revision = {revision} WHERE {of_anyone}"), []).unwrap();
    };
    conclude("withdrawn = 1, digest = x''");
    let back = Stub::answering(200, "text/plain", "ok");
    with_webhook(&lab, &back, "json");
    for _ in 0..12 {
        lab.collect().with_code(0);
    }
    assert_eq!((links(false), links(true)), (0, all));
    assert_eq!(told(&back).len(), told_of - all);
    conclude("withdrawn = 0, digest = x'01'");
    lab.collect().with_code(0);
    assert_eq!((links(false), links(true)), (all, 0));
    assert_eq!(told(&back).len(), told_of);
}

#[test]
fn test_alert_sends_a_message_in_the_form_of_each_kind_and_says_what_became_of_it() {
    let lab = Lab::of(seeded(65, 700, now_ms()));
    for (kind, mark) in [("teams", "AdaptiveCard"), ("slack", "\"plain_text\""), ("json", "\"kind\":\"test\"")] {
        let stub = Stub::answering(200, "text/plain", "ok");
        with_webhook(&lab, &stub, kind);
        lab.folder.run(["test-alert"]).with_code(0).printing("soc: it took the message");
        assert!(stub.asked()[0].body.contains(mark), "{}", stub.asked()[0].body);
    }
    let gone = Stub::answering(404, "text/plain", "no_service");
    with_webhook(&lab, &gone, "slack");
    lab.folder.run(["test-alert", "--webhook", "soc"]).with_code(1).saying("make a new one");
    lab.folder.run(["test-alert", "--webhook", "sok"]).with_code(2).saying("there is no webhook `sok`");
}
