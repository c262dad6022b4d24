//! One record's text → what it says, and what was odd about it. Never fails, never panics.
//!
//! The same audit record arrives in many wrappings: inside a Defender for Cloud Apps activity (`rawDataJson`), bare
//! from the Office 365 Management Activity API, inside a Graph audit-log record (`auditData`), a hunting row
//! (`RawEventData`), a cmdlet or portal export (`AuditData`, JSON within JSON) or flattened into columns
//! (`OfficeActivity`). Beside them there are files of Defender's inventory. All are read in one pass, typed and borrowed: known members by exact name, everything else
//! skipped. Texts are never rewritten; of duplicate members the last one counts, and `null` and `""` are absent.

mod actor;
mod address;
mod audit;
mod envelope;
mod glance;
mod list;
mod listing;
mod object;
mod recognise;
mod redact;
mod repair;
mod scalar;
#[cfg(test)]
mod tests;

pub use glance::{Glance, glance};
pub use recognise::{Shape, recognise};
pub use redact::redact;

use envelope::Envelope;
use object::{Found, read_object};

use crate::problem::{Problem, Problems};
use crate::{Activity, ContentHash, RecordId};

/// Reads one record in any of the shapes of [`Shape`].
///
/// Every text yields an activity: one without a readable `Id` gets the hash of its bytes as id, and each oddity is a
/// [`Problem`]. Texts are borrowed from `raw` wherever they stand there without escapes.
pub fn parse(raw: &str) -> (Activity<'_>, Vec<Problem>) {
    let text = raw.trim_start_matches('\u{feff}');
    let mut problems = Problems::default();
    let record = match attempt(text, &mut problems) {
        Ok(record) => record,
        Err(reason) => {
            problems = Problems::default();
            match repaired(text, &mut problems) {
                Some(record) => record,
                None => {
                    problems = Problems::default();
                    problems.add(Problem::Broken { reason: reason.to_string() });
                    None
                }
            }
        }
    };
    let mut activity = match record {
        Some(activity) => activity,
        None => {
            let content = RecordId::from_content(ContentHash::of(raw.as_bytes()));
            return (Activity { id: content, ..Activity::default() }, problems.into_vec());
        }
    };
    activity.id = match &activity.id_text {
        Some(id) => RecordId::from_text(id),
        None => {
            problems.add(Problem::MissingId);
            RecordId::from_content(ContentHash::of(raw.as_bytes()))
        }
    };
    if activity.time.is_none() {
        problems.add(Problem::MissingTime);
    }
    if activity.operation.is_empty() {
        problems.add(Problem::MissingOperation);
    }
    (activity, problems.into_vec())
}

/// `None`: this is JSON, but no object.
fn attempt<'a>(text: &'a str, problems: &mut Problems) -> Result<Option<Activity<'a>>, serde_json::Error> {
    let mut envelope = Envelope::default();
    match read_object(text, &mut envelope, problems)? {
        Found::Object if envelope.is_listing() => {
            *problems = Problems::default();
            listing::read(text, problems).map(Some)
        }
        Found::Object => Ok(Some(envelope.into_activity())),
        Found::Absent | Found::Other => {
            problems.add(Problem::NotAnObject);
            Ok(None)
        }
    }
}

/// A second attempt on a copy whose unreadable characters are replaced; `None` when that does not help either.
fn repaired(text: &str, problems: &mut Problems) -> Option<Option<Activity<'static>>> {
    let copy = repair::repair(text)?;
    problems.add(Problem::Repaired);
    let activity = attempt(&copy, problems).ok()?;
    Some(activity.map(Activity::into_owned))
}
