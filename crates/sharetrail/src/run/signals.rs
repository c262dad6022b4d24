//! What the system or a person asks of a running program.

use std::io;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// To come to an end: Ctrl-C, or termination by a service manager.
    Stop,
    /// To read the configuration again (SIGHUP).
    #[cfg_attr(not(unix), allow(dead_code, reason = "nobody can ask for it there"))]
    Reload,
}

/// Where requests arrive.
#[derive(Debug)]
pub struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hangup: tokio::signal::unix::Signal,
}

impl Signals {
    /// From now on requests are taken instead of ending the program.
    ///
    /// # Errors
    /// The system does not let us.
    #[cfg(unix)]
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// From now on requests are taken instead of ending the program.
    ///
    /// # Errors
    /// The system does not let us.
    #[cfg(not(unix))]
    pub fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// The next request.
    #[cfg(unix)]
    pub async fn next(&mut self) -> Request {
        tokio::select! {
            biased;
            _ = self.terminate.recv() => Request::Stop,
            _ = self.interrupt.recv() => Request::Stop,
            _ = self.hangup.recv() => Request::Reload,
        }
    }

    /// The next request.
    #[cfg(not(unix))]
    pub async fn next(&mut self) -> Request {
        // Where it cannot be listened for, nobody can ask.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Request::Stop
    }
}
