//! The Management Activity API: its limits, its quirks, and a feed of any size for measuring.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use url::Url;

/// What the feed does. The default behaves as documented, and well.
#[derive(Debug, Clone)]
pub struct ManagementOptions {
    /// Records in a blob.
    pub blob_records_max: usize,
    /// Blobs on a page of a content list.
    pub page_blobs_max: usize,
    /// How long after its `contentCreated` a blob says that it expires, in days: documented are 7, seen were 20.
    pub blob_days: i64,
    /// Calls a minute of one publisher; `None` lifts the limit.
    pub requests_per_minute: Option<usize>,
    /// Status of an `AF429`: 403 in Microsoft's own sample, 429 elsewhere.
    pub limit_status: u16,
    /// Name of the paging header: `NextPageUri`, or `NextPageUrl` as the FAQ has it.
    pub next_page_header: NextPageHeader,
    /// Another host that pages are said to be at; a client must not send its token there.
    pub next_page_root: Option<Url>,
    /// Another host that blobs are said to be at.
    pub content_root: Option<Url>,
    /// What becomes of a window of more than 24 hours.
    pub wide_windows: WideWindows,
    /// Whether a call without `PublisherIdentifier` is refused; it is counted in any case.
    pub publisher_required: bool,
    /// Subscriptions that exist from the start.
    pub subscribed: Vec<ContentType>,
    /// Subscriptions that an administrator has disabled (`AF20023`).
    pub disabled: Vec<ContentType>,
    /// How the service sees the tenant.
    pub tenant: TenantState,
    /// What it does that a client must survive.
    pub quirks: FeedQuirks,
    /// Generated records in place of the story's.
    pub synthetic: Option<SyntheticFeed>,
}

impl Default for ManagementOptions {
    fn default() -> ManagementOptions {
        ManagementOptions {
            blob_records_max: 100,
            page_blobs_max: 200,
            blob_days: 7,
            requests_per_minute: Some(2_000),
            limit_status: 403,
            next_page_header: NextPageHeader::Uri,
            next_page_root: None,
            content_root: None,
            wide_windows: WideWindows::Partial,
            publisher_required: false,
            subscribed: Vec::new(),
            disabled: Vec::new(),
            tenant: TenantState::Ready,
            quirks: FeedQuirks::default(),
            synthetic: None,
        }
    }
}

impl ManagementOptions {
    /// Small pages, small blobs and all quirks at once. No record is out of reach for a client that does not give up.
    pub fn with_every_quirk() -> ManagementOptions {
        ManagementOptions {
            blob_records_max: 20,
            page_blobs_max: 7,
            blob_days: 20,
            next_page_header: NextPageHeader::Url,
            quirks: FeedQuirks::every(),
            ..ManagementOptions::default()
        }
    }
}

/// Oddities of the feed; all off by default.
#[derive(Debug, Clone, Default)]
pub struct FeedQuirks {
    /// So many of a thousand records come again in another blob, up to five days later.
    pub again_later_per_mille: usize,
    /// So many of a thousand records come twice in one blob.
    pub again_inside_per_mille: usize,
    /// The second copy of a record has its members in another order.
    pub other_key_order: bool,
    /// So many of a thousand records come in a blob hours or days after they happened.
    pub late_per_mille: usize,
    /// Blobs overlap in event time, and hold their records in no order.
    pub unordered: bool,
    /// Blobs of each content type that are listed and have expired (`AF20051`). They hold what others hold, too.
    pub expired_blobs: usize,
    /// Blobs of each content type that are listed and do not exist (`AF20050`). They hold what others hold, too.
    pub lost_blobs: usize,
    /// So many of a thousand blobs fail at first (`AF50000`) …
    pub failing_blobs_per_mille: usize,
    /// … so many times.
    pub failures_per_blob: u32,
    /// A content list begins with an empty page, and has one after each page.
    pub empty_pages: bool,
    /// Subscriptions are listed without their `status`.
    pub status_missing: bool,
    /// The address of a blob has a query string already.
    pub query_in_content_uri: bool,
}

impl FeedQuirks {
    /// All of them.
    pub fn every() -> FeedQuirks {
        FeedQuirks {
            again_later_per_mille: 100,
            again_inside_per_mille: 50,
            other_key_order: true,
            late_per_mille: 50,
            unordered: true,
            expired_blobs: 2,
            lost_blobs: 2,
            failing_blobs_per_mille: 50,
            failures_per_blob: 2,
            empty_pages: true,
            status_missing: true,
            query_in_content_uri: true,
        }
    }
}

/// A feed of any size, made while it is read: one content type, `Audit.SharePoint`, every record once.
///
/// The records are those of the tenant with new ids and times, so the tenant must have some of both kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntheticFeed {
    /// Records in all.
    pub records: u64,
    /// Blobs that they are in.
    pub blobs: u32,
    /// How many of a thousand records show somebody outside reaching a file; the others an employee at work.
    pub relevant_per_mille: u64,
    /// Over how many hours before now the blobs were created.
    pub hours: u32,
}

/// `RECORDS:BLOBS`, then perhaps `:PER_MILLE` of relevant ones and `:HOURS`; 50 and 24 otherwise.
impl FromStr for SyntheticFeed {
    type Err = String;

    fn from_str(text: &str) -> Result<SyntheticFeed, String> {
        let unreadable = || {
            format!(
                "`{text}` is no size of a feed; it is written RECORDS:BLOBS, RECORDS:BLOBS:RELEVANT_PER_MILLE or \
                 RECORDS:BLOBS:RELEVANT_PER_MILLE:HOURS, such as 500000:5000:50"
            )
        };
        let numbers: Result<Vec<u64>, _> = text.split(':').map(|part| part.trim().parse::<u64>()).collect();
        let (records, blobs, relevant_per_mille, hours) = match numbers.map_err(|_| unreadable())?.as_slice() {
            [records, blobs] => (*records, *blobs, 50, 24),
            [records, blobs, relevant] => (*records, *blobs, *relevant, 24),
            [records, blobs, relevant, hours] => (*records, *blobs, *relevant, *hours),
            _ => return Err(unreadable()),
        };
        // A list of content reaches back seven days.
        if blobs == 0 || relevant_per_mille > 1_000 || !(1..=7 * 24).contains(&hours) {
            return Err(unreadable());
        }
        let narrow = |number: u64| u32::try_from(number).map_err(|_| unreadable());
        Ok(SyntheticFeed { records, blobs: narrow(blobs)?, relevant_per_mille, hours: narrow(hours)? })
    }
}

/// A part of the feed that is subscribed to, listed and counted by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum ContentType {
    /// SharePoint and OneDrive.
    #[serde(rename = "Audit.SharePoint")]
    SharePoint,
    /// What has no type of its own: Teams, labels set by Office, and much else.
    #[serde(rename = "Audit.General")]
    General,
    /// Entra ID.
    #[serde(rename = "Audit.AzureActiveDirectory")]
    Directory,
    /// Exchange.
    #[serde(rename = "Audit.Exchange")]
    Exchange,
    /// Data loss prevention.
    #[serde(rename = "DLP.All")]
    LossPrevention,
}

impl ContentType {
    /// All of them, by their names.
    pub(crate) const ALL: [(ContentType, &'static str); 5] = [
        (ContentType::SharePoint, "Audit.SharePoint"),
        (ContentType::General, "Audit.General"),
        (ContentType::Directory, "Audit.AzureActiveDirectory"),
        (ContentType::Exchange, "Audit.Exchange"),
        (ContentType::LossPrevention, "DLP.All"),
    ];
}

impl fmt::Display for ContentType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(Self::ALL.iter().find(|(one, _)| one == self).map_or("", |(_, name)| name))
    }
}

impl FromStr for ContentType {
    type Err = String;

    fn from_str(text: &str) -> Result<ContentType, String> {
        let found = Self::ALL.iter().find(|(_, name)| name.eq_ignore_ascii_case(text));
        found.map(|(one, _)| *one).ok_or_else(|| format!("`{text}` is no content type"))
    }
}

/// The two names of the paging header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextPageHeader {
    /// `NextPageUri`, as in the reference.
    Uri,
    /// `NextPageUrl`, as in the FAQ.
    Url,
}

/// What becomes of a window of more than 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WideWindows {
    /// 200 and the first 24 hours, without a word.
    Partial,
    /// `AF20030`.
    Refused,
}

/// How the service sees the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantState {
    /// All is well.
    Ready,
    /// Unified auditing is off.
    AuditingOff,
    /// `AF20011`
    Unknown,
    /// `AF20012`
    Misconfigured,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_synthetic_feed_is_written_in_two_to_four_numbers() {
        let feed =
            |records, blobs, relevant_per_mille, hours| Ok(SyntheticFeed { records, blobs, relevant_per_mille, hours });
        assert_eq!("500000:5000".parse(), feed(500_000, 5_000, 50, 24));
        assert_eq!("50000:1:0:168".parse(), feed(50_000, 1, 0, 168));
        for wrong in ["", "5", "5:0", "5:1:1001", "5:1:1:169", "5:1:1:1:1", "many:few"] {
            assert!(wrong.parse::<SyntheticFeed>().is_err_and(|why| why.contains("RECORDS:BLOBS")), "{wrong}");
        }
    }
}
