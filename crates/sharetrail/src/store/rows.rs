//! Rows out of the store: numbers become strings again.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, Row as SqlRow};
use trail::parse::parse;
use trail::{RecordId, TimeMs};

use super::matched::Matched;
use super::text::Decoder;
use super::{StoreError, archive, codes, page};
use crate::rows;

/// What building rows needs.
pub(super) struct Context<'a> {
    pub(super) db: &'a Connection,
    pub(super) texts: &'a mut Decoder,
    pub(super) tenant: &'a Arc<str>,
}

impl Context<'_> {
    fn optional(&mut self, id: Option<i64>) -> Result<Option<Arc<str>>, StoreError> {
        self.texts.optional(self.db, id)
    }
}

/// An access in the store's numbers.
#[derive(Debug, Clone)]
pub(super) struct AccessHead {
    pub(super) access_id: [u8; 16],
    pub(super) person: i64,
    pub(super) item: i64,
    pub(super) action: i64,
    pub(super) first_activity: i64,
    pub(super) first_at: TimeMs,
    pub(super) last_at: TimeMs,
    pub(super) records: i64,
    pub(super) matched: Matched,
    pub(super) revision: i64,
    pub(super) concluded_at: TimeMs,
    pub(super) withdrawn: bool,
}

impl AccessHead {
    /// The columns that [`AccessHead::read`] expects.
    pub(super) const COLUMNS: &'static str = "access_id, person, item, action, first_activity, first_at, last_at, records, match, revision, concluded_at, withdrawn";

    pub(super) fn read(row: &SqlRow<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            access_id: row.get(0)?,
            person: row.get(1)?,
            item: row.get(2)?,
            action: row.get(3)?,
            first_activity: row.get(4)?,
            first_at: TimeMs(row.get(5)?),
            last_at: TimeMs(row.get(6)?),
            records: row.get(7)?,
            matched: Matched::read(row, 8)?,
            revision: row.get(9)?,
            concluded_at: TimeMs(row.get(10)?),
            withdrawn: row.get(11)?,
        })
    }
}

/// The row of access number `id`.
pub(super) fn access_numbered(context: &mut Context<'_>, id: i64) -> Result<rows::Access, StoreError> {
    let head = context
        .db
        .prepare_cached(&format!("SELECT {} FROM access WHERE id = ?1", AccessHead::COLUMNS))?
        .query_row([id], AccessHead::read)?;
    access(context, &head)
}

/// The row of an access: its particulars are those of its first record.
pub(super) fn access(context: &mut Context<'_>, head: &AccessHead) -> Result<rows::Access, StoreError> {
    let first = Numbers::of(context.db, head.first_activity)?;
    let (evidence_ids, feeds) = evidence(context, head)?;
    let matched = &head.matched;
    Ok(rows::Access {
        time_generated: head.first_at,
        last_at: head.last_at,
        access_id: RecordId(head.access_id).to_string(),
        revision: head.revision,
        withdrawn: head.withdrawn,
        concluded_at: head.concluded_at,
        tenant_name: Arc::clone(context.tenant),
        person: context.texts.text(context.db, head.person)?,
        person_kind: codes::person_kind_of(first.kind).as_str(),
        person_basis: first.basis.map(|basis| codes::person_basis_of(basis).as_str()),
        domain: context.optional(first.domain)?,
        action: codes::action_of(head.action).as_str(),
        operation: context.optional(first.operation)?.unwrap_or_default(),
        records: head.records,
        item_id: context.texts.text(context.db, head.item)?,
        item_url: context.optional(first.url)?,
        item_name: context.optional(first.name)?,
        item_type: context.optional(first.item_type)?,
        site_url: context.optional(first.site)?,
        zip_name: context.optional(first.zip)?,
        share_id: matched.share_id.clone(),
        other_share_ids: Some(matched.other_share_ids.clone()).filter(|others| !others.is_empty()),
        share_kind: matched.share_kind.clone(),
        shared_by: matched.shared_by.clone(),
        shared_at: matched.shared_at.map(TimeMs),
        match_rule: matched.rule.clone(),
        confidence: matched.confidence.clone(),
        classified: matched.classified,
        classification_level: matched.level.clone(),
        label_id: matched.label_id.clone(),
        label_name: matched.label_name.clone(),
        classification_source: matched.sources.clone(),
        client_ip: context.optional(first.ip)?,
        country: context.optional(first.country)?,
        city: context.optional(first.city)?,
        client_kind: codes::client_kind_of(first.client_kind).as_str(),
        user_agent: context.optional(first.user_agent)?,
        managed_device: first.managed,
        app: context.optional(first.app)?,
        defender_says_external: first.says_external,
        feeds: context.texts.feed_names(context.db, feeds)?,
        evidence_ids,
    })
}

/// The row of activity number `id`.
pub(super) fn activity(context: &mut Context<'_>, id: i64) -> Result<rows::Activity, StoreError> {
    let numbers = Numbers::of(context.db, id)?;
    Ok(rows::Activity {
        time_generated: numbers.time.map(TimeMs),
        activity_id: id_text(context, numbers.record_id, numbers.id_text)?,
        tenant_name: Arc::clone(context.tenant),
        operation: context.optional(numbers.operation)?,
        workload: context.optional(numbers.workload)?,
        person: context.texts.text(context.db, numbers.person)?,
        person_kind: codes::person_kind_of(numbers.kind).as_str(),
        item_id: context.optional(numbers.item)?,
        item_url: context.optional(numbers.url)?,
        item_name: context.optional(numbers.name)?,
        item_type: context.optional(numbers.item_type)?,
        site_url: context.optional(numbers.site)?,
        target: context.optional(numbers.target)?,
        target_kind: context.optional(numbers.target_kind)?,
        link_id: context.optional(numbers.link)?,
        label_id: context.optional(numbers.label)?,
        site_label_id: context.optional(numbers.site_label)?,
        changes: context.optional(numbers.changes)?,
        client_ip: context.optional(numbers.ip)?,
        client_kind: codes::client_kind_of(numbers.client_kind).as_str(),
        user_agent: context.optional(numbers.user_agent)?,
        app: context.optional(numbers.app)?,
        feeds: context.texts.feed_names(context.db, numbers.feeds)?,
    })
}

/// The row of gap number `id`.
pub(super) fn gap(context: &mut Context<'_>, id: i64) -> Result<rows::Gap, StoreError> {
    let tenant = Arc::clone(context.tenant);
    Ok(context
        .db
        .prepare_cached(
            "SELECT gap_id, revision, feed.name, from_time, to_time, reason
             FROM gap JOIN feed ON feed.id = gap.feed WHERE gap.id = ?1",
        )?
        .query_row([id], |row| {
            Ok(rows::Gap {
                time_generated: TimeMs(row.get(3)?),
                gap_id: RecordId(row.get(0)?).to_string(),
                revision: row.get(1)?,
                tenant_name: tenant,
                feed: row.get(2)?,
                from_time: TimeMs(row.get(3)?),
                to_time: TimeMs(row.get(4)?),
                reason: row.get(5)?,
            })
        })?)
}

/// The share report row of activity number `id`, read from its record: such records are few.
pub(super) fn accept(context: &mut Context<'_>, id: i64) -> Result<rows::Accept, StoreError> {
    let mut sightings = Vec::new();
    for sighting in page::sightings(context.db, id)? {
        let raw = archive::read(context.db, sighting.place)?;
        let raw = String::from_utf8(raw).map_err(|_| StoreError::Damaged("it is not text"))?;
        sightings.push((sighting.source, sighting.hash, parse(&raw).0.into_owned()));
    }
    Ok(accept_row(trail::fold::fold(sightings)))
}

fn accept_row(activity: trail::Activity<'static>) -> rows::Accept {
    let defender = activity.defender.unwrap_or_default();
    let text = |value: trail::Text<'static>| value.map(std::borrow::Cow::into_owned);
    let operation = Some(activity.operation.into_owned()).filter(|operation| !operation.is_empty());
    rows::Accept {
        description: text(defender.description),
        operation: text(defender.event_type_name).or(operation),
        severity: text(defender.severity),
        collaborator: text(defender.user_name),
        created_date_time: defender.created.or(activity.time).map(whole_seconds),
        user_id: text(activity.user_id),
        resolved_user: text(defender.resolved_user),
        user_key: text(activity.user_key),
        site_url: text(activity.site_url),
        source_file_name: text(activity.source_file_name),
        source_relative_url: text(activity.source_relative_url),
        file_url: text(defender.target_object),
        object_id: text(activity.object_id),
        access_location: text(defender.location_json).map(|json| compact(&json)),
        app_name: text(defender.app_name),
    }
}

/// `YYYY-MM-DDThh:mm:ssZ`: the only form that `time-generated-field` takes.
fn whole_seconds(time: TimeMs) -> String {
    Timestamp::from_second(time.millis().div_euclid(1000)).map_or_else(|_| time.to_string(), |time| time.to_string())
}

/// The same JSON without white space between its parts; keys and numbers stay as they are.
fn compact(json: &str) -> String {
    let mut compact = String::with_capacity(json.len());
    let (mut in_text, mut escaped) = (false, false);
    for character in json.chars() {
        if in_text {
            in_text = escaped || character != '"';
            escaped = !escaped && character == '\\';
        } else if character.is_ascii_whitespace() {
            continue;
        } else {
            in_text = character == '"';
        }
        compact.push(character);
    }
    compact
}

/// An activity's row of numbers.
struct Numbers {
    record_id: [u8; 16],
    id_text: Option<i64>,
    time: Option<i64>,
    operation: Option<i64>,
    workload: Option<i64>,
    person: i64,
    item: Option<i64>,
    url: Option<i64>,
    name: Option<i64>,
    item_type: Option<i64>,
    site: Option<i64>,
    target: Option<i64>,
    target_kind: Option<i64>,
    link: Option<i64>,
    label: Option<i64>,
    site_label: Option<i64>,
    changes: Option<i64>,
    ip: Option<i64>,
    client_kind: i64,
    user_agent: Option<i64>,
    app: Option<i64>,
    managed: Option<bool>,
    country: Option<i64>,
    city: Option<i64>,
    says_external: Option<bool>,
    zip: Option<i64>,
    feeds: i64,
    kind: i64,
    basis: Option<i64>,
    domain: Option<i64>,
}

impl Numbers {
    fn of(db: &Connection, id: i64) -> Result<Self, StoreError> {
        Ok(db
            .prepare_cached(
                "SELECT record_id, id_text, time, operation, workload, activity.person, item, url, name, item_type,
                     site, target, target_kind, link, label, site_label, activity.ip, client_kind, user_agent, app,
                     managed, country, city, says_external, zip, feeds, kind, basis, domain, changes
                 FROM activity JOIN actor ON actor.id = activity.actor WHERE activity.id = ?1",
            )?
            .query_row([id], |row| {
                Ok(Self {
                    record_id: row.get(0)?,
                    id_text: row.get(1)?,
                    time: row.get(2)?,
                    operation: row.get(3)?,
                    workload: row.get(4)?,
                    person: row.get(5)?,
                    item: row.get(6)?,
                    url: row.get(7)?,
                    name: row.get(8)?,
                    item_type: row.get(9)?,
                    site: row.get(10)?,
                    target: row.get(11)?,
                    target_kind: row.get(12)?,
                    link: row.get(13)?,
                    label: row.get(14)?,
                    site_label: row.get(15)?,
                    ip: row.get(16)?,
                    client_kind: row.get(17)?,
                    user_agent: row.get(18)?,
                    app: row.get(19)?,
                    managed: row.get(20)?,
                    country: row.get(21)?,
                    city: row.get(22)?,
                    says_external: row.get(23)?,
                    zip: row.get(24)?,
                    feeds: row.get(25)?,
                    kind: row.get(26)?,
                    basis: row.get(27)?,
                    domain: row.get(28)?,
                    changes: row.get(29)?,
                })
            })?)
    }
}

/// Ids of an access's records in order of (time, id), and the feeds that brought them.
fn evidence(context: &mut Context<'_>, head: &AccessHead) -> Result<(Vec<String>, i64), StoreError> {
    let members: Vec<([u8; 16], Option<i64>, i64)> = {
        let mut statement = context.db.prepare_cached(
            "SELECT record_id, id_text, feeds FROM activity
             WHERE person = ?1 AND item = ?2 AND action = ?3 AND time BETWEEN ?4 AND ?5 ORDER BY time, record_id",
        )?;
        let rows = statement
            .query_map((head.person, head.item, head.action, head.first_at.millis(), head.last_at.millis()), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        rows.collect::<Result<_, _>>()?
    };
    let mut ids = Vec::with_capacity(members.len());
    let mut feeds = 0;
    for (record_id, text, seen_by) in members {
        ids.push(id_text(context, record_id, text)?);
        feeds |= seen_by;
    }
    Ok((ids, feeds))
}

fn id_text(context: &mut Context<'_>, record_id: [u8; 16], text: Option<i64>) -> Result<String, StoreError> {
    Ok(match context.optional(text)? {
        Some(text) => text.to_string(),
        None => RecordId(record_id).to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_written_compactly_and_otherwise_unchanged() {
        assert_eq!(
            compact("{ \"city\" : \"Tel  \\\"Aviv\\\\\" ,\n \"Level\": 1, \"level\": 34.7604 }"),
            r#"{"city":"Tel  \"Aviv\\","Level":1,"level":34.7604}"#
        );
    }

    #[test]
    fn created_is_written_in_whole_seconds_and_utc() {
        assert_eq!(whole_seconds(TimeMs(1_595_096_586_840)), "2020-07-18T18:23:06Z");
    }
}
