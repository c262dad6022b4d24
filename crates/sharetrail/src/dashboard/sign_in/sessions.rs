//! Those who signed in, each known by a cookie for a while. They are kept in memory: a restart signs everybody out.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use blake3::Hash;

use super::visitor::Visitor;
use super::{cookie, cookie_name, random_text, set_cookie};
use crate::http::{Clock, Failure};

/// Sessions at once; the oldest gives way.
const SESSIONS_MAX: usize = 1_000;
/// How long one lasts: a working day. Who lost access meanwhile is out by then.
const SESSION_SECONDS_MAX: u64 = 8 * 3_600;

/// Sessions, by the hash of their id, so that memory does not hold what opens the door.
pub(super) struct Sessions {
    clock: Clock,
    is_https: bool,
    open: Mutex<HashMap<Hash, Session>>,
}

struct Session {
    visitor: Visitor,
    at: Duration,
}

impl Sessions {
    pub(super) fn new(clock: Clock, is_https: bool) -> Self {
        Self { clock, is_https, open: Mutex::default() }
    }

    /// Begins one. Returns its cookie.
    pub(super) fn begin(&self, visitor: Visitor) -> Result<String, Failure> {
        let id = random_text()?;
        let at = self.clock.monotonic();
        let mut open = self.open();
        open.retain(|_, session| is_young(session, at));
        if open.len() >= SESSIONS_MAX {
            let oldest = open.iter().min_by_key(|(_, session)| session.at).map(|(id, _)| *id);
            if let Some(oldest) = oldest {
                open.remove(&oldest);
            }
        }
        open.insert(blake3::hash(id.as_bytes()), Session { visitor, at });
        Ok(set_cookie(&self.cookie_name(), &id, SESSION_SECONDS_MAX, self.is_https))
    }

    /// Whose session a request belongs to.
    pub(super) fn visitor(&self, headers: &HeaderMap) -> Option<Visitor> {
        let id = blake3::hash(cookie(headers, &self.cookie_name())?.as_bytes());
        let now = self.clock.monotonic();
        self.open().get(&id).filter(|session| is_young(session, now)).map(|session| session.visitor.clone())
    }

    /// Ends one. Returns the cookie that makes the browser forget it.
    pub(super) fn end(&self, headers: &HeaderMap) -> String {
        if let Some(id) = cookie(headers, &self.cookie_name()) {
            self.open().remove(&blake3::hash(id.as_bytes()));
        }
        set_cookie(&self.cookie_name(), "", 0, self.is_https)
    }

    fn cookie_name(&self) -> String {
        cookie_name("sharetrail_session", self.is_https)
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Hash, Session>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_young(session: &Session, now: Duration) -> bool {
    now.saturating_sub(session.at).as_secs() < SESSION_SECONDS_MAX
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header};
    use jiff::Timestamp;

    use super::*;

    fn visitor() -> Visitor {
        let id = || "11111111-2222-3333-4444-555555555555".to_owned();
        Visitor { tenant_id: id(), object_id: id(), name: id(), groups: vec![], has_more_groups: false }
    }

    fn sent_back(set_cookie: &str) -> HeaderMap {
        let cookie = set_cookie.split(';').next().unwrap();
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&format!("other=1; {cookie}")).unwrap())])
    }

    #[tokio::test]
    async fn a_session_ends_after_a_working_day_or_when_its_person_ends_it() {
        let clock = Clock::scripted(Timestamp::UNIX_EPOCH);
        let sessions = Sessions::new(clock.clone(), true);
        let first = sent_back(&sessions.begin(visitor()).unwrap());
        assert!(sessions.visitor(&first).is_some());
        clock.pause(Duration::from_secs(SESSION_SECONDS_MAX - 1)).await;
        let second = sent_back(&sessions.begin(visitor()).unwrap());
        assert!(sessions.visitor(&first).is_some());
        clock.pause(Duration::from_secs(1)).await;
        assert!(sessions.visitor(&first).is_none() && sessions.visitor(&second).is_some());
        assert!(sessions.end(&second).contains("Max-Age=0"));
        assert!(sessions.visitor(&second).is_none());
    }

    #[test]
    fn there_are_so_many_sessions_and_no_more() {
        let sessions = Sessions::new(Clock::scripted(Timestamp::UNIX_EPOCH), false);
        for _ in 0..SESSIONS_MAX + 5 {
            sessions.begin(visitor()).unwrap();
        }
        assert_eq!(sessions.open().len(), SESSIONS_MAX);
    }

    #[test]
    fn a_cookie_is_for_this_host_alone_and_for_no_script() {
        let cookie = Sessions::new(Clock::scripted(Timestamp::UNIX_EPOCH), true).begin(visitor()).unwrap();
        assert!(cookie.starts_with("__Host-sharetrail_session="), "{cookie}");
        for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Max-Age=28800"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }
}
