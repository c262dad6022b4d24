//! Why a call is refused: the service's codes and texts (Microsoft: "Office 365 Management Activity API reference",
//! errors). The pages give no statuses; those here are what clients have met, or the nearest.

use hyper::StatusCode;
use serde_json::json;

use crate::call::{Reply, json};
use crate::options::ManagementOptions;

/// See the module.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ManagementError {
    /// The token is missing, unknown, expired or for another service.
    Denied,
    NoRole,
    Missing(&'static str),
    WrongType {
        parameter: &'static str,
        expected: &'static str,
    },
    OtherTenant {
        asked: String,
        own: String,
    },
    UnknownTenant(String),
    MisconfiguredTenant(String),
    TenantNotGuid(String),
    AuditingOff(String),
    UnknownContentType,
    WebhookNotValidated(String),
    NotSubscribed,
    Disabled,
    AlreadyEnabled,
    /// The pair of times breaks the rules, in the older wording.
    Window,
    /// The window begins more than seven days ago.
    WindowTooOld,
    BadNextPage(String),
    NoSuchBlob(String),
    BlobExpired(String),
    BadBlobId(String),
    TooMany {
        operation: String,
        publisher: String,
    },
    Internal,
    NoSuchOperation,
}

const WINDOW: &str = "Start time and end time must both be specified (or both omitted) and must be less than or equal \
                      to 24 hours apart, with the start time no more than 7 days in the past.";

impl ManagementError {
    fn parts(&self, options: &ManagementOptions) -> (StatusCode, &'static str, String) {
        let (bad, forbidden) = (StatusCode::BAD_REQUEST, StatusCode::FORBIDDEN);
        match self {
            // Answered without a code; see `reply`.
            Self::Denied => {
                (StatusCode::UNAUTHORIZED, "", "Authorization has been denied for this request.".to_owned())
            }
            Self::NoRole => (
                forbidden,
                "AF10001",
                "The permission set () sent in the request does not include the expected permission ActivityFeed.Read."
                    .to_owned(),
            ),
            Self::Missing(parameter) => (bad, "AF20001", format!("Missing parameter: {parameter}.")),
            Self::WrongType { parameter, expected } => {
                (bad, "AF20002", format!("Invalid parameter type: {parameter}. Expected type: {expected}"))
            }
            Self::OtherTenant { asked, own } => (
                forbidden,
                "AF20010",
                format!(
                    "The tenant ID passed in the URL ({asked}) does not match the tenant ID passed in the access \
                     token ({own})."
                ),
            ),
            Self::UnknownTenant(tenant) => (
                bad,
                "AF20011",
                format!("Specified tenant ID ({tenant}) does not exist in the system or has been deleted."),
            ),
            Self::MisconfiguredTenant(tenant) => {
                (bad, "AF20012", format!("Specified tenant ID ({tenant}) is incorrectly configured in the system."))
            }
            Self::TenantNotGuid(tenant) => {
                (bad, "AF20013", format!("The tenant ID passed in the URL ({tenant}) is not a valid GUID."))
            }
            // Microsoft: FAQ, "Tenant … does not exist": auditing is off, or was switched on less than an hour ago.
            Self::AuditingOff(tenant) => (
                bad,
                "StartSubscription",
                format!("Microsoft.Office.Compliance.Audit.DataServiceException: Tenant {tenant} does not exist."),
            ),
            Self::UnknownContentType => (bad, "AF20020", "The specified content type is not valid.".to_owned()),
            Self::WebhookNotValidated(address) => (
                bad,
                "AF20021",
                format!("The webhook endpoint ({address}) could not be validated. The emulator calls nobody."),
            ),
            Self::NotSubscribed => (bad, "AF20022", "No subscription found for the specified content type.".to_owned()),
            Self::Disabled => (bad, "AF20023", "The subscription was disabled by a tenant admin.".to_owned()),
            // Not in Microsoft's table; at least five clients know it.
            Self::AlreadyEnabled => {
                (bad, "AF20024", "The subscription is already enabled. No property change.".to_owned())
            }
            Self::Window => (bad, "AF20030", WINDOW.to_owned()),
            Self::WindowTooOld => (bad, "AF20055", WINDOW.to_owned()),
            Self::BadNextPage(token) => (bad, "AF20031", format!("Invalid nextPage Input: {token}.")),
            Self::NoSuchBlob(id) => {
                (StatusCode::NOT_FOUND, "AF20050", format!("The specified content ({id}) does not exist."))
            }
            Self::BlobExpired(id) => (
                bad,
                "AF20051",
                format!(
                    "Content requested with the key {id} has already expired. Content older than 7 days cannot be \
                     retrieved."
                ),
            ),
            Self::BadBlobId(id) => (bad, "AF20052", format!("Content ID {id} in the URL is invalid.")),
            Self::TooMany { operation, publisher } => (
                StatusCode::from_u16(options.limit_status).unwrap_or(forbidden),
                "AF429",
                format!("Too many requests. Method={operation}, PublisherId={publisher}"),
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "AF50000",
                "An internal error occurred. Retry the request.".to_owned(),
            ),
            Self::NoSuchOperation => {
                (StatusCode::NOT_FOUND, "NotFound", "The service has nothing at this address.".to_owned())
            }
        }
    }

    pub(crate) fn reply(&self, options: &ManagementOptions) -> Reply {
        let (status, code, message) = self.parts(options);
        // The web framework answers before the service does, and in its own form.
        if code.is_empty() {
            return json(status, &json!({"Message": message}));
        }
        json(status, &json!({"error": {"code": code, "message": message}}))
    }
}
