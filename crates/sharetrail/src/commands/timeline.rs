//! `show person|item|share`: one trail, as lines for people or as one JSON object.

use std::io::{self, Write};

use serde_json::Value;
use trail::TimeMs;

use super::{Context, now};
use crate::exit::{Failure, Outcome};
use crate::report::{Event, Subject, Trail, TrailError, counted, plain};
use crate::rows::{Access, Row, Share, report_json};
use crate::stdout::stdout;
use crate::store::Reader;
use crate::terminal::{Terminal, Tone, wrap};

/// Prints the trail.
pub(super) fn show(context: &Context, subject: Subject<'_>, json: bool) -> Result<Outcome, Failure> {
    let mut reader = Reader::open(&context.the_store()?)?;
    reader.hold()?;
    let inside = reader.inferred_internal_domains()?;
    let now = now();
    let trail = Trail::of(&mut reader, subject, now, &inside).map_err(|error| match error {
        TrailError::Several { .. } => Failure::usage(error.to_string()),
        error => Failure::from(error),
    })?;
    let mut out = stdout();
    if json {
        write_json(&mut out, &trail)?
    } else {
        write_text(&mut out, &trail, now, Terminal::of_stdout())?
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

/// Width of a moment, to the second.
const MOMENT_WIDTH: usize = 19;
/// A pause that is worth saying.
const PAUSE_MS_MIN: i64 = DAY_MS;
const DAY_MS: i64 = 86_400_000;

/// The time line: moments to the left, what happened to the right, the line between them.
fn write_text(out: &mut impl Write, trail: &Trail, now: TimeMs, terminal: Terminal) -> io::Result<()> {
    writeln!(out, "{}", terminal.paint(Tone::Heading, &plain(&trail.title)))?;
    if let Some(place) = &trail.place {
        writeln!(out, "  {}", plain(place))?;
    }
    for person in &trail.people {
        writeln!(out, "  came as {}: {}", person.person_kinds.join(", "), plain(&person.forms.join(", ")))?;
        if !person.aliases.is_empty() {
            writeln!(out, "  also known as {}", plain(&person.aliases.join(", ")))?;
        }
    }
    writeln!(out)?;
    let events = trail.events();
    let mut before: Option<TimeMs> = None;
    for (place, (at, event)) in events.iter().enumerate() {
        if let Some(before) = before {
            let pause = terminal.paint(Tone::Faint, &format!("{:>MOMENT_WIDTH$}", pause(before, *at, now)));
            writeln!(out, "{pause}  │")?;
        }
        before = Some(*at);
        let line = if place + 1 < events.len() { "│" } else { " " };
        write_event(out, *at, *event, line, terminal)?;
    }
    Ok(())
}

fn write_event(out: &mut impl Write, at: TimeMs, event: Event<'_>, line: &str, terminal: Terminal) -> io::Result<()> {
    let (mark, tone) = mark(event);
    let room = terminal.width.map_or(usize::MAX, |width| width.saturating_sub(MOMENT_WIDTH + 4));
    let mut lines = lines(event).into_iter().flat_map(|line| wrap(&plain(&line), room));
    let happened = lines.next().unwrap_or_default();
    writeln!(out, "{}  {} {happened}", moment(at), terminal.paint(tone, mark))?;
    for basis in lines {
        writeln!(out, "{:MOMENT_WIDTH$}  {line} {}", "", terminal.paint(Tone::Faint, &basis))?;
    }
    Ok(())
}

/// A door is an open circle while nobody has come through it.
fn mark(event: Event<'_>) -> (&'static str, Tone) {
    match event {
        Event::Shared(_) => ("○", Tone::Heading),
        Event::Accepted(_) => ("◎", Tone::Good),
        Event::Access(access) if access.action == "redeem" => ("◎", Tone::Good),
        Event::Access(access) if access.classified == Some(true) => ("●", Tone::Grave),
        Event::Access(access) if access.share_id.is_none() => ("●", Tone::Notable),
        Event::Access(_) => ("●", Tone::Good),
        Event::Ended(_) => ("×", Tone::Faint),
    }
}

/// What lies between two moments, where it is long; an end may lie ahead.
fn pause(before: TimeMs, at: TimeMs, now: TimeMs) -> String {
    let pause = at.millis() - before.millis();
    if before <= now && at > now {
        "still ahead".to_owned()
    } else if pause >= PAUSE_MS_MIN {
        counted(pause / DAY_MS, "day later", "days later")
    } else {
        String::new()
    }
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
