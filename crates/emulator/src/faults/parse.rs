//! How faults are written on the command line: `defender:every=3:429`.

use std::str::FromStr;

use crate::faults::{Damage, Fault, FaultKind, Quirk, Route, Rule};
use crate::options::{LimitBody, RetryAfter};

/// A fault that cannot be read, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the fault `{text}` cannot be read: {why}. It is written SERVICE:RULE:KIND, for example defender:every=3:429; \
     services: token, vault, arm, defender, management, graph, ingestion, data-collector, query, any; \
     rules, joined by + where all must hold: always, every=N, after=N, first=N, calls=N-M, seconds=N-M, p=0.1 or \
     p=0.1/SEED, path=PART; \
     kinds: a status of 400 or more, 413=BYTES, html, reset, no-answer, reset-after-head, reset-mid-body, gzip-truncated, \
     gzip-corrupt, slow=MS, skew=SECONDS; of defender: empty-page, stalled-cursor, ends-early, total-drifts, late=MINUTES, \
     repeats, page=RECORDS, replaced-secret; of token: life=SECONDS, replaced-secret; \
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
    let (route, kind) = (route(route_name)?, kind(kind_text, settings)?);
    if !is_of(&kind, route) {
        return Err(format!("`{kind_text}` is nothing that {route_name} does"));
    }
    Ok(Fault { route, rule: rules(rule_text)?, kind })
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

/// Whether a service can err so.
fn is_of(kind: &FaultKind, route: Route) -> bool {
    match kind {
        FaultKind::Quirk(Quirk::ReplacedSecret) => matches!(route, Route::Defender | Route::Token),
        FaultKind::Quirk(Quirk::Life { .. }) => route == Route::Token,
        FaultKind::Quirk(_) => route == Route::Defender,
        _ => true,
    }
}

fn rules(text: &str) -> Result<Rule, String> {
    let mut rules: Vec<Rule> = text.split('+').map(rule).collect::<Result<_, _>>()?;
    match (rules.pop(), rules.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(last), false) => {
            rules.push(last);
            Ok(Rule::All(rules))
        }
        (None, _) => Err("a rule is missing".to_owned()),
    }
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
    if name == "path" {
        return Ok(Rule::Path(value.to_owned()));
    }
    if let Some((first, last)) = value.split_once('-') {
        let number = |text: &str| text.parse::<u64>().map_err(|_| unreadable());
        let (first, last) = (number(first)?, number(last)?);
        return match name {
            _ if first > last => Err(format!("`{text}` ends before it begins")),
            "calls" => Ok(Rule::Between(first, last)),
            "seconds" => Ok(Rule::Seconds(first, last)),
            _ => Err(unreadable()),
        };
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
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    if !value.is_empty() {
        return measured(name, value);
    }
    Ok(match name {
        "401" => FaultKind::Unauthorized,
        "403" => FaultKind::Forbidden,
        "413" => FaultKind::TooLarge { bytes_max: 0 },
        "html" => FaultKind::WebPage,
        "reset" => FaultKind::Reset,
        "no-answer" => FaultKind::NoAnswer,
        "reset-after-head" => FaultKind::Damage(Damage::AfterHead),
        "reset-mid-body" => FaultKind::Damage(Damage::MidBody),
        "gzip-truncated" => FaultKind::Damage(Damage::TruncatedGzip),
        "gzip-corrupt" => FaultKind::Damage(Damage::CorruptGzip),
        "empty-page" => FaultKind::Quirk(Quirk::EmptyPage),
        "stalled-cursor" => FaultKind::Quirk(Quirk::StalledCursor),
        "ends-early" => FaultKind::Quirk(Quirk::EndsEarly),
        "total-drifts" => FaultKind::Quirk(Quirk::TotalDrifts),
        "repeats" => FaultKind::Quirk(Quirk::Repeats),
        "replaced-secret" => FaultKind::Quirk(Quirk::ReplacedSecret),
        _ => match text.parse() {
            Ok(status @ 400..=599) => FaultKind::Status(status),
            _ => return Err(format!("`{text}` is no kind of failure")),
        },
    })
}

/// A kind with a number behind it.
fn measured(name: &str, value: &str) -> Result<FaultKind, String> {
    fn number<T: FromStr>(value: &str) -> Result<T, String> {
        value.parse().map_err(|_| format!("`{value}` is no number that fits here"))
    }
    Ok(match name {
        "413" => FaultKind::TooLarge { bytes_max: number(value)? },
        "slow" => FaultKind::Damage(Damage::Slow { pause_ms: number(value)? }),
        "skew" => FaultKind::Damage(Damage::Skew { seconds: number(value)? }),
        "late" => FaultKind::Quirk(Quirk::Late { minutes: number(value)? }),
        "page" => FaultKind::Quirk(Quirk::Page { records: number(value)? }),
        "life" => FaultKind::Quirk(Quirk::Life { seconds: number(value)? }),
        _ => return Err(format!("`{name}` is no kind of failure with a number")),
    })
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
            (
                "defender:after=2+p=1:late=30",
                (
                    Route::Defender,
                    Rule::All(vec![Rule::AfterN(2), Rule::Probability { probability: 1.0, seed: 1 }]),
                    FaultKind::Quirk(Quirk::Late { minutes: 30 }),
                ),
            ),
            ("token:always:life=2", (Route::Token, Rule::Always, FaultKind::Quirk(Quirk::Life { seconds: 2 }))),
            (
                "any:seconds=10-30:skew=-90",
                (Route::Any, Rule::Seconds(10, 30), FaultKind::Damage(Damage::Skew { seconds: -90 })),
            ),
            (
                "ingestion:path=Access:413=2000",
                (Route::Ingestion, Rule::Path("Access".to_owned()), FaultKind::TooLarge { bytes_max: 2_000 }),
            ),
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
            ("arm:calls=3-1:500", "ends before"),
            ("arm:first=3+sometimes:500", "no rule"),
            ("arm:always:slow=x", "no number"),
            ("arm:always:fast=1", "no kind of failure"),
            ("ingestion:always:empty-page", "nothing that ingestion does"),
            ("any:always:life=3", "nothing that any does"),
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
