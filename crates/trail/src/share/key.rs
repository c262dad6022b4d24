//! Ids of links and shares.

use std::sync::Arc;

use super::ShareKind;
use crate::id::hash16;

/// The id of a link that has none of its own: 32 hex digits of a hash of the item's key (which holds its site), the
/// canonical recipient (empty: the link as a whole) and the kind.
pub(super) fn link_id_of(item: &str, recipient: &str, kind: ShareKind) -> Arc<str> {
    // A zero byte cannot stand in any of them, so different parts never make one text.
    Arc::from(hex(&hash16(format!("{item}\0{recipient}\0{}", kind.as_str()).as_bytes())))
}

/// The id of what an inventory lists: as [`link_id_of`], and never the same as one of those.
pub(super) fn listed_link_id(item: &str, recipient: &str) -> Arc<str> {
    Arc::from(hex(&hash16(format!("{item}\0{recipient}\0listed").as_bytes())))
}

/// `ShareId`: the link's id for anyone, else that, `:` and 16 hex digits of a hash of the canonical recipient.
pub fn share_id(link_id: &Arc<str>, recipient: Option<&str>) -> Arc<str> {
    match recipient {
        None => Arc::clone(link_id),
        Some(recipient) => {
            let digits = hex(&hash16(recipient.as_bytes()));
            Arc::from(format!("{link_id}:{}", digits.get(..16).unwrap_or(&digits)))
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
