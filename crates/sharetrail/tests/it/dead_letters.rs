//! Rows that a sink refused: shown with the reason, sent again as they are now, or given up.

use crate::support::{Folder, Lab, name_at_length, now_ms, record, stored_at, tenant_of};

/// One access, whose row the service has refused as it never will take it.
fn refused() -> Lab {
    let lab = Lab::of(tenant_of(vec![record(1, "FileDownloaded", 100, name_at_length)]));
    // Only a row that is larger than a request may be is too large whatever becomes of others.
    lab.configure(|configuration| configuration.set("tenant.sink.logs_ingestion.batch_wire_bytes_max", 2_000));
    lab.play(&["ingestion:always:413"]);
    lab.collect().with_code(3).saying("1 row set aside").saying("`dead-letters list`");
    lab.play(&[]);
    assert_eq!(letters(&lab.folder, &[]).len(), 1);
    lab
}

fn letters(folder: &Folder, which: &[&str]) -> Vec<serde_json::Value> {
    let arguments = ["dead-letters", "list", "--json"].iter().chain(which);
    let list = folder.program().run(arguments).with_code(0).json();
    list.as_array().unwrap().clone()
}

#[test]
fn a_row_that_was_refused_is_listed_with_the_reason_and_sent_again_when_asked() {
    let lab = refused();
    let access = lab.folder.report("access").remove(0);
    let letter = letters(&lab.folder, &[]).remove(0);
    assert_eq!((&letter["row_id"], &letter["revision"]), (&access["access_id"], &access["revision"]));
    assert_eq!(letter["table"], "ShareTrailAccess_CL");
    assert_eq!(letter["tenant_name"], "contoso");
    assert!(letter["reason"].as_str().unwrap().contains("413"), "{letter}");
    let id = access["access_id"].as_str().unwrap();
    lab.folder.run(["dead-letters", "list"]).with_code(0).printing(id).printing("`sharetrail dead-letters retry`");
    lab.folder.run(["status"]).with_code(0).printing("1 dead letter").printing("`dead-letters list`");

    // Nothing but asking brings it back.
    lab.collect().with_code(0).printing("0 rows delivered");
    lab.folder.run(["dead-letters", "retry"]).with_code(0).printing("1 row waits");
    assert!(letters(&lab.folder, &[]).is_empty());
    lab.collect().with_code(0).printing("1 row delivered");
    assert_eq!(lab.arrived()[0]["AccessId"], access["access_id"]);
    lab.folder.run(["dead-letters", "list"]).with_code(0).printing("No dead letters");
}

#[test]
fn a_row_is_sent_again_as_it_is_now_and_not_as_it_was_refused() {
    let lab = refused();
    lab.play(&["ingestion:always:503"]);
    // A second record joins the access, which waits in a newer revision.
    lab.emulator.append(vec![stored_at(&record(2, "FileDownloaded", 98, name_at_length), now_ms() - 360_000)]);
    lab.collect().with_code(3);
    lab.folder.run(["dead-letters", "retry"]).with_code(0).printing("1 row waits");
    lab.play(&[]);
    lab.collect().with_code(0).printing("1 row delivered");
    let [row] = &lab.arrived()[..] else { panic!("one access") };
    assert_eq!(row["Records"], 2);
    assert_eq!(row["Revision"], lab.folder.report("access")[0]["revision"]);
}

#[test]
fn a_row_that_is_refused_again_is_a_dead_letter_again() {
    let lab = refused();
    lab.folder.run(["dead-letters", "retry"]).with_code(0);
    lab.play(&["ingestion:always:413"]);
    lab.collect().with_code(3);
    assert_eq!(letters(&lab.folder, &[]).len(), 1);
    assert_eq!(lab.folder.status()["sinks"][0]["outbox"], 0);
}

#[test]
fn a_row_that_is_given_up_stays_in_the_report_and_is_not_sent() {
    let lab = refused();
    lab.folder.run(["dead-letters", "drop"]).with_code(2).saying("--all");
    lab.folder.run(["dead-letters", "drop", "--all", "--sink", "logs-ingestion"]).with_code(2);
    assert_eq!(letters(&lab.folder, &[]).len(), 1);
    lab.folder.run(["dead-letters", "drop", "--all"]).with_code(0).printing("1 dead letter given up");
    assert!(letters(&lab.folder, &[]).is_empty());
    lab.collect().with_code(0).printing("0 rows delivered");
    assert_eq!(lab.folder.report("access").len(), 1);
}

#[test]
fn dead_letters_are_chosen_by_sink_table_reason_and_id() {
    let lab = refused();
    let letter = letters(&lab.folder, &[]).remove(0);
    let (id, sink) = (letter["row_id"].as_str().unwrap(), letter["sink"].as_str().unwrap());
    let upper = id.to_uppercase();
    let meant: [&[&str]; 6] = [
        &["--sink", sink],
        &["--table", "sharetrailaccess_cl"],
        &["--reason", "Answered 413"],
        &[id],
        &[&upper, "another"],
        &["--sink", sink, "--table", "ShareTrailAccess_CL", id],
    ];
    let not_meant: [&[&str]; 5] = [
        &["--sink", "elsewhere"],
        &["--table", "ShareTrailGap_CL"],
        &["--reason", "of another type"],
        &["another"],
        &["--sink", "elsewhere", id],
    ];
    for which in not_meant {
        assert!(letters(&lab.folder, which).is_empty(), "{which:?}");
        let drop = ["dead-letters", "drop"].iter().chain(which);
        lab.folder.program().run(drop).with_code(0).printing("0 dead letters given up");
    }
    for which in meant {
        assert_eq!(letters(&lab.folder, which).len(), 1, "{which:?}");
    }
    lab.folder.run(["dead-letters", "list", "--table", "Heartbeat"]).with_code(2).saying("ShareTrailShare_CL");
    lab.folder.run(["dead-letters", "retry", id]).with_code(0).printing("1 row waits");
}

#[test]
fn no_store_is_made_where_there_is_none() {
    let folder = Folder::new();
    for what in ["list", "retry"] {
        folder.run(["dead-letters", what]).with_code(1).saying("there is no store");
    }
    assert!(!folder.at("sharetrail.db").exists());
}
