//! Which calls a fault strikes.

use crate::call::Call;

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
    /// Those within a span of time, in seconds from when the fault was set; the begin is included, the end is not.
    Seconds(u64, u64),
    /// Each with this probability, the same ones for the same seed.
    Probability {
        /// Between 0 and 1.
        probability: f64,
        /// Seed of the choice.
        seed: u64,
    },
    /// Those with this text in the path.
    Path(String),
    /// Those that all of these strike.
    All(Vec<Rule>),
}

impl Rule {
    /// Whether a call is struck: the one with this `number`, from 1, so long after the fault was set.
    pub(super) fn strikes(&self, number: u64, elapsed_ms: i64, call: &Call) -> bool {
        match self {
            Rule::Always => true,
            Rule::EveryNth(n) => number.checked_rem(*n) == Some(0),
            Rule::AfterN(n) => number > *n,
            Rule::FirstN(n) => number <= *n,
            Rule::Between(first, last) => (*first..=*last).contains(&number),
            Rule::Seconds(from, to) => u64::try_from(elapsed_ms).is_ok_and(|ms| (*from..*to).contains(&(ms / 1_000))),
            Rule::Probability { probability, seed } => {
                // 53 bits: what a double holds exactly.
                let chance = (mixed(seed.wrapping_mul(PRIME).wrapping_add(number)) >> 11) as f64 / (1u64 << 53) as f64;
                chance <= *probability && *probability > 0.0
            }
            Rule::Path(part) => call.path.contains(part.as_str()),
            Rule::All(rules) => rules.iter().all(|rule| rule.strikes(number, elapsed_ms, call)),
        }
    }
}

/// Keeps apart the sequences of seeds that follow each other.
const PRIME: u64 = 0xd6e8_feb8_6659_fd93;

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

    fn struck(rule: &Rule) -> Vec<u64> {
        let call = Call::to("/api/v1/activities/");
        // A call a second.
        (1..=9).filter(|number| rule.strikes(*number, *number as i64 * 1_000, &call)).collect()
    }

    #[test]
    fn rules_strike_the_calls_they_name() {
        assert_eq!(struck(&Rule::Always), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(struck(&Rule::EveryNth(3)), [3, 6, 9]);
        assert_eq!(struck(&Rule::EveryNth(0)), [0u64; 0]);
        assert_eq!(struck(&Rule::AfterN(7)), [8, 9]);
        assert_eq!(struck(&Rule::FirstN(2)), [1, 2]);
        assert_eq!(struck(&Rule::Between(3, 5)), [3, 4, 5]);
        assert_eq!(struck(&Rule::Seconds(3, 5)), [3, 4]);
        assert_eq!(struck(&Rule::All(vec![Rule::AfterN(3), Rule::EveryNth(2)])), [4, 6, 8]);
        assert_eq!(struck(&Rule::All(vec![Rule::Path("activities".into()), Rule::FirstN(1)])), [1]);
        assert_eq!(struck(&Rule::Path("files".into())), [0u64; 0]);
    }

    #[test]
    fn a_probability_strikes_about_its_share_and_the_same_calls_each_time() {
        let call = Call::to("/");
        let rule = Rule::Probability { probability: 0.25, seed: 7 };
        let count = (1..=10_000).filter(|number| rule.strikes(*number, 0, &call)).count();
        assert!((2_300..2_700).contains(&count), "{count} of 10,000");
        assert_eq!(struck(&rule), struck(&rule.clone()));
        assert_eq!(struck(&Rule::Probability { probability: 0.0, seed: 7 }), [0u64; 0]);
        assert_eq!(struck(&Rule::Probability { probability: 1.0, seed: 7 }).len(), 9);
    }
}
