//! `collect`: one pass over all feeds, deliver, stop.

use std::io::{self, Write};

use super::{Context, dry_run, until_interrupted};
use crate::cli;
use crate::collect::{self, CollectError, FeedSummary, SinkSummary, TenantPass, TenantSummary, WebhookSummary};
use crate::exit::{Failure, Outcome};
use crate::progress::tell;
use crate::report::{counted, plain};
use crate::stdout::stdout;

/// Runs the command.
///
/// # Errors
/// A configuration that is wrong, a store that cannot be used, a pass that could do nothing at all.
pub fn run(context: &Context, arguments: &cli::Collect) -> Result<Outcome, Failure> {
    if arguments.dry_run {
        return dry_run::run(context, arguments);
    }
    let settings = context.settings_to_collect()?;
    let stores = context.stores_of(&settings)?;
    until_interrupted(async {
        let passes = match collect::collect(&settings, &stores, &arguments.tenant).await {
            Err(mistyped @ CollectError::NoSuchTenant { .. }) => return Err(Failure::usage(mistyped.to_string())),
            passes => passes?,
        };
        conclude(passes)
    })
}

/// Tells what became of the passes, and what that means for the exit code.
pub(super) fn conclude(passes: Vec<TenantPass>) -> Result<Outcome, Failure> {
    let (summaries, failures) = parted(passes);
    report(&summaries)?;
    let how = How {
        did_nothing: summaries.iter().all(TenantSummary::did_nothing),
        is_complete: summaries.iter().all(TenantSummary::is_complete),
    };
    outcome(how, summaries.is_empty(), failures)
}

/// How the passes ended that could be made.
pub(super) struct How {
    pub(super) did_nothing: bool,
    pub(super) is_complete: bool,
}

/// What passes came to, and tenants with the failure that made theirs impossible.
pub(super) fn parted<Summary>(passes: Vec<TenantPass<Summary>>) -> (Vec<Summary>, Vec<(String, Failure)>) {
    let mut summaries = Vec::new();
    let mut failures = Vec::new();
    for TenantPass { tenant, result } in passes {
        match result {
            Ok(summary) => summaries.push(summary),
            Err(error) => failures.push((tenant, Failure::from(error))),
        }
    }
    (summaries, failures)
}

/// The exit code's reason, for passes that have been told of. Failures are told here.
pub(super) fn outcome(how: How, none_was_made: bool, mut failures: Vec<(String, Failure)>) -> Result<Outcome, Failure> {
    if none_was_made && failures.len() == 1 {
        // The only tenant's failure is the command's.
        return failures.pop().map_or(Ok(Outcome::Done), |(_, failure)| Err(failure));
    }
    for (tenant, failure) in &failures {
        tell(&format!("{tenant}: {}", plain(&failure.to_string())));
    }
    if how.did_nothing {
        return Err(Failure::failed("nothing could be collected or delivered; the reasons are above"));
    }
    Ok(if failures.is_empty() && how.is_complete { Outcome::Done } else { Outcome::Partly })
}

/// Says on standard error what was odd about a feed, whose numbers stand elsewhere.
pub(super) fn tell_oddities(tenant: &str, FeedSummary { feed, count, failure, .. }: &FeedSummary) {
    for (reason, times) in &count.reasons {
        tell(&format!("{tenant}: {feed}: {times} × rejected: {}", plain(reason)));
    }
    if let Some(failure) = failure {
        tell(&format!("{tenant}: {feed}: {}", plain(&failure.to_string())));
    }
}

/// Says what the rules found and who took messages, where there is anything to say.
fn report_alerts(out: &mut impl Write, TenantSummary { tenant, alerts, .. }: &TenantSummary) -> io::Result<()> {
    if alerts.found > 0 {
        let findings = counted(alerts.found, "new finding", "new findings");
        writeln!(out, "{tenant}: alerts: {findings}; `report findings` lists them")?;
    }
    for WebhookSummary { webhook, messages, failure } in &alerts.webhooks {
        if *messages > 0 {
            writeln!(out, "{tenant}: {}: {} sent", plain(webhook), counted(*messages, "message", "messages"))?;
        }
        if let Some(failure) = failure {
            tell(&format!("{tenant}: {}; what waits is told by the next pass", plain(failure)));
        }
    }
    Ok(())
}

/// Says what became of the pass; what failed goes to stderr.
fn report(summaries: &[TenantSummary]) -> io::Result<()> {
    let mut out = stdout();
    for summary in summaries {
        for summarized @ FeedSummary { feed, count, gaps, .. } in &summary.feeds {
            writeln!(
                out,
                "{}: {feed}: {}: {} stored, {} known before, {} not kept, {} rejected",
                summary.tenant,
                counted(count.records, "record", "records"),
                count.stored,
                count.known,
                count.not_kept,
                count.rejected
            )?;
            if *gaps > 0 {
                tell(&format!(
                    "{}: {feed}: {}; `report gaps` lists them",
                    summary.tenant,
                    counted(*gaps, "gap", "gaps")
                ));
            }
            tell_oddities(&summary.tenant, summarized);
        }
        for SinkSummary { sink, delivered, dead_letters, failure, .. } in &summary.sinks {
            let rows: u64 = delivered.iter().map(|(_, rows)| rows).sum();
            writeln!(out, "{}: {sink}: {} delivered", summary.tenant, counted(rows, "row", "rows"))?;
            if *dead_letters > 0 {
                tell(&format!(
                    "{}: {sink}: {} set aside, which the service refuses; `dead-letters list` says why",
                    summary.tenant,
                    counted(*dead_letters, "row", "rows")
                ));
            }
            if let Some(failure) = failure {
                tell(&format!("{}: {sink}: {}; the rows wait for the next pass", summary.tenant, plain(failure)));
            }
        }
        report_alerts(&mut out, summary)?;
    }
    out.flush()
}
