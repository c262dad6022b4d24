//! Failures by rule. A fault strikes calls of one service before (or right after) the service sees them.

mod parse;
mod reply;

use std::sync::Mutex;

use serde::Serialize;

pub use parse::FaultSyntax;
pub(crate) use reply::{reply, too_many_requests};

use crate::options::{LimitBody, RetryAfter};
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

/// Which calls a fault strikes, counted for each fault from when it was set.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// All.
    Always,
    /// The `n`th, the `2n`th and so on.
    EveryNth(u64),
    /// All after the first `n`.
    AfterN(u64),
    /// The first `n`.
    FirstN(u64),
    /// From this one to that one, both included.
    Between(u64, u64),
    /// Each with this probability, the same ones for the same seed.
    Probability {
        /// Between 0 and 1.
        probability: f64,
        /// Seed of the choice.
        seed: u64,
    },
}

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
    /// Any other status; 500 and above with an HTML page, as gateways answer.
    Status(u16),
    /// The connection breaks before the service has seen the call.
    Reset,
    /// The service does its work, and the connection breaks before the answer: a careless client then sends twice.
    NoAnswer,
}

/// The faults that are set, with their counts.
#[derive(Debug)]
pub(crate) struct FaultBook(Mutex<Vec<Counted>>);

#[derive(Debug)]
struct Counted {
    fault: Fault,
    calls: u64,
}

impl FaultBook {
    pub(crate) fn new(faults: Vec<Fault>) -> FaultBook {
        FaultBook(Mutex::new(counted(faults)))
    }

    /// Replaces all faults.
    pub(crate) fn set(&self, faults: Vec<Fault>) {
        *locked(&self.0) = counted(faults);
    }

    /// Counts a call at `route` and says what befalls it. Of several faults the first in the list strikes; all count.
    pub(crate) fn strike(&self, route: Route) -> Option<FaultKind> {
        let mut struck = None;
        for counted in locked(&self.0).iter_mut() {
            if counted.fault.route == route || counted.fault.route == Route::Any {
                counted.calls += 1;
                if struck.is_none() && counted.fault.rule.strikes(counted.calls) {
                    struck = Some(counted.fault.kind.clone());
                }
            }
        }
        struck
    }
}

fn counted(faults: Vec<Fault>) -> Vec<Counted> {
    faults.into_iter().map(|fault| Counted { fault, calls: 0 }).collect()
}

impl Rule {
    /// Whether the call with this number, from 1, is struck.
    fn strikes(&self, call: u64) -> bool {
        match self {
            Rule::Always => true,
            Rule::EveryNth(n) => call.checked_rem(*n) == Some(0),
            Rule::AfterN(n) => call > *n,
            Rule::FirstN(n) => call <= *n,
            Rule::Between(first, last) => (*first..=*last).contains(&call),
            Rule::Probability { probability, seed } => {
                // 53 bits: what a double holds exactly.
                (mixed(seed.wrapping_add(call)) >> 11) as f64 / (1u64 << 53) as f64 <= *probability
                    && *probability > 0.0
            }
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators): one step from a number.
fn mixed(number: u64) -> u64 {
    let mut bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn struck(rule: Rule) -> Vec<u64> {
        (1..=9).filter(|call| rule.strikes(*call)).collect()
    }

    #[test]
    fn rules_strike_the_calls_they_name() {
        assert_eq!(struck(Rule::Always), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(struck(Rule::EveryNth(3)), [3, 6, 9]);
        assert_eq!(struck(Rule::EveryNth(0)), [0u64; 0]);
        assert_eq!(struck(Rule::AfterN(7)), [8, 9]);
        assert_eq!(struck(Rule::FirstN(2)), [1, 2]);
        assert_eq!(struck(Rule::Between(3, 5)), [3, 4, 5]);
    }

    #[test]
    fn a_probability_strikes_about_its_share_and_the_same_calls_each_time() {
        let rule = Rule::Probability { probability: 0.25, seed: 7 };
        let count = (1..=10_000).filter(|call| rule.strikes(*call)).count();
        assert!((2_300..2_700).contains(&count), "{count} of 10,000");
        assert_eq!(struck(rule.clone()), struck(rule));
        assert_eq!(struck(Rule::Probability { probability: 0.0, seed: 7 }), [0u64; 0]);
        assert_eq!(struck(Rule::Probability { probability: 1.0, seed: 7 }).len(), 9);
    }

    #[test]
    fn a_fault_counts_only_calls_of_its_service() {
        let book = FaultBook::new(vec![
            Fault { route: Route::Vault, rule: Rule::FirstN(1), kind: FaultKind::Reset },
            Fault { route: Route::Any, rule: Rule::EveryNth(3), kind: FaultKind::Status(503) },
        ]);
        assert_eq!(book.strike(Route::Arm), None);
        assert_eq!(book.strike(Route::Vault), Some(FaultKind::Reset));
        assert_eq!(book.strike(Route::Vault), Some(FaultKind::Status(503)));
        book.set(Vec::new());
        assert_eq!(book.strike(Route::Vault), None);
    }
}
