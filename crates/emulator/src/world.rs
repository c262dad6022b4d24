//! The state that the services share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::clock::Clock;
use crate::endpoints::Endpoints;
use crate::faults::{FaultBook, Route};
use crate::ids::Ids;
use crate::options::{DataCollectorOptions, IngestionOptions};
use crate::request_log::RequestLog;
use crate::secret::Secret;
use crate::services::defender::Defender;
use crate::services::entra::{Directory, SignIns};
use crate::services::graph::{Graph, GraphCounters};
use crate::services::management::{Management, ManagementCounters};
use crate::services::tables::{TableCounters, Tables};
use crate::story::{StoredActivity, Truth};

/// All of one emulator but its sockets.
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) endpoints: Endpoints,
    pub(crate) ids: Ids,
    pub(crate) directory: Directory,
    pub(crate) sign_ins: SignIns,
    pub(crate) defender: Defender,
    pub(crate) management: Management,
    pub(crate) graph: Graph,
    pub(crate) ingestion: IngestionOptions,
    pub(crate) data_collector: DataCollectorOptions,
    pub(crate) tables: Tables,
    pub(crate) faults: FaultBook,
    /// What the vault holds now, by name; the services know these secrets, too.
    pub(crate) vault: Mutex<BTreeMap<String, Secret>>,
    pub(crate) traffic: Mutex<BTreeMap<Route, RouteCounters>>,
    /// Each connection holds a handle, and each call that is worked on.
    pub(crate) in_use: Arc<()>,
    /// The latest requests, for comparing clients.
    pub(crate) requests: RequestLog,
    pub(crate) truth: Truth,
    /// Accepted domains of the tenant.
    pub(crate) internal_domains: Vec<String>,
    /// Defender's own number of the tenant.
    pub(crate) defender_tenant_number: u64,
}

/// What was counted at one service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RouteCounters {
    /// Calls that arrived.
    pub requests: u64,
    /// Bytes of their bodies as sent.
    pub wire_bytes: u64,
    /// Calls that a scripted fault struck.
    pub faults: u64,
    /// Answers by status; a call that got none is not here.
    pub statuses: BTreeMap<u16, u64>,
    /// Calls whose connection was broken in place of an answer.
    pub unanswered: u64,
}

/// What was counted since the start.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Counters {
    /// By service.
    pub routes: BTreeMap<Route, RouteCounters>,
    /// By table.
    pub tables: BTreeMap<String, TableCounters>,
    /// The Management Activity API.
    pub management: ManagementCounters,
    /// Microsoft Graph.
    pub graph: GraphCounters,
}

/// Names of secrets in the vault.
pub(crate) const DEFENDER_API_TOKEN: &str = "defender-api-token";
pub(crate) const DELIVERY_CLIENT_SECRET: &str = "delivery-client-secret";

impl World {
    /// A secret as it is now.
    pub(crate) fn secret(&self, name: &str) -> Option<Secret> {
        locked(&self.vault).get(name).cloned()
    }

    /// Replaces the secret that a service knows, in the vault as well. Whoever still has the old one is refused.
    pub(crate) fn replace_secret(&self, route: Route) {
        let name = match route {
            Route::Defender => DEFENDER_API_TOKEN,
            Route::Token => DELIVERY_CLIENT_SECRET,
            _ => return,
        };
        let replacement = Secret::derived(&self.ids.guid(), name);
        if route == Route::Token {
            self.directory.replace_secret(&self.endpoints.tenant_application.client_id, replacement.clone());
        }
        locked(&self.vault).insert(name.to_owned(), replacement);
    }

    /// Adds activities to all services that serve them.
    pub(crate) fn append(&self, activities: Vec<StoredActivity>) {
        self.management.append(&activities);
        self.defender.append(activities);
    }

    /// All counters as they are now.
    pub(crate) fn counters(&self) -> Counters {
        Counters {
            routes: locked(&self.traffic).clone(),
            tables: self.tables.counters(),
            management: self.management.counters(),
            graph: self.graph.counters(),
        }
    }
}

/// A lock whose data stay usable after a panic elsewhere: everything kept behind one is valid at each step.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
