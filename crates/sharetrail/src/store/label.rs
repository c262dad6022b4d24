//! Labels of items and of sites: the last word on one up to a moment, and which accesses a new word can change.

use std::sync::Arc;

use rusqlite::Params;
use trail::classification::{Of, Signal, What, signals};
use trail::item::normalise_url;
use trail::{Record, RecordId, TimeMs};

use super::dirty::{self, Span};
use super::fact::Facts;
use super::{Store, StoreError, key, text};

/// Label sightings of records that were not kept that are looked at, the latest first.
const SIGHTINGS_MAX: i64 = 8;

/// Records that may say something of the label of an item (`?1`); the words are those of the index.
const OF_ITEM: &str = "item = ?1 AND (label IS NOT NULL OR roles & 4)";
/// The same of a site.
const OF_SITE: &str = "site = ?1 AND (site_label IS NOT NULL OR roles & 16)";

impl Store {
    /// Marks what the label that an activity shows of its item can change: nothing where it was known before.
    pub(super) fn mark_label(&mut self, activity: i64, item: i64, at: i64) -> Result<(), StoreError> {
        let sighted = self.sighted(item, at)?;
        let Some(span) = self.facts().news(OF_ITEM, Of::File, (activity, item, at), sighted)? else { return Ok(()) };
        dirty::item_accesses(&self.db, item, span)?;
        if span.to == i64::MAX {
            dirty::item_shares(&self.db, item)?;
        }
        Ok(())
    }

    /// The same of the label of its site, for all that lies there.
    pub(super) fn mark_site_label(&mut self, activity: i64, site: i64, at: i64) -> Result<(), StoreError> {
        let key = (activity, site, at);
        let Some(span) = self.facts().news(OF_SITE, Of::Site, key, Vec::new())? else { return Ok(()) };
        let path = normalise_url(&self.decoder.text(&self.db, site)?);
        dirty::below(&self.db, &path, span)?;
        if span.to == i64::MAX {
            dirty::shares_below(&self.db, &path)?;
        }
        Ok(())
    }

    /// Marks what a label can change that records which were not kept have shown on a day.
    pub(super) fn mark_sighting(&mut self, item: i64, label: &str, day: i64) -> Result<(), StoreError> {
        let at = key::end_of_day(day);
        let mut before = self.facts().last_word(OF_ITEM, Of::File, item, at.millis())?;
        before.extend(self.sighted(item, at.millis())?);
        let what = What::OnRecord(trail::record::lower_id(label));
        if before.into_iter().max().is_some_and(|last| last.what == what) {
            return Ok(());
        }
        dirty::item_accesses(&self.db, item, Span::since(at.millis()))?;
        dirty::item_shares(&self.db, item)
    }

    /// The last words on the labels of an item and of its site up to `until` (`None`: ever).
    pub(super) fn signals(
        &mut self,
        item: i64,
        site: Option<&Arc<str>>,
        until: Option<TimeMs>,
    ) -> Result<(Vec<Signal>, Vec<Signal>), StoreError> {
        let until = until.map_or(i64::MAX, TimeMs::millis);
        let mut file = self.facts().last_word(OF_ITEM, Of::File, item, until)?;
        file.extend(self.sighted(item, until)?);
        // Every match and its undoing, since each is of another policy.
        let content = self.facts().records("item = ?1 AND roles & 128 AND time <= ?2", (item, until))?;
        file.extend(content.iter().flat_map(|(_, record)| signals(record)));
        let site = match site.map(|site| text::find(&self.db, site)).transpose()?.flatten() {
            Some(site) => self.facts().last_word(OF_SITE, Of::Site, site, until)?,
            None => Vec::new(),
        };
        Ok((file, site))
    }

    /// Labels that records which were not kept have shown, by day: they count from the end of that day.
    fn sighted(&mut self, item: i64, until: i64) -> Result<Vec<Signal>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT label, day FROM label_sighting WHERE item = ?1 AND day < ?2 ORDER BY day DESC LIMIT ?3",
        )?;
        let mut rows = statement.query((item, key::day(TimeMs(until)), SIGHTINGS_MAX))?;
        let mut signals = Vec::new();
        while let Some(row) = rows.next()? {
            let label = self.decoder.text(&self.db, row.get(0)?)?;
            signals.push(Signal {
                at: key::end_of_day(row.get(1)?),
                what: What::OnRecord(trail::record::lower_id(&label)),
                of: Of::File,
                record: RecordId::default(),
            });
        }
        Ok(signals)
    }
}

impl Facts<'_> {
    /// What the latest records up to `until` say that say something: those of one instant, since only all of them together
    /// tell what held.
    fn last_word(&mut self, condition: &str, of: Of, number: i64, until: i64) -> Result<Vec<Signal>, StoreError> {
        self.first_said(&format!("{condition} AND time <= ?2 ORDER BY time DESC"), of, (number, until))
    }

    /// In which span the word of an activity holds: until the next one. `None` when it says nothing, or nothing but what
    /// was the last word before. `sighted`: what records that were not kept said before.
    fn news(
        &mut self,
        condition: &str,
        of: Of,
        (activity, number, at): (i64, i64, i64),
        sighted: Vec<Signal>,
    ) -> Result<Option<Span>, StoreError> {
        let said = self.first_said("activity.id = ?1", of, [activity])?;
        let Some(said) = said.into_iter().max() else { return Ok(None) };
        let mut before = self.first_said(
            &format!("{condition} AND time <= ?2 AND activity.id <> ?3 ORDER BY time DESC"),
            of,
            (number, at, activity),
        )?;
        before.extend(sighted);
        if before.into_iter().max().is_some_and(|last| last.what == said.what) {
            return Ok(None);
        }
        let after = self.first_said(
            &format!("{condition} AND time > ?2 AND activity.id <> ?3 ORDER BY time"),
            of,
            (number, at, activity),
        )?;
        Ok(Some(Span { from: at, to: after.first().map_or(i64::MAX, |signal| signal.at.millis()) }))
    }

    /// Reads records in their order up to the first instant at which one says something of labels, and tells what was said
    /// then.
    fn first_said(&mut self, condition: &str, of: Of, parameters: impl Params) -> Result<Vec<Signal>, StoreError> {
        let mut found: Vec<Signal> = Vec::new();
        self.each(condition, parameters, |_, record: Record| {
            if found.first().is_some_and(|first| first.at != record.time) {
                return false;
            }
            found.extend(signals(&record).into_iter().filter(|signal| signal.of == of));
            true
        })?;
        Ok(found)
    }
}
