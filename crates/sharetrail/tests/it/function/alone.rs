//! One instance: what it answers, what it fetches and puts, when it ends.

use emulator::faults::Route;
use serde_json::{Value, json};

use super::{assert_nothing_is_lost_or_doubled, blob, calls, fetch, in_many_steps, lab, with_long_pauses};
use crate::support::{Blobs, Folder, Instance, Lab, body, now_ms, seeded, until};

/// The body of a tick with these changes to the timer and to the metadata.
fn varied(timer: impl FnOnce(&mut Value), metadata: Value) -> Value {
    let mut body = body();
    timer(&mut body["Data"]["timer"]);
    for (key, value) in metadata.as_object().unwrap() {
        body["Metadata"][key] = value.clone();
    }
    body
}

#[test]
fn ticks_in_all_forms_of_the_host_are_answered_and_the_first_one_collects() {
    let Some((lab, blobs)) = lab("forms", 90, 1_500, |configuration| configuration) else { return };
    let instance = Instance::start(&lab.folder, &blobs);
    let told = instance.tick().fine().logs();
    assert!(told.contains("1 feed read: ") && told.contains("rows delivered"), "{told}");
    let packed = body()["Data"]["timer"].to_string();
    for (form, saying) in [
        (varied(|timer| timer["ScheduleStatus"] = Value::Null, json!({})), "0 new"),
        (
            varied(
                |timer| {
                    timer["ScheduleStatus"] =
                        json!({"Last": "0001-01-01T00:00:00", "LastUpdated": "0001-01-01T00:00:00"})
                },
                json!({}),
            ),
            "0 new",
        ),
        (varied(|timer| *timer = packed.clone().into(), json!({})), "0 new"),
        (varied(|timer| timer["IsPastDue"] = true.into(), json!({})), "0 new"),
        (varied(|_| {}, json!({"RetryContext": {"RetryCount": 1, "MaxRetryCount": 3, "Exception": null}})), "0 new"),
        (json!({"Data": {}, "Metadata": {}}), "0 new"),
        (json!("nothing that a host sends"), "0 new"),
    ] {
        instance.invoke(&uuid::Uuid::new_v4().to_string(), &form).fine().saying(saying);
    }
    let said = instance.stop();
    assert!(said.contains("makes up for a missed one") && said.contains("retry 1"), "{said}");
    assert_eq!(said.matches("was fetched").count(), 1, "a warm instance fetched its state again: {said}");
    assert_nothing_is_lost_or_doubled(&lab, &blobs);
    assert_eq!(super::repeats(&lab), 0);
}

#[test]
fn a_copy_that_was_cleared_away_is_fetched_again_and_never_put_as_an_empty_state() {
    let Some((lab, blobs)) = lab("cleared", 89, 1_000, |configuration| configuration) else { return };
    let instance = Instance::start(&lab.folder, &blobs);
    instance.tick().fine();
    let mut cleared = 0;
    for folder in std::fs::read_dir(lab.folder.at("tmp")).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap().map(Result::unwrap) {
            if file.file_name().to_str().unwrap().contains(".db") {
                std::fs::remove_file(file.path()).unwrap();
                cleared += 1;
            }
        }
    }
    assert!(cleared > 0);
    instance.tick().fine().saying("0 new").saying("0 rows delivered");
    assert_eq!(instance.stop().matches("was fetched").count(), 2);
    assert_nothing_is_lost_or_doubled(&lab, &blobs);
    assert_eq!(super::repeats(&lab), 0);
}

#[test]
fn the_same_tick_twice_is_done_once() {
    let Some((lab, blobs)) = lab("twice", 91, 1_000, |configuration| configuration) else { return };
    let instance = Instance::start(&lab.folder, &blobs);
    let first = instance.invoke("the-same", &body()).fine().logs();
    let (before, etag) = (calls(&lab, Route::Defender), blobs.etag(&blob(&lab)));
    assert_eq!(instance.invoke("the-same", &body()).logs(), first);
    assert_eq!((calls(&lab, Route::Defender), blobs.etag(&blob(&lab))), (before, etag));
    // Another instance, to which the host turned with it, finds nothing new.
    let other = Instance::start(&lab.folder, &blobs);
    other.invoke("the-same", &body()).fine().saying("0 new").saying("0 rows delivered");
    assert_nothing_is_lost_or_doubled(&lab, &blobs);
}

#[test]
fn while_it_works_it_answers_pings_and_says_of_another_tick_that_it_is_busy() {
    let Some((lab, blobs)) = lab("pings", 92, 1_500, with_long_pauses) else { return };
    lab.play(&["defender:after=1:502"]);
    let instance = Instance::start(&lab.folder, &blobs);
    let working = instance.begin_tick();
    until("it waits for the service", || lab.traffic(Route::Defender).faults > 0);
    for _ in 0..20 {
        assert_eq!(instance.ping(), Some(200));
    }
    instance.tick().fine().saying("still works on an earlier tick");
    assert!(blobs.is_leased(&blob(&lab)) && !working.is_finished());
    // Asked to end it ends well, and what it has read is there for the next one.
    let said = instance.stop();
    let told = working.join().unwrap().unwrap().logs();
    assert!(told.contains("partial: the next tick goes on"), "{told}\n{said}");
    assert!(!blobs.is_leased(&blob(&lab)));
    fetch(&lab, &blobs);
    assert!(lab.folder.status()["activities"].as_i64() > Some(0));
    lab.play(&[]);
    let next = Instance::start(&lab.folder, &blobs);
    next.tick().fine();
    assert_nothing_is_lost_or_doubled(&lab, &blobs);
}

#[test]
fn it_ends_before_the_limit_of_the_host_with_its_work_saved() {
    let Some((lab, blobs)) = lab("limit", 93, 1_500, with_long_pauses) else { return };
    // Of two minutes and less it takes half: two seconds.
    lab.folder.write("host.json", r#"{"version": "2.0", "functionTimeout": "00:00:04"}"#);
    lab.play(&["defender:after=1:502"]);
    let instance = Instance::start(&lab.folder, &blobs);
    instance.tick().saying("partial: the next tick goes on");
    lab.play(&[]);
    let mut ticks = 1;
    until("all is done", || {
        ticks += 1;
        !instance.tick().logs().contains("partial")
    });
    assert!(ticks < 20, "{ticks}");
    assert_nothing_is_lost_or_doubled(&lab, &blobs);
}

#[test]
fn what_travels_is_what_changed() {
    let Some((lab, blobs)) = lab("travels", 94, 6_000, in_many_steps) else { return };
    let first = Instance::start(&lab.folder, &blobs);
    first.tick().fine();
    // A cold instance fetches all, works, and puts back what it changed.
    let second = Instance::start(&lab.folder, &blobs);
    second.tick().fine().saying("0 new");
    // The first one is behind by what the second one changed, and fetches no more than that.
    first.tick().fine().saying("0 new");
    let fetched = |said: &str| -> Vec<u64> {
        let lines = said.lines().filter(|line| line.contains("was fetched"));
        lines
            .map(|line| line.split("fetched_blocks=").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap())
            .collect()
    };
    let (first, second) = (fetched(&first.stop()), fetched(&second.stop()));
    assert_eq!((first.len(), first[0], second.len()), (2, 0, 1), "{first:?} {second:?}");
    assert!(second[0] > 4 && first[1] < second[0], "{first:?} {second:?}");
    assert_nothing_is_lost_or_doubled(&lab, &blobs);
}

#[test]
fn a_backup_that_was_put_there_by_other_means_is_gone_on_from() {
    let Some((lab, blobs)) = lab("seeded-state", 95, 1_500, |configuration| configuration) else { return };
    lab.collect().with_code(0);
    lab.folder.run(["backup", "copy.db"]).with_code(0);
    blobs.write(&blob(&lab), &std::fs::read(lab.folder.at("copy.db")).unwrap());
    let sent = lab.arrived().len();
    let instance = Instance::start(&lab.folder, &blobs);
    instance.tick().fine().saying("0 new").saying("0 rows delivered");
    instance.tick().fine();
    assert_eq!(lab.arrived().len(), sent);
    assert_nothing_is_lost_or_doubled(&lab, &blobs);
}

#[test]
fn a_state_that_is_too_large_or_was_damaged_is_told_and_left_alone() {
    let Some((lab, blobs)) =
        lab("too-large", 96, 1_000, |configuration| configuration.set("function.state_bytes_max", 16 * 1024 * 1024))
    else {
        return;
    };
    let instance = Instance::start(&lab.folder, &blobs);
    blobs.write(&blob(&lab), &vec![0; 17 * 1024 * 1024]);
    let large = blobs.etag(&blob(&lab));
    instance.tick().saying("more than function.state_bytes_max allows (16 MB)");
    assert_eq!(blobs.etag(&blob(&lab)), large);
    blobs.write(&blob(&lab), b"something that is no store, though it is small enough to be one");
    let odd = blobs.etag(&blob(&lab));
    instance.tick().saying("warning: ");
    assert_eq!((blobs.etag(&blob(&lab)), calls(&lab, Route::Ingestion)), (odd, 0));
    // Nobody has to restart it when that is mended.
    assert_eq!(blobs.ask("DELETE", &blob(&lab), &[], b"").status, 202);
    instance.tick().fine();
    assert_nothing_is_lost_or_doubled(&lab, &blobs);
}

#[test]
fn it_listens_before_it_has_a_configuration_and_takes_one_when_there_is_one() {
    let Some(blobs) = Blobs::of("mended") else { return };
    let folder = Folder::new();
    let instance = Instance::start(&folder, &blobs);
    instance.tick().saying("there is no configuration file").saying("five app settings");
    folder.write("sharetrail.toml", "[[tenant]]\nnam = \"contoso\"\n");
    instance.tick().saying("did you mean `name`?");
    let lab = Lab::of(seeded(97, 1_000, now_ms()));
    for name in ["ca.pem", "client-secret", "sharetrail.toml"] {
        folder.write_secret(name, lab.folder.read(name));
    }
    instance.tick().fine().saying("new");
    assert!(!lab.arrived().is_empty());
}

#[test]
fn where_no_host_has_started_it_it_says_so() {
    Folder::new()
        .run(["function"])
        .with_code(2)
        .saying("FUNCTIONS_CUSTOMHANDLER_PORT is not set")
        .saying("sharetrail run");
}

#[test]
fn a_storage_account_that_is_not_named_or_does_not_let_us_in_is_told_with_the_remedy() {
    let Some((lab, blobs)) = lab("refused", 98, 1_000, |configuration| configuration) else { return };
    let wrong = blobs.connection_string().replace("AccountKey=E", "AccountKey=F");
    for (setting, said) in [("", "AzureWebJobsStorage__accountName"), (wrong.as_str(), "Storage Blob Data Contributor")]
    {
        let fetching = lab.folder.program().env("AzureWebJobsStorage", setting);
        let ended = fetching.run(["function", "--fetch", "x.db"]).with_code(1).saying(said);
        assert!(!ended.stderr.contains("AccountKey="), "{ended}");
    }
    let fetching = lab.folder.program().env("AzureWebJobsStorage", blobs.connection_string());
    fetching.run(["function", "--fetch", "x.db"]).with_code(1).saying("there is no state");
}
