//! One recipient's life on a link, as one event after the other is heard.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::event::{Change, LinkEvent, LinkRecipient};
use super::item_change::{ItemChange, ItemEvent};
use super::key::share_id;
use super::whereabouts::Whereabouts;
use super::{EndReason, Share, ShareKind};
use crate::identity::RecipientKind;
use crate::{RecordId, TimeMs};

/// What is known so far.
pub(super) struct Life<'a> {
    key: Option<&'a str>,
    link_kind: Option<ShareKind>,
    kind: Option<ShareKind>,
    recipient: Option<LinkRecipient>,
    /// The event whose words on the item are the latest.
    described_by: Option<&'a LinkEvent>,
    permission: Option<Arc<str>>,
    made: Option<(TimeMs, Arc<str>)>,
    first_sign_at: Option<TimeMs>,
    accepted_at: Option<TimeMs>,
    expires_at: Option<TimeMs>,
    end: Option<(TimeMs, EndReason)>,
    /// Between an end and the next beginning.
    gaps: Vec<(TimeMs, Option<TimeMs>)>,
    groups: BTreeSet<Arc<str>>,
    is_blocked: bool,
    is_requested: bool,
    is_listed: bool,
    evidence: BTreeSet<(TimeMs, RecordId)>,
    first_use: Option<(TimeMs, RecordId)>,
}

impl<'a> Life<'a> {
    /// Nothing known yet of this recipient (`None`: anyone).
    pub(super) fn new(key: Option<&'a str>, link_kind: Option<ShareKind>) -> Self {
        Self {
            key,
            link_kind,
            kind: None,
            recipient: None,
            described_by: None,
            permission: None,
            made: None,
            first_sign_at: None,
            accepted_at: None,
            expires_at: None,
            end: None,
            gaps: Vec::new(),
            groups: BTreeSet::new(),
            is_blocked: false,
            is_requested: false,
            is_listed: false,
            evidence: BTreeSet::new(),
            first_use: None,
        }
    }

    /// Something about this very recipient, or about a link for anyone.
    pub(super) fn hears_own(&mut self, event: &'a LinkEvent) {
        // Who uses or accepts it in another's place is not its recipient.
        let is_it = |who: &&LinkRecipient| Some(who.canonical.as_ref()) == self.key;
        if let (None, Some(recipient)) = (&self.recipient, event.recipient.as_ref().filter(is_it)) {
            self.recipient = Some(recipient.clone());
        }
        if event.change == Change::Seen {
            self.first_sign_at.get_or_insert(event.at);
            self.first_use.get_or_insert((event.at, event.record));
            self.described_by.get_or_insert(event);
            return;
        }
        self.evidence.extend(&event.evidence);
        if event.change == Change::Requested {
            self.is_requested = true;
            self.described_by.get_or_insert(event);
            self.kind = self.kind.or(event.kind);
            return;
        }
        self.first_sign_at.get_or_insert(event.at);
        self.kind = self.kind.or(event.kind.filter(|kind| *kind != ShareKind::Unknown));
        match event.change {
            Change::Made | Change::RecipientAdded => {
                self.begins(event.at, &event.by);
                self.groups.extend(event.group.clone());
            }
            Change::Listed => self.is_there(event.at),
            Change::Accepted => self.accepted_at = self.accepted_at.or(Some(event.at)),
            // Taken off a link for anyone, somebody may still use it.
            Change::RecipientRemoved(_) if self.key.is_none() => {}
            Change::RecipientRemoved(reason) | Change::Removed(reason) => self.ends(event.at, reason),
            Change::Blocked => self.is_blocked = self.made.is_none() && self.accepted_at.is_none(),
            Change::Changed | Change::Requested | Change::Seen => {}
        }
        self.takes_words_of(event);
    }

    /// Something about the link as a whole, on which this recipient is one of several.
    pub(super) fn hears_of_link(&mut self, event: &'a LinkEvent) {
        match event.change {
            Change::Seen => return,
            // Before anything was heard of the recipient, too: a use that is recorded later does not undo it.
            Change::Removed(reason) => self.ends(event.at, reason),
            _ => {}
        }
        self.evidence.extend(&event.evidence);
        self.takes_words_of(event);
    }

    /// Something about the item (`is_own`) or what lies above it.
    pub(super) fn hears_of_item(&mut self, change: &ItemChange, is_own: bool) {
        if self.first_sign_at.is_none() && !self.is_requested {
            return;
        }
        let names_it = |recipients: &[Arc<str>]| recipients.iter().any(|name| Some(name.as_ref()) == self.key);
        match &change.what {
            ItemEvent::Moved { .. } | ItemEvent::Restored | ItemEvent::Deleted { for_good: false } => {}
            ItemEvent::Deleted { for_good: true } => self.ends(change.at, EndReason::ItemDeleted),
            ItemEvent::PermissionsReset if is_own && self.settled_kind() != ShareKind::SiteMembership => {
                self.ends(change.at, EndReason::InheritanceReset);
            }
            ItemEvent::RequestGranted if is_own && self.is_requested => {
                self.first_sign_at.get_or_insert(change.at);
                self.begins(change.at, &change.by);
            }
            ItemEvent::Revoked { recipients } if is_own && names_it(recipients) => {
                self.ends(change.at, EndReason::Revoked);
            }
            ItemEvent::LinkEnded { recipients, kind } if is_own && self.is_link_of(*kind) => {
                match recipients.is_empty() {
                    true => self.ends(change.at, EndReason::LinkRemoved),
                    false if names_it(recipients) => self.ends(change.at, EndReason::RecipientRemoved),
                    false => return,
                }
            }
            ItemEvent::LeftGroup { recipients, group } if is_own && names_it(recipients) => {
                if !self.leaves(group.as_ref(), change.at) {
                    return;
                }
            }
            ItemEvent::StayChanged { recipients, until } if names_it(recipients) => {
                self.runs_until(*until, change.at);
            }
            ItemEvent::PermissionsReset
            | ItemEvent::RequestGranted
            | ItemEvent::Revoked { .. }
            | ItemEvent::LinkEnded { .. }
            | ItemEvent::LeftGroup { .. }
            | ItemEvent::StayChanged { .. } => return,
        }
        self.evidence.insert((change.at, change.record));
    }

    fn takes_words_of(&mut self, event: &'a LinkEvent) {
        if event.url.is_some() || self.described_by.is_none_or(|told| told.change == Change::Seen) {
            self.described_by = Some(event);
        }
        if let Some(permission) = &event.permission {
            self.permission = Some(Arc::clone(permission));
        }
        if let Some(until) = event.expires_at {
            self.runs_until(until, event.at);
        }
    }

    fn begins(&mut self, at: TimeMs, by: &Arc<str>) {
        self.is_blocked = false;
        let ended_at = self.ended().map(|(end, _)| end).filter(|end| *end <= at);
        if let Some(ended_at) = ended_at {
            // An end before the first sign of this recipient left nothing behind.
            if self.made.is_some() || self.accepted_at.is_some() {
                self.gaps.push((ended_at, Some(at)));
            }
            self.end = None;
            self.expires_at = None;
        }
        if self.made.is_none() {
            self.made = Some((at, Arc::clone(by)));
        }
    }

    /// Listed by an inventory: whatever had ended it did not, or it was given again unseen.
    fn is_there(&mut self, at: TimeMs) {
        self.is_listed = true;
        if let Some((ended_at, _)) = self.ended().filter(|(end, _)| *end <= at) {
            self.gaps.push((ended_at, Some(at)));
            self.end = None;
            self.expires_at = None;
        }
    }

    fn ends(&mut self, at: TimeMs, reason: EndReason) {
        self.end = self.end.or(Some((at, reason)));
        self.groups.clear();
    }

    /// Out of one group, or of all; whether that concerns this share.
    fn leaves(&mut self, group: Option<&Arc<str>>, at: TimeMs) -> bool {
        if self.groups.is_empty() && self.settled_kind() != ShareKind::SiteMembership {
            return false;
        }
        match group {
            Some(group) => {
                self.groups.remove(group);
            }
            None => self.groups.clear(),
        }
        if self.groups.is_empty() {
            self.ends(at, EndReason::RecipientRemoved);
        }
        true
    }

    /// A new expiry; one that had passed left a gap.
    fn runs_until(&mut self, until: TimeMs, at: TimeMs) {
        if let Some(passed) = self.expires_at.filter(|passed| *passed < at && until > at && self.end.is_none()) {
            self.gaps.push((passed, Some(at)));
        }
        self.expires_at = Some(until);
    }

    /// The end: what was recorded or the expiry, whichever came first.
    fn ended(&self) -> Option<(TimeMs, EndReason)> {
        let expiry = self.expires_at.map(|at| (at, EndReason::Expired));
        match (self.end, expiry) {
            (Some(end), Some(expiry)) => Some(if expiry.0 < end.0 { expiry } else { end }),
            (end, expiry) => end.or(expiry),
        }
    }

    /// Whether it goes through a link of this kind; `None`: of any.
    fn is_link_of(&self, kind: Option<ShareKind>) -> bool {
        let own = self.settled_kind();
        let is_link = matches!(own, ShareKind::Anyone | ShareKind::SpecificPeople | ShareKind::Unknown);
        is_link && kind.is_none_or(|kind| kind == own || own == ShareKind::Unknown)
    }

    fn settled_kind(&self) -> ShareKind {
        match self.key {
            None => ShareKind::Anyone,
            Some(_) => self.kind.or(self.link_kind).unwrap_or(ShareKind::Unknown),
        }
    }

    /// The share; `None` when nothing was heard that makes one.
    pub(super) fn into_share(self, link_id: &Arc<str>, item: &Arc<str>, way: &Whereabouts<'_>) -> Option<Share> {
        let first_sign_at = self.made.as_ref().map(|(at, _)| *at).or(self.first_sign_at)?;
        let mut evidence = self.evidence.clone();
        if self.made.is_none() {
            evidence.extend(self.first_use);
        }
        let words = self.described_by;
        let word = |of: fn(&LinkEvent) -> &Option<Arc<str>>| words.and_then(|event| of(event).clone());
        Some(Share {
            share_id: share_id(link_id, self.key),
            link_id: Arc::clone(link_id),
            kind: self.settled_kind(),
            permission: self.permission.clone(),
            recipient: self.key.map(Arc::from),
            recipient_kind: match (self.key, &self.recipient) {
                (Some(_), Some(recipient)) => recipient.kind,
                _ => RecipientKind::Anyone,
            },
            domain: self.recipient.as_ref().filter(|_| self.key.is_some()).and_then(|to| to.domain.clone()),
            item: Arc::clone(item),
            url: word(|event| &event.url),
            name: word(|event| &event.name),
            item_type: word(|event| &event.item_type),
            site: word(|event| &event.site),
            places: way.places.clone(),
            shared_by: self.made.as_ref().map(|(_, by)| Arc::clone(by)).filter(|by| !by.is_empty()),
            shared_at: self.made.as_ref().map(|(at, _)| *at),
            first_sign_at,
            accepted_at: self.accepted_at,
            end: self.ended(),
            dormant: spans(self.gaps, &way.asleep, first_sign_at),
            blocked: self.is_blocked,
            is_listed: self.is_listed,
            evidence: evidence.into_iter().map(|(_, record)| record).collect(),
        })
    }
}

/// All spans after the first sign, in order, those that touch made one.
fn spans(
    gaps: Vec<(TimeMs, Option<TimeMs>)>,
    asleep: &[(TimeMs, Option<TimeMs>)],
    first_sign_at: TimeMs,
) -> Vec<(TimeMs, Option<TimeMs>)> {
    let mut all = gaps;
    all.extend(asleep);
    all.retain(|(from, to)| to.is_none_or(|to| to > first_sign_at && to > *from));
    all.sort_unstable();
    let mut joined: Vec<(TimeMs, Option<TimeMs>)> = Vec::new();
    for (from, to) in all {
        match joined.last_mut() {
            Some((_, last)) if last.is_none_or(|last| from <= last) => {
                // `None` is for ever.
                *last = last.zip(to).map(|(a, b)| a.max(b));
            }
            _ => joined.push((from, to)),
        }
    }
    joined
}
