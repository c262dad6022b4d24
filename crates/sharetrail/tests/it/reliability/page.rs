//! Writes `docs/reliability.md` from a run: `just crash`.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use super::table::{FAULTS, Outcome};
use super::{crash, disk, everything, table};

/// Runs all of it at once with this one: the kills in the long form take minutes.
const KILLS: u64 = 240;
const SECONDS_MAX: u64 = 400;

#[test]
fn the_page_on_reliability_is_written_from_a_run() {
    if std::env::var_os("SHARETRAIL_WRITE_RELIABILITY").is_none() {
        println!("SKIP: `just crash` writes docs/reliability.md");
        return;
    }
    let kills = crash::number("SHARETRAIL_CRASH_KILLS", KILLS);
    let span_max = Duration::from_secs(crash::number("SHARETRAIL_CRASH_SECONDS_MAX", SECONDS_MAX));
    let mut page = String::from(BEGIN);
    for (seed, keep, about) in [(91, "all", "everything is kept"), (92, "relevant", "what matters is kept")] {
        let outcome = crash::run(seed, 4_000, keep, kills / 2, span_max / 2);
        println!("keep = {keep:?}: {outcome}");
        outcome.assert_nothing_is_wrong();
        let crash::Outcome { kills, passes, records, rows, delivered_twice, wrong, .. } = &outcome;
        let _ = writeln!(
            page,
            "| {about} | {kills} | {passes} | {records} | {} | {} | {rows} | {delivered_twice} |",
            wrong.lost, wrong.stored_twice
        );
        let at: Vec<String> = outcome.kills_at.iter().map(|(point, kills)| format!("{point} {kills}")).collect();
        println!("killed: {}", at.join(", "));
    }
    page.push_str(FAULTS_BEGIN);
    for fault in FAULTS {
        row(&mut page, fault.name, &fault.script.join("<br>"), &table::play(fault));
    }
    for (name, outcome) in [("the disk is full", disk::full()), ("the disk is read-only", disk::read_only())] {
        match outcome {
            Some(outcome) => row(&mut page, name, "a small file system in memory", &outcome),
            None => println!("SKIP: {name}: no file system can be mounted here"),
        }
    }
    page.push_str(EVERYTHING_BEGIN);
    for seed in 1..=8 {
        let (_lab, outcome) = everything::play(seed);
        row(&mut page, &format!("run {seed}"), if seed % 2 == 0 { "API token" } else { "application" }, &outcome);
    }
    page.push_str(END);
    std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reliability.md"), page).unwrap();
}

#[allow(clippy::print_stdout, reason = "the figures are for people: --nocapture shows them")]
fn row(page: &mut String, name: &str, how: &str, outcome: &Outcome) {
    println!("{name}: struck {}, passes {:?}", outcome.struck, outcome.codes);
    outcome.assert_the_truth(name);
    let codes: Vec<String> =
        outcome.codes.iter().map(|code| code.map_or("killed".to_owned(), |code| code.to_string())).collect();
    let Outcome { struck, wrong, delivered_twice, .. } = outcome;
    let _ = writeln!(
        page,
        "| {name} | {how} | {struck} | {} | {} | {} | {delivered_twice} |",
        codes.join(", "),
        wrong.lost,
        wrong.stored_twice
    );
}

const BEGIN: &str = "\
# Reliability

What sharetrail does when services fail and when it is killed, in figures. Written by a run of the tests; do not edit it
here. The run compares with what the emulator knows to be true, and fails when anything differs, so the columns of what was
lost and doubled cannot hold anything but 0 on a page that was written. To repeat it:

```sh
just crash
```

## Killed

A collection is killed (`SIGKILL`) again and again, at random instants and at named points (a page fetched and not stored,
before and after each commit, before a batch is sent, after the sink's answer), while records keep coming. In the end every
record is stored once, every row of every report is in the workspace in its latest revision, and the accesses are those of
the tenant's story. Rows may arrive twice only if they were in flight at a kill: the same id, the same revision, the same
content. Each row of this page is checked for that.

| configuration | kills | passes to the end | records | lost | stored twice | rows delivered | of these again |
| --- | --- | --- | --- | --- | --- | --- | --- |
";

const FAULTS_BEGIN: &str = "
## Every fault by itself

Each line is a collection of its own while the emulator plays a [fault script](guide/fault-scripts.md). \u{201c}Struck\u{201d} counts \
the calls that failed so (none where it is the disk that fails), \u{201c}passes\u{201d} are the exit codes of one `collect` after the other until it was done and the truth \
was there: 0 done, 3 done in part, 1 nothing could be done, each with the reason in words.

| fault | script | struck | passes | lost | stored twice | delivered again |
| --- | --- | --- | --- | --- | --- | --- |
";

const EVERYTHING_BEGIN: &str = "
## Every fault at once

All of them together, each at five of a hundred calls.

| run | signed in by | struck | passes | lost | stored twice | delivered again |
| --- | --- | --- | --- | --- | --- | --- |
";

const END: &str = "
## What this does not show

The emulator stands in for the services: it fails as their documents and their users say that they fail, and as we thought \
of. What a real service does beyond that is not in these figures. Nor is a machine that loses what it has told the program \
to be on the disk: SQLite's guarantees hold as far as the disk keeps its word.
";
