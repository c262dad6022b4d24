//! `collect --dry-run`: what would be kept, what would be sent, and how much that is a day.

use serde::Serialize;

use super::collect::{How, outcome, parted, tell_oddities};
use super::{Context, until_interrupted};
use crate::cli;
use crate::collect::{self, CollectError, DryRun, FeedSummary, Weight};
use crate::exit::{Failure, Outcome};
use crate::report::{Report, ReportError, Rowwise, Shown, Take, counted, plain};
use crate::rows::{Row, row};
use crate::stdout::{print_line, stdout};
use crate::store::Spread;
use crate::terminal::Terminal;

/// How long a feed is read when nobody says.
const MINUTES_MAX: u32 = 15;

/// From fewer hours an estimate is a guess.
const HOURS_MIN: i64 = 24;

/// What Azure bills by (Microsoft: Azure Monitor Logs cost calculations, data size calculation).
const GIGABYTE: f64 = 1e9;

/// Runs the command.
///
/// # Errors
/// As `collect`.
pub(super) fn run(context: &Context, arguments: &cli::Collect) -> Result<Outcome, Failure> {
    let settings = context.settings_to_collect()?;
    let stores = context.stores_to_look_at(&settings)?;
    let minutes_max = arguments.minutes_max.unwrap_or(MINUTES_MAX);
    until_interrupted(async {
        let passes = match collect::dry_run(&settings, &stores, &arguments.tenant, minutes_max).await {
            Err(mistyped @ CollectError::NoSuchTenant { .. }) => return Err(Failure::usage(mistyped.to_string())),
            passes => passes?,
        };
        let (runs, failures) = parted(passes);
        if arguments.json {
            let told: Vec<Told<'_>> = runs.iter().map(Told::of).collect();
            print_line(&serde_json::to_string_pretty(&told)?)?;
        } else {
            runs.iter().try_for_each(print)?;
        }
        for run in &runs {
            run.feeds.iter().for_each(|feed| tell_oddities(&run.tenant, feed));
        }
        let how = How {
            did_nothing: runs.iter().all(DryRun::did_nothing),
            is_complete: runs.iter().all(DryRun::is_complete),
        };
        outcome(how, runs.is_empty(), failures)
    })
}

/// A tenant's dry run, for programs.
#[derive(Serialize)]
struct Told<'a> {
    tenant: &'a str,
    store: String,
    store_bytes: u64,
    feeds: Vec<ToldFeed<'a>>,
    tables: Vec<ToldTable<'a>>,
    estimate: Option<ToldSpread>,
}

#[derive(Serialize)]
struct ToldFeed<'a> {
    feed: &'a str,
    records: u64,
    stored: u64,
    stored_bytes: u64,
    known: u64,
    not_kept: u64,
    rejected: u64,
    gaps: u64,
    failure: Option<String>,
}

#[derive(Serialize)]
struct ToldTable<'a> {
    #[serde(flatten)]
    weight: &'a Weight,
    gigabytes_per_day: Option<f64>,
}

/// What the estimate rests on.
#[derive(Serialize)]
struct ToldSpread {
    from: String,
    to: String,
    hours: i64,
    new_records: u64,
}

impl<'a> Told<'a> {
    fn of(run: &'a DryRun) -> Self {
        let feed = |FeedSummary { feed, count, gaps, failure, .. }: &'a FeedSummary| ToldFeed {
            feed,
            records: count.records,
            stored: count.stored,
            stored_bytes: count.stored_bytes,
            known: count.known,
            not_kept: count.not_kept,
            rejected: count.rejected,
            gaps: *gaps,
            failure: failure.as_ref().map(ToString::to_string),
        };
        let table = |weight: &'a Weight| ToldTable { weight, gigabytes_per_day: gigabytes(weight) };
        let spread = |spread: Spread| ToldSpread {
            from: spread.from.to_string(),
            to: spread.to.to_string(),
            hours: spread.hours(),
            new_records: spread.records,
        };
        Self {
            tenant: &run.tenant,
            store: run.store.display().to_string(),
            store_bytes: run.store_bytes,
            feeds: run.feeds.iter().map(feed).collect(),
            tables: run.tables.iter().map(table).collect(),
            estimate: run.spread.map(spread),
        }
    }
}

fn gigabytes(weight: &Weight) -> Option<f64> {
    weight.bytes_per_day.map(|bytes| bytes as f64 / GIGABYTE)
}

row! {
    /// What would be kept of one feed, for people.
    pub struct Kept {
        /// Which feed.
        Feed => feed: String;
        /// Records that arrived.
        Records => records: i64;
        /// New, and kept.
        Stored => stored: i64;
        /// Size of their texts, before compression.
        Bytes => bytes: i64;
        /// Known before.
        Known => known: i64;
        /// New, and of no matter to the question.
        NotKept => not_kept: i64;
        /// Not readable as a record of this tenant.
        Rejected => rejected: i64;
    }
}

const KEPT: &[Shown] = &[
    Shown { key: "feed", heading: "feed", dispensable: 0 },
    Shown { key: "records", heading: "records", dispensable: 0 },
    Shown { key: "stored", heading: "would be kept", dispensable: 0 },
    Shown { key: "bytes", heading: "their bytes", dispensable: 2 },
    Shown { key: "known", heading: "known", dispensable: 1 },
    Shown { key: "not_kept", heading: "not kept", dispensable: 1 },
    Shown { key: "rejected", heading: "rejected", dispensable: 1 },
];

row! {
    /// What would be sent of one table, for people.
    pub struct Sent {
        /// Which sink.
        Sink => sink: String;
        /// Which table.
        Table => table: &'static str;
        /// Rows.
        Rows => rows: i64;
        /// Their size as JSON.
        Bytes => bytes: i64;
        /// Their size as sent.
        WireBytes => wire_bytes: i64;
        /// Requests that they make.
        Requests => requests: i64;
        /// The estimate; empty where there is none.
        Gigabytes => gigabytes: Option<String>;
    }
}

const SENT: &[Shown] = &[
    Shown { key: "sink", heading: "sink", dispensable: 1 },
    Shown { key: "table", heading: "table", dispensable: 0 },
    Shown { key: "rows", heading: "rows to send", dispensable: 0 },
    Shown { key: "bytes", heading: "bytes", dispensable: 1 },
    Shown { key: "wire_bytes", heading: "bytes as sent", dispensable: 3 },
    Shown { key: "requests", heading: "requests", dispensable: 2 },
    Shown { key: "gigabytes", heading: "GB a day", dispensable: 0 },
];

fn print(run: &DryRun) -> Result<(), Failure> {
    let store = run.store.display();
    print_line(&format!(
        "{}: a dry run: nothing is stored, nothing is sent, and no feed moves. {} would grow by {:.1} MB.\n",
        run.tenant,
        store,
        run.store_bytes as f64 / 1e6
    ))?;
    table(run.feeds.iter().map(kept), KEPT, "No feed is configured.", &gaps(run))?;
    print_line("")?;
    table(run.tables.iter().map(sent), SENT, "Nothing would be sent.", &estimate(run))?;
    Ok(())
}

fn table<R: Row>(
    rows: impl Iterator<Item = R>,
    shown: &[Shown],
    empty: &str,
    notes: &[String],
) -> Result<(), ReportError> {
    let mut report = Report::begin(stdout(), Rowwise::Table, R::COLUMNS, shown)?.on(Terminal::of_stdout());
    for row in rows {
        report.take(&row)?;
    }
    report.end(empty, notes)?;
    Ok(())
}

fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn kept(FeedSummary { feed, count, .. }: &FeedSummary) -> Kept {
    Kept {
        feed: feed.clone(),
        records: integer(count.records),
        stored: integer(count.stored),
        bytes: integer(count.stored_bytes),
        known: integer(count.known),
        not_kept: integer(count.not_kept),
        rejected: integer(count.rejected),
    }
}

fn sent(weight: &Weight) -> Sent {
    Sent {
        sink: weight.sink.clone(),
        table: weight.table,
        rows: integer(weight.rows),
        bytes: integer(weight.bytes),
        wire_bytes: integer(weight.wire_bytes),
        requests: integer(weight.requests),
        gigabytes: gigabytes(weight).map(|gigabytes| format!("{gigabytes:.4}")),
    }
}

fn gaps(run: &DryRun) -> Vec<String> {
    let gaps: u64 = run.feeds.iter().map(|feed| feed.gaps).sum();
    if gaps == 0 { Vec::new() } else { vec![format!("{} can no longer be had.", counted(gaps, "span", "spans"))] }
}

/// How it was estimated, in words.
fn estimate(run: &DryRun) -> Vec<String> {
    let Some(spread) = run.spread else {
        return vec!["No record is new, so there is nothing to estimate an amount a day by.".to_owned()];
    };
    let mut notes = vec![
        format!(
            "GB a day: the size as JSON of the rows that follow from {}, nearly all of which happened within the {} from {} \
             to {}. 1 GB is 10^9 bytes.",
            counted(spread.records, "new record", "new records"),
            counted(spread.hours(), "hour", "hours"),
            spread.from,
            spread.to
        ),
        "Azure counts the values of columns without their names: by Microsoft's word about a quarter less than the JSON. A row \
         that changes, such as a share that is used again, is sent again, which adds to it."
            .to_owned(),
    ];
    if spread.hours() < HOURS_MIN {
        notes.push("That is less than a day, so take it as a guess.".to_owned());
    }
    if run.feeds.iter().any(|feed| feed.failure.is_some()) {
        notes.push("Not everything could be read; the reasons are on standard error.".to_owned());
    }
    notes.iter().map(|note| plain(note).into_owned()).collect()
}
