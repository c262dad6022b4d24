//! The life of a link, told from everything that is known of it.

use std::sync::Arc;

use super::Share;
use super::event::LinkEvent;
use super::item_change::ItemChange;

/// The shares of one link: one for each recipient outside, or one for anyone.
///
/// `events` are all of that link, in any order and however often each; `item_changes` those of the shared item and of
/// whatever lies or lay above it (others do no harm). The result depends on nothing else. In order of share id.
pub fn shares(link_id: &Arc<str>, events: &[LinkEvent], item_changes: &[ItemChange]) -> Vec<Share> {
    let _ = (link_id, events, item_changes);
    Vec::new()
}
