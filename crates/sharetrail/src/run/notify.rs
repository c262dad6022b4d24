//! What a service manager is told: systemd's notification protocol (`sd_notify(3)`), when `NOTIFY_SOCKET` is set. Where nobody
//! listens nothing is told, and that is no failure.

use std::time::Duration;

/// How often the service manager wants a sign of life; `None`: not at all.
pub fn watchdog() -> Option<Duration> {
    #[cfg(unix)]
    return sd_notify::watchdog_enabled();
    #[cfg(not(unix))]
    None
}

/// It is up, or up again under a new configuration.
pub fn ready(status: &str) {
    #[cfg(unix)]
    tell(&[sd_notify::NotifyState::Ready, sd_notify::NotifyState::Status(status)]);
    #[cfg(not(unix))]
    let _ = status;
}

/// It reads its configuration again; [`ready`] follows.
pub fn reloading() {
    #[cfg(unix)]
    match sd_notify::NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[sd_notify::NotifyState::Reloading, now]),
        Err(error) => tracing::debug!("the service manager is not told of the reload: {error}"),
    }
}

/// It comes to its end.
pub fn stopping() {
    #[cfg(unix)]
    tell(&[sd_notify::NotifyState::Stopping, sd_notify::NotifyState::Status("finishing the passes under way")]);
}

/// It lives, and this is what it does.
pub fn alive(status: &str) {
    #[cfg(unix)]
    tell(&[sd_notify::NotifyState::Watchdog, sd_notify::NotifyState::Status(status)]);
    #[cfg(not(unix))]
    let _ = status;
}

#[cfg(unix)]
fn tell(states: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!("the service manager cannot be told: {error}");
    }
}
