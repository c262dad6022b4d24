//! Which links a gesture is about, so that records which name none, or not their kind, find theirs.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::ShareKind;
use super::event::Excluded;
use super::reading::{Statement, Way};

/// The links that the gesture tells of, by what they may be found.
#[derive(Debug, Default)]
pub(super) struct KnownLinks {
    by_id: HashMap<Arc<str>, BTreeSet<KnownLink>>,
    by_item: HashMap<Arc<str>, BTreeSet<KnownLink>>,
}

/// One of them, as far as one record tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KnownLink {
    id: Option<Arc<str>>,
    pub(super) kind: Option<ShareKind>,
    is_company: bool,
}

impl KnownLinks {
    /// Collects them from what the records say.
    pub(super) fn of(said: &[Statement<'_>]) -> Self {
        let mut known = Self::default();
        for said in said.iter().filter(|said| said.way == Way::Link) {
            let is_company = said.excluded == Some(Excluded::CompanyLink);
            let link = KnownLink { id: said.link.clone(), kind: said.kind, is_company };
            if let Some(id) = &said.link {
                known.by_id.entry(Arc::clone(id)).or_default().insert(link.clone());
            }
            if let Some(item) = said.record.item.as_ref().filter(|_| said.is_on_item) {
                known.by_item.entry(Arc::clone(item)).or_default().insert(link);
            }
        }
        known
    }

    fn on(&self, item: Option<&Arc<str>>) -> impl Iterator<Item = &KnownLink> {
        item.and_then(|item| self.by_item.get(item)).into_iter().flatten()
    }

    /// The id of the only link on the item that is like this: of several, none is meant more than another.
    pub(super) fn only(&self, item: Option<&Arc<str>>, is_like: impl Fn(&KnownLink) -> bool) -> Option<Arc<str>> {
        let mut ids = self.on(item).filter(|link| is_like(link)).filter_map(|link| link.id.as_ref());
        let first = ids.next()?;
        ids.all(|id| id == first).then(|| Arc::clone(first))
    }
}

/// Gives a statement about a link without an id the one that other records of the gesture name for the item.
pub(super) fn name_link(said: &mut Statement<'_>, known: &KnownLinks) {
    let (excluded, kind) = (said.excluded, said.kind);
    let may_be = |link: &KnownLink| match (excluded, kind) {
        (Some(Excluded::CompanyLink), _) => link.kind.is_none(),
        (_, None) => true,
        (_, kind) => !link.is_company && (link.kind.is_none() || link.kind == kind),
    };
    if said.link.is_none() {
        said.link = known.only(said.record.item.as_ref(), may_be);
    }
}

/// Gives a statement of the neutral family the kind that other records of the gesture tell of its link.
pub(super) fn tell_kind(said: &mut Statement<'_>, known: &KnownLinks) {
    if said.kind.is_some() {
        return;
    }
    let same: Vec<&KnownLink> = match &said.link {
        Some(id) => known.by_id.get(id).into_iter().flatten().collect(),
        None => known.on(said.record.item.as_ref()).filter(|link| link.id.is_none()).collect(),
    };
    if same.iter().any(|link| link.is_company) {
        said.excluded = Some(Excluded::CompanyLink);
    } else {
        // The kinds are in order: a link for anyone outranks what else was said.
        said.kind = same.iter().filter_map(|link| link.kind).min();
    }
}
