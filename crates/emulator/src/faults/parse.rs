//! How faults are written on the command line: `defender:every=3:429`.

use std::str::FromStr;

use crate::faults::{Fault, FaultKind, Route, Rule};
use crate::options::{LimitBody, RetryAfter};

/// A fault that cannot be read, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the fault `{text}` cannot be read: {why}. It is written SERVICE:RULE:KIND, for example defender:every=3:429; \
     services: token, vault, arm, defender, management, graph, ingestion, \
     data-collector, query, any; \
     rules: always, every=N, after=N, first=N, calls=N-M, p=0.1 or p=0.1/SEED; \
     kinds: a status of 400 or more, reset, no-answer; \
     a 429 may be followed by :retry-after=SECONDS, :date=SECONDS or :no-retry-after, and by :body=detail, message, text or empty"
)]
pub struct FaultSyntax {
    /// What was written.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

impl FromStr for Fault {
    type Err = FaultSyntax;

    fn from_str(text: &str) -> Result<Fault, FaultSyntax> {
        parse(text).map_err(|why| FaultSyntax { text: text.to_owned(), why })
    }
}

fn parse(text: &str) -> Result<Fault, String> {
    let parts: Vec<&str> = text.trim().split(':').map(str::trim).collect();
    let [route_name, rule_text, kind_text, settings @ ..] = parts.as_slice() else {
        return Err("it needs three parts with a colon between them".to_owned());
    };
    Ok(Fault { route: route(route_name)?, rule: rule(rule_text)?, kind: kind(kind_text, settings)? })
}

fn route(name: &str) -> Result<Route, String> {
    Ok(match name {
        "token" => Route::Token,
        "vault" => Route::Vault,
        "arm" => Route::Arm,
        "defender" => Route::Defender,
        "management" => Route::Management,
        "graph" => Route::Graph,
        "ingestion" => Route::Ingestion,
        "data-collector" => Route::DataCollector,
        "query" => Route::Query,
        "any" => Route::Any,
        other => return Err(format!("`{other}` is no service")),
    })
}

fn rule(text: &str) -> Result<Rule, String> {
    let unreadable = || format!("`{text}` is no rule");
    if text == "always" {
        return Ok(Rule::Always);
    }
    let (name, value) = text.split_once('=').ok_or_else(unreadable)?;
    if name == "p" {
        let (probability, seed) = value.split_once('/').unwrap_or((value, "1"));
        let probability: f64 = probability.parse().map_err(|_| unreadable())?;
        if !(0.0..=1.0).contains(&probability) {
            return Err(format!("a probability lies between 0 and 1, and {probability} does not"));
        }
        return Ok(Rule::Probability { probability, seed: seed.parse().map_err(|_| unreadable())? });
    }
    if name == "calls" {
        let (first, last) = value.split_once('-').ok_or_else(unreadable)?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| unreadable());
        return Ok(Rule::Between(number(first)?, number(last)?));
    }
    let n: u64 = value.parse().map_err(|_| unreadable())?;
    match name {
        "every" if n == 0 => Err("every=0 would strike no call".to_owned()),
        "every" => Ok(Rule::EveryNth(n)),
        "after" => Ok(Rule::AfterN(n)),
        "first" => Ok(Rule::FirstN(n)),
        _ => Err(unreadable()),
    }
}

fn kind(text: &str, settings: &[&str]) -> Result<FaultKind, String> {
    if text == "429" {
        return too_many_requests(settings);
    }
    if let Some(setting) = settings.first() {
        return Err(format!("`{setting}` is understood after 429 only"));
    }
    match text {
        "401" => Ok(FaultKind::Unauthorized),
        "403" => Ok(FaultKind::Forbidden),
        "reset" => Ok(FaultKind::Reset),
        "no-answer" => Ok(FaultKind::NoAnswer),
        _ => match text.parse() {
            Ok(status @ 400..=599) => Ok(FaultKind::Status(status)),
            _ => Err(format!("`{text}` is no kind of failure")),
        },
    }
}

fn too_many_requests(settings: &[&str]) -> Result<FaultKind, String> {
    let (mut seconds, mut retry_after, mut body) = (1, RetryAfter::Seconds, LimitBody::Detail);
    for setting in settings {
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        let number = || value.parse().map_err(|_| format!("`{value}` is no number of seconds"));
        match (name, value) {
            ("retry-after", _) => (seconds, retry_after) = (number()?, RetryAfter::Seconds),
            ("date", _) => (seconds, retry_after) = (number()?, RetryAfter::HttpDate),
            ("no-retry-after", "") => retry_after = RetryAfter::Absent,
            ("body", "detail") => body = LimitBody::Detail,
            ("body", "message") => body = LimitBody::Message,
            ("body", "text") => body = LimitBody::Text,
            ("body", "empty") => body = LimitBody::Empty,
            _ => return Err(format!("`{setting}` is not understood")),
        }
    }
    Ok(FaultKind::TooManyRequests { seconds, retry_after, body })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_as_written() {
        let limit = |seconds, retry_after, body| FaultKind::TooManyRequests { seconds, retry_after, body };
        let cases = [
            (
                "defender:every=3:429",
                (Route::Defender, Rule::EveryNth(3), limit(1, RetryAfter::Seconds, LimitBody::Detail)),
            ),
            ("ingestion:first=2:503", (Route::Ingestion, Rule::FirstN(2), FaultKind::Status(503))),
            ("defender:after=5:401", (Route::Defender, Rule::AfterN(5), FaultKind::Unauthorized)),
            ("management:calls=3-5:500", (Route::Management, Rule::Between(3, 5), FaultKind::Status(500))),
            ("any:always:403", (Route::Any, Rule::Always, FaultKind::Forbidden)),
            (
                "query:p=0.5/9:no-answer",
                (Route::Query, Rule::Probability { probability: 0.5, seed: 9 }, FaultKind::NoAnswer),
            ),
            (
                "vault:first=1:429:date=20:body=empty",
                (Route::Vault, Rule::FirstN(1), limit(20, RetryAfter::HttpDate, LimitBody::Empty)),
            ),
        ];
        for (text, (route, rule, kind)) in cases {
            assert_eq!(text.parse::<Fault>().unwrap(), Fault { route, rule, kind }, "{text}");
        }
    }

    #[test]
    fn a_fault_that_cannot_be_read_says_why() {
        let cases = [
            ("defender:429", "three parts"),
            ("mail:always:500", "`mail` is no service"),
            ("arm:every=0:500", "no call"),
            ("arm:sometimes:500", "no rule"),
            ("arm:calls=3:500", "no rule"),
            ("arm:p=2:500", "between 0 and 1"),
            ("arm:always:200", "no kind of failure"),
            ("arm:always:500:date=3", "after 429 only"),
        ];
        for (text, expected) in cases {
            let error = text.parse::<Fault>().unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
