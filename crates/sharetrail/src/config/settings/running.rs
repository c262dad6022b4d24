//! What goes on by itself or for others: `run`, `function`, telemetry, and who may open the dashboard.

use std::net::SocketAddr;

use url::Url;

use super::SecretRef;
use crate::schedule::Schedule;

/// How `run` works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// When feeds without a schedule of their own are read.
    pub schedule: Schedule,
    /// Where health and metrics are told.
    pub listen: SocketAddr,
    /// How much later than its schedule a tenant may begin.
    pub jitter_seconds_max: u32,
    /// How far a feed may be behind; `None`: an hour more than its schedule's longest pause.
    pub lag_minutes_max: Option<u32>,
    /// Tenants that are read at the same time.
    pub tenants_at_once_max: usize,
    /// How long a pass over a tenant may take.
    pub pass_minutes_max: u32,
    /// How long passes may take to end when asked to.
    pub stop_seconds_max: u32,
    /// Pause after the first failure; doubles.
    pub retry_seconds: u32,
    /// Longest such pause.
    pub retry_seconds_max: u32,
}

/// How `function` works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// App setting that tells of the storage account.
    pub storage: String,
    /// Container of the blobs, one a tenant.
    pub container: String,
    /// Largest state that is fetched, and size at which collection pauses.
    pub state_bytes_max: u64,
    /// How long an invocation may take; `None`: as the host's time limit allows.
    pub minutes_max: Option<u32>,
}

/// Where traces and logs are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telemetry {
    /// Address of the collector, without a path of a signal.
    pub endpoint: Url,
    /// Whether traces are sent.
    pub traces: bool,
    /// Whether log lines are sent.
    pub logs: bool,
    /// As which service.
    pub service_name: String,
}

/// Who may open the dashboard.
#[derive(Debug, Clone)]
pub struct Dashboard {
    /// Who has them sign in.
    pub sign_in: SignInBy,
    /// Directory of the people.
    pub tenant_id: String,
    /// Object ids of people, lower case.
    pub users: Vec<String>,
    /// Object ids of groups, lower case.
    pub groups: Vec<String>,
}

/// Who has people sign in.
#[derive(Debug, Clone)]
pub enum SignInBy {
    /// The dashboard itself, with Entra ID.
    Entra {
        /// Under which browsers reach the dashboard.
        url: Url,
        /// Application that people sign in to.
        client_id: String,
        /// Where its secret is.
        client_secret: SecretRef,
    },
    /// App Service, before a request arrives.
    AppService,
}
