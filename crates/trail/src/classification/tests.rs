//! Verdicts by tables and stories.

mod catalogue;

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::client::ClientKind;
use crate::identity::PersonKind;
use crate::record::Record;
use crate::{RecordId, TimeMs};

const PUBLIC: &str = "00000000-0000-4000-8000-000000000001";
const GENERAL: &str = "00000000-0000-4000-8000-000000000002";
const CONFIDENTIAL: &str = "00000000-0000-4000-8000-000000000003";
const PARTNERS: &str = "00000000-0000-4000-8000-000000000004";
const SECRET: &str = "00000000-0000-4000-8000-000000000005";
const FOREIGN: &str = "ffffffff-0000-4000-8000-000000000009";
const LABELS: &str = "id,name,parent,order
00000000-0000-4000-8000-000000000001,Public,,0
00000000-0000-4000-8000-000000000002,General,,1
00000000-0000-4000-8000-000000000003,Confidential,,2
00000000-0000-4000-8000-000000000004,Partners,Confidential,3
00000000-0000-4000-8000-000000000005,Secret,,4
";

fn catalogue() -> Catalogue {
    let (catalogue, problems) = Catalogue::parse(LABELS);
    assert_eq!(problems, []);
    catalogue
}

/// What is confidential or higher is classified, and so is the library `Docs/Offers`.
fn rules() -> Rules {
    Rules {
        classified_labels: Rules::label_set(["Confidential", &SECRET.to_uppercase()]),
        declared: vec![Declared {
            place: DeclaredPlace::from_url("https://contoso.sharepoint.com/sites/HR/Docs/Offers/").unwrap(),
            level: Arc::from("Offers"),
        }],
        labels: catalogue(),
        ..Rules::default()
    }
}

fn signal(at: i64, what: What) -> Signal {
    Signal { at: TimeMs(at), what, of: Of::File, record: RecordId([1; 16]) }
}

fn sighting(at: i64, label: &str) -> Signal {
    signal(at, What::OnRecord(Arc::from(label)))
}

fn applied(at: i64, label: &str) -> Signal {
    signal(at, What::Applied(Some(Arc::from(label))))
}

fn on_site(signal: Signal) -> Signal {
    Signal { of: Of::Site, ..signal }
}

fn in_offers() -> Placed {
    Placed::of("site|item", Some("https://contoso.sharepoint.com/sites/HR/Docs/Offers/a.docx"), None)
}

/// `classified level label sources`.
fn told(verdict: &Classification) -> String {
    let text = |text: &Option<Arc<str>>| text.as_deref().unwrap_or("-").to_owned();
    let classified = verdict.classified.map_or("null".to_owned(), |classified| classified.to_string());
    let sources = verdict.sources_text().unwrap_or_else(|| "-".to_owned());
    format!("{classified} {} {} {sources}", text(&verdict.level), text(&verdict.label_name))
}

fn run(at: Option<i64>, file: &[Signal], site: &[Signal], place: &Placed, own: Option<&str>, rules: &Rules) -> String {
    let own = own.map(|label| Labels { file: Some(Arc::from(label)), site: None });
    told(&classify(at.map(TimeMs), file, site, place, own.as_ref(), rules))
}

#[test]
fn example_10_a_label_applied_seen_and_removed() {
    let removed = signal(1000, What::Removed);
    let history = [applied(900, CONFIDENTIAL), sighting(930, CONFIDENTIAL), removed];
    let (rules, nowhere) = (rules(), Placed::default());
    let at_access = run(Some(930), &history, &[], &nowhere, Some(CONFIDENTIAL), &rules);
    assert_eq!(at_access, "true Confidential Confidential file_label");
    assert_eq!(run(Some(929), &history, &[], &nowhere, None, &rules), "true Confidential Confidential label_event");
    assert_eq!(run(None, &history, &[], &nowhere, None, &rules), "false - - label_event", "currently unlabelled");
    assert_eq!(run(Some(899), &history, &[], &nowhere, None, &rules), "null - - -", "nobody knows about before");
}

#[test]
fn a_label_is_classified_by_id_by_name_or_by_its_parent() {
    for (label, expected) in [
        (PUBLIC, "false Public Public file_label"),
        (GENERAL, "false General General file_label"),
        (CONFIDENTIAL, "true Confidential Confidential file_label"),
        (PARTNERS, "true Confidential\\Partners Confidential\\Partners file_label"),
        (SECRET, "true Secret Secret file_label"),
        (FOREIGN, "null unknown-label - file_label"),
    ] {
        assert_eq!(run(Some(0), &[], &[], &Placed::default(), Some(label), &rules()), expected);
    }
}

#[test]
fn a_label_is_classified_from_an_order_number_on() {
    let rules = Rules { order_min: Some(3), labels: catalogue(), ..Rules::default() };
    for (label, classified) in
        [(CONFIDENTIAL, Some(false)), (PARTNERS, Some(true)), (SECRET, Some(true)), (FOREIGN, None)]
    {
        let own = Labels { file: Some(Arc::from(label)), site: None };
        let verdict = classify(None, &[], &[], &Placed::default(), Some(&own), &rules);
        assert_eq!(verdict.classified, classified, "{label}");
    }
}

#[test]
fn an_unknown_label_is_shown_and_judged_only_by_its_id() {
    let ids = Rules { classified_labels: Rules::label_set([SECRET]), ..Rules::default() };
    let own = |label: &str| Labels { file: Some(Arc::from(label)), site: None };
    let verdict = classify(None, &[], &[], &Placed::default(), Some(&own(FOREIGN)), &ids);
    assert_eq!(told(&verdict), "false unknown-label - file_label");
    assert_eq!(verdict.label_id.as_deref(), Some(FOREIGN));
    let listed = classify(None, &[], &[], &Placed::default(), Some(&own(SECRET)), &ids);
    assert_eq!(told(&listed), "true unknown-label - file_label");
}

#[test]
fn the_label_on_the_access_s_own_record_wins_for_its_moment() {
    let history = [applied(10, SECRET)];
    let own = run(Some(20), &history, &[], &Placed::default(), Some(PUBLIC), &rules());
    assert_eq!(own, "false Public Public file_label");
    let without = run(Some(20), &history, &[], &Placed::default(), None, &rules());
    assert_eq!(without, "true Secret Secret label_event");
}

#[test]
fn the_last_word_before_counts_and_an_event_outweighs_a_sighting_of_its_instant() {
    let nowhere = Placed::default();
    for (history, expected) in [
        (vec![sighting(1, PUBLIC), applied(2, SECRET)], "true Secret Secret label_event"),
        (vec![applied(1, SECRET), sighting(2, PUBLIC)], "false Public Public file_label"),
        (vec![sighting(2, PUBLIC), applied(2, SECRET)], "true Secret Secret label_event"),
        (vec![applied(2, SECRET), signal(2, What::Removed)], "true Secret Secret label_event"),
        (vec![sighting(1, PUBLIC), applied(4, SECRET)], "false Public Public file_label"),
        (vec![sighting(1, PUBLIC), signal(2, What::Changed(None))], "null unknown-label - label_event"),
        (vec![], "null - - -"),
    ] {
        assert_eq!(run(Some(3), &history, &[], &nowhere, None, &rules()), expected, "{history:?}");
    }
}

#[test]
fn the_highest_level_wins_and_all_sources_are_listed() {
    let site = |label: &str| vec![on_site(sighting(1, label))];
    for (own, site, place, expected) in [
        (None, site(SECRET), Placed::default(), "true Secret Secret site_label"),
        (Some(PUBLIC), site(SECRET), Placed::default(), "true Secret Public file_label,site_label"),
        (Some(SECRET), site(PUBLIC), Placed::default(), "true Secret Secret file_label,site_label"),
        (Some(PUBLIC), site(GENERAL), Placed::default(), "false General Public file_label,site_label"),
        (Some(FOREIGN), site(GENERAL), Placed::default(), "null General - file_label,site_label"),
        (None, vec![], in_offers(), "true Offers - declared"),
        (Some(PUBLIC), vec![], in_offers(), "true Offers Public file_label,declared"),
        (Some(SECRET), site(GENERAL), in_offers(), "true Secret Secret file_label,site_label,declared"),
    ] {
        assert_eq!(run(Some(5), &[], &site, &place, own, &rules()), expected);
    }
}

#[test]
fn signals_of_the_site_say_nothing_about_the_file_and_the_other_way_round() {
    let mixed = [sighting(1, PUBLIC), on_site(sighting(2, SECRET))];
    let nowhere = Placed::default();
    assert_eq!(run(None, &mixed, &[], &nowhere, None, &rules()), "false Public Public file_label");
    assert_eq!(run(None, &[], &mixed, &nowhere, None, &rules()), "true Secret Secret site_label");
}

#[test]
fn a_lower_label_lowers_a_declared_place_only_when_configured() {
    let strict = rules();
    let lenient = Rules { lower_label_lowers_declared: true, ..rules() };
    let own = |label, rules: &Rules| run(Some(5), &[], &[], &in_offers(), label, rules);
    assert_eq!(own(Some(PUBLIC), &strict), "true Offers Public file_label,declared");
    assert_eq!(own(Some(PUBLIC), &lenient), "false Public Public file_label");
    assert_eq!(own(None, &lenient), "true Offers - declared", "a missing label lowers nothing");
    assert_eq!(own(Some(FOREIGN), &lenient), "true Offers - file_label,declared", "nor does one that nobody knows");
}

#[test]
fn a_place_is_declared_by_path_site_or_list_on_the_borders_of_segments() {
    let url = "https://contoso.sharepoint.com/sites/HR/Docs/a.docx";
    let list = "{AAAAAAAA-0000-4000-8000-000000000001}";
    let placed = Placed::of("aaaaaaaa-0000-4000-8000-000000000002|item", Some(url), Some(list));
    for (place, expected) in [
        (DeclaredPlace::from_url("https://CONTOSO.sharepoint.com/sites/hr/docs/?web=1"), true),
        (DeclaredPlace::from_url("https://contoso.sharepoint.com/sites/HR"), true),
        (DeclaredPlace::from_url("https://contoso.sharepoint.com/sites/HR/Do"), false),
        (DeclaredPlace::from_url("https://contoso.sharepoint.com/sites/HR/Docs/a.docx/b"), false),
        (DeclaredPlace::from_list_id("aaaaaaaa-0000-4000-8000-000000000001"), true),
        (DeclaredPlace::from_site_id("{AAAAAAAA-0000-4000-8000-000000000002}"), true),
        (DeclaredPlace::from_site_id("aaaaaaaa-0000-4000-8000-000000000001"), false),
    ] {
        assert_eq!(place.clone().unwrap().holds(&placed), expected, "{place:?}");
    }
    assert_eq!(DeclaredPlace::from_url("https://contoso.sharepoint.com/:f:/s/HR/Eabc"), None);
    assert_eq!((DeclaredPlace::from_site_id("HR"), DeclaredPlace::from_list_id("")), (None, None));
}

#[test]
fn of_several_declarations_the_highest_gives_the_level() {
    let declared =
        |url: &str, level: &str| Declared { place: DeclaredPlace::from_url(url).unwrap(), level: Arc::from(level) };
    let site = "https://contoso.sharepoint.com/sites/HR";
    let rules =
        Rules { declared: vec![declared(site, "Secret"), declared(&format!("{site}/Docs"), "General")], ..rules() };
    assert_eq!(run(None, &[], &[], &in_offers(), None, &rules), "true Secret - declared");
    let plain = Rules { declared: vec![declared(site, "z"), declared(&format!("{site}/Docs"), "y")], ..rules };
    assert_eq!(run(None, &[], &[], &in_offers(), None, &plain), "true y - declared", "of equals the most special");
}

fn record(operation: &str, label: Option<&str>, site_label: Option<&str>) -> Record {
    Record {
        id: RecordId([7; 16]),
        time: TimeMs(5),
        operation: Arc::from(operation),
        class: crate::operation::classify(operation),
        person: Arc::from("g@adatum.example"),
        person_kind: PersonKind::Guest,
        item: None,
        path: None,
        url: None,
        name: None,
        item_type: None,
        site: None,
        destination: None,
        targets: Vec::new(),
        link: None,
        scope: None,
        event_data: None,
        correlation: None,
        session: None,
        ip: None,
        client: ClientKind::Person,
        label: label.map(Arc::from),
        site_label: site_label.map(Arc::from),
        policies: None,
    }
}

#[test]
fn a_record_says_what_its_name_and_its_labels_say() {
    let label = || Some(Arc::from(SECRET));
    let seen = || What::OnRecord(Arc::from(SECRET));
    let empty = "00000000-0000-0000-0000-000000000000";
    for (operation, file, site, expected) in [
        ("FileAccessed", Some(SECRET), None, vec![(Of::File, seen())]),
        ("SharingSet", Some(SECRET), Some(SECRET), vec![(Of::File, seen()), (Of::Site, seen())]),
        ("FileAccessed", None, None, vec![]),
        ("FileAccessed", Some(empty), Some(""), vec![]),
        ("FileSensitivityLabelApplied", Some(SECRET), None, vec![(Of::File, What::Applied(label()))]),
        ("FileSensitivityLabelApplied", None, None, vec![(Of::File, What::Applied(None))]),
        (
            "filesensitivitylabelchanged",
            Some(SECRET),
            Some(SECRET),
            vec![(Of::File, What::Changed(label())), (Of::Site, seen())],
        ),
        ("FileSensitivityLabelRemoved", Some(SECRET), None, vec![(Of::File, What::Removed)]),
        ("FileSensitivityLabelAppliedFailed", Some(SECRET), Some(SECRET), vec![]),
        ("FileSensitivityLabelRemovedFailed", None, None, vec![]),
        ("SensitivityLabelApplied", Some(SECRET), None, vec![(Of::File, What::Applied(label()))]),
        ("SensitivityLabelUpdated", Some(SECRET), None, vec![(Of::File, What::Changed(label()))]),
        ("SensitivityLabelRemoved", None, None, vec![(Of::File, What::Removed)]),
        ("SensitivityLabeledFileOpened", Some(SECRET), None, vec![(Of::File, seen())]),
        ("SensitivityLabeledFileRenamed", None, None, vec![]),
        ("SiteSensitivityLabelApplied", None, Some(SECRET), vec![(Of::Site, What::Applied(label()))]),
        ("SiteSensitivityLabelChanged", Some(SECRET), None, vec![(Of::Site, What::Changed(label()))]),
        ("SiteSensitivityLabelRemoved", None, None, vec![(Of::Site, What::Removed)]),
        ("DocumentSensitivityMismatchDetected", Some(SECRET), None, vec![(Of::File, seen())]),
    ] {
        let found: Vec<_> =
            signals(&record(operation, file, site)).into_iter().map(|signal| (signal.of, signal.what)).collect();
        assert_eq!(found, expected, "{operation}");
    }
}

#[test]
fn a_site_s_label_event_is_of_the_site_that_is_its_object() {
    let site = "https://contoso.sharepoint.com/sites/hr";
    let path = || Some(Arc::from(site));
    let event = Record { path: path(), ..record("SiteSensitivityLabelApplied", None, Some(SECRET)) };
    let access = Record {
        site: Some(Arc::from("https://contoso.sharepoint.com/sites/HR")),
        ..record("FileAccessed", None, None)
    };
    assert_eq!((site_key(&event), site_key(&access)), (path(), path()));
    assert_eq!(site_key(&Record { path: path(), ..record("FileAccessed", None, None) }), None);
}

#[test]
fn an_access_has_the_labels_of_its_first_record_that_carries_one() {
    let first = record("FileAccessed", None, Some(GENERAL));
    let second = Record { time: TimeMs(6), ..record("FileAccessed", Some(SECRET), Some(PUBLIC)) };
    let expected = Labels { file: Some(Arc::from(SECRET)), site: Some(Arc::from(GENERAL)) };
    assert_eq!(Labels::of([&second, &first]), expected);
    assert_eq!(Labels::of([&record("FileSensitivityLabelRemoved", Some(SECRET), None)]), Labels::default());
}

fn some_signals() -> impl Strategy<Value = Vec<Signal>> {
    let label = prop::sample::select(vec![PUBLIC, GENERAL, CONFIDENTIAL, PARTNERS, SECRET, FOREIGN]);
    let one =
        (0..6_i64, 0..4_u8, label, any::<u8>(), prop::bool::ANY).prop_map(|(at, what, label, record, is_site)| {
            let label = Arc::from(label);
            let what = match what {
                0 => What::OnRecord(label),
                1 => What::Applied(Some(label)),
                2 => What::Changed(Some(label)),
                _ => What::Removed,
            };
            Signal {
                at: TimeMs(at),
                what,
                of: if is_site { Of::Site } else { Of::File },
                record: RecordId([record; 16]),
            }
        });
    prop::collection::vec(one, 0..8)
}

proptest! {
    #[test]
    fn the_order_and_repetition_of_signals_change_nothing(
        (given, shuffled) in some_signals().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        at in prop::option::of((0..7_i64).prop_map(TimeMs)),
    ) {
        let run = |signals: &[Signal]| classify(at, signals, signals, &in_offers(), None, &rules());
        prop_assert_eq!(run(&given), run(&shuffled));
        prop_assert_eq!(run(&[given.clone(), shuffled].concat()), run(&given));
    }

    #[test]
    fn later_signals_do_not_change_an_earlier_verdict(given in some_signals(), at in 0..6_i64) {
        let before: Vec<Signal> = given.iter().filter(|signal| signal.at.0 <= at).cloned().collect();
        let run = |signals: &[Signal], at| classify(at, signals, signals, &Placed::default(), None, &rules());
        prop_assert_eq!(run(&given, Some(TimeMs(at))), run(&before, None));
    }

    #[test]
    fn sources_are_sorted_and_a_verdict_has_some(given in some_signals()) {
        let verdict = classify(None, &given, &given, &Placed::default(), None, &rules());
        prop_assert!(verdict.sources.is_sorted());
        prop_assert!(verdict.classified.is_none() || !verdict.sources.is_empty());
        prop_assert!(verdict.label_name.is_none() || verdict.label_id.is_some());
    }
}

#[test]
fn a_content_policy_classifies_from_its_match_until_it_is_undone() {
    let rules = Rules { classified_policies: Rules::label_set(["Credit Cards", "P-2"]), ..rules() };
    let matched = |at, operation: &str, policies: &str| {
        let record = Record { time: TimeMs(at), policies: Some(Arc::from(policies)), ..record(operation, None, None) };
        signals(&record)
    };
    let cards = "p-1\tCredit cards\np-9\tSomething else";
    let story = [
        matched(10, "DlpRuleMatch", cards),
        matched(20, "DlpInfo", "p-2\tIBAN"),
        matched(30, "DlpRuleMatch", "p-2\tIBAN"),
        matched(40, "DlpRuleUndo", cards),
        matched(50, "DlpRuleUndo", "p-2\tIBAN"),
        vec![sighting(5, PUBLIC)],
    ]
    .concat();
    let elsewhere = Placed::default();
    for (at, expected) in [
        (9, "false Public file_label"),
        (10, "true Credit cards file_label,policy"),
        (30, "true IBAN file_label,policy"),
        (40, "true IBAN file_label,policy"),
        (50, "false Public file_label"),
    ] {
        let verdict = classify(Some(TimeMs(at)), &story, &[], &elsewhere, None, &rules);
        let told = format!(
            "{} {} {}",
            verdict.classified.unwrap(),
            verdict.level.as_deref().unwrap(),
            verdict.sources_text().unwrap()
        );
        assert_eq!(told, expected, "at {at}");
    }
    let unlisted = classify(None, &matched(10, "DlpRuleMatch", "p-9\tSomething else"), &[], &elsewhere, None, &rules);
    assert_eq!(unlisted, Classification::default(), "a policy that nobody called classified says nothing");
}
