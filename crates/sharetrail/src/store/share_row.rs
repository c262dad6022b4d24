//! The row of a share: its life, what use was made of it, and whether its item is classified now.

use std::sync::Arc;

use rusqlite::{Connection, Row as SqlRow};
use trail::classification::{Classification, Placed, classify};
use trail::identity::RecipientKind;
use trail::share::{EndReason, Share, State, state_at};
use trail::{RecordId, TimeMs};

use super::item_row::Verdict;
use super::known_shares::parse_share;
use super::rows::Context;
use super::{Store, StoreError, outbox};
use crate::rows;
use crate::rows::delivered_json;

/// What a row shows beside the share itself; stored as JSON with it.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Extra {
    uses: i64,
    first_used_at: Option<i64>,
    last_used_at: Option<i64>,
    classified: Option<bool>,
    level: Option<Arc<str>>,
    label_id: Option<Arc<str>>,
    label_name: Option<Arc<str>>,
    sources: Option<String>,
}

impl Extra {
    /// As stored.
    pub(super) fn read(json: &[u8]) -> Self {
        serde_json::from_slice(json).unwrap_or_default()
    }

    /// Whether its item is classified now.
    pub(super) fn verdict(self) -> Verdict {
        Verdict { classified: self.classified, level: self.level, label_name: self.label_name }
    }
}

/// A share in the store's numbers.
pub(super) struct ShareHead {
    pub(super) share: Share,
    extra: Extra,
    revision: i64,
    concluded_at: TimeMs,
    withdrawn: bool,
}

impl ShareHead {
    /// The columns that [`ShareHead::read`] expects.
    pub(super) const COLUMNS: &'static str = "body, extra, share.revision, share.concluded_at, share.withdrawn";

    pub(super) fn read(row: &SqlRow<'_>) -> Result<Self, StoreError> {
        let extra: Option<Vec<u8>> = row.get(1)?;
        Ok(Self {
            share: parse_share(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?,
            extra: extra.map(|json| Extra::read(&json)).unwrap_or_default(),
            revision: row.get(2)?,
            concluded_at: TimeMs(row.get(3)?),
            withdrawn: row.get(4)?,
        })
    }

    /// The state; with `now`, an end that lies before it counts.
    pub(super) fn state(&self, now: Option<TimeMs>) -> State {
        state_at(&self.share, now, self.is_used())
    }

    /// Redeemed, accepted or matched by an access.
    fn is_used(&self) -> bool {
        self.extra.uses > 0 || self.share.accepted_at.is_some()
    }
}

/// Whether it is a way in for outsiders, for anyone, or for a group that may hold some.
pub(super) fn is_for_outsiders(share: &Share) -> bool {
    match share.recipient_kind {
        RecipientKind::Person(kind) => kind.is_outside(),
        RecipientKind::Anyone | RecipientKind::Group => true,
        RecipientKind::AllInsiders | RecipientKind::Plumbing => false,
    }
}

impl Store {
    /// Concludes the row of a share again; tells whether it wrote one.
    pub(super) fn conclude_share_row(&mut self, id: i64, now: TimeMs) -> Result<usize, StoreError> {
        let (mut head, item, digest) = {
            let mut statement = self
                .db
                .prepare_cached(&format!("SELECT {}, item, digest FROM share WHERE id = ?1", ShareHead::COLUMNS))?;
            let mut rows = statement.query([id])?;
            let Some(row) = rows.next()? else { return Ok(0) };
            (ShareHead::read(row)?, row.get::<_, i64>(5)?, row.get::<_, Vec<u8>>(6)?)
        };
        if head.withdrawn {
            return Ok(0);
        }
        let (uses, first, last): (i64, Option<i64>, Option<i64>) = self
            .db
            .prepare_cached(
                "SELECT count(*), min(first_at), max(last_at) FROM access WHERE share = ?1 AND withdrawn = 0",
            )?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let class = self.classified_now(item, &head.share)?;
        head.extra = Extra {
            uses,
            first_used_at: first,
            last_used_at: last,
            classified: class.classified,
            sources: class.sources_text(),
            level: class.level,
            label_id: class.label_id,
            label_name: class.label_name,
        };
        head.revision = 0;
        head.concluded_at = TimeMs(0);
        let mut json = Vec::with_capacity(1024);
        let row = share(&mut Context { db: &self.db, texts: &mut self.decoder, tenant: &self.tenant }, &head, None)?;
        delivered_json(&row, &mut json);
        let new_digest = trail::id::hash16(&json);
        if digest == new_digest {
            return Ok(0);
        }
        let extra = serde_json::to_vec(&head.extra).map_err(|_| StoreError::Damaged("a share cannot be written"))?;
        self.db
            .prepare_cached(
                "UPDATE share SET extra = ?2, used = ?3, digest = ?4, revision = ?5, concluded_at = ?6 WHERE id = ?1",
            )?
            .execute((id, extra, head.is_used(), new_digest, self.revision, now.millis()))?;
        outbox::offer(&self.db, &self.sinks, outbox::Table::Share, id, self.revision)?;
        Ok(1)
    }

    fn classified_now(&mut self, item: i64, share: &Share) -> Result<Classification, StoreError> {
        let (file, site) = self.signals(item, share.site.as_ref(), None)?;
        let path = share.places.last().map(|place| Arc::clone(&place.path));
        let placed = Placed { path, ..Placed::of(&share.item, None, None) };
        Ok(classify(None, &file, &site, &placed, None, &self.policy.classification))
    }
}

/// Share number `id`.
pub(super) fn head_numbered(db: &Connection, id: i64) -> Result<ShareHead, StoreError> {
    let mut statement = db.prepare_cached(&format!("SELECT {} FROM share WHERE id = ?1", ShareHead::COLUMNS))?;
    let mut rows = statement.query([id])?;
    ShareHead::read(rows.next()?.ok_or(StoreError::Damaged("a share is missing"))?)
}

/// The row of share number `id`, as delivered.
pub(super) fn share_numbered(context: &mut Context<'_>, id: i64) -> Result<rows::Share, StoreError> {
    let head = head_numbered(context.db, id)?;
    share(context, &head, None)
}

/// The row of a share; `now` is when it is read, and none for delivery.
pub(super) fn share(
    context: &mut Context<'_>,
    head: &ShareHead,
    now: Option<TimeMs>,
) -> Result<rows::Share, StoreError> {
    let ShareHead { share, extra, .. } = head;
    let end = share
        .end
        .filter(|(_, reason)| now.is_some() || *reason != EndReason::Expired || head.state(None) == State::Ended);
    let mut evidence_ids = Vec::with_capacity(share.evidence.len());
    for record in &share.evidence {
        evidence_ids.push(context.record_id(*record)?);
    }
    Ok(rows::Share {
        time_generated: share.shared_at.unwrap_or(share.first_sign_at),
        share_id: Arc::clone(&share.share_id),
        link_id: Arc::clone(&share.link_id),
        revision: head.revision,
        withdrawn: head.withdrawn,
        concluded_at: head.concluded_at,
        tenant_name: Arc::clone(context.tenant),
        share_kind: share.kind.as_str(),
        permission: share.permission.clone(),
        item_id: Arc::clone(&share.item),
        item_url: share.url.clone(),
        item_name: share.name.clone(),
        item_type: share.item_type.clone(),
        site_url: share.site.clone(),
        recipient: share.recipient.clone(),
        recipient_kind: share.recipient_kind.as_str(),
        domain: share.domain.clone(),
        shared_by: share.shared_by.clone(),
        shared_at: share.shared_at,
        accepted_at: share.accepted_at,
        first_used_at: extra.first_used_at.map(TimeMs),
        last_used_at: extra.last_used_at.map(TimeMs),
        uses: extra.uses,
        ended_at: end.map(|(at, _)| at),
        end_reason: end.map(|(_, reason)| reason.as_str()),
        state: head.state(now).as_str(),
        confidence: match share.recipient_kind {
            RecipientKind::Group => "possible",
            // That it was there is known, and from when and through what is not.
            _ if share.is_listed => "probable",
            _ => "certain",
        },
        classified_now: extra.classified,
        classification_level: extra.level.clone(),
        label_id: extra.label_id.clone(),
        label_name: extra.label_name.clone(),
        classification_source: extra.sources.clone(),
        evidence_ids,
    })
}

impl Context<'_> {
    /// A record's id as it was written.
    fn record_id(&mut self, id: RecordId) -> Result<String, StoreError> {
        // Only ids that are no GUIDs have a text of their own, and they are rare: the number says which they are.
        let text: Option<i64> = self
            .db
            .prepare_cached("SELECT id_text FROM odd_id WHERE record_id = ?1")?
            .query_row([id.0], |row| row.get(0))
            .map(Some)
            .or_else(|error| if error == rusqlite::Error::QueryReturnedNoRows { Ok(None) } else { Err(error) })?;
        Ok(match self.texts.optional(self.db, text)? {
            Some(text) => text.to_string(),
            None => id.to_string(),
        })
    }
}
