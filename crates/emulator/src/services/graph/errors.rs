//! Why a call is refused, in Graph's form: `{"error":{"code","message","innerError":{…}}}`.

use hyper::StatusCode;
use serde_json::json;

use crate::call::{Call, Reply, json, with_header};
use crate::services::entra::Role;
use crate::world::World;

/// See the module.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum GraphError {
    NoToken,
    InvalidToken,
    ExpiredToken,
    /// The caller has none of these.
    NoRole(Vec<Role>),
    BadRequest(String),
    /// There is nothing at this address.
    UnknownSegment(String),
    /// Audit-log queries are not to be had in this version.
    NoAuditQueries,
    NoSuchQuery(String),
    /// Come back in so many seconds.
    TooMany {
        seconds: u64,
        why: &'static str,
    },
    /// The answer of a hunting query is too large.
    ResultTooLarge,
    Internal,
}

impl GraphError {
    fn parts(&self) -> (StatusCode, &'static str, String) {
        let (bad, unauthorized) = (StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED);
        let invalid = "InvalidAuthenticationToken";
        match self {
            Self::NoToken => (unauthorized, invalid, "Access token is empty.".to_owned()),
            Self::InvalidToken => {
                (unauthorized, invalid, "Access token validation failure. Invalid audience.".to_owned())
            }
            Self::ExpiredToken => {
                (unauthorized, invalid, "Lifetime validation failed, the token is expired.".to_owned())
            }
            Self::NoRole(roles) => {
                let names: Vec<String> = roles.iter().map(Role::to_string).collect();
                let message = format!("The principal does not have required permission(s): {}", names.join(", "));
                (StatusCode::FORBIDDEN, "Forbidden", message)
            }
            Self::BadRequest(why) => (bad, "BadRequest", why.clone()),
            Self::UnknownSegment(segment) => {
                (bad, "BadRequest", format!("Resource not found for the segment '{segment}'."))
            }
            // Seen in a live tenant, with an empty message.
            Self::NoAuditQueries => (StatusCode::NOT_FOUND, "UnknownError", String::new()),
            Self::NoSuchQuery(id) => {
                (StatusCode::NOT_FOUND, "NotFound", format!("The audit log query '{id}' does not exist."))
            }
            Self::TooMany { why, .. } => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", (*why).to_owned()),
            Self::ResultTooLarge => (
                bad,
                "BadRequest",
                "Query execution has exceeded the allowed result size. Optimize your query by limiting the amount of \
                 results and try again."
                    .to_owned(),
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalServerError",
                "An internal server error occurred. The operation failed.".to_owned(),
            ),
        }
    }

    pub(crate) fn reply(&self, world: &World, call: &Call) -> Reply {
        let (status, code, message) = self.parts();
        let request = world.ids.guid();
        let client_request = call.header("client-request-id").unwrap_or(&request);
        let date: String = world.clock.now_text().chars().take(19).collect();
        let reply = json(
            status,
            &json!({"error": {"code": code, "message": message,
                "innerError": {"date": date, "request-id": request, "client-request-id": client_request}}}),
        );
        match self {
            Self::TooMany { seconds, .. } => with_header(reply, "retry-after", &seconds.to_string()),
            _ => reply,
        }
    }
}

/// 401 for scripted faults.
pub(crate) fn expired_token(world: &World, call: &Call) -> Reply {
    GraphError::ExpiredToken.reply(world, call)
}

/// 403 for scripted faults.
pub(crate) fn forbidden(world: &World, call: &Call) -> Reply {
    GraphError::NoRole(Vec::new()).reply(world, call)
}

/// 500 for scripted faults.
pub(crate) fn internal_error(world: &World, call: &Call) -> Reply {
    GraphError::Internal.reply(world, call)
}

/// 429 for scripted faults; when to come back is for the fault to say.
pub(crate) fn too_many_requests(world: &World, call: &Call) -> Reply {
    let mut reply = GraphError::TooMany { seconds: 0, why: "Too many requests." }.reply(world, call);
    reply.headers_mut().remove("retry-after");
    reply
}
