//! How far back we looked: what tells "there is no share" from "we would not know of it".

use crate::TimeMs;

/// What the observed spans say about an item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Horizon {
    /// The item's creation was seen, and nothing was missed from then to the access ([`covers_item_life`]).
    pub covers_item_life: bool,
}

/// Whether the item's creation was seen and the observed spans cover everything from it to `at` without a gap.
///
/// Spans are `(from, to)`, in any order; they may overlap, and touching ones leave no gap. An access stamped before the
/// creation belongs to something that was there earlier, so then nothing is covered.
pub fn covers_item_life(created_at: Option<TimeMs>, observed: &[(TimeMs, TimeMs)], at: TimeMs) -> bool {
    let Some(created) = created_at.filter(|created| *created <= at) else { return false };
    let mut spans = observed.to_vec();
    spans.sort_unstable();
    let mut covered_to = None;
    for (from, to) in spans {
        // Sorted by start: one that starts after what is covered leaves a gap that no later one closes.
        if from > covered_to.unwrap_or(created) {
            break;
        }
        if to >= created {
            covered_to = covered_to.max(Some(to));
        }
    }
    covered_to.is_some_and(|to| to >= at)
}

/// Operations that bring an item into being. An upload may also replace a file, so it tells of a creation only where it
/// is the first that was seen of the item.
const CREATING: [&str; 5] =
    ["FileUploaded", "FileSyncUploadedFull", "FolderCreated", "PageCreated", "SiteCollectionCreated"];

/// When the item was made, from the operations on it, in any order; `None` when the first of them is none that makes one.
/// Of one instant, that the item was made comes first.
pub fn created_at<'o>(operations: impl IntoIterator<Item = (TimeMs, &'o str)>) -> Option<TimeMs> {
    let first = operations.into_iter().map(|(at, operation)| (at, !creates(operation))).min()?;
    (!first.1).then_some(first.0)
}

fn creates(operation: &str) -> bool {
    CREATING.iter().any(|name| name.eq_ignore_ascii_case(operation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_was_made_by_the_first_operation_on_it_if_by_any() {
        let at = |operations: &[(i64, &'static str)]| {
            created_at(operations.iter().map(|(at, operation)| (TimeMs(*at), *operation))).map(TimeMs::millis)
        };
        assert_eq!(at(&[(9, "FileAccessed"), (5, "fileuploaded"), (5, "SharingSet")]), Some(5));
        assert_eq!(at(&[(5, "FileUploaded"), (4, "FileAccessed")]), None, "it was there before the upload");
        assert_eq!(at(&[]), None);
    }

    fn check(created: Option<i64>, observed: &[(i64, i64)], at: i64) -> bool {
        let observed: Vec<_> = observed.iter().map(|&(from, to)| (TimeMs(from), TimeMs(to))).collect();
        covers_item_life(created.map(TimeMs), &observed, TimeMs(at))
    }

    #[test]
    fn from_creation_to_access_without_a_gap() {
        assert!(check(Some(10), &[(0, 100)], 50));
        assert!(check(Some(10), &[(60, 100), (0, 40), (40, 60)], 99), "touching spans leave no gap");
        assert!(check(Some(10), &[(0, 100), (20, 30)], 100), "one span inside another");
        assert!(check(Some(10), &[(10, 10)], 10));
    }

    #[test]
    fn a_gap_an_unseen_creation_or_an_access_beyond_the_span_does_not_do() {
        assert!(!check(None, &[(0, 100)], 50));
        assert!(!check(Some(10), &[], 50));
        assert!(!check(Some(10), &[(11, 100)], 50), "observed only since after the creation");
        assert!(!check(Some(10), &[(0, 40), (41, 100)], 50));
        assert!(check(Some(10), &[(0, 40), (41, 100)], 40), "the gap comes after the access");
        assert!(!check(Some(10), &[(0, 49)], 50));
        assert!(!check(Some(60), &[(0, 100)], 50), "an access before the creation");
        assert!(!check(Some(50), &[(0, 40), (45, 100)], 40));
        assert!(check(Some(50), &[(0, 40), (45, 100)], 60), "a gap before the creation does not matter");
    }
}
