//! So many requests a minute and no more, over a sliding window.

use std::collections::VecDeque;
use std::sync::Mutex;

use crate::world::locked;

const WINDOW_MS: i64 = 60_000;

/// The budget of whoever shares it: of a tenant with all its clients, of one publisher.
pub(crate) struct RequestLimit {
    per_minute: Option<usize>,
    /// Times of the requests that were admitted within the window, ascending.
    admitted_ms: Mutex<VecDeque<i64>>,
}

impl RequestLimit {
    pub(crate) fn new(per_minute: Option<usize>) -> RequestLimit {
        RequestLimit { per_minute, admitted_ms: Mutex::default() }
    }

    /// Admits a request, or says in how many seconds one will be. A refused request does not count.
    pub(crate) fn admit(&self, now_ms: i64) -> Result<(), u64> {
        let Some(per_minute) = self.per_minute else { return Ok(()) };
        let mut admitted_ms = locked(&self.admitted_ms);
        while admitted_ms.front().is_some_and(|at_ms| *at_ms <= now_ms - WINDOW_MS) {
            admitted_ms.pop_front();
        }
        if admitted_ms.len() < per_minute {
            admitted_ms.push_back(now_ms);
            return Ok(());
        }
        let oldest_ms = admitted_ms.front().copied().unwrap_or(now_ms);
        let wait_ms = oldest_ms + WINDOW_MS - now_ms;
        Err(u64::try_from(wait_ms).unwrap_or(0).div_ceil(1_000).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_slides() {
        let limit = RequestLimit::new(Some(2));
        assert_eq!(limit.admit(0), Ok(()));
        assert_eq!(limit.admit(30_000), Ok(()));
        assert_eq!(limit.admit(30_001), Err(30), "the first leaves after 29.999 s");
        assert_eq!(limit.admit(59_999), Err(1));
        assert_eq!(limit.admit(60_000), Ok(()), "the first has left");
        assert_eq!(limit.admit(60_001), Err(30), "the second has not");
    }

    #[test]
    fn no_limit_admits_all() {
        let limit = RequestLimit::new(None);
        assert!((0..1_000).all(|_| limit.admit(0).is_ok()));
    }
}
