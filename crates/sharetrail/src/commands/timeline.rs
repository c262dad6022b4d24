//! `show person|item|share`: one trail, as lines for people or as one JSON object.

use std::io::{self, Write};

use serde_json::Value;
use trail::TimeMs;

use super::{Context, now};
use crate::exit::{Failure, Outcome};
use crate::report::{Event, Subject, Trail, TrailError, plain};
use crate::rows::{Access, Row, Share, report_json};
use crate::stdout::stdout;
use crate::store::Reader;

/// Prints the trail.
pub(super) fn show(context: &Context, subject: Subject<'_>, json: bool) -> Result<Outcome, Failure> {
    let mut reader = Reader::open(&context.the_store()?)?;
    let inside = reader.inferred_internal_domains()?;
    let trail = Trail::of(&mut reader, subject, now(), &inside).map_err(|error| match error {
        TrailError::Several { .. } => Failure::usage(error.to_string()),
        error => Failure::from(error),
    })?;
    let mut out = stdout();
    if json {
        write_json(&mut out, &trail)?
    } else {
        write_text(&mut out, &trail)?
    }
    out.flush()?;
    Ok(Outcome::Done)
}

fn write_json(out: &mut impl Write, trail: &Trail) -> io::Result<()> {
    let object = serde_json::json!({
        "people": as_json(&trail.people)?,
        "shares": as_json(&trail.shares)?,
        "accesses": as_json(&trail.accesses)?,
    });
    serde_json::to_writer_pretty(&mut *out, &object).map_err(io::Error::from)?;
    writeln!(out)
}

fn as_json<R: Row>(rows: &[R]) -> io::Result<Value> {
    let object = |row: &R| -> io::Result<Value> {
        let mut json = Vec::new();
        report_json(row, &mut json);
        serde_json::from_slice(&json).map_err(io::Error::from)
    };
    rows.iter().map(object).collect()
}

fn write_text(out: &mut impl Write, trail: &Trail) -> io::Result<()> {
    writeln!(out, "{}", plain(&trail.title))?;
    if let Some(place) = &trail.place {
        writeln!(out, "  {}", plain(place))?;
    }
    for person in &trail.people {
        writeln!(out, "  came as {}: {}", person.person_kinds.join(", "), plain(&person.forms.join(", ")))?;
        if !person.aliases.is_empty() {
            writeln!(out, "  also known as {}", plain(&person.aliases.join(", ")))?;
        }
    }
    for (at, event) in trail.events() {
        let lines = lines(event);
        let mut lines = lines.iter();
        if let Some(first) = lines.next() {
            writeln!(out, "\n{}  {}", moment(at), plain(first))?;
        }
        for line in lines {
            writeln!(out, "                     {}", plain(line))?;
        }
    }
    Ok(())
}

/// What happened, and on what it rests.
fn lines(event: Event<'_>) -> Vec<String> {
    match event {
        Event::Shared(share) => shared(share),
        Event::Accepted(share) => {
            vec![format!("accepted    {} by {}", item(share), recipient(share)), format!("share {}", share.share_id)]
        }
        Event::Ended(share) => {
            let why = share.end_reason.unwrap_or_default();
            vec![
                format!("ended       {} for {}: {why}", item(share), recipient(share)),
                format!("share {}", share.share_id),
            ]
        }
        Event::Access(access) => reached(access),
    }
}

fn shared(share: &Share) -> Vec<String> {
    let what = format!(
        "shared      {} with {} by {} ({}, {}, now {})",
        item(share),
        recipient(share),
        share.shared_by.as_deref().unwrap_or("somebody, before we looked"),
        share.share_kind,
        share.permission.as_deref().unwrap_or("permission unknown"),
        share.state
    );
    let level = share.classification_level.as_deref();
    let classified = level.map(|level| format!("now {}", verdict(share.classified_now, level)));
    let records = format!("records: {}", share.evidence_ids.join(", "));
    [Some(what), Some(format!("share {}", share.share_id)), classified, Some(records)].into_iter().flatten().collect()
}

fn reached(access: &Access) -> Vec<String> {
    let item = access.item_name.as_deref().or(access.item_url.as_deref()).unwrap_or(&access.item_id);
    let what = format!("{:<11} {item} by {} ({})", access.action, access.person, access.person_kind);
    let through = match &access.share_id {
        Some(share) => format!("through share {share} ({}, {})", access.match_rule, access.confidence),
        None => format!("through no known share (confidence {})", access.confidence),
    };
    let level = access.classification_level.as_deref().map(|level| {
        let source = access.classification_source.as_deref().unwrap_or_default();
        format!("{} ({source})", verdict(access.classified, level))
    });
    let records = format!("records: {}", access.evidence_ids.join(", "));
    [Some(what), Some(through), level, Some(records)].into_iter().flatten().collect()
}

fn item(share: &Share) -> &str {
    share.item_name.as_deref().or(share.item_url.as_deref()).unwrap_or(&share.item_id)
}

fn recipient(share: &Share) -> &str {
    share.recipient.as_deref().unwrap_or("anyone")
}

fn verdict(classified: Option<bool>, level: &str) -> String {
    match classified {
        Some(true) => format!("classified as {level}"),
        Some(false) => format!("labelled {level}, which is not classified"),
        None => format!("labelled {level}"),
    }
}

/// To the second, as a person reads it.
fn moment(at: TimeMs) -> String {
    at.to_string().chars().take(19).map(|c| if c == 'T' { ' ' } else { c }).collect()
}
