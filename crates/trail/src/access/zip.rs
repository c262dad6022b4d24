//! Multi-file downloads: the files of a zip are accesses of their own, the zip's own record is one only when none of its
//! files has a record.
//!
//! The service writes either a `FileDownloaded` for every file, each with the same `ZipFileName`, or a record whose file
//! is the zip itself, or both. Which of it is there can only be told from all of a person's records, so this gives the
//! question and the caller looks up the records.

use crate::client::packs_zip;
use crate::{Activity, TimeMs};

/// Records of one download are at most this far apart: an hour, in milliseconds. Names such as `OneDrive_1.zip` come again.
const DOWNLOAD_MS_MAX: i64 = 60 * 60 * 1000;

/// One record of a multi-file download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zip {
    /// `ZipFileName` (or the zip's own file name), lower case.
    pub name: String,
    /// `UserSessionId`, lower case.
    pub session_id: Option<String>,
    /// `CorrelationId`, lower case.
    pub correlation_id: Option<String>,
    /// When.
    pub time: TimeMs,
    /// The record is of the zip itself, not of a file in it.
    pub is_own_record: bool,
}

/// The part that a record has in a multi-file download, if any.
pub fn zip_of(activity: &Activity<'_>) -> Option<Zip> {
    let file_name = activity.source_file_name.as_deref();
    let is_zip_file = file_name.is_some_and(|name| name.to_lowercase().ends_with(".zip"));
    let (name, is_own_record) = match activity.zip_file_name.as_deref() {
        Some(zip) => (zip, file_name.is_some_and(|file| file.to_lowercase() == zip.to_lowercase())),
        None if is_zip_file && packs_zip(activity.user_agent.as_deref()) => (file_name?, true),
        None => return None,
    };
    let lower = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(str::to_lowercase);
    Some(Zip {
        name: name.to_lowercase(),
        session_id: lower(&activity.session_id),
        correlation_id: lower(&activity.correlation_id),
        time: activity.time?,
        is_own_record,
    })
}

impl Zip {
    /// Whether both are records of the same download, given that the same person acted: one zip name, within an hour, and
    /// the same session or the same correlation (or one of the two records has neither).
    pub fn is_same_download(&self, other: &Self) -> bool {
        let same = |one: &Option<String>, two: &Option<String>| one.is_some() && one == two;
        let has_none = |zip: &Self| zip.session_id.is_none() && zip.correlation_id.is_none();
        self.name == other.name
            && self.time <= other.time.plus(DOWNLOAD_MS_MAX)
            && other.time <= self.time.plus(DOWNLOAD_MS_MAX)
            && (same(&self.session_id, &other.session_id)
                || same(&self.correlation_id, &other.correlation_id)
                || has_none(self)
                || has_none(other))
    }

    /// Whether this is the zip's own record and one of the person's other records is of a file in it: then this one makes
    /// no access ([`super::Exclusion::ZipOfFiles`]).
    pub fn is_superseded_by<'z>(&self, others: impl IntoIterator<Item = &'z Self>) -> bool {
        self.is_own_record && others.into_iter().any(|other| !other.is_own_record && self.is_same_download(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(
        file: &'static str,
        zip: Option<&'static str>,
        session: Option<&'static str>,
        at: i64,
    ) -> Activity<'static> {
        Activity {
            time: Some(TimeMs(at)),
            source_file_name: Some(file.into()),
            zip_file_name: zip.map(Into::into),
            session_id: session.map(Into::into),
            user_agent: Some("OneDriveMpc-Transform_Zip/1.0".into()),
            ..Activity::default()
        }
    }

    #[test]
    fn a_zip_s_own_record_is_told_from_those_of_its_files() {
        assert!(zip_of(&record("1.zip", Some("1.zip"), None, 0)).unwrap().is_own_record);
        assert!(zip_of(&record("1.ZIP", None, None, 0)).unwrap().is_own_record);
        assert!(!zip_of(&record("a.docx", Some("1.zip"), None, 0)).unwrap().is_own_record);
        assert_eq!(zip_of(&record("a.docx", None, None, 0)), None);
        let shared_zip = Activity { user_agent: Some("Browser".into()), ..record("1.zip", None, None, 0) };
        assert_eq!(zip_of(&shared_zip), None, "a zip that somebody stored is a file like any other");
    }

    #[test]
    fn it_counts_only_when_none_of_its_files_has_a_record() {
        let own = zip_of(&record("1.zip", Some("1.zip"), Some("s"), 0)).unwrap();
        let zip = |file, name, session, at| zip_of(&record(file, Some(name), session, at)).unwrap();
        for (other, expected) in [
            (zip("a.docx", "1.zip", Some("S"), 1000), true),
            (zip("a.docx", "1.ZIP", None, 1000), true),
            (zip("a.docx", "1.zip", Some("other"), 1000), false),
            (zip("a.docx", "2.zip", Some("s"), 1000), false),
            (zip("a.docx", "1.zip", Some("s"), DOWNLOAD_MS_MAX + 1), false),
            (zip("1.zip", "1.zip", Some("s"), 1000), false),
        ] {
            assert_eq!(own.is_superseded_by([&other]), expected, "{other:?}");
            assert!(!other.is_superseded_by([&own]) || other.is_own_record);
        }
        assert!(!own.is_superseded_by([]));
    }
}
