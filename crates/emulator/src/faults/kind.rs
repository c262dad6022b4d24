//! What a fault does, by where it does it: in place of the service, on the way back, or in the service itself.

use crate::call::Call;
use crate::options::{LimitBody, RetryAfter};

/// What the caller sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// 429.
    TooManyRequests {
        /// The pause to ask for, in seconds.
        seconds: u32,
        /// How the header says so.
        retry_after: RetryAfter,
        /// How the body says so.
        body: LimitBody,
    },
    /// 401 in the service's own form, as for an expired credential.
    Unauthorized,
    /// 403 in the service's own form, as for a missing role.
    Forbidden,
    /// 413 in the service's own form, for bodies of more than so many bytes: less than it documents.
    TooLarge {
        /// Bodies up to this size pass.
        bytes_max: usize,
    },
    /// Any other status; 500 and above with an HTML page, as gateways answer.
    Status(u16),
    /// 200 with an HTML page, as a sign-in page or a proxy in between answers.
    WebPage,
    /// The connection breaks before the service has seen the call.
    Reset,
    /// The service does its work, and the connection breaks before the answer: a careless client then sends twice.
    NoAnswer,
    /// The service does its work, and its answer suffers on the way.
    Damage(Damage),
    /// The service does not do what it says it does.
    Quirk(Quirk),
}

/// What happens to an answer on its way. An answer without a body has nothing to lose, so it is lost as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// The connection breaks after the headers.
    AfterHead,
    /// The connection breaks in the middle of the body.
    MidBody,
    /// The body is compressed, and its end is missing, while HTTP says that it is whole.
    TruncatedGzip,
    /// The body is compressed, and bytes in its middle are wrong.
    CorruptGzip,
    /// The body comes byte by byte.
    Slow {
        /// Pause before each byte, in milliseconds.
        pause_ms: u32,
    },
    /// The header `Date` is off.
    Skew {
        /// By so many seconds, forward or back.
        seconds: i32,
    },
}

/// What a service does that it should not, or that its page does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quirk {
    /// Defender: a page without rows that says there are more.
    EmptyPage,
    /// Defender: a page with rows whose cursor leads to the same page.
    StalledCursor,
    /// Defender: `hasNext` is false although there are more rows.
    EndsEarly,
    /// Defender: `total` is about half of what it should be.
    TotalDrifts,
    /// Defender: some records that it stored in the last so many minutes are not listed yet.
    Late {
        /// How far back, in minutes.
        minutes: u32,
    },
    /// Defender: some records are listed twice, the second time with another enrichment.
    Repeats,
    /// Defender: pages hold no more than this, so that more records share a time than a page has room for.
    Page {
        /// Records a page.
        records: usize,
    },
    /// Entra ID: the token lives for so long.
    Life {
        /// In seconds.
        seconds: i64,
    },
    /// Before the call is looked at, the secret that this service knows is replaced, and the vault holds the new one:
    /// Defender's API token, or the client secret of the tenant's application.
    ReplacedSecret,
}

impl FaultKind {
    /// Whether the call is one that this can befall.
    pub(super) fn befalls(&self, call: &Call) -> bool {
        match self {
            FaultKind::TooLarge { bytes_max } => call.body.len() > *bytes_max,
            _ => true,
        }
    }
}
