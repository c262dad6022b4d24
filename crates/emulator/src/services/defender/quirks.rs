//! Lists that are not what they should be, as scripted faults ask for.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::faults::Quirk;
use crate::services::defender::carrier::Parameters;
use crate::services::defender::list::{Next, narrowed};
use crate::story::StoredActivity;

const MINUTE_MS: i64 = 60_000;
/// Of the records that could be late, one in so many is.
const LATE_ONE_IN: u64 = 4;
/// Of the records of a page, one in so many is repeated.
const REPEATED_ONE_IN: usize = 3;

/// What is wrong with one list; by default, nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Quirks {
    pub(super) quirk: Option<Quirk>,
    pub(super) now_ms: i64,
}

impl Quirks {
    /// Records that a page has room for.
    pub(super) fn page_records(self, records_max: usize) -> usize {
        match self.quirk {
            Some(Quirk::Page { records }) => records.min(records_max),
            _ => records_max,
        }
    }

    /// Whether an activity is not listed yet. Which ones follows from their ids, so that all lists agree.
    pub(super) fn hides(self, activity: &StoredActivity) -> bool {
        let Some(Quirk::Late { minutes }) = self.quirk else { return false };
        if activity.created_ms < self.now_ms - i64::from(minutes) * MINUTE_MS {
            return false;
        }
        let mut hasher = DefaultHasher::new();
        activity.id.hash(&mut hasher);
        hasher.finish().is_multiple_of(LATE_ONE_IN)
    }

    /// Changes a page and what comes after it. A page that cannot be wrong in this way stays as it is.
    pub(super) fn bend(self, page: &mut Vec<&StoredActivity>, next: &mut Next, parameters: &Parameters) {
        let (key, ascending) = (parameters.sort, parameters.ascending);
        match self.quirk {
            Some(Quirk::EmptyPage) => {
                if let Some(first) = page.first() {
                    *next = Next::Cursor(narrowed(&parameters.filters, key, ascending, key.of(first)));
                    page.clear();
                }
            }
            Some(Quirk::StalledCursor) => {
                if matches!(next, Next::Cursor(_)) {
                    *next = Next::Cursor(parameters.filters.clone());
                }
            }
            Some(Quirk::EndsEarly) => *next = Next::Nothing,
            _ => {}
        }
    }

    /// `total`, of which it is only said that it is approximate.
    pub(super) fn total(self, total: usize) -> usize {
        if self.quirk == Some(Quirk::TotalDrifts) { total / 2 } else { total }
    }

    /// The same record once more, with what Defender found out about it meanwhile.
    pub(super) fn repeated(self, place: usize, activity: &StoredActivity) -> Option<String> {
        let is_repeated = self.quirk == Some(Quirk::Repeats) && place.is_multiple_of(REPEATED_ONE_IN);
        let rest = activity.json.strip_prefix('{').filter(|_| is_repeated)?;
        Some(format!(r#"{{"confidenceLevel":{},{rest}"#, 30 + place % 3 * 10))
    }
}
