//! `show person|item|share`: one trail: shares and accesses in order of time, each with what it rests on.

use std::io::{self, Write};

use serde_json::Value;

use super::{Context, now};
use crate::exit::{Failure, Outcome};
use crate::report::plain;
use crate::rows::{self, Row, report_json};
use crate::stdout::stdout;
use crate::store::{AccessFilter, Reader};

/// Whose trail.
pub(super) enum Subject<'a> {
    Person(&'a str),
    Item(&'a str),
    Share(&'a str),
}

/// Prints the trail.
pub(super) fn show(context: &Context, subject: &Subject<'_>, json: bool) -> Result<Outcome, Failure> {
    let mut reader = Reader::open(&context.the_store()?)?;
    let trail = Trail::of(&mut reader, subject)?;
    let mut out = stdout();
    if json {
        trail.json(&mut out)?
    } else {
        trail.text(&mut out)?
    }
    out.flush()?;
    Ok(Outcome::Done)
}

/// Everything about one person, item or share.
struct Trail {
    title: String,
    /// Where an item lies, by its latest sign of life.
    place: Option<String>,
    people: Vec<rows::Person>,
    shares: Vec<rows::Share>,
    accesses: Vec<rows::Access>,
}

impl Trail {
    fn of(reader: &mut Reader, subject: &Subject<'_>) -> Result<Self, Failure> {
        let filter = filter(reader, subject)?;
        let inside = reader.inferred_internal_domains()?;
        let mut trail = Self {
            title: title(subject, &filter),
            place: None,
            people: Vec::new(),
            shares: Vec::new(),
            accesses: Vec::new(),
        };
        reader.accesses(&filter, &inside, |access| {
            trail.accesses.push(access);
            Ok::<_, Failure>(())
        })?;
        reader.shares(&filter, now(), &inside, |share| {
            trail.shares.push(share);
            Ok::<_, Failure>(())
        })?;
        if let Subject::Person(_) = subject {
            trail.people = reader.people(&filter, &inside)?;
            // Shares for anyone and for groups through which this person came.
            for id in trail.accesses.iter().filter_map(|access| access.share_id.clone()) {
                if trail.shares.iter().all(|share| share.share_id != id) {
                    let through = AccessFilter { share: Some(id.to_string()), ..AccessFilter::default() };
                    reader.shares(&through, now(), &inside, |share| {
                        trail.shares.push(share);
                        Ok::<_, Failure>(())
                    })?;
                }
            }
        }
        if let Subject::Item(_) = subject {
            let reached = trail.accesses.iter().rev().find_map(|access| access.item_url.as_deref());
            let shared = || trail.shares.iter().rev().find_map(|share| share.item_url.as_deref());
            trail.place = reached.or_else(shared).map(str::to_owned);
        }
        if trail.accesses.is_empty() && trail.shares.is_empty() {
            let list = if matches!(subject, Subject::Share(_)) { "report shares" } else { "report people" };
            return Err(Failure::failed(format!("nothing is known of {}; `{list}` lists what there is", trail.title)));
        }
        Ok(trail)
    }

    fn json(&self, out: &mut impl Write) -> io::Result<()> {
        let list = |rows: Vec<Vec<u8>>| -> io::Result<Value> {
            rows.iter().map(|row| serde_json::from_slice::<Value>(row).map_err(io::Error::from)).collect()
        };
        let object = serde_json::json!({
            "people": list(self.people.iter().map(as_json).collect())?,
            "shares": list(self.shares.iter().map(as_json).collect())?,
            "accesses": list(self.accesses.iter().map(as_json).collect())?,
        });
        serde_json::to_writer_pretty(&mut *out, &object).map_err(io::Error::from)?;
        writeln!(out)
    }

    fn text(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{}", plain(&self.title))?;
        if let Some(place) = &self.place {
            writeln!(out, "  {}", plain(place))?;
        }
        for person in &self.people {
            writeln!(out, "  came as {}: {}", person.person_kinds.join(", "), plain(&person.forms.join(", ")))?;
            if !person.aliases.is_empty() {
                writeln!(out, "  also known as {}", plain(&person.aliases.join(", ")))?;
            }
        }
        for (at, lines) in self.timeline() {
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

    /// What happened, in order: shares made, accepted and ended, accesses.
    fn timeline(&self) -> Vec<(trail::TimeMs, Vec<String>)> {
        let mut events: Vec<(trail::TimeMs, u8, Vec<String>)> = Vec::new();
        for share in &self.shares {
            let to = share.recipient.as_deref().unwrap_or("anyone");
            let item = share.item_name.as_deref().or(share.item_url.as_deref()).unwrap_or(&share.item_id);
            let by = share.shared_by.as_deref().unwrap_or("somebody, before we looked");
            let records = format!("records: {}", share.evidence_ids.join(", "));
            let what = format!(
                "shared      {item} with {to} by {by} ({}, {}, now {})",
                share.share_kind,
                share.permission.as_deref().unwrap_or("permission unknown"),
                share.state
            );
            events.push((
                share.time_generated,
                0,
                vec![what, format!("share {}", share.share_id), classification(share), records],
            ));
            if let Some(at) = share.accepted_at {
                events.push((at, 1, vec![format!("accepted    {item} by {to}"), format!("share {}", share.share_id)]));
            }
            if let Some(at) = share.ended_at {
                let why = share.end_reason.unwrap_or_default();
                events.push((
                    at,
                    4,
                    vec![format!("ended       {item} for {to}: {why}"), format!("share {}", share.share_id)],
                ));
            }
        }
        for access in &self.accesses {
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
            events.push((
                access.time_generated,
                2 + u8::from(access.action != "redeem"),
                [Some(what), Some(through), level, Some(records)].into_iter().flatten().collect(),
            ));
        }
        events.sort_by(|one, two| (one.0, one.1, &one.2).cmp(&(two.0, two.1, &two.2)));
        let lines = |lines: Vec<String>| lines.into_iter().filter(|line| !line.is_empty()).collect();
        events.into_iter().map(|(at, _, text)| (at, lines(text))).collect()
    }
}

fn classification(share: &rows::Share) -> String {
    let level = share.classification_level.as_deref();
    level.map(|level| format!("now {}", verdict(share.classified_now, level))).unwrap_or_default()
}

fn verdict(classified: Option<bool>, level: &str) -> String {
    match classified {
        Some(true) => format!("classified as {level}"),
        Some(false) => format!("labelled {level}, which is not classified"),
        None => format!("labelled {level}"),
    }
}

fn as_json<R: Row>(row: &R) -> Vec<u8> {
    let mut json = Vec::new();
    report_json(row, &mut json);
    json
}

/// To the second, as a person reads it.
fn moment(at: trail::TimeMs) -> String {
    at.to_string().chars().take(19).map(|c| if c == 'T' { ' ' } else { c }).collect()
}

fn title(subject: &Subject<'_>, filter: &AccessFilter) -> String {
    match subject {
        Subject::Person(person) => (*person).to_owned(),
        Subject::Item(item) => format!("item {}", filter.item.as_deref().unwrap_or(item)),
        Subject::Share(share) => format!("share {share}"),
    }
}

fn filter(reader: &mut Reader, subject: &Subject<'_>) -> Result<AccessFilter, Failure> {
    let none = AccessFilter::default();
    Ok(match subject {
        Subject::Person(person) => AccessFilter { person: Some((*person).to_owned()), ..none },
        Subject::Share(share) => AccessFilter { share: Some((*share).to_owned()), ..none },
        Subject::Item(item) => match reader.items_named(item)?.as_slice() {
            [] => {
                return Err(Failure::failed(format!(
                    "nothing is known of the item {item}; `report items` lists what there is"
                )));
            }
            [only] => AccessFilter { item: Some(only.clone()), ..none },
            several => {
                return Err(Failure::usage(format!(
                    "several items are named so; take one of their ids: {}",
                    several.join(", ")
                )));
            }
        },
    })
}
