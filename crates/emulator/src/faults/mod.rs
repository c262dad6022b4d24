//! Failures by rule: which calls (`rule.rs`), and what befalls them (`kind.rs`). A fault is written as one text
//! (`parse.rs`), a script is a file of them (`script.rs`). What is answered in place of a service is in `reply.rs`, what
//! happens to an answer on its way in `damage.rs`; a service that errs is told so and errs by itself.

mod damage;
mod kind;
mod parse;
mod reply;
mod rule;
mod script;

use std::sync::Mutex;

use serde::Serialize;

pub(crate) use damage::damaged;
pub use kind::{Damage, FaultKind, Quirk};
pub use parse::FaultSyntax;
pub(crate) use reply::{http_date, reply, too_many_requests};
pub use rule::Rule;
pub use script::{ScriptError, faults_of_script};

use crate::call::Call;
use crate::world::locked;

/// A service of the emulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// Entra ID and managed identity.
    Token,
    /// Key Vault.
    Vault,
    /// Azure Resource Manager.
    Arm,
    /// Defender for Cloud Apps.
    Defender,
    /// Management Activity API.
    Management,
    /// Microsoft Graph.
    Graph,
    /// Logs Ingestion.
    Ingestion,
    /// HTTP Data Collector.
    DataCollector,
    /// Log Analytics queries.
    Query,
    /// Every one of them; the emulator's own pages never fail.
    Any,
}

/// Which calls fail, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// At which service.
    pub route: Route,
    /// Which of its calls.
    pub rule: Rule,
    /// What the caller sees.
    pub kind: FaultKind,
}

/// The faults that are set, with their counts.
#[derive(Debug)]
pub(crate) struct FaultBook(Mutex<Vec<Counted>>);

#[derive(Debug)]
struct Counted {
    fault: Fault,
    since_ms: i64,
    calls: u64,
}

impl FaultBook {
    pub(crate) fn new(faults: Vec<Fault>, now_ms: i64) -> FaultBook {
        FaultBook(Mutex::new(counted(faults, now_ms)))
    }

    /// Replaces all faults.
    pub(crate) fn set(&self, faults: Vec<Fault>, now_ms: i64) {
        *locked(&self.0) = counted(faults, now_ms);
    }

    /// Counts a call at `route` and says what befalls it. Of several faults the first in the list strikes; all count.
    pub(crate) fn strike(&self, route: Route, call: &Call, now_ms: i64) -> Option<FaultKind> {
        let mut struck = None;
        for Counted { fault, since_ms, calls } in locked(&self.0).iter_mut() {
            if fault.route == route || fault.route == Route::Any {
                *calls += 1;
                let strikes = || fault.rule.strikes(*calls, now_ms - *since_ms, call) && fault.kind.befalls(call);
                if struck.is_none() && strikes() {
                    struck = Some(fault.kind.clone());
                }
            }
        }
        struck
    }
}

fn counted(faults: Vec<Fault>, since_ms: i64) -> Vec<Counted> {
    faults.into_iter().map(|fault| Counted { fault, since_ms, calls: 0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_counts_only_calls_of_its_service() {
        let call = Call::to("/");
        let book = FaultBook::new(
            vec![
                Fault { route: Route::Vault, rule: Rule::FirstN(1), kind: FaultKind::Reset },
                Fault { route: Route::Any, rule: Rule::EveryNth(3), kind: FaultKind::Status(503) },
            ],
            0,
        );
        assert_eq!(book.strike(Route::Arm, &call, 0), None);
        assert_eq!(book.strike(Route::Vault, &call, 0), Some(FaultKind::Reset));
        assert_eq!(book.strike(Route::Vault, &call, 0), Some(FaultKind::Status(503)));
        book.set(Vec::new(), 0);
        assert_eq!(book.strike(Route::Vault, &call, 0), None);
    }

    #[test]
    fn a_span_of_time_begins_when_the_fault_is_set() {
        let call = Call::to("/");
        let fault = Fault { route: Route::Any, rule: Rule::Seconds(1, 2), kind: FaultKind::Reset };
        let book = FaultBook::new(vec![fault], 10_000);
        let struck: Vec<i64> =
            (9_000..14_000).step_by(500).filter(|now_ms| book.strike(Route::Arm, &call, *now_ms).is_some()).collect();
        assert_eq!(struck, [11_000, 11_500]);
    }
}
